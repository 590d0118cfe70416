"""The result of judging a response."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .report import report

if TYPE_CHECKING:
    from ..literals import CheckOutcome


@dataclass(frozen=True, slots=True)
class Check:
    """What one rule of AWS says to a response."""

    #: The name of the rule.
    rule: str
    #: "passed", "failed" or "not judged".
    outcome: "CheckOutcome"
    #: What must hold, as a sentence.
    statement: str
    #: Where AWS states it.
    source: str
    #: What was expected and what came, or why the rule was not judged; empty if it passed.
    because: str = ""
    #: Whether the rule looked at values that no trusted signature covers.
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """What AWS would answer to a response, and why. `str()` of it is the report of the command."""

    #: Whether AWS would accept the response; None if no rule fails and some are not judged.
    accepted: bool | None
    #: AWS's error code, or None.
    code: str | None
    #: The HTTP status: 200 if it is accepted, 0 if that is not known.
    status: int
    #: AWS's message, or None.
    message: str | None
    #: Where the words of the message come from, or "".
    message_source: str
    #: Every rule, in AWS's order.
    checks: tuple[Check, ...]
    #: What the response says: strings, numbers, and lists and dicts of them.
    facts: dict[str, Any]
    #: What the trust policy says, one line for each action and statement.
    trust: tuple[str, ...] = ()
    #: For how many seconds a session would last, or None.
    duration_seconds: int | None = None
    #: The likely cause in one sentence, or None.
    cause: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as data that JSON can hold."""
        return {**asdict(self), "checks": [asdict(check) for check in self.checks], "trust": list(self.trust)}

    def __str__(self) -> str:
        return report(self)


def relative(then: dt.datetime, now: dt.datetime) -> str:
    """Return how far a time is from another one, such as "0:05:00 ago"."""
    seconds = int((now - then).total_seconds())
    return f"{dt.timedelta(seconds=abs(seconds))} {'ago' if seconds >= 0 else 'from then'}"
