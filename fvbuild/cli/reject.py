"""Refuse the chosen takes of the goals: the next build uses another take or draws a new one."""

from __future__ import annotations

import argparse

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.cli.select import take_number
from fvbuild.errors import Exit
from fvbuild.report.style import safe

EXAMPLES = (
    "fvbuild reject pier/arrival/anchor",
    "fvbuild reject pier/arrival/anchor --take 2",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL..."""
    options.goals_argument(parser, required=True)
    parser.add_argument(
        "--take", type=take_number, metavar="N", help="this take, not the chosen one"
    )
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Reject them."""
    from fvbuild.cli.takes import show

    project = open_project(args, console)
    before = {each.node: each.chosen for goal in args.goals for each in project.takes(goal)}
    changed = project.reject(args.goals, args.take)
    if args.json:
        show(project, changed, args, console)
        return Exit.DONE
    for each in changed:
        refused = args.take or before[each.node]
        left = [take.n for take in each.takes if take.status != "rejected"]
        then = f"take {each.chosen} is shown" if left else "the next build draws another"
        console.out([f"rejected {safe(each.node)} take {refused}: {then}"])
    return Exit.DONE
