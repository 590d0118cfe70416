import base64
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from pytest_stssaml import (
    IdentityProvider,
    SAMLProvider,
    STSBackend,
    make_signing_key,
)
from pytest_stssaml.idp.writing.signature import certificate_text
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.saml.assertion import parse_response, read_assertion
from pytest_stssaml.saml.faults import Unreadable
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
            f'<KeyDescriptor xmlns="{MD}"/>',
            f"the root element is '{{{MD}}}KeyDescriptor', not md:EntityDescriptor",
            id="a part of one",
        ),
        pytest.param(f'<EntityDescriptor xmlns="{MD}"/>', "md:EntityDescriptor has no entityID", id="no entityID"),
        pytest.param(
            f'<EntityDescriptor xmlns="{MD}" entityID=""/>', "md:EntityDescriptor has no entityID", id="empty entityID"
        ),
        pytest.param(f'<EntitiesDescriptor xmlns="{MD}"/>', NO_CERTIFICATE, id="no entity"),
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


# --- several entities

BOTH = (make_signing_key("ec"), make_signing_key("ec"))
FIRST, SECOND = (IdentityProvider(f"urn:{n}", signing_key=key) for n, key in zip("12", BOTH, strict=True))
SERVICE_PROVIDER = f'<md:EntityDescriptor xmlns:md="{MD}" entityID="urn:sp"><md:SPSSODescriptor/></md:EntityDescriptor>'


def together(*documents: str) -> str:
    return f'<md:EntitiesDescriptor xmlns:md="{MD}">{"".join(documents)}</md:EntitiesDescriptor>'


class TestSeveralEntities:
    @pytest.mark.parametrize(
        "document",
        [
            pytest.param(together(FIRST.metadata, SECOND.metadata), id="side by side"),
            pytest.param(together(FIRST.metadata, together(SECOND.metadata)), id="nested"),
            pytest.param(together(together(FIRST.metadata), together(together(SECOND.metadata))), id="deeper"),
            pytest.param(together(SERVICE_PROVIDER, FIRST.metadata, SERVICE_PROVIDER, SECOND.metadata), id="with SPs"),
        ],
    )
    def test_every_identity_provider_is_read_in_order(self, document: str) -> None:
        assert read_metadata(document).entities == (
            Metadata("urn:1", (certificate_of(BOTH[0]),), (Metadata("urn:2", (certificate_of(BOTH[1]),)),)),
            Metadata("urn:2", (certificate_of(BOTH[1]),)),
        )

    def test_one_entity_stands_alone(self, document: str) -> None:
        assert read_metadata(document).entities == (read_metadata(document),)

    def test_a_service_provider_alone_is_refused(self) -> None:
        assert refused(together(SERVICE_PROVIDER)) == NO_CERTIFICATE

    def test_one_entity_without_entity_id_is_refused(self) -> None:
        nameless = SERVICE_PROVIDER.replace(' entityID="urn:sp"', "")
        assert refused(together(FIRST.metadata, nameless)) == "md:EntityDescriptor has no entityID"

    @pytest.fixture
    def provider(self, sts: STSBackend) -> SAMLProvider:
        provider = sts.create_saml_provider("Federation", together(FIRST.metadata, SECOND.metadata))
        sts.create_role("Developer")
        return provider

    @pytest.mark.parametrize("idp", [FIRST, SECOND], ids=["first", "second"])
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_each_is_believed_with_its_own_key(
        self, provider: SAMLProvider, log_in: Callable[..., Any], idp: IdentityProvider, signed: str
    ) -> None:
        role = "arn:aws:iam::123456789012:role/Developer"
        answer = log_in(idp.response((role, provider), signed=signed), role, provider)
        assert answer["Issuer"] == idp.entity_id

    @pytest.mark.parametrize(("idp", "key"), [(FIRST, BOTH[1]), (SECOND, BOTH[0])], ids=["first", "second"])
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_neither_is_believed_with_the_others_key(
        self, provider: SAMLProvider, refusal: Callable[..., Any], idp: IdentityProvider, key: Any, signed: str
    ) -> None:
        role = "arn:aws:iam::123456789012:role/Developer"
        response = idp.response((role, provider), signing_key=key, signed=signed)
        assert refusal(response, role, provider) == ("InvalidIdentityToken", 400, "Response signature invalid")

    @pytest.mark.parametrize("key", BOTH, ids=["first", "second"])
    def test_a_failure_may_be_signed_by_either(
        self, provider: SAMLProvider, refusal: Callable[..., Any], key: Any
    ) -> None:
        role = "arn:aws:iam::123456789012:role/Developer"
        status = "urn:oasis:names:tc:SAML:2.0:status:Responder"
        response = SECOND.response((role, provider), signing_key=key, signed="response", status=status)
        assert refusal(response, role, provider)[0] == "IDPRejectedClaim"

    def test_a_failure_signed_by_somebody_else_is_refused(
        self, provider: SAMLProvider, refusal: Callable[..., Any]
    ) -> None:
        role = "arn:aws:iam::123456789012:role/Developer"
        status = "urn:oasis:names:tc:SAML:2.0:status:Responder"
        response = SECOND.response((role, provider), signing_key=OTHER_KEY, signed="response", status=status)
        assert refusal(response, role, provider) == ("InvalidIdentityToken", 400, "Response signature invalid")

    def test_a_foreign_issuer_reads_whom_is_known(self) -> None:
        with pytest.raises(Unreadable) as caught:
            read_assertion(
                parse_response(FIRST.response(("r", "p"), issuer="urn:3")),
                read_metadata(together(FIRST.metadata, SECOND.metadata)),
            )
        assert caught.value.because == "expected the issuer 'urn:1' or 'urn:2', got 'urn:3'"


