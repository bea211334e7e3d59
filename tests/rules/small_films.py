"""Small films as graphs: how tests ask for them, and what they look at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol, cast

from naive_build import Painter, targets

from fvbuild.engine.graph import Graph
from fvbuild.engine.target import Target

HEAD = "film: {title: Test, style: {look: teal}}\n"


class Expanded(Protocol):
    """Makes the graph of a film's text; without a head it is called Test, and looks teal."""

    def __call__(self, text: str, **more: Painter) -> Graph:
        """The graph; ``more`` are targets beside the usual ones."""
        ...


def made_by(**more: Painter) -> dict[str, Target]:
    """The usual targets, and others by name. (A Painter makes nothing, by design.)"""
    return {**targets(), **cast("dict[str, Target]", more)}


def inputs(graph: Graph, node: str) -> list[tuple[str, str]]:
    """(role, id) of everything a node is made from."""
    return [(edge.role, edge.node) for edge in graph[node].inputs]


def able(painter: Painter, **can: Any) -> Painter:
    """The painter with other capabilities."""
    return replace(painter, capabilities=replace(painter.capabilities, **can))
