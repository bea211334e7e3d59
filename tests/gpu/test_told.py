"""What is told of local models before they make anything: lists, plans, checks, short tries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_local_film import film_of, fvbuild

HIDE = """
import importlib.abc, sys
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "diffusers", "transformers"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
import importlib.util
real = importlib.util.find_spec
def find_spec(name, package=None):
    hidden = name.partition(".")[0] in ("torch", "diffusers", "transformers")
    return None if hidden else real(name, package)
importlib.util.find_spec = find_spec
sys.meta_path.insert(0, Hidden())
from fvbuild.cli.main import entry
sys.exit(entry(sys.argv[1:]))
"""
ABSENT = """\
film: {title: Local, size: 128x72}
targets:
  flux:
    {provider: diffusers, model: owner/FLUX.1, family: flux,
     revision: a123456789012345678901234567890123456789}
use: {anchor: flux}
scenes: [{id: pier, shots: [{id: one, duration: 1s, action: she waits}]}]
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    return film_of(tmp_path_factory.mktemp("told"), models)


def without_the_extra(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", HIDE, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip


def listed(film: Path, *arguments: str) -> dict[str, Any]:
    told = fvbuild(film, "targets", "--json", *arguments)
    assert told.returncode == 0, told.stderr
    return {each["target"]: each for each in json.loads(told.stdout)["targets"]}


def test_targets_tell_family_numbers_sizes_and_files(film: Path) -> None:
    ltx = listed(film)["ltx"]["about"]
    assert ltx["family"].startswith("ltx ")
    assert ltx["computes"] == "2 steps, float32"
    assert ltx["lengths"] == "8k+1, 9 to 257 frames at 24 fps"
    assert ltx["files"].endswith("in the folder")
    assert ltx["runs on"] == "the CPU, one node at once"
    assert "sides by 32" in fvbuild(film, "targets").stdout


def test_a_short_try_tells_placement_memory_and_seconds(film: Path) -> None:
    tried = listed(film, "--probe")
    for name in ("chat", "flux", "kontext", "ltx"):
        word, message = tried[name]["probe"]["word"], tried[name]["probe"]["message"]
        assert word == "works", message
        assert message.startswith("resident on cpu; ")
        assert "GB of main memory" in message and "loaded in" in message and "s a step" in message


def test_a_plan_tells_what_is_fitted_and_where(film: Path) -> None:
    notes = [line for line in fvbuild(film, "plan").stdout.splitlines() if "target 'ltx'" in line]
    assert len(notes) == 1, "once a target, not once a node"
    assert "asks for 25 frames of 8k+1 at 24 fps" in notes[0]
    assert "draws at " in notes[0] and notes[0].endswith("the CPU, one node at once")


def test_without_the_extra_it_is_said_what_to_install(film: Path) -> None:
    checked = without_the_extra(film, "check")
    assert checked.returncode == 0
    assert "needs torch, diffusers, transformers, not installed here" in checked.stderr
    assert "pip install 'fvbuild[gpu]'" in checked.stderr
    planned = without_the_extra(film, "plan")
    assert planned.returncode == 0 and "blocked" in planned.stdout
    assert "pip install 'fvbuild[gpu]'" in planned.stdout


def test_missing_files_are_told_and_the_plan_still_stands(tmp_path: Path) -> None:
    (tmp_path / "film.yaml").write_text(ABSENT)
    checked = fvbuild(tmp_path, "check")
    assert checked.returncode == 0
    assert "the files of 'owner/FLUX.1' are not on this machine" in checked.stderr
    assert "hf download owner/FLUX.1 --revision a123456" in checked.stderr
    planned = fvbuild(tmp_path, "plan")
    assert "its files are fetched first" in planned.stdout and "GPU 0" in planned.stdout
    tried = listed(tmp_path, "--probe")["flux"]["probe"]
    assert tried["word"] == "fails" and "hf download" in tried["message"]


def test_looking_imports_no_torch(film: Path) -> None:
    program = (
        "import sys; from fvbuild.cli.main import entry; code = entry(sys.argv[1:]);"
        "loaded = {'torch', 'diffusers', 'transformers', 'huggingface_hub'} & set(sys.modules);"
        "print(loaded, file=sys.stderr); sys.exit(code or len(loaded))"
    )
    for command in (["plan"], ["check"], ["targets"], ["--help"]):
        ran = subprocess.run(
            [sys.executable, "-c", program, *command],
            cwd=film, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
