import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from sign_in_pages import Answer, console, get

from pytest_stssaml import IdentityProvider, Session, STSBackend, mock_sts_saml
from pytest_stssaml.literals import Partition

CONSOLE = "https://console.aws.amazon.com/"
INVALID = "HTTP Status 400 - Invalid credentials parameter"


@pytest.fixture
def session(sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Session:
    """A session of a SAML login."""
    role = sts.create_role("Developer")
    log_in(idp.response(role), role, idp.provider)
    return sts.sessions[-1]


def credentials(session: Session, **changed: Any) -> str:
    """Return the JSON of the parameter Session."""
    known = {
        "sessionId": session.access_key_id,
        "sessionKey": session.secret_access_key,
        "sessionToken": session.session_token,
    }
    return json.dumps(known | changed)


def ask(sts: STSBackend, session: str, **fields: str) -> Answer:
    return get(sts, "/federation", Action="getSigninToken", Session=session, **fields)


def token(sts: STSBackend, session: Session, **fields: str) -> str:
    return str(json.loads(ask(sts, credentials(session), **fields).body)["SigninToken"])


def sign_in(sts: STSBackend, signin_token: str, destination: str = CONSOLE, **fields: str) -> Answer:
    fields = {"Issuer": "https://example.com", "Destination": destination, "SigninToken": signin_token, **fields}
    return get(sts, "/federation", Action="login", **fields)


class TestGetSigninToken:
    def test_returns_json_with_one_member(self, sts: STSBackend, session: Session) -> None:
        answer = ask(sts, credentials(session))
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
        assert list(json.loads(answer.body)) == ["SigninToken"]

    def test_may_be_posted(self, sts: STSBackend, session: Session) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = f"Action=getSigninToken&Session={credentials(session)}".replace("+", "%2B")
        assert sts.sign_in.handle("POST", "/federation", form, body.encode())[0] == 200

    @pytest.mark.parametrize(
        ("seconds", "status"),
        [("899", 400), ("900", 200), ("43200", 200), ("43201", 400), ("", 200), ("1h", 400), ("-1", 400)],
    )
    def test_takes_a_duration_within_the_limits(
        self, sts: STSBackend, session: Session, seconds: str, status: int
    ) -> None:
        assert ask(sts, credentials(session), SessionDuration=seconds).status == status

    @pytest.mark.parametrize(
        "changed",
        [{"sessionId": "ASIAUNKNOWN"}, {"sessionKey": "wrong"}, {"sessionToken": "wrong"}],
        ids=["key", "secret", "token"],
    )
    def test_refuses_credentials_that_are_not_those_of_a_session(
        self, sts: STSBackend, session: Session, changed: dict[str, str]
    ) -> None:
        answer = ask(sts, credentials(session, **changed))
        assert (answer.status, answer.page.findtext(".//h1")) == (400, INVALID)
        assert answer.reason

    def test_refuses_credentials_that_have_expired(self, sts: STSBackend, session: Session) -> None:
        sts.move_to(session.expiration)
        assert ask(sts, credentials(session)).reason.startswith("the session ended at ")

    def test_refuses_the_credentials_of_a_role_that_is_gone(self, sts: STSBackend, session: Session) -> None:
        sts.delete_role(session.role)
        assert "does not exist any more" in ask(sts, credentials(session)).reason

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[]", "5", "{}", '{"sessionId": "a", "sessionKey": "b", "sessionToken": 5}', "[" * 100_000],
        ids=["nothing", "not JSON", "list", "number", "empty", "not strings", "deep"],
    )
    def test_refuses_what_is_not_a_session(self, sts: STSBackend, text: str) -> None:
        answer = ask(sts, text)
        assert (answer.status, answer.reason.startswith("expected ")) == (400, True)

    def test_is_not_a_call_of_sts(self, sts: STSBackend, session: Session) -> None:
        token(sts, session)
        assert [attempt.operation for attempt in sts.attempts] == ["AssumeRoleWithSAML"]

    @pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
    def test_serves_the_sessions_of_each_partition(self, partition: Partition) -> None:
        with mock_sts_saml(partition=partition) as sts:
            idp = IdentityProvider()
            sts.create_saml_provider("ExampleIdP", idp)
            region = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}[partition]
            boto3.client("sts", region_name=region).assume_role_with_saml(**idp.request(sts.create_role("Developer")))
            fields = {"Action": "getSigninToken", "Session": credentials(sts.sessions[0])}
            assert get(sts, "/federation", {"Host": "localhost"}, **fields).status == 200


