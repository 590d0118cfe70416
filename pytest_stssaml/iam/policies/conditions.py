"""What an IAM policy means: the condition operators, and whether a policy allows an action.

Source: IAM user guide, reference_policies_evaluation-logic, reference_policies_elements_condition_operators,
reference_policies_condition-single-vs-multi-valued-context-keys and reference_policies_variables. What a document has
to look like is in grammar.py.
"""

import base64
import binascii
import datetime as dt
import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

#: Condition keys in lower case, and the values that a request gives them. One without values is absent.
Context = Mapping[str, tuple[str, ...]]

#: Replaces the variables of a written text: see `_filled`.
Fill = Callable[[str], tuple[str, ...]]


# --- texts: variables and wildcards

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_WITH_DEFAULT = re.compile(r"([^,]*?)\s*,\s*'([^']*)'\s*")


class _NoValue(Exception):
    """A variable stands for nothing in this request."""


def _filled(text: str, context: Context) -> tuple[str, ...]:
    """A text cut at its variables: written, filled in, written, …, filled in, written."""
    fragments = _VARIABLE.split(text)
    fragments[1::2] = [_value_of(variable, context) for variable in fragments[1::2]]
    return tuple(fragments)


def _value_of(variable: str, context: Context) -> str:
    """What `${variable}` stands for: a character that is special otherwise, a key's one value, or the default."""
    if variable in ("*", "?", "$"):
        return variable
    with_default = _WITH_DEFAULT.fullmatch(variable)
    key, default = with_default.groups() if with_default else (variable, None)
    values = context.get(key.lower(), ())
    if len(values) == 1:
        return values[0]
    if default is None or values:
        raise _NoValue(key)
    return default


def _as_written(text: str) -> tuple[str, ...]:
    """Before Version 2012-10-17 there are no variables."""
    return (text,)


def _string_equals(wanted: str, value: str, fill: Fill) -> bool:
    return "".join(fill(wanted)) == value


def _string_equals_ignore_case(wanted: str, value: str, fill: Fill) -> bool:
    return "".join(fill(wanted)).lower() == value.lower()


def _string_like(wanted: str, value: str, fill: Fill) -> bool:
    return _is_like(fill(wanted), value)


def _is_like(fragments: tuple[str, ...], value: str) -> bool:
    """`*` is any text, `?` any one character, everything else itself; so is what a variable stands for."""
    first, *others = _between_stars(fragments)
    if not others:
        return len(value) == _length(first) and _stands_at(first, value, 0)
    *middle, last = others
    if not _stands_at(first, value, 0):
        return False
    end = _length(first)
    # Each part takes the first place that fits and never comes back, so that many stars cost no more than few.
    for part in middle:
        end = _end_of(part, value, end)
        if end < 0:
            return False
    start = len(value) - _length(last)
    return start >= end and _stands_at(last, value, start)


def _between_stars(fragments: tuple[str, ...]) -> list[list[str]]:
    """The parts between the stars of a pattern, each cut at its question marks."""
    parts = [[""]]
    for index, fragment in enumerate(fragments):
        if index % 2:
            parts[-1][-1] += fragment
            continue
        for nth, piece in enumerate(fragment.split("*")):
            if nth:
                parts.append([""])
            literal, *more = piece.split("?")
            parts[-1][-1] += literal
            parts[-1] += more
    return parts


def _length(part: list[str]) -> int:
    return sum(map(len, part)) + len(part) - 1


def _stands_at(part: list[str], value: str, start: int) -> bool:
    for literal in part:
        if not value.startswith(literal, start):
            return False
        start += len(literal) + 1
    return True


def _end_of(part: list[str], value: str, start: int) -> int:
    """Where the first place of a part ends, from a start on; -1 where there is none."""
    if len(part) == 1:
        found = value.find(part[0], start)
    else:
        match = re.compile(".".join(map(re.escape, part)), re.DOTALL).search(value, start)
        found = match.start() if match else -1
    return found if found < 0 else found + _length(part)


def _arn_like(wanted: str, value: str, fill: Fill) -> bool:
    """The six parts of an ARN are compared each on its own, so no wildcard reaches over a colon but in the last."""
    patterns, parts = _arn_parts(fill(wanted)), value.split(":", 5)
    return len(patterns) == len(parts) == 6 and all(
        _is_like(pattern, part) for pattern, part in zip(patterns, parts, strict=True)
    )


