"""Leases: of several builds at once, one makes a take and the others wait for it.

A lease is a lock on one byte of a file, the byte's place given by the key; the system takes it back
when its process dies, however it dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from fvbuild.engine.digest import quick
from fvbuild.errors import StoreError


class Leases:
    """The leases of one process. POSIX record locks: all through one descriptor, never closed early
    (closing any descriptor of the file would drop every lock)."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise StoreError(
                f"the store cannot be written: {error.strerror}",
                place=str(path),
                hint="make the folder writable",
            ) from error

    def take(self, key: str) -> bool:
        """Take the lease of a key; False while another process has it."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(key))
        except OSError:
            return False
        return True

    def wait(self, name: str) -> None:
        """Take a lease, however long it takes (for short critical sections)."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX, 1, _place(name))

    def give_back(self, key: str) -> None:
        """End a lease."""
        with contextlib.suppress(OSError):
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _place(key))

    def close(self) -> None:
        """End every lease."""
        os.close(self._descriptor)


class NoLeases(Leases):
    """For one process alone, in tests."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, key: str) -> bool:
        """Always."""
        self._taken.add(key)
        return True

    def wait(self, name: str) -> None:
        """Never waits."""

    def give_back(self, key: str) -> None:
        """Forget it."""
        self._taken.discard(key)

    def close(self) -> None:
        """Nothing to close."""


def _place(key: str) -> int:
    return int(quick(key.encode())[:15], 16)
