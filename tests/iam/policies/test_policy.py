import json
import os
import time
from collections.abc import Iterator, Mapping
from decimal import Context, localcontext
from typing import Any

import pytest

from pytest_stssaml.iam.policies.conditions import OPERATORS
from pytest_stssaml.iam.policies.evaluation import Policy, Principal
from pytest_stssaml.iam.policies.evaluation import decide as verdict
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy

ACTION = "sts:AssumeRoleWithSAML"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
PRINCIPAL = Principal("Federated", PROVIDER, frozenset({PROVIDER}))
OTHER = "arn:aws:iam::123456789012:saml-provider/OtherIdP"


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": ACTION} | elements


def document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def decide(*statements: Any, **context: str) -> bool:
    """What a policy of these statements says to PROVIDER; `saml_sub="…"` is a value of the key saml:sub."""
    values = {key.replace("_", ":", 1): (value,) for key, value in context.items()}
    return verdict(parse_trust_policy(document(*statements)), ACTION, PRINCIPAL, values).allowed


def holds(
    block: Mapping[str, Any], context: Mapping[str, tuple[str, ...]], *, version: str | None = "2012-10-17"
) -> bool:
    """Whether a statement with this Condition block applies to a request with this context."""
    policy = {"Statement": statement(Condition=block)} | ({"Version": version} if version else {})
    return verdict(parse_trust_policy(policy), ACTION, PRINCIPAL, context).allowed


def met(operator: str, wanted: Any, *values: str) -> bool:
    """Whether a key with these values meets a condition; with none of them, the request lacks the key."""
    return holds({operator: {"saml:sub": wanted}}, {"saml:sub": values} if values else {})


def filled(operator: str, wanted: Any, value: str, **context: str | tuple[str, ...]) -> bool:
    """Whether `value` meets a condition whose variables are filled from the context, `saml_aud` from saml:aud."""
    others = {key.replace("_", ":", 1): (v,) if isinstance(v, str) else v for key, v in context.items()}
    return holds({operator: {"saml:sub": wanted}}, others | {"saml:sub": (value,)})


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

    def test_a_deny_of_another_action_takes_nothing_away(self) -> None:
        assert decide(statement(), statement(Effect="Deny", Action="sts:TagSession"))

    def test_a_deny_whose_condition_fails_takes_nothing_away(self) -> None:
        deny = statement(Effect="Deny", Condition={"StringEquals": {"saml:sub": "bob"}})
        assert decide(statement(), deny, saml_sub="alice")

    def test_a_deny_whose_condition_holds_denies(self) -> None:
        deny = statement(Effect="Deny", Condition={"StringEquals": {"saml:sub": "alice"}})
        assert not decide(statement(), deny, saml_sub="alice")

    def test_an_allow_whose_condition_fails_gives_nothing(self) -> None:
        assert not decide(statement(Condition={"StringEquals": {"saml:sub": "bob"}}), saml_sub="alice")

    def test_one_of_several_statements_is_enough(self) -> None:
        assert decide(statement(Principal={"Federated": OTHER}), statement())

    def test_statements_do_not_add_up_to_one_that_allows(self) -> None:
        assert not decide(statement(Principal={"Federated": OTHER}), statement(Action="sts:TagSession"))

    def test_a_statement_need_not_stand_in_a_list(self) -> None:
        policy = parse_trust_policy({"Version": "2012-10-17", "Statement": statement()})
        assert verdict(policy, ACTION, PRINCIPAL, {}).allowed

    @pytest.mark.parametrize("version", [None, "2008-10-17", "2012-10-17"])
    @pytest.mark.parametrize(("sub", "expected"), [("alice", True), ("bob", False)])
    def test_every_version_is_evaluated(self, version: str | None, sub: str, expected: bool) -> None:
        assert holds({"StringEquals": {"saml:sub": "alice"}}, {"saml:sub": (sub,)}, version=version) is expected


def changes(effect: str, principal: Any) -> bool:
    """Whether a statement with this effect and principal changes what PROVIDER may do."""
    others = [statement()] if effect == "Deny" else []
    return decide(*others, statement(Effect=effect, Principal=principal)) is (effect == "Allow")


