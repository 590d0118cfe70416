import base64
import datetime as dt
import functools
import hashlib
import random
import re
import string
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from typing import Any

import boto3
import pytest
from good import (
    CHAINING_PARAMETERS,
    GOOD,
    NOW,
    ROLE_,
    SECOND,
    SESSION,
    TICK,
    asserting,
    attributed,
    chained_from,
    chaining,
    granted,
    limited_by,
    requesting,
)

from pytest_stssaml.iam.entities import Role
from pytest_stssaml.identifiers import base32_letters
from pytest_stssaml.saml.vocabulary import SESSION_DURATION
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.errors import ErrorRow
from pytest_stssaml.sts.requests.saml_login import SAMLLogin, name_qualifier
from pytest_stssaml.sts.rule import Rejected
from pytest_stssaml.sts.sessions.access_keys import is_access_key_of, new_access_key_id, secret_of
from pytest_stssaml.sts.sessions.memory import RememberedSessions
from pytest_stssaml.sts.sessions.session import Session, SourceLink
from pytest_stssaml.sts.sessions.session import session_of as session_of_claims
from pytest_stssaml.sts.sessions.token import unseal

KEY = b"key" * 10
END_OF_TIME = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


def identify(purpose: str, *content: str) -> bytes:
    return hashlib.sha256("\0".join((purpose, *content)).encode()).digest()


def session_of(login: SAMLLogin) -> Session:
    return granted(login, identify, KEY)


def refusal_of(login: SAMLLogin) -> Rejected:
    with pytest.raises(Rejected) as caught:
        session_of(login)
    return caught.value


def lasting(duration: int = 43200, attribute: Any = None, end: dt.datetime | None = None) -> SAMLLogin:
    """GOOD that asks for a duration, has SessionDuration values and a SessionNotOnOrAfter."""
    login = requesting(duration_seconds=duration)
    duration_attribute = {} if attribute is None else {SESSION_DURATION: attribute}
    attributes = {**login.assertion.attributes, **duration_attribute}
    return replace(login, assertion=login.assertion._replace(attributes=attributes, session_not_on_or_after=end))


def tagged(**tags: str) -> SAMLLogin:
    return attributed(PrincipalTag=tags)


def with_role_tags(login: SAMLLogin, **tags: str) -> SAMLLogin:
    return replace(login, role=replace(ROLE_, tags=tags))


def of_size(minimum: int) -> SAMLLogin:
    """GOOD that asks for a token of so many bytes."""
    return requesting(minimum_session_token_size=minimum)


LETTERS = random.Random(4).choices(string.ascii_letters + string.digits + "_.:/=+-@", k=50 * 256)  # noqa: S311


def crammed(count: int) -> SAMLLogin:
    """GOOD with tags whose values are so many characters that cannot be compressed."""
    text = "".join(LETTERS[:count])
    return attributed(PrincipalTag={f"key{start}": text[start : start + 256] for start in range(0, count, 256)})


@functools.cache
def first_refused() -> int:
    """The least number of such characters with which the token is too large."""
    for count in range(3000, len(LETTERS)):
        try:
            session_of(crammed(count))
        except Rejected:
            return count
    raise AssertionError("whatever the tags, the token is small enough")


def seconds(login: SAMLLogin) -> float:
    return (session_of(login).expiration - NOW).total_seconds()


