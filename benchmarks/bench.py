"""Speed and memory, as ratios measured in one run.

The floor is the same boto3 call answered by a handler that returns canned XML, which is what botocore itself costs.
Calls that are compared are measured in turns, a few of each, and the median of the turns' ratios is printed, so that
a machine that slows down slows both.

    tox -e bench                       everything
    tox -e bench -- login hostile      some benchmarks
"""

import base64
import gc
import http.client
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import unittest.mock
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from moto import mock_aws

import pytest_stssaml
from pytest_stssaml import IdentityProvider, Session, STSBackend, active_mock, make_signing_key, mock_sts_saml
from pytest_stssaml.active_mock import ActiveMock
from pytest_stssaml.adapters import botocore_events
from pytest_stssaml.adapters.botocore_messages import Body
from pytest_stssaml.literals import Signed
from pytest_stssaml.services import Services
from pytest_stssaml.sts import service
from pytest_stssaml.sts.attempts.attempt import attempt_of
from pytest_stssaml.sts.attempts.call import Call as RememberedCall
from pytest_stssaml.wire import Response

KEY = cast(rsa.RSAPrivateKey, make_signing_key())
WARM_UP, TURNS, CALLS = 5, 80, 8

Call = Callable[[], Any]


def report(name: str, figure: float, unit: str, bound: float | None = None) -> None:
    """Print a figure, and whether it is within its bound."""
    verdict = "" if bound is None else f"   at most {bound:g}: {'ok' if figure <= bound else 'OVER'}"
    print(f"{name:<58} {figure:9.3f} {unit:<3}{verdict}", flush=True)


def seconds(call: Call, calls: int = CALLS) -> float:
    """Return the seconds that one call takes, as the median of a few calls."""
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def in_turns(*calls: tuple[AbstractContextManager[Any], Call], turns: int = TURNS) -> list[list[float]]:
    """Return, for each turn, the seconds of each call, which is made inside its context manager."""
    measured = []
    for _ in range(WARM_UP + turns):
        turn = []
        for inside, call in calls:
            with inside:
                turn.append(seconds(call))
        measured.append(turn)
    return measured[WARM_UP:]


def ratio(turns: list[list[float]], of: int, to: int) -> float:
    """Return the ratio of the times of two calls, as the median over the turns."""
    return statistics.median(turn[of] / turn[to] for turn in turns)


USER = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}


def client(credentials: dict[str, str] = USER) -> Any:
    """Return a client of a boto3 session of its own."""
    return boto3.Session(**credentials).client("sts", region_name="us-east-1")


def canned_client(xml: bytes, credentials: dict[str, str] = USER) -> Any:
    """Return a client whose calls are all answered with the same XML, by the simplest possible handler."""
    response = Response(200, {}, "", write=xml.decode)
    canned = client(credentials)
    canned.meta.events.register(
        "before-send.sts",
        lambda request, **_: AWSResponse(request.url, 200, {"content-type": "text/xml"}, Body(response)),
    )
    return canned


def good_login(
    sts: STSBackend, signed: Signed = "assertion", private_keys: tuple[Any, ...] = (), **more: Any
) -> dict[str, str]:
    """Return the parameters of a login whose response has 6 KB and one role, since moto fails if there are several."""
    idp = IdentityProvider(signing_key=KEY)
    provider = sts.create_saml_provider("ExampleIdP", idp, private_keys=private_keys)
    role = sts.create_role("Developer", path=f"/{'department/' * 40}", **more)
    pair = (role.arn, provider.arn)  # not the objects, which an inactive mock may have made
    response = idp.response(pair, name_id="alice@example.com" + "/subsidiary" * 100, signed=signed)
    return {"RoleArn": role.arn, "PrincipalArn": provider.arn, "SAMLAssertion": response}


def answer_to(sts: STSBackend, parameters: dict[str, str]) -> bytes:
    """Return the XML with which STS answers a login."""
    form = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **parameters}
    return sts.handle(urllib.parse.urlencode(form))[2].encode()


@contextmanager
def answering_with(active: ActiveMock | None) -> Iterator[None]:
    """Let clients be answered as while another mock, or none, is active. The mock that is active keeps its state."""
    current, active_mock.current = active_mock.current, active
    yield
    active_mock.current = current


class Repeated(AbstractContextManager[Any]):
    """A context manager that can be entered many times, since each entry makes another one."""

    def __init__(self, make: Callable[[], AbstractContextManager[Any]]) -> None:
        self.make = make

    def __enter__(self) -> Any:
        self.entered = ExitStack()
        return self.entered.enter_context(self.make())

    def __exit__(self, *_: object) -> None:
        self.entered.close()


