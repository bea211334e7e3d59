"""Slots that hold models: few loads, and none idle, over films and machines of all sizes."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from fvbuild.engine.affinity import choose

LOAD_S, ANCHOR_S, SEGMENT_S = 30.0, 5.0, 60.0


@dataclass
class Simulation:
    """Shots of an anchor and a segment on slots that load models, with a clock of its own."""

    slots: int
    chained: frozenset[int]
    shots: int
    waiting: list[tuple[str, int]] = field(default_factory=list)
    held: dict[int, str] = field(default_factory=dict)
    loads: Counter[str] = field(default_factory=Counter)
    idle_s: float = 0.0
    ends_s: float = 0.0

    def run(self) -> None:
        self.waiting = [("anchor", s) for s in range(self.shots) if s not in self.chained]
        running: list[tuple[float, int, str, int]] = []
        free = list(range(1, self.slots + 1))
        now_s = 0.0
        while self.waiting or running:
            while free and self.waiting:
                slot = free.pop(0)
                at = choose([model for model, _ in self.waiting], slot, self.held)
                model, shot = self.waiting.pop(at)
                seconds = ANCHOR_S if model == "anchor" else SEGMENT_S
                if self.held.get(slot) != model:
                    self.loads[model] += 1
                    seconds += LOAD_S
                self.held[slot] = model
                heapq.heappush(running, (now_s + seconds, slot, model, shot))
            assert not (free and self.waiting), "a slot idles while a job waits"
            ended_s, slot, model, shot = heapq.heappop(running)
            self.idle_s += (ended_s - now_s) * len(free)
            now_s = ended_s
            free.append(slot)
            self._after(model, shot)
        self.ends_s = now_s

    def _after(self, model: str, shot: int) -> None:
        if model == "anchor":
            self.waiting.append(("segment", shot))
        elif shot + 1 in self.chained:
            self.waiting.append(("segment", shot + 1))


@given(st.integers(1, 8), st.integers(1, 60), st.sets(st.integers(1, 59)))
@settings(max_examples=200, deadline=None)
def test_each_model_is_loaded_about_once_a_slot(slots: int, shots: int, chained: set[int]) -> None:
    simulated = Simulation(slots, frozenset(s for s in chained if s < shots), shots)
    simulated.run()
    # Two models: a chain may ask for the second while the first still waits, and never again.
    assert simulated.loads["segment"] <= slots
    assert simulated.loads["anchor"] <= slots


def test_a_thousand_shots_on_eight_devices_come_near_the_ideal() -> None:
    simulated = Simulation(8, frozenset(), 1000)
    simulated.run()
    ideal_s = 1000 * (ANCHOR_S + SEGMENT_S) / 8 + 2 * LOAD_S
    assert simulated.ends_s <= ideal_s * 1.02
    assert simulated.loads.total() <= 2 * 8


@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=30),
    st.integers(1, 4),
    st.dictionaries(st.integers(1, 4), st.sampled_from("abcd")),
)
def test_a_slot_goes_on_with_its_model(waiting: list[str], slot: int, held: dict[int, str]) -> None:
    at = choose(waiting, slot, held)
    mine = held.get(slot)
    assert waiting[at] == mine if mine in waiting else 0 <= at < len(waiting)
    assert waiting.index(waiting[at]) == at, "of one model, the first that came"
