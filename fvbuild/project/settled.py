"""An edit of a few shots in a long film: only what the edit can reach is looked at.

When a build leaves everything up to date, the film as it was is kept beside the record of stats
(:mod:`fvbuild.project.unchanged`, :mod:`fvbuild.project.kept`). If at the next build those stats
differ in the text of a few shots alone, and in what was decided and shown of few shots, then
everything else is known to be up to date: the graph is expanded for those shots and what joins
them, and stands on the settled rest. Any doubt, and the whole film is looked at. The result is the
same either way; only the time differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from fvbuild.engine.graph import Graph
from fvbuild.engine.verdict import Verdict
from fvbuild.project import kept, looking, unchanged
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.project.session import Project

_MOST_SHARE = 0.2

Shots: TypeAlias = set[tuple[str, str]]
"""Shots as (scene, shot)."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a film that must be looked at, what of it is wanted, and what the rest is."""

    graph: Graph
    ids: Sequence[str]
    settled: Mapping[str, Verdict]
    untouched: int
    before: kept.KeptFilm
    record: unchanged.Record


def part_of(project: Project, goals: Sequence[str] = ()) -> Part | None:
    """The part that must be looked at; None when it must be all of the film.

    Goals may be shots, and nodes of shots that need nothing of others.
    """
    film = project.loaded.variants[0]
    if len(project.loaded.variants) > 1 or film.approve:
        return None
    if project.state.notes:  # it was begun anew, and knows nothing of what was settled
        return None
    request = request_for(project, ())
    look = looking.begun(request.name())
    record = look.record if look is not None else unchanged.read(request)
    before = kept.read(project, record) if record is not None else None
    asked = _asked(project, goals)
    if record is None or before is None or asked is None:
        return None
    changes = _changes(project, record, before, look)
    if changes is None:
        return None
    focus = _focus(project, before, changes.shots | asked)
    if focus is None or len(focus) > _MOST_SHARE * sum(1 for _ in film.shots()):
        return None
    graph = project.expand(focus)
    settled = before.verdicts()
    ids = list(graph.outputs) if not goals else _ids(graph, goals)
    if not graph.settled.keys() <= before.stood_on or _lost_nodes(project, graph, focus):
        return None
    if ids is None or not changes.lie_in(graph):
        return None
    untouched = 0 if goals else max(0, before.total - len(graph))
    return Part(graph, ids, settled, untouched, before, record)


def request_for(project: Project, goals: Sequence[str]) -> unchanged.Request:
    """The plain request for goals of this film and profile."""
    return unchanged.Request(
        str(project.film_path), project.profile or "", tuple(goals), False, project.untrusted
    )


# --- what differs from the record -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Changes:
    """Shots of which something beside the text differs: nodes that were decided otherwise, and
    files under ``out/``."""

    shots: Shots
    decided: frozenset[str]
    shown: frozenset[str]

    def lie_in(self, graph: Graph) -> bool:
        """True when all of it belongs to nodes of the graph, which will be looked at."""
        stems = {node.out for node in graph if node.out is not None}
        return all(name in graph for name in self.decided) and all(
            name.rpartition(".")[0] in stems for name in self.shown
        )


def _changes(
    project: Project,
    record: unchanged.Record,
    before: kept.KeptFilm,
    look: looking.Look | None,
) -> _Changes | None:
    """What differs; None when it is more than the text, the lock and the results of some shots."""
    if look is not None:
        differing = look.differing()
    else:
        differing = unchanged.differing(record.names, record.stats, looking.MOST_FILES)
    if differing is None:
        return None
    rest = set(differing) - {str(project.folder / source.path) for source in project.loaded.sources}
    decided: frozenset[str] = frozenset()
    if str(project.lock.path) in rest:
        rest.discard(str(project.lock.path))
        decided = before.decided_otherwise(project.lock)
    out = f"{project.out}/"
    if not all(path.startswith(out) for path in rest):
        return None
    shown = frozenset(path.removeprefix(out) for path in rest)
    shots = _shots_of(project, decided | shown)
    return None if shots is None else _Changes(shots, decided, shown)


def _shots_of(project: Project, names: Iterable[str]) -> Shots | None:
    """The shots that nodes, or files shown of them, belong to; None when one belongs to none."""
    found = set()
    for name in names:
        scene, _, rest = name.partition("/")
        shot, slash, _ = rest.partition("/")
        if not slash:
            return None
        found.add((scene, shot))
    known = ((shot.scene, shot.id) for shot in project.loaded.variants[0].shots())
    return found if not found or found <= set(known) else None


def _focus(project: Project, before: kept.KeptFilm, shots: Shots) -> Shots | None:
    from fvbuild.rules.focus import reach

    changed = before.changed_shots(project.loaded)
    return None if changed is None else reach(project.loaded.variants[0], changed | shots)


def _lost_nodes(project: Project, graph: Graph, focus: Shots) -> bool:
    """True when a shot has fewer nodes than it had: what they left is cleared in a whole build."""
    return any(
        node not in graph
        for scene, shot in focus
        for node in project.state.last_below(project.name, f"{scene}/{shot}/")
    )


# --- goals ----------------------------------------------------------------------------------------


def _asked(project: Project, goals: Sequence[str]) -> Shots | None:
    """The shots that goals name, or name nodes of; None for goals of any other form."""
    return _shots_of(project, (f"{goal.rstrip('/')}/" for goal in goals))


def _ids(graph: Graph, goals: Sequence[str]) -> list[str] | None:
    """The nodes that goals mean; None unless all they need is in the graph."""
    chosen: set[str] = set()
    for goal in goals:
        below = goal.rstrip("/") + "/"
        found = {goal} if goal in graph else {n.id for n in graph if n.id.startswith(below)}
        if not found:
            return None
        chosen |= found
    ids = [node.id for node in graph if node.id in chosen]
    needed = graph.closure(ids)
    if any(edge.node in graph.settled for name in needed for edge in graph[name].inputs):
        return None
    return ids
