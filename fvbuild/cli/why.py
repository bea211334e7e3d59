"""Tell why a node would be made again, or why it is not: the chain from the line that changed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.engine.events import Act, Change, Reason, Step
from fvbuild.errors import Exit, UsageError
from fvbuild.report import words
from fvbuild.report.changes import all_changes, identity, phrases
from fvbuild.report.ending import nearby
from fvbuild.report.reasons import CHANGED, plain, reason
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.project import NodeTakes, Project

EXAMPLES = (
    "fvbuild why pier/ticket/segment",
    "fvbuild why cut",
    "fvbuild why pier/ticket/segment --json | jq .causes",
)

Cause: TypeAlias = tuple[Step, Change]

_INPUTS_SHOWN = 12
_MADE_BECAUSE = {
    Reason.NO_TAKE: "there was none of it before",
    Reason.REQUESTED: "it was asked for",
    Reason.ARTIFACT_LOST: "its file was not here",
    Reason.ARTIFACT_CORRUPT: "its stored file was damaged",
}
_VERDICTS = {
    Act.REUSE: "up to date",
    Act.BUILD: "would be made",
    Act.MAYBE: "may be made",
    Act.HELD: "held",
    Act.BLOCKED: "cannot be made",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """NODE."""
    options.node_argument(parser)
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print it."""
    project = open_project(args, console)
    step = project.why(_only_one(project, args.node))
    up_to_date = step.action is Act.REUSE
    causes = project.last_causes(step) if up_to_date else project.causes(step)
    if args.json:
        import json

        told = json.dumps(_json(project, step, causes), ensure_ascii=False, indent=1)
        console.out([told])
    else:
        console.out(_text(project, step, causes, console.style))
    return Exit.DONE


def _only_one(project: Project, goal: str) -> str:
    """The node that is meant. Raises UsageError when several are."""
    nodes = project.goal_nodes([goal])
    if len(nodes) > 1:
        raise UsageError(
            f"'{goal}' is {words.count(len(nodes), 'node')}, and a reason is one node's",
            hint=f"ask for one of {words.some(nodes, 6)}",
        )
    return nodes[0] if nodes else goal


def _takes(project: Project, step: Step) -> NodeTakes | None:
    node = project.graph[step.node]
    if node.target is None or node.text is not None:  # made here, or worked out while planning
        return None
    found = [takes for takes in project.takes(step.node) if takes.node == step.node]
    return found[0] if found and found[0].takes else None


def _json(project: Project, step: Step, causes: Sequence[Cause]) -> dict[str, Json]:
    from fvbuild.cli.takes import takes_json
    from fvbuild.report.plan_json import VERSION, step_json

    takes = _takes(project, step)
    node = project.graph[step.node]
    return {
        "version": VERSION,
        **step_json(step),
        "message": step.message,
        "key": step.key,
        "changes": [{"path": c.path, "old": c.old, "new": c.new} for c in step.changes],
        "causes": [
            {"node": root.node, "loc": root.loc, "path": c.path, "old": c.old, "new": c.new}
            for root, c in causes
        ],
        "inputs": [{"role": i.role, "node": i.node, "fact": i.fact} for i in node.inputs],
        "chosen": takes_json(takes) if takes else None,
        "out": [str(path) for path in project.out_paths(step.node)],
    }


def _text(project: Project, step: Step, causes: Sequence[Cause], style: Style) -> Iterator[str]:
    kind = style.dim(f"  {step.kind}")
    where = style.dim(f"  {safe(words.place(step.loc))}") if step.loc else ""
    yield f"{style.bold(safe(step.node))}{kind}{where}"
    paint = {Act.BUILD: style.cyan, Act.HELD: style.yellow, Act.BLOCKED: style.red}
    verdict = paint.get(step.action, style.green)(_VERDICTS[step.action])
    if step.action is Act.REUSE:
        yield verdict
        told, causes = _made_last(project, step, causes)
        yield from [safe(told)] if told else []
    else:
        yield f"{verdict}: {safe(reason(step, causes))}"
    yield from _chain(step, causes, style)
    yield from _inputs(project, step, style)
    yield from _facts(project, step, style)


