"""The signatures of vendors: their raw form, and whether STS and xmlsec1 verify them."""

import re
from pathlib import Path
from typing import Any

import pytest
import xmlsec1
from cryptography.hazmat.primitives.asymmetric import rsa
from idp_responses import BEARERS, EC_KEY, bearers, before_signatures, every_shape, response_of, values, vendor
from saml_documents import ALICE, BAD_SIGNATURE, PAIR

from pytest_stssaml import STSBackend
from pytest_stssaml.idp.shapes.vendors import SHAPES
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import AssertionEncryptionMode, Signed

RSA_KEY = rsa.generate_private_key(65537, 2048)

# Short names for the URIs in a signature.
SHORT = {
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature": "ENVELOPED",
    "http://www.w3.org/2001/10/xml-exc-c14n#": "EXCLUSIVE",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "RSA",
    "http://www.w3.org/2001/04/xmlenc#sha256": "SHA256",
    "http://www.w3.org/2000/09/xmldsig#": "DS",
}


def abbreviated(signature: str) -> str:
    """Return a signature with short names for URIs, "#ID" for its reference, and LINE or LINES76 for base64.

    LINES76 has several lines of 76 characters. A line break before the first and after the last is "|".
    """
    for uri, name in SHORT.items():
        signature = signature.replace(f'"{uri}"', f'"{name}"')

    def lines(base64: re.Match[str]) -> str:
        widths = [len(line) for line in base64[1].strip().split("\n")]
        edge = "|" if base64[1].startswith("\n") else ""
        return f">{edge}{f'LINES{max(widths)}' if widths[1:] else 'LINE'}{edge}<"

    return re.sub(r">([A-Za-z0-9+/=\n]{40,})<", lines, re.sub('URI="#[^"]*"', 'URI="#ID"', signature))


_SIGNATURE = (
    '<{p}Signature {declaration}>{b}<{p}SignedInfo>{b}<{p}CanonicalizationMethod Algorithm="EXCLUSIVE"{e}{b}'
    '<{p}SignatureMethod Algorithm="RSA"{e}{b}<{p}Reference URI="#ID">{b}<{p}Transforms>{b}'
    '<{p}Transform Algorithm="ENVELOPED"{e}{b}<{p}Transform Algorithm="EXCLUSIVE"{t}{b}</{p}Transforms>{b}'
    '<{p}DigestMethod Algorithm="SHA256"{e}{b}<{p}DigestValue>LINE</{p}DigestValue>{b}</{p}Reference>{b}'
    "</{p}SignedInfo>{b}<{p}SignatureValue>{v}</{p}SignatureValue>{b}{k}</{p}Signature>"
)
_KEY_INFO = "<{p}KeyInfo><{p}X509Data>{s}<{p}X509Certificate>{c}</{p}X509Certificate></{p}X509Data></{p}KeyInfo>"
_PREFIX_LIST = '><ec:InclusiveNamespaces xmlns:ec="EXCLUSIVE" PrefixList="{}"/></ds:Transform>'
_GOOGLE = "ST=California,C=US,OU=Google For Work,CN=Google,L=Mountain View,O=Google Inc."


def signature_form(p: str = "ds:", c: str = "LINE", s: str = "", **fields: str) -> str:
    """Return an abbreviated signature.

    :param p: the prefix.
    :param c: the base64 of the certificate.
    :param s: what is written before the certificate.
    :param fields: `b`, what is between two tags; `e`, the end of an empty tag; `t`, that of the second Transform;
        `v`, the base64 of the value; `k`, the KeyInfo.
    """
    declaration = f'xmlns{":" if p else ""}{p[:-1]}="DS"'
    defaults = {"b": "", "e": "/>", "t": "/>", "v": "LINE", "k": _KEY_INFO.format(p=p, c=c, s=s)}
    return _SIGNATURE.format(p=p, declaration=declaration, **{**defaults, **fields})


# For each shape: what is signed by default, and the form of the signatures.
SIGNATURES = {
    "okta": ("both", signature_form(t=_PREFIX_LIST.format("xs"), c="LINES76")),
    "entra": ("assertion", signature_form("")),
    "adfs": (
        "assertion",
        signature_form(
            e=" />",
            t=" />",
            k='<KeyInfo xmlns="DS"><ds:X509Data><ds:X509Certificate>LINE</ds:X509Certificate></ds:X509Data></KeyInfo>',
        ),
    ),
    "google": (
        "assertion",
        signature_form(v="LINES76", c="LINES76", s=f"<ds:X509SubjectName>{_GOOGLE}</ds:X509SubjectName>"),
    ),
    "keycloak": ("response", signature_form("dsig:")),
    "shibboleth": ("both", signature_form(t=_PREFIX_LIST.format("xsd"), c="LINES76")),
    "pingfederate": ("assertion", signature_form(b="\n", v="|LINES76|", k="")),
    "simplesamlphp": ("both", signature_form()),
    "onelogin": ("assertion", signature_form()),
    "auth0": ("assertion", signature_form("")),
    "jumpcloud": ("assertion", signature_form()),
    "iam-identity-center": ("response", signature_form().replace(' xmlns:ds="DS"', "")),
}


