"""The active mock over HTTP on this machine, for other processes and SDKs."""

import os
import re
import selectors
import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, Self, cast

from ..iam.partitions import REGION

Handle = Callable[..., tuple[int, dict[str, str], str]]

_HOST = "127.0.0.1"
_SCOPE = re.compile(rf"Credential=[^/,&\s%]+(?:/|%2F)\d+(?:/|%2F)(?P<region>{REGION})(?:/|%2F)", re.ASCII)
_FORM = "application/x-www-form-urlencoded"


class Endpoint:
    """A mock of STS that other processes reach by HTTP, from entry to exit of this context manager.

    Attributes:
        region: the region whose endpoint it is for requests that are not signed.

    """

    def __init__(self, handle: Handle, region: str, longest_body: int) -> None:
        self.region = region
        self._handle = handle
        self._longest_body = longest_body
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """The URL of the endpoint, such as "http://127.0.0.1:40123".

        :raises RuntimeError: if the endpoint is not open.
        """
        if self._server is None:
            raise RuntimeError("the endpoint is not open: write `with sts.serve() as endpoint:`")
        return f"http://{_HOST}:{self._server.server_address[1]}"

    @property
    def environ(self) -> dict[str, str]:
        """A new copy of this process's environment with which the SDKs of AWS ask this endpoint.

        It has no AWS setting of this process, and none of this machine's credentials.
        """
        others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        exceptions = [value for name in ("NO_PROXY", "no_proxy") if (value := others.pop(name, ""))]
        no_proxy = ",".join([*exceptions, _HOST])
        return others | {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_STS": self.url,
            "AWS_REGION": self.region,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }

    def __enter__(self) -> Self:
        """Open the endpoint.

        :raises RuntimeError: if it is open already, or if pytest-socket forbids sockets.
        """
        if self._server is not None:
            raise RuntimeError("the endpoint is open already; sts.serve() gives another one")
        try:
            self._server = _Server(self._handle, self.region, self._longest_body)
        except RuntimeError as error:  # SocketBlockedError is one
            raise RuntimeError(
                "the endpoint needs a socket on 127.0.0.1, and sockets are disabled here; with pytest-socket, write "
                "@pytest.mark.enable_socket, or @pytest.mark.allow_hosts(['127.0.0.1'])"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Close the endpoint and all of its connections, and wait for its threads."""
        server, self._server = cast(_Server, self._server), None
        server.end()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False  # so that server_close() waits for them
    request_queue_size = 128

    def __init__(self, handle: Handle, region: str, longest_body: int) -> None:
        self.handle = handle
        self.region = region
        self.longest_body = longest_body
        self.ended = threading.Event()
        self.reset: set[Any] = set()
        self._open: set[Any] = set()
        super().__init__((_HOST, 0), _Handler)
        self._waker, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._accept, name="sts_endpoint", daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        # serve_forever() would notice the end only at its next poll.
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if self._woken in ready:
                    return
                connection, address = self.get_request()
                self._open.add(connection)
                self.process_request(connection, address)

    def end(self) -> None:
        """Close everything, and wait for the threads."""
        self._waker.close()
        self._thread.join()
        self._woken.close()
        self.ended.set()
        for connection in list(self._open):
            with suppress(OSError):  # the client was quicker
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection; without a farewell if it is to be reset."""
        self._open.discard(request)
        if request in self.reset:
            self.reset.discard(request)
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about a client that has hung up."""
        import sys

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # the headers and the body in one packet
    server: _Server

    def do_POST(self) -> None:
        """Answer a POST."""
        try:
            body = self._body()
        except ValueError:
            self.close_connection = True
            self._send(400, {"Content-Length": "0"}, "")
            return
        is_form = self.headers.get("Content-Type", _FORM).partition(";")[0].strip().lower() == _FORM
        self._answer("POST", body if is_form else b"", self.path if is_form else "/")

    def do_GET(self) -> None:
        """Answer a GET, or a HEAD, whose answer has no body."""
        self._answer("GET", b"", self.path)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def _body(self) -> bytes:
        """Return the body, or as much of it as shows that it is too long.

        :raises ValueError: if the message is malformed.
        """
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self._read(int(self.headers.get("Content-Length", "0")), self.server.longest_body + 1)
        body = b""
        while size := int(self.rfile.readline(1024).partition(b";")[0], 16):
            body += self._read(size, self.server.longest_body + 1 - len(body))
            self.rfile.readline(1024)
        while self.rfile.readline(65536).strip():  # trailers
            pass
        return body

    def _read(self, size: int, kept: int) -> bytes:
        """Read some bytes and return the first of them. The others are read so that the client gets its answer."""
        if size < 0:
            raise ValueError(f"a length of {size}")
        body = self.rfile.read(min(size, kept))
        rest = size - len(body)
        while rest > 0 and (more := self.rfile.read(min(rest, 65536))):
            rest -= len(more)
        if rest:
            raise ConnectionResetError("the client hung up before the end of its request")
        return body

    def _answer(self, method: str, body: bytes, path: str) -> None:
        scope = _SCOPE.search(f"{self.headers.get('Authorization', '')} {path}")
        region = scope["region"] if scope else self.server.region
        if not path.startswith("/"):
            self._send(400, {"Content-Length": "0"}, "")
            return
        try:
            answer = self.server.handle(
                body or path.partition("?")[2] if method == "GET" else body,
                region=region,
                secure=False,
                method=method,
                path=path,
                headers=dict(self.headers),
            )
        except TimeoutError:
            self.close_connection = True
            self.server.ended.wait()
        except ConnectionError:  # what is connected cannot be refused any more, so it is reset, too
            self.close_connection = True
            self.server.reset.add(self.request)
        else:
            self._send(*answer)

    def _send(self, status: int, headers: dict[str, str], body: str) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Print nothing."""
