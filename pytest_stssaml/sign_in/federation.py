"""The federation endpoint: credentials become a sign-in token, and a sign-in token becomes a console session."""

import base64
import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..locks import Lock
from ..saml.document import instant_text
from ..sts.rule import Rejected
from ..sts.service import STS
from ..sts.sessions.session import Session
from ..wire import Signature
from .hosts import is_page_of_aws, region_of
from .known import (
    LONGEST_CONSOLE_SESSION,
    MOST_TOKENS,
    SESSION_NAMES,
    SHORTEST_CONSOLE_SESSION,
    TOKEN_VALID_FOR,
)


class Refused(Exception):
    """The endpoint refuses a request; the message says why, for the author of the test."""


class _Token(NamedTuple):
    """What is remembered of a sign-in token."""

    #: The session of the role.
    session: Session
    #: How long the console session lasts; None until the session of the role ends.
    duration: dt.timedelta | None
    #: When the token was issued: aware, in UTC.
    issued: dt.datetime


class SignedIn(NamedTuple):
    """Who signs in with a token, and what for."""

    #: The session of the role.
    session: Session
    #: When the console session ends: aware, in UTC.
    ends: dt.datetime
    #: The page at which the user arrives.
    destination: str
    #: Where the user signs in again; "" if that was not given.
    issuer: str


class Federation:
    """The sign-in tokens of one mock.

    :param sts: knows whose credentials are presented.
    :param identify: 32 bytes for a purpose and some content; they never repeat.
    """

    def __init__(self, sts: STS, identify: Callable[..., bytes]) -> None:
        self._sts = sts
        self._identify = identify
        self._tokens: dict[str, _Token] = {}
        self._lock = Lock()

    def get_signin_token(self, fields: Mapping[str, str], host: str, now: dt.datetime) -> str:
        """Return the JSON with a new sign-in token.

        :param host: the header Host.
        :raises Refused: if the session or its duration is not valid.
        """
        session = self._session(fields.get("Session", ""), host)
        duration = _duration(fields.get("SessionDuration"))
        if duration is not None and session.source_session is not None:
            raise Refused(
                f"{session.arn} is a session of a chained role, for which SessionDuration is refused; leave it out"
            )
        token = base64.urlsafe_b64encode(self._identify("sign-in token") * 3).decode()
        with self._lock:
            self._tokens[token] = _Token(session, duration, now)
            if len(self._tokens) > MOST_TOKENS:
                del self._tokens[next(iter(self._tokens))]
        return json.dumps({"SigninToken": token})

    def login(self, fields: Mapping[str, str], now: dt.datetime) -> SignedIn:
        """Return who signs in with a sign-in token, which is not valid any more afterwards.

        :raises Refused: if the token or the destination is not valid.
        """
        destination = fields.get("Destination", "")
        if not is_page_of_aws(destination):
            raise Refused(f"expected the URL of a page of the console as Destination, got {destination!r}")
        with self._lock:
            token = self._tokens.pop(fields.get("SigninToken", ""), None)
        if token is None:
            raise Refused("the SigninToken was not issued, or was used already")
        end = token.issued + TOKEN_VALID_FOR
        if now >= end:
            raise Refused(f"the SigninToken was valid until {instant_text(end)}, and the time is {instant_text(now)}")
        ends = token.session.expiration if token.duration is None else now + token.duration
        return SignedIn(token.session, ends, destination, fields.get("Issuer", ""))

    def _session(self, text: str, host: str) -> Session:
        """Return the session of the credentials in the parameter Session."""
        key, secret, token = _credentials(text)
        signature = Signature(key, token, lambda known: known == secret)
        try:
            return self._sts.session_of_credentials(signature, region_of(host, self._partition(key)))
        except Rejected as rejected:
            raise Refused(rejected.because) from rejected

    def _partition(self, access_key_id: str) -> str:
        session = self._sts.remembered_session(access_key_id)
        return "aws" if session is None else session.role.partition


def _credentials(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"expected JSON as Session: {error}") from error
    given = [found.get(name) for name in SESSION_NAMES] if isinstance(found, dict) else []
    values = [value for value in given if isinstance(value, str)]
    if len(values) != len(SESSION_NAMES):
        raise Refused(f"expected a JSON object with the strings {', '.join(SESSION_NAMES)} as Session")
    return values


def _duration(text: str | None) -> dt.timedelta | None:
    if not text:
        return None
    seconds = int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else 0
    if not SHORTEST_CONSOLE_SESSION <= seconds <= LONGEST_CONSOLE_SESSION:
        bounds = f"{SHORTEST_CONSOLE_SESSION} to {LONGEST_CONSOLE_SESSION}"
        raise Refused(f"expected SessionDuration from {bounds} seconds, got {text!r}")
    return dt.timedelta(seconds=seconds)
