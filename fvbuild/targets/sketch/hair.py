"""Hair and hats: what frames a face, and how it looks from behind."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fvbuild.targets.sketch.brush import Brush, ink
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.sheet import Point
from fvbuild.targets.sketch.words import Rgb, dice

if TYPE_CHECKING:
    from fvbuild.targets.sketch.body import Frame


SKULL = (
    (0.0, 0.002), (0.030, 0.009), (0.047, 0.038), (0.0465, 0.072), (0.036, 0.104),
    (0.018, 0.1235), (0.0, 0.1275),
)  # fmt: skip
"""The right half of a head's outline, from the crown down."""


_CROWN = ((0.0, -0.010), (0.038, 0.000), (0.0535, 0.034), (0.0505, 0.066))


# Right halves, from the crown down; behind is what shows beside the head, front lies over it.
_BEHIND: dict[str, tuple[Point, ...]] = {
    "cropped": ((0.0, -0.005), (0.036, 0.004), (0.0515, 0.036), (0.0505, 0.078), (0.040, 0.096),
                (0.0, 0.092)),
    "short": (*_CROWN, (0.044, 0.084), (0.0, 0.092)),
    "bob": ((0.0, -0.013), (0.044, 0.0), (0.061, 0.044), (0.066, 0.094), (0.060, 0.134),
            (0.036, 0.144), (0.0, 0.138)),
    "long": ((0.0, -0.013), (0.044, 0.0), (0.061, 0.046), (0.067, 0.110), (0.074, 0.180),
             (0.066, 0.250), (0.030, 0.262), (0.0, 0.225)),
    "bun": (*_CROWN, (0.046, 0.084), (0.0, 0.096)),
    "ponytail": (*_CROWN, (0.046, 0.084), (0.0, 0.096)),
}  # fmt: skip


# Whole outlines of the hair before the face, for a face turned to the right.
_FRONT: dict[str, tuple[Point, ...]] = {
    "cropped": ((0.0, -0.004), (0.034, 0.005), (0.0495, 0.034), (0.047, 0.056), (0.041, 0.036),
                (0.022, 0.024), (-0.014, 0.024), (-0.036, 0.036), (-0.0445, 0.064),
                (-0.0485, 0.056), (-0.0495, 0.034), (-0.034, 0.005)),
    "short": ((0.0, -0.012), (0.038, -0.002), (0.0535, 0.032), (0.0485, 0.060), (0.043, 0.040),
              (0.030, 0.026), (0.008, 0.036), (-0.020, 0.028), (-0.040, 0.044), (-0.0455, 0.074),
              (-0.0525, 0.062), (-0.0535, 0.030), (-0.038, -0.002)),
    "bob": ((0.0, -0.014), (0.044, 0.0), (0.061, 0.044), (0.0655, 0.094), (0.056, 0.130),
            (0.047, 0.094), (0.0435, 0.056), (0.026, 0.027), (0.002, 0.020), (-0.024, 0.038),
            (-0.0435, 0.062), (-0.048, 0.098), (-0.056, 0.130), (-0.0655, 0.094), (-0.061, 0.044),
            (-0.044, 0.0)),
    "long": ((0.0, -0.014), (0.044, 0.0), (0.061, 0.046), (0.066, 0.110), (0.070, 0.190),
             (0.052, 0.200), (0.0475, 0.110), (0.0435, 0.056), (0.022, 0.022), (-0.006, 0.018),
             (-0.030, 0.040), (-0.0455, 0.070), (-0.050, 0.120), (-0.054, 0.200), (-0.070, 0.190),
             (-0.066, 0.110), (-0.061, 0.046), (-0.044, 0.0)),
    "bun": ((0.0, -0.012), (0.040, 0.0), (0.0535, 0.034), (0.0485, 0.068), (0.0415, 0.042),
            (0.022, 0.022), (-0.022, 0.022), (-0.0415, 0.042), (-0.0485, 0.072), (-0.0535, 0.034),
            (-0.040, 0.0)),
}  # fmt: skip


_FRONT["ponytail"] = _FRONT["bun"]


def _both(frame: Frame, half: tuple[Point, ...]) -> list[Point]:
    points = [frame.skull(x, y) for x, y in half]
    mirrored = [frame.skull(-x, y) for x, y in reversed(half) if x > 0]
    return points + mirrored


