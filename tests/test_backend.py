import copy
import datetime as dt
import json
import re
from collections import UserDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

from pytest_stssaml import (
    IAMError,
    IdentityProvider,
    Role,
    STSBackend,
    active_mock,
    mock_sts_saml,
)
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.literals import Partition
from pytest_stssaml.saml.vocabulary import NAMEID_UNSPECIFIED
from pytest_stssaml.services import Services

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
OPERATION = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"}
NOON = "2030-01-01T12:00:00Z"
REGIONS = {"aws": "eu-west-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
SIGN_IN_HOSTS = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
}


@pytest.fixture
def role(sts: STSBackend, idp: IdentityProvider) -> Role:
    return sts.create_role("Developer", max_session_duration=7200)


@pytest.fixture(scope="module")
def client(no_aws_environment: None) -> Callable[[str | None], Any]:
    """One client per region."""
    clients: dict[str | None, Any] = {}

    def of_region(region: str | None) -> Any:
        if region not in clients:
            clients[region] = boto3.Session().client("sts", region_name=region)
        return clients[region]

    return of_region


def parameters(idp: IdentityProvider, role: Role, **said: Any) -> dict[str, str]:
    """Return the parameters of a login, as a client takes them."""
    return {
        "RoleArn": role.arn,
        "PrincipalArn": idp.provider.arn,
        "SAMLAssertion": idp.response(role, **said),
    }


def form(idp: IdentityProvider, role: Role, more: Mapping[str, str] | None = None, **claims: Any) -> str:
    """Return the parameters of a login as a client sends them, together with more parameters."""
    return urlencode({**OPERATION, **parameters(idp, role, **claims), **(more or {})})


def element(body: str, name: str) -> str:
    """Return the text of the first element with a name."""
    found = re.search(f"<{name}>(.*?)</{name}>", body)
    assert found
    return found[1]


def code(client: Any, login: dict[str, str]) -> str | None:
    """Return the error code of a login, or None if it is accepted."""
    try:
        client.assume_role_with_saml(**login)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


@pytest.fixture
def code_in(client: Callable[..., Any], idp: IdentityProvider, role: Role) -> Callable[[str | None], str | None]:
    """The error code of a good login by a client of a region, or None if it is accepted."""
    return lambda region: code(client(region), parameters(idp, role))


newer_botocore = pytest.mark.skipif(
    "MinimumSessionTokenSize"
    not in botocore.session.get_session()
    .get_service_model("sts")
    .operation_model("AssumeRoleWithSAML")
    .input_shape.members,
    reason="this botocore does not know MinimumSessionTokenSize",
)


