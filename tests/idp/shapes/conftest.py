import datetime as dt
from collections.abc import Iterator

import pytest
from idp_responses import NOON

from pytest_stssaml import mock_sts_saml


@pytest.fixture
def after_noon() -> Iterator[None]:
    """A mock whose clock shows a quarter of a second past noon, and some microseconds that are cut off."""
    with mock_sts_saml(now=NOON + dt.timedelta(microseconds=250_999), seed="seed"):
        yield
