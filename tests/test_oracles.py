"""Other implementations verify what identity providers of this package sign, and STS verifies what they sign."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xmlsec1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree
from saml_documents import ALICE, BAD_SIGNATURE, PAIR, child, encoded, parsed
from signxml.algorithms import SignatureMethod
from signxml.exceptions import InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from pytest_stssaml import IdentityProvider, STSBackend, make_signing_key
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.literals import DigestAlgorithm, SignatureAlgorithm, Signed
from pytest_stssaml.saml.document import Element
from pytest_stssaml.saml.vocabulary import (
    DIGEST_ALGORITHMS,
    DS,
    ENVELOPED_SIGNATURE,
    EXCLUSIVE_C14N,
    SIGNATURE_ALGORITHMS,
)

SIGNED = [("assertion", "Assertion"), ("response", "Response"), ("both", "Assertion"), ("both", "Response")]
signed_forms = pytest.mark.parametrize(("signed", "host"), SIGNED, ids=["assertion", "response", "both-in", "both-out"])


@pytest.fixture(scope="module", params=["rsa", "ec"])
def key(request: pytest.FixtureRequest) -> SigningKey:
    return make_signing_key(request.param)


@pytest.fixture
def signer(key: SigningKey) -> IdentityProvider:
    return IdentityProvider(signing_key=key)


@pytest.fixture
def certificate_pem(key: SigningKey, tmp_path: Path) -> Path:
    return xmlsec1.write_certificate(certificate_of(key), tmp_path)


@pytest.fixture
def key_pem(key: SigningKey, tmp_path: Path) -> Path:
    return xmlsec1.write_key(key, tmp_path)


def element_of(xml: str, host: str) -> Element:
    """Return the root or the assertion of a response."""
    root = parsed(xml)
    return root if host == "Response" else child(root, "saml:Assertion")


def verified(xml: str, host: str, certificate: x509.Certificate, methods: set[str] | None = None) -> Element:
    """Return what signxml verifies in a response or its assertion.

    :param methods: the URIs of the accepted algorithms; by default those that signxml accepts.
    """
    expected: dict[str, Any] = {"signature_methods": frozenset(map(SignatureMethod, methods))} if methods else {}
    result: Any = XMLVerifier().verify(
        element_of(xml, host),
        x509_cert=certificate,
        id_attribute="ID",
        expect_config=SignatureConfiguration(location="./", **expected),
    )
    signed: Element = result.signed_xml
    return signed


@xmlsec1.needs_xmlsec1
class TestXmlsec1:
    @signed_forms
    def test_verifies_each_form_of_signature(
        self, signer: IdentityProvider, certificate_pem: Path, signed: Signed, host: str
    ) -> None:
        assert xmlsec1.verify(signer.response(PAIR, signed=signed).xml, certificate_pem, host=host)

    @signed_forms
    def test_rejects_a_changed_document(
        self, signer: IdentityProvider, certificate_pem: Path, signed: Signed, host: str
    ) -> None:
        xml = signer.response(PAIR, signed=signed).xml.replace("alice", "alicf", 1)
        assert not xmlsec1.verify(xml, certificate_pem, host=host)

    def test_verifies_a_signed_template(self, signer: IdentityProvider, certificate_pem: Path) -> None:
        template = signer.response(PAIR, signed=None).xml.replace("><", ">\r\n  <!-- ü -->\t<")
        assert xmlsec1.verify(signer.sign(template).xml, certificate_pem)

    @pytest.fixture
    def signed_by_xmlsec1(self, sts: STSBackend, signer: IdentityProvider, key: SigningKey, key_pem: Path) -> str:
        """A response for a role and provider that exist, with an assertion that xmlsec1 signed."""
        sts.create_saml_provider("ExampleIdP", signer)
        xml = signer.response(sts.create_role("Developer"), signed=None).xml
        identifier = element_of(xml, "Assertion").get("ID")
        method = SIGNATURE_ALGORITHMS["rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ecdsa-sha256"]
        template = (
            f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"/>'
            f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="#{identifier}"><ds:Transforms>'
            f'<ds:Transform Algorithm="{ENVELOPED_SIGNATURE}"/><ds:Transform Algorithm="{EXCLUSIVE_C14N}"/>'
            f'</ds:Transforms><ds:DigestMethod Algorithm="{DIGEST_ALGORITHMS["sha256"]}"/><ds:DigestValue/>'
            f"</ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature><saml:Subject>"
        )
        return xmlsec1.sign(xml.replace("<saml:Subject>", template), key_pem)

    def test_logs_in_with_a_response_that_xmlsec1_signed(
        self, signed_by_xmlsec1: str, log_in: Callable[..., Any]
    ) -> None:
        answer = log_in(encoded(signed_by_xmlsec1), *PAIR)
        assert answer["Subject"] == ALICE

    def test_rejects_a_response_that_xmlsec1_signed_after_a_changed_byte(
        self, signed_by_xmlsec1: str, refusal: Callable[..., Any]
    ) -> None:
        changed = signed_by_xmlsec1.replace(">alice@", ">blice@", 1)
        assert len([1 for old, new in zip(signed_by_xmlsec1, changed, strict=True) if old != new]) == 1
        assert refusal(encoded(changed), *PAIR) == BAD_SIGNATURE

    @pytest.mark.parametrize("value", ["DigestValue", "SignatureValue"])
    def test_rejects_a_response_that_xmlsec1_signed_with_a_changed_value(
        self, signed_by_xmlsec1: str, refusal: Callable[..., Any], value: str
    ) -> None:
        changed = re.sub(
            f"(<ds:{value}>)(.)", lambda found: found[1] + ("B" if found[2] == "A" else "A"), signed_by_xmlsec1, count=1
        )
        assert refusal(encoded(changed), *PAIR) == BAD_SIGNATURE


class TestSignxml:
    @signed_forms
    def test_verifies_each_form_of_signature(
        self, signer: IdentityProvider, key: SigningKey, signed: Signed, host: str
    ) -> None:
        response = signer.response(PAIR, signed=signed)
        assert etree.QName(verified(response.xml, host, certificate_of(key))).localname == host

    @signed_forms
    def test_rejects_a_changed_document(
        self, signer: IdentityProvider, key: SigningKey, signed: Signed, host: str
    ) -> None:
        xml = signer.response(PAIR, signed=signed).xml.replace("alice", "alicf", 1)
        with pytest.raises(InvalidSignature):
            verified(xml, host, certificate_of(key))


CURVES: dict[str, type[ec.EllipticCurve]] = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
FAMILIES = {"RSA-1024": "rsa", "RSA-2048": "rsa", "RSA-3072": "rsa", **dict.fromkeys(CURVES, "ecdsa")}
EVERY_ALGORITHM = [
    (kind, algorithm)
    for kind, family in FAMILIES.items()
    for algorithm in SIGNATURE_ALGORITHMS
    if family in algorithm.split("-")
    # The hash is too long for the key.
    and (kind, algorithm) != ("RSA-1024", "sha512-rsa-MGF1")
]
XMLSEC1_NAMES = {f"sha{bits}-rsa-MGF1": f"rsa-pss-sha{bits}" for bits in (256, 384, 512)}


@cache
def key_of(kind: str) -> SigningKey:
    """Return a key of a kind such as "RSA-2048" or "P-256". It is made when it is first needed."""
    if kind in CURVES:
        return ec.generate_private_key(CURVES[kind]())
    return rsa.generate_private_key(65537, int(kind.removeprefix("RSA-")))


class TestAlgorithms:
    @pytest.mark.parametrize(("kind", "algorithm"), EVERY_ALGORITHM)
    def test_signxml_verifies_each_algorithm(self, kind: str, algorithm: SignatureAlgorithm) -> None:
        key = key_of(kind)
        response = IdentityProvider(signing_key=key).response(PAIR, signature_algorithm=algorithm)
        signed = verified(response.xml, "Assertion", certificate_of(key), {SIGNATURE_ALGORITHMS[algorithm]})
        assert etree.QName(signed).localname == "Assertion"

    @xmlsec1.needs_xmlsec1
    @pytest.mark.parametrize(
        ("kind", "algorithm"), [case for case in EVERY_ALGORITHM if xmlsec1.knows(XMLSEC1_NAMES.get(case[1], case[1]))]
    )
    def test_xmlsec1_verifies_each_algorithm(self, tmp_path: Path, kind: str, algorithm: SignatureAlgorithm) -> None:
        key = key_of(kind)
        response = IdentityProvider(signing_key=key).response(PAIR, signature_algorithm=algorithm)
        assert xmlsec1.verify(response.xml, xmlsec1.write_certificate(certificate_of(key), tmp_path))

    @xmlsec1.needs_xmlsec1
    @pytest.mark.parametrize("digest", DIGEST_ALGORITHMS)
    def test_xmlsec1_verifies_each_digest(
        self, signer: IdentityProvider, certificate_pem: Path, digest: DigestAlgorithm
    ) -> None:
        response = signer.response(PAIR, digest_algorithm=digest)
        assert xmlsec1.verify(response.xml, certificate_pem)
