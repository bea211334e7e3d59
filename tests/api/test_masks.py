"""Masks on their way to a model: the size of their picture, and what is changed as it wants it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from asked import Desk
from every_call import Case
from numpy.typing import NDArray
from PIL import Image

from fvbuild.engine.action import InputFile
from fvbuild.engine.digest import content_of_file
from fvbuild.errors import RejectedInputError
from fvbuild.targets.api.description_model import MaskForm, PictureLimit
from fvbuild.targets.api.fitting import fitted
from fvbuild.targets.api.masks import fitted_mask


def given(path: Path, role: str, image: Image.Image) -> InputFile:
    image.save(path)
    return InputFile(role, content_of_file(path), path, "image/png")


def half(size: tuple[int, int]) -> Image.Image:
    """White on the right."""
    image = Image.new("L", size, 0)
    image.paste(255, (size[0] // 2, 0, *size))
    return image


def as_sent(
    folder: Path, form: MaskForm, mask: Image.Image, canvas: tuple[int, int] = (640, 360)
) -> NDArray[np.uint8]:
    edit = given(folder / "edit.png", "edit", Image.new("RGB", (640, 360), (200, 0, 0)))
    sent = fitted(edit, PictureLimit(), canvas, folder / "sent")
    found = fitted_mask(given(folder / "mask.png", "mask", mask), edit, sent, form, folder / "sent")
    assert found.path is not None
    with Image.open(found.path) as image:
        assert image.size == (sent.width, sent.height)
        assert image.mode == ("RGBA" if form == "transparent" else "L")
        return np.asarray(image)


def test_white_is_changed_in_every_form(tmp_path: Path) -> None:
    mask = half((640, 360))
    left, right = (180, 10), (180, 630)
    white = as_sent(tmp_path, "white", mask)
    assert (white[left], white[right]) == (0, 255)
    black = as_sent(tmp_path, "black", mask)
    assert (black[left], black[right]) == (255, 0)
    alpha = as_sent(tmp_path, "transparent", mask)[..., 3]
    assert (alpha[left], alpha[right]) == (255, 0)


def test_a_smaller_mask_is_scaled_and_stays_hard(tmp_path: Path) -> None:
    pixels = as_sent(tmp_path, "white", half((160, 90)))
    assert set(np.unique(pixels)) == {0, 255}
    assert (pixels[180, 300], pixels[180, 340]) == (0, 255)


def test_it_is_cropped_as_its_picture_is(tmp_path: Path) -> None:
    """To the square in the middle: the border between black and white stays in the middle."""
    pixels = as_sent(tmp_path, "white", half((640, 360)), canvas=(1024, 1024))
    assert pixels.shape[0] == pixels.shape[1]
    middle = pixels.shape[1] // 2
    assert (pixels[100, middle - 4], pixels[100, middle + 4]) == (0, 255)


def test_one_of_another_shape_is_refused_before_anything_is_bought(tmp_path: Path) -> None:
    with pytest.raises(RejectedInputError, match="is another shape than that of"):
        as_sent(tmp_path, "white", half((300, 300)))


CASES = [
    Case("openai", "image_edit", "gpt-image-2", "anchor", ("caption", "edit", "mask")),
    Case("stability", "inpaint", "inpaint", "anchor", ("caption", "edit", "mask")),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_as_the_provider_gets_it(desk: Desk, case: Case) -> None:
    action = desk.action(case)
    mask = given(desk.folder / "mask.png", "mask", half((640, 360)))
    action = replace(action, inputs={**action.inputs, "mask": (mask,)})
    desk.ask(case, action)
    (request,) = [each for each in desk.fake.requests(case.provider) if each["stage"] == "submit"]
    assert request is not None
    (sent,) = (action.folder / "sent").glob("*.png")
    with Image.open(io.BytesIO(sent.read_bytes())) as image:
        pixels = np.asarray(image)
    changed = pixels[..., 3] == 0 if case.provider == "openai" else pixels == 255
    assert not changed[:, :310].any()
    assert changed[:, 330:].all()


def test_a_model_that_changes_none_says_so(desk: Desk) -> None:
    """A plan refuses it; this is for whoever asks it all the same."""
    case = Case("stability", "core", "core", "anchor", ("caption", "edit"))
    with pytest.raises(RejectedInputError, match="core changes no picture"):
        desk.ask(case)


def test_a_large_picture_is_sent_as_large_as_it_is_drawn(desk: Desk) -> None:
    """Models give back as many pixels as they get, and some are paid for by the pixel."""
    case = CASES[1]
    action = desk.action(case)
    large = given(desk.folder / "large.png", "edit", Image.new("RGB", (4000, 2250), (9, 9, 9)))
    mask = given(desk.folder / "mask.png", "mask", half((4000, 2250)))
    action = replace(action, inputs={**action.inputs, "edit": (large,), "mask": (mask,)})
    (made,) = desk.ask(case, action).outputs
    width, height = made.facts["width"], made.facts["height"]
    assert isinstance(width, int) and isinstance(height, int)
    assert width * height <= 1.1 * 1_048_576
    assert abs(width / height - 16 / 9) < 0.02
