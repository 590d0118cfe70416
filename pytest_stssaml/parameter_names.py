"""Names that pytest asks for at collection; nothing heavy is imported for them."""

#: What `saml_rejection` runs through: each is made in `rejections` under this name.
REJECTIONS = (
    "expired",
    "redeemed-too-late",
    "not-yet-valid",
    "tampered",
    "foreign-key",
    "unsigned",
    "wrong-issuer",
    "unknown-provider",
    "wrong-audience",
    "wrong-recipient",
    "no-confirmation",
    "idp-refused",
    "role-not-in-response",
    "no-session-name",
    "bad-session-name",
    "bad-source-identity",
    "bad-tags",
    "no-name-id",
    "unknown-role",
    "not-a-role",
    "other-account",
    "not-in-trust-policy",
    "untrusted-tags",
    "untrusted-source-identity",
    "packed-too-large",
    "region-disabled",
    "too-long-a-session",
    "malformed-policy",
)

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
