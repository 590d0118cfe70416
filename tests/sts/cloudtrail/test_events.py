import contextlib
import datetime as dt
import hashlib
import json
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from wire import shared_session

from pytest_stssaml import IdentityProvider, Role, Session, STSBackend, mock_sts_saml
from pytest_stssaml.sts.cloudtrail.failures import FAILURES, failure_of
from pytest_stssaml.sts.errors import CATALOGUE
from pytest_stssaml.sts.rule import Confidence

NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
QUALIFIER = "gVMfPykcwyJvL8k2pmXetypU/dY="
ROLE = "arn:aws:iam::123456789012:role/Developer"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
SESSION = "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"
POLICY = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
ASSERTION = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}

# The members of the AssumeRoleWithSAML event of July 2026, without tlsDetails.
MEMBERS = {
    "additionalEventData",
    "awsRegion",
    "eventCategory",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "eventVersion",
    "managementEvent",
    "readOnly",
    "recipientAccountId",
    "requestID",
    "requestParameters",
    "resources",
    "responseElements",
    "sourceIPAddress",
    "userAgent",
    "userIdentity",
}

LogIn = Callable[..., Any]


@pytest.fixture
def sts() -> Iterator[STSBackend]:
    with mock_sts_saml(now=NOON) as backend:
        yield backend


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Role:
    return sts.create_role("Developer", allow_tags=True, allow_source_identity=True)


@pytest.fixture
def session(sts: STSBackend, idp: IdentityProvider, role: Role, log_in: LogIn) -> Session:
    """A session whose login is the first event."""
    response = idp.response(
        role, principal_tags={"team": "blue"}, transitive_tag_keys=["team"], source_identity="alice"
    )
    log_in(response, role, idp.provider)
    return sts.sessions[-1]


@pytest.fixture
def logged(sts: STSBackend, idp: IdentityProvider, role: Role, log_in: LogIn) -> Callable[..., dict[str, Any]]:
    """Return the event of a login: `logged(principal_tags=...)`; with `ask`, parameters of the call."""

    def event(ask: dict[str, Any] | None = None, **said: Any) -> dict[str, Any]:
        log_in(idp.response(role, **said), role, idp.provider, **(ask or {}))
        return sts.cloudtrail_events[-1]

    return event


