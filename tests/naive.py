"""Verifiers of SAML responses with one mistake each, to show that an attack works on somebody.

The docstring of a verifier says its mistake; all else about it is right. A verifier takes a document and what it
trusts, mostly a certificate, and returns what it believes, or raises `Doubt`. Here are the mistakes with signatures;
those with keys are in naive_keys.py and those with parsers in naive_parsers.py.
"""

import base64
import copy
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree
from signxml.verifier import XMLVerifier

NS = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xsl": "http://www.w3.org/1999/XSL/Transform",
}
ENVELOPED = NS["ds"] + "enveloped-signature"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
BASE64 = NS["ds"] + "base64"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
HMAC_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
_ROLES = "saml:AttributeStatement/saml:Attribute[@Name='https://aws.amazon.com/SAML/Attributes/Role']"

Element = Any
Document = str | bytes
Canonical = Callable[[Element], bytes]


class Believed(NamedTuple):
    """What a verifier believes of the sender."""

    #: The subject.
    name_id: str
    #: The values of the attribute Role.
    roles: tuple[str, ...] = ()


class Doubt(Exception):
    """Not even this verifier believes the document."""


# --- what they share, which is right


def parse(document: Document) -> Element:
    return etree.fromstring(document.encode() if isinstance(document, str) else document)


def first(element: Element, path: str) -> Element:
    """Return the first element of a path, which must be there."""
    found = element.find(path, NS)
    if found is None:
        raise Doubt(f"there is no {path}")
    return found


