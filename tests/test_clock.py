import asyncio
import datetime as dt
import os
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from forks import forking, in_a_child
from freezegun import freeze_time
from lxml import etree

from pytest_stssaml import (
    IdentityProvider,
    SAMLResponse,
    STSBackend,
    active_mock,
    clock,
    mock_sts_saml,
)
from pytest_stssaml.clock import Clock
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.sts.errors import (
    EXPIRED,
    NOT_YET_VALID,
    REDEEMED_TOO_LATE,
    ErrorRow,
)

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
NEW_YEAR = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)

LogIn = Callable[..., Any]

travellers = pytest.mark.parametrize(
    "travel",
    [
        pytest.param(freeze_time, id="freezegun"),
        pytest.param(lambda to: time_machine.travel(to, tick=False), id="time-machine"),
    ],
)


@pytest.fixture
def unregistered(saml_signing_key: SigningKey) -> IdentityProvider:
    return IdentityProvider(signing_key=saml_signing_key)


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Any:
    return sts.create_role("Developer")


def row(error: ErrorRow) -> tuple[Any, ...]:
    return error.code, error.status, error.message


def issued(response: SAMLResponse) -> str:
    return str(etree.fromstring(response.xml).get("IssueInstant"))


class TestInstant:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param(NEW_YEAR, NEW_YEAR, id="aware"),
            pytest.param(NEW_YEAR.replace(tzinfo=None), NEW_YEAR, id="naive is UTC"),
            pytest.param(NEW_YEAR.astimezone(dt.timezone(dt.timedelta(hours=9))), NEW_YEAR, id="another zone"),
            pytest.param("2030-01-01T00:00:00Z", NEW_YEAR, id="text with Z"),
            pytest.param("2030-01-01T09:00:00+09:00", NEW_YEAR, id="text of another zone"),
            pytest.param("2030-01-01T00:00:00", NEW_YEAR, id="text without zone"),
            pytest.param("2030-01-01", NEW_YEAR, id="date"),
        ],
    )
    def test_it_is_an_aware_utc_time(self, value: Any, expected: dt.datetime) -> None:
        assert (clock.instant(value), clock.instant(value).tzinfo) == (expected, dt.UTC)

    @pytest.mark.parametrize("value", [5, None, dt.timedelta(0), dt.date(2030, 1, 1)], ids=repr)
    def test_another_type_is_an_error(self, value: Any) -> None:
        with pytest.raises(TypeError) as caught:
            clock.instant(value)
        assert (
            str(caught.value) == f"a time must be a datetime or a string such as '2030-01-01T00:00:00Z', not {value!r}"
        )

    def test_another_string_is_an_error(self) -> None:
        with pytest.raises(
            ValueError, match="a time must be a datetime or a string such as '2030-01-01T00:00:00Z', not 'tomorrow'"
        ):
            clock.instant("tomorrow")


