"""Responses in the shapes of vendors; idp/skeletons has, for each, what it writes at noon for two roles."""

import copy
import datetime as dt
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xmlsec1
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from pytest_stssaml import (
    IdentityProvider,
    SAMLResponse,
    STSBackend,
    make_signing_key,
    mock_sts_saml,
)
from pytest_stssaml.idp.shapes import SHAPES
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.parameter_names import SHAPES as NAMES
from pytest_stssaml.saml.vocabulary import NAMESPACES
from pytest_stssaml.sentinel import NOT_GIVEN

SKELETONS = Path(__file__).parent / "idp" / "skeletons"
NOON = dt.datetime(2030, 1, 1, 12, 0, 0, 250_999, tzinfo=dt.UTC)
PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
AWS = "https://aws.amazon.com/SAML/Attributes/"
SIGNATURE = re.compile(r"<((?:\w+:)?Signature)[ >].*?</\1>", re.DOTALL)
EC_KEY = make_signing_key("ec")
RSA_KEY: Any = make_signing_key()

every_shape = pytest.mark.parametrize("shape", NAMES)


@pytest.fixture
def noon() -> Iterator[None]:
    with mock_sts_saml(now=NOON, seed="seed"):
        yield


@pytest.fixture(scope="module")
def protocol() -> Any:
    pytest.importorskip("saml2")
    from test_schemas import schema

    return schema("protocol")


def vendor(shape: str, key: SigningKey = EC_KEY) -> IdentityProvider:
    """An identity provider with the entity id that the vendor's have."""
    return IdentityProvider(SHAPES[shape].entity_id, signing_key=key)


def said(shape: str, role: Any = PAIR, **keywords: Any) -> SAMLResponse:
    return vendor(shape).response(role, shape=shape, **keywords)


def found(response: SAMLResponse, path: str) -> list[str]:
    return [str(value) for value in response.root.xpath(path, namespaces=NAMESPACES)]


def tag(response: SAMLResponse, name: str, nth: int = 0) -> str:
    """A start tag as it is written, without its namespaces' URIs."""
    tags = re.findall(rf"<(?:\w+:)?{name}(?=[ />])[^>]*>", response.xml)
    return re.sub(r'(xmlns[:\w]*)="[^"]*"', r"\1", tags[nth])


def test_the_names_are_those_of_the_data() -> None:
    assert tuple(SHAPES) == NAMES


def test_which_are_approximate_is_said() -> None:
    approximate = [name for name, shape in SHAPES.items() if not shape.exact]
    assert approximate == ["onelogin", "auth0", "jumpcloud", "iam-identity-center"]


def skeleton_of(name: str) -> str:
    return "".join(line.strip() for line in (SKELETONS / f"{name}.xml").read_text(encoding="utf-8").splitlines())


def bare(response: SAMLResponse, entity_id: str) -> str:
    """A document with names for what is different each time."""
    xml = SIGNATURE.sub("<!--signature-->", response.xml).replace(entity_id, "ENTITY_ID")
    for text, name in zip(found(response, "//@ID"), ["RESPONSE_ID", "ASSERTION_ID"], strict=True):
        xml = xml.replace(text, name)
    return xml.replace(found(response, "//@SessionIndex")[0], "SESSION_INDEX")


