import datetime as dt
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import boto3
import botocore.parsers
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from wire import signed

from pytest_stssaml import (
    IdentityProvider,
    Role,
    Session,
    STSBackend,
    mock_sts_saml,
)
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import Partition

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
NOON = "2030-01-01T12:00:00Z"
OPERATION = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"}
GLOBAL_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
LONGEST = 10_000_000
IDS = ["x-amzn-RequestId", "x-amz-sts-extended-request-id"]


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Role:
    return sts.create_role("Developer")


@pytest.fixture
def form(idp: IdentityProvider, role: Role) -> dict[str, str]:
    """The parameters of a good login."""
    return OPERATION | {
        "RoleArn": role.arn,
        "PrincipalArn": idp.provider.arn,
        "SAMLAssertion": idp.response(role),
    }


def element(body: str, name: str) -> str | None:
    """Return the text of the first element with a name, or None."""
    found = re.search(f"<{name}>(.*?)</{name}>", body, re.DOTALL)
    return found and found[1]


def refusal(answer: tuple[int, dict[str, str], str]) -> tuple[int, str | None, str | None]:
    """Return status, code and message."""
    status, _, body = answer
    return status, element(body, "Code"), element(body, "Message")


def outcome(answer: tuple[int, dict[str, str], str]) -> str:
    """Return the user who has logged in, or the code of the error."""
    return str(element(answer[2], "Code") or element(answer[2], "Subject"))


ROLE_ARN_IS_NULL = (
    "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null"
)
LOGGED_IN = "alice@example.com"


class TestForm:
    def test_may_be_a_body_as_a_string(self, sts: STSBackend, form: dict[str, str]) -> None:
        assert outcome(sts.handle(urlencode(form))) == LOGGED_IN

    def test_may_be_a_body_as_bytes(self, sts: STSBackend, form: dict[str, str]) -> None:
        assert outcome(sts.handle(urlencode(form).encode())) == LOGGED_IN

    def test_may_be_a_query_string_with_its_parameters_in_any_order(
        self, sts: STSBackend, form: dict[str, str]
    ) -> None:
        assert outcome(sts.handle("&".join(reversed(urlencode(form).split("&"))))) == LOGGED_IN

    def test_may_escape_everything(self, sts: STSBackend, form: dict[str, str]) -> None:
        escaped = {name: "".join(f"%{octet:02x}" for octet in value.encode()) for name, value in form.items()}
        assert outcome(sts.handle("&".join(f"{name}={value}" for name, value in escaped.items()))) == LOGGED_IN

    @pytest.mark.parametrize(
        "more",
        [
            pytest.param({"Nonsense": "\0"}, id="unknown to AWS"),
            pytest.param({"rolearn": "x"}, id="of another case"),
            pytest.param({"": "x"}, id="without a name"),
            pytest.param({"RoleSessionName": "bob"}, id="of another operation"),
            pytest.param({"PolicyArns": ""}, id="empty list"),
            pytest.param(
                {
                    "AWSAccessKeyId": "AKIAIOSFODNN7EXAMPLE",
                    "SignatureMethod": "HmacSHA256",
                    "SignatureVersion": "2",
                    "Signature": "wrong",
                    "Timestamp": "2011-02-03T04:05:06Z",
                },
                id="signature of version 2",
            ),
            pytest.param(
                {
                    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                    "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20110203/us-east-1/sts/aws4_request",
                    "X-Amz-Signature": "wrong",
                    "X-Amz-Security-Token": "expired",
                },
                id="signature of version 4",
            ),
        ],
    )
    def test_may_contain_other_parameters(self, sts: STSBackend, form: dict[str, str], more: dict[str, str]) -> None:
        assert outcome(sts.handle(urlencode(more | form))) == LOGGED_IN

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("RoleArn", "short", "ValidationError"),
            ("SAMLAssertion", "!!!!", "InvalidIdentityToken"),
            ("DurationSeconds", "abc", "MalformedInput"),
            ("Action", "Nonsense", "InvalidAction"),
            ("Version", "2010-05-08", "InvalidAction"),
        ],
    )
    def test_with_a_repeated_parameter_means_its_first_value(
        self, sts: STSBackend, form: dict[str, str], name: str, value: str, code: str
    ) -> None:
        said, again = urlencode({"DurationSeconds": "900"} | form), urlencode({name: value})
        assert (outcome(sts.handle(f"{said}&{again}")), outcome(sts.handle(f"{again}&{said}"))) == (LOGGED_IN, code)

    @pytest.mark.parametrize("form", [None, 1, {}, [], bytearray(b"Action=x"), memoryview(b"Action=x")], ids=repr)
    def test_of_another_type_is_a_type_error(self, sts: STSBackend, form: Any) -> None:
        message = f"form must be a urlencoded body or a query string, not {form!r}; urllib.parse.urlencode makes one"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.handle(form)


