"""List what can make which kinds of node: the film's targets, and what is installed here."""

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


def run(args: argparse.Namespace, console: Console) -> int:
    """List them."""
    from pathlib import Path

    from fvbuild.project import listing
    from fvbuild.report import targets_text as text

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


def _json(
    console: Console, listed: Sequence[Listed], providers: list[dict[str, Json]] | None = None
) -> None:
    from fvbuild.cli.documents import document

    others: dict[str, Json] = {"providers": [*providers]} if providers is not None else {}
    console.out(document("targets", [one.as_json() for one in listed], **others))
