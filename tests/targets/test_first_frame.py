"""What a first frame shows of an action: what the rules change, and what they leave alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.resources import template
from fvbuild.targets.first_frame import FirstFrame

RULES = json.loads(template("prompts/still.json").read_text(encoding="utf-8"))
FIRST = FirstFrame(RULES)


@pytest.mark.parametrize(
    ("action", "frame"),
    [
        ("the figure walks to the end of the pier", "the figure is walking to the end of the pier"),
        ("she turns to the sea", "she is about to turn to the sea"),
        ("a keeper slowly climbs the stair", "a keeper is climbing the stair"),
        ("she stoops and picks it up", "she is about to stoop"),
        ("she breaks a crust, listens, and nods", "she is about to break a crust"),
        ("he sits and reads the letter", "he is sitting and is reading the letter"),
        ("she climbs the stair, then she lights the lamp", "she is climbing the stair"),
        ("Mara steps in and takes it", "Mara is about to step in"),
        ("the fog begins to glow", "the fog is about to glow"),
        ("She turns. He leaves.", "She is about to turn."),
        ("She turns. Fog on the water.", "She is about to turn. Fog on the water."),
        ("Then she waits.", "she is waiting."),
        ("walks along the beach", "walking along the beach"),
    ],
)
def test_what_happens_becomes_what_is_seen(action: str, frame: str) -> None:
    assert FIRST.of(action) == frame


@pytest.mark.parametrize(
    "action",
    [
        "harbour lights tremble on the water",
        "the lights of the harbour",
        "two walks along the river",
        "the town is asleep, but for the bakery at the corner",
        "empty pier, a tiny red figure far off",
        "they walk down the gangway together",
        "Eine Frau dreht sich um",
        "",
        "then",
        "slowly",
    ],
)
def test_what_no_rule_knows_stays_as_it_was_written(action: str) -> None:
    assert FIRST.of(action) == action


_KNOWN = st.sampled_from(
    [
        "she",
        "the",
        "and",
        "then",
        "turns",
        "walks",
        "lights",
        "slowly",
        "lamp",
        "it.",
        "until,",
        "a",
    ]
)


@given(st.lists(_KNOWN, min_size=1, max_size=12).map(" ".join))
def test_something_is_always_left_and_nothing_is_left_to_do(action: str) -> None:
    once = FIRST.of(action)
    assert once.strip()
    assert "slowly" not in once.split() or once == action


@given(st.text(max_size=60))
def test_any_text_is_taken(action: str) -> None:
    assert bool(FIRST.of(action).strip()) == bool(action.strip())


def test_the_rules_contradict_themselves_nowhere() -> None:
    tables = [RULES["later"], RULES["drop"], RULES["say"], RULES["verbs"], RULES["acts"]]
    words = [word for table in tables for word in table]
    assert len(words) == len(set(words))
    assert all(len(word.split()) <= 3 for word in words)
