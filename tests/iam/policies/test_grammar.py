import copy
import json
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

import pytest

from pytest_stssaml import IAMError
from pytest_stssaml.iam.policies.conditions import NULL, OPERATORS, Condition
from pytest_stssaml.iam.policies.documents import NotJSON, read_policy
from pytest_stssaml.iam.policies.permissions import (
    check_inline_policies,
    check_permissions,
    inline_policy,
    managed_policy,
)
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy

ACTION = "sts:AssumeRoleWithSAML"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
SYNTAX = "Syntax errors in policy."
NO_JSON = "This policy contains invalid Json"
WRITE_PROVIDER = 'write {"Federated": provider.arn}'


def statement(**elements: Any) -> dict[str, Any]:
    """A trust policy's statement."""
    return {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": ACTION} | elements


def permission(**elements: Any) -> dict[str, Any]:
    """A managed policy's statement."""
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | elements


def without(element: str, whole: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key != element}


def document(*statements: Any, **elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)} | elements


def refused(check: Callable[[Any], object], policy: Any) -> tuple[str, int, str, str]:
    with pytest.raises(IAMError) as caught:
        check(policy)
    error = caught.value
    return error.code, error.status, error.message, error.hint


def malformed(message: str, hint: str) -> tuple[str, int, str, str]:
    return "MalformedPolicyDocument", 400, message, hint


def syntax_error(hint: str) -> tuple[str, int, str, str]:
    return malformed(SYNTAX, hint)


# Every kind of policy, each with a statement that it takes.
KINDS = pytest.mark.parametrize(
    ("check", "good"),
    [
        pytest.param(parse_trust_policy, statement, id="trust"),
        pytest.param(managed_policy, permission, id="managed"),
        pytest.param(inline_policy, permission, id="inline"),
    ],
)


class TestReadPolicy:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("{}", {}),
            (" [1, 2.5, true, null]\n", [1, 2.5, True, None]),
            ('{"a": {"b": 1}, "b": {"a": 1}}', {"a": {"b": 1}, "b": {"a": 1}}),
            ('{"a": 1, "A": 2}', {"a": 1, "A": 2}),
            ('"\\u00e4\\ud83d\\ude00"', "\u00e4\U0001f600"),
            (f'"{"a" * 100_000}"', "a" * 100_000),
            ("9" * 4300, int("9" * 4300)),
            ("[" * 500 + "]" * 500, json.loads("[" * 500 + "]" * 500)),
        ],
        ids=["object", "array", "a key in two objects", "keys' case", "escapes", "length", "number", "depth"],
    )
    def test_gives_what_json_says(self, text: str, value: Any) -> None:
        assert read_policy(text) == value

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="empty"),
            pytest.param(" ", id="blank"),
            pytest.param("\ufeff{}", id="byte order mark"),
            pytest.param("{", id="open"),
            pytest.param("{}{}", id="two documents"),
            pytest.param('{"a": 1,}', id="comma"),
            pytest.param("{'a': 1}", id="apostrophes"),
            pytest.param("{a: 1}", id="bare key"),
            pytest.param("{} // remark", id="remark"),
            pytest.param('{"a": "\n"}', id="newline in a text"),
            pytest.param("True", id="Python's truth"),
            pytest.param("01", id="leading zero"),
            pytest.param('{"a": x}', id="bare word"),
            pytest.param("9" * 4301, id="number of too many digits"),
            pytest.param("[" * 100_000, id="depth"),
            pytest.param('{"a":' * 100_000, id="depth of objects"),
        ],
    )
    def test_refuses_what_is_no_json(self, text: str) -> None:
        with pytest.raises(NotJSON):
            read_policy(text)

    def test_says_where(self) -> None:
        with pytest.raises(NotJSON, match=r"^Expecting value: line 1 column 15 \(char 14\)$"):
            read_policy('{"Statement": x}')

    @pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
    def test_refuses_numbers_that_are_none(self, name: str) -> None:
        with pytest.raises(NotJSON, match=f"^{name} is not JSON$"):
            read_policy(f'{{"a": [{name}]}}')

    @pytest.mark.parametrize("number", ["1e309", "-1e309", "1" + "0" * 309 + ".0"], ids=["1e309", "-1e309", "decimal"])
    def test_refuses_numbers_that_are_too_large(self, number: str) -> None:
        with pytest.raises(NotJSON, match=f"^{number} is too large for a number$"):
            read_policy(f'{{"a": [{number}]}}')

    @pytest.mark.parametrize(("text", "number"), [("1e308", 1e308), ("-1e308", -1e308), ("1e-400", 0.0)])
    def test_takes_numbers_that_are_just_not(self, text: str, number: float) -> None:
        assert read_policy(text) == number

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ('{"a": 1, "a": 1}', "a"),
            ('{"a": 1, "b": 2, "b": 3, "a": 4}', "a"),
            ('[{"b": {"c": 1, "c": 2}}]', "c"),
            ('{"a": 1, "\\u0061": 2}', "a"),
            ('{"": 1, "": 2}', ""),
        ],
        ids=["the same value", "the first of two", "inside", "escaped", "empty"],
    )
    def test_refuses_a_key_that_stands_twice_in_an_object(self, text: str, key: str) -> None:
        with pytest.raises(NotJSON, match=f"^the key '{key}' is repeated in one object$"):
            read_policy(text)


