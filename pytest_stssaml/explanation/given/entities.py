"""A role and a provider, from what `aws iam get-role` and `aws iam get-saml-provider` print, or from their parts."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ...iam import arguments, documents
from ...iam.arn import parse_arn
from ...iam.entities import ALLOWED, PrivateKey, Role, SAMLProvider
from ...iam.errors import IAMError
from ...iam.limits import SHORTEST_ROLE_MAXIMUM
from ...iam.policies.trust_policies import parse_trust_policy
from ...saml.metadata import Metadata
from ...saml.vocabulary import SERVICE_PROVIDERS
from .files import JSONInput, TextInput, UnusableInput, object_of, other_document, text_of

if TYPE_CHECKING:
    from ...literals import AssertionEncryptionMode, Partition

_GET_ROLE = "the role is not the output of `aws iam get-role`"
_GET_PROVIDER = "the provider is not the output of `aws iam get-saml-provider`"
_UNKNOWN_METADATA = Metadata("", (), fault="the metadata is not known")


def role_of(
    role: JSONInput | None, role_arn: str | None, trust_policy: JSONInput | None, max_session_duration: int | None
) -> Role | None:
    """Return the role that is given, or None if none is.

    :raises UnusableInput: if it cannot be read, or is given twice.
    """
    if role is not None:
        for option, value in (("--trust-policy", trust_policy), ("--max-session-duration", max_session_duration)):
            if value is not None:
                raise UnusableInput(f"give --role or {option}, not both: the output of `aws iam get-role` has it")
        return _role_of_output(object_of(role, "--role"))
    if trust_policy is None:
        if max_session_duration is not None:
            raise UnusableInput("--max-session-duration needs --trust-policy and --role-arn")
        return None
    return _role(role_arn, object_of(trust_policy, "--trust-policy"), max_session_duration, {})


def _role_of_output(output: Mapping[str, Any]) -> Role:
    found = output.get("Role", output)
    if not isinstance(found, Mapping) or not isinstance(found.get("Arn"), str):
        raise UnusableInput(_GET_ROLE + (other_document(output, "--role") or ": it has no Arn"))
    if "AssumeRolePolicyDocument" not in found:
        raise UnusableInput(f"{_GET_ROLE}: it has no AssumeRolePolicyDocument")
    try:
        tags = {str(tag["Key"]): str(tag["Value"]) for tag in found.get("Tags", ())}
    except (KeyError, TypeError) as error:
        raise UnusableInput(f"{_GET_ROLE}: its Tags cannot be read") from error
    return _role(found["Arn"], found, found.get("MaxSessionDuration"), tags)


def _role(
    role_arn: str | None, trust_policy: Mapping[str, Any], max_session_duration: Any, tags: dict[str, str]
) -> Role:
    arn = parse_arn(role_arn or "")
    if role_arn is None or arn is None or not arn.resource.startswith("role/"):
        got = "" if role_arn is None else f", not {role_arn!r}"
        raise UnusableInput(f"a role needs its ARN, such as arn:aws:iam::123456789012:role/Developer{got}")
    longest = SHORTEST_ROLE_MAXIMUM if max_session_duration is None else max_session_duration
    try:
        policy = parse_trust_policy(documents.trust_policy(trust_policy))
        longest = arguments.role_maximum(longest)
    except IAMError as error:
        raise UnusableInput(f"IAM would not store this role: {error.message} ({error.hint})") from error
    except TypeError as error:
        raise UnusableInput(f"the role cannot be read: {error}") from error
    return Role(
        arn=role_arn,
        name=arn.name,
        role_id="AROA" + "A" * 17,
        account_id=arn.account_id,
        partition=cast("Partition", arn.partition),  # or another one, which nothing asks for here
        path=arn.path_of_role,
        max_session_duration=longest,
        tags=tags,
        _policy=policy,
    )


class GivenProvider(NamedTuple):
    """A provider, before its ARN is known."""

    #: What the metadata says.
    metadata: Metadata
    #: The metadata document, or None if it is not known.
    document: str | None
    #: The UUID, or "" if it is not known.
    uuid: str
    #: "Allowed" or "Required".
    encryption_mode: "AssertionEncryptionMode"
    #: The private keys that are given, the newest first.
    private_keys: tuple[PrivateKey, ...]
    #: Whether the provider has private keys that are not given, as far as that is known.
    has_other_keys: bool

    def at(self, arn_text: str) -> SAMLProvider:
        """Return the provider under an ARN, even if that is not one: STS refuses it."""
        arn = parse_arn(arn_text)
        return SAMLProvider(
            arn=arn_text,
            name=arn.name if arn else "",
            account_id=arn.account_id if arn else "",
            partition=cast("Partition", arn.partition) if arn and arn.partition in SERVICE_PROVIDERS else "aws",
            uuid=self.uuid,
            tags={},
            _metadata=self.metadata,
            assertion_encryption_mode=self.encryption_mode,
            private_keys=self.private_keys,
        )


def provider_of(provider: JSONInput | None, metadata: TextInput | None, private_keys: tuple[Any, ...]) -> GivenProvider:
    """Return what is given of the provider.

    :raises UnusableInput: if it cannot be read, or is given twice.
    """
    if provider is not None and metadata is not None:
        raise UnusableInput("give --provider or --metadata, not both: the output of get-saml-provider has the metadata")
    output: Mapping[str, Any] = {} if provider is None else object_of(provider, "--provider")
    document = output.get("SAMLMetadataDocument")
    if provider is not None and not isinstance(document, str):
        raise UnusableInput(
            _GET_PROVIDER + (other_document(output, "--provider") or ": it has no SAMLMetadataDocument")
        )
    document = document if metadata is None else text_of(metadata, "--metadata")
    keys = tuple(PrivateKey("A" * 22, _private_key(key)) for key in private_keys)
    mode = output.get("AssertionEncryptionMode", ALLOWED)
    try:
        parsed = _UNKNOWN_METADATA if document is None else arguments.metadata(document)
        arguments.encryption_mode(mode, (None,))
    except IAMError as error:
        other = "" if metadata is None else other_document(document or "", "--metadata")
        if other:
            raise UnusableInput(f"--metadata is not metadata{other}") from error
        hint = "" if error.code == "ValidationError" else f" ({error.hint})"
        raise UnusableInput(f"IAM would not store this metadata: {error.message}{hint}") from error
    except ValueError as error:
        raise UnusableInput(f"{_GET_PROVIDER}: {error}") from error
    has_other_keys = not keys and output.get("PrivateKeyList") != []
    return GivenProvider(parsed, document, str(output.get("SAMLProviderUUID", "")), mode, keys, has_other_keys)


def _private_key(key: object) -> Any:
    try:
        return arguments.private_key(text_of(key, "--private-key") if isinstance(key, str | Path) else key)
    except IAMError as error:
        raise UnusableInput("--private-key is not an RSA private key in PEM without a password") from error
