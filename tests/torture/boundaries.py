"""Every call by which the program changes or reads its files, recorded, and disturbed at one.

Python's own calls are met in ``os``, ``io`` and ``fcntl``, SQLite's in its own layer for the system
(``sqlite_boundary``). A point is a call by its name, its place and its number among equal ones, so
it is found again in another run; an audit hook tells in a test of its own that none is missed.
"""

# What is wrapped here is what pathlib itself calls.
# ruff: noqa: PTH100, PTH101, PTH115, PTH116
from __future__ import annotations

import builtins
import contextlib
import errno
import fcntl
import io
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fvbuild.engine import disk

KILLED = 137


class Fault(StrEnum):
    """What becomes of a call."""

    ERROR = "error"  # refused, nothing was done
    FULL = "full disk"  # refused, and so is all that needs room from then on
    TORN = "torn write"  # half is written, then the process is killed
    TORN_TOLD = "short write"  # half is written, as is told, and then the disk is full
    BEFORE = "killed before"
    AFTER = "killed after"
    LOST = "lost reply"  # done, and an error is told
    POWER = "power failure"  # done, then killed, and what was not flushed is torn


WRITES = (*Fault,)
GROWS = (Fault.ERROR, Fault.FULL, Fault.BEFORE, Fault.AFTER, Fault.POWER)
CHANGES = (*GROWS, Fault.LOST)
FAULTS: dict[str, tuple[Fault, ...]] = {
    "write": WRITES,
    "copy": WRITES,
    "create": GROWS,
    "folder": GROWS,
    "rename": CHANGES,
    "remove": (Fault.ERROR, Fault.BEFORE, Fault.AFTER, Fault.LOST),
    "mode": (Fault.ERROR, Fault.BEFORE, Fault.AFTER, Fault.LOST),
    "flush": CHANGES,
    "clone": (Fault.ERROR, Fault.BEFORE, Fault.AFTER),
    "lock": (Fault.ERROR, Fault.BEFORE, Fault.AFTER),
    "read": (Fault.ERROR,),
    "sqlite open": (Fault.ERROR, Fault.BEFORE, Fault.AFTER),
    "sqlite read": (Fault.ERROR,),
    "sqlite write": WRITES,
    "sqlite flush": CHANGES,
    "sqlite truncate": CHANGES,
    "sqlite remove": (Fault.ERROR, Fault.BEFORE, Fault.AFTER, Fault.LOST),
}
"""What each kind of call can meet."""

_NUMBER = re.compile(r"\d+")
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def _own_number(found: re.Match[str]) -> str:
    """N for the number of this process or thread: another run has others."""
    return "N" if int(found[0]) in (os.getpid(), threading.get_ident()) else found[0]


_NEEDS_ROOM = {"write", "copy", "create", "folder", "clone", "sqlite write"}


@dataclass(frozen=True, order=True)
class Point:
    """A call: its kind, the function, the place, and its number among equal ones."""

    kind: str
    name: str
    place: str
    number: int


