"""The operations of STS: which rules each lists, which rules a call checks, and what the rules say about themselves."""

import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pkgutil import iter_modules
from typing import Any
from urllib.parse import urlencode

import pytest
from wire import signed

from pytest_stssaml import IdentityProvider, STSBackend, mock_sts_saml
from pytest_stssaml.sts import rules, session_operations
from pytest_stssaml.sts.operation import OPERATIONS, SESSION_OPERATIONS
from pytest_stssaml.sts.ordered_errors import ORDERED_BY_THE_TEST
from pytest_stssaml.sts.rule import AnyRule, Confidence, Rule
from pytest_stssaml.sts.rules.request import operation_is_served

VERSION = "2011-06-15"
RULES = tuple({rule: None for operation in OPERATIONS.values() for rule in operation.rules})
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])

# What is sent besides Action and Version; an operation that is not here takes no parameters.
PARAMETERS = {
    "AssumeRole": {"RoleArn": "arn:aws:iam::123456789012:role/Deployer", "RoleSessionName": "deploy"},
    "GetFederationToken": {"Name": "alice"},
}
# These refuse every session, with their last rule.
REFUSING = {"GetFederationToken", "GetSessionToken"}


@dataclass
class Caller:
    """Somebody who may call every operation that a session may call."""

    sts: STSBackend
    idp: IdentityProvider

    def __post_init__(self) -> None:
        self.role = self.sts.create_role("Developer")
        self.sts.create_role("Deployer", trust_policy=self.role.chaining_policy())

    def log_in(self) -> int:
        form = {
            "RoleArn": self.role.arn,
            "PrincipalArn": self.idp.provider.arn,
            "SAMLAssertion": self.idp.response(self.role),
        }
        return self.send("AssumeRoleWithSAML", form)

    def call(self, operation: str) -> int:
        """Return the HTTP status of a call with the credentials of the latest session."""
        return self.send(operation, PARAMETERS.get(operation, {}), signs=True)

    def send(self, operation: str, parameters: dict[str, str], *, signs: bool = False) -> int:
        form = {"Action": operation, "Version": VERSION, **parameters}
        headers = signed(self.sts.sessions[-1], form) if signs else None
        return self.sts.handle(urlencode(form), headers=headers)[0]


@pytest.fixture
def caller(sts: STSBackend, idp: IdentityProvider) -> Caller:
    return Caller(sts, idp)


@pytest.fixture
def checked() -> Iterator[list[AnyRule]]:
    """The rules that are checked, in order."""
    checked: list[AnyRule] = []
    checks = {rule: rule.check for rule in RULES}

    def checking(rule: AnyRule, *args: Any) -> Any:
        checked.append(rule)
        return checks[rule](*args)

    for rule in checks:
        object.__setattr__(rule, "check", partial(checking, rule))  # a rule is frozen
    yield checked
    for rule, check in checks.items():
        object.__setattr__(rule, "check", check)


class TestOperations:
    def test_are_a_login_and_what_a_session_signs(self) -> None:
        assert tuple(OPERATIONS) == ("AssumeRoleWithSAML", *SESSION_OPERATIONS)
        assert tuple(session_operations.BY_NAME) == SESSION_OPERATIONS
        assert len(OPERATIONS) == 5

    def test_a_login_checks_the_rules_that_it_lists_in_their_order(
        self, caller: Caller, checked: list[AnyRule]
    ) -> None:
        assert caller.log_in() == 200
        assert tuple(checked) == OPERATIONS["AssumeRoleWithSAML"].rules

    @pytest.mark.parametrize("operation", sorted(SESSION_OPERATIONS))
    def test_a_session_operation_checks_the_rules_that_it_lists_in_their_order(
        self, caller: Caller, checked: list[AnyRule], operation: str
    ) -> None:
        caller.log_in()
        checked.clear()
        assert caller.call(operation) == (403 if operation in REFUSING else 200)
        assert tuple(checked) == OPERATIONS[operation].rules

    def test_no_rule_is_checked_if_the_test_ordered_an_error(self, caller: Caller, checked: list[AnyRule]) -> None:
        caller.sts.add_client_error("Throttling")
        assert caller.log_in() == 400
        assert checked == []

    def test_no_rule_is_checked_after_the_one_that_refuses(self, caller: Caller, checked: list[AnyRule]) -> None:
        caller.sts.disable_region("us-east-1")
        caller.log_in()
        assert [rule.name for rule in checked] == [
            "operation_is_served",
            "login_parameters_are_valid",
            "region_is_activated",
        ]

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_an_operation_has_no_two_rules_of_one_name(self, operation: str) -> None:
        names = [rule.name for rule in OPERATIONS[operation].rules]
        assert len(set(names)) == len(names)

    def test_rules_of_one_name_are_one_rule(self) -> None:
        names = {rule.name for rule in (*RULES, ORDERED_BY_THE_TEST)}
        assert len(names) == len(RULES) + 1


