"""The workers of one pool, on whatever machines Ray has for them: hired when needed, lent, lost."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fvbuild.errors import ExecutorError, Interrupted
from fvbuild.executors.cluster import Cluster

_LOOK_S = 0.05
_PATIENCE_S = 1.0
_TELL_EVERY_S = 10.0
_IDLE_S = 120.0
"""What nobody needs for so long is given back to the cluster, which may have others to serve."""
_MOST_STILLBORN = 3


@dataclass(slots=True)
class Worker:
    """One worker. ``entered`` is its answer at the door; ``opened``, what it made last."""

    actor: Any
    entered: Any
    host: str = ""
    node: str = ""
    near: bool = False
    opened: bytes = b""
    idle_since_s: float = 0.0


class Crew:
    """Lends workers, one take each. Safe from several threads."""

    def __init__(
        self,
        cluster: Cluster,
        resources: Mapping[str, float],
        most: Callable[[], int],
        entry: tuple[Any, ...],
        make_room: Callable[[], None],
        tell: Callable[[str], None],
    ) -> None:
        """``most``: how many workers there may be. ``entry``: what they are told at the door.
        ``make_room``: other crews give back what they do not need at the moment. ``tell`` hears,
        once for all takes, that nothing can be made until there is room."""
        self._cluster = cluster
        self._resources = resources
        self._most = most
        self._entry = entry
        self._make_room = make_room
        self._tell = tell
        self._told = False
        self._changed = threading.Condition()
        self._coming: list[Worker] = []
        self._idle: list[Worker] = []
        self._lent: list[Worker] = []
        self._asking = 0
        self._stillborn = 0
        self._unfit: ExecutorError | None = None

    def lend(
        self,
        opening: bytes,
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
    ) -> Worker:
        """A worker: one that made such takes before, else an idle one, else a new one.

        Waits for room on the cluster, and says so. Raises Interrupted; and ExecutorError where a
        machine is not fit.
        """
        began_s = time.monotonic()
        told_s = began_s + _PATIENCE_S - _TELL_EVERY_S
        with self._changed:
            self._asking += 1
            try:
                while True:
                    self._welcome()
                    if self._unfit is not None:
                        raise self._unfit
                    if self._idle:
                        return self._chosen(opening)
                    if cancelled():
                        raise Interrupted("stopped")
                    self._hire()
                    if time.monotonic() - told_s >= _TELL_EVERY_S:
                        told_s = time.monotonic()
                        self._make_room()
                        words = self._waiting_words()
                        progress(0.0, words)
                        self._tell_once(words, told_s - began_s)
                    self._changed.wait(_LOOK_S)
            finally:
                self._asking -= 1

    def give_back(self, worker: Worker) -> None:
        """The take ended; the worker stays for the next one."""
        with self._changed:
            self._lent.remove(worker)
            worker.idle_since_s = time.monotonic()
            self._idle.append(worker)
            self._changed.notify()

    def lost(self, worker: Worker) -> None:
        """The worker is gone, or shall be."""
        with self._changed:
            self._lent.remove(worker)
        self._cluster.dismiss(worker.actor)

    def release(self, idle_s: float = _IDLE_S) -> None:
        """Give back to the cluster what nobody has needed for so long."""
        # Another crew asks with its own lock held; it will ask again.
        if not self._changed.acquire(blocking=False):
            return
        try:
            before_s = time.monotonic() - idle_s
            weary = [w for w in self._idle if w.idle_since_s <= before_s and not self._asking]
            self._idle = [worker for worker in self._idle if worker not in weary]
        finally:
            self._changed.release()
        self._leave(weary)

    def close(self) -> None:
        """End all workers; those that are idle clear away first."""
        with self._changed:
            idle, self._idle = self._idle, []
            others = [*self._coming, *self._lent]
            self._coming = []
        for worker in others:
            self._cluster.dismiss(worker.actor)
        self._leave(idle)

    # --- under the lock -------------------------------------------------------------------------

    def _chosen(self, opening: bytes) -> Worker:
        self._idle.sort(key=lambda worker: (worker.opened != opening, worker.opened != b""))
        worker = self._idle.pop(0)
        worker.opened = opening
        self._lent.append(worker)
        return worker

    def _hire(self) -> None:
        """Have as many on their way as are asked for, and no more than may be."""
        there = len(self._coming) + len(self._idle) + len(self._lent)
        if len(self._coming) < self._asking and there < self._most():
            actor = self._cluster.hire(self._resources)
            self._coming.append(Worker(actor, actor.enter.remote(*self._entry)))

    def _welcome(self) -> None:
        """Look who has come."""
        for worker in list(self._coming):
            if not self._cluster.ready([worker.entered], 0):
                continue
            self._coming.remove(worker)
            try:
                told: Mapping[str, Any] = self._cluster.ray.get(worker.entered)
            except self._cluster.ray.exceptions.RayError as error:
                self._died_at_birth(error)
                continue
            worker.host, worker.node = str(told["host"]), str(told["node"])
            if "unfit" in told:
                self._unfit = _unfit(told, str(self._entry[0]))
                self._cluster.dismiss(worker.actor)
                return
            worker.near = bool(told["near"])
            self._stillborn = 0
            self._told = False
            self._idle.append(worker)
            self._changed.notify()

    def _died_at_birth(self, error: Exception) -> None:
        """A machine may be lost at any moment; not three times in a row."""
        self._stillborn += 1
        if self._stillborn >= _MOST_STILLBORN:
            self._unfit = ExecutorError(
                f"workers cannot be started on the Ray cluster: {first_line(error)}",
                hint="its logs tell more, on the machine itself: /tmp/ray/session_latest/logs",
            )

    def _waiting_words(self) -> str:
        wanted = ", ".join(f"{amount:g} {name}" for name, amount in self._resources.items())
        there = len(self._idle) + len(self._lent)
        if self._cluster.has(self._resources):
            return f"waits for a free place on the cluster ({wanted}); workers there: {there}"
        return f"waits for a machine with {wanted} to join the cluster"

    def _tell_once(self, words: str, waited_s: float) -> None:
        """Progress shows on a terminal alone, and what waits for a cluster may wait for long."""
        if self._told or self._idle or self._lent:
            return
        # To start a worker takes a moment, where there is room for it.
        if waited_s >= _TELL_EVERY_S or not self._cluster.has(self._resources):
            self._told = True
            self._tell(f"the build {words}")

    def _leave(self, workers: list[Worker]) -> None:
        leaving = []
        for worker in workers:
            with contextlib.suppress(Exception):  # it may be gone, which Ray says in many ways
                leaving.append(worker.actor.leave.remote())
        deadline_s = time.monotonic() + 2.0
        while leaving and (left_s := deadline_s - time.monotonic()) > 0:
            done = self._cluster.ready(leaving, left_s)
            leaving = [reference for reference in leaving if reference not in done]
        for worker in workers:
            self._cluster.dismiss(worker.actor)


def _unfit(told: Mapping[str, Any], version: str) -> ExecutorError:
    return ExecutorError(
        f"the machine {told['host']} ({told['ip']}) {told['unfit']}; this one has fvbuild "
        f"{version}",
        hint=f"install the same there, for the Python that Ray runs: pip install "
        f"'fvbuild[ray]=={version}'",
    )


def first_line(error: BaseException) -> str:
    """What an error says, shortly."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
