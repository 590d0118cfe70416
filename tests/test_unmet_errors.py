"""Ordered errors that no call has met fail the test that ordered them."""

import re
import unittest
from typing import Any

import pytest
from inner_runs import InnerModule, Result

from pytest_stssaml import STSBackend, active_backend, mock_sts_saml

HEADER = """\
import unittest
import pytest
from inner_runs import KEY, log_in, saml_signing_key
from pytest_stssaml import active_backend, mock_sts_saml
LOGIN = "Action=AssumeRoleWithSAML&RoleArn=arn:aws:iam::123456789012:role/Developer"
CALLER = "Action=GetCallerIdentity&Version=2011-06-15"
"""
LINE = HEADER.count("\n") + 1
REMEDY = "if the call may be missing, write add_client_error(..., optional=True), and likewise for connection errors"
FORCED_REMEDY = (
    "log in with the rejection, or choose others with parametrize('saml_rejection', [...], indirect=True); AWS's "
    "answer to it is an ordered error (.forced is True)"
)
NO_CALL = f"STS was not called\n{REMEDY}"


def unmet(line: int, ordered: str = "add_client_error('Throttling')", came: str = NO_CALL) -> str:
    return f"no call met {ordered}, AssumeRoleWithSAML, ordered at test_*.py:{line}\n{came}"


def row(body: str, *values: Any, id: str) -> Any:  # noqa: A002 - as in pytest.param
    """Return a row of a table of inner modules."""
    return pytest.param(InnerModule(HEADER + body), *values, id=id)


def messages(inner: Result) -> list[str]:
    """Return what the failures say, without the place of the inner module."""
    texts = (re.sub(r"at \S*?test_\w+\.py:", "at test_*.py:", text) for text in inner.errors)
    return [text.removeprefix("Failed: ").removeprefix("AssertionError: ") for text in texts]


@pytest.mark.parametrize(
    ("inner", "outcomes", "line"),
    [
        row(
            "def test_it(sts_saml): sts_saml.add_client_error('Throttling')",
            {"passed": 1, "errors": 1},
            0,
            id="fixture",
        ),
        row(
            "@mock_sts_saml\ndef test_it(): active_backend().add_client_error('Throttling')",
            {"failed": 1},
            1,
            id="decorator",
        ),
        row(
            "def test_it():\n    with mock_sts_saml() as sts: sts.add_client_error('Throttling')",
            {"failed": 1},
            1,
            id="with",
        ),
        row(
            "def test_it():\n    mock = mock_sts_saml()\n"
            "    mock.start().add_client_error('Throttling')\n    mock.stop()",
            {"passed": 1, "errors": 1},
            2,
            id="stop",
        ),
        row(
            "@mock_sts_saml\nclass TestIt:\n    def test_it(self): active_backend().add_client_error('Throttling')",
            {"passed": 1, "errors": 1},
            2,
            id="plain class",
        ),
        row(
            "@mock_sts_saml\nclass TestIt(unittest.TestCase):\n"
            "    def test_it(self): active_backend().add_client_error('Throttling')",
            {"failed": 1},
            2,
            id="TestCase",
        ),
        row(
            "@pytest.fixture\n@mock_sts_saml\ndef ordered(): active_backend().add_client_error('Throttling')\n"
            "def test_it(ordered): pass",
            {"passed": 1, "errors": 1},
            2,
            id="decorated fixture",
        ),
        row(
            "@pytest.fixture(autouse=True, scope='module')\ndef outer():\n    with mock_sts_saml() as sts: yield sts\n"
            "def test_it(sts_saml): sts_saml.add_client_error('Throttling')",
            {"passed": 1, "errors": 1},
            3,
            id="a fixture that joined",
        ),
    ],
    indirect=["inner"],
)
def test_an_error_that_no_call_met_fails_the_test_that_ordered_it(
    inner: Result, outcomes: dict[str, int], line: int
) -> None:
    assert (inner.outcomes, messages(inner)) == (outcomes, [unmet(LINE + line)])


@pytest.mark.parametrize(
    "inner",
    [
        row("def test_it(sts_saml): sts_saml.add_client_error('Throttling', optional=True)", id="optional"),
        row("def test_it(sts_saml): sts_saml.add_connection_error(optional=True)", id="optional connection error"),
        row(
            "def test_it(sts_saml):\n    sts_saml.add_client_error('Throttling', times=2)\n    sts_saml.handle(LOGIN)",
            id="met once of twice",
        ),
        row(
            "@mock_sts_saml\ndef test_it(sts_saml):\n    active_backend().add_client_error('Throttling')\n"
            "    sts_saml.handle(LOGIN)",
            id="met in a joined mock",
        ),
        row(
            "@pytest.fixture(autouse=True, scope='module')\ndef outer():\n    with mock_sts_saml() as sts:\n"
            "        sts.add_client_error('Throttling')\n        yield sts\n"
            "def test_it(sts_saml): pass\ndef test_then(sts_saml): sts_saml.handle(LOGIN)",
            id="met by a later test of the module",
        ),
    ],
    indirect=True,
)
def test_an_error_that_is_optional_or_was_met_fails_no_test(inner: Result) -> None:
    assert set(inner.outcomes) == {"passed"}


