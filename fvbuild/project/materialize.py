"""The end of a build with a shared store: what is to be seen is brought, what was made is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from fvbuild.engine.action import Artifact
from fvbuild.engine.events import Did, Listener, Report
from fvbuild.engine.graph import Node
from fvbuild.engine.show import Shown
from fvbuild.engine.takes import Take
from fvbuild.engine.verdict import Verdict
from fvbuild.errors import FilmBuildError
from fvbuild.project.records import BuildOptions

if TYPE_CHECKING:
    from fvbuild.engine.shared_work import SharedWork
    from fvbuild.project.scope import Scope
    from fvbuild.project.session import Project

NONE, FINAL, REVIEW, ALL = "none", "final", "review", "all"


def level_of(project: Project, options: BuildOptions) -> str:
    """How much is brought: what the command says, else the workspace file."""
    place = project.workspace.store
    return options.materialize or (place.materialize if place is not None else FINAL)


def is_settled(project: Project, sharing: SharedWork, options: BuildOptions) -> bool:
    """Whether the next build, as the workspace file has it, would have nothing to bring or send."""
    place = project.workspace.store
    usual = place is None or level_of(project, options) == place.materialize
    return usual and not sharing.left()


def bring_and_send(
    project: Project,
    sharing: SharedWork,
    scope: Scope,
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    options: BuildOptions,
    listener: Listener,
    cancel: threading.Event,
    report: Report,
) -> None:
    """Bring what is to be seen, and wait until what was made is sent.

    A goal that cannot be brought is a failure of the report; all else is a note in it.
    """
    from fvbuild.project.sharing import notes, telling

    level = level_of(project, options)
    goals = frozenset(scope.ids)
    outputs: list[Artifact] = []
    for node_id, verdict in verdicts.items():
        if level != NONE and verdict.known is not None and verdict.known.usable:
            node = scope.graph[node_id]
            outputs += wanted(node, node_id in goals, verdict.known.outputs, shown, level)
    errors = sharing.bring(outputs, telling("brought from", sharing, listener), cancel)
    if errors:
        _tell(errors, goals, verdicts, shown, report)
    if sharing.writes:
        _send_adopted(project, sharing, scope, verdicts)
    sharing.finish(cancel, telling("sent to", sharing, listener))
    report.notes += notes(sharing)


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


def _tell(
    errors: list[FilmBuildError],
    goals: frozenset[str],
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    report: Report,
) -> None:
    """Goals that are not here after all failed; what else went wrong is noted once."""
    for result in report.results:
        verdict = verdicts.get(result.node)
        if result.node not in goals or verdict is None or verdict.known is None:
            continue
        if result.action is not Did.FAILED and not shown.can_show(verdict.known.outputs):
            result.action, result.message = Did.FAILED, str(errors[0])
    for message in dict.fromkeys(error.message for error in errors):
        report.notes.append(message)
