"""The last lines of a report: the cause that people found in the end, in situations in which they were stuck."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from encrypting import KEY
from explaining import ATTRIBUTES, ISSUED, PROVIDER_ARN, ROLE_ARN, Login, last_lines, named

from pytest_stssaml import make_signing_key, mock_sts_saml

LATER = {"six minutes": "2030-01-01T12:06:00Z", "two minutes": "2030-01-01T12:02:00Z", "before": "2030-01-01T11:55:00Z"}


def in_small_letters(role_output: dict[str, Any]) -> dict[str, Any]:
    role = role_output["Role"]
    policy = role["AssumeRolePolicyDocument"]
    (statement,) = policy["Statement"]
    federated = {"Federated": PROVIDER_ARN.replace("Example", "example")}
    return {**role, "AssumeRolePolicyDocument": {**policy, "Statement": [{**statement, "Principal": federated}]}}


def about_another_principal(principal: dict[str, str]) -> Callable[[], str]:
    def told() -> str:
        login = Login()
        role = login.outputs["role"]["Role"]
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRoleWithSAML"}
        return last_lines(login.explain(role={**role, "AssumeRolePolicyDocument": {"Statement": [statement]}}))

    return told


def denied(policy: dict[str, Any] | None = None, **conditions: Any) -> Callable[[], str]:
    """Return what tells the cause for a role that has a Deny statement too."""

    def told() -> str:
        login = Login(policy=policy)
        role = login.outputs["role"]["Role"]
        trust = role["AssumeRolePolicyDocument"]
        deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRoleWithSAML", **conditions}
        document = {**trust, "Statement": [*trust["Statement"], deny]}
        return last_lines(login.explain(role={**role, "AssumeRolePolicyDocument": document}))

    return told


def response(policy: dict[str, Any] | None = None, offers: Any = None, **values: Any) -> Callable[..., str]:
    """Return what tells the cause for a response with some values, and options of `explain`."""

    def told(**options: Any) -> str:
        return last_lines(Login(policy=policy, offers=offers, **values).explain(**options))

    return told


def late(at: str, **values: Any) -> Callable[[], str]:
    return lambda: response(**values)(at=LATER[at])


def signed_by_a_new_key() -> str:
    login = Login(signing_key=make_signing_key("ec"))
    return last_lines(login.explain())


def signed_by_a_new_key_without_a_certificate() -> str:
    login = Login(signing_key=make_signing_key("ec"))
    return last_lines(login.explain(re.sub("<ds:KeyInfo>.*</ds:KeyInfo>", "", login.response.xml, flags=re.DOTALL)))


def altered() -> str:
    login = Login()
    return last_lines(login.explain(login.response.tampered("alice@example.com", "bob@example.com")))


def with_a_space_before_the_provider() -> str:
    return response()(principal_arn=f" {PROVIDER_ARN}")


def encrypted_for_nobody() -> str:
    login = Login()
    with mock_sts_saml(now=ISSUED) as sts:
        provider = sts.create_saml_provider("Example", login.idp, private_keys=[KEY])
        encrypted = login.idp.response((ROLE_ARN, PROVIDER_ARN), encrypted_for=provider)
    return last_lines(login.explain(encrypted, principal_arn=PROVIDER_ARN))


REGIONAL = "https://us-west-2.signin.aws.amazon.com/saml"
LOWER = ATTRIBUTES + "role"

#: What was the matter, with words that the last lines must have.
CAUSES: dict[str, tuple[Callable[[], str], tuple[str, ...]]] = {
    "the signing certificate was rotated": (
        signed_by_a_new_key,
        ("rotated", "its key is not in the metadata", "update-saml-provider"),
    ),
    "the signing key is not the metadata's, and no certificate is shown": (
        signed_by_a_new_key_without_a_certificate,
        ("probably rotated", "update-saml-provider"),
    ),
    "the response was altered on its way": (altered, ("altered after it was signed",)),
    "the metadata is that of another application": (
        response(issuer="https://other.example.com"),
        ("metadata is that of another identity provider", "https://other.example.com"),
    ),
    "the audience field has the application's own name": (
        response(audience="https://app.example.com"),
        ("audience field", "https://app.example.com", "urn:amazon:webservices"),
    ),
    "the audience field has a regional URL": (
        response(audience=REGIONAL),
        ("audience field has a sign-in URL", REGIONAL, "urn:amazon:webservices"),
    ),
    "there is no audience": (response(audience=None), ("has no audience",)),
    "the ACS URL is regional and the trust policy's is not": (
        response(recipient=REGIONAL),
        ("regional sign-in URL", "SAML:aud", REGIONAL),
    ),
    "the ACS URL is that of a tool": (
        response(recipient="http://localhost:7890/saml"),
        ("Recipient", "SAML:aud", "http://localhost:7890/saml"),
    ),
    "SAML:aud has the audience": (
        response(policy={"recipient": "urn:amazon:webservices"}),
        ("SAML:aud", "is compared with the Recipient", "https://signin.aws.amazon.com/saml"),
    ),
    "tags are sent without sts:TagSession": (
        response(principal_tags={"Team": "blue"}),
        ("session tags (Team)", "add the action sts:TagSession"),
    ),
    "a source identity is sent without sts:SetSourceIdentity": (
        response(source_identity="alice"),
        ("a source identity", "add the action sts:SetSourceIdentity"),
    ),
    "the response was sent six minutes later": (late("six minutes", shape="okta"), ("6 min old", "5 min")),
    "the response ended in the moment in which it was judged": (
        lambda: response()(at="2030-01-01T12:05:00Z"),
        ("Conditions ended at 2030-01-01T12:05:00Z",),
    ),
    "responses are valid for one minute": (
        late("two minutes", shape="keycloak"),
        ("lets the response be valid for 58 s",),
    ),
    "the clock of the identity provider is ahead": (
        late("before"),
        ("a clock is wrong", "issued 5 min ahead of the time at which it is judged"),
    ),
    "NotBefore is later than the time of issue": (
        response(not_before=dt.timedelta(minutes=1)),
        ("NotBefore is later than the time of issue",),
    ),
    "the role's ARN is in other letters in the call": (
        lambda: response()(role_arn=ROLE_ARN.lower()),
        ("only in the case of letters", "role/Developer"),
    ),
    "the role's ARN is in other letters in the response": (
        lambda: response(offers=(ROLE_ARN.lower(), PROVIDER_ARN))(role_arn=ROLE_ARN.lower()),
        ("differs in the case of letters", ROLE_ARN),
    ),
    "the role has a path": (
        lambda: response(offers=(ROLE_ARN.replace("role/", "role/team/"), PROVIDER_ARN))(
            role_arn=ROLE_ARN.replace("role/", "role/team/")
        ),
        ("or in the path", ROLE_ARN),
    ),
    "the provider's ARN is in other letters in the response": (
        lambda: response(offers=(ROLE_ARN, PROVIDER_ARN.lower()))(principal_arn=PROVIDER_ARN),
        ("only in the case of letters", "saml-provider/example"),
    ),
    "the provider's ARN is in other letters in the trust policy": (
        lambda: response()(role=in_small_letters(Login().outputs["role"])),
        ("they differ only in the case of letters", "saml-provider/example"),
    ),
    "the trust policy is about another provider": (
        about_another_principal({"Federated": f"{PROVIDER_ARN}2"}),
        ("about another principal", f"{PROVIDER_ARN}2", "as the principal Federated"),
    ),
    "the trust policy is about an account": (
        about_another_principal({"AWS": "123456789012"}),
        ("about another principal", "no identity provider"),
    ),
    "a statement denies": (denied(), ("statement 2 of the trust policy denies sts:AssumeRoleWithSAML",)),
    "a statement that would deny does not apply, and none allows": (
        denied(
            {"conditions": {"StringEquals": {"saml:sub": "bob@example.com"}}},
            Condition={"StringEquals": {"SAML:aud": "https://app.example.com", "saml:mail": "x"}},
        ),
        ("statement 1 (Allow) does not apply", "saml:sub", "bob@example.com", "alice@example.com"),
    ),
    "the attribute Role has a small letter": (
        lambda: response(offers=(), attributes={LOWER: f"{ROLE_ARN},{PROVIDER_ARN}"})(principal_arn=PROVIDER_ARN),
        ("Attributes/role",),
    ),
    "the attribute Role has only the role": (
        lambda: response(offers=(), attributes={ATTRIBUTES + "Role": ROLE_ARN})(principal_arn=PROVIDER_ARN),
        ("is a role and a provider with a comma between", ROLE_ARN),
    ),
    "an eduPerson attribute has its friendly name": (
        response(
            policy={"conditions": {"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}}},
            attributes={"eduPersonAffiliation": ["staff"]},
        ),
        ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "eduPersonAffiliation"),
    ),
    "a tag is tested that has another value": (
        response(
            policy={
                "actions": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                "conditions": {"StringEquals": {"aws:RequestTag/Team": "green"}},
            },
            principal_tags={"Team": "blue"},
        ),
        ("aws:RequestTag/Team", "'green'", "'blue'"),
    ),
    "an ARN has a space before it": (with_a_space_before_the_provider, ("white space before it",)),
    "the provider has no private key for an encrypted assertion": (encrypted_for_nobody, ("no private key",)),
    "the session name has a space": (response(session_name="Alice Smith"), ("Alice Smith", "RoleSessionName")),
    "there is no NameID": (response(name_id=None), ("no NameID", "send a NameID")),
}


@pytest.mark.parametrize("what", CAUSES)
def test_the_cause_is_told_in_the_last_lines(what: str) -> None:
    tell, words = CAUSES[what]
    told = tell()
    assert [word for word in words if word not in told] == [], told


@pytest.mark.parametrize("format_", ["{role}, {provider}", "{provider}, {role}"])
def test_a_space_in_a_pair_is_noted_since_tools_split_there(format_: str) -> None:
    explanation = Login(role_format=format_).explain()
    assert explanation.accepted
    assert "Principal ARN is invalid" in " ".join(explanation.notes)


def test_a_renewed_certificate_of_the_same_key_is_no_rotation() -> None:
    login = Login()
    xml = login.response.xml
    assert login.explain(xml.replace("X509Certificate>M", "X509Certificate>\nM")).accepted


def test_an_accepted_response_has_no_cause() -> None:
    explanation = Login().explain()
    assert (explanation.cause, explanation.remedy) == (None, None)


def test_the_remedy_of_a_response_without_a_signature_is_to_sign_it() -> None:
    login = Login()
    assert last_lines(login.explain(login.response.unsigned())) == (
        "neither the response nor its assertion is signed. "
        "What to change: at the identity provider, sign the assertion."
    )


def test_the_remedy_of_a_signature_of_a_refused_form_is_not_to_sign() -> None:
    login = Login()
    transform = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    explanation = login.explain(login.response.tampered(transform, "http://example.com/transform"))
    assert named(explanation) == ["assertion_is_trusted"]
    assert "update the provider with the present metadata" in last_lines(explanation)


def test_a_session_policy_that_is_not_json_is_refused_and_its_grammar_not_judged() -> None:
    explanation = Login().explain(policy="{oops")
    assert (explanation.code, named(explanation)) == ("MalformedPolicyDocument", ["session_policy_is_json"])
    assert named(explanation, "not judged") == ["session_policy_follows_the_grammar", "session_token_is_small_enough"]
