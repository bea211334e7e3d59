"""The ledger's own connection to the state file, opened when something is first bought."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator

from fvbuild.engine.database import Database, unusable
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.purchase_table import PurchaseTable
from fvbuild.engine.state import State


class LedgerFile:
    """Reads and writes the table of purchases, from any thread, one at a time.

    A table that is missing is made again from the written records. Raises StateError.
    """

    def __init__(self, state: State, files: PurchaseFiles) -> None:
        self.files = files
        self._state = state
        self._lock = threading.RLock()
        self._db: Database | None = None
        self._ever = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[PurchaseTable | None]:
        """The table; None when nothing was ever bought."""
        with self._lock:
            if self._db is None and not self.used():
                yield None
            elif self._state.read_only:
                yield self._state.purchases
            else:
                yield PurchaseTable(self._opened())

    def used(self) -> bool:
        """True once anything was ever bought here."""
        return self._ever or self.files.exist()

    @contextlib.contextmanager
    def writing(self, *, written: bool = False) -> Iterator[PurchaseTable]:
        """The table in a transaction that survives a power failure once it is over; one that needs
        not where the same is ``written`` in a purchase's own file, which does."""
        with self._state.turn, self._lock:
            db = self._opened()
            db.execute(f"PRAGMA synchronous={'NORMAL' if written else 'FULL'}")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield PurchaseTable(db)
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    def _opened(self) -> Database:
        if self._db is None:
            try:
                db = Database.open(self._state.path, threads=True)
            except sqlite3.Error as error:
                raise unusable(self._state.path, error) from error
            db.in_use = True
            try:
                db.execute("BEGIN IMMEDIATE")
                table = PurchaseTable(db)
                if not table.exists():
                    table.make()
                    table.put(self.files.all())
                db.execute("COMMIT")
            except BaseException:  # also a Ctrl-C: nobody would close it afterwards
                db.close()
                raise
            self._db = db
        return self._db

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None
