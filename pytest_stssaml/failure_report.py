"""The report of a failing test: what it asked of STS, and what explains the failure although no call shows it.

Only the plugin imports it, when a test has failed.
"""

import datetime as dt
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from .current_test import Notes
from .uncovered_call import uncovered_call


def report(
    notes: Notes, error: BaseException | None, printed: Iterable[str], unused: Mapping[str, object] | None = None
) -> str:
    """Return the report of a failing test: its calls, and hints. It is empty if there is nothing to say.

    :param error: what the test ended with.
    :param printed: what the test has printed.
    :param unused: the options of the marker of a test that uses no fixture to which they apply.
    """
    hints = [*_hints(notes, error, printed), *_unused_options(unused or {})]
    return "\n".join([*_calls(notes), *map(_wrapped, hints)])


def _unused_options(unused: Mapping[str, object]) -> Iterator[str]:
    if unused:
        options = ", ".join(f"{name}={value!r}" for name, value in unused.items())
        yield (
            f"@pytest.mark.stssaml({options}) had no effect, since it is for the fixtures sts_saml and saml_idp, and "
            "the test uses neither; add sts_saml to its arguments"
        )


def _calls(notes: Notes) -> list[str]:
    """Return the latest calls and refusals, oldest first, and unmet ordered errors.

    An accepted call takes one line. Only the last refusal lists the rules that it passed.
    """
    latest = notes.latest
    shown = dict(sorted({**dict(notes.refused), **dict(latest)}.items()))
    lines = []
    if notes.calls > len(latest):
        earlier = _earlier_refusals(notes, len(shown) - len(latest))
        lines.append(f"the last {len(latest)} of {notes.calls} calls{earlier}:")
    last = notes.refused[-1][0] if notes.refused else 0
    for number, call in shown.items():
        attempt = call.attempt()
        lines.append(attempt.headline() if attempt.accepted else attempt.explain(passed=number == last))
    return lines + [f"met by no call: {error}" for error in notes.ordered_errors if not error.is_met]


def _earlier_refusals(notes: Notes, shown: int) -> str:
    """Return how many of the refusals before the latest calls are shown."""
    if not shown:
        return ""
    before = notes.refusals - sum(not call.accepted for _, call in notes.latest)
    return f", and the {shown if shown == before else f'last {shown} of {before}'} refused before"


def _hints(notes: Notes, error: BaseException | None, printed: Iterable[str]) -> Iterator[str]:
    """Yield what explains the failure although no call shows it, as sentences without their full stop."""
    if uncovered := uncovered_call(error, printed, notes):
        yield uncovered
    if abs(notes.ahead) >= _SECOND:
        yield (
            f"STS was {_duration(abs(notes.ahead))} {'ahead of' if notes.ahead > dt.timedelta() else 'behind'} this "
            "process, since advance() and move_to() move only the clock of STS; if the tested code reads the time "
            "itself, give the option now= to @pytest.mark.stssaml or mock_sts_saml, with which both clocks move"
        )
    if any(call.attempt().failed in RULES_OF_TIME for _, call in notes.refused):
        for time in dict.fromkeys(notes.naive_times):
            yield f"{time} has no time zone and was read as UTC; if it means local time, write .astimezone() after it"


_SECOND = dt.timedelta(seconds=1)

#: The names of the rules that refuse a call because of a time.
RULES_OF_TIME = {
    "not_used_too_early",
    "redeemed_in_time",
    "not_expired",
    "session_has_not_expired",
    "signature_has_not_expired",
    "signature_is_current",
}


def _duration(time: dt.timedelta) -> str:
    """Return a time in its two largest units, such as "1 hour 30 minutes"."""
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = {"day": days, "hour": hours, "minute": minutes, "second": seconds}
    parts = [f"{number} {unit}{'' if number == 1 else 's'}" for unit, number in units.items() if number]
    return " ".join(parts[:2])


def _wrapped(hint: str) -> str:
    return textwrap.fill(hint, 108, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
