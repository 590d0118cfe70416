from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from good import GOOD, PROVIDER, ROLE_, asserting

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.sts.iam import Role
from pytest_stssaml.sts.policy import parse_trust_policy
from pytest_stssaml.sts.trust import CONDITION_KEYS, lets_in

DENIED = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML")

# What the login of `idp`'s response for a role gives each key.
VALUES = {
    "saml:aud": "https://signin.aws.amazon.com/saml",
    "saml:doc": "123456789012/ExampleIdP",
    "saml:iss": "https://idp.example.com/saml",
    "saml:namequalifier": "gVMfPykcwyJvL8k2pmXetypU/dY=",
    "saml:sub": "alice@example.com",
    "saml:sub_type": "persistent",
    "sts:rolesessionname": "alice-session",
}


def role_where(block: dict[str, Any]) -> Role:
    return replace(ROLE_, policy=parse_trust_policy(PROVIDER.trust_policy(audience=None, conditions=block)))


def test_the_keys_are_those_whose_values_are_known() -> None:
    assert list(CONDITION_KEYS) == list(VALUES)


@pytest.mark.parametrize("key", VALUES)
def test_a_condition_lets_the_value_of_its_key_in(
    sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any], key: str
) -> None:
    block = {"StringEquals": {key: VALUES[key]}}
    role = sts.create_role("A", trust_policy=idp.provider.trust_policy(audience=None, conditions=block))
    answer = log_in(idp.response(role, session_name="alice-session"), role, idp.provider)
    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/A/alice-session"


@pytest.mark.parametrize("key", VALUES)
def test_a_condition_keeps_another_value_of_its_key_out(
    sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], key: str
) -> None:
    block = {"StringEquals": {key: VALUES[key] + "x"}}
    role = sts.create_role("A", trust_policy=idp.provider.trust_policy(audience=None, conditions=block))
    assert refusal(idp.response(role, session_name="alice-session"), role, idp.provider) == DENIED


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
def test_sub_type_is_what_the_answer_calls_subject_type(name_id_format: str, sub_type: str) -> None:
    login = asserting(name_id_format=name_id_format)
    assert lets_in(role_where({"StringEquals": {"saml:sub_type": sub_type}}), login)


def test_doc_names_the_providers_account_and_not_the_roles() -> None:
    elsewhere = replace(GOOD, provider=replace(PROVIDER, account_id="111122223333"))
    assert lets_in(role_where({"StringEquals": {"saml:doc": "111122223333/ExampleIdP"}}), elsewhere)


def test_the_default_trust_policy_lets_its_provider_in() -> None:
    assert lets_in(ROLE_, GOOD)


def test_another_provider_is_kept_out() -> None:
    other = replace(PROVIDER, arn="arn:aws:iam::123456789012:saml-provider/OtherIdP")
    assert not lets_in(ROLE_, replace(GOOD, provider=other))


def test_a_role_that_trusts_other_actions_only_keeps_out() -> None:
    trust = PROVIDER.trust_policy(actions=["sts:TagSession", "sts:SetSourceIdentity"])
    assert not lets_in(replace(ROLE_, policy=parse_trust_policy(trust)), GOOD)


@pytest.mark.parametrize("key", ["sts:DurationSeconds", "sts:ExternalId", "aws:username", "saml:other"])
def test_a_key_that_this_call_does_not_have_keeps_everybody_out(key: str) -> None:
    assert not lets_in(role_where({"StringLike": {key: "*"}}), GOOD)


# What a response says, and the action that it then needs besides.
NEEDS = {
    "tag": ({"principal_tags": {"team": "blue"}}, "sts:TagSession"),
    "source identity": ({"source_identity": "alice"}, "sts:SetSourceIdentity"),
}


class TestFurtherActions:
    @pytest.mark.parametrize(("said", "action"), NEEDS.values(), ids=NEEDS)
    def test_a_role_that_does_not_allow_it_keeps_out(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        role = sts.create_role("A")
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED

    @pytest.mark.parametrize(("said", "action"), NEEDS.values(), ids=NEEDS)
    def test_a_role_that_allows_it_lets_in(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        trust = idp.provider.trust_policy(actions=["sts:AssumeRoleWithSAML", action])
        role = sts.create_role("A", trust_policy=trust)
        assert log_in(idp.response(role, **said), role, idp.provider)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize(("said", "action"), NEEDS.values(), ids=NEEDS)
    def test_that_action_alone_is_not_enough(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        role = sts.create_role("A", trust_policy=idp.provider.trust_policy(actions=action))
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED

    @pytest.mark.parametrize(("said", "other"), [(NEEDS["tag"][0], NEEDS["source identity"][1])], ids=["tag"])
    def test_the_others_action_does_not_help(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], other: str
    ) -> None:
        trust = idp.provider.trust_policy(actions=["sts:AssumeRoleWithSAML", other])
        role = sts.create_role("A", trust_policy=trust)
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED

    def test_transitive_keys_without_a_tag_need_nothing(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]
    ) -> None:
        role = sts.create_role("A")
        response = idp.response(role, transitive_tag_keys=["team"])
        assert log_in(response, role, idp.provider)["Subject"] == "alice@example.com"

    def test_both_need_both(self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> None:
        actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
        role = sts.create_role("A", trust_policy=idp.provider.trust_policy(actions=actions))
        response = idp.response(role, **NEEDS["tag"][0], **NEEDS["source identity"][0])
        assert log_in(response, role, idp.provider)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize(("said", "action"), NEEDS.values(), ids=NEEDS)
    def test_a_statement_that_denies_it_keeps_out(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], said: dict[str, Any], action: str
    ) -> None:
        trust = idp.provider.trust_policy(actions=["sts:AssumeRoleWithSAML", action, action])
        trust["Statement"][2]["Effect"] = "Deny"
        role = sts.create_role("A", trust_policy=trust)
        assert refusal(idp.response(role, **said), role, idp.provider) == DENIED
