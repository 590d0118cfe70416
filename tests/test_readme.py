import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


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


def test_the_requirements_are_those_of_the_readme() -> None:
    dependencies = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    named = [re.split(r"[><=]", dependency)[0] for dependency in dependencies]
    sentence = README.partition("## Requirements")[2].partition(", none of which")[0]
    assert [name for name in named if name not in sentence] == []
