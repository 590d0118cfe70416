"""The keywords of `IdentityProvider.response` that give one string, and what the response says without them."""

import datetime as dt
import re
from collections import Counter
from typing import Any

import pytest
from idp_responses import NASTY, STATUS, values
from lxml import etree
from response_values import PLACES, STRINGS, TIMES, Say, attribute
from saml_documents import PROVIDER, ROLE

from pytest_stssaml import IdentityProvider, SAMLResponse

every_keyword = pytest.mark.parametrize("keyword", [*STRINGS, *TIMES])


def all_values(response: SAMLResponse) -> Counter[str]:
    """Return how often each value occurs in a document, apart from IDs."""
    return Counter(values(response, "//@*[name() != 'ID' and name() != 'SessionIndex'] | //*[not(*)]"))


class TestDefaults:
    @pytest.mark.parametrize("keyword", PLACES)
    def test_are_values_that_aws_accepts(self, say: Say, keyword: str) -> None:
        places, default = PLACES[keyword]
        assert [values(say(), place) for place in places] == [default] * len(places)

    def test_the_version_is_that_of_saml_2(self, say: Say) -> None:
        assert values(say(), "//@Version") == ["2.0", "2.0"]


class TestStrings:
    @every_keyword
    def test_are_written_as_they_are(self, say: Say, keyword: str) -> None:
        places, _ = PLACES[keyword]
        response = say(signed=None, **{keyword: NASTY})
        assert [values(response, place) for place in places] == [[NASTY]] * len(places)

    # A failure removes the assertion, and the other two add an attribute with a name.
    @pytest.mark.parametrize(
        "keyword",
        [name for name in (*STRINGS, *TIMES) if name not in ("status", "session_duration", "source_identity")],
    )
    def test_change_nothing_else(self, say: Say, keyword: str) -> None:
        places, default = PLACES[keyword]
        expected = all_values(say(signed=None))
        expected.subtract(default * len(places))
        assert all_values(say(signed=None, **{keyword: "wrong"})) == +expected + Counter({"wrong": len(places)})

    @pytest.mark.parametrize(
        ("keywords", "path", "expected"),
        [
            pytest.param({"issuer": "a", "response_issuer": "b"}, "//saml:Issuer", ["b", "a"], id="issuers"),
            pytest.param({"issuer": None, "response_issuer": "b"}, "//saml:Issuer", ["b"], id="response issuer alone"),
            pytest.param({"issuer": "a", "response_issuer": None}, "//saml:Issuer", ["a"], id="assertion issuer alone"),
            pytest.param(
                {"recipient": "a", "destination": "b"}, "//@Recipient | //@Destination", ["b", "a"], id="addressees"
            ),
            pytest.param(
                {"conditions_not_on_or_after": "a", "subject_not_on_or_after": "b", "not_on_or_after": "c"},
                "//@NotOnOrAfter",
                ["b", "a"],
                id="ends",
            ),
        ],
    )
    def test_may_differ_in_both_places(
        self, say: Say, keywords: dict[str, Any], path: str, expected: list[str]
    ) -> None:
        assert values(say(**keywords), path) == expected

    @pytest.mark.parametrize("value", [7200, "7200"], ids=["number", "string"])
    def test_a_session_duration_may_be_a_number(self, say: Say, value: Any) -> None:
        assert values(say(session_duration=value), attribute("SessionDuration")) == ["7200"]

    def test_a_provider_may_be_any_string(self, say: Say) -> None:
        assert values(say(provider="wrong"), attribute("Role")) == [f"{ROLE},wrong"]


class TestNone:
    @every_keyword
    def test_leaves_the_value_out(self, say: Say, keyword: str) -> None:
        # Without a Recipient, the response is still posted to AWS.
        places = PLACES[keyword][0][:1] if keyword == "recipient" else PLACES[keyword][0]
        response = say(signed=None, **{keyword: None})
        assert [values(response, place) for place in places] == [[]] * len(places)

    @pytest.mark.parametrize(
        ("keyword", "element"),
        [
            ("audience", "saml:AudienceRestriction"),
            ("status", "samlp:Status"),
            ("session_name", "saml:Attribute[contains(@Name, 'RoleSessionName')]"),
        ],
    )
    def test_leaves_no_empty_element_around_the_value(self, say: Say, keyword: str, element: str) -> None:
        assert values(say(**{keyword: None}), f"//{element}") == []

    def test_leaves_no_empty_statement(self, say: Say) -> None:
        assert values(say(role=None, session_name=None), "//saml:AttributeStatement") == []


