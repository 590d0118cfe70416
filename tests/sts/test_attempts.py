import contextlib
import datetime as dt
import gc
import hashlib
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from wire import shared_session

from pytest_stssaml import (
    Attempt,
    IdentityProvider,
    Role,
    SAMLResponse,
    Session,
    STSBackend,
    make_signing_key,
    mock_sts_saml,
)
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import ConnectionErrorKind
from pytest_stssaml.rejections import WAYS, Rejection
from pytest_stssaml.sts.attempts.call import Call
from pytest_stssaml.sts.requests.credentials import PresentedCredentials
from pytest_stssaml.sts.requests.role_chaining import RoleChaining
from pytest_stssaml.sts.requests.saml_login import SAMLLogin
from pytest_stssaml.sts.rules.credentials import CREDENTIAL_RULES
from pytest_stssaml.sts.rules.role_chaining import ROLE_CHAINING_RULES
from pytest_stssaml.sts.rules.saml_login import SAML_LOGIN_RULES
from pytest_stssaml.sts.rules.signature import SIGNATURE_RULES
from pytest_stssaml.sts.state import Findings

NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)

ROLE = "arn:aws:iam::123456789012:role/Developer"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
SESSION = "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"

# The rules of a login, in order.
ORDER = [
    "operation_is_served",
    "login_parameters_are_valid",
    "region_is_activated",
    "response_is_saml",
    "provider_exists",
    "assertion_is_trusted",
    *(rule.name for rule in SAML_LOGIN_RULES),
    "session_token_is_small_enough",
]


def passed(order: list[str], failed: str | None = None) -> str:
    """Return the last part of an explanation: the rules before the one that failed, or all."""
    names = order[: order.index(failed)] if failed else order
    return "  passed    " + textwrap.fill(", ".join(names), 108, break_long_words=False).replace("\n", "\n" + " " * 12)


LogIn = Callable[..., Any]


@pytest.fixture
def sts() -> Iterator[STSBackend]:
    with mock_sts_saml(now=NOON) as backend:
        yield backend


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Role:
    return sts.create_role("Developer")


@pytest.fixture
def attempted(sts: STSBackend, idp: IdentityProvider, role: Role, log_in: LogIn) -> Callable[..., Attempt]:
    """Return the attempt that a login leaves: `attempted(audience="urn:example")`."""

    def attempt(response: str | None = None, **said: Any) -> Attempt:
        with contextlib.suppress(ClientError, ConnectionClosedError, ReadTimeoutError):
            log_in(idp.response(role, **said) if response is None else response, role, idp.provider)
        return sts.attempts[-1]

    return attempt


def digest(response: str) -> str:
    return f"SHA-256 {hashlib.sha256(response.encode()).hexdigest()[:16]}…, {len(response)} characters of base64"


class TestFields:
    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            pytest.param({}, (True, None, 200, None, None), id="accepted"),
            pytest.param(
                {"audience": "urn:example"},
                (
                    False,
                    "InvalidIdentityToken",
                    400,
                    "Response does not contain the required audience.",
                    "addressed_to_aws",
                ),
                id="refused",
            ),
            pytest.param(
                {"name_id": None},
                (False, "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML", "subject_has_a_name"),
                id="denied",
            ),
        ],
    )
    def test_are_those_of_the_answer(
        self, attempted: Callable[..., Attempt], said: dict[str, Any], expected: tuple[Any, ...]
    ) -> None:
        attempt = attempted(**said)
        assert (attempt.accepted, attempt.code, attempt.status, attempt.message, attempt.failed) == expected

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            pytest.param(
                ("AccessDenied",),
                (False, "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML", ()),
                id="known",
            ),
            pytest.param(("Strange", "costs $5", 418), (False, "Strange", 418, "costs $5", ()), id="made up"),
        ],
    )
    def test_are_those_of_an_ordered_error(
        self, sts: STSBackend, attempted: Callable[..., Attempt], order: tuple[Any, ...], expected: tuple[Any, ...]
    ) -> None:
        sts.add_client_error(*order)
        attempt = attempted()
        assert (attempt.accepted, attempt.code, attempt.status, attempt.message, attempt.checks) == expected

    @pytest.mark.parametrize("kind", ["reset", "timeout"])
    def test_of_a_lost_connection_have_no_answer(
        self, sts: STSBackend, attempted: Callable[..., Attempt], kind: ConnectionErrorKind
    ) -> None:
        sts.add_connection_error(kind, times=10)
        attempt = attempted()
        assert (attempt.accepted, attempt.code, attempt.status, attempt.message) == (False, None, 0, None)
        assert attempt.failed is not None

    def test_the_time_is_that_of_the_clock(self, sts: STSBackend, attempted: Callable[..., Attempt]) -> None:
        sts.advance(minutes=3)
        at = attempted().at
        assert (at, at.tzinfo) == (NOON + dt.timedelta(minutes=3), dt.UTC)

    def test_the_arns_are_those_of_the_request(self, attempted: Callable[..., Attempt]) -> None:
        attempt = attempted()
        assert (attempt.role_arn, attempt.principal_arn) == (ROLE, PROVIDER)

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            pytest.param({}, ("AssumeRoleWithSAML", "us-east-1", SESSION, 3600), id="accepted"),
            pytest.param(
                {"audience": "urn:example"}, ("AssumeRoleWithSAML", "us-east-1", None, None), id="refused by a check"
            ),
        ],
    )
    def test_have_the_session_and_the_region(
        self, attempted: Callable[..., Attempt], said: dict[str, Any], expected: tuple[Any, ...]
    ) -> None:
        attempt = attempted(**said)
        assert (attempt.operation, attempt.region, attempt.session_arn, attempt.duration_seconds) == expected

    def test_the_region_is_known_even_if_the_parameters_are_invalid(self, sts: STSBackend) -> None:
        sts.handle("Action=AssumeRoleWithSAML&Version=2011-06-15", region="eu-west-1")
        assert sts.attempts[-1].region == "eu-west-1"

    def test_the_session_is_that_of_the_answer(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, log_in: LogIn
    ) -> None:
        answer = log_in(idp.response(role), role, idp.provider, DurationSeconds=900)
        attempt = sts.attempts[-1]
        assert (attempt.session_arn, attempt.duration_seconds) == (answer["AssumedRoleUser"]["Arn"], 900)

    @pytest.mark.parametrize(
        ("said", "requested", "seconds", "limit"),
        [
            pytest.param({}, 3600, 3600, None, id="nothing"),
            pytest.param({"session_duration": 3599}, 3600, 3599, "SessionDuration", id="SessionDuration"),
            pytest.param({"session_duration": 3600}, 3600, 3600, None, id="as long"),
            pytest.param({"session_duration": 3601}, 3600, 3600, None, id="longer"),
            pytest.param({"session_duration": 899}, 3600, 3600, None, id="ignored"),
            pytest.param(
                {"session_not_on_or_after": dt.timedelta(seconds=3599)},
                3600,
                3599,
                "SessionNotOnOrAfter",
                id="SessionNotOnOrAfter",
            ),
            pytest.param(
                {"session_not_on_or_after": dt.timedelta(seconds=3600)}, 3600, 3600, None, id="SessionNotOnOrAfter then"
            ),
            pytest.param(
                {"session_duration": 900, "session_not_on_or_after": dt.timedelta(seconds=600)},
                1800,
                600,
                "SessionNotOnOrAfter",
                id="both",
            ),
        ],
    )
    def test_what_limits_a_session_is_told(
        self,
        sts: STSBackend,
        idp: IdentityProvider,
        role: Role,
        log_in: LogIn,
        *,
        said: dict[str, Any],
        requested: int,
        seconds: int,
        limit: str | None,
    ) -> None:
        log_in(idp.response(role, **said), role, idp.provider, DurationSeconds=requested)
        attempt = sts.attempts[-1]
        told = f" for {seconds} s (limited by {limit}) in us-east-1" if limit else f" for {seconds} s in us-east-1"
        assert (attempt.duration_seconds, attempt.limited_by) == (seconds, limit)
        assert attempt.headline().endswith(told)
        assert told in attempt.explain()

    def test_nothing_limits_a_refused_call(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any]
    ) -> None:
        refusal(idp.response(role, session_duration=900, audience="urn:example"), role, idp.provider)
        assert sts.attempts[-1].limited_by is None

    def test_the_message_has_the_request_id_that_the_caller_gets(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any]
    ) -> None:
        code, status, message = refusal(idp.response(role, issuer="urn:other"), role, idp.provider)
        attempt = sts.attempts[-1]
        assert (attempt.code, attempt.status, attempt.message) == (code, status, message)

    def test_cannot_be_changed(self, attempted: Callable[..., Attempt]) -> None:
        attempt = attempted()
        with pytest.raises(AttributeError):
            attempt.accepted = False  # type: ignore[misc]


