from collections.abc import Callable
from typing import Any

import pytest
from encrypting import KEY, OLD_KEY, encrypted_element, with_assertion_encrypted, with_encrypted_assertion
from saml_documents import (
    ALICE,
    BAD_SIGNATURE,
    PAIR,
    PROVIDER,
    FaultOf,
    element_of,
    encoded,
    identifiers_of,
    replaced,
    substituted,
    without,
)

from pytest_stssaml import IdentityProvider, SAMLProvider, STSBackend
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.faults import Fault

STRICT = ("arn:aws:iam::123456789012:role/Strict", PROVIDER)
NOT_DECRYPTED = ("InvalidIdentityToken", 400, "Assertion in the response cannot be decrypted")
NOT_ENCRYPTED = ("InvalidIdentityToken", 400, "Assertion in the response must be encrypted")
FOREIGN_RECIPIENT = ("InvalidIdentityToken", 400, "Recipient is not the sign-in endpoint of the provider")


class TestSignatures:
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_accepts_a_signature_inside_outside_or_both(
        self, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any], signed: Signed
    ) -> None:
        assert log_in(idp.response(PAIR[0], signed=signed, encrypted_for=provider), *PAIR)["Subject"] == ALICE

    def test_rejects_an_unsigned_assertion(self, fault: FaultOf, signer: IdentityProvider) -> None:
        xml = signer.response(PAIR, signed=None).xml
        assert fault(with_assertion_encrypted(xml), KEY) == (
            Fault.BAD_SIGNATURE,
            "neither the response nor its assertion is signed",
        )

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_rejects_the_signature_of_another_key(
        self, foreign_signer: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any], signed: Signed
    ) -> None:
        response = foreign_signer.response(PAIR, signed=signed, encrypted_for=provider)
        assert refusal(response, *PAIR) == BAD_SIGNATURE

    def test_rejects_an_assertion_that_was_changed_before_it_was_encrypted(
        self, fault: FaultOf, signer: IdentityProvider
    ) -> None:
        xml = signer.response(PAIR).tampered(ALICE, "mallory@example.com").xml
        assert fault(with_assertion_encrypted(xml), KEY)[0] is Fault.BAD_SIGNATURE

    @pytest.mark.parametrize("signed", ["response", "both"])
    def test_encrypting_again_breaks_the_signature_of_the_response(
        self, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any], signed: Signed
    ) -> None:
        response = idp.response(PAIR[0], signed=signed, encrypted_for=provider).xml
        again = element_of(with_assertion_encrypted(idp.response(PAIR[0]).xml).xml, "xenc:EncryptedData")
        changed = replaced(response, element_of(response, "xenc:EncryptedData"), again)
        assert refusal(encoded(changed), *PAIR) == BAD_SIGNATURE

    def test_a_good_signature_of_the_response_does_not_excuse_a_bad_one_inside(
        self, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any]
    ) -> None:
        xml = idp.response(PAIR[0]).tampered(ALICE, "mallory@example.com").xml
        response = idp.sign(with_assertion_encrypted(xml).xml, signed="response")
        assert refusal(response, *PAIR) == BAD_SIGNATURE

    def test_rejects_a_repeated_id_inside(self, fault: FaultOf, signer: IdentityProvider) -> None:
        xml = signer.response(PAIR, signed=None).xml
        identifier = identifiers_of(xml)[1]
        xml = signer.sign(replaced(xml, "<saml:Subject>", f'<saml:Subject Id="{identifier}">')).xml
        because = f"the ID {identifier!r} is not unique"
        assert fault(with_assertion_encrypted(xml), KEY) == (Fault.BAD_SIGNATURE, because)

    @pytest.mark.parametrize("name", ["ID", "Id", "id", "xml:id"])
    def test_rejects_the_id_of_the_assertion_outside(self, fault: FaultOf, signer: IdentityProvider, name: str) -> None:
        xml = signer.response(PAIR).xml
        identifier = identifiers_of(xml)[1]
        around = f'<saml:EncryptedAssertion {name}="{identifier}"'
        encrypted = replaced(with_assertion_encrypted(xml).xml, "<saml:EncryptedAssertion", around)
        assert fault(encoded(encrypted), KEY) == (Fault.BAD_SIGNATURE, f"the ID {identifier!r} is not unique")

    def test_rejects_a_signed_assertion_inside_an_evil_one(self, fault: FaultOf, signer: IdentityProvider) -> None:
        xml = signer.response(PAIR).xml
        honest = element_of(xml, "saml:Assertion")
        evil = without(substituted(' ID="[^"]*"', ' ID="_evil"', honest), "ds:Signature")
        evil = replaced(evil.replace(ALICE, "mallory@example.com"), "</saml:Subject>", honest + "</saml:Subject>")
        because = "a ds:Signature is not a child of the response or of its assertion"
        assert fault(with_encrypted_assertion(xml, encrypted_element(evil)), KEY) == (Fault.BAD_SIGNATURE, because)

    def test_rejects_a_foreign_issuer_inside(self, fault: FaultOf, signer: IdentityProvider) -> None:
        xml = signer.response(PAIR, issuer="urn:evil").xml
        because = "expected the issuer 'https://idp.example.com/saml', got 'urn:evil'"
        assert fault(with_assertion_encrypted(xml), KEY) == (Fault.FOREIGN_ISSUER, because)


