"""Notices saves of the files a film is made from, also while it is being built.

Folders are watched, not files: most editors save by writing a new file and renaming it. A save
during a build stops the build only if what runs is no longer what the film asks for; else it waits
its turn, so that a comment or another shot's words never kill a long take.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from fvbuild.engine.events import Event, Listener, NodeFinished, NodeStarted
from fvbuild.errors import FilmBuildError

if TYPE_CHECKING:
    from fvbuild.engine.graph import Graph, Node
    from fvbuild.project import Project

_DEBOUNCE_MS = 120
_STEP_MS = 30
_LOOK_EVERY_S = 0.05
_MOST_LOOKS = 40
_MANIFESTS = (".yaml", ".yml")


Stat: TypeAlias = "tuple[int, int, int] | None"


def _stat(path: Path) -> Stat:
    """What tells one state of a file from another; None: it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


class Saves:
    """The saves of one film's files, in the order they happen."""

    def __init__(self, film: Path) -> None:
        self.film = film.resolve()
        self._files: set[Path] = {self.film}
        self._loaded: dict[Path, Stat] = {}
        self._broken = False
        self._saved: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._refollow = threading.Event()
        self._ended = threading.Event()
        self._ready = threading.Event()
        self._running: set[str] = set()
        self._building: tuple[Project, threading.Event] | None = None
        self.stopped_for_save = False

    def follow(self, project: Project | None) -> None:
        """Watch the files of this film; of a film that does not load, every manifest beside it."""
        before = self._folders()
        self._broken = project is None
        if project is not None:
            self._files = {self.film, *(path.resolve() for path in project.watch_paths())}
            for path in self._files - self._loaded.keys():
                self._loaded[path] = _stat(path)
        if self._folders() != before:
            self._ready.clear()
            self._refollow.set()
            self._ready.wait(timeout=2)

    def about_to_load(self) -> None:
        """Remember the files as they are now: what differs later was saved meanwhile."""
        while not self._saved.empty():
            self._saved.get()
        self._loaded = {path: _stat(path) for path in self._files}

    def written_by_us(self, path: Path) -> None:
        """A build wrote this file itself: that is no save."""
        self._loaded[path.resolve()] = _stat(path)

    def wait(self) -> Path | None:
        """The next file that is saved, or gone; None when interrupted instead."""
        try:
            path = next(filter(self._is_new, self._files), None)
            while path is None or not self._is_new(path):
                path = self._saved.get()
            self._wait_until_written(path)
            return path
        except KeyboardInterrupt:
            return None

    def _wait_until_written(self, path: Path) -> None:
        """Until a file stops changing: some editors empty it first and write it then."""
        for _ in range(_MOST_LOOKS):
            before = _stat(path)
            time.sleep(_LOOK_EVERY_S)
            if before is not None and before == _stat(path):
                return

    def _is_new(self, path: Path) -> bool:
        return path not in self._loaded or self._loaded[path] != _stat(path)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Notice saves while this is open."""
        thread = threading.Thread(target=self._watch, name="saves", daemon=True)
        thread.start()
        self._ready.wait(timeout=2)
        try:
            yield
        finally:
            self._ended.set()
            self._refollow.set()
            thread.join(timeout=2)

    # --- during a build ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def during_build(self, project: Project, cancel: threading.Event) -> Iterator[None]:
        """While open, a save that makes the running work useless sets ``cancel``."""
        self.stopped_for_save = False
        self._running.clear()
        self._building = (project, cancel)
        try:
            yield
        finally:
            self._building = None

    def hearing(self, listener: Listener) -> Listener:
        """The listener, overheard to know what runs."""

        def heard(event: Event) -> None:
            if isinstance(event, NodeStarted):
                self._running.add(event.node)
            elif isinstance(event, NodeFinished):
                self._running.discard(event.result.node)
            listener(event)

        return heard

    def _stop_if_useless(self) -> None:
        building = self._building
        if building is None:
            return
        project, cancel = building
        from fvbuild.project import Project

        try:
            now = Project.open(project.film_path, project.profile, untrusted=project.untrusted)
        except FilmBuildError:
            return  # half a sentence was saved: what runs may still be wanted
        if not all(_same_work(project.graph, now.graph, node) for node in list(self._running)):
            self.stopped_for_save = True
            cancel.set()

    # --- noticing ---------------------------------------------------------------------------------

    def _folders(self) -> dict[Path, int]:
        """The folders there are, and which they are: one made anew has to be watched anew."""
        found: dict[Path, int] = {}
        for folder in {path.parent for path in self._files}:
            with contextlib.suppress(OSError):
                if folder.is_dir():
                    found[folder] = folder.stat().st_ino
        return found

    def _counts(self, path: Path) -> bool:
        if path in self._files:
            return True
        return self._broken and path.suffix in _MANIFESTS

    def _watch(self) -> None:
        from watchfiles import watch

        unwatched = False
        while not self._ended.is_set():
            self._refollow.clear()
            folders = self._folders()
            changes = watch(
                *folders,
                recursive=False,
                debounce=_DEBOUNCE_MS,
                step=_STEP_MS,
                stop_event=self._refollow,
                rust_timeout=200,
                yield_on_timeout=True,
                raise_interrupt=False,
            )
            for changed in changes:
                self._ready.set()
                paths = {Path(name) for _change, name in changed}
                if self._folders() != folders:
                    # A folder went with all that was in it, or is back.
                    self._refollow.set()
                if unwatched or self._refollow.is_set():
                    paths |= self._files
                unwatched = False
                self._heed(paths)
            # Until the folders are watched again, saves are not seen: then all files are looked at.
            unwatched = True

    def _heed(self, paths: set[Path]) -> None:
        """Tell who waits of the files that were saved, of those that may have been."""
        saved = [path for path in paths if self._counts(path) and self._is_new(path)]
        for path in saved:
            self._saved.put(path)
        if any(path.suffix != ".lock" for path in saved):
            self._stop_if_useless()


def _same_work(before: Graph, now: Graph, node_id: str) -> bool:
    """True when a node, with all it is made from, is asked for as it was."""
    if now.get(node_id) is None:
        return False
    return all(
        (other := now.get(below)) is not None and _work(before[below]) == _work(other)
        for below in before.closure([node_id])
    )


def _work(node: Node) -> object:
    """What a node is made of, without its names and places."""
    target = node.target.identity if node.target is not None else None
    return (node.kind, node.params, node.inputs, target, node.seed, node.text, node.file)
