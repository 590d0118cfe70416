"""A SAML login: a response of an identity provider asks for a session of a role."""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ...iam.entities import ASSUME_ROLE_WITH_SAML, Role, SAMLProvider
from ...iam.policies.evaluation import Principal
from ...iam.policies.variables import Context
from ...lazy import cached_property
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
from ..limits import LONGEST_DURATION, SHORTEST_DURATION
from ..rule import Rejected
from .claims import KEYS_OF_ATTRIBUTE, SINGLE_VALUED
from .condition_keys import (
    SEEN_BY_ALL,
    SEEN_BY_THE_LOGIN,
    SEEN_WITH_SOURCE_IDENTITY,
    SEEN_WITH_TAGS,
    request_keys,
    role_tag_keys,
    source_identity_keys,
)
from .parameters import SAMLLoginParameters
from .role_request import ConditionKeys, Fact, RoleRequest
from .similar_attributes import OPTIONAL_ATTRIBUTES, fill_of_key, similar_attribute


def _subject_keys(login: "SAMLLogin") -> Context:
    return {
        "saml:iss": (login.assertion.issuer,),
        "saml:sub": (login.assertion.name_id or "",),
        "saml:sub_type": (login.subject_type,),
        "saml:namequalifier": (login.name_qualifier,),
        "saml:doc": (f"{login.provider.account_id}/{login.provider.name}",),
        "sts:rolesessionname": (login.role_session_name,),
    }


def _claim_keys(login: "SAMLLogin") -> Context:
    """Return the keys that attributes fill. If several attributes fill one key, the first one counts (our choice)."""
    context: dict[str, tuple[str, ...]] = {}
    for name, values in login.assertion.attributes.items():
        for key in KEYS_OF_ATTRIBUTE.get(name, ()) if values else ():
            context.setdefault(key, values[:1] if key in SINGLE_VALUED else values)
    return context


def _recipient_keys(login: "SAMLLogin") -> Context:
    return {"saml:aud": (login.recipient,)}


def _tag_keys(login: "SAMLLogin") -> Context:
    return {
        **{f"aws:requesttag/{key.lower()}": (value,) for key, value in login.tags.items()},
        "aws:tagkeys": tuple(login.tags),
        "sts:transitivetagkeys": login.transitive_tag_keys,
    }


#: The condition keys of a SAML login. That sts:SetSourceIdentity sees saml:aud is our choice.
SAML_LOGIN_KEYS: ConditionKeys = (
    (_subject_keys, SEEN_BY_THE_LOGIN),
    (_claim_keys, SEEN_BY_THE_LOGIN),
    (_tag_keys, SEEN_WITH_TAGS),
    (source_identity_keys, SEEN_WITH_SOURCE_IDENTITY),
    (role_tag_keys, SEEN_BY_ALL),
    (request_keys, SEEN_BY_ALL),
    (_recipient_keys, SEEN_BY_ALL),  # the last is asked first, and most policies test no other
)