class TestRefusal:
    def test_of_sts_is_the_same_as_that_of_aws_byte_for_byte(self, sts: STSBackend, form: dict[str, str]) -> None:
        _, headers, body = sts.handle(urlencode(form | {"DurationSeconds": "899"}))
        assert body == (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n'
            "  <Error>\n"
            "    <Type>Sender</Type>\n"
            "    <Code>ValidationError</Code>\n"
            "    <Message>1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 900</Message>\n"
            "  </Error>\n"
            f"  <RequestId>{headers['x-amzn-RequestId']}</RequestId>\n"
            "</ErrorResponse>\n"
        )

    def test_of_an_unknown_operation_is_the_same_as_that_of_aws_byte_for_byte(self, sts: STSBackend) -> None:
        _, headers, body = sts.handle("Action=Nonsense&Version=2011-06-15")
        assert body == (
            '<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">\n'
            "  <Error>\n"
            "    <Type>Sender</Type>\n"
            "    <Code>InvalidAction</Code>\n"
            "    <Message>Could not find operation Nonsense for version 2011-06-15</Message>\n"
            "  </Error>\n"
            f"  <RequestId>{headers['x-amzn-RequestId']}</RequestId>\n"
            "</ErrorResponse>\n"
        )

    @pytest.mark.parametrize(
        ("changed", "expected"),
        [
            pytest.param(
                {"Action": "Nonsense"},
                (400, "InvalidAction", "Could not find operation Nonsense for version 2011-06-15"),
                id="unknown action",
            ),
            pytest.param(
                {"Action": ""},
                (400, "InvalidAction", "Could not find operation  for version 2011-06-15"),
                id="empty action",
            ),
            pytest.param(
                {"Version": "2010-05-08"},
                (400, "InvalidAction", "Could not find operation AssumeRoleWithSAML for version 2010-05-08"),
                id="unknown version",
            ),
            pytest.param(
                {"Version": None},
                (400, "InvalidAction", "Could not find operation AssumeRoleWithSAML for version NO_VERSION_SPECIFIED"),
                id="no version",
            ),
            pytest.param(
                {"Action": "GetAccessKeyInfo"},
                (400, "InvalidAction", "pytest-stssaml does not serve GetAccessKeyInfo"),
                id="another operation of STS",
            ),
            pytest.param({"DurationSeconds": "1.5"}, (400, "MalformedInput", None), id="no number"),
            pytest.param(
                {"DurationSeconds": ""}, (400, "MalformedInput", "missing value for decimal type"), id="empty number"
            ),
            pytest.param({"MinimumSessionTokenSize": "big"}, (400, "MalformedInput", None), id="no size"),
            pytest.param(
                {"RoleArn": None},
                (400, "ValidationError", ROLE_ARN_IS_NULL),
                id="missing parameter",
            ),
            pytest.param(
                {"PolicyArns.member.1.arn": "nothing-valid-in-here"},
                (400, "ValidationError", "nothing-valid-in-here is invalid"),
                id="no ARN",
            ),
            pytest.param(
                {"RoleArn": "arn:aws:iam::123456789012:role/Other"},
                (
                    400,
                    "InvalidIdentityToken",
                    "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
                ),
                id="another role",
            ),
            pytest.param(
                {"Policy": "{"},
                (400, "MalformedPolicyDocument", "The policy is not in the valid JSON format."),
                id="session policy",
            ),
        ],
    )
    def test_has_the_status_code_and_message_of_aws(
        self,
        sts: STSBackend,
        form: dict[str, str],
        changed: dict[str, str | None],
        expected: tuple[int, str, str | None],
    ) -> None:
        sent = {name: value for name, value in (form | changed).items() if value is not None}
        assert refusal(sts.handle(urlencode(sent))) == expected

    def test_of_authorization_is_403(self, sts: STSBackend, role: Role, form: dict[str, str]) -> None:
        sts.delete_role(role)
        assert refusal(sts.handle(urlencode(form))) == (
            403,
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithSAML",
        )

    @pytest.mark.parametrize("form", [b"Action=%FF&Version=\xff", "Action=\ud800&Version=\x00"], ids=ascii)
    def test_can_be_written_for_invalid_characters(self, sts: STSBackend, form: str | bytes) -> None:
        assert refusal(sts.handle(form))[2] == "Could not find operation \ufffd for version \ufffd"


class TestWithoutAction:
    @pytest.mark.parametrize(
        "form", ["", b"", "Version=2011-06-15", "action=AssumeRoleWithSAML", "{}", "<xml/>"], ids=repr
    )
    def test_a_caller_is_redirected_to_the_product_page(self, sts: STSBackend, form: str | bytes) -> None:
        status, headers, body = sts.handle(form)
        assert (status, headers["Location"], body) == (302, "https://aws.amazon.com/iam", "")

    def test_a_caller_with_an_action_is_not_redirected(self, sts: STSBackend, form: dict[str, str]) -> None:
        assert "Location" not in sts.handle(urlencode(form))[1]


