import datetime as dt
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from pytest_stssaml.sts.wire.sigv4 import HTTPRequest, read_signature

#: The example of AWS's documentation (IAM user guide, create-signed-request: the test suite's get-vanilla).
VANILLA = HTTPRequest(
    "GET",
    "/",
    "",
    {
        "host": "example.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    },
    b"",
)
SECRET, VANILLA_SECRET = "secret", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@dataclass
class Signed:
    """A request that botocore signed, as it is received."""

    method: str = "POST"
    url: str = "https://sts.us-east-1.amazonaws.com/"
    body: bytes = b"Action=GetCallerIdentity&Version=2011-06-15"
    token: str | None = "token"
    headers: tuple[tuple[str, str], ...] = ()
    by: type[SigV4Auth] = SigV4Auth

    def received(self) -> HTTPRequest:
        request = AWSRequest(self.method, self.url, dict(self.headers), self.body)
        self.by(Credentials("ASIAEXAMPLE", SECRET, self.token), "sts", "us-east-1").add_auth(request)
        url = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()}
        return HTTPRequest(self.method, url.path, url.query, {"host": url.netloc, **headers}, self.body)


def holds(received: HTTPRequest, secret: str = SECRET) -> bool:
    signature = read_signature(received)
    assert signature is not None
    return signature.made_with(secret)


def test_accepts_the_example_of_the_documentation_of_aws() -> None:
    assert holds(VANILLA, VANILLA_SECRET)


@pytest.mark.parametrize("secret", ["", VANILLA_SECRET[:-1], VANILLA_SECRET + " ", VANILLA_SECRET.lower()])
def test_rejects_the_example_with_another_secret(secret: str) -> None:
    assert not holds(VANILLA, secret)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({}, id="as STS is called"),
        pytest.param({"method": "GET", "url": "https://sts.amazonaws.com/?b=2&a=1", "body": b""}, id="a query"),
        pytest.param(
            {"method": "GET", "url": "https://sts.amazonaws.com/?a=%2F%20~&B=%C3%BC&c=&a=1", "body": b""},
            id="a query of odd characters",
        ),
        pytest.param({"url": "https://proxy.example.com/sts/"}, id="a path"),
        pytest.param({"url": "https://proxy.example.com/s%20s"}, id="a path with an escape"),
        pytest.param({"url": "https://proxy.example.com"}, id="no path"),
        pytest.param({"url": "https://proxy.example.com//"}, id="an empty segment"),
        pytest.param({"url": "https://proxy.example.com//a///b//"}, id="empty segments"),
        pytest.param({"url": "https://proxy.example.com/a/./b/../../c"}, id="dots"),
        pytest.param({"url": "https://proxy.example.com/../../sts/."}, id="dots that lead nowhere"),
        pytest.param({"url": "http://[::1]:5000/"}, id="an address of version 6"),
        pytest.param({"url": "http://localhost:5000/"}, id="a port"),
        pytest.param({"body": b""}, id="no body"),
        pytest.param({"body": bytes(range(256))}, id="encoded"),
        pytest.param({"token": None}, id="no token"),
        pytest.param({"headers": (("X-Example", "  a   b  "),)}, id="white space in a header"),
        pytest.param({"headers": (("x-amz-meta-b", "2"), ("X-Amz-Meta-A", "1"))}, id="more headers"),
    ],
)
def test_accepts_what_botocore_signed(changed: dict[str, Any]) -> None:
    assert holds(Signed(**changed).received())