def _turned(frame: Frame, points: tuple[Point, ...]) -> list[Point]:
    return [frame.skull(x * frame.toward, y) for x, y in points]


def hair_behind(brush: Brush, frame: Frame) -> None:
    """The hair that shows beside and below the head."""
    figure = frame.figure
    colour = scaled(figure.hair_colour, 0.82)
    style = figure.hair
    if style == "bald":
        return
    if style == "curls":
        _curls(brush, frame, colour, behind=True)
        return
    if style == "bun" and not figure.hat:
        x, y = frame.skull(-frame.toward * 0.012, -0.020)
        brush.oval(x, y, 0.027 * frame.head, 0.025 * frame.head, colour)
    if style == "ponytail":
        side = -frame.toward
        brush.fill(
            [frame.skull(side * x, y) for x, y in (
                (0.030, 0.020), (0.062, 0.030), (0.076, 0.090), (0.066, 0.160), (0.056, 0.150),
                (0.052, 0.090))],
            colour,
        )  # fmt: skip
    half = _BEHIND.get(style, _BEHIND["short"])
    brush.fill(_both(frame, half), colour)


def _curls(brush: Brush, frame: Frame, colour: Rgb, *, behind: bool) -> None:
    lot = dice("curls", frame.figure.seed, behind)
    steps = 18 if behind else 15
    for step in range(steps):
        share = step / (steps - 1)
        angle = math.pi * ((-0.20 + 1.40 * share) if behind else (0.04 + 0.92 * share))
        wide, high = (0.052, 0.050) if behind else (0.044, 0.045)
        x = math.cos(angle) * wide
        y = 0.046 - math.sin(angle) * high - (0.004 if behind else -0.001)
        size = lot.uniform(0.012, 0.017)
        tone = scaled(colour, lot.uniform(0.88, 1.2))
        brush.oval(*frame.skull(x, y), size * frame.head, size * frame.head, tone)
    if not behind:
        for _ in range(9):
            x, y = lot.uniform(-0.03, 0.03), lot.uniform(0.004, 0.022)
            size = lot.uniform(0.010, 0.014) * frame.head
            brush.oval(*frame.skull(x, y), size, size, scaled(colour, lot.uniform(0.9, 1.35)))


def from_behind(brush: Brush, frame: Frame) -> None:
    """A head turned away from us."""
    figure = frame.figure
    colour = figure.hair_colour
    if figure.hair == "bald":
        brush.fill(_both(frame, SKULL), figure.skin)
    elif figure.hair == "curls":
        brush.fill(_both(frame, SKULL[:-2]), colour)
        _curls(brush, frame, colour, behind=True)
        _curls(brush, frame, colour, behind=False)
    else:
        brush.fill(_both(frame, _BEHIND.get(figure.hair, _BEHIND["short"])), colour)
    hat(brush, frame)


def hair_before(brush: Brush, frame: Frame) -> None:
    """The hair over the forehead."""
    figure = frame.figure
    if figure.hair == "bald":
        return
    if figure.hair == "curls":
        _curls(brush, frame, figure.hair_colour, behind=False)
        return
    outline = _FRONT.get(figure.hair, _FRONT["short"])
    brush.fill(_turned(frame, outline), figure.hair_colour)
    bright = mix(figure.hair_colour, (255, 255, 255), 0.12)
    for shift in (-0.012, 0.004, 0.018):
        strand = ((shift, 0.001), (shift + 0.012, 0.007), (shift + 0.020, 0.018))
        brush.stroke(_turned(frame, strand), bright, 0.0016)


def hat(brush: Brush, frame: Frame) -> None:
    """What is worn on the head, if anything."""
    figure = frame.figure
    paint = _HATS.get(figure.hat)
    if paint is None:
        return
    if figure.hat != "hood" and figure.hair not in ("bald", "bob", "long", "curls"):
        _temples(brush, frame)
    paint(brush, frame, figure.hat_colour)


