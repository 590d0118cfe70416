"""Calls of other services with credentials that AWS refuses, beside the real moto and with real clients."""

import contextlib
import types
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws
from wire import pretend_that_there_is_aiobotocore, shared_session

from pytest_stssaml import IdentityProvider, Role, Session, STSBackend, mock_sts_saml
from pytest_stssaml.adapters import botocore_events
from pytest_stssaml.keys import SigningKey

Refusal = tuple[str, int, str]
Call = Callable[[Any], object]

EXPIRED = "The security token included in the request is expired"
INVALID = "The security token included in the request is invalid."
NOT_VALIDATED = "AWS was not able to validate the provided access credentials"

# A call of a service of each protocol, and what it is refused with: after the end of the session, with the token of
# another session, and when the role is gone.
CALLS: dict[str, tuple[Call, Refusal, Refusal, Refusal]] = {
    "s3": (
        lambda s3: s3.list_buckets(),
        ("ExpiredToken", 400, "The provided token has expired."),
        ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
    ),
    "ec2": (
        lambda ec2: ec2.describe_key_pairs(),
        ("RequestExpired", 400, "Request has expired."),
        ("AuthFailure", 401, NOT_VALIDATED),
        ("AuthFailure", 401, NOT_VALIDATED),
    ),
    "iam": (
        lambda iam: iam.list_users(),
        ("ExpiredToken", 403, EXPIRED),
        ("InvalidClientTokenId", 403, INVALID),
        ("InvalidClientTokenId", 403, INVALID),
    ),
    "sts": (
        lambda sts: sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE"),
        ("ExpiredToken", 403, EXPIRED),
        ("InvalidClientTokenId", 403, INVALID),
        ("InvalidClientTokenId", 403, INVALID),
    ),
    "route53": (
        lambda route53: route53.list_hosted_zones(),
        ("ExpiredToken", 403, EXPIRED),
        ("InvalidClientTokenId", 403, INVALID),
        ("InvalidClientTokenId", 403, INVALID),
    ),
    "dynamodb": (
        lambda dynamodb: dynamodb.list_tables(),
        ("ExpiredTokenException", 400, EXPIRED),
        ("UnrecognizedClientException", 400, INVALID),
        ("UnrecognizedClientException", 400, INVALID),
    ),
    "lambda": (
        lambda functions: functions.list_functions(),
        ("ExpiredTokenException", 403, EXPIRED),
        ("UnrecognizedClientException", 403, INVALID),
        ("UnrecognizedClientException", 403, INVALID),
    ),
}


@pytest.fixture(params=["moto around ours", "ours around moto"])
def sts(request: pytest.FixtureRequest) -> Iterator[STSBackend]:
    moto, ours = mock_aws(), mock_sts_saml()
    with contextlib.ExitStack() as both:
        if request.param == "moto around ours":
            both.enter_context(moto)
            yield both.enter_context(ours)
        else:
            backend = both.enter_context(ours)
            both.enter_context(moto)
            yield backend


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Role:
    return sts.create_role("Developer")


@pytest.fixture
def enter(sts: STSBackend, idp: IdentityProvider, role: Role, log_in: Callable[..., Any]) -> Callable[[], Session]:
    """Log in, and return the session."""

    def session() -> Session:
        log_in(idp.response(role), role, idp.provider)
        return sts.sessions[-1]

    return session


@pytest.fixture
def session(enter: Callable[[], Session]) -> Session:
    return enter()


def client(service: str, session: Session, **changed: Any) -> Any:
    return shared_session().client(service, region_name="us-east-1", **{**session.boto3_kwargs(), **changed})


def refusal(call: Call, client: Any) -> Refusal:
    """Return code, status and message with which a call is refused, as the client reads them."""
    with pytest.raises(ClientError) as caught:
        call(client)
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    assert metadata["RequestId"]
    assert caught.value.operation_name in str(caught.value)
    return error["Code"], metadata["HTTPStatusCode"], error["Message"]


each_service = pytest.mark.parametrize("service", CALLS)


@each_service
def test_a_session_that_has_ended_is_refused(sts: STSBackend, session: Session, service: str) -> None:
    call, expired, _, _ = CALLS[service]
    used = client(service, session)
    sts.advance(hours=1)
    assert refusal(call, used) == expired


@pytest.mark.parametrize("service", [name for name in CALLS if name != "sts"])  # an older moto lacks that operation
def test_a_session_is_good_until_it_ends(sts: STSBackend, session: Session, service: str) -> None:
    sts.advance(minutes=59)
    CALLS[service][0](client(service, session))


@each_service
def test_the_token_of_another_session_is_refused(enter: Callable[[], Session], service: str) -> None:
    call, _, mismatch, _ = CALLS[service]
    used = client(service, enter(), aws_session_token=enter().session_token)
    assert refusal(call, used) == mismatch


@each_service
def test_a_session_whose_role_is_gone_is_refused(sts: STSBackend, session: Session, role: Role, service: str) -> None:
    call, _, _, unknown = CALLS[service]
    sts.delete_role(role)
    assert refusal(call, client(service, session)) == unknown


