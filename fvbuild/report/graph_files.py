"""The graph for other programs: Graphviz dot, Mermaid and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Node
from fvbuild.report.grouping import grouped

VERSION = 1

# Okabe and Ito's palette, told apart by the colour-blind: what is read, thought, drawn, filmed.
_COLORS = {
    "file": "#DDDDDD",
    "caption": "#F0E442",
    "boundary-caption": "#F0E442",
    "motion": "#F0E442",
    "reference": "#E69F00",
    "plate": "#E69F00",
    "prop": "#E69F00",
    "anchor": "#56B4E9",
    "boundary": "#56B4E9",
    "segment": "#009E73",
    "cut": "#CC79A7",
}


def graph_dot(title: str, nodes: Sequence[Node]) -> Iterator[str]:
    """Graphviz: ``fvbuild graph --format dot | dot -Tsvg``."""
    yield "digraph film {"
    yield f"  label={_quoted(title)}; labelloc=t; rankdir=LR; fontname=sans;"
    yield '  node [shape=box, style="rounded,filled", fillcolor=white, fontname=sans];'
    for at, (heading, group) in enumerate(grouped(nodes, lambda node: node.id).items()):
        yield f"  subgraph cluster_{at} {{"
        yield f"    label={_quoted(heading)}; color=gray;"
        for node in group:
            color = _COLORS.get(node.kind)
            fill = f", fillcolor={_quoted(color)}" if color else ""
            dashed = ', style="rounded,dashed"' if node.blocked else ""
            label = _quoted(_label(node, heading))
            yield f"    {_quoted(node.id)} [label={label}{fill}{dashed}];"
        yield "  }"
    known = {node.id for node in nodes}
    for node in nodes:
        for edge in node.inputs:
            if edge.node in known:
                fact = f" [style=dotted, label={_quoted(edge.fact)}]" if edge.fact else ""
                yield f"  {_quoted(edge.node)} -> {_quoted(node.id)}{fact};"
    yield "}"


def graph_mermaid(nodes: Sequence[Node]) -> Iterator[str]:
    """Mermaid, as GitHub draws it inside Markdown."""
    names = {node.id: f"n{at}" for at, node in enumerate(nodes)}
    yield "flowchart LR"
    for at, (heading, group) in enumerate(grouped(nodes, lambda node: node.id).items()):
        yield f'  subgraph g{at}["{_escaped(heading)}"]'
        for node in group:
            yield f'    {names[node.id]}["{_escaped(_label(node, heading))}"]'
        yield "  end"
    for node in nodes:
        for edge in node.inputs:
            if edge.node in names:
                arrow = f'-. "{_escaped(edge.fact)}" .->' if edge.fact else "-->"
                yield f"  {names[edge.node]} {arrow} {names[node.id]}"


def graph_json(
    title: str, profile: str | None, nodes: Sequence[Node], outputs: Sequence[str]
) -> Iterator[str]:
    """One object, one node a line, inputs before what needs them."""
    head = {"version": VERSION, "film": title, "profile": profile, "outputs": list(outputs)}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "nodes": ['
    for at, node in enumerate(nodes):
        end = "," if at < len(nodes) - 1 else ""
        yield " " + json.dumps(node_json(node), ensure_ascii=False) + end
    yield "]}"


def node_json(node: Node) -> dict[str, Json]:
    """What a node is, without what is known of its making."""
    return {
        "node": node.id,
        "kind": node.kind,
        "inputs": [{"role": e.role, "node": e.node, "fact": e.fact} for e in node.inputs],
        "target": node.target.name if node.target is not None else None,
        "takes": node.takes,
        "out": node.out,
        "blocked": node.blocked,
        "loc": node.loc,
    }


def _label(node: Node, heading: str) -> str:
    return node.id.removeprefix(f"{heading}/")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
