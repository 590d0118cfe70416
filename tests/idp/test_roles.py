"""The keywords `role`, `provider` and `role_format`, and the partition that a response is addressed to."""

import re
from typing import Any

import pytest
from idp_responses import AWS, offered, values
from saml_documents import PAIR, PROVIDER, ROLE

from pytest_stssaml import IdentityProvider, Role, STSBackend

OTHER_ACCOUNT = "111122223333"


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Role:
    return sts.create_role("Developer")


class TestRole:
    def test_gets_the_provider_of_its_account(self, idp: IdentityProvider, role: Role) -> None:
        assert offered(idp.response(role)) == [f"{ROLE},{PROVIDER}"]

    def test_may_be_an_arn(self, idp: IdentityProvider) -> None:
        assert offered(idp.response(ROLE)) == [f"{ROLE},{PROVIDER}"]

    @pytest.mark.parametrize("form", [list, tuple, iter], ids=["list", "tuple of three", "iterator"])
    def test_may_be_several_in_order(self, idp: IdentityProvider, role: Role, form: Any) -> None:
        response = idp.response(form([role, f"{ROLE}2", (f"{ROLE}3", "provider")]))
        assert offered(response) == [f"{ROLE},{PROVIDER}", f"{ROLE}2,{PROVIDER}", f"{ROLE}3,provider"]

    def test_may_be_a_pair_of_any_strings(self, unregistered: IdentityProvider) -> None:
        assert offered(unregistered.response(("role", "provider"))) == ["role,provider"]

    def test_may_be_a_pair_of_objects(self, idp: IdentityProvider, role: Role) -> None:
        assert offered(idp.response((role, idp.provider))) == [f"{ROLE},{PROVIDER}"]

    @pytest.mark.parametrize("role", [None, [], ()], ids=["None", "list", "tuple"])
    def test_is_left_out_if_there_is_none(self, unregistered: IdentityProvider, role: Any) -> None:
        assert values(unregistered.response(role), "//saml:Attribute/@Name") == [AWS + "RoleSessionName"]

    @pytest.mark.parametrize(
        "elsewhere", [{"account_id": OTHER_ACCOUNT}, {"partition": "aws-cn"}], ids=["account", "partition"]
    )
    def test_gets_the_provider_of_its_own_account_and_partition(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, elsewhere: dict[str, Any]
    ) -> None:
        there = sts.create_saml_provider("There", idp, **elsewhere)
        other = sts.create_role("Admin", provider=there)
        assert offered(idp.response([role, other])) == [f"{ROLE},{PROVIDER}", f"{other.arn},{there.arn}"]