class TestRawForm:
    def test_without_a_shape_it_writes_its_own(self, noon: None) -> None:
        idp = IdentityProvider(signing_key=EC_KEY)
        response = idp.response([("ROLE_ARN", "PROVIDER_ARN"), ("ROLE_ARN_2", "PROVIDER_ARN")], session_duration=3600)
        assert bare(response, idp.entity_id) == skeleton_of("plain")

    @every_shape
    def test_it_writes_what_the_skeleton_says(self, shape: str, noon: None) -> None:
        skeleton = skeleton_of(shape)
        roles = [("ROLE_ARN", "PROVIDER_ARN"), ("ROLE_ARN_2", "PROVIDER_ARN")]
        keywords: dict[str, Any] = {"session_duration": 3600} if "SessionDuration" in skeleton else {}
        if "AttributeStatement" not in skeleton:
            roles, keywords = [], {"session_name": None}
        response = said(shape, roles, **keywords)
        assert bare(response, SHAPES[shape].entity_id) == skeleton

    @pytest.mark.parametrize(
        ("shape", "response_id", "assertion_id", "session_index"),
        [
            ("okta", r"id\d{26}", r"id\d{26}", r"id1893499200250\.\d{10}"),
            ("entra", "_GUID", "_GUID", None),
            ("adfs", "_GUID", "_GUID", None),
            ("google", "_[0-9a-f]{32}", "_[0-9a-f]{32}", None),
            ("keycloak", "ID_GUID", "ID_GUID", "GUID::GUID"),
            ("shibboleth", "_[0-9a-f]{32}", "_[0-9a-f]{32}", "_[0-9a-f]{32}"),
            ("pingfederate", r"[A-Za-z_][A-Za-z0-9._-]{26}", r"[A-Za-z_][A-Za-z0-9._-]{26}", None),
            ("simplesamlphp", "_[0-9a-f]{42}", "_[0-9a-f]{42}", "_[0-9a-f]{42}"),
            ("onelogin", "R[0-9a-f]{40}", "pfxGUID", "_GUID"),
            ("auth0", "_[0-9a-f]{20}", "_[0-9A-Za-z]{32}", "_[0-9A-Za-z]{32}"),
            ("jumpcloud", "[A-Z][A-Z0-9]{39}", "[A-Z][A-Z0-9]{39}", "GUID"),
            ("iam-identity-center", "_GUID", "_GUID", "_GUID"),
        ],
    )
    def test_its_identifiers_have_the_vendors_pattern(
        self, noon: None, shape: str, response_id: str, assertion_id: str, session_index: str | None
    ) -> None:
        response = said(shape)
        identifiers = found(response, "//@ID")
        written = [*identifiers, *found(response, "//@SessionIndex")]
        patterns = [response_id, assertion_id, session_index or re.escape(identifiers[1])]
        guid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        assert [bool(re.fullmatch(p.replace("GUID", guid), w)) for p, w in zip(patterns, written, strict=True)] == [
            True
        ] * 3

    @every_shape
    def test_no_two_identifiers_are_equal(self, noon: None, shape: str) -> None:
        assert len({identifier for _ in range(3) for identifier in found(said(shape), "//@ID")}) == 6

    @every_shape
    def test_the_same_seed_and_time_repeat_the_whole_response(self, shape: str, saml_signing_key: SigningKey) -> None:
        made = []
        for _ in range(2):
            with mock_sts_saml(seed="seed", now=NOON):
                made.append(vendor(shape, saml_signing_key).response(PAIR, shape=shape))
        assert made[0] == made[1]

    # Where InResponseTo stands when somebody asked: the start tag of the Response and SubjectConfirmationData.
    @pytest.mark.parametrize(
        ("shape", "root", "data"),
        [
            ("okta", "Destination ID InResponseTo IssueInstant Version", "InResponseTo NotOnOrAfter Recipient"),
            ("entra", "Destination InResponseTo xmlns:samlp", "InResponseTo NotOnOrAfter Recipient"),
            ("adfs", "Destination Consent InResponseTo xmlns:samlp", "InResponseTo NotOnOrAfter Recipient"),
            ("google", "Destination ID InResponseTo IssueInstant Version", "InResponseTo NotOnOrAfter Recipient"),
            ("keycloak", "Destination ID InResponseTo IssueInstant Version", "InResponseTo NotOnOrAfter Recipient"),
            ("shibboleth", "Destination ID InResponseTo IssueInstant", "Address InResponseTo NotOnOrAfter Recipient"),
            ("pingfederate", "Version ID IssueInstant InResponseTo xmlns:samlp", "Recipient NotOnOrAfter InResponseTo"),
            ("simplesamlphp", "IssueInstant Destination InResponseTo", "NotOnOrAfter Recipient InResponseTo"),
            ("onelogin", "IssueInstant Destination InResponseTo", "NotOnOrAfter Recipient InResponseTo"),
            ("auth0", "ID InResponseTo Version IssueInstant Destination", "NotOnOrAfter Recipient InResponseTo"),
        ],
    )
    def test_in_response_to_has_its_place(self, shape: str, root: str, data: str) -> None:
        response = said(shape, in_response_to="_request")
        names = [
            " ".join(re.findall(r"\s([\w:]+)(?=[= >])", tag(response, element)))
            for element in ("Response", "SubjectConfirmationData")
        ]
        assert (root in names[0], names[1]) == (True, data)

    def test_oktas_session_is_the_request_that_asked(self) -> None:
        assert found(said("okta", in_response_to="_request"), "//@SessionIndex") == ["_request"]

    @pytest.mark.parametrize(("shape", "attributes"), [("keycloak", 2), ("jumpcloud", 2)])
    def test_some_write_an_attribute_for_each_role(self, shape: str, attributes: int) -> None:
        path = f"count(//saml:Attribute[@Name='{AWS}Role'])"
        assert said(shape, [PAIR, PAIR]).root.xpath(path, namespaces=NAMESPACES) == attributes

    @pytest.mark.parametrize("shape", [name for name in NAMES if name not in ("keycloak", "jumpcloud")])
    def test_most_write_one_attribute_for_all_roles(self, shape: str) -> None:
        path = f"count(//saml:Attribute[@Name='{AWS}Role'])"
        assert said(shape, [PAIR, PAIR]).root.xpath(path, namespaces=NAMESPACES) == 1

    def test_google_writes_an_attribute_without_a_value(self) -> None:
        response = said("google", attributes={"department": []})
        assert '<saml2:Attribute Name="department"/>' in response.xml

    def test_onelogin_writes_ascii(self) -> None:
        response = said("onelogin", name_id="Ålice七")
        assert (">&#xC5;lice&#x4E03;</saml:NameID>" in response.xml, response.xml.isascii()) == (True, True)

    @pytest.mark.parametrize(
        ("signed", "patterns"),
        [("assertion", ["R", "pfx"]), ("response", ["pfx", "A"]), ("both", ["pfx", "pfx"]), (None, ["R", "A"])],
    )
    def test_onelogins_identifiers_say_what_is_signed(self, signed: str | None, patterns: list[str]) -> None:
        identifiers = found(said("onelogin", signed=signed), "//@ID")
        assert [i.startswith(p) for i, p in zip(identifiers, patterns, strict=True)] == [True, True]

    @pytest.mark.parametrize(
        ("signed", "destination"),
        [("assertion", []), (None, []), ("response", [1]), ("both", [1])],
    )
    def test_pingfederate_names_the_destination_in_a_signed_response_only(
        self, signed: str | None, destination: list[int]
    ) -> None:
        response = said("pingfederate", signed=signed)
        assert found(response, "/*/@Destination") == ["https://signin.aws.amazon.com/saml" for _ in destination]

    @every_shape
    def test_tags_and_attributes_of_ones_own_are_written_in_its_way(self, shape: str) -> None:
        plain, tagged = said(shape), said(shape, principal_tags={"team": "blue"}, attributes={"urn:x": ["a", "b"]})
        path = "//saml:Attribute[@Name='{}']/saml:AttributeValue/text()"
        assert [found(tagged, path.format(name)) for name in (AWS + "PrincipalTag:team", "urn:x")] == [
            ["blue"],
            ["a", "b"],
        ]
        assert len(found(tagged, "//saml:Attribute/@Name")) == len(found(plain, "//saml:Attribute/@Name")) + 2

    def test_a_vendor_that_declares_types_for_values_does_so_only_where_there_are_some(self) -> None:
        for shape, prefix in (("okta", "xs"), ("shibboleth", "xsd")):
            empty = said(shape, None, session_name=None)
            assert (f"xmlns:{prefix}=" in empty.xml, "PrefixList" in empty.xml) == (False, False)
            assert said(shape).xml.count(f'PrefixList="{prefix}"') == 2

    @every_shape
    @pytest.mark.parametrize("signed", [NOT_GIVEN, "both", None], ids=repr)
    def test_it_obeys_the_schema(self, protocol: Any, shape: str, signed: Any) -> None:
        response = said(shape, [PAIR, PAIR], signed=signed, in_response_to="_request", principal_tags={"team": "blue"})
        protocol.validate(response.root)
        assert [entry.message for entry in protocol.error_log] == []

    @every_shape
    def test_a_failure_obeys_the_schema(self, protocol: Any, shape: str) -> None:
        protocol.validate(said(shape, status=STATUS + "AuthnFailed").root)
        assert [entry.message for entry in protocol.error_log] == []


