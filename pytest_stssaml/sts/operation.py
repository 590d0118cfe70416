"""The story of one call."""

import datetime as dt

from ..saml.assertion import parse_response, read_assertion
from ..saml.faults import Unreadable
from . import errors
from .attempt import Trail
from .checks import CHECKS
from .errors import UNREADABLE, Rejected
from .iam import IAM, SAMLProvider
from .limits import partition_of
from .login import Login, Request
from .session import Identify, Session, issue

__all__ = ["assume_role_with_saml"]


def assume_role_with_saml(
    request: Request, iam: IAM, now: dt.datetime, identify: Identify, key: bytes, *, trail: Trail
) -> Session:
    """Exchange a SAML response for temporary credentials.

    :param key: authenticates the session token.
    :param trail: notes the rules as they are asked.
    :raises Rejected: the first reason to refuse, in AWS's order.
    """
    trail.ask(_region_is_activated, request, iam)
    try:
        response = trail.ask(parse_response, request.saml_assertion)
        provider = trail.ask(_known_provider, request, iam)
        assertion = trail.ask(read_assertion, response, provider.metadata, provider.decryption)
    except Unreadable as unreadable:
        raise Rejected(UNREADABLE[unreadable.fault], unreadable.because) from unreadable
    role, managed_policies = iam.role(request.role_arn), iam.managed_policies(request.policy_arns)
    login = Login(request, provider, assertion, role, now, managed_policies)
    trail.ask_each(CHECKS, login)
    return trail.ask(issue, login, identify, key)


def _region_is_activated(request: Request, iam: IAM) -> None:
    """STS is activated in the region (API reference, RegionDisabled)."""
    if request.region in iam.disabled_regions:
        raise Rejected(
            errors.REGION_DISABLED, f"STS is disabled in {request.region}", account_id=request.role.account_id
        )


def _known_provider(request: Request, iam: IAM) -> SAMLProvider:
    """The provider exists in the partition of the endpoint (troubleshoot_saml; the partition was observed)."""
    provider = iam.saml_provider(request.principal_arn)
    if provider is None or provider.partition != partition_of(request.region):
        raise Rejected(
            errors.UNKNOWN_PROVIDER,
            f"there is no provider {request.principal_arn} in the partition {partition_of(request.region)}",
        )
    return provider
