"""The state's SQLite connection: what goes wrong in it is told in our words, never as SQLite's.

A damaged file is moved aside, never deleted: the lock and the store still hold every decision.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fvbuild.errors import FilmBuildError, StateError

_BUSY_TIMEOUT_S = 60.0
_LOOK_AGAIN_S = 0.01
_DAMAGE = (
    "malformed",
    "not a database",
    "corrupt",
    "no such table",
    "no such column",
    "Could not decode",
    "cannot be read",
)


def damaged(error: Exception) -> bool:
    """True when an error means that the file itself is not what it was."""
    return any(word in str(error) for word in _DAMAGE)


def unusable(path: Path | None, error: Exception) -> StateError:
    """What is told of a file that is whole, and that the system does not let us use."""
    return StateError(
        f"the state cannot be used: {error}",
        place=str(path),
        hint="make room, or make the folder writable; nothing made so far is lost",
    )


def move_aside(path: Path) -> Path:
    """Rename a damaged database with all that belongs to it; where it lies now."""
    names = (path.with_name(f"{path.name}.damaged{number or ''}") for number in range(1000))
    aside = next((name for name in names if not name.exists()), path.with_name(f"{path.name}.old"))
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    return aside


class Database(sqlite3.Connection):
    """A connection whose errors are StateErrors once it is ``in_use``."""

    path: Path | None = None
    in_use = False

    @classmethod
    def open(cls, path: Path | None, *, threads: bool = False) -> Database:
        """A connection to a file, or to memory; nothing is read yet.

        ``threads``: several threads use it, one at a time, which is for them to see to.
        """
        name = ":memory:" if path is None else str(path)
        db = sqlite3.connect(
            name,
            timeout=_BUSY_TIMEOUT_S,
            isolation_level=None,
            factory=cls,
            check_same_thread=not threads,
        )
        db.path = path
        return db

    @classmethod
    def open_to_read(cls, path: Path) -> Database:
        """A connection to a file on a medium that cannot be written."""
        name = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        db = sqlite3.connect(name, isolation_level=None, factory=cls, uri=True)
        db.path = path
        return db

    def write_ahead(self) -> None:
        """Keep what is written in a log beside the file: readers and a writer go on at once.

        To turn a new file to this takes the whole of it, and SQLite refuses at once while another
        process looks at it, whatever ``timeout`` says (https://sqlite.org/wal.html, section 2.1).
        """
        until_s = time.monotonic() + _BUSY_TIMEOUT_S
        while True:
            try:
                self.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until_s:
                    raise
                time.sleep(_LOOK_AGAIN_S)
            else:
                return

    def cursor(self, factory: Any = None) -> Any:
        """A cursor which tells errors."""
        return super().cursor(factory or _Cursor)

    def execute(self, *arguments: Any) -> Any:
        """One statement, by a cursor which tells errors."""
        return self.cursor().execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        """One statement for many rows, by a cursor which tells errors."""
        return self.cursor().executemany(*arguments)

    def told(self, error: Exception) -> Exception:
        """The error as users meet it; a file found damaged is moved aside."""
        if not self.in_use or isinstance(error, FilmBuildError):
            return error
        if self.path is not None and damaged(error):
            aside = move_aside(self.path)
            return StateError(
                f"the state is damaged ({error}); it was moved to {aside.name}",
                place=str(self.path),
                hint="run the command again: the state is begun anew, and chosen and approved "
                "takes come from the lock",
            )
        return unusable(self.path, error)

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """For reading what rows hold: a value that is not what was written is damage."""
        try:
            yield
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self.told(sqlite3.DatabaseError(f"a row cannot be read: {error}")) from error


def _of_database(error: Exception) -> Exception:
    """SQLite's own words can be damaged as well: its names are read from the file."""
    if isinstance(error, UnicodeDecodeError):
        return sqlite3.DatabaseError(f"Could not decode: {error}")
    return error


class _Cursor(sqlite3.Cursor):
    connection: Database

    def execute(self, *arguments: Any) -> _Cursor:
        try:
            return super().execute(*arguments)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self.connection.told(_of_database(error)) from error

    def executemany(self, *arguments: Any) -> _Cursor:
        try:
            return super().executemany(*arguments)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self.connection.told(_of_database(error)) from error

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self.connection.told(_of_database(error)) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self.connection.told(_of_database(error)) from error

    def __iter__(self) -> Any:
        return iter(self.fetchall())
