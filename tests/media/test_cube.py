"""Colour tables of strangers: read right, or refused with the line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fvbuild.errors import MediaError
from fvbuild.media.cube import read_cube
from fvbuild.media.grade import grid, looked_up, through


def identity(size: int, head: str = "") -> str:
    rows = grid(size).reshape(-1, 3)
    told = "\n".join(" ".join(f"{value:.6f}" for value in row) for row in rows)
    return f'TITLE "plain"\n# a comment\n{head}LUT_3D_SIZE {size}\n\n{told}\n'


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.cube"
    path.write_bytes(text.encode())
    return path


def picture() -> Image.Image:
    dice = np.random.RandomState(3)
    return Image.fromarray(dice.randint(0, 256, (64, 64, 3)).astype(np.uint8))


@pytest.mark.parametrize("size", [2, 17, 33, 65, 70])
def test_a_table_that_changes_nothing_changes_nothing(size: int, tmp_path: Path) -> None:
    cube = read_cube(table(tmp_path, identity(size)))
    assert cube.entries.shape == (size, size, size, 3) and not cube.curves
    before = picture()
    after = through(cube)(before)
    assert np.abs(np.asarray(after, int) - np.asarray(before, int)).max() <= 1


def test_red_changes_fastest(tmp_path: Path) -> None:
    text = "LUT_3D_SIZE 2\n0 0 0\n0 1 0\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n"
    shown = through(read_cube(table(tmp_path, text)))
    red, green = (Image.new("RGB", (1, 1), colour) for colour in ((255, 0, 0), (0, 255, 0)))
    assert shown(red).getpixel((0, 0)) == (0, 255, 0)
    assert shown(green).getpixel((0, 0)) == (0, 0, 0)


def test_curves_are_exact(tmp_path: Path) -> None:
    rows = "\n".join(f"{1 - n / 255} {(n / 255) ** 2} {n / 510}" for n in range(256))
    cube = read_cube(table(tmp_path, f"LUT_1D_SIZE 256\r\n{rows}"))
    assert cube.curves
    before = np.asarray(picture(), float)
    after = np.asarray(through(cube)(picture()), float)
    wanted = np.stack(
        [255 - before[..., 0], before[..., 1] ** 2 / 255, before[..., 2] / 2], axis=-1
    )
    assert np.abs(after - wanted).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("head", ["DOMAIN_MIN 0.25 0.25 0.25\nDOMAIN_MAX 0.75 0.75 0.75\n",
                                  "LUT_3D_INPUT_RANGE 0.25 0.75\n"])  # fmt: skip
def test_a_domain_is_kept(head: str, tmp_path: Path) -> None:
    cube = read_cube(table(tmp_path, identity(17, head)))
    colours = np.array([[0.1, 0.5, 0.9], [0.25, 0.375, 0.75]])
    assert np.allclose(looked_up(cube, colours), [[0.0, 0.5, 1.0], [0.0, 0.25, 1.0]])
    grey = through(cube)(Image.new("RGB", (1, 1), (64, 128, 255)))
    assert grey.getpixel((0, 0))[1] in (127, 128, 129)  # type: ignore[index]


GOOD = identity(2)


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("", "a.cube", "entries"),
        ("hello", "a.cube:1", "not 3 numbers"),
        ("0 0 0\n", "a.cube:1", "no size"),
        (GOOD + "0 0 0\n", "a.cube:13", "more entries"),
        (GOOD.rsplit("\n", 2)[0], "a.cube", "7 entries, and its size says 8"),
        (GOOD.replace("LUT_3D_SIZE 2", "LUT_3D_SIZE 2\nLUT_1D_SIZE 8"), "a.cube:4", "twice"),
        (GOOD.replace("SIZE 2", "SIZE 1"), "a.cube:3", "2 to 129"),
        (GOOD.replace("SIZE 2", "SIZE 999999999999"), "a.cube:3", "2 to 129"),
        (GOOD.replace("SIZE 2", "SIZE -2"), "a.cube:3", "no number"),
        (GOOD.replace("SIZE 2", "SIZE"), "a.cube:3", "no number"),
        (GOOD.replace("1.000000", "nan", 1), "a.cube:6", "no colour"),
        (GOOD.replace("1.000000", "1e400", 1), "a.cube:6", "no colour"),
        (GOOD.replace("1.000000", "0x1p3", 1), "a.cube:6", "no number"),
        (GOOD.replace("1.000000 0", "1.000000 0 0 0", 1), "a.cube:6", "not 3 numbers"),
        ("DOMAIN_MIN 1 1 1\n" + GOOD, "a.cube", "domain is empty"),
        ("DOMAIN_MIN 1 1\n" + GOOD, "a.cube:1", "not 3 numbers"),
        ("\0" * 64, "a.cube:1", "not 3 numbers"),
    ],
)
def test_what_is_no_table_is_told_with_its_line(
    text: str, place: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(MediaError, match="no colour table") as refused:
        read_cube(table(tmp_path, text))
    assert refused.value.place == place and says in refused.value.message
    assert refused.value.hint


def test_bytes_a_folder_and_nothing_are_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.cube").write_bytes(bytes(range(256)) * 10)
    for path in (tmp_path / "a.cube", tmp_path, tmp_path / "none.cube"):
        with pytest.raises(MediaError, match="no colour table"):
            read_cube(path)


@given(st.binary(max_size=40), st.integers(0, len(GOOD)), st.integers(0, 9))
def test_mutated_tables_never_give_anything_but_our_errors(
    tmp_path_factory: pytest.TempPathFactory, added: bytes, at: int, removed: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.cube"
    data = GOOD.encode()
    path.write_bytes(data[:at] + added + data[at + removed :])
    try:
        cube = read_cube(path)
    except MediaError as error:
        assert error.place
        return
    through(cube)(Image.new("RGB", (2, 2), (10, 20, 30)))
