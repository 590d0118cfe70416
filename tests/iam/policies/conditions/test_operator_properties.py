import datetime as dt
import ipaddress
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from policy_decisions import holds
from policy_strategies import (
    VALUES,
    a_few,
    any_operator,
    blocks,
    conditions,
    literal_texts,
    one_or_several,
    present,
    requested,
    requests,
    texts,
)

from pytest_stssaml.iam.policies.conditions import OPERATORS

NEGATIONS = {operator: operator.replace("Not", "") for operator in OPERATORS if "Not" in operator}


def met(
    operator: str, wanted: Any, values: tuple[str, ...], others: Mapping[str, tuple[str, ...]] | None = None
) -> bool:
    """Return whether a key with these values meets a condition, beside other keys with theirs."""
    return holds({operator: {"aws:SourceIdentity": wanted}}, {**(others or {}), "aws:sourceidentity": values})


@a_few
@given(any_operator, st.sampled_from(VALUES), st.sampled_from(VALUES))
def test_every_operator_ends_in_true_or_false(operator: str, wanted: str, value: str) -> None:
    assert met(operator, wanted, (value,)) in {True, False}


@a_few
@given(conditions, conditions, requests)
def test_a_block_holds_if_each_of_its_conditions_does(
    one: dict[str, Any], other: dict[str, Any], context: dict[str, tuple[str, ...]]
) -> None:
    assume(one.keys() != other.keys())
    assert holds(one | other, context) is (holds(one, context) and holds(other, context))


@a_few
@given(blocks, requests)
def test_the_case_of_a_key_does_not_matter(block: dict[str, Any], context: dict[str, tuple[str, ...]]) -> None:
    upper = {form: {key.upper(): wanted for key, wanted in keys.items()} for form, keys in block.items()}
    assert holds(upper, context) is holds(block, context)


@a_few
@given(st.sampled_from(sorted(NEGATIONS)), one_or_several(literal_texts), st.lists(requested, max_size=3).map(tuple))
def test_a_negated_operator_is_the_complement(negated: str, wanted: Any, values: tuple[str, ...]) -> None:
    assert met(negated, wanted, values) is not met(NEGATIONS[negated], wanted, values)


@a_few
@given(any_operator, st.lists(texts, min_size=1, max_size=3), present, requests)
def test_for_all_values_is_all_of_the_values(
    operator: str, wanted: list[str], values: tuple[str, ...], others: dict[str, tuple[str, ...]]
) -> None:
    assert met(f"ForAllValues:{operator}", wanted, values, others) is all(
        met(operator, wanted, (value,), others) for value in values
    )


@a_few
@given(any_operator, st.lists(texts, min_size=1, max_size=3), present, requests)
def test_for_any_value_is_any_of_the_values(
    operator: str, wanted: list[str], values: tuple[str, ...], others: dict[str, tuple[str, ...]]
) -> None:
    assert met(f"ForAnyValue:{operator}", wanted, values, others) is any(
        met(operator, wanted, (value,), others) for value in values
    )


@a_few
@given(any_operator, st.lists(texts, max_size=3), present, requests)
def test_a_list_is_met_like_its_values_one_by_one(
    operator: str, wanted: list[str], values: tuple[str, ...], others: dict[str, tuple[str, ...]]
) -> None:
    singles = [met(operator, one, (value,), others) for one in wanted for value in values]
    assert met(operator, wanted, values, others) is (all(singles) if operator in NEGATIONS else any(singles))


@a_few
@given(st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]), any_operator, st.data(), present, requests)
def test_if_exists_changes_nothing_if_the_key_is_present(
    prefix: str, operator: str, data: st.DataObject, values: tuple[str, ...], others: dict[str, tuple[str, ...]]
) -> None:
    wanted = data.draw(st.lists(texts, min_size=1, max_size=3))
    plain = f"{prefix}{operator}"
    assert met(f"{plain}IfExists", wanted, values, others) is met(plain, wanted, values, others)


# --- strings

words = st.text("ab*?", max_size=8)

# What a policy may write, and what that means: a star, a question mark, or literal characters.
WRITTEN = {
    "*": ["*"],
    "?": ["?"],
    "a": ["=a"],
    "b": ["=b"],
    "${*}": ["=*"],
    "${?}": ["=?"],
    "${saml:aud}": ["=*", "=a"],
}
FILLED = {"saml:aud": ("*a",)}
patterns = st.lists(st.sampled_from(sorted(WRITTEN)), max_size=8)


def meaning(pattern: list[str]) -> list[str]:
    return [sign for written in pattern for sign in WRITTEN[written]]


def fits(signs: list[str], value: str) -> bool:
    """The definition of a pattern, in exponential time."""
    if not signs:
        return not value
    if signs[0] == "*":
        return fits(signs[1:], value) or (bool(value) and fits(signs, value[1:]))
    return bool(value) and signs[0] in ("?", f"={value[0]}") and fits(signs[1:], value[1:])


@settings(a_few, max_examples=300)
@given(patterns, words)
def test_string_like_follows_its_definition(pattern: list[str], value: str) -> None:
    assert met("StringLike", "".join(pattern), (value,), FILLED) is fits(meaning(pattern), value)


@settings(a_few, max_examples=100)
@given(st.data(), patterns)
def test_string_like_matches_values_made_from_the_pattern(data: st.DataObject, pattern: list[str]) -> None:
    filler = {"*": st.text("ab", max_size=3), "?": st.sampled_from("ab")}
    value = "".join(data.draw(filler.get(sign, st.just(sign[-1]))) for sign in meaning(pattern))
    assert met("StringLike", "".join(pattern), (value,), FILLED)