def levels(policy: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(policy, dict):
        yield policy
    for inner in policy.values() if isinstance(policy, dict) else policy if isinstance(policy, list) else ():
        yield from levels(inner)


def doubled(policy: dict[str, Any], level: int) -> tuple[str, str]:
    """The document's text with the first key of one of its objects repeated, and this key."""
    whole = copy.deepcopy(policy)
    inner = list(levels(whole))[level]
    key, value = next(iter(inner.items()))
    inner["MARK"] = value
    return json.dumps(whole).replace('"MARK"', f'"{key}"'), key


TRUST_LEVELS = document(statement(Condition={"StringEquals": {"saml:sub": "alice"}}))
MANAGED_LEVELS = document(permission(Condition={"StringEquals": {"aws:username": "alice"}}))


class TestText:
    @KINDS
    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            ('{"Statement": x}', "Expecting value: line 1 column 15 (char 14)"),
            ('{"Statement": NaN}', "NaN is not JSON"),
            ('{"Id": "a", "Id": "b"}', "the key 'Id' is repeated in one object"),
        ],
        ids=["empty", "bare word", "NaN", "twice"],
    )
    def test_that_is_no_json_is_refused(
        self, check: Callable[[Any], object], good: Callable[..., Any], text: str, hint: str
    ) -> None:
        assert refused(check, text) == malformed(NO_JSON, hint)

    @KINDS
    def test_that_is_nested_too_deep_is_no_json(self, check: Callable[[Any], object], good: Callable[..., Any]) -> None:
        assert refused(check, "[" * 100_000)[:3] == ("MalformedPolicyDocument", 400, NO_JSON)

    @pytest.mark.parametrize(
        ("level", "key"),
        list(enumerate(["Version", "Effect", "Federated", "StringEquals", "saml:sub"])),
        ids=["document", "statement", "principal", "condition", "keys"],
    )
    def test_of_a_trust_policy_has_a_key_once_at_every_level(self, level: int, key: str) -> None:
        text, doubled_key = doubled(TRUST_LEVELS, level)
        assert (doubled_key, refused(parse_trust_policy, text)) == (
            key,
            malformed(NO_JSON, f"the key '{key}' is repeated in one object"),
        )

    @pytest.mark.parametrize(
        ("level", "key"),
        list(enumerate(["Version", "Effect", "StringEquals", "aws:username"])),
        ids=["document", "statement", "condition", "keys"],
    )
    def test_of_a_managed_policy_has_a_key_once_at_every_level(self, level: int, key: str) -> None:
        text, doubled_key = doubled(MANAGED_LEVELS, level)
        assert (doubled_key, refused(managed_policy, text)) == (
            key,
            malformed(NO_JSON, f"the key '{key}' is repeated in one object"),
        )

    def test_is_read_as_the_dict_that_it_is(self) -> None:
        policy = document(statement(Condition={"StringEquals": {"saml:sub": ["alice", "bob"]}}))
        assert parse_trust_policy(json.dumps(policy)) == parse_trust_policy(policy)

    def test_may_be_written_with_escapes(self) -> None:
        policy = document(statement(Condition={"StringEquals": {"saml:sub": "J\u00fcrgen"}}))
        assert parse_trust_policy(json.dumps(policy, ensure_ascii=True)) == parse_trust_policy(
            json.dumps(policy, ensure_ascii=False)
        )

    @KINDS
    @pytest.mark.parametrize(
        ("text", "value"), [("[]", []), ("null", None), ('"Allow"', "Allow"), ("5", 5), ("true", True)], ids=str
    )
    def test_says_an_object(
        self, check: Callable[[Any], object], good: Callable[..., Any], text: str, value: Any
    ) -> None:
        assert refused(check, text) == syntax_error(f"a policy must be a JSON object, not {value!r}")


class TestDict:
    def test_it_is_kept_as_it_was_given(self) -> None:
        policy = document(statement(Sid="Login", Condition={"StringEquals": {"SAML:aud": "https://a.example.com"}}))
        assert parse_trust_policy(policy).document == policy

    def test_the_callers_is_neither_changed_nor_kept(self) -> None:
        policy = document(statement(Condition={"StringEquals": {"saml:sub": ["alice"]}}))
        before = copy.deepcopy(policy)
        kept = parse_trust_policy(policy)
        policy["Statement"][0]["Condition"]["StringEquals"]["saml:sub"].append("bob")
        policy["Statement"].clear()
        assert kept == parse_trust_policy(before)

    def test_any_mapping_will_do(self) -> None:
        policy = document(statement())
        assert parse_trust_policy(MappingProxyType(policy)) == parse_trust_policy(policy)

    def test_a_tuple_is_a_list(self) -> None:
        assert parse_trust_policy(document(statement(Action=(ACTION,)))).statements[0].actions == (ACTION,)

    def test_keys_that_json_makes_the_same_stand_twice(self) -> None:
        block = {"StringEquals": {1: "a", "1": "b"}}
        assert refused(parse_trust_policy, document(statement(Condition=block)))[2:] == (
            NO_JSON,
            "the key '1' is repeated in one object",
        )

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            pytest.param({ACTION}, "Object of type set is not JSON serializable", id="set"),
            pytest.param(b"sts", "Object of type bytes is not JSON serializable", id="octets"),
            pytest.param({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple", id="a tuple as key"),
        ],
    )
    @pytest.mark.parametrize(
        ("check", "argument", "good"),
        [
            (parse_trust_policy, "trust_policy", statement),
            (managed_policy, "document", permission),
            (inline_policy, "a member of policies", permission),
        ],
        ids=["trust", "managed", "inline"],
    )
    def test_what_json_has_no_word_for_is_a_type_error(
        self, check: Callable[[Any], object], argument: str, good: Callable[..., Any], value: Any, reason: str
    ) -> None:
        with pytest.raises(TypeError, match=f"^{argument} contains what JSON cannot: {reason}$"):
            check(document(good(Action=value)))

    @KINDS
    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")], ids=str)
    def test_a_number_that_json_cannot_write_is_a_type_error(
        self, check: Callable[[Any], object], good: Callable[..., Any], value: float
    ) -> None:
        with pytest.raises(TypeError, match=r"contains what JSON cannot: Out of range float values"):
            check(document(good(Condition={"NumericEquals": {"aws:EpochTime": value}})))

    def test_one_inside_itself_is_a_type_error(self) -> None:
        policy = document(statement())
        policy["Statement"].append(policy)
        with pytest.raises(TypeError, match=r"^trust_policy contains what JSON cannot: Circular reference detected$"):
            parse_trust_policy(policy)

    def test_one_too_deep_is_a_type_error(self) -> None:
        nested: list[Any] = []
        for _ in range(100_000):
            nested = [nested]
        with pytest.raises(TypeError, match=r"^trust_policy contains what JSON cannot: "):
            parse_trust_policy(document(statement(Action=nested)))

    @pytest.mark.parametrize(
        ("check", "argument"),
        [
            (parse_trust_policy, "trust_policy"),
            (managed_policy, "document"),
            (inline_policy, "a member of policies"),
        ],
        ids=["trust", "managed", "inline"],
    )
    @pytest.mark.parametrize("policy", [None, 5, [], b"{}", ("Statement",)], ids=repr)
    def test_neither_that_nor_text_is_a_type_error(
        self, check: Callable[[Any], object], argument: str, policy: Any
    ) -> None:
        with pytest.raises(TypeError) as caught:
            check(policy)
        assert str(caught.value) == f"{argument} must be a dict or JSON, not {policy!r}"


