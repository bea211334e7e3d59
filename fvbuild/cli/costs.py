"""What the film has spent, from receipts and rate cards. Estimates of what it may cost are in plan.

Spent is what was paid for, whether or not a take came of it. What is bought and not fetched yet,
and what may have been bought and nobody knows, stands apart.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.documents import document, money_json
from fvbuild.cli.opening import command_prefix, open_project
from fvbuild.errors import Exit
from fvbuild.report import words
from fvbuild.report.style import Style, safe

if TYPE_CHECKING:
    from fvbuild.engine.action import Money
    from fvbuild.engine.digest import Json
    from fvbuild.project.money import Costs, OpenPurchase, Spent

EXAMPLES = (
    "fvbuild costs",
    "fvbuild costs --by target",
    "fvbuild costs --by day --json",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """--by."""
    parser.add_argument(
        "--by", choices=("scene", "target", "day"), default="scene", help="the lines (scene)"
    )
    options.film_options(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print it."""
    project = open_project(args, console)
    costs = project.costs(args.by)
    if args.json:
        lines = [_line_json(line) for line in costs.lines]
        console.out(document("lines", lines, **_sums_json(costs)))
    else:
        console.out(_text(costs, console.style, command_prefix(args)))
    return Exit.DONE


# --- as JSON --------------------------------------------------------------------------------------


def _sums_json(costs: Costs) -> dict[str, Json]:
    return {
        "film": costs.film,
        "by": costs.by,
        "spent": [money_json(money) for money in costs.total.amounts],
        "by_receipt": [money_json(money) for money in costs.total.by_receipt],
        "unknown_amounts": costs.total.unknown,
        "possibly_spent": [money_json(money) for money in costs.possibly],
        "open": [_open_json(each) for each in costs.open],
        "budgets": [
            {"currency": b.currency, "amount": b.amount, "used": b.spent, "left": b.left}
            for b in costs.budgets
        ],
    }


def _line_json(line: Spent) -> dict[str, Json]:
    return {
        "name": line.name,
        "requests": line.requests,
        "spent": [money_json(money) for money in line.amounts],
        "by_receipt": [money_json(money) for money in line.by_receipt],
        "unknown_amounts": line.unknown,
    }


def _open_json(each: OpenPurchase) -> dict[str, Json]:
    return {
        "node": each.node,
        "take": each.take,
        "target": each.target,
        "stage": each.stage,
        "began_at": each.began_at,
        "reserved": money_json(each.reserved),
        "message": each.message,
    }


# --- as text --------------------------------------------------------------------------------------


def _text(costs: Costs, style: Style, command: str) -> Iterator[str]:
    yield style.bold(safe(costs.film))
    if not costs.lines and not costs.open and not costs.possibly:
        yield "nothing was bought yet"
    width = max((len(safe(line.name)) for line in costs.lines), default=0)
    for line in costs.lines:
        requests = words.count(line.requests, "request")
        yield f"  {safe(line.name):<{width}}  {_amounts(line)}  {style.dim(requests)}"
    if costs.lines:
        yield f"Spent: {style.bold(_amounts(costs.total))}{_sources(costs.total)}."
    if costs.possibly:
        yield f"Possibly spent: {_sum(costs.possibly)}, where it was asked for again unknowing."
    for budget in costs.budgets:
        used, left = (words.money(a, budget.currency) for a in (budget.spent, max(budget.left, 0)))
        yield f"Budget: {words.money(budget.amount, budget.currency)}, {used} used, {left} left."
    yield from _open(costs.open, style, command)


def _amounts(line: Spent) -> str:
    known = _sum(line.amounts)
    unknown = words.count(line.unknown, "request") if line.unknown else ""
    return " and ".join(
        part for part in (known, f"{unknown} of unknown cost" * bool(unknown)) if part
    )


def _sum(amounts: Sequence[Money]) -> str:
    return " and ".join(words.money(money.amount, money.currency) for money in amounts)


def _sources(total: Spent) -> str:
    if total.by_receipt == total.amounts:
        return ", all by receipts" if total.amounts else ""
    receipts = _sum(total.by_receipt)
    return (
        f", of which {receipts} by receipts, the rest by rate cards"
        if receipts
        else (", by rate cards: no receipts were given")
    )


def _open(found: Sequence[OpenPurchase], style: Style, command: str) -> Iterator[str]:
    if not found:
        return
    yield ""
    yield style.yellow(f"open: {words.count(len(found), 'purchase')}, not counted above")
    for each in found:
        amount = each.reserved
        price = words.money(amount.amount, amount.currency) if amount else "an unknown price"
        what = f"  {safe(each.node)}  take {each.take}, {safe(each.target)}, at most {price}"
        yield f"{what}: {safe(each.told)}"
    if any(each.unresolved for each in found):
        yield f"  next: {style.bold(f'{command} resolve')} lists what a person must decide"
