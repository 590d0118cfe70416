"""What STS knows about a call: when it arrives, while it is decided, and what it comes to."""

import datetime as dt
from collections.abc import Callable, Container
from typing import TYPE_CHECKING, NamedTuple, cast

from ..iam.directory import Directory
from ..wire import Members, Request
from .errors import ErrorRow
from .ordered_errors import ORDERED_BY_THE_TEST
from .rule import AnyRule, Rejected
from .sessions.origin import Origin
from .sessions.session import Session

if TYPE_CHECKING:
    from .requests.credentials import PresentedCredentials
    from .requests.role_request import RoleRequest


class ServiceState(NamedTuple):
    """What the rules of one call may look at, beside the call itself.

    Attributes:
        directory: where roles, providers and managed policies are looked up.
        disabled_regions: the regions in which STS is switched off.
        global_endpoint_token_version: the version of the session tokens that the global endpoint issues.
        now: the time, read once for the call.
        times_of_clients: reads what the clock of an honest client may show, that of this process first.
        identify: 32 bytes for a purpose and some content; they never repeat.
        token_key: the key that authenticates session tokens.
        remembered_session: the session of an access key ID, if it is remembered.
        origin: what new sessions decide their permissions by.

    """

    directory: Directory
    disabled_regions: Container[str]
    global_endpoint_token_version: str
    now: dt.datetime
    times_of_clients: Callable[[], tuple[dt.datetime, ...]]
    identify: Callable[..., bytes]
    token_key: bytes
    remembered_session: Callable[[str], Session | None]
    origin: Origin = Origin()


class Findings:
    """What STS has found out about a call so far. An attempt that is refused explains itself by it."""

    #: The credentials, and after them the request for a role; None before either is known.
    subject: "PresentedCredentials | RoleRequest | None" = None


class Outcome(NamedTuple):
    """What an accepted call comes to.

    Attributes:
        result: the members of the result, in AWS's order and under AWS's names.
        session: the session that was issued, or that asked.
        issued: whether the session is new.

    """

    result: Members
    session: Session
    issued: bool


class Refusal(NamedTuple):
    """What an attempt needs of an exception, which would keep the whole request in memory by its traceback."""

    #: The row of the catalogue, or None if the connection was lost.
    error: ErrorRow | None
    #: Why the call was refused or lost.
    because: str
    #: The rule that refused it, or one of `ORDERED_RULES`.
    rule: AnyRule

    @classmethod
    def of(cls, error: Rejected | OSError) -> "Refusal":
        """Return what is needed of an exception."""
        if isinstance(error, Rejected):
            return cls(error.error, error.because + error.hint, cast(AnyRule, error.rule))
        return cls(None, str(error), ORDERED_BY_THE_TEST)


class Operation(NamedTuple):
    """An operation: what performs it, and all its rules in the order in which they are checked."""

    perform: Callable[[Request, ServiceState, Findings], Outcome]
    rules: tuple[AnyRule, ...]
