import dataclasses
import re
from typing import Any, cast

import pytest
from certificates import keys_of
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree
from saml_documents import (
    ALICE,
    PAIR,
    FaultOf,
    Read,
    base64_of,
    child,
    element_of,
    encoded,
    identifiers_of,
    parsed,
    replaced,
    substituted,
    without,
)
from signxml.algorithms import CanonicalizationMethod
from signxml.exceptions import InvalidSignature
from signxml.signer import XMLSigner
from signxml.verifier import XMLVerifier

from pytest_stssaml import IdentityProvider, make_signing_key
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.assertion import Assertion, parse_response, read_assertion
from pytest_stssaml.saml.document import tag
from pytest_stssaml.saml.faults import Fault, Unreadable
from pytest_stssaml.saml.metadata import Metadata
from pytest_stssaml.saml.signatures import verification
from pytest_stssaml.saml.signatures.verification import VerificationFailed, verify_signature
from pytest_stssaml.saml.vocabulary import (
    DIGEST_ALGORITHMS,
    EXCLUSIVE_C14N,
    NAMESPACES,
    SIGNATURE_ALGORITHMS,
)

RSA_SHA256 = re.escape(SIGNATURE_ALGORITHMS["rsa-sha256"])
MORE = "http://www.w3.org/2001/04/xmldsig-more#"

each_form = pytest.mark.parametrize("signed", ["assertion", "response", "both"])


def read_with(response: str, *certificates: x509.Certificate) -> Assertion:
    """Return the assertion of a response that the keys of these certificates may sign."""
    return read_assertion(parse_response(response), Metadata("https://idp.example.com/saml", keys_of(certificates)))


