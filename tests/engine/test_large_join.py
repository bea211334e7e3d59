"""A node that joins very many others must not hold back what was finished before it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from toys import FILM, Toy, World

from fvbuild.engine import run
from fvbuild.engine.events import NodeFinished, NodeStarted
from fvbuild.engine.graph import Node
from fvbuild.engine.judge import Judge
from fvbuild.engine.verdict import Verdict

_MANY = 300


def test_what_is_finished_is_durable_before_a_large_join_is_even_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clock stands still, so that no group grows old: only the join makes it be written."""
    world = World()
    pictures = {f"p{n}": Toy("picture", {"n": n}) for n in range(_MANY)}
    inputs = tuple(("clip", name, None) for name in pictures)
    film = {**pictures, "cut": Toy("joined", {}, inputs)}
    known: list[set[str]] = []
    judge = Judge.judge

    def heard(self: Judge, node: Node, given: Mapping[str, Verdict]) -> Verdict:
        if node.id == "cut":
            known.append(set(world.state.last_keys(FILM)))
        return judge(self, node, given)

    monkeypatch.setattr(Judge, "judge", heard)
    world.run(film)
    assert known == [set(), set(pictures)], "once while planning, once when it is its turn"
    order = [
        (type(event), event.node if isinstance(event, NodeStarted) else event.result.node)
        for event in world.events
        if isinstance(event, NodeStarted | NodeFinished)
    ]
    begins = order.index((NodeStarted, "cut"))
    assert {name for kind, name in order[:begins] if kind is NodeFinished} == set(pictures)
    assert len(inputs) > run._MANY_INPUTS
