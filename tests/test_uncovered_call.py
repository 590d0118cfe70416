"""What a failing test is told of a call of STS that no mock has answered."""

import re
from typing import Any

import pytest
from inner_runs import InnerModule, Result

HEADER = """
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ConnectTimeoutError, EndpointConnectionError
from inner_runs import KEY, saml_signing_key
from network import PARAMETERS, log_in
from wire import shared_session

from pytest_stssaml import mock_sts_saml

URL = "https://sts.us-east-1.amazonaws.com/"


def unreachable(kind=EndpointConnectionError, **options):
    "Return a new client that does not reach the network."
    config = Config(retries={"total_max_attempts": 1})
    client = shared_session().client("sts", region_name="us-east-1", config=config, **options)

    def fail(request, **_):
        raise kind(endpoint_url=request.url, error="no network")

    client.meta.events.register("before-send", fail)
    return client

"""


def row(body: str, *values: Any, id: str) -> Any:  # noqa: A002 - as in pytest.param
    """Return a row of a table of inner modules."""
    return pytest.param(InnerModule(HEADER + body), *values, id=id)


def told(inner: Result) -> list[str]:
    """What the sections of ours say of calls that no mock has answered, each in one line."""
    sections = [re.sub(r"\s+", " ", section) for section in inner.sections]
    return [section[section.index("answered by no mock") :] for section in sections]


ENDPOINT = "https://sts.us-east-1.amazonaws.com/"
LOGIN = f"answered by no mock: AssumeRoleWithSAML at {ENDPOINT}, since "
ENDED = (
    f"{LOGIN}mock_sts_saml had ended before; call STS within the `with` block, the decorated function, or the test "
    "that uses the fixture"
)
NONE = f"{LOGIN}no mock was active; use the fixture sts_saml, or decorate the test with @mock_sts_saml"
FOREIGN = (
    f"answered by no mock: GetCallerIdentity at {ENDPOINT}, since the mock answers GetCallerIdentity only for "
    "credentials that it issued, and passes others on; log in first, and give the client "
    "sts_saml.sessions[-1].boto3_kwargs(); or use moto's mock_aws"
)
WITHOUT = (
    "answered by no mock: a call at https://sts.amazonaws.com/, since its client is not one of botocore; let it ask "
    "sts_endpoint.url of the fixture sts_endpoint, or answer it by sts_saml.handle(...)"
)
BY_URL = "give that client endpoint_url=sts_endpoint.url of the fixture sts_endpoint"
COPIED = (
    f"answered by no mock: a call at {ENDPOINT}, since its client is one of awscli.botocore, and a mock answers only "
    f"those of botocore; {BY_URL}"
)
SECOND = (
    f"answered by no mock: a call at {ENDPOINT}, since its client is one of a second botocore, which was imported "
    f"after the first was removed from sys.modules; leave botocore there, or {BY_URL}"
)
UNHANDLED = (
    f"answered by no mock: a call at {ENDPOINT}, since its client has none of the handlers that a mock registers; "
    f"{BY_URL}"
)


def elsewhere(endpoint: str = ENDPOINT) -> str:
    return (
        f"answered by no mock: a call at {endpoint}, since it was made by another process, which has no mock; start "
        "the process with env=sts_endpoint.environ of the fixture sts_endpoint"
    )


def after_a_mock(*lines: str) -> str:
    body = "\n    ".join(lines)
    return f"\ndef test_it():\n    with mock_sts_saml(): pass\n    {body}\n"


def in_a_mock(*lines: str) -> str:
    body = "\n    ".join(lines)
    return f"\ndef test_it(sts_saml):\n    {body}\n"


COPY = """
class BotoCoreError(Exception):
    kwargs = {"endpoint_url": URL}

class ConnectionError(BotoCoreError): pass

class EndpointConnectionError(ConnectionError): pass

for copied in (BotoCoreError, ConnectionError, EndpointConnectionError):
    copied.__module__ = "%s"
"""

UNREACHABLE = """
MESSAGE = f"Could not connect to the endpoint URL: {URL}"
UNREACHABLE = [sys.executable, "-S", "-c", f"raise SystemExit({MESSAGE!r})"]
"""

