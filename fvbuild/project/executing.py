"""Where a film's takes are made: here, or on the cluster that ``fvbuild.yaml`` names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.events import Act
from fvbuild.engine.executor import HERE, Executor
from fvbuild.engine.verdict import Verdict
from fvbuild.errors import ExecutorError

if TYPE_CHECKING:
    from fvbuild.executors.place import RayPlace
    from fvbuild.project.opened import OpenFilm


def executor_of(film: OpenFilm) -> Executor:
    """The executor of one build. A cluster is connected to when something first goes out."""
    place = film.workspace.executor
    if place is None:
        return HERE
    from fvbuild.executors.ray_executor import RayExecutor

    return RayExecutor(place, film.targets.elsewhere, lambda: _folder(film))


def _folder(film: OpenFilm) -> Path:
    """On the store's file system, and swept with all else that builds leave which are killed."""
    return film.store.new_folder("executor")


def obstacles(film: OpenFilm, verdicts: Mapping[str, Verdict] | None = None) -> list[ExecutorError]:
    """What would keep a build from having its takes made: found in a moment, without Ray.

    ``verdicts``: those of a plan; where nothing of it goes out, nothing is in its way.
    """
    place = film.workspace.executor
    if place is None or (verdicts is not None and not _goes_out(film, place, verdicts)):
        return []
    from fvbuild.executors.place import obstacle

    error = obstacle(place)
    return [] if error is None else [error]


def _goes_out(film: OpenFilm, place: RayPlace, verdicts: Mapping[str, Verdict]) -> bool:
    for node_id, verdict in verdicts.items():
        if verdict.action not in (Act.BUILD, Act.MAYBE):
            continue
        node = film.graph[node_id]
        if node.target is not None and not node.pure and place.takes(node.target.pool):
            return True
        kind = film.graph.kinds[node.kind]
        if node.target is None and kind.make is not None and not kind.beside_store:
            return True
    return False
