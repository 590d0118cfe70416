"""The query protocol, incoming: form parameters become the typed parameters of a request."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import parse_qsl

from ...iam.arn import Arn, parse_arn, shown
from ...iam.limits import (
    PATTERNS,
    PROVIDER_RESOURCE,
    TAG_KEY,
    TAG_KEY_PATTERN,
    TAG_VALUE,
    TAG_VALUE_PATTERN,
    TAGS,
    Constraint,
)
from ...iam.tags import has_legal_characters
from ...wire import Request
from .. import errors, limits
from ..limits import CHAINING_CONSTRAINTS, CONSTRAINTS, DEFAULT_DURATION, POLICY_ARN
from ..requests.parameters import SAMLLoginParameters
from ..rule import Rejected

if TYPE_CHECKING:
    from ..requests.chaining_parameters import RoleChainingParameters


def read_form(form: str) -> dict[str, str]:
    """Return the parameters of a urlencoded body or a query string.

    If a name is repeated, its first value counts (observed).
    """
    return dict(reversed(parse_qsl(form, keep_blank_values=True)))


def read_login_parameters(request: Request) -> SAMLLoginParameters:
    """Return the parameters of AssumeRoleWithSAML. Unknown parameters are ignored (observed).

    :raises Rejected: for a malformed number; else for all faults of the schema in one message; else for a malformed
        ARN.
    """
    form = request.form
    parameters, policy_arns = _parameters(form, CONSTRAINTS), _policy_arns(form)
    _check_schema(parameters, CONSTRAINTS, _faults_of_arns(policy_arns))
    principal = _provider_arn(parameters["PrincipalArn"])  # before the role (inferred from what was seen of a swap)
    return SAMLLoginParameters(
        role_arn=parameters["RoleArn"],
        principal_arn=parameters["PrincipalArn"],
        role=_role_arn(parameters["RoleArn"]),
        principal=principal,
        saml_assertion=parameters["SAMLAssertion"],
        **_common_parameters(request, parameters, policy_arns),
    )


def read_chaining_parameters(request: Request) -> "RoleChainingParameters":
    """Return the parameters of AssumeRole. Unknown parameters are ignored (observed).

    :raises Rejected: as `read_login_parameters`.
    """
    from ..requests.chaining_parameters import RoleChainingParameters  # few tests chain roles

    form = request.form
    parameters, policy_arns = _parameters(form, CHAINING_CONSTRAINTS), _policy_arns(form)
    _check_schema(parameters, CHAINING_CONSTRAINTS, [*_faults_of_arns(policy_arns), *_faults_of_lists(form)])
    return RoleChainingParameters(
        role_arn=parameters["RoleArn"],
        role=_role_arn(parameters["RoleArn"]),
        role_session_name=parameters["RoleSessionName"],
        tags=_tags(form),
        transitive_tag_keys=_transitive_tag_keys(form),
        source_identity=parameters.get("SourceIdentity"),
        external_id=parameters.get("ExternalId"),
        mfa="SerialNumber" in parameters or "TokenCode" in parameters,
        provided_contexts=any(name.startswith("ProvidedContexts.") for name in form),
        **_common_parameters(request, parameters, policy_arns),
    )


class _CommonParameters(TypedDict):
    region: str
    by_global_endpoint: bool
    duration_seconds: int
    policy: str | None
    policy_arns: tuple[str, ...]
    policies: tuple[Arn, ...]
    minimum_session_token_size: int
    user_agent: str
    secure: bool


def _common_parameters(
    request: Request, parameters: Mapping[str, str], policy_arns: tuple[str, ...]
) -> _CommonParameters:
    return {
        "region": request.region,
        "by_global_endpoint": request.by_global_endpoint,
        "duration_seconds": int(parameters.get("DurationSeconds", DEFAULT_DURATION)),
        "policy": parameters.get("Policy"),
        "policy_arns": policy_arns,
        "policies": tuple(map(_arn, policy_arns)),
        "minimum_session_token_size": int(parameters.get("MinimumSessionTokenSize", 0)),
        "user_agent": request.user_agent,
        "secure": request.secure,
    }


def _parameters(form: Mapping[str, Any], constraints: Mapping[str, Constraint]) -> dict[str, str]:
    parameters = {name: _string(value) for name, value in form.items() if name in constraints}
    _check_numbers(parameters, constraints)
    return parameters


def _members(form: Mapping[str, Any], pattern: str) -> dict[int, str]:
    """Return the members of a list by number, in the order of their numbers. `#` stands for the number."""
    prefix, suffix = pattern.split("#")
    members = {}
    for name, value in form.items():
        if name.startswith(prefix) and name.endswith(suffix):
            number = name.removeprefix(prefix).removesuffix(suffix)
            if re.fullmatch(r"\d{1,9}", number, re.ASCII):
                members[int(number)] = _string(value)
    return dict(sorted(members.items()))


def _policy_arns(form: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_members(form, "PolicyArns.member.#.arn").values())


def _faults_of_arns(policy_arns: tuple[str, ...]) -> list[str]:
    return [fault for position, arn in enumerate(policy_arns, 1) for fault in _faults(arn, POLICY_ARN, position)]


def _tags(form: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return keys and values. A missing one is None here, which the check of the schema refuses."""
    keys, values = _members(form, "Tags.member.#.Key"), _members(form, "Tags.member.#.Value")
    return tuple((keys.get(number), values.get(number)) for number in sorted({*keys, *values}))  # type: ignore[misc]


