"""mock_sts_saml in every form, and the active backend."""

import os
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, overload

from . import clock, current_test
from .adapters import botocore_events
from .backend import STSBackend
from .clock import Instant, Seed
from .decorate import decorate
from .iam import arguments

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class _Unsaid(str):
    """A default that nobody wrote: joining a mock that differs from it changes nothing."""


_ACCOUNT_ID = _Unsaid("123456789012")
_PARTITION = _Unsaid("aws")


class Options(NamedTuple):
    """The options of `mock_sts_saml`."""

    account_id: str
    partition: str
    now: Any
    seed: Seed | None

    def said(self) -> dict[str, Any]:
        """Those that somebody wrote."""
        return {
            name: value
            for name, value in self._asdict().items()
            if value is not None and not isinstance(value, _Unsaid)
        }


class _Active:
    """The one mock of this process: its backend, the options and test it began with, and how often it is entered."""

    def __init__(self, options: Options) -> None:
        seed = options.seed if options.seed is not None else current_test.test or "pytest-stssaml"
        self.options = options
        self.test = current_test.test
        # str(): a default's own type is nobody else's business.
        self.backend = STSBackend(account_id=str(options.account_id), partition=str(options.partition), seed=seed)
        self.entries = 0
        self.fixtures = 0

    def begin(self) -> None:
        """Let the backend answer, and its clock be everybody's.

        :raises RuntimeError: the test is marked with options that were not given.
        """
        self._overlook_no_marker()
        botocore_events.install()
        if self.options.now is not None:
            self.backend.clock.freeze(self.options.now)
        clock.active = self.backend.clock
        botocore_events.respond_with(self.backend)

    def end(self) -> None:
        """Let calls pass, and time be as it was."""
        self.backend.clock.thaw()
        botocore_events.respond_with(None)
        self.backend.end()
        clock.active = clock.outside

    def _overlook_no_marker(self) -> None:
        for name, marked in options(**current_test.marked).said().items():
            if name not in self.options.said():
                raise RuntimeError(
                    f"@pytest.mark.stssaml({name}={marked!r}) is for the fixtures sts_saml and saml_idp, and this test "
                    f"begins a mock of its own; use a fixture, or write mock_sts_saml({name}={marked!r})"
                )

    def refuse_other_options(self, options: Options) -> None:
        """Joining may repeat the options, not change them."""
        for name, wanted in options.said().items():
            active = getattr(self.options, name)
            if wanted != active:
                where = (
                    f"for the fixtures, write @pytest.mark.stssaml({name}={wanted!r})"
                    if self.fixtures
                    else "write it where the mock is first entered"
                )
                now_it_is = f"without {name}" if active is None else f"with {name}={str(active)!r}"
                if self.test not in (None, current_test.test):
                    now_it_is += f" since {self.test}"
                raise RuntimeError(
                    f"mock_sts_saml is active {now_it_is} and cannot be entered with {name}={str(wanted)!r}: "
                    f"a process has one mock at a time; {where}"
                )


_active: _Active | None = None


