import pytest
from policy_decisions import DEVELOPER, NOON, filled, holds, met


class TestVariables:
    @pytest.mark.parametrize(
        ("operator", "wanted", "value", "expected"),
        [
            ("StringEquals", "${saml:aud}", "alice", True),
            ("StringEquals", "${saml:aud}", "bob", False),
            ("StringEquals", "x-${saml:aud}-y", "x-alice-y", True),
            ("StringEquals", "${saml:aud}${saml:aud}", "alicealice", True),
            ("StringEquals", "${saml:aud}/${saml:iss}", "alice/idp", True),
            ("StringEquals", "$${saml:aud}", "$alice", True),
            ("StringEquals", "${saml:aud ${saml:iss}", "${saml:aud idp", True),
            ("StringEquals", "{${saml:aud}}", "{alice}", True),
            ("StringEquals", "${saml:aud}", "${saml:aud}", False),
            ("StringNotEquals", "${saml:aud}", "alice", False),
            ("StringNotEquals", "${saml:aud}", "bob", True),
            ("StringEqualsIgnoreCase", "X${saml:aud}", "xALICE", True),
            ("StringNotEqualsIgnoreCase", "X${saml:aud}", "xALICE", False),
            ("StringLike", "${saml:aud}/*", "alice/x", True),
            ("StringLike", "${saml:aud}/*", "alice", False),
            ("StringLike", "*/${saml:aud}", "x/alice", True),
            ("StringLike", "*/${saml:aud}", "alice/x", False),
            ("StringLike", "*${saml:aud}/y", "x/alice/y", True),
            ("StringLike", "*/${saml:aud}?y*/${saml:iss}", "x/alice/yz/idp", True),
            ("StringNotLike", "${saml:aud}/*", "alice/x", False),
            ("ArnEquals", "arn:aws:iam::1:role/${saml:aud}", "arn:aws:iam::1:role/alice", True),
            ("ArnEquals", "arn:aws:iam::1:role/${saml:aud}", "arn:aws:iam::1:role/bob", False),
            ("ArnNotEquals", "arn:aws:iam::1:role/${saml:aud}", "arn:aws:iam::1:role/alice", False),
            ("ArnLike", "arn:aws:iam::${saml:aud}:role/*", "arn:aws:iam::alice:role/x", True),
            ("ArnNotLike", "arn:aws:iam::${saml:aud}:role/*", "arn:aws:iam::alice:role/x", False),
            ("ArnLike", "arn:aws:iam::*:${saml:iss}/${saml:aud}/*", "arn:aws:iam::1:idp/alice/x", True),
            ("ArnLike", "arn:aws:iam::*:${saml:iss}/${saml:aud}/*", "arn:aws:iam::1:idp/bob/x", False),
        ],
    )
    def test_are_replaced_in_strings_and_arns(self, operator: str, wanted: str, value: str, expected: bool) -> None:
        assert filled(operator, wanted, value, saml_aud="alice", saml_iss="idp") is expected

    @pytest.mark.parametrize(
        ("operator", "value"),
        [
            ("NumericEquals", "10"),
            ("NumericLessThanEquals", "10"),
            ("DateEquals", NOON),
            ("DateGreaterThanEquals", NOON),
            ("Bool", "true"),
            ("BinaryEquals", "QQ=="),
            ("IpAddress", "10.0.0.1"),
        ],
    )
    def test_are_not_replaced_in_other_types(self, operator: str, value: str) -> None:
        assert not filled(operator, "${saml:aud}", value, saml_aud=value)

    @pytest.mark.parametrize(
        ("operator", "value"), [("NumericNotEquals", "10"), ("DateNotEquals", NOON), ("NotIpAddress", "10.0.0.1")]
    )
    def test_that_are_not_replaced_are_unequal(self, operator: str, value: str) -> None:
        assert filled(operator, "${saml:aud}", value, saml_aud=value)

    @pytest.mark.parametrize("name", ["saml:aud", "SAML:aud", "Saml:AUD"])
    def test_names_ignore_case(self, name: str) -> None:
        assert filled("StringEquals", f"${{{name}}}", "alice", saml_aud="alice")

    @pytest.mark.parametrize("tag", ["Team", "Straße"])
    def test_names_of_tags_ignore_case(self, tag: str) -> None:
        block = {"StringEquals": {"saml:sub": f"${{aws:RequestTag/{tag}}}"}}
        assert holds(block, {f"aws:requesttag/{tag.lower()}": ("Blue",), "saml:sub": ("Blue",)})

    @pytest.mark.parametrize(("value", "expected"), [(DEVELOPER, True), (DEVELOPER.lower(), False)])
    def test_may_be_a_whole_arn(self, value: str, expected: bool) -> None:
        assert filled("ArnEquals", "${saml:aud}", value, saml_aud=DEVELOPER) is expected

    def test_keep_the_case_of_their_values(self) -> None:
        assert not filled("StringEquals", "${saml:aud}", "Alice", saml_aud="alice")

    def test_may_compare_a_key_with_itself(self) -> None:
        assert filled("StringEquals", "${saml:sub}", "alice")

    @pytest.mark.parametrize(
        ("wanted", "value", "expected"),
        [
            ("${*}", "*", True),
            ("${*}", "alice", False),
            ("${?}", "?", True),
            ("${?}", "a", False),
            ("${$}", "$", True),
            ("a${*}b${?}c${$}", "a*b?c$", True),
            ("${*}*", "*alice", True),
            ("${*}*", "alice", False),
            ("?${?}", "a?", True),
            ("?${?}", "ab", False),
        ],
    )
    def test_may_stand_for_special_characters(self, wanted: str, value: str, expected: bool) -> None:
        assert met("StringLike", wanted, value) is expected

    @pytest.mark.parametrize("operator", ["StringEquals", "StringEqualsIgnoreCase", "StringLike"])
    @pytest.mark.parametrize("sign", ["*", "?", "$"])
    def test_may_stand_for_special_characters_with_every_operator(self, operator: str, sign: str) -> None:
        assert [met(operator, f"${{{sign}}}", value) for value in [sign, "a", f"${{{sign}}}"]] == [True, False, False]

    @pytest.mark.parametrize(("value", "expected"), [("arn:aws:iam::1:role/*", True), ("arn:aws:iam::1:role/x", False)])
    def test_may_stand_for_a_star_in_an_arn(self, value: str, expected: bool) -> None:
        assert met("ArnLike", "arn:aws:iam::1:role/${*}", value) is expected

    @pytest.mark.parametrize(
        ("wanted", "value", "expected"),
        [
            pytest.param("${saml:aud, 'nobody'}", "nobody", True, id="default"),
            pytest.param("${saml:aud, 'nobody'}", "somebody", False, id="another value"),
            pytest.param("x-${saml:aud, 'nobody'}-y", "x-nobody-y", True, id="in the middle"),
            pytest.param("${saml:aud, 'no body, at all'}", "no body, at all", True, id="spaces and commas"),
            pytest.param("${saml:aud, ''}", "", True, id="empty"),
        ],
    )
    def test_without_a_value_have_their_default(self, wanted: str, value: str, expected: bool) -> None:
        assert [met("StringEquals", wanted, value), met("StringNotEquals", wanted, value)] == [expected, not expected]

    @pytest.mark.parametrize(("value", "expected"), [("alice", True), ("nobody", False)])
    def test_with_a_value_do_not_have_their_default(self, value: str, expected: bool) -> None:
        assert filled("StringEquals", "${saml:aud, 'nobody'}", value, saml_aud="alice") is expected

    def test_with_an_empty_value_do_not_have_their_default(self) -> None:
        assert filled("StringEquals", "${saml:aud, 'nobody'}", "", saml_aud="")

    @pytest.mark.parametrize("value", ["nobody", "alice"])
    def test_with_several_values_do_not_have_their_default(self, value: str) -> None:
        assert not filled("StringEquals", "${saml:aud, 'nobody'}", value, saml_aud=("alice", "x"))

    def test_of_a_key_without_a_value_have_their_default(self) -> None:
        assert filled("StringEquals", "${saml:aud, 'nobody'}", "nobody", saml_aud=())

    def test_with_a_default_ignore_the_case_of_their_names(self) -> None:
        assert filled("StringEquals", "${SAML:Aud, 'nobody'}", "alice", saml_aud="alice")

    @pytest.mark.parametrize(("value", "expected"), [("*", True), ("alice", False)])
    def test_have_no_wildcard_in_their_default(self, value: str, expected: bool) -> None:
        assert met("StringLike", "${saml:aud, '*'}", value) is expected

    @pytest.mark.parametrize(
        ("operator", "expected"),
        [
            ("StringEquals", False),
            ("StringNotEquals", True),
            ("StringEqualsIgnoreCase", False),
            ("StringNotEqualsIgnoreCase", True),
            ("StringLike", False),
            ("StringNotLike", True),
            ("ForAllValues:StringEquals", False),
            ("ForAllValues:StringNotEquals", True),
            ("ForAnyValue:StringLike", False),
            ("ForAnyValue:StringNotLike", True),
            ("StringEqualsIfExists", False),
            ("StringNotEqualsIfExists", True),
        ],
    )
    @pytest.mark.parametrize("others", [{}, {"saml_aud": ()}, {"saml_aud": ("alice", "x")}], ids=["none", "[]", "two"])
    def test_without_a_single_value_match_nothing(
        self, others: dict[str, tuple[str, ...]], operator: str, expected: bool
    ) -> None:
        values = ["", "alice", "${saml:aud}", "x"]
        found = {value: filled(operator, "${saml:aud}", value, **others) for value in values}
        assert found == dict.fromkeys(values, expected)

    @pytest.mark.parametrize(
        ("operator", "expected"),
        [("ArnEquals", False), ("ArnNotEquals", True), ("ArnLike", False), ("ArnNotLike", True)],
    )
    def test_without_a_value_in_an_arn_match_nothing(self, operator: str, expected: bool) -> None:
        assert met(operator, "arn:aws:iam::*:role/*${saml:aud}", DEVELOPER) is expected

    def test_without_a_value_beside_a_star_match_nothing(self) -> None:
        assert not met("StringLike", "*${saml:aud}*", "alice")

    @pytest.mark.parametrize(
        ("operator", "value", "expected"),
        [
            ("StringEquals", "alice", True),
            ("StringEquals", "bob", False),
            ("StringNotEquals", "alice", False),
            ("StringNotEquals", "bob", True),
        ],
    )
    def test_without_a_value_leave_the_other_values_of_the_policy(
        self, operator: str, value: str, expected: bool
    ) -> None:
        assert met(operator, ["${saml:aud}", "alice"], value) is expected

    def test_without_a_value_do_not_matter_if_the_key_may_be_missing(self) -> None:
        assert met("StringEqualsIfExists", "${saml:aud}")

    @pytest.mark.parametrize(
        "text",
        [
            "${saml:aud",
            "${",
            "$",
            "$$",
            "$saml:aud",
            "{saml:aud}",
            "saml:aud}",
            "$ {saml:aud}",
            "$(saml:aud)",
            "%{saml:aud}",
            "a}${saml:aud",
        ],
    )
    @pytest.mark.parametrize("operator", ["StringEquals", "StringLike"])
    def test_written_otherwise_are_literal(self, operator: str, text: str) -> None:
        assert [filled(operator, text, value, saml_aud="alice") for value in (text, "alice")] == [True, False]

    @pytest.mark.parametrize("version", [None, "2008-10-17"])
    @pytest.mark.parametrize(
        ("operator", "wanted", "value", "expected"),
        [
            ("StringEquals", "${saml:aud}", "${saml:aud}", True),
            ("StringEquals", "${saml:aud}", "alice", False),
            ("StringNotEquals", "${saml:aud}", "${saml:aud}", False),
            ("StringEquals", "${saml:iss, 'nobody'}", "nobody", False),
            ("StringLike", "${saml:aud}*", "${saml:aud}/x", True),
            ("StringLike", "${*}", "${anything}", True),
            ("StringLike", "${*}", "*", False),
            ("StringLike", "${?}", "${x}", True),
            ("StringEquals", "${$}", "${$}", True),
            ("ArnLike", "arn:aws:iam::1:role/${saml:aud}", "arn:aws:iam::1:role/${saml:aud}", True),
            ("ArnLike", "arn:aws:iam::1:role/${saml:aud}", "arn:aws:iam::1:role/alice", False),
            ("ArnLike", "arn:aws:iam::${saml:aud}:role/x", "arn:aws:iam::${saml:aud}:role/x", True),
        ],
    )
    def test_are_literal_in_an_older_version(
        self, version: str | None, operator: str, wanted: str, value: str, expected: bool
    ) -> None:
        context = {"saml:aud": ("alice",), "saml:sub": (value,)}
        assert holds({operator: {"saml:sub": wanted}}, context, version=version) is expected


