"""Attacks on SAML consumers: keys that were not agreed. See test_attacks.py."""

import hmac
import re
from collections.abc import Callable
from pathlib import Path

import naive_keys
import pytest
from attacks import (
    MALLORY,
    MALLORYS_KEY,
    AttackTests,
    Element,
    Reason,
    Target,
    assertion_of,
    by,
    forged,
    key_info,
    put,
    signature,
    to,
    x509_data,
    xml,
)
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from naive import HMAC_SHA256, NS
from saml_documents import base64_of, element_of, replaced

from pytest_stssaml import IdentityProvider, make_signing_key

Forgery = Callable[[str], Element]

MALLORY_IDP = IdentityProvider(signing_key=MALLORYS_KEY)
#: It is self-signed, and has the subject of the trusted certificate.
(MALLORYS_CERTIFICATE,) = MALLORY_IDP.certificates


class TestKeys(AttackTests):
    @pytest.fixture
    def forgery(self, target: Target) -> Forgery:
        """A response about Mallory that Mallory signed: `forgery(content)`, with the content of KeyInfo."""

        def make(content: str) -> Element:
            response = target.honest(None)
            evil = forged(assertion_of(response))
            return put(response, signature(by(MALLORYS_KEY), to(evil), rest=key_info(content)))

        return make

    def test_a_certificate_in_the_message(self, target: Target, forgery: Forgery) -> None:
        response = forgery(x509_data(MALLORYS_CERTIFICATE))
        assert naive_keys.key_of_the_message(xml(response)).name_id == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    def test_a_certificate_in_the_message_with_the_right_subject(self, target: Target, forgery: Forgery) -> None:
        response = forgery(x509_data(MALLORYS_CERTIFICATE))
        assert target.fooled(naive_keys.certificate_of_that_subject, response) == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    def test_a_certificate_beside_the_trusted_one(self, target: Target, forgery: Forgery) -> None:
        response = forgery(x509_data(MALLORYS_CERTIFICATE) + x509_data(target.certificate))
        assert naive_keys.key_of_the_message(xml(response)).name_id == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    def test_a_key_value_in_the_message(self, target: Target, forgery: Forgery) -> None:
        numbers = MALLORYS_KEY.public_key().public_numbers()
        n, e = (base64_of(number.to_bytes(256)) for number in (numbers.n, numbers.e))
        value = f"<ds:RSAKeyValue><ds:Modulus>{n}</ds:Modulus><ds:Exponent>{e}</ds:Exponent></ds:RSAKeyValue>"
        response = forgery(f"<ds:KeyValue>{value}</ds:KeyValue>")
        assert naive_keys.key_value_of_the_message(xml(response)).name_id == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    def test_a_key_behind_a_retrieval_method(self, target: Target, forgery: Forgery, tmp_path: Path) -> None:
        file = tmp_path / "certificate"
        file.write_bytes(MALLORYS_CERTIFICATE.public_bytes(Encoding.DER))
        kind = f"{NS['ds']}rawX509Certificate"
        response = forgery(f'<ds:RetrievalMethod URI="{file.as_uri()}" Type="{kind}"/>')
        assert naive_keys.key_retrieved(xml(response)).name_id == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    def test_the_key_of_another_provider(self, target: Target) -> None:
        response = target.honest(signing_key=MALLORYS_KEY, name_id=MALLORY)
        target.sts.create_saml_provider("Mallorys", MALLORY_IDP)
        known = [target.certificate, MALLORYS_CERTIFICATE]
        assert naive_keys.any_certificate(xml(response), known).name_id == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    def test_another_provider_with_its_own_issuer(self, target: Target) -> None:
        other = IdentityProvider("https://mallory.example.com/saml", signing_key=MALLORYS_KEY)
        response = target.honest(signing_key=MALLORYS_KEY, name_id=MALLORY, issuer=other.entity_id)
        target.sts.create_saml_provider("Mallorys", other)
        known = {target.idp.entity_id: target.certificate, other.entity_id: MALLORYS_CERTIFICATE}
        assert naive_keys.certificate_of_its_issuer(xml(response), known).name_id == MALLORY
        assert target.refusal(response) is Reason.FOREIGN_ISSUER

    def test_a_key_that_is_for_encryption(self, target: Target) -> None:
        metadata = with_encryption_key(target.idp.metadata, MALLORY_IDP.metadata)
        provider = target.sts.create_saml_provider("Encrypting", metadata)
        role = target.sts.create_role("Reader", provider=provider)
        response = target.idp.response((role.arn, provider.arn), signing_key=MALLORYS_KEY, name_id=MALLORY)
        assert naive_keys.every_certificate_of_the_metadata(response.xml, metadata).name_id == MALLORY
        assert target.refusal(response.xml, role, provider) is Reason.NOT_VERIFIED

    @pytest.mark.parametrize(
        "secret",
        [
            pytest.param(lambda c: c.public_bytes(Encoding.PEM), id="certificate in PEM"),
            pytest.param(lambda c: c.public_bytes(Encoding.DER), id="certificate in DER"),
            pytest.param(
                lambda c: c.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), id="key in PEM"
            ),
            pytest.param(
                lambda c: c.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), id="key in DER"
            ),
        ],
    )
    def test_the_public_key_as_the_secret_of_an_hmac(
        self, target: Target, secret: Callable[[x509.Certificate], bytes]
    ) -> None:
        response, data = target.honest(None), secret(target.certificate)
        evil = to(forged(assertion_of(response)))
        method = f'<ds:SignatureMethod Algorithm="{HMAC_SHA256}"/>'
        put(response, signature(lambda text: hmac.digest(data, text, "sha256"), evil, method=method))
        assert naive_keys.algorithm_of_the_message(xml(response), data).name_id == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    def test_an_hmac_of_zero_bits(self, target: Target) -> None:
        response = target.honest(None)
        length = "<ds:HMACOutputLength>0</ds:HMACOutputLength>"
        method = f'<ds:SignatureMethod Algorithm="{HMAC_SHA256}">{length}</ds:SignatureMethod>'
        put(response, signature(lambda _: b"", to(forged(assertion_of(response))), method=method))
        assert naive_keys.truncated_hmac(xml(response), b"a secret that Mallory does not know").name_id == MALLORY
        assert target.refusal(response) is Reason.NOT_VERIFIED

    @pytest.mark.parametrize(
        "value", [bytes(64), bytes(63) + b"\1", b"\xff" * 64, b""], ids=["zeros", "one", "ones", "empty"]
    )
    def test_numbers_that_fit_every_elliptic_curve_key(self, target: Target, value: bytes) -> None:
        # CVE-2022-21449 was a mistake in the arithmetic, which the naive verifiers leave to `cryptography`.
        idp = IdentityProvider(signing_key=make_signing_key("ec"))
        provider = target.sts.create_saml_provider("Curved", idp)
        role = target.sts.create_role("Curved", provider=provider)
        number = f"<ds:SignatureValue>{base64_of(value)}"
        forgery = re.sub("<ds:SignatureValue>[^<]*", number, idp.response(role, provider=provider, name_id=MALLORY).xml)
        assert target.refusal(forgery, role, provider) is Reason.NOT_VERIFIED


def with_encryption_key(metadata: str, other: str) -> str:
    """Return metadata with the key of other metadata as a key for encryption."""
    descriptor = element_of(other, "md:KeyDescriptor")
    encrypting = replaced(descriptor, 'use="signing"', 'use="encryption"')
    return replaced(metadata, "</md:KeyDescriptor>", "</md:KeyDescriptor>" + encrypting)
