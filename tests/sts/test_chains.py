import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from chainings import ALL, ASSUME, SOURCE, TAG, statement
from good import (
    MINUTE,
)
from session_policy_cases import POLICY
from wire import shared_session

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.iam.entities import Role
from pytest_stssaml.sts.sessions.session import Session


@dataclass
class Chain:
    """Sessions of roles that assume other roles through boto3."""

    sts: STSBackend
    idp: IdentityProvider
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def log_in(self, **said: Any) -> Session:
        """The session of a login that says this."""
        actions = ["sts:AssumeRoleWithSAML", TAG, SOURCE]
        role = self.sts.create_role("First", trust_policy=self.idp.provider.trust_policy(actions=actions))
        client = shared_session().client("sts", region_name="us-east-1")
        client.assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=self.idp.provider.arn, SAMLAssertion=self.idp.response(role, **said)
        )
        return self.sts.sessions[-1]

    def role(self, actions: Iterable[str] = ALL, condition: Any = None, **arguments: Any) -> Role:
        """A new role that allows the account some actions, the first of the three on a condition."""
        conditions = {ASSUME: condition or {}}
        statements = [
            statement(action, Principal={"AWS": "123456789012"}, Condition=conditions.get(action, {}))
            for action in actions
        ]
        trust = {"Version": "2012-10-17", "Statement": statements}
        return self.sts.create_role(f"Role{next(self.numbers)}", trust_policy=trust, **arguments)

    def answer(self, session: Session, role: Role, **parameters: Any) -> Any:
        client = shared_session().client("sts", region_name="us-east-1", **session.boto3_kwargs())
        return client.assume_role(RoleArn=role.arn, **{"RoleSessionName": "next"} | parameters)

    def assume(self, session: Session, role: Role, **parameters: Any) -> Session:
        """The session that another gets at a role."""
        self.answer(session, role, **parameters)
        return self.sts.sessions[-1]

    def refusal(self, session: Session, role: Role, **parameters: Any) -> tuple[str, str]:
        """What it is refused with."""
        with pytest.raises(ClientError) as caught:
            self.answer(session, role, **parameters)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]


