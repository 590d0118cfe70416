from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from good import PROVIDER, ROLE_

from pytest_stssaml.iam.directory import IAM, FirstOf, no_provider, no_role
from pytest_stssaml.services import Services

TRUST_POLICY = {
    "Statement": {"Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRoleWithSAML"}
}


ROLES = "arn:aws:iam::123456789012:role/"


class TestNoRole:
    """The sentence that a role does not exist."""

    @pytest.mark.parametrize(
        ("name", "others", "past", "more"),
        [
            pytest.param("Developer", [], "", "", id="there is none"),
            pytest.param("Developer", ["Admin"], "", "", id="another name"),
            pytest.param("developer", ["Developer"], "", f"; there is {ROLES}Developer", id="case"),
            pytest.param("Developer", ["team/Developer"], "", f"; there is {ROLES}team/Developer", id="path"),
            pytest.param("a/Developer", ["b/DEVELOPER"], "", f"; there is {ROLES}b/DEVELOPER", id="another path"),
            pytest.param("team", ["team/Developer"], "", "", id="the name is part of a path"),
            pytest.param("Develope", ["Developer"], "", "", id="a part of the name"),
            pytest.param("Developer", [], "it was deleted", "; it was deleted; there is none", id="past"),
            pytest.param(
                "Developer",
                ["Admin", "Auditor"],
                "it was deleted",
                f"; it was deleted; there is {ROLES}Admin, {ROLES}Auditor",
                id="past, and other names",
            ),
            pytest.param(
                "Developer",
                ["Admin", "team/Developer"],
                "it was deleted",
                f"; there is {ROLES}team/Developer",
                id="past, and the name",
            ),
        ],
    )
    def test_says_what_became_of_it_and_which_may_be_meant(
        self, name: str, others: list[str], past: str, more: str
    ) -> None:
        sentence = no_role(ROLES + name, [ROLES + other for other in others], past)
        assert sentence == f"there is no role {ROLES}{name}{more}"

    @pytest.mark.parametrize("elsewhere", ["arn:aws:iam::210987654321:role/", "arn:aws-cn:iam::123456789012:role/"])
    @pytest.mark.parametrize("past", ["", "it was deleted"])
    def test_names_those_of_the_account(self, elsewhere: str, past: str) -> None:
        sentence = no_role(f"{ROLES}Developer", [f"{elsewhere}Developer"], past)
        assert sentence == f"there is no role {ROLES}Developer" + (f"; {past}; there is none" if past else "")

    def test_shows_white_space(self) -> None:
        sentence = no_role(f"{ROLES}Developer\n", [f"{ROLES}Developer"])
        assert sentence.endswith(f"', which has white space after it; there is {ROLES}Developer")

    def test_names_at_most_five(self) -> None:
        sentence = no_role(f"{ROLES}Developer", [f"{ROLES}Other{number}" for number in range(6)], "it was deleted")
        assert sentence.endswith(f"{ROLES}Other4")


class TestPast:
    """What became of a role or a provider that does not exist."""

    def test_is_nothing_for_what_was_never_there(self, services: Services) -> None:
        assert services.iam.directory.past(f"{ROLES}Never") == ""

    def test_is_nothing_for_what_is_there(self, services: Services) -> None:
        role = services.iam.create_role("PresentRole", trust_policy=TRUST_POLICY)
        assert services.iam.directory.past(role.arn) == ""

    def test_is_that_it_was_deleted(self, services: Services) -> None:
        role = services.iam.create_role("DeletedRole", trust_policy=TRUST_POLICY)
        services.iam.delete_role(role)
        assert services.iam.directory.past(role.arn) == "it was deleted"


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


def test_a_provider_that_another_thread_has_deleted_meanwhile_is_deleted() -> None:
    iam = IAM()
    iam.add_saml_provider(PROVIDER)
    for _ in range(2):
        iam.delete_saml_provider(PROVIDER.arn)
    assert iam.past(PROVIDER.arn) == "it was deleted"


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

    def test_has_the_roles_of_all(self, ours: IAM, theirs: IAM) -> None:
        assert FirstOf(ours, theirs).role_arns() == [ROLE_.arn, ROLE_.arn, ROLE_.arn + "2"]

    def test_knows_the_past_of_the_first_that_knows_it(self, ours: IAM, theirs: IAM) -> None:
        theirs.delete_role(ROLE_.arn, "")
        assert FirstOf(ours, theirs).past(ROLE_.arn) == "it was deleted"
        assert FirstOf(ours, ours).past(ROLE_.arn) == ""

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
