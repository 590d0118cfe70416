import pytest
from sign_in_pages import account_names, chooser

from pytest_stssaml import IdentityProvider, STSBackend

OTHER_ACCOUNT = "111122223333"


@pytest.mark.parametrize("alias", ["abc", "a" * 63, "a-b", "0-9"], ids=["3", "63", "hyphen", "digits"])
def test_an_alias_at_the_limits_is_shown_by_the_sign_in_page(
    sts: STSBackend, idp: IdentityProvider, alias: str
) -> None:
    sts.create_account_alias(alias)
    assert account_names(chooser(sts, idp)) == [f"Account: {alias} (123456789012)"]


def test_a_second_alias_replaces_the_first(sts: STSBackend, idp: IdentityProvider) -> None:
    sts.create_account_alias("first")
    sts.create_account_alias("second")
    assert account_names(chooser(sts, idp)) == ["Account: second (123456789012)"]
    sts.create_account_alias("first", account_id=OTHER_ACCOUNT)


def test_another_account_has_an_alias_of_its_own(sts: STSBackend, idp: IdentityProvider) -> None:
    sts.create_account_alias("example", account_id=OTHER_ACCOUNT)
    assert account_names(chooser(sts, idp)) == ["Account: 123456789012"]


def test_partitions_have_aliases_of_their_own(sts: STSBackend, idp: IdentityProvider) -> None:
    sts.create_account_alias("example", partition="aws-cn")
    sts.create_account_alias("example")
    assert account_names(chooser(sts, idp)) == ["Account: example (123456789012)"]


def test_an_alias_is_a_string(sts: STSBackend) -> None:
    with pytest.raises(TypeError, match=r'^alias must be a string such as "example-corp", not 5$'):
        sts.create_account_alias(5)  # type: ignore[arg-type]