def canonical(element: Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def whole_text(element: Element) -> str:
    return str(element.xpath("string()"))


def claims(assertion: Element, text: Callable[[Element], str] = whole_text) -> Believed:
    roles = assertion.iterfind(f"{_ROLES}/saml:AttributeValue", NS)
    return Believed(text(first(assertion, "saml:Subject/saml:NameID")), tuple(map(text, roles)))


def root_assertion(document: Document) -> Believed:
    return claims(first(parse(document), "saml:Assertion"))


def check_key(signed_info: Element, signature: Element, public_key: Any, canonical: Canonical = canonical) -> None:
    value = base64.b64decode(first(signature, "ds:SignatureValue").text)
    try:
        public_key.verify(value, canonical(signed_info), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise Doubt("the key did not sign this") from error


def check_digest(data: bytes, digest: str) -> None:
    if base64.b64decode(digest) != hashlib.sha256(data).digest():
        raise Doubt("the digest does not match")


def without(signature: Element, target: Element, canonical: Canonical = canonical) -> bytes:
    """Return the canonical form of an element after its signature was removed."""
    if signature.getparent() is not None:
        signature.getparent().remove(signature)
    return canonical(target)


def referenced(root: Element, reference: Element) -> list[Element]:
    """Return every element that has the ID of a reference."""
    found = root.xpath("//*[@ID=$id]", id=reference.get("URI", "").removeprefix("#"))
    if not found:
        raise Doubt(f"there is no {reference.get('URI')}")
    return list(found)


def check_reference(signature: Element, reference: Element) -> None:
    [target] = referenced(signature.getroottree().getroot(), reference)
    check_digest(without(signature, target), first(reference, "ds:DigestValue").text)


def verify(signature: Element, public_key: Any) -> None:
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, public_key)
    check_reference(signature, first(signed_info, "ds:Reference"))


def verify_first_signature(document: Document, certificate: x509.Certificate) -> None:
    verify(first(parse(document), ".//ds:Signature"), certificate.public_key())


# --- they verify one thing and read another


def any_signature(document: Document, certificate: x509.Certificate) -> Believed:
    """Verifies the first Signature wherever it stands, and reads the root's first Assertion."""
    verify_first_signature(document, certificate)
    return root_assertion(document)


def signxml_by_default(document: Document, certificate: x509.Certificate) -> Believed:
    """Lets signxml find a Signature, and reads the document instead of what signxml returns as signed."""
    XMLVerifier().verify(parse(document), x509_cert=certificate)
    return root_assertion(document)


def optional_signature(document: Document, certificate: x509.Certificate) -> Believed:
    """Verifies a Signature only if there is one."""
    if parse(document).find(".//ds:Signature", NS) is not None:
        verify_first_signature(document, certificate)
    return root_assertion(document)


def namespaces_ignored(document: Document, certificate: x509.Certificate) -> Believed:
    """Verifies the Assertion of SAML's namespace, and reads the first Assertion of any namespace."""
    verify_first_signature(document, certificate)
    [name_id, *_] = parse(document).xpath("//*[local-name()='Assertion']//*[local-name()='NameID']")
    return Believed(whole_text(name_id))


def equal_ids(document: Document, certificate: x509.Certificate, *, verified: int, read: int) -> Believed:
    """Assumes that an ID is unique: verifies one of the elements that have it, and reads another."""
    root = parse(document)
    signature = first(root, ".//ds:Signature")
    reference = first(signature, "ds:SignedInfo/ds:Reference")
    candidates = [claims(element) for element in referenced(root, reference)]
    check_key(first(signature, "ds:SignedInfo"), signature, certificate.public_key())
    check_digest(without(signature, referenced(root, reference)[verified]), first(reference, "ds:DigestValue").text)
    return candidates[read]


def lenient_ids(document: Document, certificate: x509.Certificate) -> Believed:
    """Verifies by the exact ID, and reads the first Assertion whose ID looks the same."""
    verify_first_signature(document, certificate)
    root = parse(document)
    wanted = first(root, ".//ds:Reference").get("URI").removeprefix("#")
    for assertion in root.iter(f"{{{NS['saml']}}}Assertion"):
        identifiers = [v for name, v in assertion.items() if etree.QName(name).localname.lower() == "id"]
        if any(v.strip().casefold() == wanted.casefold() for v in identifiers):
            return claims(assertion)
    raise Doubt("there is no such ID")


# --- they misread the signature


def digest_value_from_anywhere(document: Document, certificate: x509.Certificate) -> Believed:
    """Takes the first DigestValue of the document for that of the signature (CVE-2024-45409)."""
    root = parse(document)
    signature, digest = first(root, "saml:Assertion/ds:Signature"), first(root, ".//ds:DigestValue").text
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    [target] = referenced(root, first(signed_info, "ds:Reference"))
    check_digest(without(signature, target), digest)
    return root_assertion(document)


def digest_value_from_a_comment(document: Document, certificate: x509.Certificate) -> Believed:
    """Takes the first node in DigestValue for its value, even a comment (CVE-2025-29775)."""
    root = parse(document)
    signature = first(root, ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    [target] = referenced(root, first(signed_info, "ds:Reference"))
    value = first(signed_info, "ds:Reference/ds:DigestValue")
    check_digest(without(signature, target), value.text or value[0].text)
    return root_assertion(document)


def two_signed_infos(document: Document, certificate: x509.Certificate, *, verified: int, read: int) -> Believed:
    """Verifies one SignedInfo with the key, and follows the Reference of another (CVE-2025-29774)."""
    signature = first(parse(document), ".//ds:Signature")
    signed_infos = list(signature.iter(f"{{{NS['ds']}}}SignedInfo"))
    check_key(signed_infos[verified], signature, certificate.public_key())
    check_reference(signature, first(signed_infos[read], "ds:Reference"))
    return root_assertion(document)


def no_bytes_if_canonicalisation_fails(document: Document, certificate: x509.Certificate) -> Believed:
    """Continues with no bytes if canonicalisation fails (CVE-2025-66475)."""

    def void(element: Element) -> bytes:
        try:
            return canonical(element)
        except etree.C14NError:
            return b""

    root = parse(document)
    signature = first(root, ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key(), void)
    reference = first(signed_info, "ds:Reference")
    [target] = referenced(root, reference)
    check_digest(without(signature, target, void), first(reference, "ds:DigestValue").text)
    return root_assertion(document)


def one_reference_of_several(document: Document, certificate: x509.Certificate, *, checked: int) -> Believed:
    """Checks the digest of one Reference, and believes all (GHSA-479m-364c-43vc)."""
    signature = first(parse(document), ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    check_reference(signature, signed_info.findall("ds:Reference", NS)[checked])
    return root_assertion(document)


def unchecked_manifest(document: Document, certificate: x509.Certificate) -> Believed:
    """Checks the digest of a Manifest, and not those in it, which XML-Signature 5.1 leaves to the application."""
    signature = first(parse(document), ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    manifest = first(signature, "ds:Object/ds:Manifest")
    check_digest(canonical(manifest), first(signed_info, "ds:Reference/ds:DigestValue").text)
    return root_assertion(document)


def every_transform(document: Document, certificate: x509.Certificate) -> Believed:
    """Runs every transform that a signature names, and believes the input of the transforms."""
    root = parse(document)
    signature = first(root, ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    [target] = referenced(root, first(signed_info, "ds:Reference"))
    digest = first(signed_info, "ds:Reference/ds:DigestValue").text
    check_digest(_transformed(target, signature), digest)
    return root_assertion(document)


def transforms_first(document: Document, certificate: x509.Certificate, log: list[str]) -> Believed:
    """Runs the transforms, and logs their result, before it verifies who signed them (CVE-2022-47966)."""
    root = parse(document)
    signature = first(root, ".//ds:Signature")
    [target] = referenced(root, first(signature, "ds:SignedInfo/ds:Reference"))
    log.append(_transformed(target, copy.deepcopy(signature)).decode())
    verify(signature, certificate.public_key())
    return root_assertion(document)


def _transformed(target: Element, signature: Element) -> bytes:
    result: Any = target
    for transform in signature.findall("ds:SignedInfo/ds:Reference/ds:Transforms/ds:Transform", NS):
        algorithm = transform.get("Algorithm")
        if algorithm == ENVELOPED and signature.getparent() is not None:
            signature.getparent().remove(signature)
        elif algorithm == XPATH:
            _filter(result, transform.findtext("ds:XPath", namespaces=NS))
        elif algorithm == XSLT:
            transformed: Any = etree.XSLT(copy.deepcopy(transform[0]))(result)
            result = bytes(transformed)
        elif algorithm == BASE64:
            result = base64.b64decode(result.text)
    return result if isinstance(result, bytes) else canonical(result)


def _filter(element: Element, expression: str) -> None:
    for descendant in list(element.iterdescendants()):
        if not descendant.xpath(f"boolean({expression})", namespaces=NS) and descendant.getparent() is not None:
            descendant.getparent().remove(descendant)
