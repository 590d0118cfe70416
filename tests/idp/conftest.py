from typing import Any

import pytest
from idp_responses import NOON
from response_values import Say
from saml_documents import PROVIDER, ROLE

from pytest_stssaml import IdentityProvider, SAMLResponse, mock_sts_saml
from pytest_stssaml.keys import SigningKey


@pytest.fixture
def unregistered(saml_signing_key: SigningKey) -> IdentityProvider:
    """An identity provider that is not registered with AWS."""
    return IdentityProvider(signing_key=saml_signing_key)


@pytest.fixture
def say(unregistered: IdentityProvider) -> Say:
    """The call under test: `say(**keywords)` returns a response for ROLE and PROVIDER, issued at noon."""

    def call(role: Any = ROLE, **keywords: Any) -> SAMLResponse:
        with mock_sts_saml(now=NOON):
            return unregistered.response(role, **{"provider": PROVIDER, **keywords})

    return call
