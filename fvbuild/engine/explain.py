"""Why a node must be made: its recipe now against the recipe it had last, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from fvbuild.engine.events import Change, Reason
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.key import Difference, differences, known_part
from fvbuild.engine.state import State
from fvbuild.values import dataclass

if TYPE_CHECKING:
    from fvbuild.engine.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reason with the fields that changed and the nodes they come from."""

    reason: Reason
    changes: tuple[Change, ...]
    because: tuple[str, ...] = ()


_FEW = 2000


class Explainer:
    """Compares recipes with those of the last result of the same node."""

    def __init__(self, graph: Graph, state: State, film: str) -> None:
        self._graph = graph
        self._state = state
        self._film = film
        # A few nodes are asked for one by one; for a whole film one reading is quicker.
        self._last = state.last_keys(film) if len(graph) > _FEW else None

    def seen(self, node: Node) -> bool:
        """True when the node was up to date once."""
        return self.last_key(node.id) is not None

    def last_key(self, node_id: str) -> str | None:
        """The key the node was last up to date with."""
        if self._last is None:
            return self._state.last_key(self._film, node_id)
        return self._last.get(node_id)

    def explain(
        self, node: Node, key: str, recipe: str, inputs: Mapping[str, Verdict]
    ) -> Explanation | None:
        """The difference from the node's last recipe; None when there is none to compare with."""
        last = self.last_key(node.id)
        if last is None or last == key:
            return None
        return self.against(last, recipe, node, inputs)

    def against(
        self, key: str, recipe: str, node: Node, inputs: Mapping[str, Verdict]
    ) -> Explanation | None:
        """The difference from the recipe of ``key``."""
        old = self._state.recipe(key)
        if old is None:
            return None
        found = differences(old, recipe)
        because = tuple(dict.fromkeys(self._sources(node, found)))
        return Explanation(self._reason(node, found), tuple(d.shown() for d in found), because)

    def known_changes(self, node: Node, recipe: str | None, roles: Set[str]) -> Explanation | None:
        """The difference in what is known, while inputs of other roles than these are not."""
        last = self.last_key(node.id)
        old = self._state.recipe(last) if last is not None else None
        if recipe is None or old is None:
            return None
        found = differences(known_part(old, roles), recipe)
        if not found:
            return None
        because = tuple(dict.fromkeys(self._sources(node, found)))
        return Explanation(self._reason(node, found), tuple(d.shown() for d in found), because)

    def _reason(self, node: Node, found: list[Difference]) -> Reason:
        sections = {d.section for d in found}
        if sections & {"params", "seed", "version", "kind"}:
            return Reason.RECIPE_CHANGED
        if "target" in sections:
            return Reason.MODEL_CHANGED
        # Text worked out while planning is as good as a field of this node's own recipe.
        roles = {d.path[1] for d in found if len(d.path) > 1}
        sources = [self._graph.get(e.node) for e in node.inputs if e.role in roles]
        if sources and all(source is not None and source.pure for source in sources):
            return Reason.RECIPE_CHANGED
        return Reason.INPUT_CHANGED

    def _sources(self, node: Node, found: list[Difference]) -> list[str]:
        """The inputs whose content differs; where some came or went, those that are new."""
        sources: list[str] = []
        for difference in found:
            if difference.section != "inputs" or len(difference.path) < 2:
                continue
            role, _, fact = difference.path[1].partition(".")
            edges = [e.node for e in node.inputs if e.role == role and (e.fact or "") == fact]
            old, new = difference.old, difference.new
            if not isinstance(old, list) or not isinstance(new, list) or len(new) != len(edges):
                sources += edges
            elif len(old) == len(new):
                both = zip(edges, old, new, strict=True)
                sources += [name for name, first, second in both if first != second]
            else:
                before = set(map(str, old))
                pairs = zip(edges, map(str, new), strict=True)
                sources += [name for name, one in pairs if one not in before]
        return sources
