"""Take an approval or adoption back: the film decides again what is made."""

from __future__ import annotations

import argparse

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.errors import Exit
from fvbuild.project import NodeTakes

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
    held = {each.node for goal in args.goals for each in project.takes(goal) if _holds(each)}
    changed = [each for each in project.release(args.goals) if each.node in held]
    show(project, changed, args, console, did="released")
    return Exit.DONE


def _holds(node: NodeTakes) -> bool:
    return node.status in ("approved", "adopted")
