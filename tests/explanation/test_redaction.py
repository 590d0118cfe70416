"""`--redact`: what identifies somebody is replaced everywhere, and the same word in the same way."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from encrypting import KEY
from explaining import ISSUED, PROVIDER_ARN, ROLE_ARN, Login, fixed_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_stssaml import Explanation, IdentityProvider, explain, mock_sts_saml
from pytest_stssaml.__main__ import main

ACTIONS = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]

#: What identifies somebody in the logins below.
PRIVATE = ["alice", "example.com", "123456789012", "Developer", "Example", "blue", "Team", "AliceSource", "corp-4711"]


def logins() -> dict[str, dict[str, Any]]:
    """Return logins that are accepted, or refused for various reasons: the keywords of `Login`."""
    values = {
        "principal_tags": {"Team": "blue"},
        "source_identity": "AliceSource",
        "attributes": {"urn:x:department": ["corp-4711", "corp-4711 Alice"]},
        "session_name": "alice@example.com",
    }
    policy = {"actions": ACTIONS}
    return {
        "accepted": {**values, "policy": policy},
        "tags": values,
        "audience": {**values, "audience": "https://app.example.com/corp-4711"},
        "issuer": {**values, "issuer": "https://idp.example.com/corp-4711"},
        "recipient": {**values, "recipient": "https://app.example.com/acs"},
        "subject": {**values, "policy": {**policy, "conditions": {"StringEquals": {"saml:sub": "corp-4711"}}}},
        "tag": {**values, "policy": {**policy, "conditions": {"StringEquals": {"aws:RequestTag/Team": "corp-4711"}}}},
        "session name": {**values, "session_name": "alice corp-4711"},
        "failed": {**values, "status": "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"},
        "namequalifier": {**values, "policy": {**policy, "conditions": {"Null": {"saml:namequalifier": "true"}}}},
        "another key": {**values, "signing_key": fixed_key(), "issuer": "https://idp.example.com"},
    }


def written(explanation: Explanation) -> str:
    return str(explanation) + json.dumps(explanation.to_dict()) + repr(explanation)


def survivors(text: str, private: list[str]) -> list[str]:
    return [word for word in private if word in text]


@pytest.mark.parametrize("name", logins())
def test_no_private_word_is_left_in_any_output(name: str) -> None:
    login = Login(**logins()[name])
    fingerprint = login.explain(principal_arn=PROVIDER_ARN).facts["metadata_certificates"][0]["sha256"]
    identifiers = re.findall(r'\bID="([^"]+)"', login.response.xml)
    text = written(login.explain(principal_arn=PROVIDER_ARN, redact=True))
    assert survivors(text, [*PRIVATE, fingerprint, login.provider.uuid, *identifiers]) == []


def test_the_words_of_the_role_and_the_provider_are_private_without_a_response() -> None:
    login = Login()
    text = written(login.explain("AAAA", principal_arn=PROVIDER_ARN, redact=True))
    assert survivors(text, ["123456789012", "Developer"]) == []


def test_the_words_of_a_policy_document_that_is_url_encoded_are_private() -> None:
    login = Login(policy={"conditions": {"StringLike": {"saml:sub": "zebedee@*"}}})
    role = login.outputs["role"]["Role"]
    encoded = {**role, "AssumeRolePolicyDocument": quote(json.dumps(role["AssumeRolePolicyDocument"]), safe="")}
    text = written(login.explain(role={"Role": encoded}, redact=True))
    assert "saml:sub" in text
    assert survivors(text, ["zebedee"]) == []


def test_what_is_encrypted_is_private_too() -> None:
    login = Login()
    with mock_sts_saml(now=ISSUED) as sts:
        provider = sts.create_saml_provider("Example", login.idp, private_keys=[KEY])
        encrypted = login.idp.response((ROLE_ARN, PROVIDER_ARN), session_name="corp-4711", encrypted_for=provider)
    explanation = login.explain(encrypted, private_keys=[KEY], redact=True)
    assert explanation.accepted
    assert survivors(written(explanation), PRIVATE) == []


def test_the_same_word_has_the_same_replacement() -> None:
    facts = Login(session_name="alice@example.com").explain(redact=True).facts
    assert facts["subject"] == facts["session_name"] == "<value-3>@<host-2>"
    assert facts["role_arn"] == "arn:aws:iam::<account-1>:role/<value-1>"
    assert facts["roles"][0]["value"] == f"{facts['role_arn']},{facts['principal_arn']}"


def test_what_is_public_remains() -> None:
    text = str(Login(recipient="https://us-west-2.signin.aws.amazon.com/saml").explain(redact=True))
    for public in (
        "us-west-2.signin.aws.amazon.com",
        "SAML:aud",
        "urn:amazon:webservices",
        "2030-01-01T12:00:00Z",
        "us-east-1",
    ):
        assert public in text


def test_an_attribute_that_looks_like_a_time_is_private() -> None:
    explanation = Login(attributes={"urn:x": ["2001-02-03T04:05:06Z"]}, session_name="2001-02-03T04:05:06Z").explain(
        redact=True
    )
    assert "2001-02-03" not in written(explanation)


def test_a_message_about_bad_input_is_redacted() -> None:
    login = Login()
    with pytest.raises(ValueError, match="role") as caught:
        login.explain(
            login.idp.response([(ROLE_ARN, PROVIDER_ARN), (ROLE_ARN + "2", PROVIDER_ARN)]), role=None, redact=True
        )
    assert str(caught.value) == (
        "the response offers 2 roles; give --role, or --role-arn arn:aws:iam::<account-1>:role/<value-1> or "
        "arn:aws:iam::<account-1>:role/<value-2>"
    )


def test_a_role_that_is_nested_deeply_is_redacted() -> None:
    output = '{"Role": {"Arn": "' + ROLE_ARN + '", "Nested": ' + "[" * 400 + "]" * 400 + "}}"
    with pytest.raises(ValueError, match="it has no AssumeRolePolicyDocument"):
        Login().explain(role=output, redact=True)


def test_the_command_redacts_what_it_writes(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    login = Login(**logins()["tags"])
    for option in ([], ["--json"]):
        assert main(login.arguments(tmp_path, "--redact", *option)) == 1
    assert survivors(capsys.readouterr().out, PRIVATE) == []


IDP = IdentityProvider(signing_key=fixed_key())
_WORDS = st.text("bcdfghjkqvwxz", min_size=8, max_size=20)
_VALUES = st.lists(_WORDS, min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from(["@", " ", "/", "'", '"', ":", "é", "\u200b", "😀", ", "]).map(
        lambda s: s.join(words)
    )
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(subject=_VALUES, name=_VALUES, tag=_VALUES, audience=_VALUES, issuer=_VALUES, recipient=_VALUES)
def test_no_word_of_any_value_survives(**values: str) -> None:
    response = IDP.response(
        (ROLE_ARN, PROVIDER_ARN),
        name_id=values["subject"],
        session_name=values["name"],
        principal_tags={"Team": values["tag"]},
        audience=values["audience"],
        issuer=values["issuer"],
        recipient=values["recipient"],
    )
    role = LOGIN.outputs["role"]
    text = written(explain(response, role=role, metadata=IDP.metadata, redact=True))
    words = {word for value in values.values() for word in re.findall(r"[bcdfghjkqvwxz]{8,}", value)}
    assert survivors(text, sorted(words)) == []


LOGIN = Login()
