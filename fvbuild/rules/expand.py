"""Film -> graph: every variant through every rule, in the order of the film."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.target import Target
from fvbuild.film.resolved import Film
from fvbuild.rules.kinds import KINDS, RULES
from fvbuild.rules.stage import Files, Stage

_UNGATED = frozenset({"check", "sheet", "edit list"})


def expand(
    variants: Sequence[Film],
    targets: Mapping[str, Target],
    *,
    folder: Path,
    absent: Mapping[str, str] | None = None,
    focus: Set[tuple[str, str]] | None = None,
) -> Graph:
    """The graph of a film's variants (one, without a matrix).

    targets: every target by the name the film uses. absent: names the film uses for which there is
    no target here, and why; a name in neither is said to be not installed. folder: the film's,
    which given files are relative to. The graph's outputs are those the film delivers.

    focus: the (scene, shot) whose nodes are wanted, beside all that belongs to no shot; the graph
    is then a part, and other shots' nodes count as settled. See :mod:`fvbuild.rules.focus`.
    """
    files = Files(folder)
    nodes: list[Node] = []
    outputs: list[str] = []
    with _no_garbage_collection():
        for film in variants:
            stage = Stage(film, targets, {} if absent is None else absent, files)
            made = list(_nodes(stage, focus))
            nodes.extend(_gated(made, film.approve) if film.approve else made)
            outputs.extend(
                stage.of_output(output)
                for output in stage.outputs
                if output.name in film.outputs or not film.outputs
            )
        return Graph([*files.nodes.values(), *nodes], KINDS, outputs, part=focus is not None)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Half a million new objects of which none is garbage: looking for some doubles the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_OF_FILM = [rule.of_film for rule in RULES if rule.of_film is not None]
_OF_SCENE = [rule.of_scene for rule in RULES if rule.of_scene is not None]
_OF_SHOT = [rule.of_shot for rule in RULES if rule.of_shot is not None]
_OF_OUTPUT = [rule.of_output for rule in RULES if rule.of_output is not None]


def _nodes(stage: Stage, focus: Set[tuple[str, str]] | None) -> Iterator[Node]:
    """What a film is made from first, then its shots, then what joins them."""
    whole = [node for of_film in _OF_FILM for node in of_film(stage)]
    yield from (node for node in whole if KINDS[node.kind].generated)
    for scene in stage.film.scenes:
        for of_scene in _OF_SCENE:
            yield from of_scene(stage, scene)
        for shot in scene.shots:
            if focus is not None and (shot.scene, shot.id) not in focus:
                continue
            view = stage.view(shot.scene, shot.id)
            for of_shot in _OF_SHOT:
                yield from of_shot(stage, view)
    yield from (node for node in whole if not KINDS[node.kind].generated)
    for output in stage.outputs:
        for of_output in _OF_OUTPUT:
            yield from of_output(stage, output)


def _gated(nodes: Sequence[Node], approve: Sequence[str]) -> Iterator[Node]:
    """Nodes that wait until inputs of the kinds in ``approve`` are approved.

    What shows those inputs for approval does not wait: outputs beside the master, and sheets.
    """
    waited_for = {node.id for node in nodes if node.kind in approve}
    for node in nodes:
        gates = frozenset(edge.node for edge in node.inputs if edge.node in waited_for)
        shows = node.kind in _UNGATED or node.id.startswith("cut/")
        yield replace(node, gates=gates) if gates and not shows else node
