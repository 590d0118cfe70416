"""Condition operators, and the conditions of a policy.

Source: IAM user guide, reference_policies_elements_condition_operators,
and reference_policies_condition-single-vs-multi-valued-context-keys.
"""

import base64
import binascii
import datetime as dt
import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeAlias

from .variables import Context, Fill, NoValue, as_written, filled
from .wildcards import Pattern

#: Tells whether a value of the request matches a value of the policy.
Test: TypeAlias = Callable[[str], bool]


# --- strings: wildcards


def _string_equals(wanted: str, fill: Fill) -> Test:
    text = "".join(fill(wanted))
    return lambda value: value == text


def _string_equals_ignore_case(wanted: str, fill: Fill) -> Test:
    text = "".join(fill(wanted)).lower()
    return lambda value: value.lower() == text


def _string_like(wanted: str, fill: Fill) -> Test:
    return Pattern(fill(wanted)).matches


def _arn_like(wanted: str, fill: Fill) -> Test:
    """Return a test for ARNs. Their six parts are compared one by one, so no wildcard but the last spans a colon."""
    tests = [Pattern(part).matches for part in _arn_parts(fill(wanted))]

    def matches(value: str) -> bool:
        parts = value.split(":", 5)
        return len(tests) == len(parts) == 6 and all(test(part) for test, part in zip(tests, parts, strict=True))

    return matches