class TestExpiration:
    @pytest.mark.parametrize(
        ("login", "expected"),
        [
            pytest.param(GOOD, 3600, id="one hour by default"),
            pytest.param(lasting(900), 900, id="DurationSeconds alone"),
            pytest.param(lasting(1000, ("2000",), NOW + 3000 * SECOND), 1000, id="DurationSeconds is least"),
            pytest.param(lasting(2000, ("1000",), NOW + 3000 * SECOND), 1000, id="SessionDuration is least"),
            pytest.param(lasting(2000, ("3000",), NOW + 1000 * SECOND), 1000, id="SessionNotOnOrAfter is least"),
            pytest.param(lasting(3600, ("7200",)), 3600, id="SessionDuration does not extend"),
            pytest.param(lasting(3600, None, NOW + 7200 * SECOND), 3600, id="SessionNotOnOrAfter does not extend"),
            pytest.param(lasting(3600, None, NOW + SECOND), 1, id="SessionNotOnOrAfter within fifteen minutes"),
        ],
    )
    def test_is_the_earliest_of_three(self, login: SAMLLogin, expected: int) -> None:
        assert seconds(login) == expected

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("899", 10_000),
            ("900", 900),
            ("0900", 900),
            ("9999", 9999),
            ("43200", 10_000),
            ("43201", 10_000),
            ("0", 10_000),
            ("-900", 10_000),
            ("+900", 10_000),
            ("900.0", 10_000),
            ("9e2", 10_000),
            ("abc", 10_000),
            ("", 10_000),
            ("9_00", 10_000),
            ("\u0669\u0660\u0660", 10_000),
            ("9" * 10_000, 10_000),
        ],
        ids=lambda value: ascii(value)[:12] if isinstance(value, str) else "",
    )
    def test_a_session_duration_counts_if_it_is_within_the_range_of_aws(self, value: str, expected: int) -> None:
        assert seconds(lasting(10_000, (value,))) == expected

    def test_the_longest_session_duration_counts(self) -> None:
        assert seconds(lasting(50_000, ("43200",))) == 43200

    def test_the_shortest_of_several_session_durations_counts(self) -> None:
        assert seconds(lasting(3600, ("2000", "abc", "1000"))) == 1000

    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            pytest.param(NOW + TICK, NOW + 3600 * SECOND, id="a tick after a second"),
            pytest.param(NOW + SECOND - TICK, NOW + 3600 * SECOND, id="a tick before the next"),
            pytest.param(NOW + SECOND, NOW + 3601 * SECOND, id="the next second"),
        ],
    )
    def test_is_a_whole_second(self, now: dt.datetime, expected: dt.datetime) -> None:
        assert session_of(replace(GOOD, now=now)).expiration == expected

    def test_is_a_whole_second_if_the_session_ends_within_one(self) -> None:
        end = NOW + 1000 * SECOND + SECOND / 2
        assert session_of(asserting(session_not_on_or_after=end)).expiration == NOW + 1000 * SECOND

    def test_is_in_utc(self) -> None:
        assert session_of(GOOD).expiration.tzinfo is dt.UTC

    @pytest.mark.parametrize(
        "now",
        [END_OF_TIME - 3600 * SECOND, END_OF_TIME - SECOND, END_OF_TIME, END_OF_TIME + (SECOND - TICK)],
        ids=["just reached", "a second before", "the last second", "the last tick"],
    )
    def test_stops_at_the_end_of_9999(self, now: dt.datetime) -> None:
        assert session_of(replace(GOOD, now=now)).expiration == END_OF_TIME

    def test_does_not_stop_before_the_end_of_9999(self) -> None:
        now = END_OF_TIME - 3601 * SECOND
        assert session_of(replace(GOOD, now=now)).expiration == END_OF_TIME - SECOND


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("field", "pattern"),
        [
            ("access_key_id", r"ASIA[A-Z2-7]{16}"),
            ("secret_access_key", r"[A-Za-z0-9+/]{40}"),
            ("session_token", r"FwoGZXIvYXdz(?:[A-Za-z0-9+/]{4})+"),
        ],
    )
    def test_have_the_form_of_those_of_aws(self, field: str, pattern: str) -> None:
        assert re.fullmatch(pattern, getattr(session_of(GOOD), field))

    def test_the_token_is_base64(self) -> None:
        token = session_of(GOOD).session_token
        assert base64.b64encode(base64.b64decode(token, validate=True)).decode() == token

    def test_the_secrets_are_not_printed(self) -> None:
        session = session_of(GOOD)
        printed = repr(session)
        assert session.access_key_id in printed
        assert session.secret_access_key not in printed
        assert session.session_token not in printed

    def test_long_fields_are_not_printed(self) -> None:
        before = replace(SESSION, name="before")
        printed = repr(replace(SESSION, policies=("a policy",), _source=SourceLink(before)))
        assert [text for text in ("a policy", "before", "issued", "saml:sub") if text in printed] == []

    def test_a_session_cannot_be_changed(self) -> None:
        with pytest.raises(FrozenInstanceError):
            session_of(GOOD).name = "bob"  # type: ignore[misc]

    @pytest.mark.parametrize("field", ["access_key_id", "secret_access_key", "session_token"])
    def test_depend_on_the_bytes_of_identify(self, field: str) -> None:
        one, other = (granted(GOOD, lambda *_, value=value: value, KEY) for value in (b"1" * 32, b"2" * 32))
        assert getattr(one, field) != getattr(other, field)

    @pytest.mark.parametrize("field", ["secret_access_key", "session_token"])
    def test_depend_on_the_key_if_they_are_secret(self, field: str) -> None:
        one, other = (granted(GOOD, identify, key) for key in (b"1" * 32, b"2" * 32))
        assert getattr(one, field) != getattr(other, field)

    def test_only_the_last_five_letters_of_the_access_key_id_depend_on_the_key(self) -> None:
        one, other = (granted(GOOD, identify, key).access_key_id for key in (b"1" * 32, b"2" * 32))
        assert one[:15] == other[:15]
        assert one[15:] != other[15:]

    def test_the_secret_depends_on_the_access_key_id_alone(self) -> None:
        one, other = (granted(login, lambda *_: bytes(32), KEY) for login in (GOOD, tagged(team="blue")))
        assert one.secret_access_key == other.secret_access_key
        assert one.session_token != other.session_token

    def test_the_secret_is_not_in_the_token(self) -> None:
        session = session_of(GOOD)
        assert session.secret_access_key not in str(unseal(session.session_token, KEY))

    def test_are_derived_from_the_role_and_the_name_of_the_session(self) -> None:
        asked = []

        def identify(*words: str) -> bytes:
            asked.append(words)
            return bytes(32)

        granted(GOOD, identify, KEY)
        assert asked == [("session", "arn:aws:iam::123456789012:role/Developer", "alice@example.com")]

    @pytest.mark.parametrize(("count", "expected"), [(0, ""), (1, "A"), (4, "ABYZ"), (6, "ABYZ27")])
    def test_letters_are_those_of_base_32(self, count: int, expected: str) -> None:
        assert base32_letters(bytes([0, 1, 24, 25, 26, 31]), count) == expected

    def test_each_letter_is_as_likely_as_another(self) -> None:
        assert set(Counter(base32_letters(bytes(range(256)), 256)).values()) == {8}


