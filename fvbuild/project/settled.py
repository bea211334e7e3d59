"""An edit of a few shots in a long film: only what the edit can reach is looked at.

When a build leaves everything up to date, the film as it was is kept beside the record of stats
(:mod:`fvbuild.project.unchanged`). If at the next build those stats differ in the film's own text
alone, and the text in a few shots alone, then everything else is known to be up to date: the graph
is expanded for those shots and what joins them, and stands on the settled rest. Any doubt, and the
whole film is looked at. The result is the same either way; only the time differs.
"""

from __future__ import annotations

import contextlib
import marshal
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.engine.digest import quick
from fvbuild.engine.events import Act, Reason
from fvbuild.engine.graph import Graph
from fvbuild.engine.takes import content_of
from fvbuild.engine.verdict import Known, Verdict
from fvbuild.project import unchanged

if TYPE_CHECKING:
    from fvbuild.project.session import Project

_MAGIC = b"fvbuild settled film 1\n"
_MOST_FILES = 16
_MOST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a film that an edit can reach, and what the rest is known to be."""

    graph: Graph
    settled: Mapping[str, Verdict]
    untouched: int
    record: unchanged.Record


def part_of(project: Project) -> Part | None:
    """The part that must be looked at; None when it must be all of it."""
    film = project.loaded.variants[0]
    if len(project.loaded.variants) > 1 or film.approve:
        return None
    request = request_for(project, ())
    record = unchanged.read(request)
    if record is None:
        return None
    kept = _read(project, record)
    sources = {str(project.folder / source.path) for source in project.loaded.sources}
    if kept is None or not _differ_only_in(record, sources):
        return None
    total, packed = kept
    focus = _focus(project, packed)
    if focus is None or len(focus) > _MOST_SHARE * sum(1 for _ in film.shots()):
        return None
    graph = project.expand(focus)
    settled = _settled(project, graph)
    if settled is None or _lost_nodes(project, graph, focus):
        return None
    return Part(graph, settled, max(0, total - len(graph)), record)


def request_for(project: Project, goals: Sequence[str]) -> unchanged.Request:
    """The plain request for goals of this film and profile."""
    return unchanged.Request(str(project.film_path), project.profile or "", tuple(goals), False)


def _differ_only_in(record: unchanged.Record, sources: set[str]) -> bool:
    differing = unchanged.differing(record.names, record.stats, _MOST_FILES)
    return differing is not None and set(differing) <= sources


def _focus(project: Project, packed: Any) -> set[tuple[str, str]] | None:
    from fvbuild.film.difference import changed_shots
    from fvbuild.rules.focus import reach

    changed = changed_shots(packed, project.loaded.packed[0])
    return None if changed is None else reach(project.loaded.variants[0], changed)


def _settled(project: Project, graph: Graph) -> Mapping[str, Verdict] | None:
    outputs = project.state.last_outputs(project.name, graph.settled)
    if len(outputs) < len(graph.settled):
        return None
    return {
        node: Verdict(Act.REUSE, Reason.UP_TO_DATE, known=Known(content_of(made), made))
        for node, made in outputs.items()
    }


def _lost_nodes(project: Project, graph: Graph, focus: set[tuple[str, str]]) -> bool:
    """True when a shot has fewer nodes than it had: what they left is cleared in a whole build."""
    return any(
        node not in graph
        for scene, shot in focus
        for node in project.state.last_below(project.name, f"{scene}/{shot}/")
    )


# --- the film as it was -------------------------------------------------------------------------


def _path(project: Project) -> Path:
    name = request_for(project, ()).name()
    return project.workspace.cache / "unchanged" / f"{name}.film"


def keep(project: Project, total: int, record: bytes) -> None:
    """Keep the film as it is now, for the record of stats just written."""
    if len(project.loaded.packed) != 1:
        return
    body = marshal.dumps((total, project.loaded.packed[0]))
    path = _path(project)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        head = _MAGIC + quick(record).encode() + quick(body).encode()
        temporary.write_bytes(head + body)
        temporary.replace(path)


def _read(project: Project, record: unchanged.Record) -> tuple[int, Any] | None:
    """The number of nodes and the packed film; None unless it belongs to this very record."""
    try:
        data = _path(project).read_bytes()
    except OSError:
        return None
    head = _MAGIC + quick(record.data).encode()
    body = data[len(head) + 32 :]
    # The digest stands guard: marshal must never see bytes that we did not write.
    if not data.startswith(head + quick(body).encode()):
        return None
    total, packed = marshal.loads(body)
    return total, packed
