from importlib import import_module

import boto3
import pytest
from permitting import OBJECT, READ_ONLY, Enter, allow, deny

from pytest_stssaml import IdentityProvider, STSBackend, mock_sts_saml


class TestUnknownDocuments:
    @pytest.fixture(autouse=True)
    def without_moto(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Not by its name: pytester lets a package keep a module that sys.modules no longer has.
        bridge = import_module("pytest_stssaml.adapters.moto_bridge")
        monkeypatch.setattr(bridge, "aws_managed_policy", lambda arn: None)

    def test_say_what_to_write(self, enter: Enter) -> None:
        with pytest.raises(LookupError) as caught:
            enter(READ_ONLY).allows("s3:GetObject", OBJECT)
        assert str(caught.value) == (
            f"the document of {READ_ONLY} is not known, and s3:GetObject depends on it; install a moto that has it, or "
            "write create_policy('ReadOnlyAccess', {...}, account_id='aws')"
        )

    def test_say_the_path_and_the_partition(self) -> None:
        with mock_sts_saml(partition="aws-cn") as sts:
            idp = IdentityProvider()
            provider = sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Viewer", policies=["arn:aws-cn:iam::aws:policy/job-function/ViewOnlyAccess"])
            boto3.Session().client("sts", region_name="cn-north-1").assume_role_with_saml(
                RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
            )
            with pytest.raises(LookupError) as caught:
                sts.sessions[-1].allows("s3:GetObject", OBJECT)
        assert str(caught.value).endswith(
            "; write create_policy('ViewOnlyAccess', {...}, path='/job-function/', account_id='aws', "
            "partition='aws-cn')"
        )

    def test_can_be_made(self, sts: STSBackend, enter: Enter) -> None:
        assert sts.create_policy("ReadOnlyAccess", allow("s3:Get*"), account_id="aws") == READ_ONLY
        session = enter(READ_ONLY)
        assert session.allows("s3:GetObject", OBJECT)
        assert not session.allows("s3:PutObject", OBJECT)

    def test_are_not_asked_for_if_another_policy_denies(self, enter: Enter) -> None:
        decision = enter(deny(), READ_ONLY).allows("s3:GetObject", OBJECT)
        assert not decision
        assert decision.explain().endswith(f"identity-based policy: {READ_ONLY}\n  its document is not known")

    def test_are_not_asked_for_if_another_kind_of_policy_does_not_allow(self, enter: Enter) -> None:
        assert not enter(READ_ONLY, Policy=allow("ec2:*")).allows("s3:GetObject", OBJECT)

    def test_are_asked_for_even_if_another_policy_allows(self, enter: Enter) -> None:
        session = enter(allow(), READ_ONLY)
        with pytest.raises(LookupError):
            session.allows("s3:GetObject", OBJECT)
