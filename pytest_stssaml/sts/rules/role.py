"""The rules that a login and a session that assumes another role have in common: about the role, and session policies.

What they say and where it is written is told as in checks.py.
"""

from collections.abc import Callable

from ...iam.errors import IAMError
from ...iam.limits import AWS_OWN_ACCOUNT, RESERVED_ROLE_PREFIX
from ...iam.policies.grammar import NotJSON, check_permissions, read_policy
from .. import errors, limits
from ..errors import Rejected
from ..requests.condition_keys import Asking, denied_action, needed_actions


def role_exists(asking: Asking) -> None:
    """The role exists, its name spelled as it was created (troubleshoot_saml)."""
    _ = asking.granted_role


def role_is_not_reserved(asking: Asking) -> None:
    """The role is none that IAM Identity Center keeps for itself (API reference); the choice of the error is ours."""
    name = asking.granted_role.name
    if name.startswith(RESERVED_ROLE_PREFIX):
        raise asking.denied(needed_actions(asking)[0], f"{name} is a role of IAM Identity Center")


def trusted_by_the_role(asking: Asking) -> None:
    """The role's trust policy allows the caller to assume it (troubleshoot_saml)."""
    denied = denied_action(asking)
    if denied is not None:
        raise asking.denied(denied, f"the trust policy does not allow {denied} for {asking.principal.who}")


def within_the_roles_maximum(asking: Asking) -> None:
    """DurationSeconds is at most the role's MaxSessionDuration (API reference); that trust comes first is inferred."""
    asked, maximum = asking.request.duration_seconds, asking.granted_role.max_session_duration
    if asked > maximum:
        raise Rejected(errors.LONGER_THAN_ROLE_MAXIMUM, f"asked for {asked} s, and the role's maximum is {maximum} s")


def at_most_ten_policy_arns(asking: Asking) -> None:
    """PolicyArns has at most 10 members (API reference); the error is ours."""
    count = len(asking.request.policy_arns)
    if count > limits.MOST_POLICY_ARNS:
        raise Rejected(errors.TOO_MANY_POLICY_ARNS, f"{count} ARNs, more than {limits.MOST_POLICY_ARNS}")


def policies_are_of_the_roles_account(asking: Asking) -> None:
    """Each of PolicyArns is of the role's account, or AWS's own (API reference); the error is ours."""
    role = asking.request.role
    for text, arn in zip(asking.request.policy_arns, asking.request.policies, strict=True):
        if arn.partition != role.partition or arn.account_id not in (role.account_id, AWS_OWN_ACCOUNT):
            raise Rejected(
                errors.POLICY_OF_ANOTHER_ACCOUNT,
                f"expected a policy of {role.account_id} or AWS's own in {role.partition}, got {text}",
            )


def policies_exist(asking: Asking) -> None:
    """Each of PolicyArns is a managed policy that exists (observed for AssumeRole)."""
    for arn in asking.request.policy_arns:
        if arn not in asking.managed_policies:
            raise Rejected(errors.UNKNOWN_POLICY, f"there is no policy {arn}; create_policy(...) makes one")


def policies_are_short_enough(asking: Asking) -> None:
    """Policy and PolicyArns have at most 2,048 characters together (API reference); the error is ours."""
    count = len(asking.request.policy or "") + sum(map(len, asking.request.policy_arns))
    if count > limits.LONGEST_SESSION_POLICIES:
        raise Rejected(errors.POLICIES_TOO_LONG, f"{count} characters, more than {limits.LONGEST_SESSION_POLICIES}")


def session_policy_is_json(asking: Asking) -> None:
    """Policy is JSON (observed)."""
    if asking.request.policy is not None:
        try:
            read_policy(asking.request.policy)
        except NotJSON as error:
            raise Rejected(errors.POLICY_NOT_JSON, str(error)) from error


def session_policy_follows_the_grammar(asking: Asking) -> None:
    """Policy follows the grammar of policies, and names no principal (observed; reference_policies_grammar)."""
    if asking.request.policy is not None:
        try:
            check_permissions(read_policy(asking.request.policy))
        except IAMError as error:
            raise Rejected(errors.POLICY_SYNTAX, error.hint) from error


_Checks = tuple[Callable[[Asking], None], ...]

ROLE_CHECKS: _Checks = (role_exists, role_is_not_reserved, trusted_by_the_role, within_the_roles_maximum)

SESSION_POLICY_CHECKS: _Checks = (
    at_most_ten_policy_arns,
    policies_are_of_the_roles_account,
    policies_exist,
    policies_are_short_enough,
    session_policy_is_json,
    session_policy_follows_the_grammar,
)
