import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.exceptions import ClientError
from good import ASSERTION, GOOD, NOW, PROVIDER, ROLE_, SECOND, TICK, asserting

from pytest_stssaml import (
    IdentityProvider,
    SAMLResponse,
    STSBackend,
    mock_sts_saml,
)
from pytest_stssaml.iam.entities import Role
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy
from pytest_stssaml.sts.requests.claims import CLAIMS
from pytest_stssaml.sts.requests.saml_login import SAML_LOGIN_KEYS, SAMLLogin

DENIED = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML")
LOGIN, TAG, SOURCE = "sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"

# What the login of `idp`'s response for a role gives each key.
VALUES = {
    "saml:aud": "https://signin.aws.amazon.com/saml",
    "saml:doc": "123456789012/ExampleIdP",
    "saml:iss": "https://idp.example.com/saml",
    "saml:namequalifier": "gVMfPykcwyJvL8k2pmXetypU/dY=",
    "saml:sub": "alice@example.com",
    "saml:sub_type": "persistent",
    "sts:RoleSessionName": "alice-session",
}

# Attributes, the keys that they fill, and whether such a key is a list.
ATTRIBUTES = [
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "saml:eduPersonAffiliation", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "saml:eduPersonNickname", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "saml:eduPersonOrgDN", False),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "saml:eduPersonOrgUnitDN", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "saml:eduPersonPrimaryAffiliation", False),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:eduPersonPrincipalName", False),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "saml:eduPersonEntitlement", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "saml:eduPersonPrimaryOrgUnitDN", False),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "saml:eduPersonScopedAffiliation", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "saml:eduPersonTargetedID", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "saml:eduPersonAssurance", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "saml:eduOrgHomePageURI", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "saml:eduOrgIdentityAuthNPolicyURI", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "saml:eduOrgLegalName", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "saml:eduOrgSuperiorURI", True),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "saml:eduOrgWhitePagesURI", True),
    ("urn:oid:2.5.4.3", "saml:cn", True),
    ("http://schemas.xmlsoap.org/claims/CommonName", "saml:commonName", True),
    ("2.5.4.3", "saml:commonName", True),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "saml:name", True),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "saml:givenName", True),
    ("2.4.5.42", "saml:givenName", True),  # sic
    ("2.5.4.42", "saml:givenName", True),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "saml:surname", True),
    ("2.5.4.4", "saml:surname", True),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "saml:mail", True),
    ("0.9.2342.19200300100.1.3", "saml:mail", True),  # sic
    ("0.9.2342.19200300.100.1.3", "saml:mail", True),
    ("0.9.2342.19200300100.1.1", "saml:uid", True),  # sic
    ("0.9.2342.19200300.100.1.1", "saml:uid", True),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "saml:uid", True),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "saml:primaryGroupSID", True),
    ("2.5.4.45", "saml:x500UniqueIdentifier", True),
    ("0.9.2342.19200300.100.1.45", "saml:organizationStatus", True),
]
EACH_ATTRIBUTE = pytest.mark.parametrize(
    ("name", "key", "several"), ATTRIBUTES, ids=[f"{name}-{key}" for name, key, _ in ATTRIBUTES]
)


def lets_in(role: Role, login: SAMLLogin) -> bool:
    return replace(login, role=replace(login.role or role, _policy=role._policy)).denied_action is None


def role_where(block: dict[str, Any]) -> Role:
    return replace(ROLE_, _policy=parse_trust_policy(PROVIDER.trust_policy(recipient=None, conditions=block)))


def trusting(**conditions: dict[str, Any] | None) -> dict[str, Any]:
    """Return a trust policy with a statement for each of the three actions: `TagSession={…}` is its Condition."""
    policy = PROVIDER.trust_policy(actions=[LOGIN, TAG, SOURCE], recipient=None)
    for statement in policy["Statement"]:
        statement["Condition"] = conditions.get(statement["Action"].removeprefix("sts:"), {})
    return policy


