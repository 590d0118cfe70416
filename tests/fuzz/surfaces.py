"""Fuzzing of what is beside an edited response: encrypted assertions, metadata, raw HTTP requests and signatures."""

import base64
import copy
import functools
import re
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

import encrypting
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives import serialization
from fuzz.editing import TEXT_EDITS, TOKENS, Editing, check_accepted
from fuzz.logins import Choices
from fuzz.world import CODES, NOW, NS, OPERATION, World, pick
from hypothesis import strategies as st
from lxml import etree

from pytest_stssaml import IAMError

MOST_SECONDS = 5.0
WORDS = ["", "POST", "GET", "s3", "sts", "nowhere-1", "us-east-1", "eu-west-1", "20300101", "20000101T000000Z", "0",
         "-1", "\0", "é", "\ud800", "a" * 5000, "%", "=", "/", ";", "aws4_request", "ASIA" + "A" * 16]  # fmt: skip
surface = st.binary(min_size=64, max_size=64)
KEY_PEM = encrypting.KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


def edited(world: World, choices: Choices, text: str, most: int) -> str:
    """Return a document after some edits of its tree and one of its text."""
    root = etree.fromstring(text)
    editing = Editing(world, root)
    for _ in range(choices.number() % (most + 1)):
        editing.edit((choices.number(), choices.number(), choices.number(), choices.number()))
    written = etree.tostring(editing.root, encoding="unicode")
    return str(choices.of(TEXT_EDITS)(written, choices.number(), choices.number()))


def in_time(begun: float, what: object) -> None:
    assert time.perf_counter() - begun < MOST_SECONDS, f"slow: {what!r}"


def prepare(world: World) -> None:
    """Give each provider the private key, and leave it to the response whether it is encrypted."""
    for good in world.goods[:: len(world.goods) - 1]:
        world.backend.update_saml_provider(good.idp.provider, add_private_key=KEY_PEM)


def try_encrypted(world: World, drawn: bytes) -> None:
    """Encrypt an edited assertion, and edit what it is wrapped in. Only what was signed is accepted."""
    choices = Choices(drawn)
    good = choices.of(world.goods)
    root = etree.fromstring(good.xml)
    assertion = root.find("saml:Assertion", NS)
    assert assertion is not None
    try:
        plain = etree.tostring(assertion, encoding="unicode", with_tail=False)
        plain = edited(world, choices, plain, 2) if choices.number() % 2 else plain
        if choices.number() % 4 == 0:  # The declarations stand around the assertion.
            plain = re.sub(r' xmlns:\w+="[^"]*"', "", plain)
        algorithm = choices.of(["aes256-gcm", "aes128-cbc", "aes128-gcm", "aes256-cbc"])
        transport = choices.of(["mgf1p", "oaep sha256", "oaep"])
        key = encrypting.new_key(algorithm)
        to = choices.of([encrypting.KEY] * 7 + [encrypting.OLD_KEY])
        keys = encrypting.encrypted_key(key, to, transport) * choices.of([1] * 12 + [0, 2, 11])
        wrapper = encrypting.encrypted_with(key, plain, keys, algorithm)
        outer = etree.SubElement(root, f"{{{NS['saml']}}}EncryptedAssertion")
        outer.append(etree.fromstring(wrapper))
        root.replace(assertion, outer)
        text = edited(world, choices, etree.tostring(root, encoding="unicode"), 2) if choices.number() % 2 else (
            etree.tostring(root, encoding="unicode"))  # fmt: skip
        data = text.encode()
    except (ValueError, etree.LxmlError):
        return
    begun = time.perf_counter()
    check_accepted(world, world.requests[id(good.idp)][good.role], data, set())
    in_time(begun, data)


def try_metadata(world: World, drawn: bytes) -> None:
    """Register an edited metadata document: IAM takes it, or raises IAMError. What it takes names its entity."""
    world.calls += 1
    choices = Choices(drawn)
    try:
        document = edited(world, choices, choices.of(world.goods).idp.metadata, 3)
    except (ValueError, etree.LxmlError):
        return
    begun = time.perf_counter()
    try:
        provider = world.backend.create_saml_provider("Fuzzed", document)
    except IAMError:
        return
    finally:
        in_time(begun, document)
    world.accepted += 1
    world.backend.delete_saml_provider(provider)
    assert "entityID" in document, document
    assert "X509Certificate" in document, document