class TestAnswer:
    def test_has_every_field_of_a_login(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, log_in: Callable[..., Any]
    ) -> None:
        sts.move_to(NOON)
        answer = log_in(idp.response(role), role, idp.provider)
        del answer["Credentials"], answer["ResponseMetadata"]
        assert answer.pop("PackedPolicySize") > 0
        # An older botocore does not know them.
        answer = {name: value for name, value in answer.items() if not name.startswith("SessionToken")}
        assert answer == {
            "AssumedRoleUser": {
                "AssumedRoleId": f"{role.role_id}:alice@example.com",
                "Arn": "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com",
            },
            "Audience": "https://signin.aws.amazon.com/saml",
            "Issuer": "https://idp.example.com/saml",
            "NameQualifier": "gVMfPykcwyJvL8k2pmXetypU/dY=",
            "Subject": "alice@example.com",
            "SubjectType": "persistent",
        }

    @pytest.mark.parametrize(
        ("field", "pattern"),
        [
            ("AccessKeyId", r"ASIA[A-Z0-9]{16}"),
            ("SecretAccessKey", r"[A-Za-z0-9+/]{40}"),
            ("SessionToken", r"[A-Za-z0-9+/]+={0,2}"),
        ],
    )
    def test_has_credentials_in_the_form_of_aws(
        self, idp: IdentityProvider, role: Role, log_in: Callable[..., Any], field: str, pattern: str
    ) -> None:
        answer = log_in(idp.response(role), role, idp.provider)
        assert re.fullmatch(pattern, answer["Credentials"][field])

    @pytest.mark.parametrize(
        ("parameters", "said", "expiration"),
        [
            ({}, {}, dt.datetime(2030, 1, 1, 13, tzinfo=dt.UTC)),
            ({"DurationSeconds": 7200}, {}, dt.datetime(2030, 1, 1, 14, tzinfo=dt.UTC)),
            ({}, {"session_duration": 900}, dt.datetime(2030, 1, 1, 12, 15, tzinfo=dt.UTC)),
            (
                {},
                {"session_not_on_or_after": dt.timedelta(minutes=1)},
                dt.datetime(2030, 1, 1, 12, 1, tzinfo=dt.UTC),
            ),
        ],
        ids=["default", "DurationSeconds", "SessionDuration", "SessionNotOnOrAfter"],
    )
    def test_expires_at_the_earliest_requested_end(
        self,
        log_in: Callable[..., Any],
        saml_signing_key: SigningKey,
        parameters: dict[str, Any],
        said: dict[str, Any],
        expiration: dt.datetime,
    ) -> None:
        with mock_sts_saml(now="2030-01-01T12:00:00.999Z") as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer", max_session_duration=7200)
            answer = log_in(idp.response(role, **said), role, idp.provider, **parameters)
        assert answer["Credentials"]["Expiration"] == expiration

    def test_names_the_recipient_as_its_audience(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]
    ) -> None:
        recipient = idp.provider.sign_in_url("eu-west-1")
        role = sts.create_role("A", trust_policy=idp.provider.trust_policy(recipient=recipient))
        assert log_in(idp.response(role, recipient=recipient), role, idp.provider)["Audience"] == recipient

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ({"name_id": "bob"}, ("bob", "persistent")),
            (
                {"name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
                ("alice@example.com", "transient"),
            ),
            ({"name_id_format": NAMEID_UNSPECIFIED}, ("alice@example.com", NAMEID_UNSPECIFIED)),
            ({"name_id_format": None}, ("alice@example.com", NAMEID_UNSPECIFIED)),
            ({"name_id": "<Ünsal & Söhne>"}, ("<Ünsal & Söhne>", "persistent")),
        ],
        ids=["name", "format of 2.0", "format of 1.1", "no format", "markup"],
    )
    def test_names_the_subject_as_the_response_does(
        self, idp: IdentityProvider, role: Role, log_in: Callable[..., Any], said: dict[str, Any], expected: Any
    ) -> None:
        answer = log_in(idp.response(role, **said), role, idp.provider)
        assert (answer["Subject"], answer["SubjectType"]) == expected

    def test_omits_the_path_of_the_role(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]
    ) -> None:
        role = sts.create_role("Admin", path="/team/blue/")
        answer = log_in(idp.response(role, session_name="bob"), role, idp.provider)
        assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/Admin/bob"

    def test_names_the_source_identity(
        self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]
    ) -> None:
        actions = ["sts:AssumeRoleWithSAML", "sts:SetSourceIdentity"]
        role = sts.create_role("A", trust_policy=idp.provider.trust_policy(actions=actions))
        assert log_in(idp.response(role, source_identity="Alice"), role, idp.provider)["SourceIdentity"] == "Alice"

    def test_gives_the_size_of_its_token(self, sts: STSBackend, idp: IdentityProvider, role: Role) -> None:
        body = sts.handle(form(idp, role))[2]
        assert element(body, "SessionTokenSize") == str(len(element(body, "SessionToken")))

    @pytest.mark.parametrize("size", ["2048", "4096"])
    def test_has_a_token_of_at_least_the_size_that_was_asked_for(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, size: str
    ) -> None:
        body = sts.handle(form(idp, role, {"MinimumSessionTokenSize": size}))[2]
        assert element(body, "SessionTokenSize") == size

    @newer_botocore
    def test_has_a_token_of_at_least_the_size_that_a_client_asks_for(
        self, idp: IdentityProvider, role: Role, log_in: Callable[..., Any]
    ) -> None:
        answer = log_in(idp.response(role), role, idp.provider, MinimumSessionTokenSize=4096)
        assert (len(answer["Credentials"]["SessionToken"]), answer["SessionTokenUtilization"]) == (4096, 100)

    def test_survives_copying_and_json(self, idp: IdentityProvider, role: Role, log_in: Callable[..., Any]) -> None:
        answer = log_in(idp.response(role), role, idp.provider)
        again = json.loads(json.dumps(copy.deepcopy(answer), default=dt.datetime.isoformat))
        again["Credentials"]["Expiration"] = dt.datetime.fromisoformat(again["Credentials"]["Expiration"])
        assert again == answer

    def test_has_the_metadata_of_a_real_answer(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, log_in: Callable[..., Any]
    ) -> None:
        metadata = log_in(idp.response(role), role, idp.provider)["ResponseMetadata"]
        headers = metadata["HTTPHeaders"]
        extended = headers["x-amz-sts-extended-request-id"]
        assert re.fullmatch(UUID, metadata["RequestId"])
        assert re.fullmatch("[A-Za-z0-9+/]{48}", extended)
        assert metadata == {
            "RequestId": headers["x-amzn-requestid"],
            "HTTPStatusCode": 200,
            "HTTPHeaders": {
                "x-amzn-requestid": metadata["RequestId"],
                "x-amz-sts-extended-request-id": extended,
                "content-type": "text/xml",
                "content-length": headers["content-length"],
                "date": headers["date"],
            },
            "RetryAttempts": 0,
        }


