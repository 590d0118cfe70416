import datetime as dt
import functools
import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from good import GOOD, MINUTE, NOW, PROVIDER, ROLE_, SECOND, TICK, attributed, granted

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.iam.directory import IAM
from pytest_stssaml.iam.entities import Role
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.errors import ErrorRow
from pytest_stssaml.sts.requests.credentials import PresentedCredentials
from pytest_stssaml.sts.rule import AnyRule, Rejected
from pytest_stssaml.sts.rules import credentials as rules
from pytest_stssaml.sts.rules.credentials import CREDENTIAL_RULES, session_presented
from pytest_stssaml.sts.sessions.memory import RememberedSessions
from pytest_stssaml.sts.sessions.session import Session
from pytest_stssaml.sts.sessions.token import seal, unseal
from pytest_stssaml.sts.state import ServiceState
from pytest_stssaml.wire import Signature

Check = AnyRule

KEY = b"key" * 10
DAY = dt.timedelta(days=1)


def identify(purpose: str, *content: str) -> bytes:
    return hashlib.sha256("\0".join((purpose, *content)).encode()).digest()


SESSION = granted(GOOD, identify, KEY)
OTHER_SESSION = granted(attributed(RoleSessionName=("bob@example.com",)), identify, KEY)
END = SESSION.expiration


def state_of(*roles: Role, now: dt.datetime = NOW, remembered: tuple[Session, ...] = (SESSION,)) -> ServiceState:
    """An STS that knows these roles and sessions."""
    iam, sessions = IAM(), RememberedSessions()
    for role in roles:
        iam.add_role(role)
    for session in remembered:
        sessions.add(session)
    return ServiceState(iam, frozenset(), now, identify, KEY, sessions.get)


def signature(session: Session = SESSION, **replaced: Any) -> Signature:
    """What a request shows that a session signed, with something replaced."""
    good = Signature(session.access_key_id, session.session_token, lambda secret: secret == session.secret_access_key)
    return good._replace(**replaced)


def shown(
    session: Session = SESSION,
    *,
    region: str = "us-east-1",
    now: dt.datetime = NOW,
    role: Role | None = ROLE_,
    **replaced: Any,
) -> PresentedCredentials:
    """A session's good credentials with one thing changed: of the endpoint, the time, the role or the signature."""
    roles = () if role is None else (role,)
    return PresentedCredentials.of(signature(session, **replaced), region, state_of(*roles, now=now))


def china(region: str) -> PresentedCredentials:
    """A session of China's partition at the endpoint of a region."""
    role = replace(ROLE_, arn="arn:aws-cn:iam::123456789012:role/Developer", partition="aws-cn")
    return shown(granted(replace(GOOD, role=role), identify, KEY), region=region, role=role)


def altered(token: str, place: int) -> str:
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


def saying(**claims: Any) -> str:
    """The session's token with some claims replaced, sealed as STS does it."""
    return seal((unseal(SESSION.session_token, KEY) or {}) | claims, KEY)


