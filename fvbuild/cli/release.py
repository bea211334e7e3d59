"""Take an approval or adoption back: the film decides again what is made."""

from __future__ import annotations

import argparse

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.errors import Exit

EXAMPLES = (
    "fvbuild release pier/arrival/anchor",
    "fvbuild release status:held",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL..."""
    options.goals_argument(parser, required=True)
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Release them."""
    from fvbuild.cli.takes import show

    project = open_project(args, console)
    show(project, project.release(args.goals), args, console, did="released")
    return Exit.DONE
