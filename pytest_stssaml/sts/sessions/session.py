"""A session of a role, as STS issues it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...iam.entities import Role
from ...iam.partitions import V1_TOKEN, V2_TOKEN
from ..limits import LONGEST_TOKEN
from .access_keys import secret_of
from .origin import Origin

if TYPE_CHECKING:
    from ...literals import TokenVersion
    from .decision import Decision


@dataclass(slots=True, repr=False)
class SourceLink:
    """The link from a session to the one that assumed its role.

    It is a mutable object of its own, so that it can be cut when the session is no longer remembered. Otherwise the
    last session of a chain would keep all of the chain in memory.
    """

    session: "Session | None" = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a role. `sts.sessions` lists them."""

    #: `ASIA` and 16 characters of A-Z and 2-7.
    access_key_id: str
    #: 40 characters of base64.
    secret_access_key: str = field(repr=False)
    #: Base64, at most 4,096 bytes.
    session_token: str = field(repr=False)
    #: When the session ends: aware, in UTC, a whole second.
    expiration: dt.datetime
    #: The role that was assumed.
    role: Role
    #: The role session name.
    name: str
    #: The session tags by key, those inherited in a chain included.
    tags: Mapping[str, str]
    #: The keys of the tags that a chained session inherits.
    transitive_tag_keys: tuple[str, ...]
    #: The source identity, or None.
    source_identity: str | None
    #: The session policies: the JSON of the inline one, if any, then the ARNs of managed ones.
    policies: tuple[str, ...] = field(repr=False)
    #: When the session began: aware, in UTC, a whole second.
    issued: dt.datetime = field(repr=False)
    #: The condition keys that later calls have only because the session began with a SAML login.
    _federated_keys: Mapping[str, str] = field(repr=False)
    #: The link to the session that assumed the role; use `source_session`.
    _source: SourceLink = field(repr=False, default_factory=SourceLink)
    #: "v1Token" if the session token is valid only in regions that are enabled by default, since the global endpoint
    #: issued it; else "v2Token".
    token_version: "TokenVersion" = field(repr=False, default=V2_TOKEN)
    #: By what its permissions are decided; use `allows`.
    _origin: Origin = field(repr=False, compare=False, default_factory=Origin)

    def __hash__(self) -> int:
        return hash(self.access_key_id)

    @property
    def source_session(self) -> "Session | None":
        """The session that assumed the role.

        It is None after a SAML login, and if this session is no longer among the latest 1,000.
        """
        return self._source.session

    @property
    def account_id(self) -> str:
        """The account of the role."""
        return self.role.account_id

    @property
    def arn(self) -> str:
        """The ARN of the assumed role. It does not contain the path of the role (observed)."""
        role = self.role
        return f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{self.name}"

    @property
    def assumed_role_id(self) -> str:
        """The ID of the role and the name of the session: `UserId`, and `aws:userid` in policies."""
        return f"{self.role.role_id}:{self.name}"

    @property
    def session_token_size(self) -> int:
        """The size of the session token in bytes."""
        return len(self.session_token)

    @property
    def session_token_utilization(self) -> int:
        """The size of the session token as a percentage of the limit, rounded up."""
        return percent(self.session_token)

    @property
    def inherited_tags(self) -> dict[str, str]:
        """The tags that the next session of a chain inherits (id_session-tags)."""
        keys = {key.lower() for key in self.transitive_tag_keys}
        return {key: value for key, value in self.tags.items() if key.lower() in keys}

    @property
    def _claims(self) -> dict[str, Any]:
        """What the session token says about the owner and the end of the session, and about where it is valid."""
        return {
            **({"token_version": V1_TOKEN} if self.token_version == V1_TOKEN else {}),
            "access_key_id": self.access_key_id,
            "role": self.role.arn,
            "role_id": self.role.role_id,
            "name": self.name,
            "expiration": int(self.expiration.timestamp()),
        }

    def allows(self, action: str, resource: str = "*", **context: object) -> "Decision":
        """Return whether the session may make a call now, by the policies of its role and its own.

        A policy of the role has to allow the call, the permissions boundary too if the role has one, and one of the
        session policies if there are any; and none of them may deny it. Policies of resources and of organizations are
        not known here.

        >>> session = sts_saml.sessions[-1]
        >>> bool(session.allows("s3:ListBucket", "arn:aws:s3:::example", **{"s3:prefix": "home/alice/"}))
        False

        :param action: one action, such as "s3:PutObject".
        :param resource: the ARN of the resource, or "*" for an operation that has none.
        :param context: the condition keys of the call, beside those of the session and the time. A value is a string,
            a number, a boolean, an aware datetime, bytes, an IP address, or a list of them.
        :returns: a `Decision`: true or false, with `.reasons` and `.explain()`.
        :raises TypeError: if an argument is of another type.
        :raises ValueError: if the action has no service, the resource is not an ARN, or a key of the context has no
            prefix or contradicts the session.
        :raises LookupError: if the answer depends on a policy whose document is not known. AWS's own policies are
            known where moto is installed; otherwise `create_policy` makes them, with `account_id="aws"`.
        """
        from .question import checked_action, checked_context, checked_resource  # few tests ask

        return self._origin.decide(self, checked_action(action), checked_resource(resource), checked_context(context))

    def boto3_kwargs(self) -> dict[str, str]:
        """Return the credentials as keyword arguments of `boto3.Session` and of its `client`.

        >>> signed = boto3.client("sts", region_name="us-east-1", **sts_saml.sessions[-1].boto3_kwargs())
        >>> signed.get_caller_identity()["Arn"]
        'arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com'
        """
        return {
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
            "aws_session_token": self.session_token,
        }


def session_of(
    claims: Mapping[str, Any],
    token: str,
    token_key: bytes,
    role: Role,
    *,
    source_session: Session | None = None,
    origin: Origin = Origin(),  # noqa: B008 - it cannot be changed
) -> Session:
    """Return the session that the claims of a session token describe."""
    return Session(
        access_key_id=claims["access_key_id"],
        secret_access_key=secret_of(claims["access_key_id"], token_key),
        session_token=token,
        expiration=_time(claims["expiration"]),
        role=role,
        name=claims["name"],
        tags=claims.get("tags", {}),
        transitive_tag_keys=tuple(claims.get("transitive_tag_keys", ())),
        source_identity=claims.get("source_identity"),
        policies=tuple(claims.get("policies", ())),
        issued=_time(claims["issued"]),
        _federated_keys=claims.get("federated", {}),
        _source=SourceLink(source_session),
        token_version=claims.get("token_version", V2_TOKEN),
        _origin=origin,
    )


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _time(seconds: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(seconds=seconds)


def percent(token: str) -> int:
    """Return the size of a session token as a percentage of the limit, rounded up."""
    return -(-100 * len(token) // LONGEST_TOKEN)