@pytest.fixture
def chained(sts: STSBackend, role: Role, session: Session) -> Callable[..., list[dict[str, Any]]]:
    """Return the events of a call of AssumeRole, refused or not: `chained(Tags=[...])`."""

    def events(account_id: str = "123456789012", **parameters: Any) -> list[dict[str, Any]]:
        if len(sts.roles) == 1:
            trust = role.chaining_policy(actions=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
            sts.create_role("Auditor", account_id=account_id, trust_policy=trust)
        before = len(sts.cloudtrail_events)
        call = {"RoleArn": sts.roles[1].arn, "RoleSessionName": "audit", **parameters}
        with contextlib.suppress(ClientError):
            client_of(session).assume_role(**call)
        return list(sts.cloudtrail_events[before:])

    return events


def client_of(session: Session, region: str = "us-east-1") -> Any:
    return shared_session().client("sts", region_name=region, **session.boto3_kwargs())


class TestLogin:
    def test_has_the_members_of_an_event_of_aws(self, logged: Callable[..., dict[str, Any]]) -> None:
        assert set(logged()) == MEMBERS

    def test_is_by_a_saml_user(self, logged: Callable[..., dict[str, Any]]) -> None:
        assert logged(name_id="bob")["userIdentity"] == {
            "type": "SAMLUser",
            "principalId": f"{QUALIFIER}:bob",
            "userName": "bob",
            "identityProvider": QUALIFIER,
        }

    def test_names_the_assertion_and_not_its_content(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, log_in: LogIn
    ) -> None:
        response = idp.response(role)
        log_in(response, role, idp.provider)
        [assertion_id] = response.root.xpath("//saml:Assertion/@ID", namespaces=ASSERTION)
        assert sts.cloudtrail_events[-1]["requestParameters"] == {
            "sAMLAssertionID": assertion_id,
            "roleSessionName": "alice@example.com",
            "roleArn": ROLE,
            "principalArn": PROVIDER,
        }

    @pytest.mark.parametrize(
        ("said", "ask", "expected"),
        [
            pytest.param({}, {"DurationSeconds": 900}, {"durationSeconds": 900}, id="duration"),
            pytest.param({"source_identity": "alice"}, {}, {"sourceIdentity": "alice"}, id="source identity"),
            pytest.param(
                {"principal_tags": {"team": "blue"}, "transitive_tag_keys": ["team"]},
                {},
                {"principalTags": {"team": "blue"}, "transitiveTagKeys": ["team"]},
                id="tags",
            ),
            pytest.param({}, {"Policy": POLICY}, {"policy": POLICY}, id="policy"),
        ],
    )
    def test_has_the_parameters_that_were_sent(
        self,
        logged: Callable[..., dict[str, Any]],
        said: dict[str, Any],
        ask: dict[str, Any],
        expected: dict[str, Any],
    ) -> None:
        assert expected.items() <= logged(ask, **said)["requestParameters"].items()

    def test_has_the_least_size_of_the_token_that_was_asked_for(
        self, sts: STSBackend, idp: IdentityProvider, role: Role
    ) -> None:
        sts.handle(f"{login_form(idp, role)}&MinimumSessionTokenSize=800")
        assert sts.cloudtrail_events[0]["requestParameters"]["minimumSessionTokenSize"] == 800

    def test_names_managed_session_policies(self, sts: STSBackend, logged: Callable[..., dict[str, Any]]) -> None:
        arn = sts.create_policy("Narrow", POLICY)
        event = logged({"PolicyArns": [{"arn": arn}]})
        assert event["requestParameters"]["policyArns"] == [{"arn": arn}]

    def test_has_the_answer_without_the_secret_access_key(self, sts: STSBackend, session: Session, role: Role) -> None:
        event = sts.cloudtrail_events[-1]
        size = session.session_token_utilization
        assert event["responseElements"] == {
            "audience": "https://signin.aws.amazon.com/saml",
            "assumedRoleUser": {"assumedRoleId": session.assumed_role_id, "arn": SESSION},
            "credentials": {
                "accessKeyId": session.access_key_id,
                "sessionToken": session.session_token,
                "expiration": "Jan 1, 2030, 1:00:00 PM",
            },
            "subject": "alice@example.com",
            "nameQualifier": QUALIFIER,
            "sourceIdentity": "alice",
            "packedPolicySize": size,
            "sessionTokenSize": session.session_token_size,
            "sessionTokenUtilization": size,
            "subjectType": "persistent",
            "issuer": "https://idp.example.com/saml",
        }
        assert session.secret_access_key not in json.dumps(event)

    def test_has_the_role_and_the_provider_as_resources(self, logged: Callable[..., dict[str, Any]]) -> None:
        assert logged()["resources"] == [
            {"accountId": "123456789012", "type": "AWS::IAM::Role", "ARN": ROLE},
            {"accountId": "123456789012", "type": "AWS::IAM::SAMLProvider", "ARN": PROVIDER},
        ]

    @pytest.mark.parametrize(
        ("time", "written"),
        [
            ("2030-01-01T23:00:00", "Jan 2, 2030, 12:00:00 AM"),
            ("2030-12-31T10:59:59", "Dec 31, 2030, 11:59:59 AM"),
            ("2030-06-09T11:00:00", "Jun 9, 2030, 12:00:00 PM"),
            ("2030-06-09T12:03:04", "Jun 9, 2030, 1:03:04 PM"),
        ],
    )
    def test_has_times_in_two_formats(
        self, sts: STSBackend, logged: Callable[..., dict[str, Any]], time: str, written: str
    ) -> None:
        sts.move_to(time)
        event = logged()
        assert event["eventTime"] == f"{time}Z"
        assert event["responseElements"]["credentials"]["expiration"] == written


class TestChaining:
    def test_is_by_the_session(self, chained: Callable[..., Any], session: Session, role: Role) -> None:
        [event] = chained()
        assert event["userIdentity"] == {
            "type": "AssumedRole",
            "principalId": session.assumed_role_id,
            "arn": SESSION,
            "accountId": "123456789012",
            "accessKeyId": session.access_key_id,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": role.role_id,
                    "arn": ROLE,
                    "accountId": "123456789012",
                    "userName": "Developer",
                },
                "attributes": {"creationDate": "2030-01-01T12:00:00Z", "mfaAuthenticated": "false"},
                "sourceIdentity": "alice",
            },
        }

    def test_has_what_was_sent_and_what_the_session_passes_on(self, chained: Callable[..., Any]) -> None:
        tags = [{"Key": "stage", "Value": "test"}]
        [event] = chained(Tags=tags, TransitiveTagKeys=["stage"], DurationSeconds=900, ExternalId="example")
        assert event["requestParameters"] == {
            "incomingTransitiveTags": {"team": "blue"},
            "tags": [{"key": "stage", "value": "test"}],
            "roleArn": "arn:aws:iam::123456789012:role/Auditor",
            "roleSessionName": "audit",
            "sourceIdentity": "alice",
            "externalId": "example",
            "transitiveTagKeys": ["stage"],
            "durationSeconds": 900,
        }

    def test_has_the_answer_without_the_secret_access_key(self, chained: Callable[..., Any]) -> None:
        [event] = chained()
        credentials = event["responseElements"]["credentials"]
        assert sorted(credentials) == ["accessKeyId", "expiration", "sessionToken"]

    def test_in_another_account_has_an_event_for_each(self, chained: Callable[..., Any], session: Session) -> None:
        here, there = chained(account_id="111122223333")
        assert (here["recipientAccountId"], there["recipientAccountId"]) == ("123456789012", "111122223333")
        assert here["userIdentity"]["type"] == "AssumedRole"
        assert there["userIdentity"] == {
            "type": "AWSAccount",
            "principalId": session.assumed_role_id,
            "accountId": "123456789012",
        }
        assert here["sharedEventID"] == there["sharedEventID"] not in (here["eventID"], there["eventID"])
        assert here["eventID"] != there["eventID"]
        assert here["requestID"] == there["requestID"]


