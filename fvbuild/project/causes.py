"""Root causes: from a verdict up to the nodes whose own fields were edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fvbuild.engine.events import Change, Step
from fvbuild.engine.plan import judge_all, step

if TYPE_CHECKING:
    from fvbuild.project.session import Project

_MOST = 20


def causes(project: Project, found: Step) -> list[tuple[Step, Change]]:
    """The edited fields behind a step: its own, or those of the nodes it comes from."""
    steps = _steps(project, found)
    seen: set[str] = set()
    todo, result = [found], list[tuple[Step, Change]]()
    while todo and len(result) < _MOST:
        current = todo.pop(0)
        if current.node in seen:
            continue
        seen.add(current.node)
        upstream = [steps[name] for name in current.because if name in steps]
        roles = {
            edge.role.partition(".")[0]
            for edge in project.graph[current.node].inputs
            if edge.node in current.because
        }
        own = [c for c in current.changes if c.path.partition(".")[0] not in roles]
        result += [(current, change) for change in own]
        todo += upstream
    return result


def _steps(project: Project, found: Step) -> Mapping[str, Step]:
    """Steps by node, those that were planned already, or else of the whole film."""
    if not all(name in project.judged for name in found.because):
        verdicts = judge_all(project.judge(), [node.id for node in project.graph])
        project.judged.update((name, step(project.graph[name], v)) for name, v in verdicts.items())
    return project.judged
