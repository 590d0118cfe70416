"""What reaches AWS and what leaves it: the form in which the adapters, the backend and STS exchange a call."""

import datetime as dt
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple, TypeAlias, Union


class CredentialScope(NamedTuple):
    """What a signing key of signature version 4 was made for (IAM user guide, reference_sigv), as it was written.

    Attributes:
        date: the day, such as "20300101".
        region: the region of the endpoint.
        service: the service, such as "sts".
        terminator: "aws4_request".

    """

    date: str
    region: str
    service: str
    terminator: str

    def __str__(self) -> str:
        return "/".join(self)


class Signature(NamedTuple):
    """What a signed request tells about its signer.

    Attributes:
        access_key_id: the access key ID that the request names.
        session_token: the session token, or None if the request has none.
        made_with: whether a given secret access key made the signature. It is never asked before the request is signed.
        missing_headers: the headers that the signature covers although the request lacks them.
        scope: what the signing key was made for.
        date: when the request was signed, as it was written, such as "20300101T120000Z".
        size: how many characters and bytes `made_with` keeps in memory, about.

    """

    access_key_id: str
    session_token: str | None
    made_with: Callable[[str], bool]
    missing_headers: tuple[str, ...] = ()
    scope: CredentialScope = CredentialScope("", "", "", "")
    date: str = ""
    size: int = 0


class Stage(Enum):
    """How far a request has come on its way to AWS."""

    #: A client in this process is about to sign and send it. It may still reach AWS or another mock.
    CALLED = "called"
    #: The same, and it is signed.
    SIGNED = "signed"
    #: It has arrived. Nothing but this package can answer it.
    SENT = "sent"


class CredentialFault(Enum):
    """Why AWS refuses the credentials of a session, whichever service is called."""

    #: The session has ended.
    EXPIRED = "the session has ended"
    #: The session token does not belong to the access key, or was altered.
    MISMATCH = "another session token, or an altered one"
    #: The access key means nothing: there is no session token, or the role of the session is gone.
    UNKNOWN = "no session token, or the role is gone"


class Request(NamedTuple):
    """One request to an AWS service.

    Attributes:
        form: the parameters of the query protocol, such as `Action` and `RoleArn`; empty for other services than STS.
        region: the region whose endpoint is asked; "aws-global" is the global endpoint, until STS replaces it.
        user_agent: the header of that name.
        secure: whether the request comes by TLS.
        signature: who signed it, or None for an unsigned request. At the stage CALLED it names only the credentials.
        service: the service as botocore names it.
        stage: how far the request has come.
        by_global_endpoint: whether the global endpoint is asked, which STS finds out.

    """

    form: Mapping[str, Any]
    region: str
    user_agent: str = ""
    secure: bool = True
    signature: Signature | None = None
    service: str = "sts"
    stage: Stage = Stage.SENT
    by_global_endpoint: bool = False


#: A result or an error as data: members by name, in AWS's order. Values are strings, whole numbers, aware times, and
#: members of members. A member that is None is left out.
Members: TypeAlias = Mapping[str, Union[str, int, dt.datetime, "Members", None]]


class Response:
    """An HTTP response in the query protocol, as data: the XML of its body is written only if somebody reads it.

    Attributes:
        status: the HTTP status.
        result: the members of the result; None for an error.
        error: the members `Type`, `Code` and `Message` of the error; None for a result.
        request_id: the request ID.
        headers: the headers of the response.

    """

    __slots__ = ("_body", "_write", "error", "headers", "request_id", "result", "status")

    def __init__(
        self,
        status: int,
        headers: dict[str, str],
        request_id: str,
        *,
        result: Members | None = None,
        error: Members | None = None,
        write: Callable[[], str] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.request_id = request_id
        self.result = result
        self.error = error
        self._write = write
        self._body: str | None = None

    @property
    def body(self) -> str:
        """The body: XML, or nothing."""
        if self._body is None:
            self._body = self._write() if self._write else ""
        return self._body


#: Answers a request. None means that the request is not for this package; a stage, that the adapter has to ask again
#: when the request has reached it; a fault, that the called service refuses the credentials. Ordered connection errors
#: are raised as OSError.
Respond = Callable[[Request], Response | Stage | CredentialFault | None]
