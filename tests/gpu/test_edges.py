"""Hubs that refuse, downloads broken off, LoRAs, schedulers, quantised weights, stopped loads."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from test_local_film import film_of
from test_workers import as_pickle, make, pixels_of, target_of
from tiny_models import save

from fvbuild.errors import TargetError, UsageError
from fvbuild.targets.api.place import Place
from fvbuild.targets.diffusers import create, fetching, weights
from fvbuild.targets.diffusers.devices import GpuPlace

COMMIT = "c0ffee" + "0" * 34
OTHER = "decade" + "0" * 34


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub's cache."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def kept(cache: Path, commit: str = COMMIT, whole: bool = True) -> Path:
    """A model in the hub's cache, as the hub's client lays it out."""
    repository = cache / "models--owner--tiny"
    snapshot, blobs = repository / "snapshots" / commit, repository / "blobs"
    for folder in (snapshot / "vae", blobs, repository / "refs"):
        folder.mkdir(parents=True, exist_ok=True)
    (repository / "refs" / "main").write_text(commit)
    (snapshot / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    link = snapshot / "vae" / "diffusion_pytorch_model.safetensors"
    link.symlink_to("../../../blobs/abc")
    if whole:
        (blobs / "abc").write_bytes(b"weights")
    return snapshot


def found(revision: str | None = None, *, online: bool = False) -> Path:
    return fetching.folder_of(
        "owner/tiny", revision, Path(), lambda _done, _note: None, online=online
    )


def test_commits_may_be_shortened_where_they_are_clear(cache: Path) -> None:
    first = kept(cache)
    assert found() == first
    assert found(COMMIT) == first and found(COMMIT[:7]) == first
    kept(cache, COMMIT[:8] + "1" * 32)
    with pytest.raises(TargetError, match="not on this machine"):
        found(COMMIT[:7])
    assert weights.commit_of("owner/tiny", "a-branch") is None


def test_a_download_that_was_broken_off_is_no_model(cache: Path) -> None:
    kept(cache, whole=False)
    with pytest.raises(TargetError, match="not on this machine") as told:
        found()
    assert "hf download owner/tiny" in str(told.value.hint)


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers every request for a model with one refusal, as the hub words it."""

    refusal: tuple[int, str] = (404, "RepoNotFound")

    def do_GET(self) -> None:
        status, word = self.refusal
        self.send_response(status)
        self.send_header("X-Error-Code", word)
        self.send_header("X-Error-Message", f"told by the hub: {word}")
        self.send_header("Content-Length", "2")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(b"{}")

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def hub() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


FETCH = """
import sys
from pathlib import Path
from fvbuild.errors import TargetError, UsageError
from fvbuild.targets.diffusers import fetching
try:
    fetching.folder_of("owner/tiny", None, Path(), lambda done, note: None)
except TargetError as error:
    print(error.message, "|", error.hint)
"""


@pytest.mark.parametrize(
    ("refusal", "message", "hint"),
    [
        ((403, "GatedRepo"), "is gated", "hf auth login"),
        ((404, "RepoNotFound"), "has no model 'owner/tiny'", "name and revision"),
        ((500, ""), "not on this machine", "hf download owner/tiny"),
    ],
)
def test_a_hub_that_refuses_is_told_in_words(
    refusal: tuple[int, str], message: str, hint: str, hub: str, cache: Path
) -> None:
    Hub.refusal = refusal
    here = {**os.environ, "HF_ENDPOINT": hub, "HF_HUB_OFFLINE": "0", "HF_HUB_CACHE": str(cache)}
    ran = subprocess.run(
        [sys.executable, "-c", FETCH], env=here, capture_output=True, text=True, timeout=120
    )
    assert message in ran.stdout and hint in ran.stdout, ran.stdout + ran.stderr


