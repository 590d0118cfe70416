"""botocore lives here and nowhere else: a before-call event becomes form parameters, an answer becomes its response.

An error that a test ordered is answered later, in before-send, so that the client's own retries are seen; meanwhile the
request goes to an address that nobody knows. Of every call of every service it is asked first whose access key signs
it; those that the responder did not issue are none of our business.
"""

import gc
import io
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Never, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import botocore.endpoint
import botocore.handlers
import botocore.hooks
import botocore.parsers
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.exceptions import BotoCoreError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.model import OperationModel

#: Who signs a request: access key, session token, whether a secret access key made the signature, and the headers that
#: it covers and that did not come.
Signer = tuple[str, str | None, Callable[[str], bool], tuple[str, ...]]


class Responder(Protocol):
    """What answers instead of AWS."""

    def answer(
        self, form: Mapping[str, Any], region: str, user_agent: str, secure: bool, signer: Signer | None = None, /
    ) -> tuple[int, dict[str, str], str]:
        """HTTP status, headers and body for some form parameters, and for who signed them."""

    def errors_are_due(self, form: Mapping[str, Any], /) -> bool:
        """Whether the next answer is an error that was ordered."""

    def signer_of(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, /
    ) -> Signer | None:
        """Who signed a request, the names of its headers in lower case; None where nobody did."""

    def issued(self, access_key_id: str, session_token: str | None, /) -> bool:
        """Whether an access key or a session token is the responder's own."""

    def used(self, access_key_id: str, session_token: str, /) -> None:
        """Credentials of its own are about to be used with something that it does not answer."""


# Not before-send: there botocore asks every handler, and beside moto's our answer would be lost.
_EVENT = "before-call.sts.AssumeRoleWithSAML"
_EVERY_EVENT = "before-call"
_GLOBAL_ENDPOINT = "sts.amazonaws.com"
_SENDING = "before-send.sts"

_responder: Responder | None = None
_guards: list[Callable[[str], Never]] = []
_installed = False


def respond_with(responder: Responder | None) -> None:
    """Let a responder answer every AssumeRoleWithSAML call of this process; None lets them pass."""
    global _responder
    _responder = responder
    if botocore.endpoint.time is _no_waiting:
        botocore.endpoint.time = time


def guard(fail: Callable[[str], Never]) -> None:
    """Let a call that no responder answers fail at once, until `unguard`; `fail` is told what to say, and raises."""
    _guards.append(fail)


def unguard() -> None:
    """Take the latest guard away."""
    _guards.pop()


def install() -> None:
    """Be asked about the calls of every client, those that exist already included; once per process."""
    global _installed
    if _installed:
        return
    handlers: tuple[tuple[str, Callable[..., Any]], ...] = (
        (_EVENT, answer),
        (_EVERY_EVENT, answer_session),
        (_SENDING, answer_again),
    )
    botocore.handlers.BUILTIN_HANDLERS.extend(handlers)  # every session from now on
    for emitter in _emitters():
        for event, handler in handlers:
            # botocore's own way to register once; a session that began meanwhile may ask twice, which does no harm.
            emitter.register(event, handler, unique_id=handler)
    _installed = True


def _emitters() -> Iterator[botocore.hooks.HierarchicalEmitter]:
    """Every event emitter of every session and client; each client has a copy of its session's.

    An object refers to its class, so the garbage collector knows them all, except what gc.freeze() hid.
    """
    classes = [botocore.hooks.HierarchicalEmitter]
    for cls in classes:
        classes += cls.__subclasses__()  # aiobotocore has one
    for referrer in gc.get_referrers(*classes):
        if isinstance(referrer, botocore.hooks.HierarchicalEmitter):
            yield referrer


def answer(
    *, model: OperationModel, params: dict[str, Any], context: dict[str, Any], request_signer: Any = None, **_: Any
) -> tuple[AWSResponse, dict[str, Any]] | None:
    """The handler of the before-call event: an HTTP response and what botocore reads in it, or None to let it pass."""
    responder = _responder
    if responder is None:
        if _guards:
            _guards[-1](
                "AssumeRoleWithSAML was called outside of mock_sts_saml, and stssaml_guard is on; use the fixture "
                "sts_saml, decorate the test with @mock_sts_saml, or write `with mock_sts_saml() as sts:`"
            )
        return None
    awaited = _is_awaited(request_signer)
    if not awaited and _steps_aside(responder, params, context):
        return None
    return _answered(responder, model, params, context, awaited=awaited)


