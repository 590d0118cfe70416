import copy
import json
import re
from typing import Any

import pytest

from pytest_stssaml import IAMError
from pytest_stssaml.sts.policy import OPERATORS, allows, parse_trust_policy

ACTION = "sts:AssumeRoleWithSAML"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
OTHER = "arn:aws:iam::123456789012:saml-provider/OtherIdP"


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": ACTION} | elements


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def decide(*statements: Any, **context: str) -> bool:
    """What a policy of these statements says to PROVIDER; `saml_sub="…"` is a value of the key saml:sub."""
    values = {key.replace("_", ":", 1): (value,) for key, value in context.items()}
    return allows(parse_trust_policy(document(*statements)), ACTION, PROVIDER, values)


def like(pattern: str, value: str) -> bool:
    return decide(statement(Condition={"StringLike": {"saml:sub": pattern}}), saml_sub=value)


def equal(wanted: Any, value: str) -> bool:
    return decide(statement(Condition={"StringEquals": {"saml:sub": wanted}}), saml_sub=value)


def refused(policy: Any) -> tuple[str, int, str, str]:
    with pytest.raises(IAMError) as caught:
        parse_trust_policy(policy)
    error = caught.value
    return error.code, error.status, error.message, error.hint


class TestStatements:
    def test_an_allowing_statement_allows(self) -> None:
        assert decide(statement())

    def test_a_denying_statement_alone_denies(self) -> None:
        assert not decide(statement(Effect="Deny"))

    @pytest.mark.parametrize("effects", [("Allow", "Deny"), ("Deny", "Allow")], ids="-".join)
    def test_deny_wins_over_allow_in_either_order(self, effects: tuple[str, str]) -> None:
        assert not decide(*(statement(Effect=effect) for effect in effects))

    def test_a_deny_that_does_not_apply_takes_nothing_away(self) -> None:
        assert decide(statement(), statement(Effect="Deny", Principal={"Federated": OTHER}))

    def test_a_deny_whose_condition_fails_takes_nothing_away(self) -> None:
        deny = statement(Effect="Deny", Condition={"StringEquals": {"saml:sub": "bob"}})
        assert decide(statement(), deny, saml_sub="alice")

    def test_one_of_several_statements_is_enough(self) -> None:
        assert decide(statement(Principal={"Federated": OTHER}), statement())

    def test_statements_do_not_add_up_to_one_that_allows(self) -> None:
        assert not decide(statement(Principal={"Federated": OTHER}), statement(Action="sts:TagSession"))

    def test_a_statement_need_not_stand_in_a_list(self) -> None:
        policy = parse_trust_policy({"Version": "2012-10-17", "Statement": statement()})
        assert allows(policy, ACTION, PROVIDER, {})


class TestPrincipal:
    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": PROVIDER}, id="text"),
            pytest.param({"Federated": [PROVIDER]}, id="list of one"),
            pytest.param({"Federated": [OTHER, PROVIDER]}, id="list of several"),
            pytest.param({"Service": "ec2.amazonaws.com", "Federated": PROVIDER}, id="beside another kind"),
        ],
    )
    def test_one_that_names_the_provider_applies(self, principal: Any) -> None:
        assert decide(statement(Principal=principal))

    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": OTHER}, id="another provider"),
            pytest.param({"Federated": []}, id="nobody"),
            pytest.param({"Federated": "*"}, id="wildcard"),
            pytest.param({"Federated": PROVIDER[:-1] + "*"}, id="wildcard in the name"),
            pytest.param({"Federated": PROVIDER.replace("Example", "example")}, id="another case"),
            pytest.param({"Federated": PROVIDER[:-1]}, id="prefix"),
            pytest.param({"AWS": PROVIDER}, id="AWS"),
            pytest.param({"AWS": "*"}, id="everybody of AWS"),
            pytest.param({"AWS": "arn:aws:iam::123456789012:root"}, id="account root"),
            pytest.param({"Service": "ec2.amazonaws.com"}, id="service"),
        ],
    )
    def test_one_that_does_not_name_the_provider_does_not_apply(self, principal: Any) -> None:
        assert not decide(statement(Principal=principal))


