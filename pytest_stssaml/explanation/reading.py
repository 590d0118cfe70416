"""Inputs as people have them: a response in the form in which a browser or a tool shows it, and the JSON of IAM."""

import base64
import html
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

#: Bytes; a response has at most 100,000 characters, and a browser's HAR file is larger.
LARGEST_FILE = 50_000_000

_INPUT = re.compile(r"<input\b[^<>]*>", re.IGNORECASE)
_NAME = re.compile(r"""\bname\s*=\s*["']?SAMLResponse\b""", re.IGNORECASE)
_VALUE = re.compile(r"""\bvalue\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_FIELD = re.compile(r"\bSAMLResponse=([^&\s'\"]+)")
_URL_SAFE = str.maketrans("-_", "+/")


class UnusableInput(ValueError):
    """An input is not what it should be; the message is one sentence that says what to give instead."""


def read_text(path: str | Path, what: str) -> str:
    """Return the text of a file.

    :raises UnusableInput: if it cannot be read, is too large, or is not text in UTF-8.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise UnusableInput(f"{what}: {path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return decoded(data, what)


def decoded(data: bytes, what: str) -> str:
    """Return bytes in UTF-8 as a string.

    :raises UnusableInput: if they are empty, too many, or not text.
    """
    if len(data) > LARGEST_FILE:
        raise UnusableInput(f"{what} has more than {LARGEST_FILE} bytes; give the response alone")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableInput(f"{what} is not text in UTF-8") from error
    if not text.strip():
        raise UnusableInput(f"{what} is empty")
    return text


def read_response(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the base64 of the response in a text, and notes about the form in which it came.

    :raises UnusableInput: if a HAR file or a page contains no response, or several that differ.
    """
    stripped = text.strip()
    if stripped.startswith("{"):
        return _from_har(stripped), ("taken from the last POST of a HAR file that has a SAMLResponse",)
    found = _from_page(stripped)
    if found is not None:
        return found, ("taken from the form of an HTML page",)
    field = _FIELD.search(stripped)
    if field is not None:
        kind = "a curl command" if stripped.startswith("curl") else "a form body"
        return unquote(field[1]), (f"taken from {kind}, and URL-decoded",)
    if stripped.startswith("<"):
        return base64.b64encode(stripped.encode()).decode(), ("given as XML; base64 of it was judged",)
    return _from_base64(stripped)


def _from_base64(text: str) -> tuple[str, tuple[str, ...]]:
    notes = []
    if "%" in text:
        text = unquote(text)
        notes.append("it was URL-encoded; AWS takes it decoded only")
    if set("-_") & set(text):
        text = text.translate(_URL_SAFE)
        notes.append("it was in base64 for URLs, with - and _; AWS takes + and / only")
    return text, tuple(notes)


def _from_page(text: str) -> str | None:
    values = {
        html.unescape(next(filter(None, value.groups()), ""))
        for tag in _INPUT.findall(text)
        if _NAME.search(tag) and (value := _VALUE.search(tag))
    }
    if len(values) > 1:
        raise UnusableInput("the page has several fields SAMLResponse; give the one that was sent to AWS")
    return values.pop() if values else None


def _from_har(text: str) -> str:
    try:
        entries = json.loads(text)["log"]["entries"]
        bodies = [e["request"].get("postData") or {} for e in entries if e["request"]["method"] == "POST"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnusableInput("the response is JSON but not a HAR file; give a file with the response") from error
    for body in reversed(bodies):
        if isinstance(body, dict) and isinstance(body.get("text"), str):
            values = parse_qs(body["text"]).get("SAMLResponse", [])
            if len(values) > 1:
                raise UnusableInput("a POST of the HAR file has two fields SAMLResponse; give one of them")
            if values:
                return str(values[0])
    raise UnusableInput("the HAR file has no POST with a SAMLResponse; record it again with `preserve log` switched on")


def read_json(text: str, what: str) -> dict[str, Any]:
    """Return a JSON object.

    :raises UnusableInput: if the text is not a JSON object.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableInput(f"{what} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise UnusableInput(f"{what} is not a JSON object")
    return found
