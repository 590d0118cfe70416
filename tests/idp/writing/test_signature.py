import datetime as dt
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from pytest_stssaml import IdentityProvider, SAMLResponse, make_signing_key
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.saml.assertion import parse_response, read_assertion
from pytest_stssaml.saml.metadata import read_metadata
from pytest_stssaml.saml.vocabulary import DIGEST_ALGORITHMS, NAMESPACES, SIGNATURE_ALGORITHMS

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")


class TestMakeSigningKey:
    def test_it_is_rsa_of_2048_bits(self) -> None:
        key = make_signing_key()
        assert (isinstance(key, rsa.RSAPrivateKey), key.key_size) == (True, 2048)

    def test_ec_is_p_256(self) -> None:
        key = make_signing_key("ec")
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert key.curve.name == "secp256r1"

    @pytest.mark.parametrize("kind", ["rsa", "ec"])
    def test_no_two_are_equal(self, kind: str) -> None:
        keys = [make_signing_key(kind), make_signing_key(kind)]
        assert keys[0].public_key() != keys[1].public_key()

    @pytest.mark.parametrize("kind", ["dsa", "RSA", 2048, None])
    def test_another_kind_is_an_error_that_lists_them(self, kind: str) -> None:
        with pytest.raises(ValueError, match="a signing key must be") as caught:
            make_signing_key(kind)
        assert str(caught.value) == (
            f'a signing key must be "rsa" or "ec", not {kind!r}; make others with the cryptography package'
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
        certificate_of(key).verify_directly_issued_by(certificate_of(key))

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


RSA_KEYS = {bits: rsa.generate_private_key(65537, bits) for bits in (1024, 2048, 3072)}
EC_KEYS = {curve.name: ec.generate_private_key(curve) for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())}
OF_RSA = [name for name in SIGNATURE_ALGORITHMS if "rsa" in name]
OF_EC = [name for name in SIGNATURE_ALGORITHMS if "ecdsa" in name]
KEY_AND_ALGORITHM = [
    pytest.param(key, name, id=f"{kind} {name}")
    for keys, names in ((RSA_KEYS, OF_RSA), (EC_KEYS, OF_EC))
    for kind, key in keys.items()
    for name in names
    if (kind, name) != (1024, "sha512-rsa-MGF1")  # too long for such a key
]


def named(response: SAMLResponse) -> list[str]:
    """The SignatureMethod and the DigestMethod of each signature."""
    methods = "//ds:SignatureMethod/@Algorithm | //ds:DigestMethod/@Algorithm"
    return [str(uri) for uri in response.root.xpath(methods, namespaces=NAMESPACES)]


