"""The simplest build there is: what a node's content is, is a function of its key and no more.

No store, no traces, no takes. Two evaluations are compared by key: a node is made again when no
node of the earlier film had its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fvbuild.engine.digest import Json, quick
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.key import key_of, recipe_text
from fvbuild.engine.target import Capabilities, Price, Target
from fvbuild.film.load import load
from fvbuild.rules import KINDS, expand
from fvbuild.targets.template import create as create_template

FILMS = Path(__file__).parent / "films"
_PICTURES = frozenset({"reference", "plate", "prop", "anchor", "boundary"})
_SOUNDS = frozenset({"speech", "music", "ambience", "effect"})
_SPOKEN_S_A_WORD = 0.5


@dataclass
class Painter:
    """A target that is asked for nothing but what it declares."""

    capabilities: Capabilities
    identity: Mapping[str, Json]
    pool: str = "cpu"
    price_of_second: float = 0.0

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        return self.identity

    def price(self, kind: str, params: Mapping[str, Json]) -> Price:
        frames = params.get("frames", 24)
        assert isinstance(frames, int)
        cost = self.price_of_second * frames / 24
        return Price(cost, cost, cost)

    def make(self, action: object) -> object:
        raise AssertionError("planning makes nothing")


def drawing() -> Painter:
    """As ``sketch``: wants structured fields."""
    can = Capabilities(
        kinds=_PICTURES | _SOUNDS | {"segment"},
        wants=frozenset({"composition", "move"}),
        negative=True,
        guidance=True,
        rate_fps="24",
    )
    return Painter(can, {"model": "drawing"})


def model() -> Painter:
    """As a video model: wants words and pictures; lengths of 4k + 1 frames at 16 fps."""
    can = Capabilities(
        kinds=_PICTURES | _SOUNDS | {"segment", "upscale"},
        negative=True,
        guidance=True,
        rate_fps="16",
        frames=(5, 161, 4),
        canvas_pixels=832 * 480,
        size_multiple=16,
    )
    return Painter(can, {"model": "model", "revision": "1"})


def targets() -> dict[str, Target]:
    """The targets that a film may use without declaring them, as far as the rules see them."""
    template: Target = create_template("template", {})
    found: dict[str, object] = {"template": template, "sketch": drawing(), "placeholder": model()}
    return found  # type: ignore[return-value]  # Painter makes nothing, by design


def graph_of(text: str, folder: Path, made_by: Mapping[str, Target] | None = None) -> Graph:
    """The graph of a film's text, which is written into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    film = folder / "film.yaml"
    film.write_text(text, encoding="utf-8")
    names = frozenset(made_by or targets())
    return expand(load(film, targets=names).variants, made_by or targets(), folder=folder)


def keys(graph: Graph) -> dict[str, str]:
    """The key of every node that can be made, by its id."""
    content: dict[str, str] = {}
    facts: dict[str, Mapping[str, Json]] = {}
    found: dict[str, str] = {}
    for node in graph:
        if node.file is not None:
            content[node.id] = quick(Path(node.file).read_bytes())
            continue
        if node.blocked or any(edge.node not in content for edge in node.inputs):
            continue
        found[node.id] = key_of(_recipe(node, content, facts))
        content[node.id] = found[node.id] if node.text is None else node.text
        facts[node.id] = {"seconds": _spoken_s(node), "take": 1}
    return found


def made_again(before: Graph, after: Graph) -> set[str]:
    """The ids of the second graph whose results the first one does not have."""
    known = {(before[node].kind, key) for node, key in keys(before).items()}
    return {node for node, key in keys(after).items() if (after[node].kind, key) not in known}


def _recipe(node: Node, content: Mapping[str, str], facts: Mapping[str, Mapping[str, Json]]) -> str:
    kind = KINDS[node.kind]
    contents: dict[str, list[Json]] = {}
    known: dict[str, tuple[Json, ...]] = {}
    for edge in node.inputs:
        if edge.fact is None:
            contents.setdefault(edge.role, []).append(content[edge.node])
        else:
            assert kind.settle is not None, f"{node.id}: nothing works out its facts"
            known[edge.role] = (*known.get(edge.role, ()), facts[edge.node][edge.fact])
    params = node.params if kind.settle is None else kind.settle(node.params, known)
    return recipe_text(node, kind, params, contents)


def _spoken_s(node: Node) -> float:
    """A stand-in for the measured length: it follows the number of words."""
    return len(str(node.params.get("text", "")).split()) * _SPOKEN_S_A_WORD
