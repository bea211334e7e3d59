"""Hooks: Kling's signed token, and ComfyUI's workflows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from fvbuild.errors import RejectedInputError
from fvbuild.targets.api.hooks.comfyui import comfyui_file
from fvbuild.targets.api.hooks.kling import kling_token
from fvbuild.targets.api.media import Media
from fvbuild.targets.api.values import render

WORKFLOW: dict[str, Any] = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20, "model": ["4", 0]}},
    "5": {"class_type": "EmptyLatent", "inputs": {"width": 512, "height": 512, "length": 49}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
    "10": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
}


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_klings_token_is_a_signed_jwt() -> None:
    secrets = {"access": "ak-1", "secret": "sk-1"}
    header = kling_token(secrets, wall_s=lambda: 1_000_000)["Authorization"]
    head, claims, signature = header.removeprefix("Bearer ").split(".")
    assert json.loads(unpadded(head)) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(unpadded(claims)) == {"iss": "ak-1", "exp": 1_001_800, "nbf": 999_995}
    expected = hmac.new(b"sk-1", f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert unpadded(signature) == expected
    assert "sk-1" not in header


def filled(settings: dict[str, Any], **context: Any) -> Any:
    known = {
        "prompt": "a pier",
        "seed": 7,
        "frames": 81.0,
        "size": {"width": 832, "height": 480},
        "start": None,
        "references": [],
        **context,
        "settings": settings,
    }
    return render("{{ settings | comfyui_graph }}", known)


def test_a_workflow_is_filled_in(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    start = Media(picture, "image/png", upload=lambda media: f"up-{media.filename}")
    inputs = {
        "prompt": "6.text",
        "seed": ["3.seed"],
        "frames": "5.length",
        "width": "5.width",
        "size.height": "5.height",
        "start": "10.image",
    }
    graph = filled({"workflow": WORKFLOW, "inputs": inputs}, start=start)
    assert graph["6"]["inputs"]["text"] == "a pier"
    assert graph["3"]["inputs"] == {"seed": 7, "steps": 20, "model": ["4", 0]}
    assert graph["5"]["inputs"] == {"width": 832, "height": 480, "length": 81}
    assert graph["10"]["inputs"]["image"] == "up-input.png"
    assert WORKFLOW["6"]["inputs"]["text"] == "", "the user's own is left alone"


def test_what_is_not_given_stays_as_the_workflow_has_it() -> None:
    graph = filled({"workflow": WORKFLOW, "inputs": {"start": "10.image", "prompt": "6.text"}})
    assert graph["10"]["inputs"]["image"] == "example.png"


@pytest.mark.parametrize("wrapped", [WORKFLOW, {"prompt": WORKFLOW}, json.dumps(WORKFLOW)])
def test_a_workflow_comes_in_any_form(wrapped: Any) -> None:
    assert filled({"workflow": wrapped, "inputs": {}}) == WORKFLOW


@pytest.mark.parametrize(
    ("workflow", "inputs", "message"),
    [
        (WORKFLOW, {"prompt": "99.text"}, "no node '99'"),
        (WORKFLOW, {"prompt": "6.txt"}, "no input 'txt'"),
        (WORKFLOW, {"prompt": "text"}, "no input of the workflow"),
        (WORKFLOW, {"promt": "6.text"}, "cannot be 'promt'"),
        ({"nodes": [], "links": []}, {}, "not in API form"),
        ("/nowhere/flow.json", {}, "cannot be read"),
    ],
)
def test_a_workflow_that_does_not_fit(workflow: Any, inputs: dict[str, str], message: str) -> None:
    with pytest.raises(RejectedInputError, match=message):
        filled({"workflow": workflow, "inputs": inputs})


def history(outputs: dict[str, Any]) -> dict[str, Any]:
    return {"id-1": {"prompt": [], "outputs": outputs, "status": {"status_str": "success"}}}


def file(name: str, kind: str = "output") -> dict[str, str]:
    return {"filename": name, "subfolder": "", "type": kind}


@pytest.mark.parametrize(
    ("outputs", "name"),
    [
        ({"9": {"images": [file("a.png")]}}, "a.png"),
        ({"9": {"gifs": [file("a.mp4")]}, "8": {"images": [file("b.png")]}}, "a.mp4"),
        ({"9": {"images": [file("p.png", "temp")]}, "8": {"images": [file("b.png")]}}, "b.png"),
        ({"9": {"audio": [file("a.flac")], "animated": [True]}}, "a.flac"),
        ({"9": {"images": [file("a.mp4")], "animated": [True]}}, "a.mp4"),
    ],
)
def test_the_result_is_found_in_the_history(outputs: dict[str, Any], name: str) -> None:
    assert comfyui_file(history(outputs))["filename"] == name


def test_one_node_may_be_named_and_nothing_is_said_of_nothing() -> None:
    outputs = {"9": {"images": [file("a.png")]}, "8": {"images": [file("b.png")]}}
    assert comfyui_file(history(outputs), "8")["filename"] == "b.png"
    with pytest.raises(RejectedInputError, match="saved nothing"):
        comfyui_file(history({}))
