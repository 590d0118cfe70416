"""The examples of the README and the manual: found by Sybil, and run from the top of a page to its end.

- A Python block continues the module of its page. Its tests run in an inner pytest, and must pass; below a comment
  `<!-- fails -->` they must fail.
- A Python block with the caption `name.py` is a file of that name.
- A console block is run by the shell, in the directory of these files, and prints what is shown. A line `...` stands
  for any lines.
- A shell block is run in the same way and must end with status 0; its output is not shown.
- A text block shows a part of what the last run or command printed.
- A comment `<!-- skip: next -->`, with a reason if it is not plain, leaves a block out.
"""

import configparser
import json
import os
import re
import subprocess
import sysconfig
import textwrap
import tomllib
from pathlib import Path

import pytest
from sybil import Document, Example
from sybil.parsers.myst import CodeBlockParser, SkipParser

PROJECT = Path(__file__).parents[1]
DOCS = PROJECT / "docs"

#: What a page is tested for: the README, and each page of the manual.
PAGES = [PROJECT / "README.md", *sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)]

#: Languages of blocks that are run, compared or read.
LANGUAGES = {"python", "console", "shell", "text", "toml", "ini", "json"}

_VARYING = (
    (re.compile(r"SHA-256 [0-9a-f]{16}…, \d+"), "SHA-256"),
    (re.compile(r" in \d+\.\d+s"), " in 0.00s"),
    (re.compile(r"^=+(?P<title> .* )=+$", re.MULTILINE), r"===\g<title>==="),
    (re.compile(r"^-+(?P<title> .* )-+$", re.MULTILINE), r"---\g<title>---"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)


def steady(text: str) -> str:
    """Return a text without what differs from run to run and from terminal to terminal."""
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return text


class Runner:
    """Runs the blocks of one page."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.source = ""
        self.pending: list[str] = []
        self.ran: list[str] = []
        self.output = ""

    def python(self, example: Example) -> None:
        code = str(example.parsed)
        caption = re.search(r":caption: (\S+\.\w+)", example.document.text[example.start : example.start + 200])
        if caption is not None and example.region.lexemes.get("options", {}).get("caption"):
            (self.pytester.path / caption[1]).write_text(code, encoding="utf-8")
            return
        # The lines of the module are those of the page, so a failure shows where it is.
        self.source += "\n" * (example.line - self.source.count("\n")) + code
        names = re.findall(r"^(?:async )?def (test_\w+)|^class (Test\w+)", code, re.MULTILINE)
        tests = [function or cls for function, cls in names]
        if example.document.text[: example.start].rstrip().endswith("<!-- fails -->"):
            self.flush()
            self.run(tests, "failed")
        else:
            self.pending += tests

    def flush(self, *_: object) -> None:
        if self.pending:
            self.run(self.pending, "passed")
            self.pending = []

    def run(self, tests: list[str], outcome: str) -> None:
        self.ran += tests
        self.pytester.makepyfile(test_page=self.source)
        without = ("-p", "no:hypothesispytest", "-p", "no:asyncio", "-p", "no:cacheprovider")
        options = ("-W", "error", "--tb=short", *without)
        result = self.pytester.runpytest(*options, *(f"test_page.py::{test}" for test in tests))
        self.output = str(result.stdout)
        outcomes = result.parseoutcomes()
        assert outcomes.pop(outcome, 0), self.output
        assert set(outcomes) <= {"warnings", "skipped"}, self.output

    def console(self, example: Example) -> None:
        self.flush()
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n?)*)", example.parsed, re.MULTILINE):
            self.command(command)
            pieces = [re.escape(piece) for piece in re.split(r"^\.\.\.\n", steady(shown), flags=re.MULTILINE)]
            assert re.search(".*".join(pieces), steady(self.output), re.DOTALL), self.output

    def shell(self, example: Example) -> None:
        if Path(example.path).name != "README.md":  # whose two commands are those of continuous integration
            self.flush()
            assert self.command(f"set -e\n{example.parsed}") == 0, self.output

    def command(self, command: str) -> int:
        """Run a command in the directory of the page's files, and return its status."""
        done = subprocess.run(  # noqa: S602 - the commands are those of the manual
            command,
            shell=True,
            cwd=self.pytester.path,
            env=os.environ | {"PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        self.output = done.stdout
        return done.returncode

    def text(self, example: Example) -> None:
        self.flush()
        assert steady(textwrap.dedent(example.parsed)).strip("\n") in steady(self.output), self.output

    def toml(self, example: Example) -> None:
        tomllib.loads(example.parsed)

    def ini(self, example: Example) -> None:
        configparser.ConfigParser().read_string(example.parsed)

    def json(self, example: Example) -> None:
        json.loads(example.parsed)


def examples(path: Path, pytester: pytest.Pytester) -> tuple[Runner, list[Example]]:
    """Return the runner of a page, and its examples in their order."""
    runner = Runner(pytester)
    parsers = [CodeBlockParser(language, getattr(runner, language)) for language in LANGUAGES]
    return runner, list(Document.parse(str(path), *parsers, SkipParser()))


def languages(path: Path) -> set[str]:
    """Return the languages of the blocks of a page; directives of MyST have none."""
    text = path.read_text(encoding="utf-8")
    fences = re.findall(r"^ *(```+) *(\S*)(?: +(\w+))?.*\n(?:.*\n)*?^ *\1 *$", text, re.MULTILINE)
    return {second if first == "{code-block}" else first for _, first, second in fences}
