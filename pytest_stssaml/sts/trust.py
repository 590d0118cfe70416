"""Whether an assertion may assume a role."""

from collections.abc import Callable

from ..saml.vocabulary import PRINCIPAL_TAG, SOURCE_IDENTITY
from .iam import ASSUME_ROLE_WITH_SAML, Role
from .login import Login
from .policy import Context, Policy, allows

__all__ = ["CONDITION_KEYS", "check_condition_keys", "lets_in"]

#: Condition keys that a trust policy may test, in lower case.
#: Source: IAM user guide, reference_policies_iam-condition-keys, "available keys for SAML-based federation".
CONDITION_KEYS: dict[str, Callable[[Login], str]] = {
    "saml:aud": lambda login: login.recipient,
    "saml:doc": lambda login: f"{login.provider.account_id}/{login.provider.name}",
    "saml:iss": lambda login: login.assertion.issuer,
    "saml:namequalifier": lambda login: login.name_qualifier,
    "saml:sub": lambda login: login.assertion.name_id or "",
    "saml:sub_type": lambda login: login.subject_type,
    "sts:rolesessionname": lambda login: login.role_session_name,
}


def check_condition_keys(policy: Policy) -> None:
    """A condition on a key that nobody fills in would let everybody in, or nobody: it is an error of the test's."""
    for statement in policy.statements:
        for condition in statement.conditions:
            if condition.key not in CONDITION_KEYS:
                raise ValueError(
                    f"{condition.key} is no condition key of pytest-stssaml; it knows {', '.join(CONDITION_KEYS)}"
                )


def lets_in(role: Role, login: Login) -> bool:
    """The role's trust policy allows this provider's assertion to assume it.

    Source: IAM user guide, id_roles_providers_saml and troubleshoot_saml.
    """
    context = _context(login)
    return all(allows(role.policy, action, login.provider.arn, context) for action in _needed(login))


def _needed(login: Login) -> list[str]:
    """Tags and a source identity have to be allowed beside the login itself (id_session-tags, troubleshoot_saml)."""
    names = login.assertion.attributes
    tagged = any(name.startswith(PRINCIPAL_TAG) for name in names)
    return [
        ASSUME_ROLE_WITH_SAML,
        *(["sts:TagSession"] if tagged else []),
        *(["sts:SetSourceIdentity"] if SOURCE_IDENTITY in names else []),
    ]


def _context(login: Login) -> Context:
    return {key: (value(login),) for key, value in CONDITION_KEYS.items()}
