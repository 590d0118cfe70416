"""The times in a response, as strings."""

import datetime as dt
from typing import Any, NamedTuple, TypeAlias

from ... import clock
from ...sentinel import NOT_GIVEN, NotGiven
from ..shapes.shape import Shape

#: A datetime (a naive one is read as UTC), a timedelta from the issue instant, or a string that is written as it is.
Time: TypeAlias = dt.datetime | dt.timedelta | str


def time_string(keyword: str, value: Time | None, issued: dt.datetime, digits: int = 3) -> str | None:
    """Return an xs:dateTime in UTC.

    :param keyword: the keyword of the value, for errors.
    :param issued: the issue instant.
    :param digits: the least number of digits after the second: 3 or 0.
    :raises TypeError: if the value is not a time.
    :raises ValueError: if it is outside the years 1 to 9999.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.timedelta):
        try:
            value = issued + value
        except OverflowError as error:
            raise ValueError(f"{keyword} is outside the years 1 to 9999: {value!r} from {issued}") from error
    if not isinstance(value, dt.datetime):
        raise TypeError(
            f"{keyword} must be a datetime, a timedelta from the issue instant, a string or None, not {value!r}"
        )
    if value.tzinfo not in (None, dt.UTC):
        value = value.astimezone(dt.UTC)
    tick = value.microsecond
    precision = "microseconds" if tick % 1000 else "milliseconds" if tick or digits else "seconds"
    return value.isoformat(timespec=precision).removesuffix("+00:00") + "Z"


class Times(NamedTuple):
    """The times of a response, which count from its issue instant."""

    #: The issue instant.
    issued: dt.datetime
    #: The least number of digits that are written after the second.
    digits: int

    def string(self, keyword: str, value: Time | NotGiven | None, default: float | None) -> str | None:
        """Return the value of a keyword. If it was not given, it is `default` seconds after the issue instant."""
        if value is NOT_GIVEN and default is not None:
            value = dt.timedelta(seconds=default)
        return None if value is NOT_GIVEN else time_string(keyword, value, self.issued, self.digits)

    def ends(self, not_on_or_after: Time | NotGiven | None, shape: Shape) -> str | NotGiven | None:
        """Return the value of both NotOnOrAfter attributes, or NOT_GIVEN if they differ in the shape."""
        if not_on_or_after is NOT_GIVEN and shape.subject_not_on_or_after != shape.conditions_not_on_or_after:
            return NOT_GIVEN
        return self.string("not_on_or_after", not_on_or_after, shape.subject_not_on_or_after)

    def shifted(self, seconds: float) -> str | None:
        """Return a time so many seconds after the issue instant."""
        return self.string("issue_instant", NOT_GIVEN, seconds)

    def authn(self, shape: Shape) -> str | None:
        """Return the AuthnInstant, which is when the user signed in."""
        lag = dt.timedelta(seconds=shape.authn_lag)
        if shape.authn_in_whole_seconds:
            lag -= dt.timedelta(microseconds=(self.issued.microsecond + lag.microseconds) % 1_000_000)
        return self.string("issue_instant", lag, None)


def instant_issued(issue_instant: Any, now: dt.datetime) -> dt.datetime:
    """Return the time from which all others count: the issue instant if it is a time, or else now."""
    if isinstance(issue_instant, dt.timedelta):
        return now + issue_instant
    return clock.instant(issue_instant) if isinstance(issue_instant, dt.datetime) else now


def cut(time: dt.datetime, digits: int) -> dt.datetime:
    """Return a time cut off after so many digits of the second."""
    tick = 10 ** (6 - digits)
    return time.replace(microsecond=time.microsecond // tick * tick)
