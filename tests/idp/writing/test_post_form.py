"""The pages that post a response, whose fields are read with html.parser, as scrapers do."""

from html.parser import HTMLParser

import pytest
from idp_responses import EC_KEY, PAIR, every_shape, response_of
from lxml import etree

from pytest_stssaml import IdentityProvider, SAMLResponse
from pytest_stssaml.idp.shapes.pages import SHIBBOLETH
from pytest_stssaml.idp.shapes.vendors import SHAPES
from pytest_stssaml.idp.writing.post_form import write_page

SIGN_IN = "https://signin.aws.amazon.com/saml"
NASTY_URL = "https://example.com/?a=1&b=\"><script>'alert(1)'</script>é"

# For each shape whose page is known: a part of it, and whether it has a field for an empty RelayState.
KNOWN = {
    "okta": ('<form id="appForm" action="https://signin.aws.amazon.com/saml" method="POST"><input name=', True),
    "entra": ('<form method="POST" name="hiddenform" action="https://signin.aws.amazon.com/saml"><input type=', False),
    "adfs": ('<form method="POST" name="hiddenform" action="https://signin.aws.amazon.com:443/saml"><input', False),
    "keycloak": ('<FORM METHOD="POST" ACTION="https://signin.aws.amazon.com/saml"><INPUT TYPE="HIDDEN" NAME=', False),
    "shibboleth": ('<form action="https&#x3a;&#x2f;&#x2f;signin.aws.amazon.com&#x2f;saml" method="post">', False),
    "simplesamlphp": ('<input type="submit" value="Yes, continue">\n<input type="hidden" name="SAMLResponse"', False),
    "auth0": ('<input type="hidden"\n             name="SAMLResponse"\n             value="', True),
}


class Fields(HTMLParser):
    """The forms of a page, and their hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.actions: list[str] = []
        self.hidden: dict[str, str] = {}
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.scripts += tag == "script"
        if tag == "form":
            assert attributes["method"].lower() == "post"
            self.actions.append(attributes["action"])
        if tag == "input" and attributes["type"].lower() == "hidden":
            self.hidden[attributes["name"]] = attributes["value"]

    handle_startendtag = handle_starttag


def action_of(response: SAMLResponse) -> str:
    """Return where the one form of a page posts to."""
    (action,) = Fields(response.form()).actions
    return action


class TestEveryPage:
    @pytest.mark.parametrize("shape", [None, "okta", "entra", "adfs", "shibboleth"])
    def test_of_these_is_well_formed_xml(self, shape: str | None) -> None:
        page = etree.fromstring(
            IdentityProvider(signing_key=EC_KEY).response(PAIR, shape=shape).form(NASTY_URL).encode()
        )
        values = {field.get("name"): field.get("value") for field in page.iter("{*}input") if field.get("name")}
        assert values["RelayState"] == NASTY_URL

    @every_shape
    def test_posts_the_response_and_the_relay_state(self, shape: str) -> None:
        response = response_of(shape)
        fields = Fields(response.form(NASTY_URL))
        assert fields.hidden == {"SAMLResponse": response, "RelayState": NASTY_URL}
        assert fields.scripts == Fields(response.form()).scripts

    # PingFederate names no Destination if the response is not signed itself, so this one posts to the Recipient.
    @every_shape
    def test_posts_to_aws(self, shape: str) -> None:
        port = ":443" if shape == "adfs" else ""
        assert action_of(response_of(shape)) == f"https://signin.aws.amazon.com{port}/saml"

    @every_shape
    def test_escapes_the_destination(self, shape: str) -> None:
        expected = NASTY_URL.replace("example.com", "example.com:443") if shape == "adfs" else NASTY_URL
        assert action_of(response_of(shape, destination=NASTY_URL)) == expected

    @pytest.mark.parametrize("shape", KNOWN)
    def test_is_that_of_the_vendor_if_it_is_known(self, shape: str) -> None:
        part, has_empty_relay_state = KNOWN[shape]
        page = response_of(shape).form()
        assert (part in page, "RelayState" in page) == (True, has_empty_relay_state)

    @pytest.mark.parametrize("shape", [name for name in SHAPES if name not in KNOWN])
    def test_is_the_plain_one_if_that_of_the_vendor_is_not_known(self, shape: str) -> None:
        response = response_of(shape)
        assert response.form("state") == SAMLResponse(response).form("state")


class TestSomePages:
    @pytest.mark.parametrize(
        ("destination", "action"),
        [
            ("https://a.example.com:8443/saml", "https://a.example.com:8443/saml"),
            ("https://a.example.com", "https://a.example.com:443"),
            ("https://a.example.com/b:c", "https://a.example.com:443/b:c"),
            ("http://a.example.com/saml", "http://a.example.com/saml"),
            ("elsewhere", "elsewhere"),
        ],
    )
    def test_adfs_adds_the_port_of_https(self, destination: str, action: str) -> None:
        assert action_of(response_of("adfs", destination=destination)) == action

    def test_pingfederate_posts_to_the_recipient_without_a_destination(self) -> None:
        response = response_of("pingfederate", recipient="urn:recipient")
        assert (response.root.get("Destination"), action_of(response)) == (None, "urn:recipient")

    def test_okta_writes_two_characters_of_base64_as_references(self) -> None:
        response = response_of("okta")
        assert f'value="{response.replace("+", "&#x2b;").replace("=", "&#x3d;")}"/>' in response.form()

    def test_shibboleth_puts_the_relay_state_first(self) -> None:
        page = response_of("shibboleth").form("state")
        assert page.index("RelayState") < page.index("SAMLResponse")

    def test_shibboleth_writes_the_response_as_it_is(self) -> None:
        assert 'value="a+/="/>' in write_page(SHIBBOLETH, "", "a+/=", "")
