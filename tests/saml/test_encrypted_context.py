"""Encrypted assertions whose plaintext depends on the document around it."""

from pathlib import Path

import pytest
import xmlsec1
from encrypting import KEY, encrypted_element, with_encrypted_assertion
from saml_documents import ALICE, PAIR, FaultOf, Read, element_of, encoded, replaced, without

from pytest_stssaml import IdentityProvider, SAMLResponse
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.faults import Fault
from pytest_stssaml.saml.vocabulary import C14N, DS, EXCLUSIVE_C14N, SAML

DECLARATION = f' xmlns:saml="{SAML}"'
DEFAULT = f' xmlns="{SAML}"'


def encrypted_here(xml: str, name: str = "saml:Assertion", *, declaration: str = "") -> SAMLResponse:
    """Return a response with its assertion encrypted as it is written, but for a declaration on it.

    :param name: the name of the assertion.
    :param declaration: is removed from the plaintext.
    """
    assertion = element_of(xml, name)
    content = encrypted_element(replaced(assertion, declaration, "") if declaration else assertion)
    encrypted = f"{name.removesuffix('Assertion')}EncryptedAssertion"
    return encoded(replaced(xml, assertion, f"<{encrypted}>{content}</{encrypted}>"))


def with_default_namespace(xml: str) -> str:
    """Return an unsigned response that writes SAML's elements without a prefix, as its Assertion declares."""
    for prefix in ("<", "</"):
        xml = xml.replace(f"{prefix}saml:", prefix)
    return xml.replace(DECLARATION, DEFAULT)


@pytest.fixture
def in_default_namespace(signer: IdentityProvider) -> str:
    """A response with a signed assertion that has the default namespace."""
    return signer.sign(with_default_namespace(signer.response(PAIR, signed=None).xml)).xml


@pytest.fixture
def key_pem(tmp_path: Path) -> Path:
    return xmlsec1.write_key(KEY, tmp_path)


class TestDeclaredAround:
    @pytest.fixture
    def with_prefix(self, xml: str) -> SAMLResponse:
        return encrypted_here(xml, declaration=DECLARATION)

    @pytest.fixture
    def without_prefix(self, in_default_namespace: str) -> SAMLResponse:
        return encrypted_here(in_default_namespace, "Assertion", declaration=DEFAULT)

    @pytest.mark.parametrize("form", ["with_prefix", "without_prefix"])
    def test_reads_a_plaintext_whose_namespace_is_declared_around_it(
        self, request: pytest.FixtureRequest, read: Read, form: str
    ) -> None:
        assert read(request.getfixturevalue(form), KEY).name_id == ALICE

    @xmlsec1.needs_xmlsec1
    @pytest.mark.parametrize("form", ["with_prefix", "without_prefix"])
    def test_xmlsec1_verifies_it_too(
        self, request: pytest.FixtureRequest, signer: IdentityProvider, key_pem: Path, form: str
    ) -> None:
        decrypted = xmlsec1.decrypt(request.getfixturevalue(form).xml, key_pem)
        assert xmlsec1.verify(decrypted, xmlsec1.write_certificate(signer.certificates[0], key_pem.parent))

    def test_rejects_it_after_a_change(self, xml: str, fault: FaultOf) -> None:
        response = encrypted_here(replaced(xml, ">alice@", ">mallory@"), declaration=DECLARATION)
        assert fault(response, KEY)[0] is Fault.BAD_SIGNATURE

    def test_rejects_a_prefix_that_is_declared_nowhere(self, xml: str, fault: FaultOf) -> None:
        response = encrypted_here(replaced(xml, "<saml:Subject>", "<saml:Subject><p:a/>"))
        found, because = fault(response, KEY)
        assert found is Fault.NOT_DECRYPTED
        assert because.startswith("the assertion cannot be decrypted: Namespace prefix p on a is not defined")


