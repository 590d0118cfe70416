"""What is served over HTTP on this machine for as long as a context manager is entered."""

from collections.abc import Callable
from typing import ClassVar, Self

from .requests import ReceivedRequest
from .server import Answer, Server

#: The address of what is served, which other machines cannot reach.
LOOPBACK = "127.0.0.1"


class Served:
    """Something that answers HTTP requests from entry to exit of this context manager.

    :param answer: gives the answer to a request, as for `Server`.
    :param longest_body: the bytes of a body that are kept, and one more, which shows that it is too long.
    """

    #: What it is, and how it is opened, for messages.
    NAME: ClassVar[str]
    OPENED_BY: ClassVar[str]

    def __init__(
        self,
        answer: Callable[[ReceivedRequest], Answer],
        longest_body: int,
        *,
        host: str = LOOPBACK,
        port: int = 0,
    ) -> None:
        self._give_answer = answer
        self._longest_body = longest_body
        self._address = host, port
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """The URL, such as "http://127.0.0.1:40123".

        :raises RuntimeError: if it is not open.
        """
        if self._server is None:
            raise RuntimeError(f"the {self.NAME} is not open: write `with {self.OPENED_BY} as {self.NAME}:`")
        host = self._address[0]
        return f"http://[{host}]:{self._server.port}" if ":" in host else f"http://{host}:{self._server.port}"

    def __enter__(self) -> Self:
        """Begin to serve.

        :raises RuntimeError: if it is open already, or if pytest-socket forbids sockets.
        :raises OSError: if the port is in use.
        """
        if self._server is not None:
            raise RuntimeError(f"the {self.NAME} is open already; {self.OPENED_BY} gives another one")
        try:
            self._server = Server(self._address, self._give_answer, self._longest_body)
        except RuntimeError as error:
            if type(error).__module__ != "pytest_socket":
                raise
            raise RuntimeError(
                f"the {self.NAME} needs a socket on 127.0.0.1, and sockets are disabled here; with pytest-socket, "
                "write @pytest.mark.enable_socket, or @pytest.mark.allow_hosts(['127.0.0.1'])"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Close it and all of its connections, and wait for its threads."""
        server, self._server = self._server, None
        if server is not None:
            server.end()
