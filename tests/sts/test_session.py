import base64
import datetime as dt
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from good import GOOD, NOW, ROLE_, SECOND, TICK, asserting, attributed, requesting

from pytest_stssaml.saml.vocabulary import SESSION_DURATION
from pytest_stssaml.sts.login import Login, name_qualifier
from pytest_stssaml.sts.session import Session, issue, letters

END_OF_TIME = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


def identify(purpose: str, *content: str) -> bytes:
    return hashlib.sha256("\0".join((purpose, *content)).encode()).digest()


def session_of(login: Login) -> Session:
    return issue(login, identify)


def lasting(duration: int = 43200, attribute: Any = None, end: dt.datetime | None = None) -> Login:
    """GOOD that asks for a duration, has SessionDuration values and a SessionNotOnOrAfter."""
    login = requesting(duration_seconds=duration)
    attributes = login.assertion.attributes | ({} if attribute is None else {SESSION_DURATION: attribute})
    return replace(login, assertion=replace(login.assertion, attributes=attributes, session_not_on_or_after=end))


def seconds(login: Login) -> float:
    return (session_of(login).expiration - NOW).total_seconds()


class TestExpiration:
    @pytest.mark.parametrize(
        ("login", "expected"),
        [
            pytest.param(GOOD, 3600, id="one hour where nobody says anything"),
            pytest.param(lasting(900), 900, id="DurationSeconds alone"),
            pytest.param(lasting(1000, ("2000",), NOW + 3000 * SECOND), 1000, id="DurationSeconds is least"),
            pytest.param(lasting(2000, ("1000",), NOW + 3000 * SECOND), 1000, id="SessionDuration is least"),
            pytest.param(lasting(2000, ("3000",), NOW + 1000 * SECOND), 1000, id="SessionNotOnOrAfter is least"),
            pytest.param(lasting(3600, ("7200",)), 3600, id="SessionDuration does not extend"),
            pytest.param(lasting(3600, None, NOW + 7200 * SECOND), 3600, id="SessionNotOnOrAfter does not extend"),
            pytest.param(lasting(3600, None, NOW + SECOND), 1, id="SessionNotOnOrAfter within fifteen minutes"),
        ],
    )
    def test_is_the_earliest_of_three(self, login: Login, expected: int) -> None:
        assert seconds(login) == expected

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("899", 10_000),
            ("900", 900),
            ("0900", 900),
            ("9999", 9999),
            ("43200", 10_000),
            ("43201", 10_000),
            ("0", 10_000),
            ("-900", 10_000),
            ("+900", 10_000),
            ("900.0", 10_000),
            ("9e2", 10_000),
            ("abc", 10_000),
            ("", 10_000),
            ("9_00", 10_000),
            ("\u0669\u0660\u0660", 10_000),
            ("9" * 10_000, 10_000),
        ],
        ids=lambda value: ascii(value)[:12] if isinstance(value, str) else "",
    )
    def test_a_session_duration_counts_where_it_is_a_number_of_awss_range(self, value: str, expected: int) -> None:
        assert seconds(lasting(10_000, (value,))) == expected

    def test_the_longest_session_duration_counts(self) -> None:
        assert seconds(lasting(50_000, ("43200",))) == 43200

    def test_the_shortest_of_several_session_durations_counts(self) -> None:
        assert seconds(lasting(3600, ("2000", "abc", "1000"))) == 1000

    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            pytest.param(NOW + TICK, NOW + 3600 * SECOND, id="a tick after a second"),
            pytest.param(NOW + SECOND - TICK, NOW + 3600 * SECOND, id="a tick before the next"),
            pytest.param(NOW + SECOND, NOW + 3601 * SECOND, id="the next second"),
        ],
    )
    def test_is_a_whole_second(self, now: dt.datetime, expected: dt.datetime) -> None:
        assert session_of(replace(GOOD, now=now)).expiration == expected

    def test_is_a_whole_second_where_the_session_ends_between_two(self) -> None:
        end = NOW + 1000 * SECOND + SECOND / 2
        assert session_of(asserting(session_not_on_or_after=end)).expiration == NOW + 1000 * SECOND

    def test_is_in_utc(self) -> None:
        assert session_of(GOOD).expiration.tzinfo is dt.UTC

    @pytest.mark.parametrize(
        "now",
        [END_OF_TIME - 3600 * SECOND, END_OF_TIME - SECOND, END_OF_TIME, END_OF_TIME + (SECOND - TICK)],
        ids=["just reached", "a second before", "the last second", "the last tick"],
    )
    def test_stops_at_the_end_of_9999(self, now: dt.datetime) -> None:
        assert session_of(replace(GOOD, now=now)).expiration == END_OF_TIME

    def test_does_not_stop_before_the_end_of_9999(self) -> None:
        now = END_OF_TIME - 3601 * SECOND
        assert session_of(replace(GOOD, now=now)).expiration == END_OF_TIME - SECOND


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("field", "pattern"),
        [
            ("access_key_id", r"ASIA[A-Z2-7]{16}"),
            ("secret_access_key", r"[A-Za-z0-9+/]{40}"),
            ("session_token", r"FwoGZXIvYXdz[A-Za-z0-9+/]{300,}={0,2}"),
        ],
    )
    def test_have_the_shape_of_awss(self, field: str, pattern: str) -> None:
        assert re.fullmatch(pattern, getattr(session_of(GOOD), field))

    def test_the_token_is_base64(self) -> None:
        token = session_of(GOOD).session_token
        assert base64.b64encode(base64.b64decode(token, validate=True)).decode() == token

    def test_the_secrets_are_not_printed(self) -> None:
        session = session_of(GOOD)
        printed = repr(session)
        assert session.access_key_id in printed
        assert session.secret_access_key not in printed
        assert session.session_token not in printed

    @pytest.mark.parametrize("field", ["access_key_id", "secret_access_key", "session_token"])
    def test_follow_from_what_identify_gives(self, field: str) -> None:
        one, other = (issue(GOOD, lambda *_, octets=octets: octets) for octets in (b"1" * 32, b"2" * 32))
        assert getattr(one, field) != getattr(other, field)

    def test_are_asked_for_by_the_sessions_arn(self) -> None:
        asked = []
        issue(GOOD, lambda *words: asked.append(words) or bytes(32))
        assert asked == [("session", "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com")]

    @pytest.mark.parametrize(("count", "expected"), [(0, ""), (1, "A"), (4, "AAAQ"), (16, "AAAQEAYEAUDAOCAJ")])
    def test_letters_are_those_of_base_32(self, count: int, expected: str) -> None:
        assert letters(bytes(range(10)), count) == expected