@a_few
@given(st.data(), st.lists(st.lists(st.sampled_from(sorted(WRITTEN)), max_size=2), min_size=6, max_size=6))
def test_an_arn_matches_if_each_of_its_parts_does(data: st.DataObject, wanted: list[list[str]]) -> None:
    made = [data.draw(st.sampled_from(["".join(sign[-1] for sign in meaning(part)), "", "a"])) for part in wanted]
    pattern = ":".join(map("".join, wanted))
    assert met("ArnLike", pattern, (":".join(made),), FILLED) is all(map(fits, map(meaning, wanted), made))


@a_few
@given(words, words)
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike"])
def test_a_variable_matches_its_value_only(operator: str, filler: str, value: str) -> None:
    context = {"saml:aud": (filler,)}
    assert [met(operator, "${saml:aud}", (one,), context) for one in (filler, value)] == [True, value == filler]


@a_few
@given(st.text("ab*?${}", max_size=8))
@example("${saml:aud}")
def test_escaped_characters_match_themselves(text: str) -> None:
    written = "".join(f"${{{sign}}}" if sign in "*?$" else sign for sign in text)
    assert [met("StringLike", written, (one,)) for one in (text, text + "a")] == [True, False]


@a_few
@given(one_or_several(st.text("ab${}", max_size=8)), present)
@pytest.mark.parametrize("version", ["2008-10-17", "2012-10-17"])
def test_versions_agree_if_there_is_no_variable(version: str, wanted: Any, values: tuple[str, ...]) -> None:
    assume("}" not in str(wanted))
    block = {"StringLike": {"saml:sub": wanted}}
    whole = {"StringEquals": {"saml:sub": wanted}}
    context = {"saml:sub": values}
    assert holds(block, context, version=version) is holds(whole, context, version="2008-10-17")


# --- numbers, dates and addresses

numbers = st.tuples(st.integers(-(10**6), 10**6), st.integers(-8, 8))


def written(number: tuple[int, int], form: int) -> str:
    digits, exponent = number
    if form == 0 or exponent >= 0:
        return f"{digits}e{exponent:+d}"
    sign, figures = "-" if digits < 0 else "+", f"{abs(digits):0{1 - exponent}d}"
    return f"{sign}{figures[:exponent]}.{figures[exponent:]}"


ORDER = {
    "NotEquals": lambda wanted, value: value != wanted,
    "Equals": lambda wanted, value: value == wanted,
    "LessThan": lambda wanted, value: value < wanted,
    "LessThanEquals": lambda wanted, value: value <= wanted,
    "GreaterThan": lambda wanted, value: value > wanted,
    "GreaterThanEquals": lambda wanted, value: value >= wanted,
}


@a_few
@given(numbers, st.one_of(numbers, st.none()), st.integers(0, 1), st.integers(0, 1))
def test_numbers_are_ordered_like_fractions(
    one: tuple[int, int], drawn: tuple[int, int] | None, form: int, other_form: int
) -> None:
    other = drawn or (one[0] * 10, one[1] - 1)  # the same, written otherwise
    wanted, value = (Fraction(digits) * Fraction(10) ** exponent for digits, exponent in (one, other))
    assert {name: met(f"Numeric{name}", written(one, form), (written(other, other_form),)) for name in ORDER} == {
        name: holds_between(wanted, value) for name, holds_between in ORDER.items()
    }


zones = st.integers(-14 * 4, 14 * 4).map(lambda quarters: dt.timezone(dt.timedelta(minutes=15 * quarters)))
moments = st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9000, 1, 1), timezones=zones)  # noqa: DTZ001 - drawn
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def dated(moment: dt.datetime, form: int) -> str:
    if form == 0:
        return moment.isoformat()
    utc = moment.astimezone(dt.UTC)
    if form == 1:
        return utc.isoformat().replace("+00:00", "Z")
    if form == 2:
        return utc.replace(tzinfo=None).isoformat()
    microseconds = (moment - EPOCH) // dt.timedelta(microseconds=1)
    return written((microseconds, -6), 1)


@a_few
@given(moments, st.one_of(moments, zones, st.integers(-2, 2)), st.integers(0, 3), st.integers(0, 3))
def test_dates_are_ordered_by_time(
    one: dt.datetime, drawn: dt.datetime | dt.timezone | int, form: int, other_form: int
) -> None:
    if isinstance(drawn, int):
        other = one + dt.timedelta(microseconds=drawn)
    else:
        other = drawn if isinstance(drawn, dt.datetime) else one.astimezone(drawn)
    assert {name: met(f"Date{name}", dated(one, form), (dated(other, other_form),)) for name in ORDER} == {
        name: holds_between(one, other) for name, holds_between in ORDER.items()
    }


@a_few
@given(st.sampled_from([4, 6]), st.data())
def test_a_network_has_the_addresses_with_its_prefix(family: int, data: st.DataObject) -> None:
    bits = {4: 32, 6: 128}[family]
    address = {4: ipaddress.IPv4Address, 6: ipaddress.IPv6Address}[family]
    prefix = data.draw(st.integers(0, bits))
    network = data.draw(st.integers(0, 2**bits - 1))
    near = st.integers(0, bits - 1).map(lambda bit: network ^ 1 << bit)
    value = data.draw(st.one_of(near, st.integers(0, 2**bits - 1), st.just(network)))
    wanted = f"{address(network)}/{prefix}"
    assert met("IpAddress", wanted, (str(address(value)),)) is (network >> bits - prefix == value >> bits - prefix)
