import datetime as dt
import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from good import GOOD, MINUTE, NOW, PROVIDER, ROLE_, SECOND, TICK, attributed, granted
from rule_contract import RuleCases, RuleContract, rejection_of
from wire import shared_session

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.iam.directory import IAM
from pytest_stssaml.iam.entities import Role
from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.requests.credentials import PresentedCredentials
from pytest_stssaml.sts.rule import AnyRule, check_all
from pytest_stssaml.sts.rules import credentials as rules
from pytest_stssaml.sts.rules.credentials import CREDENTIAL_RULES, session_presented
from pytest_stssaml.sts.sessions.memory import RememberedSessions
from pytest_stssaml.sts.sessions.session import Session
from pytest_stssaml.sts.sessions.token import seal, unseal
from pytest_stssaml.sts.state import ServiceState
from pytest_stssaml.wire import CredentialFault, Signature

KEY = b"key" * 10
DAY = dt.timedelta(days=1)


def identify(purpose: str, *content: str) -> bytes:
    return hashlib.sha256("\0".join((purpose, *content)).encode()).digest()


SESSION = granted(GOOD, identify, KEY)
OTHER_SESSION = granted(attributed(RoleSessionName=("bob@example.com",)), identify, KEY)
GLOBAL_SESSION = granted(replace(GOOD, parameters=replace(GOOD.parameters, by_global_endpoint=True)), identify, KEY)
END = SESSION.expiration


def state_of(*roles: Role, now: dt.datetime = NOW, remembered: tuple[Session, ...] = (SESSION,)) -> ServiceState:
    """Return the state of an STS that has these roles and remembers these sessions."""
    iam, sessions = IAM(), RememberedSessions()
    for role in roles:
        iam.add_role(role)
    for session in remembered:
        sessions.add(session)
    return ServiceState(iam, frozenset(), "v1Token", now, lambda: (now,), identify, KEY, sessions.get)


def signature(session: Session = SESSION, **replaced: Any) -> Signature:
    """Return the signature of a request that a session signed, with something replaced."""
    good = Signature(session.access_key_id, session.session_token, lambda secret: secret == session.secret_access_key)
    return good._replace(**replaced)


def credentials(
    session: Session = SESSION,
    *,
    region: str = "us-east-1",
    now: dt.datetime = NOW,
    role: Role | None = ROLE_,
    **replaced: Any,
) -> PresentedCredentials:
    """Return good credentials with one thing changed: the endpoint, the time, the role or the signature."""
    roles = () if role is None else (role,)
    return PresentedCredentials.of(signature(session, **replaced), region, state_of(*roles, now=now))


def china(region: str) -> PresentedCredentials:
    """Return the credentials of a session of China's partition at the endpoint of a region."""
    role = replace(ROLE_, arn="arn:aws-cn:iam::123456789012:role/Developer", partition="aws-cn")
    return credentials(granted(replace(GOOD, role=role), identify, KEY), region=region, role=role)


def altered(token: str, place: int) -> str:
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


def token_with(**claims: Any) -> str:
    """Return the token of the session with some claims replaced, sealed as STS does it."""
    return seal((unseal(SESSION.session_token, KEY) or {}) | claims, KEY)


