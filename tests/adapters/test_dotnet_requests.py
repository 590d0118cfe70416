"""The requests of the AWS SDKs for .NET, byte by byte, since a test cannot start them.

Their headers are those of a request that aws/aws-sdk-net#2567 shows. The last two of OLD are what HttpWebRequest of
.NET Framework adds by default. The signature is made here and not by botocore, which never signs User-Agent.
"""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from http_clients import connected

from pytest_stssaml import IdentityProvider, Role, Session, STSBackend

NEW = {
    "User-Agent": "aws-sdk-dotnet-coreclr/3.7.101.8 aws-sdk-dotnet-core/3.7.105.2 .NET_Core/6.0.13 ClientAsync",
    "amz-sdk-invocation-id": "48d8fc02-08e2-472d-b1fe-fc512c52db73",
    "amz-sdk-request": "attempt=1; max=5",
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
}
OLD = {
    "User-Agent": "aws-sdk-dotnet-45/3.3.0.0 aws-sdk-dotnet-core/3.3.0.0 .NET_Framework/4.0 ClientSync",
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    "Expect": "100-continue",
    "Connection": "Keep-Alive",
}
SIGNED = ("content-type", "host", "user-agent", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token")
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"

Form = dict[str, str]
Ask = Callable[..., tuple[int, str]]


def written(form: Form) -> str:
    """Return a form as .NET writes it: sorted, and with everything escaped but letters, digits and -_.~"""
    return "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(form.items()))


def signed(headers: dict[str, str], body: str, session: Session) -> dict[str, str]:
    """Return headers with those of a signature."""
    now = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
    digest = hashlib.sha256(body.encode()).hexdigest()
    added = {"X-Amz-Security-Token": session.session_token, "X-Amz-Date": now, "X-Amz-Content-SHA256": digest}
    values = {name.lower(): value for name, value in (headers | added).items()}
    lines = [f"{name}:{values[name]}" for name in SIGNED]
    canonical = "\n".join(["POST", "/", "", *lines, "", ";".join(SIGNED), digest])
    scope = f"{now[:8]}/us-east-1/sts/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{session.secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"Credential={session.access_key_id}/{scope}"
    authorization = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={';'.join(SIGNED)}, Signature={signature}"
    return headers | added | {"Authorization": authorization}


@pytest.fixture(params=[NEW, OLD], ids=["new", "old"])
def ask(request: pytest.FixtureRequest, sts: STSBackend) -> Iterator[Ask]:
    """Send a form over one connection, signed by a session or unsigned, and return the status and the body."""

    def call(form: Form, session: Session | None = None, *, repeated: str = "") -> tuple[int, str]:
        body = written({"Version": "2011-06-15"} | form)
        headers = {"Host": endpoint.url.removeprefix("http://")} | request.param
        if session is not None:
            headers = signed(headers, body, session)
        lines = [f"{name}: {value}" for name, value in (headers | {"Content-Length": str(len(body))}).items()]
        lines += [f"{repeated}: {headers[repeated]}"] if repeated else []
        connection.sendall("\r\n".join(["POST / HTTP/1.1", *lines, "", ""]).encode())
        if "Expect" in headers:
            assert connection.recv(len(GO_ON)) == GO_ON
        connection.sendall(body.encode())
        return answer(connection)

    with sts.serve() as endpoint, connected(endpoint) as connection:
        yield call


def answer(connection: Any) -> tuple[int, str]:
    """Read one answer, and return its status and its body."""
    head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    assert length is not None
    while len(body) < int(length[1]):
        body += connection.recv(65_536)
    return int(head.split()[1]), body.decode()


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Role:
    return sts.create_role("Developer")


@pytest.fixture
def login(idp: IdentityProvider, role: Role) -> Form:
    """The parameters of a good login."""
    return {
        "Action": "AssumeRoleWithSAML",
        "RoleArn": role.arn,
        "PrincipalArn": idp.provider.arn,
        "SAMLAssertion": idp.response(role),
    }


@pytest.fixture
def session(sts: STSBackend, ask: Ask, login: Form) -> Session:
    ask(login)
    return sts.sessions[-1]


def code(found: tuple[int, str]) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return found[0], found[1].partition("<Code>")[2].partition("</Code>")[0]


def test_a_login(ask: Ask, login: Form) -> None:
    status, body = ask(login)
    assert (status, "<Subject>alice@example.com</Subject>" in body) == (200, True)


def test_a_login_with_a_session_policy(sts: STSBackend, ask: Ask, login: Form) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert ask(login | {"PolicyArns.member.1.arn": arn, "DurationSeconds": "900"})[0] == 200
    assert arn in sts.sessions[-1].policies


def test_refused_logins(ask: Ask, idp: IdentityProvider, role: Role, login: Form) -> None:
    forged = idp.response(role).tampered("alice", "mallory")
    expired = idp.response(role, issue_instant=dt.timedelta(minutes=-6))
    assert [
        code(ask(login | changed))
        for changed in ({"SAMLAssertion": forged}, {"SAMLAssertion": expired}, {"Policy": "{}"})
    ] == [(400, "InvalidIdentityToken"), (400, "ExpiredTokenException"), (400, "MalformedPolicyDocument")]


def test_throttling_and_the_retry_over_the_same_connection(sts: STSBackend, ask: Ask, login: Form) -> None:
    sts.add_client_error("Throttling", times=2)
    assert [ask(login)[0] for _ in range(3)] == [400, 400, 200]


def test_a_session_says_who_it_is(ask: Ask, session: Session) -> None:
    status, body = ask({"Action": "GetCallerIdentity"}, session)
    assert (status, f"<Arn>{session.arn}</Arn>" in body) == (200, True)


def test_a_session_assumes_the_next_role(sts: STSBackend, ask: Ask, session: Session, role: Role) -> None:
    auditor = sts.create_role("Auditor", trust_policy=role.chaining_policy())
    assert ask({"Action": "AssumeRole", "RoleArn": auditor.arn, "RoleSessionName": "audit"}, session)[0] == 200
    assert ask({"Action": "GetCallerIdentity"}, sts.sessions[-1])[0] == 200


def test_a_user_agent_that_is_sent_twice_does_not_match_its_signature(ask: Ask, session: Session) -> None:
    found = ask({"Action": "GetCallerIdentity"}, session, repeated="User-Agent")
    assert code(found) == (403, "SignatureDoesNotMatch")
