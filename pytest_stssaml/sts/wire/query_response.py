"""The query protocol, outgoing: a result or an error becomes XML in the form in which AWS was seen to write it."""

import datetime as dt
import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from .. import errors
from ..limits import API_VERSION
from ..results import Result
from ..rule import Rejected

_NAMESPACE = f"https://sts.amazonaws.com/doc/{API_VERSION}/"
# Observed: an operation that the endpoint does not know is refused by another layer.
_NAMESPACES = {errors.UNKNOWN_OPERATION: "http://webservices.amazon.com/AWSFault/2005-15-09"}


def write_success(action: str, result: Result, request_id: str) -> str:
    """Return the XML of a result."""
    members = {f"{action}Result": result, "ResponseMetadata": {"RequestId": request_id}}
    return _document(f"{action}Response", _NAMESPACE, members)


def write_error(rejected: Rejected, request_id: str, inner_request_id: str) -> str:
    """Return the XML of an error. If the row has no message, there is no such element."""
    error: Result = {
        "Type": "Sender" if rejected.error.status < 500 else "Receiver",
        "Code": rejected.error.code,
        "Message": rejected.message(request_id=inner_request_id),
    }
    namespace = _NAMESPACES.get(rejected.error, _NAMESPACE)
    return _document("ErrorResponse", namespace, {"Error": error, "RequestId": request_id})


def _document(root: str, namespace: str, members: Result) -> str:
    return "\n".join([f'<{root} xmlns="{namespace}">', *_elements(members, "  "), f"</{root}>", ""])


def _elements(members: Result, indent: str) -> Iterator[str]:
    for name, value in members.items():
        if value is None:
            continue
        if isinstance(value, str | int):
            yield f"{indent}<{name}>{_escaped(str(value))}</{name}>"
        elif isinstance(value, dt.datetime):
            yield f"{indent}<{name}>{value.replace(tzinfo=None).isoformat()}Z</{name}>"
        else:
            yield f"{indent}<{name}>"
            yield from _elements(value, indent + "  ")
            yield f"{indent}</{name}>"


# Characters that XML 1.0 cannot hold (section 2.2).
_NOT_A_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile(r"[ \w!-%'-;=?-~]*", re.ASCII)


def _escaped(value: str) -> str:
    if _PLAIN.fullmatch(value):  # nearly all values are plain, and this is the quickest test
        return value
    # A carriage return that is not escaped would reach the reader as a line feed (XML 1.0, 2.11).
    return escape(_NOT_A_CHARACTER.sub("\ufffd", value), {"\r": "&#13;"})
