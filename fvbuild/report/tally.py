"""Counts what a build has done so far: the numbers behind every progress display."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from fvbuild.engine.events import (
    BuildFinished,
    BuildStarted,
    Did,
    Event,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Reason,
    Result,
)
from fvbuild.report import words

FAILURES_TOLD = 20
"""So many failures are told as they happen; more are only counted until the end."""

_ETA_AFTER_S = 3.0
_ETA_AFTER_DONE = 0.03


@dataclass(slots=True)
class Running:
    """A take that is being made."""

    node: str
    target: str | None
    since: float
    done: float = 0.0
    note: str = ""


class Tally:
    """The state of a running build, kept from its events. Not thread-safe: its owner locks."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.film = ""
        self.profile: str | None = None
        self.nodes = 0
        self.todo = 0
        self.counts: Counter[Did] = Counter()
        self._done = 0
        self._made: set[str] = set()
        self._draws: Counter[str] = Counter()
        self.running: dict[str, Running] = {}
        self.started = clock()

    def add(self, event: Event) -> None:
        """Take an event into account."""
        match event:
            case BuildStarted():
                self.film, self.profile = event.film, event.profile
                self.nodes, self.todo = event.nodes, event.todo
                self._done = 0
                self.started = self._clock()
            case NodeStarted():
                self._draws[event.node] += 1
                self.running[event.node] = Running(event.node, event.target, self._clock())
            case NodeProgress() if event.done >= 1 and event.node in self.running:
                # Made, but not yet recorded: it takes no slot any more.
                del self.running[event.node]
                self._made.add(event.node)
            case NodeProgress() if event.node in self.running:
                self.running[event.node].done = event.done
                self.running[event.node].note = event.note
            case NodeFinished():
                self.running.pop(event.result.node, None)
                self._made.discard(event.result.node)
                self.counts[event.result.action] += 1
                self._done += _was_to_do(event.result)
            case BuildFinished():
                self.running.clear()
            case _:
                pass

    @property
    def done(self) -> int:
        """How many of the nodes to do are done with, in whatever way."""
        return min(self._done, self.todo)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1, with what the running nodes say of themselves."""
        if not self.todo:
            return 1.0
        under_way = len(self._made) + sum(one.done for one in self.running.values())
        return min(1.0, (self.done + under_way) / self.todo)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the build began."""
        return self._clock() - self.started

    def rest(self) -> str:
        """``about 2 min left``, or nothing while that would be a guess."""
        share, elapsed = self.share, self.elapsed_s
        if elapsed < _ETA_AFTER_S or not _ETA_AFTER_DONE <= share < 1:
            return ""
        return f"about {_roughly(elapsed / share * (1 - share))} left"

    def took(self, result: Result) -> str:
        """How long a node took; of several takes, how long each did."""
        draws = self._draws[result.node]
        if draws > 1:
            return f"{draws} takes of {words.seconds(result.seconds / draws)}"
        return words.seconds(result.seconds)

    def summary(self) -> str:
        """``12 built, 3 unchanged, 1 failed``."""
        names = {
            Did.BUILT: "built",
            Did.CUTOFF: "unchanged",
            Did.FAILED: "failed",
            Did.SKIPPED: "skipped",
            Did.HELD: "held",
        }
        told = [f"{self.counts[did]:,} {name}" for did, name in names.items() if self.counts[did]]
        return ", ".join(told)


def _was_to_do(result: Result) -> bool:
    """False for what was reused, held or blocked: that was settled before anything ran."""
    if result.action is Did.SKIPPED:
        return result.reason is Reason.UPSTREAM_FAILED
    return result.action in (Did.BUILT, Did.CUTOFF, Did.FAILED)


def _roughly(left_s: float) -> str:
    """A guess, no more exact than it is."""
    if left_s < 5:
        return "5 s"
    if left_s < 60:
        return f"{round(left_s / 5) * 5} s"
    if left_s < 3600:
        return f"{round(left_s / 60)} min"
    return words.seconds(left_s)
