from typing import Any

import pytest
from iam_errors import malformed, refused, syntax_error
from policy_documents import KINDS, Check, Good, document, permission, statement

from pytest_stssaml.iam.policies.conditions import OPERATORS, Condition
from pytest_stssaml.iam.policies.permissions import managed_policy
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy

PREFIXES = ("", "ForAllValues:", "ForAnyValue:")
NOT_OPERATORS = [
    *("StringEqualz", "StringEqual", "stringequals", "STRINGEQUALS", "StringEquals ", " StringEquals", ""),
    *("NullIfExists", "null", "ForAnyValue:NullIfExists", "BoolEquals", "BinaryNotEquals", "BoolIgnoreCase"),
    *("ForAllValues:", "ForAnyValue:", "ForAllValues", "IfExists", "StringEqualsIfExistsIfExists"),
    *("StringEqualsifexists", "IfExistsStringEquals", "ForSomeValues:StringEquals", "forallvalues:StringEquals"),
    *("ForAllValues:ForAnyValue:StringEquals", "ForAllValues: StringEquals", "ForAllValuesStringEquals"),
    *("StringEquals:ForAllValues", "StringEquals|Bool", "StringEquals\n", "NumericLike", "NotNull", "{0}", "{}"),
]
KNOWN_OPERATORS = (
    f"the operators are {', '.join(OPERATORS)}, Null; "
    "all may begin with ForAllValues: or ForAnyValue:, and all but Null end in IfExists"
)
CONDITION_FORM = 'a Condition must be {operator: {key: values}}, such as {"StringEquals": {"SAML:aud": "…"}}'


def only_condition(block: Any) -> Condition:
    """Return the condition of a trust policy with this Condition block."""
    (condition,) = parse_trust_policy(document(statement(Condition=block))).statements[0].conditions
    return condition


def operator_of(form: str) -> tuple[str, str, bool]:
    """Return the operator, the set operator, and whether it ends in IfExists, as they are read."""
    condition = only_condition({form: {"saml:sub": "alice"}})
    return condition.operator, condition.set_operator, condition.if_exists


class TestConditions:
    @pytest.mark.parametrize("operator", OPERATORS)
    def test_may_have_every_operator_with_prefix_and_suffix(self, operator: str) -> None:
        forms = {
            f"{prefix}{operator}{suffix}": (operator, prefix.rstrip(":"), bool(suffix))
            for prefix in PREFIXES
            for suffix in ("", "IfExists")
        }
        assert {form: operator_of(form) for form in forms} == forms

    def test_may_have_null_with_prefix(self) -> None:
        forms = {f"{prefix}Null": ("Null", prefix.rstrip(":"), False) for prefix in PREFIXES}
        assert {form: operator_of(form) for form in forms} == forms

    @KINDS
    def test_may_stand_in_every_kind_of_policy(self, check: Check, good: Good) -> None:
        keys = {"aws:username": "alice"}
        check(document(good(Condition={"ForAnyValue:StringLikeIfExists": keys, "Null": {"aws:username": "false"}})))

    @pytest.mark.parametrize("operator", NOT_OPERATORS, ids=repr)
    def test_of_a_trust_policy_must_have_a_known_operator(self, operator: str) -> None:
        block = {operator: {"saml:sub": "alice"}}
        assert refused(parse_trust_policy, document(statement(Condition=block))) == malformed(
            f"Invalid Condition type : {operator}", f"{operator!r} is not a condition operator; {KNOWN_OPERATORS}"
        )

    @pytest.mark.parametrize("operator", ["StringEqualz", "NullIfExists", "{0}"])
    def test_of_permissions_must_have_a_known_operator(self, operator: str) -> None:
        block = {operator: {"aws:username": "alice"}}
        assert refused(managed_policy, document(permission(Condition=block))) == syntax_error(
            f"{operator!r} is not a condition operator; {KNOWN_OPERATORS}"
        )

    @KINDS
    def test_must_have_a_known_operator_after_another(self, check: Check, good: Good) -> None:
        block = {"StringEquals": {"saml:sub": "alice"}, "NullIfExists": {"saml:sub": "true"}}
        assert refused(check, document(good(Condition=block)))[3].startswith(
            "'NullIfExists' is not a condition operator; "
        )

    @KINDS
    @pytest.mark.parametrize(
        "block",
        [{}, {"StringEquals": {}}, {"Unknown": {}}, {"StringEquals": {}, "Bool": {"aws:SecureTransport": "true"}}],
        ids=["no operators", "no keys", "no keys of an unknown operator", "no keys of one"],
    )
    def test_may_be_empty(self, check: Check, good: Good, block: Any) -> None:
        check(document(good(Condition=block)))

    @KINDS
    @pytest.mark.parametrize(
        "block",
        [
            *(None, "saml:aud", 5, [], [{"StringEquals": {"saml:sub": "alice"}}], {"StringEquals": "saml:aud"}),
            *({"StringEquals": None}, {"StringEquals": ["saml:sub"]}, {"Bool": {}, "StringEquals": []}),
        ],
        ids=repr,
    )
    def test_must_be_objects_of_objects(self, check: Check, good: Good, block: Any) -> None:
        assert refused(check, document(good(Condition=block))) == syntax_error(CONDITION_FORM)

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ("alice", ("alice",)),
            ("", ("",)),
            (["alice", "bob"], ("alice", "bob")),
            ([], ()),
            (True, ("true",)),
            (False, ("false",)),
            (0, ("0",)),
            (-5, ("-5",)),
            (10**30, ("1" + "0" * 30,)),
            (2.5, ("2.5",)),
            (["a", True, 1, 2.5], ("a", "true", "1", "2.5")),
        ],
        ids=repr,
    )
    def test_may_have_strings_numbers_and_booleans(self, values: Any, expected: tuple[str, ...]) -> None:
        assert only_condition({"StringEquals": {"saml:sub": values}}).values == expected

    @KINDS
    @pytest.mark.parametrize("value", [None, {}, ["alice", None], [["alice"]], {"a": "b"}], ids=repr)
    def test_must_not_have_other_values(self, check: Check, good: Good, value: Any) -> None:
        fault = value if not isinstance(value, list) else value[-1]
        assert refused(check, document(good(Condition={"StringEquals": {"saml:sub": value}}))) == syntax_error(
            f"a value of saml:sub must be a string, a number or a boolean, not {fault!r}"
        )

    def test_may_write_a_key_in_any_case(self) -> None:
        assert only_condition({"StringEquals": {"SAML:Sub": "alice"}}).key == "saml:sub"

    def test_may_name_an_unknown_key(self) -> None:
        assert only_condition({"StringEquals": {"saml:subject": "alice"}}).key == "saml:subject"

    def test_are_read_for_each_operator_and_key(self) -> None:
        block = {"StringEquals": {"saml:sub": "alice", "saml:aud": "a"}, "Null": {"saml:sub": "false"}}
        conditions = parse_trust_policy(document(statement(Condition=block))).statements[0].conditions
        assert [(condition.operator, condition.key) for condition in conditions] == [
            ("StringEquals", "saml:sub"),
            ("StringEquals", "saml:aud"),
            ("Null", "saml:sub"),
        ]
