"""The regions that the installed botocore knows."""

import difflib
import functools


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
        near = difflib.get_close_matches(region, sorted(_regions()), n=5)
        near.sort(key=lambda known: sorted(known) != sorted(region))  # Transposed letters are the usual mistake.
        remedy = f"did you mean {near[0]}?" if near else "botocore's partitions.json has the regions"
        raise ValueError(f"no partition has the region {region!r}; {remedy}")
    return region