class TestAction:
    @pytest.mark.parametrize(
        "action",
        [
            pytest.param(ACTION, id="text"),
            pytest.param([ACTION], id="list of one"),
            pytest.param(["sts:TagSession", ACTION], id="list of several"),
        ],
    )
    def test_one_that_is_asked_for_applies(self, action: Any) -> None:
        assert decide(statement(Action=action))

    @pytest.mark.parametrize(
        "action",
        [
            "sts:AssumeRole",
            "sts:AssumeRoleWithWebIdentity",
            "sts:SetContext",
            "sts:SetSourceIdentity",
            "sts:TagSession",
        ],
    )
    def test_another_of_a_trust_policys_actions_is_stored_and_does_not_apply(self, action: str) -> None:
        assert not decide(statement(Action=action))


class TestConditions:
    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            pytest.param("alice", True, id="the same"),
            pytest.param("Alice", False, id="another case"),
            pytest.param("alic", False, id="prefix"),
            pytest.param("lice", False, id="suffix"),
            pytest.param("alic?", False, id="no wildcard"),
            pytest.param("*", False, id="no star"),
            pytest.param("", False, id="empty"),
            pytest.param(["bob", "alice"], True, id="one of several"),
            pytest.param(["bob", "carol"], False, id="none of several"),
            pytest.param([], False, id="none at all"),
        ],
    )
    def test_string_equals_compares_whole_values(self, wanted: Any, expected: bool) -> None:
        assert equal(wanted, "alice") is expected

    def test_values_are_not_normalised(self) -> None:
        assert not equal("\u00e4", "a\u0308")

    @pytest.mark.parametrize(
        ("sub", "aud", "expected"),
        [
            ("alice", "https://a.example.com", True),
            ("alice", "https://b.example.com", False),
            ("bob", "https://a.example.com", False),
        ],
        ids=["both hold", "the second fails", "the first fails"],
    )
    def test_several_keys_must_all_hold(self, sub: str, aud: str, expected: bool) -> None:
        block = {"StringEquals": {"saml:sub": "alice", "saml:aud": "https://a.example.com"}}
        assert decide(statement(Condition=block), saml_sub=sub, saml_aud=aud) is expected

    @pytest.mark.parametrize(
        ("sub", "aud", "expected"),
        [
            ("alice", "https://a.example.com", True),
            ("alice", "http://a.example.com", False),
            ("bob", "https://a.example.com", False),
        ],
        ids=["both hold", "the second fails", "the first fails"],
    )
    def test_several_operators_must_all_hold(self, sub: str, aud: str, expected: bool) -> None:
        block = {"StringEquals": {"saml:sub": "alice"}, "StringLike": {"saml:aud": "https:*"}}
        assert decide(statement(Condition=block), saml_sub=sub, saml_aud=aud) is expected

    @pytest.mark.parametrize("key", ["saml:sub", "SAML:sub", "SAML:SUB", "sAmL:sUb"])
    def test_names_of_keys_ignore_case(self, key: str) -> None:
        assert decide(statement(Condition={"StringEquals": {key: "alice"}}), saml_sub="alice")

    @pytest.mark.parametrize("operator", OPERATORS)
    def test_a_key_that_the_request_lacks_matches_nothing(self, operator: str) -> None:
        assert not decide(statement(Condition={operator: {"saml:other": ["*", ""]}}), saml_sub="alice")

    def test_a_key_without_a_value_matches_nothing(self) -> None:
        policy = parse_trust_policy(document(statement(Condition={"StringLike": {"saml:sub": "*"}})))
        assert not allows(policy, ACTION, PROVIDER, {"saml:sub": ()})

    def test_one_of_several_values_of_a_request_is_enough(self) -> None:
        policy = parse_trust_policy(document(statement(Condition={"StringEquals": {"saml:sub": "alice"}})))
        assert allows(policy, ACTION, PROVIDER, {"saml:sub": ("bob", "alice")})

    def test_an_empty_block_holds(self) -> None:
        assert decide(statement(Condition={}))

    def test_an_operator_without_keys_holds(self) -> None:
        assert decide(statement(Condition={"StringEquals": {}}))


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
            pytest.param("?", "\U0001f600", id="question mark for one character of many octets"),
            pytest.param("[ab]", "[ab]", id="brackets"),
            pytest.param("[!a]*", "[!a]x", id="negated brackets"),
            pytest.param("a.b", "a.b", id="dot"),
            pytest.param("a+(b|c)$^{1}", "a+(b|c)$^{1}", id="signs of regular expressions"),
            pytest.param("a\\b", "a\\b", id="backslash"),
            pytest.param("a\\?", "a\\x", id="backslash before a question mark"),
            pytest.param("a\\*", "a\\xyz", id="backslash before a star"),
        ],
    )
    def test_a_value_that_fits_matches(self, pattern: str, value: str) -> None:
        assert like(pattern, value)

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
            pytest.param("alice", "alice\n", id="a newline behind"),
            pytest.param("[ab]", "a", id="brackets"),
            pytest.param("a.b", "axb", id="dot"),
            pytest.param("a+", "aa", id="plus"),
            pytest.param("a|b", "a", id="bar"),
            pytest.param("\\*", "*", id="backslash does not escape a star"),
            pytest.param("\\?", "?", id="backslash does not escape a question mark"),
        ],
    )
    def test_a_value_that_does_not_fit_does_not_match(self, pattern: str, value: str) -> None:
        assert not like(pattern, value)

    @pytest.mark.parametrize(
        ("pattern", "value", "expected"),
        [
            pytest.param("a*" * 200, "a" * 20_000, True, id="matching"),
            pytest.param("a*" * 200 + "b", "a" * 20_000, False, id="but for the last character"),
            pytest.param("*a" * 200 + "b", "a" * 20_000 + "c", False, id="stars in front"),
            pytest.param("*a?" * 200 + "b", "a" * 20_000, False, id="with question marks"),
            pytest.param("*" * 200, "a" * 20_000, True, id="stars alone"),
            pytest.param("*" * 200 + "b", "a" * 20_000, False, id="stars alone before a last character"),
        ],
    )
    def test_many_stars_come_to_an_end(self, pattern: str, value: str, expected: bool) -> None:
        assert like(pattern, value) is expected


