"""The end of a build with a shared store: what is to be seen is brought, what was made is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from fvbuild.engine.action import Artifact
from fvbuild.engine.events import Did, Listener, Report
from fvbuild.engine.graph import Node
from fvbuild.engine.show import Shown
from fvbuild.engine.store import Health
from fvbuild.engine.takes import Take
from fvbuild.engine.verdict import Verdict
from fvbuild.errors import FilmBuildError, GoneError
from fvbuild.project.records import ALL, DEFAULT_LEVEL, NONE, REVIEW, BuildOptions

if TYPE_CHECKING:
    from fvbuild.engine.shared_work import SharedWork
    from fvbuild.project.scope import Scope
    from fvbuild.project.session import Project

_NOT_HERE = "what it is put together from is not here, nor in the shared store"


def level_of(project: Project, options: BuildOptions) -> str:
    """How much is brought: what the command says, else the workspace file."""
    place = project.workspace.store
    return options.materialize or (place.materialize if place is not None else DEFAULT_LEVEL)


def is_settled(project: Project, sharing: SharedWork, options: BuildOptions) -> bool:
    """Whether the next build, as the workspace file has it, would have nothing to bring or send."""
    place = project.workspace.store
    usual = place is None or level_of(project, options) == place.materialize
    return usual and not sharing.left()


def bring_what_is_seen(
    project: Project,
    sharing: SharedWork,
    scope: Scope,
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    options: BuildOptions,
    listener: Listener,
    cancel: threading.Event,
) -> list[FilmBuildError]:
    """Bring what is to be seen; what went wrong."""
    from fvbuild.project.sharing import telling

    level = level_of(project, options)
    goals = frozenset(scope.ids)
    outputs: list[Artifact] = []
    for node_id, verdict in verdicts.items():
        if level != NONE and verdict.known is not None and verdict.known.usable:
            node = scope.graph[node_id]
            outputs += wanted(node, node_id in goals, verdict.known.outputs, shown, level)
            outputs += damaged(project, verdict.known.outputs)
    return sharing.bring(outputs, telling("brought from", sharing, listener), cancel)


def send(
    project: Project,
    sharing: SharedWork,
    scope: Scope,
    verdicts: Mapping[str, Verdict],
    listener: Listener,
    cancel: threading.Event,
) -> list[str]:
    """Wait until what was made is sent; what a person should know of the shared store."""
    from fvbuild.project.sharing import notes, telling

    if sharing.writes:
        _send_adopted(project, sharing, scope, verdicts)
    sharing.finish(cancel, telling("sent to", sharing, listener))
    return notes(sharing)


def _send_adopted(
    project: Project, sharing: SharedWork, scope: Scope, verdicts: Mapping[str, Verdict]
) -> None:
    """Have files sent that a person put in, and that no build made."""
    from fvbuild.engine.shared_send import ADOPTED
    from fvbuild.project.transferring import parcels

    for node_id, parcel in parcels(project, scope.graph, verdicts):
        take, decision = parcel.trace.take, verdicts[node_id].decision
        is_chosen = decision is not None and decision.choice.chosen == take.n
        if is_chosen and take.origin == ADOPTED and not shared_by_now(take, sharing):
            sharing.outbox.sender.offer(parcel)


def shared_by_now(take: Take, sharing: SharedWork) -> bool:
    """Whether a take is known to be in the store."""
    return all(output.digest in sharing.away for output in take.outputs)


def damaged(project: Project, outputs: Sequence[Artifact]) -> Iterator[Artifact]:
    """What is away although there is a file of it here, which then has other bytes."""
    for output in outputs:
        is_away = project.store.health(output.digest) is Health.AWAY
        if is_away and project.store.path(output.digest).exists():
            yield output


def wanted(
    node: Node, is_goal: bool, outputs: tuple[Artifact, ...], shown: Shown, level: str
) -> Iterator[Artifact]:
    """What of a node is to be seen: what the level says, and what would be shown as it was."""
    if level == ALL:
        yield from (o for o in outputs if node.text is None and node.file is None)
    elif node.out is not None and not shown.shows(node, outputs):
        looked_at = is_goal or (level == REVIEW and node.target is not None)
        if looked_at or shown.is_behind(node, outputs):
            yield from outputs


def tell_what_is_not_seen(
    project: Project,
    errors: Sequence[FilmBuildError],
    scope: Scope,
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    options: BuildOptions,
    report: Report,
    *,
    stopped: bool,
) -> None:
    """Goals that are not here after all failed, unless the build was ``stopped``; what else could
    not be brought is noted once."""
    left = [error for error in errors if not _is_here(project, error)]
    why, goals = str(left[0]) if left else _NOT_HERE, frozenset(scope.ids)
    looked_at = level_of(project, options) != NONE and not stopped
    for result in report.results if looked_at else ():
        verdict = verdicts.get(result.node)
        if result.node not in goals or verdict is None or verdict.known is None:
            continue
        node, known = scope.graph[result.node], verdict.known
        if result.action in (Did.FAILED, Did.SKIPPED) or node.out is None or not known.usable:
            continue
        if not shown.shows(node, known.outputs) and not shown.can_show(known.outputs):
            result.action, result.message = Did.FAILED, why
    report.notes += dict.fromkeys(error.message for error in left)


def _is_here(project: Project, error: FilmBuildError) -> bool:
    """Whether an artifact that was lost there was made again, or had never left."""
    return isinstance(error, GoneError) and project.store.health(error.digest) is Health.WHOLE
