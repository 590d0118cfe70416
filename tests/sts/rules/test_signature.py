import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import time_machine
from botocore.exceptions import ClientError
from freezegun import freeze_time
from freezegun.api import real_time
from good import GOOD, MINUTE, NOW, ROLE_, SECOND, TICK, granted
from rule_contract import RuleCases, RuleContract, rejection_of
from wire import shared_session, signature_of, signed

from pytest_stssaml import IdentityProvider, STSBackend, mock_sts_saml
from pytest_stssaml.iam.directory import IAM
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.requests.credentials import PresentedCredentials
from pytest_stssaml.sts.rule import AnyRule, check_all
from pytest_stssaml.sts.rules import signature as rules
from pytest_stssaml.sts.rules.signature import SIGNATURE_RULES
from pytest_stssaml.sts.state import ServiceState
from pytest_stssaml.wire import CredentialScope

QUARTER = 15 * MINUTE
HOUR = dt.timedelta(hours=1)
SCOPE = CredentialScope("20300101", "us-east-1", "sts", "aws4_request")
WHO_AM_I = "Action=GetCallerIdentity&Version=2011-06-15"

SESSION = granted(GOOD, lambda *_: bytes(32), b"key" * 10)


def presented(
    date: dt.datetime | str = NOW,
    *,
    times: tuple[dt.datetime, ...] = (NOW, NOW),
    endpoint: str = "us-east-1",
    date_of_scope: str | None = None,
    **scope: str,
) -> PresentedCredentials:
    """Return what was signed at NOW for us-east-1 and arrives at once there, with something changed."""
    written = date if isinstance(date, str) else f"{date:%Y%m%dT%H%M%SZ}"
    day = written[:8] if date_of_scope is None else date_of_scope
    signature = signature_of(SESSION, date=written, scope=SCOPE._replace(date=day, **scope))
    iam = IAM()
    iam.add_role(ROLE_)
    state = ServiceState(iam, (), "v1Token", times[1], lambda: times, lambda *_: b"", b"", lambda _: None)
    return PresentedCredentials.of(signature, endpoint, state)


def written(*dates: str) -> dict[str, PresentedCredentials]:
    return {date or "none": presented(date) for date in dates}


