"""Stops or refuses the nth operation on the disk, whichever it is: the points at which a build can
be killed, or at which a disk can be full.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fvbuild.engine import assembly, disk
from fvbuild.engine.database import Database

KILLED = 137
_PLACES: tuple[tuple[Any, str], ...] = (
    (os, "rename"),
    (os, "replace"),
    (os, "fsync"),
    (os, "chmod"),
    (os, "mkdir"),
    (os, "unlink"),
    (os, "copy_file_range"),
    (Path, "write_bytes"),
    (assembly, "clone_or_copy"),
    (disk, "_sync_file_system"),
)


class Counter:
    """Counts operations, and does something at the nth of them, before or after it."""

    def __init__(self, nth: int, act: Callable[[str], None], *, after: bool, again: bool) -> None:
        self.count = 0
        self._nth = nth
        self._act = act
        self._after = after
        self._again = again

    def reached(self) -> bool:
        """True when the operation was one that is acted upon."""
        return self.count >= self._nth

    def call(self, name: str, real: Callable[..., Any], *words: Any, **more: Any) -> Any:
        """One operation."""
        self.count += 1
        hit = self.count == self._nth or (self._again and self.count > self._nth)
        if hit and not self._after:
            self._act(name)
        try:
            return real(*words, **more)
        finally:
            if hit and self._after:
                self._act(name)


@contextlib.contextmanager
def at_operation(
    nth: int, act: Callable[[str], None], *, after: bool = False, again: bool = False
) -> Iterator[Counter]:
    """Within: the nth operation meets ``act``, which may leave the process or raise."""
    counter = Counter(nth, act, after=after, again=again)
    real_execute = Database.execute

    def execute(db: Database, *words: Any) -> Any:
        if words[0] == "COMMIT":
            try:
                return counter.call("COMMIT", real_execute, db, *words)
            except sqlite3.Error as error:
                raise db.told(error) from error
        return real_execute(db, *words)

    with contextlib.ExitStack() as stack:
        for owner, name in _PLACES:
            stack.enter_context(patch.object(owner, name, _wrapped(counter, owner, name)))
        stack.enter_context(patch.object(Database, "execute", execute))
        yield counter


def _wrapped(counter: Counter, owner: Any, name: str) -> Callable[..., Any]:
    real = getattr(owner, name)

    def operation(*words: Any, **more: Any) -> Any:
        return counter.call(name, real, *words, **more)

    return operation


def in_child(work: Callable[[], None]) -> int:
    """Run something in a child process that may die; its exit status, negative for a signal."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
