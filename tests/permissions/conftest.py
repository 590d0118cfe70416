import json
from collections.abc import Callable
from typing import Any

import pytest
from permitting import Enter

from pytest_stssaml import IdentityProvider, Session, STSBackend

_ACTIONS = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]


@pytest.fixture
def enter(sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Enter:
    """Log in to a new role with some policies: `enter(policy, boundary=arn, Policy=..., principal_tags={...})`."""

    def login(*policies: Any, boundary: str | None = None, tags: dict[str, str] | None = None, **said: Any) -> Session:
        role = sts.create_role(
            f"Role{len(sts.roles)}",
            policies=policies,
            permissions_boundary=boundary,
            tags=tags,
            trust_policy=idp.provider.trust_policy(actions=_ACTIONS),
        )
        limits = {name: said.pop(name) for name in ("Policy", "PolicyArns") if name in said}
        if "Policy" in limits:
            limits["Policy"] = json.dumps(limits["Policy"])
        log_in(idp.response(role, **said), role, idp.provider, **limits)
        return sts.sessions[-1]

    return login
