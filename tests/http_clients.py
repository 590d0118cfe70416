"""Clients of our endpoint that write their requests byte by byte, as no HTTP library does."""

import socket
from typing import Any
from urllib.parse import urlencode, urlsplit

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.adapters.http_endpoint import Endpoint

#: Seconds after which a client gives up. No test waits for as long unless it fails.
PATIENCE = 10


def connected(endpoint: Endpoint) -> socket.socket:
    """Return a connection to an endpoint."""
    address = urlsplit(endpoint.url)
    assert address.hostname is not None
    assert address.port is not None
    return socket.create_connection((address.hostname, address.port), timeout=PATIENCE)


def everything(connection: socket.socket) -> bytes:
    """Return what comes until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def send(endpoint: Endpoint, request: bytes) -> bytes:
    """Send some bytes, say that these are all, and return what comes back until the server closes the connection."""
    with connected(endpoint) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return everything(connection)


def good_login(sts: STSBackend, idp: IdentityProvider, **options: Any) -> bytes:
    """Return the form of a good login for a new role with some options."""
    role = sts.create_role("Developer", **options)
    form = {
        "Action": "AssumeRoleWithSAML",
        "Version": "2011-06-15",
        "RoleArn": role.arn,
        "PrincipalArn": idp.provider.arn,
        "SAMLAssertion": idp.response(role),
    }
    return urlencode(form).encode()


def post(form: bytes, headers: bytes = b"", version: bytes = b"1.1") -> bytes:
    """Return a request with a form as its body."""
    head = b"POST / HTTP/%b\r\nHost: example.com\r\nContent-Length: %d\r\n%b\r\n"
    return head % (version, len(form), headers) + form


def statuses(answers: bytes) -> list[int]:
    """Return the statuses of some answers, one after another."""
    return [int(answer[:3]) for answer in answers.split(b"HTTP/1.1 ")[1:]]