class TestForm:
    @every_shape
    def test_is_that_of_the_vendor(self, shape: str, saml_signing_key: SigningKey) -> None:
        response = vendor(shape, saml_signing_key).response(PAIR, shape=shape)
        signatures = re.finditer(r"<((?:\w+:)?Signature)[ >].*?</\1>", response.xml, re.DOTALL)
        signed, form = SIGNATURES[shape]
        assert [abbreviated(signature[0]) for signature in signatures] == [form] * len(BEARERS[signed])

    @every_shape
    def test_is_after_the_issuer_of_what_the_vendor_signs(self, shape: str) -> None:
        response = response_of(shape)
        assert bearers(response) == BEARERS[SIGNATURES[shape][0]]
        assert before_signatures(response) == {"Issuer"}

    @every_shape
    def test_may_be_on_other_elements(self, shape: str) -> None:
        assert {signed: bearers(response_of(shape, signed=signed)) for signed in BEARERS} == BEARERS

    @every_shape
    def test_may_have_other_algorithms(self, shape: str) -> None:
        response = response_of(shape, signature_algorithm="ecdsa-sha512", digest_algorithm="sha1")
        uris = {uri.rpartition("#")[2] for uri in values(response, "//ds:SignatureMethod/@* | //ds:DigestMethod/@*")}
        assert uris == {"ecdsa-sha512", "sha1"}


class TestLogin:
    """STS accepts what the vendors sign."""

    @every_shape
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_succeeds_whatever_is_signed(self, sts: STSBackend, log_in: Any, shape: str, signed: Signed) -> None:
        idp = vendor(shape, RSA_KEY)
        role = sts.create_role("Developer", provider=sts.create_saml_provider("ExampleIdP", idp))
        response = idp.response(role, shape=shape, signed=signed, session_duration=3600)
        assert log_in(response, role, idp.provider)["Subject"] == ALICE

    @every_shape
    def test_succeeds_with_an_ec_key_tags_and_other_attributes(self, sts: STSBackend, log_in: Any, shape: str) -> None:
        idp = vendor(shape, EC_KEY)
        provider = sts.create_saml_provider("ExampleIdP", idp)
        actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
        role = sts.create_role("Developer", trust_policy=provider.trust_policy(actions=actions))
        response = idp.response(
            [role, PAIR],
            shape=shape,
            principal_tags={"team": "blue"},
            transitive_tag_keys=["team"],
            source_identity="alice",
            attributes={"urn:x": ["é", ""]},
        )
        assert log_in(response, role, provider)["SourceIdentity"] == "alice"

    @every_shape
    def test_fails_after_a_change(self, sts: STSBackend, refusal: Any, shape: str) -> None:
        idp = vendor(shape)
        role = sts.create_role("Developer", provider=sts.create_saml_provider("ExampleIdP", idp))
        response = idp.response(role, shape=shape).tampered("alice", "mallory")
        assert refusal(response, role, idp.provider) == BAD_SIGNATURE


# The assertion inherits different namespace declarations in each shape, and its signature may declare one more.
class TestEncryptedLogin:
    @every_shape
    @pytest.mark.parametrize(
        ("signed", "mode"), [("assertion", "Allowed"), ("response", "Required"), ("both", "Required")]
    )
    def test_succeeds(
        self, sts: STSBackend, log_in: Any, *, shape: str, signed: Signed, mode: AssertionEncryptionMode
    ) -> None:
        idp = vendor(shape)
        provider = sts.create_saml_provider("ExampleIdP", idp, private_keys=[RSA_KEY], assertion_encryption_mode=mode)
        urls = {provider.sign_in_url(), "https://signin.aws.amazon.com/saml"}
        role = sts.create_role("Developer", trust_policy=provider.trust_policy(recipient=sorted(urls)))
        response = idp.response((role, provider), shape=shape, signed=signed, encrypted_for=provider)
        assert "alice" not in response.xml
        assert log_in(response, role, provider)["Subject"] == ALICE


@xmlsec1.needs_xmlsec1
class TestXmlsec1:
    @pytest.mark.parametrize(
        ("shape", "signed"),
        sorted({(name, signed) for name, shape in SHAPES.items() for signed in (shape.signed, "both")}),
    )
    def test_verifies_each_signature(
        self, tmp_path: Path, saml_signing_key: SigningKey, shape: str, signed: Signed
    ) -> None:
        idp = vendor(shape, saml_signing_key)
        response = idp.response([PAIR, PAIR], shape=shape, signed=signed, name_id="Ålice", session_duration=3600)
        certificate = xmlsec1.write_certificate(idp.certificates[0], tmp_path)
        verified = {host: xmlsec1.verify(response.xml, certificate, host=host) for host in BEARERS[signed]}
        assert verified == dict.fromkeys(BEARERS[signed], True)

    def test_applies_the_prefix_list(self, tmp_path: Path, saml_signing_key: SigningKey) -> None:
        idp = vendor("okta", saml_signing_key)
        xml = idp.response(PAIR, shape="okta").xml
        certificate = xmlsec1.write_certificate(idp.certificates[0], tmp_path)
        assert xmlsec1.verify(xml.replace('PrefixList="xs"', 'PrefixList="xsi"'), certificate) is False
