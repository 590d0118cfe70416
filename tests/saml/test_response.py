import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from saml_documents import PAIR, FaultOf, Read, element_of, encoded, replaced, without

from pytest_stssaml import IdentityProvider
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.assertion import parse_response
from pytest_stssaml.saml.faults import Fault, Unreadable
from pytest_stssaml.saml.vocabulary import SAML, SAMLP, STATUS, STATUS_RESPONDER, STATUS_SUCCESS

AUTHN_FAILED = STATUS + "AuthnFailed"


class TestBase64:
    @pytest.mark.parametrize("line_break", ["\n", "\r\n", " ", "\t"])
    def test_line_breaks_are_skipped(self, signer: IdentityProvider, read: Read, line_break: str) -> None:
        response = signer.response(PAIR)
        folded = line_break.join(response[at : at + 76] for at in range(0, len(response), 76)) + line_break
        assert read(folded) == read(response)

    @pytest.mark.parametrize(
        ("saml_assertion", "because"),
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
    def test_rejects_what_is_not_base64(self, fault: FaultOf, saml_assertion: str, because: str) -> None:
        found, reason = fault(saml_assertion)
        expected = f"expected base64: {because}"
        assert (found, reason[: len(expected)]) == (Fault.NOT_BASE64, expected)

    @pytest.mark.parametrize("saml_assertion", ["", "    ", "\n\n\n\n"])
    def test_rejects_base64_of_no_bytes_as_not_a_response(self, fault: FaultOf, saml_assertion: str) -> None:
        assert fault(saml_assertion)[0] is Fault.NOT_A_RESPONSE

    # Not all of Unicode, whose tables take hypothesis seconds.
    @settings(derandomize=True, database=None, deadline=None)
    @given(st.text("aZ0+/=-_ \t\r\n\0\x7f\x85\xa0éسΩ\uff0b\u2028\ud800\udfff\ufeff\uffff\U0001f600<>&"))
    def test_no_string_raises_anything_but_unreadable(self, saml_assertion: str) -> None:
        with pytest.raises(Unreadable):
            parse_response(saml_assertion)

    @settings(derandomize=True, database=None, deadline=None)
    @given(st.binary())
    def test_no_bytes_in_base64_raise_anything_but_unreadable(self, document: bytes) -> None:
        with pytest.raises(Unreadable):
            parse_response(base64.b64encode(document).decode())


class TestDocument:
    @pytest.mark.parametrize(
        ("xml", "tag"),
        [
            pytest.param("<Response/>", "Response", id="no namespace"),
            pytest.param(f'<Response xmlns="{SAML}"/>', f"{{{SAML}}}Response", id="another namespace"),
            pytest.param(f'<Assertion xmlns="{SAML}"/>', f"{{{SAML}}}Assertion", id="an assertion"),
            pytest.param(f'<Status xmlns="{SAMLP}" Version="2.0"/>', f"{{{SAMLP}}}Status", id="a status"),
            pytest.param(
                f'<LogoutResponse xmlns="{SAMLP}" Version="2.0"/>', f"{{{SAMLP}}}LogoutResponse", id="another message"
            ),
            pytest.param(f'<Responses xmlns="{SAMLP}" Version="2.0"/>', f"{{{SAMLP}}}Responses", id="a longer name"),
            pytest.param(
                '<Response xmlns="urn:oasis:names:tc:SAML:1.0:protocol"/>',
                "{urn:oasis:names:tc:SAML:1.0:protocol}Response",
                id="SAML 1",
            ),
        ],
    )
    def test_rejects_another_root_element(self, fault: FaultOf, xml: str, tag: str) -> None:
        assert fault(encoded(xml)) == (Fault.NOT_A_RESPONSE, f"expected a samlp:Response, got {tag!r}")

    @pytest.mark.parametrize(
        ("version", "got"), [(' Version="1.1"', "'1.1'"), (' Version="2.1"', "'2.1'"), ("", "None")]
    )
    def test_rejects_another_version(self, signer: IdentityProvider, fault: FaultOf, version: str, got: str) -> None:
        xml = replaced(signer.response(PAIR).xml, ' Version="2.0"', version)
        assert fault(encoded(xml)) == (Fault.NOT_A_RESPONSE, f"expected version 2.0, got {got}")

    def test_reads_utf_16(self, signer: IdentityProvider, read: Read) -> None:
        response = signer.response(PAIR)
        assert read(encoded(response.xml.encode("utf-16"))) == read(response)

    def test_rejects_a_document_type_declaration_before_anything_else(
        self, signer: IdentityProvider, fault: FaultOf
    ) -> None:
        xml = "<!DOCTYPE Response>" + signer.response(PAIR).xml
        because = "expected XML: a document type declaration is not allowed"
        assert fault(encoded(xml)) == (Fault.NOT_A_RESPONSE, because)


class TestStatus:
    @pytest.mark.parametrize("signed", [None, "response"])
    @pytest.mark.parametrize(
        ("status", "got"),
        [
            pytest.param(STATUS_RESPONDER, [STATUS_RESPONDER], id="top-level"),
            pytest.param(AUTHN_FAILED, [STATUS_RESPONDER, AUTHN_FAILED], id="second-level"),
            pytest.param("Success", ["Success"], id="not a URI"),
            pytest.param("", [""], id="empty"),
        ],
    )
    def test_a_failure_is_believed_signed_or_not(
        self, signer: IdentityProvider, fault: FaultOf, status: str, got: list[str], signed: Signed | None
    ) -> None:
        response = signer.response(PAIR, status=status, signed=signed)
        assert fault(response) == (Fault.REFUSED_BY_IDP, f"expected the status {STATUS_SUCCESS}, got {got}")

    @pytest.mark.parametrize("signed", [None, "assertion", "response", "both"])
    def test_no_status_is_a_failure_whatever_is_signed(
        self, signer: IdentityProvider, fault: FaultOf, signed: Signed | None
    ) -> None:
        response = signer.response(PAIR, status=None, signed=signed)
        assert fault(response) == (Fault.REFUSED_BY_IDP, f"expected the status {STATUS_SUCCESS}, got []")

    def test_a_success_beside_a_failure_is_a_failure(self, signer: IdentityProvider, fault: FaultOf) -> None:
        xml = signer.response(PAIR, signed=None).xml
        xml = replaced(xml, "</samlp:Status>", '<samlp:StatusCode Value="failed"/></samlp:Status>')
        because = f"expected the status {STATUS_SUCCESS}, got {[STATUS_SUCCESS, 'failed']}"
        assert fault(encoded(xml)) == (Fault.REFUSED_BY_IDP, because)

    def test_a_success_inside_a_failure_is_a_failure(self, signer: IdentityProvider, fault: FaultOf) -> None:
        code = f'<samlp:StatusCode Value="{STATUS_SUCCESS}"/>'
        xml = signer.response(PAIR, signed=None).xml
        nested = replaced(xml, code, f'<samlp:StatusCode Value="failed">{code}</samlp:StatusCode>')
        because = f"expected the status {STATUS_SUCCESS}, got {['failed', STATUS_SUCCESS]}"
        assert fault(encoded(nested)) == (Fault.REFUSED_BY_IDP, because)

    def test_a_failure_signed_with_a_foreign_key_is_a_bad_signature(
        self, foreign_signer: IdentityProvider, fault: FaultOf
    ) -> None:
        response = foreign_signer.response(PAIR, status=STATUS_RESPONDER, signed="response")
        assert fault(response)[0] is Fault.BAD_SIGNATURE

    def test_a_failure_with_a_signature_in_another_place_is_a_bad_signature(
        self, signer: IdentityProvider, fault: FaultOf
    ) -> None:
        xml = signer.response(PAIR, status=STATUS_RESPONDER, signed="response").xml
        detail = f"<samlp:StatusDetail>{element_of(xml, 'ds:Signature')}</samlp:StatusDetail></samlp:Status>"
        xml = replaced(without(xml, "ds:Signature"), "</samlp:Status>", detail)
        because = "a ds:Signature is not a child of the response or of its assertion"
        assert fault(encoded(xml)) == (Fault.BAD_SIGNATURE, because)

    def test_the_status_is_checked_before_the_assertions(self, signer: IdentityProvider, fault: FaultOf) -> None:
        xml = without(signer.response(PAIR, status=None).xml, "saml:Assertion")
        assert fault(encoded(xml))[0] is Fault.REFUSED_BY_IDP


class TestOneAssertion:
    def test_rejects_a_success_without_an_assertion(self, signer: IdentityProvider, fault: FaultOf) -> None:
        xml = without(signer.response(PAIR, signed="response").xml, "saml:Assertion")
        assert fault(encoded(xml)) == not_one_assertion(plain=0)

    def test_an_assertion_deeper_in_the_document_does_not_count(self, signer: IdentityProvider, fault: FaultOf) -> None:
        xml = signer.response(PAIR).xml
        assertion = element_of(xml, "saml:Assertion")
        xml = replaced(xml, assertion, f"<samlp:Extensions>{assertion}</samlp:Extensions>")
        assert fault(encoded(xml)) == not_one_assertion(plain=0)

    @pytest.mark.parametrize("evil_first", [True, False])
    def test_rejects_an_unsigned_assertion_beside_the_signed_one(
        self, signer: IdentityProvider, fault: FaultOf, evil_first: bool
    ) -> None:
        evil = f'<saml:Assertion ID="_evil"><saml:Issuer>{signer.entity_id}</saml:Issuer></saml:Assertion>'
        xml = signer.response(PAIR).xml
        assertion = element_of(xml, "saml:Assertion")
        xml = replaced(xml, assertion, evil + assertion if evil_first else assertion + evil)
        assert fault(encoded(xml)) == not_one_assertion(plain=2)


def not_one_assertion(plain: int) -> tuple[Fault, str]:
    because = f"expected one assertion, got {plain} saml:Assertion and 0 saml:EncryptedAssertion"
    return Fault.NOT_ONE_ASSERTION, because


class TestIssuer:
    @pytest.mark.parametrize(
        ("issuer", "got"),
        [
            pytest.param("https://evil.example.com/saml", "'https://evil.example.com/saml'", id="another"),
            pytest.param("https://IDP.example.com/saml", "'https://IDP.example.com/saml'", id="another case"),
            pytest.param("https://idp.example.com/saml/", "'https://idp.example.com/saml/'", id="slash at the end"),
            pytest.param("", "''", id="empty"),
            pytest.param(None, "None", id="absent"),
        ],
    )
    def test_rejects_a_foreign_issuer(
        self, signer: IdentityProvider, fault: FaultOf, issuer: str | None, got: str
    ) -> None:
        because = f"expected the issuer 'https://idp.example.com/saml', got {got}"
        assert fault(signer.response(PAIR, issuer=issuer)) == (Fault.FOREIGN_ISSUER, because)

    def test_the_issuer_of_the_response_does_not_matter(self, signer: IdentityProvider, read: Read) -> None:
        response = signer.response(PAIR, response_issuer="urn:somebody:else")
        assert read(response).issuer == "https://idp.example.com/saml"

    def test_two_issuers_are_a_malformed_assertion(self, signer: IdentityProvider, fault: FaultOf) -> None:
        issuer = "<saml:Issuer>https://idp.example.com/saml</saml:Issuer>"
        xml = replaced(signer.response(PAIR).xml, issuer + "<ds:Signature ", issuer + issuer + "<ds:Signature ")
        assert fault(encoded(xml)) == (Fault.MALFORMED_ASSERTION, "expected at most one saml:Issuer, got 2")

    def test_the_issuer_is_checked_before_the_signature(self, foreign_signer: IdentityProvider, fault: FaultOf) -> None:
        assert fault(foreign_signer.response(PAIR, issuer="urn:evil"))[0] is Fault.FOREIGN_ISSUER
