"""Speed and memory, as ratios measured in one run.

The floor is the same boto3 call answered by a handler that returns canned XML: what botocore itself costs. What is
compared is measured in turns, a few calls of each, and the median of the turns' ratios is printed, so that a machine
that slows down slows both.

    tox -e bench                       everything
    tox -e bench -- login hostile      some of it
"""

import base64
import gc
import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from moto import mock_aws

from pytest_stssaml import (
    IdentityProvider,
    STSBackend,
    backend,
    make_signing_key,
    mock_sts_saml,
)
from pytest_stssaml.adapters import botocore_events as interceptor
from pytest_stssaml.sts.sessions.session import Session

KEY = make_signing_key()
WARM_UP, TURNS, CALLS = 5, 80, 8

Call = Callable[[], Any]


def report(name: str, figure: float, unit: str, bound: float | None = None) -> None:
    """Print one figure, and whether it is within its bound."""
    verdict = "" if bound is None else f"   at most {bound:g}: {'ok' if figure <= bound else 'OVER'}"
    print(f"{name:<58} {figure:9.3f} {unit:<3}{verdict}", flush=True)


def seconds(call: Call, calls: int = CALLS) -> float:
    """Seconds for one call, the median of a few."""
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def in_turns(*calls: tuple[AbstractContextManager[Any], Call], turns: int = TURNS) -> list[list[float]]:
    """For each turn, the seconds of each call, made inside its context manager."""
    measured = []
    for _ in range(WARM_UP + turns):
        turn = []
        for inside, call in calls:
            with inside:
                turn.append(seconds(call))
        measured.append(turn)
    return measured[WARM_UP:]


def ratio(turns: list[list[float]], of: int, to: int) -> float:
    """The median over the turns of one call's time to another's."""
    return statistics.median(turn[of] / turn[to] for turn in turns)


