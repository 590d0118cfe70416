"""Where a session comes from."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...iam.directory import Directory

if TYPE_CHECKING:
    from ...iam.policies.variables import Context
    from .decision import Decision
    from .session import Session


class Origin:
    """Where a session comes from: the directory and the clock by which its permissions are decided.

    Copies of a session share it. A session that was pickled has none, since it may be in another process.
    """

    def __init__(self, directory: Directory | None = None, now: Callable[[], dt.datetime] | None = None) -> None:
        self._known = None if directory is None or now is None else (directory, now)

    def __deepcopy__(self, _: Any) -> "Origin":
        return self

    def __reduce__(self) -> tuple[type["Origin"], tuple[()]]:
        return Origin, ()

    def decide(self, session: "Session", action: str, resource: str, context: "Context") -> "Decision":
        """Return whether a session may make a call now.

        :raises LookupError: if the session was pickled, or if the answer depends on a policy that is not known.
        :raises ValueError: if the context contradicts what the session is, or IAM would refuse a policy of moto.
        """
        from .permissions import decision_on  # few tests ask

        directory, read_time = self._asked()
        return decision_on(session, action, resource, context, directory=directory, now=read_time())

    def limit(self, session: "Session", action: str, resource: str) -> str | None:
        """Return which limits of a session do not allow a call: see `permissions.limit_of`.

        :raises LookupError: as `decide`.
        """
        from .permissions import limit_of

        directory, read_time = self._asked()
        return limit_of(session, action, resource, directory=directory, now=read_time())

    def _asked(self) -> tuple[Directory, Callable[[], dt.datetime]]:
        if self._known is None:
            raise LookupError("a session that was pickled does not know its policies; ask the one in sts.sessions")
        return self._known