def rules_in(function: Callable[..., Any], seen: set[Callable[..., Any]]) -> set[AnyRule]:
    """Return the rules that a function of STS, or a function that it calls, names itself or in a tuple."""
    seen.add(function)
    found: set[AnyRule] = set()
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if inspect.isfunction(value) and value.__module__.startswith("pytest_stssaml.sts.") and value not in seen:
            found |= rules_in(value, seen)
        found |= {each for each in (value if isinstance(value, tuple) else [value]) if isinstance(each, Rule)}
    return found


@pytest.mark.parametrize("operation", OPERATIONS)
def test_plain_calls_lead_a_reader_from_an_operation_to_each_of_its_rules(operation: str) -> None:
    # `perform` checks whether there is such an operation at all.
    assert {operation_is_served, *rules_in(OPERATIONS[operation].perform, set())} == set(OPERATIONS[operation].rules)


def test_every_rule_belongs_to_an_operation() -> None:
    modules = [importlib.import_module(f"{rules.__name__}.{module.name}") for module in iter_modules(rules.__path__)]
    declared = {value for module in modules for value in vars(module).values() if isinstance(value, Rule)}
    assert declared == set(RULES)


class TestWhatARuleSays:
    @EACH_RULE
    def test_its_name_is_that_of_a_function(self, rule: AnyRule) -> None:
        assert re.fullmatch("[a-z]+(_[a-z]+)*", rule.name)

    @EACH_RULE
    def test_its_statement_is_a_sentence_without_its_full_stop(self, rule: AnyRule) -> None:
        assert re.fullmatch(r"[A-Z].* .*[^.\s]", rule.statement)

    @EACH_RULE
    def test_it_has_a_source(self, rule: AnyRule) -> None:
        assert re.fullmatch(r"\S.*[^.\s]", rule.source)

    @EACH_RULE
    def test_its_confidence_agrees_with_its_source(self, rule: AnyRule) -> None:
        names_a_document = not rule.source.startswith("observed")
        agrees = {
            Confidence.DOCUMENTED: names_a_document,
            Confidence.OBSERVED: "observed" in rule.source,
            Confidence.INFERRED: names_a_document and "our choice" not in rule.source,
            Confidence.OURS: "our choice" in rule.source,
        }
        assert agrees[rule.confidence]

    def test_an_ordered_error_has_a_statement_and_no_source(self) -> None:
        assert re.fullmatch(r"[A-Z].* .*[^.\s]", ORDERED_BY_THE_TEST.statement)
        assert (ORDERED_BY_THE_TEST.source, ORDERED_BY_THE_TEST.confidence) == ("", Confidence.OURS)


EXPLAINING = """
from pytest_stssaml import mock_sts_saml
from pytest_stssaml.sts import rules, session_operations
from pytest_stssaml.sts.operation import OPERATIONS

with mock_sts_saml(now="2030-01-01T12:00:00Z") as sts:
    sts.handle("Action=AssumeRoleWithSAML&Version=2011-06-15")
    sts.handle("Action=GetCallerIdentity&Version=2011-06-15")
print(*[attempt.explain() for attempt in sts.attempts], sep="\\n")
print(*[rule for operation in OPERATIONS.values() for rule in operation.rules], sep="\\n")
"""


@pytest.mark.slow
def test_an_explanation_loses_nothing_under_python_oo() -> None:
    command = [sys.executable, "-OO", "-c", EXPLAINING]
    output = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout  # noqa: S603
    with mock_sts_saml(now="2030-01-01T12:00:00Z") as sts:
        sts.handle(f"Action=AssumeRoleWithSAML&Version={VERSION}")
        sts.handle(f"Action=GetCallerIdentity&Version={VERSION}")
    explanations = [attempt.explain() for attempt in sts.attempts]
    written = [str(rule) for operation in OPERATIONS.values() for rule in operation.rules]
    assert output.splitlines() == "\n".join([*explanations, *written]).splitlines()
