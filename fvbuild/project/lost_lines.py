"""Decisions that the lock lost: a file cut at the end of a line reads like a shorter lock.

What a lock should hold cannot be told from itself, nor may every difference from the last one be
told: another branch has another lock. But a node that is in the film and was decided about here has
a line in any lock that was written since, whatever the branch; if it has none, something took it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fvbuild.engine.lock import HOLDING

if TYPE_CHECKING:
    from fvbuild.engine.graph import Graph
    from fvbuild.engine.takes import Choice
    from fvbuild.project.opened import OpenFilm

_NAMED = 3


def lost_lines(film: OpenFilm, graph: Graph) -> list[str]:
    """A warning when nodes of a graph have no line although their decisions are known; else none.

    Lines that state no decision (a first take, made) are no loss: a build writes them again.
    """
    missing = [
        node.id
        for node in graph
        if node.target is not None and node.text is None and film.lock.get(node.id) is None
    ]
    lost = []
    rows = film.state.last_rows(film.name, missing) if missing else {}
    for node in missing:
        choice = film.state.choice(rows[node][0]) if node in rows else None
        if choice is not None and _decided(choice):
            lost.append(f"{node} {choice.status if _firm(choice) else 'rejected'}")
    if not lost:
        return []
    many = len(lost)
    named = ", ".join(lost[:_NAMED]) + (" ..." if many > _NAMED else "")
    name = film.lock.path.name if film.lock.path is not None else "the lock"
    count = "a decision" if many == 1 else f"{many} decisions"
    return [
        f"{name} has lost {count} ({named}): was it cut short? 'git checkout -- {name}' brings it "
        "back. Where nothing was edited since, a build writes the line again by itself"
    ]


def _firm(choice: Choice) -> bool:
    return choice.status in HOLDING or choice.status == "chosen"


def _decided(choice: Choice) -> bool:
    return _firm(choice) or bool(choice.rejected)