class TestChecks:
    def test_an_accepted_login_passed_every_rule(self, attempted: Callable[..., Attempt]) -> None:
        assert list(attempted().checks) == ORDER

    def test_a_refused_login_passed_the_rules_before_the_one_that_refused_it(
        self, saml_rejection: Rejection, sts_saml: STSBackend, log_in: LogIn
    ) -> None:
        with pytest.raises(ClientError):
            log_in(saml_rejection.response, saml_rejection.role_arn, saml_rejection.provider_arn)
        attempt = sts_saml.attempts[-1]
        expected = [] if saml_rejection.forced else ORDER[: ORDER.index(attempt.failed or "")]
        assert list(attempt.checks) == expected

    def test_an_error_that_is_ordered_for_another_role_changes_nothing(
        self, sts: STSBackend, attempted: Callable[..., Attempt]
    ) -> None:
        sts.add_client_error("AccessDenied", role="arn:aws:iam::123456789012:role/Other", optional=True)
        assert list(attempted().checks) == ORDER


# --- what is explained

ASSERTION_IS_TRUSTED = """\
  failed    assertion_is_trusted: The response reports success and holds one assertion, issued by the provider's entity
            and signed with a key of its metadata (troubleshoot_saml; create_saml; saml-core 5.4)."""

ASKED = f"""\
  role      {ROLE}
  provider  {PROVIDER}
  response  <digest>"""

SAID = """\
            issued 2030-01-01T12:00:00Z by https://idp.example.com/saml for alice@example.com
            sent to https://signin.aws.amazon.com/saml"""

DENIED = (
    "2030-01-01T12:00:00Z AssumeRoleWithSAML refused, AccessDenied (403): "
    "Not authorized to perform sts:AssumeRoleWithSAML"
)


def explained(attempt: Attempt, response: str) -> str:
    return attempt.explain().replace(digest(response), "<digest>")


def trust_of(attempt: Attempt) -> str:
    """What is explained of the trust policy."""
    return attempt.explain().partition("  trust     ")[2].partition("\n  role  ")[0]


