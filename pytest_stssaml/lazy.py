"""functools.cached_property without a lock, and functools.lru_cache for documents."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from functools import cached_property as cached_property  # noqa: PLC0414 - mypy takes this for an export
else:

    class cached_property:  # noqa: N801 - its name is the one in functools
        """A property whose value is computed when it is first read, and then kept in the instance.

        Before Python 3.12 the one of functools has a lock, which all instances share: a process that is forked during
        another thread's login would wait for it forever. Without a lock, two threads may compute the same value.
        """

        def __init__(self, compute: Callable[[Any], Any]) -> None:
            self.__doc__ = compute.__doc__
            self._compute = compute

        def __get__(self, instance: Any, owner: type) -> Any:
            if instance is None:
                return self
            value = instance.__dict__[self._compute.__name__] = self._compute(instance)
            return value


def remembering(documents: int, longest: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Let a function remember what it read from a document, since each test of a run brings the same one.

    :param documents: how many of the latest documents are remembered.
    :param longest: the most characters of a document that is remembered. A large one is not kept in memory.
    """

    def decorate(read: Callable[[str], T]) -> Callable[[str], T]:
        remembered = lru_cache(maxsize=documents)(read)

        @wraps(read)
        def read_or_remember(document: str) -> T:
            return remembered(document) if len(document) <= longest else read(document)

        return read_or_remember

    return decorate
