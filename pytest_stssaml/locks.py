"""Locks that a forked child finds free, even if a thread of its parent held them at the time of the fork."""

import os
import threading
from collections.abc import Callable
from weakref import WeakSet


class Lock:
    """A reentrant lock for a `with` statement.

    It is reentrant because the garbage collector may run a finaliser in the middle of a locked block, in the same
    thread, and that finaliser may use the mock too.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def renew(self) -> None:
        """Unlock the lock, whichever thread held it. Only a forked child may do that."""
        self._lock = threading.RLock()


class Turn:
    """Lets one thread at a time do something, and postpones what the garbage collector begins in the meantime.

    A finaliser that runs in the same thread cannot wait for the turn that it is part of.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._owner: tuple[int, int] | None = None
        self._postponed: list[Callable[[], object]] = []

    def __enter__(self) -> None:
        self._lock.__enter__()
        self._owner = _this_thread()

    def __exit__(self, *_: object) -> None:
        try:
            self._do_postponed()
        finally:
            self._owner = None
            self._lock.__exit__()

    def postpones(self, action: Callable[[], object]) -> bool:
        """Return whether this thread has the turn already; if so, the action is done at its end."""
        has_turn = self._owner == _this_thread()
        if has_turn:
            self._postponed.append(action)
        return has_turn

    def _do_postponed(self) -> None:
        if self._postponed:
            try:
                self._postponed.pop()()
            finally:  # one that fails does not keep the others from being done
                self._do_postponed()


def _this_thread() -> tuple[int, int]:
    # With the process, since a forked child inherits a turn that a thread of its parent has.
    return os.getpid(), threading.get_ident()


_locks: WeakSet[Lock] = WeakSet()


def _renew_all() -> None:
    for lock in _locks:
        lock.renew()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_renew_all)
