"""The time as a mock sees it, and the identifiers that are derived from its seed."""

import datetime as dt
import hashlib
import os
import time
from collections import Counter

from .locks import Lock
from .process_time import ProcessTime, process_time, set_process_time

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
            raise ValueError(
                f"a time must be a datetime or a string such as '2030-01-01T00:00:00Z', not {value!r}"
            ) from error
    elif not isinstance(value, dt.datetime):
        raise TypeError(f"a time must be a datetime or a string such as '2030-01-01T00:00:00Z', not {value!r}")
    try:
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(f"a time must be within the years 1 to 9999 in UTC, not {value.isoformat()}") from error


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST_INSTANT = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST_INSTANT = dt.datetime.max.replace(tzinfo=dt.UTC)
_A_MOMENT = dt.timedelta(seconds=1)


class Clock:
    """The time of one mock and the source of its identifiers.

    The time is that of the process plus an offset, which `advance` and `move_to` change.
    """

    def __init__(self, seed: Seed) -> None:
        self._key = hashlib.blake2b(repr(seed).encode()).digest()
        self._pid = os.getpid()
        self._offset = dt.timedelta()
        self._process: ProcessTime | None = None
        self._uses: Counter[str] = Counter()
        self._lock = Lock()

    def now(self) -> dt.datetime:
        """Return the time of the mock, aware and in UTC."""
        try:
            return process_time() + self._offset
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
        While `freeze` has set the time of this process, the fourth is that of the machine, which other processes see.
        """
        times = process_time(), _EPOCH + dt.timedelta(seconds=time.time()), self.now()
        if self._process is None:
            return times
        return (*times, _EPOCH + dt.timedelta(seconds=self._process.machine_time()))

    def advance(self, delta: dt.timedelta) -> None:
        """Move the time by `delta`: the mock's only, or that of the whole process if it is set."""
        if self._process is None:
            self._offset += delta
        else:
            self._move(self._process, self.now() + delta)

    def move_to(self, value: Instant) -> None:
        """Move the time to an instant: the mock's only, or that of the whole process if it is set."""
        target = instant(value)
        if self._process is None:
            self._offset = target - process_time()
        else:
            self._move(self._process, target)

    def _move(self, process: ProcessTime, target: dt.datetime) -> None:
        process.move_to(target)
        # A test may have set the time again itself, in which case the move above is not seen.
        difference = target - process_time()
        is_seen = abs(difference) < _A_MOMENT  # which passes meanwhile if the time runs on
        self._offset = dt.timedelta() if is_seen else difference

    def freeze(self, value: dt.datetime, library: str = "freezegun", *, tick: bool = False) -> None:
        """Set the time of the whole process. If that fails, it goes on as before.

        :param library: "freezegun" or "time-machine".
        :param tick: whether the time runs on from there.
        :raises ModuleNotFoundError: if the library is not installed.
        """
        self._process = set_process_time(value, library, tick=tick)

    def check_last_freeze(self) -> None:
        """Check that what `freeze` did was the last that the library did, which has to be stopped first.

        :raises RuntimeError: if the library has set the time once more since then.
        """
        if self._process is not None and self._process.later():
            library = self._process.library
            raise RuntimeError(f"time was frozen again inside mock_sts_saml(now=...); stop that {library} first")

    def thaw(self) -> None:
        """Let the time of the process run again if `freeze` set it. What has set it later is stopped too."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()

    def identifier(self, purpose: str, *content: str) -> bytes:
        """Return 32 bytes for the next thing of a purpose.

        They are the same in every run of a test and never repeat within it. A forked child gets others than its parent.
        """
        with self._lock:
            if os.getpid() != self._pid:
                self._pid = os.getpid()
                self._key = hashlib.blake2b(b"%d" % self._pid, key=self._key).digest()
            self._uses[purpose] += 1
            use = self._uses[purpose]
            key = self._key
        message = "\0".join((purpose, str(use), *content)).encode()
        # BLAKE2 takes a key itself, and needs a third of the time of HMAC.
        return hashlib.blake2b(message, digest_size=32, key=key).digest()


#: The clock that is in force while no mock is active.
OUTSIDE = Clock("pytest-stssaml")
