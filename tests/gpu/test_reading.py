"""While a model works, the files of the next one are read, where there is room for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fvbuild.engine.action import Action
from fvbuild.targets.diffusers import reading


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model" / "vae").mkdir(parents=True)
    (tmp_path / "model" / "model_index.json").write_text("{}")
    (tmp_path / "model" / "vae" / "weights.safetensors").write_bytes(bytes(100_000))
    return tmp_path / "model"


def action_before(settings: dict[str, object], folder: Path) -> Action:
    after = Action("b", "segment", {}, {}, folder, settings=settings)  # type: ignore[arg-type]
    return replace(Action("a", "anchor", {}, {}, folder), after=lambda: after)


def test_the_next_models_files_are_read_once(model: Path, tmp_path: Path) -> None:
    reader = reading.Reader()
    action = action_before({"provider": "diffusers", "model": "./model"}, tmp_path)
    for _ in range(3):
        reader.follow(action, tmp_path)
        reader.wait()
    assert reader.read == [model]


@pytest.mark.parametrize(
    "settings",
    [
        {"provider": "sketch"},
        {"provider": "diffusers", "model": "owner/not-here", "revision": "abcdef0"},
        {"provider": "diffusers", "model": "./nowhere"},
        {"provider": "diffusers"},
    ],
)
def test_what_is_not_here_is_left_alone(settings: dict[str, object], tmp_path: Path) -> None:
    reader = reading.Reader()
    reader.follow(action_before(settings, tmp_path), tmp_path)
    reader.follow(Action("a", "anchor", {}, {}, tmp_path), tmp_path)
    reader.wait()
    assert reader.read == []


def test_nothing_is_read_that_has_no_room(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "free_bytes", lambda: 120_000)
    reader = reading.Reader()
    reader.begin(model)
    reader.wait()
    assert reader.read == []
    monkeypatch.setattr(reading, "free_bytes", lambda: 200_000)
    reader.begin(model)
    reader.wait()
    assert reader.read == [model]