WITHOUT_THE_MOCK = Repeated(lambda: answering_with(None))


@contextmanager
def moto_instead() -> Iterator[None]:
    """Let calls reach moto, which keeps its boto3 session."""
    with answering_with(None), mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield


def login() -> None:
    """Compare a verified login with the floor and with moto's login."""
    with mock_sts_saml() as sts:
        parameters = good_login(sts)
        canned = canned_client(answer_to(sts, parameters))
        ours, theirs = client(), client()
        turns = in_turns(
            (WITHOUT_THE_MOCK, lambda: canned.assume_role_with_saml(**parameters)),
            (nullcontext(), lambda: ours.assume_role_with_saml(**parameters)),
            (Repeated(moto_instead), lambda: theirs.assume_role_with_saml(**parameters)),
        )
        size = len(base64.b64decode(parameters["SAMLAssertion"]))
        floor = statistics.median(turn[0] for turn in turns)
        print(f"a response of {size} bytes, RSA-2048; the floor is {floor * 1e3:.3f} ms")
        report("login / floor", ratio(turns, 1, 0), "x", 1.5)
        report("login / moto's", ratio(turns, 1, 2), "x", 0.55)


def both() -> None:
    """Compare a verified login whose response and assertion are both signed with the floor."""
    with mock_sts_saml() as sts:
        parameters = good_login(sts, signed="both")
        canned = canned_client(answer_to(sts, parameters))
        ours = client()
        turns = in_turns(
            (WITHOUT_THE_MOCK, lambda: canned.assume_role_with_saml(**parameters)),
            (nullcontext(), lambda: ours.assume_role_with_saml(**parameters)),
        )
        report("login, response and assertion signed / floor", ratio(turns, 1, 0), "x", 2.0)


def whole() -> None:
    """Compare a login with tags, a session policy, three conditions and both signatures with the floor."""
    with mock_sts_saml() as sts:
        parameters = demanding_login(sts)
        canned = canned_client(answer_to(sts, parameters))
        ours = client()
        turns = in_turns(
            (WITHOUT_THE_MOCK, lambda: canned.assume_role_with_saml(**parameters)),
            (nullcontext(), lambda: ours.assume_role_with_saml(**parameters)),
        )
        report("login with tags, policy, conditions, both signatures / floor", ratio(turns, 1, 0), "x", 2.2)


def over_http() -> None:
    """Compare a login over HTTP with one in this process, and log in over many connections at once."""
    with mock_sts_saml() as sts, sts.serve() as endpoint:
        parameters = good_login(sts)
        ours = client()
        theirs = boto3.Session(**USER).client("sts", region_name="us-east-1", endpoint_url=endpoint.url)
        # Each call is several, since on a busy machine every single one over HTTP waits for its turn of a processor.
        turns = in_turns(
            (nullcontext(), lambda: [ours.assume_role_with_saml(**parameters) for _ in range(CALLS)]),
            (WITHOUT_THE_MOCK, lambda: [theirs.assume_role_with_saml(**parameters) for _ in range(CALLS)]),
            turns=20,
        )
        report("login over HTTP / in process", ratio(turns, 1, 0), "x", 2.5)
        form = urllib.parse.urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **parameters})
        start = time.perf_counter()
        with ThreadPoolExecutor(50) as pool:
            statuses = [
                status for found in pool.map(partial(statuses_of, endpoint.url, form), [20] * 50) for status in found
            ]
        print(f"1,000 logins over 50 connections in {time.perf_counter() - start:.1f} s")
        report("errors of 1,000 logins over 50 connections", 1000 - statuses.count(200), "", 0)

        def start_and_stop() -> None:
            with sts.serve():
                pass

        report("start and stop of an endpoint", seconds(start_and_stop, 100) * 1e3, "ms", 5)


