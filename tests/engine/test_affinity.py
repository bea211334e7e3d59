"""Slots that hold models: few loads, and none idle, over films and machines of all sizes."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from fvbuild.engine.affinity import Group, assign, taken

LOAD_S, ANCHOR_S, SEGMENT_S = 30.0, 5.0, 60.0


@dataclass
class Simulation:
    """Shots of an anchor and a segment on slots that load models, with a clock of its own.

    A segment takes ``width`` slots at once.
    """

    slots: int
    chained: frozenset[int]
    shots: int
    width: int = 1
    waiting: list[tuple[str, int]] = field(default_factory=list)
    held: dict[Group, str] = field(default_factory=dict)
    loads: Counter[str] = field(default_factory=Counter)
    idle_s: float = 0.0
    ends_s: float = 0.0

    def run(self) -> None:
        self.waiting = [("anchor", s) for s in range(self.shots) if s not in self.chained]
        running: list[tuple[float, Group, str, int]] = []
        free = set(range(1, self.slots + 1))
        now_s = 0.0
        while self.waiting or running:
            while assigned := assign(self._wanted(), free, self.held):
                at, group = assigned
                model, shot = self.waiting.pop(at)
                seconds = ANCHOR_S if model == "anchor" else SEGMENT_S / len(group)
                if self.held.get(group) != model:
                    self.loads[model] += 1
                    seconds += LOAD_S
                assert set(group) <= free and len(set(group)) == self._width_of(model)
                free -= set(group)
                self.held = taken(self.held, group, model)
                heapq.heappush(running, (now_s + seconds, group, model, shot))
            assert all(width > len(free) for _, width in self._wanted()), "idle, and a job fits"
            ended_s, group, model, shot = heapq.heappop(running)
            self.idle_s += (ended_s - now_s) * len(free)
            now_s = ended_s
            free |= set(group)
            self._after(model, shot)
        self.ends_s = now_s

    def _width_of(self, model: str) -> int:
        return self.width if model == "segment" else 1

    def _wanted(self) -> list[tuple[str, int]]:
        return [(model, self._width_of(model)) for model, _ in self.waiting]

    def _after(self, model: str, shot: int) -> None:
        if model == "anchor":
            self.waiting.append(("segment", shot))
        elif shot + 1 in self.chained:
            self.waiting.append(("segment", shot + 1))


@given(st.integers(1, 8), st.integers(1, 60), st.sets(st.integers(1, 59)), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_each_model_is_loaded_about_once_a_slot(
    slots: int, shots: int, chained: set[int], width: int
) -> None:
    simulated = Simulation(
        slots, frozenset(s for s in chained if s < shots), shots, min(width, slots)
    )
    simulated.run()
    # Two models: a chain may ask for the second while the first still waits, and never again.
    assert simulated.loads["segment"] <= slots // simulated.width
    assert simulated.loads["anchor"] <= slots


def test_a_thousand_shots_on_eight_devices_come_near_the_ideal() -> None:
    for width in (1, 2, 4):
        simulated = Simulation(8, frozenset(), 1000, width)
        simulated.run()
        ideal_s = 1000 * (ANCHOR_S + SEGMENT_S) / 8 + 2 * LOAD_S
        assert simulated.ends_s <= ideal_s * 1.02
        assert simulated.loads.total() <= 8 + 8 // width


def test_a_wide_job_takes_neighbours_and_waits_for_as_many_as_it_needs() -> None:
    assert assign([("wan", 2)], {1, 3, 4}, {}) == (0, (3, 4))
    assert assign([("wan", 2)], {2, 3}, {}) == (0, (2, 3)), "any two, where no neighbours are free"
    assert assign([("wan", 2)], {2}, {}) is None
    assert assign([("wan", 2), ("flux", 1)], {2}, {}) == (1, (2,)), "nothing idles that fits"


def test_a_model_begins_where_the_least_is_missed() -> None:
    held: dict[Group, str] = {(1,): "flux", (2,): "chat"}
    assert assign([("ltx", 1), ("flux", 1)], {1, 2, 3}, held) == (1, (1,)), "who holds it goes on"
    assert assign([("ltx", 1)], {1, 2, 3}, held) == (0, (3,))
    assert assign([("ltx", 1), ("flux", 1)], {2}, held) == (0, (2,))
    assert taken(held, (1, 2), "wan") == {(1, 2): "wan"}


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 3)), min_size=1, max_size=30),
    st.sets(st.integers(1, 5), min_size=1),
    st.dictionaries(st.integers(1, 5).map(lambda slot: (slot,)), st.sampled_from("abcd")),
)
def test_what_is_assigned_fits_and_goes_on_where_it_can(
    waiting: list[tuple[str, int]], free: set[int], held: dict[Group, str]
) -> None:
    assigned = assign(waiting, free, held)
    if assigned is None:
        assert all(width > len(free) for _, width in waiting)
        return
    at, group = assigned
    model, width = waiting[at]
    assert set(group) <= free and len(set(group)) == width
    assert waiting.index(waiting[at]) == at, "of one model, the first that came"
    could_go_on = [g for g, m in held.items() if g[0] in free and (m, 1) in waiting]
    assert not could_go_on or held.get(group) == model