# Each rule, what it refuses with, and the credentials that it alone refuses.
REJECTIONS: list[tuple[Check, ErrorRow, dict[str, PresentedCredentials]]] = [
    (
        rules.token_goes_with_the_access_key,
        errors.INVALID_TOKEN,
        {
            "no token": shown(session_token=None),
            "an empty token": shown(session_token=""),
            "a token of AWS's": shown(session_token="IQoJb3JpZ2luX2VjEXAMPLE="),
            "a letter altered": shown(session_token=altered(SESSION.session_token, 60)),
            "cut short": shown(session_token=SESSION.session_token[:-4]),
            "something behind it": shown(session_token=SESSION.session_token + "\n"),
            "beyond ASCII": shown(session_token="é"),
            "another STS's token": shown(session_token=seal(unseal(SESSION.session_token, KEY) or {}, b"other")),
            "another session's token": shown(session_token=OTHER_SESSION.session_token),
            "another session's access key": shown(access_key_id=OTHER_SESSION.access_key_id),
            "the access key in small letters": shown(access_key_id=SESSION.access_key_id.lower()),
        },
    ),
    (
        rules.session_is_of_the_partition,
        errors.INVALID_TOKEN,
        {
            "a commercial session in China": shown(region="cn-north-1"),
            "a commercial session in GovCloud": shown(region="us-gov-west-1"),
            "China's session in Europe": china("eu-west-1"),
        },
    ),
    (
        rules.session_has_not_expired,
        errors.EXPIRED_SESSION,
        {
            "it ends now": shown(now=END),
            "it ended a tick ago": shown(now=END + TICK),
            "it ended yesterday": shown(now=END + DAY),
        },
    ),
    (
        rules.role_of_the_session_is_there,
        errors.INVALID_TOKEN,
        {
            "deleted": shown(role=None),
            "made anew": shown(role=replace(ROLE_, role_id="AROAZZZZZZZZZZZZZZZZZ")),
            "moved to a path": shown(role=replace(ROLE_, arn="arn:aws:iam::123456789012:role/team/Developer")),
        },
    ),
    (
        rules.secret_access_key_made_the_signature,
        errors.SIGNATURE,
        {
            "none did": shown(made_with=lambda _: False),
            "another session's": shown(made_with=lambda secret: secret == OTHER_SESSION.secret_access_key),
        },
    ),
]

# For each rule, the nearest that it accepts.
ACCEPTED: dict[Check, dict[str, PresentedCredentials]] = {
    rules.token_goes_with_the_access_key: {
        "its own": shown(),
        "another session's of its own": shown(OTHER_SESSION),
        "a longer token that says the same": shown(
            session_token=seal(unseal(SESSION.session_token, KEY) or {}, KEY, 999)
        ),
    },
    rules.session_is_of_the_partition: {
        "another region": shown(region="eu-west-1"),
        "China's session in China": china("cn-north-1"),
        "China's session in its other region": china("cn-northwest-1"),
    },
    rules.session_has_not_expired: {
        "it ends in a second": shown(now=END - SECOND),
        "it ends in a tick": shown(now=END - TICK),
        "it was issued a moment later": shown(now=NOW - SECOND),
    },
    rules.role_of_the_session_is_there: {
        "it trusts nobody any more": shown(
            role=replace(ROLE_, policy=parse_trust_policy(PROVIDER.trust_policy(actions="sts:TagSession")))
        ),
        "it has other tags": shown(role=replace(ROLE_, tags={"team": "red"})),
        "another role is there too": PresentedCredentials.of(
            signature(), "us-east-1", state_of(ROLE_, replace(ROLE_, arn=ROLE_.arn + "2", name="Developer2"))
        ),
    },
    rules.secret_access_key_made_the_signature: {
        "its own did": shown(made_with=lambda secret: secret == SESSION.secret_access_key)
    },
}

REFUSED = [
    pytest.param(check, error, credentials, id=f"{check.name}: {why}")
    for check, error, refused in REJECTIONS
    for why, credentials in refused.items()
]


def pass_every_rule(credentials: PresentedCredentials) -> None:
    for check in CREDENTIAL_RULES:
        check(credentials)


@pytest.mark.parametrize(("check", "error", "credentials"), REFUSED)
def test_a_rule_refuses_with_its_own_error(check: Check, error: ErrorRow, credentials: PresentedCredentials) -> None:
    with pytest.raises(Rejected) as caught:
        check(credentials)
    assert caught.value.error == error


@pytest.mark.parametrize(("check", "error", "credentials"), REFUSED)
def test_what_breaks_one_rule_passes_those_before_it(
    check: Check, error: ErrorRow, credentials: PresentedCredentials
) -> None:
    for earlier in CREDENTIAL_RULES[: CREDENTIAL_RULES.index(check)]:
        earlier(credentials)


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param(credentials, id=f"{check.name}: {why}")
        for check, accepted in ACCEPTED.items()
        for why, credentials in accepted.items()
    ],
)
def test_the_nearest_that_a_rule_accepts_passes_every_rule(credentials: PresentedCredentials) -> None:
    pass_every_rule(credentials)


