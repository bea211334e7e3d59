"""``out/``: the readable tree, a copy of chosen artifacts under the names that people use.

What the user changed there is never overwritten: it is kept beside, and the artifact shown again.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from fvbuild.engine import assembly
from fvbuild.engine.action import Artifact
from fvbuild.engine.digest import content_of_file
from fvbuild.engine.disk import is_alive
from fvbuild.engine.graph import Node
from fvbuild.engine.sniff import ASSEMBLY, suffix_of
from fvbuild.engine.state import State
from fvbuild.engine.stats import FileStat, stat_of
from fvbuild.engine.store import DiskStore, Health
from fvbuild.errors import ArtifactError, StoreError
from fvbuild.values import dataclass


def file_names(node: Node, outputs: Sequence[Artifact]) -> list[tuple[str, Artifact]]:
    """Where a node's outputs are shown, relative to ``out/``: ``pier/arrival/anchor.png``.

    Of several outputs each has its own name behind the node's.
    """
    if node.out is None:
        return []
    return [
        (
            (f"{node.out}-{output.name}" if output.name else node.out)
            + suffix_of(output.media_type),
            output,
        )
        for output in outputs
    ]


@dataclass(slots=True)
class _Changes:
    written: list[tuple[str, str, FileStat]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Shown:
    """The files under ``out/`` that belong to one film and profile.

    ``many`` reads all that is recorded of them at once, which is quicker for a whole film.
    """

    def __init__(
        self, out: Path, state: State, store: DiskStore, film: str, *, many: bool = False
    ) -> None:
        self.out = out
        self._state = state
        self._store = store
        self._film = film
        self._rows: dict[str, tuple[str, FileStat]] = state.stats.shown(film) if many else {}
        self._all_read = many
        self._pending = _Changes()
        self._folders: set[str] = set()
        self._left: dict[str, dict[str, list[Path]]] = {}

    @property
    def rows(self) -> dict[str, tuple[str, FileStat]]:
        """All of them: the path relative to ``out/``, the digest shown there, the file's stat."""
        if not self._all_read:
            self._rows = {**self._state.stats.shown(self._film), **self._rows}
            self._all_read = True
        return self._rows

    @property
    def seen(self) -> Mapping[str, tuple[str, FileStat]]:
        """Those that were looked at or written."""
        return self._rows

    def _row(self, name: str) -> tuple[str, FileStat] | None:
        row = self._rows.get(name)
        if row is None and not self._all_read:
            row = self._state.stats.shown_file(self._film, name)
            if row is not None:
                self._rows[name] = row
        return row

    def show(self, node: Node, outputs: Sequence[Artifact]) -> None:
        """Make ``out/`` show these outputs, if it does not yet and they are here.

        Raises StoreError.
        """
        if self._store.is_shared and not self.shows(node, outputs) and not self.can_show(outputs):
            return
        for name, output in file_names(node, outputs):
            self._show(name, output, node)

    def shows(self, node: Node, outputs: Sequence[Artifact]) -> bool:
        """Whether ``out/`` shows these outputs, as we left them."""
        return all(
            (row := self._row(name)) is not None
            and row[0] == output.digest
            and stat_of(f"{self.out}/{name}") == row[1]
            for name, output in file_names(node, outputs)
        )

    def is_behind(self, node: Node, outputs: Sequence[Artifact]) -> bool:
        """Whether ``out/`` shows something else for a node, which would mislead."""
        return any(
            (row := self._row(name)) is not None
            and row[0] != output.digest
            and stat_of(f"{self.out}/{name}") is not None
            for name, output in file_names(node, outputs)
        )

    def withdraw(self, node: Node, outputs: Sequence[Artifact]) -> None:
        """Show a node's earlier results no more, where these are its results and are away."""
        for name, output in file_names(node, outputs):
            row = self._row(name)
            path = self.out / name
            if row is not None and row[0] != output.digest and stat_of(path) == row[1]:
                with _writing(str(path)):
                    path.unlink(missing_ok=True)

    def can_show(self, outputs: Sequence[Artifact]) -> bool:
        """Whether all that is needed to show outputs is here, and not in the shared store alone."""
        for output in outputs:
            if self._store.health(output.digest) is not Health.WHOLE:
                return False
            if output.media_type == ASSEMBLY:
                parts = assembly.parse(self._store.read(output.digest)).artifacts
                if any(self._store.health(part) is not Health.WHOLE for part in parts):
                    return False
        return True

    def _show(self, name: str, output: Artifact, node: Node) -> None:
        path = f"{self.out}/{name}"
        found = stat_of(path)
        row = self._row(name)
        if found is not None:
            if row is not None and found == row[1]:
                if row[0] == output.digest:
                    return
            else:
                with _writing(path):
                    if self._is_right_after_all(path, name, output, node):
                        return
        with _writing(path):
            self._write(path, output)
        self._record(name, output.digest, path)

    def _is_right_after_all(self, path: str, name: str, output: Artifact, node: Node) -> bool:
        """A file that is not as we left it: right nevertheless, or else moved aside."""
        if self._holds(path, output.digest, output.media_type):
            self._record(name, output.digest, path)
            return True
        row = self._row(name)
        if row is not None and self._holds(path, row[0], output.media_type):
            return False
        kept = _beside(Path(path))
        Path(path).rename(kept)
        use = f" To use it: fvbuild adopt {node.id} {kept}" if node.target is not None else ""
        self._pending.notes.append(
            f"{path} was changed by hand or damaged: it is kept as {kept.name}, and the result "
            f"is shown again.{use}"
        )
        return False

    def _holds(self, path: str, digest: str, media_type: str) -> bool:
        """True when a file has the content of an artifact, or that which an assembly describes."""
        if media_type != ASSEMBLY:
            return content_of_file(path) == digest
        try:
            document = assembly.parse(self._store.read(digest))
        except ArtifactError:
            return False
        return assembly.matches(document, self._store.path, Path(path))

    def _write(self, path: str, output: Artifact) -> None:
        folder, _, base = path.rpartition("/")
        if folder not in self._folders:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._left[folder] = _half_written(folder)
            self._folders.add(folder)
        for left in self._left[folder].pop(base, ()):
            left.unlink(missing_ok=True)
        temporary = Path(f"{folder}/.{base}.{os.getpid()}")
        try:
            if output.media_type == ASSEMBLY:
                document = assembly.parse(self._store.read(output.digest))
                assembly.write(document, self._store.path, temporary)
            else:
                assembly.clone_or_copy(self._store.path(output.digest), temporary)
            os.rename(temporary, path)  # noqa: PTH104 - hot path
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _record(self, name: str, digest: str, path: str) -> None:
        stat = stat_of(path)
        if stat is not None:
            self._rows[name] = (digest, stat)
            self._pending.written.append((name, digest, stat))

    def tidy(self, wanted: Iterable[str]) -> None:
        """Remove what we showed and no node shows any more, unless the user changed it."""
        rows = self.rows
        gone = rows.keys() - set(wanted)
        for name in gone:
            path = self.out / name
            if stat_of(path) == rows[name][1]:
                with _writing(str(path)):
                    path.unlink(missing_ok=True)
                self._drop_empty(path.parent)
            del rows[name]
        with self._state.transaction():
            self._state.stats.forget_shown(self._film, gone)

    def _drop_empty(self, folder: Path) -> None:
        while folder != self.out and folder.is_relative_to(self.out):
            try:
                folder.rmdir()
            except OSError:
                return
            self._folders.discard(str(folder))
            folder = folder.parent

    def save(self) -> list[str]:
        """Record what was written, inside a transaction; the notes gathered since."""
        pending, self._pending = self._pending, _Changes()
        self._state.stats.set_shown(self._film, pending.written)
        return pending.notes


def _half_written(folder: str) -> dict[str, list[Path]]:
    """What builds that were killed left of files, by the names that those were to have; see
    :meth:`Shown._write`."""
    found: dict[str, list[Path]] = {}
    for path in Path(folder).iterdir():
        base, _, process = path.name[1:].rpartition(".")
        if path.name[0] == "." and process.isdigit() and not is_alive(int(process)):
            found.setdefault(base, []).append(path)
    return found


@contextlib.contextmanager
def _writing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"cannot be written: {error.strerror or error}",
            place=path,
            hint="make room, or make the folder writable, and build again; nothing is lost",
        ) from error


def _beside(path: Path) -> Path:
    for number in range(1, 10_000):
        kept = path.with_name(f"{path.stem}.kept{'' if number == 1 else number}{path.suffix}")
        if not kept.exists():
            return kept
    return path.with_name(f"{path.stem}.kept-{os.getpid()}{path.suffix}")
