"""Show what is made, chosen, approved, held and waiting. Nothing is made.

With GOAL just its nodes; with -q only what is not as the film asks for, and nothing if all is.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.engine.events import Act, Plan, Step
from fvbuild.engine.select import NoneHasStatusError
from fvbuild.errors import Exit
from fvbuild.report import words
from fvbuild.report.grouping import gathered, grouped, name_of
from fvbuild.report.reasons import Causes, reason, roots_of
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.engine.graph import Node
    from fvbuild.engine.lock import LockLine
    from fvbuild.project import Project

EXAMPLES = (
    "fvbuild status",
    "fvbuild status pier -v            # every node of a scene",
    "fvbuild status status:held        # status:rejected, status:blocked ...",
    "fvbuild status -q                 # prints nothing when all is up to date",
)

_LINES_SHOWN = 60


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL..."""
    options.goals_argument(parser)
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print it."""
    project = open_project(args, console)
    try:
        plan = project.status(args.goals)
    except NoneHasStatusError as none:
        # That is an answer here; to have nothing to build or approve is a mistake elsewhere.
        plan = Plan(project.title, project.profile, [])
        console.say(none.message)
    if args.json:
        from fvbuild.cli.documents import document

        steps = [_json(project, step) for step in plan.steps]
        console.out(document("nodes", steps, film=plan.film, profile=plan.profile))
    elif not plan.steps:
        return Exit.DONE
    elif console.quiet:
        console.out(_attention(project, plan, console.style))
    else:
        console.out(_text(project, plan, console.style, verbose=args.verbose))
    return Exit.DONE


def _json(project: Project, step: Step) -> dict[str, Json]:
    line = project.lock_line(step.node)
    return {
        "node": step.node,
        "kind": step.kind,
        "action": step.action.value,
        "reason": step.reason.value,
        "status": str(line.status) if line else None,
        "chosen": line.chosen if line else None,
        "takes": len(line.takes) if line else 0,
        "message": step.message,
    }


def _attention(project: Project, plan: Plan, style: Style) -> Iterator[str]:
    """What is to be made, held or in the way; not what may follow from that."""
    due = [step for step in plan.steps if step.action not in (Act.REUSE, Act.MAYBE)]
    width = min(44, max((len(safe(step.node)) for step in due), default=0))
    for step in due:
        yield f"{safe(step.node):<{width}}  {_due(step, project.causes)}"


def _text(project: Project, plan: Plan, style: Style, *, verbose: bool) -> Iterator[str]:
    yield style.bold(safe(plan.film)) + (style.dim(f" ({plan.profile})") if plan.profile else "")
    lines = {step.node: project.lock_line(step.node) for step in plan.steps}
    graph = project.graph
    told = [
        step
        for step in plan.steps
        if verbose or _has_takes(graph[step.node]) or step.action is not Act.REUSE
    ]
    groups = grouped(told, lambda step: step.node)
    parts = {
        name: [[step] for step in steps] if verbose else list(gathered(steps))
        for name, steps in groups.items()
    }
    if verbose or sum(map(len, parts.values())) <= _LINES_SHOWN:
        names = [safe(name_of(steps)) for rows in parts.values() for steps in rows]
        width = min(44, max(map(len, names), default=0))
        for heading, gatherings in parts.items():
            yield from ("", style.bold(safe(heading)))
            for steps in gatherings:
                state = _state(lines[steps[0].node], steps[0], project.causes, style)
                yield f"  {safe(name_of(steps)):<{width}}  {state}"
    else:
        yield ""
        yield from _by_scene(groups, style)
    yield ""
    yield from _totals(lines, plan)


def _has_takes(node: Node) -> bool:
    return node.target is not None and not node.pure


def _state(line: LockLine | None, step: Step, causes: Causes, style: Style) -> str:
    parts = []
    if line is not None:
        paint = {"approved": style.green, "adopted": style.green, "rejected": style.red}
        status = str(line.status)
        parts.append(paint.get(status, str)(f"{status:<8}"))
        of = f" of {len(line.takes)}" if len(line.takes) > 1 else ""
        parts.append(f"{f'take {line.chosen}{of}':<11}")
    if step.action is Act.REUSE:
        parts.append(style.dim("up to date"))
    else:
        parts.append(_due(step, causes))
    return "  ".join(parts)


def _due(step: Step, causes: Causes) -> str:
    return f"{_DUE[step.action]}: {safe(reason(step, roots_of(step, causes)))}"


_DUE = {Act.BUILD: "to build", Act.MAYBE: "maybe", Act.HELD: "held", Act.BLOCKED: "blocked"}


def _by_scene(groups: dict[str, list[Step]], style: Style) -> Iterator[str]:
    """A line a scene; of very many scenes only those with something to do, and not all of them."""
    shown = 0
    for name, steps in groups.items():
        counts = Counter(_DUE.get(step.action, "up to date") for step in steps)
        if len(groups) > _LINES_SHOWN and counts.keys() == {"up to date"}:
            continue
        shown += 1
        if shown <= _LINES_SHOWN:
            told = ", ".join(f"{number:,} {word}" for word, number in counts.most_common())
            yield f"  {style.bold(safe(name))}  {told}"
    if shown > _LINES_SHOWN:
        yield style.dim(f"  and {words.count(shown - _LINES_SHOWN, 'more scene')}")


def _totals(lines: Mapping[str, LockLine | None], plan: Plan) -> Iterator[str]:
    statuses = Counter(line.status for line in lines.values() if line is not None)
    if statuses:
        yield ", ".join(f"{number:,} {status}" for status, number in statuses.most_common()) + "."
    due = Counter(step.action for step in plan.steps if step.action is not Act.REUSE)
    if due:
        yield ", ".join(f"{number:,} {_DUE[action]}" for action, number in due.items()) + "."
    else:
        whole = plan.count(Act.REUSE)
        yield f"All {whole:,} nodes are up to date." if whole > 1 else "Up to date."
