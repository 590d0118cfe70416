import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from idp_responses import EC_KEY, NOON, response_of, values
from lxml import etree, html
from saml_documents import BAD_SIGNATURE, PAIR, encoded

from pytest_stssaml import IdentityProvider, SAMLResponse, STSBackend, mock_sts_saml
from pytest_stssaml.idp.shapes.vendors import SHAPES
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.vocabulary import NAMESPACES

SIGN_IN = "https://signin.aws.amazon.com/saml"


@pytest.fixture
def response(unregistered: IdentityProvider) -> SAMLResponse:
    return unregistered.response(PAIR)


class TestSAMLResponse:
    def test_is_a_string(self, response: SAMLResponse) -> None:
        assert isinstance(response, str)

    def test_has_a_short_repr(self, response: SAMLResponse) -> None:
        assert repr(response) == f"<SAMLResponse of {len(response)} characters, PHNhbWxw…>"

    @pytest.mark.parametrize("shape", [None, "okta"])
    @pytest.mark.parametrize(
        "copied",
        [
            pytest.param(copy.copy, id="copy"),
            pytest.param(copy.deepcopy, id="deepcopy"),
            pytest.param(lambda it: pickle.loads(pickle.dumps(it, 0)), id="oldest pickle"),  # noqa: S301
            pytest.param(lambda it: pickle.loads(pickle.dumps(it, pickle.HIGHEST_PROTOCOL)), id="pickle"),  # noqa: S301
        ],
    )
    def test_can_be_copied(self, shape: str | None, copied: Callable[[SAMLResponse], SAMLResponse]) -> None:
        response = IdentityProvider(signing_key=EC_KEY).response(PAIR, shape=shape)
        made = copied(response)
        assert (made, type(made), made.xml, made.shape) == (response, SAMLResponse, response.xml, shape)


class TestXML:
    def test_is_the_decoded_base64(self) -> None:
        assert SAMLResponse("PGE+w7w8L2E+").xml == "<a>ü</a>"


class TestRoot:
    def test_is_the_root_element(self, response: SAMLResponse) -> None:
        assert response.root.tag == "{urn:oasis:names:tc:SAML:2.0:protocol}Response"

    def test_is_parsed_for_each_access(self, response: SAMLResponse) -> None:
        response.root.clear()
        assert response.root.get("Version") == "2.0"

    def test_may_follow_a_declaration(self, unregistered: IdentityProvider, response: SAMLResponse) -> None:
        declared = unregistered.sign('<?xml version="1.0" encoding="UTF-8"?>' + response.unsigned().xml)
        assert declared.root.get("Version") == "2.0"

    def test_keeps_entities_unresolved(self) -> None:
        root = encoded('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>').root
        assert etree.tostring(root) == b"<a>&b;</a>"


class TestTampered:
    def test_replaces_a_string(self, response: SAMLResponse) -> None:
        changed = response.tampered(">alice@example.com</saml:NameID>", ">mallory@example.com</saml:NameID>")
        assert values(changed, "//saml:NameID") == ["mallory@example.com"]

    def test_replaces_every_occurrence(self, response: SAMLResponse) -> None:
        assert "alice" not in response.tampered("alice", "mallory").xml

    def test_keeps_everything_else(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(PAIR, signed="both")
        assert response.tampered("alice", "mallory").tampered("mallory", "alice") == response

    def test_returns_another_response(self) -> None:
        response = response_of("okta")
        changed = response.tampered("alice", "mallory")
        assert (type(changed), changed.shape, "alice" in response.xml) == (SAMLResponse, "okta", True)

    def test_raises_value_error_if_the_string_does_not_occur(self, response: SAMLResponse) -> None:
        with pytest.raises(ValueError, match=r"^the response does not contain 'bob@'; look at response\.xml$"):
            response.tampered("bob@", "mallory")  # not "bob", which base64 may contain

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_is_refused_by_sts(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], signed: Signed
    ) -> None:
        role = sts.create_role("Developer")
        response = idp.response(role, signed=signed).tampered("alice", "mallory")
        assert refusal(response, role, idp.provider) == BAD_SIGNATURE


