"""botocore's events: handlers that let the active mock answer the calls of every client in this process.

The handler of the event before-call answers at once. Only an error that a test ordered is answered later, in the event
before-send, so that the client's own retries are seen; meanwhile the request has an address that does not exist.

One more handler sees every call of every service, since it may be signed with credentials that the mock issued.
"""

import gc
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Never

import botocore.endpoint
import botocore.handlers
import botocore.hooks
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import BotoCoreError, ConnectionClosedError
from botocore.model import OperationModel

from .. import active_mock, current_test, earlier_mocks
from ..iam.partitions import STS_ENDPOINT
from ..wire import CredentialFault, Request, Respond, Response, Signature, Stage
from .botocore_messages import (
    UnsentRequest,
    awaited_http_response,
    connection_error,
    form_of,
    http_request_of,
    http_response,
    parsed,
    parsed_error,
    protocol_of,
    string,
)
from .moto_presence import is_active

if TYPE_CHECKING:
    from ..other_services.responses import HTTPError

# Not before-send alone: botocore asks every handler of that event, so beside moto our answer would be lost.
_LOGIN_CALLED = "before-call.sts.AssumeRoleWithSAML"
_STS_CALLED = "before-call.sts"
_ANY_CALLED = "before-call"
_SENDING = "before-send.sts"
_ROLE_CREATED, _PROVIDER_CREATED = "after-call.iam.CreateRole", "after-call.iam.CreateSAMLProvider"

_guards: list[Callable[[str], Never]] = []
_installed = False


def guard(fail: Callable[[str], Never]) -> None:
    """Let a login that no mock answers fail at once, until `unguard`. `fail` gets the message, and raises."""
    _guards.append(fail)


#: Who logged in while a guard was on, by the access key IDs: the name of the test, or "", and the number of the mock.
_issued: dict[str, tuple[str, int]] = {}
_ended_mocks = 0


def note_session(access_key_id: str, test: str | None) -> None:
    """Note who got credentials of a mock, so that a guard can name the test when they are used elsewhere."""
    if _guards:
        _issued[access_key_id] = test or "", _ended_mocks


def mock_ended() -> None:
    """Let botocore's endpoint sleep again before it sends a request again, and note that credentials are void."""
    global _ended_mocks
    _ended_mocks += 1
    if botocore.endpoint.time is _no_waiting:
        botocore.endpoint.time = time


def unguard() -> None:
    """Remove the latest guard."""
    _guards.pop()


def install() -> None:
    """Register the handlers with every client, those that exist already included. This happens once per process."""
    global _installed
    if _installed:
        return
    handlers: tuple[tuple[str, Callable[..., Any]], ...] = (
        (_LOGIN_CALLED, answer_login),
        (_STS_CALLED, note_call),
        (_ANY_CALLED, answer_session),
        (_ROLE_CREATED, note_creation),
        (_PROVIDER_CREATED, note_creation),
        (_SENDING, answer_attempt),
    )
    botocore.handlers.BUILTIN_HANDLERS.extend(handlers)  # for every session from now on
    for emitter in _emitters():
        for event, handler in handlers:
            # A unique ID lets botocore register a handler once. A session that began meanwhile may have it twice, which
            # does no harm.
            emitter.register(event, handler, unique_id=handler)
    _installed = True


def _emitters() -> Iterator[botocore.hooks.HierarchicalEmitter]:
    """Yield the event emitters of all sessions and clients; each client has a copy of its session's.

    Every object refers to its class, so the garbage collector knows them all, except those that gc.freeze() hides.
    """
    classes = [botocore.hooks.HierarchicalEmitter]
    for cls in classes:
        classes += cls.__subclasses__()  # aiobotocore has one
    for referrer in gc.get_referrers(*classes):
        if isinstance(referrer, botocore.hooks.HierarchicalEmitter):
            yield referrer


