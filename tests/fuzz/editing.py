"""Edits of honest responses, before and after they are signed again."""

import base64
import copy
import re
import struct
from collections.abc import Callable
from xml.sax.saxutils import unescape

from fuzz.world import AWS, NS, SIGN_IN, Claims, Element, World, claims_of, pick, said_by
from hypothesis import strategies as st
from lxml import etree
from saml_documents import made

from pytest_stssaml import IdentityProvider
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.document import tag

Numbers = tuple[int, int, int, int]

VALUES = [
    "mallory@example.com", "alice@example.com", "bob", "", " ", "0", "2.0", "1.1", "x" * 300, "ü\u2028", "]]&gt;",
    "2030-01-01T12:30:00Z", "9999-12-31T23:59:59.999-14:00", "0001-01-01T00:00:00+14:00", "2020-01-01T00:00:00.000Z",
    SIGN_IN, "urn:amazon:webservices", "https://rsa.example.com/saml", "https://ec.example.com/saml",
    AWS + "Role", AWS + "RoleSessionName", AWS + "SessionDuration", "43200", "900", "٣٦٠٠",
    AWS + "PrincipalTag:team", AWS + "PrincipalTag:", AWS + "PrincipalTag:aws:x", AWS + "PrincipalTag:TEAM",
    AWS + "TransitiveTagKeys", AWS + "SourceIdentity", "team", "blue", "aws:blue", "y" * 257,
    "arn:aws:iam::123456789012:role/Admin-rsa,arn:aws:iam::123456789012:saml-provider/rsa",
    "arn:aws:iam::123456789012:role/Admin-ec,arn:aws:iam::123456789012:saml-provider/ec",
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2000/09/xmldsig#base64", "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "urn:x",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "http://www.w3.org/2001/04/xmlenc#sha512", "AAAA", "====",
    "urn:oasis:names:tc:SAML:2.0:status:Responder", "urn:oasis:names:tc:SAML:2.0:cm:bearer",
]  # fmt: skip
ATTRIBUTES = ["ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id", "URI", "Algorithm", "Version", "Recipient",
              "NotBefore", "NotOnOrAfter", "SessionNotOnOrAfter", "IssueInstant", "Name", "Format", "Method", "Value",
              "{urn:x}ID", "{relative}a", "Destination", "InResponseTo", "PrefixList"]  # fmt: skip
PLACES = ["saml:Advice", "samlp:Extensions", "samlp:StatusDetail", "ds:Object", "ds:KeyInfo", "saml:Assertion",
          "saml:Subject", "samlp:Response", "ds:Signature", "ds:SignedInfo"]  # fmt: skip
PARTS = [".//ds:Signature", ".//ds:SignedInfo", ".//ds:SignatureValue", ".//ds:DigestValue", ".//ds:Reference",
         ".//ds:KeyInfo", ".//ds:Transforms", "saml:Assertion", ".//saml:Subject", ".//saml:NameID",
         ".//saml:Conditions", ".//saml:AttributeStatement", ".//saml:Issuer", "samlp:Status"]  # fmt: skip


