"""Spreads a build over a Ray cluster: a worker for each slot, which keeps its makers and models.

What spends money, what belongs to providers and what is made beside the store stays in this
process. Ray repeats nothing by itself; a take whose machine was lost is made once more, elsewhere,
and nothing else is.
"""

from __future__ import annotations

import pickle
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from fvbuild import __version__
from fvbuild.engine.action import Action, Outcome
from fvbuild.engine.executor import Maker
from fvbuild.engine.purchase import new_id
from fvbuild.errors import ExecutorError, Interrupted
from fvbuild.executors.asking import Asking, Lost, SharedFiles
from fvbuild.executors.cluster import Cluster
from fvbuild.executors.crew import Crew
from fvbuild.executors.place import RayPlace

_TRIES = 3
_HOUSEKEEPING_S = 10.0
_ROOM_S = 2.0
"""How long the size of the cluster is believed: it may grow while a build runs."""

Openings: TypeAlias = Callable[[str, str], object | None]
"""Of a target, by its name, and a node's kind: what brings it to another process, picklable; None:
it is of this machine alone."""


def _unheard(_message: str) -> None:
    """Hears nothing."""


class _FromModule:
    """Brings a kind's own function to another process: it is found there by its name."""

    def __init__(self, make: Callable[[Action], Outcome]) -> None:
        self._make = make

    def __call__(self, _devices: object, _folder: object) -> Callable[[Action], Outcome]:
        return self._make


class RayExecutor:
    """See :class:`~fvbuild.engine.executor.Executor`. Connects when something first goes out."""

    def __init__(
        self,
        place: RayPlace,
        openings: Openings,
        folder: Callable[[], Path],
        shared: SharedFiles | None = None,
        tell: Callable[[str], None] = _unheard,
    ) -> None:
        """``folder``: makes an empty one on the store's file system. ``shared``: None where there
        is no shared store. ``tell`` hears, on any thread, what a person should know meanwhile."""
        self._place = place
        self._openings = openings
        self._new_folder = folder
        self._shared = shared
        self._tell = tell
        self._pickled: dict[tuple[object, str], bytes | None] = {}
        self._lock = threading.Lock()
        self._cluster: Cluster | None = None
        self._asking: Asking | None = None
        self._crews: dict[str, Crew] = {}
        self._build = new_id()
        self._folder: Path | None = None
        self._room: dict[str, tuple[int, float]] = {}
        self._closed = threading.Event()

    # --- what a build calls ---------------------------------------------------------------------

    def slots(self, pool: str) -> int | None:
        """As many as fvbuild.yaml says, else as many as there is room for on the cluster now."""
        if not self._place.takes(pool):
            return None
        cluster = self._connected()
        said = self._place.slots.get(pool)
        if said is not None:
            return said
        now_s = time.monotonic()
        room, until_s = self._room.get(pool, (0, 0.0))
        if now_s >= until_s:
            room = max(1, cluster.has(self._place.asked_for(pool)))
            self._room[pool] = room, now_s + _ROOM_S
        return room

    def fetches(self, pool: str) -> bool:
        """Where there is a shared store, machines of the cluster ask it first."""
        return self._shared is not None and self._place.takes(pool)

    def make(self, maker: Maker, action: Action) -> Outcome:
        """Have a take made on the cluster, or here, where it must be."""
        opening = self._opening(maker, action)
        if opening is None:
            self._bring(action)
            return maker.make(action)
        crew = self._crew(maker.pool)
        asking = self._asking
        assert asking is not None
        lost = ""
        for _ in range(_TRIES):
            worker = crew.lend(opening, action.progress, action.cancelled)
            try:
                outcome = asking.made(worker, opening, action)
            except Lost as gone:
                crew.lost(worker)
                if action.cancelled():
                    raise Interrupted("stopped") from gone
                lost = f"{worker.host}: {gone}"
                action.progress(0.0, f"lost its machine ({worker.host}); made again elsewhere")
            except BaseException:
                crew.give_back(worker)
                raise
            else:
                crew.give_back(worker)
                return outcome
        raise ExecutorError(
            f"{action.node}: its machine was lost {_TRIES} times; the last time {lost}",
            hint="what needs more memory than its machine has ends like this: docs/clusters.md",
        )

    def close(self) -> None:
        """Let all workers go, and the cluster."""
        self._closed.set()
        with self._lock:
            crews, self._crews = list(self._crews.values()), {}
            cluster, self._cluster = self._cluster, None
        for crew in crews:
            crew.close()
        if cluster is not None:
            cluster.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    # --- what goes out, and to whom -------------------------------------------------------------

    def _opening(self, maker: Maker, action: Action) -> bytes | None:
        """What brings the maker to another process; None: it is called here."""
        if not self._place.takes(maker.pool) or maker.spends():
            return None
        key = (maker.target or maker.make, action.kind)
        if key not in self._pickled:
            found = (
                _FromModule(maker.make)
                if maker.target is None
                else self._openings(maker.target, action.kind)
            )
            self._pickled[key] = _pickled(found)
        return self._pickled[key]

    def _bring(self, action: Action) -> None:
        """Have here what was left away, since most is made where it need not be here."""
        if self._shared is not None:
            for files in action.inputs.values():
                for given in files:
                    if given.path is not None and not given.path.exists():
                        self._shared.bring(given.digest)

    def _store_there(self) -> bytes | None:
        return pickle.dumps(self._shared.store) if self._shared is not None else None

    def _connected(self) -> Cluster:
        with self._lock:
            if self._cluster is None:
                self._cluster = Cluster(self._place)
                self._asking = Asking(self._cluster, self._shared)
                threading.Thread(target=self._keep_house, daemon=True).start()
            return self._cluster

    def _crew(self, pool: str) -> Crew:
        cluster = self._connected()
        with self._lock:
            if pool not in self._crews:
                self._crews[pool] = Crew(
                    cluster,
                    self._place.asked_for(pool),
                    lambda: self.slots(pool) or 1,
                    (__version__, self._build, self._token(), self._store_there()),
                    lambda: self._release_all_but(pool),
                    self._tell,
                )
            return self._crews[pool]

    def _token(self) -> tuple[str, str] | None:
        """A file by which a machine knows whether it sees the same folders."""
        if not self._place.share:
            return None
        path, text = self._home() / "token", new_id()
        if path.exists():
            return str(path), path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        return str(path), text

    def _home(self) -> Path:
        if self._folder is None:
            self._folder = self._new_folder()
        return self._folder

    def _release_all_but(self, pool: str) -> None:
        """Workers of other pools that idle may have what those of this one wait for."""
        with self._lock:
            others = [crew for name, crew in self._crews.items() if name != pool]
        for crew in others:
            crew.release(_ROOM_S)

    def _keep_house(self) -> None:
        while not self._closed.wait(_HOUSEKEEPING_S):
            with self._lock:
                crews = list(self._crews.values())
            for crew in crews:
                crew.release()


def _pickled(opening: object | None) -> bytes | None:
    """None also for what no other process could find: a function that was made while running."""
    if opening is None:
        return None
    try:
        return pickle.dumps(opening)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
