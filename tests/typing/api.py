"""What a type checker tells those who use the package; run by mypy and pyright, never imported."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, assert_type

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from pytest_stssaml import (
    SHAPES,
    Attempt,
    Decision,
    IAMError,
    IdentityProvider,
    Rejection,
    Role,
    SAMLProvider,
    SAMLResponse,
    Session,
    STSBackend,
    active_backend,
    make_signing_key,
    mock_sts_saml,
)
from pytest_stssaml.literals import Partition, Shape, Signed, TokenVersion


def test_fixtures(sts_saml: STSBackend, saml_idp: IdentityProvider, saml_rejection: Rejection, saml_shape: str) -> None:
    role = sts_saml.create_role("Developer", max_session_duration=7200, tags={"team": "blue"})
    assert_type(role, Role)
    assert_type(saml_idp.provider, SAMLProvider)
    assert_type(saml_idp.response(role), SAMLResponse)
    assert_type(saml_idp.response([role, (role.arn, saml_idp.provider)], issue_instant=dt.timedelta(0)), SAMLResponse)
    assert_type(saml_idp.response(role, shape=saml_shape, audience=None), SAMLResponse)
    assert_type(sts_saml.attempts, tuple[Attempt, ...])
    assert_type(sts_saml.sessions, tuple[Session, ...])
    assert_type(sts_saml.handle(b"Action=GetCallerIdentity"), tuple[int, dict[str, str], str])
    assert_type(sts_saml.create_policy("Read", {"Version": "2012-10-17", "Statement": []}), str)
    assert_type(saml_rejection.message, str | re.Pattern[str])
    assert_type(sts_saml.sign_in.handle("GET", "/saml", {}, None), tuple[int, dict[str, str], str])
    assert_type(sts_saml.sign_in.layout, str)
    with saml_idp.sign_in_page(role, code="123456") as page, sts_saml.serve() as endpoint:
        assert_type((page.url, endpoint.url), tuple[str, str])
        assert_type(page.response, SAMLResponse | None)
        assert_type(page.handle("GET", "/", {}, None), tuple[int, dict[str, str], str])
    sts_saml.create_role("Reader", policies=[{"Version": "2012-10-17", "Statement": []}, "{}"])
    sts_saml.create_role("Auditor", policies=(sts_saml.create_policy("Audit", "{}"),))
    sts_saml.create_role("Limited", permissions_boundary=sts_saml.create_policy("Boundary", "{}", path="/team/"))
    sts_saml.create_role("Free", permissions_boundary={})  # type: ignore[arg-type] # a boundary is a managed policy
    sts_saml.advance(minutes=6)
    sts_saml.advance(dt.timedelta(minutes=6))
    assert_type(saml_idp.response(role).edited(lambda root: root.set("Version", "1.1")), SAMLResponse)
    assert_type(sts_saml.roles, tuple[Role, ...])
    assert_type(sts_saml.last_attempt, Attempt)
    sts_saml.add_client_error("Throttling", role=role, times=2)


def test_a_shape_as_str_or_as_one_of_the_names(
    sts_saml: STSBackend, saml_idp: IdentityProvider, saml_shape: str, named: Shape
) -> None:
    role = sts_saml.create_role("Developer")
    assert_type(saml_idp.response(role, shape=saml_shape).shape, Shape | None)
    assert_type(saml_idp.response(role, shape=named), SAMLResponse)
    assert_type([saml_idp.response(role, shape=shape) for shape in SHAPES], list[SAMLResponse])
    assert_type([saml_idp.metadata_for(shape) for shape in (*SHAPES, None, saml_shape)], list[str])


@pytest.mark.parametrize("signed", ["assertion", "response", "both", None])
def test_a_parameter(sts_saml: STSBackend, saml_idp: IdentityProvider, signed: Signed | None) -> None:
    role = sts_saml.create_role("Developer", partition=sts_saml.partition)
    assert_type(saml_idp.response(role, signed=signed).edited(lambda root: root.clear(), signed=signed), SAMLResponse)
    assert_type(role.partition, Partition)
    sts_saml.create_role("Other", account_id=role.account_id, partition=role.partition)


@pytest.mark.parametrize("keywords", [{"audience": "urn:example"}, {"signed": None}])
def test_keywords(sts_saml: STSBackend, saml_idp: IdentityProvider, keywords: dict[str, Any]) -> None:
    role = sts_saml.create_role("Developer")
    assert_type(saml_idp.response(role, **keywords), SAMLResponse)
    assert_type(saml_idp.request(role, **keywords), dict[str, Any])


def test_the_element(response: SAMLResponse) -> None:
    assert_type(response.root.get("Destination"), str | None)
    assert_type([element.get("ID") for element in response.root], list[str | None])


def test_keys(sts_saml: STSBackend, saml_idp: IdentityProvider) -> None:
    assert_type(make_signing_key(), rsa.RSAPrivateKey)
    assert_type(make_signing_key("ec"), ec.EllipticCurvePrivateKey)
    sts_saml.create_saml_provider("Okta", saml_idp, private_keys=[make_signing_key()])
    saml_idp.rotate_key(make_signing_key("ec"))


def test_session(session: Session) -> None:
    assert_type(session.boto3_kwargs(), dict[str, str])
    assert_type((session.access_key_id, session.arn, session.account_id, session.name), tuple[str, str, str, str])
    assert_type(session.expiration, dt.datetime)
    assert_type(session.role, Role)
    assert_type(session.tags, Mapping[str, str])
    assert_type(session.transitive_tag_keys, tuple[str, ...])
    assert_type(session.source_identity, str | None)
    assert_type(session.policies, tuple[str, ...])
    assert_type(session.token_version, TokenVersion)
    assert_type(session.source_session, Session | None)
    decision = session.allows("s3:ListBucket", "arn:aws:s3:::example", **{"s3:prefix": ["home/"], "s3:max-keys": 10})
    assert_type(decision, Decision)
    assert_type((bool(decision), decision.reasons, decision.explain()), tuple[bool, tuple[str, ...], str])


@mock_sts_saml
def decorated(name: str) -> int:
    return len(name)


@mock_sts_saml(account_id="111122223333", now=dt.datetime(2030, 1, 1, tzinfo=dt.UTC), tick=True, clock="time-machine")
async def decorated_with_options(name: str) -> int:
    return len(name)


assert_type(decorated("a"), int)


async def awaited() -> None:
    assert_type(await decorated_with_options("a"), int)
    async with mock_sts_saml() as sts:
        assert_type(sts, STSBackend)


with mock_sts_saml(partition="aws-cn", seed=1) as backend:
    assert_type(backend, STSBackend)
    assert_type(active_backend(), STSBackend)
    provider = backend.create_saml_provider("Okta", IdentityProvider(signing_key=make_signing_key("ec")))
    try:
        backend.create_role("A", trust_policy=provider.trust_policy(conditions={"Bool": {"aws:SecureTransport": True}}))
    except IAMError as error:
        assert_type((error.code, error.status, error.message, error.hint), tuple[str, int, str, str])
