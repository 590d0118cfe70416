import base64
import re

import pytest
from certificates import certificate_between, keys_of, spki_of
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from saml_documents import base64_of, parsed, replaced, substituted
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from pytest_stssaml import IdentityProvider, make_signing_key
from pytest_stssaml.idp.writing.signature import certificate_text
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.saml.metadata import (
    InvalidMetadata,
    Metadata,
    UnusableCertificate,
    read_metadata,
)
from pytest_stssaml.saml.vocabulary import DS, MD

OTHER_KEY = make_signing_key("ec")
NO_CERTIFICATE = "no md:IDPSSODescriptor with a signing certificate"


@pytest.fixture
def document(signer: IdentityProvider) -> str:
    return signer.metadata


@pytest.fixture
def certificate(saml_signing_key: SigningKey) -> x509.Certificate:
    return certificate_of(saml_signing_key)


def descriptor(use: str) -> str:
    """Return one more key descriptor, with the certificate of OTHER_KEY."""
    return (
        f'<md:KeyDescriptor{use}><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>'
        f"{certificate_text(OTHER_KEY)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


def refused(document: str) -> str:
    with pytest.raises(InvalidMetadata) as caught:
        read_metadata(document)
    return str(caught.value)


def test_reads_the_entity_id_and_the_certificate(document: str, certificate: x509.Certificate) -> None:
    assert read_metadata(document) == Metadata("https://idp.example.com/saml", keys_of([certificate]))


@pytest.mark.parametrize("use", [' use="signing"', ""], ids=["signing", "absent"])
def test_reads_a_second_signing_certificate_after_the_first(
    document: str, certificate: x509.Certificate, use: str
) -> None:
    rotated = document.replace("<md:NameIDFormat>", descriptor(use) + "<md:NameIDFormat>", 1)
    assert read_metadata(rotated).signing_keys == (*keys_of([certificate]), spki_of(OTHER_KEY))


@pytest.mark.parametrize("use", [' use="encryption"', ' use="Signing"', ' use=""'])
def test_ignores_a_certificate_of_another_use(document: str, certificate: x509.Certificate, use: str) -> None:
    more = document.replace("<md:NameIDFormat>", descriptor(use) + "<md:NameIDFormat>", 1)
    assert read_metadata(more).signing_keys == keys_of([certificate])


def test_reads_both_certificates_of_one_descriptor(document: str, certificate: x509.Certificate) -> None:
    more = f"<ds:X509Certificate>{certificate_text(OTHER_KEY)}</ds:X509Certificate></ds:X509Data>"
    document = document.replace("</ds:X509Data>", more)
    assert read_metadata(document).signing_keys == (*keys_of([certificate]), spki_of(OTHER_KEY))


def test_reads_a_certificate_with_line_breaks(document: str, certificate: x509.Certificate) -> None:
    folded = re.sub("(<ds:X509Certificate>)([^<]{64})", "\\1\n\\2\r\n\t", document)
    assert read_metadata(folded).signing_keys == keys_of([certificate])


def test_a_comment_does_not_truncate_a_certificate(document: str, certificate: x509.Certificate) -> None:
    commented = re.sub("(<ds:X509Certificate>[^<]{64})", r"\1<!-- -->", document)
    assert read_metadata(commented).signing_keys == keys_of([certificate])


def test_reads_a_document_with_an_xml_declaration(document: str) -> None:
    declared = '<?xml version="1.0" encoding="UTF-8"?>\n' + document
    assert read_metadata(declared).entity_id == "https://idp.example.com/saml"


@pytest.mark.parametrize(
    ("document", "because"),
    [
        pytest.param("", "the metadata is not XML: ", id="empty"),
        pytest.param("https://idp.example.com/metadata", "the metadata is not XML: ", id="a URL"),
        pytest.param("<md:EntityDescriptor", "the metadata is not XML: ", id="cut off"),
        pytest.param("<a>\0</a>", "the metadata is not XML: ", id="NUL"),
        pytest.param("<a>\ud800</a>", "the metadata is not XML: ", id="lone surrogate"),
        pytest.param("<a>" * 300, "the metadata is not XML: ", id="too deep"),
    ],
)
def test_rejects_what_is_not_xml(document: str, because: str) -> None:
    assert refused(document).startswith(because)


def test_rejects_a_document_type_declaration(document: str) -> None:
    message = "the metadata is not XML: a document type declaration is not allowed"
    assert refused("<!DOCTYPE EntityDescriptor>" + document) == message


@pytest.mark.parametrize(
    ("document", "because"),
    [
        pytest.param("<html/>", "the root element is 'html', not md:EntityDescriptor", id="HTML"),
        pytest.param(
            f'<KeyDescriptor xmlns="{MD}"/>',
            f"the root element is '{{{MD}}}KeyDescriptor', not md:EntityDescriptor",
            id="a part of metadata",
        ),
        pytest.param(f'<EntityDescriptor xmlns="{MD}"/>', "md:EntityDescriptor has no entityID", id="no entityID"),
        pytest.param(
            f'<EntityDescriptor xmlns="{MD}" entityID=""/>', "md:EntityDescriptor has no entityID", id="empty entityID"
        ),
        pytest.param(f'<EntitiesDescriptor xmlns="{MD}"/>', NO_CERTIFICATE, id="no entity"),
        pytest.param(f'<EntityDescriptor xmlns="{MD}" entityID="a"/>', NO_CERTIFICATE, id="no IDPSSODescriptor"),
    ],
)
def test_rejects_another_document(document: str, because: str) -> None:
    assert refused(document) == because


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('use="signing"', 'use="encryption"', id="for encryption only"),
        pytest.param("md:IDPSSODescriptor", "md:SPSSODescriptor", id="of a service provider"),
        pytest.param("X509Certificate", "X509CRL", id="no certificate"),
    ],
)
def test_rejects_metadata_without_a_signing_certificate(document: str, old: str, new: str) -> None:
    assert refused(document.replace(old, new)) == NO_CERTIFICATE