class TestExplain:
    @pytest.mark.parametrize(
        ("said", "text"),
        [
            pytest.param(
                {},
                f"""\
2030-01-01T12:00:00Z AssumeRoleWithSAML accepted, {SESSION} for 3600 s in us-east-1
  trust     sts:AssumeRoleWithSAML: statement 1 (Allow) applies
{ASKED}
{SAID}
{passed(ORDER)}""",
                id="accepted",
            ),
            pytest.param(
                {"audience": "urn:example"},
                f"""\
2030-01-01T12:00:00Z AssumeRoleWithSAML refused, InvalidIdentityToken (400): \
Response does not contain the required audience.
  failed    addressed_to_aws: Each AudienceRestriction names AWS, by its entity ID or its sign-in URL
            (troubleshoot_saml; both were observed; that a restriction is required is our choice).
            expected the audience urn:amazon:webservices or https://signin.aws.amazon.com/saml, got 'urn:example'
{ASKED}
{SAID}
{passed(ORDER, "addressed_to_aws")}""",
                id="wrong audience",
            ),
            pytest.param(
                {"not_on_or_after": dt.timedelta(seconds=-1)},
                f"""\
2030-01-01T12:00:00Z AssumeRoleWithSAML refused, ExpiredTokenException (400): Response has expired
  failed    not_expired: No NotOnOrAfter of Conditions, SubjectConfirmationData or the session has passed (create_saml;
            that the session's end counts is our choice).
            Conditions ended at 2030-01-01T11:59:59Z, and the time is 2030-01-01T12:00:00Z
{ASKED}
{SAID}
{passed(ORDER, "not_expired")}""",
                id="expired",
            ),
            pytest.param(
                {"principal_tags": {"team": "blue"}},
                f"""\
{DENIED}
  failed    trusted_by_the_role: The trust policy of the role allows the caller to assume it (troubleshoot_saml).
            the trust policy does not allow sts:TagSession for {PROVIDER}; write
            create_role(..., allow_tags=True), or sts:TagSession among the actions of trust_policy(actions=[...])
  trust     sts:AssumeRoleWithSAML: statement 1 (Allow) applies
            sts:TagSession: statement 1 (Allow) does not apply: \
it is about sts:AssumeRoleWithSAML, not sts:TagSession
{ASKED}
{SAID}
{passed(ORDER, "trusted_by_the_role")}""",
                id="missing TagSession",
            ),
            pytest.param(
                {"signed": None},
                f"""\
2030-01-01T12:00:00Z AssumeRoleWithSAML refused, InvalidIdentityToken (400): Response signature invalid
{ASSERTION_IS_TRUSTED}
            neither the response nor its assertion is signed
{ASKED}
{passed(ORDER, "assertion_is_trusted")}""",
                id="unsigned",
            ),
            pytest.param(
                {"issuer": "https://other.example.com"},
                f"""\
2030-01-01T12:00:00Z AssumeRoleWithSAML refused, InvalidIdentityToken (400): \
Issuer not present in specified provider (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: \
AuthSamlInvalidSamlResponseException; Request ID: <uuid>; Proxy: null)
{ASSERTION_IS_TRUSTED}
            expected the issuer 'https://idp.example.com/saml', got 'https://other.example.com'
{ASKED}
{passed(ORDER, "assertion_is_trusted")}""",
                id="another issuer",
            ),
        ],
    )
    def test_explains_a_response(
        self, attempted: Callable[..., Attempt], idp: IdentityProvider, role: Role, said: dict[str, Any], text: str
    ) -> None:
        response = idp.response(role, **said)
        uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
        assert re.sub(uuid, "<uuid>", explained(attempted(response), response)) == text

    @pytest.mark.parametrize(
        ("policy", "trust"),
        [
            pytest.param(
                {"conditions": {"StringEquals": {"saml:sub": "bob@example.com"}}},
                "sts:AssumeRoleWithSAML: statement 1 (Allow) does not apply: "
                "StringEquals saml:sub wants 'bob@example.com',\n            got 'alice@example.com'",
                id="one value",
            ),
            pytest.param(
                {"conditions": {"StringLike": {"saml:sub": ["bob@*", "carol@*"]}}},
                "sts:AssumeRoleWithSAML: statement 1 (Allow) does not apply: StringLike saml:sub wants 'bob@*' or "
                "'carol@*',\n            got 'alice@example.com'",
                id="two values",
            ),
            pytest.param(
                {"conditions": {"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}}},
                "sts:AssumeRoleWithSAML: statement 1 (Allow) does not apply: ForAnyValue:StringEquals"
                "\n            saml:edupersonaffiliation wants 'staff', got no such key; the attribute "
                "urn:oid:1.3.6.1.4.1.5923.1.1.1.1\n            fills it",
                id="a key that is not there",
            ),
            pytest.param(
                {"recipient": "https://eu-west-1.signin.aws.amazon.com/saml"},
                "sts:AssumeRoleWithSAML: statement 1 (Allow) does not apply: StringEquals SAML:aud wants\n"
                "            'https://eu-west-1.signin.aws.amazon.com/saml', got 'https://signin.aws.amazon.com/saml'",
                id="another recipient",
            ),
        ],
    )
    def test_explains_a_trust_policy(
        self,
        sts: STSBackend,
        idp: IdentityProvider,
        refusal: Callable[..., Any],
        policy: dict[str, Any],
        trust: str,
    ) -> None:
        role = sts.create_role("Developer", trust_policy=idp.provider.trust_policy(**policy))
        response = idp.response(role)
        refusal(response, role, idp.provider)
        assert explained(sts.attempts[-1], response) == (
            f"""\
{DENIED}
  failed    trusted_by_the_role: The trust policy of the role allows the caller to assume it (troubleshoot_saml).
            the trust policy does not allow sts:AssumeRoleWithSAML for
            {PROVIDER}
  trust     {trust}
{ASKED}
{SAID}
{passed(ORDER, "trusted_by_the_role")}"""
        )

    @pytest.mark.parametrize(
        ("conditions", "disappointment"),
        [
            pytest.param(
                {"StringNotEquals": {"saml:sub": "alice@example.com"}},
                "StringNotEquals saml:sub wants anything but 'alice@example.com', got 'alice@example.com'",
                id="StringNotEquals",
            ),
            pytest.param(
                {"StringNotLike": {"saml:sub": ["alice@*", "bob@*"]}},
                "StringNotLike saml:sub wants anything but 'alice@*' or 'bob@*', got 'alice@example.com'",
                id="StringNotLike",
            ),
            pytest.param(
                {"ForAllValues:StringNotEquals": {"saml:sub": "alice@example.com"}},
                "ForAllValues:StringNotEquals saml:sub wants anything but 'alice@example.com', got 'alice@example.com'",
                id="ForAllValues",
            ),
            pytest.param(
                {"Null": {"saml:sub": "true"}}, "Null saml:sub wants it missing, got 'alice@example.com'", id="absent"
            ),
            pytest.param(
                {"Null": {"saml:cn": "false"}},
                "Null saml:cn wants it present, got no such key; the attribute urn:oid:2.5.4.3 fills it",
                id="present",
            ),
        ],
    )
    def test_explains_a_negated_condition(
        self,
        sts: STSBackend,
        idp: IdentityProvider,
        refusal: Callable[..., Any],
        conditions: dict[str, Any],
        disappointment: str,
    ) -> None:
        role = sts.create_role("Developer", trust_policy=idp.provider.trust_policy(conditions=conditions))
        refusal(idp.response(role), role, idp.provider)
        assert " ".join(trust_of(sts.attempts[-1]).split()) == (
            f"sts:AssumeRoleWithSAML: statement 1 (Allow) does not apply: {disappointment}"
        )

    def test_names_a_statement_that_denies(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        policy = idp.provider.trust_policy()
        deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRoleWithSAML"}
        role = sts.create_role("Developer", trust_policy=policy | {"Statement": [*policy["Statement"], deny]})
        refusal(idp.response(role), role, idp.provider)
        assert trust_of(sts.attempts[-1]) == (
            "sts:AssumeRoleWithSAML: statement 1 (Allow) applies\n"
            "            sts:AssumeRoleWithSAML: statement 2 (Deny) applies"
        )

    def test_names_the_principal_of_a_statement_for_another_provider(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        other = sts.create_saml_provider("Other", idp)
        role = sts.create_role("Developer", trust_policy=other.trust_policy())
        refusal(idp.response((role, PROVIDER)), role, PROVIDER)
        assert trust_of(sts.attempts[-1]) == (
            "sts:AssumeRoleWithSAML: statement 1 (Allow) does not apply: it is about\n"
            f"            {other.arn}, not {PROVIDER}"
        )

    def test_explains_an_unknown_provider(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any]
    ) -> None:
        response = idp.response((role, f"{PROVIDER}2"))
        _, _, message = refusal(response, role, f"{PROVIDER}2")
        assert explained(sts.attempts[-1], response) == (
            f"""\
2030-01-01T12:00:00Z AssumeRoleWithSAML refused, InvalidIdentityToken (400): {message}
  failed    provider_exists: The provider exists in the partition of the endpoint (troubleshoot_saml; the partition was
            observed).
            there is no provider {PROVIDER}2; there is
            {PROVIDER}
  role      {ROLE}
  provider  {PROVIDER}2
  response  <digest>
{passed(ORDER, "provider_exists")}"""
        )

    def test_explains_an_invalid_request(self, sts: STSBackend) -> None:
        sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "RoleArn": ROLE}))
        assert sts.attempts[-1].explain() == (
            f"""\
2030-01-01T12:00:00Z AssumeRoleWithSAML refused, ValidationError (400): 2 validation errors detected: \
Value null at 'principalArn' failed to satisfy constraint: Member must not be null; \
Value null at 'sAMLAssertion' failed to satisfy constraint: Member must not be null
  failed    login_parameters_are_valid: The parameters satisfy the schema of AssumeRoleWithSAML (API reference;
            observed).
            Value null at 'principalArn' failed to satisfy constraint: Member must not be null; Value null at
            'sAMLAssertion' failed to satisfy constraint: Member must not be null
  role      {ROLE}
  provider  not given
  response  not given
{passed(ORDER, "login_parameters_are_valid")}"""
        )

    @pytest.mark.parametrize(
        "make",
        [
            pytest.param(lambda idp, role: idp.response(role, signing_key=make_signing_key("ec")), id="another key"),
            pytest.param(lambda idp, role: idp.response(role, signing_key=make_signing_key()), id="another RSA key"),
            pytest.param(lambda idp, role: idp.response(role).tampered("alice@", "eve@"), id="tampered"),
        ],
    )
    def test_explains_which_keys_did_not_make_a_bad_signature(
        self,
        attempted: Callable[..., Attempt],
        idp: IdentityProvider,
        role: Role,
        make: Callable[[IdentityProvider, Role], SAMLResponse],
    ) -> None:
        text = " ".join(attempted(make(idp, role)).explain().partition("\n  role  ")[0].split())
        _, told, why = text.partition(" no signing certificate of the metadata made this signature: ")
        assert told
        assert re.search(r"\w", why)
        assert not why.endswith(":")

    @pytest.mark.parametrize(
        ("make", "told"),
        [
            pytest.param(lambda idp, role: idp.response(role, signing_key=make_signing_key()), True, id="another key"),
            pytest.param(
                lambda idp, role: idp.response(role).tampered("<ds:Reference", "<ds:Reference Id='_1'"),
                True,
                id="SignedInfo",
            ),
            pytest.param(lambda idp, role: idp.response(role).tampered("alice@", "eve@"), False, id="the assertion"),
        ],
    )
    def test_distinguishes_another_key_from_an_altered_assertion(
        self,
        attempted: Callable[..., Attempt],
        idp: IdentityProvider,
        role: Role,
        make: Callable[[IdentityProvider, Role], SAMLResponse],
        told: bool,
    ) -> None:
        text = " ".join(attempted(make(idp, role)).explain().split())
        assert ("verification failed; another key made it, or its SignedInfo was altered role" in text) is told

    @pytest.mark.parametrize(
        ("value", "told"), [("899", True), ("900", False), ("43200", False), ("43201", True), ("an hour", True)]
    )
    def test_names_a_session_duration_that_is_ignored(
        self, attempted: Callable[..., Attempt], value: str, told: bool
    ) -> None:
        lines = attempted(session_duration=value).explain().splitlines()
        line = f"            SessionDuration {value} is ignored: it is not from 900 to 43200"
        assert (line in lines) is told

    def test_writes_nobody_for_a_missing_recipient(self, attempted: Callable[..., Attempt]) -> None:
        lines = attempted(recipient=None).explain().splitlines()
        assert [line.strip() for line in lines if line.strip().startswith("sent to")] == ["sent to nobody"]

    def test_quotes_status_code_and_message_of_the_identity_provider(self, attempted: Callable[..., Attempt]) -> None:
        status = "urn:oasis:names:tc:SAML:2.0:status"
        text = " ".join(attempted(status=f"{status}:AuthnFailed").explain().split())
        assert f"expected the status {status}:Success, got ['{status}:Responder', '{status}:AuthnFailed']" in text

    def test_names_another_operation_of_sts_which_passed_no_rule(self, sts: STSBackend) -> None:
        sts.handle("Action=GetAccessKeyInfo&Version=2011-06-15", region="eu-west-1")
        (attempt,) = sts.attempts
        assert attempt.explain() == (
            """\
2030-01-01T12:00:00Z GetAccessKeyInfo refused, InvalidAction (400): \
pytest-stssaml does not serve GetAccessKeyInfo
  failed    operation_is_served: Action and Version name an operation that is served here (observed; for other
            operations of STS, the error is our choice).
            GetAccessKeyInfo is another operation of STS"""
        )
        assert (attempt.operation, attempt.region, attempt.checks) == ("GetAccessKeyInfo", "eu-west-1", ())

    def test_says_how_to_sign_an_unsigned_call(self, sts: STSBackend) -> None:
        sts.handle("Action=GetCallerIdentity&Version=2011-06-15")
        assert sts.attempts[0].explain() == (
            f"""\
2030-01-01T12:00:00Z GetCallerIdentity refused, MissingAuthenticationToken (403): \
Request is missing Authentication Token
  failed    request_is_signed: The request is signed with signature version 4 (observed).
            no signature of version 4 was read; handle(headers=...) takes the headers of a signed request
{passed(ORDER_OF_SESSIONS, "request_is_signed")}"""
        )

    @pytest.mark.parametrize(
        ("length", "shown"), [(400, "x" * 400), (401, f"{'x' * 400}… (401 characters)")], ids=["at most", "longer"]
    )
    def test_cuts_a_value_at_four_hundred_characters(self, sts: STSBackend, length: int, shown: str) -> None:
        sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "RoleArn": "x" * length}))
        assert sts.attempts[-1].role_arn == shown

    def test_no_line_ends_in_a_space(self, saml_rejection: Rejection, sts_saml: STSBackend, log_in: LogIn) -> None:
        with pytest.raises(ClientError):
            log_in(saml_rejection.response, saml_rejection.role_arn, saml_rejection.provider_arn)
        lines = sts_saml.attempts[-1].explain().splitlines()
        assert [line for line in lines if line != line.rstrip()] == []

    def test_every_time_ends_in_z(self, saml_rejection: Rejection, sts_saml: STSBackend, log_in: LogIn) -> None:
        with pytest.raises(ClientError):
            log_in(saml_rejection.response, saml_rejection.role_arn, saml_rejection.provider_arn)
        times = re.findall(r"\d{4}-\d\d-\d\d\D\d\d:\d\d:\d\d\S*", sts_saml.attempts[-1].explain())
        assert [time for time in times if not re.fullmatch(r"[-\d]+T[:\d]+Z,?", time)] == []

    @pytest.mark.parametrize("resource", ["Developer", "other/Developer", "team/developer"])
    def test_names_a_similar_role_if_the_requested_one_does_not_exist(
        self, sts: STSBackend, idp: IdentityProvider, log_in: LogIn, resource: str
    ) -> None:
        meant = sts.create_role("Developer", path="/team/")
        arn = f"arn:aws:iam::123456789012:role/{resource}"
        with pytest.raises(ClientError, match="AccessDenied"):
            log_in(idp.response(arn), arn, idp.provider)
        assert f"            there is no role {arn}; there is\n            {meant.arn}" in sts.attempts[-1].explain()

    def test_the_explanation_stays_the_same_later(
        self, sts: STSBackend, attempted: Callable[..., Attempt], idp: IdentityProvider, role: Role
    ) -> None:
        attempt = attempted()
        text = attempt.explain()
        sts.delete_role(role)
        sts.advance(days=1)
        assert attempt.explain() == text

    @pytest.mark.parametrize(
        "said", [{"name_id": "alice"}, {"name_id": "alice", "audience": "urn:example"}, {"name_id": "mallory"}]
    )
    def test_an_explanation_that_is_first_read_later_says_what_was_true(
        self, sts: STSBackend, idp: IdentityProvider, log_in: LogIn, said: dict[str, Any]
    ) -> None:
        role = sts.create_role(
            "Auditor", trust_policy=idp.provider.trust_policy(conditions={"StringEquals": {"saml:sub": "alice"}})
        )
        response = idp.response(role, **said)
        with contextlib.suppress(ClientError):
            log_in(response, role, idp.provider)
        text = sts.attempts[-1].explain()
        # The last attempt is not read before everything has changed.
        with contextlib.suppress(ClientError):
            log_in(response, role, idp.provider)
        sts.delete_role(role)
        sts.create_role(
            "Auditor", trust_policy=idp.provider.trust_policy(conditions={"StringEquals": {"saml:sub": "bob"}})
        )
        sts.update_saml_provider(idp.provider, IdentityProvider("https://other.example.com"))
        sts.advance(days=1)
        assert sts.attempts[-1].explain() == text


