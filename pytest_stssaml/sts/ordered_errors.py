"""Errors that a test orders: AWS's error codes, and lost connections."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..iam.arn import parse_arn
from ..keywords import did_you_mean
from ..locks import Lock
from . import errors
from .errors import CATALOGUE, ErrorRow, Provenance
from .limits import API_VERSION, SAML_LOGIN
from .rule import Confidence, Rejected, Rule

#: How a connection fails, and the exception that Python raises for it.
CONNECTION_ERRORS: dict[str, type[OSError]] = {
    "reset": ConnectionResetError,
    "timeout": TimeoutError,
    "refused": ConnectionRefusedError,
}

# Codes that every AWS service may answer with (API references, common errors); their words are ours. For codes of STS
# itself, the row that is met most often.
_COMMON_ERRORS = (
    ErrorRow("Throttling", 400, "Rate exceeded", Provenance.OURS),
    ErrorRow("ThrottlingException", 400, "Rate exceeded", Provenance.OURS),
    ErrorRow("RequestLimitExceeded", 503, "Request limit exceeded.", Provenance.OURS),
    ErrorRow("ServiceUnavailable", 503, "Service Unavailable", Provenance.OURS),
    ErrorRow("InternalFailure", 500, "Internal Failure", Provenance.OURS),
    errors.BAD_SIGNATURE,
    errors.LONGER_THAN_ROLE_MAXIMUM,
)

# The catalogue's AccessDenied names the operation of a login. AWS's text for other operations names the caller, who is
# not known when the error is ordered.
_ERRORS_OF_SESSIONS = (ErrorRow("AccessDenied", 403, "Not authorized to perform sts:$action", Provenance.OURS),)


class Order(NamedTuple):
    """What a test ordered.

    Attributes:
        written: the call as the test wrote it.
        error: makes the exception for the ARN of a role.
        place: the file and the line of the call, such as "test_login.py:12"; None for what a fixture ordered.

    """

    written: str
    error: Callable[[str], Exception]
    place: str | None = None


def client_error(code: str, message: str | None, status: int | None, operation: str) -> Order:
    """Return the order of an error code. A given message or status replaces AWS's own.

    The order is that of the first caller outside of this package.

    :raises ValueError: if the code is not known and no message is given.
    """
    rows = (*(() if operation == SAML_LOGIN else _ERRORS_OF_SESSIONS), *_COMMON_ERRORS, *CATALOGUE)
    known = next((row for row in rows if row.code == code), ErrorRow(code, 400, None, Provenance.OURS))
    if known.message is None and message is None:
        raise ValueError(
            f"add_client_error has no message for {code!r}{_guess(code)}; write one as its second argument"
        )
    # $ is doubled, since the words of a test have no fields.
    text = known.message if message is None else message.replace("$", "$$")
    row = ErrorRow(code, known.status if status is None else status, text, known.provenance)
    written = f"add_client_error({code!r})"
    return Order(written, _refusal(row, written, operation), _place())


def forced_rejection(name: str, row: ErrorRow, message: str) -> Order:
    """Return the order of the fixture `saml_rejection`, for a rejection that no response can cause."""
    written = f"saml_rejection[{name}]"
    row = ErrorRow(row.code, row.status, message.replace("$", "$$"), row.provenance)
    return Order(written, _refusal(row, f"{written}, whose .forced is True", SAML_LOGIN))


def _refusal(row: ErrorRow, written: str, operation: str) -> Callable[[str], Rejected]:
    """Return what makes the exception for the ARN of a role."""

    def error(role_arn: str) -> Rejected:
        arn = parse_arn(role_arn)
        account_id = arn.account_id if arn else "123456789012"
        return Rejected(row, written, account_id=account_id, percent=157, action=operation, version=API_VERSION)

    return error


_PACKAGE = __name__.partition(".")[0]


def _place() -> str:
    """Return the file and the line of the nearest caller outside of this package."""
    frame = sys._getframe(1)  # noqa: SLF001 - inspect.stack() reads the source of every frame
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == _PACKAGE:
        frame = frame.f_back
    path = Path(frame.f_code.co_filename)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{shown}:{frame.f_lineno}"


def _guess(code: str) -> str:
    """Return a question that names a similar code: boto3's exception classes have other names than the codes."""
    question = did_you_mean(code, [row.code for row in (*_COMMON_ERRORS, *CATALOGUE)])
    return f" ({question})" if question else ""


def connection_error(kind: str) -> Order:
    """Return the order of a lost connection."""
    written = f"add_connection_error({kind!r})"
    return Order(written, lambda _: CONNECTION_ERRORS[kind](written), _place())


