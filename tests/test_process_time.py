"""The options `now`, `tick` and `clock`: the time of the whole process, by freezegun and by time-machine."""

import asyncio
import builtins
import datetime as dt
import os
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from freezegun import freeze_time
from inner_runs import InnerModule, Result

from pytest_stssaml import IdentityProvider, active_mock, mock_sts_saml
from pytest_stssaml.process_time import Library

NOW = dt.datetime(2030, 1, 1, 12, 0, 0, 123456, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)

libraries = pytest.mark.parametrize("library", ["freezegun", "time-machine"])


def process_time() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def times() -> tuple[dt.datetime, dt.datetime]:
    """Return the time of the process and that of the mock."""
    return process_time(), active_mock.clock().now()


def runs_on() -> bool:
    """Return whether the time of the process passes, which may take a moment."""
    first, end = process_time(), time.perf_counter() + 10
    while process_time() == first and time.perf_counter() < end:
        pass
    return process_time() > first


@libraries
class TestClock:
    """Both libraries do the same."""

    def test_the_time_stands_still(self, library: Library) -> None:
        with mock_sts_saml(now=NOW, clock=library):
            assert times() == (NOW, NOW)
            assert time.time() == pytest.approx(NOW.timestamp(), abs=1e-6)

    def test_advance_moves_both_times(self, library: Library) -> None:
        with mock_sts_saml(now=NOW, clock=library) as sts:
            sts.advance(minutes=1)
            assert times() == (NOW + MINUTE, NOW + MINUTE)

    def test_move_to_moves_both_times(self, library: Library) -> None:
        with mock_sts_saml(now=NOW, clock=library) as sts:
            sts.move_to(NOW - MINUTE)
            assert times() == (NOW - MINUTE, NOW - MINUTE)

    @pytest.mark.parametrize("year", [1971, 2050])
    def test_every_microsecond_counts(self, library: Library, year: int) -> None:
        with mock_sts_saml(now=NOW.replace(year=year), clock=library):
            assert times() == (NOW.replace(year=year),) * 2

    def test_the_process_has_its_own_time_afterwards(self, library: Library) -> None:
        with mock_sts_saml(now=NOW, clock=library):
            pass
        assert process_time() != NOW
        assert runs_on()

    def test_an_event_loop_still_wakes(self, library: Library) -> None:
        with mock_sts_saml(now=NOW, clock=library):
            asyncio.run(asyncio.wait_for(asyncio.sleep(0.001), 10))
            assert process_time() == NOW

    def test_an_event_loop_does_not_jump(self, library: Library) -> None:
        loop = asyncio.new_event_loop()
        try:
            with mock_sts_saml(now=NOW, clock=library) as sts:
                before = loop.time()
                sts.advance(days=1)
                assert before <= loop.time() < before + 3600
        finally:
            loop.close()

    def test_the_time_zone_of_the_process_stays(self, library: Library) -> None:
        zone = os.environ.get("TZ")
        with mock_sts_saml(now=NOW, clock=library) as sts:
            sts.advance(minutes=1)
            assert os.environ.get("TZ") == zone

    def test_a_client_may_have_the_time_of_the_machine(self, library: Library) -> None:
        began = time.time()
        with mock_sts_saml(now=NOW, clock=library):
            *_, machine = active_mock.clock().times_of_clients()
        assert began - 1 <= machine.timestamp() <= time.time() + 1

    def test_a_login_ends_by_it(self, library: Library, log_in: Callable[..., Any], saml_signing_key: Any) -> None:
        idp = IdentityProvider(signing_key=saml_signing_key)
        with mock_sts_saml(now=NOW, clock=library) as sts:
            provider = sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer")
            credentials = log_in(idp.response(role), role, provider)["Credentials"]
        assert credentials["Expiration"] == NOW.replace(microsecond=0) + dt.timedelta(hours=1)

    def test_with_tick_the_time_runs_on(self, library: Library) -> None:
        with mock_sts_saml(now=NOW, tick=True, clock=library):
            assert runs_on()
            assert NOW < process_time() < NOW + MINUTE

    def test_with_tick_both_times_move_together(self, library: Library) -> None:
        with mock_sts_saml(now=NOW, tick=True, clock=library) as sts:
            sts.advance(minutes=1)
            sts.move_to(NOW + 2 * MINUTE)
            sts.advance(minutes=1)
            before, inside, after = process_time(), active_mock.clock().now(), process_time()
            assert NOW + 3 * MINUTE <= before <= inside <= after < NOW + 4 * MINUTE
            assert active_mock.clock().offset == dt.timedelta()

    def test_a_later_use_of_the_library_has_to_stop_first(self, library: Library) -> None:
        mock = mock_sts_saml(now=NOW, clock=library)
        mock.start()
        later = LATER[library](NOW + MINUTE)
        later.start()
        with pytest.raises(RuntimeError, match=f"; stop that {library} first$"):
            mock.stop()
        later.stop()
        mock.stop()
        assert process_time() != NOW

    def test_a_later_use_of_the_library_is_undone_by_the_end_of_a_block(self, library: Library) -> None:
        with pytest.raises(RuntimeError, match=f"; stop that {library} first$"), mock_sts_saml(now=NOW, clock=library):
            LATER[library](NOW + MINUTE).start()
        assert abs(process_time() - NOW) > dt.timedelta(days=1)

    def test_a_later_use_of_the_library_does_not_see_a_move(self, library: Library) -> None:
        with mock_sts_saml(now=NOW, clock=library) as sts, LATER[library](NOW + MINUTE):
            sts.move_to(NOW + 10 * MINUTE)
            assert times() == (NOW + MINUTE, NOW + 10 * MINUTE)

    def test_who_joins_need_not_repeat_it(self, library: Library) -> None:
        with mock_sts_saml(now=NOW, tick=True, clock=library), mock_sts_saml(now=NOW), mock_sts_saml():
            assert runs_on()