# --- calls of a session

DEPLOYER = "arn:aws:iam::123456789012:role/Deployer"
DEPLOYING = "arn:aws:sts::123456789012:assumed-role/Deployer/deploy"

ORDER_OF_SESSIONS = [
    "operation_is_served",
    "request_is_signed",
    *(rule.name for rule in (*SIGNATURE_RULES, *CREDENTIAL_RULES)),
]
ORDER_OF_CHAINS = [
    *ORDER_OF_SESSIONS,
    "chaining_parameters_are_valid",
    "region_is_activated",
    *(rule.name for rule in ROLE_CHAINING_RULES),
    "session_token_is_small_enough",
]

CALLER = "  caller    <key> of arn:aws:iam::123456789012:role/Developer, session alice@example.com"

CHAINED = f"""\
  role      {DEPLOYER}
  name      deploy
  caller    {SESSION}"""

CHAIN_DENIED = (
    f"2030-01-01T12:00:00Z AssumeRole refused, AccessDenied (403): User: {SESSION} is not authorized to perform: "
)


@dataclass
class Stage:
    """STS, a role that trusts the role Developer, and a session of Developer, whose tag `team` is transitive."""

    sts: STSBackend
    session: Session

    def client(self, **changed: str) -> Any:
        return shared_session().client("sts", region_name="us-east-1", **{**self.session.boto3_kwargs(), **changed})

    def explained(self) -> str:
        return self.sts.attempts[-1].explain().replace(self.session.access_key_id, "<key>")

    def asks_its_identity(self) -> None:
        self.client().get_caller_identity()

    def asks_its_identity_too_late(self) -> None:
        self.sts.advance(hours=1)
        self.client().get_caller_identity()

    def asks_its_identity_with_another_secret(self) -> None:
        self.client(aws_secret_access_key="another").get_caller_identity()

    def asks_its_identity_with_another_token(self) -> None:
        self.client(aws_session_token="another").get_caller_identity()

    def asks_for_a_session_token(self) -> None:
        self.client().get_session_token()

    def assumes(self, role: str = DEPLOYER, **asked: Any) -> None:
        self.client().assume_role(RoleArn=role, RoleSessionName="deploy", **asked)

    def assumes_a_role_that_does_not_trust_it(self) -> None:
        other = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
        role = self.sts.create_role("Auditor", trust_policy={"Version": "2012-10-17", "Statement": [other]})
        self.assumes(role.arn)

    def assumes_a_role_that_allows_no_tags(self) -> None:
        allowed = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole"}
        condition = {"Condition": {"StringEquals": {"sts:ExternalId": "17"}}}
        tags = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:TagSession", **condition}
        role = self.sts.create_role("Auditor", trust_policy={"Version": "2012-10-17", "Statement": [allowed, tags]})
        self.assumes(role.arn, ExternalId="17")

    def assumes_a_role_that_does_not_exist(self) -> None:
        self.assumes(f"{DEPLOYER}2")

    def assumes_without_its_path(self) -> None:
        self.sts.create_role("Deployer3", path="/team/")
        self.assumes(f"{DEPLOYER}3")

    def assumes_with_a_tag_that_conflicts(self) -> None:
        self.assumes(Tags=[{"Key": "Team", "Value": "red"}])

    def assumes_for_too_long(self) -> None:
        self.assumes(DurationSeconds=3601)


