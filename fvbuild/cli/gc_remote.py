"""``fvbuild gc --remote``: what of the shared store nothing needs any more."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.cli.console import Console
from fvbuild.cli.documents import document, money_json
from fvbuild.cli.opening import command_prefix
from fvbuild.errors import Exit, UsageError
from fvbuild.report import words
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.engine.shared_gc import RemoteItem, RemoteReport
    from fvbuild.project import Project

_SHOWN = 40
DEFAULT_DAYS = 14


def arguments(parser: argparse.ArgumentParser) -> None:
    """--remote and what goes with it."""
    parser.add_argument("--remote", action="store_true", help="of the shared store, not of here")
    parser.add_argument(
        "--paid", action="store_true", help="with --remote: also takes that were paid for"
    )
    parser.add_argument(
        "--older-than",
        type=_days,
        metavar="DAYS",
        help=f"with --remote: leave what is younger alone (default: {DEFAULT_DAYS})",
    )
    parser.add_argument(
        "--also",
        type=Path,
        action="append",
        metavar="FOLDER",
        help="with --remote: also the locks of this clone, where films share a store",
    )


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days <= 100_000:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of days")
    return days


def run(project: Project, args: argparse.Namespace, console: Console) -> int:
    """Show or delete."""
    days = DEFAULT_DAYS if args.older_than is None else args.older_than
    others = args.also or []
    if missing := [folder for folder in others if not folder.is_dir()]:
        raise UsageError(f"'{missing[0]}' is no folder", hint="--also names a clone of a film")
    report = project.gc_remote(args.apply, paid=args.paid, days=days, others=others)
    if args.json:
        sums: dict[str, Json] = {
            "place": report.place,
            "applied": report.applied,
            "size_bytes": report.size_bytes,
            "kept": report.kept,
            "orphans": report.orphans,
            "aside": report.aside,
        }
        console.out(document("items", [_json(item) for item in report.items], **sums))
    else:
        shown = len(report.items) if args.verbose else _SHOWN
        console.out(_text(report, console.style, shown, command_prefix(args), days))
    return Exit.DONE


def _json(item: RemoteItem) -> dict[str, Json]:
    return {
        "node": item.node,
        "take": item.n,
        "artifact": item.artifact,
        "origin": item.origin,
        "cost": money_json(item.cost),
        "made_at": item.made_at,
        "size_bytes": item.size_bytes,
        "kept": item.kept,
    }


def _text(
    report: RemoteReport, style: Style, shown: int, command: str, days: float
) -> Iterator[str]:
    """What was paid for first, then the largest; then what they come to."""
    for item in report.items[:shown]:
        yield _line(item, style)
    if len(report.items) > shown:
        yield style.dim(f"  and {len(report.items) - shown:,} more (-v lists them)")
    goes = [item for item in report.items if not item.kept]
    parts = [words.count(len(goes), "take")]
    if report.orphans:
        parts.append(f"{words.count(report.orphans, 'artifact')} of no take")
    if report.aside:
        parts.append(f"{words.count(report.aside, 'old claim')} and quarantined files")
    verb = "Freed" if report.applied else "Would free"
    kept = words.count(report.kept, "take")
    if goes or report.orphans or report.aside:
        yield f"{verb} {words.size(report.size_bytes)}: {', '.join(parts)}; {kept} kept."
    else:
        yield f"Nothing to free; {kept} kept."
    if held := len(report.items) - len(goes):
        again = _replacement([item for item in report.items if item.kept])
        are, they = ("was", "it") if held == 1 else ("were", "them")
        yield (
            f"{words.count(held, 'take')} that no lock names {are} paid for, and kept: {again} to "
            f"make {they} again. --paid removes {they}."
        )
    if goes and not report.applied:
        yield f"Counted from the locks of this repository, and what is older than {days:g} days."
        paid = " --paid" if any(_paid(item) for item in goes) else ""
        older = "" if days == DEFAULT_DAYS else f" --older-than {days:g}"
        again = style.bold(f"{command} gc --remote{paid}{older} --apply")
        yield f"Nothing was deleted. To delete: {again}"


def _line(item: RemoteItem, style: Style) -> str:
    facts = [f"take {item.n}"]
    if item.cost is not None and item.cost.amount:
        facts.append(words.money(item.cost.amount, item.cost.currency) + " to make again")
    elif item.origin == "adopted":
        facts.append("adopted: cannot be made again")
    if item.made_at:
        facts.append(words.moment(item.made_at))
    name = safe(item.node or item.artifact[:16])
    size = "kept" if item.kept else words.size(item.size_bytes)
    return f"  {size:>8}  {name}  {style.dim(', '.join(facts))}".rstrip()


def _paid(item: RemoteItem) -> bool:
    return item.origin == "adopted" or (item.cost is not None and item.cost.amount > 0)


def _replacement(items: list[RemoteItem]) -> str:
    """What takes would cost to make again, one amount a currency."""
    sums: dict[str, float] = {}
    for item in items:
        if item.cost is not None:
            sums[item.cost.currency] = sums.get(item.cost.currency, 0.0) + item.cost.amount
    told = [words.money(amount, currency) for currency, amount in sums.items()]
    return " and ".join(told) or "nobody knows what"
