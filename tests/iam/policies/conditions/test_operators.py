import json
from typing import Any

import pytest
from policy_decisions import NEGATED, SAMPLES, allowed, holds, met
from policy_documents import statement

from pytest_stssaml.iam.policies.conditions import OPERATORS

# For a positive operator in each form, and for a negated one: whether the condition holds if one value matches and
# another does not, and if the request lacks the key.
FORMS: dict[str, tuple[tuple[bool, bool], tuple[bool, bool]]] = {
    "{}": ((True, False), (False, True)),
    "{}IfExists": ((True, True), (False, True)),
    "ForAllValues:{}": ((False, True), (False, True)),
    "ForAllValues:{}IfExists": ((False, True), (False, True)),
    "ForAnyValue:{}": ((True, False), (True, False)),
    "ForAnyValue:{}IfExists": ((True, False), (True, False)),
}
# The same for a condition with an empty list of values: whether it holds if the request has values, and if it lacks the
# key.
FORMS_OF_AN_EMPTY_LIST: dict[str, tuple[tuple[bool, bool], tuple[bool, bool]]] = {
    "{}": ((False, False), (True, True)),
    "{}IfExists": ((False, True), (False, True)),
    "ForAllValues:{}": ((False, True), (False, True)),
    "ForAllValues:{}IfExists": ((False, True), (False, True)),
    "ForAnyValue:{}": ((False, False), (False, False)),
    "ForAnyValue:{}IfExists": ((False, False), (False, False)),
}
every_operator = pytest.mark.parametrize("operator", SAMPLES)


class TestOperators:
    def test_each_has_a_sample(self) -> None:
        assert set(SAMPLES) == set(OPERATORS)

    @every_operator
    def test_each_compares_all_values_of_the_request(self, operator: str) -> None:
        wanted, match, miss = SAMPLES[operator]
        requests = {
            "match": (match,),
            "matches": (match, match),
            "miss": (miss,),
            "misses": (miss, miss),
            "match, miss": (match, miss),
            "miss, match": (miss, match),
            "absent": (),
        }
        expected = {}
        for form, answers in FORMS.items():
            mixed, absent = answers[operator in NEGATED]
            expected[form] = {
                "match": True,
                "matches": True,
                "miss": False,
                "misses": False,
                "match, miss": mixed,
                "miss, match": mixed,
                "absent": absent,
            }
        assert {
            form: {name: met(form.format(operator), wanted, *values) for name, values in requests.items()}
            for form in FORMS
        } == expected

    @every_operator
    def test_a_key_without_a_value_counts_as_missing(self, operator: str) -> None:
        wanted = SAMPLES[operator][0]
        found = {form: holds({form.format(operator): {"saml:sub": wanted}}, {"saml:sub": ()}) for form in FORMS}
        assert found == {form: answers[operator in NEGATED][1] for form, answers in FORMS.items()}

    @every_operator
    def test_an_empty_list_of_values(self, operator: str) -> None:
        _, match, miss = SAMPLES[operator]
        found = {
            form: [met(form.format(operator), [], *values) for values in [(match,), (miss,), (match, miss), ()]]
            for form in FORMS
        }
        expected = {form: answers[operator in NEGATED] for form, answers in FORMS_OF_AN_EMPTY_LIST.items()}
        assert found == {form: [present] * 3 + [absent] for form, (present, absent) in expected.items()}


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
        assert allowed(statement(Condition=block), saml_sub=sub, saml_aud=aud) is expected

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
        assert allowed(statement(Condition=block), saml_sub=sub, saml_aud=aud) is expected

    @pytest.mark.parametrize(("sub", "expected"), [("alice", True), ("alina", False), ("bob", False)])
    def test_operators_on_one_key_must_all_hold(self, sub: str, expected: bool) -> None:
        block = {"StringLike": {"saml:sub": "al*"}, "StringNotLike": {"saml:sub": "*a"}}
        assert allowed(statement(Condition=block), saml_sub=sub) is expected

    @pytest.mark.parametrize(("sub", "expected"), [("alice", True), ("bob", True), ("carol", False)])
    def test_one_of_the_wanted_values_is_enough(self, sub: str, expected: bool) -> None:
        assert met("StringEquals", ["alice", "bob"], sub) is expected

    @pytest.mark.parametrize(("sub", "expected"), [("alice", False), ("bob", False), ("carol", True)])
    def test_a_negated_operator_forbids_all_of_its_values(self, sub: str, expected: bool) -> None:
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
    def test_lists_are_compared_with_lists(self, operator: str, values: tuple[str, ...], expected: bool) -> None:
        assert met(operator, list(NAMES), *values) is expected

    @pytest.mark.parametrize("block", [{}, {"StringEquals": {}}], ids=["no operator", "no key"])
    def test_an_empty_block_holds(self, block: dict[str, Any]) -> None:
        assert holds(block, {})

    def test_an_operator_without_keys_does_not_hide_one_that_fails(self) -> None:
        assert not holds({"StringEquals": {"saml:sub": "alice"}, "StringLike": {}}, {"saml:sub": ("bob",)})


