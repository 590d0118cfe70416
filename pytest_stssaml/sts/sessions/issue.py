"""What a request for credentials becomes that every rule lets pass: a session."""

import datetime as dt
from collections.abc import Iterable

from .. import errors
from ..errors import Rejected
from ..limits import LONGEST_TOKEN
from ..requests.condition_keys import Asking
from .session import (
    Identify,
    Session,
    new_access_key_id,
    percent,
    session_of,
)
from .token import seal


def issue(asking: Asking, identify: Identify, key: bytes) -> Session:
    """The session of what every rule lets pass; its token has at most 4,096 octets.

    :raises Rejected: PackedPolicyTooLarge.
    """
    role, request = asking.granted_role, asking.request
    access_key_id = new_access_key_id(identify("session", role.arn, asking.role_session_name), key)
    issued = asking.now.replace(microsecond=0)
    expiration = _expiration(issued, request.duration_seconds, asking.ends)
    claims = {
        "access_key_id": access_key_id,
        "role": role.arn,
        "role_id": role.role_id,
        "name": asking.role_session_name,
        "issued": int(issued.timestamp()),
        "expiration": int(expiration.timestamp()),
        "federated": asking.federated,
        "source_identity": asking.source_identity,
        "tags": asking.tags,
        "transitive_tag_keys": asking.transitive_tag_keys,
        "policies": (*([request.policy] if request.policy else []), *request.policy_arns),
    }
    # What a session does not have, its token does not say. A time may be zero.
    claims = {name: claim for name, claim in claims.items() if claim or isinstance(claim, int)}
    token = seal(claims, key, request.minimum_session_token_size)
    _token_is_small_enough(token, asking)
    return session_of(claims, token, key, role, asking.source_session)


def _expiration(issued: dt.datetime, duration_seconds: int, ends: Iterable[dt.datetime]) -> dt.datetime:
    """The earliest of DurationSeconds and of what else ends the session (API reference)."""
    end = issued + min(dt.timedelta(seconds=duration_seconds), _END_OF_TIME - issued)
    return min([end, *(other.replace(microsecond=0) for other in ends)])


# Where a clock that was moved to the end of 9999 stops.
_END_OF_TIME = dt.datetime.max.replace(microsecond=0, tzinfo=dt.UTC)


def _token_is_small_enough(token: str, asking: Asking) -> None:
    """The token has at most 4,096 octets (AWS what's new, 15 September 2026; the texts are older)."""
    if len(token) > LONGEST_TOKEN:
        row = errors.PACKED_TAGS_TOO_LARGE if asking.tags else errors.TOKEN_TOO_LARGE
        if asking.request.policy or asking.request.policy_arns:
            row = errors.PACKED_POLICY_TOO_LARGE
        raise Rejected(row, f"the token has {len(token)} octets, more than {LONGEST_TOKEN}", percent=percent(token))