def test_offline_is_honoured(hub: str, cache: Path) -> None:
    here = {**os.environ, "HF_ENDPOINT": hub, "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(cache)}
    ran = subprocess.run(
        [sys.executable, "-c", FETCH], env=here, capture_output=True, text=True, timeout=120
    )
    assert "not on this machine" in ran.stdout, ran.stdout + ran.stderr


def lora(folder: Path, rank: int = 2) -> Path:
    """A random LoRA on the first attention of the tiny FLUX.1, as diffusers saves them."""
    import torch

    save_file = import_module("safetensors.torch").save_file
    noise = torch.Generator().manual_seed(rank)
    name = "transformer.transformer_blocks.0.attn.to_q"
    folder.mkdir()
    file = folder / "pytorch_lora_weights.safetensors"
    save_file(
        {
            f"{name}.lora_A.weight": torch.randn(rank, 32, generator=noise),
            f"{name}.lora_B.weight": torch.randn(32, rank, generator=noise),
        },
        file,
    )
    return folder


def test_loras_schedulers_and_fp8_change_pixels_and_keys(models: Path, tmp_path: Path) -> None:
    model = save("flux", models)
    plain = target_of(model, tmp_path)
    drawn = {"plain": pixels_of(make(plain, tmp_path / "plain"))}
    keys = {"plain": plain.identity}
    over = str(lora(tmp_path / "lora"))
    changes: dict[str, dict[str, Any]] = {
        "lora": {"loras": [over]},
        "lora, weakly": {"loras": [{"model": over, "scale": 0.25}]},
        "two loras": {"loras": [over, str(lora(tmp_path / "second", 3))]},
        "scheduler": {"scheduler": "FlowMatchLCMScheduler"},
        "its options": {"scheduler": {"shift": 9.0}},
        "fp8": {"quantization": "fp8"},
    }
    for at, (name, settings) in enumerate(changes.items()):
        target = target_of(model, tmp_path, **settings)
        keys[name] = target.identity
        drawn[name] = pixels_of(make(target, tmp_path / f"{at}"))
    assert len(set(drawn.values())) == len(drawn), "each draws otherwise"
    assert len({json.dumps(key, sort_keys=True) for key in keys.values()}) == len(keys)
    assert pixels_of(make(plain, tmp_path / "again")) == drawn["plain"], "nothing of it stays"


def test_a_pickled_lora_is_not_read(models: Path, tmp_path: Path) -> None:
    folder = lora(tmp_path / "lora")
    as_pickle(folder / "pytorch_lora_weights.safetensors", "pytorch_lora_weights")
    model = save("flux", models)
    with pytest.raises(TargetError, match="cannot be loaded"):
        make(target_of(model, tmp_path, loras=[str(folder)]), tmp_path / "a")
    with pytest.raises(UsageError, match=r"ends in \.safetensors"):
        named = {"model": str(folder), "weight_name": "pytorch_lora_weights.bin"}
        target_of(model, tmp_path, loras=[named])


@pytest.mark.parametrize("family", ["flux", "wan", "sdxl"])
def test_weights_of_eight_bits_draw_nearly_the_same(
    family: str, models: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torchao")
    model = save(family, models)
    whole, small = (
        target_of(model, tmp_path, **({"quantization": "int8"} if at else {})) for at in range(2)
    )
    made = make(small, tmp_path / "small")
    assert pixels_of(made) == pixels_of(make(small, tmp_path / "again"))
    assert pixels_of(made) != pixels_of(make(whole, tmp_path / "whole"))
    assert small.identity["quantizer"] == "torchao"


@pytest.mark.skipif(find_spec("bitsandbytes") is not None, reason="bitsandbytes is here")
def test_a_quantiser_that_is_not_installed_is_told(models: Path, tmp_path: Path) -> None:
    settings = {"model": str(save("flux", models)), "quantization": "nf4"}
    with pytest.raises(TargetError, match="needs bitsandbytes") as told:
        create("local", settings, Place(tmp_path, gpu=GpuPlace((0,))))
    assert "pip install bitsandbytes" in str(told.value.hint)


def test_what_needs_a_device_is_refused_on_a_processor(models: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nf4 is computed by CUDA devices alone") as told:
        target_of(save("flux", models), tmp_path, quantization="nf4")
    assert "int8" in str(told.value.hint)


def test_a_scheduler_that_is_not_there_is_told(models: Path, tmp_path: Path) -> None:
    target = target_of(save("flux", models), tmp_path, scheduler="NoSuchScheduler")
    with pytest.raises(TargetError, match="no scheduler 'NoSuchScheduler'"):
        make(target, tmp_path / "a")


def test_ctrl_c_while_a_model_loads_ends_the_build_soon(tmp_path: Path, models: Path) -> None:
    film = film_of(tmp_path, models)
    build = subprocess.Popen(
        [sys.executable, "-m", "fvbuild", "build"],
        cwd=film, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "NO_COLOR": "1"},
    )  # fmt: skip
    time.sleep(2.5)
    build.send_signal(signal.SIGINT)
    told, _ = build.communicate(timeout=120)
    assert build.returncode == 130, told
    again = subprocess.run(
        [sys.executable, "-m", "fvbuild", "status"], cwd=film, capture_output=True, timeout=60
    )
    assert again.returncode == 0
