"""What pytest is doing, and what its tests asked STS: written on one side, read where the other is not known."""

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sts.attempt import Attempt

#: How many pytest runs of this process have the plugin; pytester nests them.
plugins = 0

#: The node id of the test that is running, or None.
test: str | None = None

#: The latest calls of the running test, and how many there were.
attempts: "deque[Attempt]" = deque(maxlen=10)
calls = 0


def remember(attempt: "Attempt") -> None:
    """Note a call."""
    global calls
    attempts.append(attempt)
    calls += 1


def report() -> str:
    """The latest calls, oldest first; of what was accepted only the answer."""
    earlier = calls - len(attempts)
    lines = [f"the last {len(attempts)} of {calls} calls:"] if earlier else []
    lines += [attempt.headline() if attempt.accepted else attempt.explain() for attempt in list(attempts)]
    return "\n".join(lines)


def forget() -> None:
    """Begin with no calls."""
    global attempts, calls
    attempts, calls = deque(maxlen=attempts.maxlen), 0


def begin(node_id: str) -> "tuple[str | None, deque[Attempt], int]":
    """Begin a test, and give what was before it: a test may run pytest itself."""
    global test
    outer = test, attempts, calls
    test = node_id
    forget()
    return outer


def go_on_with(outer: "tuple[str | None, deque[Attempt], int]") -> None:
    """Go on with what was before a test."""
    global test, attempts, calls
    test, attempts, calls = outer
