"""What each service answers to credentials that AWS refuses, as a table."""

from typing import NamedTuple

from ..sts.rule import Confidence
from ..wire import CredentialFault


class Denial(NamedTuple):
    """What a service, or all other services of a protocol, answer to a call that policies do not allow."""

    #: The name of the service or of the protocol, as botocore has it.
    of: str
    #: AWS's error code.
    code: str
    #: The HTTP status.
    status: int
    #: The message, with the fields `$user`, `$action`, `$resource` and `$because`.
    message: str
    #: The resource in the message, with the field `$arn`. It is left out if it is not known.
    resource: str
    #: Where it was seen: an answer of AWS in somebody's report.
    source: str
    #: How well it is established.
    confidence: Confidence
    #: Whether the message has the action in lower case.
    in_lower_case: bool = False


class Answer(NamedTuple):
    """What a service, or all other services of a protocol, answer to one fault of credentials."""

    #: The name of the service or of the protocol, as botocore has it.
    of: str
    #: The faults.
    faults: tuple[CredentialFault, ...]
    #: AWS's error code.
    code: str
    #: The HTTP status.
    status: int
    #: The message.
    message: str
    #: Where it was seen: an answer of AWS in somebody's report.
    source: str
    #: How well it is established.
    confidence: Confidence


_EXPIRED = "The security token included in the request is expired"
_INVALID = "The security token included in the request is invalid."
_NOT_VALIDATED = "AWS was not able to validate the provided access credentials"
_ENDED = (CredentialFault.EXPIRED,)
_REFUSED = (CredentialFault.MISMATCH, CredentialFault.UNKNOWN)

#: The rows of a service come before those of its protocol.
ANSWERS = (
    Answer(
        "s3",
        _ENDED,
        "ExpiredToken",
        400,
        "The provided token has expired.",
        "craftcms/aws-s3 #182, romange/helio #15",
        Confidence.OBSERVED,
    ),
    Answer(
        "s3",
        (CredentialFault.MISMATCH,),
        "InvalidToken",
        400,
        "The provided token is malformed or otherwise invalid.",
        "s3tools/s3cmd #297, aws/aws-sdk-js #3534",
        Confidence.OBSERVED,
    ),
    Answer(
        "s3",
        (CredentialFault.UNKNOWN,),
        "InvalidAccessKeyId",
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
        "S3 API reference, list of error codes; seen for access keys, not for sessions whose role is gone",
        Confidence.INFERRED,
    ),
    Answer(
        "ec2",
        _ENDED,
        "RequestExpired",
        400,
        "Request has expired.",
        "aws/aws-sdk-java #1443, aws/aws-sdk-go-v2 #1674",
        Confidence.OBSERVED,
    ),
    Answer(
        "ec2",
        _REFUSED,
        "AuthFailure",
        401,
        _NOT_VALIDATED,
        "thelastpickle/tlp-cluster #172, ballerina-platform/module-ballerinax-aws.s3 #14",
        Confidence.OBSERVED,
    ),
    Answer("sqs", _ENDED, "ExpiredTokenException", 403, _EXPIRED, "celery/kombu #2217", Confidence.OBSERVED),
    Answer("sqs", _REFUSED, "UnrecognizedClientException", 403, _INVALID, "concluded from both", Confidence.INFERRED),
    Answer("query", _ENDED, "ExpiredToken", 403, _EXPIRED, "cfn-sphere/cfn-sphere #55 (IAM)", Confidence.OBSERVED),
    Answer(
        "query",
        _REFUSED,
        "InvalidClientTokenId",
        403,
        _INVALID,
        "evanshortiss/sns-mobile #14 (SNS)",
        Confidence.OBSERVED,
    ),
    Answer("rest-xml", _ENDED, "ExpiredToken", 403, _EXPIRED, "concluded from both", Confidence.INFERRED),
    Answer(
        "rest-xml",
        _REFUSED,
        "InvalidClientTokenId",
        403,
        _INVALID,
        "barnybug/cli53 #278 (Route 53)",
        Confidence.OBSERVED,
    ),
    Answer("json", _ENDED, "ExpiredTokenException", 400, _EXPIRED, "guregu/dynamo #68 (DynamoDB)", Confidence.OBSERVED),
    Answer(
        "json",
        _REFUSED,
        "UnrecognizedClientException",
        400,
        _INVALID,
        "boto/boto3 #509 (DynamoDB)",
        Confidence.OBSERVED,
    ),
    Answer(
        "rest-json",
        _ENDED,
        "ExpiredTokenException",
        403,
        _EXPIRED,
        "cloudquery/cq-provider-aws #1171 (Lambda)",
        Confidence.OBSERVED,
    ),
    Answer(
        "rest-json",
        _REFUSED,
        "UnrecognizedClientException",
        403,
        _INVALID,
        "iann0036/iamlive #58 (Lambda)",
        Confidence.OBSERVED,
    ),
    Answer(
        "smithy-rpc-v2-cbor", _ENDED, "ExpiredTokenException", 400, _EXPIRED, "concluded from json", Confidence.INFERRED
    ),
    Answer(
        "smithy-rpc-v2-cbor",
        _REFUSED,
        "UnrecognizedClientException",
        400,
        _INVALID,
        "concluded from json",
        Confidence.INFERRED,
    ),
)


