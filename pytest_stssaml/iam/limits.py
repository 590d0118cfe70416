"""Numbers, patterns and names of IAM, each with its source."""

import re
from typing import NamedTuple


class Constraint(NamedTuple):
    """What a parameter of a request must be."""

    #: The name of the parameter in error messages, in which `{}` is the position of a list's member.
    member: str
    #: The least length of a string, or the least number.
    minimum: int
    #: The greatest length of a string, or the greatest number.
    maximum: float
    #: A key of `PATTERNS`, or None.
    pattern: str | None = None
    #: Whether the parameter must be there.
    required: bool = False
    #: Whether messages leave the value out.
    sensitive: bool = False
    #: Whether the value is a number and not a string.
    number: bool = False


# These are the patterns as AWS prints them in its messages. They are written for Java, in which an escape may have five
# digits; in Python it needs eight. AWS was seen to refuse the supplementary planes, which its pattern seems to allow.
ARN_PATTERN = r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
POLICY_PATTERN = r"[\u0009\u000A\u000D\u0020-\u00FF]+"
NAME_PATTERN = r"[\w+=,.@-]*"
EXTERNAL_ID_PATTERN = r"[\w+=,.@:\/-]*"
SERIAL_NUMBER_PATTERN = r"[\w+=/:,.@-]*"
MFA_CODE_PATTERN = r"[\d]*"

#: The same patterns as Python writes them. That of ARNs lists what it excludes, which compiles in a fifth of the time.
PATTERNS = {
    ARN_PATTERN: re.compile("[^\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe-\U0010ffff]+"),
    POLICY_PATTERN: re.compile("[\t\n\r\u0020-\u00ff]+"),
    **{
        pattern: re.compile(pattern, re.ASCII)
        for pattern in (NAME_PATTERN, EXTERNAL_ID_PATTERN, SERIAL_NUMBER_PATTERN, MFA_CODE_PATTERN)
    },
}

# An account has a number. In the ARNs of AWS's own policies, a name stands in its place.
ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
AWS_OWN_ACCOUNT = "aws"

# The API references of CreateRole, CreateSAMLProvider and CreatePolicy say which names and paths are valid.
ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
ROLE_PATH = re.compile(r"/|/[\x21-\x7e]{1,510}/")
PROVIDER_NAME = re.compile(r"[\w._-]{1,128}", re.ASCII)
PROVIDER_RESOURCE = re.compile(rf"saml-provider/{PROVIDER_NAME.pattern}", re.ASCII)
POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)

# The API reference of CreateAccountAlias has the lengths, and the pattern as it is in messages.
SHORTEST_ACCOUNT_ALIAS, LONGEST_ACCOUNT_ALIAS = 3, 63
ACCOUNT_ALIAS_PATTERN = "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"
ACCOUNT_ALIAS = re.compile(ACCOUNT_ALIAS_PATTERN, re.ASCII)

# The API reference of CreateRole limits MaxSessionDuration. It is in seconds.
SHORTEST_ROLE_MAXIMUM = 3600
LONGEST_ROLE_MAXIMUM = 43200

# The names of the roles of IAM Identity Center begin with this (API reference of AssumeRoleWithSAML).
RESERVED_ROLE_PREFIX = "AWSReservedSSO_"

# The API reference of CreateSAMLProvider limits metadata and private keys. The lengths are in characters.
SHORTEST_METADATA, LONGEST_METADATA = 1000, 10_000_000
MOST_PRIVATE_KEYS = 2
LONGEST_PRIVATE_KEY = 16_384

# The IAM user guide limits tags on its pages id_session-tags, id_tags and reference_iam-quotas.
MOST_TAGS = 50
LONGEST_TAG_KEY = 128
LONGEST_TAG_VALUE = 256
RESERVED_TAG_PREFIX = "aws:"
TAG_PUNCTUATION = "_.:/=+-@"  # in addition to letters, numbers and spaces of any script
TAG_PATTERN = r"\p{L}\p{Z}\p{N}_.:/=+\-@"  # as AWS prints it
TAG_KEY_PATTERN, TAG_VALUE_PATTERN = f"[{TAG_PATTERN}]+", f"[{TAG_PATTERN}]*"
TAGS = Constraint("tags", 0, MOST_TAGS)
TAG_KEY = Constraint("tags.{}.member.key", 1, LONGEST_TAG_KEY, TAG_KEY_PATTERN, required=True)
TAG_VALUE = Constraint("tags.{}.member.value", 0, LONGEST_TAG_VALUE, TAG_VALUE_PATTERN, required=True)

# The IAM user guide has the version of policies on its page reference_policies_elements_version, and their lengths on
# reference_iam-quotas. The lengths are in characters, and white space does not count.
VERSION_WITH_VARIABLES = "2012-10-17"
LONGEST_TRUST_POLICY = 2048
LONGEST_MANAGED_POLICY = 6144
LONGEST_INLINE_POLICIES = 10_240

# The service authorization reference lists these actions of AWS STS. IAM was seen to refuse wildcards, and names in
# another case.
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
