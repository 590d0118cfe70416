import base64
import os
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest
import xmlsec1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from pytest_stssaml import (
    IdentityProvider,
    SAMLProvider,
    SAMLResponse,
    STSBackend,
    make_signing_key,
)
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.saml.assertion import (
    Assertion,
    Decryption,
    parse_response,
    read_assertion,
)
from pytest_stssaml.saml.faults import Fault, Unreadable
from pytest_stssaml.saml.metadata import read_metadata
from pytest_stssaml.saml.vocabulary import (
    CONTENT_ALGORITHMS,
    DIGEST_ALGORITHMS,
    DS,
    MGF1,
    NAMESPACES,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
    SAML,
    XENC,
    XENC11,
)

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
ALICE = "alice@example.com"
KEY, OLD_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))
PROLOGUE = f'<xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:xenc11="{XENC11}" xmlns:ds="{DS}" Type="{XENC}Element">'
CIPHER = "<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>"
NOT_OPENED = "the assertion cannot be decrypted: no key of the provider opens any of its encrypted keys"
UNSIGNED = "neither the response nor its assertion is signed"
BAD_SIGNATURE = ("InvalidIdentityToken", 400, "Response signature invalid")
NOT_DECRYPTED = ("InvalidIdentityToken", 400, "Assertion in the response cannot be decrypted")
NOT_ENCRYPTED = ("InvalidIdentityToken", 400, "Assertion in the response must be encrypted")
FOREIGN_RECIPIENT = ("InvalidIdentityToken", 400, "Recipient is not an AWS sign-in endpoint")

# URI, DigestMethod, MGF; None is left out, and SHA-1 then.
TRANSPORTS = {
    "mgf1p": (RSA_OAEP_MGF1P, None, None),
    "mgf1p sha1": (RSA_OAEP_MGF1P, "sha1", None),
    "mgf1p sha256": (RSA_OAEP_MGF1P, "sha256", None),
    "oaep": (RSA_OAEP, None, None),
    "oaep sha256": (RSA_OAEP, "sha256", "sha256"),
    "oaep sha512": (RSA_OAEP, "sha512", "sha384"),
}
HASHES = {None: hashes.SHA1, "sha1": hashes.SHA1, "sha256": hashes.SHA256}
HASHES |= {"sha384": hashes.SHA384, "sha512": hashes.SHA512}

content_algorithms = pytest.mark.parametrize("algorithm", CONTENT_ALGORITHMS)
key_transports = pytest.mark.parametrize("transport", TRANSPORTS)


# --- an encryption of our own, which can do what no identity provider should


