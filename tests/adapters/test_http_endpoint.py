"""The endpoint as a test holds it, and what its requests mean to STS."""

import datetime as dt
import http.client
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import freezegun
import pytest
from http_clients import good_login, post, send, statuses
from wire import signed

from pytest_stssaml import IdentityProvider, Session, STSBackend, mock_sts_saml
from pytest_stssaml.adapters.http_endpoint import Endpoint
from pytest_stssaml.keys import SigningKey

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def endpoint(sts: STSBackend) -> Iterator[Endpoint]:
    with sts.serve() as opened:
        yield opened


@pytest.fixture
def login(sts: STSBackend, idp: IdentityProvider) -> bytes:
    return good_login(sts, idp)


Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(endpoint: Endpoint) -> Iterator[Ask]:
    """Send a request by Python's own client, over one connection."""
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=10)

    def call(method: str = "POST", path: str = "/", **more: Any) -> tuple[int, str]:
        connection.request(method, path, **{"headers": FORM} | more)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    yield call
    connection.close()


def test_a_login_may_be_posted(ask: Ask, login: bytes) -> None:
    status, body = ask(body=login)
    assert (status, "<Subject>alice@example.com</Subject>" in body) == (200, True)


def test_a_login_may_come_in_chunks(ask: Ask, login: bytes) -> None:
    assert ask(body=iter([login[:100], login[100:]]), encode_chunked=True)[0] == 200


def test_a_login_may_be_a_query(ask: Ask, login: bytes) -> None:
    assert ask("GET", f"/?{login.decode()}")[0] == 200


def test_a_query_may_be_in_utf_8_that_is_not_escaped(sts: STSBackend, endpoint: Endpoint) -> None:
    request = "GET /?Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=é HTTP/1.1\r\n\r\n".encode()
    assert (statuses(send(endpoint, request)), sts.last_attempt.role_arn) == ([400], "é")


def test_the_answer_to_a_head_has_no_body(endpoint: Endpoint, login: bytes) -> None:
    answers = send(endpoint, b"HEAD /?%b HTTP/1.1\r\n\r\n" % login + post(login))
    head, _, rest = answers.partition(b"\r\n\r\n")
    assert (b"\r\nContent-Length: 0" in head, rest[:12]) == (False, b"HTTP/1.1 200")


def test_a_request_without_an_action_is_redirected(ask: Ask) -> None:
    assert ask("GET", headers={})[0] == 302


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/x-www-form-urlencoded; charset=utf-8", 200),
        ("Application/X-WWW-Form-URLEncoded", 200),
        ("application/json", 302),
        ("text/plain", 302),
    ],
)
def test_only_a_form_is_read(ask: Ask, login: bytes, content_type: str, expected: int) -> None:
    assert ask(body=login, headers={"Content-Type": content_type})[0] == expected


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_another_method_is_not_implemented(ask: Ask, method: str) -> None:
    assert ask(method) == (501, "")


def test_a_body_over_the_limit_is_refused_and_the_connection_goes_on(ask: Ask, login: bytes) -> None:
    longest = b"Action=x&a=".ljust(10_000_000, b"a")
    assert [ask(body=body)[0] for body in (longest, longest + b"a", login)] == [400, 413, 200]


@pytest.fixture
def session(sts: STSBackend, ask: Ask, login: bytes) -> Session:
    ask(body=login)
    return sts.sessions[-1]


@pytest.mark.parametrize("path", ["/", "/a%20b/", "/%C3%A9", "/a+b"])
def test_a_session_signs_the_path_as_it_is_sent(endpoint: Endpoint, ask: Ask, session: Session, path: str) -> None:
    who = "Action=GetCallerIdentity&Version=2011-06-15"
    status, body = ask(body=who, path=path, headers=signed(session, who, url=endpoint.url + path))
    assert (status, session.arn in body) == (200, True)


def test_the_region_is_that_of_a_presigned_url(sts: STSBackend, ask: Ask, login: bytes) -> None:
    sts.disable_region("eu-west-1")
    scope = quote("AKIAIOSFODNN7EXAMPLE/20300101/eu-west-1/sts/aws4_request", safe="")
    assert "RegionDisabledException" in ask("GET", f"/?X-Amz-Credential={scope}&{login.decode()}")[1]


def test_the_region_of_other_requests_is_that_of_the_endpoint(sts: STSBackend, login: bytes) -> None:
    sts.disable_region("eu-west-1")
    with sts.serve(region="eu-west-1") as endpoint:
        assert b"RegionDisabledException" in send(endpoint, post(login))


def test_the_transport_is_not_tls(sts: STSBackend, idp: IdentityProvider, endpoint: Endpoint) -> None:
    policy = idp.provider.trust_policy(conditions={"Bool": {"aws:SecureTransport": "true"}})
    assert statuses(send(endpoint, post(good_login(sts, idp, trust_policy=policy)))) == [403]


