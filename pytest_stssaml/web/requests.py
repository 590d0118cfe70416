"""Requests as HTTP/1.1 carries them (RFC 9112), read from a connection."""

import re
from collections.abc import Callable
from typing import NamedTuple, Protocol

#: The limits of Python's own http.server, with which requests of AWS's SDKs are far from being refused.
LONGEST_LINE = 65_536  # bytes, of the request line and of each header
MOST_HEADERS = 100

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(rb"(%b) ([^\x00-\x20\x7f]+) HTTP/([0-9])\.([0-9])" % _TOKEN)
_HEADER = re.compile(rb"(%b):[ \t]*([^\x00\r]*?)[ \t]*" % _TOKEN)
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?")
_HOST = re.compile(r"\Ahttps?://[^/?]*", re.IGNORECASE)
_TLS_HANDSHAKE = b"\x16"

BAD_REQUEST, URI_TOO_LONG, HEADERS_TOO_LARGE, NOT_IMPLEMENTED, VERSION_NOT_SUPPORTED = 400, 414, 431, 501, 505


class Refused(Exception):
    """A request cannot be read to its end, so its connection ends with the answer.

    Attributes:
        status: the status of the answer.

    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Stream(Protocol):
    """What a request is read from, such as `socket.makefile("rb")` gives."""

    def peek(self, size: int, /) -> bytes:
        """Return bytes that come next, at least one unless the client has hung up, without reading them."""

    def read(self, size: int, /) -> bytes:
        """Return so many bytes, or fewer if the client has hung up."""

    def readline(self, size: int, /) -> bytes:
        """Return a line, or as much of it as may be read."""


class ReceivedRequest(NamedTuple):
    """A request that has come over a connection."""

    method: str
    #: The path and the query, as they were sent.
    path: str
    #: By their names in lower case. Values of one name are joined by commas.
    headers: dict[str, str]
    #: If it is too long, only its beginning, which is longer than what is allowed.
    body: bytes
    #: Whether the client wants to send another request.
    keep_alive: bool


def read_request(stream: Stream, longest_body: int, proceed: Callable[[], object]) -> ReceivedRequest | None:
    """Read the next request, or return None if the client has hung up before it.

    :param longest_body: the allowed bytes of a body. What is longer is read, since a client listens after it has
        sent everything, but not kept.
    :param proceed: called before the body is read if the client waits for a word ("Expect: 100-continue").
    :raises Refused: if the request is malformed or too large.
    :raises ConnectionAbortedError: if the client hangs up within the request.
    """
    first = stream.peek(1)[:1]
    if first in (b"", _TLS_HANDSHAKE):
        if first:
            raise Refused(BAD_REQUEST)  # https for http
        return None
    line = _line(stream, URI_TOO_LONG) or _line(stream, URI_TOO_LONG)  # an empty line may come before a request
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise Refused(BAD_REQUEST)
    if found[3] != b"1":
        raise Refused(VERSION_NOT_SUPPORTED)
    headers = _headers(stream)
    is_1_0 = found[4] == b"0"
    if is_1_0 and "transfer-encoding" in headers:
        raise Refused(BAD_REQUEST)
    if headers.get("expect", "").lower() == "100-continue" and not is_1_0:
        proceed()
    connection = {option.strip() for option in headers.get("connection", "").lower().split(",")}
    return ReceivedRequest(
        method=found[1].decode(),
        path=_path(found[2].decode("latin-1")),
        headers=headers,
        body=_body(stream, headers, longest_body + 1),
        keep_alive="close" not in connection and (not is_1_0 or "keep-alive" in connection),
    )


def _line(stream: Stream, too_long: int) -> bytes:
    """Read a line, and return it without its end.

    :param too_long: the status of the answer to a line that is too long.
    """
    line = stream.readline(LONGEST_LINE + 2)
    if line.endswith(b"\n"):
        line = line[:-1].removesuffix(b"\r")
    elif len(line) < LONGEST_LINE + 2:
        raise _hung_up()
    if len(line) > LONGEST_LINE:
        raise Refused(too_long)
    return line


def _hung_up() -> ConnectionAbortedError:
    return ConnectionAbortedError("the client hung up before the end of its request")


def _path(target: str) -> str:
    """Return the path and the query of the target of a request, which names a host if it was meant for a proxy."""
    path = _HOST.sub("", target)
    if path != target:
        return path if path.startswith("/") else f"/{path}"
    if not path.startswith("/"):
        raise Refused(BAD_REQUEST)
    return path


def _headers(stream: Stream) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(MOST_HEADERS + 1):
        line = _line(stream, HEADERS_TOO_LARGE)
        if not line:
            return headers
        found = _HEADER.fullmatch(line)
        if found is None:
            raise Refused(BAD_REQUEST)
        name, value = found[1].decode().lower(), found[2].decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    raise Refused(HEADERS_TOO_LARGE)


def _body(stream: Stream, headers: dict[str, str], kept: int) -> bytes:
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if length is not None:  # whichever was meant, the other is where somebody else sees the next request begin
            raise Refused(BAD_REQUEST)
        if coding.lower() != "chunked":
            raise Refused(NOT_IMPLEMENTED)
        return _chunks(stream, kept)
    lengths = {part.strip() for part in ("0" if length is None else length).split(",")}  # some proxies repeat it
    size = lengths.pop()
    if lengths or not _LENGTH.fullmatch(size):
        raise Refused(BAD_REQUEST)
    return _read(stream, int(size), kept)


def _chunks(stream: Stream, kept: int) -> bytes:
    body = bytearray()
    while True:
        found = _CHUNK.fullmatch(_line(stream, BAD_REQUEST))
        if found is None:
            raise Refused(BAD_REQUEST)
        size = int(found[1], 16)
        if size == 0:
            _headers(stream)  # trailers, which say nothing to STS
            return bytes(body)
        body += _read(stream, size, kept - len(body))
        if _line(stream, BAD_REQUEST):
            raise Refused(BAD_REQUEST)


def _read(stream: Stream, size: int, kept: int) -> bytes:
    """Read some bytes, and return the first of them."""
    body = stream.read(min(size, kept))
    rest = size - len(body)
    while rest > 0 and (more := stream.read(min(rest, 65_536))):
        rest -= len(more)
    if rest:
        raise _hung_up()
    return body