def test_every_rule_refuses_something_and_they_are_listed_in_their_order() -> None:
    assert tuple(check for check, _, _ in REJECTIONS) == CREDENTIAL_RULES


def test_every_rule_has_a_neighbour_that_it_accepts() -> None:
    assert tuple(check for check, accepted in ACCEPTED.items() if accepted) == CREDENTIAL_RULES


# The sentence that the test's author reads.
REASONS = [
    (rules.token_goes_with_the_access_key, shown(session_token=None), "the request has no session token"),
    (
        rules.token_goes_with_the_access_key,
        shown(session_token="token"),
        "this STS did not issue the session token, or the token was altered",
    ),
    (
        rules.token_goes_with_the_access_key,
        shown(session_token=OTHER_SESSION.session_token),
        f"the session token belongs to {OTHER_SESSION.access_key_id}",
    ),
    (
        rules.session_is_of_the_partition,
        shown(region="cn-north-1"),
        "the session belongs to aws, and the endpoint to aws-cn",
    ),
    (
        rules.session_has_not_expired,
        shown(now=END + SECOND),
        "the session ended at 2030-01-01T13:00:00Z, and it is 2030-01-01T13:00:01Z",
    ),
    (
        rules.role_of_the_session_is_there,
        shown(role=None),
        "the role arn:aws:iam::123456789012:role/Developer does not exist any more",
    ),
    (
        rules.role_of_the_session_is_there,
        shown(role=replace(ROLE_, role_id="AROAZZZZZZZZZZZZZZZZZ")),
        "the role arn:aws:iam::123456789012:role/Developer was deleted and created again since the session began",
    ),
    (
        rules.secret_access_key_made_the_signature,
        shown(made_with=lambda _: False),
        f"the signature is not that of this request with the secret access key of {SESSION.access_key_id}",
    ),
    (
        rules.secret_access_key_made_the_signature,
        shown(made_with=lambda _: False, missing_headers=("host", "x-amz-date")),
        (
            f"the signature is not that of this request with the secret access key of {SESSION.access_key_id}; "
            "it covers headers that are missing: host, x-amz-date"
        ),
    ),
]


@pytest.mark.parametrize(("check", "credentials", "because"), REASONS, ids=[check.name for check, _, _ in REASONS])
def test_a_refusal_says_what_was_expected_and_what_came(
    check: Check, credentials: PresentedCredentials, because: str
) -> None:
    with pytest.raises(Rejected) as caught:
        check(credentials)
    assert caught.value.because == because


# One fault against each rule, which can be made beside those against the others.
FAULTS: dict[Check, dict[str, Any]] = {
    rules.token_goes_with_the_access_key: {"access_key_id": OTHER_SESSION.access_key_id},
    rules.session_is_of_the_partition: {"region": "cn-north-1"},
    rules.session_has_not_expired: {"now": END},
    rules.role_of_the_session_is_there: {"role": None},
    rules.secret_access_key_made_the_signature: {"made_with": lambda _: False},
}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(*pair, id=" before ".join(check.name for check in pair))
        for pair in itertools.combinations(FAULTS, 2)
    ],
)
def test_of_two_faults_the_first_in_aws_order_is_reported(first: Check, second: Check) -> None:
    credentials = shown(**FAULTS[first] | FAULTS[second])
    with pytest.raises(Rejected) as caught:
        any(rule(credentials) for rule in CREDENTIAL_RULES)
    assert caught.value.rule is first


def test_every_rule_has_a_fault_that_goes_with_the_others() -> None:
    assert tuple(FAULTS) == CREDENTIAL_RULES


