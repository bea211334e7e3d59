"""The graph: nodes, what they are made from, and nothing about how or when they are made.

A node's *recipe* is everything that goes into its key. The node's own part of it is fixed when the
graph is made (``kind``, ``version``, ``params``, ``target`` identity, ``seed``); the rest, the
content of its inputs, is known once those are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import NamedTuple

from fvbuild.engine.action import Action, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.target import Price, TargetUse
from fvbuild.errors import FilmBuildError
from fvbuild.values import dataclass


class Input(NamedTuple):
    """A dependency on the chosen output of another node.

    ``fact`` narrows it: the node then depends on that measured property alone (``seconds`` of a
    speech), not on the bytes, and is not made again while the property stays the same.
    """

    role: str
    node: str
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """How the nodes of one kind behave. One file under ``rules/`` declares one kind.

    version: raised whenever the same recipe would give another result.
    generated: made by a target: its takes can be chosen and approved, and the lock lists them.
    make: makes it on this machine, for kinds which need no target.
    settle: gives the final params once the facts of the inputs are known,
        ``settle(params, facts_by_role) -> params``; the facts themselves then stay out of the key.
    beside_store: it is made where the artifacts are, whatever other machines there are: it reads a
        little of very many, or is done sooner than sent.
    """

    name: str
    version: int = 1
    generated: bool = False
    make: Callable[[Action], Outcome] | None = None
    settle: (
        Callable[[Mapping[str, Json], Mapping[str, tuple[Json, ...]]], Mapping[str, Json]] | None
    ) = None
    beside_store: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One step. ``params`` hold JSON values only, and never an id, label or position.

    text: the content of a pure text node, worked out while planning.
    file: absolute path of a ``file`` node's bytes.
    out: where the result is shown, relative to ``out/`` and without its suffix; None: nowhere.
    blocked: why this cannot be made (a part of the language no target can make yet).
    gates: ids of those inputs which must be approved first.
    loc: ``film.yaml:52:9``, where the user wrote it.
    title: what a person calls it.
    left_out: ids of what would be among its inputs, had its target room for more of them.
    """

    id: str
    kind: str
    params: Mapping[str, Json] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    target: TargetUse | None = None
    seed: int | None = None
    takes: int = 1
    text: str | None = None
    file: str | None = None
    out: str | None = None
    blocked: str | None = None
    gates: frozenset[str] = frozenset()
    price: Price | None = None
    loc: str | None = None
    title: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def pure(self) -> bool:
        """True when its content is known while planning."""
        return self.text is not None


class GraphError(FilmBuildError):
    """The graph cannot be built: an unknown or doubled node, or a cycle."""


class Graph:
    """Nodes by id, in topological order. ``outputs`` are the ids that a bare ``build`` makes.

    A *part* of a graph may leave out nodes that are known to be up to date; ``settled`` are then
    the left-out ids that its own nodes need.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        kinds: Mapping[str, Kind],
        outputs: Iterable[str] = (),
        *,
        part: bool = False,
    ) -> None:
        """Raises GraphError on a doubled id, an unknown input or kind, and a cycle."""
        self._nodes: dict[str, Node] = {}
        self.is_part = part
        self.settled: dict[str, None] = {}
        self.kinds = kinds
        self.outputs = tuple(outputs)
        given: dict[str, Node] = {}
        for node in nodes:
            if node.id in given:
                raise GraphError(f"two nodes are called '{node.id}'", place=node.loc)
            if node.kind not in kinds:
                raise GraphError(f"'{node.id}' is of an unknown kind '{node.kind}'", place=node.loc)
            given[node.id] = node
        self._order(given)

    def _order(self, given: dict[str, Node]) -> None:
        """Depth first without recursion: a chain of 10,000 shots is deep."""
        done, open_ = self._nodes, dict[str, None]()
        for root in given.values():
            stack: list[tuple[Node, Iterator[Input]]] = []
            if root.id not in done:
                stack.append((root, iter(root.inputs)))
                open_[root.id] = None
            while stack:
                node, rest = stack[-1]
                for needed in rest:
                    if needed.node in done:
                        continue
                    child = given.get(needed.node)
                    if child is None and self.is_part:
                        self.settled[needed.node] = None
                        continue
                    if child is None:
                        raise GraphError(
                            f"'{node.id}' needs '{needed.node}', which is not in the film",
                            place=node.loc,
                        )
                    if child.id in open_:
                        cycle = [*list(open_)[list(open_).index(child.id) :], child.id]
                        raise GraphError("a cycle: " + " -> ".join(cycle), place=node.loc)
                    stack.append((child, iter(child.inputs)))
                    open_[child.id] = None
                    break
                else:
                    stack.pop()
                    del open_[node.id]
                    done[node.id] = node

    def __getitem__(self, node_id: str) -> Node:
        return self._nodes[node_id]

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._nodes

    def __iter__(self) -> Iterator[Node]:
        """Every node, inputs before what needs them."""
        return iter(self._nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)

    def get(self, node_id: str) -> Node | None:
        """The node of an id, or None."""
        return self._nodes.get(node_id)

    def closure(self, goals: Iterable[str]) -> dict[str, None]:
        """The goals and all they need, in topological order."""
        wanted: set[str] = set()
        todo = list(goals)
        while todo:
            node_id = todo.pop()
            if node_id not in wanted and node_id not in self.settled:
                wanted.add(node_id)
                todo.extend(edge.node for edge in self._nodes[node_id].inputs)
        return {node_id: None for node_id in self._nodes if node_id in wanted}

    def users(self) -> dict[str, list[str]]:
        """For every node, the ids that need it."""
        users: dict[str, list[str]] = {node_id: [] for node_id in self._nodes}
        for node in self._nodes.values():
            for edge in node.inputs:
                if edge.node not in self.settled:
                    users[edge.node].append(node.id)
        return users
