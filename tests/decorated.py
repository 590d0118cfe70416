"""What the tests of the decorator decorate."""

import inspect
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from good import PROVIDER
from inner_runs import InnerModule

from pytest_stssaml import Role, active_backend

OTHER_ACCOUNT = "210987654321"
CONFLICT = (
    "mock_sts_saml is active with account_id='123456789012' and cannot be entered with account_id='210987654321': "
    "a process has one mock at a time; write it where the mock is first entered"
)


def is_active() -> bool:
    try:
        active_backend()
    except LookupError:
        return False
    return True


async def coroutine_function() -> bool:
    return is_active()


def generator_function() -> Generator[bool, None, None]:
    yield is_active()


async def async_generator_function() -> AsyncGenerator[bool, None]:
    yield is_active()


def make_a_role(name: str = "Developer") -> Role:
    """IAM refuses it where a role of that name is left from before."""
    return active_backend().create_role(name, trust_policy=PROVIDER.trust_policy())


HEADER = """
import unittest

import pytest
from decorated import make_a_role
from inner_runs import saml_signing_key

from pytest_stssaml import active_backend, mock_sts_saml

"""


def module(source: str, *arguments: str) -> InnerModule:
    """Return an inner module with the names that it needs."""
    return InnerModule(HEADER + inspect.cleandoc(source), arguments)


def inner(source: str, *arguments: str) -> pytest.MarkDecorator:
    """Mark a test with the inner module that it looks at."""
    return pytest.mark.inner(module(source, *arguments))


def row(source: str, *values: Any, id: str) -> Any:  # noqa: A002 - as in pytest.param
    """Return a row of a table of inner modules."""
    return pytest.param(module(source), *values, id=id)
