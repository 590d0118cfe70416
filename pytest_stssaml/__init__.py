"""A mock of AWS STS AssumeRoleWithSAML that verifies what it is given, and an identity provider to call it with."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backend import STSBackend
    from .explanation.explain import explain
    from .explanation.result import Explanation
    from .iam.entities import Role, SAMLProvider
    from .iam.errors import IAMError
    from .idp.identity_provider import IdentityProvider
    from .idp.saml_response import SAMLResponse
    from .keys import make_signing_key
    from .mock import active_backend, mock_sts_saml
    from .parameter_names import REJECTIONS, SHAPES
    from .rejections import Rejection
    from .sts.attempts.attempt import Attempt
    from .sts.sessions.decision import Decision
    from .sts.sessions.session import Session

__all__ = [
    "REJECTIONS",
    "SHAPES",
    "Attempt",
    "Decision",
    "Explanation",
    "IAMError",
    "IdentityProvider",
    "Rejection",
    "Role",
    "SAMLProvider",
    "SAMLResponse",
    "STSBackend",
    "Session",
    "active_backend",
    "explain",
    "make_signing_key",
    "mock_sts_saml",
]

_HOMES = {
    "mock_sts_saml": ".mock",
    "active_backend": ".mock",
    "make_signing_key": ".keys",
    "explain": ".explanation.explain",
    "Explanation": ".explanation.result",
    "Attempt": ".sts.attempts.attempt",
    "Decision": ".sts.sessions.decision",
    "IAMError": ".iam.errors",
    "REJECTIONS": ".parameter_names",
    "SHAPES": ".parameter_names",
    "Rejection": ".rejections",
    "STSBackend": ".backend",
    "SAMLProvider": ".iam.entities",
    "Role": ".iam.entities",
    "Session": ".sts.sessions.session",
    "IdentityProvider": ".idp.identity_provider",
    "SAMLResponse": ".idp.saml_response",
}


# pytest imports this package at every start, so a name is imported when it is first asked for.
def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(_HOMES[name], __name__), name)
    except AttributeError as error:
        # A dependency that does not fit another may raise one as it is imported. `from pytest_stssaml import ...` would
        # take it for the answer that there is no such name, and hide it.
        raise ImportError(f"{__name__}.{name} cannot be imported: {error}", name=__name__) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    # freezegun reads every name that dir() lists of every module, and would import all of it.
    if sys._getframe(1).f_globals.get("__name__", "").startswith("freezegun."):  # noqa: SLF001 - no other way to know
        return sorted(globals())
    return sorted({*globals(), *__all__})