class _Call(NamedTuple):
    """What botocore tells a handler of the event before-call."""

    model: OperationModel
    params: dict[str, Any]
    context: Mapping[str, Any]
    signer: Any

    @property
    def is_awaited(self) -> bool:
        """Whether the client is one of aiobotocore."""
        return type(self.signer).__module__.startswith("aiobotocore")

    def request(self, stage: Stage, signature: Signature | None = None) -> Request:
        """Return a call of STS as a request."""
        return Request(
            form=self.params["body"],
            region=_region(self.params["url"], self.context),
            user_agent=self.params["headers"].get("User-Agent", ""),
            secure=self.params["url"].startswith("https:"),
            signature=signature,
            stage=stage,
        )

    def question(self, signature: Signature) -> Request:
        """Return what STS has to know of a call to any service, before it is signed, to say whether it answers."""
        service = self.model.service_model.service_name
        form = self.params["body"] if service == "sts" else {}
        return Request(form, "", signature=signature, service=service, stage=Stage.CALLED)

    def answer(self, respond: Respond, request: Request) -> tuple[AWSResponse, dict[str, Any]] | None:
        """Return the HTTP response to a request and what botocore reads from it; None lets the call pass.

        If the request cannot be answered before it is sent, let the call pass in such a way that `answer_attempt`
        answers each attempt to send it.
        """
        url = self.params["url"]
        try:
            response = respond(request)
            if response is Stage.SENT and self.is_awaited:  # which has no such way
                response = respond(request._replace(stage=Stage.SENT))
        except OSError as lost:
            raise connection_error(lost, url) from None
        if response is Stage.SENT:
            _redirect_to_nowhere(self.params, self.context)
        if not isinstance(response, Response):
            return None
        return self._received(response), parsed(response, self.model)

    def answer_unsigned(self, stage: Any, signature: Signature) -> tuple[AWSResponse, dict[str, Any]] | None:
        """Return what `answer` does for a call that need not be signed; None lets it pass.

        :param stage: what STS says to the call: that it is to be seen each time that it is sent, that its credentials
            are refused, or nothing.
        """
        if isinstance(stage, CredentialFault):
            return self.refuse(stage, signature)
        if stage is Stage.SENT:
            _redirect_to_nowhere(self.params, self.context)
        return None

    def refuse(self, fault: CredentialFault, signature: Signature) -> tuple[AWSResponse, dict[str, Any]]:
        """Return the HTTP response of a service that refuses the credentials, and what botocore reads from it."""
        from ..other_services.responses import RefusedCall, refusal  # most tests have no such call

        service, clock = self.model.service_model, active_mock.clock()
        call = RefusedCall(
            service=service.service_name,
            protocol=protocol_of(self.model),
            method=self.params["method"],
            json_version=str(service.metadata.get("jsonVersion", "1.0")),
            fault=fault,
            access_key_id=signature.access_key_id,
            session_token=signature.session_token,
        )
        request_id = str(uuid.UUID(bytes=clock.identifier("refused call")[:16], version=4))
        response = refusal(call, request_id, format_datetime(clock.now(), usegmt=True))
        return self._received(response), parsed_error(response, self.model)

    def _received(self, response: "Response | HTTPError") -> Any:
        return (awaited_http_response if self.is_awaited else http_response)(self.params["url"], response)


def answer_login(
    *, model: OperationModel, params: dict[str, Any], context: dict[str, Any], request_signer: Any = None, **_: Any
) -> tuple[AWSResponse, dict[str, Any]] | None:
    """Handle the event before-call of a login: return the HTTP response and what botocore reads from it.

    None lets the call pass.
    """
    active = active_mock.current
    if active is None:
        if _guards:
            _called_outside("AssumeRoleWithSAML")
        return None
    if _is_redirected(params):  # a handler that is registered twice is asked twice
        return None
    call = _Call(model, params, context, request_signer)
    return call.answer(active.respond, call.request(Stage.CALLED))


def note_call(*, model: OperationModel, params: dict[str, Any], **_: Any) -> None:
    """Handle the event before-call of STS: note a call that nothing has answered yet, for the report of the test.

    A handler of every call may still answer it, but then the test does not end with an error of the network.
    """
    current_test.notes.passed = current_test.PassedCall(
        model.name, params["url"], in_mock=active_mock.current is not None
    )


