"""A login in a real browser: the identity provider's form, the posted response, the choice of a role, the console."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import pytest

from pytest_stssaml import SHAPES, IdentityProvider, Role, STSBackend, active_backend
from pytest_stssaml.adapters.http_endpoint import Endpoint

pytestmark = pytest.mark.slow  # Chromium starts

PASSWORD = "password"
RELAY_STATE = "https://console.aws.amazon.com/s3"

#: What axe-core finds on a page: impact, rule and an example.
AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
    found => `${found.impact}: ${found.id}: ${found.nodes[0].html}`)"""


@pytest.fixture
def endpoint(sts: STSBackend) -> Iterator[Endpoint]:
    with sts.serve() as opened:
        yield opened


@pytest.fixture
def roles(sts: STSBackend, idp: IdentityProvider) -> list[Role]:
    sts.create_account_alias("example-corp")
    return [sts.create_role("Developer"), sts.create_role("Auditor", path="/<b>team</b>/")]


def log_in(tab: Any, url: str, user: str = "alice@example.com", password: str = PASSWORD) -> None:
    """Fill in the form of the identity provider as a user does, by its labels."""
    tab.goto(url)
    tab.get_by_label("User name").fill(user)
    tab.get_by_label("Password").fill(password)
    tab.get_by_role("button", name="Sign in").click()


def choose(tab: Any, role: str) -> None:
    tab.get_by_role("radio", name=role, exact=True).check()
    tab.get_by_role("button", name="Sign In").click()


def test_a_user_goes_from_the_password_to_the_console(
    *, tab: Any, sts: STSBackend, idp: IdentityProvider, endpoint: Endpoint, roles: list[Role]
) -> None:
    action = f"{endpoint.url}/saml"
    with idp.sign_in_page(roles, code="123456", action=action, relay_state=RELAY_STATE) as page:
        log_in(tab, page.url)
        tab.get_by_label("Code").fill("123456")
        tab.get_by_role("button", name="Sign in").click()
        tab.wait_for_url(action)
    assert tab.get_by_role("heading", name="Account: example-corp (123456789012)").is_visible()
    choose(tab, "Auditor")
    tab.wait_for_url(f"{endpoint.url}/console/home")
    assert tab.locator("#signed-in-as").inner_text() == "Auditor/alice@example.com @ example-corp"
    assert tab.locator("#role").inner_text() == roles[1].arn
    assert tab.locator("#page").inner_text() == RELAY_STATE
    tab.get_by_role("link", name="Sign out").click()
    tab.goto(f"{endpoint.url}/console/home")
    assert tab.get_by_role("heading", name="You are not signed in").is_visible()
    assert [attempt.role_arn for attempt in sts.attempts] == [roles[1].arn]


def test_a_wrong_password_and_a_wrong_code_can_be_corrected(
    *, tab: Any, idp: IdentityProvider, endpoint: Endpoint, roles: list[Role]
) -> None:
    with idp.sign_in_page(roles, code="123456", action=f"{endpoint.url}/saml") as page:
        log_in(tab, page.url, password="wrong")
        assert tab.get_by_role("alert").inner_text() == "The user name or the password is wrong."
        tab.get_by_label("Password").fill("password")
        tab.get_by_role("button", name="Sign in").click()
        tab.get_by_label("Code").fill("654321")
        tab.get_by_role("button", name="Sign in").click()
        assert tab.get_by_role("alert").inner_text() == "The code is wrong."
        tab.get_by_label("Code").fill("123456")
        tab.get_by_role("button", name="Sign in").click()
        tab.get_by_role("radio", name="Developer").wait_for()


def test_a_role_has_to_be_chosen(tab: Any, idp: IdentityProvider, endpoint: Endpoint, roles: list[Role]) -> None:
    with idp.sign_in_page(roles, action=f"{endpoint.url}/saml") as page:
        log_in(tab, page.url)
        tab.get_by_role("button", name="Sign In", exact=True).click()
        assert tab.evaluate("document.querySelector('#saml_form').checkValidity()") is False
        choose(tab, "Developer")
        tab.wait_for_url(f"{endpoint.url}/console/home")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_page_of_each_vendor_posts_itself(
    *, tab: Any, idp: IdentityProvider, endpoint: Endpoint, roles: list[Role], shape: str
) -> None:
    with idp.sign_in_page(roles[0], shape=shape, action=f"{endpoint.url}/saml") as page:
        log_in(tab, page.url)
        tab.wait_for_url(f"{endpoint.url}/console/home")
    assert tab.locator("#signed-in-as").inner_text() == "Developer/alice@example.com @ example-corp"