class TestAttacksThroughVariables:
    """The user of an identity provider chooses the values of variables."""

    @pytest.mark.parametrize("operator", ["StringLike", "StringEquals", "StringEqualsIgnoreCase"])
    @pytest.mark.parametrize("injected", ["*", "?????", "a*", "${*}", "${saml:sub}", "alice,alice", ".*", "[a-z]*"])
    def test_the_value_of_a_variable_is_not_a_pattern(self, injected: str, operator: str) -> None:
        assert [filled(operator, "${saml:aud}", value, saml_aud=injected) for value in ("alice", injected)] == [
            False,
            True,
        ]

    @pytest.mark.parametrize("injected", ["*", "?????????", "Dev*"])
    def test_the_value_of_a_variable_in_an_arn_is_not_a_pattern(self, injected: str) -> None:
        assert not filled("ArnLike", "arn:aws:iam::123456789012:role/${saml:aud}", DEVELOPER, saml_aud=injected)

    def test_a_star_beside_a_variable_is_a_wildcard(self) -> None:
        assert [
            filled("StringLike", "${saml:aud}*", value, saml_aud="a*") for value in ("a*", "a*lice", "alice", "a")
        ] == [True, True, False, False]

    def test_a_variable_in_a_value_is_literal(self) -> None:
        context = {"saml_aud": "${saml:iss}", "saml_iss": "secret"}
        assert [filled("StringEquals", "${saml:aud}", value, **context) for value in ("${saml:iss}", "secret")] == [
            True,
            False,
        ]

    def test_a_variable_with_a_default_in_a_value_is_literal(self) -> None:
        assert not filled("StringEquals", "${saml:aud}", "admin", saml_aud="${saml:none, 'admin'}")

    def test_an_escaped_dollar_does_not_start_a_variable(self) -> None:
        wanted = "${$}{saml:aud}"
        assert [filled("StringEquals", wanted, value, saml_aud="alice") for value in ("${saml:aud}", "alice")] == [
            True,
            False,
        ]

    def test_a_dollar_in_a_value_does_not_start_a_variable(self) -> None:
        wanted = "${saml:iss}{saml:aud}"
        assert not filled("StringEquals", wanted, "alice", saml_aud="alice", saml_iss="$")

    def test_a_variable_in_the_request_is_literal(self) -> None:
        assert not filled("StringEquals", "alice", "${saml:aud}", saml_aud="alice")

    def test_a_backslash_in_a_value_is_not_an_escape(self) -> None:
        assert filled("StringLike", "${saml:aud}*", "\\g<0>\\1x", saml_aud="\\g<0>\\1")

    @pytest.mark.parametrize(
        "injected", ["*:*:*:*:*:*", "arn:aws:iam::*:role/*", "arn:aws:iam::123456789012:role/?eveloper", "*"]
    )
    def test_the_value_of_a_whole_arn_is_not_a_pattern(self, injected: str) -> None:
        assert not filled("ArnLike", "${saml:aud}", DEVELOPER, saml_aud=injected)
