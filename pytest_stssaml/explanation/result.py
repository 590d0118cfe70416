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
    #: If it failed, what to change at the identity provider, in IAM or in the call.
    remedy: str = ""
    #: If it failed, the URL of AWS's page about it, or "".
    page: str = ""


@dataclass(frozen=True, slots=True)
class ConditionCheck:
    """What one condition of a trust policy says."""

    #: The operator and the key, such as "StringEquals SAML:aud".
    condition: str
    #: What the policy wants, in words.
    wanted: str
    #: What the response has, in words.
    got: str
    #: Whether the condition holds.
    holds: bool


@dataclass(frozen=True, slots=True)
class StatementCheck:
    """What one statement of a trust policy says to one action."""

    #: The action, such as "sts:AssumeRoleWithSAML".
    action: str
    #: The number of the statement, from 1.
    statement: int
    #: Its Effect, "Allow" or "Deny".
    effect: str
    #: Whether it applies.
    applies: bool
    #: Why it does not apply, or "".
    because: str = ""
    #: Its conditions; empty if it is about another principal or another action.
    conditions: tuple[ConditionCheck, ...] = ()


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
    #: How sure the words of the message are: "documented", "observed", or "ours" if AWS's are not known; else "".
    message_source: str
    #: Every rule, in AWS's order.
    checks: tuple[Check, ...]
    #: What the response says: strings, numbers, and lists and dicts of them.
    facts: dict[str, Any]
    #: What each statement of the trust policy says to each action; empty if it was not asked.
    trust: tuple[StatementCheck, ...] = ()
    #: For how many seconds a session would last, or None.
    duration_seconds: int | None = None
    #: What else is worth knowing, such as the age of the response, and attributes that AWS ignores.
    notes: tuple[str, ...] = ()
    #: The likely cause in one sentence, or None.
    cause: str | None = None
    #: What to change about it, or None.
    remedy: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as data that JSON can hold.

        >>> explain(response).to_dict()["facts"]["session_name"]
        'alice@example.com'
        """
        found = asdict(self)
        found["checks"], found["notes"] = list(found["checks"]), list(self.notes)
        found["trust"] = [{**each, "conditions": list(each["conditions"])} for each in found["trust"]]
        return found

    def __str__(self) -> str:
        return report(self)


def span(delta: dt.timedelta) -> str:
    """Return a span of time in its two largest units, such as "5 min" or "2 d 3 h"."""
    seconds = abs(int(delta.total_seconds()))
    if seconds < 1:
        return "less than a second"
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    first = next(place for place, (number, _) in enumerate(parts) if number)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number)
