"""Who an identity provider is and what it signs with, from its metadata document."""

import base64
import binascii
from dataclasses import dataclass

from cryptography import x509

from .document import Element, MalformedXML, parse_xml, tag, text_of
from .vocabulary import NAMESPACES

__all__ = ["InvalidMetadata", "Metadata", "read_metadata"]

# cryptography keeps the datetime class that it meets first, and takes no other in that process: it must not be
# freezegun's. So a certificate is read before any mock can freeze the time.
_ANY_CERTIFICATE = (
    "MIIBMTCB2KADAgECAhABQpIW3grJBD1TPk6/kTaFMAoGCCqGSM49BAMCMBoxGDAWBgNVBAMMD2lkcC5leGFtcGxlLmNvbTAgFw03"
    "MDAxMDEwMDAwMDBaGA85OTk5MTIzMTIzNTk1OVowGjEYMBYGA1UEAwwPaWRwLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZI"
    "zj0DAQcDQgAEmm2B9Jh9A/2LdOpgEpmU+VusKOngV41z19QYOqpzvMIBNWaoiOWijPUSyX5cIPS+UMFXHCWzLpzO8oQnlGJayDAK"
    "BggqhkjOPQQDAgNIADBFAiAAuuhC/jodfKSOqYuQA9WrZhvJi6rOnrN6LDCRFnwkgQIhAJ06uG2p62DQKtBG/M9HfYhtaTtLxSPW"
    "O3Rc03ztSjld"
)
_ = x509.load_der_x509_certificate(base64.b64decode(_ANY_CERTIFICATE)).not_valid_before_utc


class InvalidMetadata(ValueError):
    """A metadata document that IAM would not take."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The two facts that AWS uses of a metadata document."""

    entity_id: str
    signing_certificates: tuple[x509.Certificate, ...]


def read_metadata(document: str) -> Metadata:
    """The entity id and signing certificates of an EntityDescriptor (saml-metadata 2.3.2, 2.4.3).

    :raises InvalidMetadata: what is missing or malformed, in one sentence.
    """
    try:
        root = parse_xml(document.encode())
    except (MalformedXML, UnicodeEncodeError) as error:
        raise InvalidMetadata(f"the metadata is not XML: {error}") from error
    if root.tag != tag("md:EntityDescriptor"):
        raise InvalidMetadata(f"the root element is {root.tag!r}, not md:EntityDescriptor")
    entity_id = root.get("entityID", "")
    if not entity_id:
        raise InvalidMetadata("md:EntityDescriptor has no entityID")
    certificates = tuple(map(_certificate, _signing_certificates(root)))
    if not certificates:
        raise InvalidMetadata("no md:IDPSSODescriptor with a signing certificate")
    return Metadata(entity_id, certificates)


def _signing_certificates(entity: Element) -> list[Element]:
    # A key descriptor without a use serves every purpose (saml-metadata 2.4.1.1).
    found = entity.xpath(
        "md:IDPSSODescriptor/md:KeyDescriptor[not(@use) or @use='signing']/ds:KeyInfo/ds:X509Data/ds:X509Certificate",
        namespaces=NAMESPACES,
    )
    return list(found)


def _certificate(element: Element) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join(text_of(element).split()), validate=True))
    except (binascii.Error, ValueError) as error:
        raise InvalidMetadata(f"an X509Certificate cannot be read: {error}") from error
