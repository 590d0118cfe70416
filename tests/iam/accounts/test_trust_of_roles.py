import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from pytest_stssaml import IdentityProvider, SAMLProvider, STSBackend
from pytest_stssaml.literals import Partition

OTHER_ACCOUNT = "111122223333"
PARTITIONS = ["aws", "aws-cn", "aws-us-gov"]
SIGN_IN_URLS = {
    "aws": "https://signin.aws.amazon.com/saml",
    "aws-cn": "https://signin.amazonaws.cn/saml",
    "aws-us-gov": "https://signin.amazonaws-us-gov.com/saml",
}


class TestTrustPolicy:
    @pytest.mark.parametrize("partition", PARTITIONS)
    def test_is_what_the_iam_console_writes(self, sts: STSBackend, metadata: str, partition: Partition) -> None:
        provider = sts.create_saml_provider("Okta", metadata, partition=partition)
        assert sts.create_role("A", provider=provider).trust_policy == {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": f"arn:{partition}:iam::123456789012:saml-provider/Okta"},
                    "Action": "sts:AssumeRoleWithSAML",
                    "Condition": {"StringEquals": {"SAML:aud": SIGN_IN_URLS[partition]}},
                }
            ],
        }

    def test_names_the_only_provider_of_the_account(
        self, sts: STSBackend, metadata: str, provider: SAMLProvider
    ) -> None:
        sts.create_saml_provider("Elsewhere", metadata, account_id=OTHER_ACCOUNT)
        sts.create_saml_provider("InChina", metadata, partition="aws-cn")
        assert sts.create_role("A").trust_policy == provider.trust_policy()

    @pytest.mark.parametrize("by", [lambda provider: provider, lambda provider: provider.arn], ids=["object", "arn"])
    def test_names_the_provider_that_is_given(
        self, sts: STSBackend, metadata: str, provider: SAMLProvider, by: Callable[..., Any]
    ) -> None:
        second = sts.create_saml_provider("Second", metadata)
        assert sts.create_role("A", provider=by(second)).trust_policy == second.trust_policy()

    @pytest.mark.parametrize("write", [dict, json.dumps], ids=["dict", "JSON"])
    def test_may_be_given(self, sts: STSBackend, provider: SAMLProvider, write: Callable[..., Any]) -> None:
        document = provider.trust_policy(recipient=None)
        assert sts.create_role("A", trust_policy=write(document)).trust_policy == document

    def test_may_name_a_provider_that_does_not_exist(self, sts: STSBackend, provider: SAMLProvider) -> None:
        document = provider.trust_policy()
        sts.delete_saml_provider(provider)
        assert sts.create_role("A", trust_policy=document).trust_policy == document

    def test_must_not_be_given_beside_a_provider(self, sts: STSBackend, provider: SAMLProvider) -> None:
        message = (
            "a role takes provider or trust_policy, not both; provider.trust_policy(...) returns a policy to widen"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=provider, trust_policy=provider.trust_policy())

    def test_needs_a_provider_in_the_account(self, sts: STSBackend) -> None:
        message = (
            "a role without trust_policy trusts the only provider of its account, and 123456789012 has: none; "
            "call create_saml_provider(...) before create_role(...); the fixture saml_idp registers one, so a "
            "fixture that creates a role must ask for saml_idp, too"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A")

    @pytest.mark.parametrize(
        ("elsewhere", "where"),
        [
            ({"account_id": "210987654321"}, "account_id='210987654321', partition='aws'"),
            ({"partition": "aws-cn"}, "account_id='123456789012', partition='aws-cn'"),
        ],
    )
    def test_needs_a_provider_in_the_same_account(
        self, sts: STSBackend, provider: SAMLProvider, elsewhere: dict[str, Any], where: str
    ) -> None:
        message = f"create_saml_provider(..., {where}) before create_role(...)"
        with pytest.raises(ValueError, match=f"; call {re.escape(message)}$"):
            sts.create_role("A", **elsewhere)

    def test_needs_a_choice_among_several_providers(
        self, sts: STSBackend, provider: SAMLProvider, metadata: str
    ) -> None:
        sts.create_saml_provider("Second", metadata)
        message = (
            "a role without trust_policy trusts the only provider of its account, and 123456789012 has: "
            "arn:aws:iam::123456789012:saml-provider/ExampleIdP, arn:aws:iam::123456789012:saml-provider/Second; "
            "write create_role(..., provider=...)"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A")

    def test_needs_a_provider_that_exists(self, sts: STSBackend) -> None:
        arn = "arn:aws:iam::123456789012:saml-provider/Unknown"
        message = f"there is no provider {arn}; call create_saml_provider(...) before create_role(...)"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=arn)

    def test_needs_a_provider_and_no_identity_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        message = (
            "provider must be a SAMLProvider or its ARN, "
            "not <IdentityProvider https://idp.example.com/saml>; write its .provider"
        )
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=idp)  # type: ignore[arg-type]


class TestTrustedRoleIds:
    """The IDs of the roles that a trust policy names by their ARNs."""

    def trusting(self, sts: STSBackend, *names: str) -> dict[str, str]:
        statement = {"Effect": "Allow", "Principal": {"AWS": list(names)}, "Action": "sts:AssumeRole"}
        return dict(sts.create_role("Trusting", trust_policy={"Statement": statement})._trusted_role_ids)

    def test_have_the_ids_of_the_roles_that_exist(self, sts: STSBackend, provider: SAMLProvider) -> None:
        one, other = sts.create_role("One"), sts.create_role("Other", path="/team/")
        assert self.trusting(sts, one.arn, other.arn) == {one.arn: one.role_id, other.arn: other.role_id}

    @pytest.mark.parametrize(
        "name",
        [
            pytest.param("arn:aws:iam::123456789012:role/Unknown", id="no role"),
            pytest.param("arn:aws:iam::123456789012:role/one", id="another case"),
            pytest.param("arn:aws:iam::123456789012:root", id="the account's root"),
            pytest.param("123456789012", id="the account"),
            pytest.param("*", id="everybody"),
        ],
    )
    def test_are_empty_if_no_role_is_named(self, sts: STSBackend, provider: SAMLProvider, name: str) -> None:
        sts.create_role("One")
        assert self.trusting(sts, name) == {}

    def test_are_empty_by_default(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert sts.create_role("One")._trusted_role_ids == {}
