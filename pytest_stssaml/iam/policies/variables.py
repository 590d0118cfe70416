"""Policy variables such as ${saml:sub}.

Source: IAM user guide, reference_policies_variables.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

#: The values of condition keys by key, in lower case. A key without values is missing.
Context: TypeAlias = Mapping[str, tuple[str, ...]]

#: Fills in the variables of a string, or leaves them: `filled` with a context, or `as_written`.
Fill: TypeAlias = Callable[[str], tuple[str, ...]]

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_WITH_DEFAULT = re.compile(r"([^,]*?)\s*,\s*'([^']*)'\s*")


class NoValue(Exception):
    """A variable has no value in this request."""


class Template:
    """A string with variables."""

    def __init__(self, text: str) -> None:
        self._fragments = _VARIABLE.split(text)
        read = ((place, _variable(self._fragments[place])) for place in range(1, len(self._fragments), 2))
        self._variables = [(place, variable) for place, variable in read if variable is not None]

    def filled(self, context: Context) -> tuple[str, ...]:
        """Return the fragments of the string: written, filled in, written, and so on.

        :raises NoValue: if a variable has no value.
        """
        fragments = self._fragments.copy()
        for place, variable in self._variables:
            fragments[place] = variable.value(context)
        return tuple(fragments)


class _Variable(NamedTuple):
    """What stands between the braces, other than a character that is otherwise special."""

    #: The condition key as it was written.
    written: str
    #: The condition key in lower case.
    key: str
    #: What the variable stands for if the key is missing, or None.
    default: str | None

    def value(self, context: Context) -> str:
        """Return what the variable stands for: a single value, or the default."""
        values = context.get(self.key, ())
        if len(values) == 1:
            return values[0]
        if self.default is None or values:
            raise NoValue(self.written)
        return self.default


def _variable(written: str) -> _Variable | None:
    """Return a variable, or None for a character that is otherwise special, which stands for itself."""
    if written in ("*", "?", "$"):
        return None
    with_default = _WITH_DEFAULT.fullmatch(written)
    key, default = with_default.groups() if with_default else (written, None)
    return _Variable(key, key.lower(), default)


# The strings are those of policies, which are asked many times.
_template = lru_cache(maxsize=1024)(Template)


def filled(text: str, context: Context) -> tuple[str, ...]:
    """Return the fragments of a string with variables: see `Template`."""
    return _template(text).filled(context)


def as_written(text: str) -> tuple[str, ...]:
    """Return a string as it is, since policies before Version 2012-10-17 have no variables."""
    return (text,)
