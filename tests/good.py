"""A login that every rule lets pass, without XML: a test replaces one thing in it."""

import datetime as dt
from dataclasses import replace
from typing import Any

from pytest_stssaml.saml.assertion import Assertion, SubjectConfirmation
from pytest_stssaml.saml.metadata import Metadata
from pytest_stssaml.saml.vocabulary import BEARER, NAMEID_PERSISTENT, ROLE, ROLE_SESSION_NAME
from pytest_stssaml.sts.grammar import parse_trust_policy
from pytest_stssaml.sts.iam import Arn, Role, SAMLProvider, parse_arn
from pytest_stssaml.sts.login import Login, Request

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
    metadata=Metadata("https://idp.example.com/saml", ()),
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
    policy=parse_trust_policy(PROVIDER.trust_policy()),
)

# Lets tags and a source identity in too.
GENEROUS_ROLE = replace(
    ROLE_,
    policy=parse_trust_policy(
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

REQUEST = Request(
    region="us-east-1",
    role_arn=ROLE_.arn,
    principal_arn=PROVIDER.arn,
    role=Arn("aws", "iam", "", "123456789012", "role/Developer"),
    principal=Arn("aws", "iam", "", "123456789012", "saml-provider/ExampleIdP"),
    saml_assertion="",
)

GOOD = Login(REQUEST, PROVIDER, ASSERTION, ROLE_, NOW)


def asserting(**claims: Any) -> Login:
    """GOOD with some values of its assertion replaced."""
    return replace(GOOD, assertion=replace(ASSERTION, **claims))


def confirming(**values: Any) -> Login:
    """GOOD with some values of its subject confirmation replaced."""
    return asserting(subject_confirmations=(replace(CONFIRMATION, **values),))


def requesting(**parameters: Any) -> Login:
    """GOOD with some parameters of its request replaced."""
    return replace(GOOD, request=replace(REQUEST, **parameters))


def attributed(**values: Any) -> Login:
    """GOOD with some of AWS's attributes replaced: `Role=(...)`; None takes one away.

    Session tags are `PrincipalTag={key: value}`, a value a text or several; with them or with a source identity the
    role is one that lets them in.
    """
    prefix = "https://aws.amazon.com/SAML/Attributes/"
    tags = values.pop("PrincipalTag", {})
    said = {prefix + name: value for name, value in values.items()} | {
        f"{prefix}PrincipalTag:{key}": (value,) if isinstance(value, str) else value for key, value in tags.items()
    }
    attributes = {name: value for name, value in (ASSERTION.attributes | said).items() if value is not None}
    role = GENEROUS_ROLE if tags or "SourceIdentity" in values else ROLE_
    return replace(asserting(attributes=attributes), role=role)


def limited_by(*policy_arns: str, policy: str | None = None, login: Login = GOOD) -> Login:
    """GOOD, or another login, with session policies, of which every managed one exists."""
    policies = tuple(filter(None, map(parse_arn, policy_arns)))
    request = replace(login.request, policy=policy, policy_arns=policy_arns, policies=policies)
    return replace(login, request=request, managed_policies=frozenset(policy_arns))
