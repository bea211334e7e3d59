"""The sections of ``fvbuild.yaml``, read with the place of everything that is wrong in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from fvbuild.film.source import Sources
from fvbuild.film.suggest import did_you_mean
from fvbuild.film.tree import Map

Value = TypeVar("Value")
_SHORT_CHARACTERS = 8


class Wrong(Exception):
    """A value that cannot be; its message and hint are for the user."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class At:
    """A value and where it stands."""

    sources: Sources
    value: Any
    position: int


Read = Callable[[At], Value]
"""Gives the value of a field, or raises :class:`Wrong`."""


class Section:
    """A mapping of known fields; each is read once, and what is wrong with it is noted."""

    def __init__(self, sources: Sources, tree: Map, known: tuple[str, ...]) -> None:
        self._sources = sources
        self._tree = tree
        for name in tree:
            if name not in known:
                at = tree.marks[name][0]
                sources.error(at, f"unknown field '{name}'", did_you_mean(name, known))

    def one(self, name: str, read: Read[Value]) -> Value | None:
        """The value of a field; None where it is not there, or wrong."""
        if self._tree.get(name) is None:
            return None
        at = At(self._sources, self._tree[name], self._tree.marks[name][1])
        try:
            return read(at)
        except Wrong as wrong:
            self._sources.error(at.position, f"'{name}' {wrong.message}", wrong.hint)
            return None

    def each(self, name: str, read: Read[Value], example: str) -> Iterator[tuple[str, Value]]:
        """The entries of a mapping of names."""
        tree = self._tree.get(name)
        if tree is None:
            return
        if not isinstance(tree, Map):
            self._sources.error(
                self._tree.marks[name][1], f"'{name}' is a mapping of names", example
            )
            return
        inner = Section(self._sources, tree, tuple(tree))
        for entry in tree:
            value = inner.one(entry, read)
            if value is not None:
                yield entry, value


def whole(words: str, least: int, most: int) -> Read[int]:
    """Reads a whole number of a range, which ``words`` tell."""

    def read(at: At) -> int:
        value = at.value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Wrong(f"is a whole number, {words}, not {value!r}")
        return int(value)

    return read


def seconds(at: At) -> float:
    """A number of seconds, up to a day."""
    value = at.value
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 86_400:
        raise Wrong(f"is a number of seconds, not {value!r}")
    return float(value)


def hide(at: At) -> None:
    """Keep what may be a secret out of the line that a message shows.

    A short value is hidden where it stands by itself: as a part of words it would garble them, and
    what is that short is none.
    """
    said = str(at.value)
    if not said:
        return
    pattern = re.escape(said)
    if len(said) < _SHORT_CHARACTERS:
        pattern = rf"(?<![\w.-]){pattern}(?![\w.-])"
    at.sources.texts[:] = [re.sub(pattern, "...", text) for text in at.sources.texts]
