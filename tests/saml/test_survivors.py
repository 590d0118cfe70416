"""What mutants of saml/ asked for: of signature.py first, of metadata.py last."""

import base64
import re

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.exceptions import InvalidSignature
from signxml.verifier import XMLVerifier

from pytest_stssaml import IdentityProvider, make_signing_key
from pytest_stssaml.keys import certificate_of
from pytest_stssaml.saml.assertion import Assertion, parse_response, read_assertion
from pytest_stssaml.saml.metadata import InvalidMetadata, Metadata, read_metadata
from pytest_stssaml.saml.signature import NotSigned, signed_by
from pytest_stssaml.saml.vocabulary import EXCLUSIVE_C14N, NAMESPACES

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
ENTITY_ID = "https://idp.example.com/saml"


@pytest.fixture
def idp(saml_signing_key: rsa.RSAPrivateKey) -> IdentityProvider:
    return IdentityProvider(signing_key=saml_signing_key)


@pytest.fixture
def metadata(saml_signing_key: rsa.RSAPrivateKey) -> Metadata:
    return Metadata(ENTITY_ID, (certificate_of(saml_signing_key),))


def read(response: str, metadata: Metadata) -> Assertion:
    return read_assertion(parse_response(response), metadata)


def encoded(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def replaced(xml: str, old: str, new: str) -> str:
    assert old in xml
    return xml.replace(old, new, 1)


class TestSignedByMore:
    @pytest.mark.parametrize("identifier", ["_0", "_z"], ids=["smaller", "greater"])
    def test_a_true_signature_over_a_descendant_of_the_same_name_is_none(
        self, idp: IdentityProvider, metadata: Metadata, identifier: str
    ) -> None:
        honest = etree.fromstring(idp.response(PAIR).xml).find("saml:Assertion", NAMESPACES)
        unsigned = etree.fromstring(re.sub(b"<ds:Signature.*</ds:Signature>", b"", etree.tostring(honest)))
        honest.set("ID", identifier)
        honest.find("saml:Conditions", NAMESPACES).append(unsigned)
        with pytest.raises(NotSigned) as caught:
            signed_by(metadata.signing_certificates, honest)
        assert str(caught.value).endswith(": the signature covers another element")

    @pytest.mark.parametrize(
        "error",
        [
            InvalidSignature("no"),
            etree.LxmlError("no"),
            UnsupportedAlgorithm("no"),
            NotImplementedError("no"),
            TypeError("no"),
            ValueError("no"),
            KeyError("no"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_whatever_signxml_was_seen_to_raise_is_a_refusal(
        self, idp: IdentityProvider, metadata: Metadata, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def verify(*args: object, **keywords: object) -> None:
            raise error

        monkeypatch.setattr(XMLVerifier, "verify", verify)
        with pytest.raises(NotSigned, match="no"):
            signed_by(metadata.signing_certificates, etree.fromstring(idp.response(PAIR).xml))


def test_the_signature_of_a_response_may_stand_behind_its_signed_assertion(
    idp: IdentityProvider, metadata: Metadata
) -> None:
    xml = idp.response(PAIR, signed="both").xml
    signature = re.search("<ds:Signature .*?</ds:Signature>", xml)
    assert signature is not None
    xml = replaced(replaced(xml, signature[0], ""), "</samlp:Response>", signature[0] + "</samlp:Response>")
    assert read(encoded(xml), metadata).name_id == "alice@example.com"


def test_a_canonicalisation_that_names_inclusive_namespaces_is_read(
    idp: IdentityProvider, metadata: Metadata, saml_signing_key: rsa.RSAPrivateKey
) -> None:
    # Legal, and refused by the schema in signxml, whose wildcard knows no ec:InclusiveNamespaces.
    xml = idp.response(PAIR).xml
    inclusive = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE_C14N}" PrefixList="saml"/>'
    method = f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"'
    response = etree.fromstring(replaced(xml, f"{method}/>", f"{method}>{inclusive}</ds:CanonicalizationMethod>"))
    signature = response.find("saml:Assertion/ds:Signature", NAMESPACES)
    octets = etree.tostring(
        signature.find("ds:SignedInfo", NAMESPACES), method="c14n", exclusive=True, inclusive_ns_prefixes=["saml"]
    )
    value = saml_signing_key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    signature.find("ds:SignatureValue", NAMESPACES).text = base64.b64encode(value).decode()
    assert read(encoded(etree.tostring(response).decode()), metadata).name_id == "alice@example.com"


# --- for tests/saml/test_metadata.py


@pytest.mark.parametrize("character", ["-", "_", "!", "\u00fc"])
def test_a_certificate_with_a_character_that_is_not_base64_is_refused(idp: IdentityProvider, character: str) -> None:
    broken = re.sub("(<ds:X509Certificate>[^<]{64})", rf"\1{character}", idp.metadata)
    with pytest.raises(InvalidMetadata, match=r"^an X509Certificate cannot be read: "):
        read_metadata(broken)


def test_a_certificate_with_a_key_on_an_unknown_curve_is_refused() -> None:
    key = make_signing_key("ec")
    der = certificate_of(key).public_bytes(Encoding.DER)
    p_256, unknown = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030163")
    assert p_256 in der
    written, other = (base64.b64encode(octets).decode() for octets in (der, der.replace(p_256, unknown)))
    with pytest.raises(InvalidMetadata, match=r"^an X509Certificate cannot be read: "):
        read_metadata(replaced(IdentityProvider(signing_key=key).metadata, written, other))
