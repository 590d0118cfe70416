import pytest
from policy_decisions import DEVELOPER, met


class TestStringEquals:
    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            pytest.param("alice", True, id="the same"),
            pytest.param("Alice", False, id="another case"),
            pytest.param("alic", False, id="prefix"),
            pytest.param("lice", False, id="suffix"),
            pytest.param("alice ", False, id="more behind"),
            pytest.param("alic?", False, id="no wildcard"),
            pytest.param("*", False, id="no star"),
            pytest.param("", False, id="empty"),
        ],
    )
    def test_whole_values_are_compared(self, wanted: str, expected: bool) -> None:
        assert met("StringEquals", wanted, "alice") is expected

    @pytest.mark.parametrize("operator", ["StringEquals", "StringEqualsIgnoreCase", "StringLike"])
    def test_values_are_not_normalised(self, operator: str) -> None:
        assert not met(operator, "\u00e4", "a\u0308")

    @pytest.mark.parametrize("operator", ["StringEquals", "StringEqualsIgnoreCase", "StringLike"])
    def test_an_empty_value_is_a_value(self, operator: str) -> None:
        assert met(operator, "", "")

    @pytest.mark.parametrize(
        ("wanted", "value", "expected"),
        [
            pytest.param("alice", "ALICE", True, id="capitals in the request"),
            pytest.param("ALICE", "alice", True, id="capitals in the policy"),
            pytest.param("ÄRZTE", "ärzte", True, id="other letters than English"),
            pytest.param("straße", "STRASSE", False, id="sharp s is not two"),
            pytest.param("s", "\u017f", False, id="long s is not s"),
            pytest.param("al*", "ALICE", False, id="no star"),
            pytest.param("alic?", "ALICE", False, id="no wildcard"),
            pytest.param("alice", "ALIC", False, id="prefix"),
        ],
    )
    def test_ignoring_case_compares_lower_case(self, wanted: str, value: str, expected: bool) -> None:
        assert met("StringEqualsIgnoreCase", wanted, value) is expected