PRESIGNED: dict[str, Any] = {
    "method": "GET",
    "url": "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
    "body": b"",
    "by": SigV4QueryAuth,
}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({}, id="a URL"),
        pytest.param({"token": None}, id="no token"),
        pytest.param({"headers": (("x-k8s-aws-id", "cluster"),)}, id="a header beside the host"),
    ],
)
def test_accepts_what_botocore_signed_in_the_query(changed: dict[str, Any]) -> None:
    assert holds(Signed(**{**PRESIGNED, **changed}).received())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("GetCallerIdentity", "GetSessionToken", id="operation"),
        pytest.param("X-Amz-Expires=3600", "X-Amz-Expires=9999", id="time that it is good for"),
        pytest.param("X-Amz-Security-Token=token", "X-Amz-Security-Token=other", id="token"),
        pytest.param("us-east-1", "eu-west-1", id="region"),
        pytest.param("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=", id="no headers"),
        pytest.param("X-Amz-Signature=", "X-Amz-Signature=0", id="signature"),
        pytest.param("X-Amz-Signature=", "X-Amz-Signature=%FF", id="a signature that is not UTF-8"),
        pytest.param("&X-Amz-Signature=", "&a=b&X-Amz-Signature=", id="one parameter more"),
    ],
)
def test_rejects_a_changed_query(old: str, new: str) -> None:
    received = Signed(**PRESIGNED).received()
    assert received.query.count(old) == 1
    assert not holds(received._replace(query=received.query.replace(old, new)))


def test_reads_the_signer_from_the_query() -> None:
    signature = read_signature(Signed(**PRESIGNED).received())
    assert signature is not None
    assert signature[:2] == ("ASIAEXAMPLE", "token")


@pytest.mark.parametrize("missing", ["X-Amz-Algorithm", "X-Amz-Credential"])
def test_finds_no_signature_in_a_query_that_lacks_a_part(missing: str) -> None:
    received = Signed(**PRESIGNED).received()
    assert read_signature(received._replace(query=received.query.replace(missing, "X-Other"))) is None


def test_finds_no_signature_if_a_header_is_signed_twice() -> None:
    names = "SignedHeaders=host;x-amz-date"
    headers = {
        **VANILLA.headers,
        "authorization": VANILLA.headers["authorization"].replace(names, f"{names};host"),
    }
    assert read_signature(VANILLA._replace(headers=headers)) is None


@pytest.mark.parametrize("where", ["method", "path", "query", "header", "scope", "date"])
def test_rejects_bytes_that_are_not_utf8(where: str) -> None:
    odd = "\udcff"
    headers = {
        "header": {"host": odd},
        "scope": {"authorization": VANILLA.headers["authorization"].replace("us-east-1", odd)},
        "date": {"x-amz-date": odd},
    }.get(where, {})
    changed: dict[str, Any] = {where: odd} if where in HTTPRequest._fields else {}
    assert not holds(VANILLA._replace(headers={**VANILLA.headers, **headers}, **changed), VANILLA_SECRET)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"method": "GET"}, id="method"),
        pytest.param({"path": "/other"}, id="path"),
        pytest.param({"query": "a=1"}, id="query"),
        pytest.param({"body": b"Action=GetCallerIdentity&Version=2011-06-16"}, id="body"),
        pytest.param({"body": b""}, id="no body"),
    ],
)
def test_rejects_a_changed_request(changed: dict[str, Any]) -> None:
    assert not holds(Signed().received()._replace(**changed))


@pytest.mark.parametrize("name", ["host", "x-amz-date", "x-amz-security-token"])
@pytest.mark.parametrize("value", ["other", None], ids=["changed", "missing"])
def test_rejects_a_changed_header_that_is_signed(name: str, value: str | None) -> None:
    received = Signed().received()
    headers = {key: text for key, text in {**received.headers, name: value}.items() if text is not None}
    assert not holds(received._replace(headers=headers))


def test_accepts_a_changed_header_that_is_not_signed() -> None:
    received = Signed().received()
    assert holds(received._replace(headers={**received.headers, "user-agent": "other"}))


def test_reads_the_signer_from_the_headers() -> None:
    signature = read_signature(Signed().received())
    assert signature is not None
    assert signature[:2] == ("ASIAEXAMPLE", "token")


def test_reads_no_session_token_if_there_is_none() -> None:
    signature = read_signature(Signed(token=None).received())
    assert signature is not None
    assert signature.session_token is None


def test_needs_no_spaces_between_the_parts() -> None:
    headers = {**VANILLA.headers, "authorization": VANILLA.headers["authorization"].replace(", ", ",")}
    assert holds(VANILLA._replace(headers=headers), VANILLA_SECRET)


