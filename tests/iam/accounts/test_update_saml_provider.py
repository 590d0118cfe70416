from collections.abc import Callable
from typing import Any

import pytest
from decryption_keys import EC_KEY, KEYS, pem
from iam_errors import Error, invalid_input, refused

from pytest_stssaml import IdentityProvider, SAMLProvider, STSBackend
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.metadata import read_metadata

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
ALICE = "alice@example.com"
BAD_SIGNATURE = ("InvalidIdentityToken", 400, "Response signature invalid")


@pytest.fixture
def provider(sts: STSBackend, idp: IdentityProvider) -> SAMLProvider:
    """The provider of `idp`, which the role Developer trusts."""
    sts.create_role("Developer")
    return idp.provider


class TestMetadata:
    def test_does_not_accept_a_new_key_before_the_update(
        self, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any]
    ) -> None:
        idp.rotate_key()
        assert refusal(idp.response(PAIR[0]), *PAIR) == BAD_SIGNATURE

    def test_accepts_both_keys_after_an_update(
        self,
        sts: STSBackend,
        idp: IdentityProvider,
        saml_signing_key: SigningKey,
        provider: SAMLProvider,
        log_in: Callable[..., Any],
    ) -> None:
        idp.rotate_key(EC_KEY)
        sts.update_saml_provider(provider, idp)
        responses = [idp.response(PAIR[0], signing_key=key) for key in (EC_KEY, saml_signing_key)]
        assert [log_in(response, *PAIR)["Subject"] for response in responses] == [ALICE, ALICE]

    @pytest.mark.parametrize("form", [lambda idp: idp, lambda idp: idp.metadata], ids=["object", "document"])
    def test_does_not_accept_the_old_key_after_an_update_without_it(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any], form: Any
    ) -> None:
        response = idp.response(PAIR[0])
        sts.update_saml_provider(provider, form(IdentityProvider(signing_key=EC_KEY)))
        assert refusal(response, *PAIR) == BAD_SIGNATURE

    def test_is_replaced_as_a_whole(self, sts: STSBackend, provider: SAMLProvider) -> None:
        document = IdentityProvider("urn:okta", signing_key=EC_KEY).metadata
        sts.update_saml_provider(provider, document)
        assert provider._metadata == read_metadata(document)

    @pytest.mark.parametrize("by", [lambda provider: provider, lambda provider: provider.arn], ids=["object", "arn"])
    def test_is_replaced_in_the_same_object(
        self, sts: STSBackend, provider: SAMLProvider, by: Callable[..., Any]
    ) -> None:
        assert sts.update_saml_provider(by(provider), assertion_encryption_mode="Allowed") is provider

    def test_is_replaced_without_changing_the_identity_of_the_provider(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        before = (provider.arn, provider.name, provider.uuid, provider.tags)
        sts.update_saml_provider(provider, IdentityProvider("urn:okta", signing_key=EC_KEY))
        assert (provider.arn, provider.name, provider.uuid, provider.tags) == before

    def test_is_kept_if_none_is_given(self, sts: STSBackend, provider: SAMLProvider) -> None:
        before = provider._metadata
        sts.update_saml_provider(provider, add_private_key=KEYS[0])
        assert provider._metadata is before


class TestRegistration:
    def test_keeps_the_order_of_registrations(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        sts.create_saml_provider("Second", idp)
        sts.update_saml_provider(provider, idp)
        assert idp.provider is provider

    def test_is_made_once_by_several_updates(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        sts.update_saml_provider(provider, idp)
        sts.delete_saml_provider(provider)
        with pytest.raises(LookupError):
            _ = idp.provider

    def test_may_be_made_with_another_identity_provider(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        successor = IdentityProvider(signing_key=EC_KEY)
        sts.update_saml_provider(provider, successor)
        assert successor.provider is provider

    @pytest.mark.parametrize(
        "successor", [IdentityProvider(signing_key=EC_KEY), IdentityProvider().metadata], ids=["object", "document"]
    )
    def test_ends_when_metadata_of_another_is_given(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, successor: Any
    ) -> None:
        sts.update_saml_provider(provider, successor)
        with pytest.raises(LookupError, match="is not registered with AWS"):
            _ = idp.provider

    def test_may_be_made_for_a_provider_made_from_a_document(self, sts: STSBackend, idp: IdentityProvider) -> None:
        text = sts.create_saml_provider("FromDocument", idp.metadata)
        successor = IdentityProvider(signing_key=EC_KEY)
        sts.update_saml_provider(text, successor)
        assert successor.provider is text

    def test_is_kept_if_no_metadata_is_given(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        sts.update_saml_provider(provider, add_private_key=KEYS[0])
        assert idp.provider is provider


NOT_RSA = "a private key must be an RSA key object or its PEM, not "
TOO_SHORT = (
    "1 validation error detected: Value at 'sAMLMetadataDocument' failed to satisfy constraint: "
    "Member must have length greater than or equal to 1000"
)
ADD_AND_REMOVE = (
    "Unable to add and remove private keys in the same request. Set a value for only one of the two parameters."
)
REQUIRED_WITHOUT_KEY = invalid_input(
    "Unable to set assertion encryption mode to Required because no private key is provided.",
    "write private_keys=[make_signing_key()]",
)
REFUSALS: dict[str, tuple[dict[str, Any], Error]] = {
    "no changes": (
        {},
        invalid_input(
            "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
            "give at least one of the arguments",
        ),
    ),
    "add and remove": (
        {"add_private_key": KEYS[1], "remove_private_key": KEYS[0]},
        invalid_input(ADD_AND_REMOVE, "call update_saml_provider twice"),
    ),
    "not metadata": (
        {"metadata": "<a/>" + " " * 1000},
        invalid_input("Could not parse metadata", "the root element is 'a', not md:EntityDescriptor"),
    ),
    "metadata too short": (
        {"metadata": "<a/>"},
        ("ValidationError", 400, TOO_SHORT, "got 4 characters; IdentityProvider(...).metadata is long enough"),
    ),
    "Required without a key": (
        {"remove_private_key": KEYS[0], "assertion_encryption_mode": "Required"},
        REQUIRED_WITHOUT_KEY,
    ),
    "EC key": ({"add_private_key": EC_KEY}, invalid_input("Invalid private key.", NOT_RSA + type(EC_KEY).__name__)),
    "EC key as PEM": (
        {"add_private_key": pem(EC_KEY)},
        invalid_input("Invalid private key.", NOT_RSA + type(EC_KEY).__name__),
    ),
    "public key": (
        {"add_private_key": KEYS[1].public_key()},
        invalid_input("Invalid private key.", NOT_RSA + type(KEYS[1].public_key()).__name__),
    ),
}


class TestRefusals:
    @pytest.fixture
    def keyed(self, sts: STSBackend, provider: SAMLProvider) -> SAMLProvider:
        return sts.update_saml_provider(provider, add_private_key=KEYS[0])

    @pytest.mark.parametrize(("arguments", "error"), REFUSALS.values(), ids=REFUSALS)
    def test_have_the_message_of_iam(
        self, sts: STSBackend, keyed: SAMLProvider, arguments: dict[str, Any], error: Error
    ) -> None:
        assert refused(sts.update_saml_provider, keyed, **arguments) == error

    @pytest.mark.parametrize(("arguments", "error"), REFUSALS.values(), ids=REFUSALS)
    def test_change_nothing(self, sts: STSBackend, keyed: SAMLProvider, arguments: dict[str, Any], error: Any) -> None:
        before = (keyed._metadata, keyed.private_keys, keyed.assertion_encryption_mode)
        good = {"metadata": IdentityProvider("urn:new", signing_key=EC_KEY)} if arguments else {}
        refused(sts.update_saml_provider, keyed, **good | arguments)
        assert (keyed._metadata, keyed.private_keys, keyed.assertion_encryption_mode) == before

    def test_register_no_identity_provider(self, sts: STSBackend, idp: IdentityProvider, keyed: SAMLProvider) -> None:
        newcomer = IdentityProvider(signing_key=EC_KEY)
        refused(sts.update_saml_provider, keyed, newcomer, add_private_key=EC_KEY)
        with pytest.raises(LookupError):
            _ = newcomer.provider

    def test_are_raised_for_a_provider_that_does_not_exist(self, sts: STSBackend, idp: IdentityProvider) -> None:
        arn = "arn:aws:iam::111111111111:saml-provider/NonExistentProvider"
        assert refused(sts.update_saml_provider, arn, idp) == (
            "NoSuchEntity",
            404,
            "Manifest not found for arn arn:aws:iam::111111111111:saml-provider/NonExistentProvider",
            f"there is no provider {arn}",
        )

    def test_are_raised_for_a_provider_that_is_deleted(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = idp.provider
        sts.delete_saml_provider(provider)
        assert refused(sts.update_saml_provider, provider, idp)[0] == "NoSuchEntity"

    def test_are_raised_for_metadata_of_another_type(self, sts: STSBackend, keyed: SAMLProvider) -> None:
        with pytest.raises(
            TypeError,
            match=r"^metadata must be an IdentityProvider or a document as a string or a pathlib.Path, not 5$",
        ):
            sts.update_saml_provider(keyed, 5)  # type: ignore[arg-type]
