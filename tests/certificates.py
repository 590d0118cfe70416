"""Certificates other than those that identity providers make for themselves."""

import datetime as dt
from collections.abc import Iterable, Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pytest_stssaml.keys import SigningKey


def keys_of(certificates: Iterable[x509.Certificate]) -> tuple[bytes, ...]:
    """Return the public keys of certificates in DER."""
    return tuple(spki_of(certificate) for certificate in certificates)


def spki_of(holder: x509.Certificate | SigningKey) -> bytes:
    """Return the public key of a certificate or of a private key, a SubjectPublicKeyInfo in DER."""
    return holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def certificate_between(
    key: SigningKey, first_year: int, last_year: int, extensions: Mapping[str, bytes] | None = None
) -> x509.Certificate:
    """Return a self-signed certificate that is valid from the first of January of one year to that of another.

    :param extensions: the values of unknown extensions, by object identifier.
    """
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.com")])
    first, last = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (first_year, last_year))
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, first, last)
    for oid, value in (extensions or {}).items():
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)
        builder = builder.add_extension(unknown, critical=False)
    return builder.sign(key, hashes.SHA256())


# --- certificates in DER, piece by piece, since libraries do not write what is wrong

INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER, UTF8_STRING = 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C
PRINTABLE_STRING, TELETEX_STRING, UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x13, 0x14, 0x17, 0x18, 0x30, 0x31
VERSION, ISSUER_ID, SUBJECT_ID, EXTENSIONS = 0xA0, 0x81, 0x82, 0xA3


def der(tag: int, *content: bytes) -> bytes:
    """Return a tag and its content in DER (X.690, 8.1 and 10.1)."""
    data = b"".join(content)
    size = len(data)
    length = bytes([size]) if size < 0x80 else b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + size.to_bytes(2)
    return bytes([tag]) + length + data


def algorithm(oid: str) -> bytes:
    """Return an AlgorithmIdentifier with the parameter NULL. The object identifier is given in hexadecimal."""
    return der(SEQUENCE, der(OBJECT_IDENTIFIER, bytes.fromhex(oid)), der(NULL))


def name(*attributes: tuple[str, int, bytes]) -> bytes:
    """Return a Name of attributes: the object identifier in hexadecimal, the tag of the value, and the value."""
    sets = (
        der(SET, der(SEQUENCE, der(OBJECT_IDENTIFIER, bytes.fromhex(oid)), der(tag, value)))
        for oid, tag, value in attributes
    )
    return der(SEQUENCE, *sets)


COMMON_NAME, COUNTRY = "550403", "550406"
SHA256_WITH_RSA = algorithm("2a864886f70d01010b")
EXAMPLE = name((COMMON_NAME, UTF8_STRING, b"idp.example.com"))
VALIDITY = der(SEQUENCE, der(UTC_TIME, b"200101000000Z"), der(UTC_TIME, b"400101000000Z"))


def extension(oid: str, value: bytes, *critical: bytes) -> bytes:
    """Return an Extension, whose object identifier is given in hexadecimal."""
    return der(SEQUENCE, der(OBJECT_IDENTIFIER, bytes.fromhex(oid)), *critical, der(OCTET_STRING, value))


def extensions(*each: bytes) -> bytes:
    """Return the field of a certificate that contains some extensions."""
    return der(EXTENSIONS, der(SEQUENCE, *each))


def public_key_info(key: SigningKey) -> bytes:
    """Return the SubjectPublicKeyInfo of a key."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def certificate_der(
    public_key: bytes,
    *,
    version: bytes = der(VERSION, der(INTEGER, b"\2")),
    serial: bytes = b"\1",
    signed_with: bytes = SHA256_WITH_RSA,
    issuer: bytes = EXAMPLE,
    validity: bytes = VALIDITY,
    subject: bytes = EXAMPLE,
    rest: bytes = b"",
) -> bytes:
    """Return a certificate in DER whose signature is of no key.

    :param rest: the optional fields after the public key.
    """
    fields = (version, der(INTEGER, serial), signed_with, issuer, validity, subject, public_key, rest)
    return der(SEQUENCE, der(SEQUENCE, *fields), signed_with, der(BIT_STRING, bytes(257)))
