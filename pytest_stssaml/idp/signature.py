"""Signing keys, their certificates, and the enveloped signature written as text."""

import base64
import hashlib
import re
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from ..saml.vocabulary import (
    DS,
    ECDSA_SHA256,
    ENVELOPED_SIGNATURE,
    EXCLUSIVE_C14N,
    NAMESPACES,
    RSA_SHA256,
    SHA256,
)

__all__ = [
    "SigningKey",
    "certificate_of",
    "certificate_text",
    "make_signing_key",
    "sign_enveloped",
    "signing_key_or_error",
]

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def make_signing_key(kind: str = "rsa") -> SigningKey:
    """A throwaway private key: "rsa" (2048 bits, some 30 ms) or "ec" (P-256, at once).

    It is a key object of the `cryptography` package; other sizes and curves are made there.
    """
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    raise ValueError(f'a signing key is "rsa" or "ec", not {kind!r}; make others with the cryptography package')


def signing_key_or_error(key: object) -> SigningKey:
    """The key itself.

    :raises TypeError: it is no private key object.
    """
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(
            f"signing_key is a private key object, from make_signing_key() or "
            f"cryptography's load_pem_private_key(), not {type(key).__name__}"
        )
    return key


@lru_cache(maxsize=64)
def certificate_of(key: SigningKey) -> x509.Certificate:
    """The self-signed certificate of a key (RFC 5280, 4.1), valid from 1970 to 9999; an RSA key's never varies.

    It is written here since cryptography's CertificateBuilder remembers the datetime class that it meets first: if that
    is freezegun's, it takes no other in that process.
    """
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    algorithm = _der(_SEQUENCE, _SHA256_WITH_RSA if isinstance(key, rsa.RSAPrivateKey) else _ECDSA_WITH_SHA256)
    to_be_signed = _der(
        _SEQUENCE,
        _der(0xA0, _der(_INTEGER, b"\x02")),  # version 3
        _der(_INTEGER, b"\x01" + hashlib.sha256(public).digest()[:15]),
        algorithm,
        _NAME,
        _der(_SEQUENCE, _der(_UTC_TIME, b"700101000000Z"), _der(_GENERALIZED_TIME, b"99991231235959Z")),
        _NAME,
        public,
    )
    signature = _der(_BIT_STRING, b"\0" + _sign(to_be_signed, key))
    return x509.load_der_x509_certificate(_der(_SEQUENCE, to_be_signed, algorithm, signature))


def _der(tag: int, *content: bytes) -> bytes:
    """A value in DER (X.690, 8.1 and 10.1), of at most 65,535 octets."""
    octets = b"".join(content)
    size = len(octets)
    length = bytes([size]) if size < 0x80 else b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + size.to_bytes(2)
    return bytes([tag]) + length + octets


_INTEGER, _BIT_STRING, _UTF8_STRING, _UTC_TIME, _GENERALIZED_TIME, _SEQUENCE, _SET = 2, 3, 12, 23, 24, 0x30, 0x31

# Object identifiers of RFC 4055, RFC 5758 and X.520, as they are encoded; RSA's has the parameter NULL.
_SHA256_WITH_RSA = bytes.fromhex("06092a864886f70d01010b0500")
_ECDSA_WITH_SHA256 = bytes.fromhex("06082a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("0603550403")
_NAME = _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _COMMON_NAME, _der(_UTF8_STRING, b"idp.example.com"))))

_SIGNED_INFO = (
    f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"/>'
    f'<ds:SignatureMethod Algorithm="{{method}}"/><ds:Reference URI="#{{id}}"><ds:Transforms>'
    f'<ds:Transform Algorithm="{ENVELOPED_SIGNATURE}"/><ds:Transform Algorithm="{EXCLUSIVE_C14N}"/></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>{{digest}}</ds:DigestValue>'
    f"</ds:Reference></ds:SignedInfo>"
)
_SIGNATURE = (
    f'<ds:Signature xmlns:ds="{DS}">{{signed_info}}<ds:SignatureValue>{{value}}</ds:SignatureValue>'
    f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{{certificate}}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    f"</ds:Signature>"
)


def sign_enveloped(xml: str, host: str, key: SigningKey) -> str:
    """The document with a signature behind the Issuer of its "response" or its "assertion" (saml-core 5.4).

    The text around the signature stays as it is.

    :raises ValueError: not XML, or no such element with an ID.
    """
    element = _host(xml, host)
    signed_info = _SIGNED_INFO.format(
        method=RSA_SHA256 if isinstance(key, rsa.RSAPrivateKey) else ECDSA_SHA256,
        id=element.get("ID"),
        digest=_base64(hashlib.sha256(_canonical(element)).digest()),
    )
    # Canonicalised where it will stand, since the prefix is declared outside it.
    in_place = etree.fromstring(f'<ds:Signature xmlns:ds="{DS}">{signed_info}</ds:Signature>')[0]
    signature = _SIGNATURE.format(
        signed_info=signed_info,
        value=_base64(_xml_signature(_sign(_canonical(in_place), key), key)),
        certificate=certificate_text(key),
    )
    at = _behind_issuer(xml, element.get("ID", ""))
    return xml[:at] + signature + xml[at:]


@lru_cache(maxsize=64)
def certificate_text(key: SigningKey) -> str:
    """A key's certificate as it stands in XML: base64 without header or line breaks."""
    return _base64(certificate_of(key).public_bytes(serialization.Encoding.DER))


def _host(xml: str, host: str) -> etree._Element:
    try:
        root = etree.fromstring(xml.encode())
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the response to sign is not XML: {error}") from error
    element = root if host == "response" else root.find("saml:Assertion", NAMESPACES)
    if element is None or not element.get("ID"):
        raise ValueError(f"there is no {host} with an ID to sign")
    return element


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def _sign(octets: bytes, key: SigningKey) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(octets, ec.ECDSA(hashes.SHA256()))


def _xml_signature(signature: bytes, key: SigningKey) -> bytes:
    """ECDSA's two numbers stand side by side in XML, each as long as the curve's order (RFC 9231, 2.3.6)."""
    if isinstance(key, rsa.RSAPrivateKey):
        return signature
    length = (key.curve.key_size + 7) // 8
    return b"".join(number.to_bytes(length) for number in decode_dss_signature(signature))


_ATTRIBUTES = r"""(?:\s(?:[^>"']|"[^"]*"|'[^']*')*)?"""
_START_TAG = re.compile(
    rf"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?P<name>[\w.:-]+)(?P<attributes>{_ATTRIBUTES})>", re.DOTALL
)
_ID = re.compile(r"""\sID\s*=\s*["']([^"']*)["']""")
_ISSUER = re.compile(rf"(?:\s|<!--.*?-->)*<(?P<name>[\w.:-]*\bIssuer)\b{_ATTRIBUTES}>.*?</(?P=name)\s*>", re.DOTALL)


def _behind_issuer(xml: str, identifier: str) -> int:
    """Where the schemas want the signature: behind the host's Issuer, else behind its start tag."""
    tags = (tag for tag in _START_TAG.finditer(xml) if _ID.findall(tag["attributes"] or "") == [identifier])
    start = next((tag.end() for tag in tags), None)
    if start is None:
        raise ValueError(f"the start tag with the ID {identifier!r} cannot be found; write the ID without references")
    issuer = _ISSUER.match(xml, start)
    return issuer.end() if issuer else start


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
