"""The contract of a tuple of rules, which is tested with one table: what each rule refuses, and what it accepts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from pytest_stssaml.sts.errors import ErrorRow
from pytest_stssaml.sts.rule import AnyRule, Rejected, check_all

Checked = TypeVar("Checked")


@dataclass(frozen=True)
class RuleCases(Generic[Checked]):
    """The cases of one rule, each with a label.

    Attributes:
        error: what the rule refuses with.
        refused: what this rule refuses and all rules before it accept, alone or with the reason that is given.
        accepted: what the rule only just accepts, as does every other rule.

    """

    error: ErrorRow
    refused: Mapping[str, Checked | tuple[Checked, str]]
    accepted: Mapping[str, Checked]

    def refusals(self) -> dict[str, tuple[Checked, str | None]]:
        """Return what is refused and the reason, which is None if the table does not give it."""
        return {label: case if isinstance(case, tuple) else (case, None) for label, case in self.refused.items()}


class RuleContract(Generic[Checked]):
    """The tests of a tuple of rules. A test class inherits them and gives the rules and the table."""

    #: The tuple, in the order in which AWS checks it.
    rules: ClassVar[tuple[AnyRule, ...]]
    #: The cases of each rule, in the same order.
    cases: ClassVar[Mapping[AnyRule, RuleCases[Any]]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "refused" in metafunc.fixturenames:
            metafunc.parametrize(
                ("rule", "refused", "because"),
                [
                    pytest.param(rule, refused, because, id=f"{rule.name}: {label}")
                    for rule, cases in self.cases.items()
                    for label, (refused, because) in cases.refusals().items()
                ],
            )
        elif "accepted" in metafunc.fixturenames:
            metafunc.parametrize(
                "accepted",
                [
                    pytest.param(accepted, id=f"{rule.name}: {label}")
                    for rule, cases in self.cases.items()
                    for label, accepted in cases.accepted.items()
                ],
            )

    def test_a_rule_refuses_what_the_rules_before_it_accept(
        self, rule: AnyRule, refused: Checked, because: str | None
    ) -> None:
        rejected = rejection_of(lambda: check_all(self.rules, refused))
        assert (rejected.rule, rejected.error) == (rule, self.cases[rule].error)
        assert because in (None, rejected.because + rejected.hint)
        assert rejected.because

    def test_every_rule_accepts_what_one_rule_only_just_accepts(self, accepted: Checked) -> None:
        check_all(self.rules, accepted)

    def test_the_table_has_every_rule_in_its_order(self) -> None:
        assert tuple(self.cases) == self.rules

    def test_every_rule_has_something_that_it_refuses_with_a_reason_and_something_that_it_accepts(self) -> None:
        incomplete = [
            rule.name
            for rule, cases in self.cases.items()
            if not cases.accepted or not any(because for _, because in cases.refusals().values())
        ]
        assert incomplete == []


def rejection_of(call: Callable[[], object]) -> Rejected:
    """Return what a call is refused with."""
    with pytest.raises(Rejected) as caught:
        call()
    return caught.value
