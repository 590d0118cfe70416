"""The steps of each operation: which rules are checked, in which order, and what comes of it."""

from collections.abc import Callable
from typing import NamedTuple

from ..iam.entities import Role
from ..wire import Members, Request, Signature
from .grant import grant
from .limits import ROLE_CHAINING, SAML_LOGIN
from .requests.credentials import PresentedCredentials
from .requests.role_chaining import RoleChaining
from .requests.role_request import RoleRequest, look_up
from .requests.saml_login import SAMLLogin
from .results import chaining_result, identity_result, login_result
from .rule import AnyRule, check_all
from .rules.credentials import CREDENTIAL_RULES, callable_by_a_session, request_is_signed
from .rules.request import (
    chaining_parameters_are_valid,
    login_parameters_are_valid,
    operation_is_served,
    provider_exists,
    region_is_activated,
)
from .rules.role_chaining import ROLE_CHAINING_RULES
from .rules.saml_login import RULES_BEFORE_A_CHOICE, SAML_LOGIN_RULES
from .rules.saml_response import assertion_is_trusted, response_is_saml
from .rules.session_policies import session_token_is_small_enough
from .rules.signature import SIGNATURE_RULES
from .sessions.session import Session
from .state import ServiceState


class Findings:
    """What STS has found out about a call so far. An attempt that is refused explains itself by it."""

    #: The credentials, and after them the request for a role; None before either is known.
    subject: PresentedCredentials | RoleRequest | None = None


class Outcome(NamedTuple):
    """What an accepted call comes to.

    Attributes:
        result: the members of the result, in AWS's order and under AWS's names.
        session: the session that was issued, or that asked.
        issued: whether the session is new.

    """

    result: Members
    session: Session
    issued: bool


def assume_role_with_saml(request: Request, state: ServiceState, findings: Findings) -> Outcome:
    """Exchange a SAML response for temporary credentials."""
    login = _read_login(request, state, findings)
    check_all(SAML_LOGIN_RULES, login)
    session = grant(login, state)
    return Outcome(login_result(session, login), session, issued=True)


def offered_login(request: Request, state: ServiceState) -> SAMLLogin:
    """Return a login whose response is accepted as far as AWS checks it before a role is chosen."""
    login = _read_login(request, state, Findings())
    check_all(RULES_BEFORE_A_CHOICE, login)
    return login


def _read_login(request: Request, state: ServiceState, findings: Findings) -> SAMLLogin:
    """Return a login whose parameters are valid and whose response the provider has signed."""
    parameters = login_parameters_are_valid(request)
    region_is_activated(parameters, state)
    response = response_is_saml(parameters.saml_assertion)
    provider = provider_exists(parameters, state)
    assertion = assertion_is_trusted(response, provider)
    login = findings.subject = SAMLLogin(
        parameters=parameters,
        provider=provider,
        assertion=assertion,
        now=state.now,
        **look_up(parameters, state.directory),
    )
    return login


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


class Operation(NamedTuple):
    """An operation: what performs it, and all its rules in the order in which they are checked."""

    perform: Callable[[Request, ServiceState, Findings], Outcome]
    rules: tuple[AnyRule, ...]


_AUTHENTICATION: tuple[AnyRule, ...] = (
    operation_is_served,
    request_is_signed,
    *SIGNATURE_RULES,
    *CREDENTIAL_RULES,
)

OPERATIONS: dict[str, Operation] = {
    SAML_LOGIN: Operation(
        assume_role_with_saml,
        (
            operation_is_served,
            login_parameters_are_valid,
            region_is_activated,
            response_is_saml,
            provider_exists,
            assertion_is_trusted,
            *SAML_LOGIN_RULES,
            session_token_is_small_enough,
        ),
    ),
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

#: The operations that a session signs.
SESSION_OPERATIONS = frozenset(OPERATIONS) - {SAML_LOGIN}


def perform(request: Request, state: ServiceState, findings: Findings) -> Outcome:
    """Do what a request asks for.

    :raises Rejected: if a rule refuses; the first one does, in AWS's order.
    """
    return OPERATIONS[operation_is_served(request, OPERATIONS)].perform(request, state, findings)
