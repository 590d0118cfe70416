"""botocore lives here and nowhere else: a before-call event becomes form parameters, an answer becomes its response."""

import gc
import io
from collections.abc import Callable, Iterator
from typing import Any

import botocore.handlers
import botocore.hooks
import botocore.parsers
from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel

__all__ = ["Responder", "install", "respond_with"]

#: Form parameters, region, user agent and whether by TLS in; HTTP status, headers and body out.
Responder = Callable[[dict[str, Any], str, str, bool], tuple[int, dict[str, str], str]]

# Not before-send: there botocore asks every handler, and beside moto's our answer would be lost.
_EVENT = "before-call.sts.AssumeRoleWithSAML"

_responder: Responder | None = None
_installed = False


def respond_with(responder: Responder | None) -> None:
    """Let a responder answer every AssumeRoleWithSAML call of this process; None lets them pass."""
    global _responder
    _responder = responder


def install() -> None:
    """Be asked about the calls of every client, those that exist already included; once per process."""
    global _installed
    if _installed:
        return
    botocore.handlers.BUILTIN_HANDLERS.append((_EVENT, answer))  # every session from now on
    for emitter in _emitters():
        # botocore's own way to register once; a session that began meanwhile may ask twice, which does no harm.
        emitter.register(_EVENT, answer, unique_id=answer)
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
    *, model: OperationModel, params: dict[str, Any], context: dict[str, Any], **_: Any
) -> tuple[AWSResponse, dict[str, Any]] | None:
    """The handler of the before-call event: an HTTP response and what botocore reads in it, or None to let it pass."""
    responder = _responder
    if responder is None:
        return None
    status, headers, body = responder(
        params["body"],
        context["client_region"] or "aws-global",
        params["headers"].get("User-Agent", ""),
        params["url"].startswith("https:"),
    )
    response = AWSResponse(params["url"], status, headers, _Body(body.encode()))
    return response, _parsed(response, model)


class _Body(io.BytesIO):
    """A response body as botocore reads it from urllib3."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _parsed(response: AWSResponse, model: OperationModel) -> dict[str, Any]:
    """The response read as botocore's endpoint reads one from the network, its modelled errors included."""
    parser = botocore.parsers.create_parser(model.service_model.metadata["protocol"])
    received = {
        "status_code": response.status_code,
        "headers": response.headers,
        "body": response.content,
        "context": {"operation_name": model.name},
    }
    parsed: dict[str, Any] = parser.parse(received, model.output_shape)
    if response.status_code >= 300:
        shape = model.service_model.shape_for_error_code(parsed["Error"]["Code"])
        if shape is not None:
            parsed.update(parser.parse(received, shape))
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return parsed