class TestKeys:
    @each_form
    @pytest.mark.parametrize("kind", ["rsa", "ec"])
    def test_reads_each_form_with_each_kind_of_key(
        self, saml_signing_key: SigningKey, foreign_signer: IdentityProvider, kind: str, signed: Signed
    ) -> None:
        idp = IdentityProvider(signing_key=saml_signing_key) if kind == "rsa" else foreign_signer
        assert read_with(idp.response(PAIR, signed=signed), *idp.certificates).name_id == ALICE

    @each_form
    def test_rejects_a_foreign_key(self, foreign_signer: IdentityProvider, fault: FaultOf, signed: Signed) -> None:
        assert fault(foreign_signer.response(PAIR, signed=signed))[0] is Fault.BAD_SIGNATURE

    @pytest.mark.parametrize("foreign", ["assertion", "response"])
    def test_rejects_one_foreign_signature_of_two(
        self, signer: IdentityProvider, foreign_signer: IdentityProvider, fault: FaultOf, foreign: str
    ) -> None:
        inner = foreign_signer if foreign == "assertion" else signer
        outer = foreign_signer if foreign == "response" else signer
        signed_assertion = inner.sign(signer.response(PAIR, signed=None).xml, signed="assertion")
        signed_twice = outer.sign(signed_assertion.xml, signed="response")
        assert fault(signed_twice)[0] is Fault.BAD_SIGNATURE

    @pytest.mark.parametrize("at", [0, 1, 2])
    def test_any_certificate_of_the_metadata_may_match(
        self, signer: IdentityProvider, foreign_signer: IdentityProvider, at: int
    ) -> None:
        certificates = [*foreign_signer.certificates, certificate_of(make_signing_key("ec"))]
        certificates[at:at] = signer.certificates
        assert read_with(signer.response(PAIR), *certificates).name_id == ALICE

    def test_the_key_of_the_signature_decides_why_it_is_refused(
        self, signer: IdentityProvider, foreign_signer: IdentityProvider
    ) -> None:
        tampered = signer.response(PAIR).tampered("alice", "mallory")
        certificates = (*foreign_signer.certificates, *signer.certificates, *foreign_signer.certificates)
        with pytest.raises(Unreadable, match="Digest mismatch"):
            read_with(tampered, *certificates)

    def test_an_assertion_is_canonicalised_once_for_all_certificates_and_written_in_no_other_way(
        self, signer: IdentityProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        certificates = [certificate_of(make_signing_key("ec")) for _ in range(20)]
        certificates[-1:] = signer.certificates
        response, methods = parse_response(signer.response(PAIR)), []
        tostring = etree.tostring

        def noted(element: etree._Element, **options: Any) -> bytes:
            if element.tag in (tag("saml:Assertion"), tag("ds:Signature")):
                methods.append(options.get("method"))
            return tostring(element, **options)

        monkeypatch.setattr(etree, "tostring", noted)
        read_assertion(response, Metadata(signer.entity_id, keys_of(certificates)))
        assert methods == ["c14n"]

    @pytest.mark.parametrize("at", [0, 1])
    def test_the_key_of_a_signature_decides_that_its_digest_algorithm_is_refused(
        self, signer: IdentityProvider, saml_signing_key: rsa.RSAPrivateKey, at: int
    ) -> None:
        xml = replaced(signer.response(PAIR).xml, DIGEST_ALGORITHMS["sha256"], f"{MORE}sha224")
        certificates = [certificate_of(make_signing_key())]
        certificates[at:at] = signer.certificates
        with pytest.raises(Unreadable, match="SHA224"):
            read_with(encoded(with_signed_info_signed(saml_signing_key, xml)), *certificates)

    def test_metadata_without_a_certificate_verifies_nothing(self, signer: IdentityProvider) -> None:
        with pytest.raises(Unreadable) as caught:
            read_with(signer.response(PAIR))
        assert caught.value.fault is Fault.BAD_SIGNATURE


class TestKeyInfo:
    @pytest.mark.parametrize(
        "key_info",
        [
            pytest.param("", id="absent"),
            pytest.param("<ds:KeyInfo/>", id="empty"),
            pytest.param("<ds:KeyInfo><ds:KeyName>k</ds:KeyName></ds:KeyInfo>", id="name"),
            pytest.param("<ds:KeyInfo><ds:KeyValue/></ds:KeyInfo>", id="empty KeyValue"),
            pytest.param("<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue></ds:KeyInfo>", id="empty RSA key"),
            pytest.param("<ds:KeyInfo><ds:X509Data/></ds:KeyInfo>", id="empty X509Data"),
            pytest.param(
                "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>?</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
                id="not a certificate",
            ),
            pytest.param(
                '<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:9/"/></ds:KeyInfo>', id="RetrievalMethod"
            ),
            pytest.param('<ds:KeyInfo Id="k"><saml:Issuer/></ds:KeyInfo>', id="foreign element"),
        ],
    )
    def test_the_content_of_key_info_does_not_matter(self, signer: IdentityProvider, read: Read, key_info: str) -> None:
        xml = signer.response(PAIR).xml
        assert read(encoded(replaced(xml, element_of(xml, "ds:KeyInfo"), key_info))).name_id == ALICE

    def test_a_foreign_certificate_does_not_spoil_a_good_signature(
        self, signer: IdentityProvider, foreign_signer: IdentityProvider, read: Read
    ) -> None:
        xml = with_key_info_of(foreign_signer, signer.response(PAIR).xml)
        assert read(encoded(xml)).name_id == ALICE

    def test_a_trusted_certificate_does_not_vouch_for_a_foreign_signature(
        self, signer: IdentityProvider, foreign_signer: IdentityProvider, fault: FaultOf
    ) -> None:
        xml = with_key_info_of(signer, foreign_signer.response(PAIR).xml)
        assert fault(encoded(xml))[0] is Fault.BAD_SIGNATURE


def with_key_info_of(other: IdentityProvider, xml: str) -> str:
    return replaced(xml, element_of(xml, "ds:KeyInfo"), element_of(other.response(PAIR).xml, "ds:KeyInfo"))


class TestTampering:
    @each_form
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            pytest.param(">alice@example.com</saml:NameID>", ">mallory@example.com</saml:NameID>", id="NameID"),
            pytest.param("role/Developer", "role/Admin", id="Role"),
            pytest.param('Recipient="https://signin', 'Recipient="https://phishing', id="Recipient"),
            pytest.param("urn:amazon:webservices", "urn:amazon:webservice", id="Audience"),
            pytest.param("<saml:Conditions ", '<saml:Conditions a="" ', id="one more attribute"),
            pytest.param("<saml:AttributeStatement>", "<saml:AttributeStatement> ", id="one more space"),
            pytest.param("</saml:Assertion>", "<?pi?></saml:Assertion>", id="one more processing instruction"),
        ],
    )
    def test_rejects_a_change_of_what_was_signed(
        self, signer: IdentityProvider, fault: FaultOf, signed: Signed, old: str, new: str
    ) -> None:
        xml = replaced(signer.response(PAIR, signed=signed).xml, old, new)
        assert fault(encoded(xml))[0] is Fault.BAD_SIGNATURE

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            pytest.param("<saml:AuthnContext>", '<saml:AuthnContext xmlns="urn:unused">', id="an unused namespace"),
            pytest.param("<saml:Conditions ", "<saml:Conditions\n  ", id="space in a tag"),
            pytest.param("<saml:Subject>", "<saml:Subject><!-- . -->", id="a comment"),
            pytest.param("<saml:Subject>", "<saml:Subject><![CDATA[]]>", id="an empty CDATA section"),
            pytest.param("alice@", "&#97;lice@", id="a character reference"),
        ],
    )
    def test_reads_a_change_that_canonicalisation_undoes(
        self, signer: IdentityProvider, read: Read, old: str, new: str
    ) -> None:
        assert read(encoded(replaced(signer.response(PAIR).xml, old, new))).name_id == ALICE

    @pytest.mark.parametrize(
        ("pattern", "new"),
        [
            pytest.param("(<ds:SignatureValue>)[^<]*", r"\1", id="empty SignatureValue"),
            pytest.param("(<ds:SignatureValue>)[^<]*", r"\1????", id="SignatureValue not base64"),
            pytest.param("(<ds:SignatureValue>)[^<]*", r"\1ü", id="SignatureValue not ASCII"),
            pytest.param("(<ds:SignatureValue>)[^<]*", r"\1AAAA", id="SignatureValue too short"),
            pytest.param("<ds:SignatureValue>.*</ds:SignatureValue>", "", id="no SignatureValue"),
            pytest.param("(<ds:DigestValue>)[^<]*", r"\1", id="empty DigestValue"),
            pytest.param("(<ds:DigestValue>)[^<]*", r"\1????", id="DigestValue not base64"),
            pytest.param("<ds:DigestValue>.*</ds:DigestValue>", "", id="no DigestValue"),
            pytest.param("<ds:SignatureMethod [^>]*>", "", id="no SignatureMethod"),
            pytest.param("<ds:DigestMethod [^>]*>", "", id="no DigestMethod"),
            pytest.param("<ds:CanonicalizationMethod [^>]*>", "", id="no CanonicalizationMethod"),
            pytest.param(RSA_SHA256, "urn:x", id="unknown SignatureMethod"),
            pytest.param(RSA_SHA256, f"{MORE}hmac-sha256", id="HMAC with the public key"),
            pytest.param(RSA_SHA256, f"{MORE}ecdsa-sha256", id="ECDSA with an RSA key"),
            pytest.param(re.escape(DIGEST_ALGORITHMS["sha256"]), "urn:x", id="unknown DigestMethod"),
            pytest.param('(<ds:CanonicalizationMethod Algorithm=)"[^"]*"', r'\1"urn:x"', id="unknown C14N"),
            pytest.param("<saml:Conditions ", '<saml:Conditions xmlns:r="r" r:a="" ', id="relative namespace"),
        ],
    )
    def test_rejects_a_broken_signature_with_no_other_exception(
        self, signer: IdentityProvider, fault: FaultOf, pattern: str, new: str
    ) -> None:
        broken = substituted(pattern, new, signer.response(PAIR).xml)
        assert fault(encoded(broken))[0] is Fault.BAD_SIGNATURE

    @pytest.mark.parametrize("name", ["SignatureValue", "DigestValue"])
    def test_says_that_a_value_is_empty(
        self, signer: IdentityProvider, saml_signing_key: rsa.RSAPrivateKey, name: str
    ) -> None:
        xml = substituted(f"(<ds:{name}>)[^<]*", r"\1", signer.response(PAIR).xml)
        if name == "DigestValue":
            xml = with_signed_info_signed(saml_signing_key, xml).decode()
        with pytest.raises(Unreadable, match="signature: SignatureValue or DigestValue is empty"):
            read_with(encoded(xml), *signer.certificates)


