"""The grammar of policies that say what may be done: managed policies, inline policies of roles, session policies."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import IAMError
from ..limits import LONGEST_INLINE_POLICIES, LONGEST_MANAGED_POLICY, VERSION_WITH_VARIABLES
from .condition_blocks import read_conditions
from .documents import (
    DOCUMENT_ELEMENTS,
    SYNTAX,
    check_elements,
    check_id,
    check_length,
    check_version,
    effect_of,
    length_without_white_space,
    malformed,
    read_document,
    statements_of,
    strings_of,
    syntax_error,
)

_STATEMENT_ELEMENTS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")


def managed_policy(document: Mapping[str, Any] | str) -> str:
    """Return the JSON of a managed policy.

    :raises IAMError: MalformedPolicyDocument or LimitExceeded.
    """
    policy = read_document(document, "document", "policyDocument")
    check_permissions(policy)
    if policy.get("Version") != VERSION_WITH_VARIABLES:
        raise malformed(
            "Policy document must be version 2012-10-17 or greater.", f'write "Version": "{VERSION_WITH_VARIABLES}"'
        )
    check_length(policy, LONGEST_MANAGED_POLICY, "PolicySize")
    return json.dumps(policy)


def inline_policy(document: Mapping[str, Any] | str) -> str:
    """Return the JSON of an inline policy of a role.

    :raises IAMError: MalformedPolicyDocument.
    """
    policy = read_document(document, "a member of policies", "policyDocument")
    check_permissions(policy)
    return json.dumps(policy, ensure_ascii=False)


def check_inline_policies(role_name: str, texts: Iterable[str]) -> None:
    """Check the length of all inline policies of a role together; white space does not count (reference_iam-quotas).

    :raises IAMError: LimitExceeded, in the form in which it was seen.
    """
    length = sum(length_without_white_space(text) for text in texts)
    if length > LONGEST_INLINE_POLICIES:
        raise IAMError(
            "LimitExceeded",
            409,
            f"Maximum policy size of {LONGEST_INLINE_POLICIES} bytes exceeded for role {role_name}",
            f"{length} characters without white space; create_policy(...) makes policies that do not count",
        )


def check_permissions(policy: Any) -> None:
    """Check what managed policies, inline policies and session policies have in common.

    :raises IAMError: MalformedPolicyDocument.
    """
    if not isinstance(policy, dict):
        raise syntax_error(f"a policy must be a JSON object, not {policy!r}")
    check_elements(policy, DOCUMENT_ELEMENTS)
    check_version(policy, SYNTAX)
    check_id(policy)
    for statement in statements_of(policy):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise malformed(
                "Policy document should not specify a principal.", "leave it out: only trust policies have one"
            )
        check_elements(statement, _STATEMENT_ELEMENTS)
        effect_of(statement)
        _check_one_of(statement, "Action", "NotAction", _check_action)
        _check_one_of(statement, "Resource", "NotResource", _check_resource)
        read_conditions(statement.get("Condition", {}), variables=True, invalid_operator=SYNTAX)


def _check_one_of(statement: dict[str, Any], name: str, negation: str, check: Callable[[str], None]) -> None:
    if name in statement and negation in statement:
        raise syntax_error(f"a Statement must have either {name} or {negation}")
    strings = strings_of(statement.get(name, statement.get(negation, [])), name)
    if not strings:
        raise malformed(f"Policy statement must contain {name.lower()}s.", f"expected {name} or {negation}")
    for string in strings:
        check(string)


def _check_action(action: str) -> None:
    if re.fullmatch(r"\*|(?:\*|[a-zA-Z0-9-]+):[a-zA-Z0-9*?]+", action) is None:
        raise malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            f'got {action!r}; write an action such as "s3:GetObject", "s3:*" or "*"',
        )


def _check_resource(resource: str) -> None:
    if re.fullmatch(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.*", resource, re.DOTALL) is None:
        raise malformed(f'Resource {resource} must be in ARN format or "*".', f"got {resource!r}")
