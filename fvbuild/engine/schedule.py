"""The order of a build: a node is ready once all of its inputs are decided."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from fvbuild.engine.graph import Graph
from fvbuild.engine.verdict import Verdict


class Schedule:
    """Counts for each node to be looked at how many of its inputs are still to be decided."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._users: dict[str, list[str]] = {}
        self._ready: deque[str] = deque()

    def plan(self, todo: Iterable[str], graph: Graph, verdicts: Mapping[str, Verdict]) -> None:
        """Take in the nodes to be looked at; inputs that are known already need no waiting."""
        todo = list(todo)
        undecided = {n for n in todo if verdicts[n].known is None}
        for node_id in todo:
            inputs = {edge.node for edge in graph[node_id].inputs} & undecided
            self._open[node_id] = len(inputs)
            for needed in inputs:
                self._users.setdefault(needed, []).append(node_id)
            if not inputs:
                self._ready.append(node_id)

    def next(self) -> str | None:
        """The next node that is ready, first come first served; None while none is."""
        return self._ready.popleft() if self._ready else None

    def ended(self, node_id: str) -> None:
        """A node was decided: those that waited for it alone are ready."""
        for user in self._users.get(node_id, ()):
            self._open[user] -= 1
            if not self._open[user]:
                self._ready.append(user)
