"""A shared store in memory, for tests: the same promises, and failures on request."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from fvbuild.engine.shared import MOST_RECORD_BYTES, Found

_PIECE_BYTES = 64 * 1024


def _calm(_verb: str, _name: str) -> None:
    return None


class MemoryShared:
    """Objects in a dictionary. ``before`` and ``after`` are called with each verb and name, and may
    raise: a request that was never heard, and a reply that was lost. ``asked`` counts requests."""

    def __init__(self, place: str = "memory://", *, conditional: bool = True) -> None:
        self.place = place
        self.conditional = conditional
        self.objects: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.before: Callable[[str, str], None] = _calm
        self.after: Callable[[str, str], None] = _calm
        self._one_at_a_time = threading.Lock()
        self._written = 0

    def lose(self, name: str) -> None:
        """Take an object away, as a server does that evicts what is old."""
        del self.objects[name]

    @contextlib.contextmanager
    def _asking(self, verb: str, name: str) -> Iterator[None]:
        with self._one_at_a_time:
            self.asked.append((verb, name))
        self.before(verb, name)
        with self._one_at_a_time:
            yield
        self.after(verb, name)

    def read(self, name: str, most_bytes: int = MOST_RECORD_BYTES) -> bytes | None:
        """An object's bytes; none of a larger one."""
        with self._asking("read", name):
            data = self.objects.get(name)
        return data if data is None or len(data) <= most_bytes else b""

    def has(self, name: str) -> bool:
        """Whether there is an object."""
        with self._asking("has", name):
            return name in self.objects

    @contextlib.contextmanager
    def stream(self, name: str) -> Iterator[Iterator[bytes] | None]:
        """An object's bytes in pieces."""
        with self._asking("stream", name):
            data = self.objects.get(name)
        if data is None:
            yield None
        else:
            starts = range(0, len(data), _PIECE_BYTES)
            yield (data[start : start + _PIECE_BYTES] for start in starts)

    def write(self, name: str, data: bytes) -> None:
        """Write an object."""
        with self._asking("write", name):
            self.objects[name] = data

    def write_file(self, name: str, path: Path) -> None:
        """Write a file's bytes."""
        self.write(name, path.read_bytes())

    def create(self, name: str, data: bytes) -> bool:
        """Write an object unless there is one."""
        with self._asking("create", name):
            if name in self.objects:
                return False
            self.objects[name] = data
        return True

    def list(self, prefix: str) -> Iterator[Found]:
        """The objects below a prefix."""
        with self._asking("list", prefix):
            found = [
                Found(name, len(data), 0.0)
                for name, data in sorted(self.objects.items())
                if name.startswith(prefix)
            ]
        return iter(found)

    def delete(self, names: Iterable[str]) -> None:
        """Remove objects."""
        for name in names:
            with self._asking("delete", name):
                self.objects.pop(name, None)
