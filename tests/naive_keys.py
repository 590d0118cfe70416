"""Naive verifiers that trust a key which was not agreed. See naive.py."""

import base64
import hmac
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from naive import (
    HMAC_SHA256,
    NS,
    Believed,
    Document,
    Doubt,
    any_signature,
    canonical,
    check_reference,
    first,
    parse,
    root_assertion,
    verify,
    whole_text,
)


def key_of_the_message(document: Document) -> Believed:
    """Trusts the certificate in KeyInfo."""
    text = first(parse(document), ".//ds:KeyInfo/ds:X509Data/ds:X509Certificate").text
    return any_signature(document, x509.load_der_x509_certificate(base64.b64decode(text)))


def key_value_of_the_message(document: Document) -> Believed:
    """Trusts the KeyValue in KeyInfo."""
    signature = first(parse(document), ".//ds:Signature")
    path = "ds:KeyInfo/ds:KeyValue/ds:RSAKeyValue/ds:"
    [n, e] = [int.from_bytes(base64.b64decode(first(signature, path + part).text)) for part in ("Modulus", "Exponent")]
    verify(signature, rsa.RSAPublicNumbers(e, n).public_key())
    return root_assertion(document)


def key_retrieved(document: Document) -> Believed:
    """Fetches the certificate from the URI of RetrievalMethod, and trusts it."""
    url = first(parse(document), ".//ds:KeyInfo/ds:RetrievalMethod").get("URI")
    data = Path(unquote(urlsplit(url).path)).read_bytes()
    return any_signature(document, x509.load_der_x509_certificate(data))


def certificate_of_that_subject(document: Document, certificate: x509.Certificate) -> Believed:
    """Trusts the certificate in KeyInfo if it has the subject of the agreed one."""
    text = first(parse(document), ".//ds:KeyInfo/ds:X509Data/ds:X509Certificate").text
    if x509.load_der_x509_certificate(base64.b64decode(text)).subject != certificate.subject:
        raise Doubt("the certificate has another subject")
    return key_of_the_message(document)


def any_certificate(document: Document, certificates: Iterable[x509.Certificate]) -> Believed:
    """Trusts the certificates of all providers for each provider."""
    for certificate in certificates:
        try:
            return any_signature(document, certificate)
        except Doubt:
            continue
    raise Doubt("none of the keys signed this")


def certificate_of_its_issuer(document: Document, certificates: dict[str, x509.Certificate]) -> Believed:
    """Chooses the provider by the message, although the caller expects a certain one."""
    return any_signature(document, certificates[first(parse(document), ".//saml:Assertion/saml:Issuer").text])


def every_certificate_of_the_metadata(document: Document, metadata: str) -> Believed:
    """Trusts every certificate in the metadata, whatever its use is."""
    texts = [whole_text(element) for element in parse(metadata).iter(f"{{{NS['ds']}}}X509Certificate")]
    return any_certificate(document, [x509.load_der_x509_certificate(base64.b64decode(text)) for text in texts])


def algorithm_of_the_message(document: Document, public_key: bytes) -> Believed:
    """Lets the message choose the algorithm, such as an HMAC with the public key as its secret (like CVE-2009-0217)."""
    signature = first(parse(document), ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    if first(signed_info, "ds:SignatureMethod").get("Algorithm") != HMAC_SHA256:
        raise Doubt("only HMAC is shown here")
    value = base64.b64decode(first(signature, "ds:SignatureValue").text)
    if not hmac.compare_digest(value, hmac.digest(public_key, canonical(signed_info), "sha256")):
        raise Doubt("the key did not sign this")
    check_reference(signature, first(signed_info, "ds:Reference"))
    return root_assertion(document)


def truncated_hmac(document: Document, secret: bytes) -> Believed:
    """Lets the message choose how many bits of the HMAC are compared (CVE-2009-0217)."""
    signature = first(parse(document), ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    length = int(first(signed_info, "ds:SignatureMethod/ds:HMACOutputLength").text) // 8
    value = base64.b64decode(first(signature, "ds:SignatureValue").text or "")
    if value[:length] != hmac.digest(secret, canonical(signed_info), "sha256")[:length]:
        raise Doubt("the key did not sign this")
    check_reference(signature, first(signed_info, "ds:Reference"))
    return root_assertion(document)
