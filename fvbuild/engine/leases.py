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

# The system keeps the locks of a file in a list: few in each of many files are found sooner.
_FILES = 64


class Leases:
    """The leases of one process. POSIX record locks: each file through one descriptor, never closed
    early (closing any descriptor of a file would drop every lock on it)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptors: dict[int, int] = {}

    def _place(self, name: str) -> tuple[int, int]:
        """The descriptor and the byte that stand for a name."""
        number = int(quick(name.encode())[:15], 16)
        at, place = number % _FILES, number // _FILES
        if at not in self._descriptors:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._descriptors[at] = os.open(
                    self._folder / f"{at:02}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666
                )
            except OSError as error:
                raise StoreError(
                    f"the store cannot be written: {error.strerror}",
                    place=str(self._folder),
                    hint="make the folder writable",
                ) from error
        return self._descriptors[at], place

    def take(self, key: str) -> bool:
        """Take the lease of a key; False while another process has it."""
        descriptor, place = self._place(key)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            return False
        except OSError as error:
            raise _no_locks(error, self._folder) from error
        return True

    def wait(self, name: str) -> None:
        """Take a lease, however long it takes (for short critical sections)."""
        descriptor, place = self._place(name)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX, 1, place)
        except OSError as error:
            raise _no_locks(error, self._folder) from error

    def give_back(self, key: str) -> None:
        """End a lease."""
        descriptor, place = self._place(key)
        with contextlib.suppress(OSError):
            fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, place)

    def close(self) -> None:
        """End every lease."""
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors.clear()


def _no_locks(error: OSError, folder: Path) -> StoreError:
    return StoreError(
        f"the file system gives no locks: {error.strerror}",
        place=str(folder),
        hint="keep the cache on a file system with locks; an NFS mount may need its lock service",
    )


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