# Namespaces and algorithms go by these names; base64 by the length of its lines and by what stands around it.
SHORT = {
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature": "ENVELOPED",
    "http://www.w3.org/2001/10/xml-exc-c14n#": "EXCLUSIVE",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "RSA",
    "http://www.w3.org/2001/04/xmlenc#sha256": "SHA256",
    "http://www.w3.org/2000/09/xmldsig#": "DS",
}


def abbreviated(signature: str) -> str:
    for uri, name in SHORT.items():
        signature = signature.replace(f'"{uri}"', f'"{name}"')

    def lines(base64: re.Match[str]) -> str:
        widths = [len(line) for line in base64[1].strip().split("\n")]
        edge = "|" if base64[1].startswith("\n") else ""
        return f">{edge}{f'LINES{max(widths)}' if widths[1:] else 'LINE'}{edge}<"

    return re.sub(r">([A-Za-z0-9+/=\n]{40,})<", lines, re.sub('URI="#[^"]*"', 'URI="#ID"', signature))


_DS = (
    '<{p}Signature {x}="DS">{b}<{p}SignedInfo>{b}<{p}CanonicalizationMethod Algorithm="EXCLUSIVE"{e}{b}'
    '<{p}SignatureMethod Algorithm="RSA"{e}{b}<{p}Reference URI="#ID">{b}<{p}Transforms>{b}'
    '<{p}Transform Algorithm="ENVELOPED"{e}{b}<{p}Transform Algorithm="EXCLUSIVE"{t}{b}</{p}Transforms>{b}'
    '<{p}DigestMethod Algorithm="SHA256"{e}{b}<{p}DigestValue>LINE</{p}DigestValue>{b}</{p}Reference>{b}'
    "</{p}SignedInfo>{b}<{p}SignatureValue>{v}</{p}SignatureValue>{b}{k}</{p}Signature>"
)
_KEY = "<{p}KeyInfo><{p}X509Data>{s}<{p}X509Certificate>{c}</{p}X509Certificate></{p}X509Data></{p}KeyInfo>"
_LIST = '><ec:InclusiveNamespaces xmlns:ec="EXCLUSIVE" PrefixList="{}"/></ds:Transform>'
_GOOGLE = "ST=California,C=US,OU=Google For Work,CN=Google,L=Mountain View,O=Google Inc."


