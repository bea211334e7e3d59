"""From words to a person: age, build, hair and clothes of a figure, the same in every shot.

What the words leave open is drawn by lot, and the lot is decided by the look's own words, so a
character keeps its silhouette wherever it appears.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from fvbuild.targets.sketch.light import scaled
from fvbuild.targets.sketch.words import (
    Rgb,
    age_in,
    any_colour,
    colour_before,
    colour_named,
    dice,
    first,
    hits,
    phrases,
    says,
    seed_of,
    table,
)

_SKINS: tuple[Rgb, ...] = (
    (226, 184, 156),
    (214, 166, 134),
    (196, 146, 112),
    (166, 118, 86),
    (128, 86, 62),
    (92, 62, 48),
)
_CLOTHS: tuple[Rgb, ...] = (
    (64, 82, 104),
    (110, 62, 58),
    (74, 92, 80),
    (96, 84, 104),
    (122, 104, 74),
    (58, 66, 78),
    (140, 96, 66),
)
_ELDERLY_YEARS = 62
_CHILD_YEARS = 13


@dataclass(frozen=True, slots=True)
class Person:
    """What of a figure its words decide, wherever it stands and whatever it does."""

    seed: int
    age: int
    gender: str
    build: float
    tall: float
    hair: str
    hair_colour: Rgb
    skin: Rgb
    hat: str
    hat_colour: Rgb
    garment: str
    colour: Rgb
    second: Rgb
    glasses: bool
    beard: bool
    scar: bool
    scarf: Rgb | None


def cast(look: str, outfit: str = "") -> Person:
    """The person that a look and an outfit describe; either may be empty."""
    lot = dice("person", look)
    words = f"{look}; {outfit}" if outfit else look
    age = age_in(look)
    gender = _gender(look)
    years = 35 if age is None else age
    garment, colour, second = _clothes(outfit or look, gender, dice("clothes", look, outfit))
    hat, hat_colour = _hat(words)
    hair, hair_colour = _hair(look, gender, years, lot)
    return Person(
        seed=seed_of("figure", look) % 2**31,
        age=years,
        gender=gender,
        build=_build(look) * (1 + lot.uniform(-0.04, 0.04)),
        tall=_stature(look, gender, years),
        hair=hair,
        hair_colour=hair_colour,
        skin=_skin(look, lot),
        hat=hat,
        hat_colour=hat_colour,
        garment=garment,
        colour=colour,
        second=second,
        glasses=says(words, ("glasses", "spectacles", "sunglasses", "goggles")),
        beard=says(look, ("beard", "bearded", "stubble", "moustache", "mustache")),
        scar=says(look, ("scar", "scarred")),
        scarf=_scarf(words, colour),
    )


def _gender(look: str) -> str:
    female = says(look, phrases("female"))
    male = says(look, phrases("male"))
    if female == male:
        return ""
    return "f" if female else "m"


def _build(look: str) -> float:
    if says(look, phrases("wide_build")):
        return 1.16
    return 0.9 if says(look, phrases("slim_build")) else 1.0


_HEIGHT_BY_AGE = ((1, 0.46), (4, 0.60), (7, 0.70), (9, 0.755), (12, 0.86), (15, 0.95), (18, 1.0))


def _stature(look: str, gender: str, age: int) -> float:
    grown = _HEIGHT_BY_AGE[-1][1]
    for (age0, tall0), (age1, tall1) in itertools.pairwise(_HEIGHT_BY_AGE):
        if age <= age1:
            grown = tall0 + (tall1 - tall0) * max(0, age - age0) / (age1 - age0)
            break
    if age > _ELDERLY_YEARS:
        grown *= 0.97
    if gender == "f" and age >= _CHILD_YEARS:
        grown *= 0.95
    if says(look, phrases("tall")):
        grown *= 1.07
    elif says(look, phrases("short")):
        grown *= 0.92
    return grown


def _skin(look: str, lot: object) -> Rgb:
    from random import Random

    assert isinstance(lot, Random)
    drawn = lot.choice(_SKINS[:4])
    if says(look, phrases("dark_skin")):
        return _SKINS[5] if drawn in _SKINS[:2] else _SKINS[4]
    if says(look, phrases("tan_skin")):
        return _SKINS[3]
    if says(look, phrases("pale_skin")):
        return (236, 204, 182)
    return drawn


_LENGTH = re.compile(r"\b(long|short)\b(?:[ ,]+\w+){0,2}[ ]+(?:hair|braids?|curls)\b")
_HAIR_NOUN = re.compile(
    r"\b(hair|curls|curly|bob|bun|beard|braids?|ponytail|plaits?|afro|ringlets|pixie|locks)\b"
)


def _hair(look: str, gender: str, age: int, lot: object) -> tuple[str, Rgb]:
    from random import Random

    assert isinstance(lot, Random)
    style = first(look, "hair")
    length = _LENGTH.search(look.lower())
    if length and style in ("", "short"):
        style = length[1]
    if not style:
        choices = ("short", "cropped") if gender == "m" else ("bob", "bun", "long")
        style = lot.choice(choices) if gender else "bob"
        if age < _CHILD_YEARS and gender == "m":
            style = "short"
    noun = _HAIR_NOUN.search(look.lower())
    colour = colour_before(look, noun.start()) if noun else None
    hair_words = {"blond", "blonde", "ginger", "auburn", "brunette"}
    if colour is None:
        named = [hit.name for hit in hits(look, "colours") if hit.name in hair_words]
        colour = colour_named(named[0]) if named else None
    natural: tuple[Rgb, ...] = ((38, 32, 32), (62, 44, 34), (92, 64, 44), (146, 106, 66))
    drawn = lot.choice(natural)
    if says(look, phrases("dark_skin")):
        drawn = natural[0]
    if colour is None and age > _ELDERLY_YEARS:
        colour = (176, 176, 178)
    return style, colour or drawn


def _hat(words: str) -> tuple[str, Rgb]:
    found = hits(words, "hats")
    if not found:
        return "", (60, 60, 66)
    hit = found[0]
    return hit.name, colour_before(words, hit.at) or (54, 58, 70)


def _scarf(words: str, cloth: Rgb) -> Rgb | None:
    """The colour of a scarf; one that has none of its own stands out from the cloth."""
    noun = re.search(rf"\b(?:{'|'.join(phrases('scarves'))})\b", words.lower())
    if noun is None:
        return None
    own = colour_before(words, noun.start())
    return own or scaled(cloth, 0.62 if sum(cloth) > 240 else 1.7)


def _clothes(words: str, gender: str, lot: object) -> tuple[str, Rgb, Rgb]:
    """Garment, its colour, and the colour of what is worn with it (legs, shirt)."""
    from random import Random

    assert isinstance(lot, Random)
    drawn, below = lot.choice(_CLOTHS), lot.choice(((44, 48, 58), (58, 54, 56), (52, 60, 74)))
    found = hits(words, "garments")
    legs = _legs_colour(words)
    if not found:
        garment = lot.choice(("coat", "jacket", "dress") if gender == "f" else ("coat", "jacket"))
        return garment if gender else "coat", drawn, legs or below
    main = next((hit for hit in found if hit.name == "apron"), found[0])
    if main.name == "apron":
        cloth = colour_before(words, main.at) or (188, 176, 152)
        shirt = next((hit for hit in found if hit.name != "apron"), None)
        under = colour_before(words, shirt.at) if shirt else None
        return "apron", under or (226, 222, 212), cloth
    colour = colour_before(words, main.at)
    if colour is None and main.name == "coat" and "oilskin" in words.lower():
        colour = colour_named("yellow")
    if colour is None and len(words) < 60:
        colour = any_colour(words[: main.at])
    defaults = {"suit": (60, 64, 74), "robe": (96, 78, 70)}
    second = legs
    if second is None and main.name == "suit":
        second = (226, 224, 218)
    return main.name, colour or defaults.get(main.name, drawn), second or below


def _legs_colour(words: str) -> Rgb | None:
    lowered = words.lower()
    for noun in table("garments").get("legs", phrases("legs")):
        at = lowered.find(noun)
        if at >= 0:
            return colour_before(words, at) or (colour_named("denim") if noun == "jeans" else None)
    return None
