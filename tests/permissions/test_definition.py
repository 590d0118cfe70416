"""Decisions compared with a slow evaluator and, where moto is right, with moto's."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.iam.access_control import IAMPolicy, PermissionResult
from permissions_by_definition import allowed
from policy_strategies import a_few

from pytest_stssaml.iam.policies.permission_statements import Call
from pytest_stssaml.iam.policies.permissions import permission_statements
from pytest_stssaml.sts.sessions.decision import Layer, NamedPolicy, decide

ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "ec2:RunInstances"]
ACTION_PATTERNS = ["*", "s3:*", "s3:Get*", "s3:PutObject", "s3:*Object", "s3:L*B*", "ec2:*", "s3:*e*t*"]
BUCKET = "arn:aws:s3:::"
NAMES = ["b", "b/a", "b/blue/a", "b/Blue/a", "c/a:b", "b/*", "b/${x}"]
RESOURCES = ["*", *(BUCKET + name for name in NAMES)]
NAME_PATTERNS = ["b", "b/*", "*", "b*", "*/*a", "c/*", "b/Blue/*", "*:b"]
RESOURCE_PATTERNS = ["*", *(BUCKET + name for name in NAME_PATTERNS)]
NAMES_WITH_VARIABLES = [
    "b/?",
    "b/${aws:PrincipalTag/team}*",
    "b/${aws:PrincipalTag/none}*",
    "b/${aws:PrincipalTag/none, 'Blue'}*",
    "b/${*}*",
    "b/${?}*",
    "b/${$}{x}*",
]

fewer = settings(a_few, max_examples=40)  # policies take long to draw

requests = st.tuples(
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    st.fixed_dictionaries(
        {"aws:principaltag/team": st.sampled_from([("blue",), ("Blue",)])},
        optional={"s3:prefix": st.sampled_from([("a",), ("a", "b"), ("*",)])},
    ),
)
conditions = st.sampled_from(
    [
        {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
        {"StringNotLike": {"aws:PrincipalTag/team": "B*"}},
        {"ForAnyValue:StringEquals": {"s3:prefix": ["b", "${*}"]}},
        {"Null": {"s3:prefix": "true"}},
    ]
)


def one_or_several(values: list[str]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), min_size=1, max_size=3))


def statements(actions: list[str], resources: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
            "Action": one_or_several(actions),
            "Resource": one_or_several(resources),
        }
    )


def policies(statement: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    policy = st.fixed_dictionaries(
        {
            "Version": st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]),
            "Statement": st.lists(statement, min_size=1, max_size=3),
        }
    )
    return st.lists(policy, min_size=1, max_size=3)


@st.composite
def rich_statements(draw: st.DrawFn) -> dict[str, Any]:
    patterns = [*RESOURCE_PATTERNS, *(BUCKET + name for name in NAMES_WITH_VARIABLES)]
    statement = draw(statements([*ACTION_PATTERNS, "S3:getobject", "s3:?etObject"], patterns))
    for element in ("Action", "Resource"):
        if draw(st.integers(0, 3)) == 0:
            statement[f"Not{element}"] = statement.pop(element)
    if draw(st.booleans()):
        statement["Condition"] = draw(conditions)
    return statement


def decided(kinds: list[list[dict[str, Any]]], action: str, resource: str, context: dict[str, tuple[str, ...]]) -> bool:
    layers = tuple(
        Layer(f"{n}", tuple(NamedPolicy("", permission_statements(json.dumps(policy))) for policy in policies))
        for n, policies in enumerate(kinds)
    )
    return bool(decide(Call(action, resource, context), layers))


@fewer
@given(st.lists(policies(rich_statements()), min_size=1, max_size=3), requests)
def test_a_decision_is_what_its_definition_says(
    kinds: list[list[dict[str, Any]]], request: tuple[str, str, dict[str, tuple[str, ...]]]
) -> None:
    assert decided(kinds, *request) is allowed(kinds, *request)


def moto_allows(policies: list[dict[str, Any]], action: str, resource: str) -> bool:
    """Return what moto's enforcement says to policies of one kind."""
    answers = {IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource) for policy in policies}
    return PermissionResult.PERMITTED in answers and PermissionResult.DENIED not in answers


# moto knows no NotResource, takes a question mark for a regular expression, and lets the case of an action matter.
@fewer
@given(policies(statements(ACTION_PATTERNS, RESOURCE_PATTERNS)), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
def test_a_decision_is_that_of_moto_where_moto_has_the_grammar(
    several: list[dict[str, Any]], action: str, resource: str
) -> None:
    assert decided([several], action, resource, {}) is moto_allows(several, action, resource)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_notresource_excludes_nothing_by_a_variable_without_a_value(effect: str) -> None:
    statement = {"Effect": effect, "Action": "*", "NotResource": "arn:aws:s3:::b/${aws:PrincipalTag/none}"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    kinds = [[{"Version": "2012-10-17", "Statement": [statement, *([everything] if effect == "Deny" else [])]}]]
    assert decided(kinds, "s3:GetObject", "arn:aws:s3:::b/x", {}) is (effect == "Allow")
    assert decided(kinds, "s3:GetObject", "arn:aws:s3:::b/x", {"aws:principaltag/none": ("x",)}) is (effect == "Deny")
