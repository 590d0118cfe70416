import base64
import datetime as dt
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_stssaml import IdentityProvider
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.assertion import (
    Assertion,
    SubjectConfirmation,
    parse_response,
    read_assertion,
)
from pytest_stssaml.saml.faults import Fault, Unreadable
from pytest_stssaml.saml.metadata import read_metadata
from pytest_stssaml.saml.vocabulary import (
    BEARER,
    NAMEID_PERSISTENT,
    NAMEID_UNSPECIFIED,
    SAML,
    STATUS_SUCCESS,
)

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
PREFIX = "https://aws.amazon.com/SAML/Attributes/"
HONEST = Assertion(
    issuer="https://idp.example.com/saml",
    issue_instant=NOON,
    name_id="alice@example.com",
    name_id_format=NAMEID_PERSISTENT,
    subject_confirmations=(
        SubjectConfirmation(BEARER, "https://signin.aws.amazon.com/saml", None, NOON + dt.timedelta(minutes=5)),
    ),
    not_before=NOON,
    not_on_or_after=NOON + dt.timedelta(minutes=5),
    audience_restrictions=(("urn:amazon:webservices",),),
    session_not_on_or_after=None,
    attributes={PREFIX + "Role": (",".join(PAIR),), PREFIX + "RoleSessionName": ("alice@example.com",)},
)


@pytest.fixture
def idp(saml_signing_key: SigningKey) -> IdentityProvider:
    return IdentityProvider(signing_key=saml_signing_key)


def read(response: str, idp: IdentityProvider) -> Assertion:
    return read_assertion(parse_response(response), read_metadata(idp.metadata))


def fault(response: str, idp: IdentityProvider) -> tuple[Fault, str]:
    with pytest.raises(Unreadable) as caught:
        read(response, idp)
    return caught.value.fault, caught.value.because