class TestAlgorithms:
    @pytest.mark.parametrize(("key", "algorithm"), KEY_AND_ALGORITHM)
    def test_each_signs_with_each_key_of_its_kind(self, key: SigningKey, algorithm: str) -> None:
        idp = IdentityProvider(signing_key=key)
        response = idp.response(PAIR, signed="both", signature_algorithm=algorithm)
        assert read_assertion(parse_response(response), read_metadata(idp.metadata)).name_id == "alice@example.com"

    @pytest.mark.parametrize("digest", DIGEST_ALGORITHMS)
    @pytest.mark.parametrize("key", [RSA_KEYS[2048], EC_KEYS["secp256r1"]], ids=["rsa", "ec"])
    def test_each_digest_is_believed(self, key: SigningKey, digest: str) -> None:
        idp = IdentityProvider(signing_key=key)
        response = idp.response(PAIR, signed="both", digest_algorithm=digest)
        assert read_assertion(parse_response(response), read_metadata(idp.metadata)).name_id == "alice@example.com"

    @pytest.mark.parametrize("spelled", [lambda name: name, SIGNATURE_ALGORITHMS.__getitem__], ids=["name", "URI"])
    @pytest.mark.parametrize("algorithm", OF_RSA)
    def test_a_signature_algorithm_is_a_name_or_a_uri(self, spelled: Any, algorithm: str) -> None:
        idp = IdentityProvider(signing_key=RSA_KEYS[2048])
        response = idp.response(PAIR, signature_algorithm=spelled(algorithm))
        assert named(response) == [SIGNATURE_ALGORITHMS[algorithm], DIGEST_ALGORITHMS["sha256"]]

    @pytest.mark.parametrize("spelled", [lambda name: name, DIGEST_ALGORITHMS.__getitem__], ids=["name", "URI"])
    @pytest.mark.parametrize("digest", DIGEST_ALGORITHMS)
    def test_a_digest_algorithm_is_a_name_or_a_uri(self, spelled: Any, digest: str) -> None:
        idp = IdentityProvider(signing_key=EC_KEYS["secp256r1"])
        response = idp.response(PAIR, digest_algorithm=spelled(digest))
        assert named(response) == [SIGNATURE_ALGORITHMS["ecdsa-sha256"], DIGEST_ALGORITHMS[digest]]

    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [(RSA_KEYS[2048], "rsa-sha256"), *((key, "ecdsa-sha256") for key in EC_KEYS.values())],
        ids=["rsa", *EC_KEYS],
    )
    def test_left_out_they_are_of_sha_256(self, key: SigningKey, algorithm: str) -> None:
        response = IdentityProvider(signing_key=key).response(PAIR)
        assert named(response) == [SIGNATURE_ALGORITHMS[algorithm], DIGEST_ALGORITHMS["sha256"]]

    def test_both_signatures_have_them(self) -> None:
        idp = IdentityProvider(signing_key=RSA_KEYS[2048])
        response = idp.response(PAIR, signed="both", signature_algorithm="rsa-sha512", digest_algorithm="sha384")
        assert named(response) == [SIGNATURE_ALGORITHMS["rsa-sha512"], DIGEST_ALGORITHMS["sha384"]] * 2

    def test_a_template_is_signed_with_them(self) -> None:
        idp = IdentityProvider(signing_key=RSA_KEYS[2048])
        template = idp.response(PAIR, signed=None).xml
        response = idp.sign(template, signature_algorithm="rsa-sha1", digest_algorithm="sha1")
        assert named(response) == [SIGNATURE_ALGORITHMS["rsa-sha1"], DIGEST_ALGORITHMS["sha1"]]

    def test_they_go_with_the_key_that_signs_this_once(self) -> None:
        idp = IdentityProvider(signing_key=RSA_KEYS[2048])
        response = idp.response(PAIR, signing_key=EC_KEYS["secp384r1"], signature_algorithm="ecdsa-sha384")
        assert named(response)[0] == SIGNATURE_ALGORITHMS["ecdsa-sha384"]

    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [
            *(pytest.param(EC_KEYS["secp256r1"], name, id=f"ec {name}") for name in OF_RSA),
            *(pytest.param(RSA_KEYS[2048], name, id=f"rsa {name}") for name in OF_EC),
        ],
    )
    def test_an_algorithm_of_another_kind_of_key_is_an_error_that_says_so(
        self, key: SigningKey, algorithm: str
    ) -> None:
        message = f"signature_algorithm {algorithm} needs another kind of key than {type(key).__name__}"
        with pytest.raises(ValueError, match=f"^{message}$"):
            IdentityProvider(signing_key=key).response(PAIR, signature_algorithm=algorithm)

    @pytest.mark.parametrize("algorithm", ["sha256", "RSA-SHA256", "hmac-sha256", "http://www.w3.org/2000/09/xmldsig#"])
    def test_another_signature_algorithm_is_an_error_that_lists_them(self, algorithm: str) -> None:
        with pytest.raises(ValueError, match="signature_algorithm") as caught:
            IdentityProvider(signing_key=RSA_KEYS[2048]).response(PAIR, signature_algorithm=algorithm)
        assert str(caught.value) == (
            "signature_algorithm must be one of rsa-sha1, rsa-sha256, rsa-sha384, rsa-sha512, sha256-rsa-MGF1, "
            "sha384-rsa-MGF1, sha512-rsa-MGF1, ecdsa-sha256, ecdsa-sha384, ecdsa-sha512, or its URI, "
            f"not {algorithm!r}"
        )

    @pytest.mark.parametrize("algorithm", ["md5", "SHA256", "sha-256", "rsa-sha256"])
    def test_another_digest_algorithm_is_an_error_that_lists_them(self, algorithm: str) -> None:
        with pytest.raises(ValueError, match="digest_algorithm") as caught:
            IdentityProvider(signing_key=RSA_KEYS[2048]).response(PAIR, digest_algorithm=algorithm)
        assert str(caught.value) == (
            f"digest_algorithm must be one of sha1, sha256, sha384, sha512, or its URI, not {algorithm!r}"
        )

    @pytest.mark.parametrize("keyword", ["signature_algorithm", "digest_algorithm"])
    def test_an_algorithm_of_another_type_is_an_error_that_names_the_keyword(self, keyword: str) -> None:
        keywords: dict[str, Any] = {keyword: 256}
        with pytest.raises((TypeError, ValueError), match=f"^{keyword} must be one of .* not 256$"):
            IdentityProvider(signing_key=RSA_KEYS[2048]).response(PAIR, **keywords)


def test_numbers_of_an_ecdsa_signature_keep_their_leading_zeros() -> None:
    idp = IdentityProvider(signing_key=ec.generate_private_key(ec.SECP521R1()))
    metadata = read_metadata(idp.metadata)
    names = {read_assertion(parse_response(idp.response(PAIR)), metadata).name_id for _ in range(50)}
    assert names == {"alice@example.com"}