def test_a_refused_login_shows_the_text_of_aws(
    *, tab: Any, sts: STSBackend, idp: IdentityProvider, endpoint: Endpoint, roles: list[Role]
) -> None:
    with idp.sign_in_page(roles, action=f"{endpoint.url}/saml", audience="urn:example") as page:
        log_in(tab, page.url)
        text = tab.get_by_role("alert").inner_text()
    assert re.fullmatch(
        r"Response does not contain the required audience\. \(Service: AWSSecurityTokenService; Status Code: 400; "
        r"Error Code: InvalidIdentityToken; Request ID: [0-9a-f-]{36}; Proxy: null\)\. Please try again\.",
        text,
    )
    assert sts.last_attempt.failed == "addressed_to_aws"


def test_an_invalid_response_offers_the_logout(tab: Any, idp: IdentityProvider, endpoint: Endpoint) -> None:
    with idp.sign_in_page(None, action=f"{endpoint.url}/saml") as page:
        log_in(tab, page.url)
        expected = "Your request included an invalid SAML response. To logout, click here."
        assert tab.get_by_role("alert").inner_text() == expected
        tab.get_by_role("link", name="click here").click()
        assert tab.get_by_role("heading", name="You are signed out").is_visible()


def test_a_link_of_the_federation_endpoint_leads_to_the_console_once(
    *, tab: Any, sts: STSBackend, idp: IdentityProvider, endpoint: Endpoint, roles: list[Role], sts_client: Any
) -> None:
    credentials = sts_client.assume_role_with_saml(**idp.request(roles[0]))["Credentials"]
    names = {"sessionId": "AccessKeyId", "sessionKey": "SecretAccessKey", "sessionToken": "SessionToken"}
    session = json.dumps({name: credentials[key] for name, key in names.items()})
    federation = f"{endpoint.url}/federation"
    answer = tab.request.get(federation, params={"Action": "getSigninToken", "Session": session})
    fields = {"Action": "login", "Destination": RELAY_STATE, "SigninToken": answer.json()["SigninToken"]}
    link = f"{federation}?{urlencode(fields)}"
    tab.goto(link)
    assert tab.locator("#signed-in-as").inner_text() == "Developer/alice@example.com @ example-corp"
    tab.goto(link)
    assert tab.get_by_role("heading", name="HTTP Status 400 - Invalid credentials parameter").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(
    *, tab: Any, sts: STSBackend, idp: IdentityProvider, endpoint: Endpoint, roles: list[Role], scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    script = (files(axe) / "axe.min.js").read_text(encoding="utf-8")
    tab.emulate_media(color_scheme=scheme)
    seen = []

    def look() -> None:
        tab.evaluate(script)
        seen.append((tab.title(), tab.evaluate(AXE)))

    with idp.sign_in_page(roles, code="1", action=f"{endpoint.url}/saml") as page:
        log_in(tab, page.url, password="wrong")
        look()
        log_in(tab, page.url)
        look()
        tab.get_by_label("Code").fill("1")
        tab.get_by_role("button", name="Sign in").click()
        tab.get_by_role("radio", name="Developer").wait_for()
        look()
        choose(tab, "Developer")
        tab.wait_for_url(f"{endpoint.url}/console/home")
        look()
    tab.goto(f"{endpoint.url}/saml")
    look()
    tab.goto(f"{endpoint.url}/federation")
    look()
    assert [(title, faults) for title, faults in seen if faults] == []
    assert len(seen) == 6


@pytest.mark.parametrize("layout", ["classic", "2023"])
def test_markup_shows_as_text(tab: Any, endpoint: Endpoint, layout: str) -> None:
    sts = active_backend()
    sts.sign_in.layout = layout
    idp = IdentityProvider("<img src=x onerror=alert(1)>")
    provider = sts.create_saml_provider("Markup", idp)
    markup = "<img/src=x/onerror=alert(2)>"
    roles = [sts.create_role(name, path=f"/{markup}/", provider=provider) for name in ("Developer", "Auditor")]
    user = "<img src=x onerror=alert(3)>"
    with idp.sign_in_page(roles, user=user, session_name="alice", action=f"{endpoint.url}/saml") as page:
        log_in(tab, page.url, user=user, password="wrong")
        assert tab.get_by_label("User name").input_value() == user
        log_in(tab, page.url, user=user)
        choose(tab, "Auditor")
        tab.wait_for_url(f"{endpoint.url}/console/home")
    assert tab.locator("#role").inner_text() == roles[1].arn
    assert tab.locator("img").count() == 0