class TestStatus:
    @pytest.mark.parametrize("code", ["Requester", "Responder", "VersionMismatch"])
    def test_a_top_level_code_has_no_other_around_it(self, say: Say, code: str) -> None:
        assert values(say(status=STATUS + code), "//samlp:StatusCode/@Value") == [STATUS + code]

    def test_a_second_level_code_is_in_a_top_level_code(self, say: Say) -> None:
        response = say(status=STATUS + "AuthnFailed")
        status = "/*/samlp:Status/samlp:StatusCode"
        assert values(response, f"{status}/@Value") == [STATUS + "Responder"]
        assert values(response, f"{status}/samlp:StatusCode/@Value") == [STATUS + "AuthnFailed"]

    def test_an_unknown_code_has_no_other_around_it(self, say: Say) -> None:
        assert values(say(status="urn:own"), "//samlp:StatusCode/@Value") == ["urn:own"]

    @pytest.mark.parametrize("status", [STATUS + "Requester", STATUS + "AuthnFailed", "urn:own"])
    def test_a_failure_has_no_assertion(self, say: Say, status: str) -> None:
        assert [etree.QName(child).localname for child in say(status=status).root] == ["Issuer", "Status"]

    def test_a_response_without_a_status_has_an_assertion(self, say: Say) -> None:
        assert [etree.QName(child).localname for child in say(status=None).root] == ["Issuer", "Assertion"]


class TestWrongTypes:
    @pytest.mark.parametrize("keyword", [name for name in STRINGS if name != "session_duration"])
    @pytest.mark.parametrize("value", [5, ["list"]], ids=repr)
    def test_raise_type_error_with_the_keyword(self, say: Say, keyword: str, value: Any) -> None:
        with pytest.raises(TypeError) as caught:
            say(**{keyword: value})
        assert str(caught.value) == f"{keyword} must be a string or None, not {value!r}"

    @pytest.mark.parametrize("value", [b"bytes", dt.timedelta(0), ...], ids=repr)
    def test_a_name_id_is_nothing_but_a_string(self, say: Say, value: Any) -> None:
        with pytest.raises(TypeError) as caught:
            say(name_id=value)
        assert str(caught.value) == f"name_id must be a string or None, not {value!r}"

    @pytest.mark.parametrize("value", [5.5, True, b"3600", [3600], dt.timedelta(hours=1)], ids=repr)
    def test_a_session_duration_is_a_whole_number_or_a_string(self, say: Say, value: Any) -> None:
        with pytest.raises(TypeError) as caught:
            say(session_duration=value)
        assert str(caught.value) == f"session_duration must be a number of seconds, a string or None, not {value!r}"

    def test_a_keyword_exists(self, say: Say) -> None:
        message = r"^response\(\) does not take the keyword audiences; did you mean audience\?$"
        with pytest.raises(TypeError, match=message):
            say(audiences="a")

    def test_encrypted_for_is_a_provider_object(self, unregistered: IdentityProvider) -> None:
        message = f"encrypted_for must be what create_saml_provider() returned, not {PROVIDER!r}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            unregistered.response((ROLE, PROVIDER), encrypted_for=PROVIDER)  # type: ignore[arg-type]


class TestCharacters:
    @every_keyword
    def test_raise_value_error_if_xml_cannot_hold_them(self, say: Say, keyword: str) -> None:
        message = re.escape(f"{'a' + chr(0)!r} contains a character that XML cannot hold")
        with pytest.raises(ValueError, match=f"^{message}$"):
            say(**{keyword: "a\0"})

    @pytest.mark.parametrize("character", ["\x1f", "\ud800", "\ufffe", "\uffff"], ids=ascii)
    @pytest.mark.parametrize("keyword", ["name_id", "name_id_format"])
    def test_raise_value_error_outside_the_range_of_xml(self, say: Say, keyword: str, character: str) -> None:
        with pytest.raises(ValueError, match="contains a character that XML cannot hold"):
            say(**{keyword: "a" + character})

    @pytest.mark.parametrize(
        "character", ["\t", "\n", "\r", "\x7f", "\x85", "\u2028", "\ufffd", "\U0001f511"], ids=ascii
    )
    def test_are_written_if_xml_can_hold_them(self, say: Say, character: str) -> None:
        response = say(name_id=f"a{character}b", name_id_format=f"a{character}b")
        assert values(response, "//saml:NameID | //saml:NameID/@Format") == [f"a{character}b"] * 2

    def test_raise_value_error_if_xml_cannot_hold_them_in_a_role(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(ValueError, match="contains a character that XML cannot hold"):
            unregistered.response(("a\0", "b"))
