"""Misspelled words in fields that take any text are told; other words are nobody's business."""

from __future__ import annotations

from typing import Any

import pytest

FILM = """film: T
characters:
  mara: {look: tall, voice: VOICE}
locations:
  pier: {look: old, time: TIME}
scenes:
  - id: one
    location: pier
    time: TIME
    shots:
      - {id: a, action: x, characters: [mara], time: TIME}
"""


def told(loaded: Any, time: str, voice: str) -> list[tuple[int, str]]:
    found = loaded(FILM.replace("TIME", time).replace("VOICE", voice)).warnings
    return [(each.place.line, each.hint) for each in found if each.code == "vocabulary"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("nigth", "night"), ("Midnigt", "midnight"), ("golden-huor", "golden hour"), ("dsuk", "dusk")],
)
def test_a_misspelled_time_is_told_at_its_places(loaded: Any, written: str, meant: str) -> None:
    hint = f"did you mean '{meant}'?"
    assert told(loaded, written, "boy") == [(5, hint), (9, hint), (11, hint)]


@pytest.mark.parametrize(
    "time", ["night", "Golden Hour", "nights", "under two moons", "10 pm", "Nacht", "storm", "now"]
)
def test_any_other_time_is_taken_as_it_is(loaded: Any, time: str) -> None:
    assert not told(loaded, time, "boy")


@pytest.mark.parametrize(
    ("voice", "meant"),
    [
        ("low-alot", "low-alto"),
        ("{id: deep_baritnoe, age: 60}", "deep_baritone"),
        ("{target: speech, id: tenro}", "tenor"),
    ],
)
def test_a_misspelled_voice_is_told(loaded: Any, voice: str, meant: str) -> None:
    assert told(loaded, "night", voice) == [(3, f"did you mean '{meant}'?")]


@pytest.mark.parametrize("voice", ["low-alto", "low-bass", "boy", "Kore", "old man"])
def test_any_other_voice_is_a_name(loaded: Any, voice: str) -> None:
    assert not told(loaded, "night", voice)


def test_targets_of_the_films_own_name_their_voices_as_they_like(loaded: Any) -> None:
    film = "film: T\ntargets: {own: {provider: x}}\ncharacters: {m: {look: a, voice: tenro}}\n"
    found = loaded(film + "shots: [{id: a, action: x, characters: [m]}]\n").warnings
    assert not [each for each in found if each.code == "vocabulary"]
