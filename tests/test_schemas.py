"""The schemas of OASIS and W3C, as pysaml2 ships them; tests/idp/test_response.py has their rules without it."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from pytest_stssaml import IdentityProvider, STSBackend, make_signing_key

saml2 = pytest.importorskip("saml2")

SCHEMAS = Path(str(files("saml2"))) / "data" / "schemas"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
KEYS = {
    "rsa": make_signing_key(),
    "ec": make_signing_key("ec"),
}


class _Local(etree.Resolver):
    """Schemas import one another by address; each is in the same folder by its name."""

    def resolve(self, system_url: Any, pubid: Any, context: Any) -> Any:
        return self.resolve_filename(str(SCHEMAS / system_url.rpartition("/")[2]), context)


def schema(name: str) -> Any:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Local())
    return etree.XMLSchema(etree.parse(SCHEMAS / f"saml-schema-{name}-2.0.xsd", parser))


@pytest.fixture(scope="module")
def protocol() -> Any:
    return schema("protocol")


@pytest.fixture(scope="module")
def metadata() -> Any:
    return schema("metadata")


def faults(schema: Any, document: str) -> list[str]:
    schema.validate(etree.fromstring(document))
    return [entry.message for entry in schema.error_log]


KEYWORDS: dict[str, dict[str, Any]] = {
    "default": {},
    "everything": {
        "in_response_to": "_request",
        "session_duration": 3600,
        "principal_tags": {"team": "blue"},
        "transitive_tag_keys": ["team"],
        "source_identity": "alice",
        "attributes": {"urn:oid:2.5.4.3": ["Alice", "A"]},
    },
    "as little as possible": {
        "session_name": None,
        "name_id": None,
        "audience": None,
        "recipient": None,
        "not_before": None,
        "not_on_or_after": None,
        "response_issuer": None,
    },
}


class TestResponse:
    @pytest.mark.parametrize("keywords", KEYWORDS.values(), ids=KEYWORDS)
    @pytest.mark.parametrize("signed", ["assertion", "response", "both", None])
    @pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
    def test_it_obeys(self, protocol: Any, keywords: dict[str, Any], signed: str | None, key: Any) -> None:
        response = IdentityProvider(signing_key=key).response(PAIR, signed=signed, **keywords)
        assert faults(protocol, response.xml) == []

    @pytest.mark.parametrize("status", ["Responder", "AuthnFailed"])
    @pytest.mark.parametrize("signed", ["response", None])
    def test_a_failure_obeys(self, protocol: Any, status: str, signed: str | None) -> None:
        response = IdentityProvider(signing_key=KEYS["ec"]).response(PAIR, status=STATUS + status, signed=signed)
        assert faults(protocol, response.xml) == []

    @pytest.mark.parametrize("algorithm", ["aes128-cbc", "aes256-cbc", "aes128-gcm", "aes256-gcm"])
    @pytest.mark.parametrize("signed", ["assertion", "both"])
    def test_an_encrypted_one_obeys(
        self, protocol: Any, sts: STSBackend, idp: IdentityProvider, algorithm: str, signed: str
    ) -> None:
        provider = sts.update_saml_provider(idp.provider, add_private_key=KEYS["rsa"])  # type: ignore[arg-type]
        response = idp.response(PAIR, encrypted_for=provider, encryption_algorithm=algorithm, signed=signed)
        assert faults(protocol, response.xml) == []

    def test_one_that_does_not_is_found_out(self, protocol: Any) -> None:
        response = IdentityProvider(signing_key=KEYS["ec"]).response(PAIR, issue_instant="yesterday", signed=None)
        assert "'yesterday' is not a valid value of the atomic type 'xs:dateTime'" in faults(protocol, response.xml)[0]


class TestMetadata:
    @pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
    def test_they_obey(self, metadata: Any, key: Any) -> None:
        assert faults(metadata, IdentityProvider(signing_key=key).metadata) == []

    def test_after_a_rotation_they_obey(self, metadata: Any) -> None:
        idp = IdentityProvider(signing_key=KEYS["rsa"])
        idp.rotate_key(KEYS["ec"])
        assert faults(metadata, idp.metadata) == []

    def test_others_are_found_out(self, metadata: Any) -> None:
        document = IdentityProvider(signing_key=KEYS["ec"]).metadata.replace(" entityID=", " entity=")
        assert len(faults(metadata, document)) == 2