# --- what else a document may be, or must not


def signed_document(document: str, key: SigningKey) -> str:
    root = etree.fromstring(document.replace("entityID=", 'ID="_m" entityID='))
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    signed = signer.sign(root, key=key, cert=[certificate_of(key)], reference_uri="_m", id_attribute="ID")
    return etree.tostring(signed).decode()


@pytest.mark.parametrize("key", [None, make_signing_key()], ids=["its own", "another's"])
def test_a_signed_document_is_read_and_its_signature_is_not_looked_at(
    document: str, certificate: x509.Certificate, saml_signing_key: SigningKey, key: SigningKey | None
) -> None:
    signed = signed_document(document, key or saml_signing_key)
    assert read_metadata(signed) == Metadata("https://idp.example.com/saml", (certificate,))


@pytest.mark.parametrize("attribute", ['validUntil="2001-01-01T00:00:00Z"', 'cacheDuration="PT1S"'])
def test_how_long_a_document_holds_is_not_looked_at(document: str, attribute: str) -> None:
    ended = document.replace("entityID=", f"{attribute} entityID=")
    assert read_metadata(ended) == read_metadata(document)


def test_a_byte_order_mark_is_refused(document: str) -> None:
    assert refused("\ufeff" + document) == "the metadata begins with a byte order mark"


def rewritten(document: str, certificate: x509.Certificate, der: bytes) -> str:
    old, new = (base64.b64encode(octets).decode() for octets in (certificate.public_bytes(Encoding.DER), der))
    assert old in document
    return document.replace(old, new)


# Made with openssl req -x509 -newkey rsa:1023; cryptography makes no such key.
RSA_1023 = (
    "MIICETCCAXqgAwIBAgIUT1+CQHgjT1VAEC048sHQ+WPRswswDQYJKoZIhvcNAQELBQAwGjEYMBYGA1UEAwwPaWRwLmV4YW1wbGUuY29tMCAXDTI2"
    "MTEyMTIzNDMyMloYDzIxMjYxMDI4MjM0MzIyWjAaMRgwFgYDVQQDDA9pZHAuZXhhbXBsZS5jb20wgZ4wDQYJKoZIhvcNAQEBBQADgYwAMIGIAoGA"
    "dJdN8iiWHXNbzpQNNh2q7T9wZVqEJEJKs1ebNsK7a8GjQndIRt6tQzL6XHpqSfXBBhNXH1doYSN4opa+iM+vti1CmdoP0U8ZQqYodj0oWfR24CYs"
    "V4eNIo33TVydLxT4wcF31HDoKtblA2qbGRYRCoQeu+b/z2uckWHFQxH6aU0CAwEAAaNTMFEwHQYDVR0OBBYEFGqt9qnf36pXV/+B0d/uAPs0sDZp"
    "MB8GA1UdIwQYMBaAFGqt9qnf36pXV/+B0d/uAPs0sDZpMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADgYEANHoCLFYcoU+P6uYQAHih"
    "XFZ9H6wSaimBjrfuUDPteV/dUi0AMU0xsrUMXFtNtunIT1/k4ZRZjQvPOTzoXz4H1zkYzJHIaWtRp4PU34uBmi4ogIcs0qeVse7nYT8tp4MoxhCY"
    "GiEDCvnKs75ydVb+GH3W4nFn62mI58u2UNiozkY="
)


def certificate_with(key: Any, *extensions: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.com")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1).not_valid_before(dt.datetime(2020, 1, 1))  # noqa: DTZ001
    builder = builder.not_valid_after(dt.datetime(2021, 1, 1))  # noqa: DTZ001
    for oid, octets in extensions:
        builder = builder.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), octets), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


class TestCertificates:
    def test_one_that_has_expired_is_read(self, document: str, certificate: x509.Certificate) -> None:
        der = certificate_with(OTHER_KEY)
        (read,) = read_metadata(rewritten(document, certificate, der)).signing_certificates
        assert read.public_bytes(Encoding.DER) == der

    def test_an_rsa_key_of_1024_bits_is_taken(self) -> None:
        idp = IdentityProvider(signing_key=rsa.generate_private_key(65537, 1024))  # noqa: S505 - the shortest
        assert read_metadata(idp.metadata).signing_certificates == idp.certificates

    def test_an_rsa_key_below_1024_bits_is_unusable(self, document: str, certificate: x509.Certificate) -> None:
        with pytest.raises(UnusableCertificate) as caught:
            read_metadata(rewritten(document, certificate, base64.b64decode(RSA_1023)))
        assert str(caught.value) == "an RSA key has 1023 bits, fewer than 1024"

    def test_an_extension_that_stands_twice_is_unusable(self, document: str, certificate: x509.Certificate) -> None:
        der = certificate_with(OTHER_KEY, ("1.2.3.4", b"\5\0"), ("1.2.3.5", b"\5\0"))
        twice = der.replace(bytes.fromhex("06032a0305"), bytes.fromhex("06032a0304"))
        with pytest.raises(UnusableCertificate) as caught:
            read_metadata(rewritten(document, certificate, twice))
        assert str(caught.value) == "an X509Certificate repeats the extension 1.2.3.4"

    def test_two_different_extensions_are_taken(self, document: str, certificate: x509.Certificate) -> None:
        der = certificate_with(OTHER_KEY, ("1.2.3.4", b"\5\0"), ("1.2.3.5", b"\5\0"))
        assert len(read_metadata(rewritten(document, certificate, der)).signing_certificates) == 1
