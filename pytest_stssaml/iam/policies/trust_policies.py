"""The grammar of trust policies, which say who may assume a role."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ...lazy import remembering
from ..limits import LONGEST_TRUST_POLICY, TRUST_POLICY_ACTIONS, VERSION_WITH_VARIABLES
from .condition_blocks import read_conditions
from .documents import (
    DOCUMENT_ELEMENTS,
    check_id,
    check_length,
    check_version,
    document_text,
    effect_of,
    malformed,
    read_document,
    statements_of,
    strings_of,
)
from .evaluation import Policy, Statement

_STATEMENT_ELEMENTS = ("Sid", "Effect", "Principal", "Action", "Condition")
_PROHIBITED_ELEMENTS = ("Resource", "NotResource", "NotPrincipal", "NotAction")


def parse_trust_policy(document: Mapping[str, Any] | str) -> Policy:
    """Return the trust policy of a role, from a dict or JSON.

    :raises IAMError: MalformedPolicyDocument or LimitExceeded, if IAM would refuse to store it.
    """
    return _parse(document_text(document, "trust_policy"))


@remembering(documents=64, longest=4_096)
def _parse(text: str) -> Policy:
    policy = read_document(text, "assumeRolePolicyDocument")
    _check_fields(policy, DOCUMENT_ELEMENTS, ("Statement",))
    check_version(policy, "The policy must contain a valid version string")
    check_id(policy)
    statements = statements_of(policy)
    for statement in statements:
        for element in _PROHIBITED_ELEMENTS:
            if element in statement:
                raise malformed(f"Has prohibited field {element}", "a trust policy only says who may assume its role")
        _check_fields(statement, _STATEMENT_ELEMENTS, ("Effect", "Principal", "Action"))
    check_length(policy, LONGEST_TRUST_POLICY, "ACLSizePerRole")
    variables = policy.get("Version") == VERSION_WITH_VARIABLES
    return Policy(policy, tuple(_statement(statement, variables) for statement in statements))


def _check_fields(found: dict[str, Any], known: tuple[str, ...], required: tuple[str, ...]) -> None:
    for field in found:
        if field not in known:
            raise malformed(f"Unknown field {field}", f"expected {', '.join(known)}")
    for field in required:
        if field not in found:
            raise malformed(f"Missing required field {field}", f"expected {', '.join(required)}")


def _statement(statement: dict[str, Any], variables: bool) -> Statement:
    principals = _principals(statement["Principal"])
    return Statement(
        effect=effect_of(statement),
        principals=principals,
        actions=_actions(statement["Action"]),
        conditions=read_conditions(
            statement.get("Condition", {}), variables=variables, invalid_operator="Invalid Condition type : {}"
        ),
    )


# The names of principals by their kind: IAM user guide, reference_policies_elements_principal.
_DOMAIN = r"[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+"
_PROVIDER = r"arn:[\w-]+:iam::\d{12}:(?:saml-provider/[\w.-]+|oidc-provider/[\w.~%/:-]+)"
# A path may have any visible character of ASCII. A wildcard cannot match a part of a name, nor all sessions of a role.
_NAME = r"[!-)+->@-~]+"
_PRINCIPALS = {
    "AWS": (
        r"\*|\d{12}|A[A-Z0-9]{15,}|arn:[\w-]+:(?:"
        rf"iam::\d{{12}}:(?:root|(?:user|role)/{_NAME})|sts::\d{{12}}:(?:assumed-role|federated-user)/{_NAME})"
    ),
    "CanonicalUser": r"\w+",
    "Federated": rf"{_PROVIDER}|{_DOMAIN}",
    "Service": _DOMAIN,
}

_INVALID_PRINCIPAL = {kind: f'Invalid principal in policy: "{kind}":"{{}}"' for kind in _PRINCIPALS} | {
    "Federated": "Federated principals must be valid domain names or SAML metadata ARNs"
}
_WRITE_PROVIDER = 'write {"Federated": provider.arn}'
_WRITE_CONDITION = 'name the account, and write the pattern in a condition: {"ArnLike": {"aws:PrincipalArn": "..."}}'


def _principals(principal: Any) -> dict[str, tuple[str, ...]]:
    """Return the names of the principals by their kind."""
    if principal == "*":
        raise malformed(
            'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
            'IAM takes {"AWS": "*"}, if that is what you mean',
        )
    if not isinstance(principal, dict) or not principal:
        raise malformed(f"Invalid principal in policy: {json.dumps(principal)}", _WRITE_PROVIDER)
    for kind in principal:
        if kind not in _PRINCIPALS:
            raise malformed(
                f'Invalid principal in policy: "{kind}"',
                f"{_WRITE_PROVIDER}; the kinds of principals are {', '.join(_PRINCIPALS)}",
            )
    principals = {kind: strings_of(value, "Principal") for kind, value in principal.items()}
    for kind, names in principals.items():
        _check_names(kind, names)
    return principals


def _check_names(kind: str, names: tuple[str, ...]) -> None:
    if not names:
        raise malformed(f'Invalid principal in policy: "{kind}":[]', _WRITE_PROVIDER)
    for name in names:
        if re.fullmatch(_PRINCIPALS[kind], name, re.ASCII) is None:
            write = _WRITE_CONDITION if kind == "AWS" and _has_wildcard(name) else _WRITE_PROVIDER
            raise malformed(_INVALID_PRINCIPAL[kind].format(name), f"got {name!r}; {write}")


def _has_wildcard(name: str) -> bool:
    return "*" in name or "?" in name


def _actions(written: Any) -> tuple[str, ...]:
    actions = strings_of(written, "Action")
    if not actions or not TRUST_POLICY_ACTIONS.issuperset(actions):
        raise malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
            f"got {list(actions)}; the actions are {', '.join(sorted(TRUST_POLICY_ACTIONS))}, without wildcards",
        )
    return actions
