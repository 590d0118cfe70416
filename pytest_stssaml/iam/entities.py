"""SAML providers, roles and ARNs, and where they are looked up."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from ..keys import certificate_of
from ..saml.assertion import Decryption
from ..saml.metadata import Metadata
from ..saml.vocabulary import SERVICE_PROVIDERS
from .policies.evaluation import Policy

ASSUME_ROLE = "sts:AssumeRole"
ASSUME_ROLE_WITH_SAML = "sts:AssumeRoleWithSAML"
TAG_SESSION = "sts:TagSession"
SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"

# API reference CreateSAMLProvider, AssertionEncryptionMode
ALLOWED, REQUIRED = "Allowed", "Required"


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
