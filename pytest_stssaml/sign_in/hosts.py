"""Where AWS's sign-in pages are: hosts, paths, and the regions and the console that belong to them."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from ..iam.partitions import REGION
from ..saml.vocabulary import SERVICE_PROVIDERS

#: The region whose STS the global sign-in page of a partition asks.
HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

# The domain of a partition's pages, such as "aws.amazon.com".
_DOMAINS = {name: aws.sign_in_host.removeprefix("signin.") for name, aws in SERVICE_PROVIDERS.items()}
_HOSTS = {
    name: re.compile(rf"(?:(?P<region>{REGION})\.)?{re.escape(aws.sign_in_host)}(?::\d+)?", re.ASCII)
    for name, aws in SERVICE_PROVIDERS.items()
}
_PATH = re.compile(r"/(?:saml(?:/acs/(?P<provider>\w+))?|federation|console/(?:home|logout))", re.ASCII)

_FIRST_SEGMENT = re.compile(r"/(?:saml|federation|console)(?=[/?]|\Z)", re.IGNORECASE)

SAML, FEDERATION, CONSOLE, LOGOUT = "/saml", "/federation", "/console/home", "/console/logout"


class Page(NamedTuple):
    """Which page a path names."""

    #: One of SAML, FEDERATION, CONSOLE and LOGOUT.
    name: str
    #: The UUID of a SAML provider, if the path is its own sign-in URL.
    provider: str | None


def page_of(path: str) -> Page | None:
    """Return the page of a path, which may include a query, or None if it is not one of the sign-in pages."""
    path = path.partition("?")[0]
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    return Page(SAML, found["provider"]) if path.startswith(SAML) else Page(path, None)


def is_of_the_pages(path: str) -> bool:
    """Return whether a path is that of a sign-in page, or nearly so, such as "/saml/" and "/SAML"."""
    return _FIRST_SEGMENT.match(path) is not None


def region_of(host: str, partition: str) -> str:
    """Return the region whose STS a sign-in page asks.

    :param host: the header Host. One that is not AWS's has the pages of every partition.
    :param partition: the partition of the role.
    """
    for name, pattern in _HOSTS.items():
        if found := pattern.fullmatch(host.lower()):
            return found["region"] or HOME_REGIONS[name]
    return HOME_REGIONS.get(partition, HOME_REGIONS["aws"])


def is_page_of_aws(url: str) -> bool:
    """Return whether a URL may be the one at which a user arrives in the console."""
    if re.search(r"[\s\\\x00-\x1f]", url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "https" and any(host == d or host.endswith(f".{d}") for d in _DOMAINS.values())
