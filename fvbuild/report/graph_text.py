"""The graph as text: a tree by scene and shot, each node with what it is made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fvbuild.engine.graph import Node
from fvbuild.report import words
from fvbuild.report.grouping import grouped
from fvbuild.report.style import Style, safe

_INPUTS_SHOWN = 6


def graph_text(title: str, nodes: Sequence[Node], style: Style) -> Iterator[str]:
    """The lines of the tree."""
    yield style.bold(safe(title)) + style.dim(f"  {words.count(len(nodes), 'node')}")
    for heading, group in grouped(nodes, lambda node: node.id).items():
        yield ""
        yield style.bold(safe(heading))
        yield from _group(heading, group, style)


def _group(heading: str, nodes: Sequence[Node], style: Style) -> Iterator[str]:
    """A scene: its shots with their nodes indented, then the nodes that belong to no shot."""
    shots: dict[str, list[Node]] = {}
    others: list[Node] = []
    for node in nodes:
        parent = node.id.rpartition("/")[0]
        if parent.startswith(f"{heading}/"):
            shots.setdefault(parent, []).append(node)
        else:
            others.append(node)
    for parent, group in shots.items():
        yield f"  {safe(parent.removeprefix(f'{heading}/'))}"
        for node in group:
            yield f"    {_line(node, node.id.removeprefix(f'{parent}/'), 18, style)}"
    for node in others:
        yield f"  {_line(node, node.id, 20, style)}"


def _line(node: Node, name: str, width: int, style: Style) -> str:
    sources = [_near(node.id, edge.node) for edge in node.inputs]
    made = f" <- {safe(words.some(sources, _INPUTS_SHOWN))}" if sources else ""
    facts = []
    if node.takes > 1:
        facts.append(words.count(node.takes, "take"))
    if node.target is not None and not node.pure:
        facts.append(node.target.name)
    if node.blocked:
        facts.append("blocked")
    told = f"  ({', '.join(facts)})" if facts else ""
    return f"{safe(name):<{width}}{style.dim(safe(made))}{style.dim(safe(told))}".rstrip()


def _near(node: str, source: str) -> str:
    """A source as seen from a node of the same shot: ``anchor``, not ``pier/arrival/anchor``."""
    parent = node.rpartition("/")[0]
    return source.removeprefix(f"{parent}/") if parent else source
