"""aiobotocore's and aioboto3's clients, answered as boto3's are."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
)

from pytest_stssaml import (
    IdentityProvider,
    Role,
    Session,
    STSBackend,
    active_backend,
    make_signing_key,
    mock_sts_saml,
)
from pytest_stssaml.literals import ConnectionErrorKind

pytest.importorskip("aiobotocore", reason="aiobotocore is not installed")

import aiobotocore.session
from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioRefreshableCredentials

pytest_asyncio = pytest.importorskip("pytest_asyncio", reason="pytest-asyncio is not installed")

pytestmark = pytest.mark.asyncio

MakeClient = Callable[..., AbstractAsyncContextManager[Any]]

CONNECTION_ERRORS: dict[str, type[Exception]] = {
    "reset": ConnectionClosedError,
    "timeout": ReadTimeoutError,
    "refused": EndpointConnectionError,
}

EARLY_SESSION = aiobotocore.session.get_session()


def of_aiobotocore(**options: Any) -> AbstractAsyncContextManager[Any]:
    return aiobotocore.session.get_session().create_client("sts", **{"region_name": "us-east-1", **options})


def of_an_early_session(**options: Any) -> AbstractAsyncContextManager[Any]:
    return EARLY_SESSION.create_client("sts", **{"region_name": "us-east-1", **options})


def of_aioboto3(**options: Any) -> AbstractAsyncContextManager[Any]:
    aioboto3 = pytest.importorskip("aioboto3", reason="aioboto3 is not installed")
    return aioboto3.Session().client("sts", **{"region_name": "us-east-1", **options})


@pytest.fixture(params=[of_aiobotocore, of_an_early_session, of_aioboto3], ids=lambda make: make.__name__)
def make_client(request: pytest.FixtureRequest) -> MakeClient:
    return request.param


@pytest_asyncio.fixture
async def client(make_client: MakeClient) -> AsyncGenerator[Any, None]:
    async with make_client() as made:
        yield made


@pytest.fixture
def parameters(sts: STSBackend, idp: IdentityProvider) -> dict[str, Any]:
    role = sts.create_role("Developer")
    return {"RoleArn": role.arn, "PrincipalArn": idp.provider.arn, "SAMLAssertion": idp.response(role)}


async def test_a_login_is_accepted(client: Any, parameters: dict[str, Any]) -> None:
    answer = await client.assume_role_with_saml(**parameters)
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")


async def test_the_answer_is_that_of_boto3(make_client: MakeClient) -> None:
    key = make_signing_key("ec")
    options: dict[str, Any] = {"seed": "the same", "now": "2030-01-01"}
    answers = []
    for made in (None, make_client):
        with mock_sts_saml(**options) as sts:
            idp = IdentityProvider(signing_key=key)
            provider = sts.create_saml_provider("Okta", idp)
            role = sts.create_role("Developer")
            said = {"RoleArn": role.arn, "PrincipalArn": provider.arn, "SAMLAssertion": idp.response(role)}
            if made is None:
                answers.append(boto3.Session().client("sts", region_name="us-east-1").assume_role_with_saml(**said))
            else:
                async with made() as client:
                    answers.append(await client.assume_role_with_saml(**said))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("said", "exception", "code_and_status"),
    [
        pytest.param(
            {"not_on_or_after": dt.timedelta(0)},
            "ExpiredTokenException",
            ("ExpiredTokenException", 400),
            id="ExpiredTokenException",
        ),
        pytest.param(
            {"audience": "urn:example"},
            "InvalidIdentityTokenException",
            ("InvalidIdentityToken", 400),
            id="InvalidIdentityToken",
        ),
        pytest.param(
            {"status": "urn:example"}, "IDPRejectedClaimException", ("IDPRejectedClaim", 403), id="IDPRejectedClaim"
        ),
        pytest.param({"name_id": None}, "ClientError", ("AccessDenied", 403), id="AccessDenied"),
    ],
)
async def test_a_refusal_is_an_exception_of_the_client(
    client: Any, sts: STSBackend, idp: IdentityProvider, *, said: Any, exception: str, code_and_status: tuple[str, int]
) -> None:
    role = sts.create_role("Developer")
    with pytest.raises(getattr(client.exceptions, exception)) as refused:
        await client.assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=idp.provider.arn, SAMLAssertion=idp.response(role, **said)
        )
    assert isinstance(refused.value, ClientError)
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == code_and_status


async def test_an_invalid_session_policy_is_refused(client: Any, parameters: dict[str, Any]) -> None:
    with pytest.raises(client.exceptions.MalformedPolicyDocumentException):
        await client.assume_role_with_saml(**parameters, Policy="{}")


async def test_a_disabled_region_is_refused(client: Any, sts: STSBackend, parameters: dict[str, Any]) -> None:
    sts.disable_region("us-east-1")
    with pytest.raises(client.exceptions.RegionDisabledException):
        await client.assume_role_with_saml(**parameters)


async def test_the_region_of_a_client_reaches_sts(
    make_client: MakeClient, sts: STSBackend, parameters: dict[str, Any]
) -> None:
    sts.disable_region("us-east-1")
    async with make_client(region_name="eu-west-1") as client:
        assert await client.assume_role_with_saml(**parameters)


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling"])
async def test_an_ordered_error_refuses_a_login_at_once(
    client: Any, sts: STSBackend, parameters: dict[str, Any], code: str
) -> None:
    sts.add_client_error(code)
    with pytest.raises(ClientError, match=code):
        await client.assume_role_with_saml(**parameters)
    assert await client.assume_role_with_saml(**parameters)
    assert [attempt.code for attempt in sts.attempts] == [code, None]


@pytest.mark.parametrize("kind", CONNECTION_ERRORS)
async def test_an_ordered_error_of_the_connection_is_raised_at_once(
    client: Any, sts: STSBackend, parameters: dict[str, Any], kind: ConnectionErrorKind
) -> None:
    sts.add_connection_error(kind)
    with pytest.raises(CONNECTION_ERRORS[kind], match=r"https://sts\.us-east-1\.amazonaws\.com/"):
        await client.assume_role_with_saml(**parameters)


async def test_a_response_grows_old(client: Any, sts: STSBackend, parameters: dict[str, Any]) -> None:
    sts.advance(minutes=6)
    with pytest.raises(client.exceptions.ExpiredTokenException):
        await client.assume_role_with_saml(**parameters)


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
async def test_a_client_of_any_retry_mode_is_answered(
    make_client: MakeClient, parameters: dict[str, Any], mode: str
) -> None:
    async with make_client(config=AioConfig(retries={"mode": mode})) as client:
        assert (await client.assume_role_with_saml(**parameters))["ResponseMetadata"]["RetryAttempts"] == 0


async def test_twenty_logins_at_once_get_twenty_sessions(client: Any, parameters: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(client.assume_role_with_saml(**parameters) for _ in range(20)))
    assert len({answer["Credentials"]["AccessKeyId"] for answer in answers}) == 20


async def test_twenty_logins_at_once_get_the_same_credentials_in_the_same_order_every_time(
    make_client: MakeClient,
) -> None:
    async def keys() -> list[str]:
        async with mock_sts_saml(seed="the same") as sts, make_client() as client:
            idp = IdentityProvider(signing_key=key)
            provider = sts.create_saml_provider("Okta", idp)
            role = sts.create_role("Developer")
            calls = (
                client.assume_role_with_saml(
                    RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
                )
                for _ in range(20)
            )
            return [answer["Credentials"]["AccessKeyId"] for answer in await asyncio.gather(*calls)]

    key = make_signing_key("ec")
    assert await keys() == await keys()


async def test_logins_at_once_are_each_judged_alone(client: Any, sts: STSBackend, idp: IdentityProvider) -> None:
    role = sts.create_role("Developer")
    answers = await asyncio.gather(
        *(
            client.assume_role_with_saml(
                RoleArn=role.arn,
                PrincipalArn=idp.provider.arn,
                SAMLAssertion=idp.response(role, signed="assertion" if n % 2 else None),
            )
            for n in range(20)
        ),
        return_exceptions=True,
    )
    assert [isinstance(answer, ClientError) for answer in answers] == [True, False] * 10


async def test_decorated_coroutines_at_once_share_one_mock(make_client: MakeClient) -> None:
    @mock_sts_saml
    async def log_in(n: int) -> str:
        idp = IdentityProvider(f"https://{n}.example.com", signing_key=key)
        provider = active_backend().create_saml_provider(f"Okta{n}", idp)
        role = active_backend().create_role(f"Developer{n}", provider=provider)
        async with make_client() as client:
            answer = await client.assume_role_with_saml(
                RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
            )
        return answer["Issuer"]

    key = make_signing_key("ec")
    async with mock_sts_saml():
        issuers = await asyncio.gather(*map(log_in, range(5)))
    assert issuers == [f"https://{n}.example.com" for n in range(5)]


async def test_boto3_in_a_thread_and_an_async_client_share_one_mock(
    client: Any, sts_client: Any, parameters: dict[str, Any]
) -> None:
    answers = await asyncio.gather(
        client.assume_role_with_saml(**parameters), asyncio.to_thread(sts_client.assume_role_with_saml, **parameters)
    )
    assert len({answer["Credentials"]["AccessKeyId"] for answer in answers}) == 2


async def test_a_client_is_answered_by_one_mock_after_another(client: Any) -> None:
    key = make_signing_key("ec")
    for account_id in ("111111111111", "222222222222"):
        async with mock_sts_saml(account_id=account_id) as sts:
            idp = IdentityProvider(signing_key=key)
            provider = sts.create_saml_provider("Okta", idp)
            role = sts.create_role("Developer")
            answer = await client.assume_role_with_saml(
                RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
            )
            assert answer["AssumedRoleUser"]["Arn"].split(":")[4] == account_id


async def test_a_client_reaches_the_network_when_the_mock_has_ended(
    make_client: MakeClient, saml_signing_key: Any
) -> None:
    async with make_client(
        endpoint_url="http://127.0.0.1:9", config=AioConfig(retries={"total_max_attempts": 1})
    ) as client:
        async with mock_sts_saml() as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            provider = sts.create_saml_provider("Okta", idp)
            role = sts.create_role("Developer")
            said = {"RoleArn": role.arn, "PrincipalArn": provider.arn, "SAMLAssertion": idp.response(role)}
            assert await client.assume_role_with_saml(**said)
        with pytest.raises((EndpointConnectionError, HTTPClientError, AssertionError)):
            await client.assume_role_with_saml(**said)


async def test_a_stubber_on_one_client_wins_for_that_client(
    client: Any, make_client: MakeClient, parameters: dict[str, Any]
) -> None:
    stub = pytest.importorskip("aiobotocore.stub", reason="an aiobotocore without a Stubber")
    async with make_client() as other:
        with stub.AioStubber(client) as stubber:
            stubber.add_response("assume_role_with_saml", {"Subject": "stubbed"}, parameters)
            assert (await client.assume_role_with_saml(**parameters))["Subject"] == "stubbed"
            assert (await other.assume_role_with_saml(**parameters))["Subject"] == "alice@example.com"
    assert (await client.assume_role_with_saml(**parameters))["Subject"] == "alice@example.com"


async def test_a_login_inside_mock_aws_is_ours(client: Any, sts: STSBackend, parameters: dict[str, Any]) -> None:
    moto = pytest.importorskip("moto", reason="moto is not installed")
    with moto.mock_aws():
        sts.disable_region("us-east-1")  # moto knows nothing of that
        with pytest.raises(client.exceptions.RegionDisabledException):
            await client.assume_role_with_saml(**parameters)


async def test_the_handlers_of_after_call_can_await_the_body(client: Any, parameters: dict[str, Any]) -> None:
    bodies = []

    async def keep(http_response: AioAWSResponse, **_: Any) -> None:
        bodies.append((await http_response.content, await http_response.text))

    client.meta.events.register("after-call.sts.AssumeRoleWithSAML", keep)
    await client.assume_role_with_saml(**parameters)
    assert len(bodies) == 1


# --- after the login

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
DEPLOYER = "arn:aws:iam::123456789012:role/Deployer"
ALICE = "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"


@pytest.fixture
def session(sts: STSBackend, sts_client: Any, parameters: dict[str, Any]) -> Session:
    """Alice's session of the role Developer."""
    sts_client.assume_role_with_saml(**parameters)
    return sts.sessions[-1]


