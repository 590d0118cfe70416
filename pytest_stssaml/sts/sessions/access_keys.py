"""Access key IDs and secret access keys, both derived from the token key of a backend."""

import base64
import hashlib

from ...identifiers import base32_letters

# How the access key IDs of temporary credentials begin (IAM user guide, reference_identifiers).
_PREFIX = "ASIA"


def new_access_key_id(data: bytes, token_key: bytes) -> str:
    """Return an access key ID: after the prefix, 11 letters from `data` and 5 that mark the token key."""
    own = base32_letters(data, 11)
    return _PREFIX + own + _mark(own, token_key)


def is_access_key_of(token_key: bytes, access_key_id: str) -> bool:
    """Return whether an access key ID was made with this token key, even if its session is no longer remembered."""
    own, mark = access_key_id[4:15], access_key_id[15:]
    return access_key_id.startswith(_PREFIX) and mark == _mark(own, token_key)


def _mark(own: str, token_key: bytes) -> str:
    # This runs for every signed call of every service in the process, so it has to be quick.
    digest = hashlib.blake2b(own.encode(errors="replace"), digest_size=5, key=token_key).digest()
    return base32_letters(digest, 5)


def secret_of(access_key_id: str, token_key: bytes) -> str:
    """Return the secret access key of an access key ID. The session token does not contain it."""
    digest = hashlib.blake2b(access_key_id.encode(errors="replace"), digest_size=30, key=token_key).digest()
    return base64.b64encode(digest).decode()
