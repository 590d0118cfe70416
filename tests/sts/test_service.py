"""What STS answers of the calls of this process, at which stage, and what it tells its observer of the others."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from wire import signature_of

from pytest_stssaml import IdentityProvider, Role, Session, STSBackend, make_signing_key
from pytest_stssaml.services import Services
from pytest_stssaml.sts.attempts.call import Call
from pytest_stssaml.sts.ordered_errors import connection_error
from pytest_stssaml.sts.service import STS
from pytest_stssaml.wire import CredentialFault, Request, Response, Signature, Stage

if TYPE_CHECKING:
    from pytest_stssaml.sts.attempts.attempt import Attempt

WHO_AM_I = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
ASSUME_ROLE = {
    "Action": "AssumeRole",
    "Version": "2011-06-15",
    "RoleArn": "arn:aws:iam::123456789012:role/Deployer",
    "RoleSessionName": "deploy",
}
OTHER_ACCESS_KEY_ID = "ASIAIOSFODNN7EXAMPLE"
KEY = make_signing_key("ec")


class Observations:
    """An observer that keeps what it gets."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.sessions: list[Session] = []
        self.uses: list[tuple[str, Session | CredentialFault]] = []
        self.answer: CredentialFault | None = None

    def called(self, call: Call) -> None:
        self.attempts.append(call.attempt())

    def issued(self, session: Session) -> None:
        self.sessions.append(session)

    def used(self, access_key_id: str, presented: Callable[[], Session | CredentialFault]) -> CredentialFault | None:
        self.uses.append((access_key_id, presented()))
        return self.answer


class World(NamedTuple):
    """An STS without a mock, a role that a user may log in to, and a session of that role."""

    sts: STS
    observed: Observations
    backend: STSBackend
    role: Role
    login: Request
    session: Session


@pytest.fixture
def world() -> World:
    services = Services(account_id="123456789012", partition="aws", seed="service")
    backend, observed = STSBackend(services), Observations()
    clock = services.clock
    sts = STS(services.iam.directory, clock.now, clock.times_of_clients, clock.identifier, observed)
    idp = IdentityProvider(signing_key=KEY)
    provider = backend.create_saml_provider("ExampleIdP", idp)
    role = backend.create_role("Developer")
    form = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "RoleArn": role.arn, "PrincipalArn": provider.arn}
    login = Request({**form, "SAMLAssertion": idp.response((role, provider))}, "us-east-1", stage=Stage.CALLED)
    assert sts.answer(login).status == 200
    return World(sts, observed, backend, role, login, sts.sessions[0])


def called(signature: Signature | None, form: dict[str, str] = WHO_AM_I, **more: Any) -> Request:
    return Request(form, "us-east-1", signature=signature, **{"stage": Stage.CALLED, **more})


Answer = Response | Stage | CredentialFault | None


def status_of(answer: Answer) -> int | Stage | CredentialFault | None:
    return answer.status if isinstance(answer, Response) else answer


def test_a_login_is_answered_when_it_is_called(world: World) -> None:
    assert status_of(world.sts.respond(world.login)) == 200


@pytest.mark.parametrize("form", [WHO_AM_I, ASSUME_ROLE], ids=["GetCallerIdentity", "AssumeRole"])
def test_a_call_of_a_session_is_answered_when_it_is_signed(world: World, form: dict[str, str]) -> None:
    world.backend.create_role("Deployer", trust_policy=world.role.chaining_policy())
    request = called(signature_of(world.session), form)
    assert world.sts.respond(request) is Stage.SIGNED
    assert status_of(world.sts.respond(request._replace(stage=Stage.SIGNED))) == 200
    assert world.observed.uses == []


def test_a_call_that_an_error_is_ordered_for_is_answered_when_it_is_sent(world: World) -> None:
    world.sts.ordered_errors.add(connection_error("reset"), "GetCallerIdentity", None, 1)
    request = called(signature_of(world.session))
    assert world.sts.respond(request) is Stage.SENT
    with pytest.raises(ConnectionResetError):
        world.sts.respond(request._replace(stage=Stage.SENT))
    assert world.sts.respond(request) is Stage.SIGNED


