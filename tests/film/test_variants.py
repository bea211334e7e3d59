"""Films of several files, profiles and matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ferry import write_ferry

from fvbuild.errors import UsageError
from fvbuild.film.load import load
from fvbuild.film.resolved import Film, Shot
from fvbuild.timecode import Length


def only(found: Any) -> Film:
    assert len(found.variants) == 1
    film: Film = found.variants[0]
    return film


def shot_of(film: Film, name: str) -> Shot:
    return next(shot for shot in film.shots() if shot.path == name)


def test_a_profile_overlays_and_keeps_places(tmp_path: Path) -> None:
    film = only(load(write_ferry(tmp_path), "draft"))
    assert film.size == (640, 360)
    assert film.use["anchor"] == ("sketch",) and film.use["reference"] == ("sketch",)
    assert film.profile == "draft"
    with pytest.raises(UsageError, match="no profile 'drat'") as caught:
        load(tmp_path / "film.yaml", "drat")
    assert "draft" in (caught.value.hint or "")


def test_include_merges_sections_by_id(loaded: Any) -> None:
    film = only(
        loaded(
            "film: T\ninclude: [cast.yaml, scenes/two.yaml]\n"
            "scenes:\n  - {id: one, shots: [{action: a, characters: [mara]}]}\n",
            cast_yaml="characters: {mara: tall}\n",
            scenes__two_yaml="characters: {teo: small}\nscenes:\n  - id: two\n    shots:\n"
            "      - {action: b, characters: [teo]}\n",
        )
    )
    assert [scene.id for scene in film.scenes] == ["one", "two"]
    assert str(film.scenes[1].shots[0].loc) == "scenes/two.yaml:5:9"
    assert list(film.characters) == ["mara", "teo"]


def test_a_matrix_makes_a_film_of_every_combination(loaded: Any) -> None:
    found = loaded(
        """
film: {title: {en: Coat, fr: Manteau}}
matrix:
  ratio: {tall: {film: {size: 9:16}}, wide: null}
  lang: [en, fr]
profiles: {wide: {film: {size: 1920x1080}}}
shots:
  - {action: a coat turns, dialogue: {line: {en: Warm., fr: Chaud.}}}
"""
    )
    assert [film.variant for film in found.variants] == ["tall-en", "tall-fr", "wide-en", "wide-fr"]
    tall_fr = found.variants[1]
    assert (tall_fr.size, tall_fr.lang, tall_fr.title.text) == ((720, 1280), "fr", "Manteau")
    line = tall_fr.scenes[0].shots[0].dialogue[0]
    assert line.words.text == "Chaud." and line.words.into("en") == "Warm."
    assert found.variants[2].size == (1920, 1080)


def test_an_overlay_merges_shots_by_id_and_takes_away(loaded: Any) -> None:
    text = """
film: T
profiles:
  short:
    outputs: {stills: null}
    scenes:
      - {id: s, shots: [{id: a, duration: 1s}, {id: new, action: more}]}
scenes:
  - {id: s, shots: [{id: a, action: x}, {id: b, action: y}]}
outputs: {master: {}, stills: {sheet: 2x2}}
"""
    film = only(loaded(text, "short"))
    assert [shot.id for shot in film.shots()] == ["a", "b", "new"]
    assert shot_of(film, "s/a").duration == Length.parse("1s")
    assert shot_of(film, "s/a").action == "x"
    assert list(film.outputs) == ["master"]
    assert [shot.id for shot in only(loaded(text)).shots()] == ["a", "b"]


def test_acts_may_name_scenes_by_id(loaded: Any) -> None:
    film = only(
        loaded(
            "film: T\nacts: [{id: one, scenes: [b, {id: c, shots: [z]}]}, {id: two, scenes: [a]}]\n"
            "scenes: [{id: a, shots: [x]}, {id: b, shots: [y]}]\n"
        )
    )
    assert [scene.id for scene in film.scenes] == ["b", "c", "a"]
    assert [(act.id, act.scenes) for act in film.acts] == [("one", ("b", "c")), ("two", ("a",))]
