"""What pytest is doing, and what its tests asked STS: written on one side, read where the other is not known."""

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sts.attempt import Attempt

    class _Order(Protocol):
        is_met: bool

    _Calls = deque[tuple[int, Attempt]]
    _State = tuple[str | None, _Calls, _Calls, int, int, list[_Order], Exception | None]

#: How many pytest runs of this process have the plugin; pytester nests them.
plugins = 0

#: The node id of the test that is running, or None.
test: str | None = None

#: The latest calls of the running test and the latest of those that were refused, each with its number, and how many
#: there were of both.
latest: "_Calls" = deque(maxlen=10)
refused: "_Calls" = deque(maxlen=10)
calls = refusals = 0

#: The errors that it ordered.
orders: "list[_Order]" = []

#: Its call outside of any mock, where the guard is on.
unmocked: Exception | None = None


def remember(attempt: "Attempt") -> None:
    """Note a call."""
    global calls, refusals
    calls += 1
    latest.append((calls, attempt))
    if not attempt.accepted:
        refusals += 1
        refused.append((calls, attempt))


def ordered(order: "_Order") -> None:
    """Note an error that the test orders."""
    orders.append(order)


def report() -> str:
    """The latest calls and refusals, oldest first, of what was accepted only the answer; and errors ordered in vain."""
    shown = dict(sorted({**dict(refused), **dict(latest)}.items()))
    lines = [f"the last {len(latest)} of {calls} calls{_earlier(len(shown) - len(latest))}:"] if calls > 10 else []
    lines += [attempt.headline() if attempt.accepted else attempt.explain() for attempt in shown.values()]
    lines += [f"met by no call: {order}" for order in orders if not order.is_met]
    return "\n".join(lines)


def _earlier(shown: int) -> str:
    """How many of the refusals before the latest calls are shown."""
    before = refusals - sum(not attempt.accepted for _, attempt in latest)
    if not shown:
        return ""
    return (
        f", and the {shown} refused before" if shown == before else f", and the last {shown} of {before} refused before"
    )


def forget() -> None:
    """Begin with nothing."""
    go_on_with((test, deque(maxlen=latest.maxlen), deque(maxlen=refused.maxlen), 0, 0, [], None))


def begin(node_id: str) -> "_State":
    """Begin a test, and give what was before it: a test may run pytest itself."""
    global test
    outer = test, latest, refused, calls, refusals, orders, unmocked
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
    global test, latest, refused, calls, refusals, orders, unmocked
    test, latest, refused, calls, refusals, orders, unmocked = outer
