from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from ferry import write_ferry

from fvbuild.errors import ManifestError
from fvbuild.film.load import load
from fvbuild.film.resolved import Film, Worn
from fvbuild.timecode import Length


def only(found: Any) -> Film:
    assert len(found.variants) == 1
    film: Film = found.variants[0]
    return film


def test_the_smallest_film_is_a_film(loaded: Any) -> None:
    film = only(
        loaded(
            "film: The Lighthouse\n"
            "shots:\n"
            "  - a keeper climbs a spiral stair with a lantern\n"
            "  - she lights the lamp and the fog outside begins to glow\n"
        )
    )
    assert film.title.text == "The Lighthouse"
    assert (film.fps, film.size, film.style.preset) == (Fraction(24), (1280, 720), "cinematic")
    assert [scene.id for scene in film.scenes] == ["main"]
    first = film.scenes[0].shots[0]
    assert first.id == "a-keeper-climbs-a-spiral-stair-with-a-lantern"
    assert (first.mode, first.camera, first.transition) == ("anchor", "static", None)
    assert first.duration == Length.parse("4s")
    assert first.frames(film.fps) == 96
    assert str(first.loc) == "film.yaml:3:5"
    assert first.use["caption"] == ("template",) and first.use["segment"] == ("sketch",)
    assert list(film.outputs) == ["master"]


def test_the_full_language(tmp_path: Path) -> None:
    film = only(load(write_ferry(tmp_path)))
    assert film.size == (1920, 1080)
    assert film.style.avoid == "text, logos" and film.style.phrase.startswith("cinematic")
    assert film.budget is not None and film.budget.max == 12 and film.budget.currency == "USD"
    assert film.approve == ("anchor",)
    assert film.targets["flux"].settings["steps"] == 28
    assert film.use["boundary"] == ("flux",) and film.use["segment"] == ("veo", "wan")
    assert film.characters["mara"].references == ("art/mara-face.png",)
    assert film.characters["mara"].voice is not None
    assert film.characters["mara"].voice.target is None
    assert film.characters["teo"].look == "boy of 9, black curls"
    assert film.locations["pier"].takes == 3
    arrival, ticket, taken, promise, turn = film.scenes[0].shots
    assert arrival.size == "extreme wide" and arrival.takes == {"anchor": 3}
    assert arrival.characters == (Worn("teo", "red"),)
    assert arrival.time == "dusk" and arrival.location == "pier"
    assert ticket.mode == "keyframe" and ticket.last_frame is not None
    assert taken.start == ("pier", "ticket")
    assert taken.transition is not None
    assert (taken.transition.kind, taken.transition.frames) == ("dissolve", 12)
    assert taken.use["segment"] == ("veo",) and taken.use["anchor"] == ("flux",)
    assert promise.duration is None
    assert promise.dialogue[0].speaker == "mara"
    assert str(promise.dialogue[0].loc) == "film.yaml:73:42"
    assert turn.mode == "chain"
    assert film.scenes[0].axis == ("teo", "mara")
    assert film.scenes[0].ambience is not None and film.scenes[0].ambience.gain_db == -22
    narration = film.sound.narration[0]
    assert narration.at is not None
    assert (narration.at.scene, narration.at.shot) == ("pier", "arrival")
    assert narration.at.shift_s(film.fps) == 1
    assert film.sound.music[0].over == (("pier", "arrival"), ("pier", "turn"))
    assert film.sound.music[0].duck_db == -9
    assert film.finish.steps == ("match", "upscale", "interpolate", "grade")
    assert film.checks.safety == "block" and film.checks.motion == 0.4
    assert film.outputs["animatic"].made_from == "anchor" and film.outputs["animatic"].slate
    assert film.outputs["stills"].sheet == (3, 2)
    assert film.outputs["edit"].formats == ("otio", "edl")
    assert str(arrival.at("camera")) == "film.yaml:45:17"


