"""How the identity providers of other makers write a response, as data.

Names are those of products; what stands here is the shape of what they write, with hosts and persons of examples.
"""

from typing import Any

from . import (
    approximate,
    exact,
    metadata,
    pages,
)
from .shape import Shape

#: How this package writes where no shape is asked for.
PLAIN = Shape(entity_id="https://idp.example.com/saml", metadata=metadata.PLAIN, page=pages.PLAIN)

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
    """The shape of a name, `PLAIN` for None.

    :raises TypeError: it is no text.
    :raises ValueError: there is no such shape.
    """
    if name is None:
        return PLAIN
    if not isinstance(name, str):
        raise TypeError(f"shape is a text or None, not {name!r}")
    if name not in SHAPES:
        raise ValueError(f"shape is one of {', '.join(SHAPES)}, or None, not {name!r}")
    return SHAPES[name]
