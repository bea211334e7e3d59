"""Send takes to the shared store. Without GOAL: all of the film. Nothing is made.

A build sends what it makes by itself; this sends what was made before there was a store, or while
it could not be reached. With --repair it reads first what lies there, and sends again what is
damaged and here.
"""

from __future__ import annotations

import argparse

from fvbuild.cli import options
from fvbuild.cli.building import running
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.cli.transfers import SENT, tell

EXAMPLES = (
    "fvbuild push                      # all takes of the film",
    "fvbuild push pier                 # those of one scene",
    "fvbuild push --repair             # also what is damaged there: 'verify --remote' names it",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL... [--repair]."""
    options.goals_argument(parser)
    parser.add_argument(
        "--repair",
        action="store_true",
        help="read all that the film needs there, and send what is damaged again",
    )
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Send, and say how much."""
    project = open_project(args, console)
    with running(args, console) as transfer:
        done = project.push(args.goals, transfer.hear, transfer.cancel, repair=args.repair)
    return tell(SENT, done, transfer.cancel.is_set(), args, console)
