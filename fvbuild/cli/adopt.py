"""Use a file of your own (a painted frame, a filmed clip) as a take of a node, and keep it."""

from __future__ import annotations

import argparse
from pathlib import Path

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.errors import Exit, UsageError

EXAMPLES = (
    "fvbuild adopt pier/arrival/anchor painted.png",
    "fvbuild release pier/arrival/anchor   # take it back",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """NODE FILE."""
    options.node_argument(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="a picture, clip or sound")
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Adopt it."""
    from fvbuild.cli.takes import show

    if not args.file.is_file():
        raise UsageError(f"there is no file '{args.file}'")
    project = open_project(args, console)
    show(project, [project.adopt(args.node, args.file)], args, console, did="adopted")
    return Exit.DONE