def base64_of(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def method_of(transport: str, inside: str = "") -> str:
    uri, digest, mask = TRANSPORTS[transport]
    inside += f'<ds:DigestMethod Algorithm="{DIGEST_ALGORITHMS[digest]}"/>' if digest else ""
    inside += f'<xenc11:MGF Algorithm="{MGF1}{mask}"/>' if mask else ""
    return f'<xenc:EncryptionMethod Algorithm="{uri}">{inside}</xenc:EncryptionMethod>'


def wrapped(key: bytes, to: rsa.RSAPrivateKey = KEY, transport: str = "mgf1p", label: bytes | None = None) -> str:
    """An xenc:EncryptedKey."""
    _, digest, mask = TRANSPORTS[transport]
    octets = to.public_key().encrypt(key, padding.OAEP(padding.MGF1(HASHES[mask]()), HASHES[digest](), label))
    inside = f"<xenc:OAEPparams>{base64_of(label)}</xenc:OAEPparams>" if label else ""
    return f"<xenc:EncryptedKey>{method_of(transport, inside)}{CIPHER.format(base64_of(octets))}</xenc:EncryptedKey>"


def cbc(octets: bytes, key: bytes) -> bytes:
    """AES in CBC of what is padded already."""
    vector = os.urandom(16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return vector + encryptor.update(octets) + encryptor.finalize()


def padded(octets: bytes) -> bytes:
    count = 16 - len(octets) % 16
    return octets + os.urandom(count - 1) + bytes([count])


def encrypted(octets: bytes, key: bytes, algorithm: str) -> bytes:
    if algorithm.endswith("cbc"):
        return cbc(padded(octets), key)
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, octets, None)


def data(octets: bytes, uri: str, keys: str) -> str:
    """An xenc:EncryptedData."""
    info = f"<ds:KeyInfo>{keys}</ds:KeyInfo>" if keys else ""
    method = f'<xenc:EncryptionMethod Algorithm="{uri}"/>'
    return f"{PROLOGUE}{method}{info}{CIPHER.format(base64_of(octets))}</xenc:EncryptedData>"


def sealed(
    element: str,
    *,
    algorithm: str = "aes256-gcm",
    to: rsa.RSAPrivateKey = KEY,
    transport: str = "mgf1p",
    label: bytes | None = None,
) -> str:
    """An element in an xenc:EncryptedData, as it should be."""
    key = os.urandom(int(algorithm[3:6]) // 8)
    octets = encrypted(element.encode(), key, algorithm)
    return data(octets, CONTENT_ALGORITHMS[algorithm], wrapped(key, to, transport, label))


def assertion_of(xml: str) -> str:
    return xml[xml.index("<saml:Assertion ") : xml.index("</samlp:Response>")]


def holding(xml: str, content: str) -> str:
    """A response with its assertion replaced by an encrypted one."""
    return xml.replace(assertion_of(xml), f"<saml:EncryptedAssertion>{content}</saml:EncryptedAssertion>")


def encoded(xml: str) -> SAMLResponse:
    return SAMLResponse(base64_of(xml.encode()))


# --- fixtures


@pytest.fixture
def stranger(saml_signing_key: SigningKey) -> IdentityProvider:
    """An identity provider of which no AWS knows."""
    return IdentityProvider(signing_key=saml_signing_key)


@pytest.fixture
def xml(stranger: IdentityProvider) -> str:
    """A response with a signed assertion, plain."""
    return stranger.response(PAIR).xml


@pytest.fixture
def read(stranger: IdentityProvider) -> Callable[..., Assertion]:
    """What a response says to somebody with private keys."""

    def call(xml: str, *keys: rsa.RSAPrivateKey) -> Assertion:
        return read_assertion(parse_response(encoded(xml)), read_metadata(stranger.metadata), Decryption(keys))

    return call


@pytest.fixture
def fault(read: Callable[..., Assertion]) -> Callable[..., tuple[Fault, str]]:
    """Why a response is not believed by somebody with private keys."""

    def call(xml: str, *keys: rsa.RSAPrivateKey) -> tuple[Fault, str]:
        with pytest.raises(Unreadable) as caught:
            read(xml, *keys)
        return caught.value.fault, caught.value.because

    return call


@pytest.fixture
def undecryptable(fault: Callable[..., tuple[Fault, str]], xml: str) -> Callable[..., str]:
    """Why the content of an EncryptedAssertion is NOT_DECRYPTED with KEY."""

    def call(content: str) -> str:
        found, because = fault(holding(xml, content), KEY)
        assert found is Fault.NOT_DECRYPTED
        return because.removeprefix("the assertion cannot be decrypted: ")

    return call


@pytest.fixture
def provider(sts: STSBackend, idp: IdentityProvider) -> SAMLProvider:
    """The provider of `idp`, with KEY."""
    sts.create_role("Developer")
    return sts.update_saml_provider(idp.provider, add_private_key=KEY)


@pytest.fixture
def strict(sts: STSBackend, provider: SAMLProvider) -> SAMLProvider:
    """The provider of `idp`, which takes encrypted assertions only."""
    sts.create_role("Strict", trust_policy=provider.trust_policy(audience=None))
    return sts.update_saml_provider(provider, assertion_encryption_mode="Required")


STRICT = ("arn:aws:iam::123456789012:role/Strict", PAIR[1])


# --- what is read


class TestAlgorithms:
    @content_algorithms
    @key_transports
    def test_each_content_algorithm_is_read_with_each_key_transport(
        self, read: Callable[..., Assertion], xml: str, algorithm: str, transport: str
    ) -> None:
        content = sealed(assertion_of(xml), algorithm=algorithm, transport=transport)
        assert read(holding(xml, content), KEY).name_id == ALICE

    @key_transports
    def test_a_label_is_read(self, read: Callable[..., Assertion], xml: str, transport: str) -> None:
        content = sealed(assertion_of(xml), transport=transport, label=b"label")
        assert read(holding(xml, content), KEY).name_id == ALICE

    @pytest.mark.parametrize("bits", [1024, 3072])
    def test_a_private_key_may_have_another_size(self, read: Callable[..., Assertion], xml: str, bits: int) -> None:
        key = rsa.generate_private_key(65537, bits)
        assert read(holding(xml, sealed(assertion_of(xml), to=key)), key).name_id == ALICE

    @pytest.mark.parametrize("line_break", ["\n", "\r\n", "\t ", "<!-- -->"])
    def test_base64_may_be_broken_anywhere(self, read: Callable[..., Assertion], xml: str, line_break: str) -> None:
        folded = re.sub("([^<>]{64})(?=[^<>]*</xenc:CipherValue>)", rf"\1{line_break}", sealed(assertion_of(xml)))
        assert read(holding(xml, folded), KEY).name_id == ALICE

    @pytest.mark.parametrize("count", [1, 2, 15, 16])
    def test_padding_of_cbc_has_1_to_16_octets(self, read: Callable[..., Assertion], xml: str, count: int) -> None:
        key, octets = os.urandom(16), assertion_of(xml).encode()
        octets += b" " * (-(len(octets) + count) % 16)
        whole = octets + os.urandom(count - 1) + bytes([count])
        content = data(cbc(whole, key), CONTENT_ALGORITHMS["aes128-cbc"], wrapped(key))
        assert read(holding(xml, content), KEY).name_id == ALICE

    @pytest.mark.parametrize("count", [0, 17, 255])
    def test_other_padding_of_cbc_is_refused(self, undecryptable: Callable[..., str], count: int) -> None:
        key = os.urandom(16)
        octets = cbc(bytes(15) + bytes([count]), key)
        assert undecryptable(data(octets, XENC + "aes128-cbc", wrapped(key))) == "the padding is wrong"

    def test_cbc_of_nothing_is_refused(self, undecryptable: Callable[..., str]) -> None:
        key = os.urandom(16)
        assert undecryptable(data(bytes(16), XENC + "aes128-cbc", wrapped(key))) == "the padding is wrong"

    @pytest.mark.parametrize("algorithm", ["aes192-cbc", "tripledes-cbc", "kw-aes128"])
    def test_another_content_algorithm_is_refused(self, undecryptable: Callable[..., str], algorithm: str) -> None:
        key = os.urandom(24)
        content = data(encrypted(b"<a/>", key, "cbc"), XENC + algorithm, wrapped(key))
        assert undecryptable(content) == (
            f"the content algorithm '{XENC}{algorithm}' is not AES-128 or AES-256 in CBC or GCM"
        )

    @pytest.mark.parametrize("bits", [128, 192])
    def test_a_key_of_another_size_than_the_algorithms_is_refused(
        self, undecryptable: Callable[..., str], bits: int
    ) -> None:
        key = os.urandom(bits // 8)
        content = data(encrypted(b"<a/>", key, "gcm"), XENC11 + "aes256-gcm", wrapped(key))
        assert undecryptable(content) == "no key of 256 bits for aes256-gcm"

    def test_rsa_1_5_is_refused(self, undecryptable: Callable[..., str]) -> None:
        key = os.urandom(32)
        octets = KEY.public_key().encrypt(key, padding.PKCS1v15())
        method = f'<xenc:EncryptionMethod Algorithm="{XENC}rsa-1_5"/>'
        keys = f"<xenc:EncryptedKey>{method}{CIPHER.format(base64_of(octets))}</xenc:EncryptedKey>"
        content = data(encrypted(b"<a/>", key, "gcm"), XENC11 + "aes256-gcm", keys)
        assert undecryptable(content) == NOT_OPENED.partition(": ")[2]

    @pytest.mark.parametrize(
        ("transport", "old", "new"),
        [
            pytest.param("oaep sha256", DIGEST_ALGORITHMS["sha256"], "urn:x", id="digest"),
            pytest.param("oaep sha256", MGF1 + "sha256", MGF1 + "md5", id="mask"),
            pytest.param("mgf1p sha256", DIGEST_ALGORITHMS["sha256"], DIGEST_ALGORITHMS["sha512"], id="other digest"),
            pytest.param("oaep sha256", MGF1 + "sha256", MGF1 + "sha512", id="other mask"),
            pytest.param("oaep sha256", RSA_OAEP, "urn:x", id="transport"),
            pytest.param("oaep sha256", f' Algorithm="{RSA_OAEP}"', "", id="no transport"),
            pytest.param("oaep sha256", f' Algorithm="{MGF1}sha256"', "", id="no mask"),
        ],
    )
    def test_a_key_transport_that_names_something_else_is_refused(
        self, undecryptable: Callable[..., str], xml: str, transport: str, old: str, new: str
    ) -> None:
        content = sealed(assertion_of(xml), transport=transport)
        assert old in content
        assert undecryptable(content.replace(old, new, 1)) == NOT_OPENED.partition(": ")[2]


class TestKeys:
    def test_without_a_key_an_encrypted_assertion_is_refused(self, fault: Callable[..., Any], xml: str) -> None:
        assert fault(holding(xml, sealed(assertion_of(xml)))) == (
            Fault.NOT_DECRYPTED,
            "the assertion is encrypted, and the provider has no private key",
        )

    def test_the_wrong_key_is_refused(self, fault: Callable[..., Any], xml: str) -> None:
        response = holding(xml, sealed(assertion_of(xml), to=OLD_KEY))
        assert fault(response, KEY) == (Fault.NOT_DECRYPTED, NOT_OPENED)

    @pytest.mark.parametrize("to", [KEY, OLD_KEY], ids=["newest", "older"])
    def test_either_of_two_keys_opens(self, read: Callable[..., Assertion], xml: str, to: rsa.RSAPrivateKey) -> None:
        assert read(holding(xml, sealed(assertion_of(xml), to=to)), KEY, OLD_KEY).name_id == ALICE

    @pytest.mark.parametrize("newest_first", [True, False])
    def test_what_the_newest_key_opens_comes_first(
        self, read: Callable[..., Assertion], xml: str, newest_first: bool
    ) -> None:
        key = os.urandom(32)
        keys = [wrapped(key, KEY), wrapped(os.urandom(32), OLD_KEY)]
        octets = encrypted(assertion_of(xml).encode(), key, "gcm")
        content = data(octets, XENC11 + "aes256-gcm", "".join(keys if newest_first else reversed(keys)))
        assert read(holding(xml, content), KEY, OLD_KEY).name_id == ALICE

    def test_an_opened_key_of_another_size_does_not_hinder(self, read: Callable[..., Assertion], xml: str) -> None:
        key = os.urandom(32)
        octets = encrypted(assertion_of(xml).encode(), key, "gcm")
        content = data(octets, XENC11 + "aes256-gcm", wrapped(os.urandom(16)) + wrapped(key))
        assert read(holding(xml, content), KEY).name_id == ALICE

    @pytest.mark.parametrize("order", [1, -1], ids=["behind", "before"])
    def test_an_encrypted_key_may_stand_beside_the_data(
        self, read: Callable[..., Assertion], xml: str, order: int
    ) -> None:
        key = os.urandom(32)
        bare = data(encrypted(assertion_of(xml).encode(), key, "gcm"), XENC11 + "aes256-gcm", "")
        beside = wrapped(key).replace("EncryptedKey>", f'EncryptedKey xmlns:xenc="{XENC}" xmlns:ds="{DS}">', 1)
        assert read(holding(xml, "".join([bare, beside][::order])), KEY).name_id == ALICE

    def test_ten_encrypted_keys_are_tried(self, read: Callable[..., Assertion], xml: str) -> None:
        key = os.urandom(32)
        octets = encrypted(assertion_of(xml).encode(), key, "gcm")
        content = data(octets, XENC11 + "aes256-gcm", wrapped(key, OLD_KEY) * 9 + wrapped(key))
        assert read(holding(xml, content), KEY).name_id == ALICE

    def test_an_eleventh_encrypted_key_is_not_tried(self, undecryptable: Callable[..., str], xml: str) -> None:
        key = os.urandom(32)
        octets = encrypted(assertion_of(xml).encode(), key, "gcm")
        content = data(octets, XENC11 + "aes256-gcm", wrapped(key, OLD_KEY) * 10 + wrapped(key))
        assert undecryptable(content) == NOT_OPENED.partition(": ")[2]

    def test_no_encrypted_key_is_refused(self, undecryptable: Callable[..., str], xml: str) -> None:
        content = data(b"", XENC11 + "aes256-gcm", "")
        assert undecryptable(content) == NOT_OPENED.partition(": ")[2]


class TestContent:
    @pytest.mark.parametrize("count", [0, 2])
    def test_other_than_one_encrypted_data_is_refused(
        self, undecryptable: Callable[..., str], xml: str, count: int
    ) -> None:
        content = sealed(assertion_of(xml)) * count
        assert undecryptable(content) == f"expected one xenc:EncryptedData, got {count}"

    @pytest.mark.parametrize(
        ("pattern", "because"),
        [
            ("<xenc:EncryptionMethod [^>]*/>", "expected one xenc:EncryptionMethod, got 0"),
            ("<xenc:CipherData>(?!.*<xenc:CipherData>).*</xenc:CipherData>", "expected one xenc:CipherData, got 0"),
            ("<xenc:CipherValue>(?!.*<xenc:CipherValue>).*</xenc:CipherValue>", "expected one xenc:CipherValue, got 0"),
        ],
        ids=["EncryptionMethod", "CipherData", "CipherValue"],
    )
    def test_a_part_that_is_missing_is_refused(
        self, undecryptable: Callable[..., str], xml: str, pattern: str, because: str
    ) -> None:
        content, count = re.subn(pattern, "", sealed(assertion_of(xml)), count=1)
        assert (count, undecryptable(content)) == (1, because)

    @pytest.mark.parametrize("element", ["EncryptionMethod", "CipherData", "CipherValue"])
    def test_an_encrypted_key_without_a_part_opens_nothing(
        self, undecryptable: Callable[..., str], xml: str, element: str
    ) -> None:
        content = sealed(assertion_of(xml))
        start = content.index("<xenc:EncryptedKey>")
        found = re.search(f"<xenc:{element}[ >].*?</xenc:{element}>", content[start:])
        assert found is not None
        assert undecryptable(content.replace(found[0], "")) == NOT_OPENED.partition(": ")[2]

    @pytest.mark.parametrize("value", ["????", "ü", "A"])
    def test_a_value_that_is_not_base64_is_refused(self, fault: Callable[..., Any], xml: str, value: str) -> None:
        head, _, _ = sealed(assertion_of(xml)).rpartition("<xenc:CipherValue>")
        content = f"{head}<xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
        assert fault(holding(xml, content), KEY)[0] is Fault.NOT_DECRYPTED

    @content_algorithms
    @pytest.mark.parametrize("size", [0, 1, 11, 12, 15, 17, 27])
    def test_octets_too_few_for_the_algorithm_are_refused(
        self, fault: Callable[..., Any], xml: str, algorithm: str, size: int
    ) -> None:
        key = os.urandom(int(algorithm[3:6]) // 8)
        content = data(bytes(size), CONTENT_ALGORITHMS[algorithm], wrapped(key))
        assert fault(holding(xml, content), KEY)[0] is Fault.NOT_DECRYPTED

    @content_algorithms
    @pytest.mark.parametrize("at", [0, 40, -1], ids=["first", "middle", "last"])
    def test_a_flipped_octet_is_refused(self, fault: Callable[..., Any], xml: str, algorithm: str, at: int) -> None:
        key = os.urandom(int(algorithm[3:6]) // 8)
        octets = bytearray(encrypted(assertion_of(xml).encode(), key, algorithm))
        octets[at] ^= 0x80
        content = data(bytes(octets), CONTENT_ALGORITHMS[algorithm], wrapped(key))
        assert fault(holding(xml, content), KEY)[0] in (Fault.NOT_DECRYPTED, Fault.BAD_SIGNATURE)

    @pytest.mark.parametrize(
        ("inside", "because"),
        [
            ("", "Document is empty"),
            ("no XML", "Start tag expected"),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "a document type declaration"),
        ],
        ids=["nothing", "text", "document type"],
    )
    def test_what_is_not_xml_inside_is_refused(
        self, undecryptable: Callable[..., str], inside: str, because: str
    ) -> None:
        assert undecryptable(sealed(inside)).startswith(because)

    def test_what_is_no_assertion_inside_is_refused(self, undecryptable: Callable[..., str], xml: str) -> None:
        samlp = NAMESPACES["samlp"]
        assert undecryptable(sealed(xml)) == f"encrypted is '{{{samlp}}}Response', not an assertion"

    def test_an_assertion_encrypted_twice_is_refused(self, undecryptable: Callable[..., str], xml: str) -> None:
        twice = f'<saml:EncryptedAssertion xmlns:saml="{SAML}">{sealed(assertion_of(xml))}</saml:EncryptedAssertion>'
        assert undecryptable(sealed(twice)) == f"encrypted is '{{{SAML}}}EncryptedAssertion', not an assertion"

    @pytest.mark.parametrize(
        ("plain", "hidden", "because"),
        [(1, 1, "got 1 and 1 encrypted"), (0, 2, "got 0 and 2 encrypted")],
        ids=["one plain", "none plain"],
    )
    def test_a_second_assertion_beside_the_encrypted_one_is_refused(
        self, fault: Callable[..., Any], xml: str, plain: int, hidden: int, because: str
    ) -> None:
        content = f"<saml:EncryptedAssertion>{sealed(assertion_of(xml))}</saml:EncryptedAssertion>" * hidden
        response = xml.replace(assertion_of(xml), assertion_of(xml) * plain + content)
        assert fault(response, KEY) == (Fault.NOT_ONE_ASSERTION, f"expected one saml:Assertion, {because}")


# --- what is believed


class TestSignatures:
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_a_signature_inside_outside_or_both_logs_in(
        self, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any], signed: str
    ) -> None:
        assert log_in(idp.response(PAIR[0], signed=signed, encrypted_for=provider), *PAIR)["Subject"] == ALICE

    def test_no_signature_is_refused(self, fault: Callable[..., Any], stranger: IdentityProvider) -> None:
        xml = stranger.response(PAIR, signed=None).xml
        assert fault(holding(xml, sealed(assertion_of(xml))), KEY) == (Fault.BAD_SIGNATURE, UNSIGNED)

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_the_signature_of_another_key_is_refused(
        self, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any], signed: str
    ) -> None:
        key = make_signing_key("ec")
        response = idp.response(PAIR[0], signed=signed, signing_key=key, encrypted_for=provider)
        assert refusal(response, *PAIR) == BAD_SIGNATURE

    def test_an_assertion_changed_after_it_was_signed_is_refused(
        self, fault: Callable[..., Any], stranger: IdentityProvider
    ) -> None:
        xml = stranger.response(PAIR).tampered(ALICE, "mallory@example.com").xml
        assert fault(holding(xml, sealed(assertion_of(xml))), KEY)[0] is Fault.BAD_SIGNATURE

    @pytest.mark.parametrize("signed", ["response", "both"])
    def test_an_assertion_encrypted_anew_breaks_the_signature_outside(
        self, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any], signed: str
    ) -> None:
        response = idp.response(PAIR[0], signed=signed, encrypted_for=provider).xml
        anew = sealed(assertion_of(idp.response(PAIR[0]).xml))
        changed = re.sub("<xenc:EncryptedData .*</xenc:EncryptedData>", anew, response)
        assert refusal(encoded(changed), *PAIR) == BAD_SIGNATURE

    def test_both_must_hold_where_both_are_there(
        self, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any]
    ) -> None:
        xml = idp.response(PAIR[0]).tampered(ALICE, "mallory@example.com").xml
        response = idp.sign(holding(xml, sealed(assertion_of(xml))), signed="response")
        assert refusal(response, *PAIR) == BAD_SIGNATURE

    def test_an_id_that_stands_twice_inside_is_refused(
        self, fault: Callable[..., Any], stranger: IdentityProvider
    ) -> None:
        xml = stranger.response(PAIR, signed=None).xml
        identifier = re.findall(' ID="([^"]*)"', xml)[1]
        xml = stranger.sign(xml.replace("<saml:Subject>", f'<saml:Subject Id="{identifier}">')).xml
        because = f"the ID {identifier!r} stands more than once"
        assert fault(holding(xml, sealed(assertion_of(xml))), KEY) == (Fault.BAD_SIGNATURE, because)

    def test_a_signed_assertion_inside_an_evil_one_is_refused(self, fault: Callable[..., Any], xml: str) -> None:
        honest = assertion_of(xml)
        evil = re.sub(' ID="[^"]*"', ' ID="_evil"', re.sub("<ds:Signature .*</ds:Signature>", "", honest))
        evil = evil.replace(ALICE, "mallory@example.com").replace("</saml:Subject>", honest + "</saml:Subject>")
        because = "a signature stands where neither the response nor its assertion holds it"
        assert fault(holding(xml, sealed(evil)), KEY) == (Fault.BAD_SIGNATURE, because)

    def test_a_foreign_issuer_inside_is_refused(self, fault: Callable[..., Any], stranger: IdentityProvider) -> None:
        xml = stranger.response(PAIR, issuer="urn:evil").xml
        because = "expected the issuer 'https://idp.example.com/saml', got 'urn:evil'"
        assert fault(holding(xml, sealed(assertion_of(xml))), KEY) == (Fault.FOREIGN_ISSUER, because)