@pytest.fixture
def deployer(sts: STSBackend) -> Role:
    """A role that sessions of Developer may assume."""
    principal = {"AWS": "arn:aws:iam::123456789012:role/Developer"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return sts.create_role("Deployer", trust_policy={"Version": "2012-10-17", "Statement": statement})


async def refusal_of(call: Awaitable[Any]) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        await call
    assert caught.type is ClientError
    error = caught.value.response["Error"]
    return error["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"], error["Message"]


async def test_a_session_gets_its_identity(make_client: MakeClient, session: Session) -> None:
    async with make_client(**session.boto3_kwargs()) as client:
        answer = await client.get_caller_identity()
    assert answer["ResponseMetadata"].pop("RetryAttempts") == 0
    del answer["ResponseMetadata"]
    assert answer == {"Arn": ALICE, "UserId": session.assumed_role_id, "Account": "123456789012"}


async def test_a_session_gets_its_identity_at_the_global_endpoint(make_client: MakeClient, session: Session) -> None:
    async with make_client(region_name=None, **session.boto3_kwargs()) as client:
        assert (await client.get_caller_identity())["Arn"] == ALICE


async def test_the_identity_is_that_which_boto3_gets(
    make_client: MakeClient, sts: STSBackend, session: Session
) -> None:
    answers = [boto3.Session(**session.boto3_kwargs()).client("sts", region_name="us-east-1").get_caller_identity()]
    async with make_client(**session.boto3_kwargs()) as client:
        answers.append(await client.get_caller_identity())
    for answer in answers:
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        assert headers.pop("x-amzn-requestid") == answer["ResponseMetadata"].pop("RequestId")
        del headers["x-amz-sts-extended-request-id"], headers["date"]
    assert answers[0] == answers[1]


async def test_an_ordered_error_refuses_a_session_at_once(
    make_client: MakeClient, sts: STSBackend, session: Session
) -> None:
    sts.add_client_error("Throttling", operation="GetCallerIdentity")
    async with make_client(**session.boto3_kwargs()) as client:
        assert await refusal_of(client.get_caller_identity()) == ("Throttling", 400, "Rate exceeded")
        assert (await client.get_caller_identity())["Arn"] == ALICE


async def test_an_expired_session_is_refused(make_client: MakeClient, sts: STSBackend, session: Session) -> None:
    sts.advance(hours=1)
    async with make_client(**session.boto3_kwargs()) as client:
        assert await refusal_of(client.get_caller_identity()) == EXPIRED


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        pytest.param({"aws_secret_access_key": "wrong"}, SIGNATURE, id="another secret"),
        pytest.param({"aws_session_token": "wrong"}, INVALID, id="another token"),
        pytest.param({"aws_session_token": None}, INVALID, id="no token"),
    ],
)
@pytest.mark.parametrize("operation", ["get_caller_identity", "assume_role", "get_session_token"])
async def test_credentials_that_do_not_go_together_are_refused(
    make_client: MakeClient,
    session: Session,
    deployer: Role,
    *,
    operation: str,
    changed: dict[str, Any],
    answer: tuple[str, int, str],
) -> None:
    said = {"RoleArn": DEPLOYER, "RoleSessionName": "deploy"} if operation == "assume_role" else {}
    async with make_client(**{**session.boto3_kwargs(), **changed}) as client:
        assert await refusal_of(getattr(client, operation)(**said)) == answer


