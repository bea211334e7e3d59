"""Clips: frames counted, moves smooth, ends met, bytes the same."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from drawing_studio import CANVAS, MARA, TEO, Studio, fields
from numpy.typing import NDArray
from PIL import Image

from fvbuild.errors import Interrupted, TargetError
from fvbuild.media.clip import decode_frames, probe
from fvbuild.targets.sketch import camera, overlay
from fvbuild.targets.sketch.compositor import Compositor, margins
from fvbuild.targets.sketch.pieces import joined
from fvbuild.targets.sketch.sampling import Glaze, Planes, mixed
from fvbuild.targets.sketch.sheet import Layer, View

ROWS = CANVAS[1] - overlay.bar_height(*CANVAS)


def lumas(path: Path) -> list[NDArray[np.float64]]:
    return [frame[:ROWS, : CANVAS[0]].astype(np.float64) for frame in decode_frames(path)]


def luma_of(path: Path) -> NDArray[np.float64]:
    with Image.open(path) as image:
        rgb = np.asarray(image.convert("RGB"), np.float64)[:ROWS]
    return rgb @ (0.18259, 0.61423, 0.06201) + 16


def difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.abs(one - other).mean())


def test_a_clip_has_the_frames_the_size_and_the_rate_it_says(studio: Studio) -> None:
    made = studio.make(
        "segment",
        {"frames": 7, "composition": fields(), "move": {"camera": "pan left", "frames": 7}},
    )
    assert made.path is not None
    assert made.facts == {"frames": 7, "width": 320, "height": 180, "fps": "24"}
    found = probe(made.path)
    assert (found.frames, found.width, found.height, found.fps) == (7, 320, 180, Fraction(24))


def test_no_size_is_burnt_in_over_a_picture_of_which_none_is_known(
    studio: Studio, tmp_path: Path
) -> None:
    """A tail or a photograph has the framing that it has."""
    flat = tmp_path / "flat.png"
    Image.new("RGB", CANVAS, (90, 120, 150)).save(flat)
    strips = {}
    for size in ("", "medium wide", "wide"):
        clip = studio.segment("static", 1, flat, size=size, lens="", canvas=CANVAS)
        frame = next(iter(decode_frames(clip)))
        strips[size] = frame[ROWS : CANVAS[1], : CANVAS[0] // 3].astype(np.float64)
    assert difference(strips[""], strips["medium wide"]) > 1
    assert difference(strips["wide"], strips["medium wide"]) > 1
    own = studio.segment("static", 1, studio.anchor(size=""), size="", lens="")
    frame = next(iter(decode_frames(own)))
    strip = frame[ROWS : CANVAS[1], : CANVAS[0] // 3].astype(np.float64)
    nearest = min(strips, key=lambda size: difference(strip, strips[size]))
    assert nearest == "medium wide"


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_the_shortest_clips_are_whole(studio: Studio, frames: int) -> None:
    start = studio.anchor()
    assert probe(studio.segment("dolly in", frames, start)).frames == frames
    assert probe(studio.segment("dolly in", frames, start, studio.anchor(seed=2))).frames == frames


MOVES = ["static", "pan right", "dolly in", "crane down", "handheld", "rack focus", "tracking"]


@pytest.mark.parametrize("camera_word", [*MOVES, "zoom out"])
def test_the_first_frame_is_the_anchor(studio: Studio, camera_word: str) -> None:
    start = studio.anchor()
    frames = lumas(studio.segment(camera_word, 12, start))
    assert difference(frames[0], luma_of(start)) < 2.0
    if camera_word != "static":
        assert difference(frames[-1], frames[0]) > 0.5


def test_a_static_shot_stands_still_but_its_timecode_runs(studio: Studio) -> None:
    path = studio.segment("static", 30, studio.anchor())
    frames = list(decode_frames(path))
    assert difference(frames[29][:ROWS].astype(float), frames[0][:ROWS].astype(float)) < 1.0
    strip = [frame[ROWS : CANVAS[1]].astype(float) for frame in frames]
    assert difference(strip[0], strip[29]) > 0.5


def test_keyframes_are_met_at_both_ends(studio: Studio) -> None:
    start = studio.anchor("Teo reads", size="medium", characters=[TEO])
    end = studio.anchor("Teo waves, smiling", size="medium", characters=[TEO])
    frames = lumas(studio.segment("dolly in", 24, start, end, size="medium", characters=[TEO]))
    assert difference(frames[0], luma_of(start)) < 2.0
    assert difference(frames[-1], luma_of(end)) < 2.0
    assert difference(frames[0], frames[-1]) > 1.0


def test_a_given_picture_is_moved_over_and_begins_as_it_is(studio: Studio, tmp_path: Path) -> None:
    across = np.linspace(0, 6 * np.pi, CANVAS[0])
    picture = np.repeat((127 + 90 * np.sin(across))[None, :], ROWS, axis=0)
    given = tmp_path / "given.png"
    Image.fromarray(np.repeat(picture[..., None], 3, axis=2).astype(np.uint8)).save(given)
    frames = lumas(studio.segment("pan right", 24, given))
    assert difference(frames[0], luma_of(given)[:ROWS]) < 3.0
    assert difference(frames[-1], frames[0]) > 10


def test_a_painted_over_anchor_is_not_drawn_anew(studio: Studio, tmp_path: Path) -> None:
    start = studio.anchor()
    painted = tmp_path / "painted.png"
    with Image.open(start) as image:
        image.load()
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        for name, text in image.info.items():
            info.add_text(str(name), str(text))
        image.paste((0, 255, 0), (100, 40, 180, 120))
        image.save(painted, pnginfo=info)
    frames = lumas(studio.segment("static", 3, painted))
    assert frames[0][60:100, 120:160].mean() > 150


def test_a_chained_clip_begins_without_the_strip_of_the_one_before(
    studio: Studio, tmp_path: Path
) -> None:
    tail = tmp_path / "tail.png"
    with Image.open(studio.anchor()) as image:
        image.convert("RGB").save(tail)
    frames = lumas(studio.segment("pan left", 8, tail, characters=[MARA]))
    assert difference(frames[0], luma_of(tail)) < 3.0


def test_the_same_clip_is_the_same_bytes(studio: Studio) -> None:
    start = studio.anchor()
    made = [studio.segment("orbit", 10, start).read_bytes() for _ in range(2)]
    assert hashlib.sha256(made[0]).digest() == hashlib.sha256(made[1]).digest()


def test_a_direct_clip_needs_no_picture(studio: Studio) -> None:
    assert probe(studio.segment("drone", 5)).frames == 5


def test_a_clip_stops_when_it_is_told_to(studio: Studio) -> None:
    calls = iter([False] * 3 + [True] * 1000)
    with pytest.raises(Interrupted):
        studio.make(
            "segment",
            {"frames": 400, "composition": fields(), "move": {"camera": "pan left", "frames": 400}},
            cancelled=lambda: next(calls),
        )


def test_progress_is_reported_and_grows(studio: Studio) -> None:
    told: list[float] = []
    studio.make(
        "segment",
        {"frames": 40, "composition": fields(), "move": {"camera": "static", "frames": 40}},
        reported=told,
    )
    assert len(told) >= 3 and told == sorted(told) and told[0] >= 0 and told[-1] <= 1


@pytest.mark.parametrize("frames", [0, -1, None, "7", 10**9])
def test_an_impossible_length_is_refused(studio: Studio, frames: object) -> None:
    with pytest.raises(TargetError, match="number of frames"):
        studio.make("segment", {"frames": frames, "composition": fields()})


def blob(view: View, depth: float) -> Layer:
    """A soft spot in the middle of the picture, on paper of the view's size."""
    width, height = view.paper
    y, x = np.mgrid[0:height, 0:width]
    middle = (view.left + view.width / 2, view.top + view.height / 2)
    spot = 200 * np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / (2 * 9.0**2))
    grey = Image.fromarray(spot.astype(np.uint8))
    return Layer(Image.merge("RGB", [grey] * 3), -view.left, -view.top, depth)