@pytest.fixture
def stage(sts: STSBackend, idp: IdentityProvider, log_in: LogIn) -> Stage:
    actions = ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    role = sts.create_role("Developer", trust_policy=idp.provider.trust_policy(actions=actions))
    statement = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    sts.create_role("Deployer", trust_policy=policy, max_session_duration=7200)
    response = idp.response(role, principal_tags={"team": "blue"}, transitive_tag_keys=["team"])
    log_in(response, role, idp.provider)
    return Stage(sts, sts.sessions[-1])


class TestCallsOfASession:
    @pytest.mark.parametrize(
        ("call", "text"),
        [
            pytest.param(
                Stage.asks_its_identity,
                f"""\
2030-01-01T12:00:00Z GetCallerIdentity accepted, {SESSION} in us-east-1
{CALLER}
{passed(ORDER_OF_SESSIONS)}""",
                id="GetCallerIdentity accepted",
            ),
            pytest.param(
                Stage.asks_its_identity_too_late,
                f"""\
2030-01-01T13:00:00Z GetCallerIdentity refused, ExpiredToken (403): \
The security token included in the request is expired
  failed    session_has_not_expired: The session has not ended (observed).
            the session ended at 2030-01-01T13:00:00Z, and the time is 2030-01-01T13:00:00Z
{CALLER}
{passed(ORDER_OF_SESSIONS, "session_has_not_expired")}""",
                id="expired",
            ),
            pytest.param(
                Stage.asks_its_identity_with_another_secret,
                f"""\
2030-01-01T12:00:00Z GetCallerIdentity refused, SignatureDoesNotMatch (403): The request signature we calculated \
does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service \
documentation for details.
  failed    secret_access_key_made_the_signature: The request is signed with the secret access key that belongs to the
            access key (observed).
            the signature is not that of this request with the secret access key of <key>
{CALLER}
{passed(ORDER_OF_SESSIONS, "secret_access_key_made_the_signature")}""",
                id="another secret",
            ),
            pytest.param(
                Stage.asks_its_identity_with_another_token,
                f"""\
2030-01-01T12:00:00Z GetCallerIdentity refused, InvalidClientTokenId (403): \
The security token included in the request is invalid.
  failed    token_goes_with_the_access_key: The request has a session token that STS issued and that belongs to the
            access key (observed).
            this STS did not issue the session token, or the token was altered
  caller    <key> of an unknown session
{passed(ORDER_OF_SESSIONS, "token_goes_with_the_access_key")}""",
                id="another token",
            ),
            pytest.param(
                Stage.asks_for_a_session_token,
                f"""\
2030-01-01T12:00:00Z GetSessionToken refused, AccessDenied (403): Cannot call GetSessionToken with session credentials
  failed    callable_by_a_session: The operation may be called with the credentials of a session (API reference;
            observed).
            GetSessionToken is for users; a session calls AssumeRole
{CALLER}
{passed(ORDER_OF_SESSIONS)}""",
                id="GetSessionToken",
            ),
            pytest.param(
                Stage.assumes,
                f"""\
2030-01-01T12:00:00Z AssumeRole accepted, {DEPLOYING} for 3600 s in us-east-1
  trust     sts:AssumeRole: statement 1 (Allow) applies
            sts:TagSession: statement 1 (Allow) applies
{CHAINED}
{passed(ORDER_OF_CHAINS)}""",
                id="AssumeRole accepted",
            ),
            pytest.param(
                Stage.assumes_a_role_that_does_not_trust_it,
                f"""\
{CHAIN_DENIED}sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Auditor
  failed    trusted_by_the_role: The trust policy of the role allows the caller to assume it (troubleshoot_saml).
            the trust policy does not allow sts:AssumeRole for
            {SESSION} of
            {ROLE}
  trust     sts:AssumeRole: statement 1 (Allow) does not apply: it is about 111122223333, not
            {SESSION} of
            {ROLE}
            sts:TagSession: statement 1 (Allow) does not apply: it is about 111122223333, not
            {SESSION} of
            {ROLE}
{CHAINED.replace("Deployer", "Auditor")}
{passed(ORDER_OF_CHAINS, "trusted_by_the_role")}""",
                id="not trusted",
            ),
            pytest.param(
                Stage.assumes_a_role_that_allows_no_tags,
                f"""\
{CHAIN_DENIED}sts:TagSession on resource: arn:aws:iam::123456789012:role/Auditor
  failed    trusted_by_the_role: The trust policy of the role allows the caller to assume it (troubleshoot_saml).
            the trust policy does not allow sts:TagSession for
            {SESSION} of
            {ROLE}
  trust     sts:AssumeRole: statement 1 (Allow) applies
            sts:AssumeRole: statement 2 (Allow) does not apply: it is about sts:TagSession, not sts:AssumeRole
            sts:TagSession: statement 1 (Allow) does not apply: it is about sts:AssumeRole, not sts:TagSession
            sts:TagSession: statement 2 (Allow) does not apply: StringEquals sts:ExternalId wants '17', got no such key;
            sts:TagSession does not see this key, which only sts:AssumeRole sees
{CHAINED.replace("Deployer", "Auditor")}
{passed(ORDER_OF_CHAINS, "trusted_by_the_role")}""",
                id="inherited tag not trusted",
            ),
            pytest.param(
                Stage.assumes_a_role_that_does_not_exist,
                f"""\
{CHAIN_DENIED}sts:AssumeRole on resource: {DEPLOYER}2
  failed    role_exists: The role exists, spelled as it was created (troubleshoot_saml).
            there is no role {DEPLOYER}2
{CHAINED.replace("Deployer", "Deployer2")}
{passed(ORDER_OF_CHAINS, "role_exists")}""",
                id="no such role",
            ),
            pytest.param(
                Stage.assumes_without_its_path,
                f"""\
{CHAIN_DENIED}sts:AssumeRole on resource: {DEPLOYER}3
  failed    role_exists: The role exists, spelled as it was created (troubleshoot_saml).
            there is no role {DEPLOYER}3; there is
            {DEPLOYER.replace("Deployer", "team/Deployer3")}
{CHAINED.replace("Deployer", "Deployer3")}
{passed(ORDER_OF_CHAINS, "role_exists")}""",
                id="no such role, but one of its name",
            ),
            pytest.param(
                Stage.assumes_with_a_tag_that_conflicts,
                f"""\
2030-01-01T12:00:00Z AssumeRole refused, InvalidParameterValue (400): One of the specified transitive tag keys can't \
be set because it conflicts with a transitive tag key from the calling session.
  failed    inherited_tags_stay: No tag replaces one that the calling session passes on (observed).
            the calling session passes 'Team' on
{CHAINED}
{passed(ORDER_OF_CHAINS, "inherited_tags_stay")}""",
                id="tag that conflicts",
            ),
            pytest.param(
                Stage.assumes_for_too_long,
                f"""\
2030-01-01T12:00:00Z AssumeRole refused, ValidationError (400): \
The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.
  failed    within_the_hour_of_a_chain: A session assumes a role for at most an hour (observed, after the role's own
            maximum).
            3601 s were requested, and the maximum of a chain is 3600 s
  trust     sts:AssumeRole: statement 1 (Allow) applies
            sts:TagSession: statement 1 (Allow) applies
{CHAINED}
{passed(ORDER_OF_CHAINS, "within_the_hour_of_a_chain")}""",
                id="too long",
            ),
        ],
    )
    def test_explains_the_call(self, stage: Stage, call: Callable[[Stage], None], text: str) -> None:
        with contextlib.suppress(ClientError):
            call(stage)
        assert stage.explained() == text

    @pytest.mark.parametrize(
        ("call", "expected"),
        [
            pytest.param(
                Stage.asks_its_identity,
                (True, None, 200, None, None, "GetCallerIdentity", "not given", SESSION, None),
                id="GetCallerIdentity accepted",
            ),
            pytest.param(
                Stage.asks_its_identity_too_late,
                (
                    False,
                    "ExpiredToken",
                    403,
                    "The security token included in the request is expired",
                    "session_has_not_expired",
                    "GetCallerIdentity",
                    "not given",
                    None,
                    None,
                ),
                id="expired",
            ),
            pytest.param(
                Stage.assumes,
                (True, None, 200, None, None, "AssumeRole", DEPLOYER, DEPLOYING, 3600),
                id="AssumeRole accepted",
            ),
            pytest.param(
                Stage.assumes_a_role_that_does_not_exist,
                (
                    False,
                    "AccessDenied",
                    403,
                    f"User: {SESSION} is not authorized to perform: sts:AssumeRole on resource: {DEPLOYER}2",
                    "role_exists",
                    "AssumeRole",
                    f"{DEPLOYER}2",
                    None,
                    None,
                ),
                id="no such role",
            ),
        ],
    )
    def test_the_fields_are_those_of_the_answer(
        self, stage: Stage, call: Callable[[Stage], None], expected: tuple[Any, ...]
    ) -> None:
        with contextlib.suppress(ClientError):
            call(stage)
        attempt = stage.sts.attempts[-1]
        answer = (attempt.accepted, attempt.code, attempt.status, attempt.message, attempt.failed)
        granted = (attempt.operation, attempt.role_arn, attempt.session_arn, attempt.duration_seconds)
        assert answer + granted == expected
        assert (attempt.principal_arn, attempt.region) == ("not given", "us-east-1")

    def test_the_duration_is_that_of_the_session(self, stage: Stage) -> None:
        stage.assumes(DurationSeconds=900)
        assert stage.sts.attempts[-1].duration_seconds == 900

    def test_the_region_is_that_of_the_client(self, stage: Stage) -> None:
        shared_session().client("sts", region_name="eu-west-1", **stage.session.boto3_kwargs()).get_caller_identity()
        assert stage.sts.attempts[-1].region == "eu-west-1"

    def test_the_region_of_the_global_endpoint_is_us_east_1(self, stage: Stage) -> None:
        shared_session().client("sts", **stage.session.boto3_kwargs()).get_caller_identity()
        assert stage.sts.attempts[-1].region == "us-east-1"

    @pytest.mark.parametrize(
        ("call", "order"),
        [
            pytest.param(Stage.asks_its_identity, ORDER_OF_SESSIONS, id="GetCallerIdentity"),
            pytest.param(Stage.assumes, ORDER_OF_CHAINS, id="AssumeRole"),
        ],
    )
    def test_an_accepted_call_passed_every_rule(
        self, stage: Stage, call: Callable[[Stage], None], order: list[str]
    ) -> None:
        call(stage)
        assert list(stage.sts.attempts[-1].checks) == order

    def test_each_call_is_an_attempt_of_its_own(self, stage: Stage) -> None:
        stage.asks_its_identity()
        stage.assumes()
        assert [attempt.operation for attempt in stage.sts.attempts] == [
            "AssumeRoleWithSAML",
            "GetCallerIdentity",
            "AssumeRole",
        ]

    @pytest.mark.parametrize(
        "call",
        [
            Stage.asks_its_identity,
            Stage.asks_its_identity_with_another_secret,
            Stage.assumes,
            Stage.assumes_a_role_that_does_not_exist,
        ],
    )
    def test_no_secret_is_shown(self, stage: Stage, call: Callable[[Stage], None]) -> None:
        with contextlib.suppress(ClientError):
            call(stage)
        shown = stage.sts.attempts[-1].explain() + repr(stage.sts.attempts[-1])
        sessions = stage.sts.sessions
        secrets = [secret for session in sessions for secret in (session.secret_access_key, session.session_token)]
        assert [secret for secret in secrets if secret[:16] in shown] == []

    def test_the_explanation_stays_the_same_later(self, stage: Stage) -> None:
        stage.assumes()
        text = stage.explained()
        stage.sts.delete_role(DEPLOYER)
        stage.sts.delete_role(ROLE)
        stage.sts.advance(days=1)
        assert stage.sts.attempts[-1].explain().replace(stage.session.access_key_id, "<key>") == text

    def test_an_explanation_that_is_first_read_later_says_what_was_true(self, stage: Stage) -> None:
        stage.assumes()
        text = stage.explained()
        stage.assumes()
        stage.sts.delete_role(DEPLOYER)
        stage.sts.delete_role(ROLE)
        stage.sts.advance(days=1)
        assert stage.explained() == text

    @pytest.mark.parametrize(
        "asked",
        [
            pytest.param({"ExternalId": "x" * 1224}, id="ExternalId"),
            pytest.param({"Policy": "x" * 50_000}, id="Policy"),
            pytest.param({"Tags": [{"Key": f"{n}{'x' * 125}", "Value": "y" * 256} for n in range(50)]}, id="Tags"),
            pytest.param({"role": f"{DEPLOYER}{'x' * 2000}"}, id="RoleArn"),
        ],
    )
    def test_a_long_parameter_is_shortened(self, stage: Stage, asked: dict[str, Any]) -> None:
        with contextlib.suppress(ClientError):
            stage.assumes(**asked)
        attempt = stage.sts.attempts[-1]
        assert len(attempt.explain() + repr(attempt)) < LONGEST

    def test_nothing_but_the_attempt_is_left_when_it_has_been_read(self, stage: Stage) -> None:
        assert len(stage.sts.attempts) == 1
        before = alive(Findings), alive(PresentedCredentials), alive(RoleChaining)
        for _ in range(20):
            stage.asks_its_identity()
            stage.assumes()
            with pytest.raises(ClientError):
                stage.assumes_a_role_that_does_not_exist()
        assert len(stage.sts.attempts) == 61
        assert (alive(Findings), alive(PresentedCredentials), alive(RoleChaining)) == before


