"""The catalogue: one row for each thing that AWS says no with."""

from dataclasses import dataclass
from enum import Enum
from string import Template

from ..saml.faults import Fault


class Text(Enum):
    """How much is known of the words of a message."""

    DOCUMENTED = "in AWS's documentation"
    OBSERVED = "seen in an answer of AWS's"
    OURS = "unknown: these words are ours"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One observable refusal: code, HTTP status, message (with $fields), and what is known of the message."""

    code: str
    status: int
    message: str | None
    text: Text


class Rejected(Exception):
    """STS says no: a row of the catalogue for the caller, and for the test author the reason that AWS hides."""

    def __init__(self, error: ErrorRow, because: str, **fields: object) -> None:
        super().__init__(error, because)
        self.error = error
        self.because = because
        self.fields = fields

    def message(self, **fields: object) -> str | None:
        """The message with its fields filled in."""
        if self.error.message is None:
            return None
        return Template(self.error.message).substitute(self.fields, **fields)


# A back end's own exception, printed into the message; the request id in it is another one than the answer's.
_BACK_END = (
    " (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: $exception; "
    "Request ID: $request_id; Proxy: null)"
)


def _back_end(message: str, exception: str) -> str:
    return message + Template(_BACK_END).safe_substitute(exception=exception)


# Request
UNKNOWN_OPERATION = ErrorRow(
    "InvalidAction", 400, "Could not find operation $action for version $version", Text.OBSERVED
)
OTHER_OPERATION = ErrorRow("InvalidAction", 400, "pytest-stssaml does not serve $action", Text.OURS)
VALIDATION = ErrorRow("ValidationError", 400, "$faults", Text.OBSERVED)
NUMBER_MISSING = ErrorRow("MalformedInput", 400, "missing value for decimal type", Text.OBSERVED)
NOT_A_NUMBER = ErrorRow("MalformedInput", 400, None, Text.OBSERVED)
NOT_AN_ARN = ErrorRow("ValidationError", 400, "$value is invalid", Text.OBSERVED)
NOT_A_ROLE_ARN = ErrorRow("ValidationError", 400, "Request ARN is invalid", Text.OBSERVED)
REGION_DISABLED = ErrorRow(
    "RegionDisabledException",
    403,
    "STS is not activated in this region for account:$account_id. "
    "Your account administrator can activate STS in this region using the IAM Console.",
    Text.OBSERVED,
)

# Response
NOT_BASE64 = ErrorRow(
    "InvalidIdentityToken",
    400,
    _back_end("Invalid base64 SAMLResponse", "AuthSamlInvalidSamlResponseException"),
    Text.OBSERVED,
)
NOT_A_RESPONSE = ErrorRow("InvalidIdentityToken", 400, "SAMLResponse is not a SAML 2.0 response", Text.OURS)
UNKNOWN_PROVIDER = ErrorRow(
    "InvalidIdentityToken",
    400,
    _back_end("Specified provider doesn't exist", "AuthSamlManifestNotFoundException"),
    Text.OBSERVED,
)
REFUSED_BY_IDP = ErrorRow(
    "IDPRejectedClaim", 403, "The identity provider reported that authentication failed", Text.OURS
)
NOT_ONE_ASSERTION = ErrorRow("InvalidIdentityToken", 400, "Response must contain exactly one assertion", Text.OURS)
NOT_ENCRYPTED = ErrorRow("InvalidIdentityToken", 400, "Assertion in the response must be encrypted", Text.OURS)
NOT_DECRYPTED = ErrorRow("InvalidIdentityToken", 400, "Assertion in the response cannot be decrypted", Text.OURS)
FOREIGN_ISSUER = ErrorRow(
    "InvalidIdentityToken",
    400,
    _back_end("Issuer not present in specified provider", "AuthSamlInvalidSamlResponseException"),
    Text.OBSERVED,
)
BAD_SIGNATURE = ErrorRow("InvalidIdentityToken", 400, "Response signature invalid", Text.OBSERVED)
MALFORMED_ASSERTION = ErrorRow("InvalidIdentityToken", 400, "Assertion in the response is malformed", Text.OURS)

# Assertion
SUBJECT_CONFIRMATION = ErrorRow(
    "InvalidIdentityToken",
    400,
    "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",  # sic
    Text.OBSERVED,
)
RECIPIENT = ErrorRow("InvalidIdentityToken", 400, "Recipient is not an AWS sign-in endpoint", Text.OURS)
AUDIENCE = ErrorRow("InvalidIdentityToken", 400, "Response does not contain the required audience.", Text.DOCUMENTED)
NOT_YET_VALID = ErrorRow("InvalidIdentityToken", 400, "Response is not yet valid", Text.OURS)
EXPIRED = ErrorRow("ExpiredTokenException", 400, "Response has expired", Text.OBSERVED)
REDEEMED_TOO_LATE = ErrorRow(
    "ExpiredTokenException", 400, "Token must be redeemed within 5 minutes of issuance", Text.OBSERVED
)
ROLE_NOT_IN_RESPONSE = ErrorRow(
    "InvalidIdentityToken",
    400,
    "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
    Text.OBSERVED,
)
NO_ROLE_SESSION_NAME = ErrorRow(
    "InvalidIdentityToken", 400, "RoleSessionName is required in AuthnResponse", Text.OBSERVED
)
BAD_ROLE_SESSION_NAME = ErrorRow(
    "InvalidIdentityToken",
    400,
    "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
    Text.OBSERVED,
)

SOURCE_IDENTITY = ErrorRow(
    "InvalidIdentityToken",
    400,
    'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
    Text.DOCUMENTED,
)
TAGS = ErrorRow("ValidationError", 400, "Unable to validate tags", Text.OBSERVED)

# Authorization
OTHER_ACCOUNT = ErrorRow(
    "ValidationError", 400, "Principal exists outside the account of the Role being assumed", Text.OBSERVED
)
ACCESS_DENIED = ErrorRow("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML", Text.DOCUMENTED)
LONGER_THAN_ROLE_MAXIMUM = ErrorRow(
    "ValidationError",
    400,
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    Text.OBSERVED,
)


# Session policies and the token
TOO_MANY_POLICY_ARNS = ErrorRow("ValidationError", 400, "PolicyArns has more than 10 members", Text.OURS)
POLICY_OF_ANOTHER_ACCOUNT = ErrorRow(
    "ValidationError", 400, "A policy of PolicyArns belongs to another account than the role", Text.OURS
)
UNKNOWN_POLICY = ErrorRow(
    "InvalidParameterValue",
    400,
    "At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN.",
    Text.OBSERVED,
)
POLICIES_TOO_LONG = ErrorRow(
    "ValidationError", 400, "Policy and PolicyArns have more than 2048 characters together", Text.OURS
)
POLICY_NOT_JSON = ErrorRow("MalformedPolicyDocument", 400, "The policy is not in the valid JSON format.", Text.OBSERVED)
POLICY_SYNTAX = ErrorRow("MalformedPolicyDocument", 400, "Syntax errors in policy.", Text.OBSERVED)
PACKED_POLICY_TOO_LARGE = ErrorRow(
    "PackedPolicyTooLarge",
    400,
    "Packed policy consumes $percent% of allotted space, please use smaller policy.",
    Text.OBSERVED,
)
PACKED_TAGS_TOO_LARGE = ErrorRow(
    "PackedPolicyTooLarge", 400, "Packed size of session tags consumes $percent% of allotted space.", Text.OBSERVED
)
TOKEN_TOO_LARGE = ErrorRow("PackedPolicyTooLarge", 400, "Serialized token too large for session", Text.OBSERVED)

# Credentials
NOT_SIGNED = ErrorRow("MissingAuthenticationToken", 403, "Request is missing Authentication Token", Text.OBSERVED)
INVALID_TOKEN = ErrorRow(
    "InvalidClientTokenId", 403, "The security token included in the request is invalid.", Text.OBSERVED
)
EXPIRED_SESSION = ErrorRow("ExpiredToken", 403, "The security token included in the request is expired", Text.OBSERVED)
SIGNATURE = ErrorRow(
    "SignatureDoesNotMatch",
    403,
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.",
    Text.OBSERVED,
)
SESSION_CREDENTIALS = ErrorRow("AccessDenied", 403, "Cannot call $operation with session credentials", Text.OBSERVED)

# AssumeRole
NOT_AUTHORIZED = ErrorRow(
    "AccessDenied", 403, "User: $user is not authorized to perform: $action on resource: $resource", Text.OBSERVED
)
MFA = ErrorRow(
    "AccessDenied", 403, "MultiFactorAuthentication failed with invalid MFA one time pass code. ", Text.OBSERVED
)
CONTEXT_ASSERTION = ErrorRow(
    "InvalidContextAssertion", 400, "The context assertion in ProvidedContexts cannot be verified", Text.OURS
)
DUPLICATE_TAG_KEYS = ErrorRow(
    "InvalidParameterValue",
    400,
    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    Text.OBSERVED,
)
RESERVED_TAG = ErrorRow("InvalidParameterValue", 400, "Tag keys and values cannot begin with aws:", Text.OURS)
INHERITED_TAG = ErrorRow(
    "InvalidParameterValue",
    400,
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
    "calling session.",
    Text.OBSERVED,
)
TRANSITIVE_TAG_KEY = ErrorRow(
    "InvalidParameterValue",
    400,
    "The specified transitive tag key must be included in the requested tags.",
    Text.OBSERVED,
)
SOURCE_IDENTITY_IS_SET = ErrorRow(
    "ValidationError", 400, "The source identity is already set for this assume role session", Text.OBSERVED
)
LONGER_THAN_A_CHAIN = ErrorRow(
    "ValidationError",
    400,
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    Text.OBSERVED,
)

#: Every row that STS sends.
CATALOGUE = tuple(row for row in list(globals().values()) if isinstance(row, ErrorRow))

#: What the caller is told of a response that cannot be read.
UNREADABLE = {
    Fault.NOT_BASE64: NOT_BASE64,
    Fault.NOT_A_RESPONSE: NOT_A_RESPONSE,
    Fault.REFUSED_BY_IDP: REFUSED_BY_IDP,
    Fault.NOT_ONE_ASSERTION: NOT_ONE_ASSERTION,
    Fault.NOT_ENCRYPTED: NOT_ENCRYPTED,
    Fault.NOT_DECRYPTED: NOT_DECRYPTED,
    Fault.FOREIGN_ISSUER: FOREIGN_ISSUER,
    Fault.BAD_SIGNATURE: BAD_SIGNATURE,
    Fault.MALFORMED_ASSERTION: MALFORMED_ASSERTION,
}
