import pytest

from pytest_stssaml import IdentityProvider, SAMLProvider
from pytest_stssaml.services import Services


@pytest.fixture
def metadata(idp: IdentityProvider) -> str:
    """The metadata of an identity provider."""
    return idp.metadata


@pytest.fixture
def provider(idp: IdentityProvider) -> SAMLProvider:
    """The provider of `idp`, "ExampleIdP"."""
    return idp.provider


@pytest.fixture
def services() -> Services:
    """The services of a mock that is not active."""
    return Services(account_id="123456789012", partition="aws", seed="test")
