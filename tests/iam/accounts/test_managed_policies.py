import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from iam_errors import refused, validation_error
from iam_refusals import WITHIN
from policy_documents import document, of_length, permission

from pytest_stssaml import IAMError, IdentityProvider, SAMLProvider, STSBackend, mock_sts_saml
from pytest_stssaml.literals import Partition
from pytest_stssaml.services import Services

OTHER_ACCOUNT = "111122223333"
PARTITIONS = ["aws", "aws-cn", "aws-us-gov"]
PERMISSIONS = document(permission())
UNKNOWN_POLICY = (
    "InvalidParameterValue",
    400,
    "At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN.",
)


class TestCreatePolicy:
    def test_returns_the_arn(self, sts: STSBackend) -> None:
        assert sts.create_policy("ReadOnly", PERMISSIONS) == "arn:aws:iam::123456789012:policy/ReadOnly"

    @pytest.mark.parametrize("partition", PARTITIONS)
    def test_returns_an_arn_of_the_partition_of_the_mock(self, partition: Partition) -> None:
        with mock_sts_saml(partition=partition) as sts:
            assert sts.create_policy("ReadOnly", PERMISSIONS) == f"arn:{partition}:iam::123456789012:policy/ReadOnly"

    def test_returns_an_arn_of_the_account_that_is_given(self, sts: STSBackend) -> None:
        arn = sts.create_policy("ReadOnly", PERMISSIONS, account_id=OTHER_ACCOUNT)
        assert arn == "arn:aws:iam::111122223333:policy/ReadOnly"

    @pytest.mark.parametrize("path", ["/", "/job-function/", "/a/b/"])
    def test_returns_an_arn_with_the_path(self, sts: STSBackend, path: str) -> None:
        arn = sts.create_policy("ReadOnly", PERMISSIONS, path=path)
        assert arn == f"arn:aws:iam::123456789012:policy{path}ReadOnly"

    @pytest.mark.parametrize("path", ["", "a", "/a", "a/", "//" + "a" * 511 + "/"])
    def test_rejects_a_path_that_is_not_between_slashes(self, sts: STSBackend, path: str) -> None:
        assert refused(sts.create_policy, "ReadOnly", PERMISSIONS, path=path)[0] == "ValidationError"

    def test_makes_a_policy_of_aws(self, sts: STSBackend) -> None:
        arn = sts.create_policy("ViewOnlyAccess", PERMISSIONS, path="/job-function/", account_id="aws")
        assert arn == "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"

    def test_lets_a_policy_of_aws_be_longer(self, sts: STSBackend) -> None:
        assert sts.create_policy("ReadOnlyAccess", of_length(6145, permission), account_id="aws")
        assert refused(sts.create_policy, "ReadOnlyAccess", of_length(6145, permission))[0] == "LimitExceeded"

    @pytest.mark.parametrize("write", [dict, json.dumps], ids=["dict", "JSON"])
    def test_accepts_a_dict_or_json(self, sts: STSBackend, write: Callable[..., Any]) -> None:
        assert sts.create_policy("ReadOnly", write(PERMISSIONS)).endswith(":policy/ReadOnly")

    @pytest.mark.parametrize("name", ["a", "a" * 128, "azAZ09_+=,.@-"], ids=["1", "128", "every character"])
    def test_accepts_a_name_at_the_limits(self, sts: STSBackend, name: str) -> None:
        assert sts.create_policy(name, PERMISSIONS) == f"arn:aws:iam::123456789012:policy/{name}"

    @pytest.mark.parametrize(
        "name",
        ["", "a" * 129, "my policy", "my/policy", "policy\n", "\u00e4"],
        ids=["empty", "129", "space", "slash", "newline", "umlaut"],
    )
    def test_rejects_a_name_beyond_the_limits(self, sts: STSBackend, name: str) -> None:
        assert refused(sts.create_policy, name, PERMISSIONS) == validation_error(
            f"The specified value for policyName is invalid. {WITHIN}+=,.@_-",
            f"got {name!r} of {len(name)} characters",
        )

    def test_rejects_a_name_that_is_not_a_string(self, sts: STSBackend) -> None:
        with pytest.raises(TypeError, match=r"^name must be a string, not 5$"):
            sts.create_policy(5, PERMISSIONS)  # type: ignore[arg-type]

    @pytest.mark.parametrize("account_id", ["", "12345678901", 123456789012], ids=repr)
    def test_rejects_an_account_that_is_not_12_digits(self, sts: STSBackend, account_id: Any) -> None:
        message = f"account_id must be a string of 12 digits, not {account_id!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_policy("ReadOnly", PERMISSIONS, account_id=account_id)

    @pytest.mark.parametrize("name", ["ReadOnly", "READONLY"], ids=["same", "in capitals"])
    def test_rejects_a_name_that_exists(self, sts: STSBackend, name: str) -> None:
        sts.create_policy("ReadOnly", PERMISSIONS)
        assert refused(sts.create_policy, name, PERMISSIONS) == (
            "EntityAlreadyExists",
            409,
            f"A policy called {name} already exists. Duplicate names are not allowed.",
            f"arn:aws:iam::123456789012:policy/{name} is taken",
        )

    def test_rejects_a_name_that_exists_at_another_path(self, sts: STSBackend) -> None:
        sts.create_policy("ReadOnly", PERMISSIONS, path="/a/")
        assert refused(sts.create_policy, "readonly", PERMISSIONS, path="/b/")[0] == "EntityAlreadyExists"

    def test_accepts_a_name_that_exists_in_another_account(self, sts: STSBackend) -> None:
        here = sts.create_policy("ReadOnly", PERMISSIONS)
        assert sts.create_policy("ReadOnly", PERMISSIONS, account_id=OTHER_ACCOUNT) != here

    def test_accepts_the_name_of_a_role(self, sts: STSBackend, provider: SAMLProvider) -> None:
        sts.create_role("ReadOnly")
        assert sts.create_policy("ReadOnly", PERMISSIONS).endswith(":policy/ReadOnly")

    def test_creates_nothing_if_the_policy_is_malformed(self, sts: STSBackend) -> None:
        assert refused(sts.create_policy, "ReadOnly", {"Version": "2012-10-17"})[0] == "MalformedPolicyDocument"
        assert sts.create_policy("ReadOnly", PERMISSIONS).endswith(":policy/ReadOnly")

    def test_creates_one_policy_of_a_name_in_many_threads(self, sts: STSBackend) -> None:
        def create(_: int) -> str:
            try:
                return sts.create_policy("ReadOnly", PERMISSIONS)
            except IAMError as error:
                return error.code

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(create, range(16))) == ["EntityAlreadyExists"] * 15 + [
                "arn:aws:iam::123456789012:policy/ReadOnly"
            ]


