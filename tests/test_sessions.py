"""What issued credentials can do after a login, tested with real clients."""

import copy
import datetime as dt
import functools
import json
import pickle
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import boto3
import botocore.session
import pytest
import time_machine
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError
from forks import forking, in_a_child
from wire import Token, request_of, shared_session

from pytest_stssaml import (
    IdentityProvider,
    Role,
    Session,
    STSBackend,
    mock_sts_saml,
)
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import Partition
from pytest_stssaml.sts.sessions import memory

NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TICK = dt.timedelta(microseconds=1)

ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT = "123456789012", "111122223333", "444455556666"
REGIONS = {"aws": "eu-west-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

DEVELOPER = "arn:aws:iam::123456789012:role/Developer"
DEPLOYER = "arn:aws:iam::123456789012:role/Deployer"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
ALICE = "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"
DEPLOYING = "arn:aws:sts::123456789012:assumed-role/Deployer/deploy"

INVALID = ("InvalidClientTokenId", 403, "The security token included in the request is invalid.")
EXPIRED = ("ExpiredToken", 403, "The security token included in the request is expired")
SIGNATURE = (
    "SignatureDoesNotMatch",
    403,
    (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details."
    ),
)

ACTIONS = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
LOGIN_ACTIONS = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]

POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}'
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"

Enter = Callable[..., Session]


def trusting(*principals: str, actions: Any = "sts:AssumeRole", **statement: Any) -> dict[str, Any]:
    """Return a trust policy of one statement for AWS principals."""
    said = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": actions, **statement}
    return {"Version": "2012-10-17", "Statement": [said]}


@pytest.fixture
def enter(sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Enter:
    """Log in and get the session: `enter(role, name_id="bob@example.com")`. The default role is Developer."""

    def login(role: Role | None = None, **said: Any) -> Session:
        if role is None:
            role = sts.create_role("Developer", trust_policy=idp.provider.trust_policy(actions=LOGIN_ACTIONS))
        log_in(idp.response(role, **said), role, idp.provider)
        return sts.sessions[-1]

    return login


@pytest.fixture
def session(enter: Enter) -> Session:
    """Alice's session of the role Developer."""
    return enter()


@pytest.fixture
def deployer(sts: STSBackend) -> Role:
    """The role that sessions of Developer may assume, with tags and a source identity."""
    return sts.create_role("Deployer", trust_policy=trusting(DEVELOPER, actions=ACTIONS), max_session_duration=7200)


def client_of(session: Session, region: str | None = "us-east-1", service: str = "sts", **options: Any) -> Any:
    """Return a client with the credentials of a session, which options may replace."""
    return shared_session().client(service, region_name=region, **{**session.boto3_kwargs(), **options})


def client_with(credentials: dict[str, Any]) -> Any:
    """Return a client with the credentials of an answer."""
    return shared_session().client(
        "sts",
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def identity(client: Any) -> dict[str, str]:
    """Return the answer to GetCallerIdentity, without its metadata."""
    return {name: value for name, value in client.get_caller_identity().items() if name != "ResponseMetadata"}


def refused(call: Callable[[], Any], exception: Any = ClientError) -> tuple[str, int, str | None]:
    """Return code, status and message of a refused call. The type of the exception must be exactly the given one."""
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.type is exception
    error = caught.value.response["Error"]
    return error["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"], error.get("Message")


def assume(client: Any, role: Role | str = DEPLOYER, name: str = "deploy", **asked: Any) -> Any:
    """Call AssumeRole."""
    return client.assume_role(RoleArn=getattr(role, "arn", role), RoleSessionName=name, **asked)


def denied(action: str, role: str = DEPLOYER, user: str = ALICE) -> tuple[str, int, str]:
    """Return the error if a trust policy does not allow an action."""
    return "AccessDenied", 403, f"User: {user} is not authorized to perform: {action} on resource: {role}"


# --- who am I


def test_get_caller_identity_names_the_session(session: Session) -> None:
    assert identity(client_of(session)) == {
        "Arn": ALICE,
        "UserId": f"{session.role.role_id}:alice@example.com",
        "Account": ACCOUNT,
    }


def test_a_boto3_session_is_made_of_a_session(session: Session) -> None:
    client = boto3.Session(**session.boto3_kwargs()).client("sts", region_name="us-east-1")
    assert identity(client)["Arn"] == ALICE


def test_the_credentials_of_the_answer_are_those_of_the_session(
    sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]
) -> None:
    role = sts.create_role("Developer")
    answer = log_in(idp.response(role), role, idp.provider)
    assert identity(client_with(answer["Credentials"]))["Arn"] == answer["AssumedRoleUser"]["Arn"]


@pytest.mark.parametrize(("partition", "region"), REGIONS.items())
def test_get_caller_identity_names_the_session_in_each_partition(
    saml_signing_key: SigningKey, partition: Partition, region: str
) -> None:
    idp = IdentityProvider(signing_key=saml_signing_key)
    with mock_sts_saml(partition=partition) as sts:
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        shared_session().client("sts", region_name=region).assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
        )
        assert identity(client_of(sts.sessions[-1], region)) == {
            "Arn": f"arn:{partition}:sts::123456789012:assumed-role/Developer/alice@example.com",
            "UserId": f"{role.role_id}:alice@example.com",
            "Account": ACCOUNT,
        }


def test_the_arn_leaves_out_the_path_of_the_role(sts: STSBackend, idp: IdentityProvider, enter: Enter) -> None:
    role = sts.create_role("Developer", path="/teams/blue/")
    assert identity(client_of(enter(role)))["Arn"] == ALICE


def test_get_caller_identity_names_the_account_of_the_role(
    sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]
) -> None:
    provider = sts.create_saml_provider("ExampleIdP", idp, account_id=OTHER_ACCOUNT)
    role = sts.create_role("Auditor", provider=provider)
    log_in(idp.response((role, provider)), role, provider)
    assert identity(client_of(sts.sessions[-1])) == {
        "Arn": "arn:aws:sts::111122223333:assumed-role/Auditor/alice@example.com",
        "UserId": f"{role.role_id}:alice@example.com",
        "Account": OTHER_ACCOUNT,
    }


@pytest.mark.parametrize(
    ("region", "options"),
    [
        pytest.param("us-east-1", {}, id="regional"),
        pytest.param("ap-southeast-4", {}, id="another region"),
        pytest.param(None, {}, id="global"),
        pytest.param("eu-west-1", {"config": Config(use_dualstack_endpoint=True)}, id="dual-stack"),
        pytest.param("us-west-2", {"config": Config(use_fips_endpoint=True)}, id="FIPS"),
        pytest.param("us-east-1", {"endpoint_url": "http://localhost:4566"}, id="endpoint_url"),
        pytest.param("us-east-1", {"endpoint_url": "http://[::1]:4566"}, id="endpoint_url of an address"),
        pytest.param("us-east-1", {"endpoint_url": "https://sts.example.com:443"}, id="endpoint_url with its port"),
        pytest.param("us-east-1", {"endpoint_url": "https://sts.example.com/path"}, id="endpoint_url with a path"),
        pytest.param("us-east-1", {"endpoint_url": "https://sts.example.com//a/../b//"}, id="endpoint_url with dots"),
        pytest.param("us-east-1", {"config": Config(signature_version="v4-query")}, id="signed in the query"),
        pytest.param("us-east-1", {"use_ssl": False}, id="no TLS"),
        pytest.param("us-east-1", {"config": Config(retries={"mode": "standard"})}, id="standard retries"),
        pytest.param("us-east-1", {"config": Config(user_agent="ü/1.0")}, id="user agent"),
    ],
)
def test_get_caller_identity_names_the_session_at_any_endpoint(
    session: Session, region: str | None, options: dict[str, Any]
) -> None:
    assert identity(client_of(session, region, **options))["Arn"] == ALICE


@pytest.mark.parametrize("version", ["v2", "v3", "v3https", "s3", "s3-query"])
def test_a_signature_of_another_version_is_not_accepted(sts: STSBackend, session: Session, version: str) -> None:
    client = client_of(session, config=Config(signature_version=version))
    assert refused(client.get_caller_identity) == (
        "MissingAuthenticationToken",
        403,
        "Request is missing Authentication Token",
    )
    assert "no signature of version 4 was read" in sts.attempts[-1].explain()


def test_a_parameter_that_a_handler_adds_before_signing_counts(
    sts: STSBackend, session: Session, deployer: Role
) -> None:
    client = client_of(session)
    client.meta.events.register("before-sign.sts", lambda request, **_: request.data.update(RoleSessionName="other"))
    assert assume(client)["AssumedRoleUser"]["Arn"].endswith("/Deployer/other")


