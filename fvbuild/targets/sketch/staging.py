"""From the fields of a shot to a :class:`Scene`: who stands where, how large, under which sky.

Shot sizes follow the film-school table: a full shot holds a person from head to foot, a medium
cuts at the hip, a close-up holds the face. Heights are the standing figure's over the picture's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fvbuild.engine.digest import Json
from fvbuild.targets.sketch import blocking, light, words
from fvbuild.targets.sketch.framing import (
    FRAMINGS,
    HORIZON,
    NORMAL_LENS_MM,
    ROLL_DEGREES,
    TAPER,
    lens_mm,
    nearest_angle,
    nearest_size,
)
from fvbuild.targets.sketch.scene import Scene

_BY_THE_SEA = ("lighthouse", "beacon", "rock", "reef", "gull", "gulls", "island")


@dataclass(frozen=True, slots=True)
class Fields:
    """The composition of a shot as it was handed over, with every absent field made plain."""

    size: str
    angle: str
    lens: str
    time: str
    lighting: str
    style: str
    look: str
    location: str
    people: tuple[tuple[str, str], ...]
    props: tuple[str, ...]
    overlay: bool

    @classmethod
    def read(cls, value: Mapping[str, Json]) -> Fields:
        """From ``params["composition"]``; unknown sizes and angles become the ordinary ones."""
        size, angle = _text(value, "size"), _text(value, "angle")
        return cls(
            size=size if size in FRAMINGS else nearest_size(size),
            angle=angle if angle in HORIZON else nearest_angle(angle),
            lens=_text(value, "lens"),
            time=_text(value, "time"),
            lighting=_text(value, "lighting"),
            style=_text(value, "style"),
            look=_text(value, "look"),
            location=_look_of(value.get("location")),
            people=tuple(
                (_look_of(one), _text(one, "outfit"))
                for one in _list(value.get("characters"))
                if isinstance(one, dict)
            ),
            props=tuple(filter(None, (_look_of(one) for one in _list(value.get("props"))))),
            overlay=value.get("overlay", True) is not False,
        )


def _text(value: Mapping[str, Json], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _look_of(value: Json) -> str:
    return _text(value, "look") if isinstance(value, dict) else ""


def stage(
    value: Mapping[str, Json], caption: str, canvas: tuple[int, int], seed: int, *, empty: bool
) -> Scene:
    """The scene of a shot.

    ``caption`` supplies what the fields leave open and what the figures do. ``empty`` leaves the
    people out (a plate). ``seed`` varies framing and clouds, never who or where.
    """
    fields = Fields.read(value)
    caption = _told(caption, fields)
    lot = words.dice("take", seed, fields.size)
    scene = _setting(fields, caption, canvas, seed)
    if empty:
        return replace(scene, blur=0.0, zoom=1.0)
    people = blocking.people_in(fields.people, caption)
    things = blocking.things_in(fields.props, caption)
    return blocking.block(scene, people, things, caption, lot)


def _place_in(location: str) -> str:
    """The kind of place that a location's words name first."""
    found = words.hits(location, "places")
    return found[0].name if found else ""


def _told(caption: str, fields: Fields) -> str:
    """What a caption tells beside the fields: who wears what is no action, nor is a style."""
    known = [
        *(text for person in fields.people for text in person),
        *fields.props,
        fields.location, fields.time, fields.lighting, fields.look, fields.style, fields.lens,
        *words.phrases("neutral"),
    ]  # fmt: skip
    told = caption.lower()
    for text in sorted(filter(None, known), key=lambda one: -len(one)):
        told = told.replace(text.lower(), " ")
    return told


def _setting(fields: Fields, caption: str, canvas: tuple[int, int], seed: int) -> Scene:
    """Everything but people and props."""
    framing = FRAMINGS[fields.size]
    spoken = f"{fields.location}; {caption}" if fields.location else caption
    stretch = (lens_mm(fields.lens) / NORMAL_LENS_MM) ** 0.5
    place = _place_in(fields.location) or words.first(caption, "places") or "open"
    if place == "open" and words.says(spoken, _BY_THE_SEA):
        place = "sea"
    lit = light.choose(
        fields.time, fields.lighting, fields.style, fields.look, spoken,
        indoors=place in words.phrases("indoors"),
    )  # fmt: skip
    lot = words.dice("place", fields.location or place)
    side = lot.choice((0.24, 0.72, 0.76))
    return Scene(
        width=canvas[0],
        height=canvas[1],
        size=fields.size,
        angle=fields.angle,
        lens=fields.lens,
        palette=lit.palette,
        style=fields.style,
        horizon=HORIZON[fields.angle] + (0.02 if framing.height > 1.4 else 0.0),
        zoom=round(framing.behind * min(2.0, max(0.6, stretch)), 4),
        blur=round(framing.blur * min(2.6, max(0.4, stretch**1.6)), 5),
        light_x=side,
        place=place,
        place_seed=words.seed_of("place", fields.location or place) % 2**31,
        seed=seed,
        roll=ROLL_DEGREES if fields.angle == "dutch" else 0.0,
        taper=TAPER.get(fields.angle, 0.0),
        looks=lit.looks,
        extras=tuple(sorted(words.named(spoken, "extras"))),
        weather=tuple(
            sorted({hit.name for hit in words.hits(f"{spoken}; {fields.lighting}", "weather")})
        ),
        tint=words.any_colour(fields.location),
        grainy=lit.grainy,
        overlay=fields.overlay,
    )
