"""Regions, their partitions and endpoints, and where session tokens of the global endpoint are valid."""

import re
from typing import Final

#: The region that serves the global endpoint, by the name that botocore has for that endpoint (AWS general reference,
#: STS endpoints).
GLOBAL_REGIONS = {"aws-global": "us-east-1"}

#: The versions of session tokens (API reference SetSecurityTokenServicePreferences). Version 1, which the global
#: endpoint issues by default, is valid only in regions that are enabled by default. Version 2 is valid in all regions,
#: as are the session tokens of the endpoint of a region (id_credentials_temp_enable-regions).
V1_TOKEN: Final = "v1Token"  # noqa: S105 - the name of a version
V2_TOKEN: Final = "v2Token"  # noqa: S105 - likewise

# The regions of the partition "aws" that began before 20 March 2019. All others have to be enabled in an account first
# (AWS Account Management reference guide, manage-acct-regions; "opt-in-not-required" in EC2's DescribeRegions), so a
# region that is new is not missing here. Only this partition has a global endpoint.
_ENABLED_BY_DEFAULT = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)

#: The form of a region's name, as a regular expression.
REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d+"

#: The host of an endpoint of STS. The global one has no region in its name (AWS general reference, STS endpoints).
STS_HOST = rf"sts(?:\.amazonaws\.com|(?:-fips)?\.(?P<region>{REGION})\.(?:amazonaws\.com(?:\.cn)?|api\.aws))(?![\w.-])"
#: The beginning of its URL.
STS_ENDPOINT = re.compile(rf"https?://{STS_HOST}", re.ASCII | re.IGNORECASE)

# The names of a partition's regions begin alike, except in the partition "aws" (botocore's partitions.json).
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
    """Return the partition of a region, which its name tells."""
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")


#: A region of each partition that has a SAML sign-in URL, for remedies.
_EXAMPLES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def client_of(partition: str) -> str:
    """Return what a test author writes to call the endpoint of a partition."""
    return f"give the client a region of {partition}, such as region_name={_EXAMPLES[partition]!r}"


def is_opt_in(region: str) -> bool:
    """Return whether a region of the partition "aws" has to be enabled in an account before it can be used."""
    return region not in _ENABLED_BY_DEFAULT
