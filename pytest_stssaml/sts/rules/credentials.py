"""The rules about the credentials that sign a request.

Their order, and every code and message, were observed in AWS's answers to GetCallerIdentity.
"""

from typing import Never

from ...iam.partitions import V1_TOKEN, V2_TOKEN, client_of, is_opt_in
from ...wire import CredentialFault, Request, Signature
from .. import errors
from ..requests.credentials import PresentedCredentials
from ..rule import AnyRule, Confidence, Rejected, rule
from ..sessions.session import Session
from ..sessions.validity import reason_for_end, reason_without_role
from ..state import ServiceState


@rule("The request is signed with signature version 4", source="observed", confidence=Confidence.OBSERVED)
def request_is_signed(request: Request) -> Signature:
    if request.signature is None:
        because = "no signature of version 4 was read; handle(headers=...) takes the headers of a signed request"
        raise Rejected(errors.NOT_SIGNED, because)
    return request.signature


@rule(
    "The request has a session token that STS issued and that belongs to the access key",
    source="observed",
    confidence=Confidence.OBSERVED,
)
def token_goes_with_the_access_key(credentials: PresentedCredentials) -> None:
    if credentials.signature.session_token is None:
        raise Rejected(errors.INVALID_TOKEN, "the request has no session token")
    if not credentials.claims:
        raise Rejected(errors.INVALID_TOKEN, "this STS did not issue the session token, or the token was altered")
    if credentials.claims["access_key_id"] != credentials.signature.access_key_id:
        raise Rejected(errors.INVALID_TOKEN, f"the session token belongs to {credentials.claims['access_key_id']}")


@rule(
    "The session belongs to the partition of the endpoint",
    source="AWS general reference; the error is our choice",
    confidence=Confidence.DOCUMENTED,
)
def session_is_of_the_partition(credentials: PresentedCredentials) -> None:
    partition = credentials.claims["role"].split(":")[1]
    if partition != credentials.partition:
        because = (
            f"the session belongs to {partition}, and the endpoint to {credentials.partition}; {client_of(partition)}"
        )
        raise Rejected(errors.INVALID_TOKEN, because)


@rule(
    "A session token of version 1, which the global endpoint issued, is used in a region that is enabled by default",
    source="API reference, SetSecurityTokenServicePreferences; the error was observed",
    confidence=Confidence.DOCUMENTED,
)
def token_is_valid_in_the_region(credentials: PresentedCredentials) -> None:
    if credentials.claims.get("token_version") == V1_TOKEN and is_opt_in(credentials.region):
        because = (
            f"the global endpoint issued the session token, so it is not valid in {credentials.region}, which is not "
            "enabled by default; ask the endpoint of a region for the session, or first call "
            f'set_security_token_service_preferences("{V2_TOKEN}")'
        )
        raise Rejected(errors.INVALID_TOKEN_IN_REGION, because)


@rule("The session has not ended", source="observed", confidence=Confidence.OBSERVED)
def session_has_not_expired(credentials: PresentedCredentials) -> None:
    because = reason_for_end(credentials.expiration, credentials.now)
    if because is not None:
        raise Rejected(errors.EXPIRED_SESSION, because)


@rule(
    "The role still exists, and was not created again under the same name",
    source="observed",
    confidence=Confidence.OBSERVED,
)
def role_of_the_session_is_there(credentials: PresentedCredentials) -> None:
    because = reason_without_role(credentials.claims["role"], credentials.claims["role_id"], credentials.role)
    if because is not None:
        raise Rejected(errors.INVALID_TOKEN, because)


@rule(
    "The request is signed with the secret access key that belongs to the access key",
    source="observed",
    confidence=Confidence.OBSERVED,
)
def secret_access_key_made_the_signature(credentials: PresentedCredentials) -> None:
    if not credentials.signature.made_with(credentials.secret_access_key):
        key, missing = credentials.signature.access_key_id, ", ".join(credentials.signature.missing_headers)
        because = f"the signature is not that of this request with the secret access key of {key}"
        if missing:
            because += f"; it covers headers that are missing: {missing}"
        raise Rejected(errors.SIGNATURE, because)


CREDENTIAL_RULES: tuple[AnyRule, ...] = (
    token_goes_with_the_access_key,
    session_is_of_the_partition,
    token_is_valid_in_the_region,
    session_has_not_expired,
    role_of_the_session_is_there,
    secret_access_key_made_the_signature,
)


@rule(
    "The operation may be called with the credentials of a session",
    source="API reference; observed",
    confidence=Confidence.OBSERVED,
)
def callable_by_a_session(request: Request) -> Never:
    action = request.form["Action"]
    raise Rejected(errors.SESSION_CREDENTIALS, f"{action} is for users; a session calls AssumeRole", operation=action)


#: The rules that other services check too, and the fault of the credentials that each refuses.
_FAULTS: tuple[tuple[AnyRule, CredentialFault], ...] = (
    (token_goes_with_the_access_key, CredentialFault.MISMATCH),
    (session_has_not_expired, CredentialFault.EXPIRED),
    (role_of_the_session_is_there, CredentialFault.UNKNOWN),
)


def session_presented(signature: Signature, state: ServiceState) -> Session | CredentialFault:
    """Return the session that a token belongs to, whoever made the signature, or why AWS refuses the credentials."""
    if signature.session_token is None:
        return CredentialFault.UNKNOWN
    credentials = PresentedCredentials.not_signed_yet(signature, state)
    for rule_, fault in _FAULTS:
        try:
            rule_(credentials)
        except Rejected:
            return fault
    return credentials.session(state)[0]
