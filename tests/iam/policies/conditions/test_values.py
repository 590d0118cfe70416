from typing import Any

import pytest
from policy_decisions import NEGATED, NOON, SAMPLES, met

from pytest_stssaml.iam.policies.conditions import OPERATORS

# By a part of the operator's name: strings that are not values of the operator's type.
UNREADABLE = {
    "Numeric": [
        "",
        "abc",
        "ten",
        " 10",
        "10 ",
        "10\n",
        "1_0",
        "1,000",
        "0x10",
        "\u0661\u0660",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        ".5",
        "5.",
        "1e",
        "e1",
        "--1",
        "1-1",
        "1.0.0",
        "true",
        NOON,
        "*",
    ],
    "Date": [
        "",
        "soon",
        "now",
        "2030-13-01",
        "2030-02-30T00:00:00Z",
        "2030-01-01T25:00:00Z",
        "2030-01-01T12:60:00Z",
        "2030-01-01T12:00:00Z\n",
        " 2030-01-01",
        "2030-01-01T",
        "2030-13",
        "2030-1-1",
        "2030-W01-1",
        "2030-01-01T24:00:00Z",
        "20300101T120000Z",
        "2030-01-01T12:00:00+0100",
        "2030-01-01 12:00:00Z",
        "2030-01-01x12:00:00Z",
        "2030-01-01*12:00:00Z",
        "2030-01-01T12:00:00+25:00",
        "01/01/2030",
        "12:00:00Z",
        "Tue, 01 Jan 2030 12:00:00 GMT",
        "\u0661\u0660",
        "NaN",
        "Infinity",
        "true",
        "*",
    ],
    "Bool": ["", "fal\u017fe", "yes", "no", "1", "0", "on", "tru", "true ", "*"],
    "BinaryEquals": ["Q", "QQ", "QQ=", "!!!!", "ä", "*"],
    "IpAddress": [
        "",
        "x",
        "localhost",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.-1",
        "010.0.0.1",
        "10.0.0.1 ",
        "10.0.0.1\n",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "10.0.0.0/8/8",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/0.255.255.255",
        "10.0.0.*",
        "167772161",
        "::1/129",
        "1:::2",
        "[::1]",
        "*",
    ],
    "Arn": ["", "*", "arn", "arn:*", "arn:aws:iam::123456789012", "arn:aws:iam:*:role/Developer", "role/Developer"],
}


class TestUnreadableValues:
    def test_every_type_but_strings_has_unreadable_values(self) -> None:
        assert {o for o in OPERATORS if not any(kind in o for kind in UNREADABLE)} == {
            o for o in OPERATORS if o.startswith("String")
        }

    @pytest.mark.parametrize(
        ("operator", "unreadable"),
        [
            pytest.param(operator, strings, id=operator)
            for kind, strings in UNREADABLE.items()
            for operator in SAMPLES
            if kind in operator
        ],
    )
    def test_match_nothing(self, operator: str, unreadable: list[str]) -> None:
        wanted, match, miss = SAMPLES[operator]
        equal = miss if operator in NEGATED else match
        pairs = {
            (string, place): pair
            for string in unreadable
            for place, pair in {
                "policy": (string, equal),
                "request": (wanted, string),
                "both": (string, string),
            }.items()
        }
        found = {where: met(operator, *pair) for where, pair in pairs.items()}
        assert found == dict.fromkeys(pairs, operator in NEGATED)

    @pytest.mark.parametrize(
        ("operator", "text", "value", "expected"),
        [
            ("NumericEquals", "abc", "10", True),
            ("NumericNotEquals", "abc", "10", False),
            ("NumericNotEquals", "abc", "11", True),
            ("IpAddress", "abc", "10", False),
        ],
    )
    def test_leave_the_other_values_of_the_policy(self, operator: str, text: str, value: str, expected: bool) -> None:
        assert met(operator, [text, "10"], value) is expected

    def test_leave_the_other_values_of_the_request(self) -> None:
        assert met("NumericEquals", "10", "abc", "10")

    @pytest.mark.parametrize(("operator", "expected"), [("NumericEquals", False), ("NumericNotEquals", True)])
    def test_do_not_count_as_a_missing_key(self, operator: str, expected: bool) -> None:
        assert met(f"{operator}IfExists", "10", "abc") is expected


class TestBool:
    @pytest.mark.parametrize(
        ("wanted", "value", "expected"),
        [
            ("true", "true", True),
            ("false", "false", True),
            ("true", "false", False),
            ("false", "true", False),
            ("TRUE", "true", True),
            ("False", "FALSE", True),
            (True, "true", True),
            (True, "false", False),
            (False, "false", True),
            (False, "true", False),
        ],
    )
    def test_compares_true_and_false(self, wanted: Any, value: str, expected: bool) -> None:
        assert met("Bool", wanted, value) is expected


