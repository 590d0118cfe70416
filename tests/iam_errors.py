"""IAM's errors as tuples: the code, the HTTP status, the message and the hint."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from pytest_stssaml import IAMError

Error: TypeAlias = tuple[str, int, str, str]

SYNTAX = "Syntax errors in policy."


def refused(call: Callable[..., object], *args: Any, **kwargs: Any) -> Error:
    """Return the IAMError that a call raises."""
    with pytest.raises(IAMError) as caught:
        call(*args, **kwargs)
    error = caught.value
    return error.code, error.status, error.message, error.hint


def validation_error(message: str, hint: str) -> Error:
    return "ValidationError", 400, message, hint


def unsatisfied(member: str, must: str, hint: str) -> Error:
    """Return the ValidationError for a member that must be otherwise."""
    message = f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must {must}"
    return validation_error(message, hint)


def invalid_input(message: str, hint: str) -> Error:
    return "InvalidInput", 400, message, hint


def malformed(message: str, hint: str) -> Error:
    return "MalformedPolicyDocument", 400, message, hint


def syntax_error(hint: str) -> Error:
    return malformed(SYNTAX, hint)
