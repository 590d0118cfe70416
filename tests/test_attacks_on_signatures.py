"""Attacks on SAML consumers: signatures that are easily misread. See test_attacks.py."""

import copy

import naive
import pytest
from attacks import (
    MALLORY,
    MALLORYS_KEY,
    AttackTests,
    Element,
    Reason,
    Target,
    assertion_of,
    bare,
    by,
    digest,
    forged,
    inside,
    put,
    reference,
    signature,
    signature_of,
    to,
    transform,
    xml,
)
from lxml import etree
from naive import BASE64, ENVELOPED, EXCLUSIVE_C14N, NS, XPATH, XSLT
from saml_documents import ALICE, base64_of, made, replaced

from pytest_stssaml.saml.document import tag

SignedInfos = tuple[Element, Element, Element]


class TestDigestValue(AttackTests):
    """A DigestValue that fits a forgery, where only a careless verifier looks for it."""

    @pytest.fixture
    def forgery(self, target: Target) -> tuple[Element, str]:
        """A response whose signed assertion was forged and kept its ID, and the digest that fits the forgery."""
        response = target.honest()
        assertion = forged(assertion_of(response), None)
        return response, digest(naive.canonical(bare(assertion)))

    def test_earlier_in_the_document(self, target: Target, forgery: tuple[Element, str]) -> None:
        response, fitting = forgery
        smuggled = made("ds:DigestValue")
        smuggled.text = fitting
        response.find("samlp:Status", NS).append(inside(smuggled, "samlp:StatusDetail"))
        assert target.fooled(naive.digest_value_from_anywhere, response) == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    def test_in_a_comment(self, target: Target, forgery: tuple[Element, str]) -> None:
        response, fitting = forgery
        document = replaced(xml(response), "<ds:DigestValue>", f"<ds:DigestValue><!--{fitting}-->")
        assert target.fooled(naive.digest_value_from_a_comment, document) == MALLORY
        assert target.refusal(document) is Reason.NOT_VERIFIED

    def test_a_second_one_in_the_reference(self, target: Target, forgery: tuple[Element, str]) -> None:
        # This changes SignedInfo, so it fools no verifier that verifies the signature.
        response, fitting = forgery
        second = f"<ds:DigestValue>{fitting}</ds:DigestValue><ds:DigestValue>"
        assert target.refusal(replaced(xml(response), "<ds:DigestValue>", second)) is Reason.NOT_VERIFIED


class TestSignedInfo(AttackTests):
    """A second SignedInfo, which fits a forgery."""

    @pytest.fixture
    def forgery(self, target: Target) -> SignedInfos:
        """A response whose assertion was forged and kept its ID, its SignedInfo, and one that fits the forgery."""
        response = target.honest()
        assertion = forged(assertion_of(response), None)
        signed_info = signature_of(assertion)[0]
        fitting = copy.deepcopy(signed_info)
        fitting.find(".//ds:DigestValue", NS).text = digest(naive.canonical(bare(assertion)))
        return response, signed_info, fitting

    def test_a_forged_one_before_the_true_one(self, target: Target, forgery: SignedInfos) -> None:
        response, true, evil = forgery
        true.addprevious(evil)
        assert target.fooled(naive.two_signed_infos, response, verified=1, read=0) == MALLORY
        assert target.refusal(response) is Reason.NOT_ONE_PART

    def test_a_forged_one_after_the_true_one(self, target: Target, forgery: SignedInfos) -> None:
        response, true, evil = forgery
        true.addnext(evil)
        assert target.fooled(naive.two_signed_infos, response, verified=0, read=1) == MALLORY
        assert target.refusal(response) is Reason.NOT_ONE_PART

    @pytest.mark.parametrize(
        ("place", "reason"),
        [("ds:Object", Reason.OBJECT), ("ds:KeyInfo", Reason.NOT_VERIFIED)],
        ids=["Object", "KeyInfo"],
    )
    def test_the_true_one_deeper_in_the_signature(
        self, target: Target, forgery: SignedInfos, place: str, reason: Reason
    ) -> None:
        response, true, evil = forgery
        true.addnext(evil)
        evil.getparent().append(inside(true, place))
        assert target.fooled(naive.two_signed_infos, response, verified=1, read=0) == MALLORY
        assert target.refusal(response) is reason

    def test_the_true_one_inside_the_forged_one(self, target: Target, forgery: SignedInfos) -> None:
        response, true, evil = forgery
        true.addnext(evil)
        evil.append(true)
        assert target.fooled(naive.two_signed_infos, response, verified=1, read=0) == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED


class TestVoidCanonicalization(AttackTests):
    """A relative namespace URI makes canonicalisation fail, and some verifiers continued with no bytes."""

    def test_the_digest_of_no_bytes(self, target: Target) -> None:
        response = target.honest(None)
        forged(assertion_of(response)).find("saml:Subject", NS).set("{relative}attribute", "")
        put(response, signature(by(target.key), reference("#_evil", b"")))
        assert target.fooled(naive.no_bytes_if_canonicalisation_fails, response) == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    def test_the_signature_of_no_bytes(self, target: Target) -> None:
        response = target.honest(None)
        signed = signature(lambda _: by(target.key)(b""), to(forged(assertion_of(response))))
        signed[0].set("{relative}attribute", "")
        put(response, signed)
        assert target.fooled(naive.no_bytes_if_canonicalisation_fails, response) == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED


