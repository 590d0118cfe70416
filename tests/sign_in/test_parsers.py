"""The page on which a role is chosen, read as the login tools read AWS's."""

from collections.abc import Callable

import pytest
from sign_in_pages import (
    Answer,
    aliases_by_pattern,
    aliases_by_words,
    post,
    roles_by_parents,
    roles_of_labels,
    roles_of_metadata,
    roles_of_nested_accounts,
)

from pytest_stssaml import IdentityProvider, STSBackend

PRODUCTION = "210987654321"
DEVELOPER = "arn:aws:iam::123456789012:role/team/Developer"
AUDITOR = "arn:aws:iam::123456789012:role/Auditor"
ADMIN = f"arn:aws:iam::{PRODUCTION}:role/Admin"
OF_ROLES = [roles_of_nested_accounts, roles_of_labels, roles_by_parents]


@pytest.fixture
def response(sts: STSBackend, idp: IdentityProvider) -> str:
    """A response with two roles of an account that has an alias, and one of an account that has none."""
    sts.create_saml_provider("ExampleIdP", idp, account_id=PRODUCTION)
    sts.create_account_alias("example-corp")
    return idp.response([DEVELOPER, AUDITOR, ADMIN])


@pytest.mark.parametrize("read", OF_ROLES)
def test_the_roles_are_found_under_their_accounts(
    sts: STSBackend, response: str, read: Callable[[Answer], dict[str, dict[str, str]]]
) -> None:
    assert read(post(sts, response)) == {
        "Account: example-corp (123456789012)": {DEVELOPER: "Developer", AUDITOR: "Auditor"},
        f"Account: {PRODUCTION}": {ADMIN: "Admin"},
    }


def test_aliases_are_found_by_a_pattern(sts: STSBackend, response: str) -> None:
    assert aliases_by_pattern(post(sts, response)) == {
        "123456789012": "example-corp",
        PRODUCTION: f"Account: {PRODUCTION}",
    }


def test_aliases_are_found_by_words(sts: STSBackend, response: str) -> None:
    assert aliases_by_words(post(sts, response)) == {"123456789012": "example-corp"}


def test_the_roles_are_found_in_the_metadata_of_the_page_of_2023(sts: STSBackend, response: str) -> None:
    sts.sign_in.layout = "2023"
    assert roles_of_metadata(post(sts, response)) == {
        "example-corp (123456789012)": [DEVELOPER, AUDITOR],
        PRODUCTION: [ADMIN],
    }


@pytest.mark.parametrize("read", OF_ROLES)
def test_the_page_of_2023_has_no_roles_for_the_other_parsers(
    sts: STSBackend, response: str, read: Callable[[Answer], dict[str, dict[str, str]]]
) -> None:
    sts.sign_in.layout = "2023"
    assert read(post(sts, response)) == {}


@pytest.mark.parametrize("read", OF_ROLES)
def test_markup_in_a_path_stays_text(
    sts: STSBackend, idp: IdentityProvider, read: Callable[[Answer], dict[str, dict[str, str]]]
) -> None:
    role = sts.create_role("Developer", path="/\"><script>alert('&')</script>/")
    page = post(sts, idp.response([role, AUDITOR]))
    assert read(page) == {"Account: 123456789012": {role.arn: "Developer", AUDITOR: "Auditor"}}
    assert page.page.find(".//script") is None