class TestLength:
    @pytest.fixture
    def padded(self, form: dict[str, str]) -> Callable[[int], str]:
        """A good login in a body of a given length."""
        return lambda length: f"{urlencode(form)}&Padding=".ljust(length, "x")

    def test_a_body_of_ten_million_bytes_is_read(self, sts: STSBackend, padded: Callable[[int], str]) -> None:
        assert outcome(sts.handle(padded(LONGEST))) == LOGGED_IN

    @pytest.mark.parametrize("as_bytes", [True, False], ids=["bytes", "string"])
    def test_a_longer_body_is_not_read(self, sts: STSBackend, padded: Callable[[int], str], as_bytes: bool) -> None:
        body = padded(LONGEST + 1)
        status, headers, answer = sts.handle(body.encode() if as_bytes else body)
        assert (status, answer, headers["Content-Length"]) == (413, "", "0")

    def test_bytes_are_counted_and_not_characters(self, sts: STSBackend, padded: Callable[[int], str]) -> None:
        assert sts.handle(padded(LONGEST - 1) + "é")[0] == 413


class TestHTTP:
    ANSWERS = pytest.mark.parametrize(
        ("changed", "status"),
        [
            pytest.param({}, 200, id="accepted"),
            pytest.param({"RoleArn": "ä"}, 400, id="refused"),
            pytest.param({"Action": "Nonsense"}, 400, id="unknown operation"),
            pytest.param({"Action": None}, 302, id="no action"),
            pytest.param({"Padding": "x" * LONGEST}, 413, id="too long"),
        ],
    )

    @pytest.fixture
    def answer(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, form: dict[str, str]
    ) -> Callable[[dict[str, str | None]], tuple[int, dict[str, str], str]]:
        """The answer, in 2035, to a good login with some changed parameters. None leaves one out."""

        def handle(changed: dict[str, str | None]) -> tuple[int, dict[str, str], str]:
            sts.move_to("2035-05-05T05:05:05Z")
            sent = {**form, "SAMLAssertion": idp.response(role), **changed}
            return sts.handle(urlencode({name: value for name, value in sent.items() if value is not None}))

        return handle

    @ANSWERS
    def test_an_answer_has_the_status_of_aws(
        self, answer: Callable[..., Any], changed: dict[str, str | None], status: int
    ) -> None:
        assert answer(changed)[0] == status

    @ANSWERS
    def test_an_answer_has_the_headers_of_aws(
        self, answer: Callable[..., Any], changed: dict[str, str | None], status: int
    ) -> None:
        names = {*IDS, "Content-Type", "Content-Length", "Date"}
        assert set(answer(changed)[1]) == (names | {"Location"} if status == 302 else names)

    @ANSWERS
    def test_an_answer_is_xml(self, answer: Callable[..., Any], changed: dict[str, str | None], status: int) -> None:
        assert answer(changed)[1]["Content-Type"] == "text/xml"

    @ANSWERS
    def test_an_answer_gives_the_length_of_its_body_in_bytes(
        self, answer: Callable[..., Any], changed: dict[str, str | None], status: int
    ) -> None:
        _, headers, body = answer(changed)
        assert headers["Content-Length"] == str(len(body.encode()))

    @ANSWERS
    def test_an_answer_has_a_request_id(
        self, answer: Callable[..., Any], changed: dict[str, str | None], status: int
    ) -> None:
        assert re.fullmatch(UUID, answer(changed)[1]["x-amzn-RequestId"])

    @ANSWERS
    def test_an_answer_is_dated_by_the_backends_time(
        self, answer: Callable[..., Any], changed: dict[str, str | None], status: int
    ) -> None:
        age = parsedate_to_datetime(answer(changed)[1]["Date"]) - dt.datetime(2035, 5, 5, 5, 5, 5, tzinfo=dt.UTC)
        assert dt.timedelta(0) <= age < dt.timedelta(minutes=1)

    @ANSWERS
    def test_an_answer_has_an_extended_request_id(
        self, answer: Callable[..., Any], changed: dict[str, str | None], status: int
    ) -> None:
        assert re.fullmatch("[A-Za-z0-9+/]{48}", answer(changed)[1]["x-amz-sts-extended-request-id"])

    @pytest.mark.parametrize("name", IDS)
    def test_no_two_answers_have_the_same_request_id(self, sts: STSBackend, form: dict[str, str], name: str) -> None:
        sent = [urlencode(form), urlencode(form), "Action=x", "Action=x", "", ""]
        assert len({sts.handle(body)[1][name] for body in sent}) == len(sent)


