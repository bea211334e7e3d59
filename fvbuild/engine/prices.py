"""Sums of prices: several takes, several nodes, and the worst that refusals and fallbacks can do.

Amounts in different currencies are listed beside each other (``Price.others``), never added. One
unknown price makes a sum unknown; its amounts are then those of what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from fvbuild.engine.graph import Node
from fvbuild.engine.target import Price, Target
from fvbuild.errors import TargetError

FREE = Price()

SAME_WORDS = 2
"""How often a refused request is made in the same words, the first time included."""
REWORDED = 1
"""How often it is made in other words after that."""


def by_currency(price: Price) -> tuple[Price, ...]:
    """The parts of a price, one a currency."""
    return (replace(price, others=()), *price.others)


def times(price: Price | None, count: int, least: int | None = None) -> Price:
    """The price of several takes, of which at least ``least`` (all) are made."""
    if price is None or price.free:
        return FREE
    low = count if least is None else least
    return replace(
        price,
        min=price.min * low,
        likely=price.likely * count,
        max=price.max * count,
        listed=None,
        refusal=0.0,
        others=tuple(times(other, count, least) for other in price.others),
    )


def total(prices: Iterable[Price]) -> Price:
    """The sum of prices, in the first of their currencies, others beside it."""
    sums: dict[str, Price] = {}
    known = True
    for price in prices:
        known = known and price.known
        for part in by_currency(price):
            if part.max:
                sums[part.currency] = _sum(sums.get(part.currency), part)
    parts = list(sums.values())
    first = parts[0] if parts else FREE
    return replace(first, known=known, others=tuple(parts[1:]))


def _sum(one: Price | None, other: Price) -> Price:
    """Two prices of one currency; to a millionth, so that sums of cents stay cents."""
    if one is None:
        one = Price(currency=other.currency)
    return Price(
        round(one.min + other.min, 6),
        round(one.likely + other.likely, 6),
        round(one.max + other.max, 6),
        other.currency,
    )


def worst_case(chain: Sequence[Price], rewording: Price = FREE) -> Price:
    """What one take may cost in all, made by the first of some targets that does not refuse.

    ``likely`` is that of the first. ``max`` is the worst of all ways through the chain: where a
    refusal is billed, each target may bill all but the last of its requests in vain, and those
    before it all of theirs.
    """
    if len(chain) == 1 and not chain[0].refusal and rewording.free:
        return chain[0]
    most: dict[str, float] = {}
    in_vain: dict[str, float] = {}
    for price in chain:
        for part in (price, rewording):
            in_vain.setdefault(part.currency, 0.0)
        way = dict(in_vain)
        tries = SAME_WORDS + REWORDED
        way[price.currency] += price.max + (tries - 1) * price.refusal
        way[rewording.currency] += rewording.max
        for currency, amount in way.items():
            most[currency] = max(most.get(currency, 0.0), amount)
        in_vain[price.currency] += tries * price.refusal
        in_vain[rewording.currency] += rewording.max
    first = chain[0]
    least = min(p.min if p.currency == first.currency else 0.0 for p in chain)
    return replace(
        first,
        min=least,
        max=most.pop(first.currency),
        known=rewording.known and all(price.known for price in chain),
        others=tuple(Price(0.0, 0.0, amount, name) for name, amount in most.items() if amount),
    )


def scaled(price: Price, ratio: float) -> Price:
    """A price whose ``likely`` has learnt from receipts: what was paid over what the card said."""
    listed = price.likely if price.listed is None else price.listed
    likely = min(max(listed * ratio, price.min), price.max)
    return replace(price, likely=likely, listed=listed)


class TakePrices:
    """What one take of a node may cost, refusals and fallbacks included."""

    def __init__(
        self,
        find_target: Callable[[str], Target],
        rewording: Callable[[Node], Price] = lambda _node: FREE,
    ) -> None:
        """``rewording`` says what it costs to put a node's refused words differently once."""
        self._find_target = find_target
        self._rewording = rewording

    def of(self, node: Node) -> Price | None:
        """The worst case of one take; None for what costs nothing."""
        if node.price is None or node.target is None:
            return node.price
        chain = [node.price, *(price for _, price in self._fallbacks(node))]
        if all(price.free for price in chain):
            return node.price
        return worst_case(chain, self._rewording(node))

    def in_words(self, node: Node) -> str:
        """What the most of one take is made of, where it is more than the price of a request."""
        if node.price is None or node.target is None:
            return ""
        price, rewording = node.price, self._rewording(node)
        tries, currency = SAME_WORDS + REWORDED, price.currency
        parts = [f"{price.max:g} {currency} for the take"]
        if price.refusal:
            vain = f"{(tries - 1) * price.refusal:g} {currency}"
            parts.append(f"{vain} for {tries - 1} requests that are refused and charged for")
        if rewording.max:
            parts.append(f"{rewording.max:g} {rewording.currency} for other words")
        found = [(name, each) for name, each in self._fallbacks(node) if each.max]
        if found:
            chain = [price, *(each for _, each in found)]
            more = worst_case(chain, rewording).max - worst_case([price], rewording).max
            amount = f"{round(more, 6):g} {currency} more" if more > 0 else "other money"
            names = "' or '".join(name for name, _ in found)
            parts.append(f"{amount} where '{names}' makes it")
        return ", ".join(parts) if len(parts) > 1 else ""

    def _fallbacks(self, node: Node) -> Iterable[tuple[str, Price]]:
        for name in node.target.fallbacks if node.target is not None else ():
            try:
                yield name, self._find_target(name).price(node.kind, node.params)
            except TargetError:
                continue  # it is not there: nothing can be bought from it