class TestStringLike:
    @pytest.mark.parametrize(
        ("pattern", "value"),
        [
            pytest.param("alice", "alice", id="itself"),
            pytest.param("*", "", id="star for nothing"),
            pytest.param("*", "alice", id="star for everything"),
            pytest.param("*@example.com", "alice@example.com", id="star in front"),
            pytest.param("alice@*", "alice@example.com", id="star at the end"),
            pytest.param("a*e", "ae", id="star for nothing in the middle"),
            pytest.param("a*e", "alice", id="star in the middle"),
            pytest.param("a*b*c", "a-b-b-c-c", id="parts that occur again"),
            pytest.param("*ab*ab", "abab", id="last part after the one before it"),
            pytest.param("**", "alice", id="two stars"),
            pytest.param("a?ice", "alice", id="question mark"),
            pytest.param("?????", "alice", id="question marks"),
            pytest.param("*?", "a", id="star and question mark"),
            pytest.param("a?c", "a\nc", id="question mark for a newline"),
            pytest.param("a*c", "a\nb\nc", id="star over newlines"),
            pytest.param("a*", "a\n", id="star for a last newline"),
            pytest.param("a\n", "a\n", id="a last newline"),
            pytest.param("?", "\U0001f600", id="question mark for one character of many bytes"),
            pytest.param("[ab]", "[ab]", id="brackets"),
            pytest.param("[!a]*", "[!a]x", id="negated brackets"),
            pytest.param("a.b", "a.b", id="dot"),
            pytest.param("a+(b|c)$^{1}", "a+(b|c)$^{1}", id="special characters of regular expressions"),
            pytest.param("a\\b", "a\\b", id="backslash"),
            pytest.param("a\\?", "a\\x", id="backslash before a question mark"),
            pytest.param("a\\*", "a\\xyz", id="backslash before a star"),
        ],
    )
    def test_matches_a_value_of_the_pattern(self, pattern: str, value: str) -> None:
        assert met("StringLike", pattern, value)

    @pytest.mark.parametrize(
        ("pattern", "value"),
        [
            pytest.param("", "a", id="empty"),
            pytest.param("alice", "alice2", id="more behind"),
            pytest.param("alice", "2alice", id="more in front"),
            pytest.param("Alice", "alice", id="another case"),
            pytest.param("*@example.com", "alice@example.com.evil.example", id="more behind a star's rest"),
            pytest.param("alice@*", "malice@example.com", id="more before a star"),
            pytest.param("a*b*c", "a-c-b", id="parts in another order"),
            pytest.param("ab*ba", "aba", id="parts that overlap"),
            pytest.param("*ab*ab", "ab", id="one place for two parts"),
            pytest.param("a?ice", "aice", id="question mark for nothing"),
            pytest.param("a?ice", "allice", id="question mark for two"),
            pytest.param("?*?", "a", id="two question marks for one"),
            pytest.param("alice", "alice\n", id="a newline behind"),
            pytest.param("[ab]", "a", id="brackets"),
            pytest.param("a.b", "axb", id="dot"),
            pytest.param("a+", "aa", id="plus"),
            pytest.param("a|b", "a", id="bar"),
            pytest.param("\\*", "*", id="backslash does not escape a star"),
            pytest.param("\\?", "?", id="backslash does not escape a question mark"),
            pytest.param("alice", "*", id="a star in the request"),
            pytest.param("alice", "alic?", id="a question mark in the request"),
        ],
    )
    def test_does_not_match_another_value(self, pattern: str, value: str) -> None:
        assert not met("StringLike", pattern, value)

    @pytest.mark.parametrize(
        ("pattern", "value", "expected"),
        [
            pytest.param("a*" * 900, "a" * 50_000, True, id="matching"),
            pytest.param("a*" * 900 + "b", "a" * 50_000, False, id="but for the last character"),
            pytest.param("*a" * 900 + "b", "a" * 50_000 + "c", False, id="stars in front"),
            pytest.param("*a" * 900 + "*b*", "a" * 50_000, False, id="but for a character in the middle"),
            pytest.param("*a?" * 600 + "b", "a" * 50_000, False, id="with question marks"),
            pytest.param("*" * 1_800, "a" * 50_000, True, id="stars alone"),
            pytest.param("*" * 1_800 + "b", "a" * 50_000, False, id="stars alone before a last character"),
            pytest.param("?*" * 900 + "b", "a" * 50_000, False, id="stars between question marks"),
        ],
    )
    def test_many_stars_take_little_work(self, pattern: str, value: str, expected: bool) -> None:
        assert met("StringLike", pattern, value) is expected


