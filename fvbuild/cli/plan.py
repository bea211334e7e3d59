"""Show what a build would make, why, and what it would cost. Nothing is made."""

from __future__ import annotations

import argparse

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.errors import Exit

EXAMPLES = (
    "fvbuild plan",
    "fvbuild plan pier/ticket          # one shot",
    "fvbuild plan 'pier/*/anchor+' -v  # anchors and all that follows, every node listed",
    "fvbuild plan --exit-code          # 3 when a build would make something",
    "fvbuild plan --json | jq .totals",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL... and how to tell it."""
    options.goals_argument(parser)
    options.film_options(parser)
    options.build_options(parser)
    parser.add_argument(
        "--exit-code", action="store_true", help="exit with 3 when there are changes"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the plan."""
    project = open_project(args, console)
    plan = project.plan(args.goals, options.chosen(args))
    if args.json:
        from fvbuild.report.plan_json import plan_json

        console.out(plan_json(plan))
    else:
        from fvbuild.report.plan_text import plan_text, totals

        if args.quiet:
            console.out(totals(plan, console.style))
        else:
            told = plan_text(plan, console.style, project.causes, verbose=args.verbose)
            console.out(told)
    if getattr(args, "exit_code", False) and plan.changes:
        return Exit.CHANGES
    return Exit.DONE
