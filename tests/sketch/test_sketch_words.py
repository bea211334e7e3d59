"""What is read from film prose, and what a person's words make of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from drawing_studio import MARA, TEO, fields

from fvbuild.film.vocabulary import built_in
from fvbuild.targets.sketch import camera, framing, light, words
from fvbuild.targets.sketch.blocking import thing_of
from fvbuild.targets.sketch.casting import cast
from fvbuild.targets.sketch.scene import Scene
from fvbuild.targets.sketch.staging import stage

OTTO = {"look": "stout man of 70, white beard", "outfit": "black suit"}


def staged(
    caption: str = "she waits", canvas: tuple[int, int] = (1280, 720), **changed: object
) -> Scene:
    return stage(fields(**changed), caption, canvas, 1, empty=False)


@pytest.mark.parametrize(
    ("look", "years"),
    [("woman of 60", 60), ("boy of 9", 9), ("an 8-year-old girl", 8), ("man aged 41", 41),
     ("an elderly sailor", 70), ("a schoolboy", 9), ("a tall captain", None)],
)  # fmt: skip
def test_an_age_is_read_from_number_or_word(look: str, years: int | None) -> None:
    assert words.age_in(look) == years


@pytest.mark.parametrize(
    ("look", "hair", "colour"),
    [("woman of 60, cropped grey hair", "cropped", "grey"), ("boy, black curls", "curls", "black"),
     ("woman of 60, long grey hair", "long", "grey"), ("man, bald", "bald", None),
     ("woman of 40, dark bun", "bun", "dark"), ("girl with a blond ponytail", "ponytail", "blond")],
)  # fmt: skip
def test_hair_is_read_with_its_own_colour(look: str, hair: str, colour: str | None) -> None:
    person = cast(look, "red coat")
    assert person.hair == hair
    if colour:
        assert person.hair_colour == words.colour_named(colour)


@pytest.mark.parametrize(
    ("outfit", "garment", "colour", "hat"),
    [("yellow oilskin and navy cap", "coat", "yellow", "cap"), ("red parka", "parka", "red", ""),
     ("charcoal suit", "suit", "charcoal", ""), ("emerald dress", "dress", "emerald", ""),
     ("a brown robe, black hood", "robe", "brown", "hood")],
)  # fmt: skip
def test_clothes_and_hat_keep_their_own_colours(
    outfit: str, garment: str, colour: str, hat: str
) -> None:
    person = cast("woman of 30", outfit)
    assert (person.garment, person.colour, person.hat) == (garment, words.colour_named(colour), hat)


def test_each_word_colours_only_what_it_stands_before() -> None:
    person = cast("man", "yellow oilskin and navy cap")
    assert person.hat_colour == words.colour_named("navy")
    assert person.colour == words.colour_named("yellow")


def test_a_person_is_the_same_in_every_shot() -> None:
    wide = staged(size="wide").figures[0]
    close = staged(size="close-up", time="night", caption="she smiles").figures[0]
    for name in ("seed", "hair", "hair_colour", "skin", "garment", "colour", "hat", "build"):
        assert getattr(wide, name) == getattr(close, name)


def test_a_boy_is_smaller_than_a_woman() -> None:
    both = staged(size="wide", characters=[MARA, TEO]).figures
    assert both[1].height < 0.85 * both[0].height


def test_an_action_alone_brings_somebody_in() -> None:
    scene = staged("a keeper climbs a spiral stair with a lantern", characters=[], location=None)
    assert (scene.place, len(scene.figures)) == ("stairs", 1)
    assert (scene.figures[0].pose, scene.figures[0].holding) == ("climb", "lantern")


def test_the_keeper_of_one_shot_is_the_she_of_the_next() -> None:
    first = staged("a keeper climbs a spiral stair", characters=[], location=None).figures[0]
    second = staged("she lights the lamp", characters=[], location=None).figures[0]
    for name in ("seed", "hair", "hair_colour", "skin", "garment", "colour"):
        assert getattr(first, name) == getattr(second, name)


def test_a_place_without_anybody_stays_empty() -> None:
    assert not staged("fog rolls over the rocks", characters=[]).figures


def test_point_of_view_leaves_out_who_sees() -> None:
    assert not staged(size="POV").figures
    assert len(staged(size="POV", characters=[MARA, TEO]).figures) == 1


def test_over_the_shoulder_has_somebody_before_us() -> None:
    scene = staged(size="over-the-shoulder", characters=[MARA, TEO])
    assert scene.shoulder is not None and scene.shoulder.back
    assert scene.shoulder.colour == words.colour_named("red")
    assert scene.figures[0].colour == words.colour_named("yellow")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", ["two-shot", "medium", "full", "wide", "extreme wide"])
def test_people_stand_from_left_to_right_as_they_are_listed(size: str, seed: int) -> None:
    for cast_ in ([MARA, TEO], [TEO, MARA], [TEO, MARA, OTTO], [OTTO, TEO, MARA, TEO, MARA, OTTO]):
        told = fields(size=size, characters=cast_)
        figures = stage(told, "they talk", (1280, 720), seed, empty=False).figures
        assert [one.seed for one in figures] == [_seed_of(one) for one in cast_]
        places = [one.x for one in figures]
        assert places == sorted(places) and len(set(places)) == len(cast_)
    one, other = stage(fields(size=size, characters=[MARA, TEO]), "", (1280, 720), seed,
                       empty=False).figures  # fmt: skip
    assert one.face > 0 > other.face, "they look at each other"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("caption", "left"), [("", True), ("she looks right", True), ("she gazes to the left", False)]
)
def test_who_is_seen_over_a_shoulder_stands_left_unless_they_look_left(
    caption: str, left: bool, seed: int
) -> None:
    told = fields(size="over-the-shoulder", characters=[MARA, TEO])
    scene = stage(told, caption, (1280, 720), seed, empty=False)
    assert scene.shoulder is not None
    assert (scene.figures[0].x < scene.shoulder.x) is left
    assert (scene.figures[0].face > 0) is left, "looking across, past the shoulder"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", ["close-up", "medium", "full"])
def test_who_is_alone_looks_where_the_caption_says(size: str, seed: int) -> None:
    for caption, sign in (("she looks right", -1), ("she stares off to the left", 1)):
        (figure,) = stage(fields(size=size), caption, (1280, 720), seed, empty=False).figures
        assert (figure.x - 0.5) * sign > 0 > figure.face * sign


@pytest.mark.parametrize(
    "look",
    ["large salon, grand piano, tall curtains", "parlour", "a study", "library", "office",
     "kitchen", "hall", "corridor", "wine cellar", "attic", "studio", "flower shop", "bar", "cafe",
     "restaurant", "theatre", "church", "classroom", "hospital", "cabin", "cockpit", "ballroom",
     "hotel lobby", "bookshop", "courtroom", "basement", "museum", "great hall", "tavern"],
)  # fmt: skip
def test_a_word_for_what_is_indoors_gives_a_room(look: str) -> None:
    assert staged(location={"look": look}).place in words.phrases("indoors")


def _seed_of(person: dict[str, str]) -> int:
    return cast(person["look"], person["outfit"]).seed


def test_an_insert_shows_the_prop_large_and_held() -> None:
    scene = staged(size="insert", props=[{"look": "torn pink ticket"}])
    assert scene.things[0].in_hand and scene.things[0].height > 0.4
    assert scene.things[0].kind == "ticket"
    assert scene.things[0].colour == words.colour_named("pink")


def test_an_unknown_prop_is_a_plain_object() -> None:
    assert thing_of("a shimmering quux").kind == "object"


def test_what_people_wear_is_no_action_of_theirs() -> None:
    walker = {"look": "man who walks with a stick", "outfit": "running shoes"}
    scene = staged(f"He waits. {walker['look']}, wearing {walker['outfit']}.", characters=[walker])
    assert scene.figures[0].pose == "stand"


def test_height_grows_with_the_shot_size() -> None:
    sizes = ["extreme wide", "wide", "full", "medium wide", "medium", "medium close-up", "close-up",
             "extreme close-up"]  # fmt: skip
    heights = [staged(size=size).figures[0].height for size in sizes]
    assert heights == sorted(heights) and heights[-1] > 20 * heights[0]


def test_the_horizon_follows_the_angle() -> None:
    horizon = {angle: staged(angle=angle).horizon for angle in ("high", "eye", "low", "worm")}
    assert horizon["high"] < horizon["eye"] < horizon["low"] < horizon["worm"]
    assert staged(angle="dutch").roll and staged(angle="overhead").horizon < 0


def test_a_longer_lens_magnifies_and_blurs_what_is_behind() -> None:
    short, long = staged(size="medium", lens="24mm"), staged(size="medium", lens="85mm")
    assert long.zoom > 1.3 * short.zoom and long.blur > 1.5 * short.blur


@pytest.mark.parametrize(("lens", "mm"), [("35mm", 35), ("85 mm", 85), ("50", 50), ("fisheye", 10),
                                          ("", 35), ("no such lens", 35)])  # fmt: skip
def test_a_lens_is_read_from_its_words(lens: str, mm: float) -> None:
    assert framing.lens_mm(lens) == mm


@pytest.mark.parametrize(
    ("time", "lighting", "style", "name"),
    [("dusk", "", "cinematic", "dusk"), ("night", "neon signs", "cinematic", "neon"),
     ("", "candlelight", "cinematic", "lamp"), ("dawn", "", "noir", "noir"),
     ("", "", "commercial", "studio"), ("", "", "cinematic", "cinematic")],
)  # fmt: skip
def test_light_follows_time_lighting_and_style(
    time: str, lighting: str, style: str, name: str
) -> None:
    lit = light.choose(time, lighting, style, "", "", indoors=False)
    assert lit.palette == name


@pytest.mark.parametrize("canvas", [(720, 1280), (1280, 536), (960, 960), (1108, 832)])
@pytest.mark.parametrize("count", [1, 2])
def test_people_stay_in_a_picture_of_any_ratio(canvas: tuple[int, int], count: int) -> None:
    scene = staged(size="medium", canvas=canvas, characters=[MARA, TEO][:count])
    aspect = canvas[0] / canvas[1]
    for figure in scene.figures:
        head = 0.055 * figure.height / aspect
        assert figure.x - head > 0 and figure.x + head < 1


def test_a_scene_survives_its_own_text() -> None:
    scene = staged(size="over-the-shoulder", characters=[MARA, TEO], props=[{"look": "a key"}])
    assert Scene.parse(scene.text()) == scene


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"renderer": 1}', '{"renderer": 1, "scene": {"width": 3}}']
)
def test_what_is_no_scene_is_none(text: str) -> None:
    assert Scene.parse(text) is None


def test_equal_looking_captions_give_one_scene() -> None:
    assert staged("Mara waits in silence") == staged("Mara waits, thoughtful")


@pytest.mark.parametrize(
    ("words_", "field", "sign"),
    [("pan left", "pan_x", -1), ("slow push in on her face", "dolly", 1), ("tilt_up", "pan_y", -1),
     ("the camera pulls back", "dolly", -1), ("glides left past the posts", "truck_x", -1),
     ("we follow her", "follow", 1), ("rises over the roofs", "truck_y", -1)],
)  # fmt: skip
def test_moves_are_read_from_vocabulary_and_free_words(words_: str, field: str, sign: int) -> None:
    move = camera.read(words_, 4.0)
    assert getattr(move.end, field) * sign > 0


@pytest.mark.parametrize("camera_words", ["", "static", "locked off, still", "  "])
def test_no_move_is_a_static_shot(camera_words: str) -> None:
    assert camera.read(camera_words, 4.0).static


def test_every_move_begins_where_the_still_stands_and_is_eased() -> None:
    for name in ("pan left", "dolly in", "crane up", "handheld", "drone", "orbit", "zoom out"):
        path = camera.read(name, 4.0).path(4.0)
        assert path(0.0) == camera.STILL
        first, middle = path(0.02).of(1.0, actor=False), path(0.5).of(1.0, actor=False)
        assert abs(first[0]) + abs(first[1]) + abs(first[2] - 1) < 0.01
        assert name == "orbit" or abs(middle[0]) + abs(middle[1]) + abs(middle[2] - 1) > 0.001


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("width", "wide"), ("horizon", None), ("figures", 3), ("seed", 2**40), ("overlay", 1),
     ("looks", 7), ("tint", ["a"]), ("place", {}), ("blur", float("inf"))],
)  # fmt: skip
def test_a_scene_of_wrong_values_is_none(name: str, wrong: object) -> None:
    value = json.loads(staged().text())
    value["scene"][name] = wrong
    assert Scene.parse(json.dumps(value)) is None


@pytest.mark.parametrize("name", ["size", "angle"])
def test_what_a_caption_says_of_a_field_is_no_action(name: str) -> None:
    """ "Looking down" is said of the camera, and "a hand" of what an insert may show."""
    for word in built_in(name).words.values():
        for action in ("a letter lies on the mat", "she waits"):
            caption = f"{word.phrase[0].upper()}{word.phrase[1:]}. {action}."
            of_field: dict[str, Any] = {name: word.name}
            with_phrase = staged(caption, **of_field)
            assert with_phrase == staged(f"{action}.", **of_field), caption
