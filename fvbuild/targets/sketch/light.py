"""Light and colour: which palette a shot's words ask for, and how a look bends it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fvbuild.resources import template
from fvbuild.targets.sketch import words
from fvbuild.targets.sketch.words import Rgb, hex_rgb

_FALLBACK = "cinematic"
_BY_STYLE = {"noir": "noir", "commercial": "studio", "documentary": "overcast"}
_LAMPS = ("lamp", "lamps", "lantern", "candle", "fire", "torch", "lamplight")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one light. ``sun`` is its height over the horizon as a fraction of the sky
    from its top (negative: none in sight), ``front`` how much of a face the key light reaches."""

    sky_top: Rgb
    sky_low: Rgb
    light: Rgb
    far: Rgb
    mid: Rgb
    near: Rgb
    ambient: Rgb
    key: Rgb
    accent: Rgb
    sun: float
    front: float
    stars: bool


@dataclass(frozen=True, slots=True)
class Lit:
    """What the words of a shot ask of the light: a palette's name, looks that bend it, grain."""

    palette: str
    looks: tuple[str, ...]
    grainy: bool


@cache
def _table() -> Mapping[str, Mapping[str, object]]:
    loaded: dict[str, dict[str, object]] = json.loads(
        template("sketch/palettes.json").read_text(encoding="utf-8")
    )
    return loaded


@cache
def palette(name: str) -> Palette:
    """A palette by name (``templates/sketch/palettes.json``)."""
    entry = _table().get(name, _table()[_FALLBACK])
    colours = {key: hex_rgb(value) for key, value in entry.items() if isinstance(value, str)}
    sun, front = entry["sun"], entry["front"]
    assert isinstance(sun, int | float) and isinstance(front, int | float)
    return Palette(**colours, sun=float(sun), front=float(front), stars=bool(entry["stars"]))


def choose(time: str, lighting: str, style: str, look: str, spoken: str, *, indoors: bool) -> Lit:
    """The light of a shot: the time of day says most, then lighting, style, look, and prose."""
    name = _BY_STYLE["noir"] if style == "noir" else ""
    for text in (time, lighting, look, spoken):
        name = name or _named(text)
    name = name or _BY_STYLE.get(style, "") or _named(style) or _FALLBACK
    strong = _named(lighting)
    if strong in ("neon", "lamp", "studio", "noir") and name in ("night", "dusk", "day"):
        name = strong
    lamplit = words.says(f"{lighting}; {look}; {spoken}", _LAMPS)
    if indoors and lamplit and not time and style != "noir":
        name = "lamp"
    looked = f"{look}; {lighting}"
    return Lit(
        palette=name,
        looks=tuple(sorted({hit.name for hit in words.hits(looked, "looks")})),
        grainy=words.says(f"{look}; {style}", words.phrases("grainy")),
    )


def _named(text: str) -> str:
    if not text:
        return ""
    found = [
        (match, name)
        for name, entry in _table().items()
        if name != _FALLBACK and (match := _first_word(text, entry["words"])) is not None
    ]
    return min(found)[1] if found else ""


def _first_word(text: str, phrases: object) -> int | None:
    assert isinstance(phrases, list)
    lowered = text.lower()
    places = [lowered.find(phrase) for phrase in phrases if words.says(lowered, (phrase,))]
    return min(places) if places else None


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """The colour ``share`` of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def scaled(colour: Rgb, factor: float) -> Rgb:
    """A colour darkened (below 1) or brightened."""
    red, green, blue = (max(0, min(255, round(part * factor))) for part in colour)
    return red, green, blue


def lit(colour: Rgb, under: Palette, share: float) -> Rgb:
    """A surface's own colour as it looks with ``share`` of the key light, the rest ambient."""
    falling = mix(under.ambient, under.key, share)
    red, green, blue = (round(c * f / 255) for c, f in zip(colour, falling, strict=True))
    return red, green, blue
