import os
import re
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from encrypting import (
    KEY,
    OLD_KEY,
    TRANSPORTS,
    cipher_data,
    encrypt,
    encrypt_blocks,
    encrypted_data,
    encrypted_element,
    encrypted_key,
    encrypted_with,
    new_key,
    padded,
    with_encrypted_assertion,
)
from saml_documents import ALICE, FaultOf, Read, element_of, encoded, replaced, substituted

from pytest_stssaml.saml.faults import Fault
from pytest_stssaml.saml.vocabulary import (
    CONTENT_ALGORITHMS,
    DIGEST_ALGORITHMS,
    DS,
    MGF1,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
    SAML,
    SAMLP,
    XENC,
    XENC11,
)

NO_KEY_FITS = "no private key of the provider decrypts any of its encrypted keys"
RSA_1_5 = f"the key transport is RSA 1.5, '{XENC}rsa-1_5'"
OAEP_ALONE = f"and AWS takes RSA-OAEP alone, {RSA_OAEP_MGF1P} or {RSA_OAEP}"

NameId = Callable[..., str | None]
Reason = Callable[[str], str]

content_algorithms = pytest.mark.parametrize("algorithm", CONTENT_ALGORITHMS)
key_transports = pytest.mark.parametrize("transport", TRANSPORTS)


@pytest.fixture
def name_id(read: Read, xml: str) -> NameId:
    """The subject of a response: `name_id(content, *private_keys)`, with the content of its EncryptedAssertion."""
    return lambda content, *keys: read(with_encrypted_assertion(xml, content), *(keys or [KEY])).name_id


@pytest.fixture
def reason(fault: FaultOf, xml: str) -> Reason:
    """Why the content of an EncryptedAssertion is not decrypted with KEY."""

    def call(content: str) -> str:
        found, because = fault(with_encrypted_assertion(xml, content), KEY)
        assert found is Fault.NOT_DECRYPTED
        return because.removeprefix("the assertion cannot be decrypted: ")

    return call


