"""mock_sts_saml in every form, and the active backend."""

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast, overload

from . import active_mock, current_test
from .active_mock import ActiveMock
from .adapters import botocore_events
from .backend import STSBackend
from .clock import Instant, Seed, instant
from .iam import arguments
from .keywords import did_you_mean
from .locks import Turn
from .process_time import LIBRARIES, Library
from .services import Services

if TYPE_CHECKING:
    from .literals import Partition
    from .sts.ordered_errors import OrderedError

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class _Default(str):
    """A default value that was not written: joining a mock that differs from it is allowed."""

    __slots__ = ()


_ACCOUNT_ID = _Default("123456789012")
_PARTITION = cast("Partition", _Default("aws"))


class Options(NamedTuple):
    """The options of `mock_sts_saml`."""

    account_id: str
    partition: "Partition"
    now: Any
    seed: Seed | None
    #: None stands for the default of these two, so that a mock that is joined may have others.
    tick: bool | None = None
    clock: str | None = None
    #: Whether `now` was a naive datetime.
    naive: bool = False

    def written(self) -> dict[str, Any]:
        """Return the options that were given explicitly."""
        return {
            name: value
            for name, value in self._asdict().items()
            if value is not None and name != "naive" and not isinstance(value, _Default)
        }


class _RunningMock:
    """The one mock of this process, from its first entry to its last exit."""

    def __init__(self, options: Options) -> None:
        self.options = options
        #: The test that began it.
        self.test = current_test.node_id
        #: How often it is entered, and how often by fixtures.
        self.entries = self.fixtures = 0
        self.services = Services(
            # A plain string: the type of a default is an implementation detail.
            account_id=str(options.account_id),
            partition=str(options.partition),
            seed=options.seed if options.seed is not None else self.test or "pytest-stssaml",
        )
        self.backend = STSBackend(self.services)

    def begin(self) -> None:
        """Make the mock the active one.

        :raises RuntimeError: if the test is marked with options that were not given.
        """
        self._check_marker()
        botocore_events.install()
        if self.options.now is not None:
            library = self.options.clock or "freezegun"
            self.services.clock.freeze(self.options.now, library, tick=bool(self.options.tick))
        _make_active(self)
        notes = current_test.notes
        notes.mocks_begun += 1
        notes.ahead = dt.timedelta()
        if self.options.naive:
            current_test.note_time("now={}", self.options.now.replace(tzinfo=None))

    def end(self) -> None:
        """Undo what `begin` did. If one part of it fails, the others are undone all the same.

        :raises RuntimeError: if something had frozen the time once more. That is undone too.
        """
        current_test.notes.mocks_ended += 1
        with ExitStack() as parts:  # the last one is undone first
            parts.callback(botocore_events.mock_ended)
            parts.callback(self.services.end, self.test)
            parts.callback(_make_active, None)
            parts.callback(self.services.clock.thaw)
            self.services.clock.check_last_freeze()

    def _check_marker(self) -> None:
        for name, marked in options(**current_test.marker_options).written().items():
            if name not in self.options.written():
                raise RuntimeError(
                    f"@pytest.mark.stssaml({name}={marked!r}) is for the fixtures sts_saml and saml_idp, and this test "
                    f"begins a mock of its own; use a fixture, or write mock_sts_saml({name}={marked!r})"
                )

    def check_options(self, options: Options) -> None:
        """Check the options of one who joins: they may repeat the active ones, but not differ.

        :raises RuntimeError: if they differ.
        """
        for name, wanted in options.written().items():
            active = getattr(self.options, name)
            if wanted != active:
                where = (
                    f"for the fixtures, write @pytest.mark.stssaml({name}={wanted!r})"
                    if self.fixtures
                    else "write it where the mock is first entered"
                )
                state = f"without {name}" if active is None else f"with {name}={str(active)!r}"
                if self.test not in (None, current_test.node_id):
                    state += f" since {self.test}"
                raise RuntimeError(
                    f"mock_sts_saml is active {state} and cannot be entered with {name}={str(wanted)!r}: "
                    f"a process has one mock at a time; {where}"
                )


_running: _RunningMock | None = None


def _make_active(mock: _RunningMock | None) -> None:
    """Set or remove what is active in this process. Nothing else does."""
    global _running
    _running = mock
    active_mock.current = (
        None
        if mock is None
        else ActiveMock(mock.backend, mock.services.clock, mock.services.sts.respond, mock.services.iam.check_own)
    )


