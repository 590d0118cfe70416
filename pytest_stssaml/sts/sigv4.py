"""AWS Signature Version 4: who signed a request, read from what was received (IAM user guide, reference_sigv).

It shares nothing with the library that signs: a mistake on one side must not cancel itself out on the other.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from .call import Signature

__all__ = ["Received", "read_signature"]


class Received(NamedTuple):
    """A request as it was received; the names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>\d+/[^/]+/[^/]+/aws4_request), *"
    r"SignedHeaders=(?P<headers>[^,]+), *Signature=(?P<signature>[0-9a-f]{64})"
)


def read_signature(received: Received) -> Signature | None:
    """Who signed a request, or None where nobody did, or in another way."""
    signed = _AUTHORIZATION.fullmatch(received.headers.get("authorization", ""))
    if signed is None:
        return None

    def made_with(secret_access_key: str) -> bool:
        expected = _signature(received, signed["headers"], signed["scope"], secret_access_key)
        return hmac.compare_digest(expected, signed["signature"])

    return Signature(signed["key"], received.headers.get("x-amz-security-token"), made_with)


def _signature(received: Received, signed_headers: str, scope: str, secret_access_key: str) -> str:
    text = "\n".join(
        (
            "AWS4-HMAC-SHA256",
            received.headers.get("x-amz-date", ""),
            scope,
            hashlib.sha256(_canonical(received, signed_headers).encode()).hexdigest(),
        )
    )
    key = f"AWS4{secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _canonical(received: Received, signed_headers: str) -> str:
    headers = [f"{name}:{' '.join(received.headers.get(name, '').split())}" for name in signed_headers.split(";")]
    pairs = sorted((quote(k, "-_.~"), quote(v, "-_.~")) for k, v in parse_qsl(received.query, keep_blank_values=True))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    digest = hashlib.sha256(received.body).hexdigest()
    path = quote(received.path or "/", "/-_.~")
    return "\n".join((received.method, path, query, *headers, "", signed_headers, digest))
