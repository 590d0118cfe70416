"""The value of an argument that was not given, where None has a meaning of its own."""

import enum
from typing import Final


class NotGiven(enum.Enum):
    """The type of `NOT_GIVEN`. It is an enumeration, so type checkers can tell its one member from other values."""

    NOT_GIVEN = "not given"

    def __repr__(self) -> str:
        return self.name


#: The value itself.
NOT_GIVEN: Final = NotGiven.NOT_GIVEN