def test_what_was_sent_is_answered_whoever_signed_it(world: World) -> None:
    foreign = signature_of(world.session, access_key_id=OTHER_ACCESS_KEY_ID, session_token="token")
    for signature in (None, foreign):
        assert status_of(world.sts.respond(called(signature, stage=Stage.SENT))) == 403


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        pytest.param({"session_token": "another"}, Stage.SIGNED, id="access key"),
        pytest.param({"session_token": None}, Stage.SIGNED, id="access key without a token"),
        pytest.param({"access_key_id": OTHER_ACCESS_KEY_ID}, Stage.SIGNED, id="token"),
        pytest.param({"access_key_id": OTHER_ACCESS_KEY_ID, "session_token": "another"}, None, id="neither"),
        pytest.param({"access_key_id": OTHER_ACCESS_KEY_ID, "session_token": None}, None, id="neither, no token"),
    ],
)
def test_a_call_is_for_this_sts_if_the_access_key_or_the_token_is(
    world: World, changed: dict[str, Any], answer: Stage | None
) -> None:
    assert world.sts.respond(called(signature_of(world.session, **changed))) is answer
    assert world.observed.uses == []


OTHER_CALLS = [
    pytest.param({"Action": "GetAccessKeyInfo"}, "sts", id="another operation of STS"),
    pytest.param({"Action": "AssumeRoleWithSAML"}, "sts", id="a login that is signed"),
    pytest.param({}, "sts", id="no operation"),
    pytest.param({}, "s3", id="another service"),
    pytest.param(ASSUME_ROLE, "dynamodb", id="an operation of that name of another service"),
]


@pytest.mark.parametrize(("form", "service"), OTHER_CALLS)
def test_the_observer_gets_the_session_that_another_call_uses(world: World, form: dict[str, str], service: str) -> None:
    assert world.sts.respond(called(signature_of(world.session), form, service=service)) is None
    assert world.observed.uses == [(world.session.access_key_id, world.session)]


@pytest.mark.parametrize(("form", "service"), OTHER_CALLS)
def test_the_observer_gets_nothing_of_a_call_with_other_credentials(
    world: World, form: dict[str, str], service: str
) -> None:
    assert world.sts.respond(called(Signature(OTHER_ACCESS_KEY_ID, "token", bool), form, service=service)) is None
    assert world.observed.uses == []


@pytest.mark.parametrize(
    ("token", "fault"),
    [("another", CredentialFault.MISMATCH), (None, CredentialFault.UNKNOWN)],
    ids=["another", "none"],
)
def test_the_observer_gets_the_fault_of_a_token(world: World, token: str | None, fault: CredentialFault) -> None:
    world.sts.respond(called(signature_of(world.session, session_token=token), service="s3"))
    assert world.observed.uses == [(world.session.access_key_id, fault)]


def test_the_observer_gets_no_session_whose_role_is_gone(world: World) -> None:
    world.backend.delete_role(world.role)
    world.sts.respond(called(signature_of(world.session), service="s3"))
    assert world.observed.uses == [(world.session.access_key_id, CredentialFault.UNKNOWN)]


def test_the_observer_decides_whether_another_call_is_refused(world: World) -> None:
    world.observed.answer = CredentialFault.EXPIRED
    assert world.sts.respond(called(signature_of(world.session), service="s3")) is CredentialFault.EXPIRED


def test_the_observer_gets_each_attempt_and_each_new_session(world: World) -> None:
    world.sts.answer(world.login)
    world.sts.answer(called(signature_of(world.session)))
    world.sts.answer(called(None))
    assert [attempt.code for attempt in world.observed.attempts] == [None, None, None, "MissingAuthenticationToken"]
    assert world.sts.attempts == tuple(world.observed.attempts)
    assert world.sts.sessions == tuple(world.observed.sessions)
    assert len(world.sts.sessions) == 2
