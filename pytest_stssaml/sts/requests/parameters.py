"""The parameters of a request for a role, after they satisfied the schema."""

from dataclasses import dataclass

from ...iam.arn import Arn
from ..limits import DEFAULT_DURATION


@dataclass(slots=True, kw_only=True, init=False, repr=False, eq=False)
class RoleParameters:
    """What every request for a role consists of."""

    #: The region whose endpoint was asked.
    region: str
    #: Whether it was asked by the global endpoint.
    by_global_endpoint: bool = False
    #: The requested role, as it was written.
    role_arn: str
    #: The parts of that ARN.
    role: Arn
    #: DurationSeconds.
    duration_seconds: int = DEFAULT_DURATION
    #: The JSON of the inline session policy, or None.
    policy: str | None = None
    #: The ARNs of managed session policies, as they were written.
    policy_arns: tuple[str, ...] = ()
    #: The parts of those ARNs.
    policies: tuple[Arn, ...] = ()
    #: MinimumSessionTokenSize, in bytes.
    minimum_session_token_size: int = 0
    #: The header User-Agent.
    user_agent: str = ""
    #: Whether the request came by TLS.
    secure: bool = True


@dataclass(slots=True, kw_only=True, repr=False)
class SAMLLoginParameters(RoleParameters):
    """The parameters of one AssumeRoleWithSAML call."""

    #: The SAML provider, as it was written.
    principal_arn: str
    #: The parts of that ARN.
    principal: Arn
    #: The response, in base64.
    saml_assertion: str
