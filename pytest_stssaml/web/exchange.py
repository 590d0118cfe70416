"""HTTP requests and responses of web pages."""

from collections.abc import Mapping
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    import datetime as dt

#: The content type of a form that is posted.
FORM_TYPE = "application/x-www-form-urlencoded"

#: A response as `handle` returns it: HTTP status, headers and body.
Answer = tuple[int, dict[str, str], str]

#: The policy of a page that uses nothing but its own style, and sends forms only to where it comes from.
STRICT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Visit(NamedTuple):
    """One request to a page."""

    #: "GET", "HEAD" or "POST".
    method: str
    #: The header Host; "" if there is none.
    host: str
    #: The path, without the query.
    path: str
    #: The parameters of the query and the form. If one is repeated, the first counts.
    fields: Mapping[str, str]
    #: The cookies by name.
    cookies: Mapping[str, str]


def visit(method: str, path: str, headers: Mapping[str, str], body: str | bytes | None) -> Visit:
    """Return a request that a caller describes.

    :param path: the path with its query, or the whole URL.
    :param body: None if there is none.
    :raises TypeError: if an argument has another type.
    :raises ValueError: if there is no such method, or if the path is neither a path nor a URL.
    """
    if method not in ("GET", "HEAD", "POST"):
        raise ValueError(f'method must be "GET", "HEAD" or "POST", not {method!r}')
    if not isinstance(path, str) or not path.startswith(("/", "http://", "https://")):
        raise ValueError(f"path must be that of the URL and begin with a slash, or the whole URL, not {path!r}")
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers must be a mapping of strings, those of the request, not {headers!r}")
    body = b"" if body is None else body
    if not isinstance(body, str | bytes):
        raise TypeError(
            f"body must be a string, bytes or None, not {body!r}; urllib.parse.urlencode makes a form of fields"
        )
    by_name = {_string(name).lower(): _string(value) for name, value in headers.items()}
    host, path, query = _parts(path)
    is_form = by_name.get("content-type", FORM_TYPE).partition(";")[0].strip().lower() == FORM_TYPE
    form = body.decode(errors="replace") if isinstance(body, bytes) else body
    fields = _fields(query) if method != "POST" or not is_form else _fields(query) | _fields(form)
    return Visit(method, by_name.get("host", host), path, fields, _cookies(by_name.get("cookie", "")))


def _string(value: object) -> str:
    # The headers of an ASGI server are bytes.
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _parts(path: str) -> tuple[str, str, str]:
    """Return the host, the path and the query of a path or a URL."""
    if path.startswith("/"):
        path, _, query = path.partition("?")
        return "", path, query
    parts = urlsplit(path)
    return parts.netloc, parts.path or "/", parts.query


def _fields(text: str) -> dict[str, str]:
    # The first of several counts, so it is set last.
    return dict(reversed(parse_qsl(text, keep_blank_values=True, errors="replace")))


def _cookies(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def answer(
    now: "dt.datetime",
    body: str,
    *,
    status: int = 200,
    content_type: str = "text/html;charset=UTF-8",
    reason: str = "",
    headers: Mapping[str, str] | None = None,
    policy: str = STRICT_POLICY,
) -> Answer:
    """Return a response.

    :param reason: why the request was refused, for the author of the test; it becomes a header.
    :param headers: more headers.
    :param policy: the Content-Security-Policy; "" for none.
    """
    return (
        status,
        {
            "Content-Type": content_type,
            "Content-Length": str(len(body.encode())),
            "Cache-Control": "no-store",
            **({"Content-Security-Policy": policy} if policy else {}),
            "Date": format_datetime(now, usegmt=True),
            **({"X-Stssaml-Reason": _header(reason)} if reason else {}),
            **(headers or {}),
        },
        body,
    )


_LONGEST_REASON = 1000


def _header(text: str) -> str:
    """Return a text as the value of a header, in which only printable characters of ASCII may be."""
    line = " ".join(text.split())[:_LONGEST_REASON]
    return "".join(char if " " <= char <= "~" else char.encode("unicode_escape").decode() for char in line)
