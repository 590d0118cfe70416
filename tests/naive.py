"""Verifiers of SAML responses as nobody should write them, for attacks to be shown on.

Each has the one carelessness that its docstring names, and is right otherwise. It is given a document and what it
trusts, mostly a certificate, and returns what it believes; `Doubt` is its refusal.
"""

import base64
import copy
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
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
    """Who somebody is taken for, and what they may be."""

    name_id: str
    roles: tuple[str, ...] = ()


class Doubt(Exception):
    """Even this verifier does not believe the document."""


# --- what all of them share, and what is right about them


def parse(document: Document) -> Element:
    return etree.fromstring(document.encode() if isinstance(document, str) else document)


def first(element: Element, path: str) -> Element:
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


def check_digest(octets: bytes, digest: str) -> None:
    if base64.b64decode(digest) != hashlib.sha256(octets).digest():
        raise Doubt("the digest is another")


def without(signature: Element, target: Element, canonical: Canonical = canonical) -> bytes:
    if signature.getparent() is not None:
        signature.getparent().remove(signature)
    return canonical(target)


def referenced(root: Element, reference: Element) -> list[Element]:
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


# --- what was verified is not what is read


def any_signature(document: Document, certificate: x509.Certificate) -> Believed:
    """Verifies the first Signature wherever it stands, and reads the root's first Assertion."""
    verify_first_signature(document, certificate)
    return root_assertion(document)


def signxml_by_default(document: Document, certificate: x509.Certificate) -> Believed:
    """Lets signxml find a Signature, and reads the document instead of what signxml says is signed."""
    XMLVerifier().verify(parse(document), x509_cert=certificate)
    return root_assertion(document)


def no_signature_no_question(document: Document, certificate: x509.Certificate) -> Believed:
    """Verifies a Signature only where there is one."""
    if parse(document).find(".//ds:Signature", NS) is not None:
        verify_first_signature(document, certificate)
    return root_assertion(document)


def namespaces_ignored(document: Document, certificate: x509.Certificate) -> Believed:
    """Verifies SAML's Assertion, and reads whatever is called Assertion."""
    verify_first_signature(document, certificate)
    [name_id, *_] = parse(document).xpath("//*[local-name()='Assertion']//*[local-name()='NameID']")
    return Believed(whole_text(name_id))


def equal_ids(document: Document, certificate: x509.Certificate, *, verified: int, read: int) -> Believed:
    """Takes it that an ID stands once: verifies one of the elements that bear it, and reads another."""
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


# --- the signature itself is misread


def digest_value_from_anywhere(document: Document, certificate: x509.Certificate) -> Believed:
    """Takes the first DigestValue of the document for the signature's (CVE-2024-45409)."""
    root = parse(document)
    signature, digest = first(root, "saml:Assertion/ds:Signature"), first(root, ".//ds:DigestValue").text
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    [target] = referenced(root, first(signed_info, "ds:Reference"))
    check_digest(without(signature, target), digest)
    return root_assertion(document)


