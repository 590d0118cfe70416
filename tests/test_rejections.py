import base64
import copy
import functools
import json
import pickle
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import botocore.session
import pytest
from botocore.exceptions import ClientError
from lxml import etree, html
from wire import shared_session

from pytest_stssaml import REJECTIONS, IdentityProvider, Rejection, STSBackend
from pytest_stssaml.parameter_names import SHAPES
from pytest_stssaml.rejections import WAYS, rejection
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.errors import ErrorRow

NAMES = [
    "expired",
    "redeemed-too-late",
    "not-yet-valid",
    "tampered",
    "foreign-key",
    "unsigned",
    "wrong-issuer",
    "unknown-provider",
    "wrong-audience",
    "wrong-recipient",
    "no-confirmation",
    "idp-refused",
    "role-not-in-response",
    "no-session-name",
    "bad-session-name",
    "bad-source-identity",
    "bad-tags",
    "no-name-id",
    "unknown-role",
    "not-a-role",
    "other-account",
    "not-in-trust-policy",
    "untrusted-tags",
    "untrusted-source-identity",
    "packed-too-large",
    "region-disabled",
    "too-long-a-session",
    "malformed-policy",
]


@pytest.fixture(autouse=True)
def log_in_at_last(request: pytest.FixtureRequest) -> Iterator[None]:
    """Meet the error of a forced rejection, since many of these tests look at a rejection without logging in."""
    if "saml_rejection" not in request.fixturenames:
        yield
        return
    rejected, sts = request.getfixturevalue("saml_rejection"), request.getfixturevalue("sts_saml")
    yield
    sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "RoleArn": rejected.role_arn}))


FORCED = {"region-disabled", "too-long-a-session", "malformed-policy"}

# The rule that refuses each, since the way is a real cause of its error.
FAILED = {
    "expired": "not_expired",
    "redeemed-too-late": "redeemed_in_time",
    "not-yet-valid": "not_used_too_early",
    "tampered": "assertion_is_trusted",
    "foreign-key": "assertion_is_trusted",
    "unsigned": "assertion_is_trusted",
    "wrong-issuer": "assertion_is_trusted",
    "unknown-provider": "provider_exists",
    "wrong-audience": "addressed_to_aws",
    "wrong-recipient": "trusted_by_the_role",
    "no-confirmation": "confirmed_by_bearer",
    "idp-refused": "assertion_is_trusted",
    "role-not-in-response": "offers_the_role",
    "no-session-name": "names_the_session",
    "bad-session-name": "session_name_is_legal",
    "bad-source-identity": "source_identity_is_legal",
    "bad-tags": "tag_values_are_legal",
    "no-name-id": "subject_has_a_name",
    "unknown-role": "role_exists",
    "not-a-role": "login_parameters_are_valid",
    "other-account": "provider_is_in_the_roles_account",
    "not-in-trust-policy": "trusted_by_the_role",
    "untrusted-tags": "trusted_by_the_role",
    "untrusted-source-identity": "trusted_by_the_role",
    "packed-too-large": "session_token_is_small_enough",
}

