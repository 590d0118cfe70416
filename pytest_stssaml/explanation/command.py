"""`python -m pytest_stssaml explain`: the command line of `explain`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

_FILES = {
    "role": "a file with the output of `aws iam get-role`",
    "trust-policy": "a file with the trust policy of the role, instead of --role",
    "provider": "a file with the output of `aws iam get-saml-provider`",
    "metadata": "a file with the metadata of the identity provider, instead of --provider",
    "policy": "a file with an inline session policy",
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    found = argparse.ArgumentParser(
        prog="python -m pytest_stssaml explain", description="Say what AWS would answer to a SAML response, and why."
    )
    found.add_argument(
        "response",
        help="a file with the response, or - for standard input: base64, a form body, an HTML page, XML, a HAR file or "
        "a curl command",
    )
    for option, text in _FILES.items():
        found.add_argument(f"--{option}", type=Path, metavar="FILE", help=text)
    found.add_argument("--role-arn", metavar="ARN", help="the role; by default the one of --role")
    found.add_argument(
        "--principal-arn", metavar="ARN", help="the provider; by default the one that the response pairs with the role"
    )
    found.add_argument(
        "--max-session-duration", type=int, metavar="SECONDS", help="of the role, with --trust-policy (default 3600)"
    )
    found.add_argument(
        "--private-key",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a file with a private key for encrypted assertions, in PEM; repeatable, the newest first",
    )
    found.add_argument(
        "--at", default="issued", metavar="TIME", help="issued (default: a second after it), now, or a time in ISO 8601"
    )
    found.add_argument("--region", default="us-east-1", help="the region whose endpoint is asked (default us-east-1)")
    found.add_argument("--duration-seconds", type=int, metavar="SECONDS", help="DurationSeconds of the call")
    found.add_argument(
        "--policy-arn", action="append", default=[], metavar="ARN", help="a managed session policy; repeatable"
    )
    found.add_argument("--json", action="store_true", help="write JSON")
    found.add_argument(
        "--redact", action="store_true", help="replace names, accounts, hosts, identifiers and fingerprints"
    )
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command. The status is 0 if AWS would accept, 1 if it would refuse, 2 if that cannot be judged."""
    given = parser().parse_args(arguments)
    try:
        return _run(given)
    except ValueError as error:
        if sys.stderr is not None:  # it is None if the caller closed it
            _write(sys.stderr, "pytest_stssaml explain: " + " ".join(str(error).split()))
        return 2


def _run(given: argparse.Namespace) -> int:
    from .explain import explain
    from .report import report

    explanation = explain(
        _standard_input() if given.response == "-" else Path(given.response),
        role=given.role,
        provider=given.provider,
        role_arn=given.role_arn,
        trust_policy=given.trust_policy,
        max_session_duration=given.max_session_duration,
        principal_arn=given.principal_arn,
        metadata=given.metadata,
        private_keys=given.private_key,
        at=given.at,
        region=given.region,
        duration_seconds=given.duration_seconds,
        policy=given.policy,
        policy_arns=given.policy_arn,
        redact=given.redact,
    )
    if sys.stdout is None:
        raise ValueError("the report cannot be written: standard output is closed")
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = json.dumps(explanation.to_dict(), indent=2) if given.json else report(explanation, coloured=coloured)
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:  # the reader has seen enough, such as `head`
        _discard_output()
    except OSError as error:
        _discard_output()
        raise ValueError(f"the report cannot be written: {error.strerror}") from error
    return {True: 0, False: 1, None: 2}[explanation.accepted]


def _discard_output() -> None:
    """Discard what is still in the buffer of standard output: Python writes it when it exits, and would fail again."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _standard_input() -> str:
    """Return the text of standard input, which is the response."""
    from .given.files import LARGEST_FILE, UnusableInput, decoded

    if sys.stdin is None:
        raise UnusableInput("standard input is closed; give a file with the response")
    try:
        return decoded(sys.stdin.buffer.read(LARGEST_FILE + 1), "the response")
    except OSError as error:
        raise UnusableInput(f"standard input cannot be read: {error.strerror}") from error


def _write(stream: TextIO, text: str) -> None:
    """Write a text and a new line; characters that the encoding of the stream lacks are escaped."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()
