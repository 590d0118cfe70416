"""Locks that a forked child finds free, even if a thread of its parent held them at the time of the fork."""

import os
import threading
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


_locks: WeakSet[Lock] = WeakSet()


def _renew_all() -> None:
    for lock in _locks:
        lock.renew()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_renew_all)
