"""Events: what CloudTrail logs of a call to STS.

Source: CloudTrail user guide, cloudtrail-event-reference-record-contents; IAM user guide, cloudtrail-integration. The
members are those of an AssumeRoleWithSAML event of July 2026 that was seen, except `tlsDetails`, since a call within a
process has no TLS.
"""

import datetime as dt
import hashlib
import uuid
from typing import Any, NamedTuple

from ...iam.arn import parse_arn
from ...saml.document import instant_text
from ...wire import Request
from ..errors import ErrorRow
from ..requests.credentials import PresentedCredentials
from ..requests.role_chaining import RoleChaining
from ..requests.role_request import RoleRequest
from ..requests.saml_login import SAMLLogin
from ..state import Outcome
from ..wire.query_response import extended_request_id
from .elements import chaining_parameters, limited, login_parameters, response_elements
from .failures import failure_of
from .identities import assumed_role, other_account, saml_user

# The current version of the format, by the CloudTrail user guide.
_VERSION = "1.11"
# An address for documentation (RFC 5737), as in AWS's examples: a call within a process has none.
_ADDRESS = "192.0.2.101"
# CloudTrail user guide, record contents: a longer user agent or message is cut.
_LONGEST = 1024


class LoggedCall(NamedTuple):
    """A call of which CloudTrail may log events."""

    #: The request.
    request: Request
    #: When it arrived: aware, in UTC.
    now: dt.datetime
    #: What STS found out about it.
    subject: PresentedCredentials | RoleRequest | None
    #: What came of it, or None if it was refused.
    outcome: Outcome | None
    #: The error, if there is one.
    error: ErrorRow | None
    #: The message of the error, as the caller gets it.
    message: str | None
    #: The ID of the request.
    request_id: str


class _Content(NamedTuple):
    """What the events of different operations differ in."""

    user_identity: dict[str, Any]
    request_parameters: dict[str, Any] | None
    #: Type and ARN of each resource.
    resources: tuple[tuple[str, str], ...]
    recipient_account_id: str


def events_of(call: LoggedCall) -> list[dict[str, Any]]:
    """Return the events that CloudTrail logs of a call: none, one, or one for each of two accounts."""
    failure = _failure(call)
    content = None if failure is None else _content(call)  # of other calls not even the session's name may be known
    if failure is None or content is None:
        return []
    event = _event(call, content, failure)
    session = call.subject.calling_session if isinstance(call.subject, RoleChaining) else None
    role_account = call.subject.parameters.role.account_id if isinstance(call.subject, RoleRequest) else ""
    # AWS shows such a pair of events for a call that succeeds. That only the caller's account has an event of another
    # call is our choice.
    if session is None or role_account == session.account_id or failure:
        return [event]
    there = content._replace(user_identity=other_account(session), recipient_account_id=role_account)
    shared = {"sharedEventID": _identifier(call, "shared")}
    return [{**event, **shared}, {**_event(call, there, failure), **shared}]


def _content(call: LoggedCall) -> _Content | None:
    """Return what the events of a call contain, or None if STS does not know who called."""
    subject = call.subject
    if isinstance(subject, SAMLLogin):
        return _Content(
            saml_user(subject),
            login_parameters(subject, call.request),
            (("Role", subject.parameters.role_arn), ("SAMLProvider", subject.parameters.principal_arn)),
            subject.parameters.role.account_id,
        )
    if isinstance(subject, RoleChaining):
        return _Content(
            assumed_role(subject.calling_session),
            chaining_parameters(subject, call.request),
            (("Role", subject.parameters.role_arn),),
            subject.calling_session.account_id,
        )
    if call.outcome is None:
        return None
    session = call.outcome.session
    return _Content(assumed_role(session), None, (), session.account_id)


def _failure(call: LoggedCall) -> dict[str, str] | None:
    """Return what an event says about the failure of a call: nothing if it succeeded; None if there is no event."""
    if call.error is None:
        return {} if call.outcome else None
    failure = failure_of(call.request.form.get("Action", ""), call.error.code)
    if failure.error_code is None:
        return None
    message = failure.error_message or call.message or ""
    return {"errorCode": failure.error_code, "errorMessage": message[:_LONGEST]}


def _event(call: LoggedCall, content: _Content, failure: dict[str, str]) -> dict[str, Any]:
    request, issued = call.request, call.outcome is not None and call.outcome.issued
    result = call.outcome.result if call.outcome and issued else None
    return {
        "eventVersion": _VERSION,
        "userIdentity": content.user_identity,
        "eventTime": instant_text(call.now),
        "eventSource": "sts.amazonaws.com",
        "eventName": request.form["Action"],
        "awsRegion": request.region,
        "sourceIPAddress": _ADDRESS,
        **({"userAgent": request.user_agent[:_LONGEST]} if request.user_agent else {}),
        **failure,
        "requestParameters": limited(content.request_parameters),
        "responseElements": limited(None if result is None else response_elements(result)),
        "additionalEventData": {
            "ExtendedRequestId": extended_request_id(call.request_id),
            "RequestDetails": {
                "endpointType": "global" if request.by_global_endpoint else "regional",
                "awsServingRegion": request.region,
            },
        },
        "requestID": call.request_id,
        "eventID": _identifier(call, content.recipient_account_id),
        "readOnly": True,
        **({"resources": list(map(_resource, content.resources))} if content.resources else {}),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": content.recipient_account_id,
        "eventCategory": "Management",
    }


def _resource(resource: tuple[str, str]) -> dict[str, str]:
    kind, arn = resource
    return {"accountId": _account_of(arn), "type": f"AWS::IAM::{kind}", "ARN": arn}


def _account_of(arn: str) -> str:
    parts = parse_arn(arn)
    return parts.account_id if parts else ""


def _identifier(call: LoggedCall, purpose: str) -> str:
    """Return an identifier of an event, which is the same whenever the event is read."""
    digest = hashlib.sha256(f"{call.request_id} {purpose}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
