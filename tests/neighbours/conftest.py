from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from inner_runs import Result, Results, modules_of
from neighbours.runs import Made, Run, beside, prepare, run_in_a_process

from pytest_stssaml.keys import SigningKey


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start a process as slow."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if Path(__file__).parent in item.path.parents and {"inner", "pytester"}.intersection(fixtures):
            item.add_marker("slow")


@pytest.fixture(scope="module")
def inner_results(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    saml_signing_key: SigningKey,
    no_aws_environment: None,
) -> Results:
    """The results of the inner modules that the tests of a module look at, each session in a process of its own."""

    def run(directory: Path, names: Sequence[str], arguments: Sequence[str]) -> Mapping[str, Result]:
        prepare(directory, saml_signing_key)
        return run_in_a_process(directory, names, arguments, request.config)

    return Results(modules_of(request), tmp_path_factory.mktemp("inner"), run)


@pytest.fixture
def run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, saml_signing_key: SigningKey, no_aws_environment: None
) -> Run:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    prepare(pytester.path, saml_signing_key)

    def call(body: str, *arguments: str, plugins: str = "", ours: bool = True) -> pytest.RunResult:
        module = beside(body, *arguments, plugins=plugins, ours=ours)
        pytester.makepyfile(test_it=module.source)
        return pytester.runpytest_subprocess(*module.arguments, timeout=120)

    return call


@pytest.fixture
def made() -> Made:
    def read(result: pytest.RunResult) -> dict[str, str]:
        lines = [line.removeprefix("made ").split(" | ") for line in result.outlines if line.startswith("made ")]
        return {nodeid.partition("@")[0]: value for nodeid, value in lines}

    return read
