"""The attempts at one take: the same again, in other words, then the next target of the list.

A refused request is made twice at most, then once in other words. What is refused still, what a
provider cannot finish and what it has no quota for goes to the node's next target. A restart goes
on where the ledger says that it was; every step is told in the take's provenance.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from fvbuild.engine.action import Action, Money, Outcome
from fvbuild.engine.attempt_steps import ELSEWHERE, Work, copied_out, cost_of, sums_of
from fvbuild.engine.bookkeeping import KeptPurchases
from fvbuild.engine.digest import Json, of_value
from fvbuild.engine.entry import Entry, Slot
from fvbuild.engine.executor import HERE, Executor, target_maker
from fvbuild.engine.graph import Node
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.prices import REWORDED, SAME_WORDS, TakePrices
from fvbuild.engine.purchase import Stage, unresolved
from fvbuild.engine.target import Price, Target
from fvbuild.engine.wording import action_from, text_of
from fvbuild.errors import (
    FilmBuildError,
    Interrupted,
    QuotaError,
    RefusedError,
    StoreError,
    TargetError,
    UnresolvedError,
)
from fvbuild.values import dataclass

_REWORDING = "rewording:"


class Reword(Protocol):
    """Puts a refused action in other words."""

    def __call__(
        self, action: Action, error: TargetError
    ) -> tuple[Action, Mapping[str, Json]] | None:
        """The action in other words and how they were found; None: there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Attempted:
    """A take that was made: by whom, and the purchases to be closed with it."""

    outcome: Outcome
    origin: str
    bought: tuple[str, ...] = ()


