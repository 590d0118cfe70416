import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from pytest_stssaml import Role, SAMLProvider, STSBackend
from pytest_stssaml.literals import Partition

EXTERNAL_ID = {"sts:ExternalId": "example"}
AUD = {"SAML:aud": "https://signin.aws.amazon.com/saml"}


def condition(**operators: dict[str, Any]) -> dict[str, Any]:
    return {"Condition": operators}


def statement(action: str, **more: Any) -> dict[str, Any]:
    provider = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
    return {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action} | more


class TestTrustPolicyOfAProvider:
    @pytest.mark.parametrize(
        ("wanted", "statements"),
        [
            pytest.param({}, [statement("sts:AssumeRoleWithSAML", **condition(StringEquals=AUD))], id="nothing"),
            pytest.param(
                {"actions": "sts:TagSession"},
                [statement("sts:TagSession", **condition(StringEquals=AUD))],
                id="one action",
            ),
            pytest.param(
                {"actions": ["sts:AssumeRoleWithSAML", "sts:TagSession"]},
                [
                    statement("sts:AssumeRoleWithSAML", **condition(StringEquals=AUD)),
                    statement("sts:TagSession", **condition(StringEquals=AUD)),
                ],
                id="several actions",
            ),
            pytest.param({"recipient": None}, [statement("sts:AssumeRoleWithSAML")], id="no recipient"),
            pytest.param(
                {"recipient": "https://eu-west-1.signin.aws.amazon.com/saml"},
                [
                    statement(
                        "sts:AssumeRoleWithSAML",
                        **condition(StringEquals={"SAML:aud": "https://eu-west-1.signin.aws.amazon.com/saml"}),
                    )
                ],
                id="one recipient",
            ),
            pytest.param(
                {"recipient": ("https://a.example.com", "https://b.example.com")},
                [
                    statement(
                        "sts:AssumeRoleWithSAML",
                        **condition(StringEquals={"SAML:aud": ["https://a.example.com", "https://b.example.com"]}),
                    )
                ],
                id="several recipients",
            ),
            pytest.param(
                {"conditions": {"StringLike": {"saml:sub": "*@example.com"}}},
                [
                    statement(
                        "sts:AssumeRoleWithSAML",
                        **condition(StringLike={"saml:sub": "*@example.com"}, StringEquals=AUD),
                    )
                ],
                id="conditions",
            ),
            pytest.param(
                {"conditions": {"StringEquals": {"saml:sub": "alice"}}},
                [statement("sts:AssumeRoleWithSAML", **condition(StringEquals=AUD | {"saml:sub": "alice"}))],
                id="conditions of the recipient's operator",
            ),
            pytest.param(
                {"conditions": {"StringLike": {"saml:AUD": "https://*"}}},
                [statement("sts:AssumeRoleWithSAML", **condition(StringLike={"saml:AUD": "https://*"}))],
                id="conditions on the recipient",
            ),
            pytest.param(
                {"recipient": None, "conditions": {"StringEquals": {"saml:sub": "alice"}}},
                [statement("sts:AssumeRoleWithSAML", **condition(StringEquals={"saml:sub": "alice"}))],
                id="conditions without recipient",
            ),
            pytest.param(
                {
                    "actions": ["sts:TagSession", "sts:AssumeRoleWithSAML"],
                    "recipient": None,
                    "conditions": {"StringEquals": {"saml:sub": "alice"}},
                },
                [
                    statement("sts:TagSession"),
                    statement("sts:AssumeRoleWithSAML", **condition(StringEquals={"saml:sub": "alice"})),
                ],
                id="conditions of one action among several",
            ),
        ],
    )
    def test_is_the_whole_document(
        self, provider: SAMLProvider, wanted: dict[str, Any], statements: list[dict[str, Any]]
    ) -> None:
        assert provider.trust_policy(**wanted) == {"Version": "2012-10-17", "Statement": statements}

    @pytest.mark.parametrize("recipient", [None, "http://localhost:7890/redshift/"], ids=repr)
    def test_warns_of_the_deprecated_name_of_the_recipient(self, provider: SAMLProvider, recipient: str | None) -> None:
        with pytest.warns(DeprecationWarning, match=r"^trust_policy") as warned:
            policy = provider.trust_policy(audience=recipient)
        assert policy == provider.trust_policy(recipient=recipient)
        message = "trust_policy(audience=...) is deprecated; write recipient=..., since SAML:aud holds the Recipient"
        assert [(str(each.message), each.filename) for each in warned] == [(message, __file__)]

    def test_rejects_both_names_of_the_recipient(self, provider: SAMLProvider) -> None:
        with pytest.raises(
            TypeError, match=r"^audience is the deprecated name of recipient; write recipient=\.\.\. only$"
        ):
            provider.trust_policy(audience=None, recipient=None)

    @pytest.mark.parametrize("conditions", [{"saml:sub": "alice"}, "saml:sub", ["StringEquals"], 5], ids=repr)
    def test_rejects_conditions_of_another_form(self, provider: SAMLProvider, conditions: Any) -> None:
        message = f"conditions must be {{operator: {{key: values}}}}, not {conditions!r}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            provider.trust_policy(conditions=conditions)

    def test_of_a_role_is_a_copy(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A", provider=provider)
        role.trust_policy["Statement"].clear()
        assert role.trust_policy == provider.trust_policy()

    @pytest.mark.parametrize("written", [dict, json.dumps], ids=["dict", "JSON"])
    def test_of_a_role_does_not_change_with_that_of_a_role_with_the_same(
        self, sts: STSBackend, provider: SAMLProvider, written: Callable[[Any], Any]
    ) -> None:
        policy = provider.trust_policy()
        roles = [sts.create_role(name, trust_policy=written(policy)) for name in ("A", "B")]
        for document in (policy, roles[0].trust_policy):
            document["Statement"][0]["Effect"] = "Deny"
        assert [role.trust_policy for role in roles] == [provider.trust_policy()] * 2
        assert sts.create_role("C", trust_policy=written(policy)).trust_policy == policy

    def test_may_test_an_unknown_key(self, sts: STSBackend, provider: SAMLProvider) -> None:
        policy = provider.trust_policy(conditions={"StringEquals": {"saml:subject": "alice"}})
        assert sts.create_role("A", trust_policy=policy).trust_policy == policy

    def test_rejects_conditions_without_their_action(self, provider: SAMLProvider) -> None:
        conditions = {"StringEquals": {"saml:sub": "alice"}}
        with pytest.raises(ValueError, match=r"^conditions belong to sts:AssumeRoleWithSAML, which is not among .*Tag"):
            provider.trust_policy(actions="sts:TagSession", conditions=conditions)

    def test_copies_the_conditions(self, provider: SAMLProvider) -> None:
        conditions = {"StringEquals": {"saml:sub": "alice"}}
        provider.trust_policy(conditions=conditions)
        assert conditions == {"StringEquals": {"saml:sub": "alice"}}


class TestChainingPolicy:
    @pytest.fixture
    def role(self, sts: STSBackend, provider: SAMLProvider) -> Role:
        return sts.create_role("Developer", path="/team/")

    @pytest.mark.parametrize(
        ("arguments", "written"),
        [
            pytest.param({}, [{"Action": "sts:AssumeRole"}], id="nothing said"),
            pytest.param({"actions": "sts:TagSession"}, [{"Action": "sts:TagSession"}], id="another action"),
            pytest.param(
                {"actions": ("sts:AssumeRole", "sts:TagSession")},
                [{"Action": "sts:AssumeRole"}, {"Action": "sts:TagSession"}],
                id="two actions",
            ),
            pytest.param({"conditions": {}}, [{"Action": "sts:AssumeRole"}], id="no conditions"),
            pytest.param(
                {"actions": ["sts:TagSession", "sts:AssumeRole"], "conditions": {"StringEquals": EXTERNAL_ID}},
                [{"Action": "sts:TagSession"}, {"Action": "sts:AssumeRole", **condition(StringEquals=EXTERNAL_ID)}],
                id="a condition",
            ),
        ],
    )
    def test_is_the_whole_document(self, role: Role, arguments: dict[str, Any], written: list[dict[str, Any]]) -> None:
        allow = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/team/Developer"}}
        statements = [{**allow, **statement} for statement in written]
        assert role.chaining_policy(**arguments) == {"Version": "2012-10-17", "Statement": statements}

    def test_rejects_conditions_without_their_action(self, role: Role) -> None:
        with pytest.raises(ValueError, match=r"^conditions belong to sts:AssumeRole, which is not among .*TagSession"):
            role.chaining_policy(actions="sts:TagSession", conditions={"StringEquals": EXTERNAL_ID})

    def test_rejects_conditions_of_another_form(self, role: Role) -> None:
        message = "conditions must be {operator: {key: values}}, not {'sts:ExternalId': 'example'}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            role.chaining_policy(conditions=EXTERNAL_ID)  # type: ignore[arg-type]

    def test_has_statements_that_share_nothing(self, role: Role) -> None:
        first, second = role.chaining_policy(actions=["sts:AssumeRole", "sts:TagSession"])["Statement"]
        first["Principal"]["AWS"] = "*"
        assert second["Principal"] == {"AWS": role.arn}

    def test_copies_the_conditions(self, role: Role) -> None:
        conditions = {"StringEquals": {"sts:ExternalId": "example"}}
        role.chaining_policy(conditions=conditions)["Statement"][0]["Condition"]["StringEquals"]["a"] = "b"
        assert conditions == {"StringEquals": {"sts:ExternalId": "example"}}

    def test_is_accepted_by_iam(self, sts: STSBackend, role: Role) -> None:
        policy = role.chaining_policy(actions=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
        assert sts.create_role("Auditor", trust_policy=policy).trust_policy == policy


class TestSignInURL:
    @pytest.mark.parametrize(
        ("partition", "region", "start"),
        [
            ("aws", None, "https://signin.aws.amazon.com/saml/acs/"),
            ("aws", "eu-west-1", "https://eu-west-1.signin.aws.amazon.com/saml/acs/"),
            ("aws-cn", None, "https://signin.amazonaws.cn/saml/acs/"),
            ("aws-cn", "cn-north-1", "https://cn-north-1.signin.amazonaws.cn/saml/acs/"),
            ("aws-us-gov", None, "https://signin.amazonaws-us-gov.com/saml/acs/"),
            ("aws-us-gov", "us-gov-east-1", "https://us-gov-east-1.signin.amazonaws-us-gov.com/saml/acs/"),
        ],
    )
    def test_has_the_host_of_the_partition_and_the_region(
        self, sts: STSBackend, metadata: str, partition: Partition, region: str | None, start: str
    ) -> None:
        provider = sts.create_saml_provider("Okta", metadata, partition=partition)
        assert provider.sign_in_url(region) == start + provider.uuid
