import re
from collections.abc import Callable, Sequence

import pytest
from saml_documents import (
    ALICE,
    PAIR,
    FaultOf,
    Read,
    child,
    element_of,
    encoded,
    identifiers_of,
    parsed,
    replaced,
    without,
)

from pytest_stssaml import IdentityProvider
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.faults import Fault
from pytest_stssaml.saml.signatures.limits import (
    INCLUSIVE_PREFIXES,
    LIMITS,
    METHOD_ELEMENTS,
    SIGNED_INFO_ATTRIBUTES,
    SIGNED_INFO_NODES,
    Limit,
)
from pytest_stssaml.saml.signatures.profile import check_signature_profile, check_structure
from pytest_stssaml.saml.vocabulary import (
    DS,
    EC,
    ENVELOPED_SIGNATURE,
    EXCLUSIVE_C14N,
    EXCLUSIVE_C14N_WITH_COMMENTS,
    SAML,
)

ENVELOPED = f'<ds:Transform Algorithm="{ENVELOPED_SIGNATURE}"/>'
CANONICAL = f'<ds:Transform Algorithm="{EXCLUSIVE_C14N}"/>'
ELSEWHERE = "a ds:Signature is not a child of the response or of its assertion"

ATTRIBUTES = " ".join(f"a{n}=''" for n in range(26))
PREFIXES = f'<ec:InclusiveNamespaces xmlns:ec="{EC}" PrefixList="{" ".join(["saml"] * 32)}"/>'
METHOD = f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"/>'

Reason = Callable[[str], str]


def with_content(element: str, content: str) -> str:
    """Return an empty element with some content."""
    name = element[1:].partition(" ")[0]
    return f"{element.removesuffix('/>')}>{content}</{name}>"


def one_more(xml: str) -> str:
    """Return XML with one more of what it has most of: an element, a comment, an attribute or a prefix."""
    for old, new in (
        ("<a/>", "<a/><a/>"),
        ("<!---->", "<!----><!---->"),
        (" a0=", " b='' a0="),
        ("saml ", "saml saml "),
    ):
        if old in xml:
            return replaced(xml, old, new)
    raise AssertionError(xml)


@pytest.fixture
def reason(fault: FaultOf) -> Reason:
    """Why the signature of a document is rejected."""

    def call(xml: str) -> str:
        found, because = fault(encoded(xml))
        assert found is Fault.BAD_SIGNATURE
        return because

    return call


def other_transforms(algorithms: Sequence[str | None]) -> str:
    return f"expected the transforms enveloped-signature and exclusive C14N, got {algorithms}"


class TestContent:
    def test_rejects_an_object(self, signer: IdentityProvider, reason: Reason) -> None:
        xml = replaced(signer.response(PAIR).xml, "</ds:Signature>", "<ds:Object/></ds:Signature>")
        assert reason(xml) == "the signature contains a ds:Object"

    @pytest.mark.parametrize("name", ["SignedInfo", "Reference"])
    def test_rejects_an_element_that_is_repeated(self, signer: IdentityProvider, reason: Reason, name: str) -> None:
        xml = signer.response(PAIR).xml
        twice = element_of(xml, f"ds:{name}") * 2
        message = f"expected one ds:{name} in the signature, got 2"
        assert reason(replaced(xml, element_of(xml, f"ds:{name}"), twice)) == message

    @pytest.mark.parametrize("name", ["SignedInfo", "Reference"])
    def test_rejects_a_missing_element(self, signer: IdentityProvider, reason: Reason, name: str) -> None:
        xml = signer.response(PAIR).xml
        message = f"expected one ds:{name} in the signature, got 0"
        assert reason(replaced(xml, element_of(xml, f"ds:{name}"), "")) == message

    def test_a_reference_in_another_namespace_does_not_count(self, signer: IdentityProvider, reason: Reason) -> None:
        xml = signer.response(PAIR).xml
        reference = element_of(xml, "ds:Reference")
        foreign = re.sub("(</?)ds:Reference", r"\1saml:Reference", reference)
        message = "expected one ds:Reference in the signature, got 0"
        assert reason(replaced(xml, reference, foreign)) == message


