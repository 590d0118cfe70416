"""What policies say to a call, by the definitions in the IAM user guide, without any thought for speed.

It is the second opinion on the package's own evaluation. Conditions are those of the package, which have tests of their
own; variables are filled in here by plain replacement.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pytest_stssaml.iam.policies.condition_blocks import read_conditions

Context = Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=100_000)
def is_like(pattern: str, value: str) -> bool:
    """Return whether a value matches: `*` stands for any string and `?` for any character."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return any(is_like(pattern[1:], value[n:]) for n in range(len(value) + 1))
    return bool(value) and pattern[0] in ("?", value[0]) and is_like(pattern[1:], value[1:])


def answer(policies: list[dict[str, Any]], action: str, resource: str, context: Context) -> str:
    """Return what the policies of one kind say: "Allow", "Deny", or "" if nothing."""
    effects = {
        statement["Effect"]
        for policy in policies
        for statement in policy["Statement"]
        if applies(statement, action, resource, context, variables=policy.get("Version") == "2012-10-17")
    }
    return "Deny" if "Deny" in effects else "Allow" if effects else ""


def allowed(kinds: list[list[dict[str, Any]]], action: str, resource: str, context: Context) -> bool:
    """Return whether all kinds of policies allow a call, and none denies it."""
    return {answer(policies, action, resource, context) for policies in kinds} == {"Allow"}


def applies(statement: dict[str, Any], action: str, resource: str, context: Context, *, variables: bool) -> bool:
    """Return whether a statement applies to a call."""
    actions = [is_like(written.lower(), action.lower()) for written in listed(statement, "Action")]
    resources = [matches(written, resource, context, variables) for written in listed(statement, "Resource")]
    about_the_action = any(actions) is ("Action" in statement)
    about_the_resource = any(resources) is ("Resource" in statement)
    conditions = read_conditions(statement.get("Condition", {}), variables=variables, invalid_operator="")
    return about_the_action and about_the_resource and all(condition.holds(context) for condition in conditions)


def listed(statement: dict[str, Any], element: str) -> list[str]:
    """Return the strings of an element or of its negation."""
    written = statement.get(element, statement.get(f"Not{element}"))
    return [written] if isinstance(written, str) else list(written or ())


def matches(written: str, resource: str, context: Context, variables: bool) -> bool:
    """Return whether a resource matches, which none does if the pattern has a variable without a value."""
    if not variables:
        return is_like(written, resource)
    # A private character stands for each literal wildcard, in the pattern and in the value.
    stand_ins = {"*": "\ue000", "?": "\ue001"}
    for variable in re.findall(r"\$\{([^{}]*)\}", written):
        key, _, default = variable.partition(",")
        values = context.get(key.lower(), (variable,) if variable in ("*", "?", "$") else ())
        value = values[0] if len(values) == 1 else default.strip().strip("'") if default and not values else None
        if value is None:
            return False
        for wildcard, stand_in in stand_ins.items():
            value = value.replace(wildcard, stand_in)
        written = written.replace(f"${{{variable}}}", value.replace("${", "\ue002{"), 1)
    for wildcard, stand_in in stand_ins.items():
        # A literal wildcard matches only itself, and a wildcard matches literal ones too.
        if stand_in in written:
            resource = resource.replace(wildcard, stand_in)
    return is_like(written.replace("\ue002", "$"), resource)
