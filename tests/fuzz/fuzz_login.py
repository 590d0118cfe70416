"""Fuzzing of STS: `python tests/fuzz/fuzz_login.py [examples] [--seed number]`.

Whatever comes in, out comes an answer or an error of the catalogue; and an assertion that was changed after it was
signed is refused, or accepted as what was signed. Good responses are edited, signed anew or not, and edited again;
roles have trust policies of every kind, and logins tags, a source identity and session policies; and there is text,
octets and what looks like XML. Prints speed, memory and the slowest input.
"""

import argparse
import base64
import copy
import datetime as dt
import json
import re
import resource
import secrets
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import urlencode
from xml.sax.saxutils import unescape

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from lxml import etree

from pytest_stssaml import (
    IAMError,
    IdentityProvider,
    SAMLProvider,
    STSBackend,
    active_mock,
    make_signing_key,
    mock_sts_saml,
)
from pytest_stssaml.iam.policies.conditions import OPERATORS
from pytest_stssaml.sts.errors import CATALOGUE
from pytest_stssaml.wire import Request, Response

NS = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
AWS = "https://aws.amazon.com/SAML/Attributes/"
SIGN_IN = "https://signin.aws.amazon.com/saml"
NOW = dt.datetime(2030, 1, 1, 12, 0, 0, 200_000, tzinfo=dt.UTC)
ISSUED = NOW.replace(microsecond=0)
HOUR = dt.timedelta(hours=1)
OPERATION = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"}
ACTIONS = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
CODES = {(row.status, row.code) for row in CATALOGUE}
BATCH = 2_500

Element = Any
Claims = tuple[str, ...]
Numbers = tuple[int, int, int, int]


def tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NS[prefix]}}}{local}"


def made(name: str, **attributes: str) -> Element:
    prefix = name.partition(":")[0]
    return etree.Element(tag(name), attributes, nsmap={prefix: NS[prefix]})


# --- the world: one AWS, two identity providers, and what they said


class Good(NamedTuple):
    """An honest response: to some it is none that STS accepts."""

    xml: str
    idp: IdentityProvider
    role: int


PEOPLE: list[tuple[str, dict[str, Any]]] = [
    ("Developer", {}),
    ("Developer", {"in_response_to": "_request"}),
    (
        "Reader",
        {
            "name_id": "bob@example.com",
            "session_name": "bob",
            "name_id_format": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            "session_duration": 1800,
            "session_not_on_or_after": dt.timedelta(minutes=20),
            "recipient": "https://us-east-1.signin.aws.amazon.com/saml",
        },
    ),
    (
        "Developer",
        {
            "principal_tags": {"team": "blue", "Cost Center": ""},
            "transitive_tag_keys": ["team"],
            "source_identity": "Alice",
        },
    ),
    ("Developer", {"name_id": "carol@example.com", "session_name": "carol", "issue_instant": ISSUED - HOUR}),
    ("Developer", {"name_id": "dave@example.com", "session_name": "dave", "audience": "https://sp.example.com"}),
    ("Reader", {"name_id": "mallory@example.com", "session_name": "mallory", "recipient": "https://sp.example.com"}),
]


