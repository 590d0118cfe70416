"""The shapes of all vendors, by name."""

from . import approximate, exact

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
