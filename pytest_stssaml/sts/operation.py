"""The story of one call, for each operation."""

from collections.abc import Callable
from typing import Never

from ..iam.entities import Role, SAMLProvider
from ..iam.partitions import partition_of
from ..saml.assertion import parse_response, read_assertion
from ..saml.faults import Unreadable
from . import errors
from .attempts import Trail
from .call import Call, Reply, World
from .errors import UNREADABLE, Rejected
from .limits import CHAINING, OPERATION
from .requests.role_chaining import Chaining
from .requests.saml_login import Login, Request
from .rules.credentials import AUTHENTICATION, Shown
from .rules.role_chaining import CHAINING_CHECKS
from .rules.saml_login import CHECKS
from .sessions.issue import issue
from .sessions.session import Session
from .wire import query


def perform(call: Call, world: World, trail: Trail) -> Reply:
    """Do what a call asks for.

    :param trail: notes the rules as they are asked.
    :raises Rejected: the first reason to refuse, in AWS's order.
    """
    return OPERATIONS[trail.ask(query.check_operation, call.form, OPERATIONS)](call, world, trail)


def assume_role_with_saml(call: Call, world: World, trail: Trail) -> Reply:
    """Exchange a SAML response for temporary credentials."""
    request = trail.ask(query.read_request, call.form, call.region, call.user_agent, secure=call.secure)
    trail.ask(_region_is_activated, request.region, request.role.account_id, world)
    try:
        response = trail.ask(parse_response, request.saml_assertion)
        provider = trail.ask(_known_provider, request, world)
        assertion = trail.ask(read_assertion, response, provider.metadata, provider.decryption)
    except Unreadable as unreadable:
        raise Rejected(UNREADABLE[unreadable.fault], unreadable.because) from unreadable
    role, policies = world.directory.role(request.role_arn), world.directory.managed_policies(request.policy_arns)
    similar_role = None if role else world.directory.similar_role(request.role)
    login = Login(request, provider, assertion, role, world.now, policies, similar_role)
    trail.ask_each(CHECKS, login)
    session = trail.ask(issue, login, world.identify, world.key)
    return Reply(query.result_of_login(session, login), session, granted=True)


def assume_role(call: Call, world: World, trail: Trail) -> Reply:
    """Exchange the credentials of a session for those of another role."""
    session, own_role = _authenticated(call, world, trail)
    request = trail.ask(query.read_chaining_request, call.form, call.region, call.user_agent, secure=call.secure)
    trail.ask(_region_is_activated, request.region, request.role.account_id, world)
    role, policies = world.directory.role(request.role_arn), world.directory.managed_policies(request.policy_arns)
    similar_role = None if role else world.directory.similar_role(request.role)
    chaining = Chaining(request, session, own_role, role, world.now, policies, similar_role)
    trail.ask_each(CHAINING_CHECKS, chaining)
    new = trail.ask(issue, chaining, world.identify, world.key)
    return Reply(query.result_of_chaining(new), new, granted=True)


def get_caller_identity(call: Call, world: World, trail: Trail) -> Reply:
    """Tell a session who it is; nobody needs a permission for that."""
    session, _ = _authenticated(call, world, trail)
    return Reply(query.result_of_identity(session), session)


def not_for_sessions(call: Call, world: World, trail: Trail) -> Reply:
    """Refuse what only users and an account's root may call."""
    _authenticated(call, world, trail)
    trail.ask(_signed_by_a_user, call)


OPERATIONS: dict[str, Callable[[Call, World, Trail], Reply]] = {
    OPERATION: assume_role_with_saml,
    CHAINING: assume_role,
    "GetCallerIdentity": get_caller_identity,
    "GetFederationToken": not_for_sessions,
    "GetSessionToken": not_for_sessions,
}


def _authenticated(call: Call, world: World, trail: Trail) -> tuple[Session, Role]:
    """The session that signed a call, and its role as it is now."""
    if call.signature is None:
        trail.ask(_signed, call)
    shown = Shown.of(call.signature, call.region, world)
    trail.ask_each(AUTHENTICATION, shown)
    return shown.session(world)


def _signed(_: Call) -> Never:
    """The request is signed, by version 4 (observed)."""
    raise Rejected(
        errors.NOT_SIGNED, "no signature of version 4 was read; handle(headers=...) takes a signed request's headers"
    )


def _signed_by_a_user(call: Call) -> Never:
    """A session of a role cannot ask for these credentials (API reference; observed)."""
    raise Rejected(errors.SESSION_CREDENTIALS, "AssumeRole is for sessions", operation=call.form["Action"])


def _region_is_activated(region: str, account_id: str, world: World) -> None:
    """STS is activated in the region (API reference, RegionDisabled)."""
    if region in world.disabled_regions:
        raise Rejected(errors.REGION_DISABLED, f"STS is disabled in {region}", account_id=account_id)


def _known_provider(request: Request, world: World) -> SAMLProvider:
    """The provider exists in the partition of the endpoint (troubleshoot_saml; the partition was observed)."""
    provider = world.directory.saml_provider(request.principal_arn)
    if provider is None or provider.partition != partition_of(request.region):
        raise Rejected(
            errors.UNKNOWN_PROVIDER,
            f"there is no provider {request.principal_arn} in {partition_of(request.region)}, "
            f"the partition of {request.region}",
        )
    return provider
