"""The user's own freezegun and time-machine: the time that they make is everybody's, the mock's included."""

import inspect

import pytest
from neighbours.runs import Run

try:
    import time_machine
except ModuleNotFoundError:
    time_machine = None

needs_time_machine = pytest.mark.skipif(time_machine is None, reason="time-machine is not installed")

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


def test_freezegun(run: Run) -> None:
    run("from freezegun import freeze_time as travel\nBEGAN = time.time()\n" + HEADER + TESTS).assert_outcomes(
        passed=13
    )


def test_freezegun_on_a_plain_class(run: Run) -> None:
    run(
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
    ).assert_outcomes(passed=4)


def test_freezegun_that_ticks(run: Run) -> None:
    run(
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
    ).assert_outcomes(passed=5)


@needs_time_machine
def test_time_machine(run: Run) -> None:
    run(
        "import functools, time_machine\nBEGAN = time.time()\n"
        "travel = functools.partial(time_machine.travel, tick=False)\n" + HEADER + TESTS
    ).assert_outcomes(passed=13)


@needs_time_machine
@pytest.mark.skipif(
    "freezegun is active" not in (inspect.getsource(time_machine) if time_machine else ""),
    reason="this time-machine does not look for freezegun",
)
def test_time_machine_refuses_to_start_where_the_mock_has_frozen_time(run: Run) -> None:
    run(
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
    ).assert_outcomes(passed=1)


@needs_time_machine
def test_the_fixture_of_time_machine(run: Run) -> None:
    run(
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
    ).assert_outcomes(passed=3)
