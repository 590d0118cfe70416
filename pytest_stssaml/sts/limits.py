"""Numbers, patterns and names of STS, each with its source."""

import datetime as dt
import re
from math import inf
from typing import Final

from ..iam.limits import (
    ARN_PATTERN,
    EXTERNAL_ID_PATTERN,
    LONGEST_TAG_KEY,
    MFA_CODE_PATTERN,
    MOST_TAGS,
    NAME_PATTERN,
    POLICY_PATTERN,
    SERIAL_NUMBER_PATTERN,
    TAG_KEY_PATTERN,
    Constraint,
)

# Operations: botocore's service model sts/2011-06-15.
API_VERSION = "2011-06-15"
SAML_LOGIN: Final = "AssumeRoleWithSAML"
ROLE_CHAINING = "AssumeRole"
#: The operations of STS other than AssumeRoleWithSAML.
OTHER_OPERATIONS = frozenset(
    {
        ROLE_CHAINING,
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "DecodeAuthorizationMessage",
        "GetAccessKeyInfo",
        "GetCallerIdentity",
        "GetDelegatedAccessToken",
        "GetFederationToken",
        "GetScopedCredentials",
        "GetSessionToken",
        "GetWebIdentityToken",
    }
)

# Durations in seconds: API references AssumeRoleWithSAML and AssumeRole.
DEFAULT_DURATION = 3600
SHORTEST_DURATION = 900
LONGEST_DURATION = 43200
LONGEST_CHAINED_DURATION = 3600

# Session policies: API reference AssumeRoleWithSAML.
LONGEST_SESSION_POLICIES = 2048  # characters, of the policy and the ARNs together
MOST_POLICY_ARNS = 10

# Observed: a longer body is not read, and a request without Action is redirected to this page.
LONGEST_BODY = 10_000_000
PRODUCT_PAGE = "https://aws.amazon.com/iam"

# AWS What's New, 15 September 2026: there is one limit for the whole session token, in bytes.
LONGEST_TOKEN = 4096

# Parameters of AssumeRoleWithSAML, in the order in which AWS lists their faults. It was observed that roleArn comes
# before principalArn. The name "sAMLAssertion" is inferred from CloudTrail's sAMLAssertionID.
CONSTRAINTS = {
    "RoleArn": Constraint("roleArn", 20, 2048, ARN_PATTERN, required=True),
    "PrincipalArn": Constraint("principalArn", 20, 2048, ARN_PATTERN, required=True),
    "SAMLAssertion": Constraint("sAMLAssertion", 4, 100_000, required=True, sensitive=True),
    "Policy": Constraint("policy", 1, 2048, POLICY_PATTERN),
    "DurationSeconds": Constraint("durationSeconds", SHORTEST_DURATION, LONGEST_DURATION, number=True),
    "MinimumSessionTokenSize": Constraint("minimumSessionTokenSize", 0, LONGEST_TOKEN, number=True),
}
# A member of PolicyArns; its position, from 1, is filled in.
POLICY_ARN = Constraint("policyArns.{}.member.arn", 20, 2048, ARN_PATTERN)

# Parameters of AssumeRole. Its Policy has no limit of its own.
CHAINING_CONSTRAINTS = {
    "RoleArn": Constraint("roleArn", 20, 2048, ARN_PATTERN, required=True),
    "RoleSessionName": Constraint("roleSessionName", 2, 64, NAME_PATTERN, required=True),
    "Policy": Constraint("policy", 1, inf, POLICY_PATTERN),
    "DurationSeconds": Constraint("durationSeconds", SHORTEST_DURATION, LONGEST_DURATION, number=True),
    "ExternalId": Constraint("externalId", 2, 1224, EXTERNAL_ID_PATTERN),
    "SerialNumber": Constraint("serialNumber", 9, 256, SERIAL_NUMBER_PATTERN),
    "TokenCode": Constraint("tokenCode", 6, 6, MFA_CODE_PATTERN),
    "SourceIdentity": Constraint("sourceIdentity", 2, 256, NAME_PATTERN),
    "MinimumSessionTokenSize": Constraint("minimumSessionTokenSize", 0, LONGEST_TOKEN, number=True),
}
TRANSITIVE_TAG_KEYS = Constraint("transitiveTagKeys", 0, MOST_TAGS)
TRANSITIVE_TAG_KEY = Constraint("transitiveTagKeys.{}.member", 1, LONGEST_TAG_KEY, TAG_KEY_PATTERN)

# IAM user guide, troubleshoot_saml: "token must be redeemed within 5 minutes of issuance".
REDEEMED_WITHIN = dt.timedelta(minutes=5)

# IAM user guide, troubleshoot_saml and id_roles_providers_create_saml_assertions.
ROLE_SESSION_NAME = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}")

# IAM user guide, troubleshoot_saml; botocore's model of other operations has 256 by now. A value that matches has no
# colon, so it cannot begin with "aws:".
SOURCE_IDENTITY = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}")

# Observed in AWS's answers to signed calls of STS: how far the time of a signature may differ from AWS's.
LARGEST_CLOCK_SKEW = dt.timedelta(minutes=15)

# How much a backend remembers. AWS has no such limits.
MOST_ATTEMPTS = 1000
MOST_SESSIONS = 1000