def _arn_parts(fragments: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Fragments cut at the first five colons, each part of them again."""
    parts: list[tuple[str, ...]] = [()]
    for index, fragment in enumerate(fragments):
        first, *more = fragment.split(":", 6 - len(parts))
        parts[-1] += (first,)
        parts += [("", part) if index % 2 else (part,) for part in more]
    return parts


# --- everything else: what cannot be read matches nothing

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
# W3C NOTE-datetime, which the operators' page names; a year alone is read as seconds, and Python reads more than these.
_DATE = re.compile(
    r"\d{4}-\d\d(?:-\d\d(?:T(?:[01]\d|2[0-3]):\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?", re.ASCII
)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _number(text: str) -> Decimal | None:
    """A decimal number."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _seconds(text: str) -> Decimal | None:
    """A time in seconds since 1970: ISO 8601, in UTC unless it says otherwise, or that number itself."""
    number = _number(text)
    if number is not None:
        return number
    if _DATE.fullmatch(text) is None:
        return None
    try:
        time = dt.datetime.fromisoformat(f"{text}-01" if len(text) == len("2030-01") else text)
    except ValueError:
        return None
    time = time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time
    # Exact whatever the caller's decimal context is: arithmetic would round by it.
    return Decimal(f"{(time - _EPOCH) // dt.timedelta(microseconds=1)}e-6")


def _boolean(text: str) -> str | None:
    """One of the words true and false, in letters of any case."""
    return text.lower() if text.lower() in ("true", "false") else None


def _octets(text: str) -> bytes | None:
    """What a base64 text encodes."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


_CIDR = re.compile(r"[^/]+(?:/\d{1,3})?", re.ASCII)  # no netmask, which Python takes too


def _ip_address(wanted: str, value: str, _: Fill) -> bool:
    """The address is in the range of a CIDR block, or is the one address that stands without a prefix."""
    if _CIDR.fullmatch(wanted) is None:
        return False
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _compared(read: Callable[[str], Any], holds: Callable[[Any, Any], bool]) -> Callable[[str, str, Fill], bool]:
    """Read the request's value and the policy's, and compare them in this order."""

    def matches(wanted: str, value: str, _: Fill) -> bool:
        left, right = read(value), read(wanted)
        return left is not None and right is not None and holds(left, right)

    return matches


# --- the operators


class Operator(NamedTuple):
    """How a policy's value is compared with a request's, and whether a match is what the operator wants."""

    matches: Callable[[str, str, Fill], bool]
    negated: bool = False


#: By name, without the prefix of a set operator and without IfExists.
OPERATORS = {
    "StringEquals": Operator(_string_equals),
    "StringNotEquals": Operator(_string_equals, negated=True),
    "StringEqualsIgnoreCase": Operator(_string_equals_ignore_case),
    "StringNotEqualsIgnoreCase": Operator(_string_equals_ignore_case, negated=True),
    "StringLike": Operator(_string_like),
    "StringNotLike": Operator(_string_like, negated=True),
    "NumericEquals": Operator(_compared(_number, operator.eq)),
    "NumericNotEquals": Operator(_compared(_number, operator.eq), negated=True),
    "NumericLessThan": Operator(_compared(_number, operator.lt)),
    "NumericLessThanEquals": Operator(_compared(_number, operator.le)),
    "NumericGreaterThan": Operator(_compared(_number, operator.gt)),
    "NumericGreaterThanEquals": Operator(_compared(_number, operator.ge)),
    "DateEquals": Operator(_compared(_seconds, operator.eq)),
    "DateNotEquals": Operator(_compared(_seconds, operator.eq), negated=True),
    "DateLessThan": Operator(_compared(_seconds, operator.lt)),
    "DateLessThanEquals": Operator(_compared(_seconds, operator.le)),
    "DateGreaterThan": Operator(_compared(_seconds, operator.gt)),
    "DateGreaterThanEquals": Operator(_compared(_seconds, operator.ge)),
    "Bool": Operator(_compared(_boolean, operator.eq)),
    "BinaryEquals": Operator(_compared(_octets, operator.eq)),
    "IpAddress": Operator(_ip_address),
    "NotIpAddress": Operator(_ip_address, negated=True),
    "ArnEquals": Operator(_arn_like),
    "ArnNotEquals": Operator(_arn_like, negated=True),
    "ArnLike": Operator(_arn_like),
    "ArnNotLike": Operator(_arn_like, negated=True),
}

#: Whether a key is absent; it compares nothing.
NULL = "Null"

#: The set operators: all of the request's values, or any of them.
FOR_ALL, FOR_ANY = "ForAllValues", "ForAnyValue"
_OF_NOTHING = {FOR_ALL: True, FOR_ANY: False}


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a Condition block: an operator, a key in lower case, and the values that it takes."""

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False
    variables: bool = True
    written_key: str = ""

    def holds(self, context: Context) -> bool:
        """What the request says of the key is what the condition wants."""
        present = context.get(self.key, ())
        if self.operator == NULL:
            return self._null(absent=not present)
        negated = OPERATORS[self.operator].negated
        if not present:
            # ForAnyValue comes before IfExists (observed: repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w).
            return _OF_NOTHING.get(self.quantifier, self.if_exists or negated)
        if not self.values and (self.quantifier or self.if_exists):
            # Nothing is in an empty list, and here not even outside of it (IAM Access Analyzer's checks).
            return False
        # What holds of no value is asked of each; so is a plain negation, of which none may match.
        every = _OF_NOTHING.get(self.quantifier, negated)
        return (all if every else any)(self._matches(value, context) is not negated for value in present)

    def disappointment(self, context: Context) -> str:
        """What the condition wants, and what it gets."""
        prefix, suffix = f"{self.quantifier}:" if self.quantifier else "", "IfExists" if self.if_exists else ""
        wants = " or ".join(map(repr, self.values)) or "what is in an empty list"
        if self.operator == NULL:
            wants = " or ".join("it absent" if value.lower() == "true" else "it present" for value in self.values)
        elif OPERATORS[self.operator].negated:
            wants = f"anything but {wants}"
        got = " and ".join(map(repr, context.get(self.key, ()))) or "no such key"
        return f"{prefix}{self.operator}{suffix} {self.written_key or self.key} wants {wants}, got {got}"

    def _null(self, *, absent: bool) -> bool:
        answer = str(absent).lower()
        return _OF_NOTHING.get(self.quantifier, answer in map(str.lower, self.values))

    def _matches(self, value: str, context: Context) -> bool:
        """One of the condition's values matches this one of the request's."""
        return any(self._matches_one(wanted, value, context) for wanted in self.values)

    def _matches_one(self, wanted: str, value: str, context: Context) -> bool:
        fill = partial(_filled, context=context) if self.variables else _as_written
        try:
            return OPERATORS[self.operator].matches(wanted, value, fill)
        except _NoValue:
            return False