@pytest.mark.parametrize(
    ("inner", "outcome"),
    [
        row(
            "def test_it(sts_saml):\n    sts_saml.add_client_error('X', 'x')\n    assert False", "failed", id="fixture"
        ),
        row(
            "@mock_sts_saml\ndef test_it():\n    active_backend().add_client_error('X', 'x')\n    assert False",
            "failed",
            id="decorator",
        ),
        row(
            "@mock_sts_saml\nclass TestIt(unittest.TestCase):\n"
            "    def test_it(self):\n        active_backend().add_client_error('X', 'x')\n        assert False",
            "failed",
            id="TestCase",
        ),
        row(
            "@pytest.fixture\ndef mine():\n    with mock_sts_saml() as sts: yield sts\n"
            "def test_it(mine):\n    mine.add_client_error('X', 'x')\n    assert False",
            "failed",
            id="a fixture of the test author",
        ),
        row(
            "def test_it(sts_saml):\n    sts_saml.add_client_error('X', 'x')\n    pytest.skip('now')",
            "skipped",
            id="skipped",
        ),
        row(
            "def test_it(sts_saml):\n    sts_saml.add_client_error('X', 'x')\n    pytest.xfail('now')",
            "xfailed",
            id="xfailed",
        ),
        row(
            "@mock_sts_saml\nclass TestIt(unittest.TestCase):\n    @unittest.expectedFailure\n"
            "    def test_it(self):\n        active_backend().add_client_error('X', 'x')\n        assert False",
            "xfailed",
            id="expectedFailure",
        ),
    ],
    indirect=["inner"],
)
def test_an_error_that_no_call_met_is_not_told_where_the_test_ended_otherwise(inner: Result, outcome: str) -> None:
    assert inner.outcomes == {outcome: 1}


FORCED = """
@pytest.mark.parametrize("saml_rejection", ["expired", "region-disabled"], indirect=True)
def test_it(saml_rejection): pass
"""


@pytest.mark.inner(InnerModule(HEADER + FORCED))
def test_a_forced_rejection_with_which_nobody_logs_in_fails_the_test(inner: Result) -> None:
    role = "arn:aws:iam::123456789012:role/Rejected"
    assert inner.outcomes == {"passed": 2, "errors": 1}
    told = f"no call met saml_rejection[region-disabled], AssumeRoleWithSAML of {role}"
    assert messages(inner) == [f"{told}\nSTS was not called\n{FORCED_REMEDY}"]


def test_the_calls_that_came_instead_are_listed() -> None:
    with mock_sts_saml(now="2030-01-01T00:00:00Z") as sts:
        sts.add_connection_error("timeout", role="arn:aws:iam::123456789012:role/Other")
        sts.handle("Action=AssumeRoleWithSAML&Version=2011-06-15")
        with pytest.raises(AssertionError) as caught:
            sts.assert_no_pending_errors()
        headline = sts.attempts[0].headline()
        sts.add_client_error("Throttling", optional=True)
        with pytest.raises(TimeoutError):
            sts.handle("Action=AssumeRoleWithSAML&RoleArn=arn:aws:iam::123456789012:role/Other")
        sts.assert_no_pending_errors()
    first, *rest = str(caught.value).splitlines()
    assert re.fullmatch(
        r"no call met add_connection_error\('timeout'\), AssumeRoleWithSAML of arn:aws:iam::123456789012:role/Other, "
        r"ordered at \S*test_unmet_errors\.py:\d+",
        first,
    )
    assert rest == ["the calls that came instead:", f"  {headline}", REMEDY]


def test_what_is_not_a_bool_is_refused_as_optional(sts: STSBackend) -> None:
    with pytest.raises(TypeError) as caught:
        sts.add_client_error("Throttling", optional=1)  # type: ignore[arg-type] # the mistake under test
    assert str(caught.value) == "optional must be True or False, not 1"


def test_another_error_on_its_way_is_not_replaced() -> None:
    def fail() -> None:
        with mock_sts_saml() as sts:
            sts.add_client_error("Throttling")
            raise KeyError

    with pytest.raises(KeyError):
        fail()


def test_a_test_case_outside_of_pytest_fails_once() -> None:
    @mock_sts_saml
    class Case(unittest.TestCase):
        def test_unmet(self) -> None:
            active_backend().add_client_error("Throttling")

        def test_with_another_failure(self) -> None:
            active_backend().add_client_error("Throttling")
            self.fail("for another reason")

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert len(result.errors) == 0
    told = [text.rpartition("AssertionError: ")[2].splitlines()[0] for _, text in result.failures]
    assert sorted(text.partition(", ordered at ")[0] for text in told) == [
        "for another reason",
        "no call met add_client_error('Throttling'), AssumeRoleWithSAML",
    ]


def test_a_test_case_outside_of_pytest_that_fails_as_expected_is_not_told_of_errors_that_no_call_met() -> None:
    @mock_sts_saml
    class Case(unittest.TestCase):
        @unittest.expectedFailure
        def test_unmet(self) -> None:
            active_backend().add_client_error("Throttling")
            self.fail("as expected")

    result = unittest.TestResult()
    Case("test_unmet").run(result)
    assert (len(result.expectedFailures), result.failures, result.errors) == (1, [], [])


def test_a_test_case_that_joined_a_mock_leaves_its_errors_to_the_end_of_that_mock(sts: STSBackend) -> None:
    @mock_sts_saml
    class Case(unittest.TestCase):
        def test_unmet(self) -> None:
            active_backend().add_client_error("Throttling")

    result = unittest.TestResult()
    Case("test_unmet").run(result)
    assert result.wasSuccessful()
    with pytest.raises(AssertionError):
        sts.assert_no_pending_errors()
    sts.handle("Action=AssumeRoleWithSAML")
