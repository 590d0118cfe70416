"""Attacks that SAML consumers have fallen for: each first fools a verifier of naive.py, then is refused by STS.

Some cannot fool even a naive verifier, or are aimed at other things than belief; those say so and are only refused.
Where the true assertion stays in its place, STS may let it in: as what was signed, and nothing else.
"""

import base64
import copy
import hashlib
import hmac
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import naive
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from naive import BASE64, ENVELOPED, EXCLUSIVE_C14N, HMAC_SHA256, NS, RSA_SHA256, XPATH, XSLT

from pytest_stssaml import IdentityProvider, STSBackend, make_signing_key

ALICE, MALLORY = "alice@example.com", "mallory@example.com"
REFUSED = ("InvalidIdentityToken", 400)
ADMIN = "arn:aws:iam::123456789012:role/Admin,arn:aws:iam::123456789012:saml-provider/ExampleIdP"
MALLORYS_KEY = make_signing_key("rsa")

Element = Any
Document = str | bytes | Element
Refused = Callable[[Document], tuple[str, int]]
Accepted = Callable[[Document], dict[str, Any]]


# --- the two sides


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Any:
    return sts.create_role("Developer")


@pytest.fixture
def honest(idp: IdentityProvider, role: Any) -> Callable[..., Element]:
    """The tree of a response that is accepted, with the keywords of `IdentityProvider.response`."""

    def make(signed: str | None = "assertion", **said: Any) -> Element:
        return etree.fromstring(idp.response(role, signed=signed, **said).xml)

    return make


@pytest.fixture
def key(saml_signing_key: Any) -> Any:
    """The key of the identity provider that is registered."""
    return saml_signing_key


@pytest.fixture
def certificate(idp: IdentityProvider) -> x509.Certificate:
    return certificate_in(idp.metadata)


@pytest.fixture
def refused(idp: IdentityProvider, role: Any, refusal: Callable[..., tuple[str, int, str]]) -> Refused:
    """How STS refuses a document: code and status."""
    return lambda document: refusal(encoded(document), role, idp.provider)[:2]


@pytest.fixture
def accepted(idp: IdentityProvider, role: Any, log_in: Callable[..., Any]) -> Accepted:
    """What STS answers to a document that it accepts."""
    return lambda document: log_in(encoded(document), role, idp.provider)


# --- documents


def tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NS[prefix]}}}{local}"


def made(name: str, **attributes: str) -> Element:
    prefix = name.partition(":")[0]
    return etree.Element(tag(name), attributes, nsmap={prefix: NS[prefix]})


def xml(document: Element) -> str:
    return etree.tostring(document, encoding="unicode")


def encoded(document: Document) -> str:
    text = document if isinstance(document, str | bytes) else xml(document)
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def certificate_in(document: str) -> x509.Certificate:
    found = re.search("X509Certificate>([^<]+)<", document)
    assert found is not None
    return x509.load_der_x509_certificate(base64.b64decode(found[1]))


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def assertion_of(response: Element) -> Element:
    return response.find("saml:Assertion", NS)


def signature_of(host: Element) -> Element:
    return host.find("ds:Signature", NS)


def bare(host: Element) -> Element:
    """A copy of an element without its own signature."""
    copied = copy.deepcopy(host)
    for signature in copied.findall("ds:Signature", NS):
        copied.remove(signature)
    return copied


def forged(host: Element, identifier: str | None = "_evil") -> Element:
    """The element itself, about somebody else, under another ID."""
    next(host.iter(tag("saml:NameID"))).text = MALLORY
    if identifier is not None:
        host.set("ID", identifier)
    return host


def supplanted(response: Element) -> tuple[Element, Element]:
    """A forged assertion in the place of the true one, and the true one with its signature, to be hidden."""
    true = assertion_of(response)
    evil = forged(bare(true))
    response.replace(true, evil)
    return evil, true


def inside(element: Element, *names: str) -> Element:
    """The element in others, outermost first."""
    for name in reversed(names):
        outer = made(name)
        outer.append(element)
        element = outer
    return element


def moved_into_signature(response: Element, *names: str) -> Element:
    """The response with its assertion forged and the true one hidden inside the signature, which it keeps."""
    assertion = assertion_of(response)
    true = bare(assertion)
    signature_of(forged(assertion)).append(inside(true, *names))
    return response


# --- signatures that an honest signer could have made, or never would


def digest(octets: bytes) -> str:
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


def transform(algorithm: str, content: str = "") -> str:
    return f'<ds:Transform Algorithm="{algorithm}">{content}</ds:Transform>'


def reference(uri: str, octets: bytes, *transforms: str, kind: str = "") -> str:
    listed = "".join(transforms or [transform(ENVELOPED), transform(EXCLUSIVE_C14N)])
    return (
        f'<ds:Reference URI="{uri}"{kind}><ds:Transforms>{listed}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{digest(octets)}</ds:DigestValue></ds:Reference>"
    )


def to(host: Element) -> str:
    return reference(f"#{host.get('ID')}", naive.canonical(host))


def by(key: Any) -> Callable[[bytes], bytes]:
    return lambda octets: key.sign(octets, padding.PKCS1v15(), hashes.SHA256())


def signature(
    sign: Callable[[bytes], bytes],
    *references: str,
    method: str = f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"/>',
    rest: str = "",
) -> Element:
    signed = etree.fromstring(
        f'<ds:Signature xmlns:ds="{NS["ds"]}" xmlns:saml="{NS["saml"]}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"/>{method}{"".join(references)}'
        f"</ds:SignedInfo><ds:SignatureValue/>{rest}</ds:Signature>"
    )
    signed[1].text = base64.b64encode(sign(naive.canonical(signed[0]))).decode()
    return signed


def put(response: Element, signature: Element) -> Element:
    """The response with a signature in its assertion, where it belongs."""
    assertion_of(response)[0].addnext(signature)
    return response


def key_info(content: str) -> str:
    return f"<ds:KeyInfo>{content}</ds:KeyInfo>"


