"""What clients send over the network, and what is answered in place of it."""

import datetime as dt
import functools
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.tokens import FrozenAuthToken

from pytest_stssaml import Session, active_mock
from pytest_stssaml.adapters.botocore_messages import Body
from pytest_stssaml.wire import CredentialScope, Request, Respond, Response, Signature


@functools.cache
def shared_session() -> boto3.Session:
    """One boto3 session for many clients, since reading botocore's models takes most of the time."""
    return boto3.Session()


class Token:
    """A bearer token and its provider, for the component "token_provider" of a botocore session."""

    def load_token(self, **_: Any) -> "Token":
        return self

    def get_frozen_token(self) -> FrozenAuthToken:
        return FrozenAuthToken("token")


class Sent(Exception):
    """A request has left the client, since nothing before the network answered it."""


def request_of(client: Any, call: Callable[[Any], object]) -> tuple[str, str, dict[str, str], Any]:
    """Return method, URL, headers and body of the one request that a call sends. A call that is answered fails."""
    requests = []

    def stop(request: Any, **_: Any) -> None:
        requests.append(request)
        raise Sent

    client.meta.events.register("before-send", stop)
    try:
        with pytest.raises(Sent):
            call(client)
    finally:
        client.meta.events.unregister("before-send", stop)
    [request] = requests
    headers = {name.lower(): text(value) for name, value in request.headers.items()}
    headers.pop("amz-sdk-invocation-id")  # it differs in each call
    return request.method, request.url, headers, text(request.body)


def before_call(client: Any, call: Callable[[Any], object]) -> dict[str, Any]:
    """Return the arguments that botocore gives the handlers of the event before-call. The call ends there."""
    events = []

    def stop(**arguments: Any) -> None:
        events.append(arguments)
        raise Sent

    client.meta.events.register_first("before-call", stop)
    try:
        with pytest.raises(Sent):
            call(client)
    finally:
        client.meta.events.unregister("before-call", stop)
    [arguments] = events
    return arguments


def text(value: Any) -> Any:
    if hasattr(value, "read"):
        value = value.read()
    return value.decode() if isinstance(value, bytes) else value


def http_response(url: str, status: int, headers: Mapping[str, str], body: str) -> AWSResponse:
    """Return a response as botocore reads one from the network."""
    return AWSResponse(url, status, headers, Body(Response(status, {}, "", write=lambda: body)))


@contextmanager
def answered_by(respond: Respond) -> Iterator[None]:
    """Let a function answer what clients ask, in the place of the STS of the active mock."""
    assert active_mock.current is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(active_mock, "current", active_mock.current._replace(respond=respond))
        yield


def signature_of(session: Session, **changed: Any) -> Signature:
    """Return the signature with which a session signs some request at this moment, for us-east-1."""
    date = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
    scope = CredentialScope(date[:8], "us-east-1", "sts", "aws4_request")
    made_with = session.secret_access_key.__eq__
    good = Signature(session.access_key_id, session.session_token, made_with, scope=scope, date=date)
    return good._replace(**changed)


def response_to(form: Mapping[str, str], session: Session | None = None) -> Response:
    """Return the response of the active mock to a request that has arrived, signed by a session or unsigned."""
    signature = None
    if session is not None:
        signature = signature_of(session)
    assert active_mock.current is not None
    response = active_mock.current.respond(Request(form, "us-east-1", signature=signature))
    assert isinstance(response, Response)
    return response


@contextmanager
def switched_off() -> Iterator[None]:
    """Let calls pass as if no mock were active."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(active_mock, "current", None)
        yield


def pretend_that_there_is_aiobotocore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the response of botocore stand in for that of aiobotocore, which need not be installed."""
    module = types.ModuleType("aiobotocore.awsrequest")
    vars(module)["AioAWSResponse"] = AWSResponse
    monkeypatch.setitem(sys.modules, "aiobotocore", types.ModuleType("aiobotocore"))
    monkeypatch.setitem(sys.modules, "aiobotocore.awsrequest", module)


def signed(
    session: Session,
    form: str | Mapping[str, str],
    method: str = "POST",
    url: str = "https://sts.amazonaws.com/",
    *,
    service: str = "sts",
    region: str = "us-east-1",
) -> dict[str, str]:
    """Return the headers with which botocore signs a form for a session. The host is always sts.amazonaws.com."""
    encoded = form if isinstance(form, str) else urlencode(form)
    content: dict[str, Any] = {"data": encoded} if method == "POST" else {"params": dict(parse_qsl(encoded))}
    request = AWSRequest(method, url, {"Host": "sts.amazonaws.com"}, **content)
    SigV4Auth(Credentials(*session.boto3_kwargs().values()), service, region).add_auth(request)
    return dict(request.headers)
