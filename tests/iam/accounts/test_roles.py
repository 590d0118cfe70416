import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from iam_errors import refused, validation_error
from iam_refusals import WITHIN

from pytest_stssaml import IAMError, IdentityProvider, Role, SAMLProvider, STSBackend
from pytest_stssaml.literals import Partition

OTHER_ACCOUNT = "111122223333"
PARTITIONS = ["aws", "aws-cn", "aws-us-gov"]


class TestCreateRole:
    @pytest.mark.parametrize("partition", PARTITIONS)
    def test_returns_a_role_of_the_account_and_partition(
        self, sts: STSBackend, provider: SAMLProvider, partition: Partition
    ) -> None:
        role = sts.create_role("A", provider=provider, account_id=OTHER_ACCOUNT, partition=partition)
        assert (role.arn, role.name, role.account_id, role.partition, role.path) == (
            f"arn:{partition}:iam::111122223333:role/A",
            "A",
            OTHER_ACCOUNT,
            partition,
            "/",
        )

    def test_returns_a_role_of_one_hour_without_tags_by_default(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A")
        assert (role.max_session_duration, role.tags) == (3600, {})

    def test_gives_an_id_in_the_form_of_aws(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert re.fullmatch(r"AROA[A-Z2-7]{17}", sts.create_role("A").role_id)

    def test_gives_every_role_another_id(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert len({sts.create_role(f"Role{n}").role_id for n in range(20)}) == 20

    def test_gives_another_id_if_a_role_is_created_again(self, sts: STSBackend, provider: SAMLProvider) -> None:
        first = sts.create_role("A")
        sts.delete_role(first)
        assert sts.create_role("A").role_id != first.role_id

    def test_keeps_a_copy_of_the_tags(self, sts: STSBackend, provider: SAMLProvider) -> None:
        tags = {"team": "blue"}
        role = sts.create_role("A", tags=tags)
        tags.clear()
        assert role.tags == {"team": "blue"}

    @pytest.mark.parametrize("name", ["a", "a" * 64, "azAZ09_+=,.@-"], ids=["1", "64", "every character"])
    def test_accepts_a_name_at_the_limits(self, sts: STSBackend, provider: SAMLProvider, name: str) -> None:
        assert sts.create_role(name).arn == f"arn:aws:iam::123456789012:role/{name}"

    @pytest.mark.parametrize(
        "name",
        ["", "a" * 65, "my role", "my/role", "role\n", "\u00e4"],
        ids=["empty", "65", "space", "slash", "newline", "umlaut"],
    )
    def test_rejects_a_name_beyond_the_limits(self, sts: STSBackend, provider: SAMLProvider, name: str) -> None:
        assert refused(sts.create_role, name) == validation_error(
            f"The specified value for roleName is invalid. {WITHIN}+=,.@_-", f"got {name!r} of {len(name)} characters"
        )

    @pytest.mark.parametrize("path", ["/", "/a/", "/team/blue/", "/" + "a" * 510 + "/", "/!~/"])
    def test_accepts_a_path_at_the_limits(self, sts: STSBackend, provider: SAMLProvider, path: str) -> None:
        role = sts.create_role("A", path=path)
        assert (role.path, role.arn) == (path, f"arn:aws:iam::123456789012:role{path}A")

    @pytest.mark.parametrize("path", ["", "a", "/a", "a/", "/a b/", "/\x7f/", "/" + "a" * 511 + "/", "/a/\n"])
    def test_rejects_a_path_beyond_the_limits(self, sts: STSBackend, provider: SAMLProvider, path: str) -> None:
        assert refused(sts.create_role, "A", path=path) == validation_error(
            "The specified value for path is invalid. It must begin and end with / "
            "and contain only alphanumeric characters and/or / characters.",
            f"got {path!r}",
        )

    @pytest.mark.parametrize("seconds", [3600, 43200])
    def test_accepts_a_maximum_duration_at_the_limits(
        self, sts: STSBackend, provider: SAMLProvider, seconds: int
    ) -> None:
        assert sts.create_role("A", max_session_duration=seconds).max_session_duration == seconds

    @pytest.mark.parametrize(
        ("seconds", "bound"), [(3599, "greater than or equal to 3600"), (43201, "less than or equal to 43200")]
    )
    def test_rejects_a_maximum_duration_beyond_the_limits(
        self, sts: STSBackend, provider: SAMLProvider, seconds: int, bound: str
    ) -> None:
        assert refused(sts.create_role, "A", max_session_duration=seconds) == validation_error(
            f"1 validation error detected: Value '{seconds}' at 'maxSessionDuration' failed to satisfy constraint: "
            f"Member must have value {bound}",
            "max_session_duration is in seconds, from one hour to twelve",
        )

    @pytest.mark.parametrize(
        ("name", "path"),
        [("Developer", "/"), ("DEVELOPER", "/"), ("developer", "/team/")],
        ids=["same", "in capitals", "under another path"],
    )
    def test_rejects_a_name_that_exists(self, sts: STSBackend, provider: SAMLProvider, name: str, path: str) -> None:
        sts.create_role("Developer")
        assert refused(sts.create_role, name, path=path) == (
            "EntityAlreadyExists",
            409,
            f"Role with name {name} already exists.",
            "account 123456789012 has a role of that name",
        )

    @pytest.mark.parametrize(
        "elsewhere", [{"account_id": OTHER_ACCOUNT}, {"partition": "aws-cn"}], ids=["account", "partition"]
    )
    def test_accepts_a_name_that_exists_elsewhere(
        self, sts: STSBackend, provider: SAMLProvider, elsewhere: dict[str, Any]
    ) -> None:
        here = sts.create_role("A")
        assert sts.create_role("A", provider=provider, **elsewhere).arn != here.arn

    def test_creates_one_role_of_a_name_in_many_threads(self, sts: STSBackend, provider: SAMLProvider) -> None:
        def create(_: int) -> Role | str:
            try:
                return sts.create_role("Developer")
            except IAMError as error:
                return error.code

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(create, range(64)))
        roles = [outcome for outcome in outcomes if isinstance(outcome, Role)]
        assert (len(roles), outcomes.count("EntityAlreadyExists")) == (1, 63)

    def test_creates_nothing_if_the_trust_policy_is_malformed(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert refused(sts.create_role, "A", trust_policy={}) == (
            "MalformedPolicyDocument",
            400,
            "Missing required field Statement",
            "expected Statement",
        )
        assert sts.create_role("A").name == "A"


class TestAccount:
    @pytest.mark.parametrize("by", [lambda provider: provider, lambda provider: provider.arn], ids=["object", "arn"])
    def test_is_by_default_that_of_the_provider(self, sts: STSBackend, metadata: str, by: Callable[..., Any]) -> None:
        provider = sts.create_saml_provider("Okta", metadata, account_id=OTHER_ACCOUNT, partition="aws-us-gov")
        assert sts.create_role("A", provider=by(provider)).arn == "arn:aws-us-gov:iam::111122223333:role/A"

    def test_is_that_of_the_mock_if_no_provider_is_given(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A", trust_policy=provider.trust_policy())
        assert role.arn == "arn:aws:iam::123456789012:role/A"

    def test_may_differ_from_that_of_the_provider(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A", provider=provider, account_id=OTHER_ACCOUNT, partition="aws-cn")
        assert role.arn == "arn:aws-cn:iam::111122223333:role/A"

    def test_decides_which_only_provider_is_trusted(
        self, sts: STSBackend, provider: SAMLProvider, metadata: str
    ) -> None:
        elsewhere = sts.create_saml_provider("Elsewhere", metadata, account_id=OTHER_ACCOUNT)
        assert sts.create_role("A", account_id=OTHER_ACCOUNT).trust_policy == elsewhere.trust_policy()


class TestDeleteRole:
    @pytest.mark.parametrize("by", [lambda role: role, lambda role: role.arn], ids=["object", "arn"])
    def test_frees_its_name(self, sts: STSBackend, provider: SAMLProvider, by: Callable[..., Any]) -> None:
        sts.delete_role(by(sts.create_role("Developer", path="/team/")))
        assert sts.create_role("DEVELOPER").name == "DEVELOPER"

    def test_denies_access(self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]) -> None:
        role = sts.create_role("A")
        response = idp.response(role)
        sts.delete_role(role)
        assert refusal(response, role, idp.provider) == (
            "AccessDenied",
            403,
            "Not authorized to perform sts:AssumeRoleWithSAML",
        )

    @pytest.mark.parametrize(
        ("arn", "name"),
        [
            ("arn:aws:iam::123456789012:role/team/Developer", "Developer"),
            ("arn:aws:iam::123456789012:role/developer", "developer"),
        ],
        ids=["another path", "another case"],
    )
    def test_rejects_a_role_that_does_not_exist(
        self, sts: STSBackend, provider: SAMLProvider, arn: str, name: str
    ) -> None:
        sts.create_role("Developer")
        assert refused(sts.delete_role, arn) == (
            "NoSuchEntity",
            404,
            f"The role with name {name} cannot be found.",
            f"there is no role {arn}; there is arn:aws:iam::123456789012:role/Developer",
        )

    def test_rejects_a_role_that_is_deleted(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A")
        sts.delete_role(role)
        assert refused(sts.delete_role, role)[0] == "NoSuchEntity"


def test_a_provider_of_another_thread_is_told_of(sts: STSBackend, idp: IdentityProvider) -> None:
    with ThreadPoolExecutor(1) as threads:
        threads.submit(sts.create_saml_provider, "Threaded", idp).result()
    assert refused(sts.create_saml_provider, "Threaded", idp) == (
        "EntityAlreadyExists",
        409,
        "Provider with name Threaded already exists.",
        (
            "arn:aws:iam::123456789012:saml-provider/Threaded is registered, which another thread created: threads "
            "share one mock, so give each a name of its own"
        ),
    )


def test_a_policy_of_another_thread_is_told_of(sts: STSBackend) -> None:
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    with ThreadPoolExecutor(1) as threads:
        threads.submit(sts.create_policy, "Threaded", policy).result()
    assert refused(sts.create_policy, "threaded", policy)[3] == (
        "arn:aws:iam::123456789012:policy/threaded is taken, which another thread created: threads share one mock, so "
        "give each a name of its own"
    )


def test_a_role_of_a_thread_that_has_ended_is_told_of(sts: STSBackend, provider: SAMLProvider) -> None:
    hints = []
    for _ in range(2):  # the second thread may have the identifier of the first
        with ThreadPoolExecutor(1) as threads:
            error = threads.submit(sts.create_role, "Threaded").exception()
            hints += [str(error)] if error else []
    assert ["another thread" in hint for hint in hints] == [True]


def test_a_role_of_another_thread_is_told_of(sts: STSBackend, provider: SAMLProvider) -> None:
    with ThreadPoolExecutor(1) as threads:
        threads.submit(sts.create_role, "Developer").result()
    assert refused(sts.create_role, "Developer") == (
        "EntityAlreadyExists",
        409,
        "Role with name Developer already exists.",
        (
            "account 123456789012 has a role of that name, which another thread created: threads share one mock, so "
            "give each a name of its own"
        ),
    )