def x509_data(certificate: x509.Certificate) -> str:
    text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return f"<ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data>"


class TestTheNaiveVerifiers:
    @pytest.mark.parametrize("verifier", [naive.any_signature, naive.signxml_by_default, naive.lenient_ids])
    def test_they_believe_an_honest_response(
        self, honest: Callable[..., Element], certificate: x509.Certificate, verifier: Callable[..., naive.Believed]
    ) -> None:
        assert verifier(xml(honest()), certificate).name_id == ALICE

    def test_they_doubt_a_clumsy_forgery(self, honest: Callable[..., Element], certificate: x509.Certificate) -> None:
        response = honest()
        forged(assertion_of(response), None)
        with pytest.raises(naive.Doubt):
            naive.any_signature(xml(response), certificate)

    def test_they_doubt_a_foreign_key(self, honest: Callable[..., Element], certificate: x509.Certificate) -> None:
        with pytest.raises(naive.Doubt):
            naive.any_signature(xml(honest(signing_key=MALLORYS_KEY)), certificate)

    def test_our_own_signatures_are_made_well(self, honest: Callable[..., Element], key: Any) -> None:
        response = honest(None)
        certificate = certificate_in(xml(honest()))
        signed = put(response, signature(by(key), to(assertion_of(response))))
        assert naive.signxml_by_default(xml(signed), certificate).name_id == ALICE