def is_let_in(call: Callable[..., Any], *arguments: Any) -> bool:
    try:
        call(*arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


@pytest.fixture
def admits(sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Callable[..., bool]:
    """`admits(block, tags=…, **said)`: return whether a role with this condition and these tags accepts a login."""
    numbers = itertools.count()

    def call(block: dict[str, Any], *, tags: dict[str, str] | None = None, **said: Any) -> bool:
        role = sts.create_role(f"Role{next(numbers)}", trust_policy=trusting(AssumeRoleWithSAML=block), tags=tags)
        return is_let_in(log_in, idp.response(role, **said), role, idp.provider)

    return call


class TestAssertion:
    @pytest.mark.parametrize("key", VALUES)
    def test_the_value_of_a_key_satisfies_a_condition(self, admits: Callable[..., bool], key: str) -> None:
        assert admits({"StringEquals": {key: VALUES[key]}}, session_name="alice-session")

    @pytest.mark.parametrize("key", VALUES)
    def test_another_value_of_a_key_fails_a_condition(self, admits: Callable[..., bool], key: str) -> None:
        assert not admits({"StringEquals": {key: VALUES[key] + "x"}}, session_name="alice-session")

    @pytest.mark.parametrize(
        ("name_id_format", "sub_type"),
        [
            ("urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "transient"),
            (
                "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
                "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            ),
        ],
        ids=["2.0", "1.1"],
    )
    def test_sub_type_is_what_the_answer_calls_subject_type(self, name_id_format: str, sub_type: str) -> None:
        login = asserting(name_id_format=name_id_format)
        assert lets_in(role_where({"StringEquals": {"saml:sub_type": sub_type}}), login)

    def test_doc_names_the_account_of_the_provider_and_not_of_the_role(self) -> None:
        elsewhere = replace(GOOD, provider=replace(PROVIDER, account_id="111122223333"))
        assert lets_in(role_where({"StringEquals": {"saml:doc": "111122223333/ExampleIdP"}}), elsewhere)

    def test_aud_is_the_recipient_and_not_the_audience(self, admits: Callable[..., bool]) -> None:
        recipient = "https://eu-west-1.signin.aws.amazon.com/saml"
        assert admits({"StringEquals": {"saml:aud": recipient}}, recipient=recipient)


class TestAttributes:
    def test_they_are_mapped_as_aws_documents_it(self) -> None:
        mapped = {(name, key) for key, names in CLAIMS.items() for name in names}
        assert mapped == {(name, key.lower()) for name, key, _ in ATTRIBUTES}

    @EACH_ATTRIBUTE
    def test_the_value_of_an_attribute_satisfies_a_condition(
        self, admits: Callable[..., bool], name: str, key: str, several: bool
    ) -> None:
        operator = "ForAnyValue:StringEquals" if several else "StringEquals"
        assert admits({operator: {key: "blue"}}, attributes={name: "blue"})

    @EACH_ATTRIBUTE
    def test_another_value_of_an_attribute_fails_a_condition(
        self, admits: Callable[..., bool], name: str, key: str, several: bool
    ) -> None:
        operator = "ForAnyValue:StringEquals" if several else "StringEquals"
        assert not admits({operator: {key: "blue"}}, attributes={name: "Blue"})

    @EACH_ATTRIBUTE
    def test_a_second_value_counts_if_the_key_is_a_list(
        self, admits: Callable[..., bool], name: str, key: str, several: bool
    ) -> None:
        attributes = {name: ["first", "second"]}
        assert admits({"ForAnyValue:StringEquals": {key: "second"}}, attributes=attributes) is several

    @EACH_ATTRIBUTE
    def test_the_first_value_counts(self, admits: Callable[..., bool], name: str, key: str, several: bool) -> None:
        assert admits({"ForAnyValue:StringEquals": {key: "first"}}, attributes={name: ["first", "second"]})

    @pytest.mark.parametrize("key", CLAIMS)
    def test_a_key_is_missing_if_only_other_attributes_are_there(self, admits: Callable[..., bool], key: str) -> None:
        others = {name: "blue" for name, _, _ in ATTRIBUTES if name not in CLAIMS[key]}
        assert admits({"Null": {key: "true"}}, attributes=others)

    @pytest.mark.parametrize(
        ("key", "first", "second"),
        [
            pytest.param(key, first, second, id=f"{key}-{first}-{second}")
            for (first, key, _), (second, other, _) in itertools.permutations(ATTRIBUTES, 2)
            if key == other
        ],
    )
    def test_the_first_of_two_attributes_for_one_key_counts(
        self, admits: Callable[..., bool], key: str, first: str, second: str
    ) -> None:
        attributes = {first: "first", second: "second"}
        assert admits({"ForAllValues:StringEquals": {key: "first"}}, attributes=attributes)

    def test_one_attribute_may_fill_two_keys(self, admits: Callable[..., bool]) -> None:
        name = "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid"
        assert admits(
            {"ForAnyValue:StringEquals": {"saml:uid": "S-1-5", "saml:primaryGroupSID": "S-1-5"}},
            attributes={name: "S-1-5"},
        )

    @pytest.mark.parametrize(
        ("name", "key", "other"),
        [
            ("urn:oid:2.5.4.3", "saml:cn", "saml:commonName"),
            ("2.5.4.3", "saml:commonName", "saml:cn"),
        ],
        ids=["urn", "bare"],
    )
    def test_the_oid_of_a_common_name_is_one_key_as_a_urn_and_another_without(
        self, admits: Callable[..., bool], name: str, key: str, other: str
    ) -> None:
        assert admits({"Null": {key: "false", other: "true"}}, attributes={name: "Alice"})

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            pytest.param("URN:OID:2.5.4.3", "saml:cn", id="another case"),
            pytest.param("urn:oid:2.5.4.3 ", "saml:cn", id="a space behind"),
            pytest.param("urn:oid:0.9.2342.19200300.100.1.3", "saml:mail", id="a bare OID as urn"),
            pytest.param("1.3.6.1.4.1.5923.1.1.1.6", "saml:eduPersonPrincipalName", id="a urn as bare OID"),
            pytest.param("http://schemas.xmlsoap.org/claims/commonname", "saml:commonName", id="a URL's case"),
            pytest.param("mail", "saml:mail", id="the key's own name"),
            pytest.param("saml:mail", "saml:mail", id="the key itself"),
        ],
    )
    def test_an_attribute_of_another_name_fills_no_key(self, admits: Callable[..., bool], name: str, key: str) -> None:
        assert admits({"Null": {key: "true"}}, attributes={name: "blue"})

    def test_an_empty_value_is_a_value(self, admits: Callable[..., bool]) -> None:
        assert admits({"Null": {"saml:cn": "false"}}, attributes={"urn:oid:2.5.4.3": ""})


def emptied(idp: IdentityProvider, response: SAMLResponse) -> SAMLResponse:
    """Return the response with the value "nothing" removed from its attribute."""
    written = "<saml:AttributeValue>nothing</saml:AttributeValue>"
    return idp.sign(response.tampered(written, "").xml)


class TestAttributesWithoutValue:
    def let_in(
        self,
        sts: STSBackend,
        idp: IdentityProvider,
        log_in: Callable[..., Any],
        block: dict[str, Any],
        attributes: dict[str, str],
    ) -> bool:
        role = sts.create_role("A", trust_policy=trusting(AssumeRoleWithSAML=block))
        response = emptied(idp, idp.response(role, signed=None, attributes=attributes))
        return is_let_in(log_in, response, role, idp.provider)

    @pytest.mark.parametrize(
        ("name", "key"),
        [("urn:oid:2.5.4.3", "saml:cn"), ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:eduPersonPrincipalName")],
        ids=["a list", "one value"],
    )
    def test_they_are_missing(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any], name: str, key: str
    ) -> None:
        assert self.let_in(sts, idp, log_in, {"Null": {key: "true"}}, {name: "nothing"})

    def test_they_leave_their_key_to_another_attribute(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]
    ) -> None:
        block = {"ForAnyValue:StringEquals": {"saml:surname": "Doe"}}
        claim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"
        assert self.let_in(sts, idp, log_in, block, {"2.5.4.4": "nothing", claim: "Doe"})


class TestTags:
    @pytest.mark.parametrize(
        ("block", "expected"),
        [
            pytest.param({"StringEquals": {"aws:RequestTag/Team": "Blue"}}, True, id="RequestTag"),
            pytest.param({"StringEquals": {"aws:RequestTag/Team": "blue"}}, False, id="RequestTag-value's case"),
            pytest.param({"StringEquals": {"AWS:requesttag/tEAM": "Blue"}}, True, id="RequestTag-key's case"),
            pytest.param({"Null": {"aws:RequestTag/Project": "true"}}, True, id="RequestTag-missing"),
            pytest.param({"Null": {"aws:RequestTag/": "true"}}, True, id="RequestTag-no key"),
            pytest.param({"Null": {"aws:RequestTag": "true"}}, True, id="RequestTag-no slash"),
            pytest.param({"ForAllValues:StringEquals": {"aws:TagKeys": ["Team", "cost"]}}, True, id="TagKeys"),
            pytest.param({"ForAllValues:StringEquals": {"aws:TagKeys": "Team"}}, False, id="TagKeys-one too many"),
            pytest.param({"ForAnyValue:StringEquals": {"aws:TagKeys": "cost"}}, True, id="TagKeys-second"),
            pytest.param({"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}, False, id="TagKeys-value's case"),
            pytest.param({"ForAnyValue:StringEquals": {"AWS:TAGKEYS": "Team"}}, True, id="TagKeys-key's case"),
            pytest.param(
                {"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "cost"}}, True, id="TransitiveTagKeys-second"
            ),
            pytest.param(
                {"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["TEAM", "cost"]}},
                True,
                id="TransitiveTagKeys-as the assertion writes them",
            ),
            pytest.param(
                {"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "Team"}},
                False,
                id="TransitiveTagKeys-as the tags are written",
            ),
        ],
    )
    def test_they_fill_keys(self, admits: Callable[..., bool], block: dict[str, Any], expected: bool) -> None:
        said = {"principal_tags": {"Team": "Blue", "cost": "1"}, "transitive_tag_keys": ["TEAM", "cost"]}
        assert admits(block, **said) is expected

    @pytest.mark.parametrize("key", ["aws:RequestTag/Team", "aws:TagKeys", "sts:TransitiveTagKeys"])
    def test_without_them_their_keys_are_missing(self, admits: Callable[..., bool], key: str) -> None:
        assert admits({"Null": {key: "true"}})

    def test_a_tag_with_an_empty_value_is_there(self, admits: Callable[..., bool]) -> None:
        assert admits({"StringEquals": {"aws:RequestTag/team": ""}}, principal_tags={"team": ""})

    def test_the_key_of_a_tag_may_have_slashes_and_colons(self, admits: Callable[..., bool]) -> None:
        block = {"StringEquals": {"aws:RequestTag/a/b:c": "blue"}}
        assert admits(block, principal_tags={"a/b:c": "blue"})

    @pytest.mark.parametrize("service", ["aws", "iam"])
    @pytest.mark.parametrize(
        ("key", "value", "expected"),
        [
            pytest.param("Owner", "Alice", True, id="the same"),
            pytest.param("oWNER", "Alice", True, id="key's case"),
            pytest.param("Owner", "alice", False, id="value's case"),
            pytest.param("Team", "Blue", False, id="a session's tag"),
        ],
    )
    def test_those_of_the_role_are_tags_of_the_resource(
        self, admits: Callable[..., bool], service: str, key: str, value: str, expected: bool
    ) -> None:
        block = {"StringEquals": {f"{service}:ResourceTag/{key}": value}}
        assert admits(block, tags={"Owner": "Alice"}, principal_tags={"Team": "Blue"}) is expected

    def test_those_of_the_role_are_not_tags_of_the_request(self, admits: Callable[..., bool]) -> None:
        assert admits({"Null": {"aws:RequestTag/Owner": "true"}}, tags={"Owner": "Alice"})

    def test_those_of_the_session_can_be_compared_with_those_of_the_role(self, admits: Callable[..., bool]) -> None:
        block = {"StringEquals": {"aws:RequestTag/team": "${aws:ResourceTag/team}"}}
        admitted = [admits(block, tags={"team": "blue"}, principal_tags={"team": team}) for team in ("blue", "red")]
        assert admitted == [True, False]


class TestSourceIdentity:
    @pytest.mark.parametrize(("value", "expected"), [("alice", True), ("Alice", False)])
    def test_it_fills_its_key(self, admits: Callable[..., bool], value: str, expected: bool) -> None:
        assert admits({"StringEquals": {"sts:SourceIdentity": value}}, source_identity="alice") is expected

    def test_without_it_its_key_is_missing(self, admits: Callable[..., bool]) -> None:
        assert admits({"Null": {"sts:SourceIdentity": "true"}})


@pytest.mark.parametrize(
    "key",
    [
        "aws:FederatedProvider",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalTag/team",
        "aws:SourceIdentity",
        "aws:SourceIp",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:TokenIssueTime",
        "aws:username",
        "saml:other",
        "sts:DurationSeconds",
        "sts:ExternalId",
    ],
)
@pytest.mark.parametrize("null", ["true", "false"])
def test_a_key_that_this_call_does_not_have_is_missing(admits: Callable[..., bool], key: str, null: str) -> None:
    said = {"principal_tags": {"team": "blue"}, "source_identity": "alice", "session_duration": 900}
    assert admits({"Null": {key: null}}, tags={"team": "blue"}, **said) is (null == "true")


# An operator, its value for noon, and whether it holds a second before, at and a second after noon.
AT_NOON = [
    ("DateEquals", (False, True, False)),
    ("DateNotEquals", (True, False, True)),
    ("DateLessThan", (True, False, False)),
    ("DateLessThanEquals", (True, True, False)),
    ("DateGreaterThan", (False, False, True)),
    ("DateGreaterThanEquals", (False, True, True)),
]


class TestTime:
    @pytest.mark.parametrize(("operator", "expected"), AT_NOON, ids=[operator for operator, _ in AT_NOON])
    @pytest.mark.parametrize("noon", ["2030-01-01T12:00:00Z", "1893499200"], ids=["ISO", "epoch"])
    @pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime"])
    def test_it_is_compared_with_dates(
        self, key: str, noon: str, operator: str, expected: tuple[bool, bool, bool]
    ) -> None:
        role = role_where({operator: {key: noon}})
        times = (NOW - SECOND, NOW, NOW + SECOND)
        assert tuple(lets_in(role, replace(GOOD, now=now)) for now in times) == expected

    def test_the_epoch_time_is_a_number(self) -> None:
        role = role_where({"NumericLessThan": {"aws:EpochTime": 1893499200}})
        assert (lets_in(role, replace(GOOD, now=NOW - SECOND)), lets_in(role, GOOD)) == (True, False)

    @pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime"])
    @pytest.mark.parametrize(
        ("now", "expected"), [(NOW + SECOND - TICK, True), (NOW - TICK, False)], ids=["within", "before"]
    )
    def test_it_has_whole_seconds(self, key: str, now: dt.datetime, expected: bool) -> None:
        role = role_where({"DateEquals": {key: "2030-01-01T12:00:00Z"}})
        assert lets_in(role, replace(GOOD, now=now)) is expected

    def test_it_is_written_in_utc(self) -> None:
        now = NOW.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
        role = role_where({"StringEquals": {"aws:CurrentTime": "2030-01-01T12:00:00Z"}})
        assert lets_in(role, replace(GOOD, now=now))

    @pytest.fixture
    def frozen(self) -> Iterator[STSBackend]:
        with mock_sts_saml(now=NOW) as sts:
            yield sts

    @pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime"])
    @pytest.mark.parametrize(
        ("now", "expected"), [("2030-06-01T11:59:59Z", True), ("2030-06-01T12:00:00Z", False)], ids=["before", "then"]
    )
    def test_it_is_that_of_the_clock(
        self, frozen: STSBackend, log_in: Callable[..., Any], key: str, now: str, expected: bool
    ) -> None:
        idp = IdentityProvider()
        provider = frozen.create_saml_provider("ExampleIdP", idp)
        block = {"DateLessThan": {key: "2030-06-01T12:00:00Z"}}
        role = frozen.create_role("A", trust_policy=provider.trust_policy(conditions=block))
        frozen.move_to(now)
        assert is_let_in(log_in, idp.response(role), role, provider) is expected


class TestRequest:
    def status(self, sts: STSBackend, idp: IdentityProvider, block: dict[str, Any], **options: Any) -> int:
        role = sts.create_role("A", trust_policy=idp.provider.trust_policy(conditions=block))
        form = {
            "Action": "AssumeRoleWithSAML",
            "Version": "2011-06-15",
            "RoleArn": role.arn,
            "PrincipalArn": idp.provider.arn,
            "SAMLAssertion": idp.response(role),
        }
        return sts.handle(urlencode(form), **options)[0]

    @pytest.mark.parametrize(
        ("block", "options", "status"),
        [
            pytest.param({"Bool": {"aws:SecureTransport": "true"}}, {}, 200, id="by TLS"),
            pytest.param({"Bool": {"aws:SecureTransport": True}}, {"secure": False}, 403, id="without TLS"),
            pytest.param({"Bool": {"aws:SecureTransport": False}}, {"secure": False}, 200, id="without TLS as wanted"),
            pytest.param({"Bool": {"aws:SecureTransport": "false"}}, {}, 403, id="by TLS unwanted"),
            pytest.param({"StringLike": {"aws:UserAgent": "okta/*"}}, {"user_agent": "okta/2"}, 200, id="agent"),
            pytest.param({"StringLike": {"aws:UserAgent": "okta/*"}}, {"user_agent": "Okta/2"}, 403, id="other agent"),
            pytest.param({"Null": {"aws:UserAgent": "true"}}, {"user_agent": ""}, 200, id="no agent"),
            pytest.param({"Null": {"aws:UserAgent": "true"}}, {"user_agent": "x"}, 403, id="an agent unwanted"),
            pytest.param({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {}, 200, id="region unless said"),
            pytest.param(
                {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, {"region": "eu-west-1"}, 200, id="region"
            ),
            pytest.param(
                {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, {"region": "eu-west-2"}, 403, id="other region"
            ),
            pytest.param(
                {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {"region": "aws-global"}, 200, id="global"
            ),
        ],
    )
    def test_it_fills_keys(
        self, sts: STSBackend, idp: IdentityProvider, block: dict[str, Any], options: dict[str, Any], status: int
    ) -> None:
        assert self.status(sts, idp, block, **options) == status

    @pytest.mark.parametrize(
        ("block", "expected"),
        [
            pytest.param({"Bool": {"aws:SecureTransport": "true"}}, True, id="TLS"),
            pytest.param({"StringLike": {"aws:UserAgent": "Boto3/* Botocore/*"}}, True, id="agent"),
            pytest.param({"StringLike": {"aws:UserAgent": "aws-cli/*"}}, False, id="another agent"),
            pytest.param({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True, id="region"),
            pytest.param({"StringEquals": {"aws:RequestedRegion": "us-west-2"}}, False, id="another region"),
        ],
    )
    def test_a_request_of_botocore_fills_them_too(
        self, admits: Callable[..., bool], block: dict[str, Any], expected: bool
    ) -> None:
        assert admits(block) is expected

    def test_a_client_without_tls_is_not_secure(self, sts: STSBackend, idp: IdentityProvider) -> None:
        client = boto3.Session().client("sts", region_name="eu-west-1", use_ssl=False)
        block = {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
        role = sts.create_role("A", trust_policy=idp.provider.trust_policy(conditions=block))
        answer = client.assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=idp.provider.arn, SAMLAssertion=idp.response(role)
        )
        assert answer["Subject"] == "alice@example.com"


# Which of the three actions see a key, when everything is said that can be.
OF_LOGIN, OF_TAGS, OF_SOURCE_IDENTITY = {LOGIN}, {LOGIN, TAG}, {LOGIN, SOURCE}
OF_ALL = {LOGIN, TAG, SOURCE}
SEEN_BY = {
    "saml:aud": OF_ALL,
    "saml:doc": OF_LOGIN,
    "saml:iss": OF_LOGIN,
    "saml:namequalifier": OF_LOGIN,
    "saml:sub": OF_LOGIN,
    "saml:sub_type": OF_LOGIN,
    **{key: OF_LOGIN for _, key, _ in ATTRIBUTES},
    "sts:RoleSessionName": OF_LOGIN,
    "aws:RequestTag/Team": OF_TAGS,
    "aws:TagKeys": OF_TAGS,
    "sts:TransitiveTagKeys": OF_TAGS,
    "sts:SourceIdentity": OF_SOURCE_IDENTITY,
    "aws:ResourceTag/Owner": OF_ALL,
    "iam:ResourceTag/Owner": OF_ALL,
    "aws:CurrentTime": OF_ALL,
    "aws:EpochTime": OF_ALL,
    "aws:RequestedRegion": OF_ALL,
    "aws:SecureTransport": OF_ALL,
    "aws:UserAgent": OF_ALL,
}


def everything_said(role: Role = ROLE_) -> SAMLLogin:
    """Return a login for a role with tags that fills every key."""
    prefix = "https://aws.amazon.com/SAML/Attributes/"
    attributes = {
        **ASSERTION.attributes,
        **{name: ("blue",) for name, _, _ in ATTRIBUTES},
        prefix + "PrincipalTag:Team": ("Blue",),
        prefix + "TransitiveTagKeys": ("Team",),
        prefix + "SourceIdentity": ("alice",),
    }
    return replace(
        asserting(attributes=attributes),
        role=replace(role, tags={"Owner": "Alice"}),
        parameters=replace(GOOD.parameters, user_agent="Boto3/1"),
    )


class TestKeysOfAnAction:
    def test_every_key_is_in_the_table(self) -> None:
        assert {key for keys, _ in SAML_LOGIN_KEYS for key in keys(everything_said())} == {
            key.lower() for key in SEEN_BY
        }

    @pytest.mark.parametrize("action", [LOGIN, TAG, SOURCE])
    @pytest.mark.parametrize("key", SEEN_BY)
    def test_the_statement_of_the_action_sees_them_and_no_others(self, key: str, action: str) -> None:
        name = action.removeprefix("sts:")
        present, absent = (
            lets_in(role, everything_said(role))
            for null in ("false", "true")
            for role in [replace(ROLE_, _policy=parse_trust_policy(trusting(**{name: {"Null": {key: null}}})))]
        )
        assert (present, absent) == (action in SEEN_BY[key], action not in SEEN_BY[key])

    @pytest.mark.parametrize("action", [LOGIN, TAG, SOURCE])
    def test_the_context_of_the_action_has_them_and_no_others(self, action: str) -> None:
        context = everything_said().context(action)
        assert set(context) == {key.lower() for key, actions in SEEN_BY.items() if action in actions}
        assert len(context) == len(set(context))
        assert dict(context)["aws:requestedregion"] == context["aws:requestedregion"] == ("us-east-1",)
        assert "no:suchkey" not in context

    @pytest.mark.parametrize("action", [LOGIN, TAG, SOURCE])
    @pytest.mark.parametrize("key", ["aws:RequestTag/team", "sts:SourceIdentity", "saml:sub", "saml:aud"])
    def test_the_same_holds_for_a_real_login(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any], key: str, action: str
    ) -> None:
        trust = trusting(**{action.removeprefix("sts:"): {"Null": {key: "false"}}})
        role = sts.create_role("A", trust_policy=trust)
        response = idp.response(role, principal_tags={"team": "blue"}, source_identity="alice")
        seen = {name.lower(): actions for name, actions in SEEN_BY.items()}[key.lower()]
        assert is_let_in(log_in, response, role, idp.provider) is (action in seen)


def test_the_default_trust_policy_allows_its_provider() -> None:
    assert lets_in(ROLE_, GOOD)


def test_another_provider_is_not_allowed() -> None:
    other = replace(PROVIDER, arn="arn:aws:iam::123456789012:saml-provider/OtherIdP")
    assert not lets_in(ROLE_, replace(GOOD, provider=other))


def test_a_role_that_allows_only_other_actions_refuses() -> None:
    trust = PROVIDER.trust_policy(actions=["sts:TagSession", "sts:SetSourceIdentity"])
    assert not lets_in(replace(ROLE_, _policy=parse_trust_policy(trust)), GOOD)


# What a response says, and the action that it then needs besides.
NEEDS: dict[str, tuple[dict[str, Any], str]] = {
    "tag": ({"principal_tags": {"team": "blue"}}, "sts:TagSession"),
    "source identity": ({"source_identity": "alice"}, "sts:SetSourceIdentity"),
}
EACH_NEED = pytest.mark.parametrize(("said", "action"), NEEDS.values(), ids=NEEDS)
BOTH_SAID = NEEDS["tag"][0] | NEEDS["source identity"][0]


class TestFurtherActions:
    @EACH_NEED
    def test_a_role_that_does_not_allow_it_refuses(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        role = sts.create_role("A")
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED

    @EACH_NEED
    def test_a_role_that_allows_it_accepts(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        trust = idp.provider.trust_policy(actions=["sts:AssumeRoleWithSAML", action])
        role = sts.create_role("A", trust_policy=trust)
        assert log_in(idp.response(role, **said), role, idp.provider)["Subject"] == "alice@example.com"

    @EACH_NEED
    def test_that_action_alone_is_not_enough(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        role = sts.create_role("A", trust_policy=idp.provider.trust_policy(actions=action))
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED

    @pytest.mark.parametrize(
        ("said", "other"),
        [(NEEDS["tag"][0], NEEDS["source identity"][1]), (NEEDS["source identity"][0], NEEDS["tag"][1])],
        ids=NEEDS,
    )
    def test_the_action_of_the_other_does_not_help(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], other: str
    ) -> None:
        trust = idp.provider.trust_policy(actions=["sts:AssumeRoleWithSAML", other])
        role = sts.create_role("A", trust_policy=trust)
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED

    def test_tags_and_a_source_identity_need_both(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]
    ) -> None:
        role = sts.create_role("A", trust_policy=idp.provider.trust_policy(actions=[LOGIN, TAG, SOURCE]))
        response = idp.response(role, **BOTH_SAID)
        assert log_in(response, role, idp.provider)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize("missing", [LOGIN, TAG, SOURCE])
    def test_each_of_the_three_actions_is_needed_for_both(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], missing: str
    ) -> None:
        actions = [action for action in (LOGIN, TAG, SOURCE) if action != missing]
        role = sts.create_role("A", trust_policy=idp.provider.trust_policy(actions=actions))
        assert refusal(idp.response(role, **BOTH_SAID), role, idp.provider) == DENIED

    def test_one_statement_may_allow_all_three(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]
    ) -> None:
        trust = idp.provider.trust_policy()
        trust["Statement"][0]["Action"] = [LOGIN, TAG, SOURCE]
        role = sts.create_role("A", trust_policy=trust)
        response = idp.response(role, **BOTH_SAID)
        assert log_in(response, role, idp.provider)["Subject"] == "alice@example.com"

    def test_a_tag_with_an_empty_value_needs_it_too(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        role = sts.create_role("A")
        assert refusal(idp.response(role, principal_tags={"team": ""}), role, idp.provider) == DENIED

    @EACH_NEED
    def test_a_statement_that_denies_it_refuses(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        trust = idp.provider.trust_policy(actions=["sts:AssumeRoleWithSAML", action, action])
        trust["Statement"][2]["Effect"] = "Deny"
        role = sts.create_role("A", trust_policy=trust)
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED

    @EACH_NEED
    def test_a_statement_that_denies_it_does_not_matter_if_it_is_not_needed(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        trust = idp.provider.trust_policy(actions=["sts:AssumeRoleWithSAML", action])
        trust["Statement"][1]["Effect"] = "Deny"
        role = sts.create_role("A", trust_policy=trust)
        assert log_in(idp.response(role), role, idp.provider)["Subject"] == "alice@example.com"

    @EACH_NEED
    def test_a_failing_condition_of_its_statement_refuses(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        trust = idp.provider.trust_policy(actions=["sts:AssumeRoleWithSAML", action])
        trust["Statement"][1]["Condition"] = {"StringEquals": {"saml:aud": "https://example.com/saml"}}
        role = sts.create_role("A", trust_policy=trust)
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED

    @EACH_NEED
    def test_another_principal_of_its_statement_refuses(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        trust = idp.provider.trust_policy(actions=["sts:AssumeRoleWithSAML", action])
        trust["Statement"][1]["Principal"] = {"Federated": idp.provider.arn + "2"}
        role = sts.create_role("A", trust_policy=trust)
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED


# IAM user guide, tutorial_abac-saml
TUTORIAL_TAGS = {"cost-center": "123", "access-project": "peg", "access-team": "eng"}


class TestTutorialOnAttributes:
    @pytest.fixture
    def role(self, sts: STSBackend, idp: IdentityProvider) -> Role:
        statement = {
            "Sid": "AllowSamlIdentityAssumeRole",
            "Effect": "Allow",
            "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            "Principal": {"Federated": idp.provider.arn},
            "Condition": {
                "StringLike": {
                    "aws:RequestTag/cost-center": "*",
                    "aws:RequestTag/access-project": "*",
                    "aws:RequestTag/access-team": ["eng", "qas"],
                },
                "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"},
            },
        }
        return sts.create_role("access-session-tags", trust_policy={"Version": "2012-10-17", "Statement": [statement]})

    @pytest.mark.parametrize("more", [{}, {"another": "tag"}], ids=["those", "more"])
    def test_the_tags_that_it_requires_are_accepted(
        self, idp: IdentityProvider, log_in: Callable[..., Any], role: Role, more: dict[str, str]
    ) -> None:
        response = idp.response(role, principal_tags=TUTORIAL_TAGS | more)
        assert log_in(response, role, idp.provider)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize("missing", TUTORIAL_TAGS)
    def test_a_login_without_one_of_them_is_refused(
        self, idp: IdentityProvider, refusal: Callable[..., Any], role: Role, missing: str
    ) -> None:
        tags = {key: value for key, value in TUTORIAL_TAGS.items() if key != missing}
        assert refusal(idp.response(role, principal_tags=tags), role, idp.provider) == DENIED

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param({"principal_tags": TUTORIAL_TAGS | {"access-team": "hr"}}, id="another team"),
            pytest.param(
                {"principal_tags": TUTORIAL_TAGS, "recipient": "https://eu-west-1.signin.aws.amazon.com/saml"},
                id="another recipient",
            ),
            pytest.param({"principal_tags": TUTORIAL_TAGS, "source_identity": "alice"}, id="a source identity besides"),
            pytest.param({}, id="no tags"),
        ],
    )
    def test_what_it_does_not_allow_is_refused(
        self, idp: IdentityProvider, refusal: Callable[..., Any], role: Role, said: dict[str, Any]
    ) -> None:
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED
