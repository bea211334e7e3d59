"""Bringing artifacts from a shared store: streamed to a private file, digested while they come.

Bytes that are not what their name says are thrown away; nothing of them is ever under its name.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fvbuild.engine.disk import writing
from fvbuild.engine.shared import Buffer, Shared, blob_name
from fvbuild.engine.store import Store
from fvbuild.errors import GoneError, RemoteError

AT_ONCE = 16
_LARGE_BYTES = 4 << 20
_ONLY_THERE = "what is away lies there alone: try again once the store can be read"


class Bringer:
    """Brings artifacts into a local store. Safe from several threads; each comes once.

    ``gone`` collects what was not there, or could not be had although this build made it, and can
    make it again; ``damaged`` what was not what its name says; ``brought_bytes`` and ``brought``
    count.
    """

    def __init__(self, shared: Shared, store: Store) -> None:
        self._shared = shared
        self._store = store
        self._changed = threading.Condition()
        self._coming: set[str] = set()
        self._here: set[str] = set()
        self._local = threading.local()
        self.gone: set[str] = set()
        self.damaged: set[str] = set()
        self.brought = 0
        self.brought_bytes = 0

    def bring(self, digest: str) -> None:
        """Bring one artifact. Raises GoneError, RemoteError, and StoreError when the disk is full.

        One that another thread is bringing is waited for.
        """
        with self._changed:
            while digest in self._coming:
                self._changed.wait()
            if digest in self._here:
                return
            self._coming.add(digest)
        try:
            self._bring(digest)
        finally:
            with self._changed:
                self._coming.discard(digest)
                self._changed.notify_all()

    def bring_all(
        self,
        digests: Iterable[str],
        told: Callable[[int, int], None] = lambda _number, _size: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> list[GoneError | RemoteError]:
        """Bring many, several at once; what went wrong with which. ``told`` hears of each, with
        the number of artifacts and bytes so far. A store that fails is not asked on."""
        errors: list[GoneError | RemoteError] = []
        down = threading.Event()

        def one(digest: str) -> None:
            if stop() or down.is_set():
                return
            try:
                self.bring(digest)
            except GoneError as error:
                errors.append(error)
            except RemoteError as error:
                errors.append(error)
                down.set()
            told(self.brought, self.brought_bytes)

        with ThreadPoolExecutor(AT_ONCE, "fvbuild-bring") as threads:
            list(threads.map(one, dict.fromkeys(digests)))
        return errors

    def _bring(self, digest: str) -> None:
        private = f"{self._folder()}/{digest}"
        try:
            size_bytes = self._download(digest, private)
            if size_bytes is None:
                # Damaged on their way, perhaps: what lies there is so only if it comes so twice.
                os.unlink(private)  # noqa: PTH108 - hot path
                size_bytes = self._download(digest, private)
            if size_bytes is None:
                self.damaged.add(digest)
                raise GoneError(
                    digest,
                    f"what {self._shared.place} holds as artifact {digest[:12]} are other bytes, "
                    "which were thrown away",
                )
            self._store.take_in(private, digest)
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.unlink(private)  # noqa: PTH108 - hot path
            if not isinstance(error, RemoteError):
                raise
            if digest in self._store.put_there:
                self.gone.add(digest)
                raise GoneError(digest, error.message) from error
            # Without the bytes nothing goes on, whatever is said of the store elsewhere.
            raise RemoteError(error.message, place=error.place, hint=_ONLY_THERE) from error
        with self._changed:
            self._here.add(digest)
            self.brought += 1
            self.brought_bytes += size_bytes

    def _download(self, digest: str, private: str) -> int | None:
        """The size in bytes of an artifact that came; None when other bytes did."""
        sha, size_bytes = hashlib.sha256(), 0
        with self._shared.stream(blob_name(digest)) as pieces:
            if pieces is None:
                self.gone.add(digest)
                raise GoneError(
                    digest, f"artifact {digest[:12]} is no longer in {self._shared.place}"
                )
            with writing(self._folder()):
                # Read-only from the beginning, as artifacts are.
                file = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o444)
                try:
                    for piece in pieces:
                        sha.update(piece)
                        size_bytes += _write(file, piece)
                    if size_bytes >= _LARGE_BYTES:
                        os.fsync(file)  # while others are digested, rather than all in the end
                finally:
                    os.close(file)
        return size_bytes if sha.hexdigest() == digest else None

    def _folder(self) -> Path:
        folder: Path | None = getattr(self._local, "folder", None)
        if folder is None:
            folder = self._store.new_folder(f"bring-{threading.get_ident()}")
            self._local.folder = folder
        return folder


def _write(file: int, piece: Buffer) -> int:
    """All of a piece; its size in bytes. The system may take less than it is given."""
    view = memoryview(piece)
    size_bytes = done = os.write(file, view)
    while done < view.nbytes:
        done += os.write(file, view[done:])
        size_bytes = done
    return size_bytes
