"""freezegun and time-machine in the hands of the user: the time that they set is also that of the mock."""

import importlib.util
from pathlib import Path

import pytest
from inner_runs import Result
from neighbours.runs import beside

found = importlib.util.find_spec("time_machine")
time_machine = Path(found.origin).read_text(encoding="utf-8") if found is not None and found.origin else ""
needs_time_machine = pytest.mark.skipif(not time_machine, reason="time-machine is not installed")

HEADER = """
THEN = dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.UTC)

def sts_agrees():
    "The credentials of a login last for an hour from the time that the test sees."
    idp, provider, role = registered()
    expires = log_in(idp.response(role), role, provider)["Credentials"]["Expiration"]
    assert expires == THEN + dt.timedelta(hours=1)
    return True

def an_older_response_is_refused(travel):
    idp, provider, role = registered("Entra")
    response = idp.response(role)
    with travel(THEN + dt.timedelta(minutes=6)):
        with pytest.raises(ClientError, match="ExpiredTokenException"):
            log_in(response, role, provider)
    return True
"""

TESTS = """
@travel(THEN)
@mock_sts_saml
def test_travel_above():
    assert sts_agrees() and an_older_response_is_refused(travel)

@mock_sts_saml
@travel(THEN)
def test_travel_below():
    assert sts_agrees() and an_older_response_is_refused(travel)

@travel(THEN)
def test_travel_before_the_fixtures_are_used(sts_saml, saml_idp):
    assert sts_agrees() and an_older_response_is_refused(travel)

def test_travel_outside():
    with travel(THEN), mock_sts_saml():
        assert sts_agrees() and an_older_response_is_refused(travel)

def test_travel_inside():
    with mock_sts_saml(), travel(THEN):
        assert sts_agrees() and an_older_response_is_refused(travel)

def test_advance_is_added(sts_saml):
    with travel(THEN):
        idp, provider, role = registered()
        response = idp.response(role)
        sts_saml.advance(minutes=6)
        with pytest.raises(ClientError, match="ExpiredTokenException"):
            log_in(response, role, provider)
        assert dt.datetime.now(dt.UTC) == THEN

@pytest.fixture
def at_that_time():
    with travel(THEN):
        yield

def test_travel_as_first_fixture(at_that_time, sts_saml): assert sts_agrees()
def test_travel_as_last_fixture(sts_saml, at_that_time): assert sts_agrees()

@mock_sts_saml
@travel(THEN)
class ToldAboveTestCase(unittest.TestCase):
    def test_first(self): assert sts_agrees()
    def test_second(self): assert sts_agrees()

@travel(THEN)
@mock_sts_saml
class ToldBelowTestCase(unittest.TestCase):
    def test_first(self): assert sts_agrees()
    def test_second(self): assert sts_agrees()

def test_the_process_has_its_own_time_again():
    assert abs(time.time() - BEGAN) < 600
"""


@pytest.mark.inner(beside("from freezegun import freeze_time as travel\nBEGAN = time.time()\n" + HEADER + TESTS))
def test_freezegun(inner: Result) -> None:
    assert inner.outcomes == {"passed": 13}


@pytest.mark.inner(
    beside(
        HEADER
        + """
from freezegun import freeze_time

@mock_sts_saml
@freeze_time(THEN)
class TestAbove:
    def test_first(self): assert sts_agrees()
    def test_second(self): assert sts_agrees()

@freeze_time(THEN)
@mock_sts_saml
class TestBelow:
    def test_first(self): assert sts_agrees()
    def test_second(self): assert sts_agrees()
"""
    )
)
def test_freezegun_on_a_plain_class(inner: Result) -> None:
    assert inner.outcomes == {"passed": 4}


@pytest.mark.inner(
    beside(
        HEADER
        + """
from freezegun import freeze_time

def test_tick(sts_saml):
    with freeze_time(THEN, tick=True):
        idp, provider, role = registered()
        response = idp.response(role)
        assert log_in(response, role, provider)
    with freeze_time(THEN + dt.timedelta(minutes=6), tick=True):
        with pytest.raises(ClientError, match="ExpiredTokenException"):
            log_in(response, role, provider)

def test_auto_tick(sts_saml):
    with freeze_time(THEN, auto_tick_seconds=1):
        idp, provider, role = registered()
        assert log_in(idp.response(role), role, provider)

def test_a_zone(sts_saml):
    with freeze_time(THEN, tz_offset=-8):
        assert sts_is_ours()

def test_over_the_mocks_own_time():
    with mock_sts_saml(now="2040-01-01"), freeze_time(THEN):
        assert sts_agrees() and an_older_response_is_refused(freeze_time)

def test_under_the_mocks_own_time():
    with freeze_time("2040-01-01"), mock_sts_saml(now=THEN):
        assert sts_agrees() and an_older_response_is_refused(freeze_time)
"""
    )
)
def test_freezegun_that_ticks(inner: Result) -> None:
    assert inner.outcomes == {"passed": 5}


@needs_time_machine
@pytest.mark.inner(
    beside(
        "import functools, time_machine\nBEGAN = time.time()\n"
        "travel = functools.partial(time_machine.travel, tick=False)\n" + HEADER + TESTS
    )
)
def test_time_machine(inner: Result) -> None:
    assert inner.outcomes == {"passed": 13}


@needs_time_machine
@pytest.mark.skipif(
    "freezegun is active" not in time_machine,
    reason="this time-machine does not look for freezegun",
)
@pytest.mark.inner(
    beside(
        HEADER
        + """
import time_machine

def test_it():
    with mock_sts_saml(now=THEN):
        with pytest.raises(RuntimeError, match="time-machine cannot start when freezegun is active."):
            time_machine.travel("2040-01-01").start()
        assert sts_agrees()
    with time_machine.travel("2040-01-01"):
        pass
"""
    )
)
def test_time_machine_refuses_to_start_where_the_mock_has_frozen_time(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


@needs_time_machine
@pytest.mark.inner(
    beside(
        HEADER
        + """
def test_first(time_machine, sts_saml):
    time_machine.move_to(THEN, tick=False)
    assert sts_agrees()

def test_last(sts_saml, time_machine):
    time_machine.move_to(THEN, tick=False)
    assert sts_agrees()

def test_shift(sts_saml, time_machine):
    time_machine.move_to(THEN, tick=False)
    idp, provider, role = registered()
    response = idp.response(role)
    time_machine.shift(dt.timedelta(minutes=6))
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        log_in(response, role, provider)
""",
        plugins="time_machine",
    )
)
def test_the_fixture_of_time_machine(inner: Result) -> None:
    assert inner.outcomes == {"passed": 3}


@needs_time_machine
@pytest.mark.skipif(importlib.util.find_spec("pydantic") is None, reason="pydantic is not installed")
@pytest.mark.inner(
    beside(
        """
import pydantic

class Session(pydantic.BaseModel):
    expires: pydantic.FutureDatetime

def session():
    idp, provider, role = registered()
    return Session(expires=log_in(idp.response(role), role, provider)["Credentials"]["Expiration"])

def test_freezegun():
    with mock_sts_saml(now="2031-02-03"), pytest.raises(TypeError):
        session()

def test_time_machine():
    with mock_sts_saml(now="2031-02-03", clock="time-machine"):
        assert session().expires == dt.datetime(2031, 2, 3, 1, tzinfo=dt.UTC)
"""
    )
)
def test_models_of_pydantic_look_at_the_classes_of_datetime(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}
