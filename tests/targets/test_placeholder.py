"""Placeholders are tiny, valid, and different wherever the recipe is."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fvbuild.engine.action import Action, InputFile, Made
from fvbuild.engine.digest import Json
from fvbuild.errors import TargetError
from fvbuild.media.clip import encode_clip
from fvbuild.media.conform import conform
from fvbuild.media.mp4.index import index_track
from fvbuild.media.profile import JoiningProfile
from fvbuild.targets import placeholder_clip
from fvbuild.targets.placeholder import create
from fvbuild.targets.registry import create_target

TARGET = create("placeholder", {})
PICTURES = ["reference", "plate", "prop", "anchor", "boundary"]
SOUNDS = ["speech", "ambience", "effect", "music"]
PARAMS: Mapping[str, Json] = {"canvas": [64, 36], "frames": 30, "text": "gulls", "seconds": 0.5}


def action(folder: Path, kind: str, **params: Json) -> Action:
    return Action("pier/a/" + kind, kind, {**PARAMS, **params}, {}, folder)


def make(asked: Action) -> Made:
    (made,) = TARGET.make(asked).outputs
    return made


def content(made: Made) -> bytes:
    return made.text.encode() if made.text is not None else bytes(made.data or b"")


def saved(made: Made, folder: Path) -> Path:
    """What was made, as a file."""
    path = folder / "made"
    path.write_bytes(content(made))
    return path


def shape(path: Path) -> tuple[int, int, int]:
    """Decoded frames, width and height of a clip, each frame shown at its own time."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [frame.time for frame in container.decode(stream)]
        assert times == [float(number / placeholder_clip.FPS) for number in range(len(times))]
        return len(times), stream.width, stream.height


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("canvas", [(64, 36), (36, 64), (48, 48)])
def test_pictures_are_pngs_of_the_canvas(
    tmp_path: Path, kind: str, canvas: tuple[int, int]
) -> None:
    made = make(action(tmp_path, kind, canvas=list(canvas)))
    with Image.open(saved(made, tmp_path)) as picture:
        picture.load()
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", canvas)
    assert made.facts == {"width": canvas[0], "height": canvas[1]}


@pytest.mark.parametrize("canvas", [(64, 36), (36, 64), (48, 48), (76, 32)])
@pytest.mark.parametrize("frames", [1, 2, 3, 23, 24, 25, 100])
def test_segments_have_exactly_their_frames(
    tmp_path: Path, frames: int, canvas: tuple[int, int]
) -> None:
    made = make(action(tmp_path, "segment", frames=frames, canvas=list(canvas)))
    assert shape(saved(made, tmp_path)) == (frames, *canvas)
    assert made.facts == {"frames": frames, "width": canvas[0], "height": canvas[1], "fps": "24"}


def test_the_group_that_is_kept_ready_is_what_the_encoder_makes() -> None:
    size = placeholder_clip.READY_SIZE
    assert placeholder_clip.group(*size) == placeholder_clip.encode_group(*size)


@pytest.mark.parametrize("canvas", [(64, 36), (36, 64)])
def test_segments_join_with_clips_of_the_encoder_by_copying(
    tmp_path: Path, canvas: tuple[int, int]
) -> None:
    profile = JoiningProfile(*canvas, placeholder_clip.FPS)
    width, height = canvas
    encode_clip(tmp_path / "coded.mp4", [np.zeros((height, width, 3), np.uint8)] * 30, profile)
    made = make(action(tmp_path, "segment", canvas=list(canvas)))
    clip = saved(made, tmp_path)
    coded, ours = index_track(tmp_path / "coded.mp4"), index_track(clip)
    assert ours.description == coded.description
    assert (ours.timescale, ours.sample_ticks) == (coded.timescale, coded.sample_ticks)
    assert (ours.sync, ours.media_start) == (coded.sync, coded.media_start)
    assert conform(clip, tmp_path / "conformed.mp4", profile, 30) is False


