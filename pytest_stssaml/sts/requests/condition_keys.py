"""Condition keys that every request for a role has, and which actions see which keys.

Source: IAM user guide, reference_policies_iam-condition-keys ("available keys for SAML-based federation", "for AWS
STS") and id_session-tags; service authorization reference, AWS STS.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

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

#: Gives some condition keys of a request.
Give: TypeAlias = Callable[[Any], Context]


class ContextOfAction(Mapping[str, tuple[str, ...]]):
    """The condition keys that an action sees. Most policies test one, so the others are not found out before.

    :param gives: what gives the keys. If several give a key, the last one counts.
    :param found: what each of them gave before, by the other actions of the same request.
    """

    def __init__(self, request: "RoleRequest", gives: tuple[Give, ...], found: dict[Give, Context]) -> None:
        self._request = request
        self._gives = gives
        self._found = found

    def __getitem__(self, key: str) -> tuple[str, ...]:
        for give in reversed(self._gives):
            keys = self._keys(give)
            if key in keys:
                return keys[key]
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter({key: None for give in self._gives for key in self._keys(give)})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _keys(self, give: Give) -> Context:
        keys = self._found.get(give)
        if keys is None:
            keys = self._found[give] = give(self._request)
        return keys


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
