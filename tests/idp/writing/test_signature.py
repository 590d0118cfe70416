"""Signatures by each kind of key and with each algorithm, as AWS's side verifies them."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from idp_responses import EC_KEY, values
from saml_documents import ALICE, PAIR

from pytest_stssaml import IdentityProvider, SAMLResponse, make_signing_key
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import DigestAlgorithm, SignatureAlgorithm
from pytest_stssaml.saml.assertion import parse_response, read_assertion
from pytest_stssaml.saml.metadata import read_metadata
from pytest_stssaml.saml.vocabulary import DIGEST_ALGORITHMS, SIGNATURE_ALGORITHMS

RSA_KEY = make_signing_key()
EC_KEYS = {"P-256": EC_KEY} | {
    name: ec.generate_private_key(curve)
    for name, curve in {"P-384": ec.SECP384R1(), "P-521": ec.SECP521R1(), "secp256k1": ec.SECP256K1()}.items()
}
OF_RSA = [name for name in SIGNATURE_ALGORITHMS if "rsa" in name]
OF_EC = [name for name in SIGNATURE_ALGORITHMS if "ecdsa" in name]

as_name_or_uri = pytest.mark.parametrize(
    "spelled", [lambda name, _: name, lambda name, table: table[name]], ids=["name", "URI"]
)


def algorithms_of(response: SAMLResponse) -> list[str]:
    """Return the SignatureMethod and the DigestMethod of each signature."""
    return values(response, "//ds:SignatureMethod/@Algorithm | //ds:DigestMethod/@Algorithm")


def verified(idp: IdentityProvider, response: SAMLResponse) -> bool:
    """Return whether AWS's side reads the response of an identity provider."""
    return read_assertion(parse_response(response), read_metadata(idp.metadata)).name_id == ALICE


class TestVerification:
    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [
            *(pytest.param(RSA_KEY, name, id=name) for name in OF_RSA),
            *(pytest.param(key, name, id=f"{curve} {name}") for curve, key in EC_KEYS.items() for name in OF_EC),
        ],
    )
    def test_succeeds_for_each_algorithm(self, key: SigningKey, algorithm: SignatureAlgorithm) -> None:
        idp = IdentityProvider(signing_key=key)
        assert verified(idp, idp.response(PAIR, signed="both", signature_algorithm=algorithm))

    # The salt and the hash of sha384-rsa-MGF1 are the longest that such a short key can hold.
    @pytest.mark.parametrize(
        ("bits", "exponent", "algorithm"),
        [(1024, 65537, "sha384-rsa-MGF1"), (3072, 65537, "rsa-sha256"), (2048, 3, "rsa-sha256")],
    )
    def test_succeeds_for_rsa_keys_of_other_sizes(
        self, bits: int, exponent: int, algorithm: SignatureAlgorithm
    ) -> None:
        idp = IdentityProvider(signing_key=rsa.generate_private_key(exponent, bits))
        assert verified(idp, idp.response(PAIR, signature_algorithm=algorithm))

    @pytest.mark.parametrize("digest", DIGEST_ALGORITHMS)
    @pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["rsa", "ec"])
    def test_succeeds_for_each_digest(self, key: SigningKey, digest: DigestAlgorithm) -> None:
        idp = IdentityProvider(signing_key=key)
        assert verified(idp, idp.response(PAIR, signed="both", digest_algorithm=digest))

    def test_succeeds_for_ecdsa_signatures_with_leading_zeros(self) -> None:
        # Each of the two numbers has at most 521 bits, but takes 66 bytes, so half of them begin with a zero byte.
        idp = IdentityProvider(signing_key=EC_KEYS["P-521"])
        assert [verified(idp, idp.response(PAIR)) for _ in range(50)] == [True] * 50


