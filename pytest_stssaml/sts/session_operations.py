"""The steps of each operation that a session signs, which a login does not need."""

from ..iam.entities import Role
from ..wire import Request, Signature
from .grant import grant
from .limits import ROLE_CHAINING
from .requests.credentials import PresentedCredentials
from .requests.role_chaining import RoleChaining
from .requests.role_request import look_up
from .results import chaining_result, identity_result
from .rule import AnyRule, check_all
from .rules.credentials import CREDENTIAL_RULES, callable_by_a_session, request_is_signed
from .rules.request import chaining_parameters_are_valid, operation_is_served, region_is_activated
from .rules.role_chaining import ROLE_CHAINING_RULES
from .rules.session_policies import session_token_is_small_enough
from .rules.signature import SIGNATURE_RULES
from .sessions.session import Session
from .state import Findings, Operation, Outcome, ServiceState


def assume_role(request: Request, state: ServiceState, findings: Findings) -> Outcome:
    """Exchange the credentials of a session for those of another role."""
    session, role = _authenticate(request, state, findings)
    parameters = chaining_parameters_are_valid(request)
    region_is_activated(parameters, state)
    chaining = findings.subject = RoleChaining(
        parameters=parameters,
        calling_session=session,
        calling_role=role,
        now=state.now,
        **look_up(parameters, state.directory),
    )
    check_all(ROLE_CHAINING_RULES, chaining)
    new_session = grant(chaining, state)
    return Outcome(chaining_result(new_session), new_session, issued=True)


def get_caller_identity(request: Request, state: ServiceState, findings: Findings) -> Outcome:
    """Return the identity of the session that calls. No permission is needed."""
    session, _ = _authenticate(request, state, findings)
    return Outcome(identity_result(session), session, issued=False)


def session_of_credentials(signature: Signature, region: str, state: ServiceState) -> Session:
    """Return the session of some credentials that are presented without a signed request."""
    credentials = PresentedCredentials.of(signature, region, state)
    check_all(CREDENTIAL_RULES, credentials)
    return credentials.session(state)[0]


def refuse_a_session(request: Request, state: ServiceState, findings: Findings) -> Outcome:
    """Refuse an operation that only users and the root user of an account may call."""
    _authenticate(request, state, findings)
    return callable_by_a_session(request)


def _authenticate(request: Request, state: ServiceState, findings: Findings) -> tuple[Session, Role]:
    """Return the session that signed a request, and its role as it is now."""
    signature = request_is_signed(request)
    credentials = findings.subject = PresentedCredentials.of(signature, request.region, state)
    check_all(SIGNATURE_RULES, credentials)
    check_all(CREDENTIAL_RULES, credentials)
    return credentials.session(state)


_AUTHENTICATION: tuple[AnyRule, ...] = (
    operation_is_served,
    request_is_signed,
    *SIGNATURE_RULES,
    *CREDENTIAL_RULES,
)

#: The operations by name.
BY_NAME: dict[str, Operation] = {
    ROLE_CHAINING: Operation(
        assume_role,
        (
            *_AUTHENTICATION,
            chaining_parameters_are_valid,
            region_is_activated,
            *ROLE_CHAINING_RULES,
            session_token_is_small_enough,
        ),
    ),
    "GetCallerIdentity": Operation(get_caller_identity, _AUTHENTICATION),
    "GetFederationToken": Operation(refuse_a_session, (*_AUTHENTICATION, callable_by_a_session)),
    "GetSessionToken": Operation(refuse_a_session, (*_AUTHENTICATION, callable_by_a_session)),
}
