"""The ledger under any sequence of purchases, kills, losses and decisions, against the truth."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fvbuild.engine.action import Money
from fvbuild.engine.bookkeeping import KeptPurchase, KeptPurchases
from fvbuild.engine.budget import Budget
from fvbuild.engine.clock import FakeClock
from fvbuild.engine.digest import of_value
from fvbuild.engine.entry import Entry, Slot
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.purchase import Stage
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.state import State
from fvbuild.engine.target import Price
from fvbuild.errors import BudgetError, TargetError, UnresolvedError

BUDGET = 20.0
TAKES = st.integers(1, 3)


class Accounts(RuleBasedStateMachine):
    """A ledger and the truth: ``bought`` holds the ids that a provider billed for each take."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="fvbuild-ledger-"))
        self.running: dict[int, KeptPurchase] = {}
        self.done: set[int] = set()
        self.bought: dict[int, list[str]] = {}
        self.allowed: dict[int, int] = {}
        self.open_ledger()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.ledger.close()
            self.state.close()
            shutil.rmtree(self.folder)

    def open_ledger(self) -> None:
        self.state = State(self.folder / "state.sqlite3")
        files = PurchaseFiles(self.folder)
        self.ledger = Ledger(self.state, files, FakeClock(), "film.yaml")
        self.ledger.start([Budget(BUDGET, "USD", whole_film=True)])
        self.running = {}

    def purchases(self, take: int) -> KeptPurchases:
        slot = Slot("node", "clip", of_value("key"), take, "veo", "shop", of_value("maker"))
        return KeptPurchases(self.ledger, slot)

    # --- what makers do --------------------------------------------------------------------------

    @rule(take=TAKES, safe=st.booleans(), most=st.sampled_from([1.0, 3.0]))
    def ask(self, take: int, safe: bool, most: float) -> None:
        """Go on with what is there, else begin."""
        if take in self.done or take in self.running:
            return
        try:
            purchase = self.purchases(take).unfinished()
            if purchase is None:
                price = Price(0.5, 1.0, most)
                purchase = self.purchases(take).begin("one", price, resubmit_safe=safe)
        except UnresolvedError:
            assert any(e.stage is Stage.UNKNOWN and e.take == take for e in self.entries())
            return
        except BudgetError:
            assert self.ledger.spent().get("USD", 0.0) + most > BUDGET
            return
        self.running[take] = purchase

    @precondition(lambda self: self.running)
    @rule(data=st.data(), answered=st.booleans())
    def accepted(self, data: st.DataObject, answered: bool) -> None:
        """The provider accepts it (and bills); the ledger may never hear of it."""
        take = data.draw(st.sampled_from(sorted(self.running)))
        purchase = self.running[take]
        if purchase.entry.stage is not Stage.INTENDED:
            return
        ids = self.bought.setdefault(take, [])
        if not (purchase.entry.resubmit_safe and purchase.id in ids):
            ids.append(purchase.id)
        if answered:
            purchase.submitted({"id": take})
        else:
            self.kill()

    @precondition(lambda self: self.running)
    @rule(data=st.data(), cost=st.sampled_from([None, 0.7, 1.0]))
    def answered(self, data: st.DataObject, cost: float | None) -> None:
        take = data.draw(st.sampled_from(sorted(self.running)))
        purchase = self.running[take]
        if purchase.entry.stage is Stage.SUBMITTED:
            (purchase.folder / "answer").write_bytes(b"a clip")
            purchase.received(None if cost is None else Money(cost))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), how=st.sampled_from(["refused", "failed", "not accepted", "unknown"]))
    def ended(self, data: st.DataObject, how: str) -> None:
        take = data.draw(st.sampled_from(sorted(self.running)))
        purchase = self.running.pop(take)
        if how == "not accepted" and purchase.entry.stage is Stage.INTENDED:
            purchase.not_accepted("busy")
        elif how == "unknown" and purchase.entry.stage is Stage.INTENDED:
            assert isinstance(purchase.unknown("silence"), TargetError)
        elif purchase.entry.stage is Stage.SUBMITTED:
            # What was accepted and gave nothing is bought no more.
            purchase.ended("refused" if how == "refused" else "failed", "no", Money(0.1))
            self.allowed[take] = self.allowed.get(take, 0) + 1
        else:
            self.running[take] = purchase

    @precondition(lambda self: any(p.answered for p in self.running.values()))
    @rule(data=st.data(), killed=st.booleans())
    def commit(self, data: st.DataObject, killed: bool) -> None:
        """The take is recorded; killed before its folder is gone."""
        ready = sorted(take for take, p in self.running.items() if p.answered)
        take = data.draw(st.sampled_from(ready))
        purchase = self.running.pop(take)
        with self.state.transaction(survives_power_loss=True):
            self.state.purchases.commit([purchase.id], self.ledger.now())
        self.done.add(take)
        if killed:
            self.kill()
        else:
            self.ledger.committed([purchase.id])
            assert purchase.id not in self.ledger.files.ids()

    # --- what machines and people do -------------------------------------------------------------

    @rule()
    def kill(self) -> None:
        self.ledger.close()
        self.state.close()
        self.open_ledger()
        self.ledger.recover(None)

    @precondition(lambda self: not self.done)
    @rule()
    def lose_the_state(self) -> None:
        """A state that is gone; takes that were recorded would be in the lock."""
        before = self.essence()
        self.ledger.close()
        self.state.close()
        for path in self.folder.glob("state.sqlite3*"):
            path.unlink()
        self.open_ledger()
        self.ledger.recover(None)
        assert self.essence() == before

    def essence(self) -> list[tuple[str, float]]:
        """What no loss may change: open purchases as a new build sees them, and what counts."""
        self.ledger.recover(None)
        return sorted((e.id, e.held) for e in self.entries() if e.held or e.open)

    @rule(retry=st.booleans())
    def resolve(self, retry: bool) -> None:
        for entry in self.entries():
            if entry.stage is Stage.UNKNOWN:
                self.ledger.resolve(entry, retry=retry)
                self.allowed[entry.take] = self.allowed.get(entry.take, 0) + 1

    def entries(self) -> list[Entry]:
        return self.ledger.entries()

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def a_take_is_bought_once_but_where_it_failed_or_a_person_said_so(self) -> None:
        for take, ids in getattr(self, "bought", {}).items():
            assert len(ids) <= 1 + self.allowed.get(take, 0)

    @invariant()
    def a_take_has_one_open_purchase_at_most(self) -> None:
        if hasattr(self, "ledger"):
            takes = [entry.take for entry in self.entries() if entry.open]
            assert len(takes) == len(set(takes))

    @invariant()
    def the_budget_holds(self) -> None:
        if hasattr(self, "ledger"):
            assert self.ledger.spent().get("USD", 0.0) <= BUDGET + 1e-9
            held = sum(entry.held for entry in self.entries())
            assert abs(self.ledger.spent().get("USD", 0.0) - held) < 1e-9

    @invariant()
    def what_is_open_has_its_folder(self) -> None:
        if hasattr(self, "ledger"):
            open_ = {entry.id for entry in self.entries() if entry.open}
            assert open_ <= set(self.ledger.files.ids())


TestAccounts = Accounts.TestCase
TestAccounts.settings = settings(max_examples=settings().max_examples // 4, stateful_step_count=25)
