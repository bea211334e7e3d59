"""Stills, slates and contact sheets: what is drawn, where, and nothing beside it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fvbuild.errors import MediaError
from fvbuild.media.clip import decode_frames, last_frame
from fvbuild.media.image import read_picture, write_png
from fvbuild.media.mp4.index import index_track
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.sheet import SheetCell, write_sheets
from fvbuild.media.slate import fixed_plates, timecode_plate
from fvbuild.media.still import Slate, burn_slate, hold_picture

PROFILE = JoiningProfile(320, 180, Fraction(24))
GREY = (90, 90, 90)
SLATE = Slate("pier", "arrival", "2", "close-up", "35mm", "dolly in", start_frame=100)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    write_png(tmp_path / "grey.png", Image.new("RGB", (640, 360), GREY))
    return tmp_path / "grey.png"


def test_a_held_picture(picture: Path, tmp_path: Path) -> None:
    hold_picture(picture, tmp_path / "a.mp4", PROFILE, 30)
    assert len(index_track(tmp_path / "a.mp4")) == 30
    assert np.abs(last_frame(tmp_path / "a.mp4").astype(int) - GREY).max() <= 3


def drawn(clip: Path) -> list[NDArray[np.bool_]]:
    """Where each frame is not plain grey."""
    plain = 16 + round(GREY[0] * 219 / 255)
    return [np.abs(frame[:180].astype(int) - plain) > 25 for frame in decode_frames(clip)]


def test_the_slate_stands_in_three_corners(picture: Path, tmp_path: Path) -> None:
    hold_picture(picture, tmp_path / "a.mp4", PROFILE, 30, slate=SLATE)
    last = drawn(tmp_path / "a.mp4")[-1]
    assert last[:30, :160].any() and last[:30, 160:].any() and last[160:, :100].any()
    assert not last[40:150].any() and not last[160:, 200:].any()


def test_the_timecode_runs(picture: Path, tmp_path: Path) -> None:
    hold_picture(picture, tmp_path / "a.mp4", PROFILE, 26, slate=Slate(start_frame=0))
    frames = [frame[155:180, :110] for frame in decode_frames(tmp_path / "a.mp4")]
    assert np.abs(frames[0].astype(int) - frames[25]).max() > 60
    sizes = {timecode_plate(n, PROFILE.fps, (320, 180)).image.size for n in (0, 11, 999_999)}
    assert len(sizes) == 1


def test_burning_in_keeps_the_rest_of_the_clip(picture: Path, tmp_path: Path) -> None:
    hold_picture(picture, tmp_path / "a.mp4", PROFILE, 10)
    assert burn_slate(tmp_path / "a.mp4", tmp_path / "b.mp4", PROFILE, SLATE) == 10
    assert drawn(tmp_path / "b.mp4")[5][:30].any()
    assert not drawn(tmp_path / "b.mp4")[5][40:150].any()


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (64, 36), (16, 16), (3840, 1600)])
def test_plates_fit_any_frame(size: tuple[int, int], picture: Path, tmp_path: Path) -> None:
    long = Slate("a very long scene", "an even longer shot name " * 3, "12", "x" * 90, "y", "z")
    for plate in [*fixed_plates(long, size), timecode_plate(1, Fraction(24), size)]:
        assert not any(n % 2 for n in (*plate.image.size, plate.left, plate.top))
        assert plate.left >= 0 or size[0] < 200
    profile = JoiningProfile(*size, Fraction(24))
    hold_picture(picture, tmp_path / "a.mp4", profile, 2, slate=long)


def test_an_empty_slate_draws_nothing(picture: Path, tmp_path: Path) -> None:
    hold_picture(picture, tmp_path / "a.mp4", PROFILE, 3, slate=Slate())
    hold_picture(picture, tmp_path / "b.mp4", PROFILE, 3)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_sheets_hold_every_picture_in_order(picture: Path, tmp_path: Path) -> None:
    red = tmp_path / "red.png"
    write_png(red, Image.new("RGB", (640, 360), (220, 30, 30)))
    cells = [SheetCell(picture, f"pier / {n}", "wide, 24mm") for n in range(7)]
    cells[4] = SheetCell(red, "pier / red — été", "close-up")
    pages = write_sheets(cells, tmp_path, title="Film", width=960)
    assert [page.name for page in pages] == ["sheet-01.png", "sheet-02.png"]
    first = np.asarray(read_picture(pages[0]))
    reds = np.argwhere((first[..., 0] > 200) & (first[..., 1] < 60))
    middle = reds.mean(0) / first.shape[:2]
    assert 0.5 < middle[0] < 1 and 0.4 < middle[1] < 0.6
    assert read_picture(pages[1]).size == read_picture(pages[0]).size
    assert write_sheets([], tmp_path) == []


def test_sheets_refuse_what_they_cannot_hold(picture: Path, tmp_path: Path) -> None:
    for columns, rows in ((0, 1), (1, 0), (400, 1)):
        with pytest.raises(MediaError, match="has no room"):
            write_sheets([SheetCell(picture, "a")], tmp_path, columns=columns, rows=rows)
    with pytest.raises(MediaError, match="there is no picture"):
        write_sheets([SheetCell(tmp_path / "none.png", "a")], tmp_path)


def test_tall_pictures_make_tall_sheets(picture: Path, tmp_path: Path) -> None:
    (page,) = write_sheets([SheetCell(picture, "a")], tmp_path, ratio=9 / 16, width=960)
    width, height = read_picture(page).size
    assert width == 960 and height > 960