# The rows of the catalogue that no way shows, and why.
NOT_SHOWN = {
    "UNKNOWN_OPERATION": "no client of AWS's sends it",
    "OTHER_OPERATION": "not AWS's",
    "VALIDATION": "the caller's own arguments; the client refuses most of them itself",
    "NUMBER_MISSING": "the client refuses it itself",
    "NOT_A_NUMBER": "the client refuses it itself",
    "NOT_AN_ARN": "beside not-a-role",
    "NOT_A_ROLE_ARN": "beside not-a-role",
    "RECIPIENT": "needs the sign-in URL of another provider",
    "NOT_BASE64": "no identity provider posts it",
    "NOT_ONE_ASSERTION": "beside unsigned and tampered",
    "NOT_ENCRYPTED": "needs a provider that requires encryption",
    "NOT_DECRYPTED": "needs a provider with a private key",
    "MALFORMED_ASSERTION": "beside unsigned and tampered",
    "UNKNOWN_CONDITION": "no identity provider that is known here writes one",
    "TOO_MANY_POLICY_ARNS": "the caller's own arguments",
    "POLICY_OF_ANOTHER_ACCOUNT": "the caller's own arguments",
    "UNKNOWN_POLICY": "the caller's own arguments",
    "POLICIES_TOO_LONG": "the caller's own arguments",
    "POLICY_NOT_JSON": "beside malformed-policy",
    "PACKED_POLICY_TOO_LARGE": "beside packed-too-large",
    "TOKEN_TOO_LARGE": "beside packed-too-large",
    "NOT_SIGNED": "after a login",
    "DATE_OF_SIGNATURE": "after a login",
    "SIGNATURE_EXPIRED": "after a login",
    "SIGNATURE_NOT_YET_CURRENT": "after a login",
    "CREDENTIAL_SCOPE": "after a login",
    "INVALID_TOKEN": "after a login",
    "INVALID_TOKEN_IN_REGION": "after a login",
    "EXPIRED_SESSION": "after a login",
    "SIGNATURE": "after a login",
    "SESSION_CREDENTIALS": "after a login",
    "NOT_AUTHORIZED": "after a login",
    "MFA": "after a login",
    "CONTEXT_ASSERTION": "after a login",
    "DUPLICATE_TAG_KEYS": "after a login",
    "RESERVED_TAG": "after a login",
    "INHERITED_TAG": "after a login",
    "TRANSITIVE_TAG_KEY": "after a login",
    "SOURCE_IDENTITY_IS_SET": "after a login",
    "LONGER_THAN_A_CHAIN": "after a login",
}


# --- through a client

REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1"}


@functools.cache
def client_of(partition: str) -> Any:
    return shared_session().client("sts", region_name=REGIONS[partition])


@pytest.fixture
def client(no_aws_environment: None, sts_saml: STSBackend) -> Any:
    """A client of the backend's partition."""
    return client_of(sts_saml.partition)


def call(client: Any, login: Rejection) -> dict[str, Any]:
    answer: dict[str, Any] = client.assume_role_with_saml(
        RoleArn=login.role_arn, PrincipalArn=login.provider_arn, SAMLAssertion=login.response
    )
    return answer


def refusal_of(client: Any, login: Rejection) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(client, login)
    return caught.value


def code_and_message(refusal: ClientError) -> tuple[str, str]:
    error = refusal.response["Error"]
    return error["Code"], error["Message"]


def test_it_is_refused_by_the_rule_of_its_cause_with_what_it_names(
    saml_rejection: Rejection, client: Any, sts_saml: STSBackend
) -> None:
    refusal = refusal_of(client, saml_rejection)
    name = saml_rejection.exception
    assert type(refusal) is (ClientError if name == "ClientError" else getattr(client.exceptions, name))
    code, message = code_and_message(refusal)
    assert code == saml_rejection.code
    assert refusal.response["ResponseMetadata"]["HTTPStatusCode"] == saml_rejection.status
    whole = saml_rejection.message
    assert message == whole if isinstance(whole, str) else whole.fullmatch(message)
    assert saml_rejection.is_told_in(str(refusal))
    assert sts_saml.attempts[-1].failed == FAILED.get(saml_rejection.name, "ordered_by_saml_rejection")


def test_it_is_refused_again(saml_rejection: Rejection, client: Any) -> None:
    assert {refusal_of(client, saml_rejection).response["Error"]["Code"] for _ in range(3)} == {saml_rejection.code}


def test_the_message_is_not_told_in_another_text(saml_rejection: Rejection) -> None:
    assert not saml_rejection.is_told_in("An error occurred when calling the AssumeRoleWithSAML operation")


# A shape says how each part of a response is written. So the rejections that each shape meets are one for each part
# that has a cause: the signature (changed, missing, and by a key of another algorithm), the times, the Recipient beside
# the Destination, the status without an assertion, the audience, an attribute, and the NameID. The causes of all others
# are the same parts with other values, or lie outside of the response; each of them meets one shape.
IN_EVERY_SHAPE = [
    "tampered",
    "unsigned",
    "foreign-key",
    "expired",
    "wrong-recipient",
    "idp-refused",
    "wrong-audience",
    "no-session-name",
    "no-name-id",
]
IN_ONE_SHAPE = [name for name in NAMES if name not in IN_EVERY_SHAPE]
IN_SHAPES = [
    *[(name, shape) for name in IN_EVERY_SHAPE for shape in SHAPES],
    *[(name, SHAPES[number % len(SHAPES)]) for number, name in enumerate(IN_ONE_SHAPE)],
]


