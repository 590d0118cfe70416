"""AWS Signature Version 4: who signed an HTTP request (IAM user guide, reference_sigv).

This shares nothing with botocore, which signs, so that a mistake on one side cannot cancel itself out on the other.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from ...wire import CredentialScope, Signature


class HTTPRequest(NamedTuple):
    """An HTTP request as it was received."""

    method: str
    path: str
    query: str
    #: By name in lower case.
    headers: Mapping[str, str]
    body: bytes


_ALGORITHM = "AWS4-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} Credential=(?P<credential>[^,]+), *"
    r"SignedHeaders=(?P<headers>[^,]+), *Signature=(?P<signature>[0-9a-f]{64})"
)
_CREDENTIAL = re.compile("([^/]+)/([^/]*)/([^/]*)/([^/]*)/([^/]*)")


class _SignatureParts(NamedTuple):
    """What a request says about its own signature."""

    credential: str
    #: The names of the signed headers, separated by semicolons.
    headers: str
    #: In hexadecimal.
    signature: str
    date: str
    session_token: str | None
    #: The parameters of the query that are signed.
    query: list[tuple[str, str]]


def read_signature(request: HTTPRequest) -> Signature | None:
    """Return the signature of a request, from its headers or its query.

    It is None if the request is not signed, or in another way.
    """
    parts = _signature_parts(request)
    credential = _CREDENTIAL.fullmatch(parts.credential) if parts else None
    if parts is None or credential is None:
        return None
    key, *scope_parts = credential.groups()
    scope = CredentialScope(*scope_parts)
    names = parts.headers.split(";")
    if len(set(names)) != len(names):  # or a long header that is named thousands of times costs seconds and memory
        return None

    def made_with(secret_access_key: str) -> bool:
        expected = _signature(request, parts, names, scope, secret_access_key)
        return hmac.compare_digest(expected, parts.signature.encode(errors="replace"))

    missing = tuple(name for name in names if name not in request.headers)
    return Signature(key, parts.session_token, made_with, missing, scope, parts.date, _size(request))


def _size(request: HTTPRequest) -> int:
    headers = sum([len(name) + len(value) for name, value in request.headers.items()])
    return len(request.path) + len(request.query) + len(request.body) + headers


def _signature_parts(request: HTTPRequest) -> _SignatureParts | None:
    query = parse_qsl(request.query, keep_blank_values=True)
    header = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if header is not None:
        date = request.headers.get("x-amz-date", request.headers.get("date", ""))
        token = request.headers.get("x-amz-security-token")
        return _SignatureParts(header["credential"], header["headers"], header["signature"], date, token, query)
    parameters = dict(query)
    if parameters.get("X-Amz-Algorithm") != _ALGORITHM:
        return None
    credential, headers, signature, date = (
        parameters.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature", "Date")
    )
    query = [pair for pair in query if pair[0] != "X-Amz-Signature"]
    return _SignatureParts(credential, headers, signature, date, parameters.get("X-Amz-Security-Token"), query)


def _signature(
    request: HTTPRequest, parts: _SignatureParts, names: list[str], scope: CredentialScope, secret_access_key: str
) -> bytes:
    canonical = hashlib.sha256(_encoded(_canonical(request, parts, names))).hexdigest()
    key = _signing_key(secret_access_key, scope)
    string_to_sign = f"{_ALGORITHM}\n{parts.date}\n{scope}\n{canonical}"
    return hmac.digest(key, _encoded(string_to_sign), "sha256").hex().encode()


@lru_cache(maxsize=128)  # a session signs all its calls of a day in a region with one key
def _signing_key(secret_access_key: str, scope: CredentialScope) -> bytes:
    key = _encoded(f"AWS4{secret_access_key}")
    for part in scope:
        key = hmac.digest(key, _encoded(part), "sha256")
    return key


def _canonical(request: HTTPRequest, parts: _SignatureParts, names: list[str]) -> str:
    headers = [f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names]
    pairs = sorted([(_quoted(name), _quoted(value)) for name, value in parts.query])
    query = "&".join(f"{name}={value}" for name, value in pairs)
    digest = hashlib.sha256(request.body).hexdigest()
    path = request.path if request.path == "/" else quote(_normalized(request.path), "/-_.~", errors="replace")
    return "\n".join((request.method, path, query, *headers, "", parts.headers, digest))


def _normalized(path: str) -> str:
    """Return a path without empty segments and dots, which every service but S3 signs."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return "/" + "/".join([*segments, ""] if segments and path.endswith("/") else segments)


def _quoted(value: str) -> str:
    return quote(value, "-_.~", errors="replace")


def _encoded(value: str) -> bytes:
    # A server may pass on bytes that are not UTF-8 as surrogates.
    return value.encode(errors="replace")
