"""SDKs of other languages and the aws commands, each of which goes through the same scenarios over HTTP.

`tox -e sdks` runs them. On Debian, `apt-get install awscli golang-go golang-github-aws-aws-sdk-go-v2-dev ruby
ruby-aws-sdk-core nodejs npm` installs what is not in Python; what is not installed is skipped.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_stssaml import IdentityProvider, Role, STSBackend
from pytest_stssaml.adapters.http_endpoint import Endpoint

PROGRAMS = Path(__file__).with_name("programs")
#: Where Debian's packages have the sources of Go.
GO_SOURCES = Path("/usr/share/gocode")

pytestmark = pytest.mark.slow  # each test starts a program

if "STSSAML_SDKS" not in os.environ:
    pytest.skip("`tox -e sdks` runs them", allow_module_level=True)


class Missing(Exception):
    """A language or its SDK is not installed; the message says which."""


def prints(*command: str) -> str:
    """Return what a command prints, or "" if it fails or does not exist."""
    if shutil.which(command[0]) is None:
        return ""
    finished = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)  # noqa: S603 - below
    return finished.stdout if finished.returncode == 0 else ""


def aws_1(_: Path) -> list[str]:
    if find_spec("awscli") is None:
        raise Missing("awscli of PyPI is not installed")
    return [sys.executable, str(PROGRAMS / "aws_cli.py"), sys.executable, "-m", "awscli"]


def aws_2(_: Path) -> list[str]:
    found = next((path for path in ("/usr/bin/aws", "/usr/local/bin/aws") if Path(path).exists()), "aws")
    if not prints(found, "--version").startswith("aws-cli/2."):
        raise Missing("version 2 of the aws command is not installed")
    return [sys.executable, str(PROGRAMS / "aws_cli.py"), found]


def javascript(_: Path) -> list[str]:
    if not prints("node", "-p", "require('@aws-sdk/client-sts').STSClient.name"):
        raise Missing("node, or its package @aws-sdk/client-sts, is not installed")
    return ["node", str(PROGRAMS / "javascript.cjs")]


def ruby(_: Path) -> list[str]:
    if not prints("ruby", "-r", "aws-sdk-core", "-e", "puts Aws::STS::Client"):
        raise Missing("ruby, or its gem aws-sdk-core, is not installed")
    return ["ruby", str(PROGRAMS / "ruby.rb")]


def golang(directory: Path) -> list[str]:
    if shutil.which("go") is None or not (GO_SOURCES / "src/github.com/aws/aws-sdk-go-v2").is_dir():
        raise Missing("go, or Debian's golang-github-aws-aws-sdk-go-v2-dev, is not installed")
    program = directory / "golang"
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": str(GO_SOURCES), "GOFLAGS": "", "GOTOOLCHAIN": "local"}
    command = ["go", "build", "-o", str(program), str(PROGRAMS / "golang.go")]
    subprocess.run(command, env=environment, check=True, timeout=600)  # noqa: S603 - our own program
    return [str(program)]


#: What gives the command of the program for an SDK. It may build the program in a directory.
SDKS: dict[str, Callable[[Path], list[str]]] = {
    "aws 1": aws_1,
    "aws 2": aws_2,
    "javascript": javascript,
    "ruby": ruby,
    "go": golang,
}


@pytest.fixture(scope="session", params=SDKS)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of the program for an SDK."""
    try:
        return SDKS[request.param](tmp_path_factory.mktemp("program"))
    except Missing as missing:
        pytest.skip(str(missing))


class Case(NamedTuple):
    """What a scenario begins with."""

    sts: STSBackend
    idp: IdentityProvider
    role: Role
    run: Callable[..., dict[str, Any]]


@pytest.fixture
def case(program: list[str], sts: STSBackend, idp: IdentityProvider, tmp_path: Path) -> Iterator[Case]:
    """A role and a provider, and what runs a scenario of an SDK: `run(scenario, response, ...)`."""
    role = sts.create_role("Developer")
    with sts.serve() as endpoint:

        def run(scenario: str, response: str, **more: str) -> dict[str, Any]:
            return started(program, endpoint, tmp_path, scenario=scenario, assertion=response, **given, **more)

        given = {"role": role.arn, "provider": idp.provider.arn}
        yield Case(sts, idp, role, run)


def started(command: list[str], endpoint: Endpoint, home: Path, **given: str) -> dict[str, Any]:
    """Return what a program prints for a scenario."""
    finished = subprocess.run(  # noqa: S603 - our own program
        command,
        env=endpoint.environ | {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


ARN = "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"
POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}'


def test_a_login(case: Case) -> None:
    assert case.run("login", case.idp.response(case.role)) == {"arn": ARN, "subject": "alice@example.com"}


def test_a_login_with_a_session_policy(case: Case) -> None:
    assert case.run("login", case.idp.response(case.role), policy=POLICY)["arn"] == ARN
    assert case.sts.sessions[-1].policies != ()


def test_a_forged_response_is_caught_by_its_own_type(case: Case) -> None:
    forged = case.idp.response(case.role).tampered("alice", "mallory")
    assert case.run("refused", forged) == {"caught": "InvalidIdentityToken"}


def test_an_expired_response_is_caught_by_its_own_type(case: Case) -> None:
    response = case.idp.response(case.role)
    case.sts.advance(minutes=6)
    assert case.run("refused", response) == {"caught": "ExpiredTokenException"}


def test_a_malformed_policy_is_caught_by_its_own_type(case: Case) -> None:
    assert case.run("refused", case.idp.response(case.role), policy="{}") == {"caught": "MalformedPolicyDocument"}


def test_a_session_says_who_it_is(case: Case) -> None:
    assert case.run("identity", case.idp.response(case.role)) == {"arn": ARN}


def test_a_session_assumes_the_next_role(case: Case) -> None:
    auditor = case.sts.create_role("Auditor", trust_policy=case.role.chaining_policy())
    found = case.run("chaining", case.idp.response(case.role), next=auditor.arn)
    assert found == {"arn": "arn:aws:sts::123456789012:assumed-role/Auditor/audit"}


def test_throttling_is_overcome_by_the_retries_of_the_sdk(case: Case) -> None:
    case.sts.add_client_error("Throttling", times=2)
    assert case.run("login", case.idp.response(case.role))["arn"] == ARN
    assert [attempt.code for attempt in case.sts.attempts] == ["Throttling", "Throttling", None]


def test_a_reset_connection_is_overcome_by_the_retries_of_the_sdk(case: Case) -> None:
    case.sts.add_connection_error("reset")
    assert case.run("login", case.idp.response(case.role))["arn"] == ARN
    assert [attempt.accepted for attempt in case.sts.attempts] == [False, True]