LATER: dict[str, Callable[..., Any]] = {
    "freezegun": freeze_time,
    "time-machine": lambda to: time_machine.travel(to, tick=False),
}


def test_freezegun_is_the_default() -> None:
    with mock_sts_saml(now=NOW):
        assert dt.datetime.__name__ == "FakeDatetime"


def test_time_machine_leaves_the_classes_of_datetime_alone() -> None:
    datetime = dt.datetime
    with mock_sts_saml(now=NOW, clock="time-machine"):
        assert dt.datetime is datetime


def test_a_travel_that_somebody_else_has_stopped_is_not_stopped_again() -> None:
    outer = time_machine.travel("2040-01-01T00:00:00Z", tick=False)
    outer.start()
    try:
        with mock_sts_saml(now=NOW, clock="time-machine"):
            outer.stop()  # which stops the latest travel
        assert process_time().year == 2040
    finally:
        outer.stop()


@pytest.mark.parametrize("instant", ["9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z"])
def test_time_machine_reaches_the_ends_of_time(instant: str) -> None:
    with mock_sts_saml(now=instant, clock="time-machine"):
        assert times() == (dt.datetime.fromisoformat(instant),) * 2


def test_time_machine_that_is_not_installed_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    # Only for our module: the functions that time-machine has replaced import it again and again.
    def without_time_machine(name: str, names: Any = None, *rest: Any) -> Any:
        if name == "time_machine" and names and names["__name__"] == "pytest_stssaml.process_time":
            raise ModuleNotFoundError(name)
        return imported(name, names, *rest)

    monkeypatch.setattr(builtins, "__import__", without_time_machine)
    mock = mock_sts_saml(now=NOW, clock="time-machine")
    message = (
        "clock='time-machine' needs time-machine, which is not installed; write `pip install time-machine`, or leave "
        "clock out to use freezegun"
    )
    with pytest.raises(ModuleNotFoundError, match=f"^{re.escape(message)}$"):
        mock.start()
    assert active_mock.current is None


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"now": NOW, "tick": 1}, TypeError, "tick must be True or False, not 1"),
        ({"tick": True}, ValueError, "tick is about the time of now=...; write now=... too, or leave tick out"),
        (
            {"clock": "time-machine"},
            ValueError,
            "clock is about the time of now=...; write now=... too, or leave clock out",
        ),
        (
            {"now": NOW, "clock": "time_machine"},
            ValueError,
            "clock must be one of freezegun, time-machine, not 'time_machine'; did you mean time-machine?",
        ),
        (
            {"now": NOW, "clock": ["sundial"]},
            ValueError,
            "clock must be one of freezegun, time-machine, not ['sundial']; leave it out to use freezegun",
        ),
    ],
)
def test_a_mistake_is_an_error(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        mock_sts_saml(**options)


@pytest.mark.parametrize("options", [{"tick": True}, {"clock": "time-machine"}], ids=repr)
def test_who_joins_cannot_change_it(options: dict[str, Any]) -> None:
    [(name, wanted)] = options.items()
    with mock_sts_saml(now=NOW), pytest.raises(RuntimeError) as caught, mock_sts_saml(now=NOW, **options):
        pass
    assert str(caught.value) == (
        f"mock_sts_saml is active without {name} and cannot be entered with {name}={str(wanted)!r}: a process has one "
        "mock at a time; write it where the mock is first entered"
    )


@pytest.mark.inner(
    InnerModule("""
import datetime as dt

import pytest

@pytest.mark.stssaml(now="2030-01-01", tick=True, clock="time-machine")
def test_it(sts_saml):
    first = dt.datetime.now(dt.UTC)
    assert first.year == 2030
    while dt.datetime.now(dt.UTC) == first: pass
    assert dt.datetime.__name__ == "datetime"
""")
)
def test_the_marker_takes_them(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}
