"""A session of a role: its identifiers and credentials."""

import base64
import datetime as dt
import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...iam.entities import Role
from ..limits import LONGEST_TOKEN, MOST_SESSIONS

#: 32 octets for a purpose and some content, never the same twice; the backend's clock gives them.
Identify = Callable[..., bytes]


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a role, as `sts.sessions` gives it.

    `expiration` is aware, in UTC and a whole second; `tags` are the session's own, inherited ones included, by key;
    `policies` are the session policies, the ARNs after the text of the inline one; `source_session` is the session
    that assumed the role, None after a login, and of a session that is not among the latest 1,000.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: dt.datetime
    role: Role
    name: str
    tags: Mapping[str, str]
    transitive_tag_keys: tuple[str, ...]
    source_identity: str | None
    policies: tuple[str, ...] = field(repr=False)
    issued: dt.datetime = field(repr=False)
    federated: Mapping[str, str] = field(repr=False)  # condition keys that later calls have from a login alone
    source_session: "Session | None" = field(repr=False)

    def __hash__(self) -> int:
        return hash(self.access_key_id)

    @property
    def account_id(self) -> str:
        """The account of the role."""
        return self.role.account_id

    @property
    def arn(self) -> str:
        """The assumed role's, without the role's path (observed)."""
        role = self.role
        return f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{self.name}"

    @property
    def assumed_role_id(self) -> str:
        """The role's id and the session's name: `UserId`, and a policy's `aws:userid`."""
        return f"{self.role.role_id}:{self.name}"

    @property
    def session_token_size(self) -> int:
        """Octets of the token."""
        return len(self.session_token)

    @property
    def session_token_utilization(self) -> int:
        """Percent of what a token may have, rounded up."""
        return percent(self.session_token)

    @property
    def inherited_tags(self) -> dict[str, str]:
        """The tags that a session of the next role in a chain has, too (id_session-tags)."""
        keys = {key.lower() for key in self.transitive_tag_keys}
        return {key: value for key, value in self.tags.items() if key.lower() in keys}

    @property
    def claims(self) -> dict[str, Any]:
        """What its token says of whose session it is, and of its end."""
        return {
            "access_key_id": self.access_key_id,
            "role": self.role.arn,
            "role_id": self.role.role_id,
            "name": self.name,
            "expiration": int(self.expiration.timestamp()),
        }

    def boto3_kwargs(self) -> dict[str, str]:
        """The credentials, as in `boto3.Session(**session.boto3_kwargs())`."""
        return {
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
            "aws_session_token": self.session_token,
        }


def session_of(
    claims: Mapping[str, Any], token: str, key: bytes, role: Role, source_session: Session | None = None
) -> Session:
    """The session that a token's claims tell of."""
    return Session(
        access_key_id=claims["access_key_id"],
        secret_access_key=secret_of(claims["access_key_id"], key),
        session_token=token,
        expiration=_time(claims["expiration"]),
        role=role,
        name=claims["name"],
        tags=claims.get("tags", {}),
        transitive_tag_keys=tuple(claims.get("transitive_tag_keys", ())),
        source_identity=claims.get("source_identity"),
        policies=tuple(claims.get("policies", ())),
        issued=_time(claims["issued"]),
        federated=claims.get("federated", {}),
        source_session=source_session,
    )


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _time(seconds: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(seconds=seconds)


def percent(token: str) -> int:
    """How much of what a token may have it uses, rounded up."""
    return -(-100 * len(token) // LONGEST_TOKEN)


# --- credentials: 11 letters of the access key are the session's, 5 tell whose it is

_PREFIX = "ASIA"


def new_access_key_id(octets: bytes, key: bytes) -> str:
    """An access key of a token key."""
    own = letters(octets, 11)
    return _PREFIX + own + _mark(own, key)


def is_access_key_of(key: bytes, access_key_id: str) -> bool:
    """Whether an access key was made with this token key, which its letters tell; no session has to be remembered."""
    own, mark = access_key_id[4:15], access_key_id[15:]
    return access_key_id.startswith(_PREFIX) and mark == _mark(own, key)


def _mark(own: str, key: bytes) -> str:
    # Asked about the key of every call there is, so it is quick: a keyed hash, each octet of which becomes a letter.
    return hashlib.blake2b(own.encode(errors="replace"), digest_size=5, key=key).digest().translate(_LETTERS).decode()


_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 8


def secret_of(access_key_id: str, key: bytes) -> str:
    """The secret access key that goes with an access key; the token does not hold it."""
    return base64.b64encode(hmac.digest(key, access_key_id.encode(errors="replace"), hashlib.sha256)[:30]).decode()


def letters(octets: bytes, count: int) -> str:
    """`count` of A-Z and 2-7, at most 51, as IAM's unique identifiers are written."""
    needed = -(-count * 5 // 8)  # five bits for a letter; Python's base 32 is slow
    return base64.b32encode(octets[:needed])[:count].decode()


class Sessions:
    """The latest sessions, oldest first, and by their access keys."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def remember(self, session: Session) -> None:
        """Keep a new session, and forget the oldest of too many."""
        with self._lock:
            self._sessions[session.access_key_id] = session
            if len(self._sessions) > MOST_SESSIONS:
                oldest = self._sessions.pop(next(iter(self._sessions)))
                # Else the last of a chain would keep all of it.
                object.__setattr__(oldest, "source_session", None)

    def of(self, access_key_id: str) -> Session | None:
        """The session of an access key, if it is remembered."""
        return self._sessions.get(access_key_id)

    def latest(self) -> tuple[Session, ...]:
        """All that are remembered."""
        with self._lock:
            return tuple(self._sessions.values())

    def enter_forked_child(self) -> None:
        """A lock that no thread of the parent holds."""
        self._lock = threading.Lock()
