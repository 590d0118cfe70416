"""XML Encryption of assertions as strings, including forms that no identity provider should write."""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from saml_documents import base64_of, element_of, encoded, replaced

from pytest_stssaml import SAMLResponse
from pytest_stssaml.saml.vocabulary import (
    CONTENT_ALGORITHMS,
    DIGEST_ALGORITHMS,
    DS,
    MGF1,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
    XENC,
    XENC11,
)

#: The private keys of the provider, newest first.
KEY, OLD_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))

#: Key transports: the URI, and the names of DigestMethod and MGF. With None there is no such element, and it is SHA-1.
TRANSPORTS = {
    "mgf1p": (RSA_OAEP_MGF1P, None, None),
    "mgf1p sha1": (RSA_OAEP_MGF1P, "sha1", None),
    "mgf1p sha256": (RSA_OAEP_MGF1P, "sha256", None),
    "oaep": (RSA_OAEP, None, None),
    "oaep sha256": (RSA_OAEP, "sha256", "sha256"),
    "oaep sha512": (RSA_OAEP, "sha512", "sha384"),
}

_PROLOGUE = f'<xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:xenc11="{XENC11}" xmlns:ds="{DS}" Type="{XENC}Element">'
_HASHES: dict[str | None, type[hashes.HashAlgorithm]] = {
    None: hashes.SHA1,
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def cipher_data(data: bytes) -> str:
    """Return an xenc:CipherData."""
    return f"<xenc:CipherData><xenc:CipherValue>{base64_of(data)}</xenc:CipherValue></xenc:CipherData>"


def transport_method(transport: str, parameters: str = "") -> str:
    """Return the xenc:EncryptionMethod of a key transport."""
    uri, digest, mask = TRANSPORTS[transport]
    parameters += f'<ds:DigestMethod Algorithm="{DIGEST_ALGORITHMS[digest]}"/>' if digest else ""
    parameters += f'<xenc11:MGF Algorithm="{MGF1}{mask}"/>' if mask else ""
    return f'<xenc:EncryptionMethod Algorithm="{uri}">{parameters}</xenc:EncryptionMethod>'


def encrypted_key(
    content_key: bytes, to: rsa.RSAPrivateKey = KEY, transport: str = "mgf1p", label: bytes | None = None
) -> str:
    """Return an xenc:EncryptedKey."""
    _, digest, mask = TRANSPORTS[transport]
    oaep = padding.OAEP(padding.MGF1(_HASHES[mask]()), _HASHES[digest](), label)
    parameters = f"<xenc:OAEPparams>{base64_of(label)}</xenc:OAEPparams>" if label else ""
    data = cipher_data(to.public_key().encrypt(content_key, oaep))
    return f"<xenc:EncryptedKey>{transport_method(transport, parameters)}{data}</xenc:EncryptedKey>"


def encrypt_blocks(padded: bytes, content_key: bytes) -> bytes:
    """Encrypt whole blocks with AES in CBC, without padding."""
    vector = os.urandom(16)
    encryptor = Cipher(algorithms.AES(content_key), modes.CBC(vector)).encryptor()
    return vector + encryptor.update(padded) + encryptor.finalize()


def padded(data: bytes, count: int) -> bytes:
    """Return data with a padding of a number of bytes, of which only the last is not arbitrary."""
    return data + os.urandom(count - 1) + bytes([count])


def encrypt(data: bytes, content_key: bytes, algorithm: str) -> bytes:
    """Encrypt with AES in a mode that the name of the algorithm ends with, "cbc" or "gcm"."""
    if algorithm.endswith("cbc"):
        return encrypt_blocks(padded(data, 16 - len(data) % 16), content_key)
    nonce = os.urandom(12)
    return nonce + AESGCM(content_key).encrypt(nonce, data, None)


def encrypted_data(data: bytes, uri: str, encrypted_keys: str) -> str:
    """Return an xenc:EncryptedData.

    :param data: is encrypted already.
    :param uri: of the content algorithm.
    :param encrypted_keys: the content of KeyInfo. If it is empty, there is no KeyInfo.
    """
    key_info = f"<ds:KeyInfo>{encrypted_keys}</ds:KeyInfo>" if encrypted_keys else ""
    method = f'<xenc:EncryptionMethod Algorithm="{uri}"/>'
    return f"{_PROLOGUE}{method}{key_info}{cipher_data(data)}</xenc:EncryptedData>"


def new_key(algorithm: str = "aes256-gcm") -> bytes:
    """Return a random key of the size of a content algorithm."""
    return os.urandom(int(algorithm[3:6]) // 8)


def encrypted_with(content_key: bytes, element: str, encrypted_keys: str, algorithm: str = "aes256-gcm") -> str:
    """Return an element in an xenc:EncryptedData with these encrypted keys, whatever is in them."""
    data = encrypt(element.encode(), content_key, algorithm)
    return encrypted_data(data, CONTENT_ALGORITHMS[algorithm], encrypted_keys)


def encrypted_element(
    element: str,
    *,
    algorithm: str = "aes256-gcm",
    to: rsa.RSAPrivateKey = KEY,
    transport: str = "mgf1p",
    label: bytes | None = None,
) -> str:
    """Return an element in an xenc:EncryptedData, as an identity provider writes it."""
    key = new_key(algorithm)
    return encrypted_with(key, element, encrypted_key(key, to, transport, label), algorithm)


def with_encrypted_assertion(xml: str, content: str) -> SAMLResponse:
    """Return a response with a saml:EncryptedAssertion of some content in the place of its assertion."""
    assertion = element_of(xml, "saml:Assertion")
    return encoded(replaced(xml, assertion, f"<saml:EncryptedAssertion>{content}</saml:EncryptedAssertion>"))


def with_assertion_encrypted(xml: str) -> SAMLResponse:
    """Return a response with its assertion encrypted for KEY."""
    return with_encrypted_assertion(xml, encrypted_element(element_of(xml, "saml:Assertion")))
