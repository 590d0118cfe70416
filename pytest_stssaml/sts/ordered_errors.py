"""Errors that a test orders: AWS's own codes, and what production meets beside them."""

import difflib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ..iam.arn import parse_arn
from . import errors
from .errors import (
    CATALOGUE,
    ErrorRow,
    Rejected,
    Text,
)
from .limits import API_VERSION, OPERATION

#: How a connection fails, and what Python calls it.
CONNECTION_ERRORS: dict[str, type[OSError]] = {
    "reset": ConnectionResetError,
    "timeout": TimeoutError,
    "refused": ConnectionRefusedError,
}

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

# What a login is refused with names the login; what AWS says elsewhere names the caller, who is not known yet.
_OF_SESSIONS = (ErrorRow("AccessDenied", 403, "Not authorized to perform sts:$action", Text.OURS),)


class Order(NamedTuple):
    """What a test wrote to order an error, and what makes it, for the ARN of a role."""

    written: str
    error: Callable[[str], Exception]


def client_error(code: str, message: str | None, status: int | None, operation: str) -> Order:
    """The order of a code; a message or status that is given replaces AWS's own.

    :raises ValueError: nobody knows the code, and no message is given.
    """
    rows = (*(() if operation == OPERATION else _OF_SESSIONS), *_USUAL, *CATALOGUE)
    known = next((row for row in rows if row.code == code), ErrorRow(code, 400, None, Text.OURS))
    if known.message is None and message is None:
        raise ValueError(
            f"add_client_error has no message for {code!r}{_guess(code)}; write one as its second argument"
        )
    # $ is doubled: what a test wrote has no fields.
    text = known.message if message is None else message.replace("$", "$$")
    row = ErrorRow(code, known.status if status is None else status, text, known.text)
    written = f"add_client_error({code!r})"

    def error(role_arn: str) -> Rejected:
        arn = parse_arn(role_arn)
        account_id = arn.account_id if arn else "123456789012"
        return Rejected(row, written, account_id=account_id, percent=157, action=operation, version=API_VERSION)

    return Order(written, error)


def _guess(code: str) -> str:
    """The code that was meant: boto3's classes have other names than the codes, which are told apart by case."""
    codes = {row.code.lower(): row.code for row in (*_USUAL, *CATALOGUE)}
    return "".join(f" (did you mean {codes[near]!r}?)" for near in difflib.get_close_matches(code.lower(), codes, n=1))


def connection_error(kind: str) -> Order:
    """The order of a lost connection."""
    written = f"add_connection_error({kind!r})"
    return Order(written, lambda _: CONNECTION_ERRORS[kind](written))


@dataclass(eq=False, slots=True)
class _Forced:
    order: Order
    operation: str
    role_arn: str | None
    times: int
    is_met: bool = False

    def __str__(self) -> str:
        return f"{self.order.written}, {self.operation}" + (f" of {self.role_arn}" if self.role_arn else "")

    def meets(self, operation: str, role_arn: str) -> bool:
        return operation == self.operation and self.role_arn in (None, role_arn)


class ForcedErrors:
    """The errors that are due, oldest first."""

    def __init__(self) -> None:
        self._due: list[_Forced] = []
        self._lock = threading.Lock()

    def add(self, order: Order, operation: str, role_arn: str | None, times: int) -> "_Forced":
        """Order an error for the next calls of an operation, for one role or for all."""
        forced = _Forced(order, operation, role_arn, times)
        with self._lock:
            self._due.append(forced)
        return forced

    def is_due(self, operation: str, role_arn: str) -> bool:
        """Whether the next call of an operation for a role meets one."""
        return any(forced.meets(operation, role_arn) for forced in list(self._due))

    def ordered_by_the_test(self, operation: str, role_arn: str) -> None:
        """The test ordered this answer.

        :raises Rejected: `add_client_error` ordered it.
        :raises OSError: `add_connection_error` ordered it.
        """
        with self._lock:
            forced = next((forced for forced in self._due if forced.meets(operation, role_arn)), None)
            if forced is None:
                return
            forced.is_met = True
            forced.times -= 1
            if forced.times == 0:
                self._due.remove(forced)
        raise forced.order.error(role_arn)

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
