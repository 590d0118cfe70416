"""Inner runs of pytest: many small test modules in one session, for the outer tests to look at one by one.

Starting pytest takes longer than most inner tests do. So an outer test names its inner module in a marker, or in a
parameter, and all the inner modules of an outer module run together before the first test that looks at one:

    @pytest.mark.inner(InnerModule("def test_it(): pass"))
    def test_a_test_without_calls_passes(inner: Result) -> None:
        assert inner.outcomes == {"passed": 1}

Inner modules with different options of pytest run in different sessions. The fixture `inner` is in conftest.py.
"""

import contextlib
import functools
import io
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from wire import somebody

from pytest_stssaml import make_signing_key
from pytest_stssaml.keys import SigningKey

#: For the identity providers of inner modules. An RSA key would take a tenth of a second.
KEY = make_signing_key("ec")


@pytest.fixture(scope="session")
def saml_signing_key() -> SigningKey:
    """Override the fixture of the plugin in the inner modules that import this."""
    return KEY


@functools.cache
def sts_client() -> Any:
    """Return one client of boto3 for all inner modules."""
    return somebody().client("sts", region_name="us-east-1")


def log_in(response: Any, role: Any, provider: Any) -> Any:
    """Log in through a client of boto3, for inner modules to import."""
    return sts_client().assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response)


class InnerModule(NamedTuple):
    """A test module that runs in an inner session."""

    source: str
    #: The options of its session on the command line.
    arguments: tuple[str, ...] = ()
    #: The options of its session in pytest.ini.
    ini: str = ""


Report = pytest.TestReport | pytest.CollectReport


class Result(NamedTuple):
    """What the tests of one inner module ended with."""

    #: What pytest reported of each phase of each test, and of a collection that failed, in order.
    reports: list[Report]
    #: The node IDs of the tests without the module, in the order in which they were to run.
    tests: list[str]

    @property
    def outcomes(self) -> dict[str, int]:
        """How many tests ended how, under the names of `pytester.RunResult.assert_outcomes`."""
        return dict(Counter(filter(None, map(outcome_of, self.reports))))

    @property
    def errors(self) -> list[str]:
        """What each failure raised, such as "ValueError: no", or what pytest says if nothing was raised."""
        failures = [report for report in self.reports if report.failed]
        places = [getattr(report.longrepr, "reprcrash", None) for report in failures]
        return [place.message if place else report.longreprtext for report, place in zip(failures, places, strict=True)]

    @property
    def sections(self) -> list[str]:
        """What our plugin added to the reports."""
        return [text for report in self.reports for title, text in report.sections if title == "STS"]


def outcome_of(report: Report) -> str | None:
    """Return how a test ended, or None if it has passed this phase and the phase is not the test itself."""
    if report.failed:
        return "failed" if report.when == "call" else "errors"
    if report.skipped:
        return "xfailed" if hasattr(report, "wasxfail") else "skipped"
    return "passed" if report.when == "call" else None


class Recorder:
    """A plugin that keeps what the tests of each file ended with."""

    def __init__(self) -> None:
        self.results: dict[str, Result] = defaultdict(lambda: Result([], []))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.results[report.nodeid].reports.append(report)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            module, _, test = item.nodeid.partition("::")
            self.results[module].tests.append(test)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.results[report.nodeid.partition("::")[0]].reports.append(report)


def run_all(modules: Iterable[InnerModule], directory: Path) -> dict[InnerModule, Result]:
    """Run inner modules, those with the same options in one session."""
    sessions: dict[tuple[tuple[str, ...], str], dict[str, None]] = defaultdict(dict)
    for module in modules:
        sessions[module.arguments, module.ini][module.source] = None  # a dict, since a set has no order
    results = {}
    for number, ((arguments, ini), sources) in enumerate(sessions.items()):
        place = directory / f"session{number}"
        place.mkdir()
        found = run_session(place, list(sources), arguments, ini)
        results.update(
            {InnerModule(source, arguments, ini): result for source, result in zip(sources, found, strict=True)}
        )
    return results


def run_session(directory: Path, sources: Sequence[str], arguments: Sequence[str], ini: str) -> list[Result]:
    """Run inner modules in one session of pytest in this process."""
    names = [f"test_inner_{number}.py" for number in range(len(sources))]
    for name, source in zip(names, sources, strict=True):
        (directory / name).write_text(source, encoding="utf-8")
    (directory / "pytest.ini").write_text(f"[pytest]\n{ini}", encoding="utf-8")
    recorder = Recorder()
    # What Python itself says of an exception is enough, and pytest's own way parses the source of each frame.
    options = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--basetemp=temporary", "--tb=native"]
    path = sys.path[:]
    try:
        with contextlib.chdir(directory), contextlib.redirect_stdout(io.StringIO()) as output:
            pytest.main(["--continue-on-collection-errors", *options, *arguments, *names], plugins=[recorder])
    finally:
        sys.path[:] = path
        for name in names:
            sys.modules.pop(name.removesuffix(".py"), None)
    print(output.getvalue())  # noqa: T201 - pytest shows it if an outer test fails
    return [recorder.results[name] for name in names]
