"""The decryption of assertions, with the part of XML Encryption that IAM supports: RSA-OAEP, and AES in CBC or GCM."""

import base64
import binascii
from functools import partial
from itertools import product

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .document import (
    Element,
    MalformedXML,
    children,
    parse_in_context,
    parse_xml,
    string_value,
    tag,
)
from .faults import Fault, Unreadable
from .vocabulary import (
    CONTENT_ALGORITHMS,
    DIGEST_ALGORITHMS,
    MGF1,
    RSA_1_5,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
)

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    DIGEST_ALGORITHMS["sha1"]: hashes.SHA1,
    DIGEST_ALGORITHMS["sha256"]: hashes.SHA256,
    DIGEST_ALGORITHMS["sha384"]: hashes.SHA384,
    DIGEST_ALGORITHMS["sha512"]: hashes.SHA512,
}
_MASKS = {MGF1 + name: _HASHES[uri] for name, uri in DIGEST_ALGORITHMS.items()}

# Each costs an RSA operation per private key, and an honest response has one for each of its recipients.
_MAX_ENCRYPTED_KEYS = 10


def decrypt_assertion(encrypted: Element, private_keys: tuple[rsa.RSAPrivateKey, ...]) -> tuple[Element, ...]:
    """Return the saml:Assertion in a saml:EncryptedAssertion (saml-core 2.3.4), in the one or two ways to read it.

    First comes the assertion as it is in the place of its EncryptedData, where prefixes that are declared around it
    have their meaning (XML Encryption 4.2). It may have been signed before it was put there, so the assertion as a
    document of its own comes second, if it is one.

    :param private_keys: are tried in this order.
    :raises Unreadable: NOT_DECRYPTED.
    """
    if not private_keys:
        raise Unreadable(Fault.NOT_DECRYPTED, "the assertion is encrypted, and the provider has no private key")
    try:
        encrypted_data = _only_child(encrypted, "xenc:EncryptedData")
        # They are in the KeyInfo of the EncryptedData, or are its siblings (saml-core 2.3.4).
        encrypted_keys = list(encrypted.iter(tag("xenc:EncryptedKey")))
        plaintext = _decrypt_data(encrypted_data, _decrypt_keys(encrypted_keys, private_keys))
        readings = _readings(plaintext, encrypted)
    except (MalformedXML, binascii.Error, ValueError, InvalidTag) as error:
        reason = str(error) or "the authentication tag does not match"
        raise Unreadable(Fault.NOT_DECRYPTED, f"the assertion cannot be decrypted: {reason}") from error
    assertions = tuple(reading for reading in readings if reading.tag == tag("saml:Assertion"))
    if not assertions:
        raise Unreadable(Fault.NOT_DECRYPTED, f"expected an encrypted saml:Assertion, got {readings[0].tag!r}")
    return assertions


def _readings(plaintext: bytes, encrypted: Element) -> list[Element]:
    """Return the element in its context and by itself, as far as it is well-formed there."""
    readings, errors = [], []
    for read in (partial(parse_in_context, plaintext, encrypted), partial(parse_xml, plaintext)):
        try:
            readings.append(read())
        except MalformedXML as error:
            errors.append(error)
    if not readings:
        raise errors[0]
    return readings


def _decrypt_keys(encrypted_keys: list[Element], private_keys: tuple[rsa.RSAPrivateKey, ...]) -> list[bytes]:
    """Return every content key that one of the private keys decrypts. Normally there is one."""
    content_keys, objections = [], []
    for private_key, encrypted_key in product(private_keys, encrypted_keys[:_MAX_ENCRYPTED_KEYS]):
        try:
            data, oaep = _cipher_value(encrypted_key), _oaep_padding(encrypted_key)
        except ValueError as error:
            objections.append(str(error))
            continue
        try:
            content_keys.append(private_key.decrypt(data, oaep))
        except ValueError:
            continue  # It is for another recipient, or for another of the private keys.
    if not content_keys:
        if len(encrypted_keys) > _MAX_ENCRYPTED_KEYS:
            objections.append(f"it has {len(encrypted_keys)}, of which only the first {_MAX_ENCRYPTED_KEYS} are tried")
        if not encrypted_keys:
            objections.append("it has no xenc:EncryptedKey")
        because = "no private key of the provider decrypts any of its encrypted keys"
        raise ValueError("; ".join([because, *dict.fromkeys(objections)]))
    return content_keys