def test_a_form_that_a_handler_replaces_before_signing_counts(
    sts: STSBackend, session: Session, deployer: Role
) -> None:
    def shorten(request: Any, **_: Any) -> None:
        request.data = {**request.data, "DurationSeconds": 900}

    client = client_of(session)
    client.meta.events.register("before-sign.sts", shorten)
    assume(client)
    sts.add_client_error("Throttling", operation="AssumeRole")
    assume(client)
    assert [new.expiration - new.issued for new in sts.sessions[1:]] == [dt.timedelta(seconds=900)] * 2


def test_a_signed_body_need_not_be_utf_8(sts: STSBackend, session: Session) -> None:
    def spoil(request: Any, **_: Any) -> None:
        request.data = b"Action=GetCallerIdentity&Version=2011-06-15&more=\xff"

    client = client_of(session)
    client.meta.events.register("before-sign.sts", spoil)
    assert identity(client)["Arn"] == ALICE


def test_a_login_at_the_beginning_of_time_gives_credentials(sts: STSBackend, enter: Enter) -> None:
    sts.move_to("1970-01-01T00:00:00Z")
    session = enter()
    assert (session.issued.year, identity(client_of(session))["Arn"]) == (1970, ALICE)


def test_a_login_that_ends_at_the_beginning_of_time_gives_credentials(sts: STSBackend, enter: Enter) -> None:
    sts.move_to("1969-12-31T23:00:00Z")
    session = enter()
    assert (session.expiration.year, identity(client_of(session))["Arn"]) == (1970, ALICE)


def test_sessions_can_be_in_a_set(sts: STSBackend, enter: Enter) -> None:
    first = enter()
    second = enter(first.role)
    assert {*sts.sessions} - {first} == {second}
    assert hash(first) == hash(pickle.loads(pickle.dumps(first)))  # noqa: S301 - our own


def test_a_session_of_an_earlier_mock_is_not_the_one_with_its_access_key(
    log_in: Callable[..., Any], saml_signing_key: SigningKey
) -> None:
    """Mocks with the same seed repeat the access keys, but the session tokens differ."""
    sessions: list[Session] = []
    for team in ("red", "blue"):
        with mock_sts_saml(seed="one") as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            provider = sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer", trust_policy=provider.trust_policy(actions=LOGIN_ACTIONS))
            condition = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
            sts.create_role("Deployer", trust_policy=role.chaining_policy(conditions=condition))
            log_in(idp.response(role, principal_tags={"team": team}), role, provider)
            sessions += sts.sessions
            answer = refused(functools.partial(assume, client_of(sessions[0])))
    red, blue = sessions
    assert red.access_key_id == blue.access_key_id
    assert (red.tags, blue.tags, answer) == ({"team": "red"}, {"team": "blue"}, denied("sts:AssumeRole"))


