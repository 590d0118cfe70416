"""The story of one call."""

import datetime as dt

from ..saml.assertion import parse_response, read_assertion
from ..saml.faults import Unreadable
from . import errors
from .checks import CHECKS
from .errors import UNREADABLE, Rejected
from .iam import IAM, SAMLProvider
from .limits import partition_of
from .login import Login, Request
from .session import Identify, Session, issue

__all__ = ["assume_role_with_saml"]


def assume_role_with_saml(request: Request, iam: IAM, now: dt.datetime, identify: Identify, key: bytes) -> Session:
    """Exchange a SAML response for temporary credentials, the session token authenticated by `key`.

    :raises Rejected: the first reason to refuse, in AWS's order.
    """
    _region_is_activated(request, iam)
    try:
        response = parse_response(request.saml_assertion)
        provider = _known_provider(request, iam)
        assertion = read_assertion(response, provider.metadata, provider.decryption)
    except Unreadable as unreadable:
        raise Rejected(UNREADABLE[unreadable.fault], unreadable.because) from unreadable
    login = Login(
        request, provider, assertion, iam.role(request.role_arn), now, iam.managed_policies(request.policy_arns)
    )
    for check in CHECKS:
        check(login)
    return issue(login, identify, key)


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
            errors.UNKNOWN_PROVIDER, f"{partition_of(request.region)} has no provider {request.principal_arn}"
        )
    return provider