@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        pytest.param("(<ds:X509Certificate>)[^<]*", r"\1", id="empty"),
        pytest.param("(<ds:X509Certificate>)[^<]*", r"\1????", id="not base64"),
        pytest.param("(<ds:X509Certificate>)[^<]*", r"\1AAAA", id="not a certificate"),
        pytest.param("(<ds:X509Certificate>)[^<]*", r"\1ü", id="not ASCII"),
        pytest.param("(<ds:X509Certificate>)[^<]*", r"\1-----BEGIN CERTIFICATE-----", id="PEM"),
        pytest.param("(<ds:X509Certificate>[^<]{64})", r"\1-", id="a minus inside"),
        pytest.param("(<ds:X509Certificate>[^<]{64})", r"\1_", id="an underscore inside"),
        pytest.param("(<ds:X509Certificate>[^<]{64})", r"\1!", id="an exclamation mark inside"),
        pytest.param("(<ds:X509Certificate>[^<]{64})", r"\1ü", id="an umlaut inside"),
    ],
)
def test_rejects_a_certificate_that_cannot_be_read(document: str, pattern: str, new: str) -> None:
    broken = substituted(pattern, new, document)
    assert refused(broken).startswith("an X509Certificate cannot be read: ")


def test_rejects_a_certificate_with_a_key_on_an_unknown_curve() -> None:
    der = certificate_of(OTHER_KEY).public_bytes(Encoding.DER)
    p_256, unknown = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030163")
    assert p_256 in der
    document = IdentityProvider(signing_key=OTHER_KEY).metadata
    other = replaced(document, base64_of(der), base64_of(der.replace(p_256, unknown)))
    assert refused(other).startswith("an X509Certificate cannot be read: ")


def signed_document(document: str, key: SigningKey) -> str:
    root = parsed(document.replace("entityID=", 'ID="_m" entityID='))
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    signed = signer.sign(root, key=key, cert=[certificate_of(key)], reference_uri="_m", id_attribute="ID")
    return etree.tostring(signed).decode()


@pytest.mark.parametrize("own_key", [True, False], ids=["its own key", "another key"])
def test_ignores_the_signature_of_a_document(
    document: str, certificate: x509.Certificate, saml_signing_key: SigningKey, own_key: bool
) -> None:
    signed = signed_document(document, saml_signing_key if own_key else make_signing_key())
    assert read_metadata(signed) == Metadata("https://idp.example.com/saml", keys_of([certificate]))


@pytest.mark.parametrize("attribute", ['validUntil="2001-01-01T00:00:00Z"', 'cacheDuration="PT1S"'])
def test_ignores_how_long_a_document_is_valid(document: str, attribute: str) -> None:
    ended = document.replace("entityID=", f"{attribute} entityID=")
    assert read_metadata(ended) == read_metadata(document)