@each_service
def test_an_access_key_without_its_token_is_refused(session: Session, service: str) -> None:
    call, _, _, unknown = CALLS[service]
    assert refusal(call, client(service, session, aws_session_token=None)) == unknown


def test_an_altered_token_is_refused(session: Session) -> None:
    altered = client("s3", session, aws_session_token=session.session_token[:-4] + "AAAA")
    assert refusal(CALLS["s3"][0], altered)[0] == "InvalidToken"


def test_a_new_login_is_accepted_after_the_end_of_the_old_one(
    sts: STSBackend, session: Session, enter: Callable[[], Session]
) -> None:
    client("s3", session).create_bucket(Bucket="there")
    sts.advance(hours=1)
    assert refusal(CALLS["s3"][0], client("s3", session))[0] == "ExpiredToken"
    buckets = client("s3", enter()).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["there"]


def test_a_refused_call_does_not_reach_moto(sts: STSBackend, session: Session, enter: Callable[[], Session]) -> None:
    sts.advance(hours=1)
    with pytest.raises(ClientError, match="ExpiredToken"):
        client("s3", session).create_bucket(Bucket="there")
    assert client("s3", enter()).list_buckets()["Buckets"] == []


@pytest.mark.parametrize("method", ["head_object", "get_object"])
def test_a_head_request_shows_only_the_status(sts: STSBackend, session: Session, method: str) -> None:
    sts.advance(hours=1)
    code, status, message = refusal(lambda s3: getattr(s3, method)(Bucket="there", Key="key"), client("s3", session))
    expected = ("400", 400, "Bad Request") if method == "head_object" else CALLS["s3"][1]
    assert (code, status, message) == expected


def test_s3_names_the_token_or_the_access_key(sts: STSBackend, session: Session, role: Role) -> None:
    sts.advance(hours=1)
    with pytest.raises(ClientError) as caught:
        client("s3", session).list_buckets()
    error: Any = caught.value.response
    assert error["Error"]["Token-0"] == session.session_token
    assert error["ResponseMetadata"]["HostId"]
    with pytest.raises(ClientError) as caught:
        client("s3", session, aws_session_token=None).list_buckets()
    error = caught.value.response
    assert error["Error"]["AWSAccessKeyId"] == session.access_key_id


def test_a_response_has_its_body(sts: STSBackend, session: Session) -> None:
    s3 = client("s3", session)
    bodies = []
    s3.meta.events.register("after-call.s3.ListBuckets", lambda http_response, **_: bodies.append(http_response.text))
    sts.advance(hours=1)
    refusal(CALLS["s3"][0], s3)
    assert "<Code>ExpiredToken</Code>" in bodies[0]


def test_other_credentials_are_left_to_moto(sts: STSBackend) -> None:
    sts.advance(hours=10)
    user = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "testing"}
    assert shared_session().client("s3", region_name="us-east-1", **user).list_buckets()["Buckets"] == []


def test_a_stubber_answers_for_its_client(sts: STSBackend, session: Session) -> None:
    sts.advance(hours=1)
    s3 = client("s3", session)
    with Stubber(s3) as stubber:
        stubber.add_response("list_buckets", {"Buckets": []})
        assert s3.list_buckets()["Buckets"] == []


def test_without_moto_a_call_passes(saml_signing_key: SigningKey, log_in: Callable[..., Any]) -> None:
    with mock_sts_saml() as sts:
        idp = IdentityProvider(signing_key=saml_signing_key)
        role = sts.create_role("Developer", provider=sts.create_saml_provider("ExampleIdP", idp))
        log_in(idp.response(role), role, idp.provider)
        sts.advance(hours=1)
        s3 = client("s3", sts.sessions[-1])
        passed: list[Any] = []

        def answer(**event: Any) -> Any:
            passed.append(event)
            return types.SimpleNamespace(status_code=200), {"Buckets": []}

        s3.meta.events.register_last("before-call", answer)
        assert s3.list_buckets()["Buckets"] == []
        assert len(passed) == 1


def test_refusals_have_request_ids_of_their_own(sts: STSBackend, session: Session) -> None:
    sts.advance(hours=1)
    ids = set()
    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            client("iam", session).list_users()
        ids.add(caught.value.response["ResponseMetadata"]["RequestId"])
    assert len(ids) == 2


def test_a_client_of_aiobotocore_gets_the_same(
    sts: STSBackend, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_that_there_is_aiobotocore(monkeypatch)
    s3 = client("s3", session)
    events: list[dict[str, Any]] = []
    s3.meta.events.register_first("before-call", lambda **event: events.append(event))
    sts.advance(hours=1)
    refusal(CALLS["s3"][0], s3)

    class Signer:
        async def get_auth_instance(self, *_: Any) -> Any:
            return types.SimpleNamespace(credentials=boto3.Session(**session.boto3_kwargs()).get_credentials())

    Signer.__module__ = "aiobotocore.signers"
    answered = botocore_events.answer_session(**{**events[0], "request_signer": Signer()})
    try:
        answered.send(None)
    except StopIteration as stop:
        http_response, parsed = stop.value
    assert (http_response.status_code, parsed["Error"]["Code"]) == (400, "ExpiredToken")