class CannedBody(io.BytesIO):
    """A response body as botocore reads it from urllib3."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """All of it."""
        yield self.read()


STRANGER = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}


def client(credentials: dict[str, str] = STRANGER) -> Any:
    """A client of a session of its own."""
    return boto3.Session(**credentials).client("sts", region_name="us-east-1")


def canned_client(xml: bytes, credentials: dict[str, str] = STRANGER) -> Any:
    """A client whose every call is answered with the same XML, by the plainest handler there is."""
    canned = client(credentials)
    canned.meta.events.register(
        "before-send.sts",
        lambda request, **_: AWSResponse(request.url, 200, {"content-type": "text/xml"}, CannedBody(xml)),
    )
    return canned


def good_login(sts: STSBackend, signed: str = "assertion", private_keys: tuple[Any, ...] = ()) -> dict[str, str]:
    """The parameters of a login whose response has 6 KB, and one role: moto fails where there are several."""
    idp = IdentityProvider(signing_key=KEY)
    provider = sts.create_saml_provider("ExampleIdP", idp, private_keys=private_keys)
    role = sts.create_role("Developer", path=f"/{'department/' * 40}")
    response = idp.response(role, name_id="alice@example.com" + "/subsidiary" * 100, signed=signed)
    return {"RoleArn": role.arn, "PrincipalArn": provider.arn, "SAMLAssertion": response}


def answer_to(sts: STSBackend, parameters: dict[str, str]) -> bytes:
    """The XML with which STS answers a call."""
    form = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **parameters}
    return sts.handle(urllib.parse.urlencode(form))[2].encode()


@contextmanager
def standing_aside(sts: STSBackend) -> Iterator[None]:
    """The mock keeps its state and answers nothing: for calls that another handler answers."""
    interceptor.respond_with(None)
    yield
    interceptor.respond_with(sts)


class Repeated(AbstractContextManager[Any]):
    """A context manager that is made anew for each entry."""

    def __init__(self, make: Callable[[], AbstractContextManager[Any]]) -> None:
        self.make = make

    def __enter__(self) -> Any:
        self.entered = self.make()
        return self.entered.__enter__()

    def __exit__(self, *error: object) -> None:
        self.entered.__exit__(*error)


@contextmanager
def moto_instead(sts: STSBackend) -> Iterator[None]:
    """Calls reach moto, which keeps its boto3 session."""
    with standing_aside(sts), mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield


def login() -> None:
    """A verified login against the floor and against moto."""
    with mock_sts_saml() as sts:
        parameters = good_login(sts)
        canned = canned_client(answer_to(sts, parameters))
        ours, theirs = client(), client()
        turns = in_turns(
            (Repeated(lambda: standing_aside(sts)), lambda: canned.assume_role_with_saml(**parameters)),
            (nullcontext(), lambda: ours.assume_role_with_saml(**parameters)),
            (Repeated(lambda: moto_instead(sts)), lambda: theirs.assume_role_with_saml(**parameters)),
        )
        octets = len(base64.b64decode(parameters["SAMLAssertion"]))
        floor = statistics.median(turn[0] for turn in turns)
        print(f"a response of {octets} octets, RSA-2048; the floor is {floor * 1e3:.3f} ms")
        report("login / floor", ratio(turns, 1, 0), "x", 1.6)
        report("login / moto's", ratio(turns, 1, 2), "x", 0.6)


def both() -> None:
    """A verified login whose response and assertion are signed, against the floor."""
    with mock_sts_saml() as sts:
        parameters = good_login(sts, signed="both")
        canned = canned_client(answer_to(sts, parameters))
        ours = client()
        turns = in_turns(
            (Repeated(lambda: standing_aside(sts)), lambda: canned.assume_role_with_saml(**parameters)),
            (nullcontext(), lambda: ours.assume_role_with_saml(**parameters)),
        )
        report("login, response and assertion signed / floor", ratio(turns, 1, 0), "x", 2.2)


def whole() -> None:
    """A login with all that AWS decides about: tags, a session policy, three conditions and both signatures."""
    with mock_sts_saml() as sts:
        parameters = demanding_login(sts)
        canned = canned_client(answer_to(sts, parameters))
        ours = client()
        turns = in_turns(
            (Repeated(lambda: standing_aside(sts)), lambda: canned.assume_role_with_saml(**parameters)),
            (nullcontext(), lambda: ours.assume_role_with_saml(**parameters)),
        )
        report("login with tags, policy, conditions, both signatures / floor", ratio(turns, 1, 0), "x", 2.8)


SESSION_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": f"Bucket{n}", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::example-{n}/*"}
        for n in range(10)
    ],
}


def demanding_login(sts: STSBackend) -> dict[str, str]:
    """The parameters of that login."""
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
    """A login where there are 10,000 providers, roles and sessions, against one where there is one of each."""
    with mock_sts_saml():
        alone, crowded = (STSBackend(account_id="123456789012", partition="aws", seed=n) for n in range(2))
        parameters = good_login(alone)
        assert good_login(crowded)["RoleArn"] == parameters["RoleArn"]
        metadata = IdentityProvider(signing_key=KEY).metadata
        for n in range(10_000):
            crowded.create_saml_provider(f"IdP{n}", metadata)
            crowded.create_role(f"Role{n}", provider=parameters["PrincipalArn"])
            answer_to(crowded, parameters)
        ours = client()
        turns = in_turns(
            (answered_by(alone), lambda: ours.assume_role_with_saml(**parameters)),
            (answered_by(crowded), lambda: ours.assume_role_with_saml(**parameters)),
        )
        report("login among 10,000 providers, roles, sessions / alone", ratio(turns, 1, 0), "x", 1.05)


def answered_by(sts: STSBackend) -> AbstractContextManager[Any]:
    """Let a backend answer that is not the mock's own."""

    @contextmanager
    def answering() -> Iterator[None]:
        interceptor.respond_with(sts)
        yield

    return Repeated(answering)


def recording() -> None:
    """Remembering an attempt, timed alone, and what 10,000 calls in one test leave behind."""
    with mock_sts_saml() as sts:
        parameters = good_login(sts)
        canned = canned_client(answer_to(sts, parameters))
        remembered = []
        original = backend.attempt_of
        backend.attempt_of = lambda *args, **rest: remembered.append((args, rest)) or original(*args, **rest)
        answer_to(sts, parameters)
        backend.attempt_of = original
        args, rest = remembered[0]
        turns = in_turns(
            (Repeated(lambda: standing_aside(sts)), lambda: canned.assume_role_with_saml(**parameters)),
            (nullcontext(), lambda: original(*args, **rest)),
        )
        report("remembering an attempt / floor", ratio(turns, 1, 0), "x", 0.05)
        report(
            "traced memory that 5,000 more calls leave behind",
            left_behind(lambda: answer_to(sts, parameters)),
            "KiB",
            16,
        )


