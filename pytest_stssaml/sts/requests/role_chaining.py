"""A session that assumes another role: what is asked, and what is known when the rules are applied."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...iam.arn import Arn
from ...iam.directory import no_role
from ...iam.entities import ASSUME_ROLE, Role
from ...iam.policies.evaluation import EVERYONE, Principal
from .. import errors
from ..errors import Rejected
from ..limits import DEFAULT_DURATION
from ..sessions.session import Session


@dataclass(frozen=True, slots=True)
class ChainingRequest:
    """One AssumeRole call whose parameters satisfy the schema; the duration is in seconds, sizes in octets.

    `tags` are in the order in which they were sent, and may name a key twice.
    """

    region: str
    role_arn: str
    role: Arn
    role_session_name: str
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    external_id: str | None = None
    mfa: bool = False
    provided_contexts: bool = False
    duration_seconds: int = DEFAULT_DURATION
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    policies: tuple[Arn, ...] = ()
    minimum_session_token_size: int = 0
    user_agent: str = ""
    secure: bool = True


@dataclass(frozen=True, eq=False)
class Chaining:
    """A request with everything that the checks may look at.

    `caller_role` is the role of the session that asks, as it is now; `role`, the one that is asked for, is None where
    it does not exist, and `similar_role` then the ARN of one of its name; `managed_policies` are those of the request's
    policy ARNs that do.
    """

    request: ChainingRequest
    source_session: Session
    caller_role: Role
    role: Role | None
    now: dt.datetime
    managed_policies: frozenset[str] = frozenset()
    similar_role: str | None = None
    #: Nothing ends the new session before its hour, not even the end of the one that asks.
    ends: tuple[dt.datetime, ...] = field(default=(), init=False)

    def denied(self, action: str, because: str) -> Rejected:
        """The caller is told which action the role's trust policy does not allow (observed)."""
        arn, role_arn = self.source_session.arn, self.request.role_arn
        return Rejected(errors.NOT_AUTHORIZED, because, user=arn, action=action, resource=role_arn)

    @property
    def granted_role(self) -> Role:
        """The role that is asked for.

        :raises Rejected: it does not exist; the caller cannot tell that from a trust policy (observed). Nor does it
            for a session of another partition (access_policies-cross-account-resource-access; the error is ours).
        """
        if self.role is None:
            raise self.denied(ASSUME_ROLE, no_role(self.request.role_arn, self.similar_role))
        if self.role.partition != self.caller_role.partition:
            raise self.denied(ASSUME_ROLE, f"no session of {self.caller_role.partition} reaches {self.role.arn}")
        return self.role

    @property
    def principal(self) -> Principal:
        """Whom the role's trust policy has to let in: the session, its role, or its account.

        An account is let in on behalf of whom its own policies allow it; here they allow it to everybody.
        Source: IAM user guide, reference_policies_elements_principal.
        """
        session, role = self.source_session, self.caller_role
        root = f"arn:{role.partition}:iam::{role.account_id}:root"
        names = {session.arn, role.role_id, root, role.account_id, EVERYONE}
        who = f"{session.arn} of {role.arn}"
        if self.granted_role.trusted_role_ids.get(role.arn, role.role_id) == role.role_id:
            names.add(role.arn)
        else:
            who += ", which was made anew since the policy was written"
        return Principal("AWS", who, frozenset(names))

    @property
    def role_session_name(self) -> str:
        """The name of the new session."""
        return self.request.role_session_name

    @property
    def source_identity(self) -> str | None:
        """What the chain began with, or else what the request sets."""
        return self.source_session.source_identity or self.request.source_identity

    @cached_property
    def tags(self) -> dict[str, str]:
        """The inherited tags, and those of the request."""
        return {**self.source_session.inherited_tags, **dict(self.request.tags)}

    @property
    def transitive_tag_keys(self) -> tuple[str, ...]:
        """What was inherited goes on."""
        return (*self.source_session.inherited_tags, *self.request.transitive_tag_keys)

    @property
    def principal_tags(self) -> dict[str, str]:
        """The tags of the caller: session tags replace the role's of the same key, in letters of any case."""
        tags = self.source_session.tags
        taken = {key.lower() for key in tags}
        return {**{key: value for key, value in self.caller_role.tags.items() if key.lower() not in taken}, **tags}

    @property
    def federated(self) -> Mapping[str, str]:
        """That these keys are a login's own, and not passed on, is ours."""
        return {}

    @property
    def said(self) -> tuple[tuple[Any, ...], ...]:
        """Who asks."""
        return (("caller", "{}", self.source_session.arn),)
