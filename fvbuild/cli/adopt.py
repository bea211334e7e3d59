"""Use a file of your own (a painted frame, a filmed clip) as a take of a node, and keep it."""

from __future__ import annotations

import argparse
from pathlib import Path

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import command_prefix, open_project
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
    from fvbuild.project.media_facts import other_shape

    if not args.file.is_file():
        swapped = Path(args.node).is_file()
        order = f"the node comes first: {command_prefix(args)} adopt {args.file} {args.node}"
        raise UsageError(f"there is no file '{args.file}'", hint=order if swapped else "")
    project = open_project(args, console)
    adopted = project.adopt(args.node, args.file)
    show(project, [adopted], args, console, did="adopted")
    odd = other_shape(project, adopted.node, args.file)
    if odd:
        console.warning(odd)
    return Exit.DONE