class World:
    """The backend under test, reused for every example, and all that was signed."""

    def __init__(self, backend: STSBackend) -> None:
        self.backend = backend
        self.calls, self.accepted, self.slowest = 0, 0, (0.0, 0)
        self.goods: list[Good] = []
        self.requests: dict[int, list[dict[str, str]]] = {}
        backend.create_policy("Limits", SESSION_POLICIES[0])
        for kind in ("rsa", "ec"):
            self._add(kind)
        self.trees = [etree.fromstring(good.xml) for good in self.goods]
        self.honest = {claims for good in self.goods for claims in self._outcomes(good)}
        assert self.honest, "nobody logs in"

    def _add(self, kind: str) -> None:
        idp = IdentityProvider(f"https://{kind}.example.com/saml", signing_key=make_signing_key(kind))
        provider = self.backend.create_saml_provider(kind, idp)
        policy = provider.trust_policy(actions=ACTIONS, audience=None)
        roles = {
            n: self.backend.create_role(f"{n}-{kind}", trust_policy=policy) for n in ("Developer", "Reader", "Admin")
        }
        self.requests[id(idp)] = [{"RoleArn": role.arn, "PrincipalArn": provider.arn} for role in roles.values()]
        for (name, said), signed in product(PEOPLE, ("assertion", "response", "both")):
            response = idp.response((roles[name].arn, provider.arn), signed=signed, **{"issue_instant": ISSUED, **said})
            self.goods.append(Good(response.xml, idp, list(roles).index(name)))

    def _outcomes(self, good: Good) -> Iterator[Claims]:
        for request in self.requests[id(good.idp)]:
            status, body = self.answer({**request, "SAMLAssertion": base64.b64encode(good.xml.encode()).decode()})
            if status == 200:
                yield claims_of(body)

    def answer(self, parameters: dict[str, Any], user_agent: str = "", *, wire: bool = False) -> tuple[int, str]:
        """What STS says to a form: never an exception, and no error that is not in the catalogue."""
        form = OPERATION | parameters
        (status, body), seconds = self._timed(form, user_agent, wire)
        if seconds > self.slowest[0]:
            # Again, since the first time may have met the garbage collector, or another process.
            seconds = min(seconds, self._timed(form, user_agent, wire)[1])
            self.slowest = max(self.slowest, (seconds, sum(len(str(value)) for value in form.values())))
        if status != 200:
            code = re.search("<Code>(.*?)</Code>", body)
            assert code is not None
            assert (status, code[1]) in CODES, f"{status} {code[1]} is not in the catalogue: {form}"
        return status, body

    def _timed(self, form: dict[str, Any], user_agent: str, wire: bool) -> tuple[tuple[int, str], float]:
        self.backend.move_to(NOW)
        written = urlencode(form, errors="replace") if wire else ""
        begun = time.perf_counter()
        if wire:
            status, _, body = self.backend.handle(written, user_agent=user_agent, secure=False)
        else:
            assert active_mock.current is not None
            response = active_mock.current.respond(Request(form, "us-east-1", user_agent))
            assert isinstance(response, Response)
            status, body = response.status, response.body
        return (status, body), time.perf_counter() - begun


def claims_of(body: str) -> Claims:
    """All that an answer says of the login."""
    names = "Subject|SubjectType|Issuer|Audience|Arn|AssumedRoleId|NameQualifier|Expiration|SourceIdentity"
    return tuple(f"{name}={value}" for name, value in sorted(re.findall(f"<({names})>([^<]*)", body)))


def said_by(assertion: Element, role: str, provider: str) -> set[Claims]:
    """What an answer may say of an assertion, its times aside: read here once more, without the package."""

    def text(path: str) -> str:
        found = assertion.xpath(f"string({path})", namespaces=NS)
        return str(found).strip()

    def attribute(name: str) -> list[str]:
        found = assertion.xpath(
            "saml:AttributeStatement/saml:Attribute[@Name=$name]/saml:AttributeValue", namespaces=NS, name=AWS + name
        )
        return [str(value.xpath("string()")).strip() for value in found]

    offered = [sorted(part.strip() for part in value.split(",")) for value in attribute("Role")]
    if sorted([role, provider]) not in offered:
        return set()
    recipient = assertion.xpath(
        "string(saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData/@Recipient)", namespaces=NS
    )
    return {
        (text("saml:Subject/saml:NameID"), text("saml:Issuer"), str(recipient), name, source_identity)
        for name in attribute("RoleSessionName")
        for source_identity in attribute("SourceIdentity") or [""]
    }


# --- edits


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


def pick(candidates: list[Any], number: int) -> Any:
    return candidates[number % len(candidates)]


