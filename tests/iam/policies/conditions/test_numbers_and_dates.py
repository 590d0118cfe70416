import os
import time
from collections.abc import Iterator
from decimal import Context, localcontext

import pytest
from policy_decisions import NOON, SAMPLES, met


class TestNumbers:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("10", "10"),
            ("10", "10.00"),
            ("10", "+10"),
            ("10", "010"),
            ("10", "1e1"),
            ("10", "1e+1"),
            ("10", "100e-1"),
            ("-10", "-1.0e1"),
            ("0", "-0"),
            ("0.1", "0.10"),
            ("9" * 1_500, "9" * 1_500),
        ],
        ids=lambda text: text[:8],
    )
    def test_are_equal_in_other_notations(self, one: str, other: str) -> None:
        operators = [operator for operator in SAMPLES if operator.startswith("Numeric")]
        assert {
            (operator, met(operator, *pair)) for operator in operators for pair in [(one, other), (other, one)]
        } == {
            ("NumericEquals", True),
            ("NumericNotEquals", False),
            ("NumericLessThan", False),
            ("NumericLessThanEquals", True),
            ("NumericGreaterThan", False),
            ("NumericGreaterThanEquals", True),
        }

    @pytest.mark.parametrize(
        ("less", "greater"),
        [
            ("9", "10"),
            ("-10", "-9"),
            ("-1", "1"),
            ("0.9", "0.10e1"),
            ("1e-1", "1e1"),
            ("9007199254740992", "9007199254740993"),
            ("0.3", "0.30000000000000000000000000000000000000000001"),
            ("9" * 1_499 + "8", "9" * 1_500),
        ],
        ids=lambda text: text[:8],
    )
    def test_are_ordered(self, less: str, greater: str) -> None:
        operators = [operator for operator in SAMPLES if operator.startswith("Numeric")]
        assert {operator: (met(operator, less, greater), met(operator, greater, less)) for operator in operators} == {
            "NumericEquals": (False, False),
            "NumericNotEquals": (True, True),
            "NumericLessThan": (False, True),
            "NumericLessThanEquals": (False, True),
            "NumericGreaterThan": (True, False),
            "NumericGreaterThanEquals": (True, False),
        }

    @pytest.mark.parametrize(
        "text", ["1e999999999", "-1e999999999", "1e-999999999", "1e" + "9" * 100, "1e-" + "9" * 100]
    )
    def test_with_a_large_exponent_take_little_work(self, text: str) -> None:
        assert [met("NumericEquals", text, "1"), met("NumericEquals", "1", text)] == [False, False]

    def test_of_the_request_may_have_many_digits(self) -> None:
        assert [met("NumericGreaterThan", "9", "9" * 5_000), met("NumericLessThan", "9", "9" * 5_000)] == [True, False]


class TestDates:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (NOON, NOON),
            (NOON, "2030-01-01T12:00:00+00:00"),
            (NOON, "2030-01-01T07:00:00-05:00"),
            (NOON, "2030-01-02T01:45:00+13:45"),
            (NOON, "2030-01-01T12:00:00"),
            (NOON, "2030-01-01T12:00Z"),
            (NOON, "2030-01-01T12:00:00.000Z"),
            (NOON, "1893499200"),
            ("2030-01-01", "2030-01-01T00:00:00Z"),
            ("2030-01-01", "1893456000"),
            ("2030-01", "2030-01-01"),
            ("1893499200", "1893499200"),
            ("0", "1970-01-01T00:00:00Z"),
            ("-1", "1969-12-31T23:59:59Z"),
        ],
    )
    def test_are_equal_in_other_notations(self, one: str, other: str) -> None:
        operators = [operator for operator in SAMPLES if operator.startswith("Date")]
        assert {
            (operator, met(operator, *pair)) for operator in operators for pair in [(one, other), (other, one)]
        } == {
            ("DateEquals", True),
            ("DateNotEquals", False),
            ("DateLessThan", False),
            ("DateLessThanEquals", True),
            ("DateGreaterThan", False),
            ("DateGreaterThanEquals", True),
        }

    @pytest.mark.parametrize(
        ("less", "greater"),
        [
            (NOON, "2030-01-01T12:00:01Z"),
            (NOON, "2030-01-01T12:00:00.001Z"),
            ("2030-01-01T13:00:00+01:30", NOON),
            (NOON, "2030-01-01T11:00:01-01:00"),
            ("1893499199", NOON),
            (NOON, "1893499201"),
            ("2029-12-31T23:59:59", "2030-01-01"),
            ("2030-01-01", "2030-01-01T00:00:01"),
            ("999999999", "1000000000"),
            ("9999-12-31T23:59:59.999998Z", "9999-12-31T23:59:59.999999Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"),
            ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        ],
    )
    def test_are_ordered(self, less: str, greater: str) -> None:
        operators = [operator for operator in SAMPLES if operator.startswith("Date")]
        assert {operator: (met(operator, less, greater), met(operator, greater, less)) for operator in operators} == {
            "DateEquals": (False, False),
            "DateNotEquals": (True, True),
            "DateLessThan": (False, True),
            "DateLessThanEquals": (False, True),
            "DateGreaterThan": (True, False),
            "DateGreaterThanEquals": (True, False),
        }

    @pytest.mark.parametrize("text", ["9" * 30, "-" + "9" * 30, "9" * 5_000, "1e999999999"], ids=lambda text: text[:4])
    def test_beyond_the_calendar_are_not_equal_to_others(self, text: str) -> None:
        assert not met("DateEquals", NOON, text)

    @pytest.fixture
    def new_york(self) -> Iterator[None]:
        if not hasattr(time, "tzset"):
            pytest.skip("this system's time zone cannot be changed")
        before = os.environ.get("TZ")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TZ", "EST5")
            time.tzset()
            yield
        assert os.environ.get("TZ") == before
        time.tzset()

    @pytest.mark.parametrize(
        ("text", "same"), [("2030-01-01T12:00:00", NOON), ("2030-01-01", "2030-01-01T00:00:00Z"), ("1893499200", NOON)]
    )
    def test_do_not_depend_on_the_time_zone_of_the_machine(self, new_york: None, text: str, same: str) -> None:
        assert met("DateEquals", text, same)


class TestDecimalContext:
    """The code under test may have changed how Decimal rounds."""

    @pytest.mark.parametrize(
        ("operator", "wanted", "value"),
        [
            ("NumericEquals", "123456", "123457"),
            ("NumericLessThanEquals", "123456", "123457"),
            ("DateEquals", NOON, "2030-01-01T12:00:01Z"),
            ("DateLessThanEquals", NOON, "2030-01-01T12:00:01Z"),
        ],
    )
    def test_does_not_change_comparisons(self, operator: str, wanted: str, value: str) -> None:
        with localcontext(Context(prec=4)):
            assert not met(operator, wanted, value)
