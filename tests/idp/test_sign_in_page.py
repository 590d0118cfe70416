import re
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from lxml import html

from pytest_stssaml import SHAPES, IdentityProvider, STSBackend
from pytest_stssaml.idp.sign_in_page import SignInPage

ALICE = {"username": "alice@example.com", "password": "password"}


@pytest.fixture
def page(sts: STSBackend, idp: IdentityProvider) -> SignInPage:
    """A page without a second step."""
    return idp.sign_in_page(sts.create_role("Developer"))


@pytest.fixture
def page_with_code(sts: STSBackend, idp: IdentityProvider) -> SignInPage:
    """A page with a second step."""
    return idp.sign_in_page(sts.create_role("Developer"), code="123456")


def get(page: SignInPage, path: str = "/") -> tuple[int, Any]:
    """Return the status and the root element."""
    status, _, body = page.handle("GET", path, {}, None)
    return status, html.document_fromstring(body)


def post(page: SignInPage, fields: Mapping[str, str], path: str = "/") -> tuple[int, Any]:
    status, _, body = page.handle("POST", path, {}, urlencode(fields))
    return status, html.document_fromstring(body)


def alert(root: Any) -> str:
    return str(root.xpath("string(//*[@role='alert'])"))


class TestFirstStep:
    def test_asks_for_user_and_password(self, page: SignInPage) -> None:
        status, root = get(page)
        [form] = root.forms
        assert (status, form.method, form.action) == (200, "POST", "/")
        assert {label.get("for"): label.text for label in form.iterfind(".//label")} == {
            "username": "User name",
            "password": "Password",
        }

    def test_leads_to_the_page_that_posts_the_response(self, page: SignInPage) -> None:
        status, root = post(page, ALICE)
        [form] = root.forms
        assert (status, form.action) == (200, "https://signin.aws.amazon.com/saml")
        assert form.fields["SAMLResponse"] == page.response

    @pytest.mark.parametrize(
        "fields", [ALICE | {"password": "wrong"}, ALICE | {"username": "bob"}, {}], ids=["password", "user", "none"]
    )
    def test_refuses_another_user_or_password(self, page: SignInPage, fields: dict[str, str]) -> None:
        status, root = post(page, fields)
        assert (status, alert(root), page.response) == (403, "The user name or the password is wrong.", None)

    def test_shows_the_user_again_as_text(self, page: SignInPage) -> None:
        _, root = post(page, {"username": '"><script>alert(1)</script>', "RelayState": '"><script>'})
        assert root.forms[0].fields["username"] == '"><script>alert(1)</script>'
        assert root.find(".//script") is None

    def test_issues_a_new_response_each_time(self, page: SignInPage) -> None:
        responses = []
        for _ in range(2):
            post(page, ALICE)
            responses.append(page.response)
        assert len(set(responses)) == 2

    def test_has_no_second_one_without_a_code(self, page: SignInPage) -> None:
        assert get(page, "/second-step")[0] == 404


class TestSecondStep:
    def code_form(self, page: SignInPage) -> Any:
        status, root = post(page, ALICE | {"RelayState": "https://console.aws.amazon.com/"})
        assert status == 200
        return root.forms[0]

    def test_asks_for_the_code_first(self, page_with_code: SignInPage) -> None:
        form = self.code_form(page_with_code)
        assert (form.action, page_with_code.response) == ("/second-step", None)
        assert form.find(".//label").get("for") == "code"

    def test_leads_to_the_response(self, page_with_code: SignInPage) -> None:
        form = self.code_form(page_with_code)
        _, root = post(page_with_code, {**form.fields, "code": "123456"}, form.action)
        assert root.forms[0].fields["RelayState"] == "https://console.aws.amazon.com/"
        assert root.forms[0].fields["SAMLResponse"] == page_with_code.response

    def test_may_be_repeated_after_a_wrong_code(self, page_with_code: SignInPage) -> None:
        form = self.code_form(page_with_code)
        status, root = post(page_with_code, {**form.fields, "code": "1"}, form.action)
        assert (status, alert(root), page_with_code.response) == (403, "The code is wrong.", None)
        assert post(page_with_code, {**root.forms[0].fields, "code": "123456"}, form.action)[0] == 200

    @pytest.mark.parametrize("state", [{}, {"state": "unknown"}], ids=["none", "unknown"])
    def test_needs_the_first(self, page_with_code: SignInPage, state: dict[str, str]) -> None:
        status, root = post(page_with_code, {**state, "code": "123456"}, "/second-step")
        assert (status, alert(root), page_with_code.response) == (403, "Sign in again.", None)

    def test_takes_each_password_once(self, page_with_code: SignInPage) -> None:
        fields = {**self.code_form(page_with_code).fields, "code": "123456"}
        assert [post(page_with_code, fields, "/second-step")[0] for _ in range(2)] == [200, 403]


