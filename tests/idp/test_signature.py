import datetime as dt

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from pytest_stssaml import IdentityProvider, make_signing_key
from pytest_stssaml.idp.signature import SigningKey, certificate_of
from pytest_stssaml.saml.assertion import parse_response, read_assertion
from pytest_stssaml.saml.metadata import read_metadata

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")


class TestMakeSigningKey:
    def test_it_is_rsa_of_2048_bits(self) -> None:
        key = make_signing_key()
        assert (isinstance(key, rsa.RSAPrivateKey), key.key_size) == (True, 2048)

    def test_ec_is_p_256(self) -> None:
        key = make_signing_key("ec")
        assert (isinstance(key, ec.EllipticCurvePrivateKey), key.curve.name) == (True, "secp256r1")

    @pytest.mark.parametrize("kind", ["rsa", "ec"])
    def test_no_two_are_equal(self, kind: str) -> None:
        keys = [make_signing_key(kind), make_signing_key(kind)]
        assert keys[0].public_key() != keys[1].public_key()

    @pytest.mark.parametrize("kind", ["dsa", "RSA", 2048, None])
    def test_another_kind_is_an_error_that_lists_them(self, kind: str) -> None:
        with pytest.raises(ValueError, match="a signing key is") as caught:
            make_signing_key(kind)
        assert str(caught.value) == (
            f'a signing key is "rsa" or "ec", not {kind!r}; make others with the cryptography package'
        )


class TestCertificate:
    @pytest.fixture
    def key(self) -> SigningKey:
        return make_signing_key("ec")

    def test_it_is_valid_from_1970_to_9999(self, key: SigningKey) -> None:
        certificate = certificate_of(key)
        assert (certificate.not_valid_before_utc, certificate.not_valid_after_utc) == (
            dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
            dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
        )

    def test_it_is_signed_by_itself(self, key: SigningKey) -> None:
        assert certificate_of(key).verify_directly_issued_by(certificate_of(key)) is None

    def test_it_holds_the_public_key(self, key: SigningKey) -> None:
        assert certificate_of(key).public_key() == key.public_key()

    def test_its_serial_number_is_one_that_rfc_5280_allows(self, key: SigningKey) -> None:
        assert 0 < certificate_of(key).serial_number < 2**159

    def test_two_rsa_keys_of_the_same_numbers_have_the_same_one(self, saml_signing_key: SigningKey) -> None:
        assert isinstance(saml_signing_key, rsa.RSAPrivateKey)
        again = saml_signing_key.private_numbers().private_key()
        certificates = [certificate_of.__wrapped__(key) for key in (saml_signing_key, again)]
        assert certificates[0].public_bytes(Encoding.DER) == certificates[1].public_bytes(Encoding.DER)

    def test_a_key_has_one_however_often_it_is_asked_for(self, key: SigningKey) -> None:
        assert certificate_of(key) is certificate_of(key)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(rsa.generate_private_key(65537, 3072), id="RSA-3072"),
        pytest.param(rsa.generate_private_key(3, 2048), id="RSA with exponent 3"),
        pytest.param(ec.generate_private_key(ec.SECP384R1()), id="P-384"),
        pytest.param(ec.generate_private_key(ec.SECP521R1()), id="P-521"),
        pytest.param(ec.generate_private_key(ec.SECP256K1()), id="secp256k1"),
    ],
)
def test_a_key_of_another_size_or_curve_signs(key: SigningKey) -> None:
    idp = IdentityProvider(signing_key=key)
    claims = read_assertion(parse_response(idp.response(PAIR)), read_metadata(idp.metadata))
    assert claims.name_id == "alice@example.com"


def test_numbers_of_an_ecdsa_signature_keep_their_leading_zeros() -> None:
    idp = IdentityProvider(signing_key=ec.generate_private_key(ec.SECP521R1()))
    metadata = read_metadata(idp.metadata)
    names = {read_assertion(parse_response(idp.response(PAIR)), metadata).name_id for _ in range(50)}
    assert names == {"alice@example.com"}
