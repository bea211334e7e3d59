"""Goals: one grammar for every verb."""

from __future__ import annotations

import pytest

from fvbuild.engine.graph import Graph, GraphError, Input, Kind, Node
from fvbuild.engine.select import select
from fvbuild.errors import UsageError


def _graph() -> Graph:
    kinds = {name: Kind(name) for name in ("plate", "anchor", "segment", "cut")}
    nodes = [Node("locations/pier", "plate")]
    for shot in ("pier/arrival", "pier/ticket", "boat/arrival", "boat/arrival2"):
        nodes.append(Node(f"{shot}/anchor", "anchor", inputs=(Input("p", "locations/pier"),)))
        nodes.append(Node(f"{shot}/segment", "segment", inputs=(Input("s", f"{shot}/anchor"),)))
    clips = tuple(Input("c", node.id) for node in nodes if node.kind == "segment")
    nodes += [
        Node("pier/arrival/anchor@fr", "anchor"),
        Node("cut", "cut", inputs=clips),
        Node("cut@fr", "cut", inputs=(Input("c", "pier/arrival/anchor@fr"),)),
    ]
    return Graph(nodes, kinds, ("cut", "cut@fr"))


_STATUSES = {"pier/ticket/anchor": frozenset({"held", "approved"}), "cut": frozenset({"build"})}


@pytest.mark.parametrize(
    ("goals", "found"),
    [
        ([], "cut cut@fr"),
        (["cut"], "cut"),
        (["pier/ticket/anchor"], "pier/ticket/anchor"),
        (["pier/ticket"], "pier/ticket/anchor pier/ticket/segment"),
        (["pier/ticket/"], "pier/ticket/anchor pier/ticket/segment"),
        (["boat/arrival"], "boat/arrival/anchor boat/arrival/segment"),
        (["boat"], "boat/arrival/anchor boat/arrival/segment boat/arrival2/anchor "
                   "boat/arrival2/segment"),
        (["*/arrival/anchor"], "pier/arrival/anchor boat/arrival/anchor pier/arrival/anchor@fr"),
        (["pier/*"], ""),
        (["pier/**"], "pier/arrival/anchor pier/arrival/segment pier/ticket/anchor "
                      "pier/ticket/segment pier/arrival/anchor@fr"),
        (["**/segment"], "pier/arrival/segment pier/ticket/segment boat/arrival/segment "
                         "boat/arrival2/segment"),
        (["boat/arrival?/anchor"], "boat/arrival2/anchor"),
        (["kind:plate"], "locations/pier"),
        (["kind:plate", "cut", "cut"], "locations/pier cut"),
        (["status:held"], "pier/ticket/anchor"),
        (["status:build"], "cut"),
        (["pier/ticket/anchor+"], "pier/ticket/anchor pier/ticket/segment cut"),
        (["kind:cut+"], "cut cut@fr"),
        (["pier/arrival@fr"], "pier/arrival/anchor@fr"),
        (["pier/arrival/anchor@fr"], "pier/arrival/anchor@fr"),
        (["pier/arrival/anchor"], "pier/arrival/anchor"),
    ],
)  # fmt: skip
def test_goals_mean_these_nodes_in_topological_order(goals: list[str], found: str) -> None:
    graph = _graph()
    if not found:
        with pytest.raises(UsageError):
            select(graph, goals, lambda: _STATUSES)
        return
    chosen = select(graph, goals, lambda: _STATUSES)
    assert set(chosen) == set(found.split()) and len(chosen) == len(found.split())
    if goals:
        order = [node.id for node in graph]
        assert chosen == sorted(chosen, key=order.index)


@pytest.mark.parametrize(
    "goal", ["pear", "pier/tiket", "kind:clip", "status:blessed", "x+", "+", "[", "**nothing", ""]
)
def test_a_goal_that_means_nothing_is_an_error_with_a_next_step(goal: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(_graph(), [goal], lambda: _STATUSES)
    assert caught.value.hint


def test_what_was_perhaps_meant_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        select(_graph(), ["pier/tiket"], lambda: _STATUSES)
    assert "pier/ticket" in (caught.value.hint or "")


def test_statuses_are_asked_for_only_when_needed() -> None:
    def never() -> dict[str, frozenset[str]]:
        raise AssertionError("asked")

    select(_graph(), ["cut", "kind:anchor", "pier/**"], never)


def test_a_graph_knows_its_faults() -> None:
    kinds = {"k": Kind("k")}
    with pytest.raises(GraphError, match="two nodes are called 'a'"):
        Graph([Node("a", "k"), Node("a", "k")], kinds)
    with pytest.raises(GraphError, match="unknown kind 'other'"):
        Graph([Node("a", "other")], kinds)
    with pytest.raises(GraphError, match="needs 'b'"):
        Graph([Node("a", "k", inputs=(Input("r", "b"),))], kinds)
    ring = [Node(n, "k", inputs=(Input("r", m),)) for n, m in (("a", "b"), ("b", "c"), ("c", "a"))]
    with pytest.raises(GraphError, match="a cycle: a -> b -> c -> a"):
        Graph(ring, kinds)


def test_a_long_chain_is_ordered_without_recursion() -> None:
    nodes = [
        Node(f"n{n}", "k", inputs=(Input("r", f"n{n + 1}"),) if n < 20_000 else ())
        for n in range(20_001)
    ]
    graph = Graph(nodes, {"k": Kind("k")}, ["n0"])
    assert next(iter(graph)).id == "n20000"
    assert list(graph.closure(["n5"]))[-1] == "n5"