@dataclass(kw_only=True, repr=False, eq=False)
class SAMLLogin(RoleRequest):
    """An AssumeRoleWithSAML call whose response could be read."""

    parameters: SAMLLoginParameters
    #: The SAML provider of the request.
    provider: SAMLProvider
    #: The signed values of the response.
    assertion: Assertion

    action: ClassVar[str] = ASSUME_ROLE_WITH_SAML
    condition_keys: ClassVar[ConditionKeys] = SAML_LOGIN_KEYS
    #: Before a login there is no session.
    source_session: ClassVar[None] = None

    def denied(self, action: str, because: str) -> Rejected:  # noqa: ARG002 - AWS does not name the action
        """Return the error, which is the same whichever action the trust policy does not allow (troubleshoot_saml)."""
        return Rejected(errors.ACCESS_DENIED, because)

    @property
    def requested_role(self) -> Role:
        """The role that is requested.

        :raises Rejected: if it does not exist; the caller cannot tell that from a trust policy (troubleshoot_saml).
        """
        if self.role is None:
            raise Rejected(errors.ACCESS_DENIED, self.no_role)
        return self.role

    @property
    def principal(self) -> Principal:
        """The SAML provider, as the principal that the trust policy must allow."""
        return Principal("Federated", self.provider.arn, frozenset({self.provider.arn}))

    @property
    def confirmation(self) -> SubjectConfirmation:
        """The one SubjectConfirmation. The first rule requires that there is one."""
        return self.assertion.subject_confirmations[0]

    @property
    def recipient(self) -> str:
        """The Recipient of the bearer confirmation: the Audience of the result, and `saml:aud` in policies."""
        return self.confirmation.recipient or ""

    @property
    def role_session_name(self) -> str:
        """The attribute RoleSessionName. Two rules require that it has one value."""
        return self.assertion.attributes[ROLE_SESSION_NAME][0]

    @property
    def source_identity(self) -> str | None:
        """The attribute SourceIdentity, or None. A rule requires that it has at most one value."""
        return next(iter(self.assertion.attributes.get(SOURCE_IDENTITY, ())), None)

    @cached_property
    def tag_values(self) -> dict[str, tuple[str, ...]]:
        """All values of the PrincipalTag attributes by tag key."""
        return {
            name.removeprefix(PRINCIPAL_TAG): values
            for name, values in self.assertion.attributes.items()
            if name.startswith(PRINCIPAL_TAG)
        }

    @cached_property
    def tags(self) -> dict[str, str]:
        """The session tags. A rule requires that each has one value."""
        return {key: values[0] for key, values in self.tag_values.items()}

    @property
    def transitive_tag_keys(self) -> tuple[str, ...]:
        """The attribute TransitiveTagKeys."""
        return self.assertion.attributes.get(TRANSITIVE_TAG_KEYS, ())

    @property
    def subject_type(self) -> str:
        """The format of the NameID without the prefix of the formats of SAML 2.0 (API reference, SubjectType)."""
        return self.assertion.name_id_format.removeprefix(NAMEID_FORMAT_2_0)

    @cached_property
    def name_qualifier(self) -> str:
        """The identity provider and the account that the subject belongs to, hashed."""
        return name_qualifier(self.assertion.issuer, self.provider.account_id, self.provider.name)

    @property
    def session_durations(self) -> list[int]:
        """The values of the attribute SessionDuration that count, in seconds."""
        return [int(value) for value in self.assertion.attributes.get(SESSION_DURATION, ()) if _is_duration(value)]

    @property
    def ends(self) -> Iterator[tuple[str, dt.datetime]]:
        """The ends by SessionDuration and SessionNotOnOrAfter. They can only shorten the requested duration.

        That a SessionDuration outside of AWS's range is ignored is our choice (create_saml_assertions; API reference).
        """
        for duration in self.session_durations:
            yield "SessionDuration", self.now + min(dt.timedelta(seconds=duration), _LAST_INSTANT - self.now)
        if self.assertion.session_not_on_or_after is not None:
            yield "SessionNotOnOrAfter", self.assertion.session_not_on_or_after

    @property
    def federated_keys(self) -> dict[str, str]:
        """The condition keys that later calls of the session have (reference_policies_iam-condition-keys)."""
        return {
            "aws:federatedprovider": self.provider.arn,
            "saml:sub": self.assertion.name_id or "",
            "saml:sub_type": self.subject_type,
            "saml:namequalifier": self.name_qualifier,
        }

    def attribute_like(self, *wanted: str) -> str:
        """Return the attribute that is probably one of the wanted ones, as the end of a sentence, or nothing."""
        meant = similar_attribute(wanted, self.assertion.attributes)
        return "" if meant is None else f"; the response has the attribute {meant!r}"

    def origin_of_key(self, key: str, action: str) -> str | None:
        """Return which attribute fills a condition key that the response does not fill."""
        names = fill_of_key(key)
        if not names:
            return super().origin_of_key(key, action)
        return f"the attribute {' or '.join(names)} fills it{self.attribute_like(*names, key.partition(':')[2])}"

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What the response says about itself, for an explanation."""
        assertion = self.assertion
        recipient = self.recipient if assertion.subject_confirmations else ""
        return (
            ("", "issued {} by {} for {}", (assertion.issue_instant, assertion.issuer, assertion.name_id)),
            ("", "sent to {}", (recipient,)),
            *self.ignored,
        )

    @property
    def ignored(self) -> tuple[Fact, ...]:
        """What the response says and AWS ignores without a word."""
        assertion = self.assertion
        ignored = f"SessionDuration {{}} is ignored: it is not from {SHORTEST_DURATION} to {LONGEST_DURATION}"
        return (
            *(
                ("", ignored, (value,))
                for value in assertion.attributes.get(SESSION_DURATION, ())
                if not _is_duration(value)
            ),
            *(
                ("", "AWS ignores the attribute {}; it reads {}", (meant, name))
                for name in OPTIONAL_ATTRIBUTES
                if name not in assertion.attributes and (meant := similar_attribute([name], assertion.attributes))
            ),
        )


def _is_duration(value: str) -> bool:
    return bool(re.fullmatch(r"\d{1,9}", value, re.ASCII)) and SHORTEST_DURATION <= int(value) <= LONGEST_DURATION


_LAST_INSTANT = dt.datetime.max.replace(tzinfo=dt.UTC)


def name_qualifier(issuer: str, account_id: str, provider_name: str) -> str:
    """Return base64 of the SHA-1 of issuer, account, "/" and provider name (API reference, NameQualifier)."""
    digest = hashlib.sha1(f"{issuer}{account_id}/{provider_name}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()
