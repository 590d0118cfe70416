"""`python -m pytest_stssaml serve`."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from pytest_stssaml import IdentityProvider, Role, SAMLProvider, make_signing_key, mock_sts_saml, serving
from pytest_stssaml.__main__ import main

EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is warned of
FORM = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"}
ACCEPTED = "accepted, arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com for 3600 s in us-east-1"


def outputs(role: Role, provider: SAMLProvider, metadata: str) -> dict[str, Any]:
    """Return what `aws iam get-role` and `aws iam get-saml-provider` print."""
    tags = [{"Key": "team", "Value": "a"}]
    described = {
        "Arn": role.arn,
        "AssumeRolePolicyDocument": role.trust_policy,
        "MaxSessionDuration": role.max_session_duration,
        "Tags": tags,
    }
    return {
        "role": {"Role": described},
        "provider": {"SAMLMetadataDocument": metadata, "SAMLProviderUUID": provider.uuid, "Tags": tags},
    }


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Any]:
    """The paths of role.json, idp.xml and provider.json, and a good login for them."""
    with mock_sts_saml(seed="another") as sts:
        idp = IdentityProvider(signing_key=make_signing_key("ec"))
        provider = sts.create_saml_provider("Okta", idp)
        policy = provider.trust_policy(recipient=[provider.sign_in_url(), "https://signin.aws.amazon.com/saml"])
        role = sts.create_role("Developer", path="/team/", trust_policy=policy, max_session_duration=7200)
        form = FORM | {"RoleArn": role.arn, "PrincipalArn": provider.arn, "SAMLAssertion": idp.response(role)}
        own = form | {"SAMLAssertion": idp.response(role, recipient=provider.sign_in_url())}
    contents = {name: json.dumps(output) for name, output in outputs(role, provider, idp.metadata).items()}
    paths = {"metadata": tmp_path / "idp.xml"} | {name: tmp_path / f"{name}.json" for name in contents}
    paths["metadata"].write_text(idp.metadata, encoding="utf-8")
    for name, content in contents.items():
        paths[name].write_text(content, encoding="utf-8")
    return {"login": form, "own": own, "directory": tmp_path} | {name: str(path) for name, path in paths.items()}


def ask(url: str, form: dict[str, str] | None = None, path: str = "/") -> int:
    """Return the status of the answer to a form."""
    data = None if form is None else urlencode(form).encode()
    try:
        with urllib.request.build_opener(NoRedirect).open(url + path, data, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


Serve = Callable[..., list[str]]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Serve:
    """Run the command in this process: while it waits, something is done, and then it is interrupted."""

    def call(*arguments: str, meanwhile: Callable[[str], object] = str) -> list[str]:
        printed: list[str] = []

        def wait(_: float) -> None:
            printed.extend(capsys.readouterr().out.splitlines())
            meanwhile(next(line for line in printed if "_URL_" in line).partition("=")[2])
            raise KeyboardInterrupt

        monkeypatch.setattr(serving.time, "sleep", wait)
        assert main(["serve", *arguments]) == 0
        return printed + capsys.readouterr().out.splitlines()

    return call


class TestCalls:
    def test_prints_what_it_serves_and_what_to_export(self, serve: Serve, files: dict[str, Any]) -> None:
        lines = serve("--role", files["role"], "--metadata", files["metadata"], "--region", "eu-west-1")
        assert lines[:2] == [f"# {files['login']['PrincipalArn']}", f"# {files['login']['RoleArn']}"]
        assert lines[2].startswith("export AWS_ENDPOINT_URL_STS=http://127.0.0.1:")
        assert lines[3:] == ["export AWS_REGION=eu-west-1"]

    def test_prints_a_line_for_a_login(self, serve: Serve, files: dict[str, Any]) -> None:
        lines = serve(
            *("--role", files["role"], "--metadata", files["metadata"]), meanwhile=lambda url: ask(url, files["login"])
        )
        assert [line.partition("AssumeRoleWithSAML ")[2] for line in lines[4:]] == [ACCEPTED]

    def test_prints_why_a_call_is_refused_in_one_line(self, serve: Serve, files: dict[str, Any]) -> None:
        untrusted = files["login"] | {"DurationSeconds": "7201"}
        lines = serve(
            *("--role", files["role"], "--metadata", files["metadata"]), meanwhile=lambda url: ask(url, untrusted)
        )
        [line] = lines[4:]
        assert line.partition("AssumeRoleWithSAML ")[2] == (
            "refused, ValidationError (400): The requested DurationSeconds exceeds the MaxSessionDuration set for this "
            "role. [within_the_roles_maximum: 7201 s were requested, and the role's maximum is 7200 s]"
        )

    def test_prints_what_the_trust_policy_says(self, serve: Serve, files: dict[str, Any]) -> None:
        role = changed(files["role"], AssumeRolePolicyDocument=trusting(OKTA, action="sts:TagSession"))
        lines = serve(
            *("--role", role, "--metadata", files["metadata"]), meanwhile=lambda url: ask(url, files["login"])
        )
        assert "[trusted_by_the_role: " in lines[4]
        assert lines[4].endswith("it is about sts:TagSession, not sts:AssumeRoleWithSAML]")

    def test_prints_a_line_for_a_request_without_an_action(self, serve: Serve, files: dict[str, Any]) -> None:
        lines = serve(
            *("--role", files["role"], "--metadata", files["metadata"]),
            meanwhile=lambda url: ask(url, path="/a?SAMLAssertion=secret"),
        )
        assert lines[4].endswith(" GET /a answered with 302, without an Action")

    def test_prints_a_line_for_a_login_by_the_sign_in_page(self, serve: Serve, files: dict[str, Any]) -> None:
        form = {"SAMLResponse": files["login"]["SAMLAssertion"]}
        lines = serve(
            *("--role", files["role"], "--metadata", files["metadata"]),
            meanwhile=lambda url: (ask(url, form, "/saml"), ask(url, {}, "/saml"), ask(url, path="/console/logout")),
        )
        assert lines[4].partition("AssumeRoleWithSAML ")[2].startswith("accepted, arn:aws:sts::123456789012:")
        assert (
            lines[5]
            .partition(" GMT ")[2]
            .startswith("POST /saml answered with 400, the request has no field SAMLResponse")
        )
        assert lines[6].partition(" GMT ")[2] == "GET /console/logout answered with 200"

    def test_shows_control_characters_escaped(self, serve: Serve, files: dict[str, Any]) -> None:
        lines = serve(
            *("--role", files["role"], "--metadata", files["metadata"]),
            meanwhile=lambda url: ask(url, {"Action": "\x1b[31m\r\n\u202e"}),
        )
        assert (len(lines), r"operation \x1b[31m\r \u202e for" in lines[4]) == (5, True)

    def test_are_answered_if_nobody_reads_the_output(
        self, serve: Serve, files: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def closed(_: str) -> int:
            raise BrokenPipeError

        def meanwhile(url: str) -> None:
            with monkeypatch.context() as patch:
                patch.setattr(sys.stdout, "write", closed)
                assert ask(url, files["login"]) == 200

        serve("--role", files["role"], "--metadata", files["metadata"], meanwhile=meanwhile)


class TestAddress:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
    def test_of_this_machine_alone_needs_no_warning(
        self, serve: Serve, files: dict[str, Any], host: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lines = serve("--role", files["role"], "--metadata", files["metadata"], "--host", host)
        assert (lines[2].rpartition(":")[0], capsys.readouterr().err) == (
            f"export AWS_ENDPOINT_URL_STS=http://{host}",
            "",
        )

    def test_that_other_machines_reach_is_warned_of(
        self, files: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def interrupt(_: float) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(serving.time, "sleep", interrupt)
        assert main(["serve", "--role", files["role"], "--metadata", files["metadata"], "--host", EVERYWHERE]) == 0
        printed = capsys.readouterr()
        assert "export AWS_ENDPOINT_URL_STS=http://127.0.0.1:" in printed.out
        assert printed.err == "pytest_stssaml serve: warning: other machines can reach this endpoint at 0.0.0.0\n"


def changed(path: str, **changes: Any) -> str:
    """Write the file of a role anew with some members changed, or removed if they are None, and return its path."""
    role = json.loads(Path(path).read_text(encoding="utf-8"))["Role"] | changes
    Path(path).write_text(json.dumps({n: v for n, v in role.items() if v is not None}), encoding="utf-8")
    return path


def long(path: str) -> str:
    """Make a file as long as metadata have to be, and return its path."""
    text = Path(path).read_text(encoding="utf-8")
    Path(path).write_text(text + " " * 1000, encoding="utf-8")
    return path


def trusting(*arns: str, action: str = "sts:AssumeRoleWithSAML") -> dict[str, Any]:
    """Return a trust policy for some principals."""
    statement = {"Effect": "Allow", "Principal": {"Federated": list(arns)}, "Action": action}
    return {"Version": "2012-10-17", "Statement": [statement]}


OKTA, ENTRA = (f"arn:aws:iam::123456789012:saml-provider/{name}" for name in ("Okta", "Entra"))
MISTAKES: dict[str, tuple[Callable[[dict[str, Any]], list[str]], str]] = {
    "a file that is not there": (
        lambda files: ["--role", f"{files['role']}x", "--metadata", files["metadata"]],
        "--role cannot be read: {role}x: No such file or directory",
    ),
    "a role that is not JSON": (
        lambda files: ["--role", files["metadata"], "--metadata", files["metadata"]],
        "--role {metadata} is not JSON but metadata; give it with --metadata\n",
    ),
    "a role of another form": (
        lambda files: ["--role", files["provider"], "--metadata", files["metadata"]],
        "--role {provider} is not the output of `aws iam get-role`",
    ),
    "a role that is a list": (
        lambda files: ["--role", changed(files["role"], Role=[]), "--metadata", files["metadata"]],
        "--role {role} is not the output of `aws iam get-role`",
    ),
    "a role with the ARN of a user": (
        lambda files: [
            *("--role", changed(files["role"], Arn="arn:aws:iam::123456789012:user/a")),
            *("--metadata", files["metadata"]),
        ],
        "--role {role} is not the output of `aws iam get-role`",
    ),
    "a role without a trust policy": (
        lambda files: [
            *("--role", changed(files["role"], AssumeRolePolicyDocument=None)),
            *("--metadata", files["metadata"]),
        ],
        "--role {role} is not the output of `aws iam get-role`",
    ),
    "a role with a strange maximum": (
        lambda files: ["--role", changed(files["role"], MaxSessionDuration=1), "--metadata", files["metadata"]],
        "--role {role} cannot be used: ValidationError",
    ),
    "a role with strange tags": (
        lambda files: ["--role", changed(files["role"], Tags=["a"]), "--metadata", files["metadata"]],
        "--role {role} cannot be used: its Tags cannot be read",
    ),
    "one role twice": (
        lambda files: ["--role", files["role"], "--role", files["role"], "--metadata", files["metadata"]],
        "--role {role} cannot be used: EntityAlreadyExists",
    ),
    "a provider of another form": (
        lambda files: ["--role", files["role"], "--provider", files["role"]],
        "--provider {role} is not the output of `aws iam get-saml-provider`",
    ),
    "metadata that is not XML": (
        lambda files: ["--role", files["role"], "--metadata", long(files["role"])],
        "the provider cannot be used: InvalidInput: Could not parse metadata",
    ),
    "a role that trusts nobody": (
        lambda files: [
            *("--role", changed(files["role"], AssumeRolePolicyDocument=trusting("cognito-identity.amazonaws.com"))),
            *("--metadata", files["metadata"]),
        ],
        "give --principal-arn, since the roles trust no SAML provider",
    ),
    "a role that trusts two providers": (
        lambda files: [
            *("--role", changed(files["role"], AssumeRolePolicyDocument=trusting(OKTA, ENTRA))),
            *("--metadata", files["metadata"]),
        ],
        f"give --principal-arn, since the roles trust {ENTRA}, {OKTA}",
    ),
    "an ARN of another kind": (
        lambda files: ["--role", files["role"], "--metadata", files["metadata"], "--principal-arn", "Okta"],
        f"--principal-arn must be an ARN such as {OKTA}, not 'Okta'",
    ),
    "a key that is not a key": (
        lambda files: [
            *("--role", files["role"], "--metadata", files["metadata"]),
            *("--private-key", files["role"]),
        ],
        "the provider cannot be used: ",
    ),
    "a region that is not a region": (
        lambda files: ["--role", files["role"], "--metadata", files["metadata"], "--region", "Europe"],
        'a region must be a string such as "eu-west-1", not',
    ),
    "a port that is not a port": (
        lambda files: ["--role", files["role"], "--metadata", files["metadata"], "--port", "65536"],
        "--port must be 0 to 65535, not 65536",
    ),
    "an empty address": (
        lambda files: ["--role", files["role"], "--metadata", files["metadata"], "--host="],
        "--host must be an address, such as 127.0.0.1 or 0.0.0.0, not an empty string",
    ),
    "an address of another machine": (
        lambda files: ["--role", files["role"], "--metadata", files["metadata"], "--host", "203.0.113.1"],
        "--host 203.0.113.1 --port 0 cannot be used: ",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_line(
    files: dict[str, Any],
    arguments: Callable[[dict[str, Any]], list[str]],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["serve", *arguments(files)]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith("pytest_stssaml serve: " + message.format(**files))


def test_the_provider_may_be_named(serve: Serve, files: dict[str, Any]) -> None:
    role = changed(files["role"], AssumeRolePolicyDocument=trusting(OKTA, ENTRA))
    lines = serve("--role", role, "--metadata", files["metadata"], "--principal-arn", ENTRA)
    assert lines[0] == f"# {ENTRA}"


def test_the_provider_keeps_the_url_of_its_own(serve: Serve, files: dict[str, Any]) -> None:
    statuses = []
    for source in ("provider", "metadata"):
        serve(
            *("--role", files["role"], f"--{source}", files[source]),
            meanwhile=lambda url: statuses.append(ask(url, files["own"])),
        )
    assert statuses == [200, 400]


@pytest.mark.slow  # it starts a program
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_the_command(files: dict[str, Any], name: str) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest_stssaml",
        "serve",
        "--role",
        files["role"],
        "--metadata",
        files["metadata"],
    ]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        watchdog = threading.Timer(30, process.kill)
        watchdog.start()
        assert process.stdout is not None
        assert process.stderr is not None
        url = [process.stdout.readline().strip() for _ in range(4)][2].partition("=")[2]
        assert ask(url, files["login"]) == 200
        assert process.stdout.readline().strip().endswith(ACCEPTED)
        process.send_signal(getattr(signal, name))
        rest = process.stdout.read(), process.stderr.read()
        assert (process.wait(), rest) == (0, ("", ""))
        watchdog.cancel()
        watchdog.join()


def test_the_program_does_not_wait_for_signals_any_more_afterwards(serve: Serve, files: dict[str, Any]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    serve("--role", files["role"], "--metadata", files["metadata"])
    assert signal.getsignal(signal.SIGTERM) == before