@pytest.mark.parametrize(
    ("changed", "minutes"),
    [
        pytest.param({}, 0, id="accepted"),
        pytest.param({"DurationSeconds": "900", "Policy": '{"Statement": []}'}, 0, id="session policy refused"),
        pytest.param({"DurationSeconds": "3601"}, 0, id="duration refused"),
        pytest.param({"RoleArn": "short"}, 0, id="parameter refused"),
        pytest.param({"DurationSeconds": "abc"}, 0, id="malformed number"),
        pytest.param({"SAMLAssertion": "PD94bWw="}, 0, id="response refused"),
        pytest.param({}, 6, id="expired"),
        pytest.param({"PrincipalArn": "arn:aws:iam::123456789012:saml-provider/Other"}, 0, id="unknown provider"),
    ],
)
def test_handle_answers_as_a_client_of_botocore_is_answered(
    saml_signing_key: SigningKey, changed: dict[str, str], minutes: int
) -> None:
    ours, theirs = (answer(saml_signing_key, changed, minutes) for answer in (by_handle, by_client))
    assert ours == theirs


def by_handle(key: SigningKey, changed: dict[str, str], minutes: int) -> dict[str, Any]:
    """Return what botocore reads in the answer of `handle`."""
    with mock_sts_saml(seed="seed", now=NOON) as sts:
        body = urlencode(OPERATION | login(sts, key) | changed)
        sts.advance(minutes=minutes)
        status, headers, text = sts.handle(body)
    model = botocore.session.get_session().get_service_model("sts").operation_model("AssumeRoleWithSAML")
    return dict(
        botocore.parsers.create_parser("query").parse(
            {"status_code": status, "headers": {k.lower(): v for k, v in headers.items()}, "body": text.encode()},
            model.output_shape,
        )
    )


def by_client(key: SigningKey, changed: dict[str, str], minutes: int) -> dict[str, Any]:
    """Return what a client gets, or the response of its error, without the number of retries."""
    client = boto3.Session().client("sts", region_name="us-east-1", config=Config(parameter_validation=False))
    with mock_sts_saml(seed="seed", now=NOON) as sts:
        parameters = login(sts, key) | changed
        sts.advance(minutes=minutes)
        try:
            answer = client.assume_role_with_saml(**parameters)
        except ClientError as error:
            # Of a modelled error botocore copies the message.
            answer = {name: value for name, value in error.response.items() if name != "message"}
    del answer["ResponseMetadata"]["RetryAttempts"]
    return dict(answer)


def login(sts: STSBackend, key: SigningKey) -> dict[str, str]:
    """Return the parameters of a good login in a mock that has just begun."""
    idp = IdentityProvider(signing_key=key)
    provider = sts.create_saml_provider("ExampleIdP", idp)
    role = sts.create_role("Developer")
    return {"RoleArn": role.arn, "PrincipalArn": provider.arn, "SAMLAssertion": idp.response(role)}


class TestAfterTheMock:
    @pytest.fixture
    def ended(self, saml_signing_key: SigningKey) -> tuple[STSBackend, str]:
        """The backend of a mock that has ended, and a login that was made afterwards."""
        with mock_sts_saml() as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer")
        arns = {"RoleArn": role.arn, "PrincipalArn": idp.provider.arn}
        return sts, urlencode(OPERATION | arns | {"SAMLAssertion": idp.response(role)})

    def test_a_login_works(self, ended: tuple[STSBackend, str]) -> None:
        sts, body = ended
        assert outcome(sts.handle(body)) == LOGGED_IN

    def test_time_still_moves(self, ended: tuple[STSBackend, str]) -> None:
        sts, body = ended
        sts.advance(minutes=6)
        assert outcome(sts.handle(body)) == "ExpiredTokenException"

    def test_a_login_works_while_another_mock_is_active(self, ended: tuple[STSBackend, str], sts: STSBackend) -> None:
        old, body = ended
        assert (outcome(old.handle(body)), outcome(sts.handle(body))) == (LOGGED_IN, "InvalidIdentityToken")


