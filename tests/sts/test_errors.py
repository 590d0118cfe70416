import base64
import datetime as dt
import math
import pickle
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from cryptography.hazmat.primitives.asymmetric import rsa
from wire import shared_session, signature_of, signed

from pytest_stssaml import (
    IAMError,
    IdentityProvider,
    STSBackend,
    active_mock,
    make_signing_key,
)
from pytest_stssaml.iam.limits import (
    LONGEST_TAG_KEY,
    LONGEST_TAG_VALUE,
    MOST_TAGS,
    TAG_KEY,
    TAG_PATTERN,
    TAG_VALUE,
    TAGS,
    Constraint,
)
from pytest_stssaml.saml.faults import Fault
from pytest_stssaml.saml.vocabulary import STATUS_RESPONDER
from pytest_stssaml.sts import errors, limits
from pytest_stssaml.sts.errors import (
    CATALOGUE,
    UNREADABLE,
    Provenance,
)
from pytest_stssaml.sts.operation import OPERATIONS
from pytest_stssaml.sts.sessions.session import Session
from pytest_stssaml.wire import Request, Response

DECRYPTION_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STS = "{https://sts.amazonaws.com/doc/2011-06-15/}"
READ_ONLY = {"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
POLICY = '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'
# With 50 such tags a token is far too large.
LONG_TAGS = {f"key{n}": random.Random(n).randbytes(128).hex() for n in range(50)}  # noqa: S311
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def back_end(message: str, exception: str) -> str:
    """The pattern of a message into which a back end printed its exception."""
    return re.escape(message) + (
        r" \(Service: AWSOpenIdDiscoveryService; Status Code: 400; "
        rf"Error Code: {exception}; Request ID: {UUID}; Proxy: null\)"
    )


@dataclass
class Signed:
    """A call that a session signs: the operation, its parameters, and the credentials as boto3 calls them."""

    operation: str
    parameters: dict[str, Any]
    credentials: dict[str, str]
    region: str = "us-east-1"

    @property
    def form(self) -> dict[str, str]:
        return flat({"Action": self.operation} | self.parameters)

    def send(self) -> Any:
        """The answer that boto3 reads."""
        unchecked = Config(parameter_validation=False)
        client = shared_session().client("sts", region_name=self.region, config=unchecked, **self.credentials)
        return getattr(client, botocore.xform_name(self.operation))(**self.parameters)


@dataclass
class SignedWrongly(Signed):
    """The same to `handle()`, with a scope of the signature or with headers that botocore never sends."""

    sts: STSBackend | None = None
    scope: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def send(self) -> Any:
        assert self.sts is not None
        headers = signed(self.sts.sessions[-1], self.form, **self.scope) | self.headers
        status, _, body = self.sts.handle(urlencode(self.form), headers=headers)
        texts = {element.tag.rpartition("}")[2]: element.text for element in ET.fromstring(body).iter()}  # noqa: S314
        error = {"Code": str(texts["Code"]), "Message": str(texts["Message"])}
        raise ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, self.operation)


