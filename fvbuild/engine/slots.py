"""Slots: one thread each, in pools (``cpu``, ``gpu``, one a provider)."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from itertools import islice

from fvbuild.engine.affinity import Group, assign, taken
from fvbuild.engine.jobs import Job
from fvbuild.values import dataclass

_COSTLY_TO_LOAD = "gpu"
"""Pools of this name, or ``gpu-...``, group jobs by target: each loads a model."""


@dataclass(slots=True)
class _Pool:
    """The jobs that wait for a pool's slots, which are free, and what each worked for last."""

    grouped: bool
    size: int = 0
    waiting: deque[tuple[Callable[[Job], Job], Job]] = field(default_factory=deque)
    free: set[int] = field(default_factory=set)
    held: Mapping[Group, str] = field(default_factory=dict)
    threads: int = 0
    closed: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def put(self, work: Callable[[Job], Job], job: Job) -> None:
        with self.changed:
            self.waiting.append((work, job))
            self.changed.notify()

    def take(self) -> tuple[Callable[[Job], Job], Job] | None:
        """The next job, with the slots it has now; None once the pool is closed and empty."""
        with self.changed:
            while (entry := self._next()) is None:
                if self.closed and not self.waiting:
                    return None
                self.changed.wait()
            return entry

    def _next(self) -> tuple[Callable[[Job], Job], Job] | None:
        if not self.waiting or not self.free:
            return None
        if not self.grouped:
            entry = self.waiting.popleft()
            entry[1].slots = (self.free.pop(),)
            return entry
        assigned = assign(self._wanted(), self.free, self.held)
        if assigned is None:
            return None
        at, group = assigned
        entry = self.waiting[at]
        del self.waiting[at]
        job = entry[1]
        model = _model(job)
        job.slots = group
        self.free -= set(group)
        self.held = taken(self.held, group, model)
        job.alike = lambda most: self.alike(model, most)
        job.after = lambda: self.after(model, group)
        return entry

    def give_back(self, job: Job) -> None:
        """A job ended: its slots are free."""
        with self.changed:
            self.free.update(job.slots)
            if self.grouped:  # others wait for this one to be free; else each thread is a slot
                self.changed.notify_all()

    def _wanted(self) -> list[tuple[str, int]]:
        return [(_model(job), max(1, min(self.size, job.width))) for _, job in self.waiting]

    def grow(self, size: int) -> None:
        """Have so many slots, if there were fewer."""
        with self.changed:
            self.free.update(range(self.size + 1, size + 1))
            self.size = max(self.size, size)

    def alike(self, model: str, most: int) -> list[Job]:
        """What waits for a model, first come first."""
        with self.changed:
            jobs = (job for _, job in self.waiting if _model(job) == model)
            return list(islice(jobs, most))

    def after(self, model: str, group: Group) -> Job | None:
        """What a group of slots would take once nothing waits for its model; None before."""
        with self.changed:
            wanted = self._wanted()
            if not wanted or any(waits == model for waits, _ in wanted):
                return None
            assigned = assign(wanted, group, self.held)
            if assigned is None:
                return None
            job = self.waiting[assigned[0]][1]
            return replace(job, slots=assigned[1])

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
        of_pool.grow(max(1, self._size(pool)))
        if of_pool.threads < of_pool.size:
            of_pool.threads += 1
            threading.Thread(target=self._serve, args=(of_pool,), daemon=True).start()
        of_pool.put(work, job)

    def _serve(self, pool: _Pool) -> None:
        while (entry := pool.take()) is not None:
            work, job = entry
            done = work(job)
            pool.give_back(job)
            self.done.put(done)

    def wait(self, timeout_s: float) -> Job | None:
        """The next finished job, or None when none finishes in time."""
        try:
            job = self.done.get(timeout=timeout_s)
        except queue.Empty:
            return None
        self.running -= 1
        return job

    def ended(self, timeout_s: float) -> Iterator[Job]:
        """What has finished; none when none finishes in time."""
        job = self.wait(timeout_s)
        for _ in range(self.done.qsize()):
            if job is not None:
                yield job
            job = self.wait(0)
        if job is not None:
            yield job

    def close(self) -> None:
        """Let the threads end once nothing waits any more."""
        for pool in self._pools.values():
            pool.close()
