"""HTTP responses that refuse the credentials of a request, in the protocol of the service that is called."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from string import Template
from typing import NamedTuple
from xml.sax.saxutils import escape

from ..identifiers import base32_letters
from ..wire import CredentialFault
from .answers import answer_of, denial_of


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


class DeniedCall(NamedTuple):
    """A call of another service than STS that the policies of a session do not allow."""

    #: The service as botocore names it.
    service: str
    #: Its protocol as botocore names it.
    protocol: str
    #: The method of HTTP.
    method: str
    #: The ARN of the session.
    user: str
    #: The action, such as "s3:ListBucket".
    action: str
    #: The ARN of the resource, or "" if it is not known.
    resource: str
    #: Which policies do not allow it, in AWS's words.
    because: str


def refusal(call: RefusedCall, request_id: str, date: str) -> HTTPError:
    """Return the response to a call with credentials that AWS refuses.

    :param request_id: a UUID.
    :param date: the header `Date`.
    """
    answer = answer_of(call.service, call.protocol, call.fault)
    refused = {"Token-0": call.session_token or ""}
    if call.fault is CredentialFault.UNKNOWN:
        refused = {"AWSAccessKeyId": call.access_key_id}
    more = refused if call.service == "s3" else {}
    error = _Error(answer.code, answer.message, request_id, call.json_version, more)
    headers, body = _written(call, error)
    return HTTPError(answer.status, {"Date": date, **headers, "Content-Length": str(len(body))}, body)


def denial(call: DeniedCall, request_id: str) -> HTTPError:
    """Return the response to a call that policies do not allow. It lacks the headers that every response has.

    :param request_id: a UUID.
    """
    row = denial_of(call.service, call.protocol)
    if row.in_lower_case:
        lower = call.action.lower()
        call = call._replace(action=lower, because=call.because.replace(call.action, lower))
    resource = Template(row.resource).substitute(arn=call.resource) if call.resource else ""
    message = Template(row.message).substitute(
        user=call.user, action=call.action, resource=resource, because=call.because
    )
    # moto loses the header that has the code in this protocol. Clients read it here too.
    more = {"code": row.code} if call.protocol == "rest-json" else {}
    headers, body = _written(call, _Error(row.code, message, request_id, "1.0", more))
    return HTTPError(row.status, {**headers, "X-Amzn-ErrorType": row.code}, body)


class _Error(NamedTuple):
    """An error, to be written in some protocol."""

    code: str
    message: str
    request_id: str
    #: The version of JSON.
    json_version: str
    #: More members of the body.
    more: Mapping[str, str]


_Written = tuple[dict[str, str], bytes]
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _written(call: RefusedCall | DeniedCall, error: _Error) -> _Written:
    headers, body = (_s3 if call.service == "s3" else _WRITERS.get(call.protocol, _json))(error)
    # A HEAD request gets no body, so that a client sees only the status, also at AWS.
    return headers, b"" if call.method == "HEAD" else body


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _s3(error: _Error) -> _Written:
    digest = hashlib.sha512(error.request_id.encode()).digest()
    short_id, host_id = base32_letters(digest, 16), base64.b64encode(digest).decode()
    members = {"Code": error.code, "Message": error.message, **error.more, "RequestId": short_id, "HostId": host_id}
    body = f"{_DECLARATION}<Error>{''.join(_element(*member) for member in members.items())}</Error>"
    headers = {"x-amz-request-id": short_id, "x-amz-id-2": host_id, "Content-Type": "application/xml"}
    return headers, body.encode()


def _ec2(error: _Error) -> _Written:
    inner = _element("Code", error.code) + _element("Message", error.message)
    body = (
        f"{_DECLARATION}<Response><Errors><Error>{inner}</Error></Errors>{_element('RequestID', error.request_id)}"
        "</Response>"
    )
    return {"x-amzn-requestid": error.request_id, "Content-Type": "text/xml;charset=UTF-8"}, body.encode()


def _query(error: _Error) -> _Written:
    members = {"Type": "Sender", "Code": error.code, "Message": error.message}
    lines = "".join(f"    {_element(*member)}\n" for member in members.items())
    request_id = _element("RequestId", error.request_id)
    body = f"<ErrorResponse>\n  <Error>\n{lines}  </Error>\n  {request_id}\n</ErrorResponse>\n"
    return {"x-amzn-RequestId": error.request_id, "Content-Type": "text/xml"}, body.encode()


def _json(error: _Error) -> _Written:
    body = {"__type": f"com.amazon.coral.service#{error.code}", "message": error.message}
    content_type = f"application/x-amz-json-{error.json_version}"
    return {"x-amzn-RequestId": error.request_id, "Content-Type": content_type}, _compact(body)


def _rest_json(error: _Error) -> _Written:
    headers = {"x-amzn-RequestId": error.request_id, "x-amzn-ErrorType": error.code, "Content-Type": "application/json"}
    return headers, _compact({"message": error.message, **error.more})


def _compact(body: Mapping[str, str]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _cbor(error: _Error) -> _Written:
    members = ("__type", f"com.amazon.coral.service#{error.code}", "message", error.message)
    headers = {
        "x-amzn-RequestId": error.request_id,
        "smithy-protocol": "rpc-v2-cbor",
        "Content-Type": "application/cbor",
    }
    return headers, b"\xa2" + b"".join(map(_cbor_string, members))  # a map of two pairs


def _cbor_string(text: str) -> bytes:
    """Return a string of less than 64 KiB in CBOR (RFC 8949, 3.1)."""
    data = text.encode()
    size = len(data)
    return (bytes([0x60 + size]) if size < 24 else b"\x79" + size.to_bytes(2)) + data


_WRITERS: dict[str, Callable[[_Error], _Written]] = {
    "ec2": _ec2,
    "query": _query,
    "rest-xml": _query,
    "json": _json,
    "rest-json": _rest_json,
    "smithy-rpc-v2-cbor": _cbor,
}
