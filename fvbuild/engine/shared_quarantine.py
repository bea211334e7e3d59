"""A quarantine: a build that nobody has trusted yet reads the shared store, and writes aside.

Below ``quarantine/<name>/`` lies the same layout once more. Nobody reads takes from there; they
come out by ``promote`` alone (:mod:`fvbuild.engine.shared_promote`). The credentials of such a
build should let it write there and nowhere else: this class keeps an honest program to it, a
bucket's policy keeps a dishonest one.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from fvbuild.engine.shared import MOST_RECORD_BYTES, Found, Shared, quarantined
from fvbuild.errors import RemoteError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_quarantine(name: str) -> bool:
    """Whether a quarantine can be called so: a part of a path, like ``pr-17``."""
    return _NAME.fullmatch(name) is not None and ".." not in name


class Quarantined:
    """A shared store of which everything is read, and only a quarantine is written."""

    def __init__(self, shared: Shared, quarantine: str) -> None:
        self._shared = shared
        self._quarantine = quarantine

    @property
    def place(self) -> str:
        """The shared store; what is known to be there counts for it."""
        return self._shared.place

    @property
    def conditional(self) -> bool:
        """As the store itself."""
        return self._shared.conditional

    def read(self, name: str, most_bytes: int = MOST_RECORD_BYTES) -> bytes | None:
        """An object outside of quarantines."""
        return self._shared.read(name, most_bytes)

    def has(self, name: str) -> bool:
        """Whether there is an object, here or there: then it need not be written."""
        return self._shared.has(name) or self._shared.has(self._aside(name))

    def stream(self, name: str) -> AbstractContextManager[Iterator[bytes] | None]:
        """An object's bytes, outside of quarantines."""
        return self._shared.stream(name)

    def write(self, name: str, data: bytes) -> None:
        """Write into the quarantine."""
        self._shared.write(self._aside(name), data)

    def write_file(self, name: str, path: Path) -> None:
        """Write a file into the quarantine."""
        self._shared.write_file(self._aside(name), path)

    def create(self, name: str, data: bytes) -> bool:
        """Write into the quarantine unless it has such an object."""
        return self._shared.create(self._aside(name), data)

    def list(self, prefix: str) -> Iterator[Found]:
        """The objects below a prefix, outside of quarantines."""
        return self._shared.list(prefix)

    def delete(self, names: Iterable[str]) -> None:
        """Refused: what builds elsewhere need is not theirs to remove. Raises RemoteError."""
        raise RemoteError(
            "a build in quarantine removes nothing",
            place=self.place,
            hint="say `write: true` in fvbuild.yaml where this may be done",
        )

    def _aside(self, name: str) -> str:
        return quarantined(name, self._quarantine)


class FromQuarantine(Quarantined):
    """The same for who takes things out: bytes are looked for in the quarantine first, then where
    a build in quarantine found them already."""

    @contextlib.contextmanager
    def stream(self, name: str) -> Iterator[Iterator[bytes] | None]:
        """An object's bytes."""
        with self._shared.stream(self._aside(name)) as pieces:
            if pieces is not None:
                yield pieces
                return
        with self._shared.stream(name) as pieces:
            yield pieces
