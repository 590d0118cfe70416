"""Wildcards: `*` stands for any string, `?` for any character, and nothing else is special.

Source: IAM user guide, reference_policies_elements_condition_operators and reference_policies_elements_resource.

A pattern is given in fragments: written, literal, written, and so on. Only a policy can write wildcards, so what a
variable stands for is a literal fragment. A match takes time in proportion to the length of the value: no part of a
pattern is tried again at a place that is already behind it.
"""

from collections.abc import Iterable
from typing import TypeAlias

# What stands between two wildcards `*`: one string, or several with one `?` between each two.
_Chunks: TypeAlias = tuple[str, ...]


class Pattern:
    """A string with wildcards."""

    def __init__(self, fragments: tuple[str, ...]) -> None:
        first, *others = map(_Piece, _pieces(fragments))
        self._prefix = first.chunks[0]
        self._first, self._middle = first, others[:-1]
        self._last = others[-1] if others else None
        self._shortest = sum(piece.length for piece in (first, *others))

    def matches(self, value: str) -> bool:
        """Return whether all of a value matches."""
        # Most values end here, without a call.
        if not value.startswith(self._prefix) or len(value) < self._shortest:
            return False
        if not self._first.fits(value, 0):
            return False
        if self._last is None:
            return len(value) == self._shortest
        start, end = self._first.length, len(value) - self._last.length
        for piece in self._middle:
            # The first place at which a piece fits leaves most of the value to those that follow.
            found = piece.find(value, start, end)
            if found < 0:
                return False
            start = found + piece.length
        return self._last.fits(value, end)


class AnyOf:
    """Several patterns, of which a value has to match one."""

    def __init__(self, patterns: Iterable[tuple[str, ...]]) -> None:
        exact: list[str] = []
        prefixes: list[str] = []
        self._others: list[Pattern] = []
        for fragments in patterns:
            match _pieces(fragments):
                case [(text,)]:
                    exact.append(text)
                case [(text,), ("",)]:
                    prefixes.append(text)
                case _:
                    self._others.append(Pattern(fragments))
        # Most patterns of real policies are of these two kinds, which take no loop.
        self._exact, self._prefixes = frozenset(exact), tuple(prefixes)

    def matches(self, value: str) -> bool:
        """Return whether all of a value matches one of the patterns."""
        return (
            value in self._exact
            or value.startswith(self._prefixes)
            or (self._others != [] and any(pattern.matches(value) for pattern in self._others))
        )


def _pieces(fragments: tuple[str, ...]) -> list[_Chunks]:
    """Return the pieces of a pattern: what stands before, between and after its wildcards `*`."""
    pieces = [[""]]
    for index, fragment in enumerate(fragments):
        literal = index % 2 == 1
        for number, part in enumerate([fragment] if literal else fragment.split("*")):
            if number:
                pieces.append([""])
            text, *more = [part] if literal else part.split("?")
            pieces[-1][-1] += text
            pieces[-1] += more
    return [tuple(chunks) for chunks in pieces]


class _Piece:
    """What stands between two wildcards `*`."""

    def __init__(self, chunks: _Chunks) -> None:
        self.chunks = chunks
        self.length = sum(map(len, chunks)) + len(chunks) - 1

    def fits(self, value: str, start: int) -> bool:
        """Return whether the piece fits a value at an index, from which on the value is at least as long."""
        for chunk in self.chunks:
            if not value.startswith(chunk, start):
                return False
            start += len(chunk) + 1
        return True

    def find(self, value: str, start: int, end: int) -> int:
        """Return the first index at which the piece fits into a part of a value, or -1."""
        if len(self.chunks) == 1:
            return value.find(self.chunks[0], start, end)
        return self._find_with_gaps(value, start, end)

    def _find_with_gaps(self, value: str, start: int, end: int) -> int:
        """Search with the shift-and algorithm: a bit for each length at which the beginning of the piece fits."""
        fitting: dict[str, int] = {}
        gaps = place = 0
        for chunk in self.chunks:
            for letter in chunk:
                fitting[letter] = fitting.get(letter, 0) | 1 << place
                place += 1
            gaps |= 1 << place
            place += 1
        whole, state = 1 << self.length - 1, 0
        for index in range(start, end):
            state = (state << 1 | 1) & (fitting.get(value[index], 0) | gaps)
            if state & whole:
                return index + 1 - self.length
        return -1
