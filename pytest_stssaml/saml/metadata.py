"""SAML metadata: the entity ID and the keys of the signing certificates of each identity provider in a document."""

import base64
import binascii
from collections import Counter
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from ..lazy import remembering
from .certificates import read_certificate
from .document import (
    Element,
    MalformedXML,
    parse_xml,
    string_value,
    tag,
)
from .vocabulary import NAMESPACES

# Bits (IAM user guide, troubleshoot_saml)
SHORTEST_RSA_KEY = 1024


class InvalidMetadata(ValueError):
    """IAM would refuse the metadata document."""


class UnusableCertificate(InvalidMetadata):
    """A certificate can be read and has a fault for which IAM has an error of its own (troubleshoot_saml)."""


class Metadata(NamedTuple):
    """What AWS uses of a metadata document: the first identity provider in it, and the others."""

    #: The entity ID, which is the Issuer of the assertions.
    entity_id: str
    #: The public keys of the certificates that may sign, in document order: each a SubjectPublicKeyInfo in DER.
    signing_keys: tuple[bytes, ...]
    #: The other identity providers of the same document, in document order.
    others: tuple["Metadata", ...] = ()
    #: Why IAM would refuse the document, or None. Only metadata that another mock of IAM accepted can have a fault.
    fault: str | None = None

    @property
    def entities(self) -> "tuple[Metadata, ...]":
        """All identity providers of the document, in document order; none if it has a fault."""
        return () if self.fault else (self, *self.others)


@remembering(documents=8, longest=16_384)
def read_metadata(document: str) -> Metadata:
    """Parse an EntityDescriptor or an EntitiesDescriptor (saml-metadata 2.3).

    A signature, validUntil and cacheDuration are ignored (IAM user guide, id_roles_providers_create_saml).

    :raises InvalidMetadata: with one sentence about what is missing or malformed.
    """
    if document.startswith("\ufeff"):
        raise InvalidMetadata("the metadata begins with a byte order mark")
    try:
        root = parse_xml(document.encode())
    except (MalformedXML, UnicodeEncodeError) as error:
        raise InvalidMetadata(f"the metadata is not XML: {error}") from error
    if root.tag not in (tag("md:EntityDescriptor"), tag("md:EntitiesDescriptor")):
        raise InvalidMetadata(f"the root element is {root.tag!r}, not md:EntityDescriptor")
    entities = [_read_entity(element) for element in root.iter(tag("md:EntityDescriptor"))]
    identity_providers = [entity for entity in entities if entity.signing_keys]
    if not identity_providers:
        raise InvalidMetadata("no md:IDPSSODescriptor with a signing certificate")
    return identity_providers[0]._replace(others=tuple(identity_providers[1:]))


def _read_entity(element: Element) -> Metadata:
    """Return one entity (saml-metadata 2.3.2, 2.4.3). The certificates of a service provider are left out."""
    entity_id = element.get("entityID", "")
    if not entity_id:
        raise InvalidMetadata("md:EntityDescriptor has no entityID")
    # A KeyDescriptor without `use` is for signing too (saml-metadata 2.4.1.1).
    certificates = element.xpath(
        "md:IDPSSODescriptor/md:KeyDescriptor[not(@use) or @use='signing']/ds:KeyInfo/ds:X509Data/ds:X509Certificate",
        namespaces=NAMESPACES,
    )
    return Metadata(entity_id, tuple(map(_read_key, certificates)))


def _read_key(element: Element) -> bytes:
    """Return the public key of a certificate. AWS uses nothing else of it."""
    try:
        der = base64.b64decode("".join(string_value(element).split()), validate=True)
        certificate = read_certificate(der)
        public_key = load_der_public_key(certificate.public_key)
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise InvalidMetadata(f"an X509Certificate cannot be read: {error}") from error
    for identifier, times in Counter(certificate.extensions).items():
        if times > 1:
            raise UnusableCertificate(f"an X509Certificate repeats the extension {identifier}")
    if isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size < SHORTEST_RSA_KEY:
        raise UnusableCertificate(f"an RSA key has {public_key.key_size} bits, fewer than {SHORTEST_RSA_KEY}")
    # This form of a key does not depend on how the certificate encodes it.
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
