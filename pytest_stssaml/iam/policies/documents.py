"""Reading policy documents: JSON, and the elements that every kind of policy has.

Source: IAM user guide, reference_policies_grammar and reference_policies_elements. Most messages were seen in answers
of IAM. Those about missing fields, the version and prohibited fields other than Resource are our choice, some of them
modelled on the messages of other services.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Never

from ..errors import IAMError
from ..limits import PATTERNS, POLICY_PATTERN, VERSION_WITH_VARIABLES

#: The elements of a policy document.
DOCUMENT_ELEMENTS = ("Version", "Id", "Statement")
#: The values of Version.
VERSIONS = ("2008-10-17", VERSION_WITH_VARIABLES)
#: IAM's message for most faults.
SYNTAX = "Syntax errors in policy."


class NotJSON(ValueError):
    """A policy is not JSON."""


def read_policy(text: str) -> Any:
    """Return what the JSON of a policy says.

    :raises NotJSON: if it is not JSON, or repeats a key in one object.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise NotJSON(str(error)) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys are not repeated (reference_policies_grammar)."""
    unique = dict(pairs)
    if len(unique) != len(pairs):
        repeated = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {repeated!r} is repeated in one object")
    return unique


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _finite(number: str) -> float:
    if math.isinf(float(number)):
        raise ValueError(f"{number} is too large for a number")
    return float(number)


def document_text(document: Mapping[str, Any] | str, argument: str) -> str:
    """Return the JSON of a policy document that is a dict or JSON.

    :param argument: the name of the argument of this package.
    :raises TypeError: if the argument is of another type.
    """
    if isinstance(document, str):
        return document
    if not isinstance(document, Mapping):
        raise TypeError(f"{argument} must be a dict or JSON, not {document!r}")
    try:
        return json.dumps(dict(document), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"{argument} contains what JSON cannot: {error}") from error


def read_document(text: str, member: str) -> dict[str, Any]:
    """Return a policy document from its JSON.

    :param member: the name of IAM's parameter, for IAM's message.
    :raises IAMError: MalformedPolicyDocument or ValidationError.
    """
    # The pattern refuses an empty string too, but for that IAM says that it is not JSON.
    if text and PATTERNS[POLICY_PATTERN].fullmatch(text) is None:
        raise IAMError(
            "ValidationError",
            400,
            f"The specified value for {member} is invalid. It must contain only printable ASCII characters.",
            "write a character beyond U+00FF as a JSON escape, as json.dumps does",
        )
    try:
        policy = read_policy(text)
    except NotJSON as error:
        raise malformed("This policy contains invalid Json", str(error)) from error
    if not isinstance(policy, dict):
        raise syntax_error(f"a policy must be a JSON object, not {policy!r}")
    return policy


def check_version(policy: dict[str, Any], message: str) -> None:
    """Check that Version, if it is there, is one that IAM knows."""
    if policy.get("Version", VERSIONS[0]) not in VERSIONS:
        raise malformed(message, f"Version is {' or '.join(VERSIONS)}, not {policy['Version']!r}")


def check_id(policy: dict[str, Any]) -> None:
    """Check that Id, if it is there, is a string."""
    if not isinstance(policy.get("Id", ""), str):
        raise syntax_error(f"Id must be a string, not {policy['Id']!r}")


def check_elements(found: dict[str, Any], known: tuple[str, ...]) -> None:
    """Check that there are no unknown elements."""
    for element in found:
        if element not in known:
            raise syntax_error(f"{element!r} is not one of {', '.join(known)}")


def check_length(policy: dict[str, Any], longest: int, quota: str) -> None:
    """Check the length of a document (reference_iam-quotas).

    :raises IAMError: LimitExceeded.
    """
    length = length_without_white_space(json.dumps(policy, ensure_ascii=False))
    if length > longest:
        raise IAMError(
            "LimitExceeded",
            409,
            f"Cannot exceed quota for {quota}: {longest}",
            f"{length} characters without white space; wildcards make it shorter",
        )


def length_without_white_space(text: str) -> int:
    """Return the length of a policy as quotas count it."""
    return len("".join(text.split()))


def statements_of(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a policy, one or several. No Sid may be repeated."""
    statements = as_list(policy.get("Statement", []))
    if not statements:
        raise syntax_error("a policy must have a Statement")
    sids: set[str] = set()
    for statement in statements:
        if not isinstance(statement, dict):
            raise syntax_error(f"a Statement must be a JSON object, not {statement!r}")
        if "Sid" in statement:
            _check_sid(statement["Sid"], sids)
    return statements


def _check_sid(sid: Any, taken: set[str]) -> None:
    if not isinstance(sid, str):
        raise syntax_error(f"a Sid must be a string, not {sid!r}")
    if re.fullmatch(r"[0-9A-Za-z]*", sid) is None:
        raise malformed(
            "Statement IDs (SID) must be alpha-numeric. "
            "Check that your input satisfies the regular expression [0-9A-Za-z]*",
            f"got {sid!r}",
        )
    if sid and sid in taken:
        raise malformed("Statement IDs (SID) in a single policy must be unique.", f"{sid!r} is repeated")
    taken.add(sid)


def effect_of(statement: dict[str, Any]) -> str:
    """Return the Effect of a statement."""
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise syntax_error(f"Effect must be Allow or Deny, not {effect!r}")
    return str(effect)


def strings_of(value: Any, name: str) -> tuple[str, ...]:
    """Return the strings of an element that is one string or a list of strings."""
    strings = as_list(value)
    if not all(isinstance(string, str) for string in strings):
        raise syntax_error(f"{name} must be a string or a list of strings, not {value!r}")
    return tuple(strings)


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, and any other value as the only member of a list."""
    return value if isinstance(value, list) else [value]


def syntax_error(hint: str) -> IAMError:
    """Return IAM's error for most faults."""
    return malformed(SYNTAX, hint)


def malformed(message: str, hint: str) -> IAMError:
    """Return a MalformedPolicyDocument."""
    return IAMError("MalformedPolicyDocument", 400, message, hint)
