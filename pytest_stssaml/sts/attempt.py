"""What is remembered of a call: for the caller AWS's answer, for the test author the reason."""

import datetime as dt
import hashlib
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from .checks import trusted_by_the_role
from .errors import Rejected
from .login import Login
from .session import Session
from .trust import reasons_of_trust

__all__ = ["Attempt", "Trail", "attempt_of"]

P = ParamSpec("P")
T = TypeVar("T")


class Trail:
    """The rules that were asked about one call, in order, and the login once it is known."""

    def __init__(self) -> None:
        self.rules: list[Callable[..., Any]] = []
        self.login: Login | None = None

    def ask(self, rule: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Note a rule, and ask it."""
        self.rules.append(rule)
        return rule(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of AssumeRoleWithSAML, as `sts.attempts` keeps it: facts and a digest, never the response itself.

    `code`, `status` and `message` are those of the answer: None, 200 and None where it was accepted, None, 0 and None
    where the connection was lost. `checks` are the names of the rules that let it pass, `failed` is the name of the one
    that did not; `at` is the time at STS, aware and in UTC.
    """

    accepted: bool
    code: str | None
    status: int
    message: str | None
    checks: tuple[str, ...]
    failed: str | None
    at: dt.datetime
    role_arn: str
    principal_arn: str
    digest: str = field(repr=False)
    rule: str = field(repr=False)
    because: str = field(repr=False)
    said: tuple[str, ...] = field(repr=False)
    trust: tuple[str, ...] = field(repr=False)

    def headline(self) -> str:
        """The answer in one line."""
        answer = f"refused, {self.code} ({self.status}): {self.message or 'no message'}"
        if self.code is None:
            answer = "accepted" if self.accepted else "not answered"
        return f"{self.at.replace(tzinfo=None).isoformat(timespec='seconds')}Z AssumeRoleWithSAML {answer}"

    def explain(self) -> str:
        """What was asked, which rules let it pass, which did not and why, and what the trust policy said."""
        lines = [
            ("role", self.role_arn),
            ("provider", self.principal_arn),
            ("response", self.digest),
            *(("", fact) for fact in self.said),
            ("passed", ", ".join(self.checks) or "nothing"),
        ]
        if self.failed is not None:
            lines += [("failed", f"{self.failed}: {self.rule}"), ("", self.because)]
        lines += [("trust" if not number else "", reason) for number, reason in enumerate(self.trust)]
        return "\n".join([self.headline(), *(_line(name, text) for name, text in lines)])


def _line(name: str, text: str) -> str:
    wrapped = textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False) or [""]
    return f"  {name:<9} " + "\n            ".join(wrapped)


def attempt_of(
    form: Mapping[str, Any],
    now: dt.datetime,
    trail: Trail,
    answer: Session | Rejected | OSError,
    message: str | None = None,
) -> Attempt:
    """What is worth remembering of a call and its answer."""
    names = [rule.__name__.lstrip("_") for rule in trail.rules]
    accepted = isinstance(answer, Session)
    error = answer.error if isinstance(answer, Rejected) else None
    failed = None if accepted else names.pop()
    return Attempt(
        accepted=accepted,
        code=error.code if error else None,
        status=error.status if error else 200 if accepted else 0,
        message=message,
        checks=tuple(names),
        failed=failed,
        at=now,
        role_arn=str(form.get("RoleArn", "none")),
        principal_arn=str(form.get("PrincipalArn", "none")),
        digest=_digest(str(form.get("SAMLAssertion", ""))),
        rule="" if accepted else _first_line(trail.rules[-1]),
        because=answer.because if isinstance(answer, Rejected) else "" if accepted else str(answer),
        said=() if trail.login is None else _facts(trail.login),
        trust=_trust(trail),
    )


def _first_line(rule: Callable[..., Any]) -> str:
    return (rule.__doc__ or "").partition("\n")[0]


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
    return f"SHA-256 {digest[:16]}…, {len(text)} characters of base64"


def _facts(login: Login) -> tuple[str, ...]:
    assertion = login.assertion
    issued = f"issued {assertion.issue_instant.isoformat()} by {assertion.issuer} for {assertion.name_id}"
    return (issued, f"sent to {login.recipient}") if assertion.subject_confirmations else (issued,)


def _trust(trail: Trail) -> tuple[str, ...]:
    """What the trust policy said, where it was asked."""
    if trail.login is None or trusted_by_the_role not in trail.rules:
        return ()
    return tuple(reasons_of_trust(trail.login))
