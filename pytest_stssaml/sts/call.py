"""What reaches STS, and what STS knows when it does."""

import datetime as dt
from collections.abc import Callable, Container, Mapping
from typing import Any, NamedTuple

from ..iam.directory import Directory
from .sessions.session import Identify, Session


class Signature(NamedTuple):
    """What a signed request shows of its signer.

    `made_with` tells whether a secret access key made the signature; `missing` are the headers that it is said to
    cover, and that did not come.
    """

    access_key_id: str
    session_token: str | None
    made_with: Callable[[str], bool]
    missing: tuple[str, ...] = ()


class Call(NamedTuple):
    """One request: its form parameters, the region whose endpoint was asked, and how it came."""

    form: Mapping[str, Any]
    region: str
    user_agent: str = ""
    secure: bool = True
    signature: Signature | None = None


class World(NamedTuple):
    """Where roles and providers are looked up, the time, and what sessions are made from and remembered by.

    `key` authenticates session tokens; `session` gives the session of an access key that is still remembered.
    """

    directory: Directory
    disabled_regions: Container[str]
    now: dt.datetime
    identify: Identify
    key: bytes
    session: Callable[[str], Session | None]


class Reply(NamedTuple):
    """What a call is answered with: the elements of the result, the session it is about, and whether that is new."""

    result: str
    session: Session
    granted: bool = False
