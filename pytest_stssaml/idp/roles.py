"""The roles that a response offers, and their providers, from the arguments `role` and `provider`."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .. import active_mock
from ..saml.vocabulary import SERVICE_PROVIDERS, ServiceProvider

if TYPE_CHECKING:
    from ..iam.entities import Role, SAMLProvider

    OneRole = Role | str | tuple[Role | str, SAMLProvider | str]
    #: What the argument `role` may be.
    Roles = OneRole | Iterable[OneRole] | None


def pairs_of(role: Any, provider: Any, registered: "Sequence[SAMLProvider]") -> list[tuple[str, str]]:
    """Return the ARN of each offered role together with that of its provider.

    :param role: a Role, its ARN, a (role, provider) pair, or an iterable of those.
    :param provider: the provider of roles that are not in a pair.
    :param registered: the SAML providers under which the identity provider is registered.
    :raises TypeError: if an argument is of a wrong type.
    :raises ValueError: if a role has no provider, and its account has none of this identity provider or several; if a
        role or a provider was made in an earlier mock.
    """
    return [_pair(each, provider, registered) for each in _roles(role)]


def _roles(role: Any) -> list[Any]:
    """Return the roles of the argument. A tuple of two is one role with its provider."""
    if role is None:
        return []
    if isinstance(role, str) or hasattr(role, "arn") or (isinstance(role, tuple) and len(role) == 2):
        return [role]
    if not isinstance(role, Iterable):
        raise TypeError(f"role must be a Role, its ARN, a (role, provider) pair, or an iterable of those, not {role!r}")
    return list(role)


def _pair(role: Any, provider: Any, registered: "Sequence[SAMLProvider]") -> tuple[str, str]:
    if isinstance(role, tuple):
        if len(role) != 2:
            raise TypeError(f"a pair must be (role, provider), not {role!r}")
        provider_arn = _arn("provider", role[1])
        if ":role/" in provider_arn:
            raise TypeError(f"a pair must be (role, provider), not {role!r}; write several roles as a list")
        return _arn("role", role[0]), provider_arn
    role_arn = _arn("role", role)
    return role_arn, _arn("provider", _provider_of_account(role_arn, registered) if provider is None else provider)


def _arn(name: str, value: Any) -> str:
    if active_mock.current is not None:
        active_mock.current.check_own(value)
    arn = getattr(value, "arn", value)
    if not isinstance(arn, str):
        remedy = "; write identity_provider.provider" if hasattr(value, "entity_id") else ""
        raise TypeError(f"{name} must be an object with an ARN, or the ARN itself, not {value!r}{remedy}")
    return arn


def _provider_of_account(role_arn: str, registered: "Sequence[SAMLProvider]") -> "SAMLProvider":
    if not role_arn.startswith("arn:") or ":saml-provider/" in role_arn:
        raise ValueError(
            f"role must be a Role or its ARN, not {role_arn!r}; a (role, provider) pair may consist of any strings"
        )
    partition, account_id = _partition_and_account(role_arn)
    own = [p for p in registered if (p.partition, p.account_id) == (partition, account_id)]
    if len(own) != 1:
        names = ", ".join(p.arn for p in own or registered) or "nowhere"
        problem = "several providers in the role's account" if own else "no provider in the role's account"
        remedy = "write role=(role, provider) or provider=..."
        if not registered and active_mock.current is None:
            remedy = "no mock is active: use the fixtures or mock_sts_saml(), or " + remedy
        elif not registered:
            remedy = "give create_saml_provider(...) the identity provider itself and not its metadata, or " + remedy
        raise ValueError(f"{role_arn}: this identity provider has {problem} (registered: {names}); {remedy}")
    return own[0]


def service_provider_of(pairs: Sequence[tuple[str, str]], registered: "Sequence[SAMLProvider]") -> ServiceProvider:
    """Return the AWS partition that a response is for: that of the first role, or else of the first registration."""
    arns = [role_arn for role_arn, _ in pairs] or [p.arn for p in registered]
    partitions = [_partition_and_account(arn)[0] for arn in arns]
    return next((SERVICE_PROVIDERS[p] for p in partitions if p in SERVICE_PROVIDERS), SERVICE_PROVIDERS["aws"])


def role_value(pair: tuple[str, str], role_format: str) -> str:
    """Return a value of the attribute Role.

    :raises TypeError: if `role_format` is not a string.
    :raises ValueError: if `role_format` has other fields than `{role}` and `{provider}`.
    """
    if not isinstance(role_format, str):
        raise TypeError(f"role_format must be a string with {{role}} and {{provider}}, not {role_format!r}")
    role_arn, provider_arn = pair
    try:
        return role_format.format(role=role_arn, provider=provider_arn)
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise ValueError(f"role_format must be a string with {{role}} and {{provider}}, not {role_format!r}") from error


def _partition_and_account(arn: str) -> tuple[str, str]:
    _, partition, _, _, account_id, *_ = [*arn.split(":"), *[""] * 5]
    return partition, account_id