async def test_a_session_may_assume_a_role_that_trusts_it(
    make_client: MakeClient, sts: STSBackend, session: Session, deployer: Role
) -> None:
    async with make_client(**session.boto3_kwargs()) as client:
        answer = await client.assume_role(RoleArn=DEPLOYER, RoleSessionName="deploy")
    arn = "arn:aws:sts::123456789012:assumed-role/Deployer/deploy"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    assert sts.sessions[-1].source_session is session
    async with make_client(**sts.sessions[-1].boto3_kwargs()) as client:
        assert (await client.get_caller_identity())["Arn"] == arn


async def test_a_role_that_does_not_trust_it_is_denied(
    make_client: MakeClient, sts: STSBackend, session: Session
) -> None:
    async with make_client(**session.boto3_kwargs()) as client:
        assert await refusal_of(client.assume_role(RoleArn=DEPLOYER, RoleSessionName="deploy")) == (
            "AccessDenied",
            403,
            f"User: {ALICE} is not authorized to perform: sts:AssumeRole on resource: {DEPLOYER}",
        )
    assert sts.sessions == (session,)


async def test_a_modelled_refusal_of_a_chain_is_an_exception_of_the_client(
    make_client: MakeClient, session: Session, deployer: Role
) -> None:
    async with make_client(**session.boto3_kwargs()) as client:
        with pytest.raises(client.exceptions.MalformedPolicyDocumentException):
            await client.assume_role(RoleArn=DEPLOYER, RoleSessionName="deploy", Policy="{}")