def note_creation(*, parsed: dict[str, Any], **_: Any) -> None:
    """Handle the event after-call of what creates roles and providers: remember those of moto."""
    arn = parsed.get("SAMLProviderArn") or parsed.get("Role", {}).get("Arn")
    if arn and is_active():
        earlier_mocks.remember_moto(arn)


def _called_outside(operation: str) -> Never:
    _guards[-1](
        f"{operation} was called outside of mock_sts_saml, and stssaml_guard is on; use the fixture sts_saml, decorate "
        "the test with @mock_sts_saml, or write `with mock_sts_saml() as sts:`"
    )


def _guard_call(call: _Call, access_key_id: str) -> None:
    """Let a signed call fail that would reach AWS: one of STS, or one with credentials of a mock, which AWS lacks.

    moto may answer it instead, but not what is signed with credentials of a mock that has ended.
    """
    if not _guards:
        return
    service, operation = call.model.service_model.service_name, call.model.name
    test, ended_mocks = _issued.get(access_key_id, (None, 0))
    issued = f"{service} {operation} was called with credentials that mock_sts_saml issued" + (
        f" in {test}" if test else ""
    )
    if test is not None and ended_mocks != _ended_mocks:
        _guards[-1](
            f"{issued}, and stssaml_guard is on; that mock has ended, so log in again within the mock that is active "
            "when the call is made"
        )
    if is_active():
        return
    if test is not None and service != "sts":
        _guards[-1](
            f"{issued}, and stssaml_guard is on; nothing answers {service} in this process, so use moto's mock_aws or "
            "botocore's Stubber"
        )
    if active_mock.current is None and service == "sts" and STS_ENDPOINT.match(call.params["url"]):
        _called_outside(operation)


def _region(url: str, context: Mapping[str, Any]) -> str:
    """Return the region of the endpoint, which is that of the client if the URL is not one of AWS's.

    Older versions of botocore let clients of most regions call the global endpoint, and a test may give any URL.
    """
    # This runs for every signed call to STS, and splitting a URL takes half as long as all the rest.
    endpoint = STS_ENDPOINT.match(url)
    if endpoint is None:
        return context["client_region"] or "aws-global"
    return endpoint["region"].lower() if endpoint["region"] else "aws-global"


# --- calls that are signed with credentials of a mock


def answer_session(
    *, model: OperationModel, params: dict[str, Any], context: dict[str, Any], request_signer: Any = None, **_: Any
) -> Any:
    """Handle the event before-call of every call: answer what a session of the mock asks of STS.

    :returns: as `answer_login`; to be awaited if the client is one of aiobotocore.
    """
    active = active_mock.current
    if (active is None and not _guards) or request_signer is None or _is_unsigned(model):
        return None
    call = _Call(model, params, context, request_signer)
    respond = active.respond if active else _answers_nothing
    if call.is_awaited:
        return _answer_session_awaited(respond, call)
    try:
        credentials = request_signer.get_auth_instance(*_ANY_SCOPE).credentials
    except BotoCoreError:  # a call that needs no credentials passes without them
        return None
    if credentials is None or _is_redirected(params):
        return None
    _guard_call(call, credentials.access_key)
    signature = _unsigned(credentials)
    stage = respond(call.question(signature))
    if stage is not Stage.SIGNED:
        return call.answer_unsigned(stage, signature)
    unsent = UnsentRequest(params, credentials.access_key)
    request_signer.sign(model.name, unsent)
    return _answer_signed(respond, call, unsent)


def _answers_nothing(_: Request) -> None:
    """Answer as AWS's own, while no mock is active."""


async def _answer_session_awaited(respond: Respond, call: _Call) -> Any:
    """Do the same for aiobotocore, which signs asynchronously."""
    try:
        credentials = (await call.signer.get_auth_instance(*_ANY_SCOPE)).credentials
    except BotoCoreError:
        return None
    if credentials is None:
        return None
    _guard_call(call, credentials.access_key)
    signature = _unsigned(credentials)
    stage = respond(call.question(signature))
    if not isinstance(stage, Stage):
        return call.answer_unsigned(stage, signature)
    unsent = UnsentRequest(call.params, credentials.access_key)
    await call.signer.sign(call.model.name, unsent)
    return _answer_signed(respond, call, unsent)


