"""Where providers, roles and managed policies are kept and looked up."""

import threading
from collections.abc import Iterable
from typing import Protocol

from ..locks import Lock
from .arn import Arn, parse_arn, shown
from .entities import Role, SAMLProvider
from .errors import IAMError
from .limits import AWS_OWN_ACCOUNT


def no_provider(arn: str, others: Iterable[str]) -> str:
    """Return the sentence that a provider does not exist, and which of the others may be meant.

    Those are the ones of that name in any account, whatever the case of their letters; else all of the account.
    """
    wanted, others = parse_arn(arn.strip()), list(others)
    of_the_name = [other for other in others if wanted and _resource(other) == wanted.resource.strip().lower()]
    of_the_account = [other for other in others if wanted and other.split(":")[1:5] == list(wanted[:4])]
    meant = (of_the_name or of_the_account)[:_MOST_NAMED]
    return f"there is no provider {shown(arn)}" + (f"; there is {', '.join(meant)}" if meant else "")


# As many as a reader looks through.
_MOST_NAMED = 5


def _resource(arn: str) -> str:
    return arn.split(":", 5)[-1].lower()


def no_role(arn: str, similar_role: str | None) -> str:
    """Return the sentence that a role does not exist, and that a similar one does if there is one."""
    return f"there is no role {shown(arn)}" + (f"; there is {similar_role}" if similar_role else "")


