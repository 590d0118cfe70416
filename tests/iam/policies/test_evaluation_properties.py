from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from policy_decisions import PRINCIPAL
from policy_documents import ACTION
from policy_strategies import a_few, requests, several, statements, versions

from pytest_stssaml.iam.policies.evaluation import decide
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy


def decided(statements: list[dict[str, Any]], context: Mapping[str, tuple[str, ...]], version: dict[str, str]) -> bool:
    """Return whether a policy of these statements lets PROVIDER in."""
    return decide(parse_trust_policy(version | {"Statement": statements}), ACTION, PRINCIPAL, context).allowed


@a_few
@given(several, requests, versions)
def test_evaluation_ends_in_true_or_false(
    policy: list[dict[str, Any]], context: dict[str, tuple[str, ...]], version: dict[str, str]
) -> None:
    assert decided(policy, context, version) in {True, False}


@a_few
@given(several, statements, requests, versions)
def test_another_deny_allows_nothing_more(
    policy: list[dict[str, Any]],
    deny: dict[str, Any],
    context: dict[str, tuple[str, ...]],
    version: dict[str, str],
) -> None:
    assert decided([*policy, deny | {"Effect": "Deny"}], context, version) <= decided(policy, context, version)


@a_few
@given(several, statements, requests, versions)
def test_another_allow_denies_nothing_more(
    policy: list[dict[str, Any]],
    allow: dict[str, Any],
    context: dict[str, tuple[str, ...]],
    version: dict[str, str],
) -> None:
    assert decided([*policy, allow | {"Effect": "Allow"}], context, version) >= decided(policy, context, version)


@a_few
@given(st.data(), several, requests, versions)
def test_the_order_of_statements_does_not_matter(
    data: st.DataObject, policy: list[dict[str, Any]], context: dict[str, tuple[str, ...]], version: dict[str, str]
) -> None:
    other_order = data.draw(st.permutations(policy))
    assert decided(other_order, context, version) is decided(policy, context, version)
