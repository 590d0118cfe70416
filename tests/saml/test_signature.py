import base64
import datetime as dt
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from pytest_stssaml import IdentityProvider, make_signing_key
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.saml.assertion import Assertion, parse_response, read_assertion
from pytest_stssaml.saml.faults import Fault, Unreadable
from pytest_stssaml.saml.metadata import Metadata
from pytest_stssaml.saml.signature import NotSigned, signed_by
from pytest_stssaml.saml.vocabulary import DIGEST_ALGORITHMS, NAMESPACES, SIGNATURE_ALGORITHMS

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
RSA_SHA256 = re.escape(SIGNATURE_ALGORITHMS["rsa-sha256"])
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENTITY_ID = "https://idp.example.com/saml"
FOREIGN_KEY = make_signing_key("ec")


@pytest.fixture
def idp(saml_signing_key: SigningKey) -> IdentityProvider:
    return IdentityProvider(signing_key=saml_signing_key)


@pytest.fixture
def metadata(saml_signing_key: SigningKey) -> Metadata:
    return Metadata(ENTITY_ID, (certificate_of(saml_signing_key),))


def read(response: str, metadata: Metadata) -> Assertion:
    return read_assertion(parse_response(response), metadata)


def fault(response: str, metadata: Metadata) -> Fault:
    with pytest.raises(Unreadable) as caught:
        read(response, metadata)
    return caught.value.fault


def encoded(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def replaced(xml: str, old: str, new: str) -> str:
    assert old in xml
    return xml.replace(old, new, 1)


def certificate_between(key: SigningKey, first: dt.datetime, last: dt.datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.com")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, first, last)
    return builder.sign(key, hashes.SHA256())


class TestKeys:
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    @pytest.mark.parametrize("kind", ["rsa", "ec"])
    def test_each_kind_of_key_signs_each_form(self, kind: str, signed: str) -> None:
        key = make_signing_key(kind)
        response = IdentityProvider(signing_key=key).response(PAIR, signed=signed)
        assert read(response, Metadata(ENTITY_ID, (certificate_of(key),))).name_id == "alice@example.com"

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_a_foreign_key_is_refused(self, idp: IdentityProvider, metadata: Metadata, signed: str) -> None:
        response = idp.response(PAIR, signing_key=FOREIGN_KEY, signed=signed)
        assert fault(response, metadata) is Fault.BAD_SIGNATURE

    @pytest.mark.parametrize(
        ("inner", "outer"), [pytest.param(True, False, id="assertion"), pytest.param(False, True, id="response")]
    )
    def test_one_foreign_signature_of_two_is_refused(
        self, idp: IdentityProvider, metadata: Metadata, inner: bool, outer: bool
    ) -> None:
        foreign = IdentityProvider(signing_key=FOREIGN_KEY)
        half = (foreign if inner else idp).sign(idp.response(PAIR, signed=None).xml, signed="assertion")
        whole = (foreign if outer else idp).sign(half.xml, signed="response")
        assert fault(whole, metadata) is Fault.BAD_SIGNATURE

    @pytest.mark.parametrize("at", [0, 1, 2])
    def test_any_certificate_of_the_metadata_may_match(
        self, idp: IdentityProvider, saml_signing_key: SigningKey, at: int
    ) -> None:
        certificates = [certificate_of(FOREIGN_KEY), certificate_of(make_signing_key("ec"))]
        certificates.insert(at, certificate_of(saml_signing_key))
        response = idp.response(PAIR)
        assert read(response, Metadata(ENTITY_ID, tuple(certificates))).name_id == "alice@example.com"

    def test_no_certificate_verifies_nothing(self, idp: IdentityProvider) -> None:
        assert fault(idp.response(PAIR), Metadata(ENTITY_ID, ())) is Fault.BAD_SIGNATURE

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            pytest.param(dt.datetime(2000, 1, 1), dt.datetime(2001, 1, 1), id="expired"),  # noqa: DTZ001
            pytest.param(dt.datetime(2900, 1, 1), dt.datetime(2901, 1, 1), id="not yet valid"),  # noqa: DTZ001
        ],
    )
    def test_the_dates_of_a_certificate_do_not_matter(
        self, idp: IdentityProvider, saml_signing_key: SigningKey, first: dt.datetime, last: dt.datetime
    ) -> None:
        dated = Metadata(ENTITY_ID, (certificate_between(saml_signing_key, first, last),))
        assert read(idp.response(PAIR), dated).name_id == "alice@example.com"


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
                id="certificate that is none",
            ),
            pytest.param(
                '<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:9/"/></ds:KeyInfo>', id="RetrievalMethod"
            ),
            pytest.param('<ds:KeyInfo Id="k"><saml:Issuer/></ds:KeyInfo>', id="foreign element"),
        ],
    )
    def test_key_info_neither_helps_nor_hinders(self, idp: IdentityProvider, metadata: Metadata, key_info: str) -> None:
        xml = re.sub("<ds:KeyInfo>.*</ds:KeyInfo>", key_info, idp.response(PAIR).xml)
        assert read(encoded(xml), metadata).name_id == "alice@example.com"

    def test_a_foreign_certificate_does_not_hinder(self, idp: IdentityProvider, metadata: Metadata) -> None:
        foreign = IdentityProvider(signing_key=FOREIGN_KEY).response(PAIR).xml
        key_info = re.search("<ds:KeyInfo>.*</ds:KeyInfo>", foreign)
        assert key_info is not None
        xml = re.sub("<ds:KeyInfo>.*</ds:KeyInfo>", key_info[0], idp.response(PAIR).xml)
        assert read(encoded(xml), metadata).name_id == "alice@example.com"

    def test_a_trusted_certificate_does_not_help(self, idp: IdentityProvider, metadata: Metadata) -> None:
        key_info = re.search("<ds:KeyInfo>.*</ds:KeyInfo>", idp.response(PAIR).xml)
        assert key_info is not None
        foreign = idp.response(PAIR, signing_key=FOREIGN_KEY).xml
        xml = re.sub("<ds:KeyInfo>.*</ds:KeyInfo>", key_info[0], foreign)
        assert fault(encoded(xml), metadata) is Fault.BAD_SIGNATURE


