"""Errors that a test orders: AWS's own codes, and what production meets beside them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from . import errors
from .errors import CATALOGUE, ErrorRow, Rejected, Text
from .iam import parse_arn
from .limits import API_VERSION, OPERATION

__all__ = ["CONNECTION_ERRORS", "ForcedErrors", "client_error", "connection_error"]

#: How a connection fails, and what Python calls it.
CONNECTION_ERRORS: dict[str, type[OSError]] = {"reset": ConnectionResetError, "timeout": TimeoutError}

# Codes that every service of AWS's may answer with (API references, common errors), whose words are ours, and of STS's
# codes the row that is met most often.
_USUAL = (
    ErrorRow("Throttling", 400, "Rate exceeded", Text.OURS),
    ErrorRow("ThrottlingException", 400, "Rate exceeded", Text.OURS),
    ErrorRow("RequestLimitExceeded", 503, "Request limit exceeded.", Text.OURS),
    ErrorRow("ServiceUnavailable", 503, "Service Unavailable", Text.OURS),
    ErrorRow("InternalFailure", 500, "Internal Failure", Text.OURS),
    errors.BAD_SIGNATURE,
    errors.LONGER_THAN_ROLE_MAXIMUM,
)


def client_error(code: str, message: str | None, status: int | None) -> Callable[[str], Rejected]:
    """What makes the error of a code, for the ARN of a role; a message or status that is given replaces AWS's own."""
    known = next((row for row in (*_USUAL, *CATALOGUE) if row.code == code), ErrorRow(code, 400, None, Text.OURS))
    # $ is doubled: what a test wrote has no fields.
    text = known.message if message is None else message.replace("$", "$$")
    row = ErrorRow(code, known.status if status is None else status, text, known.text)
    because = f"add_client_error({code!r})"

    def error(role_arn: str) -> Rejected:
        arn = parse_arn(role_arn)
        account_id = arn.account_id if arn else "123456789012"
        return Rejected(row, because, account_id=account_id, percent=157, action=OPERATION, version=API_VERSION)

    return error


def connection_error(kind: str) -> Callable[[str], OSError]:
    """What makes the error of a lost connection."""
    return lambda _: CONNECTION_ERRORS[kind](f"add_connection_error({kind!r})")


@dataclass(eq=False, slots=True)
class _Forced:
    error: Callable[[str], Exception]
    role_arn: str | None
    times: int


class ForcedErrors:
    """The errors that are due, oldest first."""

    def __init__(self) -> None:
        self._due: list[_Forced] = []
        self._lock = threading.Lock()

    def add(self, error: Callable[[str], Exception], role_arn: str | None, times: int) -> None:
        """Order an error for the next calls, of one role or of all."""
        with self._lock:
            self._due.append(_Forced(error, role_arn, times))

    def is_due(self, role_arn: str) -> bool:
        """Whether the next call of a role meets one."""
        return any(forced.role_arn in (None, role_arn) for forced in list(self._due))

    def ordered_by_the_test(self, role_arn: str) -> None:
        """The test ordered this answer.

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
        raise forced.error(role_arn)

    def due(self) -> list[_Forced]:
        """What is due."""
        with self._lock:
            return list(self._due)

    def keep(self, earlier: list[_Forced]) -> None:
        """Forget what was ordered since."""
        with self._lock:
            self._due = [forced for forced in self._due if forced in earlier]

    def enter_forked_child(self) -> None:
        """A lock that no thread of the parent holds."""
        self._lock = threading.Lock()
