"""Qwen-Image-Edit looks at pictures by code that needs torchvision; here, by a stand-in for it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from test_workers import action_of, picture, pixels_of
from tiny_models import STANDIN

from fvbuild.engine.action import InputFile
from fvbuild.errors import TargetError
from fvbuild.targets.api.place import Place
from fvbuild.targets.diffusers import create
from fvbuild.targets.diffusers.devices import GpuPlace

FAMILY = "qwen-image-edit"
SAVE = (
    f"import sys; sys.path.insert(0, {str(STANDIN.parent)!r}); from pathlib import Path;"
    f"from tiny_models import save; save({FAMILY!r}, Path(sys.argv[1]))"
)


@pytest.fixture(scope="module")
def model(models: Path) -> Path:
    """Saved by another process: transformers asks but once whether torchvision is there."""
    here = {**os.environ, "PYTHONPATH": str(STANDIN)}
    subprocess.run([sys.executable, "-c", SAVE, str(models)], env=here, check=True, timeout=300)
    return models / FAMILY


def settings(model: Path) -> dict[str, object]:
    return {"model": str(model), "dtype": "float32", "steps": 2, "pixels": 4096}


def test_it_edits_pictures_and_each_role_counts(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(STANDIN))
    gpu = GpuPlace(("cpu",), environment={"PYTHONPATH": str(STANDIN)})
    target = create("local", settings(model), Place(tmp_path, gpu=gpu))  # type: ignore[arg-type]
    assert target.family.name == FAMILY

    def drawn(name: str, colour: tuple[int, int, int], text: str = "a boat on the sea") -> bytes:
        action = action_of(target, tmp_path / name)
        file = picture(tmp_path / f"{name}.png", colour)
        given = {
            **action.inputs,
            "reference": (InputFile("reference", name, file, "image/png"),),
            "caption": (InputFile("caption", name, None, "text/plain", text),),
        }
        return pixels_of(target.make(replace(action, inputs=given)))

    plain = drawn("a", (90, 20, 20))
    assert drawn("b", (10, 190, 90)) != plain, "the picture is looked at"
    assert drawn("c", (90, 20, 20), "three cats in the grass") != plain
    bare = action_of(target, tmp_path / "d")
    none = {role: files for role, files in bare.inputs.items() if role != "reference"}
    with pytest.raises(TargetError, match="draws from a picture"):
        target.make(replace(bare, inputs=none))


@pytest.mark.skipif(find_spec("torchvision") is not None, reason="torchvision is here")
def test_without_torchvision_it_says_what_is_missing(model: Path, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="torchvision") as told:
        create("local", settings(model), Place(tmp_path))  # type: ignore[arg-type]
    assert "pip install" in str(told.value.hint)
