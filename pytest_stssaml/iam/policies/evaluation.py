"""What an IAM policy means: the condition operators, and whether a policy allows an action.

Source: IAM user guide, reference_policies_evaluation-logic, reference_policies_elements_condition_operators,
reference_policies_condition-single-vs-multi-valued-context-keys and reference_policies_variables. What a document has
to look like is in grammar.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .conditions import Condition, Context

# --- statements


class Principal(NamedTuple):
    """Who asks: the kind of principal that a policy calls it, in words, and every name by which it may be meant."""

    kind: str
    who: str
    names: frozenset[str]


#: Everybody, as a name of the kind "AWS".
EVERYONE = "*"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a trust policy, its lists normalised to tuples; `principals` are names by their kind."""

    effect: str
    principals: Mapping[str, tuple[str, ...]]
    actions: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def objection(self, action: str, principal: Principal, context: Context) -> str | None:
        """Why the statement does not apply; None where principal, action and every condition match."""
        if not self._concerns(principal):
            meant = ", ".join(self.principals.get(principal.kind, ())) or "other principals"
            return f"it is about {meant}, not {principal.who}"
        if action not in self.actions:
            return f"it is about {', '.join(self.actions)}, not {action}"
        return next((c.disappointment(context) for c in self.conditions if not c.holds(context)), None)

    def _concerns(self, principal: Principal) -> bool:
        if not principal.names.isdisjoint(self.principals.get(principal.kind, ())):
            return True
        # Whether "*" means identity providers too is not known: where it is in doubt, the answer is no.
        return self.effect == "Deny" and EVERYONE in self.principals.get("AWS", ())


@dataclass(frozen=True, slots=True)
class Policy:
    """A trust policy: the document as it was given, and its statements; none where a `fault` keeps it from meaning any.

    IAM stores no policy with a fault, so ours have none.
    """

    document: dict[str, Any]
    statements: tuple[Statement, ...]
    fault: str | None = None


class Verdict(NamedTuple):
    """What a policy says to an action: for each statement its effect, and why it does not apply, or None if it does."""

    action: str
    statements: tuple[tuple[str, str | None], ...]
    fault: str | None = None

    @property
    def allowed(self) -> bool:
        """At least one statement allows and none denies."""
        return {effect for effect, objection in self.statements if objection is None} == {"Allow"}

    def reasons(self) -> list[str]:
        """For each statement, whether it applies or why not."""
        if self.fault is not None:
            return [f"{self.action}: IAM would not take this trust policy: {self.fault}"]
        return [
            f"{self.action}: statement {number} ({effect}) "
            + ("applies" if objection is None else f"does not apply: {objection}")
            for number, (effect, objection) in enumerate(self.statements, 1)
        ]


def decide(policy: Policy, action: str, principal: Principal, context: Context) -> Verdict:
    """What a policy says to a principal who asks for an action."""
    statements = tuple((s.effect, s.objection(action, principal, context)) for s in policy.statements)
    return Verdict(action, statements, policy.fault)
