"""An assertion encrypted for AWS, as text."""

import base64
import os
import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..saml.vocabulary import (
    CONTENT_ALGORITHMS,
    DIGEST_ALGORITHMS,
    DS,
    ENCRYPTED_ELEMENT,
    RSA_OAEP_MGF1P,
    XENC,
)

__all__ = ["encrypt_assertion"]

_TEMPLATE = (
    f'<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="{XENC}" Type="{ENCRYPTED_ELEMENT}">'
    f'<xenc:EncryptionMethod Algorithm="{{algorithm}}"/><ds:KeyInfo xmlns:ds="{DS}"><xenc:EncryptedKey>'
    f'<xenc:EncryptionMethod Algorithm="{RSA_OAEP_MGF1P}">'
    f'<ds:DigestMethod Algorithm="{DIGEST_ALGORITHMS["sha1"]}"/></xenc:EncryptionMethod>'
    f"<xenc:CipherData><xenc:CipherValue>{{key}}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
    f"<xenc:CipherData><xenc:CipherValue>{{content}}</xenc:CipherValue></xenc:CipherData>"
    f"</xenc:EncryptedData></saml:EncryptedAssertion>"
)
_ASSERTION = re.compile("<saml:Assertion .*</saml:Assertion>", re.DOTALL)


def encrypt_assertion(xml: str, certificate: x509.Certificate, algorithm: str) -> str:
    """The response with its assertion encrypted for a certificate's key, by RSA-OAEP and AES.

    :raises ValueError: no such algorithm.
    """
    if algorithm not in CONTENT_ALGORITHMS:
        raise ValueError(f"encryption_algorithm is one of {', '.join(CONTENT_ALGORITHMS)}, not {algorithm!r}")
    public_key = certificate.public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)  # noqa: S101 - a provider takes no other private key
    key = os.urandom(int(algorithm[3:6]) // 8)
    sha1 = hashes.SHA1()  # noqa: S303 - what the URI of the key transport means
    wrapped = public_key.encrypt(key, padding.OAEP(padding.MGF1(sha1), sha1, None))
    return _ASSERTION.sub(
        lambda assertion: _TEMPLATE.format(
            algorithm=CONTENT_ALGORITHMS[algorithm],
            key=_base64(wrapped),
            content=_base64(_encrypted(assertion[0].encode(), key, algorithm)),
        ),
        xml,
    )


def _encrypted(octets: bytes, key: bytes, algorithm: str) -> bytes:
    if algorithm.endswith("gcm"):
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, octets, None)
    vector, padded = os.urandom(16), 16 - len(octets) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return vector + encryptor.update(octets + bytes([padded] * padded)) + encryptor.finalize()


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
