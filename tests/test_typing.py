"""What mypy and pyright say to those who annotate their tests: nothing of good code, and what is wrong of mistakes."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
TYPING = PROJECT / "tests" / "typing"
FILES = sorted(TYPING.glob("*.py"))
# A comment such as "# expect arg-type, reportArgumentType", with the codes of mypy and of pyright.
EXPECTED = {
    (path.name, number): (found[1], found[2])
    for path in FILES
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    if (found := re.search(r"# expect ([\w-]+), (\w+)$", line))
}

Codes = dict[tuple[str, int], set[str]]


def output_of(*command: str) -> str:
    """Return what a module prints that checks the files."""
    run = [sys.executable, "-m", *command, *map(str, FILES)]
    return subprocess.run(run, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300).stdout  # noqa: S603


def found_by_mypy() -> Codes:
    codes: Codes = {}
    output = output_of("mypy", "--strict", "--config-file=", "--cache-dir=/dev/null", "--no-error-summary")
    for path, line, code in re.findall(r"^(.+?):(\d+): error: .*\[([\w-]+)\]$", output, re.MULTILINE):
        if PROJECT / path in FILES:  # mypy may also read the package there, without its settings
            codes.setdefault((Path(path).name, int(line)), set()).add(code)
    assert codes, output
    return codes


def found_by_pyright() -> Codes:
    codes: Codes = {}
    output = output_of("basedpyright", "--outputjson", "--pythonpath", sys.executable)
    for error in json.loads(output)["generalDiagnostics"]:
        place = Path(error["file"]).name, error["range"]["start"]["line"] + 1
        codes.setdefault(place, set()).add(error["rule"])
    assert codes, output
    return codes


@pytest.mark.slow  # it starts a type checker
@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
@pytest.mark.skipif(importlib.util.find_spec("lxml-stubs") is None, reason="types-lxml is not installed")
def test_mypy_finds_the_mistakes_and_nothing_else() -> None:
    assert found_by_mypy() == {place: {code} for place, (code, _) in EXPECTED.items()}


@pytest.mark.slow  # likewise
@pytest.mark.skipif(importlib.util.find_spec("basedpyright") is None, reason="basedpyright is not installed")
@pytest.mark.skipif(importlib.util.find_spec("lxml-stubs") is None, reason="types-lxml is not installed")
def test_pyright_finds_the_mistakes_and_nothing_else() -> None:
    found = found_by_pyright()
    # It says more of a line, such as that what follows from the mistake is unknown.
    assert (set(found), {place for place, (_, code) in EXPECTED.items() if code not in found[place]}) == (
        set(EXPECTED),
        set(),
    )
