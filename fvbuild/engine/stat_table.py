"""Stats under which contents were found: of artifacts, of the film's own files, of ``out/``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from fvbuild.engine.stats import FileStat


class StatTable:
    """The stat tables of the state file; writes belong inside a transaction of the state."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def artifact_stats(self) -> dict[str, FileStat]:
        """The recorded stat of every artifact known to be whole."""
        rows = self._db.execute("SELECT digest, size, mtime, ctime, inode FROM artifacts")
        return {row[0]: FileStat(*row[1:]) for row in rows}

    def artifact_stat(self, digest: str) -> FileStat | None:
        """The recorded stat of one artifact."""
        row = self._db.execute(
            "SELECT size, mtime, ctime, inode FROM artifacts WHERE digest=?", (digest,)
        ).fetchone()
        return None if row is None else FileStat(*row)

    def set_artifact_stats(self, stats: Iterable[tuple[str, FileStat]]) -> None:
        """Record artifacts as whole, with the stat that says so."""
        self._db.executemany(
            "INSERT OR REPLACE INTO artifacts VALUES(?,?,?,?,?)", [(d, *s) for d, s in stats]
        )

    def forget_artifacts(self, digests: Iterable[str]) -> None:
        """Drop artifacts that are gone."""
        self._db.executemany("DELETE FROM artifacts WHERE digest=?", [(d,) for d in digests])

    def file_digest(self, path: str) -> tuple[str, FileStat] | None:
        """The digest of an input file and the stat it was read under."""
        row = self._db.execute(
            "SELECT digest, size, mtime, ctime, inode FROM files WHERE path=?", (path,)
        ).fetchone()
        return None if row is None else (row[0], FileStat(*row[1:]))

    def set_file_digest(self, path: str, digest: str, stat: FileStat) -> None:
        """Record an input file's digest."""
        self._db.execute("INSERT OR REPLACE INTO files VALUES(?,?,?,?,?,?)", (path, digest, *stat))

    def shown(self, film: str) -> dict[str, tuple[str, FileStat]]:
        """The files under ``out/`` that were written for a film: digest and stat by path."""
        rows = self._db.execute(
            "SELECT path, digest, size, mtime, ctime, inode FROM shown WHERE film=?", (film,)
        )
        return {row[0]: (row[1], FileStat(*row[2:])) for row in rows}

    def shown_file(self, film: str, path: str) -> tuple[str, FileStat] | None:
        """One file under ``out/``: digest and stat."""
        row = self._db.execute(
            "SELECT digest, size, mtime, ctime, inode FROM shown WHERE film=? AND path=?",
            (film, path),
        ).fetchone()
        return None if row is None else (row[0], FileStat(*row[1:]))

    def set_shown(self, film: str, files: Iterable[tuple[str, str, FileStat]]) -> None:
        """Record files written under ``out/``."""
        self._db.executemany(
            "INSERT OR REPLACE INTO shown VALUES(?,?,?,?,?,?,?)",
            [(film, path, digest, *stat) for path, digest, stat in files],
        )

    def forget_shown(self, film: str, paths: Iterable[str]) -> None:
        """Drop files that are no longer shown."""
        self._db.executemany(
            "DELETE FROM shown WHERE film=? AND path=?", [(film, path) for path in paths]
        )
