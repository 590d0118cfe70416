"""The verification of signatures with trusted keys. No other module of the package uses signxml."""

import base64
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from ..document import Element, children, hardened_parser, tag
from ..vocabulary import DIGEST_ALGORITHMS, ENVELOPED_SIGNATURE, SIGNATURE_ALGORITHMS
from .canonicalization import DEFAULT_NAMESPACE, TooLarge, inherits, make_default_namespace_known, standing_alone

# AWS publishes no list. HMAC is left out because the key, which is public, would be its secret; DSA and MD5
# because nothing else takes them any more. RSA with SHA-1 was observed to work until 2020.
SIGNATURE_METHODS = frozenset(map(SignatureMethod, SIGNATURE_ALGORITHMS.values()))
DIGEST_METHODS = frozenset(map(DigestAlgorithm, DIGEST_ALGORITHMS.values()))

# What signxml and the libraries below it were observed to raise for a hostile signature, besides signxml's own
# exceptions: for another key (InvalidSignature), empty values (TypeError), base64 and numbers (ValueError), unknown
# names (KeyError), C14N and parsing (LxmlError).
_ERRORS = (
    SignXMLException,
    InvalidSignature,
    etree.LxmlError,
    UnsupportedAlgorithm,
    NotImplementedError,
    TypeError,
    ValueError,
    KeyError,
)

# A public key alone is enough, since AWS does not look at the dates of a certificate, as signxml does from version 5.1
# on. signxml takes it from KeyInfo, where `_Verifier.trust` puts it.
_CONFIGURATION = SignatureConfiguration(
    require_x509=False,
    location="./",
    expect_references=1,
    signature_methods=SIGNATURE_METHODS,
    digest_algorithms=DIGEST_METHODS,
    default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
)

_PARTS = (tag("ds:SignedInfo"), tag("ds:SignatureValue"))
_SIGNED_INFO = ("ds:Signature", "ds:SignedInfo")


class VerificationFailed(Exception):
    """No trusted key verifies the signature of an element.

    :param altered: whether a trusted key made the signature, so that what it covers was altered.
    """

    def __init__(self, because: str, *, altered: bool = False) -> None:
        super().__init__(because)
        self.altered = altered


def verify_signature(element: Element, keys: tuple[bytes, ...]) -> Element:
    """Verify the signature that is a child of an element, and return a copy of what was signed.

    The copy is a document of its own, so nothing that was not signed can be reached from it. It has no Signature.

    The caller must have checked the shape of the signature with `check_signature_profile`, since signxml ignores
    transforms that it does not know.

    :param element: is not changed. What it inherits from the document around it counts as far as its signature's
        canonicalisation says so.
    :param keys: the trusted public keys, each a SubjectPublicKeyInfo in DER.
    :raises VerificationFailed: with the reason for the last key.
    """
    try:
        verifier = _Verifier(element)
    except TooLarge as error:
        raise VerificationFailed(str(error)) from error
    last_error: Exception | None = None
    for key in dict.fromkeys(keys):
        try:
            verifier.trust(key)
            return _verify(verifier, element, key)
        except _ERRORS as error:
            last_error = error
        if verifier.key_made_it:  # so no other key did
            break
    because = f"no signing certificate of the metadata made this signature: {_reason(last_error)}"
    raise VerificationFailed(because, altered=isinstance(last_error, InvalidDigest))


def _reason(error: Exception | None) -> str:
    if isinstance(error, TypeError):  # from the decoding of base64
        return "SignatureValue or DigestValue is empty"
    message = str(error) or "Signature verification failed"  # that of cryptography has no text
    may_be_another_key = isinstance(error, InvalidSignature) and not isinstance(error, InvalidDigest)
    return f"{message}; another key made it, or its SignedInfo was altered" if may_be_another_key else message


def _verify(verifier: "_Verifier", element: Element, key: bytes) -> Element:
    result: Any = verifier.verify(
        verifier.copy,
        id_attribute="ID",
        validate_schema=False,  # signxml's schema refuses legal signatures, and the profile has been checked
        parser=hardened_parser(),
        expect_config=_CONFIGURATION,
    )
    if base64.b64decode(b"".join(result.signature_key.splitlines()[1:-1])) != key:  # signxml gives it in PEM
        raise ValueError("it was verified with another key")
    signed: Element = result.signed_xml
    if signed.tag != element.tag or signed.get("ID") != element.get("ID"):
        raise ValueError("the signature covers another element")
    return signed


