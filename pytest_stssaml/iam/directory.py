"""Where providers, roles and managed policies are kept and looked up."""

import threading
import weakref
from collections.abc import Iterable
from typing import Protocol

from ..locks import Lock
from .arn import Arn, parse_arn, shown
from .entities import Role, SAMLProvider
from .errors import IAMError
from .limits import AWS_OWN_ACCOUNT


def no_provider(arn: str, others: Iterable[str], past: str = "") -> str:
    """Return the sentence that a provider does not exist, what became of it, and which others may be meant.

    Those are the ones of that name in any account, whatever the case of their letters; else all of the account.
    """
    wanted, others = parse_arn(arn.strip()), list(others)
    of_the_name = [other for other in others if wanted and _resource(other) == wanted.resource.strip().lower()]
    if of_the_name:  # Which mock had the ARN says less than that this one has the name.
        return _missing("provider", arn, "", of_the_name)
    return _missing("provider", arn, past, _of_the_account(wanted, others))


def no_role(arn: str, others: Iterable[str], past: str = "") -> str:
    """Return the sentence that a role does not exist, what became of it, and which others may be meant.

    That is the one of that name in the account, whatever its path and the case of its letters; else, if the role has
    existed, all of the account.
    """
    wanted, others = parse_arn(arn.strip()), list(others)
    own = _of_the_account(wanted, others)
    of_the_name = [other for other in own if wanted and _name(other) == wanted.name.lower()]
    if of_the_name:
        return _missing("role", arn, "", of_the_name[:1])
    return _missing("role", arn, past, own if past else [])


def _missing(kind: str, arn: str, past: str, meant: list[str]) -> str:
    there = ", ".join(meant[:_MOST_NAMED]) or ("none" if past else "")
    return f"there is no {kind} {shown(arn)}" + (f"; {past}" if past else "") + (f"; there is {there}" if there else "")


# As many as a reader looks through.
_MOST_NAMED = 5


def _of_the_account(wanted: Arn | None, arns: list[str]) -> list[str]:
    return [arn for arn in arns if wanted and arn.split(":")[1:5] == list(wanted[:4])]


def _resource(arn: str) -> str:
    return arn.split(":", 5)[-1].lower()


def _name(arn: str) -> str:
    return arn.rpartition("/")[2].lower()


class Directory(Protocol):
    """Where STS looks up what IAM knows."""

    def saml_provider(self, arn: str) -> SAMLProvider | None:
        """Return the provider of an ARN, or None."""

    def saml_providers(self) -> Iterable[str]:
        """Return the ARNs of all providers, of every account."""

    def role(self, arn: str) -> Role | None:
        """Return the role of an ARN, path included, or None."""

    def role_arns(self) -> Iterable[str]:
        """Return the ARNs of all roles, of every account."""

    def past(self, arn: str) -> str:
        """Return what became of a provider or a role that does not exist any more, such as "it was deleted", or ""."""

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Return those of some ARNs that belong to managed policies."""

    def policy_document(self, arn: str) -> str | None:
        """Return the JSON of a managed policy, or None if it is not known. Policies of AWS can exist all the same."""

    def account_alias(self, account_id: str, partition: str) -> str | None:
        """Return the alias of an account, or None."""


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

    def role_arns(self) -> list[str]:
        """Return the ARNs of all roles, of every account."""
        return [arn for directory in self._directories for arn in directory.role_arns()]

    def past(self, arn: str) -> str:
        """Return what became of a provider or a role that does not exist any more, or ""."""
        return next(filter(None, (directory.past(arn) for directory in self._directories)), "")

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Return those of some ARNs that belong to managed policies in any of the directories."""
        arns = tuple(arns)
        return frozenset().union(*(directory.managed_policies(arns) for directory in self._directories if arns))

    def policy_document(self, arn: str) -> str | None:
        """Return the JSON of a managed policy, or None if it is not known."""
        return next(filter(None, (directory.policy_document(arn) for directory in self._directories)), None)

    def account_alias(self, account_id: str, partition: str) -> str | None:
        """Return the alias of an account, or None."""
        aliases = (directory.account_alias(account_id, partition) for directory in self._directories)
        return next(filter(None, aliases), None)


