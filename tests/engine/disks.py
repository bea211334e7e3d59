"""Toy films built on a real disk, each command as a program of its own would do it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from toys import FILM, Film, ToyTarget, World, graph_of

from fvbuild.engine.clock import SystemClock
from fvbuild.engine.events import Event, Report
from fvbuild.engine.leases import Leases
from fvbuild.engine.lock import Lock
from fvbuild.engine.plan import Wishes
from fvbuild.engine.show import Shown, file_names
from fvbuild.engine.state import State
from fvbuild.engine.store import DiskStore
from fvbuild.engine.verdict import Verdict


class Disk:
    """A folder with a toy film's cache, lock and ``out/``. Every method is one command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.out = folder / "out"
        self.lock_path = folder / "film.lock"
        self.target = ToyTarget()
        self.notes: list[str] = []
        self.hear: Callable[[Event], None] = lambda _event: None
        self.cache.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def opened(self) -> Iterator[World]:
        """All parts opened anew from disk."""
        state = State(self.cache / "state.sqlite3")
        self.notes = list(state.notes)
        try:
            clock = SystemClock()
            store = DiskStore(self.cache, state.stats.artifact_stats(), clock)
            leases = Leases(self.cache / "leases")
            world = World(store, state, Lock.read(self.lock_path), leases)
            world.target, world.clock = self.target, clock  # type: ignore[assignment]
            world.hear = self.hear
            world.shown = Shown(self.out, state, store, FILM)
            yield world
        finally:
            state.close()

    def build(self, film: Film, goals: Sequence[str] = (), wishes: Wishes | None = None) -> Report:
        """Build as the project does: sweep, run, lock, ``out/``."""
        with self.opened() as world:
            assert isinstance(world.store, DiskStore)
            world.store.sweep()
            graph = graph_of(film, self.target.cost)
            try:
                report = world.run(graph, goals, wishes=wishes)
            finally:
                world.leases.wait("lock")
                if world.build is not None:
                    world.lock.write()
                world.leases.close()
            self.show(world)
            return report

    def show(self, world: World) -> None:
        """Bring ``out/`` up to date after a build."""
        assert world.build is not None and world.shown is not None
        wanted = []
        for name, verdict in world.build.verdicts.items():
            if verdict.known is not None and verdict.known.usable:
                node = world.build.graph[name]
                if node.file is None and node.text is None:
                    world.shown.show(node, verdict.known.outputs)
                    wanted += [path for path, _ in file_names(node, verdict.known.outputs)]
        with world.state.transaction():
            self.notes += world.shown.save()
        world.shown.tidy(wanted)

    def plan(self, film: Film) -> dict[str, Verdict]:
        """What a build would do."""
        with self.opened() as world:
            return world.plan(film)

    def texts(self) -> dict[str, str]:
        """All files under ``out/``, without their suffix."""
        return {
            path.relative_to(self.out).with_suffix("").as_posix(): path.read_text()
            for path in sorted(self.out.rglob("*"))
            if path.is_file()
        }

    def artifact(self, node: str) -> Path:
        """The file of a node's chosen artifact in the store."""
        line = Lock.read(self.lock_path).get(node)
        assert line is not None
        taken = line.take(line.chosen)
        assert taken is not None
        return self.cache / "artifacts" / taken.artifact[:2] / taken.artifact[2:]
