"""What the ledger promises: budgets, receipts, recovery after loss, and nothing without need."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from shops import Buyer, Shop, Town
from toys import FILM, Toy, did, made

from fvbuild.engine.action import Action, Money, Outcome
from fvbuild.engine.clock import FakeClock
from fvbuild.engine.database import Database
from fvbuild.engine.digest import of_value
from fvbuild.engine.entry import Entry, Slot, entry_from, entry_of, row_of, text_of
from fvbuild.engine.events import Act, Did, Reason
from fvbuild.engine.gc import collect
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.prices import scaled, total
from fvbuild.engine.purchase import MemoryPurchases, Stage
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.purchase_table import PurchaseTable
from fvbuild.engine.state import State
from fvbuild.engine.store import DiskStore
from fvbuild.engine.target import Price
from fvbuild.errors import BudgetError, Exit, Interrupted, UnresolvedError


def _town(folder: Path, **more: Any) -> Town:
    return Town(folder, [Buyer(Shop(folder / "shop"))], **more)


# --- budgets --------------------------------------------------------------------------------------


def test_the_films_budget_is_for_all_that_it_ever_spends(tmp_path: Path) -> None:
    town = _town(tmp_path, nodes=3, budget=2.0)
    first = did(town.build())
    assert [first[name] for name in "abc"] == [Did.BUILT, Did.BUILT, Did.SKIPPED]
    again = town.build()
    refused = next(r for r in again.results if r.node == "c")
    assert refused.reason is Reason.OVER_BUDGET
    assert "of 2 USD, of which 2 USD is spent" in refused.message
    assert town.buyers[0].shop.total == 2.0
    town.budget = 3.0
    assert "c" in made(town.build())


def test_two_builds_at_once_stay_within_one_budget(tmp_path: Path) -> None:
    """Each plans alone that all fits; the reservations tell them otherwise."""
    ready, go = os.pipe()
    children = []
    for number in range(2):
        child = os.fork()
        if not child:
            status = 1
            try:
                os.close(go)
                town = _town(tmp_path, nodes=6, budget=4.0)
                # Other recipes: leases must not be what keeps the builds apart.
                town.buyers[0].model = f"model {number}"
                with patch.object(Town, "budgets", _nothing_spent_yet(town.budget)):
                    os.read(ready, 1)
                    town.build()
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    os.close(go)
    os.close(ready)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    town = _town(tmp_path)
    assert town.buyers[0].shop.total == 4.0 == town.spent()


def _nothing_spent_yet(amount: float | None) -> Callable[..., Any]:
    from fvbuild.engine.budget import Budget

    assert amount is not None
    # Planning sees room for all; what is spent is asked again before each request.
    return lambda _town, _ledger: (Budget(amount, "USD", whole_film=True, spent=-100.0),)


def test_over_budget_at_the_last_moment_is_not_asked(tmp_path: Path) -> None:
    town = _town(tmp_path, nodes=2)
    with town.opened() as world:
        assert world.ledger is not None
        graph = town.graph()
        world.ledger.start(_nothing_spent_yet(1.0)(None, None))
        report = world.run(graph, jobs=1)
    found = {r.node: (r.action, r.reason) for r in report.results}
    assert found["b"] == (Did.SKIPPED, Reason.OVER_BUDGET)
    assert town.buyers[0].shop.total == 1.0


def test_an_unknown_price_is_made_without_a_budget_and_refused_with_one(tmp_path: Path) -> None:
    town = _town(tmp_path, budget=5.0)
    town.buyers[0].cost = Price(known=False)
    step = town.plan()["a"]
    assert step.action is Act.BLOCKED and step.reason is Reason.OVER_BUDGET
    assert "not known" in step.message and not step.cost.known
    town.budget = None
    assert did(town.build())["a"] is Did.BUILT
    assert town.spent() == 1.0, "the receipt tells"


def test_credits_are_not_held_against_dollars(tmp_path: Path) -> None:
    town = _town(tmp_path, budget=5.0)
    town.buyers[0].cost = Price(1.0, 1.0, 1.0, "credits")
    step = town.plan()["a"]
    assert step.reason is Reason.OVER_BUDGET and "credits" in step.message


def test_amounts_of_different_currencies_are_listed_and_never_added() -> None:
    found = total([Price(1, 1, 2), Price(5, 5, 5, "credits"), Price(1, 2, 3), Price(known=False)])
    assert (found.min, found.likely, found.max, found.currency) == (2, 3, 5, "USD")
    assert [(p.max, p.currency) for p in found.others] == [(5, "credits")]
    assert not found.known


def test_what_was_bought_needs_no_budget_to_be_fetched(tmp_path: Path) -> None:
    town = _town(tmp_path, budget=1.0)
    town.buyers[0].troubles = ["slow"]
    assert did(town.build())["a"] is Did.FAILED
    assert did(town.build())["a"] is Did.BUILT
    assert town.buyers[0].shop.total == 1.0


# --- receipts -------------------------------------------------------------------------------------


def test_receipts_teach_what_is_likely(tmp_path: Path) -> None:
    town = _town(tmp_path, nodes=5)
    town.buyers[0].cost = Price(0.5, 1.0, 2.0)
    town.buyers[0].receipt = 1.5
    town.build()
    with town.opened() as world:
        assert world.ledger is not None
        ratio = world.ledger.ratio("veo-shop", "one", "picture")
        assert world.ledger.ratio("veo-shop", "another", "picture") == 1.0
    assert ratio == 1.5
    assert scaled(Price(0.5, 1.0, 2.0), ratio) == Price(0.5, 1.5, 2.0, listed=1.0)
    assert scaled(Price(0.5, 1.0, 1.2), ratio).likely == 1.2, "within what the card says"
    assert scaled(scaled(Price(0.5, 1.0, 2.0), 1.5), 0.8).likely == 0.8, "from the card, always"


def test_the_newest_twenty_receipts_count(tmp_path: Path) -> None:
    table = _table(tmp_path)
    old = [_entry(f"{n:032}", cost=3.0, receipt=True) for n in range(50)]
    table.put([*old, *(_entry(f"{n:032}", cost=0.5, receipt=True) for n in range(50, 70))])
    ledger = _ledger(tmp_path)
    assert ledger.ratio("veo-shop", "one", "picture") == 0.5


def test_without_a_receipt_the_rate_card_counts_and_the_budget_keeps_the_most(
    tmp_path: Path,
) -> None:
    town = _town(tmp_path)
    town.buyers[0].cost = Price(0.5, 1.0, 2.0)
    town.buyers[0].receipt = None
    town.build()
    assert town.spent() == 1.0
    with town.opened() as world:
        assert world.ledger is not None
        assert world.ledger.spent() == {"USD": 2.0}


# --- people ---------------------------------------------------------------------------------------


def test_retry_buys_again_and_counts_as_possibly_spent(tmp_path: Path) -> None:
    town = _town(tmp_path, budget=2.0)
    town.buyers[0].troubles = ["lost"]
    town.build()
    assert town.resolve(retry=True) == 1
    assert did(town.build())["a"] is Did.BUILT
    assert town.stages() == ["retried", "committed"]
    with town.opened() as world:
        assert world.ledger is not None
        assert world.ledger.spent() == {"USD": 2.0}
    assert town.spent() == 1.0, "what is possible is not what is certain"


def test_an_interrupt_while_polling_leaves_the_job_to_the_next_build(tmp_path: Path) -> None:
    cancel = threading.Event()

    class Polling(Buyer):
        def _buy(self, action: Action, purchase: Any) -> None:
            order = self.shop.order(purchase.id, "a picture", 1.0, idempotent=False)
            purchase.submitted({"id": order})
            cancel.set()
            raise Interrupted("stopped")

    town = _town(tmp_path)
    buyer = town.buyers[0]
    town.buyers[0] = Polling(buyer.shop)
    with town.opened() as world:
        world.cancel = cancel
        report = world.run(town.graph())
    assert report.interrupted and did(report)["a"] is Did.SKIPPED
    town.buyers[0] = buyer
    assert did(town.build())["a"] is Did.BUILT
    assert len(buyer.shop.bill()) == 1


# --- loss -----------------------------------------------------------------------------------------


def test_a_lost_state_forgets_no_open_purchase(tmp_path: Path) -> None:
    town = _town(tmp_path, nodes=3)
    town.buyers[0].troubles = ["slow", "lost"]
    town.build()
    before = sorted(town.stages())
    assert before == ["committed", "submitted", "unknown"]
    (town.disk.cache / "state.sqlite3").write_bytes(b"not a database, sorry" * 100)
    assert sorted(town.stages()) == before
    assert town.spent() == 1.0, "what was spent is remembered as well"
    assert town.resolve(retry=False) == 1
    report = town.build()
    assert set(did(report).values()) <= {Did.BUILT, Did.REUSED}
    assert town.buyers[0].shop.total == 4.0, "only what a person called forgotten is bought again"


def test_a_lost_folder_of_an_answer_is_fetched_again_where_that_is_possible(
    tmp_path: Path,
) -> None:
    town = _town(tmp_path)
    town.buyers[0].troubles = ["slow"]
    town.build()
    shutil.rmtree(town.disk.cache / "purchases")
    assert did(town.build())["a"] is Did.BUILT
    assert len(town.buyers[0].shop.bill()) == 1


def test_a_request_that_costs_nothing_is_simply_made_again(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    entry = ledger.begin(_SLOT, "one", Price(), resubmit_safe=False, note={})
    assert ledger.of_take(_SLOT.key, 1)[0].stage is Stage.NOT_ACCEPTED
    assert ledger.files.ids() == [entry.id]
    ledger.recover(None)
    assert ledger.files.ids() == []


def test_gc_leaves_purchases_alone(tmp_path: Path) -> None:
    town = _town(tmp_path)
    town.buyers[0].troubles = ["slow"]
    town.build()
    folders = town.folders()
    with town.opened() as world:
        assert isinstance(world.store, DiskStore)
        collect(world.store, world.state, town.disk.folder, set(), apply=True)
    assert town.folders() == folders != []
    assert did(town.build())["a"] is Did.BUILT


def test_a_target_that_keeps_no_purchases_is_counted_too(tmp_path: Path) -> None:
    class Plain(Buyer):
        def make(self, action: Action) -> Outcome:
            action = Action(action.node, action.kind, action.params, action.inputs, action.folder)
            return super().make(action)

    town = _town(tmp_path)
    town.buyers[0] = Plain(town.buyers[0].shop)
    report = town.build()
    assert {r.node: r.cost for r in report.results if r.cost} == {"a": Money(1.0)}
    assert town.spent() == 1.0 and town.folders() == []


# --- a film that buys nothing ---------------------------------------------------------------------


def test_a_film_that_buys_nothing_opens_no_ledger(tmp_path: Path) -> None:
    town = _town(tmp_path)
    asked: list[str] = []
    real = Database.execute

    def execute(db: Database, *words: Any) -> Any:
        asked.append(words[0])
        return real(db, *words)

    film = {"a": Toy("picture"), "b": Toy("joined", {}, (("picture", "a", None),))}
    with town.opened() as world, patch.object(Database, "execute", execute):
        world.targets = {}
        world.run(film)
        world.run(film)
    assert not (town.disk.cache / "purchases").exists()
    assert not [words for words in asked if "purchases(" in words or "FROM purchases" in words]


# --- the parts ------------------------------------------------------------------------------------

_SLOT = Slot("a", "picture", of_value("key"), 1, "veo", "veo-shop", of_value("maker"))


def _table(folder: Path) -> PurchaseTable:
    (folder / "purchases").mkdir()
    state = State(folder / "state.sqlite3")
    state.purchases.make()
    return state.purchases


def _ledger(folder: Path) -> Ledger:
    clock = FakeClock()
    ledger = Ledger(State(folder / "state.sqlite3"), PurchaseFiles(folder), clock, FILM)
    ledger.start()
    return ledger


def _entry(purchase_id: str, **more: Any) -> Entry:
    entry = Entry(
        id=purchase_id, film=FILM, profile="", node="a", kind="picture", key="k", take=1,
        target="veo", provider="veo-shop", maker="m", wording=0, model="one", build="b",
        resubmit_safe=False, stage=Stage.COMMITTED, reserved=2.0, likely=1.0, currency="USD",
        began_at="2026-11-21T03:00:00+00:00", changed_at="2026-11-21T03:00:00+00:00",
    )  # fmt: skip
    return replace(entry, **more)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("more", [{}, {"cost": 0.7, "receipt": True}, {"cost": 1.0}])
def test_an_entry_survives_being_written_and_counts_the_same_in_sums(
    tmp_path: Path, stage: Stage, more: dict[str, Any]
) -> None:
    entry = _entry("0" * 32, stage=stage, job={"id": "7"}, note={"a": [1]}, message="…", **more)
    assert entry_from(text_of(entry)) == entry
    assert entry_of(row_of(entry)) == entry
    table = _table(tmp_path)
    table.put([entry])
    assert table.one(entry.id) == entry
    assert table.held("film", FILM).get("USD", 0.0) == entry.held


def test_purchases_in_memory_keep_the_same_rules(tmp_path: Path) -> None:
    purchases = MemoryPurchases(tmp_path)
    first = purchases.begin("one", Price(1, 1, 1), resubmit_safe=False)
    with pytest.raises(UnresolvedError):
        purchases.unfinished()
    first.submitted({"id": 7})
    assert purchases.unfinished() is first and first.job == {"id": 7}
    with pytest.raises(RuntimeError):
        purchases.begin("one", Price(1, 1, 1), resubmit_safe=False)
    first.received(None)
    assert first.answered and first.folder.is_dir()
    first.ended("failed", "broken")
    second = purchases.begin("one", Price(1, 1, 1), resubmit_safe=True)
    assert purchases.unfinished() is second and second.job is None
    assert isinstance(second.unknown("gone"), UnresolvedError)
    with pytest.raises(UnresolvedError):
        purchases.unfinished()


def test_errors_of_money_have_their_exit_codes() -> None:
    assert BudgetError("too dear").exit_code is Exit.BUDGET
    assert UnresolvedError("lost").exit_code is Exit.UNRESOLVED
