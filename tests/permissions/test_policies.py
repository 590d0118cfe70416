from permitting import OBJECT, Enter, allow, deny
from policy_documents import document, permission

from pytest_stssaml import STSBackend

ANYTHING = allow("*")


def arns(*policies: str) -> list[dict[str, str]]:
    return [{"arn": arn} for arn in policies]


class TestPoliciesOfTheRole:
    def test_a_role_without_policies_may_do_nothing(self, enter: Enter) -> None:
        assert enter().allows("s3:GetObject", OBJECT).reasons == (
            "no identity-based policy allows the s3:GetObject action",
        )

    def test_an_inline_policy_allows(self, enter: Enter) -> None:
        session = enter(allow("s3:GetObject", "arn:aws:s3:::example/*"))
        assert session.allows("s3:GetObject", OBJECT)
        assert not session.allows("s3:PutObject", OBJECT)
        assert not session.allows("s3:GetObject", "arn:aws:s3:::other/report.csv")

    def test_a_managed_policy_allows(self, sts: STSBackend, enter: Enter) -> None:
        assert enter(sts.create_policy("Objects", allow())).allows("s3:GetObject", OBJECT)

    def test_policies_add_up(self, sts: STSBackend, enter: Enter) -> None:
        session = enter(allow("s3:Get*"), sts.create_policy("Objects", allow("s3:Put*")))
        assert session.allows("s3:GetObject", OBJECT)
        assert session.allows("s3:PutObject", OBJECT)

    def test_a_deny_wins_over_every_allow(self, enter: Enter) -> None:
        decision = enter(allow(), deny("s3:Delete*"), allow()).allows("s3:DeleteObject", OBJECT)
        assert not decision
        assert decision.reasons == (
            "an identity-based policy denies it explicitly: statement 1 of inline policy 2 of the role",
        )

    def test_an_operation_without_a_resource_needs_a_star(self, enter: Enter) -> None:
        session = enter(allow("s3:ListAllMyBuckets"), allow("ec2:*", "arn:aws:ec2:*:*:*"))
        assert session.allows("s3:ListAllMyBuckets")
        assert not session.allows("ec2:DescribeInstances")

    def test_get_caller_identity_needs_no_permission(self, enter: Enter) -> None:
        assert enter(deny("*")).allows("sts:GetCallerIdentity").reasons == (
            "sts:GetCallerIdentity needs no permission",
        )


class TestPermissionsBoundary:
    def test_limits_the_policies(self, sts: STSBackend, enter: Enter) -> None:
        session = enter(ANYTHING, boundary=sts.create_policy("Boundary", allow("s3:*")))
        assert session.allows("s3:GetObject", OBJECT)
        assert session.allows("ec2:DescribeInstances").reasons == (
            "no permissions boundary allows the ec2:DescribeInstances action",
        )

    def test_allows_nothing_by_itself(self, sts: STSBackend, enter: Enter) -> None:
        assert not enter(boundary=sts.create_policy("Boundary", ANYTHING)).allows("s3:GetObject", OBJECT)

    def test_denies(self, sts: STSBackend, enter: Enter) -> None:
        boundary = sts.create_policy("Boundary", document(permission(Action="*"), permission(Effect="Deny", Sid="No")))
        assert enter(ANYTHING, boundary=boundary).allows("s3:GetObject", OBJECT).reasons == (
            f"a permissions boundary denies it explicitly: statement 2 (No) of {boundary}",
        )

    def test_is_what_the_role_has(self, sts: STSBackend, enter: Enter) -> None:
        boundary = sts.create_policy("Boundary", ANYTHING)
        assert enter(boundary=boundary).role.permissions_boundary == boundary
        assert enter().role.permissions_boundary is None


class TestSessionPolicies:
    def test_an_inline_one_limits_the_role(self, enter: Enter) -> None:
        session = enter(allow(), Policy=allow("s3:Get*"))
        assert session.allows("s3:GetObject", OBJECT)
        assert session.allows("s3:PutObject", OBJECT).reasons == ("no session policy allows the s3:PutObject action",)

    def test_managed_ones_limit_the_role(self, sts: STSBackend, enter: Enter) -> None:
        session = enter(allow(), PolicyArns=arns(sts.create_policy("Reading", allow("s3:Get*"))))
        assert session.allows("s3:GetObject", OBJECT)
        assert not session.allows("s3:PutObject", OBJECT)

    def test_all_of_them_add_up(self, sts: STSBackend, enter: Enter) -> None:
        managed = [sts.create_policy(name, allow(f"s3:{name}*")) for name in ("Get", "Put")]
        session = enter(allow(), Policy=allow("s3:List*"), PolicyArns=arns(*managed))
        asked = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"]
        assert [bool(session.allows(action, OBJECT)) for action in asked] == [True, True, True, False]

    def test_allow_nothing_by_themselves(self, enter: Enter) -> None:
        assert not enter(allow("s3:Get*"), Policy=allow()).allows("s3:PutObject", OBJECT)

    def test_deny(self, enter: Enter) -> None:
        policy = document(permission(Action="*"), permission(Effect="Deny", Action="s3:Delete*"))
        assert enter(allow(), Policy=policy).allows("s3:DeleteObject", OBJECT).reasons == (
            "a session policy denies it explicitly: statement 2 of the Policy of the request",
        )

    def test_every_kind_that_does_not_allow_is_named_in_the_order_of_aws(self, sts: STSBackend, enter: Enter) -> None:
        session = enter(boundary=sts.create_policy("Boundary", allow("ec2:*")), Policy=allow("ec2:*"))
        assert session.allows("s3:GetObject", OBJECT).reasons == (
            "no identity-based policy allows the s3:GetObject action",
            "no permissions boundary allows the s3:GetObject action",
            "no session policy allows the s3:GetObject action",
        )
