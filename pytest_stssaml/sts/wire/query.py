"""The Query protocol: form parameters in, XML out."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from ...iam.arn import Arn, parse_arn
from ...iam.limits import PATTERNS, TAG_KEY, TAG_KEY_PATTERN, TAG_VALUE, TAG_VALUE_PATTERN, TAGS, Constraint
from ...iam.tags import has_legal_characters
from .. import errors, limits
from ..errors import Rejected
from ..limits import (
    API_VERSION,
    CHAINING_CONSTRAINTS,
    CONSTRAINTS,
    DEFAULT_DURATION,
    OTHER_OPERATIONS,
    POLICY_ARN,
)
from ..requests.role_chaining import ChainingRequest
from ..requests.saml_login import Login, Request
from ..sessions.session import Session

_NAMESPACE = f"https://sts.amazonaws.com/doc/{API_VERSION}/"
# Observed: an operation that the endpoint does not know is refused by another layer.
_NAMESPACES = {errors.UNKNOWN_OPERATION: "http://webservices.amazon.com/AWSFault/2005-15-09"}


def read_form(form: str) -> dict[str, str]:
    """The parameters of an urlencoded body or a query string; of two with one name the first counts (observed)."""
    return dict(reversed(parse_qsl(form, keep_blank_values=True)))


def check_operation(form: Mapping[str, Any], served: Collection[str]) -> str:
    """Action and Version are an operation's that is served here (observed; of STS's others: ours)."""
    action, version = form.get("Action"), form.get("Version", "NO_VERSION_SPECIFIED")
    if action in served and version == API_VERSION:
        return str(action)
    if version == API_VERSION and action in OTHER_OPERATIONS:
        raise Rejected(errors.OTHER_OPERATION, f"{action} is another operation of STS's", action=action)
    because = f"expected {', '.join(served)} of {API_VERSION}"
    raise Rejected(errors.UNKNOWN_OPERATION, because, action=action, version=version)


def read_request(form: Mapping[str, Any], region: str, user_agent: str = "", *, secure: bool = True) -> Request:
    """The parameters are those of the API reference; others are ignored (observed).

    :raises Rejected: malformed numbers, then every fault of the schema in one message, then the ARNs.
    """
    parameters, policy_arns = _parameters(form, CONSTRAINTS), _policy_arns(form)
    _schema_holds(parameters, CONSTRAINTS, _faults_of_arns(policy_arns))
    return Request(
        role_arn=parameters["RoleArn"],
        principal_arn=parameters["PrincipalArn"],
        role=_role_arn(parameters["RoleArn"]),
        principal=_arn(parameters["PrincipalArn"]),
        saml_assertion=parameters["SAMLAssertion"],
        **_granted(parameters, policy_arns),
        region=region,
        user_agent=user_agent,
        secure=secure,
    )


def read_chaining_request(
    form: Mapping[str, Any], region: str, user_agent: str = "", *, secure: bool = True
) -> ChainingRequest:
    """The parameters are those of the API reference; others are ignored (observed).

    :raises Rejected: as `read_request`.
    """
    parameters, policy_arns = _parameters(form, CHAINING_CONSTRAINTS), _policy_arns(form)
    _schema_holds(parameters, CHAINING_CONSTRAINTS, [*_faults_of_arns(policy_arns), *_faults_of_lists(form)])
    return ChainingRequest(
        role_arn=parameters["RoleArn"],
        role=_role_arn(parameters["RoleArn"]),
        role_session_name=parameters["RoleSessionName"],
        tags=_tags(form),
        transitive_tag_keys=_transitive_tag_keys(form),
        source_identity=parameters.get("SourceIdentity"),
        external_id=parameters.get("ExternalId"),
        mfa="SerialNumber" in parameters or "TokenCode" in parameters,
        provided_contexts=any(name.startswith("ProvidedContexts.") for name in form),
        **_granted(parameters, policy_arns),
        region=region,
        user_agent=user_agent,
        secure=secure,
    )


def _granted(parameters: Mapping[str, str], policy_arns: tuple[str, ...]) -> dict[str, Any]:
    """What every request for credentials says of them."""
    return {
        "duration_seconds": int(parameters.get("DurationSeconds", DEFAULT_DURATION)),
        "policy": parameters.get("Policy"),
        "policy_arns": policy_arns,
        "policies": tuple(map(_arn, policy_arns)),
        "minimum_session_token_size": int(parameters.get("MinimumSessionTokenSize", 0)),
    }


# --- reading


def _parameters(form: Mapping[str, Any], constraints: Mapping[str, Constraint]) -> dict[str, str]:
    parameters = {name: _wire(value) for name, value in form.items() if name in constraints}
    _numbers_are_numbers(parameters, constraints)
    return parameters


def _members(form: Mapping[str, Any], pattern: str) -> dict[int, str]:
    """The members of a list by their number, which `#` stands for in the pattern, in the order of the numbers."""
    prefix, suffix = pattern.split("#")
    members = {}
    for name, value in form.items():
        if name.startswith(prefix) and name.endswith(suffix):
            number = name.removeprefix(prefix).removesuffix(suffix)
            if re.fullmatch(r"\d{1,9}", number, re.ASCII):
                members[int(number)] = _wire(value)
    return dict(sorted(members.items()))


def _policy_arns(form: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_members(form, "PolicyArns.member.#.arn").values())


def _faults_of_arns(policy_arns: tuple[str, ...]) -> list[str]:
    return [fault for place, arn in enumerate(policy_arns, 1) for fault in _faults(arn, POLICY_ARN, place)]


def _tags(form: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Keys and values; what is None here has no fault only where the schema holds."""
    keys, values = _members(form, "Tags.member.#.Key"), _members(form, "Tags.member.#.Value")
    return tuple((keys.get(number), values.get(number)) for number in sorted({*keys, *values}))  # type: ignore[misc]


