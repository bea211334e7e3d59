"""The shared store read again for a film: what a clone would not get, and whether it is here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fvbuild.engine.events import Listener
from fvbuild.engine.lock import LockLine
from fvbuild.engine.plan import judge_all
from fvbuild.engine.shared_check import Checked, Checker, Fault, Need, SharedProblem
from fvbuild.engine.shared_look import Want
from fvbuild.engine.store import Health
from fvbuild.project.sharing import telling
from fvbuild.project.transferring import parcels, sharing_to

if TYPE_CHECKING:
    from fvbuild.project.shared_film import SharedFilm


@dataclass(frozen=True, slots=True)
class RemoteCheck:
    """What was found. here: the artifacts that are whole on this machine, so that a push can send
    them again."""

    place: str
    checked: Checked
    here: frozenset[str]

    def mendable(self, problem: SharedProblem) -> bool:
        """Whether this machine has what is wrong there."""
        return problem.digest in self.here


def check_remote(project: SharedFilm, listener: Listener, cancel: threading.Event) -> RemoteCheck:
    """Read all that the film's lock and its results need, and remember what is wrong.

    Raises UsageError, and RemoteError when the store fails.
    """
    sharing = sharing_to(project, to_write=False)
    judge, ids = project.judge(), project.goal_nodes(())
    sharing.ask(judge, ids)
    if sharing.looker.down is not None:
        raise sharing.looker.down
    verdicts = judge_all(judge, ids)
    needs = [_of_line(line) for line in project.lock.lines.values()]
    of_nodes = (
        Need(
            node_id,
            Want(parcel.take.key, take.n, take.outputs[0].digest, take.drawn),
            tuple(output.digest for output in take.outputs),
            take.cost,
        )
        for node_id, parcel in parcels(project, project.graph, verdicts)
        for take in (parcel.trace.take,)
    )
    told = telling("read in", sharing, listener, ending=False)
    checker = Checker(sharing.shared, sharing.looker.trust, told, cancel.is_set)
    checked = checker.check([*of_nodes, *(need for needs_ in needs for need in needs_)])
    if not cancel.is_set():
        sharing.learn(
            whole=checked.whole,
            damaged=checked.of(Fault.DAMAGED),
            missing=checked.of(Fault.MISSING),
        )
    whole = (p.digest for p in checked.problems if _is_here(project, p.digest))
    return RemoteCheck(sharing.shared.place, checked, frozenset(whole))


def _of_line(line: LockLine) -> Iterator[Need]:
    """The takes that a line of the lock keeps; nobody asks for a rejected one."""
    for take in line.takes:
        if take.status != "rejected":
            want = Want(line.key, take.n, take.artifact, take.drawn)
            yield Need(line.node, want, (take.artifact,), take.cost)


def _is_here(project: SharedFilm, digest: str) -> bool:
    return project.store.health(digest) is Health.WHOLE
