"""The next model's files, read into memory while a model works: then loading it reads no disk.

Loading itself stays with the worker, one model after the other: libraries change settings of the
whole process while they load, and what is drawn meanwhile would come out otherwise.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from fvbuild.engine.action import Action
from fvbuild.engine.digest import Json
from fvbuild.errors import FilmBuildError
from fvbuild.targets.diffusers import fetching, memory
from fvbuild.targets.diffusers.configuration import read_configuration

_BLOCK_BYTES = 8 << 20
_ROOM = 1.5
"""The system drops what was read when something else needs the memory, so be modest."""

_MEMORY = Path("/proc/meminfo")


class Reader:
    """Reads one model's files at a time, in the background; ``read`` names those it has read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.read: list[Path] = []

    def follow(self, action: Action, film_folder: Path) -> None:
        """Begin to read what the action's slot will need next, if that is another local model."""
        after = action.after()
        folder = _folder_of(after.settings, film_folder) if after is not None else None
        if folder is not None:
            self.begin(folder)

    def begin(self, folder: Path) -> None:
        """Read a model's files, unless it was read before, another is being read, or there is no
        room for it."""
        with self._lock:
            busy = self._thread is not None and self._thread.is_alive()
            if busy or folder in self.read or not _fits(folder):
                return
            self._thread = threading.Thread(target=self._read, args=(folder,), daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Until what is being read is read."""
        if self._thread is not None:
            self._thread.join()

    def _read(self, folder: Path) -> None:
        block = bytearray(_BLOCK_BYTES)
        try:
            for file in sorted(folder.rglob("*.safetensors")):
                with file.open("rb", buffering=0) as weights:
                    while weights.readinto(block):
                        pass
        except OSError:
            return  # loading will say what is wrong with them
        self.read.append(folder)


READER = Reader()
"""One a process: whatever targets there are, the disk is the same."""


def _folder_of(settings: Mapping[str, Json], film_folder: Path) -> Path | None:
    if settings.get("provider") != "diffusers":
        return None
    try:
        given = {name: value for name, value in settings.items() if name != "provider"}
        configuration = read_configuration("", given)
        return fetching.folder_of(
            configuration.model,
            configuration.revision,
            film_folder,
            lambda _done, _note: None,
            online=False,
        )
    except FilmBuildError:
        return None


def _fits(folder: Path) -> bool:
    free = free_bytes()
    return free is None or memory.size_on_disk_bytes(str(folder)) * _ROOM < free


def free_bytes() -> int | None:
    """Main memory that may be used, or None where the system does not tell."""
    try:
        lines = _MEMORY.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next(
        (int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None
    )
