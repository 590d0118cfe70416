"""A server of HTTP/1.1 for this machine, with a thread for each connection."""

import os
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from http.client import responses
from io import BufferedReader
from typing import NamedTuple

from .requests import ReceivedRequest, Refused, Stream, read_request

#: Clients that may wait for their connection.
_BACKLOG = 128
# A login of usual size is received at once.
_BUFFER = 65_536  # bytes
#: SO_LINGER with no time: close() resets the connection.
RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Answer(NamedTuple):
    """The answer to a request."""

    status: int
    headers: Mapping[str, str]
    body: str = ""


class Server:
    """A server that runs from the making of the object until `end`.

    Its threads are daemons, so that one which is never ended does not keep the process from exiting. A forked child
    does not have them; what it does with its copy of the object has no effect on the server of the parent.

    :param address: host and port; port 0 is any that is free.
    :param answer: gives the answer to a request. Its ConnectionError resets the connection, and with its TimeoutError
        the client waits until it hangs up or the server ends.
    :param longest_body: the bytes of a body that are kept, and one more, which shows that it is too long.
    :raises OSError: if there is no such address, or if it is in use.
    """

    def __init__(
        self, address: tuple[str, int], answer: Callable[[ReceivedRequest], Answer], longest_body: int
    ) -> None:
        self.answer = answer
        self.longest_body = longest_body
        self._process = os.getpid()
        self._connections: dict[socket.socket, threading.Thread] = {}
        with ExitStack() as opened:
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            self._listener = opened.enter_context(socket.create_server(address, family=family, backlog=_BACKLOG))
            self._listener.setblocking(False)
            self._waker, self._woken = map(opened.enter_context, socket.socketpair())
            self._selector = opened.enter_context(selectors.DefaultSelector())
            for event in (self._listener, self._woken):
                self._selector.register(event, selectors.EVENT_READ)
            #: The port that it listens to.
            self.port: int = self._listener.getsockname()[1]
            self._thread = threading.Thread(target=self._accept, name=f"sts_endpoint:{self.port}", daemon=True)
            self._thread.start()
            self._opened = opened.pop_all()

    def end(self) -> None:
        """Close the port and all connections, and wait for the threads."""
        if self._process != os.getpid():
            return
        self._waker.send(b"\0")  # not closed, since a forked child may have a copy of it
        self._thread.join()
        with suppress(OSError):  # macOS
            self._listener.shutdown(socket.SHUT_RDWR)  # for a copy in a forked child, to which clients could connect
        self._opened.close()
        for connection in self._connections:
            with suppress(OSError):  # the client was quicker
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._connections.values():
            thread.join()

    def _accept(self) -> None:
        while True:
            ready = [key.fileobj for key, _ in self._selector.select()]
            if self._woken in ready:
                return
            try:
                self._begin(self._listener.accept()[0])
            except BlockingIOError:  # the client was quicker
                pass
            except (OSError, RuntimeError):  # no file or thread is left; the next client waits until there is one
                time.sleep(0.01)

    def _begin(self, connection: socket.socket) -> None:
        for ended in [known for known, thread in self._connections.items() if not thread.is_alive()]:
            del self._connections[ended]
        name = f"{self._thread.name} connection"
        thread = threading.Thread(target=_Connection(connection, self).serve, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            connection.close()
            raise
        self._connections[connection] = thread


class _Connection:
    """One connection of a client."""

    def __init__(self, connection: socket.socket, server: Server) -> None:
        self._socket = connection
        self._server = server

    def serve(self) -> None:
        """Answer all requests of the connection. It is no error if the client hangs up."""
        with self._socket, suppress(OSError), BufferedReader(self._socket.makefile("rb", 0), _BUFFER) as stream:
            self._socket.settimeout(None)  # a test may have set another default
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while request := read_request(stream, self._server.longest_body, self._proceed):
                    if not self._answer(request, stream):
                        return
            except Refused as refused:
                self._send(Answer(refused.status, {"Content-Length": "0"}), keep_alive=False)
                self._end(stream)

    def _answer(self, request: ReceivedRequest, stream: Stream) -> bool:
        """Answer a request, and return whether the connection goes on."""
        try:
            answer = self._server.answer(request)
        except TimeoutError:
            _wait(stream)
            return False
        except ConnectionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return False
        except Exception as error:
            with suppress(OSError):
                self._send(Answer(500, {"Content-Length": "0"}), keep_alive=False)
            raise RuntimeError(f"no answer could be made to {request.method} {request.path[:100]}") from error
        self._send(answer, keep_alive=request.keep_alive, only_head=request.method == "HEAD")
        if not request.keep_alive:
            self._end(stream)
        return request.keep_alive

    def _proceed(self) -> None:
        self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _send(self, answer: Answer, *, keep_alive: bool, only_head: bool = False) -> None:
        headers = [f"{name}: {value}" for name, value in answer.headers.items()]
        connection = "Connection: keep-alive" if keep_alive else "Connection: close"
        head = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, '')}", *headers, connection, "", ""]
        self._socket.sendall(("\r\n".join(head) + ("" if only_head else answer.body)).encode())

    def _end(self, stream: Stream) -> None:
        """Say that this was the last answer, and let the client hang up: closing now could take the answer from it."""
        self._socket.shutdown(socket.SHUT_WR)
        _wait(stream)


def _wait(stream: Stream) -> None:
    """Wait until the client hangs up or the server ends."""
    while stream.read(65_536):
        pass