class TestCallerIdentity:
    def test_has_neither_parameters_nor_an_answer(self, sts: STSBackend, session: Session) -> None:
        client_of(session).get_caller_identity()
        event = sts.cloudtrail_events[-1]
        assert (event["eventName"], event["requestParameters"], event["responseElements"]) == (
            "GetCallerIdentity",
            None,
            None,
        )
        assert set(event) == MEMBERS - {"resources"}
        assert event["userIdentity"]["arn"] == SESSION

    def test_of_a_session_without_a_source_identity_does_not_mention_it(
        self, sts: STSBackend, logged: Callable[..., dict[str, Any]]
    ) -> None:
        logged()
        client_of(sts.sessions[-1]).get_caller_identity()
        assert "sourceIdentity" not in sts.cloudtrail_events[-1]["userIdentity"]["sessionContext"]


class TestFailures:
    def test_of_a_response_are_not_logged(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any]
    ) -> None:
        assert refusal(idp.response(role, audience="urn:example"), role, idp.provider)[0] == "InvalidIdentityToken"
        assert sts.cloudtrail_events == ()

    def test_of_a_login_that_is_denied_have_a_message_of_their_own(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any]
    ) -> None:
        other = sts.create_role("Other", trust_policy=role.chaining_policy())
        assert refusal(idp.response(other), other, idp.provider)[0] == "AccessDenied"
        [event] = sts.cloudtrail_events
        assert (event["errorCode"], event["errorMessage"]) == ("AccessDenied", "An unknown error occurred")
        assert event["userIdentity"]["userName"] == "alice@example.com"
        assert event["responseElements"] is None

    def test_of_a_role_that_does_not_exist_name_it(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        missing = "arn:aws:iam::123456789012:role/Missing"
        refusal(idp.response((missing, idp.provider.arn)), missing, idp.provider)
        assert [resource["ARN"] for resource in sts.cloudtrail_events[0]["resources"]] == [missing, PROVIDER]

    def test_of_a_chaining_have_the_message_of_the_answer(self, chained: Callable[..., Any]) -> None:
        missing = "arn:aws:iam::111122223333:role/Missing"
        [event] = chained(RoleArn=missing)
        message = f"User: {SESSION} is not authorized to perform: sts:AssumeRole on resource: {missing}"
        assert (event["errorCode"], event["errorMessage"]) == ("AccessDenied", message)
        assert event["recipientAccountId"] == "123456789012"

    def test_of_the_size_of_the_token_are_named_as_exceptions(self, chained: Callable[..., Any]) -> None:
        tags = [{"Key": f"key{n}", "Value": hashlib.sha512(b"%d" % n).hexdigest()} for n in range(50)]
        [event] = chained(Tags=tags)
        assert event["errorCode"] == "PackedPolicyTooLargeException"

    @pytest.mark.parametrize("code", ["AccessDenied", "Throttling"])
    def test_that_a_test_ordered_are_not_logged(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any], code: str
    ) -> None:
        sts.add_client_error(code, "Rate exceeded", 400, times=10, optional=True)
        refusal(idp.response(role), role, idp.provider)
        assert sts.cloudtrail_events == ()

    def test_of_a_lost_connection_are_not_logged(self, sts: STSBackend, role: Role) -> None:
        sts.add_connection_error(times=1)
        with pytest.raises(ConnectionResetError):
            sts.handle("Action=AssumeRoleWithSAML&Version=2011-06-15")
        assert sts.cloudtrail_events == ()

    def test_of_credentials_are_not_logged(self, sts: STSBackend, session: Session) -> None:
        before = sts.cloudtrail_events
        sts.advance(hours=2)
        with pytest.raises(ClientError, match="ExpiredToken"):
            client_of(session).get_caller_identity()
        assert sts.cloudtrail_events == before

    def test_of_an_operation_that_sessions_may_not_call_are_not_logged(self, sts: STSBackend, session: Session) -> None:
        before = sts.cloudtrail_events
        with pytest.raises(ClientError, match="AccessDenied"):
            client_of(session).get_session_token()
        assert sts.cloudtrail_events == before

    def test_say_how_well_they_are_established(self) -> None:
        codes = {row.code for row in CATALOGUE}
        assert all(failure.code in codes and failure.source for failure in FAILURES)
        assert failure_of("AssumeRole", "ValidationError").confidence is Confidence.OURS


