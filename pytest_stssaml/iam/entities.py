"""SAML providers and roles, as an account has them."""

import copy
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from ..keys import certificate_of
from ..saml.assertion import Decryption
from ..saml.metadata import Metadata
from ..saml.vocabulary import SERVICE_PROVIDERS
from ..sentinel import NOT_GIVEN, NotGiven
from .policies.evaluation import Policy
from .policies.writing import condition_block, trust_policy_document

if TYPE_CHECKING:
    from ..literals import AssertionEncryptionMode, Partition

ASSUME_ROLE = "sts:AssumeRole"
ASSUME_ROLE_WITH_SAML = "sts:AssumeRoleWithSAML"
TAG_SESSION = "sts:TagSession"
SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"

# Values of AssertionEncryptionMode (API reference CreateSAMLProvider).
ALLOWED: Final = "Allowed"
REQUIRED: Final = "Required"


class PrivateKey(NamedTuple):
    """A private key with which AWS decrypts assertions."""

    #: 22 characters of A-Z and 2-7.
    key_id: str
    #: The key object.
    key: rsa.RSAPrivateKey


@dataclass(eq=False, slots=True)
class SAMLProvider:
    """An identity provider as one AWS account knows it. `update_saml_provider` changes the object."""

    #: The ARN, `arn:aws:iam::123456789012:saml-provider/NAME`.
    arn: str
    #: The name in the account.
    name: str
    #: The 12 digits of the account.
    account_id: str
    #: "aws", "aws-cn" or "aws-us-gov".
    partition: "Partition"
    #: `SAMLSP` and 16 characters of A-Z and 2-7. The provider's own sign-in URL contains it.
    uuid: str
    #: The tags of the provider itself.
    tags: Mapping[str, str] = field(repr=False)
    #: What the metadata document says.
    _metadata: Metadata = field(repr=False)
    #: "Allowed", or "Required" if assertions must be encrypted.
    assertion_encryption_mode: "AssertionEncryptionMode" = ALLOWED
    #: The private keys that decrypt assertions, the newest first.
    private_keys: tuple[PrivateKey, ...] = field(default=(), repr=False)

    @property
    def encryption_certificate(self) -> x509.Certificate | None:
        """The certificate for which an identity provider encrypts: that of the newest private key, or None."""
        return certificate_of(self.private_keys[0].key) if self.private_keys else None

    @property
    def _decryption(self) -> Decryption:
        """How assertions of this provider may or must be encrypted."""
        keys = tuple(private_key.key for private_key in self.private_keys)
        return Decryption(keys, required=self.assertion_encryption_mode == REQUIRED)

    def sign_in_url(self, region: str | None = None) -> str:
        """Return the sign-in URL of AWS that is this provider's own Recipient: the global one, or that of a region.

        >>> saml_idp.provider.sign_in_url("eu-west-1")
        'https://eu-west-1.signin.aws.amazon.com/saml/acs/SAMLSP...'

        Source: IAM user guide, id_roles_providers_create_saml_assertions.

        :param region: a name such as "eu-west-1"; None for the global URL.
        """
        host = SERVICE_PROVIDERS[self.partition].sign_in_host
        return f"https://{region + '.' if region else ''}{host}/saml/acs/{self.uuid}"

    def trust_policy(
        self,
        *,
        actions: str | Iterable[str] = ASSUME_ROLE_WITH_SAML,
        recipient: str | Iterable[str] | NotGiven | None = NOT_GIVEN,
        conditions: Mapping[str, Mapping[str, Any]] | None = None,
        audience: str | Iterable[str] | NotGiven | None = NOT_GIVEN,
    ) -> dict[str, Any]:
        """Return the trust policy of a role that the users of this provider may assume, as the IAM console writes it.

        >>> actions = ["sts:AssumeRoleWithSAML", "sts:TagSession"]
        >>> policy = saml_idp.provider.trust_policy(actions=actions)
        >>> sts_saml.create_role("Tagged", trust_policy=policy).name
        'Tagged'

        :param actions: one action or several; each gets a statement of its own.
        :param recipient: the Recipient or Recipients that a response may be sent to, which the key `SAML:aud` holds; by
            default the global sign-in URL of the partition, unless `conditions` test that key; None for no such
            condition.
        :param conditions: a Condition block, for example `{"StringLike": {"saml:sub": "*@example.com"}}`, which is
            added to the statement of `sts:AssumeRoleWithSAML`.
        :param audience: the deprecated name of `recipient`. The Audience of a response is something else.
        :raises TypeError: if `conditions` is not a mapping of mappings, or both `recipient` and `audience` are given.
        :raises ValueError: if there are `conditions` and no statement for `sts:AssumeRoleWithSAML`.
        """
        block = condition_block(conditions)
        if audience is not NOT_GIVEN:
            recipient = _renamed(audience, recipient)
        if recipient is NOT_GIVEN:
            tested = {key.lower() for keys in block.values() for key in keys}
            recipient = None if "saml:aud" in tested else SERVICE_PROVIDERS[self.partition].sign_in_url
        shared = {} if recipient is None else {"SAML:aud": recipient if isinstance(recipient, str) else list(recipient)}
        return trust_policy_document({"Federated": self.arn}, ASSUME_ROLE_WITH_SAML, actions, block, shared)


