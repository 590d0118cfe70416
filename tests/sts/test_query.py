import datetime as dt
import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import botocore.parsers
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pytest_stssaml import STSBackend
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.errors import Rejected
from pytest_stssaml.sts.iam import Arn
from pytest_stssaml.sts.login import Request
from pytest_stssaml.sts.query import read_request, write_error, write_response
from pytest_stssaml.sts.session import Session

ROLE = "arn:aws:iam::123456789012:role/Developer"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
FORM = {"RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": "PHhtbC8+"}
ARN_PATTERN = (
    r"Member must satisfy regular expression pattern: "
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
)

#: Ids of the answer and of the back end.
OUTER, INNER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def refused(**parameters: Any) -> tuple[str, int, str | None]:
    """What a form is refused with; a parameter of None is left out."""
    form = {name: value for name, value in (FORM | parameters).items() if value is not None}
    with pytest.raises(Rejected) as caught:
        read_request(form, "us-east-1")
    return caught.value.error.code, caught.value.error.status, caught.value.message()


def one_fault(fault: str) -> tuple[str, int, str]:
    return "ValidationError", 400, f"1 validation error detected: {fault}"


def arn_of(length: int) -> str:
    return ROLE.ljust(length, "x")[:length]


class TestReadRequest:
    def test_gives_the_parameters_and_the_arns_taken_apart(self) -> None:
        assert read_request(FORM | {"DurationSeconds": "900"}, "eu-west-1") == Request(
            region="eu-west-1",
            role_arn=ROLE,
            principal_arn=PROVIDER,
            role=Arn("aws", "iam", "", "123456789012", "role/Developer"),
            principal=Arn("aws", "iam", "", "123456789012", "saml-provider/ExampleIdP"),
            saml_assertion="PHhtbC8+",
            duration_seconds=900,
        )

    def test_without_a_duration_asks_for_an_hour(self) -> None:
        assert read_request(FORM, "us-east-1").duration_seconds == 3600

    def test_ignores_parameters_that_aws_does_not_know(self) -> None:
        unknown = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "Nonsense": "\0", "rolearn": ""}
        assert read_request(FORM | unknown, "us-east-1") == read_request(FORM, "us-east-1")

    @pytest.mark.parametrize(
        "parameters",
        [
            pytest.param({"RoleArn": arn_of(2048)}, id="RoleArn of 2048"),
            pytest.param({"RoleArn": "arn:a:iam:::role/aaa"}, id="RoleArn of 20"),
            pytest.param({"PrincipalArn": "arn:a:b:::aaaaaaaaaa"}, id="PrincipalArn of 20"),
            pytest.param({"PrincipalArn": arn_of(2048)}, id="PrincipalArn of 2048"),
            pytest.param({"PrincipalArn": PROVIDER + "\t\n\r ~\x85\xa0\ud7ff\ue000\ufffd"}, id="edges of the pattern"),
            pytest.param({"SAMLAssertion": "a" * 4}, id="SAMLAssertion of 4"),
            pytest.param({"SAMLAssertion": "a" * 100_000}, id="SAMLAssertion of 100000"),
            pytest.param({"SAMLAssertion": "\0\0\0\0"}, id="SAMLAssertion without a pattern"),
            pytest.param({"Policy": "a"}, id="Policy of 1"),
            pytest.param({"Policy": "a" * 2048}, id="Policy of 2048"),
            pytest.param({"Policy": "\t\n\r \xff"}, id="edges of Policy's pattern"),
        ],
    )
    def test_takes_what_is_just_within_the_schema(self, parameters: dict[str, str]) -> None:
        form = FORM | parameters
        request = read_request(form, "us-east-1")
        assert (request.role_arn, request.principal_arn, request.saml_assertion) == (
            form["RoleArn"],
            form["PrincipalArn"],
            form["SAMLAssertion"],
        )

    @pytest.mark.parametrize(
        ("value", "duration"),
        [
            ("900", 900),
            ("43200", 43200),
            ("+900", 900),
            ("0900", 900),
            ("00000000000000000900", 900),
            (900, 900),
        ],
        ids=repr,
    )
    def test_takes_a_duration_in_any_decimal_form(self, value: Any, duration: int) -> None:
        assert read_request(FORM | {"DurationSeconds": value}, "us-east-1").duration_seconds == duration


