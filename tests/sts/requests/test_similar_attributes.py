"""Attributes whose names are nearly right are named beside what was missing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_stssaml import IdentityProvider, Role, STSBackend
from pytest_stssaml.saml.vocabulary import ROLE, ROLE_SESSION_NAME, SESSION_DURATION
from pytest_stssaml.sts.requests.similar_attributes import similar_attribute

AWS = "https://aws.amazon.com/SAML/Attributes/"
AFFILIATION = "urn:oid:1.3.6.1.4.1.5923.1.1.1.1"

Told = Callable[..., str]


@pytest.fixture
def told(sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Told:
    """Return the explanation of a login: `told(attributes={...})`, with the keywords of a response."""

    def told(role: Any = None, **said: Any) -> str:
        role = role or sts.create_role("Developer")
        with pytest.raises(ClientError):
            log_in(idp.response(said.pop("offering", role), **said), role, idp.provider)
        return re.sub(r"\s+", " ", sts.attempts[-1].explain(passed=False))

    return told


@pytest.fixture
def trusting(sts: STSBackend, idp: IdentityProvider) -> Callable[..., Role]:
    """Return a role whose trust policy has these conditions."""
    return lambda conditions: sts.create_role("Staff", trust_policy=idp.provider.trust_policy(conditions=conditions))


@pytest.mark.parametrize(
    "name",
    [
        f"{AWS}role",
        f"{AWS}ROLE",
        f"{AWS}Role/",
        f"{AWS}Roles",
        AWS.replace("https", "http") + "Role",
        f" {AWS}Role",
        "Role",
        "role",
        "https://aws.amazon.com/SAML/Role",
    ],
)
def test_a_name_that_is_nearly_right_is_similar(name: str) -> None:
    assert similar_attribute([ROLE], ["mail", name, "urn:oid:2.5.4.3"]) == name


@pytest.mark.parametrize("name", [ROLE, f"{AWS}RoleSessionName", "mail", "Roland", "", "Ro"])
def test_another_name_is_not_similar(name: str) -> None:
    assert similar_attribute([ROLE], [name]) is None


def test_a_name_with_a_wrong_letter_is_similar_and_one_with_several_is_not() -> None:
    assert similar_attribute([ROLE_SESSION_NAME], [f"{AWS}RoleSesionName"]) == f"{AWS}RoleSesionName"
    assert similar_attribute([ROLE_SESSION_NAME], [f"{AWS}SessionName"]) is None


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        pytest.param(AFFILIATION, "urn:oid:1.3.6.1.4.1.5923.1.1.1.6", id="another OID"),
        pytest.param("edupersonaffiliation", "eduPersonScopedAffiliation", id="another friendly name"),
        pytest.param(f"{AWS}PrincipalTag:CostCenter1", f"{AWS}PrincipalTag:CostCenter2", id="another numbered tag"),
    ],
)
def test_the_right_name_of_something_else_is_not_similar(wanted: str, name: str) -> None:
    assert similar_attribute([wanted], [name]) is None


def test_the_first_of_several_similar_names_is_given() -> None:
    assert similar_attribute([ROLE], [f"{AWS}role", "Role"]) == f"{AWS}role"


@pytest.mark.parametrize(("length", "found"), [(200, True), (201, False)])
def test_a_longer_name_is_not_compared(length: int, found: bool) -> None:
    name = "x" * (length - len("/role")) + "/role"
    assert (similar_attribute([ROLE], [name]) == name) is found


@pytest.mark.parametrize(("before", "found"), [(199, True), (200, False)])
def test_only_the_first_attributes_are_compared(before: int, found: bool) -> None:
    assert (similar_attribute([ROLE], [*map(str, range(before)), "role"]) == "role") is found


def test_a_role_under_another_name_is_named(sts: STSBackend, idp: IdentityProvider, told: Told) -> None:
    role = sts.create_role("Developer")
    pair = f"{role.arn},{idp.provider.arn}"
    explanation = told(role, offering=None, attributes={f"{AWS}role": pair})
    assert f"got []; the response has the attribute '{AWS}role'" in explanation


def test_an_offered_role_is_not_explained_by_a_name(sts: STSBackend, idp: IdentityProvider, told: Told) -> None:
    other = sts.create_role("Other")
    explanation = told(offering=other, attributes={"role": "Developer"})
    assert "the response has the attribute" not in explanation


def test_a_session_name_under_another_name_is_named(told: Told) -> None:
    explanation = told(session_name=None, attributes={f"{AWS}roleSessionName": "alice"})
    assert f"no RoleSessionName; the response has the attribute '{AWS}roleSessionName'" in explanation


def test_an_optional_attribute_under_another_name_is_named_whatever_was_refused(told: Told) -> None:
    explanation = told(audience="urn:example", attributes={f"{AWS}sessionDuration": "900"})
    assert f"AWS ignores the attribute {AWS}sessionDuration; it reads {SESSION_DURATION}" in explanation


def test_an_optional_attribute_that_is_there_is_not_compared(told: Told) -> None:
    explanation = told(audience="urn:example", session_duration=900, attributes={f"{AWS}sessionDuration": "900"})
    assert "AWS ignores" not in explanation


@pytest.mark.parametrize(
    ("key", "attributes", "cause"),
    [
        pytest.param(
            "saml:eduPersonAffiliation",
            {"eduPersonAffiliation": ["staff"]},
            f"the attribute {AFFILIATION} fills it; the response has the attribute 'eduPersonAffiliation'",
            id="a friendly name",
        ),
        pytest.param(
            "saml:edupersonaffiliation", {}, f"the attribute {AFFILIATION} fills it role", id="nothing like it"
        ),
        pytest.param(
            "saml:edupersonaffiliation",
            {"1.3.6.1.4.1.5923.1.1.1.1": ["staff"]},
            f"the attribute {AFFILIATION} fills it; the response has the attribute '1.3.6.1.4.1.5923.1.1.1.1'",
            id="an OID without urn",
        ),
        pytest.param(
            "aws:RequestTag/Team",
            {f"{AWS}PrincipalTag/Team": ["blue"]},
            f"the attribute {AWS}PrincipalTag:team fills it; the response has the attribute '{AWS}PrincipalTag/Team'",
            id="a tag with a slash for the colon",
        ),
        pytest.param(
            "sts:SourceIdentity",
            {"SourceIdentity": ["alice"]},
            f"the attribute {AWS}SourceIdentity fills it; the response has the attribute 'SourceIdentity'",
            id="a source identity",
        ),
    ],
)
def test_a_missing_condition_key_is_explained_by_the_attribute_that_fills_it(
    trusting: Callable[..., Role], told: Told, key: str, attributes: dict[str, Any], cause: str
) -> None:
    explanation = told(trusting({"ForAnyValue:StringEquals": {key: "staff"}}), attributes=attributes)
    assert f"got no such key; {cause}" in explanation


def test_a_missing_key_that_no_attribute_fills_is_not_explained(trusting: Callable[..., Role], told: Told) -> None:
    assert "got no such key role" in told(trusting({"StringEquals": {"aws:SourceVpc": "vpc-1"}}))


def test_a_key_that_only_the_login_sees_is_said_to_be_one(sts: STSBackend, idp: IdentityProvider, told: Told) -> None:
    policy = idp.provider.trust_policy()
    policy["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"Federated": idp.provider.arn},
            "Action": "sts:TagSession",
            "Condition": {"StringEquals": {"saml:sub": "alice@example.com"}},
        }
    )
    explanation = told(sts.create_role("Staff", trust_policy=policy), principal_tags={"team": "blue"})
    assert "sts:TagSession does not see this key, which only sts:AssumeRoleWithSAML sees" in explanation
