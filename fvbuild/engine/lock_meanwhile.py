"""What people and other builds wrote into the lock while a build ran: it is kept.

A build may take hours. What it knows of a node was judged by the lock as it was when it began;
where that line is another one by now, somebody decided something since, or drew a take.
"""

from __future__ import annotations

from dataclasses import replace

from fvbuild.engine.lock_line import LockLine, with_status
from fvbuild.engine.lock_union import union


def kept(judged: LockLine | None, now: LockLine | None, ours: LockLine) -> LockLine:
    """The line to be written: ``ours``, with what ``now`` says that ``judged`` did not.

    Takes of both are listed. A decision made meanwhile counts; a hold does even where it is of
    another recipe.
    """
    if now is None or now in (judged, ours):
        return ours
    if (now.kind, now.key) != (ours.kind, ours.key):
        return now if now.holding else ours
    before = judged if judged is not None and judged.key == ours.key else None
    takes = union(before, _without(now, before, ours), ours)
    decides = ours if before is not None and _said(now) == _said(before) else now
    chosen = decides.take(decides.chosen)
    n = next(
        (t.n for t in takes if chosen is not None and t.artifact == chosen.artifact),
        decides.chosen,
    )
    return with_status(replace(ours, takes=takes), n, decides.status)


def _without(now: LockLine, before: LockLine | None, ours: LockLine) -> LockLine:
    """Without the takes that the build has replaced by others of their number."""
    made = {(take.n, take.artifact) for take in ours.takes}
    old = {(take.n, take.artifact) for take in (before.takes if before is not None else ())}
    replaced = {n for n, artifact in made if (n, artifact) not in old}
    takes = tuple(
        take
        for take in now.takes
        if not (take.n in replaced and (take.n, take.artifact) in old - made)
    )
    return replace(now, takes=takes)


def _said(line: LockLine) -> tuple[int, str, frozenset[int]]:
    """What a line decides, apart from which takes there are."""
    rejected = frozenset(take.n for take in line.takes if take.status == "rejected")
    return line.chosen, line.status, rejected