def test_get_caller_identity_names_the_session_at_the_legacy_global_endpoint(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    assert identity(client_of(session, "us-west-2"))["Arn"] == ALICE


def test_credentials_of_a_session_work_from_the_environment(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in session.boto3_kwargs().items():
        monkeypatch.setenv(name.upper(), value)
    assert identity(boto3.Session().client("sts", region_name="us-east-1"))["Arn"] == ALICE


def test_get_caller_identity_names_the_session_of_a_client_of_botocore(session: Session) -> None:
    client = botocore.session.get_session().create_client("sts", region_name="us-east-1", **session.boto3_kwargs())
    assert identity(client)["Arn"] == ALICE


def test_a_client_may_get_the_credentials_of_a_session_later(
    saml_signing_key: SigningKey, log_in: Callable[..., Any]
) -> None:
    early = boto3.Session(aws_access_key_id="early", aws_secret_access_key="early")
    client, credentials = early.client("sts", region_name="us-east-1"), early.get_credentials()
    with mock_sts_saml() as sts:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        answer = log_in(idp.response(role), role, provider)["Credentials"]
        credentials.access_key = answer["AccessKeyId"]
        credentials.secret_key = answer["SecretAccessKey"]
        credentials.token = answer["SessionToken"]
        assert identity(client)["Arn"] == ALICE


@pytest.fixture
def refreshing(
    saml_signing_key: SigningKey, log_in: Callable[..., Any]
) -> Iterator[Callable[..., tuple[STSBackend, Any]]]:
    """STS in frozen time, and a client that logs in again whenever its credentials are about to expire."""

    def make_client(seconds: int = 3600) -> tuple[STSBackend, Any]:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")

        def login() -> dict[str, str]:
            credentials = log_in(idp.response(role), role, provider, DurationSeconds=seconds)["Credentials"]
            return {
                "access_key": credentials["AccessKeyId"],
                "secret_key": credentials["SecretAccessKey"],
                "token": credentials["SessionToken"],
                "expiry_time": credentials["Expiration"].isoformat(),
            }

        own = botocore.session.get_session()
        own._credentials = RefreshableCredentials.create_from_metadata(login(), login, "saml")
        return sts, own.create_client("sts", region_name="us-east-1")

    with mock_sts_saml(now=NOON) as sts:
        yield make_client


def test_refreshable_credentials_of_a_session_work(refreshing: Callable[..., tuple[STSBackend, Any]]) -> None:
    sts, client = refreshing()
    assert (identity(client)["Arn"], len(sts.sessions)) == (ALICE, 1)


def test_refreshable_credentials_are_refreshed_before_their_session_expires(
    refreshing: Callable[..., tuple[STSBackend, Any]],
) -> None:
    sts, client = refreshing()
    sts.advance(hours=2)
    assert (identity(client)["Arn"], len(sts.sessions)) == (ALICE, 2)


@pytest.mark.parametrize("call", ["get_caller_identity", "assume_role"])
def test_credentials_that_are_refreshed_with_every_use_work(
    refreshing: Callable[..., tuple[STSBackend, Any]], call: str
) -> None:
    # botocore refreshes credentials that end within fifteen minutes, so here each use refreshes them.
    sts, client = refreshing(seconds=900)
    sts.create_role("Deployer", trust_policy=trusting(DEVELOPER))
    asked = {"RoleArn": DEPLOYER, "RoleSessionName": "deploy"} if call == "assume_role" else {}
    getattr(client, call)(**asked)
    assert sts.attempts[-1].accepted


def test_two_sessions_at_once_each_have_their_own_identity(enter: Enter, sts: STSBackend) -> None:
    alice = enter()
    bob = enter(alice.role, session_name="bob@example.com")
    arns = [identity(client_of(session))["Arn"] for session in (alice, bob, alice)]
    assert arns == [alice.arn, bob.arn, alice.arn] == [ALICE, ALICE.replace("alice", "bob"), ALICE]


def test_an_error_that_was_ordered_for_logins_waits_for_one(sts: STSBackend, session: Session, deployer: Role) -> None:
    sts.add_client_error("Throttling")
    client = client_of(session)
    assert identity(client)["Arn"] == ALICE
    assert assume(client)["AssumedRoleUser"]["Arn"] == DEPLOYING
    sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"}))
    assert sts.attempts[-1].code == "Throttling"


@pytest.mark.parametrize("call", ["get_caller_identity", "assume_role"])
def test_an_answer_has_the_metadata_of_a_real_one(session: Session, deployer: Role, call: str) -> None:
    asked = {"RoleArn": DEPLOYER, "RoleSessionName": "deploy"} if call == "assume_role" else {}
    metadata = getattr(client_of(session), call)(**asked)["ResponseMetadata"]
    headers = metadata["HTTPHeaders"]
    assert metadata == {
        "RequestId": headers["x-amzn-requestid"],
        "HTTPStatusCode": 200,
        "HTTPHeaders": {
            "x-amzn-requestid": metadata["RequestId"],
            "x-amz-sts-extended-request-id": headers["x-amz-sts-extended-request-id"],
            "content-type": "text/xml",
            "content-length": headers["content-length"],
            "date": headers["date"],
        },
        "RetryAttempts": 0,
    }


# --- whose credentials are refused


@pytest.fixture
def frozen(saml_signing_key: SigningKey, log_in: Callable[..., Any]) -> Iterator[tuple[STSBackend, Any]]:
    """STS in frozen time, and a client with a session of an hour."""
    with mock_sts_saml(now=NOON) as sts:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        log_in(idp.response(role), role, provider)
        sts.create_role("Deployer", trust_policy=trusting(DEVELOPER))
        yield sts, client_of(sts.sessions[-1])


def test_a_session_is_accepted_until_it_expires(frozen: tuple[STSBackend, Any]) -> None:
    sts, client = frozen
    sts.advance(minutes=59, seconds=59, microseconds=999_999)
    assert identity(client)["Arn"] == ALICE


def test_a_session_is_refused_when_it_has_expired(frozen: tuple[STSBackend, Any]) -> None:
    sts, client = frozen
    sts.advance(hours=1)
    assert refused(client.get_caller_identity) == EXPIRED


def test_a_session_may_assume_a_role_until_it_expires(frozen: tuple[STSBackend, Any]) -> None:
    sts, client = frozen
    sts.advance(minutes=59, seconds=59, microseconds=999_999)
    assert assume(client)["Credentials"]["Expiration"] == NOON + dt.timedelta(hours=1, minutes=59, seconds=59)


def test_a_session_may_not_assume_a_role_when_it_has_expired(frozen: tuple[STSBackend, Any]) -> None:
    sts, client = frozen
    sts.advance(hours=1)
    assert refused(lambda: assume(client)) == EXPIRED


def test_a_session_is_accepted_again_when_the_time_is_moved_back(frozen: tuple[STSBackend, Any]) -> None:
    sts, client = frozen
    sts.advance(hours=2)
    sts.move_to(NOON)
    assert identity(client)["Arn"] == ALICE


CALLS = {
    "GetCallerIdentity": lambda client: client.get_caller_identity(),
    "AssumeRole": assume,
    "GetSessionToken": lambda client: client.get_session_token(),
    "GetFederationToken": lambda client: client.get_federation_token(Name="alice"),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@every_call
def test_an_expired_session_is_refused(sts: STSBackend, session: Session, deployer: Role, call: Any) -> None:
    sts.advance(hours=1)
    assert refused(lambda: call(client_of(session))) == EXPIRED


def tampered(token: str, place: int) -> str:
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


@every_call
@pytest.mark.parametrize(
    ("spoil", "answer"),
    [
        pytest.param(lambda s, _: {"aws_secret_access_key": "wrong"}, SIGNATURE, id="another secret"),
        pytest.param(
            lambda s, _: {"aws_secret_access_key": s.secret_access_key.swapcase()}, SIGNATURE, id="secret in other case"
        ),
        pytest.param(
            lambda s, other: {"aws_secret_access_key": other.secret_access_key},
            SIGNATURE,
            id="another session's secret",
        ),
        pytest.param(
            lambda s, _: {"aws_session_token": tampered(s.session_token, 30)}, INVALID, id="altered at its beginning"
        ),
        pytest.param(
            lambda s, _: {"aws_session_token": tampered(s.session_token, -6)}, INVALID, id="altered at its end"
        ),
        pytest.param(lambda s, _: {"aws_session_token": s.session_token[:-4]}, INVALID, id="cut"),
        pytest.param(lambda s, _: {"aws_session_token": "AQoDYXdzEPT//////////wEXAMPLE"}, INVALID, id="foreign token"),
        pytest.param(lambda s, _: {"aws_session_token": "ü"}, INVALID, id="token of no base64"),
        pytest.param(
            lambda s, other: {"aws_session_token": other.session_token}, INVALID, id="another session's token"
        ),
        pytest.param(
            lambda s, _: {"aws_access_key_id": tampered(s.access_key_id, 10)}, INVALID, id="altered access key"
        ),
        pytest.param(
            lambda s, _: {"aws_access_key_id": s.access_key_id.lower()}, INVALID, id="access key in other case"
        ),
        pytest.param(lambda s, _: {"aws_access_key_id": "ASIAIOSFODNN7EXAMPLE"}, INVALID, id="foreign access key"),
        pytest.param(lambda s, _: {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"}, INVALID, id="a user's access key"),
        pytest.param(lambda s, _: {"aws_session_token": None}, INVALID, id="no token"),
        pytest.param(lambda s, _: {"aws_session_token": ""}, INVALID, id="empty token"),
        pytest.param(
            lambda s, _: {"aws_session_token": None, "aws_secret_access_key": "wrong"},
            INVALID,
            id="no token, no secret",
        ),
    ],
)
def test_credentials_that_do_not_go_together_are_refused(
    enter: Enter, session: Session, deployer: Role, *, call: Any, spoil: Any, answer: Any
) -> None:
    other = enter(session.role)
    client = client_of(session, **spoil(session, other))
    assert refused(lambda: call(client)) == answer


@every_call
def test_when_its_role_is_deleted_a_session_is_refused(
    sts: STSBackend, session: Session, deployer: Role, call: Any
) -> None:
    sts.delete_role(session.role)
    assert refused(lambda: call(client_of(session))) == INVALID


@every_call
def test_when_its_role_is_created_again_an_old_session_is_refused(
    sts: STSBackend, session: Session, deployer: Role, call: Any
) -> None:
    sts.delete_role(session.role)
    sts.create_role("Developer")
    assert refused(lambda: call(client_of(session))) == INVALID


def test_a_session_of_the_role_that_was_created_again_is_accepted(
    sts: STSBackend, session: Session, enter: Enter
) -> None:
    sts.delete_role(session.role)
    assert identity(client_of(enter()))["Arn"] == ALICE


def test_when_its_provider_is_deleted_a_session_is_still_accepted(
    sts: STSBackend, idp: IdentityProvider, session: Session
) -> None:
    sts.delete_saml_provider(idp.provider)
    assert identity(client_of(session))["Arn"] == ALICE


@every_call
@pytest.mark.parametrize(
    ("partition", "region"),
    [("aws", "cn-north-1"), ("aws", "us-gov-west-1"), ("aws-cn", "us-east-1"), ("aws-us-gov", "eu-west-1")],
)
def test_a_session_is_refused_at_an_endpoint_of_another_partition(
    saml_signing_key: SigningKey, partition: Partition, region: str, call: Any
) -> None:
    idp = IdentityProvider(signing_key=saml_signing_key)
    with mock_sts_saml(partition=partition) as sts:
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        shared_session().client("sts", region_name=REGIONS[partition]).assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
        )
        client = client_of(sts.sessions[-1], region)
        assert refused(lambda: call(client)) == INVALID


@pytest.mark.parametrize(
    ("operation", "call"),
    [("GetSessionToken", CALLS["GetSessionToken"]), ("GetFederationToken", CALLS["GetFederationToken"])],
)
def test_what_only_users_may_call_is_refused(session: Session, operation: str, call: Any) -> None:
    answer = ("AccessDenied", 403, f"Cannot call {operation} with session credentials")
    assert refused(lambda: call(client_of(session))) == answer


# --- what passes on

USER = {
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
STRANGER = {
    "aws_access_key_id": "ASIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "aws_session_token": "AQoDYXdzEPT//////////wEXAMPLE",
}

OTHER_CALLS = {
    "GetAccessKeyInfo": lambda client: client.get_access_key_info(AccessKeyId="ASIAIOSFODNN7EXAMPLE"),
    "DecodeAuthorizationMessage": lambda client: client.decode_authorization_message(EncodedMessage="message"),
    "AssumeRoleWithWebIdentity": lambda client: client.assume_role_with_web_identity(
        RoleArn=DEVELOPER, RoleSessionName="alice", WebIdentityToken="token"
    ),
}
OTHER_SERVICES = {
    "s3": lambda client: client.put_object(Bucket="examples", Key="a", Body=b"octets"),
    "iam": lambda client: client.list_roles(),
    "dynamodb": lambda client: client.list_tables(),
    "lambda": lambda client: client.list_functions(),
}


def sends_the_same_without_us(key: SigningKey, make_client: Callable[[Session], Any], call: Any) -> None:
    """Check that a call sends the same request while a mock is active and while none is."""
    idp = IdentityProvider(signing_key=key)
    with time_machine.travel(NOON, tick=False):
        with mock_sts_saml() as sts:
            provider = sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer")
            shared_session().client("sts", region_name="us-east-1").assume_role_with_saml(
                RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
            )
            session = sts.sessions[-1]
            with_us = request_of(make_client(session), call)
            assert len(sts.attempts) == 1
        assert with_us == request_of(make_client(session), call)


def client_of_strangers(service: str = "sts", **credentials: Any) -> Any:
    return shared_session().client(service, region_name="us-east-1", **credentials)


@every_call
@pytest.mark.parametrize("credentials", [USER, STRANGER], ids=["user", "session"])
def test_a_call_with_other_credentials_passes(
    saml_signing_key: SigningKey, call: Any, credentials: dict[str, str]
) -> None:
    sends_the_same_without_us(saml_signing_key, lambda _: client_of_strangers(**credentials), call)


@every_call
def test_a_call_of_an_unsigned_client_passes(saml_signing_key: SigningKey, call: Any) -> None:
    sends_the_same_without_us(
        saml_signing_key, lambda session: client_of(session, config=Config(signature_version=UNSIGNED)), call
    )


@every_call
def test_without_credentials_a_call_fails_as_without_the_mock(sts: STSBackend, call: Any) -> None:
    with pytest.raises(NoCredentialsError):
        call(client_of_strangers())


@every_call
def test_without_a_region_for_its_endpoint_url_a_call_fails_as_without_the_mock(session: Session, call: Any) -> None:
    client = client_of(session, None, endpoint_url="https://sts.example.com")
    with pytest.raises(NoRegionError):
        call(client)


@every_call
def test_a_call_passes_if_an_event_switches_signing_off(saml_signing_key: SigningKey, call: Any) -> None:
    def make_client(session: Session) -> Any:
        client = client_of(session)
        client.meta.events.register("choose-signer.sts", lambda **_: UNSIGNED)
        return client

    sends_the_same_without_us(saml_signing_key, make_client, call)


class Asked(Credentials):
    """Credentials that must not be used, since the call may be what refreshes them."""

    def get_frozen_credentials(self) -> Any:
        raise AssertionError("an operation that is not signed needs no credentials")


@pytest.mark.parametrize(
    ("service", "call"),
    [
        pytest.param("sts", OTHER_CALLS["AssumeRoleWithWebIdentity"], id="AssumeRoleWithWebIdentity"),
        pytest.param("cognito-identity", lambda client: client.get_id(IdentityPoolId="us-east-1:pool"), id="GetId"),
        pytest.param(
            "sso",
            lambda client: client.get_role_credentials(roleName="Admin", accountId=ACCOUNT, accessToken="token"),
            id="GetRoleCredentials",
        ),
    ],
)
def test_an_unsigned_operation_passes_without_a_request_for_credentials(
    sts: STSBackend, service: str, call: Any
) -> None:
    own = botocore.session.get_session()
    own._credentials = Asked("key", "secret")
    assert request_of(own.create_client(service, region_name="us-east-1"), call)


def test_a_login_that_meets_an_ordered_error_needs_no_credentials(sts: STSBackend, idp: IdentityProvider) -> None:
    sts.add_client_error("AccessDenied")
    own = botocore.session.get_session()
    own._credentials = Asked("key", "secret")
    client = own.create_client("sts", region_name="us-east-1")
    asked = {"RoleArn": DEVELOPER, "PrincipalArn": PROVIDER, "SAMLAssertion": "PD94bWw="}
    assert refused(lambda: client.assume_role_with_saml(**asked))[0] == "AccessDenied"


@pytest.mark.parametrize("call", OTHER_CALLS.values(), ids=OTHER_CALLS)
def test_another_operation_of_sts_passes(saml_signing_key: SigningKey, call: Any) -> None:
    sends_the_same_without_us(saml_signing_key, client_of, call)


@pytest.mark.parametrize(("service", "call"), OTHER_SERVICES.items(), ids=OTHER_SERVICES)
@pytest.mark.parametrize("whose", ["ours", "a user's", "a stranger's", "nobody's"])
def test_a_call_of_another_service_passes(saml_signing_key: SigningKey, service: str, call: Any, whose: str) -> None:
    if whose == "ours":
        make_client = lambda session: client_of(session, service=service)  # noqa: E731
    elif whose == "nobody's":
        unsigned = Config(signature_version=UNSIGNED)
        make_client = lambda _: client_of_strangers(service, config=unsigned)  # noqa: E731
    else:
        credentials = USER if whose == "a user's" else STRANGER
        make_client = lambda _: client_of_strangers(service, **credentials)  # noqa: E731
    sends_the_same_without_us(saml_signing_key, make_client, call)


def test_a_bearer_token_reaches_its_service(saml_signing_key: SigningKey) -> None:
    own = botocore.session.get_session()
    own.register_component("token_provider", Token())
    sends_the_same_without_us(
        saml_signing_key,
        lambda session: own.create_client("codecatalyst", region_name="us-west-2", **session.boto3_kwargs()),
        lambda client: client.list_spaces(),
    )


@every_call
def test_after_the_mock_a_call_passes(saml_signing_key: SigningKey, call: Any, log_in: Callable[..., Any]) -> None:
    with mock_sts_saml() as sts:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        log_in(idp.response(role), role, provider)
        client = client_of(sts.sessions[-1])
        refused(lambda: assume(client))
    headers = request_of(client, call)[2]
    assert f"Credential={sts.sessions[0].access_key_id}/" in headers["authorization"]
    assert headers["x-amz-security-token"] == sts.sessions[0].session_token


@every_call
def test_a_call_of_a_session_of_an_earlier_mock_with_another_seed_passes(
    saml_signing_key: SigningKey, call: Any, log_in: Callable[..., Any]
) -> None:
    idp = IdentityProvider(signing_key=saml_signing_key)
    with mock_sts_saml(seed="earlier") as sts:
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        log_in(idp.response(role), role, provider)
    with mock_sts_saml(seed="later") as later:
        later.create_saml_provider("ExampleIdP", idp)
        later.create_role("Developer")
        assert request_of(client_of(sts.sessions[0]), call)
        assert (later.attempts, later.sessions) == ((), ())


def test_a_presigned_url_contains_the_session_token(saml_signing_key: SigningKey, session: Session) -> None:
    url = client_of(session).generate_presigned_url("get_caller_identity")
    assert parse_qs(url.partition("?")[2])["X-Amz-Security-Token"] == [session.session_token]


# --- another role


def test_a_session_may_assume_a_role_that_trusts_its_role(frozen: tuple[STSBackend, Any]) -> None:
    sts, client = frozen
    answer = assume(client)
    new = sts.sessions[-1]
    expected = {
        "AssumedRoleUser": {"AssumedRoleId": f"{new.role.role_id}:deploy", "Arn": DEPLOYING},
        "Credentials": {
            "AccessKeyId": new.access_key_id,
            "SecretAccessKey": new.secret_access_key,
            "SessionToken": new.session_token,
            "Expiration": NOON + HOUR,
        },
        "PackedPolicySize": new.session_token_utilization,
        "SessionTokenSize": len(new.session_token),
        "SessionTokenUtilization": new.session_token_utilization,
    }
    # An older botocore does not know the last two.
    known = client.meta.service_model.operation_model("AssumeRole").output_shape.members
    del answer["ResponseMetadata"]
    assert answer == {name: value for name, value in expected.items() if name in known}


def test_get_caller_identity_names_the_chained_session(session: Session, deployer: Role) -> None:
    assert identity(client_with(assume(client_of(session))["Credentials"])) == {
        "Arn": DEPLOYING,
        "UserId": f"{deployer.role_id}:deploy",
        "Account": ACCOUNT,
    }


def test_the_answer_to_a_chained_session_names_its_source_identity(enter: Enter, deployer: Role) -> None:
    answer = assume(client_of(enter(source_identity="alice")))
    assert answer["SourceIdentity"] == "alice"


@pytest.mark.parametrize(("partition", "region"), REGIONS.items())
def test_a_chain_of_each_partition_stays_in_it(saml_signing_key: SigningKey, partition: Partition, region: str) -> None:
    idp = IdentityProvider(signing_key=saml_signing_key)
    with mock_sts_saml(partition=partition) as sts:
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        deployer = sts.create_role("Deployer", trust_policy=trusting(role.arn))
        shared_session().client("sts", region_name=region).assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
        )
        answer = assume(client_of(sts.sessions[-1], region), deployer)
        assert answer["AssumedRoleUser"]["Arn"] == f"arn:{partition}:sts::123456789012:assumed-role/Deployer/deploy"


@pytest.mark.parametrize(
    "principal",
    [
        pytest.param(DEVELOPER, id="role"),
        pytest.param(ALICE, id="session"),
        pytest.param("arn:aws:iam::123456789012:root", id="account"),
        pytest.param("123456789012", id="account's number"),
        pytest.param("*", id="everybody"),
    ],
)
def test_a_trust_policy_may_name_the_caller_by(sts: STSBackend, session: Session, principal: str) -> None:
    sts.create_role("Deployer", trust_policy=trusting("arn:aws:iam::123456789012:role/Other", principal))
    assert assume(client_of(session))["AssumedRoleUser"]["Arn"] == DEPLOYING


@pytest.mark.parametrize(
    "principal",
    [
        pytest.param("arn:aws:iam::123456789012:role/Other", id="another role"),
        pytest.param("arn:aws:iam::111122223333:role/Developer", id="the role of another account"),
        pytest.param(ALICE.replace("alice", "bob"), id="another session"),
        pytest.param(ALICE.replace("Developer", "Other"), id="that session of another role"),
        pytest.param("arn:aws:iam::111122223333:root", id="another account"),
        pytest.param("111122223333", id="another account's number"),
        pytest.param("arn:aws:iam::123456789012:user/alice", id="user"),
    ],
)
def test_a_trust_policy_that_names_another_principal_does_not_trust_the_caller(
    sts: STSBackend, session: Session, principal: str
) -> None:
    sts.create_role("Deployer", trust_policy=trusting(principal))
    assert refused(lambda: assume(client_of(session))) == denied("sts:AssumeRole")


def test_a_trust_policy_for_logins_does_not_trust_a_session(
    sts: STSBackend, idp: IdentityProvider, session: Session
) -> None:
    sts.create_role("Deployer", provider=idp.provider)
    assert refused(lambda: assume(client_of(session))) == denied("sts:AssumeRole")


def test_a_statement_that_denies_wins(sts: STSBackend, session: Session) -> None:
    policy = trusting(DEVELOPER)
    policy["Statement"] += trusting(ALICE, Effect="Deny")["Statement"]
    sts.create_role("Deployer", trust_policy=policy)
    assert refused(lambda: assume(client_of(session))) == denied("sts:AssumeRole")


def test_a_role_that_does_not_exist_is_denied_as_one_that_does_not_trust(session: Session) -> None:
    assert refused(lambda: assume(client_of(session))) == denied("sts:AssumeRole")


def test_a_session_may_assume_its_own_role_if_it_trusts_itself(
    sts: STSBackend, idp: IdentityProvider, enter: Enter
) -> None:
    policy = idp.provider.trust_policy()
    policy["Statement"] += trusting(DEVELOPER)["Statement"]
    session = enter(sts.create_role("Developer", trust_policy=policy))
    assert assume(client_of(session), DEVELOPER)["AssumedRoleUser"]["Arn"].endswith("/Developer/deploy")


def test_a_session_does_not_assume_its_own_role_otherwise(session: Session) -> None:
    assert refused(lambda: assume(client_of(session), DEVELOPER)) == denied("sts:AssumeRole", DEVELOPER)


@pytest.mark.parametrize(
    "principal",
    [DEVELOPER, ALICE, "arn:aws:iam::123456789012:root", ACCOUNT],
    ids=["role", "session", "root", "number"],
)
def test_a_chain_may_lead_to_another_account(sts: STSBackend, session: Session, principal: str) -> None:
    role = sts.create_role("Deployer", account_id=OTHER_ACCOUNT, trust_policy=trusting(principal))
    client = client_with(assume(client_of(session), role)["Credentials"])
    assert identity(client) == {
        "Arn": "arn:aws:sts::111122223333:assumed-role/Deployer/deploy",
        "UserId": f"{role.role_id}:deploy",
        "Account": OTHER_ACCOUNT,
    }


def test_a_role_that_trusts_its_own_account_does_not_trust_another(sts: STSBackend, session: Session) -> None:
    role = sts.create_role(
        "Deployer", account_id=OTHER_ACCOUNT, trust_policy=trusting("arn:aws:iam::111122223333:root")
    )
    assert refused(lambda: assume(client_of(session), role)) == denied("sts:AssumeRole", role.arn)


def test_a_chain_does_not_lead_to_another_partition(sts: STSBackend, session: Session) -> None:
    role = sts.create_role("Deployer", partition="aws-cn", trust_policy=trusting("*"))
    assert refused(lambda: assume(client_of(session), role)) == denied("sts:AssumeRole", role.arn)


@pytest.mark.parametrize(
    ("principal", "trusted"),
    [
        pytest.param(DEVELOPER, False, id="role"),
        pytest.param(ALICE, True, id="session"),
        pytest.param("arn:aws:iam::123456789012:root", True, id="account"),
    ],
)
def test_a_role_that_was_created_again_is_not_the_one_that_a_trust_policy_names(
    sts: STSBackend, enter: Enter, principal: str, trusted: bool
) -> None:
    first = enter()
    sts.create_role("Deployer", trust_policy=trusting(principal))
    assert assume(client_of(first))["AssumedRoleUser"]["Arn"] == DEPLOYING
    sts.delete_role(DEVELOPER)
    second = client_of(enter())
    if trusted:
        assert assume(second)["AssumedRoleUser"]["Arn"] == DEPLOYING
    else:
        assert refused(lambda: assume(second)) == denied("sts:AssumeRole")
        explained = " ".join(sts.attempts[-1].explain().split())
        assert (
            f"not {ALICE} of {DEVELOPER}, which was deleted and created again since the policy was written" in explained
        )


def test_a_region_that_is_disabled_assumes_no_role(sts: STSBackend, session: Session, deployer: Role) -> None:
    sts.disable_region("eu-west-1")
    client = client_of(session, "eu-west-1")
    assert refused(lambda: assume(client), client.exceptions.RegionDisabledException) == (
        "RegionDisabledException",
        403,
        (
            "STS is not activated in this region for account:123456789012. "
            "Your account administrator can activate STS in this region using the IAM Console."
        ),
    )


def test_another_region_than_the_disabled_one_assumes_the_role(
    sts: STSBackend, session: Session, deployer: Role
) -> None:
    sts.disable_region("eu-west-1")
    assert assume(client_of(session, "us-east-1"))["AssumedRoleUser"]["Arn"] == DEPLOYING


# --- for how long

OF_THE_ROLE = (
    "ValidationError",
    400,
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
)
OF_A_CHAIN = (
    "ValidationError",
    400,
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
)


@pytest.mark.parametrize("maximum", [3600, 7200])
@pytest.mark.parametrize("seconds", [900, 3599, 3600])
def test_a_chained_session_lasts_as_long_as_requested_up_to_an_hour(frozen: Any, maximum: int, seconds: int) -> None:
    sts, client = frozen
    sts.create_role("Tester", trust_policy=trusting(DEVELOPER), max_session_duration=maximum)
    role = DEPLOYER.replace("Deployer", "Tester")
    answer = assume(client, role, DurationSeconds=seconds)
    assert answer["Credentials"]["Expiration"] == NOON + dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("maximum", "seconds", "answer"),
    [(3600, 3601, OF_THE_ROLE), (7200, 3601, OF_A_CHAIN), (7200, 7200, OF_A_CHAIN), (7200, 7201, OF_THE_ROLE)],
)
def test_a_longer_chain_is_refused(
    sts: STSBackend, session: Session, maximum: int, seconds: int, answer: tuple[str, int, str]
) -> None:
    sts.create_role("Deployer", trust_policy=trusting(DEVELOPER), max_session_duration=maximum)
    assert refused(lambda: assume(client_of(session), DurationSeconds=seconds)) == answer


def test_a_chain_may_outlive_the_session_that_began_it(frozen: Any) -> None:
    sts, client = frozen
    sts.advance(minutes=59)
    chained = client_with(assume(client)["Credentials"])
    sts.advance(minutes=59)
    assert refused(client.get_caller_identity) == EXPIRED
    assert identity(chained)["Arn"] == DEPLOYING


def test_a_chain_does_not_outlive_its_own_hour(frozen: Any) -> None:
    sts, client = frozen
    sts.advance(minutes=59)
    chained = client_with(assume(client)["Credentials"])
    sts.advance(minutes=60)
    assert refused(chained.get_caller_identity) == EXPIRED


# --- tags and source identity


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


@pytest.mark.parametrize(
    ("allowed", "asked", "action"),
    [
        pytest.param(["sts:TagSession", "sts:SetSourceIdentity"], {}, "sts:AssumeRole", id="role"),
        pytest.param(["sts:AssumeRole"], {"Tags": tags(team="blue")}, "sts:TagSession", id="tags"),
        pytest.param(["sts:AssumeRole"], {"SourceIdentity": "alice"}, "sts:SetSourceIdentity", id="source identity"),
        pytest.param(
            ["sts:AssumeRole", "sts:SetSourceIdentity"],
            {"Tags": tags(team="blue"), "SourceIdentity": "alice"},
            "sts:TagSession",
            id="tags, not source identity",
        ),
        pytest.param(
            ["sts:AssumeRole", "sts:TagSession"],
            {"Tags": tags(team="blue"), "SourceIdentity": "alice"},
            "sts:SetSourceIdentity",
            id="source identity, not tags",
        ),
    ],
)
def test_an_action_that_is_not_allowed_is_named(
    sts: STSBackend, session: Session, allowed: list[str], asked: dict[str, Any], action: str
) -> None:
    sts.create_role("Deployer", trust_policy=trusting(DEVELOPER, actions=allowed))
    assert refused(lambda: assume(client_of(session), **asked)) == denied(action)


@pytest.mark.parametrize(
    ("said", "action"),
    [
        pytest.param(
            {"principal_tags": {"team": "blue"}, "transitive_tag_keys": ["team"]}, "sts:TagSession", id="transitive tag"
        ),
        pytest.param({"source_identity": "alice"}, "sts:SetSourceIdentity", id="source identity"),
    ],
)
def test_inherited_tags_and_source_identity_must_be_allowed(
    sts: STSBackend, enter: Enter, said: dict[str, Any], action: str
) -> None:
    session = enter(**said)
    sts.create_role("Deployer", trust_policy=trusting(DEVELOPER))
    assert refused(lambda: assume(client_of(session))) == denied(action)


def test_a_tag_that_is_not_transitive_needs_no_permission_in_a_chain(sts: STSBackend, enter: Enter) -> None:
    session = enter(principal_tags={"team": "blue"})
    sts.create_role("Deployer", trust_policy=trusting(DEVELOPER))
    assume(client_of(session))
    assert sts.sessions[-1].tags == {}


def test_through_two_hops_transitive_tags_and_source_identity_stay(
    sts: STSBackend, enter: Enter, deployer: Role
) -> None:
    first = enter(principal_tags={"team": "blue", "cost": "7"}, transitive_tag_keys=["team"], source_identity="alice")
    sts.create_role("Auditor", account_id=OTHER_ACCOUNT, trust_policy=trusting(DEPLOYER, actions=ACTIONS))
    client = client_with(
        assume(client_of(first), Tags=tags(stage="test", night="yes"), TransitiveTagKeys=["stage"])["Credentials"]
    )
    answer = assume(client, "arn:aws:iam::111122223333:role/Auditor", "audit", Tags=tags(cost="8"))
    second, third = sts.sessions[1:]
    assert (second.tags, second.transitive_tag_keys, second.source_identity) == (
        {"team": "blue", "stage": "test", "night": "yes"},
        ("team", "stage"),
        "alice",
    )
    assert (third.tags, third.transitive_tag_keys, third.source_identity) == (
        {"team": "blue", "stage": "test", "cost": "8"},
        ("team", "stage"),
        "alice",
    )
    assert answer["SourceIdentity"] == "alice"
    assert identity(client_with(answer["Credentials"]))["Arn"] == (
        "arn:aws:sts::111122223333:assumed-role/Auditor/audit"
    )


INHERITED = (
    "InvalidParameterValue",
    400,
    (
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
        "the calling session."
    ),
)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        pytest.param({"Tags": tags(team="red")}, INHERITED, id="inherited tag changed"),
        pytest.param({"Tags": tags(team="blue")}, INHERITED, id="inherited tag repeated"),
        pytest.param({"Tags": tags(TEAM="red")}, INHERITED, id="inherited tag in other case"),
        pytest.param(
            {"Tags": tags(team="red"), "TransitiveTagKeys": ["team"]}, INHERITED, id="inherited tag made transitive"
        ),
        pytest.param(
            {"Tags": tags(stage="test", Stage="live")},
            (
                "InvalidParameterValue",
                400,
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ),
            id="one key twice",
        ),
        pytest.param(
            {"Tags": tags(stage="test"), "TransitiveTagKeys": ["other"]},
            (
                "InvalidParameterValue",
                400,
                "The specified transitive tag key must be included in the requested tags.",
            ),
            id="transitive key of no tag",
        ),
        pytest.param(
            {"TransitiveTagKeys": ["team"]},
            (
                "InvalidParameterValue",
                400,
                "The specified transitive tag key must be included in the requested tags.",
            ),
            id="transitive key of an inherited tag",
        ),
        pytest.param(
            {"SourceIdentity": "bob"},
            ("ValidationError", 400, "The source identity is already set for this assume role session"),
            id="another source identity",
        ),
        pytest.param(
            {"SourceIdentity": "Alice"},
            ("ValidationError", 400, "The source identity is already set for this assume role session"),
            id="source identity in other case",
        ),
    ],
)
def test_inherited_tags_and_source_identity_cannot_be_changed(
    enter: Enter, deployer: Role, asked: dict[str, Any], answer: tuple[str, int, str]
) -> None:
    session = enter(principal_tags={"team": "blue"}, transitive_tag_keys=["team"], source_identity="alice")
    assert refused(lambda: assume(client_of(session), **asked)) == answer


def test_a_source_identity_may_be_repeated(enter: Enter, deployer: Role) -> None:
    session = enter(source_identity="alice")
    assert assume(client_of(session), SourceIdentity="alice")["SourceIdentity"] == "alice"


def test_a_tag_that_is_not_transitive_may_be_replaced(sts: STSBackend, enter: Enter, deployer: Role) -> None:
    session = enter(principal_tags={"team": "blue"})
    assume(client_of(session), Tags=tags(team="red"), TransitiveTagKeys=["TEAM"])
    assert (sts.sessions[-1].tags, sts.sessions[-1].transitive_tag_keys) == ({"team": "red"}, ("TEAM",))
    assert sts.sessions[-1].inherited_tags == {"team": "red"}


# --- conditions


@pytest.mark.parametrize(
    ("condition", "met", "unmet"),
    [
        pytest.param({"sts:ExternalId": "17"}, {"ExternalId": "17"}, {"ExternalId": "18"}, id="ExternalId"),
        pytest.param({"sts:ExternalId": "17"}, {"ExternalId": "17"}, {}, id="no ExternalId"),
        pytest.param(
            {"sts:ExternalId": "17"},
            {"ExternalId": "17", "Tags": tags(stage="test")},
            {"Tags": tags(stage="test")},
            id="ExternalId beside tags",
        ),
        pytest.param({"sts:RoleSessionName": "deploy"}, {}, {"name": "other"}, id="RoleSessionName"),
        pytest.param(
            {"aws:RequestTag/stage": "test"},
            {"Tags": tags(stage="test")},
            {"Tags": tags(stage="live")},
            id="RequestTag",
        ),
        pytest.param(
            {"sts:SourceIdentity": "alice"}, {"SourceIdentity": "alice"}, {"SourceIdentity": "bob"}, id="SourceIdentity"
        ),
    ],
)
def test_a_condition_may_require_a_parameter(
    sts: STSBackend, session: Session, condition: dict[str, str], met: dict[str, Any], unmet: dict[str, Any]
) -> None:
    policy = session.role.chaining_policy(actions=ACTIONS, conditions={"StringEquals": condition})
    sts.create_role("Deployer", trust_policy=policy)
    client = client_of(session)
    assert assume(client, **met)["AssumedRoleUser"]["Arn"] == DEPLOYING
    assert refused(lambda: assume(client, **unmet)) == denied("sts:AssumeRole")


@pytest.mark.parametrize(
    ("condition", "met", "unmet"),
    [
        pytest.param(
            {"aws:PrincipalTag/team": "blue"},
            {"principal_tags": {"team": "blue"}},
            {"principal_tags": {"team": "red"}},
            id="PrincipalTag of the session",
        ),
        pytest.param(
            {"aws:PrincipalTag/floor": "2"}, {}, {"principal_tags": {"Floor": "3"}}, id="PrincipalTag of the role"
        ),
        pytest.param(
            {"aws:SourceIdentity": "alice"},
            {"source_identity": "alice"},
            {"source_identity": "bob"},
            id="SourceIdentity",
        ),
        pytest.param({"aws:SourceIdentity": "alice"}, {"source_identity": "alice"}, {}, id="no SourceIdentity"),
        pytest.param({"saml:sub": "alice@example.com"}, {}, {"name_id": "bob@example.com"}, id="saml:sub"),
        pytest.param(
            {"saml:sub_type": "persistent"},
            {},
            {"name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
            id="saml:sub_type",
        ),
        pytest.param({"aws:userid": "*:alice@example.com"}, {}, {"session_name": "bob@example.com"}, id="aws:userid"),
        pytest.param(
            {
                "aws:PrincipalArn": DEVELOPER,
                "aws:FederatedProvider": PROVIDER,
                "saml:namequalifier": "gVMfPykcwyJvL8k2p*",
            },
            {},
            None,
            id="what cannot differ",
        ),
    ],
)
def test_a_condition_may_require_a_property_of_the_session(
    sts: STSBackend, idp: IdentityProvider, enter: Enter, *, condition: Any, met: Any, unmet: Any
) -> None:
    policy = trusting(DEVELOPER, Condition={"StringLike": condition})
    policy["Statement"] += trusting(DEVELOPER, actions=ACTIONS[1:])["Statement"]
    sts.create_role("Deployer", trust_policy=policy)
    role = sts.create_role(
        "Developer", trust_policy=idp.provider.trust_policy(actions=LOGIN_ACTIONS), tags={"floor": "2"}
    )
    assert assume(client_of(enter(role, **met)))["AssumedRoleUser"]["Arn"] == DEPLOYING
    if unmet is not None:
        session = enter(role, **unmet)
        assert refused(lambda: assume(client_of(session))) == denied("sts:AssumeRole", user=session.arn)


@pytest.mark.parametrize("key", ["saml:sub", "saml:sub_type", "saml:namequalifier", "aws:FederatedProvider"])
def test_keys_of_the_login_are_missing_in_the_second_chaining(
    sts: STSBackend, session: Session, deployer: Role, key: str
) -> None:
    known = {"Condition": {"Null": {key: "false"}}}
    role = sts.create_role("Auditor", trust_policy=trusting(DEVELOPER, DEPLOYER, **known))
    assert assume(client_of(session), role)
    second = client_with(assume(client_of(session))["Credentials"])
    assert refused(lambda: assume(second, role)) == denied("sts:AssumeRole", role.arn, DEPLOYING)


# --- session policies


def test_a_chain_keeps_its_session_policies(sts: STSBackend, session: Session, deployer: Role) -> None:
    own = sts.create_policy("Own", POLICY)
    assume(client_of(session), Policy=POLICY, PolicyArns=[{"arn": own}, {"arn": READ_ONLY}])
    assert sts.sessions[-1].policies == (POLICY, own, READ_ONLY)


def test_the_session_policies_of_a_login_end_with_it(
    sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any], deployer: Role
) -> None:
    role = sts.create_role("Developer")
    log_in(idp.response(role), role, idp.provider, Policy=POLICY)
    assume(client_of(sts.sessions[-1]))
    assert [session.policies for session in sts.sessions] == [(POLICY,), ()]


@pytest.mark.parametrize(
    ("asked", "exception", "answer"),
    [
        pytest.param(
            {"Policy": "{"},
            "MalformedPolicyDocumentException",
            ("MalformedPolicyDocument", 400, "The policy is not in the valid JSON format."),
            id="no JSON",
        ),
        pytest.param(
            {"Policy": "{}"},
            "MalformedPolicyDocumentException",
            ("MalformedPolicyDocument", 400, "Syntax errors in policy."),
            id="no policy",
        ),
        pytest.param(
            {"PolicyArns": [{"arn": "arn:aws:iam::123456789012:policy/Unknown"}]},
            "ClientError",
            (
                "InvalidParameterValue",
                400,
                (
                    "At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed "
                    "Policy ARN."
                ),
            ),
            id="unknown policy",
        ),
        pytest.param(
            {"SerialNumber": "arn:aws:iam::123456789012:mfa/alice", "TokenCode": "123456"},
            "ClientError",
            ("AccessDenied", 403, "MultiFactorAuthentication failed with invalid MFA one time pass code. "),
            id="MFA",
        ),
    ],
)
def test_a_chain_is_refused_for(
    session: Session, deployer: Role, asked: dict[str, Any], exception: str, answer: tuple[str, int, str]
) -> None:
    client = client_of(session)
    assert refused(lambda: assume(client, **asked), getattr(client.exceptions, exception)) == answer


def packed(size: int) -> dict[str, Any]:
    """Return tags that cannot be compressed."""
    return {
        "Tags": [{"Key": f"key{n}", "Value": random.Random(n).randbytes(128).hex()} for n in range(size)]  # noqa: S311
    }


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        pytest.param(packed(50), ("Packed size of session tags consumes ", "% of allotted space."), id="tags"),
        pytest.param(
            {**packed(50), "Policy": POLICY},
            ("Packed policy consumes ", "% of allotted space, please use smaller policy."),
            id="policy and tags",
        ),
    ],
)
def test_what_is_too_large_for_a_token_is_refused(
    session: Session, deployer: Role, asked: dict[str, Any], words: tuple[str, str]
) -> None:
    client = client_of(session)
    code, status, message = refused(lambda: assume(client, **asked), client.exceptions.PackedPolicyTooLargeException)
    assert (code, status) == ("PackedPolicyTooLarge", 400)
    assert message is not None
    assert int(message.removeprefix(words[0]).removesuffix(words[1])) > 100