def _made_last(
    project: Project, step: Step, causes: Sequence[Cause]
) -> tuple[str, Sequence[Cause]]:
    """Why what there is was made, as the diary has it; and the changes, if it was for them."""
    made, newest = project.making(step.node), project.log(1, step.node)
    changed = all_changes(causes, step.paths) if causes or step.paths else ""
    if made is None:
        return "", ()
    if newest[0] != made and changed:
        return f"back to what was made before, because {changed}", causes
    if made.reason in CHANGED:
        paths = made.message.split(", ")
        return f"made last because {changed or all_changes((), paths)}", causes
    why = Reason(made.reason)
    return f"made last because {_MADE_BECAUSE.get(why, plain(why))}", ()


def _chain(step: Step, causes: Sequence[Cause], style: Style) -> Iterator[str]:
    """The changes at their places; one that was made at several nodes once."""
    of_root: dict[str, list[Cause]] = {}
    for root, change in causes:
        of_root.setdefault(root.node, []).append((root, change))
    told: dict[str, list[Step]] = {}
    for found in of_root.values():
        for phrase in phrases(found[0][0].kind, [change for _root, change in found]):
            told.setdefault(phrase, []).append(found[0][0])
    if told:
        yield ""
        yield style.bold("changed")
    for phrase, roots in list(told.items())[:_INPUTS_SHOWN]:
        others = f" and {words.count(len(roots) - 1, 'other node')}" if len(roots) > 1 else ""
        via = "" if roots[0].node == step.node else f"  by {safe(roots[0].node)}{others}"
        place = f"{safe(words.place(roots[0].loc))}  " if roots[0].loc else ""
        yield f"  {style.dim(place)}{safe(phrase)}{style.dim(via)}"
    if len(told) > _INPUTS_SHOWN:
        yield style.dim(f"  and {len(told) - _INPUTS_SHOWN:,} more")


def _inputs(project: Project, step: Step, style: Style) -> Iterator[str]:
    node = project.graph[step.node]
    if not node.inputs:
        return
    yield ""
    yield style.bold("made from")
    edges = [edge for edge in node.inputs if edge.node in step.because]
    edges += [edge for edge in node.inputs if edge.node not in step.because]
    width = max(len(edge.role) for edge in edges[:_INPUTS_SHOWN])
    word = "  may change" if step.action is Act.MAYBE else "  changed"
    if step.reason is Reason.NO_TAKE:
        word = "  not made yet"
    for edge in edges[:_INPUTS_SHOWN]:
        changed = style.cyan(word) if edge.node in step.because else ""
        fact = f" ({edge.fact})" if edge.fact else ""
        yield f"  {safe(edge.role):<{width}}  {safe(edge.node)}{fact}{changed}"
    if len(edges) > _INPUTS_SHOWN:
        yield style.dim(f"  and {len(edges) - _INPUTS_SHOWN:,} more")


def _facts(project: Project, step: Step, style: Style) -> Iterator[str]:
    from fvbuild.cli.takes import tried
    from fvbuild.project.building import kept_of

    yield ""
    node, takes = project.graph[step.node], _takes(project, step)
    facts: list[tuple[str, str]] = []
    if takes is not None:
        there = any(take.n == takes.chosen for take in takes.takes)
        chosen = f"{takes.chosen} of {len(takes.takes)}, {takes.status}"
        facts.append(("take", chosen if there else f"{takes.chosen}, to be drawn"))
    for entry in project.log(1, step.node):
        cost = entry.cost
        paid = f", {words.money(cost.amount, cost.currency)}" if cost and cost.amount else ""
        when = f"{words.moment(entry.at)} in {words.seconds(entry.seconds)}{paid}"
        facts.append((entry.did, when))
    if node.target is not None:
        model = identity(node.target.identity)
        facts.append(("target", f"{node.target.name} ({model})" if model else node.target.name))
    for take in (take for take in takes.takes if take.n == takes.chosen) if takes else ():
        if node.target is not None and take.origin not in (node.target.name, "adopted", ""):
            facts.append(("made by", take.origin))
        facts += [("tried", told) for told in tried(take, why=True)]
    if step.key:
        facts.append(("key", step.key))
    files = project.out_paths(step.node) or kept_of(project, step.node)
    facts += [("file", nearby(path)) for path in files]
    for name, told in facts:
        yield f"  {style.dim(f'{name:<7}')} {safe(told)}"
