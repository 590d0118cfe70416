"""The session for a request that every rule about the request has accepted. The last rule is about its token."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from ..iam.partitions import V1_TOKEN, V2_TOKEN
from .requests.role_request import RoleRequest
from .rules.session_policies import session_token_is_small_enough
from .sessions.access_keys import new_access_key_id
from .sessions.session import Session, session_of
from .sessions.token import seal
from .state import ServiceState


def grant(request: RoleRequest, state: ServiceState) -> Session:
    """Return a new session for a request.

    :raises Rejected: PackedPolicyTooLarge, if the session token would be too large.
    """
    claims = _claims(request, state)
    token = seal(claims, state.token_key, request.parameters.minimum_session_token_size)
    session_token_is_small_enough(token, request)
    return session_of(
        claims,
        token,
        state.token_key,
        request.requested_role,
        source_session=request.source_session,
        origin=state.origin,
    )


def _claims(request: RoleRequest, state: ServiceState) -> dict[str, Any]:
    """Return what the session token says about the session."""
    role, parameters = request.requested_role, request.parameters
    issued = request.now.replace(microsecond=0)
    claims = {
        "access_key_id": new_access_key_id(
            state.identify("session", role.arn, request.role_session_name), state.token_key
        ),
        "role": role.arn,
        "role_id": role.role_id,
        "name": request.role_session_name,
        "issued": int(issued.timestamp()),
        "expiration": int(_expiration(issued, parameters.duration_seconds, request.ends).timestamp()),
        "federated": request.federated_keys,
        "source_identity": request.source_identity,
        "tags": request.tags,
        "transitive_tag_keys": request.transitive_tag_keys,
        "policies": (*([parameters.policy] if parameters.policy else []), *parameters.policy_arns),
        "token_version": _token_version(request, state),
    }
    # Empty claims would only make the token larger. A time of 0 is not empty.
    return {name: claim for name, claim in claims.items() if claim or isinstance(claim, int)}


def _token_version(request: RoleRequest, state: ServiceState) -> str | None:
    """Return the version of the session token if it is not valid in all regions."""
    version = state.global_endpoint_token_version if request.parameters.by_global_endpoint else V2_TOKEN
    return version if version == V1_TOKEN else None


# An expiration beyond it cannot be written.
_LAST_SECOND = dt.datetime.max.replace(microsecond=0, tzinfo=dt.UTC)


def _expiration(issued: dt.datetime, duration_seconds: int, ends: Iterable[tuple[str, dt.datetime]]) -> dt.datetime:
    """Return the earliest of DurationSeconds and of the other ends of the session (API reference)."""
    requested = issued + min(dt.timedelta(seconds=duration_seconds), _LAST_SECOND - issued)
    return min([requested, *(end.replace(microsecond=0) for _, end in ends)])
