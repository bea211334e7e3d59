"""What a prop lies on in an insert: a mat, boards, the ground, a cloth, seen from above."""

from __future__ import annotations

from fvbuild.targets.sketch.light import Palette, mix, scaled
from fvbuild.targets.sketch.scene import Thing
from fvbuild.targets.sketch.sheet import Layer, Sheet, View
from fvbuild.targets.sketch.words import Rgb, dice

FLAT = frozenset({
    "ticket", "letter", "photo", "key", "map", "book", "ring", "watch", "phone", "rope", "beans",
    "flower", "umbrella", "guitar", "camera", "shoe",
})  # fmt: skip
"""Props that look the same from above as they are drawn; the others stand."""

_TONES: dict[str, Rgb] = {
    "mat": (146, 128, 108), "floor": (134, 104, 76), "table": (142, 100, 68),
    "ground": (128, 126, 118), "cloth": (214, 208, 198),
}  # fmt: skip
_DEPTH = 0.97


def below(thing: Thing, laid: str, view: View, under: Palette) -> Layer | None:
    """The surface under a prop, over the whole picture."""
    tone = mix(mix(under.mid, under.far, 0.4), _TONES.get(laid, _TONES["table"]), 0.62)
    sheet = Sheet(view, tone)
    left, top, right, bottom = sheet.span
    sheet.box(left, top, right, bottom, tone)
    if laid == "ground":
        _grit(sheet, tone)
    elif laid == "cloth":
        _folds(sheet, tone)
    else:
        _boards(sheet, tone, 0.19 if laid == "table" else 0.13)
    if laid == "mat":
        _mat(sheet, thing, mix(mix(under.mid, under.near, 0.3), (156, 118, 72), 0.66))
    sheet.shade(0.35, 1.3, scaled(tone, 0.5), 0.55)
    return sheet.layer(_DEPTH, 0.0012)


def _boards(sheet: Sheet, tone: Rgb, wide: float) -> None:
    left, top, right, bottom = sheet.span
    lot, row = dice("boards"), top
    while row < bottom:
        shade = scaled(tone, lot.uniform(0.92, 1.06))
        sheet.box(left, row, right, row + wide, shade)
        for _ in range(9):
            at, level = lot.uniform(left, right), row + wide * lot.uniform(0.15, 0.85)
            grain = [(at, level), (at + lot.uniform(0.1, 0.4), level + lot.uniform(-0.004, 0.004))]
            sheet.line(grain, scaled(shade, 0.9), 0.0022)
        sheet.line([(left, row), (right, row)], scaled(tone, 0.58), 0.004)
        row += wide


def _grit(sheet: Sheet, tone: Rgb) -> None:
    left, top, right, bottom = sheet.span
    lot = dice("grit")
    for _ in range(900):
        x, y = lot.uniform(left, right), lot.uniform(top, bottom)
        size = lot.uniform(0.002, 0.010)
        sheet.oval(x, y, size, size * 0.7, scaled(tone, lot.uniform(0.78, 1.18)))


def _folds(sheet: Sheet, tone: Rgb) -> None:
    left, top, right, bottom = sheet.span
    lot = dice("folds")
    for _ in range(14):
        x, y = lot.uniform(left, right), lot.uniform(top, bottom)
        run, fall = lot.uniform(0.3, 0.9), lot.uniform(-0.25, 0.25)
        bend = [(x, y), (x + run * 0.5, y + fall * 0.5 + 0.03), (x + run, y + fall)]
        sheet.line(bend, scaled(tone, 0.86), 0.016)
        sheet.line([(a, b - 0.012) for a, b in bend], mix(tone, (255, 255, 255), 0.3), 0.008)


def _mat(sheet: Sheet, thing: Thing, tone: Rgb) -> None:
    """A doormat, wider than what lies on it: a border, and bristles across."""
    x = (thing.x - 0.5) * sheet.view.aspect
    half, up = thing.height * 1.25, thing.height * 0.80
    edges = (x - half, thing.y - up, x + half, thing.y + up)
    rim = min(half, up) * 0.10
    sheet.box(edges[0] + 0.01, edges[1] + 0.014, edges[2] + 0.01, edges[3] + 0.014,
              scaled(tone, 0.32))  # fmt: skip
    sheet.box(*edges, scaled(tone, 0.62))
    sheet.box(edges[0] + rim, edges[1] + rim, edges[2] - rim, edges[3] - rim, tone)
    lot = dice("bristles")
    for _ in range(1400):
        at = lot.uniform(edges[0] + rim, edges[2] - rim)
        level = lot.uniform(edges[1] + rim, edges[3] - rim * 1.4)
        bristle = [(at, level), (at + lot.uniform(-0.004, 0.004), level + 0.014)]
        sheet.line(bristle, scaled(tone, lot.uniform(0.8, 1.16)), 0.0026)