def left_behind(call: Call) -> float:
    """KiB that Python holds more after 10,000 calls than after 5,000."""
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
    """GetCallerIdentity with credentials that were issued, against the same call with a canned answer."""
    with mock_sts_saml() as sts:
        session = logged_in(sts)
        canned = canned_client(answer_to_session(sts, session, "GetCallerIdentity"), session.boto3_kwargs())
        ours = client(session.boto3_kwargs())
        turns = in_turns(
            (Repeated(lambda: standing_aside(sts)), canned.get_caller_identity),
            (nullcontext(), ours.get_caller_identity),
        )
        report("GetCallerIdentity / floor", ratio(turns, 1, 0), "x", 1.2)
        report("traced memory that 5,000 more of it leave behind", left_behind(ours.get_caller_identity), "KiB", 16)


def chaining() -> None:
    """AssumeRole by a session, against the same call with a canned answer."""
    with mock_sts_saml() as sts:
        session = logged_in(sts)
        parameters = {"RoleArn": sts.create_role("Next", trust_policy=LETS_ANYBODY_IN).arn, "RoleSessionName": "alice"}
        canned = canned_client(answer_to_session(sts, session, "AssumeRole", parameters), session.boto3_kwargs())
        ours = client(session.boto3_kwargs())
        turns = in_turns(
            (Repeated(lambda: standing_aside(sts)), lambda: canned.assume_role(**parameters)),
            (nullcontext(), lambda: ours.assume_role(**parameters)),
        )
        report("AssumeRole by a session / floor", ratio(turns, 1, 0), "x")

        def by_the_first() -> None:
            answer_to_session(sts, session, "AssumeRole", parameters)

        def by_the_last() -> None:
            answer_to_session(sts, sts.sessions[-1], "AssumeRole", parameters)

        report("traced memory that 5,000 more of it leave behind", left_behind(by_the_first), "KiB", 16)
        report("the same, each by the session before", left_behind(by_the_last), "KiB", 16)


LETS_ANYBODY_IN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def logged_in(sts: STSBackend) -> Session:
    """The session of a login."""
    answer_to(sts, good_login(sts))
    return sts.sessions[-1]


