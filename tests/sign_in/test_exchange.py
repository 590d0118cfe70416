from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from sign_in_pages import FORM, get, post, two_roles

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.adapters.http_endpoint import Endpoint


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("PUT", "/saml", {}, ""), ValueError, 'method must be "GET", "HEAD" or "POST", not \'PUT\''),
        (("GET", "saml", {}, ""), ValueError, "path must be that of the URL and begin with a slash, or the whole URL"),
        (("GET", 5, {}, ""), ValueError, "path must be"),
        (("GET", "/saml", None, ""), TypeError, "headers must be a mapping of strings"),
        (("POST", "/saml", {}, {}), TypeError, "body must be a string, bytes or None, not {}; urllib.parse.urlencode"),
    ],
    ids=["method", "path", "not a string", "headers", "body"],
)
def test_an_argument_of_another_kind_is_refused(
    sts: STSBackend, arguments: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        sts.sign_in.handle(*arguments)


@pytest.mark.parametrize("path", ["/", "/signin", "/saml/", "/saml/acs/", "/SAML", "https://signin.aws.amazon.com"])
def test_another_path_is_not_found(sts: STSBackend, path: str) -> None:
    assert get(sts, path).status == 404


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_a_body_that_is_not_a_form_has_no_fields(sts: STSBackend, idp: IdentityProvider, content_type: str) -> None:
    body = urlencode({"SAMLResponse": idp.response(sts.create_role("Developer"))})
    status, headers, _ = sts.sign_in.handle("POST", "/saml", {"content-type": content_type}, body)
    assert (status, headers["X-Stssaml-Reason"]) == (
        400,
        "the request has no field SAMLResponse in a form of the type application/x-www-form-urlencoded",
    )


def test_a_reason_quotes_a_backslash_once(sts: STSBackend) -> None:
    reason = get(sts, "/federation", Action="a\\'\"").reason
    assert reason == f"expected getSigninToken or login as Action, got {chr(39)}a\\\\\\'\"{chr(39)}"


def test_headers_may_be_bytes(sts: STSBackend, idp: IdentityProvider) -> None:
    headers: Any = {b"Host": b"eu-west-1.signin.aws.amazon.com", b"Content-Type": b"application/x-www-form-urlencoded"}
    body = urlencode({"SAMLResponse": idp.response(sts.create_role("Developer"))})
    sts.sign_in.handle("POST", "/saml", headers, body)
    assert sts.last_attempt.region == "eu-west-1"


def test_a_body_may_be_left_out(sts: STSBackend) -> None:
    assert sts.sign_in.handle("GET", "/console/home", {}, None)[0] == 403


def test_a_body_over_the_limit_is_refused(sts: STSBackend) -> None:
    assert sts.sign_in.handle("POST", "/saml", FORM, "x" * 10_000_001)[0] == 413


def test_the_first_of_several_values_counts(sts: STSBackend, idp: IdentityProvider) -> None:
    developer, auditor = two_roles(sts)
    response = idp.response([developer, auditor])
    fields = [("SAMLResponse", response), ("roleIndex", auditor.arn), ("roleIndex", developer.arn)]
    sts.sign_in.handle("POST", "/saml", FORM, urlencode(fields))
    assert sts.last_attempt.role_arn == auditor.arn


def test_a_reason_fits_into_a_header(sts: STSBackend, idp: IdentityProvider) -> None:
    reason = post(sts, idp.response(sts.create_role("Developer")), roleIndex="ä\r\n\x01" + "x" * 2000).reason
    assert reason.isascii()
    assert reason.isprintable()
    assert len(reason) < 1100


def test_a_page_uses_nothing_from_elsewhere(sts: STSBackend, idp: IdentityProvider) -> None:
    answer = post(sts, idp.response(two_roles(sts)))
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert [e.tag for e in answer.page.iter() if {"src", "href", "srcset"} & set(e.keys())] == []


def test_the_length_and_the_date_are_told(sts: STSBackend) -> None:
    sts.move_to("2030-01-01T12:00:00Z")
    answer = get(sts, "/console/home")
    assert int(answer.headers["Content-Length"]) == len(answer.body.encode())
    assert answer.headers["Date"] == "Tue, 01 Jan 2030 12:00:00 GMT"


class TestServed:
    @pytest.fixture
    def endpoint(self, sts: STSBackend) -> Iterator[Endpoint]:
        with sts.serve() as opened:
            yield opened

    @pytest.mark.parametrize("own", [False, True], ids=["/saml", "/saml/acs/ID"])
    def test_a_login_goes_from_the_response_to_the_console(
        self, sts: STSBackend, idp: IdentityProvider, endpoint: Endpoint, own: bool
    ) -> None:
        browser = build_opener(HTTPCookieProcessor())
        role = sts.create_role("Developer")
        path = f"/saml/acs/{idp.provider.uuid}" if own else "/saml"
        with browser.open(endpoint.url + path, urlencode({"SAMLResponse": idp.response(role)}).encode()) as page:
            assert (page.url, b"Developer/alice@example.com" in page.read()) == (f"{endpoint.url}/console/home", True)

    def test_a_refused_login_is_an_http_error(self, sts: STSBackend, idp: IdentityProvider, endpoint: Endpoint) -> None:
        form = urlencode({"SAMLResponse": idp.response(sts.create_role("Developer")).unsigned()}).encode()
        with pytest.raises(HTTPError, match="400") as caught:
            build_opener().open(f"{endpoint.url}/saml", form)
        with caught.value as answer:
            assert b"Response signature invalid" in answer.read()

    def test_the_federation_endpoint_is_there(self, sts: STSBackend, endpoint: Endpoint) -> None:
        with pytest.raises(HTTPError, match="400") as caught:
            build_opener().open(f"{endpoint.url}/federation?Action=getSigninToken")
        caught.value.close()
        assert caught.value.headers["X-Stssaml-Reason"].startswith("expected JSON as Session")

    def test_sts_is_where_it_was(self, endpoint: Endpoint) -> None:
        with pytest.raises(HTTPError, match="400") as caught:
            build_opener().open(f"{endpoint.url}/?Action=GetCallerIdentity&Version=1")
        with caught.value as answer:
            assert b"<Code>InvalidAction</Code>" in answer.read()

    @pytest.mark.parametrize("path", ["/saml/", "/SAML", "/saml/acs/", "/federation/", "/console", "/saml?x"])
    def test_a_path_that_is_nearly_right_does_not_lead_elsewhere(self, endpoint: Endpoint, path: str) -> None:
        with pytest.raises(HTTPError) as caught:
            build_opener().open(endpoint.url + path)
        caught.value.close()
        assert caught.value.code == (400 if path == "/saml?x" else 404)

    def test_another_path_is_that_of_sts(self, endpoint: Endpoint) -> None:
        with pytest.raises(HTTPError, match="400") as caught:
            build_opener().open(f"{endpoint.url}/samlet?Action=GetCallerIdentity&Version=1")
        with caught.value as answer:
            assert b"<Code>InvalidAction</Code>" in answer.read()