CASES: dict[AnyRule, RuleCases[PresentedCredentials]] = {
    rules.signature_has_a_date: RuleCases(
        errors.DATE_OF_SIGNATURE,
        refused={
            "none": (presented(""), "expected a date such as 20300101T120000Z, got ''"),
            **written(
                "2030-01-01T12:00:00Z",
                "20300101T120000",
                "20300101T120000z",
                "20300101 120000Z",
                "20300101T1200Z",
                "20300101T120000.0Z",
                "20300101T120000Z\n",
                "20300101T240000Z",
                "20301301T120000Z",
                "00000101T120000Z",
                "\u0662\u0660\u0663\u0660\u0660\u0661\u0660\u0661T120000Z",
                "Tue, 01 Jan 2030 12:00:00 GMT",
            ),
        },
        accepted=written("20300101T120000Z"),
    ),
    rules.signature_has_not_expired: RuleCases(
        errors.SIGNATURE_EXPIRED,
        refused={
            "more than 15 minutes ago": (
                presented(NOW - QUARTER - SECOND),
                "signed at 2030-01-01T11:44:59Z; the time of this process is 2030-01-01T12:00:00Z",
            ),
            "by the time of the mock too": (
                presented(NOW - QUARTER - SECOND, times=(NOW, NOW + HOUR)),
                (
                    "signed at 2030-01-01T11:44:59Z; the time of this process is 2030-01-01T12:00:00Z, and that of the "
                    "mock 2030-01-01T13:00:00Z"
                ),
            ),
            "by every clock": presented(NOW - QUARTER - SECOND, times=(NOW, NOW + HOUR, NOW - HOUR)),
            "years ago": presented("20150830T123600Z"),
            "in the first year": presented("00010101T000000Z"),
        },
        accepted={
            "15 minutes ago": presented(NOW - QUARTER),
            "15 minutes ago, and a tick": presented(NOW - QUARTER, times=(NOW + SECOND - TICK, NOW + HOUR)),
            "15 minutes ago by the time of the mock": presented(NOW + HOUR - QUARTER, times=(NOW, NOW + HOUR)),
            "15 minutes ago by the time of another process": presented(
                NOW - HOUR - QUARTER, times=(NOW, NOW, NOW - HOUR)
            ),
            "in the first minutes of time": presented(
                "00010101T000000Z", times=(dt.datetime.min.replace(tzinfo=dt.UTC), NOW)
            ),
        },
    ),
    rules.signature_is_current: RuleCases(
        errors.SIGNATURE_NOT_YET_CURRENT,
        refused={
            "in more than 15 minutes": (
                presented(NOW + QUARTER + SECOND),
                "signed at 2030-01-01T12:15:01Z; the time of this process is 2030-01-01T12:00:00Z",
            ),
            "between two clocks": presented(NOW + HOUR, times=(NOW, NOW + 2 * HOUR)),
            "in the last year": presented("99991231T235959Z"),
        },
        accepted={
            "in 15 minutes": presented(NOW + QUARTER),
            "in 15 minutes by the time of the mock": presented(NOW + HOUR + QUARTER, times=(NOW, NOW + HOUR)),
            "in the last minutes of time": presented(
                "99991231T235959Z", times=(dt.datetime.max.replace(tzinfo=dt.UTC), NOW)
            ),
        },
    ),
    rules.credential_is_scoped_to_the_endpoint: RuleCases(
        errors.CREDENTIAL_SCOPE,
        refused={
            "another service": (
                presented(service="s3"),
                "expected the scope 20300101/us-east-1/sts/aws4_request, got 20300101/us-east-1/s3/aws4_request",
            ),
            "another region": (
                presented(region="eu-west-1"),
                (
                    "expected the scope 20300101/us-east-1/sts/aws4_request, got 20300101/eu-west-1/sts/aws4_request; "
                    "a caller of handle() says with region= which endpoint is asked"
                ),
            ),
            "the region in capitals": presented(region="US-EAST-1"),
            "the global endpoint at the endpoint of another region": presented(
                endpoint="eu-west-1", region="aws-global"
            ),
            "the service in capitals": presented(service="STS"),
            "another terminator": presented(terminator="aws5_request"),
            "another day": presented(date_of_scope="20300102"),
            "nothing": presented(date_of_scope="", region="", service="", terminator=""),
        },
        accepted={
            "its own": presented(),
            "that of another endpoint": presented(endpoint="eu-west-1", region="eu-west-1"),
            "the global endpoint by its name": presented(region="aws-global"),
        },
    ),
}


class TestRulesAboutSignatures(RuleContract[PresentedCredentials]):
    rules = SIGNATURE_RULES
    cases = CASES


# One fault against each rule, which can be combined with those against the others.
FAULTS: dict[AnyRule, dict[str, Any]] = {
    rules.signature_has_a_date: {"date": "20300101"},
    rules.signature_has_not_expired: {"date": NOW - HOUR},
    rules.signature_is_current: {"date": NOW + HOUR},
    rules.credential_is_scoped_to_the_endpoint: {"service": "s3"},
}


@pytest.mark.parametrize(
    "first", [pytest.param(rule, id=f"{rule.name} before the scope") for rule in SIGNATURE_RULES[:-1]]
)
def test_of_two_faults_the_first_in_the_order_is_reported(first: AnyRule) -> None:
    both = presented(**FAULTS[first] | FAULTS[SIGNATURE_RULES[-1]])
    assert rejection_of(lambda: check_all(SIGNATURE_RULES, both)).rule is first


REGION = "Credential should be scoped to a valid region, not 'nowhere-1'. "
SERVICE = "Credential should be scoped to correct service: 'sts'. "


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ({"region": "nowhere-1"}, REGION),
        ({"service": "s3"}, SERVICE),
        ({"region": "nowhere-1", "service": "s3"}, REGION + SERVICE),
        (
            {"service": "s3", "terminator": "aws5_request", "date_of_scope": "20300102"},
            SERVICE
            + "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. "
            + "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            + "'20300102' != '20300101', from '20300101T120000Z'. ",
        ),
    ],
    ids=["region", "service", "region and service", "service, terminator and date"],
)
def test_every_fault_of_a_scope_is_named_in_one_message(scope: dict[str, Any], message: str) -> None:
    rejected = rejection_of(lambda: check_all(SIGNATURE_RULES, presented(**scope)))
    assert rejected.message() == message


