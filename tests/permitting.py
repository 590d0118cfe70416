"""Policies that allow and deny, and what they are asked about."""

from collections.abc import Callable
from typing import Any, TypeAlias

from policy_documents import document, permission

from pytest_stssaml import Session

#: Logs in to a new role: see the fixture `enter` of tests/permissions.
Enter: TypeAlias = Callable[..., Session]

OBJECT = "arn:aws:s3:::example/home/report.csv"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def allow(action: Any = "s3:*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    """Return a policy that allows actions on resources."""
    return document(permission(Action=action, Resource=resource, **elements))


def deny(action: Any = "s3:*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    """Return a policy that denies actions on resources."""
    return allow(action, resource, Effect="Deny", **elements)
