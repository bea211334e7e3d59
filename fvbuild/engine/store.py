"""Where artifacts live: files named by the SHA-256 of their bytes, read-only, never changed.

An artifact is written under a private name, renamed to its digest, and flushed before any trace
mentions it. A file under its final name counts only if the state holds a matching stat, or its
bytes still give its name; so a torn write is noticed, never served.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Protocol

from fvbuild.engine import digest as digests
from fvbuild.engine.action import Artifact
from fvbuild.engine.clock import Clock
from fvbuild.engine.disk import flush_files, is_alive, writing
from fvbuild.engine.stats import FileStat, stat_of
from fvbuild.errors import ArtifactError


class Health(Enum):
    """What a look at an artifact finds."""

    WHOLE = "whole"
    MISSING = "missing"
    CORRUPT = "corrupt"
    AWAY = "away"
    """Not here, but known to be in the shared store: good for verdicts, brought for makers."""

    @property
    def usable(self) -> bool:
        """True when the artifact is here, or can be brought."""
        return self in (Health.WHOLE, Health.AWAY)


class Store(Protocol):
    """What the engine needs of a place for artifacts."""

    put_there: set[str]
    """What this build made and has in the shared store alone, by digest."""

    def path(self, digest: str) -> Path:
        """Where the artifact's bytes are, to be read only."""
        ...

    def health(self, digest: str) -> Health:
        """Whether the artifact can be used; reads its bytes only when its stat is not as known."""
        ...

    def add_file(self, source: Path) -> tuple[str, int]:
        """Take a file in (it is moved); its digest and size in bytes."""
        ...

    def add_bytes(self, data: bytes) -> tuple[str, int]:
        """Take bytes in; their digest and size in bytes."""
        ...

    def take_in(self, source: str, digest: str) -> None:
        """Take a file in (it is moved) whose bytes were found to give this digest, and which can
        only be read."""
        ...

    def holds(self, digest: str) -> bool:
        """Whether an artifact is known to be here and whole; asks nobody, so for any thread."""
        ...

    def away(self, digest: str) -> Artifact | None:
        """What is known of an artifact that is in the shared store; None when it is not there."""
        ...

    def note_away(self, artifact: Artifact) -> None:
        """Know from now on that an artifact is in the shared store, where this build had it put."""
        ...

    def flush(self) -> list[tuple[str, FileStat]]:
        """Make all that was added durable; the stats to be recorded."""
        ...

    def new_folder(self, name: str) -> Path:
        """An empty private folder on the store's file system."""
        ...