@pytest.mark.parametrize(
    ("date", "message"),
    [
        (
            NOW - HOUR,
            "Signature expired: 20300101T110000Z is now earlier than 20300101T114500Z (20300101T120000Z - 15 min.)",
        ),
        (
            NOW + HOUR,
            (
                "Signature not yet current: 20300101T130000Z is still later than 20300101T121500Z (20300101T120000Z + "
                "15 min.)"
            ),
        ),
    ],
    ids=["old", "of the future"],
)
def test_a_date_is_refused_with_the_bound(date: dt.datetime, message: str) -> None:
    assert rejection_of(lambda: check_all(SIGNATURE_RULES, presented(date))).message() == message


@dataclass
class Caller:
    """A session of a role, and what it asks."""

    sts: STSBackend
    idp: IdentityProvider

    def __post_init__(self) -> None:
        role = self.sts.create_role("Developer")
        # Of a region, also if botocore is old and calls the global endpoint by default.
        url = "https://sts.us-east-1.amazonaws.com"
        client = shared_session().client("sts", region_name="us-east-1", endpoint_url=url)
        client.assume_role_with_saml(
            RoleArn=role.arn, PrincipalArn=self.idp.provider.arn, SAMLAssertion=self.idp.response(role)
        )
        self.session = self.sts.sessions[-1]

    def client(self, **options: Any) -> Any:
        return boto3.Session(**self.session.boto3_kwargs()).client("sts", **{"region_name": "us-east-1"} | options)

    def headers(self, **scope: str) -> dict[str, str]:
        return signed(self.session, WHO_AM_I, **scope)

    def presigned(self, seconds: int) -> str:
        url: str = self.client().generate_presigned_url("get_caller_identity", ExpiresIn=seconds, HttpMethod="GET")
        return url

    def sends(self, headers: dict[str, str], region: str = "us-east-1") -> tuple[int, str]:
        status, _, body = self.sts.handle(WHO_AM_I, headers=headers, region=region)
        return status, body

    def sends_url(self, url: str) -> tuple[int, str]:
        parts = urlsplit(url)
        status, _, body = self.sts.handle(parts.query, method="GET", headers={"Host": parts.netloc})
        return status, body

    def code(self, **options: Any) -> str | None:
        """Return the code of the error when a client of boto3 asks, or None."""
        try:
            self.client(**options).get_caller_identity()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None


@pytest.fixture
def caller(sts: STSBackend, idp: IdentityProvider) -> Caller:
    return Caller(sts, idp)


@pytest.fixture
def caller_of(saml_signing_key: SigningKey) -> Callable[[STSBackend], Caller]:
    """A caller at a mock that a test begins."""

    def caller_of(sts: STSBackend) -> Caller:
        idp = IdentityProvider(signing_key=saml_signing_key)
        sts.create_saml_provider("ExampleIdP", idp)
        return Caller(sts, idp)

    return caller_of


@pytest.fixture
def frozen(caller_of: Callable[[STSBackend], Caller]) -> Iterator[Caller]:
    """A caller in a process whose time the mock has stopped."""
    with mock_sts_saml(now=NOW) as sts:
        yield caller_of(sts)


Freeze = Callable[[dt.datetime], AbstractContextManager[Any]]
FREEZES = [
    pytest.param(freeze_time, id="freezegun"),
    pytest.param(lambda to: freeze_time(to, tick=True), id="freezegun that ticks"),
    pytest.param(lambda to: time_machine.travel(to, tick=False), id="time-machine"),
]
# With it, freezegun's datetime.now() is off also in UTC, and its time.time() is not.
FREEZE_ELSEWHERE = pytest.param(lambda to: freeze_time(to, tz_offset=-7), id="freezegun in another zone")


