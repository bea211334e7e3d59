"""Several builds of one project at once: each take is made once, and all show the same."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from disks import Disk
from toys import Toy, ToyTarget, World, did, made, oracle

from fvbuild.engine.action import Action, Outcome
from fvbuild.engine.events import Did, Event, NodeFinished, Reason
from fvbuild.engine.lock import Lock
from fvbuild.engine.plan import Wishes
from fvbuild.errors import Interrupted

SHOTS = 6
FILM = {
    **{f"s{n}/a": Toy("picture", {"n": n}, takes=1 + n % 2) for n in range(SHOTS)},
    **{f"s{n}/b": Toy("clip", {}, (("start", f"s{n}/a", None),)) for n in range(SHOTS)},
    "cut": Toy("joined", {}, tuple(("clip", f"s{n}/b", None) for n in range(SHOTS))),
}


@dataclass
class SlowTarget(ToyTarget):
    """A target that takes its time and writes down, for all processes, what it was asked."""

    log: Path = field(default_factory=Path)

    def make(self, action: Action) -> Outcome:
        with self.log.open("a") as file:
            file.write(f"{action.node}:{action.take}\n")
        time.sleep(0.01)
        self.random = True
        self.asked.append((str(os.getpid()), len(self.asked)))
        return super().make(action)


@pytest.mark.parametrize(("builders", "few"), [(2, 2000), (4, 2000), (4, 0)])
def test_builds_at_once_share_the_work(
    tmp_path: Path, builders: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fvbuild.engine.decisions._FEW", few)  # as for a long film
    folder, log = tmp_path / "film", tmp_path / "asked.txt"
    folder.mkdir()
    ready, go = os.pipe()
    children = []
    for _ in range(builders):
        child = os.fork()
        if not child:
            status = 1
            try:
                os.close(go)
                os.read(ready, 1)
                disk = Disk(folder)
                disk.target = SlowTarget(log=log)
                report = disk.build(FILM)
                status = 0 if all(r.artifact or r.node for r in report.results) else 2
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        children.append(child)
    os.close(go)
    os.close(ready)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0] * builders
    asked = log.read_text().split()
    assert sorted(asked) == sorted(set(asked)), "a take was made twice"
    assert len(asked) == sum(toy.takes for toy in FILM.values() if toy.kind != "joined")
    disk = Disk(folder)
    assert made(disk.build(FILM)) == set()
    lock = Lock.read(disk.lock_path)
    assert set(lock.nodes()) == {name for name in FILM if name != "cut"}
    for name in FILM:
        if name != "cut":
            assert disk.texts()[name] == disk.artifact(name).read_text()


def test_equal_keys_in_flight_are_made_once() -> None:
    world = World()
    twins = {f"t{n}": Toy("picture", {"look": "same"}, takes=2) for n in range(5)}
    report = world.run(twins, jobs=4)
    assert sorted(world.target.asked) == [("t0", 1), ("t0", 2)]
    assert did(report)["t0"] is Did.BUILT
    assert [did(report)[f"t{n}"] for n in range(1, 5)] == [Did.REUSED] * 4
    assert len(set(world.texts().values())) == 1
    assert made(world.run(twins)) == set()


def test_equal_keys_that_want_different_numbers_of_takes() -> None:
    world = World()
    film = {"one": Toy("picture", takes=1), "three": Toy("picture", takes=3)}
    world.run(film)
    assert sorted(take for _, take in world.target.asked) == [1, 2, 3]
    assert world.texts() == oracle(film, {})


def test_a_failure_is_that_of_all_who_share_the_key() -> None:
    world = World()
    twins = {f"t{n}": Toy("picture", {"look": "same"}) for n in range(3)}
    world.target.fail = set(twins)
    assert set(did(world.run(twins)).values()) == {Did.FAILED}
    world.target.fail = set()
    world.run(twins)
    assert world.texts() == oracle(twins, {})


class _Stopper:
    """Stops the build when the first node has finished."""

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel = cancel

    def append(self, event: Event) -> None:
        if isinstance(event, NodeFinished):
            self._cancel.set()


def test_an_interrupted_build_keeps_what_was_finished() -> None:
    world = World()

    class Stopping(ToyTarget):
        def make(self, action: Action) -> Outcome:
            if action.node == "s1/a":
                world.cancel.set()
                raise Interrupted("stopped")
            return super().make(action)

    world.target = Stopping()
    report = world.run(FILM, jobs=1)
    assert report.interrupted
    assert did(report)["s0/a"] is Did.BUILT and did(report)["cut"] is Did.SKIPPED
    assert Did.FAILED not in did(report).values()
    first = made(report)
    assert world.lock.get("s0/a") is not None and world.lock.get("cut") is None
    world.cancel.clear()
    world.target = ToyTarget()
    assert made(world.run(FILM)) == set(FILM) - first
    assert world.texts() == oracle(FILM, {})


def test_stopped_before_it_began_a_build_makes_nothing() -> None:
    world = World()
    world.cancel.set()
    report = world.run(FILM)
    assert report.interrupted and made(report) == set() and world.target.asked == []


def test_fail_fast_stops_and_keep_going_does_not() -> None:
    film = {f"n{n}": Toy("picture", {"n": n}) for n in range(6)} | {
        "late": Toy("clip", {}, (("start", "n5", None),))
    }
    fast, slow = World(), World()
    fast.target.fail = slow.target.fail = {"n0"}
    found = did(fast.run(film, keep_going=False, jobs=1))
    assert found["n0"] is Did.FAILED and found["late"] is Did.SKIPPED
    assert made(slow.run(film)) == set(film) - {"n0"}


def test_a_maker_with_a_bug_is_a_failed_node() -> None:
    world = World()

    class Buggy(ToyTarget):
        def make(self, action: Action) -> Outcome:
            if action.node == "a":
                raise ZeroDivisionError("oops")
            return super().make(action)

    world.target = Buggy()
    report = world.run({"a": Toy("picture", {"n": 1}), "b": Toy("picture", {"n": 2})})
    assert did(report) == {"a": Did.FAILED, "b": Did.BUILT}
    assert "ZeroDivisionError: oops" in report.results[0].message


def test_a_failed_further_draw_leaves_the_chosen_take_to_those_who_need_it() -> None:
    world = World()
    film = {"a": Toy("picture"), "b": Toy("clip", {"n": 0}, (("start", "a", None),))}
    world.run(film)
    film = {"a": Toy("picture", takes=3), "b": Toy("clip", {"n": 1}, (("start", "a", None),))}
    world.target.fail = {"a"}
    assert did(world.run(film)) == {"a": Did.FAILED, "b": Did.BUILT}
    assert world.texts() == oracle(film, {})


def test_what_a_build_spent_is_told() -> None:
    world = World()
    world.target.cost = 1.5
    film = {"a": Toy("picture", takes=3), "b": Toy("picture", {"n": 1})}
    costs = {r.node: r.cost.amount for r in world.run(film).results if r.cost is not None}
    assert costs == {"a": 4.5, "b": 1.5}
    assert all(r.cost is None for r in world.run(film).results)
    drawn = world.run(film, ["a"], wishes=Wishes(draws={"a": 2}))
    assert drawn.results[0].cost is not None and drawn.results[0].cost.amount == 3.0


def test_a_draw_is_priced_in_the_plan_also_while_its_inputs_are_unknown() -> None:
    world = World()
    world.target.cost = 1.0
    film = {"a": Toy("picture"), "b": Toy("clip", {}, (("start", "a", None),))}
    world.run(film)
    edited = {**film, "a": Toy("picture", {"n": 1})}
    plan = world.plan(edited, ["b"], Wishes(draws={"b": 4}))
    assert plan["b"].cost.max == 4.0
    world.run(edited, ["b"], wishes=Wishes(draws={"b": 4}))


def test_over_budget_is_refused_before_it_is_spent() -> None:
    world = World()
    world.target.cost = 1.0
    film = {"a": Toy("picture"), "b": Toy("picture", {"n": 1}), "c": Toy("joined")}
    report = world.run(film, budget=1.0)
    found = {r.node: (r.action, r.reason) for r in report.results}
    assert found["b"] == (Did.SKIPPED, Reason.OVER_BUDGET)
    assert made(report) == {"a", "c"} and len(world.target.asked) == 1
