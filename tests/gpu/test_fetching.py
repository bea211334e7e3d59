"""What is fetched of a repository: the parts of a pipeline, once, on from where it broke off."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

import pytest

COMMIT = "c0ffee" + "0" * 34
LARGE = bytes(range(256)) * 4096
INDEX = json.dumps({"_class_name": "FluxPipeline", "vae": ["diffusers", "AutoencoderKL"]}).encode()
PIPELINE: Mapping[str, bytes] = {
    "model_index.json": INDEX,
    "vae/config.json": b"{}",
    "vae/diffusion_pytorch_model.safetensors": LARGE,
    "vae/diffusion_pytorch_model.bin": b"pickle",
    "everything-in-one.safetensors": b"the same once more",
    "other/second.safetensors": b"of no part",
    "README.md": b"words",
}


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    """Serves one repository as the hub does; ``broken_at``: hangs up once after so many bytes."""

    protocol_version = "HTTP/1.1"
    files: ClassVar[Mapping[str, bytes]] = {}
    broken_at: ClassVar[int | None] = None
    sent: ClassVar[list[tuple[str, int]]] = []

    def do_HEAD(self) -> None:
        self._answer(head=True)

    def do_GET(self) -> None:
        self._answer(head=False)

    def _answer(self, *, head: bool) -> None:
        path = unquote(self.path.partition("?")[0])
        if path.startswith("/api/models/owner/tiny"):
            self._api(path)
            return
        name = path.partition(f"/resolve/{COMMIT}/")[2] or path.partition("/resolve/main/")[2]
        body = self.files.get(name)
        if body is None:
            self._say(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        etag = {"ETag": f'"{digest_of(body)}"', "X-Repo-Commit": COMMIT}
        first = int(self.headers.get("Range", "bytes=0-")[6:].partition("-")[0])
        status = 206 if "Range" in self.headers else 200
        if head:
            self._say(200, b"", {**etag, "Content-Length": str(len(body))})
            return
        Hub.sent.append((name, first))
        self._say(status, body[first:], etag)

    def _api(self, path: str) -> None:
        if "/tree/" in path:
            rows = [
                {
                    "type": "file",
                    "path": name,
                    "size": len(body),
                    "oid": hashlib.sha1(body).hexdigest(),
                }
                for name, body in self.files.items()
            ]
            self._say(200, json.dumps(rows).encode(), {})
            return
        siblings = [{"rfilename": name} for name in self.files]
        told = {"id": "owner/tiny", "modelId": "owner/tiny", "sha": COMMIT, "siblings": siblings}
        self._say(200, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def _say(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        cut, whole = Hub.broken_at, len(body)
        if cut is not None and whole > cut:
            Hub.broken_at = None
            self.wfile.write(body[:cut])
            self.close_connection = True
            return
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def hub() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Hub.sent.clear()
    Hub.broken_at = None
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


FETCH = """
from pathlib import Path
from fvbuild.targets.diffusers import fetching
told = []
folder = fetching.folder_of("owner/tiny", None, Path(), lambda done, note: told.append(done))
print(*sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()))
print(max(told) == 1.0)
"""


def fetched(hub: str, cache: Path) -> tuple[list[str], str]:
    here = {
        **os.environ, "HF_ENDPOINT": hub, "HF_HUB_OFFLINE": "0", "HF_HUB_CACHE": str(cache),
        "HF_HUB_DISABLE_XET": "1",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", FETCH], env=here, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    names, told = ran.stdout.splitlines()
    return names.split(), told


def test_of_a_pipeline_the_weights_of_its_parts_are_fetched(hub: str, tmp_path: Path) -> None:
    Hub.files = PIPELINE
    names, told = fetched(hub, tmp_path / "hub")
    assert names == [
        "model_index.json", "vae/config.json", "vae/diffusion_pytorch_model.safetensors",
    ]  # fmt: skip
    assert told == "True", "how far it is was told to the end"


def test_of_another_model_all_safetensors_are(hub: str, tmp_path: Path) -> None:
    Hub.files = {"config.json": b"{}", "model.safetensors": b"x", "pytorch_model.bin": b"pickle"}
    assert fetched(hub, tmp_path / "hub")[0] == ["config.json", "model.safetensors"]


def test_what_broke_off_goes_on_where_it_did(hub: str, tmp_path: Path) -> None:
    weights = "vae/diffusion_pytorch_model.safetensors"
    large = LARGE * 24  # the hub's client reads ten megabytes at once
    Hub.files, Hub.broken_at = {**PIPELINE, weights: large}, len(large) * 2 // 3
    names, _told = fetched(hub, tmp_path / "hub")
    assert weights in names
    begun = [first for name, first in Hub.sent if name == weights]
    assert begun[0] == 0 and begun[-1] > 0, Hub.sent