class TestScopeThroughHandle:
    def test_a_signature_for_another_service_is_refused(self, caller: Caller) -> None:
        status, body = caller.sends(caller.headers(service="s3"))
        assert status == 403
        assert f"<Code>SignatureDoesNotMatch</Code>\n    <Message>{SERVICE}</Message>" in body

    def test_a_signature_for_no_region_of_aws_is_refused(self, caller: Caller) -> None:
        status, body = caller.sends(caller.headers(region="nowhere-1"))
        assert status == 403
        assert f"<Code>SignatureDoesNotMatch</Code>\n    <Message>{REGION}</Message>" in body

    @pytest.mark.parametrize(
        ("signed_for", "asked", "status"),
        [
            ("us-east-1", "us-east-1", 200),
            ("us-east-1", "aws-global", 200),
            ("aws-global", "us-east-1", 200),
            ("eu-west-1", "eu-west-1", 200),
            ("eu-west-1", "us-east-1", 403),
            ("us-east-1", "eu-west-1", 403),
            ("eu-west-1", "aws-global", 403),
        ],
    )
    def test_the_region_must_be_that_of_the_endpoint(
        self, caller: Caller, signed_for: str, asked: str, status: int
    ) -> None:
        assert caller.sends(caller.headers(region=signed_for), region=asked)[0] == status

    def test_a_signature_with_another_scope_is_refused_before_its_credentials(self, caller: Caller) -> None:
        headers = caller.headers(service="s3") | {"X-Amz-Security-Token": "token"}
        assert SERVICE in caller.sends(headers)[1]


class TestScopeThroughBoto3:
    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "af-south-1", "aws-global"])
    def test_a_client_signs_for_its_endpoint(self, caller: Caller, region: str) -> None:
        assert caller.code(region_name=region, endpoint_url=None) is None

    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
    @pytest.mark.parametrize("url", ["http://localhost:4566", "https://sts.example.com"])
    def test_an_endpoint_that_is_not_of_aws_is_that_of_the_client(self, caller: Caller, region: str, url: str) -> None:
        assert caller.code(region_name=region, endpoint_url=url) is None

    @pytest.mark.parametrize(
        ("region", "url"),
        [
            ("eu-west-1", "https://sts.amazonaws.com"),
            ("eu-west-1", "https://sts.us-east-1.amazonaws.com"),
            ("us-east-1", "https://sts.eu-west-1.amazonaws.com"),
        ],
    )
    def test_a_client_of_one_region_at_the_endpoint_of_another_is_refused(
        self, caller: Caller, region: str, url: str
    ) -> None:
        assert caller.code(region_name=region, endpoint_url=url) == "SignatureDoesNotMatch"


