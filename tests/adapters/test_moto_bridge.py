"""One world with moto's mock_aws, with the real moto and real clients."""

import ast
import asyncio
import contextlib
import dataclasses
import datetime as dt
import functools
import json
import os
import re
import subprocess
import sys
import threading
import types
import unittest
import unittest.mock
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import boto3
import pytest
import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from forks import forking, in_a_child
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count
from moto.core.exceptions import JsonRESTError
from moto.core.models import botocore_stubber
from moto.iam import access_control
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from sign_in_pages import account_names, post

from pytest_stssaml import (
    IdentityProvider,
    Role,
    Session,
    STSBackend,
    active_backend,
    mock_sts_saml,
)
from pytest_stssaml.adapters import moto_bridge, moto_limits
from pytest_stssaml.adapters.moto_bridge import MotoIAM, PublishedSessions
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.sts.sessions import memory

T = TypeVar("T")
Do = Callable[..., Any]
Refusal = tuple[str, int, str | None]

ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
TESTING = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "testing"}
DENIED = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML")
TOO_LONG = ("ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
FORGOTTEN = ("InvalidClientTokenId", 403, "The security token included in the request is invalid.")
ORIGINAL = access_control.create_access_key
MOTO_S3_DENIED = ("AccessDenied", 403, "Access Denied")


@functools.cache
def client_of_moto(session: boto3.Session, service: str, region: str = "us-east-1") -> Any:
    """Return a client with credentials that moto accepts. All tests share it."""
    return session.client(service, region_name=region, **TESTING)


class World:
    """A backend of ours beside moto, and an identity provider that neither has registered."""

    def __init__(self, sts: STSBackend, session: boto3.Session, idp: IdentityProvider) -> None:
        self.sts, self.session, self.idp = sts, session, idp
        self.iam = client_of_moto(session, "iam")

    @functools.cached_property
    def okta(self) -> str:
        """The ARN of a SAML provider that moto has."""
        return self.iam.create_saml_provider(Name="Okta", SAMLMetadataDocument=self.idp.metadata)["SAMLProviderArn"]

    def make_role(self, trust_policy: str | None = None, **parameters: Any) -> str:
        """Create a role in moto, which trusts moto's provider by default, and return its ARN."""
        named = {"RoleName": "Developer", "AssumeRolePolicyDocument": trust_policy or trusting(self.okta)}
        return self.iam.create_role(**named | parameters)["Role"]["Arn"]

    def our_role(self, name: str = "Ours", account_id: str = OTHER_ACCOUNT, **options: Any) -> Role:
        """Create a role of ours, which trusts our provider in its account. That is by default not moto's account."""
        provider = self.sts.create_saml_provider("ExampleIdP", self.idp, account_id=account_id)
        return self.sts.create_role(name, provider=provider, **options)

    def enter(
        self, role: Role | str, provider_arn: str | None = None, region: str = "us-east-1", **parameters: Any
    ) -> Session:
        """Log in to a role of moto's through moto's provider, or to one of ours through ours. Return the session."""
        if isinstance(role, Role):
            provider_arn = f"arn:aws:iam::{role.account_id}:saml-provider/ExampleIdP"
            role = role.arn
        provider_arn = provider_arn or self.okta
        client_of_moto(self.session, "sts", region).assume_role_with_saml(
            RoleArn=role,
            PrincipalArn=provider_arn,
            SAMLAssertion=self.idp.response((role, provider_arn)),
            **parameters,
        )
        return self.sts.sessions[-1]

    def refused(self, role: str, provider_arn: str | None = None, **parameters: Any) -> Refusal:
        """Return the error of a login."""
        before = self.sts.sessions
        refusal = error_of(lambda: self.enter(role, provider_arn, **parameters))
        assert self.sts.sessions == before
        return refusal

    def client(self, whose: Session | None, service: str, **changed: Any) -> Any:
        """Return a client with the credentials of a session, or with credentials that moto accepts."""
        if whose is None:
            return client_of_moto(self.session, service)
        return self.session.client(service, **{**whose.boto3_kwargs(), **changed})


WorldOf = Callable[[STSBackend], World]


@pytest.fixture(scope="module")
def session(no_aws_environment: None) -> boto3.Session:
    return boto3.Session(region_name="us-east-1")


@pytest.fixture
def world_of(session: boto3.Session, saml_signing_key: SigningKey) -> WorldOf:
    """A function that returns the world of a backend, for tests that enter the mocks themselves."""
    return lambda sts: World(sts, session, IdentityProvider(signing_key=saml_signing_key))


@pytest.fixture
def world(request: pytest.FixtureRequest, world_of: WorldOf) -> Iterator[World]:
    """The world of both mocks. Ours is inside moto's unless `in_both_orders` asks for both orders."""
    moto, ours = mock_aws(), mock_sts_saml()
    outer, inner = (ours, moto) if getattr(request, "param", None) == OURS_AROUND_MOTO else (moto, ours)
    with outer, inner:
        yield world_of(active_backend())


OURS_AROUND_MOTO = "ours around moto"
in_both_orders = pytest.mark.parametrize("world", ["moto around ours", OURS_AROUND_MOTO], indirect=True)


def trusting(provider_arn: str, *more: Mapping[str, Any], **changed: Any) -> str:
    """Return a trust policy for the users of a provider, with changes of its statement and with more statements."""
    trust = {"Effect": "Allow", "Principal": {"Federated": provider_arn}, "Action": "sts:AssumeRoleWithSAML"}
    return json.dumps({"Version": "2012-10-17", "Statement": [trust | changed, *more]})


def trusting_role(arn: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}


def made_by(iam: Any, idp: IdentityProvider) -> tuple[str, str]:
    """Create a role and the provider that it trusts with a client of moto, and return their ARNs."""
    provider = iam.create_saml_provider(Name="Okta", SAMLMetadataDocument=idp.metadata)["SAMLProviderArn"]
    role = iam.create_role(RoleName="Developer", AssumeRolePolicyDocument=trusting(provider))["Role"]["Arn"]
    return role, provider


def error_of(call: Callable[[], Any]) -> Refusal:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"], error.get("Message")


def iam_of(account_id: str, partition: str = "aws") -> Any:
    """moto's IAM of an account."""
    account: Any = iam_backends[account_id]
    return account[partition if partition in account else "global"]


def sts_of(account_id: str, partition: str = "aws") -> Any:
    """moto's STS of an account."""
    account: Any = sts_backends[account_id]
    return account[partition if partition in account else "global"]


def sole(things: Any) -> Any:
    [thing] = things
    return thing


def buckets(s3: Any) -> list[str]:
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def no_provider(refusal: Refusal) -> bool:
    return refusal[:2] == ("InvalidIdentityToken", 400) and str(refusal[2]).startswith("Specified provider doesn't ")


# --- what moto has can be assumed


@in_both_orders
def test_a_role_of_motos_can_be_assumed(world: World) -> None:
    entered = world.enter(world.make_role())
    assert entered.arn == "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"
    assert entered.role.role_id == world.iam.get_role(RoleName="Developer")["Role"]["RoleId"]


def test_a_path_is_part_of_the_arn(world: World) -> None:
    arn = world.make_role(Path="/team/blue/")
    assert arn == "arn:aws:iam::123456789012:role/team/blue/Developer"
    assert world.enter(arn).role.path == "/team/blue/"


def test_a_role_with_a_path_is_not_found_without_it(world: World) -> None:
    world.make_role(Path="/team/blue/")
    assert world.refused("arn:aws:iam::123456789012:role/Developer") == DENIED
    told = "there is no role arn:aws:iam::123456789012:role/Developer; there is"
    assert world.sts.attempts[-1].because == f"{told} arn:aws:iam::123456789012:role/team/blue/Developer"


def test_a_role_of_another_name_is_not_suggested(world: World) -> None:
    world.make_role(RoleName="Accountants")
    assert world.refused("arn:aws:iam::123456789012:role/Accountant") == DENIED
    assert world.sts.attempts[-1].because == "there is no role arn:aws:iam::123456789012:role/Accountant"


def test_a_role_has_motos_tags(world: World) -> None:
    tags = [{"Key": "team", "Value": "blue"}, {"Key": "Stage", "Value": ""}]
    assert world.enter(world.make_role(Tags=tags)).role.tags == {"team": "blue", "Stage": ""}


BLUE = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
SIGN_IN = "https://signin.aws.amazon.com/saml"


@pytest.mark.parametrize(
    ("changed", "tag", "accepted"),
    [
        pytest.param({"Condition": {"StringEquals": {"SAML:aud": SIGN_IN}}}, "blue", True, id="recipient"),
        pytest.param({"Condition": {"StringEquals": {"SAML:aud": SIGN_IN + "/"}}}, "blue", False, id="other recipient"),
        pytest.param({"Condition": BLUE}, "blue", True, id="tag of the role"),
        pytest.param({"Condition": BLUE}, "Blue", False, id="other tag of the role"),
        pytest.param({"Effect": "Deny"}, "blue", False, id="denied"),
        pytest.param({"Action": "sts:AssumeRole"}, "blue", False, id="other action"),
        pytest.param(
            {"Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/Entra"}},
            "blue",
            False,
            id="other provider",
        ),
    ],
)
def test_the_trust_policy_of_motos_role_decides(
    world: World, changed: Mapping[str, Any], tag: str, *, accepted: bool
) -> None:
    arn = world.make_role(trusting(world.okta, **changed), Tags=[{"Key": "team", "Value": tag}])
    if accepted:
        assert world.enter(arn).role.arn == arn
    else:
        assert world.refused(arn) == DENIED


