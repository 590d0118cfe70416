"""Role chaining: a session asks for a session of another role."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ...iam.entities import ASSUME_ROLE, Role
from ...iam.policies.evaluation import EVERYONE, Principal
from ...iam.policies.variables import Context
from ...lazy import cached_property
from .. import errors
from ..rule import Rejected
from ..sessions.condition_keys import principal_keys
from ..sessions.session import Session
from .chaining_parameters import RoleChainingParameters
from .condition_keys import (
    SEEN_BY_ALL,
    SEEN_BY_THE_LOGIN,
    SEEN_WITH_SOURCE_IDENTITY,
    SEEN_WITH_TAGS,
    request_keys,
    role_tag_keys,
    source_identity_keys,
)
from .role_request import ConditionKeys, Fact, RoleRequest


def _caller_keys(chaining: "RoleChaining") -> Context:
    return principal_keys(chaining.calling_session, chaining.calling_role)


def _parameter_keys(chaining: "RoleChaining") -> Context:
    external_id = chaining.parameters.external_id
    return {
        "sts:rolesessionname": (chaining.role_session_name,),
        "sts:externalid": () if external_id is None else (external_id,),
    }


def _tag_keys(chaining: "RoleChaining") -> Context:
    """Return the keys of the tags of the request. That inherited tags do not count here is inferred."""
    tags = chaining.parameters.tags
    return {
        **{f"aws:requesttag/{key.lower()}": (value,) for key, value in tags},
        "aws:tagkeys": tuple(key for key, _ in tags),
        "sts:transitivetagkeys": chaining.parameters.transitive_tag_keys,
    }


#: The condition keys of role chaining.
ROLE_CHAINING_KEYS: ConditionKeys = (
    (_parameter_keys, SEEN_BY_THE_LOGIN),
    (_tag_keys, SEEN_WITH_TAGS),
    (source_identity_keys, SEEN_WITH_SOURCE_IDENTITY),
    (_caller_keys, SEEN_BY_ALL),
    (role_tag_keys, SEEN_BY_ALL),
    (request_keys, SEEN_BY_ALL),
)


@dataclass(kw_only=True, repr=False, eq=False)
class RoleChaining(RoleRequest):
    """An AssumeRole call that a session has signed."""

    parameters: RoleChainingParameters
    #: The session that asks.
    calling_session: Session
    #: The role of that session, as it is now.
    calling_role: Role

    action: ClassVar[str] = ASSUME_ROLE
    condition_keys: ClassVar[ConditionKeys] = ROLE_CHAINING_KEYS
    #: The new session lasts as long as was requested, even if the calling session ends before.
    ends: ClassVar[tuple[tuple[str, dt.datetime], ...]] = ()

    def denied(self, action: str, because: str) -> Rejected:
        """Return the error that names the action which the trust policy does not allow (observed)."""
        caller, role_arn = self.calling_session.arn, self.parameters.role_arn
        return Rejected(errors.NOT_AUTHORIZED, because, user=caller, action=action, resource=role_arn)

    @property
    def requested_role(self) -> Role:
        """The role that is requested.

        :raises Rejected: if it does not exist; the caller cannot tell that from a trust policy (observed). Likewise if
            the session is of another partition (access_policies-cross-account-resource-access; the error is our
            choice).
        """
        if self.role is None:
            raise self.denied(ASSUME_ROLE, self.no_role)
        if self.role.partition != self.calling_role.partition:
            because = f"a session of {self.calling_role.partition} cannot assume {self.role.arn}"
            raise self.denied(ASSUME_ROLE, because)
        return self.role

    @property
    def principal(self) -> Principal:
        """The session, its role or its account, as the principal that the trust policy must allow.

        A policy that trusts an account leaves it to the account's own policies who may assume the role. Here they allow
        everybody. Source: IAM user guide, reference_policies_elements_principal.
        """
        session, role = self.calling_session, self.calling_role
        root = f"arn:{role.partition}:iam::{role.account_id}:root"
        names = {session.arn, role.role_id, root, role.account_id, EVERYONE}
        description = f"{session.arn} of {role.arn}"
        if self.requested_role._trusted_role_ids.get(role.arn, role.role_id) == role.role_id:
            names.add(role.arn)
        else:
            description += ", which was deleted and created again since the policy was written"
        return Principal("AWS", description, frozenset(names))

    @property
    def role_session_name(self) -> str:
        """The name of the new session."""
        return self.parameters.role_session_name

    @property
    def source_identity(self) -> str | None:
        """The source identity of the calling session, or else that of the request."""
        return self.calling_session.source_identity or self.parameters.source_identity

    @property
    def source_session(self) -> Session:
        """The session that asks."""
        return self.calling_session

    @cached_property
    def tags(self) -> dict[str, str]:
        """The inherited tags, and those of the request."""
        return {**self.calling_session.inherited_tags, **dict(self.parameters.tags)}

    @property
    def transitive_tag_keys(self) -> tuple[str, ...]:
        """The keys of the inherited tags, which stay transitive, and those of the request."""
        return (*self.calling_session.inherited_tags, *self.parameters.transitive_tag_keys)

    @property
    def federated_keys(self) -> Mapping[str, str]:
        """No keys: that those of a login are not passed on to the next session is our choice."""
        return {}

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Who asks, for an explanation."""
        return (("caller", "{}", (self.calling_session.arn,)),)