def _oaep_padding(encrypted_key: Element) -> padding.OAEP:
    """Return the padding of a key transport (XML Encryption 1.1, 5.5.2)."""
    method = _only_child(encrypted_key, "xenc:EncryptionMethod")
    algorithm = method.get("Algorithm")
    if algorithm not in (RSA_OAEP_MGF1P, RSA_OAEP):
        name = "RSA 1.5, " if algorithm == RSA_1_5 else ""
        raise ValueError(
            f"the key transport is {name}{algorithm!r}, and AWS takes RSA-OAEP alone, {RSA_OAEP_MGF1P} or {RSA_OAEP}"
        )
    digest = _hash_of(children(method, "ds:DigestMethod"), _HASHES)
    mask = _hash_of(children(method, "xenc11:MGF"), _MASKS) if algorithm == RSA_OAEP else hashes.SHA1
    label = children(method, "xenc:OAEPparams")
    return padding.OAEP(padding.MGF1(mask()), digest(), _base64_content(label[0]) if label else None)


def _hash_of(elements: list[Element], by_uri: dict[str, type[hashes.HashAlgorithm]]) -> type[hashes.HashAlgorithm]:
    """Return the hash that the first element names, or SHA-1 if there is no element."""
    if not elements:
        return hashes.SHA1
    algorithm = elements[0].get("Algorithm", "")
    if algorithm not in by_uri:
        raise ValueError(f"{algorithm!r} is not a hash for RSA-OAEP")
    return by_uri[algorithm]


def _decrypt_data(encrypted_data: Element, content_keys: list[bytes]) -> bytes:
    """Return the plaintext of an xenc:EncryptedData, with the first content key of the algorithm's size."""
    algorithm = _only_child(encrypted_data, "xenc:EncryptionMethod").get("Algorithm")
    names = {uri: name for name, uri in CONTENT_ALGORITHMS.items()}
    if algorithm not in names:
        raise ValueError(f"the content algorithm {algorithm!r} is not AES-128 or AES-256 in CBC or GCM")
    size, mode = int(names[algorithm][3:6]), names[algorithm][7:]
    key = next((key for key in content_keys if len(key) * 8 == size), None)
    if key is None:
        raise ValueError(f"none of its decrypted keys has the {size} bits of {names[algorithm]}")
    data = _cipher_value(encrypted_data)
    return _decrypt_gcm(key, data) if mode == "gcm" else _decrypt_cbc(key, data)


def _decrypt_gcm(key: bytes, data: bytes) -> bytes:
    # A nonce of 96 bits comes first and a tag of 128 bits last (XML Encryption 1.1, 5.2.4).
    return AESGCM(key).decrypt(data[:12], data[12:], None)


def _decrypt_cbc(key: bytes, data: bytes) -> bytes:
    # The initialization vector comes first. The last byte of the plaintext is the length of the padding, whose other
    # bytes are arbitrary (XML Encryption 5.2.2).
    decryptor = Cipher(algorithms.AES(key), modes.CBC(data[:16])).decryptor()
    padded = decryptor.update(data[16:]) + decryptor.finalize()
    if not padded or not 1 <= padded[-1] <= 16:
        raise ValueError("the padding is invalid")
    return padded[: -padded[-1]]


def _cipher_value(element: Element) -> bytes:
    return _base64_content(_only_child(_only_child(element, "xenc:CipherData"), "xenc:CipherValue"))


def _base64_content(element: Element) -> bytes:
    return base64.b64decode("".join(string_value(element).split()), validate=True)


def _only_child(element: Element, name: str) -> Element:
    found = children(element, name)
    if len(found) != 1:
        raise ValueError(f"expected one {name}, got {len(found)}")
    return found[0]
