"""IAM policy documents: their grammar, and whether one allows an action.

Source: IAM user guide, reference_policies_elements, reference_policies_elements_condition_operators and
reference_policies_evaluation-logic.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .errors import IAMError

__all__ = ["OPERATORS", "Condition", "Policy", "Statement", "allows", "parse_trust_policy"]

#: Condition keys in lower case, and the values that a request gives them.
Context = Mapping[str, tuple[str, ...]]


def _string_equals(wanted: str, value: str) -> bool:
    return wanted == value


def _string_like(wanted: str, value: str) -> bool:
    """`*` is any text, `?` any one character, everything else itself."""
    return _glob(wanted).fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _glob(wanted: str) -> re.Pattern[str]:
    # Atomic groups, so that a pattern of many stars takes the first place that fits and never comes back: without
    # them the time would grow with the text's length to the power of the stars.
    head, *parts = (re.escape(part).replace(r"\?", ".") for part in wanted.split("*"))
    if not parts:
        return re.compile(head, re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in parts[:-1])
    return re.compile(f"{head}{middle}.*{parts[-1]}", re.DOTALL)


#: How a policy's value is compared with a request's.
OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": _string_equals,
    "StringLike": _string_like,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a Condition block: an operator, a key in lower case, and the values of which one must match."""

    operator: str
    key: str
    values: tuple[str, ...]

    def holds(self, context: Context) -> bool:
        """A key that the request lacks matches nothing."""
        matches = OPERATORS[self.operator]
        return any(matches(wanted, value) for wanted in self.values for value in context.get(self.key, ()))


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a trust policy, its lists normalised to tuples."""

    effect: str
    federated: tuple[str, ...]
    actions: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def applies(self, action: str, principal_arn: str, context: Context) -> bool:
        """Principal, action and every condition match."""
        return (
            principal_arn in self.federated
            and action in self.actions
            and all(condition.holds(context) for condition in self.conditions)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A trust policy: the document as it was given, and its statements."""

    document: dict[str, Any]
    statements: tuple[Statement, ...]


def allows(policy: Policy, action: str, principal_arn: str, context: Context) -> bool:
    """At least one statement allows and none denies."""
    effects = {s.effect for s in policy.statements if s.applies(action, principal_arn, context)}
    return effects == {"Allow"}


def parse_trust_policy(document: Mapping[str, Any] | str) -> Policy:
    """A role's trust policy, from a dict or JSON text.

    :raises IAMError: MalformedPolicyDocument, where IAM would refuse to store it.
    """
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise _malformed("This policy contains invalid Json", f"the trust policy is not JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise _syntax(f"a trust policy is a JSON object, not {document!r}")
    # A deep copy that only JSON's own types survive: the caller may go on changing theirs.
    try:
        copy = json.loads(json.dumps(dict(document)))
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"trust_policy holds what JSON cannot: {error}") from error
    statements = _listed(copy.get("Statement", []))
    if not statements:
        raise _syntax("a trust policy needs a Statement")
    return Policy(copy, tuple(map(_statement, statements)))


# IAM user guide, reference_policies_elements_principal
_PRINCIPALS = frozenset({"AWS", "CanonicalUser", "Federated", "Service"})

_ELEMENTS = frozenset({"Sid", "Effect", "Principal", "Action", "Condition"})


def _statement(statement: Any) -> Statement:
    if not isinstance(statement, dict):
        raise _syntax(f"a Statement is a JSON object, not {statement!r}")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise _syntax(f"Effect is Allow or Deny, not {statement.get('Effect')!r}")
    if "Resource" in statement:
        raise _malformed("Has prohibited field Resource", "the resource of a trust policy is its role")
    principal = statement.get("Principal")
    if principal == "*":
        principal = {"AWS": "*"}
    if not isinstance(principal, dict) or not principal or not _PRINCIPALS.issuperset(principal):
        raise _malformed(f"Invalid principal in policy: {principal!r}", 'write {"Federated": provider.arn}')
    unknown = [element for element in statement if element not in _ELEMENTS]
    if unknown:
        raise _syntax(f"a Statement of a trust policy has no element {unknown[0]}")
    return Statement(
        effect=statement["Effect"],
        federated=_texts(principal.get("Federated", []), "Principal"),
        actions=_actions(statement),
        conditions=_conditions(statement.get("Condition", {})),
    )


def _actions(statement: dict[str, Any]) -> tuple[str, ...]:
    actions = _texts(statement.get("Action", []), "Action")
    if not actions or not all(action in _TRUST_ACTIONS for action in actions):
        raise _malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
            f"got {list(actions)}; actions of a trust policy are written out, each letter as in AWS's own list",
        )
    return actions


# Service authorization reference, actions of AWS STS; wildcards and other cases were seen to be refused.
_TRUST_ACTIONS = frozenset(
    {
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:SetContext",
        "sts:SetSourceIdentity",
        "sts:TagSession",
    }
)


def _conditions(block: Any) -> tuple[Condition, ...]:
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        raise _syntax('a Condition is {operator: {key: values}}, as {"StringEquals": {"SAML:aud": "…"}}')
    unknown = [operator for operator in block if operator not in OPERATORS]
    if unknown:
        # Not passed over: a condition that nobody evaluates would let everybody in, or nobody.
        raise ValueError(f"{unknown[0]} is no condition operator of pytest-stssaml; it knows {', '.join(OPERATORS)}")
    return tuple(
        Condition(operator, key.lower(), _texts(values, f"the values of {key}"))
        for operator, keys in block.items()
        for key, values in keys.items()
    )


def _texts(value: Any, name: str) -> tuple[str, ...]:
    texts = _listed(value)
    if not all(isinstance(text, str) for text in texts):
        raise _syntax(f"{name}: a text or a list of texts, not {value!r}")
    return tuple(texts)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _syntax(hint: str) -> IAMError:
    return _malformed("Syntax errors in policy.", hint)


def _malformed(message: str, hint: str) -> IAMError:
    return IAMError("MalformedPolicyDocument", 400, message, hint)
