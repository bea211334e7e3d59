"""Blocking: which people and props a picture shows, where they stand, and what they are doing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from random import Random

from fvbuild.targets.sketch import words
from fvbuild.targets.sketch.casting import Person, cast
from fvbuild.targets.sketch.framing import FRAMINGS
from fvbuild.targets.sketch.light import scaled
from fvbuild.targets.sketch.row import gap, places, stands_left, widest
from fvbuild.targets.sketch.scene import Figure, Scene, Thing

_MOST_FIGURES = 5
_NARROW = ("pier", "stairs", "corridor")


def people_in(described: Sequence[tuple[str, str]], caption: str) -> list[Person]:
    """Who is to be seen: the people given as (look, outfit), else somebody the caption mentions."""
    if described:
        return [cast(look, outfit) for look, outfit in described]
    if not words.mentions_person(caption):
        return []
    somebody = cast_from_caption(caption)
    if not words.mentions_crowd(caption):
        return [somebody]
    return [somebody, *(cast(f"passer-by {number}") for number in range(1, _MOST_FIGURES))]


def things_in(looks: Sequence[str], caption: str) -> list[Thing]:
    """The props given by their looks, else those that the caption names."""
    if looks:
        return [thing_of(look) for look in looks]
    return [
        Thing(hit.name, words.colour_before(caption, hit.at, 2) or default_colour(hit.name))
        for hit in words.hits(caption, "props")
    ]


def block(
    scene: Scene, people: Sequence[Person], things: Sequence[Thing], caption: str, lot: Random
) -> Scene:
    """The scene with its people and props in their places, doing what the caption says.

    People stand from left to right as they are listed. Who faces us alone, or past a shoulder,
    stands where they look across the picture, if the caption says whether they look left or right.
    """
    if scene.size == "insert":
        return _insert(scene, people, things, caption)
    if scene.size == "POV":
        people = people[1:]
    if scene.size == "over-the-shoulder":
        return _over_the_shoulder(scene, people, things, caption, stands_left(people, caption, lot))
    if scene.place == "lantern_room":
        things = [thing for thing in things if thing.kind != "lamp"]
    figures = _line_up(scene, people, caption, lot)
    if not figures:
        shown = tuple(replace(thing, y=0.72, height=0.30) for thing in things[:1])
        return replace(scene, things=shown)
    return replace(scene, figures=_act(figures, things, caption))


def _line_up(
    scene: Scene, people: Sequence[Person], caption: str, lot: Random
) -> tuple[Figure, ...]:
    """Everybody from left to right, later ones a step deeper, all standing on one ground."""
    if not people:
        return ()
    framing = FRAMINGS[scene.size]
    aspect = scene.width / scene.height
    count = len(people)
    height = min(framing.height, widest(framing.height, aspect, people))
    top = framing.top + (framing.height - height) * 0.22
    if words.says(caption, words.phrases("far_off")):
        height, top = height * 0.42, top + height * 0.42
    height *= 1 + lot.uniform(-0.03, 0.03)
    left = stands_left(people, caption, lot)
    alone = 0.455 if height > 3 else 0.40
    row = places(count, alone if left else 1 - alone, gap(people, height, aspect))
    wander = lot.uniform(-0.02, 0.02)
    ground = max(top + height, scene.horizon + 0.03)
    figures = []
    for number, (person, place) in enumerate(zip(people, row, strict=True)):
        x = round(place + wander, 4)
        depth = 1.0 if number == 0 else 0.90 - 0.05 * (number % 3)
        tall = person.tall if count > 1 or height < 1 else 0.5 + person.tall / 2
        size = height * tall * depth
        feet = scene.horizon + (ground - scene.horizon) * depth
        if height > 1 and count == 1:
            feet = top + size
        if scene.place in _NARROW and size < 1.3:
            x = 0.5 + (x - 0.5) * min(1.0, 1.35 * size / (tall * aspect))
        toward = 0.5 - x + (0.04 if x == 0.5 else 0)
        face = 0.62 if toward > 0 else -0.62
        figures.append(replace(figure_of(person, x, feet, size), face=face))
    return tuple(figures)


_HELD_UP = re.compile(r"\bhold(?:s|ing)?\b[^.,;]{1,30}\bup\b")
_DOING = ("climb", "run", "walk", "sit", "raise", "reach", "pocket", "hold")


def _act(figures: tuple[Figure, ...], things: Sequence[Thing], caption: str) -> tuple[Figure, ...]:
    """The figures doing what the caption says; the first one carries the first prop."""
    said = {hit.name for hit in words.hits(caption, "poses")}
    pose = next((name for name in _DOING if name in said), "stand")
    if _HELD_UP.search(caption):
        pose = "raise"
    smile = words.says(caption, words.phrases("smile"))
    mood = "smile" if smile else "sad" if words.says(caption, words.phrases("sad")) else ""
    turned = words.says(caption, words.phrases("profile"))
    away = words.says(caption, words.phrases("back_view")) and figures[0].height < 2.2
    lead = replace(
        figures[0],
        pose="hold" if things and pose == "stand" else pose,
        mood=mood,
        back=away,
        gaze_down=words.says(caption, words.phrases("look_down")),
        face=figures[0].face * (1.5 if turned else 1.0),
    )
    if things and pose != "pocket":
        lead = replace(lead, holding=things[0].kind, holding_colour=things[0].colour)
    followers = tuple(
        replace(other, pose=pose if pose in ("walk", "run") else "stand", mood=mood)
        for other in figures[1:]
    )
    return (lead, *followers)


def _over_the_shoulder(
    scene: Scene, people: Sequence[Person], things: Sequence[Thing], caption: str, left: bool
) -> Scene:
    """The first person faces us; the second, or somebody unseen, frames them from behind.

    ``left`` is where the first stands; the shoulder is on the other side.
    """
    subject = people[:1] or [cast("somebody")]
    height = min(2.0, widest(2.0, scene.width / scene.height, subject))
    facing = replace(
        figure_of(subject[0], 0.38 if left else 0.62, 0.13 + height, height),
        face=0.55 if left else -0.55,
    )
    watcher = people[1] if len(people) > 1 else cast("somebody else")
    tall = height * 1.75
    shoulder = replace(
        figure_of(watcher, 0.87 if left else 0.13, 0.02 + tall, tall), back=True, face=0.0
    )
    acted = _act((facing,), things, caption)
    return replace(scene, figures=acted, shoulder=shoulder)


def _insert(scene: Scene, people: Sequence[Person], things: Sequence[Thing], caption: str) -> Scene:
    """The prop fills the picture: lying where the caption puts it, else in somebody's hands."""
    thing = things[0] if things else Thing("object", default_colour("object"))
    framing = FRAMINGS["insert"]
    wearer = tuple(figure_of(p, 0.5, framing.top + framing.height, framing.height) for p in people)
    hands = words.says(caption, words.HANDS)
    laid = "" if hands else _laid_on(caption)
    height = min(0.56, 0.56 * scene.width / scene.height) * (0.82 if laid else 1.0)
    held = replace(
        thing,
        x=0.5,
        y=0.47,
        height=round(height, 4),
        in_hand=not laid and (bool(people) or hands),
    )
    return replace(scene, things=(held,), figures=wearer[:1] if held.in_hand else (), laid=laid)


