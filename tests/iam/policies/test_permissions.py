import json
from collections.abc import Callable
from typing import Any

import pytest
from iam_errors import malformed, refused, syntax_error
from policy_documents import document, of_length, permission, without

from pytest_stssaml.iam.policies.permissions import (
    check_inline_policies,
    check_permissions,
    inline_policy,
    managed_policy,
)


class TestStatement:
    def test_must_be_there(self) -> None:
        assert refused(managed_policy, {"Version": "2012-10-17"}) == syntax_error("a policy must have a Statement")

    @pytest.mark.parametrize(
        "field", ["effect", "condition", "Conditions", "sid", "resource", "Version", "Comment", ""]
    )
    def test_must_not_have_an_unknown_element(self, field: str) -> None:
        assert refused(managed_policy, document(permission(**{field: {}}))) == syntax_error(
            f"{field!r} is not one of Sid, Effect, Action, NotAction, Resource, NotResource, Condition"
        )

    @pytest.mark.parametrize("field", ["version", "statement", "ID", "Statements", "Comment", ""])
    def test_must_not_be_beside_an_unknown_element(self, field: str) -> None:
        assert refused(managed_policy, document(permission(), **{field: "a"})) == syntax_error(
            f"{field!r} is not one of Version, Id, Statement"
        )

    def test_must_have_an_effect(self) -> None:
        assert refused(managed_policy, document(without("Effect", permission()))) == syntax_error(
            "Effect must be Allow or Deny, not None"
        )


class TestPermissions:
    @pytest.mark.parametrize(
        "policy",
        [
            pytest.param(document(permission(Principal={"AWS": "*"})), id="Principal"),
            pytest.param(document(permission(NotPrincipal={"AWS": "*"})), id="NotPrincipal"),
            pytest.param(document(permission(), permission(Principal="*")), id="in a second statement"),
            pytest.param(document(permission(Principal=None)), id="null"),
        ],
    )
    def test_must_not_name_a_principal(self, policy: Any) -> None:
        assert refused(check_permissions, policy) == malformed(
            "Policy document should not specify a principal.", "leave it out: only trust policies have one"
        )

    @pytest.mark.parametrize("policy", [None, [], "{}", 5], ids=repr)
    def test_must_be_an_object(self, policy: Any) -> None:
        assert refused(check_permissions, policy) == syntax_error(f"a policy must be a JSON object, not {policy!r}")

    @pytest.mark.parametrize(
        ("element", "value"),
        [
            pytest.param(element, value, id=f"{element}-{value}")
            for name, values in {
                "Action": [
                    "*",
                    "*:*",
                    "*:Get*",
                    "s3:*",
                    "s3:GetObject",
                    "s3:Get*",
                    "S3:getobject",
                    "a4b:?x*",
                    ["s3:Get*", "iam:*"],
                ],
                "Resource": ["*", "arn:aws:s3:::bucket/*", "arn:aws-cn:s3:::b", "arn:aws:iam::*:role/*", ["*", "*"]],
            }.items()
            for element in (name, "Not" + name)
            for value in values
        ],
    )
    def test_may_have_actions_and_resources_or_exclude_some(self, element: str, value: Any) -> None:
        check_permissions(document(without(element.removeprefix("Not"), permission()) | {element: value}))

    @pytest.mark.parametrize(("element", "plural"), [("Action", "actions"), ("Resource", "resources")])
    def test_must_have_actions_and_resources(self, element: str, plural: str) -> None:
        assert refused(check_permissions, document(without(element, permission()))) == malformed(
            f"Policy statement must contain {plural}.", f"expected {element} or Not{element}"
        )

    @pytest.mark.parametrize("element", ["Action", "Resource"])
    @pytest.mark.parametrize("negation", ["", "Not"], ids=["as such", "negated"])
    def test_must_have_at_least_one_action_and_resource(self, element: str, negation: str) -> None:
        policy = document(without(element, permission()) | {negation + element: []})
        assert refused(check_permissions, policy) == malformed(
            f"Policy statement must contain {element.lower()}s.", f"expected {element} or Not{element}"
        )

    @pytest.mark.parametrize("element", ["Action", "Resource"])
    def test_must_not_have_an_element_and_its_negation(self, element: str) -> None:
        policy = document(permission(**{"Not" + element: permission()[element]}))
        assert refused(check_permissions, policy) == syntax_error(
            f"a Statement must have either {element} or Not{element}"
        )

    @pytest.mark.parametrize("element", ["Action", "NotAction"])
    @pytest.mark.parametrize(
        "action",
        [
            "GetObject",
            "s3:",
            ":GetObject",
            "s3*:GetObject",
            "?:GetObject",
            "*s3:GetObject",
            "s3:Get Object",
            "s3:GetObject ",
            "",
            "**",
        ],
        ids=repr,
    )
    def test_must_have_a_vendor_before_each_action(self, element: str, action: str) -> None:
        policy = document(without("Action", permission()) | {element: ["s3:*", action]})
        assert refused(check_permissions, policy) == malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            f'got {action!r}; write an action such as "s3:GetObject", "s3:*" or "*"',
        )

    @pytest.mark.parametrize("action", ["s3:Get:Object", "arn:aws:s3:::bucket", "s3::"])
    def test_must_have_one_colon_in_each_action(self, action: str) -> None:
        assert refused(check_permissions, document(permission(Action=action))) == malformed(
            "Actions/Condition can contain only one colon.", f'got {action!r}; write an action such as "s3:GetObject"'
        )

    @pytest.mark.parametrize("key", ["", "username", "PrincipalTag/team"])
    def test_must_have_a_vendor_before_each_condition_key(self, key: str) -> None:
        policy = document(permission(Condition={"Null": {"aws:username": "true"}, "StringLike": {key: "*"}}))
        assert refused(check_permissions, policy) == malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            f'got {key!r}; write a condition key such as "aws:PrincipalTag/team"',
        )

    @pytest.mark.parametrize("element", ["Resource", "NotResource"])
    @pytest.mark.parametrize(
        "resource", ["bucket", "arn:aws:s3", "arn:aws:s3::bucket", "s3:::bucket", "", "**", " *"], ids=repr
    )
    def test_must_have_an_arn_for_each_resource(self, element: str, resource: str) -> None:
        policy = document(without("Resource", permission()) | {element: ["*", resource]})
        assert refused(check_permissions, policy) == malformed(
            f'Resource {resource} must be in ARN format or "*".', f"got {resource!r}"
        )

    @pytest.mark.parametrize("vendor", ["*", "s?", "s*"])
    def test_must_name_the_vendor_of_each_resource(self, vendor: str) -> None:
        policy = document(permission(Resource=f"arn:aws:{vendor}:::bucket"))
        assert refused(check_permissions, policy) == malformed(
            "Resource vendor must be fully qualified and cannot contain regexes.",
            f"got 'arn:aws:{vendor}:::bucket'; write a policy for each service, or *",
        )

    @pytest.mark.parametrize("region", ["us-east-1", "*"])
    def test_must_have_no_region_in_a_resource_of_iam(self, region: str) -> None:
        resource = f"arn:aws:iam:{region}:123456789012:role/*"
        assert refused(check_permissions, document(permission(Resource=resource))) == malformed(
            f"IAM resource {resource} cannot contain region information.",
            "IAM has no regions; write arn:aws:iam::...",
        )

    @pytest.mark.parametrize("check", [managed_policy, inline_policy, check_permissions])
    def test_must_be_about_the_partition_of_the_account(self, check: Callable[..., Any]) -> None:
        policy = document(permission(Resource=["*", "arn:aws-cn:s3:::a", "arn:*:s3:::b", "arn:aws-c?:s3:::c"]))
        check(policy, partition="aws-cn")
        assert refused(check, policy, partition="aws") == malformed(
            'Partition "aws-cn" is not valid for resource "arn:aws-cn:s3:::a".',
            "the account is in the partition aws, so write arn:aws:...",
        )

    @pytest.mark.parametrize("element", ["Action", "Resource"])
    @pytest.mark.parametrize("value", [None, 5, {}, ["*", None], [["*"]]], ids=repr)
    def test_must_have_strings(self, element: str, value: Any) -> None:
        assert refused(check_permissions, document(permission(**{element: value}))) == syntax_error(
            f"{element} must be a string or a list of strings, not {value!r}"
        )

    def test_may_have_conditions(self) -> None:
        check_permissions(document(permission(Condition={"StringLike": {"aws:username": "${saml:sub}"}})))


