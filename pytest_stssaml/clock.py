"""The time as a mock sees it, and the identifiers that are derived from its seed."""

import datetime as dt
import hashlib
import hmac
import os
import time
from collections import Counter
from typing import Any

from .locks import Lock

#: A time as a test writes it: a datetime (a naive one is read as UTC) or an ISO 8601 string.
Instant = dt.datetime | str
#: What identifiers and credentials are derived from.
Seed = str | bytes | int


def instant(value: Instant) -> dt.datetime:
    """Return an aware UTC time for a datetime (a naive one is read as UTC) or an ISO 8601 string.

    :raises TypeError: if the value is of another type.
    :raises ValueError: if the string is not in the form of ISO 8601, or the time is outside the years 1 to 9999 in UTC.
    """
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"a time must be a datetime or an ISO 8601 string, not {value!r}") from error
    elif not isinstance(value, dt.datetime):
        raise TypeError(f"a time must be a datetime or an ISO 8601 string, not {value!r}")
    try:
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(f"a time must be within the years 1 to 9999 in UTC, not {value!r}") from error


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST_INSTANT = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST_INSTANT = dt.datetime.max.replace(tzinfo=dt.UTC)


def _process_time() -> dt.datetime:
    # Looked up through the module, so that freezegun's class is found. Not time.time(): freezegun leaves it alone when
    # a frame of the module threading is near.
    return dt.datetime.now(dt.UTC)


def _event_loops() -> Any:
    """Return the class from which asyncio's event loops have their time."""
    from asyncio.base_events import BaseEventLoop

    return BaseEventLoop


def _real_time_of_a_loop(_: object) -> float:
    from freezegun import api

    return api.real_monotonic()


def _stop(freezer: Any) -> None:
    """Stop a freeze of freezegun, which gives up half way if a module does not let it read the module's names."""
    try:
        freezer.stop()
    except BaseException:
        import freezegun

        # This leaves all modules alone, and lets the time itself run again.
        with freezegun.freeze_time(ignore=[""]):
            pass
        raise


class Clock:
    """The time of one mock and the source of its identifiers.

    The time is that of the process plus an offset, which `advance` and `move_to` change.
    """

    def __init__(self, seed: Seed) -> None:
        self._seed = repr(seed).encode()
        self._pid = os.getpid()
        self._offset = dt.timedelta()
        self._freezer: Any = None
        self._frozen: Any = None
        self._loop_time: Any = None
        self._uses: Counter[str] = Counter()
        self._lock = Lock()

    def now(self) -> dt.datetime:
        """Return the time of the mock, aware and in UTC."""
        try:
            return _process_time() + self._offset
        except OverflowError:
            return _LAST_INSTANT if self._offset > dt.timedelta() else _FIRST_INSTANT

    @property
    def offset(self) -> dt.timedelta:
        """How far the time of the mock is ahead of that of the process."""
        return self._offset

    def times_of_clients(self) -> tuple[dt.datetime, ...]:
        """Return what the clock of an honest client may show at this moment: aware times in UTC.

        The first two are the time of this process, with which botocore signs; under freezegun they may differ. The
        third is the time of the mock, by which other SDKs correct their clocks, since they see it in each response.
        While `freeze` has stopped the time of this process, the fourth is that of the machine, which other processes
        see.
        """
        times = _process_time(), _EPOCH + dt.timedelta(seconds=time.time()), self.now()
        if self._frozen is None:
            return times
        from freezegun import api

        return (*times, _EPOCH + dt.timedelta(seconds=api.real_time()))

    def advance(self, delta: dt.timedelta) -> None:
        """Move the time by `delta`: the mock's only, or that of the whole process if it is frozen."""
        if self._frozen is None:
            self._offset += delta
        else:
            self._move_process(self.now() + delta)

    def move_to(self, value: Instant) -> None:
        """Move the time to an instant: the mock's only, or that of the whole process if it is frozen."""
        target = instant(value)
        if self._frozen is None:
            self._offset = target - _process_time()
        else:
            self._move_process(target)

    def _move_process(self, target: dt.datetime) -> None:
        self._frozen.move_to(target)
        # A test may have frozen the time again with freezegun, in which case the move above is not seen.
        self._offset = target - _process_time()

    def freeze(self, value: dt.datetime) -> None:
        """Stop the time of the whole process at an instant. If that fails, it goes on as before."""
        import freezegun

        freezer = freezegun.freeze_time(value, ignore=["_pytest.timing"])
        try:
            self._frozen = freezer.start()
        except BaseException:
            _stop(freezer)
            raise
        self._freezer = freezer
        # Otherwise an event loop would never wake its timers, and a test would last as long as the jump. This is not
        # freezegun's real_asyncio, which makes an event loop, and with it a socket, which a test may have forbidden.
        loops = _event_loops()
        self._loop_time, loops.time = loops.time, _real_time_of_a_loop

    def check_last_freeze(self) -> None:
        """Check that what `freeze` did was the last freeze of the process, which has to be stopped first.

        :raises RuntimeError: if freezegun has frozen the time once more since then.
        """
        if self._later_freezes():
            raise RuntimeError("time was frozen again inside mock_sts_saml(now=...); stop that freezegun first")

    def thaw(self) -> None:
        """Let the time of the process run again if `freeze` stopped it. Later freezes are stopped too."""
        if self._freezer is None:
            return
        freezer, later = self._freezer, self._later_freezes()
        self._freezer = self._frozen = None
        _event_loops().time = self._loop_time
        for _ in range(later):
            freezer.stop()  # which stops the last one, whichever it is
        _stop(freezer)

    def _later_freezes(self) -> int:
        """Return how often freezegun has frozen the time since `freeze` did, and still does."""
        if self._freezer is None:
            return 0
        from freezegun import api

        freezes = list(reversed(api.freeze_factories))
        return next((number for number, freeze in enumerate(freezes) if freeze is self._frozen), 0)

    def identifier(self, purpose: str, *content: str) -> bytes:
        """Return 32 bytes for the next thing of a purpose.

        They are the same in every run of a test and never repeat within it. A forked child gets others than its parent.
        """
        with self._lock:
            if os.getpid() != self._pid:
                self._pid = os.getpid()
                self._seed += b"\0%d" % self._pid
            self._uses[purpose] += 1
            use = self._uses[purpose]
            seed = self._seed
        message = "\0".join((purpose, str(use), *content)).encode()
        return hmac.digest(seed, message, hashlib.sha256)


#: The clock that is in force while no mock is active.
OUTSIDE = Clock("pytest-stssaml")