def answer_to_session(
    sts: STSBackend, session: Session, action: str, parameters: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """The XML with which STS answers a session's call."""
    signer = (session.access_key_id, session.session_token, session.secret_access_key.__eq__)
    form = {"Action": action, "Version": "2011-06-15", **parameters}
    status, _, body = sts.answer(form, "us-east-1", signer=signer)
    assert status == 200, body
    return body.encode()


STRANGERS = {
    "a user's key": STRANGER,
    "a session's that is not ours": {
        "aws_access_key_id": "ASIAXUPOFEQLJ4KTMLIO",  # as moto's
        "aws_secret_access_key": "secret",
        "aws_session_token": "FQoGZXIvYXdzEBYaD" + "A" * 339,
    },
}


def strangers() -> None:
    """What a call that is none of ours pays for being looked at, timed alone."""
    with mock_sts_saml() as sts:
        xml = answer_to_session(sts, logged_in(sts), "GetCallerIdentity")
        for name, credentials in STRANGERS.items():
            canned = canned_client(xml, credentials)
            event = before_call(canned)
            turns = in_turns(
                (Repeated(lambda: standing_aside(sts)), canned.get_caller_identity),
                (nullcontext(), lambda event=event: [interceptor.answer_session(**event) for _ in range(100)]),
            )
            report(f"looking at a call with {name} / floor", ratio(turns, 1, 0) / 100, "x", 0.02)


def before_call(sts: Any) -> dict[str, Any]:
    """What a handler is told before a client's call of GetCallerIdentity."""
    events: list[dict[str, Any]] = []
    sts.meta.events.register("before-call", lambda **event: events.append(event), unique_id="once")
    sts.get_caller_identity()
    sts.meta.events.unregister("before-call", unique_id="once")
    return events[0]


def response() -> None:
    """Making a signed response against the RSA operation in it."""
    idp = IdentityProvider(signing_key=KEY)
    pair = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
    octets = bytes(1000)
    turns = in_turns(
        (nullcontext(), lambda: KEY.sign(octets, padding.PKCS1v15(), hashes.SHA256())),
        (nullcontext(), lambda: idp.response(pair)),
    )
    report("signed response / bare RSA-2048 signature", ratio(turns, 1, 0), "x", 2)


def enter() -> None:
    """Entering and leaving the mock, in time and in memory."""
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
    """One round."""
    with mock_sts_saml():
        pass


def traced_after(rounds: int) -> int:
    """Octets that Python holds after some rounds."""
    for _ in range(rounds):
        enter_and_leave()
    return tracemalloc.get_traced_memory()[0]


def canned_xml() -> bytes:
    """What a success looks like on the wire."""
    with mock_sts_saml() as sts:
        return answer_to(sts, good_login(sts))


def run_pytest(folder: Path, *options: str) -> float:
    """Seconds that a whole pytest process takes."""
    # Hypothesis's plugin, where it is installed, takes a second at the end of every run, and not always the same.
    quiet = ("-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    command = [sys.executable, "-m", "pytest", *quiet, *options]
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def startup() -> None:
    """What the plugin costs a pytest run that does not use it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        without = ("-p", "no:stssaml")
        differences = []
        for turn in range(120):
            # Now one first, now the other: what runs second finds the machine warm.
            if turn % 2:
                differences.append(run_pytest(folder) - run_pytest(folder, *without))
            else:
                differences.append(-run_pytest(folder, *without) + run_pytest(folder))
        report("pytest start with the plugin, unused", statistics.median(differences) * 1e3, "ms", 8)


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
    """200 tests, each with the fixtures, a new client and one login, against the same with canned answers."""
    with tempfile.TemporaryDirectory() as name:
        ours, canned = Path(name, "ours"), Path(name, "canned")
        for folder, text in ((ours, SUITE_OF_OURS), (canned, SUITE_OF_CANNED_ANSWERS.format(xml=canned_xml()))):
            folder.mkdir()
            (folder / "test_suite.py").write_text(text)
        pairs = [(run_pytest(ours), run_pytest(canned)) for _ in range(9)][1:]
        report("suite of 200 logins / canned answers", statistics.median(a / b for a, b in pairs), "x", 1.5)


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
    """Documents that try to cost more than they are worth, each within 100,000 characters of base64."""
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
        "nothing but space": b" " * 10,
    }


def hostile_assertions(parameters: dict[str, str]) -> dict[str, str]:
    """Values of SAMLAssertion: those documents, texts that are no base64, and good responses grown large."""
    encoded = {name: base64.b64encode(octets).decode() for name, octets in hostile_inputs().items()}
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
    encoded |= {name: base64.b64encode(octets).decode() for name, octets in grown.items()}
    return encoded | {
        "not base64": "!" * 100_000,
        "100,001 characters": "A" * 100_001,
        "padding alone": "====",
        "four spaces": "    ",
    }


REFUSED = {"InvalidIdentityToken", "ValidationError"}


def hostile() -> None:
    """The slowest of the inputs that try to be slow, and what all of them made the process grow by."""
    with mock_sts_saml() as sts:
        parameters = good_login(sts, private_keys=(KEY, make_signing_key()))
        ours = client()
        ours.assume_role_with_saml(**parameters)
        slowest = ("", 0.0)
        before = peak_memory()
        for name, assertion in hostile_assertions(parameters).items():
            attempt = parameters | {"SAMLAssertion": assertion}
            code = outcome(ours, attempt)
            # Some of what is grown around a signed assertion is no part of it, and none of what is read.
            assert code in ({"InvalidIdentityToken", "accepted"} if "signed" in name else REFUSED), (name, code)
            slowest = max(slowest, (name, seconds(partial(outcome, ours, attempt), 3)), key=lambda pair: pair[1])
        report(f"slowest hostile input ({slowest[0]})", slowest[1], "s", 0.2)
        report("growth of the process over all hostile inputs", peak_memory() - before, "MiB", 64)


def outcome(sts: Any, parameters: dict[str, str]) -> str:
    """The error code of a call."""
    try:
        sts.assume_role_with_saml(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "accepted"


def peak_memory() -> float:
    """The most that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


BENCHMARKS = (
    login,
    both,
    whole,
    growth,
    recording,
    identity,
    strangers,
    chaining,
    response,
    enter,
    hostile,
    startup,
    suite,
)

if __name__ == "__main__":
    wanted = sys.argv[1:]
    for benchmark in BENCHMARKS:
        if not wanted or benchmark.__name__ in wanted:
            benchmark()
