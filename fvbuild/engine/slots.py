"""Slots: one thread each, in pools (``cpu``, ``gpu``, one a provider)."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from fvbuild.engine.affinity import choose
from fvbuild.engine.jobs import Job

_COSTLY_TO_LOAD = "gpu"
"""Pools of this name, or ``gpu-...``, group jobs by target: each loads a model."""


@dataclass(slots=True)
class _Pool:
    """The jobs that wait for a pool's slots, and what each slot worked for last."""

    grouped: bool
    waiting: deque[tuple[Callable[[Job], Job], Job]] = field(default_factory=deque)
    held: dict[int, str] = field(default_factory=dict)
    slots: int = 0
    closed: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def put(self, work: Callable[[Job], Job], job: Job) -> None:
        with self.changed:
            self.waiting.append((work, job))
            self.changed.notify()

    def take(self, slot: int) -> tuple[Callable[[Job], Job], Job] | None:
        """The next job for a slot; None once the pool is closed and empty."""
        with self.changed:
            while not self.waiting:
                if self.closed:
                    return None
                self.changed.wait()
            if not self.grouped:
                return self.waiting.popleft()
            models = [_model(job) for _, job in self.waiting]
            at = choose(models, slot, self.held)
            model = self.held[slot] = models[at]
            entry = self.waiting[at]
            del self.waiting[at]
            entry[1].alike = lambda most: self.alike(model, most)
            entry[1].after = lambda: self.after(model, slot)
            return entry

    def alike(self, model: str, most: int) -> list[Job]:
        """What waits for a model, first come first."""
        with self.changed:
            jobs = (job for _, job in self.waiting if _model(job) == model)
            return list(islice(jobs, most))

    def after(self, model: str, slot: int) -> Job | None:
        """What a slot would take once nothing waits for its model; None before."""
        with self.changed:
            models = [_model(job) for _, job in self.waiting]
            if not models or model in models:
                return None
            return self.waiting[choose(models, slot, self.held)][1]

    def close(self) -> None:
        with self.changed:
            self.closed = True
            self.changed.notify_all()


def _model(job: Job) -> str:
    return job.node.target.name if job.node.target is not None else ""


class Pools:
    """Runs jobs on threads, results come back in a queue: first come first served, but that slots
    which hold a model go on with it while it is asked for.

    Threads are daemons: leaving at once (a second Ctrl-C) needs no one's consent.
    """

    def __init__(self, size: Callable[[str], int]) -> None:
        """``size``: how many slots a pool has."""
        self._size = size
        self._pools: dict[str, _Pool] = {}
        self.done: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self.running = 0

    def submit(self, pool: str, work: Callable[[Job], Job], job: Job) -> None:
        """Give a job to a pool."""
        self.running += 1
        if pool not in self._pools:
            self._pools[pool] = _Pool(pool.partition("-")[0] == _COSTLY_TO_LOAD)
        of_pool = self._pools[pool]
        if of_pool.slots < self._size(pool):
            of_pool.slots += 1
            args = (of_pool, of_pool.slots)
            threading.Thread(target=self._serve, args=args, daemon=True).start()
        of_pool.put(work, job)

    def _serve(self, pool: _Pool, slot: int) -> None:
        while (entry := pool.take(slot)) is not None:
            work, job = entry
            self.done.put(work(job))

    def wait(self, timeout_s: float) -> Job | None:
        """The next finished job, or None when none finishes in time."""
        try:
            job = self.done.get(timeout=timeout_s)
        except queue.Empty:
            return None
        self.running -= 1
        return job

    def close(self) -> None:
        """Let the threads end once nothing waits any more."""
        for pool in self._pools.values():
            pool.close()