class TestContentAlgorithm:
    @content_algorithms
    @key_transports
    def test_reads_each_content_algorithm_with_each_key_transport(
        self, name_id: NameId, assertion: str, algorithm: str, transport: str
    ) -> None:
        assert name_id(encrypted_element(assertion, algorithm=algorithm, transport=transport)) == ALICE

    @pytest.mark.parametrize("count", [1, 2, 15, 16])
    def test_reads_cbc_with_a_padding_of_1_to_16_bytes(self, name_id: NameId, assertion: str, count: int) -> None:
        key, data = new_key("aes128-cbc"), assertion.encode()
        data += b" " * (-(len(data) + count) % 16)
        content = encrypted_data(encrypt_blocks(padded(data, count), key), XENC + "aes128-cbc", encrypted_key(key))
        assert name_id(content) == ALICE

    @pytest.mark.parametrize("blocks", [bytes(16), bytes(15) + b"\x11", bytes(15) + b"\xff"], ids=["0", "17", "255"])
    def test_rejects_cbc_with_another_padding(self, reason: Reason, blocks: bytes) -> None:
        key = new_key("aes128-cbc")
        content = encrypted_data(encrypt_blocks(blocks, key), XENC + "aes128-cbc", encrypted_key(key))
        assert reason(content) == "the padding is invalid"

    def test_rejects_cbc_of_no_blocks(self, reason: Reason) -> None:
        vector_alone = encrypted_data(bytes(16), XENC + "aes128-cbc", encrypted_key(new_key("aes128-cbc")))
        assert reason(vector_alone) == "the padding is invalid"

    @pytest.mark.parametrize("algorithm", ["aes192-cbc", "tripledes-cbc", "kw-aes128"])
    def test_rejects_another_content_algorithm(self, reason: Reason, algorithm: str) -> None:
        key = os.urandom(24)
        content = encrypted_data(encrypt(b"<a/>", key, "cbc"), XENC + algorithm, encrypted_key(key))
        assert reason(content) == (f"the content algorithm '{XENC}{algorithm}' is not AES-128 or AES-256 in CBC or GCM")

    @pytest.mark.parametrize("bits", [128, 192])
    def test_rejects_a_key_that_does_not_have_the_size_of_the_algorithm(self, reason: Reason, bits: int) -> None:
        key = os.urandom(bits // 8)
        content = encrypted_data(encrypt(b"<a/>", key, "gcm"), XENC11 + "aes256-gcm", encrypted_key(key))
        assert reason(content) == "none of its decrypted keys has the 256 bits of aes256-gcm"

    @content_algorithms
    @pytest.mark.parametrize("size", [0, 1, 11, 12, 15, 17, 27])
    def test_rejects_too_few_bytes_for_the_algorithm(self, reason: Reason, algorithm: str, size: int) -> None:
        key = new_key(algorithm)
        assert reason(encrypted_data(bytes(size), CONTENT_ALGORITHMS[algorithm], encrypted_key(key)))

    @content_algorithms
    @pytest.mark.parametrize("at", [0, 40, -1], ids=["first", "middle", "last"])
    def test_rejects_a_changed_byte(self, fault: FaultOf, xml: str, assertion: str, algorithm: str, at: int) -> None:
        key = new_key(algorithm)
        data = bytearray(encrypt(assertion.encode(), key, algorithm))
        data[at] ^= 0x80
        content = encrypted_data(bytes(data), CONTENT_ALGORITHMS[algorithm], encrypted_key(key))
        found, _ = fault(with_encrypted_assertion(xml, content), KEY)
        assert found in {Fault.NOT_DECRYPTED, Fault.BAD_SIGNATURE}


class TestKeyTransport:
    @key_transports
    def test_reads_a_label(self, name_id: NameId, assertion: str, transport: str) -> None:
        assert name_id(encrypted_element(assertion, transport=transport, label=b"label")) == ALICE

    def test_rejects_rsa_1_5(self, reason: Reason, assertion: str) -> None:
        key = new_key()
        data = cipher_data(KEY.public_key().encrypt(key, padding.PKCS1v15()))
        method = f'<xenc:EncryptionMethod Algorithm="{XENC}rsa-1_5"/>'
        content = encrypted_with(key, assertion, f"<xenc:EncryptedKey>{method}{data}</xenc:EncryptedKey>" * 2)
        assert reason(content) == f"{NO_KEY_FITS}; {RSA_1_5}, {OAEP_ALONE}"

    @pytest.mark.parametrize(
        ("transport", "old", "new"),
        [
            pytest.param("mgf1p sha256", DIGEST_ALGORITHMS["sha256"], DIGEST_ALGORITHMS["sha512"], id="other digest"),
            pytest.param("oaep sha256", MGF1 + "sha256", MGF1 + "sha512", id="other mask"),
        ],
    )
    def test_rejects_a_transport_that_names_another_hash(
        self, reason: Reason, assertion: str, transport: str, old: str, new: str
    ) -> None:
        assert reason(replaced(encrypted_element(assertion, transport=transport), old, new)) == NO_KEY_FITS

    @pytest.mark.parametrize(
        ("transport", "change", "because"),
        [
            ("oaep sha256", (DIGEST_ALGORITHMS["sha256"], "urn:x"), "'urn:x' is not a hash for RSA-OAEP"),
            ("oaep sha256", (MGF1 + "sha256", MGF1 + "md5"), f"'{MGF1}md5' is not a hash for RSA-OAEP"),
            ("oaep sha256", (f' Algorithm="{MGF1}sha256"', ""), "'' is not a hash for RSA-OAEP"),
            ("oaep sha256", (RSA_OAEP, "urn:x"), f"the key transport is 'urn:x', {OAEP_ALONE}"),
            ("oaep sha256", (f' Algorithm="{RSA_OAEP}"', ""), f"the key transport is None, {OAEP_ALONE}"),
            ("mgf1p", (RSA_OAEP_MGF1P, XENC + "rsa-1_5"), f"{RSA_1_5}, {OAEP_ALONE}"),
            ("mgf1p", (RSA_OAEP_MGF1P, "urn:x"), f"the key transport is 'urn:x', {OAEP_ALONE}"),
            ("mgf1p", (RSA_OAEP_MGF1P, ""), f"the key transport is '', {OAEP_ALONE}"),
        ],
        ids=["digest", "mask", "no mask", "transport", "no transport", "RSA 1.5", "unknown", "empty"],
    )
    def test_rejects_a_transport_that_is_not_supported(
        self, reason: Reason, assertion: str, transport: str, change: tuple[str, str], because: str
    ) -> None:
        content = replaced(encrypted_element(assertion, transport=transport), *change)
        assert reason(content) == f"{NO_KEY_FITS}; {because}"

    def test_names_each_transport_that_is_not_supported_once(self, reason: Reason, assertion: str) -> None:
        key = new_key()
        keys = [replaced(encrypted_key(key), RSA_OAEP_MGF1P, uri) for uri in ("urn:a", "urn:b", "urn:a")]
        because = "; ".join(f"the key transport is '{uri}', {OAEP_ALONE}" for uri in ("urn:a", "urn:b"))
        assert reason(encrypted_with(key, assertion, "".join(keys))) == f"{NO_KEY_FITS}; {because}"

    def test_the_mask_of_rsa_oaep_mgf1p_is_sha_1_whatever_it_names(self, name_id: NameId, assertion: str) -> None:
        mask = f'<xenc11:MGF Algorithm="{MGF1}sha256"/></xenc:EncryptionMethod>'
        key = new_key()
        named = replaced(encrypted_key(key, transport="mgf1p sha256"), "</xenc:EncryptionMethod>", mask)
        assert name_id(encrypted_with(key, assertion, named)) == ALICE


class TestKeys:
    def test_rejects_an_encrypted_assertion_without_a_private_key(
        self, fault: FaultOf, xml: str, assertion: str
    ) -> None:
        response = with_encrypted_assertion(xml, encrypted_element(assertion))
        because = "the assertion is encrypted, and the provider has no private key"
        assert fault(response) == (Fault.NOT_DECRYPTED, because)

    def test_rejects_the_wrong_private_key(self, reason: Reason, assertion: str) -> None:
        assert reason(encrypted_element(assertion, to=OLD_KEY)) == NO_KEY_FITS

    @pytest.mark.parametrize("bits", [1024, 2304])
    def test_a_private_key_may_have_another_size(self, name_id: NameId, assertion: str, bits: int) -> None:
        key = rsa.generate_private_key(65537, bits)
        assert name_id(encrypted_element(assertion, to=key), key) == ALICE

    @pytest.mark.parametrize("to", [KEY, OLD_KEY], ids=["newest", "older"])
    def test_either_of_two_private_keys_decrypts(self, name_id: NameId, assertion: str, to: rsa.RSAPrivateKey) -> None:
        assert name_id(encrypted_element(assertion, to=to), KEY, OLD_KEY) == ALICE

    @pytest.mark.parametrize("algorithm", ["aes256-gcm", "aes256-cbc"])
    @pytest.mark.parametrize("order", [1, -1], ids=["newest first", "newest last"])
    def test_what_the_newest_private_key_decrypts_comes_first(
        self, name_id: NameId, assertion: str, algorithm: str, order: int
    ) -> None:
        key = new_key(algorithm)
        keys = "".join([encrypted_key(key, KEY), encrypted_key(new_key(algorithm), OLD_KEY)][::order])
        assert name_id(encrypted_with(key, assertion, keys, algorithm), KEY, OLD_KEY) == ALICE

    @pytest.mark.parametrize(("algorithm", "other"), [("aes128-gcm", 32), ("aes256-gcm", 16)])
    def test_a_decrypted_key_of_another_size_is_skipped(
        self, name_id: NameId, assertion: str, algorithm: str, other: int
    ) -> None:
        key = new_key(algorithm)
        keys = encrypted_key(os.urandom(other)) + encrypted_key(key)
        assert name_id(encrypted_with(key, assertion, keys, algorithm)) == ALICE

    @pytest.mark.parametrize("order", [1, -1], ids=["after", "before"])
    def test_an_encrypted_key_may_be_a_sibling_of_the_data(self, name_id: NameId, assertion: str, order: int) -> None:
        key = new_key()
        sibling = encrypted_key(key)
        sibling = replaced(sibling, "EncryptedKey>", f'EncryptedKey xmlns:xenc="{XENC}" xmlns:ds="{DS}">')
        assert name_id("".join([encrypted_with(key, assertion, ""), sibling][::order])) == ALICE

    def test_tries_ten_encrypted_keys(self, name_id: NameId, assertion: str) -> None:
        key = new_key()
        keys = encrypted_key(key, OLD_KEY) * 9 + encrypted_key(key)
        assert name_id(encrypted_with(key, assertion, keys)) == ALICE

    def test_does_not_try_an_eleventh_encrypted_key(self, reason: Reason, assertion: str) -> None:
        key = new_key()
        keys = encrypted_key(key, OLD_KEY) * 10 + encrypted_key(key)
        assert reason(encrypted_with(key, assertion, keys)) == (
            f"{NO_KEY_FITS}; it has 11, of which only the first 10 are tried"
        )

    def test_rejects_data_without_an_encrypted_key(self, reason: Reason, assertion: str) -> None:
        assert reason(encrypted_with(new_key(), assertion, "")) == f"{NO_KEY_FITS}; it has no xenc:EncryptedKey"

    @pytest.mark.parametrize("element", ["EncryptionMethod", "CipherData", "CipherValue"])
    def test_an_encrypted_key_without_an_element_is_skipped(self, reason: Reason, assertion: str, element: str) -> None:
        content = encrypted_element(assertion)
        key = element_of(content, "xenc:EncryptedKey")
        broken = replaced(key, element_of(key, f"xenc:{element}"), "")
        assert reason(replaced(content, key, broken)) == f"{NO_KEY_FITS}; expected one xenc:{element}, got 0"


class TestStructure:
    @pytest.mark.parametrize("line_break", ["\n", "\r\n", "\t ", "<!-- -->"])
    def test_base64_may_be_broken_anywhere(self, name_id: NameId, assertion: str, line_break: str) -> None:
        long_lines = "([^<>]{64})(?=[^<>]*</xenc:CipherValue>)"
        assert name_id(re.sub(long_lines, rf"\1{line_break}", encrypted_element(assertion))) == ALICE

    @pytest.mark.parametrize("value", ["????", "ü", "A"])
    def test_rejects_a_value_that_is_not_base64(self, reason: Reason, assertion: str, value: str) -> None:
        head, _, _ = encrypted_element(assertion).rpartition("<xenc:CipherValue>")
        assert reason(f"{head}<xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>")

    def test_rejects_a_character_that_is_not_base64_before_a_good_value(self, reason: Reason, assertion: str) -> None:
        head, _, value = encrypted_element(assertion).rpartition("<xenc:CipherValue>")
        assert reason(f"{head}<xenc:CipherValue>-{value}")

    @pytest.mark.parametrize("count", [0, 2])
    def test_rejects_another_number_of_encrypted_data(self, reason: Reason, assertion: str, count: int) -> None:
        assert reason(encrypted_element(assertion) * count) == f"expected one xenc:EncryptedData, got {count}"

    @pytest.mark.parametrize(
        ("pattern", "name"),
        [
            ("<xenc:EncryptionMethod [^>]*/>", "xenc:EncryptionMethod"),
            ("<xenc:CipherData>(?!.*<xenc:CipherData>).*</xenc:CipherData>", "xenc:CipherData"),
            ("<xenc:CipherValue>(?!.*<xenc:CipherValue>).*</xenc:CipherValue>", "xenc:CipherValue"),
        ],
        ids=["EncryptionMethod", "CipherData", "CipherValue"],
    )
    def test_rejects_encrypted_data_without_an_element(
        self, reason: Reason, assertion: str, pattern: str, name: str
    ) -> None:
        assert reason(substituted(pattern, "", encrypted_element(assertion))) == f"expected one {name}, got 0"

    @pytest.mark.parametrize(
        ("inside", "because"),
        [
            ("", "expected one element, got 0"),
            ("text", "expected one element, got 0"),
            ("<a/><b/>", "expected one element, got 2"),
            ("<a/>text", "expected one element, got text beside it"),
            ("</saml:EncryptedAssertion><a/>", "Extra content at the end of the document"),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "StartTag: invalid element name"),
        ],
        ids=["empty", "text", "two elements", "text after it", "an end tag first", "document type"],
    )
    def test_rejects_encrypted_data_that_is_not_xml(self, reason: Reason, inside: str, because: str) -> None:
        assert reason(encrypted_element(inside)).startswith(because)

    @pytest.mark.parametrize(
        ("inside", "tag"),
        [
            pytest.param(f'<samlp:Response xmlns:samlp="{SAMLP}"/>', f"{{{SAMLP}}}Response", id="Response"),
            pytest.param(f'<saml:Advice xmlns:saml="{SAML}"/>', f"{{{SAML}}}Advice", id="Advice"),
        ],
    )
    def test_rejects_another_element_than_an_assertion(self, reason: Reason, inside: str, tag: str) -> None:
        assert reason(encrypted_element(inside)) == f"expected an encrypted saml:Assertion, got {tag!r}"

    def test_rejects_an_assertion_that_is_encrypted_twice(self, reason: Reason, assertion: str) -> None:
        once = encrypted_element(assertion)
        twice = f'<saml:EncryptedAssertion xmlns:saml="{SAML}">{once}</saml:EncryptedAssertion>'
        because = f"expected an encrypted saml:Assertion, got '{{{SAML}}}EncryptedAssertion'"
        assert reason(encrypted_element(twice)) == because

    @pytest.mark.parametrize(("plain", "hidden"), [(1, 1), (0, 2)], ids=["plain", "encrypted"])
    def test_rejects_a_second_assertion_beside_an_encrypted_one(
        self, fault: FaultOf, xml: str, assertion: str, plain: int, hidden: int
    ) -> None:
        content = f"<saml:EncryptedAssertion>{encrypted_element(assertion)}</saml:EncryptedAssertion>" * hidden
        because = f"expected one assertion, got {plain} saml:Assertion and {hidden} saml:EncryptedAssertion"
        response = encoded(replaced(xml, assertion, assertion * plain + content))
        assert fault(response, KEY) == (Fault.NOT_ONE_ASSERTION, because)