class Editing:
    """A document that is edited. Numbers choose what each edit does; an impossible edit does nothing."""

    def __init__(self, world: World, root: Element) -> None:
        self.world = world
        self.root = root

    def edit(self, numbers: Numbers) -> None:
        kind, a, b, c = numbers
        # Half of all edits are of the elements that matter most.
        elements = list(self.root.iter("*"))
        if a % 2 and (parts := self.root.findall(pick(PARTS, a // 2), NS)):
            elements = parts
        pick(EDITS, kind)(self, pick(elements, a), b, c)

    def _any(self, number: int) -> Element:
        return pick(list(self.root.iter("*")), number)

    def _other(self, number: int) -> Element:
        return pick(self.world.trees, number)

    def _put(self, element: Element, b: int, c: int) -> None:
        """Put an element into another element, at any position."""
        place = self._any(b)
        if element is place or element in place.iterancestors():
            return
        place.insert(c % (len(place) + 1), element)

    def move(self, element: Element, b: int, c: int) -> None:
        if element is not self.root:
            self._put(element, b, c)

    def duplicate(self, element: Element, b: int, c: int) -> None:
        self._put(copy.deepcopy(element), b, c)

    def repeat(self, element: Element, b: int, _: int) -> None:
        if element is not self.root:
            (element.addnext if b % 2 else element.addprevious)(copy.deepcopy(element))

    def remove(self, element: Element, *_: int) -> None:
        if element is not self.root:
            element.getparent().remove(element)

    def set_attribute(self, element: Element, b: int, c: int) -> None:
        element.set(pick(element.keys() or ATTRIBUTES, b), pick(VALUES, c))

    def add_attribute(self, element: Element, b: int, c: int) -> None:
        element.set(pick(ATTRIBUTES, b), pick(VALUES, c))

    def remove_attribute(self, element: Element, b: int, _: int) -> None:
        if element.keys():
            del element.attrib[pick(element.keys(), b)]

    def set_text(self, element: Element, b: int, c: int) -> None:
        if b % 4:
            element.text = pick(VALUES, c)
        else:
            element.tail = pick(VALUES, c)

    def cut_text(self, element: Element, b: int, c: int) -> None:
        text = element.text or ""
        at = c % (len(text) + 1)
        node = etree.ProcessingInstruction("cut", "x") if b % 2 else etree.Comment(pick(VALUES, b).replace("--", ""))
        element.text, node.tail = text[:at], text[at:]
        element.insert(0, node)

    def add_space(self, element: Element, b: int, _: int) -> None:
        element.text = pick([" ", "\n\t", "\r\n"], b) + (element.text or "")

    def splice(self, element: Element, b: int, c: int) -> None:
        """Replace an element by one of the same name from another response."""
        found = list(self._other(b).iter(element.tag))
        if found and element is not self.root:
            element.getparent().replace(element, copy.deepcopy(pick(found, c)))

    def graft(self, element: Element, b: int, c: int) -> None:
        """Insert a part of another response."""
        found = self._other(b).findall(pick(PARTS, c), NS)
        if found:
            element.insert(b % (len(element) + 1), copy.deepcopy(pick(found, b)))

    def rename(self, element: Element, b: int, _: int) -> None:
        element.tag = self._any(b).tag

    def wrap(self, element: Element, b: int, _: int) -> None:
        if element is not self.root:
            outer = made(pick(PLACES, b))
            element.getparent().replace(element, outer)
            outer.append(element)

    def confuse(self, element: Element, b: int, c: int) -> None:
        """Give an element, or the reference in it, the ID of another element."""
        identifier = self._any(b).get("ID") or pick(self.root.xpath("//@ID") or ["_"], b)
        if element.get("URI") is not None:
            element.set("URI", f"#{identifier}")
        else:
            element.set(pick(ATTRIBUTES[:4], c), identifier)

    def forge(self, element: Element, b: int, c: int) -> None:
        """Wrap a signature: put a forged assertion in the place of the true one, and that into another place."""
        assertion = self.root.find("saml:Assertion", NS)
        if assertion is None:
            return
        evil = copy.deepcopy(assertion)
        for name in evil.iter(tag("saml:NameID")):
            name.text = "mallory@example.com"
        if b % 2:
            evil.set("ID", "_evil")
        for signature in evil.findall("ds:Signature", NS) if b % 4 < 2 else []:
            evil.remove(signature)
        assertion.getparent().replace(assertion, evil)
        self._put(assertion, c, c)

    def swap_values(self, _: Element, b: int, c: int) -> None:
        """Copy a value from the signature of another response."""
        path = pick(PARTS[2:4], c)
        mine, theirs = self.root.find(path, NS), self._other(b).find(path, NS)
        if mine is not None and theirs is not None:
            mine.text = theirs.text


EDITS: list[Callable[[Editing, Element, int, int], None]] = [
    Editing.move, Editing.duplicate, Editing.repeat, Editing.remove, Editing.set_attribute, Editing.add_attribute,
    Editing.remove_attribute, Editing.set_text, Editing.cut_text, Editing.add_space, Editing.splice, Editing.graft,
    Editing.rename, Editing.wrap, Editing.confuse, Editing.forge, Editing.swap_values, Editing.cut_text,
]  # fmt: skip


def unchanged(xml: str, *_: int) -> str:
    return xml


def prefixes_renamed(xml: str, a: int, b: int) -> str:
    prefix, other = pick(["saml", "samlp", "ds"], a), pick(["x", "ds", "saml2", "ns0", "é"], b)
    return re.sub(rf"(?<=[</ ]){prefix}:|(?<=xmlns:){prefix}(?==)", lambda m: m[0].replace(prefix, other), xml)


def slice_removed(xml: str, a: int, b: int) -> str:
    at = a * 37 % len(xml)
    return xml[:at] + xml[at + b % 40 :]


def token_inserted(xml: str, a: int, b: int) -> str:
    at = a * 37 % len(xml)
    return xml[:at] + pick(TOKENS, b) + xml[at:]


def text_rewritten(xml: str, a: int, b: int) -> str:
    """Write a text in another form: as CDATA, with character references, entities or empty comments."""
    texts = [m for m in re.finditer(r">([^<>&]+)<", xml) if m[1].strip()]
    if not texts:
        return xml
    found = pick(texts, a)
    text = found[1]
    half = len(text) // 2
    new = pick(
        [f"<![CDATA[{text}]]>", f"&#{ord(text[0])};{text[1:]}", f"{text[:half]}<!---->{text[half:]}",
         f"{text[:half]}<![CDATA[]]>{text[half:]}", f"&e;{text}", f"\n{text}\n"], b
    )  # fmt: skip
    return xml[: found.start(1)] + new + xml[found.end(1) :]


def doctype_added(xml: str, a: int, _: int) -> str:
    return pick(['<!DOCTYPE r [<!ENTITY e "x">]>', "<!DOCTYPE r>", "<?a?>", "<!--a-->", "\ufeff"], a) + xml


TEXT_EDITS = [
    *[unchanged] * 6,
    prefixes_renamed,
    text_rewritten,
    text_rewritten,
    slice_removed,
    token_inserted,
    doctype_added,
]
ENCODINGS = [*["utf-8"] * 8, "utf-16", "utf-32", "utf-7", "latin-1", "cp037", "utf-8-sig"]
TOKENS = [
    "<samlp:Response", "<saml:Assertion", "<ds:Signature", "<ds:SignedInfo>", "<ds:Reference", "</samlp:Response>",
    "</saml:Assertion>", "</ds:Signature>", "</ds:SignedInfo>", "/>", ">", "<", "&", "&amp;", "&#0;", "&e;", "'", '"',
    *(f' xmlns:{prefix}="{uri}"' for prefix, uri in NS.items()), ' xmlns="urn:x"', ' ID="_a"', ' URI="#_a"',
    ' Version="2.0"', "<saml:Issuer>https://rsa.example.com/saml</saml:Issuer>", "<samlp:Status>", "</samlp:Status>",
    '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>', "<!--", "-->", "<![CDATA[", "]]>", "<?a",
    "?>", "<!DOCTYPE a", "[", "]", "mallory@example.com", "\0", "\ud800", "\ufeff", "é", " ", "\r\n", "AAAA",
    "<saml:EncryptedAssertion>", "</saml:EncryptedAssertion>", "<ds:KeyInfo/>", "<saml:Subject/>",
]  # fmt: skip


def bytes_of(xml: str, encoding: str, a: int) -> bytes:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding != "utf-8" and a % 2 else ""
    return (declared + xml).encode(encoding, errors="replace" if a % 3 else "xmlcharrefreplace")


HEADER, EDIT = struct.Struct("<BBBHHHB"), struct.Struct("<BHHB")
MOST_EDITS = 6
# One draw for all numbers, because drawing takes the longest.
structured = st.binary(min_size=HEADER.size, max_size=HEADER.size + MOST_EDITS * EDIT.size)


def try_structured(world: World, drawn: bytes) -> None:
    """Edit a good response, sign it again or not, edit it again: it may be accepted only as what was signed."""
    which, signing, split, a, b, c, d = HEADER.unpack_from(drawn)
    edits = list(EDIT.iter_unpack(drawn[HEADER.size : len(drawn) - (len(drawn) - HEADER.size) % EDIT.size]))
    good = pick(world.goods, which)
    # Mostly for the role that the response offers.
    request = pick(world.requests[id(good.idp)], split // 8 if split >= 192 else good.role)
    editing = Editing(world, copy.deepcopy(pick(world.trees, which)))
    signed: set[Claims] = set()
    try:
        if signing % 2:
            for numbers in edits[: split % 8]:
                editing.edit(numbers)
            form = pick(["assertion", "response", "both"], signing // 2)
            editing.root, signed = signed_again(editing.root, good.idp, form, request, b)
            edits = edits[split % 8 :]
        for numbers in edits:
            editing.edit(numbers)
        text = pick(TEXT_EDITS, a)(etree.tostring(editing.root, encoding="unicode"), b, c)
        data = bytes_of(text, pick(ENCODINGS, d), b)
    except (ValueError, etree.LxmlError):
        return  # XML cannot contain it, or it cannot be signed.
    check_accepted(world, request, data, signed)


def signed_again(
    root: Element, idp: IdentityProvider, signed: Signed, request: dict[str, str], b: int
) -> tuple[Element, set[Claims]]:
    """Return a document with new signatures, and what they cover."""
    if b % 8:
        for signature in root.xpath(".//ds:Signature[parent::*]", namespaces=NS):
            signature.getparent().remove(signature)
    root = etree.fromstring(idp.sign(etree.tostring(root, encoding="unicode"), signed=signed).xml)
    covered = root.findall("saml:Assertion", NS)
    covered = covered if signed == "response" else covered[:1]
    pair = request["RoleArn"], request["PrincipalArn"]
    return root, {claims for assertion in covered for claims in said_by(assertion, *pair)}


def check_accepted(world: World, request: dict[str, str], data: bytes, signed: set[Claims]) -> None:
    world.calls += 1
    status, body = world.answer({**request, "SAMLAssertion": base64.b64encode(data).decode()})
    if status == 200:
        world.accepted += 1
        claims = claims_of(body)
        answer = dict(claim.partition("=")[::2] for claim in claims)
        named = answer["Subject"], answer["Issuer"], answer["Audience"]
        short = (*named, answer["Arn"].rpartition("/")[2], answer.get("SourceIdentity", ""))
        unescaped = tuple(unescape(value, {"&#13;": "\r"}) for value in short)
        assert claims in world.honest or unescaped in signed, f"{claims} was not signed: {data!r}"
