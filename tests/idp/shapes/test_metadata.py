"""Metadata documents in the shapes of vendors."""

import re
from typing import Any, NamedTuple

import pytest
from certificates import keys_of, spki_of
from idp_responses import EC_KEY, every_shape, vendor
from lxml import etree
from saml_documents import ALICE

from pytest_stssaml import IdentityProvider, STSBackend, make_signing_key
from pytest_stssaml.idp.shapes.vendors import SHAPES
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.metadata import read_metadata
from pytest_stssaml.saml.signatures.verification import VerificationFailed, verify_signature
from pytest_stssaml.saml.vocabulary import NAMESPACES

RSA_KEY = make_signing_key()

UTF8 = '<?xml version="1.0" encoding="UTF-8"?>'


class Layout(NamedTuple):
    """What a document looks like. Lists of names are one string."""

    #: How the document begins.
    beginning: str
    #: The attributes of the root, in their order.
    attributes: str
    #: The children of the root.
    children: str
    #: The uses of the keys in the IDPSSODescriptor.
    key_uses: str
    #: The ends of its NameIDFormats.
    name_id_formats: str
    #: The ends of the bindings of its SingleSignOnServices.
    bindings: str


LAYOUTS = {
    "okta": Layout(
        UTF8 + "<md:",
        "entityID xmlns:md",
        "IDPSSODescriptor",
        "signing",
        "1.1:nameid-format:unspecified",
        "HTTP-POST HTTP-Redirect",
    ),
    "entra": Layout(
        "<EntityDescriptor ",
        "ID entityID xmlns",
        "Signature RoleDescriptor RoleDescriptor IDPSSODescriptor",
        "signing",
        "",
        "HTTP-Redirect HTTP-POST",
    ),
    "adfs": Layout(
        "<EntityDescriptor ",
        "ID entityID xmlns",
        "Signature RoleDescriptor RoleDescriptor SPSSODescriptor IDPSSODescriptor ContactPerson",
        "encryption signing",
        "1.1:nameid-format:emailAddress 2.0:nameid-format:persistent 2.0:nameid-format:transient",
        "HTTP-Redirect HTTP-POST",
    ),
    "google": Layout(
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<md:',
        "xmlns:md entityID validUntil",
        "IDPSSODescriptor",
        "signing",
        "1.1:nameid-format:emailAddress",
        "HTTP-Redirect HTTP-POST",
    ),
    "keycloak": Layout(
        "<md:",
        "xmlns xmlns:md xmlns:saml xmlns:ds entityID",
        "IDPSSODescriptor",
        "signing",
        (
            "2.0:nameid-format:persistent 2.0:nameid-format:transient "
            "1.1:nameid-format:unspecified 1.1:nameid-format:emailAddress"
        ),
        "HTTP-POST HTTP-Redirect SOAP HTTP-Artifact",
    ),
    "shibboleth": Layout(
        UTF8 + "\n<EntityDescriptor ",
        "xmlns xmlns:ds xmlns:shibmd xmlns:xml xmlns:mdui entityID",
        "IDPSSODescriptor AttributeAuthorityDescriptor",
        "signing signing encryption",
        "",
        "AuthnRequest HTTP-POST HTTP-POST-SimpleSign HTTP-Redirect",
    ),
    "pingfederate": Layout(
        "<md:",
        "ID cacheDuration entityID xmlns:md",
        "IDPSSODescriptor",
        "signing",
        "1.1:nameid-format:unspecified",
        "HTTP-POST HTTP-Redirect",
    ),
    "simplesamlphp": Layout(
        "<md:",
        "xmlns:md xmlns:ds entityID",
        "IDPSSODescriptor ContactPerson",
        "signing encryption",
        "2.0:nameid-format:transient",
        "HTTP-Redirect",
    ),
    "onelogin": Layout(
        '<?xml version="1.0"?>\n<EntityDescriptor ',
        "xmlns entityID",
        "IDPSSODescriptor",
        "signing",
        "1.1:nameid-format:emailAddress",
        "HTTP-Redirect HTTP-POST SOAP",
    ),
    "auth0": Layout(
        "<EntityDescriptor ",
        "entityID xmlns",
        "IDPSSODescriptor",
        "signing",
        "1.1:nameid-format:emailAddress 2.0:nameid-format:persistent 2.0:nameid-format:transient",
        "HTTP-Redirect HTTP-POST",
    ),
    "jumpcloud": Layout(
        UTF8 + "\n<md:",
        "xmlns:md entityID",
        "IDPSSODescriptor",
        "signing",
        "1.0:nameid-format:unspecified",
        "HTTP-POST",
    ),
    "iam-identity-center": Layout(
        UTF8 + "<md:",
        "xmlns:md entityID",
        "IDPSSODescriptor",
        "signing",
        "2.0:nameid-format:persistent",
        "HTTP-POST HTTP-Redirect",
    ),
}
# The width of the lines of a certificate, if they are broken, and what surrounds them, if anything does.
WIDTHS = {"okta": 76, "google": 76, "shibboleth": 64, "onelogin": 64}
EDGES = {"jumpcloud": " ", "shibboleth": "\n"}
SIGNED = ["entra", "adfs"]


def values(document: str, path: str) -> list[str]:
    """Return the strings of the attributes or texts that an XPath expression selects."""
    found = etree.fromstring(document.encode()).xpath(path, namespaces=NAMESPACES)
    return [str(value) for value in found]


