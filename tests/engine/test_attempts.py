"""Refused, failed, out of quota: what is asked again, in which words, of whom, and at what cost."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faults import KILLED, at_operation, in_child
from shops import Buyer, Shop, Town, Trouble
from toys import did, made

from fvbuild.engine.action import Action, Money
from fvbuild.engine.digest import Json
from fvbuild.engine.entry import Entry
from fvbuild.engine.events import Act, Did, Note, Reason
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.prices import worst_case
from fvbuild.engine.target import Price
from fvbuild.errors import Exit, RejectedInputError, StateError, StoreError, TargetError

REFUSALS_BILLED = Price(1.0, 1.0, 1.0, refusal=0.25)


def _reword(action: Action, error: TargetError) -> tuple[Action, Mapping[str, Json]] | None:
    return replace(action, params={**action.params, "look": "softer"}), {"by": "rules"}


def _town(folder: Path, *troubles: Trouble, **more: Any) -> Town:
    return Town(folder, [Buyer(Shop(folder / "shop"), troubles=list(troubles))], **more)


def _with_fallback(folder: Path, *troubles: Trouble, **more: Any) -> Town:
    town = _town(folder, *troubles, **more)
    town.buyers.append(Buyer(town.buyers[0].shop, name="wan", model="two"))
    return town


def _attempts(town: Town) -> list[tuple[Any, ...]]:
    """The steps of the one take that is recorded: target, what it did, wording."""
    with town.opened() as world:
        takes = [take for _, take in world.state.all_takes() if take.origin != "fvbuild"]
    (take,) = takes
    steps: Any = take.provenance.get("attempts", [])
    return [(step["target"], step["did"], step.get("wording", 0)) for step in steps]


def test_a_refused_request_is_made_again_once(tmp_path: Path) -> None:
    town = _town(tmp_path, "refused")
    assert did(town.build())["a"] is Did.BUILT
    assert len(town.buyers[0].requests) == 2
    assert _attempts(town) == [("veo", "refused", 0), ("veo", "made", 0)]


def test_refused_twice_it_is_reworded(tmp_path: Path) -> None:
    town = _town(tmp_path, "refused", "refused", reword=_reword)
    assert did(town.build())["a"] is Did.BUILT
    first, second, third = town.buyers[0].requests
    assert first == second != third
    steps = [(name, what) for name, what, _ in _attempts(town)]
    assert steps == [("veo", "refused"), ("veo", "refused"), ("veo", "reworded"), ("veo", "made")]


def test_refused_in_other_words_too_it_falls_back(tmp_path: Path) -> None:
    town = _with_fallback(tmp_path, "refused", "refused", "refused", reword=_reword)
    report = town.build()
    assert did(report)["a"] is Did.BUILT
    assert {r.target for r in report.results if r.node == "a"} == {"wan"}, "who made it"
    assert len(town.buyers[0].requests) == 3 and len(town.buyers[1].requests) == 1
    assert town.buyers[1].requests[0] == town.buyers[0].requests[0], "in the film's own words"
    with town.opened() as world:
        line = world.lock.get("a")
        assert line is not None and line.takes[0].origin == "wan"


def test_a_flagged_picture_is_never_sent_again(tmp_path: Path) -> None:
    town = _with_fallback(tmp_path, "flagged", reword=_reword)
    assert did(town.build())["a"] is Did.BUILT
    assert len(town.buyers[0].requests) == 1 and len(town.buyers[1].requests) == 1


def test_refused_everywhere_it_fails_and_says_what_was_tried(tmp_path: Path) -> None:
    town = _with_fallback(tmp_path, "refused", "refused")
    town.buyers[1].troubles = ["refused"] * 2
    report = town.build()
    (failed,) = [r for r in report.results if r.action is Did.FAILED]
    assert "veo refused" in failed.message and "wan refused" in failed.message
    # A person who asks again means it: the next build begins anew.
    assert did(town.build())["a"] is Did.BUILT


@pytest.mark.parametrize("trouble", ["unavailable", "failed"])
def test_what_cannot_be_made_here_is_made_elsewhere(tmp_path: Path, trouble: Trouble) -> None:
    town = _with_fallback(tmp_path, trouble)
    assert did(town.build())["a"] is Did.BUILT
    assert _attempts(town)[-1] == ("wan", "made", 0)


def test_a_job_that_could_not_be_written_down_is_told_whatever_fails_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the state refuses everything; what was bought is on the terminal at least."""
    full: list[bool] = []

    def unwritten(_: Ledger, entry: Entry) -> None:
        full.append(True)
        raise StoreError(f"what was bought (its job: {entry.job}) could not be written down")

    def looked_up(*_: object) -> list[Entry]:
        if full:
            raise StateError("the state cannot be used: the disk is full")
        return []

    monkeypatch.setattr(Ledger, "_write_either", unwritten)
    monkeypatch.setattr(Ledger, "of_take", looked_up)
    report = _town(tmp_path).build()
    assert any("its job: {'id': " in note for note in report.notes), report.notes
    failed = [r for r in report.results if r.action is Did.FAILED]
    assert ["could not be written down" in r.message for r in failed] == [True]


