"""The text of a lock, row by row, without taking it apart: rows are found by halving."""

from __future__ import annotations

import json
from collections.abc import Mapping


class SortedRows:
    """Rows of our own writing: JSON objects that begin with their node, sorted by it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __bool__(self) -> bool:
        return bool(self._text)

    def row(self, node: str) -> str | None:
        """The row of a node, if it has one."""
        begin, end = self._place(node)
        return self._text[begin:end] if begin < end else None

    def _place(self, node: str) -> tuple[int, int]:
        """Where a node's row begins and ends; an empty place where it would be."""
        text, low, high = self._text, 0, len(self._text)
        while low < high:
            begin = text.rfind("\n", low, (low + high) // 2) + 1
            begin = max(begin, low)
            end = text.index("\n", begin)
            here = _node_of(text[begin:end])
            if here == node:
                return begin, end
            if here < node:
                low = end + 1
            else:
                high = begin
        return low, low

    def holding(self, word: str) -> list[str]:
        """The nodes whose rows hold a word."""
        found = []
        at = self._text.find(word)
        while at >= 0:
            begin, end = self._text.rfind("\n", 0, at) + 1, self._text.index("\n", at)
            found.append(_node_of(self._text[begin:end]))
            at = self._text.find(word, end)
        return found

    def by_node(self) -> dict[str, str]:
        """All rows."""
        return {_node_of(row): row for row in self._text.split("\n") if row}

    def replaced(self, rows: Mapping[str, str]) -> str | None:
        """The text with other rows for some nodes; None when one of them has none yet."""
        places = sorted((*self._place(node), row) for node, row in rows.items())
        parts, at = [], 0
        for begin, end, row in places:
            if begin == end:
                return None
            parts += [self._text[at:begin], row]
            at = end
        return "".join((*parts, self._text[at:]))


def _node_of(row: str) -> str:
    """The node of a row: its first field, found without parsing the rest."""
    start = len('{"node": "')
    end = row.index('"', start)
    return row[start:end] if "\\" not in row[start:end] else str(json.loads(row)["node"])
