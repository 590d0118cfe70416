"""What is signed, with which key, and how `IdentityProvider.sign` treats a document that it is given."""

import re
from pathlib import Path
from typing import Any

import pytest
from idp_responses import BEARERS, EC_KEY, STATUS, bearers, before_signatures
from lxml import etree
from saml_documents import ALICE, PAIR, substituted

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.assertion import parse_response, read_assertion
from pytest_stssaml.saml.metadata import read_metadata


@pytest.fixture
def template(unregistered: IdentityProvider) -> str:
    """A response that is not signed."""
    return unregistered.response(PAIR, signed=None).xml


class TestSigned:
    @pytest.mark.parametrize("signed", BEARERS)
    def test_names_the_elements_that_bear_a_signature(
        self, unregistered: IdentityProvider, signed: Signed | None
    ) -> None:
        assert bearers(unregistered.response(PAIR, signed=signed)) == BEARERS[signed]

    @pytest.mark.parametrize(
        ("signed", "expected"), [("assertion", []), ("response", ["Response"]), ("both", ["Response"]), (None, [])]
    )
    def test_a_failure_has_only_the_signature_of_the_response(
        self, unregistered: IdentityProvider, signed: Signed | None, expected: list[str]
    ) -> None:
        assert bearers(unregistered.response(PAIR, status=STATUS + "Responder", signed=signed)) == expected

    def test_raises_value_error_for_another_value(self, unregistered: IdentityProvider) -> None:
        message = """signed must be "assertion", "response", "both" or None, not 'everything'"""
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            unregistered.response(PAIR, signed="everything")  # type: ignore[arg-type]


class TestSigningKey:
    def test_signs_one_response_with_another_key(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(PAIR, signing_key=EC_KEY)
        assert [algorithm in response.xml for algorithm in ("ecdsa-sha256", "rsa-sha256")] == [True, False]
        assert "rsa-sha256" in unregistered.response(PAIR).xml

    def test_raises_type_error_for_another_type(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(TypeError, match=r"^signing_key must be a private key object, .*, not str$"):
            unregistered.response(PAIR, signing_key="key")  # type: ignore[arg-type]


class TestSign:
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_puts_the_signature_after_the_issuer(
        self, unregistered: IdentityProvider, template: str, signed: Signed
    ) -> None:
        response = unregistered.sign(template, signed=signed)
        assert bearers(response) == BEARERS[signed]
        assert before_signatures(response) == {"Issuer"}

    def test_puts_the_signature_first_if_there_is_no_issuer(
        self, unregistered: IdentityProvider, template: str
    ) -> None:
        response = unregistered.sign(re.sub("<saml:Issuer>.*?</saml:Issuer>", "", template))
        assert [etree.QName(child).localname for child in response.root[1]][:2] == ["Signature", "Subject"]

    def test_changes_nothing_but_the_base64_if_nothing_is_signed(
        self, unregistered: IdentityProvider, template: str
    ) -> None:
        assert unregistered.sign(template, signed=None).xml == template

    def test_keeps_every_character_around_the_signature(self, unregistered: IdentityProvider, template: str) -> None:
        template = template.replace("><", ">\r\n  <").replace('="', " =\n'").replace('"', "'")
        signed = unregistered.sign(template, signed="both").xml
        assert re.sub("<ds:Signature .*?</ds:Signature>", "", signed) == template

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            pytest.param(
                "<samlp:Response", '<?xml version="1.0" encoding="UTF-8"?>\n<samlp:Response', id="declaration"
            ),
            pytest.param("<saml:Issuer>", "\n\t<saml:Issuer>", id="line break before the issuer"),
            pytest.param("</saml:Issuer>", "<!-- . --></saml:Issuer>", id="comment in an issuer"),
            pytest.param("<saml:Issuer>", "<!-- . --><saml:Issuer>", id="comment before an issuer"),
            pytest.param("<saml:Assertion ", "<!-- <saml:Assertion> --><saml:Assertion ", id="start tag in a comment"),
            pytest.param(
                "<samlp:Response ", "<!-- <samlp:Response> --><samlp:Response ", id="another start tag in a comment"
            ),
            pytest.param('Destination="', 'Destination="&gt;', id="escaped bracket in an attribute"),
            pytest.param("<saml:Assertion ", '<saml:Assertion a=">" ', id="bare bracket in an attribute"),
            pytest.param(">alice@example.com</saml:NameID>", ">älice</saml:NameID>", id="not ASCII"),
            pytest.param("><", ">\r\n<", id="line breaks of Windows"),
        ],
    )
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_signs_a_document_in_any_form(
        self, template: str, unregistered: IdentityProvider, old: str, new: str, signed: Signed
    ) -> None:
        assert old in template
        response = unregistered.sign(template.replace(old, new), signed=signed)
        claims = read_assertion(parse_response(response), read_metadata(unregistered.metadata))
        assert claims.issuer == "https://idp.example.com/saml"

    def test_signs_a_document_with_other_prefixes(self, sts: STSBackend, idp: IdentityProvider, log_in: Any) -> None:
        role = sts.create_role("Developer")
        xml = idp.response(role, signed=None).xml.replace("samlp:", "").replace("xmlns:samlp=", "xmlns=")
        xml = xml.replace("saml:", "a-b.c_d:").replace("xmlns:saml=", "xmlns:a-b.c_d=")
        response = idp.sign(xml.replace("urn:oasis:names:tc:a-b.c_d:", "urn:oasis:names:tc:SAML:"), signed="both")
        assert log_in(response, role, idp.provider)["Subject"] == ALICE

    def test_signs_a_file(self, unregistered: IdentityProvider, template: str, tmp_path: Path) -> None:
        path = tmp_path / "response.xml"
        path.write_text(template.replace("alice", "Alicé"), encoding="utf-8")
        assert "Alicé" in unregistered.sign(path).xml