class TestDate:
    """Whatever happens to the time of the mock, a client that signs with the time of its process is honest."""

    @pytest.mark.parametrize("step", [HOUR / 2, -HOUR / 2, dt.timedelta(days=-3650)], ids=str)
    def test_time_may_pass_before_the_request_is_signed(self, caller: Caller, step: dt.timedelta) -> None:
        caller.sts.advance(seconds=step.total_seconds())
        assert caller.sends(caller.headers())[0] == 200
        assert caller.sends_url(caller.presigned(60))[0] == 200
        assert caller.code() is None

    @pytest.mark.parametrize("step", [HOUR / 2, -HOUR / 2, dt.timedelta(days=-3650)], ids=str)
    def test_time_may_pass_after_the_request_is_signed(self, caller: Caller, step: dt.timedelta) -> None:
        headers, url = caller.headers(), caller.presigned(60)
        caller.sts.advance(seconds=step.total_seconds())
        assert caller.sends(headers)[0] == 200
        assert caller.sends_url(url)[0] == 200

    def test_another_process_may_correct_its_clock_by_that_of_the_mock(self, caller: Caller) -> None:
        caller.sts.advance(minutes=30)
        with freeze_time(dt.datetime.now(dt.UTC) + HOUR / 2):
            headers = caller.headers()
        assert caller.sends(headers)[0] == 200

    @pytest.mark.parametrize("freeze", [*FREEZES, FREEZE_ELSEWHERE])
    def test_time_may_be_frozen_around_everything(
        self, freeze: Freeze, caller_of: Callable[[STSBackend], Caller]
    ) -> None:
        with freeze(NOW), mock_sts_saml() as sts:
            caller = caller_of(sts)
            caller.sts.advance(minutes=30)
            assert caller.code() is None
            assert caller.sends(caller.headers())[0] == 200

    @pytest.mark.parametrize("freeze", [*FREEZES, FREEZE_ELSEWHERE])
    def test_time_may_be_frozen_around_a_call(self, freeze: Freeze, caller: Caller) -> None:
        with freeze(dt.datetime.now(dt.UTC) + HOUR / 2):
            assert caller.code() is None
            assert caller.sends(caller.headers())[0] == 200

    @pytest.mark.parametrize("freeze", FREEZES)
    @pytest.mark.parametrize(("step", "text"), [(1, "Signature expired: "), (-1, "Signature not yet current: ")])
    def test_a_request_that_was_signed_at_another_time_of_the_process_is_refused(
        self, freeze: Freeze, caller: Caller, step: int, text: str
    ) -> None:
        headers, url = caller.headers(), caller.presigned(3600)
        with freeze(dt.datetime.now(dt.UTC) + step * (QUARTER + MINUTE)):
            for status, body in (caller.sends(headers), caller.sends_url(url)):
                assert status == 403
                assert f"<Code>SignatureDoesNotMatch</Code>\n    <Message>{text}" in body


class TestFrozenByTheMock:
    def test_a_request_may_arrive_15_minutes_late(self, frozen: Caller) -> None:
        headers = frozen.headers()
        frozen.sts.advance(minutes=15)
        assert frozen.sends(headers)[0] == 200

    def test_a_request_that_arrives_later_is_refused(self, frozen: Caller) -> None:
        headers = frozen.headers()
        frozen.sts.advance(minutes=15, seconds=1)
        status, body = frozen.sends(headers)
        assert status == 403
        assert (
            "Signature expired: 20300101T120000Z is now earlier than 20300101T120001Z (20300101T121501Z - 15 min.)"
        ) in body

    def test_a_request_of_the_future_is_refused(self, frozen: Caller) -> None:
        headers = frozen.headers()
        frozen.sts.advance(minutes=-15, seconds=-1)
        status, body = frozen.sends(headers)
        assert status == 403
        assert (
            "Signature not yet current: 20300101T120000Z is still later than 20300101T115959Z "
            "(20300101T114459Z + 15 min.)"
        ) in body

    @pytest.mark.parametrize("seconds", [60, 900, 3600])
    def test_a_presigned_url_is_good_for_15_minutes_whatever_it_says(self, frozen: Caller, seconds: int) -> None:
        url = frozen.presigned(seconds)
        assert f"X-Amz-Expires={seconds}&" in url
        frozen.sts.advance(minutes=15)
        assert frozen.sends_url(url)[0] == 200
        frozen.sts.advance(seconds=1)
        status, body = frozen.sends_url(url)
        assert status == 403
        assert "Signature expired: " in body

    def test_a_client_signs_with_the_time_of_the_mock(self, frozen: Caller) -> None:
        frozen.sts.advance(minutes=30)
        assert frozen.code() is None

    def test_another_process_signs_with_the_time_of_the_machine(self, frozen: Caller) -> None:
        with freeze_time(dt.datetime.fromtimestamp(real_time(), dt.UTC)):
            headers = frozen.headers()
        assert frozen.sends(headers)[0] == 200
        assert frozen.code() is None


def test_a_refusal_explains_the_time_of_the_process_and_that_of_the_mock(caller: Caller) -> None:
    headers = caller.headers()
    caller.sts.move_to("2040-01-01T00:00:00Z")
    with freeze_time("2035-01-01T00:00:00Z"):
        caller.sends(headers)
    told = " ".join(caller.sts.attempts[-1].explain().split())
    assert caller.sts.attempts[-1].failed == "signature_has_not_expired"
    assert "the time of this process is 2035-01-01T00:00:00Z, and that of the mock " in told
