"""The process's time plus the active offset, and the active seed."""

import datetime as dt
import hashlib
import hmac
import os
import threading
from collections import Counter
from typing import Any

Instant = dt.datetime | str
Seed = str | bytes | int


def instant(value: Instant) -> dt.datetime:
    """An aware UTC time from a datetime (naive is UTC) or an ISO 8601 text."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"a time is a datetime or an ISO 8601 text, not {value!r}") from error
    elif not isinstance(value, dt.datetime):
        raise TypeError(f"a time is a datetime or an ISO 8601 text, not {value!r}")
    return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


_BEGINNING_OF_TIME = dt.datetime.min.replace(tzinfo=dt.UTC)
_END_OF_TIME = dt.datetime.max.replace(tzinfo=dt.UTC)


def _process_time() -> dt.datetime:
    # Through the module, so that freezegun's class is found; not time.time(), which freezegun leaves real when a frame
    # of threading is near.
    return dt.datetime.now(dt.UTC)


class Clock:
    """The time of one mock and the source of its identifiers."""

    def __init__(self, seed: Seed) -> None:
        self._seed = repr(seed).encode()
        self._offset = dt.timedelta()
        self._freezer: Any = None
        self._frozen: Any = None
        self._times: Counter[str] = Counter()
        self._lock = threading.Lock()

    def now(self) -> dt.datetime:
        """The time here, aware and in UTC."""
        try:
            return _process_time() + self._offset
        except OverflowError:
            return _END_OF_TIME if self._offset > dt.timedelta() else _BEGINNING_OF_TIME

    def advance(self, delta: dt.timedelta) -> None:
        """Move the time by `delta`: only here, or the whole process's where it is frozen."""
        if self._frozen is None:
            self._offset += delta
        else:
            self._move_process(self.now() + delta)

    def move_to(self, value: Instant) -> None:
        """Move the time to an instant: only here, or the whole process's where it is frozen."""
        target = instant(value)
        if self._frozen is None:
            self._offset = target - _process_time()
        else:
            self._move_process(target)

    def _move_process(self, target: dt.datetime) -> None:
        self._frozen.move_to(target)
        # A test's own freezegun may lie over ours, and hide the move.
        self._offset = target - _process_time()

    def freeze(self, value: dt.datetime) -> None:
        """Stop the whole process's time at an instant."""
        import freezegun

        # An event loop whose time stands still never wakes its timers, and a test would last as long as the jump.
        self._freezer = freezegun.freeze_time(value, real_asyncio=True, ignore=["_pytest.timing"])
        self._frozen = self._freezer.start()

    def thaw(self) -> None:
        """Let the process's time run again, if it was stopped here.

        :raises RuntimeError: freezegun froze it once more since then, and can only be stopped last in, first out.
        """
        if self._freezer is not None:
            from freezegun import api

            if api.freeze_factories[-1] is not self._frozen:
                raise RuntimeError("time was frozen again inside mock_sts_saml(now=...); stop that freezegun first")
            self._freezer.stop()
            self._freezer = self._frozen = None

    def identifier(self, purpose: str, *content: str) -> bytes:
        """32 octets for the n-th thing of a purpose: the same in every run of a test, never the same twice in it."""
        with self._lock:
            self._times[purpose] += 1
            nth = self._times[purpose]
        message = "\0".join((purpose, str(nth), *content)).encode()
        return hmac.digest(self._seed, message, hashlib.sha256)

    def enter_forked_child(self) -> None:
        """A lock that no thread of the parent holds, and identifiers that the parent does not give."""
        self._lock = threading.Lock()
        self._seed += b"\0%d" % os.getpid()


#: What applies while no mock is active.
outside = Clock("pytest-stssaml")

#: The clock of the active backend, or `outside`.
active = outside


def _enter_forked_child() -> None:
    for clock in {active, outside}:
        clock.enter_forked_child()


# Where there is no fork there is nothing to register.
getattr(os, "register_at_fork", dict)(after_in_child=_enter_forked_child)
