"""The catalogue of errors: one row for each answer with which STS refuses a call."""

from enum import Enum
from string import Template
from typing import NamedTuple

from ..saml.faults import Fault


class Provenance(Enum):
    """Where the words of a message come from."""

    DOCUMENTED = "in AWS's documentation"
    OBSERVED = "seen in an answer of AWS"
    OURS = "chosen by this package, since AWS's words are not known"


class ErrorRow(NamedTuple):
    """One error as a caller sees it."""

    #: AWS's error code.
    code: str
    #: The HTTP status.
    status: int
    #: The message, with fields such as `$account_id`; None if AWS sends none.
    message: str | None
    #: Where the words of the message come from.
    provenance: Provenance


# AWS prints an exception of an internal service into the message. The request ID in it differs from the one of the
# response.
_INTERNAL_EXCEPTION = (
    " (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: $exception; "
    "Request ID: $request_id; Proxy: null)"
)


def _with_exception(message: str, exception: str) -> str:
    return message + Template(_INTERNAL_EXCEPTION).safe_substitute(exception=exception)


# Request
UNKNOWN_OPERATION = ErrorRow(
    "InvalidAction", 400, "Could not find operation $action for version $version", Provenance.OBSERVED
)
OTHER_OPERATION = ErrorRow("InvalidAction", 400, "pytest-stssaml does not serve $action", Provenance.OURS)
VALIDATION = ErrorRow("ValidationError", 400, "$faults", Provenance.OBSERVED)
NUMBER_MISSING = ErrorRow("MalformedInput", 400, "missing value for decimal type", Provenance.OBSERVED)
NOT_A_NUMBER = ErrorRow("MalformedInput", 400, None, Provenance.OBSERVED)
NOT_AN_ARN = ErrorRow("ValidationError", 400, "$value is invalid", Provenance.OBSERVED)
NOT_A_ROLE_ARN = ErrorRow("ValidationError", 400, "Request ARN is invalid", Provenance.OBSERVED)
NOT_A_PROVIDER_ARN = ErrorRow("ValidationError", 400, "Principal ARN is invalid", Provenance.OBSERVED)
REGION_DISABLED = ErrorRow(
    "RegionDisabledException",
    403,
    "STS is not activated in this region for account:$account_id. "
    "Your account administrator can activate STS in this region using the IAM Console.",
    Provenance.OBSERVED,
)

# Response
NOT_BASE64 = ErrorRow(
    "InvalidIdentityToken",
    400,
    _with_exception("Invalid base64 SAMLResponse", "AuthSamlInvalidSamlResponseException"),
    Provenance.OBSERVED,
)
UNKNOWN_PROVIDER = ErrorRow(
    "InvalidIdentityToken",
    400,
    _with_exception("Specified provider doesn't exist", "AuthSamlManifestNotFoundException"),
    Provenance.OBSERVED,
)
REFUSED_BY_IDP = ErrorRow(
    "IDPRejectedClaim", 403, "The identity provider reported that authentication failed", Provenance.OURS
)
NOT_ONE_ASSERTION = ErrorRow(
    "InvalidIdentityToken", 400, "Response must contain exactly one assertion", Provenance.OURS
)
NOT_ENCRYPTED = ErrorRow("InvalidIdentityToken", 400, "Assertion in the response must be encrypted", Provenance.OURS)
NOT_DECRYPTED = ErrorRow("InvalidIdentityToken", 400, "Assertion in the response cannot be decrypted", Provenance.OURS)
FOREIGN_ISSUER = ErrorRow(
    "InvalidIdentityToken",
    400,
    _with_exception("Issuer not present in specified provider", "AuthSamlInvalidSamlResponseException"),
    Provenance.OBSERVED,
)
BAD_SIGNATURE = ErrorRow("InvalidIdentityToken", 400, "Response signature invalid", Provenance.OBSERVED)
MALFORMED_ASSERTION = ErrorRow("InvalidIdentityToken", 400, "Assertion in the response is malformed", Provenance.OURS)

