"""Names that pytest asks for at collection; nothing heavy is imported for them."""

__all__ = ["SHAPES"]

#: What `shape=` may be: the data of each stands in `idp.shapes` under this name.
SHAPES = (
    "okta",
    "entra",
    "adfs",
    "google",
    "keycloak",
    "shibboleth",
    "pingfederate",
    "simplesamlphp",
    "onelogin",
    "auth0",
    "jumpcloud",
    "iam-identity-center",
)