class TestNames:
    def test_the_arn_of_the_session_has_the_role_and_the_session_name(self) -> None:
        login = attributed(RoleSessionName=("bob",))
        assert session_of(login).arn == "arn:aws:sts::123456789012:assumed-role/Developer/bob"

    def test_the_arn_of_the_session_lacks_the_path_of_the_role(self) -> None:
        role = replace(ROLE_, arn="arn:aws:iam::123456789012:role/team/blue/Developer", path="/team/blue/")
        login = replace(GOOD, role=role)
        assert session_of(login).arn == "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"

    def test_the_arn_of_the_session_has_the_partition_and_account_of_the_role(self) -> None:
        role = replace(ROLE_, partition="aws-cn", account_id="111122223333")
        login = replace(GOOD, role=role)
        assert session_of(login).arn == "arn:aws-cn:sts::111122223333:assumed-role/Developer/alice@example.com"

    def test_the_assumed_role_id_is_that_of_the_role_with_the_session_name(self) -> None:
        login = attributed(RoleSessionName=("bob",))
        assert session_of(login).assumed_role_id == "AROAABCDEFGHIJKLMNOPQ:bob"

    def test_the_account_is_that_of_the_role(self) -> None:
        login = replace(GOOD, role=replace(ROLE_, account_id="111122223333"))
        assert session_of(login).account_id == "111122223333"

    def test_the_role_is_the_requested_one(self) -> None:
        session = session_of(attributed(RoleSessionName=("bob",)))
        assert (session.role, session.name) == (ROLE_, "bob")

    @pytest.mark.parametrize(
        ("name_id_format", "subject_type"),
        [
            ("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "persistent"),
            ("urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified", "unspecified"),
            (
                "urn:oasis:names:tc:SAML:1.1:nameid-format:x509SubjectName",
                "urn:oasis:names:tc:SAML:1.1:nameid-format:x509SubjectName",
            ),
            ("https://a.example.com/format", "https://a.example.com/format"),
            (
                "x-urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
                "x-urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            ),
            ("urn:oasis:names:tc:SAML:2.0:nameid-format", "urn:oasis:names:tc:SAML:2.0:nameid-format"),
        ],
        ids=[
            "persistent",
            "unspecified",
            "of 1.1",
            "a format of another vendor",
            "prefix not in front",
            "prefix without its colon",
        ],
    )
    def test_the_subject_type_is_the_format_without_the_prefix_of_2_0(
        self, name_id_format: str, subject_type: str
    ) -> None:
        assert asserting(name_id_format=name_id_format).subject_type == subject_type

    def test_the_name_qualifier_is_that_of_the_documentation_of_aws(self) -> None:
        qualifier = name_qualifier("https://example.com/saml", "123456789012", "MySAMLIdP")
        assert qualifier == "1uAJanUnBc2XeUkHURMht+xam2c="

    def test_the_name_qualifier_depends_on_the_issuer_of_the_assertion_and_the_provider(self) -> None:
        provider = replace(GOOD.provider, name="MySAMLIdP")
        login = replace(asserting(issuer="https://example.com/saml"), provider=provider)
        assert login.name_qualifier == "1uAJanUnBc2XeUkHURMht+xam2c="


class TestTags:
    def test_are_those_of_the_assertion(self) -> None:
        session = session_of(attributed(PrincipalTag={"Department": "Blue", "Cost Centre": ""}))
        assert session.tags == {"Department": "Blue", "Cost Centre": ""}

    def test_are_none_if_the_assertion_has_none(self) -> None:
        assert session_of(GOOD).tags == {}

    def test_are_not_those_of_the_role(self) -> None:
        assert session_of(with_role_tags(GOOD, team="red")).tags == {}

    def test_are_transitive_if_the_assertion_names_their_keys(self) -> None:
        login = attributed(PrincipalTag={"team": "blue", "cost": "1"}, TransitiveTagKeys=("COST", "team"))
        assert session_of(login).transitive_tag_keys == ("COST", "team")

    def test_are_not_transitive_by_default(self) -> None:
        assert session_of(tagged(team="blue")).transitive_tag_keys == ()


class TestSourceIdentity:
    def test_is_that_of_the_assertion(self) -> None:
        assert session_of(attributed(SourceIdentity=("alice",))).source_identity == "alice"

    def test_is_none_if_the_assertion_has_none(self) -> None:
        assert session_of(GOOD).source_identity is None


class TestTokenContent:
    def said(self, login: SAMLLogin) -> dict[str, Any]:
        claims = unseal(session_of(login).session_token, KEY)
        assert claims is not None
        return claims

    def test_is_what_every_session_has_after_the_simplest_login(self) -> None:
        assert self.said(GOOD) == {
            "access_key_id": session_of(GOOD).access_key_id,
            "role": "arn:aws:iam::123456789012:role/Developer",
            "role_id": "AROAABCDEFGHIJKLMNOPQ",
            "name": "alice@example.com",
            "issued": 1893499200,  # 12:00
            "expiration": 1893502800,  # 13:00
            "federated": {
                "aws:federatedprovider": "arn:aws:iam::123456789012:saml-provider/ExampleIdP",
                "saml:sub": "alice@example.com",
                "saml:sub_type": "persistent",
                "saml:namequalifier": "gVMfPykcwyJvL8k2pmXetypU/dY=",
            },
        }

    @pytest.mark.parametrize(
        ("login", "claims"),
        [
            pytest.param(tagged(team="blue", cost=""), {"tags": {"team": "blue", "cost": ""}}, id="tags"),
            pytest.param(tagged(team="قسم"), {"tags": {"team": "قسم"}}, id="tags outside ASCII"),
            pytest.param(
                attributed(PrincipalTag={"team": "blue"}, TransitiveTagKeys=("TEAM",)),
                {"tags": {"team": "blue"}, "transitive_tag_keys": ["TEAM"]},
                id="transitive tag keys",
            ),
            pytest.param(attributed(SourceIdentity=("bob",)), {"source_identity": "bob"}, id="source identity"),
            pytest.param(
                limited_by(GOOD, policy='{"a": 1} '), {"policies": ['{"a": 1} ']}, id="session policy as it was written"
            ),
            pytest.param(limited_by(GOOD, "a:1", "b:2"), {"policies": ["a:1", "b:2"]}, id="managed policies"),
            pytest.param(
                limited_by(GOOD, "a:1", policy='{"a": 1}'),
                {"policies": ['{"a": 1}', "a:1"]},
                id="managed policies after the other",
            ),
        ],
    )
    def test_has_everything_that_later_calls_depend_on(self, login: SAMLLogin, claims: dict[str, Any]) -> None:
        assert self.said(login) == self.said(GOOD) | claims

    def test_has_the_path_of_the_role(self) -> None:
        role = replace(ROLE_, arn="arn:aws:iam::123456789012:role/team/Developer", path="/team/")
        assert self.said(replace(GOOD, role=role))["role"] == "arn:aws:iam::123456789012:role/team/Developer"


class TestTokenSize:
    def test_is_the_length_of_the_token(self) -> None:
        session = session_of(GOOD)
        assert session.session_token_size == len(session.session_token.encode())

    def test_is_a_multiple_of_four(self) -> None:
        assert [session_of(crammed(count)).session_token_size % 4 for count in range(10)] == [0] * 10

    @pytest.mark.parametrize("minimum", [0, 1], ids=str)
    def test_is_the_same_with_a_smaller_minimum(self, minimum: int) -> None:
        assert session_of(of_size(minimum)) == session_of(GOOD)

    def test_is_the_same_if_it_is_the_minimum(self) -> None:
        session = session_of(GOOD)
        assert session_of(of_size(session.session_token_size)) == session

    @pytest.mark.parametrize(
        ("minimum", "size"),
        [
            (1000, 1000),
            (1001, 1004),
            (1002, 1004),
            (1003, 1004),
            (1004, 1004),
            (4092, 4092),
            (4095, 4096),
            (4096, 4096),
        ],
    )
    def test_is_the_multiple_of_four_next_to_the_minimum(self, minimum: int, size: int) -> None:
        assert session_of(of_size(minimum)).session_token_size == size

    def test_is_one_step_larger_if_the_minimum_is_a_byte_larger(self) -> None:
        size = session_of(GOOD).session_token_size
        assert session_of(of_size(size + 1)).session_token_size == size + 4

    def test_padding_changes_no_claim(self) -> None:
        assert unseal(session_of(of_size(4096)).session_token, KEY) == unseal(session_of(GOOD).session_token, KEY)

    def test_grows_with_what_the_session_has(self) -> None:
        sizes = [session_of(crammed(count)).session_token_size for count in range(0, 3000, 500)]
        assert sizes == sorted(set(sizes))

    @pytest.mark.parametrize(
        ("size", "percent"),
        [(1024, 25), (1028, 26), (2048, 50), (2052, 51), (4052, 99), (4056, 100), (4096, 100)],
    )
    def test_utilization_is_its_share_of_4096_rounded_up(self, size: int, percent: int) -> None:
        session = session_of(of_size(size))
        assert (session.session_token_size, session.session_token_utilization) == (size, percent)


class TestTooLargeToken:
    def test_is_accepted_up_to_the_limit(self) -> None:
        session = session_of(crammed(first_refused() - 1))
        assert (session.session_token_size, session.session_token_utilization) == (4096, 100)

    def test_is_refused_from_the_limit_on(self) -> None:
        rejected = refusal_of(crammed(first_refused()))
        assert (rejected.error.code, rejected.error.status) == ("PackedPolicyTooLarge", 400)
        assert rejected.message() == "Packed size of session tags consumes 101% of allotted space."
        assert rejected.because == "the token has 4100 bytes, more than 4096"

    def test_is_refused_even_though_a_padded_one_is_accepted(self) -> None:
        assert session_of(of_size(4096)).session_token_size == 4096
        login = crammed(first_refused())
        padded = replace(login, parameters=replace(login.parameters, minimum_session_token_size=4096))
        assert refusal_of(padded).error is errors.PACKED_TAGS_TOO_LARGE

    @pytest.mark.parametrize(("size", "percent"), [(4100, 101), (4136, 101), (4140, 102), (8192, 200), (8196, 201)])
    def test_has_a_percentage_that_is_rounded_up(self, size: int, percent: int) -> None:
        tagged = replace(crammed(1), parameters=of_size(size).parameters)
        message = refusal_of(tagged).message()
        assert message == f"Packed size of session tags consumes {percent}% of allotted space."

    @pytest.mark.parametrize(
        ("login", "row"),
        [
            pytest.param(asserting(name_id="".join(LETTERS[:6000])), errors.TOKEN_TOO_LARGE, id="neither"),
            pytest.param(crammed(6000), errors.PACKED_TAGS_TOO_LARGE, id="tags"),
            pytest.param(
                limited_by(GOOD, policy="".join(LETTERS[:6000])), errors.PACKED_POLICY_TOO_LARGE, id="a policy"
            ),
            pytest.param(limited_by(GOOD, "".join(LETTERS[:6000])), errors.PACKED_POLICY_TOO_LARGE, id="an ARN"),
            pytest.param(
                limited_by(crammed(6000), policy="{}"), errors.PACKED_POLICY_TOO_LARGE, id="tags and a policy"
            ),
            pytest.param(
                limited_by(crammed(6000), "arn:aws:iam::aws:policy/ReadOnlyAccess"),
                errors.PACKED_POLICY_TOO_LARGE,
                id="tags and an ARN",
            ),
        ],
    )
    def test_is_refused_with_the_error_of_what_the_session_has(self, login: SAMLLogin, row: ErrorRow) -> None:
        assert refusal_of(login).error is row

    def test_has_its_percentage_in_the_message_about_policies(self) -> None:
        login = limited_by(of_size(8192), "arn:aws:iam::aws:policy/ReadOnlyAccess")
        rejected = refusal_of(replace(login, parameters=replace(login.parameters, minimum_session_token_size=8192)))
        assert rejected.message() == "Packed policy consumes 200% of allotted space, please use smaller policy."

    def test_is_not_reached_with_content_that_can_be_compressed(self) -> None:
        login = attributed(PrincipalTag={f"key{n}": "v" * 256 for n in range(50)})
        assert session_of(login).session_token_size < 1000


class TestBoto3Kwargs:
    def test_have_the_names_of_boto3(self) -> None:
        assert SESSION.boto3_kwargs() == {
            "aws_access_key_id": "ASIAABCDEFGHIJKLMNOP",
            "aws_secret_access_key": "secret",
            "aws_session_token": "token",
        }

    def test_make_a_session_of_boto3(self) -> None:
        credentials = boto3.Session(**session_of(GOOD).boto3_kwargs()).get_credentials()
        assert credentials is not None
        assert credentials.get_frozen_credentials()[:3] == (
            session_of(GOOD).access_key_id,
            session_of(GOOD).secret_access_key,
            session_of(GOOD).session_token,
        )


class TestInheritedTags:
    @pytest.mark.parametrize(
        ("tags", "transitive", "inherited"),
        [
            pytest.param({}, (), {}, id="no tags"),
            pytest.param({"team": "blue"}, (), {}, id="none is transitive"),
            pytest.param({"team": "blue"}, ("team",), {"team": "blue"}, id="one"),
            pytest.param({"team": "blue", "cost": "1"}, ("cost",), {"cost": "1"}, id="one of two"),
            pytest.param({"team": "blue", "cost": "1"}, ("cost", "team"), {"team": "blue", "cost": "1"}, id="both"),
            pytest.param({"Team": "blue"}, ("tEAM",), {"Team": "blue"}, id="written in letters of another case"),
            pytest.param({"team": ""}, ("team",), {"team": ""}, id="without a value"),
        ],
    )
    def test_are_those_whose_keys_are_transitive(
        self, tags: dict[str, str], transitive: tuple[str, ...], inherited: dict[str, str]
    ) -> None:
        assert replace(SESSION, tags=tags, transitive_tag_keys=transitive).inherited_tags == inherited


ALPHABET = string.ascii_uppercase + "234567"
ACCESS_KEY_ID = new_access_key_id(bytes(range(32)), KEY)


class TestAccessKeyOf:
    def test_recognises_an_access_key_that_was_made_with_the_key(self) -> None:
        assert is_access_key_of(KEY, ACCESS_KEY_ID)

    def test_recognises_the_access_key_of_a_session(self) -> None:
        assert is_access_key_of(KEY, session_of(GOOD).access_key_id)

    @pytest.mark.parametrize(
        "key", [b"", KEY[:-1], KEY + b"x", b"k" + KEY[:-1]], ids=["empty", "shorter", "longer", "changed"]
    )
    def test_does_not_recognise_an_access_key_of_another_key(self, key: bytes) -> None:
        assert not is_access_key_of(key, ACCESS_KEY_ID)

    @pytest.mark.parametrize("place", range(20))
    def test_does_not_recognise_an_access_key_with_a_changed_letter(self, place: int) -> None:
        others = set(ALPHABET) - {ACCESS_KEY_ID[place]}
        changed = [ACCESS_KEY_ID[:place] + letter + ACCESS_KEY_ID[place + 1 :] for letter in sorted(others)]
        assert [access_key_id for access_key_id in changed if is_access_key_of(KEY, access_key_id)] == []

    @pytest.mark.parametrize("length", range(20))
    def test_does_not_recognise_a_part_of_an_access_key(self, length: int) -> None:
        assert not is_access_key_of(KEY, ACCESS_KEY_ID[:length])

    @pytest.mark.parametrize("more", ["A", " ", "\n", "\0", ACCESS_KEY_ID], ids=repr)
    def test_does_not_recognise_an_extended_access_key(self, more: str) -> None:
        assert not is_access_key_of(KEY, ACCESS_KEY_ID + more)
        assert not is_access_key_of(KEY, more + ACCESS_KEY_ID)

    @pytest.mark.parametrize(
        "access_key_id",
        [
            pytest.param("AKIA" + ACCESS_KEY_ID[4:], id="a user's prefix"),
            pytest.param(ACCESS_KEY_ID.lower(), id="small letters"),
            pytest.param(ACCESS_KEY_ID[:4] + ACCESS_KEY_ID[4:].lower(), id="small letters after the prefix"),
            pytest.param("ASIAIOSFODNN7EXAMPLE", id="the documentation's"),
            pytest.param("ASIA" + "é" * 16, id="beyond ASCII"),
            pytest.param(ACCESS_KEY_ID[:19] + "\uff21", id="a full-width letter"),
            pytest.param("ASIA" + "\ud800" * 16, id="half surrogate pairs"),
            pytest.param("testing", id="moto's"),
        ],
    )
    def test_does_not_recognise_other_identifiers(self, access_key_id: str) -> None:
        assert not is_access_key_of(KEY, access_key_id)


class TestSessionOfAToken:
    """A session that is remembered no more is what its token says."""

    def remade(self, session: Session, role: Role = ROLE_) -> Session:
        claims = unseal(session.session_token, KEY)
        assert claims is not None
        return session_of_claims(claims, session.session_token, KEY, role)

    @pytest.mark.parametrize(
        "login",
        [
            pytest.param(GOOD, id="nothing special"),
            pytest.param(attributed(PrincipalTag={"team": "blue"}, TransitiveTagKeys=("TEAM",)), id="tags"),
            pytest.param(attributed(SourceIdentity=("bob",)), id="a source identity"),
            pytest.param(limited_by(GOOD, "a:1", policy="{}"), id="policies"),
            pytest.param(of_size(4096), id="a long token"),
        ],
    )
    def test_equals_the_session_of_the_login(self, login: SAMLLogin) -> None:
        session = session_of(login)
        assert self.remade(session, session.role) == session

    def test_of_role_chaining_has_lost_its_source_session(self) -> None:
        session = granted(chaining(tags=(("team", "blue"),)), identify, KEY)
        assert session.source_session is SESSION
        assert self.remade(session, session.role) == replace(session, _source=SourceLink())

    def test_has_the_role_as_it_is_now(self) -> None:
        role = replace(ROLE_, tags={"team": "red"})
        assert self.remade(session_of(GOOD), role).role is role

    def test_has_the_secret_that_belongs_to_its_access_key(self) -> None:
        session = session_of(GOOD)
        assert self.remade(session).secret_access_key == secret_of(session.access_key_id, KEY)


class TestChained:
    """What a session that assumes another role gets; the rules have let it pass."""

    def granted(self, asking: Any) -> Session:
        return granted(asking, identify, KEY)

    def test_has_the_requested_role_and_name(self) -> None:
        session = self.granted(chaining(role_session_name="bob"))
        assert (session.arn, session.assumed_role_id) == (
            "arn:aws:sts::123456789012:assumed-role/Auditor/bob",
            "AROAQPONMLKJIHGFEDCBA:bob",
        )

    def test_has_the_calling_session_as_its_source(self) -> None:
        assert self.granted(chaining()).source_session is SESSION

    def test_has_no_source_after_a_login(self) -> None:
        assert self.granted(GOOD).source_session is None

    @pytest.mark.parametrize("duration", [900, 3600])
    def test_lasts_as_long_as_requested_even_if_the_calling_session_ends_before(self, duration: int) -> None:
        session = self.granted(
            replace(chaining(duration_seconds=duration), calling_session=replace(SESSION, expiration=NOW + SECOND))
        )
        assert session.expiration == NOW + duration * SECOND

    def test_is_issued_now(self) -> None:
        assert self.granted(replace(chaining(), now=NOW + SECOND - TICK)).issued == NOW

    @pytest.mark.parametrize(
        ("asking", "tags", "transitive"),
        [
            pytest.param(chained_from(), {}, (), id="none"),
            pytest.param(chained_from(tags={"team": "blue"}), {}, (), id="not transitive"),
            pytest.param(
                chained_from(tags={"team": "blue"}, transitive_tag_keys=("team",)),
                {"team": "blue"},
                ("team",),
                id="transitive",
            ),
            pytest.param(
                chained_from(tags={"Team": "blue"}, transitive_tag_keys=("TEAM",)),
                {"Team": "blue"},
                ("Team",),
                id="transitive in another case",
            ),
            pytest.param(
                chained_from(
                    replace(CHAINING_PARAMETERS, tags=(("cost", "1"), ("step", "2")), transitive_tag_keys=("step",)),
                    tags={"team": "blue", "city": "Bonn"},
                    transitive_tag_keys=("team",),
                ),
                {"team": "blue", "cost": "1", "step": "2"},
                ("team", "step"),
                id="of both",
            ),
        ],
    )
    def test_has_the_inherited_and_the_requested_tags(
        self, asking: Any, tags: dict[str, str], transitive: tuple[str, ...]
    ) -> None:
        session = self.granted(asking)
        assert (session.tags, session.transitive_tag_keys) == (tags, transitive)

    def test_has_the_inherited_and_the_requested_transitive_tag_keys(self) -> None:
        request = replace(CHAINING_PARAMETERS, tags=(("cost", "1"), ("step", "2")), transitive_tag_keys=("STEP",))
        session = self.granted(chained_from(request, tags={"team": "blue"}, transitive_tag_keys=("team",)))
        assert session.inherited_tags == {"team": "blue", "step": "2"}

    @pytest.mark.parametrize(
        ("before", "asked", "granted"),
        [(None, None, None), (None, "bob", "bob"), ("alice", None, "alice"), ("alice", "alice", "alice")],
    )
    def test_has_the_source_identity_of_the_calling_session_or_the_requested_one(
        self, before: str | None, asked: str | None, granted: str | None
    ) -> None:
        request = replace(CHAINING_PARAMETERS, source_identity=asked)
        assert self.granted(chained_from(request, source_identity=before)).source_identity == granted

    def test_has_only_its_own_session_policies(self) -> None:
        before = replace(SESSION, policies=("{}",))
        asking = limited_by(replace(chaining(), calling_session=before), "a:1")
        assert self.granted(asking).policies == ("a:1",)

    def test_has_no_keys_of_the_login(self) -> None:
        assert self.granted(chaining())._federated_keys == {}


def numbered(number: int) -> Session:
    return replace(SESSION, access_key_id=f"ASIA{number:016}")


class TestRememberedSessions:
    def test_are_empty_at_first(self) -> None:
        assert RememberedSessions().latest() == ()

    def test_are_in_the_order_of_their_issue(self) -> None:
        sessions = RememberedSessions()
        for number in (2, 3, 1):
            sessions.add(numbered(number))
        assert sessions.latest() == (numbered(2), numbered(3), numbered(1))

    def test_are_found_by_their_access_keys(self) -> None:
        sessions, session = RememberedSessions(), numbered(2)
        sessions.add(numbered(1))
        sessions.add(session)
        assert sessions.get(session.access_key_id) is session

    @pytest.mark.parametrize("access_key_id", ["ASIA0000000000000002", "asia0000000000000001", ""])
    def test_have_none_for_another_access_key(self, access_key_id: str) -> None:
        sessions = RememberedSessions()
        sessions.add(numbered(1))
        assert sessions.get(access_key_id) is None

    @pytest.mark.parametrize(("count", "first"), [(999, 0), (1000, 0), (1001, 1), (1500, 500)])
    def test_are_only_the_latest_thousand(self, count: int, first: int) -> None:
        sessions = RememberedSessions()
        for number in range(count):
            sessions.add(numbered(number))
        assert sessions.latest() == tuple(map(numbered, range(first, count)))

    def test_do_not_find_one_that_was_forgotten(self) -> None:
        sessions = RememberedSessions()
        for number in range(1001):
            sessions.add(numbered(number))
        assert [sessions.get(numbered(number).access_key_id) for number in (0, 1)] == [None, numbered(1)]

    def test_keep_no_chain_of_sessions_that_were_forgotten(self) -> None:
        sessions = RememberedSessions()
        first, second = numbered(1), replace(numbered(2), _source=SourceLink(numbered(1)))
        for session in (first, second, *map(numbered, range(3, 1002))):
            sessions.add(session)
        assert second.source_session == first
        sessions.add(numbered(1002))
        assert second.source_session is None

    def test_keep_the_sessions_of_many_threads(self) -> None:
        sessions = RememberedSessions()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(sessions.add, map(numbered, range(1000))))
        assert sorted(session.access_key_id for session in sessions.latest()) == [
            numbered(number).access_key_id for number in range(1000)
        ]

    def test_keep_no_more_than_a_thousand_of_many_threads(self) -> None:
        sessions = RememberedSessions()

        def remember_and_list(number: int) -> int:
            sessions.add(numbered(number))
            return len(sessions.latest())

        with ThreadPoolExecutor(8) as pool:
            assert max(pool.map(remember_and_list, range(3000))) == 1000
