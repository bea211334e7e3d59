"""A shared store in a folder, and every request to it recorded and disturbed at one.

The folder keeps what a shared store promises: an object is whole or not there, and one alone is
told that it created one. It is plain Python, so that the processes that use it may be forked.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from boundaries import KILLED, Point

from fvbuild.engine.shared import MOST_RECORD_BYTES, Found
from fvbuild.errors import RemoteError


class Trouble(StrEnum):
    """What becomes of a request."""

    UNHEARD = "never heard"
    LOST = "lost reply"
    BEFORE = "killed before"
    AFTER = "killed after"
    CUT = "cut short, told"  # the bytes end in an error
    SHORT = "cut short"  # the bytes just end
    FLIPPED = "a flipped bit"


_ALL = (Trouble.UNHEARD, Trouble.LOST, Trouble.BEFORE, Trouble.AFTER)
TROUBLES: dict[str, tuple[Trouble, ...]] = {
    "read": (*_ALL, Trouble.SHORT, Trouble.FLIPPED),
    "has": _ALL,
    "stream": (*_ALL, Trouble.CUT, Trouble.SHORT, Trouble.FLIPPED),
    "write": _ALL,
    "write_file": _ALL,
    "create": _ALL,
}


class FolderShared:
    """Objects as files."""

    conditional = True

    def __init__(self, folder: Path) -> None:
        self.place = "s3://films"
        self._folder = folder
        self._lock = threading.Lock()
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def read(self, name: str, most_bytes: int = MOST_RECORD_BYTES) -> bytes | None:
        """An object's bytes."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def has(self, name: str) -> bool:
        """Whether there is one."""
        return (self._folder / name).exists()

    @contextlib.contextmanager
    def stream(self, name: str) -> Iterator[Iterator[bytes] | None]:
        """An object's bytes in pieces."""
        data = self.read(name)
        pieces = None if data is None else [data[at : at + 100] for at in range(0, len(data), 100)]
        yield None if pieces is None else iter(pieces)

    def write(self, name: str, data: bytes) -> None:
        """Write an object."""
        self._new(name, data).replace(self._folder / name)

    def write_file(self, name: str, path: Path) -> None:
        """Write a file's bytes."""
        self.write(name, path.read_bytes())

    def create(self, name: str, data: bytes) -> bool:
        """Write an object unless there is one."""
        temporary = self._new(name, data)
        try:
            os.link(temporary, self._folder / name)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
        return True

    def _new(self, name: str, data: bytes) -> Path:
        (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._count += 1
            temporary = self._folder / f"new-{os.getpid()}-{self._count}"
        temporary.write_bytes(data)
        return temporary

    def list(self, prefix: str) -> Iterator[Found]:
        """The objects below a prefix."""
        for path in sorted((self._folder / prefix).rglob("*")):
            if path.is_file():
                name = path.relative_to(self._folder).as_posix()
                yield Found(name, path.stat().st_size, path.stat().st_mtime)

    def delete(self, names: Iterable[str]) -> None:
        """Remove objects."""
        for name in names:
            (self._folder / name).unlink(missing_ok=True)


class TroubledShared:
    """A store of which one request meets trouble; ``calls`` are all that were made."""

    conditional = True

    def __init__(
        self,
        shared: FolderShared,
        point: Point | None = None,
        trouble: Trouble | None = None,
        hit: Callable[[], None] = lambda: None,
    ) -> None:
        self.place = shared.place
        self.calls: list[Point] = []
        self._shared = shared
        self._point = point
        self._trouble = trouble
        self._hit = hit
        self._seen: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def _meet(self, verb: str, name: str) -> Trouble | None:
        with self._lock:
            self._seen[verb, name] += 1
            call = Point(verb, verb, name, self._seen[verb, name])
            self.calls.append(call)
        if call != self._point:
            return None
        self._hit()
        return self._trouble

    def _do(self, verb: str, name: str, do: Callable[[], Any]) -> Any:
        trouble = self._meet(verb, name)
        if trouble is Trouble.UNHEARD:
            raise RemoteError("the shared store cannot be reached", hint="try again")
        if trouble is Trouble.BEFORE:
            os._exit(KILLED)
        done = do()
        if trouble is Trouble.AFTER:
            os._exit(KILLED)
        if trouble in (Trouble.LOST, Trouble.CUT):
            raise RemoteError("the shared store does not answer in time", hint="try again")
        if isinstance(done, bytes) and trouble is not None:
            return _damaged(done, trouble)
        return done

    def read(self, name: str, most_bytes: int = MOST_RECORD_BYTES) -> bytes | None:
        """An object's bytes."""
        found: bytes | None = self._do("read", name, lambda: self._shared.read(name))
        return found

    def has(self, name: str) -> bool:
        """Whether there is one."""
        return bool(self._do("has", name, lambda: self._shared.has(name)))

    @contextlib.contextmanager
    def stream(self, name: str) -> Iterator[Iterator[bytes] | None]:
        """An object's bytes in pieces."""
        trouble = self._meet("stream", name)
        if trouble is Trouble.UNHEARD:
            raise RemoteError("the shared store cannot be reached", hint="try again")
        if trouble is Trouble.BEFORE:
            os._exit(KILLED)
        data = self._shared.read(name)
        yield None if data is None else _pieces(data, trouble)

    def write(self, name: str, data: bytes) -> None:
        """Write an object."""
        self._do("write", name, lambda: self._shared.write(name, data))

    def write_file(self, name: str, path: Path) -> None:
        """Write a file's bytes."""
        self._do("write_file", name, lambda: self._shared.write_file(name, path))

    def create(self, name: str, data: bytes) -> bool:
        """Write an object unless there is one."""
        return bool(self._do("create", name, lambda: self._shared.create(name, data)))

    def list(self, prefix: str) -> Iterator[Found]:
        """The objects below a prefix."""
        found: Iterator[Found] = self._do("list", prefix, lambda: self._shared.list(prefix))
        return found

    def delete(self, names: Iterable[str]) -> None:
        """Remove objects."""
        self._do("delete", "", lambda: self._shared.delete(names))


def _pieces(data: bytes, trouble: Trouble | None) -> Iterator[bytes]:
    if trouble in (Trouble.SHORT, Trouble.FLIPPED):
        data = _damaged(data, trouble)
    half = len(data) // 2
    yield data[:half]
    if trouble is Trouble.CUT:
        raise RemoteError("the shared store hung up", hint="try again")
    yield data[half:]
    if trouble is Trouble.AFTER:
        os._exit(KILLED)
    if trouble is Trouble.LOST:
        raise RemoteError("the shared store hung up", hint="try again")


def _damaged(data: bytes, trouble: Trouble) -> bytes:
    half = len(data) // 2
    if trouble is Trouble.SHORT:
        return data[:half]
    return data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :] if data else data
