"""What is remembered of a call: for the caller AWS's answer, for the test author the reason."""

import datetime as dt
import hashlib
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar, overload

from ..iam.policies.evaluation import Verdict
from ..saml.document import instant_text
from .call import Call, Reply
from .errors import Rejected
from .limits import CHAINING, OPERATION, OTHER_OPERATIONS
from .requests.condition_keys import Asking, verdicts
from .requests.role_chaining import Chaining
from .requests.saml_login import Login
from .rules.credentials import Shown
from .rules.role import trusted_by_the_role

P = ParamSpec("P")
T = TypeVar("T")
Known = TypeVar("Known", Shown, Login, Chaining)


class Trail:
    """The rules that were asked about one call, in order, and what is known of it: first who signed, then who asks."""

    def __init__(self) -> None:
        self.rules: list[Callable[..., Any]] = []
        self.known: Shown | Asking | None = None

    def ask(self, rule: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Note a rule, and ask it."""
        self.rules.append(rule)
        return rule(*args, **kwargs)

    def ask_each(self, checks: Iterable[Callable[[Known], None]], known: Known) -> None:
        """Ask the rules about something that is now known, in their order."""
        self.known = known
        for check in checks:
            self.rules.append(check)
            check(known)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of STS, as `sts.attempts` keeps it: facts and a digest, never the response itself; long texts are cut.

    `accepted` says whether STS gave what was asked for.
    `code`, `status` and `message` are those of the answer: None, 200 and None where it was accepted, None, 0 and None
    where the connection was lost. `checks` are the names of the rules that let it pass, `failed` is the name of the one
    that did not; `at` is the time at STS, aware and in UTC, and `region` that of the endpoint. `session_arn` and
    `duration_seconds` are what was granted; GetCallerIdentity grants no time, and tells of the session that asks.
    """

    accepted: bool
    code: str | None
    status: int
    message: str | None
    checks: tuple[str, ...] = field(repr=False)
    failed: str | None
    at: dt.datetime
    operation: str
    role_arn: str
    principal_arn: str
    region: str
    session_arn: str | None
    duration_seconds: int | None
    asked: tuple[tuple[str, str], ...] = field(repr=False)
    rule: str = field(repr=False)
    because: str = field(repr=False)
    said: tuple[tuple[str, str, tuple[dt.datetime | str, ...]], ...] = field(repr=False)
    trust: tuple[Verdict, ...] = field(repr=False)

    def headline(self) -> str:
        """The answer in one line."""
        answer = f"refused, {self.code} ({self.status}): {self.message or 'no message'}"
        if self.code is None:
            answer = "not answered"
        if self.accepted:
            time = "" if self.duration_seconds is None else f" for {self.duration_seconds} s"
            answer = f"accepted, {self.session_arn}{time} in {self.region}"
        return f"{instant_text(self.at)} {self.operation} {answer}"

    def explain(self, *, passed: bool = True) -> str:
        """What was asked, which rules let it pass, which did not and why, and what the trust policy said.

        :param passed: whether to list the rules that let it pass.
        """
        lines = [] if self.failed is None else [("failed", f"{self.failed}: {self.rule}"), ("", self.because)]
        reasons = [reason for verdict in self.trust for reason in verdict.reasons()]
        lines += [("trust" if not number else "", reason) for number, reason in enumerate(reasons)]
        lines += self.asked
        lines += [(name, fact.format(*map(_shown, values))) for name, fact, values in self.said]
        lines += [("passed", ", ".join(self.checks))] if passed and self.checks else []
        return "\n".join([self.headline(), *(_line(name, text) for name, text in lines)])


def _line(name: str, text: str) -> str:
    wrapped = textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False) or [""]
    return f"  {name:<9} " + "\n            ".join(wrapped)


def _shown(value: dt.datetime | str) -> str:
    return value if isinstance(value, str) else instant_text(value)


def attempt_of(
    call: Call, now: dt.datetime, trail: Trail, answer: Reply | Rejected | OSError, message: str | None = None
) -> Attempt:
    """What is worth remembering of a call and its answer."""
    form, names = call.form, [rule.__name__.lstrip("_") for rule in trail.rules]
    reply = answer if isinstance(answer, Reply) else None
    error = answer.error if isinstance(answer, Rejected) else None
    failed = None if reply else names.pop()
    operation, role_arn = _cut(str(form.get("Action", OPERATION))), _cut(str(form.get("RoleArn", "not given")))
    principal_arn = _cut(str(form.get("PrincipalArn", "not given")))
    return Attempt(
        accepted=reply is not None,
        code=error.code if error else None,
        status=error.status if error else 200 if reply else 0,
        message=_cut(message),
        checks=tuple(names),
        failed=failed,
        at=now,
        operation=operation,
        role_arn=role_arn,
        principal_arn=principal_arn,
        region=call.region,
        session_arn=reply.session.arn if reply else None,
        duration_seconds=_seconds(now, reply) if reply and reply.granted else None,
        asked=_asked(form, operation, role_arn, principal_arn),
        rule="" if reply else _first_line(trail.rules[-1]),
        because=_cut(answer.because if isinstance(answer, Rejected) else "" if reply else str(answer)),
        said=() if trail.known is None else _said(trail.known),
        trust=_trust(trail),
    )


def _first_line(rule: Callable[..., Any]) -> str:
    return (rule.__doc__ or "").partition("\n")[0]


def _seconds(now: dt.datetime, reply: Reply) -> int:
    return int((reply.session.expiration - now.replace(microsecond=0)).total_seconds())


def _asked(form: Mapping[str, Any], operation: str, role_arn: str, principal_arn: str) -> tuple[tuple[str, str], ...]:
    """The parameters that tell one call from another."""
    if operation == CHAINING:
        return ("role", role_arn), ("name", _cut(str(form.get("RoleSessionName", "not given"))))
    if operation in OTHER_OPERATIONS:
        return ()
    return ("role", role_arn), ("provider", principal_arn), ("response", _digest(form.get("SAMLAssertion")))


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


# What is kept is put into words when somebody asks: most calls nobody asks about.
def _said(known: Shown | Asking) -> tuple[tuple[str, str, tuple[dt.datetime | str, ...]], ...]:
    return tuple(
        (name, fact, tuple(value if isinstance(value, dt.datetime) else _cut(value or "nobody") for value in values))
        for name, fact, *values in known.said
    )


def _trust(trail: Trail) -> tuple[Verdict, ...]:
    """What the trust policy said, where it was asked."""
    if not isinstance(trail.known, Login | Chaining) or trusted_by_the_role not in trail.rules:
        return ()
    return tuple(
        Verdict(
            verdict.action,
            tuple((effect, _cut(objection)) for effect, objection in verdict.statements),
            _cut(verdict.fault),
        )
        for verdict in verdicts(trail.known)
    )
