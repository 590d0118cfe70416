"""AWS Signature Version 4: who signed a request, read from what was received (IAM user guide, reference_sigv).

It shares nothing with the library that signs: a mistake on one side must not cancel itself out on the other.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from ..call import Signature


class Received(NamedTuple):
    """A request as it was received; the names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


_ALGORITHM = "AWS4-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} Credential=(?P<credential>[^,]+), *"
    r"SignedHeaders=(?P<headers>[^,]+), *Signature=(?P<signature>[0-9a-f]{64})"
)
_CREDENTIAL = re.compile(r"(?P<key>[^/]+)/(?P<scope>\d+/[^/]+/[^/]+/aws4_request)")


class _Signed(NamedTuple):
    """What a request says of its own signature, and the parameters of its query that are signed."""

    credential: str
    headers: str
    signature: str
    date: str
    session_token: str | None
    query: list[tuple[str, str]]


def read_signature(received: Received) -> Signature | None:
    """Who signed a request, in its headers or in its query; None where nobody did, or in another way."""
    signed = _signed(received)
    credential = _CREDENTIAL.fullmatch(signed.credential) if signed else None
    if signed is None or credential is None:
        return None
    names = signed.headers.split(";")
    if len(set(names)) != len(names):  # else a long header, named thousands of times, costs seconds and memory
        return None

    def made_with(secret_access_key: str) -> bool:
        expected = _signature(received, signed, names, credential["scope"], secret_access_key)
        return hmac.compare_digest(expected, signed.signature.encode(errors="replace"))

    missing = tuple(name for name in names if name not in received.headers)
    return Signature(credential["key"], signed.session_token, made_with, missing)


def _signed(received: Received) -> _Signed | None:
    query = parse_qsl(received.query, keep_blank_values=True)
    said = _AUTHORIZATION.fullmatch(received.headers.get("authorization", ""))
    if said is not None:
        date, token = received.headers.get("x-amz-date", ""), received.headers.get("x-amz-security-token")
        return _Signed(said["credential"], said["headers"], said["signature"], date, token, query)
    asked = dict(query)
    if asked.get("X-Amz-Algorithm") != _ALGORITHM:
        return None
    credential, headers, signature, date = (
        asked.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature", "Date")
    )
    query = [pair for pair in query if pair[0] != "X-Amz-Signature"]
    return _Signed(credential, headers, signature, date, asked.get("X-Amz-Security-Token"), query)


def _signature(received: Received, signed: _Signed, names: list[str], scope: str, secret_access_key: str) -> bytes:
    canonical = hashlib.sha256(_octets(_canonical(received, signed, names))).hexdigest()
    key = _octets(f"AWS4{secret_access_key}")
    for part in scope.split("/"):
        key = hmac.digest(key, _octets(part), "sha256")
    return hmac.digest(key, _octets(f"{_ALGORITHM}\n{signed.date}\n{scope}\n{canonical}"), "sha256").hex().encode()


def _canonical(received: Received, signed: _Signed, names: list[str]) -> str:
    headers = [f"{name}:{' '.join(received.headers.get(name, '').split())}" for name in names]
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in signed.query)
    query = "&".join(f"{name}={value}" for name, value in pairs)
    digest = hashlib.sha256(received.body).hexdigest()
    path = quote(_plain(received.path), "/-_.~", errors="replace")
    return "\n".join((received.method, path, query, *headers, "", signed.headers, digest))


def _plain(path: str) -> str:
    """A path without empty segments and dots, as every service but S3 signs it."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return "/" + "/".join([*segments, ""] if segments and path.endswith("/") else segments)


def _quoted(text: str) -> str:
    return quote(text, "-_.~", errors="replace")


def _octets(text: str) -> bytes:
    # A server may hand on what is no text as surrogates.
    return text.encode(errors="replace")
