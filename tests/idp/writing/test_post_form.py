"""The pages that post a response; their fields are read with html.parser, as scrapers do."""

from html.parser import HTMLParser

import pytest

from pytest_stssaml import IdentityProvider, SAMLResponse, make_signing_key
from pytest_stssaml.idp.shapes import SHAPES
from pytest_stssaml.idp.shapes.pages import SHIBBOLETH
from pytest_stssaml.idp.writing.post_form import write_page
from pytest_stssaml.parameter_names import SHAPES as NAMES

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
KEY = make_signing_key("ec")
NASTY = "https://example.com/?a=1&b=\"><script>'alert(1)'</script>é"

every_shape = pytest.mark.parametrize("shape", NAMES)

# Where the vendor's page is known: a piece of it, and whether RelayState is there when it is empty.
KNOWN = {
    "okta": ('<form id="appForm" action="https://signin.aws.amazon.com/saml" method="POST"><input name=', True),
    "entra": ('<form method="POST" name="hiddenform" action="https://signin.aws.amazon.com/saml"><input type=', False),
    "adfs": ('<form method="POST" name="hiddenform" action="https://signin.aws.amazon.com:443/saml"><input', False),
    "keycloak": ('<FORM METHOD="POST" ACTION="https://signin.aws.amazon.com/saml"><INPUT TYPE="HIDDEN" NAME=', False),
    "shibboleth": (
        '<form action="https&#x3a;&#x2f;&#x2f;signin.aws.amazon.com&#x2f;saml" method="post">',
        False,
    ),
    "simplesamlphp": ('<input type="submit" value="Yes, continue">\n<input type="hidden" name="SAMLResponse"', False),
    "auth0": ('<input type="hidden"\n             name="SAMLResponse"\n             value="', True),
}


class Fields(HTMLParser):
    """The action of the one form of a page, and its hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.actions: list[str] = []
        self.hidden: dict[str, str] = {}
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.scripts += tag == "script"
        if tag == "form":
            assert said["method"].lower() == "post"
            self.actions.append(said["action"])
        if tag == "input" and said["type"].lower() == "hidden":
            self.hidden[said["name"]] = said["value"]

    handle_startendtag = handle_starttag


def said(shape: str, destination: str | None = "https://signin.aws.amazon.com/saml") -> SAMLResponse:
    return IdentityProvider(SHAPES[shape].entity_id, signing_key=KEY).response(
        PAIR, shape=shape, destination=destination
    )


@every_shape
def test_it_posts_the_response_and_the_relay_state(shape: str) -> None:
    response = said(shape)
    page = response.form(NASTY)
    fields = Fields(page)
    assert fields.hidden == {"SAMLResponse": response, "RelayState": NASTY}
    assert fields.scripts == Fields(response.form()).scripts


@every_shape
def test_it_posts_to_the_destination(shape: str) -> None:
    port = ":443" if shape == "adfs" else ""
    assert Fields(said(shape).form()).actions == [f"https://signin.aws.amazon.com{port}/saml"]


@every_shape
def test_a_destination_is_escaped(shape: str) -> None:
    action = NASTY.replace("example.com", "example.com:443") if shape == "adfs" else NASTY
    assert Fields(said(shape, NASTY).form()).actions == [action]


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
def test_adfs_writes_the_port_of_https_where_there_is_none(destination: str, action: str) -> None:
    assert Fields(said("adfs", destination).form()).actions == [action]


def test_pingfederate_posts_to_the_recipient_where_it_names_no_destination() -> None:
    response = IdentityProvider(signing_key=KEY).response(PAIR, shape="pingfederate")
    assert (response.root.get("Destination"), Fields(response.form()).actions) == (
        None,
        ["https://signin.aws.amazon.com/saml"],
    )


@pytest.mark.parametrize("shape", [name for name in NAMES if name != "pingfederate"])
def test_without_a_destination_the_others_post_to_the_recipient(shape: str) -> None:
    with_destination, without = (Fields(each.form()).actions for each in (said(shape), said(shape, None)))
    assert with_destination == without


@pytest.mark.parametrize("shape", KNOWN)
def test_a_known_page_is_the_vendors(shape: str) -> None:
    piece, always = KNOWN[shape]
    page = said(shape).form()
    assert (piece in page, "RelayState" in page) == (True, always)


@pytest.mark.parametrize("shape", [name for name in NAMES if name not in KNOWN])
def test_an_unknown_page_is_the_plain_one(shape: str) -> None:
    response = said(shape)
    assert response.form("state") == SAMLResponse(response).form("state")


def test_okta_writes_two_characters_of_base64_as_references() -> None:
    response = said("okta")
    assert f'value="{response.replace("+", "&#x2b;").replace("=", "&#x3d;")}"/>' in response.form()


def test_shibboleth_puts_the_relay_state_first() -> None:
    page = said("shibboleth").form("state")
    assert page.index("RelayState") < page.index("SAMLResponse")


def test_shibboleth_writes_the_response_as_it_is() -> None:
    assert 'value="a+/="/>' in write_page(SHIBBOLETH, "", "a+/=", "")


def test_a_tampered_one_has_the_same_page() -> None:
    response = said("okta")
    assert response.tampered("alice", "bob").form().startswith(response.form()[:200])


@pytest.mark.parametrize("mistaken", [{"RelayState": "https://example.com"}, None, b"state"], ids=repr)
def test_a_relay_state_is_a_text(mistaken):
    with pytest.raises(TypeError) as caught:
        said("okta").form(mistaken)
    assert str(caught.value) == f"relay_state must be a string, such as the URL of a console page, not {mistaken!r}"