class IAM:
    """The providers, roles and policies of every account."""

    def __init__(self) -> None:
        self._providers: dict[str, SAMLProvider] = {}
        self._roles: dict[str, Role] = {}
        self._role_names: dict[tuple[str, str, str], str] = {}
        self._makers: dict[str, weakref.ref[threading.Thread]] = {}
        self._policies: dict[str, str] = {}
        self._policy_names: set[str] = set()
        self._deleted: dict[str, Role | SAMLProvider] = {}
        self._account_aliases: dict[tuple[str, str], str] = {}
        self._lock = Lock()

    def is_of_earlier(self, known: Role | SAMLProvider) -> bool:
        """Return whether a role or a provider is not of this IAM, and neither is another one with its ARN."""
        arn = known.arn
        return not (arn in self._roles or arn in self._providers or self._deleted.get(arn) is known)

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
                raise _already_exists(
                    "Provider", provider.name, f"{provider.arn} is registered{self._maker(provider.arn)}"
                )
            self._providers[provider.arn] = provider
            self._note_maker(provider.arn)

    def delete_saml_provider(self, arn: str) -> None:
        """Delete a provider. Roles that trust it stay as they are."""
        with self._lock:
            provider = self._providers.pop(arn, None)
            if provider is not None:
                self._deleted[arn] = provider

    def role(self, arn: str) -> Role | None:
        """Return the role of an ARN, path included, or None. Names are case-sensitive here."""
        return self._roles.get(arn)

    def roles(self) -> tuple[Role, ...]:
        """Return all roles, of every account, oldest first."""
        return tuple(self._roles.values())

    def role_arns(self) -> list[str]:
        """Return the ARNs of all roles, of every account, oldest first."""
        return list(self._roles)

    def past(self, arn: str) -> str:
        """Return what became of a provider or a role that does not exist any more, or ""."""
        return "it was deleted" if arn in self._deleted else ""

    def add_role(self, role: Role) -> None:
        """Add a new role. Its name must be new in the account, whatever the path and the case of its letters.

        :raises IAMError: EntityAlreadyExists.
        """
        with self._lock:
            if _role_name(role) in self._role_names:
                hint = f"account {role.account_id} has a role of that name"
                raise _already_exists("Role", role.name, hint + self._maker(self._role_names[_role_name(role)]))
            self._role_names[_role_name(role)] = role.arn
            self._roles[role.arn] = role
            self._note_maker(role.arn)

    def delete_role(self, arn: str, hint: str) -> None:
        """Delete a role.

        :param hint: the hint of the error.
        :raises IAMError: NoSuchEntity.
        """
        with self._lock:
            role = self._roles.pop(arn, None)
            if role is None:
                name = arn.rpartition("/")[2]
                raise IAMError("NoSuchEntity", 404, f"The role with name {name} cannot be found.", hint)
            self._deleted[arn] = role
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
        unique = f"{partition}:{account_id}:policy/{name.lower()}"
        with self._lock:
            if unique in self._policy_names:
                message = f"A policy called {name} already exists. Duplicate names are not allowed."
                raise IAMError("EntityAlreadyExists", 409, message, f"{arn} is taken{self._maker(unique)}")
            self._policy_names.add(unique)
            self._policies[arn] = document
            self._note_maker(unique)

    def account_alias(self, account_id: str, partition: str) -> str | None:
        """Return the alias of an account, or None."""
        return self._account_aliases.get((account_id, partition))

    def add_account_alias(self, alias: str, account_id: str, partition: str) -> None:
        """Give an account an alias, which must be new in the partition. It replaces the one that the account has.

        :raises IAMError: EntityAlreadyExists.
        """
        with self._lock:
            for (owner, owners_partition), known in self._account_aliases.items():
                if (known, owners_partition) == (alias, partition):
                    message = f"The account alias {alias} already exists."
                    raise IAMError("EntityAlreadyExists", 409, message, f"account {owner} has it")
            self._account_aliases[account_id, partition] = alias

    def _note_maker(self, arn: str) -> None:
        """Note which thread has created something. Not by its identifier, which the next thread may have."""
        self._makers[arn] = weakref.ref(threading.current_thread())

    def _maker(self, arn: str) -> str:
        """Return what to say if another thread has created something, or ""."""
        if self._makers[arn]() is threading.current_thread():
            return ""
        return ", which another thread created: threads share one mock, so give each a name of its own"


def is_policy_of_aws(text: str) -> bool:
    """Return whether an ARN is that of one of AWS's own policies."""
    arn = parse_arn(text)
    return arn is not None and arn[1:4] == ("iam", "", AWS_OWN_ACCOUNT) and arn.resource.startswith("policy/")


def _role_name(role: Role | Arn) -> tuple[str, str, str]:
    return role.partition, role.account_id, role.name.strip().lower()


def _already_exists(kind: str, name: str, hint: str) -> IAMError:
    return IAMError("EntityAlreadyExists", 409, f"{kind} with name {name} already exists.", hint)