class TestForm:
    @every_shape
    def test_is_that_of_the_vendor(self, shape: str) -> None:
        document = vendor(shape).metadata_for(shape)
        (start_tag,) = re.findall(r"<(?:md:)?EntityDescriptor [^>]*>", document)
        idp = "/md:EntityDescriptor/md:IDPSSODescriptor/md:"
        formats = values(document, idp + "NameIDFormat/text()")
        layout = Layout(
            beginning=document[: len(LAYOUTS[shape].beginning)],
            attributes=" ".join(re.findall(r"\s([\w:]+)=", start_tag)),
            children=" ".join(etree.QName(child).localname for child in etree.fromstring(document.encode())),
            key_uses=" ".join(values(document, idp + "KeyDescriptor/@use")),
            name_id_formats=" ".join(each.removeprefix("urn:oasis:names:tc:SAML:") for each in formats),
            bindings=" ".join(
                each.rpartition(":")[2] for each in values(document, idp + "SingleSignOnService/@Binding")
            ),
        )
        assert layout == LAYOUTS[shape]

    @every_shape
    def test_has_certificates_in_the_lines_of_the_vendor(self, shape: str) -> None:
        (certificate, *_) = values(vendor(shape).metadata_for(shape), "//md:KeyDescriptor//ds:X509Certificate/text()")
        lines = certificate.strip().split("\n")
        edge = EDGES.get(shape, "")
        assert certificate == edge + certificate.strip() + edge
        assert (max(map(len, lines)) if len(lines) > 1 else None) == WIDTHS.get(shape)

    def test_keycloak_names_its_keys(self) -> None:
        idp = vendor("keycloak")
        idp.rotate_key()
        names = values(idp.metadata_for("keycloak"), "//ds:KeyInfo/ds:KeyName/text()")
        assert [bool(re.fullmatch(r"[\w-]{43}", name)) for name in names] == [True, True]
        assert names[0] != names[1]

    def test_adfs_has_a_space_in_empty_tags_and_entra_has_none(self) -> None:
        adfs, entra = vendor("adfs").metadata_for("adfs"), vendor("entra").metadata_for("entra")
        assert [re.findall("[^ ]/>", adfs), re.findall(" />", entra)] == [[], []]

    @every_shape
    def test_is_the_same_each_time(self, shape: str) -> None:
        idp = vendor(shape, RSA_KEY)
        assert idp.metadata_for(shape) == idp.metadata_for(shape)


class TestContent:
    @every_shape
    def test_is_the_entity_id_and_the_certificate(self, shape: str) -> None:
        metadata = read_metadata(IdentityProvider("urn:own&<", signing_key=RSA_KEY).metadata_for(shape))
        assert (metadata.entity_id, {*metadata.signing_keys}) == (
            "urn:own&<",
            {spki_of(RSA_KEY)},
        )

    @every_shape
    def test_is_both_certificates_after_a_rotation(self, shape: str) -> None:
        idp = vendor(shape)
        idp.rotate_key()
        keys = read_metadata(idp.metadata_for(shape)).signing_keys
        assert {*keys} == {*keys_of(idp.certificates)}

    @every_shape
    def test_lets_sts_verify_what_the_key_signs(self, sts: STSBackend, log_in: Any, shape: str) -> None:
        idp = vendor(shape)
        provider = sts.create_saml_provider("ExampleIdP", idp.metadata_for(shape))
        role = sts.create_role("Developer", provider=provider)
        assert log_in(idp.response((role, provider), shape=shape), role, provider)["Subject"] == ALICE


class TestSignature:
    @pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["rsa", "ec"])
    @pytest.mark.parametrize("shape", SIGNED)
    def test_is_verified(self, shape: str, key: SigningKey) -> None:
        root = etree.fromstring(vendor(shape, key).metadata_for(shape).encode())
        assert verify_signature(root, (spki_of(key),)).get("entityID") == SHAPES[shape].entity_id

    @pytest.mark.parametrize("shape", SIGNED)
    def test_covers_the_document(self, shape: str) -> None:
        document = vendor(shape).metadata_for(shape).replace("/saml2", "/saml3").replace("/adfs/ls/", "/adfs/sl/")
        with pytest.raises(VerificationFailed):
            verify_signature(etree.fromstring(document.encode()), (spki_of(EC_KEY),))

    @pytest.mark.parametrize("shape", [name for name in SHAPES if name not in SIGNED])
    def test_is_missing_for_other_vendors(self, shape: str) -> None:
        assert values(vendor(shape).metadata_for(shape), "//ds:Signature") == []


class TestNames:
    def test_none_is_the_shape_of_the_package(self) -> None:
        idp = vendor("okta")
        assert idp.metadata_for(None) == idp.metadata

    def test_others_raise_value_error(self) -> None:
        with pytest.raises(ValueError, match="shape must be one of") as caught:
            vendor("okta").metadata_for("azure")
        assert str(caught.value) == f"shape must be one of {', '.join(SHAPES)}, or None, not 'azure'"

    def test_other_types_raise_type_error(self) -> None:
        with pytest.raises(TypeError, match=r"^shape must be a string or None, not 5$"):
            vendor("okta").metadata_for(5)  # type: ignore[arg-type]