@pytest.mark.parametrize(("saml_rejection", "saml_shape"), IN_SHAPES, indirect=True)
def test_it_is_refused_in_a_shape(saml_rejection: Rejection, saml_shape: str, client: Any) -> None:
    assert saml_rejection.response.shape == saml_shape
    assert is_refused_as_named(client, saml_rejection)


# Those that change to whom a response is addressed, or leave it out. PingFederate alone names no Destination.
ADDRESSED_OTHERWISE = ["wrong-recipient", "no-confirmation", "idp-refused"]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        *[(name, shape) for name in ADDRESSED_OTHERWISE for shape in (None, *SHAPES)],
        *[(name, "pingfederate") for name in NAMES if name not in ADDRESSED_OTHERWISE],
    ],
)
def test_its_page_posts_to_aws(sts: STSBackend, idp: IdentityProvider, name: str, shape: str | None) -> None:
    rejected = rejection(name, sts, idp, shape)
    (form,) = html.fromstring(rejected.response.form()).forms
    sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "RoleArn": rejected.role_arn}))  # it may be forced
    assert (form.get("action") or "").replace(":443/", "/") == "https://signin.aws.amazon.com/saml"


@pytest.mark.parametrize(
    ("shape", "start"), [(None, "<saml:Assertion "), ("adfs", "<Assertion "), ("entra", "<Assertion ")]
)
def test_its_assertion_is_written_in_its_shape(
    sts: STSBackend, idp: IdentityProvider, shape: str | None, start: str
) -> None:
    assert start in base64.b64decode(rejection("expired", sts, idp, shape).response).decode()


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(json.dumps, id="JSON"),
        pytest.param(
            lambda text: "\n    ".join(textwrap.wrap(text, 40, break_long_words=False, break_on_hyphens=False)),
            id="wrapped",
        ),
        pytest.param(lambda text: json.dumps({"error": [text]}, indent=2), id="indented JSON"),
    ],
)
def test_the_message_is_told_in_a_text_that_writes_it_otherwise(
    saml_rejection: Rejection, client: Any, written: Callable[[str], str]
) -> None:
    assert saml_rejection.is_told_in(written(str(refusal_of(client, saml_rejection))))


@pytest.mark.parametrize("saml_rejection", sorted(FORCED), indirect=True)
def test_what_is_forced_stays_forced(saml_rejection: Rejection, client: Any) -> None:
    assert {refusal_of(client, saml_rejection).response["Error"]["Code"] for _ in range(20)} == {saml_rejection.code}


@pytest.mark.parametrize("saml_rejection", sorted(FORCED), indirect=True)
def test_what_is_forced_is_an_honest_login_of_its_role_alone(
    saml_rejection: Rejection, sts_saml: STSBackend, saml_idp: IdentityProvider, log_in: Callable[..., Any]
) -> None:
    other = sts_saml.create_role("Other")
    with pytest.raises(ClientError):
        log_in(saml_rejection.response, saml_rejection.role_arn, saml_rejection.provider_arn)
    assert log_in(saml_idp.response(other), other, saml_idp.provider)


# --- the nearest login that is accepted

Nearest = Callable[[Rejection, STSBackend, IdentityProvider], Rejection]


def honest(login: Rejection, sts: STSBackend, idp: IdentityProvider) -> Rejection:
    """The same role, and a response that is good."""
    return replace(login, response=idp.response(login.role_arn))


def saying(**said: Any) -> Nearest:
    """The same role, and a response that says something else than a good one."""
    return lambda login, sts, idp: replace(login, response=idp.response(login.role_arn, **said))


def of_the_known_provider(login: Rejection, sts: STSBackend, idp: IdentityProvider) -> Rejection:
    return honest(replace(login, provider_arn=idp.provider.arn), sts, idp)