@pytest.mark.parametrize(
    ("parameters", "last"),
    [pytest.param({}, 3600, id="left out"), pytest.param({"MaxSessionDuration": 7200}, 7200, id="two hours")],
)
def test_the_max_session_duration_of_motos_role_is_the_limit(
    world: World, parameters: Mapping[str, Any], last: int
) -> None:
    arn = world.make_role(**parameters)
    world.enter(arn, DurationSeconds=last)
    assert world.sts.attempts[-1].duration_seconds == last
    assert world.refused(arn, DurationSeconds=last + 1) == TOO_LONG


def test_a_provider_that_moto_does_not_have_is_unknown(world: World) -> None:
    assert no_provider(world.refused(world.make_role(), "arn:aws:iam::123456789012:saml-provider/okta"))


@pytest.mark.parametrize(
    "provider_arn",
    [
        pytest.param("arn:aws:iam::111122223333:saml-provider/Okta", id="other account"),
        pytest.param("arn:aws:iam:::saml-provider/Okta", id="no account"),
        pytest.param("arn:aws-cn:iam::123456789012:saml-provider/Okta", id="other partition"),
        pytest.param("arn:example:iam::123456789012:saml-provider/Okta", id="no partition of AWS's"),
    ],
)
def test_another_arn_is_not_that_of_motos_provider(world: World, provider_arn: str) -> None:
    assert no_provider(world.refused(world.make_role(), provider_arn))