class TestBinary:
    @pytest.mark.parametrize(
        ("wanted", "value", "expected"),
        [
            pytest.param("QWxpY2U=", "QWxpY2U=", True, id="the same"),
            pytest.param("QWxpY2U=", "QWxpY2V=", True, id="the same bytes"),
            pytest.param("QWxpY2U=", "qWxpY2U=", False, id="another case"),
            pytest.param("QWxpY2U=", "QWxpY2Vz", False, id="more behind"),
            pytest.param("QWxpY2U=", "Alice", False, id="not encoded"),
            pytest.param("/+8=", "/+8=", True, id="not UTF-8"),
        ],
    )
    def test_compares_bytes(self, wanted: str, value: str, expected: bool) -> None:
        assert met("BinaryEquals", wanted, value) is expected


class TestIpAddress:
    @pytest.mark.parametrize(
        ("wanted", "value", "expected"),
        [
            pytest.param("10.0.0.1", "10.0.0.1", True, id="one host"),
            pytest.param("10.0.0.1", "10.0.0.2", False, id="another host"),
            pytest.param("10.0.0.0", "10.0.0.1", False, id="no prefix is no network"),
            pytest.param("10.0.0.1/32", "10.0.0.1", True, id="32"),
            pytest.param("10.0.0.1/32", "10.0.0.0", False, id="not in 32"),
            pytest.param("10.0.0.0/31", "10.0.0.1", True, id="31"),
            pytest.param("10.0.0.0/31", "10.0.0.2", False, id="above 31"),
            pytest.param("203.0.113.0/24", "203.0.113.0", True, id="first"),
            pytest.param("203.0.113.0/24", "203.0.113.255", True, id="last"),
            pytest.param("203.0.113.0/24", "203.0.112.255", False, id="below"),
            pytest.param("203.0.113.0/24", "203.0.114.0", False, id="above"),
            pytest.param("203.0.113.77/24", "203.0.113.1", True, id="host bits"),
            pytest.param("0.0.0.0/0", "255.255.255.255", True, id="everything"),
            pytest.param("0.0.0.0/0", "0.0.0.1", True, id="everything from below"),
            pytest.param("203.0.113.77/0", "10.0.0.1", True, id="everything with host bits"),
            pytest.param("2001:DB8:0:0::1", "2001:db8::1", True, id="one address of six"),
            pytest.param("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", True, id="last of six"),
            pytest.param("2001:db8::/32", "2001:db9::", False, id="above of six"),
            pytest.param("2001:db8::7/32", "2001:db8:1::", True, id="host bits of six"),
            pytest.param("::/0", "2001:db8::1", True, id="everything of six"),
            pytest.param("::/0", "10.0.0.1", False, id="four in everything of six"),
            pytest.param("0.0.0.0/0", "2001:db8::1", False, id="six in everything of four"),
            pytest.param("0.0.0.0/0", "::1", False, id="small six in everything of four"),
            pytest.param("10.0.0.1", "::ffff:10.0.0.1", False, id="four written as six"),
            pytest.param("::ffff:10.0.0.1", "10.0.0.1", False, id="six for four"),
            pytest.param("10.0.0.0/8", "10.0.0.0/24", False, id="a network in the request"),
            pytest.param(["192.0.2.0/24", "2001:db8::/32"], "192.0.2.1", True, id="one of both kinds"),
            pytest.param(["192.0.2.0/24", "2001:db8::/32"], "2001:db8::1", True, id="the other of both kinds"),
        ],
    )
    def test_is_in_a_network(self, wanted: Any, value: str, expected: bool) -> None:
        assert [met("IpAddress", wanted, value), met("NotIpAddress", wanted, value)] == [expected, not expected]


class TestJSONValues:
    @pytest.mark.parametrize(
        ("operator", "wanted", "value", "expected"),
        [
            ("StringEquals", 5, "5", True),
            ("StringEquals", 5, "6", False),
            ("StringEquals", -1.5, "-1.5", True),
            ("StringEquals", 12345678901234567890, "12345678901234567890", True),
            ("StringEquals", True, "true", True),
            ("StringEquals", True, "True", False),
            ("StringEquals", False, "false", True),
            ("StringEquals", 0, "false", False),
            ("StringEquals", 1, "true", False),
            ("StringNotEquals", 5, "5", False),
            ("StringLike", 5, "5", True),
            ("StringEquals", ["alice", 5, True], "alice", True),
            ("StringEquals", ["alice", 5, True], "5", True),
            ("StringEquals", ["alice", 5, True], "true", True),
            ("StringEquals", ["alice", 5, True], "1", False),
            ("NumericEquals", 5, "5.0", True),
            ("NumericEquals", 5.5, "5.50", True),
            ("NumericLessThan", 10, "9", True),
            ("NumericLessThan", 10, "10", False),
            ("NumericEquals", True, "1", False),
            ("NumericEquals", 1e30, "1000000000000000000000000000000", True),
            ("DateLessThan", 1893499200, "2030-01-01T11:59:59Z", True),
            ("DateLessThan", 1893499200, NOON, False),
            ("IpAddress", 167772161, "10.0.0.1", False),
        ],
    )
    def test_numbers_and_booleans_are_compared_as_strings(
        self, operator: str, wanted: Any, value: str, expected: bool
    ) -> None:
        assert met(operator, wanted, value) is expected
