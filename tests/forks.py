"""What a test does in a forked child."""

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

import pytest


def forking(test: Callable[..., None]) -> Callable[..., None]:
    """A test that forks, where the system can."""
    # What Python 3.12 says when a process of several threads forks, which is what is tested.
    quiet = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    return pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")(quiet(test))


def in_a_child(call: Callable[[], Any]) -> Any:
    """What a call returns in a forked child; a child that hangs or raises fails the test."""
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
