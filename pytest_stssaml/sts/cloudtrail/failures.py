"""Which calls that STS refuses CloudTrail logs, and how it names their errors."""

from typing import NamedTuple

from ..limits import ROLE_CHAINING, SAML_LOGIN
from ..rule import Confidence


class Failure(NamedTuple):
    """What CloudTrail makes of one error of an operation."""

    #: The operations.
    operations: tuple[str, ...]
    #: The error code, as the caller gets it.
    code: str
    #: `errorCode` of the event, or None if there is no event.
    error_code: str | None
    #: `errorMessage` of the event; None for the message that the caller gets.
    error_message: str | None
    #: Where it is written or was seen.
    source: str
    #: How well it is established.
    confidence: Confidence


_ABOUT_WEB_IDENTITIES = (
    "AWS re:Post knowledge center, iam-sts-invalididentitytoken, which says it of AssumeRoleWithWebIdentity"
)

FAILURES = (
    # That the event does not say what the caller reads was seen in events of AssumeRoleWithWebIdentity too.
    Failure(
        (SAML_LOGIN,),
        "AccessDenied",
        "AccessDenied",
        "An unknown error occurred",
        "AWS re:Post knowledge center, which shows an event of AssumeRoleWithWebIdentity",
        Confidence.INFERRED,
    ),
    Failure(
        (ROLE_CHAINING,),
        "AccessDenied",
        "AccessDenied",
        None,
        "CloudTrail user guide, record contents: errorMessage includes messages for authorization failures",
        Confidence.DOCUMENTED,
    ),
    Failure(
        (SAML_LOGIN, ROLE_CHAINING),
        "PackedPolicyTooLarge",
        "PackedPolicyTooLargeException",
        None,
        "observed in events of AssumeRoleWithWebIdentity",
        Confidence.INFERRED,
    ),
    *(
        Failure((SAML_LOGIN,), code, None, None, _ABOUT_WEB_IDENTITIES, Confidence.INFERRED)
        for code in ("InvalidIdentityToken", "ExpiredTokenException", "IDPRejectedClaim")
    ),
)


def failure_of(operation: str, code: str) -> Failure:
    """Return what CloudTrail makes of an error. That it does not log what is not in the table is our choice."""
    return next(
        (failure for failure in FAILURES if operation in failure.operations and failure.code == code),
        Failure((operation,), code, None, None, "", Confidence.OURS),
    )
