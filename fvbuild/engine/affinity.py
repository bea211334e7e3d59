"""Which of the waiting jobs a free slot takes: of models that are costly to load, few are loaded.

A pure policy, throughput first: no slot idles while a job waits; among jobs, one of the model that
the slot holds; else of the model that most jobs wait for, for each slot that holds it already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence


def choose(waiting: Sequence[str], slot: int, held: Mapping[int, str]) -> int:
    """The place in ``waiting`` (models, first come first) of the job that ``slot`` takes.

    ``held``: slot -> the model it worked with last, of all slots. ``waiting`` is not empty.
    """
    mine = held.get(slot)
    if mine is not None and mine in waiting:
        return waiting.index(mine)
    others = Counter(model for other, model in held.items() if other != slot)
    wanted = Counter(waiting)
    best = max(
        wanted, key=lambda model: (wanted[model] / (others[model] + 1), -waiting.index(model))
    )
    return waiting.index(best)
