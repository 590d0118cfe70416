"""The query protocol, outgoing: results and errors as XML, in the form in which AWS was seen to write them."""

import base64
import datetime as dt
import re
from collections.abc import Iterator

from ...wire import Members
from .. import errors
from ..errors import ErrorRow
from ..limits import API_VERSION

_NAMESPACE = f"https://sts.amazonaws.com/doc/{API_VERSION}/"
# Observed: an operation that the endpoint does not know is refused by another layer.
_NAMESPACES = {errors.UNKNOWN_OPERATION: "http://webservices.amazon.com/AWSFault/2005-15-09"}


def extended_request_id(request_id: str) -> str:
    """Return the extended request ID of a request. AWS's form of it is not known."""
    return base64.b64encode(request_id.encode()).decode()


class Document:
    """The XML of one response, whose size is known before it is written."""

    __slots__ = ("_members", "_namespace", "_root")

    def __init__(self, root: str, namespace: str, members: Members) -> None:
        self._root = root
        self._namespace = namespace
        self._members = members

    def size(self) -> int:
        """Return the size of the XML in bytes."""
        # '<root xmlns="namespace">\n', the members, '</root>\n'
        return 2 * len(self._root) + len(self._namespace) + 16 + _size(self._members, 2)

    def write(self) -> str:
        """Return the XML."""
        start = f'<{self._root} xmlns="{self._namespace}">'
        return "\n".join([start, *_elements(self._members, "  "), f"</{self._root}>", ""])


def success_document(action: str, result: Members, request_id: str) -> Document:
    """Return the document of a result."""
    members = {f"{action}Result": result, "ResponseMetadata": {"RequestId": request_id}}
    return Document(f"{action}Response", _NAMESPACE, members)


def error_members(row: ErrorRow, message: str | None) -> Members:
    """Return the members of an error. If the row has no message, there is no such member."""
    return {"Type": "Sender" if row.status < 500 else "Receiver", "Code": row.code, "Message": message}


def error_document(row: ErrorRow, error: Members, request_id: str) -> Document:
    """Return the document of an error."""
    return Document("ErrorResponse", _NAMESPACES.get(row, _NAMESPACE), {"Error": error, "RequestId": request_id})


def _size(members: Members, indent: int) -> int:
    size = 0
    for name, value in members.items():
        if value is None:
            continue
        # '<name>' and '</name>' with what is between them, the indent, and the end of the line
        size += 2 * len(name) + 6 + indent
        if isinstance(value, str):
            size += len(value) if value.isascii() and _PLAIN.fullmatch(value) else len(_escaped(value).encode())
        elif isinstance(value, int | dt.datetime):
            size += len(_written(value))
        else:
            size += _size(value, indent + 2) + indent + 1
    return size


def _elements(members: Members, indent: str) -> Iterator[str]:
    for name, value in members.items():
        if value is None:
            continue
        if isinstance(value, str | int | dt.datetime):
            yield f"{indent}<{name}>{_written(value)}</{name}>"
        else:
            yield f"{indent}<{name}>"
            yield from _elements(value, indent + "  ")
            yield f"{indent}</{name}>"


def _written(value: str | int | dt.datetime) -> str:
    if isinstance(value, dt.datetime):
        return f"{value.replace(tzinfo=None).isoformat()}Z"
    return _escaped(str(value))


# Characters that XML 1.0 cannot hold (section 2.2). Most tests have none, so this is compiled when it is used.
_NOT_A_CHARACTER = "[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
_PLAIN = re.compile(r"[ \w!-%'-;=?-~]*", re.ASCII)


# A carriage return that is not escaped would reach the reader as a line feed (XML 1.0, 2.11).
_REFERENCES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def readable(value: str) -> str:
    """Return a string as a reader of the XML gets it: U+FFFD replaces what XML cannot hold."""
    return value if value.isascii() and value.isprintable() else re.sub(_NOT_A_CHARACTER, "\ufffd", value)


def _escaped(value: str) -> str:
    if _PLAIN.fullmatch(value):  # nearly all values are plain, and this is the quickest test
        return value
    return readable(value).translate(_REFERENCES)