class TestEvents:
    @pytest.mark.parametrize(
        ("region", "expected"),
        [
            ("eu-west-1", ("eu-west-1", {"endpointType": "regional", "awsServingRegion": "eu-west-1"})),
            ("aws-global", ("us-east-1", {"endpointType": "global", "awsServingRegion": "us-east-1"})),
        ],
    )
    def test_name_the_endpoint(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, region: str, expected: Any
    ) -> None:
        sts.handle(login_form(idp, role), region=region)
        event = sts.cloudtrail_events[-1]
        assert (event["awsRegion"], event["additionalEventData"]["RequestDetails"]) == expected

    def test_have_the_ids_of_the_answer(self, sts: STSBackend, idp: IdentityProvider, role: Role) -> None:
        _, headers, _ = sts.handle(login_form(idp, role))
        event = sts.cloudtrail_events[-1]
        assert event["requestID"] == headers["x-amzn-RequestId"]
        assert event["additionalEventData"]["ExtendedRequestId"] == headers["x-amz-sts-extended-request-id"]

    @pytest.mark.parametrize(
        ("sent", "expected"),
        [("aws-cli/2", "aws-cli/2"), ("a" * 1024, "a" * 1024), ("a" * 1025, "a" * 1024), ("", None)],
        ids=["short", "longest", "too long", "none"],
    )
    def test_have_the_user_agent_of_the_request(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, sent: str, expected: str | None
    ) -> None:
        sts.handle(login_form(idp, role), user_agent=sent)
        assert sts.cloudtrail_events[-1].get("userAgent") == expected

    def test_are_the_same_whenever_they_are_read(self, sts: STSBackend, session: Session) -> None:
        before = sts.cloudtrail_events
        assert sts.attempts
        assert sts.cloudtrail_events == before

    def test_belong_to_who_reads_them(self, sts: STSBackend, session: Session) -> None:
        sts.cloudtrail_events[0]["userIdentity"]["userName"] = "mallory"
        assert sts.cloudtrail_events[0]["userIdentity"]["userName"] == "alice@example.com"

    def test_differ_in_their_ids(self, sts: STSBackend, logged: Callable[..., dict[str, Any]]) -> None:
        ids = [event[name] for event in (logged(), logged()) for name in ("eventID", "requestID")]
        assert len(set(ids)) == 4

    def test_can_be_written_as_json(self, sts: STSBackend, chained: Callable[..., Any]) -> None:
        chained(account_id="111122223333")
        assert json.loads(json.dumps(sts.cloudtrail_events)) == list(sts.cloudtrail_events)

    def test_can_be_read_after_the_mock(self, saml_signing_key: Any) -> None:
        with mock_sts_saml() as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            sts.create_saml_provider("ExampleIdP", idp)
            sts.handle(login_form(idp, sts.create_role("Developer")))
        assert sts.cloudtrail_events[0]["eventName"] == "AssumeRoleWithSAML"

    def test_are_those_of_the_latest_calls(self, sts: STSBackend, chained: Callable[..., Any]) -> None:
        first = sts.cloudtrail_events
        for _ in range(1000):
            sts.handle("Action=Unknown")
        assert first
        assert sts.cloudtrail_events == ()


class TestLargeRequests:
    """Events of large requests are made at once, and are kept as JSON."""

    def test_have_the_event_of_any_request(self, sts: STSBackend, logged: Callable[..., dict[str, Any]]) -> None:
        event = logged(attributes={"urn:example": "a" * 30_000})
        assert set(event) == MEMBERS
        assert sts.attempts[-1].accepted

    @pytest.mark.parametrize(("surplus", "is_omitted"), [(0, False), (1, True)])
    def test_omit_parameters_of_more_than_100_kilobytes(
        self, chained: Callable[..., Any], surplus: int, *, is_omitted: bool
    ) -> None:
        ask = {"RoleArn": "arn:aws:iam::111122223333:role/Missing"}
        [small] = chained(Policy="a", **ask)
        others = len(json.dumps(small["requestParameters"])) - 1
        [event] = chained(Policy="a" * (100 * 1024 - others + surplus), **ask)
        assert (event["requestParameters"] is None) is is_omitted


def login_form(idp: IdentityProvider, role: Role) -> str:
    return urllib.parse.urlencode(
        {
            "Action": "AssumeRoleWithSAML",
            "Version": "2011-06-15",
            "RoleArn": role.arn,
            "PrincipalArn": idp.provider.arn,
            "SAMLAssertion": idp.response(role),
        }
    )
