"""What sessions may do by roles and policies that moto has, and by AWS's own policies, whose documents moto has."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from permitting import OBJECT, allow, deny

from pytest_stssaml import IdentityProvider, Session, STSBackend
from pytest_stssaml.adapters import moto_bridge
from pytest_stssaml.adapters.moto_bridge import MotoIAM, aws_managed_policy

TRUST = {"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML"}
READING = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
VIEWING = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"


@pytest.fixture
def iam() -> Iterator[Any]:
    """A client of moto's IAM."""
    with mock_aws():
        yield boto3.client("iam", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")


def entered(sts: STSBackend, idp: IdentityProvider, role_arn: str) -> Session:
    provider = idp.provider.arn
    boto3.Session().client("sts", region_name="us-east-1").assume_role_with_saml(
        RoleArn=role_arn, PrincipalArn=provider, SAMLAssertion=idp.response((role_arn, provider))
    )
    return sts.sessions[-1]


@pytest.fixture
def session(iam: Any, sts: STSBackend, idp: IdentityProvider) -> Session:
    """A session of a role "Developer" that moto has."""
    statement = TRUST | {"Principal": {"Federated": idp.provider.arn}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = iam.create_role(RoleName="Developer", AssumeRolePolicyDocument=policy)
    return entered(sts, idp, made["Role"]["Arn"])


def managed(iam: Any, name: str, document: dict[str, Any]) -> str:
    arn: str = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    return arn


class TestRoleOfMoto:
    def test_may_do_nothing_without_policies(self, session: Session) -> None:
        assert not session.allows("s3:GetObject", OBJECT)

    def test_has_its_inline_policies_as_they_are_now(self, iam: Any, session: Session) -> None:
        iam.put_role_policy(RoleName="Developer", PolicyName="Objects", PolicyDocument=json.dumps(allow()))
        assert session.allows("s3:GetObject", OBJECT)
        iam.delete_role_policy(RoleName="Developer", PolicyName="Objects")
        assert not session.allows("s3:GetObject", OBJECT)

    def test_has_its_managed_policies_in_their_default_version(self, iam: Any, session: Session) -> None:
        arn = managed(iam, "Objects", allow("s3:Put*"))
        iam.attach_role_policy(RoleName="Developer", PolicyArn=arn)
        assert not session.allows("s3:GetObject", OBJECT)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(allow("s3:Get*")), SetAsDefault=True)
        assert session.allows("s3:GetObject", OBJECT)

    def test_has_its_permissions_boundary(self, iam: Any, session: Session) -> None:
        iam.put_role_policy(RoleName="Developer", PolicyName="Objects", PolicyDocument=json.dumps(allow()))
        boundary = managed(iam, "Boundary", allow("s3:Get*"))
        iam.put_role_permissions_boundary(RoleName="Developer", PermissionsBoundary=boundary)
        assert session.allows("s3:GetObject", OBJECT)
        assert session.allows("s3:PutObject", OBJECT).reasons == (
            "no permissions boundary allows the s3:PutObject action",
        )

    def test_is_read_again_if_a_policy_is_detached_and_deleted_meanwhile(
        self, iam: Any, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        iam.put_role_policy(RoleName="Developer", PolicyName="Objects", PolicyDocument=json.dumps(allow()))
        arn = managed(iam, "Reading", allow("s3:Get*"))
        iam.attach_role_policy(RoleName="Developer", PolicyArn=arn)
        read = MotoIAM.policy_document

        def another_thread_is_quicker(there: MotoIAM, arn: str) -> str | None:
            monkeypatch.setattr(MotoIAM, "policy_document", read)
            iam.detach_role_policy(RoleName="Developer", PolicyArn=arn)
            iam.delete_policy(PolicyArn=arn)
            return there.policy_document(arn)

        monkeypatch.setattr(MotoIAM, "policy_document", another_thread_is_quicker)
        decision = session.allows("s3:GetObject", OBJECT)
        assert decision.reasons == ("an identity-based policy allows it: statement 1 of inline policy 1 of the role",)

    def test_is_not_judged_by_a_policy_that_iam_would_refuse(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        role = dataclasses.replace(session.role, policies=("{}",))
        monkeypatch.setattr(MotoIAM, "role", lambda *_: role)
        with pytest.raises(ValueError, match=r"^moto took inline policy 1 of the role, which IAM would refuse: "):
            session.allows("s3:GetObject", OBJECT)


class TestPoliciesOfMoto:
    def test_limit_sessions(self, iam: Any, sts: STSBackend, idp: IdentityProvider) -> None:
        arn = managed(iam, "Reading", allow("s3:Get*"))
        role = sts.create_role("Ours", policies=[allow()])
        provider = idp.provider.arn
        boto3.Session().client("sts", region_name="us-east-1").assume_role_with_saml(
            RoleArn=role.arn,
            PrincipalArn=provider,
            SAMLAssertion=idp.response(role),
            PolicyArns=[{"arn": arn}],
        )
        assert sts.sessions[-1].allows("s3:GetObject", OBJECT)
        assert not sts.sessions[-1].allows("s3:PutObject", OBJECT)

    def test_that_are_gone_are_asked_for(self, iam: Any, sts: STSBackend, idp: IdentityProvider) -> None:
        arn = managed(iam, "Reading", allow("s3:Get*"))
        session = entered(sts, idp, sts.create_role("Ours", policies=[arn]).arn)
        iam.delete_policy(PolicyArn=arn)
        with pytest.raises(
            LookupError, match=r"write create_policy\('Reading', \{\.\.\.\}, account_id='123456789012'\)$"
        ):
            session.allows("s3:GetObject", OBJECT)


class TestPoliciesOfAWS:
    @pytest.mark.parametrize("arn", [READING, VIEWING])
    def test_are_known_where_moto_is_installed(self, sts: STSBackend, idp: IdentityProvider, arn: str) -> None:
        session = entered(sts, idp, sts.create_role("Reader", policies=[arn]).arn)
        assert session.allows("s3:ListAllMyBuckets")
        assert not session.allows("s3:PutObject", OBJECT)

    def test_that_a_test_made_come_first(self, sts: STSBackend, idp: IdentityProvider) -> None:
        sts.create_policy("AmazonS3ReadOnlyAccess", deny(), account_id="aws")
        session = entered(sts, idp, sts.create_role("Reader", policies=[READING]).arn)
        assert not session.allows("s3:ListAllMyBuckets")

    @pytest.mark.parametrize(
        "arn",
        [
            pytest.param("arn:aws:iam::aws:policy/NoSuchAccess", id="unknown"),
            pytest.param("arn:aws:iam::aws:policy/ViewOnlyAccess", id="without its path"),
            pytest.param("arn:aws:iam::aws:policy/job-function/AmazonS3ReadOnlyAccess", id="with another path"),
            pytest.param("arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess", id="of another partition"),
        ],
    )
    def test_that_moto_does_not_have_are_asked_for(self, arn: str, sts: STSBackend, idp: IdentityProvider) -> None:
        role = sts.create_role("Reader", policies=[arn])
        with pytest.raises(LookupError, match="is not known"):
            entered(sts, idp, role.arn).allows("s3:ListAllMyBuckets")

    @pytest.mark.parametrize("missing", ["moto", "its file", "its data"])
    def test_are_not_known_without_moto(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: str) -> None:
        def found(_: str) -> Any:
            if missing == "moto":
                return None
            (tmp_path / "iam").mkdir()
            if missing == "its data":
                (tmp_path / "iam" / "aws_managed_policies.py").write_text("")
            return type("Spec", (), {"origin": str(tmp_path / "__init__.py")})

        monkeypatch.setattr(moto_bridge, "find_spec", found)
        aws_managed_policy.cache_clear()
        assert aws_managed_policy(READING) is None
        aws_managed_policy.cache_clear()
