"""A still that is made by changing a picture: what it is made from, by whom, and again when."""

from __future__ import annotations

from pathlib import Path

import pytest
from naive_build import drawing, graph_of, made_again, model
from PIL import Image
from small_films import HEAD, Expanded, able, inputs, made_by

FRAME = "first_frame: {edit: art/plate.png, mask: art/mask.png, text: the lamps are lit}"
FILM = f"""\
characters: {{mara: {{look: woman}}, teo: {{look: boy}}}}
locations: {{pier: {{look: pier}}}}
shots: [{{id: one, {FRAME}, action: she walks, characters: [mara, teo], location: pier}}]
"""
MOVED = "shots: [{id: one, mode: keyframe, action: she walks, last_frame: %s}]\n"


@pytest.fixture(autouse=True)
def _art(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    for name, colour in (("plate", 60), ("mask", 255), ("other", 90), ("dark", 0)):
        Image.new("L", (64, 36), colour).save(tmp_path / "art" / f"{name}.png")


def test_picture_and_mask_are_inputs_and_the_caption_says_the_rest(expanded: Expanded) -> None:
    graph = expanded(FILM, sketch=able(drawing(), edits=True, masks=True))
    assert inputs(graph, "main/one/anchor") == [
        ("caption", "main/one/caption"),
        ("edit", "files/art/plate.png"),
        ("mask", "files/art/mask.png"),
        ("reference", "characters/mara/default"),
        ("reference", "characters/teo/default"),
        ("plate", "locations/pier"),
    ]
    assert "The lamps are lit" in (graph["main/one/caption"].text or "")
    assert inputs(graph, "main/one/segment")[1] == ("start", "main/one/anchor")


def test_without_words_of_its_own_the_action_says_it(expanded: Expanded) -> None:
    film = FILM.replace(", text: the lamps are lit", "")
    graph = expanded(film, sketch=able(drawing(), edits=True, masks=True))
    assert "walk" in (graph["main/one/caption"].text or "")


def test_it_takes_the_place_of_a_reference_picture(expanded: Expanded) -> None:
    graph = expanded(FILM, sketch=able(drawing(), edits=True, masks=True, references=2))
    anchor = graph["main/one/anchor"]
    assert [role for role, _ in inputs(graph, anchor.id)] == [
        "caption", "edit", "mask", "reference",
    ]  # fmt: skip
    assert anchor.left_out == ("characters/teo/default", "locations/pier")
    none = expanded(FILM, sketch=able(drawing(), edits=True, masks=True, references=0))
    assert [role for role, _ in inputs(none, anchor.id)] == ["caption", "edit", "mask"]


def test_a_picture_that_is_followed_is_an_input(expanded: Expanded) -> None:
    film = FILM.replace("edit: art/plate.png, mask: art/mask.png", "control: art/plate.png")
    graph = expanded(
        film + "use: {anchor: [sketch, blind]}\n",
        sketch=able(drawing(), controls=True),
        blind=model(),
    )
    anchor = graph["main/one/anchor"]
    assert inputs(graph, anchor.id)[:3] == [
        ("caption", "main/one/caption"),
        ("control", "files/art/plate.png"),
        ("reference", "characters/mara/default"),
    ]
    assert anchor.target is not None and anchor.target.fallbacks == (), "no other follows it"


def test_a_last_frame_is_changed_the_same_way(expanded: Expanded) -> None:
    film = MOVED % "{edit: art/plate.png, mask: art/mask.png, text: she is gone}"
    graph = expanded(film, sketch=able(drawing(), edits=True, masks=True))
    roles = [role for role, _ in inputs(graph, "main/one/boundary")]
    assert roles == ["caption", "edit", "mask"]
    assert "She is gone" in (graph["main/one/boundary-caption"].text or "")
    assert [role for role, _ in inputs(graph, "main/one/anchor")] == ["caption"]


@pytest.mark.parametrize(
    ("can", "film", "why"),
    [
        ({}, FILM, "changes no picture, which `first_frame: {edit: ...}` asks for"),
        ({"edits": True}, FILM, "takes no mask, which `first_frame: {mask: ...}` asks for"),
        (
            {"edits": True, "masks": True, "only_masks": True},
            FILM.replace("mask: art/mask.png, ", ""),
            "changes a picture only by a mask",
        ),
        (
            {"edits": True, "masks": True},
            FILM.replace("edit: art/plate.png, mask: art/mask.png", "control: art/plate.png"),
            "follows no picture, which `first_frame: {control: ...}` asks for",
        ),
        ({"edits": True, "only_edits": True}, "shots: [{id: one, action: rain}]\n", "only changes"),
    ],
)
def test_a_plan_refuses_what_a_target_cannot(
    expanded: Expanded, can: dict[str, bool], film: str, why: str
) -> None:
    blocked = expanded(film, sketch=able(drawing(), **can))["main/one/anchor"].blocked
    assert blocked is not None and why in blocked


def test_no_fallback_ignores_the_picture(expanded: Expanded) -> None:
    able_ones = {"edits": True, "masks": True}
    graph = expanded(
        FILM + "use: {anchor: [sketch, blind, brush]}\n",
        sketch=able(drawing(), **able_ones),
        blind=model(),
        brush=able(model(), **able_ones),
    )
    use = graph["main/one/anchor"].target
    assert use is not None and (use.name, use.fallbacks) == ("sketch", ("brush",))


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("art/plate.png", "art/other.png", {"anchor"}),
        ("art/mask.png", "art/dark.png", {"anchor"}),
        ("mask: art/mask.png, ", "", {"anchor"}),
        ("the lamps are lit", "the lamps are out", {"caption", "anchor"}),
        ("art/plate.png", "art/same.png", set()),
        ("action: she walks", "action: she runs", {"motion"}),
    ],
)
def test_what_is_made_again(tmp_path: Path, old: str, new: str, again: set[str]) -> None:
    """By content, never by name."""
    (tmp_path / "art" / "same.png").write_bytes((tmp_path / "art" / "plate.png").read_bytes())
    painters = made_by(sketch=able(drawing(), edits=True, masks=True))
    before = graph_of(HEAD + FILM, tmp_path, painters)
    assert old in FILM
    after = graph_of(HEAD + FILM.replace(old, new), tmp_path, painters)
    found = {node.rpartition("/")[2] for node in made_again(before, after)}
    follow = {"segment", "conform", "cut"} if again else set()
    assert found == again | follow
