"""Places under a roof: rooms with windows, and counters."""

from __future__ import annotations

from collections.abc import Mapping

from fvbuild.targets.sketch import sky
from fvbuild.targets.sketch.backdrop import BACK, Backdrop, Place, plaster
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.sheet import Layer, ramp
from fvbuild.targets.sketch.shelves import oven, shelf
from fvbuild.targets.sketch.words import Rgb

WALL_DEPTH = 0.34


def wall(drop: Backdrop) -> Layer:
    """The wall as the layer that covers all, brighter where the light comes from."""
    view, under = drop.view, drop.under
    tone = plaster(drop)
    width, height = view.paper
    top, foot = view.pixel(0, -0.1)[1], view.pixel(0, drop.foot(BACK))[1]
    image = ramp(
        (width, height), ((top, scaled(tone, 0.62)), (top + (foot - top) * 0.55, tone),
                          (foot, scaled(tone, 0.78)))
    )  # fmt: skip
    x, y = (round(value) for value in view.pixel(drop.sun, 0.30))
    image = sky.shine(image, x, y, round(view.height * 0.62), mix(under.key, tone, 0.5), 0.34, 1.5)
    return Layer(image, -view.left, -view.top, WALL_DEPTH)


def boards(drop: Backdrop, tone: Rgb) -> None:
    """The floor, from the back wall to us."""
    left, _, right, bottom = drop.ground.span
    top = drop.foot(BACK)
    drop.ground.box(left, top, right, bottom + 0.02, tone)
    drop.ground.shade(top, bottom, scaled(tone, 0.6), 0.8)
    step = drop.person(1.0) * 0.17
    last = (bottom - drop.horizon) / max(1e-6, drop.foot(1) - drop.horizon)
    for index in range(-30, 31):
        drop.ground.line(
            [(index * step * BACK, top), (index * step * last, bottom)], scaled(tone, 0.68), 0.003
        )
    skirting = scaled(plaster(drop), 0.6)
    high = drop.person(BACK) * 0.07
    drop.ground.box(left, top - high, right, top, skirting)
    drop.indoors = True


def window(drop: Backdrop, x: float, wide: float, sill: float, head: float) -> None:
    """A window in the back wall; sill and head in persons over the floor."""
    under, foot, person = drop.under, drop.foot(BACK), drop.person(BACK)
    left, right = x - wide * person / 2, x + wide * person / 2
    top, bottom = foot - head * person, foot - sill * person
    steps = 14
    foggy = "fog" in drop.scene.weather
    for index in range(steps):
        tone = mix(under.sky_top, under.sky_low, index / steps)
        tone = mix(tone, (190, 198, 198), 0.35) if foggy else tone
        row = top + (bottom - top) * index / steps
        drop.far.box(left, row, right, row + (bottom - top) / steps + 0.002, tone)
    if not foggy:
        hill = mix(under.far, under.mid, 0.5)
        drop.far.polygon(
            [(left, bottom), (left, bottom - 0.2 * (bottom - top)),
             (x, bottom - 0.30 * (bottom - top)), (right, bottom - 0.16 * (bottom - top)),
             (right, bottom)], hill,
        )  # fmt: skip
    frame = mix(plaster(drop), (240, 236, 226), 0.35)
    bar = person * 0.035
    for at in (left, x, right):
        drop.far.box(at - bar / 2, top - bar, at + bar / 2, bottom + bar, frame)
    for row in (top, (top + bottom) / 2, bottom):
        drop.far.box(left - bar, row - bar / 2, right + bar, row + bar / 2, frame)
    drop.far.box(
        left - bar * 2, bottom + bar * 0.4, right + bar * 2, bottom + bar * 1.6, scaled(frame, 0.8)
    )
    bright = under.stars and drop.scene.palette == "lamp"
    drop.lamp_glow(
        x,
        (top + bottom) / 2,
        person * wide * (0.10 if bright else 0.22),
        mix(under.sky_low, under.light, 0.5),
        far=True,
    )


def _pendant(drop: Backdrop, x: float, share: float) -> None:
    person, foot = drop.person(share), drop.foot(share)
    bulb = foot - person * 1.62
    drop.mid.line([(x, -0.6), (x, bulb)], scaled(drop.under.near, 0.6), 0.004)
    shade = mix(drop.under.near, (30, 28, 30), 0.4)
    wide = person * 0.15
    drop.mid.polygon([(x - wide * 0.3, bulb - wide * 0.7), (x + wide * 0.3, bulb - wide * 0.7),
                      (x + wide, bulb), (x - wide, bulb)], shade)  # fmt: skip
    drop.mid.oval(x, bulb, wide * 0.8, wide * 0.12, mix(drop.under.accent, (255, 255, 255), 0.6))
    drop.lamp_glow(x, bulb + wide * 0.1, person * 0.20)


def _table(drop: Backdrop, x: float, share: float, wide: float, tone: Rgb) -> None:
    person, foot = drop.person(share), drop.foot(share)
    top = foot - person * 0.44
    half = wide * person / 2
    drop.mid.box(x - half, top, x + half, top + person * 0.035, tone)
    drop.mid.line([(x - half, top), (x + half, top)], mix(tone, drop.under.key, 0.5), 0.003)
    for side in (-1, 1):
        leg = x + side * half * 0.88
        drop.mid.box(leg - person * 0.02, top, leg + person * 0.02, foot, scaled(tone, 0.7))