class TestVersion:
    @pytest.mark.parametrize("version", ["2008-10-17", "2012-10-17"])
    def test_of_a_trust_policy_is_one_of_two(self, version: str) -> None:
        assert parse_trust_policy(document(statement(), Version=version)).document["Version"] == version

    def test_of_a_trust_policy_may_be_left_out(self) -> None:
        assert len(parse_trust_policy({"Statement": statement()}).statements) == 1

    @pytest.mark.parametrize(
        "version", ["2012-10-18", "2012-10-17 ", "", "2", 2012, None, ["2012-10-17"], True], ids=repr
    )
    def test_of_a_trust_policy_is_no_other(self, version: Any) -> None:
        assert refused(parse_trust_policy, document(statement(), Version=version)) == malformed(
            "The policy must contain a valid version string",
            f"Version is 2008-10-17 or 2012-10-17, not {version!r}",
        )

    @pytest.mark.parametrize(
        ("version", "variables"),
        [({"Version": "2012-10-17"}, True), ({"Version": "2008-10-17"}, False), ({}, False)],
        ids=["2012", "2008", "none"],
    )
    def test_decides_whether_there_are_variables(self, version: dict[str, str], variables: bool) -> None:
        block = {"StringEquals": {"saml:sub": "${saml:iss}"}}
        policy = parse_trust_policy({**version, "Statement": statement(Condition=block)})
        assert policy.statements[0].conditions[0].variables is variables

    def test_of_a_managed_policy_is_2012(self) -> None:
        managed_policy({"Version": "2012-10-17", "Statement": permission()})

    @pytest.mark.parametrize(
        "version", [{"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {}], ids=["2012", "2008", "none"]
    )
    def test_of_an_inline_policy_may_be_older_or_left_out(self, version: dict[str, str]) -> None:
        policy = {**version, "Statement": permission()}
        assert json.loads(inline_policy(policy)) == policy

    def test_of_an_inline_policy_is_one_of_two(self) -> None:
        assert refused(inline_policy, {"Version": "2012-10-18", "Statement": permission()}) == syntax_error(
            "Version is 2008-10-17 or 2012-10-17, not '2012-10-18'"
        )

    @pytest.mark.parametrize("version", [{"Version": "2008-10-17"}, {}], ids=["2008", "none"])
    def test_of_a_managed_policy_is_not_older(self, version: dict[str, str]) -> None:
        assert refused(managed_policy, {**version, "Statement": permission()}) == malformed(
            "Policy document must be version 2012-10-17 or greater.", 'write "Version": "2012-10-17"'
        )

    @pytest.mark.parametrize("version", [{"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {}], ids=str)
    def test_of_a_sessions_policy_is_any_or_none(self, version: dict[str, str]) -> None:
        check_permissions({**version, "Statement": permission()})

    @pytest.mark.parametrize("version", ["2012-10-18", "", None, 2012], ids=repr)
    def test_of_permissions_is_no_other(self, version: Any) -> None:
        assert refused(check_permissions, document(permission(), Version=version)) == syntax_error(
            f"Version is 2008-10-17 or 2012-10-17, not {version!r}"
        )


class TestId:
    @KINDS
    @pytest.mark.parametrize("name", ["", "cd3ad3d9-2776-4ef1-a904-4c229d1642ee", "J\u00fcrgens policy"])
    def test_is_any_text(self, check: Callable[[Any], object], good: Callable[..., Any], name: str) -> None:
        check(document(good(), Id=name))

    @KINDS
    @pytest.mark.parametrize("name", [None, 5, ["a"]], ids=repr)
    def test_is_a_text(self, check: Callable[[Any], object], good: Callable[..., Any], name: Any) -> None:
        assert refused(check, document(good(), Id=name)) == syntax_error(f"Id must be a string, not {name!r}")


class TestStatement:
    @KINDS
    @pytest.mark.parametrize("listed", [lambda each: each, lambda each: [each], lambda each: [each, each]])
    def test_is_one_or_several(
        self, check: Callable[[Any], object], good: Callable[..., Any], listed: Callable[[Any], Any]
    ) -> None:
        check({"Version": "2012-10-17", "Statement": listed(good())})

    def test_is_a_required_field_of_a_trust_policy(self) -> None:
        assert refused(parse_trust_policy, {"Version": "2012-10-17"}) == malformed(
            "Missing required field Statement", "expected Statement"
        )

    def test_is_needed_in_a_managed_policy(self) -> None:
        assert refused(managed_policy, {"Version": "2012-10-17"}) == syntax_error("a policy must have a Statement")

    @KINDS
    def test_is_at_least_one(self, check: Callable[[Any], object], good: Callable[..., Any]) -> None:
        assert refused(check, document()) == syntax_error("a policy must have a Statement")

    @KINDS
    @pytest.mark.parametrize("value", [None, "Allow", 5, []], ids=repr)
    def test_is_an_object(self, check: Callable[[Any], object], good: Callable[..., Any], value: Any) -> None:
        assert refused(check, document(good(), value)) == syntax_error(
            f"a Statement must be a JSON object, not {value!r}"
        )

    @pytest.mark.parametrize("field", ["Effect", "Principal", "Action"])
    def test_of_a_trust_policy_has_three_fields(self, field: str) -> None:
        assert refused(parse_trust_policy, document(without(field, statement()))) == malformed(
            f"Missing required field {field}", "expected Effect, Principal, Action"
        )

    @pytest.mark.parametrize("field", ["Resource", "NotResource", "NotPrincipal", "NotAction"])
    @pytest.mark.parametrize("place", [0, 1], ids=["first", "second"])
    def test_of_a_trust_policy_has_no_resource_and_no_negation(self, field: str, place: int) -> None:
        statements = [statement(), statement()]
        statements[place][field] = "*"
        assert refused(parse_trust_policy, document(*statements)) == malformed(
            f"Has prohibited field {field}", "a trust policy only says who may assume its role"
        )

    @pytest.mark.parametrize(("field", "needed"), [("NotPrincipal", "Principal"), ("NotAction", "Action")])
    def test_of_a_trust_policy_has_no_negation_instead(self, field: str, needed: str) -> None:
        negated = without(needed, statement()) | {field: "*"}
        assert refused(parse_trust_policy, document(negated))[2] == f"Has prohibited field {field}"

    @pytest.mark.parametrize(
        "field", ["effect", "condition", "Conditions", "sid", "resource", "Version", "Comment", ""]
    )
    def test_of_a_trust_policy_has_no_other_field(self, field: str) -> None:
        assert refused(parse_trust_policy, document(statement(**{field: {}}))) == malformed(
            f"Unknown field {field}", "expected Sid, Effect, Principal, Action, Condition"
        )

    @pytest.mark.parametrize("field", ["version", "statement", "ID", "Statements", "Comment", ""])
    def test_a_trust_policy_has_no_other_field(self, field: str) -> None:
        assert refused(parse_trust_policy, document(statement(), **{field: "a"})) == malformed(
            f"Unknown field {field}", "expected Version, Id, Statement"
        )

    @pytest.mark.parametrize(
        "field", ["effect", "condition", "Conditions", "sid", "resource", "Version", "Comment", ""]
    )
    def test_of_a_managed_policy_has_no_other_element(self, field: str) -> None:
        assert refused(managed_policy, document(permission(**{field: {}}))) == syntax_error(
            f"{field!r} is not one of Sid, Effect, Action, NotAction, Resource, NotResource, Condition"
        )

    @pytest.mark.parametrize("field", ["version", "statement", "ID", "Statements", "Comment", ""])
    def test_a_managed_policy_has_no_other_element(self, field: str) -> None:
        assert refused(managed_policy, document(permission(), **{field: "a"})) == syntax_error(
            f"{field!r} is not one of Version, Id, Statement"
        )

    @KINDS
    @pytest.mark.parametrize("effect", ["allow", "ALLOW", "Permit", "", None, ["Allow"], True, {}], ids=repr)
    def test_has_one_of_two_effects(
        self, check: Callable[[Any], object], good: Callable[..., Any], effect: Any
    ) -> None:
        assert refused(check, document(good(Effect=effect))) == syntax_error(
            f"Effect must be Allow or Deny, not {effect!r}"
        )

    @KINDS
    @pytest.mark.parametrize("effect", ["Allow", "Deny"])
    def test_has_either_effect(self, check: Callable[[Any], object], good: Callable[..., Any], effect: str) -> None:
        check(document(good(Effect=effect)))

    def test_of_a_managed_policy_needs_an_effect(self) -> None:
        assert refused(managed_policy, document(without("Effect", permission()))) == syntax_error(
            "Effect must be Allow or Deny, not None"
        )


class TestSid:
    @KINDS
    @pytest.mark.parametrize(
        "sid", ["", "a", "0", "AllowLogin2", "a" * 300], ids=["empty", "letter", "digit", "both", "long"]
    )
    def test_has_letters_and_digits(self, check: Callable[[Any], object], good: Callable[..., Any], sid: str) -> None:
        check(document(good(Sid=sid)))

    @KINDS
    @pytest.mark.parametrize("sid", ["a-b", "a b", "a_b", "a\n", "\u00e4", "\u0661", "*"], ids=ascii)
    def test_has_nothing_else(self, check: Callable[[Any], object], good: Callable[..., Any], sid: str) -> None:
        assert refused(check, document(good(Sid=sid))) == malformed(
            "Statement IDs (SID) must be alpha-numeric. "
            "Check that your input satisfies the regular expression [0-9A-Za-z]*",
            f"got {sid!r}",
        )

    @KINDS
    @pytest.mark.parametrize("sid", [None, 5, ["a"], {}], ids=repr)
    def test_is_a_text(self, check: Callable[[Any], object], good: Callable[..., Any], sid: Any) -> None:
        assert refused(check, document(good(Sid=sid))) == syntax_error(f"a Sid must be a string, not {sid!r}")

    @KINDS
    def test_stands_once(self, check: Callable[[Any], object], good: Callable[..., Any]) -> None:
        assert refused(check, document(good(Sid="One"), good(), good(Sid="One"))) == malformed(
            "Statement IDs (SID) in a single policy must be unique.", "'One' is repeated"
        )

    @KINDS
    def test_of_another_case_is_another(self, check: Callable[[Any], object], good: Callable[..., Any]) -> None:
        check(document(good(Sid="One"), good(Sid="one")))

    # Seen to be taken (localstack #1556, moto #2415): Terraform wrote "Sid": "" into every statement.
    @KINDS
    def test_without_text_may_stand_in_several(self, check: Callable[[Any], object], good: Callable[..., Any]) -> None:
        check(document(good(Sid=""), good(Sid="")))


def with_principal(principal: Any) -> dict[str, Any]:
    return document(statement(Principal=principal))


class TestPrincipal:
    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": PROVIDER}, id="Federated"),
            pytest.param({"Federated": [PROVIDER, PROVIDER + "2"]}, id="several"),
            pytest.param({"AWS": "arn:aws:iam::123456789012:root"}, id="AWS-root"),
            pytest.param({"AWS": ["123456789012", "arn:aws:iam::123456789012:role/A"]}, id="AWS-several"),
            pytest.param({"AWS": "*"}, id="AWS-everybody"),
            pytest.param({"Service": "ec2.amazonaws.com"}, id="Service"),
            pytest.param({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"}, id="CanonicalUser"),
            pytest.param({"Federated": PROVIDER, "AWS": "*", "Service": "ec2.amazonaws.com"}, id="several kinds"),
        ],
    )
    def test_is_of_four_kinds(self, principal: Any) -> None:
        assert parse_trust_policy(with_principal(principal)).document["Statement"][0]["Principal"] == principal

    @pytest.mark.parametrize(
        ("federated", "expected"),
        [(PROVIDER, (PROVIDER,)), ([PROVIDER, PROVIDER + "2"], (PROVIDER, PROVIDER + "2"))],
        ids=["text", "list"],
    )
    def test_gives_the_federated_ones(self, federated: Any, expected: tuple[str, ...]) -> None:
        assert (
            parse_trust_policy(with_principal({"Federated": federated})).statements[0].principals["Federated"]
            == expected
        )

    def test_is_no_star(self) -> None:
        assert refused(parse_trust_policy, with_principal("*")) == malformed(
            'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
            'IAM takes {"AWS": "*"}, if that is what you mean',
        )

    @pytest.mark.parametrize(
        ("principal", "shown"),
        [
            (PROVIDER, f'"{PROVIDER}"'),
            (None, "null"),
            ({}, "{}"),
            ([], "[]"),
            (["*"], '["*"]'),
            ([{"Federated": PROVIDER}], f'[{{"Federated": "{PROVIDER}"}}]'),
            (5, "5"),
        ],
        ids=["ARN", "null", "empty", "empty list", "star in a list", "object in a list", "number"],
    )
    def test_is_an_object(self, principal: Any, shown: str) -> None:
        assert refused(parse_trust_policy, with_principal(principal)) == malformed(
            f"Invalid principal in policy: {shown}", WRITE_PROVIDER
        )

    @pytest.mark.parametrize("kind", ["AWS", "CanonicalUser", "Federated", "Service"])
    def test_has_a_value(self, kind: str) -> None:
        assert refused(parse_trust_policy, with_principal({kind: []})) == malformed(
            f'Invalid principal in policy: "{kind}":[]', WRITE_PROVIDER
        )

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("AWS", "123456789012"),
            ("AWS", "arn:aws:iam::123456789012:root"),
            ("AWS", "arn:aws:iam::123456789012:user/alice"),
            ("AWS", "arn:aws:iam::123456789012:role/team/A"),
            ("AWS", "arn:aws:sts::123456789012:assumed-role/A/alice"),
            ("AWS", "AROAABCDEFGHIJKLMNOPQ"),
            ("Service", "ec2.amazonaws.com"),
        ],
    )
    def test_names_somebody(self, kind: str, name: str) -> None:
        assert parse_trust_policy(with_principal({kind: name})).statements[0].principals == {kind: (name,)}

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("AWS", "nonsense"),
            ("AWS", ""),
            ("AWS", "12345678901"),
            ("AWS", "1234567890123"),
            ("AWS", "arn:aws:s3:::bucket"),
            ("AWS", PROVIDER),
            ("AWS", "arn:aws:iam::123456789012:rool/A"),
            ("AWS", "arn:aws:iam::123456789012:role/"),
            ("AWS", "arn:aws:iam::*:root"),
            ("CanonicalUser", ""),
            ("Service", "ec2"),
            ("Service", "*"),
        ],
    )
    def test_names_nobody_else(self, kind: str, name: str) -> None:
        assert refused(parse_trust_policy, with_principal({kind: name})) == (
            malformed(f'Invalid principal in policy: "{kind}":"{name}"', f"got {name!r}; {WRITE_PROVIDER}")
        )

    @pytest.mark.parametrize("kind", ["federated", "FEDERATED", "aws", "SAML", "*", ""])
    def test_is_of_no_other_kind(self, kind: str) -> None:
        assert refused(parse_trust_policy, with_principal({"Federated": PROVIDER, kind: PROVIDER})) == malformed(
            f'Invalid principal in policy: "{kind}"',
            f"{WRITE_PROVIDER}; the kinds of principals are AWS, CanonicalUser, Federated, Service",
        )

    @pytest.mark.parametrize("kind", ["Federated", "AWS", "Service"])
    @pytest.mark.parametrize("value", [None, 5, True, {}, [PROVIDER, None], [[PROVIDER]]], ids=repr)
    def test_is_named_by_texts(self, kind: str, value: Any) -> None:
        assert refused(parse_trust_policy, with_principal({kind: value})) == syntax_error(
            f"Principal must be a string or a list of strings, not {value!r}"
        )


class TestFederated:
    @pytest.mark.parametrize(
        "name",
        [
            *(f"arn:{partition}:iam::123456789012:saml-provider/Okta" for partition in ("aws", "aws-cn", "aws-us-gov")),
            "arn:aws:iam::123456789012:saml-provider/" + "a" * 128,
            "arn:aws:iam::123456789012:saml-provider/azAZ09._-",
            "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
            "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789",
            "arn:aws:iam::123456789012:oidc-provider/gitlab.example.com:8443/a_b~c%20",
            "ACCOUNTS.Google.com",
            "cognito-identity.amazonaws.com",
            "www.amazon.com",
            "graph.facebook.com",
            "accounts.google.com",
        ],
    )
    def test_is_a_providers_arn_or_a_domain_name(self, name: str) -> None:
        assert parse_trust_policy(with_principal({"Federated": name})).statements[0].principals == {
            "Federated": (name,)
        }

    @pytest.mark.parametrize(
        "name",
        [
            pytest.param("*", id="star"),
            pytest.param("", id="empty"),
            pytest.param("Okta", id="name"),
            pytest.param("123456789012", id="account"),
            pytest.param("arn:aws:iam::123456789012:root", id="root"),
            pytest.param("arn:aws:iam::123456789012:role/A", id="role"),
            pytest.param("arn:aws:iam::123456789012:user/alice", id="user"),
            pytest.param("arn:aws:sts::123456789012:assumed-role/A/alice", id="session"),
            pytest.param("arn:aws:iam::123456789012:saml-provider", id="no name"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/", id="empty name"),
            pytest.param("arn:aws:iam::12345678901:saml-provider/Okta", id="11 digits"),
            pytest.param("arn:aws:iam::1234567890123:saml-provider/Okta", id="13 digits"),
            pytest.param("arn:aws:iam:::saml-provider/Okta", id="no account"),
            pytest.param(f"arn:aws:iam::{chr(0x661) * 12}:saml-provider/Okta", id="Arabic digits"),
            pytest.param("arn:aws:iam:us-east-1:123456789012:saml-provider/Okta", id="region"),
            pytest.param("arn:aws:sts::123456789012:saml-provider/Okta", id="service"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/*", id="star for a name"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/Okta*", id="star in a name"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/Okt?", id="question mark in a name"),
            pytest.param("arn:aws:iam::123456789012:oidc-provider/*", id="star for an OIDC provider"),
            pytest.param("arn:aws:iam::123456789012:oidc-provider/", id="no OIDC provider"),
            pytest.param("arn:aws:iam::*:saml-provider/Okta", id="star for an account"),
            pytest.param("arn:*:iam::123456789012:saml-provider/Okta", id="star for a partition"),
            pytest.param("arn:aws:iam::123456789012:*", id="star for a resource"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/Ok ta", id="space"),
            pytest.param(PROVIDER + " ", id="space behind"),
            pytest.param(PROVIDER + "\n", id="newline behind"),
            pytest.param(PROVIDER.upper(), id="capitals"),
            pytest.param(f"{PROVIDER},{PROVIDER}", id="two in one text"),
            pytest.param("https://idp.example.com/saml", id="URL"),
            pytest.param("*.example.com", id="star in a domain"),
            pytest.param("example..com", id="empty label"),
            pytest.param(".example.com", id="dot in front"),
            pytest.param("accounts.google.com\n", id="newline behind a domain"),
            pytest.param("\u00e4.example.com", id="umlaut"),
        ],
    )
    def test_is_nothing_else(self, name: str) -> None:
        assert refused(parse_trust_policy, with_principal({"Federated": [PROVIDER, name]})) == malformed(
            "Federated principals must be valid domain names or SAML metadata ARNs",
            f"got {name!r}; {WRITE_PROVIDER}",
        )


TRUST_ACTIONS = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
]


class TestTrustAction:
    @pytest.mark.parametrize("action", TRUST_ACTIONS)
    def test_is_one_of_six(self, action: str) -> None:
        assert parse_trust_policy(document(statement(Action=action))).statements[0].actions == (action,)

    def test_may_be_several(self) -> None:
        assert parse_trust_policy(document(statement(Action=TRUST_ACTIONS))).statements[0].actions == tuple(
            TRUST_ACTIONS
        )

    @pytest.mark.parametrize(
        "action",
        [
            *("*", "*:*", "sts:*", "sts:AssumeRole*", "sts:AssumeRoleWith?AML", "sts:assumerole"),
            *("STS:AssumeRole", "sts:AssumeRoot", "sts:GetCallerIdentity", "s3:GetObject"),
            *("AssumeRole", "", " sts:AssumeRole", "sts:AssumeRole\n"),
        ],
        ids=repr,
    )
    def test_is_no_other_and_no_pattern(self, action: str) -> None:
        assert refused(parse_trust_policy, document(statement(Action=[ACTION, action]))) == malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
            f"got {[ACTION, action]}; the actions are {', '.join(sorted(TRUST_ACTIONS))}, without wildcards",
        )

    def test_is_at_least_one(self) -> None:
        assert refused(parse_trust_policy, document(statement(Action=[]))) == malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
            f"got []; the actions are {', '.join(sorted(TRUST_ACTIONS))}, without wildcards",
        )

    @pytest.mark.parametrize("value", [None, 5, {"sts": "AssumeRole"}, [ACTION, None], [[ACTION]]], ids=repr)
    def test_is_a_text(self, value: Any) -> None:
        assert refused(parse_trust_policy, document(statement(Action=value))) == syntax_error(
            f"Action must be a string or a list of strings, not {value!r}"
        )


class TestPermissions:
    @pytest.mark.parametrize(
        "policy",
        [
            pytest.param(document(permission(Principal={"AWS": "*"})), id="Principal"),
            pytest.param(document(permission(NotPrincipal={"AWS": "*"})), id="NotPrincipal"),
            pytest.param(document(permission(), permission(Principal="*")), id="in a second statement"),
            pytest.param(document(permission(Principal=None)), id="null"),
        ],
    )
    def test_name_no_principal(self, policy: Any) -> None:
        assert refused(check_permissions, policy) == malformed(
            "Policy document should not specify a principal.", "leave it out: only trust policies have one"
        )

    @pytest.mark.parametrize("policy", [None, [], "{}", 5], ids=repr)
    def test_are_an_object(self, policy: Any) -> None:
        assert refused(check_permissions, policy) == syntax_error(f"a policy must be a JSON object, not {policy!r}")

    @pytest.mark.parametrize(
        ("element", "value"),
        [
            pytest.param(element, value, id=f"{element}-{value}")
            for name, values in {
                "Action": [
                    "*",
                    "*:*",
                    "*:Get*",
                    "s3:*",
                    "s3:GetObject",
                    "s3:Get*",
                    "S3:getobject",
                    "a4b:?x*",
                    ["s3:Get*", "iam:*"],
                ],
                "Resource": ["*", "arn:aws:s3:::bucket/*", "arn:aws-cn:s3:::b", "arn:aws:iam::*:role/*", ["*", "*"]],
            }.items()
            for element in (name, "Not" + name)
            for value in values
        ],
    )
    def test_have_actions_and_resources_or_all_but_some(self, element: str, value: Any) -> None:
        check_permissions(document(without(element.removeprefix("Not"), permission()) | {element: value}))

    @pytest.mark.parametrize(("element", "plural"), [("Action", "actions"), ("Resource", "resources")])
    def test_need_both(self, element: str, plural: str) -> None:
        assert refused(check_permissions, document(without(element, permission()))) == malformed(
            f"Policy statement must contain {plural}.", f"expected {element} or Not{element}"
        )

    @pytest.mark.parametrize("element", ["Action", "Resource"])
    @pytest.mark.parametrize("negation", ["", "Not"], ids=["as such", "negated"])
    def test_need_at_least_one_of_both(self, element: str, negation: str) -> None:
        policy = document(without(element, permission()) | {negation + element: []})
        assert refused(check_permissions, policy) == malformed(
            f"Policy statement must contain {element.lower()}s.", f"expected {element} or Not{element}"
        )

    @pytest.mark.parametrize("element", ["Action", "Resource"])
    def test_have_none_both_ways(self, element: str) -> None:
        policy = document(permission(**{"Not" + element: permission()[element]}))
        assert refused(check_permissions, policy) == syntax_error(
            f"a Statement must have either {element} or Not{element}"
        )

    @pytest.mark.parametrize("element", ["Action", "NotAction"])
    @pytest.mark.parametrize(
        "action",
        [
            "GetObject",
            "s3:",
            ":GetObject",
            "s3*:GetObject",
            "?:GetObject",
            "*s3:GetObject",
            "s3:Get Object",
            "s3:GetObject ",
            "s3:Get:Object",
            "",
            "**",
        ],
        ids=repr,
    )
    def test_have_a_vendor_before_each_action(self, element: str, action: str) -> None:
        policy = document(without("Action", permission()) | {element: ["s3:*", action]})
        assert refused(check_permissions, policy) == malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            f'got {action!r}; write an action such as "s3:GetObject", "s3:*" or "*"',
        )

    @pytest.mark.parametrize("element", ["Resource", "NotResource"])
    @pytest.mark.parametrize(
        "resource", ["bucket", "arn:aws:s3", "arn:aws:s3::bucket", "s3:::bucket", "", "**", " *"], ids=repr
    )
    def test_have_an_arn_for_each_resource(self, element: str, resource: str) -> None:
        policy = document(without("Resource", permission()) | {element: ["*", resource]})
        assert refused(check_permissions, policy) == malformed(
            f'Resource {resource} must be in ARN format or "*".', f"got {resource!r}"
        )

    @pytest.mark.parametrize("element", ["Action", "Resource"])
    @pytest.mark.parametrize("value", [None, 5, {}, ["*", None], [["*"]]], ids=repr)
    def test_have_texts(self, element: str, value: Any) -> None:
        assert refused(check_permissions, document(permission(**{element: value}))) == syntax_error(
            f"{element} must be a string or a list of strings, not {value!r}"
        )

    def test_may_have_conditions(self) -> None:
        check_permissions(document(permission(Condition={"StringLike": {"aws:username": "${saml:sub}"}})))


EVERY_OPERATOR = [
    *(
        f"{prefix}{name}{suffix}"
        for prefix in ("", "ForAllValues:", "ForAnyValue:")
        for name in OPERATORS
        for suffix in ("", "IfExists")
    ),
    *(f"{prefix}{NULL}" for prefix in ("", "ForAllValues:", "ForAnyValue:")),
]
NO_OPERATORS = [
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
    """What a trust policy with this Condition block is read as."""
    (condition,) = parse_trust_policy(document(statement(Condition=block))).statements[0].conditions
    return condition


class TestConditions:
    @KINDS
    @pytest.mark.parametrize("operator", EVERY_OPERATOR)
    def test_have_a_known_operator(
        self, check: Callable[[Any], object], good: Callable[..., Any], operator: str
    ) -> None:
        check(document(good(Condition={operator: {"aws:username": "alice"}})))

    @pytest.mark.parametrize(
        ("operator", "expected"),
        [
            ("StringEquals", ("StringEquals", "", False)),
            ("StringNotEqualsIfExists", ("StringNotEquals", "", True)),
            ("ForAllValues:StringLike", ("StringLike", "ForAllValues", False)),
            ("ForAnyValue:ArnLikeIfExists", ("ArnLike", "ForAnyValue", True)),
            ("StringEqualsIgnoreCase", ("StringEqualsIgnoreCase", "", False)),
            ("StringNotEqualsIgnoreCaseIfExists", ("StringNotEqualsIgnoreCase", "", True)),
            ("DateLessThanEquals", ("DateLessThanEquals", "", False)),
            ("Null", ("Null", "", False)),
            ("ForAnyValue:Null", ("Null", "ForAnyValue", False)),
        ],
    )
    def test_are_taken_apart(self, operator: str, expected: tuple[str, str, bool]) -> None:
        condition = only_condition({operator: {"saml:sub": "alice"}})
        assert (condition.operator, condition.set_operator, condition.if_exists) == expected

    @pytest.mark.parametrize("operator", NO_OPERATORS, ids=repr)
    def test_of_a_trust_policy_have_no_other_operator(self, operator: str) -> None:
        block = {operator: {"saml:sub": "alice"}}
        assert refused(parse_trust_policy, document(statement(Condition=block))) == malformed(
            f"Invalid Condition type : {operator}", f"{operator!r} is not a condition operator; {KNOWN_OPERATORS}"
        )

    @pytest.mark.parametrize("operator", NO_OPERATORS, ids=repr)
    def test_of_permissions_have_no_other_operator(self, operator: str) -> None:
        block = {operator: {"aws:username": "alice"}}
        assert refused(managed_policy, document(permission(Condition=block))) == syntax_error(
            f"{operator!r} is not a condition operator; {KNOWN_OPERATORS}"
        )

    @KINDS
    @pytest.mark.parametrize(
        ("block", "operator"),
        [
            pytest.param(
                {"StringEquals": {"saml:sub": "alice"}, "NullIfExists": {"saml:sub": "true"}},
                "NullIfExists",
                id="after another",
            ),
        ],
    )
    def test_have_no_other_operator_anywhere(
        self, check: Callable[[Any], object], good: Callable[..., Any], block: Any, operator: str
    ) -> None:
        assert refused(check, document(good(Condition=block)))[3].startswith(
            f"{operator!r} is not a condition operator; "
        )

    @KINDS
    @pytest.mark.parametrize(
        "block",
        [{}, {"StringEquals": {}}, {"Unknown": {}}, {"StringEquals": {}, "Bool": {"aws:SecureTransport": "true"}}],
        ids=["no operators", "no keys", "no keys of an unknown operator", "no keys of one"],
    )
    def test_may_be_none(self, check: Callable[[Any], object], good: Callable[..., Any], block: Any) -> None:
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
    def test_are_objects_of_objects(self, check: Callable[[Any], object], good: Callable[..., Any], block: Any) -> None:
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
    def test_have_texts_numbers_and_booleans(self, values: Any, expected: tuple[str, ...]) -> None:
        assert only_condition({"StringEquals": {"saml:sub": values}}).values == expected

    @KINDS
    @pytest.mark.parametrize("value", [None, {}, ["alice", None], [["alice"]], {"a": "b"}], ids=repr)
    def test_have_no_other_values(self, check: Callable[[Any], object], good: Callable[..., Any], value: Any) -> None:
        fault = value if not isinstance(value, list) else value[-1]
        assert refused(check, document(good(Condition={"StringEquals": {"saml:sub": value}}))) == syntax_error(
            f"a value of saml:sub must be a string, a number or a boolean, not {fault!r}"
        )

    def test_name_a_key_in_any_case(self) -> None:
        assert only_condition({"StringEquals": {"SAML:Sub": "alice"}}).key == "saml:sub"

    def test_may_name_a_key_that_nobody_fills_in(self) -> None:
        assert only_condition({"StringEquals": {"saml:subject": "alice"}}).key == "saml:subject"

    def test_are_one_for_each_operator_and_key(self) -> None:
        block = {"StringEquals": {"saml:sub": "alice", "saml:aud": "a"}, "Null": {"saml:sub": "false"}}
        conditions = parse_trust_policy(document(statement(Condition=block))).statements[0].conditions
        assert [(condition.operator, condition.key) for condition in conditions] == [
            ("StringEquals", "saml:sub"),
            ("StringEquals", "saml:aud"),
            ("Null", "saml:sub"),
        ]


def of_length(length: int, good: Callable[..., Any], letter: str = "a") -> dict[str, Any]:
    """A document that has so many characters without white space."""

    def written(filling: str) -> dict[str, Any]:
        return document(good(Condition={"StringEquals": {"saml:sub": filling}}))

    filling = letter * (length - len(json.dumps(written(""), separators=(",", ":"))))
    return written(filling)


SIZES = pytest.mark.parametrize(
    ("check", "good", "longest"),
    [
        pytest.param(parse_trust_policy, statement, 2048, id="trust"),
        pytest.param(managed_policy, permission, 6144, id="managed"),
    ],
)
QUOTAS = {2048: "ACLSizePerRole", 6144: "PolicySize"}


class TestSize:
    @SIZES
    @pytest.mark.parametrize("letter", ["a", "\u00e4"], ids=["ASCII", "Latin"])
    @pytest.mark.parametrize(
        "write",
        [
            pytest.param(lambda policy: policy, id="dict"),
            pytest.param(lambda policy: json.dumps(policy, ensure_ascii=False, separators=(",", ":")), id="compact"),
            pytest.param(lambda policy: json.dumps(policy, ensure_ascii=False, indent=100), id="spaced"),
        ],
    )
    def test_is_within_its_bound(
        self,
        check: Callable[[Any], object],
        good: Callable[..., Any],
        longest: int,
        letter: str,
        write: Callable[[Any], Any],
    ) -> None:
        check(write(of_length(longest, good, letter)))

    @SIZES
    @pytest.mark.parametrize(
        "write",
        [
            pytest.param(lambda policy: policy, id="dict"),
            pytest.param(lambda policy: json.dumps(policy, separators=(",", ":")), id="compact"),
            pytest.param(lambda policy: json.dumps(policy, indent=4), id="spaced"),
        ],
    )
    def test_past_its_bound_exceeds_a_quota(
        self,
        check: Callable[[Any], object],
        good: Callable[..., Any],
        longest: int,
        write: Callable[[Any], Any],
    ) -> None:
        assert refused(check, write(of_length(longest + 1, good))) == (
            "LimitExceeded",
            409,
            f"Cannot exceed quota for {QUOTAS[longest]}: {longest}",
            f"{longest + 1} characters without white space; wildcards make it shorter",
        )

    @SIZES
    def test_does_not_count_spaces_in_texts(
        self, check: Callable[[Any], object], good: Callable[..., Any], longest: int
    ) -> None:
        policy = of_length(longest, good)
        policy["Statement"][0]["Condition"]["StringEquals"]["saml:sub"] += " " * 1000
        check(policy)

    def test_of_a_sessions_policy_is_not_counted_here(self) -> None:
        check_permissions(of_length(7000, permission))

    def test_of_one_inline_policy_is_not_counted_here(self) -> None:
        assert len(inline_policy(of_length(10_241, permission))) > 10_241

    @pytest.mark.parametrize("letter", ["a", "\u00e4", "\u4e2d"], ids=["ASCII", "Latin", "escaped"])
    @pytest.mark.parametrize("lengths", [[10_240], [4_000, 6_240]], ids=["one", "two"])
    def test_of_a_roles_inline_policies_is_within_its_bound(self, lengths: list[int], letter: str) -> None:
        check_inline_policies("Role", [inline_policy(json.dumps(of_length(n, permission, letter))) for n in lengths])

    @pytest.mark.parametrize("letter", ["a", "\u00e4", "\u4e2d"], ids=["ASCII", "Latin", "escaped"])
    @pytest.mark.parametrize("lengths", [[10_241], [4_000, 6_241]], ids=["one", "two"])
    def test_of_a_roles_inline_policies_is_limited_together(self, lengths: list[int], letter: str) -> None:
        texts = [inline_policy(json.dumps(of_length(n, permission, letter))) for n in lengths]
        assert refused(lambda policies: check_inline_policies("Role", policies), texts) == (
            "LimitExceeded",
            409,
            "Maximum policy size of 10240 bytes exceeded for role Role",
            "10241 characters without white space; create_policy(...) makes policies that do not count",
        )

    def test_of_no_inline_policies_is_none(self) -> None:
        check_inline_policies("Role", [])


class TestGivenText:
    @pytest.mark.parametrize("give", [managed_policy, inline_policy], ids=["managed", "inline"])
    @pytest.mark.parametrize("write", [lambda policy: policy, json.dumps], ids=["dict", "text"])
    def test_says_what_the_document_says(self, give: Callable[[Any], str], write: Callable[[Any], Any]) -> None:
        policy = document(permission(Resource="arn:aws:s3:::\u00e4/*"), Id="mine")
        assert json.loads(give(write(policy))) == policy


class TestOrder:
    def test_a_malformed_policy_is_malformed_whatever_its_size(self) -> None:
        policy = of_length(3000, statement) | {"Version": "2000"}
        assert refused(parse_trust_policy, policy)[0] == "MalformedPolicyDocument"

    def test_a_later_statement_is_read_like_the_first(self) -> None:
        assert refused(parse_trust_policy, document(statement(), statement(Effect="allow"))) == syntax_error(
            "Effect must be Allow or Deny, not 'allow'"
        )
