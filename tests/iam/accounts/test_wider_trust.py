"""Roles that trust more than the default, and what a backend has created."""

import re
from typing import Any

import pytest

from pytest_stssaml import IdentityProvider, STSBackend

LOGIN, CHAINING = "sts:AssumeRoleWithSAML", "sts:AssumeRole"
TAGS, SOURCE_IDENTITY = "sts:TagSession", "sts:SetSourceIdentity"


def actions_of(policy: dict[str, Any]) -> list[str]:
    return [statement["Action"] for statement in policy["Statement"]]


@pytest.mark.parametrize(
    ("allowed", "more"),
    [
        ({}, []),
        ({"allow_tags": True}, [TAGS]),
        ({"allow_source_identity": True}, [SOURCE_IDENTITY]),
        ({"allow_tags": True, "allow_source_identity": True}, [TAGS, SOURCE_IDENTITY]),
    ],
)
def test_the_default_trust_policy_is_widened(
    sts: STSBackend, idp: IdentityProvider, allowed: dict[str, Any], more: list[str]
) -> None:
    role = sts.create_role("One", **allowed)
    other = sts.create_role("Two", trusts=role, **allowed)
    assert role.trust_policy == idp.provider.trust_policy(actions=[LOGIN, *more])
    assert other.trust_policy == role.chaining_policy(actions=[CHAINING, *more])


def test_a_role_that_trusts_another_is_in_its_account(sts: STSBackend, idp: IdentityProvider) -> None:
    there = sts.create_saml_provider("There", idp, account_id="111122223333")
    role = sts.create_role("Two", trusts=sts.create_role("One", provider=there))
    assert role.arn == "arn:aws:iam::111122223333:role/Two"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            {"provider": "arn:aws:iam::123456789012:saml-provider/ExampleIdP", "trusts": "a role"},
            ValueError(
                "a role takes trusts, provider or trust_policy, and not two of them; trusts is a role whose sessions "
                "may assume it"
            ),
        ),
        ({"trusts": "a role"}, TypeError("trusts must be a Role, not 'a role'")),
        (
            {"trust_policy": {}, "allow_tags": True},
            ValueError(
                "allow_tags and allow_source_identity widen the default trust policy; with trust_policy, write the "
                "actions there: provider.trust_policy(actions=[...])"
            ),
        ),
    ],
    ids=["two ways", "not a role", "a policy that is given"],
)
def test_whom_a_role_trusts_is_said_in_one_way(
    sts: STSBackend, idp: IdentityProvider, arguments: dict[str, Any], error: Exception
) -> None:
    with pytest.raises(type(error), match=f"^{re.escape(str(error))}$"):
        sts.create_role("One", **arguments)


def test_a_backend_shows_its_roles_and_providers(sts: STSBackend, idp: IdentityProvider) -> None:
    role, other = sts.create_role("One"), sts.create_role("Two", path="/team/")
    there = sts.create_saml_provider("There", idp, account_id="111122223333")
    sts.delete_role(other)
    assert (sts.roles, sts.saml_providers) == ((role,), (idp.provider, there))


def test_a_backend_shows_its_last_attempt(sts: STSBackend, idp: IdentityProvider, log_in: Any) -> None:
    message = "STS was not called; if your code called it, it did so before this mock began, or in another process"
    with pytest.raises(LookupError, match=f"^{re.escape(message)}$"):
        _ = sts.last_attempt
    log_in(idp.response(role := sts.create_role("One")), role, idp.provider)
    assert sts.last_attempt is sts.attempts[-1]


class TestRequest:
    def test_has_the_parameters_of_a_login(self, sts: STSBackend, idp: IdentityProvider, sts_client: Any) -> None:
        role = sts.create_role("One")
        request = idp.request(role, name_id="bob")
        assert list(request) == ["RoleArn", "PrincipalArn", "SAMLAssertion"]
        assert sts_client.assume_role_with_saml(**request)["Subject"] == "bob"

    def test_asks_for_the_first_of_several_roles(self, sts: STSBackend, idp: IdentityProvider) -> None:
        there = sts.create_saml_provider("There", idp, account_id="111122223333")
        roles = [sts.create_role("Two", provider=there), sts.create_role("One")]
        request = idp.request(roles)
        assert (request["RoleArn"], request["PrincipalArn"]) == (roles[0].arn, there.arn)

    def test_needs_a_role(self, idp: IdentityProvider) -> None:
        with pytest.raises(ValueError, match=r"^request\(\) needs a role; response\(None\) offers none$"):
            idp.request(None)