class TestPrincipal:
    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": PROVIDER}, id="text"),
            pytest.param({"Federated": [PROVIDER]}, id="list of one"),
            pytest.param({"Federated": [OTHER, PROVIDER]}, id="list of several"),
            pytest.param({"Service": "ec2.amazonaws.com", "Federated": PROVIDER}, id="beside another kind"),
            pytest.param({"AWS": "*", "Federated": PROVIDER}, id="beside everybody"),
        ],
    )
    @pytest.mark.parametrize("effect", ["Allow", "Deny"])
    def test_one_that_names_the_provider_applies(self, principal: Any, effect: str) -> None:
        assert changes(effect, principal)

    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": OTHER}, id="another provider"),
            pytest.param({"Federated": PROVIDER.replace("Example", "example")}, id="another case"),
            pytest.param({"Federated": PROVIDER[:-1]}, id="prefix"),
            pytest.param({"Federated": PROVIDER.replace("123456789012", "111122223333")}, id="another account"),
            pytest.param({"AWS": "arn:aws:iam::123456789012:root"}, id="account root"),
            pytest.param({"AWS": "123456789012"}, id="account"),
            pytest.param({"Service": "ec2.amazonaws.com"}, id="service"),
        ],
    )
    @pytest.mark.parametrize("effect", ["Allow", "Deny"])
    def test_one_that_does_not_name_the_provider_does_not_apply(self, principal: Any, effect: str) -> None:
        assert not changes(effect, principal)

    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"AWS": "*"}, id="text"),
            pytest.param({"AWS": ["arn:aws:iam::123456789012:root", "*"]}, id="in a list"),
            pytest.param({"AWS": "*", "Federated": OTHER}, id="beside another provider"),
        ],
    )
    def test_everybody_keeps_a_saml_caller_out_and_lets_none_in(self, principal: Any) -> None:
        assert [changes("Deny", principal), changes("Allow", principal)] == [True, False]

    def test_a_deny_of_everybody_still_has_its_condition(self) -> None:
        deny = statement(Effect="Deny", Principal={"AWS": "*"}, Condition={"StringNotEquals": {"saml:sub": "alice"}})
        assert decide(statement(), deny, saml_sub="alice")

    def test_a_deny_of_everybody_still_has_its_action(self) -> None:
        assert decide(statement(), statement(Effect="Deny", Principal={"AWS": "*"}, Action="sts:TagSession"))


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
    def test_another_of_a_trust_policys_actions_does_not_apply(self, action: str) -> None:
        assert not decide(statement(Action=action))

    @pytest.mark.parametrize(("action", "expected"), [("sts:TagSession", True), (ACTION, False)])
    def test_the_action_is_what_was_asked_for(self, action: str, expected: bool) -> None:
        policy = parse_trust_policy(document(statement(Action="sts:TagSession")))
        assert verdict(policy, action, PRINCIPAL, {}).allowed is expected


DEVELOPER = "arn:aws:iam::123456789012:role/Developer"
NOON = "2030-01-01T12:00:00Z"

# What a policy wants, a value that matches, and one that just does not.
SAMPLES: dict[str, tuple[str, str, str]] = {
    "StringEquals": ("alice", "alice", "Alice"),
    "StringNotEquals": ("alice", "Alice", "alice"),
    "StringEqualsIgnoreCase": ("alice", "ALICE", "ALICE "),
    "StringNotEqualsIgnoreCase": ("alice", "ALICE ", "ALICE"),
    "StringLike": ("a?ic*", "alice", "Alice"),
    "StringNotLike": ("a?ic*", "Alice", "alice"),
    "NumericEquals": ("10", "10.0", "10.1"),
    "NumericNotEquals": ("10", "10.1", "10.0"),
    "NumericLessThan": ("10", "9", "10"),
    "NumericLessThanEquals": ("9", "9", "10"),
    "NumericGreaterThan": ("9", "10", "9"),
    "NumericGreaterThanEquals": ("10", "10", "9"),
    "DateEquals": (NOON, "2030-01-01T14:00:00+02:00", "2030-01-01T12:00:00+02:00"),
    "DateNotEquals": (NOON, "2030-01-01T12:00:00+02:00", "2030-01-01T14:00:00+02:00"),
    "DateLessThan": (NOON, "2030-01-01T13:59:59+02:00", "2030-01-01T10:00:00-02:00"),
    "DateLessThanEquals": (NOON, "2030-01-01T14:00:00+02:00", "2030-01-01T10:00:01-02:00"),
    "DateGreaterThan": (NOON, "2030-01-01T10:00:01-02:00", "2030-01-01T14:00:00+02:00"),
    "DateGreaterThanEquals": (NOON, "2030-01-01T10:00:00-02:00", "2030-01-01T13:59:59+02:00"),
    "Bool": ("true", "True", "false"),
    "BinaryEquals": ("QQ==", "QR==", "Qg=="),  # A, A with other bits left over, B
    "IpAddress": ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
    "NotIpAddress": ("10.0.0.0/8", "11.0.0.0", "10.255.255.255"),
    "ArnEquals": ("arn:aws:iam::*:role/D?v*", DEVELOPER, DEVELOPER.replace("iam:", "iam:x:")),
    "ArnNotEquals": ("arn:aws:iam::*:role/D?v*", DEVELOPER.replace("iam:", "iam:x:"), DEVELOPER),
    "ArnLike": ("arn:aws:iam::*:role/D?v*", DEVELOPER, DEVELOPER.lower()),
    "ArnNotLike": ("arn:aws:iam::*:role/D?v*", DEVELOPER.lower(), DEVELOPER),
}
NEGATED = {operator for operator in SAMPLES if "Not" in operator}

# What a positive operator in this form says, and a negated one: of a value that matches beside one that does not, and
# of a key that the request lacks.
FORMS: dict[str, tuple[tuple[bool, bool], tuple[bool, bool]]] = {
    "{}": ((True, False), (False, True)),
    "{}IfExists": ((True, True), (False, True)),
    "ForAllValues:{}": ((False, True), (False, True)),
    "ForAllValues:{}IfExists": ((False, True), (False, True)),
    "ForAnyValue:{}": ((True, False), (True, False)),
    "ForAnyValue:{}IfExists": ((True, False), (True, False)),
}
in_every_form = pytest.mark.parametrize("form", FORMS)
every_operator = pytest.mark.parametrize("operator", SAMPLES)