# --- what is not told

LONGEST = 6000


class TestDiscretion:
    def shown(self, attempt: Attempt) -> str:
        return attempt.explain() + repr(attempt)

    @pytest.mark.parametrize("name", ["an accepted login", *WAYS])
    def test_neither_response_nor_credentials_are_shown(
        self, sts: STSBackend, idp: IdentityProvider, log_in: LogIn, name: str
    ) -> None:
        from pytest_stssaml.rejections import rejection

        role = sts.create_role("Developer")
        if name in WAYS:
            login = rejection(name, sts, idp)
            secrets = [login.response]
            with pytest.raises(ClientError):
                log_in(login.response, login.role_arn, login.provider_arn)
        else:
            response = idp.response(role)
            credentials = log_in(response, role, idp.provider)["Credentials"]
            secrets = [response, credentials["SessionToken"], credentials["SecretAccessKey"]]
        shown = self.shown(sts.attempts[-1])
        assert [secret for secret in secrets if secret[:32] in shown] == []
        assert len(shown) < LONGEST

    def test_a_response_in_place_of_the_role_is_not_shown(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any]
    ) -> None:
        response = idp.response(role)
        refusal(role.arn, response, PROVIDER)
        shown = self.shown(sts.attempts[-1])
        assert response not in shown
        assert len(shown) < LONGEST

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param({"name_id": "x" * 50_000}, id="NameID"),
            pytest.param({"audience": "x" * 50_000}, id="Audience"),
            pytest.param({"recipient": "x" * 50_000}, id="Recipient"),
            pytest.param({"session_name": "x" * 50_000}, id="RoleSessionName"),
            pytest.param({"principal_tags": {"x" * 40_000: "blue"}}, id="PrincipalTag"),
            pytest.param({"issuer": "x" * 50_000}, id="Issuer"),
        ],
    )
    def test_a_long_text_in_a_response_is_shortened(
        self, attempted: Callable[..., Attempt], said: dict[str, Any]
    ) -> None:
        assert len(self.shown(attempted(**said))) < LONGEST

    def test_a_long_parameter_is_shortened(self, sts: STSBackend) -> None:
        form = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "RoleArn": "x" * 1_000_000}
        sts.handle(urlencode(form))
        assert len(self.shown(sts.attempts[-1])) < LONGEST

    def test_the_repr_has_the_answer(self, attempted: Callable[..., Attempt]) -> None:
        # freezegun's datetime has another name.
        assert repr(attempted(audience="urn:example")).replace("FakeDatetime", "datetime.datetime") == (
            "Attempt(accepted=False, code='InvalidIdentityToken', status=400, "
            "message='Response does not contain the required audience.', "
            "failed='addressed_to_aws', "
            "at=datetime.datetime(2030, 1, 1, 12, 0, tzinfo=datetime.timezone.utc), "
            f"operation='AssumeRoleWithSAML', role_arn='{ROLE}', principal_arn='{PROVIDER}', region='us-east-1', "
            "session_arn=None, duration_seconds=None, limited_by=None)"
        )