def signature_form(p: str = "ds:", c: str = "LINE", **fields: str) -> str:
    """A Signature: prefix, base64 of the certificate; `t` ends the second transform, `v` is the value, `k` KeyInfo."""
    namespace = f"xmlns:{p[:-1]}" if p else "xmlns"
    key_info = _KEY.format(p=p, c=c, s=fields.pop("s", ""))
    return _DS.format(**{"p": p, "x": namespace, "b": "", "e": "/>", "t": "/>", "v": "LINE", "k": key_info} | fields)


SIGNATURES = {
    "okta": ("both", signature_form(t=_LIST.format("xs"), c="LINES76")),
    "entra": ("assertion", signature_form("")),
    "adfs": (
        "assertion",
        signature_form(
            e=" />",
            t=" />",
            k='<KeyInfo xmlns="DS"><ds:X509Data><ds:X509Certificate>LINE</ds:X509Certificate></ds:X509Data></KeyInfo>',
        ),
    ),
    "google": (
        "assertion",
        signature_form(v="LINES76", c="LINES76", s=f"<ds:X509SubjectName>{_GOOGLE}</ds:X509SubjectName>"),
    ),
    "keycloak": ("response", signature_form("dsig:")),
    "shibboleth": ("both", signature_form(t=_LIST.format("xsd"), c="LINES76")),
    "pingfederate": ("assertion", signature_form(b="\n", v="|LINES76|", k="")),
    "simplesamlphp": ("both", signature_form()),
    "onelogin": ("assertion", signature_form()),
    "auth0": ("assertion", signature_form("")),
    "jumpcloud": ("assertion", signature_form()),
    "iam-identity-center": ("response", signature_form().replace(' xmlns:ds="DS"', "")),
}
BEARERS = {"assertion": ["Assertion"], "response": ["Response"], "both": ["Response", "Assertion"]}


