"""How IAM and STS write unique identifiers."""

# Each byte becomes a letter. 32 letters divide the 256 values of a byte evenly.
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 8


def base32_letters(data: bytes, count: int) -> str:
    """Return `count` characters of A-Z and 2-7, one for each byte of `data`: the alphabet of IAM's identifiers."""
    return data[:count].translate(_LETTERS).decode()