@pytest.mark.parametrize("name", ["pan right", "truck left", "crane up", "dolly in", "zoom in"])
def test_moves_are_smooth_to_a_fraction_of_a_pixel(name: str) -> None:
    """A soft spot's centre follows the camera's path to within a twentieth of a pixel."""
    path = camera.read(name, 4.0).path(4.0)
    view = margins([path], 320, 180)
    compositor = Compositor([blob(view, 0.6)], view)
    errors = []
    for step in range(12, 36):
        pose = path(step / 95)
        luma = compositor.frame(pose).luma.astype(np.float64) - 16
        luma[luma < 4] = 0
        y, x = np.mgrid[0:180, 0:320]
        found = ((luma * (x + 0.5)).sum() / luma.sum(), (luma * (y + 0.5)).sum() / luma.sum())
        shift_x, shift_y, scale = pose.of(0.6, actor=False)
        expected = (160 + (0.5 - shift_x * 180) * scale, 90 + (0.5 - shift_y * 180) * scale)
        errors.append([a - b for a, b in zip(found, expected, strict=True)])
    wander = np.array(errors)
    assert float((wander - wander.mean(axis=0)).std()) < 0.05


def sampled(
    plane: NDArray[np.uint8], x: float, y: float, steps: tuple[float, float], size: tuple[int, int]
) -> NDArray[np.uint8]:
    planes, found = Planes([plane]), np.zeros((size[1], size[0]), np.uint8)
    planes.lay([found], *planes.taps(x, y, steps, size))
    return found


NOISE = np.random.default_rng(3).integers(0, 256, (60, 80), dtype=np.uint8)


def test_sampling_whole_pixels_copies_them() -> None:
    assert np.array_equal(sampled(NOISE, 7.0, 5.0, (1.0, 1.0), (40, 30)), NOISE[5:35, 7:47])
    assert np.array_equal(sampled(NOISE, 0.0, 0.0, (1.0, 1.0), (80, 60)), NOISE)


