"""Local models on a cluster: workers keep them, and make what is made here."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from test_local_film import fvbuild
from tiny_models import save

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")

FILM = """\
film: {{title: Far, size: 64x64}}
targets:
  flux: {{provider: diffusers, model: {models}/flux, dtype: float32, steps: 2, pixels: 4096}}
use: {{anchor: flux, segment: placeholder}}
outputs: {{}}
shots:
  - {{id: one, duration: 1s, action: she waits}}
  - {{id: two, duration: 1s, action: she turns}}
"""
PLACES = {
    "here": "pools: {gpu: {devices: [cpu]}}\n",
    # Each worker of the pool has a processor for a device.
    "there": "executor: {ray: {address: local, resources: {gpu: {CPU: 1}}}}\npools: {gpu: 1}\n",
}


def _artifacts(film: Path) -> dict[str, list[str]]:
    lines = map(json.loads, (film / "film.lock").read_text().splitlines())
    found = [line for line in lines if line.get("kind") == "anchor"]
    return {line["node"]: [line["key"], *(t["artifact"] for t in line["takes"])] for line in found}


@needs_ray
def test_a_worker_of_the_cluster_makes_what_is_made_here(tmp_path: Path, models: Path) -> None:
    save("flux", models)
    made: list[dict[str, Any]] = []
    for name, workspace in PLACES.items():
        film = tmp_path / name
        film.mkdir()
        (film / "film.yaml").write_text(FILM.format(models=models))
        (film / "fvbuild.yaml").write_text(workspace)
        planned = fvbuild(film, "plan", "kind:anchor")
        assert planned.returncode == 0, planned.stderr
        assert ("the cluster" in planned.stdout + planned.stderr) == (name == "there")
        built = fvbuild(film, "build", "kind:anchor", "--json")
        assert built.returncode == 0, built.stderr
        made.append(_artifacts(film))
    assert len(made[0]) == 2
    assert made[0] == made[1]
