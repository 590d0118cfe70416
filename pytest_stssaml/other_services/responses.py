"""HTTP responses that refuse the credentials of a request, in the protocol of the service that is called."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape

from ..identifiers import base32_letters
from ..wire import CredentialFault
from .answers import Answer, answer_of


class RefusedCall(NamedTuple):
    """A call of another service than STS with credentials that AWS refuses."""

    #: The service as botocore names it.
    service: str
    #: Its protocol as botocore names it.
    protocol: str
    #: The method of HTTP.
    method: str
    #: The version of JSON in the protocols that have one, such as "1.0".
    json_version: str
    #: Why AWS refuses the credentials.
    fault: CredentialFault
    #: The access key ID that signs.
    access_key_id: str
    #: The session token, or None.
    session_token: str | None


class HTTPError(NamedTuple):
    """An HTTP response that is an error."""

    #: The HTTP status.
    status: int
    #: The headers.
    headers: Mapping[str, str]
    #: The body; empty for a HEAD request.
    body: bytes


def refusal(call: RefusedCall, request_id: str, date: str) -> HTTPError:
    """Return the response to a call.

    :param request_id: a UUID.
    :param date: the header `Date`.
    """
    answer = answer_of(call.service, call.protocol, call.fault)
    write = _s3 if call.service == "s3" else _WRITERS.get(call.protocol, _json)
    headers, body = write(call, answer, request_id)
    # A HEAD request gets no body, so that a client sees only the status, also at AWS.
    body = b"" if call.method == "HEAD" else body
    return HTTPError(answer.status, {"Date": date, **headers, "Content-Length": str(len(body))}, body)


_Written = tuple[dict[str, str], bytes]
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _s3(call: RefusedCall, answer: Answer, request_id: str) -> _Written:
    digest = hashlib.sha512(request_id.encode()).digest()
    short_id, host_id = base32_letters(digest, 16), base64.b64encode(digest).decode()
    refused = f"<Token-0>{escape(call.session_token or '')}</Token-0>"
    if call.fault is CredentialFault.UNKNOWN:
        refused = f"<AWSAccessKeyId>{escape(call.access_key_id)}</AWSAccessKeyId>"
    body = (
        f"{_DECLARATION}<Error><Code>{answer.code}</Code><Message>{answer.message}</Message>{refused}"
        f"<RequestId>{short_id}</RequestId><HostId>{host_id}</HostId></Error>"
    )
    headers = {"x-amz-request-id": short_id, "x-amz-id-2": host_id, "Content-Type": "application/xml"}
    return headers, body.encode()


def _ec2(_: RefusedCall, answer: Answer, request_id: str) -> _Written:
    body = (
        f"{_DECLARATION}<Response><Errors><Error><Code>{answer.code}</Code><Message>{answer.message}</Message></Error>"
        f"</Errors><RequestID>{request_id}</RequestID></Response>"
    )
    return {"x-amzn-requestid": request_id, "Content-Type": "text/xml;charset=UTF-8"}, body.encode()


def _query(_: RefusedCall, answer: Answer, request_id: str) -> _Written:
    error = f"    <Type>Sender</Type>\n    <Code>{answer.code}</Code>\n    <Message>{answer.message}</Message>\n"
    body = f"<ErrorResponse>\n  <Error>\n{error}  </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
    return {"x-amzn-RequestId": request_id, "Content-Type": "text/xml"}, body.encode()


def _json(call: RefusedCall, answer: Answer, request_id: str) -> _Written:
    body = {"__type": f"com.amazon.coral.service#{answer.code}", "message": answer.message}
    content_type = f"application/x-amz-json-{call.json_version}"
    return {"x-amzn-RequestId": request_id, "Content-Type": content_type}, _compact(body)


def _rest_json(_: RefusedCall, answer: Answer, request_id: str) -> _Written:
    headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": answer.code, "Content-Type": "application/json"}
    return headers, _compact({"message": answer.message})


def _compact(body: Mapping[str, str]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _cbor(_: RefusedCall, answer: Answer, request_id: str) -> _Written:
    members = ("__type", f"com.amazon.coral.service#{answer.code}", "message", answer.message)
    headers = {
        "x-amzn-RequestId": request_id,
        "smithy-protocol": "rpc-v2-cbor",
        "Content-Type": "application/cbor",
    }
    return headers, b"\xa2" + b"".join(map(_cbor_string, members))  # a map of two pairs


def _cbor_string(text: str) -> bytes:
    """Return a string of less than 256 bytes in CBOR (RFC 8949, 3.1)."""
    data = text.encode()
    return (bytes([0x60 + len(data)]) if len(data) < 24 else bytes([0x78, len(data)])) + data


_WRITERS: dict[str, Callable[[RefusedCall, Answer, str], _Written]] = {
    "ec2": _ec2,
    "query": _query,
    "rest-xml": _query,
    "json": _json,
    "rest-json": _rest_json,
    "smithy-rpc-v2-cbor": _cbor,
}