SCOPE = f"Credential=ASIAEXAMPLE/{dt.date(2030, 1, 1):%Y%m%d}/us-east-1/sts/aws4_request"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("Bearer token", id="bearer"),
        pytest.param("AWS ASIAEXAMPLE:c2lnbmF0dXJl", id="version 2"),
        pytest.param(f"AWS4-ECDSA-P256-SHA256 {SCOPE}, SignedHeaders=host, Signature={'0' * 64}", id="version 4a"),
        pytest.param(
            f"AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE, SignedHeaders=host, Signature={'0' * 64}", id="no scope"
        ),
        pytest.param(f"AWS4-HMAC-SHA256 {SCOPE}, Signature={'0' * 64}", id="no headers"),
        pytest.param(f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=host, Signature={'0' * 63}", id="short signature"),
        pytest.param(f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=host, Signature={'g' * 64}", id="not hexadecimal"),
        pytest.param(f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=host, Signature={'0' * 64} ", id="more after it"),
    ],
)
def test_finds_no_signature_of_another_form(value: str) -> None:
    assert read_signature(VANILLA._replace(headers={**VANILLA.headers, "authorization": value})) is None


def test_finds_no_signature_in_an_unsigned_request() -> None:
    assert read_signature(VANILLA._replace(headers={"host": "example.amazonaws.com"})) is None


def test_names_the_signed_headers_that_are_missing() -> None:
    received = Signed().received()
    signature = read_signature(received._replace(headers={**received.headers, "x-more": "1"}))
    assert signature is not None
    assert signature.missing_headers == ()
    without = {name: value for name, value in received.headers.items() if name != "host"}
    signature = read_signature(received._replace(headers=without))
    assert signature is not None
    assert signature.missing_headers == ("host",)


@pytest.mark.parametrize("signed", [Signed(), Signed(**PRESIGNED)], ids=["headers", "query"])
def test_reads_the_scope_and_the_date(signed: Signed) -> None:
    signature = read_signature(signed.received())
    assert signature is not None
    assert re.fullmatch(r"\d{8}T\d{6}Z", signature.date)
    assert signature.scope == (signature.date[:8], "us-east-1", "sts", "aws4_request")
    assert str(signature.scope) == f"{signature.date[:8]}/us-east-1/sts/aws4_request"


def test_reads_a_scope_whatever_it_says() -> None:
    headers = {
        **VANILLA.headers,
        "authorization": VANILLA.headers["authorization"].replace("20150830/us-east-1/service/aws4_request", "a///b"),
    }
    signature = read_signature(VANILLA._replace(headers=headers))
    assert signature is not None
    assert signature.scope == ("a", "", "", "b")


@pytest.mark.parametrize("scope", ["", "a/b/c", "a/b/c/d/e"])
def test_finds_no_signature_if_the_scope_has_not_four_parts(scope: str) -> None:
    headers = {
        **VANILLA.headers,
        "authorization": VANILLA.headers["authorization"].replace("20150830/us-east-1/service/aws4_request", scope),
    }
    assert read_signature(VANILLA._replace(headers=headers)) is None


@pytest.mark.parametrize(
    ("headers", "date"),
    [
        ({"date": "20150830T123600Z"}, "20150830T123600Z"),
        ({"date": "Sun, 30 Aug 2015 12:36:00 GMT"}, "Sun, 30 Aug 2015 12:36:00 GMT"),
        ({"date": "20150830T123601Z", "x-amz-date": "20150830T123600Z"}, "20150830T123600Z"),
        ({}, ""),
    ],
    ids=["Date", "Date as HTTP writes it", "both", "neither"],
)
def test_reads_the_date_from_either_header(headers: dict[str, str], date: str) -> None:
    others = {name: value for name, value in VANILLA.headers.items() if name != "x-amz-date"}
    signature = read_signature(VANILLA._replace(headers={**others, **headers}))
    assert signature is not None
    assert signature.date == date
