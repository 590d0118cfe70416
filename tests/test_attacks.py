"""Attacks on SAML consumers: signature wrapping, and true signatures over something else.

Each attack first fools a verifier of naive.py. Then STS refuses it, or accepts it if the true assertion is still in its
place, and then reads only what was signed.
"""

from collections.abc import Callable

import naive
import pytest
from attacks import (
    ADMIN,
    MALLORY,
    MALLORYS_KEY,
    AttackTests,
    Element,
    Reason,
    Target,
    assertion_of,
    bare,
    by,
    forged,
    inside,
    moved_into_signature,
    put,
    signature,
    signature_of,
    supplanted,
    to,
    xml,
)
from lxml import etree
from naive import NS
from saml_documents import ALICE, made

from pytest_stssaml.saml.document import tag
from pytest_stssaml.saml.vocabulary import STATUS_RESPONDER


class TestNaiveVerifiers(AttackTests):
    @pytest.mark.parametrize("verifier", [naive.any_signature, naive.signxml_by_default, naive.lenient_ids])
    def test_believe_an_honest_response(self, target: Target, verifier: Callable[..., naive.Believed]) -> None:
        assert target.fooled(verifier, target.honest()) == ALICE

    def test_doubt_a_forgery_that_kept_its_signature(self, target: Target) -> None:
        response = target.honest()
        forged(assertion_of(response), None)
        with pytest.raises(naive.Doubt):
            target.fooled(naive.any_signature, response)

    def test_doubt_a_foreign_key(self, target: Target) -> None:
        with pytest.raises(naive.Doubt):
            target.fooled(naive.any_signature, target.honest(signing_key=MALLORYS_KEY))

    def test_believe_a_signature_that_the_tests_made(self, target: Target) -> None:
        response = target.honest(None)
        signed = put(response, signature(by(target.key), to(assertion_of(response))))
        assert target.fooled(naive.signxml_by_default, signed) == ALICE


class TestSignatureWrapping(AttackTests):
    """The permutations of Somorovsky et al., "On Breaking SAML" (2012), with the numbers of SAML Raider."""

    def test_xsw_1_the_response_inside_its_signature(self, target: Target) -> None:
        response = target.honest("response")
        true = bare(response)
        signature_of(forged(response)).append(true)
        assert target.fooled(naive.any_signature, response) == MALLORY
        assert target.refusal(response) is Reason.REPEATED_ID

    def test_xsw_2_the_response_beside_its_signature(self, target: Target) -> None:
        response = target.honest("response")
        true = bare(response)
        signature_of(forged(response)).addprevious(true)
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.REPEATED_ID

    def test_xsw_3_a_forged_assertion_before_the_true_one(self, target: Target) -> None:
        response = target.honest()
        assertion_of(response).addprevious(forged(bare(assertion_of(response))))
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.NOT_ONE_ASSERTION

    def test_xsw_4_a_forged_assertion_around_the_true_one(self, target: Target) -> None:
        response = target.honest()
        evil, true = supplanted(response)
        evil.append(true)
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.MISPLACED_SIGNATURE

    def test_xsw_5_a_forged_assertion_with_the_signature_before_the_true_one(self, target: Target) -> None:
        response = target.honest()
        true = bare(assertion_of(response))
        forged(assertion_of(response))
        response.append(true)
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.NOT_ONE_ASSERTION

    def test_xsw_6_the_true_assertion_inside_the_signature_of_a_forged_one(self, target: Target) -> None:
        response = moved_into_signature(target.honest())
        assert target.fooled(naive.any_signature, response) == MALLORY
        assert target.refusal(response) is Reason.FOREIGN_REFERENCE

    def test_xsw_7_a_forged_assertion_of_the_same_id_in_extensions(self, target: Target) -> None:
        response = target.honest()
        evil = forged(bare(assertion_of(response)), None)
        assertion_of(response).addprevious(inside(evil, "samlp:Extensions"))
        assert target.fooled(naive.equal_ids, response, verified=-1, read=0) == MALLORY
        assert target.refusal(response) is Reason.REPEATED_ID

    def test_xsw_8_the_true_assertion_in_an_object_of_a_forged_ones_signature(self, target: Target) -> None:
        response = moved_into_signature(target.honest(), "ds:Object")
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.OBJECT