def test_yaml_words_are_text_and_numbers_stand_for_text(loaded: Any) -> None:
    film = only(
        loaded(
            "film: {title: 1917, size: 16:9, fps: 23.976}\n"
            "shots:\n"
            "  - {id: on, action: no, lighting: off, lens: 1e3}\n"
        )
    )
    assert film.title.text == "1917" and film.size == (1280, 720)
    assert film.fps == Fraction(24000, 1001)
    shot = film.scenes[0].shots[0]
    assert (shot.id, shot.action, shot.lighting, shot.lens) == ("on", "no", "off", "1e3")


def test_scene_fields_reach_shots_unless_they_say_otherwise(loaded: Any) -> None:
    film = only(
        loaded(
            """
film: {title: T, seed: 7, negative: blur}
locations: {a: here, b: there}
characters:
  mara: {look: tall, wardrobe: {coat: coat, suit: suit}}
scenes:
  - id: s
    location: a
    lighting: dim
    wardrobe: {mara: coat}
    guidance: 3
    takes: 2
    use: {anchor: placeholder}
    shots:
      - {action: one, characters: mara}
      - action: two
        characters: [mara]
        location: b
        lighting: bright
        wardrobe: {mara: suit}
        seed: 9
        takes: {segment: 1}
        use: {segment: placeholder}
"""
        )
    )
    one, two = film.scenes[0].shots
    assert (one.location, one.lighting, one.characters[0].outfit) == ("a", "dim", "coat")
    assert (one.controls.seed, one.controls.negative, one.controls.guidance) == (7, "blur", 3)
    assert one.takes == {"anchor": 2, "boundary": 2, "segment": 2}
    assert one.use["boundary"] == ("placeholder",) and one.use["segment"] == ("sketch",)
    assert (two.location, two.lighting, two.characters[0].outfit) == ("b", "bright", "suit")
    assert two.controls.seed == 9 and two.takes == {"anchor": 2, "boundary": 2}
    assert two.use["anchor"] == ("placeholder",) and two.use["segment"] == ("placeholder",)


@pytest.mark.parametrize(
    ("field", "written", "canonical"),
    [
        ("size", "EWS", "extreme wide"),
        ("size", "ots", "over-the-shoulder"),
        ("size", "medium_close_up", "medium close-up"),
        ("angle", "bird's eye", "overhead"),
        ("camera", "push in", "dolly in"),
        ("camera", "pan_left", "pan left"),
        ("camera", "Orbit", "arc"),
        ("camera", "spins like a leaf, then rests", "spins like a leaf, then rests"),
    ],
)
def test_vocabulary_has_other_spellings(
    loaded: Any, field: str, written: str, canonical: str
) -> None:
    film = only(loaded(f'film: T\nshots:\n  - {{action: a, {field}: "{written}"}}\n'))
    assert getattr(film.scenes[0].shots[0], field) == canonical


def test_a_film_has_words_of_its_own(loaded: Any) -> None:
    film = only(
        loaded(
            """
film: {title: T, style: etching}
vocabulary:
  size: {cowboy hat: {phrase: from the hat to the belt, aliases: [CHS]}}
  camera: {falling leaf: the camera sinks swaying}
  style: {etching: fine copper etching}
shots:
  - {action: a, size: chs, camera: falling_leaf}
"""
        )
    )
    shot = film.scenes[0].shots[0]
    assert (shot.size, shot.camera) == ("cowboy hat", "falling leaf")
    assert film.phrase("size", shot.size) == "from the hat to the belt"
    assert film.style.phrase == "fine copper etching"


@pytest.mark.parametrize(
    ("written", "kind", "frames", "option"),
    [
        ("dissolve", "dissolve", 12, ""),
        ("crossfade 1s", "dissolve", 24, ""),
        ("fade to white 6f", "fade", 6, "white"),
        ("dip", "dip", 24, "black"),
        ("dip to white 12f", "dip", 12, "white"),
        ("wipe right", "wipe", 12, "right"),
    ],
)
def test_transitions(loaded: Any, written: str, kind: str, frames: int, option: str) -> None:
    film = only(loaded(f"film: T\nshots:\n  - {{action: a, transition: {written}}}\n  - b\n"))
    found = film.scenes[0].shots[0].transition
    assert found is not None
    assert (found.kind, found.frames, found.option) == (kind, frames, option)


