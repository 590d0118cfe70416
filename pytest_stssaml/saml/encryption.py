"""Encrypted assertions: XML Encryption as IAM takes it, RSA-OAEP and AES in CBC or GCM."""

import base64
import binascii
from itertools import islice, product

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .document import (
    Element,
    MalformedXML,
    children,
    parse_xml,
    tag,
    text_of,
)
from .faults import Fault, Unreadable
from .vocabulary import (
    CONTENT_ALGORITHMS,
    DIGEST_ALGORITHMS,
    MGF1,
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

# An RSA operation for each: no identity provider sends more than it has recipients.
_MOST_ENCRYPTED_KEYS = 10


def decrypt_assertion(encrypted: Element, private_keys: tuple[rsa.RSAPrivateKey, ...]) -> Element:
    """The saml:Assertion in a saml:EncryptedAssertion (saml-core 2.3.4); the keys are tried in their order.

    :raises Unreadable: NOT_DECRYPTED.
    """
    if not private_keys:
        raise Unreadable(Fault.NOT_DECRYPTED, "the assertion is encrypted, and the provider has no private key")
    try:
        data = _only(encrypted, "xenc:EncryptedData")
        # Inside the data's KeyInfo, or beside the data (saml-core 2.3.4).
        wrapped = list(islice(encrypted.iter(tag("xenc:EncryptedKey")), _MOST_ENCRYPTED_KEYS))
        assertion = parse_xml(_content(data, _content_keys(wrapped, private_keys)))
    except (MalformedXML, binascii.Error, ValueError, InvalidTag) as error:
        reason = str(error) or "its authentication tag is wrong"
        raise Unreadable(Fault.NOT_DECRYPTED, f"the assertion cannot be decrypted: {reason}") from error
    if assertion.tag != tag("saml:Assertion"):
        raise Unreadable(Fault.NOT_DECRYPTED, f"encrypted is {assertion.tag!r}, not an assertion")
    return assertion


def _content_keys(wrapped: list[Element], private_keys: tuple[rsa.RSAPrivateKey, ...]) -> list[bytes]:
    """Every content key that one of the private keys opens; normally there is one."""
    opened = []
    for private_key, encrypted_key in product(private_keys, wrapped):
        try:
            opened.append(private_key.decrypt(_cipher_value(encrypted_key), _oaep(encrypted_key)))
        except ValueError:
            continue  # for another recipient, or for the other key
    if not opened:
        raise ValueError("no key of the provider opens any of its encrypted keys")
    return opened


def _oaep(encrypted_key: Element) -> padding.OAEP:
    """The padding of a key transport (XML Encryption 1.1, 5.5.2)."""
    method = _only(encrypted_key, "xenc:EncryptionMethod")
    algorithm = method.get("Algorithm")
    if algorithm not in (RSA_OAEP_MGF1P, RSA_OAEP):
        raise ValueError(f"the key transport {algorithm!r} is not RSA-OAEP")
    digest = _named(children(method, "ds:DigestMethod"), _HASHES)
    mask = _named(children(method, "xenc11:MGF"), _MASKS) if algorithm == RSA_OAEP else hashes.SHA1
    label = children(method, "xenc:OAEPparams")
    return padding.OAEP(padding.MGF1(mask()), digest(), _octets(label[0]) if label else None)


def _named(elements: list[Element], table: dict[str, type[hashes.HashAlgorithm]]) -> type[hashes.HashAlgorithm]:
    """The hash that an element names; without one it is SHA-1."""
    if not elements:
        return hashes.SHA1
    algorithm = elements[0].get("Algorithm", "")
    if algorithm not in table:
        raise ValueError(f"{algorithm!r} is no hash for RSA-OAEP")
    return table[algorithm]


def _content(data: Element, keys: list[bytes]) -> bytes:
    algorithm = _only(data, "xenc:EncryptionMethod").get("Algorithm")
    names = {uri: name for name, uri in CONTENT_ALGORITHMS.items()}
    if algorithm not in names:
        raise ValueError(f"the content algorithm {algorithm!r} is not AES-128 or AES-256 in CBC or GCM")
    size, mode = int(names[algorithm][3:6]), names[algorithm][7:]
    fitting = [key for key in keys if len(key) * 8 == size]
    if not fitting:
        raise ValueError(f"no key of {size} bits for {names[algorithm]}")
    octets = _cipher_value(data)
    return _gcm(fitting[0], octets) if mode == "gcm" else _cbc(fitting[0], octets)


def _gcm(key: bytes, octets: bytes) -> bytes:
    """XML Encryption 1.1, 5.2.4: a nonce of 96 bits first, a tag of 128 bits last."""
    return AESGCM(key).decrypt(octets[:12], octets[12:], None)


def _cbc(key: bytes, octets: bytes) -> bytes:
    """XML Encryption 5.2.2: the vector first; the last octet counts the padding, whose others are arbitrary."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(octets[:16])).decryptor()
    padded = decryptor.update(octets[16:]) + decryptor.finalize()
    if not padded or not 1 <= padded[-1] <= 16:
        raise ValueError("the padding is wrong")
    return padded[: -padded[-1]]


def _cipher_value(element: Element) -> bytes:
    return _octets(_only(_only(element, "xenc:CipherData"), "xenc:CipherValue"))


def _octets(element: Element) -> bytes:
    return base64.b64decode("".join(text_of(element).split()), validate=True)


def _only(element: Element, name: str) -> Element:
    found = children(element, name)
    if len(found) != 1:
        raise ValueError(f"expected one {name}, got {len(found)}")
    return found[0]
