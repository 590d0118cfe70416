"""`python -m pytest_stssaml`: the real command, its help, its status, its colours and what it imports."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from explaining import Login

from pytest_stssaml.__main__ import COMMANDS, main

PROJECT = Path(__file__).parents[2]
REFERENCE = (PROJECT / "docs" / "reference" / "explain.md").read_text(encoding="utf-8")


def run(code: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    command = [sys.executable, *code.split(" ", 1), *arguments]
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=cwd, env={"PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.slow
def test_the_command_writes_the_report_of_a_good_response(tmp_path: Path) -> None:
    ran = run("-m pytest_stssaml", *Login(shape="okta").arguments(tmp_path), cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    outputs = Path(__file__).parent / "outputs"
    assert ran.stdout == (outputs / "accepted.txt").read_text(encoding="utf-8")


def modules_after(lines: str, tmp_path: Path) -> set[str]:
    """Return what is imported after some lines of Python have run in a process of their own."""
    code = f"import sys; from pytest_stssaml.__main__ import main; {lines}; print(*sys.modules, file=sys.stderr)"
    return {name.partition(".")[0] for name in run("-c", code, cwd=tmp_path).stderr.split()}


@pytest.mark.slow
def test_the_help_imports_nothing_heavy(tmp_path: Path) -> None:
    heavy = {"argparse", "boto3", "botocore", "cryptography", "freezegun", "lxml", "pytest", "signxml", "wrapt"}
    assert modules_after("main(['--help'])", tmp_path) & heavy == set()


@pytest.mark.slow
def test_a_run_imports_no_client_of_aws_and_no_test_runner(tmp_path: Path) -> None:
    arguments = Login().arguments(tmp_path)
    found = modules_after(f"main({arguments!r})", tmp_path)
    assert "lxml" in found
    assert found & {"asyncio", "boto3", "botocore", "freezegun", "pytest", "urllib3", "wrapt"} == set()


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == (
        "usage: python -m pytest_stssaml COMMAND ...\n\n"
        "  explain  say what AWS would answer to a SAML response, and why\n"
        "  serve    answer logins over HTTP on this machine, and say why they are refused\n"
    )


@pytest.mark.parametrize("arguments", [["explian"], ["-x"]])
def test_an_unknown_command_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "explain" in capsys.readouterr().err


def test_no_command_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in printed] == []


def test_the_manual_documents_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["explain", "--help"])
    words = capsys.readouterr().out.replace("]", " ").split()
    options = {word.rstrip(",") for word in words if word.startswith("--")} - {"--help"}
    assert [option for option in sorted(options) if f"`{option}" not in REFERENCE] == []


def test_the_manual_documents_every_key_of_the_json() -> None:
    login = Login(principal_tags={"team": "blue"}, audience="urn:x")
    found = login.explain().to_dict()
    keys = {*found, *found["facts"], *found["facts"]["times"], *found["checks"][0], *found["trust"][0]}
    keys |= {*found["trust"][0]["conditions"][0], *found["facts"]["roles"][0], *found["facts"]["certificates"][0]}
    assert [key for key in sorted(keys) if f"`{key}`" not in REFERENCE] == []


STATUSES: dict[str, tuple[dict[str, Any], list[str], int]] = {
    "accepted": ({}, [], 0),
    "refused": ({"audience": "urn:x"}, [], 1),
    "left open": ({}, ["--region", "af-south-1"], 2),
}


@pytest.mark.parametrize("name", STATUSES)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_the_status_says_what_aws_would_answer(
    name: str, form: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values, options, status = STATUSES[name]
    assert main(Login(**values).arguments(tmp_path, *options, *form)) == status
    assert capsys.readouterr().err == ""


def test_json_is_the_dict_of_the_explanation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    login = Login()
    main(login.arguments(tmp_path, "--json"))
    assert json.loads(capsys.readouterr().out) == login.explain().to_dict()


def test_standard_input_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    login = Login()
    arguments = login.arguments(tmp_path)
    arguments[1] = "-"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(str(login.response).encode())))
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("AWS would accept")


@pytest.mark.parametrize(("of", "coloured"), [((True, ""), True), ((True, "1"), False), ((False, ""), False)])
def test_colours_are_for_terminals_without_no_color(
    of: tuple[bool, str],
    coloured: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, no_color = of
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    main(Login().arguments(tmp_path))
    assert ("\033[32mpassed" in capsys.readouterr().out) is coloured


def test_control_characters_of_a_response_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(Login(name_id="alice\x9b31m", session_name="a\u202eb").arguments(tmp_path))
    written = capsys.readouterr().out
    assert r"alice\x9b31m" in written
    assert "\u202e" not in written


def test_a_reader_that_stops_reading_is_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert main(Login().arguments(tmp_path)) == 0
    assert capsys.readouterr().err == ""


def test_a_report_that_cannot_be_written_is_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = os.open(tmp_path / "report", os.O_CREAT | os.O_RDONLY)
    with os.fdopen(writer, "w", encoding="utf-8") as unwritable:
        monkeypatch.setattr(sys, "stdout", unwritable)
        assert main(Login().arguments(tmp_path)) == 2
    assert capsys.readouterr().err == ("pytest_stssaml explain: the report cannot be written: Bad file descriptor\n")


def test_a_closed_standard_output_is_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main(Login().arguments(tmp_path)) == 2
    assert capsys.readouterr().err == (
        "pytest_stssaml explain: the report cannot be written: standard output is closed\n"
    )


def test_a_closed_standard_input_is_status_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["explain", "-"]) == 2
    assert capsys.readouterr().err == (
        "pytest_stssaml explain: standard input is closed; give a file with the response\n"
    )


def test_a_standard_input_that_cannot_be_read_is_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "response").open("wb") as unreadable:
        descriptor = os.dup(unreadable.fileno())
    with os.fdopen(descriptor, "r", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert main(["explain", "-"]) == 2
    assert capsys.readouterr().err == "pytest_stssaml explain: standard input cannot be read: Bad file descriptor\n"


def test_a_closed_standard_error_leaves_the_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["explain", str(tmp_path / "absent")]) == 2


def test_characters_that_the_terminal_lacks_are_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", output)
    assert main(Login(name_id="Zoë").arguments(tmp_path)) == 0
    output.seek(0)
    assert r"  subject: Zo\xeb" in output.read().splitlines()
