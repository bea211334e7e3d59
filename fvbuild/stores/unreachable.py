"""A shared store that cannot be opened at all: asked for anything, it says why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

from fvbuild.engine.shared import MOST_RECORD_BYTES, Found
from fvbuild.errors import RemoteError


class Unreachable:
    """Raises the same RemoteError whatever it is asked, so that a build goes on without it."""

    conditional = False

    def __init__(self, place: str, why: str) -> None:
        self.place = place
        self._why = why

    def _refuse(self) -> NoReturn:
        raise RemoteError(
            f"the shared store {self.place} cannot be opened: {self._why}",
            hint="is the medium mounted, and may you read and write there?",
        )

    def read(self, name: str, most_bytes: int = MOST_RECORD_BYTES) -> bytes | None:
        """Refused."""
        del name, most_bytes
        self._refuse()

    def has(self, name: str) -> bool:
        """Refused."""
        del name
        self._refuse()

    def stream(self, name: str) -> AbstractContextManager[Iterator[bytes] | None]:
        """Refused."""
        del name
        self._refuse()

    def write(self, name: str, data: bytes) -> None:
        """Refused."""
        del name, data
        self._refuse()

    def write_file(self, name: str, path: Path) -> None:
        """Refused."""
        del name, path
        self._refuse()

    def create(self, name: str, data: bytes) -> bool:
        """Refused."""
        del name, data
        self._refuse()

    def list(self, prefix: str) -> Iterator[Found]:
        """Refused."""
        del prefix
        self._refuse()

    def delete(self, names: Iterable[str]) -> None:
        """Refused."""
        del names
        self._refuse()
