"""Draw more takes of a node now, beside those it has. The chosen take stays chosen."""

from __future__ import annotations

import argparse
import re

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import command_prefix, open_project
from fvbuild.engine.events import Did
from fvbuild.report.style import safe

EXAMPLES = (
    "fvbuild take pier/arrival/anchor",
    "fvbuild take pier/arrival/anchor -n 3",
    "fvbuild take 'pier/*/anchor' -n 2",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """NODE, how many, and how to run."""
    options.node_argument(parser)
    parser.add_argument(
        "-n", dest="count", type=_count, default=1, metavar="N", help="how many (default 1)"
    )
    options.film_options(parser)
    options.build_options(parser, refresh=False)
    options.events_option(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Draw, then show what there is to choose from."""
    from fvbuild.cli.building import running, tell
    from fvbuild.cli.takes import show

    project = open_project(args, console)
    with running(args, console) as build:
        wishes = options.chosen(args)
        report = project.draw(args.node, args.count, wishes, build.hear, build.cancel)
    tell(project, report, build, args, console)
    held = [one.node for one in report.results if one.action is Did.HELD]
    for node in held if not report.interrupted else ():
        console.tell(
            f"no take was drawn of {safe(node)}: its approved take is kept although the film was "
            f"edited since\n  hint: {command_prefix(args)} release {safe(node)}, then draw"
        )
    if not args.json and not console.quiet:
        show(project, project.takes(args.node), args, console)
    return project.exit_code(report)


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of takes (1 to 999)")
    return int(text)
