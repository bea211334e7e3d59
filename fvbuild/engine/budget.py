"""Budgets: what may still be spent, checked over a plan and again before every request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from fvbuild.engine.action import Money
from fvbuild.engine.events import Act
from fvbuild.engine.prices import by_currency
from fvbuild.engine.target import Price
from fvbuild.engine.verdict import Verdict
from fvbuild.values import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit in one currency. ``whole_film``: for all that the film ever spends, by any build;
    else for this build alone. ``spent`` of it is gone or reserved already."""

    amount: float
    currency: str
    whole_film: bool = False
    spent: float = 0.0

    @property
    def left(self) -> float:
        """What may still be spent."""
        return self.amount - self.spent

    @property
    def words(self) -> str:
        """``the film's budget of 12 USD, of which 10.5 USD is spent or reserved``."""
        whose = "the film's budget" if self.whole_film else "the budget"
        gone = f", of which {self.spent:g} {self.currency} is spent or reserved"
        return f"{whose} of {self.amount:g} {self.currency}{gone if self.spent else ''}"

    def refusal(self, price: Price, spent: float | None = None) -> str | None:
        """Why a price does not fit beside what is ``spent`` (as this budget has it); None: it
        fits."""
        if price.free:
            return None
        if not price.known:
            return (
                "the price of its target, or of a fallback, is not known (`price` of a target "
                f"says it), and {self.words} must not be exceeded"
            )
        gone = self.spent if spent is None else spent
        for part in by_currency(price):
            if part.max and part.currency != self.currency:
                return f"it costs {part.currency}, which cannot be held against {self.words}"
            if part.max > self.amount - gone + _ROUNDING:
                return self._too_dear(part, gone)
        return None

    def _too_dear(self, price: Price, gone: float) -> str:
        """What it is, and how large a budget would do."""
        planned = gone - self.spent
        first = f" beside {planned:g} {self.currency} for what comes first" if planned > 0 else ""
        enough = ceil((gone + price.max) * 100 - _ROUNDING) / 100
        return (
            f"it may cost {price.max:g} {self.currency}, which{first} would go over {self.words}; "
            f"a budget of {enough:g} {self.currency} would do"
        )


_ROUNDING = 1e-6


def of_money(money: Money | None) -> tuple[Budget, ...]:
    """The budget of one build; none for None."""
    return () if money is None else (Budget(money.amount, money.currency),)


def beyond_budget(verdicts: Mapping[str, Verdict], budgets: Sequence[Budget]) -> dict[str, str]:
    """The nodes which the budgets do not cover and why, every price counted at its maximum.

    Nodes are paid for in topological order, so that what is begun can be finished. What was bought
    already and waits to be fetched needs no money.
    """
    gone = [budget.spent for budget in budgets]
    beyond: dict[str, str] = {}
    for node_id, verdict in verdicts.items():
        if verdict.action not in (Act.BUILD, Act.MAYBE) or verdict.cost.free:
            continue
        price = verdict.cost if verdict.to_pay is None else verdict.to_pay
        refusals = (b.refusal(price, spent) for b, spent in zip(budgets, gone, strict=True))
        refusal = next((words for words in refusals if words), None)
        if refusal is not None:
            beyond[node_id] = refusal
        else:
            gone = [spent + price.max for spent in gone]
    return beyond
