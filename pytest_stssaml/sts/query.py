"""The Query protocol: form parameters in, XML out."""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from . import errors
from .errors import Rejected
from .iam import Arn, parse_arn
from .limits import API_VERSION, CONSTRAINTS, DEFAULT_DURATION, PATTERNS, Constraint
from .login import Request
from .session import Session

__all__ = ["read_request", "write_error", "write_response"]

_NAMESPACE = f"https://sts.amazonaws.com/doc/{API_VERSION}/"


def read_request(form: Mapping[str, Any], region: str) -> Request:
    """The request that some form parameters make.

    :raises Rejected: malformed numbers, then every fault of the schema in one message, then the ARNs.
    """
    parameters = {name: _wire(value) for name, value in form.items() if name in CONSTRAINTS}
    _numbers_are_numbers(parameters)
    _schema_holds(parameters)
    return Request(
        region=region,
        role_arn=parameters["RoleArn"],
        principal_arn=parameters["PrincipalArn"],
        role=_role_arn(parameters["RoleArn"]),
        principal=_arn(parameters["PrincipalArn"]),
        saml_assertion=parameters["SAMLAssertion"],
        duration_seconds=int(parameters.get("DurationSeconds", DEFAULT_DURATION)),
    )


def _wire(value: Any) -> str:
    # botocore sends octets as they are, where its own validation is off.
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _numbers_are_numbers(parameters: Mapping[str, str]) -> None:
    """A number is a decimal of 32 bits, signed or with leading zeros if it likes (observed)."""
    for name, constraint in CONSTRAINTS.items():
        if not constraint.number or name not in parameters:
            continue
        value = parameters[name]
        if value == "":
            raise Rejected(errors.DURATION_MISSING_VALUE, f"{name} is empty")
        if re.fullmatch(r"[+-]?\d{1,20}", value, re.ASCII) is None or not -(2**31) <= int(value) < 2**31:
            raise Rejected(errors.DURATION_NOT_A_NUMBER, f"{name} is {value!r}")


def _schema_holds(parameters: Mapping[str, str]) -> None:
    """Every parameter satisfies the service model, else one message lists all that do not (observed)."""
    faults = [fault for name, constraint in CONSTRAINTS.items() for fault in _faults(parameters.get(name), constraint)]
    if faults:
        count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: "
        raise Rejected(errors.VALIDATION, f"{len(faults)} faults of the schema", faults=count + "; ".join(faults))


def _faults(value: str | None, constraint: Constraint) -> list[str]:
    if value is None:
        needs = ["Member must not be null"] if constraint.required else []
    elif constraint.number:
        needs = _out_of_range(int(value), constraint, "value")
    else:
        needs = _pattern_faults(value, constraint) + _out_of_range(len(value), constraint, "length")
    shown = "null" if value is None else f"'{value}'"
    subject = "Value" if constraint.sensitive and value is not None else f"Value {shown}"
    return [f"{subject} at '{constraint.member}' failed to satisfy constraint: {need}" for need in needs]


def _pattern_faults(value: str, constraint: Constraint) -> list[str]:
    if constraint.pattern is None or PATTERNS[constraint.pattern].fullmatch(value):
        return []
    return [f"Member must satisfy regular expression pattern: {constraint.pattern}"]


def _out_of_range(number: int, constraint: Constraint, noun: str) -> list[str]:
    if number < constraint.minimum:
        return [f"Member must have {noun} greater than or equal to {constraint.minimum}"]
    if number > constraint.maximum:
        return [f"Member must have {noun} less than or equal to {constraint.maximum}"]
    return []


def _role_arn(value: str) -> Arn:
    """RoleArn is an ARN, and of a role (observed)."""
    arn = _arn(value)
    if arn.service != "iam" or not arn.resource.startswith("role/"):
        raise Rejected(errors.NOT_A_ROLE_ARN, f"expected the ARN of a role, got {value}")
    return arn


def _arn(value: str) -> Arn:
    """A parameter is an ARN (observed)."""
    arn = parse_arn(value)
    if arn is None:
        raise Rejected(errors.NOT_AN_ARN, f"{value} is no ARN", value=value)
    return arn


def write_response(session: Session, request_id: str) -> str:
    """The XML of a success, its elements in the order in which AWS was seen to send them."""
    return f"""\
<AssumeRoleWithSAMLResponse xmlns="{_NAMESPACE}">
  <AssumeRoleWithSAMLResult>
    <Audience>{_text(session.audience)}</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>{session.assumed_role_id}</AssumedRoleId>
      <Arn>{_text(session.arn)}</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{session.access_key_id}</AccessKeyId>
      <SecretAccessKey>{session.secret_access_key}</SecretAccessKey>
      <SessionToken>{session.session_token}</SessionToken>
      <Expiration>{session.expiration.replace(tzinfo=None).isoformat()}Z</Expiration>
    </Credentials>
    <Subject>{_text(session.subject)}</Subject>
    <NameQualifier>{session.name_qualifier}</NameQualifier>
    <SubjectType>{_text(session.subject_type)}</SubjectType>
    <Issuer>{_text(session.issuer)}</Issuer>
  </AssumeRoleWithSAMLResult>
  <ResponseMetadata>
    <RequestId>{request_id}</RequestId>
  </ResponseMetadata>
</AssumeRoleWithSAMLResponse>
"""


def write_error(rejected: Rejected, request_id: str, inner_request_id: str) -> str:
    """The XML of a refusal, as AWS was seen to write it; a row without a message has no such element."""
    message = rejected.message(request_id=inner_request_id)
    lines = [
        f'<ErrorResponse xmlns="{_NAMESPACE}">',
        "  <Error>",
        "    <Type>Sender</Type>",
        f"    <Code>{rejected.error.code}</Code>",
        *([] if message is None else [f"    <Message>{_text(message)}</Message>"]),
        "  </Error>",
        f"  <RequestId>{request_id}</RequestId>",
        "</ErrorResponse>",
    ]
    return "\n".join(lines) + "\n"


# What XML 1.0 cannot hold, by section 2.2.
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(value: str) -> str:
    # A bare carriage return would reach the reader as a line feed (XML 1.0, 2.11).
    return escape(_NO_CHARACTER.sub("\ufffd", value), {"\r": "&#13;"})
