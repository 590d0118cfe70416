"""What a client would send over the network."""

import functools
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.tokens import FrozenAuthToken


@functools.cache
def somebody() -> boto3.Session:
    """One session for many clients: what takes time is to read the models."""
    return boto3.Session()


class Token:
    """What a client of a service that takes bearer tokens asks for one, as the component "token_provider"."""

    def load_token(self, **_: Any) -> "Token":
        return self

    def get_frozen_token(self) -> FrozenAuthToken:
        return FrozenAuthToken("token")


class Sent(Exception):
    """A request has left the client: nobody before the network answered it."""


def request_of(client: Any, call: Callable[[Any], object]) -> tuple[str, str, dict[str, str], Any]:
    """Method, URL, headers and body of the one request that a call sends; one that is answered fails the test."""
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
    headers.pop("amz-sdk-invocation-id")  # drawn anew for each call
    return request.method, request.url, headers, text(request.body)


def told_before(client: Any, call: Callable[[Any], object]) -> dict[str, Any]:
    """What botocore tells the handlers of the before-call event of a call, which ends there."""
    told = []

    def stop(**kwargs: Any) -> None:
        told.append(kwargs)
        raise Sent

    client.meta.events.register_first("before-call", stop)
    try:
        with pytest.raises(Sent):
            call(client)
    finally:
        client.meta.events.unregister("before-call", stop)
    [kwargs] = told
    return kwargs


def text(value: Any) -> Any:
    if hasattr(value, "read"):
        value = value.read()
    return value.decode() if isinstance(value, bytes) else value