def test_a_wrong_request_does_not_fall_back(tmp_path: Path) -> None:
    class Strict(Buyer):
        def make(self, action: Action) -> Any:
            raise RejectedInputError("there is no such size")

    town = _with_fallback(tmp_path)
    town.buyers[0] = Strict(town.buyers[0].shop)
    assert did(town.build())["a"] is Did.FAILED
    assert town.buyers[1].requests == []


def test_no_quota_stops_the_provider_and_not_the_build(tmp_path: Path) -> None:
    town = _with_fallback(tmp_path, "quota", nodes=4)
    with town.opened() as world:
        report = world.run(town.graph(), jobs=1)
        notes = [event.message for event in world.events if isinstance(event, Note)]
    assert set(did(report).values()) == {Did.BUILT}
    assert len(town.buyers[0].requests) == 1 and len(town.buyers[1].requests) == 4
    assert len(notes) == 1 and "no credits are left" in notes[0]


def test_without_a_fallback_what_waits_for_a_stopped_provider_fails_at_once(
    tmp_path: Path,
) -> None:
    town = _town(tmp_path, "quota", nodes=3)
    with town.opened() as world:
        found = did(world.run(town.graph(), jobs=1))
    assert [found[name] for name in "abc"] == [Did.FAILED] * 3
    assert len(town.buyers[0].requests) == 1


def test_a_job_that_may_still_come_is_not_bought_elsewhere(tmp_path: Path) -> None:
    town = _with_fallback(tmp_path, "slow")
    report = town.build()
    assert did(report)["a"] is Did.FAILED
    assert town.stages() == ["submitted"] and town.buyers[1].requests == []
    step = town.plan()["a"]
    assert step.action is Act.BUILD and "only fetched" in step.message
    assert did(town.build())["a"] is Did.BUILT
    assert len(town.buyers[0].shop.bill()) == 1


def test_a_lost_request_stops_the_node_until_a_person_says(tmp_path: Path) -> None:
    town = _with_fallback(tmp_path, "lost")
    (failed,) = [r for r in town.build().results if r.action is Did.FAILED]
    assert failed.exit is Exit.UNRESOLVED
    assert "fvbuild resolve a --retry" in failed.message
    again = town.build()
    assert {r.node for r in again.results if r.exit is Exit.UNRESOLVED} == {"a"}
    assert did(again)["cut"] is Did.SKIPPED and made(again) == set()
    assert town.resolve(retry=False) == 1
    assert made(town.build()) == {"a", "cut"}
    assert town.stages() == ["forgotten", "committed"]


def test_the_other_nodes_of_an_unresolved_film_are_made(tmp_path: Path) -> None:
    town = _town(tmp_path, "lost", nodes=3)
    with town.opened() as world:
        report = world.run(town.graph(), jobs=1)
    assert made(report) == {"b", "c"}


# --- money ----------------------------------------------------------------------------------------