class TestDocument:
    def test_json_text_is_read_as_the_dict_that_it_is(self) -> None:
        policy = document(statement(Condition={"StringEquals": {"saml:sub": ["alice", "bob"]}}))
        assert parse_trust_policy(json.dumps(policy)) == parse_trust_policy(policy)

    def test_it_is_kept_as_it_was_given(self) -> None:
        policy = document(statement(Sid="Login", Condition={"StringEquals": {"SAML:aud": "https://a.example.com"}}))
        assert parse_trust_policy(policy).document == policy

    def test_the_callers_dict_is_neither_changed_nor_kept(self) -> None:
        policy = document(statement(Condition={"StringEquals": {"saml:sub": ["alice"]}}))
        before = copy.deepcopy(policy)
        kept = parse_trust_policy(policy)
        policy["Statement"][0]["Condition"]["StringEquals"]["saml:sub"].append("bob")
        policy["Statement"].clear()
        assert kept == parse_trust_policy(before)

    def test_what_json_has_no_word_for_is_a_type_error(self) -> None:
        with pytest.raises(
            TypeError, match=r"^trust_policy holds what JSON cannot: Object of type set is not JSON serializable$"
        ):
            parse_trust_policy(document(statement(Action={ACTION})))

    def test_a_dict_inside_itself_is_a_type_error(self) -> None:
        policy = document(statement())
        policy["Statement"].append(policy)
        with pytest.raises(TypeError, match=r"^trust_policy holds what JSON cannot: Circular reference detected$"):
            parse_trust_policy(policy)


