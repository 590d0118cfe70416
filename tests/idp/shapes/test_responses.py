"""Responses in the shapes of vendors. For each, skeletons/ has what it writes at noon for two roles."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from idp_responses import AWS, EC_KEY, NOON, STATUS, every_shape, response_of, values, vendor
from lxml import etree
from saml_documents import PAIR

from pytest_stssaml import IdentityProvider, SAMLResponse, STSBackend, mock_sts_saml
from pytest_stssaml.idp.shapes.vendors import SHAPES
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.parameter_names import SHAPES as NAMES

SKELETONS = Path(__file__).parent / "skeletons"
SIGNATURE = re.compile(r"<((?:\w+:)?Signature)[ >].*?</\1>", re.DOTALL)
TWO_ROLES = [("ROLE_ARN", "PROVIDER_ARN"), ("ROLE_ARN_2", "PROVIDER_ARN")]


def skeleton_of(name: str) -> str:
    """Return a response without its line breaks and indentation."""
    return "".join(line.strip() for line in (SKELETONS / f"{name}.xml").read_text(encoding="utf-8").splitlines())


def bare(response: SAMLResponse, entity_id: str) -> str:
    """Return a document with a name in the place of each value that differs each time."""
    xml = SIGNATURE.sub("<!--signature-->", response.xml).replace(entity_id, "ENTITY_ID")
    for identifier, name in zip(values(response, "//@ID"), ["RESPONSE_ID", "ASSERTION_ID"], strict=True):
        xml = xml.replace(identifier, name)
    return xml.replace(values(response, "//@SessionIndex")[0], "SESSION_INDEX")


def attributes_of(response: SAMLResponse, name: str) -> str:
    """Return the names of the attributes in the start tag of an element, in their order."""
    (start_tag,) = re.findall(rf"<(?:\w+:)?{name}(?=[ />])[^>]*>", response.xml)
    return " ".join(re.findall(r'\s([\w:]+)="', start_tag))


class TestNames:
    def test_are_those_of_the_parametrised_fixture(self) -> None:
        assert tuple(SHAPES) == NAMES

    def test_approximate_shapes_are_marked(self) -> None:
        approximate = [name for name, shape in SHAPES.items() if not shape.exact]
        assert approximate == ["onelogin", "auth0", "jumpcloud", "iam-identity-center"]

    @pytest.mark.parametrize(
        ("shape", "remedy"),
        [("Okta", "; did you mean okta?"), ("okat", "; did you mean okta?"), ("azure", ""), ("", "")],
    )
    def test_others_raise_value_error(self, shape: str, remedy: str) -> None:
        with pytest.raises(ValueError, match="shape must be one of") as caught:
            IdentityProvider(signing_key=EC_KEY).response(PAIR, shape=shape)
        assert str(caught.value) == f"shape must be one of {', '.join(NAMES)}, or None, not {shape!r}{remedy}"

    @pytest.mark.parametrize("shape", [5, ["okta"], ...], ids=repr)
    def test_other_types_raise_type_error(self, shape: Any) -> None:
        with pytest.raises(TypeError) as caught:
            IdentityProvider(signing_key=EC_KEY).response(PAIR, shape=shape)
        assert str(caught.value) == f"shape must be a string or None, not {shape!r}"


@pytest.mark.usefixtures("after_noon")
class TestDocument:
    def test_is_the_plain_skeleton_without_a_shape(self) -> None:
        idp = IdentityProvider(signing_key=EC_KEY)
        response = idp.response(TWO_ROLES, session_duration=3600)
        assert bare(response, idp.entity_id) == skeleton_of("plain")

    @every_shape
    def test_is_the_skeleton_of_its_shape(self, shape: str) -> None:
        skeleton = skeleton_of(shape)
        keywords: dict[str, Any] = {"session_duration": 3600} if "SessionDuration" in skeleton else {}
        # Of some vendors no response with attributes has been seen.
        if "AttributeStatement" not in skeleton:
            keywords = {"role": None, "session_name": None}
        response = response_of(shape, **{"role": TWO_ROLES, **keywords})
        assert bare(response, SHAPES[shape].entity_id) == skeleton

    # The skeletons have no InResponseTo. Here are its neighbours in Response, and all attributes of
    # SubjectConfirmationData.
    @pytest.mark.parametrize(
        ("shape", "response", "data"),
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
    def test_in_response_to_has_its_place(self, shape: str, response: str, data: str) -> None:
        made = response_of(shape, in_response_to="_request")
        assert response in attributes_of(made, "Response")
        assert attributes_of(made, "SubjectConfirmationData") == data

    @every_shape
    def test_there_is_one_attribute_for_all_roles_or_for_each_role(self, shape: str) -> None:
        names = values(response_of(shape, [PAIR, PAIR]), "//saml:Attribute/@Name")
        assert names.count(AWS + "Role") == (2 if shape in ("keycloak", "jumpcloud") else 1)

    @every_shape
    def test_tags_and_other_attributes_are_added(self, shape: str) -> None:
        plain = response_of(shape)
        tagged = response_of(shape, principal_tags={"team": "blue"}, attributes={"urn:x": ["a", "b"]})
        path = "//saml:Attribute[@Name='{}']/saml:AttributeValue"
        added = [values(tagged, path.format(name)) for name in (AWS + "PrincipalTag:team", "urn:x")]
        assert added == [["blue"], ["a", "b"]]
        assert len(values(tagged, "//saml:Attribute/@Name")) == len(values(plain, "//saml:Attribute/@Name")) + 2

    def test_google_writes_an_attribute_without_a_value(self) -> None:
        response = response_of("google", attributes={"department": []})
        assert '<saml2:Attribute Name="department"/>' in response.xml

    def test_onelogin_writes_ascii(self) -> None:
        response = response_of("onelogin", name_id="Ålice七")
        assert ">&#xC5;lice&#x4E03;</saml:NameID>" in response.xml
        assert response.xml.isascii()

    @pytest.mark.parametrize("signed", ["assertion", "response", "both", None])
    def test_pingfederate_writes_a_destination_only_in_a_signed_response(self, signed: str | None) -> None:
        expected = ["https://signin.aws.amazon.com/saml"] if signed in ("response", "both") else []
        assert values(response_of("pingfederate", signed=signed), "/*/@Destination") == expected

    @pytest.mark.parametrize(("shape", "prefix"), [("okta", "xs"), ("shibboleth", "xsd")])
    def test_the_prefix_of_types_is_declared_if_there_are_attributes(self, shape: str, prefix: str) -> None:
        without = response_of(shape, None, session_name=None).xml
        assert (f"xmlns:{prefix}=" in without, "PrefixList" in without) == (False, False)
        assert response_of(shape).xml.count(f'PrefixList="{prefix}"') == 2


class TestIdentifiers:
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
    @pytest.mark.usefixtures("after_noon")
    def test_have_the_pattern_of_the_vendor(
        self, shape: str, response_id: str, assertion_id: str, session_index: str | None
    ) -> None:
        response = response_of(shape)
        identifiers = values(response, "//@ID")
        written = " ".join([*identifiers, *values(response, "//@SessionIndex")])
        expected = " ".join([response_id, assertion_id, session_index or re.escape(identifiers[1])])
        guid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        assert re.fullmatch(expected.replace("GUID", guid), written)

    @every_shape
    @pytest.mark.usefixtures("after_noon")
    def test_are_all_different(self, shape: str) -> None:
        assert len({identifier for _ in range(3) for identifier in values(response_of(shape), "//@ID")}) == 6

    def test_are_repeated_with_the_same_seed_and_time(self, saml_signing_key: SigningKey) -> None:
        made = []
        for _ in range(2):
            with mock_sts_saml(seed="seed", now=NOON):
                made.append(vendor("okta", saml_signing_key).response(PAIR, shape="okta"))
        assert made[0] == made[1]

    def test_the_session_index_of_okta_is_the_request(self) -> None:
        assert values(response_of("okta", in_response_to="_request"), "//@SessionIndex") == ["_request"]

    @pytest.mark.parametrize(
        ("signed", "prefixes"),
        [("assertion", ["R", "pfx"]), ("response", ["pfx", "A"]), ("both", ["pfx", "pfx"]), (None, ["R", "A"])],
    )
    def test_of_onelogin_begin_with_pfx_if_the_element_is_signed(self, signed: str | None, prefixes: list[str]) -> None:
        identifiers = values(response_of("onelogin", signed=signed), "//@ID")
        assert [i.startswith(p) for i, p in zip(identifiers, prefixes, strict=True)] == [True, True]


class TestClocks:
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
    @pytest.mark.usefixtures("after_noon")
    def test_follow_the_issue_instant(self, shape: str, instants: list[str]) -> None:
        response = response_of(shape, issue_instant=dt.timedelta(hours=1))
        paths = ["/*/@IssueInstant", "//saml:Assertion/@IssueInstant", "//@AuthnInstant"]
        assert [values(response, path) for path in paths] == [[f"2030-01-01T{instant}Z"] for instant in instants]

    @pytest.mark.usefixtures("after_noon")
    def test_whole_seconds_do_not_cut_a_time_that_is_given(self) -> None:
        response = response_of("simplesamlphp", not_before=dt.timedelta(milliseconds=5))
        assert values(response, "//@NotBefore") == ["2030-01-01T12:00:00.005Z"]


class TestFailure:
    @every_shape
    def test_has_a_status_and_no_assertion(self, shape: str) -> None:
        response = response_of(shape, status=STATUS + "AuthnFailed")
        children = [etree.QName(child).localname for child in response.root]
        signature = ["Signature"] if SHAPES[shape].signed != "assertion" else []
        assert children == ["Issuer", *signature, "Status"]
        assert values(response, "//samlp:StatusCode/@Value")[-1] == STATUS + "AuthnFailed"

    @pytest.mark.parametrize("shape", ["okta", "entra"], ids=["okta, signed", "entra, unsigned"])
    def test_is_refused_by_sts(self, sts: STSBackend, refusal: Any, shape: str) -> None:
        idp = vendor(shape)
        role = sts.create_role("Developer", provider=sts.create_saml_provider("ExampleIdP", idp))
        response = idp.response(role, shape=shape, status=STATUS + "AuthnFailed")
        assert refusal(response, role, idp.provider)[0] == "IDPRejectedClaim"