# One thread at a time starts or stops a mock. In the meantime the garbage collector may close a generator in the same
# thread that has entered a mock. That mock is stopped when the turn is over.
_turn = Turn()


def active_backend() -> STSBackend:
    """Return the backend of the active mock.

    >>> with mock_sts_saml() as sts:
    ...     active_backend() is sts
    True

    :raises LookupError: if no mock is active.
    """
    active = active_mock.current
    if active is None:
        raise LookupError(
            "no mock_sts_saml is active; write `with mock_sts_saml() as sts:`, decorate the test with @mock_sts_saml, "
            "or use the fixture sts_saml"
        )
    return active.backend


class MockSTSSAML:
    """What `mock_sts_saml()` returns: a context manager, an async context manager and a decorator.

    It can be used again and again: each outermost entry begins with an empty AWS.
    """

    def __init__(self, options: Options, *, fixture: bool = False) -> None:
        self._options = options
        self._fixture = fixture
        self._entries = 0
        self._earlier_errors: list[OrderedError] = []

    def start(self) -> STSBackend:
        """Enter the mock, or join the active one.

        :raises RuntimeError: if the active one has other options.
        """
        with _turn:
            mock = _running
            if mock is None:
                mock = _RunningMock(self._options)
                mock.begin()
            else:
                mock.check_options(self._options)
            mock.entries += 1
            mock.fixtures += self._fixture
            self._entries += 1
            self._earlier_errors = mock.services.sts.ordered_errors.due()
            return mock.backend

    def stop(self) -> None:
        """Leave the mock. The last exit ends it.

        Unlike `with`, this does not know whether the test has failed. Under pytest the plugin checks at the end of the
        test that its calls have met the ordered errors; elsewhere `assert_no_pending_errors()` does.

        :raises RuntimeError: if there were more stops than starts, or if freezegun has frozen the time inside of it and
            goes on; then the mock goes on too, and can be stopped after that.
        """
        if not _turn.postpones(self._leave):
            with _turn:
                if _running is not None and _running.entries == 1:
                    _running.services.clock.check_last_freeze()
                current_test.note_unmet_errors(self._leave())

    def _leave(self) -> str:
        """Leave the mock, and return what is to be told of ordered errors that no call has met."""
        mock = _running
        if mock is None or self._entries == 0:
            raise RuntimeError("this mock_sts_saml is not active: stop() without start()")
        ends = mock.entries == 1
        unmet = mock.services.unmet_errors(() if ends else self._earlier_errors) if ends or self._fixture else ""
        if self._fixture:  # it may have joined a mock that goes on, which must not meet the errors of this test
            mock.services.sts.ordered_errors.keep(self._earlier_errors)
        self._entries -= 1
        mock.entries -= 1
        mock.fixtures -= self._fixture
        if mock.entries == 0:
            mock.end()
        return unmet

    def leave_at_end_of_test(self) -> None:
        """Leave the mock as `with` does, but let the plugin fail the test for ordered errors that no call has met."""
        current_test.note_unmet_errors(self._leave_in_turn())

    def _leave_in_turn(self) -> str:
        """Leave the mock, and return the message about unmet errors.

        If another thread has its turn, the mock is left afterwards, and there is no message.
        """
        unmet = ""
        if not _turn.postpones(self._leave):
            with _turn:
                unmet = self._leave()
        return unmet

    def check_ordered_errors(self, *, failed: bool) -> None:
        """Check at the end of a test, in a mock that is about to end, that its calls have met the ordered errors.

        :param failed: whether the test has failed; then nothing is checked.
        :raises AssertionError: if no call has met one of them.
        """
        mock = _running
        if mock is None or mock.entries > 1:
            return
        errors = mock.services.sts.ordered_errors
        message = mock.services.unmet_errors()
        errors.keep([])  # each is reported once
        if message and not failed:
            raise AssertionError(message)

    def __enter__(self) -> STSBackend:
        return self.start()

    def __exit__(self, *error: object) -> None:
        """Leave the mock. Unlike `stop()`, this cannot be done again, so it ends a mock in which time was frozen again.

        :raises RuntimeError: if time was frozen again, or as `stop()` does.
        :raises AssertionError: if this ends the mock, no other error is on its way, and no call has met an error that
            was ordered.
        """
        unmet = self._leave_in_turn()
        if unmet and not any(error) and not current_test.notes.failed:
            raise AssertionError(unmet)

    async def __aenter__(self) -> STSBackend:
        return self.start()

    async def __aexit__(self, *error: object) -> None:
        self.__exit__(*error)

    def __call__(self, target: Decorated) -> Decorated:
        """Decorate a function, or a class of tests."""
        from .decorate import decorate  # wrapt and asyncio, which a test with fixtures does not need

        return decorate(target, self)