@dataclass(eq=False, slots=True)
class OrderedError:
    """An error that the next matching calls meet."""

    order: Order
    #: The operation that it is for.
    operation: str
    #: The role that it is for, or None for every role.
    role_arn: str | None
    #: How many more calls meet it.
    times: int
    #: Whether a test may end although no call has met it.
    optional: bool = False
    #: Whether a call has met it.
    is_met: bool = False

    def __str__(self) -> str:
        return f"{self.order.written}, {self.operation}" + (f" of {self.role_arn}" if self.role_arn else "")

    def matches(self, operation: str, role_arn: str) -> bool:
        """Return whether a call meets the error."""
        return operation == self.operation and self.role_arn in (None, role_arn)


class OrderedErrors:
    """The errors that are due, oldest first."""

    def __init__(self) -> None:
        self._due: list[OrderedError] = []
        self._lock = Lock()

    def add(
        self, order: Order, operation: str, role_arn: str | None, times: int, *, optional: bool = False
    ) -> OrderedError:
        """Order an error for the next calls of an operation, for one role or for all."""
        ordered = OrderedError(order, operation, role_arn, times, optional)
        with self._lock:
            self._due.append(ordered)
        return ordered

    def is_due(self, operation: str, role_arn: str) -> bool:
        """Return whether the next call of an operation for a role meets an error."""
        return bool(self._due) and any(ordered.matches(operation, role_arn) for ordered in list(self._due))

    def meet(self, operation: str, role_arn: str) -> None:
        """Raise the first error that a call meets, if there is one.

        :raises Rejected: if `add_client_error` ordered it.
        :raises OSError: if `add_connection_error` ordered it.
        """
        if not self._due:  # as nearly always, and the lock costs more than this
            return
        with self._lock:
            ordered = next((ordered for ordered in self._due if ordered.matches(operation, role_arn)), None)
            if ordered is None:
                return
            ordered.is_met = True
            ordered.times -= 1
            if ordered.times == 0:
                self._due.remove(ordered)
        error = ordered.order.error(role_arn)
        if isinstance(error, Rejected):
            error.rule = ORDERED_BY_THE_TEST if ordered.order.place else ORDERED_BY_SAML_REJECTION
        raise error

    def due(self) -> list[OrderedError]:
        """Return the errors that are due."""
        with self._lock:
            return list(self._due)

    def unmet(self, earlier: Iterable[OrderedError] = ()) -> list[OrderedError]:
        """Return the errors that no call has met and that are not optional, without some earlier ones."""
        return [ordered for ordered in self.due() if not (ordered.is_met or ordered.optional or ordered in earlier)]

    def keep(self, earlier: list[OrderedError]) -> None:
        """Forget the errors that were ordered since `due` returned `earlier`."""
        with self._lock:
            self._due = [ordered for ordered in self._due if ordered in earlier]


#: What an attempt names as failed if the test ordered the answer. It is checked before all rules of AWS.
ORDERED_BY_THE_TEST = Rule(
    "ordered_by_the_test", "The test ordered this answer", "", Confidence.OURS, OrderedErrors.meet
)

#: The same for a rejection of the fixture `saml_rejection` whose `forced` is True.
ORDERED_BY_SAML_REJECTION = Rule(
    "ordered_by_saml_rejection",
    "The fixture saml_rejection ordered this answer, since the region or the arguments of the caller cause it at AWS",
    "",
    Confidence.OURS,
    OrderedErrors.meet,
)

ORDERED_RULES = (ORDERED_BY_THE_TEST, ORDERED_BY_SAML_REJECTION)


def message_of_unmet(errors: Sequence[OrderedError], calls: Iterable[str]) -> str:
    """Return the message for a test that ordered errors which no call has met.

    :param calls: a line for each call that came instead.
    """
    lines = [
        f"no call met {ordered}" + (f", ordered at {ordered.order.place}" if ordered.order.place else "")
        for ordered in errors
    ]
    came = [f"  {call}" for call in calls]
    lines += ["the calls that came instead:", *came] if came else ["STS was not called"]
    places = [ordered.order.place for ordered in errors]
    remedies = [_REMEDY] * any(places) + [_REMEDY_FOR_FORCED] * (None in places)
    return "\n".join((*lines, *remedies))


_REMEDY_FOR_FORCED = (
    "log in with the rejection, or choose others with parametrize('saml_rejection', [...], indirect=True); AWS's "
    "answer to it is an ordered error (.forced is True)"
)
_REMEDY = "if the call may be missing, write add_client_error(..., optional=True), and likewise for connection errors"
