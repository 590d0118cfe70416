"""Names that pytest asks for at collection; nothing heavy is imported for them."""

from typing import get_args

from .literals import RejectionName, Shape

#: What `saml_rejection` runs through: each is made in `rejections` under this name.
REJECTIONS: tuple[RejectionName, ...] = get_args(RejectionName)

#: What `shape=` may be: the data of each stands in `idp.shapes` under this name.
SHAPES: tuple[Shape, ...] = get_args(Shape)
