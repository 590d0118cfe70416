import re

import pytest
from cryptography import x509

from pytest_stssaml import IdentityProvider, make_signing_key
from pytest_stssaml.idp.signature import SigningKey, certificate_of, certificate_text
from pytest_stssaml.saml.metadata import InvalidMetadata, Metadata, read_metadata
from pytest_stssaml.saml.vocabulary import DS, MD

OTHER_KEY = make_signing_key("ec")
NO_CERTIFICATE = "no md:IDPSSODescriptor with a signing certificate"


@pytest.fixture
def document(saml_signing_key: SigningKey) -> str:
    return IdentityProvider(signing_key=saml_signing_key).metadata


@pytest.fixture
def certificate(saml_signing_key: SigningKey) -> x509.Certificate:
    return certificate_of(saml_signing_key)


def descriptor(use: str) -> str:
    """One more key descriptor, with the certificate of OTHER_KEY."""
    return (
        f'<md:KeyDescriptor{use}><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>'
        f"{certificate_text(OTHER_KEY)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


def refused(document: str) -> str:
    with pytest.raises(InvalidMetadata) as caught:
        read_metadata(document)
    return str(caught.value)


def test_entity_id_and_certificate_are_read(document: str, certificate: x509.Certificate) -> None:
    assert read_metadata(document) == Metadata("https://idp.example.com/saml", (certificate,))


@pytest.mark.parametrize("use", [' use="signing"', ""], ids=["signing", "absent"])
def test_a_second_signing_certificate_is_read_behind_the_first(
    document: str, certificate: x509.Certificate, use: str
) -> None:
    rotated = document.replace("<md:NameIDFormat>", descriptor(use) + "<md:NameIDFormat>", 1)
    assert read_metadata(rotated).signing_certificates == (certificate, certificate_of(OTHER_KEY))


@pytest.mark.parametrize("use", [' use="encryption"', ' use="Signing"', ' use=""'])
def test_a_certificate_of_another_use_is_not_read(document: str, certificate: x509.Certificate, use: str) -> None:
    more = document.replace("<md:NameIDFormat>", descriptor(use) + "<md:NameIDFormat>", 1)
    assert read_metadata(more).signing_certificates == (certificate,)


def test_two_certificates_of_one_descriptor_are_both_read(document: str, certificate: x509.Certificate) -> None:
    more = f"<ds:X509Certificate>{certificate_text(OTHER_KEY)}</ds:X509Certificate></ds:X509Data>"
    document = document.replace("</ds:X509Data>", more)
    assert read_metadata(document).signing_certificates == (certificate, certificate_of(OTHER_KEY))


def test_a_certificate_in_lines_is_read(document: str, certificate: x509.Certificate) -> None:
    folded = re.sub("(<ds:X509Certificate>)([^<]{64})", "\\1\n\\2\r\n\t", document)
    assert read_metadata(folded).signing_certificates == (certificate,)


def test_a_comment_does_not_cut_a_certificate_short(document: str, certificate: x509.Certificate) -> None:
    commented = re.sub("(<ds:X509Certificate>[^<]{64})", r"\1<!-- -->", document)
    assert read_metadata(commented).signing_certificates == (certificate,)


def test_an_xml_declaration_is_read(document: str) -> None:
    declared = '<?xml version="1.0" encoding="UTF-8"?>\n' + document
    assert read_metadata(declared).entity_id == "https://idp.example.com/saml"


@pytest.mark.parametrize(
    ("document", "because"),
    [
        pytest.param("", "the metadata is not XML: ", id="nothing"),
        pytest.param("https://idp.example.com/metadata", "the metadata is not XML: ", id="a URL"),
        pytest.param("<md:EntityDescriptor", "the metadata is not XML: ", id="cut off"),
        pytest.param("<a>\0</a>", "the metadata is not XML: ", id="NUL"),
        pytest.param("<a>\ud800</a>", "the metadata is not XML: ", id="lone surrogate"),
        pytest.param("<a>" * 300, "the metadata is not XML: ", id="too deep"),
    ],
)
def test_what_is_not_xml_is_refused(document: str, because: str) -> None:
    assert refused(document).startswith(because)


def test_a_document_type_declaration_is_refused(document: str) -> None:
    message = "the metadata is not XML: a document type declaration"
    assert refused("<!DOCTYPE EntityDescriptor>" + document) == message


@pytest.mark.parametrize(
    ("document", "because"),
    [
        pytest.param("<html/>", "the root element is 'html', not md:EntityDescriptor", id="HTML"),
        pytest.param(
            f'<EntitiesDescriptor xmlns="{MD}"/>',
            f"the root element is '{{{MD}}}EntitiesDescriptor', not md:EntityDescriptor",
            id="several entities",
        ),
        pytest.param(f'<EntityDescriptor xmlns="{MD}"/>', "md:EntityDescriptor has no entityID", id="no entityID"),
        pytest.param(
            f'<EntityDescriptor xmlns="{MD}" entityID=""/>', "md:EntityDescriptor has no entityID", id="empty entityID"
        ),
        pytest.param(f'<EntityDescriptor xmlns="{MD}" entityID="a"/>', NO_CERTIFICATE, id="no IDPSSODescriptor"),
    ],
)
def test_another_document_is_refused(document: str, because: str) -> None:
    assert refused(document) == because


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('use="signing"', 'use="encryption"', id="for encryption only"),
        pytest.param("md:IDPSSODescriptor", "md:SPSSODescriptor", id="a service provider's"),
        pytest.param("X509Certificate", "X509CRL", id="no certificate"),
    ],
)
def test_metadata_without_a_signing_certificate_is_refused(document: str, old: str, new: str) -> None:
    assert refused(document.replace(old, new)) == NO_CERTIFICATE


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("????", id="not base64"),
        pytest.param("AAAA", id="not a certificate"),
        pytest.param("ü", id="not ASCII"),
        pytest.param("-----BEGIN CERTIFICATE-----", id="PEM"),
    ],
)
def test_a_certificate_that_cannot_be_read_is_refused(document: str, content: str) -> None:
    broken = re.sub("(<ds:X509Certificate>)[^<]*", rf"\1{content}", document)
    assert refused(broken).startswith("an X509Certificate cannot be read: ")
