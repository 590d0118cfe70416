"""Whether the policies of a session allow a call, and why."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ...iam.limits import AWS_OWN_ACCOUNT
from ...iam.policies.permission_statements import Call, PermissionStatement


class NamedPolicy(NamedTuple):
    """A policy of a session or of its role."""

    #: What explanations call it: the ARN, or which inline policy it is.
    name: str
    #: Its statements, or None if its document is not known.
    statements: tuple[PermissionStatement, ...] | None


class Layer(NamedTuple):
    """Policies of one kind. One of them has to allow the call, and none may deny it."""

    #: AWS's name of one such policy, such as "session policy".
    kind: str
    policies: tuple[NamedPolicy, ...]

    @property
    def one(self) -> str:
        """The name with its article."""
        return f"{'an' if self.kind[0] in 'aeiou' else 'a'} {self.kind}"


class Applied(NamedTuple):
    """A statement that applies to a call."""

    layer: Layer
    policy: NamedPolicy
    #: The place of the statement in its policy, from 1.
    number: int
    statement: PermissionStatement


class Decision:
    """What `session.allows(...)` returns: it is true if the session may make the call, and false if not.

    It says why, for example in an assertion::

        decision = session.allows("s3:PutObject", "arn:aws:s3:::example/report.csv")
        assert decision, decision.explain()
    """

    def __init__(self, call: Call, reasons: Sequence[str], layers: tuple[Layer, ...], *, allowed: bool) -> None:
        self._call = call
        self._layers = layers
        self._allowed = allowed
        self._reasons = tuple(reasons)

    def __bool__(self) -> bool:
        return self._allowed

    def __repr__(self) -> str:
        return f"<Decision: {self._headline()}: {'; '.join(self._reasons)}>"

    @property
    def action(self) -> str:
        """The action that was asked about, such as "s3:PutObject"."""
        return self._call.action

    @property
    def resource(self) -> str:
        """The ARN of the resource that was asked about, or "*"."""
        return self._call.resource

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in the order in which AWS looks at policies.

        For a call that is allowed: the statement of each kind of policy that allows it. For one that is denied: each
        statement that denies it, or else each kind of policy that does not allow it, in the words of AWS's errors.
        """
        return self._reasons

    def explain(self) -> str:
        """Return the decision, the reasons for it, and what each policy says to the call, as lines.

        >>> print(sts_saml.sessions[-1].allows("s3:ListAllMyBuckets").explain())
        s3:ListAllMyBuckets on * is denied
        ...
        """
        lines = [self._headline(), *(f"  {reason}" for reason in self._reasons)]
        for layer in self._layers:
            if not layer.policies:
                lines.append(f"{layer.kind}: none")
            for policy in layer.policies:
                lines += [f"{layer.kind}: {policy.name}", *(f"  {line}" for line in _lines(policy, self._call))]
        return "\n".join(lines)

    def _headline(self) -> str:
        return f"{self.action} on {self.resource} is {'allowed' if self._allowed else 'denied'}"


def decide(call: Call, layers: tuple[Layer, ...]) -> Decision:
    """Return what the policies of several kinds say to a call together.

    Source: IAM user guide, reference_policies_evaluation-logic. Policies of resources and organizations are not known.

    :raises LookupError: if the answer depends on a policy whose document is not known.
    """
    applied = list(_applied(call, layers))
    denying = [found for found in applied if found.statement.effect == "Deny"]
    if denying:
        reasons = [f"{d.layer.one}{_EXPLICITLY}{_place(d)}" for d in denying]
        return Decision(call, reasons, layers, allowed=False)
    allowing = {found.layer.kind: found for found in reversed(applied)}  # the first one of each kind
    silent = [layer for layer in layers if layer.kind not in allowing and not _unknown([layer])]
    if silent:
        reasons = [f"no {layer.kind} allows the {call.action} action" for layer in silent]
        return Decision(call, reasons, layers, allowed=False)
    unknown = _unknown(layers)
    if unknown:
        arn = unknown[0]
        raise LookupError(f"the document of {arn} is not known, and {call.action} depends on it; {_remedy(arn)}")
    reasons = [f"{layer.one} allows it: {_place(allowing[layer.kind])}" for layer in layers]
    return Decision(call, reasons, layers, allowed=True)


_EXPLICITLY = " denies it explicitly: "


def in_words_of_aws(reason: str) -> str:
    """Return a reason of a denial as the end of an error message of AWS (troubleshoot_access-denied)."""
    policy, explicitly, _ = reason.partition(_EXPLICITLY)
    return f"with an explicit deny in {policy}" if explicitly else f"because {reason}"


def _applied(call: Call, layers: Iterable[Layer]) -> Iterator[Applied]:
    for layer in layers:
        for policy in layer.policies:
            for number, statement in enumerate(policy.statements or (), 1):
                if statement.applies(call):
                    yield Applied(layer, policy, number, statement)


def _unknown(layers: Iterable[Layer]) -> list[str]:
    return [policy.name for layer in layers for policy in layer.policies if policy.statements is None]


def _remedy(arn: str) -> str:
    _, partition, _, _, account_id, resource = arn.split(":", 5)
    path, _, name = resource.removeprefix("policy").rpartition("/")
    more = {"path": f"{path}/"} if path else {}
    more |= {"account_id": account_id} | ({"partition": partition} if partition != "aws" else {})
    written = ", ".join(f"{keyword}={value!r}" for keyword, value in more.items())
    install = "install a moto that has it, or " if (partition, account_id) == ("aws", AWS_OWN_ACCOUNT) else ""
    return f"{install}write create_policy({name!r}, {{...}}, {written})"


def _place(found: Applied) -> str:
    sid = f" ({found.statement.sid})" if found.statement.sid else ""
    return f"statement {found.number}{sid} of {found.policy.name}"


# The statements of a longer policy that are about other actions are only counted.
_MOST_EXPLAINED = 10


def _lines(policy: NamedPolicy, call: Call) -> Iterator[str]:
    if policy.statements is None:
        yield "its document is not known"
        return
    long = len(policy.statements) > _MOST_EXPLAINED
    others = 0
    for number, statement in enumerate(policy.statements, 1):
        if long and not statement.actions.include(call):
            others += 1
            continue
        objection = statement.objection(call)
        sid = f", {statement.sid}" if statement.sid else ""
        answer = "applies" if objection is None else f"does not apply: {objection}"
        yield f"statement {number} ({statement.effect}{sid}) {answer}"
    if others:
        yield f"{others} statements are about other actions"