def test_moments(loaded: Any) -> None:
    film = only(
        loaded(
            """
film: T
shots: [{id: a, action: x}, {id: b-1s, action: y}]
sound:
  effects:
    - {make: one, at: a.end-12f}
    - {make: two, at: b-1s}
    - {make: three, at: main/a+0.5s}
    - {make: four, at: 2s}
"""
        )
    )
    one, two, three, four = (effect.at for effect in film.sound.effects)
    assert one is not None and one.at_end and one.shift_s(film.fps) == Fraction(-1, 2)
    assert two is not None and two.shot == "b-1s" and two.shift_s(film.fps) == 0
    assert three is not None and (three.shot, three.shift_s(film.fps)) == ("a", Fraction(1, 2))
    assert four is not None and four.shot is None and four.shift_s(film.fps) == 2


def test_oddly_written_numbers_become_plain_ones(write: Any, tmp_path: Path) -> None:
    path = write(
        """
film: {title: T, seed: 007, guidance: 5.50}
targets: {t: {provider: sketch, steps: 028, scale: 1e0, sizes: [01, 2.50]}}
characters: {m: {look: l, takes: 02, voice: {id: 07, speed: 1.10}}}
locations: {l: {look: l, takes: +3}}
shots: [{action: a, takes: {anchor: 04}, motion_strength: 2, seed: +9}]
sound: {music: {make: m, takes: 02}}
checks: {motion: 0.50}
"""
    )
    film = only(load(path, None, tmp_path / "cache"))
    again = only(load(path, None, tmp_path / "cache"))
    assert repr(film) == repr(again)
    assert film.targets["t"].settings == {
        "provider": "sketch",
        "steps": 28,
        "scale": 1.0,
        "sizes": [1, 2.5],
    }
    voice = film.characters["m"].voice
    assert voice is not None and voice.settings == {"id": "07", "speed": 1.1}
    shot = film.scenes[0].shots[0]
    assert repr(shot.controls.motion_strength) == "2.0" and shot.takes == {"anchor": 4}
    kinds = {type(value) for value in (film.controls.seed, film.locations["l"].takes)}
    kinds |= {type(film.characters["m"].takes), type(film.sound.music[0].takes)}
    assert kinds == {int} and type(film.checks.motion) is float


def test_of_several_outfits_the_first_is_worn_with_a_warning(tmp_path: Path) -> None:
    film = tmp_path / "film.yaml"
    film.write_text(
        "film: F\ncharacters: {mara: {look: l, wardrobe: {coat: c, suit: s}}}\n"
        "shots: [{action: a, characters: [mara]}]\n"
    )
    loaded = load(film)
    (shot,) = loaded.variants[0].shots()
    assert shot.characters[0].outfit == "coat"
    (warning,) = loaded.warnings
    assert "'coat'" in warning.message
    assert warning.code == "outfit"


@pytest.mark.parametrize("ending", ["fade", "fade 12f", "dip"])
def test_a_film_may_end_in_a_fade(tmp_path: Path, ending: str) -> None:
    film = tmp_path / "film.yaml"
    film.write_text(f"film: F\nshots: [a, {{action: b, transition: {ending}}}]\n")
    *_, last = load(film).variants[0].shots()
    assert last.transition is not None


def test_a_dissolve_into_nothing_is_a_cut_with_a_warning(tmp_path: Path) -> None:
    film = tmp_path / "film.yaml"
    film.write_text("film: F\nshots: [a, {action: b, transition: dissolve 12f}]\n")
    (warning,) = load(film).warnings
    assert "ends with a cut" in warning.message
    assert (warning.place.line, warning.place.column) == (2, 36)


def test_a_bare_name_of_a_sound_file_is_a_file(tmp_path: Path) -> None:
    film = tmp_path / "film.yaml"
    film.write_text("film: F\nshots: [a]\nsound: {music: score.mp3}\n")
    with pytest.raises(ManifestError, match=r"score\.mp3"):
        load(film)
    (tmp_path / "score.mp3").write_bytes(b"ID3")
    (music,) = load(film).variants[0].sound.music
    assert (music.file, music.make) == ("score.mp3", "")
