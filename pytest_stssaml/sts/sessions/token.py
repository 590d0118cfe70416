"""The session token: the claims of a session, authenticated, and those that may be large compressed."""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping
from typing import Any

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

# Session tokens of AWS were seen to begin with these bytes.
_HEAD = b"\x17\n\x06er/aws"
_BEGINNING = base64.b64encode(_HEAD).decode()
_MAC_SIZE = 16

# What AWS compresses (API reference, PackedPolicySize). The other claims are short as a rule, and compressing them
# would take a third of the time that a session takes.
_COMPRESSED = frozenset({"tags", "transitive_tag_keys", "policies"})
# It ends what is not compressed. JSON escapes it.
_END = b"\0"


def seal(claims: Mapping[str, Any], token_key: bytes, minimum_size: int = 0) -> str:
    """Return a session token for some claims: base64, at least `minimum_size` bytes, a multiple of four."""
    content = _encode({name: claim for name, claim in claims.items() if name not in _COMPRESSED}).encode()
    compressed = {name: claim for name, claim in claims.items() if name in _COMPRESSED}
    if compressed:
        content += _END + _compress(_encode(compressed).encode())
    # A decompressor knows where the compressed data ends, so zeros may follow.
    length = max(len(_HEAD) + _MAC_SIZE + len(content), -(-minimum_size // 4) * 3)
    content = content.ljust(-(-length // 3) * 3 - len(_HEAD) - _MAC_SIZE, b"\0")
    return base64.b64encode(_HEAD + _mac(content, token_key) + content).decode()


def unseal(token: str, token_key: bytes) -> dict[str, Any] | None:
    """Return the claims of a session token, or None if it was not sealed with this key."""
    content = _content(token, token_key)
    if content is None:
        return None
    plain, _, compressed = content.partition(_END)
    claims: dict[str, Any] = json.loads(plain)
    if compressed.strip(b"\0"):
        claims |= json.loads(zlib.decompressobj().decompress(compressed))
    return claims


def is_sealed(token: str, token_key: bytes) -> bool:
    """Return whether a session token was sealed with this key."""
    return _content(token, token_key) is not None


def _content(token: str, token_key: bytes) -> bytes | None:
    if not token.startswith(_BEGINNING):  # a quick answer for the tokens of others
        return None
    try:
        data = base64.b64decode(token, validate=True)
    except ValueError:
        return None
    mac, content = data[len(_HEAD) : len(_HEAD) + _MAC_SIZE], data[len(_HEAD) + _MAC_SIZE :]
    if not hmac.compare_digest(mac, _mac(content, token_key)):
        return None
    # With surplus padding or surplus bits, it is not the token that was issued.
    return content if base64.b64encode(data).decode() == token else None


def _compress(data: bytes) -> bytes:
    # A window of 4 KiB, as large as a token: clearing zlib's usual memory takes ten times as long as compressing. A
    # higher level saves two bytes.
    compressor = zlib.compressobj(3, zlib.DEFLATED, 12, 5)
    return compressor.compress(data) + compressor.flush()


def _mac(content: bytes, token_key: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_MAC_SIZE, key=token_key).digest()
