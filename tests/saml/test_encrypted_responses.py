import re
from collections.abc import Callable
from typing import Any

import pytest
from encrypting import KEY, OLD_KEY
from lxml import etree
from saml_documents import ALICE, PAIR, Read

from pytest_stssaml import IdentityProvider, SAMLProvider, SAMLResponse, STSBackend
from pytest_stssaml.literals import EncryptionAlgorithm, Signed
from pytest_stssaml.saml.vocabulary import CONTENT_ALGORITHMS, NAMESPACES, RSA_OAEP_MGF1P, STATUS_RESPONDER, XENC11

content_algorithms = pytest.mark.parametrize("algorithm", CONTENT_ALGORITHMS)


def algorithms_of(response: SAMLResponse, path: str) -> list[str | None]:
    return [element.get("Algorithm") for element in response.root.iterfind(f".//{path}", NAMESPACES)]


class TestIdentityProvider:
    @content_algorithms
    def test_logs_in_with_each_algorithm(
        self, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any], algorithm: EncryptionAlgorithm
    ) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider, encryption_algorithm=algorithm)
        assert log_in(response, *PAIR)["Subject"] == ALICE

    @content_algorithms
    def test_names_the_algorithm(
        self, idp: IdentityProvider, provider: SAMLProvider, algorithm: EncryptionAlgorithm
    ) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider, encryption_algorithm=algorithm)
        named = algorithms_of(response, "xenc:EncryptedData/xenc:EncryptionMethod")
        assert named == [CONTENT_ALGORITHMS[algorithm]]

    def test_the_default_algorithm_is_aes_256_in_gcm(self, idp: IdentityProvider, provider: SAMLProvider) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider)
        assert algorithms_of(response, "xenc:EncryptionMethod") == [XENC11 + "aes256-gcm", RSA_OAEP_MGF1P]

    def test_hides_the_whole_assertion(self, idp: IdentityProvider, provider: SAMLProvider) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider)
        assert [word for word in ("alice", "Developer", "Subject", "saml:Assertion ") if word in response.xml] == []

    def test_never_uses_a_key_or_nonce_twice(self, idp: IdentityProvider, provider: SAMLProvider) -> None:
        responses = [idp.response(PAIR[0], encrypted_for=provider) for _ in range(2)]
        assert len({value for response in responses for value in re.findall("CipherValue>([^<]+)<", response.xml)}) == 4

    def test_encrypts_for_the_newest_key(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, read: Read
    ) -> None:
        sts.update_saml_provider(provider, add_private_key=OLD_KEY)
        assert read(idp.response(PAIR[0], encrypted_for=provider), OLD_KEY).name_id == ALICE

    @pytest.mark.parametrize(("signed", "hosts"), [("assertion", 0), ("response", 1), ("both", 1)])
    def test_encrypts_the_signature_of_the_assertion_too(
        self, idp: IdentityProvider, provider: SAMLProvider, signed: Signed, hosts: int
    ) -> None:
        response = idp.response(PAIR[0], signed=signed, encrypted_for=provider)
        assert len(response.root.findall(".//ds:Signature", NAMESPACES)) == hosts

    def test_a_failure_has_nothing_to_encrypt(self, idp: IdentityProvider, provider: SAMLProvider) -> None:
        response = idp.response(PAIR[0], status=STATUS_RESPONDER, encrypted_for=provider)
        assert [etree.QName(child).localname for child in response.root] == ["Issuer", "Status"]

    def test_raises_value_error_with_the_remedy_for_a_provider_without_a_key(self, idp: IdentityProvider) -> None:
        with pytest.raises(ValueError, match="no private key") as caught:
            idp.response(PAIR, encrypted_for=idp.provider)
        assert str(caught.value) == (
            "arn:aws:iam::123456789012:saml-provider/ExampleIdP has no private key to decrypt with; "
            "write create_saml_provider(..., private_keys=[make_signing_key()])"
        )

    def test_raises_value_error_for_an_algorithm_without_a_provider(self, idp: IdentityProvider) -> None:
        with pytest.raises(ValueError, match="encryption_algorithm") as caught:
            idp.response(PAIR, encryption_algorithm="aes128-cbc")
        assert str(caught.value) == (
            "encryption_algorithm is about encrypted_for; write encrypted_for=provider too, or leave it out"
        )

    @pytest.mark.parametrize(
        ("algorithm", "remedy"),
        [
            ("aes192-cbc", "; did you mean aes128-cbc?"),
            ("AES256-GCM", "; did you mean aes256-gcm?"),
            ("", ""),
            (CONTENT_ALGORITHMS["aes256-gcm"], ""),
        ],
    )
    def test_raises_value_error_with_the_algorithms_for_another_algorithm(
        self, idp: IdentityProvider, provider: SAMLProvider, algorithm: Any, remedy: str
    ) -> None:
        with pytest.raises(ValueError, match="encryption_algorithm") as caught:
            idp.response(PAIR, encrypted_for=provider, encryption_algorithm=algorithm)
        assert str(caught.value) == (
            "encryption_algorithm must be one of aes128-cbc, aes256-cbc, aes128-gcm, aes256-gcm, "
            f"not {algorithm!r}{remedy}"
        )

    def test_the_recipient_is_the_global_one_if_encryption_is_allowed(
        self, idp: IdentityProvider, provider: SAMLProvider, read: Read
    ) -> None:
        assertion = read(idp.response(PAIR, encrypted_for=provider), KEY)
        assert assertion.subject_confirmations[0].recipient == "https://signin.aws.amazon.com/saml"

    def test_the_recipient_is_the_sign_in_url_if_encryption_is_required(
        self, idp: IdentityProvider, strict_provider: SAMLProvider, read: Read
    ) -> None:
        assertion = read(idp.response(PAIR, encrypted_for=strict_provider), KEY)
        assert assertion.subject_confirmations[0].recipient == strict_provider.sign_in_url()

    def test_the_destination_is_the_recipient(self, idp: IdentityProvider, strict_provider: SAMLProvider) -> None:
        response = idp.response(PAIR, encrypted_for=strict_provider)
        assert response.root.get("Destination") == strict_provider.sign_in_url()
