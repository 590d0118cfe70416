"""What a tag may be written with. Source: IAM user guide, id_tags and id_session-tags."""

import unicodedata

from . import limits


def has_legal_characters(text: str) -> bool:
    """Letters, numbers and spaces of every script, and _.:/=+-@."""
    return all(unicodedata.category(character)[0] in "LNZ" or character in limits.TAG_PUNCTUATION for character in text)


def is_reserved(text: str) -> bool:
    """Keys and values that begin with aws: are AWS's own; letters of any case, as tag keys are compared."""
    return text.lower().startswith(limits.RESERVED_TAG_PREFIX)