@overload
def mock_sts_saml(target: Decorated, /) -> Decorated: ...
@overload
def mock_sts_saml(
    *,
    account_id: str = _ACCOUNT_ID,
    partition: "Partition" = _PARTITION,
    now: Instant | None = None,
    seed: Seed | None = None,
    tick: bool = False,
    clock: Library = "freezegun",
) -> MockSTSSAML: ...
def mock_sts_saml(
    target: Any = None,
    /,
    *,
    account_id: str = _ACCOUNT_ID,
    partition: "Partition" = _PARTITION,
    now: Instant | None = None,
    seed: Seed | None = None,
    tick: bool = False,
    clock: Library = "freezegun",
) -> Any:
    """Answer AssumeRoleWithSAML in this process instead of at AWS, for every botocore client of the process.

    Use it as a context manager (sync or async, giving the backend), as a decorator of functions and test classes (with
    or without parentheses), or by `start()` and `stop()`. Entering it while it is active joins the active mock: the
    backend is the same, and it ends with the last exit.

    >>> with mock_sts_saml() as sts:
    ...     idp = IdentityProvider()
    ...     provider = sts.create_saml_provider("Okta", idp)
    ...     idp.response(sts.create_role("Reader", provider=provider))
    <SAMLResponse of ... characters, PHNhbWxw…>

    :param account_id: the account of roles, providers and policies that are created without `account_id=`.
    :param partition: "aws", "aws-cn" or "aws-us-gov": the partition of those that are created without `partition=`.
    :param now: freezes the time of the whole process at a datetime (a naive one is read as UTC) or an ISO 8601 string.
    :param seed: what identifiers and credentials are derived from; by default the node ID of the running test.
    :param tick: whether the time of `now` runs on.
    :param clock: the library that freezes the time of `now`: "freezegun" or, if it is installed, "time-machine".
    :raises TypeError: if `now`, `seed` or `tick` is of another type, or if the target cannot be decorated.
    :raises ValueError: if there is no such account, partition, time or clock; if `tick` or `clock` is given
        without `now`.
    """
    if isinstance(target, str):
        raise TypeError(f"options are given by name: write mock_sts_saml(account_id={target!r})")
    mock = MockSTSSAML(options(account_id=account_id, partition=partition, now=now, seed=seed, tick=tick, clock=clock))
    return mock if target is None else mock(target)


def options(
    *,
    account_id: str = _ACCOUNT_ID,
    partition: "Partition" = _PARTITION,
    now: Instant | None = None,
    seed: Seed | None = None,
    tick: bool = False,
    clock: Library = "freezegun",
) -> Options:
    """Return the options of `mock_sts_saml`, checked now and not only when the mock is entered."""
    if seed is not None and not isinstance(seed, str | bytes | int):
        raise TypeError(f"seed must be a string, bytes or a number, not {seed!r}")
    arguments.account_id(account_id)
    arguments.partition(partition)
    if not isinstance(tick, bool):
        raise TypeError(f"tick must be True or False, not {tick!r}")
    if clock not in list(LIBRARIES):
        remedy = did_you_mean(str(clock), LIBRARIES, "leave it out to use freezegun")
        raise ValueError(f"clock must be one of {', '.join(LIBRARIES)}, not {clock!r}; {remedy}")
    is_naive = isinstance(now, dt.datetime) and now.tzinfo is None
    chosen = Options(
        account_id=account_id,
        partition=partition,
        now=None if now is None else instant(now),
        seed=seed,
        tick=tick or None,
        clock=None if clock == LIBRARIES[0] else clock,
        naive=is_naive,
    )
    for name in ("tick", "clock"):
        if now is None and name in chosen.written():
            raise ValueError(f"{name} is about the time of now=...; write now=... too, or leave {name} out")
    return chosen
