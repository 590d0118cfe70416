"""Policies and metadata as a test gives them: dicts, strings, files, and what `aws iam get-role` prints."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

#: A policy: a dict, its JSON, or a file with its JSON.
PolicyDocument: TypeAlias = Mapping[str, Any] | str | Path

_NAME_OF_A_FILE = re.compile(r"[^<>{}\[\]\n\"]{1,255}\.(?:json|xml|txt|pem|key)", re.IGNORECASE)


def content(argument: str, document: Any, what: str = "a document") -> Any:
    """Return a document, whose content is read if it is a file.

    :param argument: the name of the argument, for messages.
    :param what: what it must be, for messages.
    :raises ValueError: if it is the name of a file as a string.
    :raises OSError: if the file cannot be read.
    """
    if isinstance(document, Path):
        return document.read_text(encoding="utf-8")
    if isinstance(document, str) and _NAME_OF_A_FILE.fullmatch(document):
        raise ValueError(f"{argument} must be {what}, not the name of a file; write pathlib.Path({document!r})")
    return document


def trust_policy(document: Any) -> Any:
    """Return a trust policy, which may stand in the output of `aws iam get-role`."""
    found = content("trust_policy", document)
    output = _read(found) if isinstance(found, str) and "AssumeRolePolicyDocument" in found else found
    role = output.get("Role", output) if isinstance(output, Mapping) else None
    policy = role.get("AssumeRolePolicyDocument") if isinstance(role, Mapping) else None
    if policy is None:
        return found  # If it is not a policy, it is refused as IAM refuses it.
    # botocore gives a dict, and IAM itself percent-encoded JSON.
    return unquote(policy) if isinstance(policy, str) else policy


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
