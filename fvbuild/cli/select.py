"""Use another take of a node. What is made from it follows with the next build."""

from __future__ import annotations

import argparse
import re

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import command_prefix, open_project
from fvbuild.errors import Exit

EXAMPLES = (
    "fvbuild select pier/arrival/anchor 2",
    "fvbuild takes pier/arrival/anchor    # shows what there is",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """NODE N."""
    options.node_argument(parser)
    parser.add_argument("n", type=take_number, metavar="N", help="the take's number")
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Choose it."""
    from fvbuild.cli.takes import show

    project = open_project(args, console)
    show(project, [project.select(args.node, args.n)], args, console, did="selected")
    console.say(console.err_style.dim(f"next: {command_prefix(args)} build"))
    return Exit.DONE


def take_number(text: str) -> int:
    """A positive number, as argparse wants it. Raises ArgumentTypeError."""
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not the number of a take (1, 2, 3)")
    return int(text)
