"""A frame that is made by changing a picture, as a film writes it: what is right, what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from fvbuild.film.diagnostics import FilmFaults
from fvbuild.film.load import load
from fvbuild.film.resolved_shot import Frame

FILM = """\
film: Edited
shots:
  - id: one
    action: she walks
    first_frame: %s
"""
WHOLE = "{edit: art/plate.png, mask: art/mask.png, text: lit}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "art").mkdir()
    for name in ("plate", "mask", "later"):
        Image.new("RGB", (64, 36)).save(tmp_path / "art" / f"{name}.png")
    (tmp_path / "art" / "words.png").write_text("no picture")
    return tmp_path


def first_frame(folder: Path, written: str, cache: Path | None = None) -> Frame | None:
    (folder / "film.yaml").write_text(FILM % written)
    (film,) = load(folder / "film.yaml", cache_dir=cache).variants
    return film.scenes[0].shots[0].first_frame


def faults(folder: Path, text: str) -> list[tuple[str, str]]:
    (folder / "film.yaml").write_text(text)
    with pytest.raises(FilmFaults) as caught:
        load(folder / "film.yaml")
    return [(str(each.place).partition(":")[2], each.message) for each in caught.value.diagnostics]


def test_all_of_it(folder: Path) -> None:
    assert first_frame(folder, WHOLE) == Frame("lit", edit="art/plate.png", mask="art/mask.png")
    assert first_frame(folder, "{edit: ./art/plate.png}") == Frame(edit="art/plate.png")
    assert first_frame(folder, "art/plate.png") == Frame(picture="art/plate.png")
    followed = "{control: art/plate.png, text: lit}"
    assert first_frame(folder, followed) == Frame("lit", control="art/plate.png")


def test_it_is_kept_and_spliced_like_every_other_field(folder: Path) -> None:
    cache = folder / "cache"
    whole = first_frame(folder, WHOLE, cache)
    assert first_frame(folder, WHOLE, cache) == whole
    for edited in (WHOLE.replace("lit", "out"), WHOLE.replace("art/mask", "art/later"), "words"):
        assert first_frame(folder, edited, cache) == first_frame(folder, edited)


@pytest.mark.parametrize(
    ("written", "place", "message"),
    [
        ("{edit: art/gone.png}", "5:25", "there is no picture 'art/gone.png'"),
        ("{edit: art/plate.png, mask: art/gone.png}", "5:46", "there is no picture 'art/gone.png'"),
        ("{edit: ../plate.png}", "5:25", "lies outside of the film's folder"),
        ("{edit: a pier}", "5:25", "`edit` is a picture, and 'a pier' is none"),
        ("{edit: art/words.png}", "5:25", "is not a PNG, JPEG or WebP picture"),
        ("{mask: art/mask.png}", "5:18", "a frame is made from one picture"),
        ("{text: lit}", "5:18", "a frame is made from one picture"),
        (
            "{edit: art/plate.png, control: art/mask.png}",
            "5:18",
            "a frame is made from one picture",
        ),
        (
            "{mask: art/mask.png, control: art/plate.png}",
            "5:18",
            "a frame is made from one picture",
        ),
        ("{control: words}", "5:28", "`control` is a picture"),
        ("{edit: art/plate.png, maks: art/mask.png}", "5:40", "maks"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(
    folder: Path, written: str, place: str, message: str
) -> None:
    ((at, told),) = faults(folder, FILM % written)
    assert message in told
    assert at == place


def test_something_says_what_it_shows(folder: Path) -> None:
    film = FILM.replace("    action: she walks\n", "") % "{edit: art/plate.png}"
    assert "nothing says what the changed picture is to show" in faults(folder, film)[0][1]
    film = (FILM % "dusk").replace("id: one", "id: one\n    mode: keyframe")
    film += "    last_frame: {edit: art/plate.png}\n"
    assert "nothing says what the changed picture shows as the last" in faults(folder, film)[0][1]


def test_a_direct_shot_has_no_use_for_one(folder: Path) -> None:
    film = (FILM % WHOLE).replace("id: one", "id: one\n    mode: direct")
    assert "a direct shot is made without a still" in faults(folder, film)[0][1]