def _transitive_tag_keys(form: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_members(form, "TransitiveTagKeys.member.#").values())


def _string(value: Any) -> str:
    # botocore sends bytes as they are if its own validation of parameters is switched off.
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _check_numbers(parameters: Mapping[str, str], constraints: Mapping[str, Constraint]) -> None:
    """Check that a number is a decimal of 32 bits. A sign and leading zeros are allowed (observed)."""
    for name, constraint in constraints.items():
        if not constraint.number or name not in parameters:
            continue
        value = parameters[name]
        if value == "":
            raise Rejected(errors.NUMBER_MISSING, f"{name} is empty")
        if re.fullmatch(r"[+-]?0{0,1000}\d{1,10}", value, re.ASCII) is None or not -(2**31) <= int(value) < 2**31:
            raise Rejected(errors.NOT_A_NUMBER, f"{name} is {value!r}")


def _check_schema(
    parameters: Mapping[str, str], constraints: Mapping[str, Constraint], faults_of_lists: Iterable[str] = ()
) -> None:
    """Check every parameter against the service model. One message lists all faults (observed)."""
    faults = [fault for name, constraint in constraints.items() for fault in _faults(parameters.get(name), constraint)]
    faults += faults_of_lists
    if faults:
        count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: "
        raise Rejected(errors.VALIDATION, "; ".join(faults), faults=count + "; ".join(faults))


def _faults_of_lists(form: Mapping[str, Any]) -> Iterator[str]:
    """Yield the faults of Tags and TransitiveTagKeys: of their lengths, and of every member."""
    tags, keys = _tags(form), _transitive_tag_keys(form)
    for number, constraint in ((len(tags), TAGS), (len(keys), limits.TRANSITIVE_TAG_KEYS)):
        for need in _out_of_range(number, constraint, "length"):
            # AWS prints the whole list here. In which form it prints these lists was never seen.
            yield f"Value at '{constraint.member}' failed to satisfy constraint: {need}"
    for position, (key, value) in enumerate(tags, 1):
        yield from _faults(key, TAG_KEY, position)
        yield from _faults(value, TAG_VALUE, position)
    for position, key in enumerate(keys, 1):
        yield from _faults(key, limits.TRANSITIVE_TAG_KEY, position)


def _faults(value: str | None, constraint: Constraint, position: int | None = None) -> list[str]:
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
    member = constraint.member.format(position)
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
    """Return the parts of RoleArn, which must be the ARN of a role (observed)."""
    arn = _arn(value)
    if arn.service != "iam" or not arn.resource.startswith("role/"):
        raise Rejected(errors.NOT_A_ROLE_ARN, f"expected the ARN of a role, got {shown(value)}")
    return arn


def _provider_arn(value: str) -> Arn:
    """Return the parts of PrincipalArn, which must be the ARN of a SAML provider (observed for white space)."""
    arn = parse_arn(value)
    if arn is None or arn.service != "iam" or PROVIDER_RESOURCE.fullmatch(arn.resource) is None:
        raise Rejected(errors.NOT_A_PROVIDER_ARN, f"expected the ARN of a SAML provider, got {shown(value)}")
    return arn


def _arn(value: str) -> Arn:
    """Return the parts of a parameter that must be an ARN (observed)."""
    arn = parse_arn(value)
    if arn is None:
        raise Rejected(errors.NOT_AN_ARN, f"expected an ARN, got {shown(value)}", value=value)
    return arn
