"""An empty tuple that says why it is empty."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def listing(members: tuple[T, ...], why_empty: Callable[[], str]) -> tuple[T, ...]:
    """Return members, or an empty tuple whose `IndexError` says why it is empty: tests write `sts_saml.attempts[-1]`.

    :param why_empty: gives the message.
    """
    return members or _Nothing.because(why_empty)


class _Nothing(tuple[Any, ...]):
    """An empty tuple with a reason. A copy of it is a plain tuple."""

    _why: Callable[[], str]

    @classmethod
    def because(cls, why: Callable[[], str]) -> "_Nothing":
        nothing = cls()
        nothing._why = why
        return nothing

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except IndexError:
            raise IndexError(self._why()) from None

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, ()