class TestMode:
    def test_allowed_takes_a_plain_assertion(
        self, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        assert log_in(idp.response(PAIR[0]), *PAIR)["Subject"] == ALICE

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_required_refuses_a_plain_assertion(
        self, idp: IdentityProvider, strict: SAMLProvider, refusal: Callable[..., Any], signed: str
    ) -> None:
        response = idp.response(STRICT, signed=signed, recipient=strict.sign_in_url())
        assert refusal(response, *STRICT) == NOT_ENCRYPTED

    def test_required_takes_an_encrypted_assertion(
        self, idp: IdentityProvider, strict: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        assert log_in(idp.response(STRICT, encrypted_for=strict), *STRICT)["Subject"] == ALICE

    @pytest.mark.parametrize("region", [None, "us-east-1", "eu-west-1"])
    def test_required_takes_the_providers_own_recipient(
        self, idp: IdentityProvider, strict: SAMLProvider, log_in: Callable[..., Any], region: str | None
    ) -> None:
        url = strict.sign_in_url(region)
        assert log_in(idp.response(STRICT, encrypted_for=strict, recipient=url), *STRICT)["Audience"] == url

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
    def test_required_refuses_every_other_recipient(
        self, idp: IdentityProvider, strict: SAMLProvider, refusal: Callable[..., Any], recipient: str
    ) -> None:
        response = idp.response(STRICT, encrypted_for=strict, recipient=recipient)
        assert refusal(response, *STRICT) == FOREIGN_RECIPIENT

    def test_the_default_trust_policy_names_the_global_recipient_and_lets_nobody_in(
        self, sts: STSBackend, idp: IdentityProvider, strict: SAMLProvider, refusal: Callable[..., Any]
    ) -> None:
        role = sts.create_role("Default")
        denied = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML")
        assert refusal(idp.response(role, encrypted_for=strict), role, strict) == denied

    def test_a_trust_policy_that_names_the_providers_own_recipient_lets_in(
        self, sts: STSBackend, idp: IdentityProvider, strict: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        role = sts.create_role("Own", trust_policy=strict.trust_policy(audience=strict.sign_in_url()))
        assert log_in(idp.response(role, encrypted_for=strict), role, strict)["Subject"] == ALICE

    def test_allowed_takes_the_providers_own_recipient_of_a_plain_assertion(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        url = provider.sign_in_url()
        role = sts.create_role("Own", trust_policy=provider.trust_policy(audience=url))
        assert log_in(idp.response(role, recipient=url), role, provider)["Audience"] == url

    def test_a_removed_key_no_longer_opens(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, refusal: Callable[..., Any]
    ) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider)
        sts.update_saml_provider(provider, remove_private_key=KEY)
        assert refusal(response, *PAIR) == NOT_DECRYPTED

    def test_an_older_key_still_opens(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any]
    ) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider)
        sts.update_saml_provider(provider, add_private_key=OLD_KEY)
        assert log_in(response, *PAIR)["Subject"] == ALICE


# --- what the identity provider writes


def algorithm_of(response: SAMLResponse, path: str) -> list[str]:
    return [str(value) for value in response.root.xpath(f"//{path}/@Algorithm", namespaces=NAMESPACES)]


class TestIdentityProvider:
    @content_algorithms
    def test_each_algorithm_logs_in(
        self, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any], algorithm: str
    ) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider, encryption_algorithm=algorithm)
        assert log_in(response, *PAIR)["Subject"] == ALICE

    @content_algorithms
    def test_the_algorithm_is_named(self, idp: IdentityProvider, provider: SAMLProvider, algorithm: str) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider, encryption_algorithm=algorithm)
        named = algorithm_of(response, "xenc:EncryptedData/xenc:EncryptionMethod")
        assert named == [CONTENT_ALGORITHMS[algorithm]]

    def test_left_out_it_is_aes_256_in_gcm(self, idp: IdentityProvider, provider: SAMLProvider) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider)
        assert algorithm_of(response, "xenc:EncryptionMethod") == [XENC11 + "aes256-gcm", RSA_OAEP_MGF1P]

    def test_nothing_of_the_assertion_can_be_read(self, idp: IdentityProvider, provider: SAMLProvider) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider)
        assert [word for word in ("alice", "Developer", "Subject", "saml:Assertion ") if word in response.xml] == []

    def test_no_two_are_equal(self, idp: IdentityProvider, provider: SAMLProvider) -> None:
        responses = [idp.response(PAIR[0], encrypted_for=provider) for _ in range(2)]
        assert len({value for it in responses for value in re.findall("CipherValue>([^<]+)<", it.xml)}) == 4

    def test_the_newest_key_is_encrypted_for(
        self, sts: STSBackend, idp: IdentityProvider, provider: SAMLProvider, read: Callable[..., Assertion]
    ) -> None:
        sts.update_saml_provider(provider, add_private_key=OLD_KEY)
        assert read(idp.response(PAIR[0], encrypted_for=provider).xml, OLD_KEY).name_id == ALICE

    @pytest.mark.parametrize(("signed", "hosts"), [("assertion", 0), ("response", 1), ("both", 1)])
    def test_the_assertions_signature_is_inside(
        self, idp: IdentityProvider, provider: SAMLProvider, signed: str, hosts: int
    ) -> None:
        response = idp.response(PAIR[0], signed=signed, encrypted_for=provider)
        assert len(response.root.findall(".//ds:Signature", NAMESPACES)) == hosts

    def test_a_failure_has_nothing_to_encrypt(self, idp: IdentityProvider, provider: SAMLProvider) -> None:
        status = "urn:oasis:names:tc:SAML:2.0:status:Responder"
        response = idp.response(PAIR[0], status=status, encrypted_for=provider)
        assert [etree.QName(child).localname for child in response.root] == ["Issuer", "Status"]

    def test_a_provider_without_a_key_is_an_error_that_says_what_to_write(self, idp: IdentityProvider) -> None:
        with pytest.raises(ValueError, match="no private key") as caught:
            idp.response(PAIR, encrypted_for=idp.provider)
        assert str(caught.value) == (
            "arn:aws:iam::123456789012:saml-provider/ExampleIdP has no private key to decrypt with; "
            "write create_saml_provider(..., private_keys=[make_signing_key()])"
        )

    @pytest.mark.parametrize("algorithm", ["aes192-cbc", "AES256-GCM", "", CONTENT_ALGORITHMS["aes256-gcm"]])
    def test_another_algorithm_is_an_error_that_lists_them(
        self, idp: IdentityProvider, provider: SAMLProvider, algorithm: str
    ) -> None:
        with pytest.raises(ValueError, match="encryption_algorithm") as caught:
            idp.response(PAIR, encrypted_for=provider, encryption_algorithm=algorithm)
        assert str(caught.value) == (
            f"encryption_algorithm must be one of aes128-cbc, aes256-cbc, aes128-gcm, aes256-gcm, not {algorithm!r}"
        )

    def test_the_recipient_is_the_global_one_where_encryption_is_allowed(
        self, idp: IdentityProvider, provider: SAMLProvider, read: Callable[..., Assertion]
    ) -> None:
        claims = read(idp.response(PAIR, encrypted_for=provider).xml, KEY)
        assert claims.subject_confirmations[0].recipient == "https://signin.aws.amazon.com/saml"

    def test_the_recipient_is_the_providers_own_where_encryption_is_required(
        self, idp: IdentityProvider, strict: SAMLProvider, read: Callable[..., Assertion]
    ) -> None:
        claims = read(idp.response(PAIR, encrypted_for=strict).xml, KEY)
        assert claims.subject_confirmations[0].recipient == strict.sign_in_url()

    def test_the_destination_follows_it(self, idp: IdentityProvider, strict: SAMLProvider) -> None:
        assert idp.response(PAIR, encrypted_for=strict).root.get("Destination") == strict.sign_in_url()