class Editing:
    """One document while it is edited; each edit is steered by numbers, and does nothing where it cannot."""

    def __init__(self, world: World, root: Element) -> None:
        self.world = world
        self.root = root

    def edit(self, numbers: Numbers) -> None:
        kind, a, b, c = numbers
        # Half of all edits aim at the elements that matter most.
        elements = list(self.root.iter("*"))
        if a % 2 and (parts := self.root.findall(pick(PARTS, a // 2), NS)):
            elements = parts
        pick(EDITS, kind)(self, pick(elements, a), b, c)

    def _any(self, number: int) -> Element:
        return pick(list(self.root.iter("*")), number)

    def _other(self, number: int) -> Element:
        return pick(self.world.trees, number)

    def _put(self, element: Element, b: int, c: int) -> None:
        """Somewhere: in another element, or beside it."""
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
        """Its like from another response in its place."""
        found = list(self._other(b).iter(element.tag))
        if found and element is not self.root:
            element.getparent().replace(element, copy.deepcopy(pick(found, c)))

    def graft(self, element: Element, b: int, c: int) -> None:
        """Something of another response somewhere."""
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
        """An ID, or a reference to it, that is another element's."""
        identifier = self._any(b).get("ID") or pick(self.root.xpath("//@ID") or ["_"], b)
        if element.get("URI") is not None:
            element.set("URI", f"#{identifier}")
        else:
            element.set(pick(ATTRIBUTES[:4], c), identifier)

    def forge(self, element: Element, b: int, c: int) -> None:
        """A wrapping attack: a forged assertion in the place of the true one, which goes elsewhere."""
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
        """A part of a signature from another response, as text."""
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
    """The same text otherwise: CDATA, character references, entities, empty comments."""
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


def octets_of(xml: str, encoding: str, a: int) -> bytes:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding != "utf-8" and a % 2 else ""
    return (declared + xml).encode(encoding, errors="replace" if a % 3 else "xmlcharrefreplace")


HEADER, EDIT = struct.Struct("<BBBHHHB"), struct.Struct("<BHHB")
MOST_EDITS = 6
# One draw for all, since drawing is what takes longest.
structured = st.binary(min_size=HEADER.size, max_size=HEADER.size + MOST_EDITS * EDIT.size)


def try_structured(world: World, drawn: bytes) -> None:
    """A good response, changed, signed anew or not, changed, and accepted only as what was signed."""
    which, signing, split, a, b, c, d = HEADER.unpack_from(drawn)
    edits = list(EDIT.iter_unpack(drawn[HEADER.size : len(drawn) - (len(drawn) - HEADER.size) % EDIT.size]))
    good = pick(world.goods, which)
    # Mostly for the role that it offers.
    request = pick(world.requests[id(good.idp)], split // 8 if split >= 192 else good.role)
    editing = Editing(world, copy.deepcopy(pick(world.trees, which)))
    signed: set[Claims] = set()
    try:
        if signing % 2:
            for numbers in edits[: split % 8]:
                editing.edit(numbers)
            form = pick(["assertion", "response", "both"], signing // 2)
            editing.root, signed = signed_anew(editing.root, good.idp, form, request, b)
            edits = edits[split % 8 :]
        for numbers in edits:
            editing.edit(numbers)
        text = pick(TEXT_EDITS, a)(etree.tostring(editing.root, encoding="unicode"), b, c)
        octets = octets_of(text, pick(ENCODINGS, d), b)
    except (ValueError, etree.LxmlError):
        return  # nothing that XML can hold, or that anybody could sign
    check_accepted(world, request, octets, signed)


def signed_anew(
    root: Element, idp: IdentityProvider, signed: str, request: dict[str, str], b: int
) -> tuple[Element, set[Claims]]:
    """The document with new signatures, and what they cover."""
    if b % 8:
        for signature in root.xpath(".//ds:Signature[parent::*]", namespaces=NS):
            signature.getparent().remove(signature)
    root = etree.fromstring(idp.sign(etree.tostring(root, encoding="unicode"), signed=signed).xml)
    covered = root.findall("saml:Assertion", NS)
    covered = covered if signed == "response" else covered[:1]
    pair = request["RoleArn"], request["PrincipalArn"]
    return root, {claims for assertion in covered for claims in said_by(assertion, *pair)}


def check_accepted(world: World, request: dict[str, str], octets: bytes, signed: set[Claims]) -> None:
    world.calls += 1
    status, body = world.answer({**request, "SAMLAssertion": base64.b64encode(octets).decode()})
    if status == 200:
        world.accepted += 1
        claims = claims_of(body)
        answer = dict(claim.partition("=")[::2] for claim in claims)
        named = answer["Subject"], answer["Issuer"], answer["Audience"]
        short = (*named, answer["Arn"].rpartition("/")[2], answer.get("SourceIdentity", ""))
        unescaped = tuple(unescape(value, {"&#13;": "\r"}) for value in short)
        assert claims in world.honest or unescaped in signed, f"{claims} was not signed: {octets!r}"


# --- what a role wants, and what a login brings


class Choices:
    """Picks from lists, one octet a time; when they have run out, always the first."""

    def __init__(self, drawn: bytes) -> None:
        self._octets = iter(drawn)

    def number(self) -> int:
        return next(self._octets, 0)

    def of(self, candidates: list[Any]) -> Any:
        return pick(candidates, self.number())

    def some(self, candidates: list[Any], most: int) -> list[Any]:
        return [self.of(candidates) for _ in range(self.number() % (most + 1))]

    def maybe(self, make: Callable[[], Any]) -> Any:
        return make() if self.number() % 2 else None


LEGAL = ["alice@example.com", "alice", "Alice", "blue", "BLUE", "team", "Department", "a" * 64] * 20
WORDS = [*LEGAL[:8], "Team", "", "a", "a" * 65, "a" * 257, "aws:blue", "Aws:x", "true", "1", "ß", "İ", "é", "a,b",
         "a:b", "*", "?", "${saml:sub}", "\U0001f600", "2030-01-01", "\u2028", " "]  # fmt: skip
NAMES = [*OPERATORS, *OPERATORS, *OPERATORS, *["Null"] * 4, *OPERATORS, *OPERATORS, "stringlike", "Nonsense", ""]
PREFIXES = ["", "ForAllValues:", "ForAnyValue:"] * 10 + ["forallvalues:"]
SUFFIXES = ["", "", "IfExists"] * 10 + ["IfExistsIfExists"]
KEYS = ["SAML:aud", "saml:sub", "saml:sub_type", "saml:iss", "saml:doc", "saml:namequalifier", "saml:cn", "saml:uid",
        "saml:eduPersonAffiliation", "saml:eduPersonOrgDN", "aws:RequestTag/team", "aws:RequestTag/", "aws:TagKeys",
        "sts:TransitiveTagKeys", "sts:SourceIdentity", "sts:RoleSessionName", "aws:CurrentTime", "aws:EpochTime",
        "aws:SecureTransport", "aws:UserAgent", "aws:SourceIp", "aws:RequestedRegion", "aws:ResourceTag/team",
        "nonsense", "", "\0"]  # fmt: skip
WANTED = [
    *WORDS, "alice*", "*@example.com", "?" * 17, "*" * 60 + "x", "*a" * 60, "a*" * 400, "${saml:sub", "${}", "${*}",
    "$", "${?}", "${$}", "${aws:RequestTag/team}", "${aws:RequestTag/team, 'blue'}", "${aws:TagKeys}",
    "${saml:sub}" * 80, "2030-01-01T12:00:00Z", "2030-01-01T12:00:00.2+14:00", "9999-12-31T23:59:59-23:59",
    "${ saml:sub ,'a' }", "1.2.3.4/99", "0001-01-01", "1893499200", "-1", "+1.5", "1e999", "1" * 500, "inf",
    "NaN", "٣", "10.0.0.0/8", "0.0.0.0/0", "::/0", "fe80::1%eth0", "arn:aws:*:*:*:*", "arn:::::",
    "arn:aws:iam::123456789012:role/*", "YWxpY2U=", "YWxp\n", SIGN_IN,
    True, False, 0, -1, 1.5, 1e308, 10**400, [], "\ud800", "\0", "true", "false",
]  # fmt: skip
FORBIDDEN = [None, {}, ["a", ["b"]], {"a": "b"}, float("nan")]
ELEMENTS = ["Effect", "Action", "Principal", "Condition", "Sid", "Resource", "NotAction", "NotPrincipal", "effect", "",
            "Version", "Statement", "Id"]  # fmt: skip
SESSION_POLICIES = [
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}',
    '{"Statement": []}', "{}", "[]", "{", "null", "1e999", '"', '{"Statement": NaN}', '{"a": 1, "a": 2}', "",
    '{"Statement": {"Effect": "Deny", "NotAction": ["s3:*", "*"], "NotResource": "arn:aws:s3:::a:b/*"}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": true}}}}',
    "[" * 2048, '{"a":' * 400, "\xff" * 2048, "\u0100", "\0", " " * 2048,
]  # fmt: skip
POLICY_ARNS = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::123456789012:policy/Limits",
               "arn:aws:iam::111122223333:policy/Limits", "arn:aws-cn:iam::aws:policy/a", "arn:aws:iam::aws:role/abcd",
               "nothing-valid-in-here", "short", "arn:aws:iam::aws:policy/" + "a" * 2000]  # fmt: skip
NUMBERS = ["900", "+03600", "4096", "0", "4097", "-1", "", "1.5", "٣", "9" * 30]


def condition_block(choices: Choices) -> Any:
    if choices.number() == 255:
        return choices.of(FORBIDDEN + WANTED)
    block: dict[str, Any] = {}
    for _ in range(choices.number() % 4):
        operator = choices.of(PREFIXES) + choices.of(NAMES) + choices.of(SUFFIXES)
        values = choices.some(WANTED, 3) if choices.number() % 2 else choices.of(WANTED)
        block.setdefault(operator, {})[choices.of(KEYS)] = values
    return block


def trust_policy(choices: Choices, provider: SAMLProvider) -> str:
    """Some policy: mostly one that lets somebody in, and more."""
    document: dict[str, Any] = provider.trust_policy(actions=ACTIONS, audience=None)
    statements: list[Any] = document["Statement"]
    statements += choices.some([*statements, {**statements[0], "Effect": "Deny"}], 2)
    document["Statement"] = statements = [copy.deepcopy(statement) for statement in statements]
    for statement in statements:
        if choices.number() % 2:
            statement["Condition"] = condition_block(choices)
    # Now and then something that the grammar forbids.
    for _ in range(max(0, choices.number() - 253)):
        broken = choices.of([document, statements[0]])
        broken[choices.of(ELEMENTS)] = choices.of(FORBIDDEN + WANTED)
    document["Version"] = choices.of([document["Version"]] * 4 + ["2008-10-17"])
    text = json.dumps(document)
    at, length = choices.number() * len(text) // 256, max(0, choices.number() - 250)
    return text[:at] + text[at + length :]


def said(choices: Choices) -> dict[str, Any]:
    """What a login brings beside a name and a role."""
    words = LEGAL + WORDS
    tags = dict(zip(choices.some(words, 4), choices.some(words, 4), strict=False))
    if choices.number() > 250:
        tags |= {f"tag{n}": str(3 ** (400 + n)) for n in range(choices.of([10, 40, 60]))}
    return {
        "principal_tags": tags,
        "transitive_tag_keys": choices.maybe(lambda: choices.some([*[*tags] * 20, "Team"], 3)),
        "source_identity": choices.maybe(lambda: choices.of(words)),
        "name_id": choices.of(words),
        "attributes": {
            choices.of(["urn:oid:2.5.4.3", "urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "urn:oid:1.3.6.1.4.1.5923.1.1.1.3"]):
                choices.some(WORDS, 3)
        },
    }  # fmt: skip


def brought(choices: Choices) -> dict[str, str]:
    """What a form says beside role, provider and response."""
    arns = choices.some(POLICY_ARNS, 12) if choices.number() > 250 else choices.some(POLICY_ARNS[:2], 2)
    form = {f"PolicyArns.member.{choices.of([n, n, 99 - n])}.arn": arn for n, arn in enumerate(arns)}
    for name, values in (
        ("Policy", SESSION_POLICIES[:1] * 20 + SESSION_POLICIES),
        ("DurationSeconds", NUMBERS[:2] * 20 + NUMBERS),
        ("MinimumSessionTokenSize", NUMBERS[:4] * 10 + NUMBERS),
    ):
        if choices.number() % 4 == 0:
            form[name] = choices.of(values)
    return form


CHOSEN = 128
chosen = st.binary(min_size=CHOSEN, max_size=CHOSEN)


def try_trusted(world: World, drawn: bytes) -> None:
    """A login for a role of its own: IAM refuses to make the role, STS refuses, or everything was as it was said."""
    world.calls += 1
    choices = Choices(drawn)
    idp = world.goods[0].idp
    try:
        role = world.backend.create_role(
            "Fuzzed", trust_policy=trust_policy(choices, idp.provider), tags={"team": "blue"}
        )
    except IAMError:
        return
    try:
        says = said(choices)
        try:
            response = idp.response((role.arn, idp.provider.arn), issue_instant=ISSUED, **says)
        except ValueError:
            return  # what XML cannot hold
        form = {"RoleArn": role.arn, "PrincipalArn": idp.provider.arn, "SAMLAssertion": response} | brought(choices)
        status, body = world.answer(form, choices.of(["", "curl", *WORDS]), wire=choices.number() % 2 == 1)
    finally:
        world.backend.delete_role(role)
    if status == 200:
        world.accepted += 1
        check_said(says, form, body)


def check_said(says: dict[str, Any], form: dict[str, str], body: str) -> None:
    """An answer to a login repeats what it said, and its token has the size that it says and was asked for."""
    answer = dict(re.findall(r"<(\w+)>([^<]*)</", body))
    named = says["name_id"].strip(), (says["source_identity"] or "").strip()
    assert (answer["Subject"], answer.get("SourceIdentity", "")) == named, body
    size = len(answer["SessionToken"])
    assert int(form.get("MinimumSessionTokenSize", 0)) <= size <= 4096, size
    assert answer["SessionTokenSize"] == str(size), body
    assert answer["PackedPolicySize"] == answer["SessionTokenUtilization"] == str(-(-size * 100 // 4096)), body
    assert len(says["principal_tags"]) <= 50, body


# --- what is no response at all


def encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


# Not all of Unicode, whose tables take hypothesis seconds and 200 MB.
LETTERS = "aZ0 :/*,\0\t\r\n\x7f\x85\xa0éسΩ\u2028\ud800\udfff\ufeff\uffff\U0001f600<&'\"%$"
xmlish = st.lists(st.sampled_from(TOKENS), max_size=30).map(lambda ts: encoded("".join(ts).encode(errors="replace")))
raw = st.one_of(
    xmlish,
    xmlish,
    st.binary(max_size=200).map(encoded),
    st.binary(max_size=200),
    st.text(LETTERS, max_size=100),
    st.text("ABab01+/= \n-_%", max_size=60),
    st.integers(0, 10**6),
    st.sampled_from(["A" * 100_000, "A" * 100_001, encoded(b"<" * 75_000), encoded(b"<a>" * 25_000)]),
)
rarely = st.one_of(st.none(), st.none(), st.none(), st.text(LETTERS, max_size=40))
numbers = st.one_of(st.none(), st.none(), st.integers(), st.text("0123456789+-. ", max_size=9))
fields = st.tuples(raw, rarely, rarely, rarely, rarely, numbers, numbers, rarely, rarely)


PARAMETERS = ["SAMLAssertion", "RoleArn", "PrincipalArn", "Policy", "PolicyArns.member.1.arn", "DurationSeconds",
              "MinimumSessionTokenSize", "Action", "Version"]  # fmt: skip


def try_raw(world: World, drawn: tuple[Any, ...]) -> None:
    """Anything, and now and then in the other parameters too."""
    world.calls += 1
    request = pick(next(iter(world.requests.values())), world.calls)
    form = request | {name: value for name, value in zip(PARAMETERS, drawn, strict=True) if value is not None}
    status, body = world.answer(form, wire=world.calls % 2 == 1)
    assert status != 200, f"{body} for {form!r}"


# --- the run


def run(world: World, examples: int, first_seed: int) -> None:
    """Half of the examples edited, in batches that keep hypothesis's memory small."""
    turn = 0
    turns = [(structured, try_structured), (chosen, try_trusted), (structured, try_structured), (fields, try_raw)]
    batch = min(BATCH, -(-examples // len(turns)))
    while world.calls < examples:
        strategy, attempt = pick(turns, turn)
        run_batch(strategy, partial(attempt, world), min(batch, examples - world.calls), first_seed + turn)
        turn += 1


def run_batch(strategy: st.SearchStrategy[Any], attempt: Callable[[Any], None], examples: int, number: int) -> None:
    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def example(drawn: Any) -> None:
        attempt(drawn)

    example()


def megabytes() -> float:
    # Kilobytes on Linux, octets on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="?", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    arguments = parser.parse_args()
    say(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory() as directory, mock_sts_saml() as backend:
        set_hypothesis_home_dir(directory)
        world = World(backend)
        before, begun = megabytes(), time.perf_counter()
        run(world, arguments.examples, arguments.seed)
        seconds = time.perf_counter() - begun
    slowest, size = world.slowest
    say(f"{world.calls} examples in {seconds:.0f} s: {world.calls / seconds:.0f} per second, {world.accepted} accepted")
    say(f"peak memory {megabytes():.0f} MB, {before:.0f} MB of it before the first example")
    say(f"slowest input {slowest:.3f} s, {size} characters")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
