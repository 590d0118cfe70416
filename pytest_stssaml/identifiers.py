"""How IAM and STS write unique identifiers."""

import base64


def base32_letters(data: bytes, count: int) -> str:
    """Return `count` characters of A-Z and 2-7, at most 51, made from 32 bytes: the alphabet of IAM's identifiers."""
    needed = -(-count * 5 // 8)  # five bits for each character; only as many bytes as that takes, as base 32 is slow
    return base64.b32encode(data[:needed])[:count].decode()