class TestOperators:
    def test_there_is_a_sample_of_each(self) -> None:
        assert set(SAMPLES) == set(OPERATORS)

    @every_operator
    @in_every_form
    def test_what_each_says_in_each_form(self, operator: str, form: str) -> None:
        wanted, match, miss = SAMPLES[operator]
        mixed, absent = FORMS[form][operator in NEGATED]
        requests = {
            "match": (match,),
            "matches": (match, match),
            "miss": (miss,),
            "misses": (miss, miss),
            "match, miss": (match, miss),
            "miss, match": (miss, match),
            "absent": (),
        }
        assert {name: met(form.format(operator), wanted, *values) for name, values in requests.items()} == {
            "match": True,
            "matches": True,
            "miss": False,
            "misses": False,
            "match, miss": mixed,
            "miss, match": mixed,
            "absent": absent,
        }

    @every_operator
    @in_every_form
    def test_a_key_without_a_value_is_a_key_that_the_request_lacks(self, operator: str, form: str) -> None:
        block = {form.format(operator): {"saml:sub": SAMPLES[operator][0]}}
        assert holds(block, {"saml:sub": ()}) is FORMS[form][operator in NEGATED][1]

    @pytest.mark.parametrize(
        ("form", "positive", "negated"),
        [
            ("{}", (False, False), (True, True)),
            ("{}IfExists", (False, True), (False, True)),
            ("ForAllValues:{}", (False, True), (False, True)),
            ("ForAllValues:{}IfExists", (False, True), (False, True)),
            ("ForAnyValue:{}", (False, False), (False, False)),
            ("ForAnyValue:{}IfExists", (False, False), (False, False)),
        ],
    )
    @every_operator
    def test_one_that_wants_nothing(
        self, operator: str, form: str, positive: tuple[bool, bool], negated: tuple[bool, bool]
    ) -> None:
        _, match, miss = SAMPLES[operator]
        present, absent = negated if operator in NEGATED else positive
        assert [met(form.format(operator), [], *values) for values in [(match,), (miss,), (match, miss), ()]] == [
            present,
            present,
            present,
            absent,
        ]


NAMES = ("team", "cost")


class TestSeveral:
    @pytest.mark.parametrize(
        ("sub", "aud", "expected"),
        [
            ("alice", "https://a.example.com", True),
            ("alice", "https://b.example.com", False),
            ("bob", "https://a.example.com", False),
        ],
        ids=["both hold", "the second fails", "the first fails"],
    )
    def test_keys_must_all_hold(self, sub: str, aud: str, expected: bool) -> None:
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
    def test_operators_must_all_hold(self, sub: str, aud: str, expected: bool) -> None:
        block = {"StringEquals": {"saml:sub": "alice"}, "StringLike": {"saml:aud": "https:*"}}
        assert decide(statement(Condition=block), saml_sub=sub, saml_aud=aud) is expected

    @pytest.mark.parametrize(("sub", "expected"), [("alice", True), ("alina", False), ("bob", False)])
    def test_operators_on_one_key_must_all_hold(self, sub: str, expected: bool) -> None:
        block = {"StringLike": {"saml:sub": "al*"}, "StringNotLike": {"saml:sub": "*a"}}
        assert decide(statement(Condition=block), saml_sub=sub) is expected

    @pytest.mark.parametrize(("sub", "expected"), [("alice", True), ("bob", True), ("carol", False)])
    def test_one_of_the_wanted_values_is_enough(self, sub: str, expected: bool) -> None:
        assert met("StringEquals", ["alice", "bob"], sub) is expected

    @pytest.mark.parametrize(("sub", "expected"), [("alice", False), ("bob", False), ("carol", True)])
    def test_a_negated_operator_wants_none_of_its_values(self, sub: str, expected: bool) -> None:
        assert met("StringNotEquals", ["alice", "bob"], sub) is expected

    @pytest.mark.parametrize(
        ("operator", "values", "expected"),
        [
            pytest.param("StringEquals", ("cost", "x"), True, id="plain, one of them"),
            pytest.param("StringEquals", ("x", "y"), False, id="plain, none of them"),
            pytest.param("StringNotEquals", ("x", "y"), True, id="not, none of them"),
            pytest.param("StringNotEquals", ("x", "cost"), False, id="not, one of them"),
            pytest.param("ForAllValues:StringEquals", ("team",), True, id="all, one of them"),
            pytest.param("ForAllValues:StringEquals", ("cost", "team"), True, id="all, both"),
            pytest.param("ForAllValues:StringEquals", ("cost", "team", "x"), False, id="all, both and another"),
            pytest.param("ForAllValues:StringNotEquals", ("x", "y"), True, id="all not, none of them"),
            pytest.param("ForAllValues:StringNotEquals", ("x", "cost"), False, id="all not, one of them"),
            pytest.param("ForAnyValue:StringEquals", ("x", "cost"), True, id="any, one of them"),
            pytest.param("ForAnyValue:StringEquals", ("x", "y"), False, id="any, none of them"),
            pytest.param("ForAnyValue:StringNotEquals", ("x", "cost"), True, id="any not, one of them"),
            pytest.param("ForAnyValue:StringNotEquals", ("cost", "team"), False, id="any not, both"),
        ],
    )
    def test_a_list_against_a_list(self, operator: str, values: tuple[str, ...], expected: bool) -> None:
        assert met(operator, list(NAMES), *values) is expected

    @pytest.mark.parametrize("block", [{}, {"StringEquals": {}}], ids=["no operator", "no key"])
    def test_no_condition_holds(self, block: dict[str, Any]) -> None:
        assert holds(block, {})

    def test_one_that_fails_is_not_forgotten_for_an_operator_without_keys(self) -> None:
        assert not holds({"StringEquals": {"saml:sub": "alice"}, "StringLike": {}}, {"saml:sub": ("bob",)})


