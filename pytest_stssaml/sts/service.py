"""STS as a service: it answers requests, and remembers sessions, attempts and ordered errors."""

import datetime as dt
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..iam.directory import Directory
from ..iam.partitions import GLOBAL_REGIONS, V1_TOKEN
from ..wire import CredentialFault, Members, Request, Response, Signature, Stage
from . import limits
from .attempts.call import Call
from .operation import SESSION_OPERATIONS, offered_login, perform
from .ordered_errors import OrderedErrors
from .requests.saml_login import SAMLLogin
from .rule import Rejected
from .sessions.access_keys import is_access_key_of
from .sessions.memory import RememberedSessions
from .sessions.origin import Origin
from .sessions.session import Session
from .sessions.token import is_sealed
from .state import Findings, Outcome, Refusal, ServiceState
from .wire.query_response import Document, error_document, error_members, extended_request_id, success_document

if TYPE_CHECKING:
    from .attempts.attempt import Attempt


class Observer(Protocol):
    """What wants to know what happens at STS."""

    def called(self, call: Call, /) -> None:
        """Take note of a call that was answered or lost."""

    def issued(self, session: Session, /) -> None:
        """Take note of a new session."""

    def used(self, access_key_id: str, presented: Callable[[], Session | CredentialFault], /) -> CredentialFault | None:
        """Take note that another service is about to be called with credentials of this STS.

        :param presented: gives the session, or why AWS would refuse the credentials.
        :returns: that reason, if the call has to be refused in this process.
        """


