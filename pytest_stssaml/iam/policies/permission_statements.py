"""What the statements of a permissions policy say to a call.

Source: IAM user guide, reference_policies_elements_action, -_notaction, -_resource and -_notresource.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ...lazy import cached_property
from .conditions import Condition
from .variables import Context, NoValue, Template, as_written
from .wildcards import AnyOf, Pattern


@dataclass(frozen=True)
class Call:
    """A call of a service, about which policies are asked."""

    #: The service and the operation, such as "s3:PutObject".
    action: str
    #: The ARN of the resource, or "*" if the operation has none.
    resource: str
    #: The condition keys of the call and of who makes it.
    context: Context

    @cached_property
    def action_in_lower_case(self) -> str:
        """The action as the policies' own are compared with it."""
        return self.action.lower()


class Actions:
    """The Action or the NotAction of a statement. The case of letters does not matter."""

    def __init__(self, written: Sequence[str], *, negated: bool) -> None:
        self._written = written
        self._negated = negated
        self._patterns = AnyOf((action.lower(),) for action in written)

    def include(self, call: Call) -> bool:
        """Return whether the statement is about the action of a call."""
        return self._patterns.matches(call.action_in_lower_case) is not self._negated

    def objection(self, call: Call) -> str:
        """Return why the statement is not about the action of a call."""
        return f"it is about {_listed(self._written, negated=self._negated)}, not {call.action}"


class Resources:
    """The Resource or the NotResource of a statement. Here the case of letters matters.

    A wildcard also matches colons. That is documented for one at the end of a part of an ARN, and inferred for others.

    :param variables: whether the policy's Version has variables.
    """

    def __init__(self, written: Sequence[str], *, negated: bool, variables: bool) -> None:
        self._written = written
        self._negated = negated
        self._misplaced = {text for text in written if variables and _has_misplaced_variable(text)}
        replaced = [text for text in written if variables and "${" in text and text not in self._misplaced]
        self._with_variables = {text: Template(text) for text in replaced}
        self._patterns = AnyOf(as_written(text) for text in written if text not in self._with_variables)

    def include(self, call: Call) -> bool:
        """Return whether the statement is about the resource of a call.

        An ARN with a variable that has no value matches no resource, so that a NotResource excludes nothing by it.
        Source: IAM user guide, reference_policies_variables, "Policy variables with no value".
        """
        if self._patterns.matches(call.resource):
            return not self._negated
        for template in self._with_variables.values():
            fragments = _filled(template, call.context)
            if fragments is not None and _pattern(fragments).matches(call.resource):
                return not self._negated
        return self._negated

    def objection(self, call: Call) -> str:
        """Return why the statement is not about the resource of a call."""
        shown = [self._shown(text, call.context) for text in self._written]
        return f"it is about {_listed(shown, negated=self._negated)}, not {call.resource}"

    def _shown(self, text: str, context: Context) -> str:
        if text in self._misplaced:
            return f"{text} (where a variable is not replaced, since it stands before the fifth colon)"
        if text not in self._with_variables:
            return text
        fragments = _filled(self._with_variables[text], context)
        return f"{text} ({'which has no value here' if fragments is None else 'here ' + ''.join(fragments)})"


def _has_misplaced_variable(arn: str) -> bool:
    """Return whether an ARN has a variable before its fifth colon, where AWS replaces none.

    Source: IAM user guide, reference_policies_variables.
    """
    return any("${" in part for part in arn.split(":", 5)[:5])


class PermissionStatement(NamedTuple):
    """A statement of a permissions policy."""

    #: "Allow" or "Deny".
    effect: str
    #: The Sid, or "".
    sid: str
    actions: Actions
    resources: Resources
    #: The conditions, which must all hold.
    conditions: tuple[Condition, ...]

    def applies(self, call: Call) -> bool:
        """Return whether the statement is about a call, and all its conditions hold."""
        if not self.actions.include(call) or not self.resources.include(call):
            return False
        # There are few conditions in a statement, and a list is quicker than a generator.
        return not [condition for condition in self.conditions if not condition.holds(call.context)]

    def objection(self, call: Call) -> str | None:
        """Return why the statement does not apply to a call, or None if it applies."""
        if not self.actions.include(call):
            return self.actions.objection(call)
        if not self.resources.include(call):
            return self.resources.objection(call)
        return next((c.objection(call.context) for c in self.conditions if not c.holds(call.context)), None)


def _filled(template: Template, context: Context) -> tuple[str, ...] | None:
    try:
        return template.filled(context)
    except NoValue:
        return None


# What a variable stands for is mostly the same at the next call, since it describes the session.
_pattern = lru_cache(maxsize=1024)(Pattern)

# As many as a reader looks through.
_MOST_LISTED = 5


def _listed(written: Sequence[str], *, negated: bool) -> str:
    more = len(written) - _MOST_LISTED
    listed = ", ".join(written[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
    return f"everything but {listed}" if negated else listed
