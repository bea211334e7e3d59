"""What goes wrong on a device is a node's failure, told in words, and never the build's."""

from __future__ import annotations

import shutil
import threading
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_models import MODELS, save

from fvbuild.engine.action import Action, InputFile, Outcome
from fvbuild.errors import FilmBuildError, Interrupted, TargetError, UnavailableError, UsageError
from fvbuild.targets.api.place import Place
from fvbuild.targets.diffusers import create
from fvbuild.targets.diffusers.devices import SILENCE_S, GpuPlace
from fvbuild.targets.diffusers.family import families
from fvbuild.targets.diffusers.target import DiffusersTarget

FAULTY = Path(__file__).parent / "faulty"


def target_of(
    model: Path, tmp_path: Path, fault: str = "", dtype: str = "float32", **settings: object
) -> DiffusersTarget:
    environment = {"PYTHONPATH": str(FAULTY), "FVBUILD_TEST_FAULT": fault} if fault else {}
    gpu = GpuPlace(
        ("cpu",),
        environment=environment,
        memory_file=tmp_path / "placements.json",
        silence_s=15.0 if fault.startswith("silent") else SILENCE_S,
    )
    given = {"model": str(model), "dtype": dtype, "steps": 2, "pixels": 4096, **settings}
    return create("local", given, Place(tmp_path, gpu=gpu))  # type: ignore[arg-type]


def picture(path: Path, colour: tuple[int, int, int]) -> Path:
    noise = np.random.default_rng(sum(colour)).integers(0, 60, (70, 90, 3), dtype=np.uint8)
    Image.fromarray(noise + np.array(colour, np.uint8)).save(path)
    return path


def action_of(target: DiffusersTarget, folder: Path, seed: int = 1, **more: object) -> Action:
    folder.mkdir(exist_ok=True)
    family = target.family
    kind = {"still": "anchor", "segment": "segment", "text": "caption"}[family.makes]
    roles = {"start": ["start"], "end": ["end"], "references": ["reference"]}
    inputs: dict[str, tuple[InputFile, ...]] = {}
    for role, names in roles.items():
        if family.role(role) is not None:
            for name in names:
                file = picture(folder.parent / f"{name}.png", (90, 20, 20))
                inputs[name] = (InputFile(name, "0", file, "image/png"),)
    text = "motion" if kind == "segment" else "caption"
    inputs[text] = (InputFile(text, "1", None, "text/plain", "a boat on the sea"),)
    params: dict[str, object] = {"canvas": [64, 64], "action": "a boat comes in"}
    if family.frames is not None:
        params["frames"] = family.frames.least + family.frames.multiple
    return Action("pier/one/x", kind, params, inputs, folder, seed=seed, **more)  # type: ignore[arg-type]


