"""Pictures: what is where in them, and that their bytes are always the same."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drawing_studio import CANVAS, MARA, TEO, Studio, fields
from numpy.typing import NDArray
from PIL import Image

from fvbuild.engine.action import InputFile
from fvbuild.errors import TargetError, UsageError
from fvbuild.media.lettering import font
from fvbuild.targets.sketch import camera, create, overlay, picture
from fvbuild.targets.sketch.scene import CHUNK
from fvbuild.targets.sketch.sheet import View
from fvbuild.targets.sketch.source import Source
from fvbuild.targets.sketch.staging import stage


def pixels(path: Path) -> NDArray[np.int16]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.int16)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def reddish(image: NDArray[np.int16]) -> NDArray[np.bool_]:
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    return (red > 60) & (red > 2.0 * green) & (red > 2.0 * blue)


def test_the_same_shot_is_the_same_bytes(studio: Studio) -> None:
    assert digest(studio.anchor()) == digest(studio.anchor())


def test_another_process_draws_the_same_bytes(studio: Studio, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from drawing_studio import Studio\n"
        "print(Studio(Path(sys.argv[1])).anchor())"
    )
    folder = tmp_path / "other"
    folder.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parent,
        env={"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "PATH": "/usr/bin"},
    )  # fmt: skip
    assert digest(Path(ran.stdout.strip())) == digest(studio.anchor())


def test_takes_differ_but_the_person_does_not(studio: Studio) -> None:
    assert digest(studio.anchor(seed=1)) != digest(studio.anchor(seed=2))


def test_a_caption_that_changes_nothing_seen_changes_no_byte(studio: Studio) -> None:
    assert digest(studio.anchor("Mara waits.")) == digest(studio.anchor("Mara is patient."))


def test_a_red_parka_is_seen_and_grows_with_the_shot_size(studio: Studio) -> None:
    areas = [
        int(reddish(pixels(studio.anchor(size=size, characters=[TEO]))).sum())
        for size in ("extreme wide", "wide", "full", "medium")
    ]
    assert areas == sorted(areas) and areas[0] > 10 and areas[-1] > 8 * areas[1]


def test_a_child_stands_below_a_grown_woman(studio: Studio) -> None:
    image = pixels(studio.anchor(size="full", characters=[MARA, TEO]))
    red = np.flatnonzero(reddish(image).any(axis=1))
    yellow = (
        (image[..., 0] > 90)
        & (image[..., 1] > 0.55 * image[..., 0])
        & (image[..., 2] < 0.55 * image[..., 1])
    )
    assert np.flatnonzero(yellow.any(axis=1))[0] < red[0]


def test_the_horizon_moves_with_the_angle(studio: Studio) -> None:
    rows = {}
    for angle in ("high", "eye", "low"):
        image = pixels(studio.anchor(size="wide", angle=angle, characters=[], caption="the sea",
                                     location={"look": "open sea"}))  # fmt: skip
        steps = np.abs(np.diff(image[:160].mean(axis=(1, 2))))
        rows[angle] = int(np.argmax(steps))
    assert rows["high"] < rows["eye"] < rows["low"]


def test_day_is_brighter_than_night(studio: Studio) -> None:
    day = pixels(studio.anchor(time="day", lighting="")).mean()
    assert day > 1.7 * pixels(studio.anchor(time="night", lighting="")).mean()


def test_noir_has_no_colour(studio: Studio) -> None:
    image = pixels(studio.anchor(style="noir"))[:160]
    assert np.abs(image[..., 0] - image[..., 2]).mean() < 6


@pytest.mark.parametrize("style", ["anime", "watercolor", "oil-painting", "3d-render", "artistic"])
def test_styles_are_seen(studio: Studio, style: str) -> None:
    plain, styled = pixels(studio.anchor()), pixels(studio.anchor(style=style))
    assert np.abs(plain - styled).mean() > 3


def test_a_close_up_blurs_what_is_behind(studio: Studio) -> None:
    def detail(size: str) -> float:
        path = studio.anchor(
            size=size, characters=[], caption="the city", time="night", overlay=False,
            location={"look": "city skyline"},
        )  # fmt: skip
        skyline = pixels(path)[70:104].mean(axis=2)  # below the moon
        return float(np.abs(np.diff(skyline, axis=1)).max())

    assert detail("close-up") < 0.5 * detail("wide")


@pytest.mark.parametrize("size", ["extreme wide", "full", "close-up", "insert", "two-shot",
                                  "over-the-shoulder", "POV"])  # fmt: skip
@pytest.mark.parametrize("canvas", [(180, 320), (320, 134), (240, 240)])
def test_every_size_is_drawn_in_every_ratio(
    studio: Studio, size: str, canvas: tuple[int, int]
) -> None:
    image = pixels(studio.anchor(size=size, canvas=canvas, characters=[MARA, TEO]))
    assert image.shape[:2] == (canvas[1], canvas[0])
    assert image.std() > 12


@pytest.mark.parametrize(
    "place",
    ["pier", "sea", "beach", "ship's deck", "city", "rooftop", "street", "station", "forest",
     "mountains", "field", "desert", "snow", "space", "room", "kitchen", "cafe", "office", "studio",
     "corridor", "stairs", "lantern room", "somewhere nobody has words for"],
)  # fmt: skip
def test_every_place_is_drawn_from_every_angle(studio: Studio, place: str) -> None:
    pictures = {
        angle: digest(studio.anchor(angle=angle, location={"look": place}, canvas=(160, 90)))
        for angle in ("eye", "high", "worm", "overhead", "dutch")
    }
    assert len(set(pictures.values())) == 5


def test_without_overlay_there_is_no_strip(studio: Studio) -> None:
    made = studio.make("anchor", {"composition": fields()}, settings={"overlay": False})
    assert made.path is not None
    bare, burnt = pixels(made.path), pixels(studio.anchor())
    rows = overlay.bar_height(*CANVAS)
    assert np.median(burnt[-rows:]) < 20 < bare[-rows:].mean()


def test_no_name_reaches_the_picture_or_its_data(studio: Studio) -> None:
    path = studio.anchor("Marguerite waits for Bartholomew")
    with Image.open(path) as image:
        image.load()
        assert set(image.info) == {CHUNK}
        assert "argu" not in image.info[CHUNK].lower()


def test_a_freed_picture_has_neither_strip_nor_marks(studio: Studio) -> None:
    with Image.open(studio.anchor()) as burnt:
        freed = overlay.without(burnt.convert("RGB"))
    assert freed.height == CANVAS[1] - overlay.bar_height(*CANVAS)
    bare = studio.make("anchor", {"composition": fields(overlay=False)}).path
    assert bare is not None
    with Image.open(bare) as plain:
        assert overlay.without(plain.convert("RGB")).size == CANVAS


@pytest.mark.parametrize(
    ("kind", "params"),
    [("reference", {"look": MARA["look"], "outfit": MARA["outfit"], "style": "cinematic"}),
     ("plate", {"look": "rotting pier, iron lamps", "style": "cinematic", "time": "dusk"}),
     ("prop", {"look": "torn pink ticket", "style": "cinematic"})],
)  # fmt: skip
@pytest.mark.parametrize("canvas", [(320, 180), (180, 320)])
def test_sheets_are_drawn(
    studio: Studio, kind: str, params: dict[str, str], canvas: tuple[int, int]
) -> None:
    made = studio.make(kind, {**params, "canvas": list(canvas)})
    assert made.path is not None and made.facts == {"width": canvas[0], "height": canvas[1]}
    assert pixels(made.path).std() > 8


def test_an_outfit_changes_its_reference(studio: Studio) -> None:
    one, other = (
        studio.make("reference", {"look": MARA["look"], "outfit": outfit, "style": ""}).path
        for outfit in ("yellow oilskin", "charcoal suit")
    )
    assert one is not None and other is not None and digest(one) != digest(other)


@pytest.mark.parametrize("canvas", [None, [0, 10], [99999, 10], ["a", 3], [1, 2, 3]])
def test_an_impossible_canvas_is_refused(studio: Studio, canvas: object) -> None:
    with pytest.raises(TargetError, match="canvas"):
        studio.make("anchor", {"composition": fields(), "canvas": canvas})


def test_settings_are_checked() -> None:
    with pytest.raises(UsageError, match="overlay"):
        create("sketch", {"overlay": "no"})
    with pytest.raises(UsageError, match="overly"):
        create("sketch", {"overly": True})


def test_a_kind_of_no_picture_is_refused(studio: Studio) -> None:
    with pytest.raises(TargetError, match="makes no conform"):
        studio.make("conform", {})


@pytest.mark.parametrize("letter", "éßŁçñ—–←→⇲ΩλЖщ")
def test_the_fonts_have_every_letter_that_films_need(letter: str) -> None:
    for weight in ("regular", "bold", "mono"):
        face = font(weight, 40)
        assert bytes(face.getmask(letter)) != bytes(face.getmask("\U000fffff"))


def test_planning_loads_no_library_that_draws() -> None:
    script = (
        "import sys; from fvbuild.targets.sketch import create\n"
        "target = create('sketch', {}); target.capabilities; target.identity\n"
        "print([name for name in ('PIL', 'av', 'numpy') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_identity_follows_what_changes_pixels() -> None:
    assert create("a", {}).identity == create("b", {}).identity
    assert create("a", {}).identity != create("a", {"overlay": False}).identity


@pytest.mark.parametrize("place", ["pier, fog", "sea, rain", "city", "street", "room", "stairs"])
@pytest.mark.parametrize(
    ("size", "angle"), [("wide", "eye"), ("close-up", "eye"), ("full", "dutch"), ("medium", "low")]
)
def test_a_picture_does_not_depend_on_the_room_around_it(place: str, size: str, angle: str) -> None:
    """A clip draws on wider paper than its anchor did: what both show must be one picture."""
    composition = fields(size=size, angle=angle, location={"look": place})
    scene = stage(composition, "she holds a lantern", CANVAS, 1, empty=False)
    narrow, wide = View(320, 168), View(320, 168, 64, 48, 80, 32)
    one, other = (
        np.asarray(picture.flatten(picture.draw(scene, view), view), np.int16)
        for view in (narrow, wide)
    )
    assert np.abs(one - other).mean() < 0.5


def test_a_clip_moves_among_the_layers_of_its_anchor(studio: Studio) -> None:
    """Far and near part company under a travelling camera: the picture is no flat card."""
    params = {"composition": fields(size="wide")}
    made = studio.make("anchor", params)
    assert made.path is not None
    given = InputFile("start", "0", made.path, "image/png")
    scene = stage(fields(size="wide"), "she waits", CANVAS, 1, empty=False)
    source = Source.of(given, scene, CANVAS)
    for camera_word in ("crane up", "truck left", "dolly out", "pan right"):
        path = camera.read(camera_word, 4.0).path(4.0)
        assert source.layers(path) is not None