class TestResponse:
    def test_is_that_of_the_user(self, sts: STSBackend, idp: IdentityProvider) -> None:
        page = idp.sign_in_page(sts.create_role("Developer"), user="bob", password="secret")
        post(page, {"username": "bob", "password": "secret"})
        assert page.response is not None
        assert page.response.root.xpath("string(//*[local-name()='NameID'])") == "bob"
        assert ">bob</saml:AttributeValue>" in page.response.xml

    @pytest.mark.parametrize("shape", SHAPES)
    def test_is_in_the_page_of_its_shape(self, sts: STSBackend, idp: IdentityProvider, shape: str) -> None:
        page = idp.sign_in_page(sts.create_role("Developer"), shape=shape, action="http://127.0.0.1:1/saml")
        _, headers, body = page.handle("POST", "/", {}, urlencode(ALICE))
        [form] = html.document_fromstring(body).forms
        assert (form.action, "Content-Security-Policy" in headers) == ("http://127.0.0.1:1/saml", False)
        assert page.response is not None
        assert body == page.response.form(action="http://127.0.0.1:1/saml")

    def test_is_made_when_the_user_signs_in(self, sts: STSBackend, page: SignInPage) -> None:
        sts.move_to("2031-01-01T00:00:00Z")
        post(page, ALICE)
        assert page.response is not None
        assert page.response.root.get("IssueInstant", "").startswith("2031-01-01T00:00:0")

    @pytest.mark.parametrize(
        ("query", "state"), [("", "https://example.com/"), ("?RelayState=other", "other"), ("?RelayState=", "")]
    )
    def test_has_the_relay_state_of_the_query(
        self, sts: STSBackend, idp: IdentityProvider, query: str, state: str
    ) -> None:
        page = idp.sign_in_page(sts.create_role("Developer"), relay_state="https://example.com/", shape="okta")
        _, root = post(page, ALICE | {"RelayState": get(page, f"/{query}")[1].forms[0].fields["RelayState"]})
        assert root.forms[0].fields["RelayState"] == state


class TestArguments:
    @pytest.mark.parametrize("name", ["user", "password", "code", "action"])
    def test_must_be_strings(self, sts: STSBackend, idp: IdentityProvider, name: str) -> None:
        with pytest.raises(TypeError, match=f"^{name} must be a string, not 5$"):
            idp.sign_in_page(sts.create_role("Developer"), **{name: 5})  # type: ignore[arg-type]

    def test_of_the_response_are_checked_at_once(self, sts: STSBackend, idp: IdentityProvider) -> None:
        role = sts.create_role("Developer")
        with pytest.raises(TypeError, match="did you mean session_name"):
            idp.sign_in_page(role, session_nam="alice")
        with pytest.raises(TypeError, match="relay_state must be a string"):
            idp.sign_in_page(role, relay_state=5)  # type: ignore[arg-type]

    def test_of_the_form_must_be_strings(self, sts: STSBackend, idp: IdentityProvider) -> None:
        with pytest.raises(TypeError, match=r"^action must be the URL to which the page posts, or None, not 5$"):
            idp.response(sts.create_role("Developer")).form(action=5)  # type: ignore[arg-type]


class TestServed:
    @pytest.fixture
    def browser(self) -> OpenerDirector:
        return build_opener(HTTPCookieProcessor())

    def test_the_page_is_at_its_url(self, page: SignInPage, browser: OpenerDirector) -> None:
        with page, browser.open(page.url) as opened:
            assert b"<h1>Sign in</h1>" in opened.read()

    def test_another_method_is_refused(self, page: SignInPage) -> None:
        with page:
            connection = HTTPConnection(urlsplit(page.url).netloc, timeout=20)
            connection.request("PUT", "/")
            assert connection.getresponse().status == 405
            connection.close()

    def test_a_page_that_is_not_open_has_no_url(self, page: SignInPage) -> None:
        message = "the page is not open: write `with saml_idp.sign_in_page(role) as page:`"
        with pytest.raises(RuntimeError, match=re.escape(message)):
            _ = page.url
        assert repr(page) == "<SignInPage of alice@example.com>"

    def test_a_browser_goes_the_whole_way(
        self, sts: STSBackend, idp: IdentityProvider, browser: OpenerDirector
    ) -> None:
        with sts.serve() as endpoint:
            page = idp.sign_in_page(sts.create_role("Developer"), action=f"{endpoint.url}/saml")
            with page, browser.open(page.url, urlencode(ALICE).encode()) as opened:
                [form] = html.document_fromstring(opened.read()).forms
            with browser.open(str(form.action), urlencode(dict(form.fields)).encode()) as opened:
                assert b"Developer/alice@example.com @ 123456789012" in opened.read()
