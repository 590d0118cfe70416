import importlib.util

import pytest
from inner_runs import Result
from neighbours.runs import beside

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pytest_socket") is None, reason="pytest-socket is not installed"
)


@pytest.mark.inner(
    beside(
        """
import socket
from botocore.exceptions import HTTPClientError
from pytest_socket import SocketBlockedError

def test_a_socket_is_refused():
    with pytest.raises(SocketBlockedError):
        socket.socket()

def test_fixtures(sts_saml):
    assert sts_is_ours()

@mock_sts_saml
def test_decorated():
    assert sts_is_ours()

@pytest.mark.stssaml(now="2130-01-01")
def test_time_is_frozen(sts_saml):
    assert sts_is_ours()

def test_time_goes_on():
    assert dt.datetime.now().year < 2130

def test_what_is_not_ours_is_blocked(sts_saml):
    with pytest.raises(HTTPClientError, match="A test tried to use socket"):
        client("sts").get_caller_identity()

def test_after_the_mock_the_login_is_blocked():
    with mock_sts_saml():
        idp, provider, role = registered()
        response = idp.response(role)
    with pytest.raises(HTTPClientError, match="A test tried to use socket"):
        log_in(response, role, provider)
""",
        "--disable-socket",
        *("-W", "ignore:A test tried to use socket:UserWarning"),
        plugins="pytest_socket",
    )
)
def test_a_login_needs_no_socket(inner: Result) -> None:
    assert inner.outcomes == {"passed": 7}


@pytest.mark.inner(
    beside("def test_it(sts_saml): assert sts_is_ours()", "--allow-hosts=127.0.0.1", plugins="pytest_socket")
)
def test_a_login_needs_no_host(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@pytest.mark.inner(
    beside(
        """
import http.client
import os
from urllib.parse import urlsplit

def test_it_says_what_to_allow(sts_saml):
    with pytest.raises(RuntimeError, match="allow_hosts"):
        sts_saml.serve().__enter__()

def test_it_leaves_nothing_open(sts_saml):
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    with pytest.raises(RuntimeError):
        sts_saml.serve().__enter__()
    assert before == 0 or len(os.listdir("/proc/self/fd")) == before

def asks(endpoint):
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc)
    connection.request("GET", "/")
    status = connection.getresponse().status
    connection.close()
    return status

@pytest.mark.enable_socket
def test_with_sockets(sts_endpoint):
    assert asks(sts_endpoint) == 302

@pytest.mark.allow_hosts(["127.0.0.1"])
def test_with_this_host(sts_endpoint):
    assert asks(sts_endpoint) == 302
""",
        "--disable-socket",
        *("-W", "ignore:A test tried to use socket:UserWarning"),
        plugins="pytest_socket",
    )
)
def test_an_endpoint_needs_a_socket_on_this_machine(inner: Result) -> None:
    assert inner.outcomes == {"passed": 4}
