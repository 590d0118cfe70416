import re
from typing import Any

import pytest
from certificates import (
    BIT_STRING,
    COMMON_NAME,
    COUNTRY,
    EXAMPLE,
    GENERALIZED_TIME,
    INTEGER,
    ISSUER_ID,
    OBJECT_IDENTIFIER,
    PRINTABLE_STRING,
    SEQUENCE,
    SHA256_WITH_RSA,
    SUBJECT_ID,
    TELETEX_STRING,
    UTC_TIME,
    UTF8_STRING,
    VALIDITY,
    VERSION,
    algorithm,
    certificate_der,
    der,
    extension,
    extensions,
    name,
    public_key_info,
)
from cryptography.hazmat.primitives.asymmetric import rsa
from saml_documents import ALICE, base64_of, substituted

from pytest_stssaml import IAMError, IdentityProvider, STSBackend, make_signing_key
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.certificates import NotACertificate, read_certificate

EXPONENT_3 = rsa.generate_private_key(3, 2048)
KEY = make_signing_key("ec")
KEY_INFO = public_key_info(KEY)
GOOD = certificate_der(KEY_INFO)

SUBJECT_KEY_IDENTIFIER, BASIC_CONSTRAINTS, KEY_USAGE, ALTERNATIVE_NAME = "551d0e", "551d13", "551d0f", "551d11"
FALSE = bytes.fromhex("010100")


def validity(*times: tuple[int, bytes]) -> bytes:
    return der(SEQUENCE, *(der(tag, text) for tag, text in times))


# What real certificates have in which they differ from RFC 5280 or X.690, or from what cryptography expects.
DEVIATIONS: dict[str, dict[str, Any]] = {
    "serial number 0": {"serial": b"\0"},
    "negative serial number": {"serial": b"\x80"},
    "serial number of 21 bytes": {"serial": b"\1" * 21},
    "serial number with a needless zero": {"serial": b"\0\1"},
    "country of three letters": {"subject": name((COUNTRY, PRINTABLE_STRING, b"USA"))},
    "country of one letter": {"issuer": name((COUNTRY, PRINTABLE_STRING, b"U"))},
    "empty country": {"subject": name((COUNTRY, PRINTABLE_STRING, b""))},
    "empty subject": {"subject": der(SEQUENCE)},
    "empty issuer": {"issuer": der(SEQUENCE)},
    "issuer other than the subject": {"issuer": name((COMMON_NAME, UTF8_STRING, b"ca.example.com"))},
    "common name of 65 letters": {"subject": name((COMMON_NAME, UTF8_STRING, b"x" * 65))},
    "at sign and underscore in a PrintableString": {
        "subject": name((COMMON_NAME, PRINTABLE_STRING, b"a_b@example.com"))
    },
    "UTF-8 in a PrintableString": {"subject": name((COMMON_NAME, PRINTABLE_STRING, "Bücher".encode()))},
    "Latin 1 in a UTF8String": {"subject": name((COMMON_NAME, UTF8_STRING, "Bücher".encode("latin-1")))},
    "TeletexString": {"subject": name((COMMON_NAME, TELETEX_STRING, "Bücher".encode("latin-1")))},
    "repeated attribute": {"subject": name(*[(COMMON_NAME, UTF8_STRING, b"idp.example.com")] * 2)},
    "version 1": {"version": b""},
    "version 1 written out": {"version": der(VERSION, der(INTEGER, b"\0"))},
    "version 2": {"version": der(VERSION, der(INTEGER, b"\1"))},
    "version 1 with extensions": {"version": b"", "rest": extensions(extension(KEY_USAGE, bytes.fromhex("03020780")))},
    "no extensions": {"rest": b""},
    "empty list of extensions": {"rest": extensions()},
    "unique identifiers": {"rest": der(ISSUER_ID, b"\0\1") + der(SUBJECT_ID, b"\0\1") + extensions()},
    "unreadable extension": {"rest": extensions(extension(ALTERNATIVE_NAME, b"idp.example.com"))},
    "critical FALSE written out": {"rest": extensions(extension(BASIC_CONSTRAINTS, der(SEQUENCE), FALSE))},
    "unknown critical extension": {"rest": extensions(extension("2a0304", b"\5\0", bytes.fromhex("0101ff")))},
    "two extensions": {
        "rest": extensions(extension(SUBJECT_KEY_IDENTIFIER, b"\4\1a"), extension(KEY_USAGE, b"\3\2\7\x80"))
    },
    "expired": {"validity": validity((UTC_TIME, b"000101000000Z"), (UTC_TIME, b"010101000000Z"))},
    "not yet valid": {"validity": validity((UTC_TIME, b"490101000000Z"), (GENERALIZED_TIME, b"20500101000000Z"))},
    "valid before 1950": {
        "validity": validity((GENERALIZED_TIME, b"19000101000000Z"), (GENERALIZED_TIME, b"20400101000000Z"))
    },
    "valid to 9999": {"validity": validity((UTC_TIME, b"200101000000Z"), (GENERALIZED_TIME, b"99991231235959Z"))},
    "GeneralizedTime before 2050": {
        "validity": validity((GENERALIZED_TIME, b"20200101000000Z"), (GENERALIZED_TIME, b"20400101000000Z"))
    },
    "validity without seconds": {"validity": validity((UTC_TIME, b"2001010000Z"), (UTC_TIME, b"4001010000Z"))},
    "validity with an offset": {"validity": validity((UTC_TIME, b"200101000000+0100"), (UTC_TIME, b"400101000000Z"))},
    "validity with fractions": {
        "validity": validity((GENERALIZED_TIME, b"20200101000000.5Z"), (GENERALIZED_TIME, b"20400101000000Z"))
    },
    "validity that ends before it begins": {
        "validity": validity((UTC_TIME, b"400101000000Z"), (UTC_TIME, b"200101000000Z"))
    },
    "MD5 with RSA": {"signed_with": algorithm("2a864886f70d010104")},
    "SHA-1 with RSA": {"signed_with": algorithm("2a864886f70d010105")},
    "unknown signature algorithm": {"signed_with": algorithm("2a0304")},
    "signature algorithm without parameters": {
        "signed_with": der(SEQUENCE, der(OBJECT_IDENTIFIER, bytes.fromhex("2a864886f70d01010b")))
    },
}