# --- which are kept


def call(sts: STSBackend, role: str) -> None:
    sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "RoleArn": role}))


class TestRememberedAttempts:
    def test_are_empty_at_first(self, sts: STSBackend) -> None:
        assert sts.attempts == ()

    def test_the_oldest_is_first(self, sts: STSBackend) -> None:
        call(sts, "first")
        call(sts, "second")
        assert [attempt.role_arn for attempt in sts.attempts] == ["first", "second"]

    def test_are_a_tuple_that_does_not_change(self, sts: STSBackend) -> None:
        call(sts, "first")
        attempts = sts.attempts
        call(sts, "second")
        assert (type(attempts), len(attempts)) == (tuple, 1)

    def test_the_latest_thousand_are_kept(self, sts: STSBackend) -> None:
        for number in range(1_001):
            call(sts, str(number))
        assert [attempt.role_arn for attempt in sts.attempts] == [str(number) for number in range(1, 1_001)]

    def test_can_be_read_after_the_mock_has_ended(self, saml_signing_key: SigningKey, log_in: LogIn) -> None:
        with mock_sts_saml() as backend:
            idp = IdentityProvider(signing_key=saml_signing_key)
            provider = backend.create_saml_provider("ExampleIdP", idp)
            role = backend.create_role("Developer")
            log_in(idp.response(role), role, provider)
        assert [attempt.accepted for attempt in backend.attempts] == [True]

    def test_a_later_mock_begins_with_none(self) -> None:
        with mock_sts_saml() as earlier:
            call(earlier, "earlier")
        with mock_sts_saml() as later:
            assert (len(earlier.attempts), later.attempts) == (1, ())

    def test_a_joined_mock_has_the_same_attempts(self, sts: STSBackend) -> None:
        with mock_sts_saml() as joined:
            call(joined, "joined")
        assert len(sts.attempts) == 1

    def test_each_retry_of_a_client_is_an_attempt(self, sts: STSBackend, attempted: Callable[..., Attempt]) -> None:
        sts.add_client_error("Throttling", times=2)
        attempted()
        assert [attempt.code for attempt in sts.attempts] == ["Throttling", "Throttling", None]

    def test_a_call_of_handle_is_an_attempt(self, sts: STSBackend, idp: IdentityProvider, role: Role) -> None:
        form = {"RoleArn": role.arn, "PrincipalArn": PROVIDER, "SAMLAssertion": idp.response(role)}
        sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **form}))
        (attempt,) = sts.attempts
        assert (attempt.accepted, list(attempt.checks)) == (True, ORDER)

    @pytest.mark.parametrize("form", ["", "x" * 10_000_001], ids=["redirected", "too long"])
    def test_a_request_that_does_not_reach_sts_is_no_attempt(self, sts: STSBackend, form: str) -> None:
        sts.handle(form)
        assert sts.attempts == ()

    def test_a_call_that_the_client_refuses_itself_is_no_attempt(self, sts: STSBackend, sts_client: Any) -> None:
        from botocore.exceptions import ParamValidationError

        with pytest.raises(ParamValidationError):
            sts_client.assume_role_with_saml(RoleArn="x", PrincipalArn=PROVIDER, SAMLAssertion="PD94bWw=")
        assert sts.attempts == ()


