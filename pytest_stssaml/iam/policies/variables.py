"""Policy variables such as ${saml:sub}.

Source: IAM user guide, reference_policies_variables.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

#: The values of condition keys by key, in lower case. A key without values is missing.
Context: TypeAlias = Mapping[str, tuple[str, ...]]

#: Fills in the variables of a string: see `filled`.
Fill: TypeAlias = Callable[[str], tuple[str, ...]]

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_WITH_DEFAULT = re.compile(r"([^,]*?)\s*,\s*'([^']*)'\s*")


class NoValue(Exception):
    """A variable has no value in this request."""


def filled(text: str, context: Context) -> tuple[str, ...]:
    """Return the fragments of a string with variables: written, filled in, written, and so on."""
    fragments = _VARIABLE.split(text)
    fragments[1::2] = [_value_of(variable, context) for variable in fragments[1::2]]
    return tuple(fragments)


def _value_of(variable: str, context: Context) -> str:
    """Return the value of `${variable}`: a character that is otherwise special, a single value, or the default."""
    if variable in ("*", "?", "$"):
        return variable
    with_default = _WITH_DEFAULT.fullmatch(variable)
    key, default = with_default.groups() if with_default else (variable, None)
    values = context.get(key.lower(), ())
    if len(values) == 1:
        return values[0]
    if default is None or values:
        raise NoValue(key)
    return default


def as_written(text: str) -> tuple[str, ...]:
    """Return a string as it is, since policies before Version 2012-10-17 have no variables."""
    return (text,)