class TestLength:
    def test_does_not_limit_a_session_policy(self) -> None:
        check_permissions(of_length(7000, permission))

    def test_does_not_limit_one_inline_policy(self) -> None:
        assert len(inline_policy(of_length(10_241, permission))) > 10_241

    @pytest.mark.parametrize("letter", ["a", "\u00e4", "\u4e2d"], ids=["ASCII", "Latin", "escaped"])
    @pytest.mark.parametrize("lengths", [[10_240], [4_000, 6_240]], ids=["one", "two"])
    def test_may_be_as_long_as_the_quota(self, lengths: list[int], letter: str) -> None:
        check_inline_policies("Role", [inline_policy(json.dumps(of_length(n, permission, letter))) for n in lengths])

    @pytest.mark.parametrize("letter", ["a", "\u00e4", "\u4e2d"], ids=["ASCII", "Latin", "escaped"])
    @pytest.mark.parametrize("lengths", [[10_241], [4_000, 6_241]], ids=["one", "two"])
    def test_must_not_exceed_the_quota(self, lengths: list[int], letter: str) -> None:
        texts = [inline_policy(json.dumps(of_length(n, permission, letter))) for n in lengths]
        assert refused(lambda policies: check_inline_policies("Role", policies), texts) == (
            "LimitExceeded",
            409,
            "Maximum policy size of 10240 bytes exceeded for role Role",
            "10241 characters without white space; create_policy(...) makes policies that do not count",
        )

    def test_may_be_nothing(self) -> None:
        check_inline_policies("Role", [])


class TestReturnedJSON:
    @pytest.mark.parametrize("give", [managed_policy, inline_policy], ids=["managed", "inline"])
    @pytest.mark.parametrize("write", [lambda policy: policy, json.dumps], ids=["dict", "JSON"])
    def test_says_what_the_document_says(self, give: Callable[[Any], str], write: Callable[[Any], Any]) -> None:
        policy = document(permission(Resource="arn:aws:s3:::\u00e4/*"), Id="mine")
        assert json.loads(give(write(policy))) == policy
