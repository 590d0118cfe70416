"""What is remembered of a call: for the caller AWS's answer, for the test author the reason."""

import datetime as dt
import hashlib
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar, overload

from ..saml.document import instant_text
from .checks import Check, trusted_by_the_role
from .errors import Rejected
from .limits import OPERATION
from .login import Login
from .policy import Verdict
from .session import Session
from .trust import verdicts

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

    def ask_each(self, checks: Iterable[Check], login: Login) -> None:
        """Ask the rules about a login, in their order."""
        self.login = login
        for check in checks:
            self.rules.append(check)
            check(login)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of STS, as `sts.attempts` keeps it: facts and a digest, never the response itself; long texts are cut.

    `accepted` says whether there were credentials.
    `code`, `status` and `message` are those of the answer: None, 200 and None where it was accepted, None, 0 and None
    where the connection was lost. `checks` are the names of the rules that let it pass, `failed` is the name of the one
    that did not; `at` is the time at STS, aware and in UTC. `session_arn` and `duration_seconds` are what was granted;
    `region` is known once the parameters could be read.
    """

    accepted: bool
    code: str | None
    status: int
    message: str | None
    checks: tuple[str, ...]
    failed: str | None
    at: dt.datetime
    operation: str
    role_arn: str
    principal_arn: str
    region: str | None
    session_arn: str | None
    duration_seconds: int | None
    digest: str = field(repr=False)
    rule: str = field(repr=False)
    because: str = field(repr=False)
    said: tuple[tuple[str, tuple[dt.datetime | str, ...]], ...] = field(repr=False)
    trust: tuple[Verdict, ...] = field(repr=False)

    def headline(self) -> str:
        """The answer in one line."""
        answer = f"refused, {self.code} ({self.status}): {self.message or 'no message'}"
        if self.code is None:
            answer = "not answered"
        if self.accepted:
            answer = f"accepted, {self.session_arn} for {self.duration_seconds} s in {self.region}"
        return f"{instant_text(self.at)} {self.operation} {answer}"

    def explain(self) -> str:
        """What was asked, which rules let it pass, which did not and why, and what the trust policy said."""
        lines = [] if self.failed is None else [("failed", f"{self.failed}: {self.rule}"), ("", self.because)]
        reasons = [reason for verdict in self.trust for reason in verdict.reasons()]
        lines += [("trust" if not number else "", reason) for number, reason in enumerate(reasons)]
        lines += [
            ("role", self.role_arn),
            ("provider", self.principal_arn),
            ("response", self.digest),
            *(("", fact.format(*map(_shown, values))) for fact, values in self.said),
        ]
        lines += [("passed", ", ".join(self.checks))] if self.checks else []
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
        message=_cut(message),
        checks=tuple(names),
        failed=failed,
        at=now,
        operation=_cut(str(form.get("Action", OPERATION))),
        role_arn=_cut(str(form.get("RoleArn", "not given"))),
        principal_arn=_cut(str(form.get("PrincipalArn", "not given"))),
        region=trail.login.request.region if trail.login else None,
        session_arn=answer.arn if isinstance(answer, Session) else None,
        duration_seconds=_seconds(now, answer) if isinstance(answer, Session) else None,
        digest=_digest(form.get("SAMLAssertion")),
        rule="" if accepted else _first_line(trail.rules[-1]),
        because=_cut(answer.because if isinstance(answer, Rejected) else "" if accepted else str(answer)),
        said=() if trail.login is None else _facts(trail.login),
        trust=_trust(trail),
    )


def _first_line(rule: Callable[..., Any]) -> str:
    return (rule.__doc__ or "").partition("\n")[0]


def _seconds(now: dt.datetime, session: Session) -> int:
    return int((session.expiration - now.replace(microsecond=0)).total_seconds())


_LONGEST = 400


@overload
def _cut(text: str) -> str: ...
@overload
def _cut(text: str | None) -> str | None: ...
def _cut(text: str | None) -> str | None:
    """A text in one line, and without the end that nobody would read."""
    if text is None:
        return None
    line = text.replace("\n", " ")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}… ({len(line)} characters)"


def _digest(assertion: object) -> str:
    if assertion is None:
        return "not given"
    digest = hashlib.sha256(str(assertion).encode(errors="replace")).hexdigest()
    return f"SHA-256 {digest[:16]}…, {len(str(assertion))} characters of base64"


def _shown(value: dt.datetime | str) -> str:
    return value if isinstance(value, str) else instant_text(value)


# What is kept is put into words when somebody asks: most calls nobody asks about.
def _facts(login: Login) -> tuple[tuple[str, tuple[dt.datetime | str, ...]], ...]:
    assertion = login.assertion
    recipient = login.recipient if assertion.subject_confirmations else ""
    return (
        (
            "issued {} by {} for {}",
            (assertion.issue_instant, _cut(assertion.issuer), _cut(assertion.name_id or "nobody")),
        ),
        ("sent to {}", (_cut(recipient or "nobody"),)),
    )


def _trust(trail: Trail) -> tuple[Verdict, ...]:
    """What the trust policy said, where it was asked."""
    if trail.login is None or trusted_by_the_role not in trail.rules:
        return ()
    return tuple(
        verdict._replace(statements=tuple((effect, _cut(objection)) for effect, objection in verdict.statements))
        for verdict in verdicts(trail.login)
    )