class DiskStore:
    """The store on disk. Adding is safe from several threads; ``flush`` belongs to one. Raises
    StoreError when the disk is full or read-only, with nothing half-written left behind."""

    def __init__(
        self,
        root: Path,
        known: dict[str, FileStat],
        clock: Clock,
        look_up: Callable[[str], FileStat | None] | None = None,
    ) -> None:
        """``known`` are the recorded stats of whole artifacts; ``look_up`` finds further ones."""
        self.root = root
        self._artifacts = root / "artifacts"
        self._work = root / "work"
        self._known = known
        self._look_up = look_up
        self._clock = clock
        self._added: dict[str, None] = {}
        self._adding = threading.Lock()
        self._corrupt: dict[str, FileStat] = {}
        self.elsewhere: dict[str, Artifact] = {}
        """Artifacts known to be in the shared store, by digest."""
        self.put_there: set[str] = set()
        self.is_shared = False
        """Whether what a node is made of may be elsewhere."""
        self.reread: list[tuple[str, FileStat]] = []
        """Stats of artifacts that were read and found whole since the last flush."""

    def path(self, digest: str) -> Path:
        """``artifacts/ab/cdef...``."""
        return Path(self._name(digest))

    def health(self, digest: str) -> Health:
        """Whole when the stat is the recorded one, or the bytes still give the name."""
        health = self._health(digest)
        return health if health is Health.WHOLE or digest not in self.elsewhere else Health.AWAY

    def _health(self, digest: str) -> Health:
        found = stat_of(self._name(digest))
        if found is None:
            return Health.MISSING
        if digest in self._added or found == self.known_stat(digest):
            return Health.WHOLE
        if self._corrupt.get(digest) == found:
            return Health.CORRUPT
        return self._read_again(digest, found)

    def holds(self, digest: str) -> bool:
        """Whether it is known to be here and whole."""
        found = stat_of(self._name(digest))
        return found is not None and (digest in self._added or found == self._known.get(digest))

    def away(self, digest: str) -> Artifact | None:
        """What is known of it in the shared store."""
        return self.elsewhere.get(digest)

    def note_away(self, artifact: Artifact) -> None:
        """Know that it is in the shared store."""
        self.put_there.add(artifact.digest)
        self.elsewhere[artifact.digest] = artifact

    def learn(self, known: Mapping[str, FileStat]) -> None:
        """Take in many recorded stats at once: quicker than one by one for a whole film."""
        self._known = {**known, **self._known}

    def known_stat(self, digest: str) -> FileStat | None:
        """The stat under which an artifact was found whole."""
        stat = self._known.get(digest)
        if stat is None and self._look_up is not None:
            stat = self._look_up(digest)
            if stat is not None:
                self._known[digest] = stat
        return stat

    def _name(self, digest: str) -> str:
        return f"{self._artifacts}/{digest[:2]}/{digest[2:]}"

    def _read_again(self, digest: str, found: FileStat) -> Health:
        now_ns = self._clock.now_ns()
        try:
            whole = digests.content_of_file(self.path(digest)) == digest
        except OSError:
            return Health.MISSING
        if not whole:
            self._corrupt[digest] = found
            return Health.CORRUPT
        if found.settled_at(now_ns) and stat_of(self._name(digest)) == found:
            self._known[digest] = found
            self.reread.append((digest, found))
        return Health.WHOLE

    def read(self, digest: str) -> bytes:
        """The bytes of an artifact, checked. Raises ArtifactError when missing or corrupt."""
        try:
            data = self.path(digest).read_bytes()
        except OSError as error:
            raise ArtifactError(f"artifact {digest[:12]} is missing", hint=_VERIFY) from error
        if digests.content(data) != digest:
            raise ArtifactError(f"artifact {digest[:12]} is corrupt", hint=_VERIFY)
        return data

    def add_file(self, source: Path) -> tuple[str, int]:
        """Move a file in; its digest and size."""
        with writing(self.root):
            digest = digests.content_of_file(source)
            size_bytes = source.stat().st_size
            self._take_in(source, digest)
        return digest, size_bytes

    def take_in(self, source: str, digest: str) -> None:
        """Move a file in whose digest is known."""
        with writing(self.root):
            self._move_in(source, digest)

    def add_copy(self, source: Path) -> tuple[str, int]:
        """Copy a user's file in; its digest and size. The copy is what is digested."""
        folder = self.new_folder("copy")
        try:
            with writing(self.root):
                copy = folder / "file"
                shutil.copyfile(source, copy)
            return self.add_file(copy)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def add_bytes(self, data: bytes) -> tuple[str, int]:
        """Write bytes; their digest and size."""
        digest = digests.content(data)
        if self._known.get(digest) is None or self.health(digest) is not Health.WHOLE:
            with writing(self.root):
                self._work.mkdir(parents=True, exist_ok=True)
                # Two threads may add the same bytes at once.
                temporary = self._work / f"{os.getpid()}-{threading.get_ident()}-{digest}"
                try:
                    temporary.write_bytes(data)
                    self._take_in(temporary, digest)
                except OSError:
                    temporary.unlink(missing_ok=True)
                    raise
        return digest, len(data)

    def _take_in(self, source: Path, digest: str) -> None:
        known = self._known.get(digest)
        name = self._name(digest)
        if known is not None and stat_of(name) == known:
            source.unlink()
            return
        # Replaces whatever is there: an equal file, or one that is torn or was corrupted.
        os.chmod(source, 0o444)  # noqa: PTH101 - hot path
        self._move_in(source, digest)

    def _move_in(self, source: str | Path, digest: str) -> None:
        name = self._name(digest)
        try:
            os.rename(source, name)  # noqa: PTH104 - hot path
        except FileNotFoundError:
            os.makedirs(os.path.dirname(name), exist_ok=True)  # noqa: PTH103, PTH120
            os.rename(source, name)  # noqa: PTH104
        with self._adding:
            self._added[digest] = None

    def flush(self) -> list[tuple[str, FileStat]]:
        """Flush all that was added since the last time, before any trace mentions it."""
        with self._adding:
            added = list(self._added)
        with writing(self.root):
            flush_files([self._name(digest) for digest in added])
        # Only now: what could not be flushed is flushed next time.
        with self._adding:
            for digest in added:
                self._added.pop(digest, None)
        durable = []
        for digest in added:
            stat = stat_of(self._name(digest))
            if stat is not None:
                self._known[digest] = stat
                durable.append((digest, stat))
        durable += self.reread
        self.reread = []
        return durable

    def new_folder(self, name: str) -> Path:
        """``work/<process>-<name>``, emptied if a killed build left it."""
        folder = self._work / f"{os.getpid()}-{name}"
        with writing(self.root):
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
        return folder

    def sweep(self) -> None:
        """Remove what builds that are no longer alive left in ``work/``."""
        for leftover in self._leftovers():
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink(missing_ok=True)

    def _leftovers(self) -> Iterator[Path]:
        if not self._work.is_dir():
            return
        for entry in self._work.iterdir():
            process = entry.name.partition("-")[0]
            if process.isdigit() and not is_alive(int(process)):
                yield entry

    def digests(self) -> Iterator[tuple[str, Path]]:
        """Every artifact there is a file for."""
        if self._artifacts.is_dir():
            for folder in sorted(self._artifacts.iterdir()):
                if len(folder.name) == 2 and folder.is_dir():
                    for file in sorted(folder.iterdir()):
                        yield folder.name + file.name, file

    def remove(self, digests_: Iterable[str]) -> None:
        """Delete artifacts (garbage collection alone does this). Raises StoreError."""
        for digest in digests_:
            with writing(self.root):
                self.path(digest).unlink(missing_ok=True)
            self._known.pop(digest, None)


_VERIFY = "'fvbuild verify' names all that is damaged; 'fvbuild build' makes again what is free"
