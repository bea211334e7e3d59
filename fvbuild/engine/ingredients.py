"""What a recipe is put together from: the contents and facts of a node's inputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Node
from fvbuild.engine.verdict import Verdict


def contents(node: Node, inputs: Mapping[str, Verdict], settled: bool) -> dict[str, list[Json]]:
    """Content digests by role; facts too, unless they were settled into the params."""
    found: dict[str, list[Json]] = {}
    for edge in node.inputs:
        known = inputs[edge.node].known
        assert known is not None
        if edge.fact is None:
            found.setdefault(edge.role, []).append(known.content)
        elif not settled:
            value = known.outputs[0].facts.get(edge.fact)
            found.setdefault(f"{edge.role}.{edge.fact}", []).append(value)
    return found


def known_contents(
    node: Node, inputs: Mapping[str, Verdict], unknown: Collection[str]
) -> dict[str, list[Json]]:
    """Content digests of the roles whose inputs are all known, while those called are not."""
    open_ = {e.role for e in node.inputs if e.fact is not None or e.node in unknown}
    found: dict[str, list[Json]] = {}
    for edge in node.inputs:
        if edge.role not in open_:
            known = inputs[edge.node].known
            assert known is not None
            found.setdefault(edge.role, []).append(known.content)
    return found


def facts_of(node: Node, inputs: Mapping[str, Verdict]) -> dict[str, tuple[Json, ...]] | None:
    """The facts that a node depends on, by role; None while one is unknown."""
    found: dict[str, list[Json]] = {}
    for edge in node.inputs:
        if edge.fact is not None:
            known = inputs[edge.node].known
            if known is None:
                return None
            found.setdefault(edge.role, []).append(known.outputs[0].facts.get(edge.fact))
    return {role: tuple(values) for role, values in found.items()}