class STS:
    """The AWS STS of a mock.

    :param directory: where roles, providers and policies are looked up.
    :param now: reads the time; once per request.
    :param times_of_clients: reads what the clock of an honest client may show.
    :param identify: 32 bytes for a purpose and some content; they never repeat.
    """

    def __init__(
        self,
        directory: Directory,
        now: Callable[[], dt.datetime],
        times_of_clients: Callable[[], tuple[dt.datetime, ...]],
        identify: Callable[..., bytes],
        observer: Observer,
    ) -> None:
        self._directory = directory
        self._read_time = now
        self._read_times_of_clients = times_of_clients
        self._identify = identify
        self._observer = observer
        self._token_key = identify("token key")
        self._attempts: deque[Call] = deque(maxlen=limits.MOST_ATTEMPTS)
        self._sessions = RememberedSessions()
        self._origin = Origin(directory, now)
        #: The errors that the test ordered.
        self.ordered_errors = OrderedErrors()
        #: The regions in which STS is switched off, for every account.
        self.disabled_regions: set[str] = set()
        #: The version of the session tokens that the global endpoint issues, for every account.
        self.global_endpoint_token_version = V1_TOKEN

    @property
    def attempts(self) -> "tuple[Attempt, ...]":
        """The latest 1,000 calls, oldest first."""
        return tuple(call.attempt() for call in list(self._attempts))

    @property
    def cloudtrail_events(self) -> tuple[dict[str, Any], ...]:
        """What CloudTrail logs of those calls, oldest first, at most 1,000 events."""
        events = [event for call in list(self._attempts) for event in call.cloudtrail_events()]
        return tuple(events[-limits.MOST_ATTEMPTS :])

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The latest 1,000 sessions that were issued, oldest first."""
        return self._sessions.latest()

    def respond(self, request: Request) -> Response | Stage | CredentialFault | None:
        """Answer a request of a client in this process.

        :returns: None if the request is for AWS or another mock; the stage at which to ask again if it cannot be
            answered yet; the fault for which another service refuses it; else the response.
        :raises OSError: as `answer`.
        """
        signature = request.signature
        if signature is not None and request.stage is not Stage.SENT:
            if not self._issued(signature.access_key_id, signature.session_token):
                return None
            if request.service != "sts" or request.form.get("Action") not in SESSION_OPERATIONS:
                return self._observer.used(signature.access_key_id, lambda: self._presented(signature))
        if request.stage is Stage.CALLED:
            # A client sends again what met an ordered error, so each time that it sends has to be seen.
            if self.ordered_errors.is_due(*_aim(request.form)):
                return Stage.SENT
            if signature is not None:
                return Stage.SIGNED
        return self.answer(request)

    def _issued(self, access_key_id: str, session_token: str | None) -> bool:
        """Return whether this STS issued the access key or the token, also for a session that it has forgotten."""
        if self._sessions.get(access_key_id) is not None:
            return True
        key = self._token_key
        return is_access_key_of(key, access_key_id) or (session_token is not None and is_sealed(session_token, key))

    def _presented(self, signature: Signature) -> Session | CredentialFault:
        from .rules.credentials import session_presented  # few tests call other services

        return session_presented(signature, self._state(self._read_time()))

    def answer(self, request: Request) -> Response:
        """Answer a request that has arrived at the endpoint.

        :raises OSError: if `add_connection_error` ordered it.
        """
        if request.region in GLOBAL_REGIONS:
            request = request._replace(region=GLOBAL_REGIONS[request.region], by_global_endpoint=True)
        now, findings = self._read_time(), Findings()
        request_id = self._new_request_id()
        try:
            self.ordered_errors.meet(*_aim(request.form))
            outcome = perform(request, self._state(now), findings)
        except Rejected as rejected:
            inner_request_id = self._new_request_id()
            message = rejected.message(request_id=inner_request_id)
            self._remember(Call(request, now, findings, Refusal.of(rejected), message, request_id=request_id))
            error = error_members(rejected.error, message)
            document = error_document(rejected.error, error, request_id)
            return self._http(rejected.error.status, document, request_id, now, error=error)
        except OSError as lost:
            self._remember(Call(request, now, findings, Refusal.of(lost)))
            raise
        return self._accept(request, now, request_id, findings, outcome)

    def _accept(
        self, request: Request, now: dt.datetime, request_id: str, findings: Findings, outcome: Outcome
    ) -> Response:
        if outcome.issued:
            self._sessions.add(outcome.session)
            self._observer.issued(outcome.session)
        self._remember(Call(request, now, findings, outcome, request_id=request_id))
        document = success_document(request.form["Action"], outcome.result, request_id)
        return self._http(200, document, request_id, now, result=outcome.result)

    # --- for the sign-in pages

    def offered_login(self, request: Request) -> SAMLLogin:
        """Return a login whose response is accepted as far as AWS checks it before a role is chosen.

        Nothing is issued or remembered.

        :raises Rejected: if a rule refuses.
        """
        return offered_login(request, self._state(self._read_time()))

    def session_of_credentials(self, signature: Signature, region: str) -> Session:
        """Return the session of some credentials that are presented without a signed request.

        :raises Rejected: if they are not those of a session that is valid in the region.
        """
        from .session_operations import session_of_credentials

        return session_of_credentials(signature, region, self._state(self._read_time()))

    def remembered_session(self, access_key_id: str) -> Session | None:
        """Return the session of an access key ID, if it is remembered."""
        return self._sessions.get(access_key_id)

    def plain_response(self, status: int, headers: Mapping[str, str] | None = None) -> Response:
        """Return a response without a body, for a request that is not in the query protocol."""
        return self._http(status, None, self._new_request_id(), self._read_time(), headers)

    def _state(self, now: dt.datetime) -> ServiceState:
        return ServiceState(
            self._directory,
            self.disabled_regions,
            self.global_endpoint_token_version,
            now,
            self._read_times_of_clients,
            self._identify,
            self._token_key,
            self._sessions.get,
            self._origin,
        )

    def _remember(self, call: Call) -> None:
        self._attempts.append(call)
        self._observer.called(call)

    def _http(
        self,
        status: int,
        document: Document | None,
        request_id: str,
        now: dt.datetime,
        more_headers: Mapping[str, str] | None = None,
        *,
        result: Members | None = None,
        error: Members | None = None,
    ) -> Response:
        headers = {
            "x-amzn-RequestId": request_id,
            "x-amz-sts-extended-request-id": extended_request_id(request_id),
            "Content-Type": "text/xml",
            "Content-Length": str(document.size() if document else 0),
            "Date": format_datetime(now, usegmt=True),
            **(more_headers or {}),
        }
        write = document.write if document else None
        return Response(status, headers, request_id, result=result, error=error, write=write)

    def _new_request_id(self) -> str:
        digits = self._identify("request")[:16].hex()
        # A UUID of version 4, whose variant is "8" (RFC 9562). The class UUID takes twice as long as the rest of this.
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def _aim(form: Mapping[str, Any]) -> tuple[str, str]:
    """Return the operation and the role, by which ordered errors are chosen."""
    return str(form.get("Action", limits.SAML_LOGIN)), str(form.get("RoleArn", ""))
