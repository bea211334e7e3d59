"""Looks at the stats of a film's files in a child process, while this one imports and loads.

A film of ten thousand shots has forty thousand files. To look at them takes as long as all else
that goes before the judging of an edit, and needs nothing of it.
"""

from __future__ import annotations

import marshal
import os
import threading

from fvbuild.project.unchanged import Record, differing

MOST_FILES = 64
"""Of how many differing files one still wants to know which they are."""

_WORTH_A_CHILD = 4000
_begun: list[Look] = []


class Look:
    """A look that was begun at the files of a record."""

    def __init__(self, name: str, record: Record) -> None:
        self.name = name
        self.record = record
        self._reader, writer = os.pipe()
        self._child = os.fork()
        if self._child:
            os.close(writer)
            return
        try:
            found = marshal.dumps(differing(record.names, record.stats, MOST_FILES))
            with os.fdopen(writer, "wb") as file:
                file.write(found)
        finally:
            os._exit(0)  # whatever happens, and past all that the parent would do at its end

    def end(self) -> bytes:
        """What the child said."""
        try:
            with os.fdopen(self._reader, "rb") as file:
                return file.read()
        finally:
            os.waitpid(self._child, 0)

    def differing(self) -> list[str] | None:
        """As :func:`unchanged.differing` says; the lock, which is first, is looked at anew."""
        record = self.record
        try:
            found: list[str] | None = marshal.loads(self.end())
        except (EOFError, ValueError, TypeError):  # the child was killed
            return differing(record.names, record.stats, MOST_FILES)
        again = differing(record.names[:1], record.stats[:4], 1) or []
        return None if found is None else list(dict.fromkeys([*again, *found]))


def begin(name: str, record: Record) -> None:
    """Begin to look, if that is worth a process of its own; ``name`` is the record's."""
    forget()
    if len(record.names) >= _WORTH_A_CHILD and threading.active_count() == 1:
        _begun.append(Look(name, record))


def begun(name: str) -> Look | None:
    """The look that was begun at a record, once."""
    if _begun and _begun[0].name == name:
        return _begun.pop()
    return None


def forget() -> None:
    """End a look that nobody asked for."""
    while _begun:
        _begun.pop().end()