class TestSignature:
    @every_shape
    def test_it_stands_where_the_vendor_puts_it_and_looks_like_the_vendors(
        self, shape: str, saml_signing_key: SigningKey
    ) -> None:
        signed, form = SIGNATURES[shape]
        response = vendor(shape, saml_signing_key).response(PAIR, shape=shape)
        written = [abbreviated(match[0]) for match in SIGNATURE.finditer(response.xml)]
        hosts = [
            etree.QName(host).localname for host in response.root.xpath("//ds:Signature/..", namespaces=NAMESPACES)
        ]
        before = found(response, "name(//ds:Signature/preceding-sibling::*[1])")
        assert (written, hosts, "".join(before).endswith("Issuer")) == ([form] * len(written), BEARERS[signed], True)

    @every_shape
    @pytest.mark.parametrize("signed", [NOT_GIVEN, "assertion", "response", "both"], ids=repr)
    @pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["rsa", "ec"])
    def test_sts_takes_it(self, sts: STSBackend, log_in: Any, *, shape: str, signed: Any, key: SigningKey) -> None:
        idp = vendor(shape, key)
        role = sts.create_role("Developer", provider=sts.create_saml_provider("ExampleIdP", idp))
        response = idp.response(role, shape=shape, signed=signed, session_duration=3600)
        assert log_in(response, role, idp.provider)["Subject"] == "alice@example.com"

    @every_shape
    def test_sts_takes_it_with_tags(self, sts: STSBackend, log_in: Any, shape: str) -> None:
        idp = vendor(shape)
        provider = sts.create_saml_provider("ExampleIdP", idp)
        actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
        role = sts.create_role("Developer", trust_policy=provider.trust_policy(actions=actions))
        response = idp.response(
            [role, PAIR],
            shape=shape,
            principal_tags={"team": "blue"},
            transitive_tag_keys=["team"],
            source_identity="alice",
            attributes={"urn:x": ["é", ""]},
        )
        assert log_in(response, role, provider)["SourceIdentity"] == "alice"

    @every_shape
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_sts_refuses_it_with_another_name_in_it(
        self, sts: STSBackend, refusal: Any, shape: str, signed: str
    ) -> None:
        idp = vendor(shape)
        role = sts.create_role("Developer", provider=sts.create_saml_provider("ExampleIdP", idp))
        response = idp.response(role, shape=shape, signed=signed).tampered("alice", "mallory")
        assert refusal(response, role, idp.provider) == ("InvalidIdentityToken", 400, "Response signature invalid")

    @xmlsec1.needs_xmlsec1
    @every_shape
    @pytest.mark.parametrize("signed", [NOT_GIVEN, "both"], ids=repr)
    def test_xmlsec1_agrees(self, tmp_path: Path, saml_signing_key: SigningKey, shape: str, signed: Any) -> None:
        idp = vendor(shape, saml_signing_key)
        response = idp.response([PAIR, PAIR], shape=shape, signed=signed, name_id="Ålice", session_duration=3600)
        certificate = tmp_path / "certificate.pem"
        certificate.write_bytes(idp.certificates[0].public_bytes(Encoding.PEM))
        hosts = BEARERS[SIGNATURES[shape][0] if signed is NOT_GIVEN else signed]
        assert [xmlsec1.verify(response.xml, certificate, host=host) for host in hosts] == [True] * len(hosts)

    @xmlsec1.needs_xmlsec1
    def test_xmlsec1_looks_at_the_prefix_list(self, tmp_path: Path, saml_signing_key: SigningKey) -> None:
        idp = vendor("okta", saml_signing_key)
        xml = idp.response(PAIR, shape="okta").xml
        certificate = tmp_path / "certificate.pem"
        certificate.write_bytes(idp.certificates[0].public_bytes(Encoding.PEM))
        assert xmlsec1.verify(xml.replace('PrefixList="xs"', 'PrefixList="xsi"'), certificate) is False


