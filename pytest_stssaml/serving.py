"""`python -m pytest_stssaml serve`: the command line of an endpoint for people and for compose files."""

import argparse
import ipaddress
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Never, cast

from .explanation.given.files import UnusableInput, object_of, read_text
from .locks import Lock

if TYPE_CHECKING:
    from .adapters.http_endpoint import Endpoint
    from .backend import STSBackend
    from .iam.entities import Role
    from .literals import Partition
    from .sts.attempts.attempt import Attempt

_PROGRAM = "python -m pytest_stssaml serve"
_LAST_PORT = 65_535
_ROLE, _PROVIDER = "`aws iam get-role`", "`aws iam get-saml-provider`"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    found = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Answer logins and the calls of their sessions over HTTP, until it is interrupted. "
        "It prints a line for each call, which says why a call is refused.",
    )
    found.add_argument(
        "--role", action="append", required=True, metavar="FILE", help=f"the output of {_ROLE}; repeatable"
    )
    provider = found.add_mutually_exclusive_group(required=True)
    provider.add_argument("--metadata", metavar="FILE", help="the metadata of the identity provider")
    provider.add_argument("--provider", metavar="FILE", help=f"the output of {_PROVIDER}, instead of the metadata")
    found.add_argument(
        "--principal-arn", metavar="ARN", help="the ARN of the provider; by default what the roles trust"
    )
    found.add_argument(
        "--private-key", action="append", default=[], metavar="FILE", help="a key for encrypted assertions, in PEM"
    )
    found.add_argument("--region", default="us-east-1", help="the region of requests that are not signed")
    found.add_argument("--host", default="127.0.0.1", help="the address; other machines cannot reach the default")
    found.add_argument("--port", type=int, default=0, help="by default any that is free")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command until SIGINT (Ctrl-C) or SIGTERM. The status is 0, or 2 if an input cannot be used."""
    given = parser().parse_args(arguments)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # it raises KeyboardInterrupt
    try:
        _run(given)
    except KeyboardInterrupt:
        return 0
    except ValueError as error:
        sys.stderr.write("pytest_stssaml serve: " + " ".join(str(error).split()) + "\n")
        return 2
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(given: argparse.Namespace) -> Never:
    from .mock import mock_sts_saml

    with mock_sts_saml() as sts:
        roles = [_create_role(sts, path) for path in given.role]
        provider_arn = given.principal_arn or _trusted_provider(roles)
        _create_provider(sts, provider_arn, given)
        with _opened(sts, given) as endpoint:
            _warn_of(given.host)
            url = endpoint.url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
            for arn in (provider_arn, *(role.arn for role in roles)):
                write(f"# {arn}")
            write(f"export AWS_ENDPOINT_URL_STS={url}")
            write(f"export AWS_REGION={endpoint.region}")
            while True:
                time.sleep(3600)


@contextmanager
def _opened(sts: "STSBackend", given: argparse.Namespace) -> "Iterator[Endpoint]":
    from .adapters.http_endpoint import Endpoint
    from .iam.arguments import region
    from .sts.limits import LONGEST_BODY

    if not 0 <= given.port <= _LAST_PORT:
        raise UnusableInput(f"--port must be 0 to {_LAST_PORT}, not {given.port}")
    if not given.host:  # a socket would take it as every address of the machine
        raise UnusableInput("--host must be an address, such as 127.0.0.1 or 0.0.0.0, not an empty string")
    journal, where = Journal(sts), region(given.region)
    endpoint = Endpoint(journal.handle, where, LONGEST_BODY, pages=journal.page, host=given.host, port=given.port)
    with ExitStack() as opened:
        try:
            opened.enter_context(endpoint)
        except OSError as error:
            where = f"--host {given.host} --port {given.port}"
            raise UnusableInput(f"{where} cannot be used: {error.strerror or error}") from error
        yield endpoint


def write(line: str) -> None:
    """Write a line to standard output at once, or nowhere if its reader has ended."""
    with suppress(OSError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _warn_of(host: str) -> None:
    """Warn of an address that other machines can reach. What is no address was looked up, and is likely to be one."""
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback:
        sys.stderr.write(f"pytest_stssaml serve: warning: other machines can reach this endpoint at {host}\n")


Answered = tuple[int, dict[str, str], str]


class Journal:
    """Answers requests, and writes a line for each of them."""

    def __init__(self, sts: "STSBackend") -> None:
        self._sts = sts
        self._lock = Lock()

    def handle(self, form: bytes, *, method: str, path: str, **request: Any) -> Answered:
        """Answer a request as `STSBackend.handle` does."""
        return self._answer(
            lambda: self._sts.handle(form, method=method, path=path, **request), method, path, "without an Action"
        )

    def page(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Answer a request to a sign-in page as `SignIn.handle` does."""
        return self._answer(lambda: self._sts.sign_in.handle(method, path, headers, body), method, path)

    def _answer(self, give_answer: Callable[[], Answered], method: str, path: str, why: str = "") -> Answered:
        with self._lock:  # so that the last attempt is that of this request
            before = self._last()
            answer = give_answer()
            attempt = self._last()
        if attempt is None or attempt is before:
            status, headers, _ = answer
            why = headers.get("X-Stssaml-Reason", why)
            line = f"{headers['Date']} {method} {path.partition('?')[0]} answered with {status}{why and f', {why}'}"
        else:
            line = line_of(attempt)
        write("".join(char if char.isprintable() else ascii(char)[1:-1] for char in line))
        return answer

    def _last(self) -> "Attempt | None":
        return next(reversed(self._sts.attempts), None)


