"""How the identity providers of vendors write responses, metadata and login pages, as data.

A shape is named after a product. Its data describe the form of what the product writes; hosts and users are examples.
"""

from typing import Any

from ...keywords import unknown_choice
from .plain import PLAIN
from .shape import Shape


def shape_named(name: Any) -> Shape:
    """Return the shape with a name, or `PLAIN` for None.

    :raises TypeError: if the name is not a string.
    :raises ValueError: if there is no such shape.
    """
    if name is None:
        return PLAIN
    if not isinstance(name, str):
        raise TypeError(f"shape must be a string or None, not {name!r}")
    from .vendors import SHAPES  # a test that names no shape does not wait for those of all vendors

    if name not in SHAPES:
        raise ValueError(unknown_choice("shape", name, SHAPES, "None"))
    return SHAPES[name]