class TestRoleErrors:
    def test_a_tuple_of_two_roles(self, unregistered: IdentityProvider) -> None:
        roles = ("arn:aws:iam::123456789012:role/A", "arn:aws:iam::123456789012:role/B")
        message = f"a pair must be (role, provider), not {roles!r}; write several roles as a list"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            unregistered.response(roles)

    def test_an_account_without_a_provider(self, idp: IdentityProvider) -> None:
        role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/Admin"
        with pytest.raises(ValueError, match="no provider") as caught:
            idp.response(role)
        assert str(caught.value) == (
            f"{role}: this identity provider has no provider in the role's account (registered: {PROVIDER}); "
            "write role=(role, provider) or provider=..."
        )

    def test_an_identity_provider_without_a_registration(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        with pytest.raises(ValueError, match="no provider") as caught:
            unregistered.response(ROLE)
        assert str(caught.value) == (
            f"{ROLE}: this identity provider has no provider in the role's account (registered: nowhere); "
            "give create_saml_provider(...) the identity provider itself and not its metadata, "
            "or write role=(role, provider) or provider=..."
        )

    def test_an_identity_provider_outside_of_a_mock(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(ValueError, match="no provider") as caught:
            unregistered.response(ROLE)
        assert str(caught.value) == (
            f"{ROLE}: this identity provider has no provider in the role's account (registered: nowhere); "
            "no mock is active: use the fixtures or mock_sts_saml(), or write role=(role, provider) or provider=..."
        )

    def test_an_account_with_two_providers(self, sts: STSBackend, idp: IdentityProvider) -> None:
        second = sts.create_saml_provider("Second", idp)
        sts.create_saml_provider("There", idp, account_id=OTHER_ACCOUNT)
        with pytest.raises(ValueError, match="several providers") as caught:
            idp.response(ROLE)
        assert str(caught.value) == (
            f"{ROLE}: this identity provider has several providers in the role's account "
            f"(registered: {PROVIDER}, {second.arn}); write role=(role, provider) or provider=..."
        )

    def test_the_name_of_a_role(self, idp: IdentityProvider) -> None:
        message = "role must be a Role or its ARN, not 'Developer'; a (role, provider) pair may consist of any strings"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            idp.response("Developer")

    @pytest.mark.parametrize("form", ["object", "ARN", "list"])
    def test_a_provider_instead_of_a_role(self, idp: IdentityProvider, form: str) -> None:
        roles: dict[str, Any] = {"object": idp.provider, "ARN": PROVIDER, "list": [idp.provider]}
        message = (
            f"role must be a Role or its ARN, not '{PROVIDER}'; a (role, provider) pair may consist of any strings"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            idp.response(roles[form])

    @pytest.mark.parametrize(
        ("role", "message"),
        [
            pytest.param(
                5, "role must be a Role, its ARN, a (role, provider) pair, or an iterable of those, not 5", id="number"
            ),
            pytest.param([5], "role must be an object with an ARN, or the ARN itself, not 5", id="role in a list"),
            pytest.param((5, "p"), "role must be an object with an ARN, or the ARN itself, not 5", id="role in a pair"),
            pytest.param(
                ("r", 5), "provider must be an object with an ARN, or the ARN itself, not 5", id="provider in a pair"
            ),
            pytest.param([("r", "p", "q")], "a pair must be (role, provider), not ('r', 'p', 'q')", id="pair of three"),
        ],
    )
    def test_a_wrong_type(self, unregistered: IdentityProvider, role: Any, message: str) -> None:
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            unregistered.response(role)


class TestProvider:
    def test_goes_with_every_role_that_is_not_in_a_pair(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(["a", ("b", "own"), "c"], provider="given")
        assert offered(response) == ["a,given", "b,own", "c,given"]

    def test_may_be_an_object(self, sts: STSBackend, idp: IdentityProvider, role: Role) -> None:
        second = sts.create_saml_provider("Second", idp)
        assert offered(idp.response(role, provider=second)) == [f"{ROLE},{second.arn}"]

    def test_raises_type_error_for_an_identity_provider(self, idp: IdentityProvider, role: Role) -> None:
        with pytest.raises(TypeError) as caught:
            idp.response(role, provider=idp)  # type: ignore[arg-type]
        assert str(caught.value) == (
            "provider must be an object with an ARN, or the ARN itself, not "
            "<IdentityProvider https://idp.example.com/saml>; write identity_provider.provider"
        )


class TestPartition:
    def test_is_that_of_the_first_role(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response([("arn:aws-cn:iam::123456789012:role/Developer", "p"), PAIR])
        assert values(response, "//saml:Audience | //@Recipient") == [
            "https://signin.amazonaws.cn/saml",
            "urn:amazon:webservices:cn-north-1",
        ]

    def test_is_that_of_the_registration_if_there_is_no_role(
        self, sts: STSBackend, unregistered: IdentityProvider
    ) -> None:
        sts.create_saml_provider("ExampleIdP", unregistered, partition="aws-us-gov")
        assert values(unregistered.response(None), "//saml:Audience") == ["urn:amazon:webservices:govcloud"]

    @pytest.mark.parametrize("role", ["Developer", "arn:klingon:iam::1:role/D", "::::"])
    def test_is_the_commercial_one_if_the_role_has_none(self, unregistered: IdentityProvider, role: str) -> None:
        assert values(unregistered.response((role, "p")), "//saml:Audience") == ["urn:amazon:webservices"]


class TestRoleFormat:
    @pytest.mark.parametrize(
        ("role_format", "value"),
        [
            pytest.param("{role},{provider}", "R,P", id="default"),
            pytest.param("{provider},{role}", "P,R", id="provider first"),
            pytest.param(" {role} , {provider}\n", " R , P\n", id="white space"),
            pytest.param("{role}", "R", id="role alone"),
            pytest.param("nonsense", "nonsense", id="no field"),
            pytest.param("", "", id="empty"),
        ],
    )
    def test_is_the_format_of_a_value(self, unregistered: IdentityProvider, role_format: str, value: str) -> None:
        assert offered(unregistered.response(("R", "P"), role_format=role_format)) == [value]

    @pytest.mark.parametrize("role_format", ["{arn}", "{0}", "{", "{role.nothing}"])
    def test_raises_value_error_for_other_fields(self, unregistered: IdentityProvider, role_format: str) -> None:
        with pytest.raises(ValueError, match="role_format") as caught:
            unregistered.response(PAIR, role_format=role_format)
        assert str(caught.value) == f"role_format must be a string with {{role}} and {{provider}}, not {role_format!r}"

    @pytest.mark.parametrize("role_format", [5, None, b"{role}"], ids=repr)
    def test_raises_type_error_for_another_type(self, unregistered: IdentityProvider, role_format: Any) -> None:
        with pytest.raises(TypeError, match=r"^role_format must be a string with \{role\} and \{provider\}, not "):
            unregistered.response(PAIR, role_format=role_format)
