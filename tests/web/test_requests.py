"""Requests as bytes: which are read, and how the others are refused."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from pytest_stssaml.web.requests import (
    LONGEST_LINE,
    MOST_HEADERS,
    ReceivedRequest,
    Refused,
    read_request,
)

LONGEST_BODY = 10
GET = b"GET / HTTP/1.1\r\n\r\n"


def nothing() -> None:
    pass


def read(data: bytes, proceed: Callable[[], object] = nothing) -> ReceivedRequest | None:
    return read_request(io.BufferedReader(io.BytesIO(data)), LONGEST_BODY, proceed)


def request(data: bytes) -> ReceivedRequest:
    found = read(data)
    assert found is not None
    return found


def status(data: bytes) -> int:
    """Return the status of the answer to a request that is refused."""
    with pytest.raises(Refused) as caught:
        read(data)
    return caught.value.status


def with_header(header: bytes, version: bytes = b"1.1") -> bytes:
    return b"GET / HTTP/%b\r\n%b\r\n\r\n" % (version, header)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def test_a_request_has_a_method_a_path_headers_and_a_body() -> None:
    data = b"POST /a%20b?c=d HTTP/1.1\r\nHost: example.com\r\nX-A:1\r\nx-a:\t2 \r\nContent-Length: 3\r\n\r\nabcdef"
    headers = {"host": "example.com", "x-a": "1,2", "content-length": "3"}
    assert request(data) == ("POST", "/a%20b?c=d", headers, b"abc", True)


def test_a_client_that_hangs_up_before_a_request_is_no_error() -> None:
    assert read(b"") is None


@pytest.mark.parametrize("end", range(1, len(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab") + 1))
def test_a_client_that_hangs_up_within_a_request_asks_nothing(end: int) -> None:
    with pytest.raises(ConnectionAbortedError, match=r"^the client hung up before the end of its request$"):
        read(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"[:end])


@pytest.mark.parametrize("end", range(1, len(chunked(b"abc", end=b"0\r\nX: 1\r\n\r\n"))))
def test_a_client_that_hangs_up_within_a_chunked_request_asks_nothing(end: int) -> None:
    with pytest.raises(ConnectionAbortedError):
        read(chunked(b"abc", end=b"0\r\nX: 1\r\n\r\n")[:end])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"\r\n" + GET, "/", id="after an empty line"),
        pytest.param(b"GET / HTTP/1.1\n\n", "/", id="lines end with a line feed"),
        pytest.param(b"GET //a/../b;c HTTP/1.1\r\n\r\n", "//a/../b;c", id="path is not normalised"),
        pytest.param(b"GET /%C3%A9?%00 HTTP/1.1\r\n\r\n", "/%C3%A9?%00", id="path is not decoded"),
        pytest.param("GET /é HTTP/1.1\r\n\r\n".encode("latin-1"), "/é", id="path is not ASCII"),
        pytest.param(b"GET http://example.com/a?b HTTP/1.1\r\n\r\n", "/a?b", id="absolute"),
        pytest.param(b"GET HTTP://example.com:80?b HTTP/1.1\r\n\r\n", "/?b", id="absolute without a path"),
        pytest.param(b"GET http://example.com HTTP/1.1\r\n\r\n", "/", id="absolute, only a host"),
    ],
)
def test_the_path_is_as_it_was_sent(data: bytes, expected: str) -> None:
    assert request(data).path == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"\r\n\r\n" + GET, 400, id="two empty lines"),
        pytest.param(b"\x00\xff\n", 400, id="junk"),
        pytest.param(b"\x16\x03\x01", 400, id="TLS"),
        pytest.param(b"GET /\r\n", 400, id="HTTP/0.9"),
        pytest.param(b"GET  / HTTP/1.1\r\n\r\n", 400, id="two spaces"),
        pytest.param(b"GET / a HTTP/1.1\r\n\r\n", 400, id="space in the path"),
        pytest.param(b"G:T / HTTP/1.1\r\n\r\n", 400, id="method"),
        pytest.param(b"GET / http/1.1\r\n\r\n", 400, id="lower case"),
        pytest.param(b"GET * HTTP/1.1\r\n\r\n", 400, id="asterisk"),
        pytest.param(b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", 400, id="authority"),
        pytest.param(b"GET ftp://example.com/ HTTP/1.1\r\n\r\n", 400, id="absolute, of another scheme"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, id="HTTP/2"),
        pytest.param(with_header(b"Host"), 400, id="header without a colon"),
        pytest.param(with_header(b"Host : a"), 400, id="space before the colon"),
        pytest.param(with_header(b": a"), 400, id="header without a name"),
        pytest.param(with_header(b"Host: a\r\n b"), 400, id="folded header"),
        pytest.param(with_header(b"Host: a\rb"), 400, id="carriage return"),
        pytest.param(with_header(b"Host: a\0b"), 400, id="NUL"),
        pytest.param(with_header(b"Content-Length: 1\r\nTransfer-Encoding: chunked"), 400, id="length and chunks"),
        pytest.param(with_header(b"Transfer-Encoding: gzip, chunked"), 501, id="compressed chunks"),
        pytest.param(with_header(b"Transfer-Encoding: identity"), 501, id="identity"),
        pytest.param(with_header(b"Transfer-Encoding: chunked", b"1.0"), 400, id="chunks in HTTP/1.0"),
        pytest.param(with_header(b"Content-Length: 1\r\nContent-Length: 2"), 400, id="two lengths"),
        *(
            pytest.param(with_header(b"Content-Length: %b" % length), 400, id=f"length {length!r}")
            for length in (b"", b"x", b"-1", b"+1", b"1_0", b"0x1", b"1 0", b"1.0", b"9" * 19)
        ),
        *(
            pytest.param(chunked(end=b"%b\r\n" % size), 400, id=f"chunk size {size!r}")
            for size in (b"", b"x", b"-1", b"+1", b"1_0", b"0x1", b"1 0", b"f" * 16)
        ),
        pytest.param(chunked(end=b"1\r\nab\r\n"), 400, id="chunk is longer than its size"),
        pytest.param(chunked(end=b"0\r\nX\r\n\r\n"), 400, id="malformed trailer"),
    ],
)  # fmt: skip
def test_a_malformed_request_is_refused(data: bytes, expected: int) -> None:
    assert status(data) == expected


def test_a_header_may_be_empty() -> None:
    assert request(with_header(b"X-A:")).headers == {"x-a": ""}


def test_a_line_has_a_limit() -> None:
    longest = b"a" * (LONGEST_LINE - len("GET / HTTP/1.1"))
    assert len(request(b"GET /%b HTTP/1.1\r\n\r\n" % longest).path) == len(longest) + 1
    assert status(b"GET /%ba HTTP/1.1\r\n\r\n" % longest) == 414


def test_a_header_has_a_limit() -> None:
    longest = b"X: " + b"a" * (LONGEST_LINE - len("X: "))
    assert len(request(with_header(longest)).headers["x"]) == LONGEST_LINE - len("X: ")
    assert status(with_header(longest + b"a")) == 431


def test_a_line_that_never_ends_is_not_read_to_its_end() -> None:
    assert status(b"GET /" + b"a" * (LONGEST_LINE + 2)) == 414


def test_the_number_of_headers_has_a_limit() -> None:
    assert len(request(with_header(b"\r\n".join(b"X%d: 1" % n for n in range(MOST_HEADERS)))).headers) == MOST_HEADERS
    assert status(with_header(b"\r\n".join(b"X%d: 1" % n for n in range(MOST_HEADERS + 1)))) == 431


@pytest.mark.parametrize("extension", [b"", b";a=b", b" ; a", b"  "], ids=repr)
def test_a_chunk_may_have_an_extension(extension: bytes) -> None:
    assert request(chunked(end=b"A%b\r\n0123456789\r\n0\r\n\r\n" % extension)).body == b"0123456789"


def test_a_chunked_body_is_put_together_and_its_trailers_are_skipped() -> None:
    stream = io.BufferedReader(io.BytesIO(chunked(b"ab", b"c", end=b"0\r\nX-A: 1\r\n\r\n") + GET))
    found = [read_request(stream, LONGEST_BODY, nothing) for _ in range(3)]
    assert [None if one is None else (one.method, one.body) for one in found] == [("POST", b"abc"), ("GET", b""), None]


@pytest.mark.parametrize("length", [b"3", b"3, 3", b"3\r\nContent-Length: 3", b"003"])
def test_a_length_may_be_repeated(length: bytes) -> None:
    assert request(b"POST / HTTP/1.1\r\nContent-Length: %b\r\n\r\nabc" % length).body == b"abc"


@pytest.mark.parametrize(("size", "kept"), [(10, 10), (11, 11), (12, 11), (200_000, 11)])
def test_of_a_body_over_the_limit_one_byte_more_is_kept(size: int, kept: int) -> None:
    plain = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (size, b"a" * size)
    in_chunks = chunked(b"a" * (size - 1), b"a")
    for data in (plain, in_chunks):
        stream = io.BufferedReader(io.BytesIO(data + GET))
        first, second = (read_request(stream, LONGEST_BODY, nothing) for _ in range(2))
        assert first is not None
        assert second is not None
        assert (len(first.body), second.method) == (kept, "GET")


def test_a_get_may_have_a_body() -> None:
    assert request(b"GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\na").body == b"a"


@pytest.mark.parametrize(
    ("version", "connection", "expected"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"Keep-Alive", True),
        (b"1.1", b"TE, Close", False),
        (b"1.0", b"", False),
        (b"1.0", b"Keep-Alive", True),
        (b"1.9", b"", True),
    ],
)
def test_the_client_says_whether_the_connection_goes_on(version: bytes, connection: bytes, expected: bool) -> None:
    assert request(with_header(b"Connection: %b" % connection, version)).keep_alive is expected


@pytest.mark.parametrize(
    ("version", "expect", "times"),
    [(b"1.1", b"100-continue", 1), (b"1.1", b"100-Continue", 1), (b"1.0", b"100-continue", 0), (b"1.1", b"x", 0)],
)
def test_a_client_that_waits_is_told_to_go_on(version: bytes, expect: bytes, times: int) -> None:
    told: list[Any] = []
    read(with_header(b"Expect: %b" % expect, version), lambda: told.append(1))
    assert len(told) == times
