import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from pytest_stssaml import IdentityProvider, STSBackend, mock_sts_saml
from pytest_stssaml.adapters.http_endpoint import Endpoint

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Connect = Callable[[], http.client.HTTPConnection]


@pytest.fixture
def endpoint(sts: STSBackend) -> Iterator[Endpoint]:
    with sts.serve() as opened:
        yield opened


@pytest.fixture
def body(sts: STSBackend, idp: IdentityProvider) -> str:
    """The form of a good login."""
    role = sts.create_role("Developer")
    return urlencode(
        {
            "Action": "AssumeRoleWithSAML",
            "Version": "2011-06-15",
            "RoleArn": role.arn,
            "PrincipalArn": idp.provider.arn,
            "SAMLAssertion": idp.response(role),
        }
    )


@pytest.fixture
def connect(endpoint: Endpoint) -> Iterator[Connect]:
    opened: list[http.client.HTTPConnection] = []

    def call() -> http.client.HTTPConnection:
        opened.append(http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=20))
        return opened[-1]

    yield call
    for connection in opened:
        connection.close()


def ask(connection: http.client.HTTPConnection, method: str = "POST", path: str = "/", **more: Any) -> tuple[int, str]:
    connection.request(method, path, **{"headers": FORM} | more)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_several_logins_go_over_one_connection(connect: Connect, body: str) -> None:
    connection = connect()
    assert [ask(connection, body=body)[0] for _ in range(3)] == [200, 200, 200]


def test_a_chunked_body_is_read(connect: Connect, body: str) -> None:
    chunks = iter([body[:100].encode(), body[100:].encode()])
    assert ask(connect(), body=chunks, encode_chunked=True)[0] == 200


def test_a_head_has_no_body(connect: Connect, body: str) -> None:
    assert ask(connect(), "HEAD", f"/?{body}") == (200, "")


def test_a_post_that_is_not_a_form_is_redirected(connect: Connect) -> None:
    assert ask(connect(), body="{}", headers={"Content-Type": "application/json"})[0] == 302


@pytest.mark.parametrize("length", ["x", "-1"])
def test_a_malformed_length_is_a_bad_request(connect: Connect, length: str) -> None:
    assert ask(connect(), headers=FORM | {"Content-Length": length})[0] == 400


def test_a_target_that_is_not_a_path_is_a_bad_request(connect: Connect) -> None:
    assert ask(connect(), "GET", "*")[0] == 400


def test_a_body_over_the_limit_is_refused_and_the_connection_goes_on(connect: Connect, body: str) -> None:
    connection = connect()
    assert (ask(connection, body="x" * 10_100_000)[0], ask(connection, body=body)[0]) == (413, 200)


def test_many_clients_are_served_at_once(connect: Connect, body: str) -> None:
    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda _: ask(connect(), body=body)[0], range(100)))
    assert statuses == [200] * 100


def test_an_ordered_reset_resets_the_connection(sts: STSBackend, connect: Connect, body: str) -> None:
    sts.add_connection_error("reset")
    with pytest.raises(ConnectionResetError):
        ask(connect(), body=body)
    assert ask(connect(), body=body)[0] == 200


def test_an_ordered_timeout_hangs_until_the_endpoint_is_closed(sts: STSBackend, body: str) -> None:
    sts.add_connection_error("timeout")
    with sts.serve() as endpoint:
        connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=0.05)
        with pytest.raises(TimeoutError):
            ask(connection, body=body)
    connection.close()


def test_the_end_leaves_no_thread_and_no_port(sts: STSBackend) -> None:
    before = threading.active_count()
    with sts.serve() as endpoint:
        address = urlsplit(endpoint.url)
        open_connection = socket.create_connection((address.hostname, address.port))
    open_connection.close()
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port))


def test_the_region_is_that_of_the_signature(sts: STSBackend, connect: Connect, body: str) -> None:
    sts.disable_region("eu-west-1")
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20300101/eu-west-1/sts/aws4_request"}
    assert "RegionDisabledException" in ask(connect(), body=body, headers=FORM | signed)[1]


def test_the_environment_has_no_credentials(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("no_proxy", "example.com")
    environ = endpoint.environ
    assert "AWS_SECRET_ACCESS_KEY" not in environ
    assert (environ["AWS_ENDPOINT_URL_STS"], environ["NO_PROXY"]) == (endpoint.url, "example.com,127.0.0.1")


def test_an_endpoint_that_is_not_open_has_no_url(sts: STSBackend) -> None:
    with pytest.raises(RuntimeError, match="the endpoint is not open: write"):
        _ = sts.serve().url


def test_an_open_endpoint_is_not_opened_again(endpoint: Endpoint) -> None:
    with pytest.raises(RuntimeError, match="open already"):
        endpoint.__enter__()


def test_disabled_sockets_are_named(sts: STSBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    def blocked(*_: object, **__: object) -> None:
        raise RuntimeError("blocked")

    monkeypatch.setattr(socket, "socket", blocked)
    with pytest.raises(RuntimeError, match="enable_socket"):
        sts.serve().__enter__()


def test_the_fixture_serves_the_mock_of_the_test(sts_endpoint: Endpoint) -> None:
    assert (sts_endpoint.url[:17], sts_endpoint.region) == ("http://127.0.0.1:", "us-east-1")


def send(endpoint: Endpoint, request: bytes) -> bytes:
    """Send some bytes, hang up, and return what comes back."""
    address = urlsplit(endpoint.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65536)


def test_a_client_that_hangs_up_within_its_body_asks_nothing(
    sts: STSBackend, endpoint: Endpoint, body: str, capfd: pytest.CaptureFixture[str]
) -> None:
    head = b"POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: %d\r\n\r\n" % (len(body) + 1)
    assert send(endpoint, head + body.encode()) == b""
    assert (sts.attempts, capfd.readouterr().err) == ((), "")


def test_trailers_of_a_chunked_body_are_skipped(endpoint: Endpoint) -> None:
    head = b"POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b" 302 " in send(endpoint, head + b"1\r\nx\r\n0\r\nX-Trailer: x\r\n\r\n")


def test_a_mistake_of_the_server_is_not_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object, **__: object) -> tuple[int, dict[str, str], str]:
        raise LookupError("a mistake")

    with Endpoint(broken, "us-east-1", 100) as endpoint:
        assert send(endpoint, b"GET /?Action=x HTTP/1.1\r\nHost: example.com\r\n\r\n") == b""
    assert "LookupError: a mistake" in capsys.readouterr().err


def test_a_frozen_time_holds_over_http(connect_in_2030: tuple[STSBackend, Endpoint]) -> None:
    sts, endpoint = connect_in_2030
    assert b"Date: Tue, 01 Jan 2030 12:00:00 GMT" in send(endpoint, b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
    sts.advance(hours=1)
    assert b"Date: Tue, 01 Jan 2030 13:00:00 GMT" in send(endpoint, b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")


@pytest.fixture
def connect_in_2030() -> Iterator[tuple[STSBackend, Endpoint]]:
    with mock_sts_saml(now="2030-01-01T12:00:00Z") as sts, sts.serve() as endpoint:
        yield sts, endpoint