class TestKeys:
    @pytest.mark.parametrize("key", ["saml:sub", "SAML:sub", "SAML:SUB", "sAmL:sUb"])
    @pytest.mark.parametrize("operator", ["StringEquals", "ForAnyValue:StringEquals"])
    def test_names_ignore_case(self, operator: str, key: str) -> None:
        assert holds({operator: {key: "alice"}}, {"saml:sub": ("alice",)})

    @pytest.mark.parametrize(("sub", "expected"), [("alice", True), ("alina", False), ("bob", False)])
    def test_one_written_in_two_ways_must_hold_in_both(self, sub: str, expected: bool) -> None:
        block = {"StringLike": {"saml:sub": "al*", "SAML:sub": "*e"}}
        assert holds(block, {"saml:sub": (sub,)}) is expected

    @pytest.mark.parametrize("key", ["SAML:SUB", "saml:sub"])
    def test_names_ignore_case_for_null(self, key: str) -> None:
        assert holds({"Null": {key: "false"}}, {"saml:sub": ("alice",)})

    @pytest.mark.parametrize("key", ["aws:RequestTag/Team", "aws:requesttag/team", "AWS:REQUESTTAG/TEAM"])
    def test_names_of_tags_ignore_case(self, key: str) -> None:
        assert holds({"StringEquals": {key: "Blue"}}, {"aws:requesttag/team": ("Blue",)})

    def test_another_tag_is_another_key(self) -> None:
        assert not holds({"StringEquals": {"aws:RequestTag/Cost": "Blue"}}, {"aws:requesttag/team": ("Blue",)})

    def test_values_keep_their_case(self) -> None:
        block = {"ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]}}
        assert not holds(block, {"aws:tagkeys": ("team",)})


class TestNull:
    @pytest.mark.parametrize("wanted", ["true", "True", "TRUE", True, ["true"], [True]], ids=json.dumps)
    def test_true_wants_the_key_to_be_absent(self, wanted: Any) -> None:
        assert [met("Null", wanted), met("Null", wanted, "alice")] == [True, False]

    @pytest.mark.parametrize("wanted", ["false", "False", "FALSE", False, ["false"], [False]], ids=json.dumps)
    def test_false_wants_the_key_to_be_present(self, wanted: Any) -> None:
        assert [met("Null", wanted), met("Null", wanted, "alice")] == [False, True]

    @pytest.mark.parametrize(("wanted", "expected"), [("true", True), ("false", False)])
    def test_a_key_without_a_value_is_absent(self, wanted: str, expected: bool) -> None:
        assert holds({"Null": {"saml:sub": wanted}}, {"saml:sub": ()}) is expected

    @pytest.mark.parametrize(("wanted", "expected"), [("true", False), ("false", True)])
    @pytest.mark.parametrize("values", [("",), ("true",), ("alice", "bob")], ids=["empty", "true", "two"])
    def test_whatever_value_there_is_is_one(self, values: tuple[str, ...], wanted: str, expected: bool) -> None:
        assert met("Null", wanted, *values) is expected

    @pytest.mark.parametrize("values", [(), ("alice",), ("alice", "bob")], ids=["absent", "one", "two"])
    def test_either_of_both_always_holds(self, values: tuple[str, ...]) -> None:
        assert met("Null", ["true", "false"], *values)

    @pytest.mark.parametrize(("prefix", "expected"), [("ForAllValues:", True), ("ForAnyValue:", False)])
    @pytest.mark.parametrize("wanted", ["true", "false"])
    @pytest.mark.parametrize("values", [(), ("alice",), ("alice", "bob")], ids=["absent", "one", "two"])
    def test_a_set_prefix_decides_by_itself(
        self, values: tuple[str, ...], wanted: str, prefix: str, expected: bool
    ) -> None:
        assert met(f"{prefix}Null", wanted, *values) is expected

    def test_it_guards_a_set_operator_that_a_missing_key_would_pass(self) -> None:
        block = {"ForAllValues:StringEquals": {"aws:TagKeys": "team"}, "Null": {"aws:TagKeys": "false"}}
        assert [holds(block, {}), holds(block, {"aws:tagkeys": ("team",)})] == [False, True]


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
    def test_ignoring_case_is_writing_in_small_letters(self, wanted: str, value: str, expected: bool) -> None:
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
    def test_a_value_that_does_not_fit_does_not_match(self, pattern: str, value: str) -> None:
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
    def test_many_stars_come_to_an_end(self, pattern: str, value: str, expected: bool) -> None:
        assert met("StringLike", pattern, value) is expected


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
    def test_texts_and_arns_are_filled_in(self, operator: str, wanted: str, value: str, expected: bool) -> None:
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
    def test_nothing_else_is_filled_in(self, operator: str, value: str) -> None:
        assert not filled(operator, "${saml:aud}", value, saml_aud=value)

    @pytest.mark.parametrize(
        ("operator", "value"), [("NumericNotEquals", "10"), ("DateNotEquals", NOON), ("NotIpAddress", "10.0.0.1")]
    )
    def test_what_is_not_filled_in_is_unequal(self, operator: str, value: str) -> None:
        assert filled(operator, "${saml:aud}", value, saml_aud=value)

    @pytest.mark.parametrize("name", ["saml:aud", "SAML:aud", "Saml:AUD"])
    def test_names_ignore_case(self, name: str) -> None:
        assert filled("StringEquals", f"${{{name}}}", "alice", saml_aud="alice")

    @pytest.mark.parametrize("tag", ["Team", "Straße"])
    def test_names_of_tags_ignore_case(self, tag: str) -> None:
        block = {"StringEquals": {"saml:sub": f"${{aws:RequestTag/{tag}}}"}}
        assert holds(block, {f"aws:requesttag/{tag.lower()}": ("Blue",), "saml:sub": ("Blue",)})

    @pytest.mark.parametrize(("value", "expected"), [(DEVELOPER, True), (DEVELOPER.lower(), False)])
    def test_a_variable_may_be_a_whole_arn(self, value: str, expected: bool) -> None:
        assert filled("ArnEquals", "${saml:aud}", value, saml_aud=DEVELOPER) is expected

    def test_a_value_keeps_its_case(self) -> None:
        assert not filled("StringEquals", "${saml:aud}", "Alice", saml_aud="alice")

    def test_a_key_may_be_compared_with_itself(self) -> None:
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
    def test_the_three_signs_are_themselves(self, wanted: str, value: str, expected: bool) -> None:
        assert met("StringLike", wanted, value) is expected

    @pytest.mark.parametrize("operator", ["StringEquals", "StringEqualsIgnoreCase", "StringLike"])
    @pytest.mark.parametrize("sign", ["*", "?", "$"])
    def test_each_operator_knows_the_three_signs(self, operator: str, sign: str) -> None:
        assert [met(operator, f"${{{sign}}}", value) for value in [sign, "a", f"${{{sign}}}"]] == [True, False, False]

    @pytest.mark.parametrize(("value", "expected"), [("arn:aws:iam::1:role/*", True), ("arn:aws:iam::1:role/x", False)])
    def test_the_star_of_an_arn_may_be_itself(self, value: str, expected: bool) -> None:
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
    def test_one_without_a_value_has_its_default(self, wanted: str, value: str, expected: bool) -> None:
        assert [met("StringEquals", wanted, value), met("StringNotEquals", wanted, value)] == [expected, not expected]

    @pytest.mark.parametrize(("value", "expected"), [("alice", True), ("nobody", False)])
    def test_a_default_is_for_want_of_a_value(self, value: str, expected: bool) -> None:
        assert filled("StringEquals", "${saml:aud, 'nobody'}", value, saml_aud="alice") is expected

    def test_an_empty_value_is_a_value(self) -> None:
        assert filled("StringEquals", "${saml:aud, 'nobody'}", "", saml_aud="")

    @pytest.mark.parametrize("value", ["nobody", "alice"])
    def test_a_default_is_not_for_several_values(self, value: str) -> None:
        assert not filled("StringEquals", "${saml:aud, 'nobody'}", value, saml_aud=("alice", "x"))

    def test_a_default_is_for_a_key_without_a_value(self) -> None:
        assert filled("StringEquals", "${saml:aud, 'nobody'}", "nobody", saml_aud=())

    def test_the_name_before_a_default_ignores_case(self) -> None:
        assert filled("StringEquals", "${SAML:Aud, 'nobody'}", "alice", saml_aud="alice")

    @pytest.mark.parametrize(("value", "expected"), [("*", True), ("alice", False)])
    def test_a_star_in_a_default_is_itself(self, value: str, expected: bool) -> None:
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
    @pytest.mark.parametrize("value", ["", "alice", "${saml:aud}", "x"])
    @pytest.mark.parametrize("others", [{}, {"saml_aud": ()}, {"saml_aud": ("alice", "x")}], ids=["none", "[]", "two"])
    def test_one_without_a_single_value_is_like_nothing(
        self, others: dict[str, tuple[str, ...]], value: str, operator: str, expected: bool
    ) -> None:
        assert filled(operator, "${saml:aud}", value, **others) is expected

    @pytest.mark.parametrize(
        ("operator", "expected"),
        [("ArnEquals", False), ("ArnNotEquals", True), ("ArnLike", False), ("ArnNotLike", True)],
    )
    def test_an_arn_without_a_value_in_it_is_like_nothing(self, operator: str, expected: bool) -> None:
        assert met(operator, "arn:aws:iam::*:role/*${saml:aud}", DEVELOPER) is expected

    def test_a_star_beside_one_without_a_value_does_not_help(self) -> None:
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
    def test_the_other_wanted_values_stay(self, operator: str, value: str, expected: bool) -> None:
        assert met(operator, ["${saml:aud}", "alice"], value) is expected

    def test_one_without_a_value_does_not_spoil_a_key_that_may_be_absent(self) -> None:
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
    def test_what_is_no_variable_is_text(self, operator: str, text: str) -> None:
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
    def test_an_older_version_has_none(
        self, version: str | None, operator: str, wanted: str, value: str, expected: bool
    ) -> None:
        context = {"saml:aud": ("alice",), "saml:sub": (value,)}
        assert holds({operator: {"saml:sub": wanted}}, context, version=version) is expected


class TestAttacksThroughVariables:
    """The identity provider's user chooses what fills a variable."""

    @pytest.mark.parametrize("operator", ["StringLike", "StringEquals", "StringEqualsIgnoreCase"])
    @pytest.mark.parametrize("injected", ["*", "?????", "a*", "${*}", "${saml:sub}", "alice,alice", ".*", "[a-z]*"])
    def test_what_fills_a_variable_is_no_pattern(self, injected: str, operator: str) -> None:
        assert [filled(operator, "${saml:aud}", value, saml_aud=injected) for value in ("alice", injected)] == [
            False,
            True,
        ]

    @pytest.mark.parametrize("injected", ["*", "?????????", "Dev*"])
    def test_what_fills_a_variable_of_an_arn_is_no_pattern(self, injected: str) -> None:
        assert not filled("ArnLike", "arn:aws:iam::123456789012:role/${saml:aud}", DEVELOPER, saml_aud=injected)

    def test_a_star_beside_the_variable_stays_one(self) -> None:
        assert [
            filled("StringLike", "${saml:aud}*", value, saml_aud="a*") for value in ("a*", "a*lice", "alice", "a")
        ] == [True, True, False, False]

    def test_a_variable_in_a_value_is_not_filled_in(self) -> None:
        context = {"saml_aud": "${saml:iss}", "saml_iss": "secret"}
        assert [filled("StringEquals", "${saml:aud}", value, **context) for value in ("${saml:iss}", "secret")] == [
            True,
            False,
        ]

    def test_a_variable_in_a_default_of_a_value_is_not_filled_in(self) -> None:
        assert not filled("StringEquals", "${saml:aud}", "admin", saml_aud="${saml:none, 'admin'}")

    def test_a_dollar_that_was_written_out_starts_no_variable(self) -> None:
        wanted = "${$}{saml:aud}"
        assert [filled("StringEquals", wanted, value, saml_aud="alice") for value in ("${saml:aud}", "alice")] == [
            True,
            False,
        ]

    def test_a_dollar_that_fills_a_variable_starts_none(self) -> None:
        wanted = "${saml:iss}{saml:aud}"
        assert not filled("StringEquals", wanted, "alice", saml_aud="alice", saml_iss="$")

    def test_a_variable_in_the_request_is_text(self) -> None:
        assert not filled("StringEquals", "alice", "${saml:aud}", saml_aud="alice")

    def test_a_backslash_in_a_value_is_no_escape(self) -> None:
        assert filled("StringLike", "${saml:aud}*", "\\g<0>\\1x", saml_aud="\\g<0>\\1")

    @pytest.mark.parametrize(
        "injected", ["*:*:*:*:*:*", "arn:aws:iam::*:role/*", "arn:aws:iam::123456789012:role/?eveloper", "*"]
    )
    def test_what_fills_a_whole_arn_is_no_pattern(self, injected: str) -> None:
        assert not filled("ArnLike", "${saml:aud}", DEVELOPER, saml_aud=injected)


# What is no value of an operator's kind, by the beginning or end of the operator's name.
NO_VALUES = {
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


class TestNoValues:
    def test_each_kind_of_operator_but_texts_has_some(self) -> None:
        assert {o for o in OPERATORS if not any(kind in o for kind in NO_VALUES)} == {
            o for o in OPERATORS if o.startswith("String")
        }

    @pytest.mark.parametrize(
        ("operator", "text"),
        [
            (operator, text)
            for kind, texts in NO_VALUES.items()
            for operator in SAMPLES
            if kind in operator
            for text in texts
        ],
    )
    def test_what_its_operator_cannot_read_never_matches(self, operator: str, text: str) -> None:
        wanted, match, miss = SAMPLES[operator]
        good = miss if operator in NEGATED else match  # what is like `wanted`
        pairs = {"policy": (text, good), "request": (wanted, text), "both": (text, text)}
        assert {place: met(operator, *pair) for place, pair in pairs.items()} == dict.fromkeys(
            pairs, operator in NEGATED
        )

    @pytest.mark.parametrize(
        ("operator", "text", "value", "expected"),
        [
            ("NumericEquals", "abc", "10", True),
            ("NumericNotEquals", "abc", "10", False),
            ("NumericNotEquals", "abc", "11", True),
            ("IpAddress", "abc", "10", False),
        ],
    )
    def test_the_other_wanted_values_stay(self, operator: str, text: str, value: str, expected: bool) -> None:
        assert met(operator, [text, "10"], value) is expected

    def test_the_other_values_of_the_request_stay(self) -> None:
        assert met("NumericEquals", "10", "abc", "10")

    @pytest.mark.parametrize(("operator", "expected"), [("NumericEquals", False), ("NumericNotEquals", True)])
    def test_one_that_never_matches_is_no_missing_key(self, operator: str, expected: bool) -> None:
        assert met(f"{operator}IfExists", "10", "abc") is expected


class TestNumbers:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("10", "10"),
            ("10", "10.00"),
            ("10", "+10"),
            ("10", "010"),
            ("10", "1e1"),
            ("10", "1e+1"),
            ("10", "100e-1"),
            ("-10", "-1.0e1"),
            ("0", "-0"),
            ("0.1", "0.10"),
            ("9" * 1_500, "9" * 1_500),
        ],
        ids=lambda text: text[:8],
    )
    def test_equal_ones(self, one: str, other: str) -> None:
        operators = [operator for operator in SAMPLES if operator.startswith("Numeric")]
        assert {
            (operator, met(operator, *pair)) for operator in operators for pair in [(one, other), (other, one)]
        } == {
            ("NumericEquals", True),
            ("NumericNotEquals", False),
            ("NumericLessThan", False),
            ("NumericLessThanEquals", True),
            ("NumericGreaterThan", False),
            ("NumericGreaterThanEquals", True),
        }

    @pytest.mark.parametrize(
        ("less", "greater"),
        [
            ("9", "10"),
            ("-10", "-9"),
            ("-1", "1"),
            ("0.9", "0.10e1"),
            ("1e-1", "1e1"),
            ("9007199254740992", "9007199254740993"),
            ("0.3", "0.30000000000000000000000000000000000000000001"),
            ("9" * 1_499 + "8", "9" * 1_500),
        ],
        ids=lambda text: text[:8],
    )
    def test_ordered_ones(self, less: str, greater: str) -> None:
        operators = [operator for operator in SAMPLES if operator.startswith("Numeric")]
        assert {operator: (met(operator, less, greater), met(operator, greater, less)) for operator in operators} == {
            "NumericEquals": (False, False),
            "NumericNotEquals": (True, True),
            "NumericLessThan": (False, True),
            "NumericLessThanEquals": (False, True),
            "NumericGreaterThan": (True, False),
            "NumericGreaterThanEquals": (True, False),
        }

    @pytest.mark.parametrize(
        "text", ["1e999999999", "-1e999999999", "1e-999999999", "1e" + "9" * 100, "1e-" + "9" * 100]
    )
    def test_a_great_exponent_comes_to_an_end(self, text: str) -> None:
        assert [met("NumericEquals", text, "1"), met("NumericEquals", "1", text)] == [False, False]

    def test_a_request_may_have_a_number_of_more_digits_than_a_policy(self) -> None:
        assert [met("NumericGreaterThan", "9", "9" * 5_000), met("NumericLessThan", "9", "9" * 5_000)] == [True, False]


