"""Encrypting an assertion for AWS.

The assertion is found with regular expressions, since the bytes that its signature covers must stay as they are.
"""

import base64
import os
import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ...keywords import unknown_choice
from ...saml.vocabulary import (
    CONTENT_ALGORITHMS,
    DIGEST_ALGORITHMS,
    DS,
    ENCRYPTED_ELEMENT,
    RSA_OAEP_MGF1P,
    XENC,
)

_TEMPLATE = (
    f'<{{prefix}}EncryptedAssertion{{declaration}}><xenc:EncryptedData xmlns:xenc="{XENC}" Type="{ENCRYPTED_ELEMENT}">'
    f'<xenc:EncryptionMethod Algorithm="{{algorithm}}"/><ds:KeyInfo xmlns:ds="{DS}"><xenc:EncryptedKey>'
    f'<xenc:EncryptionMethod Algorithm="{RSA_OAEP_MGF1P}">'
    f'<ds:DigestMethod Algorithm="{DIGEST_ALGORITHMS["sha1"]}"/></xenc:EncryptionMethod>'
    f"<xenc:CipherData><xenc:CipherValue>{{key}}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
    f"<xenc:CipherData><xenc:CipherValue>{{content}}</xenc:CipherValue></xenc:CipherData>"
    f"</xenc:EncryptedData></{{prefix}}EncryptedAssertion>"
)
_ASSERTION = re.compile(r"<(?P<prefix>(?:\w+:)?)Assertion(?P<attributes> [^>]*)>.*</(?P=prefix)Assertion>", re.DOTALL)
_RESPONSE = re.compile(r"<(?:\w+:)?Response [^>]*>")
_DECLARATION = re.compile(r'\sxmlns:?(\w*)="[^"]*"')


def encrypt_assertion(xml: str, certificate: x509.Certificate, algorithm: str) -> str:
    """Return the response with its assertion encrypted for the key of a certificate, with RSA-OAEP and AES.

    :raises ValueError: if there is no such algorithm.
    """
    if algorithm not in CONTENT_ALGORITHMS:
        raise ValueError(unknown_choice("encryption_algorithm", algorithm, CONTENT_ALGORITHMS))
    response, assertion = _RESPONSE.search(xml), _ASSERTION.search(xml)
    if response is None or assertion is None:
        return xml
    public_key = certificate.public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)  # noqa: S101 - providers accept RSA keys only
    key = os.urandom(int(algorithm[3:6]) // 8)
    sha1 = hashes.SHA1()  # noqa: S303 - the key transport's URI stands for SHA-1
    wrapped = public_key.encrypt(key, padding.OAEP(padding.MGF1(sha1), sha1, None))
    inherited, declared = _declarations(response[0]), _declarations(assertion["attributes"])
    name = assertion["prefix"].removesuffix(":")
    return xml.replace(
        assertion[0],
        _TEMPLATE.format(
            prefix=assertion["prefix"],
            declaration="" if name in inherited else declared[name],
            algorithm=CONTENT_ALGORITHMS[algorithm],
            key=_base64(wrapped),
            content=_base64(_encrypted(_standalone(assertion, inherited, declared).encode(), key, algorithm)),
        ),
    )


def _declarations(start_tag: str) -> dict[str, str]:
    """Return the namespace declarations of a start tag by prefix, each with the space before it."""
    return {declaration[1]: declaration[0] for declaration in _DECLARATION.finditer(start_tag)}


def _standalone(assertion: re.Match[str], inherited: dict[str, str], declared: dict[str, str]) -> str:
    """Return the assertion with the declarations that it inherits, since it is parsed alone after decryption."""
    missing = [
        declaration for name, declaration in inherited.items() if name not in declared and f"{name}:" in assertion[0]
    ]
    start = f"<{assertion['prefix']}Assertion"
    return assertion[0].replace(start, start + "".join(missing), 1)


def _encrypted(data: bytes, key: bytes, algorithm: str) -> bytes:
    if algorithm.endswith("gcm"):
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, data, None)
    vector, padded = os.urandom(16), 16 - len(data) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return vector + encryptor.update(data + bytes([padded] * padded)) + encryptor.finalize()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
