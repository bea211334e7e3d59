"""The lock: every decision about a generated node, one JSON line each, sorted, kept in git.

With the lock and the store a clone replays the film. Lines are independent, so branches merge.
"""

from __future__ import annotations

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
from fvbuild.engine.lock_rows import SortedRows
from fvbuild.errors import StateError, StoreError

__all__ = [
    "HOLDING", "STATUSES", "Lock", "LockLine", "LockTake", "lock_path", "parse", "with_status",
]  # fmt: skip

# More than so many lines are looked up sooner in a text that was taken apart.
_FEW = 200


def lock_path(film: Path, profile: str | None) -> Path:
    """``film.lock`` beside the film; ``film.draft.lock`` for a profile."""
    return film.with_name(f"{film.stem}.{profile}.lock" if profile else f"{film.stem}.lock")


class Lock:
    """The lines of a lock by node, and the file they came from.

    Raises StateError when the file cannot be understood; it is never overwritten then. Of a text of
    our own writing, which is sorted, lines are looked up and parsed only when they are asked for.
    """

    def __init__(self, lines: Iterable[LockLine] = (), path: Path | None = None) -> None:
        self.path = path
        self.digest = ""
        """Of the text that was read or written last; empty where there is no file."""
        self._lines = {line.node: line for line in lines}
        self._text = SortedRows("")
        self._unparsed: dict[str, str] = {}

    @classmethod
    def read(cls, path: Path, understood: str | None = None) -> Lock:
        """The lock at a path; empty when there is none.

        ``understood`` is the digest of a text that :meth:`write` wrote.
        """
        text = _read(path)
        digest = quick(text.encode()) if text else ""
        ours = bool(text) and understood == digest
        lock = cls(path=path) if ours else cls(parse(text, str(path)), path)
        lock._text = SortedRows(text if ours else "")
        lock.digest = digest
        return lock

    def _split(self) -> None:
        """Take the text apart: for what concerns all lines, and for more than a few of them."""
        if self._text:
            rows = self._text.by_node()
            self._text = SortedRows("")
            self._unparsed = {node: rows[node] for node in rows if node not in self._lines}

    @property
    def lines(self) -> dict[str, LockLine]:
        """All lines by node."""
        self._split()
        for row in self._unparsed.values():
            line = line_of_text(row, str(self.path))
            self._lines[line.node] = line
        self._unparsed.clear()
        return self._lines

    def get(self, node: str) -> LockLine | None:
        """The line of a node."""
        found = self._lines.get(node)
        if found is not None:
            return found
        if len(self._lines) > _FEW:
            self._split()
        row = self._text.row(node) if self._text else self._unparsed.pop(node, None)
        if row is not None:
            found = self._lines[node] = line_of_text(row, str(self.path))
        return found

    def put(self, line: LockLine) -> None:
        """Set a node's line."""
        self._unparsed.pop(line.node, None)
        self._lines[line.node] = line

    def drop(self, node: str) -> None:
        """Remove a node's line."""
        self._split()
        self._unparsed.pop(node, None)
        self._lines.pop(node, None)

    def nodes(self) -> list[str]:
        """The nodes that have a line."""
        self._split()
        return [*self._lines, *self._unparsed]

    def of_key(self, key: str) -> list[LockLine]:
        """The lines whose key this is, without parsing the others."""
        found = [node for node, row in self._unparsed.items() if key in row]
        for node in (*found, *self._text.holding(key)):
            self.get(node)
        return [line for line in self._lines.values() if line.key == key]

    def _rows(self) -> dict[str, str]:
        self._split()
        return {node: line.text() for node, line in self._lines.items()} | self._unparsed

    def digests(self) -> dict[str, str]:
        """A digest of each node's line, to tell later which were changed."""
        return {node: quick(row.encode()) for node, row in self._rows().items()}

    def text(self) -> str:
        """The whole file."""
        if self._text:
            changed = self._text.replaced({n: line.text() for n, line in self._lines.items()})
            if changed is not None:
                return changed
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
        self.digest = quick(text.encode()) if text else ""
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