class _Verifier(XMLVerifier):
    """signxml's verifier, for the signature of one element and for one key after another.

    It works on a copy of the element and not on its document, so that a Reference cannot lead to anything around the
    element.

    The methods with an underscore are signxml's own, which would otherwise use most of its time to copy the copy, to
    search all of it for what is in one place, and to load a key again. They do not decide what is verified: a version
    of signxml that did not call them would verify the same signatures, except those of elements that it cannot copy,
    since they have a name outside ASCII or text behind Signature, or that have their ID twice, once in a namespace.
    """

    def __init__(self, element: Element) -> None:
        super().__init__()
        transforms = children(element, *_SIGNED_INFO, "ds:Reference", "ds:Transforms", "ds:Transform")
        # The profile allows one other than enveloped-signature.
        method = next((t for t in transforms if t.get("Algorithm") != ENVELOPED_SIGNATURE), None)
        self.copy = standing_alone(element, method)
        self._signatures = children(self.copy, "ds:Signature")
        self._key_values = [_replace_key_info(signature) for signature in self._signatures]
        self._signed_infos = [
            standing_alone(signed_info, method)
            for signed_info in children(element, *_SIGNED_INFO)
            for method in children(signed_info, "ds:CanonicalizationMethod")
            if inherits(method)
        ]
        self._canonical_signed_info = b""
        self._certificate: Any = None
        #: Whether the trusted key made the signature, whatever it covers.
        self.key_made_it = False

    def trust(self, key: bytes) -> None:
        """Let the signature name a public key, and no other (xmldsig-core1 4.5.10)."""
        self._certificate = _certificate(key)
        for key_value in self._key_values:
            key_value.text = base64.b64encode(key).decode()

    def get_root(self, data: Element) -> Element:
        """Return `copy` itself. signxml would copy it again for each key."""
        return data

    def _tostring(self, xml_node: Element, **options: Any) -> Any:
        """Return `copy` and its signature as they are, since signxml changes them only once the key made it."""
        if xml_node in (self.copy, *self._signatures):
            return xml_node
        return super()._tostring(xml_node, **options)  # type: ignore[no-untyped-call] # of signxml, as those below

    def _fromstring(self, xml_string: Any, **options: Any) -> Any:
        if isinstance(xml_string, Element):
            return xml_string
        return super()._fromstring(xml_string, **options)  # type: ignore[no-untyped-call] # see above

    def _find(self, element: Element, query: str, require: bool = True, xpath: str = "") -> Any:
        """Return a child. signxml gives lxml's find() nine namespaces, which it sorts each time."""
        found = None if xpath or ":" in query else next(element.iterchildren(tag(f"ds:{query}")), None)
        if found is not None:
            return found
        return super()._find(element, query, require, xpath)  # type: ignore[no-untyped-call] # see above

    def _resolve_reference(self, doc_root: Element, reference: Element, uri_resolver: Any = None) -> Any:
        """Return `copy` if the Reference leads to it, without a search of the whole copy."""
        uri = reference.get("URI", "")
        # signxml refuses an XPointer, and takes "##a" for "#a".
        if uri == f"#{doc_root.get('ID')}" and not uri.startswith(("#xpointer(", "##")):
            return doc_root
        return super()._resolve_reference(doc_root, reference, uri_resolver)  # type: ignore[no-untyped-call] # see above

    def _verify_signature_with_pubkey(self, **arguments: Any) -> Any:
        """Verify SignedInfo with the trusted key, which signxml takes only from a certificate without loading it."""
        arguments["der_encoded_key_value"], arguments["signing_certificate"] = None, self._certificate
        verified = super()._verify_signature_with_pubkey(**arguments)
        self.key_made_it = True
        return verified

    def _c14n(
        self, nodes: Element, algorithm: CanonicalizationMethod, inclusive_ns_prefixes: list[str] | None = None
    ) -> bytes:
        """Return the canonical form of what was signed, or of SignedInfo, which is made once for all keys."""
        if DEFAULT_NAMESPACE in (inclusive_ns_prefixes or ()):
            make_default_namespace_known()
        if nodes.getparent() is None:
            return bytes(super()._c14n(nodes, algorithm, inclusive_ns_prefixes))
        if not self._canonical_signed_info:
            nodes = self._signed_infos[0] if self._signed_infos else nodes
            self._canonical_signed_info = super()._c14n(nodes, algorithm, inclusive_ns_prefixes)
        return self._canonical_signed_info


class _Certificate(NamedTuple):
    """A public key, in the form in which signxml takes one that is loaded."""

    key: PublicKeyTypes

    def public_key(self) -> PublicKeyTypes:
        return self.key


@lru_cache(maxsize=16)  # a provider has the same keys in each login
def _certificate(key: bytes) -> _Certificate:
    return _Certificate(load_der_public_key(key))


def _replace_key_info(signature: Element) -> Element:
    """Return an empty DEREncodedKeyValue in a signature.

    It is in place of KeyInfo, which is not signed and could supply a key or make a good signature fail.
    """
    for child in signature:
        if child.tag not in _PARTS:
            signature.remove(child)
    return etree.SubElement(etree.SubElement(signature, tag("ds:KeyInfo")), tag("dsig11:DEREncodedKeyValue"))
