"""What an IAM policy document has to look like, before anybody asks what it means.

Source: IAM user guide, reference_policies_grammar and reference_policies_elements. Most messages were seen in IAM's
answers. Those about missing fields, the version string and prohibited fields other than Resource are ours, some of them
after other services' texts.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Never

from .. import limits
from ..errors import IAMError
from .conditions import (
    FOR_ALL,
    FOR_ANY,
    NULL,
    OPERATORS,
    Condition,
)
from .evaluation import Policy, Statement


class NotJSON(ValueError):
    """A policy's text that is no JSON."""


def read_policy(text: str) -> Any:
    """What a policy's JSON text says.

    :raises NotJSON: it is not JSON, or names a key twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise NotJSON(str(error)) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key stands once in an object (reference_policies_grammar)."""
    unique = dict(pairs)
    if len(unique) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return unique


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")


def _finite(number: str) -> float:
    if math.isinf(float(number)):
        raise ValueError(f"{number} is too large a number")
    return float(number)


def parse_trust_policy(document: Mapping[str, Any] | str) -> Policy:
    """A role's trust policy, from a dict or JSON text.

    :raises IAMError: MalformedPolicyDocument or LimitExceeded, where IAM would refuse to store it.
    """
    policy = _read(document, "trust_policy", "assumeRolePolicyDocument")
    _fields(policy, _DOCUMENT, ("Statement",))
    _version(policy, "The policy must contain a valid version string")
    _id(policy)
    statements = _statements(policy)
    for statement in statements:
        for element in _PROHIBITED:
            if element in statement:
                raise _malformed(f"Has prohibited field {element}", "a trust policy says who may assume its own role")
        _fields(statement, _TRUST_STATEMENT, ("Effect", "Principal", "Action"))
    _fits(policy, limits.LONGEST_TRUST_POLICY, "ACLSizePerRole")
    variables = policy.get("Version") == limits.VERSION_WITH_VARIABLES
    return Policy(policy, tuple(_trust_statement(statement, variables) for statement in statements))


def managed_policy(document: Mapping[str, Any] | str) -> str:
    """The JSON text of a managed policy, which says what may be done.

    :raises IAMError: MalformedPolicyDocument or LimitExceeded.
    """
    policy = _read(document, "document", "policyDocument")
    check_permissions(policy)
    if policy.get("Version") != limits.VERSION_WITH_VARIABLES:
        raise _malformed(
            "Policy document must be version 2012-10-17 or greater.",
            f'write "Version": "{limits.VERSION_WITH_VARIABLES}"',
        )
    _fits(policy, limits.LONGEST_MANAGED_POLICY, "PolicySize")
    return json.dumps(policy)


def inline_policy(document: Mapping[str, Any] | str) -> str:
    """The JSON text of a policy that a role holds itself.

    :raises IAMError: MalformedPolicyDocument.
    """
    policy = _read(document, "a member of policies", "policyDocument")
    check_permissions(policy)
    return json.dumps(policy, ensure_ascii=False)


def check_inline_policies(role_name: str, texts: Iterable[str]) -> None:
    """What a role holds itself is short enough together; white space does not count (reference_iam-quotas).

    :raises IAMError: LimitExceeded, as it was seen.
    """
    length = sum(_length(text) for text in texts)
    if length > limits.LONGEST_INLINE_POLICIES:
        raise IAMError(
            "LimitExceeded",
            409,
            f"Maximum policy size of {limits.LONGEST_INLINE_POLICIES} bytes exceeded for role {role_name}",
            f"{length} characters, white space aside; create_policy(...) makes policies that do not count",
        )


def check_permissions(policy: Any) -> None:
    """What a managed and a session's policy have in common.

    :raises IAMError: MalformedPolicyDocument.
    """
    if not isinstance(policy, dict):
        raise _syntax(f"a policy is a JSON object, not {policy!r}")
    _no_other(policy, _DOCUMENT)
    _version(policy, _SYNTAX)
    _id(policy)
    for statement in _statements(policy):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise _malformed(
                "Policy document should not specify a principal.", "leave it out: only trust policies have one"
            )
        _no_other(statement, _PERMISSION_STATEMENT)
        _effect(statement)
        _one_of(statement, "Action", "NotAction", _is_action)
        _one_of(statement, "Resource", "NotResource", _is_resource)
        _conditions(statement.get("Condition", {}), variables=True)


# --- the document

_DOCUMENT = ("Version", "Id", "Statement")
_TRUST_STATEMENT = ("Sid", "Effect", "Principal", "Action", "Condition")
_PROHIBITED = ("Resource", "NotResource", "NotPrincipal", "NotAction")
_PERMISSION_STATEMENT = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_VERSIONS = ("2008-10-17", limits.VERSION_WITH_VARIABLES)
_SYNTAX = "Syntax errors in policy."


