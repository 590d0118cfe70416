"""Documents of the identity provider against the schemas of OASIS and W3C, which pysaml2 ships."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from idp_responses import EC_KEY, STATUS, every_shape, response_of, vendor
from lxml import etree
from saml_documents import PAIR

from pytest_stssaml import IdentityProvider, SAMLProvider, STSBackend
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import EncryptionAlgorithm
from pytest_stssaml.saml.vocabulary import CONTENT_ALGORITHMS, NAMESPACES

saml2 = pytest.importorskip("saml2")

SCHEMAS = Path(str(files("saml2"))) / "data" / "schemas"
RSA_KEY = rsa.generate_private_key(65537, 2048)


class LocalResolver(etree.Resolver):
    """Finds schemas, which import each other by URL, by their names in one folder."""

    def resolve(self, system_url: Any, pubid: Any, context: Any) -> Any:
        return self.resolve_filename(str(SCHEMAS / system_url.rpartition("/")[2]), context)


def schema(name: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(LocalResolver())
    return etree.XMLSchema(etree.parse(SCHEMAS / f"saml-schema-{name}-2.0.xsd", parser))


@pytest.fixture(scope="module")
def protocol() -> etree.XMLSchema:
    return schema("protocol")


@pytest.fixture(scope="module")
def metadata() -> etree.XMLSchema:
    return schema("metadata")


@pytest.fixture
def provider(sts: STSBackend) -> SAMLProvider:
    """A SAML provider that can decrypt."""
    return sts.create_saml_provider("ExampleIdP", vendor("okta"), private_keys=[RSA_KEY])


def violations(schema: etree.XMLSchema, document: etree._Element) -> list[str]:
    """Return what a schema forbids in a document."""
    schema.validate(document)
    return [entry.message for entry in schema.error_log]


EVERYTHING: dict[str, Any] = {
    "in_response_to": "_request",
    "session_duration": 3600,
    "session_not_on_or_after": "2030-01-01T12:00:00Z",
    "principal_tags": {"team": "blue"},
    "transitive_tag_keys": ["team"],
    "source_identity": "alice",
    "attributes": {"urn:oid:2.5.4.3": ["Alice", "A"]},
}
LEAST: dict[str, Any] = dict.fromkeys(
    ("session_name", "name_id", "audience", "recipient", "not_before", "not_on_or_after", "response_issuer")
)


class TestResponses:
    @pytest.mark.parametrize(
        ("key", "keywords"),
        [
            pytest.param(RSA_KEY, {}, id="default, RSA"),
            pytest.param(EC_KEY, EVERYTHING, id="everything"),
            pytest.param(EC_KEY, EVERYTHING | {"signed": "both"}, id="everything, both signed"),
            pytest.param(EC_KEY, LEAST | {"signed": None}, id="as little as possible"),
            pytest.param(EC_KEY, LEAST | {"signed": "both"}, id="as little as possible, both signed"),
            pytest.param(EC_KEY, {"status": STATUS + "Responder", "signed": "response"}, id="signed failure"),
            pytest.param(EC_KEY, {"status": STATUS + "AuthnFailed"}, id="failure with a second-level code"),
        ],
    )
    def test_are_valid(self, protocol: etree.XMLSchema, key: SigningKey, keywords: dict[str, Any]) -> None:
        response = IdentityProvider(signing_key=key).response(PAIR, **keywords)
        assert violations(protocol, response.root) == []

    @every_shape
    @pytest.mark.parametrize("signed", ["both", None])
    def test_are_valid_in_the_shape_of_a_vendor(
        self, protocol: etree.XMLSchema, shape: str, signed: str | None
    ) -> None:
        response = response_of(
            shape, [PAIR, PAIR], signed=signed, in_response_to="_request", principal_tags={"team": "blue"}
        )
        assert violations(protocol, response.root) == []

    @every_shape
    def test_are_valid_failures_in_the_shape_of_a_vendor(self, protocol: etree.XMLSchema, shape: str) -> None:
        assert violations(protocol, response_of(shape, status=STATUS + "AuthnFailed").root) == []

    @pytest.mark.parametrize("algorithm", CONTENT_ALGORITHMS)
    def test_are_valid_encrypted(
        self, protocol: etree.XMLSchema, provider: SAMLProvider, algorithm: EncryptionAlgorithm
    ) -> None:
        response = IdentityProvider(signing_key=EC_KEY).response(
            PAIR, encrypted_for=provider, encryption_algorithm=algorithm, signed="both"
        )
        assert violations(protocol, response.root) == []

    @every_shape
    def test_are_valid_encrypted_in_the_shape_of_a_vendor(
        self, protocol: etree.XMLSchema, provider: SAMLProvider, shape: str
    ) -> None:
        assert violations(protocol, response_of(shape, encrypted_for=provider).root) == []

    def test_are_invalid_with_a_wrong_value(self, protocol: etree.XMLSchema) -> None:
        response = IdentityProvider(signing_key=EC_KEY).response(PAIR, issue_instant="yesterday", signed=None)
        (first, *_) = violations(protocol, response.root)
        assert "'yesterday' is not a valid value of the atomic type 'xs:dateTime'" in first


class TestMetadata:
    @pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["rsa", "ec"])
    def test_is_valid(self, metadata: etree.XMLSchema, key: SigningKey) -> None:
        assert violations(metadata, etree.fromstring(IdentityProvider(signing_key=key).metadata)) == []

    def test_is_valid_after_a_rotation(self, metadata: etree.XMLSchema) -> None:
        idp = IdentityProvider(signing_key=RSA_KEY)
        idp.rotate_key(EC_KEY)
        assert violations(metadata, etree.fromstring(idp.metadata)) == []

    @every_shape
    def test_is_valid_in_the_shape_of_a_vendor(self, metadata: etree.XMLSchema, shape: str) -> None:
        document = etree.fromstring(vendor(shape).metadata_for(shape).encode())
        # The types of these descriptors are defined by WS-Federation and not by SAML.
        for descriptor in document.findall("md:RoleDescriptor", NAMESPACES):
            document.remove(descriptor)
        assert violations(metadata, document) == []

    def test_is_invalid_with_a_wrong_attribute(self, metadata: etree.XMLSchema) -> None:
        document = IdentityProvider(signing_key=EC_KEY).metadata.replace(" entityID=", " entity=")
        assert len(violations(metadata, etree.fromstring(document))) == 2
