"""What pytest is doing, and what its tests asked STS: written on one side, read where the other is not known."""

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from .sts.attempts import Attempt

    class _Order(Protocol):
        is_met: bool

    _Outer = tuple[str | None, Mapping[str, Any], "_Notes"]


class _Notes:
    """What one test did.

    `latest` are its latest calls and `refused` the latest of those that were refused, each with its number; `orders`
    are the errors that it ordered, and `unmocked` is its call outside of any mock, where the guard is on.
    """

    def __init__(self) -> None:
        self.latest: deque[tuple[int, Attempt]] = deque(maxlen=10)
        self.refused: deque[tuple[int, Attempt]] = deque(maxlen=10)
        self.calls = self.refusals = 0
        self.orders: list[_Order] = []
        self.unmocked: Exception | None = None


#: How many pytest runs of this process have the plugin; pytester nests them.
plugins = 0

#: The node id of the test that is running, or None.
test: str | None = None

#: The options that it is marked with: they are for the fixtures, and no other mock that it begins may overlook them.
marked: "Mapping[str, Any]" = {}

#: What it has done so far.
notes = _Notes()


def remember(attempt: "Attempt") -> None:
    """Note a call."""
    notes.calls += 1
    notes.latest.append((notes.calls, attempt))
    if not attempt.accepted:
        notes.refusals += 1
        notes.refused.append((notes.calls, attempt))


def ordered(order: "_Order") -> None:
    """Note an error that the test orders."""
    notes.orders.append(order)


def report() -> str:
    """The latest calls and refusals, oldest first; and errors that were ordered in vain.

    What was accepted is told in a line, and of what was refused only the last says which rules it passed.
    """
    latest = notes.latest
    shown = dict(sorted({**dict(notes.refused), **dict(latest)}.items()))
    lines = []
    if notes.calls > len(latest):
        lines.append(f"the last {len(latest)} of {notes.calls} calls{_earlier(len(shown) - len(latest))}:")
    last = notes.refused[-1][0] if notes.refused else 0
    for number, attempt in shown.items():
        lines.append(attempt.headline() if attempt.accepted else attempt.explain(passed=number == last))
    lines += [f"met by no call: {order}" for order in notes.orders if not order.is_met]
    return "\n".join(lines)


def _earlier(shown: int) -> str:
    """How many of the refusals before the latest calls are shown."""
    if not shown:
        return ""
    before = notes.refusals - sum(not attempt.accepted for _, attempt in notes.latest)
    return f", and the {shown if shown == before else f'last {shown} of {before}'} refused before"


def forget() -> None:
    """Begin with nothing."""
    global notes
    notes = _Notes()


def begin(node_id: str, options: "Mapping[str, Any] | None" = None) -> "_Outer":
    """Begin a test, and give what was before it: a test may run pytest itself."""
    global test, marked
    outer = test, marked, notes
    test, marked = node_id, options or {}
    forget()
    return outer


def go_on_with(outer: "_Outer") -> None:
    """Go on with what was before a test."""
    global test, marked, notes
    test, marked, notes = outer


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
