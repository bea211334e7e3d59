"""What purchases really cost, and what that teaches of rate cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fvbuild.engine.action import Money
from fvbuild.engine.entry import Entry

_HEARD = 20


def ratios(
    receipts: Iterable[tuple[str, str, str, float]],
) -> dict[tuple[str, str, str], float]:
    """For each provider, model and kind the median of paid to likely, of the last 20 receipts.

    ``receipts`` come the newest first.
    """
    from statistics import median  # takes longer to import than all the rest of a short command

    heard: dict[tuple[str, str, str], list[float]] = {}
    for provider, model, kind, ratio in receipts:
        found = heard.setdefault((provider, model, kind), [])
        if len(found) < _HEARD:
            found.append(ratio)
    return {what: median(found) for what, found in heard.items()}


def settled(entry: Entry, cost: Money | None) -> Entry:
    """An entry with what it really cost: by the receipt, else by the rate card.

    A receipt in another currency than the card's cannot be held against a budget: then the card
    counts, and the receipt is kept in words.
    """
    if cost is None:
        return replace(entry, cost=entry.likely, receipt=False)
    if entry.reserved is None or cost.currency == entry.currency:
        return replace(entry, cost=cost.amount, currency=cost.currency, receipt=True)
    said = f"the receipt says {cost.amount:g} {cost.currency}"
    return replace(entry, cost=entry.likely, receipt=False, message=said)


def given_up(entry: Entry, cost: Money | None, *, estimated: bool) -> Entry:
    """An entry that gave no result, with what it cost nevertheless: nothing where that is None,
    by the rate card where it is ``estimated``, unknown where it is both."""
    if estimated:
        return replace(entry, cost=cost.amount if cost is not None else None, receipt=False)
    return settled(entry, cost or Money(0.0, entry.currency))
