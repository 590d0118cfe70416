"""What is asked, and what is known when the rules are applied."""

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property

from ..saml.assertion import Assertion, SubjectConfirmation
from ..saml.vocabulary import NAMEID_FORMAT_2_0, ROLE_SESSION_NAME
from . import errors
from .errors import Rejected
from .iam import Arn, Role, SAMLProvider
from .limits import DEFAULT_DURATION

__all__ = ["Login", "Request", "name_qualifier", "role_of"]


@dataclass(frozen=True, slots=True)
class Request:
    """One AssumeRoleWithSAML call whose parameters satisfy the schema; the duration is in seconds."""

    region: str
    role_arn: str
    principal_arn: str
    role: Arn
    principal: Arn
    saml_assertion: str
    duration_seconds: int = DEFAULT_DURATION


@dataclass(frozen=True)
class Login:
    """A request with everything that the checks may look at; `role` is None where it does not exist."""

    request: Request
    provider: SAMLProvider
    assertion: Assertion
    role: Role | None
    now: dt.datetime

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
    def subject_type(self) -> str:
        """The NameID's format without the prefix of SAML 2.0's own formats (API reference, SubjectType)."""
        return self.assertion.name_id_format.removeprefix(NAMEID_FORMAT_2_0)

    @cached_property
    def name_qualifier(self) -> str:
        """Which identity provider of which account the subject belongs to."""
        return name_qualifier(self.assertion.issuer, self.provider.account_id, self.provider.name)


def role_of(login: Login) -> Role:
    """The role that is asked for.

    :raises Rejected: it does not exist; the caller cannot tell that from a trust policy (troubleshoot_saml).
    """
    if login.role is None:
        raise Rejected(errors.ACCESS_DENIED, f"there is no role {login.request.role_arn}")
    return login.role


def name_qualifier(issuer: str, account_id: str, provider_name: str) -> str:
    """Base64 of the SHA-1 of issuer, account, "/" and provider name (API reference, NameQualifier)."""
    digest = hashlib.sha1(f"{issuer}{account_id}/{provider_name}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()