class TestHTTP:
    @pytest.mark.parametrize("said", [{}, {"name_id": None}], ids=["accepted", "refused"])
    def test_gives_the_length_of_the_body_in_bytes(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, said: dict[str, Any]
    ) -> None:
        _, headers, body = sts.handle(form(idp, role, **said))
        assert headers["Content-Length"] == str(len(body.encode()))

    def test_counts_bytes_and_not_characters(self, sts: STSBackend, idp: IdentityProvider, role: Role) -> None:
        _, headers, body = sts.handle(form(idp, role, name_id="Äö中"))
        assert int(headers["Content-Length"]) == len(body) + 4

    @pytest.mark.parametrize("said", [{}, {"name_id": None}], ids=["accepted", "refused"])
    def test_is_dated_by_the_backends_time(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, said: dict[str, Any]
    ) -> None:
        sts.move_to("2035-05-05T05:05:05Z")
        _, headers, _ = sts.handle(form(idp, role, **said))
        age = parsedate_to_datetime(headers["Date"]) - dt.datetime(2035, 5, 5, 5, 5, 5, tzinfo=dt.UTC)
        assert headers["Date"].endswith(" GMT")
        assert dt.timedelta(0) <= age < dt.timedelta(minutes=1)

    @pytest.mark.parametrize("said", [{}, {"name_id": None}], ids=["accepted", "refused"])
    def test_has_one_request_id_in_header_and_body(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, said: dict[str, Any]
    ) -> None:
        _, headers, body = sts.handle(form(idp, role, **said))
        assert f"<RequestId>{headers['x-amzn-RequestId']}</RequestId>" in body

    @pytest.mark.parametrize(("said", "status"), [({}, 200), ({"name_id": None}, 403), ({"audience": None}, 400)])
    def test_has_the_status_of_its_answer(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, said: dict[str, Any], status: int
    ) -> None:
        assert sts.handle(form(idp, role, **said))[0] == status


