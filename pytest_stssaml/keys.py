"""Throwaway private keys and their self-signed certificates, which identity providers and SAML providers use."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, overload

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

if TYPE_CHECKING:
    from cryptography import x509

    from .literals import KeyKind

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@overload
def make_signing_key(kind: Literal["rsa"] = ...) -> rsa.RSAPrivateKey: ...
@overload
def make_signing_key(kind: Literal["ec"]) -> ec.EllipticCurvePrivateKey: ...
@overload
def make_signing_key(kind: "KeyKind") -> SigningKey: ...
def make_signing_key(kind: "KeyKind" = "rsa") -> SigningKey:
    """Return a throwaway private key.

    It is a key object of the `cryptography` package, which makes keys of other sizes and curves too.

    >>> make_signing_key("ec").curve.name
    'secp256r1'

    :param kind: "rsa" (2048 bits, which takes some 30 ms) or "ec" (P-256, which takes no time).
    :raises ValueError: if the kind is neither of those.
    """
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    raise ValueError(f'a signing key must be "rsa" or "ec", not {kind!r}; make others with the cryptography package')


def make_signing_key_during(work: Callable[[], object]) -> SigningKey:
    """Return a throwaway RSA key that another thread makes while this one does some work.

    To make a key takes 10 to 200 ms, in which `cryptography` does not hold the GIL. The thread has ended when this
    function returns, so that a process that is forked later does not wait for it.
    """
    with ThreadPoolExecutor(1) as executor:
        key = executor.submit(make_signing_key)
        work()
        return key.result()


def signing_key_or_error(key: object) -> SigningKey:
    """Return the key itself.

    :raises TypeError: if it is not a private key object.
    """
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(
            f"signing_key must be a private key object, from make_signing_key() or "
            f"cryptography's load_pem_private_key(), not {type(key).__name__}"
        )
    return key


# An EC key signs differently each time, so its certificate is cached: a key must have the same certificate in the
# metadata and in a response. The cache is larger than the number of keys that a test uses.
@lru_cache(maxsize=1024)
def certificate_of(key: SigningKey) -> "x509.Certificate":
    """Return the self-signed certificate of a key (RFC 5280, 4.1), valid from 1970 to 9999.

    It is written in DER by hand and not with cryptography's CertificateBuilder, which remembers the first `datetime`
    class that it meets. If that is freezegun's, the builder refuses every other datetime for the rest of the process.
    """
    # They take 40 ms to import, during which a key can be made.
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

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
    """Return a tag and its content, of at most 65,535 bytes, in DER (X.690, 8.1 and 10.1)."""
    data = b"".join(content)
    size = len(data)
    length = bytes([size]) if size < 0x80 else b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + size.to_bytes(2)
    return bytes([tag]) + length + data


_INTEGER, _BIT_STRING, _UTF8_STRING, _UTC_TIME, _GENERALIZED_TIME, _SEQUENCE, _SET = 2, 3, 12, 23, 24, 0x30, 0x31

# Encoded object identifiers of RFC 4055, RFC 5758 and X.520. The RSA algorithm has the parameter NULL.
_SHA256_WITH_RSA = bytes.fromhex("06092a864886f70d01010b0500")
_ECDSA_WITH_SHA256 = bytes.fromhex("06082a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("0603550403")
_NAME = _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _COMMON_NAME, _der(_UTF8_STRING, b"idp.example.com"))))


def _sign(data: bytes, key: SigningKey) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(data, ec.ECDSA(hashes.SHA256()))
