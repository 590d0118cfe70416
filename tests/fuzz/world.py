"""The AWS that is fuzzed, two identity providers, and their honest responses."""

import base64
import datetime as dt
import re
import time
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import urlencode

from lxml import etree

from pytest_stssaml import SHAPES, IdentityProvider, STSBackend, active_mock, make_signing_key
from pytest_stssaml.literals import KeyKind
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
#: The white space of XML (section 2.3), which is not part of a value.
XML_SPACE = " \t\r\n"
CODES = {(row.status, row.code) for row in CATALOGUE}

Element = Any
Claims = tuple[str, ...]


def pick(candidates: list[Any], number: int) -> Any:
    """Return the item of a list that any number chooses."""
    return candidates[number % len(candidates)]


class Good(NamedTuple):
    """An honest response, which STS does not accept in all cases."""

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


SESSION_POLICIES = [
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}',
    '{"Statement": []}', "{}", "[]", "{", "null", "1e999", '"', '{"Statement": NaN}', '{"a": 1, "a": 2}', "",
    '{"Statement": {"Effect": "Deny", "NotAction": ["s3:*", "*"], "NotResource": "arn:aws:s3:::a:b/*"}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": true}}}}',
    "[" * 2048, '{"a":' * 400, "\xff" * 2048, "\u0100", "\0", " " * 2048,
]  # fmt: skip


class World:
    """The backend under test, which every example uses, and the honest responses that it knows."""

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
        assert self.honest, "no login succeeds"

    def _add(self, kind: KeyKind) -> None:
        idp = IdentityProvider(f"https://{kind}.example.com/saml", signing_key=make_signing_key(kind))
        provider = self.backend.create_saml_provider(kind, idp)
        policy = provider.trust_policy(actions=ACTIONS, recipient=None)
        roles = {
            n: self.backend.create_role(f"{n}-{kind}", trust_policy=policy) for n in ("Developer", "Reader", "Admin")
        }
        self.requests[id(idp)] = [{"RoleArn": role.arn, "PrincipalArn": provider.arn} for role in roles.values()]
        for (name, said), signed in product(PEOPLE, ("assertion", "response", "both")):
            response = idp.response((roles[name].arn, provider.arn), signed=signed, **{"issue_instant": ISSUED, **said})
            self.goods.append(Good(response.xml, idp, list(roles).index(name)))
        for shape in SHAPES:
            response = idp.response((roles["Developer"].arn, provider.arn), shape=shape, issue_instant=ISSUED)
            # lxml refuses a string that declares its encoding.
            self.goods.append(Good(re.sub(r"^<\?xml.*?\?>\s*", "", response.xml), idp, 0))

    def _outcomes(self, good: Good) -> Iterator[Claims]:
        for request in self.requests[id(good.idp)]:
            status, body = self.answer({**request, "SAMLAssertion": base64.b64encode(good.xml.encode()).decode()})
            if status == 200:
                yield claims_of(body)

    def answer(self, parameters: dict[str, Any], user_agent: str = "", *, wire: bool = False) -> tuple[int, str]:
        """Return status and body of the answer to a form. Nothing is raised, and every error is in the catalogue.

        :param wire: send the form as it is sent over HTTP.
        """
        form = OPERATION | parameters
        (status, body), seconds = self._timed(form, user_agent, wire)
        if seconds > self.slowest[0]:
            # The first time may include the garbage collector or another process.
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
    """Return all that an answer says about a login."""
    names = "Subject|SubjectType|Issuer|Audience|Arn|AssumedRoleId|NameQualifier|Expiration|SourceIdentity"
    return tuple(f"{name}={value}" for name, value in sorted(re.findall(f"<({names})>([^<]*)", body)))


def said_by(assertion: Element, role: str, provider: str) -> set[Claims]:
    """Return what an answer may say about an assertion, without times. It is read here without the package."""

    def text(path: str) -> str:
        found = assertion.xpath(f"string({path})", namespaces=NS)
        return str(found).strip(XML_SPACE)

    def attribute(name: str) -> list[str]:
        found = assertion.xpath(
            "saml:AttributeStatement/saml:Attribute[@Name=$name]/saml:AttributeValue", namespaces=NS, name=AWS + name
        )
        return [str(value.xpath("string()")).strip(XML_SPACE) for value in found]

    offered = [sorted(part.strip(XML_SPACE) for part in value.split(",")) for value in attribute("Role")]
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