class TestMode:
    def test_allowed_accepts_a_plain_assertion(
        self, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        assert log_in(idp.response(PAIR[0]), *PAIR)["Subject"] == ALICE

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_required_rejects_a_plain_assertion(
        self, idp: IdentityProvider, strict_provider: SAMLProvider, refusal: Callable[..., Any], signed: Signed
    ) -> None:
        response = idp.response(STRICT, signed=signed, recipient=strict_provider.sign_in_url())
        assert refusal(response, *STRICT) == NOT_ENCRYPTED

    def test_required_accepts_an_encrypted_assertion(
        self, idp: IdentityProvider, strict_provider: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        assert log_in(idp.response(STRICT, encrypted_for=strict_provider), *STRICT)["Subject"] == ALICE

    @pytest.mark.parametrize("region", [None, "us-east-1", "eu-west-1"])
    def test_required_accepts_the_sign_in_url_of_the_provider(
        self, idp: IdentityProvider, strict_provider: SAMLProvider, log_in: Callable[..., Any], region: str | None
    ) -> None:
        url = strict_provider.sign_in_url(region)
        assert log_in(idp.response(STRICT, encrypted_for=strict_provider, recipient=url), *STRICT)["Audience"] == url

    @pytest.mark.parametrize(
        "recipient",
        [
            "https://signin.aws.amazon.com/saml",
            "https://us-east-1.signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com/static/saml",
            "https://signin.aws.amazon.com/saml/acs/SAMLSPAAAAAAAAAAAAAAAA",
        ],
        ids=["global", "region", "static", "another provider's"],
    )
    def test_required_rejects_every_other_recipient(
        self, idp: IdentityProvider, strict_provider: SAMLProvider, refusal: Callable[..., Any], recipient: str
    ) -> None:
        response = idp.response(STRICT, encrypted_for=strict_provider, recipient=recipient)
        assert refusal(response, *STRICT) == FOREIGN_RECIPIENT

    def test_required_is_denied_by_the_default_trust_policy_which_names_the_global_recipient(
        self, sts: STSBackend, idp: IdentityProvider, strict_provider: SAMLProvider, refusal: Callable[..., Any]
    ) -> None:
        role = sts.create_role("Default")
        denied = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML")
        assert refusal(idp.response(role, encrypted_for=strict_provider), role, strict_provider) == denied

    def test_required_is_allowed_by_a_trust_policy_that_names_the_sign_in_url(
        self, sts: STSBackend, idp: IdentityProvider, strict_provider: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        role = sts.create_role(
            "Own", trust_policy=strict_provider.trust_policy(recipient=strict_provider.sign_in_url())
        )
        assert log_in(idp.response(role, encrypted_for=strict_provider), role, strict_provider)["Subject"] == ALICE

    def test_allowed_accepts_the_sign_in_url_of_the_provider_in_a_plain_assertion(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        url = provider.sign_in_url()
        role = sts.create_role("Own", trust_policy=provider.trust_policy(recipient=url))
        assert log_in(idp.response(role, recipient=url), role, provider)["Audience"] == url

    def test_a_removed_key_no_longer_decrypts(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any]
    ) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider)
        sts.update_saml_provider(provider, remove_private_key=KEY)
        assert refusal(response, *PAIR) == NOT_DECRYPTED

    def test_an_older_key_still_decrypts(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider)
        sts.update_saml_provider(provider, add_private_key=OLD_KEY)
        assert log_in(response, *PAIR)["Subject"] == ALICE
