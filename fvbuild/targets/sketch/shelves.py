"""Shelves and what stands on them, and the places that live by them: a bakery."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from fvbuild.targets.sketch.backdrop import BACK, Backdrop, plaster
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.words import Rgb

_GOODS = ("loaves", "books", "bottles", "crockery")


def shelf(drop: Backdrop, x: float, rows: int, usual: str) -> None:
    """Shelves on the back wall with what the film's words put on them, else the ``usual``."""
    goods = next((name for name in _GOODS if name in drop.scene.extras), usual)
    person, foot = drop.person(BACK), drop.foot(BACK)
    tone = mix(scaled(plaster(drop), 0.5), (96, 70, 50), 0.3)
    half = person * 0.55
    for row in range(rows):
        level = foot - person * (0.95 + row * 0.32)
        drop.far.box(x - half, level, x + half, level + person * 0.028, tone)
        at = x - half * 0.94
        while at < x + half * 0.86:
            at += _PAINTERS[goods](drop, at, level, person)


def _own(drop: Backdrop, colours: tuple[Rgb, ...], share: float) -> Rgb:
    return mix(scaled(plaster(drop), 0.7), drop.lot.choice(colours), share)


_SPINES: tuple[Rgb, ...] = ((150, 70, 58), (70, 96, 108), (172, 150, 108), (84, 104, 78))
_GLASS: tuple[Rgb, ...] = ((92, 128, 98), (146, 98, 58), (128, 64, 58), (122, 138, 142))
_GLAZE: tuple[Rgb, ...] = ((222, 218, 206), (170, 190, 200), (206, 186, 150), (188, 120, 88))
_CRUST: tuple[Rgb, ...] = ((206, 146, 84), (184, 120, 64), (222, 172, 112))


def _book(drop: Backdrop, at: float, level: float, person: float) -> float:
    wide, high = person * drop.lot.uniform(0.03, 0.07), person * drop.lot.uniform(0.12, 0.24)
    drop.far.box(at, level - high, at + wide * 0.8, level, _own(drop, _SPINES, 0.55))
    return wide * 1.15


def _bottle(drop: Backdrop, at: float, level: float, person: float) -> float:
    wide, high = person * drop.lot.uniform(0.03, 0.07), person * drop.lot.uniform(0.12, 0.24)
    colour = _own(drop, _GLASS, 0.55)
    drop.far.box(at, level - high * 0.7, at + wide, level, colour)
    drop.far.box(at + wide * 0.33, level - high, at + wide * 0.66, level, colour)
    return wide * 1.15


def _crockery(drop: Backdrop, at: float, level: float, person: float) -> float:
    """A plate on its edge, a jar with a lid, or a bowl."""
    kind, colour = drop.lot.randrange(3), _own(drop, _GLAZE, 0.6)
    size = person * drop.lot.uniform(0.05, 0.07)
    middle = at + size
    if kind == 0:
        drop.far.oval(middle, level - size, size, size, colour)
        drop.far.oval(middle, level - size, size * 0.62, size * 0.62, scaled(colour, 0.9))
    elif kind == 1:
        drop.far.box(middle - size * 0.7, level - size * 1.7, middle + size * 0.7, level, colour)
        drop.far.box(
            middle - size * 0.8, level - size * 2.0, middle + size * 0.8, level - size * 1.65,
            scaled(colour, 0.7),
        )  # fmt: skip
    else:
        drop.far.polygon(
            [(middle - size, level - size * 1.1), (middle + size, level - size * 1.1),
             (middle + size * 0.5, level), (middle - size * 0.5, level)], colour,
        )  # fmt: skip
    return size * 2.3


def _loaf(drop: Backdrop, at: float, level: float, person: float) -> float:
    """A round loaf, scored on top; a long one now and then."""
    long = drop.lot.random() < 0.3
    across = person * (drop.lot.uniform(0.12, 0.15) if long else drop.lot.uniform(0.075, 0.10))
    up = person * drop.lot.uniform(0.075, 0.10) * (0.8 if long else 1.2)
    colour, middle = _own(drop, _CRUST, 0.78), at + across
    dome = [
        (middle - across * math.cos(step * math.pi / 14),
         level - up * (0.12 + 0.88 * math.sin(step * math.pi / 14) ** 0.7))
        for step in range(15)
    ]  # fmt: skip
    outline = [(middle - across * 0.9, level), *dome, (middle + across * 0.9, level)]
    drop.far.polygon(outline, colour)
    pale = mix(colour, (250, 226, 184), 0.55)
    for cut in (-0.45, 0.0, 0.45):
        drop.far.line(
            [(middle + across * (cut - 0.12), level - up * 0.82),
             (middle + across * (cut + 0.14), level - up * 0.5)], pale, person * 0.012,
        )  # fmt: skip
    return across * 2.15


_PAINTERS: Mapping[str, Callable[[Backdrop, float, float, float], float]] = {
    "loaves": _loaf, "books": _book, "bottles": _bottle, "crockery": _crockery,
}  # fmt: skip


def oven(drop: Backdrop, x: float) -> None:
    """A brick oven in the back wall: a chimney breast, an arched mouth, the fire in it."""
    person, foot = drop.person(BACK), drop.foot(BACK)
    brick = mix(plaster(drop), (152, 82, 60), 0.62)
    half, top = person * 0.62, -0.6
    drop.far.box(x - half, top, x + half, foot, brick)
    course = person * 0.075
    row, number = foot, 0
    while row > foot - person * 2.6:
        drop.far.line([(x - half, row), (x + half, row)], scaled(brick, 0.74), 0.002)
        for index in range(-3, 4):
            at = x + (index + (0.5 if number % 2 else 0.0)) * half / 3
            if abs(at - x) < half:
                drop.far.line([(at, row), (at, row - course)], scaled(brick, 0.74), 0.002)
        row, number = row - course, number + 1
    sill = foot - person * 0.62
    for size, tone in (
        (0.40, scaled(brick, 0.6)), (0.33, (38, 22, 18)), (0.26, (196, 84, 34)),
        (0.18, (244, 150, 58)), (0.10, (255, 220, 140)),
    ):  # fmt: skip
        arch = [
            (x + person * size * math.cos(step * math.pi / 16),
             sill - person * size * 0.9 * math.sin(step * math.pi / 16))
            for step in range(17)
        ]  # fmt: skip
        drop.far.polygon(arch, tone)
    ledge = mix(brick, drop.under.key, 0.4)
    drop.far.box(x - person * 0.46, sill, x + person * 0.46, sill + person * 0.05, ledge)
    drop.lamp_glow(x, sill - person * 0.14, person * 0.42, (255, 170, 84), far=True)
