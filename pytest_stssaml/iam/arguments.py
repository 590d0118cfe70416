"""Checking the arguments of the methods that create and change things in IAM.

The limits are those of AWS, as each docstring says. The messages about names, paths, durations and lengths have the
form of AWS's messages, but their words are our choice. Those about metadata and private keys are documented. Those
about tags were seen, except the one about the prefix.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ..saml.metadata import InvalidMetadata, Metadata, UnusableCertificate, read_metadata
from ..saml.vocabulary import SERVICE_PROVIDERS
from . import documents, limits
from .arn import parse_arn
from .entities import ALLOWED, REQUIRED, PrivateKey
from .errors import IAMError
from .partitions import GLOBAL_REGIONS, REGION, V1_TOKEN, V2_TOKEN
from .tags import has_legal_characters, is_reserved

if TYPE_CHECKING:
    from ..literals import AssertionEncryptionMode, Partition, TokenVersion


def account_id(value: str) -> str:
    """Return the 12 digits of an account."""
    if not isinstance(value, str) or limits.ACCOUNT_ID.fullmatch(value) is None:
        raise ValueError(f"account_id must be a string of 12 digits, not {value!r}")
    return value


def partition(value: str) -> "Partition":
    """Return a partition that has a SAML sign-in URL."""
    if value not in list(SERVICE_PROVIDERS):
        raise ValueError(f"partition must be one of {', '.join(SERVICE_PROVIDERS)}, not {value!r}")
    return cast("Partition", value)


def region(value: str) -> str:
    """Return a region. A name that stands for a region is replaced."""
    if not isinstance(value, str):
        raise TypeError(f'a region must be a string such as "eu-west-1", not {value!r}')
    if value not in GLOBAL_REGIONS and re.fullmatch(REGION, value, re.ASCII) is None:
        raise ValueError(f'a region must be a string such as "eu-west-1", not {value!r}')
    return GLOBAL_REGIONS.get(value, value)


def global_endpoint_token_version(value: str) -> "TokenVersion":
    """Return a version of session tokens (API reference SetSecurityTokenServicePreferences)."""
    if value not in [V1_TOKEN, V2_TOKEN]:
        raise ValueError(f'global_endpoint_token_version must be "{V1_TOKEN}" or "{V2_TOKEN}", not {value!r}')
    return cast("TokenVersion", value)


# By argument: the type of its objects, and the form of the resource in their ARNs.
_ENTITIES = {
    "role": ("a Role", re.compile(r"role/\S+")),
    "provider": ("a SAMLProvider", re.compile(r"saml-provider/\S+")),
}


def arn_of(argument: str, value: Any) -> str:
    """Return the ARN of an argument, `role` or `provider`, that is an object of this package or an ARN."""
    what, resource = _ENTITIES[argument]
    text = getattr(value, "arn", value)
    if not isinstance(text, str):
        # The likely mistake is to pass an identity provider.
        remedy = "; write its .provider" if hasattr(value, "entity_id") else ""
        raise TypeError(f"{argument} must be {what} or its ARN, not {value!r}{remedy}")
    arn = parse_arn(text)
    if arn is None or arn.service != "iam" or resource.fullmatch(arn.resource) is None:
        raise ValueError(f"{argument} must be {what} or its ARN, not {text!r}")
    return text


_POLICY = re.compile(r"policy/\S+")


def policy_arn(argument: str, value: Any) -> str:
    """Return the ARN of a managed policy."""
    remedy = f'write {argument}=create_policy("Boundary", {{...}})'
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be the ARN of a managed policy, not {value!r}; {remedy}")
    arn = parse_arn(value)
    if arn is None or arn.service != "iam" or _POLICY.fullmatch(arn.resource) is None:
        raise ValueError(f"{argument} must be the ARN of a managed policy, not {value!r}; {remedy}")
    return value


def check_trust(provider: object, trusts: object, trust_policy: object, *, widened: bool) -> None:
    """Check that whom a role trusts is given in one way."""
    if provider is not None and trust_policy is not None:
        raise ValueError(
            "a role takes provider or trust_policy, not both; provider.trust_policy(...) returns a policy to widen"
        )
    if trusts is not None and (provider is not None or trust_policy is not None):
        raise ValueError(
            "a role takes trusts, provider or trust_policy, and not two of them; trusts is a role whose sessions may "
            "assume it"
        )
    if trusts is not None and not hasattr(trusts, "chaining_policy"):
        raise TypeError(f"trusts must be a Role, not {trusts!r}")
    if widened and trust_policy is not None:
        raise ValueError(
            "allow_tags and allow_source_identity widen the default trust policy; with trust_policy, write the actions "
            "there: provider.trust_policy(actions=[...])"
        )


def several(name: str, value: Any) -> list[Any]:
    """Return the members of an argument that is an iterable."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise TypeError(
            f"{name} must be a list or another iterable, not {value!r}; write {name}=[...] even for a single one"
        )
    return list(value)


