"""The steps of finishing that need no model: what they do, how many frames they give, and that
they give the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from finished_clips import SIZE, dot_at, dot_in, moving, scene, seen, twice, write
from PIL import Image
from test_cube import identity

from fvbuild.errors import Interrupted, MediaError
from fvbuild.media.clip import probe
from fvbuild.media.conform import is_joinable
from fvbuild.media.grade import grade
from fvbuild.media.interpolate import interpolate
from fvbuild.media.match import match
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.stabilize import camera_path, stabilize
from fvbuild.media.steps import profile_like

# --- grade ----------------------------------------------------------------------------------------


def test_a_grade_does_what_its_table_says_to_every_frame(tmp_path: Path) -> None:
    source = moving(tmp_path / "a.mp4", 7)
    rows = "\n".join(f"{1 - n / 8} {n / 8} {0.25 + n / 16}" for n in range(9))
    (tmp_path / "a.cube").write_text(f"LUT_1D_SIZE 9\n{rows}\n")
    assert grade(source, tmp_path / "a.cube", tmp_path / "b.mp4") == 7
    found, before = probe(tmp_path / "b.mp4"), probe(source)
    assert (found.frames, found.fps) == (7, before.fps)
    assert (found.width, found.height) == SIZE
    for one, other in zip(seen(source), seen(tmp_path / "b.mp4"), strict=True):
        wanted = np.stack([255 - one[..., 0], one[..., 1], 64 + one[..., 2] / 2], axis=-1)
        assert np.abs(wanted - other).mean() < 3


def test_a_step_keeps_its_clip_and_is_conformed_after(tmp_path: Path) -> None:
    """A table that changes nothing: what is lost on the way is below what an eye sees."""
    source = moving(tmp_path / "a.mp4", 60)
    (tmp_path / "a.cube").write_text(identity(17))
    grade(source, tmp_path / "a.cube", tmp_path / "b.mp4")
    for one, other in zip(seen(source), seen(tmp_path / "b.mp4"), strict=True):
        assert np.abs(one - other).mean() < 1.5
    assert not is_joinable(tmp_path / "b.mp4", JoiningProfile(*SIZE, Fraction(24)), 60)


# --- match ----------------------------------------------------------------------------------------


def _off(image: Image.Image) -> Image.Image:
    """As a model may give a picture back: brighter, flatter, with a tint."""
    pixels = np.asarray(image, float)
    return Image.fromarray(
        np.clip(pixels * [0.82, 0.9, 0.7] + [34, 20, 30], 0, 255).astype("uint8")
    )


def test_a_clip_gets_the_colours_of_its_picture_back(tmp_path: Path) -> None:
    pictures = [scene(dot_at(n)) for n in range(6)]
    pictures[0].save(tmp_path / "anchor.png")
    source = write(tmp_path / "a.mp4", [_off(picture) for picture in pictures])
    assert match(source, tmp_path / "anchor.png", tmp_path / "b.mp4") == 6
    for right, wrong, matched in zip(pictures, seen(source), seen(tmp_path / "b.mp4"), strict=True):
        wanted = np.asarray(right, float)
        before, after = np.abs(wrong - wanted).mean(), np.abs(matched - wanted).mean()
        assert before > 12 and after < before / 4, (before, after)


def test_one_map_serves_the_whole_clip(tmp_path: Path) -> None:
    """A clip that gets darker on purpose stays one: nothing is matched frame by frame."""
    still = _off(scene())
    dark = still.point(lambda level: level * 0.5)
    scene().save(tmp_path / "anchor.png")
    source = write(tmp_path / "a.mp4", [still, still, still, dark, dark, still])
    match(source, tmp_path / "anchor.png", tmp_path / "b.mp4")
    levels = [frame.mean() for frame in seen(tmp_path / "b.mp4")]
    assert max(levels[0], levels[5]) - min(levels[0], levels[5]) < 1.0
    assert levels[3] < 0.7 * levels[0] and abs(levels[3] - levels[4]) < 1.0


def test_a_clip_of_its_pictures_colours_is_left_alone(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mp4", [scene(90)] * 3)
    Image.fromarray(seen(source)[0].astype(np.uint8)).save(tmp_path / "anchor.png")
    assert match(source, tmp_path / "anchor.png", tmp_path / "b.mp4") is None
    assert not (tmp_path / "b.mp4").exists()


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 40, 40)])
def test_flat_pictures_shift_and_do_not_explode(
    colour: tuple[int, int, int], tmp_path: Path
) -> None:
    Image.new("RGB", (640, 200), colour).save(tmp_path / "flat.png")
    source = write(tmp_path / "a.mp4", [scene()] * 2)
    match(source, tmp_path / "flat.png", tmp_path / "b.mp4")
    mean = seen(tmp_path / "b.mp4")[0].mean(axis=(0, 1))
    assert np.abs(mean - colour).max() < 60
    match(write(tmp_path / "c.mp4", [Image.new("RGB", SIZE, colour)] * 2), tmp_path / "flat.png",
          tmp_path / "d.mp4")  # fmt: skip


# --- interpolate ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frames", "native", "fps", "wanted"),
    [
        (12, 24, "48", 24), (12, 24, "30", 15), (13, 16, "24", 20), (12, 24, "24000/1001", 12),
        (10, 24, "25", 10), (12, 30, "24", 10), (12, 24, "60", 30), (3, 24, "48", 6),
    ],
)  # fmt: skip
def test_frames_between_lie_where_they_should(
    frames: int, native: int, fps: str, wanted: int, tmp_path: Path
) -> None:
    source, rate = moving(tmp_path / "a.mp4", frames, native), Fraction(fps)
    assert interpolate(source, rate, tmp_path / "b.mp4") == wanted
    found = probe(tmp_path / "b.mp4")
    assert (found.frames, found.fps) == (wanted, rate)
    for number, frame in enumerate(seen(tmp_path / "b.mp4")):
        at = min(frames - 1, float(number * native / rate))
        assert abs(dot_in(frame) - dot_at(at)) < 2.5, number


@pytest.mark.parametrize(("frames", "native", "fps"), [(5, 24, 24), (8, 48, 24), (2, 24, 48)])
def test_where_nothing_lies_between_the_clip_is_left_alone(
    frames: int, native: int, fps: int, tmp_path: Path
) -> None:
    source = moving(tmp_path / "a.mp4", frames, native)
    assert interpolate(source, Fraction(fps), tmp_path / "b.mp4") is None


# --- stabilize ------------------------------------------------------------------------------------


def _shaken(path: Path, frames: int = 30) -> Path:
    dice = np.random.RandomState(4)
    shake = dice.randn(frames, 2) * 2
    return write(path, [scene(60 + 5 * n, (n * 1.5 + x, y)) for n, (x, y) in enumerate(shake)])


def _jerk(path: Path) -> float:
    profile, _ = profile_like(path)
    return float(np.abs(np.diff(camera_path(path, profile), 2, axis=0)).mean())


def test_shake_goes_and_the_pan_stays(tmp_path: Path) -> None:
    source = _shaken(tmp_path / "a.mp4")
    assert stabilize(source, tmp_path / "b.mp4") == 30
    assert probe(tmp_path / "b.mp4").frames == 30
    assert _jerk(tmp_path / "b.mp4") < _jerk(source) / 5
    profile, _ = profile_like(source)
    panned = camera_path(tmp_path / "b.mp4", profile)[-1] - camera_path(source, profile)[-1]
    assert np.abs(panned).max() < 8  # of 44 pixels


def test_no_border_is_ever_seen(tmp_path: Path) -> None:
    stabilize(_shaken(tmp_path / "a.mp4"), tmp_path / "b.mp4")
    for frame in seen(tmp_path / "b.mp4"):
        for edge in (frame[0], frame[-1], frame[:, 0], frame[:, -1]):
            assert edge.sum(axis=-1).min() > 60  # nothing in the scene is black


def test_a_camera_on_its_tripod_is_left_alone(tmp_path: Path) -> None:
    source = write(tmp_path / "a.mp4", [scene(40 + 6 * n) for n in range(20)])
    assert stabilize(source, tmp_path / "b.mp4") is None
    assert stabilize(write(tmp_path / "c.mp4", [scene()]), tmp_path / "b.mp4") is None
    flat = write(tmp_path / "d.mp4", [Image.new("RGB", SIZE, (9, 9, 9))] * 5)
    assert stabilize(flat, tmp_path / "b.mp4") is None


# --- all of them ----------------------------------------------------------------------------------


def test_the_same_clip_gives_the_same_bytes(tmp_path: Path) -> None:
    source = _shaken(tmp_path / "a.mp4", 8)
    (tmp_path / "a.cube").write_text(identity(5))
    scene().point(lambda level: level * 0.7).save(tmp_path / "anchor.png")
    steps: list[Callable[[Path], object]] = [
        lambda path: grade(source, tmp_path / "a.cube", path),
        lambda path: match(source, tmp_path / "anchor.png", path),
        lambda path: interpolate(source, Fraction(30), path),
        lambda path: stabilize(source, path),
    ]
    for step in steps:
        one, other = twice(step, tmp_path)
        assert one == other


def test_what_is_no_clip_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no clip")
    (tmp_path / "a.cube").write_text(identity(2))
    scene().save(tmp_path / "anchor.png")
    steps: list[Callable[[Path], object]] = [
        lambda path: grade(path, tmp_path / "a.cube", tmp_path / "b.mp4"),
        lambda path: match(path, tmp_path / "anchor.png", tmp_path / "b.mp4"),
        lambda path: interpolate(path, Fraction(30), tmp_path / "b.mp4"),
        lambda path: stabilize(path, tmp_path / "b.mp4"),
    ]
    for step in steps:
        with pytest.raises(MediaError, match="this clip cannot be decoded"):
            step(tmp_path / "a.mp4")
        assert not (tmp_path / "b.mp4").exists()


def test_a_step_can_be_stopped(tmp_path: Path) -> None:
    def stop() -> None:
        raise Interrupted("stopped")

    source = _shaken(tmp_path / "a.mp4", 20)
    (tmp_path / "a.cube").write_text(identity(2))
    with pytest.raises(Interrupted):
        grade(source, tmp_path / "a.cube", tmp_path / "b.mp4", check=stop)
    with pytest.raises(Interrupted):
        stabilize(source, tmp_path / "b.mp4", check=stop)
    assert not list(tmp_path.glob("b.mp4*"))
