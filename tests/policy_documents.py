"""Policy documents that IAM accepts. A test replaces one thing in them."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from pytest_stssaml.iam.policies.permissions import inline_policy, managed_policy
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy

#: What checks a policy, and what makes a statement that it accepts.
Check: TypeAlias = Callable[[Any], object]
Good: TypeAlias = Callable[..., dict[str, Any]]

ACTION = "sts:AssumeRoleWithSAML"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
OTHER_PROVIDER = "arn:aws:iam::123456789012:saml-provider/OtherIdP"


def statement(**elements: Any) -> dict[str, Any]:
    """Return a statement of a trust policy."""
    return {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": ACTION} | elements


def permission(**elements: Any) -> dict[str, Any]:
    """Return a statement of a managed policy."""
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | elements


def without(element: str, whole: dict[str, Any]) -> dict[str, Any]:
    """Return a statement without one of its elements."""
    return {key: value for key, value in whole.items() if key != element}


def document(*statements: Any, **elements: Any) -> dict[str, Any]:
    """Return a policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)} | elements


def of_length(length: int, good: Good, letter: str = "a") -> dict[str, Any]:
    """Return a policy that has so many characters without white space."""

    def written(filling: str) -> dict[str, Any]:
        return document(good(Condition={"StringEquals": {"saml:sub": filling}}))

    filling = letter * (length - len(json.dumps(written(""), separators=(",", ":"))))
    return written(filling)


#: Every kind of policy.
KINDS = pytest.mark.parametrize(
    ("check", "good"),
    [
        pytest.param(parse_trust_policy, statement, id="trust"),
        pytest.param(managed_policy, permission, id="managed"),
        pytest.param(inline_policy, permission, id="inline"),
    ],
)
