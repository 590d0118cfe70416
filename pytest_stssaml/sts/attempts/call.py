"""Calls as a backend remembers them until somebody reads what they came to."""

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, cast

from ...wire import Request
from ..ordered_errors import ORDERED_RULES
from ..state import Findings, Outcome, Refusal

if TYPE_CHECKING:
    from .attempt import Attempt


class Call:
    """A call as a backend remembers it: what an `Attempt` and CloudTrail's events are made of, if somebody reads them.

    Most calls are never read, so nothing is formatted, hashed or cut for them. What is kept does not change. The
    attempt and the events of a large request are made at once, so that a thousand calls cannot fill the memory. So are
    those of an ordered error, whose request is sent again.

    :param message: the message of the error, as the caller gets it.
    :param request_id: the ID of the request; "" if the connection was lost.
    """

    __slots__ = ("_attempt", "_events", "_parts", "_request_id", "accepted")

    def __init__(
        self,
        request: Request,
        now: dt.datetime,
        findings: Findings,
        answer: Outcome | Refusal,
        message: str | None = None,
        *,
        request_id: str = "",
    ) -> None:
        #: Whether the call succeeded.
        self.accepted = isinstance(answer, Outcome)
        self._parts: tuple[Request, dt.datetime, Findings, Outcome | Refusal, str | None] | None
        self._parts = (request, now, findings, answer, message)
        self._request_id = request_id
        self._attempt: Attempt | None = None
        self._events = "[]"
        is_ordered = isinstance(answer, Refusal) and answer.rule in ORDERED_RULES
        if is_ordered or _size(request) > _MOST_CHARACTERS:
            self.attempt()

    def attempt(self) -> "Attempt":
        """Return what is worth remembering about the call."""
        from .attempt import attempt_of  # most tests do not read attempts

        parts = self._parts
        if parts is not None:  # or another thread was quicker
            # As JSON, events take little memory, and each reader gets dictionaries of its own.
            self._events = json.dumps(self.cloudtrail_events())
            self._attempt, self._parts = attempt_of(*parts), None
        return cast("Attempt", self._attempt)

    def cloudtrail_events(self) -> list[dict[str, Any]]:
        """Return the events that CloudTrail logs of the call: none, one, or one for each of two accounts."""
        parts = self._parts
        if parts is None:
            return cast(list[dict[str, Any]], json.loads(self._events))
        from ..cloudtrail.events import LoggedCall, events_of  # most tests do not read events

        request, now, findings, answer, message = parts
        outcome = answer if isinstance(answer, Outcome) else None
        error = answer.error if isinstance(answer, Refusal) else None
        return events_of(LoggedCall(request, now, findings.subject, outcome, error, message, self._request_id))


# An ordinary response has 5,000 to 12,000 characters in base64.
_MOST_CHARACTERS = 16_384


def _size(request: Request) -> int:
    """Return how many characters a request keeps in memory, about. A caller may send long names and headers too."""
    form = sum([len(name) + len(str(value)) for name, value in request.form.items()])
    return form + len(request.user_agent) + (request.signature.size if request.signature else 0)