class Attempts:
    """Makes takes by the targets of one build. Safe from several threads."""

    def __init__(
        self,
        find_target: Callable[[str], Target],
        ledger: Ledger | None,
        prices: TakePrices | None,
        reword: Reword | None,
        tell: Callable[[str], None],
        executor: Executor = HERE,
    ) -> None:
        """``tell`` is told what a person should know at once."""
        self._find_target = find_target
        self._ledger = ledger
        self._prices = prices
        self._reword = reword
        self._tell = tell
        self._executor = executor
        self._stopped: dict[str, str] = {}
        self._spent: dict[tuple[str, int], tuple[Money, ...]] = {}

    def make(self, node: Node, key: str, action: Action) -> Attempted:
        """Make a take. Raises what the last target raised, with all that was tried in words."""
        work = Work(node, key, action, [])
        work.past = self._paid(work)
        try:
            made = self._made(work)
        except BaseException as error:
            with contextlib.suppress(FilmBuildError):  # a full disk hides no other fault
                self._settle(work, given_up=isinstance(error, ELSEWHERE) and not work.open)
            if isinstance(error, StoreError):
                # It may name a job that is paid for, and the build may not get as far as to tell.
                self._tell(f"{node.id}: {error.message}")
            raise
        self._settle(work, given_up=False)
        return made

    def _settle(self, work: Work, *, given_up: bool) -> None:
        entries = self._paid(work)
        self._spent[work.key, work.action.take] = sums_of(entries)
        if given_up and self._ledger is not None and entries:
            self._ledger.conclude(work.key, work.action.take)

    def spent(self, key: str, take: int) -> tuple[Money, ...]:
        """What was spent on a take that was made or not, one amount a currency; told once."""
        return self._spent.pop((key, take), ())

    def _made(self, work: Work) -> Attempted:
        assert work.node.target is not None
        names = (work.node.target.name, *work.node.target.fallbacks)
        last: TargetError | None = None
        for name in names[self._begun(work, names) :]:
            try:
                target = self._find_target(name)
            except TargetError as error:
                last = last or error
                continue
            try:
                outcome = self._ask(work, name, target)
                return self._finished(work, self._slot(work, name, target), outcome)
            except ELSEWHERE as error:
                last = error
                if isinstance(error, QuotaError):
                    self._stop(target.pool, error)
                self._raise_if_open(work, error)
        assert last is not None
        raise work.in_words(last)

    # --- one target -----------------------------------------------------------------------------

    def _ask(self, work: Work, name: str, target: Target) -> Outcome:
        if (message := self._stopped.get(target.pool)) is not None:
            raise work.noted(name, QuotaError(message))
        slot = self._slot(work, name, target)
        past = [entry for entry in work.past if entry.maker == slot.maker]
        refused = [e for e in past if e.stage is Stage.REFUSED]
        error = RefusedError(refused[-1].message) if refused else None
        in_same_words = sum(e.wording == 0 for e in refused)
        flagged = any(e.flagged for e in refused)
        for _ in range(SAME_WORDS - in_same_words):
            if flagged:
                break
            try:
                return self._once(work, target, slot, work.action)
            except RefusedError as refusal:
                error, flagged = refusal, refusal.flagged_input
        assert error is not None
        if not flagged and sum(e.wording == 1 for e in refused) < REWORDED:
            reworded = self._reworded(work, slot, error)
            if reworded is not None:
                return self._once(work, target, replace(slot, wording=1), reworded)
        raise error

    def _once(self, work: Work, target: Target, slot: Slot, action: Action) -> Outcome:
        """One request, in its purchases; whatever stands in its way is a step."""
        if self._ledger is not None:
            purchases = KeptPurchases(self._ledger, slot, self._planned(work))
            action = replace(action, purchases=purchases)
        if slot.target != (work.node.target.name if work.node.target is not None else ""):
            action = replace(action, settings={})
        try:
            return self._executor.make(target_maker(slot.target, target, action), action)
        except ELSEWHERE as error:
            raise work.noted(slot.target, error, slot.wording) from error.__cause__

    def _planned(self, work: Work) -> Price | None:
        return self._prices.of(work.node) if self._prices is not None else None

    def _slot(self, work: Work, name: str, target: Target) -> Slot:
        node = work.node
        maker = of_value(dict(target.identity_of(node.kind)))
        return Slot(node.id, node.kind, work.key, work.action.take, name, target.pool, maker)

    def _stop(self, pool: str, error: QuotaError) -> None:
        if pool not in self._stopped:
            self._stopped[pool] = error.message
            self._tell(f"{pool}: {error.message}; nothing more is asked of it in this build")

    # --- other words ----------------------------------------------------------------------------

    def _reworded(self, work: Work, slot: Slot, error: RefusedError) -> Action | None:
        if self._reword is None:
            return None
        ledger = self._ledger
        if ledger is not None and (kept := ledger.wording(slot)) is not None:
            action, provenance = action_from(kept, work.action)
        else:
            found = self._in_other_words(work, slot, error)
            if found is None:
                return None
            action, provenance = found
        work.steps.append({"target": slot.target, "did": "reworded", "how": dict(provenance)})
        work.action.progress(0.0, "refused; asked in other words")
        return action

    def _in_other_words(
        self, work: Work, slot: Slot, error: RefusedError
    ) -> tuple[Action, Mapping[str, Json]] | None:
        assert self._reword is not None
        asked = work.action
        rewording = replace(slot, maker=f"{_REWORDING}{slot.maker}")
        if self._ledger is not None:
            purchases = KeptPurchases(self._ledger, rewording, self._planned(work))
            asked = replace(asked, purchases=purchases)
        try:
            found = self._reword(asked, error)
        except (Interrupted, UnresolvedError):
            raise
        except FilmBuildError as trouble:
            work.steps.append(
                {"target": slot.target, "did": "not reworded", "message": trouble.message}
            )
            return None
        if found is not None and self._ledger is not None:
            self._keep(rewording, slot, found, asked)
        return found

    def _keep(
        self,
        rewording: Slot,
        slot: Slot,
        found: tuple[Action, Mapping[str, Json]],
        asked: Action,
    ) -> None:
        """Keep the words, if they may have cost something; then their purchase is over."""
        assert self._ledger is not None
        if not self._ledger.used():
            return
        self._ledger.keep_wording(slot, text_of(*found))
        for entry in self._ledger.of_take(slot.key, slot.take):
            if entry.open and entry.maker == rewording.maker:
                self._ledger.change(entry, Stage.COMMITTED)

    # --- what the ledger knows ------------------------------------------------------------------

    def _paid(self, work: Work) -> list[Entry]:
        return [] if self._is_free(work.node) else self._entries(work)

    def _is_free(self, node: Node) -> bool:
        fallbacks = node.target.fallbacks if node.target is not None else ()
        return not fallbacks and (node.price is None or node.price.free)

    def _begun(self, work: Work, names: tuple[str, ...]) -> int:
        """Which of the targets has an open purchase of this take; else the first."""
        open_ = [e for e in work.past if e.open and not e.maker.startswith(_REWORDING)]
        if not open_:
            return 0
        for at, name in enumerate(names):
            try:
                target = self._find_target(name)
            except TargetError:
                continue
            if of_value(dict(target.identity_of(work.node.kind))) == open_[0].maker:
                return at
        raise UnresolvedError(
            f"take {open_[0].take} was bought from '{open_[0].target}', which makes this node no "
            "more",
            hint=f"let it make the node again, or drop what was bought: fvbuild resolve "
            f"{work.node.id} --forget",
        )

    def _raise_if_open(self, work: Work, error: TargetError) -> None:
        """What was bought may still come: then nothing else is bought for the take."""
        for entry in self._entries(work):
            if entry.stage is Stage.UNKNOWN:
                raise unresolved(work.node.id, error.message) from error
            if entry.open:
                work.open = True
                raise error

    def _entries(self, work: Work) -> list[Entry]:
        ledger = self._ledger
        if ledger is None or not ledger.used():
            return []
        return ledger.of_take(work.key, work.action.take)

    def _finished(self, work: Work, slot: Slot, outcome: Outcome) -> Attempted:
        entries = self._entries(work)
        cost = outcome.cost
        if self._ledger is not None and not entries and cost is not None and cost.amount:
            self._ledger.record(slot, cost)
        bought = tuple(entry.id for entry in entries if entry.open)
        steps = work.told()
        if steps:
            steps.append({"target": slot.target, "did": "made"})
            outcome = replace(outcome, provenance={**outcome.provenance, "attempts": list(steps)})
        outcome = replace(outcome, cost=cost_of(entries, outcome))
        if self._ledger is not None:
            outcome = copied_out(self._ledger.files.root, outcome, work.action.folder)
        return Attempted(outcome, slot.target, bought)
