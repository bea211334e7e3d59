"""Input files of a film: their digests, and snapshots of them that a build reads."""

from __future__ import annotations

from pathlib import Path

from fvbuild.engine.action import Artifact
from fvbuild.engine.clock import Clock
from fvbuild.engine.digest import content_of_file
from fvbuild.engine.graph import Node
from fvbuild.engine.sniff import media_type_of
from fvbuild.engine.state import State
from fvbuild.engine.stats import FileStat, stat_of
from fvbuild.engine.store import DiskStore, Health
from fvbuild.engine.verdict import Known
from fvbuild.errors import UsageError
from fvbuild.project.file_checks import check_file


class InputFiles:
    """Reads a film's ``file`` nodes.

    A digest found under the same stat is taken from the state; :meth:`snapshot` copies the file
    into the store, so that makers never see a file that changes under them.
    """

    def __init__(self, state: State, store: DiskStore, clock: Clock) -> None:
        self._state = state
        self._store = store
        self._clock = clock
        self._known: dict[str, Known] = {}
        self.stats: dict[str, FileStat] = {}
        """The stat under which each file was read, for files no change can hide in any more."""
        self.racy = False
        """True when a file was so young that it must be read again next time."""

    def content(self, node: Node) -> Known:
        """The content of a file node. Raises UsageError when it cannot be read or used."""
        assert node.file is not None
        found = self._known.get(node.file)
        if found is None:
            found = self._known[node.file] = self._read(node.file, node.loc)
        return found

    def _read(self, file: str, loc: str | None) -> Known:
        now_ns = self._clock.now_ns()
        stat = stat_of(file)
        if stat is None:
            raise UsageError(
                f"'{file}' is not a file that can be read",
                place=loc,
                hint="put the file back, or correct the path in the film",
            )
        media_type = media_type_of(Path(file))
        recorded = self._state.stats.file_digest(file)
        if recorded is not None and recorded[1] == stat:
            digest = recorded[0]
            self.stats[file] = stat
        else:
            try:
                digest = content_of_file(file)
            except OSError as error:
                raise UsageError(f"'{file}' cannot be read: {error.strerror}", place=loc) from error
            check_file(Path(file), media_type, loc)
            if stat.settled_at(now_ns) and stat_of(file) == stat and not self._state.read_only:
                with self._state.transaction():
                    self._state.stats.set_file_digest(file, digest, stat)
                self.stats[file] = stat
            else:
                self.racy = True
        artifact = Artifact(digest, stat.size_bytes, media_type)
        return Known(digest, (artifact,))

    def snapshot(self, node: Node) -> None:
        """Put the file into the store; what is digested is the copy."""
        known = self.content(node)
        if self._store.health(known.content) is Health.WHOLE:
            return
        assert node.file is not None
        digest, size_bytes = self._store.add_copy(Path(node.file))
        artifact = Artifact(digest, size_bytes, known.outputs[0].media_type)
        self._known[node.file] = Known(digest, (artifact,))
