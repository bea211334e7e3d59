"""The outbox: takes that wait to be sent are in the state, and leave it once they were.

They get there in the transaction that records them; so a build that is stopped, killed or offline
leaves what it made for the next one, or for a push. Belongs to the thread that builds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from fvbuild.engine.action import Artifact
from fvbuild.engine.jobs import Job
from fvbuild.engine.shared_send import Parcel, Sender, sendable
from fvbuild.engine.shared_table import Unsent
from fvbuild.engine.state import State
from fvbuild.engine.takes import Trace

_LOOK_EVERY_S = 0.2

Progress: TypeAlias = Callable[[int, int, int], None]
"""Hears of how many things how many were carried, and their bytes."""


def unheard(_total: int, _done: int, _size_bytes: int) -> None:
    """Hears nothing."""


class Outbox:
    """The takes that one command sends. ``sent`` hears of those that arrived, with what is there
    now, inside of the transaction that takes them out."""

    def __init__(
        self,
        state: State,
        sender: Sender,
        sent: Callable[[Sequence[Unsent], Mapping[str, Artifact]], None],
    ) -> None:
        self.sender = sender
        self._state = state
        self._sent = sent

    def note(self, jobs: Iterable[Job]) -> None:
        """Write down that takes are to be sent; in the transaction that records them."""
        self._state.shared.add_unsent(unsent for unsent, _ in _made(jobs))

    def send(self, jobs: Iterable[Job]) -> None:
        """Have takes sent that are recorded by now."""
        for unsent, trace in _made(jobs):
            self.sender.offer(Parcel(unsent, trace))

    def send_left_over(self, but: Iterable[tuple[str, int]] = ()) -> None:
        """Have sent what earlier builds left, ``but`` for some takes, by key and number."""
        left_out = set(but)
        for unsent in self._state.shared.unsent():
            if (unsent.key, unsent.n) not in left_out:
                self._send_known(unsent)

    def _send_known(self, unsent: Unsent) -> None:
        take = self._state.takes(unsent.key).get(unsent.n)
        recipe = self._state.recipe(unsent.key) or ""
        if take is None or not sendable(take):
            self._forget([unsent])
        else:
            self.sender.offer(Parcel(unsent, Trace(unsent.key, recipe, take)))

    def settle(self, wait_s: float = 0.0) -> None:
        """Take out what was sent since the last time; waits so long for a first one."""
        sent = self.sender.sent(wait_s)
        if sent:
            there = {artifact.digest: artifact for _, found in sent for artifact in found}
            takes = [unsent for unsent, _ in sent]
            with self._state.transaction():
                self._state.shared.make()
                self._state.shared.drop_unsent(takes)
                self._sent(takes, there)

    def finish(self, cancel: threading.Event, told: Progress = unheard) -> None:
        """Wait until all is sent, or until cancelled. ``told`` hears of how many were looked at
        while that goes on, and in the end of those that had to be sent."""
        told_of = -1
        while not cancel.is_set():
            self.settle(_LOOK_EVERY_S if self.sender.waiting else 0.0)
            if not self.sender.waiting:
                break
            if self.sender.done != told_of:
                told_of = self.sender.done
                told(self.sender.offered, told_of, self.sender.sent_bytes)
        if self.sender.fresh:
            told(self.sender.fresh, self.sender.fresh, self.sender.sent_bytes)
        if self.sender.lost:
            self._forget(self.sender.lost)
        self.sender.close()
        self.settle()

    def _forget(self, takes: Sequence[Unsent]) -> None:
        with self._state.transaction():
            self._state.shared.drop_unsent(takes)

    def __len__(self) -> int:
        return len(self._state.shared.unsent())

    def __bool__(self) -> bool:
        return True


def _made(jobs: Iterable[Job]) -> list[tuple[Unsent, Trace]]:
    return [
        (Unsent(job.key, job.n, job.node.id), Trace(job.key, job.verdict.recipe, job.made))
        for job in jobs
        if job.made is not None
        and job.node.text is None
        and job.verdict.recipe is not None
        and sendable(job.made)
    ]
