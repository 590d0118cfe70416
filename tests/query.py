"""Requests in the query protocol, and what is refused about them."""

from collections.abc import Callable

from rule_contract import rejection_of

ROLE = "arn:aws:iam::123456789012:role/Developer"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
FORM = {"RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": "PHhtbC8+"}
POLICY = "arn:aws:iam::123456789012:policy/Limits"
ARN_PATTERN = (
    r"Member must satisfy regular expression pattern: "
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
)


def one_fault(fault: str) -> tuple[str, int, str]:
    """Return code, status and message of the refusal of a request with one fault."""
    return "ValidationError", 400, f"1 validation error detected: {fault}"


def arn_of(length: int) -> str:
    return ROLE.ljust(length, "x")[:length]


def policies(**arns: str) -> dict[str, str]:
    """Return members of PolicyArns by number: `policies(_1=..., _2=...)`."""
    return {f"PolicyArns.member.{number[1:]}.arn": arn for number, arn in arns.items()}


def answer_of(call: Callable[[], object]) -> tuple[str, int, str | None]:
    """Return code, status and message with which a call is refused."""
    rejected = rejection_of(call)
    return rejected.error.code, rejected.error.status, rejected.message()
