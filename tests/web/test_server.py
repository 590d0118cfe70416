"""Connections, threads and ports of the server under the endpoint."""

import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from forks import forking, in_a_child
from http_clients import connected, everything, good_login, post, send, statuses

from pytest_stssaml import IdentityProvider, STSBackend, mock_sts_saml
from pytest_stssaml.adapters.http_endpoint import Endpoint
from pytest_stssaml.literals import ConnectionErrorKind
from pytest_stssaml.web.server import RESET, Answer, Server

GET = b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"
FDS = Path("/proc/self/fd")


@pytest.fixture
def endpoint(sts: STSBackend) -> Iterator[Endpoint]:
    with sts.serve() as opened:
        yield opened


@pytest.fixture
def login(sts: STSBackend, idp: IdentityProvider) -> bytes:
    return good_login(sts, idp)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Each test ends with the threads and the open files with which it began, and without a word."""
    before = threading.active_count(), len(list(FDS.iterdir())) if FDS.exists() else 0
    yield
    assert (threading.active_count(), len(list(FDS.iterdir())) if FDS.exists() else 0) == before
    assert capfd.readouterr() == ("", "")


class TestConnection:
    def test_goes_on_after_an_answer(self, endpoint: Endpoint, login: bytes) -> None:
        with connected(endpoint) as connection:
            for _ in range(3):
                connection.sendall(post(login))
                assert statuses(connection.recv(65_536)) == [200]

    def test_ends_if_the_client_says_so(self, endpoint: Endpoint, login: bytes) -> None:
        with connected(endpoint) as connection:
            connection.sendall(post(login, b"Connection: close\r\n"))
            answer = everything(connection)
        assert (statuses(answer), answer.count(b"\r\nConnection: close\r\n")) == ([200], 1)

    def test_of_http_1_0_ends_after_an_answer(self, endpoint: Endpoint, login: bytes) -> None:
        with connected(endpoint) as connection:
            connection.sendall(post(login, version=b"1.0"))
            assert statuses(everything(connection)) == [200]

    def test_of_http_1_0_goes_on_if_the_client_asks_for_it(self, endpoint: Endpoint, login: bytes) -> None:
        with connected(endpoint) as connection:
            connection.sendall(post(login, b"Connection: keep-alive\r\n", b"1.0"))
            assert b"\r\nConnection: keep-alive\r\n" in connection.recv(65_536)
            connection.sendall(post(login, version=b"1.0"))
            assert statuses(everything(connection)) == [200]

    def test_answers_requests_that_come_together_in_their_order(self, endpoint: Endpoint, login: bytes) -> None:
        wrong = login.replace(b"2011-06-15", b"2012-06-15")
        assert statuses(send(endpoint, post(login) + GET + post(wrong) + post(login))) == [200, 302, 400, 200]

    def test_answers_a_request_that_comes_byte_by_byte(self, endpoint: Endpoint) -> None:
        with connected(endpoint) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for number in range(len(GET)):
                connection.sendall(GET[number : number + 1])
            assert statuses(connection.recv(65_536)) == [302]

    def test_tells_a_client_that_waits_to_go_on(self, endpoint: Endpoint, login: bytes) -> None:
        head, _, body = post(login, b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")
        with connected(endpoint) as connection:
            connection.sendall(head + b"\r\n\r\n")
            assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(body)
            assert statuses(connection.recv(65_536)) == [200]

    def test_ends_after_a_malformed_request(self, endpoint: Endpoint) -> None:
        with connected(endpoint) as connection:
            connection.sendall(b"junk\r\n\r\n" + GET)
            assert (
                everything(connection) == b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )

    def test_ends_after_the_greeting_of_tls(self, endpoint: Endpoint) -> None:
        with connected(endpoint) as connection:
            connection.sendall(b"\x16\x03\x01\x02\x00")
            assert statuses(everything(connection)) == [400]

    def test_gives_its_last_answer_to_a_client_that_is_still_sending(self, endpoint: Endpoint) -> None:
        with connected(endpoint) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nX-A: " + b"a" * 5_000_000)
            assert statuses(everything(connection)) == [431]

    def test_has_no_time_limit_whatever_the_default_of_the_process_is(self, sts: STSBackend) -> None:
        socket.setdefaulttimeout(0.01)
        try:
            with sts.serve() as endpoint, connected(endpoint) as connection:
                threading.Event().wait(0.03)  # longer than the limit would be
                connection.sendall(GET)
                assert statuses(connection.recv(65_536)) == [302]
        finally:
            socket.setdefaulttimeout(None)

    def test_goes_on_while_the_time_is_frozen(self) -> None:
        frozen = mock_sts_saml(now="2030-01-01T12:00:00Z")
        with frozen as sts, sts.serve() as endpoint, connected(endpoint) as connection:
            connection.sendall(GET)
            assert b"\r\nDate: Tue, 01 Jan 2030 12:00:00 GMT\r\n" in connection.recv(65_536)
            sts.advance(days=1)
            connection.sendall(GET)
            assert b"\r\nDate: Wed, 02 Jan 2030 12:00:00 GMT\r\n" in connection.recv(65_536)


class TestClientThatHangsUp:
    def test_before_its_request_is_no_error(self, endpoint: Endpoint) -> None:
        assert send(endpoint, b"") == b""

    @pytest.mark.parametrize(
        "part", [b"PO", b"POST / HTTP/1.1\r\nHo", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nAct"]
    )
    def test_within_its_request_asks_nothing(self, sts: STSBackend, endpoint: Endpoint, part: bytes) -> None:
        assert (send(endpoint, part), sts.attempts) == (b"", ())

    def test_without_reading_the_answer_is_no_error(self, sts: STSBackend, login: bytes) -> None:
        with sts.serve() as endpoint:
            for _ in range(20):
                connected(endpoint).close()
                with connected(endpoint) as connection:
                    connection.sendall(post(login))
            assert statuses(send(endpoint, post(login))) == [200]

    def test_by_a_reset_is_no_error(self, endpoint: Endpoint, login: bytes) -> None:
        for request in (b"", b"POST", post(login)):
            with connected(endpoint) as connection:
                connection.sendall(request)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        assert statuses(send(endpoint, post(login))) == [200]


class TestOrderedError:
    @pytest.mark.parametrize("kind", ["reset", "refused"])
    def test_resets_the_connection(
        self, sts: STSBackend, endpoint: Endpoint, login: bytes, kind: ConnectionErrorKind
    ) -> None:
        sts.add_connection_error(kind)
        with connected(endpoint) as connection:
            connection.sendall(post(login))
            with pytest.raises(ConnectionResetError):
                connection.recv(1)

    def test_leaves_the_client_without_an_answer_until_the_end(self, sts: STSBackend, login: bytes) -> None:
        sts.add_connection_error("timeout")
        with sts.serve() as endpoint:
            connection = connected(endpoint)
            connection.sendall(post(login))
            connection.settimeout(0.05)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        assert connection.recv(1) == b""
        connection.close()

    def test_leaves_nothing_behind_if_the_client_gives_up(self, sts: STSBackend, login: bytes) -> None:
        sts.add_connection_error("timeout")
        with sts.serve() as endpoint:
            assert send(endpoint, post(login)) == b""

    def test_of_a_status_without_a_name_is_answered(self, sts: STSBackend, endpoint: Endpoint, login: bytes) -> None:
        sts.add_client_error("Strange", "a message", 599)
        assert send(endpoint, post(login)).startswith(b"HTTP/1.1 599 \r\n")


class TestEnd:
    def test_refuses_further_connections(self, sts: STSBackend) -> None:
        with sts.serve() as endpoint:
            host, port = endpoint.url.removeprefix("http://").split(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)))

    @pytest.mark.parametrize("part", [b"", b"PO", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nAct", GET])
    def test_does_not_wait_for_a_client(self, sts: STSBackend, part: bytes) -> None:
        with sts.serve() as endpoint:
            connection = connected(endpoint)
            connection.sendall(part)
        with connection, suppress(ConnectionResetError):  # if nobody has read what it sent
            everything(connection)

    def test_does_not_wait_for_a_client_that_reads_nothing(self) -> None:
        server = Server(("127.0.0.1", 0), lambda _: Answer(200, {}, "a" * 20_000_000), 10)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(GET)
            connection.recv(1)
            server.end()

    def test_waits_for_an_answer_that_is_being_made(self) -> None:
        begun, may_end = threading.Event(), threading.Event()

        def answer(_: object) -> Answer:
            begun.set()
            assert may_end.wait(10)
            return Answer(200, {"Content-Length": "0"})

        server = Server(("127.0.0.1", 0), answer, 10)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(GET)
            assert begun.wait(10)
            threading.Timer(0.02, may_end.set).start()
            server.end()
            assert may_end.is_set()

    def test_during_many_requests_leaves_nothing_behind(self, sts: STSBackend, login: bytes) -> None:
        def ask(endpoint: Endpoint) -> None:
            try:
                while send(endpoint, post(login)):
                    begun.set()
            except (OSError, RuntimeError):  # no url any more
                return

        begun = threading.Event()
        with ThreadPoolExecutor(4) as pool:
            with sts.serve() as endpoint:
                asked = [pool.submit(ask, endpoint) for _ in range(4)]
                assert begun.wait(10)
            for one in asked:
                one.result()

    def test_of_a_copy_in_a_forked_child_has_no_effect_on_the_parent(
        self, endpoint: Endpoint, login: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = Server(("127.0.0.1", 0), lambda _: Answer(200, {"Content-Length": "0"}), 10)
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: 0)
            server.end()
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(GET)
            assert statuses(connection.recv(65_536)) == [200]
        server.end()


class TestForkedChild:
    @forking
    def test_asks_the_endpoint_of_its_parent(self, sts: STSBackend, endpoint: Endpoint, login: bytes) -> None:
        assert statuses(in_a_child(lambda: send(endpoint, post(login)))) == [200]
        assert len(sts.attempts) == 1

    @forking
    def test_that_leaves_the_endpoint_does_not_close_it(self, endpoint: Endpoint, login: bytes) -> None:
        with connected(endpoint) as connection:
            assert in_a_child(endpoint.__exit__) is None
            connection.sendall(post(login))
            assert statuses(connection.recv(65_536)) == [200]

    @forking
    def test_that_goes_on_keeps_neither_the_end_nor_the_port(self, sts: STSBackend) -> None:
        here, there = os.pipe()
        with sts.serve() as endpoint, connected(endpoint) as connection:
            connection.sendall(GET)
            connection.recv(65_536)
            host, port = endpoint.url.removeprefix("http://").split(":")
            child = os.fork()
            if not child:  # pragma: no cover - another process
                os.close(there)
                os.read(here, 1)
                os._exit(0)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)))
        os.close(there)
        os.close(here)
        assert os.waitpid(child, 0)[1] == 0


class TestAccepting:
    def test_goes_on_when_there_are_files_again(self, endpoint: Endpoint) -> None:
        resource = pytest.importorskip("resource")
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        host, port = endpoint.url.removeprefix("http://").split(":")
        with socket.socket() as connection:
            resource.setrlimit(resource.RLIMIT_NOFILE, (connection.fileno(), hard))
            try:
                connection.connect((host, int(port)))
                connection.sendall(GET)
                connection.settimeout(0.03)
                with pytest.raises(TimeoutError):
                    connection.recv(1)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            connection.settimeout(10)
            assert statuses(connection.recv(65_536)) == [302]

    def test_goes_on_when_there_are_threads_again(self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_thread(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", no_thread)
            with connected(endpoint) as connection:
                assert connection.recv(1) == b""
        assert statuses(send(endpoint, GET)) == [302]

    def test_ignores_a_client_that_is_gone_already(self, monkeypatch: pytest.MonkeyPatch) -> None:
        server = Server(("127.0.0.1", 0), lambda _: Answer(200, {"Content-Length": "0"}), 10)
        accept, gone = socket.socket.accept, [BlockingIOError()]

        def accept_the_second_time(listener: socket.socket) -> Any:
            if gone:
                raise gone.pop()
            return accept(listener)

        monkeypatch.setattr(socket.socket, "accept", accept_the_second_time)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(GET)
            assert statuses(connection.recv(65_536)) == [200]
        server.end()


def test_a_server_that_cannot_start_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    with pytest.raises(RuntimeError, match="start new thread"):
        Server(("127.0.0.1", 0), lambda _: Answer(200, {}), 10)


def test_a_port_that_is_in_use_is_an_error(endpoint: Endpoint) -> None:
    port = int(endpoint.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Server(("127.0.0.1", port), lambda _: Answer(200, {}), 10)


@pytest.mark.parametrize("mistake", [LookupError("a mistake"), FileNotFoundError("a mistake")], ids=repr)
def test_a_mistake_of_ours_is_reported_by_its_thread_and_answered(
    monkeypatch: pytest.MonkeyPatch, mistake: Exception
) -> None:
    def broken(_: object) -> Answer:
        raise mistake

    reported: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    server = Server(("127.0.0.1", 0), broken, 10)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(GET)
        assert statuses(everything(connection)) == [500]
    server.end()
    [error] = [arguments.exc_value for arguments in reported]
    assert (str(error), error.__cause__) == ("no answer could be made to GET /", mistake)


def test_many_clients_are_served_at_once(endpoint: Endpoint, login: bytes) -> None:
    clients = [connected(endpoint) for _ in range(100)]
    for client in clients:
        client.sendall(post(login))
    assert [statuses(client.recv(65_536)) for client in clients] == [[200]] * 100
    for client in clients:
        client.close()


def test_clients_that_behave_badly_do_not_disturb_the_others(sts: STSBackend, login: bytes) -> None:
    parts = [b"", b"junk\r\n", b"POST / HTTP/1.1\r\n", post(login)[:-1], b"\x16\x03\x01", post(login)]
    with sts.serve() as endpoint, ExitStack() as clients:
        for number in range(60):
            client = clients.enter_context(connected(endpoint))
            client.sendall(parts[number % len(parts)])
            if number % 7 == 0:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                client.close()
        assert statuses(send(endpoint, post(login))) == [200]