def test_rejects_a_byte_order_mark(document: str) -> None:
    assert refused("\ufeff" + document) == "the metadata begins with a byte order mark"


def with_certificate(document: str, certificate: x509.Certificate, der: bytes) -> str:
    """Return metadata with another certificate."""
    return replaced(document, base64_of(certificate.public_bytes(Encoding.DER)), base64_of(der))


# Made with openssl req -x509 -newkey rsa:1023, because cryptography does not make such a key.
RSA_1023 = (
    "MIICETCCAXqgAwIBAgIUT1+CQHgjT1VAEC048sHQ+WPRswswDQYJKoZIhvcNAQELBQAwGjEYMBYGA1UEAwwPaWRwLmV4YW1wbGUuY29tMCAXDTI2"
    "MTEyMTIzNDMyMloYDzIxMjYxMDI4MjM0MzIyWjAaMRgwFgYDVQQDDA9pZHAuZXhhbXBsZS5jb20wgZ4wDQYJKoZIhvcNAQEBBQADgYwAMIGIAoGA"
    "dJdN8iiWHXNbzpQNNh2q7T9wZVqEJEJKs1ebNsK7a8GjQndIRt6tQzL6XHpqSfXBBhNXH1doYSN4opa+iM+vti1CmdoP0U8ZQqYodj0oWfR24CYs"
    "V4eNIo33TVydLxT4wcF31HDoKtblA2qbGRYRCoQeu+b/z2uckWHFQxH6aU0CAwEAAaNTMFEwHQYDVR0OBBYEFGqt9qnf36pXV/+B0d/uAPs0sDZp"
    "MB8GA1UdIwQYMBaAFGqt9qnf36pXV/+B0d/uAPs0sDZpMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADgYEANHoCLFYcoU+P6uYQAHih"
    "XFZ9H6wSaimBjrfuUDPteV/dUi0AMU0xsrUMXFtNtunIT1/k4ZRZjQvPOTzoXz4H1zkYzJHIaWtRp4PU34uBmi4ogIcs0qeVse7nYT8tp4MoxhCY"
    "GiEDCvnKs75ydVb+GH3W4nFn62mI58u2UNiozkY="
)


def der_with_extensions(*oids: str) -> bytes:
    extensions = dict.fromkeys(oids, b"\5\0")
    return certificate_between(OTHER_KEY, 2020, 2021, extensions).public_bytes(Encoding.DER)


class TestCertificates:
    def test_reads_a_certificate_that_has_expired(self, document: str, certificate: x509.Certificate) -> None:
        der = certificate_between(OTHER_KEY, 2020, 2021).public_bytes(Encoding.DER)
        assert read_metadata(with_certificate(document, certificate, der)).signing_keys == (spki_of(OTHER_KEY),)

    def test_accepts_an_rsa_key_of_1024_bits(self) -> None:
        idp = IdentityProvider(signing_key=rsa.generate_private_key(65537, 1024))  # noqa: S505 - the shortest that IAM accepts
        assert read_metadata(idp.metadata).signing_keys == keys_of(idp.certificates)

    def test_rejects_an_rsa_key_below_1024_bits(self, document: str, certificate: x509.Certificate) -> None:
        with pytest.raises(UnusableCertificate) as caught:
            read_metadata(with_certificate(document, certificate, base64.b64decode(RSA_1023)))
        assert str(caught.value) == "an RSA key has 1023 bits, fewer than 1024"

    def test_rejects_a_repeated_extension(self, document: str, certificate: x509.Certificate) -> None:
        der = der_with_extensions("1.2.3.4", "1.2.3.5")
        twice = der.replace(bytes.fromhex("06032a0305"), bytes.fromhex("06032a0304"))
        with pytest.raises(UnusableCertificate) as caught:
            read_metadata(with_certificate(document, certificate, twice))
        assert str(caught.value) == "an X509Certificate repeats the extension 1.2.3.4"

    def test_accepts_two_different_extensions(self, document: str, certificate: x509.Certificate) -> None:
        der = der_with_extensions("1.2.3.4", "1.2.3.5")
        assert len(read_metadata(with_certificate(document, certificate, der)).signing_keys) == 1