# --- memory


def alive(cls: type) -> int:
    gc.collect()
    return sum(type(each) is cls for each in gc.get_objects())


SIGNED = {
    "authorization": "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20300101/us-east-1/sts/aws4_request, "
    f"SignedHeaders=host, Signature={'0' * 64}"
}


class TestMemory:
    def test_no_more_than_a_thousand_calls_are_alive(self, sts: STSBackend) -> None:
        before = alive(Call)
        for _ in range(1_200):
            call(sts, "role")
        # The latest ten of a test are kept for its report too, and are among these.
        assert alive(Call) - before <= 1_000

    def test_an_attempt_that_is_read_twice_is_the_same(self, sts: STSBackend) -> None:
        call(sts, "role")
        assert sts.attempts[0] is sts.attempts[0]

    def test_nothing_but_the_attempt_is_left_of_a_login_when_it_has_been_read(
        self, attempted: Callable[..., Attempt]
    ) -> None:
        before = alive(Findings), alive(SAMLLogin)  # other tests have some in their tables
        for _ in range(20):
            attempted()
            attempted(audience="urn:example")
        assert (alive(Findings), alive(SAMLLogin)) == before

    @pytest.mark.parametrize(
        ("padding", "kept"), [(5_000, True), (13_000, False)], ids=["an ordinary request", "a large request"]
    )
    def test_a_login_whose_attempt_is_not_read_is_kept_unless_it_is_large(
        self, idp: IdentityProvider, role: Role, log_in: LogIn, padding: int, kept: bool
    ) -> None:
        before = alive(SAMLLogin)
        log_in(idp.response(role, attributes={"padding": "x" * padding}), role, idp.provider)
        assert (alive(SAMLLogin) > before) is kept

    @pytest.mark.parametrize(("size", "kept"), [(5_000, True), (17_000, False)], ids=["ordinary", "large"])
    @pytest.mark.parametrize(
        "sent",
        [
            pytest.param(lambda text: {"form": f"Action=GetCallerIdentity&{text}=1"}, id="the name of a parameter"),
            pytest.param(lambda text: {"user_agent": text}, id="the user agent"),
            pytest.param(lambda text: {"headers": {**SIGNED, "x-text": text}}, id="a header of a signed request"),
            pytest.param(lambda text: {"path": f"/{text}", "headers": SIGNED}, id="the path of a signed request"),
        ],
    )
    def test_a_request_whose_attempt_is_not_read_is_kept_unless_it_is_large(
        self, sts: STSBackend, sent: Callable[[str], dict[str, Any]], size: int, kept: bool
    ) -> None:
        before = alive(Findings)
        sts.handle(**{"form": "Action=GetCallerIdentity", **sent("x" * size)})
        assert (alive(Findings) > before) is kept

    def test_nothing_but_the_attempt_is_left_of_an_ordered_error(
        self, sts: STSBackend, attempted: Callable[..., Attempt]
    ) -> None:
        sts.add_client_error("AccessDenied", times=1_000)
        for _ in range(20):
            attempted()
        assert alive(Findings) == 0

    def test_nothing_but_the_attempt_is_left_of_a_lost_connection(
        self, sts: STSBackend, attempted: Callable[..., Attempt]
    ) -> None:
        sts.add_connection_error(times=1_000)
        for _ in range(5):
            attempted()
        assert alive(Findings) == 0
