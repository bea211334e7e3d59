"""Bring results from the shared store and show them under out/. Without GOAL: the whole film's.

A build brings by itself what it needs; this brings more: to look at it, or to work offline.
Nothing is made.
"""

from __future__ import annotations

import argparse

from fvbuild.cli import options
from fvbuild.cli.building import running
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.cli.transfers import BROUGHT, tell

EXAMPLES = (
    "fvbuild pull                      # everything the film is made of",
    "fvbuild pull kind:anchor --materialize final    # the stills only",
    "fvbuild pull --materialize review # the film, and all that was generated",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL... and how much of what they need."""
    options.goals_argument(parser)
    options.film_options(parser)
    options.materialize_option(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Bring, show, and say where."""
    project = open_project(args, console)
    with running(args, console) as transfer:
        level = args.materialize or "all"
        done = project.pull(args.goals, level, transfer.hear, transfer.cancel)
    return tell(BROUGHT, done, transfer.cancel.is_set(), args, console)
