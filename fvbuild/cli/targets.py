"""List what can make which kinds of node: the film's targets, and what is installed here.

A key is sent to its provider's own hosts, and to servers of this machine and its network. Where
fvbuild.yaml or a description beside the film names another host, --trust HOST allows it, once, for
every film of this user.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import FILM, open_project
from fvbuild.errors import Exit, UsageError

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.report.listed import Listed

EXAMPLES = (
    "fvbuild targets",
    "fvbuild targets --probe           # ask each provider whether it answers and takes the key",
    "fvbuild targets --installed       # all providers and their models, without a film",
    "fvbuild targets --trust proxy.example    # keys may go there from now on",
    "fvbuild targets --json",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of the film, or installed."""
    options.film_options(parser)
    parser.add_argument(
        "--installed", action="store_true", help="what is installed here, whatever the film uses"
    )
    parser.add_argument(
        "--probe", action="store_true", help="ask the providers, by requests that cost nothing"
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--trust", action="append", metavar="HOST", help="keys may go to this host from now on"
    )
    choice.add_argument(
        "--distrust", action="append", metavar="HOST", help="keys may not go there any more"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """List them, or say which hosts keys may go to."""
    from pathlib import Path

    from fvbuild.project import listing
    from fvbuild.report import targets_text as text

    if args.trust or args.distrust:
        return _trust(args.trust or [], args.distrust or [], console)
    if args.installed or (args.film is None and not Path(FILM).is_file()):
        if args.probe:
            raise UsageError("--probe asks the providers of a film", hint="name one with -f")
        installed = listing.installed()
        if args.json:
            _json(console, installed.targets, [one.as_json() for one in installed.providers])
        else:
            console.out(text.installed(installed, console.style))
        return Exit.DONE
    listed = listing.of_film(open_project(args, console), probe=args.probe)
    if args.json:
        _json(console, listed)
    else:
        console.out(text.targets(listed, console.style))
    return Exit.DONE


def _trust(wanted: Sequence[str], unwanted: Sequence[str], console: Console) -> int:
    from fvbuild.project import trusted

    for host in wanted:
        console.out([f"keys may go to {trusted.trust(host)}"])
    for host in unwanted:
        console.out([f"keys do not go to {trusted.distrust(host)} any more"])
    return Exit.DONE


def _json(
    console: Console, listed: Sequence[Listed], providers: list[dict[str, Json]] | None = None
) -> None:
    from fvbuild.cli.documents import document

    others: dict[str, Json] = {"providers": [*providers]} if providers is not None else {}
    console.out(document("targets", [one.as_json() for one in listed], **others))
