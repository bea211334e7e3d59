"""Mappings and lists of a YAML document that know where each of their entries was written.

They are ordinary dicts and lists to everything that validates them. A position is one integer
(file number, line, column), because a film of 10,000 shots has a quarter of a million of them.
"""

from __future__ import annotations

from typing import Any

_COLUMN_BITS = 16
_LINE_BITS = 28
_MAX_COLUMN = (1 << _COLUMN_BITS) - 1
_MAX_LINE = (1 << _LINE_BITS) - 1


def pack_position(file: int, line: int, column: int) -> int:
    """One integer of a file's number and a line and column that begin at 0."""
    return (file << (_COLUMN_BITS + _LINE_BITS)) | (line << _COLUMN_BITS) | min(column, _MAX_COLUMN)


def unpack_position(position: int) -> tuple[int, int, int]:
    """File number, line and column, the latter two from 0; the reverse of packing."""
    return (
        position >> (_COLUMN_BITS + _LINE_BITS),
        (position >> _COLUMN_BITS) & _MAX_LINE,
        position & _MAX_COLUMN,
    )


class Map(dict[str, Any]):
    """A mapping. Its keys are text, as written.

    marks: key -> (position of the key, position of its value).
    lone: keys of a ``{...}`` that were followed by no colon: mostly text whose comma cut it.
    end: position behind its last entry.
    """

    __slots__ = ("end", "lone", "marks")

    def __init__(self) -> None:
        super().__init__()
        self.marks: dict[str, tuple[int, int]] = {}
        self.lone: set[str] | None = None
        self.end = 0

    def put(self, key: str, value: Any, mark: tuple[int, int]) -> None:
        """Set an entry with its place."""
        self[key] = value
        self.marks[key] = mark

    def drop(self, key: str) -> None:
        """Take an entry out."""
        del self[key]
        del self.marks[key]

    def copy(self) -> Map:
        """A shallow copy with the same places."""
        new = Map()
        new.update(self)
        new.marks = dict(self.marks)
        new.end = self.end
        return new


class Seq(list[Any]):
    """A list. marks: position of every item. end: position behind the last one."""

    __slots__ = ("end", "marks")

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[int] = []
        self.end = 0

    def put(self, value: Any, mark: int) -> None:
        """Append an item with its place."""
        self.append(value)
        self.marks.append(mark)


class WrittenInt(int):
    """An integer whose text was another one than Python's: ``017``, ``0x10``."""

    source: str

    def __str__(self) -> str:
        return self.source


class WrittenFloat(float):
    """A float whose text was another one than Python's: ``1e3``, ``2.50``."""

    source: str

    def __str__(self) -> str:
        return self.source