class TestAdvance:
    def test_a_response_made_before_grows_old(
        self, sts: STSBackend, idp: IdentityProvider, role: Any, refusal: LogIn
    ) -> None:
        response = idp.response(role)
        sts.advance(minutes=5)
        assert refusal(response, role, idp.provider) == row(REDEEMED_TOO_LATE)

    def test_a_response_made_before_can_be_redeemed_for_a_while(
        self, sts: STSBackend, idp: IdentityProvider, role: Any, log_in: LogIn
    ) -> None:
        response = idp.response(role)
        sts.advance(minutes=4)
        assert log_in(response, role, idp.provider)["Subject"] == "alice@example.com"

    def test_a_response_that_lasts_longer_must_be_redeemed_in_time(
        self, sts: STSBackend, idp: IdentityProvider, role: Any, refusal: LogIn
    ) -> None:
        response = idp.response(role, not_on_or_after=dt.timedelta(hours=1))
        sts.advance(minutes=6)
        assert refusal(response, role, idp.provider) == row(REDEEMED_TOO_LATE)

    def test_a_response_made_after_is_fresh(
        self, sts: STSBackend, idp: IdentityProvider, role: Any, log_in: LogIn
    ) -> None:
        sts.advance(days=365)
        assert log_in(idp.response(role), role, idp.provider)["Subject"] == "alice@example.com"

    def test_back_in_time_a_response_is_not_yet_valid(
        self, sts: STSBackend, idp: IdentityProvider, role: Any, refusal: LogIn
    ) -> None:
        response = idp.response(role)
        sts.advance(hours=-1)
        assert refusal(response, role, idp.provider) == row(NOT_YET_VALID)

    @pytest.mark.parametrize(
        ("instant", "step", "end"),
        [
            ("9999-12-31T23:59:59Z", 2, dt.datetime.max.replace(tzinfo=dt.UTC)),
            ("0001-01-01T00:00:01Z", -2, dt.datetime.min.replace(tzinfo=dt.UTC)),
        ],
        ids=["end", "beginning"],
    )
    def test_time_stops_at_its_ends_and_can_be_moved_back(
        self, sts: STSBackend, instant: str, step: int, end: dt.datetime
    ) -> None:
        sts.move_to(instant)
        sts.advance(seconds=step)
        assert active_mock.clock().now() == end
        sts.move_to("2030-01-01T00:00:00Z")
        assert active_mock.clock().now().year == 2030

    def test_several_advances_add_up(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        with freeze_time("2030-01-01"):
            sts.advance(hours=1)
            sts.advance(minutes=1, seconds=1)
            assert issued(unregistered.response(PAIR)) == "2030-01-01T01:01:01.000Z"

    def test_credentials_expire_later(self, sts: STSBackend, idp: IdentityProvider, role: Any, log_in: LogIn) -> None:
        with freeze_time("2030-01-01"):
            sts.advance(days=1)
            answer = log_in(idp.response(role), role, idp.provider)
        assert answer["Credentials"]["Expiration"] == dt.datetime(2030, 1, 2, 1, tzinfo=dt.UTC)

    def test_the_time_of_the_process_is_not_changed(self, sts: STSBackend) -> None:
        before = dt.datetime.now(dt.UTC)
        sts.advance(days=365)
        assert dt.datetime.now(dt.UTC) - before < dt.timedelta(days=1)

    def test_another_keyword_is_an_error(self, sts: STSBackend) -> None:
        with pytest.raises(TypeError, match="minute"):
            sts.advance(minute=1)  # type: ignore[call-arg]  # which is the mistake


class TestMoveTo:
    @pytest.mark.parametrize("to", [NEW_YEAR, "2030-01-01T00:00:00Z"], ids=["datetime", "text"])
    def test_time_continues_from_there(self, sts: STSBackend, to: Any) -> None:
        sts.move_to(to)
        assert dt.timedelta(0) <= active_mock.clock().now() - NEW_YEAR < MINUTE

    def test_a_second_move_does_not_depend_on_the_first(self, sts: STSBackend) -> None:
        sts.advance(days=100)
        sts.move_to("2040-01-01")
        sts.move_to(NEW_YEAR)
        assert dt.timedelta(0) <= active_mock.clock().now() - NEW_YEAR < MINUTE

    def test_a_response_of_another_decade_logs_in(
        self, sts: STSBackend, idp: IdentityProvider, role: Any, log_in: LogIn
    ) -> None:
        sts.move_to("2000-01-01")
        assert log_in(idp.response(role), role, idp.provider)["Credentials"]["Expiration"].year == 2000

    def test_an_unregistered_identity_provider_has_the_same_time(
        self, sts: STSBackend, unregistered: IdentityProvider
    ) -> None:
        sts.move_to(NEW_YEAR)
        assert issued(unregistered.response(PAIR))[:16] == "2030-01-01T00:00"

    def test_the_time_of_the_process_is_not_changed(self, sts: STSBackend) -> None:
        before = dt.datetime.now(dt.UTC)
        sts.move_to("2099-01-01")
        assert dt.datetime.now(dt.UTC) - before < dt.timedelta(days=1)

    def test_another_type_is_an_error(self, sts: STSBackend) -> None:
        with pytest.raises(
            TypeError, match=r"^a time must be a datetime or a string such as '2030-01-01T00:00:00Z', not 5$"
        ):
            sts.move_to(5)  # type: ignore[arg-type]


class TestAfterTheMock:
    def test_the_offset_is_gone(self, unregistered: IdentityProvider) -> None:
        with freeze_time("2030-01-01"):
            with mock_sts_saml() as sts:
                sts.advance(days=1)
            assert issued(unregistered.response(PAIR)) == "2030-01-01T00:00:00.000Z"

    def test_the_offset_is_gone_in_the_next(self) -> None:
        with freeze_time("2030-01-01"):
            with mock_sts_saml() as first:
                first.advance(days=1)
            with mock_sts_saml():
                assert active_mock.clock().now() == NEW_YEAR

    def test_the_process_is_thawed(self) -> None:
        before = dt.datetime.now(dt.UTC)
        with mock_sts_saml(now=NEW_YEAR):
            pass
        assert dt.timedelta(0) <= dt.datetime.now(dt.UTC) - before < MINUTE

    def test_the_clock_outside_is_active_again(self) -> None:
        with mock_sts_saml():
            inside = active_mock.clock()
        assert inside is not clock.OUTSIDE
        assert active_mock.clock() is clock.OUTSIDE


class TestNow:
    def test_the_whole_process_stands_still(self) -> None:
        with mock_sts_saml(now=NEW_YEAR):
            assert dt.datetime.now(dt.UTC) == NEW_YEAR

    def test_an_identity_provider_stands_still_with_it(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml(now=NEW_YEAR):
            assert issued(unregistered.response(PAIR)) == "2030-01-01T00:00:00.000Z"

    def test_advance_moves_the_process(self) -> None:
        with mock_sts_saml(now=NEW_YEAR) as sts:
            sts.advance(minutes=1)
            assert (dt.datetime.now(dt.UTC), active_mock.clock().now()) == (NEW_YEAR + MINUTE, NEW_YEAR + MINUTE)

    def test_it_moves_the_process_back_too(self) -> None:
        with mock_sts_saml(now=NEW_YEAR) as sts:
            sts.advance(minutes=-1)
            assert (dt.datetime.now(dt.UTC), active_mock.clock().now()) == (NEW_YEAR - MINUTE, NEW_YEAR - MINUTE)

    def test_move_to_moves_the_process(self) -> None:
        with mock_sts_saml(now="2020-01-01") as sts:
            sts.move_to(NEW_YEAR)
            assert (dt.datetime.now(dt.UTC), active_mock.clock().now()) == (NEW_YEAR, NEW_YEAR)

    def test_an_event_loop_still_wakes(self) -> None:
        with mock_sts_saml(now=NEW_YEAR):
            asyncio.run(asyncio.wait_for(asyncio.sleep(0.001), 10))
            assert dt.datetime.now(dt.UTC) == NEW_YEAR


class TestOtherTravellers:
    @travellers
    def test_one_around_the_mock_moves_sts_and_the_identity_provider(
        self, unregistered: IdentityProvider, log_in: LogIn, travel: Any
    ) -> None:
        with travel(NEW_YEAR), mock_sts_saml() as sts:
            provider = sts.create_saml_provider("ExampleIdP", unregistered)
            role = sts.create_role("Developer")
            answer = log_in(unregistered.response(role), role, provider)
        assert answer["Credentials"]["Expiration"] == NEW_YEAR + dt.timedelta(hours=1)

    @travellers
    def test_one_inside_the_mock_moves_sts_and_the_identity_provider(
        self, idp: IdentityProvider, role: Any, log_in: LogIn, travel: Any
    ) -> None:
        with travel(NEW_YEAR):
            answer = log_in(idp.response(role), role, idp.provider)
        assert answer["Credentials"]["Expiration"] == NEW_YEAR + dt.timedelta(hours=1)

    @travellers
    def test_a_response_grows_old_in_it(self, idp: IdentityProvider, role: Any, refusal: LogIn, travel: Any) -> None:
        with travel(NEW_YEAR):
            response = idp.response(role)
        with travel(NEW_YEAR + 5 * MINUTE):
            assert refusal(response, role, idp.provider) == row(EXPIRED)

    @travellers
    def test_advance_is_added_to_it(self, sts: STSBackend, unregistered: IdentityProvider, travel: Any) -> None:
        with travel(NEW_YEAR):
            sts.advance(days=1)
            assert issued(unregistered.response(PAIR)) == "2030-01-02T00:00:00.000Z"

    @travellers
    def test_an_identity_provider_without_a_mock_follows_it(self, unregistered: IdentityProvider, travel: Any) -> None:
        with travel(NEW_YEAR):
            assert issued(unregistered.response(PAIR)) == "2030-01-01T00:00:00.000Z"

    @travellers
    def test_a_thread_has_the_same_time(self, sts: STSBackend, travel: Any) -> None:
        seen: list[dt.datetime] = []
        now = active_mock.clock().now
        with travel(NEW_YEAR):
            thread = threading.Thread(target=lambda: seen.append(now()))
            thread.start()
            thread.join()
        assert seen == [NEW_YEAR]

    def test_a_frame_of_threading_right_above_does_not_make_time_real(self, sts: STSBackend) -> None:
        seen: list[dt.datetime] = []
        now = active_mock.clock().now

        class Watch(threading.Thread):
            def run(self) -> None:
                seen.append(now())

        with freeze_time(NEW_YEAR):
            watch = Watch()
            watch.start()
            watch.join()
        assert seen == [NEW_YEAR]


# These two run in processes of their own, since cryptography keeps the classes of datetime that it meets first.
@pytest.mark.slow
def test_time_may_be_frozen_by_freezegun_when_the_first_certificate_of_a_process_is_made(
    pytester: pytest.Pytester,
) -> None:
    script = pytester.makepyfile("""
        from freezegun import freeze_time
        from pytest_stssaml import IdentityProvider, make_signing_key, mock_sts_saml

        KEY = make_signing_key("ec")

        with freeze_time("2030-01-01"), mock_sts_saml():
            assert IdentityProvider(signing_key=KEY).metadata
        assert IdentityProvider(signing_key=KEY).metadata
    """)
    assert pytester.runpython(script).ret == 0


@pytest.mark.slow
def test_a_first_login_in_frozen_time_leaves_cryptography_as_it_was(pytester: pytest.Pytester) -> None:
    script = pytester.makepyfile("""
        import boto3
        import datetime as dt
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from pytest_stssaml import IdentityProvider, make_signing_key, mock_sts_saml

        KEY = make_signing_key("ec")

        with mock_sts_saml(now="2030-01-01") as sts:
            idp = IdentityProvider(signing_key=KEY)
            provider, role = sts.create_saml_provider("ExampleIdP", idp), sts.create_role("Developer")
            boto3.Session().client("sts", region_name="us-east-1").assume_role_with_saml(
                RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
            )
        assert IdentityProvider(signing_key=KEY).metadata
        name, begin, end = x509.Name([]), dt.datetime(2000, 1, 1), dt.datetime(2001, 1, 1)
        assert x509.CertificateBuilder(name, name, KEY.public_key(), 1, begin, end).sign(KEY, hashes.SHA256())
    """)
    assert pytester.runpython(script).ret == 0


class TestIdentifier:
    def test_it_is_the_same_in_every_run(self) -> None:
        assert Clock("seed").identifier("purpose", "content").hex() == (
            Clock("seed").identifier("purpose", "content").hex()
        )

    def test_no_two_identifiers_of_a_clock_are_equal(self) -> None:
        one = Clock("seed")
        assert len({one.identifier("purpose", "content") for _ in range(100)}) == 100

    def test_seed_purpose_and_content_make_a_difference(self) -> None:
        made = [
            Clock("seed").identifier("purpose", "content"),
            Clock("other").identifier("purpose", "content"),
            Clock("seed").identifier("other", "content"),
            Clock("seed").identifier("purpose", "other"),
            Clock("seed").identifier("purpose", "content", ""),
            Clock("seed").identifier("purpose"),
            Clock(b"seed").identifier("purpose", "content"),
        ]
        assert len(set(made)) == len(made)

    def test_one_purpose_does_not_disturb_another(self) -> None:
        busy = Clock("seed")
        busy.identifier("other")
        assert busy.identifier("purpose") == Clock("seed").identifier("purpose")

    def test_it_has_32_bytes(self) -> None:
        assert len(Clock("seed").identifier("purpose")) == 32

    def test_threads_share_the_count(self) -> None:
        one, made = Clock("seed"), set()
        threads = [
            threading.Thread(target=lambda: made.update([one.identifier("purpose") for _ in range(100)]))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made) == 800

    @forking
    def test_a_forked_child_gives_other_identifiers(self) -> None:
        one = Clock("seed")
        assert in_a_child(lambda: one.identifier("purpose")) != one.identifier("purpose")

    def test_no_two_identifiers_are_equal_in_a_process_with_another_id(self, monkeypatch: pytest.MonkeyPatch) -> None:
        parent, child = Clock("seed"), Clock("seed")
        identifiers = [parent.identifier("purpose") for _ in range(3)]
        monkeypatch.setattr(os, "getpid", lambda: -1)  # as in a forked child, whose lines coverage.py does not see
        identifiers += [child.identifier("purpose") for _ in range(3)]
        assert len(set(identifiers)) == 6


@pytest.mark.parametrize("move", ["advance", "move_to"])
def test_time_can_be_moved_under_a_freezegun_inside_the_mocks_own(move: str) -> None:
    with mock_sts_saml(now="2030-01-01") as sts, freeze_time("2020-01-01"):
        sts.advance(minutes=6) if move == "advance" else sts.move_to("2020-01-01T00:06:00Z")
        assert active_mock.clock().now() == dt.datetime(2020, 1, 1, 0, 6, tzinfo=dt.UTC)


@pytest.mark.parametrize("minutes", [10**40, float("nan"), float("inf")], ids=["too many", "nan", "inf"])
def test_advance_says_what_to_write_instead_of_a_number_that_no_timedelta_has(sts: STSBackend, minutes: float) -> None:
    with pytest.raises(ValueError, match=r"such as advance\(minutes=6\): "):
        sts.advance(minutes=minutes)


def test_move_to_takes_no_time_that_is_outside_the_years_in_utc(sts: STSBackend) -> None:
    first_hour = dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14)))
    with pytest.raises(ValueError, match=r"^a time must be within the years 1 to 9999 in UTC, not "):
        sts.move_to(first_hour)


def test_handle_returns_a_plain_tuple(sts: STSBackend) -> None:
    assert [type(sts.handle(body)) for body in ("Action=X", "", "a" * 300_000)] == [tuple] * 3


def test_advance_takes_a_timedelta(sts: STSBackend, idp: IdentityProvider, role: Any, refusal: LogIn) -> None:
    response = idp.response(role)
    sts.advance(dt.timedelta(minutes=6))
    assert refusal(response, role, idp.provider) == row(REDEEMED_TOO_LATE)


@pytest.mark.parametrize(
    ("by", "keywords", "shown"),
    [
        (300, {}, "300"),
        ("6", {}, "'6'"),
        (dt.timedelta(minutes=6), {"minutes": 6}, "both"),
    ],
    ids=["a number", "a string", "both"],
)
def test_advance_takes_nothing_else(sts: STSBackend, by: Any, keywords: dict[str, float], shown: str) -> None:
    message = f"advance() takes keywords, such as advance(minutes=6), or a timedelta, not {shown}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        sts.advance(by, **keywords)


def test_advance_by_nothing_is_a_mistake(sts: STSBackend) -> None:
    with pytest.raises(TypeError, match=r"^advance\(\) takes keywords, such as advance\(minutes=6\)$"):
        sts.advance()