class TestPolicyArns:
    """The managed policies that a login names."""

    @pytest.fixture
    def log_in_with(self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Callable[..., Any]:
        """A login to a role of the mock's account, with these ARNs as PolicyArns."""
        role = sts.create_role("Limited")

        def call(*arns: str) -> Any:
            return log_in(idp.response(role), role, idp.provider, PolicyArns=[{"arn": arn} for arn in arns])

        return call

    @pytest.fixture
    def refusal_with(self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]) -> Callable[..., Any]:
        """The error of the same login."""
        role = sts.create_role("Limited")

        def call(*arns: str) -> Any:
            return refusal(idp.response(role), role, idp.provider, PolicyArns=[{"arn": arn} for arn in arns])

        return call

    def test_may_limit_a_session(self, sts: STSBackend, log_in_with: Callable[..., Any]) -> None:
        arns = [sts.create_policy(name, PERMISSIONS) for name in ("First", "Second")]
        assert log_in_with(*arns)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize(
        "arn",
        [
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
            "arn:aws:iam::aws:policy/Unknown",
        ],
    )
    def test_of_aws_itself_always_exist(self, log_in_with: Callable[..., Any], arn: str) -> None:
        assert log_in_with(arn)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize(
        "arn",
        [
            pytest.param("arn:aws:iam::123456789012:policy/Unknown", id="unknown"),
            pytest.param("arn:aws:iam::123456789012:policy/readonly", id="another case"),
            pytest.param("arn:aws:iam::123456789012:policy/ReadOnly2", id="longer"),
            pytest.param("arn:aws:iam::123456789012:policy/team/ReadOnly", id="another path"),
            pytest.param("arn:aws:iam::123456789012:role/ReadOnly", id="a role"),
            pytest.param("arn:aws:iam::aws:role/ReadOnlyAccess", id="a role of AWS"),
            pytest.param("arn:aws:s3::aws:policy/ReadOnlyAccess", id="another service of AWS"),
            pytest.param("arn:aws:iam:us-east-1:aws:policy/ReadOnlyAccess", id="a region of AWS"),
        ],
    )
    def test_must_exist(self, sts: STSBackend, refusal_with: Callable[..., Any], arn: str) -> None:
        sts.create_policy("ReadOnly", PERMISSIONS)
        assert refusal_with(arn) == UNKNOWN_POLICY

    def test_must_all_exist(self, sts: STSBackend, refusal_with: Callable[..., Any]) -> None:
        known = sts.create_policy("ReadOnly", PERMISSIONS)
        assert refusal_with(known, known + "2") == UNKNOWN_POLICY

    @pytest.mark.parametrize(
        "arn",
        ["arn:aws:iam::111122223333:policy/ReadOnly", "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"],
        ids=["account", "partition"],
    )
    def test_must_be_of_the_account(self, sts: STSBackend, refusal_with: Callable[..., Any], arn: str) -> None:
        sts.create_policy("ReadOnly", PERMISSIONS, account_id=OTHER_ACCOUNT)
        assert refusal_with(arn)[:2] == ("ValidationError", 400)


class TestPolicyDocument:
    def test_is_the_json_of_a_managed_policy(self, services: Services) -> None:
        text = services.iam.policy_document(services.iam.create_policy("Reader", PERMISSIONS))
        assert text is not None
        assert json.loads(text) == PERMISSIONS

    @pytest.mark.parametrize(
        "arn", ["arn:aws:iam::123456789012:policy/Unknown", "arn:aws:iam::aws:policy/ReadOnlyAccess", "Reader"]
    )
    def test_is_none_for_a_policy_that_was_not_created(self, services: Services, arn: str) -> None:
        services.iam.create_policy("Reader", PERMISSIONS)
        assert services.iam.policy_document(arn) is None