class TestDates:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (NOON, NOON),
            (NOON, "2030-01-01T12:00:00+00:00"),
            (NOON, "2030-01-01T07:00:00-05:00"),
            (NOON, "2030-01-02T01:45:00+13:45"),
            (NOON, "2030-01-01T12:00:00"),
            (NOON, "2030-01-01T12:00Z"),
            (NOON, "2030-01-01T12:00:00.000Z"),
            (NOON, "1893499200"),
            ("2030-01-01", "2030-01-01T00:00:00Z"),
            ("2030-01-01", "1893456000"),
            ("2030-01", "2030-01-01"),
            ("1893499200", "1893499200"),
            ("0", "1970-01-01T00:00:00Z"),
            ("-1", "1969-12-31T23:59:59Z"),
        ],
    )
    def test_equal_ones(self, one: str, other: str) -> None:
        operators = [operator for operator in SAMPLES if operator.startswith("Date")]
        assert {
            (operator, met(operator, *pair)) for operator in operators for pair in [(one, other), (other, one)]
        } == {
            ("DateEquals", True),
            ("DateNotEquals", False),
            ("DateLessThan", False),
            ("DateLessThanEquals", True),
            ("DateGreaterThan", False),
            ("DateGreaterThanEquals", True),
        }

    @pytest.mark.parametrize(
        ("less", "greater"),
        [
            (NOON, "2030-01-01T12:00:01Z"),
            (NOON, "2030-01-01T12:00:00.001Z"),
            ("2030-01-01T13:00:00+01:30", NOON),
            (NOON, "2030-01-01T11:00:01-01:00"),
            ("1893499199", NOON),
            (NOON, "1893499201"),
            ("2029-12-31T23:59:59", "2030-01-01"),
            ("2030-01-01", "2030-01-01T00:00:01"),
            ("999999999", "1000000000"),
            ("9999-12-31T23:59:59.999998Z", "9999-12-31T23:59:59.999999Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"),
            ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        ],
    )
    def test_ordered_ones(self, less: str, greater: str) -> None:
        operators = [operator for operator in SAMPLES if operator.startswith("Date")]
        assert {operator: (met(operator, less, greater), met(operator, greater, less)) for operator in operators} == {
            "DateEquals": (False, False),
            "DateNotEquals": (True, True),
            "DateLessThan": (False, True),
            "DateLessThanEquals": (False, True),
            "DateGreaterThan": (True, False),
            "DateGreaterThanEquals": (True, False),
        }

    @pytest.mark.parametrize("text", ["9" * 30, "-" + "9" * 30, "9" * 5_000, "1e999999999"], ids=lambda text: text[:4])
    def test_a_time_that_no_calendar_has_is_not_now(self, text: str) -> None:
        assert not met("DateEquals", NOON, text)

    @pytest.fixture
    def new_york(self) -> Iterator[None]:
        if not hasattr(time, "tzset"):
            pytest.skip("this system's time zone cannot be changed")
        before = os.environ.get("TZ")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TZ", "EST5")
            time.tzset()
            yield
        assert os.environ.get("TZ") == before
        time.tzset()

    @pytest.mark.parametrize(
        ("text", "same"), [("2030-01-01T12:00:00", NOON), ("2030-01-01", "2030-01-01T00:00:00Z"), ("1893499200", NOON)]
    )
    def test_the_machines_time_zone_plays_no_part(self, new_york: None, text: str, same: str) -> None:
        assert met("DateEquals", text, same)