def check_answer(status: int, headers: dict[str, str], body: str, sent: object) -> None:
    code = re.search("<Code>(.*?)</Code>", body)
    assert status in (200, 302) or (code and (status, code[1]) in CODES), f"{status} {headers} {body} for {sent!r}"


def try_handle(world: World, drawn: bytes) -> None:
    """Send a raw HTTP request that has neither a response nor a signature: it is answered, and not with success."""
    world.calls += 1
    choices = Choices(drawn)
    fields = {choices.of(["Action", "Version", "RoleArn", "SAMLAssertion", *WORDS]): choices.of([*WORDS, *TOKENS])
              for _ in range(choices.number() % 5)}  # fmt: skip
    body: Any = urlencode({**choices.of([{}, OPERATION]), **fields}, errors="replace")
    at = choices.number() % (len(body) + 1)
    body = body[:at] + choices.of([*WORDS, *TOKENS]) + body[at:]
    body = body.encode(errors="replace") if choices.number() % 2 else body
    headers = {choices.of(["Host", "Authorization", "X-Amz-Date", "Content-Type", "User-Agent", *WORDS]):
               choices.of([*WORDS, "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0"])
               for _ in range(choices.number() % 4)}  # fmt: skip
    method, path = choices.of(["POST", "GET"]), choices.of(["/", "/?", "/a?b=c", "/%", "//", "/?" + "a" * 3000])
    begun = time.perf_counter()
    answer = world.backend.handle(body, method=method, path=path, headers=headers)
    in_time(begun, (body, headers))
    check_answer(*answer, sent=(method, path, headers, body))
    assert answer[0] != 200, f"{answer} for {body!r} {headers!r}"


def try_signed(world: World, drawn: bytes) -> None:
    """Sign GetCallerIdentity with a session, and change something: only an unchanged request is accepted."""
    world.calls += 1
    choices = Choices(drawn)
    credentials = session_credentials(world)
    region = choices.of(["us-east-1"] * 6 + ["nowhere-1", "eu-west-1"])
    service = choices.of(["sts"] * 6 + ["s3", "iam"])
    form, url = "Action=GetCallerIdentity&Version=2011-06-15", "https://sts.us-east-1.amazonaws.com/"
    honest = region == "us-east-1" and service == "sts"
    if presigned := choices.number() % 2 == 1:
        request = AWSRequest("GET", f"{url}?{form}")
        SigV4QueryAuth(credentials, service, region, expires=choices.of([60, 900])).add_auth(request)
        body, method, headers = request.url.partition("?")[2], "GET", {"Host": "sts.us-east-1.amazonaws.com"}
    else:
        content = "application/x-www-form-urlencoded"
        request = AWSRequest("POST", url, data=form, headers={"Content-Type": content})
        SigV4Auth(credentials, service, region).add_auth(request)
        body, method = form, "POST"
        headers = {"Host": "sts.us-east-1.amazonaws.com", **dict(request.headers.items())}
    changed = copy.copy((body, headers))
    if choices.number() % 3 and not presigned:
        name = choices.of(["Authorization", "X-Amz-Date", "X-Amz-Security-Token"])
        headers = {**headers, name: damaged(choices, str(headers[name]))}
    elif choices.number() % 3:
        body = damaged(choices, body)
    # The signature covers the parameters and neither their order nor how they are escaped.
    same = sorted(parse_qsl(changed[0], keep_blank_values=True)) == sorted(parse_qsl(body, keep_blank_values=True))
    honest = honest and headers == changed[1] and (same if presigned else changed[0] == body)
    begun = time.perf_counter()
    answer = world.backend.handle(body, method=method, headers=headers)
    in_time(begun, (body, headers))
    check_answer(*answer, sent=(method, headers, body))
    assert (answer[0] == 200) == honest, f"{answer} for {method} {body!r} {headers!r}"
    world.accepted += honest


def damaged(choices: Choices, text: str) -> str:
    at, length = choices.number() * len(text) // 256, 1 + choices.number() % 9
    return text[:at] + choices.of(WORDS) + text[at + length :]


@functools.cache
def session_credentials(world: World) -> Credentials:
    """Return the credentials of a session that an honest login made."""
    good = pick(world.goods, 0)
    world.backend.move_to(NOW)
    request = world.requests[id(good.idp)][good.role]
    status, body = world.answer({**request, "SAMLAssertion": base64.b64encode(good.xml.encode()).decode()})
    assert status == 200, body
    found = dict(re.findall(r"<(AccessKeyId|SecretAccessKey|SessionToken)>([^<]*)<", body))
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