def _temples(brush: Brush, frame: Frame) -> None:
    """The hair that shows under a hat's edge, before the ears and over the nape."""
    colour = frame.figure.hair_colour
    if frame.figure.back:
        nape = ((0.0, 0.020), (0.0525, 0.020), (0.0525, 0.074), (0.034, 0.098), (0.0, 0.104))
        brush.fill(_both(frame, nape), colour)
        return
    for side in (-1, 1):
        deep = 0.010 if side == frame.toward else 0.017
        lock = ((0.0545, 0.016), (0.0555, 0.046), (0.0525, 0.078), (0.0490 - deep * 0.4, 0.088),
                (0.0485 - deep, 0.062), (0.0470 - deep, 0.022))  # fmt: skip
        brush.fill([frame.skull(side * x, y) for x, y in lock], colour)
        for shift in (0.0, 0.005):
            strand = ((0.0500 - shift, 0.040), (0.0505 - shift, 0.058), (0.0490 - shift, 0.074))
            brush.stroke([frame.skull(side * x, y) for x, y in strand], scaled(colour, 0.8), 0.0014)


def _cap(brush: Brush, frame: Frame, colour: Rgb) -> None:
    crown = ((0.0, -0.026), (0.036, -0.018), (0.053, 0.012), (0.0535, 0.029), (0.0, 0.034))
    brush.fill(_both(frame, crown), colour)
    if not frame.figure.back:
        peak = ((-0.030, 0.026), (0.012, 0.024), (0.052, 0.024), (0.078, 0.035), (0.052, 0.041),
                (0.0, 0.0385))  # fmt: skip
        brush.fill(_turned(frame, peak), scaled(colour, 0.78))
    band = [frame.skull(x, y) for x, y in ((-0.0535, 0.022), (0.0, 0.027), (0.0535, 0.022))]
    brush.stroke(band, ink(colour), 0.0028)


def _beanie(brush: Brush, frame: Frame, colour: Rgb) -> None:
    crown = ((0.0, -0.030), (0.036, -0.020), (0.053, 0.012), (0.0545, 0.030), (0.0, 0.030))
    brush.fill(_both(frame, crown), colour)
    fold = ((0.0, 0.014), (0.0555, 0.010), (0.0570, 0.034), (0.0, 0.038))
    brush.fill(_both(frame, fold), scaled(colour, 0.84))


def _brim(brush: Brush, frame: Frame, colour: Rgb) -> None:
    crown = ((0.0, -0.036), (0.030, -0.038), (0.045, -0.006), (0.050, 0.022), (0.0, 0.028))
    brush.fill(_both(frame, crown), colour)
    x, y = frame.skull(0.0, 0.024)
    brush.oval(x, y, 0.092 * frame.head, 0.0135 * frame.head, scaled(colour, 0.86))
    band = [frame.skull(px, py) for px, py in ((-0.048, 0.012), (0.0, 0.018), (0.048, 0.012))]
    brush.stroke(band, ink(colour), 0.008)


def _hood(brush: Brush, frame: Frame, colour: Rgb) -> None:
    ring: tuple[Point, ...] = (
        (0.0, -0.030),
        (0.044, -0.016),
        (0.068, 0.036),
        (0.070, 0.096),
        (0.056, 0.150),
        (0.036, 0.158),
        (0.0475, 0.110),
        (0.0485, 0.060),
        (0.034, 0.018),
        (0.0, 0.004),
    )
    if frame.figure.back:
        ring = (*ring[:6], (0.0, 0.164))
    for side in (-1, 1):
        brush.fill([frame.skull(side * x, y) for x, y in ring], colour, curved=False)
    brush.stroke([frame.skull(0.0, -0.03), frame.skull(0.0, 0.004)], colour, 0.004)


def _helmet(brush: Brush, frame: Frame, colour: Rgb) -> None:
    dome = ((0.0, -0.032), (0.042, -0.020), (0.061, 0.018), (0.060, 0.044), (0.0, 0.040))
    brush.fill(_both(frame, dome), colour)
    brush.stroke([frame.skull(-0.064, 0.042), frame.skull(0.064, 0.042)], ink(colour), 0.006)


def _crown(brush: Brush, frame: Frame, colour: Rgb) -> None:
    gold = (214, 170, 72) if colour == (54, 58, 70) else colour
    teeth = [(-0.046, 0.014), (-0.050, -0.034), (-0.024, -0.010), (0.0, -0.042), (0.024, -0.010),
             (0.050, -0.034), (0.046, 0.014)]  # fmt: skip
    brush.fill([frame.skull(x, y) for x, y in teeth], gold, curved=False)


_HATS = {
    "cap": _cap,
    "beanie": _beanie,
    "brim": _brim,
    "hood": _hood,
    "helmet": _helmet,
    "crown": _crown,
}
