"""Clips made larger by a tiny Swin2SR of random weights, through a worker as any model."""

from __future__ import annotations

import json
import shutil
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_local_film import fvbuild

from fvbuild.engine.action import Action, InputFile
from fvbuild.errors import Interrupted
from fvbuild.media.clip import encode_clip, probe
from fvbuild.media.profile import JoiningProfile
from fvbuild.targets.api.place import Place
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.target import DiffusersTarget, target_of

FRAMES = 5


@pytest.fixture(scope="module")
def swin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a film in which the tiny model lies."""
    import torch
    from transformers import Swin2SRConfig, Swin2SRForImageSuperResolution

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("film")
    config = Swin2SRConfig(
        image_size=16, patch_size=1, num_channels=3, embed_dim=12, depths=[1], num_heads=[2],
        window_size=8, mlp_ratio=1.0, upscale=2, upsampler="pixelshuffle",
    )  # fmt: skip
    Swin2SRForImageSuperResolution(config).save_pretrained(folder / "swin")
    return folder


def clip(path: Path, size: tuple[int, int] = (96, 64)) -> Path:
    dice = np.random.RandomState(0)
    pictures = [
        Image.fromarray(dice.randint(0, 255, (size[1], size[0], 3)).astype(np.uint8))
        for _ in range(FRAMES)
    ]
    encode_clip(path, pictures, JoiningProfile(*size, Fraction(25)))
    return path


def target(folder: Path) -> DiffusersTarget:
    place = Place(folder, gpu=GpuPlace(("cpu",)))
    return target_of("swin", {"model": "./swin"}, place)


def action(
    folder: Path, source: Path, size: tuple[int, int], stop: threading.Event | None = None
) -> Action:
    folder.mkdir()
    given = InputFile("source", "d" * 64, source, "video/mp4")
    return Action(
        node="pier/one/upscale",
        kind="upscale",
        params={"size": list(size)},
        inputs={"source": (given,)},
        folder=folder,
        settings={},
        cancelled=stop.is_set if stop is not None else lambda: False,
    )


def test_what_it_is_is_known_without_torch(swin: Path) -> None:
    made = target(swin)
    assert made.family.name == "swin2sr"
    assert made.capabilities.kinds == {"upscale"} and not made.capabilities.seed
    assert made.identity["dtype"] == "float32"
    assert "sizes" not in made.about()


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((192, 128), (192, 128)), ((144, 96), (144, 96)), ((1920, 1080), (192, 128)),
     ((160, 128), (192, 128))],
)  # fmt: skip
def test_a_clip_is_made_as_large_as_the_film_or_the_model_goes(
    swin: Path, tmp_path: Path, size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    source = clip(tmp_path / "a.mp4")
    made = target(swin).make(action(tmp_path / "work", source, size)).outputs[0]
    assert made.path is not None and made.media_type == "video/mp4"
    found = probe(made.path)
    assert (found.width, found.height) == wanted
    assert (found.frames, float(found.fps)) == (FRAMES, 25.0)
    assert made.facts["frames"] == FRAMES and made.facts["fps"] == "25"
    assert (made.facts["width"], made.facts["height"]) == wanted


def test_the_same_clip_gives_the_same_bytes_and_tiles_leave_no_seam(
    swin: Path, tmp_path: Path
) -> None:
    source = clip(tmp_path / "a.mp4", (318, 82))  # two tiles, and no whole windows
    made = [
        target(swin).make(action(tmp_path / name, source, (636, 164))).outputs[0].path
        for name in ("once", "twice")
    ]
    assert made[0] is not None and made[1] is not None
    assert made[0].read_bytes() == made[1].read_bytes()


def test_a_clip_that_is_large_enough_is_passed_on(swin: Path, tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mp4")
    made = target(swin).make(action(tmp_path / "work", source, (96, 54))).outputs[0]
    assert made.same_as == "d" * 64 and made.facts["width"] == 96


def test_it_stops_between_two_frames(swin: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    source = clip(tmp_path / "a.mp4")
    with pytest.raises(Interrupted):
        target(swin).make(action(tmp_path / "work", source, (192, 128), stop))


def test_a_short_try_tells_that_it_works(swin: Path) -> None:
    word, told = target(swin).probe()
    assert word == "works", told


FILM = """\
film: {title: Larger, size: 128x72, fps: 30}
targets: {swin: {provider: diffusers, model: ./swin}}
use: {anchor: placeholder, segment: placeholder, upscale: swin}
finish: {match: anchor, upscale: true, interpolate: true}
shots: [{id: one, duration: 1s, action: rain}]
"""


def test_a_film_names_it_under_use(swin: Path, tmp_path: Path) -> None:
    shutil.copytree(swin / "swin", tmp_path / "swin")
    (tmp_path / "film.yaml").write_text(FILM)
    (tmp_path / "fvbuild.yaml").write_text("pools: {gpu: {devices: [cpu]}}\n")
    built = fvbuild(tmp_path, "build", "--json")
    assert built.returncode == 0, built.stderr
    made = {each["node"]: each["action"] for each in json.loads(built.stdout)["steps"]}
    assert made["main/one/upscale"] == made["main/one/interpolate"] == "built"
    found = probe(tmp_path / "out" / "larger.mp4")
    assert (found.frames, found.width, found.height) == (30, 128, 72)
    lock = (tmp_path / "film.lock").read_text()
    assert '"main/one/upscale"' in lock and '"main/one/interpolate"' not in lock


def test_a_model_so_small_takes_one_device_whatever_the_workspace_says(swin: Path) -> None:
    place = Place(swin, gpu=GpuPlace((0, 1), per_node=2, by_target={"swin": 2}))
    assert target_of("swin", {"model": "./swin"}, place).width == 1
