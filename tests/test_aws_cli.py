"""The real `aws` command line, and another program, served over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from pytest_stssaml import IdentityProvider, Role, STSBackend

pytestmark = pytest.mark.skipif(find_spec("pytest_httpserver") is None, reason="pytest-httpserver is not installed")
needs_awscli = pytest.mark.skipif(find_spec("awscli") is None, reason="awscli is not installed")

#: The exit code for an error of the service; version 2, which is not on PyPI, has 254.
REFUSED = 255

GET = "import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())"


@pytest.fixture
def url(sts: STSBackend, httpserver: Any) -> str:
    """An endpoint of STS's on this machine."""
    from werkzeug import Request, Response

    def answer(request: Request) -> Response:
        form = request.get_data() or request.query_string
        status, headers, body = sts.handle(form, method=request.method, headers=request.headers, secure=False)
        return Response(body, status, headers)

    httpserver.expect_request("/").respond_with_handler(answer)
    return str(httpserver.url_for(""))


@pytest.fixture
def run(url: str, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A Python of its own, with nothing of this machine's configuration."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ},
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_STS": url,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "HOME": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def call(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
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
    """A role for callers that say what they are."""
    conditions = {"StringLike": {"aws:UserAgent": "aws-cli/*"}, "Bool": {"aws:SecureTransport": "false"}}
    return sts.create_role("Developer", trust_policy=idp.provider.trust_policy(conditions=conditions))


@pytest.fixture
def aws_log_in(
    run: Callable[..., subprocess.CompletedProcess[str]], idp: IdentityProvider, role: Role
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`aws sts assume-role-with-saml`, with options of its own."""

    def call(response: str, *options: str) -> subprocess.CompletedProcess[str]:
        arguments = {"role-arn": role.arn, "principal-arn": idp.provider.arn, "saml-assertion": response}
        written = [text for name, value in arguments.items() for text in (f"--{name}", value)]
        return run("-m", "awscli", "sts", "assume-role-with-saml", *written, *options)

    return call


@needs_awscli
def test_the_command_line_logs_in(
    idp: IdentityProvider, role: Role, aws_log_in: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    finished = aws_log_in(idp.response(role), "--policy-arns", f"arn={arn}", "--duration-seconds", "900")
    assert (finished.returncode, finished.stderr) == (0, "")
    answer = json.loads(finished.stdout)
    assert (answer["AssumedRoleUser"]["Arn"], answer["Credentials"]["AccessKeyId"][:4]) == (
        "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com",
        "ASIA",
    )


@needs_awscli
def test_the_command_line_says_why_it_is_refused(
    idp: IdentityProvider, role: Role, aws_log_in: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    finished = aws_log_in(idp.response(role).unsigned())
    assert (finished.returncode, finished.stdout) == (REFUSED, "")
    assert (
        "An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithSAML operation: "
        "Response signature invalid"
    ) in finished.stderr


@pytest.fixture
def aws(
    run: Callable[..., subprocess.CompletedProcess[str]],
    sts: STSBackend,
    idp: IdentityProvider,
    aws_log_in: Callable[..., subprocess.CompletedProcess[str]],
    role: Role,
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`aws sts` with the credentials that the command line got."""

    def call(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        credentials = json.loads(aws_log_in(idp.response(role)).stdout)["Credentials"]
        environment = {
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
        }
        return run("-m", "awscli", "sts", *arguments, **(environment | changed))

    return call


@needs_awscli
def test_the_command_line_says_who_has_logged_in(aws: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    finished = aws("get-caller-identity", "--query", "Arn")
    assert (finished.returncode, json.loads(finished.stdout)) == (
        0,
        "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com",
    )


@needs_awscli
def test_the_command_line_assumes_the_next_role(
    sts: STSBackend, role: Role, aws: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    auditor = sts.create_role("Auditor", trust_policy=role.chaining_policy())
    finished = aws(
        "assume-role", "--role-arn", auditor.arn, "--role-session-name", "audit", "--query", "AssumedRoleUser.Arn"
    )
    assert (finished.returncode, json.loads(finished.stdout)) == (
        0,
        "arn:aws:sts::123456789012:assumed-role/Auditor/audit",
    )


@needs_awscli
def test_the_command_line_is_told_that_its_secret_is_wrong(
    aws: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    finished = aws("get-caller-identity", AWS_SECRET_ACCESS_KEY="secret")
    assert (finished.returncode, finished.stdout) == (REFUSED, "")
    assert "(SignatureDoesNotMatch) when calling the GetCallerIdentity operation" in finished.stderr


@needs_awscli
def test_the_command_line_is_told_that_its_credentials_are_strange(
    aws: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    finished = aws("get-caller-identity", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE")
    assert (finished.returncode, finished.stdout) == (REFUSED, "")
    assert (
        "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: "
        "The security token included in the request is invalid."
    ) in finished.stderr


@needs_awscli
def test_the_command_line_is_told_who_does_not_serve_another_operation(
    aws: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    finished = aws("get-access-key-info", "--access-key-id", "AKIAIOSFODNN7EXAMPLE")
    assert (finished.returncode, finished.stdout) == (REFUSED, "")
    assert (
        "An error occurred (InvalidAction) when calling the GetAccessKeyInfo operation: "
        "pytest-stssaml does not serve GetAccessKeyInfo"
    ) in finished.stderr


def test_another_program_logs_in_by_a_query_string(
    run: Callable[..., subprocess.CompletedProcess[str]], url: str, sts: STSBackend, idp: IdentityProvider
) -> None:
    role = sts.create_role("Reader")
    query = {
        "Action": "AssumeRoleWithSAML",
        "Version": "2011-06-15",
        "RoleArn": role.arn,
        "PrincipalArn": idp.provider.arn,
        "SAMLAssertion": idp.response(role),
    }
    finished = run("-c", GET, f"{url}?{urlencode(query)}")
    assert "<Arn>arn:aws:sts::123456789012:assumed-role/Reader/alice@example.com</Arn>" in finished.stdout