async def test_what_only_users_may_call_is_refused(make_client: MakeClient, session: Session) -> None:
    async with make_client(**session.boto3_kwargs()) as client:
        assert await refusal_of(client.get_session_token()) == (
            "AccessDenied",
            403,
            "Cannot call GetSessionToken with session credentials",
        )


async def test_twenty_chains_at_once_get_twenty_sessions(
    make_client: MakeClient, sts: STSBackend, session: Session, deployer: Role
) -> None:
    async with make_client(**session.boto3_kwargs()) as client:
        await asyncio.gather(*(client.assume_role(RoleArn=DEPLOYER, RoleSessionName=f"deploy{n}") for n in range(20)))
    assert len({each.access_key_id for each in sts.sessions}) == 21


@pytest.mark.parametrize("seconds", [3600, 900])
async def test_refreshable_credentials_are_a_sessions(
    sts: STSBackend, sts_client: Any, idp: IdentityProvider, seconds: int
) -> None:
    role = sts.create_role("Developer")

    async def log_in() -> dict[str, str]:
        answer = sts_client.assume_role_with_saml(
            RoleArn=role.arn,
            PrincipalArn=idp.provider.arn,
            SAMLAssertion=idp.response(role),
            DurationSeconds=seconds,
        )["Credentials"]
        return {
            "access_key": answer["AccessKeyId"],
            "secret_key": answer["SecretAccessKey"],
            "token": answer["SessionToken"],
            "expiry_time": answer["Expiration"].isoformat(),
        }

    own = aiobotocore.session.get_session()
    own._credentials = AioRefreshableCredentials.create_from_metadata(await log_in(), log_in, "saml")
    async with own.create_client("sts", region_name="us-east-1") as client:
        assert (await client.get_caller_identity())["Arn"] == ALICE


