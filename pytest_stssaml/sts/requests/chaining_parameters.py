"""The parameters of an AssumeRole call, after they satisfied the schema."""

from dataclasses import dataclass

from .parameters import RoleParameters


@dataclass(slots=True, kw_only=True, repr=False)
class RoleChainingParameters(RoleParameters):
    """The parameters of one AssumeRole call."""

    #: RoleSessionName.
    role_session_name: str
    #: The tags in the order in which they were sent. A key may be repeated.
    tags: tuple[tuple[str, str], ...] = ()
    #: TransitiveTagKeys.
    transitive_tag_keys: tuple[str, ...] = ()
    #: SourceIdentity, or None.
    source_identity: str | None = None
    #: ExternalId, or None.
    external_id: str | None = None
    #: Whether the request has a SerialNumber or a TokenCode.
    mfa: bool = False
    #: Whether the request has ProvidedContexts.
    provided_contexts: bool = False
