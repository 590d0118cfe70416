"""The forms in which people have a response: base64, a form body, a page, XML, a HAR file, a command, JSON, a log."""

import base64
import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote

from .files import UnusableInput

#: Characters of base64. AWS takes a tenth of it; a response that is longer is not worth parsing.
LONGEST_RESPONSE = 1_000_000

_INPUT = re.compile(r"<input\b[^<>]*>", re.IGNORECASE)
_NAME = re.compile(r"""\bname\s*=\s*["']?SAMLResponse\b""", re.IGNORECASE)
_VALUE = re.compile(r"""\bvalue\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
# The name and the value, as a form body has them or as the developer tools of a browser and logs show them, or the
# argument of a call of the AWS CLI. A value may be wrapped, in lines of at most 80 characters.
_FIELD = re.compile(
    r"""(?:\bSAMLResponse["']?(?:\s*[=:]\s*|\s+)|--saml-assertion[\s=]+)["']?"""
    r"""([^&\s'"]{1,80}(?:\s+[\w+/=%-]{1,80}(?=[\s"'&]|$))+|[^&\s'"]+)"""
)
_NOT_A_HAR_FILE = "the response is JSON but not a HAR file; give a file with the response"
#: The members of JSON that contain a response: the field of the form, and the parameter of the call.
_MEMBERS = ("SAMLResponse", "SAMLAssertion")
_URL_SAFE = str.maketrans("-_", "+/")
_QUOTATION_MARKS = "\"'`"


def read_response(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the base64 of the response in a text, and notes about the form in which it came.

    :raises UnusableInput: if a HAR file or a page contains no response, or several that differ.
    """
    found, notes = _read(text.strip())
    if len(found) > LONGEST_RESPONSE:
        raise UnusableInput(f"the response has {len(found):,} characters; AWS takes at most 100,000")
    return found, notes


def _read(stripped: str) -> tuple[str, tuple[str, ...]]:
    if stripped.startswith("{"):
        return _from_json(stripped)
    found = _from_page(stripped)
    if found is not None:
        return found, ("it was taken from the form of an HTML page",)
    if stripped.startswith("<"):
        return base64.b64encode(stripped.encode()).decode(), ("it was given as XML; its base64 was judged",)
    is_curl = stripped.startswith("curl")
    # A browser under Windows writes a command for cmd.exe, which has a caret before each special character.
    field = _FIELD.search(stripped.replace("^", "") if is_curl else stripped)
    if field is not None:
        value = unquote("".join(field[1].split()))
        if not is_curl and not field[0].startswith("SAMLResponse="):
            return value, ("it was taken from the text around it",)
        kind = "a curl command" if is_curl else "a form body"
        return value, (f"it was taken from {kind}, and URL-decoded",)
    return _from_base64(stripped)


def _from_base64(text: str) -> tuple[str, tuple[str, ...]]:
    notes = []
    if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTATION_MARKS:
        text = text[1:-1]
        notes.append("it was in quotation marks; AWS takes it without them")
    if "%" in text:
        text = unquote(text)
        notes.append("it was URL-encoded; AWS takes it decoded only")
    if set("-_") & set(text):
        text = text.translate(_URL_SAFE)
        text += "=" * (-len("".join(text.split())) % 4)  # that base64 is written without padding
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


def _from_json(text: str) -> tuple[str, tuple[str, ...]]:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableInput(_NOT_A_HAR_FILE) from error
    for member in _MEMBERS:
        if isinstance(loaded.get(member), str):
            found, notes = _from_base64(loaded[member].strip())
            return found, (f"it was taken from the member {member} of JSON", *notes)
    log = loaded.get("log")
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise UnusableInput(_NOT_A_HAR_FILE)
    return _from_har(entries)


def _from_har(entries: list[Any]) -> tuple[str, tuple[str, ...]]:
    requests = [entry.get("request") for entry in entries if isinstance(entry, dict)]
    posts = [request for request in requests if isinstance(request, dict) and request.get("method") == "POST"]
    bodies = [post.get("postData") for post in posts]
    found = [value for body in bodies if isinstance(body, dict) and (value := _from_post(body)) is not None]
    if not found:
        raise UnusableInput("the HAR file has no POST with a SAMLResponse; record it again with `preserve log` on")
    notes = ["it was taken from the last POST of a HAR file that has a SAMLResponse"]
    if len(set(found)) > 1:
        notes.append(f"the HAR file has {len(set(found))} different responses; the last one was judged")
    return found[-1], tuple(notes)


def _from_post(body: dict[str, Any]) -> str | None:
    """Return the response that a POST of a HAR file sends, or None. Some browsers record the text, some the fields."""
    text, fields = body.get("text"), body.get("params")
    values = parse_qs(text).get("SAMLResponse", []) if isinstance(text, str) else []
    if not values and isinstance(fields, list):
        written = [field.get("value") for field in fields if isinstance(field, dict) and _is_response(field)]
        values = [unquote(value) if "%" in value else value for value in written if isinstance(value, str)]
    if len(values) > 1:
        raise UnusableInput("a POST of the HAR file has two fields SAMLResponse; give one of them")
    return values[0] if values else None


def _is_response(field: dict[str, Any]) -> bool:
    return field.get("name") == "SAMLResponse"