class TestHidingPlaces(AttackTests):
    """Other places where the true element was hidden for the Reference to find."""

    def test_the_assertion_in_the_advice_of_a_forged_one(self, target: Target) -> None:
        response = target.honest()
        evil, true = supplanted(response)
        evil.find("saml:Conditions", NS).addnext(inside(true, "saml:Advice"))
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.UNSIGNED

    def test_the_assertion_in_the_advice_of_one_that_took_its_signature(self, target: Target) -> None:
        response = target.honest()
        true = bare(assertion_of(response))
        forged(assertion_of(response)).append(inside(true, "saml:Advice"))
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.FOREIGN_REFERENCE

    def test_the_assertion_in_status_detail(self, target: Target) -> None:
        response = target.honest()
        _, true = supplanted(response)
        response.find("samlp:Status", NS).append(inside(true, "samlp:StatusDetail"))
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.MISPLACED_SIGNATURE

    def test_the_response_in_status_detail(self, target: Target) -> None:
        response = forged(target.honest("response"))
        true = target.honest("response")
        response.replace(signature_of(response), etree.Comment("moved"))
        response.find("samlp:Status", NS).append(inside(true, "samlp:StatusDetail"))
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.MISPLACED_SIGNATURE

    def test_the_response_in_an_object_of_its_signature(self, target: Target) -> None:
        response = target.honest("response")
        true = bare(response)
        signature_of(forged(response)).append(inside(true, "ds:Object"))
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.REPEATED_ID

    def test_the_assertion_in_the_key_info_of_its_signature(self, target: Target) -> None:
        response = moved_into_signature(target.honest(), "ds:KeyInfo")
        assert target.fooled(naive.any_signature, response) == MALLORY
        assert target.refusal(response) is Reason.FOREIGN_REFERENCE

    def test_the_response_in_the_key_info_of_its_signature(self, target: Target) -> None:
        response = target.honest("response")
        true = bare(response)
        signature_of(forged(response)).find("ds:KeyInfo", NS).append(true)
        assert target.fooled(naive.signxml_by_default, response) == MALLORY
        assert target.refusal(response) is Reason.REPEATED_ID

    @pytest.mark.parametrize(
        ("parent", "names"),
        [
            pytest.param("saml:Subject/saml:NameID", (), id="NameID"),
            pytest.param(".//saml:SubjectConfirmationData", ("ds:KeyInfo",), id="holder of key"),
            pytest.param(".//saml:SubjectConfirmationData", (), id="SubjectConfirmationData"),
            pytest.param("saml:Conditions", ("saml:Condition",), id="Condition"),
            pytest.param(".//saml:AuthnContext", ("saml:AuthnContextDecl",), id="AuthnContextDecl"),
            pytest.param(".//saml:AttributeValue", (), id="AttributeValue"),
        ],
    )
    def test_the_assertion_in_another_place_of_a_forged_one(
        self, target: Target, parent: str, names: tuple[str, ...]
    ) -> None:
        response = target.honest()
        evil, true = supplanted(response)
        evil.find(parent, NS).append(inside(true, *names))
        assert target.fooled(naive.signxml_by_default, response).startswith(MALLORY)
        assert target.refusal(response) is Reason.MISPLACED_SIGNATURE

    def test_a_forged_assertion_in_extensions_is_not_read(self, target: Target) -> None:
        response = target.honest()
        evil = forged(bare(assertion_of(response)))
        assertion_of(response).addprevious(inside(evil, "samlp:Extensions"))
        assert target.fooled(naive.namespaces_ignored, response) == MALLORY
        assert target.subject(response) == ALICE


class TestTrueSignatureOverSomethingElse(AttackTests):
    """The key of the provider signed something, and not this assertion."""

    @pytest.fixture
    def unsigned(self, target: Target) -> Element:
        """A response about Mallory, without a signature."""
        response = target.honest(None)
        forged(assertion_of(response))
        return response

    def test_a_metadata_document(self, target: Target, unsigned: Element) -> None:
        metadata = etree.fromstring(target.idp.metadata)
        metadata.set("ID", "_metadata")
        metadata.append(signature(by(target.key), to(metadata)))
        assertion_of(unsigned).addprevious(inside(metadata, "samlp:Extensions"))
        assert target.fooled(naive.any_signature, unsigned) == MALLORY
        assert target.refusal(unsigned) is Reason.MISPLACED_SIGNATURE

    def test_a_metadata_document_whose_signature_was_moved(self, target: Target, unsigned: Element) -> None:
        metadata = etree.fromstring(target.idp.metadata)
        metadata.set("ID", "_metadata")
        put(unsigned, signature(by(target.key), to(metadata)))
        assertion_of(unsigned).addprevious(inside(metadata, "samlp:Extensions"))
        assert target.fooled(naive.any_signature, unsigned) == MALLORY
        assert target.refusal(unsigned) is Reason.FOREIGN_REFERENCE

    def test_a_logout_request(self, target: Target, unsigned: Element) -> None:
        logout = made("samlp:LogoutRequest", ID="_logout", Version="2.0")
        logout.append(signature(by(target.key), to(logout)))
        assertion_of(unsigned).addprevious(inside(logout, "samlp:Extensions"))
        assert target.fooled(naive.any_signature, unsigned) == MALLORY
        assert target.refusal(unsigned) is Reason.MISPLACED_SIGNATURE

    def test_a_response_that_reports_a_failure(self, target: Target, unsigned: Element) -> None:
        failure = target.honest("response", status=STATUS_RESPONDER)
        assertion_of(unsigned).addprevious(inside(failure, "samlp:Extensions"))
        assert target.fooled(naive.any_signature, unsigned) == MALLORY
        assert target.refusal(unsigned) is Reason.MISPLACED_SIGNATURE

    def test_only_the_subject(self, target: Target) -> None:
        response = target.honest(None)
        subject = assertion_of(response).find("saml:Subject", NS)
        subject.set("ID", "_subject")
        put(response, signature(by(target.key), to(subject)))
        next(response.iter(tag("saml:AttributeValue"))).text = ADMIN
        assert naive.any_signature(xml(response), target.certificate) == (ALICE, (ADMIN,))
        assert target.refusal(response) is Reason.FOREIGN_REFERENCE

    def test_only_the_attributes(self, target: Target) -> None:
        response = target.honest(None)
        statement = assertion_of(response).find("saml:AttributeStatement", NS)
        statement.set("ID", "_attributes")
        put(response, signature(by(target.key), to(statement)))
        forged(assertion_of(response))
        assert target.fooled(naive.any_signature, response) == MALLORY
        assert target.refusal(response) is Reason.FOREIGN_REFERENCE

    def test_only_the_status(self, target: Target, unsigned: Element) -> None:
        status = unsigned.find("samlp:Status", NS)
        status.set("ID", "_status")
        unsigned[0].addnext(signature(by(target.key), to(status)))
        assert target.fooled(naive.any_signature, unsigned) == MALLORY
        assert target.refusal(unsigned) is Reason.FOREIGN_REFERENCE

    def test_no_signature_at_all(self, target: Target, unsigned: Element) -> None:
        assert target.fooled(naive.optional_signature, unsigned) == MALLORY
        assert target.refusal(unsigned) is Reason.UNSIGNED
