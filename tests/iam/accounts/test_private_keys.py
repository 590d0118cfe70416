import re
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from decryption_keys import KEYS, keys_of, pem
from iam_errors import invalid_input, refused

from pytest_stssaml import IdentityProvider, SAMLProvider, STSBackend
from pytest_stssaml.keys import certificate_of

REQUIRED_WITHOUT_KEY = invalid_input(
    "Unable to set assertion encryption mode to Required because no private key is provided.",
    "write private_keys=[make_signing_key()]",
)


class TestPrivateKeys:
    @pytest.mark.parametrize(
        "form",
        [
            pytest.param(lambda key: key, id="object"),
            pytest.param(pem, id="bytes"),
            pytest.param(lambda key: pem(key).decode(), id="string"),
            pytest.param(
                lambda key: key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
                id="PKCS 1",
            ),
        ],
    )
    def test_may_be_objects_or_pem(self, sts: STSBackend, provider: SAMLProvider, form: Any) -> None:
        sts.update_saml_provider(provider, add_private_key=form(KEYS[0]))
        numbers = [key.private_numbers() for key in keys_of(provider)]
        assert numbers == [KEYS[0].private_numbers()]

    def test_are_created_newest_first(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=[pem(KEYS[0]), KEYS[1]])
        assert [key.private_numbers() for key in keys_of(provider)] == [key.private_numbers() for key in KEYS[:2]]

    def test_are_added_as_the_newest(self, sts: STSBackend, provider: SAMLProvider) -> None:
        for key in KEYS[:2]:
            sts.update_saml_provider(provider, add_private_key=key)
        assert keys_of(provider) == [KEYS[1], KEYS[0]]

    def test_have_ids_in_the_form_of_aws(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=KEYS[:2])
        assert [bool(re.fullmatch("[A-Z2-7]{22}", key_id)) for key_id, _ in provider.private_keys] == [True, True]

    def test_have_different_ids(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=[KEYS[0], KEYS[0]])
        assert len({key_id for key_id, _ in provider.private_keys}) == 2

    @pytest.mark.parametrize("which", [0, 1], ids=["newest", "older"])
    @pytest.mark.parametrize("by", ["key_id", "key"])
    def test_are_removed_by_object_or_id(self, sts: STSBackend, idp: IdentityProvider, by: str, which: int) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=KEYS[:2])
        sts.update_saml_provider(provider, remove_private_key=getattr(provider.private_keys[which], by))
        assert keys_of(provider) == [KEYS[1 - which]]

    def test_give_the_encryption_certificate_of_the_newest(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=KEYS[:2])
        assert provider.encryption_certificate is certificate_of(KEYS[0])

    def test_give_no_encryption_certificate_if_there_are_none(self, provider: SAMLProvider) -> None:
        assert provider.encryption_certificate is None

    def test_are_not_shown_in_the_repr(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider("Keyed", idp.metadata, private_keys=KEYS[:1])
        assert "rivate" not in repr(provider)


class TestEncryptionMode:
    def test_is_allowed_by_default(self, provider: SAMLProvider) -> None:
        assert provider.assertion_encryption_mode == "Allowed"

    def test_may_be_required_when_a_key_is_added(self, sts: STSBackend, provider: SAMLProvider) -> None:
        sts.update_saml_provider(provider, assertion_encryption_mode="Required", add_private_key=KEYS[0])
        assert provider.assertion_encryption_mode == "Required"

    def test_may_be_allowed_again(self, sts: STSBackend, idp: IdentityProvider) -> None:
        provider = sts.create_saml_provider(
            "Keyed", idp.metadata, assertion_encryption_mode="Required", private_keys=KEYS[:1]
        )
        sts.update_saml_provider(provider, assertion_encryption_mode="Allowed", remove_private_key=KEYS[0])
        assert (provider.assertion_encryption_mode, provider.private_keys) == ("Allowed", ())

    @pytest.mark.parametrize("mode", ["required", "", "Forbidden"])
    def test_must_be_allowed_or_required(self, sts: STSBackend, idp: IdentityProvider, mode: Any) -> None:
        message = f'assertion_encryption_mode must be "Allowed" or "Required", not {mode!r}'
        with pytest.raises(ValueError, match=f"^{message}$"):
            sts.create_saml_provider("Keyed", idp.metadata, assertion_encryption_mode=mode)


class TestInvalidPrivateKeys:
    @pytest.fixture
    def keyed(self, sts: STSBackend, provider: SAMLProvider) -> SAMLProvider:
        return sts.update_saml_provider(provider, add_private_key=KEYS[0])

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
    def test_must_be_private_keys(self, sts: STSBackend, keyed: SAMLProvider, text: str | bytes) -> None:
        error = refused(sts.update_saml_provider, keyed, add_private_key=text)
        assert error[:3] == ("InvalidInput", 400, "Invalid private key.")

    def test_may_have_16384_characters_of_pem(self, sts: STSBackend, keyed: SAMLProvider) -> None:
        sts.update_saml_provider(keyed, add_private_key=pem(KEYS[1]).ljust(16384, b"\n"))
        assert len(keyed.private_keys) == 2

    @pytest.mark.parametrize("form", [bytes, bytes.decode], ids=["bytes", "string"])
    def test_must_not_have_more_characters_of_pem(
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
    def test_must_exist_to_be_removed(self, sts: STSBackend, keyed: SAMLProvider, by: Any) -> None:
        assert refused(sts.update_saml_provider, keyed, remove_private_key=by) == (
            "InvalidInput",
            400,
            "Failed to remove private key because the Key ID does not match a private key.",
            f"the provider has ['{keyed.private_keys[0].key_id}']",
        )

    def test_must_be_there_while_encryption_is_required(self, sts: STSBackend, keyed: SAMLProvider) -> None:
        sts.update_saml_provider(keyed, assertion_encryption_mode="Required")
        assert refused(sts.update_saml_provider, keyed, remove_private_key=KEYS[0]) == REQUIRED_WITHOUT_KEY

    LIMIT = ("LimitExceeded", 409, "Private key limit of 2 is reached.", "remove one with update_saml_provider")

    def test_must_not_become_three(self, sts: STSBackend, keyed: SAMLProvider) -> None:
        sts.update_saml_provider(keyed, add_private_key=KEYS[1])
        assert refused(sts.update_saml_provider, keyed, add_private_key=KEYS[2]) == self.LIMIT

    def test_must_not_be_three(self, sts: STSBackend, idp: IdentityProvider) -> None:
        assert refused(sts.create_saml_provider, "Keyed", idp.metadata, private_keys=KEYS) == self.LIMIT

    def test_must_be_there_if_encryption_is_required(self, sts: STSBackend, idp: IdentityProvider) -> None:
        error = refused(sts.create_saml_provider, "Keyed", idp.metadata, assertion_encryption_mode="Required")
        assert error == REQUIRED_WITHOUT_KEY
