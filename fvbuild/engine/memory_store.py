"""A store in memory, for tests of the engine: the same promises, and faults on request."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from fvbuild.engine import digest as digests
from fvbuild.engine.action import Artifact
from fvbuild.engine.stats import FileStat
from fvbuild.engine.store import Health


class MemoryStore:
    """Artifacts in a dictionary; ``lose`` and ``corrupt`` do what disks do."""

    def __init__(self) -> None:
        self.artifacts: dict[str, bytes] = {}
        self.elsewhere: dict[str, Artifact] = {}
        self.put_there: set[str] = set()
        self._damaged: set[str] = set()
        self._writing = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="fvbuild-")

    def path(self, digest: str) -> Path:
        """A file with the bytes, written when asked for."""
        path = Path(self._folder.name) / digest
        with self._writing:
            if digest not in self.artifacts:
                path.unlink(missing_ok=True)
            elif not path.exists():
                path.write_bytes(self.artifacts[digest])
        return path

    def health(self, digest: str) -> Health:
        """Whole, away, missing or corrupt."""
        if self.holds(digest):
            return Health.WHOLE
        if digest in self.elsewhere:
            return Health.AWAY
        return Health.CORRUPT if digest in self.artifacts else Health.MISSING

    def holds(self, digest: str) -> bool:
        """Whether it is here and whole."""
        return digest in self.artifacts and digest not in self._damaged

    def away(self, digest: str) -> Artifact | None:
        """What is known of it in the shared store."""
        return self.elsewhere.get(digest)

    def note_away(self, artifact: Artifact) -> None:
        """Know that it is in the shared store."""
        self.put_there.add(artifact.digest)
        self.elsewhere[artifact.digest] = artifact

    def read(self, digest: str) -> bytes:
        """The bytes."""
        return self.artifacts[digest]

    def add_file(self, source: Path) -> tuple[str, int]:
        """Take a file's bytes."""
        data = source.read_bytes()
        source.unlink()
        return self.add_bytes(data)

    def take_in(self, source: str, digest: str) -> None:
        """Take a file's bytes, whose digest is known."""
        self.artifacts[digest] = Path(source).read_bytes()
        self._damaged.discard(digest)
        Path(source).unlink()

    def add_copy(self, source: Path) -> tuple[str, int]:
        """Take a copy of a file's bytes."""
        return self.add_bytes(source.read_bytes())

    def add_bytes(self, data: bytes) -> tuple[str, int]:
        """Keep bytes."""
        digest = digests.content(data)
        self.artifacts[digest] = data
        self._damaged.discard(digest)
        return digest, len(data)

    def flush(self) -> list[tuple[str, FileStat]]:
        """Nothing to do."""
        return []

    def new_folder(self, name: str) -> Path:
        """A real folder, for makers that write files."""
        return Path(tempfile.mkdtemp(prefix=name.replace("/", "-"), dir=self._folder.name))

    def lose(self, digest: str) -> None:
        """Delete an artifact behind the engine's back."""
        del self.artifacts[digest]

    def corrupt(self, digest: str) -> None:
        """Damage an artifact behind the engine's back."""
        self._damaged.add(digest)
