"""The workers of one build: a slot's devices each, and what worked in their memory."""

from __future__ import annotations

import atexit
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fvbuild.errors import TargetError
from fvbuild.targets.diffusers import memory
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.turns import Turns
from fvbuild.targets.diffusers.worker import messages
from fvbuild.targets.diffusers.worker.messages import ModelSpec, Work
from fvbuild.targets.diffusers.worker_process import WorkerError, WorkerProcess


class Fleet:
    """Lends workers, one request each, and steps down the memory ladder where one runs out."""

    def __init__(self, place: GpuPlace) -> None:
        self._place = place
        self._workers = [
            WorkerProcess(group, place.environment, place.silence_s) for group in place.groups
        ]
        self._idle = list(self._workers)
        self._free = threading.Condition()
        self._turns = Turns()
        self._rungs = Rungs(place.memory_file)
        atexit.register(self.stop)

    def make(
        self,
        work: Work,
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
        ahead: Callable[[], Sequence[Work]] = tuple,
    ) -> Mapping[str, Any]:
        """Have a take made; what is told of it, with the device's description and the placement.

        ``ahead`` tells what the same model will be asked for next: where memory is short, prompts
        are encoded together. Raises as :meth:`WorkerProcess.ask`.
        """
        with self._lent(work.model) as worker:
            self._turns.take(worker.devices, progress, cancelled)
            worker.start()
            while True:
                placed = self._placed(work, worker)
                crowded = placed.model.placement != memory.RUNGS[0]
                try:
                    told = worker.ask(placed, progress, cancelled, ahead() if crowded else ())
                except WorkerError as error:
                    work = self._smaller(placed, error, progress, worker)
                    continue
                self._rungs.keep(placed.model, worker.described, placed.model.placement)
                return {**told, **worker.described, "placement": placed.model.placement}

    def stop(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.stop()
            self._turns.give_back(worker.devices)

    @contextmanager
    def _lent(self, model: ModelSpec) -> Iterator[WorkerProcess]:
        """An idle worker: one that holds the model, else one that holds nothing, else any."""
        with self._free:
            while not self._idle:
                self._free.wait()
            wanted = replace(model, placement="").resident_as

            def rank(worker: WorkerProcess) -> int:
                if worker.resident is None:
                    return 1
                held = ModelSpec(**json.loads(worker.resident))
                return 0 if replace(held, placement="").resident_as == wanted else 2

            worker = min(self._idle, key=rank)
            self._idle.remove(worker)
        try:
            yield worker
        finally:
            with self._free:
                self._idle.append(worker)
                self._free.notify()

    def _placed(self, work: Work, worker: WorkerProcess) -> Work:
        if work.model.placement:
            return work
        rung = self._place.placement or self._rungs.known(work.model, worker.described)
        if rung is None:
            free = worker.described.get("free_bytes")
            rung = memory.first_rung(work.model.folder, free)
        return replace(work, model=replace(work.model, placement=rung))

    def _smaller(
        self,
        work: Work,
        error: WorkerError,
        progress: Callable[[float, str], None],
        worker: WorkerProcess,
    ) -> Work:
        """The same on the next rung. Raises the error where there is none, or it is another."""
        rung = memory.next_rung(work.model.placement, str(worker.described.get("device")))
        if error.word != messages.OUT_OF_MEMORY or self._place.placement is not None:
            raise error
        if rung is None:
            raise TargetError(
                f"out of memory on every placement: {error.message}",
                hint="a smaller canvas, fewer frames, or `quantization: nf4` in the film's target",
            ) from error
        progress(0.0, f"out of memory; trying {rung.replace('_', ' ')}")
        return replace(work, model=replace(work.model, placement=rung))


_fleets: dict[tuple[object, ...], Fleet] = {}
_fleets_lock = threading.Lock()


def fleet_of(place: GpuPlace) -> Fleet:
    """The workers of a place: one set a process, whatever targets there are."""
    with _fleets_lock:
        key = (place.groups, place.silence_s, *sorted(place.environment.items()))
        if key not in _fleets:
            _fleets[key] = Fleet(place)
        return _fleets[key]


class Rungs:
    """Which placement worked for a model on a device: kept on this machine, in no key."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[str, str] = _read(file)

    def known(self, model: ModelSpec, device: Mapping[str, Any]) -> str | None:
        """The rung that worked last, or None."""
        with self._lock:
            rung = self._known.get(_name(model, device))
        return rung if rung in memory.RUNGS else None

    def keep(self, model: ModelSpec, device: Mapping[str, Any], rung: str) -> None:
        """Remember what worked, for the next build too. That it cannot be written harms nobody."""
        name = _name(model, device)
        with self._lock:
            if self._known.get(name) == rung:
                return
            self._known[name] = rung
            if self._file is None:
                return
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                part = self._file.with_name(self._file.name + ".part")
                part.write_text(json.dumps(self._known, indent=1, sort_keys=True), "utf-8")
                part.replace(self._file)
            except OSError:
                return


def _name(model: ModelSpec, device: Mapping[str, Any]) -> str:
    told = device.get("name", device.get("device", "cpu"))
    return f"{told} | {model.folder} | {model.dtype} | {model.quantization or 'whole'}"


def _read(file: Path | None) -> dict[str, str]:
    try:
        known = json.loads(file.read_text(encoding="utf-8")) if file is not None else {}
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in known.items()} if isinstance(known, dict) else {}
