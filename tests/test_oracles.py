import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xmlsec1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.exceptions import InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from pytest_stssaml import IdentityProvider, STSBackend, make_signing_key
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.saml.vocabulary import (
    DIGEST_ALGORITHMS,
    DS,
    ENVELOPED_SIGNATURE,
    EXCLUSIVE_C14N,
    NAMESPACES,
    SIGNATURE_ALGORITHMS,
)

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
SIGNED = [("assertion", "Assertion"), ("response", "Response"), ("both", "Assertion"), ("both", "Response")]
signed_forms = pytest.mark.parametrize(("signed", "host"), SIGNED, ids=["assertion", "response", "both-in", "both-out"])
BAD_SIGNATURE = ("InvalidIdentityToken", 400, "Response signature invalid")


@pytest.fixture(scope="module", params=["rsa", "ec"])
def key(request: pytest.FixtureRequest) -> SigningKey:
    return make_signing_key(request.param)


@pytest.fixture
def signer(key: SigningKey) -> IdentityProvider:
    return IdentityProvider(signing_key=key)


@pytest.fixture
def certificate_pem(key: SigningKey, tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pem"
    path.write_bytes(certificate_of(key).public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def key_pem(key: SigningKey, tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def element_of(xml: str, host: str) -> Any:
    root = etree.fromstring(xml)
    return root if host == "Response" else root.find("saml:Assertion", NAMESPACES)


def verified(xml: str, host: str, certificate: x509.Certificate, methods: set[str] | None = None) -> Any:
    """What signxml says is signed, by one of these algorithms or one that it takes unasked."""
    expected: dict[str, Any] = {"signature_methods": frozenset(map(SignatureMethod, methods))} if methods else {}
    result: Any = XMLVerifier().verify(
        element_of(xml, host),
        x509_cert=certificate,
        id_attribute="ID",
        expect_config=SignatureConfiguration(location="./", **expected),
    )
    return result.signed_xml


@xmlsec1.needs_xmlsec1
class TestXmlsec1:
    @signed_forms
    def test_it_verifies_our_signature(
        self, signer: IdentityProvider, certificate_pem: Path, signed: str, host: str
    ) -> None:
        assert xmlsec1.verify(signer.response(PAIR, signed=signed).xml, certificate_pem, host=host)

    @signed_forms
    def test_it_refuses_our_signature_when_something_changed(
        self, signer: IdentityProvider, certificate_pem: Path, signed: str, host: str
    ) -> None:
        xml = signer.response(PAIR, signed=signed).xml.replace("alice", "alicf", 1)
        assert not xmlsec1.verify(xml, certificate_pem, host=host)

    def test_it_verifies_what_we_signed_in_a_template(self, signer: IdentityProvider, certificate_pem: Path) -> None:
        template = signer.response(PAIR, signed=None).xml.replace("><", ">\r\n  <!-- ü -->\t<")
        assert xmlsec1.verify(signer.sign(template).xml, certificate_pem)

    @pytest.fixture
    def its_response(self, sts: STSBackend, signer: IdentityProvider, key: SigningKey, key_pem: Path) -> str:
        """A response for a role and provider that exist, with its assertion signed by xmlsec1."""
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

    def test_a_response_that_it_signed_logs_in(self, its_response: str, log_in: Callable[..., Any]) -> None:
        answer = log_in(base64.b64encode(its_response.encode()).decode(), *PAIR)
        assert answer["Subject"] == "alice@example.com"

    def test_a_response_that_it_signed_is_refused_after_one_byte_changed(
        self, its_response: str, refusal: Callable[..., Any]
    ) -> None:
        changed = its_response.replace(">alice@", ">blice@", 1)
        assert len([1 for ours, its in zip(changed, its_response, strict=True) if ours != its]) == 1
        assert refusal(base64.b64encode(changed.encode()).decode(), *PAIR) == BAD_SIGNATURE

    @pytest.mark.parametrize("value", ["DigestValue", "SignatureValue"])
    def test_a_response_that_it_signed_is_refused_when_a_value_changed(
        self, its_response: str, refusal: Callable[..., Any], value: str
    ) -> None:
        changed = re.sub(
            f"(<ds:{value}>)(.)", lambda found: found[1] + ("B" if found[2] == "A" else "A"), its_response, count=1
        )
        assert refusal(base64.b64encode(changed.encode()).decode(), *PAIR) == BAD_SIGNATURE


class TestSignxml:
    @signed_forms
    def test_it_verifies_our_signature(self, signer: IdentityProvider, key: SigningKey, signed: str, host: str) -> None:
        response = signer.response(PAIR, signed=signed)
        assert etree.QName(verified(response.xml, host, certificate_of(key))).localname == host

    @signed_forms
    def test_it_refuses_our_signature_when_something_changed(
        self, signer: IdentityProvider, key: SigningKey, signed: str, host: str
    ) -> None:
        xml = signer.response(PAIR, signed=signed).xml.replace("alice", "alicf", 1)
        with pytest.raises(InvalidSignature):
            verified(xml, host, certificate_of(key))


RSA_KEYS = {f"RSA-{bits}": rsa.generate_private_key(65537, bits) for bits in (1024, 2048, 3072)}
EC_KEYS = {curve.name: ec.generate_private_key(curve) for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())}
EVERY_ALGORITHM = [
    pytest.param(key, name, id=f"{kind} {name}")
    for keys, family in ((RSA_KEYS, "rsa"), (EC_KEYS, "ecdsa"))
    for kind, key in keys.items()
    for name in SIGNATURE_ALGORITHMS
    if family in name.split("-") and (kind, name) != ("RSA-1024", "sha512-rsa-MGF1")  # too long for such a key
]

XMLSEC1_NAMES = {f"sha{bits}-rsa-MGF1": f"rsa-pss-sha{bits}" for bits in (256, 384, 512)}
XMLSEC1S_ALGORITHMS = [
    case for case in EVERY_ALGORITHM if xmlsec1.knows(XMLSEC1_NAMES.get(str(case.values[1]), str(case.values[1])))
]


class TestAlgorithms:
    @pytest.mark.parametrize(("key", "algorithm"), EVERY_ALGORITHM)
    def test_signxml_verifies_it(self, key: SigningKey, algorithm: str) -> None:
        response = IdentityProvider(signing_key=key).response(PAIR, signature_algorithm=algorithm)
        signed = verified(response.xml, "Assertion", certificate_of(key), {SIGNATURE_ALGORITHMS[algorithm]})
        assert etree.QName(signed).localname == "Assertion"

    @xmlsec1.needs_xmlsec1
    @pytest.mark.parametrize(("key", "algorithm"), XMLSEC1S_ALGORITHMS)
    def test_xmlsec1_verifies_it(self, algorithm: str, key: SigningKey, certificate_pem: Path) -> None:
        response = IdentityProvider(signing_key=key).response(PAIR, signature_algorithm=algorithm)
        assert xmlsec1.verify(response.xml, certificate_pem)

    @xmlsec1.needs_xmlsec1
    @pytest.mark.parametrize("digest", DIGEST_ALGORITHMS)
    def test_xmlsec1_verifies_each_digest(self, signer: IdentityProvider, certificate_pem: Path, digest: str) -> None:
        response = signer.response(PAIR, digest_algorithm=digest)
        assert xmlsec1.verify(response.xml, certificate_pem)