class Watch:
    """Counts the calls below a folder; at ``point``, or at the ``nth``, it is as ``fault`` says.

    ``hit`` is called before that, so that another process can know.
    """

    def __init__(
        self,
        folder: Path,
        point: Point | None = None,
        fault: Fault | None = None,
        hit: Callable[[], None] = lambda: None,
        *,
        nth: int = 0,
    ) -> None:
        self.root = str(folder)
        self.calls: list[Point] = []
        self.is_full = False
        self.unflushed: dict[str, int] = {}
        """Files by name, with how much of each would survive a power failure."""
        self._point = point
        self._fault = fault
        self._hit = hit
        self._nth = nth
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()
        self._inside = threading.local()

    # --- which call it is -----------------------------------------------------------------------

    def below(self, target: Any) -> str | None:
        """The absolute name of a path or descriptor below the folder; None elsewhere."""
        try:
            if isinstance(target, int):
                name = os.readlink(f"/proc/self/fd/{target}")
            else:
                name = os.path.abspath(os.fsdecode(target))
        except (OSError, TypeError):
            return None
        return name if name.startswith(self.root + "/") else None

    def meet(self, kind: str, name: str, path: str) -> Fault | None:
        """Record a call; what it meets."""
        place = _NUMBER.sub(_own_number, path[len(self.root) + 1 :])
        place = _ID.sub("ID", place)
        with self._lock:
            self._seen[kind, name, place] += 1
            call = Point(kind, name, place, self._seen[kind, name, place])
            self.calls.append(call)
            is_nth = len(self.calls) == self._nth
        if call == self._point or is_nth:
            self._hit()
            fault = Fault.ERROR if is_nth and self._fault not in FAULTS[kind] else self._fault
            if fault is Fault.FULL:
                self.is_full = True
            return fault
        return Fault.FULL if self.is_full and kind in _NEEDS_ROOM else None

    @property
    def inside(self) -> bool:
        """True in a thread that is within a recorded call."""
        return bool(getattr(self._inside, "yes", False))

    # --- what becomes of it ---------------------------------------------------------------------

    def call(
        self,
        kind: str,
        name: str,
        path: str,
        do: Callable[[], Any],
        half: Callable[[], Any] = lambda: None,
    ) -> Any:
        """One of Python's calls."""
        if self.inside:
            return do()
        fault = self.meet(kind, name, path)
        self._inside.yes = True
        try:
            if fault in (Fault.ERROR, Fault.FULL):
                raise refusal(kind, fault, path)
            if fault is Fault.BEFORE:
                self.kill()
            if fault in (Fault.TORN, Fault.TORN_TOLD):
                done = half()
                self.note(kind, path)
                if fault is Fault.TORN:
                    self.kill()
                self.is_full = True
                return done
            try:
                done = do()
                self.note(kind, path)
            finally:  # also where it was refused by itself, as a folder that is there
                if fault is Fault.AFTER:
                    self.kill()
                if fault is Fault.POWER:
                    self.cut_power()
            if fault is Fault.LOST:
                raise refusal(kind, Fault.ERROR, path)
            return done
        finally:
            self._inside.yes = False

    def note(self, kind: str, path: str) -> None:
        """Keep book of what a power failure would spare."""
        if kind in ("write", "copy", "create"):
            self.unflushed.setdefault(path, 0)
        elif kind == "flush":
            self.unflushed.pop(path, None)

    def renamed(self, old: str, new: str) -> None:
        """A name went over to another."""
        self.unflushed.pop(new, None)
        if old in self.unflushed:
            self.unflushed[new] = self.unflushed.pop(old)

    def kill(self) -> None:
        """Gone, as by ``kill -9``: nothing is closed, flushed or cleared up."""
        os._exit(KILLED)

    def cut_power(self) -> None:
        """Gone, and of what was not flushed only a part is on the disk."""
        for name, kept in list(self.unflushed.items()):
            with contextlib.suppress(FileNotFoundError):
                size = os.stat(name).st_size
                os.chmod(name, 0o644)
                os.truncate(name, kept + (size - kept) // 2)
        os._exit(KILLED)


def refusal(kind: str, fault: Fault, path: str) -> OSError:
    """What the system says."""
    number = {"lock": errno.ENOLCK}.get(kind, errno.EIO)
    if fault is Fault.FULL:
        number = errno.ENOSPC
    return OSError(number, os.strerror(number), path)


def unseen(watch: Watch, work: Callable[[], None]) -> list[str]:
    """What Python itself tells of changes below the watch's folder that it did not record.

    The hook stays as long as the process: call it in a child.
    """
    found: list[str] = []

    def hook(event: str, words: tuple[Any, ...]) -> None:
        if event not in _TOLD or watch.inside:
            return
        if event == "open" and not (words[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        if any(isinstance(word, str | bytes | os.PathLike) and watch.below(word) for word in words):
            found.append(f"{event} {words}")

    sys.addaudithook(hook)
    with watched(watch):
        work()
    return found


# Events of PEP 578 that change files; writes and flushes have none.
_TOLD = frozenset(
    (
        "open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.chown",
        "os.truncate", "os.link", "os.symlink", "os.utime", "os.setxattr", "os.removexattr",
        "os.mkfifo", "os.mknod",
    )
)  # fmt: skip


class _Watched(io.FileIO):
    """A file whose writes are calls."""

    watch: Watch
    path: str

    def write(self, data: Any) -> Any:
        view = memoryview(data).cast("B")
        return self.watch.call(
            "write",
            "write",
            self.path,
            lambda: io.FileIO.write(self, view),
            lambda: io.FileIO.write(self, view[: len(view) // 2]),
        )


@contextlib.contextmanager
def watched(watch: Watch) -> Iterator[Watch]:
    """Within: every call below the watch's folder is recorded and may be disturbed."""
    from sqlite_boundary import sqlite_watched

    with contextlib.ExitStack() as stack:
        for owner, name, double in _doubles(watch):
            stack.enter_context(patch.object(owner, name, double))
        stack.enter_context(sqlite_watched(watch))
        yield watch


def _doubles(watch: Watch) -> Iterator[tuple[Any, str, Callable[..., Any]]]:
    for name, kind in _ONE_PLACE.items():
        yield os, name, _of_one_place(watch, getattr(os, name), name, kind)
    for name in ("rename", "replace"):
        yield os, name, _of_two_places(watch, getattr(os, name), name)
    for name in ("copy_file_range", "sendfile"):
        yield os, name, _of_copying(watch, getattr(os, name), name)
    for name in ("write", "pwrite"):
        yield os, name, _of_writing(watch, getattr(os, name), name)
    yield os, "open", _of_opening(watch, os.open)
    yield fcntl, "lockf", _of_locking(watch, fcntl.lockf)
    yield fcntl, "ioctl", _of_one_place(watch, fcntl.ioctl, "ioctl", "clone")
    opened = _of_files(watch, builtins.open)
    yield io, "open", opened
    yield builtins, "open", opened
    yield disk, "_sync_file_system", _of_syncing(watch)


_ONE_PLACE = {
    "unlink": "remove",
    "remove": "remove",
    "rmdir": "remove",
    "mkdir": "folder",
    "chmod": "mode",
    "fchmod": "mode",
    "truncate": "write",
    "ftruncate": "write",
    "fsync": "flush",
    "fdatasync": "flush",
    "utime": "mode",
    "link": "create",
    "symlink": "create",
}


def _of_one_place(watch: Watch, real: Any, name: str, kind: str) -> Callable[..., Any]:
    def call(target: Any, *words: Any, **more: Any) -> Any:
        if name in ("link", "symlink"):
            path = watch.below(words[0])
        elif more.get("dir_fd") is not None:
            folder = watch.below(more["dir_fd"])
            path = None if folder is None else f"{folder}/{os.fsdecode(target)}"
        else:
            path = watch.below(target)
        if path is None:
            return real(target, *words, **more)
        do = _nothing if kind == "flush" else lambda: real(target, *words, **more)
        return watch.call(kind, name, path, do)

    return call


def _nothing() -> None:
    """A flush takes long, and no power really fails."""


def _of_two_places(watch: Watch, real: Any, name: str) -> Callable[..., Any]:
    def call(old: Any, new: Any, **more: Any) -> Any:
        path, source = watch.below(new), watch.below(old)
        if path is None:
            return real(old, new, **more)

        def do() -> None:
            real(old, new, **more)
            watch.renamed(source or "", path)

        return watch.call("rename", name, path, do)

    return call


def _of_copying(watch: Watch, real: Any, name: str) -> Callable[..., Any]:
    """``copy_file_range(from, to, count, ...)`` and ``sendfile(to, from, offset, count)``."""

    def call(*words: Any, **more: Any) -> Any:
        at, to = (2, words[1]) if name == "copy_file_range" else (3, words[0])
        path = watch.below(to)
        if path is None:
            return real(*words, **more)
        size_bytes = os.fstat(words[1] if name == "sendfile" else words[0]).st_size
        less = [*words[:at], max(1, min(words[at], size_bytes) // 2), *words[at + 1 :]]
        return watch.call(
            "copy", name, path, lambda: real(*words, **more), lambda: real(*less, **more)
        )

    return call


def _of_writing(watch: Watch, real: Any, name: str) -> Callable[..., Any]:
    def call(descriptor: int, data: Any, *words: Any) -> Any:
        path = watch.below(descriptor)
        if path is None:
            return real(descriptor, data, *words)
        return watch.call(
            "write",
            name,
            path,
            lambda: real(descriptor, data, *words),
            lambda: real(descriptor, data[: len(data) // 2], *words),
        )

    return call


def _of_opening(watch: Watch, real: Any) -> Callable[..., Any]:
    def call(target: Any, flags: int, *words: Any, **more: Any) -> Any:
        path = None if more.get("dir_fd") is not None else watch.below(target)
        if path is None:
            return real(target, flags, *words, **more)
        kind = "create" if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) else "read"
        return watch.call(kind, "open", path, lambda: real(target, flags, *words, **more))

    return call


def _of_locking(watch: Watch, real: Any) -> Callable[..., Any]:
    def call(file: Any, *words: Any) -> Any:
        path = watch.below(file if isinstance(file, int) else file.fileno())
        if path is None:
            return real(file, *words)
        return watch.call("lock", "lockf", path, lambda: real(file, *words))

    return call


def _of_syncing(watch: Watch) -> Callable[..., Any]:
    def call(name: str) -> bool:
        path = watch.below(name)
        assert path is not None

        def do() -> bool:
            for each in list(watch.unflushed):
                watch.note("flush", each)
            return True

        return bool(watch.call("flush", "syncfs", path, do))

    return call


def _of_files(watch: Watch, real: Any) -> Callable[..., Any]:
    """``open``: files that are written are ours, in the layers that Python's own have."""

    def call(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        path = watch.below(file)

        def plainly() -> Any:
            return real(file, mode, buffering, encoding, errors, newline, closefd, opener)

        if path is None or watch.inside:
            return plainly()
        if not set(mode) & set("wax+"):
            return watch.call("read", "open", path, plainly)

        def watched_file() -> _Watched:
            raw = _Watched(file, mode.replace("b", "").replace("t", ""), closefd, opener)
            raw.watch, raw.path = watch, path
            return raw

        raw = watch.call("create", "open", path, watched_file)
        if buffering == 0:
            return raw
        size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
        buffer = io.BufferedRandom(raw, size) if "+" in mode else io.BufferedWriter(raw, size)
        if "b" in mode:
            return buffer
        return io.TextIOWrapper(buffer, encoding, errors, newline)

    return call
