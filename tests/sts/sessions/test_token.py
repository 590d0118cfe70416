import base64
import json
import random
import string
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from pytest_stssaml import IdentityProvider, STSBackend, active_mock
from pytest_stssaml.services import Services
from pytest_stssaml.sts.sessions.token import is_sealed, seal, unseal
from pytest_stssaml.wire import Request, Signature, Stage

KEY = b"key" * 10
CLAIMS = {"name": "alice", "tags": {"team": "blue"}, "policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}
TOKEN = seal(CLAIMS, KEY)
HEAD = b"\x17\n\x06er/aws"
BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def another(letter: str) -> str:
    """The next letter of base64's alphabet."""
    return BASE64[(BASE64.index(letter) + 1) % 64]


class TestSeal:
    @pytest.mark.parametrize(
        "claims",
        [
            pytest.param({}, id="nothing"),
            pytest.param(CLAIMS, id="texts, dicts and lists"),
            pytest.param({"expiration": 1893502800}, id="a number"),
            pytest.param({"tags": {"قسم": "\u00a0é"}}, id="letters outside ASCII"),
            pytest.param({"tags": {"a": "\U0001d49c"}}, id="a letter outside of the basic plane"),
            pytest.param({"policies": ['{"a": "\\"\\\\\n"}']}, id="quotes and line feeds"),
            pytest.param({"policies": ["".join(random.Random(1).choices(BASE64, k=2048))]}, id="a long text"),  # noqa: S311
            pytest.param({"name": "\0", "tags": {"a": "\0"}}, id="a NUL"),
            pytest.param({"name": "alice"}, id="nothing to compress"),
            pytest.param({"tags": {"a": ""}}, id="nothing but a tag"),
        ],
    )
    @pytest.mark.parametrize("minimum", [0, 1000, 4096])
    def test_returns_what_unseal_reads(self, claims: dict[str, Any], minimum: int) -> None:
        assert unseal(seal(claims, KEY, minimum), KEY) == claims

    def test_returns_the_same_token_each_time(self) -> None:
        assert seal(dict(CLAIMS), KEY) == TOKEN

    def test_returns_another_token_for_other_claims(self) -> None:
        assert seal(CLAIMS | {"name": "bob"}, KEY) != TOKEN

    def test_returns_another_token_for_another_key(self) -> None:
        assert seal(CLAIMS, KEY + b"x") != TOKEN

    def test_returns_base64(self) -> None:
        assert base64.b64encode(base64.b64decode(TOKEN, validate=True)).decode() == TOKEN

    def test_begins_as_tokens_of_aws_were_seen_to(self) -> None:
        assert TOKEN.startswith("FwoGZXIvYXdz")

    @pytest.mark.parametrize("length", range(12))
    def test_needs_no_padding_of_base64(self, length: int) -> None:
        token = seal({"name": BASE64[:length]}, KEY)
        assert (len(token) % 4, "=" in token) == (0, False)

    @pytest.mark.parametrize(
        ("minimum", "length"),
        [
            (0, len(TOKEN)),
            (len(TOKEN), len(TOKEN)),
            (len(TOKEN) + 1, len(TOKEN) + 4),
            (1000, 1000),
            (1001, 1004),
            (4095, 4096),
            (4096, 4096),
        ],
    )
    def test_returns_a_token_of_at_least_the_minimum(self, minimum: int, length: int) -> None:
        assert len(seal(CLAIMS, KEY, minimum)) == length

    def test_compresses_claims_that_repeat_themselves(self) -> None:
        tags = {f"key{n}": "value" * 50 for n in range(50)}
        assert len(seal({"tags": tags}, KEY)) < len(json.dumps(tags)) / 20

    def test_each_tag_makes_a_token_larger(self) -> None:
        tags = {f"key{n}": BASE64[n : n + 8] for n in range(50)}
        sizes = [len(seal({"name": "alice", "tags": dict([*tags.items()][:count])}, KEY)) for count in range(51)]
        assert len(seal({"name": "alice"}, KEY)) < sizes[0]
        assert sizes == sorted(sizes)

    def test_hardly_compresses_claims_that_do_not_repeat_themselves(self) -> None:
        text = "".join(random.Random(2).choices(BASE64, k=3000))  # noqa: S311
        assert len(text) * 0.9 < len(seal({"policies": [text]}, KEY)) < len(text) * 1.1

    def test_returns_a_token_whose_length_does_not_depend_on_the_key(self) -> None:
        assert len({len(seal(CLAIMS, key)) for key in (b"", b"a", b"a" * 64)}) == 1


class TestUnseal:
    def test_refuses_every_token_with_one_letter_changed(self) -> None:
        changed = [TOKEN[:place] + another(letter) + TOKEN[place + 1 :] for place, letter in enumerate(TOKEN)]
        assert {unseal(token, KEY) for token in changed} == {None}

    def test_refuses_every_token_with_one_bit_changed(self) -> None:
        content = base64.b64decode(TOKEN)
        number = int.from_bytes(content, "big")
        changed = [(number ^ 1 << bit).to_bytes(len(content), "big") for bit in range(8 * len(content))]
        assert {unseal(base64.b64encode(token).decode(), KEY) for token in changed} == {None}

    def test_refuses_every_beginning_of_a_token(self) -> None:
        assert {unseal(TOKEN[:length], KEY) for length in range(len(TOKEN))} == {None}

    def test_refuses_every_end_of_a_token(self) -> None:
        assert {unseal(TOKEN[start:], KEY) for start in range(1, len(TOKEN))} == {None}

    @pytest.mark.parametrize(
        "more", ["=", "==", "====", "A", "AA==", "AAA=", "AAAA", "A" * 1000, "\n", " ", "\0", TOKEN], ids=ascii
    )
    def test_refuses_a_token_with_a_suffix(self, more: str) -> None:
        assert unseal(TOKEN + more, KEY) is None

    @pytest.mark.parametrize("more", ["=", "AAAA", "\n", " ", TOKEN], ids=ascii)
    def test_refuses_a_token_with_a_prefix(self, more: str) -> None:
        assert unseal(more + TOKEN, KEY) is None

    def test_refuses_a_token_without_its_padding(self) -> None:
        padded = seal(CLAIMS, KEY, len(TOKEN) + 400)
        assert unseal(padded[: len(TOKEN)], KEY) is None

    def test_refuses_a_token_with_more_padding(self) -> None:
        content = base64.b64decode(TOKEN) + bytes(3)
        assert unseal(base64.b64encode(content).decode(), KEY) is None

    @pytest.mark.parametrize(
        "key", [b"", KEY[:-1], KEY + b"x", b"k" + KEY[:-1]], ids=["empty", "shorter", "longer", "changed"]
    )
    def test_refuses_a_token_of_another_key(self, key: bytes) -> None:
        assert unseal(TOKEN, key) is None

    @pytest.mark.parametrize("head", [HEAD.upper(), HEAD[1:] + b"x", bytes(len(HEAD)), b"", HEAD * 2], ids=ascii)
    def test_refuses_another_head(self, head: bytes) -> None:
        content = head + base64.b64decode(TOKEN)[len(HEAD) :]
        assert unseal(base64.b64encode(content).decode(), KEY) is None

    @pytest.mark.parametrize(
        "token",
        [
            pytest.param("", id="nothing"),
            pytest.param("IQoJb3JpZ2luX2Vj", id="a token as AWS has too"),
            pytest.param("FwoGZXIvYXdz", id="the head alone"),
            pytest.param(base64.b64encode(HEAD + bytes(16)).decode(), id="no content"),
            pytest.param("not base64!", id="not base64"),
            pytest.param("é" + TOKEN, id="not ASCII"),
            pytest.param(TOKEN[:20] + "\n" + TOKEN[20:], id="a line feed in it"),
            pytest.param(TOKEN[:20] + "=" + TOKEN[20:], id="a padding sign in it"),
            pytest.param(
                base64.b64encode(HEAD + bytes(17)).decode()[:-2] + "B=", id="a letter of more bits than needed"
            ),
            pytest.param(TOKEN.swapcase(), id="other case"),
        ],
    )
    def test_refuses_other_strings(self, token: str) -> None:
        assert unseal(token, KEY) is None

    def test_accepts_only_the_standard_alphabet_of_base64(self) -> None:
        claims = next({"name": str(n)} for n in range(1000) if {"+", "/"} <= set(seal({"name": str(n)}, KEY)))
        url_safe = seal(claims, KEY).replace("+", "-").replace("/", "_")
        assert unseal(url_safe, KEY) is None


class TestIsSealed:
    @pytest.mark.parametrize("minimum", [0, 4096])
    def test_is_true_of_what_seal_returns(self, minimum: int) -> None:
        assert is_sealed(seal(CLAIMS, KEY, minimum), KEY)

    def test_is_false_of_every_token_with_one_letter_changed(self) -> None:
        changed = [TOKEN[:place] + another(letter) + TOKEN[place + 1 :] for place, letter in enumerate(TOKEN)]
        assert {is_sealed(token, KEY) for token in changed} == {False}

    @pytest.mark.parametrize(
        ("token", "key"),
        [
            pytest.param(TOKEN, KEY + b"x", id="another key"),
            pytest.param("", KEY, id="nothing"),
            pytest.param("IQoJb3JpZ2luX2Vj", KEY, id="a token as AWS has too"),
            pytest.param("FwoGZXIvYXdz", KEY, id="the head alone"),
            pytest.param("FwoGZXIvYXdz!", KEY, id="no base64 behind the head"),
            pytest.param(TOKEN + "=", KEY, id="something behind it"),
            pytest.param(TOKEN + "é", KEY, id="something beyond ASCII behind it"),
            pytest.param(" " + TOKEN, KEY, id="something before it"),
        ],
    )
    def test_is_false_of_what_unseal_does_not_read(self, token: str, key: bytes) -> None:
        assert (is_sealed(token, key), unseal(token, key)) == (False, None)


def claims_of(token: str) -> Any:
    """Return the claims of a session token without its key: behind 9 known bytes and 16 of authentication."""
    plain, _, compressed = base64.b64decode(token)[25:].partition(b"\0")
    return json.loads(plain) | json.loads(zlib.decompressobj().decompress(compressed))


class TestLogin:
    """What the answer to a real call holds."""

    POLICY = '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}}'

    @pytest.fixture
    def answer(self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Any:
        actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
        role = sts.create_role(
            "Developer", trust_policy=idp.provider.trust_policy(actions=actions), path="/team/", tags={"team": "red"}
        )
        response = idp.response(
            role,
            principal_tags={"team": "blue", "cost centre": "قسم"},
            transitive_tag_keys=["TEAM"],
            source_identity="alice",
        )
        arns = [sts.create_policy("Reader", {"Version": "2012-10-17"} | json.loads(self.POLICY))]
        arns.append("arn:aws:iam::aws:policy/ReadOnlyAccess")
        return log_in(response, role, idp.provider, Policy=self.POLICY, PolicyArns=[{"arn": arn} for arn in arns])

    def test_returns_a_token_with_the_claims_of_the_session(self, answer: Any) -> None:
        assert claims_of(answer["Credentials"]["SessionToken"]) == {
            "access_key_id": answer["Credentials"]["AccessKeyId"],
            "role": "arn:aws:iam::123456789012:role/team/Developer",
            "role_id": answer["AssumedRoleUser"]["AssumedRoleId"].split(":")[0],
            "name": "alice@example.com",
            "issued": answer["Credentials"]["Expiration"].timestamp() - 3600,
            "expiration": answer["Credentials"]["Expiration"].timestamp(),
            "federated": {
                "aws:federatedprovider": "arn:aws:iam::123456789012:saml-provider/ExampleIdP",
                "saml:sub": "alice@example.com",
                "saml:sub_type": "persistent",
                "saml:namequalifier": answer["NameQualifier"],
            },
            "source_identity": "alice",
            "tags": {"team": "blue", "cost centre": "قسم"},
            "transitive_tag_keys": ["TEAM"],
            "policies": [
                self.POLICY,
                "arn:aws:iam::123456789012:policy/Reader",
                "arn:aws:iam::aws:policy/ReadOnlyAccess",
            ],
        }

    def test_returns_a_token_that_no_other_backend_recognises(self, answer: Any) -> None:
        credentials = answer["Credentials"]
        signature = Signature(credentials["AccessKeyId"], credentials["SessionToken"], bool)
        request = Request({"Action": "GetCallerIdentity"}, "us-east-1", signature=signature, stage=Stage.CALLED)
        other = Services(account_id="123456789012", partition="aws", seed="other")
        active = active_mock.current
        assert active is not None
        assert (active.respond(request), other.sts.respond(request)) == (Stage.SIGNED, None)

    def test_returns_the_packed_size_of_the_token(self, answer: Any) -> None:
        assert answer["PackedPolicySize"] == -(-len(answer["Credentials"]["SessionToken"]) * 100 // 4096)
