"""Regions and their partitions."""

#: The region that serves the global endpoint, by the name that botocore has for that endpoint (AWS general reference,
#: STS endpoints).
GLOBAL_REGIONS = {"aws-global": "us-east-1"}

#: The form of a region's name, as a regular expression.
REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d+"

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