class TestCallersArithmetic:
    """The code under test may have changed how Decimal rounds."""

    @pytest.mark.parametrize(
        ("operator", "wanted", "value"),
        [
            ("NumericEquals", "123456", "123457"),
            ("NumericLessThanEquals", "123456", "123457"),
            ("DateEquals", NOON, "2030-01-01T12:00:01Z"),
            ("DateLessThanEquals", NOON, "2030-01-01T12:00:01Z"),
        ],
    )
    def test_it_plays_no_part(self, operator: str, wanted: str, value: str) -> None:
        with localcontext(Context(prec=4)):
            assert not met(operator, wanted, value)


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
    def test_true_is_not_false(self, wanted: Any, value: str, expected: bool) -> None:
        assert met("Bool", wanted, value) is expected


class TestBinary:
    @pytest.mark.parametrize(
        ("wanted", "value", "expected"),
        [
            pytest.param("QWxpY2U=", "QWxpY2U=", True, id="the same"),
            pytest.param("QWxpY2U=", "QWxpY2V=", True, id="the same octets"),
            pytest.param("QWxpY2U=", "qWxpY2U=", False, id="another case"),
            pytest.param("QWxpY2U=", "QWxpY2Vz", False, id="more behind"),
            pytest.param("QWxpY2U=", "Alice", False, id="not encoded"),
            pytest.param("/+8=", "/+8=", True, id="no text"),
        ],
    )
    def test_octets_are_compared(self, wanted: str, value: str, expected: bool) -> None:
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
    def test_an_address_lies_in_a_network(self, wanted: Any, value: str, expected: bool) -> None:
        assert [met("IpAddress", wanted, value), met("NotIpAddress", wanted, value)] == [expected, not expected]


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
    def test_six_parts_are_compared_apart(self, wanted: str, value: str, expected: bool) -> None:
        operators = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]
        assert [met(operator, wanted, value) for operator in operators] == [
            expected,
            expected,
            not expected,
            not expected,
        ]

    @pytest.mark.parametrize("part", range(6))
    def test_each_part_counts(self, part: int) -> None:
        parts = ["arn", "aws", "sns", "eu-west-1", "123456789012", "topic"]
        other = [*parts[:part], "x", *parts[part + 1 :]]
        assert not met("ArnEquals", ":".join(parts), ":".join(other))

    def test_many_stars_come_to_an_end(self) -> None:
        wanted, value = ":".join(["*a" * 140 + "b"] * 6), ":".join(["a" * 50_000] * 6)
        assert not met("ArnLike", wanted, value)


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
    @pytest.mark.parametrize("written", [dict, json.dumps], ids=["dict", "text"])
    def test_numbers_and_booleans_are_values_too(
        self, written: Any, operator: str, wanted: Any, value: str, expected: bool
    ) -> None:
        policy = parse_trust_policy(written(document(statement(Condition={operator: {"saml:sub": wanted}}))))
        assert verdict(policy, ACTION, PRINCIPAL, {"saml:sub": (value,)}).allowed is expected


