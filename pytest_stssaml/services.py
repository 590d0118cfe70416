"""The services of one mock, put together: the clock, IAM, STS, the sign-in pages, and what connects them to others."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from . import current_test, earlier_mocks
from .adapters import botocore_events
from .adapters.moto_presence import is_active
from .clock import Clock, Seed
from .iam.accounts import Accounts
from .iam.directory import IAM, is_policy_of_aws
from .iam.entities import Role, SAMLProvider
from .locks import Lock
from .sts.ordered_errors import OrderedError, message_of_unmet
from .sts.service import STS
from .sts.sessions.session import Session
from .wire import CredentialFault

if TYPE_CHECKING:
    from .adapters.moto_bridge import MotoIAM, PublishedSessions
    from .sign_in.service import SignIn
    from .sts.attempts.call import Call


class Services:
    """What a backend consists of.

    :param account_id: the account of roles, providers and policies that are created without `account_id=`.
    :param partition: the partition of those that are created without `partition=`.
    :param seed: what identifiers and credentials are derived from.
    """

    def __init__(self, *, account_id: str, partition: str, seed: Seed) -> None:
        self.clock = Clock(seed)
        self.iam = Accounts(account_id, partition, self.clock, _MotoIAM())
        self._publisher = _Publisher(self.iam.policy_document)
        clock, observer = self.clock, _Observer(self._publisher)
        self.sts = STS(self.iam.directory, clock.now, clock.times_of_clients, clock.identifier, observer)
        self._sign_in: SignIn | None = None
        self._lock = Lock()

    @property
    def sign_in(self) -> "SignIn":
        """The sign-in pages, which are made when they are first asked for."""
        from .sign_in.service import SignIn  # which few tests use

        with self._lock:  # they remember what they have issued, so there is one of them
            if self._sign_in is None:
                self._sign_in = SignIn(self.sts, self.iam.directory, self.clock.now, self.clock.identifier)
            return self._sign_in

    def end(self, test: str | None) -> None:
        """Withdraw what moto knows, and remember what there was.

        :param test: the test that began the mock.
        """
        earlier_mocks.remember(self.iam.arns(), test)
        self._publisher.end()

    def unmet_errors(self, earlier: Iterable[OrderedError] = ()) -> str:
        """Return the message about ordered errors that no call has met, or "" if there are none.

        :param earlier: errors that are not the test's own.
        """
        unmet = self.sts.ordered_errors.unmet(earlier)
        return message_of_unmet(unmet, [attempt.headline() for attempt in self.sts.attempts[-10:]]) if unmet else ""


class _Observer:
    """What tells the test and moto what happens at STS.

    It is an object of its own, to avoid a reference cycle of the services and their STS.
    """

    def __init__(self, publisher: "_Publisher") -> None:
        self._publisher = publisher

    def called(self, call: "Call") -> None:
        """Note that the running test called STS."""
        current_test.note_call(call)

    def issued(self, session: Session) -> None:
        """Let moto, if it is active, and the guard, if it is on, know a new session."""
        botocore_events.note_session(session.access_key_id, current_test.node_id)
        self._publisher.publish(session)

    def used(self, access_key_id: str, presented: Callable[[], Session | CredentialFault]) -> CredentialFault | None:
        """Let moto, if it is active, know the session whose credentials another service is about to get.

        :returns: why the service refuses them.
        """
        return self._publisher.update(access_key_id, presented)


class _MotoIAM:
    """The providers, roles and policies of moto while its mock is active, and what is remembered of ended mocks."""

    def saml_provider(self, arn: str) -> SAMLProvider | None:
        """Return the provider of an ARN, or None."""
        return _moto_iam().saml_provider(arn)

    def saml_providers(self) -> Iterable[str]:
        """Return the ARNs of all providers, of every account."""
        return _moto_iam().saml_providers()

    def role(self, arn: str) -> Role | None:
        """Return the role of an ARN, or None."""
        return _moto_iam().role(arn)

    def role_arns(self) -> Iterable[str]:
        """Return the ARNs of all roles, of every account."""
        return _moto_iam().role_arns()

    def past(self, arn: str) -> str:
        """Return in which mock that has ended, of ours or of moto, a provider or a role was made, or ""."""
        maker = earlier_mocks.maker_of(arn, moto_is_active=is_active())
        return maker and f"it was made in {maker}"

    def managed_policies(self, arns: Iterable[str]) -> frozenset[str]:
        """Return those of some ARNs that are managed policies."""
        return _moto_iam().managed_policies(arns)

    def policy_document(self, arn: str) -> str | None:
        """Return the JSON of a managed policy of moto or, if moto is installed, of AWS's own; or None."""
        return _moto_iam().policy_document(arn) or _aws_managed_policy(arn)

    def account_alias(self, account_id: str, partition: str) -> str | None:
        """Return the alias of an account, or None."""
        return _moto_iam().account_alias(account_id, partition)


_NO_IAM = IAM()


def _moto_iam() -> "IAM | MotoIAM":
    """Return moto's IAM, or an empty one while its mock is not active, so that the bridge is not even imported."""
    if not is_active():
        return _NO_IAM
    from .adapters.moto_bridge import MotoIAM

    return MotoIAM()


def _aws_managed_policy(arn: str) -> str | None:
    # moto has the policies of this partition only. In others, the ARNs inside of them are different.
    if not arn.startswith("arn:aws:") or not is_policy_of_aws(arn):
        return None
    from .adapters.moto_bridge import aws_managed_policy

    return aws_managed_policy(arn)


class _Publisher:
    """Lets moto know the sessions of one backend while moto's mock is active."""

    def __init__(self, policy_document: Callable[[str], str | None]) -> None:
        self._policy_document = policy_document
        self._published: PublishedSessions | None = None
        self._is_open = True
        self._lock = Lock()

    def publish(self, session: Session) -> None:
        """Let moto know a session."""
        if is_active() and (published := self._opened()) is not None:
            published.publish(session)

    def update(self, access_key_id: str, presented: Callable[[], Session | CredentialFault]) -> CredentialFault | None:
        """Let moto know the session of an access key, or forget it if AWS would refuse the credentials.

        :param presented: gives the session, or why AWS would refuse the credentials.
        :returns: that reason, if moto is active, which does not look for it.
        """
        if not is_active() or (published := self._opened()) is None:
            return None
        found = presented()
        if isinstance(found, CredentialFault):
            if found is not CredentialFault.MISMATCH:  # which says nothing about the session of that access key
                published.withdraw(access_key_id)
            return found
        published.publish(found)
        return None

    def end(self) -> None:
        """Let moto forget all sessions, and publish no more."""
        with self._lock:
            self._is_open = False
        if self._published is not None:
            self._published.withdraw_all()

    def _opened(self) -> "PublishedSessions | None":
        """Return the published sessions, or None if the mock has ended before the first of them."""
        from .adapters.moto_bridge import PublishedSessions

        with self._lock:
            if self._published is None and self._is_open:
                self._published = PublishedSessions(self._policy_document)
            return self._published
