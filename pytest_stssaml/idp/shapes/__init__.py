"""How the identity providers of vendors write responses, metadata and login pages, as data.

A shape is named after a product. Its data describe the form of what the product writes; hosts and users are examples.
"""

from typing import Any

from . import approximate, exact, metadata, pages
from .shape import Shape

#: The package's own shape, which is used if no shape is named.
PLAIN = Shape(entity_id="https://idp.example.com/saml", metadata=metadata.PLAIN, page=pages.PLAIN)

#: The shapes by name.
SHAPES = {
    "okta": exact.OKTA,
    "entra": exact.ENTRA,
    "adfs": exact.ADFS,
    "google": exact.GOOGLE,
    "keycloak": exact.KEYCLOAK,
    "shibboleth": exact.SHIBBOLETH,
    "pingfederate": exact.PINGFEDERATE,
    "simplesamlphp": exact.SIMPLESAMLPHP,
    "onelogin": approximate.ONELOGIN,
    "auth0": approximate.AUTH0,
    "jumpcloud": approximate.JUMPCLOUD,
    "iam-identity-center": approximate.IAM_IDENTITY_CENTER,
}


def shape_named(name: Any) -> Shape:
    """Return the shape with a name, or `PLAIN` for None.

    :raises TypeError: if the name is not a string.
    :raises ValueError: if there is no such shape.
    """
    if name is None:
        return PLAIN
    if not isinstance(name, str):
        raise TypeError(f"shape must be a string or None, not {name!r}")
    if name not in SHAPES:
        raise ValueError(f"shape must be one of {', '.join(SHAPES)}, or None, not {name!r}")
    return SHAPES[name]