NO_STATEMENT = "Syntax errors in policy.", "a trust policy needs a Statement"
PROHIBITED_RESOURCE = "Has prohibited field Resource", "the resource of a trust policy is its role"
CONDITION_FORM = (
    "Syntax errors in policy.",
    'a Condition is {operator: {key: values}}, as {"StringEquals": {"SAML:aud": "…"}}',
)


class TestMalformedDocument:
    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            pytest.param(
                "",
                (
                    "This policy contains invalid Json",
                    "the trust policy is not JSON: Expecting value: line 1 column 1 (char 0)",
                ),
                id="empty text",
            ),
            pytest.param(
                '{"Statement": x}',
                (
                    "This policy contains invalid Json",
                    "the trust policy is not JSON: Expecting value: line 1 column 15 (char 14)",
                ),
                id="no JSON",
            ),
            pytest.param(
                "[]", ("Syntax errors in policy.", "a trust policy is a JSON object, not []"), id="another JSON"
            ),
            pytest.param(5, ("Syntax errors in policy.", "a trust policy is a JSON object, not 5"), id="a number"),
            pytest.param({}, NO_STATEMENT, id="nothing in it"),
            pytest.param({"Statement": []}, NO_STATEMENT, id="no statement"),
            pytest.param(
                {"Statement": None},
                ("Syntax errors in policy.", "a Statement is a JSON object, not None"),
                id="a null statement",
            ),
            pytest.param(
                {"Statement": [statement(), "Allow"]},
                ("Syntax errors in policy.", "a Statement is a JSON object, not 'Allow'"),
                id="a statement that is a text",
            ),
        ],
    )
    def test_iam_does_not_take_it(self, policy: Any, expected: tuple[str, str]) -> None:
        assert refused(policy) == ("MalformedPolicyDocument", 400, *expected)

    @pytest.mark.parametrize(
        ("elements", "expected"),
        [
            pytest.param(
                {"Effect": "allow"},
                ("Syntax errors in policy.", "Effect is Allow or Deny, not 'allow'"),
                id="effect in small letters",
            ),
            pytest.param(
                {"Effect": None}, ("Syntax errors in policy.", "Effect is Allow or Deny, not None"), id="no effect"
            ),
            pytest.param(
                {"Effect": ["Allow"]},
                ("Syntax errors in policy.", "Effect is Allow or Deny, not ['Allow']"),
                id="a list of effects",
            ),
            pytest.param({"Resource": "*"}, PROHIBITED_RESOURCE, id="a resource"),
            pytest.param(
                {"Principal": "alice"},
                ("Invalid principal in policy: 'alice'", 'write {"Federated": provider.arn}'),
                id="a principal that is a text",
            ),
            pytest.param(
                {"Principal": None},
                ("Invalid principal in policy: None", 'write {"Federated": provider.arn}'),
                id="no principal",
            ),
            pytest.param(
                {"Principal": {"Federated": 5}},
                ("Syntax errors in policy.", "Principal: a text or a list of texts, not 5"),
                id="a principal that is a number",
            ),
            pytest.param(
                {"Principal": {"Federated": [PROVIDER, None]}},
                ("Syntax errors in policy.", f"Principal: a text or a list of texts, not {[PROVIDER, None]}"),
                id="null among principals",
            ),
            pytest.param(
                {"Action": {"sts": "AssumeRoleWithSAML"}},
                ("Syntax errors in policy.", "Action: a text or a list of texts, not {'sts': 'AssumeRoleWithSAML'}"),
                id="an action that is an object",
            ),
            pytest.param(
                {"Action": None},
                ("Syntax errors in policy.", "Action: a text or a list of texts, not None"),
                id="a null action",
            ),
            pytest.param({"Condition": "saml:aud"}, CONDITION_FORM, id="a condition that is a text"),
            pytest.param({"Condition": []}, CONDITION_FORM, id="a condition that is a list"),
            pytest.param({"Condition": None}, CONDITION_FORM, id="a null condition"),
            pytest.param({"Condition": {"StringEquals": "saml:aud"}}, CONDITION_FORM, id="keys that are a text"),
            pytest.param(
                {"Condition": {"StringEquals": {"saml:sub": 5}}},
                ("Syntax errors in policy.", "the values of saml:sub: a text or a list of texts, not 5"),
                id="a value that is a number",
            ),
            pytest.param(
                {"Condition": {"StringEquals": {"saml:sub": ["alice", True]}}},
                ("Syntax errors in policy.", "the values of saml:sub: a text or a list of texts, not ['alice', True]"),
                id="true among the values",
            ),
        ],
    )
    def test_iam_does_not_take_a_statement(self, elements: dict[str, Any], expected: tuple[str, str]) -> None:
        assert refused(document(statement(**elements))) == ("MalformedPolicyDocument", 400, *expected)

    @pytest.mark.parametrize(
        "action",
        ["sts:*", "*", "sts:AssumeRole*", "sts:assumerolewithsaml", "sts:GetCallerIdentity", "s3:GetObject", ""],
    )
    def test_an_action_is_one_of_the_trust_actions_written_out(self, action: str) -> None:
        assert refused(document(statement(Action=[ACTION, action]))) == (
            "MalformedPolicyDocument",
            400,
            "AssumeRole policy may only specify STS AssumeRole actions.",
            f"got {[ACTION, action]}; actions of a trust policy are written out, each letter as in AWS's own list",
        )

    def test_a_statement_needs_an_action(self) -> None:
        assert refused(document(statement(Action=[]))) == (
            "MalformedPolicyDocument",
            400,
            "AssumeRole policy may only specify STS AssumeRole actions.",
            "got []; actions of a trust policy are written out, each letter as in AWS's own list",
        )

    def test_a_statement_without_an_action_has_none_that_a_trust_policy_may_have(self) -> None:
        without = statement()
        del without["Action"]
        assert refused(document(without))[2] == "AssumeRole policy may only specify STS AssumeRole actions."

    def test_a_not_principal_is_no_principal(self) -> None:
        negated = statement(NotPrincipal={"Federated": OTHER})
        del negated["Principal"]
        assert refused(document(negated))[2] == "Invalid principal in policy: None"

    @pytest.mark.parametrize("principal", [{}, {"federated": PROVIDER}], ids=["empty", "small letters"])
    def test_a_principal_of_no_kind_is_none(self, principal: Any) -> None:
        assert refused(document(statement(Principal=principal)))[2] == f"Invalid principal in policy: {principal!r}"

    def test_a_statement_has_no_element_that_nobody_reads(self) -> None:
        assert refused(document(statement(condition={"StringEquals": {"saml:sub": "alice"}})))[2:] == (
            "Syntax errors in policy.",
            "a Statement of a trust policy has no element condition",
        )

    @pytest.mark.parametrize("principal", ["*", {"AWS": "*"}], ids=str)
    def test_everybody_may_be_a_principal_and_is_no_saml_provider(self, principal: Any) -> None:
        assert not decide(statement(Principal=principal))

    def test_a_text_nested_too_deep_is_no_json(self) -> None:
        assert refused("[" * 100_000)[2] == "This policy contains invalid Json"

    def test_a_second_statement_is_read_like_the_first(self) -> None:
        assert refused(document(statement(), statement(Resource="*")))[2:] == PROHIBITED_RESOURCE

    @pytest.mark.parametrize("operator", ["StringEqualz", "stringequals", "StringEquals "])
    def test_an_operator_that_nobody_would_evaluate_is_a_value_error(self, operator: str) -> None:
        text = f"{operator} is no condition operator of pytest-stssaml; it knows {', '.join(OPERATORS)}"
        with pytest.raises(ValueError, match=rf"^{re.escape(text)}$"):
            parse_trust_policy(document(statement(Condition={operator: {"saml:sub": "alice"}})))
