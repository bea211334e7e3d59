"""How far the edit of a shot can reach: which shots' nodes it can change, by the rules."""

from __future__ import annotations

from collections.abc import Set
from itertools import pairwise

from fvbuild.film.resolved import Film


def reach(film: Film, changed: Set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The changed shots, and all whose nodes are made from theirs, as (scene, shot).

    Neighbours share a join with them; a chained shot goes on from the one before it; a shot may
    start on another's last frame. Every other node of a shot depends on that shot alone, and on
    what belongs to no shot.
    """
    reached = set(changed)
    shots = list(film.shots())
    for at, shot in enumerate(shots):
        if (shot.scene, shot.id) in changed:
            reached |= {(near.scene, near.id) for near in shots[max(0, at - 1) : at + 2]}
    grown = True
    while grown:
        before = len(reached)
        for earlier, shot in pairwise(shots):
            goes_on = shot.mode == "chain" and (earlier.scene, earlier.id) in reached
            if goes_on or shot.start in reached:
                reached.add((shot.scene, shot.id))
        grown = len(reached) > before
    return reached
