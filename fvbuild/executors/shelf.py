"""The inputs that a machine was sent, kept by digest for all workers that one build has there; and
its way to the build's shared store, for inputs and for what is made.

A folder below the system's temporary one. Whoever uses it holds a shared lock on a file in it,
which the system gives back when a process dies; so anyone may clear away what nobody holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pickle
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from fvbuild.errors import FilmBuildError
from fvbuild.executors.parcels import write


class StoreThere(Protocol):
    """The shared store of a build, as machines of its cluster use it. It goes there pickled."""

    def fetch(self, digest: str) -> AbstractContextManager[Iterator[bytes] | None]:
        """An artifact's bytes in pieces; None: there is none. Raises RemoteError."""
        ...

    def keep(self, digest: str, path: Path) -> None:
        """Have a file there under its digest. Raises RemoteError."""
        ...


_LEAVE_S = 1.0


class Shelf:
    """The files of one build on this machine. Safe from several threads and processes."""

    def __init__(self, build: str, store: bytes | None = None, root: Path | None = None) -> None:
        """``store`` is a pickled :class:`StoreThere`. ``root`` is where shelves lie."""
        root = root or _root()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(root)
        self.folder = root / build
        self._alive = _held(self.folder)
        self._files = self.folder / "files"
        self._files.mkdir(exist_ok=True)
        self._store: StoreThere | None = pickle.loads(store) if store is not None else None
        self._keeps = self._store is not None
        self.trouble = ""

    def path(self, digest: str, *, shared: bool = False) -> Path | None:
        """Where a file lies; None: it must be sent. ``shared``: the shared store has it.

        A store that cannot be had from here is asked no more; ``trouble`` says why.
        """
        path = self._files / digest
        if path.exists():
            return path
        if self._store is None or not shared:
            return None
        try:
            with self._store.fetch(digest) as pieces:
                if pieces is None:
                    return None
                self.take_in(digest, pieces)
        except FilmBuildError as error:
            self._store, self._keeps = None, False
            self.trouble = f"{error.message}; files come from the build itself"
            return None
        return path

    def keep(self, digest: str, path: Path) -> bool:
        """Have a file that was made in the shared store; False: it is to be sent to the build.

        A store that cannot be written from here is tried once; ``trouble`` says why.
        """
        if self._store is None or not self._keeps:
            return False
        try:
            self._store.keep(digest, path)
        except FilmBuildError as error:
            self._keeps = False
            self.trouble = f"{error.message}; files go to the build itself"
        return self._keeps

    def take_in(self, digest: str, pieces: Iterable[bytes]) -> None:
        """Keep a file that was sent. Raises ExecutorError when it is not what its digest says."""
        with self._arriving(digest) as arriving:
            write(arriving, pieces, digest)

    @contextlib.contextmanager
    def _arriving(self, digest: str) -> Iterator[Path]:
        """A private name for a file; it has its own once it is whole."""
        arriving = self._files / f".{digest}-{os.getpid()}-{threading.get_ident()}"
        try:
            yield arriving
            if arriving.exists():
                arriving.chmod(0o444)
                arriving.rename(self._files / digest)
        finally:
            arriving.unlink(missing_ok=True)

    def new_folder(self) -> Path:
        """An empty folder of one's own."""
        return Path(tempfile.mkdtemp(dir=self.folder, prefix="take-"))

    def leave(self) -> None:
        """Give it up; the last one clears it away."""
        os.close(self._alive)
        deadline_s = time.monotonic() + _LEAVE_S
        # Others of this build leave at the same time, or have just been ended.
        while not _clear(self.folder) and time.monotonic() < deadline_s:
            time.sleep(0.05)


def _root() -> Path:
    """Of this user's alone: a folder that another one made under the name is not used."""
    root = Path(tempfile.gettempdir()) / f"fvbuild-{os.getuid()}" / "ray"
    with contextlib.suppress(OSError):
        root.parent.mkdir(mode=0o700, exist_ok=True)
        if root.parent.stat().st_uid == os.getuid():
            return root
    return Path(tempfile.mkdtemp(prefix="fvbuild-ray-"))


def _held(folder: Path) -> int:
    """Make a folder, and hold it. Somebody may be clearing it away: then once more."""
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        alive = folder / "alive"
        try:
            descriptor = os.open(alive, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        with contextlib.suppress(FileNotFoundError):
            if os.fstat(descriptor).st_ino == alive.stat().st_ino:
                return descriptor
        os.close(descriptor)


def _clear(folder: Path) -> bool:
    """Remove a shelf, if nobody holds it; whether it is gone."""
    try:
        descriptor = os.open(folder / "alive", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return not folder.exists()
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        os.close(descriptor)


def _sweep(root: Path) -> None:
    """Remove what builds left here that were killed."""
    for folder in root.iterdir():
        if folder.is_dir():
            _clear(folder)
