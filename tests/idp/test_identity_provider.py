from typing import Any

import boto3
import pytest
from certificates import keys_of, spki_of
from cryptography.hazmat.primitives.serialization import Encoding
from idp_responses import EC_KEY, values
from moto import mock_aws
from saml_documents import PAIR

from pytest_stssaml import IdentityProvider, STSBackend, make_signing_key, mock_sts_saml
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.literals import KeyKind
from pytest_stssaml.saml.metadata import Metadata, read_metadata

each_kind_of_key = pytest.mark.parametrize("key", [EC_KEY, make_signing_key()], ids=["ec", "rsa"])


class TestIdentityProvider:
    def test_has_a_default_entity_id(self) -> None:
        assert IdentityProvider(signing_key=EC_KEY).entity_id == "https://idp.example.com/saml"

    def test_has_a_repr_with_its_entity_id(self) -> None:
        assert repr(IdentityProvider("urn:okta", signing_key=EC_KEY)) == "<IdentityProvider urn:okta>"

    def test_makes_a_key_of_its_own_by_default(self) -> None:
        assert IdentityProvider().metadata != IdentityProvider().metadata

    def test_raises_type_error_for_an_entity_id_that_is_not_a_string(self) -> None:
        with pytest.raises(TypeError, match=r"^entity_id must be a string, not 5$"):
            IdentityProvider(5)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            pytest.param("-----BEGIN PRIVATE KEY-----", "str", id="PEM"),
            pytest.param(EC_KEY.public_key(), "ECPublicKey", id="public key"),
        ],
    )
    def test_raises_type_error_for_a_key_that_is_not_a_private_key_object(self, key: Any, kind: str) -> None:
        with pytest.raises(TypeError) as caught:
            IdentityProvider(signing_key=key)
        assert str(caught.value) == (
            "signing_key must be a private key object, from make_signing_key() or "
            f"cryptography's load_pem_private_key(), not {kind}"
        )