class TestReasons:
    """What the test's author reads of each statement."""

    def reasons(self, *statements: Any, **context: tuple[str, ...]) -> list[str]:
        values = {key.replace("_", ":", 1): value for key, value in context.items()}
        return verdict(parse_trust_policy(document(*statements)), ACTION, PRINCIPAL, values).reasons()

    @pytest.mark.parametrize(
        ("written", "reason"),
        [
            pytest.param(statement(), "(Allow) applies", id="it allows"),
            pytest.param(statement(Effect="Deny"), "(Deny) applies", id="it denies"),
            pytest.param(
                statement(Principal={"Federated": OTHER}),
                f"(Allow) does not apply: it is about {OTHER}, not {PROVIDER}",
                id="another provider",
            ),
            pytest.param(
                statement(Principal={"AWS": "123456789012"}),
                f"(Allow) does not apply: it is about other principals, not {PROVIDER}",
                id="principals of another kind",
            ),
            pytest.param(
                statement(Action=["sts:AssumeRole", "sts:TagSession"]),
                f"(Allow) does not apply: it is about sts:AssumeRole, sts:TagSession, not {ACTION}",
                id="other actions",
            ),
            pytest.param(
                statement(Condition={"StringEquals": {"SAML:Sub": ["bob", "eve"]}}),
                "(Allow) does not apply: StringEquals SAML:Sub wants 'bob' or 'eve', got 'alice'",
                id="a condition with its key as it was written",
            ),
            pytest.param(
                statement(Condition={"ForAnyValue:StringNotLike": {"saml:sub": "a*"}}),
                "(Allow) does not apply: ForAnyValue:StringNotLike saml:sub wants anything but 'a*', got 'alice'",
                id="a negated condition",
            ),
            pytest.param(
                statement(Condition={"Null": {"saml:sub": "true", "saml:cn": "false"}}),
                "(Allow) does not apply: Null saml:sub wants it missing, got 'alice'",
                id="the first of two conditions",
            ),
            pytest.param(
                statement(Condition={"StringEquals": {"saml:cn": "Alice"}}),
                "(Allow) does not apply: StringEquals saml:cn wants 'Alice', got no such key",
                id="a key that is missing",
            ),
        ],
    )
    def test_say_whether_a_statement_applies_or_why_not(self, written: dict[str, Any], reason: str) -> None:
        assert self.reasons(written, saml_sub=("alice",)) == [f"{ACTION}: statement 1 {reason}"]

    def test_are_one_for_each_statement(self) -> None:
        assert self.reasons(statement(), statement(Effect="Deny", Principal={"Federated": OTHER})) == [
            f"{ACTION}: statement 1 (Allow) applies",
            f"{ACTION}: statement 2 (Deny) does not apply: it is about {OTHER}, not {PROVIDER}",
        ]

    def test_of_a_policy_with_a_fault_are_the_fault_and_it_lets_nobody_in(self) -> None:
        said = verdict(Policy({}, (), fault="MalformedPolicyDocument: Syntax errors in policy."), ACTION, PRINCIPAL, {})
        assert not said.allowed
        assert said.reasons() == [
            f"{ACTION}: IAM would not store this trust policy: MalformedPolicyDocument: Syntax errors in policy."
        ]