@pytest.mark.parametrize("steps", [(1.0, 1.0), (0.83, 0.91), (1.2, 1.0), (1.0, 0.7)])
def test_sampling_is_the_mean_of_four_neighbours_by_their_nearness(
    steps: tuple[float, float],
) -> None:
    x, y, size = 3.4, 2.7, (50, 40)
    rows = y + steps[1] * np.arange(size[1])
    columns = x + steps[0] * np.arange(size[0])
    down, across = np.floor(rows).astype(int), np.floor(columns).astype(int)
    part_y, part_x = (rows - down)[:, None], columns - across
    corner = [
        NOISE.astype(float)[np.ix_(down + below, across + aside)]
        for below, aside in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    upper = corner[0] * (1 - part_x) + corner[1] * part_x
    lower = corner[2] * (1 - part_x) + corner[3] * part_x
    expected = upper * (1 - part_y) + lower * part_y
    found = sampled(NOISE, x, y, steps, size)
    assert float(np.abs(found - expected).max()) < 3.0
    assert abs(float((found - expected).mean())) < 0.1


def test_sampling_beyond_the_edge_takes_the_edge() -> None:
    plane = np.full((20, 20), 77, np.uint8)
    assert (sampled(plane, -3.3, -2.7, (0.9, 0.8), (30, 30)) == 77).all()
    assert (sampled(plane, 0.25, 0.75, (1.0, 1.0), (30, 30)) == 77).all()
    assert (sampled(plane[:1, :1], 0.0, 0.0, (0.5, 0.5), (6, 4)) == 77).all()


@pytest.mark.parametrize("steps", [(1.0, 1.0), (0.9, 0.9)])
def test_laying_over_is_all_or_nothing_at_the_ends(steps: tuple[float, float]) -> None:
    over = np.full((8, 8), 250, np.uint8)
    for alpha, expected in ((0, 10), (255, 250)):
        base = np.full((8, 8), 10, np.uint8)
        planes = Planes([over], np.full((8, 8), alpha, np.uint8))
        planes.lay([base], *planes.taps(0.0, 0.0, steps, (8, 8)))
        assert (base == expected).all()


@pytest.mark.parametrize("alpha", [0, 1, 100, 255])
def test_a_glaze_covers_by_its_alpha(alpha: int) -> None:
    plane = np.full((6, 6), 40, np.uint8)
    Glaze(np.full((6, 6), 240, np.uint8), np.full((6, 6), alpha, np.uint8)).over(plane)
    assert abs(int(plane[3, 3]) - (40 + 200 * alpha / 255)) < 1.2


def test_a_dissolve_runs_from_one_to_the_other() -> None:
    one, other = np.full((6, 6), 16, np.uint8), np.full((6, 6), 235, np.uint8)
    assert [int(mixed(one, other, share)[0, 0]) for share in (0.0, 0.5, 1.0)] == [16, 126, 235]


def sheet(size: tuple[int, int], colour: tuple[int, ...]) -> Image.Image:
    return Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour)


def test_layers_that_no_camera_moves_apart_become_one() -> None:
    sky = Layer(sheet((64, 40), (90, 90, 90)), 0, 0, 0.1)
    one = Layer(sheet((10, 10), (255, 0, 0, 255)), 4, 5, 1.0, actor=True)
    other = Layer(sheet((10, 10), (0, 0, 255, 128)), 8, 9, 1.0, actor=True)
    near = Layer(sheet((6, 6), (0, 255, 0, 255)), 30, 30, 1.4)
    found = joined([sky, one, other, near], flat=False)
    assert [(layer.left, layer.top, layer.image.size) for layer in found] == [
        (0, 0, (64, 40)), (4, 5, (14, 14)), (30, 30, (6, 6)),
    ]  # fmt: skip
    assert found[1].image.getpixel((6, 6)) == (127, 0, 128, 255)
    (flat,) = joined([sky, one, other, near], flat=True)
    assert flat.image.size == (64, 40)
    assert flat.image.getpixel((5, 6)) == (255, 0, 0)
    assert flat.image.getpixel((40, 10)) == (90, 90, 90)


def test_the_ground_opens_under_a_rising_camera_and_keeps_its_horizon() -> None:
    """A line on the ground moves with the figures' feet; the horizon hardly moves."""
    view = View(64, 200)
    stripes = Image.new("RGBA", view.paper, (20, 20, 20, 0))
    stripes.paste((20, 20, 20, 255), (0, 100, 64, 200))
    stripes.paste((240, 240, 240, 255), (0, 158, 64, 162))
    layers = [
        Layer(Image.new("RGB", view.paper, (90, 90, 90)), 0, 0, 0.0),
        Layer(stripes, 0, 0, 0.92, plane=(0.5, 0.3)),
    ]
    luma = Compositor(layers, view).frame(camera.Pose(truck_y=-0.1)).luma[:, 32].astype(int)
    bright = np.flatnonzero(luma > 190)
    assert abs(bright.mean() - (159.5 + 0.1 * 200)) < 1.5
    assert abs(int(np.flatnonzero(luma < 60)[0]) - 100) < 6