# Assertion
SUBJECT_CONFIRMATION = ErrorRow(
    "InvalidIdentityToken",
    400,
    "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",  # sic
    Provenance.OBSERVED,
)
RECIPIENT = ErrorRow(
    "InvalidIdentityToken", 400, "Recipient is not the sign-in endpoint of the provider", Provenance.OURS
)
AUDIENCE = ErrorRow(
    "InvalidIdentityToken", 400, "Response does not contain the required audience.", Provenance.DOCUMENTED
)
UNKNOWN_CONDITION = ErrorRow("InvalidIdentityToken", 400, "Response contains an unknown condition", Provenance.OURS)
NOT_YET_VALID = ErrorRow("InvalidIdentityToken", 400, "Response is not yet valid", Provenance.OURS)
EXPIRED = ErrorRow("ExpiredTokenException", 400, "Response has expired", Provenance.OBSERVED)
REDEEMED_TOO_LATE = ErrorRow(
    "ExpiredTokenException", 400, "Token must be redeemed within 5 minutes of issuance", Provenance.OBSERVED
)
ROLE_NOT_IN_RESPONSE = ErrorRow(
    "InvalidIdentityToken",
    400,
    "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
    Provenance.OBSERVED,
)
NO_ROLE_SESSION_NAME = ErrorRow(
    "InvalidIdentityToken", 400, "RoleSessionName is required in AuthnResponse", Provenance.OBSERVED
)
BAD_ROLE_SESSION_NAME = ErrorRow(
    "InvalidIdentityToken",
    400,
    "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
    Provenance.OBSERVED,
)

SOURCE_IDENTITY = ErrorRow(
    "InvalidIdentityToken",
    400,
    'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
    Provenance.DOCUMENTED,
)
TAGS = ErrorRow("ValidationError", 400, "Unable to validate tags", Provenance.OBSERVED)

# Authorization
OTHER_ACCOUNT = ErrorRow(
    "ValidationError", 400, "Principal exists outside the account of the Role being assumed", Provenance.OBSERVED
)
ACCESS_DENIED = ErrorRow("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML", Provenance.DOCUMENTED)
LONGER_THAN_ROLE_MAXIMUM = ErrorRow(
    "ValidationError",
    400,
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    Provenance.OBSERVED,
)


# Session policies and the token
TOO_MANY_POLICY_ARNS = ErrorRow("ValidationError", 400, "PolicyArns has more than 10 members", Provenance.OURS)
POLICY_OF_ANOTHER_ACCOUNT = ErrorRow(
    "ValidationError", 400, "A policy of PolicyArns belongs to another account than the role", Provenance.OURS
)
UNKNOWN_POLICY = ErrorRow(
    "InvalidParameterValue",
    400,
    "At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN.",
    Provenance.OBSERVED,
)
POLICIES_TOO_LONG = ErrorRow(
    "ValidationError", 400, "Policy and PolicyArns have more than 2048 characters together", Provenance.OURS
)
POLICY_NOT_JSON = ErrorRow(
    "MalformedPolicyDocument", 400, "The policy is not in the valid JSON format.", Provenance.OBSERVED
)
POLICY_SYNTAX = ErrorRow("MalformedPolicyDocument", 400, "Syntax errors in policy.", Provenance.OBSERVED)
PACKED_POLICY_TOO_LARGE = ErrorRow(
    "PackedPolicyTooLarge",
    400,
    "Packed policy consumes $percent% of allotted space, please use smaller policy.",
    Provenance.OBSERVED,
)
PACKED_TAGS_TOO_LARGE = ErrorRow(
    "PackedPolicyTooLarge",
    400,
    "Packed size of session tags consumes $percent% of allotted space.",
    Provenance.OBSERVED,
)
TOKEN_TOO_LARGE = ErrorRow("PackedPolicyTooLarge", 400, "Serialized token too large for session", Provenance.OBSERVED)