class TestUser:
    def test_the_sessions_arn_has_the_role_and_the_session_name(self) -> None:
        login = attributed(RoleSessionName=("bob",))
        assert session_of(login).arn == "arn:aws:sts::123456789012:assumed-role/Developer/bob"

    def test_the_roles_path_is_dropped_from_the_sessions_arn(self) -> None:
        role = replace(ROLE_, arn="arn:aws:iam::123456789012:role/team/blue/Developer", path="/team/blue/")
        login = replace(GOOD, role=role)
        assert session_of(login).arn == "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"

    def test_the_sessions_arn_is_of_the_roles_partition_and_account(self) -> None:
        role = replace(ROLE_, partition="aws-cn", account_id="111122223333")
        login = replace(GOOD, role=role)
        assert session_of(login).arn == "arn:aws-cn:sts::111122223333:assumed-role/Developer/alice@example.com"

    def test_the_assumed_role_id_is_the_roles_with_the_session_name(self) -> None:
        login = attributed(RoleSessionName=("bob",))
        assert session_of(login).assumed_role_id == "AROAABCDEFGHIJKLMNOPQ:bob"

    def test_the_audience_is_the_recipient(self) -> None:
        assert session_of(GOOD).audience == "https://signin.aws.amazon.com/saml"

    def test_issuer_and_subject_are_the_assertions(self) -> None:
        session = session_of(asserting(issuer="https://other.example.com", name_id="bob"))
        assert (session.issuer, session.subject) == ("https://other.example.com", "bob")

    @pytest.mark.parametrize(
        ("name_id_format", "subject_type"),
        [
            ("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "persistent"),
            ("urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified", "unspecified"),
            (
                "urn:oasis:names:tc:SAML:1.1:nameid-format:x509SubjectName",
                "urn:oasis:names:tc:SAML:1.1:nameid-format:x509SubjectName",
            ),
            ("https://a.example.com/format", "https://a.example.com/format"),
            (
                "x-urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
                "x-urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            ),
            ("urn:oasis:names:tc:SAML:2.0:nameid-format", "urn:oasis:names:tc:SAML:2.0:nameid-format"),
        ],
        ids=[
            "persistent",
            "unspecified",
            "of 1.1",
            "somebody's own",
            "prefix not in front",
            "prefix without its colon",
        ],
    )
    def test_the_subject_type_is_the_format_without_the_prefix_of_2_0(
        self, name_id_format: str, subject_type: str
    ) -> None:
        assert session_of(asserting(name_id_format=name_id_format)).subject_type == subject_type

    def test_the_name_qualifier_is_that_of_awss_documentation(self) -> None:
        qualifier = name_qualifier("https://example.com/saml", "123456789012", "MySAMLIdP")
        assert qualifier == "1uAJanUnBc2XeUkHURMht+xam2c="

    def test_the_name_qualifier_is_made_of_the_assertions_issuer_and_the_provider(self) -> None:
        provider = replace(GOOD.provider, name="MySAMLIdP")
        login = replace(asserting(issuer="https://example.com/saml"), provider=provider)
        assert session_of(login).name_qualifier == "1uAJanUnBc2XeUkHURMht+xam2c="