def _arn_parts(fragments: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return fragments split at the first five colons. Each part consists of fragments in turn."""
    parts: list[tuple[str, ...]] = [()]
    for index, fragment in enumerate(fragments):
        first, *more = fragment.split(":", 6 - len(parts))
        parts[-1] += (first,)
        parts += [("", part) if index % 2 else (part,) for part in more]
    return parts


# --- other types: a value that cannot be read matches nothing

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
# W3C NOTE-datetime, which the page about operators names. A year alone is read as seconds. Python reads more forms.
_DATE = re.compile(
    r"\d{4}-\d\d(?:-\d\d(?:T(?:[01]\d|2[0-3]):\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?", re.ASCII
)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _number(text: str) -> Decimal | None:
    """Return a decimal number, or None."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _seconds(text: str) -> Decimal | None:
    """Return a time in seconds since 1970, or None. It is written as ISO 8601, by default in UTC, or as that number."""
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
    # The exponent keeps it exact. Arithmetic would round by the caller's decimal context.
    return Decimal(f"{(time - _EPOCH) // dt.timedelta(microseconds=1)}e-6")


def _boolean(text: str) -> str | None:
    """Return "true" or "false" for those words in letters of any case, or None."""
    return text.lower() if text.lower() in ("true", "false") else None


def _bytes(text: str) -> bytes | None:
    """Return the bytes that base64 encodes, or None."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


_CIDR = re.compile(r"[^/]+(?:/\d{1,3})?", re.ASCII)  # Python takes a netmask too


def _ip_address(wanted: str, _: Fill) -> Test:
    """Return a test for the addresses in a CIDR block, or for the one address without a prefix length."""
    network = None
    if _CIDR.fullmatch(wanted) is not None:
        with suppress(ValueError):
            network = ipaddress.ip_network(wanted, strict=False)

    def matches(value: str) -> bool:
        try:
            return network is not None and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return matches


def _compared(read: Callable[[str], Any], holds: Callable[[Any, Any], bool]) -> Callable[[str, Fill], Test]:
    """Return a function that reads the request's value and the policy's, and compares them in this order."""

    def prepare(wanted: str, _: Fill) -> Test:
        right = read(wanted)

        def matches(value: str) -> bool:
            left = read(value)
            return left is not None and right is not None and holds(left, right)

        return matches

    return prepare


# --- the operators


class Operator(NamedTuple):
    """A condition operator."""

    #: Returns the test for a value of the policy, with which each value of the request is tested.
    prepare: Callable[[str, Fill], Test]
    #: Whether the operator requires that nothing matches.
    negated: bool = False


#: The operators by name, without the prefix of a set operator and without IfExists.
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
    "BinaryEquals": Operator(_compared(_bytes, operator.eq)),
    "IpAddress": Operator(_ip_address),
    "NotIpAddress": Operator(_ip_address, negated=True),
    "ArnEquals": Operator(_arn_like),
    "ArnNotEquals": Operator(_arn_like, negated=True),
    "ArnLike": Operator(_arn_like),
    "ArnNotLike": Operator(_arn_like, negated=True),
}

#: The operator that tests whether a key is missing. It compares no values.
NULL = "Null"

#: The prefixes of set operators: all values of the request, or any of them.
FOR_ALL, FOR_ANY = "ForAllValues", "ForAnyValue"
# What a set operator says about a missing key.
_WITHOUT_VALUES = {FOR_ALL: True, FOR_ANY: False}


class Condition(NamedTuple):
    """One line of a Condition block."""

    #: A key of `OPERATORS`, or `NULL`.
    operator: str
    #: The condition key in lower case.
    key: str
    #: The values that the policy lists.
    values: tuple[str, ...]
    #: `FOR_ALL`, `FOR_ANY`, or "".
    set_operator: str = ""
    #: Whether the operator ends in IfExists.
    if_exists: bool = False
    #: Whether the values contain variables.
    variables: bool = True
    #: The condition key as it was written.
    written_key: str = ""

    def holds(self, context: Context) -> bool:
        """Return whether the request's values of the key are what the condition requires."""
        present = context.get(self.key, ())
        if self.operator == NULL:
            return self._null(missing=not present)
        negated = OPERATORS[self.operator].negated
        if not present:
            # ForAnyValue comes before IfExists (observed: repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w).
            return _WITHOUT_VALUES.get(self.set_operator, self.if_exists or negated)
        if not self.values and (self.set_operator or self.if_exists):
            # No value is in an empty list. Here a value is not even outside of it (checks of IAM Access Analyzer).
            return False
        # ForAllValues requires that each value matches, and a plain negation that none does.
        every = _WITHOUT_VALUES.get(self.set_operator, negated)
        tests = self._tests(context)
        # Loops are quicker than any() and all(), and a policy can have hundreds of conditions.
        for value in present:
            for test in tests:
                if test(value):
                    matched = True
                    break
            else:
                matched = False
            if (matched is not negated) is not every:
                return not every
        return every

    def objection(self, context: Context) -> str:
        """Return what the condition requires, and what the request has."""
        return f"{self.title} wants {self.wants}, got {self.got(context)}"

    @property
    def title(self) -> str:
        """The operator and the key, such as "StringEquals SAML:aud"."""
        prefix, suffix = f"{self.set_operator}:" if self.set_operator else "", "IfExists" if self.if_exists else ""
        return f"{prefix}{self.operator}{suffix} {self.written_key or self.key}"

    @property
    def wants(self) -> str:
        """What the condition requires, in words."""
        if self.operator == NULL:
            return " or ".join("it missing" if value.lower() == "true" else "it present" for value in self.values)
        wants = " or ".join(map(repr, self.values)) or "a value of an empty list"
        return f"anything but {wants}" if OPERATORS[self.operator].negated else wants

    def got(self, context: Context) -> str:
        """Return what the request has of the key, in words."""
        return " and ".join(map(repr, context.get(self.key, ()))) or "no such key"

    def _null(self, *, missing: bool) -> bool:
        answer = str(missing).lower()
        return _WITHOUT_VALUES.get(self.set_operator, answer in map(str.lower, self.values))

    def _tests(self, context: Context) -> Sequence[Test]:
        """Return the test for each value of the condition whose variables have values in this request."""
        if not self.variables:
            return _constant_tests(self.operator, self.values)
        tests = []
        for wanted in self.values:
            with suppress(NoValue):
                tests.append(OPERATORS[self.operator].prepare(wanted, partial(filled, context=context)))
        return tests


# A policy is asked many times.
@lru_cache(maxsize=1024)
def _constant_tests(operator: str, values: tuple[str, ...]) -> tuple[Test, ...]:
    return tuple(OPERATORS[operator].prepare(wanted, as_written) for wanted in values)
