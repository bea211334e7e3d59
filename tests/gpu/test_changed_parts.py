"""A part of a picture is changed, by every family whose table entry says so; the rest is kept."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from test_local_film import fvbuild
from test_roles import pictures, work_of
from test_workers import action_of, pixels_of, target_of
from tiny_models import MODELS, save

from fvbuild.engine.action import InputFile
from fvbuild.errors import TargetError
from fvbuild.targets.diffusers.family import families

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fvbuild.engine.action import Action
    from fvbuild.targets.diffusers.worker.messages import Work

__all__ = ["pictures"]

WITH_MASKS = [name for name in MODELS if families()[name].masked is not None]


@pytest.fixture(scope="module")
def masks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Masks of 64x64: white on the left, or on the right, is to be changed."""
    folder = tmp_path_factory.mktemp("masks")
    files = {}
    for name, side in (("left", slice(0, 32)), ("right", slice(32, 64))):
        pixels = np.zeros((64, 64, 3), np.uint8)
        pixels[:, side] = 255
        files[name] = str(folder / f"{name}.png")
        Image.fromarray(pixels).save(files[name])
    return files


@pytest.mark.parametrize("name", WITH_MASKS)
def test_what_is_white_is_made_anew_and_the_rest_is_kept(
    name: str, models: Path, pictures: dict[str, str], masks: dict[str, str]
) -> None:
    import torch

    from fvbuild.targets.diffusers.worker.calling import pictures_of
    from fvbuild.targets.diffusers.worker.loading import load
    from fvbuild.targets.diffusers.worker.steps import Steps
    from fvbuild.targets.diffusers.worker.variants import for_masks

    cpu = torch.device("cpu")
    work = work_of(families()[name], save(name, models), pictures)
    loaded = load(work.model, cpu)
    masked = for_masks(loaded, work.model, cpu)
    work = replace(work, pictures={"edit": [pictures["one"]], "mask": [masks["left"]]}, steps=4)

    def drawn(asked: Work) -> NDArray[np.float32]:
        steps = Steps(lambda _told: None, threading.Event(), 4)
        picture: NDArray[np.float32] = pictures_of(asked, masked, steps)[0]
        return picture

    from fvbuild.media.image import fit_picture, read_picture

    given = fit_picture(read_picture(Path(pictures["one"])), (64, 64), "crop")
    kept = np.asarray(given, dtype=np.float32) / 255.0
    left = drawn(work)
    assert np.array_equal(drawn(work), left), "the same again gives the same"
    assert np.array_equal(left[:, 32:], kept[:, 32:]) and not np.array_equal(left, kept)
    right = drawn(replace(work, pictures={**work.pictures, "mask": [masks["right"]]}))
    assert np.array_equal(right[:, :32], kept[:, :32])
    assert not np.array_equal(right[:, 32:], kept[:, 32:])
    for changed in (
        replace(work, prompt="three cats asleep in the grass"),
        replace(work, seed=2),
        replace(work, pictures={**work.pictures, "edit": [pictures["other"]]}),
    ):
        assert not np.array_equal(drawn(changed)[:, :32], left[:, :32])


def with_change(action: Action, edit: str | None, mask: str | None, **more: str) -> Action:
    files = {"edit": edit, "mask": mask, **more}
    inputs = dict(action.inputs)
    for role, file in files.items():
        if file is not None:
            inputs[role] = (InputFile(role, "0", Path(file), "image/png"),)
    return replace(action, inputs=inputs)


def test_one_loaded_model_draws_and_changes(
    models: Path, tmp_path: Path, pictures: dict[str, str], masks: dict[str, str]
) -> None:
    target = target_of(save("flux", models), tmp_path)
    plain = pixels_of(target.make(action_of(target, tmp_path / "a")))
    action = with_change(action_of(target, tmp_path / "b"), pictures["one"], masks["left"])
    notes: list[str] = []
    made = target.make(replace(action, progress=lambda _done, note: notes.append(note)))
    assert "loading the model" not in notes
    assert pixels_of(made) != plain
    again = target_of(save("flux", models), tmp_path, "out of memory unless encoders_aside")
    aside = again.make(
        with_change(action_of(again, tmp_path / "c"), pictures["one"], masks["left"])
    )
    assert aside.provenance["placement"] == "encoders_aside"
    assert pixels_of(aside) == pixels_of(made), "also where memory is short"


def test_a_whole_picture_is_changed_by_families_that_look_at_pictures(
    models: Path, tmp_path: Path, pictures: dict[str, str]
) -> None:
    target = target_of(save("flux-kontext", models), tmp_path)
    drawn = {
        pixels_of(target.make(with_change(action_of(target, tmp_path / name), file, None)))
        for name, file in pictures.items()
    }
    assert len(drawn) == 2


def test_what_a_family_cannot_change_is_refused(
    models: Path, tmp_path: Path, pictures: dict[str, str], masks: dict[str, str]
) -> None:
    one, left = pictures["one"], masks["left"]
    for family, edit, mask, said in (
        ("flux", one, None, "changes no whole picture"),
        ("flux", None, left, "has none"),
        ("flux-fill", None, None, "has none"),
        ("wan-i2v", one, left, "cannot change a part"),
    ):
        target = target_of(save(family, models), tmp_path, family=family)
        with pytest.raises(TargetError, match=said) as told:
            target.make(with_change(action_of(target, tmp_path / "x"), edit, mask))
        assert told.value.hint
    target = target_of(save("flux", models), tmp_path)
    with pytest.raises(TargetError, match="heeds no control picture"):
        target.make(with_change(action_of(target, tmp_path / "x"), None, None, control=one))


FILM = """\
film: {{title: Changed, size: 128x72}}
targets:
  flux: {{provider: diffusers, model: {models}/flux, dtype: float32, steps: 2, pixels: 4096}}
use: {{anchor: flux, segment: placeholder, reference: placeholder}}
characters: {{mara: {{look: woman of 60}}}}
scenes:
  - id: pier
    shots:
      - id: one
        duration: 1s
        characters: [mara]
        action: she waits
        first_frame: {{text: a red boat, edit: one.png, mask: left.png}}
      - {{id: two, duration: 1s, action: she turns, first_frame: {{edit: one.png}}}}
"""


def test_a_film_changes_a_part_of_a_picture(models: Path, tmp_path: Path) -> None:
    save("flux", models)
    (tmp_path / "film.yaml").write_text(FILM.format(models=models))
    (tmp_path / "fvbuild.yaml").write_text("pools: {gpu: {devices: [cpu]}}\n")
    grey = np.full((72, 128, 3), 90, np.uint8)
    Image.fromarray(grey).save(tmp_path / "one.png")
    grey[:, :64], grey[:, 64:] = 255, 0
    Image.fromarray(grey).save(tmp_path / "left.png")
    planned = fvbuild(tmp_path, "plan", "-v")
    assert "changes a picture only by a mask" in planned.stdout, planned.stdout + planned.stderr
    built = fvbuild(tmp_path, "build", "pier/one/anchor")
    assert built.returncode == 0, built.stderr
    made = np.asarray(Image.open(tmp_path / "out" / "pier" / "one" / "anchor.png"))
    half = made.shape[1] // 2
    edge = 4  # where the mask was fitted to the canvas, it is grey
    assert (made[:, half + edge :] == 90).all() and not (made[:, : half - edge] == 90).all()
