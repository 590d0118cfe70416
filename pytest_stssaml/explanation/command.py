"""`python -m pytest_stssaml explain`: the command line of `explain`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from .reading import LARGEST_FILE, decoded, read_json, read_text


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    found = argparse.ArgumentParser(
        prog="python -m pytest_stssaml explain", description="Say what AWS would answer to a SAML response, and why."
    )
    found.add_argument("response", help="a file with the response, or - for standard input")
    for option, text in (
        ("--role", "a file with the output of `aws iam get-role`"),
        ("--role-arn", "the ARN of the role"),
        ("--trust-policy", "a file with the trust policy of the role"),
        ("--provider", "a file with the output of `aws iam get-saml-provider`"),
        ("--principal-arn", "the ARN of the provider"),
        ("--metadata", "a file with the metadata of the identity provider"),
        ("--private-key", "a file with the private key for encrypted assertions, in PEM"),
        ("--policy", "a file with an inline session policy"),
    ):
        found.add_argument(option, help=text)
    found.add_argument("--at", default="issued", help="issued (default), now, or a time in ISO 8601")
    found.add_argument("--region", default="us-east-1", help="the region whose endpoint is asked")
    found.add_argument("--max-session-duration", type=int, default=3600, help="seconds, with --trust-policy")
    found.add_argument("--duration-seconds", type=int, help="DurationSeconds of the call")
    found.add_argument("--policy-arn", action="append", default=[], help="a managed session policy; repeatable")
    found.add_argument("--json", action="store_true", help="write JSON")
    found.add_argument("--redact", action="store_true", help="replace names, accounts, hosts and identifiers")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command. The status is 0 if AWS would accept, 1 if it would refuse, 2 if that cannot be judged."""
    given = parser().parse_args(arguments)
    try:
        return _run(given)
    except ValueError as error:
        sys.stderr.write("pytest_stssaml explain: " + " ".join(str(error).split()) + "\n")
        return 2


def _run(given: argparse.Namespace) -> int:
    from .explain import explain, redacted
    from .report import report

    explanation = explain(
        _response(given.response),
        role=_json(given.role, "--role"),
        provider=_json(given.provider, "--provider"),
        role_arn=given.role_arn,
        trust_policy=_text(given.trust_policy, "--trust-policy"),
        max_session_duration=given.max_session_duration,
        principal_arn=given.principal_arn,
        metadata=_text(given.metadata, "--metadata"),
        private_keys=[key for key in [_text(given.private_key, "--private-key")] if key],
        at=given.at,
        region=given.region,
        duration_seconds=given.duration_seconds,
        policy=_text(given.policy, "--policy"),
        policy_arns=given.policy_arn,
    )
    if given.redact:
        explanation = redacted(explanation)
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = json.dumps(explanation.to_dict(), indent=2) if given.json else report(explanation, coloured=coloured)
    sys.stdout.write(text + "\n")
    return {True: 0, False: 1, None: 2}[explanation.accepted]


def _response(path: str) -> str:
    if path != "-":
        return read_text(path, "the response")
    return decoded(sys.stdin.buffer.read(LARGEST_FILE + 1), "the response")


def _text(path: str | None, what: str) -> str | None:
    return None if path is None else read_text(path, what)


def _json(path: str | None, what: str) -> dict[str, Any] | None:
    return None if path is None else read_json(read_text(path, what), what)
