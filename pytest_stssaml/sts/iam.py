"""SAML providers, roles and ARNs, and where they are looked up."""

import copy
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, NamedTuple, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from ..certificate import certificate_of
from ..saml.assertion import Decryption
from ..saml.metadata import Metadata
from ..saml.vocabulary import SERVICE_PROVIDERS
from .errors import IAMError
from .limits import AWS_OWN_ACCOUNT
from .policy import Policy

__all__ = [
    "ALLOWED",
    "IAM",
    "REQUIRED",
    "Arn",
    "Directory",
    "FirstOf",
    "PrivateKey",
    "Role",
    "SAMLProvider",
    "no_role",
    "parse_arn",
]

ASSUME_ROLE = "sts:AssumeRole"
ASSUME_ROLE_WITH_SAML = "sts:AssumeRoleWithSAML"
TAG_SESSION = "sts:TagSession"
SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"

# API reference CreateSAMLProvider, AssertionEncryptionMode
ALLOWED, REQUIRED = "Allowed", "Required"


class Arn(NamedTuple):
    """An Amazon resource name taken apart (AWS general reference, aws-arns-and-namespaces)."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    @property
    def name(self) -> str:
        """What stands after the path."""
        return self.resource.rpartition("/")[2]


def no_role(arn: str, namesake: str | None) -> str:
    """How to say that there is no such role, and which one may be meant."""
    return f"there is no role {arn}" + (f"; there is {namesake}" if namesake else "")


def parse_arn(text: str) -> Arn | None:
    """The parts of an ARN, or None where it has fewer than six or an empty partition, service or resource."""
    prefix, *parts = text.split(":", 5)
    if prefix != "arn" or len(parts) != 5:
        return None
    arn = Arn(*parts)
    return arn if arn.partition and arn.service and arn.resource else None


class PrivateKey(NamedTuple):
    """A key with which AWS decrypts assertions; `key_id` has 22 of A-Z and 2-7."""

    key_id: str
    key: rsa.RSAPrivateKey


@dataclass(eq=False, slots=True)
class SAMLProvider:
    """An identity provider as one AWS account knows it; `update_saml_provider` changes it.

    `uuid` has the form `SAMLSP` and 16 of A-Z and 2-7; `tags` is a dict of text; `assertion_encryption_mode` is
    "Allowed" or "Required"; `private_keys` are the newest first.
    """

    arn: str
    name: str
    account_id: str
    partition: str
    uuid: str
    tags: Mapping[str, str] = field(repr=False)
    metadata: Metadata = field(repr=False)
    assertion_encryption_mode: str = "Allowed"
    private_keys: tuple[PrivateKey, ...] = field(default=(), repr=False)

    @property
    def encryption_certificate(self) -> x509.Certificate | None:
        """What an identity provider encrypts assertions with: the newest private key's, or None without a key."""
        return certificate_of(self.private_keys[0].key) if self.private_keys else None

    @property
    def decryption(self) -> Decryption:
        """How assertions of this provider may or must be encrypted."""
        keys = tuple(private_key.key for private_key in self.private_keys)
        return Decryption(keys, required=self.assertion_encryption_mode == REQUIRED)

    def sign_in_url(self, region: str | None = None) -> str:
        """The URL of AWS that is this provider's own Recipient, global or of a region.

        Source: IAM user guide, id_roles_providers_create_saml_assertions.
        """
        host = SERVICE_PROVIDERS[self.partition].sign_in_host
        return f"https://{region + '.' if region else ''}{host}/saml/acs/{self.uuid}"

    def trust_policy(
        self,
        *,
        actions: str | Iterable[str] = ASSUME_ROLE_WITH_SAML,
        audience: str | Iterable[str] | EllipsisType | None = ...,
        conditions: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """The trust policy of a role that this provider's users may assume, as the IAM console writes it.

        :param actions: one action or several, each in a statement of its own.
        :param audience: what `SAML:aud`, the Recipient, must be: one text or several; left out, the partition's global
            sign-in URL, unless `conditions` test it; None, no such condition.
        :param conditions: a Condition block, as `{"StringLike": {"saml:sub": "*@example.com"}}`, added to the
            statement of `sts:AssumeRoleWithSAML`.
        """
        block = _block(conditions)
        if audience is ...:
            tested = {key.lower() for keys in block.values() for key in keys}
            audience = None if "saml:aud" in tested else SERVICE_PROVIDERS[self.partition].sign_in_url
        every = {} if audience is None else {"SAML:aud": audience if isinstance(audience, str) else list(audience)}
        return _trust_policy({"Federated": self.arn}, ASSUME_ROLE_WITH_SAML, actions, block, every)


_Block = dict[str, dict[str, Any]]


def _block(conditions: Mapping[str, Mapping[str, Any]] | None) -> _Block:
    """A copy of a Condition block."""
    block = {} if conditions is None else conditions
    if not isinstance(block, Mapping) or not all(isinstance(keys, Mapping) for keys in block.values()):
        raise TypeError(f"conditions are {{operator: {{key: values}}}}, not {conditions!r}")
    return {operator: dict(keys) for operator, keys in block.items()}


def _trust_policy(
    principal: dict[str, str], entrance: str, actions: str | Iterable[str], block: _Block, every: dict[str, Any]
) -> dict[str, Any]:
    """A statement for each action: `every` has what all test, the block goes with the action that lets in.

    The others do not see all the keys that it sees.
    """
    actions = [actions] if isinstance(actions, str) else list(actions)
    if block and entrance not in actions:
        raise ValueError(f"conditions belong to {entrance}, which is none of the actions {actions}")
    statements = []
    for action in actions:
        tests = block if action == entrance else {}
        if every:
            tests = {**tests, "StringEquals": {**every, **tests.get("StringEquals", {})}}
        condition = {"Condition": tests} if tests else {}
        statements.append({"Effect": "Allow", "Principal": dict(principal), "Action": action, **condition})
    return {"Version": "2012-10-17", "Statement": statements}


@dataclass(frozen=True, eq=False, slots=True)
class Role:
    """An IAM role. `max_session_duration` is in seconds; `role_id` has the form `AROA` and 17 of A-Z and 2-7.

    `policies` are its permissions: texts of inline policies, and ARNs of managed ones. `trusted_role_ids` are the ids
    of the roles that the trust policy names, by their ARNs, as far as they existed when it was written: IAM keeps them,
    and does not trust a role that is made anew.
    """

    arn: str
    name: str
    role_id: str
    account_id: str
    partition: str
    path: str
    max_session_duration: int
    tags: Mapping[str, str] = field(repr=False)
    policy: Policy = field(repr=False)
    policies: tuple[str, ...] = field(default=(), repr=False)
    trusted_role_ids: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def trust_policy(self) -> dict[str, Any]:
        """A copy of the trust policy's document."""
        return copy.deepcopy(self.policy.document)

    def chaining_policy(
        self,
        *,
        actions: str | Iterable[str] = ASSUME_ROLE,
        conditions: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """The trust policy of another role, which sessions of this one may assume.

        :param actions: one action or several, each in a statement of its own; `sts:TagSession` and
            `sts:SetSourceIdentity` where sessions pass tags or a source identity on.
        :param conditions: a Condition block, as `{"StringEquals": {"sts:ExternalId": "example"}}`, added to the
            statement of `sts:AssumeRole`.
        """
        return _trust_policy({"AWS": self.arn}, ASSUME_ROLE, actions, _block(conditions), {})


class Directory(Protocol):
    """Where STS looks up what IAM knows."""

    def saml_provider(self, arn: str) -> SAMLProvider | None:
        """The provider of an ARN."""

    def role(self, arn: str) -> Role | None:
        """The role of an ARN, path included."""

    def namesake(self, arn: Arn) -> str | None:
        """The ARN of the account's role of that name, whatever its path and the case of its letters."""

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Those of some ARNs that are managed policies."""


class FirstOf:
    """Several directories as one: the first that knows an ARN answers."""

    def __init__(self, *directories: Directory) -> None:
        self._directories = directories

    def saml_provider(self, arn: str) -> SAMLProvider | None:
        """The provider of an ARN."""
        return next(filter(None, (directory.saml_provider(arn) for directory in self._directories)), None)

    def role(self, arn: str) -> Role | None:
        """The role of an ARN, path included."""
        return next(filter(None, (directory.role(arn) for directory in self._directories)), None)

    def namesake(self, arn: Arn) -> str | None:
        """The ARN of the account's role of that name, whatever its path and the case of its letters."""
        return next(filter(None, (directory.namesake(arn) for directory in self._directories)), None)

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Those of some ARNs that are managed policies of any of them."""
        arns = tuple(arns)
        return frozenset().union(*(directory.managed_policies(arns) for directory in self._directories if arns))


class IAM:
    """The providers and roles of every account, and the regions where STS is off."""

    def __init__(self) -> None:
        self._providers: dict[str, SAMLProvider] = {}
        self._roles: dict[str, Role] = {}
        self._role_names: dict[tuple[str, str, str], str] = {}
        self._policies: dict[str, str] = {}
        self._policy_names: set[str] = set()
        self._lock = threading.Lock()
        self.disabled_regions: set[str] = set()

    def saml_provider(self, arn: str) -> SAMLProvider | None:
        """The provider of an ARN."""
        return self._providers.get(arn)

    def role(self, arn: str) -> Role | None:
        """The role of an ARN, path included; names are case-sensitive here."""
        return self._roles.get(arn)

    def namesake(self, arn: Arn) -> str | None:
        """The ARN of the account's role of that name, whatever its path and the case of its letters."""
        return self._role_names.get(_role_name(arn))

    def saml_providers_of(self, account_id: str, partition: str) -> list[SAMLProvider]:
        """An account's providers, oldest first."""
        return [p for p in list(self._providers.values()) if (p.account_id, p.partition) == (account_id, partition)]

    def add_saml_provider(self, provider: SAMLProvider) -> None:
        """Keep a new provider.

        :raises IAMError: EntityAlreadyExists.
        """
        with self._lock:
            if provider.arn in self._providers:
                raise _already_exists("Provider", provider.name, f"{provider.arn} is registered")
            self._providers[provider.arn] = provider

    def add_role(self, role: Role) -> None:
        """Keep a new role; its name is taken in the account whatever the path and the case of its letters.

        :raises IAMError: EntityAlreadyExists.
        """
        with self._lock:
            if _role_name(role) in self._role_names:
                raise _already_exists("Role", role.name, f"account {role.account_id} has a role of that name")
            self._role_names[_role_name(role)] = role.arn
            self._roles[role.arn] = role

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Those of some ARNs that are managed policies; every one of AWS's own counts as existing."""
        return frozenset(arn for arn in arns if arn in self._policies or _is_awss_policy(arn))

    def policy_document(self, arn: str) -> str | None:
        """The JSON text of a managed policy."""
        return self._policies.get(arn)

    def add_policy(self, arn: str, document: str) -> None:
        """Keep a new managed policy; its name is taken in the account whatever the case of its letters.

        :raises IAMError: EntityAlreadyExists.
        """
        with self._lock:
            if arn.lower() in self._policy_names:
                name = arn.rpartition("/")[2]
                raise IAMError(
                    "EntityAlreadyExists",
                    409,
                    f"A policy called {name} already exists. Duplicate names are not allowed.",
                    f"{arn} is taken",
                )
            self._policy_names.add(arn.lower())
            self._policies[arn] = document

    def delete_saml_provider(self, arn: str) -> None:
        """Forget a provider; roles that trust it stay as they are."""
        with self._lock:
            self._providers.pop(arn, None)

    def delete_role(self, arn: str) -> None:
        """Forget a role.

        :raises IAMError: NoSuchEntity.
        """
        with self._lock:
            role = self._roles.pop(arn, None)
            if role is None:
                name = arn.rpartition("/")[2]
                raise IAMError("NoSuchEntity", 404, f"The role with name {name} cannot be found.", f"no role {arn}")
            del self._role_names[_role_name(role)]

    def enter_forked_child(self) -> None:
        """A lock that no thread of the parent holds."""
        self._lock = threading.Lock()


def _is_awss_policy(text: str) -> bool:
    arn = parse_arn(text)
    return arn is not None and arn[1:4] == ("iam", "", AWS_OWN_ACCOUNT) and arn.resource.startswith("policy/")


def _role_name(role: Role | Arn) -> tuple[str, str, str]:
    return role.partition, role.account_id, role.name.lower()


def _already_exists(kind: str, name: str, hint: str) -> IAMError:
    return IAMError("EntityAlreadyExists", 409, f"{kind} with name {name} already exists.", hint)
