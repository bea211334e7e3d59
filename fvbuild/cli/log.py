"""What was made, when, why and at what cost; the newest last."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.documents import document, money_json
from fvbuild.cli.opening import open_project
from fvbuild.engine.diary import RELEASED
from fvbuild.engine.events import Did, Reason
from fvbuild.errors import Exit
from fvbuild.report import words
from fvbuild.report.changes import all_changes
from fvbuild.report.reasons import CHANGED, plain
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.diary import LogEntry
    from fvbuild.engine.digest import Json

EXAMPLES = (
    "fvbuild log",
    "fvbuild log pier/arrival/anchor",
    "fvbuild log --limit 500 --json",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """[NODE] and how many."""
    parser.add_argument("node", nargs="?", metavar="NODE", help="only of this node")
    parser.add_argument(
        "--limit", type=_limit, default=50, metavar="N", help="at most so many (default 50)"
    )
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print it."""
    project = open_project(args, console)
    entries = project.log(args.limit, args.node)
    if not entries and args.node is not None:
        project.goal_nodes([args.node])  # says so when nothing is called that
    if args.json:
        console.out(document("entries", [_json(entry) for entry in entries]))
        return Exit.DONE
    if not entries:
        console.say("nothing was made yet")
    console.out(_text(entries[::-1], console.style))
    return Exit.DONE


def _json(entry: LogEntry) -> dict[str, Json]:
    return {
        "at": entry.at,
        "node": entry.node,
        "take": entry.take,
        "did": str(entry.did),
        "reason": str(entry.reason),
        "seconds": entry.seconds,
        "message": entry.message,
        "cost": money_json(entry.cost),
        "artifact": entry.artifact,
    }


def _text(entries: Sequence[LogEntry], style: Style) -> Iterator[str]:
    width = min(44, max((len(entry.node) for entry in entries), default=0))
    for entry in entries:
        take = f"take {entry.take}" if entry.take is not None else ""
        took = words.seconds(entry.seconds) if entry.seconds is not None else ""
        cost = entry.cost
        paid = words.money(cost.amount, cost.currency) if cost and cost.amount else ""
        parts = [part for part in (took, paid, _why(entry)) if part]
        told = f"{entry.did!s:<8}  {safe(entry.node):<{width}}  {take:<7}"
        yield f"{style.dim(words.moment(entry.at))}  {told}  {style.dim(', '.join(parts))}".rstrip()


def _why(entry: LogEntry) -> str:
    """Why it was made, in the words of a plan; of a failure, what was said."""
    if entry.did in (Did.FAILED, RELEASED):
        return " ".join(safe(entry.message).split("\n")[0].split())
    if entry.reason in CHANGED and entry.message:
        return safe(all_changes((), entry.message.split(", ")))
    return plain(Reason(entry.reason)) if entry.reason in set(Reason) else entry.reason


def _limit(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,6}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of entries")
    return int(text)