def statuses_of(url: str, form: str, times: int) -> list[int]:
    """Return the statuses of the answers to a form that is sent some times over one connection."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)
    statuses = []
    for _ in range(times):
        connection.request("POST", "/", form, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    return statuses


SESSION_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": f"Bucket{n}", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::example-{n}/*"}
        for n in range(10)
    ],
}


def demanding_login(sts: STSBackend) -> dict[str, str]:
    """Return the parameters of such a login."""
    idp = IdentityProvider(signing_key=KEY)
    provider = sts.create_saml_provider("ExampleIdP", idp)
    policy = provider.trust_policy(
        actions=["sts:AssumeRoleWithSAML", "sts:TagSession"],
        conditions={
            "StringLike": {"saml:sub": "*@example.com"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost-center", "project"]},
            "DateLessThan": {"aws:CurrentTime": "2199-01-01T00:00:00Z"},
        },
    )
    role = sts.create_role("Developer", trust_policy=policy)
    tags = {"team": "blue", "cost-center": "4711", "project": "example"}
    response = idp.response(role, principal_tags=tags, transitive_tag_keys=["team"], signed="both")
    return {
        "RoleArn": role.arn,
        "PrincipalArn": provider.arn,
        "SAMLAssertion": response,
        "Policy": json.dumps(SESSION_POLICY),
    }


def growth() -> None:
    """Compare a login where there are 10,000 providers, roles and sessions with one where there is one of each."""
    with mock_sts_saml():
        alone, crowded = inactive_mock(), inactive_mock()
        parameters = good_login(alone.backend)
        assert good_login(crowded.backend)["RoleArn"] == parameters["RoleArn"]
        metadata = IdentityProvider(signing_key=KEY).metadata
        for n in range(10_000):
            crowded.backend.create_saml_provider(f"IdP{n}", metadata)
            crowded.backend.create_role(f"Role{n}", provider=parameters["PrincipalArn"])
            answer_to(crowded.backend, parameters)
        ours = client()
        turns = in_turns(
            (Repeated(lambda: answering_with(alone)), lambda: ours.assume_role_with_saml(**parameters)),
            (Repeated(lambda: answering_with(crowded)), lambda: ours.assume_role_with_saml(**parameters)),
        )
        report("login among 10,000 providers, roles, sessions / alone", ratio(turns, 1, 0), "x", 1.05)


def inactive_mock() -> ActiveMock:
    """Return what would be in force if another mock were active."""
    services = Services(account_id="123456789012", partition="aws", seed="benchmark")
    return ActiveMock(STSBackend(services), services.clock, services.sts.respond, services.iam.check_own)


def recording() -> None:
    """Time what remembers a call and what makes its attempt; measure the memory that 10,000 calls leave behind."""
    with mock_sts_saml() as sts:
        parameters = good_login(sts)
        canned = canned_client(answer_to(sts, parameters))
        with unittest.mock.patch.object(service, "Call", wraps=RememberedCall) as remembering:
            answer_to(sts, parameters)
        args = remembering.call_args.args
        turns = in_turns(
            (WITHOUT_THE_MOCK, lambda: canned.assume_role_with_saml(**parameters)),
            (nullcontext(), lambda: RememberedCall(*args)),
            (nullcontext(), lambda: attempt_of(*args)),
        )
        report("remembering a call / floor", ratio(turns, 1, 0), "x", 0.01)
        report("reading an attempt / floor", ratio(turns, 2, 0), "x", 0.2)
        report(
            "traced memory that 5,000 more calls leave behind",
            left_behind(lambda: answer_to(sts, parameters)),
            "KiB",
            16,
        )


def left_behind(call: Call) -> float:
    """Return how many KiB more Python holds after 10,000 calls than after 5,000."""
    gc.collect()
    tracemalloc.start()
    held = []
    for _ in range(2):
        for _ in range(5_000):
            call()
        gc.collect()  # a client's call leaves cycles
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return (held[1] - held[0]) / 1024


def identity() -> None:
    """Compare GetCallerIdentity with issued credentials with the same call and a canned answer."""
    with mock_sts_saml() as sts:
        session = logged_in(sts)
        canned = canned_client(answer_to_session(sts, session, "GetCallerIdentity"), session.boto3_kwargs())
        ours = client(session.boto3_kwargs())
        turns = in_turns(
            (WITHOUT_THE_MOCK, canned.get_caller_identity),
            (nullcontext(), ours.get_caller_identity),
        )
        report("GetCallerIdentity / floor", ratio(turns, 1, 0), "x", 1.0)
        report("traced memory that 5,000 more of it leave behind", left_behind(ours.get_caller_identity), "KiB", 16)


def chaining() -> None:
    """Compare AssumeRole by a session with the same call and a canned answer."""
    with mock_sts_saml() as sts:
        session = logged_in(sts)
        parameters = {"RoleArn": sts.create_role("Next", trust_policy=TRUSTS_EVERYBODY).arn, "RoleSessionName": "alice"}
        canned = canned_client(answer_to_session(sts, session, "AssumeRole", parameters), session.boto3_kwargs())
        ours = client(session.boto3_kwargs())
        turns = in_turns(
            (WITHOUT_THE_MOCK, lambda: canned.assume_role(**parameters)),
            (nullcontext(), lambda: ours.assume_role(**parameters)),
        )
        report("AssumeRole by a session / floor", ratio(turns, 1, 0), "x")

        def by_the_first() -> None:
            answer_to_session(sts, session, "AssumeRole", parameters)

        def by_the_last() -> None:
            answer_to_session(sts, sts.sessions[-1], "AssumeRole", parameters)

        report("traced memory that 5,000 more of it leave behind", left_behind(by_the_first), "KiB", 16)
        report("the same, each by the session before", left_behind(by_the_last), "KiB", 16)


TRUSTS_EVERYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def logged_in(sts: STSBackend, **role: Any) -> Session:
    """Return the session of a login to a role, which has these keywords of `create_role` too."""
    answer_to(sts, good_login(sts, **role))
    return sts.sessions[-1]


def answer_to_session(
    sts: STSBackend, session: Session, action: str, parameters: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """Return the XML with which STS answers a session's call."""
    body = urllib.parse.urlencode({"Action": action, "Version": "2011-06-15", **parameters})
    request = AWSRequest("POST", "https://sts.amazonaws.com/", {"Host": "sts.amazonaws.com"}, body)
    SigV4Auth(Credentials(*session.boto3_kwargs().values()), "sts", "us-east-1").add_auth(request)
    status, _, xml = sts.handle(body, headers=dict(request.headers))
    assert status == 200, xml
    return xml.encode()


