"""The rules about session policies and the size of the session token, which both ways to get a session share."""

from ...iam.errors import IAMError
from ...iam.limits import AWS_OWN_ACCOUNT
from ...iam.policies.documents import NotJSON, read_policy
from .. import errors, limits
from ..requests.role_request import RoleRequest
from ..rule import AnyRule, Confidence, Rejected, rule
from ..sessions.session import percent


@rule(
    "PolicyArns has at most 10 members",
    source="API reference; the error is our choice",
    confidence=Confidence.DOCUMENTED,
)
def at_most_ten_policy_arns(request: RoleRequest) -> None:
    count = len(request.parameters.policy_arns)
    if count > limits.MOST_POLICY_ARNS:
        raise Rejected(errors.TOO_MANY_POLICY_ARNS, f"{count} ARNs, more than {limits.MOST_POLICY_ARNS}")


@rule(
    "Each of PolicyArns is a policy of the role's account or of AWS itself",
    source="API reference; the error is our choice",
    confidence=Confidence.DOCUMENTED,
)
def policies_are_of_the_roles_account(request: RoleRequest) -> None:
    role = request.parameters.role
    for text, arn in zip(request.parameters.policy_arns, request.parameters.policies, strict=True):
        if arn.partition != role.partition or arn.account_id not in (role.account_id, AWS_OWN_ACCOUNT):
            raise Rejected(
                errors.POLICY_OF_ANOTHER_ACCOUNT,
                f"expected a policy of {role.account_id} or of AWS itself in {role.partition}, got {text}",
            )


@rule(
    "Each of PolicyArns is a managed policy that exists",
    source="observed with AssumeRole",
    confidence=Confidence.OBSERVED,
)
def policies_exist(request: RoleRequest) -> None:
    for arn in request.parameters.policy_arns:
        if arn not in request.managed_policies:
            raise Rejected(errors.UNKNOWN_POLICY, f"there is no policy {arn}", hint="; create_policy(...) makes one")


@rule(
    "Policy and PolicyArns have at most 2,048 characters together",
    source="API reference; the error is our choice",
    confidence=Confidence.DOCUMENTED,
)
def policies_are_short_enough(request: RoleRequest) -> None:
    count = len(request.parameters.policy or "") + sum(map(len, request.parameters.policy_arns))
    if count > limits.LONGEST_SESSION_POLICIES:
        raise Rejected(errors.POLICIES_TOO_LONG, f"{count} characters, more than {limits.LONGEST_SESSION_POLICIES}")


@rule("Policy is JSON", source="observed", confidence=Confidence.OBSERVED)
def session_policy_is_json(request: RoleRequest) -> None:
    if request.parameters.policy is not None:
        try:
            read_policy(request.parameters.policy)
        except NotJSON as error:
            raise Rejected(errors.POLICY_NOT_JSON, str(error)) from error


@rule(
    "Policy follows the grammar of IAM policies and names no principal",
    source="observed; reference_policies_grammar",
    confidence=Confidence.OBSERVED,
)
def session_policy_follows_the_grammar(request: RoleRequest) -> None:
    if request.parameters.policy is not None:
        from ...iam.policies.permissions import check_permissions  # most logins send none

        try:
            check_permissions(read_policy(request.parameters.policy), request.parameters.role.partition)
        except IAMError as error:
            raise Rejected(errors.POLICY_SYNTAX, error.hint) from error


SESSION_POLICY_RULES: tuple[AnyRule, ...] = (
    at_most_ten_policy_arns,
    policies_are_of_the_roles_account,
    policies_exist,
    policies_are_short_enough,
    session_policy_is_json,
    session_policy_follows_the_grammar,
)


@rule(
    "The session token has at most 4,096 bytes",
    source="AWS What's New, 15 September 2026; the texts are older",
    confidence=Confidence.DOCUMENTED,
)
def session_token_is_small_enough(token: str, request: RoleRequest) -> None:
    if len(token) > limits.LONGEST_TOKEN:
        row = errors.PACKED_TAGS_TOO_LARGE if request.tags else errors.TOKEN_TOO_LARGE
        if request.parameters.policy or request.parameters.policy_arns:
            row = errors.PACKED_POLICY_TOO_LARGE
        because = f"the token has {len(token)} bytes, more than {limits.LONGEST_TOKEN}"
        raise Rejected(row, because, percent=percent(token))