class TestLegalVariants:
    def test_reads_a_signature_value_with_line_breaks(self, signer: IdentityProvider, read: Read) -> None:
        xml = substituted("(<ds:SignatureValue>.{64})", "\\1\n", signer.response(PAIR).xml)
        assert read(encoded(xml)).name_id == ALICE

    def test_reads_a_response_whose_signature_follows_its_signed_assertion(
        self, signer: IdentityProvider, read: Read
    ) -> None:
        xml = signer.response(PAIR, signed="both").xml
        end = element_of(xml, "ds:Signature") + "</samlp:Response>"
        xml = replaced(without(xml, "ds:Signature"), "</samlp:Response>", end)
        assert read(encoded(xml)).name_id == ALICE

    @each_form
    @pytest.mark.parametrize(
        ("before", "new"),
        [
            pytest.param("</saml:AttributeValue>", '<é xmlns:ü="urn:u" ü:ñ=""/></saml:AttributeValue>', id="names"),
            pytest.param("</saml:Issuer>", "</saml:Issuer>text", id="text behind the signature"),
        ],
    )
    def test_reads_what_cannot_be_written_in_ascii_and_parsed_again(
        self, signer: IdentityProvider, read: Read, signed: Signed, before: str, new: str
    ) -> None:
        xml = signer.response(PAIR, signed=None).xml
        assert read(signer.sign(xml.replace(before, new), signed=signed)).name_id == ALICE

    @each_form
    def test_reads_an_attribute_of_another_namespace_that_has_the_value_of_an_id(
        self, signer: IdentityProvider, read: Read, signed: Signed
    ) -> None:
        xml = signer.response(PAIR, signed=None).xml
        attributes = "".join(f' xmlns:a{n}="urn:{n}" a{n}:ID="{found}"' for n, found in enumerate(identifiers_of(xml)))
        xml = replaced(xml, "<saml:AuthnStatement", f"<saml:AuthnStatement{attributes}")
        assert read(signer.sign(xml, signed=signed)).name_id == ALICE

    # There is no default namespace here.
    @pytest.mark.parametrize("prefixes", ["saml", "#default saml"])
    def test_reads_a_canonicalisation_with_inclusive_namespaces(
        self, signer: IdentityProvider, read: Read, saml_signing_key: rsa.RSAPrivateKey, prefixes: str
    ) -> None:
        # The schema in signxml refuses it, because its wildcard does not know ec:InclusiveNamespaces.
        inclusive = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE_C14N}" PrefixList="{prefixes}"/>'
        method = f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"'
        xml = replaced(signer.response(PAIR).xml, f"{method}/>", f"{method}>{inclusive}</ds:CanonicalizationMethod>")
        assert read(encoded(with_signed_info_signed(saml_signing_key, xml, "saml"))).name_id == ALICE

    def test_reads_a_signature_with_comments_made_by_signxml(
        self, signer: IdentityProvider, saml_signing_key: SigningKey, read: Read
    ) -> None:
        response = parsed(signer.response(PAIR, signed=None).xml)
        child(response, ".//saml:NameID").append(etree.Comment("signed"))
        method = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0_WITH_COMMENTS
        signed = XMLSigner(c14n_algorithm=method).sign(
            response,
            key=saml_signing_key,
            cert=list(signer.certificates),
            reference_uri=response.get("ID"),
            id_attribute="ID",
        )
        assert read(encoded(etree.tostring(signed))).name_id == ALICE


