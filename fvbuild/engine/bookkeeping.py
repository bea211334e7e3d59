"""The purchases of one take as its maker sees them, kept in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from fvbuild.engine.action import Money
from fvbuild.engine.budget import Budget
from fvbuild.engine.digest import Json
from fvbuild.engine.entry import Entry, Slot
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.prices import by_currency
from fvbuild.engine.purchase import NOTHING, Stage, unresolved
from fvbuild.engine.target import Price
from fvbuild.errors import BudgetError, TargetError, UnresolvedError


class KeptPurchase:
    """A purchase in the ledger; see :class:`fvbuild.engine.purchase.Purchase`."""

    def __init__(self, ledger: Ledger, entry: Entry) -> None:
        self._ledger = ledger
        self.entry = entry

    @property
    def id(self) -> str:
        """32 hexadecimal digits, the same after a restart."""
        return self.entry.id

    @property
    def folder(self) -> Path:
        """What is flushed here stays until the take is committed."""
        return self._ledger.files.make(self.entry.id)

    @property
    def job(self) -> Mapping[str, Json] | None:
        """What :meth:`submitted` recorded."""
        return self.entry.job

    @property
    def note(self) -> Mapping[str, Json]:
        """What the maker noted when it began."""
        return self.entry.note

    @property
    def answered(self) -> bool:
        """True once the whole answer lies in ``folder``."""
        return self.entry.stage is Stage.RECEIVED

    def submitted(self, job: Mapping[str, Json]) -> None:
        """The request was accepted."""
        self.entry = self._ledger.change(self.entry, Stage.SUBMITTED, job=job)

    def received(self, cost: Money | None) -> None:
        """The answer is whole; it is flushed here once more."""
        self._ledger.files.flush_answer(self.entry.id)
        self.entry = self._ledger.change(self.entry, Stage.RECEIVED, cost=cost)

    def not_accepted(self, message: str) -> None:
        """Nothing was bought."""
        self.entry = self._ledger.change(self.entry, Stage.NOT_ACCEPTED, message=message)

    def ended(
        self,
        how: Literal["refused", "failed"],
        message: str,
        cost: Money | None = None,
        *,
        flagged_input: bool = False,
        estimated: bool = False,
    ) -> None:
        """It gave no result."""
        self.entry = self._ledger.change(
            self.entry,
            Stage(how),
            message=message,
            cost=cost,
            flagged=flagged_input,
            estimated=estimated,
        )

    def unknown(self, message: str) -> UnresolvedError:
        """Its fate is not known."""
        self.entry = self._ledger.change(self.entry, Stage.UNKNOWN, message=message)
        return unresolved(self.entry.node, message)


class KeptPurchases:
    """The purchases of one slot. ``planned`` is the most that the plan says the take may cost in
    this build; None: no plan was made."""

    def __init__(self, ledger: Ledger, slot: Slot, planned: Price | None = None) -> None:
        self._ledger = ledger
        self._slot = slot
        self._planned = planned

    def unfinished(self) -> KeptPurchase | None:
        """What an earlier build left open. Raises UnresolvedError when its fate is not known."""
        found = None
        for entry in self._ledger.of_take(self._slot.key, self._slot.take):
            if entry.stage is Stage.UNKNOWN:
                raise unresolved(self._slot.node, entry.message)
            if entry.open and self._is_mine(entry):
                found = entry
        return None if found is None else KeptPurchase(self._ledger, found)

    def _is_mine(self, entry: Entry) -> bool:
        return (entry.maker, entry.wording) == (self._slot.maker, self._slot.wording)

    def begin(
        self,
        model: str,
        price: Price,
        *,
        resubmit_safe: bool,
        note: Mapping[str, Json] = NOTHING,
    ) -> KeptPurchase:
        """Write down the intent. Raises BudgetError and UnresolvedError."""
        tried = self._ledger.of_take(self._slot.key, self._slot.take)
        for entry in tried:
            if entry.stage is Stage.UNKNOWN:
                raise unresolved(self._slot.node, entry.message)
            if entry.open:
                raise TargetError(
                    f"take {entry.take} was bought already from '{entry.target}', and waits to be "
                    "fetched",
                    hint=f"'fvbuild resolve {self._slot.node} --forget' drops it",
                )
        self._check_plan(tried, price)
        entry = self._ledger.begin(self._slot, model, price, resubmit_safe=resubmit_safe, note=note)
        return KeptPurchase(self._ledger, entry)

    def _check_plan(self, tried: list[Entry], price: Price) -> None:
        """A build spends at most what its plan says, whatever is refused, fails and is billed."""
        if self._planned is None or not self._planned.known or price.free:
            return
        mine = [entry for entry in tried if entry.build == self._ledger.build]
        for part in by_currency(replace(price, refusal=0.0)):
            planned = sum(p.max for p in by_currency(self._planned) if p.currency == part.currency)
            spent = sum(entry.held for entry in mine if entry.currency == part.currency)
            budget = Budget(planned, part.currency, spent=spent)
            if budget.refusal(part) is not None:
                raise BudgetError(
                    f"it may cost {part.max:g} {part.currency}, and the plan allows "
                    f"{planned:g} {part.currency} for this take"
                    + (f", of which {spent:g} {part.currency} is spent" if spent else ""),
                    hint="build again: the next plan counts anew",
                )
