"""The test that is running and what it asked of STS.

The pytest plugin (or a decorated `TestCase`) sets it. The backend adds what happens, and `failure_report` makes the
report of a failing test from it.
"""

import datetime as dt
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from .sts.attempts.call import Call

    class _OrderedError(Protocol):
        is_met: bool

    _Outer = tuple[str | None, Mapping[str, Any], "Notes"]


class PassedCall(NamedTuple):
    """A call of STS by a client of this process, which no mock has answered so far."""

    operation: str
    #: The URL of the endpoint.
    url: str
    #: Whether a mock was active.
    in_mock: bool


class Notes:
    """What one test has done so far."""

    def __init__(self) -> None:
        #: The latest calls, each with its number.
        self.latest: deque[tuple[int, Call]] = deque(maxlen=10)
        #: The latest refused calls, each with its number.
        self.refused: deque[tuple[int, Call]] = deque(maxlen=10)
        #: How many calls there were.
        self.calls = 0
        #: How many of them were refused.
        self.refusals = 0
        #: The errors that the test ordered.
        self.ordered_errors: list[_OrderedError] = []
        #: The error of a call outside of any mock, if the guard is on.
        self.unmocked: Exception | None = None
        #: The latest call that passed the mock, or was made outside of any.
        self.passed: PassedCall | None = None
        #: How many mocks began during the test, and how many ended.
        self.mocks_begun = self.mocks_ended = 0
        #: How far the clock of STS was moved from that of the process.
        self.ahead = dt.timedelta()
        #: The naive datetimes that the test gave, and for what.
        self.naive_times: deque[str] = deque(maxlen=10)
        #: Whether the test has failed, was skipped, or failed as expected.
        self.failed = False
        #: What to tell of ordered errors that no call has met, for each mock that ended without saying so itself.
        self.unmet_errors: list[str] = []


#: How many pytest runs in this process have loaded the plugin. There are several if a test uses pytester.
plugins = 0

#: The node id of the test that is running, or None.
node_id: str | None = None

#: The options of its marker. They are for the fixtures, so a mock that the test begins itself must repeat them.
marker_options: "Mapping[str, Any]" = {}

#: What the test has done so far.
notes = Notes()


def note_call(call: "Call") -> None:
    """Note that the test called STS."""
    notes.calls += 1
    notes.latest.append((notes.calls, call))
    if not call.accepted:
        notes.refusals += 1
        notes.refused.append((notes.calls, call))


def note_ordered_error(error: "_OrderedError") -> None:
    """Note that the test ordered an error."""
    notes.ordered_errors.append(error)


def note_unmet_errors(message: str) -> None:
    """Note what to tell of ordered errors that no call has met, if there are any."""
    if message:
        notes.unmet_errors.append(message)


def note_time(written: str, value: object) -> None:
    """Note a time that the test gave, if it is a naive datetime: it is read as UTC, and may be meant as local time.

    :param written: what the test gave it for, with {} for the value.
    """
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        notes.naive_times.append(written.format(value))


def clear_notes() -> None:
    """Forget what the test did, for example before it is run again."""
    global notes
    notes = Notes()


def begin(test: str, options: "Mapping[str, Any] | None" = None) -> "_Outer":
    """Begin a test, and return the state before it for `resume`: a test may run pytest itself."""
    global node_id, marker_options
    outer = node_id, marker_options, notes
    node_id, marker_options = test, options or {}
    clear_notes()
    return outer


def resume(outer: "_Outer") -> None:
    """Restore the state before a test."""
    global node_id, marker_options, notes
    node_id, marker_options, notes = outer


@contextmanager
def named(test: str) -> "Iterator[None]":
    """Name the running test where pytest does not, as in a run of unittest."""
    if node_id is not None:
        yield
        return
    outer = begin(test)
    try:
        yield
    finally:
        resume(outer)
