"""The ledger's table in the state file: rows in, rows out, and what they add up to.

It works on any connection to the file, so that a purchase can be closed in the very transaction
that records its take.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from fvbuild.engine.entry import COLUMNS, Entry, entry_of, row_of
from fvbuild.engine.purchase import OPEN, Stage

_TYPES = {"take": "INTEGER", "wording": "INTEGER", "reserved": "REAL", "likely": "REAL",
          "cost": "REAL"}  # fmt: skip
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS purchases("
    + ", ".join(f"{name} {_TYPES.get(name, '')}".strip() for name in COLUMNS)
    + ", UNIQUE(id))",
    "CREATE INDEX IF NOT EXISTS purchases_of_takes ON purchases(key, take)",
    "CREATE INDEX IF NOT EXISTS purchases_of_films ON purchases(film, stage)",
    "CREATE INDEX IF NOT EXISTS purchases_of_builds ON purchases(build)",
    "CREATE TABLE IF NOT EXISTS wordings(key TEXT, take INTEGER, maker TEXT, texts TEXT NOT NULL, "
    "PRIMARY KEY(key, take, maker)) WITHOUT ROWID",
)
_FIELDS = ", ".join(COLUMNS)
_OPEN = ", ".join(f"'{stage}'" for stage in OPEN)
# Entry.held, for sums.
_HELD = (
    f"CASE WHEN stage IN ('{Stage.NOT_ACCEPTED}', '{Stage.FORGOTTEN}') THEN 0 "
    f"WHEN receipt OR stage IN ('{Stage.REFUSED}', '{Stage.FAILED}') THEN coalesce(cost, 0) "
    "ELSE coalesce(reserved, 0) END"
)


class PurchaseTable:
    """Purchases by id; writes belong inside a transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def exists(self) -> bool:
        """True once anything was ever bought."""
        found = self._db.execute("SELECT 1 FROM sqlite_master WHERE name='purchases'").fetchone()
        return found is not None

    def make(self) -> None:
        """Make the tables."""
        for statement in _SCHEMA:
            self._db.execute(statement)

    def put(self, entries: Iterable[Entry]) -> None:
        """Write entries, new or changed; they keep their place."""
        changes = ", ".join(f"{name}=excluded.{name}" for name in COLUMNS if name != "id")
        self._db.executemany(
            f"INSERT INTO purchases({_FIELDS}) VALUES({', '.join('?' * len(COLUMNS))}) "
            f"ON CONFLICT(id) DO UPDATE SET {changes}",
            [row_of(entry) for entry in entries],
        )

    def commit(self, ids: Sequence[str], at: str) -> None:
        """Close what takes were made of, with all else that was tried for those takes."""
        for each in ids:
            self._db.execute(
                f"UPDATE purchases SET stage='{Stage.COMMITTED}', changed_at=? WHERE id=?",
                (at, each),
            )
            self._db.execute(
                "UPDATE purchases SET concluded=1 WHERE (key, take) = "
                "(SELECT key, take FROM purchases WHERE id=?)",
                (each,),
            )

    def conclude(self, key: str, take: int) -> None:
        """A take was given up: what is closed counts no more when it is tried again."""
        self._db.execute(
            f"UPDATE purchases SET concluded=1 WHERE key=? AND take=? AND stage NOT IN ({_OPEN})",
            (key, take),
        )

    # --- reading --------------------------------------------------------------------------------

    def one(self, purchase_id: str) -> Entry | None:
        """The entry of an id."""
        found = self._select("WHERE id=?", (purchase_id,))
        return found[0] if found else None

    def open(self) -> list[Entry]:
        """All that is open, of any film."""
        return self._select(f"WHERE stage IN ({_OPEN})")

    def of_take(self, key: str, take: int) -> list[Entry]:
        """What was tried for a take since it was last made or given up."""
        return self._select("WHERE key=? AND take=? AND NOT concluded", (key, take))

    def of_film(self, film: str) -> list[Entry]:
        """Everything that was ever begun for a film, in order."""
        return self._select("WHERE film=?", (film,))

    def receipts(self) -> list[tuple[str, str, str, float]]:
        """Provider, model, kind and paid / likely of every receipt, the newest first."""
        rows = self._db.execute(
            "SELECT provider, model, kind, cost / likely FROM purchases WHERE receipt "
            f"AND likely > 0 AND cost > 0 AND stage IN ('{Stage.RECEIVED}', '{Stage.COMMITTED}') "
            "ORDER BY rowid DESC"
        )
        return [(str(p), str(m), str(k), float(ratio)) for p, m, k, ratio in rows]

    def held(self, column: str, value: str) -> dict[str, float]:
        """What counts as spent of a ``film`` or ``build``, by currency."""
        rows = self._db.execute(
            f"SELECT currency, sum({_HELD}) FROM purchases WHERE {column}=? GROUP BY currency",
            (value,),
        )
        return {str(currency): float(amount) for currency, amount in rows if amount}

    def _select(self, where: str, values: Sequence[Any] = ()) -> list[Entry]:
        rows = self._db.execute(f"SELECT {_FIELDS} FROM purchases {where} ORDER BY rowid", values)
        return [entry_of(row) for row in rows]

    # --- other words ----------------------------------------------------------------------------

    def wording(self, key: str, take: int, maker: str) -> str | None:
        """The other words that were found for a take, as they were kept."""
        row = self._db.execute(
            "SELECT texts FROM wordings WHERE key=? AND take=? AND maker=?", (key, take, maker)
        ).fetchone()
        return None if row is None else str(row[0])

    def set_wording(self, key: str, take: int, maker: str, texts: str) -> None:
        """Keep other words."""
        self._db.execute(
            "INSERT OR REPLACE INTO wordings VALUES(?,?,?,?)", (key, take, maker, texts)
        )
