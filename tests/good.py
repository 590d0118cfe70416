"""A SAML login and a role chaining that every rule accepts, without XML. A test replaces one thing in them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from pytest_stssaml.iam.arn import Arn, parse_arn
from pytest_stssaml.iam.directory import IAM
from pytest_stssaml.iam.entities import Role, SAMLProvider
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy
from pytest_stssaml.saml.assertion import Assertion, SubjectConfirmation
from pytest_stssaml.saml.metadata import Metadata
from pytest_stssaml.saml.vocabulary import (
    BEARER,
    NAMEID_PERSISTENT,
    ROLE,
    ROLE_SESSION_NAME,
)
from pytest_stssaml.sts.grant import grant
from pytest_stssaml.sts.requests.chaining_parameters import RoleChainingParameters
from pytest_stssaml.sts.requests.parameters import SAMLLoginParameters
from pytest_stssaml.sts.requests.role_chaining import RoleChaining
from pytest_stssaml.sts.requests.role_request import RoleRequest
from pytest_stssaml.sts.requests.saml_login import SAMLLogin
from pytest_stssaml.sts.sessions.session import Session
from pytest_stssaml.sts.state import ServiceState

Asking = TypeVar("Asking", SAMLLogin, RoleChaining)

NOW = dt.datetime(2030, 1, 1, 12, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)
TICK = dt.timedelta(microseconds=1)

PROVIDER = SAMLProvider(
    arn="arn:aws:iam::123456789012:saml-provider/ExampleIdP",
    name="ExampleIdP",
    account_id="123456789012",
    partition="aws",
    uuid="SAMLSPABCDEFGHIJ234567",
    tags={},
    _metadata=Metadata("https://idp.example.com/saml", ()),
)

ROLE_ = Role(
    arn="arn:aws:iam::123456789012:role/Developer",
    name="Developer",
    role_id="AROAABCDEFGHIJKLMNOPQ",
    account_id="123456789012",
    partition="aws",
    path="/",
    max_session_duration=3600,
    tags={},
    _policy=parse_trust_policy(PROVIDER.trust_policy()),
)

# Allows tags and a source identity too.
GENEROUS_ROLE = replace(
    ROLE_,
    _policy=parse_trust_policy(
        PROVIDER.trust_policy(actions=["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"])
    ),
)

CONFIRMATION = SubjectConfirmation(
    method=BEARER,
    recipient="https://signin.aws.amazon.com/saml",
    not_before=None,
    not_on_or_after=NOW + 4 * MINUTE,
)

ASSERTION = Assertion(
    issuer="https://idp.example.com/saml",
    issue_instant=NOW - MINUTE,
    name_id="alice@example.com",
    name_id_format=NAMEID_PERSISTENT,
    subject_confirmations=(CONFIRMATION,),
    not_before=NOW - MINUTE,
    not_on_or_after=NOW + 4 * MINUTE,
    audience_restrictions=(("urn:amazon:webservices",),),
    session_not_on_or_after=None,
    attributes={ROLE: (f"{ROLE_.arn},{PROVIDER.arn}",), ROLE_SESSION_NAME: ("alice@example.com",)},
)

PARAMETERS = SAMLLoginParameters(
    region="us-east-1",
    role_arn=ROLE_.arn,
    principal_arn=PROVIDER.arn,
    role=Arn("aws", "iam", "", "123456789012", "role/Developer"),
    principal=Arn("aws", "iam", "", "123456789012", "saml-provider/ExampleIdP"),
    saml_assertion="",
)

GOOD = SAMLLogin(parameters=PARAMETERS, provider=PROVIDER, assertion=ASSERTION, role=ROLE_, now=NOW)


def asserting(**claims: Any) -> SAMLLogin:
    """Return GOOD with some values of its assertion replaced."""
    return replace(GOOD, assertion=ASSERTION._replace(**claims))


def confirming(**values: Any) -> SAMLLogin:
    """Return GOOD with some values of its subject confirmation replaced."""
    return asserting(subject_confirmations=(CONFIRMATION._replace(**values),))


def requesting(**parameters: Any) -> SAMLLogin:
    """Return GOOD with some parameters of its request replaced."""
    return replace(GOOD, parameters=replace(PARAMETERS, **parameters))


def attributed(**values: Any) -> SAMLLogin:
    """Return GOOD with some of AWS's attributes replaced: `Role=(...)`. None removes an attribute.

    Session tags are `PrincipalTag={key: value}`, where a value is a string or several. With tags or a source identity,
    the role is one that allows them.
    """
    prefix = "https://aws.amazon.com/SAML/Attributes/"
    tags = values.pop("PrincipalTag", {})
    replaced = {prefix + name: value for name, value in values.items()} | {
        f"{prefix}PrincipalTag:{key}": (value,) if isinstance(value, str) else value for key, value in tags.items()
    }
    attributes = {name: value for name, value in {**ASSERTION.attributes, **replaced}.items() if value is not None}
    role = GENEROUS_ROLE if tags or "SourceIdentity" in values else ROLE_
    return replace(asserting(attributes=attributes), role=role)


def limited_by(request: Asking, *policy_arns: str, policy: str | None = None) -> Asking:
    """Return a request with session policies, of which every managed one exists."""
    policies = tuple(filter(None, map(parse_arn, policy_arns)))
    parameters = replace(request.parameters, policy=policy, policy_arns=policy_arns, policies=policies)
    return replace(request, parameters=parameters, managed_policies=frozenset(policy_arns))


# --- a session that assumes another role

SESSION = Session(
    access_key_id="ASIAABCDEFGHIJKLMNOP",
    secret_access_key="secret",
    session_token="token",
    expiration=NOW + 30 * MINUTE,
    role=ROLE_,
    name="alice@example.com",
    tags={},
    transitive_tag_keys=(),
    source_identity=None,
    policies=(),
    issued=NOW - 30 * MINUTE,
    _federated_keys=GOOD.federated_keys,
)


def trusted(action: str | list[str] = "sts:AssumeRole", **statement: Any) -> dict[str, Any]:
    """Return a trust policy of one statement, which allows ROLE_ by default."""
    good = {"Effect": "Allow", "Principal": {"AWS": ROLE_.arn}, "Action": action}
    return {"Version": "2012-10-17", "Statement": [good | statement]}


TARGET = replace(
    ROLE_,
    arn="arn:aws:iam::123456789012:role/Auditor",
    name="Auditor",
    role_id="AROAQPONMLKJIHGFEDCBA",
    _policy=parse_trust_policy(trusted()),
)

# Allows tags and a source identity too.
GENEROUS_TARGET = replace(
    TARGET, _policy=parse_trust_policy(trusted(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]))
)

CHAINING_PARAMETERS = RoleChainingParameters(
    region="us-east-1",
    role_arn=TARGET.arn,
    role=Arn("aws", "iam", "", "123456789012", "role/Auditor"),
    role_session_name="audit",
)

GOOD_CHAINING = RoleChaining(
    parameters=CHAINING_PARAMETERS, calling_session=SESSION, calling_role=ROLE_, role=TARGET, now=NOW
)


def chaining(**parameters: Any) -> RoleChaining:
    """Return GOOD_CHAINING with some parameters of its request replaced.

    With tags or a source identity, the role is one that allows them.
    """
    generous = "tags" in parameters or "source_identity" in parameters
    changed = replace(CHAINING_PARAMETERS, **parameters)
    return replace(GOOD_CHAINING, parameters=changed, role=GENEROUS_TARGET if generous else TARGET)


def chained_from(parameters: RoleChainingParameters = CHAINING_PARAMETERS, **fields: Any) -> RoleChaining:
    """Return GOOD_CHAINING with other parameters, some fields of the session replaced, and a role that allows tags."""
    session = replace(SESSION, **fields)
    return replace(
        GOOD_CHAINING, parameters=parameters, calling_session=session, calling_role=session.role, role=GENEROUS_TARGET
    )


def chained_to(action: str | list[str] = "sts:AssumeRole", **statement: Any) -> RoleChaining:
    """Return GOOD_CHAINING with some elements of the one statement of the trust policy replaced."""
    policy = parse_trust_policy(trusted(action, **statement))
    return replace(GOOD_CHAINING, role=replace(TARGET, _policy=policy))


def granted(request: RoleRequest, identify: Callable[..., bytes], token_key: bytes) -> Session:
    """Return the session that STS grants to a request."""
    return grant(
        request,
        ServiceState(IAM(), (), "v1Token", request.now, lambda: (request.now,), identify, token_key, lambda _: None),
    )