def line_of(attempt: "Attempt") -> str:
    """Return what became of a call, and if it was refused, why: which rule, what came, and what the policy said."""
    if attempt.failed is None:
        return attempt.headline()
    denials = [verdict for verdict in attempt._trust if not verdict.allowed]
    reasons = [attempt.because, *(reason for verdict in denials for reason in verdict.reasons())]
    return f"{attempt.headline()} [{attempt.failed}: {'; '.join(reasons)}]"


def _create_role(sts: "STSBackend", path: str) -> "Role":
    from .iam.arn import parse_arn
    from .iam.limits import SHORTEST_ROLE_MAXIMUM

    output = object_of(read_text(path, "--role"), f"--role {path}")
    found = output.get("Role", output)
    arn = parse_arn(str(found.get("Arn"))) if isinstance(found, Mapping) else None
    if arn is None or not arn.resource.startswith("role/") or "AssumeRolePolicyDocument" not in found:
        raise UnusableInput(f"--role {path} is not the output of {_ROLE}")
    try:
        return sts.create_role(
            arn.name,
            path=arn.path_of_role,
            account_id=arn.account_id,
            partition=cast("Partition", arn.partition),  # IAM refuses any other
            trust_policy=found,
            tags=_tags(found),
            max_session_duration=found.get("MaxSessionDuration", SHORTEST_ROLE_MAXIMUM),
        )
    except (TypeError, ValueError) as error:
        raise UnusableInput(f"--role {path} cannot be used: {error}") from error


def _tags(output: Mapping[str, Any]) -> dict[str, str]:
    try:
        return {tag["Key"]: tag["Value"] for tag in output.get("Tags", ())}
    except (KeyError, TypeError) as error:
        raise ValueError("its Tags cannot be read") from error


def _trusted_provider(roles: Sequence["Role"]) -> str:
    principals = {
        principal
        for role in roles
        for statement in role._policy.statements
        for principal in statement.principals.get("Federated", ())
        if ":saml-provider/" in principal
    }
    if len(principals) != 1:
        names = ", ".join(sorted(principals)) or "no SAML provider"
        raise UnusableInput(f"give --principal-arn, since the roles trust {names}")
    return principals.pop()


def _create_provider(sts: "STSBackend", arn_text: str, given: argparse.Namespace) -> None:
    from .iam.arn import parse_arn
    from .iam.entities import ALLOWED

    arn = parse_arn(arn_text)
    if arn is None or not arn.resource.startswith("saml-provider/"):
        raise UnusableInput(
            "--principal-arn must be an ARN such as arn:aws:iam::123456789012:saml-provider/Okta, not " + repr(arn_text)
        )
    output: Mapping[str, Any] = {}
    if given.provider is not None:
        output = object_of(read_text(given.provider, "--provider"), f"--provider {given.provider}")
    document = output.get("SAMLMetadataDocument")
    if given.provider is None:
        document = read_text(given.metadata, "--metadata")
    elif not isinstance(document, str):
        raise UnusableInput(f"--provider {given.provider} is not the output of {_PROVIDER}")
    try:
        provider = sts.create_saml_provider(
            arn.name,
            document,
            account_id=arn.account_id,
            partition=cast("Partition", arn.partition),  # IAM refuses any other
            tags=_tags(output),
            private_keys=[read_text(path, "--private-key") for path in given.private_key],
            assertion_encryption_mode=output.get("AssertionEncryptionMode", ALLOWED),
        )
    except (TypeError, ValueError) as error:
        raise UnusableInput(f"the provider cannot be used: {error}") from error
    provider.uuid = str(output.get("SAMLProviderUUID", provider.uuid))