class TestTampering:
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
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
    def test_a_change_of_what_was_signed_is_refused(
        self, idp: IdentityProvider, metadata: Metadata, signed: str, old: str, new: str
    ) -> None:
        xml = replaced(idp.response(PAIR, signed=signed).xml, old, new)
        assert fault(encoded(xml), metadata) is Fault.BAD_SIGNATURE

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
    def test_a_change_that_canonicalisation_undoes_is_none(
        self, idp: IdentityProvider, metadata: Metadata, old: str, new: str
    ) -> None:
        xml = replaced(idp.response(PAIR).xml, old, new)
        assert read(encoded(xml), metadata).name_id == "alice@example.com"

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
    def test_a_broken_signature_is_refused_and_nothing_else_happens(
        self, idp: IdentityProvider, metadata: Metadata, pattern: str, new: str
    ) -> None:
        xml = idp.response(PAIR).xml
        broken = re.sub(pattern, new, xml)
        assert broken != xml
        assert fault(encoded(broken), metadata) is Fault.BAD_SIGNATURE

    def test_space_in_a_signature_value_does_not_matter(self, idp: IdentityProvider, metadata: Metadata) -> None:
        xml = re.sub("(<ds:SignatureValue>.{64})", "\\1\n", idp.response(PAIR).xml)
        assert read(encoded(xml), metadata).name_id == "alice@example.com"


class TestSignedBy:
    def test_what_comes_back_holds_only_what_was_signed(
        self, idp: IdentityProvider, saml_signing_key: SigningKey
    ) -> None:
        response = etree.fromstring(idp.response(PAIR).xml)
        assertion = response.find("saml:Assertion", NAMESPACES)
        signed = signed_by((certificate_of(saml_signing_key),), assertion)
        assert (signed.getroottree().getroot() is signed, signed.find(".//ds:Signature", NAMESPACES)) == (True, None)

    def test_a_true_signature_over_a_child_is_none_over_its_parent(
        self, idp: IdentityProvider, saml_signing_key: SigningKey
    ) -> None:
        response = etree.fromstring(idp.response(PAIR).xml)
        response.append(response.find("saml:Assertion/ds:Signature", NAMESPACES))
        with pytest.raises(NotSigned) as caught:
            signed_by((certificate_of(saml_signing_key),), response)
        assert str(caught.value).endswith(": the signature covers another element")

    def test_another_implementations_signature_with_comments_is_read(
        self, idp: IdentityProvider, saml_signing_key: SigningKey, metadata: Metadata
    ) -> None:
        method = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0_WITH_COMMENTS
        response = etree.fromstring(idp.response(PAIR, signed=None).xml)
        response.find(".//saml:NameID", NAMESPACES).append(etree.Comment("signed"))
        signer = XMLSigner(c14n_algorithm=method)
        identifier = response.get("ID")
        signed = signer.sign(
            response,
            key=saml_signing_key,
            cert=[certificate_of(saml_signing_key)],
            reference_uri=identifier,
            id_attribute="ID",
        )
        assert read(encoded(etree.tostring(signed).decode()), metadata).name_id == "alice@example.com"
