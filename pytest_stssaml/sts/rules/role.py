"""The rules about the requested role, which both ways to get a session share."""

from ...iam.limits import RESERVED_ROLE_PREFIX
from .. import errors
from ..requests.role_request import RoleRequest
from ..rule import AnyRule, Confidence, Rejected, rule


@rule("The role exists, spelled as it was created", source="troubleshoot_saml", confidence=Confidence.DOCUMENTED)
def role_exists(request: RoleRequest) -> None:
    _ = request.requested_role  # it raises


@rule(
    "The role is not reserved for IAM Identity Center",
    source="API reference; the error is our choice",
    confidence=Confidence.DOCUMENTED,
)
def role_is_not_reserved(request: RoleRequest) -> None:
    name = request.requested_role.name
    if name.startswith(RESERVED_ROLE_PREFIX):
        raise request.denied(request.action, f"{name} is a role of IAM Identity Center")


@rule(
    "The trust policy of the role allows the caller to assume it",
    source="troubleshoot_saml",
    confidence=Confidence.DOCUMENTED,
)
def trusted_by_the_role(request: RoleRequest) -> None:
    denied = request.denied_action
    if denied is not None:
        raise request.denied(denied, f"the trust policy does not allow {denied} for {request.principal.who}")


@rule(
    "DurationSeconds is at most the MaxSessionDuration of the role",
    source="API reference; that the trust policy comes first is inferred",
    confidence=Confidence.DOCUMENTED,
)
def within_the_roles_maximum(request: RoleRequest) -> None:
    requested, maximum = request.parameters.duration_seconds, request.requested_role.max_session_duration
    if requested > maximum:
        raise Rejected(
            errors.LONGER_THAN_ROLE_MAXIMUM, f"{requested} s were requested, and the role's maximum is {maximum} s"
        )


ROLE_RULES: tuple[AnyRule, ...] = (role_exists, role_is_not_reserved, trusted_by_the_role, within_the_roles_maximum)