class Directory(Protocol):
    """Where STS looks up what IAM knows."""

    def saml_provider(self, arn: str) -> SAMLProvider | None:
        """Return the provider of an ARN, or None."""

    def saml_providers(self) -> Iterable[str]:
        """Return the ARNs of all providers, of every account."""

    def role(self, arn: str) -> Role | None:
        """Return the role of an ARN, path included, or None."""

    def similar_role(self, arn: Arn) -> str | None:
        """Return the ARN of the account's role of that name, whatever its path and the case of its letters, or None."""

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Return those of some ARNs that belong to managed policies."""

    def policy_document(self, arn: str) -> str | None:
        """Return the JSON of a managed policy, or None if it is not known. Policies of AWS can exist all the same."""


class FirstOf:
    """Several directories as one. The first one that knows an ARN answers."""

    def __init__(self, *directories: Directory) -> None:
        self._directories = directories

    def saml_provider(self, arn: str) -> SAMLProvider | None:
        """Return the provider of an ARN, or None."""
        return next(filter(None, (directory.saml_provider(arn) for directory in self._directories)), None)

    def saml_providers(self) -> list[str]:
        """Return the ARNs of all providers, of every account."""
        return [arn for directory in self._directories for arn in directory.saml_providers()]

    def role(self, arn: str) -> Role | None:
        """Return the role of an ARN, path included, or None."""
        return next(filter(None, (directory.role(arn) for directory in self._directories)), None)

    def similar_role(self, arn: Arn) -> str | None:
        """Return the ARN of the account's role of that name, whatever its path and the case of its letters, or None."""
        return next(filter(None, (directory.similar_role(arn) for directory in self._directories)), None)

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Return those of some ARNs that belong to managed policies in any of the directories."""
        arns = tuple(arns)
        return frozenset().union(*(directory.managed_policies(arns) for directory in self._directories if arns))

    def policy_document(self, arn: str) -> str | None:
        """Return the JSON of a managed policy, or None if it is not known."""
        return next(filter(None, (directory.policy_document(arn) for directory in self._directories)), None)


class IAM:
    """The providers, roles and policies of every account."""

    def __init__(self) -> None:
        self._providers: dict[str, SAMLProvider] = {}
        self._roles: dict[str, Role] = {}
        self._role_names: dict[tuple[str, str, str], str] = {}
        self._threads: dict[tuple[str, str, str], int] = {}
        self._policies: dict[str, str] = {}
        self._policy_names: set[tuple[str, str, str]] = set()
        self._lock = Lock()

    def saml_provider(self, arn: str) -> SAMLProvider | None:
        """Return the provider of an ARN, or None."""
        return self._providers.get(arn)

    def saml_providers(self) -> list[str]:
        """Return the ARNs of all providers, of every account, oldest first."""
        return list(self._providers)

    def saml_providers_of(self, account_id: str, partition: str) -> list[SAMLProvider]:
        """Return the providers of an account, oldest first."""
        return [p for p in list(self._providers.values()) if (p.account_id, p.partition) == (account_id, partition)]

    def add_saml_provider(self, provider: SAMLProvider) -> None:
        """Add a new provider.

        :raises IAMError: EntityAlreadyExists.
        """
        with self._lock:
            if provider.arn in self._providers:
                raise _already_exists("Provider", provider.name, f"{provider.arn} is registered")
            self._providers[provider.arn] = provider

    def delete_saml_provider(self, arn: str) -> None:
        """Delete a provider. Roles that trust it stay as they are."""
        with self._lock:
            self._providers.pop(arn, None)

    def role(self, arn: str) -> Role | None:
        """Return the role of an ARN, path included, or None. Names are case-sensitive here."""
        return self._roles.get(arn)

    def roles(self) -> tuple[Role, ...]:
        """Return all roles, of every account, oldest first."""
        return tuple(self._roles.values())

    def similar_role(self, arn: Arn) -> str | None:
        """Return the ARN of the account's role of that name, whatever its path and the case of its letters, or None."""
        return self._role_names.get(_role_name(arn))

    def add_role(self, role: Role) -> None:
        """Add a new role. Its name must be new in the account, whatever the path and the case of its letters.

        :raises IAMError: EntityAlreadyExists.
        """
        with self._lock:
            if _role_name(role) in self._role_names:
                hint = f"account {role.account_id} has a role of that name"
                if self._threads.get(_role_name(role)) != threading.get_ident():
                    hint += ", which another thread created: threads share one mock, so give each a name of its own"
                raise _already_exists("Role", role.name, hint)
            self._role_names[_role_name(role)] = role.arn
            self._threads[_role_name(role)] = threading.get_ident()
            self._roles[role.arn] = role

    def delete_role(self, arn: str) -> None:
        """Delete a role.

        :raises IAMError: NoSuchEntity.
        """
        with self._lock:
            role = self._roles.pop(arn, None)
            if role is None:
                name = arn.rpartition("/")[2]
                hint = f"there is no role {arn}"
                raise IAMError("NoSuchEntity", 404, f"The role with name {name} cannot be found.", hint)
            del self._role_names[_role_name(role)]

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Return those of some ARNs that belong to managed policies. Every policy of AWS itself counts as existing."""
        return frozenset(arn for arn in arns if arn in self._policies or is_policy_of_aws(arn))

    def policy_document(self, arn: str) -> str | None:
        """Return the JSON of a managed policy, or None."""
        return self._policies.get(arn)

    def add_policy(self, arn: str, document: str) -> None:
        """Add a new managed policy. Its name must be new in the account, whatever the path and the case of its letters.

        :raises IAMError: EntityAlreadyExists.
        """
        _, partition, _, _, account_id, resource = arn.split(":", 5)
        name = resource.rpartition("/")[2]
        with self._lock:
            if (partition, account_id, name.lower()) in self._policy_names:
                message = f"A policy called {name} already exists. Duplicate names are not allowed."
                raise IAMError("EntityAlreadyExists", 409, message, f"{arn} is taken")
            self._policy_names.add((partition, account_id, name.lower()))
            self._policies[arn] = document


def is_policy_of_aws(text: str) -> bool:
    """Return whether an ARN is that of one of AWS's own policies."""
    arn = parse_arn(text)
    return arn is not None and arn[1:4] == ("iam", "", AWS_OWN_ACCOUNT) and arn.resource.startswith("policy/")


def _role_name(role: Role | Arn) -> tuple[str, str, str]:
    return role.partition, role.account_id, role.name.strip().lower()


def _already_exists(kind: str, name: str, hint: str) -> IAMError:
    return IAMError("EntityAlreadyExists", 409, f"{kind} with name {name} already exists.", hint)
