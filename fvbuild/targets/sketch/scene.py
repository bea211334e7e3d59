"""What a sketched picture shows, fully decided: everything drawn follows from a :class:`Scene`.

A scene holds no prose, so that two texts which look the same give the same picture, byte for byte.
It travels inside the PNG (chunk :data:`CHUNK`): a clip that starts from that picture draws its
layers again from it and can move the camera among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from fvbuild.engine.digest import Json, canonical
from fvbuild.targets.sketch.identity import RENDERER
from fvbuild.targets.sketch.words import Rgb

CHUNK = "fvbuild:scene"
"""Name of the PNG text chunk that carries a scene."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One person. Sizes are fractions of the picture's height, places fractions of its sides.

    ``height`` is the standing figure's, ``feet`` where it ends (far below the picture in close
    shots), ``face`` turns the head (-1 left, 0 to us, 1 right), ``holding`` is a prop's kind.
    """

    x: float
    feet: float
    height: float
    seed: int
    age: int = 35
    gender: str = ""
    build: float = 1.0
    hair: str = "short"
    hair_colour: Rgb = (60, 45, 38)
    skin: Rgb = (214, 168, 138)
    hat: str = ""
    hat_colour: Rgb = (60, 60, 66)
    garment: str = "coat"
    colour: Rgb = (70, 74, 84)
    second: Rgb = (44, 48, 58)
    face: float = 0.0
    pose: str = "stand"
    mood: str = ""
    gaze_down: bool = False
    back: bool = False
    holding: str = ""
    holding_colour: Rgb = (220, 210, 190)
    glasses: bool = False
    beard: bool = False
    scar: bool = False
    scarf: Rgb | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """A prop standing by itself or, in an insert, held large before us."""

    kind: str
    colour: Rgb
    x: float = 0.5
    y: float = 0.5
    height: float = 0.4
    in_hand: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture. ``horizon`` is a fraction of the picture's height from its top.

    ``roll`` turns the camera in degrees, ``zoom`` magnifies what lies behind the figures, ``blur``
    softens it (fraction of the height). ``place_seed`` comes from the location's words alone.
    ``laid`` is what an insert's prop lies on, seen from above.
    """

    width: int
    height: int
    size: str
    angle: str
    lens: str
    palette: str
    style: str
    horizon: float
    zoom: float
    blur: float
    light_x: float
    place: str
    place_seed: int
    seed: int
    roll: float = 0.0
    taper: float = 0.0
    looks: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    weather: tuple[str, ...] = ()
    tint: Rgb | None = None
    grainy: bool = False
    figures: tuple[Figure, ...] = ()
    shoulder: Figure | None = None
    things: tuple[Thing, ...] = ()
    overlay: bool = True
    laid: str = ""

    def text(self, pixels: str = "") -> str:
        """This scene as the text which a picture carries; ``pixels`` is the picture's digest."""
        return canonical({"renderer": RENDERER, "scene": asdict(self), "pixels": pixels})

    @classmethod
    def parse(cls, text: str) -> Scene | None:
        """The scene in a picture's text; None when it is not one that this version draws."""
        try:
            value = json.loads(text)
            if value.get("renderer") != RENDERER:
                return None
            return _scene(value["scene"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def pixels_told(text: str) -> str:
    """The digest of pixels that a picture's text gives, or ``""``."""
    try:
        return str(json.loads(text)["pixels"])
    except (ValueError, TypeError, KeyError):
        return ""


def _scene(value: Mapping[str, Json]) -> Scene:
    plain = _known(Scene, value)
    plain["figures"] = tuple(_figure(figure) for figure in plain["figures"])
    plain["things"] = tuple(_thing(thing) for thing in plain["things"])
    plain["shoulder"] = _figure(plain["shoulder"]) if plain["shoulder"] else None
    for name in ("looks", "extras", "weather"):
        plain[name] = tuple(str(word) for word in plain[name])
    plain["tint"] = _rgb(plain["tint"]) if plain["tint"] else None
    return Scene(**plain)


def _figure(value: Mapping[str, Json]) -> Figure:
    plain = _known(Figure, value)
    for name in ("hair_colour", "skin", "hat_colour", "colour", "second", "holding_colour"):
        plain[name] = _rgb(plain[name])
    plain["scarf"] = _rgb(plain["scarf"]) if plain["scarf"] else None
    return Figure(**plain)


def _thing(value: Mapping[str, Json]) -> Thing:
    plain = _known(Thing, value)
    plain["colour"] = _rgb(plain["colour"])
    return Thing(**plain)


def _rgb(value: list[int]) -> Rgb:
    red, green, blue = (min(255, max(0, int(part))) for part in value)
    return red, green, blue


def _known(kind: type, value: Mapping[str, Json]) -> dict[str, Any]:
    """The fields of a value, each of its own type: a picture may come from anywhere."""
    known = {field.name: str(field.type) for field in fields(kind)}
    if set(value) != set(known):
        raise KeyError("another version's fields")
    for name, plain in value.items():
        allowed = _PLAIN.get(known[name])
        if allowed and (type(plain) not in allowed or not _sane(plain)):
            raise ValueError(f"{name} is no {known[name]}")
    return dict(value)


_PLAIN: Mapping[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
}
_LARGEST = 2**31


def _sane(value: Json) -> bool:
    return not isinstance(value, int | float) or abs(value) < _LARGEST
