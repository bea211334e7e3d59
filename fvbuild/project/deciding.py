"""Decisions about takes: choose, approve, reject, adopt, release. Each is in the lock at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.action import Artifact
from fvbuild.engine.decisions import Decision, choice_of, line_of
from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Node
from fvbuild.engine.leases import Leases
from fvbuild.engine.lock import Lock, LockLine, LockTake, with_status
from fvbuild.engine.plan import judge_all
from fvbuild.engine.sniff import media_type_of
from fvbuild.engine.store import Health
from fvbuild.engine.takes import Choice, Take, Trace
from fvbuild.engine.verdict import Verdict
from fvbuild.errors import UsageError
from fvbuild.project.records import NodeTakes, TakeRow
from fvbuild.report import words

if TYPE_CHECKING:
    from fvbuild.project.session import Project


def generated(project: Project, goals: Sequence[str]) -> list[Node]:
    """The generated nodes that goals mean. Raises UsageError when there is none."""
    nodes = [project.graph[node_id] for node_id in project.goal_nodes(goals)]
    found = [node for node in nodes if node.target is not None and node.text is None]
    if not found:
        kinds = ", ".join(sorted({node.kind for node in nodes}))
        raise UsageError(
            f"'{' '.join(goals)}' has no takes ({kinds})",
            hint="takes belong to what a target makes: anchors, segments, references, speech ...",
        )
    return found


def one(project: Project, goal: str) -> Node:
    """The one generated node that a goal means. Raises UsageError when it means several."""
    found = generated(project, [goal])
    if len(found) > 1:
        names = words.some([node.id for node in found], 4)
        raise UsageError(f"'{goal}' means {len(found)} nodes ({names})", hint="name one")
    return found[0]


def takes(project: Project, goal: str, *, ask: bool = False) -> list[NodeTakes]:
    """The takes of the goal's nodes, as the lock and the store have them. ``ask``: the shared store
    is asked for those that only the lock tells of."""
    nodes = generated(project, [goal])
    if ask and project.workspace.store is not None:
        from fvbuild.project.locked_takes import ask_for, unknown_takes

        ask_for(project, unknown_takes(project, [node.id for node in nodes]))
    verdicts = judge_all(project.judge(), [node.id for node in nodes])
    return [_rows(project, node, verdicts[node.id]) for node in nodes]


def _rows(project: Project, node: Node, verdict: Verdict) -> NodeTakes:
    line = project.lock.get(node.id)
    decision = verdict.decision
    if decision is None and line is not None:
        judge = project.judge()
        decision = judge.decisions.held(line)
    if decision is None:
        return NodeTakes(node.id, node.kind, verdict.key or "", 1, "made", ())
    choice = decision.choice
    rows = tuple(_row(project, node, take, choice) for _, take in sorted(decision.takes.items()))
    key = verdict.key or (line.key if line is not None else "")
    return NodeTakes(node.id, node.kind, key, choice.chosen, choice.status, rows)


def _row(project: Project, node: Node, take: Take, choice: Choice) -> TakeRow:
    status = "rejected" if take.n in choice.rejected else "made"
    if take.n == choice.chosen and choice.status in ("approved", "adopted", "chosen"):
        status = choice.status
    digest = take.outputs[0].digest
    health = project.store.health(digest)
    return TakeRow(
        n=take.n,
        artifact=digest,
        status=status,
        origin=take.origin,
        cost=take.cost,
        seed=None if node.seed is None or take.origin == "adopted" else node.seed + take.drawn - 1,
        seconds=take.seconds if take.made_at else None,
        made_at=take.made_at,
        path=project.store.path(digest) if health is Health.WHOLE else None,
        away=health is Health.AWAY,
        tried=_tried(take),
    )


def _tried(take: Take) -> tuple[Mapping[str, Json], ...]:
    steps = take.provenance.get("attempts")
    return tuple(s for s in steps if isinstance(s, Mapping)) if isinstance(steps, list) else ()


# --- decisions ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _changing(project: Project) -> Iterator[Lock]:
    """The lock as it is on disk, written when the block ends well; one process at a time."""
    leases = Leases(project.workspace.cache / "leases")
    leases.wait("lock")
    try:
        lock = project.read_lock()
        yield lock
        project.write_lock(lock)
        with project.state.transaction():
            project.state.choose(
                [(line.key, choice_of(line)) for line in lock.lines.values() if line.key]
            )
    finally:
        leases.close()


def _line(project: Project, lock: Lock, node: Node, verdict: Verdict) -> LockLine:
    """The lock line that a decision is about: the held one, else that of the recipe as it is now.

    Raises UsageError when the recipe has no takes: a choice among those of another recipe would
    change nothing.
    """
    line = lock.get(node.id)
    if line is not None and (line.holding or verdict.key in (None, line.key) or not line.key):
        return line
    decision = verdict.decision
    if verdict.key is None or decision is None or not decision.takes:
        edited = "was edited, and its recipe has no takes yet" if line else "has no takes yet"
        raise UsageError(f"{node.id} {edited}", hint=f"make one: fvbuild build {node.id}")
    return line_of(node, verdict.key, decision, facts=_depended_on(project, node))


def _depended_on(project: Project, node: Node) -> bool:
    """True when others depend on measured facts of a node, so that the lock must keep them."""
    return any(
        edge.node == node.id and edge.fact is not None
        for user in project.graph
        for edge in user.inputs
    )


def _change(
    project: Project, nodes: Sequence[Node], change: Callable[[LockLine, Node], LockLine]
) -> list[NodeTakes]:
    verdicts = judge_all(project.judge(), [node.id for node in nodes])
    with _changing(project) as lock:
        for node in nodes:
            lock.put(change(_line(project, lock, node, verdicts[node.id]), node))
    return [takes(project, node.id)[0] for node in nodes]


def choose(project: Project, goal: str, n: int) -> NodeTakes:
    """Choose take ``n``; what is held stays held. Raises UsageError when there is no such take."""
    node = one(project, goal)
    key = judge_all(project.judge(), [node.id])[node.id].key

    def change(line: LockLine, node: Node) -> LockLine:
        _must_have(line, node, n)
        kept = line.holding and (line.chosen == n or line.key != key)
        status = line.status if kept else "chosen"
        return with_status(line, n, status)

    return _change(project, [node], change)[0]


def _must_have(line: LockLine, node: Node, n: int) -> None:
    if line.take(n) is None:
        known = ", ".join(str(take.n) for take in line.takes) or "none"
        raise UsageError(
            f"{node.id} has no take {n} (takes: {known})",
            hint=f"draw more: fvbuild take {node.id} -n 2",
        )


def approve(project: Project, goals: Sequence[str]) -> list[NodeTakes]:
    """Approve the chosen takes of the goals."""

    def change(line: LockLine, node: Node) -> LockLine:
        taken = line.take(line.chosen)
        if taken is not None and taken.status == "rejected":
            raise UsageError(
                f"take {line.chosen} of {node.id} was rejected",
                hint=f"choose another first: fvbuild select {node.id} N",
            )
        status = "adopted" if line.status == "adopted" else "approved"
        return with_status(line, line.chosen, status)

    return _change(project, generated(project, goals), change)


def reject(project: Project, goals: Sequence[str], n: int | None) -> list[NodeTakes]:
    """Reject take ``n``, or the chosen one."""

    def change(line: LockLine, node: Node) -> LockLine:
        rejected = line.chosen if n is None else n
        _must_have(line, node, rejected)
        listed = tuple(
            replace(take, status="rejected") if take.n == rejected else take for take in line.takes
        )
        spare = next((t.n for t in listed if t.status != "rejected"), None)
        line = replace(line, takes=listed)
        if rejected != line.chosen:
            return line
        if spare is not None:
            return with_status(line, spare, "made")
        return replace(line, status="rejected")

    return _change(project, generated(project, goals), change)


def release(project: Project, goals: Sequence[str]) -> list[NodeTakes]:
    """End approvals and adoptions. An adopted file stays as a take that can be chosen again."""

    def change(line: LockLine, node: Node) -> LockLine:
        if not line.holding:
            return line
        made = next((t.n for t in line.takes if t.origin != "adopted"), None)
        if line.status == "adopted" and made is not None:
            return with_status(line, made, "made")
        if line.status == "adopted":
            # Nothing but the adopted file is there: the node is made when it is next built.
            return with_status(line, line.chosen, "rejected")
        return with_status(line, line.chosen, "chosen" if line.chosen != 1 else "made")

    nodes = generated(project, goals)
    held = [node for node in nodes if (line := project.lock.get(node.id)) and line.holding]
    return _change(project, held, change)


def adopt(project: Project, goal: str, file: Path) -> NodeTakes:
    """Take a file as the result of a node.

    Raises UsageError when it cannot be read or is not of the node's medium.
    """
    node = one(project, goal)
    artifact = _read(project, node, file)
    verdict = judge_all(project.judge(), [node.id])[node.id]
    with _changing(project) as lock:
        line = lock.get(node.id)
        decision = verdict.decision or Decision({}, Choice(1, "made"))
        key = verdict.key or (line.key if line is not None else "")
        listed = list(line.takes) if line is not None and line.key == key else []
        n = max([*(t.n for t in listed), *decision.takes], default=0) + 1
        artifact = artifact._replace(facts={**artifact.facts, "take": n})
        take = Take(n, (artifact,), "adopted", made_at=project.now())
        project.keep_artifacts()
        if key and verdict.recipe is not None:
            with project.state.transaction():
                project.state.record([Trace(key, verdict.recipe, take)])
        if not listed:
            listed = [
                LockTake(t.n, t.outputs[0].digest, t.origin, t.cost)
                for _, t in sorted(decision.takes.items())
            ]
        locked = LockTake(n, artifact.digest, "adopted", None, "adopted", artifact.facts)
        fresh = LockLine(node.id, node.kind, key, n, "adopted", (*listed, locked))
        lock.put(with_status(fresh, n, "adopted"))
    return takes(project, node.id)[0]


def _read(project: Project, node: Node, file: Path) -> Artifact:
    from fvbuild.project.media_facts import check_medium

    if not file.is_file():
        raise UsageError(f"there is no file '{file}'", hint="adopt NODE FILE")
    facts = check_medium(node.kind, file)
    digest, size_bytes = project.store.add_copy(file)
    return Artifact(digest, size_bytes, media_type_of(file), "", facts)