CASES: dict[AnyRule, RuleCases[PresentedCredentials]] = {
    rules.token_goes_with_the_access_key: RuleCases(
        errors.INVALID_TOKEN,
        refused={
            "no token": (credentials(session_token=None), "the request has no session token"),
            "an empty token": credentials(session_token=""),
            "a token that AWS issued": credentials(session_token="IQoJb3JpZ2luX2VjEXAMPLE="),
            "a letter altered": credentials(session_token=altered(SESSION.session_token, 60)),
            "cut short": credentials(session_token=SESSION.session_token[:-4]),
            "extended": credentials(session_token=SESSION.session_token + "\n"),
            "beyond ASCII": credentials(session_token="é"),
            "another STS's token": credentials(session_token=seal(unseal(SESSION.session_token, KEY) or {}, b"other")),
            "another session's token": (
                credentials(session_token=OTHER_SESSION.session_token),
                f"the session token belongs to {OTHER_SESSION.access_key_id}",
            ),
            "another session's access key": credentials(access_key_id=OTHER_SESSION.access_key_id),
            "the access key in small letters": credentials(access_key_id=SESSION.access_key_id.lower()),
            "a foreign token": (
                credentials(session_token="token"),
                "this STS did not issue the session token, or the token was altered",
            ),
        },
        accepted={
            "its own": credentials(),
            "another session's of its own": credentials(OTHER_SESSION),
            "a longer token that says the same": credentials(
                session_token=seal(unseal(SESSION.session_token, KEY) or {}, KEY, 999)
            ),
        },
    ),
    rules.session_is_of_the_partition: RuleCases(
        errors.INVALID_TOKEN,
        refused={
            "a commercial session in China": (
                credentials(region="cn-north-1"),
                (
                    "the session belongs to aws, and the endpoint to aws-cn; give the client a region of aws, such as "
                    "region_name='us-east-1'"
                ),
            ),
            "a commercial session in GovCloud": credentials(region="us-gov-west-1"),
            "China's session in Europe": (
                china("eu-west-1"),
                (
                    "the session belongs to aws-cn, and the endpoint to aws; give the client a region of aws-cn, such "
                    "as region_name='cn-north-1'"
                ),
            ),
        },
        accepted={
            "another region": credentials(region="eu-west-1"),
            "China's session in China": china("cn-north-1"),
            "China's session in its other region": china("cn-northwest-1"),
        },
    ),
    rules.token_is_valid_in_the_region: RuleCases(
        errors.INVALID_TOKEN_IN_REGION,
        refused={
            "Hong Kong": credentials(GLOBAL_SESSION, region="ap-east-1"),
            "a region that is newer than this package": credentials(GLOBAL_SESSION, region="eu-north-9"),
            "Cape Town": (
                credentials(GLOBAL_SESSION, region="af-south-1"),
                (
                    "the global endpoint issued the session token, so it is not valid in af-south-1, which is not "
                    "enabled by default; ask the endpoint of a region for the session, or first call "
                    'set_security_token_service_preferences("v2Token")'
                ),
            ),
        },
        accepted={
            "Osaka, the youngest region that is enabled by default": credentials(
                GLOBAL_SESSION, region="ap-northeast-3"
            ),
            "Stockholm": credentials(GLOBAL_SESSION, region="eu-north-1"),
            "a session of the endpoint of a region": credentials(region="af-south-1"),
        },
    ),
    rules.session_has_not_expired: RuleCases(
        errors.EXPIRED_SESSION,
        refused={
            "it ends now": credentials(now=END),
            "it ended a tick ago": credentials(now=END + TICK),
            "it ended yesterday": credentials(now=END + DAY),
            "it ended a second ago": (
                credentials(now=END + SECOND),
                "the session ended at 2030-01-01T13:00:00Z, and the time is 2030-01-01T13:00:01Z",
            ),
        },
        accepted={
            "it ends in a second": credentials(now=END - SECOND),
            "it ends in a tick": credentials(now=END - TICK),
            "it was issued a moment later": credentials(now=NOW - SECOND),
        },
    ),
    rules.role_of_the_session_is_there: RuleCases(
        errors.INVALID_TOKEN,
        refused={
            "deleted": (credentials(role=None), f"the role {ROLE_.arn} does not exist any more"),
            "created again": (
                credentials(role=replace(ROLE_, role_id="AROAZZZZZZZZZZZZZZZZZ")),
                f"the role {ROLE_.arn} was deleted and created again since the session began",
            ),
            "moved to a path": credentials(role=replace(ROLE_, arn="arn:aws:iam::123456789012:role/team/Developer")),
        },
        accepted={
            "it no longer trusts the provider": credentials(
                role=replace(ROLE_, _policy=parse_trust_policy(PROVIDER.trust_policy(actions="sts:TagSession")))
            ),
            "it has other tags": credentials(role=replace(ROLE_, tags={"team": "red"})),
            "another role is there too": PresentedCredentials.of(
                signature(), "us-east-1", state_of(ROLE_, replace(ROLE_, arn=ROLE_.arn + "2", name="Developer2"))
            ),
        },
    ),
    rules.secret_access_key_made_the_signature: RuleCases(
        errors.SIGNATURE,
        refused={
            "none did": (
                credentials(made_with=lambda _: False),
                f"the signature is not that of this request with the secret access key of {SESSION.access_key_id}",
            ),
            "another session's": credentials(made_with=lambda secret: secret == OTHER_SESSION.secret_access_key),
            "headers are missing": (
                credentials(made_with=lambda _: False, missing_headers=("host", "x-amz-date")),
                (
                    f"the signature is not that of this request with the secret access key of {SESSION.access_key_id}; "
                    "it covers headers that are missing: host, x-amz-date"
                ),
            ),
        },
        accepted={
            "its own did": credentials(made_with=lambda secret: secret == SESSION.secret_access_key),
        },
    ),
}