class TestReference:
    @pytest.mark.parametrize(
        "uri",
        [
            pytest.param("", id="empty"),
            pytest.param("#", id="empty fragment"),
            pytest.param("#_other", id="foreign"),
            pytest.param("https://evil.example.com/#{id}", id="another document"),
            pytest.param("{id}", id="no fragment"),
            pytest.param("#xpointer(/)", id="xpointer"),
            pytest.param("#xpointer(id('{id}'))", id="xpointer to the assertion"),
            pytest.param("#{id} ", id="space at the end"),
        ],
    )
    def test_rejects_a_uri_other_than_the_id_of_the_assertion(
        self, signer: IdentityProvider, reason: Reason, uri: str
    ) -> None:
        xml = signer.response(PAIR).xml
        identifier = identifiers_of(xml)[1]
        uri = uri.format(id=identifier)
        message = f"the signature of Assertion {identifier!r} refers to {uri!r}" + (
            "" if uri else ", which is the whole document; saml-core 5.4.2 requires the ID of what is signed"
        )
        assert reason(replaced(xml, f'URI="#{identifier}"', f'URI="{uri}"')) == message

    def test_rejects_a_reference_without_uri(self, signer: IdentityProvider, reason: Reason) -> None:
        xml = signer.response(PAIR).xml
        identifier = identifiers_of(xml)[1]
        message = f"the signature of Assertion {identifier!r} refers to None"
        assert reason(replaced(xml, f' URI="#{identifier}"', "")) == message

    def test_rejects_a_signature_of_a_response_that_refers_to_its_assertion(
        self, signer: IdentityProvider, reason: Reason
    ) -> None:
        xml = signer.response(PAIR).xml
        of_response, of_assertion = identifiers_of(xml)
        signature = element_of(xml, "ds:Signature")
        xml = replaced(without(xml, "ds:Signature"), "<samlp:Status>", signature + "<samlp:Status>")
        assert reason(xml) == f"the signature of Response {of_response!r} refers to '#{of_assertion}'"

    def test_rejects_an_assertion_without_id(self, signer: IdentityProvider, reason: Reason) -> None:
        xml = signer.response(PAIR).xml
        identifier = identifiers_of(xml)[1]
        xml = replaced(replaced(xml, f' ID="{identifier}"', ""), f'URI="#{identifier}"', 'URI="#"')
        assert reason(xml) == "the signature of Assertion '' refers to '#'"


