"""Tuples that say why they are empty."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


class Listing(tuple[T, ...]):
    """A tuple whose `IndexError` says why it is empty, since tests write `sts_saml.attempts[-1]`. A copy is a tuple."""

    _why_empty: Callable[[], str]

    @classmethod
    def of(cls, members: Iterable[T], why_empty: Callable[[], str]) -> "Listing[T]":
        """Return the members.

        :param why_empty: gives the message, if there are no members and a test asks for one.
        """
        listing = cls(members)
        listing._why_empty = why_empty
        return listing

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except IndexError:
            if self:
                raise
            raise IndexError(self._why_empty()) from None

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (tuple(self),)
