from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fvbuild.film.ids import MAX_ID, fault_of_id, slug
from fvbuild.film.suggest import did_you_mean, nearest_word
from fvbuild.film.vocabulary import FILES, built_in, fold

WORDS = {
    "size": "extreme wide, wide, full, medium wide, medium, medium close-up, close-up, "
    "extreme close-up, insert, two-shot, over-the-shoulder, POV",
    "angle": "eye, high, low, dutch, overhead, worm",
    "camera": "static, pan left, pan right, tilt up, tilt down, dolly in, dolly out, truck left, "
    "truck right, pedestal up, pedestal down, crane up, crane down, zoom in, zoom out, arc, "
    "tracking, handheld, drone, rack focus",
    "transition": "cut, dissolve, fade, dip, wipe",
    "style": "photorealistic, cinematic, anime, illustration, 3d-render, oil-painting, watercolor, "
    "documentary, commercial, artistic, noir",
}


@pytest.mark.parametrize("field", FILES)
def test_the_words_are_those_of_the_language_and_none_means_two(field: str) -> None:
    words = built_in(field).words
    assert list(words) == WORDS[field].split(", ")
    meant: dict[str, str] = {}
    for word in words.values():
        assert word.phrase
        for spelling in (word.name, *word.aliases):
            assert meant.setdefault(fold(spelling), word.name) == word.name, spelling
            assert built_in(field).canonical(spelling.upper()) == word.name


@given(st.text(max_size=200))
@example("ǰ İ ß ẞ e\u0301")
def test_a_slug_is_an_id_or_nothing(text: str) -> None:
    found = slug(text)
    assert len(found) <= MAX_ID
    if found:
        assert fault_of_id(found) is None
        assert slug(found) == found or len(found) > 56


def test_long_texts_that_begin_alike_keep_different_ids() -> None:
    begin = "a keeper climbs a spiral stair with a lantern in one hand and "
    one, two = slug(begin + "a rope"), slug(begin + "a knife")
    assert one != two and one[:40] == two[:40]
    assert slug(begin + "a rope.") == one


def test_suggestions() -> None:
    assert nearest_word("camra", ["camera", "caption"]) == "camera"
    assert nearest_word("xyz", ["camera"]) is None
    assert did_you_mean("PAN_LEFT", ["pan left"]) == "did you mean 'pan left'?"
    assert did_you_mean("q", ["one", "two"]) == "known here: one, two"