class TestUnsigned:
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_removes_the_signatures_and_nothing_else(self, unregistered: IdentityProvider, signed: Signed) -> None:
        template = unregistered.response(PAIR, signed=None).xml
        assert unregistered.sign(template, signed=signed).unsigned().xml == template

    # With another `signed`, OneLogin writes other IDs.
    @pytest.mark.parametrize("shape", [name for name in SHAPES if name != "onelogin"])
    def test_removes_the_signature_in_the_form_of_a_vendor(self, shape: str) -> None:
        made = []
        for signed in ("response", None):
            with mock_sts_saml(seed="seed", now=NOON):
                made.append(response_of(shape, signed=signed, destination="urn:x"))
        assert made[0].unsigned() == made[1]

    @pytest.mark.parametrize("prefix", ["dsig:", ""], ids=["another prefix", "no prefix"])
    def test_removes_signatures_with_other_prefixes(self, response: SAMLResponse, prefix: str) -> None:
        xml = response.xml.replace("xmlns:ds=", f"xmlns{':' + prefix[:-1] if prefix else ''}=")
        changed = encoded(xml.replace("ds:", prefix))
        assert changed.unsigned().root.findall(".//ds:Signature", NAMESPACES) == []

    def test_returns_another_response(self) -> None:
        unsigned = response_of("okta").unsigned()
        assert (type(unsigned), unsigned.shape) == (SAMLResponse, "okta")

    def test_is_refused_by_sts(self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]) -> None:
        role = sts.create_role("Developer")
        assert refusal(idp.response(role, signed="both").unsigned(), role, idp.provider) == BAD_SIGNATURE


class TestForm:
    NASTY_URL = "https://example.com/?a=1&b=\"><script>'alert(1)'</script>"

    @staticmethod
    def fields(page: str) -> dict[str, str]:
        (form,) = html.fromstring(page).forms
        return dict(form.fields)

    def test_posts_the_response(self, response: SAMLResponse) -> None:
        assert self.fields(response.form()) == {"SAMLResponse": response, "RelayState": ""}

    @pytest.mark.parametrize(
        ("keywords", "action"),
        [
            pytest.param({"destination": "https://a.example.com"}, "https://a.example.com", id="destination"),
            pytest.param({"destination": None}, SIGN_IN, id="recipient"),
            pytest.param(
                {"destination": None, "recipient": "https://b.example.com"}, "https://b.example.com", id="own recipient"
            ),
            pytest.param({"destination": None, "recipient": None}, SIGN_IN, id="neither"),
        ],
    )
    def test_posts_to_the_destination_or_else_to_the_recipient_or_to_aws(
        self, unregistered: IdentityProvider, keywords: dict[str, Any], action: str
    ) -> None:
        (form,) = html.fromstring(unregistered.response(PAIR, **keywords).form()).forms
        assert (form.method, form.get("action")) == ("POST", action)

    @pytest.mark.parametrize(
        ("keywords", "action"),
        [({"recipient": "https://b.example.com"}, "https://b.example.com"), ({"recipient": None}, SIGN_IN)],
        ids=["recipient", "neither"],
    )
    def test_a_document_of_another_origin_is_posted_to_its_recipient_or_to_aws(
        self, unregistered: IdentityProvider, keywords: dict[str, Any], action: str
    ) -> None:
        text = str(unregistered.response(PAIR, destination=None, **keywords))
        (form,) = html.fromstring(SAMLResponse(text).form()).forms
        assert form.get("action") == action

    def test_changes_and_copies_are_posted_to_the_same_url(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(PAIR, destination=None, recipient=None)
        response._posted_to = "https://c.example.com"
        others = [response.tampered("alice", "mallory"), response.unsigned(), pickle.loads(pickle.dumps(response))]  # noqa: S301 - our own
        assert [other._posted_to for other in others] == ["https://c.example.com"] * 3

    def test_escapes_the_relay_state(self, response: SAMLResponse) -> None:
        page = response.form(self.NASTY_URL)
        assert self.fields(page)["RelayState"] == self.NASTY_URL
        assert html.fromstring(page).findall(".//script") == []

    def test_escapes_the_destination(self, unregistered: IdentityProvider) -> None:
        page = html.fromstring(unregistered.response(PAIR, destination=self.NASTY_URL).form())
        assert (page.forms[0].get("action"), page.findall(".//script")) == (self.NASTY_URL, [])

    def test_is_submitted_by_a_script_or_a_button(self, response: SAMLResponse) -> None:
        page: Any = html.fromstring(response.form())
        buttons = [button.text for button in page.findall(".//noscript/button")]
        assert (page.find("body").get("onload"), buttons) == ("document.forms[0].submit()", ["Sign in to AWS"])

    @pytest.mark.parametrize("relay_state", [{"RelayState": "https://example.com"}, None, b"state"], ids=repr)
    def test_raises_type_error_for_a_relay_state_that_is_not_a_string(
        self, response: SAMLResponse, relay_state: Any
    ) -> None:
        with pytest.raises(TypeError) as caught:
            response.form(relay_state)
        assert (
            str(caught.value) == f"relay_state must be a string, such as the URL of a console page, not {relay_state!r}"
        )
