"""The verification of signatures with trusted keys. No other module of the package uses signxml."""

import base64
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from .document import Element, children, hardened_parser, tag
from .vocabulary import DIGEST_ALGORITHMS, SIGNATURE_ALGORITHMS

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
# on. signxml takes it from KeyInfo, where `_verify` puts it.
_CONFIGURATION = SignatureConfiguration(
    require_x509=False,
    location="./",
    expect_references=1,
    signature_methods=SIGNATURE_METHODS,
    digest_algorithms=DIGEST_METHODS,
    default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
)


class VerificationFailed(Exception):
    """No trusted key verifies the signature of an element."""


def verify_signature(element: Element, keys: tuple[PublicKeyTypes, ...]) -> Element:
    """Verify the signature that is a child of an element, and return a copy of what was signed.

    The copy is a document of its own, so nothing that was not signed can be reached from it. It has no Signature.

    The caller must have checked the shape of the signature with `check_signature_profile`, since signxml ignores
    transforms that it does not know. KeyInfo, which is not signed, is replaced in the signature, so that it can
    neither supply a key nor make a good signature fail.

    :raises VerificationFailed: with the reason for the last key.
    """
    last_error: Exception | None = None
    for key in keys:
        try:
            return _verify(element, key)
        except _ERRORS as error:
            last_error = error
    raise VerificationFailed(f"no signing certificate of the metadata made this signature: {_reason(last_error)}")


def _reason(error: Exception | None) -> str:
    message = str(error) or "Signature verification failed"  # that of cryptography has no text
    may_be_another_key = isinstance(error, InvalidSignature) and not isinstance(error, InvalidDigest)
    return f"{message}; another key made it, or its SignedInfo was altered" if may_be_another_key else message


class _Verifier(XMLVerifier):
    """signxml's verifier, without a copy that it would make only to be allowed to change it."""

    def get_root(self, data: Any) -> Any:
        """Return the element itself: nothing that is called later changes it, and each reference gets its own copy."""
        return data


def _verify(element: Element, key: PublicKeyTypes) -> Element:
    _replace_key_info(element, key)
    # A verifier keeps state, so each call has its own. It gets the element and not the document, so that a Reference
    # cannot lead to anything around the element.
    result: Any = _Verifier().verify(
        element,
        id_attribute="ID",
        validate_schema=False,  # signxml's schema refuses legal signatures, and the profile has been checked
        parser=hardened_parser(),
        expect_config=_CONFIGURATION,
    )
    if result.signature_key != key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo):
        raise ValueError("it was verified with another key")
    signed: Element = result.signed_xml
    if signed.tag != element.tag or signed.get("ID") != element.get("ID"):
        raise ValueError("the signature covers another element")
    return signed


def _replace_key_info(element: Element, key: PublicKeyTypes) -> None:
    """Let the signature of an element name a trusted key, and no other (xmldsig-core1 4.5.10)."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for signature in children(element, "ds:Signature"):
        for key_info in children(signature, "ds:KeyInfo"):
            signature.remove(key_info)
        value = etree.SubElement(etree.SubElement(signature, tag("ds:KeyInfo")), tag("dsig11:DEREncodedKeyValue"))
        value.text = base64.b64encode(der).decode()