class TestKeys:
    @pytest.mark.parametrize("key", ["saml:sub", "SAML:sub", "SAML:SUB", "sAmL:sUb"])
    @pytest.mark.parametrize("operator", ["StringEquals", "ForAnyValue:StringEquals"])
    def test_names_ignore_case(self, operator: str, key: str) -> None:
        assert holds({operator: {key: "alice"}}, {"saml:sub": ("alice",)})

    @pytest.mark.parametrize(("sub", "expected"), [("alice", True), ("alina", False), ("bob", False)])
    def test_written_in_two_ways_must_hold_in_both(self, sub: str, expected: bool) -> None:
        block = {"StringLike": {"saml:sub": "al*", "SAML:sub": "*e"}}
        assert holds(block, {"saml:sub": (sub,)}) is expected

    @pytest.mark.parametrize("key", ["SAML:SUB", "saml:sub"])
    def test_names_ignore_case_for_null(self, key: str) -> None:
        assert holds({"Null": {key: "false"}}, {"saml:sub": ("alice",)})

    @pytest.mark.parametrize("key", ["aws:RequestTag/Team", "aws:requesttag/team", "AWS:REQUESTTAG/TEAM"])
    def test_names_of_tags_ignore_case(self, key: str) -> None:
        assert holds({"StringEquals": {key: "Blue"}}, {"aws:requesttag/team": ("Blue",)})

    def test_of_another_tag_is_another_key(self) -> None:
        assert not holds({"StringEquals": {"aws:RequestTag/Cost": "Blue"}}, {"aws:requesttag/team": ("Blue",)})

    def test_of_tags_keep_the_case_of_their_values(self) -> None:
        block = {"ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]}}
        assert not holds(block, {"aws:tagkeys": ("team",)})


class TestNull:
    @pytest.mark.parametrize("wanted", ["true", "True", "TRUE", True, ["true"], [True]], ids=json.dumps)
    def test_true_requires_that_the_key_is_missing(self, wanted: Any) -> None:
        assert [met("Null", wanted), met("Null", wanted, "alice")] == [True, False]

    @pytest.mark.parametrize("wanted", ["false", "False", "FALSE", False, ["false"], [False]], ids=json.dumps)
    def test_false_requires_that_the_key_is_present(self, wanted: Any) -> None:
        assert [met("Null", wanted), met("Null", wanted, "alice")] == [False, True]

    @pytest.mark.parametrize(("wanted", "expected"), [("true", True), ("false", False)])
    def test_a_key_without_a_value_counts_as_missing(self, wanted: str, expected: bool) -> None:
        assert holds({"Null": {"saml:sub": wanted}}, {"saml:sub": ()}) is expected

    @pytest.mark.parametrize(("wanted", "expected"), [("true", False), ("false", True)])
    @pytest.mark.parametrize("values", [("",), ("true",), ("alice", "bob")], ids=["empty", "true", "two"])
    def test_any_value_counts_as_present(self, values: tuple[str, ...], wanted: str, expected: bool) -> None:
        assert met("Null", wanted, *values) is expected

    @pytest.mark.parametrize("values", [(), ("alice",), ("alice", "bob")], ids=["absent", "one", "two"])
    def test_true_and_false_always_hold(self, values: tuple[str, ...]) -> None:
        assert met("Null", ["true", "false"], *values)

    @pytest.mark.parametrize(("prefix", "expected"), [("ForAllValues:", True), ("ForAnyValue:", False)])
    @pytest.mark.parametrize("wanted", ["true", "false"])
    @pytest.mark.parametrize("values", [(), ("alice",), ("alice", "bob")], ids=["absent", "one", "two"])
    def test_a_set_operator_decides_alone(
        self, values: tuple[str, ...], wanted: str, prefix: str, expected: bool
    ) -> None:
        assert met(f"{prefix}Null", wanted, *values) is expected

    def test_can_require_the_key_of_for_all_values(self) -> None:
        block = {"ForAllValues:StringEquals": {"aws:TagKeys": "team"}, "Null": {"aws:TagKeys": "false"}}
        assert [holds(block, {}), holds(block, {"aws:tagkeys": ("team",)})] == [False, True]
