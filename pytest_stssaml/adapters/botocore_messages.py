"""botocore's requests and responses, translated to and from those of STS."""

import io
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import botocore.parsers
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.exceptions import BotoCoreError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.model import OperationModel

from ..lazy import cached_property
from ..sts.wire.sigv4 import HTTPRequest
from ..wire import Response

# --- requests


class UnsentRequest(AWSRequest):  # type: ignore[misc] # botocore has no types
    """The request that a client would send. It is signed so that its signature can be verified, and never sent."""

    def __init__(self, params: Mapping[str, Any], access_key_id: str) -> None:
        request = {name: params[name] for name in ("method", "url", "headers")}
        super().__init__(data=params["body"], auth_path=params.get("auth_path"), **request)
        self.context = params["context"]
        self.access_key_id = access_key_id

    @cached_property
    def body(self) -> bytes:
        """The body, encoded once, after all handlers that may change the parameters before the request is signed."""
        return urlencode(self.data, doseq=True).encode() if isinstance(self.data, dict) else super().body or b""


def http_request_of(request: AWSRequest | AWSPreparedRequest) -> HTTPRequest:
    """Return what AWS would receive of a signed request."""
    url = urlsplit(request.url)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    port = "" if url.port in (None, {"http": 80, "https": 443}.get(url.scheme)) else f":{url.port}"
    headers = {name.lower(): string(value) for name, value in request.headers.items()}
    body = request.body or b""
    body = body if isinstance(body, bytes) else body.encode()
    return HTTPRequest(request.method, url.path, url.query, {"host": f"{host}{port}", **headers}, body)


def form_of(request: HTTPRequest) -> dict[str, str]:
    """Return the parameters in the query and the body of a request."""
    return dict(parse_qsl(f"{request.query}&{request.body.decode(errors='replace')}", keep_blank_values=True))


def string(value: str | bytes) -> str:
    """Return the value of a header, which botocore may hold as bytes."""
    return value.decode() if isinstance(value, bytes) else value


# --- responses


def http_response(url: str, response: Response) -> AWSResponse:
    """Return a response as botocore reads one from the network."""
    return AWSResponse(url, response.status, response.headers, Body(response.body.encode()))


def awaited_http_response(url: str, response: Response) -> Any:
    """Return a response as aiobotocore reads one from the network."""
    from aiobotocore.awsrequest import AioAWSResponse

    return AioAWSResponse(url, response.status, response.headers, AwaitedBody(Body(response.body.encode())))


class Body(io.BytesIO):
    """The body of a response as botocore reads it from urllib3."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield self.read()


class AwaitedBody:
    """The body of a response as aiobotocore reads it."""

    def __init__(self, body: Body) -> None:
        self._body = body

    async def read(self) -> bytes:
        """Return the body."""
        return self._body.read()


def parsed(response: Response, headers: Mapping[str, str], model: OperationModel) -> dict[str, Any]:
    """Return a response as botocore's endpoint parses one, modelled errors included.

    :param headers: the headers of the response in botocore's own mapping.
    """
    parser = botocore.parsers.create_parser(model.service_model.metadata["protocol"])
    received = {
        "status_code": response.status,
        "headers": headers,
        "body": response.body.encode(),
        "context": {"operation_name": model.name},
    }
    result: dict[str, Any] = parser.parse(received, model.output_shape)
    if response.status >= 300:
        shape = model.service_model.shape_for_error_code(result["Error"]["Code"])
        if shape is not None:
            result.update(parser.parse(received, shape))
    result["ResponseMetadata"]["RetryAttempts"] = 0
    return result


_CONNECTION_ERRORS: tuple[tuple[type[OSError], type[BotoCoreError]], ...] = (
    (TimeoutError, ReadTimeoutError),
    (ConnectionRefusedError, EndpointConnectionError),
    (OSError, ConnectionClosedError),
)


def connection_error(lost: OSError, url: str) -> BotoCoreError:
    """Return the exception that botocore's httpsession raises for a lost connection."""
    return next(error for kind, error in _CONNECTION_ERRORS if isinstance(lost, kind))(endpoint_url=url)
