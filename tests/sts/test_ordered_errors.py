import gc
import json
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock as unittest_mock
from urllib.parse import urlencode

import boto3
import botocore.endpoint
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber
from forks import forking, in_a_child
from fresh import forget_the_handlers
from inner_runs import InnerModule, Result
from moto import mock_aws
from moto.sts.models import AssumedRole, sts_backends
from wire import answered_by, http_response, pretend_that_there_is_aiobotocore

from pytest_stssaml import (
    IdentityProvider,
    Role,
    STSBackend,
    active_backend,
    active_mock,
    mock_sts_saml,
)
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import ConnectionErrorKind, Operation
from pytest_stssaml.sts.ordered_errors import OrderedErrors
from pytest_stssaml.wire import CredentialFault, Request, Response, Stage

OPERATION = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"}
LOGGED_IN = "alice@example.com"
Make = Callable[..., Any]
Login = dict[str, Any]
LogsIn = Callable[[Any], bool]
ENDPOINT = "https://sts.us-east-1.amazonaws.com/"
MODES = ["legacy", "standard"]
RETRYABLE = ["Throttling", "ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable", "InternalFailure"]
CONNECTION = {
    "reset": (
        ConnectionClosedError,
        f'Connection was closed before we received a valid response from endpoint URL: "{ENDPOINT}".',
    ),
    "timeout": (ReadTimeoutError, f'Read timeout on endpoint URL: "{ENDPOINT}"'),
    "refused": (EndpointConnectionError, f'Could not connect to the endpoint URL: "{ENDPOINT}"'),
}
# Which errors are retried and how often are two questions to botocore, which answers each of them by itself. So every
# error meets one number of retries, and one error meets every number.
NUMBERS = (0, 1, 6)
RETRIES_OF_CODES = [*[(code, 2) for code in RETRYABLE], *[("Throttling", number) for number in NUMBERS]]
RETRIES_OF_CONNECTIONS = [*[(kind, 2) for kind in CONNECTION], *[("reset", number) for number in NUMBERS]]
SEEN = {"AccessDenied": "AccessDenied", "reset": "ConnectionClosedError"}
MOCKED_ARNS = {
    "RoleArn": "arn:aws:iam::123456789012:role/Developer",
    "PrincipalArn": "arn:aws:iam::123456789012:saml-provider/ExampleIdP",
}


@pytest.fixture(autouse=True)
def nothing_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test if anything sleeps."""

    def refuse(seconds: float) -> None:
        raise AssertionError(f"something sleeps for {seconds} seconds")

    monkeypatch.setattr(time, "sleep", refuse)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch, nothing_sleeps: None) -> list[int]:
    """The threads that would have slept, each as often as it would."""
    threads: list[int] = []
    monkeypatch.setattr(time, "sleep", lambda _: threads.append(threading.get_ident()))
    return threads


@pytest.fixture(scope="module")
def session(no_aws_environment: None) -> boto3.Session:
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def make_client(session: boto3.Session) -> Callable[..., Any]:
    """A client with its own retry quota: `make_client(max_attempts, mode, **options)`, by default without retries."""

    def make(max_attempts: int | None = 0, mode: str = "standard", **options: Any) -> Any:
        retries: dict[str, Any] = {"mode": mode}
        if max_attempts is not None:
            retries["max_attempts"] = max_attempts
        config = Config(retries=retries).merge(options.pop("config", Config()))
        return session.client("sts", **{"region_name": "us-east-1"} | options, config=config)

    return make


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Role:
    return sts.create_role("Developer")


def parameters_of(idp: IdentityProvider, role: Role) -> Login:
    return {"RoleArn": role.arn, "PrincipalArn": idp.provider.arn, "SAMLAssertion": idp.response(role)}


@pytest.fixture
def login(idp: IdentityProvider, role: Role) -> Login:
    """The parameters of a good login."""
    return parameters_of(idp, role)


@pytest.fixture
def logs_in(login: Login) -> LogsIn:
    """Return whether a client is answered as if no error had been ordered."""
    return lambda client: outcome(client, login) == LOGGED_IN


def outcome(client: Any, login: Login) -> str:
    """Return the user who has logged in, the code of the error, or the name of the exception."""
    try:
        return str(client.assume_role_with_saml(**login)["Subject"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except Exception as error:  # noqa: BLE001 - a table compares the names
        return type(error).__name__


def refused(client: Any, login: Login) -> ClientError:
    with pytest.raises(ClientError) as caught:
        client.assume_role_with_saml(**login)
    return caught.value


def lost(client: Any, login: Login) -> Exception:
    with pytest.raises((ConnectionClosedError, ReadTimeoutError, EndpointConnectionError)) as caught:
        client.assume_role_with_saml(**login)
    return caught.value


def codes(sts: STSBackend) -> list[str | None]:
    """Return the code of each attempt. It is None if the attempt was accepted or the connection was lost."""
    return [attempt.code for attempt in sts.attempts]


def order(
    sts: STSBackend, error: str, times: int = 1, role: Role | str | None = None, *, optional: bool = False
) -> None:
    """Order a client error by its code, or a connection error by its kind."""
    add: Callable[..., None] = sts.add_connection_error if error in CONNECTION else sts.add_client_error
    add(error, times=times, role=role, optional=optional)


def answering(client: Any, operation: str, *statuses: int) -> Any:
    """Return the client, whose calls get an answer of each status in place of the network's."""
    service = client.meta.service_model.service_id.hyphenize()
    due = list(statuses)

    def answer(request: Any, **_: Any) -> AWSResponse:
        body = f'<R xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{operation}Result/></R>'
        return http_response(request.url, due.pop(0), {}, body)

    client.meta.events.register(f"before-send.{service}.{operation}", answer)
    return client


# --- which errors