class TestRegion:
    @pytest.mark.parametrize(
        ("switched_off", "region", "expected"),
        [
            ("eu-west-1", "eu-west-1", "RegionDisabledException"),
            ("eu-west-1", "eu-west-2", LOGGED_IN),
            ("us-east-1", "aws-global", "RegionDisabledException"),
            ("aws-global", "us-east-1", "RegionDisabledException"),
        ],
    )
    def test_decides_whether_sts_is_activated(
        self, sts: STSBackend, form: dict[str, str], switched_off: str, region: str, expected: str
    ) -> None:
        sts.disable_region(switched_off)
        assert outcome(sts.handle(urlencode(form), region=region)) == expected

    @pytest.mark.parametrize(
        ("switched_off", "expected"), [("us-east-1", "RegionDisabledException"), ("us-west-2", LOGGED_IN)]
    )
    def test_is_us_east_1_by_default(
        self, sts: STSBackend, form: dict[str, str], switched_off: str, expected: str
    ) -> None:
        sts.disable_region(switched_off)
        assert outcome(sts.handle(urlencode(form))) == expected

    @pytest.mark.parametrize("region", ["useast1", "", "eu_west_1", "EU-WEST-1", "sts.us-east-1.amazonaws.com"])
    def test_that_is_invalid_is_a_value_error(self, sts: STSBackend, form: dict[str, str], region: str) -> None:
        with pytest.raises(ValueError, match=rf'^a region must be a string such as "eu-west-1", not {region!r}$'):
            sts.handle(urlencode(form), region=region)

    @pytest.mark.parametrize("region", [None, 1, b"eu-west-1"], ids=repr)
    def test_of_another_type_is_a_type_error(self, sts: STSBackend, form: dict[str, str], region: Any) -> None:
        with pytest.raises(
            TypeError, match=rf'^a region must be a string such as "eu-west-1", not {re.escape(repr(region))}$'
        ):
            sts.handle(urlencode(form), region=region)


class TestPartition:
    @pytest.fixture
    def form_of(self, saml_signing_key: SigningKey) -> Callable[[STSBackend, Partition], str]:
        """A function that returns a good login with a provider and a role of a partition."""

        def make(sts: STSBackend, partition: Partition) -> str:
            idp = IdentityProvider(f"https://{partition}.example.com", signing_key=saml_signing_key)
            provider = sts.create_saml_provider("ExampleIdP", idp, partition=partition)
            role = sts.create_role("Developer", provider=provider)
            return urlencode(
                OPERATION | {"RoleArn": role.arn, "PrincipalArn": provider.arn, "SAMLAssertion": idp.response(role)}
            )

        return make

    @pytest.mark.parametrize(
        ("partition", "region"),
        [
            ("aws", "us-east-1"),
            ("aws", "eu-central-2"),
            ("aws-us-gov", "us-gov-west-1"),
            ("aws-us-gov", "us-gov-east-1"),
            ("aws-cn", "cn-north-1"),
            ("aws-cn", "cn-northwest-1"),
        ],
    )
    def test_a_login_works_at_the_endpoints_of_its_own(
        self, sts: STSBackend, form_of: Callable[..., str], partition: str, region: str
    ) -> None:
        answer = sts.handle(form_of(sts, partition), region=region)
        assert element(answer[2], "Arn") == (
            f"arn:{partition}:sts::123456789012:assumed-role/Developer/alice@example.com"
        )

    @pytest.mark.parametrize("region", GLOBAL_REGIONS.values())
    @pytest.mark.parametrize("partition", GLOBAL_REGIONS)
    def test_an_endpoint_knows_providers_of_its_own_only(
        self, sts: STSBackend, form_of: Callable[..., str], partition: str, region: str
    ) -> None:
        expected = LOGGED_IN if GLOBAL_REGIONS[partition] == region else "InvalidIdentityToken"
        assert outcome(sts.handle(form_of(sts, partition), region=region)) == expected

    @pytest.mark.parametrize(
        ("partition", "region"), [("aws-us-gov", "us-east-1"), ("aws", "us-gov-west-1")], ids=["GovCloud", "reverse"]
    )
    def test_a_provider_of_another_does_not_exist(
        self, sts: STSBackend, form_of: Callable[..., str], partition: str, region: str
    ) -> None:
        _, code, message = refusal(sts.handle(form_of(sts, partition), region=region))
        text = (
            "Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; "
            rf"Error Code: AuthSamlManifestNotFoundException; Request ID: {UUID}; Proxy: null)"
        )
        assert code == "InvalidIdentityToken"
        assert re.fullmatch(text.replace("(", r"\(").replace(")", r"\)"), str(message))


Conditions = dict[str, dict[str, Any]]


@pytest.fixture
def form_under(sts: STSBackend, idp: IdentityProvider) -> Callable[[Conditions], dict[str, str]]:
    """A function that returns the parameters of a good login for a role whose trust policy has conditions."""

    def make(conditions: Conditions) -> dict[str, str]:
        role = sts.create_role("Conditional", trust_policy=idp.provider.trust_policy(conditions=conditions))
        return {"RoleArn": role.arn, "PrincipalArn": idp.provider.arn, "SAMLAssertion": idp.response(role)}

    return make


