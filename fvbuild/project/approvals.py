"""Approvals and adoptions that a build ended, because it was asked to make their nodes again.

Whoever asks for that may have forgotten what was decided, or have had no choice since the artifact
is lost. So it is told, and is in the diary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fvbuild.engine.diary import RELEASED, LogEntry
from fvbuild.engine.events import Reason
from fvbuild.engine.lock import Lock, LockLine
from fvbuild.engine.verdict import Verdict

if TYPE_CHECKING:
    from fvbuild.project.opened import OpenFilm


def held_lines(lock: Lock, verdicts: Mapping[str, Verdict]) -> dict[str, LockLine]:
    """The lines that hold a take of a node which was asked to be made again."""
    lines = ((n, lock.get(n)) for n, v in verdicts.items() if v.reason is Reason.REQUESTED)
    return {name: line for name, line in lines if line is not None and line.holding}


@dataclass(frozen=True, slots=True)
class Held:
    """Lines of a film that held takes before a build wrote the lock."""

    film: OpenFilm
    lines: Mapping[str, LockLine]

    def ended(self, lock: Lock) -> list[str]:
        """Which of them hold no more, each told in a sentence, and written into the diary."""
        found = [
            (before, after)
            for name, before in self.lines.items()
            if (after := lock.get(name)) is not None and not after.holding
        ]
        if not found:
            return []
        with self.film.state.transaction():
            self.film.state.diary.write(
                self.film.name, [self._entry(before, after) for before, after in found]
            )
        return [self._told(before, after) for before, after in found]

    def _told(self, before: LockLine, after: LockLine) -> str:
        return (
            f"{before.node}: take {before.chosen} was {before.status}, and is so no more, for it "
            f"was made again: take {after.chosen} stands in its place, and nobody has approved it. "
            f"Look at it, then: {self.film.command} approve {before.node}"
        )

    def _entry(self, before: LockLine, after: LockLine) -> LogEntry:
        take = before.take(before.chosen)
        return LogEntry(
            at=self.film.now(),
            node=before.node,
            take=before.chosen,
            did=RELEASED,
            reason=Reason.REQUESTED,
            seconds=0.0,
            cost=None,
            artifact=take.artifact if take is not None else None,
            message=f"was {before.status}; take {after.chosen} was made in its place",
        )