class TestRegions:
    @pytest.mark.parametrize(
        ("switched_off", "called"),
        [
            ("us-east-1", "us-east-1"),
            ("eu-west-1", "eu-west-1"),
            ("us-east-1", "aws-global"),
            ("aws-global", "us-east-1"),
            ("aws-global", "aws-global"),
            ("us-east-1", None),
        ],
    )
    def test_a_call_in_a_disabled_region_is_refused(
        self, sts: STSBackend, code_in: Callable[..., Any], switched_off: str, called: str | None
    ) -> None:
        sts.disable_region(switched_off)
        assert code_in(called) == "RegionDisabledException"

    @pytest.mark.parametrize("called", ["us-east-1", "eu-west-2", "aws-global", None])
    def test_a_call_in_another_region_is_accepted(
        self, sts: STSBackend, code_in: Callable[..., Any], called: str | None
    ) -> None:
        sts.disable_region("eu-west-1")
        assert code_in(called) is None

    @pytest.mark.parametrize("switched_on", ["us-east-1", "aws-global"])
    def test_a_region_can_be_enabled_again(
        self, sts: STSBackend, code_in: Callable[..., Any], switched_on: str
    ) -> None:
        sts.disable_region("us-east-1")
        sts.enable_region(switched_on)
        assert code_in("us-east-1") is None

    def test_enabling_one_region_leaves_others_disabled(self, sts: STSBackend, code_in: Callable[..., Any]) -> None:
        sts.disable_region("eu-west-1")
        sts.enable_region("us-east-1")
        assert code_in("eu-west-1") == "RegionDisabledException"

    def test_a_region_is_disabled_for_every_account_and_the_error_names_that_of_the_role(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        sts.disable_region("us-east-1")
        provider = sts.create_saml_provider("Elsewhere", idp, account_id="111122223333")
        role = sts.create_role("A", provider=provider)
        message = (
            "STS is not activated in this region for account:111122223333. "
            "Your account administrator can activate STS in this region using the IAM Console."
        )
        assert refusal(idp.response(role), role, provider) == ("RegionDisabledException", 403, message)

    def test_the_region_is_checked_before_the_response(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any]
    ) -> None:
        sts.disable_region("us-east-1")
        assert refusal("!!!!", role, idp.provider)[0] == "RegionDisabledException"

    def test_a_parameter_is_checked_before_the_region(self, sts: STSBackend) -> None:
        sts.disable_region("us-east-1")
        assert "<Code>ValidationError</Code>" in sts.handle(urlencode(OPERATION))[2]

    def test_the_operation_is_checked_before_the_parameters(self, sts: STSBackend) -> None:
        assert "<Code>InvalidAction</Code>" in sts.handle("Action=Nonsense&RoleArn=")[2]

    @pytest.mark.parametrize("switch", [STSBackend.disable_region, STSBackend.enable_region])
    @pytest.mark.parametrize(
        ("region", "message"),
        [
            ("us-esat-1", "no partition has the region 'us-esat-1'; did you mean us-east-1?"),
            (
                "qqqq-zzzzzzzzz-777",
                "no partition has the region 'qqqq-zzzzzzzzz-777'; botocore's partitions.json has the regions",
            ),
        ],
    )
    def test_a_region_that_no_partition_has_is_a_mistake(
        self, sts: STSBackend, switch: Callable[..., None], region: str, message: str
    ) -> None:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            switch(sts, region)

    @pytest.mark.parametrize("switch", [STSBackend.disable_region, STSBackend.enable_region])
    def test_a_region_of_another_type_is_a_type_error(self, sts: STSBackend, switch: Callable[..., None]) -> None:
        with pytest.raises(TypeError, match=r'^a region must be a string such as "eu-west-1", not None$'):
            switch(sts, None)


ALLOWS_LISTING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
}


def refused_policy(sts: STSBackend, name: str, document: Any = ALLOWS_LISTING) -> tuple[str, int, str, str]:
    """Return code, status, message and hint of the error of create_policy."""
    with pytest.raises(IAMError) as caught:
        sts.create_policy(name, document)
    return caught.value.code, caught.value.status, caught.value.message, caught.value.hint


