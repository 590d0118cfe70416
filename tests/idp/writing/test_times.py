"""The keywords that take a time."""

import datetime as dt
from typing import Any

import pytest
from idp_responses import NOON, values
from response_values import PLACES, TIMES, Say
from saml_documents import PAIR

from pytest_stssaml import IdentityProvider, mock_sts_saml
from pytest_stssaml.idp.writing.times import time_string

every_keyword = pytest.mark.parametrize("keyword", TIMES)


class TestTimes:
    @every_keyword
    @pytest.mark.parametrize(
        ("time", "written"),
        [
            pytest.param(
                dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
                "2031-02-02T22:35:06.000Z",
                id="datetime",
            ),
            pytest.param(dt.datetime(2031, 2, 3, 4, 5, 6), "2031-02-03T04:05:06.000Z", id="naive datetime"),  # noqa: DTZ001
            pytest.param(dt.timedelta(days=1, milliseconds=5), "2030-01-02T12:00:00.005Z", id="timedelta"),
            pytest.param("yesterday", "yesterday", id="string"),
        ],
    )
    def test_may_be_a_datetime_a_timedelta_or_a_string(self, say: Say, keyword: str, time: Any, written: str) -> None:
        places, _ = PLACES[keyword]
        response = say(**{keyword: time})
        assert [values(response, place) for place in places] == [[written]] * len(places)

    @pytest.mark.parametrize(
        ("time", "written"),
        [
            pytest.param(dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.UTC), "2031-02-03T04:05:06.000Z", id="UTC"),
            pytest.param(
                dt.datetime(2031, 2, 3, 4, 5, 6, 789_000, tzinfo=dt.UTC), "2031-02-03T04:05:06.789Z", id="milliseconds"
            ),
            pytest.param(
                dt.datetime(2031, 2, 3, 4, 5, 6, 789_012, tzinfo=dt.UTC),
                "2031-02-03T04:05:06.789012Z",
                id="microseconds",
            ),
            pytest.param(dt.timedelta(0), "2030-01-01T12:00:00.000Z", id="timedelta of nothing"),
            pytest.param(dt.timedelta(hours=-1), "2030-01-01T11:00:00.000Z", id="timedelta before"),
            pytest.param("", "", id="empty string"),
        ],
    )
    def test_are_written_in_utc_with_three_or_six_digits(self, say: Say, time: Any, written: str) -> None:
        assert values(say(not_before=time), "//@NotBefore") == [written]

    def test_now_is_cut_to_whole_milliseconds(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml(now=NOON + dt.timedelta(microseconds=1_999)):
            response = unregistered.response(PAIR)
        assert values(response, "//saml:Assertion/@IssueInstant") == ["2030-01-01T12:00:00.001Z"]


class TestIssueInstant:
    @pytest.mark.parametrize(
        "issue_instant",
        [
            pytest.param(dt.timedelta(hours=-2), id="timedelta"),
            pytest.param(dt.datetime(2030, 1, 1, 10, tzinfo=dt.UTC), id="datetime"),
            pytest.param(dt.datetime(2030, 1, 1, 10), id="naive datetime"),  # noqa: DTZ001
        ],
    )
    def test_all_other_times_count_from_it(self, say: Say, issue_instant: Any) -> None:
        response = say(issue_instant=issue_instant, session_not_on_or_after=dt.timedelta(hours=1))
        assert values(response, "//@NotBefore | //@NotOnOrAfter | //@SessionNotOnOrAfter") == [
            "2030-01-01T10:05:00.000Z",
            "2030-01-01T10:00:00.000Z",
            "2030-01-01T10:05:00.000Z",
            "2030-01-01T11:00:00.000Z",
        ]

    @pytest.mark.parametrize("issue_instant", ["yesterday", None])
    def test_all_other_times_count_from_now_if_it_is_not_a_time(self, say: Say, issue_instant: Any) -> None:
        assert values(say(issue_instant=issue_instant), "//@NotBefore") == ["2030-01-01T12:00:00.000Z"]


class TestErrors:
    MESSAGE = "{} must be a datetime, a timedelta from the issue instant, a string or None, not {!r}"

    @every_keyword
    @pytest.mark.parametrize("value", [5, dt.date(2030, 1, 1)], ids=repr)
    def test_another_type(self, say: Say, keyword: str, value: Any) -> None:
        with pytest.raises(TypeError) as caught:
            say(**{keyword: value})
        assert str(caught.value) == self.MESSAGE.format(keyword, value)

    @pytest.mark.parametrize("value", [5.5, b"bytes", dt.time(12), ...], ids=repr)
    def test_another_type_for_not_before(self, say: Say, value: Any) -> None:
        with pytest.raises(TypeError) as caught:
            say(not_before=value)
        assert str(caught.value) == self.MESSAGE.format("not_before", value)

    def test_a_time_after_the_year_9999(self) -> None:
        issued = dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)
        with pytest.raises(ValueError, match=r"^not_on_or_after is outside the years 1 to 9999: "):
            time_string("not_on_or_after", dt.timedelta(minutes=5), issued)
