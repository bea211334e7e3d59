"""Sending a film's takes to the shared store and bringing them from it; nothing is made."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fvbuild.engine.action import Artifact
from fvbuild.engine.events import Act, Listener
from fvbuild.engine.graph import Graph
from fvbuild.engine.plan import judge_all
from fvbuild.engine.shared_send import Parcel, sendable
from fvbuild.engine.shared_table import Unsent
from fvbuild.engine.show import Shown
from fvbuild.engine.store import Health
from fvbuild.engine.takes import Take, Trace
from fvbuild.engine.verdict import Verdict
from fvbuild.errors import Exit, RemoteError, UsageError, worst
from fvbuild.project.locked_takes import artifacts_of, ask_for, unknown_takes
from fvbuild.project.materialize import wanted
from fvbuild.project.records import ALL, EXITS, FINAL, NONE, REVIEW
from fvbuild.project.sharing import connected, notes, store_of, store_to_write, telling

if TYPE_CHECKING:
    from pathlib import Path

    from fvbuild.engine.shared_gc import RemoteReport
    from fvbuild.engine.shared_work import SharedWork
    from fvbuild.project.opened import OpenFilm
    from fvbuild.project.shared_film import SharedFilm

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Transferred:
    """What a push or pull did. ``count``: takes sent, or artifacts brought; ``there``: takes that
    the store had already.

    absent: nodes whose results are neither here nor there, or were never made. exit: what the
    command ends with. shown: what can be opened now.
    """

    place: str
    count: int
    size_bytes: int
    absent: tuple[str, ...]
    shown: tuple[str, ...]
    notes: tuple[str, ...]
    there: int = 0
    exit: Exit = Exit.DONE


def sharing_to(project: SharedFilm, *, to_write: bool) -> SharedWork:
    """The shared store, to be written or read. Raises UsageError where it may not be."""
    place = store_to_write(project) if to_write else store_of(project)
    if not to_write and not place.read:
        raise UsageError(
            f"the shared store {place.address.url} is not to be read",
            place=str(project.workspace.file),
            hint="store: {read: true} in the workspace file allows it",
        )
    sharing = project.sharing
    if sharing is None:
        raise UsageError(
            "what is sent and brought cannot be written down here",
            place=str(project.workspace.cache),
            hint="make the folder writable",
        )
    return sharing


# --- push -----------------------------------------------------------------------------------------


def push(
    project: SharedFilm,
    goals: Sequence[str],
    listener: Listener,
    cancel: threading.Event,
    *,
    repair: bool = False,
) -> Transferred:
    """Send every take of the goals and of all they need, and whatever waits to be sent.

    ``repair``: all that lies there is read before, so that what is damaged is sent again as well.
    Raises UsageError, and RemoteError when the store fails.
    """
    sharing = sharing_to(project, to_write=True)
    if repair:
        store_to_write(project, itself=True)  # what is sent aside mends nothing
        from fvbuild.project.remote_check import check_remote

        check_remote(project, listener, cancel)
    sharing.thorough = True
    verdicts = judge_all(project.judge(), project.goal_nodes(goals))
    outbox, absent = sharing.outbox, dict[str, None]()
    offered: set[tuple[str, int]] = set()
    for node_id, parcel in parcels(project, project.graph, verdicts):
        take = parcel.trace.take
        if all(project.store.health(o.digest) is Health.WHOLE for o in take.outputs):
            outbox.sender.offer(parcel)
            offered.add((parcel.take.key, parcel.take.n))
        elif not all(project.store.health(o.digest).usable for o in take.outputs):
            absent[node_id] = None
    outbox.send_left_over(but=offered)
    sharing.finish(cancel, telling("sent to", sharing, listener, ending=False))
    sender = outbox.sender
    if sender.down is not None:
        raise sender.down
    absent.update(dict.fromkeys(lost.node for lost in sender.lost))
    return Transferred(
        sharing.shared.place,
        sender.fresh,
        sender.sent_bytes,
        tuple(absent),
        (),
        tuple(notes(sharing)),
        there=sender.done - sender.fresh - len(sender.lost),
        exit=Exit.NODE_FAILED if absent else Exit.DONE,
    )


def parcels(
    project: OpenFilm, graph: Graph, verdicts: Mapping[str, Verdict]
) -> Iterator[tuple[str, Parcel]]:
    """The takes of nodes, as they are sent."""
    for node_id, verdict in verdicts.items():
        node = graph[node_id]
        if node.text is not None or verdict.decision is None:
            continue
        line = project.lock.get(node_id) if node.target is not None else None
        key = line.key if line is not None and verdict.action is Act.HELD else verdict.key
        if key is None:
            continue
        # Of a take that only the lock tells of, the state has no recipe.
        recipe = verdict.recipe if key == verdict.key else None
        recipe = recipe or (project.state.recipe(key) if key else "")
        for take in verdict.decision.takes.values():
            if recipe is not None and sendable(take):
                yield node_id, _parcel(node_id, key, recipe, take)


def _parcel(node_id: str, key: str, recipe: str, take: Take) -> Parcel:
    return Parcel(Unsent(key, take.n, node_id), Trace(key, recipe, take))


# --- pull -----------------------------------------------------------------------------------------


def pull(
    project: SharedFilm,
    goals: Sequence[str],
    level: str,
    listener: Listener,
    cancel: threading.Event,
) -> Transferred:
    """Bring the results of the goals and of all they need, as far as the level says, and show them;
    of a goal that is a node, all its takes.

    Nothing is made. Raises UsageError, and RemoteError when the store fails.
    """
    sharing = sharing_to(project, to_write=False)
    sharing.looker.damaged = set()  # somebody may have sent it again
    named = [goal for goal in goals if goal in project.graph and level != NONE]
    ask_for(project, unknown_takes(project, named))
    judge, ids = project.judge(), project.goal_nodes(goals)
    sharing.ask(judge, ids)
    if sharing.looker.down is not None:
        raise sharing.looker.down
    verdicts = judge_all(judge, ids)
    shown = Shown(project.out, project.state, project.store, project.name)
    outputs: list[Artifact] = []
    for node_id, verdict in verdicts.items():
        if verdict.known is not None and verdict.known.usable:
            is_goal, known = node_id in ids, verdict.known.outputs
            outputs += wanted(project.graph[node_id], is_goal, known, shown, level)
    outputs += artifacts_of(project, named)
    told = telling("brought from", sharing, listener, ending=False)
    errors = sharing.bring(outputs, told, cancel)
    project.keep_artifacts()
    _show(project, verdicts, shown)
    failure = next((error for error in errors if isinstance(error, RemoteError)), None)
    if failure is not None:
        raise failure
    sharing.finish(cancel)
    absent = list(_absent(project, ids, verdicts, shown, level))
    return Transferred(
        sharing.shared.place,
        sharing.bringer.brought,
        sharing.bringer.brought_bytes,
        tuple(absent),
        tuple(_opened(project, ids, verdicts, shown)),
        (*notes(sharing), *dict.fromkeys(error.message for error in errors)),
        exit=worst({EXITS.get(verdicts[node_id].reason, Exit.NODE_FAILED) for node_id in absent}),
    )


def _absent(
    project: SharedFilm,
    ids: Sequence[str],
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    level: str,
) -> Iterator[str]:
    """The nodes that the level asks for, and of which something is neither here nor seen."""
    goals = frozenset(ids)
    for node_id, verdict in verdicts.items():
        node, known = project.graph[node_id], verdict.known
        if node.text is not None or node.file is not None or level == NONE:
            continue
        if level == FINAL and node_id not in goals:
            continue
        if level == REVIEW and node_id not in goals and (node.target is None or node.out is None):
            continue
        if (
            known is None
            or not known.usable
            or (
                not shown.can_show(known.outputs)
                and not (level != ALL and node.out is not None and shown.shows(node, known.outputs))
            )
        ):
            yield node_id


def _show(project: SharedFilm, verdicts: Mapping[str, Verdict], shown: Shown) -> None:
    for node_id, verdict in verdicts.items():
        if verdict.known is not None and verdict.known.usable:
            shown.show(project.graph[node_id], verdict.known.outputs)
    with project.state.transaction():
        shown.save()


def _opened(
    project: SharedFilm, ids: Sequence[str], verdicts: Mapping[str, Verdict], shown: Shown
) -> Iterator[str]:
    from fvbuild.engine.show import file_names

    for node_id in ids:
        known = verdicts[node_id].known
        if known is not None and known.usable and shown.can_show(known.outputs):
            names = file_names(project.graph[node_id], known.outputs)
            yield from (str(project.out / name) for name, _ in names)


# --- gc -------------------------------------------------------------------------------------------


def gc_remote(
    project: SharedFilm, *, apply: bool, paid: bool, days: float, others: Sequence[Path]
) -> RemoteReport:
    """Find, and with ``apply`` remove, what was not written in so many days and no lock needs, of
    this film's repository and those of ``others``.

    Raises UsageError, StateError where the locks cannot all be known, and RemoteError.
    """
    from fvbuild.engine.shared_gc import collect_remote, locked

    place = store_to_write(project, itself=True) if apply else store_of(project)
    # A workspace file that somebody names lies anywhere: what is around it is none of the film's.
    beside = () if project.workspace.named else (project.workspace.root,)
    keys, artifacts = locked([project.folder, *others], beside)
    before_s = project.clock.now_ns() / 1e9 - days * _DAY_S
    shared = connected(place, used=True)
    return collect_remote(shared, keys, artifacts, before_s=before_s, apply=apply, paid=paid)
