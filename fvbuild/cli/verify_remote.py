"""``fvbuild verify --remote``: what of the shared store a clone of the film would not get."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fvbuild.cli.console import Console
from fvbuild.cli.documents import document, money_json
from fvbuild.cli.opening import command_prefix
from fvbuild.errors import Exit
from fvbuild.report import words
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.engine.shared_check import SharedProblem
    from fvbuild.project import Project
    from fvbuild.project.remote_check import RemoteCheck

_SHOWN = 40


def run(project: Project, args: argparse.Namespace, console: Console) -> int:
    """Read and tell."""
    from fvbuild.cli.building import running

    with running(args, console) as reading:
        found = project.verify_remote(reading.hear, reading.cancel)
    if reading.cancel.is_set():
        return Exit.INTERRUPTED
    if args.json:
        rows = [_json(problem, found) for problem in found.checked.problems]
        console.out(
            document(
                "problems",
                rows,
                place=found.place,
                takes=found.checked.takes,
                whole=len(found.checked.whole),
                size_bytes=found.checked.size_bytes,
            )
        )
    else:
        shown = len(found.checked.problems) if args.verbose else _SHOWN
        console.out(_text(found, console.style, shown, command_prefix(args)))
    return Exit.NODE_FAILED if found.checked.problems else Exit.DONE


def _json(problem: SharedProblem, found: RemoteCheck) -> dict[str, Json]:
    return {
        "digest": problem.digest,
        "problem": str(problem.fault),
        "nodes": list(problem.nodes),
        "here": found.mendable(problem),
        "cost": money_json(problem.cost),
    }


def _text(found: RemoteCheck, style: Style, shown: int, command: str) -> Iterator[str]:
    problems = found.checked.problems
    for problem in problems[:shown]:
        cost = problem.cost
        paid = f", {words.money(cost.amount, cost.currency)}" if cost and cost.amount else ""
        here = "" if found.mendable(problem) else ", and not here either"
        yield f"  {style.red(f'{problem.fault:<9}')}  {safe(words.some(problem.nodes))}{paid}{here}"
    if len(problems) > shown:
        yield style.dim(f"  and {len(problems) - shown:,} more (-v lists them)")
    takes, size = words.count(found.checked.takes, "take"), words.size(found.checked.size_bytes)
    read = f"{takes} of {safe(found.place)} read ({size})"
    if not problems:
        yield f"{read}, all whole."
        return
    yield f"{read}, {words.count(len(problems), 'problem')}."
    mendable = sum(found.mendable(problem) for problem in problems)
    if mendable:
        again = style.bold(f"{command} push --repair")
        yield f"Next: {again} sends again what is here ({mendable:,})."
    if mendable < len(problems):
        build = style.bold(f"{command} build")
        yield f"What is not here: another clone may have it; {build} makes again what is free,"
        yield "and says what the rest would cost."
