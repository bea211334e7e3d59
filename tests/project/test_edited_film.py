"""A film with changed pictures, from check to cut: sketched, and by a hosted model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fake import FakeProviders
from PIL import Image

from fvbuild.cli.main import entry
from fvbuild.errors import Exit

FILM = """\
film: {title: Edited, size: 640x360}
targets: {paint: {provider: stability, model: inpaint}}
shots:
  - id: lamp
    first_frame: {edit: art/plate.png, mask: art/mask.png, text: the lamps are lit}
    action: she walks in
"""
RED = (200, 40, 40)


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "art").mkdir()
    Image.new("RGB", (1280, 720), RED).save(tmp_path / "art" / "plate.png")
    mask = Image.new("L", (640, 360), 0)
    mask.paste(255, (320, 0, 640, 360))
    mask.save(tmp_path / "art" / "mask.png")
    (tmp_path / "film.yaml").write_text(FILM)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> str:
    both = capsys.readouterr()
    return " ".join((both.out + both.err).split())


def test_the_sketch_is_drawn_where_the_mask_is_white(film: Path) -> None:
    assert entry(["check"]) == 0
    assert entry(["build", "main/lamp/anchor"]) == 0
    with Image.open(film / "out" / "main" / "lamp" / "anchor.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    middle = pixels.shape[1] // 2
    assert (pixels[:, : middle - 4] == RED).all()
    assert not (pixels[:, middle + 4 :] == RED).all(axis=2).any()


def test_without_a_mask_it_lies_over_the_whole(film: Path) -> None:
    (film / "film.yaml").write_text(FILM.replace("mask: art/mask.png, ", ""))
    assert entry(["build"]) == 0
    with Image.open(film / "out" / "main" / "lamp" / "anchor.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert (pixels[..., 0] >= RED[0] // 2 - 1).all()


def test_another_mask_makes_the_picture_and_its_clip_again(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry(["build"]) == 0
    Image.new("L", (640, 360), 255).save(film / "art" / "mask.png")
    capsys.readouterr()
    assert entry(["plan", "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    made = {step["node"]: step["action"] for step in steps if step["action"] != "reuse"}
    assert made == {
        "main/lamp/anchor": "build",
        "main/lamp/segment": "maybe",
        "main/lamp/conform": "maybe",
        "cut": "maybe",
    }
    assert entry(["why", "main/lamp/anchor"]) == 0
    assert "mask" in told(capsys)


def test_a_mask_of_another_shape_is_told_before_anything_is_made(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("L", (300, 300), 255).save(film / "art" / "mask.png")
    assert entry(["check"]) == Exit.USAGE
    said = told(capsys)
    assert "film.yaml:5:" in said
    assert (
        "'mask.png' is 300x300, which is another shape than that of 'plate.png', 1280x720" in said
    )
    assert entry(["plan"]) == 0
    assert "main/lamp/anchor: the mask 'mask.png' is 300x300" in told(capsys)


def test_a_hosted_model_changes_it(
    film: Path, fake: FakeProviders, capsys: pytest.CaptureFixture[str]
) -> None:
    (film / "film.yaml").write_text(FILM + "use: {anchor: paint}\n")
    (film / "fvbuild.yaml").write_text(json.dumps({"providers": fake.base_urls()}))
    assert entry(["build"]) == 0
    assert len(fake.bill()) == 1
    assert entry(["build"]) == 0
    assert len(fake.bill()) == 1


def test_one_that_cannot_is_refused_by_the_plan(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = FILM.replace("model: inpaint", "model: core") + "use: {anchor: paint}\n"
    (film / "film.yaml").write_text(text)
    assert entry(["plan"]) == 0
    assert "target 'paint' changes no picture, which `first_frame: {edit: ...}` asks for" in told(
        capsys
    )
