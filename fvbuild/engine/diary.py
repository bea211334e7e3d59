"""The build's diary: what was made when, why, how long it took and what it cost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from fvbuild.engine.action import Money
from fvbuild.values import dataclass

RELEASED = "released"
"""What was done to an approval or adoption that ended; a build's other words are those of
:class:`~fvbuild.engine.events.Did`."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the build's diary."""

    at: str
    node: str
    take: int | None
    did: str
    reason: str
    seconds: float
    cost: Money | None
    artifact: str | None
    message: str = ""


class Diary:
    """The log table of the state file; writes belong inside a transaction of the state."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def write(self, film: str, entries: Iterable[LogEntry]) -> None:
        """Add to the diary."""
        self._db.executemany(
            "INSERT INTO log(at, film, node, take, did, reason, seconds, cost, currency, artifact,"
            " message) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
            [
                (
                    e.at,
                    film,
                    e.node,
                    e.take,
                    e.did,
                    e.reason,
                    e.seconds,
                    e.cost.amount if e.cost else None,
                    e.cost.currency if e.cost else None,
                    e.artifact,
                    e.message,
                )
                for e in entries
            ],
        )

    def read(self, film: str, limit: int, node: str | None = None) -> list[LogEntry]:
        """The newest entries, newest first."""
        rows = self._db.execute(
            "SELECT at, node, take, did, reason, seconds, cost, currency, artifact, message "
            "FROM log WHERE film=? AND (? IS NULL OR node=?) ORDER BY id DESC LIMIT ?",
            (film, node, node, limit),
        )
        return [
            LogEntry(
                at, name, take, did, reason, seconds,
                None if cost is None else Money(cost, currency), artifact, message or "",
            )
            for at, name, take, did, reason, seconds, cost, currency, artifact, message in rows
        ]  # fmt: skip

    def node_of(self, artifact: str) -> str | None:
        """The node that an artifact was last made for, as the diary has it."""
        row = self._db.execute(
            "SELECT node FROM log WHERE artifact=? ORDER BY id DESC LIMIT 1", (artifact,)
        ).fetchone()
        return None if row is None else str(row[0])
