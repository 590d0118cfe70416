import pytest
from rule_contract import rejection_of

from pytest_stssaml.sts.errors import ErrorRow, Provenance
from pytest_stssaml.sts.rule import Confidence, Rejected, rule

ROW = ErrorRow("Code", 400, "$who may not pass $where", Provenance.OURS)
NO_MESSAGE = ErrorRow("Code", 400, None, Provenance.OURS)


@rule("The number is positive", source="arithmetic", confidence=Confidence.DOCUMENTED)
def is_positive(number: int, *, double: bool = False) -> int:
    if number <= 0:
        raise Rejected(ROW, f"{number} is not positive")
    return number * 2 if double else number


@rule("The number is small and positive", source="", confidence=Confidence.OURS)
def is_small_and_positive(number: int) -> int:
    return is_positive(number)


class TestRule:
    def test_has_the_name_of_its_function(self) -> None:
        assert is_positive.name == "is_positive"

    def test_has_what_it_was_declared_with(self) -> None:
        declared = is_positive.statement, is_positive.source, is_positive.confidence
        assert declared == ("The number is positive", "arithmetic", Confidence.DOCUMENTED)

    def test_returns_what_its_function_returns(self) -> None:
        assert (is_positive(2), is_positive(2, double=True)) == (2, 4)

    def test_is_the_rule_of_what_it_rejects(self) -> None:
        assert rejection_of(lambda: is_positive(0)).rule is is_positive

    def test_leaves_what_another_rule_rejects_to_that_rule(self) -> None:
        assert rejection_of(lambda: is_small_and_positive(0)).rule is is_positive

    def test_passes_other_exceptions_on(self) -> None:
        with pytest.raises(TypeError):
            is_positive(None)  # type: ignore[arg-type] # this is the mistake

    def test_is_written_as_a_sentence_with_its_source(self) -> None:
        assert str(is_positive) == "The number is positive (arithmetic)."

    def test_without_a_source_is_written_as_the_sentence_alone(self) -> None:
        assert str(is_small_and_positive) == "The number is small and positive."

    def test_equals_no_other_rule(self) -> None:
        again = rule("The number is positive", source="arithmetic", confidence=Confidence.DOCUMENTED)(is_positive.check)
        assert is_positive != again


class TestRejected:
    def test_has_no_rule_until_a_rule_raises_it(self) -> None:
        assert Rejected(ROW, "why").rule is None

    def test_keeps_the_row_and_the_reason(self) -> None:
        rejected = Rejected(ROW, "why")
        assert (rejected.error, rejected.because) == (ROW, "why")
        assert rejected.args == (ROW, "why")

    def test_fills_the_fields_of_the_message_in(self) -> None:
        assert Rejected(ROW, "why", who="Alice", where="here").message() == "Alice may not pass here"

    def test_takes_fields_that_are_known_later(self) -> None:
        assert Rejected(ROW, "why", who="Alice").message(where="$5") == "Alice may not pass $5"

    def test_has_no_message_if_the_row_has_none(self) -> None:
        assert Rejected(NO_MESSAGE, "why").message(who="Alice") is None