def _answered(
    responder: Responder,
    model: OperationModel,
    params: dict[str, Any],
    context: dict[str, Any],
    signer: Signer | None = None,
    *,
    awaited: bool,
) -> tuple[AWSResponse, dict[str, Any]]:
    url = params["url"]
    try:
        status, headers, body = responder.answer(
            params["body"],
            _region(url, context),
            params["headers"].get("User-Agent", ""),
            url.startswith("https:"),
            signer,
        )
    except OSError as lost:
        raise _connection_error(lost, url) from None
    response = (_awaited if awaited else AWSResponse)(url, status, headers, _Body(body.encode()))
    return response, _parsed(status, response.headers, body.encode(), model)


def _region(url: str, context: Mapping[str, Any]) -> str:
    """That of the endpoint: older versions of botocore let clients of most regions call the global one."""
    return "aws-global" if urlsplit(url).hostname == _GLOBAL_ENDPOINT else context["client_region"] or "aws-global"


def _is_awaited(request_signer: Any) -> bool:
    return type(request_signer).__module__.startswith("aiobotocore")


# --- calls that are signed with credentials of the responder's own

_OF_SESSIONS = frozenset({"AssumeRole", "GetCallerIdentity", "GetFederationToken", "GetSessionToken"})


def answer_session(
    *, model: OperationModel, params: dict[str, Any], context: dict[str, Any], request_signer: Any = None, **_: Any
) -> Any:
    """The handler of every before-call event: what a session is answered, or None to let a call pass.

    :returns: as `answer`, to be awaited where the client is aiobotocore's.
    """
    responder = _responder
    if responder is None or request_signer is None or _is_unsigned(model):
        return None
    if _is_awaited(request_signer):
        return _answer_session_awaited(responder, model, params, context, request_signer)
    credentials = _credentials(request_signer)
    if credentials is None or not responder.issued(credentials.access_key, credentials.token):
        return None
    if not _is_of_sessions(model):
        responder.used(credentials.access_key, credentials.token or "")
        return None
    if _steps_aside(responder, params, context):
        return None
    request = _Request(params, credentials.access_key)
    request_signer.sign(model.name, request)
    return _answered_to(request, responder, model, params, context, awaited=False)


async def _answer_session_awaited(
    responder: Responder, model: OperationModel, params: dict[str, Any], context: dict[str, Any], request_signer: Any
) -> Any:
    """The same for aiobotocore, which signs asynchronously."""
    try:
        credentials = (await request_signer.get_auth_instance(*_ANY_SCOPE)).credentials
    except BotoCoreError:
        return None
    if credentials is None or not responder.issued(credentials.access_key, credentials.token):
        return None
    if not _is_of_sessions(model):
        responder.used(credentials.access_key, credentials.token or "")
        return None
    request = _Request(params, credentials.access_key)
    await request_signer.sign(model.name, request)
    return _answered_to(request, responder, model, params, context, awaited=True)


def _answered_to(
    request: "_Request",
    responder: Responder,
    model: OperationModel,
    params: dict[str, Any],
    context: dict[str, Any],
    *,
    awaited: bool,
) -> tuple[AWSResponse, dict[str, Any]] | None:
    received = _received(request)
    signer = responder.signer_of(*received)
    # An event may have switched signing off; where it went by another version than 4, STS sees no signature.
    if signer is None and request.access_key not in str(received):
        return None
    # Signing may have refreshed the credentials.
    if signer is not None and not responder.issued(signer[0], signer[1]):
        return None
    if request.data is not params["body"]:  # a handler has put another in its place before it was signed
        params = {**params, "body": _form(received)}
    return _answered(responder, model, params, context, signer, awaited=awaited)


def _is_unsigned(model: OperationModel) -> bool:
    """Whether an operation needs no credentials: to ask for some may begin the very call that asks."""
    # Older versions of botocore do not say it of these two in the model.
    return model.auth_type == "none" or model.name in ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")


def _is_of_sessions(model: OperationModel) -> bool:
    return model.name in _OF_SESSIONS and model.service_model.service_name == "sts"


# Service, region and signature version: it is asked whose credentials sign, and not for a signature.
_ANY_SCOPE = ("sts", "us-east-1", "v4")


def _credentials(request_signer: Any) -> Any:
    """The credentials with which a client signs; None where it has none."""
    try:
        return request_signer.get_auth_instance(*_ANY_SCOPE).credentials
    except BotoCoreError:  # a call that needs none passes without them
        return None


class _Request(AWSRequest):  # type: ignore[misc] # botocore has no types
    """The request that would be sent, with whose credentials it is to be signed; it is verified, and goes nowhere."""

    def __init__(self, params: Mapping[str, Any], access_key: str) -> None:
        said = {name: params[name] for name in ("method", "url", "headers")}
        super().__init__(data=params["body"], auth_path=params.get("auth_path"), **said)
        self.context = params["context"]
        self.access_key = access_key

    @cached_property
    def body(self) -> bytes:
        """Encoded once, when those have had their say who may change it before it is signed."""
        return urlencode(self.data, doseq=True).encode() if isinstance(self.data, dict) else super().body or b""