def test_an_unknown_provider_is_explained_by_those_of_moto(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made_by(with_a_header(world.session, monkeypatch), world.idp)
    world.refused(world.make_role(), "arn:aws:iam::123456789012:saml-provider/okta")
    told = " ".join(world.sts.attempts[-1].explain().split())
    there = "arn:aws:iam::123456789012:saml-provider/Okta, arn:aws:iam::111122223333:saml-provider/Okta"
    assert f"there is no provider arn:aws:iam::123456789012:saml-provider/okta; there is {there}" in told


# --- in other accounts and partitions


def to_the_other_account(request: Any, **_: Any) -> None:
    request.headers.add_header("x-moto-account-id", OTHER_ACCOUNT)


def with_a_header(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    client = session.client("iam", **TESTING)
    client.meta.events.register("before-sign.iam", to_the_other_account)
    return client


def with_a_variable(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", OTHER_ACCOUNT)
    return session.client("iam", **TESTING)


def with_a_role_that_moto_assumes(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    role_arn = f"arn:aws:iam::{OTHER_ACCOUNT}:role/Admin"
    issued = session.client("sts", **TESTING).assume_role(RoleArn=role_arn, RoleSessionName="setup")["Credentials"]
    return session.client(
        "iam",
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
    )


@pytest.mark.parametrize(
    "there", [with_a_header, with_a_variable, with_a_role_that_moto_assumes], ids=lambda there: there.__name__
)
def test_a_role_of_another_account_can_be_assumed(world: World, monkeypatch: pytest.MonkeyPatch, there: Do) -> None:
    entered = world.enter(*made_by(there(world.session, monkeypatch), world.idp))
    assert entered.arn == "arn:aws:sts::111122223333:assumed-role/Developer/alice@example.com"


def test_roles_with_the_same_name_in_two_accounts_are_different(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world.enter(world.make_role())
    there = world.enter(*made_by(with_a_header(world.session, monkeypatch), world.idp))
    assert (here.account_id, there.account_id) == (ACCOUNT, OTHER_ACCOUNT)
    assert here.role.role_id != there.role.role_id


def made_in(region: str, world: World) -> tuple[str, str]:
    """Create both in the partition of a region."""
    role, provider = made_by(world.session.client("iam", region_name=region, **TESTING), world.idp)
    if provider.startswith("arn:aws:"):
        pytest.skip("this version of moto does not have that partition")
    return role, provider


def test_a_role_of_another_partition_can_be_assumed(world: World) -> None:
    entered = world.enter(*made_in("cn-north-1", world), region="cn-north-1")
    assert entered.arn == "arn:aws-cn:sts::123456789012:assumed-role/Developer/alice@example.com"
    client = world.client(entered, "sts", region_name="cn-north-1")
    assert client.get_caller_identity()["Arn"] == entered.arn


def test_a_call_is_made_in_the_partition_of_the_role(world: World) -> None:
    entered = world.enter(*made_in("cn-north-1", world), region="cn-north-1")
    s3 = world.client(entered, "s3", region_name="cn-north-1")
    s3.create_bucket(Bucket="there", CreateBucketConfiguration={"LocationConstraint": "cn-north-1"})
    assert (buckets(s3), buckets(world.client(None, "s3"))) == (["there"], [])


@pytest.mark.parametrize("region", ["us-iso-east-1", "eusc-de-east-1"])
def test_a_provider_of_an_unsupported_partition_is_unknown(world: World, region: str) -> None:
    assert no_provider(world.refused(*made_in(region, world), region=region))


# --- what changes in moto, changes


@in_both_orders
def test_a_new_trust_policy_applies_at_once(world: World) -> None:
    arn = world.make_role(trusting(world.okta, Effect="Deny"))
    assert world.refused(arn) == DENIED
    world.iam.update_assume_role_policy(RoleName="Developer", PolicyDocument=trusting(world.okta))
    assert world.enter(arn).role.arn == arn


def test_a_new_max_session_duration_applies_at_once(world: World) -> None:
    arn = world.make_role()
    assert world.refused(arn, DurationSeconds=7200) == TOO_LONG
    world.iam.update_role(RoleName="Developer", MaxSessionDuration=7200)
    assert world.enter(arn, DurationSeconds=7200).role.arn == arn


def test_an_update_without_a_max_session_duration_makes_it_an_hour(world: World) -> None:
    arn = world.make_role(MaxSessionDuration=7200)
    world.iam.update_role(RoleName="Developer", Description="without")
    assert world.enter(arn, DurationSeconds=3600).role.arn == arn
    assert world.refused(arn, DurationSeconds=3601) == TOO_LONG


def test_a_new_tag_of_a_role_applies_at_once(world: World) -> None:
    arn = world.make_role(trusting(world.okta, Condition=BLUE))
    assert world.refused(arn) == DENIED
    world.iam.tag_role(RoleName="Developer", Tags=[{"Key": "team", "Value": "blue"}])
    assert world.enter(arn).role.arn == arn
    world.iam.untag_role(RoleName="Developer", TagKeys=["team"])
    assert world.refused(arn) == DENIED


def test_new_metadata_applies_at_once(world: World) -> None:
    arn = world.make_role()
    world.idp.rotate_key()
    assert world.refused(arn)[0] == "InvalidIdentityToken"
    world.iam.update_saml_provider(SAMLProviderArn=world.okta, SAMLMetadataDocument=world.idp.metadata)
    assert world.enter(arn).role.arn == arn


def test_a_deleted_provider_is_unknown(world: World) -> None:
    arn = world.make_role()
    world.iam.delete_saml_provider(SAMLProviderArn=world.okta)
    assert no_provider(world.refused(arn))


def test_a_deleted_role_cannot_be_assumed(world: World) -> None:
    arn = world.make_role()
    world.iam.delete_role(RoleName="Developer")
    assert world.refused(arn) == DENIED


def test_a_session_ends_with_its_role(world: World) -> None:
    client = world.client(world.enter(world.make_role()), "sts")
    world.iam.delete_role(RoleName="Developer")
    assert error_of(client.get_caller_identity) == FORGOTTEN


def test_a_role_that_is_deleted_and_created_again_is_another_role(world: World) -> None:
    arn = world.make_role()
    old = world.client(world.enter(arn), "sts")
    world.iam.delete_role(RoleName="Developer")
    world.make_role()
    new = world.client(world.enter(arn), "sts")
    assert error_of(old.get_caller_identity) == FORGOTTEN
    assert new.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"


def test_a_session_stays_valid_when_its_role_changes(world: World) -> None:
    client = world.client(world.enter(world.make_role(MaxSessionDuration=7200)), "sts")
    world.iam.update_assume_role_policy(RoleName="Developer", PolicyDocument=trusting(world.okta, Effect="Deny"))
    world.iam.update_role(RoleName="Developer", MaxSessionDuration=3600)
    assert client.get_caller_identity()["Account"] == ACCOUNT


# --- session policies


ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
UNKNOWN_POLICY = (
    "InvalidParameterValue",
    400,
    "At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN.",
)


class TestAccountAlias:
    """The alias of an account on the sign-in page."""

    @pytest.mark.parametrize(("ours", "shown"), [(None, "moto-corp"), ("our-corp", "our-corp")])
    def test_is_that_of_moto_if_there_is_none_of_ours(self, world: World, ours: str | None, shown: str) -> None:
        world.iam.create_account_alias(AccountAlias="moto-corp")
        if ours:
            world.sts.create_account_alias(ours)
        roles = [world.make_role(), world.make_role(RoleName="Auditor")]
        page = post(world.sts, world.idp.response([(role, world.okta) for role in roles]))
        assert account_names(page) == [f"Account: {shown} ({ACCOUNT})"]


@pytest.fixture
def policy_arn(world: World) -> str:
    """A managed policy that moto has."""
    return world.iam.create_policy(PolicyName="Anything", PolicyDocument=ANYTHING)["Policy"]["Arn"]


@in_both_orders
def test_a_session_may_have_a_policy_of_motos(world: World, policy_arn: str) -> None:
    assert world.enter(world.make_role(), PolicyArns=[{"arn": policy_arn}]).policies == (policy_arn,)


def test_a_session_may_not_have_a_policy_that_moto_does_not_have(world: World, policy_arn: str) -> None:
    policies = [{"arn": policy_arn}, {"arn": policy_arn + "s"}]
    assert world.refused(world.make_role(), PolicyArns=policies) == UNKNOWN_POLICY


def test_a_deleted_policy_is_unknown(world: World, policy_arn: str) -> None:
    world.iam.delete_policy(PolicyArn=policy_arn)
    assert world.refused(world.make_role(), PolicyArns=[{"arn": policy_arn}]) == UNKNOWN_POLICY


# --- ours are looked up first


def test_our_provider_comes_before_motos(world: World, saml_signing_key: SigningKey) -> None:
    arn = world.make_role()
    stranger = IdentityProvider("https://stranger.example.com", signing_key=saml_signing_key)
    ours = world.sts.create_saml_provider("Okta", stranger)
    assert ours.arn == world.okta
    assert str(world.refused(arn)[2]).startswith("Issuer not present in specified provider ")
    world.sts.delete_saml_provider(ours)
    assert world.enter(arn).role.arn == arn


@in_both_orders
def test_our_role_comes_before_motos(world: World) -> None:
    arn = world.make_role(trusting(world.okta, Effect="Deny"), MaxSessionDuration=3600)
    ours = world.sts.create_role("Developer", trust_policy=trusting(world.okta), max_session_duration=7200)
    assert ours.arn == arn
    assert world.enter(arn, DurationSeconds=7200).role is ours
    world.sts.delete_role(ours)
    assert world.refused(arn) == DENIED


def test_a_session_of_our_role_is_not_a_session_of_motos_role(world: World) -> None:
    arn = world.make_role()
    ours = world.sts.create_role("Developer", trust_policy=trusting(world.okta))
    client = world.client(world.enter(arn), "sts")
    world.sts.delete_role(ours)
    assert error_of(client.get_caller_identity) == FORGOTTEN


def test_our_role_may_trust_motos_provider(world: World) -> None:
    role = world.sts.create_role("Ours", provider=world.okta)
    assert world.enter(role.arn).role is role


def test_motos_role_may_trust_our_provider(world: World) -> None:
    provider = world.sts.create_saml_provider("Ours", world.idp)
    assert world.enter(world.make_role(trusting(provider.arn)), provider.arn).role.name == "Developer"


def test_our_role_may_trust_motos_role(world: World) -> None:
    arn = world.make_role()
    target = world.sts.create_role("Target", trust_policy={"Version": "2012-10-17", "Statement": trusting_role(arn)})
    world.client(world.enter(arn), "sts").assume_role(RoleArn=target.arn, RoleSessionName="next")
    assert world.sts.sessions[-1].role is target


def test_our_role_does_not_trust_a_role_that_moto_deleted_and_created_again(world: World) -> None:
    arn = world.make_role()
    target = world.sts.create_role("Target", trust_policy={"Version": "2012-10-17", "Statement": trusting_role(arn)})
    world.iam.delete_role(RoleName="Developer")
    world.make_role()
    client = world.client(world.enter(arn), "sts")
    assert error_of(lambda: client.assume_role(RoleArn=target.arn, RoleSessionName="next"))[:2] == DENIED[:2]


def test_motos_role_is_not_deleted_here(world: World) -> None:
    arn = world.make_role()
    with pytest.raises(ValueError, match=rf'^{arn} was made with boto3\.client\("iam"\); delete it there$'):
        world.sts.delete_role(arn)
    assert world.enter(arn).role.arn == arn


@pytest.mark.parametrize("change", ["update_saml_provider", "delete_saml_provider"])
def test_motos_provider_is_not_changed_here(world: World, change: str) -> None:
    with pytest.raises(ValueError, match=rf'^{world.okta} was made with boto3\.client\("iam"\); change it there$'):
        getattr(world.sts, change)(world.okta)
    assert world.enter(world.make_role()).role.name == "Developer"


# --- nothing of ours appears in moto


def seen_by(iam: Any) -> dict[str, Any]:
    """Return everything that moto's IAM lists in an account."""
    answers = [
        iam.list_roles(),
        iam.list_saml_providers(),
        iam.list_policies(Scope="Local"),
        iam.list_users(),
        iam.list_groups(),
        iam.list_access_keys(UserName="alice"),
        iam.get_account_authorization_details(),
        iam.get_account_summary(),
    ]
    seen = {name: value for answer in answers for name, value in answer.items() if name != "ResponseMetadata"}
    for role in seen["RoleDetailList"]:
        role.pop("RoleLastUsed", None)  # that is noted of moto's own role
    return seen


@in_both_orders
def test_nothing_of_ours_appears_in_moto(world: World) -> None:
    world.iam.create_user(UserName="alice")
    world.iam.create_access_key(UserName="alice")
    arn = world.make_role(trusting(world.okta, trusting_role("arn:aws:iam::123456789012:role/Developer")))
    before = seen_by(world.iam)
    assert before["SummaryMap"]["Roles"] == len(before["RoleDetailList"]) == 1

    policy = world.sts.create_policy("Anything", ANYTHING)
    ours = world.our_role(account_id=ACCOUNT, policies=[policy, ANYTHING])
    entered = [world.enter(ours), world.enter(arn, PolicyArns=[{"arn": policy}])]
    world.client(entered[1], "sts").assume_role(RoleArn=arn, RoleSessionName="next")
    entered.append(world.sts.sessions[-1])
    for one in entered:
        world.client(one, "sts").get_caller_identity()
        world.client(one, "s3").list_buckets()

    assert seen_by(world.iam) == before


def test_nothing_of_ours_appears_in_another_account_of_motos(world: World) -> None:
    world.sts.create_policy("Anything", ANYTHING, account_id=OTHER_ACCOUNT)
    iam = world.client(world.enter(world.our_role()), "iam")
    iam.create_user(UserName="alice")
    seen = seen_by(iam)
    assert [user["Arn"] for user in seen["Users"]] == ["arn:aws:iam::111122223333:user/alice"]
    for listed in ("Roles", "SAMLProviderList", "Policies", "Groups", "AccessKeyMetadata", "RoleDetailList"):
        assert seen[listed] == []
    for counted in ("Roles", "Providers", "Policies", "AccountAccessKeysPresent"):
        assert seen["SummaryMap"][counted] == 0


# --- what moto took and IAM would not


@pytest.mark.parametrize(
    ("spoil", "because"),
    [
        pytest.param(
            lambda _: "x" * 1000,
            "the metadata is not XML: Start tag expected, '<' not found, line 1, column 1 (<string>, line 1)",
            id="no XML",
        ),
        pytest.param(
            lambda metadata: metadata.replace("IDPSSODescriptor", "SPSSODescriptor"),
            "no md:IDPSSODescriptor with a signing certificate",
            id="of a service provider",
        ),
    ],
)
def test_metadata_that_iam_would_refuse_has_no_issuer(world: World, spoil: Do, because: str) -> None:
    created = world.iam.create_saml_provider(Name="Spoilt", SAMLMetadataDocument=spoil(world.idp.metadata))
    code, status, message = world.refused(world.make_role(), created["SAMLProviderArn"])
    assert (code, status) == ("InvalidIdentityToken", 400)
    assert str(message).startswith("Issuer not present in specified provider ")
    assert world.sts.attempts[-1].because == f"moto took metadata that IAM would refuse: {because}"


def test_an_unknown_issuer_of_motos_metadata_is_explained(world: World) -> None:
    created = world.iam.create_saml_provider(Name="Spoilt", SAMLMetadataDocument="x" * 1000)
    message = world.refused(world.make_role(), created["SAMLProviderArn"])[2]
    attempt = world.sts.attempts[-1]
    assert attempt.explain() == (
        f"{attempt.at:%Y-%m-%dT%H:%M:%SZ} AssumeRoleWithSAML refused, InvalidIdentityToken (400): {message}\n"
        "  failed    assertion_is_trusted: The response reports success and holds one assertion, issued by the "
        "provider's entity\n"
        "            and signed with a key of its metadata (troubleshoot_saml; create_saml; saml-core 5.4).\n"
        "            moto took metadata that IAM would refuse: the metadata is not XML: Start tag expected, '<' not "
        "found, line\n"
        "            1, column 1 (<string>, line 1)\n"
        "  role      arn:aws:iam::123456789012:role/Developer\n"
        "  provider  arn:aws:iam::123456789012:saml-provider/Spoilt\n"
        f"  response  {dict(attempt._asked)['response']}\n"
        "  passed    operation_is_served, login_parameters_are_valid, region_is_activated, response_is_saml, "
        "provider_exists"
    )


def test_metadata_that_iam_would_refuse_can_be_corrected(world: World) -> None:
    arn = world.make_role()
    world.iam.update_saml_provider(SAMLProviderArn=world.okta, SAMLMetadataDocument="x" * 1000)
    assert world.refused(arn)[0] == "InvalidIdentityToken"
    world.iam.update_saml_provider(SAMLProviderArn=world.okta, SAMLMetadataDocument=world.idp.metadata)
    assert world.enter(arn).role.arn == arn


def with_a_version_twice(okta: str) -> str:
    return trusting(okta).replace("{", '{"Version": "2012-10-17", ', 1)


def with_a_wildcard(okta: str) -> str:
    return trusting("*")


def with_another_action(okta: str) -> str:
    return trusting(okta, {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:GetSessionToken"})


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        pytest.param(
            with_a_version_twice,
            "MalformedPolicyDocument: This policy contains invalid Json (the key 'Version' is repeated in one object)",
            id="a key twice",
        ),
        pytest.param(
            with_a_wildcard,
            "MalformedPolicyDocument: Federated principals must be valid domain names or SAML metadata ARNs "
            """(got '*'; write {"Federated": provider.arn})""",
            id="everybody",
        ),
        pytest.param(
            with_another_action,
            "MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions. "
            "(got ['sts:GetSessionToken']; the actions are sts:AssumeRole, sts:AssumeRoleWithSAML, "
            "sts:AssumeRoleWithWebIdentity, sts:SetContext, sts:SetSourceIdentity, sts:TagSession, without wildcards)",
            id="another action beside",
        ),
    ],
)
def test_a_trust_policy_that_iam_would_refuse_trusts_nobody(
    world: World, spoilt: Callable[[str], str], fault: str
) -> None:
    assert world.refused(world.make_role(spoilt(world.okta))) == DENIED
    [verdict] = world.sts.attempts[-1]._trust
    assert verdict.reasons() == [f"sts:AssumeRoleWithSAML: IAM would not store this trust policy: {fault}"]


def test_a_trust_policy_that_iam_would_refuse_is_explained(world: World) -> None:
    world.refused(world.make_role(with_a_version_twice(world.okta)))
    attempt = world.sts.attempts[-1]
    at = f"{attempt.at:%Y-%m-%dT%H:%M:%SZ}"
    assert attempt.explain().partition("\n            issued ")[0] == (
        f"{at} AssumeRoleWithSAML refused, AccessDenied (403): Not authorized to perform sts:AssumeRoleWithSAML\n"
        "  failed    trusted_by_the_role: The trust policy of the role allows the caller to assume it "
        "(troubleshoot_saml).\n"
        "            the trust policy does not allow sts:AssumeRoleWithSAML for "
        "arn:aws:iam::123456789012:saml-provider/Okta\n"
        "  trust     sts:AssumeRoleWithSAML: IAM would not store this trust policy: MalformedPolicyDocument: This "
        "policy contains\n"
        "            invalid Json (the key 'Version' is repeated in one object)\n"
        "  role      arn:aws:iam::123456789012:role/Developer\n"
        "  provider  arn:aws:iam::123456789012:saml-provider/Okta\n"
        f"  response  {dict(attempt._asked)['response']}"
    )


# --- moto knows our sessions


@in_both_orders
def test_a_call_is_made_in_the_account_of_the_role(world: World) -> None:
    here, there = (world.client(one, "s3") for one in (world.enter(world.make_role()), world.enter(world.our_role())))
    here.create_bucket(Bucket="here")
    there.create_bucket(Bucket="there")
    assert (buckets(here), buckets(there)) == (["here"], ["there"])


def test_two_sessions_of_an_account_share_it(world: World) -> None:
    arn = world.make_role()
    first, second = (world.client(world.enter(arn), "s3") for _ in range(2))
    first.create_bucket(Bucket="shared")
    assert buckets(second) == ["shared"]


def test_a_client_of_another_session_of_boto3_is_known_too(world: World) -> None:
    kwargs = world.enter(world.our_role()).boto3_kwargs()
    s3 = boto3.Session(**kwargs, region_name="us-east-1").resource("s3")
    s3.create_bucket(Bucket="there")
    assert [bucket.name for bucket in s3.buckets.all()] == ["there"]


@in_both_orders
def test_other_credentials_stay_in_motos_usual_account(world: World) -> None:
    world.client(world.enter(world.our_role()), "s3").create_bucket(Bucket="there")
    assert buckets(world.client(None, "s3")) == []


@in_both_orders
def test_get_caller_identity_is_answered_by_us(world: World) -> None:
    entered = world.enter(world.make_role(Path="/team/"))
    answer = world.client(entered, "sts").get_caller_identity()
    del answer["ResponseMetadata"]
    assert answer == {
        "Account": ACCOUNT,
        "UserId": f"{entered.role.role_id}:alice@example.com",
        "Arn": "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com",
    }
    assert world.sts.attempts[-1].operation == "GetCallerIdentity"


@in_both_orders
def test_get_caller_identity_of_others_is_answered_by_moto(world: World) -> None:
    world.enter(world.make_role())
    answered = world.client(None, "sts").get_caller_identity()["Arn"]
    assert (answered, len(world.sts.attempts)) == ("arn:aws:sts::123456789012:user/moto", 1)


@in_both_orders
@pytest.mark.parametrize("target", ["moto's", "ours"])
@pytest.mark.parametrize("caller", ["moto's", "ours"])
def test_a_session_assumes_a_role(world: World, caller: str, target: str) -> None:
    if caller == "ours":
        caller_arn = world.sts.create_role("Caller", trust_policy=trusting(world.okta)).arn
    else:
        caller_arn = world.make_role(RoleName="Caller")
    trust = json.dumps({"Version": "2012-10-17", "Statement": trusting_role(caller_arn)})
    if target == "ours":
        target_arn = world.sts.create_role("Target", trust_policy=trust).arn
    else:
        target_arn = world.make_role(trust, RoleName="Target")
    first = world.enter(caller_arn)
    world.client(first, "sts").assume_role(RoleArn=target_arn, RoleSessionName="next")
    second = world.sts.sessions[-1]
    assert (second.arn, second.role.arn) == ("arn:aws:sts::123456789012:assumed-role/Target/next", target_arn)
    assert second.source_session is first
    assert world.client(second, "sts").get_caller_identity()["Arn"] == second.arn


def test_a_chained_session_calls_in_the_account_of_its_own_role(world: World) -> None:
    arn = world.make_role()
    trust = {"Version": "2012-10-17", "Statement": trusting_role(arn)}
    target = world.sts.create_role("Target", trust_policy=trust, account_id=OTHER_ACCOUNT)
    first = world.enter(arn)
    world.client(first, "sts").assume_role(RoleArn=target.arn, RoleSessionName="next")
    there = world.client(world.sts.sessions[-1], "s3")
    there.create_bucket(Bucket="there")
    assert (buckets(there), buckets(world.client(first, "s3"))) == (["there"], [])


def test_a_session_does_not_assume_a_role_of_motos_that_does_not_trust_it(world: World) -> None:
    arn = world.make_role()
    client = world.client(world.enter(arn), "sts")
    assert error_of(lambda: client.assume_role(RoleArn=arn, RoleSessionName="next")) == (
        "AccessDenied",
        403,
        (
            "User: arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com is not authorized to perform: "
            "sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Developer"
        ),
    )


@pytest.mark.parametrize("anew", [False, True], ids=["deleted", "made anew"])
def test_moto_does_not_know_a_session_whose_role_is_gone(world: World, anew: bool) -> None:
    role = world.our_role()
    s3 = world.client(world.enter(role), "s3")
    s3.create_bucket(Bucket="there")
    world.sts.delete_role(role)
    if anew:
        world.sts.create_role("Ours", trust_policy=role.trust_policy, account_id=OTHER_ACCOUNT)
    assert error_of(s3.list_buckets)[:2] == ("InvalidAccessKeyId", 403)
    assert (dict(iam_of(OTHER_ACCOUNT).access_keys), sts_of(OTHER_ACCOUNT).assumed_roles) == ({}, [])


def test_moto_knows_a_session_that_only_presigned_a_url(world: World) -> None:
    role = world.our_role()
    world.client(world.enter(role), "s3").create_bucket(Bucket="there")
    url = world.client(world.enter(role), "s3").generate_presigned_url("list_buckets")
    assert "<Name>there</Name>" in requests.get(url, timeout=1).text


def test_moto_knows_only_the_sessions_that_are_remembered(world: World, forgotten: Session) -> None:
    known = [*iam_of(OTHER_ACCOUNT).access_keys, *iam_of(ACCOUNT).access_keys]
    assert known == [session.access_key_id for session in world.sts.sessions]


def test_moto_answers_get_caller_identity_for_clients_outside_botocore(world: World) -> None:
    entered = world.enter(world.our_role())
    scope = f"{entered.access_key_id}/20300101/us-east-1/sts/aws4_request"
    answer = requests.post(
        "https://sts.us-east-1.amazonaws.com/",
        data={"Action": "GetCallerIdentity", "Version": "2011-06-15"},
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"},
        timeout=1,
    ).text
    assert dict(re.findall("<(Arn|UserId|Account)>(.*?)</", answer)) == {
        "Arn": "arn:aws:sts::111122223333:assumed-role/Ours/alice@example.com",
        "UserId": f"{entered.role.role_id}:alice@example.com",
        "Account": OTHER_ACCOUNT,
    }


def test_moto_notes_the_last_use_of_its_role(world: World) -> None:
    client = world.client(world.enter(world.make_role()), "s3")
    assert "LastUsedDate" not in world.iam.get_role(RoleName="Developer")["Role"].get("RoleLastUsed", {})
    client.list_buckets()
    assert "LastUsedDate" in world.iam.get_role(RoleName="Developer")["Role"]["RoleLastUsed"]


def test_moto_does_not_know_a_session_that_has_ended(world: World) -> None:
    s3 = world.client(world.enter(world.our_role()), "s3")
    s3.create_bucket(Bucket="there")
    world.sts.advance(hours=1)
    assert error_of(s3.list_buckets)[:2] == ("ExpiredToken", 400)
    assert (dict(iam_of(OTHER_ACCOUNT).access_keys), sts_of(OTHER_ACCOUNT).assumed_roles) == ({}, [])


@pytest.fixture
def forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session of another account, and after it as many as a backend remembers, which is three here."""
    monkeypatch.setattr(memory, "MOST_SESSIONS", 3)
    monkeypatch.setattr(moto_bridge, "MOST_SESSIONS", 3)
    role = world.our_role()
    old = world.enter(role)
    trust = {"Version": "2012-10-17", "Statement": trusting_role(role.arn)}
    target = world.sts.create_role("Target", trust_policy=trust)
    client = world.client(old, "sts")
    for _ in range(3):
        client.assume_role(RoleArn=target.arn, RoleSessionName="next")
    assert (len(world.sts.sessions), old in world.sts.sessions) == (3, False)
    return old


def test_a_forgotten_session_is_published_again_when_it_is_used(world: World, forgotten: Session) -> None:
    s3 = world.client(forgotten, "s3")
    s3.create_bucket(Bucket="there")
    assert (buckets(s3), buckets(world.client(None, "s3"))) == (["there"], [])


def test_a_forgotten_session_is_not_published_with_another_token(world: World, forgotten: Session) -> None:
    world.client(forgotten, "s3").create_bucket(Bucket="there")
    mock_aws().reset()
    s3 = world.client(forgotten, "s3", aws_session_token="wrong")
    assert error_of(s3.list_buckets)[0] == "InvalidToken"
    assert dict(iam_of(OTHER_ACCOUNT).access_keys) == {}


# --- moto's enforcement of IAM's policies


def enforced(call: Callable[[], T]) -> T:
    """Return what a call returns while moto checks signatures and permissions."""

    @set_initial_no_auth_action_count(0)
    def within() -> T:
        return call()

    return within()


def allowing(*actions: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": list(actions), "Resource": "*"}]}


LISTING = allowing("s3:ListAllMyBuckets")


def as_a_dict(world: World) -> Any:
    return LISTING


def as_text(world: World) -> Any:
    return json.dumps(LISTING)


def as_a_policy_of_ours(world: World) -> Any:
    return world.sts.create_policy("Listing", LISTING)


def as_a_policy_of_motos(world: World) -> Any:
    return world.iam.create_policy(PolicyName="Listing", PolicyDocument=json.dumps(LISTING))["Policy"]["Arn"]


@in_both_orders
@pytest.mark.parametrize(
    "policy", [as_a_dict, as_text, as_a_policy_of_ours, as_a_policy_of_motos], ids=lambda policy: policy.__name__
)
def test_a_role_of_ours_has_the_permissions_of_its_policies(world: World, policy: Do) -> None:
    s3 = world.client(world.enter(world.our_role(account_id=ACCOUNT, policies=[policy(world)])), "s3")
    assert enforced(lambda: buckets(s3)) == []
    assert enforced(lambda: error_of(lambda: s3.create_bucket(Bucket="there"))) == MOTO_S3_DENIED


def test_a_role_of_ours_has_the_permissions_of_all_its_policies(world: World) -> None:
    s3 = world.client(world.enter(world.our_role(policies=[LISTING, allowing("s3:CreateBucket")])), "s3")
    enforced(lambda: s3.create_bucket(Bucket="there"))
    assert enforced(lambda: buckets(s3)) == ["there"]


def test_a_denial_in_one_policy_of_our_role_wins(world: World) -> None:
    denying = allowing("s3:ListAllMyBuckets", effect="Deny")
    s3 = world.client(world.enter(world.our_role(policies=[ANYTHING, denying])), "s3")
    assert enforced(lambda: error_of(s3.list_buckets)) == MOTO_S3_DENIED


def test_a_role_of_ours_without_policies_has_no_permissions(world: World) -> None:
    iam = world.client(world.enter(world.our_role()), "iam")
    assert enforced(lambda: error_of(iam.list_roles)) == (
        "AccessDenied",
        403,
        (
            "User: arn:aws:sts::111122223333:assumed-role/Ours/alice@example.com is not authorized to perform: "
            "iam:ListRoles"
        ),
    )


def test_a_role_of_ours_without_policies_may_do_anything_if_moto_does_not_enforce(world: World) -> None:
    assert world.client(world.enter(world.our_role()), "iam").list_roles()["Roles"] == []


READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "not loaded"])
def test_policies_of_aws_give_permissions_if_moto_loads_them(world_of: WorldOf, *, loaded: bool) -> None:
    with mock_aws(config={"iam": {"load_aws_managed_policies": loaded}}), mock_sts_saml() as sts:
        world = world_of(sts)
        s3 = world.client(world.enter(world.our_role(policies=[READ_ONLY])), "s3")
        if loaded:
            assert enforced(lambda: buckets(s3)) == []
        else:
            assert enforced(lambda: error_of(s3.list_buckets)) == MOTO_S3_DENIED
        assert enforced(lambda: error_of(lambda: s3.create_bucket(Bucket="there"))) == MOTO_S3_DENIED


def put(iam: Any) -> None:
    iam.put_role_policy(RoleName="Developer", PolicyName="Listing", PolicyDocument=json.dumps(LISTING))


def attach(iam: Any) -> None:
    arn = iam.create_policy(PolicyName="Listing", PolicyDocument=json.dumps(LISTING))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="Developer", PolicyArn=arn)


@in_both_orders
@pytest.mark.parametrize("give", [put, attach], ids=["inline", "managed"])
def test_a_role_of_motos_has_the_permissions_that_moto_gives_it(world: World, give: Callable[[Any], None]) -> None:
    s3 = world.client(world.enter(world.make_role(Path="/team/")), "s3")
    assert enforced(lambda: error_of(s3.list_buckets)) == MOTO_S3_DENIED
    give(world.iam)
    assert enforced(lambda: buckets(s3)) == []
    assert enforced(lambda: error_of(lambda: s3.create_bucket(Bucket="there"))) == MOTO_S3_DENIED


def test_moto_enforces_in_the_partition_of_the_role(world: World) -> None:
    entered = world.enter(*made_in("cn-north-1", world), region="cn-north-1")
    iam, s3 = (world.client(entered, service, region_name="cn-north-1") for service in ("iam", "s3"))
    policy = json.dumps(allowing("s3:ListAllMyBuckets"))
    iam.put_role_policy(RoleName="Developer", PolicyName="Listing", PolicyDocument=policy)
    assert enforced(lambda: buckets(s3)) == []
    assert enforced(lambda: error_of(iam.list_roles))[2] == (
        "User: arn:aws-cn:sts::123456789012:assumed-role/Developer/alice@example.com is not authorized to perform: "
        "iam:ListRoles"
    )


def test_a_refusal_by_moto_names_the_session_of_its_role(world: World) -> None:
    iam = world.client(world.enter(world.make_role(Path="/team/")), "iam")
    assert enforced(lambda: error_of(iam.list_roles)) == (
        "AccessDenied",
        403,
        (
            "User: arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com is not authorized to perform: "
            "iam:ListRoles"
        ),
    )


def test_the_policies_of_our_role_come_before_those_of_motos_role(world: World) -> None:
    arn = world.make_role()
    world.iam.put_role_policy(
        RoleName="Developer", PolicyName="Creating", PolicyDocument=json.dumps(allowing("s3:Create*"))
    )
    world.sts.create_role("Developer", trust_policy=trusting(world.okta), policies=[LISTING])
    s3 = world.client(world.enter(arn), "s3")
    assert enforced(lambda: buckets(s3)) == []
    assert enforced(lambda: error_of(lambda: s3.create_bucket(Bucket="there"))) == MOTO_S3_DENIED


def test_an_old_session_does_not_have_the_permissions_of_a_role_created_again(world: World) -> None:
    s3 = world.client(world.enter(world.make_role()), "s3")
    world.iam.delete_role(RoleName="Developer")
    world.make_role()
    put(world.iam)
    assert enforced(lambda: error_of(s3.list_buckets))[:2] == ("InvalidAccessKeyId", 403)


def test_a_chained_session_has_the_permissions_of_its_own_role(world: World) -> None:
    arn = world.make_role()
    target_trust = {"Version": "2012-10-17", "Statement": [trusting_role(arn)]}
    target = world.sts.create_role("Target", trust_policy=target_trust, policies=[LISTING])
    first = world.enter(arn)
    world.client(first, "sts").assume_role(RoleArn=target.arn, RoleSessionName="next")
    assert enforced(lambda: buckets(world.client(world.sts.sessions[-1], "s3"))) == []
    assert enforced(lambda: error_of(world.client(first, "s3").list_buckets)) == MOTO_S3_DENIED


def test_a_session_issued_after_the_mock_is_not_published(world_of: WorldOf) -> None:
    with mock_aws():
        with mock_sts_saml() as sts:
            world = world_of(sts)
            role = world.our_role()
            provider_arn = f"arn:aws:iam::{OTHER_ACCOUNT}:saml-provider/ExampleIdP"
            form = {"RoleArn": role.arn, "PrincipalArn": provider_arn}
            form["SAMLAssertion"] = str(world.idp.response((role, provider_arn)))
        assert sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **form}))[0] == 200
        assert access_control.create_access_key is ORIGINAL
        assert dict(iam_of(OTHER_ACCOUNT).access_keys) == {}


@forking
def test_a_forked_child_publishes_sessions_of_its_own(world: World) -> None:
    # No thread works meanwhile: moto has a lock that a child would find taken.
    role = world.our_role()
    entered = world.enter(role)

    def child() -> list[str]:
        world.client(entered, "s3").create_bucket(Bucket="there")
        return buckets(world.client(world.enter(role), "s3"))

    assert in_a_child(child) == ["there"]
    assert buckets(world.client(entered, "s3")) == []


def test_many_threads_that_publish_replace_the_function_of_moto_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = world.enter(world.our_role())
    met = threading.Barrier(8)

    class Control(types.SimpleNamespace):
        """Stands in for the module. It hands its function to 8 threads at once if all of them ask for it."""

        @property
        def create_access_key(self) -> Any:
            with contextlib.suppress(threading.BrokenBarrierError):
                met.wait(timeout=0.1)
            return self.current

        @create_access_key.setter
        def create_access_key(self, function: Any) -> None:
            self.current = function

    control = Control(current=ORIGINAL, IAMRequestBase=types.SimpleNamespace(check_action_permitted=None))
    monkeypatch.setattr("moto.iam.access_control", control)
    published = PublishedSessions(lambda _: None)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(published.publish, [entered] * 8))
    assert control.current is not ORIGINAL
    published.withdraw_all()
    assert control.current is ORIGINAL


def test_a_session_that_is_published_after_the_end_is_not_known_to_moto(world: World) -> None:
    entered = world.enter(world.our_role())
    late = dataclasses.replace(entered, access_key_id="ASIALATE")
    published = PublishedSessions(lambda _: None)
    published.withdraw_all()
    published.publish(late)
    assert late.access_key_id not in iam_of(late.account_id).access_keys


BAD_SECRET = "The request signature we calculated does not match the signature you provided. "
WRONG: dict[str, tuple[dict[str, Any], Refusal, Refusal]] = {
    "secret": (
        {"aws_secret_access_key": "wrong"},
        ("SignatureDoesNotMatch", 403, BAD_SECRET + "Check your key and signing method."),
        (
            "SignatureDoesNotMatch",
            403,
            BAD_SECRET
            + "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        ),
    ),
    "token": (
        {"aws_session_token": "wrong"},
        ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        FORGOTTEN,
    ),
    "token left out": (
        {"aws_session_token": None},
        ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
        FORGOTTEN,
    ),
}


@in_both_orders
@pytest.mark.parametrize(("changed", "of_s3", "of_iam"), WRONG.values(), ids=WRONG)
def test_moto_checks_the_credentials_of_a_role_of_ours(
    world: World, changed: Mapping[str, Any], of_s3: Refusal, of_iam: Refusal
) -> None:
    entered = world.enter(world.our_role(policies=[ANYTHING]))
    s3, iam = (world.client(entered, service, **changed) for service in ("s3", "iam"))
    assert enforced(lambda: error_of(s3.list_buckets)) == of_s3
    assert enforced(lambda: error_of(iam.list_roles)) == of_iam


@pytest.mark.parametrize("name", ["secret", "token"])
def test_moto_checks_the_credentials_of_a_role_of_its_own(world: World, name: str) -> None:
    changed, of_s3, _ = WRONG[name]
    entered = world.enter(world.make_role())
    put(world.iam)
    assert enforced(lambda: buckets(world.client(entered, "s3"))) == []
    assert enforced(lambda: error_of(world.client(entered, "s3", **changed).list_buckets)) == of_s3


def test_the_token_of_another_session_is_wrong(world: World) -> None:
    role = world.our_role(policies=[ANYTHING])
    first, second = world.enter(role), world.enter(role)
    s3 = world.client(first, "s3", aws_session_token=second.session_token)
    assert enforced(lambda: error_of(s3.list_buckets))[0] == "InvalidToken"


def test_moto_checks_the_token_of_a_client_outside_botocore(world: World) -> None:
    entered = world.enter(world.our_role(policies=[ANYTHING]))
    request = AWSRequest("GET", "https://s3.amazonaws.com/", {"Host": "s3.amazonaws.com"})
    wrong = Credentials(entered.access_key_id, entered.secret_access_key, "wrong")
    S3SigV4Auth(wrong, "s3", "us-east-1").add_auth(request)
    answer = enforced(lambda: requests.get(request.url, headers=dict(request.headers), timeout=1))
    assert "<Code>InvalidToken</Code>" in answer.text


def test_moto_still_enforces_the_policies_of_its_users(world: World) -> None:
    world.iam.create_user(UserName="alice")
    world.iam.put_user_policy(UserName="alice", PolicyName="Listing", PolicyDocument=json.dumps(LISTING))
    key = world.iam.create_access_key(UserName="alice")["AccessKey"]
    world.client(world.enter(world.our_role()), "s3").list_buckets()
    s3 = world.session.client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert enforced(lambda: buckets(s3)) == []
    assert enforced(lambda: error_of(lambda: s3.create_bucket(Bucket="here"))) == MOTO_S3_DENIED


# --- when moto or we begin anew


def by_a_method() -> None:
    mock_aws().reset()


def by_its_api() -> None:
    requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=1)


@in_both_orders
@pytest.mark.parametrize("reset", [by_a_method, by_its_api], ids=lambda reset: reset.__name__)
def test_a_session_is_published_again_after_a_reset_of_moto(world: World, reset: Callable[[], None]) -> None:
    s3 = world.client(world.enter(world.our_role(policies=[ANYTHING])), "s3")
    s3.create_bucket(Bucket="there")
    reset()
    assert buckets(s3) == []
    s3.create_bucket(Bucket="again")
    assert (enforced(lambda: buckets(s3)), list(iam_of(OTHER_ACCOUNT).access_keys)) == (
        ["again"],
        [sole(sts_of(OTHER_ACCOUNT).assumed_roles).access_key_id],
    )


def test_a_session_of_a_role_of_motos_ends_with_a_reset(world: World) -> None:
    client = world.client(world.enter(world.make_role()), "sts")
    mock_aws().reset()
    assert error_of(client.get_caller_identity) == FORGOTTEN


def test_a_session_outlives_motos_mock(world_of: WorldOf) -> None:
    with mock_sts_saml() as sts:
        world = world_of(sts)
        entered = world.enter(world.our_role(policies=[ANYTHING]))
        s3 = world.client(entered, "s3")
        with mock_aws():
            s3.create_bucket(Bucket="first")
        assert world.client(entered, "sts").get_caller_identity()["Arn"] == entered.arn
        with mock_aws():
            s3.create_bucket(Bucket="second")
            assert enforced(lambda: buckets(s3)) == ["second"]
            assert buckets(world.client(None, "s3")) == []


def test_motos_roles_end_with_its_mock(world_of: WorldOf) -> None:
    with mock_sts_saml() as sts:
        world = world_of(sts)
        with mock_aws():
            arn = world.make_role()
            assert world.enter(arn).role.arn == arn
        assert no_provider(world.refused(arn))


def with_a_bucket(world: World, bucket: str = "there") -> Session:
    """Return a session in another account, after a bucket was created with its credentials."""
    entered = world.enter(world.our_role())
    world.client(entered, "s3").create_bucket(Bucket=bucket)
    return entered


def test_moto_forgets_our_sessions_with_our_mock(world_of: WorldOf) -> None:
    with mock_aws():
        with mock_sts_saml() as sts:
            world = world_of(sts)
            s3 = world.client(with_a_bucket(world), "s3")
            assert buckets(s3) == ["there"]
        assert buckets(s3) == []  # moto's usual account is that of an unknown access key
        assert enforced(lambda: error_of(s3.list_buckets))[0] == "InvalidAccessKeyId"
        assert (dict(iam_of(OTHER_ACCOUNT).access_keys), list(sts_of(OTHER_ACCOUNT).assumed_roles)) == ({}, [])


def test_moto_forgets_our_sessions_of_every_partition(world_of: WorldOf) -> None:
    with mock_aws():
        with mock_sts_saml() as sts:
            world = world_of(sts)
            entered = world.enter(*made_in("cn-north-1", world), region="cn-north-1")
            world.client(entered, "s3", region_name="cn-north-1").list_buckets()
            assert list(iam_of(ACCOUNT, "aws-cn").access_keys) == [entered.access_key_id]
        assert dict(iam_of(ACCOUNT, "aws-cn").access_keys) == {}
        assert list(sts_of(ACCOUNT, "aws-cn").assumed_roles) == []


def test_moto_keeps_the_sessions_that_it_issued_itself(world_of: WorldOf, monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        with mock_sts_saml() as sts:
            world = world_of(sts)
            with_a_bucket(world)
            motos = with_a_role_that_moto_assumes(world.session, monkeypatch)
        kept = sole(sts_of(OTHER_ACCOUNT).assumed_roles)
        assert (kept.session_name, list(iam_of(OTHER_ACCOUNT).access_keys)) == ("setup", [kept.access_key_id])
        motos.create_role(RoleName="There", AssumeRolePolicyDocument="{}")
        assert world.iam.list_roles()["Roles"] == []


def test_motos_function_is_replaced_from_the_first_session_to_the_end_of_the_mock(world_of: WorldOf) -> None:
    with mock_aws():
        with mock_sts_saml() as sts:
            assert access_control.create_access_key is ORIGINAL
            with_a_bucket(world_of(sts))
            assert access_control.create_access_key is not ORIGINAL
        assert access_control.create_access_key is ORIGINAL


def test_motos_function_is_restored_if_motos_mock_ends_first(world_of: WorldOf) -> None:
    with mock_sts_saml() as sts:
        with mock_aws():
            with_a_bucket(world_of(sts))
        assert access_control.create_access_key is not ORIGINAL
    assert access_control.create_access_key is ORIGINAL


def test_a_mock_that_is_entered_again_publishes_again(world_of: WorldOf) -> None:
    with mock_aws():
        for bucket in ("first", "second"):
            with mock_sts_saml() as sts:
                world = world_of(sts)
                assert bucket in buckets(world.client(with_a_bucket(world, bucket), "s3"))
        assert access_control.create_access_key is ORIGINAL


def test_moto_knows_our_sessions_until_our_last_entry_ends(world_of: WorldOf) -> None:
    with mock_aws(), mock_sts_saml():
        with mock_sts_saml() as sts:
            world = world_of(sts)
            entered = with_a_bucket(world)
        assert list(iam_of(OTHER_ACCOUNT).access_keys) == [entered.access_key_id]
        assert buckets(world.client(entered, "s3")) == ["there"]


def test_moto_knows_our_sessions_until_its_own_last_entry_ends(world_of: WorldOf) -> None:
    with mock_sts_saml() as sts, mock_aws():
        world = world_of(sts)
        with mock_aws():
            entered = with_a_bucket(world)
        assert list(iam_of(OTHER_ACCOUNT).access_keys) == [entered.access_key_id]
        assert buckets(world.client(entered, "s3")) == ["there"]


def test_a_session_is_published_to_a_moto_mock_that_begins_later(world_of: WorldOf) -> None:
    with mock_sts_saml() as sts:
        world = world_of(sts)
        entered = world.enter(world.our_role())
        with mock_aws():
            s3 = world.client(entered, "s3")
            s3.create_bucket(Bucket="there")
            assert (buckets(s3), buckets(world.client(None, "s3"))) == (["there"], [])


# --- every form


class OneWorld:
    """A test for both mocks: a role of moto's is assumed, and its session has a bucket in its account."""

    def __init__(self, key: SigningKey) -> None:
        self.idp, self.done = IdentityProvider(signing_key=key), 0

    def __call__(self) -> None:
        world = World(active_backend(), boto3.Session(region_name="us-east-1"), self.idp)
        world.iam.meta.events.register("before-sign.iam", to_the_other_account)  # the session is its own
        there = world.client(world.enter(world.make_role()), "s3")
        there.create_bucket(Bucket="there")
        assert (buckets(there), buckets(world.client(None, "s3"))) == (["there"], [])
        self.done += 1


def as_decorators(test: Callable[[], None]) -> None:
    @mock_sts_saml
    @mock_aws
    def run() -> None:
        test()

    run()


def as_decorators_the_other_way(test: Callable[[], None]) -> None:
    @mock_aws
    @mock_sts_saml
    def run() -> None:
        test()

    run()


def as_decorators_with_options(test: Callable[[], None]) -> None:
    @mock_aws(config={"core": {"mock_credentials": False}})
    @mock_sts_saml(account_id="444455556666", now="2030-01-01")
    def run() -> None:
        test()

    run()


def as_decorators_of_a_class(test: Callable[[], None]) -> None:
    @mock_sts_saml
    @mock_aws
    class Case(unittest.TestCase):
        def test_it(self) -> None:
            test()

    passes(Case)


def as_decorators_of_a_class_the_other_way(test: Callable[[], None]) -> None:
    @mock_aws
    @mock_sts_saml
    class Case(unittest.TestCase):
        def test_it(self) -> None:
            test()

    passes(Case)
    assert "AWS_ACCESS_KEY_ID" not in os.environ  # moto leaves it behind where it takes `run` for a test


def as_decorators_of_a_class_with_a_set_up(test: Callable[[], None]) -> None:
    @mock_sts_saml
    @mock_aws
    class Case(unittest.TestCase):
        def setUp(self) -> None:
            test()

        def test_it(self) -> None:
            [entered] = active_backend().sessions
            s3 = boto3.Session(**entered.boto3_kwargs(), region_name="us-east-1").client("s3")
            assert buckets(s3) == ["there"]

    passes(Case)


def passes(case: type[unittest.TestCase]) -> None:
    result = unittest.TestResult()
    case("test_it").run(result)
    assert (result.errors, result.failures, result.testsRun) == ([], [], 1)


def started_and_stopped_crosswise(test: Callable[[], None]) -> None:
    moto, ours = mock_aws(), mock_sts_saml()
    moto.start()
    ours.start()
    test()
    moto.stop()
    ours.stop()


async def asynchronous(test: Callable[[], None]) -> None:
    with mock_aws():
        async with mock_sts_saml():
            test()


@pytest.mark.parametrize(
    "form",
    [
        as_decorators,
        as_decorators_the_other_way,
        as_decorators_with_options,
        as_decorators_of_a_class,
        as_decorators_of_a_class_the_other_way,
        as_decorators_of_a_class_with_a_set_up,
        started_and_stopped_crosswise,
        pytest.param(lambda test: asyncio.run(asynchronous(test)), id="asynchronous"),
    ],
    ids=lambda form: form.__name__,
)
def test_both_mocks_share_roles_and_sessions_in_every_form(
    saml_signing_key: SigningKey, form: Callable[[Callable[[], None]], None]
) -> None:
    test = OneWorld(saml_signing_key)
    form(test)
    assert test.done == 1
    assert access_control.create_access_key is ORIGINAL


# --- without moto


CALLS = """
import io, sys
sys.modules.update({absent})
import boto3
from botocore.awsrequest import AWSResponse
from pytest_stssaml import IdentityProvider, make_signing_key, mock_sts_saml

class Body(io.BytesIO):
    def stream(self, **_):
        yield self.read()

def answered(request, **_):
    return AWSResponse(request.url, 200, {{}}, Body(b"<ListAllMyBucketsResult/>"))

def modules_after_calls():
    with mock_sts_saml() as sts:
        idp = IdentityProvider(signing_key=make_signing_key("ec"))
        provider, role = sts.create_saml_provider("ExampleIdP", idp), sts.create_role("Developer")
        boto3.client("sts", region_name="us-east-1").assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
        )
        session = boto3.Session(**sts.sessions[-1].boto3_kwargs(), region_name="us-east-1")
        assert session.client("sts").get_caller_identity()["Arn"] == sts.sessions[-1].arn
        s3 = session.client("s3")
        s3.meta.events.register("before-send.s3", answered)
        s3.list_buckets()
    print(*sorted(name for name, module in sys.modules.items() if name.startswith("moto") and module is not None))
"""


def modules_of_moto(calls: str, **absent: None) -> list[list[str]]:
    """Return the modules of moto that a process has loaded after each login and the calls of its session."""
    command = [sys.executable, "-W", "error", "-c", CALLS.format(absent=absent) + calls]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    assert finished.stderr == ""
    return [line.split() for line in finished.stdout.splitlines()]


def test_without_moto_calls_are_answered() -> None:
    assert modules_of_moto("modules_after_calls()", moto=None) == [[]]


def test_while_the_mock_of_moto_is_not_active_nothing_of_moto_is_imported() -> None:
    calls = "modules_after_calls()\nfrom moto import mock_aws\nmodules_after_calls()"
    before, after = modules_of_moto(calls)
    assert before == []
    assert "moto.core.models" in after
    assert [name for name in after if name.startswith(("moto.iam", "moto.sts"))] == []


# --- moto's private names, and the shapes of its older versions


class Made:
    """The objects that moto keeps for a role, a provider, a policy and a session."""

    def __init__(self, session: boto3.Session) -> None:
        iam = session.client("iam", **TESTING)
        self.metadata = "<example/>" + " " * 1000
        self.trust_policy = trusting("arn:aws:iam::123456789012:saml-provider/Okta")
        iam.create_saml_provider(Name="Okta", SAMLMetadataDocument=self.metadata)
        iam.create_role(
            RoleName="Developer",
            AssumeRolePolicyDocument=self.trust_policy,
            MaxSessionDuration=7200,
            Tags=[{"Key": "team", "Value": "blue"}],
        )
        iam.create_policy(PolicyName="Anything", PolicyDocument=ANYTHING)
        sts = session.client("sts", **TESTING)
        self.issued = sts.assume_role(RoleArn=ROLE_ARN, RoleSessionName="next")["Credentials"]
        self.key = self.issued["AccessKeyId"]
        # What moto asks about who signed a request, and what its failure does.
        self.asked: dict[str, Any] = {}
        s3 = session.client("s3", **TESTING, aws_session_token="token")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(access_control, "create_access_key", self.record)
            self.refusal = enforced(lambda: error_of(s3.list_buckets))
            # The request that moto checks, and for which resource.
            self.checked: tuple[Any, ...] = ()
            caller = types.SimpleNamespace(create_credentials=lambda: Credentials(*TESTING.values()))
            patch.setattr(access_control, "create_access_key", lambda **_: caller)

            def check(request: Any, resource: str) -> None:
                self.checked = request, resource

            patch.setattr(access_control.IAMRequestBase, "check_action_permitted", check)
            user = session.client("s3", **TESTING)
            enforced(user.list_buckets)

    def record(self, *positional: Any, **named: Any) -> Any:
        self.asked = {"positional": positional, **named}
        raise access_control.CreateAccessKeyFailure(reason="InvalidToken")

    @property
    def role(self) -> Any:
        return sole(iam_of(ACCOUNT).get_roles())

    @property
    def provider(self) -> Any:
        return sole(iam_of(ACCOUNT).list_saml_providers())

    @property
    def access_key(self) -> Any:
        return iam_of(ACCOUNT).access_keys[self.key]

    @property
    def assumed_role(self) -> Any:
        return sole(sts_of(ACCOUNT).assumed_roles)


ROLE_ARN = "arn:aws:iam::123456789012:role/Developer"

PRIVATE: dict[str, Callable[[Made], object]] = {
    "moto.core.models.botocore_stubber.enabled": lambda _: botocore_stubber.enabled is True,
    "moto.iam.models.iam_backends[account][partition, or global]": lambda _: iam_of(ACCOUNT),
    "IAM.get_roles()": lambda made: made.role.arn == ROLE_ARN,
    "Role.name": lambda made: made.role.name == "Developer",
    "Role.id": lambda made: made.role.id.startswith("AROA"),
    "Role.path": lambda made: made.role.path == "/",
    "Role.max_session_duration": lambda made: int(made.role.max_session_duration) == 7200,
    "Role.tags": lambda made: role_of_moto(ROLE_ARN).tags == {"team": "blue"},
    "Role.assume_role_policy_document": lambda made: made.role.assume_role_policy_document == made.trust_policy,
    "IAM.list_saml_providers()": lambda made: made.provider.arn == "arn:aws:iam::123456789012:saml-provider/Okta",
    "SAMLProvider.name": lambda made: made.provider.name == "Okta",
    "SAMLProvider.saml_metadata_document": lambda made: made.provider.saml_metadata_document == made.metadata,
    "IAM.managed_policies": lambda _: "arn:aws:iam::123456789012:policy/Anything" in iam_of(ACCOUNT).managed_policies,
    "IAM.access_keys": lambda made: made.access_key.access_key_id == made.key,
    "AccessKey.role_arn": lambda made: made.access_key.role_arn == ROLE_ARN,
    "moto.sts.models.sts_backends[account][partition, or global]": lambda _: sts_of(ACCOUNT),
    "STS.assumed_roles": lambda _: isinstance(sts_of(ACCOUNT).assumed_roles, list),
    "AssumedRole.access_key_id": lambda made: made.assumed_role.access_key_id == made.key,
    "AssumedRole.secret_access_key": lambda made: made.assumed_role.secret_access_key == made.issued["SecretAccessKey"],
    "AssumedRole.session_token": lambda made: made.assumed_role.session_token == made.issued["SessionToken"],
    "AssumedRole.role_arn": lambda made: made.assumed_role.role_arn == ROLE_ARN,
    "AssumedRole.session_name": lambda made: made.assumed_role.session_name == "next",
    "AssumedRole.user_id": lambda made: made.assumed_role.user_id == f"{made.role.id}:next",
    "AssumedRole.arn": lambda made: made.assumed_role.arn == "arn:aws:sts::123456789012:assumed-role/Developer/next",
    "moto.iam.access_control.create_access_key": lambda made: made.asked["positional"] == (),
    "its argument access_key_id": lambda made: made.asked["access_key_id"] == TESTING["aws_access_key_id"],
    "its argument headers": lambda made: made.asked["headers"]["X-Amz-Security-Token"] == "token",
    "moto.iam.access_control.IAMRequestBase.check_action_permitted(resource)": lambda made: (
        made.checked[1] == "arn:aws:s3:::*"
    ),
    "IAMRequestBase._action": lambda made: made.checked[0]._action == "s3:ListAllMyBuckets",
    "IAMRequestBase._service": lambda made: made.checked[0]._service == "s3",
    "IAMRequestBase._method": lambda made: made.checked[0]._method == "GET",
    "IAMRequestBase._headers": lambda made: "Credential=" in made.checked[0]._headers["Authorization"],
    "moto.core.exceptions.JsonRESTError": lambda _: JsonRESTError("Code", "message").get_headers(),
    "moto.iam.access_control.CreateAccessKeyFailure": lambda made: made.refusal[0] == "InvalidToken",
    "moto.iam.access_control.Credentials": lambda _: access_control.Credentials("key", "secret", "token").token,
}


def holds(probe: Callable[[Made], object], made: Made) -> bool:
    try:
        return bool(probe(made))
    except Exception:  # noqa: BLE001 - what moto has instead is none of what we use
        return False


def test_moto_has_the_private_names_that_are_used(session: boto3.Session) -> None:
    with mock_aws():
        made = Made(session)
        changed = [name for name, probe in PRIVATE.items() if not holds(probe, made)]
    assert changed == [], (
        f"moto {version('moto')} lacks what pytest_stssaml/adapters/moto_bridge.py uses; see its core/models.py, "
        "iam/models.py, iam/access_control.py and sts/models.py, and let the older versions go on to work"
    )


def test_every_name_that_is_imported_from_moto_is_listed() -> None:
    imported = {
        f"{node.module}.{alias.name}"
        for module in (moto_bridge, moto_limits)
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and not node.level and str(node.module).startswith("moto")
        for alias in node.names
    }
    assert imported
    assert [name for name in imported if not any(known.startswith(name) for known in PRIVATE)] == []


def test_published_objects_have_the_attributes_of_motos_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a new version of moto may read an attribute that ours do not have."""
    entered = world.enter(world.our_role())
    assert sole(sts_of(OTHER_ACCOUNT).assumed_roles).expiration == entered.expiration.replace(tzinfo=None)
    with_a_role_that_moto_assumes(world.session, monkeypatch)
    for things, unread in (
        (iam_of(OTHER_ACCOUNT).access_keys.values(), set()),
        (sts_of(OTHER_ACCOUNT).assumed_roles, {"access_key", "region_name"}),
    ):
        ours, motos = things
        assert vars(motos).keys() - set(dir(ours)) <= unread


def test_a_provider_of_motos_has_a_uuid_of_its_own(world: World) -> None:
    other = world.iam.create_saml_provider(Name="Entra", SAMLMetadataDocument=world.idp.metadata)["SAMLProviderArn"]
    first, again, second = (MotoIAM().saml_provider(arn) for arn in (world.okta, world.okta, other))
    assert first is not None
    assert again is not None
    assert second is not None
    assert re.fullmatch("SAMLSP[A-Z2-7]{16}", first.uuid)
    assert first.uuid == again.uuid != second.uuid


def role_of_moto(arn: str) -> Role:
    """Return a role as the bridge reads it."""
    role = MotoIAM().role(arn)
    assert role is not None
    return role


@pytest.mark.parametrize("partition", ["aws", "global"], ids=["of the partition", "of all, in older versions"])
def test_iam_is_found_by_its_partition(world: World, monkeypatch: pytest.MonkeyPatch, partition: str) -> None:
    arn = world.make_role()
    monkeypatch.setattr("moto.iam.models.iam_backends", {ACCOUNT: {partition: iam_of(ACCOUNT), "aws-cn": None}})
    assert role_of_moto(arn).arn == arn


@pytest.mark.parametrize(
    ("tags", "read"),
    [
        pytest.param([{"Key": "Team", "Value": "blue"}], {"Team": "blue"}, id="list"),
        pytest.param({"team": {"Key": "Team", "Value": "blue"}}, {"Team": "blue"}, id="dictionary, in older versions"),
        pytest.param([], {}, id="none"),
        pytest.param({}, {}, id="none, in older versions"),
        pytest.param(None, {}, id="left out"),
    ],
)
def test_tags_are_read(world: World, tags: Any, read: Mapping[str, str]) -> None:
    arn = world.make_role()
    sole(iam_of(ACCOUNT).get_roles()).tags = tags
    assert role_of_moto(arn).tags == read


def test_a_trust_policy_may_be_a_dictionary(world: World) -> None:
    arn = world.make_role()
    # As CloudFormation leaves it in older versions of moto, with a date where YAML reads one.
    document = json.loads(trusting(world.okta)) | {"Version": dt.date(2012, 10, 17)}
    sole(iam_of(ACCOUNT).get_roles()).assume_role_policy_document = document
    assert world.enter(arn).role.trust_policy == json.loads(trusting(world.okta))


def test_a_provider_may_have_no_metadata(world: World) -> None:
    arn = world.make_role()
    sole(iam_of(ACCOUNT).list_saml_providers()).saml_metadata_document = None
    assert world.refused(arn)[0] == "InvalidIdentityToken"
    assert world.sts.attempts[-1].because.startswith(
        "moto took metadata that IAM would refuse: the metadata is not XML: "
    )


def test_a_max_session_duration_may_be_a_string(world: World) -> None:
    arn = world.make_role()
    sole(iam_of(ACCOUNT).get_roles()).max_session_duration = "7200"
    assert world.enter(arn, DurationSeconds=7200).role.arn == arn
    assert world.refused(arn, DurationSeconds=7201) == TOO_LONG
