from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from good import PROVIDER, ROLE_

from pytest_stssaml.iam.arn import Arn
from pytest_stssaml.iam.directory import IAM, FirstOf, no_provider
from pytest_stssaml.services import Services

TRUST_POLICY = {
    "Statement": {"Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRoleWithSAML"}
}


class TestSimilarRole:
    """The role that a wrong ARN may mean."""

    @pytest.mark.parametrize(
        ("resource", "known"),
        [
            ("role/team/Developer", True),
            ("role/Developer", True),
            ("role/other/DEVELOPER", True),
            ("role/Developer\n", True),
            ("role/Develope", False),
            ("role/team", False),
        ],
    )
    def test_has_the_name_with_any_path_and_in_any_case(self, services: Services, resource: str, known: bool) -> None:
        role = services.iam.create_role("Developer", path="/team/", trust_policy=TRUST_POLICY)
        found = services.iam.directory.similar_role(Arn("aws", "iam", "", "123456789012", resource))
        assert found == (role.arn if known else None)

    @pytest.mark.parametrize("elsewhere", [{"account_id": "210987654321"}, {"partition": "aws-cn"}], ids=repr)
    def test_is_of_the_account(self, services: Services, elsewhere: dict[str, Any]) -> None:
        services.iam.create_role("Developer", trust_policy=TRUST_POLICY, **elsewhere)
        assert services.iam.directory.similar_role(Arn("aws", "iam", "", "123456789012", "role/Developer")) is None

    def test_is_forgotten_when_the_role_is_deleted(self, services: Services) -> None:
        services.iam.delete_role(services.iam.create_role("Developer", path="/team/", trust_policy=TRUST_POLICY))
        assert services.iam.directory.similar_role(Arn("aws", "iam", "", "123456789012", "role/Developer")) is None


NAMED = "arn:aws:iam::123456789012:saml-provider/"


class TestNoProvider:
    """The sentence that a provider does not exist."""

    @pytest.mark.parametrize(
        ("arn", "others", "sentence"),
        [
            pytest.param(f"{NAMED}Okta", [], f"there is no provider {NAMED}Okta", id="there is none"),
            pytest.param(
                f"{NAMED}okta", [f"{NAMED}Okta"], f"there is no provider {NAMED}okta; there is {NAMED}Okta", id="case"
            ),
            pytest.param(
                f"{NAMED}Okta\n",
                [f"{NAMED}Okta"],
                f"there is no provider '{NAMED}Okta\\n', which has white space after it; there is {NAMED}Okta",
                id="white space",
            ),
            pytest.param(
                f"{NAMED}Okta",
                [f"{NAMED}Entra", "arn:aws-cn:iam::111122223333:saml-provider/OKTA"],
                f"there is no provider {NAMED}Okta; there is arn:aws-cn:iam::111122223333:saml-provider/OKTA",
                id="the name in another account before other names in this one",
            ),
            pytest.param(
                f"{NAMED}Okta",
                [f"{NAMED}Entra", f"{NAMED}ADFS", "arn:aws:iam::111122223333:saml-provider/Other"],
                f"there is no provider {NAMED}Okta; there is {NAMED}Entra, {NAMED}ADFS",
                id="other names in this account",
            ),
            pytest.param(
                f"{NAMED}Okta",
                ["arn:aws:iam::111122223333:saml-provider/Other"],
                f"there is no provider {NAMED}Okta",
                id="another name in another account",
            ),
            pytest.param("Okta", [f"{NAMED}Okta"], "there is no provider Okta", id="not an ARN"),
        ],
    )
    def test_names_those_that_may_be_meant(self, arn: str, others: list[str], sentence: str) -> None:
        assert no_provider(arn, others) == sentence

    def test_names_at_most_five(self) -> None:
        sentence = no_provider(f"{NAMED}Okta", [f"{NAMED}Other{number}" for number in range(6)])
        assert sentence.endswith(f"{NAMED}Other4")


class TestFirstOf:
    """Two directories as one."""

    POLICIES = ("arn:aws:iam::123456789012:policy/Ours", "arn:aws:iam::123456789012:policy/Theirs")

    @pytest.fixture
    def ours(self) -> IAM:
        iam = IAM()
        iam.add_saml_provider(PROVIDER)
        iam.add_role(ROLE_)
        iam.add_policy(self.POLICIES[0], "{}")
        return iam

    @pytest.fixture
    def theirs(self) -> IAM:
        """A directory that knows the same ARNs, and others."""
        iam = IAM()
        for provider in (replace(PROVIDER), replace(PROVIDER, arn=PROVIDER.arn + "2")):
            iam.add_saml_provider(provider)
        for role in (replace(ROLE_), replace(ROLE_, arn=ROLE_.arn + "2", name="Developer2")):
            iam.add_role(role)
        iam.add_policy(self.POLICIES[1], "{}")
        return iam

    def test_returns_the_provider_of_the_first_that_knows_it(self, ours: IAM, theirs: IAM) -> None:
        assert FirstOf(ours, theirs).saml_provider(PROVIDER.arn) is PROVIDER
        assert FirstOf(theirs, ours).saml_provider(PROVIDER.arn) is theirs.saml_provider(PROVIDER.arn)

    def test_returns_the_role_of_the_first_that_knows_it(self, ours: IAM, theirs: IAM) -> None:
        assert FirstOf(ours, theirs).role(ROLE_.arn) is ROLE_
        assert FirstOf(theirs, ours).role(ROLE_.arn) is theirs.role(ROLE_.arn)

    def test_returns_what_only_the_second_knows(self, ours: IAM, theirs: IAM) -> None:
        both = FirstOf(ours, theirs)
        assert both.saml_provider(PROVIDER.arn + "2") is theirs.saml_provider(PROVIDER.arn + "2")
        assert both.role(ROLE_.arn + "2") is theirs.role(ROLE_.arn + "2")

    def test_returns_the_similar_role_of_the_first_that_knows_one(self) -> None:
        ours, theirs = IAM(), IAM()
        theirs.add_role(replace(ROLE_, arn="arn:aws:iam::123456789012:role/theirs/Developer"))
        asked = Arn("aws", "iam", "", "123456789012", "role/developer")
        both = FirstOf(ours, theirs)
        assert both.similar_role(asked) == "arn:aws:iam::123456789012:role/theirs/Developer"
        ours.add_role(ROLE_)
        assert both.similar_role(asked) == ROLE_.arn

    def test_returns_none_for_what_none_knows(self, ours: IAM, theirs: IAM) -> None:
        both = FirstOf(ours, theirs)
        assert (both.saml_provider(PROVIDER.arn + "3"), both.role(ROLE_.arn + "3")) == (None, None)

    @pytest.mark.parametrize("several", [list, iter], ids=["list", "iterator"])
    def test_returns_the_policies_of_all(self, ours: IAM, theirs: IAM, several: Callable[..., Any]) -> None:
        unknown = "arn:aws:iam::123456789012:policy/Unknown"
        found = FirstOf(ours, theirs).managed_policies(several([*self.POLICIES, unknown]))
        assert found == frozenset(self.POLICIES)

    def test_returns_no_policies_for_no_arns(self, ours: IAM, theirs: IAM) -> None:
        assert FirstOf(ours, theirs).managed_policies([]) == frozenset()

    def test_without_directories_knows_nothing(self) -> None:
        empty = FirstOf()
        assert (empty.saml_provider("a"), empty.role("a"), empty.managed_policies(["a"])) == (
            None,
            None,
            frozenset(),
        )
