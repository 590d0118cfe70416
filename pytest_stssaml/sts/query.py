"""The Query protocol: form parameters in, XML out."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from . import errors
from .errors import Rejected
from .iam import Arn, parse_arn
from .limits import (
    API_VERSION,
    CONSTRAINTS,
    DEFAULT_DURATION,
    OPERATION,
    OTHER_OPERATIONS,
    PATTERNS,
    POLICY_ARN,
    Constraint,
)
from .login import Request
from .session import Session

__all__ = ["check_operation", "read_form", "read_request", "write_error", "write_response"]

_NAMESPACE = f"https://sts.amazonaws.com/doc/{API_VERSION}/"
# Observed: an operation that the endpoint does not know is refused by another layer.
_NAMESPACES = {errors.UNKNOWN_OPERATION: "http://webservices.amazon.com/AWSFault/2005-15-09"}


def read_form(form: str) -> dict[str, str]:
    """The parameters of an urlencoded body or a query string; of two with one name the first counts (observed)."""
    return dict(reversed(parse_qsl(form, keep_blank_values=True)))


def check_operation(form: Mapping[str, Any]) -> None:
    """Action and Version are an operation's that is served here (observed; of STS's others: ours)."""
    action, version = form.get("Action"), form.get("Version", "NO_VERSION_SPECIFIED")
    if version == API_VERSION and action in OTHER_OPERATIONS:
        raise Rejected(errors.OTHER_OPERATION, f"{action} is another operation of STS's", action=action)
    if (action, version) != (OPERATION, API_VERSION):
        raise Rejected(
            errors.UNKNOWN_OPERATION, f"expected {OPERATION} of {API_VERSION}", action=action, version=version
        )


def read_request(form: Mapping[str, Any], region: str, user_agent: str = "", *, secure: bool = True) -> Request:
    """The parameters are those of the API reference; others are ignored (observed).

    :raises Rejected: malformed numbers, then every fault of the schema in one message, then the ARNs.
    """
    parameters = {name: _wire(value) for name, value in form.items() if name in CONSTRAINTS}
    policy_arns = _policy_arns(form)
    _numbers_are_numbers(parameters)
    _schema_holds(parameters, policy_arns)
    return Request(
        region=region,
        role_arn=parameters["RoleArn"],
        principal_arn=parameters["PrincipalArn"],
        role=_role_arn(parameters["RoleArn"]),
        principal=_arn(parameters["PrincipalArn"]),
        saml_assertion=parameters["SAMLAssertion"],
        duration_seconds=int(parameters.get("DurationSeconds", DEFAULT_DURATION)),
        policy=parameters.get("Policy"),
        policy_arns=policy_arns,
        policies=tuple(map(_arn, policy_arns)),
        minimum_session_token_size=int(parameters.get("MinimumSessionTokenSize", 0)),
        user_agent=user_agent,
        secure=secure,
    )


def _policy_arns(form: Mapping[str, Any]) -> tuple[str, ...]:
    """PolicyArns.member.N.arn, in the order of the numbers."""
    names = [name for name in form if name.startswith("PolicyArns.")]
    members = [(re.fullmatch(r"PolicyArns\.member\.(\d{1,9})\.arn", name, re.ASCII), name) for name in names]
    return tuple(_wire(form[name]) for _, name in sorted((int(found[1]), name) for found, name in members if found))


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
            raise Rejected(errors.NUMBER_MISSING, f"{name} is empty")
        if re.fullmatch(r"[+-]?0{0,1000}\d{1,10}", value, re.ASCII) is None or not -(2**31) <= int(value) < 2**31:
            raise Rejected(errors.NOT_A_NUMBER, f"{name} is {value!r}")


def _schema_holds(parameters: Mapping[str, str], policy_arns: tuple[str, ...]) -> None:
    """Every parameter satisfies the service model, else one message lists all that do not (observed)."""
    faults = [fault for name, constraint in CONSTRAINTS.items() for fault in _faults(parameters.get(name), constraint)]
    for place, arn in enumerate(policy_arns, 1):
        faults += _faults(arn, POLICY_ARN._replace(member=POLICY_ARN.member.format(place)))
    if faults:
        count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: "
        raise Rejected(errors.VALIDATION, "; ".join(faults), faults=count + "; ".join(faults))


def _faults(value: str | None, constraint: Constraint) -> list[str]:
    if value is None:
        needs = ["Member must not be null"] if constraint.required else []
    elif constraint.number:
        needs = _out_of_range(int(value), constraint, "value")
    else:
        needs = _pattern_faults(value, constraint) + _out_of_range(len(value), constraint, "length")
    if not needs:
        return []
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
        raise Rejected(errors.NOT_AN_ARN, f"{value!r} is no ARN", value=value)
    return arn


def write_response(session: Session, request_id: str) -> str:
    """The XML of a success, its elements in the order in which AWS was seen to send them.

    Where the two members of September 2026 stand is not known.
    """
    source_identity = (
        f"\n    <SourceIdentity>{session.source_identity}</SourceIdentity>" if session.source_identity else ""
    )
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
    <NameQualifier>{session.name_qualifier}</NameQualifier>{source_identity}
    <PackedPolicySize>{session.session_token_utilization}</PackedPolicySize>
    <SessionTokenSize>{session.session_token_size}</SessionTokenSize>
    <SessionTokenUtilization>{session.session_token_utilization}</SessionTokenUtilization>
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
        f'<ErrorResponse xmlns="{_NAMESPACES.get(rejected.error, _NAMESPACE)}">',
        "  <Error>",
        f"    <Type>{'Sender' if rejected.error.status < 500 else 'Receiver'}</Type>",
        f"    <Code>{_text(rejected.error.code)}</Code>",
        *([] if message is None else [f"    <Message>{_text(message)}</Message>"]),
        "  </Error>",
        f"  <RequestId>{request_id}</RequestId>",
        "</ErrorResponse>",
    ]
    return "\n".join(lines) + "\n"


# What XML 1.0 cannot hold, by section 2.2.
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile(r"[ \w!-%'-;=?-~]*", re.ASCII)


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value):  # nearly all are, and need not be looked through four times
        return value
    # A bare carriage return would reach the reader as a line feed (XML 1.0, 2.11).
    return escape(_NO_CHARACTER.sub("\ufffd", value), {"\r": "&#13;"})