def swapped_back(login: Rejection, sts: STSBackend, idp: IdentityProvider) -> Rejection:
    return replace(login, role_arn=login.provider_arn, provider_arn=login.role_arn)


def with_the_role(login: Rejection, sts: STSBackend, idp: IdentityProvider) -> Rejection:
    sts.create_role("Unknown")
    return login


def in_one_account(login: Rejection, sts: STSBackend, idp: IdentityProvider) -> Rejection:
    role = sts.create_role("Rejected")
    return replace(login, role_arn=role.arn, response=idp.response(role))


def of_another_role(login: Rejection, sts: STSBackend, idp: IdentityProvider) -> Rejection:
    role = sts.create_role("Other")
    return replace(login, role_arn=role.arn, response=idp.response(role))


NEAREST: dict[str, Nearest] = {
    "unknown-provider": of_the_known_provider,
    "unknown-role": with_the_role,
    "not-a-role": swapped_back,
    "other-account": in_one_account,
    "not-in-trust-policy": saying(name_id="bob@example.com"),
    "packed-too-large": saying(principal_tags={"tag-0": "x" * 256}),
    **dict.fromkeys(FORCED, of_another_role),
}


def test_the_nearest_login_is_accepted(
    saml_rejection: Rejection, client: Any, sts_saml: STSBackend, saml_idp: IdentityProvider
) -> None:
    login = NEAREST.get(saml_rejection.name, honest)(saml_rejection, sts_saml, saml_idp)
    assert call(client, login)["Credentials"]["AccessKeyId"].startswith("ASIA")


# --- elsewhere


def is_refused_as_named(client: Any, login: Rejection) -> bool:
    code, message = code_and_message(refusal_of(client, login))
    return code == login.code and login.is_told_in(message)


# The three are independent: the partition and the account are in ARNs and messages, the time in the response. GovCloud
# is to a rejection what China is, a partition that is not the default.
@pytest.mark.stssaml(partition="aws-cn", account_id="111122223333", now="2045-06-07T08:09:10Z")
def test_it_is_refused_in_another_partition_and_account_at_another_time(saml_rejection: Rejection, client: Any) -> None:
    assert is_refused_as_named(client, saml_rejection)


@pytest.mark.stssaml(account_id="111122223333")
@pytest.mark.parametrize("saml_rejection", ["region-disabled"], indirect=True)
def test_the_account_in_a_message_is_that_of_the_backend(saml_rejection: Rejection, client: Any) -> None:
    assert "for account:111122223333." in refusal_of(client, saml_rejection).response["Error"]["Message"]


# --- what it is


def test_it_is_named_as_the_test_is(saml_rejection: Rejection, request: pytest.FixtureRequest) -> None:
    assert saml_rejection.name == request.node.callspec.id


def test_it_is_forced_if_the_region_or_the_arguments_of_the_caller_decide(saml_rejection: Rejection) -> None:
    assert saml_rejection.forced is (saml_rejection.name in FORCED)


def offers(response: str, role_arn: str, provider_arn: str) -> bool:
    """Whether a tool that reads the Role attribute finds this role with this provider."""
    for value in etree.fromstring(base64.b64decode(response)).iterfind(
        ".//{*}Attribute[@Name='https://aws.amazon.com/SAML/Attributes/Role']/{*}AttributeValue"
    ):
        arns = [arn.strip() for arn in (value.text or "").split(",")]
        roles = [arn for arn in arns if ":role/" in arn]
        providers = [arn for arn in arns if ":saml-provider/" in arn]
        if (roles, providers) == ([role_arn], [provider_arn]):
            return True
    return False


def test_it_is_offered_where_the_response_holds_both_arns(saml_rejection: Rejection) -> None:
    login = saml_rejection
    assert login.offered is offers(login.response, login.role_arn, login.provider_arn)


def test_these_are_not_offered() -> None:
    assert {name for name in WAYS if not WAYS[name].offered} == {"idp-refused", "role-not-in-response", "not-a-role"}