class _Turn:
    """Lets one thread at a time start or stop a mock.

    Meanwhile the garbage collector may close a generator of the same thread that holds a mock: it cannot wait for the
    turn that it is in, so its mock is stopped when that is over.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._taken = False
        self._postponed: list[MockSTSSAML] = []

    def __enter__(self) -> None:
        self._lock.acquire()
        self._taken = True

    def __exit__(self, *_: object) -> None:
        try:
            while self._postponed:
                self._postponed.pop()._leave()  # noqa: SLF001 - of this module
        finally:
            self._taken = False
            self._lock.release()

    def postpones(self, mock: "MockSTSSAML") -> bool:
        """Whether this thread has the turn already, so that the mock is stopped at its end."""
        with self._lock:
            if self._taken:
                self._postponed.append(mock)
            return self._taken


_turn = _Turn()


def active_backend() -> STSBackend:
    """The backend of the mock that is active.

    :raises LookupError: there is none.
    """
    active = _active
    if active is None:
        raise LookupError(
            "no mock_sts_saml is active; write `with mock_sts_saml() as sts:`, decorate the test with @mock_sts_saml, "
            "or use the fixture sts_saml"
        )
    return active.backend


class MockSTSSAML:
    """What `mock_sts_saml()` gives: a context manager, an async context manager and a decorator.

    It is a recipe: each outermost entry begins with an empty AWS.
    """

    def __init__(self, options: Options, *, fixture: bool = False) -> None:
        self._options = options
        self._fixture = fixture
        self._entries = 0

    def start(self) -> STSBackend:
        """Enter the mock, or join the one that is active.

        :raises RuntimeError: the active one has other options.
        """
        global _active
        with _turn:
            if _active is None:
                beginning = _Active(self._options)
                beginning.begin()
                _active = beginning
            else:
                _active.refuse_other_options(self._options)
            _active.entries += 1
            _active.fixtures += self._fixture
            self._entries += 1
            return _active.backend

    def stop(self) -> None:
        """Leave the mock; with the last entry, everything in it ends.

        :raises RuntimeError: more stops than starts.
        """
        if not _turn.postpones(self):
            with _turn:
                self._leave()

    def _leave(self) -> None:
        global _active
        if _active is None or self._entries == 0:
            raise RuntimeError("this mock_sts_saml is not active: stop() without start()")
        if _active.entries == 1:
            _active.end()
        self._entries -= 1
        _active.entries -= 1
        _active.fixtures -= self._fixture
        if _active.entries == 0:
            _active = None

    def __enter__(self) -> STSBackend:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> STSBackend:
        return self.start()

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    def __call__(self, target: Decorated) -> Decorated:
        """Decorate a function, or a class of tests."""
        return decorate(target, self)


@overload
def mock_sts_saml(target: Decorated, /) -> Decorated: ...
@overload
def mock_sts_saml(
    *,
    account_id: str = _ACCOUNT_ID,
    partition: str = _PARTITION,
    now: Instant | None = None,
    seed: Seed | None = None,
) -> MockSTSSAML: ...
def mock_sts_saml(
    target: Any = None,
    /,
    *,
    account_id: str = _ACCOUNT_ID,
    partition: str = _PARTITION,
    now: Instant | None = None,
    seed: Seed | None = None,
) -> Any:
    """Answer AssumeRoleWithSAML here instead of at AWS, for every botocore client of this process.

    A context manager (sync or async, giving the backend), a decorator of functions and test classes (with or without
    parentheses), or `start()` and `stop()`. Entering it while it is active joins: the same backend, which ends with
    the last exit.

    :param account_id: the account of what is created without naming one.
    :param partition: "aws", "aws-cn" or "aws-us-gov", likewise.
    :param now: freezes the time of the whole process, by freezegun, at a datetime (naive is UTC) or an ISO 8601 text.
    :param seed: what identifiers and credentials are derived from; left out, the node id of the running test.
    :raises TypeError: `now` or `seed` of another type, or a target that cannot be decorated.
    :raises ValueError: an account, a partition or a time that there is not.
    """
    if isinstance(target, str):
        raise TypeError(f"options are given by name: write mock_sts_saml(account_id={target!r})")
    mock = MockSTSSAML(options(account_id=account_id, partition=partition, now=now, seed=seed))
    return mock if target is None else mock(target)


def options(
    *,
    account_id: str = _ACCOUNT_ID,
    partition: str = _PARTITION,
    now: Instant | None = None,
    seed: Seed | None = None,
) -> Options:
    """The options of `mock_sts_saml`, checked at once and not when the mock is entered."""
    if seed is not None and not isinstance(seed, str | bytes | int):
        raise TypeError(f"seed is a text, octets or a number, not {seed!r}")
    arguments.account_id(account_id)
    arguments.partition(partition)
    return Options(account_id, partition, None if now is None else clock.instant(now), seed)


def _enter_forked_child() -> None:
    """A child has a copy of the mock, whose locks a thread of the parent may have held."""
    global _turn
    _turn = _Turn()
    if _active is not None:
        _active.backend.enter_forked_child()


# Where there is no fork there is nothing to register.
getattr(os, "register_at_fork", dict)(after_in_child=_enter_forked_child)