REMOTE = """
class RemoteTraceback(Exception): pass
"""


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        row(after_a_mock("log_in(unreachable())"), ENDED, id="with"),
        row(
            "@mock_sts_saml\ndef client(): return unreachable()\n\ndef test_it(): log_in(client())",
            ENDED,
            id="decorated function",
        ),
        row(after_a_mock("log_in(unreachable(ConnectTimeoutError))"), ENDED, id="timeout"),
        row(
            after_a_mock("try: log_in(unreachable())", "except BotoCoreError as error: raise ValueError from error"),
            ENDED,
            id="cause",
        ),
        row(after_a_mock("try: log_in(unreachable())", "finally: {}['no']"), ENDED, id="context"),
        row(
            after_a_mock("try: log_in(unreachable())", "except BotoCoreError: raise ValueError from None"),
            ENDED,
            id="hidden context",
        ),
        row(
            after_a_mock(
                "try: log_in(unreachable())", "except BotoCoreError as error: raise ExceptionGroup('no', [error])"
            ),
            ENDED,
            id="group",
        ),
        row(
            after_a_mock("with ThreadPoolExecutor() as pool: pool.submit(log_in, unreachable()).result()"),
            ENDED,
            id="thread",
        ),
        row(
            after_a_mock("try: log_in(unreachable())", "except BotoCoreError as error: print(error)", "assert False"),
            ENDED,
            id="printed",
        ),
        row(
            "@pytest.fixture\ndef logged_in(): log_in(unreachable())\n\n"
            "@pytest.fixture\ndef late(logged_in, sts_saml): pass\n\ndef test_it(late): pass",
            NONE,
            id="before the fixture",
        ),
        row("def test_it(): log_in(unreachable())", NONE, id="no mock"),
        row(
            in_a_mock(
                "unreachable(aws_access_key_id='AKIAIOSFODNN7EXAMPLE', aws_secret_access_key='x').get_caller_identity()"
            ),
            FOREIGN,
            id="foreign credentials",
        ),
        row(COPY % "awscli.botocore.exceptions" + in_a_mock("raise EndpointConnectionError"), COPIED, id="copy"),
        row(COPY % "botocore.exceptions" + in_a_mock("raise EndpointConnectionError"), SECOND, id="second botocore"),
        row(
            in_a_mock("raise OSError('Failed to connect to https://sts.amazonaws.com/')"),
            WITHOUT,
            id="without botocore",
        ),
        row(
            in_a_mock("raise EndpointConnectionError(endpoint_url=URL, error='')"), UNHANDLED, id="without the handlers"
        ),
        row(
            REMOTE + in_a_mock("raise EndpointConnectionError(endpoint_url=URL, error='') from RemoteTraceback()"),
            elsewhere(),
            id="pool of processes",
        ),
        row(
            UNREACHABLE + in_a_mock("subprocess.run(UNREACHABLE, check=True, capture_output=True)"),
            elsewhere(),
            id="subprocess",
        ),
        row(
            in_a_mock("assert 'getaddrinfo ENOTFOUND sts.eu-west-1.amazonaws.com' == ''"),
            elsewhere("sts.eu-west-1.amazonaws.com"),
            id="what a subprocess said",
        ),
    ],
    indirect=["inner"],
)
def test_a_call_that_no_mock_has_answered_is_told_with_the_reason(inner: Result, expected: str) -> None:
    assert told(inner) == [expected]


@pytest.mark.parametrize(
    "inner",
    [
        row(in_a_mock("sts_saml.add_connection_error('refused', times=9)", "log_in()"), id="an ordered error"),
        row("def test_it(): unreachable().get_session_token()", id="another operation without a mock"),
        row(in_a_mock("shared_session().client('sts').get_caller_identity()"), id="an error before the network"),
        row(
            in_a_mock("raise EndpointConnectionError(endpoint_url='https://s3.amazonaws.com', error='')"),
            id="another service",
        ),
        row(in_a_mock("raise ConnectionError(URL)"), id="an error that names an endpoint"),
        row(
            "class Broken(Exception):\n    def __str__(self): raise ValueError\n" + in_a_mock("raise Broken"),
            id="an error without a text",
        ),
        row("def test_it(): assert 'cannot connect to sts.amazonaws.com' == ''", id="a text without a mock"),
    ],
    indirect=True,
)
def test_of_another_failure_nothing_is_told(inner: Result) -> None:
    assert "failed" in inner.outcomes
    assert not any("answered by no mock" in section for section in inner.sections)


@pytest.mark.inner(
    InnerModule(
        HEADER
        + """
def test_it():
    mock = mock_sts_saml()
    mock.start().add_connection_error("timeout", optional=True)
    client = shared_session().client("sts", region_name="us-east-1")
    client.meta.events.register_last("before-call", lambda **_: mock.stop())
    log_in(client)
"""
    )
)
def test_a_mock_that_ends_during_a_call_is_told(inner: Result) -> None:
    assert told(inner) == [ENDED]
