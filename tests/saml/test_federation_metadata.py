from collections.abc import Callable
from typing import Any

import pytest
from certificates import keys_of
from saml_documents import BAD_SIGNATURE, PAIR

from pytest_stssaml import IdentityProvider, SAMLProvider, STSBackend, make_signing_key
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.assertion import parse_response, read_assertion
from pytest_stssaml.saml.faults import Unreadable
from pytest_stssaml.saml.metadata import InvalidMetadata, Metadata, read_metadata
from pytest_stssaml.saml.vocabulary import MD, STATUS_RESPONDER

BOTH = (make_signing_key("ec"), make_signing_key("ec"))
FIRST, SECOND = (IdentityProvider(f"urn:{n}", signing_key=key) for n, key in zip("12", BOTH, strict=True))
SERVICE_PROVIDER = f'<md:EntityDescriptor xmlns:md="{MD}" entityID="urn:sp"><md:SPSSODescriptor/></md:EntityDescriptor>'


def together(*documents: str) -> str:
    return f'<md:EntitiesDescriptor xmlns:md="{MD}">{"".join(documents)}</md:EntitiesDescriptor>'


class TestSeveralEntities:
    @pytest.mark.parametrize(
        "document",
        [
            pytest.param(together(FIRST.metadata, SECOND.metadata), id="side by side"),
            pytest.param(together(FIRST.metadata, together(SECOND.metadata)), id="nested"),
            pytest.param(together(together(FIRST.metadata), together(together(SECOND.metadata))), id="deeper"),
            pytest.param(together(SERVICE_PROVIDER, FIRST.metadata, SERVICE_PROVIDER, SECOND.metadata), id="with SPs"),
        ],
    )
    def test_reads_every_identity_provider_in_order(self, document: str) -> None:
        second = Metadata("urn:2", keys_of(SECOND.certificates))
        first = Metadata("urn:1", keys_of(FIRST.certificates), others=(second,))
        assert read_metadata(document).entities == (first, second)

    def test_a_single_entity_has_no_others(self) -> None:
        metadata = read_metadata(FIRST.metadata)
        assert metadata.entities == (metadata,)

    def test_rejects_a_service_provider_alone(self) -> None:
        with pytest.raises(InvalidMetadata, match=r"^no md:IDPSSODescriptor with a signing certificate$"):
            read_metadata(together(SERVICE_PROVIDER))

    def test_rejects_an_entity_without_entity_id_beside_a_good_one(self) -> None:
        nameless = SERVICE_PROVIDER.replace(' entityID="urn:sp"', "")
        with pytest.raises(InvalidMetadata, match=r"^md:EntityDescriptor has no entityID$"):
            read_metadata(together(FIRST.metadata, nameless))


class TestLogin:
    @pytest.fixture
    def provider(self, sts: STSBackend) -> SAMLProvider:
        """A provider whose metadata has FIRST and SECOND, and a role that it may assume."""
        provider = sts.create_saml_provider("ExampleIdP", together(FIRST.metadata, SECOND.metadata))
        sts.create_role("Developer")
        return provider

    @pytest.mark.parametrize("idp", [FIRST, SECOND], ids=["first", "second"])
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_accepts_each_issuer_with_its_own_key(
        self, provider: SAMLProvider, log_in: Callable[..., Any], idp: IdentityProvider, signed: Signed
    ) -> None:
        answer = log_in(idp.response(PAIR, signed=signed), *PAIR)
        assert answer["Issuer"] == idp.entity_id

    @pytest.mark.parametrize(("idp", "key"), [(FIRST, BOTH[1]), (SECOND, BOTH[0])], ids=["first", "second"])
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_rejects_each_issuer_with_the_key_of_the_other(
        self,
        provider: SAMLProvider,
        refusal: Callable[..., Any],
        idp: IdentityProvider,
        key: SigningKey,
        signed: Signed,
    ) -> None:
        response = idp.response(PAIR, signing_key=key, signed=signed)
        assert refusal(response, *PAIR) == BAD_SIGNATURE

    @pytest.mark.parametrize("key", BOTH, ids=["first", "second"])
    def test_believes_a_failure_that_any_entity_signed(
        self, provider: SAMLProvider, refusal: Callable[..., Any], key: SigningKey
    ) -> None:
        response = SECOND.response(PAIR, signing_key=key, signed="response", status=STATUS_RESPONDER)
        assert refusal(response, *PAIR)[0] == "IDPRejectedClaim"

    def test_rejects_a_failure_that_no_entity_signed(
        self, provider: SAMLProvider, foreign_signer: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        response = foreign_signer.response(PAIR, issuer="urn:2", signed="response", status=STATUS_RESPONDER)
        assert refusal(response, *PAIR) == BAD_SIGNATURE

    def test_names_the_known_issuers_for_a_foreign_one(self) -> None:
        with pytest.raises(Unreadable) as caught:
            read_assertion(
                parse_response(FIRST.response(PAIR, issuer="urn:3")),
                read_metadata(together(FIRST.metadata, SECOND.metadata)),
            )
        assert caught.value.because == "expected the issuer 'urn:1' or 'urn:2', got 'urn:3'"
