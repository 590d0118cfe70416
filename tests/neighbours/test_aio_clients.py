"""aiobotocore's and aioboto3's clients, answered as boto3's are."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from pytest_stssaml import IdentityProvider, STSBackend, active_backend, make_signing_key, mock_sts_saml

pytest.importorskip("aiobotocore", reason="aiobotocore is not installed")
pytest.importorskip("pytest_asyncio", reason="pytest-asyncio is not installed")

import aiobotocore.session
import pytest_asyncio
from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.config import AioConfig

pytestmark = pytest.mark.asyncio

MakeClient = Callable[..., AbstractAsyncContextManager[Any]]

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


async def test_a_session_policy_that_is_none_is_refused(client: Any, parameters: dict[str, Any]) -> None:
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
