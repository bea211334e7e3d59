"""A graph expanded for a few shots holds all that their edit can reach, and is else the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_build import FILMS, targets
from test_listed_fields import CHANGES

from fvbuild.engine.graph import Graph, Node
from fvbuild.film.load import load
from fvbuild.film.resolved import Film
from fvbuild.rules import expand
from fvbuild.rules.focus import reach

_OF_SHOTS = sorted(field for field in CHANGES if field.startswith("shot."))


def _film(name: str) -> Film:
    return load(FILMS / name).variants[0]


FERRY, LIGHTHOUSE = _film("ferry.yaml"), _film("lighthouse.yaml")


def _graph(film: Film, focus: set[tuple[str, str]] | None = None) -> Graph:
    return expand([film], targets(), folder=Path("/nowhere"), focus=focus)


def _made_from(node: Node) -> object:
    """All of a node that can change its result."""
    identity = node.target.identity if node.target else None
    return node.kind, node.params, node.inputs, identity, node.seed, node.text, node.blocked


def _changed_shots(old: Film, new: Film) -> set[tuple[str, str]]:
    pairs = zip(old.shots(), new.shots(), strict=True)
    return {(shot.scene, shot.id) for before, shot in pairs if before != shot}


def _reached(old: Graph, new: Graph) -> set[str]:
    """The nodes that differ, and whatever is made from them in turn."""
    reached: set[str] = set()
    for node in new:
        before = old.get(node.id)
        differs = before is None or _made_from(before) != _made_from(node)
        if differs or any(edge.node in reached for edge in node.inputs):
            reached.add(node.id)
    return reached


@pytest.mark.parametrize("film", [FERRY, LIGHTHOUSE], ids=["ferry", "lighthouse"])
@given(
    field=st.sampled_from(_OF_SHOTS),
    pick=st.integers(0, 12),
    word=st.text("abc", min_size=1, max_size=9),
)
def test_an_edit_of_shots_reaches_nothing_outside_its_part(
    film: Film, field: str, pick: int, word: str
) -> None:
    edited = CHANGES[field](film, pick, word)
    focus = reach(edited, _changed_shots(film, edited))
    whole, part = _graph(edited), _graph(edited, focus)
    assert {node.id for node in part} <= {node.id for node in whole}
    assert all(part[node.id] == whole[node.id] for node in part)
    assert _reached(_graph(film), whole) <= {node.id for node in part}


def test_a_part_leaves_other_shots_out() -> None:
    part = _graph(LIGHTHOUSE, {("main", "fog")})
    assert "main/fog/segment" in part and "main/boat/segment" not in part
    assert "cut" in part
