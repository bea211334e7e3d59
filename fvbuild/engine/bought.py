"""What planning must know of money: prices at their worst, and what was bought but not yet made."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.entry import Entry
from fvbuild.engine.events import Act, Reason
from fvbuild.engine.graph import Node
from fvbuild.engine.prices import TakePrices, times
from fvbuild.engine.purchase import Stage, unresolved
from fvbuild.engine.target import Price
from fvbuild.engine.verdict import Verdict
from fvbuild.errors import Exit


class Bought:
    """Open purchases by the take they are for, as they were before anything ran."""

    def __init__(self, prices: TakePrices, open_purchases: Iterable[Entry] = ()) -> None:
        self._prices = prices
        self._open = {(entry.key, entry.take): entry for entry in open_purchases}

    def price(self, node: Node) -> Price | None:
        """What one take of a node may cost, refusals and fallbacks included."""
        return node.price if node.price is None else self._prices.of(node)

    def in_full(self, node: Node, why: str) -> str:
        """Why a node's price is refused, with what that price is made of."""
        parts = self._prices.in_words(node)
        return f"{why} (a take at most: {parts})" if parts else why

    def look(self, node: Node, verdict: Verdict) -> None:
        """Of a verdict to build: what is bought already needs no money, and what may have been
        bought blocks the node until a person says."""
        if not self._open or verdict.key is None:
            return
        open_ = [self._open.get((verdict.key, n)) for n in verdict.missing]
        found = [entry for entry in open_ if entry is not None]
        doubtful = next((entry for entry in found if _is_doubtful(entry)), None)
        if doubtful is not None:
            error = unresolved(node.id, doubtful.message)
            verdict.action, verdict.reason, verdict.missing = Act.BLOCKED, Reason.NO_TAKE, ()
            verdict.message = f"{error.message}; {error.hint}"
            verdict.exit = Exit.UNRESOLVED
        elif found:
            verdict.to_pay = times(self.price(node), len(verdict.missing) - len(found))
            numbers = ", ".join(str(entry.take) for entry in found)
            verdict.message = f"take {numbers} was bought by an earlier build and is only fetched"


def _is_doubtful(entry: Entry) -> bool:
    lost = entry.stage is Stage.INTENDED and not entry.resubmit_safe
    return entry.stage is Stage.UNKNOWN or lost