class TestThroughBoto3:
    @pytest.fixture
    def chain(self, sts: STSBackend, idp: IdentityProvider) -> Chain:
        return Chain(sts, idp)

    def test_transitive_tags_and_the_source_identity_are_inherited_along_the_whole_chain(self, chain: Chain) -> None:
        first = chain.log_in(
            principal_tags={"Team": "blue", "city": "Bonn"}, transitive_tag_keys=["tEAM"], source_identity="alice"
        )
        second = chain.assume(first, chain.role(), Tags=[{"Key": "cost", "Value": "1"}], TransitiveTagKeys=["COST"])
        third = chain.assume(second, chain.role(), Tags=[{"Key": "step", "Value": "3"}])
        assert [session.tags for session in (first, second, third)] == [
            {"Team": "blue", "city": "Bonn"},
            {"Team": "blue", "cost": "1"},
            {"Team": "blue", "cost": "1", "step": "3"},
        ]
        assert {session.source_identity for session in (first, second, third)} == {"alice"}
        assert (third.source_session, second.source_session, first.source_session) == (second, first, None)

    def test_the_answer_has_the_inherited_source_identity(self, chain: Chain) -> None:
        assert chain.answer(chain.log_in(source_identity="alice"), chain.role())["SourceIdentity"] == "alice"

    @pytest.mark.parametrize(
        ("said", "parameters", "action"),
        [
            pytest.param({}, {}, ASSUME, id="itself"),
            pytest.param({}, {"Tags": [{"Key": "cost", "Value": "1"}]}, TAG, id="tags"),
            pytest.param({"principal_tags": {"a": "1"}, "transitive_tag_keys": ["a"]}, {}, TAG, id="inherited tags"),
            pytest.param({}, {"SourceIdentity": "alice"}, SOURCE, id="a source identity"),
            pytest.param({"source_identity": "alice"}, {}, SOURCE, id="an inherited source identity"),
        ],
    )
    def test_a_refusal_names_the_action_that_is_not_allowed_and_leaves_no_session_behind(
        self, chain: Chain, said: dict[str, Any], parameters: dict[str, Any], action: str
    ) -> None:
        session, role = chain.log_in(**said), chain.role([each for each in ALL if each != action])
        code, message = chain.refusal(session, role, **parameters)
        assert code == "AccessDenied"
        assert message == (
            "User: arn:aws:sts::123456789012:assumed-role/First/alice@example.com is not authorized to perform: "
            f"{action} on resource: {role.arn}"
        )
        assert chain.sts.sessions == (session,)

    @pytest.mark.parametrize(
        ("block", "parameters"),
        [
            pytest.param({"StringEquals": {"sts:ExternalId": "external"}}, {"ExternalId": "external"}, id="external"),
            pytest.param({"StringEquals": {"aws:PrincipalTag/team": "blue"}}, {}, id="tag"),
            pytest.param({"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}, {}, id="two tags"),
            pytest.param({"StringEquals": {"aws:SourceIdentity": "Alice"}}, {}, id="source identity"),
            pytest.param({"StringEquals": {"saml:sub": "alice@example.com"}}, {}, id="subject"),
            pytest.param({"StringEquals": {"saml:sub_type": "persistent"}}, {}, id="kind of subject"),
            pytest.param(
                {"StringEquals": {"saml:namequalifier": "gVMfPykcwyJvL8k2pmXetypU/dY="}}, {}, id="name qualifier"
            ),
            pytest.param({"StringLike": {"aws:UserAgent": "Boto3/* Botocore/*"}}, {}, id="agent"),
            pytest.param({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {}, id="region"),
        ],
    )
    def test_a_condition_that_holds_accepts_and_its_negation_refuses(
        self, chain: Chain, block: dict[str, Any], parameters: dict[str, str]
    ) -> None:
        session = chain.log_in(principal_tags={"team": "blue"}, source_identity="Alice")
        contrary = {operator.replace("String", "StringNot"): keys for operator, keys in block.items()}
        let_in, kept_out = (chain.role(condition=each, tags={"team": "blue"}) for each in (block, contrary))
        assert chain.assume(session, let_in, **parameters).role is let_in
        assert chain.refusal(session, kept_out, **parameters)[0] == "AccessDenied"

    def test_a_role_of_another_account_may_be_assumed(self, chain: Chain) -> None:
        role = chain.role(account_id="111122223333", path="/team/")
        assert chain.assume(chain.log_in(), role).arn == "arn:aws:sts::111122223333:assumed-role/Role1/next"

    def test_a_role_of_another_partition_may_not_be_assumed(self, chain: Chain) -> None:
        role = chain.role(partition="aws-cn")
        assert chain.refusal(chain.log_in(), role)[0] == "AccessDenied"

    def test_a_role_that_was_created_again_is_not_the_one_that_was_trusted(self, chain: Chain) -> None:
        first = chain.log_in()
        trust = first.role.chaining_policy()
        before = chain.sts.create_role("Before", trust_policy=trust)
        assert chain.assume(first, before).role is before
        chain.sts.delete_role(first.role)
        second = chain.log_in()
        assert second.arn == first.arn
        assert chain.refusal(second, before)[0] == "AccessDenied"
        after = chain.sts.create_role("After", trust_policy=trust)
        assert chain.assume(second, after).role is after

    def test_a_session_that_ends_soon_gets_a_session_of_an_hour(self, chain: Chain) -> None:
        first = chain.log_in()
        chain.sts.advance(minutes=59)
        second = chain.assume(first, chain.role())
        assert (second.expiration - second.issued, second.expiration > first.expiration) == (60 * MINUTE, True)

    def test_session_policies_are_kept(self, chain: Chain) -> None:
        arn = chain.sts.create_policy("Reader", POLICY)
        session = chain.assume(chain.log_in(), chain.role(), Policy=POLICY, PolicyArns=[{"arn": arn}])
        assert session.policies == (POLICY, arn)
