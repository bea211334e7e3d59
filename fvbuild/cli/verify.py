"""Read every stored artifact again, and name what is missing or damaged. Exit code 1 if any is.

With --remote it is about the shared store: all that the film's lock and results need there is read.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fvbuild.cli import options, verify_remote
from fvbuild.cli.console import Console
from fvbuild.cli.documents import document, money_json
from fvbuild.cli.opening import command_prefix, open_project
from fvbuild.errors import Exit
from fvbuild.report import words
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.engine.verify import VerifyProblem, VerifyReport

EXAMPLES = (
    "fvbuild verify",
    "fvbuild verify --json",
    "fvbuild verify --remote           # what a clone would not get from the shared store",
)

_SHOWN = 40
_NAMED = 12


def arguments(parser: argparse.ArgumentParser) -> None:
    """The film, and which store."""
    parser.add_argument("--remote", action="store_true", help="of the shared store, not of here")
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Check and tell."""
    project = open_project(args, console)
    if args.remote:
        return verify_remote.run(project, args, console)
    report = project.verify()
    if args.json:
        problems = [_json(problem) for problem in report.problems]
        console.out(document("problems", problems, checked=report.checked, away=report.away))
    else:
        shown = len(report.problems) if args.verbose else _SHOWN
        console.out(_text(report, console.style, shown, command_prefix(args)))
    return Exit.NODE_FAILED if report.problems else Exit.DONE


def _json(problem: VerifyProblem) -> dict[str, Json]:
    return {
        "digest": problem.digest,
        "problem": str(problem.problem),
        "nodes": list(problem.nodes),
        "path": str(problem.path) if problem.path else None,
        "cost": money_json(problem.cost),
        "mend": problem.mend,
    }


def _text(report: VerifyReport, style: Style, shown: int, command: str) -> Iterator[str]:
    for problem in report.problems[:shown]:
        names = words.some(problem.nodes) or f"{problem.digest[:16]} (of no node)"
        cost = problem.cost
        paid = f", {words.money(cost.amount, cost.currency)}" if cost and cost.amount else ""
        yield f"  {style.red(f'{problem.problem:<7}')}  {safe(names)}{paid}"
        if problem.path:
            yield style.dim(f"           {safe(str(problem.path))}")
    if len(report.problems) > shown:
        yield style.dim(f"  and {len(report.problems) - shown:,} more (-v lists them)")
    if not report.checked and not report.problems and not report.away:
        yield "Nothing is stored yet."
        return
    checked = words.count(report.checked, "artifact") + " checked"
    away = f"; {report.away:,} away, in the shared store" if report.away else ""
    if report.problems:
        yield f"{checked}, {words.count(len(report.problems), 'problem')}{away}."
        yield from _next(report.problems, style, command)
    else:
        yield f"{checked}, all whole{away}."


def _next(problems: Sequence[VerifyProblem], style: Style, command: str) -> Iterator[str]:
    """What mends the problems, one line for each way."""
    from fvbuild.engine.verify import BUILD, ELSEWHERE, GC, PULL, SELECT

    nodes = {
        node.partition("~")[0] for each in problems if each.mend == PULL for node in each.nodes
    }
    named = " ".join(sorted(nodes)) if len(nodes) <= _NAMED else "NODE ..."
    hints = {
        PULL: (f"pull {safe(named)}", "brings it again from the shared store."),
        BUILD: ("build", "makes again what costs nothing, and says what the rest would cost."),
        GC: ("gc --apply", "removes what is of no node."),
        SELECT: ("select NODE N", "and a build: a take that is not chosen is not made again."),
    }
    ways = {problem.mend for problem in problems}
    for mend, (words_, does) in hints.items():
        if mend in ways:
            yield f"Next: {style.bold(f'{command} {words_}')} {does}"
    if ELSEWHERE in ways:
        yield "What is of no node here, another film or revision needs: a build there mends it."