OTHER_CREDENTIALS = {
    "a user's key": USER,
    "another session's credentials": {
        "aws_access_key_id": "ASIAXUPOFEQLJ4KTMLIO",  # has the form of moto's
        "aws_secret_access_key": "secret",
        "aws_session_token": "FQoGZXIvYXdzEBYaD" + "A" * 339,
    },
}


def policies_of(make: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
    """Return ten policies of 6 KB, whose statements are made by number."""
    policies = []
    for start in range(0, 10_000, 1_000):
        statements: list[dict[str, Any]] = []
        while len(json.dumps(statements, separators=(",", ":"))) < 6_000:
            statements.append(make(start + len(statements)))
        policies.append({"Version": "2012-10-17", "Statement": statements[:-1]})
    return policies


#: By name: makes one statement of many, by its number, that does not allow what is asked.
STATEMENTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "many actions": lambda n: {
        "Effect": "Allow", "Action": [f"s3:Get{n}x{m}*" for m in range(100)], "Resource": "*"
    },
    "many resources": lambda n: {
        "Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::example-{n}-{m}/*/x" for m in range(40)]
    },
    "many variables": lambda n: {
        "Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::example-{n}/${{aws:PrincipalTag/team}}/*"
    },
    "many short statements": lambda n: {"Effect": "Deny", "Action": f"s3:A{n}", "Resource": "*"},
    "many conditions": lambda n: {
        "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": f"home/{n}/*"}}
    },
    "many stars": lambda n: {
        "Effect": "Allow", "Action": f"s3:{'*e' * 40}{n}", "Resource": f"arn:aws:s3:::{'*a' * 200}{n}"
    },
}  # fmt: skip


def permissions() -> None:
    """Ask what a session may do, by ten policies of 6 KB."""
    for name, make in STATEMENTS.items():
        with mock_sts_saml() as sts:
            managed = [sts.create_policy(f"P{n}", policy) for n, policy in enumerate(policies_of(make))]
            session = logged_in(sts, policies=managed, tags={"team": "blue"})
            ask = partial(session.allows, "s3:GetObject", f"arn:aws:s3:::{'a' * 1000}", **{"s3:prefix": "home/x"})
            assert not ask()
            report(f"allows, ten policies of 6 KB, {name}", 1000 * seconds(ask, 50), "ms", 1)


def strangers() -> None:
    """Time the handler that sees every call, for calls with credentials that the mock has not issued."""
    with mock_sts_saml() as sts:
        xml = answer_to_session(sts, logged_in(sts), "GetCallerIdentity")
        for name, credentials in OTHER_CREDENTIALS.items():
            canned = canned_client(xml, credentials)
            event = before_call(canned)
            turns = in_turns(
                (WITHOUT_THE_MOCK, canned.get_caller_identity),
                (nullcontext(), partial(look_at, event, 100)),
            )
            report(f"seeing a call with {name} / floor", ratio(turns, 1, 0) / 100, "x", 0.02)


OTHER_CALLS: dict[str, Callable[[Any], Any]] = {
    "s3": lambda s3: s3.list_buckets(),
    "dynamodb": lambda dynamodb: dynamodb.list_tables(),
    "sns": lambda sns: sns.list_topics(),
}