def make(target: DiffusersTarget, folder: Path, **more: object) -> Outcome:
    return target.make(action_of(target, folder, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "family", [name for name in MODELS if name not in ("chat", "qwen-image-edit", "flux-fill")]
)
def test_every_family_makes_what_it_is_asked(family: str, models: Path, tmp_path: Path) -> None:
    target = target_of(save(family, models), tmp_path, family=family)
    outcome = make(target, tmp_path / "work")
    facts = outcome.outputs[0].facts
    assert (facts["width"], facts["height"]) == (64, 64)
    frames = families()[family].frames
    if frames is not None:
        assert facts["frames"] == frames.least + frames.multiple
        assert facts["fps"] == str(frames.fps)
    assert outcome.provenance["device"] == "cpu"


def test_nothing_in_the_folder_of_the_build_is_run(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the film's, which may come from anywhere."""
    film = tmp_path / "film"
    film.mkdir()
    for name in ("fvbuild", "torch", "argparse"):
        (film / f"{name}.py").write_text(f"open({str(tmp_path / name)!r}, 'w')\nraise SystemExit")
    monkeypatch.chdir(film)
    target = target_of(save("flux", models), tmp_path)
    assert make(target, tmp_path / "work").outputs
    assert not [name for name in ("fvbuild", "torch", "argparse") if (tmp_path / name).exists()]


def pixels_of(outcome: Outcome) -> bytes:
    path = outcome.outputs[0].path
    assert path is not None
    return path.read_bytes()


@pytest.mark.parametrize("family", ["flux", "ltx"])
def test_a_seed_draws_the_same_and_another_does_not(
    family: str, models: Path, tmp_path: Path
) -> None:
    target = target_of(save(family, models), tmp_path)
    first = pixels_of(make(target, tmp_path / "a"))
    assert pixels_of(make(target, tmp_path / "b")) == first
    assert pixels_of(make(target, tmp_path / "c", seed=2)) != first


@pytest.mark.usefixtures("forked_workers")
def test_out_of_memory_steps_down_and_is_remembered(models: Path, tmp_path: Path) -> None:
    fault = "out of memory unless group_offload"
    target = target_of(save("flux", models), tmp_path, fault)
    outcome = make(target, tmp_path / "work")
    assert outcome.provenance["placement"] == "group_offload"
    assert "group_offload" in (tmp_path / "placements.json").read_text()
    whole = target_of(save("flux", models), tmp_path / "other")
    assert pixels_of(make(whole, tmp_path / "whole")) == pixels_of(outcome), (
        "placement keeps pixels"
    )


@pytest.mark.usefixtures("forked_workers")
def test_out_of_memory_everywhere_says_what_to_do(models: Path, tmp_path: Path) -> None:
    target = target_of(save("flux", models), tmp_path, "out of memory unless never")
    with pytest.raises(TargetError, match="every placement") as told:
        make(target, tmp_path / "work")
    assert "quantization" in str(told.value.hint)


def test_a_killed_worker_is_a_failed_node_and_the_next_one_is_made(
    models: Path, tmp_path: Path
) -> None:
    target = target_of(save("flux", models), tmp_path, f"killed unless {tmp_path / 'once'}")
    with pytest.raises(UnavailableError, match="SIGKILL"):
        make(target, tmp_path / "a")
    assert make(target, tmp_path / "b").outputs


@pytest.mark.usefixtures("forked_workers")
def test_what_is_not_a_number_is_made_once_more_in_float32(models: Path, tmp_path: Path) -> None:
    model = save("flux", models)
    target = target_of(model, tmp_path, "not a number unless float32", dtype="bfloat16")
    assert make(target, tmp_path / "a").provenance["dtype"] == "float32"
    never = target_of(model, tmp_path, "not a number unless never")
    with pytest.raises(TargetError, match="not a number"):
        make(never, tmp_path / "b")


def test_a_build_that_is_stopped_stops_between_steps(models: Path, tmp_path: Path) -> None:
    target = target_of(save("flux", models), tmp_path, steps=1000)
    stop = threading.Event()

    def progress(done: float, note: str) -> None:
        if note.startswith("step"):
            stop.set()

    with pytest.raises(Interrupted):
        make(target, tmp_path / "a", progress=progress, cancelled=stop.is_set)


@pytest.mark.usefixtures("forked_workers")
def test_a_worker_that_hangs_is_ended_and_the_next_take_is_made(
    models: Path, tmp_path: Path
) -> None:
    target = target_of(save("flux", models), tmp_path, f"silent unless {tmp_path / 'once'}")
    with pytest.raises(UnavailableError, match="said nothing for 15 s"):
        make(target, tmp_path / "a")
    assert make(target, tmp_path / "b").outputs


@pytest.mark.usefixtures("forked_workers")
def test_a_build_that_is_stopped_does_not_wait_for_one_that_hangs(
    models: Path, tmp_path: Path
) -> None:
    model = save("flux", models)
    gpu = GpuPlace(
        ("cpu",),
        environment={
            "PYTHONPATH": str(FAULTY),
            "FVBUILD_TEST_FAULT": f"silent unless {tmp_path / 'once'}",
        },
    )
    settings = {"model": str(model), "dtype": "float32", "steps": 2, "pixels": 4096}
    target = create("local", settings, Place(tmp_path, gpu=gpu))  # type: ignore[arg-type]
    once = tmp_path / "once"
    with pytest.raises(Interrupted):
        make(target, tmp_path / "a", cancelled=once.exists)


def test_missing_and_broken_weights_are_told(models: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(save("flux", models), broken)
    weights = broken / "transformer" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(FilmBuildError, match="cannot be loaded"):
        make(target_of(broken, tmp_path), tmp_path / "a")
    weights.unlink()
    with pytest.raises(FilmBuildError, match="cannot be loaded"):
        make(target_of(broken, tmp_path), tmp_path / "b")
    with pytest.raises(TargetError, match="no model folder"):
        target_of(tmp_path / "nowhere", tmp_path)
    with pytest.raises(UsageError, match="in quotes"):
        target_of(broken, tmp_path, revision=1234567)
    with pytest.raises(TargetError, match="which commit"):
        create("local", {"model": "owner/never-seen", "family": "flux"}, Place(tmp_path))


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder", "text_encoder_2"])
def test_pickled_weights_are_not_read(part: str, models: Path, tmp_path: Path) -> None:
    pickled = tmp_path / "pickled"
    shutil.copytree(save("flux", models), pickled)
    (weights,) = (pickled / part).glob("*.safetensors")
    as_pickle(weights, "pytorch_model" if weights.stem == "model" else weights.stem)
    with pytest.raises(FilmBuildError, match="cannot be loaded"):
        make(target_of(pickled, tmp_path), tmp_path / "a")


def test_a_chat_model_of_pickled_weights_is_not_read(models: Path, tmp_path: Path) -> None:
    pickled = tmp_path / "pickled"
    shutil.copytree(save("chat", models), pickled)
    as_pickle(pickled / "model.safetensors", "pytorch_model")
    with pytest.raises(FilmBuildError, match="cannot be loaded"):
        make(target_of(pickled, tmp_path, family="chat"), tmp_path / "a")


def as_pickle(weights: Path, stem: str) -> None:
    """The same weights as a pickle, which the libraries would read by default."""
    import torch

    load_file = import_module("safetensors.torch").load_file
    torch.save(load_file(weights), weights.with_name(f"{stem}.bin"))
    weights.unlink()


def test_keys_hold_what_changes_pixels_and_nothing_else(models: Path, tmp_path: Path) -> None:
    model = save("flux", models)
    plain = target_of(model, tmp_path).identity
    assert target_of(model, tmp_path).identity == plain
    moved = tmp_path / "moved"
    shutil.copytree(model, moved)
    assert target_of(moved, tmp_path).identity == plain, "where a model lies is in no key"
    for changed in (
        {"steps": 3}, {"guidance": 2.0}, {"dtype": "bfloat16"}, {"vae_tiling": True},
        {"scheduler": "FlowMatchHeunDiscreteScheduler"}, {"step_cache": 0.1}, {"fit": "pad"},
    ):  # fmt: skip
        assert target_of(model, tmp_path, **changed).identity != plain
    (moved / "scheduler" / "scheduler_config.json").write_text("{}")
    assert target_of(moved, tmp_path).identity != plain