def _transitive_tag_keys(form: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_members(form, "TransitiveTagKeys.member.#").values())


def _wire(value: Any) -> str:
    # botocore sends octets as they are, where its own validation is off.
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _numbers_are_numbers(parameters: Mapping[str, str], constraints: Mapping[str, Constraint]) -> None:
    """A number is a decimal of 32 bits, signed or with leading zeros if it likes (observed)."""
    for name, constraint in constraints.items():
        if not constraint.number or name not in parameters:
            continue
        value = parameters[name]
        if value == "":
            raise Rejected(errors.NUMBER_MISSING, f"{name} is empty")
        if re.fullmatch(r"[+-]?0{0,1000}\d{1,10}", value, re.ASCII) is None or not -(2**31) <= int(value) < 2**31:
            raise Rejected(errors.NOT_A_NUMBER, f"{name} is {value!r}")


def _schema_holds(
    parameters: Mapping[str, str], constraints: Mapping[str, Constraint], of_lists: Iterable[str] = ()
) -> None:
    """Every parameter satisfies the service model, else one message lists all that do not (observed)."""
    faults = [fault for name, constraint in constraints.items() for fault in _faults(parameters.get(name), constraint)]
    faults += of_lists
    if faults:
        count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: "
        raise Rejected(errors.VALIDATION, "; ".join(faults), faults=count + "; ".join(faults))


def _faults_of_lists(form: Mapping[str, Any]) -> Iterator[str]:
    """Of every member of Tags and TransitiveTagKeys, and of their number."""
    tags, keys = _tags(form), _transitive_tag_keys(form)
    for number, constraint in ((len(tags), TAGS), (len(keys), limits.TRANSITIVE_TAG_KEYS)):
        for need in _out_of_range(number, constraint, "length"):
            # AWS prints the whole list here, in a form that nobody has seen of this operation.
            yield f"Value at '{constraint.member}' failed to satisfy constraint: {need}"
    for place, (key, value) in enumerate(tags, 1):
        yield from _faults(key, TAG_KEY, place)
        yield from _faults(value, TAG_VALUE, place)
    for place, key in enumerate(keys, 1):
        yield from _faults(key, limits.TRANSITIVE_TAG_KEY, place)


def _faults(value: str | None, constraint: Constraint, place: int | None = None) -> list[str]:
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
    member = constraint.member.format(place)
    return [f"{subject} at '{member}' failed to satisfy constraint: {need}" for need in needs]


_MATCHES: dict[str | None, Callable[[str], object]] = {
    None: lambda _: True,
    **{pattern: compiled.fullmatch for pattern, compiled in PATTERNS.items()},
    TAG_KEY_PATTERN: has_legal_characters,
    TAG_VALUE_PATTERN: has_legal_characters,
}


def _pattern_faults(value: str, constraint: Constraint) -> list[str]:
    if _MATCHES[constraint.pattern](value):
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


def result_of_login(session: Session, login: Login) -> str:
    """The elements of a login's result in the order in which AWS was seen to send them.

    Where the two members of September 2026 stand is not known.
    """
    return f"""\
    <Audience>{_text(login.recipient)}</Audience>
{_user_and_credentials(session)}
    <Subject>{_text(login.assertion.name_id or "")}</Subject>
    <NameQualifier>{login.name_qualifier}</NameQualifier>{_source_identity(session)}
{_sizes(session)}
    <SubjectType>{_text(login.subject_type)}</SubjectType>
    <Issuer>{_text(login.assertion.issuer)}</Issuer>"""


def result_of_chaining(session: Session) -> str:
    """The elements of AssumeRole's result in the order in which AWS was seen to send them, as far as it was seen."""
    return f"{_user_and_credentials(session)}{_source_identity(session)}\n{_sizes(session)}"


def result_of_identity(session: Session) -> str:
    """The elements of GetCallerIdentity's result in the order in which AWS was seen to send them."""
    return f"""\
    <Arn>{_text(session.arn)}</Arn>
    <UserId>{session.assumed_role_id}</UserId>
    <Account>{session.account_id}</Account>"""


def _user_and_credentials(session: Session) -> str:
    return f"""\
    <AssumedRoleUser>
      <AssumedRoleId>{session.assumed_role_id}</AssumedRoleId>
      <Arn>{_text(session.arn)}</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{session.access_key_id}</AccessKeyId>
      <SecretAccessKey>{session.secret_access_key}</SecretAccessKey>
      <SessionToken>{session.session_token}</SessionToken>
      <Expiration>{session.expiration.replace(tzinfo=None).isoformat()}Z</Expiration>
    </Credentials>"""


def _source_identity(session: Session) -> str:
    return f"\n    <SourceIdentity>{session.source_identity}</SourceIdentity>" if session.source_identity else ""


def _sizes(session: Session) -> str:
    return f"""\
    <PackedPolicySize>{session.session_token_utilization}</PackedPolicySize>
    <SessionTokenSize>{session.session_token_size}</SessionTokenSize>
    <SessionTokenUtilization>{session.session_token_utilization}</SessionTokenUtilization>"""


def write_success(action: str, result: str, request_id: str) -> str:
    """The XML of a success."""
    return f"""\
<{action}Response xmlns="{_NAMESPACE}">
  <{action}Result>
{result}
  </{action}Result>
  <ResponseMetadata>
    <RequestId>{request_id}</RequestId>
  </ResponseMetadata>
</{action}Response>
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
