"""A maker in a pool that groups by model is told what else waits for the same, and no more."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from toys import Toy, ToyTarget, World, graph_of

from fvbuild.engine.action import Action, Outcome
from fvbuild.engine.graph import Graph

FILM = {
    "a": Toy("picture", {"n": 1}, model="one"),
    "b": Toy("picture", {"n": 2}, model="one"),
    "other": Toy("picture", {"n": 3}, model="two"),
    "c": Toy("picture", {"n": 4}, model="one"),
    "d": Toy("picture", {"n": 5}, model="one"),
}


@dataclass
class CuriousTarget(ToyTarget):
    """A target that writes down what it sees waiting."""

    seen: dict[str, list[str]] = field(default_factory=dict)
    next: dict[str, str | None] = field(default_factory=dict)
    patient: bool = False

    def make(self, action: Action) -> Outcome:
        patience = 500 if self.patient and not self.seen else 0
        while patience and (len(action.waiting(9)) < 3):
            time.sleep(0.01)
            patience -= 1
        waiting: Sequence[Action] = action.waiting(2)
        self.seen[action.node] = [each.node for each in waiting]
        after = action.after()
        self.next[action.node] = after.node if after is not None else None
        assert all(each.kind == "picture" and "n" in each.params for each in waiting)
        return super().make(action)


def built(pool: str) -> CuriousTarget:
    world = World()
    target = CuriousTarget(patient=pool == "gpu")
    world.target = target
    nodes = []
    for node in graph_of(FILM):
        assert node.target is not None
        nodes.append(replace(node, target=replace(node.target, pool=pool)))
    graph = graph_of(FILM)
    world.run(Graph(nodes, graph.kinds, graph.outputs), jobs=1)
    return target


def test_what_waits_for_the_same_model_is_told_in_its_order() -> None:
    target = built("gpu")
    seen = target.seen
    assert set(seen) == set(FILM)
    assert seen["a"] == ["b", "c"]
    assert seen["b"] == ["c", "d"] and seen["c"] == ["d"] and seen["d"] == []
    assert seen["other"] == []


def test_what_comes_after_is_told_with_the_last_of_a_model() -> None:
    assert built("gpu").next == {"a": None, "b": None, "c": None, "d": "other", "other": None}


def test_elsewhere_nothing_is_told() -> None:
    target = built("cpu")
    assert not any(target.seen.values()) and not any(target.next.values())
