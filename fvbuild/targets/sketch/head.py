"""Heads: face, hair and hat. Faces are few, sure lines, as on a storyboard: where somebody looks,
how old they are, what they feel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fvbuild.targets.sketch.brush import Brush, ink
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.sheet import Point
from fvbuild.targets.sketch.words import Rgb, dice

if TYPE_CHECKING:
    from fvbuild.targets.sketch.body import Frame

_OLD_YEARS = 52
_SKULL = (
    (0.0, 0.002), (0.030, 0.009), (0.047, 0.038), (0.0465, 0.072), (0.036, 0.104),
    (0.018, 0.1235), (0.0, 0.1275),
)  # fmt: skip
_CROWN = ((0.0, -0.010), (0.038, 0.000), (0.0535, 0.034), (0.0505, 0.066))

# Right halves, from the crown down; behind is what shows beside the head, front lies over it.
_BEHIND: dict[str, tuple[Point, ...]] = {
    "cropped": ((0.0, -0.003), (0.034, 0.006), (0.0495, 0.036), (0.047, 0.068), (0.0, 0.080)),
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
                (0.022, 0.024), (-0.014, 0.024), (-0.036, 0.036), (-0.0445, 0.064), (-0.0485, 0.056),
                (-0.0495, 0.034), (-0.034, 0.005)),
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


def head(brush: Brush, frame: Frame, front: float, *, detail: bool) -> None:
    """The head over the body: skull, its light, the face, hair and hat."""
    figure = frame.figure
    if figure.back:
        _from_behind(brush, frame)
        return
    turn = figure.face * 0.006
    skull = [
        frame.skull(x + turn * (1 - abs(y - 0.07) / 0.07), y)
        for x, y in (*_SKULL, *((-x, y) for x, y in reversed(_SKULL[1:-1])))
    ]
    ear = -frame.toward
    x, y = frame.skull(ear * 0.0465, 0.074)
    brush.oval(x, y, 0.0075 * frame.head, 0.0135 * frame.head, scaled(figure.skin, 0.86))
    brush.fill(skull, figure.skin)
    if figure.mood == "smile" or figure.age < 14:
        _cheeks(brush, frame)
    brush.model(skull, 74, 245, (0.016 + 0.075 * front) * frame.head)
    if detail:
        _face(brush, frame)
    if figure.beard:
        _beard(brush, frame)
    _hair_before(brush, frame)
    _hat(brush, frame)


def _from_behind(brush: Brush, frame: Frame) -> None:
    figure = frame.figure
    colour = figure.hair_colour
    if figure.hair == "bald":
        brush.fill(_both(frame, _SKULL), figure.skin)
    elif figure.hair == "curls":
        brush.fill(_both(frame, _SKULL[:-2]), colour)
        _curls(brush, frame, colour, behind=True)
        _curls(brush, frame, colour, behind=False)
    else:
        brush.fill(_both(frame, _BEHIND.get(figure.hair, _BEHIND["short"])), colour)
    _hat(brush, frame)


def _cheeks(brush: Brush, frame: Frame) -> None:
    skin = frame.figure.skin
    blush = mix(skin, (204, 96, 82), 0.16)
    for side in (-1, 1):
        x, y = frame.skull(frame.figure.face * 0.014 + side * 0.024, 0.086)
        brush.oval(x, y, 0.0105 * frame.head, 0.007 * frame.head, blush)


def _face(brush: Brush, frame: Frame) -> None:
    figure = frame.figure
    line = mix(scaled(figure.skin, 0.34), (40, 24, 26), 0.4)
    look = figure.face * 0.0155
    thin = 0.0017 * frame.head
    down = 0.0032 if figure.gaze_down else 0.0
    for side in (-1, 1):
        narrow = max(0.0, figure.face * side) * 0.0035
        centre = look + side * (0.0195 - narrow)
        _eye(brush, frame, centre, 0.0096 - narrow, line, down)
        _brow(brush, frame, centre, side, line)
    nose = frame.toward if abs(figure.face) > 0.1 else 1
    brush.stroke(
        [frame.skull(look + nose * x, y) for x, y in (
            (0.0015, 0.064), (0.0085, 0.0850), (0.0060, 0.0885), (-0.0015, 0.0890))],
        line, thin,
    )  # fmt: skip
    _mouth(brush, frame, look, line, thin)
    if figure.age >= _OLD_YEARS:
        _lines_of_age(brush, frame, look, thin)
    if figure.glasses:
        _glasses(brush, frame, look)
    if figure.scar:
        x = look + 0.0195
        brush.stroke(
            [frame.skull(x + 0.004, 0.040), frame.skull(x - 0.001, 0.0535)],
            mix(figure.skin, (255, 214, 200), 0.55), thin * 1.5,
        )  # fmt: skip


def _eye(brush: Brush, frame: Frame, x: float, half: float, line: Rgb, down: float) -> None:
    y = 0.0655
    big = 1.12 if frame.figure.age < 14 else 1.0
    lid = [(-half, 0.0010), (-half * 0.45, -0.0032 * big), (half * 0.40, -0.0034 * big),
           (half, 0.0004)]  # fmt: skip
    white = mix(frame.figure.skin, (250, 246, 240), 0.72)
    if not down:
        below = [(half * 0.5, 0.0030 * big), (-half * 0.45, 0.0032 * big)]
        brush.fill([frame.skull(x + dx, y + dy) for dx, dy in (*lid, *below)], white)
        cx, cy = frame.skull(x + frame.figure.face * 0.0026, y - 0.0001)
        iris = 0.0037 * big * frame.head
        brush.oval(cx, cy, iris, iris, mix(line, (92, 74, 58), 0.35))
        brush.oval(cx, cy, iris * 0.52, iris * 0.52, (22, 18, 20))
        brush.oval(cx + iris * 0.34, cy - iris * 0.4, iris * 0.22, iris * 0.22, (250, 250, 250))
    else:
        lid = [(dx, dy + 0.0042) for dx, dy in lid]
        lid[1], lid[2] = (lid[1][0], 0.0038), (lid[2][0], 0.0036)
    brush.stroke([frame.skull(x + dx, y + dy) for dx, dy in lid], line, 0.0026 * frame.head)
    brush.stroke(
        [frame.skull(x + dx * 0.95, y - 0.0068 + dy * 0.5) for dx, dy in lid[:3]],
        mix(frame.figure.skin, line, 0.45), 0.0011 * frame.head,
    )  # fmt: skip


def _brow(brush: Brush, frame: Frame, x: float, side: int, line: Rgb) -> None:
    figure = frame.figure
    tone = mix(line, figure.hair_colour, 0.55)
    inner, outer = {"smile": (0.0, -0.001), "sad": (-0.003, 0.003)}.get(figure.mood, (0.001, 0.0))
    thick = 0.0036 if figure.gender == "m" else 0.0027
    brush.stroke(
        [
            frame.skull(x - side * 0.010, 0.0535 + inner),
            frame.skull(x + side * 0.003, 0.0505),
            frame.skull(x + side * 0.0125, 0.0540 + outer),
        ],
        tone, thick * frame.head,
    )  # fmt: skip


def _mouth(brush: Brush, frame: Frame, look: float, line: Rgb, thin: float) -> None:
    figure = frame.figure
    wide = 0.0145 if figure.age >= 14 else 0.012
    lift = {"smile": 0.0048, "sad": -0.0034}.get(figure.mood, 0.0004)
    y = 0.1040
    points = [(-wide, -lift), (-wide * 0.4, lift * 0.45), (wide * 0.4, lift * 0.5), (wide, -lift)]
    lip = mix(figure.skin, (158, 62, 62), 0.42 if figure.gender == "f" else 0.24)
    lower = [(-wide * 0.62, 0.0006), (0.0, 0.0052 + lift * 0.3), (wide * 0.62, 0.0006)]
    upper = [(0.003, -0.0026), (-0.003, -0.0026)]
    brush.fill([frame.skull(look + dx, y + dy) for dx, dy in (*lower, *upper)], lip)
    brush.stroke([frame.skull(look + dx, y + dy) for dx, dy in points], line, thin * 1.25)
    brush.stroke(
        [frame.skull(look - 0.005, 0.1125), frame.skull(look + 0.005, 0.1125)],
        scaled(figure.skin, 0.8), thin,
    )  # fmt: skip


def _lines_of_age(brush: Brush, frame: Frame, look: float, thin: float) -> None:
    tone = scaled(frame.figure.skin, 0.74)
    for side in (-1, 1):
        brush.stroke(
            [frame.skull(look + side * x, y) for x, y in (
                (0.0125, 0.088), (0.0195, 0.0965), (0.0200, 0.1030))],
            tone, thin,
        )  # fmt: skip
        for rise in (-0.003, 0.001):
            brush.stroke(
                [frame.skull(look + side * 0.0315, 0.0655 + rise * 0.4),
                 frame.skull(look + side * 0.0375, 0.0655 + rise * 2)],
                tone, thin * 0.8,
            )  # fmt: skip
        brush.stroke(
            [frame.skull(look + side * x, y) for x, y in (
                (0.012, 0.0735), (0.020, 0.0755), (0.027, 0.0730))],
            tone, thin * 0.8,
        )  # fmt: skip


def _glasses(brush: Brush, frame: Frame, look: float) -> None:
    tone = (34, 32, 36)
    for side in (-1, 1):
        centre = look + side * 0.0195
        ring = [
            frame.skull(centre + 0.0145 * math.cos(a / 3), 0.066 + 0.0115 * math.sin(a / 3))
            for a in range(20)
        ]
        brush.stroke(ring, tone, 0.0021 * frame.head)
    brush.stroke([frame.skull(look - 0.005, 0.064), frame.skull(look + 0.005, 0.064)], tone, 0.002)


def _beard(brush: Brush, frame: Frame) -> None:
    colour = frame.figure.hair_colour
    look = frame.figure.face * 0.006
    brush.fill(
        [frame.skull(look + x, y) for x, y in (
            (-0.0465, 0.072), (-0.041, 0.084), (-0.024, 0.092), (-0.012, 0.0955), (0.012, 0.0955),
            (0.024, 0.092), (0.041, 0.084), (0.0465, 0.072), (0.044, 0.104), (0.026, 0.136),
            (0.0, 0.142), (-0.026, 0.136), (-0.044, 0.104))],
        colour,
    )  # fmt: skip
    brush.stroke(
        [frame.skull(look * 2 - 0.011, 0.1050), frame.skull(look * 2 + 0.011, 0.1050)],
        ink(colour), 0.003,
    )  # fmt: skip


def _hair_before(brush: Brush, frame: Frame) -> None:
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


def _hat(brush: Brush, frame: Frame) -> None:
    figure = frame.figure
    paint = _HATS.get(figure.hat)
    if paint is not None:
        paint(brush, frame, figure.hat_colour)


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
    ring = ((0.0, -0.030), (0.044, -0.016), (0.068, 0.036), (0.070, 0.096), (0.056, 0.150),
            (0.036, 0.158), (0.0475, 0.110), (0.0485, 0.060), (0.034, 0.018), (0.0, 0.004))  # fmt: skip
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