# What a shape has another default for, with a value that none of them has, and where it lands.
OTHERS: dict[str, tuple[Any, str, list[str]]] = {
    "role_format": ("{role};{provider}", f"//saml:Attribute[@Name='{AWS}Role']/*/text()", [";".join(PAIR)]),
    "name_id_format": ("urn:format", "//saml:NameID/@Format", ["urn:format"]),
    "audience": ("urn:audience", "//saml:Audience/text()", ["urn:audience"]),
    "destination": ("urn:destination", "/*/@Destination", ["urn:destination"]),
    "not_before": (dt.timedelta(0), "//@NotBefore", ["2030-01-01T12:00:00.250Z"]),
    "not_on_or_after": (dt.timedelta(1), "//@NotOnOrAfter", ["2030-01-02T12:00:00.250Z"] * 2),
    "session_not_on_or_after": (dt.timedelta(1), "//@SessionNotOnOrAfter", ["2030-01-02T12:00:00.250Z"]),
    "issue_instant": ("now", "//@IssueInstant | //@AuthnInstant", ["now"] * 3),
}
ROLE_SESSION_NAME = f"//saml:Attribute[@Name='{AWS}RoleSessionName']"
LEFT_OUT = {
    "session_name": ROLE_SESSION_NAME,
    "name_id": "//saml:NameID",
    "name_id_format": "//saml:NameID/@Format",
    "issuer": "//saml:Issuer",
    "response_issuer": "/*/saml:Issuer",
    "audience": "//saml:AudienceRestriction",
    "recipient": "//@Recipient",
    "destination": "//@Destination",
    "in_response_to": "//@InResponseTo",
    "issue_instant": "//@IssueInstant | //@AuthnInstant",
    "not_before": "//@NotBefore",
    "not_on_or_after": "//@NotOnOrAfter",
    "conditions_not_on_or_after": "//saml:Conditions/@NotOnOrAfter",
    "subject_not_on_or_after": "//saml:SubjectConfirmationData/@NotOnOrAfter",
    "session_not_on_or_after": "//@SessionNotOnOrAfter",
    "status": "//samlp:Status",
    "signed": "//ds:Signature",
}


