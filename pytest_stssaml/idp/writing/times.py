"""The times that a response says, as text."""

import datetime as dt
from types import EllipsisType
from typing import Any, NamedTuple

from ... import clock
from ..shapes.shape import Shape

#: A datetime (naive is UTC), a timedelta from the issue instant, or a text that is written as it is.
Time = dt.datetime | dt.timedelta | str


def time_text(name: str, value: Time | None, issued: dt.datetime, digits: int = 3) -> str | None:
    """An xs:dateTime in UTC, with so many `digits` of the second, 3 or 0, or more where there are any.

    :raises TypeError: `value`, the keyword `name`, is no time.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.timedelta):
        try:
            value = issued + value
        except OverflowError as error:
            raise ValueError(f"{name} lies outside the years 1 to 9999: {value!r} from {issued}") from error
    if not isinstance(value, dt.datetime):
        raise TypeError(f"{name} is a datetime, a timedelta from the issue instant, a text or None, not {value!r}")
    if value.tzinfo not in (None, dt.UTC):
        value = value.astimezone(dt.UTC)
    tick = value.microsecond
    precision = "microseconds" if tick % 1000 else "milliseconds" if tick or digits else "seconds"
    return value.isoformat(timespec=precision).removesuffix("+00:00") + "Z"


class Times(NamedTuple):
    """The times of a response count from its issue instant."""

    issued: dt.datetime
    digits: int

    def text(self, keyword: str, value: Any, default: float | None) -> str | None:
        """What a keyword says, or so many seconds from the issue instant where it is left out."""
        if value is ... and default is not None:
            value = dt.timedelta(seconds=default)
        return None if value is ... else time_text(keyword, value, self.issued, self.digits)

    def ends(self, not_on_or_after: Any, form: Shape) -> str | EllipsisType | None:
        """What both ends of a window say, the author's or the shape's; `...` where the shape's differ."""
        if not_on_or_after is ... and form.subject_not_on_or_after != form.conditions_not_on_or_after:
            return ...
        return self.text("not_on_or_after", not_on_or_after, form.subject_not_on_or_after)

    def shifted(self, seconds: float) -> str | None:
        """The issue instant by another clock."""
        return self.text("issue_instant", ..., seconds)

    def authn(self, form: Shape) -> str | None:
        """When the person signed in."""
        lag = dt.timedelta(seconds=form.authn_lag)
        if form.authn_in_whole_seconds:
            lag -= dt.timedelta(microseconds=(self.issued.microsecond + lag.microseconds) % 1_000_000)
        return self.text("issue_instant", lag, None)


def issued_at(issue_instant: Any, now: dt.datetime) -> dt.datetime:
    """What the other times count from: the issue instant where it is a time, else now."""
    if isinstance(issue_instant, dt.timedelta):
        return now + issue_instant
    return clock.instant(issue_instant) if isinstance(issue_instant, dt.datetime) else now


def whole(time: dt.datetime, digits: int) -> dt.datetime:
    """A time cut to so many digits of the second."""
    tick = 10 ** (6 - digits)
    return time.replace(microsecond=time.microsecond // tick * tick)