class TestChainedRole:
    @pytest.fixture
    def chained(self, sts: STSBackend, session: Session, sts_client: Any) -> Session:
        auditor = sts.create_role("Auditor", trusts=session.role)
        client = boto3.Session(**session.boto3_kwargs()).client("sts", region_name="us-east-1")
        client.assume_role(RoleArn=auditor.arn, RoleSessionName="audit")
        return sts.sessions[-1]

    def test_is_refused_with_a_session_duration(self, sts: STSBackend, chained: Session) -> None:
        answer = ask(sts, credentials(chained), SessionDuration="3600")
        assert (answer.status, answer.page.findtext(".//h1")) == (400, INVALID)
        assert "chained role" in answer.reason

    def test_gets_a_token_without_one(self, sts: STSBackend, chained: Session) -> None:
        page = console(sts, sign_in(sts, token(sts, chained)))
        assert page.page.get_element_by_id("signed-in-as").text == "Auditor/audit @ 123456789012"


class TestSignIn:
    def test_leads_to_the_console(self, sts: STSBackend, session: Session) -> None:
        page = console(sts, sign_in(sts, token(sts, session), f"{CONSOLE}s3"))
        rows = {row.get("id"): row.text for row in page.page.iterfind(".//dd")}
        assert (rows["session"], rows["page"]) == (session.arn, f"{CONSOLE}s3")

    def test_takes_a_token_once(self, sts: STSBackend, session: Session) -> None:
        signin_token = token(sts, session)
        assert [sign_in(sts, signin_token).status for _ in range(2)] == [302, 400]

    @pytest.mark.parametrize(("time", "status"), [("12:14:59.999999", 302), ("12:15:00", 400)], ids=["14:59", "15:00"])
    def test_takes_a_token_for_fifteen_minutes(self, log_in: Callable[..., Any], time: str, status: int) -> None:
        with mock_sts_saml(now="2030-01-01T12:00:00Z") as sts:
            idp = IdentityProvider()
            provider = sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer")
            log_in(idp.response(role), role, provider)
            signin_token = token(sts, sts.sessions[0])
            sts.move_to(f"2030-01-01T{time}Z")
            answer = sign_in(sts, signin_token)
        assert answer.status == status
        assert answer.headers.get("X-Stssaml-Reason", "").startswith("the SigninToken was valid until ") == (
            status == 400
        )

    def test_keeps_a_token_if_the_destination_is_wrong(self, sts: STSBackend, session: Session) -> None:
        signin_token = token(sts, session)
        answer = sign_in(sts, signin_token, "https://example.com/")
        assert (answer.status, "Location" in answer.headers) == (400, False)
        assert sign_in(sts, signin_token).status == 302

    def test_refuses_an_unknown_token(self, sts: STSBackend) -> None:
        assert sign_in(sts, "unknown").reason == "the SigninToken was not issued, or was used already"

    @pytest.mark.parametrize(("duration", "hours"), [("43200", 12), ("", 1)], ids=["SessionDuration", "none"])
    def test_lasts_as_long_as_was_asked_or_as_the_credentials(
        self, sts: STSBackend, session: Session, duration: str, hours: int
    ) -> None:
        entered = sign_in(sts, token(sts, session, SessionDuration=duration))
        sts.advance(hours=hours, seconds=-2)
        assert get(sts, "/console/home", entered.cookie).status == 200
        sts.advance(seconds=3)
        expired = get(sts, "/console/home", entered.cookie)
        assert (expired.status, "Sign in again at https://example.com." in expired.text) == (403, True)

    def test_needs_no_issuer(self, sts: STSBackend, session: Session) -> None:
        entered = sign_in(sts, token(sts, session), Issuer="")
        sts.advance(dt.timedelta(hours=2))
        assert "Sign in again" not in get(sts, "/console/home", entered.cookie).text

    def test_forgets_the_oldest_token_after_a_thousand(
        self, sts: STSBackend, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pytest_stssaml.sign_in.federation.MOST_TOKENS", 2)
        tokens = [token(sts, session) for _ in range(3)]
        assert [sign_in(sts, each).status for each in tokens] == [400, 302, 302]


@pytest.mark.parametrize("action", [{}, {"Action": "logout"}], ids=["none", "unknown"])
def test_another_action_is_refused(sts: STSBackend, action: dict[str, str]) -> None:
    assert get(sts, "/federation", **action).reason.startswith("expected getSigninToken or login as Action")
