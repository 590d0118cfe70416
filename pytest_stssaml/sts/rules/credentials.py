"""Who signed a request: the rules about credentials, in AWS's order, and the session that passes them.

The order, and every code and message, was seen in AWS's answers to GetCallerIdentity.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ...iam.entities import Role
from ...iam.partitions import partition_of
from ...saml.document import instant_text
from .. import errors
from ..call import Signature, World
from ..errors import Rejected
from ..sessions.session import Session, secret_of, session_of
from ..sessions.token import unseal


@dataclass(frozen=True)
class Shown:
    """The credentials of a request, with everything that the rules may look at.

    `claims` are what the session token says, nothing where it is none of ours; `role` is the role of the session as it
    is now, None where it does not exist; `secret_access_key` is the one that goes with the access key.
    """

    signature: Signature
    claims: Mapping[str, Any]
    role: Role | None
    partition: str
    now: dt.datetime
    secret_access_key: str

    @classmethod
    def of(cls, signature: Signature, region: str, world: World) -> "Shown":
        """What a request to a region's endpoint shows of its signer."""
        session = _remembered(signature, world)
        claims = session.claims if session else unseal(signature.session_token or "", world.key) or {}
        role = world.directory.role(claims["role"]) if claims else None
        secret = secret_of(signature.access_key_id, world.key)
        return cls(signature, claims, role, partition_of(region), world.now, secret)

    @property
    def expiration(self) -> dt.datetime:
        """When the session ends; the first rule is that there are claims."""
        return dt.datetime.fromtimestamp(self.claims["expiration"], dt.UTC)

    @property
    def said(self) -> tuple[tuple[Any, ...], ...]:
        """Who signed, as far as that is known."""
        whose = f"of {self.claims['role']}, session {self.claims['name']}" if self.claims else "of nobody known"
        return (("caller", "{} {}", self.signature.access_key_id, whose),)

    def session(self, world: World) -> tuple[Session, Role]:
        """The session whose credentials passed every rule, as it is remembered or from its token; and its role."""
        role = cast(Role, self.role)  # a rule has seen to it
        remembered = _remembered(self.signature, world)
        return remembered or session_of(self.claims, self.signature.session_token or "", world.key, role), role


def _remembered(signature: Signature, world: World) -> Session | None:
    """The session with these credentials, the token included: mocks of one seed give an access key each."""
    session = world.session(signature.access_key_id)
    return session if session and session.session_token == signature.session_token else None


def token_goes_with_the_access_key(shown: Shown) -> None:
    """The session token is there, is STS's, and belongs to the access key (observed)."""
    if shown.signature.session_token is None:
        raise Rejected(errors.INVALID_TOKEN, "the request has no session token")
    if not shown.claims:
        raise Rejected(errors.INVALID_TOKEN, "the session token is none that this STS issued, or was altered")
    if shown.claims["access_key_id"] != shown.signature.access_key_id:
        raise Rejected(errors.INVALID_TOKEN, f"the session token belongs to {shown.claims['access_key_id']}")


def session_is_of_the_partition(shown: Shown) -> None:
    """Credentials of one partition mean nothing in another (AWS general reference; that this is the error is ours)."""
    partition = shown.claims["role"].split(":")[1]
    if partition != shown.partition:
        raise Rejected(errors.INVALID_TOKEN, f"the session is of {partition}, the endpoint of {shown.partition}")


def session_has_not_expired(shown: Shown) -> None:
    """The session goes on (observed)."""
    if shown.now >= shown.expiration:
        ended, now = instant_text(shown.expiration), instant_text(shown.now)
        raise Rejected(errors.EXPIRED_SESSION, f"the session ended at {ended}, and it is {now}")


def role_of_the_session_is_there(shown: Shown) -> None:
    """The role was not deleted since, nor made anew under its name (observed)."""
    claims = shown.claims
    if shown.role is None:
        raise Rejected(errors.INVALID_TOKEN, f"there is no role {claims['role']} any more")
    if shown.role.role_id != claims["role_id"]:
        raise Rejected(errors.INVALID_TOKEN, f"the role {claims['role']} is another one by now, of the same name")


def secret_access_key_made_the_signature(shown: Shown) -> None:
    """The request is signed with the secret access key that goes with the access key (observed)."""
    if not shown.signature.made_with(shown.secret_access_key):
        key, missing = shown.signature.access_key_id, ", ".join(shown.signature.missing)
        because = f"the signature is not that of this request with the secret of {key}"
        if missing:
            because += f"; it covers headers that did not come: {missing}"
        raise Rejected(errors.SIGNATURE, because)


AUTHENTICATION: tuple[Callable[[Shown], None], ...] = (
    token_goes_with_the_access_key,
    session_is_of_the_partition,
    session_has_not_expired,
    role_of_the_session_is_there,
    secret_access_key_made_the_signature,
)


def session_shown(signature: Signature, world: World) -> Session | None:
    """The session whose token goes with an access key, whoever made the signature, and if it has ended; or None."""
    shown = Shown.of(signature, "", world)
    try:
        token_goes_with_the_access_key(shown)
        role_of_the_session_is_there(shown)
    except Rejected:
        return None
    return shown.session(world)[0]