def _answer_signed(respond: Respond, call: _Call, unsent: UnsentRequest) -> tuple[AWSResponse, dict[str, Any]] | None:
    from ..sts.wire.sigv4 import read_signature  # a login is not signed

    http_request = http_request_of(unsent)
    signature = read_signature(http_request)
    # An event may have switched signing off, and then the call is not ours. If the client signs by another version than
    # 4, the access key is there, and STS sees no signature.
    if signature is None and unsent.access_key_id not in str(http_request):
        return None
    # Signing may have refreshed the credentials, and then the call may not be ours either.
    request = call.request(Stage.SIGNED, signature)
    if unsent.data is not call.params["body"]:  # a handler has replaced it before it was signed
        request = request._replace(form=form_of(http_request))
    return call.answer(respond, request)


def _is_unsigned(model: OperationModel) -> bool:
    """Return whether an operation needs no credentials: asking for some may begin the very call that asks."""
    # Older versions of botocore do not say so about these two in the model.
    return model.auth_type == "none" or model.name in ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")


# Service, region and signature version. They do not matter, since only the credentials are asked for.
_ANY_SCOPE = ("sts", "us-east-1", "v4")


def _unsigned(credentials: Any) -> Signature:
    """Return what is known about a signature before it is made."""
    return Signature(credentials.access_key, credentials.token, _is_not_made)


def _is_not_made(_: str) -> bool:
    return False


# --- errors that a test ordered

# It is not a service of AWS, so moto does not know the address either. The headers never leave this process.
_NOWHERE = "https://pytest-stssaml.invalid/"
_REGION, _URL = "X-Stssaml-Region", "X-Stssaml-Url"


def _is_redirected(params: Mapping[str, Any]) -> bool:
    return _URL in params["headers"]


def _redirect_to_nowhere(params: dict[str, Any], context: Mapping[str, Any]) -> None:
    """Let a client send its request to an address that does not exist, where `answer_attempt` answers."""
    params["headers"].update({_REGION: _region(params["url"], context), _URL: params["url"]})
    params["url"] = _NOWHERE
    if botocore.endpoint.time is time:  # or a test has replaced it
        botocore.endpoint.time = _no_waiting


def answer_attempt(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
    """Handle the event before-send: return the HTTP response to each attempt to send a redirected request."""
    if _URL not in request.headers:
        return None
    from ..sts.wire.sigv4 import read_signature

    http_request = http_request_of(request)  # before the two headers are removed, since they may be signed too
    # They are removed so that a handler that is registered twice answers once.
    region, url = (string(request.headers.pop(name)) for name in (_REGION, _URL))
    active = active_mock.current
    if active is None:  # the mock has ended meanwhile
        action = form_of(http_request).get("Action", "")
        current_test.notes.passed = current_test.PassedCall(action, url, in_mock=False)
        raise ConnectionClosedError(endpoint_url=url)
    try:
        response = active.respond(
            Request(
                form=form_of(http_request),
                region=region,
                user_agent=string(request.headers.get("User-Agent", "")),
                secure=url.startswith("https:"),
                signature=read_signature(http_request),
            )
        )
    except OSError as lost:
        raise connection_error(lost, url) from None
    return http_response(url, response) if isinstance(response, Response) else None


class _NoWaiting:
    """The module `time` for botocore's endpoint, which sleeps through it before it sends a request again.

    Only a redirected call does not sleep. botocore's `_needs_retry` names its request `request_dict`.
    """

    def sleep(self, seconds: float) -> None:
        # sleep() gets only a number of seconds, so the frame of its caller is the only way to know which call waits.
        request = sys._getframe(1).f_locals.get("request_dict", {})  # noqa: SLF001 - see above
        if _URL not in request.get("headers", ()):
            time.sleep(seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


_no_waiting = _NoWaiting()
