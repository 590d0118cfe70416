"""SAML providers, roles and ARNs, and where they are looked up."""

from typing import NamedTuple


class Arn(NamedTuple):
    """An Amazon resource name taken apart (AWS general reference, aws-arns-and-namespaces)."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    @property
    def name(self) -> str:
        """What stands after the path."""
        return self.resource.rpartition("/")[2]


def parse_arn(text: str) -> Arn | None:
    """The parts of an ARN, or None where it has fewer than six or an empty partition, service or resource."""
    prefix, *parts = text.split(":", 5)
    if prefix != "arn" or len(parts) != 5:
        return None
    arn = Arn(*parts)
    return arn if arn.partition and arn.service and arn.resource else None
