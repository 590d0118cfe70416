"""The mock that is active in this process, if any. Only `mock.py` sets and removes it."""

from typing import TYPE_CHECKING, NamedTuple

from . import clock as clocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backend import STSBackend
    from .wire import Respond


class ActiveMock(NamedTuple):
    """What is in force while a mock is active."""

    #: What the test holds.
    backend: "STSBackend"
    #: The time, and the source of identifiers.
    clock: clocks.Clock
    #: Answers what botocore's clients ask.
    respond: "Respond"
    #: Raises ValueError for a role or a provider that an earlier mock has made.
    check_own: "Callable[[object], None]"


#: The active mock, or None.
current: ActiveMock | None = None


def clock() -> clocks.Clock:
    """Return the clock of the active mock, or the one that is in force while no mock is active."""
    return clocks.OUTSIDE if current is None else current.clock
