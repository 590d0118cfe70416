"""The IAM of a mock: what creates, changes and deletes providers, roles and policies in accounts."""

import reprlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.hazmat.primitives.asymmetric import rsa

from ..clock import Clock
from ..identifiers import base32_letters
from . import arguments, documents, limits
from .arn import parse_arn
from .directory import IAM, Directory, FirstOf, no_provider, no_role
from .documents import PolicyDocument
from .entities import (
    ALLOWED,
    ASSUME_ROLE,
    ASSUME_ROLE_WITH_SAML,
    SET_SOURCE_IDENTITY,
    TAG_SESSION,
    PrivateKey,
    Role,
    SAMLProvider,
)
from .errors import IAMError
from .policies.evaluation import Policy
from .policies.trust_policies import parse_trust_policy

if TYPE_CHECKING:
    from ..literals import Partition


class MetadataSource(Protocol):
    """What IAM knows about an identity provider, which is outside AWS."""

    @property
    def metadata(self) -> str:
        """The metadata document."""

    def _note_registration(self, provider: SAMLProvider) -> None:
        """Take note of a registration."""

    def _note_deregistration(self, provider: SAMLProvider) -> None:
        """Take note that a registration has ended."""


class Accounts:
    """The accounts of one mock. `STSBackend` has the documentation of the methods.

    :param account_id: the account of roles, providers and policies that are created without `account_id=`.
    :param partition: the partition of those that are created without `partition=`.
    :param clock: the source of identifiers.
    :param others: what was created elsewhere. It is looked up after what was created here.
    """

    def __init__(self, account_id: str, partition: str, clock: Clock, others: Directory) -> None:
        self.account_id: str = arguments.account_id(account_id)
        self.partition = arguments.partition(partition)
        self._clock = clock
        self._iam = IAM()
        self._others = others
        #: Where everything is looked up.
        self.directory = FirstOf(self._iam, others)
        self._identity_providers: dict[str, MetadataSource] = {}

    def arns(self) -> list[str]:
        """Return the ARNs of the providers and roles that were created here."""
        return [*self._iam.saml_providers(), *self._iam.role_arns()]

    def check_own(self, value: object) -> None:
        """Check that a role or a provider is not one of an earlier mock. Anything else passes, also an ARN.

        :raises ValueError: if it is.
        """
        if isinstance(value, Role | SAMLProvider) and self._iam.is_of_earlier(value):
            missing = self._no_role if isinstance(value, Role) else self._no_provider
            raise ValueError(missing(value.arn, self.directory.past(value.arn) or "it was made in an earlier mock"))

    def _no_role(self, arn: str, past: str) -> str:
        return no_role(arn, self.directory.role_arns(), past)

    def _no_provider(self, arn: str, past: str) -> str:
        return no_provider(arn, self.directory.saml_providers(), past)

    # --- SAML providers

    @property
    def saml_providers(self) -> tuple[SAMLProvider, ...]:
        """The providers that were created here, oldest first."""
        return tuple(filter(None, map(self._iam.saml_provider, self._iam.saml_providers())))

    def create_saml_provider(
        self,
        name: str,
        metadata: str | Path | MetadataSource,
        *,
        account_id: str | None = None,
        partition: str | None = None,
        tags: Mapping[str, str] | None = None,
        assertion_encryption_mode: str = ALLOWED,
        private_keys: Iterable[rsa.RSAPrivateKey | str | bytes | Path] = (),
    ) -> SAMLProvider:
        """Register an identity provider with an account."""
        account_id, partition = self._account(account_id, partition)
        arguments.name("name", name, limits.PROVIDER_NAME, "._-")
        arn = f"arn:{partition}:iam::{account_id}:saml-provider/{name}"
        keys = tuple(self._private_key(arn, key) for key in arguments.several("private_keys", private_keys))
        provider = SAMLProvider(
            arn=arn,
            name=name,
            account_id=account_id,
            partition=partition,
            uuid="SAMLSP" + base32_letters(self._clock.identifier("provider", arn), 16),
            tags=arguments.tags(tags),
            _metadata=arguments.metadata(_document(metadata)),
            assertion_encryption_mode=arguments.encryption_mode(assertion_encryption_mode, keys),
            private_keys=arguments.private_keys(keys),
        )
        self._iam.add_saml_provider(provider)
        self._link(provider, metadata)
        return provider

    def update_saml_provider(
        self,
        provider: SAMLProvider | str,
        metadata: str | Path | MetadataSource | None = None,
        *,
        assertion_encryption_mode: str | None = None,
        add_private_key: rsa.RSAPrivateKey | str | bytes | Path | None = None,
        remove_private_key: rsa.RSAPrivateKey | str | None = None,
    ) -> SAMLProvider:
        """Change a provider."""
        known = self._known_provider(arguments.arn_of("provider", provider))
        arguments.check_update(metadata, assertion_encryption_mode, add_private_key, remove_private_key)
        document = known._metadata if metadata is None else arguments.metadata(_document(metadata))
        keys = known.private_keys
        if add_private_key is not None:
            keys = arguments.private_keys((self._private_key(known.arn, add_private_key), *keys))
        if remove_private_key is not None:
            keys = arguments.without_private_key(keys, remove_private_key)
        mode = arguments.encryption_mode(assertion_encryption_mode or known.assertion_encryption_mode, keys)
        # Nothing has changed yet if one of the arguments was refused.
        known._metadata, known.private_keys, known.assertion_encryption_mode = document, keys, mode
        if metadata is not None and metadata is not self._identity_providers.get(known.arn):
            self._unlink(known)
            self._link(known, metadata)
        return known

    def delete_saml_provider(self, provider: SAMLProvider | str) -> None:
        """Delete a provider."""
        known = self._known_provider(arguments.arn_of("provider", provider))
        self._iam.delete_saml_provider(known.arn)
        self._unlink(known)

    def _known_provider(self, arn: str) -> SAMLProvider:
        known = self._iam.saml_provider(arn)
        if known is None and self._others.saml_provider(arn) is not None:
            raise ValueError(f'{arn} was made with boto3.client("iam"); change it there')
        if known is None:
            hint = self._no_provider(arn, self.directory.past(arn))
            raise IAMError("NoSuchEntity", 404, f"Manifest not found for arn {arn}", hint)
        return known

    def _private_key(self, arn: str, key: object) -> PrivateKey:
        key_id = base32_letters(self._clock.identifier("private key", arn), 22)
        return PrivateKey(key_id, arguments.private_key(key))

    def _link(self, provider: SAMLProvider, metadata: str | Path | MetadataSource) -> None:
        if not isinstance(metadata, str | Path):
            self._identity_providers[provider.arn] = metadata
            metadata._note_registration(provider)

    def _unlink(self, provider: SAMLProvider) -> None:
        identity_provider = self._identity_providers.pop(provider.arn, None)
        if identity_provider is not None:
            identity_provider._note_deregistration(provider)

    # --- roles

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that were created here, oldest first."""
        return self._iam.roles()

    def create_role(
        self,
        name: str,
        *,
        provider: SAMLProvider | str | None = None,
        trust_policy: PolicyDocument | None = None,
        max_session_duration: int = limits.SHORTEST_ROLE_MAXIMUM,
        path: str = "/",
        tags: Mapping[str, str] | None = None,
        policies: Iterable[PolicyDocument] = (),
        permissions_boundary: str | None = None,
        account_id: str | None = None,
        partition: str | None = None,
        trusts: Role | None = None,
        allow_tags: bool = False,
        allow_source_identity: bool = False,
    ) -> Role:
        """Create a role."""
        arguments.check_trust(provider, trusts, trust_policy, widened=allow_tags or allow_source_identity)
        self.check_own(trusts)
        account_id, partition = self._account_of_role(provider, trusts, account_id, partition)
        arguments.name("roleName", name, limits.ROLE_NAME, "+=,.@_-")
        arn = f"arn:{partition}:iam::{account_id}:role{arguments.path(path)}{name}"
        if trust_policy is None:
            more = [*([TAG_SESSION] if allow_tags else []), *([SET_SOURCE_IDENTITY] if allow_source_identity else [])]
            if trusts is None:
                trusted = self._trusted_provider(provider, account_id, partition)
                trust_policy = trusted.trust_policy(actions=[ASSUME_ROLE_WITH_SAML, *more])
            else:
                trust_policy = trusts.chaining_policy(actions=[ASSUME_ROLE, *more])
        policy = parse_trust_policy(documents.trust_policy(trust_policy))
        role = Role(
            arn=arn,
            name=name,
            role_id="AROA" + base32_letters(self._clock.identifier("role", arn), 17),
            account_id=account_id,
            partition=partition,
            path=path,
            max_session_duration=arguments.role_maximum(max_session_duration),
            tags=arguments.tags(tags),
            _policy=policy,
            policies=self._permissions(arn, arguments.several("policies", policies)),
            permissions_boundary=self._boundary(arn, permissions_boundary),
            _trusted_role_ids=self._role_ids(policy),
        )
        self._iam.add_role(role)
        return role

    def delete_role(self, role: Role | str) -> None:
        """Delete a role."""
        arn = arguments.arn_of("role", role)
        if self._iam.role(arn) is None and self._others.role(arn) is not None:
            raise ValueError(f'{arn} was made with boto3.client("iam"); delete it there')
        self._iam.delete_role(arn, self._no_role(arn, self.directory.past(arn)))

    def _account_of_role(
        self,
        provider: SAMLProvider | str | None,
        trusts: Role | None,
        account_id: str | None,
        partition: str | None,
    ) -> "tuple[str, Partition]":
        """Return the account and the partition of a role; by default those of whom it trusts, or else of the mock."""
        owner = trusts if provider is None else parse_arn(arguments.arn_of("provider", provider))
        if owner:
            account_id = owner.account_id if account_id is None else account_id
            partition = owner.partition if partition is None else partition
        return self._account(account_id, partition)

    def _trusted_provider(self, provider: SAMLProvider | str | None, account_id: str, partition: str) -> SAMLProvider:
        """Return the provider that the default trust policy of a role trusts."""
        if provider is not None:
            arn = arguments.arn_of("provider", provider)
            known = self.directory.saml_provider(arn)
            if known is None:
                missing = self._no_provider(arn, self.directory.past(arn))
                raise ValueError(f"{missing}; call create_saml_provider(...) before create_role(...)")
            return known
        own = self._iam.saml_providers_of(account_id, partition)
        if len(own) != 1:
            names = ", ".join(known.arn for known in own) or "none"
            raise ValueError(
                f"a role without trust_policy trusts the only provider of its account, and {account_id} has: {names}; "
                + self._remedy(own, account_id, partition)
            )
        return own[0]

    def _remedy(self, own: list[SAMLProvider], account_id: str, partition: str) -> str:
        if own:
            return "write create_role(..., provider=...)"
        if (account_id, partition) == (self.account_id, self.partition):
            return (
                "call create_saml_provider(...) before create_role(...); the fixture saml_idp registers one, so a "
                "fixture that creates a role must ask for saml_idp, too"
            )
        where = f"account_id={account_id!r}, partition={partition!r}"
        return f"call create_saml_provider(..., {where}) before create_role(...)"

    def _role_ids(self, policy: Policy) -> dict[str, str]:
        names = {name for statement in policy.statements for name in statement.principals.get("AWS", ())}
        roles = [role for name in names if (role := self.directory.role(name)) is not None]
        return {role.arn: role.role_id for role in roles}

    def _permissions(self, role_arn: str, policies: Iterable[PolicyDocument]) -> tuple[str, ...]:
        permissions = tuple(self._permission(role_arn, documents.content("policies", policy)) for policy in policies)
        if not permissions:
            return ()
        from .policies.permissions import check_inline_policies  # most roles of tests have none

        name = role_arn.rpartition("/")[2]
        check_inline_policies(name, (text for text in permissions if parse_arn(text) is None))
        return permissions

    def _permission(self, role_arn: str, policy: Mapping[str, Any] | str) -> str:
        arn = parse_arn(policy) if isinstance(policy, str) else None
        if isinstance(policy, str) and limits.POLICY_NAME.fullmatch(policy):
            raise ValueError(
                f"policies must be documents or ARNs, not the name {policy!r}; write "
                f"'arn:aws:iam::aws:policy/{policy}', or what create_policy({policy!r}, ...) returned"
            )
        if arn is None:
            from .policies.permissions import inline_policy

            return inline_policy(policy, partition=role_arn.split(":")[1])
        return self._attachable(role_arn, str(policy), "Policy")

    def _boundary(self, role_arn: str, boundary: str | None) -> str | None:
        if boundary is None:
            return None
        return self._attachable(role_arn, arguments.policy_arn("permissions_boundary", boundary), "Scope ARN:")

    def _attachable(self, role_arn: str, policy: str, called: str) -> str:
        """Return the ARN of a managed policy of a role's account or of AWS (both messages were seen).

        :param called: what IAM's message calls it.
        """
        own = role_arn.split(":")[4], limits.AWS_OWN_ACCOUNT
        if policy.split(":")[4] not in own or not self.directory.managed_policies([policy]):
            raise IAMError(
                "NoSuchEntity",
                404,
                f"{called} {policy} does not exist or is not attachable.",
                "create_policy(...) makes one in the role's account",
            )
        return policy

    # --- managed policies

    def create_policy(
        self,
        name: str,
        document: PolicyDocument,
        *,
        path: str = "/",
        account_id: str | None = None,
        partition: str | None = None,
    ) -> str:
        """Create a managed policy, and return its ARN."""
        from .policies.permissions import managed_policy

        of_aws = account_id == limits.AWS_OWN_ACCOUNT
        own_account, partition = self._account(None if of_aws else account_id, partition)
        arguments.name("policyName", name, limits.POLICY_NAME, "+=,.@_-")
        text = managed_policy(documents.content("document", document), partition=partition, of_aws=of_aws)
        arn = f"arn:{partition}:iam::{account_id if of_aws else own_account}:policy{arguments.path(path)}{name}"
        self._iam.add_policy(arn, text)
        return arn

    def policy_document(self, arn: str) -> str | None:
        """Return the JSON of a managed policy that was created here, or None."""
        return self._iam.policy_document(arn)

    # --- the accounts themselves

    def create_account_alias(self, alias: str, *, account_id: str | None = None, partition: str | None = None) -> None:
        """Give an account an alias."""
        self._iam.add_account_alias(arguments.account_alias(alias), *self._account(account_id, partition))

    def _account(self, account_id: str | None, partition: str | None) -> "tuple[str, Partition]":
        """Return an account and a partition; by default those of the mock."""
        return (
            arguments.account_id(self.account_id if account_id is None else account_id),
            arguments.partition(self.partition if partition is None else partition),
        )


def _document(metadata: str | Path | MetadataSource) -> str:
    document = documents.content("metadata", metadata)
    # Something else with a string of that name would be registered, and only then turn out not to be a source.
    if hasattr(document, "_note_registration"):
        document = document.metadata
    if not isinstance(document, str):
        raise TypeError(
            "metadata must be an IdentityProvider or a document as a string or a pathlib.Path, not "
            + reprlib.repr(metadata)
        )
    return document
