"""The real `aws` command line, and another program, served over HTTP."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from pytest_stssaml import IdentityProvider, Role, Session, STSBackend
from pytest_stssaml.adapters.http_endpoint import Endpoint

pytestmark = pytest.mark.slow  # each test starts a program
needs_awscli = pytest.mark.skipif(find_spec("awscli") is None, reason="awscli is not installed")

#: The exit code for an error of the service; version 2, which is not on PyPI, has 254.
REFUSED = 255

Finished = subprocess.CompletedProcess[str]

GET = "import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())"


@pytest.fixture
def endpoint(sts: STSBackend) -> Iterator[Endpoint]:
    """An endpoint of STS on this machine."""
    with sts.serve() as opened:
        yield opened


@pytest.fixture
def run(endpoint: Endpoint, tmp_path: Path) -> Callable[..., Finished]:
    """Run Python in a process that sees nothing of this machine's configuration."""
    environment = endpoint.environ | {"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}

    def call(*arguments: str, **more: str) -> Finished:
        return subprocess.run(  # noqa: S603
            [sys.executable, *arguments],
            env=environment | more,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return call


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Role:
    """A role for the command line alone."""
    conditions = {"StringLike": {"aws:UserAgent": "aws-cli/*"}, "Bool": {"aws:SecureTransport": "false"}}
    return sts.create_role("Developer", trust_policy=idp.provider.trust_policy(conditions=conditions))


@pytest.fixture
def aws_log_in(run: Callable[..., Finished], idp: IdentityProvider, role: Role) -> Callable[..., Finished]:
    """Run `aws sts assume-role-with-saml`, with more options."""

    def call(response: str, *options: str) -> Finished:
        arguments = {"role-arn": role.arn, "principal-arn": idp.provider.arn, "saml-assertion": response}
        written = [text for name, value in arguments.items() for text in (f"--{name}", value)]
        return run("-m", "awscli", "sts", "assume-role-with-saml", *written, *options)

    return call


@needs_awscli
def test_the_command_line_logs_in(idp: IdentityProvider, role: Role, aws_log_in: Callable[..., Finished]) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    finished = aws_log_in(idp.response(role), "--policy-arns", f"arn={arn}", "--duration-seconds", "900")
    assert (finished.returncode, finished.stderr) == (0, "")
    answer = json.loads(finished.stdout)
    assert (answer["AssumedRoleUser"]["Arn"], answer["Credentials"]["AccessKeyId"][:4]) == (
        "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com",
        "ASIA",
    )


@needs_awscli
def test_the_command_line_shows_why_a_login_is_refused(
    idp: IdentityProvider, role: Role, aws_log_in: Callable[..., Finished]
) -> None:
    finished = aws_log_in(idp.response(role).unsigned())
    assert (finished.returncode, finished.stdout) == (REFUSED, "")
    assert (
        "An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithSAML operation: "
        "Response signature invalid"
    ) in finished.stderr


@pytest.fixture
def session(sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Session:
    """A session of the role Reader. It comes from a login in this process, which is quicker than the command line."""
    role = sts.create_role("Reader")
    log_in(idp.response(role), role, idp.provider)
    return sts.sessions[-1]


@pytest.fixture
def aws(run: Callable[..., Finished], session: Session) -> Callable[..., Finished]:
    """Run `aws sts` with the credentials of the session, or with others."""
    environment = {
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
    }
    return lambda *arguments, **changed: run("-m", "awscli", "sts", *arguments, **(environment | changed))


@needs_awscli
def test_the_command_line_says_who_has_logged_in(aws: Callable[..., Finished], session: Session) -> None:
    finished = aws("get-caller-identity", "--query", "Arn")
    assert (finished.returncode, json.loads(finished.stdout)) == (0, session.arn)


@needs_awscli
def test_the_command_line_assumes_the_next_role(
    sts: STSBackend, session: Session, aws: Callable[..., Finished]
) -> None:
    auditor = sts.create_role("Auditor", trust_policy=session.role.chaining_policy())
    finished = aws(
        "assume-role", "--role-arn", auditor.arn, "--role-session-name", "audit", "--query", "AssumedRoleUser.Arn"
    )
    assert (finished.returncode, json.loads(finished.stdout)) == (
        0,
        "arn:aws:sts::123456789012:assumed-role/Auditor/audit",
    )


@needs_awscli
def test_the_command_line_shows_that_a_secret_is_wrong(
    aws: Callable[..., Finished],
) -> None:
    finished = aws("get-caller-identity", AWS_SECRET_ACCESS_KEY="secret")
    assert (finished.returncode, finished.stdout) == (REFUSED, "")
    assert "(SignatureDoesNotMatch) when calling the GetCallerIdentity operation" in finished.stderr


@needs_awscli
def test_the_command_line_shows_that_credentials_are_unknown(
    aws: Callable[..., Finished],
) -> None:
    finished = aws("get-caller-identity", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE")
    assert (finished.returncode, finished.stdout) == (REFUSED, "")
    assert (
        "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: "
        "The security token included in the request is invalid."
    ) in finished.stderr


@needs_awscli
def test_the_command_line_shows_that_another_operation_is_not_served(
    aws: Callable[..., Finished],
) -> None:
    finished = aws("get-access-key-info", "--access-key-id", "AKIAIOSFODNN7EXAMPLE")
    assert (finished.returncode, finished.stdout) == (REFUSED, "")
    assert (
        "An error occurred (InvalidAction) when calling the GetAccessKeyInfo operation: "
        "pytest-stssaml does not serve GetAccessKeyInfo"
    ) in finished.stderr


def test_another_program_logs_in_by_a_query_string(
    run: Callable[..., Finished], endpoint: Endpoint, sts: STSBackend, idp: IdentityProvider
) -> None:
    role = sts.create_role("Reader")
    query = {
        "Action": "AssumeRoleWithSAML",
        "Version": "2011-06-15",
        "RoleArn": role.arn,
        "PrincipalArn": idp.provider.arn,
        "SAMLAssertion": idp.response(role),
    }
    finished = run("-c", GET, f"{endpoint.url}/?{urlencode(query)}")
    assert "<Arn>arn:aws:sts::123456789012:assumed-role/Reader/alice@example.com</Arn>" in finished.stdout
