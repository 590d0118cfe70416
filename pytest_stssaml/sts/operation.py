"""The steps of a login: which rules are checked, in which order, and what comes of it; and all operations by name."""

from collections.abc import Iterator, Mapping

from ..wire import Request
from .grant import grant
from .limits import ROLE_CHAINING, SAML_LOGIN
from .requests.role_request import look_up
from .requests.saml_login import SAMLLogin
from .results import login_result
from .rule import check_all
from .rules.request import login_parameters_are_valid, operation_is_served, provider_exists, region_is_activated
from .rules.saml_login import RULES_BEFORE_A_CHOICE, SAML_LOGIN_RULES
from .rules.saml_response import assertion_is_trusted, response_is_saml
from .rules.session_policies import session_token_is_small_enough
from .state import Findings, Operation, Outcome, ServiceState


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


_LOGIN = Operation(
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
)

#: The operations that a session signs.
SESSION_OPERATIONS = (ROLE_CHAINING, "GetCallerIdentity", "GetFederationToken", "GetSessionToken")


class _Operations(Mapping[str, Operation]):
    """The operations by name. Most processes only log in, so the others are imported when one is asked for."""

    def __getitem__(self, name: str) -> Operation:
        if name == SAML_LOGIN:
            return _LOGIN
        if name not in SESSION_OPERATIONS:
            raise KeyError(name)
        from . import session_operations

        return session_operations.BY_NAME[name]

    def __iter__(self) -> Iterator[str]:
        return iter((SAML_LOGIN, *SESSION_OPERATIONS))

    def __len__(self) -> int:
        return 1 + len(SESSION_OPERATIONS)


#: The operations by name.
OPERATIONS = _Operations()


def perform(request: Request, state: ServiceState, findings: Findings) -> Outcome:
    """Do what a request asks for.

    :raises Rejected: if a rule refuses; the first one does, in AWS's order.
    """
    return OPERATIONS[operation_is_served(request, OPERATIONS)].perform(request, state, findings)
