"""Throwaway private keys and their self-signed certificates, which both sides of a login use."""

import hashlib
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def make_signing_key(kind: str = "rsa") -> SigningKey:
    """A throwaway private key: "rsa" (2048 bits, some 30 ms) or "ec" (P-256, at once).

    It is a key object of the `cryptography` package; other sizes and curves are made there.
    """
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    raise ValueError(f'a signing key is "rsa" or "ec", not {kind!r}; make others with the cryptography package')


def signing_key_or_error(key: object) -> SigningKey:
    """The key itself.

    :raises TypeError: it is no private key object.
    """
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(
            f"signing_key is a private key object, from make_signing_key() or "
            f"cryptography's load_pem_private_key(), not {type(key).__name__}"
        )
    return key


# An EC key's certificate is another each time that it is made, so it is kept for longer than any test has keys.
@lru_cache(maxsize=1024)
def certificate_of(key: SigningKey) -> x509.Certificate:
    """The self-signed certificate of a key (RFC 5280, 4.1), valid from 1970 to 9999; an RSA key's never varies.

    It is written here since cryptography's CertificateBuilder remembers the datetime class that it meets first: if that
    is freezegun's, it takes no other in that process.
    """
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    algorithm = _der(_SEQUENCE, _SHA256_WITH_RSA if isinstance(key, rsa.RSAPrivateKey) else _ECDSA_WITH_SHA256)
    to_be_signed = _der(
        _SEQUENCE,
        _der(0xA0, _der(_INTEGER, b"\x02")),  # version 3
        _der(_INTEGER, b"\x01" + hashlib.sha256(public).digest()[:15]),
        algorithm,
        _NAME,
        _der(_SEQUENCE, _der(_UTC_TIME, b"700101000000Z"), _der(_GENERALIZED_TIME, b"99991231235959Z")),
        _NAME,
        public,
    )
    signature = _der(_BIT_STRING, b"\0" + _sign(to_be_signed, key))
    return x509.load_der_x509_certificate(_der(_SEQUENCE, to_be_signed, algorithm, signature))


def _der(tag: int, *content: bytes) -> bytes:
    """A value in DER (X.690, 8.1 and 10.1), of at most 65,535 octets."""
    octets = b"".join(content)
    size = len(octets)
    length = bytes([size]) if size < 0x80 else b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + size.to_bytes(2)
    return bytes([tag]) + length + octets


_INTEGER, _BIT_STRING, _UTF8_STRING, _UTC_TIME, _GENERALIZED_TIME, _SEQUENCE, _SET = 2, 3, 12, 23, 24, 0x30, 0x31

# Object identifiers of RFC 4055, RFC 5758 and X.520, as they are encoded; RSA's has the parameter NULL.
_SHA256_WITH_RSA = bytes.fromhex("06092a864886f70d01010b0500")
_ECDSA_WITH_SHA256 = bytes.fromhex("06082a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("0603550403")
_NAME = _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _COMMON_NAME, _der(_UTF8_STRING, b"idp.example.com"))))


def _sign(octets: bytes, key: SigningKey) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(octets, ec.ECDSA(hashes.SHA256()))
