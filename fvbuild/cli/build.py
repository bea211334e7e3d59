"""Make what changed, and the film. Without GOAL: all outputs of the film."""

from __future__ import annotations

import argparse

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project

EXAMPLES = (
    "fvbuild build",
    "fvbuild build --profile draft     # as the film's draft profile has it",
    "fvbuild build pier                # one scene",
    "fvbuild build kind:anchor         # the stills only",
    'fvbuild build --budget "12 USD"   # never spend more',
    "fvbuild build -q                  # prints only where the films are",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL..., how to run and how to tell it."""
    options.goals_argument(parser)
    options.film_options(parser)
    options.build_options(parser)
    options.events_option(parser)
    options.materialize_option(parser)
    parser.add_argument(
        "-n", "--dry-run", action="store_true", help="show the plan and make nothing"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Build, and print what came of it."""
    if args.dry_run:
        from fvbuild.cli import plan

        return plan.run(args, console)
    from fvbuild.cli.building import running, tell

    project = open_project(args, console)
    with running(args, console) as build:
        report = project.build(args.goals, options.chosen(args), build.hear, build.cancel)
    tell(project, report, build, args, console)
    return project.exit_code(report)
