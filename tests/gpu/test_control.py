"""Control pictures: heeded by every family that the table says so of, and refused by the others."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from test_changed_parts import with_change
from test_local_film import fvbuild
from test_roles import pictures, work_of
from test_workers import action_of, as_pickle, pixels_of, target_of
from tiny_models import save
from tiny_nets import NETS, save_net

from fvbuild.errors import TargetError, UsageError
from fvbuild.targets.diffusers.family import families

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fvbuild.targets.diffusers.worker.messages import Work

__all__ = ["pictures"]


def test_every_family_of_the_table_is_tried() -> None:
    controlled = {name for name, family in families().items() if family.controlled is not None}
    assert controlled == set(NETS)


@pytest.mark.parametrize("name", NETS)
def test_a_control_picture_is_heeded(name: str, models: Path, pictures: dict[str, str]) -> None:
    import torch

    from fvbuild.targets.diffusers.worker.calling import pictures_of
    from fvbuild.targets.diffusers.worker.loading import load
    from fvbuild.targets.diffusers.worker.steps import Steps
    from fvbuild.targets.diffusers.worker.variants import for_control

    cpu = torch.device("cpu")
    net = {"folder": str(save_net(name, models)), "scale": 1.0}
    plain = work_of(families()[name], save(name, models), pictures)
    plain = replace(plain, model=replace(plain.model, controlnet=net))
    loaded = load(plain.model, cpu)

    def drawn(asked: Work) -> NDArray[np.float32]:
        with_net = "control" in asked.pictures
        by = for_control(loaded, asked.model, cpu) if with_net else loaded
        return pictures_of(asked, by, Steps(lambda _told: None, threading.Event(), 2))

    without = drawn(plain)
    work = replace(plain, pictures={"control": [pictures["one"]]})
    one = drawn(work)
    assert one.shape == without.shape and np.isfinite(one).all()
    assert np.array_equal(drawn(work), one), "the same again gives the same"
    weaker = replace(work, model=replace(work.model, controlnet={**net, "scale": 0.2}))
    for other in (
        plain,
        weaker,
        replace(work, pictures={"control": [pictures["other"]]}),
        replace(work, prompt="three cats asleep in the grass"),
    ):
        assert not np.array_equal(drawn(other), one)
    assert np.array_equal(drawn(plain), without), "the net changes nothing where none is asked for"


def test_a_target_with_a_net_heeds_control_pictures(
    models: Path, tmp_path: Path, pictures: dict[str, str]
) -> None:
    net = str(save_net("flux", models))
    target = target_of(save("flux", models), tmp_path, controlnet={"model": net, "scale": 0.8})
    assert target.capabilities.controls
    plain = action_of(target, tmp_path / "plain")
    drawn = pixels_of(target.make(plain))
    action = action_of(target, tmp_path / "a")
    made = pixels_of(target.make(with_change(action, None, None, control=pictures["one"])))
    assert made != drawn
    short = target_of(
        save("flux", models), tmp_path, "out of memory unless encoders_aside", controlnet=net
    )
    told = short.make(
        with_change(action_of(short, tmp_path / "b"), None, None, control=pictures["one"])
    )
    assert told.provenance["placement"] == "encoders_aside" and pixels_of(told) != made


def test_the_net_is_in_the_key(models: Path, tmp_path: Path) -> None:
    model, net = save("flux", models), str(save_net("flux", models))
    keys = [
        str(target_of(model, tmp_path, **more).identity)
        for more in ({}, {"controlnet": net}, {"controlnet": {"model": net, "scale": 0.5}})
    ]
    assert len(set(keys)) == len(keys)


def test_what_heeds_no_control_picture_says_so(
    models: Path, tmp_path: Path, pictures: dict[str, str]
) -> None:
    one, net = pictures["one"], str(save_net("flux", models))
    target = target_of(save("flux", models), tmp_path)
    assert not target.capabilities.controls
    with pytest.raises(TargetError, match="heeds no control picture") as told:
        target.make(with_change(action_of(target, tmp_path / "a"), None, None, control=one))
    assert "flux, sd3, sdxl, qwen-image" in str(told.value.hint)
    able = target_of(save("flux", models), tmp_path, controlnet=net)
    with pytest.raises(TargetError, match="one can be heeded"):
        able.make(with_change(action_of(able, tmp_path / "b"), one, one, control=one))
    with pytest.raises(UsageError, match="has no use for a net"):
        target_of(save("ltx", models), tmp_path, family="ltx", controlnet=net)
    with pytest.raises(UsageError, match="controlnet is a repository or"):
        target_of(save("flux", models), tmp_path, controlnet={"strength": 1})


def test_a_net_of_pickled_weights_is_not_read(
    models: Path, tmp_path: Path, pictures: dict[str, str]
) -> None:
    folder = save_net("flux", tmp_path)
    as_pickle(folder / "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model")
    target = target_of(save("flux", models), tmp_path, controlnet=str(folder))
    action = action_of(target, tmp_path / "a")
    with pytest.raises(TargetError, match="flux-net cannot be loaded"):
        target.make(with_change(action, None, None, control=pictures["one"]))


FILM = """\
film: {{title: Followed, size: 128x72}}
targets:
  flux:
    provider: diffusers
    model: {models}/flux
    controlnet: {models}/flux-net
    dtype: float32
    steps: 2
    pixels: 4096
  deaf: {{provider: diffusers, model: {models}/flux, dtype: float32, steps: 2, pixels: 4096}}
use: {{anchor: flux, segment: placeholder}}
scenes:
  - id: pier
    shots:
      - id: one
        duration: 1s
        action: she waits
        first_frame: {{text: a red boat, control: pose.png}}
      - {{id: two, duration: 1s, action: she turns}}
      - id: three
        duration: 1s
        action: she goes
        first_frame: {{control: pose.png}}
        use: {{anchor: deaf}}
"""


def test_a_film_has_a_picture_followed(
    models: Path, tmp_path: Path, pictures: dict[str, str]
) -> None:
    save("flux", models)
    save_net("flux", models)
    (tmp_path / "film.yaml").write_text(FILM.format(models=models))
    (tmp_path / "fvbuild.yaml").write_text("pools: {gpu: {devices: [cpu]}}\n")
    pose = tmp_path / "pose.png"
    shutil.copy(pictures["one"], pose)
    planned = fvbuild(tmp_path, "plan", "-v")
    assert "target 'deaf' follows no picture" in planned.stdout, planned.stdout + planned.stderr
    wanted = ("pier/one/anchor", "pier/two/anchor")
    drawn = tmp_path / "out" / "pier" / "one" / "anchor.png"
    built = fvbuild(tmp_path, "build", *wanted)
    assert built.returncode == 0, built.stderr
    first = drawn.read_bytes()
    shutil.copy(pictures["other"], pose)
    assert fvbuild(tmp_path, "build", *wanted).returncode == 0
    assert drawn.read_bytes() != first
    told = fvbuild(tmp_path, "targets")
    assert "follows       the lines, depths or pose" in told.stdout, told.stdout + told.stderr
