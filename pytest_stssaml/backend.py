"""STSBackend: the AWS side that a test holds."""

import base64
import datetime as dt
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import format_datetime
from typing import Any

from . import current_test
from .adapters import moto_bridge as beside_moto
from .clock import Clock, Instant, Seed
from .iam import arguments
from .iam.accounts import Accounts
from .iam.entities import Role
from .iam.partitions import GLOBAL_REGIONS
from .sts import limits
from .sts.attempts import Attempt, Trail, attempt_of
from .sts.call import Call, Signature, World
from .sts.errors import Rejected
from .sts.operation import OPERATIONS, perform
from .sts.ordered_errors import (
    CONNECTION_ERRORS,
    ForcedErrors,
    client_error,
    connection_error,
)
from .sts.rules.credentials import session_shown
from .sts.sessions.session import Session, Sessions, is_access_key_of
from .sts.sessions.token import is_sealed
from .sts.wire import query
from .sts.wire.sigv4 import Received, read_signature

#: HTTP status, headers and body.
Answer = tuple[int, dict[str, str], str]


class STSBackend(Accounts):
    """AWS as one mock knows it: SAML providers, roles, policies, regions and the time, and STS which decides by them.

    `mock_sts_saml` and the fixture `sts_saml` give it; `account_id` and `partition` are what providers and roles get
    that name none.
    """

    def __init__(self, *, account_id: str, partition: str, seed: Seed) -> None:
        super().__init__(account_id, partition, Clock(seed), beside_moto.MotoIAM())
        self._token_key = self.clock.identifier("token key")
        self._attempts: deque[Attempt] = deque(maxlen=limits.MOST_ATTEMPTS)
        self._sessions = Sessions()
        self._moto = beside_moto.Sessions(self._iam.policy_document)
        self._forced = ForcedErrors()

    def __repr__(self) -> str:
        return f"<STSBackend of account {self.account_id} in {self.partition}>"

    # --- regions and time

    def disable_region(self, region: str) -> None:
        """Switch STS off in a region, for every account; a client without a region calls us-east-1."""
        self._iam.disabled_regions.add(arguments.region(region))

    def enable_region(self, region: str) -> None:
        """Switch STS on again."""
        self._iam.disabled_regions.discard(arguments.region(region))

    def advance(self, *mistaken: object, **delta: float) -> None:
        """Let time pass: the keywords of `datetime.timedelta`, as `advance(minutes=6)`."""
        try:
            step = dt.timedelta(**delta)
        except TypeError as error:
            raise TypeError(
                f"advance() takes the keywords of datetime.timedelta, as advance(minutes=6): {error}"
            ) from error
        if mistaken:
            raise TypeError(f"advance() takes keywords, as advance(minutes=6), not {mistaken[0]!r}")
        self.clock.advance(step)

    def move_to(self, instant: Instant) -> None:
        """Make it another time: a datetime (naive is UTC) or an ISO 8601 text."""
        self.clock.move_to(instant)

    # --- STS

    def handle(
        self,
        form: str | bytes,
        *,
        region: str = "us-east-1",
        user_agent: str = "",
        secure: bool = True,
        method: str = "POST",
        path: str = "/",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Answer one HTTP request to STS, for callers outside botocore: another SDK, a subprocess, a server.

        :param form: the urlencoded body of a POST, or the query string of a GET.
        :param region: which region's endpoint was asked.
        :param user_agent: the header of that name, for the condition key `aws:UserAgent`; left out, that of `headers`.
        :param secure: whether by TLS, for `aws:SecureTransport`.
        :param method: "POST" or "GET".
        :param path: that of the URL, which a session signs; the query may stand behind it.
        :param headers: the request's, by name. They, or the query beside them, sign what a session asks for, as
            GetCallerIdentity and AssumeRole; a login needs none. Host, which is signed, is among them.
        :returns: HTTP status, headers and body. AWS redirects a POST that is no form, as it does one without Action;
            what the content type was, only the caller knows.
        :raises OSError: ConnectionResetError, TimeoutError or ConnectionRefusedError, where `add_connection_error`
            ordered it.
        """
        if not isinstance(form, str | bytes):
            raise TypeError(f"form is an urlencoded body or a query string, not {form!r}; urllib.parse.urlencode it")
        if not isinstance(user_agent, str):
            raise TypeError(f"user_agent is a text, the header of that name, not {user_agent!r}")
        if not isinstance(secure, bool):
            raise TypeError(f"secure is True for https and False for http, not {secure!r}")
        if not isinstance(path, str) or not path.startswith("/"):
            raise ValueError(f"path is that of the URL and begins with a slash, not {path!r}")
        if method not in ("POST", "GET"):
            raise ValueError(f'method is "POST" or "GET", not {method!r}')
        region = arguments.region(region)
        octets = form if isinstance(form, bytes) else form.encode(errors="replace")
        if len(octets) > limits.LONGEST_BODY:
            return self._http(413, "", self._request_id(), self.clock.now())
        text = form if isinstance(form, str) else form.decode(errors="replace")
        path, _, query_string = path.partition("?")
        if method == "GET":
            query_string, text, octets = text or query_string, "", b""
        parameters = query.read_form(f"{query_string}&{text}")
        if "Action" not in parameters:
            return self._http(302, "", self._request_id(), self.clock.now(), Location=limits.PRODUCT_PAGE)
        signature = None
        if headers is not None:
            named = _named(headers)
            signature = self.signer_of(method, path, query_string, named, octets)
            user_agent = user_agent or named.get("user-agent", "")
        return self.answer(parameters, region, user_agent, secure, signature)

    def answer(
        self,
        form: Mapping[str, Any],
        region: str,
        user_agent: str = "",
        secure: bool = True,
        signer: tuple[str, str | None, Callable[[str], bool], tuple[str, ...]] | None = None,
    ) -> Answer:
        """Decide one call, given as form parameters, and write the HTTP response.

        :param signer: of a signed call, what `signer_of` gives.
        :raises OSError: as `handle`.
        """
        signature = None if signer is None else Signature(*signer)
        call = Call(form, GLOBAL_REGIONS.get(region, region), user_agent, secure, signature)
        now = self.clock.now()
        request_id = self._request_id()
        trail = Trail()
        try:
            if self.errors_are_due(form):
                trail.ask(self._forced.ordered_by_the_test, *_aim(form))
            reply = perform(call, self._world(now), trail)
        except Rejected as rejected:
            inner_request_id = self._request_id()
            self._remember(attempt_of(call, now, trail, rejected, rejected.message(request_id=inner_request_id)))
            body = query.write_error(rejected, request_id, inner_request_id)
            return self._http(rejected.error.status, body, request_id, now)
        except OSError as lost:
            self._remember(attempt_of(call, now, trail, lost))
            raise
        if reply.granted:
            self._sessions.remember(reply.session)
            if beside_moto.is_active():
                self._moto.tell(reply.session)
        self._remember(attempt_of(call, now, trail, reply))
        return self._http(200, query.write_success(form["Action"], reply.result, request_id), request_id, now)

    def _world(self, now: dt.datetime) -> World:
        return World(
            self._directory,
            self._iam.disabled_regions,
            now,
            self.clock.identifier,
            self._token_key,
            self._sessions.of,
        )

    def _remember(self, attempt: Attempt) -> None:
        self._attempts.append(attempt)
        current_test.remember(attempt)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The latest 1,000 calls, oldest first: `attempts[-1].explain()` says why STS refused the last."""
        return tuple(self._attempts)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The latest 1,000 sessions of roles that were granted, oldest first."""
        return self._sessions.latest()

    def signer_of(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> Signature | None:
        """Who signed a request, the names of its headers in lower case; None where nobody did, or in another way."""
        return read_signature(Received(method, path, query, headers, body))

    def issued(self, access_key_id: str, session_token: str | None) -> bool:
        """Whether credentials are of this backend's, in part at least, also of a session that it has forgotten."""
        key = self._token_key
        return is_access_key_of(key, access_key_id) or (session_token is not None and is_sealed(session_token, key))

    def used(self, access_key_id: str, session_token: str) -> None:
        """Let moto, if it is active, know whose credentials another service is about to get, if the role is there."""
        if beside_moto.is_active():
            known = self._sessions.of(access_key_id)
            # Another token is for moto's enforcement to see.
            signature = Signature(access_key_id, known.session_token if known else session_token, bool)
            session = session_shown(signature, self._world(self.clock.now()))
            if session is None:
                self._moto.untell(access_key_id)
            else:
                self._moto.tell(session)

    def end(self) -> None:
        """Take back what moto was told."""
        self._moto.forget()

    def errors_are_due(self, form: Mapping[str, Any]) -> bool:
        """Whether the next call with these parameters meets an error that was ordered."""
        return self._forced.is_due(*_aim(form))

    def add_client_error(
        self,
        code: str,
        message: str | None = None,
        status: int | None = None,
        *,
        role: Role | str | None = None,
        times: int = 1,
        operation: str = limits.OPERATION,
    ) -> None:
        """Let the next calls of an operation be refused, whatever they say.

        A client retries as it does at AWS, and each of its attempts counts; it does not wait in between.

        :param code: AWS's code, as "Throttling", "ServiceUnavailable" or "RegionDisabledException".
        :param message: left out, a usual one for that code; a code that is not known here needs one.
        :param status: HTTP status; left out, the code's, else 400.
        :param role: only calls for this role; left out, all.
        :param times: how many calls.
        :param operation: "AssumeRoleWithSAML", or what a session that was issued may ask for, as "AssumeRole" and
            "GetCallerIdentity".
        """
        if not isinstance(code, str) or not code or "_" in code:
            raise TypeError(f'code is AWS\'s code of an error, as "Throttling", not {code!r}')
        if message is not None and not isinstance(message, str):
            raise TypeError(f"message is a text or None, not {message!r}")
        if status is not None and (type(status) is not int or not 400 <= status <= 599):
            raise ValueError(f"status is a number from 400 to 599 or None, not {status!r}")
        current_test.ordered(
            self._forced.add(client_error(code, message, status, operation), *_for(operation, role, times))
        )

    def add_connection_error(
        self,
        kind: str = "reset",
        *,
        role: Role | str | None = None,
        times: int = 1,
        operation: str = limits.OPERATION,
    ) -> None:
        """Let the next calls of an operation get no answer.

        :param kind: "reset" for botocore's ConnectionClosedError, "timeout" for its ReadTimeoutError, "refused" for its
            EndpointConnectionError.
        :param role: only calls for this role; left out, all.
        :param times: how many calls; a client retries at once, and each of its attempts counts.
        :param operation: as for `add_client_error`.
        """
        if kind not in list(CONNECTION_ERRORS):
            raise ValueError(f"kind is one of {', '.join(CONNECTION_ERRORS)}, not {kind!r}")
        current_test.ordered(self._forced.add(connection_error(kind), *_for(operation, role, times)))

    @contextmanager
    def errors_of_a_fixture(self) -> Iterator[None]:
        """Forget in the end what was ordered within. The fixture calls this; it may have joined a mock that goes on."""
        earlier = self._forced.due()
        yield
        self._forced.keep(earlier)

    def _http(self, status: int, body: str, request_id: str, now: dt.datetime, **more: str) -> Answer:
        headers = {
            "x-amzn-RequestId": request_id,
            "x-amz-sts-extended-request-id": base64.b64encode(request_id.encode()).decode(),
            "Content-Type": "text/xml",
            "Content-Length": str(len(body.encode())),
            "Date": format_datetime(now, usegmt=True),
            **more,
        }
        return status, headers, body

    def _request_id(self) -> str:
        return str(uuid.UUID(bytes=self.clock.identifier("request")[:16], version=4))

    def enter_forked_child(self) -> None:
        """Locks that no thread of the parent holds; the clock sees to itself."""
        self._iam.enter_forked_child()
        self._sessions.enter_forked_child()
        self._forced.enter_forked_child()
        self._moto.enter_forked_child()


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    try:
        return {_header(name).lower(): _header(value).strip() for name, value in dict(headers).items()}
    except (TypeError, ValueError, AttributeError) as error:
        raise TypeError(f"headers are a mapping of texts, the request's, not {headers!r}") from error


def _header(text: str | bytes) -> str:
    """ASGI has octets."""
    return text.decode("latin-1") if isinstance(text, bytes) else text


def _aim(form: Mapping[str, Any]) -> tuple[str, str]:
    """What an ordered error goes by: the operation and the role."""
    return str(form.get("Action", limits.OPERATION)), str(form.get("RoleArn", ""))


def _for(operation: str, role: Role | str | None, times: int) -> tuple[str, str | None, int]:
    if operation not in list(OPERATIONS):
        raise ValueError(f"operation is one of {', '.join(OPERATIONS)}, not {operation!r}")
    if role is not None and operation not in (limits.OPERATION, limits.CHAINING):
        raise ValueError(f"{operation} names no role; leave role out")
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise ValueError(f"times is a whole number of calls, at least 1, not {times!r}")
    return operation, None if role is None else arguments.arn_of("role", role), times
