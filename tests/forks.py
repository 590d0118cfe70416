"""Forked children of a test."""

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

import pytest


def forking(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that forks, which is skipped if the system cannot."""
    # Python 3.12 warns if a process with several threads forks, and that is what is tested.
    quiet = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    return pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")(quiet(test))


def in_a_child(call: Callable[[], Any]) -> Any:
    """Return what a call returns in a forked child. A child that hangs or raises fails the test."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    child = fork.Process(target=lambda: there.send(call()))
    child.start()
    there.close()
    try:
        assert here.poll(10), "the child hangs"
        return here.recv()
    finally:
        here.close()
        child.kill()
        child.join()
        child.close()
