"""The console, which knows only who is signed in."""

import base64
import datetime as dt
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..locks import Lock
from ..saml.document import instant_text
from ..sts.sessions.session import Session
from ..web.exchange import Answer, answer
from . import pages
from .hosts import CONSOLE
from .known import MOST_CONSOLE_SESSIONS

_COOKIE = "stssaml-console"


class ConsoleSession(NamedTuple):
    """One user at the console."""

    #: The session of the role.
    session: Session
    #: The account as pages show it: `alias (number)`, or the number.
    account: str
    #: The account as the console shows it beside the user: its alias or its number.
    short_account: str
    #: When the console's own session ends: aware, in UTC.
    ends: dt.datetime
    #: The page at which the user arrived; "" for the console's first.
    destination: str
    #: Where the user signs in again; "" if that is not known.
    issuer: str


class Console:
    """The sessions at the console of one mock.

    :param identify: 32 bytes for a purpose and some content; they never repeat.
    """

    def __init__(self, identify: Callable[..., bytes]) -> None:
        self._identify = identify
        self._sessions: dict[str, ConsoleSession] = {}
        self._lock = Lock()

    def begin(self, session: ConsoleSession, now: dt.datetime) -> Answer:
        """Sign a user in, and return the response that leads to the console."""
        token = base64.urlsafe_b64encode(self._identify("console")).decode().rstrip("=")
        with self._lock:
            self._sessions[token] = session
            if len(self._sessions) > MOST_CONSOLE_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
        headers = {"Location": CONSOLE, "Set-Cookie": f"{_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax"}
        return answer(now, pages.message("Signed in", "The console follows."), status=302, headers=headers)

    def show(self, cookies: Mapping[str, str], now: dt.datetime) -> Answer:
        """Return the page that says who is signed in."""
        found = self._sessions.get(cookies.get(_COOKIE, ""))
        if found is None:
            page = pages.message("You are not signed in", "The request has no cookie of a console session.")
            return answer(now, page, status=403, reason="the request has no cookie of a console session")
        if now >= found.ends:
            where = f" Sign in again at {found.issuer}." if found.issuer else ""
            page = pages.message("Your session has expired", f"It ended at {instant_text(found.ends)}.{where}")
            return answer(now, page, status=403, reason=f"the console session ended at {instant_text(found.ends)}")
        session = found.session
        rows = {
            "Signed in as": f"{session.role.name}/{session.name} @ {found.short_account}",
            "Account": found.account,
            "Role": session.role.arn,
            "Session": session.arn,
            "Ends": instant_text(found.ends),
            **({"Page": found.destination} if found.destination else {}),
        }
        return answer(now, pages.console(rows))

    def end(self, cookies: Mapping[str, str], now: dt.datetime) -> Answer:
        """Sign a user out."""
        with self._lock:
            self._sessions.pop(cookies.get(_COOKIE, ""), None)
        headers = {"Set-Cookie": f"{_COOKIE}=; Path=/; Max-Age=0"}
        return answer(now, pages.message("You are signed out", "The console session has ended."), headers=headers)
