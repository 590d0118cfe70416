"""What a trust policy says to a principal that asks for an action.

Source: IAM user guide, reference_policies_evaluation-logic.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .conditions import Condition
from .variables import Context


class Principal(NamedTuple):
    """The principal that asks."""

    #: The kind of principal, as policies call it: "AWS" or "Federated".
    kind: str
    #: A description of the principal, for explanations.
    who: str
    #: Every name by which a policy may mean the principal.
    names: frozenset[str]


class Objection(NamedTuple):
    """Why a statement does not apply."""

    #: The reason.
    because: str
    #: The condition key, in lower case, that the statement tests and the request lacks; None for another reason.
    missing_key: str | None = None


#: Everybody, as a name of the kind "AWS".
EVERYONE = "*"


class Statement(NamedTuple):
    """One statement of a trust policy. What may be one value or a list is a tuple."""

    #: "Allow" or "Deny".
    effect: str
    #: The names of principals by their kind.
    principals: Mapping[str, tuple[str, ...]]
    #: The actions that it allows or denies.
    actions: tuple[str, ...]
    #: The conditions, which must all hold.
    conditions: tuple[Condition, ...]

    def objection(self, action: str, principal: Principal, context: Context) -> Objection | None:
        """Return why the statement does not apply, or None if principal, action and every condition match."""
        if not self._concerns(principal):
            others = [f"{kind} {name}" for kind, names in self.principals.items() for name in names]
            named = self.principals.get(principal.kind, others)
            return Objection(f"it is about {', '.join(named)}, not {principal.who}")
        if action not in self.actions:
            return Objection(f"it is about {', '.join(self.actions)}, not {action}")
        for condition in self.conditions:
            if not condition.holds(context):
                return Objection(condition.objection(context), None if context.get(condition.key) else condition.key)
        return None

    def _concerns(self, principal: Principal) -> bool:
        if not principal.names.isdisjoint(self.principals.get(principal.kind, ())):
            return True
        # Whether "*" includes identity providers is not known. If in doubt, access is denied.
        return self.effect == "Deny" and EVERYONE in self.principals.get("AWS", ())


class Policy(NamedTuple):
    """A trust policy."""

    #: The document as it was given.
    document: dict[str, Any]
    #: Its statements; empty if it has a fault.
    statements: tuple[Statement, ...]
    #: Why IAM would not store it, or None. Only policies of moto may have a fault.
    fault: str | None = None


class Verdict(NamedTuple):
    """What a policy says to an action."""

    #: The action that was asked for.
    action: str
    #: For each statement its effect, and why it does not apply, or None if it applies.
    statements: tuple[tuple[str, Objection | None], ...]
    #: The fault of the policy, or None.
    fault: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether at least one statement allows the action and none denies it."""
        return {effect for effect, objection in self.statements if objection is None} == {"Allow"}

    def reasons(self) -> list[str]:
        """Return for each statement that it applies, or why not."""
        if self.fault is not None:
            return [f"{self.action}: IAM would not store this trust policy: {self.fault}"]
        return [
            f"{self.action}: statement {number} ({effect}) "
            + ("applies" if objection is None else f"does not apply: {objection.because}")
            for number, (effect, objection) in enumerate(self.statements, 1)
        ]


def decide(policy: Policy, action: str, principal: Principal, context: Context) -> Verdict:
    """Return what a policy says to a principal that asks for an action."""
    statements = tuple((s.effect, s.objection(action, principal, context)) for s in policy.statements)
    return Verdict(action, statements, policy.fault)
