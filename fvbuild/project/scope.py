"""What a build looks at: the whole film, its goals, or the part that an edit can reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fvbuild.engine.graph import Graph
from fvbuild.project.settled import Part, part_of
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.project.session import Project


@dataclass(frozen=True, slots=True)
class Scope:
    """``ids`` of ``graph`` are wanted. ``whole``: the whole film, so that what is gone can be
    cleared. ``part``: what is known of the rest, where only a part is looked at.
    """

    graph: Graph
    ids: Sequence[str]
    whole: bool
    part: Part | None = None


def scope_of(project: Project, goals: Sequence[str], *, part: bool) -> Scope:
    """The scope of a build of these goals; ``part`` allows to look at a part of the film alone."""
    if part:
        found = part_of(project, goals)
        if found is not None:
            return Scope(found.graph, found.ids, False, found)
    return Scope(project.graph, project.goal_nodes(goals), not goals)
