"""What a trusted key signed: signxml asked the right way. No other file of this package knows signxml."""

import dataclasses
import datetime as dt
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from .document import Element, children, hardened_parser
from .vocabulary import DIGEST_ALGORITHMS, SIGNATURE_ALGORITHMS

# No list of AWS's is public. HMAC would let the public certificate sign, DSA and MD5 are gone everywhere else;
# RSA with SHA-1 was seen to work until 2020.
SIGNATURE_METHODS = frozenset(map(SignatureMethod, SIGNATURE_ALGORITHMS.values()))
DIGEST_METHODS = frozenset(map(DigestAlgorithm, DIGEST_ALGORITHMS.values()))

# What signxml and the libraries below it were seen to raise for a hostile signature, besides its own exceptions:
# empty values (TypeError), base64 and numbers (ValueError), unknown names (KeyError), C14N and parsing (LxmlError).
_REFUSALS = (
    SignXMLException,
    etree.LxmlError,
    UnsupportedAlgorithm,
    NotImplementedError,
    TypeError,
    ValueError,
    KeyError,
)

_CHECKS_DATES = "verification_time" in {field.name for field in dataclasses.fields(SignatureConfiguration)}


class NotSigned(Exception):
    """None of the certificates' keys made this element's signature."""


def signed_by(certificates: tuple[x509.Certificate, ...], host: Element) -> Element:
    """The signed copy of `host`, whose own child is the signature; nothing outside what was signed is in it.

    The caller has checked the signature's shape: signxml skips transforms that it does not know. The signature loses
    its KeyInfo here, which nobody signed: it must neither help nor hinder.

    :raises NotSigned: with the reason for the last certificate.
    """
    for signature in children(host, "ds:Signature"):
        for key_info in children(signature, "ds:KeyInfo"):
            signature.remove(key_info)
    refusal: Exception | None = None
    for certificate in certificates:
        try:
            return _verify(host, certificate)
        except _REFUSALS as error:
            refusal = error
    raise NotSigned(f"no signing certificate of the metadata made this signature: {_told(refusal)}")


def _told(refusal: Exception | None) -> str:
    words = str(refusal).rstrip(": ")  # signxml's own end in a colon where it has nothing to add
    of_another_key = isinstance(refusal, InvalidSignature) and not isinstance(refusal, InvalidDigest)
    return f"{words}; another key made it, or its SignedInfo was altered" if of_another_key else words


def _verify(host: Element, certificate: x509.Certificate) -> Element:
    # A verifier keeps state, so each call has its own. It is given the element, not the document: what stands around
    # the element cannot be reached from there.
    result: Any = XMLVerifier().verify(
        host,
        x509_cert=certificate,
        id_attribute="ID",
        validate_schema=False,  # the schema in signxml refuses legal signatures; the profile is checked already
        parser=hardened_parser(),
        expect_config=_configuration(certificate.not_valid_before_utc),
    )
    signed: Element = result.signed_xml
    if signed.tag != host.tag or signed.get("ID") != host.get("ID"):
        raise ValueError("the signature covers another element")
    return signed


@lru_cache(maxsize=64)
def _configuration(valid_from: dt.datetime) -> SignatureConfiguration:
    # AWS does not look at the dates of a certificate. signxml does from 5.1, at the wall clock unless told otherwise.
    dates: dict[str, Any] = {"verification_time": valid_from} if _CHECKS_DATES else {}
    return SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=SIGNATURE_METHODS,
        digest_algorithms=DIGEST_METHODS,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
        **dates,
    )