class TestSignedByItself:
    """An assertion that was a document of its own when it was signed."""

    def test_reads_a_plaintext_with_an_xml_declaration(self, xml: str, read: Read) -> None:
        plaintext = '<?xml version="1.0" encoding="UTF-8"?>' + element_of(xml, "saml:Assertion")
        assert read(with_encrypted_assertion(xml, encrypted_element(plaintext)), KEY).name_id == ALICE

    @pytest.fixture
    def inclusive(self, saml_signing_key: SigningKey, xml: str, tmp_path: Path) -> str:
        """An assertion that xmlsec1 signed with inclusive canonicalisation of SignedInfo."""
        method = "<ds:CanonicalizationMethod Algorithm="
        template = without(element_of(xml, "saml:Assertion"), "ds:KeyInfo")
        template = replaced(template, f'{method}"{EXCLUSIVE_C14N}"', f'{method}"{C14N}"')
        return xmlsec1.sign(template, xmlsec1.write_key(saml_signing_key, tmp_path)).partition("?>")[2]

    @xmlsec1.needs_xmlsec1
    def test_reads_an_assertion_that_was_signed_with_inclusive_canonicalisation(
        self, inclusive: str, xml: str, read: Read
    ) -> None:
        assert read(with_encrypted_assertion(xml, encrypted_element(inclusive)), KEY).name_id == ALICE

    @xmlsec1.needs_xmlsec1
    def test_rejects_such_an_assertion_after_a_change(self, inclusive: str, xml: str, fault: FaultOf) -> None:
        content = encrypted_element(replaced(inclusive, ">alice@", ">mallory@"))
        assert fault(with_encrypted_assertion(xml, content), KEY)[0] is Fault.BAD_SIGNATURE


class TestAttacks:
    def test_a_default_namespace_around_a_signed_assertion_adds_nothing_to_it(
        self, signer: IdentityProvider, read: Read
    ) -> None:
        # By itself, the plaintext has elements without a namespace, which mean nothing.
        forged = "<Conditions><AudienceRestriction/></Conditions><saml:Subject>"
        xml = replaced(signer.response(PAIR, signed=None).xml, "<saml:Subject>", forged)
        response = encrypted_here(replaced(signer.sign(xml).xml, "<samlp:Response", "<samlp:Response" + DEFAULT))
        assertion = read(response, KEY)
        assert assertion.name_id == ALICE
        assert assertion.audience_restrictions == (("urn:amazon:webservices",),)

    def test_a_default_namespace_does_not_supply_the_issuer(self, signer: IdentityProvider, fault: FaultOf) -> None:
        xml = signer.response(PAIR, signed=None).xml
        head, _, assertion = xml.partition("<saml:Assertion")
        xml = f"{head}<saml:Assertion" + assertion.replace("saml:Issuer", "Issuer")
        response = encrypted_here(replaced(signer.sign(xml).xml, "<samlp:Response", "<samlp:Response" + DEFAULT))
        found, because = fault(response, KEY)
        assert found is Fault.FOREIGN_ISSUER
        assert because == f"expected the signed issuer {signer.entity_id!r}, got None"

    @pytest.mark.parametrize("uri", [SAML, "urn:example"], ids=["as it was", "rebound"])
    def test_a_prefix_that_the_signature_of_the_response_does_not_cover_means_nothing(
        self, signer: IdentityProvider, fault: FaultOf, uri: str
    ) -> None:
        # The signature of the response is the only one, and exclusive canonicalisation leaves the declaration out.
        xml = replaced(signer.response(PAIR, signed=None).xml, "<samlp:Response", f'<samlp:Response xmlns:p="{SAML}"')
        for name in ("<saml:AudienceRestriction>", "</saml:AudienceRestriction>"):
            xml = replaced(xml, name, name.replace("saml:", "p:"))
        signed = signer.sign(encrypted_here(xml).xml, signed="response").xml
        found, because = fault(encoded(replaced(signed, f'xmlns:p="{SAML}"', f'xmlns:p="{uri}"')), KEY)
        assert found is Fault.NOT_DECRYPTED
        assert "Namespace prefix p on AudienceRestriction is not defined" in because

    def test_reads_an_unsigned_assertion_by_namespaces_that_the_signature_of_the_response_covers(
        self, signer: IdentityProvider, read: Read
    ) -> None:
        xml = encrypted_here(signer.response(PAIR, signed=None).xml, declaration=DECLARATION).xml
        assert read(signer.sign(xml, signed="response"), KEY).name_id == ALICE

    def test_a_signature_that_is_one_only_in_its_context_must_hold_although_the_response_is_signed(
        self, signer: IdentityProvider, fault: FaultOf
    ) -> None:
        # Without the prefix, its SignedInfo is not what was signed. By itself, the plaintext has no signature at all.
        xml = signer.response(PAIR).xml.replace("<ds:", "<").replace("</ds:", "</").replace("xmlns:ds=", "xmlns=")
        around = f' xmlns="{DS}"'
        encrypted = replaced(
            encrypted_here(xml, declaration=around).xml, "<saml:EncryptedAssertion", f"<saml:EncryptedAssertion{around}"
        )
        assert fault(signer.sign(encrypted, signed="response"), KEY)[0] is Fault.BAD_SIGNATURE
