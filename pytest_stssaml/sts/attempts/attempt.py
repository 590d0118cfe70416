"""Attempts: what the author of a test reads about each call."""

import datetime as dt
import hashlib
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, overload

from ...iam.policies.evaluation import Objection, Verdict
from ...saml.document import instant_text
from ...wire import Request
from ..limits import OTHER_OPERATIONS, ROLE_CHAINING, SAML_LOGIN
from ..operation import OPERATIONS
from ..ordered_errors import ORDERED_RULES
from ..requests.role_request import Fact, RoleRequest
from ..rule import AnyRule
from ..rules.request import operation_is_served
from ..rules.role import trusted_by_the_role
from ..state import Findings, Outcome, Refusal


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of STS, as `sts.attempts` keeps it: facts and a digest, never the response itself.

    Long texts are cut.
    """

    #: Whether the call succeeded.
    accepted: bool
    #: The error code, or None if the call was accepted or the connection was lost.
    code: str | None
    #: The HTTP status: 200 if the call was accepted, 0 if the connection was lost.
    status: int
    #: The message of the error, or None.
    message: str | None
    #: The names of the rules that accepted the call, in the order in which they were checked.
    checks: tuple[str, ...] = field(repr=False)
    #: The name of the rule that refused it, or None.
    failed: str | None
    #: When the call arrived: aware, in UTC.
    at: dt.datetime
    #: The operation, such as "AssumeRoleWithSAML".
    operation: str
    #: RoleArn, or "not given".
    role_arn: str
    #: PrincipalArn, or "not given".
    principal_arn: str
    #: The region of the endpoint.
    region: str
    #: The ARN of the session that was issued, or, for GetCallerIdentity, that asked.
    session_arn: str | None
    #: For how many seconds a session was issued, or None.
    duration_seconds: int | None
    #: What made the session shorter than DurationSeconds: "SessionDuration" or "SessionNotOnOrAfter", or None.
    limited_by: str | None
    #: The parameters that distinguish the call, with their labels.
    _asked: tuple[tuple[str, str], ...] = field(repr=False)
    #: The rule that refused the call, as a sentence.
    rule: str = field(repr=False)
    #: Why it refused: what was expected, and what came.
    because: str = field(repr=False)
    #: Facts about the caller.
    _facts: tuple[Fact, ...] = field(repr=False)
    #: What the trust policy of the role said.
    _trust: tuple[Verdict, ...] = field(repr=False)

    def headline(self) -> str:
        """Return the answer in one line.

        >>> sts_saml.last_attempt.headline()
        '... AssumeRoleWithSAML accepted, arn:aws:sts::123456789012:assumed-role/Developer/... for 3600 s in us-east-1'
        """
        answer = f"refused, {self.code} ({self.status}): {self.message or 'no message'}"
        if self.code is None:
            answer = "not answered"
        if self.accepted:
            duration = "" if self.duration_seconds is None else f" for {self.duration_seconds} s"
            duration += "" if self.limited_by is None else f" (limited by {self.limited_by})"
            answer = f"accepted, {self.session_arn}{duration} in {self.region}"
        return f"{instant_text(self.at)} {self.operation} {answer}"

    def explain(self, *, passed: bool = True) -> str:
        """Return what was asked, which rules passed, which one failed and why, and what the trust policy said.

        >>> "  role      arn:aws:iam::123456789012:role/Developer" in sts_saml.last_attempt.explain(passed=False)
        True

        :param passed: whether to list the rules that passed.
        """
        lines = [] if self.failed is None else [("failed", f"{self.failed}: {self.rule}"), ("", self.because)]
        reasons = [reason for verdict in self._trust for reason in verdict.reasons()]
        lines += [("trust" if not number else "", reason) for number, reason in enumerate(reasons)]
        lines += self._asked
        lines += [(label, fact.format(*map(_written, values))) for label, fact, values in self._facts]
        lines += [("passed", ", ".join(self.checks))] if passed and self.checks else []
        return "\n".join([self.headline(), *(_line(label, text) for label, text in lines)])


def _line(label: str, text: str) -> str:
    wrapped = textwrap.wrap(text, 108, break_long_words=False, break_on_hyphens=False) or [""]
    return f"  {label:<9} " + "\n            ".join(wrapped)


def _written(value: dt.datetime | str | None) -> str:
    return instant_text(value) if isinstance(value, dt.datetime) else str(value)


def attempt_of(
    request: Request,
    now: dt.datetime,
    findings: Findings,
    answer: Outcome | Refusal,
    message: str | None = None,
) -> Attempt:
    """Return what is worth remembering about a request and its answer.

    :param message: the message of the error, as the caller gets it.
    """
    form = request.form
    operation, role_arn, principal_arn = (
        _cut(str(form.get(name, default)))
        for name, default in (("Action", SAML_LOGIN), ("RoleArn", "not given"), ("PrincipalArn", "not given"))
    )
    outcome = answer if isinstance(answer, Outcome) else None
    error = answer.error if isinstance(answer, Refusal) else None
    checks = _checks_of(request, answer)
    return Attempt(
        accepted=outcome is not None,
        code=error.code if error else None,
        status=error.status if error else 200 if outcome else 0,
        message=_cut(message),
        checks=tuple(rule.name for rule in checks.passed),
        failed=checks.failed.name if checks.failed else None,
        at=now,
        operation=operation,
        role_arn=role_arn,
        principal_arn=principal_arn,
        region=request.region,
        session_arn=outcome.session.arn if outcome else None,
        duration_seconds=_seconds(now, outcome) if outcome and outcome.issued else None,
        limited_by=findings.subject.limit if outcome and isinstance(findings.subject, RoleRequest) else None,
        _asked=_asked(form, operation, role_arn, principal_arn),
        rule=str(checks.failed) if checks.failed else "",
        because=_cut(answer.because if isinstance(answer, Refusal) else ""),
        _facts=_cut_facts(findings.subject.facts) if findings.subject else (),
        _trust=_trust(findings, checks),
    )


class _Checks(NamedTuple):
    """The rules that passed, and the one that failed, if any."""

    passed: tuple[AnyRule, ...]
    failed: AnyRule | None


def _checks_of(request: Request, answer: Outcome | Refusal) -> _Checks:
    """Return which rules a call passed: all of its operation, or those before the one that refused it."""
    operation = OPERATIONS.get(request.form.get("Action", ""))
    rules = operation.rules if operation else (operation_is_served,)
    if isinstance(answer, Outcome):
        return _Checks(rules, None)
    if answer.rule in ORDERED_RULES:
        return _Checks((), answer.rule)
    return _Checks(rules[: rules.index(answer.rule)], answer.rule)


def _seconds(now: dt.datetime, outcome: Outcome) -> int:
    return int((outcome.session.expiration - now.replace(microsecond=0)).total_seconds())


def _asked(form: Mapping[str, Any], operation: str, role_arn: str, principal_arn: str) -> tuple[tuple[str, str], ...]:
    """Return the parameters that distinguish one call from another."""
    if operation == ROLE_CHAINING:
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
    """Return a text in one line, without the end that is too long to be read."""
    if text is None:
        return None
    line = text.replace("\n", " ")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}… ({len(line)} characters)"


def _digest(assertion: object) -> str:
    if assertion is None:
        return "not given"
    digest = hashlib.sha256(str(assertion).encode(errors="replace")).hexdigest()
    return f"SHA-256 {digest[:16]}…, {len(str(assertion))} characters of base64"


# The facts are formatted when somebody asks, since most calls are never explained.
def _cut_facts(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return tuple(
        (label, fact, tuple(value if isinstance(value, dt.datetime) else _cut(value or "nobody") for value in values))
        for label, fact, values in facts
    )


def _trust(findings: Findings, checks: _Checks) -> tuple[Verdict, ...]:
    """Return what the trust policy said, if it was asked."""
    request = findings.subject
    if not isinstance(request, RoleRequest) or trusted_by_the_role not in (*checks.passed, checks.failed):
        return ()
    return tuple(
        Verdict(
            verdict.action,
            tuple(
                (effect, objection and Objection(_objection(objection, request, verdict.action)))
                for effect, objection in verdict.statements
            ),
            _cut(verdict.fault),
        )
        for verdict in request.trust_verdicts
    )


def _objection(objection: Objection, request: RoleRequest, action: str) -> str:
    """Return why a statement does not apply, and for a missing key where it could come from."""
    origin = request.origin_of_key(objection.missing_key, action) if objection.missing_key else None
    return _cut(objection.because) + (f"; {_cut(origin)}" if origin else "")
