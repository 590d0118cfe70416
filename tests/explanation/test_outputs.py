"""Whole reports, as files in `outputs/`: one for each documented cause, byte for byte.

`python tests/explanation/test_outputs.py` writes them again; read the difference before you keep it.
"""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from explaining import ISSUED, Login

from pytest_stssaml import explain
from pytest_stssaml.__main__ import main

OUTPUTS = Path(__file__).parent / "outputs"
GENEROUS = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]


def of(shape: str = "okta", **values: object) -> Callable[[], str]:
    """Return what makes the report of a response in a shape."""
    return lambda: str(Login(shape=shape, **values).explain())  # type: ignore[arg-type]  # any keyword of `response`


def without_a_role() -> str:
    login = Login(shape="entra")
    return str(explain(login.response, metadata=login.idp.metadata, at=ISSUED))


def redacted() -> str:
    values = {"principal_tags": {"Team": "blue"}, "source_identity": "alice", "session_name": "alice"}
    return str(Login(policy={"actions": GENEROUS}, **values).explain(redact=True))


REPORTS: dict[str, Callable[[], str]] = {
    "accepted": of(),
    "accepted-with-tags": of(
        "entra",
        policy={"actions": GENEROUS},
        principal_tags={"Team": "blue", "CostCenter": "42"},
        transitive_tag_keys=["Team"],
        source_identity="alice",
        session_duration=60,
    ),
    "redacted": redacted,
    "without-a-role": without_a_role,
    "another-issuer": of("adfs", issuer="http://other.example.com/adfs"),
    "audience": of("keycloak", audience="https://app.example.com"),
    "regional-recipient": of("onelogin", recipient="https://us-west-2.signin.aws.amazon.com/saml"),
    "untrusted-tags": of("jumpcloud", principal_tags={"Team": "blue"}),
    "session-name": of("google", session_name="Alice Smith"),
    "two-faults": of(audience=None, session_name=None),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_whole_report(name: str) -> None:
    assert (OUTPUTS / f"{name}.txt").read_text(encoding="utf-8") == REPORTS[name]() + "\n"


@pytest.mark.parametrize("name", REPORTS)
def test_a_line_has_80_columns_unless_one_word_is_longer(name: str) -> None:
    lines = (OUTPUTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 80 and " " in line.strip()] == []


def test_every_report_has_a_test() -> None:
    assert sorted(path.stem for path in OUTPUTS.glob("*.txt")) == sorted(REPORTS)


def test_the_command_writes_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(Login(shape="okta").arguments(tmp_path)) == 0
    assert capsys.readouterr().out == (OUTPUTS / "accepted.txt").read_text(encoding="utf-8")


def test_a_text_of_1200_characters_is_shown_whole() -> None:
    note = "word " * 238 + "end"  # with "Note: " and a full stop
    explanation = dataclasses.replace(Login().explain(), notes=(note,))
    assert f"Note: {note}." in " ".join(str(explanation).split())


def test_a_longer_text_is_shortened_and_the_json_has_it_whole() -> None:
    note = "word " * 238 + "ends"
    explanation = dataclasses.replace(Login().explain(), notes=(note,))
    assert f"{'word ' * 58}word [... 701 characters ...] {'word ' * 39}ends. " in " ".join(str(explanation).split())
    assert explanation.to_dict()["notes"] == [note]


def test_a_session_policy_that_is_too_long_is_not_written_whole() -> None:
    resources = [f"arn:aws:s3:::example-{number}" for number in range(200)]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": resources}]}
    written = str(Login().explain(policy=json.dumps(policy)))
    assert "Member must have length less than or equal to 2048" in " ".join(written.split())
    assert len(written) < 6000


if __name__ == "__main__":
    OUTPUTS.mkdir(exist_ok=True)
    for name, report in REPORTS.items():
        (OUTPUTS / f"{name}.txt").write_text(report() + "\n", encoding="utf-8")
