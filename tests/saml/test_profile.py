import base64
import re
from collections.abc import Callable

import pytest
from lxml import etree

from pytest_stssaml import IdentityProvider, make_signing_key
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.assertion import parse_response, read_assertion
from pytest_stssaml.saml.faults import Fault, Unreadable
from pytest_stssaml.saml.metadata import read_metadata
from pytest_stssaml.saml.profile import check_hosts, check_signature, signature_of
from pytest_stssaml.saml.vocabulary import (
    DS,
    ENVELOPED_SIGNATURE,
    EXCLUSIVE_C14N,
    EXCLUSIVE_C14N_WITH_COMMENTS,
    NAMESPACES,
    SAML,
)

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
ENVELOPED = f'<ds:Transform Algorithm="{ENVELOPED_SIGNATURE}"/>'
CANONICAL = f'<ds:Transform Algorithm="{EXCLUSIVE_C14N}"/>'
EC_KEY = make_signing_key("ec")
ELSEWHERE = "a signature stands where neither the response nor its assertion holds it"


@pytest.fixture
def idp(saml_signing_key: SigningKey) -> IdentityProvider:
    return IdentityProvider(signing_key=saml_signing_key)


@pytest.fixture
def refused(idp: IdentityProvider) -> Callable[[str], str]:
    """Why the signature of a document is refused."""

    def call(xml: str) -> str:
        with pytest.raises(Unreadable) as caught:
            read_assertion(parse_response(base64.b64encode(xml.encode()).decode()), read_metadata(idp.metadata))
        assert caught.value.fault is Fault.BAD_SIGNATURE
        return caught.value.because

    return call


def replaced(xml: str, old: str, new: str) -> str:
    assert old in xml
    return xml.replace(old, new, 1)


def element_of(xml: str, name: str) -> str:
    found = re.search(f"<{name}[ >].*?</{name}>", xml)
    assert found is not None
    return found[0]


def identifiers_of(xml: str) -> list[str]:
    return re.findall(' ID="([^"]*)"', xml)


class TestWhatASignatureHolds:
    def test_an_object_is_refused(self, idp: IdentityProvider, refused: Callable[[str], str]) -> None:
        xml = replaced(idp.response(PAIR).xml, "</ds:Signature>", "<ds:Object/></ds:Signature>")
        assert refused(xml) == "the signature holds a ds:Object"

    @pytest.mark.parametrize("name", ["SignedInfo", "Reference"])
    def test_two_of_what_stands_once_are_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str], name: str
    ) -> None:
        xml = idp.response(PAIR).xml
        twice = element_of(xml, f"ds:{name}") * 2
        message = f"the signature has 2 ds:{name} where one is expected"
        assert refused(replaced(xml, element_of(xml, f"ds:{name}"), twice)) == message

    @pytest.mark.parametrize("name", ["SignedInfo", "Reference"])
    def test_none_of_what_stands_once_is_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str], name: str
    ) -> None:
        xml = idp.response(PAIR).xml
        message = f"the signature has 0 ds:{name} where one is expected"
        assert refused(replaced(xml, element_of(xml, f"ds:{name}"), "")) == message

    def test_a_reference_of_another_namespace_does_not_count(
        self, idp: IdentityProvider, refused: Callable[[str], str]
    ) -> None:
        xml = idp.response(PAIR).xml
        reference = element_of(xml, "ds:Reference")
        foreign = re.sub("(</?)ds:Reference", r"\1saml:Reference", reference)
        message = "the signature has 0 ds:Reference where one is expected"
        assert refused(replaced(xml, reference, foreign)) == message


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
            pytest.param("#{id} ", id="space behind it"),
        ],
    )
    def test_another_uri_than_the_assertions_id_is_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str], uri: str
    ) -> None:
        xml = idp.response(PAIR).xml
        identifier = identifiers_of(xml)[1]
        uri = uri.format(id=identifier)
        message = f"the signature in Assertion {identifier!r} refers to {uri!r}"
        assert refused(replaced(xml, f'URI="#{identifier}"', f'URI="{uri}"')) == message

    def test_no_uri_is_refused(self, idp: IdentityProvider, refused: Callable[[str], str]) -> None:
        xml = idp.response(PAIR).xml
        identifier = identifiers_of(xml)[1]
        message = f"the signature in Assertion {identifier!r} refers to None"
        assert refused(replaced(xml, f' URI="#{identifier}"', "")) == message

    def test_the_signature_of_a_response_that_refers_to_its_assertion_is_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str]
    ) -> None:
        xml = idp.response(PAIR).xml
        of_response, of_assertion = identifiers_of(xml)
        signature = element_of(xml, "ds:Signature")
        xml = replaced(replaced(xml, signature, ""), "<samlp:Status>", signature + "<samlp:Status>")
        assert refused(xml) == f"the signature in Response {of_response!r} refers to '#{of_assertion}'"

    def test_an_assertion_without_id_cannot_be_referred_to(
        self, idp: IdentityProvider, refused: Callable[[str], str]
    ) -> None:
        xml = idp.response(PAIR).xml
        identifier = identifiers_of(xml)[1]
        xml = replaced(replaced(xml, f' ID="{identifier}"', ""), f'URI="#{identifier}"', 'URI="#"')
        assert refused(xml) == "the signature in Assertion '' refers to '#'"