class TestCreatePolicy:
    @pytest.mark.parametrize(
        "document",
        [ALLOWS_LISTING, json.dumps(ALLOWS_LISTING), json.dumps(ALLOWS_LISTING, indent=4), UserDict(ALLOWS_LISTING)],
        ids=["dict", "JSON", "JSON on lines", "mapping"],
    )
    def test_gives_the_arn(self, sts: STSBackend, document: Any) -> None:
        assert sts.create_policy("Limits", document) == "arn:aws:iam::123456789012:policy/Limits"

    def test_gives_an_arn_of_another_account(self, sts: STSBackend) -> None:
        arn = sts.create_policy("Limits", ALLOWS_LISTING, account_id="111122223333")
        assert arn == "arn:aws:iam::111122223333:policy/Limits"

    @pytest.mark.parametrize("partition", REGIONS)
    def test_gives_an_arn_of_another_partition(self, sts: STSBackend, partition: Partition) -> None:
        arn = sts.create_policy("Limits", ALLOWS_LISTING, partition=partition)
        assert arn == f"arn:{partition}:iam::123456789012:policy/Limits"

    @pytest.mark.parametrize("partition", REGIONS)
    def test_gives_an_arn_of_the_mocks_account_and_partition(self, partition: Partition) -> None:
        with mock_sts_saml(account_id="111122223333", partition=partition) as sts:
            assert sts.create_policy("Limits", ALLOWS_LISTING) == f"arn:{partition}:iam::111122223333:policy/Limits"

    @pytest.mark.parametrize(
        "name", ["a", "a" * 128, "Az09_+=,.@-"], ids=["1 character", "128 characters", "every kind of character"]
    )
    def test_takes_a_name_that_iam_takes(self, sts: STSBackend, name: str) -> None:
        assert sts.create_policy(name, ALLOWS_LISTING) == f"arn:aws:iam::123456789012:policy/{name}"

    @pytest.mark.parametrize("name", ["", "a" * 129, "a b", "a/b", "a:b", "a*", "é", "a\n"], ids=repr)
    def test_refuses_a_name_that_iam_refuses(self, sts: STSBackend, name: str) -> None:
        message = (
            "The specified value for policyName is invalid. "
            "It must contain only alphanumeric characters and/or the following: +=,.@_-"
        )
        assert refused_policy(sts, name)[:3] == ("ValidationError", 400, message)

    @pytest.mark.parametrize("name", ["Limits", "limits", "LIMITS"])
    def test_a_name_exists_already_whatever_the_case_of_its_letters(self, sts: STSBackend, name: str) -> None:
        sts.create_policy("Limits", ALLOWS_LISTING)
        assert refused_policy(sts, name) == (
            "EntityAlreadyExists",
            409,
            f"A policy called {name} already exists. Duplicate names are not allowed.",
            f"arn:aws:iam::123456789012:policy/{name} is taken",
        )

    @pytest.mark.parametrize("other", [{"account_id": "111122223333"}, {"partition": "aws-cn"}], ids=repr)
    def test_a_name_may_be_taken_in_each_account(self, sts: STSBackend, other: dict[str, Any]) -> None:
        arn = sts.create_policy("Limits", ALLOWS_LISTING)
        assert sts.create_policy("Limits", ALLOWS_LISTING, **other) != arn

    def test_refuses_a_document_that_iam_refuses(self, sts: STSBackend) -> None:
        assert refused_policy(sts, "Limits", "{")[:3] == (
            "MalformedPolicyDocument",
            400,
            "This policy contains invalid Json",
        )

    def test_does_not_take_the_name_of_one_that_is_refused(self, sts: STSBackend) -> None:
        refused_policy(sts, "Limits", "{")
        assert sts.create_policy("Limits", ALLOWS_LISTING)

    @pytest.mark.parametrize("document", [None, 1, b"{}", [ALLOWS_LISTING]], ids=repr)
    def test_a_document_of_another_type_is_a_type_error(self, sts: STSBackend, document: Any) -> None:
        with pytest.raises(TypeError, match=r"^document must be a dict or JSON, not "):
            sts.create_policy("Limits", document)

    def test_a_name_of_another_type_is_a_type_error(self, sts: STSBackend) -> None:
        with pytest.raises(TypeError, match=r"^name must be a string, not None$"):
            sts.create_policy(None, ALLOWS_LISTING)  # type: ignore[arg-type]

    def test_an_invalid_account_is_a_value_error(self, sts: STSBackend) -> None:
        with pytest.raises(ValueError, match=r"^account_id must be a string of 12 digits, not '1'$"):
            sts.create_policy("Limits", ALLOWS_LISTING, account_id="1")

    def test_an_unknown_partition_is_a_value_error(self, sts: STSBackend) -> None:
        with pytest.raises(ValueError, match=r"^partition must be one of aws, aws-cn, aws-us-gov, not 'aws-iso'$"):
            sts.create_policy("Limits", ALLOWS_LISTING, partition="aws-iso")  # type: ignore[arg-type]

    def test_a_login_can_name_a_created_policy(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, log_in: Callable[..., Any]
    ) -> None:
        arns = [{"arn": sts.create_policy("Limits", ALLOWS_LISTING)}]
        assert log_in(idp.response(role), role, idp.provider, PolicyArns=arns)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize("name", ["Other", "limits"])
    def test_a_policy_that_was_not_created_does_not_exist(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any], name: str
    ) -> None:
        sts.create_policy("Limits", ALLOWS_LISTING)
        arns = [{"arn": f"arn:aws:iam::123456789012:policy/{name}"}]
        assert refusal(idp.response(role), role, idp.provider, PolicyArns=arns)[0] == "InvalidParameterValue"

    def test_policies_of_aws_need_not_be_created(
        self, idp: IdentityProvider, role: Role, log_in: Callable[..., Any]
    ) -> None:
        arns = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
        assert log_in(idp.response(role), role, idp.provider, PolicyArns=arns)["Subject"] == "alice@example.com"


