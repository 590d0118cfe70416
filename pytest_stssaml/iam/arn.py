"""Amazon resource names (ARNs)."""

from typing import NamedTuple


class Arn(NamedTuple):
    """The parts of an ARN (AWS general reference, aws-arns-and-namespaces)."""

    #: Such as "aws".
    partition: str
    #: Such as "iam".
    service: str
    #: Empty in the ARNs of IAM.
    region: str
    #: The 12 digits of the account; "aws" in the ARNs of AWS's own policies.
    account_id: str
    #: The rest, such as "role/team/Developer".
    resource: str

    @property
    def name(self) -> str:
        """What follows the path of the resource."""
        return self.resource.rpartition("/")[2]

    @property
    def path_of_role(self) -> str:
        """The path of a role, such as "/team/"."""
        return self.resource.removeprefix("role").removesuffix(self.name)


def parse_arn(text: str) -> Arn | None:
    """Return the parts of an ARN.

    It is None if there are fewer than six, or if the partition, the service or the resource is empty.
    """
    prefix, *parts = text.split(":", 5)
    if prefix != "arn" or len(parts) != 5:
        return None
    arn = Arn(*parts)
    return arn if arn.partition and arn.service and arn.resource else None


def shown(text: str) -> str:
    """Return a string for an explanation: as it is, or escaped if a reader could not see what is wrong with it.

    White space around it is named. Invisible characters and letters beyond ASCII are escaped.
    """
    if text and text.isascii() and text.isprintable() and text == text.strip():
        return text
    places = [
        place for place, stripped in (("before", text.lstrip()), ("after", text.rstrip())) if len(stripped) < len(text)
    ]
    return ascii(text) + (f", which has white space {' and '.join(places)} it" if places else "")
