"""Whether moto's mock is active. Only then is the bridge to it imported."""

import sys


def is_active() -> bool:
    """Return whether moto's mock is active, without importing moto."""
    stubber = getattr(sys.modules.get("moto.core.models"), "botocore_stubber", None)
    return bool(getattr(stubber, "enabled", False))
