import base64
import datetime as dt
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pytest_stssaml import IAMError, IdentityProvider, STSBackend, make_signing_key
from pytest_stssaml.saml.faults import Fault
from pytest_stssaml.saml.vocabulary import STATUS_RESPONDER
from pytest_stssaml.sts import errors, limits, query
from pytest_stssaml.sts.errors import CATALOGUE, UNREADABLE, ErrorRow, Rejected, Text
from pytest_stssaml.sts.operation import assume_role_with_saml

DECRYPTION_KEY = make_signing_key()
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def back_end(message: str, exception: str) -> str:
    """The pattern of a message into which a back end printed its exception."""
    return re.escape(message) + (
        r" \(Service: AWSOpenIdDiscoveryService; Status Code: 400; "
        rf"Error Code: {exception}; Request ID: {UUID}; Proxy: null\)"
    )


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


@dataclass
class Case:
    """How a row is reached, and what the caller then reads."""

    cause: Callable[[Stage], dict[str, Any]]
    code: str
    status: int
    message: str  # a pattern


def saying(**said: Any) -> Callable[[Stage], dict[str, Any]]:
    return lambda stage: stage.form(said=said)


def asking(**parameters: Any) -> Callable[[Stage], dict[str, Any]]:
    return lambda stage: stage.form(**parameters)


def sending(response: str) -> Callable[[Stage], dict[str, Any]]:
    return lambda stage: stage.form(response=response)


TOKEN, EXPIRED, VALIDATION = "InvalidIdentityToken", "ExpiredTokenException", "ValidationError"

