"""Fuzzing of STS: `python tests/fuzz/fuzz_login.py [examples] [--seed number]`.

Whatever comes in, out comes an answer or an error of the catalogue; and an assertion that was changed after it was
signed is refused, or accepted as what was signed. Good responses are edited, signed anew or not, and edited again;
and there is text, octets and what looks like XML. Prints speed, memory and the slowest input.
"""

import argparse
import base64
import copy
import datetime as dt
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

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from lxml import etree

from pytest_stssaml import IdentityProvider, STSBackend, make_signing_key, mock_sts_saml
from pytest_stssaml.sts.errors import CATALOGUE

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
        for kind in ("rsa", "ec"):
            self._add(kind)
        self.trees = [etree.fromstring(good.xml) for good in self.goods]
        self.honest = {claims for good in self.goods for claims in self._outcomes(good)}

    def _add(self, kind: str) -> None:
        idp = IdentityProvider(f"https://{kind}.example.com/saml", signing_key=make_signing_key(kind))
        provider = self.backend.create_saml_provider(kind, idp)
        policy = provider.trust_policy(audience=None)
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

    def answer(self, form: dict[str, Any]) -> tuple[int, str]:
        """What STS says to a form: never an exception, and no error that is not in the catalogue."""
        (status, body), seconds = self._timed(form)
        if seconds > self.slowest[0]:
            # Again, since the first time may have met the garbage collector, or another process.
            seconds = min(seconds, self._timed(form)[1])
            self.slowest = max(self.slowest, (seconds, len(str(form.get("SAMLAssertion", "")))))
        if status != 200:
            code = re.search("<Code>(.*?)</Code>", body)
            assert code is not None
            assert (status, code[1]) in CODES, f"{status} {code[1]} is not in the catalogue: {form}"
        return status, body

    def _timed(self, form: dict[str, Any]) -> tuple[tuple[int, str], float]:
        self.backend.move_to(NOW)
        begun = time.perf_counter()
        status, _, body = self.backend.answer(form, "us-east-1")
        return (status, body), time.perf_counter() - begun


def claims_of(body: str) -> Claims:
    """All that an answer says of the login."""
    names = "Subject|SubjectType|Issuer|Audience|Arn|AssumedRoleId|NameQualifier|Expiration"
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
        (text("saml:Subject/saml:NameID"), text("saml:Issuer"), str(recipient), name)
        for name in attribute("RoleSessionName")
    }


# --- edits


VALUES = [
    "mallory@example.com", "alice@example.com", "bob", "", " ", "0", "2.0", "1.1", "x" * 300, "ü\u2028", "]]&gt;",
    "2030-01-01T12:30:00Z", "9999-12-31T23:59:59.999-14:00", "0001-01-01T00:00:00+14:00", "2020-01-01T00:00:00.000Z",
    SIGN_IN, "urn:amazon:webservices", "https://rsa.example.com/saml", "https://ec.example.com/saml",
    AWS + "Role", AWS + "RoleSessionName", AWS + "SessionDuration", "43200", "900", "٣٦٠٠",
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
        short = (answer["Subject"], answer["Issuer"], answer["Audience"], answer["Arn"].rpartition("/")[2])
        unescaped = tuple(value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for value in short)
        assert claims in world.honest or unescaped in signed, f"{claims} was not signed: {octets!r}"


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
fields = st.tuples(
    raw, rarely, rarely, rarely, st.one_of(st.none(), st.integers(), st.text("0123456789+-. ", max_size=9))
)


PARAMETERS = ["SAMLAssertion", "RoleArn", "PrincipalArn", "Policy", "DurationSeconds"]


def try_raw(world: World, drawn: tuple[Any, ...]) -> None:
    """Anything, and now and then in the other parameters too."""
    world.calls += 1
    request = pick(next(iter(world.requests.values())), world.calls)
    form = request | {name: value for name, value in zip(PARAMETERS, drawn, strict=True) if value is not None}
    status, body = world.answer(form)
    assert status != 200, f"{body} for {form!r}"


# --- the run


def run(world: World, examples: int, first_seed: int) -> None:
    """Three quarters of the examples with structure, in batches that keep hypothesis's memory small."""
    turn = 0
    while world.calls < examples:
        strategy, attempt = (fields, try_raw) if turn % 4 == 3 else (structured, try_structured)
        run_batch(strategy, partial(attempt, world), min(BATCH, examples - world.calls), first_seed + turn)
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
