"""One node over several devices: a process each, the same picture, and one end for all of them."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_workers import FAULTY, action_of, make, pixels_of
from tiny_models import MODELS, save

from fvbuild.engine.digest import Json
from fvbuild.errors import Interrupted, TargetError, UnavailableError
from fvbuild.targets.api.place import Place
from fvbuild.targets.diffusers import create
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.family import families
from fvbuild.targets.diffusers.target import DiffusersTarget

TOGETHER = [name for name in MODELS if families()[name].context_parallel]
SLIGHTLY = 2
"""Sums in another order may round a colour of 8 bits up or down."""


def group(
    model: Path, tmp_path: Path, fault: str = "", count: int = 2, **settings: object
) -> DiffusersTarget:
    environment = {"PYTHONPATH": str(FAULTY), "FVBUILD_TEST_FAULT": fault} if fault else {}
    gpu = GpuPlace(
        ("cpu",) * count,
        per_node=count,
        environment=environment,
        memory_file=tmp_path / "placements.json",
    )
    given = {"model": str(model), "dtype": "float32", "steps": 2, "pixels": 4096, **settings}
    return create("local", given, Place(tmp_path, gpu=gpu))  # type: ignore[arg-type]


def alone(model: Path, tmp_path: Path, **settings: object) -> DiffusersTarget:
    given = {"model": str(model), "dtype": "float32", "steps": 2, "pixels": 4096, **settings}
    return create("local", given, Place(tmp_path, gpu=GpuPlace(("cpu",))))  # type: ignore[arg-type]


def frames_of(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    if path.suffix == ".png":
        from PIL import Image

        return np.asarray(Image.open(path), dtype=np.int16)[None]
    import av

    with av.open(path) as clip:
        frames = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)]
    return np.stack(frames).astype(np.int16)


def children(tag: str) -> list[int]:
    """Worker processes whose environment holds the tag."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if tag.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("name", [n for n in TOGETHER if n not in ("qwen-image-edit", "flux-fill")])
def test_two_devices_make_what_one_makes(name: str, models: Path, tmp_path: Path) -> None:
    model = save(name, models)
    both = group(model, tmp_path, family=name)
    assert both.width == 2
    made = make(both, tmp_path / "both")
    assert made.provenance["devices"] == 2
    one = make(alone(model, tmp_path, family=name), tmp_path / "one")
    paths = [outcome.outputs[0].path for outcome in (made, one)]
    assert paths[0] is not None and paths[1] is not None
    difference = np.abs(frames_of(paths[0]) - frames_of(paths[1])).max()
    assert difference <= SLIGHTLY
    assert both.identity == alone(model, tmp_path, family=name).identity


def test_odd_lengths_and_several_models_in_one_group(models: Path, tmp_path: Path) -> None:
    """Seven by five tokens go over two devices; a second model comes, and the first again."""
    flux = group(save("flux", models), tmp_path)
    klein = group(save("flux2-klein", models), tmp_path)
    drawn = []
    for at, target in enumerate((flux, klein, flux)):
        action = action_of(target, tmp_path / str(at))
        params: dict[str, Json] = {**action.params, "canvas": [112, 80]}
        drawn.append(pixels_of(target.make(replace(action, params=params))))
    assert drawn[0] == drawn[2]


def test_three_devices_and_heads_that_do_not_go_over_them(models: Path, tmp_path: Path) -> None:
    assert make(group(save("qwen-image", models), tmp_path, count=3), tmp_path / "a").outputs
    with pytest.raises(TargetError, match="2 attention heads cannot be shared by 3 devices"):
        make(group(save("flux", models), tmp_path, count=3), tmp_path / "b")


def test_a_process_that_dies_fails_the_node_and_ends_the_group(
    models: Path, tmp_path: Path
) -> None:
    once = tmp_path / "once"
    target = group(save("flux", models), tmp_path, f"rank 1 killed unless {once}")
    began_s = time.monotonic()
    with pytest.raises(UnavailableError, match="device 2 of the group was ended by SIGKILL"):
        make(target, tmp_path / "a")
    assert time.monotonic() - began_s < 600, "nobody waits for the one that is gone"
    assert not children(str(once)), "no process is left"
    assert make(target, tmp_path / "b").outputs, "the next take has a new group"


def test_a_first_process_that_dies_takes_the_others_along(models: Path, tmp_path: Path) -> None:
    once = tmp_path / "once"
    target = group(save("flux", models), tmp_path, f"killed unless {once}")
    with pytest.raises(UnavailableError, match="SIGKILL"):
        make(target, tmp_path / "a")
    until_s = time.monotonic() + 60
    while children(str(once)) and time.monotonic() < until_s:
        time.sleep(0.1)
    assert not children(str(once))


def test_out_of_memory_on_one_device_steps_down_on_all(models: Path, tmp_path: Path) -> None:
    """One rung: each further one starts all processes anew, and is as on a single device."""
    rung = "encoders_aside"
    model = save("flux", models)
    target = group(model, tmp_path, f"rank 1 out of memory unless {rung}")
    made = make(target, tmp_path / "a")
    assert made.provenance["placement"] == rung
    assert "over 2" in (tmp_path / "placements.json").read_text()
    assert pixels_of(made) == pixels_of(make(group(model, tmp_path), tmp_path / "b"))


def test_a_build_that_is_stopped_ends_the_group(models: Path, tmp_path: Path) -> None:
    fault = f"none {tmp_path}"
    target = group(save("flux", models), tmp_path, fault, steps=1000)
    stop = threading.Event()

    def progress(_done: float, note: str) -> None:
        if note.startswith("step"):
            stop.set()

    with pytest.raises(Interrupted):
        make(target, tmp_path / "a", progress=progress, cancelled=stop.is_set)
    assert not children(fault)


def test_what_is_wrong_with_a_model_is_told_as_for_one(models: Path, tmp_path: Path) -> None:
    target = group(save("flux", models), tmp_path, scheduler="NoSuchScheduler")
    with pytest.raises(TargetError, match="no scheduler 'NoSuchScheduler'"):
        make(target, tmp_path / "a")


def test_a_worker_that_is_killed_leaves_nobody(models: Path, tmp_path: Path) -> None:
    fault = f"none {tmp_path} 2"
    target = group(save("flux", models), tmp_path, fault, steps=1000)
    seen: list[int] = []

    def progress(_done: float, note: str) -> None:
        if note.startswith("step") and not seen:
            seen.extend(children(fault))
            os.kill(min(seen), signal.SIGKILL)

    with pytest.raises(UnavailableError, match="SIGKILL"):
        make(target, tmp_path / "a", progress=progress)
    assert len(seen) == 2
    until_s = time.monotonic() + 60
    while children(fault) and time.monotonic() < until_s:
        time.sleep(0.1)
    assert not children(fault)