# --- what passes on


class Sent(Exception):
    """A request has left the client, since nothing before the network answered it."""


async def sends(client: Any, operation: str, **said: Any) -> Any:
    """The request that a call sends; one that is answered fails the test."""
    requests = []

    async def stop(request: Any, **_: Any) -> None:
        requests.append(request)
        raise Sent

    client.meta.events.register("before-send", stop)
    with pytest.raises(Sent):
        await getattr(client, operation)(**said)
    [request] = requests
    return request


STRANGERS = {
    "aws_access_key_id": "ASIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "aws_session_token": "AQoDYXdzEPT//////////wEXAMPLE",
}


@pytest.mark.parametrize("operation", ["get_caller_identity", "get_session_token"])
async def test_a_call_with_unknown_credentials_passes_on(
    make_client: MakeClient, session: Session, operation: str
) -> None:
    async with make_client(**STRANGERS) as client:
        request = await sends(client, operation)
    assert request.url == "https://sts.us-east-1.amazonaws.com/"
    assert b"Credential=ASIAIOSFODNN7EXAMPLE/" in to_bytes(request.headers["Authorization"])


async def test_another_operation_passes_on(make_client: MakeClient, session: Session) -> None:
    async with make_client(**session.boto3_kwargs()) as client:
        request = await sends(client, "get_access_key_info", AccessKeyId=session.access_key_id)
    assert f"Credential={session.access_key_id}/".encode() in to_bytes(request.headers["Authorization"])