class TestSignatureWrapping:
    """The permutations of Somorovsky et al., "On Breaking SAML" (2012), by the numbers of SAML Raider."""

    def test_xsw_1_the_response_inside_its_signature(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest("response")
        true = bare(response)
        signature_of(forged(response)).append(true)
        assert naive.any_signature(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_xsw_2_the_response_beside_its_signature(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest("response")
        true = bare(response)
        signature_of(forged(response)).addprevious(true)
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_xsw_3_a_forged_assertion_before_the_true_one(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest()
        assertion_of(response).addprevious(forged(bare(assertion_of(response))))
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_xsw_4_a_forged_assertion_around_the_true_one(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest()
        evil, true = supplanted(response)
        evil.append(true)
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_xsw_5_a_forged_assertion_with_the_signature_and_the_true_one_behind(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest()
        true = bare(assertion_of(response))
        forged(assertion_of(response))
        response.append(true)
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_xsw_6_the_true_assertion_inside_the_signature_of_a_forged_one(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = moved_into_signature(honest())
        assert naive.any_signature(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_xsw_7_a_forged_assertion_of_the_same_id_in_extensions(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest()
        evil = forged(bare(assertion_of(response)), None)
        assertion_of(response).addprevious(inside(evil, "samlp:Extensions"))
        assert naive.equal_ids(xml(response), certificate, verified=-1, read=0).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_xsw_8_the_true_assertion_in_an_object_of_a_forged_ones_signature(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = moved_into_signature(honest(), "ds:Object")
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED


class TestHidingPlaces:
    """Where else the true element has been hidden, for a Reference to find."""

    def test_the_assertion_in_the_advice_of_a_forged_one(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest()
        evil, true = supplanted(response)
        evil.find("saml:Conditions", NS).addnext(inside(true, "saml:Advice"))
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_the_assertion_in_the_advice_of_one_that_took_its_signature(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest()
        true = bare(assertion_of(response))
        forged(assertion_of(response)).append(inside(true, "saml:Advice"))
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_the_assertion_in_status_detail(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest()
        _, true = supplanted(response)
        response.find("samlp:Status", NS).append(inside(true, "samlp:StatusDetail"))
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_the_response_in_status_detail(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = forged(honest("response"))
        true = honest("response")
        response.replace(signature_of(response), etree.Comment("moved"))
        response.find("samlp:Status", NS).append(inside(true, "samlp:StatusDetail"))
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_the_response_in_an_object_of_its_signature(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest("response")
        true = bare(response)
        signature_of(forged(response)).append(inside(true, "ds:Object"))
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_the_assertion_in_the_key_info_of_its_signature(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = moved_into_signature(honest(), "ds:KeyInfo")
        assert naive.any_signature(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_the_response_in_the_key_info_of_its_signature(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest("response")
        true = bare(response)
        signature_of(forged(response)).find("ds:KeyInfo", NS).append(true)
        assert naive.signxml_by_default(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    @pytest.mark.parametrize(
        ("host", "names"),
        [
            pytest.param("saml:Subject/saml:NameID", (), id="NameID"),
            pytest.param(".//saml:SubjectConfirmationData", ("ds:KeyInfo",), id="holder of key"),
            pytest.param(".//saml:SubjectConfirmationData", (), id="SubjectConfirmationData"),
            pytest.param("saml:Conditions", ("saml:Condition",), id="Condition"),
            pytest.param(".//saml:AuthnContext", ("saml:AuthnContextDecl",), id="AuthnContextDecl"),
            pytest.param(".//saml:AttributeValue", (), id="AttributeValue"),
        ],
    )
    def test_the_assertion_elsewhere_in_a_forged_one(
        self,
        honest: Callable[..., Element],
        certificate: x509.Certificate,
        refused: Refused,
        host: str,
        names: tuple[str, ...],
    ) -> None:
        response = honest()
        evil, true = supplanted(response)
        evil.find(host, NS).append(inside(true, *names))
        assert naive.signxml_by_default(xml(response), certificate).name_id.startswith(MALLORY)
        assert refused(response) == REFUSED

    def test_a_forged_assertion_in_extensions_is_not_read(
        self, honest: Callable[..., Element], certificate: x509.Certificate, accepted: Accepted
    ) -> None:
        response = honest()
        evil = forged(bare(assertion_of(response)))
        assertion_of(response).addprevious(inside(evil, "samlp:Extensions"))
        assert naive.namespaces_ignored(xml(response), certificate).name_id == MALLORY
        assert accepted(response)["Subject"] == ALICE


class TestTrueSignatureOverSomethingElse:
    """The provider's key did sign, and not this assertion."""

    @pytest.fixture
    def unsigned(self, honest: Callable[..., Element]) -> Element:
        """A response about somebody else, without a signature."""
        response = honest(None)
        forged(assertion_of(response))
        return response

    def test_a_metadata_document(
        self, unsigned: Element, idp: IdentityProvider, key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        metadata = etree.fromstring(idp.metadata)
        metadata.set("ID", "_metadata")
        metadata.append(signature(by(key), to(metadata)))
        assertion_of(unsigned).addprevious(inside(metadata, "samlp:Extensions"))
        assert naive.any_signature(xml(unsigned), certificate).name_id == MALLORY
        assert refused(unsigned) == REFUSED

    def test_a_metadata_document_whose_signature_was_moved(
        self, unsigned: Element, idp: IdentityProvider, key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        metadata = etree.fromstring(idp.metadata)
        metadata.set("ID", "_metadata")
        put(unsigned, signature(by(key), to(metadata)))
        assertion_of(unsigned).addprevious(inside(metadata, "samlp:Extensions"))
        assert naive.any_signature(xml(unsigned), certificate).name_id == MALLORY
        assert refused(unsigned) == REFUSED

    def test_a_logout_request(
        self, unsigned: Element, key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        logout = made("samlp:LogoutRequest", ID="_logout", Version="2.0")
        logout.append(signature(by(key), to(logout)))
        assertion_of(unsigned).addprevious(inside(logout, "samlp:Extensions"))
        assert naive.any_signature(xml(unsigned), certificate).name_id == MALLORY
        assert refused(unsigned) == REFUSED

    def test_a_response_that_reports_a_failure(
        self, unsigned: Element, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        failure = honest("response", status="urn:oasis:names:tc:SAML:2.0:status:Responder")
        assertion_of(unsigned).addprevious(inside(failure, "samlp:Extensions"))
        assert naive.any_signature(xml(unsigned), certificate).name_id == MALLORY
        assert refused(unsigned) == REFUSED

    def test_only_the_subject(
        self, honest: Callable[..., Element], key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        subject = assertion_of(response).find("saml:Subject", NS)
        subject.set("ID", "_subject")
        put(response, signature(by(key), to(subject)))
        next(response.iter(tag("saml:AttributeValue"))).text = ADMIN
        assert naive.any_signature(xml(response), certificate) == (ALICE, (ADMIN,))
        assert refused(response) == REFUSED

    def test_only_the_attributes(
        self, honest: Callable[..., Element], key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        statement = assertion_of(response).find("saml:AttributeStatement", NS)
        statement.set("ID", "_attributes")
        put(response, signature(by(key), to(statement)))
        forged(assertion_of(response))
        assert naive.any_signature(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_only_the_status(
        self, unsigned: Element, key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        status = unsigned.find("samlp:Status", NS)
        status.set("ID", "_status")
        unsigned[0].addnext(signature(by(key), to(status)))
        assert naive.any_signature(xml(unsigned), certificate).name_id == MALLORY
        assert refused(unsigned) == REFUSED

    def test_nothing_at_all(self, unsigned: Element, certificate: x509.Certificate, refused: Refused) -> None:
        assert naive.no_signature_no_question(xml(unsigned), certificate).name_id == MALLORY
        assert refused(unsigned) == REFUSED


class TestDigestValue:
    @pytest.fixture
    def forgery(self, honest: Callable[..., Element]) -> tuple[Element, str]:
        """A response whose signed assertion was forged under its ID, and the digest that would fit."""
        response = honest()
        assertion = forged(assertion_of(response), None)
        return response, digest(naive.canonical(bare(assertion)))

    def test_one_that_stands_earlier_in_the_document(
        self, forgery: tuple[Element, str], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response, fitting = forgery
        smuggled = made("ds:DigestValue")
        smuggled.text = fitting
        response.find("samlp:Status", NS).append(inside(smuggled, "samlp:StatusDetail"))
        assert naive.digest_value_from_anywhere(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_one_in_a_comment(
        self, forgery: tuple[Element, str], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response, fitting = forgery
        document = replaced(xml(response), "<ds:DigestValue>", f"<ds:DigestValue><!--{fitting}-->")
        assert naive.digest_value_from_a_comment(document, certificate).name_id == MALLORY
        assert refused(document) == REFUSED

    def test_a_second_one_in_the_reference(self, forgery: tuple[Element, str], refused: Refused) -> None:
        # It changes SignedInfo, so that no key fits: it fools nobody who asks the key.
        response, fitting = forgery
        second = f"<ds:DigestValue>{fitting}</ds:DigestValue><ds:DigestValue>"
        assert refused(replaced(xml(response), "<ds:DigestValue>", second)) == REFUSED


class TestSignedInfo:
    @pytest.fixture
    def forgery(self, honest: Callable[..., Element]) -> tuple[Element, Element, Element]:
        """A response whose signed assertion was forged under its ID, its SignedInfo, and one that would fit."""
        response = honest()
        assertion = forged(assertion_of(response), None)
        signed_info = signature_of(assertion)[0]
        fitting = copy.deepcopy(signed_info)
        fitting.find(".//ds:DigestValue", NS).text = digest(naive.canonical(bare(assertion)))
        return response, signed_info, fitting

    def test_a_forged_one_before_the_true_one(
        self, forgery: tuple[Element, Element, Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response, true, evil = forgery
        true.addprevious(evil)
        assert naive.two_signed_infos(xml(response), certificate, verified=1, read=0).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_a_forged_one_behind_the_true_one(
        self, forgery: tuple[Element, Element, Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response, true, evil = forgery
        true.addnext(evil)
        assert naive.two_signed_infos(xml(response), certificate, verified=0, read=1).name_id == MALLORY
        assert refused(response) == REFUSED

    @pytest.mark.parametrize("place", ["ds:Object", "ds:KeyInfo"])
    def test_the_true_one_deeper_in_the_signature(
        self,
        forgery: tuple[Element, Element, Element],
        certificate: x509.Certificate,
        refused: Refused,
        place: str,
    ) -> None:
        response, true, evil = forgery
        true.addnext(evil)
        evil.getparent().append(inside(true, place))
        assert naive.two_signed_infos(xml(response), certificate, verified=1, read=0).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_the_true_one_inside_the_forged_one(
        self, forgery: tuple[Element, Element, Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response, true, evil = forgery
        true.addnext(evil)
        evil.append(true)
        assert naive.two_signed_infos(xml(response), certificate, verified=1, read=0).name_id == MALLORY
        assert refused(response) == REFUSED


class TestVoidCanonicalization:
    """A relative namespace URI makes canonicalisation fail, and some went on with no octets."""

    def test_the_digest_of_nothing(
        self, honest: Callable[..., Element], key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        forged(assertion_of(response)).find("saml:Subject", NS).set("{relative}attribute", "")
        put(response, signature(by(key), reference("#_evil", b"")))
        assert naive.nothing_where_canonicalisation_fails(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_the_signature_of_nothing(
        self, honest: Callable[..., Element], key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        signed = signature(lambda _: by(key)(b""), to(forged(assertion_of(response))))
        signed[0].set("{relative}attribute", "")
        put(response, signed)
        assert naive.nothing_where_canonicalisation_fails(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED


class TestIdentifiers:
    @pytest.mark.parametrize(("verified", "read"), [(1, 0), (0, 1)], ids=["forged first", "forged last"])
    def test_a_duplicate(
        self,
        honest: Callable[..., Element],
        certificate: x509.Certificate,
        refused: Refused,
        verified: int,
        read: int,
    ) -> None:
        response = honest()
        evil = inside(forged(bare(assertion_of(response)), None), "samlp:Extensions")
        response.insert(1 if read == 0 else len(response), evil)
        assert naive.equal_ids(xml(response), certificate, verified=verified, read=read).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_a_duplicate_on_an_element_of_another_name(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest()
        true = bare(assertion_of(response))
        evil = forged(assertion_of(response), None)
        true.tag = tag("samlp:Extensions")
        evil.addprevious(true)
        # The digest covers the name, so that nobody is fooled.
        with pytest.raises(naive.Doubt):
            naive.equal_ids(xml(response), certificate, verified=0, read=1)
        assert refused(response) == REFUSED

    @pytest.mark.parametrize(
        ("attribute", "spelling"),
        [
            pytest.param("Id", "{}", id="Id"),
            pytest.param("id", "{}", id="id"),
            pytest.param("{http://www.w3.org/XML/1998/namespace}id", "{}", id="xml-id"),
            pytest.param("{urn:x}ID", "{}", id="another namespace"),
            pytest.param("{urn:oasis:names:tc:SAML:2.0:assertion}ID", "{}", id="SAML's namespace"),
            pytest.param("ID", " {}", id="space before"),
            pytest.param("ID", "{}\n", id="line break behind"),
        ],
    )
    def test_a_look_alike(
        self,
        honest: Callable[..., Element],
        certificate: x509.Certificate,
        refused: Refused,
        attribute: str,
        spelling: str,
    ) -> None:
        response = honest()
        true = bare(assertion_of(response))
        forged(assertion_of(response)).set(attribute, spelling.format(true.get("ID")))
        response.append(inside(true, "samlp:Extensions"))
        assert naive.lenient_ids(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_a_look_alike_in_capitals(
        self, honest: Callable[..., Element], idp: IdentityProvider, certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        assertion_of(response).set("ID", "_a")
        response = etree.fromstring(idp.sign(xml(response)).xml)
        true = bare(assertion_of(response))
        forged(assertion_of(response), "_A")
        response.append(inside(true, "samlp:Extensions"))
        assert naive.lenient_ids(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_an_assertion_of_another_namespace_is_not_read(
        self, honest: Callable[..., Element], certificate: x509.Certificate, accepted: Accepted
    ) -> None:
        response = honest()
        evil = forged(bare(assertion_of(response)))
        evil.tag = "{urn:x}Assertion"
        assertion_of(response).addprevious(evil)
        assert naive.namespaces_ignored(xml(response), certificate).name_id == MALLORY
        assert accepted(response)["Subject"] == ALICE


class TestReferences:
    @pytest.mark.parametrize("checked", [0, -1], ids=["first", "last"])
    def test_several_of_which_one_is_checked(
        self, honest: Callable[..., Element], key: Any, certificate: x509.Certificate, refused: Refused, checked: int
    ) -> None:
        response = honest(None)
        status = response.find("samlp:Status", NS)
        status.set("ID", "_status")
        references = [to(assertion_of(response)), to(status)]
        put(response, signature(by(key), *(references if checked else reversed(references))))
        forged(assertion_of(response), None)
        assert naive.one_reference_of_several(xml(response), certificate, checked=checked).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_several_that_all_hold(self, honest: Callable[..., Element], key: Any, refused: Refused) -> None:
        # Nothing is forged: saml-core 5.4.2 allows one.
        response = honest(None)
        reference = to(assertion_of(response))
        assert refused(put(response, signature(by(key), reference, reference))) == REFUSED

    def test_a_manifest_of_references_that_nobody_checks(
        self, honest: Callable[..., Element], key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        listed = f'<ds:Manifest xmlns:ds="{NS["ds"]}" Id="_manifest">{to(assertion_of(response))}</ds:Manifest>'
        octets = naive.canonical(etree.fromstring(listed))
        kind = f' Type="{NS["ds"]}Manifest"'
        covering = reference("#_manifest", octets, transform(EXCLUSIVE_C14N), kind=kind)
        put(response, signature(by(key), covering, rest=f"<ds:Object>{listed}</ds:Object>"))
        forged(assertion_of(response), None)
        assert naive.manifest_unopened(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    @pytest.mark.parametrize(
        "uri", ["", "#xpointer(/)", "#xpointer(id('{}'))", "{}", "https://mallory.example.com/#{}", "##{}", "# {}"]
    )
    def test_another_way_to_write_it(
        self, honest: Callable[..., Element], key: Any, refused: Refused, uri: str
    ) -> None:
        # Nothing is forged; but what such a URI leads to is each reader's guess.
        response = honest(None)
        assertion = assertion_of(response)
        written = reference(uri.format(assertion.get("ID")), naive.canonical(assertion))
        assert refused(put(response, signature(by(key), written))) == REFUSED


CONSTANT = (
    f'<xsl:stylesheet version="1.0" xmlns:xsl="{NS["xsl"]}"><xsl:output method="text"/>'
    f'<xsl:template match="/">{{}}</xsl:template></xsl:stylesheet>'
)


class TestTransforms:
    def test_xpath_that_leaves_the_subject_out(
        self, honest: Callable[..., Element], key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        assertion = assertion_of(response)
        rest = copy.deepcopy(assertion)
        rest.remove(rest.find("saml:Subject", NS))
        without = transform(XPATH, "<ds:XPath>not(ancestor-or-self::saml:Subject)</ds:XPath>")
        covering = reference(f"#{assertion.get('ID')}", naive.canonical(rest), transform(ENVELOPED), without)
        put(response, signature(by(key), covering))
        forged(assertion, None)
        assert naive.every_transform(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_xslt_that_makes_everything_the_same(
        self, honest: Callable[..., Element], key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        constant = transform(XSLT, CONSTANT.format("the same"))
        put(response, signature(by(key), reference("#_evil", b"the same", transform(ENVELOPED), constant)))
        forged(assertion_of(response))
        assert naive.every_transform(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_xslt_that_runs_before_anybody_asked_who_signed_it(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        program = transform(XSLT, CONSTANT.format(f"{MALLORY} was here"))
        put(response, signature(by(MALLORYS_KEY), reference("#_evil", b"", program)))
        forged(assertion_of(response))
        log: list[str] = []
        with pytest.raises(naive.Doubt):
            naive.transforms_first(xml(response), certificate, log)
        assert log == [f"{MALLORY} was here"]
        assert refused(response) == REFUSED

    def test_base64_that_leaves_all_elements_out(
        self, honest: Callable[..., Element], key: Any, certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = honest(None)
        evil = forged(assertion_of(response))
        evil.text = base64.b64encode(b"whatever").decode()
        put(response, signature(by(key), reference("#_evil", b"whatever", transform(ENVELOPED), transform(BASE64))))
        assert naive.every_transform(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    @pytest.mark.parametrize(
        "algorithms",
        [
            pytest.param((ENVELOPED, "urn:x"), id="unknown"),
            pytest.param((ENVELOPED, EXCLUSIVE_C14N, "urn:x"), id="unknown and last"),
            pytest.param((EXCLUSIVE_C14N, ENVELOPED), id="in another order"),
            pytest.param((EXCLUSIVE_C14N,), id="not enveloped"),
            pytest.param((ENVELOPED, EXCLUSIVE_C14N, EXCLUSIVE_C14N), id="three"),
            pytest.param((ENVELOPED, "http://www.w3.org/2002/06/xmldsig-filter2"), id="XPath filter 2"),
        ],
    )
    def test_one_that_whoever_skips_it_would_believe(
        self, honest: Callable[..., Element], key: Any, refused: Refused, algorithms: tuple[str, ...]
    ) -> None:
        # Who skips it digests the whole assertion, so that nothing can be forged; what the signer meant is unknown.
        response = honest(None)
        assertion = assertion_of(response)
        covering = reference(f"#{assertion.get('ID')}", naive.canonical(assertion), *map(transform, algorithms))
        assert refused(put(response, signature(by(key), covering))) == REFUSED


class TestKeys:
    @pytest.fixture
    def forgery(self, honest: Callable[..., Element]) -> Callable[[str], Element]:
        """A response about Mallory that Mallory signed, with some KeyInfo."""

        def make(content: str) -> Element:
            response = honest(None)
            evil = forged(assertion_of(response))
            return put(response, signature(by(MALLORYS_KEY), to(evil), rest=key_info(content)))

        return make

    @pytest.fixture
    def mallorys_certificate(self) -> x509.Certificate:
        """Self-signed, with the subject that everybody's has."""
        return certificate_in(IdentityProvider(signing_key=MALLORYS_KEY).metadata)

    def test_a_certificate_in_the_message(
        self, forgery: Callable[[str], Element], mallorys_certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = forgery(x509_data(mallorys_certificate))
        assert naive.key_of_the_message(xml(response)).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_a_certificate_in_the_message_of_the_right_name(
        self,
        forgery: Callable[[str], Element],
        certificate: x509.Certificate,
        mallorys_certificate: x509.Certificate,
        refused: Refused,
    ) -> None:
        response = forgery(x509_data(mallorys_certificate))
        assert naive.certificate_of_that_name(xml(response), certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_a_certificate_beside_the_trusted_one(
        self,
        forgery: Callable[[str], Element],
        certificate: x509.Certificate,
        mallorys_certificate: x509.Certificate,
        refused: Refused,
    ) -> None:
        response = forgery(x509_data(mallorys_certificate) + x509_data(certificate))
        assert naive.key_of_the_message(xml(response)).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_a_key_value_in_the_message(self, forgery: Callable[[str], Element], refused: Refused) -> None:
        numbers: Any = MALLORYS_KEY.public_key().public_numbers()
        n, e = (base64.b64encode(number.to_bytes(256)).decode() for number in (numbers.n, numbers.e))
        value = f"<ds:RSAKeyValue><ds:Modulus>{n}</ds:Modulus><ds:Exponent>{e}</ds:Exponent></ds:RSAKeyValue>"
        response = forgery(f"<ds:KeyValue>{value}</ds:KeyValue>")
        assert naive.key_value_of_the_message(xml(response)).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_a_key_behind_a_retrieval_method(
        self,
        forgery: Callable[[str], Element],
        mallorys_certificate: x509.Certificate,
        refused: Refused,
        tmp_path: Path,
    ) -> None:
        file = tmp_path / "certificate"
        file.write_bytes(mallorys_certificate.public_bytes(Encoding.DER))
        kind = f"{NS['ds']}rawX509Certificate"
        response = forgery(f'<ds:RetrievalMethod URI="{file.as_uri()}" Type="{kind}"/>')
        assert naive.key_retrieved(xml(response)).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_another_providers_key(
        self,
        honest: Callable[..., Element],
        sts: STSBackend,
        certificate: x509.Certificate,
        mallorys_certificate: x509.Certificate,
        refused: Refused,
    ) -> None:
        response = honest(signing_key=MALLORYS_KEY, name_id=MALLORY)
        sts.create_saml_provider("Mallorys", IdentityProvider(signing_key=MALLORYS_KEY))
        known = [certificate, mallorys_certificate]
        assert naive.any_certificate(xml(response), known).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_another_provider_in_its_own_name(
        self,
        honest: Callable[..., Element],
        idp: IdentityProvider,
        sts: STSBackend,
        mallorys_certificate: x509.Certificate,
        refused: Refused,
    ) -> None:
        other = IdentityProvider("https://mallory.example.com/saml", signing_key=MALLORYS_KEY)
        response = honest(signing_key=MALLORYS_KEY, name_id=MALLORY, issuer=other.entity_id)
        sts.create_saml_provider("Mallorys", other)
        known = {idp.entity_id: certificate_in(idp.metadata), other.entity_id: mallorys_certificate}
        assert naive.certificate_of_its_issuer(xml(response), known).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_a_key_for_encryption(self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]) -> None:
        metadata = with_encryption_key(idp.metadata, IdentityProvider(signing_key=MALLORYS_KEY).metadata)
        provider = sts.create_saml_provider("Encrypting", metadata)
        role = sts.create_role("Reader", provider=provider)
        response = idp.response((role.arn, provider.arn), signing_key=MALLORYS_KEY, name_id=MALLORY)
        assert naive.every_certificate_of_the_metadata(response.xml, metadata).name_id == MALLORY
        assert refusal(response, role, provider)[:2] == REFUSED

    @pytest.mark.parametrize(
        "secret",
        [
            pytest.param(lambda c: c.public_bytes(Encoding.PEM), id="certificate in PEM"),
            pytest.param(lambda c: c.public_bytes(Encoding.DER), id="certificate in DER"),
            pytest.param(
                lambda c: c.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), id="key in PEM"
            ),
            pytest.param(
                lambda c: c.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), id="key in DER"
            ),
        ],
    )
    def test_the_public_key_as_the_secret_of_an_hmac(
        self,
        honest: Callable[..., Element],
        certificate: x509.Certificate,
        refused: Refused,
        secret: Callable[[x509.Certificate], bytes],
    ) -> None:
        response, octets = honest(None), secret(certificate)
        evil = to(forged(assertion_of(response)))
        method = f'<ds:SignatureMethod Algorithm="{HMAC_SHA256}"/>'
        put(response, signature(lambda text: hmac.digest(octets, text, "sha256"), evil, method=method))
        assert naive.algorithm_of_the_message(xml(response), octets).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_an_hmac_of_no_length(self, honest: Callable[..., Element], refused: Refused) -> None:
        response = honest(None)
        length = "<ds:HMACOutputLength>0</ds:HMACOutputLength>"
        method = f'<ds:SignatureMethod Algorithm="{HMAC_SHA256}">{length}</ds:SignatureMethod>'
        put(response, signature(lambda _: b"", to(forged(assertion_of(response))), method=method))
        assert naive.truncated_hmac(xml(response), b"a secret that Mallory does not know").name_id == MALLORY
        assert refused(response) == REFUSED

    @pytest.mark.parametrize(
        "value", [bytes(64), bytes(63) + b"\1", b"\xff" * 64, b""], ids=["zeros", "one", "ones", "nothing"]
    )
    def test_numbers_that_fit_every_elliptic_curve_key(
        self, sts: STSBackend, refusal: Callable[..., Any], value: bytes
    ) -> None:
        # CVE-2022-21449: the carelessness was in the arithmetic, which the naive verifiers leave to `cryptography`.
        idp = IdentityProvider(signing_key=make_signing_key("ec"))
        provider = sts.create_saml_provider("Curved", idp)
        role = sts.create_role("Curved")
        number = f"<ds:SignatureValue>{base64.b64encode(value).decode()}"
        forgery = re.sub("<ds:SignatureValue>[^<]*", number, idp.response(role, name_id=MALLORY).xml)
        assert refusal(encoded(forgery), role, provider)[:2] == REFUSED


def with_encryption_key(metadata: str, other: str) -> str:
    """The metadata with the other's key as one for encryption."""
    descriptor = re.search("<md:KeyDescriptor.*?</md:KeyDescriptor>", other)
    assert descriptor is not None
    encrypting = replaced(descriptor[0], 'use="signing"', 'use="encryption"')
    return replaced(metadata, "</md:KeyDescriptor>", "</md:KeyDescriptor>" + encrypting)


INCLUDE = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{}" parse="{}"/>'


class TestXInclude:
    """It is never expanded: what stands in its place was not signed."""

    def test_in_what_is_signed(
        self,
        honest: Callable[..., Element],
        idp: IdentityProvider,
        certificate: x509.Certificate,
        accepted: Accepted,
        tmp_path: Path,
    ) -> None:
        (tmp_path / "name").write_text(f"y, alias {MALLORY}")
        include = INCLUDE.format((tmp_path / "name").as_uri(), "text")
        response = idp.sign(replaced(xml(honest(None)), ">alice@example.com<", f">alice{include}<")).xml
        assert naive.includes_afterwards(response, certificate).name_id == f"alicey, alias {MALLORY}"
        assert accepted(response)["Subject"] == "alice"

    def test_beside_what_is_signed(
        self, honest: Callable[..., Element], certificate: x509.Certificate, accepted: Accepted, tmp_path: Path
    ) -> None:
        response = honest()
        (tmp_path / "assertion").write_text(xml(forged(bare(assertion_of(response)))))
        include = INCLUDE.format((tmp_path / "assertion").as_uri(), "xml")
        assertion_of(response).addprevious(etree.fromstring(include))
        assert naive.includes_afterwards(xml(response), certificate).name_id == MALLORY
        assert accepted(response)["Subject"] == ALICE

    def test_where_it_was_not_signed(self, honest: Callable[..., Element], refused: Refused, tmp_path: Path) -> None:
        # The digest covers the include itself, so that it fools nobody who verifies first.
        (tmp_path / "name").write_text(MALLORY)
        include = INCLUDE.format((tmp_path / "name").as_uri(), "text")
        assert refused(replaced(xml(honest()), ">alice@example.com<", f">{include}<")) == REFUSED


# Gives elements of no namespace SAML's, for whoever reads the declaration.
DEFAULTS = f'<!DOCTYPE r [<!ATTLIST Assertion xmlns CDATA #FIXED "{NS["saml"]}">]>'


class TestParserDifferentials:
    @pytest.fixture
    def with_defaults(self, honest: Callable[..., Element]) -> str:
        """A DOCTYPE, and a true response with a forged assertion that is one by the DOCTYPE's defaults."""
        response = honest()
        evil = xml(forged(bare(assertion_of(response)))).replace("saml:", "").replace("xmlns:saml", "xmlns:unused")
        evil = re.sub(r' xmlns:\w+="[^"]*"', "", evil)
        return DEFAULTS + replaced(xml(response), "<saml:Assertion ", f"{evil}<saml:Assertion ")

    def test_defaults_of_a_document_type(
        self, with_defaults: str, certificate: x509.Certificate, refused: Refused
    ) -> None:
        assert naive.doctype_removed_before(with_defaults, certificate).name_id == MALLORY
        assert refused(with_defaults) == REFUSED

    def test_a_document_in_an_entity_of_a_document_type(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        true, evil = honest(), honest(None)
        forged(assertion_of(evil))
        hidden = f"<!DOCTYPE r [<!ENTITY a ']>{xml(evil)}<!--'>]>"
        response = f"{hidden}{xml(true)}<?a --><?b ?>"
        assert naive.doctype_removed_afterwards(response, certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "cp037"])
    def test_a_document_type_that_no_search_of_the_octets_finds(
        self, with_defaults: str, certificate: x509.Certificate, refused: Refused, encoding: str
    ) -> None:
        response = f'<?xml version="1.0" encoding="{encoding}"?>{with_defaults}'.encode(encoding)
        response = response.replace(b"<!DOCTYPE", b"+ADw-!DOCTYPE") if encoding == "utf-7" else response
        assert naive.doctype_sought_in_the_octets(response, certificate).name_id == MALLORY
        assert refused(response) == REFUSED

    def test_two_documents_in_one_by_utf_7(
        self, honest: Callable[..., Element], certificate: x509.Certificate, refused: Refused
    ) -> None:
        response = xml(honest())
        at = response.index("<saml:Assertion ")
        true = re.sub("<ds:KeyInfo>.*?</ds:KeyInfo>", "", response[at:]).removesuffix("</samlp:Response>")
        evil = xml(forged(bare(assertion_of(etree.fromstring(response)))))
        # As UTF-8 the forged assertion is in a comment; as UTF-7 the true one is in a processing instruction.
        both = f"<!--+AC0-+AC0-+AD4-{evil}+ADwAPw-x +ACA-->{true.replace('+', '&#43;')}<!-- +AD8-+AD4- -->"
        document = f'<?xml version="1.0" encoding="UTF-7"?>{response[:at]}{both}</samlp:Response>'.encode()
        assert naive.verified_as_utf8(document, certificate).name_id == MALLORY
        assert refused(document) == REFUSED

    @pytest.mark.parametrize(
        "decoy",
        [
            pytest.param(f"<!--<saml:NameID>{MALLORY}</saml:NameID>-->", id="comment"),
            pytest.param(f"<?a <saml:NameID>{MALLORY}</saml:NameID>?>", id="processing instruction"),
            pytest.param(f"<![CDATA[<saml:NameID>{MALLORY}</saml:NameID>]]>", id="CDATA"),
        ],
    )
    def test_what_only_a_regular_expression_takes_for_an_element(
        self, honest: Callable[..., Element], certificate: x509.Certificate, accepted: Accepted, decoy: str
    ) -> None:
        response = replaced(xml(honest()), "<samlp:Status>", f"{decoy}<samlp:Status>")
        assert naive.reads_by_regular_expression(response, certificate).name_id == MALLORY
        assert accepted(response)["Subject"] == ALICE


CUTS = [
    pytest.param("<!---->", id="comment"),
    pytest.param("<?cut?>", id="processing instruction"),
    pytest.param("<!----><?cut?><!--cut-->", id="both"),
]


class TestTruncation:
    """A value with a comment or processing instruction in it is the whole value."""

    # C14N keeps processing instructions, so they were signed; comments could also have come later.
    @pytest.mark.parametrize("cut", CUTS)
    def test_of_the_subject(
        self,
        honest: Callable[..., Element],
        idp: IdentityProvider,
        certificate: x509.Certificate,
        accepted: Accepted,
        cut: str,
    ) -> None:
        template = xml(honest(None, name_id=f"{MALLORY}.sub.example.com"))
        response = idp.sign(replaced(template, f"{MALLORY}.", f"{MALLORY}{cut}.")).xml
        assert naive.text_up_to_the_first_child(response, certificate).name_id == MALLORY
        assert accepted(response)["Subject"] == f"{MALLORY}.sub.example.com"

    def test_of_the_subject_by_a_comment_that_came_later(
        self, honest: Callable[..., Element], certificate: x509.Certificate, accepted: Accepted
    ) -> None:
        response = replaced(xml(honest(name_id=f"{MALLORY}.sub.example.com")), f"{MALLORY}.", f"{MALLORY}<!---->.")
        assert naive.text_up_to_the_first_child(response, certificate).name_id == MALLORY
        assert accepted(response)["Subject"] == f"{MALLORY}.sub.example.com"

    def test_of_the_subject_by_a_processing_instruction_that_came_later(
        self, honest: Callable[..., Element], refused: Refused
    ) -> None:
        # C14N keeps it, so that the digest is another for everybody.
        response = replaced(xml(honest(name_id=f"{MALLORY}.sub.example.com")), f"{MALLORY}.", f"{MALLORY}<?cut?>.")
        assert refused(response) == REFUSED

    @pytest.mark.parametrize("cut", CUTS)
    def test_of_the_session_name(
        self,
        honest: Callable[..., Element],
        idp: IdentityProvider,
        certificate: x509.Certificate,
        accepted: Accepted,
        cut: str,
    ) -> None:
        template = xml(honest(None, session_name=f"{MALLORY}.org"))
        response = idp.sign(replaced(template, f"{MALLORY}.", f"{MALLORY}{cut}.")).xml
        assert naive.session_name_up_to_the_first_child(response, certificate) == MALLORY
        assert accepted(response)["AssumedRoleUser"]["Arn"].endswith(f"/{MALLORY}.org")

    @pytest.mark.parametrize("cut", CUTS)
    def test_of_a_role(
        self,
        honest: Callable[..., Element],
        idp: IdentityProvider,
        certificate: x509.Certificate,
        refused: Refused,
        cut: str,
    ) -> None:
        # The whole value pairs Developer with a provider of a longer name; the truncated one would let in.
        template = xml(honest(None, role_format="{role},{provider}-of-others"))
        response = idp.sign(replaced(template, "-of-others", f"{cut}-of-others")).xml
        roles = naive.text_up_to_the_first_child(response, certificate).roles
        assert roles == (ADMIN.replace("Admin", "Developer"),)
        assert refused(response) == REFUSED


ENTITIES = "".join(f"<!ENTITY e{n + 1} '" + f"&e{n};" * 10 + "'>" for n in range(12))
PREFIXES = " ".join(f"p{n}" for n in range(9_000))


class TestExhaustion:
    """Aimed at time, memory and files, not at belief; nothing here is more than refused."""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            pytest.param("<ds:Reference ", '<ds:Reference URI="#a"/>' * 2_500 + "<ds:Reference ", id="References"),
            pytest.param("<ds:Transforms>", "<ds:Transforms>" + transform(ENVELOPED) * 600, id="Transforms"),
            pytest.param("<ds:DigestValue>", "<ds:DigestValue>" + "A" * 60_000, id="DigestValue"),
            pytest.param("<ds:SignatureValue>", "<ds:SignatureValue>" + "A" * 60_000, id="SignatureValue"),
            pytest.param("<saml:Subject>", "<saml:Subject>" + "<a>" * 240 + "</a>" * 240, id="depth"),
            pytest.param("<saml:Subject>", "<saml:Subject>" + "<a>" * 300 + "</a>" * 300, id="too much depth"),
            pytest.param("<saml:Subject>", "<saml:Subject>" + "<a/>" * 15_000, id="elements"),
            pytest.param("<saml:Subject>", "<saml:Subject>" + "<!---->x" * 7_000 + "<a/>", id="comments"),
            pytest.param("<saml:Subject>", f"<saml:Subject>{'x' * 65_000}", id="text"),
            pytest.param(
                "<saml:Subject>",
                "<saml:Subject " + " ".join(f"a{n}='{n}'" for n in range(4_000)) + ">",
                id="attributes",
            ),
            pytest.param(
                "<saml:Subject>",
                "<saml:Subject " + " ".join(f"xmlns:n{n}='urn:{n}'" for n in range(2_500)) + "><a/>",
                id="namespaces",
            ),
            pytest.param(
                f'<ds:Transform Algorithm="{EXCLUSIVE_C14N}"/>',
                f'<ds:Transform Algorithm="{EXCLUSIVE_C14N}"><ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE_C14N}"'
                f' PrefixList="{PREFIXES}"/></ds:Transform>',
                id="InclusiveNamespaces",
            ),
            pytest.param("<saml:Subject>", "<saml:Subject>" + f'<a xmlns="{NS["ds"]}"/>' * 1_400, id="namespaced"),
            pytest.param(
                "</saml:Assertion>",
                "</saml:Assertion>" + f'<ds:Signature xmlns:ds="{NS["ds"]}"/>' * 1_000,
                id="Signatures",
            ),
            pytest.param("</saml:Assertion>", "</saml:Assertion>" + "<saml:Assertion/>" * 3_500, id="Assertions"),
        ],
    )
    def test_too_much_of_something(self, honest: Callable[..., Element], refused: Refused, old: str, new: str) -> None:
        assert refused(replaced(xml(honest()), old, new)) == REFUSED

    @pytest.mark.parametrize(
        ("doctype", "name"),
        [
            pytest.param(f'<!DOCTYPE r [<!ENTITY e0 "ha">{ENTITIES}]>', "e12", id="billion laughs"),
            pytest.param(f'<!DOCTYPE r [<!ENTITY e "{"a" * 40_000}">]>', "e", id="quadratic blowup"),
            pytest.param('<!DOCTYPE r [<!ENTITY e "&f;"><!ENTITY f "&e;">]>', "e", id="circle"),
            pytest.param('<!DOCTYPE r [<!ENTITY e SYSTEM "file:///dev/zero">]>', "e", id="file"),
            pytest.param('<!DOCTYPE r [<!ENTITY e SYSTEM "https://mallory.example.com/">]>', "e", id="network"),
            pytest.param('<!DOCTYPE r [<!ENTITY % e SYSTEM "file:///dev/zero">%e;]>', "lt", id="parameter entity"),
            pytest.param('<!DOCTYPE r SYSTEM "https://mallory.example.com/">', "lt", id="external subset"),
        ],
    )
    def test_an_entity(self, honest: Callable[..., Element], refused: Refused, doctype: str, name: str) -> None:
        document = doctype + replaced(xml(honest()), ">alice@example.com<", ">" + f"&{name};" * 1_000 + "<")
        assert refused(document) == REFUSED
