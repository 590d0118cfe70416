"""The sessions that a backend remembers."""

from ...locks import Lock
from ..limits import MOST_SESSIONS
from .session import Session


class RememberedSessions:
    """The latest sessions. Older ones are recognised by their session tokens alone."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._lock = Lock()

    def add(self, session: Session) -> None:
        """Remember a new session, and forget the oldest one if there are too many."""
        with self._lock:
            self._sessions[session.access_key_id] = session
            if len(self._sessions) > MOST_SESSIONS:
                oldest = self._sessions.pop(next(iter(self._sessions)))
                oldest._source.session = None

    def get(self, access_key_id: str) -> Session | None:
        """Return the session of an access key ID, if it is remembered."""
        return self._sessions.get(access_key_id)

    def latest(self) -> tuple[Session, ...]:
        """Return all remembered sessions, oldest first."""
        with self._lock:
            return tuple(self._sessions.values())
