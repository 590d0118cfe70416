"""Keywords of `IdentityProvider.response` whose default a shape has, or whose value a shape must not lose."""

import datetime as dt
from typing import Any

import pytest
from idp_responses import AWS, EC_KEY, NOON, every_shape, response_of, values
from saml_documents import PAIR

from pytest_stssaml import IdentityProvider
from pytest_stssaml.idp.shapes.vendors import SHAPES

# For each keyword whose default differs between shapes: a value that is no default, and where it is written.
OTHER_VALUES: dict[str, tuple[Any, str, list[str]]] = {
    "role_format": ("{role};{provider}", f"//saml:Attribute[@Name='{AWS}Role']/*", [";".join(PAIR)]),
    "name_id_format": ("urn:format", "//saml:NameID/@Format", ["urn:format"]),
    "audience": ("urn:audience", "//saml:Audience", ["urn:audience"]),
    "destination": ("urn:destination", "/*/@Destination", ["urn:destination"]),
    "not_before": (dt.timedelta(0), "//@NotBefore", ["2030-01-01T12:00:00.250Z"]),
    "not_on_or_after": (dt.timedelta(1), "//@NotOnOrAfter", ["2030-01-02T12:00:00.250Z"] * 2),
    "session_not_on_or_after": (dt.timedelta(1), "//@SessionNotOnOrAfter", ["2030-01-02T12:00:00.250Z"]),
    "issue_instant": ("now", "//@IssueInstant | //@AuthnInstant", ["now"] * 3),
}
# The keywords that None leaves out, together with what they leave out.
LEFT_OUT = {
    "session_name": f"//saml:Attribute[@Name='{AWS}RoleSessionName']",
    "name_id": "//saml:NameID",
    "issuer": "//saml:Issuer",
    "response_issuer": "//saml:Issuer",
    "audience": "//saml:AudienceRestriction",
    "recipient": "//@Recipient",
    "destination": "//@Destination",
    "in_response_to": "//@InResponseTo",
    "issue_instant": "//@IssueInstant | //@AuthnInstant",
    "not_before": "//@NotBefore",
    "not_on_or_after": "//@NotOnOrAfter",
    "session_not_on_or_after": "//@SessionNotOnOrAfter",
    "status": "//samlp:Status",
    "signed": "//ds:Signature",
}


class TestKeywords:
    @every_shape
    @pytest.mark.usefixtures("after_noon")
    def test_replace_the_defaults_of_the_shape(self, shape: str) -> None:
        response = response_of(shape, **{keyword: value for keyword, (value, _, _) in OTHER_VALUES.items()})
        written = {keyword: values(response, path) for keyword, (_, path, _) in OTHER_VALUES.items()}
        expected = {keyword: values for keyword, (_, _, values) in OTHER_VALUES.items()}
        if SHAPES[shape].digits == 0:
            expected = {keyword: [v.replace(".250Z", "Z") for v in values] for keyword, values in expected.items()}
        assert written == expected

    @every_shape
    def test_none_leaves_everything_out(self, shape: str) -> None:
        response = response_of(shape, None, **dict.fromkeys(LEFT_OUT))
        assert [keyword for keyword, path in LEFT_OUT.items() if values(response, path)] == []
        assert [name for name in values(response, "//saml:Attribute/@Name") if name.startswith(AWS)] == []

    @every_shape
    def test_none_leaves_the_format_of_a_name_id_out(self, shape: str) -> None:
        assert values(response_of(shape, name_id_format=None), "//saml:NameID/@Format") == []

    @pytest.mark.parametrize("end", ["conditions", "subject"])
    def test_none_leaves_one_of_two_different_ends_out(self, end: str) -> None:
        default, changed = (
            values(response_of("keycloak", **keywords, issue_instant=NOON), "//@NotOnOrAfter")
            for keywords in ({}, {f"{end}_not_on_or_after": None})
        )
        subject, conditions = default
        assert changed == [subject if end == "conditions" else conditions]

    def test_the_entity_id_is_that_of_the_identity_provider(self) -> None:
        response = IdentityProvider("urn:own", signing_key=EC_KEY).response(PAIR, shape="okta")
        assert values(response, "//saml:Issuer") == ["urn:own", "urn:own"]

    @pytest.mark.parametrize(
        ("shape", "audience"),
        [("okta", "urn:amazon:webservices:cn-north-1"), ("entra", "https://signin.amazonaws.cn/saml")],
    )
    def test_the_addressees_are_those_of_the_partition(self, shape: str, audience: str) -> None:
        response = response_of(shape, tuple(arn.replace(":aws:", ":aws-cn:") for arn in PAIR))
        assert values(response, "//saml:Audience | //@Recipient") == ["https://signin.amazonaws.cn/saml", audience]
