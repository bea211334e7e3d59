"""Goals: one grammar for every verb.

A goal is a node's id, a glob (``*`` stays within one part, ``**`` crosses), a shot or scene (all
below it), ``kind:segment`` or ``status:held``; with ``+`` behind it, all that depends on it too.
A node of a variant (``pier/arrival/anchor@fr``) is also meant by its bare id.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping

from fvbuild.engine.events import Act, Reason
from fvbuild.engine.graph import Graph
from fvbuild.engine.lock import STATUSES
from fvbuild.errors import UsageError

_STATUSES = frozenset({*(act.value for act in Act), *(why.value for why in Reason), *STATUSES})

Statuses = Callable[[], Mapping[str, frozenset[str]]]
"""Gives each node's statuses: its verdict and what the lock says; asked only when needed."""


def select(graph: Graph, goals: Iterable[str], statuses: Statuses) -> list[str]:
    """Node ids that the goals mean, in topological order; without goals, the film's outputs.

    Raises UsageError for a goal that means nothing, with what was perhaps meant.
    """
    goals = list(goals)
    if not goals:
        return list(graph.outputs)
    chosen: set[str] = set()
    for goal in goals:
        with_users = goal.endswith("+")
        found = _one(graph, goal.removesuffix("+"), statuses)
        if not found:
            raise _nothing(graph, goal.removesuffix("+"))
        chosen |= _and_users(graph, found) if with_users else found
    return [node.id for node in graph if node.id in chosen]


def _one(graph: Graph, goal: str, statuses: Statuses) -> set[str]:
    if goal in graph:
        return {goal}
    field, colon, value = goal.partition(":")
    if colon and field == "kind":
        return {node.id for node in graph if node.kind == value}
    if colon and field == "status":
        return {node_id for node_id, words in statuses().items() if value in words}
    if "*" in goal or "?" in goal:
        pattern = _pattern(goal)
        return {node.id for node in graph if pattern.fullmatch(node.id) or _bare(node.id, pattern)}
    below = goal.rstrip("/") + "/"
    return {
        node.id
        for node in graph
        if node.id.startswith(below) or node.id.partition("@")[0] == goal or _below(node.id, goal)
    }


def _below(node_id: str, goal: str) -> bool:
    """``pier/arrival@fr`` means the nodes of that shot in that variant."""
    path, at, variant = goal.partition("@")
    return bool(at) and node_id.startswith(f"{path}/") and node_id.endswith(f"@{variant}")


def _bare(node_id: str, pattern: re.Pattern[str]) -> bool:
    path, at, _ = node_id.partition("@")
    return bool(at) and pattern.fullmatch(path) is not None


def _pattern(goal: str) -> re.Pattern[str]:
    words = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*|\*|\?)", goal)
    return re.compile("".join(words.get(part) or re.escape(part) for part in parts))


def _and_users(graph: Graph, found: set[str]) -> set[str]:
    users = graph.users()
    todo, seen = list(found), set(found)
    while todo:
        for user in users[todo.pop()]:
            if user not in seen:
                seen.add(user)
                todo.append(user)
    return seen


class NoneHasStatusError(UsageError):
    """A status that no node of the film has at present."""


def _nothing(graph: Graph, goal: str) -> UsageError:
    """What to say of a goal that means no node."""
    field, _, value = goal.partition(":")
    known = {"kind": sorted({node.kind for node in graph}), "status": sorted(_STATUSES)}.get(field)
    if known is None or ":" not in goal:
        return UsageError(f"nothing in the film is called '{goal}'", hint=_hint(graph, goal))
    if field == "status" and value in known:
        return NoneHasStatusError(f"no node is {value.replace('_', ' ')} now")
    close = difflib.get_close_matches(value, known, n=1)
    hint = f"did you mean {field}:{close[0]}?" if close else f"there are {', '.join(known)}"
    return UsageError(f"there is no {field} '{value}'", hint=hint)


def _hint(graph: Graph, goal: str) -> str:
    if "*" in goal and "**" not in goal:
        wider = goal.replace("*", "**")
        if _one(graph, wider, dict):
            return f"'*' stays within one part of a name, '**' does not: try '{wider}'"
    names: dict[str, None] = {}
    for node in graph:
        parts = node.id.split("/")
        for size in range(1, len(parts) + 1):
            names["/".join(parts[:size])] = None
    close = difflib.get_close_matches(goal.removesuffix("+"), names, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return "'fvbuild graph' lists every node; 'kind:segment' and 'pier/*/anchor' select several"
