"""HTTP requests as a caller of `STSBackend.handle` describes them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...iam import arguments
from ...wire import Request
from .query_request import read_form
from .sigv4 import HTTPRequest, read_signature


class ArrivedRequest(NamedTuple):
    """An HTTP request at the endpoint of a region."""

    http: HTTPRequest
    #: The body as a string; "" for a GET.
    text: str
    #: How many bytes the body has, or the query string of a GET.
    size: int
    #: As the caller gave it, so it may be the name of the global endpoint.
    region: str
    #: The header User-Agent, as the caller gave it; "" leaves it to the headers.
    user_agent: str
    #: Whether the request came by TLS.
    secure: bool
    #: Whether the caller gave headers.
    has_headers: bool

    def form(self) -> dict[str, str]:
        """Return the parameters in the query and the body."""
        return read_form(f"{self.http.query}&{self.text}")

    def request(self, form: Mapping[str, Any]) -> Request:
        """Return the request to STS."""
        return Request(
            form=form,
            region=self.region,
            user_agent=self.user_agent or self.http.headers.get("user-agent", ""),
            secure=self.secure,
            signature=read_signature(self.http) if self.has_headers else None,
        )


def arrived_request(
    form: str | bytes,
    *,
    region: str,
    user_agent: str,
    secure: bool,
    method: str,
    path: str,
    headers: Mapping[str, str] | None,
) -> ArrivedRequest:
    """Return a request that a caller describes; see `STSBackend.handle`.

    :raises TypeError: if an argument has another type.
    :raises ValueError: if the method, the path or the region is none.
    """
    if not isinstance(form, str | bytes):
        raise TypeError(
            f"form must be a urlencoded body or a query string, not {form!r}; urllib.parse.urlencode makes one"
        )
    if not isinstance(user_agent, str):
        raise TypeError(f"user_agent must be the header of that name as a string, not {user_agent!r}")
    if not isinstance(secure, bool):
        raise TypeError(f"secure must be True for https or False for http, not {secure!r}")
    if not isinstance(path, str) or not path.startswith("/"):
        raise ValueError(f"path must be that of the URL and begin with a slash, not {path!r}")
    if method not in ("POST", "GET"):
        raise ValueError(f'method must be "POST" or "GET", not {method!r}')
    arguments.region(region)
    body = form if isinstance(form, bytes) else form.encode(errors="replace")
    text, size = form if isinstance(form, str) else form.decode(errors="replace"), len(body)
    path, _, query = path.partition("?")
    if method == "GET":
        query, text, body = text or query, "", b""
    http = HTTPRequest(method, path, query, {} if headers is None else _by_name(headers), body)
    return ArrivedRequest(http, text, size, region, user_agent, secure, headers is not None)


def _by_name(headers: Mapping[str, str]) -> dict[str, str]:
    try:
        return {_string(name).lower(): _string(value).strip() for name, value in dict(headers).items()}
    except (TypeError, ValueError, AttributeError) as error:
        raise TypeError(f"headers must be a mapping of strings, those of the request, not {headers!r}") from error


def _string(value: str | bytes) -> str:
    # The headers of an ASGI server are bytes.
    return value.decode("latin-1") if isinstance(value, bytes) else value
