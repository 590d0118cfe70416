import re
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from query import FORM, POLICY, PROVIDER

from pytest_stssaml import STSBackend
from pytest_stssaml.sts.wire.query_request import read_form


class TestReadForm:
    def test_gives_the_parameters_by_name(self) -> None:
        assert read_form("RoleArn=a&PrincipalArn=b") == {"RoleArn": "a", "PrincipalArn": "b"}

    @pytest.mark.parametrize(
        ("form", "parameters"),
        [
            pytest.param("A=1&A=2", {"A": "1"}, id="two"),
            pytest.param("A=1&B=0&A=2&A=3", {"A": "1", "B": "0"}, id="three with another between"),
            pytest.param("A=&A=2", {"A": ""}, id="the first blank"),
            pytest.param("%41=1&A=2", {"A": "1"}, id="the first written otherwise"),
        ],
    )
    def test_takes_the_first_value_of_a_repeated_parameter(self, form: str, parameters: dict[str, str]) -> None:
        assert read_form(form) == parameters

    @pytest.mark.parametrize("form", ["A=", "A"])
    def test_keeps_a_parameter_without_a_value(self, form: str) -> None:
        assert read_form(form) == {"A": ""}

    @pytest.mark.parametrize("form", ["", "&", "&&&"], ids=repr)
    def test_reads_an_empty_form_as_no_parameters(self, form: str) -> None:
        assert read_form(form) == {}

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            pytest.param("a+b", "a b", id="plus"),
            pytest.param("a%20b", "a b", id="space"),
            pytest.param("a%2Bb%2f%3D", "a+b/=", id="base64"),
            pytest.param("%C3%A4%E4%B8%AD%F0%9F%98%80", "ä中\U0001f600", id="UTF-8"),
            pytest.param("ä", "ä", id="not escaped"),
            pytest.param("a=b=", "a=b=", id="equals signs"),
            pytest.param("a;b", "a;b", id="semicolon"),
            pytest.param("%00", "\0", id="NUL"),
            pytest.param("%", "%", id="percent alone"),
            pytest.param("%2", "%2", id="escape cut short"),
            pytest.param("%zz%41", "%zzA", id="no hexadecimal digits"),
            pytest.param("%u0041", "%u0041", id="not the escape of URLs"),
            pytest.param("%2541", "%41", id="escaped once more"),
            pytest.param("a%FFb", "a\ufffdb", id="not UTF-8"),
            pytest.param("%E4%B8", "\ufffd", id="UTF-8 cut short"),
            pytest.param("%ED%A0%80", "\ufffd\ufffd\ufffd", id="surrogate"),
        ],
    )
    def test_decodes_a_value(self, written: str, value: str) -> None:
        assert read_form(f"A={written}") == {"A": value}

    def test_decodes_a_name(self) -> None:
        assert read_form("Policy%41rns.member.1.arn=a") == {"PolicyArns.member.1.arn": "a"}


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
            pytest.param({"RoleArn": "nothing-valid-in-here"}, "nothing-valid-in-here is invalid", id="not an ARN"),
            pytest.param({"RoleArn": PROVIDER}, "Request ARN is invalid", id="not a role"),
            pytest.param({"RoleArn": "<&>-nothing-valid-in-here"}, "<&>-nothing-valid-in-here is invalid", id="markup"),
            pytest.param(
                {"DurationSeconds": 899},
                "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
                "Member must have value greater than or equal to 900",
                id="duration",
            ),
            pytest.param(
                {"PolicyArns": [{"arn": POLICY}, {"arn": "short"}]},
                "1 validation error detected: Value 'short' at 'policyArns.2.member.arn' failed to satisfy constraint: "
                "Member must have length greater than or equal to 20",
                id="policy ARN",
            ),
            pytest.param(
                {"PolicyArns": [{"arn": "nothing-valid-in-here"}]},
                "nothing-valid-in-here is invalid",
                id="not the ARN of a policy",
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