def name(member: str, value: str, pattern: re.Pattern[str], punctuation: str) -> str:
    """Return the name of a role, provider or policy (API references CreateRole, CreateSAMLProvider, CreatePolicy)."""
    if not isinstance(value, str):
        raise TypeError(f"name must be a string, not {value!r}")
    if pattern.fullmatch(value) is None:
        raise _refused(
            f"The specified value for {member} is invalid. "
            f"It must contain only alphanumeric characters and/or the following: {punctuation}",
            f"got {value!r} of {len(value)} characters",
        )
    return value


def path(value: str) -> str:
    """Return the path of a role or a policy (API references CreateRole and CreatePolicy)."""
    if not isinstance(value, str):
        raise TypeError(f'path must be a string such as "/team/", not {value!r}')
    if limits.ROLE_PATH.fullmatch(value) is None:
        raise _refused(
            "The specified value for path is invalid. It must begin and end with / "
            "and contain only alphanumeric characters and/or / characters.",
            f"got {value!r}",
        )
    return value


def account_alias(value: str) -> str:
    """Return an alias of an account (API reference CreateAccountAlias)."""
    if not isinstance(value, str):
        raise TypeError(f'alias must be a string such as "example-corp", not {value!r}')
    hint = f"got {value!r} of {len(value)} characters; write lowercase letters, digits and single hyphens between them"
    if len(value) < limits.SHORTEST_ACCOUNT_ALIAS:
        raise _unsatisfied(
            "accountAlias", f"have length greater than or equal to {limits.SHORTEST_ACCOUNT_ALIAS}", hint
        )
    if len(value) > limits.LONGEST_ACCOUNT_ALIAS:
        raise _unsatisfied("accountAlias", f"have length less than or equal to {limits.LONGEST_ACCOUNT_ALIAS}", hint)
    if limits.ACCOUNT_ALIAS.fullmatch(value) is None:
        raise _unsatisfied("accountAlias", f"satisfy regular expression pattern: {limits.ACCOUNT_ALIAS_PATTERN}", hint)
    return value


