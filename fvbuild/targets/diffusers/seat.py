"""The workers of a group of devices: the one that works, and one that makes ready the next model.

Loading beside work is done by a process of its own. Libraries change settings of the whole process
while they load (the default dtype, how weights begin), and what is drawn meanwhile would come out
otherwise; and whatever happens to that process, the one that works goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from fvbuild.errors import FilmBuildError, Interrupted
from fvbuild.targets.diffusers import memory
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.spreading import BY_PARTS, CONTEXT
from fvbuild.targets.diffusers.worker.messages import ModelSpec
from fvbuild.targets.diffusers.worker_process import WorkerProcess

_LOOK_EVERY_S = 0.1
_ON_DEVICE = frozenset({"nf4"})
"""Quantised while they are loaded, by code that runs on the device."""


class Seat:
    """Workers on the same devices, of which one works at a time; used by one node at a time."""

    def __init__(self, devices: tuple[int | str, ...], place: GpuPlace) -> None:
        self.devices = devices
        self._place = place
        self._workers: list[WorkerProcess] = []
        self._next: _Reading | None = None

    @property
    def holds(self) -> str | None:
        """The model that was worked with last, as :attr:`ModelSpec.read_as` has it."""
        return self._workers[-1].holds if self._workers else None

    def worker_for(
        self,
        model: ModelSpec,
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
    ) -> WorkerProcess:
        """The worker that has the model, or will load it. Raises Interrupted when cancelled."""
        ready = self._read(model, progress, cancelled)
        if ready is not None:
            if self._workers and not _room_beside(ready, model):
                self._stop_all()
            self._workers.append(ready)
            return ready
        ranks = len(self.devices) if model.spread == CONTEXT else 1
        for worker in self._workers:
            if worker.ranks == ranks and model.read_as in worker.loaded:
                self._workers.remove(worker)
                self._workers.append(worker)
                return worker
        if len(self._workers) != 1 or self._workers[0].ranks != ranks:
            self._stop_all()
            self._workers = [self._new(ranks)]
        return self._workers[-1]

    def prepare(self, model: ModelSpec) -> None:
        """Begin to read what will be asked for next into main memory, if there is room for it."""
        known = {name for worker in self._workers for name in worker.loaded}
        busy = self._next is not None and (
            self._next.model.read_as == model.read_as or not self._next.ended
        )
        if busy or model.read_as in known or model.spread == BY_PARTS:
            return
        if model.quantization in _ON_DEVICE:
            return
        self._drop_next()
        ranks = len(self.devices) if model.spread == CONTEXT else 1
        need = memory.size_on_disk_bytes(model.folder) * ranks
        if _MAIN_MEMORY.promise(need):
            self._next = _Reading(self._new(ranks), model, need)

    def clear_beside(self, worker: WorkerProcess) -> bool:
        """End the others, so that one has all the memory; whether there were any."""
        others = [each for each in self._workers if each is not worker]
        for each in others:
            each.stop()
        self._workers = [worker]
        return bool(others)

    def stop(self) -> None:
        """End all."""
        self._drop_next()
        self._stop_all()

    def _read(
        self,
        model: ModelSpec,
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
    ) -> WorkerProcess | None:
        """The worker that was told to read this model, once it has; None where none did."""
        coming = self._next
        if coming is None or coming.model.read_as != model.read_as:
            return None
        if not coming.ended:
            progress(0.0, "loading the model, since before its turn")
        while not coming.wait(_LOOK_EVERY_S):
            if cancelled():
                raise Interrupted("stopped")
        self._next = None
        if coming.failed:
            coming.worker.stop()
            return None
        return coming.worker

    def _drop_next(self) -> None:
        coming, self._next = self._next, None
        if coming is not None:
            coming.worker.stop()

    def _stop_all(self) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def _new(self, ranks: int) -> WorkerProcess:
        place = self._place
        return WorkerProcess(self.devices, place.environment, place.silence_s, ranks)


class _Reading:
    """A worker that reads a model into main memory, for later."""

    def __init__(self, worker: WorkerProcess, model: ModelSpec, need_bytes: int) -> None:
        self.worker = worker
        self.model = model
        self.failed = False
        self._need_bytes = need_bytes
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def wait(self, timeout_s: float) -> bool:
        """Whether it has ended, within a while."""
        self._thread.join(timeout_s)
        return self.ended

    def _run(self) -> None:
        try:
            self.worker.load(self.model)
        except FilmBuildError:  # loading in its turn will say what is wrong
            self.failed = True
        finally:
            _MAIN_MEMORY.kept(self._need_bytes)


class _MainMemory:
    """What is free of it, less what was promised to readings that have not yet taken it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._promised_bytes = 0

    def promise(self, need_bytes: int) -> bool:
        with self._lock:
            free = memory.free_bytes()
            if (
                free is not None
                and (need_bytes + self._promised_bytes) * memory.READING_ROOM > free
            ):
                return False
            self._promised_bytes += need_bytes
            return True

    def kept(self, need_bytes: int) -> None:
        with self._lock:
            self._promised_bytes -= need_bytes


_MAIN_MEMORY = _MainMemory()
"""One a process: whatever targets there are, the memory is the same."""


def _room_beside(worker: WorkerProcess, model: ModelSpec) -> bool:
    """Whether a device has room for a further model beside those that lie on it."""
    try:
        free = worker.describe().get("free_bytes", memory.free_bytes())
    except FilmBuildError:
        return False
    return free is None or memory.size_on_disk_bytes(model.folder) * memory.WORKING_ROOM < free