class TestIdentifiers(AttackTests):
    @pytest.mark.parametrize(("verified", "read"), [(1, 0), (0, 1)], ids=["forged first", "forged last"])
    def test_a_duplicate(self, target: Target, verified: int, read: int) -> None:
        response = target.honest()
        evil = inside(forged(bare(assertion_of(response)), None), "samlp:Extensions")
        response.insert(1 if read == 0 else len(response), evil)
        assert target.fooled(naive.equal_ids, response, verified=verified, read=read) == MALLORY
        assert target.refusal(response) is Reason.REPEATED_ID

    def test_a_duplicate_on_an_element_of_another_name(self, target: Target) -> None:
        response = target.honest()
        true = bare(assertion_of(response))
        evil = forged(assertion_of(response), None)
        true.tag = tag("samlp:Extensions")
        evil.addprevious(true)
        # The digest covers the name, so this fools no verifier.
        with pytest.raises(naive.Doubt):
            target.fooled(naive.equal_ids, response, verified=0, read=1)
        assert target.refusal(response) is Reason.REPEATED_ID

    @pytest.mark.parametrize(
        ("attribute", "spelling", "reason"),
        [
            pytest.param("Id", "{}", Reason.REPEATED_ID, id="Id"),
            pytest.param("id", "{}", Reason.REPEATED_ID, id="id"),
            pytest.param("{http://www.w3.org/XML/1998/namespace}id", "{}", Reason.REPEATED_ID, id="xml-id"),
            pytest.param("{urn:x}ID", "{}", Reason.FOREIGN_REFERENCE, id="another namespace"),
            pytest.param(f"{{{NS['saml']}}}ID", "{}", Reason.FOREIGN_REFERENCE, id="SAML's namespace"),
            pytest.param("ID", " {}", Reason.FOREIGN_REFERENCE, id="space before"),
            pytest.param("ID", "{}\n", Reason.FOREIGN_REFERENCE, id="line break after"),
        ],
    )
    def test_a_look_alike(self, target: Target, attribute: str, spelling: str, reason: Reason) -> None:
        response = target.honest()
        true = bare(assertion_of(response))
        forged(assertion_of(response)).set(attribute, spelling.format(true.get("ID")))
        response.append(inside(true, "samlp:Extensions"))
        assert target.fooled(naive.lenient_ids, response) == MALLORY
        assert target.refusal(response) is reason

    def test_a_look_alike_in_capitals(self, target: Target) -> None:
        response = target.honest(None)
        assertion_of(response).set("ID", "_a")
        response = etree.fromstring(target.idp.sign(xml(response)).xml)
        true = bare(assertion_of(response))
        forged(assertion_of(response), "_A")
        response.append(inside(true, "samlp:Extensions"))
        assert target.fooled(naive.lenient_ids, response) == MALLORY
        assert target.refusal(response) is Reason.FOREIGN_REFERENCE

    def test_an_assertion_of_another_namespace_is_not_read(self, target: Target) -> None:
        response = target.honest()
        evil = forged(bare(assertion_of(response)))
        evil.tag = "{urn:x}Assertion"
        assertion_of(response).addprevious(evil)
        assert target.fooled(naive.namespaces_ignored, response) == MALLORY
        assert target.subject(response) == ALICE


class TestReferences(AttackTests):
    @pytest.mark.parametrize("checked", [0, -1], ids=["first", "last"])
    def test_several_of_which_only_one_is_checked(self, target: Target, checked: int) -> None:
        response = target.honest(None)
        status = response.find("samlp:Status", NS)
        status.set("ID", "_status")
        references = [to(assertion_of(response)), to(status)]
        put(response, signature(by(target.key), *(references if checked else reversed(references))))
        forged(assertion_of(response), None)
        assert target.fooled(naive.one_reference_of_several, response, checked=checked) == MALLORY
        assert target.refusal(response) is Reason.NOT_ONE_PART

    def test_several_that_all_hold(self, target: Target) -> None:
        # Nothing is forged, but saml-core 5.4.2 allows only one.
        response = target.honest(None)
        reference = to(assertion_of(response))
        assert target.refusal(put(response, signature(by(target.key), reference, reference))) is Reason.NOT_ONE_PART

    def test_a_manifest_of_references_that_are_not_checked(self, target: Target) -> None:
        response = target.honest(None)
        listed = f'<ds:Manifest xmlns:ds="{NS["ds"]}" Id="_manifest">{to(assertion_of(response))}</ds:Manifest>'
        data = naive.canonical(etree.fromstring(listed))
        kind = f' Type="{NS["ds"]}Manifest"'
        covering = reference("#_manifest", data, transform(EXCLUSIVE_C14N), kind=kind)
        put(response, signature(by(target.key), covering, rest=f"<ds:Object>{listed}</ds:Object>"))
        forged(assertion_of(response), None)
        assert target.fooled(naive.unchecked_manifest, response) == MALLORY
        assert target.refusal(response) is Reason.OBJECT

    @pytest.mark.parametrize(
        "uri", ["", "#xpointer(/)", "#xpointer(id('{}'))", "{}", "https://mallory.example.com/#{}", "##{}", "# {}"]
    )
    def test_another_form_of_uri(self, target: Target, uri: str) -> None:
        # Nothing is forged, but readers disagree about what such a URI refers to.
        response = target.honest(None)
        assertion = assertion_of(response)
        written = reference(uri.format(assertion.get("ID")), naive.canonical(assertion))
        assert target.refusal(put(response, signature(by(target.key), written))) is Reason.FOREIGN_REFERENCE


