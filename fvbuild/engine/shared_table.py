"""What the state knows of a shared store: artifacts that lie there, takes that wait to be sent.

The tables are made when they are first written to, so that a state file without them is as good.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fvbuild.engine.action import Artifact

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS away(place TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER, "
    "media_type TEXT NOT NULL, name TEXT NOT NULL, facts TEXT NOT NULL, "
    "PRIMARY KEY(place, digest)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS unsent(key TEXT NOT NULL, n INTEGER NOT NULL, node TEXT NOT NULL, "
    "PRIMARY KEY(key, n)) WITHOUT ROWID",
)
_PIECE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A take that the shared store does not have yet. ``node`` is what it was made for."""

    key: str
    n: int
    node: str


class SharedTable:
    """The two tables; writes belong inside a transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def exists(self) -> bool:
        """True once anything was written."""
        return (
            self._db.execute("SELECT 1 FROM sqlite_master WHERE name='away'").fetchone() is not None
        )

    def make(self) -> None:
        """Make the tables."""
        for statement in _SCHEMA:
            self._db.execute(statement)

    def knows(self, place: str) -> bool:
        """Whether anything is known to lie in the store at ``place``."""
        query = "SELECT 1 FROM away WHERE place=? LIMIT 1"
        return self.exists() and self._db.execute(query, (place,)).fetchone() is not None

    def away(self, place: str) -> dict[str, Artifact]:
        """Every artifact known to lie in the store at ``place``, by digest."""
        if not self.exists():
            return {}
        rows = self._db.execute(
            "SELECT digest, size, media_type, name, facts FROM away "
            "WHERE place=? AND media_type<>''",
            (place,),
        )
        return {
            digest: Artifact(digest, size or 0, media_type, name, json.loads(facts))
            for digest, size, media_type, name, facts in rows
        }

    def set_away(self, place: str, artifacts: Iterable[Artifact]) -> None:
        """Record what lies there."""
        self._db.executemany(
            "INSERT OR REPLACE INTO away VALUES(?,?,?,?,?,?)",
            [
                (place, a.digest, a.size_bytes, a.media_type, a.name, _facts(a.facts))
                for a in artifacts
            ],
        )

    def damaged(self, place: str) -> set[str]:
        """Artifacts under whose names other bytes lie there."""
        if not self.exists():
            return set()
        rows = self._db.execute("SELECT digest FROM away WHERE place=? AND media_type=''", (place,))
        return {row[0] for row in rows}

    def set_damaged(self, place: str, digests: Iterable[str]) -> None:
        """Record what has other bytes there, until somebody sends it again."""
        self.set_away(place, [Artifact(digest, 0, "") for digest in digests])

    def drop_away(self, place: str, digests: Iterable[str]) -> None:
        """What turned out to lie there no more."""
        self._db.executemany(
            "DELETE FROM away WHERE place=? AND digest=?", [(place, d) for d in digests]
        )

    def unsent(self) -> list[Unsent]:
        """The takes that wait to be sent."""
        if not self.exists():
            return []
        return [Unsent(*row) for row in self._db.execute("SELECT key, n, node FROM unsent")]

    def add_unsent(self, takes: Iterable[Unsent]) -> None:
        """Takes to be sent; in the very transaction that records them."""
        rows = [(take.key, take.n, take.node) for take in takes]
        if rows:
            self.make()
            self._db.executemany("INSERT OR REPLACE INTO unsent VALUES(?,?,?)", rows)

    def drop_unsent(self, takes: Iterable[Unsent]) -> None:
        """Takes that the store has now."""
        self._db.executemany(
            "DELETE FROM unsent WHERE key=? AND n=?", [(take.key, take.n) for take in takes]
        )


def piece(digest: str) -> Artifact:
    """An artifact of which nothing is known but that it is there."""
    return Artifact(digest, 0, _PIECE)


def _facts(facts: Mapping[str, object]) -> str:
    return json.dumps(dict(facts), separators=(",", ":"))