def room(drop: Backdrop) -> None:
    """A room: a window, a picture, a lamp over a table."""
    boards(drop, mix(scaled(plaster(drop), 0.55), (104, 74, 52), 0.4))
    side = 1 if drop.sun >= 0 else -1
    aspect = drop.view.aspect
    window(drop, side * min(0.42, aspect * 0.27), 0.8, 0.62, 1.5)
    person, foot = drop.person(BACK), drop.foot(BACK)
    x = -side * min(0.50, aspect * 0.30)
    frame = scaled(plaster(drop), 0.45)
    drop.far.box(
        x - person * 0.2, foot - person * 1.3, x + person * 0.2, foot - person * 1.02, frame
    )
    drop.far.box(
        x - person * 0.17, foot - person * 1.27, x + person * 0.17, foot - person * 1.05,
        mix(drop.under.sky_low, drop.under.mid, 0.5),
    )  # fmt: skip
    _table(drop, x * 0.9, 0.72, 0.85, mix(drop.under.near, (112, 80, 56), 0.45))
    _pendant(drop, x * 0.9, 0.70)


def kitchen(drop: Backdrop) -> None:
    """A kitchen: tiles, a worktop along the wall, shelves, a window."""
    room_tone = mix(scaled(plaster(drop), 0.55), (120, 112, 104), 0.4)
    boards(drop, room_tone)
    side = 1 if drop.sun >= 0 else -1
    window(drop, side * 0.34, 0.7, 0.75, 1.45)
    shelf(drop, -side * 0.46, 2, "crockery")
    left, _, right, _ = drop.far.span
    person, foot = drop.person(BACK), drop.foot(BACK)
    front = mix(plaster(drop), drop.under.near, 0.45)
    drop.far.box(left, foot - person * 0.52, right, foot + 0.3, front)
    drop.far.box(
        left, foot - person * 0.56, right, foot - person * 0.52, mix(front, drop.under.key, 0.45)
    )
    for index in range(-6, 7):
        drop.far.line(
            [(index * person * 0.36, foot - person * 0.5), (index * person * 0.36, foot)],
            scaled(front, 0.72), 0.003,
        )  # fmt: skip


def bakery(drop: Backdrop) -> None:
    """A bakery: the brick oven, shelves of loaves, a counter with more of them."""
    boards(drop, mix(scaled(plaster(drop), 0.55), (132, 108, 84), 0.4))
    side = 1 if drop.sun >= 0 else -1
    oven(drop, side * 0.52)
    for x in (-side * 0.36, -side * 0.98):
        shelf(drop, x, 3, "loaves")
    _counter(drop, 0.56)


def cafe(drop: Backdrop) -> None:
    """A bar: shelves of bottles, a counter, lamps in a row."""
    boards(drop, mix(scaled(plaster(drop), 0.5), (96, 66, 46), 0.45))
    for x in (-0.62, 0.0, 0.62):
        shelf(drop, x, 3, "bottles")
    _counter(drop, 0.60)
    for x in (-0.55, -0.08, 0.40):
        _pendant(drop, x, 0.62)


def _counter(drop: Backdrop, high: float) -> None:
    """A wooden counter across the room, as high as a share of a person."""
    left, _, right, _ = drop.mid.span
    person, foot = drop.person(0.72), drop.foot(0.72)
    wood = mix(drop.under.near, (124, 82, 52), 0.5)
    top = foot - person * high
    drop.mid.box(left, top, right, foot, wood)
    drop.mid.box(left, top - person * 0.05, right, top, mix(wood, drop.under.key, 0.45))
    for index in range(-8, 9):
        x = index * person * 0.3
        drop.mid.line([(x, top + person * 0.03), (x, foot)], scaled(wood, 0.72), 0.004)


def office(drop: Backdrop) -> None:
    """Shelves of books, a desk with a lamp, a tall window."""
    boards(drop, mix(scaled(plaster(drop), 0.5), (90, 72, 60), 0.4))
    side = 1 if drop.sun >= 0 else -1
    window(drop, side * 0.46, 0.62, 0.4, 1.6)
    for x in (-side * 0.20, -side * 0.80):
        shelf(drop, x, 4, "books")
    _table(drop, side * 0.30, 0.78, 1.1, mix(drop.under.near, (104, 72, 50), 0.45))
    person, foot = drop.person(0.78), drop.foot(0.78)
    x, top = side * 0.30 + person * 0.3, foot - person * 0.44
    drop.mid.line([(x, top), (x, top - person * 0.18)], scaled(drop.under.near, 0.6), 0.006)
    drop.mid.polygon(
        [(x - person * 0.05, top - person * 0.27), (x + person * 0.05, top - person * 0.27),
         (x + person * 0.11, top - person * 0.17), (x - person * 0.11, top - person * 0.17)],
        mix(drop.under.accent, (255, 255, 255), 0.3),
    )  # fmt: skip
    drop.lamp_glow(x, top - person * 0.17, person * 0.14)


def studio(drop: Backdrop) -> None:
    """A seamless studio: a soft sweep of paper and a pool of light."""
    under = drop.under
    tone = mix(under.far, under.sky_low, 0.6)
    if drop.scene.tint:
        tone = mix(tone, drop.scene.tint, 0.45)
    drop.indoors = True
    for step in range(14, 0, -1):
        share = step / 14
        pool = mix(plaster(drop), mix(under.light, tone, 0.25), 1 - share)
        drop.ground.oval(
            0.0,
            drop.foot(1.0),
            drop.person(1) * 1.5 * share,
            drop.person(1) * 0.22 * share,
            pool,
            90,
        )


PLACES: Mapping[str, Place] = {
    "room": room, "kitchen": kitchen, "bakery": bakery, "cafe": cafe, "office": office,
    "studio": studio,
}  # fmt: skip
