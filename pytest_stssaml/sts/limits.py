"""AWS's numbers, patterns and names, each with its source."""

import datetime as dt
import re
from math import inf
from typing import NamedTuple

# API reference AssumeRoleWithSAML, and botocore's service model sts/2011-06-15
OPERATION = "AssumeRoleWithSAML"
CHAINING = "AssumeRole"
OTHER_OPERATIONS = frozenset(
    {
        CHAINING,
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
API_VERSION = "2011-06-15"
ARN_PATTERN = r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
POLICY_PATTERN = r"[\u0009\u000A\u000D\u0020-\u00FF]+"
DEFAULT_DURATION = 3600
SHORTEST_DURATION = 900
LONGEST_DURATION = 43200
LONGEST_CHAINED_DURATION = 3600
LONGEST_SESSION_POLICIES = 2048  # characters, the policy's and the ARNs' together
MOST_POLICY_ARNS = 10

# Observed: where a longer body is not read, and where a caller without Action is sent.
LONGEST_BODY = 10_000_000
PRODUCT_PAGE = "https://aws.amazon.com/iam"

# AWS what's new, 15 September 2026: one limit for the whole token
LONGEST_TOKEN = 4096


class Constraint(NamedTuple):
    """What one request parameter must be: a length of text or a range of numbers, and a pattern."""

    member: str
    minimum: int
    maximum: float
    pattern: str | None = None
    required: bool = False
    sensitive: bool = False
    number: bool = False


# In the order in which AWS lists the faults (observed: roleArn before principalArn). The name of the third is
# inferred from CloudTrail's sAMLAssertionID.
CONSTRAINTS = {
    "RoleArn": Constraint("roleArn", 20, 2048, ARN_PATTERN, required=True),
    "PrincipalArn": Constraint("principalArn", 20, 2048, ARN_PATTERN, required=True),
    "SAMLAssertion": Constraint("sAMLAssertion", 4, 100_000, required=True, sensitive=True),
    "Policy": Constraint("policy", 1, 2048, POLICY_PATTERN),
    "DurationSeconds": Constraint("durationSeconds", SHORTEST_DURATION, LONGEST_DURATION, number=True),
    "MinimumSessionTokenSize": Constraint("minimumSessionTokenSize", 0, LONGEST_TOKEN, number=True),
}
# For each member of PolicyArns; its place, from 1, is filled in.
POLICY_ARN = Constraint("policyArns.{}.member.arn", 20, 2048, ARN_PATTERN)

# The same for AssumeRole, whose Policy has no limit of its own.
NAME_PATTERN = r"[\w+=,.@-]*"
EXTERNAL_ID_PATTERN = r"[\w+=,.@:\/-]*"
SERIAL_NUMBER_PATTERN = r"[\w+=/:,.@-]*"
MFA_CODE_PATTERN = r"[\d]*"
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

# The patterns as AWS prints them are Java's: in Python an escape of five digits needs eight. AWS was seen to refuse
# the supplementary planes, which its pattern seems to admit.
PATTERNS = {
    ARN_PATTERN: re.compile("[\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd]+"),
    POLICY_PATTERN: re.compile("[\t\n\r\u0020-\u00ff]+"),
    **{
        pattern: re.compile(pattern, re.ASCII)
        for pattern in (NAME_PATTERN, EXTERNAL_ID_PATTERN, SERIAL_NUMBER_PATTERN, MFA_CODE_PATTERN)
    },
}

# IAM user guide, troubleshoot_saml: "token must be redeemed within 5 minutes of issuance"
REDEEMED_WITHIN = dt.timedelta(minutes=5)

# IAM user guide, troubleshoot_saml and id_roles_providers_create_saml_assertions
ROLE_SESSION_NAME = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}")

# IAM user guide, troubleshoot_saml, though botocore's model of other operations has 256 by now; without a colon there
# is no "aws:" to begin with
SOURCE_IDENTITY = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}")

# IAM user guide, id_session-tags, id_tags and reference_iam-quotas
MOST_TAGS = 50
LONGEST_TAG_KEY = 128
LONGEST_TAG_VALUE = 256
RESERVED_TAG_PREFIX = "aws:"
TAG_PUNCTUATION = "_.:/=+-@"  # beside letters, numbers and spaces of every script
TAG_PATTERN = r"\p{L}\p{Z}\p{N}_.:/=+\-@"  # as AWS prints it
TAG_KEY_PATTERN, TAG_VALUE_PATTERN = f"[{TAG_PATTERN}]+", f"[{TAG_PATTERN}]*"
TAGS = Constraint("tags", 0, MOST_TAGS)
TAG_KEY = Constraint("tags.{}.member.key", 1, LONGEST_TAG_KEY, TAG_KEY_PATTERN, required=True)
TAG_VALUE = Constraint("tags.{}.member.value", 0, LONGEST_TAG_VALUE, TAG_VALUE_PATTERN, required=True)
TRANSITIVE_TAG_KEYS = Constraint("transitiveTagKeys", 0, MOST_TAGS)
TRANSITIVE_TAG_KEY = Constraint("transitiveTagKeys.{}.member", 1, LONGEST_TAG_KEY, TAG_KEY_PATTERN)

# API references CreateRole, CreateSAMLProvider and CreatePolicy
ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
ROLE_PATH = re.compile(r"/|/[\x21-\x7e]{1,510}/")
PROVIDER_NAME = re.compile(r"[\w._-]{1,128}", re.ASCII)
POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
SHORTEST_ROLE_MAXIMUM = 3600
# API reference AssumeRoleWithSAML: roles of IAM Identity Center
RESERVED_ROLE_PREFIX = "AWSReservedSSO_"
SHORTEST_METADATA, LONGEST_METADATA = 1000, 10_000_000
MOST_PRIVATE_KEYS = 2
LONGEST_PRIVATE_KEY = 16_384
AWS_OWN_ACCOUNT = "aws"  # in the place of an account, where a policy is AWS's own
ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)

# IAM user guide, reference_policies_elements_version; reference_iam-quotas, which do not count white space
VERSION_WITH_VARIABLES = "2012-10-17"
LONGEST_TRUST_POLICY = 2048
LONGEST_MANAGED_POLICY = 6144
LONGEST_INLINE_POLICIES = 10_240

# Service authorization reference, actions of AWS STS; wildcards and other cases were seen to be refused.
TRUST_POLICY_ACTIONS = frozenset(
    {
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:SetContext",
        "sts:SetSourceIdentity",
        "sts:TagSession",
    }
)

# Ours: what a backend remembers
MOST_ATTEMPTS = 1000
MOST_SESSIONS = 1000

# What botocore calls the global endpoint, which is served from there (AWS general reference, STS endpoints).
GLOBAL_REGIONS = {"aws-global": "us-east-1"}

REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d+"

# How the regions of each partition but "aws" begin: botocore's partitions.json
_PARTITIONS = {
    "cn-": "aws-cn",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
}


def partition_of(region: str) -> str:
    """The partition of a region, from its name."""
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")
