"""List the takes of a node (or of every node of a goal): which is chosen, and what each cost."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.documents import document, money_json
from fvbuild.cli.opening import command_prefix, open_project
from fvbuild.errors import Exit
from fvbuild.report import words
from fvbuild.report.ending import nearby
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.project import NodeTakes, Project, TakeRow

EXAMPLES = (
    "fvbuild takes pier/arrival/anchor",
    "fvbuild takes pier/arrival        # every node of the shot",
    "fvbuild takes kind:anchor --json",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """NODE."""
    options.node_argument(parser)
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print them."""
    project = open_project(args, console)
    show(project, project.takes(args.node, ask=True), args, console)
    for note in project.shared_notes() if project.workspace.store is not None else ():
        console.warning(note)
    return Exit.DONE


def show(
    project: Project,
    nodes: Sequence[NodeTakes],
    args: argparse.Namespace,
    console: Console,
    *,
    did: str = "",
) -> None:
    """Takes as JSON or as text; ``did`` says what a command has just done with each node."""
    if args.json:
        console.out(document("nodes", [takes_json(node) for node in nodes]))
        return
    if not nodes:
        console.say("nothing to change" if did else "no takes yet")
    for node in nodes:
        if did:
            chosen = f"take {node.chosen}" if node.chosen is not None else "no take"
            console.out([f"{did} {safe(node.node)} ({chosen})"])
        else:
            in_out = project.out_paths(node.node)
            shown = {node.chosen: in_out[0]} if in_out and in_out[0].exists() else {}
            console.out(takes_text(node, shown, console.style, command_prefix(args)))


def takes_json(node: NodeTakes) -> dict[str, Json]:
    """A node's takes."""
    return {
        "node": node.node,
        "kind": node.kind,
        "key": node.key,
        "chosen": node.chosen,
        "status": str(node.status) if node.status is not None else None,
        "takes": [_take_json(take) for take in node.takes],
    }


def _take_json(take: TakeRow) -> dict[str, Json]:
    return {
        "n": take.n,
        "artifact": take.artifact,
        "status": str(take.status) if take.status is not None else None,
        "origin": take.origin,
        "cost": money_json(take.cost),
        "seed": take.seed,
        "seconds": take.seconds,
        "made_at": take.made_at,
        "path": str(take.path) if take.path else None,
        "away": take.away,
        "tried": [dict(step) for step in take.tried],
    }


def tried(take: TakeRow, *, why: bool = False) -> list[str]:
    """What was tried before a take was made, a phrase a step; ``why`` with what was said to it."""
    found = []
    for step in take.tried:
        how = step.get("how")
        by = f" by {how['by']}" if isinstance(how, Mapping) and how.get("by") else ""
        other = " in other words" if step.get("wording") else ""
        said = f": {step['message']}" if why and step.get("message") else ""
        if step.get("did") != "made":
            found.append(f"{step.get('target', '')} {step.get('did', '')}{by}{other}{said}")
    return found


def takes_text(
    node: NodeTakes, shown: Mapping[int, Path], style: Style, command: str
) -> Iterator[str]:
    """A node's takes, one a line, the chosen one marked; ``shown`` is where takes lie in out/."""
    status = f", {node.status}" if node.takes and node.status else ""
    yield f"{style.bold(safe(node.node))}  {words.count(len(node.takes), 'take')}{status}"
    first_of: dict[str, int] = {}
    for take in node.takes:
        chosen = take.n == node.chosen
        facts = [f"take {take.n}"]
        facts.append(f"{take.status}" if take.status else "made")
        facts += [f"seed {take.seed}"] if take.seed is not None else []
        facts += [take.origin] if take.origin else []
        if take.cost and take.cost.amount:
            facts.append(words.money(take.cost.amount, take.cost.currency))
        if take.seconds is not None and take.origin != "adopted":
            facts.append(words.seconds(take.seconds))
        facts += [words.moment(take.made_at)] if take.made_at else []
        first = first_of.setdefault(take.artifact, take.n)
        facts += [f"came out the same as take {first}"] if first != take.n else []
        line = f"  {'*' if chosen else ' '} " + "  ".join(safe(str(fact)) for fact in facts)
        yield style.green(line) if chosen else line
        yield from [style.dim(f"      {safe('; '.join(steps))}")] if (steps := tried(take)) else []
        path = shown.get(take.n, take.path)
        if path:
            yield style.dim(f"      {safe(nearby(path))}")
        elif take.away:
            yield style.dim(f"      in the shared store: {command} pull {safe(node.node)}")
        else:
            yield style.dim("      not here")
    if len(node.takes) > 1:
        yield style.dim(f"  another: {command} select {node.node} N")
