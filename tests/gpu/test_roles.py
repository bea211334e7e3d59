"""Every role that the table says of a family is heard by its pipeline: another gives another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from tiny_models import MODELS, save

from fvbuild.targets.diffusers.family import Family, families
from fvbuild.targets.diffusers.worker.messages import ModelSpec, Work

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEAF = {
    ("flux2-klein", "guidance"): "a distilled checkpoint ignores it, and says so",
}
"""Where the table is right about the family, and the tiny model's kind does not listen."""

WORDLESS = ("chat", "qwen-image-edit", "flux-fill")
"""Chat models take no pictures; the others are in test_qwen_edit.py and test_changed_parts.py."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(0)
    files = {}
    for name, most in (("one", 255), ("other", 60)):
        file = folder / f"{name}.png"
        Image.fromarray(noise.integers(0, most, (80, 90, 3), dtype=np.uint8)).save(file)
        files[name] = str(file)
    return files


def work_of(family: Family, folder: Path, pictures: dict[str, str]) -> Work:
    frames = family.frames
    given = {
        role: [pictures["one"]] for role in ("start", "end", "references") if family.role(role)
    }
    return Work(
        ModelSpec(str(folder), family.pipeline, family.name, "float32"),
        "segment" if frames is not None else "anchor",
        out="",
        prompt="a boat on the sea",
        negative="blurry" if family.role("negative") else None,
        guidance=4.0 if family.role("guidance") else None,
        motion_strength=0.2 if family.role("motion_strength") else None,
        canvas=(64, 64),
        frames=frames.least + frames.multiple if frames is not None else 0,
        fps=frames.fps if frames is not None else 0,
        steps=2,
        pictures=given,
    )


def changed(family: Family, work: Work, pictures: dict[str, str]) -> Iterator[tuple[str, Work]]:
    """The same work with one role given otherwise, or not at all where it may be missing."""
    if family.role("prompt"):
        yield "prompt", replace(work, prompt="three cats asleep in the grass")
    if family.role("negative"):
        yield "negative", replace(work, negative="a rusty old bicycle")
    if family.role("guidance"):
        yield "guidance", replace(work, guidance=9.0)
    if family.role("motion_strength"):
        yield "motion_strength", replace(work, motion_strength=0.9)
    for role in work.pictures:
        yield role, replace(work, pictures={**work.pictures, role: [pictures["other"]]})
    for role in ("end", "references"):
        known = family.role(role)
        if known is None or known.least:
            continue
        left = {name: files for name, files in work.pictures.items() if name != role}
        yield f"without {role}", replace(work, pictures=left)
    references = family.role("references")
    if references is not None and references.most > 1:
        two = [pictures["one"], pictures["other"]]
        yield "two references", replace(work, pictures={**work.pictures, "references": two})


@pytest.mark.parametrize("name", [name for name in MODELS if name not in WORDLESS])
def test_every_role_changes_what_comes_out(
    name: str, models: Path, pictures: dict[str, str]
) -> None:
    import torch

    from fvbuild.targets.diffusers.worker.calling import pictures_of
    from fvbuild.targets.diffusers.worker.loading import load
    from fvbuild.targets.diffusers.worker.steps import Steps

    family = families()[name]
    work = work_of(family, save(name, models), pictures)
    cpu = torch.device("cpu")
    loaded = load(work.model, cpu)

    def drawn(asked: Work) -> NDArray[np.float32]:
        return pictures_of(asked, loaded, Steps(lambda _told: None, threading.Event(), 2))

    plain = drawn(work)
    assert np.array_equal(drawn(work), plain), "the same again gives the same"
    for role, asked in changed(family, work, pictures):
        same = np.array_equal(drawn(asked), plain)
        assert same == ((name, role) in DEAF), role