@dataclass
class Stage:
    """An AWS with one role that trusts one identity provider, where a cause sets something wrong."""

    sts: STSBackend
    idp: IdentityProvider

    def __post_init__(self) -> None:
        self.role = self.sts.create_role("Developer")

    def form(self, *, response: str | None = None, said: Any = None, **parameters: Any) -> dict[str, Any]:
        """A request with one thing wrong: the response or what it says, or a parameter."""
        if response is None:
            response = self.idp.response(self.role, **(said or {}))
        good = {"RoleArn": self.role.arn, "PrincipalArn": self.idp.provider.arn, "SAMLAssertion": response}
        return good | parameters

    def of_region_that_is_off(self) -> dict[str, Any]:
        self.sts.disable_region("us-east-1")
        return self.form()

    def without_assertion(self) -> dict[str, Any]:
        xml = re.sub("<saml:Assertion.*</saml:Assertion>", "", self.idp.response(self.role).xml)
        return self.form(response=self.idp.sign(xml, signed="response"))

    def with_a_condition_that_is_not_known(self) -> dict[str, Any]:
        xml = self.idp.response(self.role, signed=None).xml.replace(
            "</saml:Conditions>", "<saml:Condition/></saml:Conditions>"
        )
        return self.form(response=self.idp.sign(xml))

    def plain_where_that_is_forbidden(self) -> dict[str, Any]:
        provider = self.sts.create_saml_provider(
            "Encrypted", self.idp.metadata, assertion_encryption_mode="Required", private_keys=[DECRYPTION_KEY]
        )
        return self.form(said={"provider": provider}, PrincipalArn=provider.arn)

    def encrypted_without_a_key(self) -> dict[str, Any]:
        provider = self.sts.create_saml_provider("Keyed", self.idp.metadata, private_keys=[DECRYPTION_KEY])
        response = self.idp.response(self.role, provider=provider, encrypted_for=provider)
        self.sts.update_saml_provider(provider, remove_private_key=DECRYPTION_KEY)
        return self.form(response=response, PrincipalArn=provider.arn)

    def of_another_account(self) -> dict[str, Any]:
        role = self.sts.create_role("Developer", provider=self.idp.provider, account_id="111122223333")
        response = self.idp.response(role, provider=self.idp.provider)
        return self.form(response=response, RoleArn=role.arn)

    def with_everything(self, principal_tags: dict[str, str], **parameters: Any) -> dict[str, Any]:
        """A request with tags and a source identity, for a role that lets them in."""
        actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
        role = self.sts.create_role("Tagged", trust_policy=self.idp.provider.trust_policy(actions=actions))
        response = self.idp.response(
            role, principal_tags=principal_tags, transitive_tag_keys=principal_tags, source_identity="alice"
        )
        return self.form(response=response, RoleArn=role.arn, **parameters)

    # --- a session of the role, and another role that it may assume

    def session(self, **said: Any) -> Session:
        """What a login gives at a role that lets tags and a source identity in."""
        actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
        role = self.sts.create_role("Signed", trust_policy=self.idp.provider.trust_policy(actions=actions))
        self.sts.handle(urlencode(flat(self.form(response=self.idp.response(role, **said), RoleArn=role.arn))))
        return self.sts.sessions[-1]

    def asking_who(self, **credentials: str) -> Signed:
        """GetCallerIdentity with something wrong in the credentials."""
        return Signed("GetCallerIdentity", {}, self.session().boto3_kwargs() | credentials)

    def asking_who_signed_wrongly(self, date: str | None = None, **scope: str) -> Signed:
        """GetCallerIdentity with another date or another scope of its signature."""
        credentials, headers = self.session().boto3_kwargs(), {} if date is None else {"X-Amz-Date": date}
        return SignedWrongly("GetCallerIdentity", {}, credentials, sts=self.sts, scope=scope, headers=headers)

    def asking_who_too_late(self) -> Signed:
        signed = self.asking_who()
        self.sts.advance(hours=1)
        return signed

    def asking_who_with_a_token_of_the_global_endpoint(self) -> Signed:
        self.sts.handle(urlencode(flat(self.form())), region="aws-global")
        return Signed("GetCallerIdentity", {}, self.sts.sessions[-1].boto3_kwargs(), region="af-south-1")

    def chaining(self, said: Any = None, principal: Any = None, **parameters: Any) -> Signed:
        """AssumeRole with something wrong: in the login, in the principal that the role trusts, or in a parameter."""
        trust = {
            "Statement": {
                "Effect": "Allow",
                "Principal": principal or {"AWS": "123456789012"},
                "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            }
        }
        role = self.sts.create_role("Chained", trust_policy=trust, max_session_duration=7200)
        session = self.session(**(said or {}))
        good = {"RoleArn": role.arn, "RoleSessionName": "audit"}
        return Signed("AssumeRole", good | parameters, session.boto3_kwargs())

    def chaining_in_a_region_that_is_off(self) -> Signed:
        signed = self.chaining()
        self.sts.disable_region("us-east-1")
        return signed


def flat(form: dict[str, Any]) -> dict[str, str]:
    """A request as form parameters, as botocore writes it."""
    flattened: dict[str, str] = {}
    for name, value in ({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"} | form).items():
        if not isinstance(value, list):
            flattened[name] = str(value)
            continue
        for place, member in enumerate(value, 1):
            texts = {f".{key}": text for key, text in member.items()} if isinstance(member, dict) else {"": member}
            flattened |= {f"{name}.member.{place}{key}": text for key, text in texts.items()}
    return flattened


@dataclass
class Case:
    """How a row is reached, and what the caller then reads."""

    cause: Callable[[Stage], Any]
    code: str
    status: int
    message: str  # a pattern


def saying(**said: Any) -> Callable[[Stage], dict[str, Any]]:
    return lambda stage: stage.form(said=said)


def asking(**parameters: Any) -> Callable[[Stage], dict[str, Any]]:
    return lambda stage: stage.form(**parameters)


def sending(response: str) -> Callable[[Stage], dict[str, Any]]:
    return lambda stage: stage.form(response=response)


def chaining(**parameters: Any) -> Callable[[Stage], Signed]:
    return lambda stage: stage.chaining(**parameters)


TOKEN, EXPIRED, VALIDATION = "InvalidIdentityToken", "ExpiredTokenException", "ValidationError"
MALFORMED_POLICY = "MalformedPolicyDocument"

# In the order of the catalogue: the rows of a login and of unsigned requests, whose causes give the parameters.
CASES: dict[str, Case] = {
    "UNKNOWN_OPERATION": Case(
        asking(Action="ListRoles"),
        "InvalidAction",
        400,
        "Could not find operation ListRoles for version 2011-06-15",
    ),
    "OTHER_OPERATION": Case(
        asking(Action="GetAccessKeyInfo"),
        "InvalidAction",
        400,
        "pytest-stssaml does not serve GetAccessKeyInfo",
    ),
    "VALIDATION": Case(
        asking(DurationSeconds=899),
        VALIDATION,
        400,
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 900",
    ),
    "NUMBER_MISSING": Case(asking(DurationSeconds=""), "MalformedInput", 400, "missing value for decimal type"),
    "NOT_A_NUMBER": Case(asking(DurationSeconds="1.5"), "MalformedInput", 400, "None"),
    "NOT_AN_ARN": Case(asking(RoleArn="nothing-valid-in-here"), VALIDATION, 400, "nothing-valid-in-here is invalid"),
    "NOT_A_ROLE_ARN": Case(
        asking(RoleArn="arn:aws:iam::123456789012:saml-provider/ExampleIdP"),
        VALIDATION,
        400,
        "Request ARN is invalid",
    ),
    "NOT_A_PROVIDER_ARN": Case(
        asking(PrincipalArn="arn:aws:iam::123456789012:role/Developer"), VALIDATION, 400, "Principal ARN is invalid"
    ),
    "REGION_DISABLED": Case(
        Stage.of_region_that_is_off,
        "RegionDisabledException",
        403,
        r"STS is not activated in this region for account:123456789012\. "
        r"Your account administrator can activate STS in this region using the IAM Console\.",
    ),
    "NOT_BASE64": Case(
        sending("!!!!"), TOKEN, 400, back_end("Invalid base64 SAMLResponse", "AuthSamlInvalidSamlResponseException")
    ),
    "UNKNOWN_PROVIDER": Case(
        asking(PrincipalArn="arn:aws:iam::123456789012:saml-provider/OtherIdP"),
        TOKEN,
        400,
        back_end("Specified provider doesn't exist", "AuthSamlManifestNotFoundException"),
    ),
    "REFUSED_BY_IDP": Case(
        saying(status=STATUS_RESPONDER),
        "IDPRejectedClaim",
        403,
        "The identity provider reported that authentication failed",
    ),
    "NOT_ONE_ASSERTION": Case(Stage.without_assertion, TOKEN, 400, "Response must contain exactly one assertion"),
    "NOT_ENCRYPTED": Case(
        Stage.plain_where_that_is_forbidden, TOKEN, 400, "Assertion in the response must be encrypted"
    ),
    "NOT_DECRYPTED": Case(Stage.encrypted_without_a_key, TOKEN, 400, "Assertion in the response cannot be decrypted"),
    "FOREIGN_ISSUER": Case(
        saying(issuer="https://other.example.com/saml"),
        TOKEN,
        400,
        back_end("Issuer not present in specified provider", "AuthSamlInvalidSamlResponseException"),
    ),
    "BAD_SIGNATURE": Case(
        lambda stage: stage.form(said={"signing_key": make_signing_key("ec")}),
        TOKEN,
        400,
        "Response signature invalid",
    ),
    "MALFORMED_ASSERTION": Case(
        saying(issue_instant="yesterday"), TOKEN, 400, "Assertion in the response is malformed"
    ),
    "SUBJECT_CONFIRMATION": Case(
        saying(recipient=None),
        TOKEN,
        400,
        "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
    ),
    "RECIPIENT": Case(
        saying(recipient="https://signin.aws.amazon.com/saml/acs/SAMLSP0"),
        TOKEN,
        400,
        "Recipient is not the sign-in endpoint of the provider",
    ),
    "AUDIENCE": Case(saying(audience="urn:other"), TOKEN, 400, r"Response does not contain the required audience\."),
    "UNKNOWN_CONDITION": Case(
        Stage.with_a_condition_that_is_not_known, TOKEN, 400, "Response contains an unknown condition"
    ),
    "NOT_YET_VALID": Case(saying(not_before=dt.timedelta(minutes=1)), TOKEN, 400, "Response is not yet valid"),
    "EXPIRED": Case(saying(not_on_or_after=dt.timedelta(0)), EXPIRED, 400, "Response has expired"),
    "REDEEMED_TOO_LATE": Case(
        saying(issue_instant=dt.timedelta(minutes=-6), not_on_or_after=dt.timedelta(hours=1)),
        EXPIRED,
        400,
        "Token must be redeemed within 5 minutes of issuance",
    ),
    "ROLE_NOT_IN_RESPONSE": Case(
        asking(RoleArn="arn:aws:iam::123456789012:role/Administrator"),
        TOKEN,
        400,
        "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
    ),
    "NO_ROLE_SESSION_NAME": Case(saying(session_name=None), TOKEN, 400, "RoleSessionName is required in AuthnResponse"),
    "BAD_ROLE_SESSION_NAME": Case(
        saying(session_name="alice smith"),
        TOKEN,
        400,
        re.escape("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
    ),
    "SOURCE_IDENTITY": Case(
        saying(source_identity="a"),
        TOKEN,
        400,
        re.escape('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'),
    ),
    "TAGS": Case(saying(principal_tags={"team": "v" * 257}), VALIDATION, 400, "Unable to validate tags"),
    "OTHER_ACCOUNT": Case(
        Stage.of_another_account,
        VALIDATION,
        400,
        "Principal exists outside the account of the Role being assumed",
    ),
    "ACCESS_DENIED": Case(
        saying(name_id=None), "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"
    ),
    "LONGER_THAN_ROLE_MAXIMUM": Case(
        asking(DurationSeconds=3601),
        VALIDATION,
        400,
        r"The requested DurationSeconds exceeds the MaxSessionDuration set for this role\.",
    ),
    "TOO_MANY_POLICY_ARNS": Case(
        asking(PolicyArns=[READ_ONLY] * 11), VALIDATION, 400, "PolicyArns has more than 10 members"
    ),
    "POLICY_OF_ANOTHER_ACCOUNT": Case(
        asking(PolicyArns=[{"arn": "arn:aws:iam::111122223333:policy/Reader"}]),
        VALIDATION,
        400,
        "A policy of PolicyArns belongs to another account than the role",
    ),
    "UNKNOWN_POLICY": Case(
        asking(PolicyArns=[{"arn": "arn:aws:iam::123456789012:policy/Reader"}]),
        "InvalidParameterValue",
        400,
        r"At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN\.",
    ),
    "POLICIES_TOO_LONG": Case(
        asking(Policy=POLICY.ljust(2048), PolicyArns=[READ_ONLY]),
        VALIDATION,
        400,
        "Policy and PolicyArns have more than 2048 characters together",
    ),
    "POLICY_NOT_JSON": Case(
        asking(Policy="nonsense"), MALFORMED_POLICY, 400, r"The policy is not in the valid JSON format\."
    ),
    "POLICY_SYNTAX": Case(asking(Policy="{}"), MALFORMED_POLICY, 400, r"Syntax errors in policy\."),
    "PACKED_POLICY_TOO_LARGE": Case(
        lambda stage: stage.with_everything(LONG_TAGS, Policy=POLICY),
        "PackedPolicyTooLarge",
        400,
        r"Packed policy consumes [1-9]\d\d% of allotted space, please use smaller policy\.",
    ),
    "PACKED_TAGS_TOO_LARGE": Case(
        lambda stage: stage.with_everything(LONG_TAGS),
        "PackedPolicyTooLarge",
        400,
        r"Packed size of session tags consumes [1-9]\d\d% of allotted space\.",
    ),
    "TOKEN_TOO_LARGE": Case(
        saying(name_id="".join(LONG_TAGS.values())),
        "PackedPolicyTooLarge",
        400,
        "Serialized token too large for session",
    ),
    "NOT_SIGNED": Case(
        asking(Action="GetCallerIdentity"), "MissingAuthenticationToken", 403, "Request is missing Authentication Token"
    ),
}

TAG, SAME_TAG = {"Key": "team", "Value": "blue"}, {"Key": "TEAM", "Value": "blue"}
TRANSITIVE = {"principal_tags": {"team": "blue"}, "transitive_tag_keys": ["team"]}
CONTEXT = {"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "assertion"}
PARAMETER, DENIED = "InvalidParameterValue", "AccessDenied"

# Those of a session's own calls.
SIGNED_CASES: dict[str, Case] = {
    "DATE_OF_SIGNATURE": Case(
        lambda stage: stage.asking_who_signed_wrongly(date="2030-01-01T12:00:00Z"),
        "IncompleteSignature",
        400,
        r"Date must be in ISO-8601 'basic format'\. Got '2030-01-01T12:00:00Z'\. "
        r"See http://en\.wikipedia\.org/wiki/ISO_8601",
    ),
    "SIGNATURE_EXPIRED": Case(
        lambda stage: stage.asking_who_signed_wrongly(date="20200101T120000Z"),
        "SignatureDoesNotMatch",
        403,
        r"Signature expired: 20200101T120000Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)",
    ),
    "SIGNATURE_NOT_YET_CURRENT": Case(
        lambda stage: stage.asking_who_signed_wrongly(date="29990101T120000Z"),
        "SignatureDoesNotMatch",
        403,
        r"Signature not yet current: 29990101T120000Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)",
    ),
    "CREDENTIAL_SCOPE": Case(
        lambda stage: stage.asking_who_signed_wrongly(service="s3", region="nowhere-1"),
        "SignatureDoesNotMatch",
        403,
        r"Credential should be scoped to a valid region, not 'nowhere-1'\. "
        r"Credential should be scoped to correct service: 'sts'\. ",
    ),
    "INVALID_TOKEN": Case(
        lambda stage: stage.asking_who(aws_session_token="token"),
        "InvalidClientTokenId",
        403,
        r"The security token included in the request is invalid\.",
    ),
    "INVALID_TOKEN_IN_REGION": Case(
        Stage.asking_who_with_a_token_of_the_global_endpoint,
        "InvalidClientTokenId",
        403,
        "The security token included in the request is invalid",
    ),
    "EXPIRED_SESSION": Case(
        Stage.asking_who_too_late, "ExpiredToken", 403, "The security token included in the request is expired"
    ),
    "SIGNATURE": Case(
        lambda stage: stage.asking_who(aws_secret_access_key="secret"),
        "SignatureDoesNotMatch",
        403,
        r"The request signature we calculated does not match the signature you provided\. Check your AWS Secret Access "
        r"Key and signing method\. Consult the service documentation for details\.",
    ),
    "SESSION_CREDENTIALS": Case(
        lambda stage: Signed("GetSessionToken", {}, stage.session().boto3_kwargs()),
        DENIED,
        403,
        "Cannot call GetSessionToken with session credentials",
    ),
    "NOT_AUTHORIZED": Case(
        chaining(principal={"AWS": "111122223333"}),
        DENIED,
        403,
        "User: arn:aws:sts::123456789012:assumed-role/Signed/alice@example.com is not authorized to perform: "
        "sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Chained",
    ),
    "MFA": Case(
        chaining(SerialNumber="arn:aws:iam::123456789012:mfa/alice", TokenCode="123456"),
        DENIED,
        403,
        r"MultiFactorAuthentication failed with invalid MFA one time pass code\. ",
    ),
    "CONTEXT_ASSERTION": Case(
        chaining(ProvidedContexts=[CONTEXT]),
        "InvalidContextAssertion",
        400,
        "The context assertion in ProvidedContexts cannot be verified",
    ),
    "DUPLICATE_TAG_KEYS": Case(
        chaining(Tags=[TAG, SAME_TAG]),
        PARAMETER,
        400,
        r"Duplicate tag keys found\. Please note that Tag keys are case insensitive\.",
    ),
    "RESERVED_TAG": Case(
        chaining(Tags=[{"Key": "aws:team", "Value": "blue"}]),
        PARAMETER,
        400,
        "Tag keys and values cannot begin with aws:",
    ),
    "INHERITED_TAG": Case(
        chaining(said=TRANSITIVE, Tags=[SAME_TAG]),
        PARAMETER,
        400,
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
        r"calling session\.",
    ),
    "TRANSITIVE_TAG_KEY": Case(
        chaining(TransitiveTagKeys=["team"]),
        PARAMETER,
        400,
        r"The specified transitive tag key must be included in the requested tags\.",
    ),
    "SOURCE_IDENTITY_IS_SET": Case(
        chaining(said={"source_identity": "alice"}, SourceIdentity="bob"),
        VALIDATION,
        400,
        "The source identity is already set for this assume role session",
    ),
    "LONGER_THAN_A_CHAIN": Case(
        chaining(DurationSeconds=3601),
        VALIDATION,
        400,
        r"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining\.",
    ),
}
EVERY_CASE = CASES | SIGNED_CASES

# A client of botocore's always names an operation that is served, and signs it.
THROUGH_HANDLE_ALONE = ("UNKNOWN_OPERATION", "OTHER_OPERATION", "NOT_SIGNED")
THROUGH_BOTO3 = {name: case for name, case in CASES.items() if name not in THROUGH_HANDLE_ALONE}


@pytest.fixture
def stage(sts: STSBackend, idp: IdentityProvider) -> Stage:
    return Stage(sts, idp)


@pytest.fixture(scope="module")
def unchecked_client(no_aws_environment: None) -> Any:
    """A client that sends what AWS would refuse."""
    return boto3.Session().client("sts", region_name="us-east-1", config=Config(parameter_validation=False))


@pytest.fixture
def refused(unchecked_client: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The whole answer to a form that is refused."""

    def call(form: dict[str, Any]) -> dict[str, Any]:
        with pytest.raises(ClientError) as caught:
            unchecked_client.assume_role_with_saml(**form)
        return caught.value.response

    return call


class TestCatalogue:
    def test_every_row_has_a_cause(self) -> None:
        assert tuple(getattr(errors, name) for name in EVERY_CASE) == CATALOGUE

    @pytest.mark.parametrize("case", THROUGH_BOTO3.values(), ids=THROUGH_BOTO3)
    def test_a_client_of_boto3_gets_code_status_and_message_of_the_row(
        self, stage: Stage, refused: Callable[..., Any], case: Case
    ) -> None:
        answer = refused(case.cause(stage))
        assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (case.code, case.status)
        assert re.fullmatch(case.message, str(answer["Error"].get("Message")))

    @pytest.mark.parametrize("name", SIGNED_CASES)
    def test_a_client_of_boto3_with_a_session_gets_code_status_and_message_of_the_row(
        self, stage: Stage, service: Any, name: str
    ) -> None:
        case = SIGNED_CASES[name]
        signed = case.cause(stage)
        known = service.operation_model(signed.operation).input_shape.members
        if not set(signed.parameters) <= set(known):
            pytest.skip(f"this botocore does not know {set(signed.parameters) - set(known)}")
        with pytest.raises(ClientError) as caught:
            signed.send()
        answer = caught.value.response
        assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (case.code, case.status)
        assert re.fullmatch(case.message, answer["Error"]["Message"])

    @pytest.mark.parametrize("case", CASES.values(), ids=CASES)
    def test_a_caller_of_handle_gets_code_status_and_message_of_the_row(self, stage: Stage, case: Case) -> None:
        status, _, body = stage.sts.handle(urlencode(flat(case.cause(stage))))
        texts = {element.tag.rpartition("}")[2]: element.text for element in ET.fromstring(body).iter()}  # noqa: S314
        assert (texts["Code"], status, texts["Type"]) == (case.code, case.status, "Sender")
        assert re.fullmatch(case.message, str(texts.get("Message")))

    def test_a_row_has_the_provenance_of_its_message(self) -> None:
        known = {text: {name for name in EVERY_CASE if getattr(errors, name).provenance is text} for text in Provenance}
        assert known == {
            Provenance.DOCUMENTED: {"AUDIENCE", "SOURCE_IDENTITY", "ACCESS_DENIED"},
            Provenance.OURS: {
                "OTHER_OPERATION",
                "REFUSED_BY_IDP",
                "NOT_ONE_ASSERTION",
                "NOT_ENCRYPTED",
                "NOT_DECRYPTED",
                "MALFORMED_ASSERTION",
                "RECIPIENT",
                "NOT_YET_VALID",
                "UNKNOWN_CONDITION",
                "TOO_MANY_POLICY_ARNS",
                "POLICY_OF_ANOTHER_ACCOUNT",
                "POLICIES_TOO_LONG",
                "CONTEXT_ASSERTION",
                "RESERVED_TAG",
            },
            Provenance.OBSERVED: set(EVERY_CASE) - known[Provenance.DOCUMENTED] - known[Provenance.OURS],
        }

    def test_no_two_rows_are_equal(self) -> None:
        assert len({(row.code, row.message) for row in CATALOGUE}) == len(CATALOGUE)

    def test_every_fault_of_a_response_has_a_row(self) -> None:
        assert list(UNREADABLE) == list(Fault)

    def test_no_two_faults_of_a_response_have_the_same_row_but_those_of_what_is_not_a_response(self) -> None:
        rows = [row for fault, row in UNREADABLE.items() if fault is not Fault.NOT_A_RESPONSE]
        assert len(set(rows)) == len(rows)
        assert UNREADABLE[Fault.NOT_A_RESPONSE] is UNREADABLE[Fault.NOT_BASE64]

    @pytest.mark.parametrize(
        "document",
        [b"<a/>", b"text", b"\x00\xff\x00", b"{}", b"<!DOCTYPE a><a/>"],
        ids=["another document", "text", "bytes", "JSON", "a document type"],
    )
    def test_good_base64_of_something_else_has_the_row_of_bad_base64(self, stage: Stage, document: bytes) -> None:
        form = sending(base64.b64encode(document).decode())(stage)
        _, _, body = stage.sts.handle(urlencode(flat(form)))
        assert "<Message>Invalid base64 SAMLResponse (Service: " in body


class TestBackEndMessage:
    @pytest.mark.parametrize("name", ["NOT_BASE64", "UNKNOWN_PROVIDER", "FOREIGN_ISSUER"])
    def test_has_a_request_id_that_differs_from_that_of_the_answer(
        self, stage: Stage, refused: Callable[..., Any], name: str
    ) -> None:
        answer = refused(CASES[name].cause(stage))
        inner = re.findall(UUID, answer["Error"]["Message"])
        assert re.fullmatch(UUID, answer["ResponseMetadata"]["RequestId"])
        assert inner != [answer["ResponseMetadata"]["RequestId"]]

    def test_has_a_new_request_id_each_time(self, stage: Stage, refused: Callable[..., Any]) -> None:
        form = CASES["UNKNOWN_PROVIDER"].cause(stage)
        ids = {re.findall(UUID, refused(form)["Error"]["Message"])[0] for _ in range(5)}
        assert len(ids) == 5


EXCEPTIONS = {
    "REGION_DISABLED": "RegionDisabledException",
    "REFUSED_BY_IDP": "IDPRejectedClaimException",
    "BAD_SIGNATURE": "InvalidIdentityTokenException",
    "EXPIRED": "ExpiredTokenException",
    "POLICY_SYNTAX": "MalformedPolicyDocumentException",
    "PACKED_TAGS_TOO_LARGE": "PackedPolicyTooLargeException",
}


@pytest.mark.parametrize(("name", "exception"), EXCEPTIONS.items(), ids=EXCEPTIONS)
def test_a_modelled_error_is_an_exception_of_the_client(
    stage: Stage, unchecked_client: Any, name: str, exception: str
) -> None:
    with pytest.raises(getattr(unchecked_client.exceptions, exception)):
        unchecked_client.assume_role_with_saml(**CASES[name].cause(stage))


# The same of AssumeRole's.
CHAINING_EXCEPTIONS: dict[str, tuple[Callable[[Stage], Signed], str]] = {
    "REGION_DISABLED": (Stage.chaining_in_a_region_that_is_off, "RegionDisabledException"),
    "POLICY_SYNTAX": (chaining(Policy="{}"), "MalformedPolicyDocumentException"),
    "PACKED_TAGS_TOO_LARGE": (
        chaining(Tags=[{"Key": key, "Value": value} for key, value in LONG_TAGS.items()]),
        "PackedPolicyTooLargeException",
    ),
    "CONTEXT_ASSERTION": (chaining(ProvidedContexts=[CONTEXT]), "InvalidContextAssertionException"),
}


@pytest.mark.parametrize(("cause", "exception"), CHAINING_EXCEPTIONS.values(), ids=CHAINING_EXCEPTIONS)
def test_a_modelled_error_of_role_chaining_is_an_exception_of_the_client(
    stage: Stage, unchecked_client: Any, service: Any, cause: Callable[[Stage], Signed], exception: str
) -> None:
    if exception not in service.shape_names:
        pytest.skip(f"this botocore does not know {exception}")
    with pytest.raises(ClientError) as caught:
        cause(stage).send()
    assert type(caught.value).__name__ == exception


@pytest.fixture(scope="module")
def service() -> Any:
    """STS as the installed botocore knows it."""
    return botocore.session.get_session().get_service_model("sts")


@pytest.fixture(scope="module")
def operation(service: Any) -> Any:
    """AssumeRoleWithSAML as the installed botocore knows it."""
    return service.operation_model("AssumeRoleWithSAML")


def paths(shape: Any) -> Iterator[str]:
    """The members of a structure and theirs, as XPath would have them."""
    for name, member in shape.members.items():
        yield name
        if member.type_name == "structure":
            yield from (f"{name}/{path}" for path in paths(member))


def written_paths(element: ET.Element) -> Iterator[str]:
    """The elements in an element and theirs."""
    for child in element:
        name = child.tag.removeprefix(STS)
        yield name
        yield from (f"{name}/{path}" for path in written_paths(child))


# What the parameters of each operation must be, and those of its parameters that are lists.
PARAMETERS: dict[str, tuple[dict[str, Constraint], set[str]]] = {
    "AssumeRoleWithSAML": (limits.CONSTRAINTS, {"PolicyArns"}),
    "AssumeRole": (limits.CHAINING_CONSTRAINTS, {"PolicyArns", "ProvidedContexts", "Tags", "TransitiveTagKeys"}),
}
EACH_OPERATION = pytest.mark.parametrize("operation_name", PARAMETERS)
EACH_PARAMETER = pytest.mark.parametrize(
    ("operation_name", "name"),
    [(operation_name, name) for operation_name, (constraints, _) in PARAMETERS.items() for name in constraints],
)


class TestServiceModel:
    """The tables against botocore's model; older ones lack members, a newer one with more must be looked at."""

    # What AWS has and the oldest botocore does not know.
    NEWER_OPERATIONS = frozenset(
        {"AssumeRoot", "GetDelegatedAccessToken", "GetScopedCredentials", "GetWebIdentityToken"}
    )
    NEWER_PARAMETERS = frozenset({"MinimumSessionTokenSize", "ProvidedContexts"})
    NEWER_CODES = frozenset({"InvalidContextAssertion"})
    # Longest lengths that were raised since: the names of November 2026 may have 256, AssumeRole's Policy has no limit.
    OLDER_MAXIMA: ClassVar = {("AssumeRole", "SourceIdentity"): 64, ("AssumeRole", "Policy"): 2048}
    NEWER_OUTPUT = frozenset({"SessionTokenSize", "SessionTokenUtilization"})
    # It is sent where the provider has a context provider, which none here has.
    NOT_SENT = "TrustedIdentityPropagationContext"

    def test_has_the_same_api_version(self, service: Any) -> None:
        assert service.api_version == limits.API_VERSION

    def test_has_the_same_operations(self, service: Any) -> None:
        modelled, ours = set(service.operation_names), {limits.SAML_LOGIN, *limits.OTHER_OPERATIONS}
        assert modelled - ours == set()
        assert ours - modelled <= self.NEWER_OPERATIONS

    def test_has_the_operations_of_a_session(self, service: Any) -> None:
        assert set(OPERATIONS) <= set(service.operation_names)

    @EACH_OPERATION
    def test_has_the_same_statuses(self, service: Any, operation_name: str) -> None:
        shapes = service.operation_model(operation_name).error_shapes
        modelled = {shape.error_code: shape.metadata["error"]["httpStatusCode"] for shape in shapes}
        ours = {row.code: row.status for row in CATALOGUE if row.code in modelled}
        assert ours == modelled

    def test_has_all_codes_but_those_of_every_service_and_of_every_signed_call(self, service: Any) -> None:
        shapes = [shape for name in PARAMETERS for shape in service.operation_model(name).error_shapes]
        modelled = {shape.error_code for shape in shapes} | self.NEWER_CODES
        assert {row.code for row in CATALOGUE} - modelled == {
            "AccessDenied",
            "ExpiredToken",
            "IncompleteSignature",
            "InvalidAction",
            "InvalidClientTokenId",
            "InvalidParameterValue",
            "MalformedInput",
            "MissingAuthenticationToken",
            "SignatureDoesNotMatch",
            "ValidationError",
        }

    def test_every_modelled_exception_is_raised_in_a_test(self, operation: Any) -> None:
        assert {shape.name for shape in operation.error_shapes} == set(EXCEPTIONS.values())

    def test_every_modelled_exception_of_role_chaining_is_raised_in_a_test(self, service: Any) -> None:
        modelled = {shape.name for shape in service.operation_model("AssumeRole").error_shapes}
        ours = {exception for _, exception in CHAINING_EXCEPTIONS.values()}
        # It is about a context assertion, and none gets that far.
        assert modelled - ours == {"ExpiredTokenException"}
        assert ours - modelled <= {"InvalidContextAssertionException"}

    @EACH_OPERATION
    def test_has_the_same_parameters(self, service: Any, operation_name: str) -> None:
        constraints, lists = PARAMETERS[operation_name]
        modelled, ours = set(service.operation_model(operation_name).input_shape.members), {*constraints, *lists}
        assert modelled - ours == set()
        assert ours - modelled <= self.NEWER_PARAMETERS

    @EACH_OPERATION
    def test_has_the_same_member_of_policy_arns(self, service: Any, operation_name: str) -> None:
        policies = service.operation_model(operation_name).input_shape.members["PolicyArns"]
        arn = policies.member.members["arn"].metadata
        ours = limits.POLICY_ARN
        assert (arn["min"], arn["max"], arn["pattern"]) == (ours.minimum, ours.maximum, ours.pattern)
        assert (list(policies.member.members), policies.member.required_members) == (["arn"], [])
        assert (ours.required, ours.number, ours.sensitive) == (False, False, False)

    @EACH_OPERATION
    def test_has_no_other_limit_of_policy_arns(self, service: Any, operation_name: str) -> None:
        modelled = service.operation_model(operation_name).input_shape.members["PolicyArns"].metadata
        assert modelled.get("max", limits.MOST_POLICY_ARNS) == limits.MOST_POLICY_ARNS

    @EACH_PARAMETER
    def test_has_the_same_constraints(self, service: Any, operation_name: str, name: str) -> None:
        shape = service.operation_model(operation_name).input_shape.members.get(name)
        ours = PARAMETERS[operation_name][0][name]
        maximum = None if ours.maximum == math.inf else ours.maximum
        known = {"min": ours.minimum, "max": maximum, "pattern": ours.pattern}
        older = known | {"max": self.OLDER_MAXIMA.get((operation_name, name), maximum)}
        assert shape is None or {word: shape.metadata.get(word) for word in known} in (known, older)

    @EACH_PARAMETER
    def test_has_no_other_sensitive_parameters(self, service: Any, operation_name: str, name: str) -> None:
        shape = service.operation_model(operation_name).input_shape.members.get(name)
        ours = PARAMETERS[operation_name][0][name]
        # Older models do not say it.
        assert shape is None or shape.metadata.get("sensitive", ours.sensitive) is ours.sensitive

    @EACH_PARAMETER
    def test_has_the_same_required_parameters_and_numbers(self, service: Any, operation_name: str, name: str) -> None:
        modelled, ours = service.operation_model(operation_name).input_shape, PARAMETERS[operation_name][0][name]
        shape = modelled.members.get(name)
        assert ours.required == (name in modelled.required_members)
        assert shape is None or ours.number == (shape.type_name == "integer")

    @EACH_PARAMETER
    def test_has_the_same_names_except_for_the_first_letter(self, operation_name: str, name: str) -> None:
        assert PARAMETERS[operation_name][0][name].member == name[0].lower() + name[1:]

    @pytest.mark.parametrize(
        ("name", "ours", "member", "of_member"),
        [
            ("Tags", TAGS, "Key", TAG_KEY),
            ("Tags", TAGS, "Value", TAG_VALUE),
            ("TransitiveTagKeys", limits.TRANSITIVE_TAG_KEYS, None, limits.TRANSITIVE_TAG_KEY),
        ],
        ids=["Key", "Value", "transitive"],
    )
    def test_has_the_same_constraints_of_tags(
        self, service: Any, name: str, ours: Constraint, member: str | None, of_member: Constraint
    ) -> None:
        modelled = service.operation_model("AssumeRole").input_shape.members[name]
        text = modelled.member if member is None else modelled.member.members[member]
        path = "{}.member" if member is None else "{}.member." + member.lower()
        assert (ours.minimum, ours.maximum) == (modelled.metadata.get("min", 0), modelled.metadata["max"])
        assert ours.member == name[0].lower() + name[1:]
        assert of_member._asdict() == {
            "member": f"{ours.member}.{path}",
            "minimum": text.metadata["min"],
            "maximum": text.metadata["max"],
            "pattern": text.metadata["pattern"],
            "required": member is not None and member in modelled.member.required_members,
            "sensitive": text.metadata.get("sensitive", False),
            "number": False,
        }

    def test_has_a_key_and_a_value_in_a_tag_and_nothing_else(self, service: Any) -> None:
        modelled = service.operation_model("AssumeRole").input_shape.members["Tags"].member
        assert list(modelled.members) == modelled.required_members == ["Key", "Value"]

    def test_has_the_same_limits_of_tags_in_all_operations(self, service: Any) -> None:
        tags, key, value = (service.shape_for(f"tag{kind}Type").metadata for kind in ("List", "Key", "Value"))
        assert (tags["max"], key["max"], value["max"]) == (
            MOST_TAGS,
            LONGEST_TAG_KEY,
            LONGEST_TAG_VALUE,
        )
        assert (key["pattern"], value["pattern"]) == (f"[{TAG_PATTERN}]+", f"[{TAG_PATTERN}]*")

    @pytest.mark.parametrize(
        ("pattern", "longest", "shape"),
        [
            # The message of a longer one still says 64, the model says 256 since November 2026.
            (limits.SOURCE_IDENTITY, {64, 256}, "sourceIdentityType"),
            (limits.ROLE_SESSION_NAME, {64}, "roleSessionNameType"),
        ],
        ids=["source identity", "role session name"],
    )
    def test_has_the_same_limits_of_names_in_all_operations(
        self, service: Any, pattern: re.Pattern[str], longest: set[int], shape: str
    ) -> None:
        modelled = service.shape_for(shape).metadata
        legal = re.compile(modelled["pattern"], re.ASCII)
        lengths = [modelled["min"] - 1, modelled["min"], 64, 65]
        assert [bool(pattern.fullmatch("a" * length)) for length in lengths] == [False, True, True, False]
        assert modelled["max"] in longest
        signs = [chr(code) for code in range(256)]
        assert [s for s in signs if pattern.fullmatch(s * 2)] == [s for s in signs if legal.fullmatch(s * 2)]


EVERYTHING = {"Policy": POLICY, "PolicyArns": [READ_ONLY], "DurationSeconds": 900}
EVERYTHING_CHAINED = EVERYTHING | {
    "Tags": [TAG],
    "TransitiveTagKeys": ["team"],
    "SourceIdentity": "alice",
    "ExternalId": "external",
}


class TestAnswer:
    """The answer to a login with everything, against botocore's model of it."""

    def test_has_every_member_of_the_model_and_no_other(self, stage: Stage, operation: Any) -> None:
        form = flat(stage.with_everything({"team": "blue"}, **EVERYTHING) | {"MinimumSessionTokenSize": 2000})
        result = ET.fromstring(stage.sts.handle(urlencode(form))[2]).find(f"{STS}AssumeRoleWithSAMLResult")  # noqa: S314
        assert result is not None
        written, modelled = list(written_paths(result)), set(paths(operation.output_shape))
        assert {path for path in modelled - set(written) if not path.startswith(TestServiceModel.NOT_SENT)} == set()
        assert set(written) - modelled <= TestServiceModel.NEWER_OUTPUT
        assert len(set(written)) == len(written)

    def test_reaches_the_caller_with_every_member_of_the_model(
        self, stage: Stage, unchecked_client: Any, operation: Any
    ) -> None:
        answer = unchecked_client.assume_role_with_saml(**stage.with_everything({"team": "blue"}, **EVERYTHING))
        modelled = set(operation.output_shape.members) - {TestServiceModel.NOT_SENT}
        assert set(answer) - {"ResponseMetadata"} == modelled

    def test_has_the_types_and_lengths_of_the_model(self, stage: Stage, unchecked_client: Any, operation: Any) -> None:
        answer = unchecked_client.assume_role_with_saml(**stage.with_everything({"team": "blue"}, **EVERYTHING))
        del answer["ResponseMetadata"]
        assert ParamValidator().validate(answer, operation.output_shape).generate_report() == ""


def who_asks(stage: Stage) -> Signed:
    return stage.asking_who()


# Calls that a session of ours makes and that are answered.
SIGNED_ANSWERS: dict[str, Callable[[Stage], Signed]] = {
    "AssumeRole": chaining(**EVERYTHING_CHAINED),
    "GetCallerIdentity": who_asks,
}


@pytest.mark.parametrize(("name", "cause"), SIGNED_ANSWERS.items(), ids=SIGNED_ANSWERS)
class TestAnswerToASession:
    """The same of a session's own calls."""

    def test_has_every_member_of_the_model_and_no_other(
        self, stage: Stage, service: Any, name: str, cause: Callable[[Stage], Signed]
    ) -> None:
        signed = cause(stage)
        active = active_mock.current
        assert active is not None
        response = active.respond(Request(signed.form, "us-east-1", signature=signature_of(stage.sts.sessions[-1])))
        assert isinstance(response, Response)
        body = response.body
        result = ET.fromstring(body).find(f"{STS}{name}Result")  # noqa: S314
        assert result is not None
        written, modelled = list(written_paths(result)), set(paths(service.operation_model(name).output_shape))
        assert modelled - set(written) == set()
        assert set(written) - modelled <= TestServiceModel.NEWER_OUTPUT
        assert len(set(written)) == len(written)

    def test_reaches_the_caller_with_every_member_of_the_model(
        self, stage: Stage, service: Any, name: str, cause: Callable[[Stage], Signed]
    ) -> None:
        modelled = set(service.operation_model(name).output_shape.members)
        assert set(cause(stage).send()) - {"ResponseMetadata"} == modelled

    def test_has_the_types_and_lengths_of_the_model(
        self, stage: Stage, service: Any, name: str, cause: Callable[[Stage], Signed]
    ) -> None:
        answer = cause(stage).send()
        del answer["ResponseMetadata"]
        shape = service.operation_model(name).output_shape
        assert ParamValidator().validate(answer, shape).generate_report() == ""


def test_every_operation_of_a_session_is_answered_or_refused_in_a_test() -> None:
    refused = {"GetFederationToken", "GetSessionToken"}
    assert set(OPERATIONS) == {"AssumeRoleWithSAML"} | set(SIGNED_ANSWERS) | refused


class TestIAMError:
    ERROR = IAMError("NoSuchEntity", 404, "The role cannot be found.", "no role")

    def test_is_a_value_error(self) -> None:
        assert issubclass(IAMError, ValueError)

    def test_is_written_as_code_message_and_hint(self) -> None:
        assert str(self.ERROR) == "NoSuchEntity: The role cannot be found. (no role)"

    def test_survives_pickling(self) -> None:
        copy = pickle.loads(pickle.dumps(self.ERROR))  # noqa: S301 - our own
        assert vars(copy) == {
            "code": "NoSuchEntity",
            "status": 404,
            "message": "The role cannot be found.",
            "hint": "no role",
        }
