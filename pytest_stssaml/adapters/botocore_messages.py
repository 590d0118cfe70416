"""botocore's requests and responses, translated to and from those of STS."""

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import botocore.utils
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse, HeadersDict
from botocore.exceptions import BotoCoreError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.model import OperationModel, StructureShape
from botocore.parsers import create_parser

from ..lazy import cached_property
from ..sts.wire.query_response import readable
from ..wire import Members, Response

if TYPE_CHECKING:
    from ..other_services.responses import HTTPError
    from ..sts.wire.sigv4 import HTTPRequest

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


_PORTS = {"http": 80, "https": 443}


def http_request_of(request: AWSRequest | AWSPreparedRequest) -> "HTTPRequest":
    """Return what AWS would receive of a signed request."""
    from ..sts.wire.sigv4 import HTTPRequest  # a login is not signed

    url = urlsplit(request.url)
    hostname, number = url.hostname or "", url.port
    host = f"[{hostname}]" if ":" in hostname else hostname
    port = "" if number is None or number == _PORTS.get(url.scheme) else f":{number}"
    headers = {
        name.lower(): value if isinstance(value, str) else string(value) for name, value in request.headers.items()
    }
    body = request.body or b""
    body = body if isinstance(body, bytes) else body.encode()
    return HTTPRequest(request.method, url.path, url.query, {"host": f"{host}{port}", **headers}, body)


def form_of(request: "HTTPRequest") -> dict[str, str]:
    """Return the parameters in the query and the body of a request."""
    return dict(parse_qsl(f"{request.query}&{request.body.decode(errors='replace')}", keep_blank_values=True))


def string(value: str | bytes) -> str:
    """Return the value of a header, which botocore may hold as bytes."""
    return value.decode() if isinstance(value, bytes) else value


# --- responses


def http_response(url: str, response: "Response | HTTPError") -> AWSResponse:
    """Return a response as botocore reads one from the network. Its body is written when it is read."""
    return AWSResponse(url, response.status, response.headers, Body(response))


def awaited_http_response(url: str, response: "Response | HTTPError") -> Any:
    """Return a response as aiobotocore reads one from the network."""
    from aiobotocore.awsrequest import AioAWSResponse

    return AioAWSResponse(url, response.status, response.headers, AwaitedBody(response))


class Body:
    """The body of a response as botocore reads it from urllib3."""

    def __init__(self, response: "Response | HTTPError") -> None:
        self._response = response

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield _encoded(self._response.body)


class AwaitedBody:
    """The body of a response as aiobotocore reads it."""

    def __init__(self, response: "Response | HTTPError") -> None:
        self._response = response

    async def read(self) -> bytes:
        """Return the body."""
        return _encoded(self._response.body)


def _encoded(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode()


def parsed(response: Response, model: OperationModel) -> dict[str, Any]:
    """Return a response as botocore's endpoint parses one from the network, without writing and reading its XML.

    Members that the client's model does not have are left out, so an older botocore shows no member of a newer one.
    """
    if response.result is not None:
        answer = _members(response.result, model.output_shape)
    else:
        # An empty element has no text, which botocore reads as None.
        error = {
            name: readable(str(value)) or None for name, value in (response.error or {}).items() if value is not None
        }
        answer = {"Error": error}
        shape = model.service_model.shape_for_error_code(error["Code"])
        if shape is not None:
            answer.update({name: error[name] for name in shape.members if name in error})
    answer["ResponseMetadata"] = {
        "RequestId": response.request_id,
        "HTTPStatusCode": response.status,
        "HTTPHeaders": {name.lower(): value for name, value in response.headers.items()},
        "RetryAttempts": 0,
    }
    return answer


def protocol_of(model: OperationModel) -> str:
    """Return the protocol of a client. Older versions of botocore know one for each service."""
    service = model.service_model
    return str(getattr(service, "resolved_protocol", None) or service.metadata["protocol"])


def parsed_error(response: "HTTPError", model: OperationModel) -> dict[str, Any]:
    """Return the error of any service as botocore's endpoint parses it from the network."""
    headers = HeadersDict(response.headers)
    received = {"status_code": response.status, "headers": headers, "body": response.body}
    answer: dict[str, Any] = create_parser(protocol_of(model)).parse(received, model.output_shape)
    answer["ResponseMetadata"]["RetryAttempts"] = 0
    return answer


def _members(members: Members, shape: StructureShape) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name, member in shape.members.items():
        value = members.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            answer[name] = readable(value)
        elif isinstance(value, dt.datetime):
            answer[name] = value.replace(tzinfo=_zone_of_utc(time.tzname))
        elif isinstance(value, int):
            answer[name] = value
        else:
            answer[name] = _members(value, member)
    return answer


@cache
def _zone_of_utc(_: tuple[str, str]) -> dt.tzinfo | None:
    """Return the object that botocore uses for UTC, which depends on the names of the process's own time zone."""
    zone: dt.tzinfo | None = botocore.utils.parse_timestamp("2000-01-01T00:00:00Z").tzinfo
    return zone


_CONNECTION_ERRORS: tuple[tuple[type[OSError], type[BotoCoreError]], ...] = (
    (TimeoutError, ReadTimeoutError),
    (ConnectionRefusedError, EndpointConnectionError),
    (OSError, ConnectionClosedError),
)


def connection_error(lost: OSError, url: str) -> BotoCoreError:
    """Return the exception that botocore's httpsession raises for a lost connection."""
    return next(error for kind, error in _CONNECTION_ERRORS if isinstance(lost, kind))(endpoint_url=url)