class TestUserAgent:
    @pytest.mark.parametrize(
        ("user_agent", "expected"),
        [
            ("my-tool/1.0", LOGGED_IN),
            ("My-Tool/1.0", "AccessDenied"),
            ("curl/8.0", "AccessDenied"),
            ("", "AccessDenied"),
        ],
    )
    def test_is_the_value_of_its_condition_key(
        self, sts: STSBackend, form_under: Callable[..., Any], user_agent: str, expected: str
    ) -> None:
        body = urlencode(OPERATION | form_under({"StringLike": {"aws:UserAgent": "my-tool/*"}}))
        assert outcome(sts.handle(body, user_agent=user_agent)) == expected

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            pytest.param({"headers": {"User-Agent": "my-tool/1.0"}}, LOGGED_IN, id="header"),
            pytest.param({"headers": {"user-agent": " my-tool/1.0 "}}, LOGGED_IN, id="header in lower case"),
            pytest.param({"headers": {"User-Agent": "curl/8.0"}}, "AccessDenied", id="another"),
            pytest.param({"headers": {}}, "AccessDenied", id="none"),
            pytest.param(
                {"headers": {"User-Agent": "curl/8.0"}, "user_agent": "my-tool/1.0"}, LOGGED_IN, id="argument first"
            ),
        ],
    )
    def test_is_that_of_the_headers_by_default(
        self, sts: STSBackend, form_under: Callable[..., Any], said: dict[str, Any], expected: str
    ) -> None:
        body = urlencode(OPERATION | form_under({"StringLike": {"aws:UserAgent": "my-tool/*"}}))
        assert outcome(sts.handle(body, **said)) == expected

    @pytest.mark.parametrize(("absent", "expected"), [("true", LOGGED_IN), ("false", "AccessDenied")])
    def test_that_is_not_given_is_absent(
        self, sts: STSBackend, form_under: Callable[..., Any], absent: str, expected: str
    ) -> None:
        body = urlencode(OPERATION | form_under({"Null": {"aws:UserAgent": absent}}))
        assert outcome(sts.handle(body)) == expected

    @pytest.mark.parametrize("user_agent", [1, b"curl/8.0", ["curl/8.0"]], ids=repr)
    def test_of_another_type_is_a_type_error(self, sts: STSBackend, form: dict[str, str], user_agent: Any) -> None:
        with pytest.raises(TypeError, match=rf"^user_agent must be .*, not {re.escape(repr(user_agent))}"):
            sts.handle(urlencode(form), user_agent=user_agent)

    @pytest.mark.parametrize(
        ("config", "expected"),
        [
            pytest.param(Config(user_agent_extra="my-tool/1.0"), LOGGED_IN, id="with our tool"),
            pytest.param(Config(user_agent_extra="another/1.0"), "AccessDenied", id="with another"),
            pytest.param(Config(), "AccessDenied", id="alone"),
        ],
    )
    def test_is_that_of_the_client_through_botocore(
        self, form_under: Callable[..., Any], config: Config, expected: str
    ) -> None:
        client = boto3.Session().client("sts", region_name="us-east-1", config=config)
        parameters = form_under({"StringLike": {"aws:UserAgent": "Boto3/* my-tool/1.0"}})
        assert called(client, parameters) == expected


def called(client: Any, parameters: dict[str, str]) -> str:
    """Return the user who has logged in, or the code of the error."""
    try:
        return str(client.assume_role_with_saml(**parameters)["Subject"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])


class TestSecureTransport:
    @pytest.mark.parametrize("wanted", ["true", "false"])
    @pytest.mark.parametrize("secure", [True, False])
    def test_is_the_value_of_its_condition_key(
        self, sts: STSBackend, form_under: Callable[..., Any], secure: bool, wanted: str
    ) -> None:
        body = urlencode(OPERATION | form_under({"Bool": {"aws:SecureTransport": wanted}}))
        expected = LOGGED_IN if str(secure).lower() == wanted else "AccessDenied"
        assert outcome(sts.handle(body, secure=secure)) == expected

    def test_is_true_by_default(self, sts: STSBackend, form_under: Callable[..., Any]) -> None:
        body = urlencode(OPERATION | form_under({"Bool": {"aws:SecureTransport": "true"}}))
        assert outcome(sts.handle(body)) == LOGGED_IN

    @pytest.mark.parametrize("secure", [None, "false", 0], ids=repr)
    def test_of_another_type_is_a_type_error(self, sts: STSBackend, form: dict[str, str], secure: Any) -> None:
        with pytest.raises(TypeError, match=rf"^secure must be .*, not {re.escape(repr(secure))}"):
            sts.handle(urlencode(form), secure=secure)

    @pytest.mark.parametrize(
        ("url", "expected"),
        [(None, LOGGED_IN), ("https://localhost:4566", LOGGED_IN), ("http://localhost:4566", "AccessDenied")],
    )
    def test_is_that_of_the_endpoint_through_botocore(
        self, form_under: Callable[..., Any], url: str | None, expected: str
    ) -> None:
        client = boto3.Session().client("sts", region_name="us-east-1", endpoint_url=url)
        assert called(client, form_under({"Bool": {"aws:SecureTransport": "true"}})) == expected


