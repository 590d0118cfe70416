"""What a login is given: durations, identifiers, credentials."""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..saml.vocabulary import SESSION_DURATION
from .limits import LONGEST_DURATION, SHORTEST_DURATION
from .login import Login, role_of

__all__ = ["Identify", "Session", "issue", "letters"]

#: 32 octets for a purpose and some content, never the same twice; the backend's clock gives them.
Identify = Callable[..., bytes]


@dataclass(frozen=True, slots=True)
class Session:
    """The answer to one login; `expiration` is aware, in UTC and a whole second."""

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


# Octets: 16 letters of base 32, 40 of base 64, and a token of some 350 characters.
_KEY, _SECRET, _TOKEN = 10, 30, 256


def issue(login: Login, identify: Identify) -> Session:
    """The session of a login that every rule lets pass."""
    role, name = role_of(login), login.role_session_name
    # Without the role's path (observed).
    arn = f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{name}"
    content = hashlib.shake_256(identify("session", arn)).digest(_KEY + _SECRET + _TOKEN)
    return Session(
        access_key_id="ASIA" + letters(content[:_KEY], 16),
        secret_access_key=base64.b64encode(content[_KEY : _KEY + _SECRET]).decode(),
        # Seen to begin so; how long a token is, is nobody's to count on.
        session_token=base64.b64encode(b"\x17\n\x06er/aws" + content[_KEY + _SECRET :]).decode(),
        expiration=_expiration(login),
        assumed_role_id=f"{role.role_id}:{name}",
        arn=arn,
        audience=login.recipient,
        issuer=login.assertion.issuer,
        subject=login.assertion.name_id or "",
        subject_type=login.subject_type,
        name_qualifier=login.name_qualifier,
    )


def letters(octets: bytes, count: int) -> str:
    """`count` of A-Z and 2-7, at most 51, as IAM's unique identifiers are written."""
    return base64.b32encode(octets)[:count].decode()


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
