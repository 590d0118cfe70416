import re
import tomllib
from pathlib import Path
from runpy import run_path

import pytest

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
PYPROJECT = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")

CHANGELOG = """\
# Changelog

## [Unreleased]

### Added

- A feature.

## [0.1.0] - 2030-01-01

- Another one.

[Unreleased]: https://example.com/project/compare/v0.1.0...HEAD
[0.1.0]: https://example.com/project/releases/tag/v0.1.0
"""


def test_the_example_of_the_first_command_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_login=(PROJECT / "examples" / "test_login.py").read_text(encoding="utf-8"))
    pytester.runpytest("-W", "error", "-p", "no:hypothesispytest").assert_outcomes(passed=6)


def test_the_readme_has_at_most_150_lines() -> None:
    assert len(README.splitlines()) <= 150


def test_the_first_screen_has_both_commands() -> None:
    first_screen = README.splitlines()[:20]
    commands = [line for line in first_screen if line.startswith("python3 -m venv --without-pip .venv && ")]
    assert [command.rsplit("&&", 1)[1] for command in commands] == [
        " .venv/bin/python -m pytest examples/test_login.py -v -s",
        " .venv/bin/python -m pytest",
    ]


def test_ci_runs_the_second_command_of_the_readme() -> None:
    pattern = re.search(r"grep -E '(.*)' README.md", (PROJECT / ".ci" / "run").read_text(encoding="utf-8"))
    assert pattern is not None
    assert len(re.findall(pattern[1].replace(r"\[", "\\["), README, re.MULTILINE)) == 1


def test_each_version_of_python_that_is_declared_is_tested_in_ci() -> None:
    tested = re.findall(r"\bpy3(\d+)\b", (PROJECT / ".ci" / "run").read_text(encoding="utf-8"))
    lowest = re.findall(r"^base_python = py3(\d+)$", (PROJECT / "tox.ini").read_text(encoding="utf-8"), re.MULTILINE)
    declared = re.findall(r'"Programming Language :: Python :: 3\.(\d+)"', PYPROJECT)
    assert sorted(declared) == sorted(lowest + tested)


def test_the_requirements_are_those_of_the_readme() -> None:
    dependencies = tomllib.loads(PYPROJECT)["project"]["dependencies"]
    named = [re.split(r"[><=]", dependency)[0] for dependency in dependencies]
    sentence = README.partition("## Requirements")[2].partition(". The plugin")[0]
    assert [name for name in named if name not in sentence] == []


@pytest.mark.parametrize("name", ["pyproject.toml", "CHANGELOG.md", ".github/ISSUE_TEMPLATE/config.yml"])
def test_the_addresses_of_the_project_are_those_of_pyproject(name: str) -> None:
    path = PROJECT / name
    if not path.exists():
        pytest.skip("the source distribution does not contain this file")
    urls = tomllib.loads(PYPROJECT)["project"]["urls"]
    bases = (urls["Source"] + "/", urls["Documentation"])
    found = re.findall(r"https://(?:github\.com|[\w-]+\.readthedocs\.io)/[^\s'\")]*", path.read_text(encoding="utf-8"))
    assert [url for url in found if not f"{url}/".startswith(bases)] == []


def test_a_release_gets_what_is_unreleased_in_the_changelog() -> None:
    released = run_path(str(PROJECT / ".ci" / "prepare_release.py"))["released"]
    assert released(CHANGELOG, "0.2.0", "2030-02-01") == CHANGELOG.replace(
        "## [Unreleased]\n", "## [Unreleased]\n\n## [0.2.0] - 2030-02-01\n"
    ).replace("v0.1.0...HEAD\n", "v0.2.0...HEAD\n[0.2.0]: https://example.com/project/releases/tag/v0.2.0\n")


@pytest.mark.parametrize(
    ("changelog", "version"), [(CHANGELOG, "0.1.0"), (CHANGELOG.replace("- A feature.", ""), "0.2.0")]
)
def test_a_release_needs_a_new_version_and_changes(changelog: str, version: str) -> None:
    released = run_path(str(PROJECT / ".ci" / "prepare_release.py"))["released"]
    with pytest.raises(ValueError, match=r"CHANGELOG\.md has"):
        released(changelog, version, "2030-02-01")


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[Unreleased\]\n(.|\n)*^\[Unreleased\]: https://", changelog, re.MULTILINE)