def role_maximum(value: int) -> int:
    """Return MaxSessionDuration in seconds (API reference CreateRole)."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"max_session_duration must be a whole number of seconds, not {value!r}")
    if not limits.SHORTEST_ROLE_MAXIMUM <= value <= limits.LONGEST_ROLE_MAXIMUM:
        bound = (
            f"greater than or equal to {limits.SHORTEST_ROLE_MAXIMUM}"
            if value < limits.SHORTEST_ROLE_MAXIMUM
            else f"less than or equal to {limits.LONGEST_ROLE_MAXIMUM}"
        )
        raise _refused(
            f"1 validation error detected: Value '{value}' at 'maxSessionDuration' failed to satisfy constraint: "
            f"Member must have value {bound}",
            "max_session_duration is in seconds, from one hour to twelve",
        )
    return value


def metadata(document: str) -> Metadata:
    """Return what a metadata document says (API reference CreateSAMLProvider; messages: troubleshoot_saml)."""
    if not limits.SHORTEST_METADATA <= len(document) <= limits.LONGEST_METADATA:
        bound = (
            f"greater than or equal to {limits.SHORTEST_METADATA}"
            if len(document) < limits.SHORTEST_METADATA
            else f"less than or equal to {limits.LONGEST_METADATA}"
        )
        raise _unsatisfied(
            "sAMLMetadataDocument",
            f"have length {bound}",
            f"got {len(document)} characters; IdentityProvider(...).metadata is long enough",
        )
    try:
        return read_metadata(document)
    except UnusableCertificate as error:
        raise _invalid("Unable to parse metadata", str(error)) from error
    except InvalidMetadata as error:
        raise _invalid("Could not parse metadata", str(error)) from error


def encryption_mode(value: str, private_keys: Sequence[object]) -> "AssertionEncryptionMode":
    """Return AssertionEncryptionMode (API reference CreateSAMLProvider; message: troubleshoot_saml)."""
    if value not in (ALLOWED, REQUIRED):
        raise ValueError(f'assertion_encryption_mode must be "{ALLOWED}" or "{REQUIRED}", not {value!r}')
    if value == REQUIRED and not private_keys:
        raise _invalid(
            "Unable to set assertion encryption mode to Required because no private key is provided.",
            "write private_keys=[make_signing_key()]",
        )
    return cast("AssertionEncryptionMode", value)


def private_key(value: object) -> rsa.RSAPrivateKey:
    """Return a private key for decryption, from a key object, PEM or a file of it (message: troubleshoot_saml)."""
    value = documents.content("a private key", value, "a key object or PEM")
    if isinstance(value, str | bytes):
        data = value.encode() if isinstance(value, str) else value
        if len(data) > limits.LONGEST_PRIVATE_KEY:
            raise _unsatisfied(
                "addPrivateKey",
                f"have length less than or equal to {limits.LONGEST_PRIVATE_KEY}",
                f"got {len(data)} characters of PEM",
            )
        try:
            value = load_pem_private_key(data, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _invalid("Invalid private key.", str(error)) from error
    if not isinstance(value, rsa.RSAPrivateKey):
        raise _invalid(
            "Invalid private key.", f"a private key must be an RSA key object or its PEM, not {type(value).__name__}"
        )
    return value


def private_keys(keys: tuple[PrivateKey, ...]) -> tuple[PrivateKey, ...]:
    """Return the private keys of a provider, of which there are two at most (API reference CreateSAMLProvider)."""
    if len(keys) > limits.MOST_PRIVATE_KEYS:
        raise IAMError(
            "LimitExceeded", 409, "Private key limit of 2 is reached.", "remove one with update_saml_provider"
        )
    return keys


def without_private_key(keys: tuple[PrivateKey, ...], key: object) -> tuple[PrivateKey, ...]:
    """Return the private keys that are left without one, which is given as an object or by its ID."""
    left = tuple(known for known in keys if key not in (known.key_id, known.key))
    if left == keys:
        raise _invalid(
            "Failed to remove private key because the Key ID does not match a private key.",
            f"the provider has {[known.key_id for known in keys]}",
        )
    return left


def check_update(metadata: object, mode: object, add_private_key: object, remove_private_key: object) -> None:
    """Check that an update of a provider changes something, and does not add and remove keys at once."""
    if metadata is None and mode is None and add_private_key is None and remove_private_key is None:
        raise _invalid(
            "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
            "give at least one of the arguments",
        )
    if add_private_key is not None and remove_private_key is not None:
        raise _invalid(
            "Unable to add and remove private keys in the same request. "
            "Set a value for only one of the two parameters.",
            "call update_saml_provider twice",
        )


def tags(value: Mapping[str, str] | None) -> dict[str, str]:
    """Return a copy of tags by key (id_tags, reference_iam-quotas; the messages were seen in answers to CreateRole)."""
    pairs = {} if value is None else value
    if not isinstance(pairs, Mapping) or not all(isinstance(text, str) for pair in pairs.items() for text in pair):
        raise TypeError(f'tags must be a dict of strings, such as {{"team": "blue"}}, not {value!r}')
    if len(pairs) > limits.MOST_TAGS:
        raise _unsatisfied("tags", f"have length less than or equal to {limits.MOST_TAGS}", f"got {len(pairs)} tags")
    for place, (key, text) in enumerate(pairs.items(), 1):
        _tag(limits.TAG_KEY, place, key)
        _tag(limits.TAG_VALUE, place, text)
    if len({key.lower() for key in pairs}) != len(pairs):
        raise _invalid(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            f"got {', '.join(pairs)}",
        )
    return dict(pairs)


def _tag(constraint: limits.Constraint, place: int, text: str) -> None:
    member = constraint.member.format(place)
    if len(text) < constraint.minimum:
        raise _unsatisfied(member, f"have length greater than or equal to {constraint.minimum}", f"got {text!r}")
    if len(text) > constraint.maximum:
        raise _unsatisfied(
            member, f"have length less than or equal to {constraint.maximum}", f"got {len(text)} characters"
        )
    if not has_legal_characters(text):
        raise _unsatisfied(member, f"satisfy regular expression pattern: {constraint.pattern}", f"got {text!r}")
    if is_reserved(text):
        raise _refused("Tag keys and values cannot begin with aws:", f"got {text!r}; the prefix is reserved for AWS")


def _unsatisfied(member: str, must: str, hint: str) -> IAMError:
    return _refused(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must {must}", hint
    )


def _refused(message: str, hint: str) -> IAMError:
    return IAMError("ValidationError", 400, message, hint)


def _invalid(message: str, hint: str) -> IAMError:
    return IAMError("InvalidInput", 400, message, hint)
