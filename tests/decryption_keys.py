"""Private keys with which AWS decrypts assertions, and one that is of no use for that."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pytest_stssaml import SAMLProvider, make_signing_key

KEYS = [rsa.generate_private_key(65537, 2048) for _ in range(3)]
EC_KEY = make_signing_key("ec")


def pem(key: Any, encryption: Any = None) -> bytes:
    """Return a private key as PEM."""
    written: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return written


def keys_of(provider: SAMLProvider) -> list[rsa.RSAPrivateKey]:
    """Return the key objects of a provider, the newest first."""
    return [key for _, key in provider.private_keys]