def test_the_region_is_that_of_the_signature(sts: STSBackend, ask: Ask, login: bytes) -> None:
    sts.disable_region("eu-west-1")
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20300101/eu-west-1/sts/aws4_request"}
    assert "RegionDisabledException" in ask(body=login, headers=FORM | signed)[1]


def test_a_frozen_time_does_not_matter_to_what_another_process_signs(saml_signing_key: SigningKey) -> None:
    who = "Action=GetCallerIdentity&Version=2011-06-15"
    with mock_sts_saml(now="2130-01-01T12:00:00Z") as sts, sts.serve() as endpoint:
        idp = IdentityProvider(signing_key=saml_signing_key)
        sts.create_saml_provider("ExampleIdP", idp)
        assert statuses(send(endpoint, post(good_login(sts, idp)))) == [200]
        with freezegun.freeze_time(freezegun.api.real_datetime.now(dt.UTC)):  # what the other process sees
            headers = signed(sts.sessions[-1], who)
        lines = [f"{name}: {value}\r\n".encode() for name, value in headers.items() if name != "Host"]
        request = post(who.encode(), b"".join(lines)).replace(b"example.com", b"sts.amazonaws.com")
        assert statuses(send(endpoint, request)) == [200]


class TestEnvironment:
    @pytest.mark.parametrize(
        "name",
        [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_PROFILE",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_ENDPOINT_URL",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_CA_BUNDLE",
        ],
    )
    def test_has_no_setting_of_this_process(
        self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv(name, "of this process")
        assert name not in endpoint.environ

    def test_has_no_configuration_of_this_machine(self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION", "AWS_EC2_METADATA_DISABLED"):
            monkeypatch.setenv(name, "of this process")
        assert {name: value for name, value in endpoint.environ.items() if name.startswith("AWS_")} == {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_STS": endpoint.url,
            "AWS_REGION": "us-east-1",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def test_asks_no_proxy_for_the_endpoint(self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://proxy.example.com")
        monkeypatch.setenv("NO_PROXY", "localhost")
        monkeypatch.setenv("no_proxy", "example.com")
        environ = endpoint.environ
        assert environ["NO_PROXY"] == environ["no_proxy"] == "localhost,example.com,127.0.0.1"
        assert environ["http_proxy"] == "http://proxy.example.com"

    def test_has_everything_else(self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TOOL_SETTING", "1")
        assert (endpoint.environ["TOOL_SETTING"], endpoint.environ["PATH"]) == ("1", os.environ["PATH"])

    def test_is_a_new_copy(self, endpoint: Endpoint) -> None:
        endpoint.environ["TOOL_SETTING"] = "1"
        assert "TOOL_SETTING" not in endpoint.environ


def test_an_endpoint_that_is_not_open_has_no_url(sts: STSBackend) -> None:
    with pytest.raises(RuntimeError, match="the endpoint is not open: write"):
        _ = sts.serve().url


def test_an_open_endpoint_is_not_opened_again(endpoint: Endpoint) -> None:
    with pytest.raises(RuntimeError, match="open already"):
        endpoint.__enter__()


@pytest.mark.parametrize(("module", "expected"), [("pytest_socket", "enable_socket"), ("another", "^blocked$")])
def test_sockets_that_pytest_socket_disables_are_named(
    sts: STSBackend, monkeypatch: pytest.MonkeyPatch, module: str, expected: str
) -> None:
    def blocked(*_: object, **__: object) -> None:
        raise type("Blocked", (RuntimeError,), {"__module__": module})("blocked")

    monkeypatch.setattr(socket, "socket", blocked)
    with pytest.raises(RuntimeError, match=expected):
        sts.serve().__enter__()


def test_the_fixture_serves_the_mock_of_the_test(sts_endpoint: Endpoint) -> None:
    assert (sts_endpoint.url[:17], sts_endpoint.region) == ("http://127.0.0.1:", "us-east-1")


def test_an_endpoint_that_is_closed_can_be_opened_again(sts: STSBackend) -> None:
    endpoint = sts.serve()
    for _ in range(2):
        with endpoint:
            assert statuses(send(endpoint, post(b""))) == [302]
    endpoint.__exit__()


def test_a_mock_may_have_several_endpoints(sts: STSBackend, login: bytes) -> None:
    with sts.serve() as one, sts.serve() as other:
        assert [statuses(send(endpoint, post(login))) for endpoint in (one, other)] == [[200], [200]]
    assert len(sts.sessions) == 2


def test_an_endpoint_may_have_an_address_of_ipv6(sts: STSBackend) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        pytest.skip("this machine has no ::1")
    with Endpoint(sts.handle, "us-east-1", 100, host="::1") as endpoint:
        assert endpoint.url.startswith("http://[::1]:")
        assert endpoint.environ["NO_PROXY"].endswith("::1")
