import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permissions_by_definition import is_like
from policy_strategies import a_few

from pytest_stssaml.iam.policies.wildcards import AnyOf, Pattern

texts = st.text("ab*?", max_size=8)


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("", ["", ], ["a"]),
        ("abc", ["abc"], ["", "ab", "abcd", "xabc", "ABC"]),
        ("*", ["", "a", "a:b/c", "*", "\n"], []),
        ("**", ["", "a"], []),
        ("?", ["a", "?", "\n", "\U0001f600"], ["", "ab"]),
        ("??", ["ab"], ["a", "abc"]),
        ("*?", ["a", "ab"], [""]),
        ("?*?", ["ab", "abc"], ["", "a"]),
        ("a*", ["a", "ab", "a*"], ["", "ba"]),
        ("*a", ["a", "ba"], ["", "ab"]),
        ("a*a", ["aa", "aba"], ["a", "ab", "ba"]),
        ("a?*", ["ab", "abc"], ["a", "b"]),
        ("*ab*ba*", ["abba", "xabxbax"], ["aba", "baab"]),
        ("*a?c*", ["abc", "xaacx", "aabc"], ["ac", "abbc"]),
        ("*a?a*b", ["aaab", "xaxaxb"], ["aab", "ab"]),
        ("*a??b?c*", ["axxbxc", "aaaabbcc"], ["axbxc", "axxbc"]),
        ("[a-c]*", ["[a-c]", "[a-c]x"], ["a", "b"]),
        ("a.c", ["a.c"], ["abc"]),
        ("a\\*", ["a\\", "a\\b"], ["a*"]),
    ],
)  # fmt: skip
def test_a_pattern_matches(pattern: str, matching: list[str], others: list[str]) -> None:
    single, several = Pattern((pattern,)), AnyOf([("no",), (pattern,), ("no*",), ("n?",)])
    assert [value for value in matching + others if single.matches(value)] == matching
    assert [value for value in matching + others if several.matches(value)] == matching


@pytest.mark.parametrize(
    ("fragments", "matching", "others"),
    [
        (("a", "*", "b"), ["a*b"], ["axb", "ab"]),
        (("a*", "?", "*b"), ["a?b", "ax?xb"], ["axb"]),
        (("", "**", ""), ["**"], ["", "xx"]),
        (("*", "a", "?", "b", ""), ["axb", "aaxb"], ["ab", "axbx"]),
        (("home/", "", "/*"), ["home//x"], ["home/x"]),
    ],
)
def test_what_a_variable_stands_for_is_literal(
    fragments: tuple[str, ...], matching: list[str], others: list[str]
) -> None:
    assert [value for value in matching + others if Pattern(fragments).matches(value)] == matching


def test_none_of_no_patterns_matches() -> None:
    assert not AnyOf([]).matches("")


@a_few
@given(texts, st.text("ab", max_size=8))
def test_a_pattern_matches_what_its_definition_says(pattern: str, value: str) -> None:
    assert Pattern((pattern,)).matches(value) is is_like(pattern, value)


def test_short_patterns_match_what_their_definition_says() -> None:
    values = ["".join(letters) for n in range(5) for letters in itertools.product("ab", repeat=n)]
    for letters in itertools.product(["a", "?", "*", ""], repeat=4):
        pattern = "".join(letters)
        matches = Pattern((pattern,)).matches
        assert [v for v in values if matches(v)] == [v for v in values if is_like(pattern, v)], pattern


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        pytest.param("*a" * 1_000 + "b", "a" * 20_000, id="many stars"),
        pytest.param("a*" * 1_000 + "b", "a" * 20_000, id="many stars, no star first"),
        pytest.param("*" + "a" * 3_000 + "b*", "a" * 20_000, id="a long piece"),
        pytest.param("*" + "a?" * 1_500 + "b*", "a" * 20_000, id="a long piece with gaps"),
        pytest.param("*?" * 1_500 + "b", "a" * 20_000, id="stars and gaps"),
        pytest.param("*" * 6_000 + "b", "a" * 20_000, id="only stars"),
        pytest.param("?" * 6_000 + "b", "a" * 20_000, id="only gaps"),
    ],
)
def test_no_pattern_takes_long(pattern: str, value: str) -> None:
    start = time.process_time()
    assert not Pattern((pattern,)).matches(value)
    assert time.process_time() - start < 0.5  # with backtracking it takes hours
