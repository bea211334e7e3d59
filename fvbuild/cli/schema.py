"""Write the manifest's JSON schema, for completion and checks in an editor."""

from __future__ import annotations

import argparse
from pathlib import Path

from fvbuild.cli.console import Console
from fvbuild.errors import Exit

EXAMPLES = (
    "fvbuild schema                    # writes schemas/film.schema.json",
    "fvbuild schema -o film.schema.json",
    "fvbuild schema --stdout",
)

_DEFAULT = Path("schemas/film.schema.json")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--stdout", action="store_true", help="print it")
    group.add_argument(
        "-o", "--output", type=Path, default=_DEFAULT, metavar="FILE", help=f"default: {_DEFAULT}"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Write it."""
    from fvbuild.film.schema import schema_text

    text = schema_text()
    if args.stdout:
        console.out([text.rstrip("\n")])
        return Exit.DONE
    same = args.output.is_file() and args.output.read_text(encoding="utf-8") == text
    if not same:
        args.output.parent.mkdir(parents=True, exist_ok=True)
        args.output.write_text(text, encoding="utf-8")
    console.out([f"{args.output}{' is current' if same else ''}"])
    return Exit.DONE
