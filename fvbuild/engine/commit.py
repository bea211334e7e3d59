"""Makes results durable, in groups: artifacts first, then traces, then what shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from fvbuild.engine.clock import Clock, iso
from fvbuild.engine.decisions import choice_of, line_of
from fvbuild.engine.diary import LogEntry
from fvbuild.engine.events import Act, Did, Result
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.jobs import Job
from fvbuild.engine.leases import Leases
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.lock import Lock, LockLine
from fvbuild.engine.lock_meanwhile import kept
from fvbuild.engine.lock_merge import node_of
from fvbuild.engine.show import Shown
from fvbuild.engine.state import State
from fvbuild.engine.store import Store
from fvbuild.engine.takes import Choice, Take, Trace
from fvbuild.engine.verdict import Verdict
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.engine.shared_work import SharedWork

# A group is written when it is this large, or this old: what a kill can cost at most. Where disks
# are slow to flush, groups are older, so that writing takes no more than a fifth of the time.
_GROUP_SIZE = 2048
_GROUP_AGE_S = 0.25
_SLOW_GROUP_AGE_S = 2.0
_WRITINGS_BETWEEN = 4


@dataclass(slots=True)
class _Group:
    jobs: list[Job] = field(default_factory=list)
    finished: list[tuple[Node, Verdict, Result]] = field(default_factory=list)
    since_s: float | None = None
    paid: bool = False


class Commits:
    """Gathers finished work and writes it. ``finished`` is called once a node's result is safe."""

    def __init__(
        self,
        film: str,
        state: State,
        store: Store,
        leases: Leases,
        shown: Shown | None,
        clock: Clock,
        finished: Callable[[Result], None],
        note: Callable[[str], None],
        ledger: Ledger | None = None,
        sharing: SharedWork | None = None,
    ) -> None:
        self._ledger = ledger
        self._sharing = sharing
        self._film = film
        self._state = state
        self._store = store
        self._leases = leases
        self._shown = shown
        self._clock = clock
        self._finished = finished
        self._note = note
        self._group = _Group()
        self._age_s = _GROUP_AGE_S

    def add_take(self, job: Job) -> None:
        """A take whose artifacts are in the store, not yet durable."""
        self._group.jobs.append(job)
        paid = job.made is not None and job.made.cost is not None
        self._group.paid |= paid or bool(job.bought)
        self._touch()

    def keep_take(self, job: Job) -> None:
        """A take that ended after writing had failed: it is part of the last try."""
        self._group.jobs.append(job)

    def add_result(self, node: Node, verdict: Verdict, result: Result) -> None:
        """A node that is up to date now, or failed."""
        self._group.finished.append((node, verdict, result))
        self._touch()

    def _touch(self) -> None:
        if self._group.since_s is None:
            self._group.since_s = self._clock.ticks_s()
        if len(self._group.jobs) >= _GROUP_SIZE or self._is_old():
            self.write()

    def _is_old(self) -> bool:
        since_s = self._group.since_s
        return since_s is not None and self._clock.ticks_s() - since_s >= self._age_s

    def write_if_due(self) -> None:
        """Write the group if it has waited long enough, or holds what was paid for: that waits for
        nothing but what ended at the same moment."""
        if self._group.paid or self._is_old():
            self.write()

    def write(self) -> None:
        """Write the group: flush artifacts, record traces, show files, tell who listens."""
        group = self._group
        if not group.jobs and not group.finished:
            return
        began_s = self._clock.ticks_s()
        self._record(group)
        took_s = self._clock.ticks_s() - began_s
        self._age_s = max(_GROUP_AGE_S, min(_SLOW_GROUP_AGE_S, _WRITINGS_BETWEEN * took_s))
        bought = [each for job in group.jobs for each in job.bought]
        if self._ledger is not None and bought:
            self._ledger.committed(bought)
        # Only now: a group that could not be written is tried once more when the build ends.
        self._group = _Group()
        if self._sharing is not None:
            self._sharing.send(group.jobs)
        for job in group.jobs:
            if job.node.text is None:
                self._leases.give_back(job.lease)
        self._show(group)
        for _, _, result in group.finished:
            self._finished(result)

    def _record(self, group: _Group) -> None:
        stats = self._store.flush()
        traces = [
            Trace(job.key, job.verdict.recipe, job.made)
            for job in group.jobs
            if job.made is not None and job.verdict.recipe is not None
        ]
        bought = [each for job in group.jobs for each in job.bought]
        paid = bool(bought) or any(trace.take.cost is not None for trace in traces)
        with self._state.transaction(survives_power_loss=paid):
            self._state.stats.set_artifact_stats(stats)
            self._state.record(traces)
            if self._sharing is not None:
                self._sharing.note_unsent(group.jobs)
            if bought:
                self._state.purchases.commit(bought, iso(self._clock.now_ns()))
            self._state.set_last(
                self._film,
                [
                    (node.id, verdict.key, verdict.known.outputs)
                    for node, verdict, result in group.finished
                    if verdict.key is not None
                    and verdict.known is not None
                    and result.action is not Did.FAILED
                ],
            )
            self._state.diary.write(
                self._film,
                [self._entry_of_take(job) for job in group.jobs if job.made is not None]
                + [self._entry(r) for _, _, r in group.finished if r.action is Did.FAILED],
            )

    def _show(self, group: _Group) -> None:
        if self._shown is None:
            return
        for node, verdict, _result in group.finished:
            if node.out is not None and verdict.known is not None and verdict.known.usable:
                self._shown.show(node, verdict.known.outputs)
        with self._state.transaction():
            notes = self._shown.save()
        for note in notes:
            self._note(note)

    def _entry_of_take(self, job: Job) -> LogEntry:
        assert job.made is not None
        explanation, outputs = job.verdict.explanation, job.made.outputs
        return LogEntry(
            at=iso(self._clock.now_ns()),
            node=job.node.id,
            take=job.n,
            did=Did.BUILT,
            reason=job.verdict.reason,
            seconds=job.made.seconds,
            cost=job.made.cost,
            artifact=outputs[0].digest if outputs else None,
            message=", ".join(c.path for c in explanation.changes) if explanation else "",
        )

    def _entry(self, result: Result) -> LogEntry:
        return LogEntry(
            at=iso(self._clock.now_ns()),
            node=result.node,
            take=result.take,
            did=result.action,
            reason=result.reason,
            seconds=result.seconds,
            cost=result.cost,
            artifact=result.artifact,
            message=result.message or ", ".join(result.paths),
        )


