import re
from typing import Any

import pytest
from lxml import etree

from pytest_stssaml import IdentityProvider, STSBackend, make_signing_key
from pytest_stssaml.idp.shapes import SHAPES
from pytest_stssaml.keys import certificate_of
from pytest_stssaml.parameter_names import SHAPES as NAMES
from pytest_stssaml.saml.metadata import read_metadata
from pytest_stssaml.saml.signature import VerificationFailed, verify_signature
from pytest_stssaml.saml.vocabulary import NAMESPACES

EC_KEY = make_signing_key("ec")
RSA_KEY = make_signing_key()

every_shape = pytest.mark.parametrize("shape", NAMES)

UTF8 = '<?xml version="1.0" encoding="UTF-8"?>'
SIGNING = ["signing"]

# For each vendor: what the document begins with, the attributes of its root in their order, the children of the root,
# the uses of the IDPSSODescriptor's keys, its NameIDFormats by their ends, its SingleSignOnServices by their ends.
FACTS: dict[str, tuple[str, str, str, list[str], str, str]] = {
    "okta": (
        UTF8 + "<md:",
        "entityID xmlns:md",
        "IDPSSODescriptor",
        SIGNING,
        "1.1:nameid-format:unspecified",
        "HTTP-POST HTTP-Redirect",
    ),
    "entra": (
        "<EntityDescriptor ",
        "ID entityID xmlns",
        "Signature RoleDescriptor RoleDescriptor IDPSSODescriptor",
        SIGNING,
        "",
        "HTTP-Redirect HTTP-POST",
    ),
    "adfs": (
        "<EntityDescriptor ",
        "ID entityID xmlns",
        "Signature RoleDescriptor RoleDescriptor SPSSODescriptor IDPSSODescriptor ContactPerson",
        ["encryption", "signing"],
        "1.1:nameid-format:emailAddress 2.0:nameid-format:persistent 2.0:nameid-format:transient",
        "HTTP-Redirect HTTP-POST",
    ),
    "google": (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<md:',
        "xmlns:md entityID validUntil",
        "IDPSSODescriptor",
        SIGNING,
        "1.1:nameid-format:emailAddress",
        "HTTP-Redirect HTTP-POST",
    ),
    "keycloak": (
        "<md:",
        "xmlns xmlns:md xmlns:saml xmlns:ds entityID",
        "IDPSSODescriptor",
        SIGNING,
        (
            "2.0:nameid-format:persistent 2.0:nameid-format:transient "
            "1.1:nameid-format:unspecified 1.1:nameid-format:emailAddress"
        ),
        "HTTP-POST HTTP-Redirect SOAP HTTP-Artifact",
    ),
    "shibboleth": (
        UTF8 + "\n<EntityDescriptor ",
        "xmlns xmlns:ds xmlns:shibmd xmlns:xml xmlns:mdui entityID",
        "IDPSSODescriptor AttributeAuthorityDescriptor",
        ["signing", "signing", "encryption"],
        "",
        "AuthnRequest HTTP-POST HTTP-POST-SimpleSign HTTP-Redirect",
    ),
    "pingfederate": (
        "<md:",
        "ID cacheDuration entityID xmlns:md",
        "IDPSSODescriptor",
        SIGNING,
        "1.1:nameid-format:unspecified",
        "HTTP-POST HTTP-Redirect",
    ),
    "simplesamlphp": (
        "<md:",
        "xmlns:md xmlns:ds entityID",
        "IDPSSODescriptor ContactPerson",
        ["signing", "encryption"],
        "2.0:nameid-format:transient",
        "HTTP-Redirect",
    ),
    "onelogin": (
        '<?xml version="1.0"?>\n<EntityDescriptor ',
        "xmlns entityID",
        "IDPSSODescriptor",
        SIGNING,
        "1.1:nameid-format:emailAddress",
        "HTTP-Redirect HTTP-POST SOAP",
    ),
    "auth0": (
        "<EntityDescriptor ",
        "entityID xmlns",
        "IDPSSODescriptor",
        SIGNING,
        "1.1:nameid-format:emailAddress 2.0:nameid-format:persistent 2.0:nameid-format:transient",
        "HTTP-Redirect HTTP-POST",
    ),
    "jumpcloud": (
        UTF8 + "\n<md:",
        "xmlns:md entityID",
        "IDPSSODescriptor",
        SIGNING,
        "1.0:nameid-format:unspecified",
        "HTTP-POST",
    ),
    "iam-identity-center": (
        UTF8 + "<md:",
        "xmlns:md entityID",
        "IDPSSODescriptor",
        SIGNING,
        "2.0:nameid-format:persistent",
        "HTTP-POST HTTP-Redirect",
    ),
}
LINES = {"okta": 76, "google": 76, "shibboleth": 64, "onelogin": 64}
SIGNED = ["entra", "adfs"]


def vendor(shape: str, key: Any = EC_KEY) -> IdentityProvider:
    return IdentityProvider(SHAPES[shape].entity_id, signing_key=key)


def root_of(document: str) -> etree._Element:
    return etree.fromstring(document.encode())


def texts(document: str, path: str) -> list[str]:
    return [str(found) for found in root_of(document).xpath(path, namespaces=NAMESPACES)]