@pytest.mark.parametrize("saml_rejection", ["wrong-recipient", "no-confirmation"], indirect=True)
def test_the_browser_brings_it_to_aws_whoever_it_is_sent_to(saml_rejection: Rejection) -> None:
    assert saml_rejection.response.root.get("Destination") == "https://signin.aws.amazon.com/saml"


@pytest.mark.parametrize("saml_rejection", ["region-disabled"], indirect=True)
def test_the_message_of_a_region_that_is_switched_off_is_a_plain_text(saml_rejection: Rejection) -> None:
    assert saml_rejection.message == (
        "STS is not activated in this region for account:123456789012. "
        "Your account administrator can activate STS in this region using the IAM Console."
    )


@pytest.mark.parametrize("name", NAMES)
def test_why_is_one_sentence(name: str) -> None:
    assert re.fullmatch(r"[A-Z][^.\n]*(?:sts:[^.\n]*)?\.", WAYS[name].why)


def test_the_role_is_in_the_partition_and_account_of_the_provider_or_says_so(saml_rejection: Rejection) -> None:
    accounts = {saml_rejection.role_arn.split(":")[4], saml_rejection.provider_arn.split(":")[4]}
    assert len(accounts) == (2 if saml_rejection.name == "other-account" else 1)


def test_its_repr_is_short_and_without_the_document(saml_rejection: Rejection) -> None:
    text = repr(saml_rejection)
    assert text.startswith(f"Rejection(name={saml_rejection.name!r}, role_arn=")
    assert len(text) < 700
    assert saml_rejection.response[:40] not in text


# One whose message is a string, one whose message is a pattern, and one that is forced.
KINDS = pytest.mark.parametrize("saml_rejection", ["expired", "packed-too-large", "region-disabled"], indirect=True)


@KINDS
def test_it_survives_pickling(saml_rejection: Rejection) -> None:
    assert pickle.loads(pickle.dumps(saml_rejection)) == saml_rejection  # noqa: S301 - our own


@KINDS
def test_it_survives_copying(saml_rejection: Rejection) -> None:
    assert copy.deepcopy(saml_rejection) == saml_rejection


# --- what there is


def test_the_names_are_these() -> None:
    assert list(WAYS) == NAMES


def test_the_public_names_are_those_of_the_ways() -> None:
    assert tuple(WAYS) == REJECTIONS


def test_every_documented_code_is_there() -> None:
    model = botocore.session.get_session().get_service_model("sts").operation_model("AssumeRoleWithSAML")
    documented = {shape.error_code for shape in model.error_shapes} | {"AccessDenied", "ValidationError"}
    assert {getattr(errors, way.row).code for way in WAYS.values()} == documented


@pytest.mark.parametrize("name", NAMES)
def test_a_way_ends_in_a_row_of_the_catalogue(name: str) -> None:
    assert isinstance(getattr(errors, WAYS[name].row), ErrorRow)


def test_every_row_of_the_catalogue_is_shown_or_has_a_reason_not_to_be() -> None:
    rows = {name for name, row in vars(errors).items() if isinstance(row, ErrorRow)}
    assert rows - {way.row for way in WAYS.values()} == set(NOT_SHOWN)


WRONG_NAME = (
    "saml_rejection has no 'somehow'; it has expired, redeemed-too-late, not-yet-valid, tampered, foreign-key, "
    "unsigned, wrong-issuer, unknown-provider, wrong-audience, wrong-recipient, no-confirmation, idp-refused, "
    "role-not-in-response, no-session-name, bad-session-name, bad-source-identity, bad-tags, no-name-id, unknown-role, "
    "not-a-role, other-account, not-in-trust-policy, untrusted-tags, untrusted-source-identity, packed-too-large, "
    "region-disabled, too-long-a-session, malformed-policy"
)


MISSPELT = "saml_rejection has no 'expird'; did you mean expired?"


@pytest.mark.parametrize(("name", "message"), [("somehow", WRONG_NAME), ("expird", MISSPELT)])
def test_a_wrong_name_is_an_error_that_says_which_there_are(
    sts: STSBackend, idp: IdentityProvider, name: str, message: str
) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        rejection(name, sts, idp)
    assert str(caught.value) == message
