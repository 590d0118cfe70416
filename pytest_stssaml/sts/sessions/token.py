"""The session token: what a session is, compressed and authenticated."""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping
from typing import Any

_written = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

# Tokens of AWS's were seen to begin so.
_HEAD = b"\x17\n\x06er/aws"
_BEGINNING = base64.b64encode(_HEAD).decode()
_MAC = 16


def seal(claims: Mapping[str, Any], key: bytes, minimum: int = 0) -> str:
    """A token of base64 that says what the session is; of at least `minimum` octets, a multiple of four."""
    content = _compressed(_written(claims).encode())
    # The end of what is compressed is known to whom decompresses it, so zeros may follow.
    length = max(len(_HEAD) + _MAC + len(content), -(-minimum // 4) * 3)
    content = content.ljust(-(-length // 3) * 3 - len(_HEAD) - _MAC, b"\0")
    return base64.b64encode(_HEAD + _mac(content, key) + content).decode()


def unseal(token: str, key: bytes) -> dict[str, Any] | None:
    """What a token says, or None where it is none that was sealed with this key."""
    content = _content(token, key)
    if content is None:
        return None
    claims: dict[str, Any] = json.loads(zlib.decompressobj().decompress(content))
    return claims


def is_sealed(token: str, key: bytes) -> bool:
    """Whether a token was sealed with this key."""
    return _content(token, key) is not None


def _content(token: str, key: bytes) -> bytes | None:
    if not token.startswith(_BEGINNING):  # soon told of somebody else's
        return None
    try:
        octets = base64.b64decode(token, validate=True)
    except ValueError:
        return None
    if base64.b64encode(octets).decode() != token:
        return None  # more padding than there is to fill, or more bits
    mac, content = octets[len(_HEAD) : len(_HEAD) + _MAC], octets[len(_HEAD) + _MAC :]
    return content if hmac.compare_digest(mac, _mac(content, key)) else None


def _compressed(octets: bytes) -> bytes:
    # A window of 4 KiB, as large as a token: to clear zlib's usual memory takes ten times as long as to compress.
    compressor = zlib.compressobj(6, zlib.DEFLATED, 12, 5)
    return compressor.compress(octets) + compressor.flush()


def _mac(content: bytes, key: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)[:_MAC]
