"""Inner runs of pytest: many small test modules in one session, for the outer tests to look at one by one.

Starting pytest takes longer than most inner tests do. So an outer test names its inner module in a marker, or in a
parameter, and all the inner modules of an outer module run together when the first of them is asked for:

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
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from wire import shared_session

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
    return shared_session().client("sts", region_name="us-east-1")


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

    @property
    def options(self) -> tuple[tuple[str, ...], str]:
        return self.arguments, self.ini


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
        sections = [
            section
            for report in self.reports
            for section in (*getattr(report.longrepr, "sections", ()), *report.sections)
        ]
        return [text for title, text, *_ in sections if title == "STS"]


def outcome_of(report: Report) -> str | None:
    """Return how a test ended, or None if it has passed this phase and the phase is not the test itself."""
    if type(report) not in {pytest.TestReport, pytest.CollectReport}:  # of a subtest; the test is reported too
        return None
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


def module_of(item: pytest.Item) -> InnerModule | None:
    """Return the inner module that a test looks at: that of its marker, or of its parameter."""
    marker = item.get_closest_marker("inner")
    if marker is not None:
        [module] = marker.args
    elif hasattr(item, "callspec"):
        module = item.callspec.params.get("inner")
    else:
        module = None
    return module


def modules_of(request: pytest.FixtureRequest) -> list[InnerModule]:
    """Return the inner modules that the selected tests of an outer module look at."""
    items = [item for item in request.session.items if item.getparent(pytest.Module) is request.node]
    return [module for module in map(module_of, items) if module is not None]


RunSession = Callable[[Path, Sequence[str], Sequence[str]], Mapping[str, Result]]


def run_session(directory: Path, names: Sequence[str], arguments: Sequence[str]) -> Mapping[str, Result]:
    """Run the modules of a directory in one session of pytest in this process."""
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
    return recorder.results


class Results:
    """The results of inner modules.

    Those with the same options run in one session, when the first of them is asked for, and never if all their tests
    are skipped.
    """

    def __init__(self, modules: Iterable[InnerModule], directory: Path, run: RunSession = run_session) -> None:
        self.modules = list(dict.fromkeys(modules))
        self.directory = directory
        self.run = run
        self.results: dict[InnerModule, Result] = {}

    def __getitem__(self, module: InnerModule) -> Result:
        if module not in self.results:
            together = [other for other in self.modules if other.options == module.options]
            self.results.update(zip(together, self.run_together(together, module), strict=True))
        return self.results[module]

    def run_together(self, modules: list[InnerModule], first: InnerModule) -> list[Result]:
        place = self.directory / f"session{len(self.results)}"
        place.mkdir()
        (place / "pytest.ini").write_text(f"[pytest]\n{first.ini}", encoding="utf-8")
        names = [f"test_inner_{number}.py" for number in range(len(modules))]
        for name, module in zip(names, modules, strict=True):
            (place / name).write_text(module.source, encoding="utf-8")
        found = self.run(place, names, first.arguments)
        return [found[name] for name in names]