_Received = tuple[str, str, str, dict[str, str], bytes]


def _received(request: AWSRequest | AWSPreparedRequest) -> _Received:
    """What AWS would receive of a signed request: method, path, query, headers, body."""
    url = urlsplit(request.url)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    port = "" if url.port in (None, {"http": 80, "https": 443}.get(url.scheme)) else f":{url.port}"
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    body = request.body or b""
    body = body if isinstance(body, bytes) else body.encode()
    return request.method, url.path, url.query, {"host": f"{host}{port}", **headers}, body


# --- errors that a test ordered

# No service of AWS's is there, so moto does not know the address either; the headers never leave this process.
_NOWHERE = "https://pytest-stssaml.invalid/"
_REGION, _URL = "X-Stssaml-Region", "X-Stssaml-Url"


def _steps_aside(responder: Responder, params: dict[str, Any], context: Mapping[str, Any]) -> bool:
    """Whether before-send is to answer."""
    if _URL in params["headers"]:  # asked twice
        return True
    if not responder.errors_are_due(params["body"]):
        return False
    params["headers"].update({_REGION: _region(params["url"], context), _URL: params["url"]})
    params["url"] = _NOWHERE
    if botocore.endpoint.time is time:  # a test may have replaced it
        botocore.endpoint.time = _no_waiting
    return True


def answer_again(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
    """The handler of the before-send event: an HTTP response for each attempt of a call that was let through."""
    responder = _responder
    if _URL not in request.headers:
        return None
    received = _received(request)  # the two headers may be signed too
    # Taken out, so that one who is asked twice answers once.
    region, url = (_text(request.headers.pop(name)) for name in (_REGION, _URL))
    user_agent = _text(request.headers.get("User-Agent", ""))
    if responder is None:  # the mock has ended meanwhile
        raise ConnectionClosedError(endpoint_url=url)
    try:
        signer, secure = responder.signer_of(*received), url.startswith("https:")
        status, headers, body = responder.answer(_form(received), region, user_agent, secure, signer)
    except OSError as lost:
        raise _connection_error(lost, url) from None
    return AWSResponse(url, status, headers, _Body(body.encode()))


def _form(received: _Received) -> dict[str, str]:
    """The parameters of a request: those of its query, and of its body."""
    return dict(parse_qsl(f"{received[2]}&{received[4].decode(errors='replace')}", keep_blank_values=True))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


_CONNECTION_ERRORS: tuple[tuple[type[OSError], type[BotoCoreError]], ...] = (
    (TimeoutError, ReadTimeoutError),
    (ConnectionRefusedError, EndpointConnectionError),
    (OSError, ConnectionClosedError),
)


def _connection_error(lost: OSError, url: str) -> BotoCoreError:
    """What botocore makes of an error of the connection (its httpsession)."""
    return next(error for kind, error in _CONNECTION_ERRORS if isinstance(lost, kind))(endpoint_url=url)


class _NoWaiting:
    """The module `time` for botocore's endpoint, which sleeps through it before it tries again.

    Only a call that stepped aside does not sleep; botocore's `_needs_retry` names its request `request_dict`.
    """

    def sleep(self, seconds: float) -> None:
        request = sys._getframe(1).f_locals.get("request_dict", {})  # noqa: SLF001 - sleep() is told only for how long
        if _URL not in request.get("headers", ()):
            time.sleep(seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


_no_waiting = _NoWaiting()


# --- responses


class _Body(io.BytesIO):
    """A response body as botocore reads it from urllib3."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class _AwaitedBody:
    """The same as aiobotocore reads it."""

    def __init__(self, body: _Body) -> None:
        self._body = body

    async def read(self) -> bytes:
        return self._body.read()


def _awaited(url: str, status: int, headers: dict[str, str], body: _Body) -> Any:
    from aiobotocore.awsrequest import AioAWSResponse

    return AioAWSResponse(url, status, headers, _AwaitedBody(body))


def _parsed(status: int, headers: Mapping[str, str], body: bytes, model: OperationModel) -> dict[str, Any]:
    """The response read as botocore's endpoint reads one from the network, its modelled errors included."""
    parser = botocore.parsers.create_parser(model.service_model.metadata["protocol"])
    received = {
        "status_code": status,
        "headers": headers,
        "body": body,
        "context": {"operation_name": model.name},
    }
    parsed: dict[str, Any] = parser.parse(received, model.output_shape)
    if status >= 300:
        shape = model.service_model.shape_for_error_code(parsed["Error"]["Code"])
        if shape is not None:
            parsed.update(parser.parse(received, shape))
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return parsed