def _read(document: Mapping[str, Any] | str, argument: str, member: str) -> dict[str, Any]:
    if isinstance(document, Mapping):
        # Another copy than the caller's, who may go on changing it, and of JSON's own types alone.
        try:
            document = json.dumps(dict(document), allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise TypeError(f"{argument} holds what JSON cannot: {error}") from error
    elif not isinstance(document, str):
        raise TypeError(f"{argument} is a dict or JSON text, not {document!r}")
    # A text of no characters is refused as no JSON.
    if document and limits.PATTERNS[limits.POLICY_PATTERN].fullmatch(document) is None:
        raise IAMError(
            "ValidationError",
            400,
            f"The specified value for {member} is invalid. It must contain only printable ASCII characters.",
            "write a character beyond U+00FF as a JSON escape, as json.dumps does",
        )
    try:
        policy = read_policy(document)
    except NotJSON as error:
        raise _malformed("This policy contains invalid Json", str(error)) from error
    if not isinstance(policy, dict):
        raise _syntax(f"a policy is a JSON object, not {policy!r}")
    return policy


def _fits(policy: dict[str, Any], longest: int, quota: str) -> None:
    """The document is short enough; white space does not count (reference_iam-quotas)."""
    length = _length(json.dumps(policy, ensure_ascii=False))
    if length > longest:
        raise IAMError(
            "LimitExceeded",
            409,
            f"Cannot exceed quota for {quota}: {longest}",
            f"{length} characters, white space aside; wildcards make it shorter",
        )


def _length(text: str) -> int:
    return len("".join(text.split()))


def _fields(found: dict[str, Any], known: tuple[str, ...], required: tuple[str, ...]) -> None:
    """A trust policy's elements, spelled as they are known."""
    for field in found:
        if field not in known:
            raise _malformed(f"Unknown field {field}", f"expected {', '.join(known)}")
    for field in required:
        if field not in found:
            raise _malformed(f"Missing required field {field}", f"expected {', '.join(required)}")


def _no_other(found: dict[str, Any], known: tuple[str, ...]) -> None:
    for element in found:
        if element not in known:
            raise _syntax(f"{element!r} is none of {', '.join(known)}")


def _version(policy: dict[str, Any], message: str) -> None:
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise _malformed(message, f"Version is {' or '.join(_VERSIONS)}, not {policy['Version']!r}")


def _id(policy: dict[str, Any]) -> None:
    if not isinstance(policy.get("Id", ""), str):
        raise _syntax(f"Id is a text, not {policy['Id']!r}")


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """One statement or several; a Sid stands once."""
    statements = _listed(policy.get("Statement", []))
    if not statements:
        raise _syntax("a policy needs a Statement")
    sids: set[str] = set()
    for statement in statements:
        if not isinstance(statement, dict):
            raise _syntax(f"a Statement is a JSON object, not {statement!r}")
        if "Sid" in statement:
            _sid(statement["Sid"], sids)
    return statements


def _sid(sid: Any, taken: set[str]) -> None:
    if not isinstance(sid, str):
        raise _syntax(f"a Sid is a text, not {sid!r}")
    if re.fullmatch(r"[0-9A-Za-z]*", sid) is None:
        raise _malformed(
            "Statement IDs (SID) must be alpha-numeric. "
            "Check that your input satisfies the regular expression [0-9A-Za-z]*",
            f"got {sid!r}",
        )
    if sid and sid in taken:
        raise _malformed("Statement IDs (SID) in a single policy must be unique.", f"{sid!r} stands twice")
    taken.add(sid)


def _effect(statement: dict[str, Any]) -> str:
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise _syntax(f"Effect is Allow or Deny, not {effect!r}")
    return str(effect)


# --- trust policies


def _trust_statement(statement: dict[str, Any], variables: bool) -> Statement:
    principal = _principal(statement["Principal"])
    return Statement(
        effect=_effect(statement),
        principals=principal,
        actions=_trust_actions(statement["Action"]),
        conditions=_conditions(statement.get("Condition", {}), variables, _INVALID_OPERATOR),
    )


# IAM user guide, reference_policies_elements_principal
_DOMAIN = r"[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+"
_PROVIDER = r"arn:[\w-]+:iam::\d{12}:(?:saml-provider/[\w.-]+|oidc-provider/[\w.~%/:-]+)"
_PRINCIPALS = {
    "AWS": re.compile(
        r"\*|\d{12}|A[A-Z0-9]{15,}|"
        r"arn:[\w-]+:(?:iam::\d{12}:(?:root|(?:user|role)/.+)|sts::\d{12}:(?:assumed-role|federated-user)/.+)",
        re.ASCII,
    ),
    "CanonicalUser": re.compile(r"\w+", re.ASCII),
    "Federated": re.compile(rf"{_PROVIDER}|{_DOMAIN}", re.ASCII),
    "Service": re.compile(_DOMAIN),
}


def _principal(principal: Any) -> dict[str, tuple[str, ...]]:
    if principal == "*":
        raise _malformed(
            'AssumeRolepolicy contained an invalid principal: "STAR":"*".', 'IAM takes {"AWS": "*"}, if you mean it'
        )
    if not isinstance(principal, dict) or not principal:
        raise _malformed(f"Invalid principal in policy: {json.dumps(principal)}", _WRITE_PROVIDER)
    for kind in principal:
        if kind not in _PRINCIPALS:
            raise _malformed(
                f'Invalid principal in policy: "{kind}"',
                f"{_WRITE_PROVIDER}; a principal's kinds are {', '.join(_PRINCIPALS)}",
            )
    principals = {kind: _texts(value, "Principal") for kind, value in principal.items()}
    for kind, names in principals.items():
        if not names:
            raise _malformed(f'Invalid principal in policy: "{kind}":[]', _WRITE_PROVIDER)
        for name in names:
            if _PRINCIPALS[kind].fullmatch(name) is None:
                raise _malformed(_INVALID_PRINCIPAL[kind].format(name), f"got {name!r}; {_WRITE_PROVIDER}")
    return principals


_INVALID_PRINCIPAL = {kind: f'Invalid principal in policy: "{kind}":"{{}}"' for kind in _PRINCIPALS} | {
    "Federated": "Federated principals must be valid domain names or SAML metadata ARNs"
}
_WRITE_PROVIDER = 'write {"Federated": provider.arn}'


def _trust_actions(written: Any) -> tuple[str, ...]:
    actions = _texts(written, "Action")
    if not actions or not limits.TRUST_POLICY_ACTIONS.issuperset(actions):
        raise _malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
            f"got {list(actions)}; there are {', '.join(sorted(limits.TRUST_POLICY_ACTIONS))}, and no wildcards",
        )
    return actions