class TestTransforms:
    @pytest.mark.parametrize(
        "algorithms",
        [
            pytest.param([], id="none"),
            pytest.param([EXCLUSIVE_C14N], id="no enveloped-signature"),
            pytest.param([EXCLUSIVE_C14N, ENVELOPED_SIGNATURE], id="the other way round"),
            pytest.param([ENVELOPED_SIGNATURE, ENVELOPED_SIGNATURE], id="enveloped-signature twice"),
            pytest.param([ENVELOPED_SIGNATURE, "http://www.w3.org/TR/1999/REC-xpath-19991116"], id="XPath"),
            pytest.param([ENVELOPED_SIGNATURE, "http://www.w3.org/TR/1999/REC-xslt-19991116"], id="XSLT"),
            pytest.param([ENVELOPED_SIGNATURE, "http://www.w3.org/2000/09/xmldsig#base64"], id="base64"),
            pytest.param([ENVELOPED_SIGNATURE, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"], id="C14N 1.0"),
            pytest.param([ENVELOPED_SIGNATURE, "urn:x"], id="unknown"),
            pytest.param([ENVELOPED_SIGNATURE, ""], id="empty"),
            pytest.param([ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, "urn:x"], id="unknown behind the others"),
        ],
    )
    def test_other_transforms_than_the_profiles_are_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str], algorithms: list[str]
    ) -> None:
        written = "".join(f'<ds:Transform Algorithm="{algorithm}"/>' for algorithm in algorithms)
        xml = replaced(idp.response(PAIR).xml, ENVELOPED + CANONICAL, written)
        assert refused(xml) == f"the signature's transforms are {algorithms}"

    def test_a_transform_without_algorithm_is_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str]
    ) -> None:
        xml = replaced(idp.response(PAIR).xml, CANONICAL, "<ds:Transform/>")
        assert refused(xml) == f"the signature's transforms are {[ENVELOPED_SIGNATURE, None]}"

    def test_three_transforms_are_refused(self, idp: IdentityProvider, refused: Callable[[str], str]) -> None:
        xml = replaced(idp.response(PAIR).xml, CANONICAL, CANONICAL + CANONICAL)
        assert refused(xml) == "the signature has 3 transforms"

    def test_a_transform_in_a_second_list_counts(self, idp: IdentityProvider, refused: Callable[[str], str]) -> None:
        second = '<ds:Transforms><ds:Transform Algorithm="urn:x"/></ds:Transforms>'
        xml = replaced(idp.response(PAIR).xml, "</ds:Transforms>", "</ds:Transforms>" + second)
        assert refused(xml) == f"the signature's transforms are {[ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, 'urn:x']}"

    @pytest.mark.parametrize(
        "algorithms",
        [
            pytest.param([ENVELOPED_SIGNATURE], id="enveloped alone"),
            pytest.param([ENVELOPED_SIGNATURE, EXCLUSIVE_C14N], id="exclusive C14N"),
            pytest.param([ENVELOPED_SIGNATURE, EXCLUSIVE_C14N_WITH_COMMENTS], id="with comments"),
        ],
    )
    def test_the_profiles_transforms_are_let_through(self, idp: IdentityProvider, algorithms: list[str]) -> None:
        written = "".join(f'<ds:Transform Algorithm="{algorithm}"/>' for algorithm in algorithms)
        response = etree.fromstring(replaced(idp.response(PAIR).xml, ENVELOPED + CANONICAL, written))
        assertion = response.find("saml:Assertion", NAMESPACES)
        assert check_signature(signature_of(assertion), assertion) is None