class TestKeywords:
    @every_shape
    @pytest.mark.parametrize("keyword", OTHERS)
    def test_what_the_author_says_wins(self, noon: None, shape: str, keyword: str) -> None:
        value, path, expected = OTHERS[keyword]
        if SHAPES[shape].digits == 0:
            expected = [text.replace(".250Z", "Z") for text in expected]
        assert found(said(shape, **{keyword: value}), path) == expected

    @every_shape
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_what_the_author_has_signed_is_signed(self, shape: str, signed: str) -> None:
        hosts = said(shape, signed=signed).root.xpath("//ds:Signature/..", namespaces=NAMESPACES)
        assert [etree.QName(host).localname for host in hosts] == BEARERS[signed]

    @every_shape
    def test_the_author_chooses_the_algorithms(self, shape: str, saml_signing_key: SigningKey) -> None:
        idp = vendor(shape, saml_signing_key)
        response = idp.response(PAIR, shape=shape, signature_algorithm="rsa-sha1", digest_algorithm="sha512")
        uris = {uri.rpartition("#")[2] for uri in found(response, "//ds:SignatureMethod/@* | //ds:DigestMethod/@*")}
        assert uris == {"rsa-sha1", "sha512"}

    @every_shape
    @pytest.mark.parametrize("keyword", LEFT_OUT)
    def test_none_leaves_it_out(self, shape: str, keyword: str) -> None:
        assert said(shape, **{"signed": None, keyword: None}).root.xpath(LEFT_OUT[keyword], namespaces=NAMESPACES) == []

    @every_shape
    def test_without_role_name_and_attributes_nothing_is_left_of_awss(self, shape: str) -> None:
        names = found(said(shape, None, session_name=None), "//saml:Attribute/@Name")
        assert [name for name in names if name.startswith(AWS)] == []

    @every_shape
    @pytest.mark.parametrize("status", ["Requester", "AuthnFailed"])
    def test_a_failure_has_a_status_and_no_assertion(self, shape: str, status: str) -> None:
        response = said(shape, status=STATUS + status)
        children = [etree.QName(child).localname for child in response.root]
        signature = ["Signature"] if SIGNATURES[shape][0] != "assertion" else []
        assert children == ["Issuer", *signature, "Status"]
        assert found(response, "//samlp:StatusCode/@Value")[-1] == STATUS + status

    @every_shape
    def test_sts_refuses_a_failure_as_one(self, sts: STSBackend, refusal: Any, shape: str) -> None:
        idp = vendor(shape)
        role = sts.create_role("Developer", provider=sts.create_saml_provider("ExampleIdP", idp))
        assert refusal(idp.response(role, shape=shape, status=STATUS + "AuthnFailed"), role, idp.provider)[0] == (
            "IDPRejectedClaim"
        )

    @pytest.mark.parametrize(
        ("shape", "audience"),
        [("okta", "urn:amazon:webservices:cn-north-1"), ("entra", "https://signin.amazonaws.cn/saml")],
    )
    def test_another_partition_is_addressed_as_it_wants(self, shape: str, audience: str) -> None:
        response = said(shape, tuple(arn.replace(":aws:", ":aws-cn:") for arn in PAIR))
        assert found(response, "//saml:Audience/text() | //@Recipient") == [
            "https://signin.amazonaws.cn/saml",
            audience,
        ]

    @every_shape
    def test_the_issuer_is_the_identity_providers(self, shape: str) -> None:
        response = IdentityProvider("urn:own", signing_key=EC_KEY).response(PAIR, shape=shape)
        assert found(response, "//saml:Issuer/text()") == ["urn:own", "urn:own"]

    @pytest.mark.parametrize(
        ("shape", "instants"),
        [
            # Response, Assertion, AuthnStatement
            ("okta", ["13:00:00.250", "13:00:00.250", "13:00:00.250"]),
            ("entra", ["13:00:00.260", "13:00:00.250", "13:00:00.250"]),
            ("google", ["13:00:00.250", "13:00:00.250", "12:59:57.000"]),
            ("shibboleth", ["13:00:00.250", "13:00:00.250", "13:00:00.120"]),
            ("pingfederate", ["13:00:00.246", "13:00:00.250", "13:00:00.000"]),
            ("simplesamlphp", ["13:00:00", "13:00:00", "13:00:00"]),
            ("onelogin", ["13:00:00", "13:00:00", "12:59:59"]),
        ],
    )
    def test_the_vendors_clocks_go_with_the_issue_instant(self, noon: None, shape: str, instants: list[str]) -> None:
        response = said(shape, issue_instant=dt.timedelta(hours=1))
        assert sorted(found(response, "//@IssueInstant | //@AuthnInstant")) == sorted(
            f"2030-01-01T{instant}Z" for instant in instants
        )

    def test_a_part_of_a_second_that_the_author_says_is_written(self, noon: None) -> None:
        response = said("simplesamlphp", not_before=dt.timedelta(milliseconds=5))
        assert found(response, "//@NotBefore") == ["2030-01-01T12:00:00.005Z"]

    @pytest.mark.parametrize("shape", ["Okta", "azure", ""])
    def test_another_shape_is_an_error_that_lists_them(self, shape: str) -> None:
        with pytest.raises(ValueError, match="shape must be one of") as caught:
            IdentityProvider(signing_key=EC_KEY).response(PAIR, shape=shape)
        assert str(caught.value) == f"shape must be one of {', '.join(NAMES)}, or None, not {shape!r}"

    @pytest.mark.parametrize("shape", [5, ["okta"], ...], ids=repr)
    def test_another_type_is_a_type_error(self, shape: Any) -> None:
        with pytest.raises(TypeError) as caught:
            IdentityProvider(signing_key=EC_KEY).response(PAIR, shape=shape)
        assert str(caught.value) == f"shape must be a string or None, not {shape!r}"


