"""Condition keys that every request for a role has, and which actions see which keys.

Source: IAM user guide, reference_policies_iam-condition-keys ("available keys for SAML-based federation", "for AWS
STS") and id_session-tags; service authorization reference, AWS STS.
"""

from typing import TYPE_CHECKING

from ...iam.entities import ASSUME_ROLE, ASSUME_ROLE_WITH_SAML, SET_SOURCE_IDENTITY, TAG_SESSION
from ...iam.policies.variables import Context
from ..sessions.condition_keys import time_keys

if TYPE_CHECKING:
    from .role_request import RoleRequest

# That an action does not see the keys of another was measured with AssumeRole.
SEEN_BY_THE_LOGIN = frozenset({ASSUME_ROLE_WITH_SAML, ASSUME_ROLE})
SEEN_WITH_TAGS = SEEN_BY_THE_LOGIN | {TAG_SESSION}
SEEN_WITH_SOURCE_IDENTITY = SEEN_BY_THE_LOGIN | {SET_SOURCE_IDENTITY}
SEEN_BY_ALL = SEEN_WITH_TAGS | SEEN_WITH_SOURCE_IDENTITY


def source_identity_keys(request: "RoleRequest") -> Context:
    """Return the key of the source identity, if there is one."""
    return {} if request.source_identity is None else {"sts:sourceidentity": (request.source_identity,)}


def role_tag_keys(request: "RoleRequest") -> Context:
    """Return the keys of the tags of the requested role."""
    tags = request.requested_role.tags.items()
    return {f"{service}:resourcetag/{key.lower()}": (value,) for key, value in tags for service in ("aws", "iam")}


def request_keys(request: "RoleRequest") -> Context:
    """Return the keys of every request. There is no aws:SourceIp, since a call in process has no source address."""
    parameters = request.parameters
    return {
        **time_keys(request.now),
        "aws:requestedregion": (parameters.region,),
        "aws:securetransport": (str(parameters.secure).lower(),),
        "aws:useragent": (parameters.user_agent,) if parameters.user_agent else (),
    }
