"""The characters of tags. Source: IAM user guide, id_tags and id_session-tags."""

import unicodedata

from .limits import RESERVED_TAG_PREFIX, TAG_PUNCTUATION


def has_legal_characters(text: str) -> bool:
    """Return whether a key or value consists of letters, numbers and spaces of any script, and of `_.:/=+-@`."""
    return all(unicodedata.category(character)[0] in "LNZ" or character in TAG_PUNCTUATION for character in text)


def is_reserved(text: str) -> bool:
    """Return whether a key or value begins with aws:, in letters of any case, as tag keys are compared."""
    return text.lower().startswith(RESERVED_TAG_PREFIX)
