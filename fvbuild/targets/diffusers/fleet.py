"""The workers of one process: those of each group of devices, and what worked in their memory."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fvbuild.engine.affinity import Group, assign
from fvbuild.errors import TargetError
from fvbuild.targets.diffusers import memory
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.rungs import Rungs
from fvbuild.targets.diffusers.seat import Seat
from fvbuild.targets.diffusers.spreading import BY_PARTS
from fvbuild.targets.diffusers.turns import Turns
from fvbuild.targets.diffusers.worker import messages
from fvbuild.targets.diffusers.worker.messages import ModelSpec, Work
from fvbuild.targets.diffusers.worker_process import WorkerError, WorkerProcess


class Fleet:
    """Lends workers, one request each, and steps down the memory ladder where one runs out.

    What nothing asks for during ``idle_s`` is given back: models, their memory, and the devices.
    """

    def __init__(self, place: GpuPlace) -> None:
        self._place = place
        self._seats: dict[Group, Seat] = {}
        self._busy: set[int] = set()
        self._free = threading.Condition()
        self._turns = Turns()
        self._rungs = Rungs(place.memory_file)
        self._used_s = time.monotonic()
        self._watch: threading.Timer | None = None
        atexit.register(self.stop)

    def make(
        self,
        work: Work,
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
        ahead: Callable[[], Sequence[Work]] = tuple,
        slots: Group = (),
        width: int = 1,
        following: tuple[ModelSpec, Group] | None = None,
    ) -> Mapping[str, Any]:
        """Have a take made; what is told of it, with the device's description and the placement.

        ``slots`` are those that the build gave it, from 1 on; () for any ``width`` free ones.
        ``ahead`` tells what the same model will be asked for next: where memory is short, prompts
        are encoded together. ``following`` is the model that its slots will probably need next; it
        is read meanwhile. Raises as :meth:`WorkerProcess.ask`.
        """
        with self._lent(work.model, slots, width) as (group, seat):
            self._turns.take(seat.devices, progress, cancelled)
            worker = seat.worker_for(work.model, progress, cancelled)
            worker.start()
            if following is not None:
                self._prepare(group, *following)
            while True:
                placed = self._placed(work, worker)
                crowded = placed.model.placement != memory.RUNGS[0]
                try:
                    told = worker.ask(placed, progress, cancelled, ahead() if crowded else ())
                except WorkerError as error:
                    if error.word == messages.OUT_OF_MEMORY and seat.clear_beside(worker):
                        continue  # another model took the room
                    work = self._smaller(placed, error, progress, worker)
                    continue
                self._rungs.keep(placed.model, worker.described, placed.model.placement)
                return {**told, **worker.described, "placement": placed.model.placement}

    def _prepare(self, group: Group, model: ModelSpec, slots: Group) -> None:
        """Have the next model of a group read, or that of a part of the group, which it holds."""
        with self._free:
            part = slots if slots and set(slots) <= set(group) else group
            self._seat(part).prepare(model)

    def stop(self) -> None:
        """End all workers, and let others have the devices."""
        with self._free:
            for seat in self._seats.values():
                seat.stop()
                self._turns.give_back(seat.devices)
            self._seats.clear()

    @property
    def holding(self) -> set[Group]:
        """The groups of devices whose workers are there."""
        with self._free:
            return set(self._seats)

    @contextmanager
    def _lent(self, model: ModelSpec, slots: Group, width: int) -> Iterator[tuple[Group, Seat]]:
        """The workers of a group of devices that nobody uses."""
        with self._free:
            while (group := self._group(model, slots, width)) is None:
                self._free.wait()
            self._busy |= set(group)
            for other in [each for each in self._seats if set(each) & set(group) and each != group]:
                self._seats.pop(other).stop()
            seat = self._seat(group)
        try:
            yield group, seat
        finally:
            with self._free:
                self._busy -= set(group)
                self._used_s = time.monotonic()
                self._free.notify_all()
                self._look_after(self._place.idle_s)

    def _group(self, model: ModelSpec, slots: Group, width: int) -> Group | None:
        free = set(range(1, self._place.slots + 1)) - self._busy
        if slots and max(slots) <= self._place.slots:
            return slots if free.issuperset(slots) else None
        held = {group: seat.holds or "" for group, seat in self._seats.items()}
        assigned = assign([(model.read_as, min(width, self._place.slots))], free, held)
        return assigned[1] if assigned is not None else None

    def _seat(self, group: Group) -> Seat:
        if group not in self._seats:
            self._seats[group] = Seat(self._place.on(group), self._place)
        return self._seats[group]

    def _look_after(self, seconds: float) -> None:
        """Look whether anything is asked for any more, once there was time for it."""
        if self._watch is None or not self._watch.is_alive():
            self._watch = threading.Timer(seconds, self._rest)
            self._watch.daemon = True
            self._watch.start()

    def _rest(self) -> None:
        with self._free:
            self._watch = None
            left_s = self._used_s + self._place.idle_s - time.monotonic()
            if self._busy:
                return  # whoever uses them looks after it
            if left_s > 0:
                self._look_after(left_s)
            else:
                self.stop()

    def _placed(self, work: Work, worker: WorkerProcess) -> Work:
        if work.model.placement:
            return work
        rung = self._place.placement or self._rungs.known(work.model, worker.described)
        if work.model.spread == BY_PARTS:
            rung = memory.RUNGS[0]
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
        if error.word != messages.OUT_OF_MEMORY or self._place.placement is not None:
            raise error
        rung = memory.next_rung(work.model.placement, str(worker.described.get("device")))
        if rung is None or work.model.spread == BY_PARTS:
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
        key = (
            place.devices,
            place.placement,
            place.silence_s,
            place.idle_s,
            *sorted(place.environment.items()),
        )
        if key not in _fleets:
            _fleets[key] = Fleet(place)
        return _fleets[key]