class TestRulesAboutCredentials(RuleContract[PresentedCredentials]):
    rules = CREDENTIAL_RULES
    cases = CASES


# One fault against each rule, which can be combined with those against the others.
FAULTS: dict[AnyRule, dict[str, Any]] = {
    rules.token_goes_with_the_access_key: {"access_key_id": OTHER_SESSION.access_key_id},
    rules.session_is_of_the_partition: {"region": "cn-north-1"},
    rules.token_is_valid_in_the_region: {"session": GLOBAL_SESSION, "region": "af-south-1"},
    rules.session_has_not_expired: {"now": END},
    rules.role_of_the_session_is_there: {"role": None},
    rules.secret_access_key_made_the_signature: {"made_with": lambda _: False},
}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(first, second, id=f"{first.name} before {second.name}")
        for first, second in [*itertools.pairwise(CREDENTIAL_RULES), (CREDENTIAL_RULES[0], CREDENTIAL_RULES[-1])]
    ],
)
def test_of_two_faults_the_first_in_the_order_is_reported(first: AnyRule, second: AnyRule) -> None:
    presented = credentials(**FAULTS[second] | FAULTS[first])
    assert rejection_of(lambda: check_all(CREDENTIAL_RULES, presented)).rule is first


class TestPresentedCredentials:
    def told(self, credentials: PresentedCredentials) -> list[tuple[str, str]]:
        return [(label, fact.format(*values)) for label, fact, values in credentials.facts]

    def test_describes_the_session_of_the_access_key(self) -> None:
        whose = "of arn:aws:iam::123456789012:role/Developer, session alice@example.com"
        assert self.told(credentials()) == [("caller", f"{SESSION.access_key_id} {whose}")]

    def test_describes_the_session_even_if_its_role_does_not_exist_any_more(self) -> None:
        assert self.told(credentials(role=None)) == self.told(credentials())

    def test_describes_only_the_access_key_if_the_token_is_foreign(self) -> None:
        assert self.told(credentials(session_token="token")) == [
            ("caller", f"{SESSION.access_key_id} of an unknown session")
        ]

    def test_have_the_remembered_session_and_its_role_as_it_is_now(self) -> None:
        role = replace(ROLE_, tags={"team": "red"})
        world = state_of(role)
        session, now = PresentedCredentials.of(signature(), "us-east-1", world).session(world)
        assert session is SESSION
        assert now is role

    def test_have_the_session_of_the_token_if_it_is_not_remembered(self) -> None:
        role = replace(ROLE_, tags={"team": "red"})
        world = state_of(role, remembered=())
        session, now = PresentedCredentials.of(signature(), "us-east-1", world).session(world)
        assert session == replace(SESSION, role=role)
        assert now is role

    @pytest.mark.parametrize("expiration", [END, END + SECOND])
    def test_end_when_the_token_says(self, expiration: dt.datetime) -> None:
        token = token_with(expiration=int(expiration.timestamp()))
        assert credentials(session_token=token).expiration == expiration


class TestSessionPresented:
    def test_is_the_session_of_a_token_and_its_access_key(self) -> None:
        assert session_presented(signature(), state_of(ROLE_)) is SESSION

    def test_does_not_depend_on_the_signature(self) -> None:
        assert session_presented(signature(made_with=lambda _: False), state_of(ROLE_)) is SESSION

    @pytest.mark.parametrize(("now", "presented"), [(END - TICK, SESSION), (END, CredentialFault.EXPIRED)])
    def test_is_good_until_it_ends(self, now: dt.datetime, presented: Session | CredentialFault) -> None:
        assert session_presented(signature(), state_of(ROLE_, now=now)) is presented

    def test_need_not_be_remembered(self) -> None:
        assert session_presented(signature(), state_of(ROLE_, remembered=())) == SESSION

    @pytest.mark.parametrize(
        "signer",
        [
            pytest.param(signature(session_token=""), id="an empty token"),
            pytest.param(signature(session_token="token"), id="a foreign token"),
            pytest.param(signature(session_token=OTHER_SESSION.session_token), id="another session's token"),
            pytest.param(signature(access_key_id="AKIAIOSFODNN7EXAMPLE"), id="another access key"),
        ],
    )
    def test_is_refused_if_the_token_does_not_belong_to_the_access_key(self, signer: Signature) -> None:
        assert session_presented(signer, state_of(ROLE_)) is CredentialFault.MISMATCH

    def test_is_refused_without_a_token(self) -> None:
        assert session_presented(signature(session_token=None), state_of(ROLE_)) is CredentialFault.UNKNOWN

    @pytest.mark.parametrize(
        "roles", [(), (replace(ROLE_, role_id="AROAZZZZZZZZZZZZZZZZZ"),)], ids=["deleted", "created again"]
    )
    def test_is_refused_if_the_role_does_not_exist_any_more(self, roles: tuple[Role, ...]) -> None:
        assert session_presented(signature(), state_of(*roles)) is CredentialFault.UNKNOWN

    def test_may_be_of_any_partition(self) -> None:
        role = replace(ROLE_, arn="arn:aws-cn:iam::123456789012:role/Developer", partition="aws-cn")
        session = granted(replace(GOOD, role=role), identify, KEY)
        assert session_presented(signature(session), state_of(role, remembered=(session,))) is session


