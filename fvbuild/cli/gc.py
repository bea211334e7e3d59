"""Free the space of what nothing needs. Shows what would go; with --apply it goes.

Kept is what any lock needs, in the working tree and at every git ref. The ledger is never touched.
With --remote it is about the shared store: run that in a full clone, after 'git fetch --all'.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fvbuild.cli import gc_remote, options
from fvbuild.cli.console import Console
from fvbuild.cli.documents import document, money_json
from fvbuild.cli.opening import command_prefix, open_project
from fvbuild.errors import Exit
from fvbuild.report import words
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.engine.gc import GcItem, GcReport

EXAMPLES = (
    "fvbuild gc                        # shows what would go",
    "fvbuild gc --apply",
    "fvbuild gc --remote               # what of the shared store no lock needs",
    "fvbuild gc --remote --apply --paid",
)

_SHOWN = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """--apply, and what is about the shared store."""
    parser.add_argument("--apply", action="store_true", help="really delete")
    gc_remote.arguments(parser)
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Show or delete."""
    project = open_project(args, console)
    if args.remote:
        return gc_remote.run(project, args, console)
    report = project.gc(args.apply)
    if args.json:
        items = [_json(item) for item in report.items]
        sums: dict[str, Json] = {
            "applied": report.applied,
            "size_bytes": report.size_bytes,
            "kept": report.kept,
        }
        console.out(document("items", items, **sums))
    else:
        shown = len(report.items) if args.verbose else _SHOWN
        console.out(_text(report, console.style, shown, command_prefix(args)))
    return Exit.DONE


def _json(item: GcItem) -> dict[str, Json]:
    return {
        "digest": item.digest,
        "size_bytes": item.size_bytes,
        "node": item.node,
        "cost": money_json(item.cost),
        "made_at": item.made_at,
    }


def _text(report: GcReport, style: Style, shown: int, command: str) -> Iterator[str]:
    """The largest first, then what they come to."""
    items = sorted(report.items, key=lambda item: -item.size_bytes)
    for item in items[:shown]:
        cost = item.cost
        paid = words.money(cost.amount, cost.currency) if cost and cost.amount else ""
        when = words.moment(item.made_at) if item.made_at else ""
        facts = [part for part in (paid, when) if part]
        name = safe(item.node or item.digest[:16])
        yield f"  {words.size(item.size_bytes):>8}  {name}  {style.dim(', '.join(facts))}".rstrip()
    if len(items) > shown:
        yield style.dim(f"  and {len(items) - shown:,} more (-v lists them)")
    many, kept = words.count(len(items), "artifact"), words.count(report.kept, "artifact")
    freed = words.size(report.size_bytes)
    if not items:
        yield f"Nothing to free; {kept} kept."
    elif report.applied:
        yield f"Freed {freed}: {many}; {kept} kept."
    else:
        yield f"Would free {freed}: {many}; {kept} kept."
        yield f"Nothing was deleted. To delete: {style.bold(f'{command} gc --apply')}"