def encoded(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def replaced(xml: str, old: str, new: str) -> str:
    assert old in xml
    return xml.replace(old, new, 1)


def resigned(idp: IdentityProvider, old: str, new: str) -> str:
    """An assertion with something replaced before it was signed."""
    return idp.sign(replaced(idp.response(PAIR, issue_instant=NOON, signed=None).xml, old, new))


class TestBase64:
    @pytest.mark.parametrize("line_break", ["\n", "\r\n", " ", "\t"])
    def test_line_breaks_are_skipped(self, idp: IdentityProvider, line_break: str) -> None:
        response = idp.response(PAIR, issue_instant=NOON)
        folded = line_break.join(response[at : at + 76] for at in range(0, len(response), 76)) + line_break
        assert read(folded, idp) == HONEST

    @pytest.mark.parametrize(
        ("text", "because"),
        [
            pytest.param("PHNh-_8=", "Only base64 data is allowed", id="URL-safe"),
            pytest.param("PGE+*mIv", "Only base64 data is allowed", id="junk inside"),
            pytest.param("<samlp:Response/>", "Only base64 data is allowed", id="XML"),
            pytest.param("PGE+\0", "Only base64 data is allowed", id="NUL"),
            pytest.param("PGEvP", "Invalid base64-encoded string", id="one character over"),
            pytest.param("PGEvPg", "Incorrect padding", id="no padding"),
            pytest.param("PGE\uff0b", "string argument should contain only ASCII characters", id="full-width plus"),
            pytest.param("\ud800PGE", "string argument should contain only ASCII characters", id="lone surrogate"),
        ],
    )
    def test_what_is_not_base64_is_refused(self, idp: IdentityProvider, text: str, because: str) -> None:
        found, reason = fault(text, idp)
        assert (found, reason[: len("expected base64: " + because)]) == (
            Fault.NOT_BASE64,
            "expected base64: " + because,
        )

    @pytest.mark.parametrize("text", ["", "    ", "\n\n\n\n"])
    def test_nothing_in_base64_is_no_response(self, idp: IdentityProvider, text: str) -> None:
        assert fault(text, idp)[0] is Fault.NOT_A_RESPONSE

    @settings(derandomize=True, database=None, deadline=None)
    @given(st.text())
    def test_no_text_ends_in_another_exception(self, text: str) -> None:
        with pytest.raises(Unreadable):
            parse_response(text)

    @settings(derandomize=True, database=None, deadline=None)
    @given(st.binary())
    def test_no_octets_end_in_another_exception(self, octets: bytes) -> None:
        with pytest.raises(Unreadable):
            parse_response(base64.b64encode(octets).decode())


class TestResponse:
    @pytest.mark.parametrize(
        ("xml", "tag"),
        [
            pytest.param("<Response/>", "Response", id="no namespace"),
            pytest.param(f'<Response xmlns="{SAML}"/>', f"{{{SAML}}}Response", id="another namespace"),
            pytest.param(f'<Assertion xmlns="{SAML}"/>', f"{{{SAML}}}Assertion", id="an assertion"),
            pytest.param(
                '<Response xmlns="urn:oasis:names:tc:SAML:1.0:protocol"/>',
                "{urn:oasis:names:tc:SAML:1.0:protocol}Response",
                id="SAML 1",
            ),
        ],
    )
    def test_another_root_is_no_response(self, idp: IdentityProvider, xml: str, tag: str) -> None:
        assert fault(encoded(xml), idp) == (Fault.NOT_A_RESPONSE, f"expected a samlp:Response, got {tag!r}")

    def test_a_response_in_utf_16_is_read(self, idp: IdentityProvider) -> None:
        xml = idp.response(PAIR, issue_instant=NOON).xml
        assert read(base64.b64encode(xml.encode("utf-16")).decode(), idp) == HONEST

    def test_a_document_type_declaration_is_refused_before_anything_is_believed(self, idp: IdentityProvider) -> None:
        xml = "<!DOCTYPE Response>" + idp.response(PAIR).xml
        assert fault(encoded(xml), idp) == (Fault.NOT_A_RESPONSE, "expected XML: a document type declaration")


class TestStatus:
    @pytest.mark.parametrize("signed", [None, "response"])
    @pytest.mark.parametrize(
        ("status", "told"),
        [
            pytest.param(STATUS + "Responder", [STATUS + "Responder"], id="top-level"),
            pytest.param(STATUS + "AuthnFailed", [STATUS + "Responder", STATUS + "AuthnFailed"], id="second-level"),
            pytest.param("Success", ["Success"], id="no URI"),
            pytest.param("", [""], id="empty"),
        ],
    )
    def test_a_failure_is_the_identity_providers_refusal_signed_or_not(
        self, idp: IdentityProvider, status: str, told: list[str], signed: str | None
    ) -> None:
        response = idp.response(PAIR, status=status, signed=signed)
        because = f"expected the status {STATUS_SUCCESS}, got {told}"
        assert fault(response, idp) == (Fault.REFUSED_BY_IDP, because)

    @pytest.mark.parametrize("signed", [None, "assertion", "response", "both"])
    def test_an_assertion_without_status_is_a_refusal_whatever_is_signed(
        self, idp: IdentityProvider, signed: str | None
    ) -> None:
        because = f"expected the status {STATUS_SUCCESS}, got []"
        assert fault(idp.response(PAIR, status=None, signed=signed), idp) == (Fault.REFUSED_BY_IDP, because)

    def test_a_success_beside_a_failure_is_a_failure(self, idp: IdentityProvider) -> None:
        xml = idp.response(PAIR, signed=None).xml
        xml = replaced(xml, "</samlp:Status>", '<samlp:StatusCode Value="failed"/></samlp:Status>')
        because = f"expected the status {STATUS_SUCCESS}, got {[STATUS_SUCCESS, 'failed']}"
        assert fault(encoded(xml), idp) == (Fault.REFUSED_BY_IDP, because)

    def test_a_success_inside_a_failure_is_a_failure(self, idp: IdentityProvider) -> None:
        code = f'<samlp:StatusCode Value="{STATUS_SUCCESS}"/>'
        xml = idp.response(PAIR, signed=None).xml
        nested = replaced(xml, code, f'<samlp:StatusCode Value="failed">{code}</samlp:StatusCode>')
        because = f"expected the status {STATUS_SUCCESS}, got {['failed', STATUS_SUCCESS]}"
        assert fault(encoded(nested), idp) == (Fault.REFUSED_BY_IDP, because)

    def test_a_failure_that_a_foreign_key_signed_is_a_bad_signature(self, idp: IdentityProvider) -> None:
        response = IdentityProvider().response(PAIR, status=STATUS + "Responder", signed="response")
        assert fault(response, idp)[0] is Fault.BAD_SIGNATURE

    def test_a_failure_with_a_signature_elsewhere_is_a_bad_signature(self, idp: IdentityProvider) -> None:
        xml = idp.response(PAIR, status=STATUS + "Responder", signed="response").xml
        signature = re.search("<ds:Signature .*</ds:Signature>", xml)
        assert signature is not None
        xml = replaced(xml, signature[0], "")
        xml = replaced(
            xml, "</samlp:Status>", f"<samlp:StatusDetail>{signature[0]}</samlp:StatusDetail></samlp:Status>"
        )
        assert fault(encoded(xml), idp) == (
            Fault.BAD_SIGNATURE,
            "a signature stands where neither the response nor its assertion holds it",
        )

    def test_the_status_is_looked_at_before_the_assertions(self, idp: IdentityProvider) -> None:
        xml = re.sub("<saml:Assertion .*</saml:Assertion>", "", idp.response(PAIR, status=None).xml)
        assert fault(encoded(xml), idp)[0] is Fault.REFUSED_BY_IDP


class TestOneAssertion:
    def test_a_success_without_assertion_is_refused(self, idp: IdentityProvider) -> None:
        xml = re.sub("<saml:Assertion .*</saml:Assertion>", "", idp.response(PAIR, signed="response").xml)
        assert fault(encoded(xml), idp) == (
            Fault.NOT_ONE_ASSERTION,
            "expected one saml:Assertion, got 0 and 0 encrypted",
        )

    def test_an_assertion_deeper_down_does_not_count(self, idp: IdentityProvider) -> None:
        xml = idp.response(PAIR).xml
        xml = replaced(xml, "<saml:Assertion ", "<samlp:Extensions><saml:Assertion ")
        xml = replaced(xml, "</saml:Assertion>", "</saml:Assertion></samlp:Extensions>")
        assert fault(encoded(xml), idp) == (
            Fault.NOT_ONE_ASSERTION,
            "expected one saml:Assertion, got 0 and 0 encrypted",
        )

    @pytest.mark.parametrize("evil_first", [True, False])
    def test_an_unsigned_assertion_beside_the_signed_one_is_refused(
        self, idp: IdentityProvider, evil_first: bool
    ) -> None:
        evil = '<saml:Assertion ID="_evil"><saml:Issuer>https://idp.example.com/saml</saml:Issuer></saml:Assertion>'
        xml = idp.response(PAIR).xml
        start, end = xml.index("<saml:Assertion "), xml.index("</samlp:Response>")
        at = start if evil_first else end
        assert fault(encoded(xml[:at] + evil + xml[at:]), idp) == (
            Fault.NOT_ONE_ASSERTION,
            "expected one saml:Assertion, got 2 and 0 encrypted",
        )


class TestIssuer:
    @pytest.mark.parametrize(
        ("issuer", "got"),
        [
            pytest.param("https://evil.example.com/saml", "'https://evil.example.com/saml'", id="another"),
            pytest.param("https://IDP.example.com/saml", "'https://IDP.example.com/saml'", id="another case"),
            pytest.param("https://idp.example.com/saml/", "'https://idp.example.com/saml/'", id="slash behind it"),
            pytest.param("", "''", id="empty"),
            pytest.param(None, "None", id="absent"),
        ],
    )
    def test_a_foreign_issuer_is_refused(self, idp: IdentityProvider, issuer: str | None, got: str) -> None:
        response = idp.response(PAIR, issuer=issuer)
        because = f"expected the issuer 'https://idp.example.com/saml', got {got}"
        assert fault(response, idp) == (Fault.FOREIGN_ISSUER, because)

    def test_the_issuer_of_the_response_does_not_matter(self, idp: IdentityProvider) -> None:
        assert read(idp.response(PAIR, issue_instant=NOON, response_issuer="urn:somebody:else"), idp) == HONEST

    def test_two_issuers_are_malformed(self, idp: IdentityProvider) -> None:
        issuer = "<saml:Issuer>https://idp.example.com/saml</saml:Issuer>"
        xml = replaced(idp.response(PAIR).xml, issuer + "<ds:Signature ", issuer + issuer + "<ds:Signature ")
        assert fault(encoded(xml), idp) == (Fault.MALFORMED_ASSERTION, "expected at most one saml:Issuer, got 2")

    def test_the_issuer_is_looked_at_before_the_signature(self, idp: IdentityProvider) -> None:
        response = IdentityProvider("urn:evil").response(PAIR)
        assert fault(response, idp)[0] is Fault.FOREIGN_ISSUER


class TestSignedData:
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_each_signed_form_gives_the_same_assertion(self, idp: IdentityProvider, signed: str) -> None:
        assert read(idp.response(PAIR, issue_instant=NOON, signed=signed), idp) == HONEST

    def test_an_unsigned_response_is_refused(self, idp: IdentityProvider) -> None:
        assert fault(idp.response(PAIR, signed=None), idp) == (
            Fault.BAD_SIGNATURE,
            "neither the response nor its assertion is signed",
        )

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_a_comment_does_not_cut_a_signed_value_short(self, idp: IdentityProvider, signed: str) -> None:
        response = idp.response(PAIR, name_id="alice@example.com.evil.example", signed=signed)
        xml = replaced(response.xml, "alice@example.com.evil", "alice@example.com<!-- -->.evil")
        assert read(encoded(xml), idp).name_id == "alice@example.com.evil.example"

    def test_a_processing_instruction_that_was_signed_does_not_cut_a_value_short(self, idp: IdentityProvider) -> None:
        response = resigned(idp, ">alice@example.com<", ">alice@example.com<?cut?>.evil.example<")
        assert read(response, idp).name_id == "alice@example.com.evil.example"

    def test_a_signed_assertion_inside_an_evil_one_is_refused(self, idp: IdentityProvider) -> None:
        xml = idp.response(PAIR).xml
        honest = xml[xml.index("<saml:Assertion ") : xml.index("</samlp:Response>")]
        evil = re.sub(' ID="[^"]*"', ' ID="_evil"', re.sub("<ds:Signature .*</ds:Signature>", "", honest))
        evil = evil.replace("alice", "mallory").replace(
            "<saml:AuthnStatement ", f"<saml:Advice>{honest}</saml:Advice><saml:AuthnStatement "
        )
        assert fault(encoded(replaced(xml, honest, evil)), idp) == (
            Fault.BAD_SIGNATURE,
            "neither the response nor its assertion is signed",
        )

    def test_a_signature_that_moved_to_an_evil_assertion_is_refused(self, idp: IdentityProvider) -> None:
        xml = idp.response(PAIR).xml
        honest = xml[xml.index("<saml:Assertion ") : xml.index("</samlp:Response>")]
        signature = honest[honest.index("<ds:Signature ") : honest.index("<saml:Subject>")]
        identifier = re.findall(' ID="([^"]*)"', honest)[0]
        evil = honest.replace(f' ID="{identifier}"', ' ID="_evil"').replace("alice", "mallory")
        extensions = f"<samlp:Extensions>{honest.replace(signature, '')}</samlp:Extensions>"
        xml = replaced(replaced(xml, honest, evil), "<samlp:Status>", extensions + "<samlp:Status>")
        assert fault(encoded(xml), idp) == (
            Fault.BAD_SIGNATURE,
            f"the signature in Assertion '_evil' refers to '#{identifier}'",
        )

    def test_a_changed_character_is_refused_or_changes_nothing(self, idp: IdentityProvider) -> None:
        xml = idp.response(PAIR, issue_instant=NOON).xml
        got_through = set()
        for at in range(0, len(xml), 3):
            try:
                got_through.add(repr(read(encoded(xml[:at] + chr(ord(xml[at]) ^ 1) + xml[at + 1 :]), idp)))
            except Unreadable:
                continue
        assert got_through == {repr(HONEST)}


class TestClaims:
    def test_an_honest_response_is_read_whole(self, idp: IdentityProvider) -> None:
        assert read(idp.response(PAIR, issue_instant=NOON), idp) == HONEST

    @pytest.mark.parametrize(
        ("old", "new", "claim", "value"),
        [
            pytest.param(
                f' Format="{NAMEID_PERSISTENT}"', "", "name_id_format", NAMEID_UNSPECIFIED, id="NameID without Format"
            ),
            pytest.param(">alice@example.com<", "> \n alice \n <", "name_id", "alice", id="NameID with space around"),
            pytest.param(">alice@example.com<", "><", "name_id", "", id="empty NameID"),
            pytest.param(
                ">urn:amazon:webservices<",
                "> urn:amazon:webservices\n<",
                "audience_restrictions",
                (("urn:amazon:webservices",),),
                id="Audience with space around",
            ),
            pytest.param(
                "</saml:Audience>",
                "</saml:Audience><saml:Audience>urn:b</saml:Audience>",
                "audience_restrictions",
                (("urn:amazon:webservices", "urn:b"),),
                id="two Audiences",
            ),
            pytest.param(
                "</saml:AudienceRestriction>",
                "</saml:AudienceRestriction><saml:AudienceRestriction/>",
                "audience_restrictions",
                (("urn:amazon:webservices",), ()),
                id="two AudienceRestrictions",
            ),
            pytest.param(' NotBefore="2030-01-01T12:00:00.000Z"', "", "not_before", None, id="no NotBefore"),
        ],
    )
    def test_a_claim_is_read(self, idp: IdentityProvider, old: str, new: str, claim: str, value: object) -> None:
        assert getattr(read(resigned(idp, old, new), idp), claim) == value

    @pytest.mark.parametrize(
        ("element", "nothing"),
        [
            pytest.param(
                "Subject",
                {"name_id": None, "name_id_format": NAMEID_UNSPECIFIED, "subject_confirmations": ()},
                id="Subject",
            ),
            pytest.param(
                "Conditions",
                {"not_before": None, "not_on_or_after": None, "audience_restrictions": ()},
                id="Conditions",
            ),
            pytest.param("AuthnStatement", {}, id="AuthnStatement"),
            pytest.param("AttributeStatement", {"attributes": {}}, id="AttributeStatement"),
        ],
    )
    def test_an_absent_element_claims_nothing(
        self, idp: IdentityProvider, element: str, nothing: dict[str, object]
    ) -> None:
        xml = idp.response(PAIR, issue_instant=NOON, signed=None).xml
        without = re.sub(f"<saml:{element}[ >].*</saml:{element}>", "", xml)
        assert read(idp.sign(without), idp) == replace(HONEST, **nothing)

    def test_a_confirmation_without_data_has_a_method_alone(self, idp: IdentityProvider) -> None:
        xml = re.sub("<saml:SubjectConfirmationData[^>]*>", "", idp.response(PAIR, signed=None).xml)
        assert read(idp.sign(xml), idp).subject_confirmations == (SubjectConfirmation(BEARER, None, None, None),)

    def test_a_confirmation_without_method_has_an_empty_one(self, idp: IdentityProvider) -> None:
        response = resigned(idp, f' Method="{BEARER}"', "")
        assert [c.method for c in read(response, idp).subject_confirmations] == [""]

    def test_several_confirmations_are_kept_in_order(self, idp: IdentityProvider) -> None:
        other = '<saml:SubjectConfirmation Method="urn:other"/>'
        response = resigned(idp, "<saml:SubjectConfirmation ", other + "<saml:SubjectConfirmation ")
        assert [c.method for c in read(response, idp).subject_confirmations] == ["urn:other", BEARER]

    def test_a_confirmations_not_before_is_read(self, idp: IdentityProvider) -> None:
        response = resigned(
            idp, "<saml:SubjectConfirmationData ", '<saml:SubjectConfirmationData NotBefore="2030-01-01T11:00:00Z" '
        )
        assert [c.not_before for c in read(response, idp).subject_confirmations] == [NOON - dt.timedelta(hours=1)]

    def test_the_values_of_a_name_may_be_spread_over_attributes_and_statements(self, idp: IdentityProvider) -> None:
        def attribute(*values: str) -> str:
            written = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
            return f'<saml:Attribute Name="team">{written}</saml:Attribute>'

        statement = f"<saml:AttributeStatement>{attribute('c')}{attribute()}</saml:AttributeStatement>"
        response = resigned(
            idp,
            "</saml:AttributeStatement>",
            attribute("a", " b ") + "</saml:AttributeStatement>" + statement,
        )
        assert read(response, idp).attributes == {**HONEST.attributes, "team": ("a", "b", "c")}

    def test_the_earliest_session_end_counts(self, idp: IdentityProvider) -> None:
        statements = (
            '<saml:AuthnStatement SessionNotOnOrAfter="2030-01-01T14:00:00Z"/>'
            '<saml:AuthnStatement SessionNotOnOrAfter="2030-01-01T13:00:00Z"/>'
        )
        response = resigned(idp, "<saml:AuthnStatement ", statements + "<saml:AuthnStatement ")
        assert read(response, idp).session_not_on_or_after == NOON + dt.timedelta(hours=1)

    @pytest.mark.parametrize("value", ["", "yesterday", "2030-13-01T00:00:00Z", "2030-W01-1T00:00:00Z"])
    @pytest.mark.parametrize(
        "keyword",
        [
            "issue_instant",
            "not_before",
            "conditions_not_on_or_after",
            "subject_not_on_or_after",
            "session_not_on_or_after",
        ],
    )
    def test_a_malformed_time_is_a_malformed_assertion(self, idp: IdentityProvider, keyword: str, value: str) -> None:
        assert fault(idp.response(PAIR, **{keyword: value}), idp)[0] is Fault.MALFORMED_ASSERTION

    def test_an_assertion_without_issue_instant_is_malformed(self, idp: IdentityProvider) -> None:
        assert fault(idp.response(PAIR, issue_instant=None), idp) == (
            Fault.MALFORMED_ASSERTION,
            "'' is no xs:dateTime",
        )

    @pytest.mark.parametrize(
        ("name", "old"),
        [
            pytest.param("saml:Subject", "</saml:Subject>", id="Subject"),
            pytest.param("saml:NameID", "</saml:NameID>", id="NameID"),
            pytest.param("saml:Conditions", "</saml:Conditions>", id="Conditions"),
            pytest.param("saml:SubjectConfirmationData", "</saml:SubjectConfirmation>", id="SubjectConfirmationData"),
        ],
    )
    def test_an_element_that_stands_twice_is_malformed(self, idp: IdentityProvider, name: str, old: str) -> None:
        again = f"<{name}/>"
        response = resigned(idp, old, again + old if "Confirmation" in old else old + again)
        assert fault(response, idp) == (Fault.MALFORMED_ASSERTION, f"expected at most one {name}, got 2")

    def test_a_malformed_value_of_an_unsigned_assertion_is_not_looked_at(self, idp: IdentityProvider) -> None:
        assert fault(idp.response(PAIR, not_before="yesterday", signed=None), idp)[0] is Fault.BAD_SIGNATURE


class TestVersion:
    @pytest.mark.parametrize("version", ['Version="1.1"', 'Version="2.1"', ""], ids=["1.1", "2.1", "none"])
    def test_another_response_is_none(self, idp: IdentityProvider, version: str) -> None:
        xml = idp.response(PAIR).xml.replace('Version="2.0"', version, 1)
        with pytest.raises(Unreadable) as caught:
            parse_response(base64.b64encode(xml.encode()).decode())
        assert caught.value.fault is Fault.NOT_A_RESPONSE

    @pytest.mark.parametrize("version", ["1.1", "2.1"])
    def test_another_assertion_is_malformed(self, idp: IdentityProvider, version: str) -> None:
        head, assertion = idp.response(PAIR, signed=None).xml.split("<saml:Assertion")
        response = idp.sign(head + "<saml:Assertion" + assertion.replace('2.0"', f'{version}"', 1))
        with pytest.raises(Unreadable) as caught:
            read_assertion(parse_response(response), read_metadata(idp.metadata))
        assert caught.value.fault is Fault.MALFORMED_ASSERTION

    @pytest.mark.parametrize("root", ["Status", "LogoutResponse", "Responses"])
    def test_another_message_of_the_protocol_is_no_response(self, root: str) -> None:
        xml = f'<samlp:{root} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Version="2.0"/>'
        with pytest.raises(Unreadable) as caught:
            parse_response(base64.b64encode(xml.encode()).decode())
        assert caught.value.fault is Fault.NOT_A_RESPONSE
