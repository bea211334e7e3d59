"""Write the JSON schemas of films and of providers, for completion and checks in an editor."""

from __future__ import annotations

import argparse
from pathlib import Path

from fvbuild.cli.console import Console
from fvbuild.errors import Exit

EXAMPLES = (
    "fvbuild schema                    # writes schemas/*.schema.json",
    "fvbuild schema -o film.schema.json",
    "fvbuild schema --provider -o provider.schema.json",
    "fvbuild schema --stdout",
)

_FOLDER = Path("schemas")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument(
        "--provider", action="store_true", help="of a provider's description, not of a film"
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--stdout", action="store_true", help="print it")
    group.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help=f"default: both, in {_FOLDER}/"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Write what was asked for."""
    if args.stdout:
        console.out([_text(provider=args.provider).rstrip("\n")])
        return Exit.DONE
    if args.output is not None or args.provider:
        console.out([_write(args.output or _path(provider=True), provider=args.provider)])
        return Exit.DONE
    console.out([_write(_path(provider=which), provider=which) for which in (False, True)])
    return Exit.DONE


def _path(*, provider: bool) -> Path:
    return _FOLDER / f"{'provider' if provider else 'film'}.schema.json"


def _text(*, provider: bool) -> str:
    if provider:
        from fvbuild.targets.api.schema import schema_text as of_provider

        return of_provider()
    from fvbuild.film.schema import schema_text

    return schema_text()


def _write(path: Path, *, provider: bool) -> str:
    """Write it where it differs; the line that tells of it."""
    text = _text(provider=provider)
    same = path.is_file() and path.read_text(encoding="utf-8") == text
    if not same:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return f"{path}{' is current' if same else ''}"