def test_refusals_that_are_billed_are_part_of_the_cost(tmp_path: Path) -> None:
    town = _town(tmp_path, "refused and billed", "refused and billed", reword=_reword)
    town.buyers[0].cost = REFUSALS_BILLED
    assert town.plan()["a"].cost.max == 1.5
    report = town.build()
    costs = {r.node: r.cost for r in report.results if r.cost}
    assert costs == {"a": Money(1.5)}
    assert town.buyers[0].shop.total == town.spent() == 1.5


def test_what_a_failed_node_cost_is_told(tmp_path: Path) -> None:
    town = _town(tmp_path, "refused and billed", "refused and billed")
    town.buyers[0].cost = REFUSALS_BILLED
    (failed,) = [r for r in town.build().results if r.action is Did.FAILED]
    assert failed.cost == Money(0.5)


def test_a_fallback_dearer_than_the_plan_is_not_asked(tmp_path: Path) -> None:
    """The plan counts the dearest way; a price that rose since is not paid."""
    town = _with_fallback(tmp_path, "unavailable")
    assert town.plan()["a"].cost.max == 1.0
    town.buyers[1].cost = Price(3.0, 3.0, 3.0)
    assert town.plan()["a"].cost.max == 3.0

    class Rising(Buyer):
        def price(self, kind: str, params: Mapping[str, Json]) -> Price:
            return Price(1.0, 1.0, 1.0)

    town.buyers[1] = Rising(town.buyers[0].shop, name="wan", model="two", cost=Price(3, 3, 3))
    skipped = town.build().results[0]
    assert skipped.action is Did.SKIPPED and skipped.reason is Reason.OVER_BUDGET
    assert "the plan allows 1 USD" in skipped.message
    assert town.buyers[0].shop.bill() == []


@pytest.mark.parametrize(
    ("chain", "most", "others"),
    [
        ([Price(1, 2, 3)], 3.0, {}),
        ([Price(1, 2, 3, refusal=1)], 5.0, {}),
        ([Price(1, 2, 3), Price(5, 5, 5)], 5.0, {}),
        ([Price(1, 2, 3, refusal=1), Price(5, 5, 5)], 8.0, {}),
        ([Price(1, 2, 3, refusal=1), Price(0, 0, 0)], 5.0, {}),
        ([Price(1, 2, 3, refusal=1), Price(5, 5, 5, "credits")], 5.0, {"credits": 5.0}),
    ],
)
def test_the_worst_that_a_chain_of_targets_can_cost(
    chain: list[Price], most: float, others: dict[str, float]
) -> None:
    worst = worst_case(chain)
    assert worst.max == most and worst.likely == 2
    assert {price.currency: price.max for price in worst.others} == others


# --- restarts in the middle -----------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True])
def test_a_restart_in_the_middle_goes_on_counting(tmp_path: Path, after: bool) -> None:
    """Refused twice, reworded and refused, then made by the fallback; killed all along it."""
    troubles: list[Trouble] = ["refused and billed"] * 3
    for nth in range(1 + after, 400, 4):
        folder = tmp_path / f"{nth}"
        town = _billed(folder, troubles)

        def build(town: Town = town, nth: int = nth) -> None:
            with at_operation(nth, lambda _name: os._exit(KILLED), after=after):
                town.build()

        status = in_child(build)
        shop = Shop(folder / "shop")
        refused = sum(order.price == 0.25 for order in shop.bill())
        _finish(_billed(folder, troubles[refused:]))
        orders = [order.price for order in shop.bill()]
        assert orders.count(1.0) == 1, "the take is bought once"
        # A refusal that was billed and whose answer was lost may have to be asked for again.
        assert orders.count(0.25) <= 4
        if status == 0:
            assert orders.count(0.25) == 3
            return
    raise AssertionError("it never came to an end")


def _billed(folder: Path, troubles: list[Trouble]) -> Town:
    town = _with_fallback(folder, *troubles, reword=_reword)
    town.buyers[0].cost = REFUSALS_BILLED
    town.buyers[1].pattern = "safe"
    return town


def _finish(town: Town) -> None:
    report = town.build()
    while any(result.exit is Exit.UNRESOLVED for result in report.results):
        town.resolve(retry=False)
        report = town.build()
    assert set(did(report).values()) <= {Did.BUILT, Did.REUSED}, report.results