_DENIED = "User: $user is not authorized to perform: $action$resource $because"
_ON_RESOURCE = " on resource: $arn"

#: The rows of a service come before those of its protocol.
DENIALS = (
    Denial(
        "s3",
        "AccessDenied",
        403,
        _DENIED,
        ' on resource: "$arn"',
        "awslabs/amazon-kinesis-data-analytics-java-examples, aws/aws-cdk-cli #1676",
        Confidence.OBSERVED,
    ),
    Denial(
        "ec2",
        "UnauthorizedOperation",
        403,
        f"You are not authorized to perform this operation. {_DENIED}",
        _ON_RESOURCE,
        "reports of DescribeImages and CreateInternetGateway",
        Confidence.OBSERVED,
    ),
    Denial(
        "sqs",
        "AccessDenied",
        403,
        _DENIED,
        _ON_RESOURCE,
        "aws/serverless-application-model #3633, microsoft/aspire #3333",
        Confidence.OBSERVED,
        in_lower_case=True,
    ),
    Denial("query", "AccessDenied", 403, _DENIED, _ON_RESOURCE, "reports of IAM's CreateRole", Confidence.OBSERVED),
    Denial("rest-xml", "AccessDenied", 403, _DENIED, _ON_RESOURCE, "concluded from the others", Confidence.INFERRED),
    Denial(
        "json",
        "AccessDeniedException",
        400,
        _DENIED,
        _ON_RESOURCE,
        "reports of DynamoDB's GetItem",
        Confidence.OBSERVED,
    ),
    Denial(
        "rest-json",
        "AccessDeniedException",
        403,
        _DENIED,
        _ON_RESOURCE,
        "aws/aws-sdk-js #4303, reports of Evidently",
        Confidence.OBSERVED,
    ),
    Denial(
        "smithy-rpc-v2-cbor",
        "AccessDeniedException",
        400,
        _DENIED,
        _ON_RESOURCE,
        "concluded from json",
        Confidence.INFERRED,
    ),
)


def denial_of(service: str, protocol: str) -> Denial:
    """Return what a service answers to a call that policies do not allow; the parameters are those of `answer_of`."""
    return next(denial for of in (service, protocol, "json") for denial in DENIALS if denial.of == of)


def answer_of(service: str, protocol: str, fault: CredentialFault) -> Answer:
    """Return what a service answers to a fault of credentials.

    :param service: the service as botocore names it.
    :param protocol: its protocol as botocore names it; one that is not in the table is taken for "json".
    """
    rows = [answer for answer in ANSWERS if fault in answer.faults]
    return next(answer for of in (service, protocol, "json") for answer in rows if answer.of == of)
