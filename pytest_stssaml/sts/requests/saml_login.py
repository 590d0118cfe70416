"""What is asked, and what is known when the rules are applied."""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...iam.arn import Arn
from ...iam.directory import no_role
from ...iam.entities import Role, SAMLProvider
from ...iam.policies.evaluation import Principal
from ...saml.assertion import Assertion, SubjectConfirmation
from ...saml.vocabulary import (
    NAMEID_FORMAT_2_0,
    PRINCIPAL_TAG,
    ROLE_SESSION_NAME,
    SESSION_DURATION,
    SOURCE_IDENTITY,
    TRANSITIVE_TAG_KEYS,
)
from .. import errors
from ..errors import Rejected
from ..limits import DEFAULT_DURATION, LONGEST_DURATION, SHORTEST_DURATION


@dataclass(frozen=True, slots=True)
class Request:
    """One AssumeRoleWithSAML call whose parameters satisfy the schema; the duration is in seconds, sizes in octets."""

    region: str
    role_arn: str
    principal_arn: str
    role: Arn
    principal: Arn
    saml_assertion: str
    duration_seconds: int = DEFAULT_DURATION
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    policies: tuple[Arn, ...] = ()
    minimum_session_token_size: int = 0
    user_agent: str = ""
    secure: bool = True


@dataclass(frozen=True, eq=False)
class Login:
    """A request with everything that the checks may look at.

    `role` is None where it does not exist, and `similar_role` then the ARN of one of its name; `managed_policies` are those
    of the request's policy ARNs that do.
    """

    request: Request
    provider: SAMLProvider
    assertion: Assertion
    role: Role | None
    now: dt.datetime
    managed_policies: frozenset[str] = frozenset()
    similar_role: str | None = None

    def denied(self, _action: str, because: str) -> Rejected:
        """One text for whatever the role's trust policy does not allow (troubleshoot_saml)."""
        return Rejected(errors.ACCESS_DENIED, because)

    @property
    def granted_role(self) -> Role:
        """The role that is asked for.

        :raises Rejected: it does not exist; the caller cannot tell that from a trust policy (troubleshoot_saml).
        """
        if self.role is None:
            raise Rejected(errors.ACCESS_DENIED, no_role(self.request.role_arn, self.similar_role))
        return self.role

    @property
    def principal(self) -> Principal:
        """Whom the role's trust policy has to let in."""
        return Principal("Federated", self.provider.arn, frozenset({self.provider.arn}))

    @property
    def confirmation(self) -> SubjectConfirmation:
        """The one SubjectConfirmation; the first rule is that there is one."""
        return self.assertion.subject_confirmations[0]

    @property
    def recipient(self) -> str:
        """The Recipient of the bearer confirmation: STS's Audience, and a policy's `saml:aud`."""
        return self.confirmation.recipient or ""

    @property
    def role_session_name(self) -> str:
        """The RoleSessionName attribute; two rules see to it that there is one value."""
        return self.assertion.attributes[ROLE_SESSION_NAME][0]

    @property
    def source_identity(self) -> str | None:
        """The SourceIdentity attribute; a rule sees to it that there is at most one value."""
        return next(iter(self.assertion.attributes.get(SOURCE_IDENTITY, ())), None)

    @cached_property
    def said_tags(self) -> dict[str, tuple[str, ...]]:
        """The values of the PrincipalTag attributes by tag key."""
        return {
            name.removeprefix(PRINCIPAL_TAG): values
            for name, values in self.assertion.attributes.items()
            if name.startswith(PRINCIPAL_TAG)
        }

    @cached_property
    def tags(self) -> dict[str, str]:
        """The session tags; a rule sees to it that each has one value."""
        return {key: values[0] for key, values in self.said_tags.items()}

    @property
    def transitive_tag_keys(self) -> tuple[str, ...]:
        """The keys of the session tags that are to outlive a change of roles."""
        return self.assertion.attributes.get(TRANSITIVE_TAG_KEYS, ())

    @property
    def subject_type(self) -> str:
        """The NameID's format without the prefix of SAML 2.0's own formats (API reference, SubjectType)."""
        return self.assertion.name_id_format.removeprefix(NAMEID_FORMAT_2_0)

    @cached_property
    def name_qualifier(self) -> str:
        """Which identity provider of which account the subject belongs to."""
        return name_qualifier(self.assertion.issuer, self.provider.account_id, self.provider.name)

    @property
    def ends(self) -> Iterator[dt.datetime]:
        """What ends the session beside DurationSeconds: SessionDuration and SessionNotOnOrAfter can only shorten it.

        That a SessionDuration out of AWS's range counts for nothing is ours (create_saml_assertions; API reference).
        """
        for value in self.assertion.attributes.get(SESSION_DURATION, ()):
            if _is_duration(value):
                yield self.now + min(dt.timedelta(seconds=int(value)), _END_OF_TIME - self.now)
        if self.assertion.session_not_on_or_after is not None:
            yield self.assertion.session_not_on_or_after

    @property
    def federated(self) -> dict[str, str]:
        """The condition keys that later calls have from this login (reference_policies_iam-condition-keys)."""
        return {
            "aws:federatedprovider": self.provider.arn,
            "saml:sub": self.assertion.name_id or "",
            "saml:sub_type": self.subject_type,
            "saml:namequalifier": self.name_qualifier,
        }

    @property
    def source_session(self) -> None:
        """Nobody was signed in before."""

    @property
    def said(self) -> tuple[tuple[Any, ...], ...]:
        """What the response says of itself."""
        recipient = self.recipient if self.assertion.subject_confirmations else ""
        assertion = self.assertion
        return (
            ("", "issued {} by {} for {}", assertion.issue_instant, assertion.issuer, assertion.name_id),
            ("", "sent to {}", recipient),
            *(
                (
                    "",
                    f"SessionDuration {{}} does not count: it is not from {SHORTEST_DURATION} to {LONGEST_DURATION}",
                    value,
                )
                for value in assertion.attributes.get(SESSION_DURATION, ())
                if not _is_duration(value)
            ),
        )


def _is_duration(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,9}", text, re.ASCII)) and SHORTEST_DURATION <= int(text) <= LONGEST_DURATION


_END_OF_TIME = dt.datetime.max.replace(tzinfo=dt.UTC)


def name_qualifier(issuer: str, account_id: str, provider_name: str) -> str:
    """Base64 of the SHA-1 of issuer, account, "/" and provider name (API reference, NameQualifier)."""
    digest = hashlib.sha1(f"{issuer}{account_id}/{provider_name}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()