CONSTANT = (
    f'<xsl:stylesheet version="1.0" xmlns:xsl="{NS["xsl"]}"><xsl:output method="text"/>'
    f'<xsl:template match="/">{{}}</xsl:template></xsl:stylesheet>'
)


class TestTransforms(AttackTests):
    def test_xpath_that_leaves_the_subject_out(self, target: Target) -> None:
        response = target.honest(None)
        assertion = assertion_of(response)
        rest = copy.deepcopy(assertion)
        rest.remove(rest.find("saml:Subject", NS))
        without = transform(XPATH, "<ds:XPath>not(ancestor-or-self::saml:Subject)</ds:XPath>")
        covering = reference(f"#{assertion.get('ID')}", naive.canonical(rest), transform(ENVELOPED), without)
        put(response, signature(by(target.key), covering))
        forged(assertion, None)
        assert target.fooled(naive.every_transform, response) == MALLORY
        assert target.refusal(response) is Reason.FOREIGN_TRANSFORM

    def test_xslt_with_a_constant_result(self, target: Target) -> None:
        response = target.honest(None)
        constant = transform(XSLT, CONSTANT.format("the same"))
        put(response, signature(by(target.key), reference("#_evil", b"the same", transform(ENVELOPED), constant)))
        forged(assertion_of(response))
        assert target.fooled(naive.every_transform, response) == MALLORY
        assert target.refusal(response) is Reason.FOREIGN_TRANSFORM

    def test_xslt_that_runs_before_the_signature_is_verified(self, target: Target) -> None:
        response = target.honest(None)
        program = transform(XSLT, CONSTANT.format(f"{MALLORY} was here"))
        put(response, signature(by(MALLORYS_KEY), reference("#_evil", b"", program)))
        forged(assertion_of(response))
        log: list[str] = []
        with pytest.raises(naive.Doubt):
            target.fooled(naive.transforms_first, response, log=log)
        assert log == [f"{MALLORY} was here"]
        assert target.refusal(response) is Reason.FOREIGN_TRANSFORM

    def test_base64_that_ignores_the_elements(self, target: Target) -> None:
        response = target.honest(None)
        evil = forged(assertion_of(response))
        evil.text = base64_of(b"whatever")
        put(
            response,
            signature(by(target.key), reference("#_evil", b"whatever", transform(ENVELOPED), transform(BASE64))),
        )
        assert target.fooled(naive.every_transform, response) == MALLORY
        assert target.refusal(response) is Reason.FOREIGN_TRANSFORM

    @pytest.mark.parametrize(
        ("algorithms", "reason"),
        [
            pytest.param((ENVELOPED, "urn:x"), Reason.FOREIGN_TRANSFORM, id="unknown"),
            pytest.param((ENVELOPED, EXCLUSIVE_C14N, "urn:x"), Reason.FOREIGN_TRANSFORM, id="unknown and last"),
            pytest.param((EXCLUSIVE_C14N, ENVELOPED), Reason.FOREIGN_TRANSFORM, id="in another order"),
            pytest.param((EXCLUSIVE_C14N,), Reason.FOREIGN_TRANSFORM, id="not enveloped"),
            pytest.param((ENVELOPED, EXCLUSIVE_C14N, EXCLUSIVE_C14N), Reason.TOO_MANY_TRANSFORMS, id="three"),
            pytest.param(
                (ENVELOPED, "http://www.w3.org/2002/06/xmldsig-filter2"), Reason.FOREIGN_TRANSFORM, id="XPath filter 2"
            ),
        ],
    )
    def test_one_that_a_verifier_might_skip(self, target: Target, algorithms: tuple[str, ...], reason: Reason) -> None:
        # A verifier that skips it digests the whole assertion, so nothing can be forged, but what was meant is unknown.
        response = target.honest(None)
        assertion = assertion_of(response)
        covering = reference(f"#{assertion.get('ID')}", naive.canonical(assertion), *map(transform, algorithms))
        assert target.refusal(put(response, signature(by(target.key), covering))) is reason