class TestSAMLResponse:
    @pytest.mark.parametrize("shape", [None, "okta"])
    @pytest.mark.parametrize(
        "again",
        [
            pytest.param(copy.copy, id="copy"),
            pytest.param(copy.deepcopy, id="deepcopy"),
            pytest.param(lambda it: it.tampered("alice", "bob"), id="tampered"),
            pytest.param(lambda it: it.unsigned(), id="unsigned"),
            *(
                pytest.param(lambda it, p=protocol: pickle.loads(pickle.dumps(it, p)), id=f"pickle {protocol}")  # noqa: S301
                for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
            ),
        ],
    )
    def test_it_remembers_its_shape(self, shape: str | None, again: Any) -> None:
        copied = again(IdentityProvider(signing_key=EC_KEY).response(PAIR, shape=shape))
        assert (type(copied), copied.shape) == (SAMLResponse, shape)

    # OneLogin's identifiers tell what is signed.
    @pytest.mark.parametrize("shape", [name for name in NAMES if name != "onelogin"])
    def test_unsigned_it_is_what_it_was_before_it_was_signed(self, shape: str) -> None:
        made = []
        for signed in ("response", None):
            with mock_sts_saml(seed="seed", now=NOON):
                made.append(said(shape, signed=signed, destination="urn:x"))
        assert made[0].unsigned() == made[1]


class TestEncrypted:
    @pytest.fixture(params=["Allowed", "Required"])
    def provider(self, request: pytest.FixtureRequest, sts: STSBackend) -> Any:
        """One that decrypts."""
        idp = IdentityProvider("urn:own", signing_key=EC_KEY)
        return sts.create_saml_provider(
            "ExampleIdP", idp, private_keys=[RSA_KEY], assertion_encryption_mode=request.param
        )

    @every_shape
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_sts_takes_it(self, sts: STSBackend, log_in: Any, *, provider: Any, shape: str, signed: str) -> None:
        urls = {provider.sign_in_url(), "https://signin.aws.amazon.com/saml"}
        role = sts.create_role("Developer", trust_policy=provider.trust_policy(audience=sorted(urls)))
        idp = IdentityProvider("urn:own", signing_key=EC_KEY)
        response = idp.response((role, provider), shape=shape, signed=signed, encrypted_for=provider)
        assert ("alice" in response.xml, log_in(response, role, provider)["Subject"]) == (False, "alice@example.com")

    @every_shape
    def test_it_obeys_the_schema(self, protocol: Any, provider: Any, shape: str) -> None:
        response = said(shape, encrypted_for=provider)
        protocol.validate(response.root)
        assert [entry.message for entry in protocol.error_log] == []

    @every_shape
    def test_of_a_failure_there_is_nothing_to_encrypt(self, provider: Any, shape: str) -> None:
        response = said(shape, status=STATUS + "Responder", encrypted_for=provider)
        assert "Encrypted" not in response.xml
