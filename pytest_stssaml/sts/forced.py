"""Errors that a test orders: AWS's own codes, and what production meets beside them."""

import threading
from dataclasses import dataclass

from .errors import CATALOGUE, ErrorRow, Text

__all__ = ["CONNECTION_ERRORS", "ForcedErrors", "error_row"]

#: How a connection fails, and what Python calls it.
CONNECTION_ERRORS: dict[str, type[OSError]] = {"reset": ConnectionResetError, "timeout": TimeoutError}

# Codes that every service of AWS's may answer with (API references, common errors), and STS's for which the catalogue
# has a message with fields.
_COMMON = (
    ErrorRow("Throttling", 400, "Rate exceeded", Text.DOCUMENTED),
    ErrorRow("ThrottlingException", 400, "Rate exceeded", Text.DOCUMENTED),
    ErrorRow("RequestLimitExceeded", 503, "Request limit exceeded.", Text.DOCUMENTED),
    ErrorRow("ServiceUnavailable", 503, "Service Unavailable", Text.DOCUMENTED),
    ErrorRow("InternalFailure", 500, "Internal Failure", Text.DOCUMENTED),
    ErrorRow(
        "PackedPolicyTooLarge",
        400,
        "Packed policy consumes 157% of allotted space, please use smaller policy.",
        Text.OBSERVED,
    ),
    ErrorRow(
        "RegionDisabledException",
        403,
        "STS is not activated in this region for account:123456789012. "
        "Your account administrator can activate STS in this region using the IAM Console.",
        Text.OBSERVED,
    ),
    ErrorRow(
        "ValidationError",
        400,
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        Text.OBSERVED,
    ),
)


def error_row(code: str, message: str | None, status: int | None) -> ErrorRow:
    """The row of a code, with another message or status if one is given."""
    known = next((row for row in (*_COMMON, *CATALOGUE) if row.code == code and "$" not in (row.message or "")), None)
    # $ is doubled: what a test wrote has no fields.
    text = (known.message if known else "") if message is None else message.replace("$", "$$")
    return ErrorRow(code, status or (known.status if known else 400), text, known.text if known else Text.OURS)


@dataclass(slots=True)
class _Forced:
    error: Exception
    role_arn: str | None
    times: int


class ForcedErrors:
    """The errors that are due, oldest first."""

    def __init__(self) -> None:
        self._due: list[_Forced] = []
        self._lock = threading.Lock()

    def add(self, error: Exception, role_arn: str | None, times: int) -> None:
        """Order an error for the next calls, of one role or of all."""
        with self._lock:
            self._due.append(_Forced(error, role_arn, times))

    def is_due(self, role_arn: str) -> bool:
        """Whether the next call of a role meets one."""
        return any(forced.role_arn in (None, role_arn) for forced in list(self._due))

    def no_error_is_ordered(self, role_arn: str) -> None:
        """The test ordered no error for this call; else it happens now.

        :raises Rejected: `add_client_error` ordered it.
        :raises OSError: `add_connection_error` ordered it.
        """
        with self._lock:
            forced = next((forced for forced in self._due if forced.role_arn in (None, role_arn)), None)
            if forced is None:
                return
            forced.times -= 1
            if forced.times == 0:
                self._due.remove(forced)
        raise forced.error

    def enter_forked_child(self) -> None:
        """A lock that no thread of the parent holds."""
        self._lock = threading.Lock()