class TestSchema:
    @pytest.mark.parametrize("member", ["RoleArn", "PrincipalArn"])
    def test_an_arn_has_at_least_20_characters(self, member: str) -> None:
        value, name = "arn:a:iam:::role/aa", member[0].lower() + member[1:]
        assert refused(**{member: value}) == one_fault(
            f"Value '{value}' at '{name}' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20"
        )

    @pytest.mark.parametrize("member", ["RoleArn", "PrincipalArn"])
    def test_an_arn_has_at_most_2048_characters(self, member: str) -> None:
        value, name = arn_of(2049), member[0].lower() + member[1:]
        assert refused(**{member: value}) == one_fault(
            f"Value '{value}' at '{name}' failed to satisfy constraint: "
            "Member must have length less than or equal to 2048"
        )

    @pytest.mark.parametrize(
        "character",
        ["\0", "\x08", "\x0b", "\x1f", "\x7f", "\x84", "\x86", "\x9f", "\ufffe", "\U00010000"],
        ids=ascii,
    )
    @pytest.mark.parametrize("member", ["RoleArn", "PrincipalArn"])
    def test_an_arn_has_characters_of_the_pattern_only(self, member: str, character: str) -> None:
        value, name = ROLE + character, member[0].lower() + member[1:]
        assert refused(**{member: value}) == one_fault(
            f"Value '{value}' at '{name}' failed to satisfy constraint: {ARN_PATTERN}"
        )

    @pytest.mark.parametrize(
        ("length", "bound"), [(3, "greater than or equal to 4"), (100_001, "less than or equal to 100000")]
    )
    def test_an_assertion_of_another_length_is_not_printed(self, length: int, bound: str) -> None:
        assert refused(SAMLAssertion="a" * length) == one_fault(
            f"Value at 'sAMLAssertion' failed to satisfy constraint: Member must have length {bound}"
        )

    @pytest.mark.parametrize(
        ("policy", "need"),
        [
            pytest.param("a" * 2049, "Member must have length less than or equal to 2048", id="2049 characters"),
            pytest.param(
                "\u0100",
                r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+",
                id="outside Latin-1",
            ),
        ],
    )
    def test_a_policy_satisfies_its_constraint(self, policy: str, need: str) -> None:
        assert refused(Policy=policy) == one_fault(f"Value '{policy}' at 'policy' failed to satisfy constraint: {need}")

    @pytest.mark.parametrize(
        ("value", "bound"),
        [
            ("899", "greater than or equal to 900"),
            ("0", "greater than or equal to 900"),
            ("-1", "greater than or equal to 900"),
            ("-2147483648", "greater than or equal to 900"),
            ("43201", "less than or equal to 43200"),
            ("2147483647", "less than or equal to 43200"),
        ],
    )
    def test_a_duration_is_within_its_range(self, value: str, bound: str) -> None:
        assert refused(DurationSeconds=value) == one_fault(
            f"Value '{value}' at 'durationSeconds' failed to satisfy constraint: Member must have value {bound}"
        )

    @pytest.mark.parametrize(
        ("member", "name"),
        [("RoleArn", "roleArn"), ("PrincipalArn", "principalArn"), ("SAMLAssertion", "sAMLAssertion")],
    )
    def test_a_required_parameter_is_not_left_out(self, member: str, name: str) -> None:
        assert refused(**{member: None}) == one_fault(
            f"Value null at '{name}' failed to satisfy constraint: Member must not be null"
        )

    def test_all_faults_come_in_one_message(self) -> None:
        refusal = refused(RoleArn=None, PrincipalArn="arn", SAMLAssertion="", Policy="", DurationSeconds="1")
        message = (
            "6 validation errors detected: "
            "Value null at 'roleArn' failed to satisfy constraint: Member must not be null; "
            "Value 'arn' at 'principalArn' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20; "
            "Value at 'sAMLAssertion' failed to satisfy constraint: "
            "Member must have length greater than or equal to 4; "
            "Value '' at 'policy' failed to satisfy constraint: Member must satisfy regular expression pattern: "
            r"[\u0009\u000A\u000D\u0020-\u00FF]+; "
            "Value '' at 'policy' failed to satisfy constraint: Member must have length greater than or equal to 1; "
            "Value '1' at 'durationSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 900"
        )
        assert refusal == ("ValidationError", 400, message)

    def test_two_empty_arns_are_four_faults_as_aws_was_seen_to_list_them(self) -> None:
        length = "Member must have length greater than or equal to 20"
        faults = [
            f"Value '' at '{name}' failed to satisfy constraint: {need}"
            for name, need in itertools.product(["roleArn", "principalArn"], [ARN_PATTERN, length])
        ]
        assert refused(RoleArn="", PrincipalArn="") == (
            "ValidationError",
            400,
            "4 validation errors detected: " + "; ".join(faults),
        )

    def test_schema_faults_come_before_those_of_the_arns(self) -> None:
        fault = "Value '1' at 'durationSeconds' failed to satisfy constraint: "
        assert refused(RoleArn="nothing-valid-in-here", DurationSeconds="1") == one_fault(
            fault + "Member must have value greater than or equal to 900"
        )


