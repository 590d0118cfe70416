import datetime as dt
import threading
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from pytest_stssaml import make_signing_key
from pytest_stssaml.keys import SigningKey, certificate_of, make_signing_key_during
from pytest_stssaml.literals import KeyKind


class TestMakeSigningKey:
    def test_makes_rsa_keys_of_2048_bits_by_default(self) -> None:
        key = make_signing_key()
        assert (isinstance(key, rsa.RSAPrivateKey), key.key_size) == (True, 2048)

    def test_makes_ec_keys_on_p_256(self) -> None:
        key = make_signing_key("ec")
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert key.curve.name == "secp256r1"

    @pytest.mark.parametrize("kind", ["rsa", "ec"])
    def test_makes_another_key_each_time(self, kind: KeyKind) -> None:
        keys = [make_signing_key(kind), make_signing_key(kind)]
        assert keys[0].public_key() != keys[1].public_key()

    @pytest.mark.parametrize("kind", ["dsa", "RSA", 2048, None])
    def test_raises_value_error_for_another_kind(self, kind: Any) -> None:
        with pytest.raises(ValueError, match="a signing key must be") as caught:
            make_signing_key(kind)
        assert str(caught.value) == (
            f'a signing key must be "rsa" or "ec", not {kind!r}; make others with the cryptography package'
        )


class TestMakeSigningKeyDuring:
    def test_makes_another_rsa_key_of_2048_bits_each_time(self) -> None:
        keys = [make_signing_key_during(list) for _ in range(2)]
        assert [isinstance(key, rsa.RSAPrivateKey) and key.key_size for key in keys] == [2048, 2048]
        assert keys[0].public_key() != keys[1].public_key()

    def test_does_the_work_in_the_calling_thread(self) -> None:
        threads: list[threading.Thread] = []
        make_signing_key_during(lambda: threads.append(threading.current_thread()))
        assert threads == [threading.current_thread()]

    def test_leaves_no_thread_for_which_a_forked_child_could_wait(self) -> None:
        before = threading.active_count()
        make_signing_key_during(list)
        assert threading.active_count() == before

    def test_raises_the_error_of_the_work_after_the_thread_has_ended(self) -> None:
        before = threading.active_count()
        with pytest.raises(ImportError, match="broken"):
            make_signing_key_during(self.fail)
        assert threading.active_count() == before

    @staticmethod
    def fail() -> None:
        raise ImportError("broken")

    def test_raises_the_error_of_the_thread(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rsa, "generate_private_key", lambda **_: self.fail())
        with pytest.raises(ImportError, match="broken"):
            make_signing_key_during(list)


class TestCertificateOf:
    @pytest.fixture
    def key(self) -> SigningKey:
        return make_signing_key("ec")

    def test_is_valid_from_1970_to_9999(self, key: SigningKey) -> None:
        certificate = certificate_of(key)
        assert (certificate.not_valid_before_utc, certificate.not_valid_after_utc) == (
            dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
            dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
        )

    def test_is_self_signed(self, key: SigningKey) -> None:
        certificate_of(key).verify_directly_issued_by(certificate_of(key))

    def test_has_the_public_key(self, key: SigningKey) -> None:
        assert certificate_of(key).public_key() == key.public_key()

    def test_has_a_serial_number_that_rfc_5280_allows(self, key: SigningKey) -> None:
        assert 0 < certificate_of(key).serial_number < 2**159

    def test_is_the_same_for_equal_rsa_keys(self, saml_signing_key: SigningKey) -> None:
        assert isinstance(saml_signing_key, rsa.RSAPrivateKey)
        again = saml_signing_key.private_numbers().private_key()
        certificates = [certificate_of.__wrapped__(key) for key in (saml_signing_key, again)]
        assert certificates[0].public_bytes(Encoding.DER) == certificates[1].public_bytes(Encoding.DER)

    def test_is_the_same_object_each_time(self, key: SigningKey) -> None:
        assert certificate_of(key) is certificate_of(key)