class TestSignErrors:
    def test_bytes(self, unregistered: IdentityProvider, template: str) -> None:
        with pytest.raises(TypeError, match=r"^xml must be a response as a string, not bytes; decode it first$"):
            unregistered.sign(template.encode())  # type: ignore[arg-type]

    def test_a_response_instead_of_its_xml(self, unregistered: IdentityProvider) -> None:
        message = "sign() takes XML, and not a response, which has its signatures; write response.edited(...)"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            unregistered.sign(unregistered.response(PAIR))

    def test_another_value_of_signed(self, unregistered: IdentityProvider, template: str) -> None:
        with pytest.raises(ValueError, match=r'^signed must be "assertion", "response", "both" or None, not True$'):
            unregistered.sign(template, signed=True)  # type: ignore[arg-type]

    def test_a_document_that_is_not_xml(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(ValueError, match=r"^the response to sign is not XML: "):
            unregistered.sign("<samlp:Response")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            pytest.param(
                ("^", '<?xml version="1.0" encoding="ISO-8859-1"?>'),
                "the response to sign declares the encoding ISO-8859-1; a string is sent in UTF-8",
                id="another declared encoding",
            ),
            pytest.param(
                ('(<saml:Assertion [^>]*ID=)"[^"]*"', r'\1"&#95;x"'),
                "the start tag with the ID '_x' cannot be found; write the ID without references",
                id="a reference in the ID",
            ),
            pytest.param(
                ("<saml:Assertion .*</saml:Assertion>", ""),
                "there is no assertion with an ID to sign",
                id="no assertion",
            ),
            pytest.param(
                ('(<saml:Assertion [^>]*)ID="[^"]*"', r"\1"),
                "there is no assertion with an ID to sign",
                id="no ID",
            ),
        ],
    )
    def test_a_document_whose_assertion_cannot_be_signed(
        self, unregistered: IdentityProvider, template: str, change: tuple[str, str], message: str
    ) -> None:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            unregistered.sign(substituted(*change, template))

    def test_a_response_without_an_id(self, unregistered: IdentityProvider, template: str) -> None:
        with pytest.raises(ValueError, match=r"^there is no response with an ID to sign$"):
            unregistered.sign(substituted('ID="[^"]*"', "", template), signed="response")

    def test_a_document_that_is_signed_already(self, unregistered: IdentityProvider) -> None:
        message = "the assertion is signed already; take its ds:Signature out first, as response.unsigned() does"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            unregistered.sign(unregistered.response(PAIR).xml)
