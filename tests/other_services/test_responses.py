import textwrap
from typing import Any

import botocore.parsers
import pytest
from botocore.awsrequest import HeadersDict

from pytest_stssaml.other_services.answers import ANSWERS, DENIALS, answer_of, denial_of
from pytest_stssaml.other_services.responses import DeniedCall, HTTPError, RefusedCall, denial, refusal
from pytest_stssaml.sts.rule import Confidence
from pytest_stssaml.wire import CredentialFault

REQUEST_ID = "12345678-1234-4234-8234-123456789012"
EXPIRED = "The security token included in the request is expired"
DATE = "Tue, 01 Jan 2030 12:00:00 GMT"

PROTOCOLS = ["ec2", "query", "rest-xml", "json", "rest-json"]
if "smithy-rpc-v2-cbor" in botocore.parsers.PROTOCOL_PARSERS:  # older versions of botocore do not know it
    PROTOCOLS.append("smithy-rpc-v2-cbor")


def refused(protocol: str, service: str = "example", fault: CredentialFault = CredentialFault.EXPIRED) -> HTTPError:
    call = RefusedCall(service, protocol, "POST", "1.1", fault, "ASIAEXAMPLE", "<token>")
    return refusal(call, REQUEST_ID, DATE)


def read(protocol: str, response: HTTPError) -> Any:
    """Return a response as botocore reads it from the network."""
    received = {"status_code": response.status, "headers": HeadersDict(response.headers), "body": response.body}
    return botocore.parsers.create_parser(protocol).parse(received, None)


@pytest.mark.parametrize("fault", CredentialFault)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_botocore_reads_what_the_table_has(protocol: str, fault: CredentialFault) -> None:
    answer = answer_of("example", protocol, fault)
    parsed = read(protocol, refused(protocol, fault=fault))
    assert (parsed["Error"]["Code"], parsed["Error"]["Message"]) == (answer.code, answer.message)
    metadata = parsed["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["RequestId"]) == (answer.status, REQUEST_ID)
    assert metadata["HTTPHeaders"]["date"] == DATE


@pytest.mark.parametrize(
    ("protocol", "service", "body"),
    [
        (
            "json",
            "dynamodb",
            '{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"' + EXPIRED + '"}',
        ),
        (
            "query",
            "iam",
            textwrap.dedent(
                f"""\
                <ErrorResponse>
                  <Error>
                    <Type>Sender</Type>
                    <Code>ExpiredToken</Code>
                    <Message>{EXPIRED}</Message>
                  </Error>
                  <RequestId>{REQUEST_ID}</RequestId>
                </ErrorResponse>
                """
            ),
        ),
        ("rest-json", "lambda", '{"message":"' + EXPIRED + '"}'),
    ],
)
def test_a_body_is_that_of_aws(protocol: str, service: str, body: str) -> None:
    assert refused(protocol, service).body.decode() == body


def test_the_version_of_json_is_that_of_the_service() -> None:
    assert refused("json").headers["Content-Type"] == "application/x-amz-json-1.1"


def test_s3_escapes_the_token() -> None:
    assert read("rest-xml", refused("rest-xml", "s3"))["Error"]["Token-0"] == "<token>"


@pytest.mark.parametrize("service", ["example", "s3"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_botocore_reads_a_denial(protocol: str, service: str) -> None:
    protocol = "rest-xml" if service == "s3" else protocol
    arn, because = "arn:aws:s3:::there/a&b", "because no session policy allows the s3:GetObject action"
    call = DeniedCall(
        service, protocol, "POST", "arn:aws:sts::123456789012:assumed-role/A/b", "s3:GetObject", arn, because
    )
    row = denial_of(service, protocol)
    parsed = read(protocol, denial(call, REQUEST_ID))
    assert (parsed["Error"]["Code"], parsed["ResponseMetadata"]["HTTPStatusCode"]) == (row.code, row.status)
    where = f'"{arn}"' if service == "s3" else arn
    assert parsed["Error"]["Message"].endswith(
        f"is not authorized to perform: s3:GetObject on resource: {where} {because}"
    )


def test_sqs_writes_actions_in_lower_case() -> None:
    arn = "arn:aws:sqs:us-east-1:123456789012:jobs"
    because = "because no session policy allows the sqs:SendMessage action"
    user = "arn:aws:sts::123456789012:assumed-role/A/b"
    parsed = read("json", denial(DeniedCall("sqs", "json", "POST", user, "sqs:SendMessage", arn, because), REQUEST_ID))
    assert (parsed["ResponseMetadata"]["HTTPStatusCode"], parsed["Error"]["Code"]) == (403, "AccessDenied")
    assert parsed["Error"]["Message"] == (
        f"User: {user} is not authorized to perform: sqs:sendmessage on resource: {arn} because no session policy "
        "allows the sqs:sendmessage action"
    )


@pytest.mark.parametrize("fault", CredentialFault)
def test_a_service_comes_before_its_protocol(fault: CredentialFault) -> None:
    assert answer_of("s3", "rest-xml", fault) != answer_of("route53", "rest-xml", fault)
    assert answer_of("sqs", "json", fault).status == 403


@pytest.mark.parametrize("fault", CredentialFault)
def test_a_protocol_that_is_not_known_is_answered_as_json(fault: CredentialFault) -> None:
    assert answer_of("example", "protocol-of-2030", fault) == answer_of("example", "json", fault)
    assert refused("protocol-of-2030").body == refused("json").body


def test_each_row_has_a_source() -> None:
    assert all(row.source for row in (*ANSWERS, *DENIALS))
    assert {row.confidence for row in (*ANSWERS, *DENIALS)} == {Confidence.OBSERVED, Confidence.INFERRED}


def test_every_protocol_of_botocore_is_in_the_table() -> None:
    for table in (ANSWERS, DENIALS):
        assert set(botocore.parsers.PROTOCOL_PARSERS) <= {row.of for row in table}