class TestTime:
    def test_advancing_makes_a_response_that_was_made_before_too_old(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any]
    ) -> None:
        response = idp.response(role, not_on_or_after=None, subject_not_on_or_after=dt.timedelta(hours=1))
        sts.advance(minutes=6)
        assert refusal(response, role, idp.provider) == (
            "ExpiredTokenException",
            400,
            "Token must be redeemed within 5 minutes of issuance",
        )

    def test_a_response_made_after_advancing_is_fresh(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, log_in: Callable[..., Any]
    ) -> None:
        sts.advance(days=400)
        assert log_in(idp.response(role), role, idp.provider)["Subject"] == "alice@example.com"

    def test_going_back_makes_a_response_that_was_made_before_too_early(
        self, sts: STSBackend, idp: IdentityProvider, role: Role, refusal: Callable[..., Any]
    ) -> None:
        response = idp.response(role)
        sts.advance(minutes=-1)
        assert refusal(response, role, idp.provider)[2] == "Response is not yet valid"

    @pytest.mark.parametrize(
        "instant",
        [
            "2031-02-03T04:05:06Z",
            "2031-02-03T04:05:06",
            "2031-02-03T06:05:06+02:00",
            dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.UTC),
            dt.datetime(2031, 2, 3, 4, 5, 6),  # noqa: DTZ001 - naive is UTC
            dt.datetime(2031, 2, 3, 5, 5, 6, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        ],
        ids=["text", "naive text", "text of another zone", "aware", "naive", "of another zone"],
    )
    def test_the_session_begins_at_the_instant_that_the_time_was_moved_to(
        self,
        sts: STSBackend,
        idp: IdentityProvider,
        role: Role,
        log_in: Callable[..., Any],
        instant: str | dt.datetime,
    ) -> None:
        sts.move_to(instant)
        expiration = log_in(idp.response(role), role, idp.provider)["Credentials"]["Expiration"]
        late = expiration - dt.datetime(2031, 2, 3, 5, 5, 6, tzinfo=dt.UTC)
        assert dt.timedelta(0) <= late < dt.timedelta(minutes=1)

    def test_moves_add_up(self, sts: STSBackend) -> None:
        sts.move_to(NOON)
        sts.advance(hours=1, minutes=30)
        sts.advance(seconds=-30)
        late = active_mock.clock().now() - dt.datetime(2030, 1, 1, 13, 29, 30, tzinfo=dt.UTC)
        assert dt.timedelta(0) <= late < dt.timedelta(minutes=1)

    def test_nothing_outside_notices(self, sts: STSBackend) -> None:
        before = dt.datetime.now(dt.UTC)
        sts.move_to("2099-01-01T00:00:00Z")
        assert dt.datetime.now(dt.UTC) - before < dt.timedelta(minutes=1)

    def test_frozen_time_moves_for_the_whole_process(self) -> None:
        with mock_sts_saml(now=NOON) as sts:
            sts.advance(minutes=6)
            assert dt.datetime.now(dt.UTC) == dt.datetime(2030, 1, 1, 12, 6, tzinfo=dt.UTC)

    def test_frozen_time_moves_to_an_instant_for_the_whole_process(self) -> None:
        with mock_sts_saml(now=NOON) as sts:
            sts.move_to("2031-01-01T00:00:00Z")
            assert dt.datetime.now(dt.UTC) == dt.datetime(2031, 1, 1, tzinfo=dt.UTC)

    def test_a_time_of_another_type_is_a_type_error(self, sts: STSBackend) -> None:
        with pytest.raises(
            TypeError, match=r"^a time must be a datetime or a string such as '2030-01-01T00:00:00Z', not 5$"
        ):
            sts.move_to(5)  # type: ignore[arg-type]


