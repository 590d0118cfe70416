from typing import Any

import pytest
from policy_decisions import PRINCIPAL, allowed, holds
from policy_documents import ACTION, OTHER_PROVIDER, PROVIDER, document, statement

from pytest_stssaml.iam.policies.evaluation import Policy, decide
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy


class TestStatements:
    def test_an_allow_allows(self) -> None:
        assert allowed(statement())

    def test_a_deny_alone_denies(self) -> None:
        assert not allowed(statement(Effect="Deny"))

    @pytest.mark.parametrize("effects", [("Allow", "Deny"), ("Deny", "Allow")], ids="-".join)
    def test_deny_wins_over_allow_in_either_order(self, effects: tuple[str, str]) -> None:
        assert not allowed(*(statement(Effect=effect) for effect in effects))

    def test_a_deny_of_another_provider_has_no_effect(self) -> None:
        assert allowed(statement(), statement(Effect="Deny", Principal={"Federated": OTHER_PROVIDER}))

    def test_a_deny_of_another_action_has_no_effect(self) -> None:
        assert allowed(statement(), statement(Effect="Deny", Action="sts:TagSession"))

    def test_a_deny_whose_condition_fails_has_no_effect(self) -> None:
        deny = statement(Effect="Deny", Condition={"StringEquals": {"saml:sub": "bob"}})
        assert allowed(statement(), deny, saml_sub="alice")

    def test_a_deny_whose_condition_holds_denies(self) -> None:
        deny = statement(Effect="Deny", Condition={"StringEquals": {"saml:sub": "alice"}})
        assert not allowed(statement(), deny, saml_sub="alice")

    def test_an_allow_whose_condition_fails_has_no_effect(self) -> None:
        assert not allowed(statement(Condition={"StringEquals": {"saml:sub": "bob"}}), saml_sub="alice")

    def test_one_of_several_statements_is_enough(self) -> None:
        assert allowed(statement(Principal={"Federated": OTHER_PROVIDER}), statement())

    def test_statements_are_not_combined(self) -> None:
        assert not allowed(statement(Principal={"Federated": OTHER_PROVIDER}), statement(Action="sts:TagSession"))

    def test_a_statement_may_be_without_a_list(self) -> None:
        policy = parse_trust_policy({"Version": "2012-10-17", "Statement": statement()})
        assert decide(policy, ACTION, PRINCIPAL, {}).allowed

    @pytest.mark.parametrize("version", [None, "2008-10-17", "2012-10-17"])
    @pytest.mark.parametrize(("sub", "expected"), [("alice", True), ("bob", False)])
    def test_every_version_is_evaluated(self, version: str | None, sub: str, expected: bool) -> None:
        assert holds({"StringEquals": {"saml:sub": "alice"}}, {"saml:sub": (sub,)}, version=version) is expected


def changes(effect: str, principal: Any) -> bool:
    """Return whether a statement with this effect and principal changes what PROVIDER may do."""
    others = [statement()] if effect == "Deny" else []
    return allowed(*others, statement(Effect=effect, Principal=principal)) is (effect == "Allow")


class TestPrincipal:
    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": PROVIDER}, id="string"),
            pytest.param({"Federated": [PROVIDER]}, id="list of one"),
            pytest.param({"Federated": [OTHER_PROVIDER, PROVIDER]}, id="list of several"),
            pytest.param({"Service": "ec2.amazonaws.com", "Federated": PROVIDER}, id="beside another kind"),
            pytest.param({"AWS": "*", "Federated": PROVIDER}, id="beside everybody"),
        ],
    )
    @pytest.mark.parametrize("effect", ["Allow", "Deny"])
    def test_applies_if_it_names_the_provider(self, principal: Any, effect: str) -> None:
        assert changes(effect, principal)

    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": OTHER_PROVIDER}, id="another provider"),
            pytest.param({"Federated": PROVIDER.replace("Example", "example")}, id="another case"),
            pytest.param({"Federated": PROVIDER[:-1]}, id="prefix"),
            pytest.param({"Federated": PROVIDER.replace("123456789012", "111122223333")}, id="another account"),
            pytest.param({"AWS": "arn:aws:iam::123456789012:root"}, id="account root"),
            pytest.param({"AWS": "123456789012"}, id="account"),
            pytest.param({"Service": "ec2.amazonaws.com"}, id="service"),
        ],
    )
    @pytest.mark.parametrize("effect", ["Allow", "Deny"])
    def test_does_not_apply_if_it_does_not_name_the_provider(self, principal: Any, effect: str) -> None:
        assert not changes(effect, principal)

    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"AWS": "*"}, id="string"),
            pytest.param({"AWS": ["arn:aws:iam::123456789012:root", "*"]}, id="in a list"),
            pytest.param({"AWS": "*", "Federated": OTHER_PROVIDER}, id="beside another provider"),
        ],
    )
    def test_everybody_includes_identity_providers_only_in_a_deny(self, principal: Any) -> None:
        assert [changes("Deny", principal), changes("Allow", principal)] == [True, False]

    def test_a_deny_of_everybody_has_its_condition(self) -> None:
        deny = statement(Effect="Deny", Principal={"AWS": "*"}, Condition={"StringNotEquals": {"saml:sub": "alice"}})
        assert allowed(statement(), deny, saml_sub="alice")

    def test_a_deny_of_everybody_has_its_action(self) -> None:
        assert allowed(statement(), statement(Effect="Deny", Principal={"AWS": "*"}, Action="sts:TagSession"))