def digest_value_from_a_comment(document: Document, certificate: x509.Certificate) -> Believed:
    """Takes the first node in DigestValue for its text, be it a comment (CVE-2025-29775)."""
    root = parse(document)
    signature = first(root, ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    [target] = referenced(root, first(signed_info, "ds:Reference"))
    value = first(signed_info, "ds:Reference/ds:DigestValue")
    check_digest(without(signature, target), value.text or value[0].text)
    return root_assertion(document)


def two_signed_infos(document: Document, certificate: x509.Certificate, *, verified: int, read: int) -> Believed:
    """Asks the key about one SignedInfo, and follows the Reference of another (CVE-2025-29774)."""
    signature = first(parse(document), ".//ds:Signature")
    signed_infos = list(signature.iter(f"{{{NS['ds']}}}SignedInfo"))
    check_key(signed_infos[verified], signature, certificate.public_key())
    check_reference(signature, first(signed_infos[read], "ds:Reference"))
    return root_assertion(document)


def nothing_where_canonicalisation_fails(document: Document, certificate: x509.Certificate) -> Believed:
    """Goes on with no octets where canonicalisation fails (CVE-2025-66475)."""

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
    """Checks the digest of one Reference, and takes all for checked (GHSA-479m-364c-43vc)."""
    signature = first(parse(document), ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    check_reference(signature, signed_info.findall("ds:Reference", NS)[checked])
    return root_assertion(document)


def manifest_unopened(document: Document, certificate: x509.Certificate) -> Believed:
    """Checks the digest of a Manifest, and none of those in it (XML-Signature 5.1 leaves that to the application)."""
    signature = first(parse(document), ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    manifest = first(signature, "ds:Object/ds:Manifest")
    check_digest(canonical(manifest), first(signed_info, "ds:Reference/ds:DigestValue").text)
    return root_assertion(document)


def every_transform(document: Document, certificate: x509.Certificate) -> Believed:
    """Runs whatever transform a signature asks for, and takes what went in for signed."""
    root = parse(document)
    signature = first(root, ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    check_key(signed_info, signature, certificate.public_key())
    [target] = referenced(root, first(signed_info, "ds:Reference"))
    digest = first(signed_info, "ds:Reference/ds:DigestValue").text
    check_digest(_transformed(target, signature), digest)
    return root_assertion(document)


def transforms_first(document: Document, certificate: x509.Certificate, log: list[str]) -> Believed:
    """Runs the transforms, and writes what they say into its log, before it asks who signed them (CVE-2022-47966)."""
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


# --- the key is not the one that was agreed


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
    """Fetches the certificate from where RetrievalMethod says, and trusts it."""
    url = first(parse(document), ".//ds:KeyInfo/ds:RetrievalMethod").get("URI")
    octets = Path(unquote(urlsplit(url).path)).read_bytes()
    return any_signature(document, x509.load_der_x509_certificate(octets))


def certificate_of_that_name(document: Document, certificate: x509.Certificate) -> Believed:
    """Trusts the certificate in KeyInfo if its subject is the one that was agreed."""
    text = first(parse(document), ".//ds:KeyInfo/ds:X509Data/ds:X509Certificate").text
    if x509.load_der_x509_certificate(base64.b64decode(text)).subject != certificate.subject:
        raise Doubt("the certificate has another subject")
    return key_of_the_message(document)


def any_certificate(document: Document, certificates: Iterable[x509.Certificate]) -> Believed:
    """Trusts every provider's certificate for every provider."""
    for certificate in certificates:
        try:
            return any_signature(document, certificate)
        except Doubt:
            continue
    raise Doubt("none of the keys signed this")


def certificate_of_its_issuer(document: Document, certificates: dict[str, x509.Certificate]) -> Believed:
    """Asks the message which provider it is from, and not the caller which one it should be from."""
    return any_signature(document, certificates[first(parse(document), ".//saml:Assertion/saml:Issuer").text])


def every_certificate_of_the_metadata(document: Document, metadata: str) -> Believed:
    """Trusts every certificate in the metadata, whatever its use."""
    texts = [whole_text(element) for element in parse(metadata).iter(f"{{{NS['ds']}}}X509Certificate")]
    return any_certificate(document, [x509.load_der_x509_certificate(base64.b64decode(text)) for text in texts])


def algorithm_of_the_message(document: Document, public_key: bytes) -> Believed:
    """Lets the message say that the key which it has on file is the secret of an HMAC (CVE-2009-0217's kin)."""
    signature = first(parse(document), ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    if first(signed_info, "ds:SignatureMethod").get("Algorithm") != HMAC_SHA256:
        raise Doubt("not shown here")
    value = base64.b64decode(first(signature, "ds:SignatureValue").text)
    if not hmac.compare_digest(value, hmac.digest(public_key, canonical(signed_info), "sha256")):
        raise Doubt("the key did not sign this")
    check_reference(signature, first(signed_info, "ds:Reference"))
    return root_assertion(document)


def truncated_hmac(document: Document, secret: bytes) -> Believed:
    """Lets the message say how much of the HMAC counts (CVE-2009-0217)."""
    signature = first(parse(document), ".//ds:Signature")
    signed_info = first(signature, "ds:SignedInfo")
    octets = int(first(signed_info, "ds:SignatureMethod/ds:HMACOutputLength").text) // 8
    value = base64.b64decode(first(signature, "ds:SignatureValue").text or "")
    if value[:octets] != hmac.digest(secret, canonical(signed_info), "sha256")[:octets]:
        raise Doubt("the key did not sign this")
    check_reference(signature, first(signed_info, "ds:Reference"))
    return root_assertion(document)


# --- two readers see two documents


def includes_afterwards(document: Document, certificate: x509.Certificate) -> Believed:
    """Expands XInclude after it has verified."""
    verify_first_signature(document, certificate)
    root = parse(document)
    root.getroottree().xinclude()
    return claims(first(root, "saml:Assertion"))


def doctype_removed_afterwards(document: str, certificate: x509.Certificate) -> Believed:
    """Verifies with a parser, and reads with one that skips the DOCTYPE by a regular expression (CVE-2025-25292)."""
    verify_first_signature(document, certificate)
    return root_assertion(re.sub(r"<!DOCTYPE[^\[]*\[.*?\]>", "", document, count=1, flags=re.DOTALL))


def doctype_removed_before(document: str, certificate: x509.Certificate) -> Believed:
    """Verifies without the DOCTYPE, and reads with it and its defaults (CVE-2025-25291's kin)."""
    verify_first_signature(re.sub(r"<!DOCTYPE[^\[]*\[.*?\]>", "", document, count=1, flags=re.DOTALL), certificate)
    return root_assertion(document)


def doctype_sought_in_the_octets(document: bytes, certificate: x509.Certificate) -> Believed:
    """Takes it that octets without `<!DOCTYPE` are a document without one."""
    if b"<!DOCTYPE" in document:
        raise Doubt("a DOCTYPE")
    return doctype_removed_before(_undeclared(document), certificate)


def verified_as_utf8(document: bytes, certificate: x509.Certificate) -> Believed:
    """Verifies the octets as UTF-8, and reads them in the encoding that they declare."""
    text = document.decode()
    verify_first_signature(re.sub(r"^<\?xml.*?\?>", "", text), certificate)
    return root_assertion(_undeclared(document))


def _undeclared(document: bytes) -> str:
    """The text of a document in the encoding that it declares, without the declaration."""
    family = {b"\xff\xfe": "utf-16", b"\x4c\x6f": "cp037"}.get(document[:2], "ascii")
    declared = re.match(r"<\?xml[^>]*encoding=[\"']([\w-]+)", document.decode(family, errors="replace"))
    text = document.decode(declared[1] if declared else family)
    return re.sub(r"^\ufeff?<\?xml.*?\?>", "", text)


def reads_by_regular_expression(document: str, certificate: x509.Certificate) -> Believed:
    """Verifies with a parser, and reads the first text that looks like a NameID."""
    verify_first_signature(document, certificate)
    found = re.search(r"<saml:NameID[^>]*>([^<]*)", document)
    if found is None:
        raise Doubt("there is no NameID")
    return Believed(found[1])


def text_up_to_the_first_child(document: Document, certificate: x509.Certificate) -> Believed:
    """Takes the text before the first comment or processing instruction for the whole (CVE-2017-11427)."""
    verify_first_signature(document, certificate)
    return claims(first(parse(document), "saml:Assertion"), lambda element: element.text or "")


def session_name_up_to_the_first_child(document: Document, certificate: x509.Certificate) -> str:
    """The same with RoleSessionName."""
    verify_first_signature(document, certificate)
    path = ".//saml:Attribute[@Name='https://aws.amazon.com/SAML/Attributes/RoleSessionName']/saml:AttributeValue"
    return str(first(parse(document), path).text)
