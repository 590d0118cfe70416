"""Whether an assertion may assume a role."""

from collections.abc import Callable

from .iam import ASSUME_ROLE_WITH_SAML, Role
from .login import Login
from .policy import Context, allows

__all__ = ["CONDITION_KEYS", "lets_in"]

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


def lets_in(role: Role, login: Login) -> bool:
    """The role's trust policy allows this provider's assertion to assume it.

    Source: IAM user guide, id_roles_providers_saml and troubleshoot_saml.
    """
    return allows(role.policy, ASSUME_ROLE_WITH_SAML, login.provider.arn, _context(login))


def _context(login: Login) -> Context:
    return {key: (value(login),) for key, value in CONDITION_KEYS.items()}
