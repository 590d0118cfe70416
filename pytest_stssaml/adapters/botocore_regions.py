"""The regions that the installed botocore knows."""

import functools

from ..keywords import did_you_mean


@functools.cache
def _regions() -> frozenset[str]:
    from botocore.loaders import Loader

    partitions = Loader().load_data("partitions")["partitions"]
    return frozenset(region for partition in partitions for region in partition["regions"])


def known_region(region: str) -> str:
    """Return a region, if a partition has it.

    :raises ValueError: if no partition has it.
    """
    if region not in _regions():
        remedy = did_you_mean(region, sorted(_regions()), "botocore's partitions.json has the regions")
        raise ValueError(f"no partition has the region {region!r}; {remedy}")
    return region
