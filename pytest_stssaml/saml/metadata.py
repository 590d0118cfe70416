"""Who an identity provider is and what it signs with, from its metadata document."""

import base64
import binascii
from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from .document import (
    Element,
    MalformedXML,
    parse_xml,
    tag,
    text_of,
)
from .vocabulary import NAMESPACES

# cryptography keeps the datetime class that it meets first, and takes no other in that process: it should not be
# freezegun's. So a certificate is read before a mock freezes the time; a test that freezes it earlier is on its own.
_ANY_CERTIFICATE = (
    "MIIBMTCB2KADAgECAhABQpIW3grJBD1TPk6/kTaFMAoGCCqGSM49BAMCMBoxGDAWBgNVBAMMD2lkcC5leGFtcGxlLmNvbTAgFw03"
    "MDAxMDEwMDAwMDBaGA85OTk5MTIzMTIzNTk1OVowGjEYMBYGA1UEAwwPaWRwLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZI"
    "zj0DAQcDQgAEmm2B9Jh9A/2LdOpgEpmU+VusKOngV41z19QYOqpzvMIBNWaoiOWijPUSyX5cIPS+UMFXHCWzLpzO8oQnlGJayDAK"
    "BggqhkjOPQQDAgNIADBFAiAAuuhC/jodfKSOqYuQA9WrZhvJi6rOnrN6LDCRFnwkgQIhAJ06uG2p62DQKtBG/M9HfYhtaTtLxSPW"
    "O3Rc03ztSjld"
)
_ = x509.load_der_x509_certificate(base64.b64decode(_ANY_CERTIFICATE)).not_valid_before_utc


# IAM user guide, troubleshoot_saml
SHORTEST_RSA_KEY = 1024


class InvalidMetadata(ValueError):
    """A metadata document that IAM would not take."""


class UnusableCertificate(InvalidMetadata):
    """It is well-formed, and a certificate in it has a fault that IAM names otherwise (troubleshoot_saml)."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The two facts that AWS uses of an entity, and the other entities of the same document.

    With a `fault` it is nobody's; IAM stores no such document, so ours have none.
    """

    entity_id: str
    signing_certificates: tuple[x509.Certificate, ...]
    others: tuple["Metadata", ...] = ()
    fault: str | None = None

    @property
    def entities(self) -> "tuple[Metadata, ...]":
        """All of the document's."""
        return () if self.fault else (self, *self.others)


def read_metadata(document: str) -> Metadata:
    """The identity providers of an EntityDescriptor or EntitiesDescriptor (saml-metadata 2.3).

    A signature, validUntil and cacheDuration are not looked at (IAM user guide, id_roles_providers_create_saml).

    :raises InvalidMetadata: what is missing or malformed, in one sentence.
    """
    if document.startswith("\ufeff"):
        raise InvalidMetadata("the metadata begins with a byte order mark")
    try:
        root = parse_xml(document.encode())
    except (MalformedXML, UnicodeEncodeError) as error:
        raise InvalidMetadata(f"the metadata is not XML: {error}") from error
    if root.tag not in (tag("md:EntityDescriptor"), tag("md:EntitiesDescriptor")):
        raise InvalidMetadata(f"the root element is {root.tag!r}, not md:EntityDescriptor")
    entities = [_entity(element) for element in root.iter(tag("md:EntityDescriptor"))]
    signing = [entity for entity in entities if entity.signing_certificates]
    if not signing:
        raise InvalidMetadata("no md:IDPSSODescriptor with a signing certificate")
    return replace(signing[0], others=tuple(signing[1:]))


def _entity(element: Element) -> Metadata:
    """One entity (saml-metadata 2.3.2, 2.4.3); a service provider has no signing certificate here."""
    entity_id = element.get("entityID", "")
    if not entity_id:
        raise InvalidMetadata("md:EntityDescriptor has no entityID")
    # A key descriptor without a use serves every purpose (saml-metadata 2.4.1.1).
    found = element.xpath(
        "md:IDPSSODescriptor/md:KeyDescriptor[not(@use) or @use='signing']/ds:KeyInfo/ds:X509Data/ds:X509Certificate",
        namespaces=NAMESPACES,
    )
    return Metadata(entity_id, tuple(map(_certificate, found)))


def _certificate(element: Element) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(text_of(element).split()), validate=True))
        public_key = certificate.public_key()
        list(certificate.extensions)
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise InvalidMetadata(f"an X509Certificate cannot be read: {error}") from error
    except x509.DuplicateExtension as error:
        raise UnusableCertificate(f"an X509Certificate repeats the extension {error.oid.dotted_string}") from error
    if isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size < SHORTEST_RSA_KEY:
        raise UnusableCertificate(f"an RSA key has {public_key.key_size} bits, fewer than {SHORTEST_RSA_KEY}")
    return certificate