def test_octets_are_read_as_they_are_sent() -> None:
    octets = {name: str(value).encode() for name, value in FORM.items()}
    assert read_request(octets, "us-east-1") == read_request(FORM, "us-east-1")


class TestMalformedInput:
    @pytest.mark.parametrize(
        "value",
        [
            "abc",
            "1.5",
            "900.0",
            "9e2",
            " 900",
            "900\n",
            "0x384",
            "9_00",
            "--900",
            "+",
            "\u0669\u0660\u0660",
            "2147483648",
            "-2147483649",
            "9" * 5000,
            "True",
        ],
        ids=lambda value: ascii(value)[:20],
    )
    def test_a_duration_that_is_no_number_of_32_bits_has_no_message(self, value: str) -> None:
        assert refused(DurationSeconds=value) == ("MalformedInput", 400, None)

    def test_an_empty_duration_misses_its_value(self) -> None:
        assert refused(DurationSeconds="") == ("MalformedInput", 400, "missing value for decimal type")

    def test_a_malformed_number_comes_before_the_schema(self) -> None:
        assert refused(DurationSeconds="abc", RoleArn="") == ("MalformedInput", 400, None)


class TestArns:
    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("nothing-valid-in-here", id="no ARN"),
            pytest.param("arn::b:::something/test-role", id="no partition"),
            pytest.param("arn:aws::::role/Developer", id="no service"),
            pytest.param("arn:aws:iam::123456789012:", id="no resource"),
            pytest.param("arn:aws:iam::123456789012", id="five fields"),
            pytest.param("ARN:aws:iam::123456789012:role/Developer", id="prefix in capitals"),
            pytest.param("arn:::::::::::::::::::", id="colons alone"),
        ],
    )
    @pytest.mark.parametrize("member", ["RoleArn", "PrincipalArn"])
    def test_a_parameter_that_is_no_arn_is_invalid(self, member: str, value: str) -> None:
        assert refused(**{member: value}) == ("ValidationError", 400, f"{value} is invalid")

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(PROVIDER, id="of a provider"),
            pytest.param("arn:aws:iam::123456789012:user/alice", id="of a user"),
            pytest.param("arn:aws:iam::123456789012:roles/Developer", id="of something that begins so"),
            pytest.param("arn:aws:iam::123456789012:Role/Developer", id="in capitals"),
            pytest.param("arn:aws:sts::123456789012:assumed-role/Developer/alice", id="of a session"),
            pytest.param("arn:aws:s3:::role/Developer", id="of another service"),
        ],
    )
    def test_a_role_arn_is_of_a_role(self, value: str) -> None:
        assert refused(RoleArn=value) == ("ValidationError", 400, "Request ARN is invalid")

    def test_provider_and_role_swapped_are_an_invalid_arn(self) -> None:
        assert refused(RoleArn=PROVIDER, PrincipalArn=ROLE) == ("ValidationError", 400, "Request ARN is invalid")

    def test_the_role_is_looked_at_before_the_provider(self) -> None:
        assert refused(RoleArn="a-role-of-20-letters", PrincipalArn="provider-of-20-letters") == (
            "ValidationError",
            400,
            "a-role-of-20-letters is invalid",
        )

    def test_a_value_with_a_dollar_sign_is_printed_as_it_is(self) -> None:
        assert refused(RoleArn="$value ${value} $$ and more") == (
            "ValidationError",
            400,
            "$value ${value} $$ and more is invalid",
        )