def others() -> None:
    """Time the handler for calls of other services by a session, beside moto, and compare it with moto's own call."""
    with mock_aws(), mock_sts_saml() as sts:
        session = logged_in(sts)
        for service_name, ask in OTHER_CALLS.items():
            other = boto3.Session(**session.boto3_kwargs()).client(service_name, region_name="us-east-1")
            event = before_call(other, ask)
            turns = in_turns(
                (WITHOUT_THE_MOCK, partial(ask, other)),
                (nullcontext(), partial(look_at, event, 20)),
            )
            report(f"seeing a call of {service_name} by a session / moto's call", ratio(turns, 1, 0) / 20, "x", 0.03)


def look_at(event: dict[str, Any], times: int) -> None:
    """Let the handler see a call that many times."""
    for _ in range(times):
        assert botocore_events.answer_session(**event) is None


def before_call(client: Any, ask: Callable[[Any], Any] = lambda sts: sts.get_caller_identity()) -> dict[str, Any]:
    """Return the arguments that a handler gets before a client's call, which is GetCallerIdentity by default."""
    events: list[dict[str, Any]] = []
    client.meta.events.register_first("before-call", lambda **event: events.append(event), unique_id="once")
    ask(client)
    client.meta.events.unregister("before-call", unique_id="once")
    return events[0]


def response() -> None:
    """Compare making a signed response with the RSA operation in it."""
    idp = IdentityProvider(signing_key=KEY)
    pair = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
    data = bytes(1000)
    turns = in_turns(
        (nullcontext(), lambda: KEY.sign(data, padding.PKCS1v15(), hashes.SHA256())),
        (nullcontext(), lambda: idp.response(pair)),
    )
    report("signed response / bare RSA-2048 signature", ratio(turns, 1, 0), "x", 2)


def enter() -> None:
    """Measure the time and the memory of entering and leaving the mock."""
    xml = canned_xml()
    canned = canned_client(xml)
    parameters = {"RoleArn": "r" * 20, "PrincipalArn": "p" * 20, "SAMLAssertion": "a" * 8000}
    turns = in_turns(
        (nullcontext(), lambda: canned.assume_role_with_saml(**parameters)),
        (nullcontext(), enter_and_leave),
    )
    report("enter and leave / floor", ratio(turns, 1, 0), "x", 0.3)
    tracemalloc.start()
    after_100 = traced_after(100)
    after_10_000 = traced_after(10_000)
    tracemalloc.stop()
    report("traced memory that 9,900 more entries leave behind", (after_10_000 - after_100) / 1024, "KiB", 1)


def enter_and_leave() -> None:
    """Enter and leave the mock once."""
    with mock_sts_saml():
        pass


def traced_after(rounds: int) -> int:
    """Return how many bytes Python holds after some entries."""
    for _ in range(rounds):
        enter_and_leave()
    return tracemalloc.get_traced_memory()[0]


def canned_xml() -> bytes:
    """Return the XML of an accepted login."""
    with mock_sts_saml() as sts:
        return answer_to(sts, good_login(sts))


NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


