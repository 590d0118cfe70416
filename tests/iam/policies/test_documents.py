import copy
import json
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import pytest
from iam_errors import malformed, refused, syntax_error
from policy_documents import ACTION, KINDS, Check, Good, document, permission, statement

from pytest_stssaml.iam.policies.documents import NotJSON, read_policy
from pytest_stssaml.iam.policies.permissions import inline_policy, managed_policy
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy

NOT_JSON = "This policy contains invalid Json"


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
    def test_returns_the_value_of_the_json(self, text: str, value: Any) -> None:
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
            pytest.param("{} // comment", id="comment"),
            pytest.param('{"a": "\n"}', id="newline in a string"),
            pytest.param("True", id="Python's truth"),
            pytest.param("01", id="leading zero"),
            pytest.param('{"a": x}', id="bare word"),
            pytest.param("9" * 4301, id="number of too many digits"),
            pytest.param("[" * 100_000, id="depth"),
            pytest.param('{"a":' * 100_000, id="depth of objects"),
        ],
    )
    def test_rejects_what_is_not_json(self, text: str) -> None:
        with pytest.raises(NotJSON):
            read_policy(text)

    def test_names_the_position_of_the_error(self) -> None:
        with pytest.raises(NotJSON, match=r"^Expecting value: line 1 column 15 \(char 14\)$"):
            read_policy('{"Statement": x}')

    @pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
    def test_rejects_constants_that_are_not_json(self, name: str) -> None:
        with pytest.raises(NotJSON, match=f"^{name} is not JSON$"):
            read_policy(f'{{"a": [{name}]}}')

    @pytest.mark.parametrize("number", ["1e309", "-1e309", "1" + "0" * 309 + ".0"], ids=["1e309", "-1e309", "decimal"])
    def test_rejects_numbers_that_are_too_large(self, number: str) -> None:
        with pytest.raises(NotJSON, match=f"^{number} is too large for a number$"):
            read_policy(f'{{"a": [{number}]}}')

    @pytest.mark.parametrize(("text", "number"), [("1e308", 1e308), ("-1e308", -1e308), ("1e-400", 0.0)])
    def test_accepts_the_largest_and_smallest_numbers(self, text: str, number: float) -> None:
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
    def test_rejects_a_key_that_is_repeated_in_one_object(self, text: str, key: str) -> None:
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


class TestJSON:
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
    def test_rejects_what_is_not_json(self, check: Check, good: Good, text: str, hint: str) -> None:
        assert refused(check, text) == malformed(NOT_JSON, hint)

    @KINDS
    def test_rejects_json_that_is_nested_too_deep(self, check: Check, good: Good) -> None:
        assert refused(check, "[" * 100_000)[:3] == ("MalformedPolicyDocument", 400, NOT_JSON)

    @pytest.mark.parametrize(
        ("level", "key"),
        list(enumerate(["Version", "Effect", "Federated", "StringEquals", "saml:sub"])),
        ids=["document", "statement", "principal", "condition", "keys"],
    )
    def test_rejects_a_repeated_key_at_every_level_of_a_trust_policy(self, level: int, key: str) -> None:
        text, doubled_key = doubled(TRUST_LEVELS, level)
        assert (doubled_key, refused(parse_trust_policy, text)) == (
            key,
            malformed(NOT_JSON, f"the key '{key}' is repeated in one object"),
        )

    @pytest.mark.parametrize(
        ("level", "key"),
        list(enumerate(["Version", "Effect", "StringEquals", "aws:username"])),
        ids=["document", "statement", "condition", "keys"],
    )
    def test_rejects_a_repeated_key_at_every_level_of_a_managed_policy(self, level: int, key: str) -> None:
        text, doubled_key = doubled(MANAGED_LEVELS, level)
        assert (doubled_key, refused(managed_policy, text)) == (
            key,
            malformed(NOT_JSON, f"the key '{key}' is repeated in one object"),
        )

    def test_is_read_like_the_dict(self) -> None:
        policy = document(statement(Condition={"StringEquals": {"saml:sub": ["alice", "bob"]}}))
        assert parse_trust_policy(json.dumps(policy)) == parse_trust_policy(policy)

    def test_may_have_escaped_characters(self) -> None:
        policy = document(statement(Condition={"StringEquals": {"saml:sub": "J\u00fcrgen"}}))
        assert parse_trust_policy(json.dumps(policy, ensure_ascii=True)) == parse_trust_policy(
            json.dumps(policy, ensure_ascii=False)
        )

    @KINDS
    @pytest.mark.parametrize(
        ("text", "value"), [("[]", []), ("null", None), ('"Allow"', "Allow"), ("5", 5), ("true", True)], ids=str
    )
    def test_must_be_an_object(self, check: Check, good: Good, text: str, value: Any) -> None:
        assert refused(check, text) == syntax_error(f"a policy must be a JSON object, not {value!r}")


class TestDict:
    def test_is_kept_as_it_was_given(self) -> None:
        policy = document(statement(Sid="Login", Condition={"StringEquals": {"SAML:aud": "https://a.example.com"}}))
        assert parse_trust_policy(policy).document == policy

    def test_is_copied(self) -> None:
        policy = document(statement(Condition={"StringEquals": {"saml:sub": ["alice"]}}))
        before = copy.deepcopy(policy)
        kept = parse_trust_policy(policy)
        policy["Statement"][0]["Condition"]["StringEquals"]["saml:sub"].append("bob")
        policy["Statement"].clear()
        assert kept == parse_trust_policy(before)

    def test_may_be_any_mapping(self) -> None:
        policy = document(statement())
        assert parse_trust_policy(MappingProxyType(policy)) == parse_trust_policy(policy)

    def test_may_have_a_tuple_for_a_list(self) -> None:
        assert parse_trust_policy(document(statement(Action=(ACTION,)))).statements[0].actions == (ACTION,)

    def test_must_not_have_keys_that_are_equal_in_json(self) -> None:
        block = {"StringEquals": {1: "a", "1": "b"}}
        assert refused(parse_trust_policy, document(statement(Condition=block)))[2:] == (
            NOT_JSON,
            "the key '1' is repeated in one object",
        )

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            pytest.param({ACTION}, "Object of type set is not JSON serializable", id="set"),
            pytest.param(b"sts", "Object of type bytes is not JSON serializable", id="bytes"),
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
    def test_must_have_the_types_of_json(
        self, check: Check, argument: str, good: Good, value: Any, reason: str
    ) -> None:
        with pytest.raises(TypeError, match=f"^{argument} contains what JSON cannot: {reason}$"):
            check(document(good(Action=value)))

    @KINDS
    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")], ids=str)
    def test_must_have_the_numbers_of_json(self, check: Check, good: Good, value: float) -> None:
        with pytest.raises(TypeError, match=r"contains what JSON cannot: Out of range float values"):
            check(document(good(Condition={"NumericEquals": {"aws:EpochTime": value}})))

    def test_must_not_contain_itself(self) -> None:
        policy = document(statement())
        policy["Statement"].append(policy)
        with pytest.raises(TypeError, match=r"^trust_policy contains what JSON cannot: Circular reference detected$"):
            parse_trust_policy(policy)

    def test_must_not_be_nested_too_deep(self) -> None:
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
    def test_must_not_be_of_another_type(self, check: Check, argument: str, policy: Any) -> None:
        with pytest.raises(TypeError) as caught:
            check(policy)
        assert str(caught.value) == f"{argument} must be a dict or JSON, not {policy!r}"