class TestWhereASignatureStands:
    def test_two_signatures_of_an_assertion_are_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str]
    ) -> None:
        xml = idp.response(PAIR).xml
        signature = element_of(xml, "ds:Signature")
        assert refused(replaced(xml, signature, signature * 2)) == "Assertion has 2 signatures"

    def test_two_signatures_of_a_response_are_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str]
    ) -> None:
        xml = idp.response(PAIR, signed="response").xml
        signature = element_of(xml, "ds:Signature")
        assert refused(replaced(xml, signature, signature * 2)) == "Response has 2 signatures"

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
    def test_a_signature_elsewhere_is_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str], before: str, opening: str, closing: str
    ) -> None:
        xml = idp.response(PAIR).xml
        xml = replaced(xml, before, opening + f'<ds:Signature xmlns:ds="{DS}"/>' + closing + before)
        assert refused(xml) == ELSEWHERE

    def test_a_signature_elsewhere_is_refused_though_the_response_around_it_is_signed(
        self, idp: IdentityProvider, refused: Callable[[str], str]
    ) -> None:
        statement = f'<saml:Statement><ds:Signature xmlns:ds="{DS}"/></saml:Statement><saml:AuthnStatement '
        xml = replaced(idp.response(PAIR, signed=None).xml, "<saml:AuthnStatement ", statement)
        assert refused(idp.sign(xml, signed="response").xml) == ELSEWHERE

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_an_advice_may_hold_anybodys_signed_assertion(self, idp: IdentityProvider, signed: str) -> None:
        others = IdentityProvider("urn:other", signing_key=EC_KEY).response(PAIR, name_id="mallory@example.com").xml
        advice = f"<saml:Advice>{element_of(others, 'saml:Assertion')}</saml:Advice><saml:AuthnStatement "
        xml = replaced(idp.response(PAIR, signed=None).xml, "<saml:AuthnStatement ", advice)
        claims = read_assertion(parse_response(idp.sign(xml, signed=signed)), read_metadata(idp.metadata))
        assert claims.name_id == "alice@example.com"


class TestIdentifiers:
    @pytest.mark.parametrize("name", ["ID", "Id", "id", "xml:id"])
    @pytest.mark.parametrize("which", [0, 1], ids=["response", "assertion"])
    def test_an_id_that_stands_twice_is_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str], name: str, which: int
    ) -> None:
        xml = idp.response(PAIR).xml
        again = f'<samlp:Extensions {name}="{identifiers_of(xml)[which]}"/>'
        message = f"the ID {identifiers_of(xml)[which]!r} stands more than once"
        assert refused(replaced(xml, "<samlp:Status>", again + "<samlp:Status>")) == message

    def test_response_and_assertion_with_one_id_are_refused(
        self, idp: IdentityProvider, refused: Callable[[str], str]
    ) -> None:
        xml = idp.response(PAIR).xml
        of_response, of_assertion = identifiers_of(xml)
        xml = replaced(xml, f' ID="{of_response}"', f' ID="{of_assertion}"')
        assert refused(xml) == f"the ID {of_assertion!r} stands more than once"

    def test_different_ids_in_every_spelling_are_let_through(self) -> None:
        xml = f'<a xmlns:saml="{SAML}" ID="_1" Id="_2"><b id="_3" xml:id="_4"/></a>'
        assert check_hosts(etree.fromstring(xml)) is None
