"""A shared store over an obstore store: objects by name, and its errors in our words.

What goes wrong is told in :mod:`fvbuild.stores.wording`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore import exceptions

from fvbuild.engine.shared import MOST_RECORD_BYTES, Buffer, Found
from fvbuild.stores.wording import as_remote_error

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_PIECE_BYTES = 1 << 20
_PART_BYTES = 8 << 20
_DELETED_AT_ONCE = 500


class ObjectsShared:
    """Objects of a bucket, a container or a folder."""

    def __init__(self, store: ObjectStore, place: str, *, conditional: bool) -> None:
        self._store = store
        self.place = place
        self.conditional = conditional

    def read(self, name: str, most_bytes: int = MOST_RECORD_BYTES) -> bytes | None:
        """A small object's bytes; none of a larger one."""
        with self.stream(name) as pieces:
            if pieces is None:
                return None
            found = bytearray()
            for piece in pieces:
                found += piece
                if len(found) > most_bytes:
                    return b""
        return bytes(found)

    def has(self, name: str) -> bool:
        """Whether there is an object."""
        with self._told("read", name):
            try:
                obstore.head(self._store, name)
            except FileNotFoundError:
                return False
        return True

    @contextlib.contextmanager
    def stream(self, name: str) -> Iterator[Iterator[Buffer] | None]:
        """An object's bytes in pieces."""
        with self._told("read", name):
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError:
                found = None
        yield None if found is None else self._pieces(found, name)

    def _pieces(self, found: obstore.GetResult, name: str) -> Iterator[Buffer]:
        with self._told("read", name):
            if found.meta["size"] <= _PIECE_BYTES:
                yield found.bytes()  # in one go: every piece is a way into the library and back
            else:
                yield from found.stream(min_chunk_size=_PIECE_BYTES)

    def write(self, name: str, data: bytes) -> None:
        """Write an object."""
        with self._told("write", name):
            obstore.put(self._store, name, data, use_multipart=False)

    def write_file(self, name: str, path: Path) -> None:
        """Write a file's bytes; a large file goes in parts."""
        with self._told("write", name):
            obstore.put(self._store, name, path, chunk_size=_PART_BYTES, max_concurrency=4)

    def create(self, name: str, data: bytes) -> bool:
        """Write an object unless there is one."""
        with self._told("write", name):
            try:
                obstore.put(self._store, name, data, mode="create", use_multipart=False)
            except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
                return False
        return True

    def list(self, prefix: str) -> Iterator[Found]:
        """The objects below a prefix."""
        with self._told("list", prefix):
            for batch in obstore.list(self._store, prefix.rstrip("/"), chunk_size=1000):
                for row in batch:
                    yield Found(row["path"], row["size"], row["last_modified"].timestamp())

    def delete(self, names: Iterable[str]) -> None:
        """Remove objects, many in one request where the store can."""
        left = list(names)
        while left:
            some, left = left[:_DELETED_AT_ONCE], left[_DELETED_AT_ONCE:]
            with self._told("remove", some[0]):
                try:
                    obstore.delete(self._store, some)
                except FileNotFoundError:
                    self._delete_each(some)

    def _delete_each(self, names: Iterable[str]) -> None:
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                obstore.delete(self._store, name)

    @contextlib.contextmanager
    def _told(self, verb: str, name: str) -> Iterator[None]:
        """Turn what the library raises into a RemoteError without its words."""
        try:
            yield
        except (exceptions.BaseError, OSError, ValueError) as error:
            raise as_remote_error(error, self.place, verb, name) from None