class TestForm:
    @every_shape
    def test_it_has_the_vendors_layout(self, shape: str) -> None:
        document = vendor(shape).metadata_for(shape)
        beginning, attributes, children, uses, formats, services = FACTS[shape]
        start_tag = re.search(r"<(?:md:)?EntityDescriptor [^>]*>", document)
        assert start_tag
        idp = "/md:EntityDescriptor/md:IDPSSODescriptor/md:"
        assert document.startswith(beginning)
        assert " ".join(re.findall(r"\s([\w:]+)=", start_tag[0])) == attributes
        assert " ".join(etree.QName(child).localname for child in root_of(document)) == children
        assert texts(document, idp + "KeyDescriptor/@use") == uses
        found = texts(document, idp + "NameIDFormat/text()")
        assert " ".join(format_.removeprefix("urn:oasis:names:tc:SAML:") for format_ in found) == formats
        bindings = texts(document, idp + "SingleSignOnService/@Binding")
        assert " ".join(binding.rpartition(":")[2] for binding in bindings) == services

    @every_shape
    def test_its_certificates_are_broken_into_the_vendors_lines(self, shape: str) -> None:
        (certificate, *_) = texts(vendor(shape).metadata_for(shape), "//md:KeyDescriptor//ds:X509Certificate/text()")
        lines = certificate.strip().split("\n")
        assert (max(map(len, lines)) == LINES[shape] if shape in LINES else len(lines) == 1) is True

    @pytest.mark.parametrize(("shape", "edge"), [("jumpcloud", " "), ("shibboleth", "\n"), ("okta", "")])
    def test_some_have_white_space_around_a_certificate(self, shape: str, edge: str) -> None:
        (certificate, *_) = texts(vendor(shape).metadata_for(shape), "//md:KeyDescriptor//ds:X509Certificate/text()")
        assert certificate == edge + certificate.strip() + edge

    def test_keycloak_names_its_keys(self) -> None:
        idp = vendor("keycloak")
        idp.rotate_key()
        names = texts(idp.metadata_for("keycloak"), "//ds:KeyInfo/ds:KeyName/text()")
        assert [bool(re.fullmatch(r"[\w-]{43}", name)) for name in names] == [True, True]
        assert names[0] != names[1]

    def test_adfs_has_its_blank_in_empty_tags_and_entra_none(self) -> None:
        adfs, entra = vendor("adfs").metadata_for("adfs"), vendor("entra").metadata_for("entra")
        assert [re.findall("[^ ]/>", adfs), re.findall(" />", entra)] == [[], []]


class TestContent:
    @every_shape
    @pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["rsa", "ec"])
    def test_it_names_the_entity_and_its_certificate(self, shape: str, key: Any) -> None:
        metadata = read_metadata(IdentityProvider("urn:own&<", signing_key=key).metadata_for(shape))
        assert (metadata.entity_id, set(metadata.signing_certificates)) == ("urn:own&<", {certificate_of(key)})

    @every_shape
    def test_after_a_rotation_it_has_both_certificates(self, shape: str) -> None:
        idp = vendor(shape)
        idp.rotate_key()
        assert set(read_metadata(idp.metadata_for(shape)).signing_certificates) == set(idp.certificates)

    @every_shape
    def test_sts_takes_it_and_what_its_keys_sign(self, sts: STSBackend, log_in: Any, shape: str) -> None:
        idp = vendor(shape)
        provider = sts.create_saml_provider("ExampleIdP", idp.metadata_for(shape))
        role = sts.create_role("Developer", provider=provider)
        assert log_in(idp.response((role, provider), shape=shape), role, provider)["Subject"] == "alice@example.com"

    @every_shape
    def test_it_is_the_same_each_time(self, shape: str) -> None:
        idp = vendor(shape, RSA_KEY)
        assert idp.metadata_for(shape) == idp.metadata_for(shape)

    @every_shape
    def test_it_obeys_the_schema(self, shape: str) -> None:
        pytest.importorskip("saml2")
        from test_schemas import schema

        metadata = root_of(vendor(shape).metadata_for(shape))
        for descriptor in metadata.findall("md:RoleDescriptor", NAMESPACES):
            metadata.remove(descriptor)  # of types that WS-Federation defines, not SAML
        checked = schema("metadata")
        checked.validate(metadata)
        assert [entry.message for entry in checked.error_log] == []


class TestSignature:
    @pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["rsa", "ec"])
    @pytest.mark.parametrize("shape", SIGNED)
    def test_it_holds(self, shape: str, key: Any) -> None:
        root = root_of(vendor(shape, key).metadata_for(shape))
        assert verify_signature(root, (certificate_of(key),)).get("entityID") == SHAPES[shape].entity_id

    @pytest.mark.parametrize("shape", SIGNED)
    def test_it_covers_the_document(self, shape: str) -> None:
        document = vendor(shape).metadata_for(shape).replace("/saml2", "/saml3").replace("/adfs/ls/", "/adfs/sl/")
        with pytest.raises(VerificationFailed):
            verify_signature(root_of(document), (certificate_of(EC_KEY),))

    @pytest.mark.parametrize("shape", [name for name in NAMES if name not in SIGNED])
    def test_the_others_have_none(self, shape: str) -> None:
        assert texts(vendor(shape).metadata_for(shape), "//ds:Signature") == []


class TestMisuse:
    def test_another_shape_is_an_error_that_lists_them(self) -> None:
        with pytest.raises(ValueError, match="shape must be one of") as caught:
            vendor("okta").metadata_for("azure")
        assert str(caught.value) == f"shape must be one of {', '.join(NAMES)}, or None, not 'azure'"

    def test_another_type_is_a_type_error(self) -> None:
        with pytest.raises(TypeError, match=r"^shape must be a string or None, not 5$"):
            vendor("okta").metadata_for(5)  # type: ignore[arg-type]

    def test_none_is_the_plain_one(self) -> None:
        idp = vendor("okta")
        assert idp.metadata_for(None) == idp.metadata
