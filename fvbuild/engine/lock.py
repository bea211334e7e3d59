"""The lock: every decision about a generated node, one JSON line each, sorted, kept in git.

With the lock and the store a clone replays the film. Lines are independent, so branches merge.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from fvbuild.engine.digest import quick
from fvbuild.engine.lock_line import (
    HOLDING,
    RESTORE,
    STATUSES,
    LockLine,
    LockTake,
    line_of_text,
    parse,
    with_status,
)
from fvbuild.errors import StateError, StoreError

__all__ = [
    "HOLDING", "STATUSES", "Lock", "LockLine", "LockTake", "lock_path", "parse", "with_status",
]  # fmt: skip


def lock_path(film: Path, profile: str | None) -> Path:
    """``film.lock`` beside the film; ``film.draft.lock`` for a profile."""
    return film.with_name(f"{film.stem}.{profile}.lock" if profile else f"{film.stem}.lock")


class Lock:
    """The lines of a lock by node, and the file they came from.

    Raises StateError when the file cannot be understood; it is never overwritten then. Lines of a
    text that was understood before are parsed only when they are asked for.
    """

    def __init__(self, lines: Iterable[LockLine] = (), path: Path | None = None) -> None:
        self.path = path
        self._lines = {line.node: line for line in lines}
        self._unparsed: dict[str, str] = {}

    @classmethod
    def read(cls, path: Path, understood: str | None = None) -> Lock:
        """The lock at a path; empty when there is none.

        ``understood`` is the digest of a text that was parsed before without an error.
        """
        text = _read(path)
        if not text or understood != quick(text.encode()):
            return cls(parse(text, str(path)), path)
        lock = cls(path=path)
        lock._unparsed = {_node_of(row): row for row in text.split("\n") if row}
        return lock

    @property
    def lines(self) -> dict[str, LockLine]:
        """All lines by node."""
        for row in self._unparsed.values():
            line = line_of_text(row, str(self.path))
            self._lines[line.node] = line
        self._unparsed.clear()
        return self._lines

    def get(self, node: str) -> LockLine | None:
        """The line of a node."""
        row = self._unparsed.pop(node, None)
        if row is not None:
            self._lines[node] = line_of_text(row, str(self.path))
        return self._lines.get(node)

    def put(self, line: LockLine) -> None:
        """Set a node's line."""
        self._unparsed.pop(line.node, None)
        self._lines[line.node] = line

    def drop(self, node: str) -> None:
        """Remove a node's line."""
        self._unparsed.pop(node, None)
        self._lines.pop(node, None)

    def nodes(self) -> list[str]:
        """The nodes that have a line."""
        return [*self._lines, *self._unparsed]

    def of_key(self, key: str) -> list[LockLine]:
        """The lines whose key this is, without parsing the others."""
        rows = [node for node, row in self._unparsed.items() if key in row]
        lines = [line for node in rows if (line := self.get(node)) is not None]
        return [line for line in [*lines, *self._lines.values()] if line.key == key]

    def _rows(self) -> dict[str, str]:
        return {node: line.text() for node, line in self._lines.items()} | self._unparsed

    def digests(self) -> dict[str, str]:
        """A digest of each node's line, to tell later which were changed."""
        return {node: quick(row.encode()) for node, row in self._rows().items()}

    def text(self) -> str:
        """The whole file."""
        rows = self._rows()
        return "".join(f"{rows[node]}\n" for node in sorted(rows))

    def write(self) -> str:
        """Write the file if it differs, in one step; the digest of its text. Raises StoreError."""
        assert self.path is not None, "a lock without a path stays in memory"
        text = self.text()
        try:
            if (text or self.path.exists()) and _text_at(self.path) != text:
                temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
                with temporary.open("w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(self.path)
        except OSError as error:
            raise StoreError(
                f"the lock cannot be written: {error.strerror}",
                place=str(self.path),
                hint="make the folder writable and build again; nothing made so far is lost",
            ) from error
        return quick(text.encode())


def _text_at(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _read(path: Path) -> str:
    try:
        return _text_at(path) or ""
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(
            f"the lock cannot be read: {error}", place=str(path), hint=RESTORE
        ) from error


def _node_of(row: str) -> str:
    """The node of a line of our own writing: its first field, found without parsing the rest."""
    start = len('{"node": "')
    end = row.index('"', start)
    return row[start:end] if "\\" not in row[start:end] else str(json.loads(row)["node"])
