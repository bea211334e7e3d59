"""The takes of two lines of one recipe as one list.

A take is known by the number it was drawn under and by its artifact. Two branches that each draw a
second take have two takes of number 2. One of them, the same on every machine and whoever merges,
keeps it; the other gets the next free number and remembers the one it was drawn under, which says
its seed. The numbers follow from the set of takes alone, so that the order of merges is no matter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from fvbuild.engine.lock_line import LockLine, LockTake

_Known = tuple[int, str]


def union(base: LockLine | None, ours: LockLine, theirs: LockLine) -> tuple[LockTake, ...]:
    """All takes of both sides; their status is ``rejected`` or ``made``."""
    takes: dict[_Known, LockTake] = {}
    for line in (ours, theirs):
        for take in line.takes:
            known = (take.drawn or take.n, take.artifact)
            takes[known] = max((take, takes.get(known, take)), key=_fullness)
    numbers = _numbers(takes)
    united = []
    for known, take in takes.items():
        n, rejected = numbers[known], _is_rejected(take.artifact, base, ours, theirs)
        drawn = 0 if known[0] == n else known[0]
        status = "rejected" if rejected else "made"
        united.append(replace(take, n=n, drawn=drawn, status=status))
    return tuple(sorted(united, key=lambda take: take.n))


def _fullness(take: LockTake) -> tuple[bool, float, int, str]:
    """Of two records of one take, the one that says more, and else always the same one."""
    cost = take.cost
    told = json.dumps([take.origin, cost and cost.currency, dict(take.facts)], sort_keys=True)
    return (cost is not None, cost.amount if cost is not None else 0.0, len(take.facts), told)


def _numbers(takes: dict[_Known, LockTake]) -> dict[_Known, int]:
    owners: dict[int, _Known] = {}
    for known in sorted(takes):
        owners.setdefault(known[0], known)
    numbers = {known: drawn for drawn, known in owners.items()}
    used = set(owners)
    for known in sorted(takes.keys() - numbers.keys()):
        n = known[0] + 1
        while n in used:
            n += 1
        used.add(n)
        numbers[known] = n
    return numbers


def rejected_by(line: LockLine | None, artifact: str) -> bool:
    """True when a line rejects an artifact in all takes that it lists of it."""
    if line is None:
        return False
    found = [take.status == "rejected" for take in line.takes if take.artifact == artifact]
    return bool(found) and all(found)


def _is_rejected(artifact: str, base: LockLine | None, ours: LockLine, theirs: LockLine) -> bool:
    """As three versions merge: a rejection, or its withdrawal, that one side alone made counts."""
    was = rejected_by(base, artifact)
    sides = [
        rejected_by(line, artifact)
        for line in (ours, theirs)
        if any(take.artifact == artifact for take in line.takes)
    ]
    return any(sides) if not was else all(sides)


def number_of(takes: Sequence[LockTake], artifact: str) -> int:
    """The lowest number under which an artifact is listed."""
    return next(take.n for take in takes if take.artifact == artifact)


def default_take(takes: Sequence[LockTake]) -> int:
    """The take that is shown where nobody chose: the first that a target made and nobody refused;
    else the first that nobody refused; else the first."""
    fit = [take.n for take in takes if take.status != "rejected"]
    made = [take.n for take in takes if take.status != "rejected" and take.origin != "adopted"]
    return min(made or fit or [take.n for take in takes])