class TestAction:
    @pytest.mark.parametrize(
        "action",
        [
            pytest.param(ACTION, id="string"),
            pytest.param([ACTION], id="list of one"),
            pytest.param(["sts:TagSession", ACTION], id="list of several"),
        ],
    )
    def test_applies_if_it_is_asked_for(self, action: Any) -> None:
        assert allowed(statement(Action=action))

    @pytest.mark.parametrize(
        "action",
        [
            "sts:AssumeRole",
            "sts:AssumeRoleWithWebIdentity",
            "sts:SetContext",
            "sts:SetSourceIdentity",
            "sts:TagSession",
        ],
    )
    def test_does_not_apply_if_another_is_asked_for(self, action: str) -> None:
        assert not allowed(statement(Action=action))

    @pytest.mark.parametrize(("action", "expected"), [("sts:TagSession", True), (ACTION, False)])
    def test_is_compared_with_the_one_that_is_asked_for(self, action: str, expected: bool) -> None:
        policy = parse_trust_policy(document(statement(Action="sts:TagSession")))
        assert decide(policy, action, PRINCIPAL, {}).allowed is expected


class TestReasons:
    """What the report of a failed test says about each statement."""

    def reasons(self, *statements: Any, **context: tuple[str, ...]) -> list[str]:
        values = {key.replace("_", ":", 1): value for key, value in context.items()}
        return decide(parse_trust_policy(document(*statements)), ACTION, PRINCIPAL, values).reasons()

    @pytest.mark.parametrize(
        ("written", "reason"),
        [
            pytest.param(statement(), "(Allow) applies", id="it allows"),
            pytest.param(statement(Effect="Deny"), "(Deny) applies", id="it denies"),
            pytest.param(
                statement(Principal={"Federated": OTHER_PROVIDER}),
                f"(Allow) does not apply: it is about {OTHER_PROVIDER}, not {PROVIDER}",
                id="another provider",
            ),
            pytest.param(
                statement(Principal={"AWS": "123456789012"}),
                f"(Allow) does not apply: it is about AWS 123456789012, not {PROVIDER}",
                id="principals of another kind",
            ),
            pytest.param(
                statement(Principal={"AWS": "123456789012", "Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}),
                "(Allow) does not apply: it is about AWS 123456789012, Service ec2.amazonaws.com, "
                f"Service lambda.amazonaws.com, not {PROVIDER}",
                id="principals of several other kinds",
            ),
            pytest.param(
                statement(Action=["sts:AssumeRole", "sts:TagSession"]),
                f"(Allow) does not apply: it is about sts:AssumeRole, sts:TagSession, not {ACTION}",
                id="other actions",
            ),
            pytest.param(
                statement(Condition={"StringEquals": {"SAML:Sub": ["bob", "eve"]}}),
                "(Allow) does not apply: StringEquals SAML:Sub wants 'bob' or 'eve', got 'alice'",
                id="a condition with its key as it was written",
            ),
            pytest.param(
                statement(Condition={"ForAnyValue:StringNotLike": {"saml:sub": "a*"}}),
                "(Allow) does not apply: ForAnyValue:StringNotLike saml:sub wants anything but 'a*', got 'alice'",
                id="a negated condition",
            ),
            pytest.param(
                statement(Condition={"Null": {"saml:sub": "true", "saml:cn": "false"}}),
                "(Allow) does not apply: Null saml:sub wants it missing, got 'alice'",
                id="the first of two conditions",
            ),
            pytest.param(
                statement(Condition={"StringEquals": {"saml:cn": "Alice"}}),
                "(Allow) does not apply: StringEquals saml:cn wants 'Alice', got no such key",
                id="a key that is missing",
            ),
        ],
    )
    def test_say_whether_a_statement_applies_or_why_not(self, written: dict[str, Any], reason: str) -> None:
        assert self.reasons(written, saml_sub=("alice",)) == [f"{ACTION}: statement 1 {reason}"]

    def test_are_given_for_each_statement(self) -> None:
        assert self.reasons(statement(), statement(Effect="Deny", Principal={"Federated": OTHER_PROVIDER})) == [
            f"{ACTION}: statement 1 (Allow) applies",
            f"{ACTION}: statement 2 (Deny) does not apply: it is about {OTHER_PROVIDER}, not {PROVIDER}",
        ]

    def test_name_the_fault_of_a_policy_which_allows_nothing(self) -> None:
        said = decide(Policy({}, (), fault="MalformedPolicyDocument: Syntax errors in policy."), ACTION, PRINCIPAL, {})
        assert not said.allowed
        assert said.reasons() == [
            f"{ACTION}: IAM would not store this trust policy: MalformedPolicyDocument: Syntax errors in policy."
        ]