class TestTransforms:
    @pytest.mark.parametrize(
        "algorithms",
        [
            pytest.param([], id="none"),
            pytest.param([EXCLUSIVE_C14N], id="no enveloped-signature"),
            pytest.param([EXCLUSIVE_C14N, ENVELOPED_SIGNATURE], id="in the other order"),
            pytest.param([ENVELOPED_SIGNATURE, ENVELOPED_SIGNATURE], id="enveloped-signature twice"),
            pytest.param([ENVELOPED_SIGNATURE, "http://www.w3.org/TR/1999/REC-xpath-19991116"], id="XPath"),
            pytest.param([ENVELOPED_SIGNATURE, "http://www.w3.org/TR/1999/REC-xslt-19991116"], id="XSLT"),
            pytest.param([ENVELOPED_SIGNATURE, "http://www.w3.org/2000/09/xmldsig#base64"], id="base64"),
            pytest.param([ENVELOPED_SIGNATURE, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"], id="C14N 1.0"),
            pytest.param([ENVELOPED_SIGNATURE, "urn:x"], id="unknown"),
            pytest.param([ENVELOPED_SIGNATURE, ""], id="empty"),
            pytest.param([ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, "urn:x"], id="unknown after the others"),
        ],
    )
    def test_rejects_transforms_that_the_profile_does_not_have(
        self, signer: IdentityProvider, reason: Reason, algorithms: list[str]
    ) -> None:
        written = "".join(f'<ds:Transform Algorithm="{algorithm}"/>' for algorithm in algorithms)
        xml = replaced(signer.response(PAIR).xml, ENVELOPED + CANONICAL, written)
        assert reason(xml) == other_transforms(algorithms)

    def test_rejects_a_transform_without_algorithm(self, signer: IdentityProvider, reason: Reason) -> None:
        xml = replaced(signer.response(PAIR).xml, CANONICAL, "<ds:Transform/>")
        assert reason(xml) == other_transforms([ENVELOPED_SIGNATURE, None])

    def test_rejects_three_transforms(self, signer: IdentityProvider, reason: Reason) -> None:
        xml = replaced(signer.response(PAIR).xml, CANONICAL, CANONICAL + CANONICAL)
        assert reason(xml) == "expected at most two transforms, got 3"

    def test_a_transform_in_a_second_list_counts(self, signer: IdentityProvider, reason: Reason) -> None:
        second = '<ds:Transforms><ds:Transform Algorithm="urn:x"/></ds:Transforms>'
        xml = replaced(signer.response(PAIR).xml, "</ds:Transforms>", "</ds:Transforms>" + second)
        assert reason(xml) == other_transforms([ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, "urn:x"])

    @pytest.mark.parametrize(
        "algorithms",
        [
            pytest.param([ENVELOPED_SIGNATURE], id="enveloped alone"),
            pytest.param([ENVELOPED_SIGNATURE, EXCLUSIVE_C14N], id="exclusive C14N"),
            pytest.param([ENVELOPED_SIGNATURE, EXCLUSIVE_C14N_WITH_COMMENTS], id="with comments"),
        ],
    )
    def test_accepts_the_transforms_of_the_profile(self, signer: IdentityProvider, algorithms: list[str]) -> None:
        written = "".join(f'<ds:Transform Algorithm="{algorithm}"/>' for algorithm in algorithms)
        response = parsed(replaced(signer.response(PAIR).xml, ENVELOPED + CANONICAL, written))
        assertion = child(response, "saml:Assertion")
        check_signature_profile(child(assertion, "ds:Signature"), assertion)


class TestSize:
    """Whatever is in SignedInfo is canonicalised before it is verified."""

    # The SignedInfo of a response has 9 elements with 6 attributes.
    @pytest.mark.parametrize(
        ("old", "new", "limit"),
        [
            pytest.param("<ds:SignedInfo>", "<ds:SignedInfo>" + "<a/>" * 23, SIGNED_INFO_NODES, id="elements"),
            pytest.param("<ds:SignedInfo>", "<ds:SignedInfo>" + "<!---->" * 23, SIGNED_INFO_NODES, id="comments"),
            pytest.param("<ds:SignedInfo>", f"<ds:SignedInfo {ATTRIBUTES}>", SIGNED_INFO_ATTRIBUTES, id="attributes"),
            pytest.param(CANONICAL, with_content(CANONICAL, "<a/>"), METHOD_ELEMENTS, id="in a Transform"),
            pytest.param(ENVELOPED, with_content(ENVELOPED, "<a/>"), METHOD_ELEMENTS, id="in the first Transform"),
            pytest.param(METHOD, with_content(METHOD, "<a/>"), METHOD_ELEMENTS, id="in a CanonicalizationMethod"),
            pytest.param(CANONICAL, with_content(CANONICAL, PREFIXES), INCLUSIVE_PREFIXES, id="prefixes, Transform"),
            pytest.param(METHOD, with_content(METHOD, PREFIXES), INCLUSIVE_PREFIXES, id="prefixes, SignedInfo"),
        ],
    )
    def test_rejects_one_more_than_the_limit(
        self, signer: IdentityProvider, reason: Reason, old: str, new: str, limit: Limit
    ) -> None:
        xml = signer.response(PAIR).xml
        assertion = child(parsed(replaced(xml, old, new)), "saml:Assertion")
        check_signature_profile(child(assertion, "ds:Signature"), assertion)
        more = reason(replaced(xml, old, one_more(new)))
        assert more == f"expected at most {limit.most} {limit.of}, got {limit.most + 1}"

    @pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.of)
    def test_each_limit_is_greater_than_what_is_known_to_occur(self, limit: Limit) -> None:
        found = re.search(r"\d+", limit.reason)
        assert found is not None
        assert limit.most >= int(found[0])


class TestLocation:
    @pytest.mark.parametrize("signed", ["assertion", "response"])
    def test_rejects_two_signatures_of_one_element(
        self, signer: IdentityProvider, reason: Reason, signed: Signed
    ) -> None:
        xml = signer.response(PAIR, signed=signed).xml
        signature = element_of(xml, "ds:Signature")
        assert reason(replaced(xml, signature, signature * 2)) == f"{signed.title()} has 2 signatures"

    @pytest.mark.parametrize(
        ("before", "opening", "closing"),
        [
            pytest.param("<samlp:Status>", "<samlp:Extensions>", "</samlp:Extensions>", id="Extensions"),
            pytest.param("</samlp:Status>", "<samlp:StatusDetail>", "</samlp:StatusDetail>", id="StatusDetail"),
            pytest.param(
                "<saml:AuthnStatement ", "<samlp:Advice>", "</samlp:Advice>", id="Advice of another namespace"
            ),
            pytest.param("</saml:AttributeValue>", "", "", id="AttributeValue"),
            pytest.param("</saml:Subject>", "", "", id="Subject"),
            pytest.param("</ds:KeyInfo>", "", "", id="KeyInfo"),
            pytest.param("</ds:Signature>", "", "", id="another signature"),
        ],
    )
    def test_rejects_a_signature_in_another_place(
        self, signer: IdentityProvider, reason: Reason, before: str, opening: str, closing: str
    ) -> None:
        xml = signer.response(PAIR).xml
        xml = replaced(xml, before, opening + f'<ds:Signature xmlns:ds="{DS}"/>' + closing + before)
        assert reason(xml) == ELSEWHERE

    def test_rejects_a_signature_in_another_place_although_the_response_is_signed(
        self, signer: IdentityProvider, reason: Reason
    ) -> None:
        statement = f'<saml:Statement><ds:Signature xmlns:ds="{DS}"/></saml:Statement><saml:AuthnStatement '
        xml = replaced(signer.response(PAIR, signed=None).xml, "<saml:AuthnStatement ", statement)
        assert reason(signer.sign(xml, signed="response").xml) == ELSEWHERE

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_accepts_an_assertion_that_somebody_else_signed_in_an_advice(
        self, signer: IdentityProvider, foreign_signer: IdentityProvider, read: Read, signed: Signed
    ) -> None:
        others = foreign_signer.response(PAIR, name_id="mallory@example.com").xml
        advice = f"<saml:Advice>{element_of(others, 'saml:Assertion')}</saml:Advice><saml:AuthnStatement "
        xml = replaced(signer.response(PAIR, signed=None).xml, "<saml:AuthnStatement ", advice)
        assert read(signer.sign(xml, signed=signed)).name_id == ALICE


class TestIdentifiers:
    @pytest.mark.parametrize("name", ["ID", "Id", "id", "xml:id"])
    @pytest.mark.parametrize("which", [0, 1], ids=["response", "assertion"])
    def test_rejects_a_repeated_id(self, signer: IdentityProvider, reason: Reason, name: str, which: int) -> None:
        xml = signer.response(PAIR).xml
        again = f'<samlp:Extensions {name}="{identifiers_of(xml)[which]}"/>'
        message = f"the ID {identifiers_of(xml)[which]!r} is not unique"
        assert reason(replaced(xml, "<samlp:Status>", again + "<samlp:Status>")) == message

    def test_rejects_the_same_id_of_response_and_assertion(self, signer: IdentityProvider, reason: Reason) -> None:
        xml = signer.response(PAIR).xml
        of_response, of_assertion = identifiers_of(xml)
        xml = replaced(xml, f' ID="{of_response}"', f' ID="{of_assertion}"')
        assert reason(xml) == f"the ID {of_assertion!r} is not unique"

    def test_accepts_different_ids_in_every_spelling(self) -> None:
        xml = f'<a xmlns:saml="{SAML}" ID="_1" Id="_2"><b id="_3" xml:id="_4"/></a>'
        check_structure(parsed(xml))