class TestAlgorithms:
    @as_name_or_uri
    @pytest.mark.parametrize("algorithm", OF_RSA)
    def test_a_signature_algorithm_is_a_name_or_a_uri(self, spelled: Callable[..., Any], algorithm: str) -> None:
        idp = IdentityProvider(signing_key=RSA_KEY)
        response = idp.response(PAIR, signature_algorithm=spelled(algorithm, SIGNATURE_ALGORITHMS))
        assert algorithms_of(response) == [SIGNATURE_ALGORITHMS[algorithm], DIGEST_ALGORITHMS["sha256"]]

    @as_name_or_uri
    @pytest.mark.parametrize("digest", DIGEST_ALGORITHMS)
    def test_a_digest_algorithm_is_a_name_or_a_uri(self, spelled: Callable[..., Any], digest: str) -> None:
        idp = IdentityProvider(signing_key=EC_KEY)
        response = idp.response(PAIR, digest_algorithm=spelled(digest, DIGEST_ALGORITHMS))
        assert algorithms_of(response) == [SIGNATURE_ALGORITHMS["ecdsa-sha256"], DIGEST_ALGORITHMS[digest]]

    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [(RSA_KEY, "rsa-sha256"), *((key, "ecdsa-sha256") for key in EC_KEYS.values())],
        ids=["RSA", *EC_KEYS],
    )
    def test_are_of_sha_256_by_default(self, key: SigningKey, algorithm: str) -> None:
        response = IdentityProvider(signing_key=key).response(PAIR)
        assert algorithms_of(response) == [SIGNATURE_ALGORITHMS[algorithm], DIGEST_ALGORITHMS["sha256"]]

    def test_are_those_of_both_signatures(self) -> None:
        idp = IdentityProvider(signing_key=RSA_KEY)
        response = idp.response(PAIR, signed="both", signature_algorithm="rsa-sha512", digest_algorithm="sha384")
        assert algorithms_of(response) == [SIGNATURE_ALGORITHMS["rsa-sha512"], DIGEST_ALGORITHMS["sha384"]] * 2

    def test_are_those_of_a_document_that_is_signed(self) -> None:
        idp = IdentityProvider(signing_key=RSA_KEY)
        template = idp.response(PAIR, signed=None).xml
        response = idp.sign(template, signature_algorithm="rsa-sha1", digest_algorithm="sha1")
        assert algorithms_of(response) == [SIGNATURE_ALGORITHMS["rsa-sha1"], DIGEST_ALGORITHMS["sha1"]]

    def test_suit_the_key_of_one_response(self) -> None:
        idp = IdentityProvider(signing_key=RSA_KEY)
        response = idp.response(PAIR, signing_key=EC_KEYS["P-384"], signature_algorithm="ecdsa-sha384")
        assert algorithms_of(response)[0] == SIGNATURE_ALGORITHMS["ecdsa-sha384"]


class TestErrors:
    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [
            *(pytest.param(EC_KEY, name, id=f"ec {name}") for name in OF_RSA),
            *(pytest.param(RSA_KEY, name, id=f"rsa {name}") for name in OF_EC),
        ],
    )
    def test_an_algorithm_for_another_kind_of_key(self, key: SigningKey, algorithm: SignatureAlgorithm) -> None:
        message = f"signature_algorithm {algorithm} needs another kind of key than {type(key).__name__}"
        with pytest.raises(ValueError, match=f"^{message}$"):
            IdentityProvider(signing_key=key).response(PAIR, signature_algorithm=algorithm)

    @pytest.mark.parametrize(
        ("algorithm", "remedy"),
        [
            ("sha256", "; did you mean rsa-sha256?"),
            ("RSA-SHA256", "; did you mean rsa-sha256?"),
            ("hmac", ""),
            ("http://www.w3.org/2000/09/xmldsig#", ""),
            (256, ""),
        ],
    )
    def test_an_unknown_signature_algorithm(self, algorithm: Any, remedy: str) -> None:
        with pytest.raises(ValueError, match="signature_algorithm") as caught:
            IdentityProvider(signing_key=RSA_KEY).response(PAIR, signature_algorithm=algorithm)
        assert str(caught.value) == (
            "signature_algorithm must be one of rsa-sha1, rsa-sha256, rsa-sha384, rsa-sha512, sha256-rsa-MGF1, "
            "sha384-rsa-MGF1, sha512-rsa-MGF1, ecdsa-sha256, ecdsa-sha384, ecdsa-sha512, or its URI, "
            f"not {algorithm!r}{remedy}"
        )

    @pytest.mark.parametrize(
        ("algorithm", "remedy"),
        [
            ("md5", ""),
            ("SHA256", "; did you mean sha256?"),
            ("sha-256", "; did you mean sha256?"),
            ("rsa-sha256", "; did you mean sha256?"),
            (256, ""),
        ],
    )
    def test_an_unknown_digest_algorithm(self, algorithm: Any, remedy: str) -> None:
        with pytest.raises(ValueError, match="digest_algorithm") as caught:
            IdentityProvider(signing_key=RSA_KEY).response(PAIR, digest_algorithm=algorithm)
        assert str(caught.value) == (
            f"digest_algorithm must be one of sha1, sha256, sha384, sha512, or its URI, not {algorithm!r}{remedy}"
        )