def test_the_packed_size_grows_with_the_tags(session: Session, deployer: Role) -> None:
    client = client_of(session)
    sizes = [assume(client, **packed(number))["PackedPolicySize"] for number in (0, 10)]
    assert sizes[0] < sizes[1] <= 100


# --- a session that is not remembered any more


@pytest.fixture
def forgotten(sts: STSBackend, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session, and after it as many as a backend remembers, which is three here."""
    monkeypatch.setattr(memory, "MOST_SESSIONS", 3)
    session = enter(principal_tags={"team": "blue"}, transitive_tag_keys=["team"], source_identity="alice")
    for _ in range(3):
        enter(session.role)
    assert session not in sts.sessions
    return session


def test_a_session_that_is_no_longer_remembered_still_works(
    sts: STSBackend, forgotten: Session, deployer: Role
) -> None:
    client = client_of(forgotten)
    assert identity(client)["Arn"] == ALICE
    assume(client)
    new = sts.sessions[-1]
    assert (new.tags, new.transitive_tag_keys, new.source_identity) == ({"team": "blue"}, ("team",), "alice")
    assert new.source_session == forgotten
    wrong = client_of(forgotten, aws_secret_access_key="wrong")
    assert refused(wrong.get_caller_identity) == SIGNATURE
    sts.advance(hours=1)
    assert refused(client.get_caller_identity) == EXPIRED


# --- botocore's own way to assume a role

PROFILES = """
[profile alice]
aws_access_key_id = {aws_access_key_id}
aws_secret_access_key = {aws_secret_access_key}
aws_session_token = {aws_session_token}

[profile deployer]
role_arn = arn:aws:iam::123456789012:role/Deployer
region = us-east-1
{how}
"""


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: Session) -> Callable[[str], boto3.Session]:
    """A boto3 session of a profile that assumes the role Deployer with alice's credentials."""

    def write(how: str) -> boto3.Session:
        path = tmp_path / "config"
        path.write_text(PROFILES.format(how=how, **session.boto3_kwargs()))
        monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
        return boto3.Session(profile_name="deployer")

    return write


def test_a_profile_with_a_source_profile_assumes_its_role(
    sts: STSBackend, deployer: Role, profile: Callable[[str], boto3.Session]
) -> None:
    arn = identity(profile("source_profile = alice").client("sts"))["Arn"]
    assert arn.startswith("arn:aws:sts::123456789012:assumed-role/Deployer/botocore-session-")
    assert [session.arn for session in sts.sessions] == [ALICE, arn]


def test_a_profile_with_credentials_of_the_environment_assumes_its_role(
    session: Session,
    deployer: Role,
    profile: Callable[[str], boto3.Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in session.boto3_kwargs().items():
        monkeypatch.setenv(name.upper(), value)
    client = profile("credential_source = Environment\nrole_session_name = deploy").client("sts")
    assert identity(client)["Arn"] == DEPLOYING


def test_the_settings_of_a_profile_reach_sts(
    sts: STSBackend, session: Session, profile: Callable[[str], boto3.Session]
) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "17"}}
    sts.create_role("Deployer", trust_policy=trusting(DEVELOPER, Condition=condition))
    how = "source_profile = alice\nrole_session_name = deploy\nexternal_id = 17\nduration_seconds = 900"
    assert identity(profile(how).client("sts"))["Arn"] == DEPLOYING
    new = sts.sessions[-1]
    assert new.expiration - new.issued == dt.timedelta(seconds=900)


def test_a_profile_whose_role_does_not_trust_it_is_denied(
    sts: STSBackend, profile: Callable[[str], boto3.Session]
) -> None:
    client = profile("source_profile = alice").client("sts")
    assert refused(client.get_caller_identity) == denied("sts:AssumeRole")


def test_a_profile_may_lead_through_two_roles(
    sts: STSBackend, deployer: Role, profile: Callable[[str], boto3.Session], tmp_path: Path
) -> None:
    sts.create_role("Auditor", account_id=OTHER_ACCOUNT, trust_policy=trusting(DEPLOYER))
    profile("source_profile = alice\nrole_session_name = deploy")
    with (tmp_path / "config").open("a") as config:
        config.write(
            "[profile auditor]\nrole_arn = arn:aws:iam::111122223333:role/Auditor\nrole_session_name = audit\n"
            "region = us-east-1\nsource_profile = deployer\n"
        )
    client = boto3.Session(profile_name="auditor").client("sts")
    assert identity(client)["Arn"] == "arn:aws:sts::111122223333:assumed-role/Auditor/audit"


# --- sts.sessions


def test_at_first_there_are_no_sessions(sts: STSBackend) -> None:
    assert sts.sessions == ()


def test_sessions_are_listed_in_the_order_in_which_they_were_issued(
    enter: Enter, deployer: Role, sts: STSBackend
) -> None:
    first = enter(session_name="first")
    enter(first.role, session_name="second")
    assume(client_of(first), name="third")
    assert [session.name for session in sts.sessions] == ["first", "second", "third"]


def test_sessions_are_a_tuple_that_does_not_change(enter: Enter, sts: STSBackend) -> None:
    role = enter().role
    sessions = sts.sessions
    enter(role)
    assert (type(sessions), len(sessions), len(sts.sessions)) == (tuple, 1, 2)


def fields(session: Session) -> dict[str, Any]:
    names = ["access_key_id", "account_id", "arn", "assumed_role_id", "expiration", "issued", "name", "policies"]
    names += ["role", "source_identity", "source_session", "tags", "transitive_tag_keys"]
    return {name: getattr(session, name) for name in names}


def test_a_session_has_what_was_granted(saml_signing_key: SigningKey, log_in: Callable[..., Any]) -> None:
    idp = IdentityProvider(signing_key=saml_signing_key)
    with mock_sts_saml(now=NOON) as sts:
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer", trust_policy=provider.trust_policy(actions=LOGIN_ACTIONS))
        response = idp.response(
            role, principal_tags={"team": "blue", "cost": "7"}, transitive_tag_keys=["team"], source_identity="alice"
        )
        asked = {"DurationSeconds": 900, "Policy": POLICY, "PolicyArns": [{"arn": READ_ONLY}]}
        credentials = log_in(response, role, provider, **asked)["Credentials"]
    [session] = sts.sessions
    assert fields(session) == {
        "access_key_id": credentials["AccessKeyId"],
        "account_id": ACCOUNT,
        "arn": ALICE,
        "assumed_role_id": f"{role.role_id}:alice@example.com",
        "expiration": NOON + dt.timedelta(minutes=15),
        "issued": NOON,
        "name": "alice@example.com",
        "policies": (POLICY, READ_ONLY),
        "role": role,
        "source_identity": "alice",
        "source_session": None,
        "tags": {"team": "blue", "cost": "7"},
        "transitive_tag_keys": ("team",),
    }
    assert session.boto3_kwargs() == {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


def test_a_chained_session_has_what_was_granted_and_its_source(sts: STSBackend, enter: Enter, deployer: Role) -> None:
    first = enter()
    credentials = assume(
        client_of(first), Tags=tags(team="blue"), TransitiveTagKeys=["team"], SourceIdentity="alice", Policy=POLICY
    )["Credentials"]
    second = sts.sessions[-1]
    assert second.source_session is first
    assert fields(second) == {
        "access_key_id": credentials["AccessKeyId"],
        "account_id": ACCOUNT,
        "arn": DEPLOYING,
        "assumed_role_id": f"{deployer.role_id}:deploy",
        "expiration": credentials["Expiration"],
        "issued": credentials["Expiration"] - HOUR,
        "name": "deploy",
        "policies": (POLICY,),
        "role": deployer,
        "source_identity": "alice",
        "source_session": first,
        "tags": {"team": "blue"},
        "transitive_tag_keys": ("team",),
    }


def test_sessions_can_be_read_after_the_mock_has_ended(
    saml_signing_key: SigningKey, log_in: Callable[..., Any]
) -> None:
    with mock_sts_saml() as sts:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        log_in(idp.response(role), role, provider)
    assert [session.arn for session in sts.sessions] == [ALICE]


def test_a_later_mock_begins_without_sessions(saml_signing_key: SigningKey, log_in: Callable[..., Any]) -> None:
    found = []
    for _ in range(2):
        with mock_sts_saml() as sts:
            found.append(len(sts.sessions))
            idp = IdentityProvider(signing_key=saml_signing_key)
            provider = sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer")
            log_in(idp.response(role), role, provider)
    assert found == [0, 0]


def test_a_joined_mock_has_the_same_sessions(session: Session) -> None:
    with mock_sts_saml() as joined:
        assert joined.sessions == (session,)
        assert identity(client_of(session))["Arn"] == ALICE


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda client: assume(client, "arn:aws:iam::123456789012:role/Other"), id="role unknown"),
        pytest.param(lambda client: assume(client, DEVELOPER), id="not trusted"),
        pytest.param(lambda client: assume(client, DurationSeconds=3601), id="too long"),
        pytest.param(lambda client: assume(client, Policy="{}"), id="policy"),
        pytest.param(lambda client: assume(client, **packed(50)), id="too large"),
        pytest.param(lambda client: client.get_session_token(), id="GetSessionToken"),
        pytest.param(lambda client: client.get_federation_token(Name="alice"), id="GetFederationToken"),
    ],
)
def test_a_refused_call_creates_no_session(
    sts: STSBackend, session: Session, deployer: Role, call: Callable[[Any], Any]
) -> None:
    with pytest.raises(ClientError):
        call(client_of(session))
    assert sts.sessions == (session,)