CODES = [
    ("MalformedPolicyDocument", 400, "The policy is not in the valid JSON format."),
    ("PackedPolicyTooLarge", 400, "Packed policy consumes 157% of allotted space, please use smaller policy."),
    ("IDPRejectedClaim", 403, "The identity provider reported that authentication failed"),
    ("InvalidIdentityToken", 400, "Response signature invalid"),
    ("ExpiredTokenException", 400, "Response has expired"),
    (
        "RegionDisabledException",
        403,
        (
            "STS is not activated in this region for account:123456789012. "
            "Your account administrator can activate STS in this region using the IAM Console."
        ),
    ),
    ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"),
    ("ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
    ("Throttling", 400, "Rate exceeded"),
    ("ThrottlingException", 400, "Rate exceeded"),
    ("RequestLimitExceeded", 503, "Request limit exceeded."),
    ("ServiceUnavailable", 503, "Service Unavailable"),
    ("InternalFailure", 500, "Internal Failure"),
]


class TestCode:
    @pytest.mark.parametrize("row", CODES, ids=[code for code, *_ in CODES])
    def test_has_the_status_and_message_of_aws(
        self, sts: STSBackend, make_client: Make, login: Login, row: tuple[str, int, str]
    ) -> None:
        sts.add_client_error(row[0])
        response = refused(make_client(), login).response
        error = response["Error"]
        assert (error["Code"], response["ResponseMetadata"]["HTTPStatusCode"], error["Message"]) == row

    def test_that_botocore_models_is_among_them(self) -> None:
        model = botocore.session.get_session().get_service_model("sts").operation_model("AssumeRoleWithSAML")
        modelled = {shape.metadata["error"]["code"] for shape in model.error_shapes}
        assert modelled <= {code for code, *_ in CODES}

    @pytest.mark.parametrize(
        "code",
        [
            "MalformedPolicyDocument",
            "PackedPolicyTooLarge",
            "IDPRejectedClaim",
            "InvalidIdentityToken",
            "ExpiredTokenException",
            "RegionDisabledException",
        ],
    )
    def test_that_botocore_models_is_an_exception_of_the_client(
        self, sts: STSBackend, make_client: Make, login: Login, code: str
    ) -> None:
        client = make_client()
        sts.add_client_error(code)
        assert type(refused(client, login)) is client.exceptions.from_code(code) is not ClientError

    @pytest.mark.parametrize("code", ["AccessDenied", "ValidationError", "Throttling", "UnknownCode"])
    def test_that_botocore_does_not_model_is_a_client_error(
        self, sts: STSBackend, make_client: Make, login: Login, code: str
    ) -> None:
        sts.add_client_error(code, "Not now")
        assert type(refused(make_client(), login)) is ClientError

    def test_that_is_unknown_is_a_refusal_of_status_400(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("UnknownCode", "Not now")
        response = refused(make_client(), login).response
        assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == ("UnknownCode", 400)

    @pytest.mark.parametrize(
        ("code", "guess"),
        [
            pytest.param("InvalidIdentityTokenException", "InvalidIdentityToken", id="the name of boto3's class"),
            pytest.param("throttling", "Throttling", id="in other letters"),
            pytest.param("ExpiredTokenExeption", "ExpiredTokenException", id="misspelt"),
        ],
    )
    def test_that_is_misspelt_raises_an_error_that_suggests_another(
        self, sts: STSBackend, code: str, guess: str
    ) -> None:
        with pytest.raises(ValueError, match=r"^add_client_error") as caught:
            sts.add_client_error(code)
        assert str(caught.value) == (
            f"add_client_error has no message for {code!r} (did you mean {guess}?); write one as its second argument"
        )

    def test_that_is_unknown_needs_a_message(
        self, sts: STSBackend, make_client: Make, login: Login, logs_in: LogsIn
    ) -> None:
        with pytest.raises(ValueError, match=r"^add_client_error") as caught:
            sts.add_client_error("UnknownCode")
        assert str(caught.value) == (
            "add_client_error has no message for 'UnknownCode'; write one as its second argument"
        )
        assert logs_in(make_client())

    @pytest.mark.parametrize("code", ["A<B", "A&B", "A]]>B"])
    def test_may_have_what_xml_escapes(self, sts: STSBackend, make_client: Make, login: Login, code: str) -> None:
        sts.add_client_error(code, "Not now")
        assert outcome(make_client(), login) == code

    @pytest.mark.parametrize(
        ("code", "type_"), [("AccessDenied", "Sender"), ("Throttling", "Sender"), ("InternalFailure", "Receiver")]
    )
    def test_has_the_type_of_its_status(
        self, sts: STSBackend, make_client: Make, login: Login, code: str, type_: str
    ) -> None:
        sts.add_client_error(code)
        assert refused(make_client(), login).response["Error"]["Type"] == type_

    def test_of_a_disabled_region_names_the_account_of_the_role(
        self, sts: STSBackend, idp: IdentityProvider, make_client: Make
    ) -> None:
        provider = sts.create_saml_provider("Elsewhere", idp, account_id="111122223333")
        role = sts.create_role("Developer", provider=provider)
        sts.add_client_error("RegionDisabledException")
        login = {"RoleArn": role.arn, "PrincipalArn": provider.arn, "SAMLAssertion": idp.response(role)}
        assert "account:111122223333." in str(refused(make_client(), login))


class TestMessage:
    @pytest.mark.parametrize(
        "message",
        ["Slow down", "$code costs $$5 or ${more}", "100 % of %s {0}", "<b>&amp;</b>", "Größe 中", "two\nlines"],
        ids=["plain", "dollars", "other fields", "markup", "beyond ASCII", "lines"],
    )
    def test_reaches_the_caller_as_it_was_written(
        self, sts: STSBackend, make_client: Make, login: Login, message: str
    ) -> None:
        sts.add_client_error("Throttling", message)
        assert refused(make_client(), login).response["Error"]["Message"] == message

    @pytest.mark.parametrize("message", ["Slow down", "$code costs $$5"])
    def test_is_in_the_attempt(self, sts: STSBackend, make_client: Make, login: Login, message: str) -> None:
        sts.add_client_error("UnknownCode", message)
        refused(make_client(), login)
        assert sts.attempts[-1].message == message

    def test_leaves_the_status_as_it_is(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("ServiceUnavailable", "Gone fishing")
        assert refused(make_client(), login).response["ResponseMetadata"]["HTTPStatusCode"] == 503


class TestStatus:
    @pytest.mark.parametrize(("code", "status"), [("UnknownCode", 418), ("AccessDenied", 400), ("Throttling", 429)])
    def test_reaches_the_caller(self, sts: STSBackend, make_client: Make, login: Login, code: str, status: int) -> None:
        sts.add_client_error(code, "Not now", status)
        assert refused(make_client(), login).response["ResponseMetadata"]["HTTPStatusCode"] == status

    def test_leaves_the_message_as_it_is(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("AccessDenied", status=400)
        assert str(refused(make_client(2), login)) == (
            "An error occurred (AccessDenied) when calling the AssumeRoleWithSAML operation: "
            "Not authorized to perform sts:AssumeRoleWithSAML"
        )

    @pytest.mark.parametrize("mode", MODES)
    def test_alone_makes_an_unknown_code_one_that_is_retried(
        self, sts: STSBackend, make_client: Make, login: Login, mode: str
    ) -> None:
        sts.add_client_error("UnknownCode", "x", 503)
        assert outcome(make_client(1, mode), login) == LOGGED_IN


# --- which calls


class TestRole:
    @pytest.fixture
    def other_login(self, sts: STSBackend, idp: IdentityProvider) -> Login:
        """A good login for another role."""
        return parameters_of(idp, sts.create_role("Admin"))

    @pytest.fixture(params=["object", "ARN"])
    def named(self, request: pytest.FixtureRequest, role: Role) -> Role | str:
        return role if request.param == "object" else role.arn

    @pytest.mark.parametrize("error", ["AccessDenied", "reset"])
    def test_that_is_named_meets_the_error(
        self, sts: STSBackend, make_client: Make, login: Login, named: Role | str, error: str
    ) -> None:
        order(sts, error, role=named)
        assert outcome(make_client(), login) == SEEN[error]

    @pytest.mark.parametrize("error", ["AccessDenied", "reset"])
    def test_that_is_not_named_does_not_meet_it(
        self, sts: STSBackend, make_client: Make, other_login: Login, named: Role | str, error: str
    ) -> None:
        order(sts, error, role=named, optional=True)
        assert outcome(make_client(), other_login) == LOGGED_IN

    def test_that_is_not_named_does_not_consume_the_error(
        self, sts: STSBackend, make_client: Make, login: Login, other_login: Login
    ) -> None:
        sts.add_client_error("AccessDenied", role=login["RoleArn"])
        client = make_client()
        found = [outcome(client, each) for each in (other_login, login, login)]
        assert found == [LOGGED_IN, "AccessDenied", LOGGED_IN]

    def test_may_be_one_that_does_not_exist_yet(
        self, sts: STSBackend, idp: IdentityProvider, make_client: Make
    ) -> None:
        sts.add_client_error("Throttling", role="arn:aws:iam::123456789012:role/Later")
        assert outcome(make_client(), parameters_of(idp, sts.create_role("Later"))) == "Throttling"

    def test_errors_for_a_role_and_for_all_keep_their_order(
        self, sts: STSBackend, make_client: Make, login: Login, other_login: Login
    ) -> None:
        sts.add_client_error("First", "1", role=login["RoleArn"])
        sts.add_client_error("Second", "2")
        sts.add_client_error("Third", "3", role=login["RoleArn"])
        client = make_client()
        found = [outcome(client, each) for each in (other_login, login, login, login)]
        assert found == ["Second", "First", "Third", LOGGED_IN]


class TestOrder:
    def test_is_that_in_which_the_errors_were_ordered(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("First", "1")
        sts.add_connection_error()
        sts.add_client_error("Third", "3", times=2)
        sts.add_connection_error("timeout")
        client = make_client()
        assert [outcome(client, login) for _ in range(6)] == [
            "First",
            "ConnectionClosedError",
            "Third",
            "Third",
            "ReadTimeoutError",
            LOGGED_IN,
        ]

    def test_is_kept_within_the_attempts_of_one_call(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        for error in ("Throttling", "reset", "ServiceUnavailable", "timeout"):
            order(sts, error)
        assert outcome(make_client(4), login) == LOGGED_IN
        assert codes(sts) == ["Throttling", None, "ServiceUnavailable", None, None]

    def test_a_retry_may_end_in_an_error_that_is_not_retried(
        self, sts: STSBackend, make_client: Make, login: Login
    ) -> None:
        sts.add_client_error("Throttling")
        sts.add_client_error("AccessDenied")
        error = refused(make_client(4), login)
        found = error.response["Error"]["Code"], error.response["ResponseMetadata"]["RetryAttempts"]
        assert found == ("AccessDenied", 1)

    def test_a_retry_may_end_in_a_real_refusal(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("Throttling")
        client = make_client(4)
        with pytest.raises(client.exceptions.InvalidIdentityTokenException) as caught:
            client.assume_role_with_saml(**login | {"SAMLAssertion": "PD94bWw="})
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 1

    @pytest.mark.parametrize(
        "changed",
        [{"SAMLAssertion": "PD94bWw="}, {"RoleArn": "arn:aws:iam::123456789012:role/Nobody"}],
        ids=["response", "role"],
    )
    def test_an_ordered_error_comes_before_every_rule(
        self, sts: STSBackend, make_client: Make, login: Login, changed: dict[str, str]
    ) -> None:
        sts.add_client_error("Throttling")
        assert outcome(make_client(), login | changed) == "Throttling"

    def test_an_error_may_be_ordered_by_a_handler_of_the_client(
        self, sts: STSBackend, make_client: Make, login: Login
    ) -> None:
        client = make_client()
        client.meta.events.register("before-parameter-build.sts", lambda **_: order(sts, "AccessDenied"))
        assert outcome(client, login) == "AccessDenied"


# --- the client's own retries


def keys_of(answer: Any) -> Any:
    """Return the names of everything in a response."""
    return {name: keys_of(value) for name, value in answer.items()} if isinstance(answer, dict) else None


class TestRetries:
    @pytest.fixture(params=MODES)
    def make_in_mode(self, request: pytest.FixtureRequest, make_client: Make) -> Make:
        """A client of each retry mode: `make_in_mode(max_attempts)`."""
        return lambda max_attempts: make_client(max_attempts, request.param)

    @pytest.mark.parametrize("error", [*RETRYABLE, *CONNECTION])
    @pytest.mark.parametrize("failures", [1, 3])
    def test_succeed_after_the_failures(
        self, sts: STSBackend, make_in_mode: Make, login: Login, error: str, failures: int
    ) -> None:
        order(sts, error, times=failures)
        answer = make_in_mode(3).assume_role_with_saml(**login)
        assert (answer["Subject"], answer["ResponseMetadata"]["RetryAttempts"]) == (LOGGED_IN, failures)

    @pytest.mark.parametrize(("code", "retries"), RETRIES_OF_CODES)
    def test_end_after_as_many_as_the_client_makes(
        self, sts: STSBackend, make_in_mode: Make, login: Login, code: str, retries: int
    ) -> None:
        sts.add_client_error(code, times=99)
        error = refused(make_in_mode(retries), login)
        assert error.response["ResponseMetadata"]["RetryAttempts"] == retries
        assert f" operation (reached max retries: {retries}): " in str(error)

    @pytest.mark.parametrize(("error", "retries"), [*RETRIES_OF_CODES, *RETRIES_OF_CONNECTIONS])
    def test_consume_one_error_in_each_attempt(
        self, sts: STSBackend, make_in_mode: Make, login: Login, error: str, retries: int
    ) -> None:
        order(sts, error, times=retries + 1)
        client = make_in_mode(retries)
        assert outcome(client, login) != LOGGED_IN
        assert outcome(client, login) == LOGGED_IN

    @pytest.mark.parametrize(("kind", "retries"), RETRIES_OF_CONNECTIONS)
    def test_of_a_lost_connection_end_after_as_many_as_the_client_makes(
        self, sts: STSBackend, make_in_mode: Make, login: Login, kind: ConnectionErrorKind, retries: int
    ) -> None:
        sts.add_connection_error(kind, times=99)
        error = lost(make_in_mode(retries), login)
        assert (type(error), str(error)) == CONNECTION[kind]
        assert [attempt.status for attempt in sts.attempts] == [0] * (retries + 1)

    @pytest.mark.parametrize(("mode", "retries"), [("legacy", 4), ("standard", 2)])
    def test_are_as_many_as_the_mode_makes_by_default(
        self, sts: STSBackend, make_client: Make, login: Login, mode: str, retries: int
    ) -> None:
        sts.add_client_error("ServiceUnavailable", times=99)
        error = refused(make_client(None, mode), login)
        assert error.response["ResponseMetadata"]["RetryAttempts"] == retries

    @pytest.mark.parametrize("mode", MODES)
    def test_are_as_many_as_the_environment_says(
        self, sts: STSBackend, login: Login, monkeypatch: pytest.MonkeyPatch, mode: str
    ) -> None:
        monkeypatch.setenv("AWS_RETRY_MODE", mode)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
        sts.add_client_error("Throttling", times=99)
        error = refused(boto3.Session().client("sts", region_name="us-east-1"), login)
        assert error.response["ResponseMetadata"]["RetryAttempts"] == 1

    @pytest.mark.parametrize("code", [code for code, *_ in CODES if code not in RETRYABLE] + ["UnknownCode"])
    def test_are_none_for_other_errors(self, sts: STSBackend, make_in_mode: Make, login: Login, code: str) -> None:
        sts.add_client_error(code, "Not now", times=2)
        error = refused(make_in_mode(4), login)
        assert error.response["ResponseMetadata"]["RetryAttempts"] == 0
        assert "reached max retries" not in str(error)

    def test_leave_the_keys_of_a_response_as_they_are(self, sts: STSBackend, make_in_mode: Make, login: Login) -> None:
        client = make_in_mode(2)
        straight = client.assume_role_with_saml(**login)
        sts.add_client_error("Throttling")
        assert keys_of(client.assume_role_with_saml(**login)) == keys_of(straight)

    def test_are_seen_by_the_handlers_of_the_client(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client(4)
        seen: list[Any] = []
        client.meta.events.register(
            "needs-retry.sts", lambda attempts, caught_exception, **_: seen.append((attempts, type(caught_exception)))
        )
        sts.add_client_error("Throttling")
        sts.add_connection_error()
        client.assume_role_with_saml(**login)
        assert seen == [(1, type(None)), (2, ConnectionClosedError), (3, type(None))]

    def test_that_a_handler_of_the_client_wants_are_made(
        self, sts: STSBackend, make_client: Make, login: Login
    ) -> None:
        client = make_client(0)
        client.meta.events.register_first(
            "needs-retry.sts", lambda response, **_: 5 if response[0].status_code == 403 else None
        )
        sts.add_client_error("AccessDenied", times=2)
        assert client.assume_role_with_saml(**login)["ResponseMetadata"]["RetryAttempts"] == 2

    def test_are_limited_by_the_quota_of_the_client(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client(5)
        sts.add_connection_error(times=9999)
        before = 0
        for _ in range(60):
            before = len(sts.attempts)
            lost(client, login)
        assert len(sts.attempts) - before == 1

    def test_keep_every_parameter(self, sts: STSBackend, make_in_mode: Make, login: Login) -> None:
        statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::a&b=c+d%20ü"}
        arguments: Login = {
            "DurationSeconds": 900,
            "Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}, ensure_ascii=False),
            "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
        }
        forms: list[dict[str, str]] = []
        assert active_mock.current is not None
        sts_responds = active_mock.current.respond

        def respond(request: Request) -> Response | Stage | CredentialFault | None:
            response = sts_responds(request)
            if isinstance(response, Response):
                forms.append({name: str(value) for name, value in request.form.items()})
            return response

        client = make_in_mode(2)
        with answered_by(respond):
            assert outcome(client, login | arguments) == LOGGED_IN
            sts.add_client_error("Throttling")
            assert outcome(client, login | arguments) == LOGGED_IN
        straight, *others = forms
        assert others == [straight, straight]

    def test_keep_an_empty_list(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("Throttling")
        assert outcome(make_client(2), login | {"PolicyArns": []}) == LOGGED_IN


# --- what sessions ask for


class TestOperation:
    @pytest.fixture
    def deployer(self, sts: STSBackend, role: Role) -> Role:
        return sts.create_role("Deployer", trust_policy=role.chaining_policy())

    @pytest.fixture
    def make_sessions_client(self, sts: STSBackend, make_client: Make, login: Login) -> Make:
        """A client with the credentials of a login: `make_sessions_client(max_attempts, mode, **options)`."""
        make_client().assume_role_with_saml(**login)
        credentials = sts.sessions[-1].boto3_kwargs()
        return lambda *arguments, **options: make_client(*arguments, **{**credentials, **options})

    @pytest.fixture(params=["AssumeRole", "GetCallerIdentity"])
    def operation(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def call(self, operation: str, deployer: Role) -> Callable[[Any], Any]:
        """A call of the operation, with a client."""
        if operation == "AssumeRole":
            return lambda client: client.assume_role(RoleArn=deployer.arn, RoleSessionName="deploy")
        return lambda client: client.get_caller_identity()

    @pytest.mark.parametrize("mode", MODES)
    def test_of_a_session_succeeds_after_the_failures(
        self, sts: STSBackend, make_sessions_client: Make, operation: Operation, call: Any, mode: str
    ) -> None:
        sts.add_client_error("Throttling", times=2, operation=operation)
        assert call(make_sessions_client(2, mode))["ResponseMetadata"]["RetryAttempts"] == 2
        assert codes(sts) == [None, "Throttling", "Throttling", None]

    @pytest.mark.parametrize("mode", MODES)
    def test_of_a_session_is_refused_after_the_last_retry(
        self, sts: STSBackend, make_sessions_client: Make, operation: Operation, call: Any, mode: str
    ) -> None:
        sts.add_client_error("Throttling", times=9, operation=operation)
        with pytest.raises(ClientError) as caught:
            call(make_sessions_client(2, mode))
        assert str(caught.value) == (
            f"An error occurred (Throttling) when calling the {operation} operation (reached max retries: 2): "
            "Rate exceeded"
        )

    @pytest.mark.parametrize("kind", CONNECTION)
    def test_of_a_session_may_get_no_answer(
        self, sts: STSBackend, make_sessions_client: Make, operation: Operation, call: Any, kind: ConnectionErrorKind
    ) -> None:
        error, message = CONNECTION[kind]
        sts.add_connection_error(kind, operation=operation)
        with pytest.raises(error) as caught:
            call(make_sessions_client())
        assert str(caught.value) == message

    def test_of_a_session_that_is_refused_creates_no_session(
        self, sts: STSBackend, make_sessions_client: Make, deployer: Role
    ) -> None:
        client = make_sessions_client()
        sts.add_client_error("AccessDenied", operation="AssumeRole")
        with pytest.raises(ClientError, match="AccessDenied"):
            client.assume_role(RoleArn=deployer.arn, RoleSessionName="deploy")
        assert len(sts.sessions) == 1

    def test_of_a_session_is_named_in_the_message(self, sts: STSBackend, make_sessions_client: Make) -> None:
        sts.add_client_error("AccessDenied", operation="GetCallerIdentity")
        with pytest.raises(ClientError, match=r"Not authorized to perform sts:GetCallerIdentity$"):
            make_sessions_client().get_caller_identity()

    def test_is_explained(self, sts: STSBackend, make_sessions_client: Make) -> None:
        sts.add_client_error("Throttling", operation="GetCallerIdentity")
        with pytest.raises(ClientError, match="Throttling"):
            make_sessions_client().get_caller_identity()
        assert sts.attempts[-1].explain().splitlines()[1:] == [
            "  failed    ordered_by_the_test: The test ordered this answer.",
            "            add_client_error('Throttling')",
        ]

    @pytest.mark.parametrize("wrong", ["aws_secret_access_key", "aws_session_token"])
    def test_of_a_session_is_checked_in_the_next_attempt(
        self, sts: STSBackend, make_sessions_client: Make, operation: Operation, call: Any, wrong: str
    ) -> None:
        sts.add_client_error("Throttling", operation=operation)
        with pytest.raises(ClientError, match=r"SignatureDoesNotMatch|InvalidClientTokenId"):
            call(make_sessions_client(2, **{wrong: "another"}))
        assert len(sts.attempts) == 3

    def test_of_a_session_keeps_its_region_in_the_next_attempt(
        self, sts: STSBackend, make_sessions_client: Make
    ) -> None:
        sts.add_client_error("Throttling", operation="GetCallerIdentity")
        make_sessions_client(2, region_name="eu-west-1").get_caller_identity()
        assert [attempt.region for attempt in sts.attempts[1:]] == ["eu-west-1", "eu-west-1"]

    def test_does_not_meet_errors_of_other_operations(
        self, sts: STSBackend, make_sessions_client: Make, operation: Operation, call: Any, login: Login
    ) -> None:
        client = make_sessions_client()
        others: set[Operation] = {"AssumeRoleWithSAML", "AssumeRole", "GetCallerIdentity", "GetSessionToken"}
        for other in others - {operation}:
            sts.add_client_error("Throttling", operation=other, optional=True)
        assert call(client)

    def test_is_a_login_by_default(self, sts: STSBackend, make_sessions_client: Make, call: Any, login: Login) -> None:
        client = make_sessions_client()
        sts.add_client_error("Throttling")
        assert call(client)
        assert outcome(client, login) == "Throttling"

    def test_of_a_session_may_be_for_a_role(
        self, sts: STSBackend, role: Role, make_sessions_client: Make, deployer: Role
    ) -> None:
        auditor = sts.create_role("Auditor", trust_policy=role.chaining_policy())
        client = make_sessions_client()
        sts.add_client_error("Throttling", role=auditor, operation="AssumeRole")
        assert client.assume_role(RoleArn=deployer.arn, RoleSessionName="deploy")
        with pytest.raises(ClientError, match="Throttling"):
            client.assume_role(RoleArn=auditor.arn, RoleSessionName="audit")

    def test_with_other_credentials_is_answered_by_moto(self, sts: STSBackend, make_client: Make) -> None:
        sts.add_client_error("Throttling", operation="GetCallerIdentity", optional=True)
        with mock_aws():
            assert make_client().get_caller_identity()["Account"] == "123456789012"

    @pytest.mark.parametrize("mode", MODES)
    def test_of_a_session_succeeds_after_the_failures_beside_moto(
        self, sts: STSBackend, make_sessions_client: Make, operation: Operation, call: Any, mode: str
    ) -> None:
        with mock_aws():
            sts.add_client_error("Throttling", times=2, operation=operation)
            assert call(make_sessions_client(2, mode))["ResponseMetadata"]["RetryAttempts"] == 2

    def test_of_a_session_is_answered_by_a_stubber_first(self, sts: STSBackend, make_sessions_client: Make) -> None:
        client = make_sessions_client()
        sts.add_client_error("Throttling", operation="GetCallerIdentity", optional=True)
        with Stubber(client) as stubber:
            stubber.add_response("get_caller_identity", {"Account": "the stub"})
            assert client.get_caller_identity()["Account"] == "the stub"

    def test_of_a_session_meets_the_error_through_handle(self, sts: STSBackend) -> None:
        sts.add_client_error("Throttling", operation="GetCallerIdentity")
        assert sts.handle("Action=GetCallerIdentity&Version=2011-06-15")[0] == 400
        assert sts.handle("Action=GetCallerIdentity&Version=2011-06-15")[0] == 403

    @pytest.mark.parametrize(
        ("operation", "meant"),
        [("get_caller_identity", "; did you mean GetCallerIdentity?"), ("", ""), (None, ""), (["AssumeRole"], "")],
        ids=repr,
    )
    @pytest.mark.parametrize("add", ["add_client_error", "add_connection_error"])
    def test_that_is_unknown_is_a_value_error(self, sts: STSBackend, add: str, operation: Any, meant: str) -> None:
        arguments = ("Throttling",) if add == "add_client_error" else ()
        with pytest.raises(ValueError, match=r"^operation") as caught:
            getattr(sts, add)(*arguments, operation=operation)
        assert str(caught.value) == (
            "operation must be one of AssumeRoleWithSAML, AssumeRole, GetCallerIdentity, GetFederationToken, "
            f"GetSessionToken, not {operation!r}{meant}"
        )

    def test_that_names_no_role_cannot_have_one(self, sts: STSBackend, role: Role) -> None:
        with pytest.raises(ValueError, match=r"^GetCallerIdentity names no role; leave role out$"):
            sts.add_client_error("Throttling", role=role, operation="GetCallerIdentity")


# --- lost connections


class TestConnection:
    @pytest.mark.parametrize("kind", CONNECTION)
    def test_error_names_the_endpoint_url_of_the_client(
        self, sts: STSBackend, make_client: Make, login: Login, kind: ConnectionErrorKind
    ) -> None:
        sts.add_connection_error(kind)
        error = lost(make_client(endpoint_url="http://localhost:4566/sts"), login)
        assert '"http://localhost:4566/sts' in str(error)

    def test_error_is_a_reset_by_default(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_connection_error()
        assert type(lost(make_client(), login)) is ConnectionClosedError

    @pytest.mark.parametrize(
        ("region", "endpoint"),
        [
            ("eu-west-1", "https://sts.eu-west-1.amazonaws.com/"),
            ("cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn/"),
        ],
    )
    def test_error_names_the_endpoint_of_the_region(
        self, sts: STSBackend, make_client: Make, login: Login, region: str, endpoint: str
    ) -> None:
        sts.add_connection_error("timeout")
        assert endpoint in str(lost(make_client(region_name=region), login))


# --- no waiting


class TestWaiting:
    """The other tests here fail by `nothing_sleeps` if a client waits for an ordered error."""

    def test_is_done_by_botocore_through_the_module_time(self) -> None:
        assert botocore.endpoint.time is time
        assert {"time", "sleep"} <= set(botocore.endpoint.Endpoint._needs_retry.__code__.co_names)

    def test_has_real_time_before_the_first_ordered_error(self, sts: STSBackend, logs_in: LogsIn) -> None:
        sts.add_client_error("Throttling", optional=True)
        assert botocore.endpoint.time is time

    def test_has_real_time_in_a_mock_without_ordered_errors(
        self, sts: STSBackend, make_client: Make, logs_in: LogsIn
    ) -> None:
        assert logs_in(make_client())
        assert botocore.endpoint.time is time

    def test_has_real_time_after_the_mock(self, make_client: Make) -> None:
        with mock_sts_saml() as sts:
            sts.add_client_error("Throttling")
            outcome(make_client(2), MOCKED_ARNS | {"SAMLAssertion": "PD94bWw="})
        assert botocore.endpoint.time is time

    def test_has_real_time_after_a_mock_that_an_exception_ended(self, make_client: Make) -> None:
        client = make_client()

        def body() -> None:
            with mock_sts_saml() as sts:
                sts.add_connection_error()
                client.assume_role_with_saml(**MOCKED_ARNS, SAMLAssertion="PD94bWw=")

        with pytest.raises(ConnectionClosedError):
            body()
        assert botocore.endpoint.time is time

    def test_has_everything_else_of_the_module_meanwhile(
        self, sts: STSBackend, make_client: Make, login: Login
    ) -> None:
        sts.add_client_error("Throttling")
        outcome(make_client(), login)
        assert botocore.endpoint.time.monotonic is time.monotonic

    def test_that_a_test_has_replaced_stays_replaced_after_the_mock(self) -> None:
        with unittest_mock.patch("botocore.endpoint.time") as replaced:
            with mock_sts_saml():
                pass
            assert botocore.endpoint.time is replaced

    def test_that_a_test_has_replaced_stays_replaced_inside_the_mock(self) -> None:
        with unittest_mock.patch("botocore.endpoint.time") as replaced, mock_sts_saml():
            assert botocore.endpoint.time is replaced

    @pytest.mark.parametrize("error", ["AccessDenied", "Throttling", "reset"])
    def test_for_another_operation_is_real_after_an_error_that_was_not_retried(
        self, sts: STSBackend, make_client: Make, login: Login, slept: list[int], error: str
    ) -> None:
        order(sts, error)
        outcome(make_client(), login)
        answering(make_client(1), "GetCallerIdentity", 503, 200).get_caller_identity()
        assert len(slept) == 1

    def test_for_another_operation_is_real_after_a_retry_that_succeeded(
        self, sts: STSBackend, make_client: Make, login: Login, slept: list[int]
    ) -> None:
        order(sts, "Throttling")
        outcome(make_client(2), login)
        answering(make_client(1), "GetCallerIdentity", 503, 200).get_caller_identity()
        assert len(slept) == 1

    def test_for_another_service_is_real_after_an_error_that_was_not_retried(
        self, sts: STSBackend, session: boto3.Session, make_client: Make, login: Login, slept: list[int]
    ) -> None:
        order(sts, "AccessDenied")
        outcome(make_client(), login)
        config = Config(retries={"mode": "standard", "max_attempts": 1})
        iam = session.client("iam", region_name="us-east-1", config=config)
        answering(iam, "ListUsers", 503, 200).list_users()
        assert len(slept) == 1

    def test_in_a_later_mock_is_real_for_another_operation(self, make_client: Make, slept: list[int]) -> None:
        login = MOCKED_ARNS | {"SAMLAssertion": "PD94bWw="}
        with mock_sts_saml() as sts:
            sts.add_client_error("AccessDenied")
            outcome(make_client(), login)
        with mock_sts_saml() as sts:
            sts.add_client_error("Throttling")
            outcome(make_client(1), login)  # it uses up what the first mock left
            answering(make_client(2), "GetCallerIdentity", 503, 503, 200).get_caller_identity()
        assert len(slept) == 2

    def test_of_another_thread_is_real_while_an_error_is_met(
        self, sts: STSBackend, make_client: Make, login: Login, slept: list[int]
    ) -> None:
        other = answering(make_client(1), "GetCallerIdentity", 503, 200)
        client = make_client(1)

        def meanwhile(attempts: int, **_: Any) -> None:
            if attempts == 1:
                thread = threading.Thread(target=other.get_caller_identity)
                thread.start()
                thread.join()

        client.meta.events.register("needs-retry.sts", meanwhile)
        sts.add_client_error("Throttling")
        assert outcome(client, login) == LOGGED_IN
        assert len(slept) == 1
        assert slept[0] != threading.get_ident()

    def test_of_another_call_in_the_same_thread_is_real_while_an_error_is_met(
        self, sts: STSBackend, make_client: Make, login: Login, slept: list[int]
    ) -> None:
        other = answering(make_client(1), "GetCallerIdentity", 503, 200)
        client = make_client(1)
        client.meta.events.register(
            "needs-retry.sts", lambda attempts, **_: other.get_caller_identity() and None if attempts == 1 else None
        )
        during: list[int] = []
        other.meta.events.register("after-call.sts", lambda **_: during.append(len(slept)))
        sts.add_client_error("Throttling")
        outcome(client, login)
        assert during == [1]

    @pytest.mark.parametrize("mode", MODES)
    def test_is_skipped_in_every_attempt(
        self, sts: STSBackend, make_client: Make, login: Login, slept: list[int], mode: str
    ) -> None:
        sts.add_client_error("Throttling", times=5)
        assert outcome(make_client(5, mode), login) == LOGGED_IN
        assert slept == []

    def test_is_skipped_in_frozen_time(self, make_client: Make, saml_signing_key: SigningKey, slept: list[int]) -> None:
        with mock_sts_saml(now="2030-01-01T12:00:00Z") as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            sts.create_saml_provider("ExampleIdP", idp)
            login = parameters_of(idp, sts.create_role("Developer"))
            sts.add_client_error("Throttling", times=2)
            assert outcome(make_client(2), login) == LOGGED_IN
        assert slept == []
        assert botocore.endpoint.time is time


# --- beside others


def moto_logins() -> int:
    """Return how often moto has answered AssumeRoleWithSAML."""
    roles = [role for backend in sts_backends["123456789012"].values() for role in backend.assumed_roles]
    return sum(isinstance(role, AssumedRole) for role in roles)


@pytest.fixture(params=["moto around ours", "ours around moto"])
def beside_moto(request: pytest.FixtureRequest) -> Iterator[STSBackend]:
    moto, ours = mock_aws(), mock_sts_saml()
    outer, inner = (moto, ours) if request.param == "moto around ours" else (ours, moto)
    with outer, inner:
        yield active_backend()


class TestBesideMoto:
    @pytest.fixture
    def login(self, beside_moto: STSBackend, saml_signing_key: SigningKey) -> dict[str, str]:
        idp = IdentityProvider(signing_key=saml_signing_key)
        beside_moto.create_saml_provider("ExampleIdP", idp)
        return parameters_of(idp, beside_moto.create_role("Developer"))

    def test_moto_counts_its_own_logins(self, make_client: Make, saml_signing_key: SigningKey) -> None:
        pair = (MOCKED_ARNS["RoleArn"], MOCKED_ARNS["PrincipalArn"])
        response = IdentityProvider(signing_key=saml_signing_key).response(pair, signed=None)
        with mock_aws():
            make_client().assume_role_with_saml(**MOCKED_ARNS, SAMLAssertion=response)
            assert moto_logins() == 1

    @pytest.mark.parametrize("error", ["Throttling", "reset", "timeout", "AccessDenied"])
    @pytest.mark.parametrize("mode", MODES)
    def test_moto_does_not_see_the_request(
        self, beside_moto: STSBackend, make_client: Make, login: Login, mode: str, error: str
    ) -> None:
        order(beside_moto, error, times=2)
        outcome(make_client(4, mode), login)
        assert moto_logins() == 0

    @pytest.mark.parametrize("error", ["Throttling", "reset", "timeout"])
    @pytest.mark.parametrize("mode", MODES)
    def test_a_login_succeeds_after_the_failures(
        self, beside_moto: STSBackend, make_client: Make, login: Login, mode: str, error: str
    ) -> None:
        order(beside_moto, error, times=2)
        answer = make_client(2, mode).assume_role_with_saml(**login)
        assert (answer["Subject"], answer["ResponseMetadata"]["RetryAttempts"]) == (LOGGED_IN, 2)

    @pytest.mark.parametrize("url", ["http://localhost:4566", "https://sts.example.com"])
    def test_a_login_at_a_custom_endpoint_succeeds_after_the_failure(
        self, beside_moto: STSBackend, make_client: Make, login: Login, url: str
    ) -> None:
        beside_moto.add_client_error("Throttling")
        assert outcome(make_client(2, endpoint_url=url), login) == LOGGED_IN

    def test_moto_answers_the_other_operations_after_an_ordered_error(
        self, beside_moto: STSBackend, make_client: Make, login: Login
    ) -> None:
        client = make_client()
        beside_moto.add_client_error("Throttling")
        outcome(client, login)
        assert client.get_caller_identity()["Account"] == "123456789012"


class TestBesideAStubber:
    def test_the_stubber_wins(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client()
        sts.add_client_error("Throttling", optional=True)
        with Stubber(client) as stubber:
            stubber.add_response("assume_role_with_saml", {"Subject": "the stub"})
            assert outcome(client, login) == "the stub"

    def test_the_stubber_does_not_consume_the_error(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client()
        sts.add_client_error("Throttling")
        with Stubber(client) as stubber:
            stubber.add_response("assume_role_with_saml", {})
            outcome(client, login)
        assert (outcome(client, login), codes(sts)) == ("Throttling", ["Throttling"])


class TestBesideHandlersOfTheClient:
    @pytest.mark.parametrize("event", ["before-call.sts", "before-call", "request-created.sts", "before-send.sts"])
    def test_that_only_observe(self, sts: STSBackend, make_client: Make, login: Login, event: str) -> None:
        client = make_client(2)
        client.meta.events.register_last(event, lambda **_: None)
        sts.add_client_error("Throttling")
        assert outcome(client, login) == LOGGED_IN

    @pytest.mark.parametrize("event", ["before-call.sts", "before-call.sts.AssumeRoleWithSAML"])
    def test_that_send_the_request_elsewhere(
        self, sts: STSBackend, make_client: Make, login: Login, no_http: None, event: str
    ) -> None:
        client = make_client(2)

        def elsewhere(params: dict[str, Any], **_: Any) -> None:
            params["url"] = "http://localhost:4566/"

        client.meta.events.register_last(event, elsewhere)
        sts.add_client_error("Throttling")
        assert outcome(client, login) == LOGGED_IN

    def test_that_send_each_attempt_elsewhere(
        self, sts: STSBackend, make_client: Make, login: Login, no_http: None
    ) -> None:
        client = make_client(2)

        def elsewhere(request: Any, **_: Any) -> None:
            request.url = "http://localhost:4566/"

        client.meta.events.register("request-created.sts", elsewhere)
        sts.add_client_error("Throttling")
        assert outcome(client, login) == LOGGED_IN

    def test_that_add_headers(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client(2)
        client.meta.events.register(
            "before-call.sts", lambda params, **_: params["headers"].update({"X-Trace": "1", "x-stssaml-url": "no"})
        )
        sts.add_client_error("Throttling")
        assert outcome(client, login) == LOGGED_IN

    def test_that_replace_the_mapping_of_headers(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client(2)

        def replace(params: dict[str, Any], **_: Any) -> None:
            params["headers"] = HeadersDict(params["headers"])

        client.meta.events.register_first("before-call.sts.AssumeRoleWithSAML", replace)
        sts.add_client_error("Throttling")
        assert outcome(client, login) == LOGGED_IN

    def test_that_answer_first_win(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client()
        client.meta.events.register_first(
            "before-call.sts.AssumeRoleWithSAML", lambda **_: (AWSResponse("", 200, {}, None), {"Subject": "the user"})
        )
        sts.add_client_error("Throttling", optional=True)
        assert (outcome(client, login), codes(sts)) == ("the user", [])


@pytest.fixture
def no_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every request that is really sent fail."""

    def refuse(self: Any, request: Any) -> None:
        raise EndpointConnectionError(endpoint_url=request.url)

    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", refuse)


# --- which clients


class TestClient:
    @pytest.mark.parametrize(
        "make",
        [
            lambda: botocore.session.get_session().create_client("sts", region_name="us-east-1"),
            lambda: boto3.Session().client("sts", region_name="us-east-1"),
            lambda: boto3.Session().client("sts"),
        ],
        ids=["botocore's", "boto3's", "without a region"],
    )
    def test_of_any_kind_retries(self, sts: STSBackend, login: Login, make: Callable[[], Any]) -> None:
        sts.add_client_error("ServiceUnavailable", times=2)
        assert make().assume_role_with_saml(**login)["ResponseMetadata"]["RetryAttempts"] == 2

    @pytest.fixture
    def early(self, make_client: Make, monkeypatch: pytest.MonkeyPatch) -> Any:
        """A client made before the first mock of its process starts."""
        forget_the_handlers(monkeypatch)
        return boto3.Session().client(
            "sts", region_name="us-east-1", config=Config(retries={"mode": "standard", "max_attempts": 2})
        )

    @pytest.mark.parametrize("error", ["Throttling", "reset"])
    def test_made_before_the_mock_retries(self, early: Any, saml_signing_key: SigningKey, error: str) -> None:
        with mock_sts_saml() as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            sts.create_saml_provider("ExampleIdP", idp)
            login = parameters_of(idp, sts.create_role("Developer"))
            order(sts, error, times=2)
            assert early.assume_role_with_saml(**login)["ResponseMetadata"]["RetryAttempts"] == 2

    @pytest.mark.parametrize(
        ("region", "url"),
        [
            (None, None),
            ("eu-west-1", None),
            ("eu-west-1", "http://localhost:4566"),
            ("eu-west-1", "https://x.example/p"),
        ],
    )
    def test_of_any_endpoint_retries(
        self, sts: STSBackend, make_client: Make, login: Login, region: str | None, url: str | None
    ) -> None:
        sts.add_client_error("Throttling")
        assert outcome(make_client(2, region_name=region, endpoint_url=url), login) == LOGGED_IN

    @pytest.mark.parametrize("error", ["AccessDenied", "Throttling"])
    def test_of_aiobotocore_is_refused_at_once(
        self, sts: STSBackend, login: Login, client_as_of_aiobotocore: Any, error: str
    ) -> None:
        sts.add_client_error(error)
        refusal = refused(client_as_of_aiobotocore, login)
        found = refusal.response["Error"]["Code"], refusal.response["ResponseMetadata"]["RetryAttempts"]
        assert found == (error, 0)

    @pytest.mark.parametrize("kind", CONNECTION)
    def test_of_aiobotocore_loses_its_connection_at_once(
        self, sts: STSBackend, login: Login, client_as_of_aiobotocore: Any, kind: ConnectionErrorKind
    ) -> None:
        sts.add_connection_error(kind)
        error = lost(client_as_of_aiobotocore, login)
        assert (type(error), str(error)) == CONNECTION[kind]

    def test_of_aiobotocore_leaves_botocores_time_alone(
        self, sts: STSBackend, login: Login, client_as_of_aiobotocore: Any
    ) -> None:
        sts.add_client_error("Throttling")
        refused(client_as_of_aiobotocore, login)
        assert botocore.endpoint.time is time

    @pytest.fixture
    def client_as_of_aiobotocore(self, make_client: Make, monkeypatch: pytest.MonkeyPatch) -> Any:
        """A client whose signer has the name of aiobotocore's."""
        pretend_that_there_is_aiobotocore(monkeypatch)
        client = make_client(4)
        signer = type("AioRequestSigner", (type(client._request_signer),), {"__module__": "aiobotocore.signers"})
        monkeypatch.setattr(client._request_signer, "__class__", signer)
        return client


# --- what reaches STS in a retry

Conditions = dict[str, dict[str, Any]]
LoginUnder = Callable[[Conditions], Login]


class TestRetriedRequest:
    @pytest.fixture
    def login_under(self, sts: STSBackend, idp: IdentityProvider) -> Callable[[Conditions], dict[str, str]]:
        """A good login for a role whose trust policy has some conditions."""

        def make(conditions: Conditions) -> dict[str, str]:
            policy = idp.provider.trust_policy(conditions=conditions)
            return parameters_of(idp, sts.create_role("Conditional", trust_policy=policy))

        return make

    @pytest.mark.parametrize(
        ("options", "secure"),
        [
            ({}, "true"),
            ({"use_ssl": False}, "false"),
            ({"endpoint_url": "http://localhost:4566"}, "false"),
            ({"endpoint_url": "https://localhost:4566"}, "true"),
        ],
        ids=["default", "no TLS", "http:", "https:"],
    )
    def test_whether_the_call_uses_tls(
        self, sts: STSBackend, make_client: Make, login_under: LoginUnder, options: dict[str, Any], secure: str
    ) -> None:
        login = login_under({"Bool": {"aws:SecureTransport": secure}})
        sts.add_client_error("Throttling")
        assert outcome(make_client(1, **options), login) == LOGGED_IN

    def test_the_user_agent(self, sts: STSBackend, make_client: Make, login_under: LoginUnder) -> None:
        login = login_under({"StringLike": {"aws:UserAgent": "Boto3/* my-tool/1.0"}})
        sts.add_client_error("Throttling")
        assert outcome(make_client(1, config=Config(user_agent_extra="my-tool/1.0")), login) == LOGGED_IN

    @pytest.mark.parametrize(("region", "called"), [("eu-west-1", "eu-west-1"), (None, "us-east-1")])
    def test_the_region(
        self, sts: STSBackend, make_client: Make, login_under: LoginUnder, region: str | None, called: str
    ) -> None:
        login = login_under({"StringEquals": {"aws:RequestedRegion": called}})
        sts.add_client_error("Throttling")
        assert outcome(make_client(1, region_name=region), login) == LOGGED_IN

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"region_name": "eu-west-1"}, "RegionDisabledException"),
            ({"region_name": "eu-west-1", "endpoint_url": "http://localhost:4566"}, "RegionDisabledException"),
            ({"region_name": "eu-west-2"}, LOGGED_IN),
        ],
        ids=["off", "off with an endpoint", "on"],
    )
    def test_a_disabled_region(
        self, sts: STSBackend, make_client: Make, login: Login, options: dict[str, str], expected: str
    ) -> None:
        sts.disable_region("eu-west-1")
        sts.add_client_error("Throttling")
        assert outcome(make_client(1, **options), login) == expected

    def test_the_time_of_the_retry(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client(1)
        client.meta.events.register("needs-retry.sts", lambda **_: sts.advance(minutes=6))
        sts.add_client_error("Throttling")
        assert outcome(client, login) == "ExpiredTokenException"


# --- what callers see of it

OURS = re.compile("stssaml", re.IGNORECASE)


class TestHeadersOfOurs:
    @pytest.mark.parametrize("error", ["Throttling", "AccessDenied"])
    def test_are_not_in_a_refusal(self, sts: STSBackend, make_client: Make, login: Login, error: str) -> None:
        sts.add_client_error(error)
        refusal = refused(make_client(), login)
        assert OURS.search(f"{refusal} {refusal.response}") is None

    def test_are_not_in_a_success_after_a_retry(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("Throttling")
        assert OURS.search(repr(make_client(1).assume_role_with_saml(**login))) is None

    @pytest.mark.parametrize("kind", CONNECTION)
    def test_are_not_in_a_lost_connection(
        self, sts: STSBackend, make_client: Make, login: Login, kind: ConnectionErrorKind
    ) -> None:
        sts.add_connection_error(kind)
        error = lost(make_client(), login)
        assert OURS.search(f"{error} {error!r} {vars(error)}") is None

    @pytest.mark.parametrize("error", ["Throttling", "AccessDenied"])
    def test_are_not_in_the_http_response(self, sts: STSBackend, make_client: Make, login: Login, error: str) -> None:
        client = make_client(1)
        seen: list[str] = []
        client.meta.events.register(
            "after-call.sts", lambda http_response, **_: seen.append(f"{http_response.url} {http_response.headers}")
        )
        sts.add_client_error(error)
        outcome(client, login)
        assert [text.split(" ")[0] for text in seen] == [ENDPOINT]
        assert OURS.search(seen[0]) is None

    def test_are_not_in_the_error_of_a_client_after_the_mock(
        self, make_client: Make, no_http: None, slept: list[int]
    ) -> None:
        client = make_client(1)
        recipe = mock_sts_saml()
        recipe.start().add_client_error("Throttling", times=9)
        client.meta.events.register("needs-retry.sts", lambda attempts, **_: recipe.stop() if attempts == 1 else None)
        assert OURS.search(str(lost(client, MOCKED_ARNS | {"SAMLAssertion": "PD94bWw="}))) is None


# --- how often


class TestTimes:
    def test_are_the_number_of_calls_that_meet_the_error(
        self, sts: STSBackend, make_client: Make, login: Login
    ) -> None:
        sts.add_client_error("AccessDenied", times=3)
        client = make_client()
        assert [outcome(client, login) for _ in range(5)] == ["AccessDenied"] * 3 + [LOGGED_IN] * 2

    def test_after_all_errors_are_met_nothing_is_sent(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("AccessDenied")
        client = make_client()
        outcome(client, login)
        sent: list[Any] = []
        client.meta.events.register("before-send.sts", lambda request, **_: sent.append(request))
        assert (outcome(client, login), sent) == (LOGGED_IN, [])

    @pytest.mark.parametrize("error", ["AccessDenied", "reset"])
    def test_count_for_twenty_threads_at_once(
        self, sts: STSBackend, make_client: Make, login: Login, error: str
    ) -> None:
        order(sts, error, times=20)
        clients = [make_client() for _ in range(20)]
        all_threads_are_here = threading.Barrier(20, timeout=60)

        def log_in(client: Any) -> str:
            all_threads_are_here.wait()
            return outcome(client, login)

        with ThreadPoolExecutor(20) as threads:
            found = list(threads.map(log_in, clients))
        assert found == [SEEN[error]] * 20
        assert outcome(clients[0], login) == LOGGED_IN

    def test_fewer_than_the_threads_are_met_once_each(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("AccessDenied", times=7)
        client = make_client()
        all_threads_are_here = threading.Barrier(20, timeout=60)

        def log_in(_: int) -> str:
            all_threads_are_here.wait()
            return outcome(client, login)

        with ThreadPoolExecutor(20) as threads:
            assert sorted(threads.map(log_in, range(20))) == ["AccessDenied"] * 7 + [LOGGED_IN] * 13

    def test_count_the_retries_of_threads(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("Throttling", times=20)
        clients = [make_client(20) for _ in range(20)]
        with ThreadPoolExecutor(20) as threads:
            assert list(threads.map(lambda client: outcome(client, login), clients)) == [LOGGED_IN] * 20
        assert codes(sts).count("Throttling") == 20

    def test_share_no_exception(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_connection_error(times=3)
        client = make_client()
        contexts = [lost(client, login).__context__ for _ in range(3)]
        assert len({id(context) for context in contexts}) == 3

    def test_keep_no_request(self, sts: STSBackend) -> None:
        assert active_mock.current is not None
        respond = active_mock.current.respond

        class Form(dict[str, str]):
            """A dict that can be referred to weakly."""

        sts.add_client_error("AccessDenied", times=9)
        form = Form(OPERATION)
        respond(Request(form, "us-east-1"))
        gone = weakref.ref(form)
        del form
        gc.collect()
        assert gone() is None


# --- what is remembered


class TestAttempts:
    def test_are_those_of_the_client(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("Throttling", times=2)
        sts.add_connection_error()
        outcome(make_client(5), login)
        found = [(attempt.accepted, attempt.code, attempt.status) for attempt in sts.attempts]
        throttled = (False, "Throttling", 400)
        assert found == [throttled, throttled, (False, None, 0), (True, None, 200)]

    @pytest.mark.parametrize(
        ("error", "because"),
        [
            ("Throttling", "add_client_error('Throttling')"),
            ("timeout", "add_connection_error('timeout')"),
        ],
    )
    def test_explain_that_the_test_ordered_the_error(
        self, sts: STSBackend, make_client: Make, login: Login, error: str, because: str
    ) -> None:
        order(sts, error)
        outcome(make_client(), login)
        assert because in sts.attempts[-1].explain()

    def test_name_role_and_provider(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("Throttling")
        outcome(make_client(1), login)
        arns = {(attempt.role_arn, attempt.principal_arn) for attempt in sts.attempts}
        assert arns == {(login["RoleArn"], login["PrincipalArn"])}

    def test_of_one_response_have_the_same_digest(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("Throttling")
        client = make_client(1)
        outcome(client, login)
        outcome(client, login)
        assert len({dict(attempt._asked)["response"] for attempt in sts.attempts}) == 1

    def test_of_a_mock_without_ordered_errors_do_not_name_the_rule(
        self, sts: STSBackend, make_client: Make, logs_in: LogsIn
    ) -> None:
        assert logs_in(make_client())
        assert "no_error_is_ordered" not in sts.attempts[-1].checks

    def test_after_all_errors_are_met_have_the_same_rules_as_before(
        self, sts: STSBackend, make_client: Make, login: Login
    ) -> None:
        client = make_client()
        outcome(client, login)
        sts.add_client_error("AccessDenied")
        outcome(client, login)
        outcome(client, login)
        assert sts.attempts[0].checks == sts.attempts[2].checks


# --- by handle()


class TestHandle:
    @pytest.fixture
    def body(self, login: Login) -> str:
        return urlencode(OPERATION | login)

    @pytest.mark.parametrize(("code", "status", "message"), CODES, ids=[code for code, *_ in CODES])
    def test_writes_a_client_error(self, sts: STSBackend, body: str, code: str, status: int, message: str) -> None:
        sts.add_client_error(code)
        answered, _, text = sts.handle(body)
        assert answered == status
        assert f"<Code>{code}</Code>" in text
        assert f"<Message>{message}</Message>" in text

    @pytest.mark.parametrize(
        ("kind", "error"),
        [("reset", ConnectionResetError), ("timeout", TimeoutError), ("refused", ConnectionRefusedError)],
    )
    def test_raises_a_connection_error(
        self, sts: STSBackend, body: str, kind: ConnectionErrorKind, error: type[OSError]
    ) -> None:
        sts.add_connection_error(kind)
        with pytest.raises(error) as caught:
            sts.handle(body)
        assert type(caught.value) is error

    def test_counts(self, sts: STSBackend, body: str) -> None:
        sts.add_client_error("Throttling", times=2)
        assert [sts.handle(body)[0] for _ in range(3)] == [400, 400, 200]

    def test_asks_for_the_role(self, sts: STSBackend, body: str) -> None:
        sts.add_client_error("Throttling", role="arn:aws:iam::123456789012:role/Admin", optional=True)
        assert sts.handle(body)[0] == 200

    def test_records_each(self, sts: STSBackend, body: str) -> None:
        sts.add_connection_error()
        sts.add_client_error("Throttling")
        with pytest.raises(ConnectionResetError):
            sts.handle(body)
        sts.handle(body)
        assert [(attempt.code, attempt.status) for attempt in sts.attempts] == [(None, 0), ("Throttling", 400)]

    def test_leaves_botocores_time_alone(self, sts: STSBackend, body: str) -> None:
        sts.add_client_error("Throttling")
        sts.handle(body)
        assert botocore.endpoint.time is time

    @pytest.mark.parametrize("form", ["", "Version=2011-06-15"], ids=["nothing", "no Action"])
    def test_redirects_a_request_without_action_and_leaves_the_error_due(
        self, sts: STSBackend, body: str, form: str
    ) -> None:
        sts.add_client_error("Throttling")
        assert (sts.handle(form)[0], sts.handle(body)[0]) == (302, 400)


# --- how long


class TestUnmetErrors:
    def test_disappear_with_the_mock(self, make_client: Make, saml_signing_key: SigningKey) -> None:
        recipe = mock_sts_saml()
        with recipe as sts:
            sts.add_client_error("Throttling", times=9, optional=True)
        with recipe as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            sts.create_saml_provider("ExampleIdP", idp)
            assert outcome(make_client(), parameters_of(idp, sts.create_role("Developer"))) == LOGGED_IN

    def test_outlive_a_mock_that_joined(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        with mock_sts_saml() as joined:
            joined.add_client_error("Throttling")
        assert outcome(make_client(), login) == "Throttling"

    def test_of_an_outer_mock_are_met_inside(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        sts.add_client_error("Throttling")
        with mock_sts_saml():
            assert outcome(make_client(), login) == "Throttling"

    @forking
    def test_are_copied_into_a_forked_child(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client()
        sts.add_client_error("AccessDenied")
        assert in_a_child(lambda: [outcome(client, login) for _ in range(2)]) == ["AccessDenied", LOGGED_IN]
        assert outcome(client, login) == "AccessDenied"

    @forking
    def test_are_retried_in_a_forked_child(self, sts: STSBackend, make_client: Make, login: Login) -> None:
        client = make_client(2)
        sts.add_connection_error(times=2, optional=True)
        assert in_a_child(lambda: outcome(client, login)) == LOGGED_IN


FORMS = """
import unittest

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from inner_runs import KEY, saml_signing_key
from wire import shared_session

from pytest_stssaml import IdentityProvider, active_backend, mock_sts_saml

CONFIG = Config(retries={"mode": "standard", "max_attempts": 2})
CLIENT = shared_session().client("sts", region_name="us-east-1", config=CONFIG)

def log_in(idp, role):
    return CLIENT.assume_role_with_saml(
        RoleArn=role.arn, PrincipalArn=idp.provider.arn, SAMLAssertion=idp.response(role)
    )["ResponseMetadata"]["RetryAttempts"]

def registered(name="Okta"):
    idp = IdentityProvider(signing_key=KEY)
    provider = active_backend().create_saml_provider(name, idp)
    return idp, active_backend().create_role(name, provider=provider)

def retries():
    active_backend().add_client_error("Throttling")
    active_backend().add_connection_error()
    return log_in(*registered()) == 2
"""


def form(test: str, name: str) -> Any:
    return pytest.param(InnerModule(FORMS + test), id=name)


class TestForms:
    @pytest.mark.parametrize(
        "inner",
        [
            form("def test():\n    with mock_sts_saml():\n        assert retries()", "with"),
            form("@mock_sts_saml\ndef test():\n    assert retries()", "function"),
            form("@mock_sts_saml\nclass Test:\n    def test(self):\n        assert retries()", "class"),
            form(
                "@mock_sts_saml\nclass Test(unittest.TestCase):\n    def test(self):\n        assert retries()",
                "TestCase",
            ),
            form(
                "def test():\n    mock = mock_sts_saml()\n    mock.start()\n    assert retries()\n    mock.stop()",
                "start",
            ),
            form(
                "@pytest.fixture\n@mock_sts_saml\ndef sts():\n    yield\n\ndef test(sts):\n    assert retries()",
                "fixture",
            ),
            form("def test(sts_saml):\n    assert retries()", "sts_saml"),
            form("@mock_sts_saml\ndef test(sts_saml):\n    assert retries()", "sts_saml joined"),
        ],
        indirect=True,
    )
    def test_meet_the_ordered_errors(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}
        assert botocore.endpoint.time is time

    @pytest.mark.inner(
        InnerModule(
            FORMS
            + """
@pytest.fixture(scope="module", autouse=True)
def outer():
    with mock_sts_saml():
        yield

def test_first(sts_saml):
    sts_saml.add_client_error("AccessDenied", optional=True)

def test_second(sts_saml, saml_idp):
    assert log_in(saml_idp, sts_saml.create_role("Developer")) == 0
"""
        )
    )
    def test_a_fixture_that_joined_leaves_no_ordered_error(self, inner: Result) -> None:
        assert inner.outcomes == {"passed": 2}


# --- misuse


class TestMisuse:
    @pytest.mark.parametrize("code", [None, "", 400, b"Throttling", ["Throttling"], ClientError], ids=repr)
    def test_a_code_that_is_not_a_string_is_a_type_error(self, sts: STSBackend, code: Any) -> None:
        with pytest.raises(TypeError) as caught:
            sts.add_client_error(code)
        assert str(caught.value) == f'code must be an error code of AWS, such as "Throttling", not {code!r}'

    @pytest.mark.parametrize("times", [0, -1, 1.5, 1.0, True, False, "1", None], ids=repr)
    @pytest.mark.parametrize("add", ["add_client_error", "add_connection_error"])
    def test_times_that_is_not_a_number_of_calls_is_a_value_error(self, sts: STSBackend, add: str, times: Any) -> None:
        arguments = ("Throttling",) if add == "add_client_error" else ()
        with pytest.raises(ValueError, match=r"^times") as caught:
            getattr(sts, add)(*arguments, times=times)
        assert str(caught.value) == f"times must be a whole number of calls, at least 1, not {times!r}"

    @pytest.mark.parametrize(
        ("kind", "meant"),
        [
            ("RESET", "; did you mean reset?"),
            ("time-out", "; did you mean timeout?"),
            *((kind, "") for kind in ("lost", "", None, 1, ["reset"], TimeoutError)),
        ],
        ids=repr,
    )
    def test_an_unknown_kind_is_a_value_error(self, sts: STSBackend, kind: Any, meant: str) -> None:
        with pytest.raises(ValueError, match=r"^kind") as caught:
            sts.add_connection_error(kind)
        assert str(caught.value) == f"kind must be one of reset, timeout, refused, not {kind!r}{meant}"

    @pytest.mark.parametrize("role", [1, b"arn", ["arn"], {}], ids=repr)
    @pytest.mark.parametrize("add", ["add_client_error", "add_connection_error"])
    def test_a_role_of_another_type_is_a_type_error(self, sts: STSBackend, add: str, role: Any) -> None:
        arguments = ("Throttling",) if add == "add_client_error" else ()
        with pytest.raises(TypeError) as caught:
            getattr(sts, add)(*arguments, role=role)
        assert str(caught.value) == f"role must be a Role or its ARN, not {role!r}"

    def test_an_identity_provider_as_a_role_is_a_type_error(self, sts: STSBackend, idp: IdentityProvider) -> None:
        with pytest.raises(TypeError, match=r"^role must be a Role or its ARN, not "):
            sts.add_client_error("Throttling", role=idp)  # type: ignore[arg-type]

    @pytest.mark.parametrize("message", [429, b"Rate exceeded", ["Rate exceeded"]], ids=repr)
    def test_a_message_that_is_not_a_string_is_a_type_error(self, sts: STSBackend, message: Any) -> None:
        with pytest.raises(TypeError, match=rf"message.*not {re.escape(repr(message))}"):
            sts.add_client_error("Throttling", message)

    @pytest.mark.parametrize("status", ["503", 503.0, True, [503]], ids=repr)
    def test_a_status_of_another_type_is_refused(self, sts: STSBackend, status: Any) -> None:
        with pytest.raises((TypeError, ValueError), match=rf"status.*not {re.escape(repr(status))}"):
            sts.add_client_error("Throttling", status=status)

    @pytest.mark.parametrize("status", [0, -1, 200, 302, 600])
    def test_a_status_that_is_not_an_error_is_refused(self, sts: STSBackend, status: int) -> None:
        with pytest.raises(ValueError, match=f"status.*not {status}"):
            sts.add_client_error("Throttling", status=status)

    def test_the_name_of_a_role_is_refused(self, sts: STSBackend, role: Role) -> None:
        with pytest.raises((TypeError, ValueError), match=r"role .*ARN.*'Developer'"):
            sts.add_client_error("Throttling", role="Developer")

    @pytest.mark.parametrize("arguments", [{"times": 0}, {"role": 1}, {"status": "x"}], ids=str)
    def test_orders_nothing(
        self, sts: STSBackend, make_client: Make, logs_in: LogsIn, arguments: dict[str, Any]
    ) -> None:
        with pytest.raises((TypeError, ValueError)):
            sts.add_client_error("AccessDenied", **arguments)
        assert logs_in(make_client())


def test_if_another_thread_was_faster_no_error_is_met() -> None:
    OrderedErrors().meet("AssumeRoleWithSAML", "arn:aws:iam::123456789012:role/Developer")
