"""Naive verifiers that parse a document twice, in two ways. See naive.py."""

import re

from cryptography import x509
from naive import Believed, Document, Doubt, claims, first, parse, root_assertion, verify_first_signature


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
    """Verifies without the DOCTYPE, and reads with it and its defaults (like CVE-2025-25291)."""
    verify_first_signature(re.sub(r"<!DOCTYPE[^\[]*\[.*?\]>", "", document, count=1, flags=re.DOTALL), certificate)
    return root_assertion(document)


def doctype_sought_in_the_bytes(document: bytes, certificate: x509.Certificate) -> Believed:
    """Assumes that bytes without `<!DOCTYPE` are a document without one."""
    if b"<!DOCTYPE" in document:
        raise Doubt("a DOCTYPE")
    return doctype_removed_before(_undeclared(document), certificate)


def verified_as_utf8(document: bytes, certificate: x509.Certificate) -> Believed:
    """Verifies the bytes as UTF-8, and reads them in the encoding that they declare."""
    text = document.decode()
    verify_first_signature(re.sub(r"^<\?xml.*?\?>", "", text), certificate)
    return root_assertion(_undeclared(document))


def _undeclared(document: bytes) -> str:
    """Return a document, decoded as it declares, without the declaration."""
    family = {b"\xff\xfe": "utf-16", b"\x4c\x6f": "cp037"}.get(document[:2], "ascii")
    declared = re.match(r"<\?xml[^>]*encoding=[\"']([\w-]+)", document.decode(family, errors="replace"))
    text = document.decode(declared[1] if declared else family)
    return re.sub(r"^\ufeff?<\?xml.*?\?>", "", text)


def reads_by_regular_expression(document: str, certificate: x509.Certificate) -> Believed:
    """Verifies with a parser, and reads the first string that looks like a NameID."""
    verify_first_signature(document, certificate)
    found = re.search(r"<saml:NameID[^>]*>([^<]*)", document)
    if found is None:
        raise Doubt("there is no NameID")
    return Believed(found[1])


def text_up_to_the_first_child(document: Document, certificate: x509.Certificate) -> Believed:
    """Takes the text before the first comment or processing instruction for the whole value (CVE-2017-11427)."""
    verify_first_signature(document, certificate)
    return claims(first(parse(document), "saml:Assertion"), lambda element: element.text or "")


def session_name_up_to_the_first_child(document: Document, certificate: x509.Certificate) -> str:
    """Does the same with RoleSessionName, which it returns."""
    verify_first_signature(document, certificate)
    path = ".//saml:Attribute[@Name='https://aws.amazon.com/SAML/Attributes/RoleSessionName']/saml:AttributeValue"
    return str(first(parse(document), path).text)
