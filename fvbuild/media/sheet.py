"""Contact sheets: pages of labelled pictures on a dark ground, as a director pins them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError
from fvbuild.media.image import fit_picture, read_picture, write_png
from fvbuild.media.lettering import clipped, font

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

_GROUND, _EMPTY, _RULE = "#0b0c10", "#15171c", "#2a2d35"
_LABEL, _NOTE, _TITLE, _ACCENT = "#f2efe9", "#9a9ca3", "#f2efe9", "#eda862"


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One picture of a sheet. ``label`` names it (``pier / arrival``), ``note`` says more."""

    picture: Path
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Measures of a page, in pixels."""

    columns: int
    rows: int
    width: int
    margin: int
    gap: int
    head: int
    picture: tuple[int, int]
    caption: int
    label: int

    @property
    def height(self) -> int:
        row = self.picture[1] + self.caption
        return self.head + self.rows * row + (self.rows - 1) * self.gap + self.margin

    def corner(self, number: int) -> tuple[int, int]:
        """Top left of the numbered picture."""
        row, column = divmod(number, self.columns)
        left = self.margin + column * (self.picture[0] + self.gap)
        return left, self.head + row * (self.picture[1] + self.caption + self.gap)


def write_sheets(
    cells: Sequence[SheetCell],
    folder: Path,
    *,
    columns: int = 3,
    rows: int = 2,
    title: str = "",
    ratio: float = 16 / 9,
    width: int = 1920,
) -> list[Path]:
    """Write ``sheet-01.png``, ... of ``columns`` x ``rows`` pictures each, ``width`` pixels wide.

    ``ratio`` is the pictures' width over height. Returns the pages in order; none without cells.
    Raises MediaError for a picture that cannot be read, or a layout that leaves no room for any.
    """
    layout = _layout(columns, rows, width, ratio, any(cell.note for cell in cells))
    held = columns * rows
    pages = [cells[start : start + held] for start in range(0, len(cells), held)]
    paths = []
    for number, page in enumerate(pages, 1):
        path = folder / f"sheet-{number:02}.png"
        folio = f"{number} / {len(pages)}" if len(pages) > 1 else ""
        write_png(path, _page(page, layout, title, folio))
        paths.append(path)
    return paths


def _layout(columns: int, rows: int, width: int, ratio: float, noted: bool) -> _Layout:
    margin, gap = width // 40, width // 80
    room = (width - 2 * margin - gap * (columns - 1)) // columns if columns > 0 else 0
    height = round(room / ratio)
    if rows < 1 or min(room, height) < 16:
        raise MediaError(f"a sheet of {columns}x{rows} pictures has no room for them")
    label = max(14, min(room // 14, width // 72))
    caption = label * (2 if noted else 1)
    return _Layout(columns, rows, width, margin, gap, margin * 2, (room, height), caption, label)


def _page(cells: Sequence[SheetCell], layout: _Layout, title: str, folio: str) -> Image:
    from PIL import Image as Pillow
    from PIL.ImageDraw import Draw

    page = Pillow.new("RGB", (layout.width, layout.height), _GROUND)
    draw = Draw(page)
    middle, right = layout.head // 2, layout.width - layout.margin
    heading = font("bold", layout.head * 2 // 5)
    draw.rectangle(
        (layout.margin, middle // 2, layout.margin + 5, layout.head - middle // 2), _ACCENT
    )
    room = layout.width - 4 * layout.margin
    draw.text(
        (layout.margin + 20, middle), clipped(title, heading, room), _TITLE, heading, anchor="lm"
    )
    draw.text((right, middle), folio, _NOTE, font("mono", layout.head // 4), anchor="rm")
    for place in range(layout.columns * layout.rows):
        left, top = layout.corner(place)
        box = (left, top, left + layout.picture[0] - 1, top + layout.picture[1] - 1)
        if place >= len(cells):
            draw.rectangle(box, _EMPTY)
            continue
        cell = cells[place]
        page.paste(fit_picture(read_picture(cell.picture), layout.picture, "pad"), (left, top))
        draw.rectangle(box, outline=_RULE)
        _caption(draw, cell, layout, (left, top + layout.picture[1]))
    return page


def _caption(draw: ImageDraw, cell: SheetCell, layout: _Layout, corner: tuple[int, int]) -> None:
    """The label in bold, the note under it, both cut to the picture's width."""
    left, top = corner
    name, note = font("bold", layout.label * 3 // 4), font("regular", layout.label * 5 // 8)
    room = layout.picture[0]
    line = top + layout.label // 4
    draw.text((left, line), clipped(cell.label, name, room), _LABEL, name, anchor="la")
    line += layout.label
    draw.text((left, line), clipped(cell.note, note, room), _NOTE, note, anchor="la")
