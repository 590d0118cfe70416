"""AWS's numbers, patterns and names, each with its source."""

import datetime as dt
import re
from typing import NamedTuple

# API reference AssumeRoleWithSAML, and botocore's service model sts/2011-06-15
API_VERSION = "2011-06-15"
ARN_PATTERN = r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
POLICY_PATTERN = r"[\u0009\u000A\u000D\u0020-\u00FF]+"
DEFAULT_DURATION = 3600
SHORTEST_DURATION = 900
LONGEST_DURATION = 43200


class Constraint(NamedTuple):
    """What one request parameter must be: a length of text or a range of numbers, and a pattern."""

    member: str
    minimum: int
    maximum: int
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
}

# The patterns as AWS prints them are Java's: in Python an escape of five digits needs eight. AWS was seen to refuse
# the supplementary planes, which its pattern seems to admit.
PATTERNS = {
    ARN_PATTERN: re.compile("[\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd]+"),
    POLICY_PATTERN: re.compile("[\t\n\r\u0020-\u00ff]+"),
}

# IAM user guide, troubleshoot_saml: "token must be redeemed within 5 minutes of issuance"
REDEEMED_WITHIN = dt.timedelta(minutes=5)

# IAM user guide, troubleshoot_saml and id_roles_providers_create_saml_assertions
ROLE_SESSION_NAME = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}")

# API references CreateRole and CreateSAMLProvider
ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
ROLE_PATH = re.compile(r"/|/[\x21-\x7e]{1,510}/")
PROVIDER_NAME = re.compile(r"[\w._-]{1,128}", re.ASCII)
SHORTEST_ROLE_MAXIMUM = 3600
SHORTEST_METADATA, LONGEST_METADATA = 1000, 10_000_000
MOST_PRIVATE_KEYS = 2
ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)

# What botocore calls the global endpoint, which is served from there (AWS general reference, STS endpoints).
GLOBAL_REGIONS = {"aws-global": "us-east-1"}

REGION = r"[a-z]{2}(?:-[a-z]+)+-\d+"


def partition_of(region: str) -> str:
    """The partition of a region, from its name."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
