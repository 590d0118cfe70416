import re
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from pytest_stssaml import (
    IAMError,
    IdentityProvider,
    SAMLProvider,
    STSBackend,
    make_signing_key,
)
from pytest_stssaml.keys import certificate_of
from pytest_stssaml.saml.metadata import read_metadata

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
KEYS = [rsa.generate_private_key(65537, 2048) for _ in range(3)]
EC_KEY = make_signing_key("ec")
ALICE = "alice@example.com"
BAD_SIGNATURE = ("InvalidIdentityToken", 400, "Response signature invalid")


def pem(key: Any, encryption: Any = None) -> bytes:
    octets: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return octets


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[str, int, str, str]:
    with pytest.raises(IAMError) as caught:
        call(*args, **kwargs)
    error = caught.value
    return error.code, error.status, error.message, error.hint


@pytest.fixture
def provider(sts: STSBackend, idp: IdentityProvider) -> SAMLProvider:
    sts.create_role("Developer")
    return idp.provider


def keys_of(provider: SAMLProvider) -> list[rsa.RSAPrivateKey]:
    return [key for _, key in provider.private_keys]


class TestMetadata:
    def test_after_a_rotation_the_new_key_is_refused_until_aws_knows_it(
        self, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any]
    ) -> None:
        idp.rotate_key()
        assert refusal(idp.response(PAIR[0]), *PAIR) == BAD_SIGNATURE

    @pytest.mark.parametrize("which", [0, 1], ids=["new", "old"])
    def test_after_an_update_both_keys_are_accepted(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any], which: int
    ) -> None:
        old = idp._keys[0]
        idp.rotate_key(EC_KEY)
        sts.update_saml_provider(provider, idp)
        assert log_in(idp.response(PAIR[0], signing_key=[EC_KEY, old][which]), *PAIR)["Subject"] == ALICE

    @pytest.mark.parametrize("form", [lambda idp: idp, lambda idp: idp.metadata], ids=["object", "text"])
    def test_the_old_key_is_refused_after_an_update_to_metadata_without_it(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any], form: Any
    ) -> None:
        response = idp.response(PAIR[0])
        sts.update_saml_provider(provider, form(IdentityProvider(signing_key=EC_KEY)))
        assert refusal(response, *PAIR) == BAD_SIGNATURE

    def test_the_metadata_are_replaced_as_a_whole(self, sts: STSBackend, provider: SAMLProvider) -> None:
        document = IdentityProvider("urn:okta", signing_key=EC_KEY).metadata
        sts.update_saml_provider(provider, document)
        assert provider.metadata == read_metadata(document)

    @pytest.mark.parametrize("by", [lambda provider: provider, lambda provider: provider.arn], ids=["object", "arn"])
    def test_it_gives_the_object_that_create_gave(
        self, sts: STSBackend, provider: SAMLProvider, by: Callable[..., Any]
    ) -> None:
        assert sts.update_saml_provider(by(provider), assertion_encryption_mode="Allowed") is provider

    def test_the_identity_of_the_provider_stays(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        before = (provider.arn, provider.name, provider.uuid, provider.tags)
        sts.update_saml_provider(provider, IdentityProvider("urn:okta", signing_key=EC_KEY))
        assert (provider.arn, provider.name, provider.uuid, provider.tags) == before

    def test_without_metadata_they_stay(self, sts: STSBackend, provider: SAMLProvider) -> None:
        before = provider.metadata
        sts.update_saml_provider(provider, add_private_key=KEYS[0])
        assert provider.metadata is before


class TestLink:
    def test_the_order_of_an_identity_providers_providers_is_kept(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        sts.create_saml_provider("Second", idp)
        sts.update_saml_provider(provider, idp)
        assert idp.provider is provider

    def test_an_updated_identity_provider_is_registered_once(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        sts.update_saml_provider(provider, idp)
        sts.delete_saml_provider(provider)
        with pytest.raises(LookupError):
            _ = idp.provider

    def test_another_identity_provider_takes_over(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        successor = IdentityProvider(signing_key=EC_KEY)
        sts.update_saml_provider(provider, successor)
        assert successor.provider is provider

    @pytest.mark.parametrize(
        "successor", [IdentityProvider(signing_key=EC_KEY), IdentityProvider().metadata], ids=["object", "text"]
    )
    def test_its_predecessor_is_registered_no_more(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, successor: Any
    ) -> None:
        sts.update_saml_provider(provider, successor)
        with pytest.raises(LookupError, match="is not registered with AWS"):
            _ = idp.provider

    def test_a_provider_made_of_text_can_be_given_an_identity_provider(
        self, sts: STSBackend, idp: IdentityProvider
    ) -> None:
        text = sts.create_saml_provider("Text", idp.metadata)
        successor = IdentityProvider(signing_key=EC_KEY)
        sts.update_saml_provider(text, successor)
        assert successor.provider is text

    def test_a_change_without_metadata_leaves_the_link(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider
    ) -> None:
        sts.update_saml_provider(provider, add_private_key=KEYS[0])
        assert idp.provider is provider


class TestPrivateKeys:
    @pytest.mark.parametrize(
        "form",
        [
            pytest.param(lambda key: key, id="object"),
            pytest.param(pem, id="octets"),
            pytest.param(lambda key: pem(key).decode(), id="text"),
            pytest.param(
                lambda key: key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
                id="PKCS 1",
            ),
        ],
    )
    def test_a_key_is_an_object_or_pem(self, sts: STSBackend, provider: SAMLProvider, form: Any) -> None:
        sts.update_saml_provider(provider, add_private_key=form(KEYS[0]))
        numbers = [key.private_numbers() for key in keys_of(provider)]
        assert numbers == [KEYS[0].private_numbers()]

    def test_create_takes_them_newest_first(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=[pem(KEYS[0]), KEYS[1]])
        assert [key.private_numbers() for key in keys_of(provider)] == [key.private_numbers() for key in KEYS[:2]]

    def test_an_added_key_becomes_the_newest(self, sts: STSBackend, provider: SAMLProvider) -> None:
        for key in KEYS[:2]:
            sts.update_saml_provider(provider, add_private_key=key)
        assert keys_of(provider) == [KEYS[1], KEYS[0]]

    def test_ids_have_awss_form(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=KEYS[:2])
        assert [bool(re.fullmatch("[A-Z2-7]{22}", key_id)) for key_id, _ in provider.private_keys] == [True, True]

    def test_no_two_ids_are_equal(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=[KEYS[0], KEYS[0]])
        assert len({key_id for key_id, _ in provider.private_keys}) == 2

    @pytest.mark.parametrize("which", [0, 1], ids=["newest", "older"])
    @pytest.mark.parametrize("by", ["key_id", "key"])
    def test_a_key_is_removed_by_itself_or_its_id(
        self, sts: STSBackend, idp: IdentityProvider, by: str, which: int
    ) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=KEYS[:2])
        sts.update_saml_provider(provider, remove_private_key=getattr(provider.private_keys[which], by))
        assert keys_of(provider) == [KEYS[1 - which]]

    def test_the_encryption_certificate_is_the_newest_keys(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=KEYS[:2])
        assert provider.encryption_certificate is certificate_of(KEYS[0])

    def test_without_a_key_there_is_no_encryption_certificate(self, provider: SAMLProvider) -> None:
        assert provider.encryption_certificate is None

    def test_a_providers_repr_shows_no_key(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=KEYS[:1])
        assert "rivate" not in repr(provider)


class TestMode:
    def test_it_is_allowed_unless_said(self, provider: SAMLProvider) -> None:
        assert provider.assertion_encryption_mode == "Allowed"

    def test_it_can_be_required_where_a_key_is_added(self, sts: STSBackend, provider: SAMLProvider) -> None:
        sts.update_saml_provider(provider, assertion_encryption_mode="Required", add_private_key=KEYS[0])
        assert provider.assertion_encryption_mode == "Required"

    def test_it_can_be_allowed_again(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider(
            "Keyed", idp.metadata, assertion_encryption_mode="Required", private_keys=KEYS[:1]
        )
        sts.update_saml_provider(provider, assertion_encryption_mode="Allowed", remove_private_key=KEYS[0])
        assert (provider.assertion_encryption_mode, provider.private_keys) == ("Allowed", ())

    @pytest.mark.parametrize("mode", ["required", "", "Forbidden"])
    def test_another_is_an_error_that_lists_them(self, sts: STSBackend, idp: IdentityProvider, mode: str) -> None:
        message = f'assertion_encryption_mode must be "Allowed" or "Required", not {mode!r}'
        with pytest.raises(ValueError, match=f"^{message}$"):
            sts.create_saml_provider("Keyed", idp.metadata, assertion_encryption_mode=mode)


@pytest.mark.parametrize(
    ("partition", "region", "url"),
    [
        ("aws", None, "https://signin.aws.amazon.com/saml/acs/"),
        ("aws", "eu-west-1", "https://eu-west-1.signin.aws.amazon.com/saml/acs/"),
        ("aws-cn", None, "https://signin.amazonaws.cn/saml/acs/"),
        ("aws-us-gov", "us-gov-east-1", "https://us-gov-east-1.signin.amazonaws-us-gov.com/saml/acs/"),
    ],
)
def test_a_provider_has_a_sign_in_url_of_its_own(
    sts: STSBackend, idp: IdentityProvider, partition: str, region: str | None, url: str
) -> None:
    provider = sts.create_saml_provider("Own", idp.metadata, partition=partition)
    assert provider.sign_in_url(region) == url + provider.uuid


def invalid(message: str, hint: str) -> tuple[str, int, str, str]:
    return "InvalidInput", 400, message, hint


NO_RSA_KEY = "a private key must be an RSA key object or its PEM, not "
TOO_SHORT = (
    "1 validation error detected: Value at 'sAMLMetadataDocument' failed to satisfy constraint: "
    "Member must have length greater than or equal to 1000"
)
ADD_AND_REMOVE = (
    "Unable to add and remove private keys in the same request. Set a value for only one of the two parameters."
)
REQUIRED_WITHOUT_KEY = invalid(
    "Unable to set assertion encryption mode to Required because no private key is provided.",
    "write private_keys=[make_signing_key()]",
)
REFUSALS: dict[str, tuple[dict[str, Any], tuple[str, int, str, str]]] = {
    "nothing to do": (
        {},
        invalid(
            "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
            "give at least one of the arguments",
        ),
    ),
    "add and remove": (
        {"add_private_key": KEYS[1], "remove_private_key": KEYS[0]},
        invalid(ADD_AND_REMOVE, "call update_saml_provider twice"),
    ),
    "metadata that are none": (
        {"metadata": "<a/>" + " " * 1000},
        invalid("Could not parse metadata", "the root element is 'a', not md:EntityDescriptor"),
    ),
    "metadata too short": (
        {"metadata": "<a/>"},
        ("ValidationError", 400, TOO_SHORT, "got 4 characters; IdentityProvider(...).metadata is long enough"),
    ),
    "Required without a key": (
        {"remove_private_key": KEYS[0], "assertion_encryption_mode": "Required"},
        REQUIRED_WITHOUT_KEY,
    ),
    "EC key": ({"add_private_key": EC_KEY}, invalid("Invalid private key.", NO_RSA_KEY + type(EC_KEY).__name__)),
    "EC key as PEM": (
        {"add_private_key": pem(EC_KEY)},
        invalid("Invalid private key.", NO_RSA_KEY + type(EC_KEY).__name__),
    ),
    "public key": (
        {"add_private_key": KEYS[1].public_key()},
        invalid("Invalid private key.", NO_RSA_KEY + type(KEYS[1].public_key()).__name__),
    ),
}


class TestRefusals:
    @pytest.fixture
    def keyed(self, sts: STSBackend, provider: SAMLProvider) -> SAMLProvider:
        return sts.update_saml_provider(provider, add_private_key=KEYS[0])

    @pytest.mark.parametrize(("arguments", "error"), REFUSALS.values(), ids=REFUSALS)
    def test_it_says_what_iam_says(
        self, sts: STSBackend, keyed: SAMLProvider, arguments: dict[str, Any], error: tuple[str, int, str, str]
    ) -> None:
        assert refused(sts.update_saml_provider, keyed, **arguments) == error

    @pytest.mark.parametrize(("arguments", "error"), REFUSALS.values(), ids=REFUSALS)
    def test_a_refused_update_changes_nothing(
        self, sts: STSBackend, keyed: SAMLProvider, arguments: dict[str, Any], error: Any
    ) -> None:
        before = (keyed.metadata, keyed.private_keys, keyed.assertion_encryption_mode)
        good = {"metadata": IdentityProvider("urn:new", signing_key=EC_KEY)} if arguments else {}
        refused(sts.update_saml_provider, keyed, **good | arguments)
        assert (keyed.metadata, keyed.private_keys, keyed.assertion_encryption_mode) == before

    def test_a_refused_update_links_nobody(self, sts: STSBackend, idp: IdentityProvider, keyed: SAMLProvider) -> None:
        newcomer = IdentityProvider(signing_key=EC_KEY)
        refused(sts.update_saml_provider, keyed, newcomer, add_private_key=EC_KEY)
        with pytest.raises(LookupError):
            _ = newcomer.provider

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="nothing"),
            pytest.param("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", id="damaged"),
            pytest.param(pem(KEYS[1], BestAvailableEncryption(b"secret")), id="encrypted"),
            pytest.param(
                KEYS[1].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), id="public"
            ),
        ],
    )
    def test_what_is_no_private_key_in_pem_is_invalid(
        self, sts: STSBackend, keyed: SAMLProvider, text: str | bytes
    ) -> None:
        error = refused(sts.update_saml_provider, keyed, add_private_key=text)
        assert error[:3] == ("InvalidInput", 400, "Invalid private key.")

    def test_a_key_in_pem_of_16384_characters_is_taken(self, sts: STSBackend, keyed: SAMLProvider) -> None:
        sts.update_saml_provider(keyed, add_private_key=pem(KEYS[1]).ljust(16384, b"\n"))
        assert len(keyed.private_keys) == 2

    @pytest.mark.parametrize("form", [bytes, bytes.decode], ids=["octets", "text"])
    def test_a_key_in_pem_of_16385_characters_is_refused(
        self, sts: STSBackend, keyed: SAMLProvider, form: Callable[..., Any]
    ) -> None:
        too_long = form(pem(KEYS[1]).ljust(16385, b"\n"))
        assert refused(sts.update_saml_provider, keyed, add_private_key=too_long) == (
            "ValidationError",
            400,
            (
                "1 validation error detected: Value at 'addPrivateKey' failed to satisfy constraint: "
                "Member must have length less than or equal to 16384"
            ),
            "got 16385 characters of PEM",
        )

    @pytest.mark.parametrize("by", [KEYS[1], "A" * 22], ids=["object", "id"])
    def test_a_key_to_remove_that_is_not_there_is_invalid(self, sts: STSBackend, keyed: SAMLProvider, by: Any) -> None:
        assert refused(sts.update_saml_provider, keyed, remove_private_key=by) == (
            "InvalidInput",
            400,
            "Failed to remove private key because the Key ID does not match a private key.",
            f"the provider has ['{keyed.private_keys[0].key_id}']",
        )

    def test_the_last_key_of_a_provider_that_requires_it_stays(self, sts: STSBackend, keyed: SAMLProvider) -> None:
        sts.update_saml_provider(keyed, assertion_encryption_mode="Required")
        assert refused(sts.update_saml_provider, keyed, remove_private_key=KEYS[0]) == REQUIRED_WITHOUT_KEY

    LIMIT = ("LimitExceeded", 409, "Private key limit of 2 is reached.", "remove one with update_saml_provider")

    def test_a_third_key_exceeds_the_limit(self, sts: STSBackend, keyed: SAMLProvider) -> None:
        sts.update_saml_provider(keyed, add_private_key=KEYS[1])
        assert refused(sts.update_saml_provider, keyed, add_private_key=KEYS[2]) == self.LIMIT

    def test_three_keys_at_once_exceed_it(self, sts: STSBackend, idp: IdentityProvider) -> None:
        assert refused(sts.create_saml_provider, "Keyed", idp.metadata, private_keys=KEYS) == self.LIMIT

    def test_required_without_a_key_is_refused_at_once(self, sts: STSBackend, idp: IdentityProvider) -> None:
        error = refused(sts.create_saml_provider, "Keyed", idp.metadata, assertion_encryption_mode="Required")
        assert error == REQUIRED_WITHOUT_KEY

    def test_a_provider_that_is_not_there_is_no_such_entity(self, sts: STSBackend, idp: IdentityProvider) -> None:
        arn = "arn:aws:iam::111111111111:saml-provider/NonExistentProvider"
        assert refused(sts.update_saml_provider, arn, idp) == (
            "NoSuchEntity",
            404,
            "Manifest not found for arn arn:aws:iam::111111111111:saml-provider/NonExistentProvider",
            "there is no such provider",
        )

    def test_a_deleted_provider_is_no_such_entity(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = idp.provider
        sts.delete_saml_provider(provider)
        assert refused(sts.update_saml_provider, provider, idp)[0] == "NoSuchEntity"

    def test_metadata_of_another_type_are_a_type_error(self, sts: STSBackend, keyed: SAMLProvider) -> None:
        with pytest.raises(TypeError, match=r"^metadata must be an IdentityProvider or a document as a string, not 5$"):
            sts.update_saml_provider(keyed, 5)  # type: ignore[arg-type]
