import re
from typing import Any

import pytest
from iam_errors import refused
from policy_documents import document, permission

from pytest_stssaml import SAMLProvider, STSBackend

PERMISSIONS = document(permission())


@pytest.mark.usefixtures("provider")
class TestPermissionsBoundary:
    def test_is_none_by_default(self, sts: STSBackend) -> None:
        assert sts.create_role("Limited").permissions_boundary is None

    @pytest.mark.parametrize("account_id", [None, "aws"], ids=["of the account", "of AWS"])
    def test_is_the_arn_of_a_managed_policy(self, sts: STSBackend, account_id: str | None) -> None:
        arn = sts.create_policy("Boundary", PERMISSIONS, path="/team/", account_id=account_id)
        assert sts.create_role("Limited", permissions_boundary=arn).permissions_boundary == arn

    @pytest.mark.parametrize(
        "arn",
        ["arn:aws:iam::123456789012:policy/Unknown", "arn:aws:iam::111122223333:policy/Boundary"],
        ids=["unknown", "of another account"],
    )
    def test_must_exist_in_the_account(self, sts: STSBackend, arn: str) -> None:
        sts.create_policy("Boundary", PERMISSIONS, account_id="111122223333")
        assert refused(sts.create_role, "Limited", permissions_boundary=arn) == (
            "NoSuchEntity",
            404,
            f"Scope ARN: {arn} does not exist or is not attachable.",
            "create_policy(...) makes one in the role's account",
        )
        assert sts.create_role("Limited").name == "Limited"

    @pytest.mark.parametrize("value", [PERMISSIONS, 5, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]], ids=repr)
    def test_must_be_a_string(self, sts: STSBackend, value: Any) -> None:
        message = (
            f"permissions_boundary must be the ARN of a managed policy, not {value!r}; "
            'write permissions_boundary=create_policy("Boundary", {...})'
        )
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.create_role("Limited", permissions_boundary=value)

    @pytest.mark.parametrize(
        "value", ["", "Boundary", "{}", "arn:aws:iam::123456789012:role/Boundary", "arn:aws:s3:::policy/a"]
    )
    def test_must_be_the_arn_of_a_policy(self, sts: STSBackend, value: str) -> None:
        message = (
            f"permissions_boundary must be the ARN of a managed policy, not {value!r}; "
            'write permissions_boundary=create_policy("Boundary", {...})'
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("Limited", permissions_boundary=value)

    def test_is_not_shown_by_the_role(self, sts: STSBackend, provider: SAMLProvider) -> None:
        arn = sts.create_policy("Boundary", PERMISSIONS)
        role = sts.create_role("Limited", provider=provider, permissions_boundary=arn)
        assert arn not in repr(role)