_Recipients: TypeAlias = str | Iterable[str] | NotGiven | None


def _renamed(audience: _Recipients, recipient: _Recipients) -> _Recipients:
    """Return the value of a keyword that is given under its deprecated name."""
    if recipient is not NOT_GIVEN:
        raise TypeError("audience is the deprecated name of recipient; write recipient=... only")
    warnings.warn(
        "trust_policy(audience=...) is deprecated; write recipient=..., since SAML:aud holds the Recipient",
        DeprecationWarning,
        stacklevel=3,
    )
    return audience


@dataclass(frozen=True, eq=False, slots=True)
class Role:
    """An IAM role."""

    #: The ARN, path included.
    arn: str
    #: The name in the account.
    name: str
    #: `AROA` and 17 characters of A-Z and 2-7.
    role_id: str
    #: The 12 digits of the account.
    account_id: str
    #: "aws", "aws-cn" or "aws-us-gov".
    partition: "Partition"
    #: The path; it begins and ends with a slash.
    path: str
    #: How long a session may last, in seconds.
    max_session_duration: int
    #: The tags of the role itself.
    tags: Mapping[str, str] = field(repr=False)
    #: The trust policy; `trust_policy` is its document.
    _policy: Policy = field(repr=False)
    #: The permissions: inline policies as JSON, and the ARNs of managed ones.
    policies: tuple[str, ...] = field(default=(), repr=False)
    #: The ARN of the managed policy that limits the permissions, or None.
    permissions_boundary: str | None = field(default=None, repr=False)
    #: The IDs of the roles that the trust policy names, by ARN, if they existed when the policy was written. IAM keeps
    #: the IDs, so it does not trust a role that was deleted and created again.
    _trusted_role_ids: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def trust_policy(self) -> dict[str, Any]:
        """A copy of the trust policy's document."""
        return copy.deepcopy(self._policy.document)

    def chaining_policy(
        self,
        *,
        actions: str | Iterable[str] = ASSUME_ROLE,
        conditions: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Return the trust policy of another role, which allows sessions of this role to assume it.

        >>> sts_saml.create_role("Deployer", trust_policy=role.chaining_policy()).name
        'Deployer'

        :param actions: one action or several; each gets a statement of its own. `sts:TagSession` and
            `sts:SetSourceIdentity` are needed if sessions pass tags or a source identity on.
        :param conditions: a Condition block, for example `{"StringEquals": {"sts:ExternalId": "example"}}`, which is
            added to the statement of `sts:AssumeRole`.
        :raises TypeError: if `conditions` is not a mapping of mappings.
        :raises ValueError: if there are `conditions` and no statement for `sts:AssumeRole`.
        """
        return trust_policy_document({"AWS": self.arn}, ASSUME_ROLE, actions, condition_block(conditions), {})