def with_signed_info_signed(key: rsa.RSAPrivateKey, xml: str, *prefixes: str) -> bytes:
    """Return a response with a signature value of the assertion's SignedInfo as it is now."""
    response = parsed(xml)
    signature = child(response, "saml:Assertion/ds:Signature")
    signed_info = etree.tostring(
        child(signature, "ds:SignedInfo"), method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes
    )
    value = key.sign(signed_info, padding.PKCS1v15(), hashes.SHA256())
    child(signature, "ds:SignatureValue").text = base64_of(value)
    return etree.tostring(response)


class TestVerifySignature:
    def test_returns_only_what_was_signed_and_changes_nothing(self, signer: IdentityProvider) -> None:
        assertion = child(parsed(signer.response(PAIR).xml), "saml:Assertion")
        before = etree.tostring(assertion)
        signed = verify_signature(assertion, keys_of(signer.certificates))
        assert etree.tostring(assertion) == before
        assert signed.getroottree().getroot() is signed
        assert signed.find(".//ds:Signature", NAMESPACES) is None

    @pytest.mark.parametrize(("name", "named"), [("ds:SignatureValue", True), ("saml:Subject", False)])
    def test_names_another_key_unless_the_digest_does_not_match(
        self, signer: IdentityProvider, name: str, named: bool
    ) -> None:
        xml, other = signer.response(PAIR).xml, signer.response(PAIR, name_id="mallory@example.com").xml
        response = parsed(replaced(xml, element_of(xml, name), element_of(other, name)))
        with pytest.raises(VerificationFailed) as caught:
            verify_signature(child(response, "saml:Assertion"), keys_of(signer.certificates))
        assert ("another key made it" in str(caught.value)) is named

    @pytest.mark.parametrize(
        "methods",
        [
            pytest.param(["_tostring", "_fromstring"], id="copies"),
            pytest.param(["_find"], id="children"),
            pytest.param(["_resolve_reference"], id="Reference"),
            pytest.param(["_verify_signature_with_pubkey"], id="key"),
        ],
    )
    def test_verifies_the_same_where_signxml_does_not_call_its_methods_here(
        self, signer: IdentityProvider, monkeypatch: pytest.MonkeyPatch, methods: list[str]
    ) -> None:
        for name in methods:
            monkeypatch.delattr(verification._Verifier, name)
        response = signer.response(PAIR, signed="both")
        keys = keys_of([certificate_of(make_signing_key("rsa")), *signer.certificates])
        for element in (response.root, child(response.root, "saml:Assertion")):
            assert verify_signature(element, keys).get("ID") == element.get("ID")
            with pytest.raises(VerificationFailed, match="another key made it"):
                verify_signature(element, keys[:1])
        tampered = child(response.tampered("alice", "mallory").root, "saml:Assertion")
        with pytest.raises(VerificationFailed, match="Digest mismatch"):
            verify_signature(tampered, keys)

    @pytest.mark.parametrize(
        ("identifier", "because"),
        [
            pytest.param("xpointer(/)", "XPointer references are not supported", id="XPointer"),
            pytest.param("#a", "Unable to resolve reference URI: ##a", id="hash"),
        ],
    )
    def test_rejects_an_id_to_which_no_reference_can_lead(
        self, signer: IdentityProvider, identifier: str, because: str
    ) -> None:
        xml = signer.response(PAIR, signed=None).xml
        signed = signer.sign(replaced(xml, identifiers_of(xml)[1], identifier), signed="assertion").root
        with pytest.raises(VerificationFailed) as caught:
            verify_signature(child(signed, "saml:Assertion"), keys_of(signer.certificates))
        assert str(caught.value) == f"no signing certificate of the metadata made this signature: {because}"

    def test_no_signature_is_that_of_what_is_not_a_key(self, signer: IdentityProvider) -> None:
        assertion = child(signer.response(PAIR).root, "saml:Assertion")
        with pytest.raises(VerificationFailed):
            verify_signature(assertion, (b"not a key",))
        assert verify_signature(assertion, (b"not a key", *keys_of(signer.certificates))).tag == assertion.tag

    def test_rejects_a_true_signature_over_a_child(self, signer: IdentityProvider) -> None:
        response = parsed(signer.response(PAIR).xml)
        response.append(child(response, "saml:Assertion/ds:Signature"))
        with pytest.raises(VerificationFailed, match=r": the signature covers another element$"):
            verify_signature(response, keys_of(signer.certificates))

    @pytest.mark.parametrize("identifier", ["_0", "_z"], ids=["smaller", "greater"])
    def test_rejects_a_true_signature_over_a_descendant_of_the_same_name(
        self, signer: IdentityProvider, identifier: str
    ) -> None:
        response = signer.response(PAIR)
        unsigned = child(parsed(without(response.xml, "ds:Signature")), "saml:Assertion")
        assertion = child(response.root, "saml:Assertion")
        assertion.set("ID", identifier)
        child(assertion, "saml:Conditions").append(unsigned)
        with pytest.raises(VerificationFailed, match=r": the signature covers another element$"):
            verify_signature(assertion, keys_of(signer.certificates))

    def test_rejects_a_verification_with_another_key(
        self, signer: IdentityProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        verify = XMLVerifier.verify

        def verify_with_another_key(*args: Any, **keywords: Any) -> Any:
            return dataclasses.replace(cast(Any, verify(*args, **keywords)), signature_key=b"")

        monkeypatch.setattr(XMLVerifier, "verify", verify_with_another_key)
        assertion = child(parsed(signer.response(PAIR).xml), "saml:Assertion")
        with pytest.raises(VerificationFailed, match=r": it was verified with another key$"):
            verify_signature(assertion, keys_of(signer.certificates))

    @pytest.mark.parametrize(
        "error",
        [
            InvalidSignature("odd"),
            etree.LxmlError("odd"),
            UnsupportedAlgorithm("odd"),
            NotImplementedError("odd"),
            TypeError("odd"),
            ValueError("odd"),
            KeyError("odd"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_every_exception_that_signxml_was_observed_to_raise_is_a_failed_verification(
        self, signer: IdentityProvider, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def verify(*args: object, **keywords: object) -> None:
            raise error

        monkeypatch.setattr(XMLVerifier, "verify", verify)
        with pytest.raises(VerificationFailed, match=r"odd|is empty"):
            verify_signature(signer.response(PAIR).root, keys_of(signer.certificates))
