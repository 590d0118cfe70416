"""What trust policies decide, and what each condition operator compares."""

from collections.abc import Mapping
from typing import Any

from policy_documents import ACTION, PROVIDER, document, statement

from pytest_stssaml.iam.policies.evaluation import Principal, decide
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy

PRINCIPAL = Principal("Federated", PROVIDER, frozenset({PROVIDER}))


def allowed(*statements: Any, **context: str) -> bool:
    """Return whether a policy of these statements lets PROVIDER in; `saml_sub="…"` is the value of the key saml:sub."""
    values = {key.replace("_", ":", 1): (value,) for key, value in context.items()}
    return decide(parse_trust_policy(document(*statements)), ACTION, PRINCIPAL, values).allowed


def holds(
    block: Mapping[str, Any], context: Mapping[str, tuple[str, ...]], *, version: str | None = "2012-10-17"
) -> bool:
    """Return whether a statement with this Condition block applies to a request with this context."""
    policy = {"Statement": statement(Condition=block)} | ({"Version": version} if version else {})
    return decide(parse_trust_policy(policy), ACTION, PRINCIPAL, context).allowed


def met(operator: str, wanted: Any, *values: str) -> bool:
    """Return whether a key with these values meets a condition; with none of them, the request lacks the key."""
    return holds({operator: {"saml:sub": wanted}}, {"saml:sub": values} if values else {})


def filled(operator: str, wanted: Any, value: str, **context: str | tuple[str, ...]) -> bool:
    """Return whether a value meets a condition with variables, whose values `context` has: `saml_aud` for saml:aud."""
    others = {key.replace("_", ":", 1): (v,) if isinstance(v, str) else v for key, v in context.items()}
    return holds({operator: {"saml:sub": wanted}}, others | {"saml:sub": (value,)})


DEVELOPER = "arn:aws:iam::123456789012:role/Developer"
NOON = "2030-01-01T12:00:00Z"

#: For each operator what a policy wants, a value that matches, and one that just does not.
SAMPLES: dict[str, tuple[str, str, str]] = {
    "StringEquals": ("alice", "alice", "Alice"),
    "StringNotEquals": ("alice", "Alice", "alice"),
    "StringEqualsIgnoreCase": ("alice", "ALICE", "ALICE "),
    "StringNotEqualsIgnoreCase": ("alice", "ALICE ", "ALICE"),
    "StringLike": ("a?ic*", "alice", "Alice"),
    "StringNotLike": ("a?ic*", "Alice", "alice"),
    "NumericEquals": ("10", "10.0", "10.1"),
    "NumericNotEquals": ("10", "10.1", "10.0"),
    "NumericLessThan": ("10", "9", "10"),
    "NumericLessThanEquals": ("9", "9", "10"),
    "NumericGreaterThan": ("9", "10", "9"),
    "NumericGreaterThanEquals": ("10", "10", "9"),
    "DateEquals": (NOON, "2030-01-01T14:00:00+02:00", "2030-01-01T12:00:00+02:00"),
    "DateNotEquals": (NOON, "2030-01-01T12:00:00+02:00", "2030-01-01T14:00:00+02:00"),
    "DateLessThan": (NOON, "2030-01-01T13:59:59+02:00", "2030-01-01T10:00:00-02:00"),
    "DateLessThanEquals": (NOON, "2030-01-01T14:00:00+02:00", "2030-01-01T10:00:01-02:00"),
    "DateGreaterThan": (NOON, "2030-01-01T10:00:01-02:00", "2030-01-01T14:00:00+02:00"),
    "DateGreaterThanEquals": (NOON, "2030-01-01T10:00:00-02:00", "2030-01-01T13:59:59+02:00"),
    "Bool": ("true", "True", "false"),
    "BinaryEquals": ("QQ==", "QR==", "Qg=="),  # A, A with other bits left over, B
    "IpAddress": ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
    "NotIpAddress": ("10.0.0.0/8", "11.0.0.0", "10.255.255.255"),
    "ArnEquals": ("arn:aws:iam::*:role/D?v*", DEVELOPER, DEVELOPER.replace("iam:", "iam:x:")),
    "ArnNotEquals": ("arn:aws:iam::*:role/D?v*", DEVELOPER.replace("iam:", "iam:x:"), DEVELOPER),
    "ArnLike": ("arn:aws:iam::*:role/D?v*", DEVELOPER, DEVELOPER.lower()),
    "ArnNotLike": ("arn:aws:iam::*:role/D?v*", DEVELOPER.lower(), DEVELOPER),
}
NEGATED = {operator for operator in SAMPLES if "Not" in operator}
