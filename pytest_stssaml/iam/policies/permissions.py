"""The grammar of policies that say what may be done: managed policies, inline policies of roles, session policies."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from ..errors import IAMError
from ..limits import LONGEST_INLINE_POLICIES, LONGEST_MANAGED_POLICY, VERSION_WITH_VARIABLES
from .condition_blocks import read_conditions
from .documents import (
    DOCUMENT_ELEMENTS,
    SYNTAX,
    NotJSON,
    check_elements,
    check_id,
    check_length,
    check_version,
    document_text,
    effect_of,
    length_without_white_space,
    malformed,
    read_document,
    read_policy,
    statements_of,
    strings_of,
    syntax_error,
)

if TYPE_CHECKING:
    from .permission_statements import PermissionStatement

_STATEMENT_ELEMENTS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")


def managed_policy(document: Mapping[str, Any] | str, *, partition: str | None = None, of_aws: bool = False) -> str:
    """Return the JSON of a managed policy.

    :param partition: the partition of the account, or None if every partition is accepted.
    :param of_aws: whether it is one of AWS's own, which may be longer.
    :raises IAMError: MalformedPolicyDocument or LimitExceeded.
    """
    policy = read_document(document_text(document, "document"), "policyDocument")
    check_permissions(policy, partition)
    if policy.get("Version") != VERSION_WITH_VARIABLES:
        raise malformed(
            "Policy document must be version 2012-10-17 or greater.", f'write "Version": "{VERSION_WITH_VARIABLES}"'
        )
    if not of_aws:
        check_length(policy, LONGEST_MANAGED_POLICY, "PolicySize")
    return json.dumps(policy)


def inline_policy(document: Mapping[str, Any] | str, *, partition: str | None = None) -> str:
    """Return the JSON of an inline policy of a role.

    :param partition: the partition of the account, or None if every partition is accepted.
    :raises IAMError: MalformedPolicyDocument.
    """
    policy = read_document(document_text(document, "a member of policies"), "policyDocument")
    check_permissions(policy, partition)
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


def check_permissions(policy: Any, partition: str | None = None) -> None:
    """Check what managed policies, inline policies and session policies have in common.

    :param partition: the partition of the account, or None if every partition is accepted.
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
        _check_one_of(statement, "Resource", "NotResource", partial(_check_resource, partition=partition))
        for condition in read_conditions(statement.get("Condition", {}), variables=True, invalid_operator=SYNTAX):
            _check_condition_key(condition.written_key)


# A policy is read once, however often it is asked. It is found again by its text.
@lru_cache(maxsize=256)
def permission_statements(text: str) -> "tuple[PermissionStatement, ...]":
    """Return the statements of a policy that says what may be done.

    :param text: JSON.
    :raises IAMError: MalformedPolicyDocument; only policies of moto were not checked before.
    """
    try:
        policy = read_policy(text)
    except NotJSON as error:
        raise malformed("This policy contains invalid Json", str(error)) from error
    check_permissions(policy)
    variables = policy.get("Version") == VERSION_WITH_VARIABLES
    return tuple(_statement(statement, variables) for statement in statements_of(policy))


def _statement(statement: dict[str, Any], variables: bool) -> "PermissionStatement":
    from .permission_statements import Actions, PermissionStatement, Resources  # creating a policy asks for none

    actions = strings_of(statement.get("Action", statement.get("NotAction")), "Action")
    resources = strings_of(statement.get("Resource", statement.get("NotResource")), "Resource")
    return PermissionStatement(
        effect=effect_of(statement),
        sid=statement.get("Sid", ""),
        actions=Actions(actions, negated="NotAction" in statement),
        resources=Resources(resources, negated="NotResource" in statement, variables=variables),
        conditions=read_conditions(statement.get("Condition", {}), variables=variables, invalid_operator=SYNTAX),
    )


def _check_one_of(statement: dict[str, Any], name: str, negation: str, check: Callable[[str], None]) -> None:
    if name in statement and negation in statement:
        raise syntax_error(f"a Statement must have either {name} or {negation}")
    strings = strings_of(statement.get(name, statement.get(negation, [])), name)
    if not strings:
        raise malformed(f"Policy statement must contain {name.lower()}s.", f"expected {name} or {negation}")
    for string in strings:
        check(string)


_NO_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."


def _check_action(action: str) -> None:
    if action.count(":") > 1:
        raise malformed(
            "Actions/Condition can contain only one colon.", f'got {action!r}; write an action such as "s3:GetObject"'
        )
    if re.fullmatch(r"\*|(?:\*|[a-zA-Z0-9-]+):[a-zA-Z0-9*?]+", action) is None:
        raise malformed(_NO_VENDOR, f'got {action!r}; write an action such as "s3:GetObject", "s3:*" or "*"')


def _check_condition_key(key: str) -> None:
    # That the message is the same for conditions is inferred from its words.
    if ":" not in key:
        raise malformed(_NO_VENDOR, f'got {key!r}; write a condition key such as "aws:PrincipalTag/team"')


def _check_resource(resource: str, *, partition: str | None) -> None:
    """Check a resource. Each message was seen in an answer of IAM."""
    parts = resource.split(":", 5)
    if resource == "*":
        return
    if len(parts) != 6 or parts[0] != "arn":
        raise malformed(f'Resource {resource} must be in ARN format or "*".', f"got {resource!r}")
    if not _has_no_wildcard(parts[2]):
        raise malformed(
            "Resource vendor must be fully qualified and cannot contain regexes.",
            f"got {resource!r}; write a policy for each service, or *",
        )
    if partition not in (None, parts[1]) and _has_no_wildcard(parts[1]):
        raise malformed(
            f'Partition "{parts[1]}" is not valid for resource "{resource}".',
            f"the account is in the partition {partition}, so write arn:{partition}:...",
        )
    if parts[2] == "iam" and parts[3]:
        raise malformed(
            f"IAM resource {resource} cannot contain region information.", "IAM has no regions; write arn:aws:iam::..."
        )


def _has_no_wildcard(part: str) -> bool:
    return "*" not in part and "?" not in part
