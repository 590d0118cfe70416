"""What a login is given: durations, identifiers, credentials."""

import base64
import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..saml.vocabulary import SESSION_DURATION
from . import errors
from .errors import Rejected
from .limits import LONGEST_DURATION, LONGEST_TOKEN, SHORTEST_DURATION
from .login import Login, role_of
from .token import seal

__all__ = ["Identify", "Session", "issue", "letters"]

#: 32 octets for a purpose and some content, never the same twice; the backend's clock gives them.
Identify = Callable[..., bytes]


@dataclass(frozen=True, slots=True)
class Session:
    """The answer to one login; `expiration` is aware, in UTC and a whole second.

    `principal_tags` are what later calls see: the role's tags, overridden by the session's.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: dt.datetime
    assumed_role_id: str
    arn: str
    audience: str
    issuer: str
    subject: str
    subject_type: str
    name_qualifier: str
    source_identity: str | None
    tags: Mapping[str, str]
    transitive_tag_keys: tuple[str, ...]
    principal_tags: Mapping[str, str]

    @property
    def session_token_size(self) -> int:
        """Octets of the token."""
        return len(self.session_token)

    @property
    def session_token_utilization(self) -> int:
        """Percent of what a token may have, rounded up."""
        return _percent(self.session_token)


def issue(login: Login, identify: Identify, key: bytes) -> Session:
    """The session of a login that every rule lets pass; its token has at most 4,096 octets.

    :raises Rejected: PackedPolicyTooLarge.
    """
    role, name = role_of(login), login.role_session_name
    # Without the role's path (observed).
    arn = f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{name}"
    access_key_id = "ASIA" + letters(identify("session", arn), 16)
    expiration = _expiration(login)
    claims = _claims(login, access_key_id, expiration)
    token = seal(claims, key, login.request.minimum_session_token_size)
    _token_is_small_enough(token, login)
    return Session(
        access_key_id=access_key_id,
        secret_access_key=_secret(access_key_id, key),
        session_token=token,
        expiration=expiration,
        assumed_role_id=f"{role.role_id}:{name}",
        arn=arn,
        audience=login.recipient,
        issuer=login.assertion.issuer,
        subject=login.assertion.name_id or "",
        subject_type=login.subject_type,
        name_qualifier=login.name_qualifier,
        source_identity=login.source_identity,
        tags=login.tags,
        transitive_tag_keys=login.transitive_tag_keys,
        principal_tags=_overridden(role.tags, login.tags),
    )


def _claims(login: Login, access_key_id: str, expiration: dt.datetime) -> dict[str, Any]:
    """What the token says: all that later calls depend on. What a login does not have, its token does not say."""
    role, request = role_of(login), login.request
    claims = {
        "access_key_id": access_key_id,
        "role": role.arn,
        "role_id": role.role_id,
        "name": login.role_session_name,
        "expiration": int(expiration.timestamp()),
        "saml:sub": login.assertion.name_id,
        "saml:sub_type": login.subject_type,
        "saml:namequalifier": login.name_qualifier,
        "source_identity": login.source_identity,
        "tags": login.tags,
        "transitive_tag_keys": login.transitive_tag_keys,
        "policy": request.policy,
        "policy_arns": request.policy_arns,
    }
    return {name: claim for name, claim in claims.items() if claim}


def _secret(access_key_id: str, key: bytes) -> str:
    # Found again from the token alone, which does not hold it.
    return base64.b64encode(hmac.digest(key, access_key_id.encode(), hashlib.sha256)[:30]).decode()


def _token_is_small_enough(token: str, login: Login) -> None:
    """The token has at most 4,096 octets (AWS what's new, 15 September 2026; the texts are older)."""
    if len(token) > LONGEST_TOKEN:
        row = errors.PACKED_TAGS_TOO_LARGE if login.tags else errors.TOKEN_TOO_LARGE
        if login.request.policy or login.request.policy_arns:
            row = errors.PACKED_POLICY_TOO_LARGE
        raise Rejected(row, f"the token has {len(token)} octets, more than {LONGEST_TOKEN}", percent=_percent(token))


def _percent(token: str) -> int:
    return -(-100 * len(token) // LONGEST_TOKEN)


def _overridden(role_tags: Mapping[str, str], session_tags: Mapping[str, str]) -> dict[str, str]:
    """Session tags replace the role's of the same key, in letters of any case (id_session-tags)."""
    taken = {key.lower() for key in session_tags}
    return {**{key: value for key, value in role_tags.items() if key.lower() not in taken}, **session_tags}


def letters(octets: bytes, count: int) -> str:
    """`count` of A-Z and 2-7, at most 51, as IAM's unique identifiers are written."""
    needed = -(-count * 5 // 8)  # five bits for a letter; Python's base 32 is slow
    return base64.b32encode(octets[:needed])[:count].decode()


# Where a clock that was moved to the end of 9999 stops.
_END_OF_TIME = dt.datetime.max.replace(microsecond=0, tzinfo=dt.UTC)


def _expiration(login: Login) -> dt.datetime:
    """The earliest of DurationSeconds, SessionDuration, SessionNotOnOrAfter (API reference; create_saml_assertions)."""
    duration = min([login.request.duration_seconds, *_session_durations(login)])
    now = login.now.replace(microsecond=0)
    end = now + min(dt.timedelta(seconds=duration), _END_OF_TIME - now)
    session_end = login.assertion.session_not_on_or_after
    return end if session_end is None else min(end, session_end.replace(microsecond=0))


def _session_durations(login: Login) -> list[int]:
    """The SessionDuration attribute can only shorten; that one out of AWS's range counts for nothing is ours."""
    values = login.assertion.attributes.get(SESSION_DURATION, ())
    seconds = [int(value) for value in values if re.fullmatch(r"\d{1,9}", value, re.ASCII)]
    return [s for s in seconds if SHORTEST_DURATION <= s <= LONGEST_DURATION]
