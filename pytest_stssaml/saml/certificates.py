"""X.509 certificates, of which AWS needs the public key alone.

The structure is read here and not by cryptography, which warns of some certificates that AWS takes, such as one with
serial number 0 or a country of three letters, and refuses others, such as one with an at sign in a PrintableString.
"""

from typing import NamedTuple


class NotACertificate(ValueError):
    """The bytes are not a certificate in DER (X.690, 10)."""


class Certificate(NamedTuple):
    """What is read of a certificate (RFC 5280, 4.1)."""

    #: The SubjectPublicKeyInfo, in DER.
    public_key: bytes
    #: The object identifier of each extension, in the form "2.5.29.15", or in hexadecimal if it is very long.
    extensions: tuple[str, ...]


def read_certificate(der: bytes) -> Certificate:
    """Return the public key and the extensions of a certificate.

    What stands in the other fields, such as names and dates, is not looked at, and the signature is not verified: a
    certificate in metadata is trusted because it is there.

    :raises NotACertificate: if the bytes are no such structure, are cut off, or do not end with it.
    """
    (certificate,) = _read(der, _SEQUENCE)
    to_be_signed, _, _ = _read(certificate.content, _SEQUENCE, _SEQUENCE, _BIT_STRING)
    fields = _split(to_be_signed.content)
    if fields and fields[0].tag == _VERSION:  # version 1 is written by leaving it out
        del fields[0]
    *_, key = _expect(fields[: len(_FIELDS)], *_FIELDS)
    _read(key.content, _SEQUENCE, _BIT_STRING)
    rest = fields[len(_FIELDS) :]
    _expect(rest, *(tag for tag in _OPTIONAL_FIELDS if any(field.tag == tag for field in rest)))
    return Certificate(key.encoding, tuple(_extensions(rest)))


def _extensions(fields: "list[_Value]") -> list[str]:
    identifiers = []
    for field in fields:
        if field.tag == _EXTENSIONS:
            (sequence,) = _read(field.content, _SEQUENCE)
            for extension in _split(sequence.content):
                _expect([extension], _SEQUENCE)
                (identifier,) = _expect(_split(extension.content)[:1], _OBJECT_IDENTIFIER)
                identifiers.append(_dotted(identifier.content))
    return identifiers


# X.690, 8.1.2
_INTEGER, _BIT_STRING, _OBJECT_IDENTIFIER, _SEQUENCE = 0x02, 0x03, 0x06, 0x30

# The fields of a TBSCertificate (RFC 5280, 4.1): serialNumber, signature, issuer, validity, subject and
# subjectPublicKeyInfo, the version before them, and issuerUniqueID, subjectUniqueID and extensions after them.
_VERSION = 0xA0
_FIELDS = (_INTEGER, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE)
_EXTENSIONS = 0xA3
_OPTIONAL_FIELDS = (0x81, 0x82, _EXTENSIONS)


class _Value(NamedTuple):
    tag: int
    content: bytes
    #: The tag, the length and the content.
    encoding: bytes


def _read(data: bytes, *tags: int) -> list[_Value]:
    """Return the values that follow each other in DER, which must have these tags."""
    return _expect(_split(data), *tags)


def _expect(values: list[_Value], *tags: int) -> list[_Value]:
    found = tuple(value.tag for value in values)
    if found != tags:
        raise NotACertificate(f"it is not a certificate: expected the tags {_hex(tags)}, got {_hex(found)}")
    return values


def _hex(tags: tuple[int, ...]) -> str:
    return bytes(tags).hex(" ") or "none"


def _split(data: bytes) -> list[_Value]:
    """Return the values that follow each other in DER."""
    values = []
    position = 0
    while position < len(data):
        start, end = _content(data, position)
        values.append(_Value(data[position], data[start:end], data[position:end]))
        position = end
    return values


def _content(data: bytes, position: int) -> tuple[int, int]:
    """Return where the content of the value at a position begins and ends (X.690, 8.1.3 and 10.1)."""
    start = position + 2
    size = data[position + 1] if start <= len(data) else 0
    if size > 0x80:
        start += size - 0x80
        size = int.from_bytes(data[position + 2 : start])
    elif size == 0x80:
        raise NotACertificate("it is not DER: a length is indefinite")
    end = start + size
    if end > len(data):
        raise NotACertificate("it is not DER: it is cut off")
    if start - position > 2 and (size < 0x80 or data[position + 2] == 0):
        raise NotACertificate("it is not DER: a length is longer than it must be")
    return start, end


# The usual form takes time with the square of the length, and Python refuses to write large numbers. The longest
# identifiers that are known, those with a UUID, have some 20 bytes.
_LONGEST_IDENTIFIER = 64


def _dotted(identifier: bytes) -> str:
    """Return an object identifier in its usual form (X.690, 8.19), or in hexadecimal if it is very long."""
    if len(identifier) > _LONGEST_IDENTIFIER:
        return identifier.hex()
    numbers = [0]
    for byte in identifier:
        numbers[-1] = numbers[-1] << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(0)
    root = min(numbers[0] // 40, 2)
    return ".".join(map(str, (root, numbers[0] - 40 * root, *numbers[1:-1])))
