"""IDs in the form of a vendor."""

import re
import string
from functools import lru_cache

#: The pattern of a random UUID: version 4, variant 1 (RFC 9562, 5.4).
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


def identifier(pattern: str, data: bytes) -> str:
    """Return a pattern in which each `{alphabet:n}` is replaced by n characters that the data determine."""
    fields = _fields(pattern)
    if len(fields) == 1 and fields[0][1] == "hex":
        return fields[0][0] + data.hex()[: fields[0][2]]
    # The data are read as a fraction, and each character is the next digit of it.
    fraction, one = int.from_bytes(data), 1 << 8 * len(data)
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
