import re
import reprlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from iam_errors import refused, validation_error
from iam_refusals import WITHIN

from pytest_stssaml import IdentityProvider, SAMLProvider, STSBackend, make_signing_key
from pytest_stssaml.literals import Partition

OTHER_ACCOUNT = "111122223333"
PARTITIONS = ["aws", "aws-cn", "aws-us-gov"]
LONG_ENOUGH = " " * 1000


class TestCreateSAMLProvider:
    @pytest.mark.parametrize("partition", PARTITIONS)
    def test_returns_a_provider_of_the_account_and_partition(
        self, sts: STSBackend, metadata: str, partition: Partition
    ) -> None:
        provider = sts.create_saml_provider("Okta", metadata, account_id=OTHER_ACCOUNT, partition=partition)
        assert (provider.arn, provider.name, provider.account_id, provider.partition, provider.tags) == (
            f"arn:{partition}:iam::111122223333:saml-provider/Okta",
            "Okta",
            OTHER_ACCOUNT,
            partition,
            {},
        )

    def test_gives_a_uuid_in_the_form_of_aws(self, provider: SAMLProvider) -> None:
        assert re.fullmatch(r"SAMLSP[A-Z0-9]{16}", provider.uuid)

    def test_gives_every_provider_another_uuid(self, sts: STSBackend, metadata: str) -> None:
        assert len({sts.create_saml_provider(f"Idp{n}", metadata).uuid for n in range(20)}) == 20

    def test_keeps_a_copy_of_the_tags(self, sts: STSBackend, metadata: str) -> None:
        tags = {"team": "blue"}
        provider = sts.create_saml_provider("Okta", metadata, tags=tags)
        tags.clear()
        assert provider.tags == {"team": "blue"}

    def test_registers_the_identity_provider(self, sts: STSBackend) -> None:
        identity_provider = IdentityProvider()
        provider = sts.create_saml_provider("Okta", identity_provider)
        assert identity_provider.provider is provider

    def test_registers_no_identity_provider_if_it_gets_a_document(self, sts: STSBackend) -> None:
        identity_provider = IdentityProvider()
        sts.create_saml_provider("Okta", identity_provider.metadata)
        with pytest.raises(LookupError, match="is not registered with AWS"):
            _ = identity_provider.provider

    def test_rejects_a_name_that_exists(self, sts: STSBackend, idp: IdentityProvider, metadata: str) -> None:
        assert refused(sts.create_saml_provider, "ExampleIdP", metadata) == (
            "EntityAlreadyExists",
            409,
            "Provider with name ExampleIdP already exists.",
            "arn:aws:iam::123456789012:saml-provider/ExampleIdP is registered",
        )

    def test_registers_no_identity_provider_if_the_name_exists(self, sts: STSBackend, idp: IdentityProvider) -> None:
        newcomer = IdentityProvider()
        refused(sts.create_saml_provider, "ExampleIdP", newcomer)
        with pytest.raises(LookupError, match="is not registered with AWS"):
            _ = newcomer.provider

    @pytest.mark.parametrize(
        ("name", "elsewhere"),
        [
            pytest.param("exampleidp", {}, id="another case"),
            pytest.param("ExampleIdP", {"account_id": OTHER_ACCOUNT}, id="another account"),
            pytest.param("ExampleIdP", {"partition": "aws-cn"}, id="another partition"),
        ],
    )
    def test_accepts_a_name_that_exists_elsewhere(
        self, sts: STSBackend, idp: IdentityProvider, metadata: str, name: str, elsewhere: dict[str, Any]
    ) -> None:
        assert sts.create_saml_provider(name, metadata, **elsewhere).name == name

    @pytest.mark.parametrize("name", ["a", "a" * 128, "azAZ09._-"], ids=["1", "128", "every character"])
    def test_accepts_a_name_at_the_limits(self, sts: STSBackend, metadata: str, name: str) -> None:
        assert sts.create_saml_provider(name, metadata).arn == f"arn:aws:iam::123456789012:saml-provider/{name}"

    @pytest.mark.parametrize(
        "name",
        ["", "a" * 129, "my idp", "my/idp", "my@idp", "idp\n", "\u00e4"],
        ids=["empty", "129", "space", "slash", "at", "newline", "umlaut"],
    )
    def test_rejects_a_name_beyond_the_limits(self, sts: STSBackend, metadata: str, name: str) -> None:
        assert refused(sts.create_saml_provider, name, metadata) == validation_error(
            f"The specified value for name is invalid. {WITHIN}._-", f"got {name!r} of {len(name)} characters"
        )

    @pytest.mark.parametrize(
        ("document", "hint"),
        [
            ("<a/>" + LONG_ENOUGH, "the root element is 'a', not md:EntityDescriptor"),
            (
                '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>' + LONG_ENOUGH,
                "md:EntityDescriptor has no entityID",
            ),
        ],
        ids=["another document", "no entityID"],
    )
    def test_rejects_a_document_that_is_not_metadata(self, sts: STSBackend, document: str, hint: str) -> None:
        assert refused(sts.create_saml_provider, "Okta", document) == (
            "InvalidInput",
            400,
            "Could not parse metadata",
            hint,
        )

    @pytest.mark.parametrize("size", [1000, 10_000_000])
    def test_accepts_metadata_at_the_limits(self, sts: STSBackend, size: int) -> None:
        document = IdentityProvider(signing_key=make_signing_key("ec")).metadata
        short = re.sub("<md:Single.*?/>|<md:NameIDFormat>.*?</md:NameIDFormat>", "", document)
        assert sts.create_saml_provider("Okta", short.ljust(size)).name == "Okta"

    @pytest.mark.parametrize(
        ("size", "bound"), [(999, "greater than or equal to 1000"), (10_000_001, "less than or equal to 10000000")]
    )
    def test_rejects_metadata_beyond_the_limits(self, sts: STSBackend, size: int, bound: str) -> None:
        document = "<a/>".ljust(size)
        assert refused(sts.create_saml_provider, "Okta", document) == validation_error(
            "1 validation error detected: Value at 'sAMLMetadataDocument' failed to satisfy constraint: "
            f"Member must have length {bound}",
            f"got {size} characters; IdentityProvider(...).metadata is long enough",
        )

    def test_rejects_a_byte_order_mark(self, sts: STSBackend, metadata: str) -> None:
        assert refused(sts.create_saml_provider, "Okta", "\ufeff" + metadata) == (
            "InvalidInput",
            400,
            "Could not parse metadata",
            "the metadata begins with a byte order mark",
        )

    def test_rejects_an_unusable_certificate_with_another_message(
        self, sts: STSBackend, metadata: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pytest_stssaml.saml.metadata.SHORTEST_RSA_KEY", 2049)
        unread = metadata + "<!-- not read before -->"
        assert refused(sts.create_saml_provider, "Okta", unread) == (
            "InvalidInput",
            400,
            "Unable to parse metadata",
            "an RSA key has 2048 bits, fewer than 2049",
        )

    @pytest.mark.parametrize(
        "metadata",
        [
            None,
            b"<a/>",
            5,
            object,
            SimpleNamespace(metadata=IdentityProvider(signing_key=make_signing_key("ec")).metadata),
        ],
        ids=["None", "bytes", "a number", "a class", "an object with a document"],
    )
    def test_rejects_metadata_of_another_type(self, sts: STSBackend, metadata: Any) -> None:
        forms = "an IdentityProvider or a document as a string or a pathlib.Path"
        message = f"metadata must be {forms}, not {reprlib.repr(metadata)}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata)
        assert sts.create_saml_provider("Okta", IdentityProvider(signing_key=make_signing_key("ec"))).name == "Okta"

    def test_creates_nothing_if_it_is_rejected(self, sts: STSBackend) -> None:
        refused(sts.create_saml_provider, "Okta", "<a/>")
        with pytest.raises(ValueError, match="has: none;"):
            sts.create_role("A")


class TestDeleteSAMLProvider:
    @pytest.mark.parametrize("by", [lambda provider: provider, lambda provider: provider.arn], ids=["object", "arn"])
    def test_deletes_the_provider(self, sts: STSBackend, provider: SAMLProvider, by: Callable[..., Any]) -> None:
        sts.delete_saml_provider(by(provider))
        with pytest.raises(ValueError, match="has: none;"):
            sts.create_role("A")

    def test_frees_its_name(self, sts: STSBackend, provider: SAMLProvider, metadata: str) -> None:
        sts.delete_saml_provider(provider)
        assert sts.create_saml_provider("ExampleIdP", metadata).arn == provider.arn

    def test_ends_the_registration_of_the_identity_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        sts.delete_saml_provider(idp.provider)
        with pytest.raises(LookupError, match="is not registered with AWS"):
            _ = idp.provider

    def test_keeps_other_registrations_of_the_identity_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        second = sts.create_saml_provider("Second", idp)
        sts.delete_saml_provider(idp.provider)
        assert idp.provider is second

    def test_deletes_a_provider_made_from_a_document(self, sts: STSBackend, metadata: str) -> None:
        provider = sts.create_saml_provider("FromDocument", metadata)
        sts.delete_saml_provider(provider)
        assert refused(sts.delete_saml_provider, provider)[0] == "NoSuchEntity"

    def test_keeps_the_roles_that_trust_it_and_their_logins_are_rejected(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        role, provider = sts.create_role("A"), idp.provider
        response = idp.response(role)
        sts.delete_saml_provider(provider)
        assert refusal(response, role, provider)[2].startswith("Specified provider doesn't exist")

    def test_rejects_a_provider_that_does_not_exist(self, sts: STSBackend) -> None:
        arn = "arn:aws:iam::111111111111:saml-provider/NonExistentProvider"
        assert refused(sts.delete_saml_provider, arn) == (
            "NoSuchEntity",
            404,
            "Manifest not found for arn arn:aws:iam::111111111111:saml-provider/NonExistentProvider",
            f"there is no provider {arn}",
        )

    def test_rejects_an_identity_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        message = (
            "provider must be a SAMLProvider or its ARN, "
            "not <IdentityProvider https://idp.example.com/saml>; write its .provider"
        )
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.delete_saml_provider(idp)  # type: ignore[arg-type]
