"""What pytest is doing, and what its tests asked STS: written on one side, read where the other is not known."""

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .sts.attempt import Attempt

    _Calls = deque[tuple[int, Attempt]]
    _State = tuple[str | None, _Calls, _Calls, int, Callable[[], Sequence[str]]]

#: How many pytest runs of this process have the plugin; pytester nests them.
plugins = 0

#: The node id of the test that is running, or None.
test: str | None = None

#: The latest calls of the running test and the latest of those that were refused, each with its number, and how many
#: calls there were.
latest: "_Calls" = deque(maxlen=10)
refused: "_Calls" = deque(maxlen=10)
calls = 0

#: What tells of the errors that a test ordered and no call has met.
unmet_errors: "Callable[[], Sequence[str]]" = tuple


def remember(attempt: "Attempt") -> None:
    """Note a call."""
    global calls
    calls += 1
    latest.append((calls, attempt))
    if not attempt.accepted:
        refused.append((calls, attempt))


def report() -> str:
    """The latest calls and refusals, oldest first, of what was accepted only the answer; and errors ordered in vain."""
    shown = dict(sorted({**dict(refused), **dict(latest)}.items()))
    earlier = f", and the {len(shown) - len(latest)} refused before" if len(shown) > len(latest) else ""
    lines = [f"the last {len(latest)} of {calls} calls{earlier}:"] if calls > len(shown) or earlier else []
    lines += [attempt.headline() if attempt.accepted else attempt.explain() for attempt in shown.values()]
    lines += [f"met by no call: {order}" for order in unmet_errors()]
    return "\n".join(lines)


def forget() -> None:
    """Begin with no calls."""
    global latest, refused, calls, unmet_errors
    latest, refused, calls, unmet_errors = deque(maxlen=latest.maxlen), deque(maxlen=refused.maxlen), 0, tuple


def begin(node_id: str) -> "_State":
    """Begin a test, and give what was before it: a test may run pytest itself."""
    global test
    outer = test, latest, refused, calls, unmet_errors
    test = node_id
    forget()
    return outer


@contextmanager
def named(test_id: str) -> "Iterator[None]":
    """Know which test is running where pytest does not say it."""
    if test is not None:
        yield
        return
    outer = begin(test_id)
    try:
        yield
    finally:
        go_on_with(outer)


def go_on_with(outer: "_State") -> None:
    """Go on with what was before a test."""
    global test, latest, refused, calls, unmet_errors
    test, latest, refused, calls, unmet_errors = outer
