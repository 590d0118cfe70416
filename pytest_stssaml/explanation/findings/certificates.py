"""Which certificate signed a response, and whether its key is in the metadata."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from ...saml.assertion import Decryption
from ...saml.certificates import read_certificate
from ...saml.document import Element, children, parse_xml, string_value, tag
from ...saml.faults import Unreadable
from ...saml.signatures.profile import check_signature_profile, find_signature
from ...saml.signatures.verification import VerificationFailed, verify_signature
from ...saml.vocabulary import DIGEST_ALGORITHMS, NAMESPACES, SIGNATURE_ALGORITHMS

# A provider of IAM has ten keys (IAM quotas). A hostile response may show many, and each is verified with.
_MOST_CERTIFICATES = 10

_SIGNING = "md:IDPSSODescriptor/md:KeyDescriptor[not(@use) or @use='signing']//ds:X509Certificate"


class Certificate(NamedTuple):
    """A certificate of a response or of metadata."""

    #: The SHA-256 of the certificate in hexadecimal, which `openssl x509 -fingerprint -sha256` prints.
    fingerprint: str
    #: The public key, a SubjectPublicKeyInfo in DER; b"" if it cannot be read.
    key: bytes


class Signer(NamedTuple):
    """Who made a signature."""

    #: The certificate of the key.
    certificate: Certificate
    #: Whether what was signed was altered since.
    altered: bool


class Signing:
    """The signatures of a response, and the certificates that it shows and that the metadata has.

    :param root: the response.
    :param issuer: the entity ID of the issuer; if the metadata does not have it, all of its entities count.
    :param document: metadata that IAM takes, or None if it is not known.
    """

    def __init__(self, root: Element, issuer: str, document: str | None, decryption: Decryption) -> None:
        self._root = root
        self._decryption = decryption
        #: The certificates that the response shows.
        self.shown = _certificates(root.xpath("//ds:X509Certificate", namespaces=NAMESPACES))
        #: The certificates of the metadata, or None if it is not known.
        self.known = None if document is None else _certificates(_of_metadata(document, issuer))
        #: Who made the first signature that one of the certificates verifies, or None.
        self.signer = next(self._signers(), None)
        #: Whether the response or its assertion has a signature that could be verified.
        self.is_signed = any(_has_signature(element) for element in self._signed())
        #: Whether there is a signature anywhere, which may be of a form that is refused.
        self.has_signature = any(element.xpath("//ds:Signature", namespaces=NAMESPACES) for element in self._signed())

    def is_known(self, certificate: Certificate) -> bool | None:
        """Return whether the metadata has the key of a certificate; None if the metadata is not known."""
        return None if self.known is None else certificate.key in [known.key for known in self.known]

    def _signers(self) -> Iterator[Signer]:
        candidates = [*(self.known or ()), *self.shown]
        for element in self._signed():
            for certificate in candidates:
                altered = _is_altered(element, certificate.key)
                if altered is not None:
                    yield Signer(certificate, altered)

    def _signed(self) -> Iterator[Element]:
        """Yield the response and its assertion, decrypted if it is encrypted."""
        yield self._root
        yield from children(self._root, "saml:Assertion")[:1]
        for encrypted in children(self._root, "saml:EncryptedAssertion")[:1]:
            from ...saml.encryption import decrypt_assertion  # which few responses need

            try:
                yield from decrypt_assertion(encrypted, self._decryption.private_keys)
            except Unreadable:
                return

    def facts(self) -> dict[str, Any]:
        """Return the algorithms and the certificates."""
        return {
            "signature_algorithms": _algorithms(self._root, "SignatureMethod", SIGNATURE_ALGORITHMS),
            "digest_algorithms": _algorithms(self._root, "DigestMethod", DIGEST_ALGORITHMS),
            "certificates": [
                {"sha256": shown.fingerprint, "signed": self._made(shown), "in_metadata": self.is_known(shown)}
                for shown in self.shown
            ],
            "metadata_certificates": [
                {"sha256": known.fingerprint, "signed": self._made(known)} for known in self.known or ()
            ],
        }

    def _made(self, certificate: Certificate) -> bool:
        return self.signer is not None and self.signer.certificate.key == certificate.key


def _of_metadata(document: str, issuer: str) -> list[Element]:
    """Return the signing certificates of the issuer, or of all entities."""
    entities = list(parse_xml(document.encode()).iter(tag("md:EntityDescriptor")))
    of_issuer = [entity for entity in entities if entity.get("entityID") == issuer]
    return [found for entity in of_issuer or entities for found in entity.xpath(_SIGNING, namespaces=NAMESPACES)]


def _certificates(elements: list[Element]) -> list[Certificate]:
    """Return the certificates in some elements, each once."""
    found = elements[:_MOST_CERTIFICATES]
    return list(dict.fromkeys(certificate for element in found for certificate in _read(string_value(element))))


def _read(text: str) -> Iterator[Certificate]:
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return
    try:
        key = load_der_public_key(read_certificate(der).public_key)
    except (ValueError, UnsupportedAlgorithm):
        yield Certificate(hashlib.sha256(der).hexdigest(), b"")
    else:
        # In this form, as the metadata has it, a key does not depend on how the certificate encodes it.
        encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        yield Certificate(hashlib.sha256(der).hexdigest(), encoded)


def _is_altered(element: Element, key: bytes) -> bool | None:
    """Return whether an element was altered after a key signed it, or None if that key did not sign it."""
    if not key or not _has_signature(element):
        return None
    try:
        verify_signature(element, (key,))
    except VerificationFailed as error:
        return True if error.altered else None
    return False


def _has_signature(element: Element) -> bool:
    """Return whether an element has a signature of a shape that is verified at all."""
    try:
        signature = find_signature(element)
        if signature is not None:
            check_signature_profile(signature, element)
    except Unreadable:
        return False
    return signature is not None


def _algorithms(root: Element, name: str, known: dict[str, str]) -> list[str]:
    """Return the short names of the algorithms that a response names; the URI of one that AWS does not take."""
    names = {uri: short for short, uri in known.items()}
    uris = root.xpath(f"//ds:{name}/@Algorithm", namespaces=NAMESPACES)
    return sorted({names.get(uri, str(uri)) for uri in uris})
