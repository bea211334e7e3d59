"""Approvals whose node was renamed and edited at once, given to the node that it became.

A renamed node is found again by its key. If it was edited in the same breath, its key is another
too; but what stands beside it, and was not edited, still tells what became of its folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fvbuild.engine.graph import Graph
from fvbuild.engine.key import key_of, recipe_text
from fvbuild.engine.lock import Lock, LockLine


def renamed(graph: Graph, lock: Lock, last: Callable[[], Mapping[str, str]]) -> dict[str, LockLine]:
    """Held lines of nodes that are gone, by the new nodes that they are evidently about.

    last: gives the keys that nodes were last up to date with. It is evident where one folder alone
    is new and shares a key with one folder alone that is gone; else nothing is guessed.
    """
    gone = [name for name in lock.nodes() if name not in graph]
    held = [line for name in gone if (line := lock.get(name)) is not None and line.holding]
    if not held:
        return {}
    became = _became({_folder(line.node) for line in held}, graph, _known(lock, last()))
    found: dict[str, LockLine] = {}
    for line in held:
        folder = became.get(_folder(line.node))
        node = graph.get(f"{folder}/{_name(line.node)}") if folder is not None else None
        if node is not None and node.kind == line.kind:
            found[node.id] = line
    return found


def _known(lock: Lock, last: Mapping[str, str]) -> dict[str, str]:
    """The keys by node as they were before the edit."""
    lines = ((name, lock.get(name)) for name in lock.nodes())
    return {**last, **{name: line.key for name, line in lines if line is not None}}


def _became(folders: Iterable[str], graph: Graph, known: Mapping[str, str]) -> dict[str, str]:
    """What each folder that is gone is called now, where that is evident."""
    there = {_folder(node.id) for node in graph}
    before: dict[str, set[tuple[str, str]]] = {}
    for name, key in known.items():
        before.setdefault(_folder(name), set()).add((_name(name), key))
    now: dict[str, set[tuple[str, str]]] = {}
    for node in graph:
        folder, kind = _folder(node.id), graph.kinds[node.kind]
        if folder not in before and not node.inputs and kind.settle is None:
            key = key_of(recipe_text(node, kind, node.params, {}))
            now.setdefault(folder, set()).add((_name(node.id), key))
    found: dict[str, str] = {}
    for old in before.keys() - there:
        candidates = [new for new, marks in now.items() if marks & before[old]]
        if len(candidates) == 1:
            found[old] = candidates[0]
    claimed = list(found.values())
    return {old: new for old, new in found.items() if old in folders and claimed.count(new) == 1}


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _name(name: str) -> str:
    return name.rpartition("/")[2]
