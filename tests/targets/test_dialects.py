"""Camera moves in the words of each model, and the styles: complete, and of the vocabulary."""

from __future__ import annotations

import json
import re

import pytest

from fvbuild.film.vocabulary import built_in
from fvbuild.resources import template
from fvbuild.targets.template import create

DIALECTS = sorted(
    path.name.removeprefix("motion.").removesuffix(".j2")
    for path in template("prompts").glob("motion.*.j2")
)
MOVES = built_in("camera").words


def told(dialect: str, move: str, camera: str) -> str:
    return create("template", {}).text(
        "motion",
        {
            "action": "she turns",
            "camera": camera,
            "move": move,
            "dialect": dialect,
            "delivery": ["dry"],
            "style": {"look": "teal dusk"},
        },
    )


def test_the_models_that_are_offered_are_spoken_to() -> None:
    assert {"runway", "veo", "kling", "luma", "seedance", "hailuo", "wan"} <= set(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("move", MOVES)
def test_every_move_is_said_in_every_dialect(dialect: str, move: str) -> None:
    text = told(dialect, move, MOVES[move].phrase)
    assert "She turns." in text and "Spoken dry." in text and "Teal dusk." in text
    moved = text.replace("She turns.", "").replace("Spoken dry.", "").replace("Teal dusk.", "")
    assert len(moved.strip()) > 5


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_move_in_the_films_own_words_is_said_as_it_is(dialect: str) -> None:
    assert "the camera falls like a leaf" in told(
        dialect, "leaf", "the camera falls like a leaf"
    ).replace("The", "the")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_knows_only_words_of_the_vocabulary(dialect: str) -> None:
    source = template(f"prompts/motion.{dialect}.j2").read_text(encoding="utf-8")
    words = re.findall(r'"([a-z ]+)": "', source)
    assert words and set(words) <= set(MOVES)
    assert "ocumented" in source or "ommonly known" in source


def test_hailuo_is_given_commands_that_it_documents() -> None:
    source = template("prompts/motion.hailuo.j2").read_text(encoding="utf-8")
    documented = {
        f"{move} {way}"
        for move, ways in {
            "Truck": ("left", "right"),
            "Pan": ("left", "right"),
            "Push": ("in",),
            "Pull": ("out",),
            "Pedestal": ("up", "down"),
            "Tilt": ("up", "down"),
            "Zoom": ("in", "out"),
        }.items()
        for way in ways
    } | {"Shake", "Tracking shot", "Static shot"}
    used = {word for found in re.findall(r'"\[(.+?)\]"', source) for word in found.split(", ")}
    assert used <= documented
    assert told("hailuo", "dolly in", "x") == "She turns. [Push in] Spoken dry. Teal dusk."


def test_every_style_has_terms_for_both_kinds() -> None:
    styles = {path.stem for path in template("styles").glob("*.json")}
    assert styles == set(built_in("style").words) and len(styles) == 11
    for style in styles:
        terms = json.loads(template(f"styles/{style}.json").read_text(encoding="utf-8"))
        assert set(terms) == {"caption", "motion"} and all(terms.values())
