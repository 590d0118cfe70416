"""The limits of sessions where moto enforces policies: permissions boundaries and session policies.

moto's private names are used here as in the bridge to it.
"""

import uuid
from typing import Any

from ..other_services.responses import DeniedCall, denial
from ..sts.sessions.session import Session


def access_key_id_of(request: Any) -> str:
    """Return the access key ID that signed a request, as moto has it."""
    credential: str = request._headers["Authorization"].partition("Credential=")[2]  # noqa: SLF001 - moto's own way
    return credential.partition("/")[0]


def check_limits(session: Session, request: Any, resource: str) -> None:
    """Check that the permissions boundary and the session policies of a session allow a call.

    moto looks at the policies of the role only.

    :param request: a request as moto keeps it to check it.
    :param resource: the ARN of the resource as far as moto knows it, or "*".
    :raises JsonRESTError: if the limits do not allow the call: an error of moto that has the answer of AWS.
    :raises LookupError: if that depends on a policy that is not known.
    """
    from moto.core.exceptions import JsonRESTError

    service, action, headers = request._service, request._action, request._headers  # noqa: SLF001 - moto has no other
    action = _action_of_iam(action)
    because = session._origin.limit(session, action, resource)
    if because is None:
        return
    place = "" if "*" in resource else resource
    call = DeniedCall(
        service=service,
        protocol=_protocol_of(service, headers),
        method=request._method,  # noqa: SLF001
        user=session.arn,
        action=action,
        resource=place,
        because=because,
    )
    response = denial(call, str(uuid.uuid4()))
    error: Any = JsonRESTError(response.headers["X-Amzn-ErrorType"], because)
    error.code, error.description = response.status, response.body
    error.content_type = response.headers["Content-Type"]
    raise error


# moto takes the name for which requests are signed as the prefix of actions, and the operation as their name. These are
# other ones in IAM (service authorization reference).
_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
_ACTIONS = {"s3:HeadBucket": "s3:ListBucket"}


def _action_of_iam(action: str) -> str:
    """Return an action of moto as policies have it."""
    prefix, _, name = action.partition(":")
    return _ACTIONS.get(action, f"{_PREFIXES.get(prefix, prefix)}:{name}")


def _protocol_of(service: str, headers: Any) -> str:
    """Return the protocol of a request, of which moto knows only the headers and the service that it is signed for."""
    if "X-Amz-Target" in headers:
        return "json"
    if "Smithy-Protocol" in headers:
        return "smithy-rpc-v2-cbor"
    if "x-www-form-urlencoded" in headers.get("Content-Type", ""):
        return "ec2" if service == "ec2" else "query"
    return "rest-xml" if service in _REST_XML else "rest-json"


_REST_XML = ("cloudfront", "route53", "s3")
