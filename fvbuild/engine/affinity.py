"""Which waiting job begins on which free slots: of models costly to load, few are loaded.

A pure policy, throughput first: no slot idles while a job waits that fits the free ones. Slots that
hold a model go on with it; else the model begins that most jobs wait for, for each group of slots
that holds it already. A job of several slots begins when so many are free; narrower ones go on
until then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

Group: TypeAlias = tuple[int, ...]
"""Slots that one job has at once, in order."""


def assign(
    waiting: Sequence[tuple[str, int]], free: Collection[int], held: Mapping[Group, str]
) -> tuple[int, Group] | None:
    """The place in ``waiting`` of the job to begin, and its slots; None when nothing fits.

    ``waiting`` are models and how many slots a job of each takes, first come first. ``held``: a
    group of slots -> the model that it loaded last; groups in it do not overlap.
    """
    first: dict[tuple[str, int], int] = {}
    for at, job in enumerate(waiting):
        first.setdefault(job, at)
    going_on = [
        (first[model, len(group)], group)
        for group, model in held.items()
        if (model, len(group)) in first and all(slot in free for slot in group)
    ]
    if going_on:
        return min(going_on)
    fitting = {job: at for job, at in first.items() if job[1] <= len(free)}
    if not fitting:
        return None
    wanted, holders = Counter(waiting), Counter(held.values())
    best = max(fitting, key=lambda job: (wanted[job] / (holders[job[0]] + 1), -fitting[job]))
    models = {model for model, _ in waiting}
    return fitting[best], _slots(best[1], free, held, models)


def _slots(
    width: int, free: Collection[int], held: Mapping[Group, str], wanted: Collection[str]
) -> Group:
    """Free slots for a model that none of them holds: those whose own model is missed least, and of
    several slots neighbours, which are mostly joined best."""
    holding = {slot: model for group, model in held.items() for slot in group}

    def missed(slot: int) -> int:
        model = holding.get(slot)
        return 0 if model is None else 2 if model in wanted else 1

    if width > 1:
        starts = range(1, max(free) - width + 2, width)
        blocks = [block for s in starts if set(block := tuple(range(s, s + width))) <= set(free)]
        if blocks:
            return min(blocks, key=lambda block: (sum(map(missed, block)), block))
    return tuple(sorted(sorted(free, key=lambda slot: (missed(slot), slot))[:width]))


def taken(held: Mapping[Group, str], group: Group, model: str) -> dict[Group, str]:
    """What is held once a group of slots took a model: others that share a slot lose theirs."""
    kept = {other: name for other, name in held.items() if not set(other) & set(group)}
    return {**kept, group: model}
