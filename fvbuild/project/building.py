"""A build of a project: snapshot of inputs, verdicts, the run, the lock, and the quick answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fvbuild.engine.commit import update_lock
from fvbuild.engine.events import Act, BuildFinished, Did, Listener, Report
from fvbuild.engine.leases import Leases
from fvbuild.engine.plan import judge_all
from fvbuild.engine.run import Build, Tools
from fvbuild.engine.show import Shown, file_names
from fvbuild.engine.verdict import Verdict, Wishes
from fvbuild.project.records import BuildOptions

if TYPE_CHECKING:
    from fvbuild.project.session import Project


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
    ids = project.goal_nodes(goals)
    project.store.sweep()
    for node_id in project.graph.closure(ids):
        if project.graph[node_id].file is not None:
            project.inputs.snapshot(project.graph[node_id])
    judge, planned = project.verdicts(goals, options, wishes)
    shown = Shown(project.out, project.state, project.store, project.name)
    leases = Leases(project.workspace.cache / "leases")
    tools = Tools(
        state=project.state,
        store=project.store,
        leases=leases,
        clock=project.clock,
        find_target=project.targets.find,
        shown=shown,
        listener=listener,
        cancel=cancel,
        pools=project.workspace.pools,
        jobs=options.jobs,
        keep_going=options.keep_going,
    )
    build = Build(project.name, project.title, project.profile, judge, planned, tools)
    try:
        report = build.run()
    finally:
        # Also after an error: what was decided and made must be in the lock.
        _write_lock(project, build.verdicts, leases, whole_film=not goals and wishes is None)
        leases.close()
    _show(project, build.verdicts, shown, whole_film=not goals, report=report)
    _record_last(project, build.verdicts, whole_film=not goals)
    report.notes += project.state.notes
    report.shown = _to_open(project, build.verdicts, ids)
    if wishes is None and not options.refresh:
        _record_unchanged(project, goals, build.verdicts, shown, report, began_ns)
    listener(BuildFinished(report))
    return report


def _write_lock(
    project: Project, verdicts: Mapping[str, Verdict], leases: Leases, *, whole_film: bool
) -> None:
    """Add what this build knows to the lock as it is on disk now: another build may have written
    it meanwhile, or the user."""
    leases.wait("lock")
    try:
        lock = project.read_lock()
        update_lock(lock, project.graph, verdicts, whole_film, project.state)
        project.write_lock(lock)
    finally:
        leases.give_back("lock")


def _show(
    project: Project,
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    *,
    whole_film: bool,
    report: Report,
) -> None:
    """Bring ``out/`` up to date for what was reused, and clear what no node shows any more."""
    wanted: list[str] = []
    for node_id, verdict in verdicts.items():
        node = project.graph[node_id]
        if node.out is None or verdict.known is None or not verdict.known.usable:
            continue
        wanted += [name for name, _ in file_names(node, verdict.known.outputs)]
        shown.show(node, verdict.known.outputs)
    with project.state.transaction():
        report.notes += shown.save()
    if whole_film:
        shown.tidy([*wanted, *_still_shown(project, verdicts, shown)])


def _still_shown(project: Project, verdicts: Mapping[str, Verdict], shown: Shown) -> list[str]:
    """Files of nodes that this build left alone: failed or blocked ones, and those outside it."""
    stems = {
        node.out
        for node in project.graph
        if node.out is not None
        and ((verdict := verdicts.get(node.id)) is None or verdict.known is None)
    }
    return [name for name in shown.rows if name.rpartition(".")[0] in stems]


def _record_last(project: Project, verdicts: Mapping[str, Verdict], *, whole_film: bool) -> None:
    last = project.state.last_keys(project.name)
    fresh = [
        (node_id, verdict.key, verdict.known.outputs)
        for node_id, verdict in verdicts.items()
        if verdict.action is Act.REUSE
        and verdict.key is not None
        and verdict.known is not None
        and last.get(node_id) != verdict.key
    ]
    gone = [name for name in last if name not in project.graph] if whole_film else []
    if fresh or gone:
        with project.state.transaction():
            project.state.set_last(project.name, fresh)
            project.state.forget_last(project.name, gone)


def _to_open(project: Project, verdicts: Mapping[str, Verdict], ids: Sequence[str]) -> list[str]:
    found: list[str] = []
    for node_id in ids:
        verdict = verdicts.get(node_id)
        if verdict is not None and verdict.known is not None:
            found += [str(project.out / name) for name in _names(project, node_id, verdict)]
    return found


def _names(project: Project, node_id: str, verdict: Verdict) -> list[str]:
    assert verdict.known is not None
    node = project.graph[node_id]
    return [name for name, _ in file_names(node, verdict.known.outputs)]


def shown_of(project: Project, goal: str) -> list[str]:
    """Names under ``out/`` of a goal's results, as far as they are made."""
    ids = project.goal_nodes([goal])
    verdicts = judge_all(project.judge(), ids)
    return [
        n for i in ids if verdicts[i].known is not None for n in _names(project, i, verdicts[i])
    ]


def _record_unchanged(
    project: Project,
    goals: Sequence[str],
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    report: Report,
    began_ns: int,
) -> None:
    """Record the stats that prove this build has nothing to do, if it had nothing left to do."""
    from fvbuild.project import unchanged

    settled = all(r.action in (Did.BUILT, Did.CUTOFF, Did.REUSED) for r in report.results)
    if not settled or report.interrupted or report.notes or project.inputs.racy:
        return
    files = _dependencies(project, verdicts, shown, began_ns)
    if files is not None:
        request = unchanged.Request(
            str(project.film_path), project.profile or "", tuple(goals), False
        )
        unchanged.save(request, files.items(), project.title, report.shown)


def _dependencies(
    project: Project, verdicts: Mapping[str, Verdict], shown: Shown, began_ns: int
) -> dict[str, Sequence[int] | None] | None:
    """All files whose stats matter, by absolute path; None when one is too young to be trusted."""
    from fvbuild.engine.stats import FileStat, stat_of
    from fvbuild.project import unchanged
    from fvbuild.resources import template

    files: dict[str, Sequence[int] | None] = {}
    for source in project.loaded.sources:
        stat = FileStat(source.size, source.mtime_ns, source.ctime_ns, source.ino)
        if source.digest and not stat.settled_at(began_ns):
            return None
        files[str(project.folder / source.path)] = stat if source.digest else None
    files.update(project.inputs.stats)
    place = project.workspace
    for path in (*place.looked_for, *([place.file] if place.file else ()), project.lock.path):
        assert path is not None
        files[str(path)] = stat_of(path)
    for path in template("").rglob("*"):
        if path.is_file():
            files[str(path)] = stat_of(path)
    for folder in unchanged.installed():
        files[folder] = unchanged.stat_of_folder(folder)
    root = str(place.cache / "artifacts")
    for verdict in verdicts.values():
        for output in verdict.known.outputs if verdict.known is not None else ():
            found = project.store.known_stat(output.digest)
            if found is not None:
                files[f"{root}/{output.digest[:2]}/{output.digest[2:]}"] = found
    files.update({f"{shown.out}/{name}": row[1] for name, row in shown.rows.items()})
    return files
