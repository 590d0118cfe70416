"""The services of one mock, put together: the clock, IAM and STS, and what connects them to moto and to the test."""

from collections.abc import Callable

from . import current_test
from .adapters import moto_bridge
from .clock import Clock, Seed
from .iam.accounts import Accounts
from .sts.attempts import Call
from .sts.service import STS
from .sts.sessions.session import Session


class Services:
    """What a backend consists of.

    :param account_id: the account of what is created without naming one.
    :param partition: the partition of what is created without naming one.
    :param seed: what identifiers and credentials are derived from.
    """

    def __init__(self, *, account_id: str, partition: str, seed: Seed) -> None:
        self.clock = Clock(seed)
        self.iam = Accounts(account_id, partition, self.clock, moto_bridge.MotoIAM())
        self._published = moto_bridge.PublishedSessions(self.iam.policy_document)
        clock, observer = self.clock, _Observer(self._published)
        self.sts = STS(self.iam.directory, clock.now, clock.times_of_clients, clock.identifier, observer)

    def end(self) -> None:
        """Withdraw what moto knows."""
        self._published.withdraw_all()


class _Observer:
    """What tells the test and moto what happens at STS.

    It is an object of its own, to avoid a reference cycle of the services and their STS.
    """

    def __init__(self, published: moto_bridge.PublishedSessions) -> None:
        self._published = published

    def called(self, call: Call) -> None:
        """Note that the running test called STS."""
        current_test.note_call(call)

    def issued(self, session: Session) -> None:
        """Let moto, if it is active, know a new session."""
        if moto_bridge.is_active():
            self._published.publish(session)

    def used(self, access_key_id: str, session: Callable[[], Session | None]) -> None:
        """Let moto, if it is active, know the session whose credentials another service is about to get."""
        if moto_bridge.is_active():
            found = session()
            if found is None:
                self._published.withdraw(access_key_id)
            else:
                self._published.publish(found)
