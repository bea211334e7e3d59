"""A film by local models: captions by a chat model, anchors, keyframe and chain, the cut."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tiny_models import save

FILM = """\
film: {{title: Local, size: 128x72}}
targets:
  chat: {{provider: diffusers, model: {models}/chat, family: chat, dtype: float32, max_tokens: 12}}
  flux: {{provider: diffusers, model: {models}/flux, dtype: float32, steps: 2, pixels: 4096}}
  kontext:
    {{provider: diffusers, model: {models}/flux-kontext, dtype: float32, steps: 2, pixels: 4096}}
  ltx: {{provider: diffusers, model: {models}/ltx, dtype: float32, steps: 2, pixels: 8192}}
use: {{caption: chat, reference: flux, anchor: kontext, boundary: kontext, segment: ltx}}
characters: {{mara: {{look: woman of 60}}}}
scenes:
  - id: pier
    shots:
      - {{id: one, duration: 1s, characters: [mara], action: she waits}}
      - id: two
        mode: keyframe
        duration: 1s
        characters: [mara]
        action: she turns
        last_frame: she looks at us
      - {{id: three, mode: chain, duration: 1s, action: she walks off}}
"""


def fvbuild(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fvbuild", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=300,
        env={**os.environ, "NO_COLOR": "1", "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip


def film_of(tmp_path: Path, models: Path) -> Path:
    for family in ("chat", "flux", "flux-kontext", "ltx"):
        save(family, models)
    (tmp_path / "film.yaml").write_text(FILM.format(models=models))
    (tmp_path / "fvbuild.yaml").write_text("pools: {gpu: {devices: [cpu]}}\n")
    return tmp_path


def test_a_film_of_every_kind_of_node(tmp_path: Path, models: Path) -> None:
    film = film_of(tmp_path, models)
    built = fvbuild(film, "build", "--json")
    assert built.returncode == 0, built.stderr
    made = {each["node"]: each for each in json.loads(built.stdout)["steps"]}
    for node in ("pier/one/caption", "characters/mara/default", "pier/one/anchor",
                 "pier/two/boundary", "pier/two/segment", "pier/three/segment"):  # fmt: skip
        assert made[node]["action"] == "built", made[node]
    assert (film / "out" / "local.mp4").stat().st_size > 1000
    again = fvbuild(film, "build", "--json")
    assert again.returncode == 0
    assert all(each["action"] == "reused" for each in json.loads(again.stdout)["steps"])
