"""Files and strings: their size, their encoding and their JSON."""

import codecs
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from ...iam import documents

#: Bytes. A response has at most 100,000 characters; a browser's HAR file is larger.
LARGEST_FILE = 50_000_000

#: JSON as an object, as a string, or as a file with it.
JSONInput: TypeAlias = Mapping[str, Any] | str | Path
#: Text as a string, or as a file with it.
TextInput: TypeAlias = str | Path

_Given = TypeVar("_Given")


class UnusableInput(ValueError):
    """An input is not what it should be; the message is one sentence that says what to give instead."""


def read_text(path: str | Path, what: str) -> str:
    """Return the text of a file.

    :raises UnusableInput: if it cannot be read, is too large, or is not text.
    """
    try:
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST_FILE:
                raise UnusableInput(_too_large(what, size))
            data = file.read(LARGEST_FILE + 1)  # a device has no size
    except OSError as error:
        raise UnusableInput(f"{what} cannot be read: {path}: {error.strerror}") from error
    return decoded(data, what)


def _too_large(what: str, size: int) -> str:
    return f"{what} has {size:,} bytes, more than {LARGEST_FILE:,}; give the file that contains the response alone"


def decoded(data: bytes, what: str) -> str:
    """Return bytes in UTF-8, or in UTF-16 with a byte order mark, as a string.

    PowerShell writes UTF-16 where a shell would write UTF-8.

    :raises UnusableInput: if they are empty, too many, or not text.
    """
    if len(data) > LARGEST_FILE:
        raise UnusableInput(_too_large(what, len(data)))
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnusableInput(f"{what} is not text in UTF-8") from error
    if not text.strip():
        raise UnusableInput(f"{what} is empty")
    return text


def read_once(value: _Given | Path, what: str) -> _Given | str:
    """Return an argument, or the text of the file that it names.

    :raises UnusableInput: if the file cannot be read.
    """
    return read_text(value, what) if isinstance(value, Path) else value


def text_of(value: object, what: str) -> str:
    """Return the text of an argument, which is a string or a file.

    :raises TypeError: if it is of another type.
    :raises ValueError: if it is the name of a file as a string, or cannot be read.
    """
    if isinstance(value, Path):
        return read_text(value, what)
    if not isinstance(value, str):
        # Only a caller from Python gives something else, and there the option has the name of a keyword.
        name = what.removeprefix("--").replace("-", "_") if what.startswith("--") else what
        raise TypeError(f"{name} must be a string or a pathlib.Path, not {type(value).__name__}")
    documents.content(what, value)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UnusableInput(f"{what} is not text: it has a lone surrogate") from error
    if not value.strip():
        raise UnusableInput(f"{what} is empty")
    return value


def object_of(value: object, what: str) -> Mapping[str, Any]:
    """Return the JSON object of an argument, which is a mapping, a string or a file.

    :raises TypeError: if it is of another type.
    :raises UnusableInput: if it is not a JSON object.
    """
    if isinstance(value, Mapping):
        return value
    text = text_of(value, what)
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise UnusableInput(f"{what} is not JSON: it is nested too deeply") from error
    except json.JSONDecodeError as error:
        other = other_document(text, what)
        raise UnusableInput(f"{what} is not JSON{other}" if other else f"{what} is not JSON: {error}") from error
    except ValueError as error:
        raise UnusableInput(f"{what} cannot be read: it has a number of too many digits") from error
    if not isinstance(found, dict):
        raise UnusableInput(f"{what} is not a JSON object")
    return found


_GET_ROLE = ("--role", "the output of `aws iam get-role`; give it with --role")
#: A member of a JSON document, the option that takes the document, and what it is.
_DOCUMENTS = {
    "Role": _GET_ROLE,
    "AssumeRolePolicyDocument": _GET_ROLE,
    "SAMLMetadataDocument": ("--provider", "the output of `aws iam get-saml-provider`; give it with --provider"),
    "Statement": ("--trust-policy", "a policy; give it with --trust-policy, and the ARN of the role with --role-arn"),
}


def other_document(value: Mapping[str, Any] | str, what: str) -> str:
    """Say which document was given in place of that of an option, and which option takes it; "" if it is unknown."""
    if isinstance(value, str):
        if "EntityDescriptor" in value and value.lstrip().startswith("<"):
            return "" if what == "--metadata" else " but metadata; give it with --metadata"
        with suppress(ValueError, RecursionError):
            value = json.loads(value)
    found: Any = value
    for member, (option, name) in _DOCUMENTS.items():
        if isinstance(found, Mapping) and member in found and option != what:
            return f" but {name}"
    return ""