@pytest.mark.parametrize("kind", SOUNDS)
def test_sounds_are_wavs_at_48_khz(tmp_path: Path, kind: str) -> None:
    made = make(action(tmp_path, kind, text="twenty-four letters long" if kind == "speech" else ""))
    with wave.open(str(saved(made, tmp_path))) as sound:
        assert (sound.getframerate(), sound.getsampwidth()) == (48_000, 2)
        assert sound.getnframes() == made.facts["samples"]
        expected_s = 1.6 if kind == "speech" else 0.5
        assert sound.getnframes() / 48_000 == made.facts["seconds"] == expected_s


def test_hours_of_music_stay_small(tmp_path: Path) -> None:
    made = make(action(tmp_path, "music", seconds=40_000.0))
    assert len(content(made)) < 1_000_000


def changed_recipes(asked: Action) -> Mapping[str, Action]:
    given_picture = InputFile("start", "ab" * 32, None, "image/png")
    return {
        "param": dataclasses.replace(asked, params={**asked.params, "style": "noir"}),
        "seed": dataclasses.replace(asked, seed=2),
        "input": dataclasses.replace(asked, inputs={"start": (given_picture,)}),
        "role": dataclasses.replace(asked, inputs={"end": (given_picture,)}),
    }


@pytest.mark.parametrize("kind", sorted(TARGET.capabilities.kinds))
def test_every_change_of_a_recipe_changes_the_content(tmp_path: Path, kind: str) -> None:
    asked = action(tmp_path, kind)
    contents = {"as it was": content(make(asked))}
    for name, changed in changed_recipes(asked).items():
        contents[name] = content(make(changed))
    assert len(set(contents.values())) == len(contents)


@pytest.mark.parametrize("kind", sorted(TARGET.capabilities.kinds))
def test_the_same_recipe_gives_the_same_bytes_under_any_name(tmp_path: Path, kind: str) -> None:
    asked = action(tmp_path, kind)
    first = content(make(asked))
    assert content(make(dataclasses.replace(asked, node="deck/b/" + kind, take=3))) == first


def test_a_film_of_the_ready_size_needs_no_media_library(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from fvbuild.engine.action import Action\n"
        "from fvbuild.targets.registry import create_target\n"
        "target = create_target('placeholder')\n"
        "for kind in sorted(target.capabilities.kinds):\n"
        "    params = {'canvas': [64, 36], 'frames': 30, 'text': 'a', 'seconds': 1}\n"
        f"    folder = pathlib.Path({str(tmp_path)!r})\n"
        "    target.make(Action('n', kind, params, {}, folder))\n"
        "print([name for name in ('av', 'PIL', 'numpy') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("segment", {"frames": 0}),
        ("segment", {"frames": True}),
        ("segment", {"frames": "12"}),
        ("anchor", {"canvas": [64]}),
        ("anchor", {"canvas": "64x36"}),
        ("music", {"seconds": "long"}),
    ],
)
def test_params_it_cannot_use_are_refused(
    tmp_path: Path, kind: str, params: dict[str, Any]
) -> None:
    with pytest.raises(TargetError, match="pier/a/" + kind):
        make(action(tmp_path, kind, **params))


def test_a_kind_it_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="'mix'"):
        make(action(tmp_path, "mix"))


def test_it_costs_nothing_and_its_identity_is_json() -> None:
    assert TARGET.price("segment", PARAMS).max == 0
    assert json.loads(json.dumps(TARGET.identity)) == TARGET.identity
    assert create_target("placeholder").capabilities == TARGET.capabilities


@given(frames=st.integers(1, 200), mark=st.binary(min_size=16, max_size=16))
def test_a_clip_is_one_whole_file_of_boxes(frames: int, mark: bytes) -> None:
    data = placeholder_clip.clip(64, 36, frames, mark)
    at, kinds = 0, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kinds.append(data[at + 4 : at + 8])
        at += length
    assert (at, kinds) == (len(data), [b"ftyp", b"free", b"moov", b"mdat"])
    assert mark in data


def test_a_clip_takes_a_tenth_of_a_millisecond() -> None:
    placeholder_clip.clip(64, 36, 96, bytes(16))
    start = time.process_time()
    for number in range(1000):
        placeholder_clip.clip(64, 36, 96, number.to_bytes(16, "big"))
    assert time.process_time() - start < 0.1