class TestSigned:
    WHO = urlencode({"Action": "GetCallerIdentity", "Version": "2011-06-15"})
    METHODS = pytest.mark.parametrize("method", ["POST", "GET"])
    WRONG = (403, "SignatureDoesNotMatch")

    @pytest.fixture
    def session(self, sts: STSBackend, form: dict[str, str]) -> Session:
        """The session of the good login."""
        sts.handle(urlencode(form))
        return sts.sessions[-1]

    @METHODS
    def test_get_caller_identity_names_the_session(self, sts: STSBackend, session: Session, method: str) -> None:
        status, _, body = sts.handle(self.WHO, method=method, headers=signed(session, self.WHO, method))
        assert (status, element(body, "Arn")) == (200, session.arn)

    @METHODS
    def test_a_session_assumes_another_role(self, sts: STSBackend, role: Role, session: Session, method: str) -> None:
        policy = role.chaining_policy(actions=["sts:AssumeRole", "sts:TagSession"])
        auditor = sts.create_role("Auditor", trust_policy=policy)
        tag = {"Tags.member.1.Key": "cost centre", "Tags.member.1.Value": "ä+/=:@"}
        asked = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": auditor.arn, "RoleSessionName": "audit"}
        text = urlencode(asked | tag)
        _, _, body = sts.handle(text, method=method, headers=signed(session, text, method))
        assert element(body, "Arn") == "arn:aws:sts::123456789012:assumed-role/Auditor/audit"
        assert sts.sessions[-1].tags == {"cost centre": "ä+/=:@"}

    def test_a_body_may_be_bytes(self, sts: STSBackend, session: Session) -> None:
        assert sts.handle(self.WHO.encode(), headers=signed(session, self.WHO))[0] == 200

    def test_a_query_string_may_be_bytes(self, sts: STSBackend, session: Session) -> None:
        assert sts.handle(self.WHO.encode(), method="GET", headers=signed(session, self.WHO, "GET"))[0] == 200

    @METHODS
    def test_other_parameters_than_those_that_were_signed_are_refused(
        self, sts: STSBackend, session: Session, method: str
    ) -> None:
        answer = sts.handle(f"{self.WHO}&More=1", method=method, headers=signed(session, self.WHO, method))
        assert refusal(answer)[:2] == self.WRONG

    @pytest.mark.parametrize(("method", "other"), [("POST", "GET"), ("GET", "POST")])
    def test_another_method_than_the_one_that_was_signed_is_refused(
        self, sts: STSBackend, session: Session, method: str, other: str
    ) -> None:
        answer = sts.handle(self.WHO, method=other, headers=signed(session, self.WHO, method))
        assert refusal(answer)[:2] == self.WRONG

    def test_a_request_with_a_changed_header_is_refused(self, sts: STSBackend, session: Session) -> None:
        headers = signed(session, self.WHO) | {"X-Amz-Date": "20300101T120001Z"}
        assert refusal(sts.handle(self.WHO, headers=headers))[:2] == self.WRONG

    @pytest.mark.parametrize("spelled", [str.lower, str.upper, str.title])
    def test_names_of_headers_may_be_in_any_case(
        self, sts: STSBackend, session: Session, spelled: Callable[[str], str]
    ) -> None:
        headers = {spelled(name): value for name, value in signed(session, self.WHO).items()}
        assert sts.handle(self.WHO, headers=headers)[0] == 200

    def test_a_session_of_another_mock_is_refused(self, saml_signing_key: SigningKey) -> None:
        with mock_sts_saml() as other:
            other.handle(urlencode(OPERATION | login(other, saml_signing_key)))
        with mock_sts_saml() as sts:
            answer = sts.handle(self.WHO, headers=signed(other.sessions[-1], self.WHO))
        assert refusal(answer) == (
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )

    @pytest.mark.parametrize("headers", [None, {}, {"Authorization": "Bearer token"}], ids=["none", "empty", "bearer"])
    @pytest.mark.parametrize("action", ["GetCallerIdentity", "AssumeRole", "GetSessionToken", "GetFederationToken"])
    def test_an_unsigned_request_is_refused(self, sts: STSBackend, action: str, headers: dict[str, str] | None) -> None:
        answer = sts.handle(urlencode({"Action": action, "Version": "2011-06-15"}), headers=headers)
        assert refusal(answer) == (403, "MissingAuthenticationToken", "Request is missing Authentication Token")

    def test_an_unsigned_request_is_explained_with_a_remedy(self, sts: STSBackend) -> None:
        sts.handle(self.WHO)
        assert "handle(headers=...) takes the headers of a signed request" in sts.attempts[-1].explain()

    def test_a_presigned_url_is_accepted(self, session: Session, sts: STSBackend) -> None:
        client = boto3.Session(**session.boto3_kwargs()).client("sts", region_name="us-east-1")
        url = urlsplit(client.generate_presigned_url("get_caller_identity", HttpMethod="GET"))
        status, _, body = sts.handle(url.query, method="GET", headers={"Host": url.netloc})
        assert (status, element(body, "Arn")) == (200, session.arn)
        assert refusal(sts.handle(url.query, method="GET", headers={"Host": "example.com"}))[:2] == self.WRONG

    @METHODS
    def test_the_query_of_a_presigned_url_may_stand_behind_the_path(
        self, session: Session, sts: STSBackend, method: str
    ) -> None:
        client = boto3.Session(**session.boto3_kwargs()).client("sts", region_name="us-east-1")
        url = urlsplit(client.generate_presigned_url("get_caller_identity", HttpMethod=method))
        path = f"{url.path}?{url.query}"
        status, _, body = sts.handle(b"", method=method, path=path, headers={"Host": url.netloc})
        assert (status, element(body, "Arn")) == (200, session.arn)

    @pytest.mark.parametrize(
        "how", [lambda headers: headers, dict, list], ids=["pairs", "a mapping of bytes", "a list of bytes"]
    )
    def test_headers_may_have_the_forms_that_servers_use(self, sts: STSBackend, session: Session, how: Any) -> None:
        headers = signed(session, self.WHO)
        encoded = how([(name.encode(), value.encode()) for name, value in headers.items()])
        assert sts.handle(self.WHO, headers=encoded)[0] == 200

    def test_headers_that_are_not_utf_8_are_refused_by_sts(self, sts: STSBackend, session: Session) -> None:
        headers = signed(session, self.WHO) | {"Host": "\udcff"}
        assert refusal(sts.handle(self.WHO, headers=headers))[:2] == self.WRONG

    def test_a_missing_host_header_is_explained(self, sts: STSBackend, session: Session) -> None:
        headers = signed(session, self.WHO)
        del headers["Host"]
        assert refusal(sts.handle(self.WHO, headers=headers))[:2] == self.WRONG
        assert " it covers headers that are missing: host " in " ".join(sts.attempts[-1].explain().split())

    def test_an_access_key_id_that_is_not_utf_8_is_refused_by_sts(self, sts: STSBackend, session: Session) -> None:
        headers = signed(session, self.WHO)
        headers["Authorization"] = headers["Authorization"].replace(session.access_key_id, "\udcff")
        assert refusal(sts.handle(self.WHO, headers=headers))[:2] == (403, "InvalidClientTokenId")

    def test_the_path_must_be_the_signed_one(self, sts: STSBackend, session: Session) -> None:
        headers = signed(session, self.WHO, url="https://sts.amazonaws.com/sts/")
        assert sts.handle(self.WHO, headers=headers, path="/sts/")[0] == 200
        assert refusal(sts.handle(self.WHO, headers=headers))[:2] == self.WRONG

    @pytest.mark.parametrize("path", ["", "sts", None, 1, b"/"], ids=repr)
    def test_another_path_is_a_value_error(self, sts: STSBackend, path: Any) -> None:
        message = f"path must be that of the URL and begin with a slash, not {path!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.handle(self.WHO, path=path)

    def test_a_login_needs_no_signature(self, sts: STSBackend, form: dict[str, str]) -> None:
        assert outcome(sts.handle(urlencode(form), headers={})) == LOGGED_IN

    def test_a_login_may_be_signed_with_any_credentials(self, sts: STSBackend, form: dict[str, str]) -> None:
        headers = {
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20300101/us-east-1/sts/aws4_request, "
            f"SignedHeaders=host, Signature={'0' * 64}"
        }
        assert outcome(sts.handle(urlencode(form), headers=headers)) == LOGGED_IN

    @pytest.mark.parametrize("headers", ["Host: a", [1], {"Host": 1}, {1: "a"}, 7], ids=repr)
    def test_headers_of_another_type_are_a_type_error(self, sts: STSBackend, headers: Any) -> None:
        with pytest.raises(
            TypeError, match=r"^headers must be a mapping of strings, those of the request, not "
        ) as caught:
            sts.handle(self.WHO, headers=headers)
        assert str(caught.value).endswith(repr(headers))

    @pytest.mark.parametrize("method", ["PUT", "post", "", None, 1], ids=repr)
    def test_another_method_is_a_value_error(self, sts: STSBackend, method: Any) -> None:
        with pytest.raises(ValueError, match=rf'^method must be "POST" or "GET", not {re.escape(repr(method))}$'):
            sts.handle(self.WHO, method=method)


class TestRequestedRegion:
    @pytest.mark.parametrize(
        ("region", "expected"),
        [("eu-west-1", LOGGED_IN), ("us-east-1", "AccessDenied"), ("aws-global", "AccessDenied")],
    )
    def test_is_the_value_of_its_condition_key(
        self, sts: STSBackend, form_under: Callable[..., Any], region: str, expected: str
    ) -> None:
        body = urlencode(OPERATION | form_under({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}))
        assert outcome(sts.handle(body, region=region)) == expected
