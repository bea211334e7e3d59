"""Contact sheets: pages of labelled pictures on a dark ground, as a director pins them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One picture of a sheet. ``label`` names it (``pier / arrival``), ``note`` says more."""

    picture: Path
    label: str
    note: str = ""


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
    """
    raise NotImplementedError