class TestPartitions:
    @pytest.mark.parametrize("partition", REGIONS)
    def test_a_login_works_in_each(
        self, client: Callable[..., Any], saml_signing_key: SigningKey, partition: Partition
    ) -> None:
        with mock_sts_saml(partition=partition) as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer")
            answer = client(REGIONS[partition]).assume_role_with_saml(**parameters(idp, role))
        assert (answer["AssumedRoleUser"]["Arn"], answer["Audience"]) == (
            f"arn:{partition}:sts::123456789012:assumed-role/Developer/alice@example.com",
            f"https://{SIGN_IN_HOSTS[partition]}/saml",
        )

    @pytest.mark.parametrize("partition", REGIONS)
    def test_a_providers_regional_url_works_in_each(
        self, client: Callable[..., Any], saml_signing_key: SigningKey, partition: Partition
    ) -> None:
        with mock_sts_saml(partition=partition) as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            provider = sts.create_saml_provider("ExampleIdP", idp)
            recipient = provider.sign_in_url(REGIONS[partition])
            role = sts.create_role("Developer", trust_policy=provider.trust_policy(recipient=recipient))
            answer = client(REGIONS[partition]).assume_role_with_saml(**parameters(idp, role, recipient=recipient))
        assert answer["Audience"] == (
            f"https://{REGIONS[partition]}.{SIGN_IN_HOSTS[partition]}/saml/acs/{provider.uuid}"
        )

    @pytest.mark.parametrize("region", [*REGIONS.values(), None])
    @pytest.mark.parametrize("partition", REGIONS)
    def test_an_endpoint_knows_providers_of_its_own_only(
        self,
        sts: STSBackend,
        idp: IdentityProvider,
        client: Callable[..., Any],
        partition: Partition,
        region: str | None,
    ) -> None:
        provider = sts.create_saml_provider("Other", idp, partition=partition, account_id="111122223333")
        role = sts.create_role("A", provider=provider)
        login = parameters(idp, role) | {"PrincipalArn": provider.arn}
        expected = None if REGIONS[partition] == (region or "eu-west-1") else "InvalidIdentityToken"
        assert code(client(region), login) == expected

    def test_a_provider_of_another_partition_does_not_exist(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        provider = sts.create_saml_provider("Gov", idp, partition="aws-us-gov")
        role = sts.create_role("A", provider=provider)
        assert refusal(idp.response(role), role, provider)[2].startswith(
            "Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; "
        )

    def test_a_role_of_another_partition_is_of_another_account(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        role = sts.create_role("A", provider=idp.provider, partition="aws-cn")
        response = idp.response(role, provider=idp.provider, recipient="https://signin.aws.amazon.com/saml")
        aws = idp.response(
            role,
            provider=idp.provider,
            recipient="https://signin.aws.amazon.com/saml",
            audience="urn:amazon:webservices",
        )
        assert refusal(response, role, idp.provider)[2] == "Response does not contain the required audience."
        assert refusal(aws, role, idp.provider)[2] == "Principal exists outside the account of the Role being assumed"


class TestIdentifiers:
    def keys(self, seed: Any, saml_signing_key: SigningKey, client: Any) -> list[Any]:
        """Return everything that is derived from the seed in two logins."""
        with mock_sts_saml(seed=seed, now=NOON) as sts:
            idp = IdentityProvider(signing_key=saml_signing_key)
            provider = sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer")
            answers = [client.assume_role_with_saml(**parameters(idp, role)) for _ in range(2)]
        return [provider.uuid, role.role_id, *answers]

    def test_of_one_seed_repeat_themselves(self, saml_signing_key: SigningKey, sts_client: Any) -> None:
        one, other = (self.keys("seed", saml_signing_key, sts_client) for _ in range(2))
        assert one == other

    @pytest.mark.parametrize("other", ["other", 1, b"seed"], ids=repr)
    def test_of_another_seed_are_others(self, saml_signing_key: SigningKey, sts_client: Any, other: Any) -> None:
        ours, theirs = (self.keys(seed, saml_signing_key, sts_client) for seed in ("seed", other))
        assert [a for a, b in zip(ours, theirs, strict=True) if a == b] == []

    def test_of_a_test_without_a_seed_repeat_themselves(self, saml_signing_key: SigningKey, sts_client: Any) -> None:
        one, other = (self.keys(None, saml_signing_key, sts_client) for _ in range(2))
        assert one == other

    @pytest.mark.parametrize("field", ["AccessKeyId", "SecretAccessKey", "SessionToken"])
    def test_of_no_two_logins_are_equal(
        self, idp: IdentityProvider, role: Role, log_in: Callable[..., Any], field: str
    ) -> None:
        response = idp.response(role)
        keys = {log_in(response, role, idp.provider)["Credentials"][field] for _ in range(5)}
        assert len(keys) == 5

    def test_of_no_two_logins_in_threads_are_equal(
        self, idp: IdentityProvider, role: Role, log_in: Callable[..., Any]
    ) -> None:
        response = idp.response(role)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: log_in(response, role, idp.provider), range(32)))
        assert len({answer["Credentials"]["AccessKeyId"] for answer in answers}) == 32

    def test_of_no_two_requests_are_equal(self, sts: STSBackend) -> None:
        assert len({sts.handle("")[1]["x-amzn-RequestId"] for _ in range(5)}) == 5


