"""Root causes: from a verdict up to the nodes whose own fields were edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from fvbuild.engine.events import Change, Step
from fvbuild.engine.graph import Graph
from fvbuild.engine.plan import judge_all, step
from fvbuild.report.changes import echo_of

if TYPE_CHECKING:
    from fvbuild.project.session import Project

_MOST = 20
_LAID_OUT = frozenset({"mix", "subtitles", "titles", "transition", "cut"})

Cause: TypeAlias = tuple[Step, Change]


def causes(project: Project, found: Step) -> list[Cause]:
    """The edited fields behind a step: its own, or those of the nodes it comes from."""
    return _causes(project.graph, found, _steps(project, found).get)


def last_causes(project: Project, found: Step) -> list[Cause]:
    """What had been edited when a step that is up to date was made last.

    The step is one that ``project.why`` gave: what it comes from was looked at then.
    """
    return _causes(project.graph, found, project.made_last)


def _causes(graph: Graph, found: Step, step_of: Callable[[str], Step | None]) -> list[Cause]:
    """Own changes of the step and of all above it, nearest first, each edit once."""
    seen: dict[str, Step] = {found.node: found}
    todo, result = [found], list[Cause]()
    while todo and len(result) < _MOST:
        current = todo.pop(0)
        roles = {
            edge.role.partition(".")[0]
            for edge in graph[current.node].inputs
            if edge.node in current.because
        }
        result += [
            (current, change)
            for change in current.changes
            if change.path.partition(".")[0] not in roles or _comes_or_goes(change)
        ]
        for name in current.because:
            above = step_of(name) if name not in seen else None
            if above is not None:
                seen[name] = above
                todo.append(above)
    # What is laid out along the whole film changes with any shot: the shot is told first.
    return sorted(_without_echoes(result, seen), key=lambda cause: cause[0].kind in _LAID_OUT)


def _comes_or_goes(change: Change) -> bool:
    """True when a list of inputs got longer or shorter: that is an edit of this very node."""
    before, after = change.old, change.new
    return isinstance(before, list) and isinstance(after, list) and len(before) != len(after)


def _without_echoes(found: Sequence[Cause], steps: Mapping[str, Step]) -> list[Cause]:
    """An edit that reaches a node by two ways is told where it was made: furthest up."""
    edits = {
        step.node: {echo_of(change) for at, change in found if at is step} for step, _ in found
    }
    return [
        (step, change)
        for step, change in found
        if not any(echo_of(change) in edits.get(name, ()) for name in _above(step, steps))
    ]


def _above(found: Step, steps: Mapping[str, Step]) -> Iterable[str]:
    seen: dict[str, None] = {}
    todo = list(found.because)
    while todo:
        name = todo.pop()
        if name not in seen and name in steps:
            seen[name] = None
            todo += steps[name].because
    return seen


def _steps(project: Project, found: Step) -> Mapping[str, Step]:
    """Steps by node, those that were planned already, or else of the whole film."""
    if not all(name in project.judged for name in found.because):
        verdicts = judge_all(project.judge(), [node.id for node in project.graph])
        project.judged.update((name, step(project.graph[name], v)) for name, v in verdicts.items())
    return project.judged