def metadata_with(certificate: bytes) -> str:
    """Return metadata of a key of its own, with another certificate."""
    pattern = "(<ds:X509Certificate>)[^<]*"
    return substituted(pattern, rf"\g<1>{base64_of(certificate)}", IdentityProvider(signing_key=KEY).metadata)


def log_in_as_the_owner(sts: STSBackend, log_in: Any, key: SigningKey, certificate: bytes) -> str:
    """Return the subject of a login to a provider that has the certificate, with a response that the key signs."""
    provider = sts.create_saml_provider("ExampleIdP", metadata_with(certificate))
    role = sts.create_role("Developer", provider=provider)
    response = IdentityProvider(signing_key=key).response((role, provider))
    subject: str = log_in(response, role, provider)["Subject"]
    return subject


class TestDeviations:
    @pytest.mark.parametrize("parts", DEVIATIONS.values(), ids=DEVIATIONS)
    def test_a_provider_has_a_certificate_with_it(self, sts: STSBackend, log_in: Any, parts: dict[str, Any]) -> None:
        assert log_in_as_the_owner(sts, log_in, KEY, certificate_der(KEY_INFO, **parts)) == ALICE

    def test_a_provider_has_an_rsa_key_with_the_exponent_3(self, sts: STSBackend, log_in: Any) -> None:
        certificate = certificate_der(public_key_info(EXPONENT_3))
        assert log_in_as_the_owner(sts, log_in, EXPONENT_3, certificate) == ALICE

    def test_another_key_than_that_of_the_certificate_is_refused(self, sts: STSBackend, refusal: Any) -> None:
        provider = sts.create_saml_provider("ExampleIdP", metadata_with(certificate_der(KEY_INFO, serial=b"\0")))
        role = sts.create_role("Developer", provider=provider)
        response = IdentityProvider(signing_key=EXPONENT_3).response((role, provider))
        assert refusal(response, role, provider)[2] == "Response signature invalid"


FIELDS = (der(INTEGER, b"\1"), SHA256_WITH_RSA, EXAMPLE, VALIDITY, EXAMPLE, KEY_INFO)
SIGNATURE = (SHA256_WITH_RSA, der(BIT_STRING, bytes(65)))


def certificate_of_fields(*fields: bytes) -> bytes:
    return der(SEQUENCE, der(SEQUENCE, *fields), *SIGNATURE)