class TestOptions:
    def test_account_and_partition_apply_to_what_is_created(self, saml_signing_key: SigningKey) -> None:
        with mock_sts_saml(account_id="111122223333", partition="aws-cn") as sts:
            sts.create_saml_provider("Okta", IdentityProvider(signing_key=saml_signing_key))
            assert sts.create_role("A").arn == "arn:aws-cn:iam::111122223333:role/A"

    def test_the_repr_names_account_and_partition(self) -> None:
        with mock_sts_saml(account_id="111122223333", partition="aws-us-gov") as sts:
            assert repr(sts) == "<STSBackend of account 111122223333 in aws-us-gov>"

    @pytest.mark.parametrize(
        ("option", "message"),
        [
            ({"account_id": "1"}, "account_id must be a string of 12 digits, not '1'"),
            ({"partition": "aws-iso"}, "partition must be one of aws, aws-cn, aws-us-gov, not 'aws-iso'"),
        ],
        ids=["account_id", "partition"],
    )
    def test_an_option_that_aws_does_not_have_is_a_value_error(self, option: dict[str, str], message: str) -> None:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            STSBackend(Services(**{"account_id": "123456789012", "partition": "aws"} | option, seed=1))


@pytest.mark.parametrize("region", ["useast1", "", "eu_west_1"])
def test_an_invalid_region_cannot_be_disabled(sts: STSBackend, region: str) -> None:
    with pytest.raises(ValueError, match=f'^a region must be a string such as "eu-west-1", not {region!r}$'):
        sts.disable_region(region)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda sts, _: sts.create_role("Developer", max_session=7200),
            "create_role() does not take the keyword max_session; did you mean max_session_duration?",
            id="create_role",
        ),
        pytest.param(
            lambda sts, idp: sts.create_saml_provider("Okta", idp, acount_id="123456789012"),
            "create_saml_provider() does not take the keyword acount_id; did you mean account_id?",
            id="create_saml_provider",
        ),
        pytest.param(
            lambda sts, idp: sts.update_saml_provider(idp.provider, add_key="key"),
            "update_saml_provider() does not take the keyword add_key; did you mean add_private_key?",
            id="update_saml_provider",
        ),
        pytest.param(
            lambda sts, _: sts.create_policy("Read", "{}", zzz=1),
            "create_policy() does not take the keyword zzz; it takes name, document, path, account_id, partition",
            id="nothing-is-near",
        ),
        pytest.param(
            lambda sts, _: sts.advance(minuets=3),
            "advance() does not take the keyword minuets; did you mean minutes?",
            id="advance",
        ),
        pytest.param(
            lambda sts, idp: idp.request(sts.create_role("Developer"), recipeint="a"),
            "response() does not take the keyword recipeint; did you mean recipient?",
            id="request",
        ),
    ],
)
def test_a_misspelt_keyword_is_told_with_the_right_one(
    sts_saml: STSBackend,
    saml_idp: IdentityProvider,
    call: Callable[[STSBackend, IdentityProvider], object],
    message: str,
) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        call(sts_saml, saml_idp)


def test_another_type_error_is_told_as_it_is(sts_saml: STSBackend) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        sts_saml.create_role(path="/")  # type: ignore[call-arg]  # which is the mistake
