"""Heads and faces. Faces are few, sure lines, as on a storyboard: where somebody looks,
how old they are, what they feel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fvbuild.targets.sketch.brush import Brush, ink
from fvbuild.targets.sketch.hair import SKULL, from_behind, hair_before, hat
from fvbuild.targets.sketch.light import mix, scaled
from fvbuild.targets.sketch.words import Rgb

if TYPE_CHECKING:
    from fvbuild.targets.sketch.body import Frame

_OLD_YEARS = 52


def head(brush: Brush, frame: Frame, front: float, *, detail: bool) -> None:
    """The head over the body: skull, its light, the face, hair and hat."""
    figure = frame.figure
    if figure.back:
        from_behind(brush, frame)
        return
    turn = figure.face * 0.006
    skull = [
        frame.skull(x + turn * (1 - abs(y - 0.07) / 0.07), y)
        for x, y in (*SKULL, *((-x, y) for x, y in reversed(SKULL[1:-1])))
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
    hair_before(brush, frame)
    hat(brush, frame)


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