def update_lock(
    lock: Lock,
    graph: Graph,
    verdicts: Mapping[str, Verdict],
    whole_film: bool,
    state: State,
    judged: Lock | None = None,
) -> list[LockLine]:
    """Bring a lock's lines up to what a build found and made; ``whole_film`` drops what is gone.

    ``judged`` is the lock by which the verdicts were given, if ``lock`` was read since: what others
    wrote meanwhile is kept. Lines of nodes that were held, blocked or failed stay as they are.
    Returns the lines of other recipes that left the lock: what they say is to be remembered by key.
    """
    left: list[LockLine] = []
    depended_on = {edge.node for node in graph for edge in node.inputs if edge.fact is not None}
    choices: list[tuple[str, Choice]] = []
    takes: dict[str, dict[int, Take]] = {}
    for node_id, verdict in verdicts.items():
        if verdict.key and verdict.decision is not None and graph[node_id].target is not None:
            takes.setdefault(verdict.key, {}).update(verdict.decision.takes)
    for node_id, verdict in verdicts.items():
        node = graph[node_id]
        if verdict.action is Act.HELD and lock.get(node_id) is None:
            _bring_along(node_id, verdict, lock, graph)
        decision, key = verdict.decision, verdict.key
        if node.target is None or node.text is not None or decision is None or key is None:
            continue
        if verdict.action is not Act.REUSE or decision.chosen is None:
            continue
        # A node of the same key may have drawn more takes than this one asked for.
        decision = replace(decision, takes={**takes[key], **decision.takes})
        line = line_of(node, key, decision, facts=node_id in depended_on)
        before = lock.get(node_id)
        if judged is not None:
            line = kept(judged.get(node_id), before, line)
        if line != before:
            lock.put(line)
            left += [before] if before is not None and before.key != key else []
        choice = choice_of(line)
        if line.key == key and (line.chosen != 1 or line.holding or choice.rejected):
            choices.append((key, choice))
    if whole_film:
        left += _drop_what_is_gone(lock, graph, verdicts)
    with state.transaction():
        state.choose(choices)
    return left


def _bring_along(node_id: str, verdict: Verdict, lock: Lock, graph: Graph) -> None:
    """Give a held node that was renamed the line of the name it had."""
    chosen = verdict.decision.chosen if verdict.decision is not None else None
    for line in left_over(lock, graph):
        take = line.take(line.chosen)
        if chosen is not None and take is not None and take.artifact == chosen.outputs[0].digest:
            lock.put(replace(line, node=node_id))
            return


def _drop_what_is_gone(lock: Lock, graph: Graph, verdicts: Mapping[str, Verdict]) -> list[LockLine]:
    """Drop lines whose node is gone, but for approvals that no other node took over: an edit of a
    shot's id and text at once must not lose what a person decided. Returns what was dropped.

    What a merge kept beside a node's line stays until the node is up to date by its own recipe.
    """
    dropped: list[LockLine] = []
    for name in [name for name in lock.nodes() if name not in graph]:
        line = lock.get(name)
        node = node_of(name)
        if node != name and node in graph:
            verdict = verdicts.get(node)
            if verdict is None or verdict.action is not Act.REUSE:
                continue
        if line is None or not line.holding or _taken_over(line, lock, graph):
            lock.drop(name)
            dropped += [line] if line is not None else []
    return dropped


def _taken_over(line: LockLine, lock: Lock, graph: Graph) -> bool:
    chosen = line.take(line.chosen)
    return chosen is None or any(
        other.node in graph
        and (taken := other.take(other.chosen)) is not None
        and taken.artifact == chosen.artifact
        and other.holding
        for other in lock.of_key(line.key)
    )


def left_over(lock: Lock, graph: Graph) -> list[LockLine]:
    """Approved and adopted takes whose node is no longer in the film."""
    lines = [lock.get(name) for name in lock.nodes() if name not in graph]
    return [line for line in lines if line is not None and line.holding]