def test_a_refused_login_creates_no_session(
    sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
) -> None:
    role = sts.create_role("Developer")
    refusal(idp.response(role, signed=None), role, idp.provider)
    assert sts.sessions == ()


def test_get_caller_identity_creates_no_session(sts: STSBackend, session: Session) -> None:
    identity(client_of(session))
    assert sts.sessions == (session,)


def test_a_login_through_handle_creates_a_session(sts: STSBackend, idp: IdentityProvider) -> None:
    role = sts.create_role("Developer")
    asked = {"RoleArn": role.arn, "PrincipalArn": PROVIDER, "SAMLAssertion": idp.response(role)}
    sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **asked}))
    assert identity(client_of(sts.sessions[-1]))["Arn"] == ALICE


@pytest.fixture(params=["login", "chain"])
def either(request: pytest.FixtureRequest, sts: STSBackend, enter: Enter, deployer: Role) -> Session:
    """A session of a login, and one of a chain."""
    session = enter(principal_tags={"team": "blue"}, transitive_tag_keys=["team"])
    if request.param == "chain":
        assume(client_of(session), Policy=POLICY)
    return sts.sessions[-1]


@pytest.mark.parametrize(
    "copied",
    [
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        *(
            pytest.param(lambda session, n=n: pickle.loads(pickle.dumps(session, n)), id=f"pickle {n}")  # noqa: S301
            for n in range(2, pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
)
def test_a_copy_of_a_session_works(either: Session, copied: Callable[[Session], Session]) -> None:
    session = copied(either)
    assert (repr(session), session.boto3_kwargs()) == (repr(either), either.boto3_kwargs())
    assert repr(session.source_session) == repr(either.source_session)
    assert identity(client_of(session))["Arn"] == either.arn


def test_the_repr_of_a_session_shows_no_secret(either: Session) -> None:
    shown = repr(either) + str(either) + f"{either}"
    secrets = [either.secret_access_key, either.session_token]
    if either.source_session is not None:
        secrets += [either.source_session.secret_access_key, either.source_session.session_token]
    assert [secret for secret in secrets if secret[:8] in shown] == []


def test_a_session_cannot_be_changed(session: Session) -> None:
    with pytest.raises(AttributeError):
        session.name = "bob"  # type: ignore[misc]


# --- what credentials are derived from


def keys_of(key: SigningKey, seed: str) -> list[dict[str, str]]:
    """Return the credentials of a login and of two chained sessions."""
    idp = IdentityProvider(signing_key=key)
    with mock_sts_saml(seed=seed, now=NOON) as sts:
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        sts.create_role("Deployer", trust_policy=trusting(DEVELOPER))
        shared_session().client("sts", region_name="us-east-1").assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
        )
        client = client_of(sts.sessions[-1])
        for _ in range(2):
            assume(client)
    return [session.boto3_kwargs() for session in sts.sessions]


def test_the_same_seed_gives_the_same_credentials(saml_signing_key: SigningKey) -> None:
    assert keys_of(saml_signing_key, "seed") == keys_of(saml_signing_key, "seed")


def test_another_seed_gives_other_credentials(saml_signing_key: SigningKey) -> None:
    ours, theirs = keys_of(saml_signing_key, "seed"), keys_of(saml_signing_key, "other")
    values = [value for credentials in (*ours, *theirs) for value in credentials.values()]
    assert len(set(values)) == len(values) == 18


def test_a_mock_with_the_same_seed_refuses_a_session_whose_role_it_does_not_have(
    saml_signing_key: SigningKey, log_in: Callable[..., Any]
) -> None:
    with mock_sts_saml(seed="seed") as sts:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider = sts.create_saml_provider("ExampleIdP", idp)
        role = sts.create_role("Developer")
        log_in(idp.response(role), role, provider)
    with mock_sts_saml(seed="seed"):
        assert refused(client_of(sts.sessions[0]).get_caller_identity) == INVALID


# --- children and threads


@forking
def test_a_forked_child_uses_a_client_with_a_session_of_its_parent(session: Session, deployer: Role) -> None:
    client = client_of(session)
    assert in_a_child(lambda: identity(client)["Arn"]) == ALICE


@forking
def test_a_forked_child_makes_a_client_for_a_session_of_its_parent(session: Session) -> None:
    assert in_a_child(lambda: identity(client_of(session))["Arn"]) == ALICE


@forking
def test_a_chain_of_a_forked_child_has_other_credentials(sts: STSBackend, session: Session, deployer: Role) -> None:
    client = client_of(session)

    def access_key_id() -> str:
        return str(assume(client)["Credentials"]["AccessKeyId"])

    assert in_a_child(access_key_id) != access_key_id()
    assert len(sts.sessions) == 2


@pytest.mark.parametrize("client_of_a_thread", ["shared", "own"])
def test_threads_chain_at_once(sts: STSBackend, session: Session, deployer: Role, client_of_a_thread: str) -> None:
    shared = client_of(session)

    def chain(number: int) -> str:
        client = shared if client_of_a_thread == "shared" else client_of(session)
        answer = assume(client, name=f"deploy{number}")
        return identity(client_with(answer["Credentials"]))["Arn"]

    with ThreadPoolExecutor(4) as threads:
        arns = list(threads.map(chain, range(8)))
    assert arns == [f"{DEPLOYING}{number}" for number in range(8)]
    assert len({session.access_key_id for session in sts.sessions}) == 9


def test_an_answer_survives_json_when_its_time_is_written_out(session: Session, deployer: Role) -> None:
    answer = assume(client_of(session))
    text = json.dumps(answer, default=dt.datetime.isoformat)
    answer["Credentials"]["Expiration"] = answer["Credentials"]["Expiration"].isoformat()
    assert json.loads(text) == answer