class TestArn:
    @pytest.mark.parametrize(
        ("wanted", "value", "expected"),
        [
            pytest.param(DEVELOPER, DEVELOPER, True, id="itself"),
            pytest.param(DEVELOPER, DEVELOPER + "2", False, id="more behind"),
            pytest.param(DEVELOPER, DEVELOPER.replace("role", "Role"), False, id="another case"),
            pytest.param("arn:aws:iam::*:role/Developer", DEVELOPER, True, id="any account"),
            pytest.param("arn:aws:iam::12345678901?:role/Developer", DEVELOPER, True, id="any last digit"),
            pytest.param("arn:aws:iam:?:123456789012:role/Developer", DEVELOPER, False, id="some region"),
            pytest.param("arn:aws:iam:*:123456789012:role/Developer", DEVELOPER, True, id="any region"),
            pytest.param("arn:*:iam::123456789012:role/Developer", DEVELOPER, True, id="any partition"),
            pytest.param("arn:aws:*::123456789012:role/Developer", DEVELOPER, True, id="any service"),
            pytest.param("*:aws:iam::123456789012:role/Developer", DEVELOPER, True, id="any first part"),
            pytest.param("*:*:*:*:*:*", DEVELOPER, True, id="any"),
            pytest.param("arn:aws:iam::123456789012:*", DEVELOPER, True, id="any resource"),
            pytest.param("arn:aws:iam::123456789012:role/Dev*", DEVELOPER, True, id="resource's beginning"),
            pytest.param("arn:aws:iam::123456789012:role/Dev", DEVELOPER, False, id="resource's prefix"),
            pytest.param("arn:aws:iam::123456789012:*per", DEVELOPER, True, id="resource's end"),
            pytest.param("arn:aws:iam::111122223333:*", DEVELOPER, False, id="another account"),
            pytest.param("arn:aws:*:role/Developer", DEVELOPER, False, id="star over colons"),
            pytest.param("arn:aws:iam*123456789012:role/Developer", DEVELOPER, False, id="star for colons"),
            pytest.param("arn:aws:iam:*:role/Developer", DEVELOPER, False, id="star for two parts"),
            pytest.param("arn:aws:iam::?23456789012:role/*", DEVELOPER, True, id="question mark and star"),
            pytest.param("arn:aws:iam::123456789012:role/Developer:*", DEVELOPER, False, id="a part too many"),
            pytest.param("*", DEVELOPER, False, id="star alone"),
            pytest.param("arn:*", DEVELOPER, False, id="arn and star"),
            pytest.param("arn:aws:s3:*:*:bucket", "arn:aws:s3:::bucket", True, id="stars for empty parts"),
            pytest.param("arn:aws:s3:::*", "arn:aws:s3:::bucket/a/b", True, id="star over slashes"),
            pytest.param("arn:aws:sns:x:1:*", "arn:aws:sns:x:1:topic:sub", True, id="star over the resource's colons"),
            pytest.param("arn:aws:sns:x:1:topic:?ub", "arn:aws:sns:x:1:topic:sub", True, id="part of the resource"),
            pytest.param("arn:aws:sns:x:1:topic", "arn:aws:sns:x:1:topic:sub", False, id="resource's first part"),
            pytest.param("arn:aws:sns:x:*:sub", "arn:aws:sns:x:1:topic:sub", False, id="star over account and colon"),
            pytest.param("arn:aws:sns:?:1:t", "arn:aws:sns:::1:t", False, id="question mark for a colon"),
            pytest.param("arn:aws:iam::1:role/[a-z]", "arn:aws:iam::1:role/x", False, id="brackets"),
            pytest.param("arn:aws:iam::1:role/.", "arn:aws:iam::1:role/x", False, id="dot"),
            pytest.param(DEVELOPER, "arn:aws:iam::123456789012:role/*", False, id="star in the request"),
            pytest.param(DEVELOPER, "*:*:*:*:*:*", False, id="stars in the request"),
            pytest.param("arn:aws:iam::1:role/{", "arn:aws:iam::1:role/{", True, id="opening brace"),
            pytest.param("arn:aws:iam::1:role/}", "arn:aws:iam::1:role/}", True, id="closing brace"),
            pytest.param("arn:aws:iam::1:role/{x}", "arn:aws:iam::1:role/{x}", True, id="braces"),
            pytest.param("arn:aws:iam::${x:role/y", "arn:aws:iam::${x:role/y", True, id="variable that does not end"),
        ],
    )
    def test_six_parts_are_compared_separately(self, wanted: str, value: str, expected: bool) -> None:
        operators = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]
        assert [met(operator, wanted, value) for operator in operators] == [
            expected,
            expected,
            not expected,
            not expected,
        ]

    @pytest.mark.parametrize("part", range(6))
    def test_every_part_is_compared(self, part: int) -> None:
        parts = ["arn", "aws", "sns", "eu-west-1", "123456789012", "topic"]
        other = [*parts[:part], "x", *parts[part + 1 :]]
        assert not met("ArnEquals", ":".join(parts), ":".join(other))

    def test_many_stars_take_little_work(self) -> None:
        wanted, value = ":".join(["*a" * 140 + "b"] * 6), ":".join(["a" * 50_000] * 6)
        assert not met("ArnLike", wanted, value)