NO_CERTIFICATES: dict[str, bytes] = {
    "nothing": b"",
    "text": b"idp.example.com",
    "PEM": b"-----BEGIN CERTIFICATE-----\n",
    "public key": KEY_INFO,
    "certificate request": der(
        SEQUENCE, der(SEQUENCE, der(INTEGER, b"\0"), EXAMPLE, KEY_INFO, der(0xA0)), SHA256_WITH_RSA, SIGNATURE[1]
    ),
    "revocation list": certificate_of_fields(
        der(INTEGER, b"\1"), SHA256_WITH_RSA, EXAMPLE, der(UTC_TIME, b"2001010000Z")
    ),
    "PKCS #7": der(SEQUENCE, der(OBJECT_IDENTIFIER, bytes.fromhex("2a864886f70d010702")), der(0xA0, GOOD)),
    "two certificates": GOOD + GOOD,
    "a byte after it": GOOD + b"\0",
    "a byte missing": GOOD[:-1],
    "a half": GOOD[: len(GOOD) // 2],
    "a tag": GOOD[:1],
    "a tag and half a length": GOOD[:2],
    "without a signature": der(SEQUENCE, der(SEQUENCE, *FIELDS)),
    "signature of another type": der(SEQUENCE, der(SEQUENCE, *FIELDS), SHA256_WITH_RSA, der(INTEGER, b"\1")),
    "without fields": certificate_of_fields(),
    "without a serial number": certificate_of_fields(*FIELDS[1:]),
    "without a key": certificate_of_fields(*FIELDS[:-1]),
    "an empty key": certificate_of_fields(*FIELDS[:-1], der(SEQUENCE)),
    "a bare RSA key": certificate_of_fields(*FIELDS[:-1], der(SEQUENCE, der(INTEGER, b"\3"), der(INTEGER, b"\3"))),
    "a field too many": certificate_of_fields(*FIELDS, der(SEQUENCE)),
    "extensions twice": certificate_of_fields(*FIELDS, extensions(), extensions()),
    "unique identifiers in the wrong order": certificate_of_fields(*FIELDS, der(SUBJECT_ID), der(ISSUER_ID)),
    "extensions in no list": certificate_of_fields(*FIELDS, der(0xA3, der(INTEGER, b"\1"))),
    "an extension that is none": certificate_of_fields(*FIELDS, extensions(der(INTEGER, b"\1"))),
    "an extension without an identifier": certificate_of_fields(*FIELDS, extensions(der(SEQUENCE))),
    "indefinite length": b"\x30\x80" + GOOD[4:] + b"\0\0",
    "length with a needless byte": b"\x30\x83\0" + GOOD[2:],
    "long form of a short length": certificate_of_fields(b"\x02\x81\x01\x01", *FIELDS[1:]),
    "length of a number of bytes that are missing": b"\x30\xff",
}


class TestReadCertificate:
    @pytest.mark.parametrize("data", NO_CERTIFICATES.values(), ids=NO_CERTIFICATES)
    def test_rejects_what_is_not_one(self, data: bytes) -> None:
        with pytest.raises(NotACertificate, match=r"^it is not (a certificate: expected the tags |DER: )"):
            read_certificate(data)

    @pytest.mark.parametrize("data", NO_CERTIFICATES.values(), ids=NO_CERTIFICATES)
    def test_iam_refuses_metadata_with_it(self, sts: STSBackend, data: bytes) -> None:
        with pytest.raises(IAMError, match="X509Certificate"):
            sts.create_saml_provider("ExampleIdP", metadata_with(data))

    def test_rejects_every_beginning(self) -> None:
        for size in range(len(GOOD)):
            with pytest.raises(NotACertificate):
                read_certificate(GOOD[:size])

    @pytest.mark.parametrize(
        ("oid", "dotted"),
        [
            ("551d0f", "2.5.29.15"),
            ("2a0304", "1.2.3.4"),
            ("2a864886f70d01", "1.2.840.113549.1"),
            ("0902", "0.9.2"),
            ("883703", "2.999.3"),
        ],
    )
    def test_names_the_extensions(self, oid: str, dotted: str) -> None:
        certificate = certificate_der(KEY_INFO, rest=extensions(extension(oid, b"")))
        assert read_certificate(certificate) == (KEY_INFO, (dotted,))

    @pytest.mark.parametrize(
        ("size", "written"), [(64, "1.2." + ".".join(["3"] * 63)), (65, "2a" + "03" * 64)], ids=["long", "longer"]
    )
    def test_names_an_extension_with_a_very_long_identifier_in_hexadecimal(self, size: int, written: str) -> None:
        certificate = certificate_der(KEY_INFO, rest=extensions(extension("2a" + "03" * (size - 1), b"")))
        assert read_certificate(certificate).extensions == (written,)

    def test_accepts_an_identifier_that_is_one_enormous_number(self) -> None:
        certificate = certificate_der(KEY_INFO, rest=extensions(extension("2a" + "ff" * 60_000 + "01", b"")))
        assert read_certificate(certificate).public_key == KEY_INFO

    def test_tells_where_it_stopped(self) -> None:
        message = re.escape("it is not a certificate: expected the tags 30 30 03, got 30 03")
        with pytest.raises(NotACertificate, match=f"^{message}$"):
            read_certificate(KEY_INFO)
