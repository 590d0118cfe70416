"""Identifiers in the form that a vendor gives them."""

import re
import string
from functools import lru_cache

#: Version 4, variant 1 (RFC 9562, 5.4).
GUID = "{hex:8}-{hex:4}-4{hex:3}-{variant:1}{hex:3}-{hex:12}"

_NAME_START = string.ascii_letters + "_"
_ALPHABETS = {
    "digits": string.digits,
    "hex": string.digits + "abcdef",
    "variant": "89ab",
    "alphanumerics": string.digits + string.ascii_letters,
    "capital": string.ascii_uppercase,
    "capitals": string.digits + string.ascii_uppercase,
    "start": _NAME_START,
    "name": _NAME_START + string.digits + ".-",
}
_FIELD = re.compile(r"([^{]*)\{(\w+):(\d+)\}")


def identifier(pattern: str, octets: bytes) -> str:
    """A pattern whose `{alphabet:n}` are n characters each, which the octets decide, the first octets first."""
    fields = _fields(pattern)
    if len(fields) == 1 and fields[0][1] == "hex":
        return fields[0][0] + octets.hex()[: fields[0][2]]
    # The octets are a fraction; each character takes the next digit of it.
    fraction, one = int.from_bytes(octets), 1 << 8 * len(octets)
    written = ""
    for literal, alphabet, length in fields:
        characters = _ALPHABETS[alphabet]
        drawn, fraction = divmod(fraction * len(characters) ** length, one)
        written += literal + _digits(drawn, characters, length)
    return written


@lru_cache(maxsize=64)
def _fields(pattern: str) -> list[tuple[str, str, int]]:
    return [(literal, alphabet, int(length)) for literal, alphabet, length in _FIELD.findall(pattern)]


def _digits(number: int, characters: str, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(characters))
        digits = characters[digit] + digits
    return digits