class TestPresentedCredentials:
    def told(self, credentials: PresentedCredentials) -> list[tuple[str, str]]:
        return [(label, fact.format(*values)) for label, fact, values in credentials.facts]

    def test_tells_whose_access_key_signed(self) -> None:
        whose = "of arn:aws:iam::123456789012:role/Developer, session alice@example.com"
        assert self.told(shown()) == [("caller", f"{SESSION.access_key_id} {whose}")]

    def test_tells_it_of_a_role_that_is_gone(self) -> None:
        assert self.told(shown(role=None)) == self.told(shown())

    def test_tells_the_access_key_alone_where_the_token_is_foreign(self) -> None:
        assert self.told(shown(session_token="token")) == [("caller", f"{SESSION.access_key_id} of an unknown session")]

    def test_gives_the_session_that_is_remembered_and_its_role_as_it_is_now(self) -> None:
        role = replace(ROLE_, tags={"team": "red"})
        world = state_of(role)
        session, now = PresentedCredentials.of(signature(), "us-east-1", world).session(world)
        assert session is SESSION
        assert now is role

    def test_gives_the_session_that_a_token_tells_of_where_none_is_remembered(self) -> None:
        role = replace(ROLE_, tags={"team": "red"})
        world = state_of(role, remembered=())
        session, now = PresentedCredentials.of(signature(), "us-east-1", world).session(world)
        assert session == replace(SESSION, role=role)
        assert now is role

    @pytest.mark.parametrize("expiration", [END, END + SECOND])
    def test_believes_the_token_about_the_end(self, expiration: dt.datetime) -> None:
        token = saying(expiration=int(expiration.timestamp()))
        assert shown(session_token=token).expiration == expiration


class TestSessionShown:
    def test_gives_the_session_of_a_token_and_its_access_key(self) -> None:
        assert session_presented(signature(), state_of(ROLE_)) is SESSION

    def test_gives_it_whoever_made_the_signature(self) -> None:
        assert session_presented(signature(made_with=lambda _: False), state_of(ROLE_)) is SESSION

    def test_gives_it_after_its_end(self) -> None:
        assert session_presented(signature(), state_of(ROLE_, now=END + DAY)) is SESSION

    def test_gives_one_that_is_not_remembered(self) -> None:
        assert session_presented(signature(), state_of(ROLE_, remembered=())) == SESSION

    @pytest.mark.parametrize(
        "signer",
        [
            pytest.param(signature(session_token=None), id="no token"),
            pytest.param(signature(session_token=""), id="an empty token"),
            pytest.param(signature(session_token="token"), id="a foreign token"),
            pytest.param(signature(session_token=OTHER_SESSION.session_token), id="another session's token"),
            pytest.param(signature(access_key_id="AKIAIOSFODNN7EXAMPLE"), id="another access key"),
        ],
    )
    def test_is_none_where_the_token_does_not_go_with_the_access_key(self, signer: Signature) -> None:
        assert session_presented(signer, state_of(ROLE_)) is None

    @pytest.mark.parametrize(
        "roles", [(), (replace(ROLE_, role_id="AROAZZZZZZZZZZZZZZZZZ"),)], ids=["deleted", "made anew"]
    )
    def test_is_none_where_the_role_is_gone(self, roles: tuple[Role, ...]) -> None:
        assert session_presented(signature(), state_of(*roles)) is None

    def test_is_one_of_every_partition(self) -> None:
        role = replace(ROLE_, arn="arn:aws-cn:iam::123456789012:role/Developer", partition="aws-cn")
        session = granted(replace(GOOD, role=role), identify, KEY)
        assert session_presented(signature(session), state_of(role, remembered=(session,))) is session


@functools.cache
def boto3_session() -> boto3.Session:
    """One for every client here: each would read botocore's models anew."""
    return boto3.Session()