_ON = re.compile(
    r"\b(?:on|onto|upon|across|over|against)\s+(?:the|a|an|his|her|their|its)\s+([^,.;]+)"
)
_LYING = re.compile(r"\b(?:lies|lying|laid|rests|resting|fallen|dropped)\b")


def _laid_on(caption: str) -> str:
    """What a prop lies on, by the caption: an entry of the vocabulary's ``laid``; ``""``: none."""
    for match in _ON.finditer(caption.lower()):
        found = words.hits(match[1], "laid")
        if found and found[0].at < _NEAR_LETTERS:
            return found[0].name
    return "table" if _LYING.search(caption.lower()) else ""


_NEAR_LETTERS = 24
"""How far after "on the" its noun may stand: "on the worn coir mat"."""


def cast_from_caption(caption: str) -> Person:
    """Somebody whom only the action mentions.

    Age, gender and garment words are respected; chance is not tied to the whole sentence, so that
    the keeper of one shot and the "she" of the next are one silhouette.
    """
    kept = [word for word in re.findall(r"[\w'-]+", caption.lower()) if word in _telling()]
    look = " ".join(kept)
    person = cast(look)
    anybody = cast("")
    if not words.hits(look, "garments"):
        person = replace(
            person, garment=anybody.garment, colour=anybody.colour, second=anybody.second
        )
    return replace(person, seed=anybody.seed, skin=anybody.skin)


@cache
def _telling() -> frozenset[str]:
    tables = ("garments", "hats", "hair", "colours")
    listed = {p for name in tables for entry in words.table(name).values() for p in entry}
    listed |= {"man", "boy", "girl", "child", "old", "elderly", "teen", "hair", "beard"}
    return frozenset(listed - {"bar", "habit", "mac", "dark"})


def thing_of(look: str) -> Thing:
    """The prop that a look describes; what the vocabulary lacks becomes a plain object."""
    named = words.hits(look, "props")
    kind = named[-1].name if named else "object"
    usual = default_colour(kind)
    if words.says(look, ("dark",)):
        return Thing(kind, scaled(usual, 0.62))
    return Thing(kind, words.any_colour(look) or usual)


def default_colour(kind: str) -> words.Rgb:
    """What a prop is usually coloured."""
    usual: dict[str, words.Rgb] = {
        "ticket": (226, 206, 170),
        "letter": (232, 222, 200),
        "lantern": (92, 84, 78),
        "lamp": (120, 104, 84),
        "cup": (232, 228, 220),
        "bottle": (92, 128, 112),
        "book": (118, 60, 52),
        "phone": (42, 46, 54),
        "key": (186, 148, 76),
        "flower": (198, 74, 88),
        "bag": (112, 78, 52),
        "fruit": (186, 60, 46),
        "bread": (196, 142, 84),
    }
    return usual.get(kind, (150, 132, 112))


def figure_of(person: Person, x: float, feet: float, height: float) -> Figure:
    """A person standing at a place, at a size, doing nothing yet."""
    return Figure(
        x=round(x, 4),
        feet=round(feet, 4),
        height=round(height, 4),
        seed=person.seed,
        age=person.age,
        gender=person.gender,
        build=round(person.build, 4),
        hair=person.hair,
        hair_colour=person.hair_colour,
        skin=person.skin,
        hat=person.hat,
        hat_colour=person.hat_colour,
        garment=person.garment,
        colour=person.colour,
        second=person.second,
        glasses=person.glasses,
        beard=person.beard,
        scar=person.scar,
        scarf=person.scarf,
    )
