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
    """Begin another test."""
    global calls
    attempts.clear()
    calls = 0
