"""What has been made, in one SQLite file beside the store: traces, choices, stats and the log.

A *trace* says which artifacts a key has: one row a take. It is written only once the artifacts are
durable. Nothing in here is needed to tell *whether* a result is right; losing the file costs work,
never a decision (those are in the lock) and never an artifact (those are in the store).
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from fvbuild.engine.action import Artifact
from fvbuild.engine.database import Database, damaged, move_aside
from fvbuild.engine.diary import Diary
from fvbuild.engine.purchase_table import PurchaseTable
from fvbuild.engine.shared_table import SharedTable
from fvbuild.engine.stat_table import StatTable
from fvbuild.engine.stats import stat_of
from fvbuild.engine.takes import Choice, Take, Trace, outputs_text, row_of, take_from
from fvbuild.errors import StateError

FORMAT = 1
_FEW_NODES = 200

_SCHEMA = """
CREATE TABLE IF NOT EXISTS recipes(key TEXT PRIMARY KEY, recipe TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS takes(
    key TEXT NOT NULL, n INTEGER NOT NULL, outputs TEXT NOT NULL, origin TEXT NOT NULL,
    cost REAL, currency TEXT, seconds REAL NOT NULL, made_at TEXT NOT NULL,
    provenance TEXT NOT NULL, PRIMARY KEY(key, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS choices(
    key TEXT PRIMARY KEY, chosen INTEGER NOT NULL, status TEXT NOT NULL,
    rejected TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last(
    film TEXT NOT NULL, node TEXT NOT NULL, key TEXT NOT NULL, outputs TEXT NOT NULL, before TEXT,
    PRIMARY KEY(film, node)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS artifacts(
    digest TEXT PRIMARY KEY, size INTEGER, mtime INTEGER, ctime INTEGER, inode INTEGER)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files(
    path TEXT PRIMARY KEY, digest TEXT NOT NULL, size INTEGER, mtime INTEGER, ctime INTEGER,
    inode INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shown(
    film TEXT NOT NULL, path TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER, mtime INTEGER,
    ctime INTEGER, inode INTEGER, PRIMARY KEY(film, path)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log(
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, film TEXT NOT NULL, node TEXT NOT NULL,
    take INTEGER, did TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL, cost REAL,
    currency TEXT, artifact TEXT, message TEXT);
"""


_TAKE_FIELDS = "n, outputs, origin, cost, currency, seconds, made_at, provenance"


class State:
    """The state file. One connection, used from one thread; several processes may share the file.

    Raises StateError when the file is from a newer version. A file that is not a database, or a
    damaged one, is moved aside (never deleted) and begun anew; ``notes`` then says so.
    """

    def __init__(self, path: Path | None) -> None:
        """Open, or make, the state at ``path``; None keeps it in memory (tests)."""
        self.path = path
        self.notes: list[str] = []
        self.read_only = False
        # SQLite lets one write at a time and has others look again after a while, up to 0.1 s
        # later; who waits here goes on at once.
        self.turn = threading.RLock()
        try:
            self._db = self._open(Database.open(path))
        except sqlite3.DatabaseError as error:
            self._db = self._replace(error)
        self._db.in_use = True
        self.stats = StatTable(self._db)
        self.diary = Diary(self._db)
        self.purchases = PurchaseTable(self._db)
        self.shared = SharedTable(self._db)

    def _open(self, db: Database) -> Database:
        try:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if version > FORMAT:
                raise StateError(
                    f"the state was written by a newer fvbuild (format {version}, this one "
                    f"reads {FORMAT})",
                    place=str(self.path),
                    hint="update fvbuild; nothing was changed",
                )
            if not self.read_only:
                db.write_ahead()
            if version < FORMAT:
                db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version={FORMAT};COMMIT;")
            else:
                db.execute("SELECT count(*) FROM (SELECT 1 FROM takes LIMIT 1)").fetchone()
        except BaseException:
            db.close()
            raise
        return db

    def _replace(self, error: sqlite3.DatabaseError) -> Database:
        """Begin anew beside a damaged file: the lock and the store still hold every decision.

        A file that can only be read is read: one can look at a film where it cannot be built.
        """
        words = ("readonly", "unable to open")
        if self.path and stat_of(self.path) and any(word in str(error) for word in words):
            self.read_only = True
            with contextlib.suppress(sqlite3.DatabaseError):
                return self._open(Database.open_to_read(self.path))
        if self.path is None or not damaged(error):
            raise StateError(
                f"the state cannot be used: {error}",
                place=str(self.path),
                hint="is there room, is the folder writable, and does no other program hold it?",
            ) from error
        aside = move_aside(self.path)
        self.notes.append(
            f"{self.path}: the state was damaged ({error}); it was moved to {aside.name} and begun "
            "anew. Chosen and approved takes come from the lock."
        )
        return self._open(Database.open(self.path))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self, *, survives_power_loss: bool = False) -> Iterator[None]:
        """All of it or nothing. Raises StateError when the disk is full or the file read-only.

        A kill never loses a transaction; a power failure may lose the newest, which costs work.
        ``survives_power_loss`` is for what costs money.
        """
        if self.read_only:
            raise StateError(
                "the state can only be read",
                place=str(self.path),
                hint="make the folder writable, or copy the film to where it can be built",
            )
        with self.turn:
            # Outside a transaction only; it holds for the next one.
            self._db.execute(f"PRAGMA synchronous={'FULL' if survives_power_loss else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                # SQLite may have ended it already, after a full disk for one.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    # --- traces ---------------------------------------------------------------------------------

    def takes(self, key: str) -> dict[int, Take]:
        """The takes of a key, by number."""
        rows = self._db.execute(f"SELECT {_TAKE_FIELDS} FROM takes WHERE key=? ORDER BY n", (key,))
        with self._db.telling():
            return {take.n: take for take in map(take_from, rows)}

    def is_without_takes(self) -> bool:
        """True while nothing was ever made."""
        return self._db.execute("SELECT 1 FROM takes LIMIT 1").fetchone() is None

    def last_takes(self, film: str) -> dict[str, dict[int, Take]]:
        """The takes of every key that the film's nodes had last, in one reading."""
        found: dict[str, dict[int, Take]] = {}
        rows = self._db.execute(
            f"SELECT key, {_TAKE_FIELDS} FROM takes "
            "WHERE key IN (SELECT key FROM last WHERE film=?)",
            (film,),
        )
        with self._db.telling():
            for key, *row in rows:
                take = take_from(row)
                found.setdefault(key, {})[take.n] = take
        return found

    def record(self, traces: Collection[Trace]) -> None:
        """Write traces; call it inside a transaction, after their artifacts are durable."""
        self._db.executemany(
            "INSERT OR IGNORE INTO recipes VALUES(?,?)", [(t.key, t.recipe) for t in traces]
        )
        self.learn((trace.key, trace.take) for trace in traces)

    def learn(self, takes: Iterable[tuple[str, Take]]) -> None:
        """Write takes by key, whose recipe may be unknown: they were made elsewhere."""
        self._db.executemany(
            "INSERT OR REPLACE INTO takes VALUES(?,?,?,?,?,?,?,?,?)",
            [(key, *row_of(take)) for key, take in takes],
        )

    def recipe(self, key: str) -> str | None:
        """The recipe text that a key digests."""
        row = self._db.execute("SELECT recipe FROM recipes WHERE key=?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def all_takes(self) -> Iterator[tuple[str, Take]]:
        """Every take there is, with its key."""
        for key, *row in self._db.execute(f"SELECT key, {_TAKE_FIELDS} FROM takes"):
            with self._db.telling():
                take = take_from(row)
            yield key, take

    def forget_takes(self, keys_and_numbers: Iterable[tuple[str, int]]) -> None:
        """Drop traces whose artifacts were collected."""
        self._db.executemany("DELETE FROM takes WHERE key=? AND n=?", list(keys_and_numbers))

    # --- choices --------------------------------------------------------------------------------

    def choice(self, key: str) -> Choice | None:
        """The last choice among a key's takes."""
        row = self._db.execute(
            "SELECT chosen, status, rejected FROM choices WHERE key=?", (key,)
        ).fetchone()
        if row is None:
            return None
        with self._db.telling():
            return Choice(int(row[0]), str(row[1]), frozenset(map(int, json.loads(row[2]))))

    def choose(self, choices: Iterable[tuple[str, Choice]]) -> None:
        """Remember choices by key."""
        self._db.executemany(
            "INSERT OR REPLACE INTO choices VALUES(?,?,?,?)",
            [(k, c.chosen, c.status, json.dumps(sorted(c.rejected))) for k, c in choices],
        )

    # --- what each node was last ----------------------------------------------------------------

    def last_key(self, film: str, node: str) -> str | None:
        """The key that one node had when it was last brought up to date."""
        row = self._db.execute(
            "SELECT key FROM last WHERE film=? AND node=?", (film, node)
        ).fetchone()
        return None if row is None else str(row[0])

    def last_below(self, film: str, prefix: str) -> list[str]:
        """The nodes whose ids begin with a prefix, as last recorded."""
        rows = self._db.execute(
            "SELECT node FROM last WHERE film=? AND node>=? AND node<?",
            (film, prefix, f"{prefix}\U0010ffff"),
        )
        return [row[0] for row in rows]

    def last_keys(self, film: str) -> dict[str, str]:
        """The key that each node of a film had when it was last brought up to date."""
        return dict(self._db.execute("SELECT node, key FROM last WHERE film=?", (film,)).fetchall())

    def all_last_keys(self) -> set[str]:
        """The keys that all films of this state are up to date with."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT key FROM last")}

    def films(self) -> list[str]:
        """What the films are called that used this state."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT film FROM last")]

    def key_before(self, film: str, node: str) -> str | None:
        """The key a node had before its present one."""
        row = self._db.execute(
            "SELECT before FROM last WHERE film=? AND node=?", (film, node)
        ).fetchone()
        return None if row is None else row[0]

    def set_last(self, film: str, nodes: Iterable[tuple[str, str, Sequence[Artifact]]]) -> None:
        """Record the keys and chosen outputs that nodes are up to date with.

        The key before is kept, so that ``why`` can say what the last change was.
        """
        self._db.executemany(
            "INSERT INTO last VALUES(?,?,?,?,NULL) ON CONFLICT DO UPDATE SET "
            "before=CASE WHEN key=excluded.key THEN before ELSE key END, key=excluded.key, "
            "outputs=excluded.outputs",
            [(film, node, key, outputs_text(outputs)) for node, key, outputs in nodes],
        )

    def last_rows(self, film: str, nodes: Collection[str]) -> dict[str, tuple[str, str]]:
        """The keys that nodes were last up to date with, and a text that names the outputs."""
        if len(nodes) > _FEW_NODES:
            rows = self._db.execute("SELECT node, key, outputs FROM last WHERE film=?", (film,))
            return {node: (key, outputs) for node, key, outputs in rows}
        found = {}
        for node in nodes:
            row = self._db.execute(
                "SELECT key, outputs FROM last WHERE film=? AND node=?", (film, node)
            ).fetchone()
            if row is not None:
                found[node] = (str(row[0]), str(row[1]))
        return found

    def forget_last(self, film: str, nodes: Iterable[str]) -> None:
        """Drop nodes that are no longer in the film."""
        self._db.executemany(
            "DELETE FROM last WHERE film=? AND node=?", [(film, node) for node in nodes]
        )
