"""What a build leaves for the next one: the stats that prove that nothing has changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fvbuild.engine.events import Did, Report
from fvbuild.engine.graph import Node
from fvbuild.engine.show import Shown
from fvbuild.engine.store import Health
from fvbuild.engine.verdict import Verdict
from fvbuild.project.scope import Scope

if TYPE_CHECKING:
    from fvbuild.project.session import Project


def record_unchanged(
    project: Project,
    goals: Sequence[str],
    scope: Scope,
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    report: Report,
    began_ns: int,
) -> None:
    """Record the stats that prove this build has nothing to do, if it had nothing left to do."""
    from fvbuild.project import kept, settled, unchanged_record

    done = all(r.action in (Did.BUILT, Did.CUTOFF, Did.REUSED) for r in report.results)
    if not done or report.interrupted or report.notes or project.inputs.racy:
        return
    project.keep_artifacts()
    files = _dependencies(project, scope, verdicts, shown, began_ns)
    if files is None:
        return
    if scope.part is not None and not goals:
        files = {**scope.part.record.files(), **files}
    texts = [str(project.folder / source.path) for source in project.loaded.sources]
    edited = [str(project.lock.path), *texts]
    request = settled.request_for(project, goals)
    record = unchanged_record.save(request, files.items(), project.title, report.shown, edited)
    if record is not None and not goals:
        kept.keep(project, scope, verdicts, len(scope.graph) + report.untouched, record)


def _kept_elsewhere(node: Node) -> bool:
    """Pure text is in its recipe, and a file's copy can be taken again."""
    return node.text is not None or node.file is not None


def _is_away(project: Project, digest: str) -> bool:
    """In the shared store alone: no file of this machine stands for it."""
    return digest in project.store.elsewhere and project.store.health(digest) is Health.AWAY


def _dependencies(
    project: Project,
    scope: Scope,
    verdicts: Mapping[str, Verdict],
    shown: Shown,
    began_ns: int,
) -> dict[str, Sequence[int] | None] | None:
    """All files whose stats matter, by absolute path; None when one is too young to be trusted."""
    from fvbuild.engine.stats import FileStat, stat_of
    from fvbuild.project import unchanged_record
    from fvbuild.targets.templates import templates_of

    files: dict[str, Sequence[int] | None] = {}
    for source in project.loaded.sources:
        stat = FileStat(source.size, source.mtime_ns, source.ctime_ns, source.ino)
        if source.digest and not stat.settled_at(began_ns):
            return None
        files[str(project.folder / source.path)] = stat if source.digest else None
    files.update(project.inputs.stats)
    place = project.workspace
    read_before = [*place.looked_for, *([place.file] if place.file else ())]
    folders, texts = templates_of(project.folder)
    files.update((str(folder), unchanged_record.stat_of_folder(str(folder))) for folder in folders)
    for path in (*read_before, *texts, *project.targets.files()):
        found = files[str(path)] = stat_of(path)
        if found is not None and not found.settled_at(began_ns):
            return None
    # As it was written: somebody may have edited it since.
    locked = project.state.stats.file_digest(str(project.lock.path))
    files[str(project.lock.path)] = locked[1] if locked is not None else None
    for folder in unchanged_record.installed():
        files[folder] = unchanged_record.stat_of_folder(folder)
    root = str(place.cache / "artifacts")
    for node_id, verdict in verdicts.items():
        for output in verdict.known.outputs if verdict.known is not None else ():
            if _is_away(project, output.digest):
                continue
            found = project.store.known_stat(output.digest)
            if found is not None:
                files[f"{root}/{output.digest[:2]}/{output.digest[2:]}"] = found
            elif node_id not in scope.graph or not _kept_elsewhere(scope.graph[node_id]):
                return None
    files.update({f"{shown.out}/{name}": row[1] for name, row in shown.seen.items()})
    return files