# --- permissions


def _one_of(statement: dict[str, Any], name: str, negation: str, check: Callable[[str], None]) -> None:
    if name in statement and negation in statement:
        raise _syntax(f"a Statement has either {name} or {negation}")
    texts = _texts(statement.get(name, statement.get(negation, [])), name)
    if not texts:
        raise _malformed(f"Policy statement must contain {name.lower()}s.", f"expected {name} or {negation}")
    for text in texts:
        check(text)


def _is_action(text: str) -> None:
    if re.fullmatch(r"\*|(?:\*|[a-zA-Z0-9-]+):[a-zA-Z0-9*?]+", text) is None:
        raise _malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            f'got {text!r}; an action is written as "s3:GetObject", "s3:*" or "*"',
        )


def _is_resource(text: str) -> None:
    if re.fullmatch(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.*", text, re.DOTALL) is None:
        raise _malformed(f'Resource {text} must be in ARN format or "*".', f"got {text!r}")


# --- conditions

_OPERATOR = re.compile(
    rf"(?:(?P<quantifier>{FOR_ALL}|{FOR_ANY}):)?"
    rf"(?:(?P<null>{NULL})|(?P<operator>{'|'.join(OPERATORS)})(?P<if_exists>IfExists)?)"
)


_INVALID_OPERATOR = "Invalid Condition type : {}"


def _conditions(block: Any, variables: bool, invalid_operator: str = _SYNTAX) -> tuple[Condition, ...]:
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        raise _syntax('a Condition is {operator: {key: values}}, as {"StringEquals": {"SAML:aud": "…"}}')
    return tuple(
        _condition(_operator(written, invalid_operator), key, values, variables)
        for written, keys in block.items()
        for key, values in keys.items()
    )


def _operator(written: str, invalid_operator: str) -> re.Match[str]:
    operator = _OPERATOR.fullmatch(written)
    if operator is None:
        raise _malformed(
            invalid_operator.format(written),
            f"{written!r} is no condition operator; there are {', '.join([*OPERATORS, NULL])}; "
            f"all may begin with {FOR_ALL}: or {FOR_ANY}:, and all but {NULL} end in IfExists",
        )
    return operator


def _condition(operator: re.Match[str], key: str, values: Any, variables: bool) -> Condition:
    return Condition(
        operator=operator["null"] or operator["operator"],
        key=key.lower(),
        values=tuple(_condition_value(value, key) for value in _listed(values)),
        quantifier=operator["quantifier"] or "",
        if_exists=operator["if_exists"] is not None,
        variables=variables,
        written_key=key,
    )


def _condition_value(value: Any, key: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise _syntax(f"a value of {key} is a text, a number or a boolean, not {value!r}")


def _texts(value: Any, name: str) -> tuple[str, ...]:
    texts = _listed(value)
    if not all(isinstance(text, str) for text in texts):
        raise _syntax(f"{name}: a text or a list of texts, not {value!r}")
    return tuple(texts)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _syntax(hint: str) -> IAMError:
    return _malformed(_SYNTAX, hint)


def _malformed(message: str, hint: str) -> IAMError:
    return IAMError("MalformedPolicyDocument", 400, message, hint)