# --- another implementation


@pytest.fixture
def key_pem(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    path.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture
def certificate_pem(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pem"
    path.write_bytes(certificate_of(KEY).public_bytes(Encoding.PEM))
    return path


its_key_transports = pytest.mark.parametrize(
    "transport",
    [
        pytest.param(name, id=name)
        for name in TRANSPORTS
        if name in ("mgf1p", "mgf1p sha1") or xmlsec1.knows("rsa-oaep-enc11")
    ],
)


@xmlsec1.needs_xmlsec1
class TestXmlsec1:
    @content_algorithms
    @its_key_transports
    def test_what_it_encrypted_is_read(
        self, read: Callable[..., Assertion], xml: str, certificate_pem: Path, algorithm: str, transport: str
    ) -> None:
        key = f"<xenc:EncryptedKey>{method_of(transport)}{CIPHER.format('')}</xenc:EncryptedKey>"
        template = data(b"", CONTENT_ALGORITHMS[algorithm], key)
        content = xmlsec1.encrypt(assertion_of(xml), template, certificate_pem, bits=int(algorithm[3:6]))
        assert read(holding(xml, content), KEY).name_id == ALICE

    def test_what_it_encrypted_logs_in(
        self, idp: IdentityProvider, provider: SAMLProvider, log_in: Callable[..., Any], certificate_pem: Path
    ) -> None:
        xml = idp.response(PAIR[0]).xml
        key = f"<xenc:EncryptedKey>{method_of('mgf1p')}{CIPHER.format('')}</xenc:EncryptedKey>"
        template = data(b"", CONTENT_ALGORITHMS["aes256-gcm"], key)
        content = xmlsec1.encrypt(assertion_of(xml), template, certificate_pem, bits=256)
        assert log_in(encoded(holding(xml, content)), *PAIR)["Subject"] == ALICE

    @content_algorithms
    @its_key_transports
    def test_it_decrypts_what_the_tests_of_this_file_encrypted(
        self, xml: str, key_pem: Path, algorithm: str, transport: str
    ) -> None:
        content = sealed(assertion_of(xml), algorithm=algorithm, transport=transport)
        assert assertion_of(xml) in xmlsec1.decrypt(holding(xml, content), key_pem)

    @content_algorithms
    def test_it_decrypts_what_we_encrypted_to_an_assertion_whose_signature_it_verifies(
        self, idp: IdentityProvider, provider: SAMLProvider, key_pem: Path, tmp_path: Path, algorithm: str
    ) -> None:
        response = idp.response(PAIR[0], encrypted_for=provider, encryption_algorithm=algorithm)
        signer = tmp_path / "signer.pem"
        signer.write_bytes(idp.certificates[0].public_bytes(Encoding.PEM))
        assert xmlsec1.verify(xmlsec1.decrypt(response.xml, key_pem), signer)

    def test_it_does_not_decrypt_with_another_key(self, xml: str, key_pem: Path) -> None:
        with pytest.raises(CalledProcessError):
            xmlsec1.decrypt(holding(xml, sealed(assertion_of(xml), to=OLD_KEY)), key_pem)


class TestWhichKeyAndMask:
    @pytest.mark.parametrize("algorithm", ["aes256-gcm", "aes256-cbc"])
    def test_of_two_opened_keys_the_newest_private_keys_is_taken(
        self, read: Callable[..., Assertion], xml: str, algorithm: str
    ) -> None:
        key = os.urandom(32)
        octets = encrypted(assertion_of(xml).encode(), key, algorithm)
        content = data(octets, CONTENT_ALGORITHMS[algorithm], wrapped(os.urandom(32), OLD_KEY) + wrapped(key, KEY))
        assert read(holding(xml, content), KEY, OLD_KEY).name_id == ALICE

    @pytest.mark.parametrize(("algorithm", "other"), [("aes128-gcm", 32), ("aes256-gcm", 16)])
    def test_an_opened_key_that_is_longer_or_shorter_is_passed_over(
        self, read: Callable[..., Assertion], xml: str, algorithm: str, other: int
    ) -> None:
        key = os.urandom(int(algorithm[3:6]) // 8)
        octets = encrypted(assertion_of(xml).encode(), key, algorithm)
        content = data(octets, CONTENT_ALGORITHMS[algorithm], wrapped(os.urandom(other)) + wrapped(key))
        assert read(holding(xml, content), KEY).name_id == ALICE

    def test_rsa_oaep_mgf1p_has_sha_1_for_its_mask_whatever_it_names(
        self, read: Callable[..., Assertion], xml: str
    ) -> None:
        mask = f'<xenc11:MGF Algorithm="{MGF1}sha256"/></xenc:EncryptionMethod>'
        key = os.urandom(32)
        named = wrapped(key, transport="mgf1p sha256").replace("</xenc:EncryptionMethod>", mask)
        octets = encrypted(assertion_of(xml).encode(), key, "aes256-gcm")
        content = data(octets, CONTENT_ALGORITHMS["aes256-gcm"], named)
        assert read(holding(xml, content), KEY).name_id == ALICE

    def test_an_advice_inside_is_refused(self, undecryptable: Callable[..., str]) -> None:
        because = undecryptable(sealed(f'<saml:Advice xmlns:saml="{SAML}"/>'))
        assert because == f"encrypted is '{{{SAML}}}Advice', not an assertion"

    def test_a_character_that_is_not_base64_is_not_skipped(self, undecryptable: Callable[..., str], xml: str) -> None:
        before, value = sealed(assertion_of(xml)).rsplit("<xenc:CipherValue>", 1)
        assert undecryptable(f"{before}<xenc:CipherValue>-{value}") != ""

    @pytest.mark.parametrize("uri", [XENC + "rsa-1_5", "urn:x", ""])
    def test_another_name_for_rsa_oaep_is_refused(self, undecryptable: Callable[..., str], xml: str, uri: str) -> None:
        assert NOT_OPENED.endswith(": " + undecryptable(sealed(assertion_of(xml)).replace(RSA_OAEP_MGF1P, uri)))