class TestMetadata:
    @each_kind_of_key
    def test_has_the_entity_id_and_the_certificate(self, key: SigningKey) -> None:
        metadata = IdentityProvider("urn:okta", signing_key=key).metadata
        assert read_metadata(metadata) == Metadata("urn:okta", (spki_of(key),))

    def test_escapes_the_entity_id(self) -> None:
        metadata = IdentityProvider('urn:"<&>\n', signing_key=EC_KEY).metadata
        assert read_metadata(metadata).entity_id == 'urn:"<&>\n'

    def test_raises_value_error_if_xml_cannot_hold_the_entity_id(self) -> None:
        idp = IdentityProvider("urn:\0", signing_key=EC_KEY)
        with pytest.raises(ValueError, match="contains a character that XML cannot hold"):
            _ = idp.metadata

    @pytest.mark.parametrize("kind", ["ec", "rsa"])
    def test_is_accepted_by_moto(self, kind: KeyKind) -> None:
        metadata = IdentityProvider(signing_key=make_signing_key(kind)).metadata
        with mock_aws():
            iam = boto3.Session(region_name="us-east-1").client("iam")
            arn = iam.create_saml_provider(Name="ExampleIdP", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
            assert [p["Arn"] for p in iam.list_saml_providers()["SAMLProviderList"]] == [arn]

    def test_is_long_enough_for_iam_with_a_short_entity_id_and_key(self) -> None:
        assert len(IdentityProvider("urn:a", signing_key=EC_KEY).metadata) >= 1000

    def test_is_accepted_as_a_string_by_the_backend(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        provider = sts.create_saml_provider("ExampleIdP", unregistered.metadata)
        assert provider._metadata == read_metadata(unregistered.metadata)

    def test_has_the_certificate_that_a_response_has(self, unregistered: IdentityProvider) -> None:
        (certificate,) = values(unregistered.response(PAIR), "//ds:X509Certificate")
        assert unregistered.metadata.count(f"<ds:X509Certificate>{certificate}</ds:X509Certificate>") == 1

    def test_has_a_certificate_that_can_be_written_to_a_file(self, unregistered: IdentityProvider) -> None:
        (certificate,) = unregistered.certificates
        assert certificate.public_bytes(Encoding.PEM).startswith(b"-----BEGIN CERTIFICATE-----\n")


class TestProvider:
    NOT_REGISTERED = (
        "<IdentityProvider https://idp.example.com/saml> is not registered with AWS; "
        'write provider = sts.create_saml_provider("ExampleIdP", identity_provider) first'
    )

    def test_raises_lookup_error_before_the_registration(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        with pytest.raises(LookupError) as caught:
            _ = unregistered.provider
        assert str(caught.value) == self.NOT_REGISTERED

    def test_raises_lookup_error_if_only_the_metadata_was_registered(
        self, sts: STSBackend, unregistered: IdentityProvider
    ) -> None:
        sts.create_saml_provider("ExampleIdP", unregistered.metadata)
        with pytest.raises(LookupError):
            _ = unregistered.provider

    def test_is_the_first_registration(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        first = sts.create_saml_provider("First", unregistered)
        sts.create_saml_provider("Second", unregistered)
        assert unregistered.provider is first

    def test_is_the_next_registration_after_the_first_is_deleted(
        self, sts: STSBackend, unregistered: IdentityProvider
    ) -> None:
        first = sts.create_saml_provider("First", unregistered)
        second = sts.create_saml_provider("Second", unregistered)
        sts.delete_saml_provider(first)
        assert unregistered.provider is second

    def test_raises_lookup_error_after_all_are_deleted(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        sts.delete_saml_provider(sts.create_saml_provider("ExampleIdP", unregistered).arn)
        with pytest.raises(LookupError):
            _ = unregistered.provider

    def test_is_available_after_the_mock_has_ended(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml() as sts:
            provider = sts.create_saml_provider("ExampleIdP", unregistered)
        assert unregistered.provider is provider

    def test_raises_lookup_error_in_the_next_mock(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml() as sts:
            sts.create_saml_provider("ExampleIdP", unregistered)
        with mock_sts_saml(), pytest.raises(LookupError) as caught:
            _ = unregistered.provider
        assert str(caught.value) == self.NOT_REGISTERED

    def test_is_the_registration_in_the_active_mock(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml() as sts:
            sts.create_saml_provider("First", unregistered)
        with mock_sts_saml() as sts:
            second = sts.create_saml_provider("Second", unregistered)
            assert unregistered.provider is second

    def test_is_not_affected_by_a_deletion_in_a_mock_that_has_ended(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml() as ended:
            provider = ended.create_saml_provider("First", unregistered)
        with mock_sts_saml() as sts:
            second = sts.create_saml_provider("Second", unregistered)
            ended.delete_saml_provider(provider)
            assert unregistered.provider is second


class TestRotateKey:
    def test_signs_with_the_new_key(self, unregistered: IdentityProvider) -> None:
        unregistered.rotate_key(EC_KEY)
        assert "ecdsa-sha256" in unregistered.response(PAIR).xml

    def test_puts_the_certificate_of_the_new_key_before_that_of_the_previous_key(
        self, unregistered: IdentityProvider, saml_signing_key: SigningKey
    ) -> None:
        unregistered.rotate_key(EC_KEY)
        assert unregistered.certificates == (certificate_of(EC_KEY), certificate_of(saml_signing_key))

    def test_forgets_the_first_key_at_the_second_rotation(self, unregistered: IdentityProvider) -> None:
        last = make_signing_key("ec")
        unregistered.rotate_key(EC_KEY)
        unregistered.rotate_key(last)
        assert unregistered.certificates == (certificate_of(last), certificate_of(EC_KEY))

    def test_there_is_one_certificate_before_a_rotation(
        self, unregistered: IdentityProvider, saml_signing_key: SigningKey
    ) -> None:
        assert unregistered.certificates == (certificate_of(saml_signing_key),)

    @pytest.mark.parametrize("rotations", [0, 1, 2])
    def test_publishes_the_certificates_in_the_metadata(self, unregistered: IdentityProvider, rotations: int) -> None:
        for _ in range(rotations):
            unregistered.rotate_key(make_signing_key("ec"))
        assert read_metadata(unregistered.metadata).signing_keys == keys_of(unregistered.certificates)

    @each_kind_of_key
    def test_makes_a_new_key_of_the_same_kind_by_default(self, key: SigningKey) -> None:
        idp = IdentityProvider(signing_key=key)
        idp.rotate_key()
        new, old = idp.certificates
        assert type(new.public_key()) is type(old.public_key())
        assert new != old

    def test_raises_type_error_for_a_key_that_is_not_a_private_key_object(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(TypeError, match=r"^signing_key must be a private key object, .*, not str$"):
            unregistered.rotate_key("key")  # type: ignore[arg-type]

    def test_keeps_the_old_key_after_an_error(self, unregistered: IdentityProvider) -> None:
        before = unregistered.certificates
        with pytest.raises(TypeError):
            unregistered.rotate_key(5)  # type: ignore[arg-type]
        assert unregistered.certificates == before
