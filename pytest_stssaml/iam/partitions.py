"""AWS's numbers, patterns and names, each with its source."""

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