class TestWriteError:
    def test_is_what_aws_writes_octet_for_octet(self) -> None:
        assert write_error(Rejected(errors.BAD_SIGNATURE, "a reason of ours"), OUTER, INNER) == (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n'
            "  <Error>\n"
            "    <Type>Sender</Type>\n"
            "    <Code>InvalidIdentityToken</Code>\n"
            "    <Message>Response signature invalid</Message>\n"
            "  </Error>\n"
            f"  <RequestId>{OUTER}</RequestId>\n"
            "</ErrorResponse>\n"
        )

    def test_without_a_message_has_no_such_element(self) -> None:
        assert write_error(Rejected(errors.DURATION_NOT_A_NUMBER, ""), OUTER, INNER) == (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n'
            "  <Error>\n"
            "    <Type>Sender</Type>\n"
            "    <Code>MalformedInput</Code>\n"
            "  </Error>\n"
            f"  <RequestId>{OUTER}</RequestId>\n"
            "</ErrorResponse>\n"
        )

    def test_a_back_ends_message_has_the_request_id_of_the_back_end(self) -> None:
        body = write_error(Rejected(errors.UNKNOWN_PROVIDER, ""), OUTER, INNER)
        assert (
            "<Message>Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; "
            f"Error Code: AuthSamlManifestNotFoundException; Request ID: {INNER}; Proxy: null)</Message>"
        ) in body


# What a caller's value becomes on its way through XML and botocore's parser.
SURVIVORS = [
    pytest.param("a<b>&amp;'\"]]>", "a<b>&amp;'\"]]>", id="markup"),
    pytest.param("ä ﬁ 中 \U0001f600", "ä ﬁ 中 \U0001f600", id="beyond ASCII"),
    pytest.param("a\tb\nc", "a\tb\nc", id="tab and newline"),
    pytest.param("a\rb\r\nc", "a\rb\r\nc", id="carriage return"),
    pytest.param("a\0b\x0bc\x1fd", "a\ufffdb\ufffdc\ufffdd", id="control characters"),
    pytest.param("a\ufffe\uffffb", "a\ufffd\ufffdb", id="no characters"),
    pytest.param("a\ud800b", "a\ufffdb", id="half a surrogate pair"),
]


@pytest.fixture(scope="module")
def parse() -> Callable[[int, str], Any]:
    """botocore's own parser of this operation."""
    model = botocore.session.get_session().get_service_model("sts")
    shape = model.operation_model("AssumeRoleWithSAML").output_shape
    parser = botocore.parsers.create_parser("query")
    return lambda status, body: parser.parse({"status_code": status, "headers": {}, "body": body.encode()}, shape)


@pytest.mark.parametrize(("value", "survivor"), SURVIVORS)
def test_a_value_in_an_error_survives_the_way_to_the_caller(
    parse: Callable[[int, str], Any], value: str, survivor: str
) -> None:
    answer = parse(400, write_error(Rejected(errors.NOT_AN_ARN, "", value=value), OUTER, INNER))
    assert answer["Error"]["Message"] == f"{survivor} is invalid"


SESSION = Session(
    access_key_id="ASIAABCDEFGHIJKLMNOP",
    secret_access_key="secret/+",
    session_token="token==",
    expiration=dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
    assumed_role_id="AROAABCDEFGHIJKLMNOPQ:alice",
    arn="arn:aws:sts::123456789012:assumed-role/Developer/alice",
    audience="https://signin.aws.amazon.com/saml",
    issuer="https://idp.example.com/saml",
    subject="alice@example.com",
    subject_type="persistent",
    name_qualifier="gVMfPykcwyJvL8k2pmXetypU/dY=",
)


