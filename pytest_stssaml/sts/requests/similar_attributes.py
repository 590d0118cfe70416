"""Attributes of a response whose names are nearly those that AWS reads: what an explanation names as the likely cause.

AWS compares names exactly and ignores every other attribute without a word. People send `…/Attributes/role`, `http://`
for `https://`, a final slash, or the friendly name of an attribute.
"""

import difflib
import re
from collections.abc import Iterable
from functools import cache
from itertools import islice

from ...saml.vocabulary import PRINCIPAL_TAG, SESSION_DURATION, SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS
from .claims import CLAIMS

_NOT_A_LETTER = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d")
# How alike names must be, from 0 to 1: one letter of ten may differ.
_LIKENESS = 0.85
# The comparison takes time with the square of a name's length, so a hostile response must not make it long.
_LONGEST_NAME, _MOST_NAMES = 200, 200


def similar_attribute(wanted: Iterable[str], names: Iterable[str]) -> str | None:
    """Return the attribute that is probably one of those that are wanted, or None.

    :param wanted: the names that AWS reads, or other names by which people know the attribute.
    :param names: the names of the attributes in the response.
    """
    wanted = tuple(wanted)
    candidates = [name for name in islice(names, _MOST_NAMES) if len(name) <= _LONGEST_NAME and name not in wanted]
    cores = {_core(name): name for name in reversed(candidates)}  # the first one of a core counts
    for core in map(_core, wanted):
        alike = difflib.get_close_matches(core, _comparable(core, cores), n=1, cutoff=_LIKENESS)
        if alike:
            return cores[alike[0]]
    return None


def _core(name: str) -> str:
    """Return the letters and digits after the last slash of a name, without regard to their case."""
    last = name.rstrip("/ ").removeprefix("urn:oid:").rpartition("/")[2]
    return _NOT_A_LETTER.sub("", last).casefold()


def _comparable(core: str, others: Iterable[str]) -> list[str]:
    """Return those cores that may be a misspelling of a core.

    Another digit is another OID or another numbered tag, and what is the right name of something else is not a mistake.
    """
    return [
        other
        for other in others
        if other == core or (other not in _right_cores() and _DIGITS.findall(other) == _DIGITS.findall(core))
    ]


@cache
def _right_cores() -> frozenset[str]:
    """Return the cores of all names by which people know the attributes that fill a condition key."""
    return frozenset(_core(name) for key, names in CLAIMS.items() for name in (key.partition(":")[2], *names))


def fill_of_key(key: str) -> tuple[str, ...]:
    """Return the names of the attributes that fill a condition key, or nothing."""
    if key.startswith("aws:requesttag/"):
        return (PRINCIPAL_TAG + key.partition("/")[2],)
    return {**CLAIMS, **_OTHER_KEYS}.get(key, ())


_OTHER_KEYS = {
    "sts:sourceidentity": (SOURCE_IDENTITY,),
    "sts:transitivetagkeys": (TRANSITIVE_TAG_KEYS,),
    "aws:tagkeys": (PRINCIPAL_TAG + "KEY",),
}

#: The attributes that a response need not have, so that AWS says nothing if their names are wrong.
OPTIONAL_ATTRIBUTES = (SESSION_DURATION, SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS)