# Credentials
NOT_SIGNED = ErrorRow("MissingAuthenticationToken", 403, "Request is missing Authentication Token", Provenance.OBSERVED)
# Other services were seen to answer with the first of these four texts, and STS with the others.
DATE_OF_SIGNATURE = ErrorRow(
    "IncompleteSignature",
    400,
    "Date must be in ISO-8601 'basic format'. Got '$date'. See http://en.wikipedia.org/wiki/ISO_8601",
    Provenance.OBSERVED,
)
SIGNATURE_EXPIRED = ErrorRow(
    "SignatureDoesNotMatch",
    403,
    "Signature expired: $date is now earlier than $bound ($now - 15 min.)",
    Provenance.OBSERVED,
)
SIGNATURE_NOT_YET_CURRENT = ErrorRow(
    "SignatureDoesNotMatch",
    403,
    "Signature not yet current: $date is still later than $bound ($now + 15 min.)",
    Provenance.OBSERVED,
)
CREDENTIAL_SCOPE = ErrorRow("SignatureDoesNotMatch", 403, "$faults", Provenance.OBSERVED)
INVALID_TOKEN = ErrorRow(
    "InvalidClientTokenId", 403, "The security token included in the request is invalid.", Provenance.OBSERVED
)
# The same without a full stop.
INVALID_TOKEN_IN_REGION = ErrorRow(
    "InvalidClientTokenId", 403, "The security token included in the request is invalid", Provenance.OBSERVED
)
EXPIRED_SESSION = ErrorRow(
    "ExpiredToken", 403, "The security token included in the request is expired", Provenance.OBSERVED
)
SIGNATURE = ErrorRow(
    "SignatureDoesNotMatch",
    403,
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.",
    Provenance.OBSERVED,
)
SESSION_CREDENTIALS = ErrorRow(
    "AccessDenied", 403, "Cannot call $operation with session credentials", Provenance.OBSERVED
)

# AssumeRole
NOT_AUTHORIZED = ErrorRow(
    "AccessDenied", 403, "User: $user is not authorized to perform: $action on resource: $resource", Provenance.OBSERVED
)
MFA = ErrorRow(
    "AccessDenied", 403, "MultiFactorAuthentication failed with invalid MFA one time pass code. ", Provenance.OBSERVED
)
CONTEXT_ASSERTION = ErrorRow(
    "InvalidContextAssertion", 400, "The context assertion in ProvidedContexts cannot be verified", Provenance.OURS
)
DUPLICATE_TAG_KEYS = ErrorRow(
    "InvalidParameterValue",
    400,
    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    Provenance.OBSERVED,
)
RESERVED_TAG = ErrorRow("InvalidParameterValue", 400, "Tag keys and values cannot begin with aws:", Provenance.OURS)
INHERITED_TAG = ErrorRow(
    "InvalidParameterValue",
    400,
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
    "calling session.",
    Provenance.OBSERVED,
)
TRANSITIVE_TAG_KEY = ErrorRow(
    "InvalidParameterValue",
    400,
    "The specified transitive tag key must be included in the requested tags.",
    Provenance.OBSERVED,
)
SOURCE_IDENTITY_IS_SET = ErrorRow(
    "ValidationError", 400, "The source identity is already set for this assume role session", Provenance.OBSERVED
)
LONGER_THAN_A_CHAIN = ErrorRow(
    "ValidationError",
    400,
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    Provenance.OBSERVED,
)

#: Every row that STS may answer with.
CATALOGUE = tuple(row for row in list(globals().values()) if isinstance(row, ErrorRow))

#: The row for each reason why a response cannot be read.
UNREADABLE = {
    Fault.NOT_BASE64: NOT_BASE64,
    # Amazon Cognito's identity pools, which use the same service, were seen to answer this for good base64 too.
    Fault.NOT_A_RESPONSE: NOT_BASE64,
    Fault.REFUSED_BY_IDP: REFUSED_BY_IDP,
    Fault.NOT_ONE_ASSERTION: NOT_ONE_ASSERTION,
    Fault.NOT_ENCRYPTED: NOT_ENCRYPTED,
    Fault.NOT_DECRYPTED: NOT_DECRYPTED,
    Fault.FOREIGN_ISSUER: FOREIGN_ISSUER,
    Fault.BAD_SIGNATURE: BAD_SIGNATURE,
    Fault.MALFORMED_ASSERTION: MALFORMED_ASSERTION,
}
