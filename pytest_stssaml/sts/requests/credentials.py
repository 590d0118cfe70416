"""The credentials that a signed request presents."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ...iam.entities import Role
from ...iam.partitions import partition_of
from ...wire import Signature
from ..sessions.access_keys import secret_of
from ..sessions.session import Session, session_of
from ..sessions.token import unseal
from ..state import ServiceState
from .role_request import Fact


@dataclass(frozen=True)
class PresentedCredentials:
    """The credentials of a request, with everything that the rules may look at."""

    #: What the request tells about its signer.
    signature: Signature
    #: The claims of the session token; empty if STS did not issue it.
    claims: Mapping[str, Any]
    #: The role of the session as it is now, or None if it does not exist.
    role: Role | None
    #: The region of the endpoint.
    region: str
    #: When the request arrived: aware, in UTC.
    now: dt.datetime
    #: What the clock of an honest client may show at this moment, that of this process first.
    times_of_clients: tuple[dt.datetime, ...]
    #: The secret access key that belongs to the access key ID.
    secret_access_key: str
    #: The session, if STS remembers it.
    remembered: Session | None

    @classmethod
    def of(cls, signature: Signature, region: str, state: ServiceState) -> "PresentedCredentials":
        """Return what a signature presents to the endpoint of a region."""
        claims, role, remembered = _owner(signature, state)
        secret = remembered.secret_access_key if remembered else secret_of(signature.access_key_id, state.token_key)
        return cls(signature, claims, role, region, state.now, state.times_of_clients(), secret, remembered)

    @classmethod
    def not_signed_yet(cls, signature: Signature, state: ServiceState) -> "PresentedCredentials":
        """Return what the credentials of a request present before it is signed. Nothing is known of the signature.

        This is done for each call of another service, so it leaves out what only rules about the signature look at.
        """
        claims, role, remembered = _owner(signature, state)
        return cls(signature, claims, role, "", state.now, (), "", remembered)

    @property
    def partition(self) -> str:
        """The partition of the endpoint."""
        return partition_of(self.region)

    @property
    def expiration(self) -> dt.datetime:
        """When the session ends. The first rule requires that there are claims."""
        return dt.datetime.fromtimestamp(self.claims["expiration"], dt.UTC)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Who signed the request as far as that is known, for an explanation."""
        owner = f"of {self.claims['role']}, session {self.claims['name']}" if self.claims else "of an unknown session"
        return (("caller", "{} {}", (self.signature.access_key_id, owner)),)

    def session(self, state: ServiceState) -> tuple[Session, Role]:
        """Return the session and its role. Every rule about the credentials must have passed."""
        role = cast(Role, self.role)  # a rule requires it
        token = self.signature.session_token or ""
        return self.remembered or session_of(self.claims, token, state.token_key, role, origin=state.origin), role


def _owner(signature: Signature, state: ServiceState) -> tuple[Mapping[str, Any], Role | None, Session | None]:
    """Return the claims of the session token, the role of the session as it is now, and the session if remembered."""
    remembered = _remembered(signature, state)
    claims = remembered._claims if remembered else unseal(signature.session_token or "", state.token_key) or {}
    return claims, state.directory.role(claims["role"]) if claims else None, remembered


def _remembered(signature: Signature, state: ServiceState) -> Session | None:
    """Return the remembered session of these credentials.

    The token is compared too, since two mocks with one seed give the same access key ID to different sessions.
    """
    session = state.remembered_session(signature.access_key_id)
    return session if session and session.session_token == signature.session_token else None
