"""A build of a project: snapshot of inputs, verdicts, the run, the lock, and the quick answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.action import Artifact
from fvbuild.engine.commit import left_over
from fvbuild.engine.events import Act, BuildFinished, Listener, Note, Report
from fvbuild.engine.graph import Node
from fvbuild.engine.leases import Leases
from fvbuild.engine.lock import LockLine
from fvbuild.engine.plan import judge_all
from fvbuild.engine.show import Shown, file_names
from fvbuild.engine.store import Health
from fvbuild.engine.tools import Tools
from fvbuild.engine.verdict import Verdict, Wishes
from fvbuild.project import money
from fvbuild.project.executing import executor_of
from fvbuild.project.hosted import check_hosts
from fvbuild.project.lost_lines import lost_lines
from fvbuild.project.materialize import is_settled, send, tell_what_is_not_seen
from fvbuild.project.recorded import record_unchanged
from fvbuild.project.records import BuildOptions
from fvbuild.project.rewording import Rewording
from fvbuild.project.rounds import Rounds, take_stock
from fvbuild.project.scope import Scope, scope_of

if TYPE_CHECKING:
    from fvbuild.engine.shared_work import SharedWork
    from fvbuild.project.session import Project

_MANY = 2000


def run_build(
    project: Project,
    goals: Sequence[str],
    options: BuildOptions,
    listener: Listener,
    cancel: threading.Event,
    wishes: Wishes | None = None,
) -> Report:
    """Plan, run, write the lock and ``out/``; record the quick answer if all is up to date."""
    began_ns = project.clock.now_ns()
    plain = wishes is None and not options.refresh
    part = plain and not options.every_node and not options.materialize
    scope = scope_of(project, goals, part=part)
    project.store.sweep()
    take_stock(project, scope)
    if scope.part is None:
        judge, planned = project.verdicts(goals, options, wishes)
    else:
        judge = project.judge(part=scope.part)
        planned = project.look(judge, scope.ids, options)
    check_hosts(project, scope.graph, planned)
    many = len(scope.graph) > _MANY
    shown = Shown(project.out, project.state, project.store, project.name, many=many)
    tools = _tools(project, options, shown, listener, cancel)
    lost = lost_lines(project, scope.graph)
    for message in lost:
        listener(Note(message, "warning"))
    project.ledger.start(money.budgets(project, options))
    rounds = Rounds(project, goals, options, tools, shown, plain=plain)
    try:
        rounds.run(scope, judge, planned)
    finally:
        tools.executor.close()
        tools.leases.close()
        project.ledger.close()
    rounds.report.notes += lost
    # What was decided meanwhile is for the next build to bring about.
    settled = plain and not rounds.decided_meanwhile
    return _finish(project, goals, options, tools, shown, rounds, began_ns, settled=settled)


def _finish(
    project: Project,
    goals: Sequence[str],
    options: BuildOptions,
    tools: Tools,
    shown: Shown,
    rounds: Rounds,
    began_ns: int,
    *,
    settled: bool,
) -> Report:
    """Send and show what was made; record the quick answer where the film is ``settled`` now."""
    scope, verdicts, report = rounds.scope, rounds.verdicts, rounds.report
    if tools.sharing is not None:
        tell_what_is_not_seen(
            project, rounds.errors, scope, verdicts, shown, options, report,
            stopped=tools.cancel.is_set(),
        )  # fmt: skip
        report.notes += send(project, tools.sharing, scope, verdicts, tools.listener, tools.cancel)
        settled = settled and is_settled(project, tools.sharing, options)
    _show(project, scope, verdicts, shown, report)
    _record_last(project, scope, verdicts)
    report.untouched = scope.part.untouched if scope.part is not None else 0
    report.notes += project.state.notes
    report.shown = _to_open(project, scope, verdicts, shown)
    if settled:
        record_unchanged(project, goals, scope, verdicts, shown, report, began_ns)
    if scope.whole:
        report.notes += [_told(line) for line in left_over(project.lock, scope.graph)]
    tools.listener(BuildFinished(report))
    return report


def _tools(
    project: Project,
    options: BuildOptions,
    shown: Shown,
    listener: Listener,
    cancel: threading.Event,
) -> Tools:
    sharing = _sharing(project, listener)
    return Tools(
        state=project.state,
        store=project.store,
        leases=Leases(project.workspace.cache / "leases"),
        clock=project.clock,
        find_target=project.targets.find,
        shown=shown,
        listener=listener,
        cancel=cancel,
        pools={**project.targets.slots(), **project.workspace.pools},
        widths=project.targets.widths(),
        jobs=options.jobs,
        keep_going=options.keep_going,
        ledger=project.ledger,
        prices=project.take_prices,
        reword=Rewording(project),
        executor=executor_of(project, sharing, lambda message: listener(Note(message))),
        sharing=sharing,
    )


def _sharing(project: Project, listener: Listener) -> SharedWork | None:
    """The shared store, ready for a build: what waits to be sent is on its way."""
    sharing = project.sharing
    if sharing is not None:
        from fvbuild.project.sharing import claim_takes

        claim_takes(project, sharing, lambda message: listener(Note(message, "warning")))
        if sharing.writes:
            sharing.outbox.send_left_over()
    return sharing


def _artifact(line: LockLine) -> str:
    chosen = line.take(line.chosen)
    digest = chosen.artifact if chosen is not None else ""
    return f"cache/artifacts/{digest[:2]}/{digest[2:]}"


def _told(line: LockLine) -> str:
    return (
        f"the {line.status} take {line.chosen} of {line.node} is kept in the lock, though the film "
        "has no such node any more. Give it to another node: fvbuild adopt NODE FILE "
        f"(its artifact: {_artifact(line)}); or delete the line"
    )


def _show(
    project: Project,
    scope: Scope,
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    report: Report,
) -> None:
    """Bring ``out/`` up to date for what was reused, and clear what no node shows any more."""
    wanted: list[str] = []
    for node_id, verdict in verdicts.items():
        node = scope.graph[node_id]
        if node.out is None or verdict.known is None or not verdict.known.usable:
            continue
        wanted += [name for name, _ in file_names(node, verdict.known.outputs)]
        shown.show(node, verdict.known.outputs)
        if project.store.is_shared and not shown.shows(node, verdict.known.outputs):
            shown.withdraw(node, verdict.known.outputs)
    with project.state.transaction():
        report.notes += shown.save()
    if scope.whole:
        shown.tidy([*wanted, *_still_shown(scope, verdicts, shown)])


def _still_shown(scope: Scope, verdicts: Mapping[str, Verdict], shown: Shown) -> list[str]:
    """Files of nodes that this build left alone: failed or blocked ones, and those outside it.

    Where an artifact is lost, the file under ``out/`` may be the last copy of it.
    """
    stems = {
        node.out
        for node in scope.graph
        if node.out is not None
        and (
            (verdict := verdicts.get(node.id)) is None
            or verdict.known is None
            or not verdict.known.usable
        )
    }
    return [name for name in shown.rows if name.rpartition(".")[0] in stems]


def _record_last(project: Project, scope: Scope, verdicts: Mapping[str, Verdict]) -> None:
    last = project.state.last_rows(project.name, verdicts.keys())
    fresh = [
        (node_id, verdict.key, verdict.known.outputs)
        for node_id, verdict in verdicts.items()
        if verdict.action is Act.REUSE
        and verdict.key is not None
        and verdict.known is not None
        and _is_news(verdict.key, verdict.known.outputs, last.get(node_id))
    ]
    gone: list[str] = []
    if scope.whole:
        gone = [name for name in project.state.last_keys(project.name) if name not in scope.graph]
    if fresh or gone:
        with project.state.transaction():
            project.state.set_last(project.name, fresh)
            project.state.forget_last(project.name, gone)


def _is_news(key: str, outputs: Sequence[Artifact], last: tuple[str, str] | None) -> bool:
    """True when a node was last up to date otherwise: another key, or another chosen take."""
    if last is None or last[0] != key:
        return True
    return any(output.digest not in last[1] for output in outputs)


def _to_open(
    project: Project, scope: Scope, verdicts: Mapping[str, Verdict], shown: Shown
) -> list[str]:
    found: list[str] = []
    for node_id in scope.ids:
        verdict = verdicts.get(node_id)
        if verdict is not None and verdict.known is not None:
            if project.store.is_shared and not shown.can_show(verdict.known.outputs):
                continue
            names = file_names(scope.graph[node_id], verdict.known.outputs)
            found += [str(project.out / name) for name, _ in names]
            if len(scope.ids) == 1:
                found += map(str, _kept(project, scope.graph[node_id], verdict))
    return found


def kept_of(project: Project, goal: str) -> list[Path]:
    """The artifacts of a goal that ``out/`` does not show, as far as they are here."""
    ids = project.goal_nodes([goal])
    verdicts = judge_all(project.judge(), ids)
    return [path for one in ids for path in _kept(project, project.graph[one], verdicts[one])]


def _kept(project: Project, node: Node, verdict: Verdict) -> list[Path]:
    if node.out is not None or node.text is not None or node.file is not None:
        return []
    return [
        project.store.path(output.digest)
        for output in (verdict.known.outputs if verdict.known is not None else ())
        if output.media_type.startswith(("video/", "audio/", "image/"))
        and project.store.health(output.digest) is Health.WHOLE
    ]


def shown_of(project: Project, goal: str) -> list[str]:
    """Names under ``out/`` of a goal's results, as far as they are made."""
    ids = project.goal_nodes([goal])
    verdicts = judge_all(project.judge(), ids)
    return [
        name
        for node_id in ids
        if (known := verdicts[node_id].known) is not None
        for name, _ in file_names(project.graph[node_id], known.outputs)
    ]