@dataclass
class LoggedIn:
    """A session that asks, through boto3, for its identity."""

    sts: STSBackend
    idp: IdentityProvider

    def __post_init__(self) -> None:
        self.role = self.sts.create_role("Developer", path="/team/")
        client = shared_session().client("sts", region_name="us-east-1")
        client.assume_role_with_saml(
            RoleArn=self.role.arn, PrincipalArn=self.idp.provider.arn, SAMLAssertion=self.idp.response(self.role)
        )
        self.session = self.sts.sessions[-1]
        self.credentials = self.session.boto3_kwargs()

    def who(self, region: str = "us-east-1") -> Any:
        client = shared_session().client("sts", region_name=region, **self.credentials)
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

# In the order in which AWS was seen to report them.
WRONG: dict[Callable[[LoggedIn], None], tuple[str, int]] = {
    LoggedIn.with_a_foreign_token: INVALID,
    LoggedIn.too_late: EXPIRED,
    LoggedIn.without_the_role: INVALID,
    LoggedIn.with_another_role_of_that_name: INVALID,
    LoggedIn.with_a_wrong_secret: MISMATCH,
}
# Neighbours in that order, and the first with the last. A role that is gone cannot be there again, too.
PAIRS = [
    (LoggedIn.with_a_foreign_token, LoggedIn.too_late),
    (LoggedIn.too_late, LoggedIn.without_the_role),
    (LoggedIn.too_late, LoggedIn.with_another_role_of_that_name),
    (LoggedIn.without_the_role, LoggedIn.with_a_wrong_secret),
    (LoggedIn.with_another_role_of_that_name, LoggedIn.with_a_wrong_secret),
    (LoggedIn.with_a_foreign_token, LoggedIn.with_a_wrong_secret),
]


class TestThroughBoto3:
    @pytest.fixture
    def alice(self, sts: STSBackend, idp: IdentityProvider) -> LoggedIn:
        return LoggedIn(sts, idp)

    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "aws-global"])
    def test_a_session_learns_its_identity_in_every_region(self, alice: LoggedIn, region: str) -> None:
        answer = alice.who(region)
        assert {name: answer[name] for name in ("Arn", "UserId", "Account")} == {
            "Arn": "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com",
            "UserId": f"{alice.role.role_id}:alice@example.com",
            "Account": "123456789012",
        }

    def test_a_session_learns_its_identity_a_minute_before_its_end(self, alice: LoggedIn) -> None:
        alice.sts.move_to(alice.session.expiration - MINUTE)
        assert alice.who()["Account"] == "123456789012"

    def test_another_partition_refuses_a_session(self, alice: LoggedIn) -> None:
        assert alice.refusal("cn-north-1") == INVALID

    @pytest.mark.parametrize(("fault", "error"), WRONG.items(), ids=[fault.__name__ for fault in WRONG])
    def test_a_fault_is_refused_with_its_error(
        self, alice: LoggedIn, fault: Callable[[LoggedIn], None], error: tuple[str, int]
    ) -> None:
        fault(alice)
        assert alice.refusal() == error

    @pytest.mark.parametrize(
        ("first", "second"), [pytest.param(*pair, id=" and ".join(fault.__name__ for fault in pair)) for pair in PAIRS]
    )
    def test_of_two_faults_the_first_is_refused(
        self, alice: LoggedIn, first: Callable[[LoggedIn], None], second: Callable[[LoggedIn], None]
    ) -> None:
        first(alice)
        second(alice)
        assert alice.refusal() == WRONG[first]