def run_pytest(folder: Path, *options: str, bytecode: bool = True) -> float:
    """Return the seconds that a whole pytest process takes, which may keep bytecode or not."""
    # Hypothesis's plugin, if it is installed, takes about a second at the end of every run.
    quiet = ("-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    command = [sys.executable, "-m", "pytest", *quiet, *options]
    environment = {name: value for name, value in os.environ.items() if name != NO_BYTECODE}
    if not bytecode:
        environment[NO_BYTECODE] = "1"
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def startup() -> None:
    """Measure what the plugin costs a pytest run that does not use it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        without = ("-p", "no:stssaml")
        differences = []
        for turn in range(120):
            # The order alternates, since the second run finds the machine warm.
            if turn % 2:
                differences.append(run_pytest(folder) - run_pytest(folder, *without))
            else:
                differences.append(-run_pytest(folder, *without) + run_pytest(folder))
        report("pytest start with the plugin, unused", statistics.median(differences) * 1e3, "ms", 4)


FIRST_LOGINS = {
    "ours": """
import boto3

def test_login(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    client = boto3.client("sts", region_name="us-east-1")
    answer = client.assume_role_with_saml(
        RoleArn=role.arn, PrincipalArn=saml_idp.provider.arn, SAMLAssertion=saml_idp.response(role)
    )
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
""",
    "Stubber": """
import datetime as dt
import boto3
from botocore.stub import Stubber

def test_login():
    client = boto3.client("sts", region_name="us-east-1")
    credentials = {
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": dt.datetime(2030, 1, 1, tzinfo=dt.timezone.utc),
    }
    with Stubber(client) as stubber:
        stubber.add_response("assume_role_with_saml", {"Credentials": credentials})
        answer = client.assume_role_with_saml(RoleArn="r" * 20, PrincipalArn="p" * 20, SAMLAssertion="A" * 8000)
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
""",
    "moto": """
import base64
import boto3
from moto import mock_aws

ROLE = "arn:aws:iam::123456789012:role/Developer"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
ATTRIBUTE = (
    '<a:Attribute Name="https://aws.amazon.com/SAML/Attributes/{}"><a:AttributeValue>{}</a:AttributeValue></a:Attribute>'
)
RESPONSE = (
    '<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion">'
    "<a:Assertion><a:AttributeStatement>"
    + ATTRIBUTE.format("RoleSessionName", "alice")
    + ATTRIBUTE.format("Role", f"{ROLE},{PROVIDER}")
    + "</a:AttributeStatement></a:Assertion></p:Response>"
)

@mock_aws
def test_login():
    client = boto3.client("sts", region_name="us-east-1")
    answer = client.assume_role_with_saml(
        RoleArn=ROLE, PrincipalArn=PROVIDER, SAMLAssertion=base64.b64encode(RESPONSE.encode()).decode()
    )
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
""",
}


def first() -> None:
    """Compare a whole pytest process that logs in once with the same test and a Stubber, and with moto.

    Without bytecode means what a container with PYTHONDONTWRITEBYTECODE=1 has: pip has compiled the installed packages,
    and pytest writes down none of the modules and tests in which it rewrites assertions.
    """
    with tempfile.TemporaryDirectory() as name:
        for tool, text in FIRST_LOGINS.items():
            folder = Path(name, tool)
            folder.mkdir()
            (folder / "test_login.py").write_text(text)
        compare_first_logins(Path(name), "first login", bytecode=True, bounds=(1.25, 1))
        for rewritten in (*Path(name).rglob("*.pyc"), *Path(pytest_stssaml.__file__).parent.rglob("*-pytest-*.pyc")):
            rewritten.unlink()
        compare_first_logins(Path(name), "first login without bytecode", bytecode=False, bounds=(1.6, None))


def compare_first_logins(root: Path, name: str, *, bytecode: bool, bounds: tuple[float, float | None]) -> None:
    """Measure the three processes in turns."""
    without = ("-p", "no:stssaml")
    processes = [
        partial(run_pytest, root / tool, *(() if tool == "ours" else without), bytecode=bytecode)
        for tool in FIRST_LOGINS
    ]
    turns = [[process() for process in processes] for _ in range(21)][1:]
    report(f"{name}, whole process", statistics.median(turn[0] for turn in turns) * 1e3, "ms")
    report(f"{name}, whole process / Stubber", ratio(turns, 0, 1), "x", bounds[0])
    report(f"{name}, whole process / moto", ratio(turns, 0, 2), "x", bounds[1])


SUITE_OF_OURS = """
import boto3
import pytest

@pytest.mark.parametrize("n", range(200))
def test_login(n, sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    client = boto3.client("sts", region_name="us-east-1")
    client.assume_role_with_saml(
        RoleArn=role.arn, PrincipalArn=saml_idp.provider.arn, SAMLAssertion=saml_idp.response(role)
    )
"""

SUITE_OF_CANNED_ANSWERS = """
import io
import boto3
import pytest
from botocore.awsrequest import AWSResponse
from pytest_stssaml import IdentityProvider, make_signing_key

class Body(io.BytesIO):
    def stream(self, **_):
        yield self.read()

XML = {xml!r}
RESPONSE = "A" * 8000

@pytest.mark.parametrize("n", range(200))
def test_login(n):
    client = boto3.client("sts", region_name="us-east-1")
    client.meta.events.register(
        "before-send.sts.AssumeRoleWithSAML",
        lambda request, **_: AWSResponse(request.url, 200, {{"content-type": "text/xml"}}, Body(XML)),
    )
    client.assume_role_with_saml(RoleArn="r" * 20, PrincipalArn="p" * 20, SAMLAssertion=RESPONSE)
"""


def suite() -> None:
    """Compare 200 tests, each with the fixtures, a new client and one login, with the same and canned answers."""
    with tempfile.TemporaryDirectory() as name:
        ours, canned = Path(name, "ours"), Path(name, "canned")
        for folder, text in ((ours, SUITE_OF_OURS), (canned, SUITE_OF_CANNED_ANSWERS.format(xml=canned_xml()))):
            folder.mkdir()
            (folder / "test_suite.py").write_text(text)
        pairs = [(run_pytest(ours), run_pytest(canned)) for _ in range(9)][1:]
        report("suite of 200 logins / canned answers", statistics.median(a / b for a, b in pairs), "x", 1.3)


EMPTY_SIGNATURE = b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'


ENCRYPTED_KEY = (
    b'<e:EncryptedKey><e:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>'
    b"<e:CipherData><e:CipherValue>"
    + base64.b64encode(bytes(256))
    + b"</e:CipherValue></e:CipherData></e:EncryptedKey>"
)
MANY_ENCRYPTED_KEYS = (
    b'<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" '
    b'xmlns:e="http://www.w3.org/2001/04/xmlenc#" Version="2.0"><p:Status>'
    b'<p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status><a:EncryptedAssertion>'
    b"<e:EncryptedData>" + ENCRYPTED_KEY * 130 + b"</e:EncryptedData></a:EncryptedAssertion></p:Response>"
)


def hostile_inputs() -> dict[str, bytes]:
    """Return documents that try to be slow, each within 100,000 characters of base64."""
    most = 74_900
    bomb = b"".join(b'<!ENTITY %c "%s">' % (n, (b"&%c;" % (n - 1)) * 100) for n in range(ord("b"), ord("j")))
    spaces = b"".join(b' xmlns:n%d="urn:n%d"' % (n, n) for n in range(2800))
    return {
        "not XML": b"x" * most,
        "not UTF-8": b'<?xml version="1.0" encoding="UTF-8"?><a>' + b"\xff" * (most - 60) + b"</a>",
        "deep": b"<a>" * (most // 3),
        "wide": b"<a>" + b"<b/>" * (most // 5) + b"</a>",
        "many attributes": b"<a" + b"".join(b' a%d="1"' % n for n in range(6000)) + b"/>",
        "many namespaces": b"<a" + spaces + b"/>",
        "document type": b"<!DOCTYPE a [<!ELEMENT a ANY>]><a/>",
        "entity bomb": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + bomb + b"]><a>&i;</a>",
        "quadratic entity": b'<!DOCTYPE a [<!ENTITY a "' + b"a" * 30_000 + b'">]><a>' + b"&a;" * 10_000 + b"</a>",
        "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        "external DTD": b'<!DOCTYPE a SYSTEM "http://idp.example.com/a.dtd"><a/>',
        "NUL": b"<a>\0</a>",
        "many encrypted keys": MANY_ENCRYPTED_KEYS,
        "spaces only": b" " * 10,
    }


def hostile_assertions(parameters: dict[str, str]) -> dict[str, str]:
    """Return values of SAMLAssertion: those documents, strings that are not base64, and good responses grown large."""
    encoded = {name: base64.b64encode(document).decode() for name, document in hostile_inputs().items()}
    good = base64.b64decode(parameters["SAMLAssertion"])
    grown = {
        "signed, a long comment": good.replace(b"<saml:Subject>", b"<!--" + b"x" * 60_000 + b"--><saml:Subject>"),
        "signed, many elements": good.replace(b"<saml:Subject>", b"<x/>" * 16_000 + b"<saml:Subject>"),
        "signed, many IDs": good.replace(
            b"<samlp:Status>", b"".join(b'<x ID="i%d"/>' % n for n in range(3800)) + b"<samlp:Status>"
        ),
        "signed, many namespaces": good.replace(
            b"<samlp:Response", b"<samlp:Response" + b"".join(b' xmlns:n%d="urn:n%d"' % (n, n) for n in range(2700)), 1
        ),
        "many signatures": good.replace(b"<saml:Subject>", EMPTY_SIGNATURE * 1000 + b"<saml:Subject>"),
    }
    encoded |= {name: base64.b64encode(document).decode() for name, document in grown.items()}
    return encoded | {
        "not base64": "!" * 100_000,
        "100,001 characters": "A" * 100_001,
        "padding only": "====",
        "four spaces": "    ",
    }


REFUSED = {"InvalidIdentityToken", "ValidationError", "MalformedPolicyDocument", "AccessDenied"}


C14N_METHOD = '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"'
PREFIX_LIST = f'<e:InclusiveNamespaces xmlns:e="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="{"s " * 17_000}"/>'


def hostile_signed_infos(parameters: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return logins with a SignedInfo that takes long to canonicalise, and that anybody can make."""
    good = base64.b64decode(parameters["SAMLAssertion"]).decode()
    assert f"{C14N_METHOD}/>" in good
    methods = {
        "a PrefixList": f"{C14N_METHOD}>{PREFIX_LIST}</ds:CanonicalizationMethod>",
        "a PrefixList, deep": f"{C14N_METHOD}>{PREFIX_LIST}</ds:CanonicalizationMethod>{'<s>' * 230}{'</s>' * 230}",
        "SignedInfo, many elements": f"{C14N_METHOD}/>{'<s/>' * 8_500}",
        "SignedInfo, many comments": f"{C14N_METHOD}/>{'<!---->' * 8_500}",
        "SignedInfo, many attributes": C14N_METHOD + "".join(f' a{n}=""' for n in range(5_000)) + "/>",
    }
    documents = {name: good.replace(f"{C14N_METHOD}/>", method) for name, method in methods.items()}
    return {
        name: parameters | {"SAMLAssertion": base64.b64encode(document.encode()).decode()}
        for name, document in documents.items()
    }


def hostile_certificates(sts: STSBackend) -> dict[str, dict[str, str]]:
    """Return logins with a response of 95 KB, honest and tampered with, whose key is the last of 160 in metadata."""
    idp = IdentityProvider("https://idp.example.com/many", signing_key=KEY)
    before, descriptor, after = re.split("(<md:KeyDescriptor.*</md:KeyDescriptor>)", idp.metadata, flags=re.DOTALL)
    others = [IdentityProvider(signing_key=make_signing_key("ec")).certificates[0] for _ in range(159)]
    content = [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode() for certificate in others]
    descriptors = [re.sub("(X509Certificate>)[^<]+", rf"\g<1>{c}", descriptor, count=1) for c in content]
    provider = sts.create_saml_provider("Many", before + "".join(descriptors) + descriptor + after)
    role = sts.create_role("Many", provider=provider)
    parameters = {"RoleArn": role.arn, "PrincipalArn": provider.arn}
    xml = idp.response((role.arn, provider.arn), signed=None).xml
    large = xml.replace("<saml:Subject>", "<!---->" + "<x/>" * 16_500 + "<saml:Subject>")
    response = idp.sign(large)
    return {
        "signed, many certificates": parameters | {"SAMLAssertion": response},
        "tampered, many certificates": parameters | {"SAMLAssertion": response.tampered("alice", "mallory")},
    }


def hostile_policies(sts: STSBackend, parameters: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return logins with session policies and trust policies that take long to read or to evaluate."""
    keys = ",".join(f'"k{n}":1' for n in range(11_000))
    idp = IdentityProvider("https://idp.example.com/groups", signing_key=KEY)
    provider = sts.create_saml_provider("Groups", idp)
    wanted = {"ForAnyValue:StringLike": {"saml:edupersonaffiliation": "${saml:sub}" * 130}}
    role = sts.create_role("Groups", trust_policy=provider.trust_policy(conditions=wanted))
    groups = [f"group-{n}@example.com" for n in range(900)]
    response = idp.response(
        role, name_id="alice@example.com" * 100, attributes={"urn:oid:1.3.6.1.4.1.5923.1.1.1.1": groups}
    )
    return {
        "a policy of many keys": parameters | {"Policy": f"{{{keys}}}"},
        "a policy of many keys, one twice": parameters | {"Policy": f'{{{keys},"k1":1}}'},
        "many variables, many values": {
            "RoleArn": role.arn, "PrincipalArn": provider.arn, "SAMLAssertion": response
        },
    }  # fmt: skip


def hostile() -> None:
    """Time the slowest of the inputs that try to be slow, and measure how much the process grows over all of them."""
    with mock_sts_saml() as sts:
        parameters = good_login(sts, private_keys=(KEY, make_signing_key()))
        ours = client()
        ours.assume_role_with_saml(**parameters)
        attempts = {name: parameters | {"SAMLAssertion": a} for name, a in hostile_assertions(parameters).items()}
        attempts |= hostile_signed_infos(parameters) | hostile_certificates(sts) | hostile_policies(sts, parameters)
        slowest = ("", 0.0)
        before = peak_memory()
        for name, attempt in attempts.items():
            code = outcome(ours, attempt)
            # Some of what is added around a signed assertion is not part of it, and is not read.
            assert code in ({"InvalidIdentityToken", "accepted"} if "signed" in name else REFUSED), (name, code)
            slowest = max(slowest, (name, seconds(partial(outcome, ours, attempt), 3)), key=lambda pair: pair[1])
        report(f"slowest hostile input ({slowest[0]})", slowest[1], "s", 0.2)
        report("growth of the process over all hostile inputs", peak_memory() - before, "MiB", 64)


def outcome(sts: Any, parameters: dict[str, str]) -> str:
    """Return the error code of a login, or "accepted"."""
    try:
        sts.assume_role_with_saml(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "accepted"


def peak_memory() -> float:
    """Return the most memory that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


BENCHMARKS = (
    login,
    both,
    whole,
    over_http,
    growth,
    recording,
    identity,
    strangers,
    others,
    chaining,
    permissions,
    response,
    enter,
    hostile,
    startup,
    first,
    suite,
)

if __name__ == "__main__":
    wanted = sys.argv[1:]
    for benchmark in BENCHMARKS:
        if not wanted or benchmark.__name__ in wanted:
            benchmark()
