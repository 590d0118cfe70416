import json
from collections.abc import Callable
from typing import Any

import pytest
from iam_errors import refused
from policy_documents import document, of_length, permission

from pytest_stssaml import SAMLProvider, STSBackend

PERMISSIONS = document(permission())


class TestPolicies:
    TEXT = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'

    @pytest.fixture
    def holding(self, sts: STSBackend, provider: SAMLProvider) -> Callable[..., tuple[str, ...]]:
        """The policies of a role that is made with these."""
        return lambda *policies: sts.create_role("Holder", policies=policies).policies

    def test_are_empty_by_default(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert sts.create_role("Holder").policies == ()

    @pytest.mark.parametrize("several", [list, tuple, set, iter], ids=["list", "tuple", "set", "iterator"])
    def test_may_be_any_iterable(self, sts: STSBackend, provider: SAMLProvider, several: Callable[..., Any]) -> None:
        assert sts.create_role("Holder", policies=several([self.TEXT])).policies == (self.TEXT,)

    @pytest.mark.parametrize("write", [lambda text: text, json.loads], ids=["JSON", "dict"])
    def test_are_kept_as_json(self, holding: Callable[..., Any], write: Callable[[str], Any]) -> None:
        assert holding(write(self.TEXT)) == (self.TEXT,)

    def test_need_no_version(self, holding: Callable[..., Any]) -> None:
        policy = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        assert [json.loads(text) for text in holding(policy)] == [policy]

    def test_are_copies(self, holding: Callable[..., Any]) -> None:
        policy = json.loads(self.TEXT)
        (text,) = holding(policy)
        policy["Statement"]["Action"] = "ec2:*"
        assert text == self.TEXT

    def test_may_be_arns_of_managed_policies(self, sts: STSBackend, holding: Callable[..., Any]) -> None:
        arn = sts.create_policy("Reader", PERMISSIONS)
        assert holding(arn) == (arn,)

    def test_may_be_arns_of_policies_of_aws(self, holding: Callable[..., Any]) -> None:
        assert holding("arn:aws:iam::aws:policy/ReadOnlyAccess") == ("arn:aws:iam::aws:policy/ReadOnlyAccess",)

    def test_keep_their_order(self, sts: STSBackend, holding: Callable[..., Any]) -> None:
        arn = sts.create_policy("Reader", PERMISSIONS)
        assert holding(arn, self.TEXT, "arn:aws:iam::aws:policy/ReadOnlyAccess") == (
            arn,
            self.TEXT,
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        )

    @pytest.mark.parametrize(
        "arn",
        [
            pytest.param("arn:aws:iam::123456789012:policy/Unknown", id="unknown"),
            pytest.param("arn:aws:iam::123456789012:policy/reader", id="another case"),
            pytest.param("arn:aws:iam::123456789012:role/Reader", id="a role"),
            pytest.param("arn:aws:s3:::bucket", id="another service's"),
        ],
    )
    def test_must_exist(self, sts: STSBackend, provider: SAMLProvider, arn: str) -> None:
        sts.create_policy("Reader", PERMISSIONS)
        assert refused(sts.create_role, "Holder", policies=[self.TEXT, arn]) == (
            "NoSuchEntity",
            404,
            f"Policy {arn} does not exist or is not attachable.",
            "create_policy(...) makes one in the role's account",
        )
        assert sts.create_role("Holder").name == "Holder"

    def test_must_be_of_the_account(self, sts: STSBackend, provider: SAMLProvider) -> None:
        arn = sts.create_policy("Reader", PERMISSIONS, account_id="111122223333")
        assert refused(sts.create_role, "Holder", policies=[arn])[:3] == (
            "NoSuchEntity",
            404,
            f"Policy {arn} does not exist or is not attachable.",
        )

    @pytest.mark.parametrize(
        ("policy", "message"),
        [
            pytest.param("arn:aws:iam", "This policy contains invalid Json", id="half an ARN"),
            pytest.param("", "This policy contains invalid Json", id="nothing"),
            pytest.param({}, "Syntax errors in policy.", id="no statement"),
            pytest.param(
                {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}},
                "Policy document should not specify a principal.",
                id="a trust policy",
            ),
        ],
    )
    def test_must_not_be_malformed(self, sts: STSBackend, provider: SAMLProvider, policy: Any, message: str) -> None:
        assert refused(sts.create_role, "Holder", policies=[policy])[:3] == ("MalformedPolicyDocument", 400, message)
        assert sts.create_role("Holder").name == "Holder"

    def test_must_not_be_the_name_of_one(self, sts: STSBackend, provider: SAMLProvider) -> None:
        with pytest.raises(ValueError, match="not the name") as caught:
            sts.create_role("Holder", policies=["ReadOnlyAccess"])
        assert str(caught.value) == (
            "policies must be documents or ARNs, not the name 'ReadOnlyAccess'; write "
            "'arn:aws:iam::aws:policy/ReadOnlyAccess', or what create_policy('ReadOnlyAccess', ...) returned"
        )
        assert sts.create_role("Holder").name == "Holder"

    @pytest.mark.parametrize(
        "policies", [TEXT, TEXT.encode(), {}, None, 5], ids=["string", "bytes", "dict", "None", "5"]
    )
    def test_must_be_an_iterable(self, sts: STSBackend, provider: SAMLProvider, policies: Any) -> None:
        with pytest.raises(TypeError) as caught:
            sts.create_role("Holder", policies=policies)
        assert str(caught.value) == (
            f"policies must be a list or another iterable, not {policies!r}; write policies=[...] even for a single one"
        )

    @pytest.mark.parametrize("policy", [None, 5, ["s3:*"], b"{}"], ids=repr)
    def test_must_be_dicts_or_json(self, sts: STSBackend, provider: SAMLProvider, policy: Any) -> None:
        with pytest.raises(TypeError) as caught:
            sts.create_role("Holder", policies=[policy])
        assert str(caught.value) == f"a member of policies must be a dict or JSON, not {policy!r}"

    @pytest.mark.parametrize("lengths", [[10_240], [5_000, 5_240], [1_024] * 10], ids=["one", "two", "ten"])
    def test_may_have_10240_characters_together(self, holding: Callable[..., Any], lengths: list[int]) -> None:
        assert len(holding(*(of_length(length, permission) for length in lengths))) == len(lengths)

    @pytest.mark.parametrize("lengths", [[10_241], [5_000, 5_241], [1_024] * 9 + [1_025]], ids=["one", "two", "ten"])
    def test_must_not_have_more_characters_together(
        self, sts: STSBackend, provider: SAMLProvider, lengths: list[int]
    ) -> None:
        assert refused(sts.create_role, "Holder", policies=(of_length(length, permission) for length in lengths)) == (
            "LimitExceeded",
            409,
            "Maximum policy size of 10240 bytes exceeded for role Holder",
            "10241 characters without white space; create_policy(...) makes policies that do not count",
        )
        assert sts.create_role("Holder").name == "Holder"

    def test_may_have_more_white_space(self, holding: Callable[..., Any]) -> None:
        assert len(holding(json.dumps(of_length(10_240, permission), indent=100))) == 1

    def test_that_are_managed_are_not_counted(self, sts: STSBackend, holding: Callable[..., Any]) -> None:
        arns = [sts.create_policy(name, of_length(6_144, permission)) for name in ("First", "Second")]
        assert len(holding(of_length(10_240, permission), *arns)) == 3