@dataclass
class LoggedIn:
    """Somebody who has logged in and asks, through boto3, who that is."""

    sts: STSBackend
    idp: IdentityProvider

    def __post_init__(self) -> None:
        self.role = self.sts.create_role("Developer", path="/team/")
        client = boto3_session().client("sts", region_name="us-east-1")
        client.assume_role_with_saml(
            RoleArn=self.role.arn, PrincipalArn=self.idp.provider.arn, SAMLAssertion=self.idp.response(self.role)
        )
        self.session = self.sts.sessions[-1]
        self.credentials = self.session.boto3_kwargs()

    def who(self, region: str = "us-east-1") -> Any:
        client = boto3_session().client("sts", region_name=region, **self.credentials)
        return client.get_caller_identity()

    def refusal(self, region: str = "us-east-1") -> tuple[str, int]:
        with pytest.raises(ClientError) as caught:
            self.who(region)
        answer = caught.value.response
        return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]

    # --- what may be wrong

    def with_a_foreign_token(self) -> None:
        self.credentials["aws_session_token"] = "token"

    def too_late(self) -> None:
        self.sts.move_to(self.session.expiration)

    def without_the_role(self) -> None:
        self.sts.delete_role(self.role)

    def with_another_role_of_that_name(self) -> None:
        self.sts.delete_role(self.role)
        self.sts.create_role("Developer", path="/team/")

    def with_a_wrong_secret(self) -> None:
        self.credentials["aws_secret_access_key"] = "secret"


INVALID, EXPIRED, MISMATCH = ("InvalidClientTokenId", 403), ("ExpiredToken", 403), ("SignatureDoesNotMatch", 403)

# In the order in which AWS was seen to tell them.
WRONG: dict[Callable[[LoggedIn], None], tuple[str, int]] = {
    LoggedIn.with_a_foreign_token: INVALID,
    LoggedIn.too_late: EXPIRED,
    LoggedIn.without_the_role: INVALID,
    LoggedIn.with_another_role_of_that_name: INVALID,
    LoggedIn.with_a_wrong_secret: MISMATCH,
}
# A role that is gone cannot be there anew.
APART = (LoggedIn.without_the_role, LoggedIn.with_another_role_of_that_name)


class TestThroughBoto3:
    @pytest.fixture
    def alice(self, sts: STSBackend, idp: IdentityProvider) -> LoggedIn:
        return LoggedIn(sts, idp)

    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "aws-global"])
    def test_a_session_is_told_who_it_is_in_every_region(self, alice: LoggedIn, region: str) -> None:
        answer = alice.who(region)
        assert {name: answer[name] for name in ("Arn", "UserId", "Account")} == {
            "Arn": "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com",
            "UserId": f"{alice.role.role_id}:alice@example.com",
            "Account": "123456789012",
        }

    def test_it_is_told_so_a_minute_before_its_end(self, alice: LoggedIn) -> None:
        alice.sts.move_to(alice.session.expiration - MINUTE)
        assert alice.who()["Account"] == "123456789012"

    def test_another_partition_does_not_know_it(self, alice: LoggedIn) -> None:
        assert alice.refusal("cn-north-1") == INVALID

    @pytest.mark.parametrize(("fault", "error"), WRONG.items(), ids=[fault.__name__ for fault in WRONG])
    def test_what_is_wrong_is_told(
        self, alice: LoggedIn, fault: Callable[[LoggedIn], None], error: tuple[str, int]
    ) -> None:
        fault(alice)
        assert alice.refusal() == error

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            pytest.param(*pair, id=" and ".join(fault.__name__ for fault in pair))
            for pair in itertools.combinations(WRONG, 2)
            if pair != APART
        ],
    )
    def test_of_two_things_that_are_wrong_the_first_is_told(
        self, alice: LoggedIn, first: Callable[[LoggedIn], None], second: Callable[[LoggedIn], None]
    ) -> None:
        first(alice)
        second(alice)
        assert alice.refusal() == WRONG[first]
