"""Keep the chosen takes of the goals, whatever changes in the film from now on."""

from __future__ import annotations

import argparse

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.errors import Exit

EXAMPLES = (
    "fvbuild approve pier/arrival/anchor",
    "fvbuild approve kind:anchor       # all anchors",
    "fvbuild approve pier              # everything made for the scene",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL..."""
    options.goals_argument(parser, required=True)
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Approve them."""
    from fvbuild.cli.takes import show

    project = open_project(args, console)
    show(project, project.approve(args.goals), args, console, did="approved")
    return Exit.DONE
