"""Who requests which role: what the two ways to get a session have in common."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias, TypedDict

from ...iam.directory import Directory, no_role
from ...iam.entities import SET_SOURCE_IDENTITY, TAG_SESSION, Role
from ...iam.policies.evaluation import Principal, Verdict, decide
from ...iam.policies.variables import Context
from ...lazy import cached_property
from ..rule import Rejected
from ..sessions.session import Session
from .condition_keys import ContextOfAction, Give
from .parameters import RoleParameters

#: What gives some condition keys of a request, and the actions that see them.
ConditionKeys: TypeAlias = tuple[tuple[Give, frozenset[str]], ...]

#: One line of an explanation: its label, a format string, and the values of its fields.
Fact: TypeAlias = tuple[str, str, tuple[dt.datetime | str | None, ...]]


class KnownToIAM(TypedDict):
    """What IAM knows about the role and the policies that a request names."""

    role: Role | None
    no_role: str
    managed_policies: frozenset[str]


def look_up(parameters: RoleParameters, directory: Directory) -> KnownToIAM:
    """Return what IAM knows about the role and the policies that a request names."""
    arn = parameters.role_arn
    role = directory.role(arn)
    return {
        "role": role,
        "no_role": "" if role else no_role(arn, directory.role_arns(), directory.past(arn)),
        "managed_policies": directory.managed_policies(parameters.policy_arns),
    }


@dataclass(kw_only=True, init=False, repr=False, eq=False)
class RoleRequest(ABC):
    """A request for a session of a role, with everything that the rules may look at.

    A SAML login and role chaining are the two kinds of it. They differ in who asks, in the action that the trust policy
    must allow, in the condition keys that the trust policy sees, in what ends the session, and in the error.
    """

    #: The parameters of the request.
    parameters: RoleParameters
    #: When the request arrived: aware, in UTC.
    now: dt.datetime
    #: The requested role, or None if it does not exist.
    role: Role | None
    #: If it does not exist, a sentence that says so, and which one may be meant.
    no_role: str = ""
    #: Those of the requested session policies that exist.
    managed_policies: frozenset[str] = frozenset()

    #: The action that the trust policy must allow in any case.
    action: ClassVar[str]
    #: The condition keys that the trust policy sees.
    condition_keys: ClassVar[ConditionKeys]

    @property
    @abstractmethod
    def requested_role(self) -> Role:
        """The role that is requested.

        :raises Rejected: if it does not exist or cannot be reached.
        """

    @property
    @abstractmethod
    def principal(self) -> Principal:
        """The principal that the trust policy must allow."""

    @property
    @abstractmethod
    def role_session_name(self) -> str:
        """The name of the new session."""

    @property
    @abstractmethod
    def source_identity(self) -> str | None:
        """The source identity of the new session, or None."""

    @property
    @abstractmethod
    def tags(self) -> Mapping[str, str]:
        """The tags of the new session by key."""

    @property
    @abstractmethod
    def transitive_tag_keys(self) -> tuple[str, ...]:
        """The keys of those tags that the next session of a chain inherits."""

    @property
    @abstractmethod
    def ends(self) -> Iterable[tuple[str, dt.datetime]]:
        """The times that end the new session, in addition to the requested duration, and what sets each of them."""

    @property
    def limit(self) -> str | None:
        """What ends the new session before the requested duration, such as "SessionDuration", or None."""
        by, end = min(self.ends, key=lambda named: named[1], default=(None, self.now))
        return by if end - self.now < dt.timedelta(seconds=self.parameters.duration_seconds) else None

    @property
    @abstractmethod
    def federated_keys(self) -> Mapping[str, str]:
        """The condition keys that later calls of the session have only because of this request."""

    @property
    @abstractmethod
    def source_session(self) -> Session | None:
        """The session that asks, or None."""

    @property
    @abstractmethod
    def facts(self) -> tuple[Fact, ...]:
        """What an explanation says about the one who asks."""

    def origin_of_key(self, key: str, action: str) -> str | None:
        """Return where a condition key comes from that a trust policy tests and this request lacks, or None.

        :param key: the condition key, in lower case.
        :param action: the action for which it was tested.
        """
        if action != self.action and self.context(self.action).get(key):
            return f"{action} does not see this key, which only {self.action} sees"
        return None

    @abstractmethod
    def denied(self, action: str, because: str) -> Rejected:
        """Return the error for an action that the trust policy does not allow."""

    @property
    def needed_actions(self) -> tuple[str, ...]:
        """The actions that the trust policy must allow.

        Tags and a source identity must be allowed in addition to the action itself (id_session-tags,
        troubleshoot_saml), also if a session inherits them (tags: observed; source identity:
        id_credentials_temp_control-access_monitor).
        """
        return (
            self.action,
            *([TAG_SESSION] if self.tags else []),
            *([SET_SOURCE_IDENTITY] if self.source_identity is not None else []),
        )

    @cached_property
    def trust_verdicts(self) -> tuple[Verdict, ...]:
        """What the trust policy of the requested role says to each needed action."""
        policy, principal = self.requested_role._policy, self.principal
        return tuple(decide(policy, action, principal, self.context(action)) for action in self.needed_actions)

    @property
    def denied_action(self) -> str | None:
        """The first needed action that the trust policy does not allow, or None (troubleshoot_saml)."""
        return next((verdict.action for verdict in self.trust_verdicts if not verdict.allowed), None)

    def context(self, action: str) -> Context:
        """Return the condition keys that a trust policy sees for an action."""
        gives = tuple(give for give, actions in self.condition_keys if action in actions)
        return ContextOfAction(self, gives, self._found_keys)

    @cached_property
    def _found_keys(self) -> dict[Give, Context]:
        return {}
