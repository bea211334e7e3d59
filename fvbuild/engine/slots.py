"""Slots: one thread each, in pools (``cpu``, ``gpu``, one a provider)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping

from fvbuild.engine.jobs import Job


class Pools:
    """Runs jobs on threads, first come first served in each pool; results come back in a queue.

    Threads are daemons: leaving at once (a second Ctrl-C) needs no one's consent.
    """

    def __init__(self, sizes: Mapping[str, int], default_size: int) -> None:
        self._sizes = sizes
        self._default_size = default_size
        self._queues: dict[str, queue.SimpleQueue[tuple[Callable[[Job], Job], Job] | None]] = {}
        self._threads: dict[str, int] = {}
        self.done: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self.running = 0

    def size(self, pool: str) -> int:
        """How many slots a pool has."""
        return max(1, self._sizes.get(pool, self._default_size))

    def submit(self, pool: str, work: Callable[[Job], Job], job: Job) -> None:
        """Give a job to a pool."""
        self.running += 1
        if pool not in self._queues:
            self._queues[pool] = queue.SimpleQueue()
            self._threads[pool] = 0
        if self._threads[pool] < self.size(pool):
            self._threads[pool] += 1
            threading.Thread(target=self._serve, args=(pool,), daemon=True).start()
        self._queues[pool].put((work, job))

    def _serve(self, pool: str) -> None:
        while (entry := self._queues[pool].get()) is not None:
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
        """Let the threads end once their queues are empty."""
        for pool, count in self._threads.items():
            for _ in range(count):
                self._queues[pool].put(None)