# In the order of the catalogue.
CASES: dict[str, Case] = {
    "VALIDATION": Case(
        asking(DurationSeconds=899),
        VALIDATION,
        400,
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 900",
    ),
    "DURATION_MISSING_VALUE": Case(asking(DurationSeconds=""), "MalformedInput", 400, "missing value for decimal type"),
    "DURATION_NOT_A_NUMBER": Case(asking(DurationSeconds="1.5"), "MalformedInput", 400, "None"),
    "NOT_AN_ARN": Case(asking(RoleArn="nothing-valid-in-here"), VALIDATION, 400, "nothing-valid-in-here is invalid"),
    "NOT_A_ROLE_ARN": Case(
        asking(RoleArn="arn:aws:iam::123456789012:saml-provider/ExampleIdP"),
        VALIDATION,
        400,
        "Request ARN is invalid",
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
    "NOT_A_RESPONSE": Case(
        sending(base64.b64encode(b"<a/>").decode()), TOKEN, 400, r"SAMLResponse is not a SAML 2\.0 response"
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
        saying(recipient="https://sp.example.com/saml"), TOKEN, 400, "Recipient is not an AWS sign-in endpoint"
    ),
    "AUDIENCE": Case(saying(audience="urn:other"), TOKEN, 400, r"Response does not contain the required audience\."),
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
}


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
    def test_every_row_is_reached_by_its_cause(self, stage: Stage) -> None:
        reached = []
        for case in CASES.values():
            form = case.cause(stage)
            with pytest.raises(Rejected) as caught:
                assume_role_with_saml(
                    query.read_request(form, "us-east-1"), stage.sts._iam, stage.sts.clock.now(), lambda *_: bytes(32)
                )
            reached.append(caught.value.error)
            stage.sts.enable_region("us-east-1")
        assert (tuple(reached), [getattr(errors, name) for name in CASES]) == (CATALOGUE, reached)

    @pytest.mark.parametrize("case", CASES.values(), ids=CASES)
    def test_the_caller_reads_code_status_and_message_of_its_row(
        self, stage: Stage, refused: Callable[..., Any], case: Case
    ) -> None:
        answer = refused(case.cause(stage))
        assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (case.code, case.status)
        assert re.fullmatch(case.message, str(answer["Error"].get("Message")))

    def test_a_row_says_how_much_is_known_of_its_text(self) -> None:
        known = {text: {name for name in CASES if getattr(errors, name).text is text} for text in Text}
        assert known == {
            Text.DOCUMENTED: {"AUDIENCE", "ACCESS_DENIED"},
            Text.OURS: {
                "NOT_A_RESPONSE",
                "REFUSED_BY_IDP",
                "NOT_ONE_ASSERTION",
                "NOT_ENCRYPTED",
                "NOT_DECRYPTED",
                "MALFORMED_ASSERTION",
                "RECIPIENT",
                "NOT_YET_VALID",
            },
            Text.OBSERVED: set(CASES) - known[Text.DOCUMENTED] - known[Text.OURS],
        }

    def test_no_two_rows_read_the_same(self) -> None:
        assert len({(row.code, row.message) for row in CATALOGUE}) == len(CATALOGUE)

    def test_every_fault_of_a_response_has_a_row_of_its_own(self) -> None:
        assert list(UNREADABLE) == list(Fault)
        assert len(set(UNREADABLE.values())) == len(Fault)


class TestBackEndMessage:
    @pytest.mark.parametrize("name", ["NOT_BASE64", "UNKNOWN_PROVIDER", "FOREIGN_ISSUER"])
    def test_has_another_request_id_than_the_answer(self, stage: Stage, refused: Callable[..., Any], name: str) -> None:
        answer = refused(CASES[name].cause(stage))
        inner = re.findall(UUID, answer["Error"]["Message"])
        assert re.fullmatch(UUID, answer["ResponseMetadata"]["RequestId"])
        assert inner != [answer["ResponseMetadata"]["RequestId"]]

    def test_has_a_new_request_id_each_time(self, stage: Stage, refused: Callable[..., Any]) -> None:
        form = CASES["UNKNOWN_PROVIDER"].cause(stage)
        ids = {re.findall(UUID, refused(form)["Error"]["Message"])[0] for _ in range(5)}
        assert len(ids) == 5


@pytest.mark.parametrize(
    ("name", "exception"),
    [
        ("BAD_SIGNATURE", "InvalidIdentityTokenException"),
        ("EXPIRED", "ExpiredTokenException"),
        ("REFUSED_BY_IDP", "IDPRejectedClaimException"),
        ("REGION_DISABLED", "RegionDisabledException"),
    ],
)
def test_a_modelled_error_is_the_clients_own_exception(
    stage: Stage, unchecked_client: Any, name: str, exception: str
) -> None:
    with pytest.raises(getattr(unchecked_client.exceptions, exception)):
        unchecked_client.assume_role_with_saml(**CASES[name].cause(stage))


@pytest.fixture(scope="module")
def operation() -> Any:
    """AssumeRoleWithSAML as the installed botocore knows it."""
    return botocore.session.get_session().get_service_model("sts").operation_model("AssumeRoleWithSAML")


class TestServiceModel:
    """The tables against botocore's model; older ones lack members, a newer one with more must be looked at."""

    # What AWS has and the tables do not, yet.
    CODES_TO_COME = frozenset({"MalformedPolicyDocument", "PackedPolicyTooLarge"})
    PARAMETERS_TO_COME = frozenset({"PolicyArns", "MinimumSessionTokenSize"})

    def test_statuses_are_the_models(self, operation: Any) -> None:
        modelled = {shape.error_code: shape.metadata["error"]["httpStatusCode"] for shape in operation.error_shapes}
        ours = {row.code: row.status for row in CATALOGUE if row.code in modelled}
        assert ours == {code: modelled[code] for code in ours}

    def test_every_modelled_code_is_in_the_catalogue(self, operation: Any) -> None:
        modelled = {shape.error_code for shape in operation.error_shapes}
        assert modelled - {row.code for row in CATALOGUE} <= self.CODES_TO_COME

    def test_every_parameter_of_the_model_has_a_constraint(self, operation: Any) -> None:
        assert set(operation.input_shape.members) - set(limits.CONSTRAINTS) <= self.PARAMETERS_TO_COME

    @pytest.mark.parametrize("name", limits.CONSTRAINTS)
    def test_constraints_are_the_models(self, operation: Any, name: str) -> None:
        shape, ours = operation.input_shape.members[name], limits.CONSTRAINTS[name]
        known = {"min": ours.minimum, "max": ours.maximum, "pattern": ours.pattern, "sensitive": ours.sensitive}
        modelled = {word: shape.metadata[word] for word in known if word in shape.metadata}
        assert modelled == {word: known[word] for word in modelled}

    @pytest.mark.parametrize("name", limits.CONSTRAINTS)
    def test_what_is_required_and_what_is_a_number_is_the_models(self, operation: Any, name: str) -> None:
        shape, ours = operation.input_shape, limits.CONSTRAINTS[name]
        assert (ours.required, ours.number) == (
            name in shape.required_members,
            shape.members[name].type_name == "integer",
        )

    def test_the_api_version_is_the_models(self, operation: Any) -> None:
        assert operation.service_model.api_version == limits.API_VERSION


class TestRejected:
    ROW = ErrorRow("Code", 400, "$one and $two", Text.OURS)

    def test_fills_the_fields_of_its_message(self) -> None:
        assert Rejected(self.ROW, "", one=1).message(two=2) == "1 and 2"

    def test_of_a_row_without_a_message_has_none(self) -> None:
        assert Rejected(errors.DURATION_NOT_A_NUMBER, "", one=1).message(two=2) is None

    def test_says_its_reason_to_whom_it_escapes(self) -> None:
        assert Rejected(self.ROW, "because").args == (self.ROW, "because")


class TestIAMError:
    ERROR = IAMError("NoSuchEntity", 404, "The role cannot be found.", "no role")

    def test_is_a_value_error(self) -> None:
        assert issubclass(IAMError, ValueError)

    def test_reads_code_message_and_hint(self) -> None:
        assert str(self.ERROR) == "NoSuchEntity: The role cannot be found. (no role)"

    def test_survives_pickling(self) -> None:
        copy = pickle.loads(pickle.dumps(self.ERROR))  # noqa: S301 - our own
        assert vars(copy) == {
            "code": "NoSuchEntity",
            "status": 404,
            "message": "The role cannot be found.",
            "hint": "no role",
        }
