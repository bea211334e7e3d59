"""The lock: every decision about a generated node, one JSON line each, sorted, kept in git.

With the lock and the store a clone replays the film. Lines are independent, so branches merge.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Money
from fvbuild.engine.digest import Json, quick
from fvbuild.errors import StateError, StoreError

STATUSES = frozenset({"made", "chosen", "approved", "rejected", "adopted"})
HOLDING = frozenset({"approved", "adopted"})
_CONFLICT_MARKS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


@dataclass(frozen=True, slots=True)
class LockTake:
    """One take of the current key. ``facts`` are kept where other nodes depend on them."""

    n: int
    artifact: str
    origin: str
    cost: Money | None = None
    status: str = "made"
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LockLine:
    """What was decided for one node. An empty ``key`` (adopted early) fits any."""

    node: str
    kind: str
    key: str
    chosen: int
    status: str
    takes: tuple[LockTake, ...]

    def take(self, n: int) -> LockTake | None:
        """The take of a number."""
        return next((take for take in self.takes if take.n == n), None)

    @property
    def holding(self) -> bool:
        """True when the result stays although its recipe changes."""
        return self.status in HOLDING

    def text(self) -> str:
        """The line as it is written, without its newline."""
        takes = []
        for take in self.takes:
            entry: dict[str, object] = {
                "n": take.n,
                "artifact": take.artifact,
                "origin": take.origin,
                "cost": None
                if take.cost is None
                else {"amount": take.cost.amount, "currency": take.cost.currency},
                "status": take.status,
            }
            if take.facts:
                entry["facts"] = dict(take.facts)
            takes.append(entry)
        line = {
            "node": self.node,
            "kind": self.kind,
            "key": self.key,
            "chosen": self.chosen,
            "status": self.status,
            "takes": takes,
        }
        return json.dumps(line, ensure_ascii=False)


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
        lock._unparsed = {_node_of(row): row for row in text.splitlines() if row}
        return lock

    @property
    def lines(self) -> dict[str, LockLine]:
        """All lines by node."""
        for row in self._unparsed.values():
            line = _line(row, str(self.path))
            self._lines[line.node] = line
        self._unparsed.clear()
        return self._lines

    def get(self, node: str) -> LockLine | None:
        """The line of a node."""
        row = self._unparsed.pop(node, None)
        if row is not None:
            self._lines[node] = _line(row, str(self.path))
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

    def text(self) -> str:
        """The whole file."""
        rows = {node: line.text() for node, line in self._lines.items()} | self._unparsed
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
            f"the lock cannot be read: {error}", place=str(path), hint=_RESTORE
        ) from error


def _node_of(row: str) -> str:
    """The node of a line of our own writing: its first field, found without parsing the rest."""
    start = len('{"node": "')
    end = row.index('"', start)
    return row[start:end] if "\\" not in row[start:end] else str(json.loads(row)["node"])


def parse(text: str, place: str) -> list[LockLine]:
    """The lines of a lock's text. Raises StateError with the place of the first bad one."""
    lines: dict[str, LockLine] = {}
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        here = f"{place}:{number}:1"
        if row.startswith(_CONFLICT_MARKS):
            raise StateError(
                "the lock holds the marks of a merge conflict",
                place=here,
                hint="keep the line of the take you want, remove the marks, then build again",
            )
        line = _line(row, here)
        if line.node in lines:
            raise StateError(
                f"'{line.node}' has two lines",
                place=here,
                hint="a merge kept both: delete the line whose take you do not want",
            )
        lines[line.node] = line
    return list(lines.values())


def _line(row: str, place: str) -> LockLine:
    try:
        data = json.loads(row)
        line = LockLine(
            node=_text(data["node"]),
            kind=_text(data["kind"]),
            key=_text(data["key"]),
            chosen=_number(data["chosen"]),
            status=_text(data["status"]),
            takes=tuple(_take(entry) for entry in data["takes"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise StateError(
            f"this is not a line of a lock ({_why(error)})", place=place, hint=_RESTORE
        ) from error
    statuses = {line.status, *(take.status for take in line.takes)}
    if unknown := statuses - STATUSES:
        raise StateError(
            f"the status '{min(unknown)}' is not known",
            place=place,
            hint="was it written by a newer fvbuild? update, or correct the line",
        )
    if line.take(line.chosen) is None:
        raise StateError(f"take {line.chosen} is chosen but not listed", place=place, hint=_RESTORE)
    return line


def _take(data: Any) -> LockTake:
    cost = data.get("cost")
    artifact = _text(data["artifact"])
    if len(artifact) != 64 or not set(artifact) <= set("0123456789abcdef"):
        raise ValueError("an artifact is named by 64 hex digits")
    facts = data.get("facts", {})
    return LockTake(
        n=_number(data["n"]),
        artifact=artifact,
        origin=_text(data["origin"]),
        cost=None if cost is None else Money(float(cost["amount"]), _text(cost["currency"])),
        status=_text(data["status"]),
        facts=dict(facts),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is not text")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError(f"{value!r:.40} is not a take's number")
    return value


def _why(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)[:80]


_RESTORE = "restore it from git: git checkout -- FILE; takes that were made stay in the store"


def with_status(line: LockLine, n: int, status: str) -> LockLine:
    """The line with take ``n`` chosen under a status."""
    takes = tuple(
        replace(take, status=status if take.n == n else _unchosen(take.status))
        for take in line.takes
    )
    return replace(line, chosen=n, status=status, takes=takes)


def _unchosen(status: str) -> str:
    return status if status == "rejected" else "made"
