import ast
import gc
import importlib.util
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from forks import forking, in_a_child

import pytest_stssaml
from pytest_stssaml import locks
from pytest_stssaml.locks import Lock

PACKAGE = Path(pytest_stssaml.__file__).parent


@contextmanager
def held_by_another_thread(lock: Lock) -> Iterator[None]:
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            is_held.set()
            may_end.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert is_held.wait(10)
        yield
    finally:
        may_end.set()
        thread.join()


def acquires(lock: Lock) -> bool:
    with lock:
        return True


def acquires_in_another_thread(lock: Lock) -> threading.Event:
    """Return an event that is set when a thread which has just started holds the lock."""
    acquired = threading.Event()

    def acquire() -> None:
        with lock:
            acquired.set()

    threading.Thread(target=acquire, daemon=True).start()
    return acquired


def test_another_thread_waits_until_the_lock_is_released() -> None:
    lock = Lock()
    with lock:
        acquired = acquires_in_another_thread(lock)
        assert not acquired.wait(0.05)
    assert acquired.wait(10)


def test_the_thread_that_holds_the_lock_may_acquire_it_again() -> None:
    lock = Lock()
    with lock:
        assert acquires(lock)
        # It is still held after the inner block.
        acquired = acquires_in_another_thread(lock)
        assert not acquired.wait(0.05)
    assert acquired.wait(10)


def test_an_exception_releases_the_lock() -> None:
    lock = Lock()
    with pytest.raises(KeyError), lock:
        raise KeyError
    assert acquires_in_another_thread(lock).wait(10)


@forking
def test_a_lock_that_another_thread_of_the_parent_holds_is_free_in_a_forked_child() -> None:
    lock = Lock()
    with held_by_another_thread(lock):
        assert in_a_child(lambda: acquires(lock))


@forking
def test_a_lock_is_reentrant_and_excludes_other_threads_in_a_forked_child_too() -> None:
    lock = Lock()

    def use() -> tuple[bool, bool, bool]:
        with lock:
            again = acquires(lock)
            acquired = acquires_in_another_thread(lock)
            too_early = acquired.wait(0.05)
        return again, too_early, acquired.wait(5)

    with held_by_another_thread(lock):
        assert in_a_child(use) == (True, False, True)


@forking
def test_a_fork_does_not_free_the_lock_of_the_parent() -> None:
    lock = Lock()
    with held_by_another_thread(lock):
        in_a_child(lambda: None)
        acquired = acquires_in_another_thread(lock)
        assert not acquired.wait(0.05)
    assert acquired.wait(10)


def test_every_lock_is_renewed_after_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    # A forked child runs the same, but what it covers is not measured.
    after_fork: list[Callable[[], None]] = []

    def register_at_fork(*, after_in_child: Callable[[], None]) -> None:
        after_fork.append(after_in_child)

    monkeypatch.setattr(os, "register_at_fork", register_at_fork, raising=False)
    spec = importlib.util.spec_from_file_location("a_copy_of_locks", locks.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    held = [module.Lock(), module.Lock()]
    for lock in held:
        lock.__enter__()
    [renew_all] = after_fork
    renew_all()
    assert all(acquires_in_another_thread(lock).wait(10) for lock in held)


def test_nothing_keeps_a_lock_that_is_not_used_any_more() -> None:
    lock = Lock()
    reference = weakref.ref(lock)
    del lock
    gc.collect()
    assert reference() is None


LOCKS = {"Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier", "allocate_lock"}


def locks_in(source: str) -> list[str]:
    """Return the names of a source file by which it uses a lock of the standard library."""
    names = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="threading" | "_thread" | "multiprocessing"), attr=name):
                names.append(name)
            case ast.ImportFrom(module="threading" | "_thread" | "multiprocessing", names=aliases):
                names += [alias.name for alias in aliases]
    return [name for name in names if name in LOCKS]


def test_only_the_module_of_locks_uses_a_lock_of_the_standard_library() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if locks_in(path.read_text(encoding="utf-8"))
    }
    assert users == {"locks.py"}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import threading\nlock = threading.Lock()", ["Lock"]),
        ("from threading import RLock as Reentrant", ["RLock"]),
        ("import threading\nthreading.get_ident()", []),
        ("from ..locks import Lock", []),
    ],
)
def test_the_scan_finds_locks_of_the_standard_library(source: str, names: list[str]) -> None:
    assert locks_in(source) == names