class TestWriteResponse:
    def test_botocore_reads_every_field(self, parse: Callable[[int, str], Any]) -> None:
        assert parse(200, write_response(SESSION, OUTER)) == {
            "Audience": "https://signin.aws.amazon.com/saml",
            "AssumedRoleUser": {
                "AssumedRoleId": "AROAABCDEFGHIJKLMNOPQ:alice",
                "Arn": "arn:aws:sts::123456789012:assumed-role/Developer/alice",
            },
            "Credentials": {
                "AccessKeyId": "ASIAABCDEFGHIJKLMNOP",
                "SecretAccessKey": "secret/+",
                "SessionToken": "token==",
                "Expiration": dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
            },
            "Subject": "alice@example.com",
            "NameQualifier": "gVMfPykcwyJvL8k2pmXetypU/dY=",
            "SubjectType": "persistent",
            "Issuer": "https://idp.example.com/saml",
            "ResponseMetadata": {"RequestId": OUTER, "HTTPStatusCode": 200, "HTTPHeaders": {}},
        }

    def test_elements_stand_in_the_order_of_a_real_answer(self) -> None:
        assert re.findall(r"<(\w+)", write_response(SESSION, OUTER)) == [
            "AssumeRoleWithSAMLResponse",
            "AssumeRoleWithSAMLResult",
            "Audience",
            "AssumedRoleUser",
            "AssumedRoleId",
            "Arn",
            "Credentials",
            "AccessKeyId",
            "SecretAccessKey",
            "SessionToken",
            "Expiration",
            "Subject",
            "NameQualifier",
            "SubjectType",
            "Issuer",
            "ResponseMetadata",
            "RequestId",
        ]

    def test_is_in_the_namespace_of_the_apis_version(self) -> None:
        first_line, _ = write_response(SESSION, OUTER).split("\n", 1)
        assert first_line == '<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'

    def test_the_expiration_is_written_to_the_second_in_utc(self) -> None:
        assert "<Expiration>2030-01-02T03:04:05Z</Expiration>" in write_response(SESSION, OUTER)

    @pytest.mark.parametrize(("value", "survivor"), SURVIVORS)
    def test_a_value_survives_the_way_to_the_caller(
        self, parse: Callable[[int, str], Any], value: str, survivor: str
    ) -> None:
        session = replace(SESSION, arn=value, audience=value, issuer=value, subject=value, subject_type=value)
        answer = parse(200, write_response(session, OUTER))
        texts = [answer["AssumedRoleUser"]["Arn"], *(answer[k] for k in ("Audience", "Issuer", "Subject"))]
        assert [*texts, answer["SubjectType"]] == [survivor] * 5


@pytest.fixture(scope="module")
def unchecked_client(no_aws_environment: None) -> Any:
    """A client that sends what AWS would refuse."""
    return boto3.Session().client("sts", region_name="us-east-1", config=Config(parameter_validation=False))


class TestThroughBoto3:
    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            pytest.param(
                {"RoleArn": "short"},
                "1 validation error detected: Value 'short' at 'roleArn' failed to satisfy constraint: "
                "Member must have length greater than or equal to 20",
                id="schema",
            ),
            pytest.param({"RoleArn": "nothing-valid-in-here"}, "nothing-valid-in-here is invalid", id="no ARN"),
            pytest.param({"RoleArn": PROVIDER}, "Request ARN is invalid", id="no role"),
            pytest.param({"RoleArn": "<&>-nothing-valid-in-here"}, "<&>-nothing-valid-in-here is invalid", id="markup"),
            pytest.param(
                {"DurationSeconds": 899},
                "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
                "Member must have value greater than or equal to 900",
                id="duration",
            ),
        ],
    )
    def test_a_validation_error_reaches_the_caller(
        self, sts: STSBackend, unchecked_client: Any, parameters: dict[str, Any], expected: str
    ) -> None:
        with pytest.raises(ClientError) as caught:
            unchecked_client.assume_role_with_saml(**FORM | parameters)
        error = caught.value.response
        assert (error["Error"], error["ResponseMetadata"]["HTTPStatusCode"]) == (
            {"Type": "Sender", "Code": "ValidationError", "Message": expected},
            400,
        )

    def test_a_missing_parameter_reaches_the_caller_as_null(self, sts: STSBackend, unchecked_client: Any) -> None:
        with pytest.raises(ClientError, match=re.escape("Value null at 'roleArn'")):
            unchecked_client.assume_role_with_saml(PrincipalArn=PROVIDER, SAMLAssertion="PHhtbC8+")

    def test_an_error_without_a_message_reaches_the_caller_without_one(
        self, sts: STSBackend, unchecked_client: Any
    ) -> None:
        with pytest.raises(ClientError) as caught:
            unchecked_client.assume_role_with_saml(**FORM, DurationSeconds="abc")
        assert caught.value.response["Error"] == {"Type": "Sender", "Code": "MalformedInput"}
