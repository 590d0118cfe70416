"""What pytest is doing, and what its tests asked STS: written on one side, read where the other is not known."""

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .sts.attempt import Attempt

    _State = tuple[str | None, deque[Attempt], int, Callable[[], Sequence[str]]]

#: How many pytest runs of this process have the plugin; pytester nests them.
plugins = 0

#: The node id of the test that is running, or None.
test: str | None = None

#: The latest calls of the running test, and how many there were.
attempts: "deque[Attempt]" = deque(maxlen=10)
calls = 0

#: What tells of the errors that a test ordered and no call has met.
unmet_errors: "Callable[[], Sequence[str]]" = tuple


def remember(attempt: "Attempt") -> None:
    """Note a call."""
    global calls
    attempts.append(attempt)
    calls += 1


def report() -> str:
    """The latest calls, oldest first, of what was accepted only the answer; and the errors ordered in vain."""
    earlier = calls - len(attempts)
    lines = [f"the last {len(attempts)} of {calls} calls:"] if earlier else []
    lines += [attempt.headline() if attempt.accepted else attempt.explain() for attempt in list(attempts)]
    lines += [f"met by no call: {order}" for order in unmet_errors()]
    return "\n".join(lines)


def forget() -> None:
    """Begin with no calls."""
    global attempts, calls, unmet_errors
    attempts, calls, unmet_errors = deque(maxlen=attempts.maxlen), 0, tuple


def begin(node_id: str) -> "_State":
    """Begin a test, and give what was before it: a test may run pytest itself."""
    global test
    outer = test, attempts, calls, unmet_errors
    test = node_id
    forget()
    return outer


def go_on_with(outer: "_State") -> None:
    """Go on with what was before a test."""
    global test, attempts, calls, unmet_errors
    test, attempts, calls, unmet_errors = outer