async def test_another_service_gets_its_calls(session: Session) -> None:
    own = aiobotocore.session.get_session()
    async with own.create_client("s3", region_name="us-east-1", **session.boto3_kwargs()) as client:
        request = await sends(client, "list_buckets")
    assert f"Credential={session.access_key_id}/".encode() in to_bytes(request.headers["Authorization"])


async def test_a_client_that_signs_nothing_passes_on(make_client: MakeClient, session: Session) -> None:
    config = AioConfig(signature_version=UNSIGNED)
    async with make_client(config=config, **session.boto3_kwargs()) as client:
        request = await sends(client, "get_caller_identity")
    assert "Authorization" not in request.headers


async def test_without_any_credentials_a_call_fails_as_ever(client: Any, sts: STSBackend) -> None:
    with pytest.raises(NoCredentialsError):
        await client.get_caller_identity()


async def test_after_the_mock_a_call_passes_on(make_client: MakeClient, saml_signing_key: Any, sts_client: Any) -> None:
    async with mock_sts_saml() as sts:
        idp = IdentityProvider(signing_key=saml_signing_key)
        provider = sts.create_saml_provider("Okta", idp)
        role = sts.create_role("Developer")
        sts_client.assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role))
    async with make_client(**sts.sessions[-1].boto3_kwargs()) as client:
        assert await sends(client, "get_caller_identity")


def to_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (("s3", "list_buckets"), ("ExpiredToken", 400)),
        (("ec2", "describe_key_pairs"), ("RequestExpired", 400)),
        (("iam", "list_users"), ("ExpiredToken", 403)),
        (("dynamodb", "list_tables"), ("ExpiredTokenException", 400)),
        (("lambda", "list_functions"), ("ExpiredTokenException", 403)),
    ],
)
async def test_beside_moto_other_services_refuse_a_session_that_has_ended(
    sts: STSBackend, sts_client: Any, parameters: dict[str, Any], call: tuple[str, str], error: tuple[str, int]
) -> None:
    moto = pytest.importorskip("moto", reason="moto is not installed")
    service, operation = call
    with moto.mock_aws():
        sts_client.assume_role_with_saml(**parameters)
        sts.advance(hours=1)
        credentials = {"region_name": "us-east-1", **sts.sessions[-1].boto3_kwargs()}
        async with EARLY_SESSION.create_client(service, **credentials) as client:
            with pytest.raises(ClientError) as caught:
                await getattr(client, operation)()
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == error


# --- time


@pytest.mark.stssaml(now="2030-01-01T00:00:00Z")
async def test_a_login_in_frozen_time_expires_by_it(client: Any, sts_saml: STSBackend, saml_idp: Any) -> None:
    role = sts_saml.create_role("Developer")
    answer = await client.assume_role_with_saml(
        RoleArn=role.arn, PrincipalArn=saml_idp.provider.arn, SAMLAssertion=saml_idp.response(role)
    )
    assert answer["Credentials"]["Expiration"] == dt.datetime(2030, 1, 1, 1, tzinfo=dt.UTC)


@pytest.mark.stssaml(now="2030-01-01T00:00:00Z")
async def test_frozen_time_lets_the_event_loop_wake(sts_saml: STSBackend) -> None:
    await asyncio.wait_for(asyncio.sleep(0.01), timeout=5)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), timeout=0.01)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()


@pytest.mark.stssaml(now="2030-01-01T00:00:00Z")
async def test_a_jump_in_frozen_time_does_not_wake_the_event_loop(sts_saml: STSBackend) -> None:
    sleeper = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    sts_saml.advance(days=1)
    await asyncio.sleep(0.01)
    assert not sleeper.done()
    assert dt.datetime.now(dt.UTC) == dt.datetime(2030, 1, 2, tzinfo=dt.UTC)
    sleeper.cancel()


async def test_time_can_be_frozen_and_thawed_while_the_event_loop_runs() -> None:
    sleeper = asyncio.create_task(asyncio.sleep(0.02))
    async with mock_sts_saml(now="2030-01-01"):
        await asyncio.sleep(0.01)
    await asyncio.wait_for(sleeper, timeout=5)
    assert dt.datetime.now(dt.UTC) < dt.datetime(2300, 1, 1, tzinfo=dt.UTC)
